#include "repkit/least_squares.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>

#include "basis.h"

/* Up to this many products (rows x columns^2) double-double arithmetic takes about 2 ms. */
static const double SMALL = 1e5;

static const double LARGEST = 1e140; /* its square, times any number of rows, is a double */

static const double PERFECT_SHARE = 1e-20;
static const double PERFECT_ROUNDING = 1e-30; /* R's summary.lm: "essentially perfect fit" */

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]))
            return false;
    }
    return true;
}

/* Whether sums of squares stay clear of infinity and of 0. */
static bool can_be_squared(const double *x, size_t n)
{
    double largest = 0.0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    return largest == 0.0 || (largest < LARGEST && largest > 1.0 / LARGEST);
}

static enum rk_status check_sizes(const struct rk_design *design, struct rk_error *error)
{
    bool fine = can_be_squared(design->y, design->n);

    for (size_t j = 0; j < design->p && fine; j++)
        fine = can_be_squared(design->X + j * design->n, design->n);
    return fine ? RK_OK
                : rk_fail(error, RK_EDOMAIN,
                          "the values of a column are too large or too small to be squared: "
                          "change its unit");
}

static enum rk_status check(const struct rk_design *design, size_t *nobs, struct rk_error *error)
{
    size_t positive = 0;

    if (!all_finite(design->y, design->n) || !all_finite(design->X, design->n * design->p))
        return rk_fail(error, RK_EDOMAIN, "a value of the regression is not finite");
    if (design->weights != NULL && !all_finite(design->weights, design->n))
        return rk_fail(error, RK_EDOMAIN, "a weight is not finite");
    for (size_t i = 0; i < design->n; i++) {
        if (design->weights != NULL && design->weights[i] < 0.0)
            return rk_fail(error, RK_EDOMAIN, "a weight is negative");
        positive += design->weights == NULL || design->weights[i] > 0.0;
    }
    if (positive == 0)
        return rk_fail(error, RK_ENODATA, "no rows to fit");
    *nobs = positive;
    return check_sizes(design, error);
}

static enum rk_status solve(const struct rk_design *design, const double *root,
                            const struct rk_ctx *ctx, struct basis *basis)
{
    double products = (double)design->n * (double)design->p * (double)design->p;
    bool solved = false;
    enum rk_status status = RK_OK;

    if (products > SMALL && design->X_low == NULL)
        status = basis_cross_products(design, root, ctx, basis, &solved);
    if (status == RK_OK && !solved)
        status = basis_exact(design, root, ctx, basis);
    return status;
}

static double *numbers(size_t n)
{
    return malloc((n + 1) * sizeof(double));
}

static struct rk_fit *fit_alloc(size_t n, size_t p)
{
    struct rk_fit *fit = calloc(1, sizeof *fit);

    if (fit == NULL)
        return NULL;
    fit->n = n;
    fit->p = p;
    fit->kept = malloc((p + 1) * sizeof *fit->kept);
    fit->coef = numbers(p);
    fit->cov_unscaled = numbers(p * p);
    fit->fitted = numbers(n);
    fit->residual = numbers(n);
    fit->hat = numbers(n);
    fit->column_ss = numbers(p);
    fit->column_ss_raw = numbers(p);
    fit->Q = numbers(n * p);
    fit->R_inverse = numbers(p * p);
    fit->u = numbers(n);
    fit->effects = numbers(p);
    if (fit->kept == NULL || fit->coef == NULL || fit->cov_unscaled == NULL ||
        fit->fitted == NULL || fit->residual == NULL || fit->hat == NULL ||
        fit->column_ss == NULL || fit->column_ss_raw == NULL || fit->Q == NULL ||
        fit->R_inverse == NULL || fit->u == NULL || fit->effects == NULL) {
        rk_fit_free(fit);
        return NULL;
    }
    return fit;
}

void rk_fit_free(struct rk_fit *fit)
{
    if (fit == NULL)
        return;
    free(fit->kept);
    free(fit->coef);
    free(fit->cov_unscaled);
    free(fit->fitted);
    free(fit->residual);
    free(fit->hat);
    free(fit->column_ss);
    free(fit->column_ss_raw);
    free(fit->Q);
    free(fit->R_inverse);
    free(fit->u);
    free(fit->effects);
    free(fit->root);
    free(fit);
}

/* Sums of squares about the mean and about 0; two passes, the second with the correction for the
 * rounding of the mean. */
