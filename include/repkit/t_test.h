/* Student's t tests: Welch's for two samples, and the one-sample test that paired data take.
 *
 * A one-sided alternative gives a one-sided interval, as in R: its open end is an infinity, which
 * results print as NA. */
#ifndef REPKIT_T_TEST_H
#define REPKIT_T_TEST_H

#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/status.h"

struct rk_t_test {
    double estimate; /* the mean, or mean(y) - mean(x) */
    double std_error;
    double statistic; /* (estimate - mu) / std_error */
    double df;
    double p_value;
    double conf_low, conf_high; /* of the estimate */
};

/* Welch's two-sample t test of mean(y) - mean(x) against mu.
 *   t = (ybar - xbar - mu) / sqrt(vx + vy),  vx = sx^2/nx,
 *   df = (vx + vy)^2 / (vx^2/(nx-1) + vy^2/(ny-1))
 * x, nx        first sample, any unit, finite, nx >= 2;  y, ny  second sample, same unit
 * mu           the difference under the null hypothesis, same unit
 * alternative  enum rk_alternative; RK_GREATER: the difference is greater than mu
 * conf_level   0 < conf_level < 1
 * out          estimate, std_error and interval in the unit of x
 * Returns RK_OK, RK_ETOOFEW, RK_ECONSTANT (no variation left after rounding), RK_EDOMAIN (not
 * finite); *out unchanged on failure.
 * Source: Welch (1947), Biometrika 34.
 * In R: t.test(y, x, mu = mu, alternative = alternative, conf.level = conf_level). */
enum rk_status rk_welch_t_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                               int alternative, double conf_level, struct rk_t_test *out);

/* One-sample t test of mean(x) against mu. The paired test is this one on the differences
 * second minus first.
 *   t = (xbar - mu) / (s / sqrt(n)),  df = n - 1
 * x, n         the sample (or the differences), any unit, finite, n >= 2
 * mu, alternative, conf_level, out, result   as above
 * In R: t.test(x, mu = mu, ...);  t.test(second, first, paired = TRUE, mu = mu, ...). */
enum rk_status rk_one_sample_t_test(const double *x, size_t n, double mu, int alternative,
                                    double conf_level, struct rk_t_test *out);

#endif
