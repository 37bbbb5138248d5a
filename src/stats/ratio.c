#include "repkit/ratio.h"

#include <math.h>

enum rk_status rk_fieller(double a, double b, double var_a, double var_b, double cov,
                          double critical, struct rk_ratio *out)
{
    double square = critical * critical;
    double p = b * b - square * var_b, q = a * b - square * cov, r = a * a - square * var_a;
    double root = q * q - p * r;

    if (!isfinite(p) || !isfinite(root) || !(p > 0.0) || root < 0.0)
        return RK_EDOMAIN;
    root = sqrt(root);
    out->estimate = a / b;
    /* Of the two forms of a root the one that does not cancel. */
    out->conf_low = q > 0.0 && r != 0.0 ? r / (q + root) : (q - root) / p;
    out->conf_high = q > 0.0 ? (q + root) / p : q - root != 0.0 ? r / (q - root) : 0.0;
    return RK_OK;
}
