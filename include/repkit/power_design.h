/* The power of a study before it is run: what it can show, and how many units it takes. */
#ifndef REPKIT_POWER_DESIGN_H
#define REPKIT_POWER_DESIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/status.h"

enum rk_power_design {
    RK_POWER_TWO_SAMPLE,
    RK_POWER_PAIRED,
    RK_POWER_PROPORTION,
    RK_POWER_CORRELATION,
    RK_POWER_REGRESSION,
    RK_POWER_DID
};
#define RK_POWER_DESIGNS "two-sample|paired|proportion|correlation|regression|did"

/* One planned study. What a design has no use for is ignored. */
struct rk_power_plan {
    int design; /* enum rk_power_design */
    double n;   /* per group, pairs, in all (correlation, regression), or units per arm (did) */
    double n_second; /* two-sample, proportion: of the second group; 0 for as many as the first */
    double effect;   /* a difference in the unit of sd; of two shares; r; Cohen's f^2 */
    double sd;       /* of a value; paired: of a difference; did: of a unit's value in one period */
    double sig_level;
    int alternative;      /* enum rk_alternative; greater: the effect is positive */
    double baseline;      /* proportion: the share of the first group */
    size_t predictors;    /* regression: how many are tested together */
    double cluster_size;  /* two-sample: units of a cluster go to one group together; 1 for none */
    double icc;           /* share of the variance that lies between clusters, or units (did) */
    double ar;            /* did: correlation of a unit's neighbouring periods, beyond its level */
    size_t before, after; /* did: periods on each side */
    bool ancova;          /* did: the mean before is a covariate, not subtracted */
};
#define RK_POWER_PLAN_DEFAULT                                                            \
    {                                                                                    \
        .sd = 1.0, .sig_level = 0.05, .predictors = 1, .cluster_size = 1.0, .before = 1, \
        .after = 1                                                                       \
    }

/* The probability that the test's p-value falls below sig_level when the effect is as planned.
 *   two-sample   noncentral t with n + n_second - 2 df, both tails; with clusters of m units
 *                (n + n_second)/m - 2 df and the variance times 1 + (m - 1) icc
 *   paired       noncentral t with n - 1 df, both tails
 *   proportion   normal approximation with the pooled variance under the null, both tails
 *   correlation  Fisher's z with its bias term against the t-based critical r, both tails
 *   regression   noncentral F, predictors and n - predictors - 1 df, noncentrality f^2 n
 *   did          of collapsed means, 2n - 2 df (one less with ancova): P(T < |effect|/se - t_crit),
 *                se^2 = 2/n sd^2 w'Rw, R the correlation of a unit's periods: icc + (1 - icc)
 *                ar^lag
 * Returns NaN where the plan is out of range (n below the least that the design takes, a share
 * outside 0 to 1, ...).
 * Sources: Cohen (1988); Frison and Pocock (1992) for did.
 * In R: power.t.test(strict = TRUE), power.prop.test(strict = TRUE), pwr::pwr.r.test,
 * pwr::pwr.f2.test. */
double rk_power_of(const struct rk_power_plan *plan);

/* The standard error of the planned estimate and its degrees of freedom (infinite for a normal
 * one). Both NaN for regression, which tests several at once; of a correlation on Fisher's
 * scale. This function can't fail otherwise. */
void rk_power_error(const struct rk_power_plan *plan, double *std_error, double *df);

/* Solves for the missing one of three, the other two as planned; `power` is the target.
 * n           the n (with n_second 0), not rounded: the plan needs the next whole number
 * effect      of the sign that the alternative asks for, positive for two-sided
 * Returns RK_OK; RK_EDOMAIN (the plan is out of range); RK_ENOCONVERGE (no n up to 1e9, or no
 * effect, reaches the power); *n, *effect unchanged on failure.
 * In R: power.t.test(power = power)$n, ...$delta. */
enum rk_status rk_power_solve_n(const struct rk_power_plan *plan, double power, double *n);
enum rk_status rk_power_solve_effect(const struct rk_power_plan *plan, double power,
                                     double *effect);

/* What reaching p < sig_level would be worth, were the true effect as given: the probability that
 * the sign is wrong (type S), and by what factor the estimate exaggerates on average (type M).
 *   estimate = effect + std_error T, T with df degrees of freedom, kept where |estimate| > t_crit
 * se df above 1 or infinite. Both NaN where undefined. Two-sided. This function can't fail
 * otherwise. Source: Gelman and Carlin (2014), Perspectives on Psychological Science 9. In R: their
 * retrodesign(), which draws what is integrated here. */
void rk_type_s_m(double effect, double std_error, double df, double sig_level, double *type_s,
                 double *type_m);

/* The exact power of Pearson's chi-squared test without correction of two shares of n each, by
 * enumeration of all pairs of counts; NaN for n above 1,000. */
double rk_power_proportion_exact(const struct rk_power_plan *plan);

/* w'Rw of a mean of `after` periods less one of `before`, R with ar^|lag|; no icc.
 * In R: w <- c(rep(-1/before, before), rep(1/after, after));
 * t(w) %*% ar^abs(outer(t, t, "-")) %*% w. */
double rk_change_variance(size_t before, size_t after, double ar);
/* The variance of a mean of n periods, each of variance 1, with ar^|lag| between them. */
double rk_mean_variance(size_t n, double ar);

#endif
