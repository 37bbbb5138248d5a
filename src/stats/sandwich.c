#include "repkit/sandwich.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_robust.h"
#include "rows.h"

/* A leverage above this leaves 1 - h without a digit to divide by. */
static const double FULL_LEVERAGE = 1.0 - 1e-10;

/* A variance below this share of the classical one is rounding: the residuals cancel exactly. */
static const double NOTHING_LEFT = 1e-20;

typedef double (*row_weight_fn)(double hat, double n, double parameters);

static double hc0_weight(double hat, double n, double parameters)
{
    (void)hat, (void)n, (void)parameters;
    return 1.0;
}

static double hc1_weight(double hat, double n, double parameters)
{
    (void)hat;
    return n / (n - parameters);
}

static double hc2_weight(double hat, double n, double parameters)
{
    (void)n, (void)parameters;
    return 1.0 / (1.0 - hat);
}

static double hc3_weight(double hat, double n, double parameters)
{
    (void)n, (void)parameters;
    return 1.0 / ((1.0 - hat) * (1.0 - hat));
}

static double hc4_weight(double hat, double n, double parameters)
{
    return pow(1.0 - hat, -fmin(4.0, n * hat / parameters));
}

/* The names are those of RK_VCOVS, in its order. */
static const struct {
    const char *name, *description;
    row_weight_fn row_weight; /* NULL for those that are not of White's family */
    bool divides;             /* by 1 - h */
    bool clustered;
} methods[RK_VCOV_COUNT] = {
    [RK_VCOV_CLASSICAL] = {"classical", "classical standard errors", NULL, false, false},
    [RK_VCOV_HC0] = {"hc0", "HC0 standard errors", hc0_weight, false, false},
    [RK_VCOV_HC1] = {"hc1", "HC1 standard errors", hc1_weight, false, false},
    [RK_VCOV_HC2] = {"hc2", "HC2 standard errors", hc2_weight, true, false},
    [RK_VCOV_HC3] = {"hc3", "HC3 standard errors", hc3_weight, true, false},
    [RK_VCOV_HC4] = {"hc4", "HC4 standard errors", hc4_weight, true, false},
    [RK_VCOV_CLUSTER] = {"cluster", "CR1 cluster-robust standard errors", NULL, false, true},
    [RK_VCOV_CR2] = {"cr2", "CR2 cluster-robust standard errors with Satterthwaite df", NULL, false,
                     true},
    [RK_VCOV_CR3] = {"cr3", "CV3 cluster-jackknife standard errors", NULL, false, true},
    [RK_VCOV_HAC] = {"hac", "Newey-West standard errors", NULL, false, false},
    [RK_VCOV_WILD] = {"wild", "the wild cluster restricted bootstrap", NULL, false, true},
    [RK_VCOV_PROFILE] = {"profile", "the profile of the likelihood", NULL, false, false},
};

const char *rk_vcov_name(enum rk_vcov_method method)
{
    return methods[method].name;
}

const char *rk_vcov_description(enum rk_vcov_method method)
{
    return methods[method].description;
}

bool rk_vcov_is_clustered(enum rk_vcov_method method)
{
    return methods[method].clustered;
}

static double parameters_of(const struct rk_fit *fit)
{
    return (double)(fit->rank + fit->df_absorbed);
}

static double weight_of_row(const struct rk_fit *fit, row_weight_fn row_weight, size_t i)
{
    /* HC0 and HC1 do not read the leverage, which a fit without rows does not have. */
    return row_weight(fit->hat != NULL ? fit->hat[i] : 0.0, (double)fit->nobs, parameters_of(fit));
}

/* sum_i a_i u_i^2 q_i q_i', rank-by-rank. RK_OK or RK_ENOMEM. */
static enum rk_status row_meat(const struct rk_fit *fit, row_weight_fn row_weight, double *meat)
{
    size_t rank = fit->rank;
    double *buffer = malloc((rank + 2) * ROWS_CHUNK * sizeof *buffer);

