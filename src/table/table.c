#include "repkit/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- building ----------------------------------------------------------------------------- */

struct rk_table *rk_table_new(const char *name)
{
    struct rk_table *table = calloc(1, sizeof *table);

    if (table == NULL)
        return NULL;
    table->name = rk_strdup(name);
    if (table->name == NULL) {
        free(table);
        return NULL;
    }
    return table;
}

static void free_column(struct rk_column *column)
{
    free(column->name);
    free(column->number);
    free(column->code);
    rk_dict_free(column->dict);
}

void rk_table_free(struct rk_table *table)
{
    if (table == NULL)
        return;
    for (size_t j = 0; j < table->n_columns; j++)
        free_column(&table->column[j]);
    free(table->column);
    free(table->line_map);
    free(table->ragged);
    rk_names_free(&table->mixed);
    free(table->name);
    free(table);
}

static void clear_cells(struct rk_column *column, size_t first, size_t last)
{
    for (size_t i = first; i < last; i++) {
        if (column->dict != NULL)
            column->code[i] = RK_NO_CODE;
        if (column->type != RK_TEXT)
            column->number[i] = NAN;
    }
}

/* Room for `capacity` cells in one column. */
static bool reserve_cells(struct rk_column *column, size_t capacity)
{
    if (column->dict != NULL) {
        uint32_t *code = realloc(column->code, capacity * sizeof *code);

        if (code == NULL)
            return false;
        column->code = code;
    }
    if (column->type != RK_TEXT) {
        double *number = realloc(column->number, capacity * sizeof *number);

        if (number == NULL)
            return false;
        column->number = number;
    }
    return true;
}

enum rk_status rk_table_add_column(struct rk_table *table, const char *name, enum rk_type type,
                                   enum rk_format format)
{
    struct rk_column column = {.type = type, .format = format};
    struct rk_column *grown =
        realloc(table->column, (table->n_columns + 1) * sizeof *table->column);

    if (grown == NULL)
        return RK_ENOMEM;
    table->column = grown;
    column.name = rk_strdup(name);
    column.dict = type == RK_TEXT ? rk_dict_new() : NULL;
    if (column.name == NULL || (type == RK_TEXT && column.dict == NULL) ||
        (table->capacity > 0 && !reserve_cells(&column, table->capacity))) {
        free_column(&column);
        return RK_ENOMEM;
    }
    clear_cells(&column, 0, table->n_rows);
    table->column[table->n_columns++] = column;
    return RK_OK;
}

enum rk_status rk_table_keep_written(struct rk_table *table, size_t column)
{
    struct rk_column *c = &table->column[column];
    size_t capacity = table->capacity > 0 ? table->capacity : 1;

    if (c->dict != NULL)
        return RK_OK;
    c->code = malloc(capacity * sizeof *c->code);
    c->dict = rk_dict_new();
    if (c->code == NULL || c->dict == NULL) {
        free(c->code);
        rk_dict_free(c->dict);
        c->code = NULL;
        c->dict = NULL;
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < table->n_rows; i++)
        c->code[i] = RK_NO_CODE;
    return RK_OK;
}

enum rk_status rk_table_reserve(struct rk_table *table, size_t n_rows)
{
    size_t capacity = table->capacity < 16 ? 16 : table->capacity;

    if (n_rows <= table->capacity)
        return RK_OK;
    while (capacity < n_rows)
        capacity += capacity / 2;
    for (size_t j = 0; j < table->n_columns; j++)
        if (!reserve_cells(&table->column[j], capacity))
            return RK_ENOMEM;
    table->capacity = capacity;
    return RK_OK;
}

enum rk_status rk_table_add_rows(struct rk_table *table, size_t n_rows)
{
    enum rk_status status = rk_table_reserve(table, table->n_rows + n_rows);

    if (status != RK_OK)
        return status;
    for (size_t j = 0; j < table->n_columns; j++)
        clear_cells(&table->column[j], table->n_rows, table->n_rows + n_rows);
    table->n_rows += n_rows;
    return RK_OK;
}

enum rk_status rk_table_add_row(struct rk_table *table)
{
    return rk_table_add_rows(table, 1);
}

void rk_table_set_number(struct rk_table *table, size_t row, size_t column, double value)
{
    table->column[column].number[row] = value;
}

enum rk_status rk_table_set_text(struct rk_table *table, size_t row, size_t column,
                                 const char *text)
{
    struct rk_column *c = &table->column[column];

    c->code[row] = text == NULL ? RK_NO_CODE : rk_dict_code(c->dict, text, strlen(text));
    return text != NULL && c->code[row] == RK_NO_CODE ? RK_ENOMEM : RK_OK;
}

/* --- looking ------------------------------------------------------------------------------ */

size_t rk_table_find(const struct rk_table *table, const char *name)
{
    for (size_t j = 0; j < table->n_columns; j++)
        if (strcmp(table->column[j].name, name) == 0)
            return j;
    return SIZE_MAX;
}

