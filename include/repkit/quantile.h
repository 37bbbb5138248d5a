/* Sample quantiles by selection. */
#ifndef REPKIT_QUANTILE_H
#define REPKIT_QUANTILE_H

#include <stddef.h>

#include "repkit/status.h"

/* Quantiles of x at the probabilities p, by one of the nine types of Hyndman and Fan (1996).
 * x, n      finite, n >= 1; REORDERED in place (the selection needs no copy and no full sort)
 * p, n_p    each in [0, 1], in any order
 * type      1 to 9; 7 is R's default
 * out       n_p values in the unit of x
 * Returns RK_OK, RK_ETOOFEW (n = 0) or RK_EDOMAIN (type or p); *out unchanged on failure.
 * Source: Hyndman and Fan (1996), American Statistician 50. In R: quantile(x, p, type = type). */
enum rk_status rk_quantiles(double *x, size_t n, const double *p, size_t n_p, int type,
                            double *out);

/* The same without changing x, n < 2^32 for speed; also RK_ENOMEM. */
enum rk_status rk_quantiles_of(const double *x, size_t n, const double *p, size_t n_p, int type,
                               double *out);

/* The values of x, finite and n >= 1 of them, at n_ranks ranks from 0, in ascending order (equal
 * ones allowed, each below n). x is not changed. RK_OK or RK_ENOMEM (out unchanged).
 * In R: sort(x)[rank + 1]. */
enum rk_status rk_order_statistics(const double *x, size_t n, const size_t *rank, size_t n_ranks,
                                   double *out);

/* The quantile of values in ascending order, one probability, arguments checked by the caller. */
double rk_quantile_sorted(const double *sorted, size_t n, double p, int type);

/* Sorts finite values in ascending order (introsort: no worst case that is quadratic). */
void rk_sort(double *x, size_t n);

/* Puts the k-th smallest (from 0) of x[0..n-1] at x[k], none larger before it and none smaller
 * after it, and returns it. Source: Hoare's selection with a median of three (or of medians where
 * that goes wrong). k < n. */
double rk_select(double *x, size_t n, size_t k);

#endif
