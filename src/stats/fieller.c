#include "repkit/fieller.h"

#include <math.h>
#include <stdbool.h>

/* The share of its terms below which what should be 0 is. */
static const double ROUNDING = 1e-9;

/* Whether a / b is in the set: its error, b^2 times the variance of a - r b there, is not below 0.
 * With the variances and covariance of two estimates it never is. */
static bool holds_ratio(double a, double b, double var_a, double cov_ab, double var_b)
{
    double of_a = b * b * var_a, of_b = a * a * var_b, of_both = 2.0 * a * b * cov_ab;

    return of_a - of_both + of_b >= -ROUNDING * (of_a + fabs(of_both) + of_b);
}

enum rk_status rk_fieller_of(double a, double b, double var_a, double cov_ab, double var_b,
                             double t, struct rk_fieller *out)
{
    struct rk_fieller made = {a / b, RK_FIELLER_ALL, NAN, NAN};
    double square, half, constant, discriminant, root, one, other;

    if (!isfinite(a) || !isfinite(b) || !isfinite(cov_ab) || !(var_a >= 0.0) || !(var_b >= 0.0) ||
        !isfinite(var_a) || !isfinite(var_b) || !(t >= 0.0) || !isfinite(t) ||
        !holds_ratio(a, b, var_a, cov_ab, var_b))
        return RK_EDOMAIN;
    square = b * b - t * t * var_b;
    half = a * b - t * t * cov_ab;
    constant = a * a - t * t * var_a;
    discriminant = half * half - square * constant;
    if (square > 0.0) /* a / b is in the set, so there are roots: less is rounding */
        discriminant = fmax(discriminant, 0.0);
    if (square != 0.0 && discriminant >= 0.0) {
        /* The root that adds, and the other from the product: nothing cancels. */
        root = half + copysign(sqrt(discriminant), half);
        one = root / square;
        other = root != 0.0 ? constant / root : one;
        made.kind = square > 0.0 ? RK_FIELLER_INTERVAL : RK_FIELLER_OUTSIDE;
        made.low = fmin(one, other);
        made.high = fmax(one, other);
    }
    if (made.kind == RK_FIELLER_INTERVAL) { /* it holds a / b, whatever rounding has made of it */
        made.low = fmin(made.low, made.ratio);
        made.high = fmax(made.high, made.ratio);
    }
    *out = made;
    return RK_OK;
}

enum rk_status rk_fieller_vertex(double b1, double b2, double var_1, double cov_12, double var_2,
                                 double t, struct rk_fieller *out)
{
    return rk_fieller_of(-b1, 2.0 * b2, var_1, -2.0 * cov_12, 4.0 * var_2, t, out);
}
