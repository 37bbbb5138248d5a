#include "repkit/moments.h"

#include <math.h>

#include "lanes.h"
#include "repkit/distributions.h"

/* The sum of x, and its extremes. */
static struct rk_sum sum_up(const double *x, size_t n, double *min, double *max)
{
    struct rk_lane_sum lanes = {{0.0, 0.0}, {0.0, 0.0}};
    struct rk_sum sum = {0.0, 0.0};
    /* cppcheck-suppress ctunullpointer ; n > 0 here */
    double low = x[0], high = x[0];
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        rk_lanes_add(&lanes, rk_lanes_at(x + i));
        for (size_t k = i; k < i + 2; k++) {
            low = x[k] < low ? x[k] : low;
            high = x[k] > high ? x[k] : high;
        }
    }
    rk_lanes_end(&sum, &lanes);
    if (i < n) {
        rk_sum_add(&sum, x[i]);
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    *min = low;
    *max = high;
    return sum;
}

/* The sum of squared deviations from the mean. The mean is rounded, so deviations do not quite sum
 * to 0: that is taken out. */
static double squares_about(const double *x, size_t n, double mean)
{
    struct rk_lane_sum square_lanes = {{0.0, 0.0}, {0.0, 0.0}}, lanes = square_lanes;
    struct rk_sum squares = {0.0, 0.0}, deviations = {0.0, 0.0};
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        rk_lanes d = rk_lanes_at(x + i) - mean;

        rk_lanes_add(&square_lanes, d * d);
        rk_lanes_add(&lanes, d);
    }
    rk_lanes_end(&squares, &square_lanes);
    rk_lanes_end(&deviations, &lanes);
    if (i < n) {
        rk_sum_add(&squares, (x[i] - mean) * (x[i] - mean));
        rk_sum_add(&deviations, x[i] - mean);
    }
    return rk_sum_value(&squares) -
           rk_sum_value(&deviations) * (rk_sum_value(&deviations) / (double)n);
}

struct rk_moments rk_moments_of(const double *x, size_t n)
{
    struct rk_moments m = {n, 0.0, NAN, NAN, NAN, NAN, NAN, NAN};
    struct rk_sum sum;

    if (n == 0)
        return m;
    sum = sum_up(x, n, &m.min, &m.max);
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
    m.var = m.min == m.max ? 0.0 : squares_about(x, n, m.mean) / (double)(n - 1);
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
