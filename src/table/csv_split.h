/* The cells of a record with quotes. Private to src/table. */
#ifndef REPKIT_CSV_SPLIT_H
#define REPKIT_CSV_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A cell as it stands between delimiters, or between its quotes. */
struct csv_span {
    const char *cell;
    size_t length;
    bool doubled; /* it has quotes in it, each of them twice */
};

struct csv_split {
    const char *bytes;
    size_t length;
    char delimiter;
    size_t place;         /* where the record begins; then where the next one does */
    const uint32_t *mark; /* the first mark (csv_find_marks) from there on; UINT32_MAX ends them */
    struct csv_span *span;
    size_t n_spans; /* room: further cells are only counted */
    size_t n_cells, n_lines;
};

/* Splits the record at split->place; the last byte, or the one behind it, is a line end. False for
 * a quote that is not closed, or text that follows a closing one: then only span has changed. Cells
 * are those of libcsv, which the tests compare. */
bool csv_split_record(struct csv_split *split);

/* Writes the cell with its doubled quotes as one; `to` has room for span->length bytes. Returns the
 * number written. */
size_t csv_undouble(const struct csv_span *span, char *to);

#endif
