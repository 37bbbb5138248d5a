/* What the files of MM-estimation share; private to src/stats/robust*.c. */
#ifndef REPKIT_ROBUST_PARTS_H
#define REPKIT_ROBUST_PARTS_H

#include "repkit/robust_mm.h"

#define S_TUNING 1.54764  /* breakdown 50% */
#define M_TUNING 4.685061 /* efficiency 95% */

/* y on k orthonormal columns: in that basis nothing is ill-conditioned. */
struct robust {
    const struct rk_ctx *ctx;
    size_t n, k;
    const double *y, *Q; /* Q n-by-k, column after column */
};

/* Room for one fit. */
struct robust_work {
    double *r, *w;       /* n */
    double *matrix, *to; /* k-by-k and k */
};
bool robust_work_init(const struct robust *robust, struct robust_work *work);
void robust_work_free(struct robust_work *work);

/* Tukey's rho scaled to at most 1, and its weight psi(x) / x scaled to at most 1. */
double robust_rho(double x, double tuning);
double robust_weight(double x, double tuning);

/* r = y - Q b */
void robust_residuals(const struct robust *robust, const double *b, double *r);
/* The S-scale of residuals, looked for near `from`, or near their median if that is 0: 0 where too
 * many of them are 0. */
double robust_scale(const struct robust *robust, const double *r, double from,
                    struct robust_work *work);
/* Weighted least squares with weights at work->r / scale: into work->to. false if singular. */
bool robust_solve(const struct robust *robust, double scale, double tuning,
                  struct robust_work *work);

/* The same with the weights that stand in work->w. */
bool robust_solve_weighted(const struct robust *robust, struct robust_work *work);

/* Huber's weight psi(x) / x; his estimate b (k), its residuals r (n), its scale, by iteration from
 * least squares; the variance of each of b (robust_huber.c). RK_OK; RK_EPERFECT (a scale that is
 * not above `least`); RK_ENOCONVERGE; RK_ENOMEM. */
double robust_huber_weight(double x);
enum rk_status robust_huber(const struct robust *robust, double least, double *b, double *r,
                            double *scale, int *steps);
double robust_huber_variance(const struct robust *robust, const double *r, double scale);

/* B (k-by-m) becomes A^-1 B, both row after row; A (k-by-k) is lost. Gaussian elimination with the
 * largest pivot of each column: GSL's LU takes memory without looking whether it got any. false if
 * A is singular. */
bool robust_eliminate(double *A, size_t k, double *B, size_t m);

/* The S-estimate: b (k) and its scale (robust_s.c). */
enum rk_status robust_s(const struct robust *robust, size_t n_subsamples, double *b, double *scale);

/* The covariance of b, k-by-k, at residuals r, with those of the S-estimate r0. */
enum rk_status robust_covariance(const struct robust *robust, const double *r, const double *r0,
                                 double scale, double *vcov);

#endif
