#include "repkit/sandwich.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_robust.h"

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

/* sum_i a_i u_i^2 q_i q_i', rank-by-rank. */
static void row_meat(const struct rk_fit *fit, row_weight_fn row_weight, double *meat)
{
    size_t rank = fit->rank, n = fit->n;

    memset(meat, 0, rank * rank * sizeof *meat);
    for (size_t i = 0; i < n; i++) {
        double a = row_weight(fit->hat[i], (double)fit->nobs, parameters_of(fit));

        a *= fit->u[i] * fit->u[i];
        for (size_t j = 0; a != 0.0 && j < rank; j++) {
            for (size_t l = 0; l <= j; l++)
                meat[j * rank + l] += a * fit->Q[j * n + i] * fit->Q[l * n + i];
        }
    }
    for (size_t j = 0; j < rank; j++) {
        for (size_t l = 0; l < j; l++)
            meat[l * rank + j] = meat[j * rank + l];
    }
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

static void robust_meat(const struct rk_fit *fit, struct rk_covariance *out, double *meat)
{
    for (size_t i = 0; i < fit->n && methods[out->method].divides; i++) {
        if (fit->hat[i] > FULL_LEVERAGE) {
            out->method = RK_VCOV_HC1;
            out->reason = "a row has leverage 1";
        }
    }
    row_meat(fit, methods[out->method].row_weight, meat);
}

static enum rk_status clustered_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                     struct rk_covariance *out, double *meat)
{
    struct cluster_robust answer = {.method = out->method, .meat = meat};
    enum rk_status status;

    answer.df = malloc((fit->rank + 1) * sizeof *answer.df);
    if (answer.df == NULL)
        return RK_ENOMEM;
    status = cluster_robust_meat(fit, clusters, &answer);
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

static enum rk_status fill(const struct rk_fit *fit, const struct rk_clusters *clusters,
                           double *meat, struct rk_covariance *out)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < fit->p * fit->p; i++)
        out->vcov[i] = NAN;
    for (size_t j = 0; j < fit->p; j++)
        out->df[j] = isnan(fit->coef[j]) ? NAN : fit->df_residual;
    out->f_statistic = 1.0; /* the scale, until the Wald statistic is there */
    out->f_df1 = fit->df_model;
    out->f_df2 = fit->df_residual;
    if (methods[out->method].clustered)
        status = clustered_meat(fit, clusters, out, meat);
    else if (methods[out->method].row_weight != NULL)
        robust_meat(fit, out, meat);
    else
        classical_meat(fit, meat);
    if (status == RK_OK)
        status = spread(fit, meat, out);
    if (status == RK_OK)
        status = joint_test(fit, meat, out);
    for (size_t j = 0; j < fit->p && status == RK_OK; j++) {
        double variance = out->vcov[j * fit->p + j];
        double usual = fit->sigma * fit->sigma * fit->cov_unscaled[j * fit->p + j];

        out->std_error[j] = variance > NOTHING_LEFT * usual ? sqrt(variance) : NAN;
        if (isnan(out->std_error[j]))
            out->df[j] = NAN;
    }
    return status;
}

static enum rk_status compute(const struct rk_fit *fit, const struct rk_clusters *clusters,
                              struct rk_covariance *out)
{
    double *meat = malloc((fit->rank * fit->rank + 1) * sizeof *meat);
    enum rk_status status = RK_ENOMEM;

    out->vcov = malloc((fit->p * fit->p + 1) * sizeof *out->vcov);
    out->std_error = malloc((fit->p + 1) * sizeof *out->std_error);
    out->df = malloc((fit->p + 1) * sizeof *out->df);
    if (meat != NULL && out->vcov != NULL && out->std_error != NULL && out->df != NULL)
        status = fill(fit, clusters, meat, out);
    free(meat);
    return status;
}

enum rk_status rk_covariance_of(const struct rk_fit *fit, enum rk_vcov_method method,
                                const struct rk_clusters *clusters,
                                struct rk_covariance *covariance, struct rk_error *error)
{
    struct rk_covariance made = {.method = method, .reason = "", .p = fit->p};
    enum rk_status status;

    if (fit->errors != RK_OK)
        return rk_fail(error, fit->errors, "%s: the coefficients have no standard errors",
                       rk_status_words(fit->errors));
    if (methods[method].clustered && (clusters == NULL || clusters->code == NULL))
        return rk_fail(error, RK_EDOMAIN, "clustered standard errors need clusters");
    status = compute(fit, clusters, &made);
    if (status != RK_OK) {
        rk_covariance_free(&made);
        return rk_fail(error, status, "%s", rk_status_words(status));
    }
    *covariance = made;
    return RK_OK;
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
