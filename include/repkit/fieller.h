/* Fieller's confidence set of a ratio of two correlated estimates. */
#ifndef REPKIT_FIELLER_H
#define REPKIT_FIELLER_H

#include "repkit/status.h"

enum rk_fieller_kind {
    RK_FIELLER_INTERVAL, /* from low to high */
    RK_FIELLER_OUTSIDE,  /* all up to low and all from high: the denominator may be 0 */
    RK_FIELLER_ALL       /* every number: the data say nothing about the ratio */
};

struct rk_fieller {
    double ratio; /* a / b; infinite where b is 0, NaN where a is, too */
    enum rk_fieller_kind kind;
    double low, high; /* the ends of the kind; NaN for RK_FIELLER_ALL */
};

/* The set of all ratios r for which a - r b does not differ from 0:
 *   { r : (a - r b)^2 <= t^2 (var_a - 2 r cov_ab + r^2 var_b) }
 * It is an interval only where b itself differs from 0, |b| > t sqrt(var_b), and then holds a / b.
 * a, b                  estimates, finite
 * var_a, cov_ab, var_b  their variances and covariance, finite
 * t                     critical value, >= 0: rk_qt((1 - conf_level) / 2, df, RK_UPPER_TAIL)
 * Returns RK_OK; RK_EDOMAIN, also where a / b is not in the set, which the variances and covariance
 * of two estimates cannot do; *out unchanged on failure.
 * Source: Fieller (1954), J. R. Statist. Soc. B 16. In R: the roots by polyroot(c(a^2 - t^2 va,
 * -2 (a b - t^2 vab), b^2 - t^2 vb)). */
enum rk_status rk_fieller_of(double a, double b, double var_a, double cov_ab, double var_b,
                             double t, struct rk_fieller *out);

/* The same for where b1 x + b2 x^2 turns, x = -b1 / (2 b2). */
enum rk_status rk_fieller_vertex(double b1, double b2, double var_1, double cov_12, double var_2,
                                 double t, struct rk_fieller *out);

#endif
