#include "repkit/robust_mm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "robust_parts.h"

enum { SUBSAMPLES = 500, MOST_STEPS = 5000 };

static const double SMALL_STEP = 1e-13;
/* Renaud and Victoria-Feser's correction for the bisquare of 95% efficiency: E[w] / E[x psi]. */
static const double R_SQUARED_CORRECTION = 1.207617;

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

void rk_mm_free(struct rk_mm *mm)
{
    if (mm == NULL)
        return;
    free(mm->coef);
    free(mm->vcov);
    free(mm->std_error);
    free(mm->fitted);
    free(mm->residual);
    free(mm->weight);
    free(mm);
}

static struct rk_mm *mm_alloc(size_t n, size_t p)
{
    struct rk_mm *mm = calloc(1, sizeof *mm);

    if (mm == NULL)
        return NULL;
    mm->n = n;
    mm->p = p;
    mm->coef = numbers(p);
    mm->vcov = numbers(p * p);
    mm->std_error = numbers(p);
    mm->fitted = numbers(n);
    mm->residual = numbers(n);
    mm->weight = numbers(n);
    if (mm->coef == NULL || mm->vcov == NULL || mm->std_error == NULL || mm->fitted == NULL ||
        mm->residual == NULL || mm->weight == NULL) {
        rk_mm_free(mm);
        return NULL;
    }
    return mm;
}

/* From the S-estimate b at its scale to the M-estimate. */
static enum rk_status m_estimate(const struct robust *robust, double scale, double *b, int *steps)
{
    struct robust_work work = {0};
    bool fine = robust_work_init(robust, &work);
    enum rk_status status = fine ? RK_ENOCONVERGE : RK_ENOMEM;

    for (*steps = 1; fine && *steps <= MOST_STEPS; (*steps)++) {
        double change = 0.0, size = 0.0;

        if (rk_cancelled(robust->ctx) != RK_OK) {
            status = rk_cancelled(robust->ctx);
            break;
        }
        robust_residuals(robust, b, work.r);
        if (!robust_solve(robust, scale, M_TUNING, &work))
            break;
        for (size_t j = 0; j < robust->k; j++) {
            change += (work.to[j] - b[j]) * (work.to[j] - b[j]);
            size += b[j] * b[j];
            b[j] = work.to[j];
        }
        if (change <= SMALL_STEP * SMALL_STEP * size) {
            status = RK_OK;
            break;
        }
    }
    robust_work_free(&work);
    return status;
}

/* b and its covariance from the basis of Q to the columns. */
static void spread(const struct rk_fit *fit, const double *b, const double *vcov, struct rk_mm *mm)
{
    size_t k = fit->rank, p = fit->p;
    const double *R = fit->R_inverse;

    for (size_t j = 0; j < p; j++)
        mm->coef[j] = mm->std_error[j] = NAN;
    for (size_t i = 0; i < p * p; i++)
        mm->vcov[i] = NAN;
    for (size_t i = 0; i < k; i++) {
        double sum = 0.0;

        for (size_t l = i; l < k; l++)
            sum += R[i * k + l] * b[l];
        mm->coef[fit->kept[i]] = sum;
        for (size_t j = 0; j < k; j++) {
            sum = 0.0;
            for (size_t l = i; l < k; l++) {
                for (size_t m = j; m < k; m++)
                    sum += R[i * k + l] * vcov[l * k + m] * R[j * k + m];
            }
            mm->vcov[fit->kept[i] * p + fit->kept[j]] = sum;
        }
        mm->std_error[fit->kept[i]] = sqrt(mm->vcov[fit->kept[i] * (p + 1)]);
    }
}

/* What both estimates have, from their residuals. */
static void describe(const struct robust *robust, const struct rk_fit *fit, double scale,
                     double (*weight)(double x), struct rk_mm *mm)
{
    mm->rank = fit->rank;
    mm->scale = scale;
    mm->df_residual = (double)mm->n - (double)fit->rank;
    mm->r_squared = mm->adj_r_squared = NAN;
    for (size_t i = 0; i < mm->n; i++) {
        mm->fitted[i] = robust->y[i] - mm->residual[i];
        mm->weight[i] = weight(mm->residual[i] / scale);
    }
}

static double m_weight(double x)
{
    return robust_weight(x, M_TUNING);
}

static void summarise(const struct robust *robust, const struct rk_fit *fit, double scale,
                      struct rk_mm *mm)
{
    double total = 0.0, mean = 0.0, about = 0.0, left = 0.0, n = (double)mm->n;
    bool intercept = fit->has_intercept && fit->kept[0] == 0;

    describe(robust, fit, scale, m_weight, mm);
    for (size_t i = 0; i < mm->n; i++) {
        mm->n_outliers += mm->weight[i] < 0.1 / n;
        total += mm->weight[i];
        mean += intercept ? mm->weight[i] * robust->y[i] : 0.0;
    }
    mean /= total;
    for (size_t i = 0; i < mm->n; i++) {
        about += mm->weight[i] * (robust->y[i] - mean) * (robust->y[i] - mean);
        left += mm->weight[i] * mm->residual[i] * mm->residual[i];
    }
    if (fit->rank > (intercept ? 1u : 0u)) {
        mm->r_squared = (about - left) / (about + left * (R_SQUARED_CORRECTION - 1.0));
        mm->adj_r_squared =
            1.0 - (1.0 - mm->r_squared) * (n - (intercept ? 1.0 : 0.0)) / mm->df_residual;
    }
}

