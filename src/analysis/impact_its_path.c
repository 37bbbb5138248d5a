/* its: what would have been, starts that were none, warnings and words. */
#include <math.h>
#include <stdlib.h>

#include "column_look.h"
#include "impact_its.h"
#include "repkit/distributions.h"
#include "repkit/time_series.h"
#include "repkit/words.h"

/* --- the path ----------------------------------------------------------------------------- */

void its_put_path(const struct its *its, const struct its_found *f)
{
    struct rk_series_design design = {its->n, its->k, its->y, its->X, its->slot};
    struct rk_result *result = its->impact->result;
    size_t table = impact_table(its->impact, "path");

    for (size_t i = 0; i < its->n; i++) {
        double se, effect = rk_contrast(&design, &f->fit, &f->contrasts, ITS_TERMS + i, &se);
        double reach = se * its_critical(its, f, ITS_TERMS + i);
        const double numbers[] = {its->actual[i],
                                  its->actual[i] - effect,
                                  its->actual[i] - effect - reach,
                                  its->actual[i] - effect + reach,
                                  effect,
                                  effect - reach,
                                  effect + reach};
        char time[32];

        rk_time_format(its->kind, its->time[i], time);
        rk_result_row(result, table);
        rk_put_text(result, table, 0, time);
        for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
            rk_put(result, table, j + 1, numbers[j]);
    }
}

/* --- placebo dates ------------------------------------------------------------------------ */

/* Every start among the periods before the real one that leaves enough on either side; Prais and
 * Winsten's level change and t, whatever --vcov. */
static enum rk_status fit_placebos(const struct its *its, struct impact_placebo *all, size_t *n)
{
    for (size_t start = ITS_FEWEST; start + ITS_FEWEST <= its->n_before; start++) {
        double *X = its_design_new(its, start, its->n_before);
        struct rk_series_design design = {its->n_before, its->k, its->y, X, its->slot};
        struct rk_series_fit fit;
        enum rk_status status = X == NULL ? RK_ENOMEM : rk_prais_winsten(&design, &fit, NULL);

        free(X);
        if (status == RK_ENOMEM)
            return rk_fail_memory(its->impact->error);
        if (status != RK_OK)
            continue;
        all[*n].start = start;
        all[*n].estimate = fit.coef[ITS_LEVEL];
        all[*n].t = fit.coef[ITS_LEVEL] / sqrt(fit.vcov[ITS_LEVEL * (its->k + 1)]);
        all[*n].p = rk_p_from_t(all[*n].t, fit.df, RK_TWO_SIDED);
        all[*n].t = fabs(all[*n].t);
        ++*n;
        rk_series_fit_free(&fit);
    }
    return RK_OK;
}

enum rk_status its_put_placebo(const struct its *its, const struct its_found *found)
{
    struct impact_placebo *all = malloc((its->n_before + 2) * sizeof *all);
    size_t n = 1;
    enum rk_status status = all == NULL ? rk_fail_memory(its->impact->error) : RK_OK;

    if (status == RK_OK) {
        all[0] = (struct impact_placebo){
            .start = its->n_before,
            .estimate = found->estimate[0],
            .t = fabs(found->statistic[0]),
            .p = rk_p_from_t(found->statistic[0], found->fit.df, RK_TWO_SIDED)};
        status = fit_placebos(its, all, &n);
    }
    if (status == RK_OK)
        impact_put_placebos(its->impact, all, n, its->kind, its->time);
    free(all);
    return status;
}

/* --- warnings ----------------------------------------------------------------------------- */

/* Periods a year that the kind of time suggests. */
static size_t natural_season(enum rk_time_kind kind)
{
    return kind == RK_TIME_MONTH ? 12 : kind == RK_TIME_QUARTER ? 4 : kind == RK_TIME_DAY ? 7 : 0;
}

static void warn_autocorrelation(const struct its *its, const struct its_found *f,
                                 const double *residual)
{
    const struct impact *impact = its->impact;
    int vcov = impact->options->vcov;
    size_t natural = its->season > 0 ? 0 : natural_season(its->kind);
    double limit = 2.0 / sqrt((double)its->n);
    double season = natural > 0 && its->n > 2 * natural
                        ? rk_autocorrelation(residual, its->slot, its->n, natural)
                        : 0.0;

    if ((vcov == RK_ITS_OLS || vcov == RK_ITS_NW) && fabs(f->fit.rho) > limit)
        rk_warn(
            impact->result, RK_WARN_AUTOCORRELATION,
            "what the lines leave correlates from %s to %s by %.2f, which --vcov boot allows for",
            impact_period_name(its->kind), impact_period_name(its->kind), f->fit.rho);
    else if (vcov != RK_ITS_OLS && vcov != RK_ITS_NW && fabs(f->fit.residual_lag1) > limit)
        rk_warn(impact->result, RK_WARN_AUTOCORRELATION,
                "the errors follow each other in more than one step (%.2f is left)",
                f->fit.residual_lag1);
    if (season > limit)
        rk_warn(
            impact->result, RK_WARN_AUTOCORRELATION,
            "what the lines leave comes back after %zu periods (correlation %.2f): try --season "
            "%zu",
            natural, season, natural);
}

