#include "repkit/t_test.h"

#include <float.h>
#include <math.h>

#include "repkit/distributions.h"
#include "repkit/moments.h"

/* p-value and interval from estimate, std_error and df. `scale` is the size of the means: below
 * ten roundings of it, R too calls the data constant. */
static enum rk_status conclude(struct rk_t_test *test, double scale, double mu, int alternative,
                               double conf_level, struct rk_t_test *out)
{
    double alpha = 1.0 - conf_level, margin;

    if (!isfinite(test->estimate) || !isfinite(test->std_error) || !isfinite(mu) ||
        !(conf_level > 0.0 && conf_level < 1.0))
        return RK_EDOMAIN;
    if (test->std_error <= 10.0 * DBL_EPSILON * scale)
        return RK_ECONSTANT;
    test->statistic = (test->estimate - mu) / test->std_error;
    test->p_value = rk_p_from_t(test->statistic, test->df, alternative);
    margin = test->std_error *
             rk_qt(alternative == RK_TWO_SIDED ? alpha / 2.0 : alpha, test->df, RK_UPPER_TAIL);
    test->conf_low = alternative == RK_LESS ? -INFINITY : test->estimate - margin;
    test->conf_high = alternative == RK_GREATER ? INFINITY : test->estimate + margin;
    *out = *test;
    return RK_OK;
}

enum rk_status rk_welch_t_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                               int alternative, double conf_level, struct rk_t_test *out)
{
    struct rk_moments mx = rk_moments_of(x, nx), my = rk_moments_of(y, ny);
    double vx = mx.var / (double)nx, vy = my.var / (double)ny, share;
    struct rk_t_test test;

    if (nx < 2 || ny < 2)
        return RK_ETOOFEW;
    test.estimate = my.mean - mx.mean;
    test.std_error = sqrt(vx + vy);
    /* by the share of vx, because the squares of small variances underflow */
    share = vx / (vx + vy);
    test.df = 1.0 / (share * share / ((double)nx - 1.0) +
                     (1.0 - share) * (1.0 - share) / ((double)ny - 1.0));
    return conclude(&test, fmax(fabs(mx.mean), fabs(my.mean)), mu, alternative, conf_level, out);
}

enum rk_status rk_one_sample_t_test(const double *x, size_t n, double mu, int alternative,
                                    double conf_level, struct rk_t_test *out)
{
    struct rk_moments m = rk_moments_of(x, n);
    struct rk_t_test test = {.estimate = m.mean, .std_error = m.se};

    if (n < 2)
        return RK_ETOOFEW;
    test.df = (double)n - 1.0;
    return conclude(&test, fabs(test.estimate), mu, alternative, conf_level, out);
}
