#include "repkit/proportions.h"

#include <math.h>
#include <stdbool.h>

#include "repkit/distributions.h"

static bool is_level(double conf_level)
{
    return conf_level > 0.0 && conf_level < 1.0;
}

static double side_alpha(int alternative, double conf_level)
{
    return alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
}

/* --- the binomial distribution -------------------------------------------------------------- */

/* P(X <= k), and P(X >= k). */
static double at_most(uint64_t k, uint64_t n, double p)
{
    return k >= n ? 1.0 : rk_pbeta(p, (double)k + 1.0, (double)(n - k), RK_UPPER_TAIL);
}

static double at_least(uint64_t k, uint64_t n, double p)
{
    return k == 0 ? 1.0 : rk_pbeta(p, (double)k, (double)(n - k) + 1.0, RK_LOWER_TAIL);
}

/* ln P(X = k), but for what all k share. */
static double log_likelihood(uint64_t k, uint64_t n, double p)
{
    double kept = (double)k, rest = (double)(n - k);

    return kept * log(p) + rest * log1p(-p) - (lgamma(kept + 1.0) + lgamma(rest + 1.0));
}

/* The probabilities fall from the mode on both sides, so the numbers across it that are no more
 * likely than k begin at one place, found by bisection. */
static double two_sided(uint64_t k, uint64_t n, double p)
{
    double limit = log_likelihood(k, n, p) + log1p(1e-7), mean = (double)n * p;
    uint64_t low, high;

    if ((double)k == mean)
        return 1.0;
    if ((double)k < mean) {
        /* the first j above the mean with P(j) <= P(k); n + 1 if there is none */
        low = (uint64_t)ceil(mean), high = n + 1;
        while (low < high) {
            uint64_t middle = low + (high - low) / 2;

            if (log_likelihood(middle, n, p) <= limit)
                high = middle;
            else
                low = middle + 1;
        }
        return fmin(1.0, at_most(k, n, p) + (low > n ? 0.0 : at_least(low, n, p)));
    }
    low = 0, high = (uint64_t)floor(mean) + 1; /* one past the last j with P(j) <= P(k) */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (log_likelihood(middle, n, p) <= limit)
            low = middle + 1;
        else
            high = middle;
    }
    return fmin(1.0, at_least(k, n, p) + (low == 0 ? 0.0 : at_most(low - 1, n, p)));
}

double rk_binomial_p(uint64_t k, uint64_t n, double p, int alternative)
{
    if (k > n || !(p >= 0.0 && p <= 1.0))
        return NAN;
    if (alternative == RK_LESS)
        return p == 1.0 ? (k == n) : p == 0.0 ? 1.0 : at_most(k, n, p);
    if (alternative == RK_GREATER)
        return p == 0.0 ? (k == 0) : p == 1.0 ? 1.0 : at_least(k, n, p);
    if (p == 0.0 || p == 1.0)
        return (p == 0.0 ? k == 0 : k == n) ? 1.0 : 0.0;
    return two_sided(k, n, p);
}

void rk_clopper_pearson(uint64_t k, uint64_t n, int alternative, double conf_level, double *low,
                        double *high)
{
    double alpha = side_alpha(alternative, conf_level), rest = (double)(n - k);

    *low = alternative == RK_LESS || k == 0 ? 0.0
                                            : rk_qbeta(alpha, (double)k, rest + 1.0, RK_LOWER_TAIL);
    *high = alternative == RK_GREATER || k == n
                ? 1.0
                : rk_qbeta(alpha, (double)k + 1.0, rest, RK_UPPER_TAIL);
}

void rk_wilson(uint64_t k, uint64_t n, int alternative, double conf_level, double *low,
               double *high)
{
    double z = rk_qnorm(side_alpha(alternative, conf_level), RK_UPPER_TAIL), size = (double)n;
    double p = (double)k / size, q = (double)(n - k) / size, square = z * z / size;
    double half = z * sqrt(p * q / size + square / (4.0 * size));

    *low = alternative == RK_LESS || k == 0 ? 0.0 : (p + square / 2.0 - half) / (1.0 + square);
    *high = alternative == RK_GREATER || k == n ? 1.0 : (p + square / 2.0 + half) / (1.0 + square);
}

/* --- two proportions ------------------------------------------------------------------------ */

