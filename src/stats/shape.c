#include "repkit/shape.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "repkit/quantile.h"
#include "repkit/sum.h"

void rk_skewness_kurtosis(const double *x, size_t n, const struct rk_moments *moments,
                          double *skewness, double *kurtosis)
{
    struct rk_sum second = {0}, third = {0}, fourth = {0};
    double m = (double)n, scale = moments->sd, m2, g1, g2;

    *skewness = *kurtosis = NAN;
    if (n < 3 || !(scale > 0.0))
        return;
    for (size_t i = 0; i < n; i++) {
        double d = (x[i] - moments->mean) / scale; /* scaled: fourth powers stay finite */

        rk_sum_add(&second, d * d);
        rk_sum_add(&third, d * d * d);
        rk_sum_add(&fourth, d * d * d * d);
    }
    m2 = rk_sum_value(&second) / m;
    g1 = rk_sum_value(&third) / m / pow(m2, 1.5);
    g2 = rk_sum_value(&fourth) / m / (m2 * m2) - 3.0;
    *skewness = g1 * sqrt(m * (m - 1.0)) / (m - 2.0);
    if (n > 3)
        *kurtosis = (m - 1.0) / ((m - 2.0) * (m - 3.0)) * ((m + 1.0) * g2 + 6.0);
}

double rk_mad(const double *sorted, size_t n, double *spare)
{
    const double half = 0.5;
    double median = rk_quantile_sorted(sorted, n, half, 7), mad = NAN;

    for (size_t i = 0; i < n; i++)
        spare[i] = fabs(sorted[i] - median);
    rk_quantiles(spare, n, &half, 1, 7, &mad);
    return 1.4826 * mad;
}

double rk_trimmed_mean(const double *sorted, size_t n, double trim)
{
    size_t g = (size_t)floor(trim * (double)n);

    return rk_moments_of(sorted + g, n - 2 * g).mean;
}

double rk_trimmed_mean_se(const double *sorted, size_t n, double trim, double *spare)
{
    size_t g = (size_t)floor(trim * (double)n);

    for (size_t i = 0; i < n; i++)
        spare[i] = sorted[i < g ? g : i >= n - g ? n - g - 1 : i];
    return rk_moments_of(spare, n).sd / ((1.0 - 2.0 * trim) * sqrt((double)n));
}

/* The smallest k with P(X <= k) >= p, X binomial(n, 1/2): R's qbinom. */
static size_t binomial_quantile(size_t n, double p)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t k = low + (high - low) / 2;

        if (gsl_cdf_binomial_P((unsigned)k, 0.5, (unsigned)n) >= p * (1.0 - 1e-14))
            high = k;
        else
            low = k + 1;
    }
    return low;
}

void rk_median_interval(const double *sorted, size_t n, double conf_level, double *low,
                        double *high)
{
    size_t k = n == 0 ? 0 : binomial_quantile(n, (1.0 - conf_level) / 2.0);

    *low = k == 0 ? NAN : sorted[k - 1];
    *high = k == 0 ? NAN : sorted[n - k];
}

double rk_gini(const double *sorted, size_t n)
{
    struct rk_sum weighted = {0}, total = {0};

    if (n == 0 || sorted[0] < 0.0 || sorted[n - 1] == 0.0)
        return NAN;
    for (size_t i = 0; i < n; i++) {
        rk_sum_add(&weighted, (2.0 * (double)(i + 1) - (double)n - 1.0) * sorted[i]);
        rk_sum_add(&total, sorted[i]);
    }
    return rk_sum_value(&weighted) / ((double)n * rk_sum_value(&total));
}

double rk_geometric_mean(const double *x, size_t n)
{
    struct rk_sum logs = {0};

    /* Against the first value: logarithms of what is near 1 keep the digits that a large offset
     * would take. */
    for (size_t i = 0; i < n; i++) {
        double ratio = x[i] / x[0];

        if (!(x[i] > 0.0))
            return NAN;
        rk_sum_add(&logs, ratio > 1e-300 && ratio < 1e300 ? log(ratio) : log(x[i]) - log(x[0]));
    }
    return n == 0 ? NAN : x[0] * exp(rk_sum_value(&logs) / (double)n);
}

size_t rk_count_distinct(const double *sorted, size_t n)
{
    size_t distinct = n > 0;

    for (size_t i = 1; i < n; i++)
        distinct += sorted[i] != sorted[i - 1];
    return distinct;
}