static double sum_of_squares(const double *x, const double *weights, size_t n, double *raw)
{
    double total = 0.0, sum = 0.0, squares = 0.0, off = 0.0, mean;

    *raw = 0.0;
    for (size_t i = 0; i < n; i++) {
        double w = weights != NULL ? weights[i] : 1.0;

        total += w;
        sum += w * x[i];
        *raw += w * x[i] * x[i];
    }
    mean = sum / total;
    for (size_t i = 0; i < n; i++) {
        double w = weights != NULL ? weights[i] : 1.0;

        squares += w * (x[i] - mean) * (x[i] - mean);
        off += w * (x[i] - mean);
    }
    return fmax(0.0, squares - off * off / total);
}

static void spread_coefficients(struct rk_fit *fit, const double *b)
{
    size_t p = fit->p, rank = fit->rank;

    for (size_t i = 0; i < p; i++)
        fit->coef[i] = NAN;
    for (size_t i = 0; i < p * p; i++)
        fit->cov_unscaled[i] = NAN;
    for (size_t i = 0; i < rank; i++) {
        fit->coef[fit->kept[i]] = b[i];
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0;

            for (size_t l = i; l < rank; l++)
                sum += fit->R_inverse[i * rank + l] * fit->R_inverse[j * rank + l];
            fit->cov_unscaled[fit->kept[i] * p + fit->kept[j]] = sum;
            fit->cov_unscaled[fit->kept[j] * p + fit->kept[i]] = sum;
        }
    }
}

static void fill_rows(struct rk_fit *fit, const struct rk_design *design)
{
    const double *root = fit->root;

    for (size_t i = 0; i < fit->n; i++) {
        double hat = design->hat_absorbed != NULL ? design->hat_absorbed[i] : 0.0;

        for (size_t j = 0; j < fit->rank; j++)
            hat += fit->Q[j * fit->n + i] * fit->Q[j * fit->n + i];
        fit->hat[i] = hat;
        if (root == NULL || root[i] > 0.0) {
            fit->residual[i] = root == NULL ? fit->u[i] : fit->u[i] / root[i];
            fit->fitted[i] = design->y[i] - fit->residual[i];
            continue;
        }
        fit->fitted[i] = 0.0; /* a row of weight 0 is predicted */
        for (size_t j = 0; j < fit->rank; j++)
            fit->fitted[i] += fit->coef[fit->kept[j]] * design->X[fit->kept[j] * fit->n + i];
        fit->residual[i] = design->y[i] - fit->fitted[i];
    }
}

static double log_likelihood(const struct rk_fit *fit, const double *weights)
{
    double n = (double)fit->nobs, log_weights = 0.0;

    for (size_t i = 0; weights != NULL && i < fit->n; i++)
        log_weights += weights[i] > 0.0 ? log(weights[i]) : 0.0;
    return 0.5 * (log_weights - n * (log(2.0 * M_PI) + 1.0 - log(n) + log(fit->rss)));
}

/* Whether residuals are nothing but rounding, and y itself. */
static void judge(struct rk_fit *fit, double y_raw)
{
    bool rounding =
        fit->rss / fmax(fit->df_residual, 1.0) <= PERFECT_ROUNDING * y_raw / (double)fit->nobs;

    if (fit->tss <= PERFECT_ROUNDING * y_raw)
        fit->tss = 0.0;
    if (fit->tss_within <= PERFECT_ROUNDING * y_raw)
        fit->tss_within = 0.0;
    if (fit->tss_centred <= PERFECT_ROUNDING * y_raw)
        fit->tss_centred = 0.0;
    if (fit->rss <= PERFECT_SHARE * fit->tss || rounding) {
        fit->rss = 0.0;
        fit->errors = RK_EPERFECT;
    }
    if (fit->tss_within == 0.0)
        fit->errors = RK_ECONSTANT;
    if (fit->df_residual < 1.0)
        fit->errors = RK_ETOOFEW;
}