size_t rk_table_find_typed(const struct rk_table *table, const char *name, enum rk_type type)
{
    size_t second_best = SIZE_MAX;

    for (size_t j = 0; j < table->n_columns; j++) {
        if (strcmp(table->column[j].name, name) != 0)
            continue;
        if (table->column[j].type == type)
            return j;
        if (type == RK_NUMBER && table->column[j].type == RK_TIME)
            second_best = j;
    }
    return second_best;
}

bool rk_table_is_missing(const struct rk_table *table, size_t row, size_t column)
{
    const struct rk_column *c = &table->column[column];

    return c->type == RK_TEXT ? c->code[row] == RK_NO_CODE : isnan(c->number[row]);
}

const char *rk_table_text(const struct rk_table *table, size_t row, size_t column)
{
    const struct rk_column *c = &table->column[column];

    if (c->type != RK_TEXT || c->code[row] == RK_NO_CODE)
        return NULL;
    return rk_dict_label(c->dict, c->code[row]);
}

size_t rk_table_line(const struct rk_table *table, size_t row)
{
    size_t low = 0, high = table->n_line_marks;

    if (high == 0)
        return 0;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (table->line_map[middle].row <= row)
            low = middle;
        else
            high = middle;
    }
    return table->line_map[low].line + (row - table->line_map[low].row);
}

bool rk_table_cell(const struct rk_table *table, size_t row, size_t column, struct rk_text *out)
{
    const struct rk_column *c = &table->column[column];
    char time[32];

    if (rk_table_is_missing(table, row, column))
        return false;
    if (c->dict != NULL && c->code[row] != RK_NO_CODE)
        rk_text_add_bytes(out, rk_dict_label(c->dict, c->code[row]),
                          rk_dict_length(c->dict, c->code[row]));
    else if (c->type == RK_NUMBER)
        rk_text_number(out, c->number[row]);
    else
        rk_text_add_bytes(out, time, rk_time_format(c->time_kind, (int64_t)c->number[row], time));
    return true;
}

/* --- rows --------------------------------------------------------------------------------- */

/* Appends a line mark unless it continues the last one. */
enum rk_status rk_table_mark_line(struct rk_table *table, size_t row, size_t line)
{
    struct rk_line_mark *grown;

    if (table->n_line_marks > 0) {
        const struct rk_line_mark *last = &table->line_map[table->n_line_marks - 1];

        if (line == last->line + (row - last->row))
            return RK_OK;
    }
    /* Doubles at powers of two: no capacity to keep. */
    if ((table->n_line_marks & (table->n_line_marks - 1)) == 0) {
        size_t capacity = table->n_line_marks == 0 ? 1 : 2 * table->n_line_marks;

        grown = realloc(table->line_map, capacity * sizeof *grown);
        if (grown == NULL)
            return RK_ENOMEM;
        table->line_map = grown;
    }
    table->line_map[table->n_line_marks++] = (struct rk_line_mark){row, line};
    return RK_OK;
}

enum rk_status rk_table_mark_ragged(struct rk_table *table, size_t row, size_t n_cells)
{
    if ((table->n_ragged & (table->n_ragged - 1)) == 0) { /* as above */
        size_t capacity = table->n_ragged == 0 ? 1 : 2 * table->n_ragged;
        struct rk_ragged *grown = realloc(table->ragged, capacity * sizeof *grown);

        if (grown == NULL)
            return RK_ENOMEM;
        table->ragged = grown;
    }
    table->ragged[table->n_ragged++] = (struct rk_ragged){row, n_cells};
    return RK_OK;
}

static void keep_cells(struct rk_column *column, const bool *keep, size_t n_rows)
{
    size_t kept = 0;

    for (size_t i = 0; i < n_rows; i++) {
        if (!keep[i])
            continue;
        if (column->dict != NULL)
            column->code[kept] = column->code[i];
        if (column->type != RK_TEXT)
            column->number[kept] = column->number[i];
        kept++;
    }
}

enum rk_status rk_table_keep(struct rk_table *table, const bool *keep)
{
    struct rk_table lines = {0}; /* only its line map is used */
    size_t kept = 0;

    for (size_t i = 0; i < table->n_rows; i++) {
        if (keep[i] && table->n_line_marks > 0 &&
            rk_table_mark_line(&lines, kept, rk_table_line(table, i)) != RK_OK) {
            free(lines.line_map);
            return RK_ENOMEM;
        }
        kept += keep[i];
    }
    for (size_t j = 0; j < table->n_columns; j++)
        keep_cells(&table->column[j], keep, table->n_rows);
    free(table->line_map);
    table->line_map = lines.line_map;
    table->n_line_marks = lines.n_line_marks;
    table->n_rows = kept;
    return RK_OK;
}

/* The codes of `from` as codes of `to`, behind the rows that are there. */
static enum rk_status append_codes(struct rk_column *to, size_t n_before,
                                   const struct rk_column *from, size_t n_rows)
{
    uint32_t *code = malloc((rk_dict_size(from->dict) + 1) * sizeof *code);
    enum rk_status status = code == NULL ? RK_ENOMEM : rk_dict_join(to->dict, from->dict, code);

    for (size_t i = 0; status == RK_OK && i < n_rows; i++)
        to->code[n_before + i] = from->code[i] == RK_NO_CODE ? RK_NO_CODE : code[from->code[i]];
    free(code);
    return status;
}

