#include "repkit/moments.h"

#include <math.h>

#include "repkit/distributions.h"

/* A running sum that keeps what rounding loses (Neumaier). */
struct sum {
    double total, lost;
};

static void add(struct sum *sum, double x)
{
    double total = sum->total + x;

    sum->lost += fabs(sum->total) >= fabs(x) ? (sum->total - total) + x : (x - total) + sum->total;
    sum->total = total;
}

struct rk_moments rk_moments_of(const double *x, size_t n)
{
    struct rk_moments m = {n, 0.0, NAN, NAN, NAN, NAN, NAN, NAN};
    struct sum sum = {0.0, 0.0}, squares = {0.0, 0.0}, deviations = {0.0, 0.0};

    if (n == 0)
        return m;
    m.min = m.max = x[0];
    for (size_t i = 0; i < n; i++) {
        add(&sum, x[i]);
        m.min = x[i] < m.min ? x[i] : m.min;
        m.max = x[i] > m.max ? x[i] : m.max;
    }
    m.sum = sum.total + sum.lost;
    m.mean = m.sum / (double)n;
    /* A sum that overflows where the mean does not. */
    if (!isfinite(m.sum)) {
        sum = (struct sum){0.0, 0.0};
        for (size_t i = 0; i < n; i++)
            add(&sum, x[i] / (double)n);
        m.mean = sum.total + sum.lost;
    }
    if (n < 2)
        return m;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - m.mean;

        add(&squares, d * d);
        add(&deviations, d);
    }
    /* The mean is rounded, so deviations do not quite sum to 0: take that out. */
    m.var = squares.total + squares.lost;
    m.var -=
        (deviations.total + deviations.lost) * ((deviations.total + deviations.lost) / (double)n);
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
