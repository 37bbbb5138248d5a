/* Proportions: score intervals, two independent ones, pairs, two-by-two tables; binomial tests. */
#ifndef REPKIT_PROPORTIONS_H
#define REPKIT_PROPORTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "repkit/alternative.h"
#include "repkit/status.h"

/* One-sided alternatives have one-sided intervals, to the end of the range: -1 and 1 of a
 * difference, 0 and Inf of a ratio. */
struct rk_proportion_test {
    double estimate;
    double statistic; /* NaN where the test is exact and has none */
    double p_value;
    double conf_low, conf_high; /* NaN where there is none */
};

/* The exact p-value of k successes in n trials of probability p.
 * Two-sided it is the probability of all numbers that are no more likely than k (as R: up to 1e-7).
 * k <= n, p in [0, 1]; NaN otherwise. In R: binom.test(k, n, p, alternative)$p.value. */
double rk_binomial_p(uint64_t k, uint64_t n, double p, int alternative);

/* The Clopper-Pearson interval of a proportion.
 * k <= n, n >= 1, 0 < conf_level < 1 (unchecked). In R: binom.test(k, n)$conf.int. */
void rk_clopper_pearson(uint64_t k, uint64_t n, int alternative, double conf_level, double *low,
                        double *high);

/* Wilson's score interval of a proportion, arguments as above.
 *   (p + z^2 / 2n -+ z sqrt(p q / n + z^2 / 4n^2)) / (1 + z^2 / n)
 * In R: prop.test(k, n, correct = FALSE)$conf.int. */
void rk_wilson(uint64_t k, uint64_t n, int alternative, double conf_level, double *low,
               double *high);

/* Two independent proportions: second minus first.
 *   chi^2 = (p2 - p1)^2 / (p q (1/n1 + 1/n2)), without continuity correction, 1 df
 *   interval: Newcombe's hybrid score, method 10: d - sqrt((p2 - l2)^2 + (u1 - p1)^2), ...
 * k1 of n1, k2 of n2; n1, n2 >= 1
 * out  where all or none succeed p_value is 1 and the statistic 0
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN (k above n, a level outside 0 to 1); *out unchanged on
 * failure.
 * Source: Newcombe (1998), Statistics in Medicine 17.
 * In R: prop.test(c(k2, k1), c(n2, n1), correct = FALSE), its p and chi-squared. */
enum rk_status rk_prop_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, int alternative,
                            double conf_level, struct rk_proportion_test *out);

/* Fisher's exact test of two independent proportions.
 *   estimate: the conditional maximum likelihood odds ratio, odds of the second over the first
 *   interval: exact, by the noncentral hypergeometric distribution
 * odds_ratio  under the null hypothesis, positive
 * out     estimate and ends may be 0 or Inf
 * Returns as rk_prop_test, or RK_ENOMEM.
 * In R: fisher.test(rbind(c(k2, n2 - k2), c(k1, n1 - k1)), or = odds_ratio), whose estimate and
 * interval uniroot finds to about 1e-4. */
enum rk_status rk_fisher_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, double odds_ratio,
                              int alternative, double conf_level, struct rk_proportion_test *out);

/* McNemar's exact test of two proportions in the same n pairs.
 *   p-value: binomial of `gained` in gained + lost, probability 1/2
 *   estimate: (gained - lost) / (n + 2), interval of Bonett and Price: with f = (gained + 1) /
 *   (n + 2), g = (lost + 1) / (n + 2): f - g -+ z sqrt((f + g - (f - g)^2) / (n + 2))
 * gained  pairs that fail first and succeed second;  lost  the other way round
 * out     statistic is `gained`
 * Returns RK_OK, RK_ETOOFEW (n = 0), RK_EDOMAIN.
 * Source: McNemar (1947), Psychometrika 12; Bonett and Price (2012), J. Educ. Behav. Stat. 37.
 * In R: binom.test(gained, gained + lost)$p.value. */
enum rk_status rk_mcnemar_test(uint64_t gained, uint64_t lost, uint64_t n, int alternative,
                               double conf_level, struct rk_proportion_test *out);

/* The exact ratio of two Poisson rates, second over first.
 *   x2 given x1 + x2 is binomial with probability r t2 / (r t2 + t1); interval: Clopper-Pearson's
 *   ends p turned to p / (1 - p) * t1 / t2
 * x1, x2  events;  t1, t2  exposure, positive, same unit;  ratio  under the null hypothesis
 * out     statistic is x2; the ends are 0 and Inf where one has no event
 * Returns RK_OK, RK_ETOOFEW (no event at all), RK_EDOMAIN.
 * In R: poisson.test(c(x2, x1), c(t2, t1), r = ratio). */
enum rk_status rk_rate_ratio_test(uint64_t x1, double t1, uint64_t x2, double t2, double ratio,
                                  int alternative, double conf_level,
                                  struct rk_proportion_test *out);

#endif
