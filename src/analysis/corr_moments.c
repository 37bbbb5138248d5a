/* --from-moments: correlations whose rows are elsewhere. Points that have the moments of the rows
 * stand in for them; between units the means do. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"

enum rk_status rk_corr_check(const struct rk_corr_options *o, struct rk_error *error)
{
    const struct rk_moments_refusal refusals[] = {
        {o->method == RK_SPEARMAN, "method spearman", RK_NEEDS_ORDER},
        {o->method == RK_KENDALL, "method kendall", RK_NEEDS_ORDER},
        {o->boot, "boot", RK_NEEDS_ROWS},
        {o->time != NULL, "time", RK_NEEDS_TIME},
        {o->common.by.n > 1, "by", "is one column: moments are by one kind of group"},
        {o->common.by.n > 0 && o->id != NULL, "by",
         "and --id are two kinds of groups: moments are by one"},
    };

    if (o->moments == NULL)
        return RK_OK;
    return rk_moments_refuse(refusals, sizeof refusals / sizeof *refusals, error);
}

/* What stands in for the rows of one scope: k columns, row after row. */
struct points {
    double *X;
    size_t n;                 /* points */
    size_t stands_for, taken; /* rows, and means taken out of them */
};

/* The means are of no matter to a correlation, but would cost it digits. */
static enum rk_status take_points(struct rk_cross_moments *m, size_t taken, struct points *points)
{
    double weight;

    points->X = malloc((2 * m->k * m->k + 2) * sizeof *points->X);
    if (points->X == NULL)
        return RK_ENOMEM;
    memset(m->mean, 0, m->k * sizeof *m->mean);
    points->stands_for = (size_t)m->n[0];
    points->taken = taken;
    return m->n[0] > 0.0 ? rk_cross_moments_points(m, 0, points->X, &points->n, &weight) : RK_OK;
}

/* The columns of a pair, in the table's numbering: x, y, controls, x2. */
static size_t column_of(const struct corr_group *group, const struct corr_pair *pair, size_t j)
{
    return j == 0                      ? pair->x
           : j == 1                    ? pair->y
           : j - 2 < group->n_controls ? group->control[j - 2]
                                       : pair->x2;
}

static enum rk_status sample_points(const struct corr_group *group, const struct corr_pair *pair,
                                    const struct points *points, struct corr_sample *s)
{
    size_t k = group->options->moments->moments.k;
    enum rk_status status;

    *s = (struct corr_sample){.n = points->n,
                              .n_columns = 2 + group->n_controls + (pair->x2 != SIZE_MAX),
                              .contrast = pair->x2 != SIZE_MAX,
                              .stands_for = points->stands_for,
                              .taken = points->taken};
    status = corr_sample_alloc(s, points->n, false, false);
    for (size_t j = 0; status == RK_OK && j < s->n_columns; j++)
        for (size_t i = 0; i < points->n; i++)
            s->values[j * points->n + i] =
                points->X[i * k + rk_moments_column_of(column_of(group, pair, j))];
    return status;
}

/* The units' means, which are the rows of the table. */
static enum rk_status sample_means(const struct corr_group *group, const struct corr_pair *pair,
                                   struct corr_sample *s)
{
    const struct rk_table *table = group->table;
    enum rk_status status;

    *s = (struct corr_sample){.n = table->n_rows,
                              .n_columns = 2 + group->n_controls + (pair->x2 != SIZE_MAX),
                              .contrast = pair->x2 != SIZE_MAX};
    status = corr_sample_alloc(s, table->n_rows, false, false);
    for (size_t j = 0; status == RK_OK && j < s->n_columns; j++)
        memcpy(s->values + j * s->n, table->column[column_of(group, pair, j)].number,
               s->n * sizeof *s->values);
    return status;
}

/* As of rows: those of a unit alone do not count within, if there is anything within. */
static void count(const struct corr_group *group, int scope, const struct points *all,
                  const struct points *points, struct corr_estimate *e)
{
    bool within = scope == RK_WITHIN && e->status == RK_OK;

    e->c.n = scope == RK_BETWEEN ? group->table->n_rows
             : within            ? points->stands_for
                                 : all->stands_for;
    e->c.n_units = group->id == SIZE_MAX ? 0 : within ? points->taken : group->table->n_rows;
}

static enum rk_status correlate_at(const struct corr_group *group, const struct corr_pair *pair,
                                   int scope, const struct points *points, struct corr_estimate *e)
{
    const struct rk_corr_options *o = group->options;
    struct corr_sample s;
    enum rk_status status = scope == RK_BETWEEN ? sample_means(group, pair, &s)
                                                : sample_points(group, pair, points, &s);

    e->serial = NAN;
    e->status = RK_ETOOFEW;
    if (status == RK_OK && s.n > 0)
        e->status = corr_at(&s, o->method, RK_POOLED, o->common.conf_level, o->common.alternative,
                            NULL, &e->c);
    if (status == RK_OK && e->status != RK_OK && !rk_status_is_undefined(e->status))
        status = e->status;
    corr_sample_free(&s);
    return status;
}

static enum rk_status correlate(const struct corr_group *group, const struct points *all,
                                const struct points *within, struct corr_pair *pair)
{
    bool compared = pair->x2 == SIZE_MAX && group->id != SIZE_MAX;
    unsigned scopes = group->scopes | (compared ? 1u << RK_POOLED | 1u << RK_WITHIN : 0u);
    enum rk_status status = RK_OK;

    pair->within_share = NAN;
    for (int k = 0; k <= RK_WITHIN && status == RK_OK; k++) {
        const struct points *points = k == RK_WITHIN ? within : all;

        if (scopes >> k & 1u)
            status = correlate_at(group, pair, k, points, &pair->scope[k]);
        count(group, k, all, points, &pair->scope[k]);
    }
    return status;
}

enum rk_status corr_moments_pairs(struct corr_group *group)
{
    struct rk_cross_moments m[2];
    struct points all = {0}, within = {0};
    size_t n_within;
    enum rk_status status =
        rk_moments_pool(group->options->moments, group->table, &m[0], &m[1], &n_within);

    if (status == RK_OK)
        status = take_points(&m[0], 1, &all);
    if (status == RK_OK)
        status = take_points(&m[1], n_within, &within);
    for (size_t i = 0; status == RK_OK && i < group->n_pairs; i++) {
        struct corr_pair *pair = &group->pair[i];
        size_t x = rk_moments_column_of(pair->x), at = rk_cross_moments_at(x, x);

        status = correlate(group, &all, &within, pair);
        if (pair->x2 == SIZE_MAX && group->id != SIZE_MAX)
            pair->within_share = m[1].C[at].hi / m[0].C[at].hi;
    }
    free(all.X);
    free(within.X);
    rk_cross_moments_free(&m[0]);
    rk_cross_moments_free(&m[1]);
    return status;
}
