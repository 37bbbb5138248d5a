#include "repkit/within.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double weight_of(const struct rk_within *within, size_t i)
{
    return within->weights != NULL ? within->weights[i] : 1.0;
}

/* Weighted mean of all rows, corrected once for rounding, and the sum of squares about it. */
static double total_ss(const struct rk_within *within, const double *x)
{
    double total = 0.0, mean = 0.0, off = 0.0, ss = 0.0;

    for (size_t i = 0; i < within->n; i++) {
        total += weight_of(within, i);
        mean += weight_of(within, i) * x[i];
    }
    mean /= total;
    for (size_t i = 0; i < within->n; i++)
        off += weight_of(within, i) * (x[i] - mean);
    mean += off / total;
    for (size_t i = 0; i < within->n; i++)
        ss += weight_of(within, i) * (x[i] - mean) * (x[i] - mean);
    return ss;
}

static double raw_ss(const struct rk_within *within, const double *x)
{
    double ss = 0.0;

    for (size_t i = 0; i < within->n; i++)
        ss += weight_of(within, i) * x[i] * x[i];
    return ss;
}

/* x less its means by level, twice: the second pass removes the rounding of the first means. */
static void demean(const struct rk_within *within, const double *level_weight, double *mean,
                   double *x)
{
    const uint32_t *code = within->effect[0];

    for (int repeat = 0; repeat < 2; repeat++) {
        for (size_t l = 0; l < within->n_levels[0]; l++)
            mean[l] = 0.0;
        for (size_t i = 0; i < within->n; i++)
            mean[code[i]] += weight_of(within, i) * x[i];
        for (size_t i = 0; i < within->n; i++)
            x[i] -= mean[code[i]] / level_weight[code[i]];
    }
}

static void *array(size_t n, size_t size)
{
    return calloc(n + 1, size);
}

static struct rk_within *within_alloc(size_t n, size_t p, bool weighted)
{
    struct rk_within *within = calloc(1, sizeof *within);

    if (within == NULL)
        return NULL;
    within->n = n;
    within->p = p;
    within->row = array(n, sizeof *within->row);
    within->y = array(n, sizeof *within->y);
    within->X = array(n * p, sizeof *within->X);
    within->norm = array(p, sizeof *within->norm);
    within->hat = array(n, sizeof *within->hat);
    within->share = array(p, sizeof *within->share);
    within->effect = array(1, sizeof *within->effect);
    within->n_levels = array(1, sizeof *within->n_levels);
    if (weighted)
        within->weights = array(n, sizeof *within->weights);
    if (within->effect != NULL) {
        within->n_effects = 1;
        within->effect[0] = array(n, sizeof **within->effect);
    }
    if (within->row == NULL || within->y == NULL || within->X == NULL || within->norm == NULL ||
        within->hat == NULL || within->share == NULL || within->effect == NULL ||
        within->n_levels == NULL || within->effect[0] == NULL ||
        (weighted && within->weights == NULL)) {
        rk_within_free(within);
        return NULL;
    }
    return within;
}

void rk_within_free(struct rk_within *within)
{
    if (within == NULL)
        return;
    for (size_t e = 0; e < within->n_effects; e++)
        free(within->effect[e]);
    free(within->effect);
    free(within->n_levels);
    free(within->row);
    free(within->y);
    free(within->X);
    free(within->weights);
    free(within->norm);
    free(within->hat);
    free(within->share);
    free(within);
}

/* Takes over the rows whose level has another row; levels are renumbered as they come. */
static void take_rows(struct rk_within *within, const struct rk_design *design,
                      const uint32_t *code, const size_t *count, uint32_t *renumber)
{
    size_t n = within->n, kept = 0, n_levels = 0;

    for (size_t i = 0; i < design->n; i++) {
        if (count[code[i]] < 2)
            continue;
        if (renumber[code[i]] == 0)
            renumber[code[i]] = (uint32_t)++n_levels; /* from 1: 0 means not seen */
        within->effect[0][kept] = renumber[code[i]] - 1;
        within->row[kept] = i;
        within->y[kept] = design->y[i];
        if (within->weights != NULL)
            within->weights[kept] = design->weights[i];
        for (size_t j = 0; j < within->p; j++)
            within->X[j * n + kept] = design->X[j * design->n + i];
        kept++;
    }
    within->n_levels[0] = n_levels;
    within->df = n_levels;
}

