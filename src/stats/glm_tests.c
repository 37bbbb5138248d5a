/* What a fitted generalised linear model is judged by. */
#include <math.h>
#include <stdlib.h>

#include "glm_parts.h"
#include "repkit/distributions.h"

struct ranked {
    double at, successes, failures;
};

static int by_place(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->at, y = ((const struct ranked *)b)->at;

    return (x > y) - (x < y);
}

enum rk_status glm_auc(const struct rk_glm *glm, double *auc)
{
    struct ranked *rows = malloc((glm->n + 1) * sizeof *rows);
    double failures = 0.0, successes = 0.0, above = 0.0;

    if (rows == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < glm->n; i++)
        rows[i] = (struct ranked){glm->eta[i], glm->weights[i] * glm->y[i],
                                  glm->weights[i] * (1.0 - glm->y[i])};
    qsort(rows, glm->n, sizeof *rows, by_place);
    for (size_t i = 0; i < glm->n;) {
        double s = 0.0, f = 0.0;
        size_t next = i;

        for (; next < glm->n && rows[next].at == rows[i].at; next++) {
            s += rows[next].successes;
            f += rows[next].failures;
        }
        above += s * (failures + 0.5 * f);
        successes += s;
        failures += f;
        i = next;
    }
    free(rows);
    *auc = above / (successes * failures);
    return RK_OK;
}

enum rk_status rk_negbin_test(const struct rk_glm *glm, double *statistic, double *p_value)
{
    double rise;

    if (glm->family != RK_FAMILY_NEGBIN && !glm->is_poisson)
        return RK_EDOMAIN;
    rise = glm->is_poisson ? 0.0 : fmax(0.0, 2.0 * (glm->log_lik - glm->poisson_log_lik));
    *statistic = rise;
    *p_value = rise > 0.0 ? 0.5 * rk_pchisq(rise, 1.0, RK_UPPER_TAIL) : 1.0;
    return RK_OK;
}

enum rk_status rk_overdispersion_test(const struct rk_glm *glm, double *statistic, double *df,
                                      double *p_value, double *ratio)
{
    bool applies = glm->family == RK_FAMILY_POISSON && !glm->is_poisson;

    for (size_t i = 0; i < glm->n && glm->family == RK_FAMILY_BINOMIAL && !applies; i++)
        applies = glm->weights[i] > 1.0;
    if (!applies)
        return RK_EDOMAIN;
    if (!(glm->df_residual >= 1.0))
        return RK_ETOOFEW;
    *statistic = glm->pearson;
    *df = glm->df_residual;
    *p_value = rk_pchisq(glm->pearson, glm->df_residual, RK_UPPER_TAIL);
    *ratio = glm->pearson / glm->df_residual;
    return RK_OK;
}

/* 1, the linear predictor about its mean, and its square: centred, the two are told apart. */
static void fill_link(const struct rk_glm *glm, double *X)
{
    double mean = 0.0;

    for (size_t i = 0; i < glm->n; i++)
        mean += (glm->eta[i] - glm->offset[i]) / (double)glm->n;
    for (size_t i = 0; i < glm->n; i++) {
        double x = glm->eta[i] - glm->offset[i] - mean;

        X[i] = 1.0;
        X[glm->n + i] = x;
        X[2 * glm->n + i] = x * x;
    }
}

enum rk_status rk_link_test(const struct rk_glm *glm, const struct rk_ctx *ctx, double *statistic,
                            double *p_value, struct rk_error *error)
{
    struct rk_glm_design design = {.family = glm->family, .offset = glm->offset};
    struct rk_glm *test = NULL;
    double *X;
    enum rk_status status;

    if (glm->within != NULL)
        return rk_fail(error, RK_EDOMAIN, "no link test where effects are absorbed");
    X = malloc((3 * glm->n + 1) * sizeof *X);
    if (X == NULL)
        return rk_fail_memory(error);
    fill_link(glm, X);
    design.rows = (struct rk_design){.n = glm->n,
                                     .p = 3,
                                     .y = glm->y,
                                     .X = X,
                                     .weights = glm->has_weights ? glm->weights : NULL,
                                     .has_intercept = true};
    status = rk_glm_new(&design, ctx, &test, error);
    free(X);
    if (status != RK_OK)
        return status;
    if (test->separated)
        status = rk_fail(error, RK_ENOCONVERGE, "the link test has no maximum");
    else if (isnan(test->fit->coef[2]))
        status = rk_fail(error, RK_ESINGULAR, "too few different predictions for a link test");
    if (status == RK_OK) {
        *statistic = test->fit->coef[2] / sqrt(test->fit->cov_unscaled[8]);
        *p_value = rk_p_from_z(*statistic, RK_TWO_SIDED);
    }
    rk_glm_free(test);
    return status;
}
