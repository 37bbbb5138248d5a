/* Normal, t, F and chi-squared stand on the incomplete beta and gamma functions.
 *
 * Both of these are a density times a continued fraction or series. The density is what loses
 * digits: as written, its logarithm is a difference of terms of the parameters' size. Loader
 * (2000), "Fast and accurate computation of binomial probabilities", writes it by deviances
 * instead, which are as small as the logarithm itself. */
#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdbool.h>

#include "repkit/distributions.h"

static const double half_log_two_pi = 0.918938533204672741780329736406;
static const double two_pi = 6.283185307179586476925286766559;

/* Steps of a series or fraction. They need about 5 sqrt(parameter); beyond, nothing is printed
 * rather than a wrong number. */
enum { MAX_STEPS = 2000000 };

/* log(n!) less Stirling's formula. */
static double stirling_error(double n)
{
    double r = 1.0 / (n * n);

    if (n < 16.0)
        return log(tgamma(n + 1.0)) - (n + 0.5) * log(n) + n - half_log_two_pi;
    return (1.0 / 12.0 -
            r * (1.0 / 360.0 -
                 r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360360.0 -
                                                                                  r / 156.0)))))) /
           n;
}

/* x log(x / mean) + mean - x, by a series where the two are near. */
static double deviance(double x, double mean)
{
    double v, sum, term, next;

    if (!(fabs(x - mean) < 0.1 * (x + mean)))
        return x * (isinf(x / mean) ? log(x) - log(mean) : log(x / mean)) + mean - x;
    v = (x - mean) / (x + mean);
    sum = (x - mean) * v;
    term = 2.0 * x * v;
    for (int j = 1; j < 1000; j++) {
        term *= v * v;
        next = sum + term / (2 * j + 1);
        if (next == sum)
            break;
        sum = next;
    }
    return sum;
}

/* x^a y^b Gamma(a+b+1) / (Gamma(a+1) Gamma(b+1)), y = 1 - x */
static double beta_density(double x, double y, double a, double b)
{
    double n = a + b;
    double log_density = stirling_error(n) - stirling_error(a) - stirling_error(b) -
                         deviance(a, n * x) - deviance(b, n * y);

    return exp(log_density) * sqrt(n / (two_pi * a) / b);
}

/* I_x(a, b) B(a, b) / (x^a y^b) by the continued fraction of Didonato and Morris (1992), ACM TOMS
 * 18, which converges for x below the mean a / (a + b). It stands on lambda, the distance from the
 * mean, because 1 - (a + b) x / (a + 1) of the classic fraction cancels. */
static double beta_fraction(double x, double y, double a, double b)
{
    double lambda = a > b ? (a + b) * y - b : a - (a + b) * x;
    double c = 1.0 + lambda, c0 = b / a, c1 = 1.0 + 1.0 / a;
    double p = 1.0, s = a + 1.0, an = 0.0, bn = 1.0, an1 = 1.0, bn1 = c / c1, r = c1 / c;

    for (int n = 1; n <= MAX_STEPS; n++) {
        double t = n / a, w = n * (b - n) * x, e = a / s;
        double alpha = p * (p + c0) * e * e * (w * x), beta, next, previous = r;

        e = (1.0 + t) / (c1 + t + t);
        beta = n + w / s + e * (c + n * (1.0 + y));
        p = 1.0 + t;
        s += 2.0;
        next = alpha * an + beta * an1;
        an = an1;
        an1 = next;
        next = alpha * bn + beta * bn1;
        bn = bn1;
        bn1 = next;
        r = an1 / bn1;
        if (fabs(r - previous) <= DBL_EPSILON * r)
            return r;
        an /= bn1;
        bn /= bn1;
        an1 = r;
        bn1 = 1.0;
    }
    return NAN;
}

/* Whether the fraction, which needs some 10 / sqrt(y) steps where b is small, would take hundreds.
 */
static bool is_next_to_one(double y, double a, double b)
{
    return y <= 1e-3 && a * y <= 0.5 && b <= 0.25;
}

/* log P(X > x) next to 1 by the series in y, DLMF 8.17.7, whose first terms are enough there. Of a
 * small b the factor before it is 1 but for a little, which only lnpoch has to all digits; of
 * others lnpoch is a difference of terms of the parameters' size. */
static double log_beta_rest(double x, double y, double a, double b)
{
    double sum = 0.0, term = 1.0, next = 1.0, front;
    gsl_sf_result of_a, of_one;

    for (int j = 1; j <= MAX_STEPS && fabs(next) > 0.1 * DBL_EPSILON * fabs(sum); j++) {
        term *= (j - a) / j * y;
        next = term / (b + j);
        sum += next;
    }
    if (b * log(fmax(a, 2.0)) <= 0.1 && gsl_sf_lnpoch_e(a + 1.0, b, &of_a) == GSL_SUCCESS &&
        gsl_sf_lnpoch_e(1.0, b, &of_one) == GSL_SUCCESS)
        front = b * log(y) + (of_a.val - of_one.val) - log1p(b / a);
    else
        front = log(beta_density(x, y, a, b) * (a / (a + b))) - a * log1p(-y);
    return front + log1p(b * sum);
}

