/* Which of several independent inputs a number's variance comes from. */
#ifndef REPKIT_SOBOL_H
#define REPKIT_SOBOL_H

#include <stddef.h>

#include "repkit/context.h"

/* The number at k inputs, each given as a uniform of (0, 1). NaN is undefined. */
typedef double (*rk_sobol_fn)(const double *u, void *data);

struct rk_sobol_index {
    double first, first_low, first_high; /* NaN where there is none */
    double total, total_low, total_high;
};

enum { RK_SOBOL_MAX_QUASI = 20 };

/* First-order and total shares of the variance of f.
 *   first_i = mean f(B) (f(A_B^i) - f(A)) / V,  total_i = mean (f(A) - f(A_B^i))^2 / (2 V)
 * with f about its mean, A and B n points each, and A_B^i = A with input i of B. Points are those
 * of Sobol's sequence in 2 k dimensions from the n-th on; for k > RK_SOBOL_MAX_QUASI random ones.
 * Intervals are percentiles of 1000 bootstrap samples of the points.
 * n  a power of 2, at least 64
 * Returns RK_OK; RK_EDOMAIN (k = 0, n, a value that is not finite); RK_ECONSTANT; RK_ENOMEM. *out
 * (k) is unchanged on failure.
 * Source: Saltelli, Annoni, Azzini, Campolongo, Ratto and Tarantola (2010), Comput. Phys. Commun.
 * 181, for first_i; Jansen (1999), Comput. Phys. Commun. 117, for total_i.
 * In R: sensobol::sobol_indices(first = "saltelli", total = "jansen"). */
enum rk_status rk_sobol_indices(rk_sobol_fn f, void *data, size_t k, size_t n, double conf_level,
                                const struct rk_ctx *ctx, struct rk_sobol_index *out);

/* The first-order share of one input from given draws, whatever the inputs' correlation: the
 * variance of y's means in 50 bins of equally many x, less what such means vary by chance, over the
 * variance of y. Its interval is that of a delete-a-twentieth jackknife, by t with 19 degrees of
 * freedom.
 * x, y  n draws, finite, n >= 2000; out->total and its ends are NaN
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN, RK_ECONSTANT, RK_ENOMEM; *out is unchanged on failure.
 * Source: Plischke, Borgonovo and Smith (2013), Eur. J. Oper. Res. 226. */
enum rk_status rk_sobol_given_data(const double *x, const double *y, size_t n, double conf_level,
                                   struct rk_sobol_index *out);

#endif
