/* A regression of one series whose errors follow each other: Prais-Winsten, its bootstrap, and
 * Newey-West errors. */
#ifndef REPKIT_PRAIS_WINSTEN_H
#define REPKIT_PRAIS_WINSTEN_H

#include "repkit/context.h"

/* Everything is borrowed. */
struct rk_series_design {
    size_t n, k;
    const double *y;    /* n, finite, in the order of time */
    const double *X;    /* n-by-k, column after column, of full rank; a constant among them */
    const size_t *slot; /* n places on an even grid, ascending: neighbours are one apart */
};

struct rk_series_fit {
    size_t n, k;
    double *coef;         /* k */
    double *vcov;         /* k-by-k */
    double rho;           /* lag 1 of the errors; of OLS, what its residuals show */
    double sigma;         /* of the innovations; of OLS, of the errors */
    double df;            /* n - k */
    double residual_lag1; /* of the innovations (e_t - rho e_(t-1)); of OLS, of the residuals */
    size_t iterations;
};

/* Where rho is stopped: beyond, a series of ordinary length cannot tell it from 1. */
#define RK_RHO_MOST 0.98

/* Least squares after y_t - rho y_(t-1), the first value (and the first after a gap) times
 * sqrt(1 - rho^2), rho and the coefficients in turn until rho moves by less than 1e-12:
 *   rho = sum e_t e_(t-1) / sum e_(t-1)^2 over neighbours, within -0.98 .. 0.98
 *   sigma^2 = RSS / (n - k), vcov = sigma^2 (Z'Z)^-1
 * fit  freed by rk_series_fit_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (n <= k); RK_ESINGULAR; RK_EPERFECT; RK_ENOCONVERGE; RK_ENOMEM.
 * Source: Prais and Winsten (1954), Cowles Commission discussion paper 383. */
enum rk_status rk_prais_winsten(const struct rk_series_design *design, struct rk_series_fit *fit,
                                struct rk_error *error);

/* Ordinary least squares with classical errors (lag 0), or Newey and West's with Bartlett weights
 * up to `lag` and n / (n - k).
 * In R: vcov(lm(y ~ X - 1)); sandwich::NeweyWest(m, lag, prewhite = FALSE, adjust = TRUE). */
enum rk_status rk_newey_west(const struct rk_series_design *design, size_t lag,
                             struct rk_series_fit *fit, struct rk_error *error);
void rk_series_fit_free(struct rk_series_fit *fit);

/* What Newey-West takes without being told: floor(4 (n / 100)^(2/9)). */
size_t rk_newey_west_lag(size_t n);

/* --- bootstrap ---------------------------------------------------------------------------- */

#define RK_AR1_LARGEST 0.95

struct rk_ar1_bootstrap {
    double rho;      /* corrected for its bias, at most RK_AR1_LARGEST either way */
    size_t draws, m; /* m quantities */
    double *t;       /* draws-by-m, quantity after quantity (t[j * draws + b]): |t|, ascending */
    double *sd;      /* m: standard deviation of the quantity over draws, in units of y */
};

/* What is asked of the coefficients: m contrasts a'b, and forecasts. */
struct rk_contrasts {
    size_t m;
    const double *a; /* m-by-k, row after row */
    /* Optional, m: SIZE_MAX, or the row i of the design of which the quantity is the forecast error
     * y_i - a'b; its standard error then has the variance of a value, sigma^2 / (1 - rho^2), too.
     */
    const size_t *row;
};

/* a'b (or y_i - a'b) and its standard error. This function can't fail. */
double rk_contrast(const struct rk_series_design *design, const struct rk_series_fit *fit,
                   const struct rk_contrasts *contrasts, size_t j, double *std_error);

/* How t = (a'b - truth) / se is distributed when the errors are AR(1) with a rho corrected for its
 * bias: Prais-Winsten repeated on simulated errors. It does not depend on the true coefficients.
 *   the correction finds the rho between -0.95 and 0.95 whose mean estimate, over 200 simulated
 *   series of the same design at each step of 0.05, is the estimate seen
 * draws      1999 by default;  label  of the random stream
 * bootstrap  freed by rk_ar1_bootstrap_free; unchanged on failure
 * Returns RK_OK; RK_ENOMEM; as rk_prais_winsten; what ctx's cancel says.
 * Source: MacKinnon and Smith (1998), J. Econometrics 85, for the correction by inversion. */
enum rk_status rk_ar1_bootstrap_new(const struct rk_series_design *design,
                                    const struct rk_series_fit *fit,
                                    const struct rk_contrasts *contrasts, size_t draws,
                                    const char *label, const struct rk_ctx *ctx,
                                    struct rk_ar1_bootstrap *bootstrap, struct rk_error *error);
void rk_ar1_bootstrap_free(struct rk_ar1_bootstrap *bootstrap);

/* p = (1 + #{|t*| >= |t|}) / (1 + draws), and the t that has p = 1 - conf_level: the interval of
 * estimate -+ critical * se excludes 0 when p is below that. These functions can't fail. */
double rk_ar1_p_value(const struct rk_ar1_bootstrap *bootstrap, size_t j, double t);
double rk_ar1_critical(const struct rk_ar1_bootstrap *bootstrap, size_t j, double conf_level);

#endif