    if (buffer == NULL)
        return RK_ENOMEM;
    memset(meat, 0, rank * rank * sizeof *meat);
    for (size_t start = 0; start < fit->n; start += ROWS_CHUNK) {
        size_t n = fit->n - start < ROWS_CHUNK ? fit->n - start : ROWS_CHUNK;
        struct fit_chunk chunk = fit_rows(fit, start, n, buffer);

        for (size_t i = 0; i < n; i++) {
            double a = weight_of_row(fit, row_weight, start + i) * chunk.u[i] * chunk.u[i];

            for (size_t j = 0; a != 0.0 && j < rank; j++) {
                for (size_t l = 0; l <= j; l++)
                    meat[j * rank + l] +=
                        a * chunk.q[j * chunk.stride + i] * chunk.q[l * chunk.stride + i];
            }
        }
    }
    for (size_t j = 0; j < rank; j++) {
        for (size_t l = 0; l < j; l++)
            meat[l * rank + j] = meat[j * rank + l];
    }
    free(buffer);
    return RK_OK;
}

/* R^-1 meat R^-T into the columns that were kept. RK_OK or RK_ENOMEM. */
static enum rk_status spread(const struct rk_fit *fit, const double *meat,
                             struct rk_covariance *out)
{
    size_t rank = fit->rank, p = fit->p;
    double *half = malloc((rank * rank + 1) * sizeof *half);

    if (half == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < rank; i++) {
        for (size_t j = 0; j < rank; j++) {
            double sum = 0.0;

            for (size_t l = i; l < rank; l++)
                sum += fit->R_inverse[i * rank + l] * meat[l * rank + j];
            half[i * rank + j] = sum;
        }
    }
    for (size_t i = 0; i < rank; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0;

            for (size_t l = j; l < rank; l++)
                sum += half[i * rank + l] * fit->R_inverse[j * rank + l];
            out->vcov[fit->kept[i] * p + fit->kept[j]] = sum;
            out->vcov[fit->kept[j] * p + fit->kept[i]] = sum;
        }
    }
    free(half);
    return RK_OK;
}

static void classical_meat(const struct rk_fit *fit, double *meat)
{
    size_t rank = fit->rank;

    for (size_t i = 0; i < rank * rank; i++)
        meat[i] = i % (rank + 1) == 0 ? fit->sigma * fit->sigma : 0.0;
}

static enum rk_status robust_meat(const struct rk_fit *fit, struct rk_covariance *out, double *meat)
{
    if (methods[out->method].divides && fit->hat == NULL)
        return RK_EDOMAIN;
    for (size_t i = 0; i < fit->n && methods[out->method].divides; i++) {
        if (isnan(fit->hat[i])) {
            out->method = RK_VCOV_HC1;
            out->reason = "leverages of so many fixed effects would take too long";
        } else if (fit->hat[i] > FULL_LEVERAGE) {
            out->method = RK_VCOV_HC1;
            out->reason = "a row has leverage 1";
        }
    }
    return row_meat(fit, methods[out->method].row_weight, meat);
}

static enum rk_status clustered_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                     const struct rk_ctx *ctx, struct rk_covariance *out,
                                     double *meat)
{
    struct cluster_robust answer = {.method = out->method, .meat = meat};
    enum rk_status status;

    answer.df = malloc((fit->rank + 1) * sizeof *answer.df);
    if (answer.df == NULL)
        return RK_ENOMEM;
    status = cluster_robust_meat(fit, clusters, ctx, &answer);
    if (status == RK_OK) {
        out->method = answer.method;
        out->reason = answer.reason;
        out->n_clusters = answer.n_clusters;
        out->f_df2 = answer.f_df2;
        out->f_statistic = answer.f_scale;
        for (size_t i = 0; i < fit->rank; i++)
            out->df[fit->kept[i]] = answer.df[i];
    }
    free(answer.df);
    return status;
}

/* z' meat^-1 z over the slopes, which is b' V^-1 b: with Q'y instead of b no ill-conditioned matrix
 * is inverted. NaN where the meat is singular. L has room for rank-by-rank numbers, z for rank. */
