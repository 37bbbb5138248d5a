/* The core of Prais-Winsten, shared with its bootstrap; private to src/stats. */
#ifndef REPKIT_STATS_PRAIS_WINSTEN_H
#define REPKIT_STATS_PRAIS_WINSTEN_H

#include "repkit/prais_winsten.h"

/* The design in an orthonormal basis, X = Q R, in which its moments are well conditioned whatever
 * the columns are; made once, used for every series. */
struct pw_basis {
    size_t n, k;
    const size_t *slot;
    double *Q;                    /* n-by-k, row after row */
    double *R_inverse;            /* k-by-k, upper triangular, row after row */
    double *whole, *cross, *ends; /* k-by-k: Z'Z = whole - rho cross + rho^2 ends */
};

struct pw_work {
    double *room;
    double *q;         /* k: coefficients in the basis */
    double *e;         /* n: residuals */
    double *L;         /* k-by-k: Cholesky factor of Z'Z */
    double *moment[3]; /* k each: Z'y = moment[0] - rho moment[1] + rho^2 moment[2] */
    double rho, sigma;
    size_t iterations;
};

enum rk_status pw_basis_new(const struct rk_series_design *design, struct pw_basis *basis);
void pw_basis_free(struct pw_basis *basis);
enum rk_status pw_work_new(const struct pw_basis *basis, struct pw_work *work);

/* Fits y; rho until it moves by less than the tolerance, or `most` times. RK_OK, RK_ESINGULAR,
 * RK_EPERFECT; RK_ENOCONVERGE leaves the last step in *work. */
enum rk_status pw_fit(const struct pw_basis *basis, const double *y, double tolerance, size_t most,
                      struct pw_work *work);

/* a'(Z'Z)^-1 a for a in the basis. `room` has k places. */
double pw_quadratic(const struct pw_basis *basis, const struct pw_work *work, const double *a,
                    double *room);

#endif
