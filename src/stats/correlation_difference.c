/* The difference of two correlations that share a variable. */
#include <math.h>

#include "repkit/correlation.h"
#include "repkit/distributions.h"

/* Zou's end on the side of `near` of a and `far` of b: they vary together by `shared`. */
static double reach(double near, double far, double shared)
{
    return sqrt(fmax(0.0, near * near + far * far - 2.0 * shared * near * far));
}

enum rk_status rk_correlation_difference(const struct rk_correlation *a,
                                         const struct rk_correlation *b, double between, double n,
                                         int alternative, struct rk_correlation *out)
{
    double r = a->estimate, s = b->estimate, q = between, d = r - s, mean = (r + s) / 2.0;
    double det = 1.0 - r * r - s * s - q * q + 2.0 * r * s * q;
    double rest = 1.0 - r * r - s * s - q * q;
    double shared = ((q - r * s / 2.0) * rest + q * q * q) / ((1.0 - r * r) * (1.0 - s * s));
    double scale = 2.0 * (n - 1.0) / (n - 3.0) * det + mean * mean * pow(1.0 - q, 3.0);
    struct rk_correlation c = {.n = a->n, .n_units = a->n_units, .estimate = d};

    if (n < 4.0)
        return RK_ETOOFEW;
    if (a->perfect || b->perfect || !(fabs(q) < 1.0) || !(scale > 0.0))
        return RK_EPERFECT;
    c.df = n - 3.0;
    c.statistic = d * sqrt((n - 1.0) * (1.0 + q) / scale);
    c.p_value = rk_p_from_t(c.statistic, c.df, alternative);
    c.conf_low =
        alternative == RK_LESS ? -2.0 : d - reach(r - a->conf_low, b->conf_high - s, shared);
    c.conf_high =
        alternative == RK_GREATER ? 2.0 : d + reach(a->conf_high - r, s - b->conf_low, shared);
    *out = c;
    return RK_OK;
}