static double wald(const struct rk_fit *fit, const double *meat, double *L, double *z)
{
    size_t first = fit->has_intercept && fit->kept[0] == 0, rank = fit->rank;
    double sum = 0.0, least = NOTHING_LEFT * fit->sigma * fit->sigma;

    for (size_t i = first; i < rank; i++) {
        z[i] = fit->effects[i];
        for (size_t j = first; j <= i; j++) {
            double value = meat[i * rank + j];

            for (size_t l = first; l < j; l++)
                value -= L[i * rank + l] * L[j * rank + l];
            if (j == i && !(value > fmax(1e-12 * meat[i * rank + i], least)))
                return NAN;
            L[i * rank + j] = j == i ? sqrt(value) : value / L[j * rank + j];
        }
        for (size_t l = first; l < i; l++)
            z[i] -= L[i * rank + l] * z[l];
        z[i] /= L[i * rank + i];
        sum += z[i] * z[i];
    }
    return rank > first ? sum : NAN;
}

static enum rk_status joint_test(const struct rk_fit *fit, const double *meat,
                                 struct rk_covariance *out)
{
    double *work = malloc((fit->rank * (fit->rank + 1) + 1) * sizeof *work);

    if (work == NULL)
        return RK_ENOMEM;
    out->f_statistic *= wald(fit, meat, work, work + fit->rank * fit->rank) / out->f_df1;
    if (isnan(out->f_statistic))
        out->f_df2 = NAN;
    free(work);
    return RK_OK;
}

/* The eigenvalues and vectors of a symmetric matrix of `side` rows. NULL-safe to free. */
struct eigen {
    gsl_matrix *matrix, *vectors;
    gsl_vector *values;
};

static void eigen_free(struct eigen *eigen)
{
    gsl_matrix_free(eigen->matrix);
    gsl_matrix_free(eigen->vectors);
    gsl_vector_free(eigen->values);
}

static enum rk_status eigen_of(const double *x, size_t side, struct eigen *eigen)
{
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(side);
    enum rk_status status = RK_ENOMEM;

    eigen->matrix = gsl_matrix_alloc(side, side);
    eigen->vectors = gsl_matrix_alloc(side, side);
    eigen->values = gsl_vector_alloc(side);
    if (work != NULL && eigen->matrix != NULL && eigen->vectors != NULL && eigen->values != NULL) {
        for (size_t i = 0; i < side * side; i++)
            gsl_matrix_set(eigen->matrix, i / side, i % side, x[i]);
        status = gsl_eigen_symmv(eigen->matrix, eigen->values, eigen->vectors, work) == GSL_SUCCESS
                     ? RK_OK
                     : RK_ENOCONVERGE;
    }
    if (work != NULL)
        gsl_eigen_symmv_free(work);
    return status;
}

/* The covariance with its negative eigenvalues set to 0, as sandwich's fix = TRUE. */
static enum rk_status clip(const struct rk_fit *fit, double *kept, struct rk_covariance *out)
{
    size_t rank = fit->rank, p = fit->p;
    struct eigen eigen = {0};
    enum rk_status status;

    for (size_t i = 0; i < rank * rank; i++)
        kept[i] = out->vcov[fit->kept[i / rank] * p + fit->kept[i % rank]];
    status = eigen_of(kept, rank, &eigen);
    for (size_t i = 0; i < rank && status == RK_OK; i++) {
        for (size_t j = 0; j < rank; j++) {
            double sum = 0.0;

            for (size_t l = 0; l < rank; l++)
                sum += fmax(0.0, gsl_vector_get(eigen.values, l)) *
                       gsl_matrix_get(eigen.vectors, i, l) * gsl_matrix_get(eigen.vectors, j, l);
            out->vcov[fit->kept[i] * p + fit->kept[j]] = sum;
        }
    }
    eigen_free(&eigen);
    return status;
}

/* The difference that two-way clusters need can have negative variances. Whether it has is asked of
 * the meat, where columns' units do not matter. No joint test stands on a repaired matrix. */
static enum rk_status repair(const struct rk_fit *fit, double *meat, struct rk_covariance *out)
{
    struct eigen eigen = {0};
    enum rk_status status = eigen_of(meat, fit->rank, &eigen);
    double least, largest;

    if (status == RK_OK) {
        gsl_vector_minmax(eigen.values, &least, &largest);
        out->repaired = least < -1e-12 * largest;
    }
    eigen_free(&eigen);
    if (status != RK_OK || !out->repaired)
        return status;
    out->f_statistic = out->f_df2 = NAN;
    return clip(fit, meat, out);
}

