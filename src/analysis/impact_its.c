/* its: one series, before and after, against its own past. */
#include "impact_its.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/fieller.h"

static const char *const terms[ITS_TERMS] = {"level_change", "slope_change", "average_effect",
                                             "cumulative_effect"};
static const char *const methods[] = {"boot", "pw", "nw", "ols"};

/* --- contrasts ---------------------------------------------------------------------------- */

/* The four terms, and the forecast error of each period: what it was less what it would have been.
 */
static enum rk_status make_contrasts(const struct its *its, struct its_found *f)
{
    size_t n = its->n, k = its->k, after = n - its->n_before;
    double mean = 0.0;

    f->a = calloc((ITS_TERMS + n) * k + 1, sizeof *f->a);
    f->row = malloc((ITS_TERMS + n) * sizeof *f->row);
    if (f->a == NULL || f->row == NULL)
        return rk_fail_memory(its->impact->error);
    for (size_t i = its->n_before; i < n; i++)
        mean += its->X[ITS_SLOPE * n + i] / (double)after;
    f->a[ITS_LEVEL] = 1.0;
    f->a[k + ITS_SLOPE] = 1.0;
    f->a[2 * k + ITS_LEVEL] = 1.0;
    f->a[2 * k + ITS_SLOPE] = mean;
    f->a[3 * k + ITS_LEVEL] = (double)after;
    f->a[3 * k + ITS_SLOPE] = (double)after * mean;
    for (size_t j = 0; j < ITS_TERMS; j++)
        f->row[j] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        f->row[ITS_TERMS + i] = i;
        for (size_t j = 0; j < k; j++)
            if (j != ITS_LEVEL && j != ITS_SLOPE)
                f->a[(ITS_TERMS + i) * k + j] = its->X[j * n + i];
    }
    f->contrasts = (struct rk_contrasts){ITS_TERMS, f->a, f->row};
    if (its->impact->options->path)
        f->contrasts.m += n;
    return RK_OK;
}

double its_critical(const struct its *its, const struct its_found *found, size_t j)
{
    double conf_level = its->impact->options->common.conf_level;

    if (its->impact->options->vcov == RK_ITS_BOOT)
        return rk_ar1_critical(&found->boot, j, conf_level);
    return rk_qt((1.0 - conf_level) / 2.0, found->fit.df, RK_UPPER_TAIL);
}

static enum rk_status estimate(const struct its *its, struct its_found *f)
{
    const struct impact *impact = its->impact;
    struct rk_series_design design = {its->n, its->k, its->y, its->X, its->slot};
    size_t draws = impact->options->common.resamples;
    int vcov = impact->options->vcov;
    enum rk_status status;

    if (vcov == RK_ITS_OLS || vcov == RK_ITS_NW)
        status = rk_newey_west(&design, vcov == RK_ITS_NW ? rk_newey_west_lag(its->n) : 0, &f->fit,
                               impact->error);
    else
        status = rk_prais_winsten(&design, &f->fit, impact->error);
    if (status == RK_OK)
        status = make_contrasts(its, f);
    if (status == RK_OK && vcov == RK_ITS_BOOT)
        status =
            rk_ar1_bootstrap_new(&design, &f->fit, &f->contrasts, draws > 0 ? draws : ITS_DRAWS,
                                 impact->label, impact->ctx, &f->boot, impact->error);
    for (size_t j = 0; status == RK_OK && j < ITS_TERMS; j++) {
        f->estimate[j] = rk_contrast(&design, &f->fit, &f->contrasts, j, &f->std_error[j]);
        f->statistic[j] = f->estimate[j] / f->std_error[j];
        f->critical[j] = its_critical(its, f, j);
        f->p_value[j] = vcov == RK_ITS_BOOT ? rk_ar1_p_value(&f->boot, j, f->statistic[j])
                                            : rk_p_from_t(f->statistic[j], f->fit.df, RK_TWO_SIDED);
    }
    return status;
}

/* --- rows --------------------------------------------------------------------------------- */

/* What the term is relative to: what the first period after, all of them on average, or their sum
 * would have been. By Fieller where it is a prediction of the same regression. */
static void set_relative(const struct its *its, const struct its_found *f, size_t j,
                         struct effect *e)
{
    size_t n = its->n, k = its->k, first = its->n_before;
    double base = 0.0, var = 0.0, cov = 0.0, after = (double)(n - first);
    double *a = calloc(k + 1, sizeof *a);
    struct rk_fieller ratio;

