/* Tests of normality: information about a sample, never a switch between tests. */
#ifndef REPKIT_NORMALITY_H
#define REPKIT_NORMALITY_H

#include <stddef.h>

#include "repkit/status.h"

/* Shapiro-Wilk W and its p-value.
 * sorted, n   ascending, finite, 3 <= n <= 5000;  spare   room for n numbers
 * Returns RK_OK, RK_ETOOFEW (n < 3), RK_EDOMAIN (n > 5000), RK_ECONSTANT; outputs unchanged on
 * failure. Source: Royston (1995), Applied Statistics 44, algorithm AS R94.
 * In R: shapiro.test(x). */
enum rk_status rk_shapiro_wilk(const double *sorted, size_t n, double *spare, double *w,
                               double *p_value);

/* Anderson-Darling A and its p-value for a normal distribution of unknown mean and variance.
 * sorted, n   ascending, finite, n >= 8;  mean, sd   of the sample
 * Returns RK_OK, RK_ETOOFEW (n < 8), RK_ECONSTANT; outputs unchanged on failure.
 * Source: Stephens (1986) in D'Agostino and Stephens, Goodness-of-Fit Techniques.
 * In R: nortest::ad.test(x). */
enum rk_status rk_anderson_darling(const double *sorted, size_t n, double mean, double sd,
                                   double *a, double *p_value);

#endif
