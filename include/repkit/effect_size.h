/* Standardised effect sizes of two samples or of paired differences, with intervals.
 *
 * The sign is that of second minus first. A one-sided alternative gives a one-sided interval, as
 * in R's effectsize: its other end is an infinity, or the end of the range (-1 or 1) of an effect
 * that has one. */
#ifndef REPKIT_EFFECT_SIZE_H
#define REPKIT_EFFECT_SIZE_H

#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/moments.h"
#include "repkit/status.h"

struct rk_effect_size {
    double estimate;
    double conf_low,
        conf_high; /* NaN where the method has none: a rank effect of exactly 1 or -1 */
};

/* Hedges' g, the difference of means in pooled standard deviations, corrected for its bias.
 *   g = J(v) (ybar - xbar - mu) / s_pooled,  v = nx + ny - 2,
 *   J(v) = Gamma(v/2) / (sqrt(v/2) Gamma((v-1)/2))
 * Interval: the noncentralities of t with v df that put the pooled t at the ends of conf_level,
 * times J(v) sqrt(1/nx + 1/ny).
 * x, nx        first sample, any unit, finite, nx >= 2;  y, ny  second sample, same unit
 * mu           the difference under the null hypothesis, same unit
 * alternative  enum rk_alternative, of the test the effect stands beside
 * conf_level   0 < conf_level < 1
 * Returns RK_OK, RK_ETOOFEW, RK_ECONSTANT, RK_EDOMAIN (not finite), RK_ENOCONVERGE, RK_ENOMEM;
 * *out unchanged on failure.
 * Source: Hedges (1981), Journal of Educational Statistics 6.
 * In R: effectsize::hedges_g(y, x, mu = mu), whose interval is found to about 1e-4. */
enum rk_status rk_hedges_g(const double *x, size_t nx, const double *y, size_t ny, double mu,
                           int alternative, double conf_level, struct rk_effect_size *out);
/* The same from the samples' sizes, means and variances. */
enum rk_status rk_hedges_g_of(const struct rk_moments *x, const struct rk_moments *y, double mu,
                              int alternative, double conf_level, struct rk_effect_size *out);

/* Cohen's d_z, the mean difference in standard deviations of the differences, with the
 * noncentral-t interval; not corrected for bias.
 *   d_z = (dbar - mu) / s_d
 * d, n  differences second minus first, finite, n >= 2;  the rest as above
 * In R: effectsize::cohens_d(d, mu = mu). */
enum rk_status rk_cohen_dz(const double *d, size_t n, double mu, int alternative, double conf_level,
                           struct rk_effect_size *out);
/* The same from the size, mean and variance of the differences. */
enum rk_status rk_cohen_dz_of(const struct rk_moments *d, double mu, int alternative,
                              double conf_level, struct rk_effect_size *out);

/* Cliff's delta from the Mann-Whitney statistic.
 *   delta = P(Y > X) - P(Y < X) = 1 - 2 U / (nx ny)
 *   interval: tanh(atanh(delta) +- z sqrt((nx + ny + 1) / (3 nx ny)))
 * u  U of the first sample;  nx, ny  at least 1
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN; *out unchanged on failure.
 * In R: effectsize::cliffs_delta(y, x). */
enum rk_status rk_cliffs_delta(double u, size_t nx, size_t ny, int alternative, double conf_level,
                               struct rk_effect_size *out);

/* The matched-pairs rank-biserial correlation from Wilcoxon's V.
 *   r = (V - V') / (n (n + 1) / 2),  V' = n (n + 1) / 2 - V
 *   interval: tanh(atanh(r) +- z sqrt((2 n^3 + 3 n^2 + n) / 6) / (n (n + 1) / 2))
 * v  the sum of the ranks of positive differences;  n  the number of differences ranked, at least 1
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN; *out unchanged on failure.
 * Source: Kerby (2014), Comprehensive Psychology 3.
 * In R: effectsize::rank_biserial(d), d the differences. */
enum rk_status rk_rank_biserial(double v, size_t n, int alternative, double conf_level,
                                struct rk_effect_size *out);

#endif
