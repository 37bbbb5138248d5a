#include "repkit/least_squares.h"

#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "basis.h"
#include "repkit/parallel.h"
#include "rows.h"

/* Up to this many products (rows x columns^2) double-double arithmetic takes about 2 ms. */
static const double SMALL = 1e5;

enum { ROWS_BLOCK = 16384 };

static const double PERFECT_SHARE = 1e-20;
static const double PERFECT_ROUNDING = 1e-30; /* R's summary.lm: "essentially perfect fit" */

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
    fit->column_ss = numbers(p);
    fit->column_ss_raw = numbers(p);
    fit->R_inverse = numbers(p * p);
    fit->effects = numbers(p);
    fit->mean = calloc(p + 2, sizeof *fit->mean);
    if (fit->kept == NULL || fit->coef == NULL || fit->cov_unscaled == NULL ||
        fit->column_ss == NULL || fit->column_ss_raw == NULL || fit->R_inverse == NULL ||
        fit->effects == NULL || fit->mean == NULL) {
        rk_fit_free(fit);
        return NULL;
    }
    return fit;
}

static void rows_free(struct rk_fit *fit)
{
    free(fit->fitted);
    free(fit->residual);
    free(fit->hat);
    free(fit->Q);
    free(fit->u);
    fit->fitted = fit->residual = fit->hat = fit->Q = fit->u = NULL;
}

void rk_fit_free(struct rk_fit *fit)
{
    if (fit == NULL)
        return;
    free(fit->kept);
    free(fit->coef);
    free(fit->cov_unscaled);
    rows_free(fit);
    free(fit->column_ss);
    free(fit->column_ss_raw);
    free(fit->R_inverse);
    free(fit->effects);
    free(fit->root);
    free(fit->mean);
    free(fit->own_X);
    free(fit);
}

