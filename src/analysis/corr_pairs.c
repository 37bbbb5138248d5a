/* The correlations of a pair at its scopes. */
#include <math.h>
#include <stdlib.h>

#include "corr_parts.h"

/* How alike the errors of neighbouring periods of a unit are. Taking means out of T periods makes
 * independent errors look unlike, by 1 / (T - 1): that is put back. */
static void find_serial(const struct corr_sample *s, const double *residual,
                        struct corr_estimate *e)
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

static enum rk_status correlate_at(const struct corr_group *group, const struct corr_sample *s,
                                   int scope, struct corr_estimate *e)
{
    const struct rk_corr_options *o = group->options;
    bool within = scope == RK_WITHIN || scope == RK_TWO_WAY;
    struct rk_correlation_data data = {.n = s->n,
                                       .x = s->column[0],
                                       .y = s->column[1],
                                       .control = s->column + 2,
                                       .n_controls = s->n_columns - 2,
                                       .unit = within ? s->unit : NULL,
                                       .n_units = within ? s->n_units : 0,
                                       .period = scope == RK_TWO_WAY ? s->period : NULL,
                                       .n_periods = scope == RK_TWO_WAY ? s->n_periods : 0};
    bool in_time = s->period != NULL && (within || (scope == RK_POOLED && s->unit == NULL));
    double *residual = in_time ? malloc((s->n + 1) * sizeof *residual) : NULL;

    if (in_time && residual == NULL)
        return RK_ENOMEM;
    e->serial = NAN;
    e->status = rk_correlate(o->method, &data, o->common.conf_level, o->common.alternative,
                             residual, &e->c);
    if (e->status == RK_OK && residual != NULL)
        find_serial(s, residual, e);
    free(residual);
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

/* n and n_units, also of scopes that could not be computed. */
static void count(const struct corr_sample *s, struct corr_pair *pair)
{
    for (size_t k = 0; k < RK_SCOPE_COUNT; k++) {
        struct corr_estimate *e = &pair->scope[k];

        if (e->status == RK_OK && k >= RK_WITHIN)
            continue; /* without the units of one row */
        e->c.n = k == RK_BETWEEN ? s->n_units : s->n;
        e->c.n_units = s->n_units;
    }
}

static enum rk_status correlate(const struct corr_group *group, struct corr_pair *pair)
{
    bool compared = group->id != SIZE_MAX && pair->lag == group->nearest;
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
    count(&s, pair);
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
