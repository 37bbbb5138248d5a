/* Rows that are worked on block by block and not kept. Private to src/table. */
#ifndef REPKIT_CSV_EACH_H
#define REPKIT_CSV_EACH_H

#include "csv_rows.h"

/* What was made of the rows in one slot. */
struct csv_loan {
    struct rk_table *table; /* its cells are those of the slot's rows while they are lent */
    void *part;
    bool late; /* to be looked at when all blocks have been read */
    enum rk_status status;
    struct rk_error error; /* lines are counted in the block */
};

struct csv_each {
    const struct rk_row_work *work;
    const struct csv_layout *layout;
    const struct rk_table *like; /* has the columns, and no rows */
    struct csv_loan *loan;       /* n_slots */
    size_t n_slots;
    struct rk_table **late; /* own their cells; lines are those of the input */
    size_t n_late, late_capacity;
};

/* Free it whatever is returned. RK_OK or RK_ENOMEM. */
enum rk_status csv_each_start(struct csv_each *each, size_t n_slots);
void csv_each_free(struct csv_each *each);

/* Makes the slot's part of its rows. Slots may be worked on at once. */
void csv_each_make(struct csv_each *each, size_t slot, struct csv_rows *rows);

/* Takes the slot's part, whose rows begin behind line n_lines. */
enum rk_status csv_each_take(struct csv_each *each, size_t slot, struct csv_rows *rows,
                             size_t n_lines, struct rk_error *error);

/* Makes and takes the parts that are late, `memory` being that of all blocks. */
enum rk_status csv_each_finish(struct csv_each *each, const struct csv_memory *memory,
                               struct rk_error *error);

#endif