static void absorb(struct rk_within *within, double *level_weight, double *mean)
{
    size_t n = within->n;

    for (size_t i = 0; i < n; i++)
        level_weight[within->effect[0][i]] += weight_of(within, i);
    for (size_t i = 0; i < n; i++)
        within->hat[i] = weight_of(within, i) / level_weight[within->effect[0][i]];
    within->tss = total_ss(within, within->y);
    within->y_norm = sqrt(raw_ss(within, within->y));
    demean(within, level_weight, mean, within->y);
    for (size_t j = 0; j < within->p; j++) {
        double *x = within->X + j * n, total = total_ss(within, x);

        within->norm[j] = sqrt(raw_ss(within, x));
        demean(within, level_weight, mean, x);
        within->share[j] = total > 0.0 ? fmin(1.0, raw_ss(within, x) / total) : NAN;
    }
}

static enum rk_status check(const struct rk_design *design, size_t n_effects,
                            struct rk_error *error)
{
    if (n_effects != 1)
        return rk_fail(error, RK_EDOMAIN, "one fixed effect can be absorbed, not %zu", n_effects);
    if (design->n == 0)
        return rk_fail(error, RK_ENODATA, "no rows to fit");
    for (size_t i = 0; design->weights != NULL && i < design->n; i++) {
        if (!(design->weights[i] > 0.0) || !isfinite(design->weights[i]))
            return rk_fail(error, RK_EDOMAIN, "a weight is not positive");
    }
    return RK_OK;
}

enum rk_status rk_within_new(const struct rk_design *design, const uint32_t *const *effect,
                             const size_t *n_levels, size_t n_effects, struct rk_within **within,
                             struct rk_error *error)
{
    struct rk_within *made = NULL;
    size_t *count, n = 0;
    uint32_t *renumber;
    double *work;
    enum rk_status status = check(design, n_effects, error);

    if (status != RK_OK)
        return status;
    count = array(n_levels[0], sizeof *count);
    renumber = array(n_levels[0], sizeof *renumber);
    work = array(2 * n_levels[0], sizeof *work);
    for (size_t i = 0; count != NULL && i < design->n; i++)
        count[effect[0][i]]++;
    for (size_t i = 0; count != NULL && i < design->n; i++)
        n += count[effect[0][i]] > 1;
    if (count != NULL && renumber != NULL && work != NULL)
        made = within_alloc(n, design->p, design->weights != NULL);
    if (made == NULL) {
        status = rk_fail_memory(error);
    } else if (n == 0) {
        status = rk_fail(error, RK_ETOOFEW, "every level of the fixed effect has a single row");
        rk_within_free(made);
    } else {
        take_rows(made, design, effect[0], count, renumber);
        made->n_singletons = design->n - n;
        absorb(made, work, work + n_levels[0]);
        *within = made;
    }
    free(count);
    free(renumber);
    free(work);
    return status;
}

struct rk_design rk_within_design(const struct rk_within *within)
{
    return (struct rk_design){.n = within->n,
                              .p = within->p,
                              .y = within->y,
                              .X = within->X,
                              .weights = within->weights,
                              .df_absorbed = within->df,
                              .tss_absorbed = within->tss,
                              .y_norm = within->y_norm,
                              .norm = within->norm,
                              .hat_absorbed = within->hat};
}

enum rk_status rk_is_nested(const uint32_t *inner, size_t n_inner, const uint32_t *cluster,
                            size_t n, bool *nested)
{
    uint32_t *of = array(n_inner, sizeof *of);
    bool answer = true;

    if (of == NULL)
        return RK_ENOMEM;
    memset(of, 0xff, n_inner * sizeof *of); /* UINT32_MAX: not seen */
    for (size_t i = 0; i < n && answer; i++) {
        if (of[inner[i]] == UINT32_MAX)
            of[inner[i]] = cluster[i];
        answer = of[inner[i]] == cluster[i];
    }
    free(of);
    *nested = answer;
    return RK_OK;
}
