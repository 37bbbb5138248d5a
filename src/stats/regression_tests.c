#include "repkit/regression_tests.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/sum.h"
#include "repkit/within.h"

/* --- regressions on the way ---------------------------------------------------------------- */

static bool has_constant(const struct rk_tested *tested)
{
    return tested->design.has_intercept || tested->n_effects > 0;
}

/* Fits y on the columns and, beside them, on extra ones, the effects taken out of all. `fit` is the
 * caller's. */
static enum rk_status fit_with(const struct rk_tested *tested, const double *y, const double *extra,
                               size_t n_extra, struct rk_fit **fit, struct rk_error *error)
{
    struct rk_design design = tested->design;
    size_t n = design.n;
    double *X = malloc(((design.p + n_extra) * n + 1) * sizeof *X);
    struct rk_within *within = NULL;
    enum rk_status status = X == NULL ? rk_fail_memory(error) : RK_OK;

    if (status == RK_OK) {
        memcpy(X, design.X, design.p * n * sizeof *X);
        if (n_extra > 0)
            memcpy(X + design.p * n, extra, n_extra * n * sizeof *X);
        design.X = X;
        design.X_low = NULL;
        design.y = y;
        design.p += n_extra;
    }
    if (status == RK_OK && tested->n_effects > 0) {
        status = rk_within_new(&design, tested->effect, tested->n_levels, tested->n_effects,
                               &within, error);
        if (status == RK_OK)
            design = rk_within_design(within);
    }
    if (status == RK_OK)
        status = rk_fit_new(&design, tested->ctx, fit, error);
    rk_within_free(within);
    free(X);
    return status;
}

/* sqrt(w) e */
static double scaled(const struct rk_tested *tested, size_t i)
{
    const double *weights = tested->design.weights;

    return weights == NULL ? tested->residual[i] : sqrt(weights[i]) * tested->residual[i];
}

static double square_sum(const struct rk_tested *tested)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < tested->design.n; i++)
        rk_sum_add(&sum, scaled(tested, i) * scaled(tested, i));
    return rk_sum_value(&sum);
}

/* --- Breusch-Pagan ------------------------------------------------------------------------- */

enum rk_status rk_breusch_pagan(const struct rk_tested *tested, struct rk_test *test,
                                struct rk_error *error)
{
    const struct rk_design *design = &tested->design;
    size_t n = design->n, first = design->has_intercept ? 1 : 0, p = design->p - first + 1;
    double *work = malloc((n * (p + 1) + 1) * sizeof *work);
    struct rk_design squares = {.n = n, .p = p, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    if (work == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n; i++) {
        work[i] = scaled(tested, i) * scaled(tested, i);
        work[n + i] = 1.0;
    }
    memcpy(work + 2 * n, design->X + first * n, (p - 1) * n * sizeof *work);
    squares.y = work;
    squares.X = work + n;
    status = rk_fit_new(&squares, tested->ctx, &fit, error);
    if (status == RK_OK && (isnan(fit->r_squared) || !(fit->df_model > 0.0)))
        status = rk_fail(error, RK_ECONSTANT, "the squared residuals do not vary");
    if (status == RK_OK) {
        double statistic = (double)n * fit->r_squared;

        *test = (struct rk_test){statistic, fit->df_model, NAN,
                                 rk_pchisq(statistic, fit->df_model, RK_UPPER_TAIL)};
    }
    rk_fit_free(fit);
    free(work);
    return status;
}

/* --- RESET --------------------------------------------------------------------------------- */

enum rk_status rk_reset_test(const struct rk_tested *tested, struct rk_test *test,
                             struct rk_error *error)
{
    size_t n = tested->design.n;
    double *powers = malloc((2 * n + 1) * sizeof *powers), mean = 0.0, scale = 0.0;
    struct rk_fit *plain = NULL, *with = NULL;
    enum rk_status status = powers == NULL ? rk_fail_memory(error) : RK_OK;
    double added;

    for (size_t i = 0; status == RK_OK && has_constant(tested) && i < n; i++)
        mean += (tested->design.y[i] - tested->residual[i] - mean) / (double)(i + 1);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        scale = fmax(scale, fabs(tested->design.y[i] - tested->residual[i] - mean));
    if (status == RK_OK && !(scale > 0.0))
        status = rk_fail(error, RK_ECONSTANT, "the fitted values do not vary");
    /* About the mean, where that changes nothing but the rounding: with a constant among them the
     * columns span the same. */
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        double fitted = (tested->design.y[i] - tested->residual[i] - mean) / scale;

