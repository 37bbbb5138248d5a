/* Student's t tests: Welch's and the pooled one for two samples, the one-sample test that paired
 * data take, ratios of means, and equivalence.
 *
 * A one-sided alternative gives a one-sided interval, as in R: its open end is an infinity, which
 * results print as NA. */
#ifndef REPKIT_T_TEST_H
#define REPKIT_T_TEST_H

#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/moments.h"
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

/* The same from the samples' sizes, means and variances, all that it reads. The tests below have
 * such a form, too: an undefined moment makes RK_ETOOFEW or RK_EDOMAIN. */
enum rk_status rk_welch_t_test_of(const struct rk_moments *x, const struct rk_moments *y, double mu,
                                  int alternative, double conf_level, struct rk_t_test *out);
enum rk_status rk_one_sample_t_test_of(const struct rk_moments *x, double mu, int alternative,
                                       double conf_level, struct rk_t_test *out);
enum rk_status rk_student_t_test_of(const struct rk_moments *x, const struct rk_moments *y,
                                    double mu, int alternative, double conf_level,
                                    struct rk_t_test *out);

/* One-sample t test of mean(x) against mu. The paired test is this one on the differences
 * second minus first.
 *   t = (xbar - mu) / (s / sqrt(n)),  df = n - 1
 * x, n         the sample (or the differences), any unit, finite, n >= 2
 * mu, alternative, conf_level, out, result   as above
 * In R: t.test(x, mu = mu, ...);  t.test(second, first, paired = TRUE, mu = mu, ...). */
enum rk_status rk_one_sample_t_test(const double *x, size_t n, double mu, int alternative,
                                    double conf_level, struct rk_t_test *out);

/* Student's two-sample t test of mean(y) - mean(x), both of one variance.
 *   t = (ybar - xbar - mu) / (s_pooled sqrt(1/nx + 1/ny)),  df = nx + ny - 2
 * nx + ny >= 3, each at least 1; the rest as rk_welch_t_test.
 * In R: t.test(y, x, mu = mu, var.equal = TRUE, ...). */
enum rk_status rk_student_t_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                                 int alternative, double conf_level, struct rk_t_test *out);

/* Two one-sided tests: whether a difference lies within -margin .. margin.
 *   p = the larger of P(T > (estimate + margin) / se) and P(T < (estimate - margin) / se)
 *   interval: two-sided at 2 conf_level - 1; it lies within the margin where p < 1 - conf_level
 * test    a t test with its estimate, std_error and df;  margin  positive, same unit
 * out     statistic is the t of the larger p
 * Returns RK_OK, RK_EDOMAIN (a margin that is not positive, conf_level not above 0.5).
 * Source: Schuirmann (1987), J. Pharmacokinet. Biopharm. 15.
 * In R: t.test(..., mu = -margin, alternative = "greater"), t.test(..., mu = margin, "less"). */
enum rk_status rk_equivalence(const struct rk_t_test *test, double margin, double conf_level,
                              struct rk_t_test *out);

/* A ratio of means, mean(y) / mean(x), with Fieller's interval.
 *   t = (ybar - ratio xbar) / sqrt(vy - 2 ratio c + ratio^2 vx)
 *   interval: the ratios whose |t| is below the quantile of t with df: roots of
 *   (xbar^2 - q^2 vx) r^2 - 2 (xbar ybar - q^2 c) r + (ybar^2 - q^2 vy)
 * x_mean, y_mean   finite
 * vx, vy, c        variances and covariance of the two means (0 where they are independent)
 * df               of the t;  ratio  under the null hypothesis
 * out      std_error by the delta method; the ends are NaN where the interval is not bounded, the
 *          first mean being within chance of 0
 * Returns RK_OK, RK_ECONSTANT (no variation), RK_EDOMAIN (a first mean of 0).
 * Source: Fieller (1954), J. R. Statist. Soc. B 16.
 * In R: the roots by hand, as in tests/reference/compare_tests.R. */
struct rk_ratio_of_means {
    double x_mean, y_mean, vx, vy, c, df;
};
enum rk_status rk_ratio_test(const struct rk_ratio_of_means *means, double ratio, int alternative,
                             double conf_level, struct rk_t_test *out);

#endif
