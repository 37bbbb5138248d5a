/* Cells of wanted columns: what a column is, its cells as numbers, times or codes, and how the
 * cells of one block join those of the blocks before it. Private to src/table. */
#ifndef REPKIT_CSV_CELLS_H
#define REPKIT_CSV_CELLS_H

#include "repkit/csv.h"

/* A cell for a message, and the line its row begins on; line 0 is none. */
struct csv_shown {
    size_t line;
    char text[48];
};

/* One column that is wanted, in one role. */
struct csv_target {
    size_t file_column, table_column;
    size_t order; /* in which it was wanted */
    enum rk_role role;
    bool only_numbers; /* wanted only if it is of numbers */
    /* Counted in the first block, while the role is open. */
    size_t n_seen, n_numbers, n_times;
    struct csv_shown other; /* the first that is neither missing nor a number */
    bool asked;             /* wanted by name, and not by the way */
};

/* What must be remembered of the cells of a target: of one block, or of all before it. */
struct csv_memory {
    size_t n_bad;
    size_t plain_line, percent_line; /* the first of each */
    struct csv_shown currency, other_currency;
    enum rk_time_kind kind;
    struct csv_shown first_time, other_kind; /* other: of a kind that the first does not bear */
    struct csv_shown day_first, month_first; /* dates that show their order */
    struct csv_shown either, either_again;   /* dates that do not */
};

/* The cells of a target in one block, a row each. */
struct csv_cells {
    double *number;
    uint32_t *code;
    struct rk_dict *dict;
    struct csv_memory memory;
};

/* Whether the role says only what to look for. */
bool csv_is_open(const struct csv_target *target);

/* Counts what a cell may be: the evidence for csv_decide. */
void csv_sniff(struct csv_target *target, const struct rk_csv_options *options, const char *cell,
               size_t length, size_t line);

/* Decides a target's role from what was sniffed. False if it is not wanted any more. */
bool csv_decide(struct csv_target *target);
/* Whether it was asked for and is text though half of the cells that were looked at are numbers. */
bool csv_is_mixed(const struct csv_target *target);
enum rk_type csv_type(const struct csv_target *target);

/* Stores a cell in a row of the block. Returns RK_OK, or RK_EINPUT or RK_ENOMEM with the words in
 * *error. */
enum rk_status csv_store(const struct csv_target *target, const struct rk_csv_options *options,
                         const char *cell, size_t length, size_t row, size_t line,
                         struct csv_cells *cells, struct rk_error *error);
void csv_store_missing(const struct csv_target *target, size_t row, struct csv_cells *cells);

/* The line, counted in the block, on which the block's cells first do not go with those before
 * (percents beside plain numbers, two currencies, two kinds of time, two orders of dates), with
 * the words; 0 if they go together. `line` is the line before the block's first. */
size_t csv_conflict(const struct csv_memory *before, const struct csv_memory *block, size_t line,
                    struct rk_error *error);
/* Adds the block's memory to that of the blocks before it. */
void csv_remember(struct csv_memory *memory, const struct csv_memory *block, size_t line);

/* Ends a column of times: its kind, and its dates whose order only others could tell. Returns RK_OK
 * or RK_EINPUT with the line. */
enum rk_status csv_finish_times(const struct csv_memory *memory,
                                const struct rk_csv_options *options, size_t n_rows,
                                struct rk_column *column, struct rk_error *error);

#endif
