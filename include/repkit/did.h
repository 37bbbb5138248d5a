/* Differences in differences of units: each unit is one before and one after, so that nothing is
 * assumed about the periods of one unit. */
#ifndef REPKIT_DID_H
#define REPKIT_DID_H

#include <stdbool.h>

#include "repkit/permutation.h"

struct rk_did {
    double estimate, std_error, statistic, df, p_value, conf_low, conf_high;
    double base; /* what the treated would have had: their mean after less the estimate */
    double rel_effect, rel_low, rel_high; /* estimate / base, Fieller; NaN if base is not clear of
                                             0 */
    bool welch;                           /* else the variances are pooled */
};

/* Units from which on either side the variances are not pooled. */
enum { RK_DID_WELCH_FROM = 10 };

/* The difference of mean changes, treated minus others.
 *   mean over treated of (after - before) - mean over others of (after - before)
 * t with pooled variance and n - 2 df, or Welch's where both groups have 10 units or more.
 * Fieller's interval takes the covariance matrix of units' before and change the same way: pooled
 * as a whole, or each group's own. before, after, n  one a unit, finite;  treated  n flags;
 * conf_level  0 < conf_level < 1 Returns RK_OK; RK_ETOOFEW (fewer than 2 units on a side);
 * RK_ECONSTANT; RK_EDOMAIN; RK_ENOMEM; *out unchanged on failure. Source: Bertrand, Duflo and
 * Mullainathan (2004), Quarterly Journal of Economics 119. In R: t.test(change[treated],
 * change[!treated], var.equal = TRUE); the covariance of base and estimate from
 * vcov(lm(cbind(before, change) ~ treated)). */
enum rk_status rk_did_collapsed(const double *before, const double *after, const bool *treated,
                                size_t n, double conf_level, struct rk_did *out);

/* The coefficient of treated in y ~ treated + Z by least squares, classical errors.
 * y, n    one a unit: a change, or the mean after (then Z has the mean before: ANCOVA)
 * Z, q    n-by-q, column after column: covariates from before the start
 * after   n means after, for base
 * Returns as above, or RK_ESINGULAR where Z tells who is treated.
 * In R: summary(lm(y ~ treated + Z)). */
enum rk_status rk_did_adjusted(const double *y, const bool *treated, const double *Z, size_t q,
                               const double *after, size_t n, double conf_level, struct rk_did *out,
                               struct rk_error *error);

/* The p-value of the same coefficient over relabellings of who is treated, two-sided.
 *   statistic |t| of treated in y ~ treated + Z; p = share of labellings with a t as large
 *   (exact, all of them, up to RK_PERMUTATIONS_EXACT), or (1 + as large) / (1 + draws)
 * Without covariates it is rk_permute_labels.
 * draws   of random labellings;  label  of the random stream: the group, "" for none
 * out     estimate is that of y ~ treated without Z
 * Returns RK_OK; RK_ETOOFEW (fewer than 2 units on a side); RK_ECONSTANT; RK_ESINGULAR;
 * RK_EDOMAIN; RK_ENOMEM; what ctx's cancel says. *out unchanged on failure.
 * Source: Phipson and Smyth (2010), Statist. Appl. Genet. Molec. Biol. 9, for the 1 + . */
enum rk_status rk_did_permutation(const double *y, const bool *treated, const double *Z, size_t q,
                                  size_t n, size_t draws, const char *label,
                                  const struct rk_ctx *ctx, struct rk_permutation *out,
                                  struct rk_error *error);

#endif
