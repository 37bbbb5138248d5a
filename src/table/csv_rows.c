/* Rows are split at the marks that csv_find_marks has found, those with quotes by csv_split.c. */
#include "csv_rows.h"

#include <stdlib.h>
#include <string.h>

#include "csv_marks.h"
#include "plain_number.h"

/* --- memory --------------------------------------------------------------------------------- */

void csv_rows_free(struct csv_rows *rows)
{
    for (size_t t = 0; t < rows->n_targets; t++) {
        free(rows->cells[t].number);
        free(rows->cells[t].code);
        rk_dict_free(rows->cells[t].dict);
    }
    free(rows->cells);
    free(rows->line_mark);
    free(rows->ragged);
    free(rows->mark);
    free(rows->block.bytes);
    free(rows->span);
    free(rows->plain);
}

static bool make_cells(struct csv_rows *rows, const struct csv_layout *layout)
{
    if (rows->cells != NULL)
        return true;
    rows->cells = calloc(layout->n_targets + 1, sizeof *rows->cells);
    rows->n_targets = rows->cells == NULL ? 0 : layout->n_targets;
    return rows->cells != NULL;
}

/* Room for as many rows as the block can have, and nothing remembered. */
static bool clear_cells(struct csv_rows *rows, const struct csv_layout *layout, size_t capacity)
{
    for (size_t t = 0; t < layout->n_targets; t++) {
        struct csv_cells *cells = &rows->cells[t];
        bool text = layout->target[t].role == RK_AS_LABEL;

        cells->memory = (struct csv_memory){0};
        if (capacity > rows->capacity) {
            free(text ? (void *)cells->code : (void *)cells->number);
            cells->code = text ? malloc(capacity * sizeof *cells->code) : NULL;
            cells->number = text ? NULL : malloc(capacity * sizeof *cells->number);
        }
        if (text) {
            rk_dict_free(cells->dict);
            cells->dict = rk_dict_new();
        }
        if (text ? cells->code == NULL || cells->dict == NULL : cells->number == NULL) {
            rows->capacity = 0;
            return false;
        }
    }
    rows->capacity = capacity > rows->capacity ? capacity : rows->capacity;
    return true;
}

/* --- one parsing ---------------------------------------------------------------------------- */

struct row_reader {
    struct csv_rows *rows;
    const struct csv_layout *layout;
    struct csv_target *sniffed; /* the targets, while the block is only sniffed at */
    const char *bytes;
    size_t length, first_invalid;
    size_t place, line; /* of the record at hand */
    const uint32_t *mark;
};

static void fault(struct row_reader *reader, size_t line, size_t column)
{
    reader->rows->status = reader->rows->error.status;
    reader->rows->error_column = column;
    rk_fail_at(&reader->rows->error, NULL, line, NULL);
}

static void fail_memory(struct row_reader *reader)
{
    rk_fail_memory(&reader->rows->error);
    fault(reader, 0, 0);
}

/* A row of more or fewer cells than the header: a fault, or listed. */
static void note_ragged(struct row_reader *reader, size_t n_cells)
{
    struct csv_rows *rows = reader->rows;

    if (!reader->layout->options->any_length) {
        rk_fail(&rows->error, RK_EINPUT, "%zu cell%s where the header has %zu", n_cells,
                n_cells == 1 ? "" : "s", reader->layout->n_columns);
        fault(reader, reader->line, 0);
        return;
    }
    if (rows->n_ragged == rows->ragged_capacity) {
        size_t capacity = rows->ragged_capacity == 0 ? 16 : 2 * rows->ragged_capacity;
        struct rk_ragged *grown = realloc(rows->ragged, capacity * sizeof *grown);

        if (grown == NULL) {
            fail_memory(reader);
            return;
        }
        rows->ragged = grown;
        rows->ragged_capacity = capacity;
    }
    rows->ragged[rows->n_ragged++] = (struct rk_ragged){rows->n_rows, n_cells};
}