enum rk_status rk_prop_test(uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2, int alternative,
                            double conf_level, struct rk_proportion_test *out)
{
    double size1 = (double)n1, size2 = (double)n2, low1, high1, low2, high2, p1, p2, p, q, z;
    struct rk_proportion_test test;

    if (n1 < 1 || n2 < 1)
        return RK_ETOOFEW;
    if (k1 > n1 || k2 > n2 || !is_level(conf_level))
        return RK_EDOMAIN;
    p1 = (double)k1 / size1;
    p2 = (double)k2 / size2;
    p = ((double)k1 + (double)k2) / (size1 + size2);
    q = ((double)(n1 - k1) + (double)(n2 - k2)) / (size1 + size2);
    test.estimate = p2 - p1;
    z = p > 0.0 && q > 0.0 ? test.estimate / sqrt(p * q * (1.0 / size1 + 1.0 / size2)) : 0.0;
    test.statistic = z * z;
    test.p_value = alternative == RK_TWO_SIDED
                       ? rk_pchisq(test.statistic, 1.0, RK_UPPER_TAIL)
                       : (p > 0.0 && q > 0.0 ? rk_p_from_z(z, alternative) : 1.0);
    /* each end leans on the far end of one proportion and the near end of the other, at the level
     * that the side has in a two-sided interval */
    rk_wilson(k1, n1, RK_TWO_SIDED,
              alternative == RK_TWO_SIDED ? conf_level : 2.0 * conf_level - 1.0, &low1, &high1);
    rk_wilson(k2, n2, RK_TWO_SIDED,
              alternative == RK_TWO_SIDED ? conf_level : 2.0 * conf_level - 1.0, &low2, &high2);
    test.conf_low = alternative == RK_LESS ? -1.0 : test.estimate - hypot(p2 - low2, high1 - p1);
    test.conf_high = alternative == RK_GREATER ? 1.0 : test.estimate + hypot(high2 - p2, p1 - low1);
    *out = test;
    return RK_OK;
}

enum rk_status rk_mcnemar_test(uint64_t gained, uint64_t lost, uint64_t n, int alternative,
                               double conf_level, struct rk_proportion_test *out)
{
    double z, f, g, half, size = (double)n + 2.0;
    struct rk_proportion_test test;

    if (n < 1)
        return RK_ETOOFEW;
    if (gained > n || lost > n - gained || !is_level(conf_level))
        return RK_EDOMAIN;
    z = rk_qnorm(side_alpha(alternative, conf_level), RK_UPPER_TAIL);
    f = ((double)gained + 1.0) / size;
    g = ((double)lost + 1.0) / size;
    half = z * sqrt((f + g - (f - g) * (f - g)) / size);
    test.estimate = ((double)gained - (double)lost) / size;
    test.statistic = (double)gained;
    test.p_value =
        gained + lost == 0 ? 1.0 : rk_binomial_p(gained, gained + lost, 0.5, alternative);
    test.conf_low = alternative == RK_LESS ? -1.0 : fmax(-1.0, test.estimate - half);
    test.conf_high = alternative == RK_GREATER ? 1.0 : fmin(1.0, test.estimate + half);
    *out = test;
    return RK_OK;
}

/* --- two rates ------------------------------------------------------------------------------ */

enum rk_status rk_rate_ratio_test(uint64_t x1, double t1, uint64_t x2, double t2, double ratio,
                                  int alternative, double conf_level,
                                  struct rk_proportion_test *out)
{
    struct rk_proportion_test test;
    double low, high;

    if (!(t1 > 0.0 && t2 > 0.0 && ratio > 0.0) || !isfinite(t1) || !isfinite(t2) ||
        !isfinite(ratio) || !is_level(conf_level))
        return RK_EDOMAIN;
    if (x1 + x2 < 1)
        return RK_ETOOFEW;
    test.estimate = x1 > 0 ? ((double)x2 / t2) / ((double)x1 / t1) : INFINITY;
    test.statistic = (double)x2;
    test.p_value = rk_binomial_p(x2, x1 + x2, ratio * t2 / (ratio * t2 + t1), alternative);
    rk_clopper_pearson(x2, x1 + x2, alternative, conf_level, &low, &high);
    test.conf_low = low / (1.0 - low) * t1 / t2;
    test.conf_high = high < 1.0 ? high / (1.0 - high) * t1 / t2 : INFINITY;
    *out = test;
    return RK_OK;
}
