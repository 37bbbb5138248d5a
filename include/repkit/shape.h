/* Shape and spread of a sample beyond mean and standard deviation. */
#ifndef REPKIT_SHAPE_H
#define REPKIT_SHAPE_H

#include <stddef.h>

#include "repkit/moments.h"

/* Skewness and excess kurtosis, type 2 (those of SAS, SPSS and Excel: unbiased under normality).
 *   G1 = g1 sqrt(n (n - 1)) / (n - 2),   g1 = m3 / m2^(3/2)
 *   G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) g2 + 6),   g2 = m4 / m2^2 - 3
 * x, n      finite; moments   rk_moments_of(x, n)
 * Sets NaN for n < 3 (skewness), n < 4 (kurtosis) or no variation. This function can't fail.
 * Source: Joanes and Gill (1998), The Statistician 47. In R: e1071::skewness(x, type = 2),
 * e1071::kurtosis(x, type = 2). */
void rk_skewness_kurtosis(const double *x, size_t n, const struct rk_moments *moments,
                          double *skewness, double *kurtosis);

/* Median absolute deviation, 1.4826 median |x - median|: the sd of normal data.
 * sorted, n   ascending, finite, n >= 1;  spare   room for n numbers
 * In R: mad(x). */
double rk_mad(const double *sorted, size_t n, double *spare);

/* Mean without the floor(trim n) smallest and as many largest values.
 * sorted, n   ascending, n >= 1;  trim   0 <= trim < 0.5.  In R: mean(x, trim = trim). */
double rk_trimmed_mean(const double *sorted, size_t n, double trim);

/* Its standard error, s_w / ((1 - 2 trim) sqrt n), s_w the sd of the winsorized sample; df is
 * n - 2 floor(trim n) - 1. NaN for n < 2. Source: Yuen (1974), Biometrika 61. */
double rk_trimmed_mean_se(const double *sorted, size_t n, double trim, double *spare);

/* The exact interval of the median by order statistics, x_(k) to x_(n-k+1) with k the
 * (1 - conf_level) / 2 quantile of Binomial(n, 1/2): at least the level asked for.
 * Sets NaN where n is too small for any (below 6 at 95%).
 * In R: sort(x)[c(k, n - k + 1)], k = qbinom((1 - conf_level) / 2, n, 0.5). */
void rk_median_interval(const double *sorted, size_t n, double conf_level, double *low,
                        double *high);

/* Gini coefficient, sum (2 i - n - 1) x_(i) / (n sum x), i from 1: 0 where all are equal.
 * NaN if a value is negative or all are 0. In R: ineq::Gini(x). */
double rk_gini(const double *sorted, size_t n);

/* exp(mean(log x)); NaN unless all are positive. In R: exp(mean(log(x))). */
double rk_geometric_mean(const double *x, size_t n);

/* The number of distinct values of an ascending sample. */
size_t rk_count_distinct(const double *sorted, size_t n);

#endif