enum rk_status rk_table_append(struct rk_table *table, const struct rk_table *further)
{
    enum rk_status status = rk_table_reserve(table, table->n_rows + further->n_rows);

    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        struct rk_column *to = &table->column[j];
        const struct rk_column *from = &further->column[j];

        if (table->n_rows == 0)
            to->time_kind = from->time_kind;
        if (from->type != RK_TEXT && further->n_rows > 0)
            memcpy(to->number + table->n_rows, from->number,
                   further->n_rows * sizeof *from->number);
        if (from->dict != NULL && to->dict == NULL)
            status = rk_table_keep_written(table, j);
        if (status == RK_OK && from->dict != NULL)
            status = append_codes(to, table->n_rows, from, further->n_rows);
        for (size_t i = 0; from->dict == NULL && to->dict != NULL && i < further->n_rows; i++)
            to->code[table->n_rows + i] = RK_NO_CODE;
    }
    if (status == RK_OK)
        table->n_rows += further->n_rows;
    return status;
}

/* Rows of a group lie far apart: each is asked for some time before it is needed. */
enum { AHEAD = 24 };

static void copy_numbers(double *to, const double *from, const size_t *rows, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        if (i + AHEAD < n_rows)
            __builtin_prefetch(&from[rows[i + AHEAD]]);
        to[i] = from[rows[i]];
    }
}

/* Labels are looked up anew, but not again where the row before has the same. */
static enum rk_status copy_texts(struct rk_column *to, const struct rk_column *from,
                                 const size_t *rows, size_t n_rows)
{
    uint32_t last = RK_NO_CODE, last_copied = RK_NO_CODE;

    for (size_t i = 0; i < n_rows; i++) {
        uint32_t code = from->code[rows[i]];

        if (i + AHEAD < n_rows)
            __builtin_prefetch(&from->code[rows[i + AHEAD]]);
        if (code != last && code != RK_NO_CODE) {
            const char *label = rk_dict_label(from->dict, code);

            last = code;
            last_copied = rk_dict_code(to->dict, label, rk_dict_length(from->dict, code));
            if (last_copied == RK_NO_CODE)
                return RK_ENOMEM;
        }
        to->code[i] = code == RK_NO_CODE ? RK_NO_CODE : last_copied;
    }
    return RK_OK;
}

static enum rk_status copy_column(struct rk_table *to, const struct rk_column *from,
                                  const size_t *rows, size_t n_rows)
{
    enum rk_status status = rk_table_add_column(to, from->name, from->type, from->format);
    struct rk_column *column;

    if (status != RK_OK)
        return status;
    column = &to->column[to->n_columns - 1];
    column->time_kind = from->time_kind;
    if (from->type != RK_TEXT)
        copy_numbers(column->number, from->number, rows, n_rows);
    if (from->dict == NULL)
        return RK_OK;
    if (rk_table_keep_written(to, to->n_columns - 1) != RK_OK)
        return RK_ENOMEM;
    return copy_texts(column, from, rows, n_rows);
}

/* A table of that many rows, whose columns are still to come. */
static struct rk_table *new_part(const struct rk_table *table, const size_t *rows, size_t n_rows)
{
    struct rk_table *copy = rk_table_new(table->name);
    enum rk_status status = copy == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        copy->rows_read = table->rows_read;
        copy->digest = table->digest;
        copy->capacity = n_rows;
    }
    for (size_t i = 0; status == RK_OK && table->n_line_marks > 0 && i < n_rows; i++)
        status = rk_table_mark_line(copy, i, rk_table_line(table, rows[i]));
    if (status == RK_OK)
        return copy;
    rk_table_free(copy);
    return NULL;
}

enum rk_status rk_table_parts(const struct rk_table *table, const size_t *rows, const size_t *start,
                              size_t n_parts, struct rk_table **copy)
{
    struct rk_table **part = calloc(n_parts + 1, sizeof *part);
    enum rk_status status = part == NULL ? RK_ENOMEM : RK_OK;

    for (size_t k = 0; status == RK_OK && k < n_parts; k++) {
        part[k] = new_part(table, rows + start[k], start[k + 1] - start[k]);
        status = part[k] == NULL ? RK_ENOMEM : RK_OK;
    }
    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++)
        for (size_t k = 0; status == RK_OK && k < n_parts; k++)
            status =
                copy_column(part[k], &table->column[j], rows + start[k], start[k + 1] - start[k]);
    for (size_t k = 0; part != NULL && k < n_parts; k++) {
        if (status == RK_OK) {
            part[k]->n_rows = start[k + 1] - start[k];
            copy[k] = part[k];
        } else {
            rk_table_free(part[k]);
        }
    }
    free(part);
    return status;
}

struct rk_table *rk_table_rows(const struct rk_table *table, const size_t *rows, size_t n_rows)
{
    const size_t start[] = {0, n_rows};
    struct rk_table *copy;

    return rk_table_parts(table, rows, start, 1, &copy) == RK_OK ? copy : NULL;
}