static void summarise(struct rk_fit *fit, const struct rk_design *design, double explained)
{
    double n = (double)fit->nobs, y_raw, parameters;
    bool about_mean = fit->has_intercept || fit->df_absorbed > 0;

    fit->tss_centred = sum_of_squares(design->y, design->weights, fit->n, &y_raw);
    parameters = (double)(fit->rank + fit->df_absorbed);
    fit->df_model = (double)fit->rank;
    if (fit->has_intercept && fit->rank > 0 && fit->kept[0] == 0)
        fit->df_model -= 1.0;
    fit->df_residual = n - parameters;
    fit->tss = fit->tss_within = fit->rss + explained;
    if (fit->df_absorbed > 0) {
        fit->tss = design->tss_absorbed;
        y_raw = fmax(y_raw, design->y_norm * design->y_norm);
    }
    judge(fit, y_raw);
    fit->sigma = fit->df_residual >= 1.0 ? sqrt(fit->rss / fit->df_residual) : NAN;
    fit->r_squared = fit->tss > 0.0 ? 1.0 - fit->rss / fit->tss : NAN;
    fit->adj_r_squared =
        fit->df_residual >= 1.0
            ? 1.0 - (1.0 - fit->r_squared) * (n - (about_mean ? 1.0 : 0.0)) / fit->df_residual
            : NAN;
    fit->r_squared_within =
        fit->df_absorbed > 0 && fit->tss_within > 0.0 ? 1.0 - fit->rss / fit->tss_within : NAN;
    fit->f_statistic = fit->df_model > 0.0 && fit->sigma > 0.0
                           ? explained / fit->df_model / (fit->sigma * fit->sigma)
                           : NAN;
    fit->log_lik = fit->rss > 0.0 ? log_likelihood(fit, design->weights) : NAN;
    fit->aic = -2.0 * fit->log_lik + 2.0 * (parameters + 1.0);
    fit->bic = -2.0 * fit->log_lik + log(n) * (parameters + 1.0);
}

static enum rk_status fill(struct rk_fit *fit, const struct rk_design *design,
                           const struct rk_ctx *ctx, struct rk_error *error)
{
    struct basis basis = {.kept = fit->kept,
                          .Q = fit->Q,
                          .R_inverse = fit->R_inverse,
                          .effects = fit->effects,
                          .u = fit->u};
    enum rk_status status;

    basis.b = numbers(fit->p);
    if (basis.b == NULL)
        return rk_fail_memory(error);
    status = solve(design, fit->root, ctx, &basis);
    if (status == RK_OK && basis.rank == 0)
        status = rk_fail(error, RK_ESINGULAR, "no column varies: there is no coefficient to fit");
    else if (status != RK_OK)
        rk_fail(error, status, "%s", rk_status_words(status));
    if (status == RK_OK) {
        fit->rank = basis.rank;
        fit->rss = basis.rss;
        fit->has_intercept = design->has_intercept;
        fit->df_absorbed = design->df_absorbed;
        spread_coefficients(fit, basis.b);
        for (size_t j = 0; j < fit->p; j++)
            fit->column_ss[j] = sum_of_squares(design->X + j * fit->n, design->weights, fit->n,
                                               &fit->column_ss_raw[j]);
        fill_rows(fit, design);
        summarise(fit, design, basis.explained);
    }
    free(basis.b);
    return status;
}

enum rk_status rk_fit_new(const struct rk_design *design, const struct rk_ctx *ctx,
                          struct rk_fit **fit, struct rk_error *error)
{
    struct rk_fit *made;
    size_t nobs = 0;
    enum rk_status status = check(design, &nobs, error);

    if (status != RK_OK)
        return status;
    made = fit_alloc(design->n, design->p);
    if (made != NULL && design->weights != NULL)
        made->root = numbers(design->n);
    if (made == NULL || (design->weights != NULL && made->root == NULL)) {
        rk_fit_free(made);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; made->root != NULL && i < design->n; i++)
        made->root[i] = sqrt(design->weights[i]);
    made->nobs = nobs;
    status = fill(made, design, ctx, error);
    if (status != RK_OK) {
        rk_fit_free(made);
        return status;
    }
    *fit = made;
    return RK_OK;
}

static bool has_slope(const struct rk_fit *fit, size_t j)
{
    return !isnan(fit->coef[j]) && !(fit->has_intercept && j == 0);
}

double rk_vif(const struct rk_fit *fit, size_t j)
{
    bool about_mean = fit->has_intercept || fit->df_absorbed > 0;

    if (!has_slope(fit, j))
        return NAN;
    if (fit->df_model == 1.0)
        return 1.0;
    return fit->cov_unscaled[j * fit->p + j] *
           (about_mean ? fit->column_ss[j] : fit->column_ss_raw[j]);
}

double rk_std_coef(const struct rk_fit *fit, size_t j)
{
    if (!has_slope(fit, j) || !(fit->tss_centred > 0.0))
        return NAN;
    return fit->coef[j] * sqrt(fit->column_ss[j] / fit->tss_centred);
}
