/* Restricted cubic splines in Harrell's form. */
#include <math.h>

#include "repkit/band_stats.h"
#include "repkit/quantile.h"

enum rk_status rk_rcs_knots(const double *x, size_t n, size_t wanted, double *knot, size_t *n_knots)
{
    static const double places[][RK_MOST_KNOTS] = {
        {0.1, 0.5, 0.9}, {0.05, 0.35, 0.65, 0.95}, {0.05, 0.275, 0.5, 0.725, 0.95}};
    double found[RK_MOST_KNOTS];
    size_t kept = 0;
    enum rk_status status;

    if (wanted < 3 || wanted > RK_MOST_KNOTS)
        return RK_EDOMAIN;
    status = rk_quantiles_of(x, n, places[wanted - 3], wanted, 7, found);
    if (status != RK_OK)
        return status;
    for (size_t k = 0; k < wanted; k++)
        if (kept == 0 || found[k] > knot[kept - 1])
            knot[kept++] = found[k];
    *n_knots = kept;
    return RK_OK;
}

/* The power-th derivative-like part: (x - k)+^3, or 3 (x - k)+^2. */
static double part(double x, double knot, bool slope)
{
    double d = x - knot;

    if (d <= 0.0)
        return 0.0;
    return slope ? 3.0 * d * d : d * d * d;
}

static void columns(double x, const double *knot, size_t n_knots, bool slope, double *out)
{
    double last = knot[n_knots - 1], before = knot[n_knots - 2];
    double norm = (last - knot[0]) * (last - knot[0]);

    for (size_t j = 0; j + 2 < n_knots; j++)
        out[j] =
            (part(x, knot[j], slope) - part(x, before, slope) * (last - knot[j]) / (last - before) +
             part(x, last, slope) * (before - knot[j]) / (last - before)) /
            norm;
}

void rk_rcs_basis(double x, const double *knot, size_t n_knots, double *out)
{
    columns(x, knot, n_knots, false, out);
}

void rk_rcs_slopes(double x, const double *knot, size_t n_knots, double *out)
{
    columns(x, knot, n_knots, true, out);
}

static double value_at(const double *coef, const double *knot, size_t n_knots, double x, bool slope)
{
    double column[RK_MOST_KNOTS], sum = slope ? coef[0] : coef[0] * x;

    columns(x, knot, n_knots, slope, column);
    for (size_t j = 0; j + 2 < n_knots; j++)
        sum += coef[1 + j] * column[j];
    return sum;
}

struct highest {
    const double *coef, *knot;
    size_t n_knots;
    double at, value;
};

static void consider(struct highest *best, double x)
{
    double value = value_at(best->coef, best->knot, best->n_knots, x, false);

    if (value > best->value) {
        best->value = value;
        best->at = x;
    }
}

/* Between two places without a knot the derivative is a parabola: through its values at both ends
 * and in the middle. */
static void consider_turns(struct highest *best, double low, double high)
{
    double f0 = value_at(best->coef, best->knot, best->n_knots, low, true);
    double f1 = value_at(best->coef, best->knot, best->n_knots, 0.5 * (low + high), true);
    double f2 = value_at(best->coef, best->knot, best->n_knots, high, true);
    double a = 2.0 * (f2 - 2.0 * f1 + f0), b = 4.0 * f1 - 3.0 * f0 - f2; /* a s^2 + b s + f0 */
    double root = b * b - 4.0 * a * f0, half, s[2];

    if (root < 0.0)
        return;
    half = -0.5 * (b + copysign(sqrt(root), b));
    s[0] = half / a;
    s[1] = f0 / half;
    for (int i = 0; i < 2; i++)
        if (s[i] > 0.0 && s[i] < 1.0)
            consider(best, low + s[i] * (high - low));
}

double rk_rcs_highest(const double *coef, const double *knot, size_t n_knots, double low,
                      double high)
{
    struct highest best = {coef, knot, n_knots, low, -INFINITY};
    double from = low;

    consider(&best, low);
    for (size_t k = 0; k <= n_knots; k++) {
        double to = k < n_knots ? fmin(knot[k], high) : high;

        if (to > from) {
            consider_turns(&best, from, to);
            consider(&best, to);
            from = to;
        }
    }
    return best.at;
}