/* Room for what has a value a row. */
static bool rows_alloc(struct rk_fit *fit)
{
    size_t n = fit->n;

    fit->fitted = numbers(n);
    fit->residual = numbers(n);
    fit->hat = numbers(n);
    fit->Q = numbers(n * fit->p);
    fit->u = numbers(n);
    return fit->fitted != NULL && fit->residual != NULL && fit->hat != NULL && fit->Q != NULL &&
           fit->u != NULL;
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

static double value_at(const struct rk_design *design, size_t j, size_t i)
{
    return j == 0 && design->has_intercept ? 1.0 : rk_design_column(design, j)[i];
}

/* Leverages, residuals and fitted values, from Q and u. */
static void fill_rows(struct rk_fit *fit, size_t first, size_t last)
{
    const struct rk_design *design = &fit->design;
    const double *root = fit->root;

    for (size_t i = first; i < last; i++) {
        double hat = design->hat_absorbed != NULL ? design->hat_absorbed[i]
                     : design->df_absorbed > 0    ? NAN
                                                  : 0.0;

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
            fit->fitted[i] += fit->coef[fit->kept[j]] * value_at(design, fit->kept[j], i);
        fit->residual[i] = design->y[i] - fit->fitted[i];
    }
}

/* Rows of a fit that has none yet. fit->Q is NULL until all are made, so they stand in `made`. */
struct remake {
    struct rk_fit *fit;
    double *Q, *u;
};

static enum rk_status remake_rows(void *data, size_t block, size_t first, size_t last)
{
    const struct remake *made = data;
    size_t rank = made->fit->rank, n_rows = made->fit->n;
    double *buffer = numbers((rank + 2) * ROWS_CHUNK);

    (void)block;
    if (buffer == NULL)
        return RK_ENOMEM;
    for (size_t start = first; start < last; start += ROWS_CHUNK) {
        size_t n = last - start < ROWS_CHUNK ? last - start : ROWS_CHUNK;
        struct fit_chunk chunk = fit_rows(made->fit, start, n, buffer);

        for (size_t j = 0; j < rank; j++)
            memcpy(made->Q + j * n_rows + start, chunk.q + j * chunk.stride, n * sizeof *buffer);
        memcpy(made->u + start, chunk.u, n * sizeof *buffer);
    }
    free(buffer);
    return RK_OK;
}

enum rk_status rk_fit_keep_rows(struct rk_fit *fit, const struct rk_ctx *ctx)
{
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    struct remake made = {.fit = fit};
    enum rk_status status = RK_ENOMEM;

    if (fit->Q != NULL)
        return RK_OK;
    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    if (rows_alloc(fit)) {
        made.Q = fit->Q;
        made.u = fit->u;
        fit->Q = NULL;
        status = rk_parallel_blocks(&quiet, fit->n, ROWS_BLOCK, remake_rows, &made);
        fit->Q = made.Q;
    }
    if (status == RK_OK) {
        fill_rows(fit, 0, fit->n);
    } else {
        rows_free(fit);
    }
    return status;
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

static void summarise(struct rk_fit *fit, const struct basis *basis)
{
    const struct rk_design *design = &fit->design;
    double n = (double)fit->nobs, y_raw = basis->y_ss_raw, explained = basis->explained, parameters;
    bool about_mean = fit->has_intercept || fit->df_absorbed > 0;

    fit->tss_centred = basis->has_squares
                           ? basis->y_ss
                           : sum_of_squares(design->y, design->weights, fit->n, &y_raw);
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
    fit->log_lik =
        fit->rss > 0.0 ? log_likelihood(fit, design->stands_for > 0 ? NULL : design->weights) : NAN;
    fit->aic = -2.0 * fit->log_lik + 2.0 * (parameters + 1.0);
    fit->bic = -2.0 * fit->log_lik + log(n) * (parameters + 1.0);
}

/* Puts the columns side by side. */
static bool copy_columns(struct rk_fit *fit)
{
    struct rk_design *design = &fit->design;

    fit->own_X = numbers(design->n * design->p);
    if (fit->own_X == NULL)
        return false;
    for (size_t j = 0; j < design->p; j++) {
        double *x = fit->own_X + j * design->n;

        if (j == 0 && design->has_intercept) {
            for (size_t i = 0; i < design->n; i++)
                x[i] = 1.0;
        } else {
            memcpy(x, design->column[j], design->n * sizeof *x);
        }
    }
    design->X = fit->own_X;
    design->column = NULL;
    return true;
}

/* Solves by cross-products where they do, else exactly: for that rows must be kept. */
static enum rk_status solve(struct rk_fit *fit, const struct rk_ctx *ctx, struct basis *basis)
{
    const struct rk_design *design = &fit->design;
    double products = (double)design->n * (double)design->p * (double)design->p;
    bool solved = false;
    enum rk_status status = RK_OK;

    if (products > SMALL)
        status = basis_cross_products(design, fit->root, ctx, basis, &solved);
    if (status != RK_OK || (solved && basis->has_squares))
        return status;
    if (design->column != NULL && !copy_columns(fit))
        return RK_ENOMEM;
    if (solved)
        return RK_OK;
    if (!rows_alloc(fit))
        return RK_ENOMEM;
    basis->Q = fit->Q;
    basis->u = fit->u;
    basis->has_squares = false;
    return basis_exact(design, fit->root, ctx, basis);
}

static enum rk_status fill(struct rk_fit *fit, bool lean, const struct rk_ctx *ctx,
                           struct rk_error *error)
{
    const struct rk_design *design = &fit->design;
    struct basis basis = {.kept = fit->kept,
                          .R_inverse = fit->R_inverse,
                          .effects = fit->effects,
                          .mean = fit->mean,
                          .total_weight = fit->total_weight,
                          .column_ss = fit->column_ss,
                          .column_ss_raw = fit->column_ss_raw};
    enum rk_status status;

    basis.b = numbers(fit->p);
    if (basis.b == NULL)
        return rk_fail_memory(error);
    status = solve(fit, ctx, &basis);
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
        for (size_t j = 0; j < fit->p && !basis.has_squares; j++)
            fit->column_ss[j] = sum_of_squares(design->X + j * fit->n, design->weights, fit->n,
                                               &fit->column_ss_raw[j]);
        if (fit->Q != NULL)
            fill_rows(fit, 0, fit->n);
        summarise(fit, &basis);
    }
    free(basis.b);
    if (status == RK_OK && !lean && rk_fit_keep_rows(fit, ctx) != RK_OK)
        status = rk_fail_memory(error);
    return status;
}

static enum rk_status make(const struct rk_design *design, bool lean, const struct rk_ctx *ctx,
                           struct rk_fit **fit, struct rk_error *error)
{
    struct rk_fit *made = fit_alloc(design->n, design->p);
    enum rk_status status = RK_OK;

    if (made != NULL && design->weights != NULL)
        made->root = numbers(design->n);
    if (made == NULL || (design->weights != NULL && made->root == NULL))
        status = rk_fail_memory(error);
    if (status == RK_OK) {
        made->design = *design;
        status = design_scan(design, ctx, made->mean, &made->total_weight, &made->nobs, error);
    }
    if (status == RK_OK && design->stands_for > 0)
        made->nobs = design->stands_for;
    for (size_t i = 0; status == RK_OK && made->root != NULL && i < design->n; i++)
        made->root[i] = sqrt(design->weights[i]);
    if (status == RK_OK)
        status = fill(made, lean, ctx, error);
    if (status != RK_OK) {
        rk_fit_free(made);
        return status;
    }
    *fit = made;
    return RK_OK;
}

enum rk_status rk_fit_new(const struct rk_design *design, const struct rk_ctx *ctx,
                          struct rk_fit **fit, struct rk_error *error)
{
    return make(design, false, ctx, fit, error);
}

enum rk_status rk_fit_lean_new(const struct rk_design *design, const struct rk_ctx *ctx,
                               struct rk_fit **fit, struct rk_error *error)
{
    return make(design, true, ctx, fit, error);
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
