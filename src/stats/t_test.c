#include "repkit/t_test.h"

#include <float.h>
#include <math.h>

#include "repkit/distributions.h"
#include "repkit/fieller.h"

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

enum rk_status rk_welch_t_test_of(const struct rk_moments *x, const struct rk_moments *y, double mu,
                                  int alternative, double conf_level, struct rk_t_test *out)
{
    double nx = (double)x->n, ny = (double)y->n, vx = x->var / nx, vy = y->var / ny, share;
    struct rk_t_test test = {0};

    if (x->n < 2 || y->n < 2)
        return RK_ETOOFEW;
    test.estimate = y->mean - x->mean;
    test.std_error = sqrt(vx + vy);
    /* by the share of vx, because the squares of small variances underflow */
    share = vx / (vx + vy);
    test.df = 1.0 / (share * share / (nx - 1.0) + (1.0 - share) * (1.0 - share) / (ny - 1.0));
    return conclude(&test, fmax(fabs(x->mean), fabs(y->mean)), mu, alternative, conf_level, out);
}

enum rk_status rk_welch_t_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                               int alternative, double conf_level, struct rk_t_test *out)
{
    struct rk_moments mx = rk_moments_of(x, nx), my = rk_moments_of(y, ny);

    return rk_welch_t_test_of(&mx, &my, mu, alternative, conf_level, out);
}

enum rk_status rk_one_sample_t_test_of(const struct rk_moments *x, double mu, int alternative,
                                       double conf_level, struct rk_t_test *out)
{
    struct rk_t_test test = {.estimate = x->mean, .std_error = x->se};

    if (x->n < 2)
        return RK_ETOOFEW;
    test.df = (double)x->n - 1.0;
    return conclude(&test, fabs(test.estimate), mu, alternative, conf_level, out);
}

enum rk_status rk_one_sample_t_test(const double *x, size_t n, double mu, int alternative,
                                    double conf_level, struct rk_t_test *out)
{
    struct rk_moments m = rk_moments_of(x, n);

    return rk_one_sample_t_test_of(&m, mu, alternative, conf_level, out);
}

enum rk_status rk_student_t_test_of(const struct rk_moments *x, const struct rk_moments *y,
                                    double mu, int alternative, double conf_level,
                                    struct rk_t_test *out)
{
    double nx = (double)x->n, ny = (double)y->n;
    double squares =
        (x->n > 1 ? x->var * (nx - 1.0) : 0.0) + (y->n > 1 ? y->var * (ny - 1.0) : 0.0);
    struct rk_t_test test = {0};

    if (x->n < 1 || y->n < 1 || x->n + y->n < 3)
        return RK_ETOOFEW;
    test.df = nx + ny - 2.0;
    test.estimate = y->mean - x->mean;
    test.std_error = sqrt(squares / test.df * (1.0 / nx + 1.0 / ny));
    return conclude(&test, fmax(fabs(x->mean), fabs(y->mean)), mu, alternative, conf_level, out);
}

enum rk_status rk_student_t_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                                 int alternative, double conf_level, struct rk_t_test *out)
{
    struct rk_moments mx = rk_moments_of(x, nx), my = rk_moments_of(y, ny);

    return rk_student_t_test_of(&mx, &my, mu, alternative, conf_level, out);
}

enum rk_status rk_equivalence(const struct rk_t_test *test, double margin, double conf_level,
                              struct rk_t_test *out)
{
    double above, below, p_above, p_below, reach;
    struct rk_t_test made = *test;

    if (!(margin > 0.0) || !isfinite(margin) || !(conf_level > 0.5 && conf_level < 1.0) ||
        !(test->std_error > 0.0))
        return RK_EDOMAIN;
    above = (test->estimate + margin) / test->std_error;
    below = (test->estimate - margin) / test->std_error;
    p_above = rk_pt(above, test->df, RK_UPPER_TAIL);
    p_below = rk_pt(below, test->df, RK_LOWER_TAIL);
    made.p_value = fmax(p_above, p_below);
    made.statistic = p_above >= p_below ? above : below;
    reach = test->std_error * rk_qt(1.0 - conf_level, test->df, RK_UPPER_TAIL);
    made.conf_low = test->estimate - reach;
    made.conf_high = test->estimate + reach;
    *out = made;
    return RK_OK;
}

enum rk_status rk_ratio_test(const struct rk_ratio_of_means *means, double ratio, int alternative,
                             double conf_level, struct rk_t_test *out)
{
    double alpha = 1.0 - conf_level, r, error, sd, critical;
    struct rk_fieller set;
    struct rk_t_test test = {0};

    if (!isfinite(means->x_mean) || !isfinite(means->y_mean) || means->x_mean == 0.0 ||
        !isfinite(ratio) || !(conf_level > 0.0 && conf_level < 1.0))
        return RK_EDOMAIN;
    r = means->y_mean / means->x_mean;
    error = means->vy - 2.0 * ratio * means->c + ratio * ratio * means->vx;
    sd = sqrt(fmax(0.0, means->vy - 2.0 * r * means->c + r * r * means->vx));
    if (!(error > 0.0) || sqrt(error) <= 10.0 * DBL_EPSILON * fabs(means->y_mean))
        return RK_ECONSTANT;
    test =
        (struct rk_t_test){.estimate = r, .std_error = sd / fabs(means->x_mean), .df = means->df};
    test.statistic = (means->y_mean - ratio * means->x_mean) / sqrt(error);
    /* a ratio to a negative mean grows as the second mean falls */
    test.statistic = means->x_mean < 0.0 ? -test.statistic : test.statistic;
    test.p_value = rk_p_from_t(test.statistic, test.df, alternative);
    test.conf_low = test.conf_high = NAN;
    critical = rk_qt(alternative == RK_TWO_SIDED ? alpha / 2.0 : alpha, test.df, RK_UPPER_TAIL);
    if (rk_fieller_of(means->y_mean, means->x_mean, means->vy, means->c, means->vx, critical,
                      &set) == RK_OK &&
        set.kind == RK_FIELLER_INTERVAL) {
        test.conf_low = set.low;
        test.conf_high = set.high;
    }
    if (alternative == RK_LESS && !isnan(test.conf_low))
        test.conf_low = -INFINITY;
    if (alternative == RK_GREATER && !isnan(test.conf_high))
        test.conf_high = INFINITY;
    *out = test;
    return RK_OK;
}
