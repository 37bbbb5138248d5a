/* Empirical-Bayes shrinkage of units' means and rates, and what their posteriors say of ranks. */
#ifndef REPKIT_SHRINK_H
#define REPKIT_SHRINK_H

#include <stdbool.h>

#include "repkit/context.h"

struct rk_beta {
    double a, b, log_integral; /* of x^(a-1) (1-x)^(b-1) */
};

/* What is believed of one unit: normal with mean a and sd b, or Beta(a, b). */
struct rk_posterior {
    bool beta;
    double a, b;
    double estimate;
    double shrinkage; /* the share given to the common mean: 0 to 1 */
    /* With n_mixture > 0 the mean of these instead, see rk_mix_rates. */
    const struct rk_beta *mixture;
    size_t n_mixture;
};

/* How the units differ. */
struct rk_units {
    double mean;               /* means: the common mean; rates: a / (a + b), or pooled */
    double tau2;               /* means: variance between units, 0 for none beyond luck */
    double a, b;               /* rates: of the prior; infinite for no differences beyond luck */
    bool separated;            /* rates: every unit always or never; then a + b = 1 */
    double log_lik;            /* rates: with binomial coefficients */
    double statistic, p_value; /* of no differences: chi-squared with df degrees of freedom */
    size_t df;
};

/* Means y_i with known variances v_i.
 *   tau2 by Paule and Mandel: sum w (y - mu)^2 = k - r,  w = 1 / (v + tau2),  mu = sum w y / sum w,
 *   and 0 if the sum is below k - r there already
 *   B_i = (k - r - 2) / (k - r) v_i / (v_i + tau2),  1 where tau2 = 0
 *   estimate (1 - B_i) y_i + B_i mu,
 *   sd^2 = v_i (1 - B_i) + B_i^2 / sum w
 *          + 2 / (k - r - 2) B_i^2 (vbar + tau2) / (v_i + tau2) (y_i - mu)^2,  vbar = sum w v / sum
 * w y, v, k   any unit, finite, v > 0 r         parameters that y took for its mean: 1, or more
 * after a regression of units posterior k Returns RK_OK; RK_ETOOFEW (k < r + 3); RK_EDOMAIN (v not
 * positive or not finite); RK_ENOCONVERGE. Outputs unchanged on failure. Source: Paule and Mandel
 * (1982), J. Res. NBS 87; Morris (1983), JASA 78. In R: metafor::rma(y, v, method = "PM") for mu
 * and tau2. */
enum rk_status rk_shrink_means(const double *y, const double *v, size_t k, size_t r,
                               struct rk_units *units, struct rk_posterior *posterior);

/* Successes s_i of n_i trials, rates Beta(a, b), by maximum likelihood (beta-binomial).
 *   estimate (s + a) / (n + a + b), posterior Beta(s + a, n - s + b), shrinkage (a+b) / (a+b+n)
 * Where the rates differ no more than luck makes them (sum (s - n p)^2 <= p q sum n) the prior is a
 * point: every estimate is the pooled rate, the posterior Jeffreys' of all trials.
 * Where every unit always or never succeeds, the likelihood rises as a + b falls to 0, towards
 * rates of 0 and 1 alone. The prior is then the likeliest with a + b = 1: worth one trial, as
 * Jeffreys' is, so that a unit is believed about as far as its own trials go. s, n, k  whole
 * numbers, 0 <= s <= n, n > 0 Returns RK_OK; RK_ETOOFEW (k < 2); RK_EDOMAIN; RK_ENOCONVERGE.
 * Outputs unchanged on failure. Source: Griffiths (1973), Biometrics 29; Tarone (1979), Biometrika
 * 66 (where the prior is a point). In R: optim of sum(lbeta(s + a, n - s + b) - lbeta(a, b) +
 * lchoose(n, s)). */
enum rk_status rk_shrink_rates(const double *s, const double *n, size_t k, struct rk_units *units,
                               struct rk_posterior *posterior);

/* Gives the posteriors of rk_shrink_rates mixtures that allow for a and b having been estimated:
 * RK_MIXTURE times rates are drawn from the prior, successes from the rates, and of those a prior
 * is estimated again; a unit's posterior is the mean of what these priors make of its own s and n.
 * Estimates, shrinkage and ranks stay; more than RK_MIX_MOST units tell the prior well enough
 * without.
 * label    of the stream: the group
 * mixture  what the posteriors then borrow from; free() it after them
 * Returns RK_OK; RK_EDOMAIN (k < 2, a number of trials from 4e9); RK_ENOMEM; what ctx's cancel
 * says. Outputs unchanged on failure.
 * Source: Laird and Louis (1987), JASA 82, their type III bootstrap. */
enum { RK_MIXTURE = 200, RK_MIX_MOST = 200 };
enum rk_status rk_mix_rates(const double *s, const double *n, size_t k,
                            const struct rk_units *units, const char *label,
                            const struct rk_ctx *ctx, struct rk_posterior *posterior,
                            struct rk_beta **mixture);

/* The central interval of a posterior; of a rate that is estimated as 0 or 1, where in all units
 * nothing or everything succeeded, it begins or ends there (as Brown, Cai and DasGupta (2001),
 * Stat. Sci. 16, do with Jeffreys'). It reaches to the estimate where a skewed posterior has its
 * mean outside. This function can't fail.
 * In R: qnorm(c(.025, .975), a, b); qbeta(c(.025, .975), a, b); of a mixture
 * uniroot(function(x) mean(pbeta(x, a, b)) - .025, c(0, 1)). */
void rk_posterior_interval(const struct rk_posterior *posterior, double conf_level, double *low,
                           double *high);

/* The ranks of one unit over the draws; rank 1 is the largest. */
struct rk_ranks {
    double expected, low, high; /* mean; ends of the central interval, whole numbers */
    double prob_top, prob_bottom;
};
enum { RK_RANK_DRAWS = 10000 };

/* Draws all units' posteriors RK_RANK_DRAWS times and ranks them each time, equal values in random
 * order.
 * label  of the stream: the group; top  how many count as top and as bottom, 1 to k
 * Returns RK_OK, RK_EDOMAIN (top), RK_ENOMEM, or what ctx's cancel says. out (k) unchanged on
 * failure. Source: Laird and Louis (1989), J. Educational Statistics 14. */
enum rk_status rk_rank_posteriors(const struct rk_posterior *posterior, size_t k, size_t top,
                                  double conf_level, const char *label, const struct rk_ctx *ctx,
                                  struct rk_ranks *out);

#endif
