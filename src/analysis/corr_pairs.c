/* The correlations of a pair at its scopes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"

/* Taking means out of T periods makes independent errors look unlike, by 1 / (T - 1): that is put
 * back. */
void corr_find_serial(const struct corr_sample *s, const double *residual, struct corr_estimate *e)
{
    double products = 0.0, squares = 0.0, periods;
    size_t n_units = s->unit == NULL ? 1 : s->n_units, n = 0;

    e->n_serial = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (isnan(residual[i]))
            continue;
        n++;
        squares += residual[i] * residual[i];
        if (i == 0 || isnan(residual[i - 1]) || s->period[i] != s->period[i - 1] + 1 ||
            (s->unit != NULL && s->unit[i] != s->unit[i - 1]))
            continue;
        e->n_serial++;
        products += residual[i] * residual[i - 1];
    }
    periods = (double)n / (double)n_units;
    if (e->n_serial > 0 && squares > 0.0 && periods > 1.0)
        e->serial =
            (products / (double)e->n_serial) / (squares / (double)n) + 1.0 / (periods - 1.0);
}

/* The correlations of y with both, and of both, on the same rows. */
static enum rk_status contrast_at(const struct corr_sample *s, int method, int scope,
                                  double conf_level, int alternative, struct rk_correlation *out)
{
    struct corr_sample part = *s;
    const double *x = s->column[0], *y = s->column[1], *x2 = s->column[s->n_columns - 1];
    double level = alternative == RK_TWO_SIDED ? conf_level : 2.0 * conf_level - 1.0;
    const double *pair[3][2] = {{x, y}, {x2, y}, {x, x2}};
    const double **column = malloc(s->n_columns * sizeof *column);
    struct rk_correlation c[3];
    enum rk_status status = column == NULL ? RK_ENOMEM : RK_OK;

    part.contrast = false;
    part.n_columns--;
    part.column = column;
    for (size_t k = 0; k < 3 && status == RK_OK; k++) {
        memcpy(column, s->column, part.n_columns * sizeof *column);
        column[0] = pair[k][0];
        column[1] = pair[k][1];
        status = corr_at(&part, method, scope, fmax(0.0, level), RK_TWO_SIDED, NULL, &c[k]);
    }
    free(column);
    if (status != RK_OK)
        return status;
    if (method == RK_KENDALL) { /* for resampling only */
        *out = c[0];
        out->estimate = c[0].estimate - c[1].estimate;
        return RK_OK;
    }
    return rk_correlation_difference(&c[0], &c[1], c[2].estimate, c[0].df + 2.0, alternative, out);
}

enum rk_status corr_at(const struct corr_sample *s, int method, int scope, double conf_level,
                       int alternative, double *residual, struct rk_correlation *out)
{
    bool within = scope == RK_WITHIN || scope == RK_TWO_WAY;
    const struct rk_correlation_data data = {.n = s->n,
                                             .x = s->column[0],
                                             .y = s->column[1],
                                             .control = s->column + 2,
                                             .n_controls = s->n_columns - 2,
                                             .unit = within ? s->unit : NULL,
                                             .n_units = within ? s->n_units : 0,
                                             .period = scope == RK_TWO_WAY ? s->period : NULL,
                                             .n_periods = scope == RK_TWO_WAY ? s->n_periods : 0,
                                             .stands_for = s->stands_for,
                                             .taken = s->taken};

    if (s->contrast)
        return contrast_at(s, method, scope, conf_level, alternative, out);
    return rk_correlate(method, &data, conf_level, alternative, residual, out);
}

static enum rk_status correlate_at(const struct corr_group *group, const struct corr_sample *s,
                                   int scope, struct corr_estimate *e)
{
    const struct rk_corr_options *o = group->options;
    bool in_time =
        s->period != NULL && !s->contrast &&
        (scope == RK_WITHIN || scope == RK_TWO_WAY || (scope == RK_POOLED && s->unit == NULL));
    double *residual = in_time ? malloc((s->n + 1) * sizeof *residual) : NULL;

    if (in_time && residual == NULL)
        return RK_ENOMEM;
    e->serial = NAN;
    e->status =
        corr_at(s, o->method, scope, o->common.conf_level, o->common.alternative, residual, &e->c);
    if (e->status == RK_OK && residual != NULL)
        corr_find_serial(s, residual, e);
    free(residual);
    if (e->status == RK_OK && o->boot && group->scopes >> scope & 1u)
        return corr_boot(group, s, scope, e);
    return e->status == RK_OK || rk_status_is_undefined(e->status) ? RK_OK : e->status;
}

