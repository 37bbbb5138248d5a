/* What a linear regression's residuals say about it. */
#ifndef REPKIT_REGRESSION_TESTS_H
#define REPKIT_REGRESSION_TESTS_H

#include <stdbool.h>

#include "repkit/context.h"
#include "repkit/least_squares.h"

/* A regression as it was asked for, before effects were taken out, and what it left over. All is
 * borrowed; nothing is missing; weights are positive. */
struct rk_tested {
    struct rk_design design;       /* y, X, weights, has_intercept; nothing absorbed */
    const uint32_t *const *effect; /* n_effects fixed effects, levels numbered from 0 */
    const size_t *n_levels;
    size_t n_effects;
    const double *residual; /* n: of the regression, effects taken out, in the unit of y */
    const struct rk_ctx *ctx;
};

/* One test. statistic is chi-squared or F, or what the test's function says. */
struct rk_test {
    double statistic, df, df2, p_value; /* df2 NaN but for F */
};

/* Whether the residuals' variance goes with the columns: Breusch-Pagan, studentised.
 *   n R^2 of e^2 on the columns and a constant, chi-squared with as many df as columns;
 *   with weights e is sqrt(w) e. Effects are not among the columns.
 * Returns RK_OK; RK_ECONSTANT (e^2 or the columns do not vary); what rk_fit_new returns; *test
 * unchanged on failure. Source: Koenker (1981), J. Econometrics 17.
 * In R: lmtest::bptest(m); with effects lmtest::bptest(m, ~ x). */
enum rk_status rk_breusch_pagan(const struct rk_tested *tested, struct rk_test *test,
                                struct rk_error *error);

/* Whether the form is too straight: RESET, squares and cubes of the fitted values.
 *   F of the two columns in the regression with them
 * Returns RK_OK; RK_ESINGULAR (the powers add nothing: the fitted values have two or three levels);
 * RK_ETOOFEW; what rk_within_new and rk_fit_new return; *test unchanged on failure.
 * Source: Ramsey (1969), J. R. Statist. Soc. B 31. In R: lmtest::resettest(m, power = 2:3). */
enum rk_status rk_reset_test(const struct rk_tested *tested, struct rk_test *test,
                             struct rk_error *error);

/* Whether residuals are normal: Jarque-Bera.
 *   n (S^2 / 6 + (K - 3)^2 / 24), chi-squared with 2 df; S and K with n in the denominator
 * RK_OK; RK_ETOOFEW (n < 3); RK_ECONSTANT; *test unchanged on failure.
 * Source: Jarque and Bera (1980), Economics Letters 6. In R: tseries::jarque.bera.test(resid(m)).
 */
enum rk_status rk_jarque_bera(const struct rk_tested *tested, struct rk_test *test);

/* Which rows follow on each other: for each row the one a period before it in its series, or
 * SIZE_MAX. */
struct rk_chain {
    const size_t *before; /* n */
};

/* Whether residuals follow on each other: Durbin-Watson.
 *   d = sum over rows with one before (e_t - e_(t-1))^2 / sum e^2, near 2 without autocorrelation
 * Two-sided p; exact (Imhof) up to RK_DURBIN_WATSON_EXACT rows, beyond by the normal approximation
 * with d's mean and variance under independence, NaN where several effects keep them unknown.
 * fit    of the regression, effects taken out, with its Q
 * exact  told which, may be NULL
 * Returns RK_OK; RK_ETOOFEW (no row has one before); RK_ECONSTANT; what rk_fit_new returns; outputs
 * unchanged on failure.
 * Sources: Durbin and Watson (1950), Biometrika 37; Imhof (1961), Biometrika 48. Several series:
 * Bhargava, Franzini and Narendranathan (1982), Rev. Econ. Stud. 49.
 * In R: lmtest::dwtest(m, alternative = "two.sided"). */
enum { RK_DURBIN_WATSON_EXACT = 100 };
enum rk_status rk_durbin_watson(const struct rk_tested *tested, const struct rk_chain *chain,
                                const struct rk_fit *fit, struct rk_test *test, bool *exact,
                                struct rk_error *error);

/* The same against one lag, also where y's own lag is among the columns: Breusch-Godfrey.
 *   n R^2 (about 0) of e on the columns and the e before it, 0 where there is none; chi-squared, 1
 * Returns as rk_reset_test; RK_ETOOFEW (no row has one before).
 * Source: Godfrey (1978), Econometrica 46. In R: lmtest::bgtest(m, order = 1). */
enum rk_status rk_breusch_godfrey(const struct rk_tested *tested, const struct rk_chain *chain,
                                  struct rk_test *test, struct rk_error *error);

/* How much of what is left of both y and a column a confounder would have to explain to bring the
 * column's estimate to 0: (sqrt(f^4 + 4 f^2) - f^2) / 2, f = |t| / sqrt(df). This function can't
 * fail; NaN for NaN. Source: Cinelli and Hazlett (2020), J. R. Statist. Soc. B 82.
 * In R: sensemakr::robustness_value(t_statistic = t, dof = df). */
double rk_robustness_value(double t, double df);

/* How strongly, as ratios of risks, a confounder would have to go with both a column and the
 * outcome to account for a ratio of risks: RR + sqrt(RR (RR - 1)), of 1 / RR below 1. This function
 * can't fail; NaN for NaN. Source: VanderWeele and Ding (2017), Annals of Internal Medicine 167. In
 * R: EValue::evalues.RR(RR). */
double rk_e_value(double risk_ratio);

#endif
