#include "csv_each.h"

#include <stdlib.h>

enum rk_status csv_each_start(struct csv_each *each, size_t n_slots)
{
    each->loan = calloc(n_slots, sizeof *each->loan);
    each->n_slots = each->loan == NULL ? 0 : n_slots;
    return each->loan == NULL ? RK_ENOMEM : RK_OK;
}

/* --- lending ------------------------------------------------------------------------------ */

/* A table of the columns, without cells. */
static struct rk_table *like(const struct rk_table *table)
{
    struct rk_table *made = rk_table_new(table->name);
    enum rk_status status = made == NULL ? RK_ENOMEM : RK_OK;

    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        status = rk_table_add_column(made, table->column[j].name, table->column[j].type,
                                     table->column[j].format);
        if (status != RK_OK)
            break;
        rk_dict_free(made->column[j].dict); /* each block has its own */
        made->column[j].dict = NULL;
    }
    if (status == RK_OK)
        return made;
    rk_table_free(made);
    return NULL;
}

static void lend(const struct csv_each *each, struct csv_rows *rows, struct rk_table *table)
{
    for (size_t t = 0; t < rows->n_targets; t++) {
        struct rk_column *column = &table->column[each->layout->target[t].table_column];

        column->number = rows->cells[t].number;
        column->code = rows->cells[t].code;
        column->dict = rows->cells[t].dict;
        column->time_kind = rows->cells[t].memory.kind;
    }
    table->n_rows = rows->n_rows;
    table->capacity = rows->capacity;
    table->line_map = rows->line_mark;
    table->n_line_marks = rows->n_line_marks;
}

/* Rows may have been left out of the table, which then has a line map of its own. */
static void take_back(const struct csv_each *each, struct csv_rows *rows, struct rk_table *table)
{
    for (size_t t = 0; t < rows->n_targets; t++) {
        struct rk_column *column = &table->column[each->layout->target[t].table_column];

        column->number = NULL;
        column->code = NULL;
        column->dict = NULL;
    }
    if (table->line_map != rows->line_mark) {
        rows->line_mark = table->line_map;
        rows->line_mark_capacity = table->n_line_marks;
    }
    table->line_map = NULL;
    table->n_rows = table->n_line_marks = 0;
}

/* The table keeps what was lent. */
static void give(struct csv_rows *rows)
{
    for (size_t t = 0; t < rows->n_targets; t++) {
        rows->cells[t].number = NULL;
        rows->cells[t].code = NULL;
        rows->cells[t].dict = NULL;
    }
    rows->capacity = 0;
    rows->line_mark = NULL;
    rows->line_mark_capacity = 0;
}

/* --- a block ------------------------------------------------------------------------------ */

/* Whether blocks to come may say what the times of this one are. */
static bool is_late(const struct csv_each *each, const struct csv_rows *rows)
{
    for (size_t t = 0; t < rows->n_targets; t++) {
        const struct csv_memory *memory = &rows->cells[t].memory;

        if (csv_type(&each->layout->target[t]) == RK_TIME &&
            (memory->either.line != 0 || memory->kind == RK_TIME_NONE))
            return true;
    }
    return false;
}

void csv_each_make(struct csv_each *each, size_t slot, struct csv_rows *rows)
{
    struct csv_loan *loan = &each->loan[slot];

    loan->status = RK_OK;
    loan->late = false;
    if (rows->status != RK_OK || rows->n_rows == 0)
        return;
    if (loan->table == NULL)
        loan->table = like(each->like);
    if (loan->table == NULL) {
        loan->status = rk_fail_memory(&loan->error);
        return;
    }
    loan->late = is_late(each, rows);
    if (loan->late)
        return;
    lend(each, rows, loan->table);
    loan->error = (struct rk_error){0};
    loan->status = each->work->make(each->work->data, loan->table, &loan->part, &loan->error);
    take_back(each, rows, loan->table);
}

static enum rk_status add_late(struct csv_each *each, struct csv_loan *loan, struct csv_rows *rows,
                               size_t n_lines)
{
    if (each->n_late == each->late_capacity) {
        size_t capacity = each->late_capacity == 0 ? 16 : 2 * each->late_capacity;
        struct rk_table **grown = realloc(each->late, capacity * sizeof *grown);

        if (grown == NULL)
            return RK_ENOMEM;
        each->late = grown;
        each->late_capacity = capacity;
    }
    lend(each, rows, loan->table);
    give(rows);
    for (size_t k = 0; k < loan->table->n_line_marks; k++)
        loan->table->line_map[k].line += n_lines;
    each->late[each->n_late++] = loan->table;
    loan->table = NULL;
    return RK_OK;
}

static enum rk_status take(struct csv_each *each, void **part, struct rk_error *error)
{
    void *taken = *part;

    *part = NULL;
    return taken == NULL ? RK_OK : each->work->take(each->work->data, taken, error);
}

enum rk_status csv_each_take(struct csv_each *each, size_t slot, struct csv_rows *rows,
                             size_t n_lines, struct rk_error *error)
{
    struct csv_loan *loan = &each->loan[slot];

    if (loan->status != RK_OK) {
        *error = loan->error;
        if (error->line != 0)
            error->line += n_lines;
        return loan->status;
    }
    if (loan->late)
        return add_late(each, loan, rows, n_lines) == RK_OK ? RK_OK : rk_fail_memory(error);
    return take(each, &loan->part, error);
}

/* --- the end ------------------------------------------------------------------------------ */

enum rk_status csv_each_finish(struct csv_each *each, const struct csv_memory *memory,
                               struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t k = 0; status == RK_OK && k < each->n_late; k++) {
        struct rk_table *table = each->late[k];
        void *part = NULL;

        for (size_t t = 0; status == RK_OK && t < each->layout->n_targets; t++) {
            struct rk_column *column = &table->column[each->layout->target[t].table_column];

            if (column->type == RK_TIME)
                status = csv_finish_times(&memory[t], each->layout->options, table->n_rows, column,
                                          error);
        }
        if (status == RK_OK)
            status = each->work->make(each->work->data, table, &part, error);
        if (status == RK_OK)
            status = take(each, &part, error);
        else if (part != NULL)
            each->work->drop(part);
        rk_table_free(table);
        each->late[k] = NULL;
    }
    return status;
}

void csv_each_free(struct csv_each *each)
{
    for (size_t i = 0; i < each->n_slots; i++) {
        if (each->loan[i].part != NULL)
            each->work->drop(each->loan[i].part);
        rk_table_free(each->loan[i].table);
    }
    for (size_t k = 0; k < each->n_late; k++)
        rk_table_free(each->late[k]);
    free(each->loan);
    free(each->late);
}
