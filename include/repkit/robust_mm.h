/* Regression that a minority of odd rows cannot bend: MM-estimation; or bends little: Huber's. */
#ifndef REPKIT_ROBUST_MM_H
#define REPKIT_ROBUST_MM_H

#include "repkit/least_squares.h"

struct rk_mm {
    size_t n, p, rank;
    double *coef;             /* p, NaN where a column was dropped, as rk_fit_new drops them */
    double *vcov, *std_error; /* p-by-p and p */
    double *fitted, *residual;
    double *weight;     /* n, 0 to 1: how much each row counts in the end */
    double scale;       /* the residuals' standard deviation: S-estimate, or MAD (Huber) */
    double df_residual; /* n - rank */
    double r_squared, adj_r_squared; /* NaN for Huber's */
    size_t n_outliers;               /* rows whose weight is below 0.1 / n; of Huber's, below 1 */
    int iterations;
};

/* MM-estimation with Tukey's bisquare: an S-estimate of breakdown 50% for the scale, then an
 * M-estimate of 95% efficiency at that scale.
 *   S: min s(b), sum_i chi(r_i / s; 1.54764) = (n - k) / 2;   M: min sum_i rho(r_i / s; 4.685061)
 * The S-estimate is the best of n_subsamples starts, each an exact fit of k random rows refined
 * once (of more than 2000 rows a random 2000 judge them); the best five are refined to the end.
 * design        as rk_fit_new takes it, without weights and without absorbed effects
 * n_subsamples  0 for 500
 * ctx           seed, threads, cancel; NULL for one thread and seed 1; the result depends on the
 *               seed only where several local minima lie close
 * mm            the caller's, freed by rk_mm_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (fewer than two rows a coefficient); RK_EPERFECT (half of the rows or
 * more lie on a plane: no scale); RK_ESINGULAR; RK_ENOCONVERGE; RK_EDOMAIN; RK_ENOMEM; or what
 * ctx's cancel says.
 * Sources: Yohai (1987), Salibian-Barrera and Yohai (2006), Croux, Dhaene and Hoorelbeke (2003) for
 * the covariance, Renaud and Victoria-Feser (2010) for R-squared.
 * In R: robustbase::lmrob(y ~ X); summary(m). */
enum rk_status rk_mm_new(const struct rk_design *design, size_t n_subsamples,
                         const struct rk_ctx *ctx, struct rk_mm **mm, struct rk_error *error);
void rk_mm_free(struct rk_mm *mm);

/* Huber's M-estimate, with 95% efficiency: odd outcomes lose weight, but rows that are odd in the
 * columns (leverage) bend it as they bend least squares.
 *   sum_i psi(r_i / s) x_i = 0, psi(u) = max(-1.345, min(1.345, u)), s = median |r_i| / 0.6745
 * Weighted least squares by turns with s, from least squares on.
 *   vcov = (kappa / m)^2 sum (w_i r_i)^2 / (n - k) (X'X)^-1, m = mean psi', kappa = 1 + k var(psi')
 *   / (n m^2)
 * Takes and returns what rk_mm_new does; no draws are made.
 * Sources: Huber (1964), Annals of Mathematical Statistics 35; Huber (1981), Robust Statistics,
 * section 7.6. In R: MASS::rlm(y ~ X, acc = 1e-15, maxit = 1000); summary(m). */
enum rk_status rk_huber_new(const struct rk_design *design, const struct rk_ctx *ctx,
                            struct rk_mm **mm, struct rk_error *error);

#endif
