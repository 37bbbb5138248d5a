#include "lag.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"
#include "program.h"

enum { PERIODS_MOST = 100000 };

bool rk_is_lag(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL &&
           (strcmp(node->text, "lag") == 0 || strcmp(node->text, "lead") == 0);
}

enum rk_status rk_lag_periods(const struct rk_node *call, const char *source, double *periods,
                              struct rk_error *error)
{
    const struct rk_node *second = call->n_children == 2 ? call->child[1] : NULL;
    const char *name = call->text;
    double number = 1.0;

    if (second != NULL)
        number = second->kind == RK_NODE_NUMBER ? second->value : NAN;
    if (call->n_children == 0 || call->n_children > 2 ||
        !(number >= 0.0 && number <= PERIODS_MOST && number == floor(number))) {
        if (source == NULL)
            return rk_fail(error, RK_EUSAGE, "%s() takes a column and a whole number of periods",
                           name);
        return rk_fail_at_character(error, source,
                                    second != NULL ? second->position : call->position,
                                    "%s() takes a column and a whole number of periods", name);
    }
    *periods = strcmp(name, "lead") == 0 ? -number : number;
    return RK_OK;
}

/* A row's place: missing ones have no place and are not in the list. */
struct place {
    uint32_t unit;
    double time;
    size_t row;
};

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static enum rk_status fail_twice(const struct rk_table *table, const struct rk_series *series,
                                 const struct place *first, const struct place *second,
                                 struct rk_error *error)
{
    struct rk_text unit = {0}, time = {0};
    size_t column = rk_table_find_typed(table, series->time, RK_NUMBER);
    size_t row = first->row > second->row ? first->row : second->row;
    enum rk_status status;

    rk_table_cell(table, row, column, &time);
    if (series->id != NULL)
        rk_table_cell(table, row, rk_table_find(table, series->id), &unit);
    if (unit.failed || time.failed)
        status = rk_fail_memory(error);
    else if (series->id != NULL)
        status = rk_fail(error, RK_EINPUT, "%s '%.100s' has two rows at %s %s", series->id,
                         unit.bytes != NULL ? unit.bytes : "", series->time,
                         time.bytes != NULL ? time.bytes : "");
    else
        status = rk_fail(error, RK_EINPUT, "there are two rows at %s %s, and no column of units",
                         series->time, time.bytes != NULL ? time.bytes : "");
    rk_text_free(&unit);
    rk_text_free(&time);
    rk_fail_at(error, table->name, rk_table_line(table, row), NULL);
    return status;
}

/* The rows that have a unit and a time, in their order. */
static enum rk_status order_rows(const struct rk_table *table, const struct rk_series *series,
                                 struct place *place, size_t *n, struct rk_error *error)
{
    size_t time = rk_table_find_typed(table, series->time, RK_NUMBER), unit = SIZE_MAX;
    struct rk_groups groups = {0};

    if (time == SIZE_MAX)
        return rk_no_column_in(table, series->time, error);
    if (series->id != NULL) {
        unit = rk_table_find(table, series->id);
        if (unit == SIZE_MAX)
            return rk_no_column_in(table, series->id, error);
        if (rk_groups_by(table, &unit, 1, &groups) != RK_OK)
            return rk_fail_memory(error);
    }
    *n = 0;
    for (size_t i = 0; i < table->n_rows; i++) {
        double at = table->column[time].number[i];

        if (isnan(at) || (unit != SIZE_MAX && rk_table_is_missing(table, i, unit)))
            continue;
        place[(*n)++] = (struct place){unit == SIZE_MAX ? 0 : groups.group[i], at, i};
    }
    rk_groups_free(&groups);
    qsort(place, *n, sizeof *place, by_place);
    for (size_t i = 1; i < *n; i++)
        if (by_place(&place[i - 1], &place[i]) == 0)
            return fail_twice(table, series, &place[i - 1], &place[i], error);
    return RK_OK;
}

enum rk_status rk_lag_values(const struct rk_table *table, const struct rk_series *series,
                             double periods, const double *values, double *out,
                             struct rk_error *error)
{
    struct place *place = malloc((table->n_rows + 1) * sizeof *place);
    size_t n = 0;
    enum rk_status status;

    if (place == NULL)
        return rk_fail_memory(error);
    status = order_rows(table, series, place, &n, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        out[i] = NAN;
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        struct place wanted = {place[i].unit, place[i].time - periods, 0};
        const struct place *found = bsearch(&wanted, place, n, sizeof *place, by_place);

        if (found != NULL)
            out[place[i].row] = values[found->row];
    }
    free(place);
    return status;
}