/* P(X <= x) or P(X > x) of the beta distribution; x and y = 1 - x both to full precision. */
static double beta_tail(double x, double y, double a, double b, enum rk_tail tail)
{
    double n = a + b, value;

    if (x <= 0.0 || y <= 0.0)
        return (x <= 0.0) == (tail == RK_LOWER_TAIL) ? 0.0 : 1.0;
    if (is_next_to_one(y, a, b)) {
        value = log_beta_rest(x, y, a, b);
        return tail == RK_LOWER_TAIL ? -expm1(value) : exp(value);
    }
    if (is_next_to_one(x, b, a)) {
        value = log_beta_rest(y, x, b, a);
        return tail == RK_LOWER_TAIL ? exp(value) : -expm1(value);
    }
    if (a > b ? n * y > b : n * x < a) {
        value = beta_density(x, y, a, b) * (a * b / n) * beta_fraction(x, y, a, b);
        return tail == RK_LOWER_TAIL ? value : 1.0 - value;
    }
    value = beta_density(x, y, a, b) * (a * b / n) * beta_fraction(y, x, b, a);
    return tail == RK_LOWER_TAIL ? 1.0 - value : value;
}

double rk_pbeta(double x, double a, double b, enum rk_tail tail)
{
    if (isnan(x) || !(a > 0.0) || !(b > 0.0) || isinf(a) || isinf(b))
        return NAN;
    return beta_tail(x, 1.0 - x, a, b, tail);
}

/* The series of P, DLMF 8.11.4: sum of x^k / ((a+1) ... (a+k)). */
static double gamma_series(double x, double a)
{
    double sum = 1.0, term = 1.0;

    for (int k = 1; k <= MAX_STEPS; k++) {
        term *= x / (a + k);
        sum += term;
        if (term <= sum * 0.5 * DBL_EPSILON)
            return sum;
    }
    return NAN;
}

/* The continued fraction of Q, DLMF 8.9.2 contracted, by Lentz's method. */
static double gamma_fraction(double x, double a)
{
    double b = x + 1.0 - a, c = 1.0 / DBL_MIN, d = 1.0 / b, value = d;

    for (int k = 1; k <= MAX_STEPS; k++) {
        double numerator = -k * (k - a), step;

        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        step = c * d;
        value *= step;
        if (fabs(step - 1.0) <= 2.0 * DBL_EPSILON)
            return value;
    }
    return NAN;
}

double rk_pgamma(double x, double shape, double scale, enum rk_tail tail)
{
    double density, value;

    if (isnan(x) || !(shape > 0.0) || !(scale > 0.0) || isinf(shape) || isinf(scale))
        return NAN;
    x /= scale;
    if (x <= 0.0)
        return tail == RK_LOWER_TAIL ? 0.0 : 1.0;
    if (isinf(x))
        return tail == RK_LOWER_TAIL ? 1.0 : 0.0;
    /* x^shape exp(-x) / Gamma(shape + 1) */
    density = exp(-stirling_error(shape) - deviance(shape, x)) / sqrt(two_pi * shape);
    if (x < shape + 1.0) {
        value = density * gamma_series(x, shape);
        return tail == RK_LOWER_TAIL ? value : 1.0 - value;
    }
    value = density * shape * gamma_fraction(x, shape);
    return tail == RK_LOWER_TAIL ? 1.0 - value : value;
}

double rk_pnorm(double x, enum rk_tail tail)
{
    /* libm's erfc keeps the far tails, to the smallest denormal. */
    return 0.5 * erfc(tail == RK_LOWER_TAIL ? -x / sqrt(2.0) : x / sqrt(2.0));
}

/* B(a, 1/2) */
static double half_beta(double a)
{
    return tgamma(a) * sqrt(two_pi / 2.0) / tgamma(a + 0.5);
}

double rk_pt(double x, double df, enum rk_tail tail)
{
    double half;

    if (isnan(x) || !(df > 0.0))
        return NAN;
    if (isinf(df))
        return rk_pnorm(x, tail);
    if (isinf(x * x)) /* the leading term, by hand; above 4 df it is 0 */
        half = df > 4.0 ? 0.0 : pow(fabs(x) / sqrt(df), -df) / df / half_beta(df / 2.0);
    else
        half =
            0.5 * beta_tail(df / (df + x * x), x * x / (df + x * x), df / 2.0, 0.5, RK_LOWER_TAIL);
    return (x > 0.0) == (tail == RK_UPPER_TAIL) ? half : 0.5 + (0.5 - half);
}

double rk_pchisq(double x, double df, enum rk_tail tail)
{
    return rk_pgamma(x, df / 2.0, 2.0, tail);
}

double rk_pf(double x, double df1, double df2, enum rk_tail tail)
{
    double ratio = df1 / df2 * x;

    if (isnan(x) || !(df1 > 0.0) || !(df2 > 0.0))
        return NAN;
    if (x <= 0.0 || isinf(x))
        return (x <= 0.0) == (tail == RK_LOWER_TAIL) ? 0.0 : 1.0;
    if (isinf(df1) && isinf(df2))
        return (x >= 1.0) == (tail == RK_LOWER_TAIL) ? 1.0 : 0.0;
    if (isinf(df2))
        return rk_pchisq(x * df1, df1, tail);
    if (isinf(df1))
        return rk_pchisq(df2 / x, df2, tail == RK_LOWER_TAIL ? RK_UPPER_TAIL : RK_LOWER_TAIL);
    if (isinf(ratio))
        return tail == RK_LOWER_TAIL ? 1.0 : 0.0;
    return beta_tail(ratio / (1.0 + ratio), 1.0 / (1.0 + ratio), df1 / 2.0, df2 / 2.0, tail);
}
