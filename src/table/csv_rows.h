/* The rows of one block: from its bytes to the cells of the wanted columns. Blocks know nothing of
 * one another, so that threads may take them; lines are counted from 1 in each. Private to
 * src/table. */
#ifndef REPKIT_CSV_ROWS_H
#define REPKIT_CSV_ROWS_H

#include "csv_blocks.h"
#include "csv_cells.h"
#include "csv_records.h"
#include "csv_split.h"

/* What all blocks share; nobody changes it while they are parsed. */
struct csv_layout {
    const struct rk_csv_options *options;
    size_t n_columns;          /* of the file */
    struct csv_target *target; /* by file column */
    size_t n_targets;
    size_t *first_target; /* of each file column; one more at the end */
};

struct csv_rows {
    struct csv_block block;
    size_t start, start_line; /* where the rows begin, behind the header; the line there */

    struct csv_cells *cells; /* one a target */
    size_t n_targets, capacity;
    size_t n_rows;
    size_t n_lines;                 /* line ends in the block */
    struct rk_line_mark *line_mark; /* as in a table */
    size_t n_line_marks, line_mark_capacity;
    struct rk_ragged *ragged; /* as in a table */
    size_t n_ragged, ragged_capacity;

    /* The first fault, with its line and, in error_column, its column of the file (0 for a fault of
     * the row). */
    enum rk_status status;
    struct rk_error error;
    size_t error_column;

    uint32_t *mark;
    size_t mark_capacity;
    struct csv_span *span; /* of a row with quotes: one a column */
    char *plain;           /* a cell without its doubled quotes */
    size_t plain_capacity;
};

void csv_rows_free(struct csv_rows *rows);

/* Counts what the cells of the block may be, for targets whose role is open. Faults but
 * RK_ENOMEM are left to csv_rows_parse. */
void csv_rows_sniff(struct csv_rows *rows, struct csv_layout *layout);

/* Parses the block into rows->cells, up to its first fault. */
void csv_rows_parse(struct csv_rows *rows, const struct csv_layout *layout);

#endif
