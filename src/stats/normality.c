#include "repkit/normality.h"

#include <gsl/gsl_sf_erf.h>
#include <math.h>

#include "repkit/distributions.h"
#include "repkit/sum.h"

/* c[0] + c[1] x + ... */
static double polynomial(const double *c, int n, double x)
{
    double value = 0.0;

    while (n-- > 0)
        value = value * x + c[n];
    return value;
}

/* --- Shapiro-Wilk ------------------------------------------------------------------------- */

/* The coefficients a[1..n/2] of AS R94, from expected normal order statistics (Blom) in m. They
 * belong to the upper half, largest first; the lower half has the same with the other sign. */
static void coefficients(double *a, size_t half, size_t n)
{
    static const double c1[] = {0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056};
    static const double c2[] = {0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633};
    double sum = 0.0, ss, u = 1.0 / sqrt((double)n), a1, a2, fac;
    size_t first = 1;

    if (n == 3) {
        a[0] = sqrt(0.5);
        return;
    }
    for (size_t i = 0; i < half; i++) { /* positive: -qnorm of the lower half */
        a[i] = rk_qnorm(((double)(i + 1) - 0.375) / ((double)n + 0.25), RK_UPPER_TAIL);
        sum += a[i] * a[i];
    }
    sum *= 2.0;
    ss = sqrt(sum);
    a1 = polynomial(c1, 6, u) + a[0] / ss;
    if (n > 5) {
        a2 = a[1] / ss + polynomial(c2, 6, u);
        fac = sqrt((sum - 2.0 * a[0] * a[0] - 2.0 * a[1] * a[1]) /
                   (1.0 - 2.0 * a1 * a1 - 2.0 * a2 * a2));
        first = 2;
        a[1] = a2;
    } else {
        fac = sqrt((sum - 2.0 * a[0] * a[0]) / (1.0 - 2.0 * a1 * a1));
    }
    a[0] = a1;
    for (size_t i = first; i < half; i++)
        a[i] /= fac;
}

static double shapiro_p(double w, size_t n)
{
    static const double g[] = {-2.273, 0.459};
    static const double c3[] = {0.5440, -0.39978, 0.025054, -6.714e-4};
    static const double c4[] = {1.3822, -0.77857, 0.062767, -0.0020322};
    static const double c5[] = {-1.5861, -0.31082, -0.083751, 0.0038915};
    static const double c6[] = {-0.4803, -0.082676, 0.0030302};
    double y = log1p(-w), m, s, size = (double)n;

    if (n == 3) {
        double p = 6.0 / M_PI * (asin(sqrt(w)) - asin(sqrt(0.75)));

        return p < 0.0 ? 0.0 : p;
    }
    if (n <= 11) {
        double gamma = polynomial(g, 2, size);

        if (y >= gamma)
            return 1e-99; /* as R: W below what the approximation knows */
        y = -log(gamma - y);
        m = polynomial(c3, 4, size);
        s = exp(polynomial(c4, 4, size));
    } else {
        m = polynomial(c5, 4, log(size));
        s = exp(polynomial(c6, 3, log(size)));
    }
    return rk_pnorm((y - m) / s, RK_UPPER_TAIL);
}

enum rk_status rk_shapiro_wilk(const double *sorted, size_t n, double *spare, double *w,
                               double *p_value)
{
    size_t half = n / 2;
    double range, mean = 0.0, numerator = 0.0;
    struct rk_sum sum = {0}, squares = {0};

    if (n < 3)
        return RK_ETOOFEW;
    if (n > 5000)
        return RK_EDOMAIN;
    range = sorted[n - 1] - sorted[0];
    if (!(range > 0.0))
        return RK_ECONSTANT;
    coefficients(spare, half, n);
    /* Scaled by the range, as the algorithm does, so that no power overflows. */
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, (sorted[i] - sorted[0]) / range);
    mean = rk_sum_value(&sum) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (sorted[i] - sorted[0]) / range - mean;

        rk_sum_add(&squares, d * d);
    }
    for (size_t i = 0; i < half; i++)
        numerator += spare[i] * ((sorted[n - 1 - i] - sorted[i]) / range);
    *w = numerator * numerator / rk_sum_value(&squares);
    *w = *w > 1.0 ? 1.0 : *w;
    *p_value = shapiro_p(*w, n);
    return RK_OK;
}

/* --- Anderson-Darling --------------------------------------------------------------------- */

/* log(pnorm(z)), good in both tails. */
static double log_pnorm(double z)
{
    return z > 0.0 ? log1p(-rk_pnorm(z, RK_UPPER_TAIL)) : gsl_sf_log_erfc(-z / M_SQRT2) - M_LN2;
}

enum rk_status rk_anderson_darling(const double *sorted, size_t n, double mean, double sd,
                                   double *a, double *p_value)
{
    struct rk_sum sum = {0};
    double size = (double)n, statistic, aa;

    if (n < 8)
        return RK_ETOOFEW;
    if (!(sd > 0.0))
        return RK_ECONSTANT;
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, (2.0 * (double)i + 1.0) * (log_pnorm((sorted[i] - mean) / sd) +
                                                    log_pnorm(-(sorted[n - 1 - i] - mean) / sd)));
    statistic = -size - rk_sum_value(&sum) / size;
    aa = (1.0 + 0.75 / size + 2.25 / (size * size)) * statistic;
    if (aa < 0.2)
        *p_value = 1.0 - exp(-13.436 + 101.14 * aa - 223.73 * aa * aa);
    else if (aa < 0.34)
        *p_value = 1.0 - exp(-8.318 + 42.796 * aa - 59.938 * aa * aa);
    else if (aa < 0.6)
        *p_value = exp(0.9177 - 4.279 * aa - 1.38 * aa * aa);
    else if (aa < 10.0)
        *p_value = exp(1.2937 - 5.709 * aa + 0.0186 * aa * aa);
    else
        *p_value = 3.7e-24; /* as nortest: the table ends here */
    *a = statistic;
    return RK_OK;
}
