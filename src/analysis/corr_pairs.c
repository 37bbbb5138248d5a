#include "corr_pairs.h"

#include <math.h>
#include <stdlib.h>

/* The values of a pair: complete rows only, units as codes 0 .. n_units - 1. */
struct values {
    double *x, *y, *x_mean, *y_mean;
    uint32_t *unit;
    size_t n, n_units;
};

static void values_free(struct values *v)
{
    free(v->x);
    free(v->x_mean);
    free(v->unit);
}

/* Units are numbered anew, in the order they come, so that those without a row do not count. */
static enum rk_status number_units(const struct corr_group *group, const size_t *row,
                                   struct values *v)
{
    const uint32_t *code = group->table->column[group->id].code;
    uint32_t *number = malloc((group->n_codes + 1) * sizeof *number);

    if (number == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k < group->n_codes; k++)
        number[k] = UINT32_MAX;
    for (size_t i = 0; i < v->n; i++) {
        uint32_t *unit = &number[code[row[i]]];

        if (*unit == UINT32_MAX)
            *unit = (uint32_t)v->n_units++;
        v->unit[i] = *unit;
    }
    free(number);
    return RK_OK;
}

static enum rk_status take_values(const struct corr_group *group, const struct corr_pair *pair,
                                  struct values *v)
{
    const struct rk_column *column = group->table->column;
    const size_t columns[] = {pair->x, pair->y, group->id};
    size_t *own = NULL;
    const size_t *row = group->row;
    enum rk_status status = RK_OK;

    v->n = group->n_rows;
    if (row == NULL) {
        status = rk_complete_rows(group->table, columns, group->id == SIZE_MAX ? 2 : 3,
                                  RK_MISSING_PAIRWISE, &own, &v->n, NULL);
        if (status != RK_OK)
            return status;
        row = own;
    }
    v->x = malloc((2 * v->n + 1) * sizeof *v->x);
    v->unit = malloc((v->n + 1) * sizeof *v->unit);
    if (v->x == NULL || v->unit == NULL) {
        free(own);
        return RK_ENOMEM;
    }
    v->y = v->x + v->n;
    for (size_t i = 0; i < v->n; i++) {
        v->x[i] = column[pair->x].number[row[i]];
        v->y[i] = column[pair->y].number[row[i]];
    }
    if (group->id != SIZE_MAX)
        status = number_units(group, row, v);
    free(own);
    return status;
}

static enum rk_status correlate_between(const struct corr_group *group, struct values *v,
                                        struct rk_correlation *c)
{
    const struct rk_corr_options *o = group->options;
    enum rk_status status;

    v->x_mean = malloc((2 * v->n_units + 1) * sizeof *v->x_mean);
    if (v->x_mean == NULL)
        return RK_ENOMEM;
    v->y_mean = v->x_mean + v->n_units;
    status = rk_unit_means(v->x, v->unit, v->n, v->n_units, v->x_mean);
    if (status == RK_OK)
        status = rk_unit_means(v->y, v->unit, v->n, v->n_units, v->y_mean);
    if (status != RK_OK)
        return status;
    return rk_correlation(o->method, v->x_mean, v->y_mean, v->n_units, o->common.conf_level,
                          o->common.alternative, c);
}

/* n and n_units of the scopes that could not be computed. */
static void count(const struct values *v, struct corr_pair *pair)
{
    for (size_t s = 0; s < RK_SCOPE_COUNT; s++) {
        if (pair->status[s] == RK_OK && s == RK_WITHIN)
            continue; /* without the units of one row */
        pair->scope[s].n = s == RK_BETWEEN ? v->n_units : v->n;
        pair->scope[s].n_units = v->n_units;
    }
}

static enum rk_status correlate(const struct corr_group *group, struct corr_pair *pair)
{
    const struct rk_corr_options *o = group->options;
    const struct rk_common *common = &o->common;
    struct values v = {0};
    enum rk_status status = take_values(group, pair, &v);

    pair->within_share = NAN;
    if (status == RK_OK)
        pair->status[RK_POOLED] = rk_correlation(o->method, v.x, v.y, v.n, common->conf_level,
                                                 common->alternative, &pair->scope[RK_POOLED]);
    if (status == RK_OK && group->id != SIZE_MAX) {
        pair->status[RK_BETWEEN] = correlate_between(group, &v, &pair->scope[RK_BETWEEN]);
        pair->status[RK_WITHIN] =
            rk_correlation_within(o->method, v.x, v.y, v.unit, v.n, v.n_units, common->conf_level,
                                  common->alternative, &pair->scope[RK_WITHIN]);
        status = rk_within_share(v.x, v.unit, v.n, v.n_units, &pair->within_share);
    }
    count(&v, pair);
    values_free(&v);
    for (size_t s = 0; status == RK_OK && s < RK_SCOPE_COUNT; s++)
        if (!rk_status_is_undefined(pair->status[s]))
            status = pair->status[s];
    return status;
}

enum rk_status corr_pairs_block(void *data, size_t block, size_t first, size_t last)
{
    struct corr_group *group = data;
    enum rk_status status = RK_OK;

    (void)block;
    for (size_t i = first; status == RK_OK && i < last; i++)
        status = correlate(group, &group->pair[i]);
    return status;
}