        powers[i] = fitted * fitted;
        powers[n + i] = fitted * fitted * fitted;
    }
    if (status == RK_OK)
        status = fit_with(tested, tested->design.y, NULL, 0, &plain, error);
    if (status == RK_OK)
        status = fit_with(tested, tested->design.y, powers, 2, &with, error);
    if (status == RK_OK && (with->errors != RK_OK || plain->errors != RK_OK))
        status = rk_fail(error, with->errors != RK_OK ? with->errors : plain->errors, "%s",
                         rk_status_words(with->errors != RK_OK ? with->errors : plain->errors));
    added = status == RK_OK ? (double)with->rank - (double)plain->rank : 0.0;
    if (status == RK_OK && !(added > 0.0))
        status = rk_fail(error, RK_ESINGULAR, "powers of the fitted values add nothing");
    if (status == RK_OK) {
        double F = (plain->rss - with->rss) / added / (with->rss / with->df_residual);

        *test = (struct rk_test){F, added, with->df_residual,
                                 rk_pf(F, added, with->df_residual, RK_UPPER_TAIL)};
    }
    rk_fit_free(plain);
    rk_fit_free(with);
    free(powers);
    return status;
}

/* --- Jarque-Bera --------------------------------------------------------------------------- */

enum rk_status rk_jarque_bera(const struct rk_tested *tested, struct rk_test *test)
{
    size_t n = tested->design.n;
    struct rk_sum sum = {0}, second = {0}, third = {0}, fourth = {0};
    double mean, variance, S, K, statistic;

    if (n < 3)
        return RK_ETOOFEW;
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, scaled(tested, i) / (double)n);
    mean = rk_sum_value(&sum);
    for (size_t i = 0; i < n; i++) {
        double d = scaled(tested, i) - mean;

        rk_sum_add(&second, d * d);
        rk_sum_add(&third, d * d * d);
        rk_sum_add(&fourth, d * d * d * d);
    }
    variance = rk_sum_value(&second) / (double)n;
    if (!(variance > 0.0))
        return RK_ECONSTANT;
    S = rk_sum_value(&third) / (double)n / pow(variance, 1.5);
    K = rk_sum_value(&fourth) / (double)n / (variance * variance);
    statistic = (double)n * (S * S / 6.0 + (K - 3.0) * (K - 3.0) / 24.0);
    *test = (struct rk_test){statistic, 2.0, NAN, rk_pchisq(statistic, 2.0, RK_UPPER_TAIL)};
    return RK_OK;
}

/* --- Breusch-Godfrey ----------------------------------------------------------------------- */

enum rk_status rk_breusch_godfrey(const struct rk_tested *tested, const struct rk_chain *chain,
                                  struct rk_test *test, struct rk_error *error)
{
    size_t n = tested->design.n, n_before = 0;
    double *lagged = malloc((n + 1) * sizeof *lagged), total = square_sum(tested);
    struct rk_fit *fit = NULL;
    enum rk_status status = lagged == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        n_before += chain->before[i] != SIZE_MAX;
        lagged[i] = chain->before[i] == SIZE_MAX ? 0.0 : tested->residual[chain->before[i]];
    }
    if (status == RK_OK && n_before == 0)
        status = rk_fail(error, RK_ETOOFEW, "no row has one a period before it");
    if (status == RK_OK)
        status = fit_with(tested, tested->residual, lagged, 1, &fit, error);
    if (status == RK_OK && isnan(fit->coef[tested->design.p]))
        status = rk_fail(error, RK_ESINGULAR, "the residuals before are a function of the terms");
    if (status == RK_OK) {
        double statistic = (double)n * (1.0 - fit->rss / total);

        *test = (struct rk_test){statistic, 1.0, NAN, rk_pchisq(statistic, 1.0, RK_UPPER_TAIL)};
    }
    rk_fit_free(fit);
    free(lagged);
    return status;
}

/* --- robustness value ---------------------------------------------------------------------- */

double rk_robustness_value(double t, double df)
{
    double f2 = t * t / df;

    /* (sqrt(f^4 + 4 f^2) - f^2) / 2 without the difference of near equals. */
    return f2 == 0.0 ? 0.0 : 2.0 / (1.0 + sqrt(1.0 + 4.0 / f2));
}

double rk_e_value(double risk_ratio)
{
    double ratio = risk_ratio < 1.0 ? 1.0 / risk_ratio : risk_ratio;

    return ratio + sqrt(ratio * (ratio - 1.0));
}
