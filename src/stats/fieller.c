#include "repkit/fieller.h"

#include <math.h>

enum rk_status rk_fieller_of(double a, double b, double var_a, double cov_ab, double var_b,
                             double t, struct rk_fieller *out)
{
    struct rk_fieller made = {a / b, RK_FIELLER_ALL, NAN, NAN};
    double square, half, constant, discriminant, root, one, other;

    if (!isfinite(a) || !isfinite(b) || !isfinite(cov_ab) || !(var_a >= 0.0) || !(var_b >= 0.0) ||
        !isfinite(var_a) || !isfinite(var_b) || !(t >= 0.0) || !isfinite(t))
        return RK_EDOMAIN;
    square = b * b - t * t * var_b;
    half = a * b - t * t * cov_ab;
    constant = a * a - t * t * var_a;
    discriminant = half * half - square * constant;
    if (square > 0.0) /* the estimate is in the set, so there are roots: less is rounding */
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
    *out = made;
    return RK_OK;
}

enum rk_status rk_fieller_vertex(double b1, double b2, double var_1, double cov_12, double var_2,
                                 double t, struct rk_fieller *out)
{
    return rk_fieller_of(-b1, 2.0 * b2, var_1, -2.0 * cov_12, 4.0 * var_2, t, out);
}
