/* What the tests of panel regressions share: rows of a file, their effects, and the fit. */
#ifndef REPKIT_TEST_PANEL_ROWS_H
#define REPKIT_TEST_PANEL_ROWS_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/sandwich.h"
#include "repkit/within.h"

#define TOLERANCE 1e-9

enum { MOST = 600, MOST_EFFECTS = 3 };

struct data {
    size_t n, p;
    double *y, *X, *weights;
    bool intercept;
    size_t n_effects, n_levels[MOST_EFFECTS];
    uint32_t effect[MOST_EFFECTS][MOST];
};

/* Codes in first-seen order. */
static inline size_t codes_of(const char *file, const char *column, uint32_t *code)
{
    double seen[MOST], *values;
    size_t n, n_codes = 0;

    values = reference_data(file, column, &n);
    assert_true(n <= MOST);
    for (size_t i = 0; i < n; i++) {
        size_t c = 0;

        while (c < n_codes && seen[c] != values[i])
            c++;
        if (c == n_codes)
            seen[n_codes++] = values[i];
        code[i] = (uint32_t)c;
    }
    free(values);
    return n_codes;
}

/* y on two columns, behind an intercept or with effects ("" ends them). */
static inline struct data make(const char *file, const char *y, const char *a, const char *b,
                               const char *const *effects)
{
    struct data data = {.p = 2, .intercept = effects == NULL};
    double *x[2];
    size_t first = data.intercept ? 1 : 0;

    data.p += first;
    data.y = reference_data(file, y, &data.n);
    x[0] = reference_data(file, a, &data.n);
    x[1] = reference_data(file, b, &data.n);
    data.X = malloc(data.p * data.n * sizeof *data.X);
    for (size_t i = 0; i < data.n; i++) {
        data.X[i] = 1.0;
        data.X[first * data.n + i] = x[0][i];
        data.X[(first + 1) * data.n + i] = x[1][i];
    }
    free(x[0]);
    free(x[1]);
    for (; effects != NULL && effects[data.n_effects] != NULL; data.n_effects++)
        data.n_levels[data.n_effects] =
            codes_of(file, effects[data.n_effects], data.effect[data.n_effects]);
    return data;
}

static inline void data_free(struct data *data)
{
    free(data->y);
    free(data->X);
    free(data->weights);
}

static inline struct rk_design design_of(const struct data *data)
{
    return (struct rk_design){.n = data->n,
                              .p = data->p,
                              .y = data->y,
                              .X = data->X,
                              .weights = data->weights,
                              .has_intercept = data->intercept};
}

static inline struct rk_within *absorb(const struct data *data)
{
    struct rk_design design = design_of(data);
    const uint32_t *effect[MOST_EFFECTS];
    struct rk_within *within = NULL;

    for (size_t e = 0; e < data->n_effects; e++)
        effect[e] = data->effect[e];
    assert_int_equal(rk_within_new(&design, effect, data->n_levels, data->n_effects, &within, NULL),
                     RK_OK);
    return within;
}

static inline struct rk_fit *fit_of(const struct rk_design *design, bool lean)
{
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_fit *fit = NULL;

    ctx.threads = 2;
    assert_int_equal(lean ? rk_fit_lean_new(design, &ctx, &fit, NULL)
                          : rk_fit_new(design, &ctx, &fit, NULL),
                     RK_OK);
    return fit;
}

#endif
