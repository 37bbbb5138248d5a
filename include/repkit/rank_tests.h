/* Tests by signs and by empirical distribution functions. Wilcoxon's are in wilcoxon.h, those of
 * several samples in anova.h. */
#ifndef REPKIT_RANK_TESTS_H
#define REPKIT_RANK_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/status.h"
#include "repkit/wilcoxon.h"

#define RK_KS_EXACT_PAIRS 10000

/* The sign test of the median of d against mu.
 *   statistic: the differences above mu; binomial among those that are not mu
 *   estimate: the median; interval: the order statistics k and n + 1 - k, k = qbinom(alpha/2, n,
 *   1/2), of all n
 * d, n  differences second minus first, any unit, finite, n >= 1; the rest as rk_signed_rank_test
 * out   exact always; without a difference from mu p_value is 1
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN (not finite), RK_ENOMEM; *out unchanged on failure.
 * Source: Conover (1999), Practical Nonparametric Statistics.
 * In R: binom.test(sum(d > mu), sum(d != mu))$p.value; sort(d)[qbinom(alpha / 2, n, 0.5)]. */
enum rk_status rk_sign_test(const double *d, size_t n, double mu, int alternative,
                            double conf_level, struct rk_rank_test *out);

struct rk_ks_test {
    double statistic; /* D, or the one-sided D+ */
    double p_value;
    bool exact;
};

/* Smirnov's test whether x and y have the same distribution.
 *   D = max |F_x - F_y|; RK_GREATER, y tends to be larger: max (F_x - F_y)
 *   exact up to RK_KS_EXACT_PAIRS pairs, given the ties; beyond, Smirnov's limit
 * x, nx, y, ny  finite, each at least 1
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN, RK_ENOMEM; *out unchanged on failure.
 * Source: Smirnov (1939); Schroer and Trenkler (1995), Comput. Statist. Data Anal. 20.
 * In R: ks.test(x, y, alternative = alternative, exact = TRUE). */
enum rk_status rk_ks_test(const double *x, size_t nx, const double *y, size_t ny, int alternative,
                          struct rk_ks_test *out);

#endif