/* What rounding leaves of an exact fit is no scale. */
static double least_scale(const struct robust *robust, const struct rk_fit *fit)
{
    return 1e-12 * sqrt(fit->tss_centred / (double)robust->n);
}

static enum rk_status say(enum rk_status status, const char *what, struct rk_error *error)
{
    if (status == RK_EPERFECT)
        return rk_fail(error, status, "half of the rows or more fit perfectly: there is no scale");
    return status == RK_OK ? RK_OK
                           : rk_fail(error, status, "%s: %s", what, rk_status_words(status));
}

static enum rk_status huber(const struct robust *robust, const struct rk_fit *fit, struct rk_mm *mm,
                            struct rk_error *error)
{
    size_t k = robust->k;
    double *b = numbers(k), *vcov = numbers(k * k), scale = 0.0;
    enum rk_status status = b != NULL && vcov != NULL ? RK_OK : RK_ENOMEM;

    if (status == RK_OK)
        status = robust_huber(robust, least_scale(robust, fit), b, mm->residual, &scale,
                              &mm->iterations);
    if (status == RK_OK) {
        for (size_t j = 0; j < k; j++)
            vcov[j * k + j] = robust_huber_variance(robust, mm->residual, scale);
        spread(fit, b, vcov, mm);
        describe(robust, fit, scale, robust_huber_weight, mm);
        for (size_t i = 0; i < mm->n; i++)
            mm->n_outliers += mm->weight[i] < 1.0;
    }
    free(b);
    free(vcov);
    return say(status, "Huber's M-estimation", error);
}

static enum rk_status estimate(const struct robust *robust, const struct rk_fit *fit,
                               size_t n_subsamples, struct rk_mm *mm, struct rk_error *error)
{
    size_t k = robust->k;
    double *b = numbers(k), *vcov = numbers(k * k), *r0 = numbers(robust->n), scale = 0.0;
    enum rk_status status = b != NULL && vcov != NULL && r0 != NULL ? RK_OK : RK_ENOMEM;

    if (status == RK_OK)
        status = robust_s(robust, n_subsamples, b, &scale);
    if (status == RK_OK && !(scale > least_scale(robust, fit)))
        status = RK_EPERFECT;
    if (status == RK_OK) {
        robust_residuals(robust, b, r0);
        status = m_estimate(robust, scale, b, &mm->iterations);
    }
    if (status == RK_OK) {
        robust_residuals(robust, b, mm->residual);
        status = robust_covariance(robust, mm->residual, r0, scale, vcov);
    }
    if (status == RK_OK) {
        spread(fit, b, vcov, mm);
        summarise(robust, fit, scale, mm);
    }
    free(b);
    free(vcov);
    free(r0);
    return say(status, "MM-estimation", error);
}

/* n_subsamples: of MM; 0 for Huber's. */
static enum rk_status new_fit(const struct rk_design *design, size_t n_subsamples,
                              const struct rk_ctx *ctx, struct rk_mm **mm, struct rk_error *error)
{
    struct rk_fit *fit = NULL;
    struct rk_mm *made;
    struct robust robust;
    enum rk_status status;

    if (design->weights != NULL || design->df_absorbed > 0)
        return rk_fail(error, RK_EDOMAIN,
                       "robust estimation takes no weights and no absorbed effects");
    status = rk_fit_new(design, ctx, &fit, error);
    if (status != RK_OK)
        return status;
    robust =
        (struct robust){.ctx = ctx, .n = design->n, .k = fit->rank, .y = design->y, .Q = fit->Q};
    made = mm_alloc(design->n, design->p);
    if (made == NULL)
        status = rk_fail_memory(error);
    else if (design->n < 2 * fit->rank)
        status = rk_fail(error, RK_ETOOFEW,
                         "%zu rows for %zu coefficients: too few to tell odd "
                         "rows",
                         design->n, fit->rank);
    else if (fit->errors == RK_EPERFECT || fit->errors == RK_ECONSTANT)
        status = rk_fail(error, fit->errors, "%s", rk_status_words(fit->errors));
    else
        status = n_subsamples == 0 ? huber(&robust, fit, made, error)
                                   : estimate(&robust, fit, n_subsamples, made, error);
    rk_fit_free(fit);
    if (status == RK_OK)
        *mm = made;
    else
        rk_mm_free(made);
    return status;
}

enum rk_status rk_mm_new(const struct rk_design *design, size_t n_subsamples,
                         const struct rk_ctx *ctx, struct rk_mm **mm, struct rk_error *error)
{
    return new_fit(design, n_subsamples > 0 ? n_subsamples : SUBSAMPLES, ctx, mm, error);
}

enum rk_status rk_huber_new(const struct rk_design *design, const struct rk_ctx *ctx,
                            struct rk_mm **mm, struct rk_error *error)
{
    return new_fit(design, 0, ctx, mm, error);
}
