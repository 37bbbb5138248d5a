#include "repkit/moments.h"

#include <math.h>

#include "repkit/distributions.h"
#include "repkit/sum.h"

struct rk_moments rk_moments_of(const double *x, size_t n)
{
    struct rk_moments m = {n, 0.0, NAN, NAN, NAN, NAN, NAN, NAN};
    struct rk_sum sum = {0.0, 0.0}, squares = {0.0, 0.0}, deviations = {0.0, 0.0};

    if (n == 0)
        return m;
    m.min = m.max = x[0];
    for (size_t i = 0; i < n; i++) {
        rk_sum_add(&sum, x[i]);
        m.min = x[i] < m.min ? x[i] : m.min;
        m.max = x[i] > m.max ? x[i] : m.max;
    }
    m.sum = rk_sum_value(&sum);
    m.mean = m.sum / (double)n;
    /* A sum that overflows where the mean does not. */
    if (!isfinite(m.sum)) {
        sum = (struct rk_sum){0.0, 0.0};
        for (size_t i = 0; i < n; i++)
            rk_sum_add(&sum, x[i] / (double)n);
        m.mean = rk_sum_value(&sum);
    }
    if (n < 2)
        return m;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - m.mean;

        rk_sum_add(&squares, d * d);
        rk_sum_add(&deviations, d);
    }
    /* The mean is rounded, so deviations do not quite sum to 0: take that out. */
    m.var = rk_sum_value(&squares);
    m.var -= rk_sum_value(&deviations) * (rk_sum_value(&deviations) / (double)n);
    m.var = m.min == m.max ? 0.0 : m.var / (double)(n - 1);
    m.sd = sqrt(m.var);
    m.se = m.sd / sqrt((double)n);
    return m;
}

void rk_mean_interval(const struct rk_moments *moments, double conf_level, double *low,
                      double *high)
{
    double half = moments->n < 2
                      ? NAN
                      : rk_qt((1.0 - conf_level) / 2.0, (double)moments->n - 1.0, RK_UPPER_TAIL) *
                            moments->se;

    *low = moments->mean - half;
    *high = moments->mean + half;
}