static enum rk_status meat_of(const struct rk_fit *fit, const struct rk_covariance_plan *plan,
                              const struct rk_ctx *ctx, double *meat, struct rk_covariance *out)
{
    if (out->method == RK_VCOV_HAC)
        return hac_meat(fit, &plan->series, meat, &out->lag);
    if (methods[out->method].clustered)
        return clustered_meat(fit, &plan->clusters, ctx, out, meat);
    if (methods[out->method].row_weight != NULL)
        return robust_meat(fit, out, meat);
    classical_meat(fit, meat);
    return RK_OK;
}

static enum rk_status fill(const struct rk_fit *fit, const struct rk_covariance_plan *plan,
                           const struct rk_ctx *ctx, double *meat, struct rk_covariance *out)
{
    enum rk_status status;

    for (size_t i = 0; i < fit->p * fit->p; i++)
        out->vcov[i] = NAN;
    for (size_t j = 0; j < fit->p; j++)
        out->df[j] = isnan(fit->coef[j]) ? NAN : fit->df_residual;
    out->f_statistic = 1.0; /* the scale, until the Wald statistic is there */
    out->f_df1 = fit->df_model;
    out->f_df2 = fit->df_residual;
    status = meat_of(fit, plan, ctx, meat, out);
    if (status == RK_OK)
        status = spread(fit, meat, out);
    if (status == RK_OK)
        status = joint_test(fit, meat, out);
    if (status == RK_OK && plan->clusters.second != NULL && methods[out->method].clustered)
        status = repair(fit, meat, out);
    for (size_t j = 0; j < fit->p && status == RK_OK; j++) {
        double variance = out->vcov[j * fit->p + j];
        double usual = fit->sigma * fit->sigma * fit->cov_unscaled[j * fit->p + j];

        out->std_error[j] = variance > NOTHING_LEFT * usual ? sqrt(variance) : NAN;
        if (isnan(out->std_error[j]))
            out->df[j] = NAN;
    }
    return status;
}

static enum rk_status compute(const struct rk_fit *fit, const struct rk_covariance_plan *plan,
                              const struct rk_ctx *ctx, struct rk_covariance *out)
{
    double *meat = malloc((fit->rank * fit->rank + 1) * sizeof *meat);
    enum rk_status status = RK_ENOMEM;

    out->vcov = calloc(fit->p * fit->p + 1, sizeof *out->vcov);
    out->std_error = malloc((fit->p + 1) * sizeof *out->std_error);
    out->df = malloc((fit->p + 1) * sizeof *out->df);
    if (meat != NULL && out->vcov != NULL && out->std_error != NULL && out->df != NULL)
        status = fill(fit, plan, ctx, meat, out);
    free(meat);
    return status;
}

enum rk_status rk_covariance_new(const struct rk_fit *fit, const struct rk_covariance_plan *plan,
                                 const struct rk_ctx *ctx, struct rk_covariance *covariance,
                                 struct rk_error *error)
{
    struct rk_covariance made = {.method = plan->method, .reason = "", .p = fit->p};
    enum rk_status status;

    if (fit->errors != RK_OK)
        return rk_fail(error, fit->errors, "%s: the coefficients have no standard errors",
                       rk_status_words(fit->errors));
    if (methods[plan->method].clustered && plan->clusters.code == NULL)
        return rk_fail(error, RK_EDOMAIN, "clustered standard errors need clusters");
    status = compute(fit, plan, ctx, &made);
    if (status != RK_OK) {
        rk_covariance_free(&made);
        return rk_fail(error, status, "%s", rk_status_words(status));
    }
    *covariance = made;
    return RK_OK;
}

enum rk_status rk_covariance_of(const struct rk_fit *fit, enum rk_vcov_method method,
                                const struct rk_clusters *clusters,
                                struct rk_covariance *covariance, struct rk_error *error)
{
    struct rk_covariance_plan plan = {.method = method, .series = {.lag = RK_LAG_DEFAULT}};

    if (clusters != NULL)
        plan.clusters = *clusters;
    return rk_covariance_new(fit, &plan, NULL, covariance, error);
}

void rk_covariance_free(struct rk_covariance *covariance)
{
    if (covariance == NULL)
        return;
    free(covariance->vcov);
    free(covariance->std_error);
    free(covariance->df);
    memset(covariance, 0, sizeof *covariance);
}