    if (a == NULL)
        its->impact->result->status = RK_ENOMEM;
    if (a == NULL || j == 1) {
        free(a);
        return;
    }
    for (size_t i = first; i < (j == 0 ? first + 1 : n); i++)
        for (size_t c = 0; c < k; c++)
            if (c != ITS_LEVEL && c != ITS_SLOPE)
                a[c] += its->X[c * n + i] / (j == 2 ? after : 1.0);
    for (size_t c = 0; c < k; c++) {
        base += a[c] * f->fit.coef[c];
        for (size_t d = 0; d < k; d++) {
            var += a[c] * a[d] * f->fit.vcov[c * k + d];
            cov += a[c] * f->a[j * k + d] * f->fit.vcov[c * k + d];
        }
    }
    free(a);
    if (its->controlled) {
        base = var = cov = 0.0;
        for (size_t i = first; i < (j == 0 ? first + 1 : n); i++)
            base += its->actual[i] / (j == 2 ? after : 1.0);
        base -= f->estimate[j];
    }
    if (base > 0.0 &&
        rk_fieller_of(f->estimate[j], base, f->std_error[j] * f->std_error[j], cov, var,
                      f->critical[j], &ratio) == RK_OK &&
        ratio.kind == RK_FIELLER_INTERVAL) {
        e->rel_effect = ratio.ratio;
        e->rel_low = ratio.low;
        e->rel_high = ratio.high;
    }
    if (isnan(e->rel_effect))
        impact_note(e, "no relative effect: what it is relative to is not clear of 0");
    else if (its->controlled)
        impact_note(e, "relative to a level taken as known");
}

static void note_method(const struct its *its, const struct its_found *f, struct effect *e)
{
    switch ((enum rk_impact_vcov)its->impact->options->vcov) {
    case RK_ITS_BOOT:
        impact_note(e,
                    "t of Prais-Winsten, p, interval and std_error of %zu AR(1) bootstraps; rho "
                    "%.4g, corrected %.4g%s",
                    f->boot.draws, f->fit.rho, f->boot.rho,
                    fabs(f->boot.rho) < RK_AR1_LARGEST ? "" : ", the end of what is looked at");
        break;
    case RK_ITS_PW:
        impact_note(e, "Prais-Winsten, rho %.4g", f->fit.rho);
        break;
    case RK_ITS_NW:
        impact_note(e, "Newey-West, lag %zu; rho %.4g", rk_newey_west_lag(its->n), f->fit.rho);
        break;
    case RK_ITS_OLS:
        impact_note(e, "periods taken as independent; rho %.4g", f->fit.rho);
    }
    if (its->season > 0 && its->waves > 0)
        impact_note(e, "season of %zu as %zu wave%s", its->season, its->waves,
                    its->waves == 1 ? "" : "s");
    else if (its->season > 0)
        impact_note(e, "season of %zu", its->season);
    if (its->controlled)
        impact_note(e, "less the control's");
    if (its->n < 24 || its->n_before < ITS_ENOUGH || its->n - its->n_before < ITS_ENOUGH)
        impact_note(e, "low reliability: %zu periods before and %zu after", its->n_before,
                    its->n - its->n_before);
}

static void put_rows(const struct its *its, const struct its_found *f)
{
    int vcov = its->impact->options->vcov;

    for (size_t j = 0; j < ITS_TERMS; j++) {
        struct effect e = impact_effect(terms[j], methods[vcov]);
        double reach = f->critical[j] * f->std_error[j];

        e.estimate = f->estimate[j];
        e.std_error = vcov == RK_ITS_BOOT ? f->boot.sd[j] : f->std_error[j];
        e.statistic = f->statistic[j];
        e.df = vcov == RK_ITS_BOOT ? NAN : f->fit.df;
        e.p_value = f->p_value[j];
        e.conf_low = e.estimate - reach;
        e.conf_high = e.estimate + reach;
        e.n = its->n;
        e.per = j == 3 ? "" : rk_time_kind_name(its->kind);
        note_method(its, f, &e);
        set_relative(its, f, j, &e);
        impact_put(its->impact, &e);
    }
}

enum rk_status impact_its(const struct impact *impact, const struct rk_table *table)
{
    struct its its;
    struct its_found found = {0};
    enum rk_status status = its_read(impact, table, &its);

    if (status == RK_OK)
        status = estimate(&its, &found);
    if (status == RK_OK) {
        put_rows(&its, &found);
        rk_result_measured(impact->result, its.kind, its.time[its.n_before], its.time[its.n - 1]);
        if (impact->options->path)
            its_put_path(&its, &found);
        its_warn(&its, &found);
        if (impact->options->common.explain)
            its_explain(&its, &found);
    }
    if (status == RK_OK && impact->options->placebo)
        status = its_put_placebo(&its, &found);
    free(found.a);
    free(found.row);
    rk_series_fit_free(&found.fit);
    rk_ar1_bootstrap_free(&found.boot);
    its_free(&its);
    return status;
}