static void fail_invalid(struct row_reader *reader)
{
    size_t at = reader->first_invalid;

    csv_fail_invalid((unsigned char)reader->bytes[at], &reader->rows->error);
    fault(reader, reader->line + csv_count_lines(reader->bytes + reader->place, at - reader->place),
          0);
}

static void take_cell(struct row_reader *reader, size_t t, const char *cell, size_t length)
{
    struct csv_rows *rows = reader->rows;
    const struct csv_target *target = &reader->layout->target[t];

    if (reader->sniffed != NULL)
        csv_sniff(&reader->sniffed[t], reader->layout->options, cell, length, reader->line);
    else if (csv_store(target, reader->layout->options, cell, length, rows->n_rows, reader->line,
                       &rows->cells[t], &rows->error) != RK_OK)
        fault(reader, reader->line, target->file_column + 1);
}

static void mark_line(struct row_reader *reader)
{
    struct csv_rows *rows = reader->rows;

    if (rows->n_line_marks > 0) {
        const struct rk_line_mark *last = &rows->line_mark[rows->n_line_marks - 1];

        if (reader->line == last->line + (rows->n_rows - last->row))
            return;
    }
    if (rows->n_line_marks == rows->line_mark_capacity) {
        size_t capacity = rows->line_mark_capacity == 0 ? 16 : 2 * rows->line_mark_capacity;
        struct rk_line_mark *grown = realloc(rows->line_mark, capacity * sizeof *grown);

        if (grown == NULL) {
            fail_memory(reader);
            return;
        }
        rows->line_mark = grown;
        rows->line_mark_capacity = capacity;
    }
    rows->line_mark[rows->n_line_marks++] = (struct rk_line_mark){rows->n_rows, reader->line};
}

static void end_row(struct row_reader *reader)
{
    if (reader->sniffed != NULL || reader->rows->status != RK_OK)
        return;
    mark_line(reader);
    reader->rows->n_rows++;
}

/* Missing values where a row has no cell. */
static void pad_row(struct row_reader *reader, size_t n_cells)
{
    const struct csv_layout *layout = reader->layout;

    for (size_t t = n_cells < layout->n_columns ? layout->first_target[n_cells] : layout->n_targets;
         t < layout->n_targets; t++)
        csv_store_missing(&layout->target[t], reader->rows->n_rows, &reader->rows->cells[t]);
}

/* A row of another length than the header: false if it is a fault. */
static bool check_length(struct row_reader *reader, size_t n_cells)
{
    if (n_cells == reader->layout->n_columns || reader->sniffed != NULL)
        return true;
    note_ragged(reader, n_cells);
    if (reader->rows->status != RK_OK)
        return false;
    pad_row(reader, n_cells);
    return true;
}

/* --- rows without --------------------------------------------------------------------------- */

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

/* Puts the reader behind the line end that the mark stands for. */
static void pass_line_end(struct row_reader *reader, const uint32_t *mark)
{
    size_t at = *mark;
    bool crlf = reader->bytes[at] == '\r' && mark[1] == at + 1 && reader->bytes[at + 1] == '\n';

    reader->mark = mark + 1 + crlf;
    reader->place = at + 1 + crlf;
    reader->line++;
}

static void read_blank_line(struct row_reader *reader)
{
    const struct csv_layout *layout = reader->layout;

    /* Where a file has one column, it is a missing value. */
    if (layout->n_columns == 1 && reader->sniffed == NULL) {
        for (size_t t = 0; t < layout->n_targets; t++)
            csv_store_missing(&layout->target[t], reader->rows->n_rows, &reader->rows->cells[t]);
        end_row(reader);
    }
    pass_line_end(reader, reader->mark);
}

/* A short plain number is stored at once. It has no comma, currency or percent, and is none of
 * --na's words. */
