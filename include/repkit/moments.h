/* Mean, variance and extremes of a sample. */
#ifndef REPKIT_MOMENTS_H
#define REPKIT_MOMENTS_H

#include <stddef.h>

#include "repkit/status.h"

struct rk_moments {
    size_t n;
    double sum, mean; /* NaN for n = 0 */
    double var, sd;   /* n - 1 in the denominator; NaN for n < 2 */
    double se;        /* sd / sqrt(n) */
    double min, max;  /* NaN for n = 0 */
};

/* Moments of x.
 *   mean = sum(x) / n,  var = (sum d^2 - (sum d)^2 / n) / (n - 1),  d = x - mean
 * Sums are compensated (Neumaier 1974) and the variance is two-pass, so an offset of 1e15 costs
 * nothing but the digits that the input itself has lost.
 * x, n   any unit, finite
 * This function can't fail. In R: mean(x), var(x), sd(x), range(x). */
struct rk_moments rk_moments_of(const double *x, size_t n);

/* The t interval of a mean: mean -+ qt((1 + conf_level) / 2, n - 1) * se. NaN for n < 2.
 * In R: t.test(x, conf.level = conf_level)$conf.int. */
void rk_mean_interval(const struct rk_moments *moments, double conf_level, double *low,
                      double *high);

#endif
