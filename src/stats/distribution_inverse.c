#include "repkit/distributions.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_probability(double p)
{
    return p >= 0.0 && p <= 1.0;
}

static enum rk_tail other(enum rk_tail tail)
{
    return tail == RK_LOWER_TAIL ? RK_UPPER_TAIL : RK_LOWER_TAIL;
}

/* --- quantiles ------------------------------------------------------------------------------- */

/* A continuous distribution on [0, high]. */
struct distribution {
    double (*probability)(double x, double a, double b, enum rk_tail tail);
    double a, b, high;
};

static double from_bits(uint64_t bits)
{
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t to_bits(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* Positive doubles are ordered as their bits are, so that halving the bits reaches the nearest
 * double of any magnitude in at most 64 steps, and needs no start. */
static double bisect(const struct distribution *d, double p, enum rk_tail tail)
{
    uint64_t low = 0, high = to_bits(d->high);

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        double at = d->probability(from_bits(middle), d->a, d->b, tail);

        if (isnan(at))
            return NAN;
        if (tail == RK_LOWER_TAIL ? at < p : at > p)
            low = middle;
        else
            high = middle;
    }
    return from_bits(high);
}

/* Works in the smaller tail: 1 - p is exact for p >= 1/2. GSL's inverses would be faster, but some
 * of them do not return (F with infinite df2) and others return a wrong value slowly. */
static double quantile(const struct distribution *d, double p, enum rk_tail tail)
{
    if (p > 0.5) {
        p = 1.0 - p;
        tail = other(tail);
    }
    if (p == 0.0)
        return tail == RK_LOWER_TAIL ? 0.0 : d->high;
    return bisect(d, p, tail);
}

static double t_probability(double x, double df, double unused, enum rk_tail tail)
{
    (void)unused;
    return rk_pt(x, df, tail);
}

double rk_qnorm(double p, enum rk_tail tail)
{
    if (!is_probability(p))
        return NAN;
    return tail == RK_LOWER_TAIL ? gsl_cdf_ugaussian_Pinv(p) : gsl_cdf_ugaussian_Qinv(p);
}

double rk_qt(double p, double df, enum rk_tail tail)
{
    const struct distribution d = {t_probability, df, 0.0, HUGE_VAL};
    double sign = tail == RK_UPPER_TAIL ? 1.0 : -1.0;

    if (!is_probability(p) || !(df > 0.0))
        return NAN;
    if (isinf(df))
        return rk_qnorm(p, tail);
    if (p > 0.5) {
        p = 1.0 - p;
        sign = -sign;
    }
    return p == 0.5 ? 0.0 : sign * quantile(&d, p, RK_UPPER_TAIL);
}

double rk_qchisq(double p, double df, enum rk_tail tail)
{
    return rk_qgamma(p, df / 2.0, 2.0, tail);
}

double rk_qf(double p, double df1, double df2, enum rk_tail tail)
{
    const struct distribution d = {rk_pf, df1, df2, HUGE_VAL};

    return is_probability(p) && df1 > 0.0 && df2 > 0.0 ? quantile(&d, p, tail) : NAN;
}

double rk_qbeta(double p, double a, double b, enum rk_tail tail)
{
    const struct distribution d = {rk_pbeta, a, b, 1.0};

    return is_probability(p) && a > 0.0 && b > 0.0 ? quantile(&d, p, tail) : NAN;
}

double rk_qgamma(double p, double shape, double scale, enum rk_tail tail)
{
    const struct distribution d = {rk_pgamma, shape, scale, HUGE_VAL};

    return is_probability(p) && shape > 0.0 && scale > 0.0 ? quantile(&d, p, tail) : NAN;
}

/* --- p-values -------------------------------------------------------------------------------- */

double rk_p_from_t(double t, double df, int alternative)
{
    if (alternative == RK_TWO_SIDED)
        return 2.0 * rk_pt(fabs(t), df, RK_UPPER_TAIL);
    return rk_pt(t, df, alternative == RK_GREATER ? RK_UPPER_TAIL : RK_LOWER_TAIL);
}

double rk_p_from_z(double z, int alternative)
{
    return rk_p_from_t(z, INFINITY, alternative);
}
