#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/proportions.h"
#include "repkit/sum.h"

/* The number k of successes of the second sample, all margins given: hypergeometric, and with
 * odds ratio r each k weighs r^k more. */
struct table {
    uint64_t low, high, k; /* the support, and what was seen */
    double *log_p;         /* ln P(k) for r = 1 but for a constant; high - low + 1 of them */
};

enum tails { NO_MORE_LIKELY, AT_MOST, AT_LEAST };

static enum rk_status fill(struct table *t, uint64_t n1, uint64_t n2, uint64_t successes)
{
    struct rk_sum sum = {0.0, 0.0};
    size_t n;

    t->low = successes > n1 ? successes - n1 : 0;
    t->high = successes < n2 ? successes : n2;
    n = (size_t)(t->high - t->low) + 1;
    t->log_p = malloc(n * sizeof *t->log_p);
    if (t->log_p == NULL)
        return RK_ENOMEM;
    t->log_p[0] = 0.0;
    for (size_t i = 1; i < n; i++) {
        double k = (double)t->low + (double)i; /* P(k) / P(k - 1) */

        rk_sum_add(&sum, log(((double)n2 - k + 1.0) * ((double)successes - k + 1.0) /
                             (k * ((double)n1 - (double)successes + k))));
        t->log_p[i] = rk_sum_value(&sum);
    }
    return RK_OK;
}

/* The probability of a tail, and the mean, under a log odds ratio. */
static double probability(const struct table *t, double log_odds, enum tails tails, double *mean)
{
    size_t n = (size_t)(t->high - t->low) + 1, seen = (size_t)(t->k - t->low);
    struct rk_sum all = {0.0, 0.0}, part = {0.0, 0.0}, first = {0.0, 0.0};
    double top = -INFINITY, limit = t->log_p[seen] + (double)seen * log_odds + log1p(1e-7);

    for (size_t i = 0; i < n; i++)
        top = fmax(top, t->log_p[i] + (double)i * log_odds);
    for (size_t i = 0; i < n; i++) {
        double log_p = t->log_p[i] + (double)i * log_odds, p = exp(log_p - top);

        rk_sum_add(&all, p);
        rk_sum_add(&first, p * (double)i);
        if (tails == AT_MOST ? i <= seen : tails == AT_LEAST ? i >= seen : log_p <= limit)
            rk_sum_add(&part, p);
    }
    if (mean != NULL)
        *mean = (double)t->low + rk_sum_value(&first) / rk_sum_value(&all);
    return rk_sum_value(&part) / rk_sum_value(&all);
}

/* The log odds ratio at which the mean is what was seen (tails NO_MORE_LIKELY), or the tail has
 * probability alpha. All three change one way. */
static double solve(const struct table *t, enum tails tails, double alpha)
{
    double low = -1.0, high = 1.0;

    for (int side = 0; side < 2; side++) /* widen each end until it is beyond the root */
        for (int i = 0; i < 60; i++) {
            double at = side == 0 ? low : high, mean, p = probability(t, at, tails, &mean);
            bool above = tails == NO_MORE_LIKELY ? mean > (double)t->k
                         : tails == AT_LEAST     ? p > alpha
                                                 : p < alpha;

            if (above == (side == 1))
                break;
            if (side == 0)
                low *= 2.0;
            else
                high *= 2.0;
        }
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2.0, mean, p = probability(t, middle, tails, &mean);
        bool above = tails == NO_MORE_LIKELY ? mean > (double)t->k
                     : tails == AT_LEAST     ? p > alpha
                                             : p < alpha;

        if (middle == low || middle == high)
            break;
        if (above)
            high = middle;
        else
            low = middle;
    }
    return low + (high - low) / 2.0;
}

enum rk_status rk_fisher_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, double odds_ratio,
                              int alternative, double conf_level, struct rk_proportion_test *out)
{
    struct table t = {.k = k2};
    struct rk_proportion_test test = {.statistic = NAN};
    double alpha = alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
    enum tails tails = alternative == RK_LESS      ? AT_MOST
                       : alternative == RK_GREATER ? AT_LEAST
                                                   : NO_MORE_LIKELY;

    if (n1 < 1 || n2 < 1)
        return RK_ETOOFEW;
    if (k1 > n1 || k2 > n2 || !(conf_level > 0.0 && conf_level < 1.0) || !(odds_ratio > 0.0) ||
        !isfinite(odds_ratio))
        return RK_EDOMAIN;
    if (fill(&t, n1, n2, k1 + k2) != RK_OK)
        return RK_ENOMEM;
    test.p_value = fmin(1.0, probability(&t, log(odds_ratio), tails, NULL));
    test.estimate = t.low == t.high ? NAN
                    : t.k == t.low  ? 0.0
                    : t.k == t.high ? INFINITY
                                    : exp(solve(&t, NO_MORE_LIKELY, 0.0));
    test.conf_low = alternative == RK_LESS || t.k == t.low ? 0.0 : exp(solve(&t, AT_LEAST, alpha));
    test.conf_high =
        alternative == RK_GREATER || t.k == t.high ? INFINITY : exp(solve(&t, AT_MOST, alpha));
    free(t.log_p);
    *out = test;
    return RK_OK;
}