static inline __attribute__((always_inline)) bool
take_plain_number(const struct row_reader *reader, size_t t, const char *cell, size_t length)
{
    struct csv_cells *cells = &reader->rows->cells[t];

    if (!plain_number(cell, length, reader->layout->options->decimal,
                      &cells->number[reader->rows->n_rows]))
        return false;
    if (cells->memory.plain_line == 0)
        cells->memory.plain_line = reader->line;
    return true;
}

/* A short plain number at once, others in as many ways as people write cells. */
static inline __attribute__((always_inline)) void take(struct row_reader *reader, size_t t,
                                                       const char *cell, size_t length)
{
    const struct csv_layout *layout = reader->layout;

    if (reader->sniffed != NULL || layout->options->na.n > 0 ||
        layout->target[t].role != RK_AS_NUMBER || !take_plain_number(reader, t, cell, length))
        take_cell(reader, t, cell, length);
}

static void read_plain_row(struct row_reader *reader, const uint32_t *mark, size_t n_cells)
{
    const struct csv_layout *layout = reader->layout;

    if (!check_length(reader, n_cells))
        return;
    for (size_t t = 0; t < layout->n_targets && reader->rows->status == RK_OK; t++) {
        size_t column = layout->target[t].file_column;

        if (column >= n_cells)
            break;
        size_t from = column == 0 ? reader->place : (size_t)mark[column - 1] + 1;

        take(reader, t, reader->bytes + from, mark[column] - from);
    }
}

/* --- rows with quotes ----------------------------------------------------------------------- */

/* Why the record at hand cannot be read. */
static void fail_record(struct row_reader *reader)
{
    size_t end = 0, next = 0, n_lines;
    enum csv_record_end how =
        csv_scan_record(reader->bytes, reader->length, reader->place,
                        reader->layout->options->delimiter, &end, &next, &n_lines);

    if (reader->first_invalid < reader->length) {
        fail_invalid(reader);
        return;
    }
    csv_fail_quote(how, &reader->rows->error);
    fault(reader, reader->line + (how == CSV_AFTER_QUOTE ? n_lines : 0), 0);
}

/* The cell of a span, in a buffer where doubled quotes stand for one. NULL if memory failed. */
static const char *span_cell(struct csv_rows *rows, const struct csv_span *span, size_t *length)
{
    *length = span->length;
    if (!span->doubled)
        return span->cell;
    if (rows->plain_capacity < span->length + CSV_PADDING) {
        free(rows->plain);
        rows->plain_capacity = 2 * (span->length + CSV_PADDING);
        rows->plain = malloc(rows->plain_capacity);
        if (rows->plain == NULL) {
            rows->plain_capacity = 0;
            return NULL;
        }
    }
    *length = csv_undouble(span, rows->plain);
    return rows->plain;
}

static void read_spans(struct row_reader *reader, size_t n_cells)
{
    const struct csv_layout *layout = reader->layout;

    for (size_t t = 0; t < layout->n_targets && reader->rows->status == RK_OK; t++) {
        size_t column = layout->target[t].file_column, length;
        const char *cell;

        if (column >= n_cells)
            break;
        cell = span_cell(reader->rows, &reader->rows->span[column], &length);
        if (cell == NULL)
            fail_memory(reader);
        else
            take(reader, t, cell, length);
    }
}

static void read_quoted_row(struct row_reader *reader)
{
    struct csv_split split = {.bytes = reader->bytes,
                              .length = reader->length,
                              .delimiter = reader->layout->options->delimiter,
                              .place = reader->place,
                              .mark = reader->mark,
                              .span = reader->rows->span,
                              .n_spans = reader->layout->n_columns};

    if (!csv_split_record(&split) || split.place > reader->first_invalid) {
        fail_record(reader);
        return;
    }
    if (check_length(reader, split.n_cells))
        read_spans(reader, split.n_cells);
    end_row(reader);
    reader->place = split.place;
    reader->line += split.n_lines;
    reader->mark = split.mark;
}

/* --- rows ----------------------------------------------------------------------------------- */

