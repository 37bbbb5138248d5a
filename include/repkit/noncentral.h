/* The noncentral t and F distributions: intervals of standardised effects, and the power of tests.
 */
#ifndef REPKIT_NONCENTRAL_H
#define REPKIT_NONCENTRAL_H

#include "repkit/distributions.h"
#include "repkit/status.h"

/* P(T <= t), or P(T > t) of the upper tail, of T noncentral t.
 *   P(T <= t) = integral over u > 0 of Phi(t u - ncp) f(u) du, f the density of sqrt(chi2_df / df)
 * t     a finite number, or an infinite one (0 or 1);  df  1 or more, need not be whole;
 * ncp   finite noncentrality
 * Returns NaN outside these, and where the integral does not settle. Relative accuracy is about
 * 1e-11 of the tail that is asked for; unlike AS 243 it holds for any noncentrality.
 * In R: pt(t, df, ncp), with lower.tail. */
double rk_pnt(double t, double df, double ncp, enum rk_tail tail);

/* The noncentrality under which a value below t has probability p: the ncp with
 * rk_pnt(t, df, ncp, RK_LOWER_TAIL) = p. It decreases in p.
 * t  finite;  df  1 or more;  p  between 0 and 1, exclusive
 * Returns RK_OK, RK_EDOMAIN, RK_ENOCONVERGE, RK_ENOMEM; *ncp unchanged on failure.
 * In R: uniroot(function(ncp) pt(t, df, ncp) - p, ...)$root. */
enum rk_status rk_ncp_of_t(double t, double df, double p, double *ncp);

/* P(F <= x), or P(F > x) of the upper tail, of F noncentral F.
 *   sum over j of Poisson(j; ncp / 2) times I_{df1 x / (df1 x + df2)}(df1 / 2 + j, df2 / 2)
 * x, ncp >= 0; df1, df2 > 0. Absolute accuracy about 1e-14, from ncp 50,000 on 1e-10. NaN outside
 * these.
 * In R: pf(x, df1, df2, ncp), with lower.tail. */
double rk_pnf(double x, double df1, double df2, double ncp, enum rk_tail tail);

#endif
