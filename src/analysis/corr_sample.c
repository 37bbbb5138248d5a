/* Which rows a pair of rep-corr stands on. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"

/* --- the order of the rows -------------------------------------------------------------------- */

struct place {
    uint32_t code;
    double time;
    size_t row;
};

static int by_unit_and_time(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    if (p->code != q->code)
        return p->code < q->code ? -1 : 1;
    if (p->time != q->time)
        return p->time < q->time ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

static int by_time(const void *a, const void *b)
{
    const double *p = a, *q = b;

    return *p < *q ? -1 : *p > *q;
}

/* Periods are numbered in ascending order, those of the group's rows only. */
static enum rk_status number_periods(struct corr_group *group)
{
    const double *time = group->table->column[group->time].number;
    double *known = malloc((group->n_rows + 1) * sizeof *known);
    size_t n = 0;

    group->period = calloc(group->table->n_rows + 1, sizeof *group->period);
    if (known == NULL || group->period == NULL) {
        free(known);
        return RK_ENOMEM;
    }
    for (size_t k = 0; k < group->n_rows; k++)
        known[k] = time[group->row[k]];
    qsort(known, group->n_rows, sizeof *known, by_time);
    group->step = NAN;
    for (size_t k = 0; k < group->n_rows; k++) {
        if (k > 0 && known[k] == known[n - 1])
            continue;
        if (k > 0)
            group->step = fmin(group->step, known[k] - known[n - 1]);
        known[n++] = known[k];
    }
    for (size_t k = 0; k < group->n_rows; k++) {
        const double *found = bsearch(&time[group->row[k]], known, n, sizeof *known, by_time);

        group->period[group->row[k]] = (uint32_t)(found - known);
    }
    group->n_periods = n;
    free(known);
    return RK_OK;
}

static enum rk_status refuse_twice(const struct corr_group *group, const struct place *p,
                                   struct rk_error *error)
{
    const struct rk_column *column = &group->table->column[group->time];
    char when[32];

    rk_time_format(column->time_kind, (int64_t)p->time, when);
    if (group->id == SIZE_MAX)
        rk_fail(error, RK_EINPUT, "%s comes twice; --lags needs one row a period (or --id)", when);
    else
        rk_fail(error, RK_EINPUT, "%s comes twice for '%s'; --lags needs one row a unit and period",
                when, rk_table_text(group->table, p->row, group->id));
    return rk_fail_at(error, group->table->name, rk_table_line(group->table, p->row), column->name);
}

enum rk_status corr_order(struct corr_group *group, bool unique, struct rk_error *error)
{
    const struct rk_column *column = group->table->column;
    struct place *place = malloc((group->n_rows + 1) * sizeof *place);
    enum rk_status status = RK_OK;

    if (place == NULL)
        return rk_fail_memory(error);
    for (size_t k = 0; k < group->n_rows; k++) {
        size_t row = group->row[k];

        place[k].code = group->id == SIZE_MAX ? 0 : column[group->id].code[row];
        place[k].time = column[group->time].number[row];
        place[k].row = row;
    }
    qsort(place, group->n_rows, sizeof *place, by_unit_and_time);
    for (size_t k = 0; k < group->n_rows; k++) {
        group->row[k] = place[k].row;
        if (unique && status == RK_OK && k > 0 && place[k].code == place[k - 1].code &&
            place[k].time == place[k - 1].time)
            status = refuse_twice(group, &place[k], error);
    }
    free(place);
    if (status == RK_OK && number_periods(group) != RK_OK)
        status = rk_fail_memory(error);
    return status;
}

/* --- the rows of a pair ----------------------------------------------------------------------- */

void corr_sample_free(struct corr_sample *sample)
{
    free(sample->column);
    free(sample->values);
    free(sample->unit);
    free(sample->period);
    *sample = (struct corr_sample){0};
}

enum rk_status corr_sample_alloc(struct corr_sample *s, size_t most, bool units, bool times)
{
    s->column = calloc(s->n_columns, sizeof *s->column);
    s->values = malloc((s->n_columns * most + 1) * sizeof *s->values);
    s->unit = units ? malloc((most + 1) * sizeof *s->unit) : NULL;
    s->period = times ? malloc((most + 1) * sizeof *s->period) : NULL;
    if (s->column == NULL || s->values == NULL || (units && s->unit == NULL) ||
        (times && s->period == NULL))
        return RK_ENOMEM;
    for (size_t j = 0; j < s->n_columns; j++)
        s->column[j] = s->values + j * most;
    return RK_OK;
}

static bool same_unit(const struct corr_group *group, size_t row, size_t other)
{
    const uint32_t *code = group->id == SIZE_MAX ? NULL : group->table->column[group->id].code;

    return code == NULL || code[row] == code[other];
}

size_t corr_row_before(const struct corr_group *group, size_t k, int64_t lag, size_t *at)
{
    const double *time;
    size_t row = group->row[k];
    double target;

    if (lag == 0)
        return row;
    time = group->table->column[group->time].number;
    target = time[row] - (double)lag;
    /* Behind k stand earlier units and periods; beyond, a later unit ends the search. */
    while (*at < group->n_rows &&
           (same_unit(group, group->row[*at], row) ? time[group->row[*at]] < target : *at < k))
        ++*at;
    if (*at == group->n_rows || !same_unit(group, group->row[*at], row) ||
        time[group->row[*at]] != target)
        return SIZE_MAX;
    return group->row[*at];
}

/* Units are numbered anew, in the order they come, so that those without a row do not count. */
static uint32_t unit_number(const struct corr_group *group, size_t row, uint32_t *number,
                            struct corr_sample *s)
{
    uint32_t *unit = &number[group->table->column[group->id].code[row]];

    if (*unit == UINT32_MAX)
        *unit = (uint32_t)s->n_units++;
    return *unit;
}

/* Adds the row if nothing is missing in it. */
static void add_row(const struct corr_group *group, const struct corr_pair *pair, size_t row,
                    size_t x_row, uint32_t *number, struct corr_sample *s)
{
    const struct rk_column *column = group->table->column;
    size_t most = group->n_rows;
    bool known = true;

    s->values[s->n] = column[pair->x].number[x_row];
    s->values[most + s->n] = column[pair->y].number[row];
    for (size_t j = 0; j < group->n_controls; j++)
        s->values[(2 + j) * most + s->n] = column[group->control[j]].number[row];
    if (s->contrast)
        s->values[(s->n_columns - 1) * most + s->n] = column[pair->x2].number[x_row];
    for (size_t j = 0; j < s->n_columns; j++)
        known = known && !isnan(s->values[j * most + s->n]);
    if (!known)
        return;
    if (s->unit != NULL)
        s->unit[s->n] = unit_number(group, row, number, s);
    if (s->period != NULL)
        s->period[s->n] = group->period[row];
    s->n++;
}

enum rk_status corr_sample_take(const struct corr_group *group, const struct corr_pair *pair,
                                struct corr_sample *sample)
{
    uint32_t *number = malloc((group->n_codes + 1) * sizeof *number);
    size_t at = 0;
    enum rk_status status;

    *sample = (struct corr_sample){.n_columns = 2 + group->n_controls + (pair->x2 != SIZE_MAX),
                                   .contrast = pair->x2 != SIZE_MAX,
                                   .n_periods = group->n_periods};
    status =
        corr_sample_alloc(sample, group->n_rows, group->id != SIZE_MAX, group->time != SIZE_MAX);
    if (number == NULL || status != RK_OK) {
        free(number);
        return RK_ENOMEM;
    }
    memset(number, 0xff, (group->n_codes + 1) * sizeof *number); /* UINT32_MAX: not seen */
    for (size_t k = 0; k < group->n_rows; k++) {
        size_t x_row = corr_row_before(group, k, pair->lag, &at);

        if (x_row != SIZE_MAX)
            add_row(group, pair, group->row[k], x_row, number, sample);
    }
    free(number);
    return RK_OK;
}

enum rk_status corr_sample_means(const struct corr_sample *s, struct corr_sample *means)
{
    enum rk_status status;

    *means =
        (struct corr_sample){.n = s->n_units, .n_columns = s->n_columns, .contrast = s->contrast};
    status = corr_sample_alloc(means, s->n_units, false, false);
    for (size_t j = 0; status == RK_OK && j < s->n_columns; j++)
        status =
            rk_unit_means(s->column[j], s->unit, s->n, s->n_units, means->values + j * s->n_units);
    return status;
}
