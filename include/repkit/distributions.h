/* Distribution functions, their quantiles, and p-values from test statistics.
 *
 * GSL's inverses return NaN or infinity for ordinary arguments (beta with integer counts, gamma of
 * large shape, F with small df) or do not return, its F loses the far tail of large df2 (0 for
 * 1e-23), and its beta and gamma are good to 1e-8 or worse for parameters above 1e6; these are not.
 * Never form 1 - p of a small p: name the tail instead.
 *
 * An infinite df of t and F is allowed (t becomes the normal, F with infinite df2 the chi-squared
 * over df1). All return NaN for NaN arguments and outside their domain (p outside [0, 1], a
 * parameter that is not positive); they cannot fail otherwise. Relative accuracy is about 1e-12, of
 * the tail that is asked for. */
#ifndef REPKIT_DISTRIBUTIONS_H
#define REPKIT_DISTRIBUTIONS_H

#include "repkit/alternative.h"

enum rk_tail { RK_LOWER_TAIL, RK_UPPER_TAIL };

/* P(X <= x), or P(X > x) of the upper tail.
 * In R: pnorm(x), pt(x, df), pchisq(x, df), pf(x, df1, df2), pbeta(x, a, b),
 * pgamma(x, shape, scale = scale), each with lower.tail. */
double rk_pnorm(double x, enum rk_tail tail);
double rk_pt(double x, double df, enum rk_tail tail);
double rk_pchisq(double x, double df, enum rk_tail tail);
double rk_pf(double x, double df1, double df2, enum rk_tail tail);
double rk_pbeta(double x, double a, double b, enum rk_tail tail);
double rk_pgamma(double x, double shape, double scale, enum rk_tail tail);

/* The x whose probability in that tail is p; the ends of the support, infinite ones too, for
 * p 0 and 1. A critical value: rk_qt((1 - conf_level) / 2, df, RK_UPPER_TAIL).
 * By bisection of the distribution function, about 20 microseconds (rk_qnorm: none).
 * In R: qnorm(p), qt(p, df), ... with lower.tail. */
double rk_qnorm(double p, enum rk_tail tail);
double rk_qt(double p, double df, enum rk_tail tail);
double rk_qchisq(double p, double df, enum rk_tail tail);
double rk_qf(double p, double df1, double df2, enum rk_tail tail);
double rk_qbeta(double p, double a, double b, enum rk_tail tail);
double rk_qgamma(double p, double shape, double scale, enum rk_tail tail);

/* The p-value of a statistic that is t with df degrees of freedom, or standard normal, under the
 * null hypothesis. alternative is an enum rk_alternative: RK_GREATER counts large values.
 * An infinite statistic gives 0 or 1. In R: 2 * pt(-abs(t), df), pt(t, df), pt(t, df, lower = F).
 */
double rk_p_from_t(double t, double df, int alternative);
double rk_p_from_z(double z, int alternative);

#endif
