/* The ratio of two estimates, with an interval that does not pretend the denominator is known. */
#ifndef REPKIT_RATIO_H
#define REPKIT_RATIO_H

#include "repkit/status.h"

struct rk_ratio {
    double estimate, conf_low, conf_high;
};

/* Fieller's interval of a / b: the ratios r for which a - r b does not differ from 0.
 *   (a - r b)^2 <= critical^2 (var_a - 2 r cov + r^2 var_b)
 * It excludes 0 exactly when the interval a -+ critical sqrt(var_a) does.
 * a, b          estimates;  var_a, var_b, cov  of them;  critical  quantile of t, above 0
 * Returns RK_OK; RK_EDOMAIN (an argument that is not finite, or b is not clear of 0, so that the
 * interval has no ends); *out unchanged on failure.
 * Source: Fieller (1954), J. R. Statist. Soc. B 16. */
enum rk_status rk_fieller(double a, double b, double var_a, double var_b, double cov,
                          double critical, struct rk_ratio *out);

#endif
