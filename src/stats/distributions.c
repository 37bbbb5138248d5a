#include "repkit/distributions.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static double nan_unless_zero_to_one(double p)
{
    return p >= 0.0 && p <= 1.0 ? p : NAN;
}

static enum rk_tail other(enum rk_tail tail)
{
    return tail == RK_LOWER_TAIL ? RK_UPPER_TAIL : RK_LOWER_TAIL;
}

/* --- distribution functions ------------------------------------------------------------------ */

double rk_pnorm(double x, enum rk_tail tail)
{
    /* libm's erfc keeps the far tails, to the smallest denormal. */
    return 0.5 * erfc(tail == RK_LOWER_TAIL ? -x / sqrt(2.0) : x / sqrt(2.0));
}

double rk_pt(double x, double df, enum rk_tail tail)
{
    double squared = x * x, half;

    if (isnan(x) || !(df > 0.0))
        return NAN;
    if (isinf(df))
        return rk_pnorm(x, tail);
    /* From the side on which the argument of the incomplete beta function is not 1 - tiny. */
    if (isinf(squared))
        half = isinf(x) ? 0.0 : 0.5 * rk_pbeta(df / x / x, df / 2.0, 0.5, RK_LOWER_TAIL);
    else if (squared > df)
        half = 0.5 * rk_pbeta(df / (df + squared), df / 2.0, 0.5, RK_LOWER_TAIL);
    else
        half = 0.5 * rk_pbeta(squared / (df + squared), 0.5, df / 2.0, RK_UPPER_TAIL);
    return (x > 0.0) == (tail == RK_UPPER_TAIL) ? half : 0.5 + (0.5 - half);
}

double rk_pchisq(double x, double df, enum rk_tail tail)
{
    return rk_pgamma(x, df / 2.0, 2.0, tail);
}

double rk_pf(double x, double df1, double df2, enum rk_tail tail)
{
    double ratio;

    if (isnan(x) || !(df1 > 0.0) || !(df2 > 0.0))
        return NAN;
    if (x <= 0.0)
        return tail == RK_LOWER_TAIL ? 0.0 : 1.0;
    if (isinf(df1) && isinf(df2))
        return (x >= 1.0) == (tail == RK_LOWER_TAIL) ? 1.0 : 0.0;
    if (isinf(df2))
        return rk_pchisq(x * df1, df1, tail);
    if (isinf(df1))
        return rk_pchisq(df2 / x, df2, other(tail));
    ratio = df1 / df2 * x;
    if (ratio > 1.0)
        return rk_pbeta(1.0 / (1.0 + ratio), df2 / 2.0, df1 / 2.0, other(tail));
    return rk_pbeta(ratio / (1.0 + ratio), df1 / 2.0, df2 / 2.0, tail);
}

double rk_pbeta(double x, double a, double b, enum rk_tail tail)
{
    if (isnan(x) || !(a > 0.0) || !(b > 0.0) || isinf(a) || isinf(b))
        return NAN;
    return tail == RK_LOWER_TAIL ? gsl_cdf_beta_P(x, a, b) : gsl_cdf_beta_Q(x, a, b);
}

double rk_pgamma(double x, double shape, double scale, enum rk_tail tail)
{
    if (isnan(x) || !(shape > 0.0) || !(scale > 0.0) || isinf(shape) || isinf(scale))
        return NAN;
    return tail == RK_LOWER_TAIL ? gsl_cdf_gamma_P(x, shape, scale)
                                 : gsl_cdf_gamma_Q(x, shape, scale);
}

/* --- quantiles ------------------------------------------------------------------------------- */

/* A distribution on [0, high]: what the bisection needs to know of it. */
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

/* The candidate if its probability is p, else by bisection. Works in the smaller tail: 1 - p is
 * exact for p >= 1/2. */
static double quantile(const struct distribution *d, double p, enum rk_tail tail, double candidate)
{
    if (p > 0.5) {
        p = 1.0 - p;
        tail = other(tail);
    }
    if (p == 0.0)
        return tail == RK_LOWER_TAIL ? 0.0 : d->high == 1.0 ? 1.0 : INFINITY;
    if (candidate >= 0.0 && candidate <= d->high &&
        fabs(d->probability(candidate, d->a, d->b, tail) - p) <= 1e-13 * p)
        return candidate;
    return bisect(d, p, tail);
}

static double t_probability(double x, double df, double unused, enum rk_tail tail)
{
    (void)unused;
    return rk_pt(x, df, tail);
}

static double normal_probability(double x, double unused, double unused_too, enum rk_tail tail)
{
    (void)unused, (void)unused_too;
    return rk_pnorm(x, tail);
}

/* A quantile of a distribution that is symmetric about 0. */
static double symmetric(const struct distribution *d, double p, enum rk_tail tail, double candidate)
{
    double sign = tail == RK_UPPER_TAIL ? 1.0 : -1.0;

    if (p > 0.5) {
        p = 1.0 - p;
        sign = -sign;
    }
    return p == 0.5 ? 0.0 : sign * quantile(d, p, RK_UPPER_TAIL, candidate);
}

double rk_qnorm(double p, enum rk_tail tail)
{
    const struct distribution d = {normal_probability, 0.0, 0.0, 40.0};

    if (isnan(nan_unless_zero_to_one(p)))
        return NAN;
    return symmetric(&d, p, tail, gsl_cdf_ugaussian_Qinv(p > 0.5 ? 1.0 - p : p));
}

double rk_qt(double p, double df, enum rk_tail tail)
{
    const struct distribution d = {t_probability, df, 0.0, HUGE_VAL};

    if (isnan(nan_unless_zero_to_one(p)) || !(df > 0.0))
        return NAN;
    if (isinf(df))
        return rk_qnorm(p, tail);
    return symmetric(&d, p, tail, gsl_cdf_tdist_Qinv(p > 0.5 ? 1.0 - p : p, df));
}

double rk_qchisq(double p, double df, enum rk_tail tail)
{
    return rk_qgamma(p, df / 2.0, 2.0, tail);
}

double rk_qf(double p, double df1, double df2, enum rk_tail tail)
{
    const struct distribution d = {rk_pf, df1, df2, HUGE_VAL};

    if (isnan(nan_unless_zero_to_one(p)) || !(df1 > 0.0) || !(df2 > 0.0))
        return NAN;
    return quantile(&d, p, tail,
                    tail == RK_LOWER_TAIL ? gsl_cdf_fdist_Pinv(p, df1, df2)
                                          : gsl_cdf_fdist_Qinv(p, df1, df2));
}

double rk_qbeta(double p, double a, double b, enum rk_tail tail)
{
    const struct distribution d = {rk_pbeta, a, b, 1.0};

    if (isnan(nan_unless_zero_to_one(p)) || !(a > 0.0) || !(b > 0.0))
        return NAN;
    return quantile(&d, p, tail,
                    tail == RK_LOWER_TAIL ? gsl_cdf_beta_Pinv(p, a, b)
                                          : gsl_cdf_beta_Qinv(p, a, b));
}

double rk_qgamma(double p, double shape, double scale, enum rk_tail tail)
{
    const struct distribution d = {rk_pgamma, shape, scale, HUGE_VAL};

    if (isnan(nan_unless_zero_to_one(p)) || !(shape > 0.0) || !(scale > 0.0))
        return NAN;
    return quantile(&d, p, tail,
                    tail == RK_LOWER_TAIL ? gsl_cdf_gamma_Pinv(p, shape, scale)
                                          : gsl_cdf_gamma_Qinv(p, shape, scale));
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
