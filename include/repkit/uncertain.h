/* An amount that is not known for certain: its distribution, drawn by the inverse of its
 * distribution function, so that one uniform number gives one draw, whatever the distribution. */
#ifndef REPKIT_UNCERTAIN_H
#define REPKIT_UNCERTAIN_H

#include <stdbool.h>

#include "repkit/status.h"

/* Those of RK_DISTS can be asked for by name; RK_DIST_T is what an estimate with degrees of freedom
 * has. */
enum rk_dist {
    RK_DIST_FIXED,
    RK_DIST_NORMAL,
    RK_DIST_LOGNORMAL,
    RK_DIST_TRIANGULAR,
    RK_DIST_PERT,
    RK_DIST_UNIFORM,
    RK_DIST_BETA,
    RK_DIST_T
};
#define RK_DISTS "fixed|normal|lognormal|triangular|pert|uniform|beta"

struct rk_uncertain {
    enum rk_dist dist;
    double amount; /* the point estimate */
    /* mean and sd (normal), those of the logarithm (lognormal), estimate and standard error (t),
     * lower bound and width (others) */
    double location, scale;
    /* both shapes of the beta of pert and beta; the mode as a share of the width (triangular); df
     * (t) */
    double shape1, shape2;
};

/* The distribution of an amount by what people know of it.
 *   fixed       amount; low and high play no part
 *   normal      mean amount, sd (high - low) / (2 z), z = 1.645: low..high is the 90% range
 *   lognormal   median amount, sd of the logarithm log(high / low) / (2 z): 90% range, low > 0
 *   triangular  mode amount, bounds low and high
 *   pert        beta on low..high with mode amount, shapes 1 + 4 (m - a)/(b - a), 1 + 4 (b - m)/(b
 * - a) uniform     on low..high beta        beta on low..high with mean amount and the weight of a
 * pert: shapes that sum to 6 low, high     NaN where there is none; low <= amount <= high; low =
 * high is a fixed amount Returns RK_OK or RK_EINPUT with a text that says what is wrong; *out is
 * unchanged on failure. Source of pert: Malcolm, Roseboom, Clark and Fazar (1959), Operations
 * Research 7. */
enum rk_status rk_uncertain_set(enum rk_dist dist, double amount, double low, double high,
                                struct rk_uncertain *out, struct rk_error *error);

/* An estimate from data: estimate + std_error t_df; normal where df is NaN or infinite.
 * std_error >= 0 (0: fixed), df > 0.  Returns RK_OK or RK_EINPUT; *out unchanged on failure. */
enum rk_status rk_uncertain_estimate(double estimate, double std_error, double df,
                                     struct rk_uncertain *out, struct rk_error *error);

/* The standard error that an interval at conf_level stands for: half its width over the critical
 * value of t_df (normal where df is NaN or infinite). NaN unless low <= high, 0 < conf_level < 1.
 * In R: (high - low) / (2 * qt((1 + conf_level) / 2, df)). */
double rk_std_error_of_interval(double low, double high, double conf_level, double df);

/* The amount below which a share p of the distribution lies, 0 < p < 1, to about 1e-12.
 * In R: qnorm, qlnorm, qunif, low + (high - low) * qbeta, estimate + std_error * qt. */
double rk_uncertain_quantile(const struct rk_uncertain *uncertain, double p);

/* Mean and standard deviation of the distribution; t: NaN and infinite where df has none (df <= 1,
 * df <= 2). In R: exp(m + s^2 / 2), sqrt(expm1(s^2)) times that (lognormal), (1 + c) / 3 and
 * sqrt((1 - c + c^2) / 18) of the width (triangular), a / (a + b) and so on (beta). */
double rk_uncertain_mean(const struct rk_uncertain *uncertain);
double rk_uncertain_sd(const struct rk_uncertain *uncertain);

/* Draws by a table of cubic pieces, some 100 times as fast as the exact inverse where that costs
 * much: within 1e-7 of scale + |amount drawn| of the exact one; beyond 2^-17 of either tail the
 * exact one itself. */
struct rk_sampler;
enum rk_status rk_sampler_new(const struct rk_uncertain *uncertain, struct rk_sampler **sampler);
void rk_sampler_free(struct rk_sampler *sampler); /* NULL is allowed */
/* The draw at p, 0 < p < 1. This function can't fail. */
double rk_sampler_at(const struct rk_sampler *sampler, double p);

#endif
