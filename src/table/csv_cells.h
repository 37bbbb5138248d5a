/* Cells of wanted columns into typed columns of a table. Private to src/table. */
#ifndef REPKIT_CSV_CELLS_H
#define REPKIT_CSV_CELLS_H

#include "repkit/csv.h"

/* Where the cells of one column of the file go, and what has been seen of them. */
struct csv_target {
    size_t file_column;
    size_t table_column;
    enum rk_role role;
    enum rk_date_order date_order;
    /* What may not be mixed in one column; line 0 means not seen yet. */
    size_t plain_line, percent_line, currency_line;
    char currency[8];
    /* Counted while the first block is looked through. */
    size_t n_seen, n_numbers, n_times;
    char dmy_cell[32], mdy_cell[32], slashed_cell[32]; /* cells that show the order of dates */
};

/* Counts what a cell may be: the evidence for csv_decide. */
void csv_sniff(struct csv_target *target, const struct rk_csv_options *options, const char *cell,
               size_t length);

/* Decides a target's type and its dates' order from what was sniffed, and adds its column. */
enum rk_status csv_decide(struct csv_target *target, const char *name, struct rk_table *table,
                          struct rk_error *error);

/* Stores a cell in the last row. On failure the error has no place yet. */
enum rk_status csv_store(struct csv_target *target, const struct rk_csv_options *options,
                         const char *cell, size_t length, size_t line, struct rk_table *table,
                         struct rk_error *error);

#endif