static void warn_rows(const struct its *its)
{
    double before = its->n_rows[0], after = its->n_rows[1];

    if (fabs(after - before) > 0.1 * before && its->impact->options->aggregate != RK_AGG_NONE)
        rk_warn(its->impact->result, RK_WARN_SURVIVORS,
                "a period holds %.1f rows on average before the start and %.1f after", before,
                after);
}

void its_warn(const struct its *its, const struct its_found *f)
{
    double *residual = malloc((its->n + 1) * sizeof *residual), skew;

    if (residual == NULL) {
        its->impact->result->status = RK_ENOMEM;
        return;
    }
    for (size_t i = 0; i < its->n; i++) {
        residual[i] = its->y[i];
        for (size_t j = 0; j < its->k; j++)
            residual[i] -= its->X[j * its->n + i] * f->fit.coef[j];
    }
    warn_autocorrelation(its, f, residual);
    warn_rows(its);
    if (column_is_skewed(residual, its->n, &skew))
        rk_warn(its->impact->result, RK_WARN_HEAVY_TAIL,
                "what the lines leave of '%s' is skewed (skewness %.2f)",
                its->impact->options->value, skew);
    free(residual);
}

/* --- words -------------------------------------------------------------------------------- */

static void write_manager(const struct its *its, const struct its_found *f, size_t j, double low,
                          double high, struct rk_text *out)
{
    const char *period = impact_period_name(its->kind), *value = its->impact->options->value;
    const struct impact_number number = impact_number(fabs(f->estimate[j]));
    const char *size = number.text, *side = f->estimate[j] < 0.0 ? "below" : "above";

    switch (j) {
    case 0:
        rk_text_format(out, "In the first %s after the start '%s' stood %s %s the course it was on",
                       period, value, size, side);
        break;
    case 1:
        rk_text_format(out, "Since the start '%s' changes by %s %s a %s than it did before", value,
                       size, f->estimate[j] < 0.0 ? "less" : "more", period);
        break;
    default:
        rk_text_format(out, "%s the %ss since the start '%s' was %s %s the course it was on",
                       j == 2 ? "On average over" : "Summed over", period, value, size, side);
    }
    rk_say_interval(out, its->impact->options->common.conf_level, low, high);
    rk_text_add(out, low > 0.0 || high < 0.0 ? ". Chance alone would rarely show as much."
                                             : ". No change at all fits these data too.");
    rk_text_add(out,
                its->controlled
                    ? " What the control went through too is taken out; what else fell on that "
                      "date to this series alone is not."
                    : " One series cannot tell what was started from anything else that "
                      "happened at that date.");
}

void its_explain(const struct its *its, const struct its_found *f)
{
    static const char *const names[] = {"level_change", "slope_change", "average_effect",
                                        "cumulative_effect"};
    static const char *const how[] = {"Prais-Winsten, bias-corrected AR(1) bootstrap",
                                      "Prais-Winsten", "OLS, Newey-West errors", "OLS"};
    double conf_level = its->impact->options->common.conf_level;

    for (size_t j = 0; j < ITS_TERMS; j++) {
        struct rk_text manager = {0}, paper = {0};
        double reach = f->critical[j] * f->std_error[j];

        write_manager(its, f, j, f->estimate[j] - reach, f->estimate[j] + reach, &manager);
        rk_text_format(&paper, "%s interrupted time series (%s), %s: b = ",
                       its->controlled ? "Controlled" : "Segmented regression of an",
                       how[its->impact->options->vcov], names[j]);
        rk_say_number(&paper, f->estimate[j]);
        rk_say_ci(&paper, conf_level, f->estimate[j] - reach, f->estimate[j] + reach);
        rk_text_format(&paper, ", t = %.4g, ", f->statistic[j]);
        rk_say_p(&paper, "p", f->p_value[j]);
        rk_text_format(&paper, "; rho = %.3g, %zu periods before and %zu after.", f->fit.rho,
                       its->n_before, its->n - its->n_before);
        impact_explain(its->impact, names[j], &manager, &paper);
    }
    if (its->impact->options->path)
        impact_explain_path(its->impact);
}