static void read_row(struct row_reader *reader)
{
    const uint32_t *mark = reader->mark;
    const char delimiter = reader->layout->options->delimiter;
    size_t n = 0;

    while (reader->bytes[mark[n]] == delimiter)
        n++;
    if (reader->bytes[mark[n]] == '"') {
        read_quoted_row(reader);
        return;
    }
    if (mark[n] > reader->first_invalid)
        fail_invalid(reader);
    else if (mark[n] == reader->place)
        read_blank_line(reader);
    else
        read_plain_row(reader, mark, n + 1);
    if (reader->rows->status != RK_OK || mark[n] < reader->place)
        return;
    end_row(reader);
    pass_line_end(reader, mark + n);
}

/* --- blocks --------------------------------------------------------------------------------- */

/* Finds the marks; a last line without an end is given one. */
static bool find_marks(struct row_reader *reader)
{
    struct csv_rows *rows = reader->rows;
    size_t length = reader->length;
    char *bytes = rows->block.bytes;
    bool odd;

    if (length > 0 && !ends_line(bytes[length - 1]))
        bytes[length++] = '\n';
    if (length + CSV_PADDING > rows->mark_capacity) {
        free(rows->mark);
        rows->mark_capacity = length + CSV_PADDING;
        rows->mark = malloc(rows->mark_capacity * sizeof *rows->mark);
    }
    if (rows->mark == NULL) {
        rows->mark_capacity = 0;
        return false;
    }
    size_t start = rows->start;
    size_t n = csv_find_marks(bytes + start, length - start, reader->layout->options->delimiter,
                              rows->mark, &odd);
    for (size_t i = 0; start > 0 && i < n; i++)
        rows->mark[i] += (uint32_t)start;
    rows->mark[n] = UINT32_MAX;
    reader->mark = rows->mark;
    reader->first_invalid = reader->length;
    if (odd)
        reader->first_invalid = start + csv_first_invalid(bytes + start, reader->length - start);
    return true;
}

/* Gets ready for the rows of the block. False if memory failed. */
static bool start_rows(struct row_reader *reader)
{
    struct csv_rows *rows = reader->rows;

    reader->bytes = rows->block.bytes;
    reader->length = rows->block.length;
    reader->place = rows->start;
    reader->line = rows->start_line;
    rows->status = RK_OK;
    rows->n_rows = rows->n_line_marks = rows->n_ragged = 0;
    if (rows->span == NULL)
        rows->span = malloc((reader->layout->n_columns + 1) * sizeof *rows->span);
    return rows->span != NULL && find_marks(reader);
}

static void read_rows(struct row_reader *reader)
{
    while (reader->rows->status == RK_OK && reader->place < reader->length)
        read_row(reader);
    reader->rows->n_lines = reader->line - 1;
}

void csv_rows_sniff(struct csv_rows *rows, struct csv_layout *layout)
{
    struct row_reader reader = {.rows = rows, .layout = layout, .sniffed = layout->target};

    if (start_rows(&reader))
        read_rows(&reader);
    else
        fail_memory(&reader);
}

/* A row has at least a byte for each column; where it may be short, it still has a line end, and
 * there may be so many columns that bytes would make far too many rows of each. */
static size_t most_rows(const struct row_reader *reader)
{
    size_t n = 0;

    if (!reader->layout->options->any_length)
        return reader->length / reader->layout->n_columns + 2;
    for (const uint32_t *mark = reader->mark; *mark != UINT32_MAX; mark++)
        n += ends_line(reader->bytes[*mark]);
    return n + 1;
}

void csv_rows_parse(struct csv_rows *rows, const struct csv_layout *layout)
{
    struct row_reader reader = {.rows = rows, .layout = layout};

    if (make_cells(rows, layout) && start_rows(&reader) &&
        clear_cells(rows, layout, most_rows(&reader)))
        read_rows(&reader);
    else
        fail_memory(&reader);
}