static enum rk_status correlate_between(const struct corr_group *group, const struct corr_sample *s,
                                        struct corr_estimate *e)
{
    struct corr_sample means;
    enum rk_status status = corr_sample_means(s, &means);

    if (status == RK_OK)
        status = correlate_at(group, &means, RK_BETWEEN, e);
    corr_sample_free(&means);
    return status;
}

void corr_count(const struct corr_sample *s, size_t scope, struct corr_estimate *e)
{
    if (e->status == RK_OK && scope >= RK_WITHIN && e->c.n > 0)
        return; /* without the units of one row */
    e->c.n = scope == RK_BETWEEN ? s->n_units : s->n;
    e->c.n_units = s->n_units;
}

static enum rk_status correlate(const struct corr_group *group, struct corr_pair *pair)
{
    bool compared = pair->x2 == SIZE_MAX && group->id != SIZE_MAX && pair->lag == group->nearest;
    unsigned scopes = group->scopes | (compared ? 1u << RK_POOLED | 1u << RK_WITHIN : 0u);
    struct corr_sample s;
    enum rk_status status = corr_sample_take(group, pair, &s);

    pair->within_share = NAN;
    for (int k = 0; k < RK_SCOPE_COUNT && status == RK_OK; k++) {
        if (!(scopes >> k & 1u))
            continue;
        status = k == RK_BETWEEN ? correlate_between(group, &s, &pair->scope[k])
                                 : correlate_at(group, &s, k, &pair->scope[k]);
    }
    if (status == RK_OK && compared)
        status = rk_within_share(s.column[0], s.unit, s.n, s.n_units, &pair->within_share);
    for (size_t k = 0; k < RK_SCOPE_COUNT; k++)
        corr_count(&s, k, &pair->scope[k]);
    corr_sample_free(&s);
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

/* --- pairs of whole columns ---------------------------------------------------------------------
 */

bool corr_is_plain(const struct corr_group *group)
{
    const struct rk_corr_options *o = group->options;
    bool all_rows = o->common.missing == RK_MISSING_PAIRWISE ||
                    (group->row != NULL && group->n_rows == group->table->n_rows);

    return o->method == RK_PEARSON && all_rows && !o->boot && group->n_controls == 0 &&
           o->contrast.n == 0 && group->id == SIZE_MAX && group->time == SIZE_MAX;
}

/* The place of a column among those that pairs are made of. */
static size_t place_of(size_t column, const struct rk_table *table, const double **numbers,
                       size_t *n)
{
    const double *wanted = table->column[column].number;

    for (size_t j = 0; j < *n; j++)
        if (numbers[j] == wanted)
            return j;
    numbers[*n] = wanted;
    return (*n)++;
}

enum rk_status corr_plain_pairs(struct corr_group *group, const struct rk_ctx *ctx)
{
    const struct rk_corr_options *o = group->options;
    const struct rk_table *table = group->table;
    size_t n_pairs = group->n_pairs, n_columns = 0;
    const double **column = calloc(table->n_columns + 1, sizeof *column);
    struct rk_column_pair *pair = calloc(n_pairs + 1, sizeof *pair);
    struct rk_correlation *c = calloc(n_pairs + 1, sizeof *c);
    enum rk_status *each = calloc(n_pairs + 1, sizeof *each), status = RK_ENOMEM;

    if (column != NULL && pair != NULL && c != NULL && each != NULL) {
        for (size_t k = 0; k < n_pairs; k++) {
            pair[k].x = place_of(group->pair[k].x, table, column, &n_columns);
            pair[k].y = place_of(group->pair[k].y, table, column, &n_columns);
        }
        status = rk_correlation_pairs(column, n_columns, table->n_rows, pair, n_pairs,
                                      o->common.conf_level, o->common.alternative, ctx, c, each);
    }
    for (size_t k = 0; status == RK_OK && k < n_pairs; k++) {
        struct corr_estimate *e = &group->pair[k].scope[RK_POOLED];

        e->c = c[k];
        e->status = each[k];
        e->serial = NAN;
        group->pair[k].within_share = NAN;
    }
    free(column);
    free(pair);
    free(c);
    free(each);
    return status;
}
