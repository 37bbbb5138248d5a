/* did: the change of those treated less the change of the others. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/distributions.h"

/* The draws of label permutation and the power that the smallest slope is quoted at. */
enum { DRAWS = 9999 };
static const double POWER = 0.8;

/* --- rows --------------------------------------------------------------------------------- */

static struct effect did_effect(const struct impact *impact, const struct did_found *f,
                                const char *term, const char *method)
{
    struct effect e = impact_effect(term, method);

    e.n = f->n_rows;
    e.n_units = e.n_clusters = f->units->n;
    e.per = rk_time_kind_name(f->panel->kind);
    (void)impact;
    return e;
}

static void set_did(struct effect *e, const struct rk_did *d)
{
    e->estimate = d->estimate;
    e->std_error = d->std_error;
    e->statistic = d->statistic;
    e->df = d->df;
    e->p_value = d->p_value;
    e->conf_low = d->conf_low;
    e->conf_high = d->conf_high;
    e->rel_effect = d->rel_effect;
    e->rel_low = d->rel_low;
    e->rel_high = d->rel_high;
    if (isnan(d->rel_low))
        impact_note(e, "no relative effect: what it is relative to is not clear of 0");
}

static void put_collapsed(const struct impact *impact, const struct did_found *f, const char *term)
{
    struct effect e = did_effect(impact, f, term, "collapsed");

    set_did(&e, &f->att);
    if (f->panel->q > 0)
        impact_note(&e, "t, the change adjusted for covariates' means before");
    else
        impact_note(&e, f->att.welch ? "Welch t of units' changes" : "pooled t of units' changes");
    impact_put(impact, &e);
}

static void put_permutation(const struct impact *impact, const struct did_found *f)
{
    struct effect e = did_effect(impact, f, "att_permutation", "permutation");

    e.estimate = f->att.estimate;
    e.p_value = f->permutation.p_value;
    if (f->permutation.exact)
        impact_note(&e, "exact, all %zu ways to pick %zu of %zu units", f->permutation.n,
                    f->units->n_treated, f->units->n);
    else
        impact_note(&e, "%zu random picks of %zu of %zu units", f->permutation.n,
                    f->units->n_treated, f->units->n);
    impact_note(&e, "no interval");
    impact_put(impact, &e);
}

static void put_ancova(const struct impact *impact, const struct did_found *f)
{
    struct effect e = did_effect(impact, f, "att_ancova", "ancova");

    if (f->ancova_status == RK_OK)
        set_did(&e, &f->ancova);
    impact_note(&e, "%s",
                f->ancova_status == RK_OK
                    ? "the mean after, adjusted for the mean before; for units treated "
                      "at random"
                    : rk_status_words(f->ancova_status));
    impact_put(impact, &e);
}

static const char needs_periods[] = "needs the periods, which moments do not keep";

/* What the treated would have had after the start by the two-way regression. */
static double level_after(const struct did_found *f)
{
    double sum = 0.0, n = 0.0;

    for (size_t k = 0; k < f->panel->n; k++)
        if (f->panel->treated[f->panel->unit[k]] && f->panel->period[k] >= f->panel->first_after)
            sum += (f->panel->y[k] - sum) / ++n;
    return sum;
}

static void put_twfe(const struct impact *impact, const struct did_found *f, const char *term)
{
    struct effect e = did_effect(impact, f, term, "twfe");
    double conf_level = impact->options->common.conf_level, base, reach;

    if (impact->options->moments != NULL) {
        impact_note(&e, needs_periods);
        impact_put(impact, &e);
        return;
    }
    if (f->twfe_status != RK_OK || !(f->twfe.std_error[0] > 0.0)) {
        impact_note(&e, "%s",
                    rk_status_words(f->twfe_status != RK_OK ? f->twfe_status : RK_EPERFECT));
        impact_put(impact, &e);
        return;
    }
    e.n = f->twfe.n;
    e.n_units = e.n_clusters = f->twfe.n_units;
    e.estimate = f->twfe.coef[0];
    e.std_error = f->twfe.std_error[0];
    e.df = f->twfe.df[0];
    e.statistic = e.estimate / e.std_error;
    e.p_value = rk_p_from_t(e.statistic, e.df, RK_TWO_SIDED);
    reach = e.std_error * rk_qt((1.0 - conf_level) / 2.0, e.df, RK_UPPER_TAIL);
    e.conf_low = e.estimate - reach;
    e.conf_high = e.estimate + reach;
    base = level_after(f) - e.estimate;
    impact_note(&e, f->twfe.method == RK_VCOV_CR2 ? "cr2" : "cr1: %s", f->twfe.reason);
    if (f->twfe.wild) {
        e.p_value = f->twfe.wild_p;
        e.conf_low = f->twfe.wild_low;
        e.conf_high = f->twfe.wild_high;
        impact_note(&e, "p and interval by the wild cluster bootstrap, %zu draws",
                    f->twfe.wild_draws);
    }
    if (base > 0.0) {
        e.rel_effect = e.estimate / base;
        e.rel_low = e.conf_low / base;
        e.rel_high = e.conf_high / base;
        impact_note(&e, "relative to a level taken as known");
    }
    impact_put(impact, &e);
}

static void put_pretrend(const struct impact *impact, const struct did_found *f)
{
    struct effect e = did_effect(impact, f, "pretrend", "joint");
    bool moments = impact->options->moments != NULL;

    if (moments) {
        impact_note(&e, needs_periods);
    } else if (f->pretrend_status == RK_OK) {
        e.statistic = f->pretrend.statistic;
        e.df = f->pretrend.df2;
        e.p_value = f->pretrend.p_value;
        impact_note(&e, "F on %.0f and %.4g df: %zu %s before against the last", f->pretrend.df1,
                    f->pretrend.df2, f->n_leads, f->blocks ? "blocks of periods" : "periods");
    } else if (f->n_leads == 0) {
        impact_note(&e, "needs two periods before the start");
    } else {
        impact_note(&e, "%s: %zu leads", rk_status_words(f->pretrend_status), f->n_leads);
    }
    impact_put(impact, &e);
    e = did_effect(impact, f, "pretrend_slope", "collapsed");
    if (f->slope_status == RK_OK) {
        set_did(&e, &f->slope);
        e.rel_effect = e.rel_low = e.rel_high = NAN;
        rk_text_free(&e.note);
        e.n_units = e.n_clusters = f->units->n_slopes;
        impact_note(&e, "a slope of %s would be seen with 80%% power",
                    impact_number(f->slope_mde).text);
        impact_note(&e, "gone on, this one would make %s of the effect",
                    impact_number(f->continued).text);
    } else {
        impact_note(&e, "%s", moments ? needs_periods : rk_status_words(f->slope_status));
    }
    impact_put(impact, &e);
}

/* --- what is estimated -------------------------------------------------------------------- */

static enum rk_status estimate_att(const struct impact *impact, struct did_found *f)
{
    const struct impact_units *u = f->units;
    double conf_level = impact->options->common.conf_level;
    size_t draws = impact->options->common.resamples;
    enum rk_status status;

    if (u->n_treated < 2 || u->n - u->n_treated < 2)
        return rk_fail(impact->error, RK_ETOOFEW,
                       "two units of each group with values before and after are needed, and there "
                       "are %zu treated and %zu others",
                       u->n_treated, u->n - u->n_treated);
    if (f->panel->q > 0)
        status = rk_did_adjusted(u->change, u->treated, u->Z, f->panel->q, u->after, u->n,
                                 conf_level, &f->att, impact->error);
    else
        status = rk_did_collapsed(u->before, u->after, u->treated, u->n, conf_level, &f->att);
    if (status != RK_OK)
        return rk_fail(impact->error, status, "%s", rk_status_words(status));
    f->ancova_status = rk_did_adjusted(u->after, u->treated, u->both, f->panel->q + 1, u->after,
                                       u->n, conf_level, &f->ancova, NULL);
    if (f->ancova_status == RK_ENOMEM)
        return rk_fail_memory(impact->error);
    return rk_did_permutation(u->change, u->treated, u->Z, f->panel->q, u->n,
                              draws > 0 ? draws : DRAWS, impact->label, impact->ctx,
                              &f->permutation, impact->error);
}

static enum rk_status estimate_slope(const struct impact *impact, struct did_found *f)
{
    const struct impact_units *u = f->units;
    double tail = (1.0 - impact->options->common.conf_level) / 2.0;
    double *zero = calloc(u->n_slopes + 1, sizeof *zero);

    f->slope_status = zero == NULL
                          ? RK_ENOMEM
                          : rk_did_collapsed(zero, u->slope, u->slope_treated, u->n_slopes,
                                             impact->options->common.conf_level, &f->slope);
    free(zero);
    if (f->slope_status == RK_ENOMEM)
        return rk_fail_memory(impact->error);
    if (f->slope_status != RK_OK)
        return RK_OK;
    f->slope_mde = f->slope.std_error * (rk_qt(tail, f->slope.df, RK_UPPER_TAIL) +
                                         rk_qt(1.0 - POWER, f->slope.df, RK_UPPER_TAIL));
    f->continued = f->slope.estimate * (u->mean_time[1] - u->mean_time[0]);
    return RK_OK;
}

static enum rk_status estimate_twfe(const struct impact *impact, struct did_found *f)
{
    const struct impact_panel *p = f->panel;
    double *X = malloc((p->n * (p->q + 1) + 1) * sizeof *X);
    struct rk_panel_design design;

    if (X == NULL)
        return rk_fail_memory(impact->error);
    for (size_t k = 0; k < p->n; k++)
        X[k] = p->treated[p->unit[k]] && p->period[k] >= p->first_after;
    if (p->q > 0)
        memcpy(X + p->n, p->Z, p->n * p->q * sizeof *X);
    design = impact_panel_design(p, X, p->q + 1);
    design.wild_draws = impact->options->common.resamples;
    design.conf_level = impact->options->common.conf_level;
    design.label = impact->label;
    if (design.wild_draws == 0)
        design.wild_draws = DRAWS;
    f->twfe_status = rk_panel_fit_new(&design, impact->ctx, &f->twfe, NULL);
    free(X);
    if (f->twfe_status != RK_OK && !rk_status_is_undefined(f->twfe_status))
        return rk_fail(impact->error, f->twfe_status, "%s", rk_status_words(f->twfe_status));
    return RK_OK;
}

static void put_rows(const struct impact *impact, const struct did_found *f)
{
    bool twfe = impact->options->estimator == RK_ESTIMATOR_TWFE;

    if (twfe)
        put_twfe(impact, f, "att");
    else
        put_collapsed(impact, f, "att");
    put_permutation(impact, f);
    put_ancova(impact, f);
    if (twfe)
        put_collapsed(impact, f, "att_collapsed");
    else
        put_twfe(impact, f, "att_twfe");
    put_pretrend(impact, f);
}

/* What moments do not tell. */
static enum rk_status estimate_periods(const struct impact *impact, struct did_found *f)
{
    enum rk_status status = estimate_twfe(impact, f);

    if (status == RK_OK)
        status = estimate_slope(impact, f);
    if (status != RK_OK)
        return status;
    return impact->options->design == RK_IMPACT_EVENT ? impact_event_path(impact, f)
                                                      : impact_did_leads(impact, f);
}

static enum rk_status run(const struct impact *impact, struct did_found *f)
{
    const struct rk_impact_options *o = impact->options;
    enum rk_status status = estimate_att(impact, f);

    f->twfe_status = f->pretrend_status = f->slope_status = RK_ETOOFEW;
    if (status == RK_OK && o->moments == NULL)
        status = estimate_periods(impact, f);
    if (status != RK_OK)
        return status;
    put_rows(impact, f);
    rk_result_measured(impact->result, f->panel->kind, f->panel->time[f->panel->first_after],
                       f->panel->time[f->panel->n_periods - 1]);
    impact_warn_did(impact, f);
    if (o->common.explain)
        impact_explain_did(impact, f);
    return o->placebo && o->design == RK_IMPACT_DID ? impact_did_placebo(impact, f) : RK_OK;
}

enum rk_status impact_did(const struct impact *impact, const struct rk_table *table)
{
    struct impact_panel panel;
    struct impact_units units = {0};
    struct did_found found = {.panel = &panel, .units = &units};
    enum rk_status status = impact_panel_read(impact, table, &panel);

    if (status == RK_OK && (panel.first_after == 0 || panel.first_after == panel.n_periods))
        status = rk_fail(impact->error, RK_ETOOFEW, "no period %s",
                         panel.first_after == 0 ? "before the start" : "after the start");
    if (status == RK_OK)
        found.n_rows = impact->options->moments == NULL
                           ? panel.n
                           : (size_t)rk_moments_total(impact->options->moments);
    if (status == RK_OK &&
        impact_units_make(&panel, panel.first_after, panel.n_periods, &units) != RK_OK)
        status = rk_fail_memory(impact->error);
    if (status == RK_OK)
        status = run(impact, &found);
    rk_panel_fit_free(&found.twfe);
    impact_units_free(&units);
    impact_panel_free(&panel);
    return status;
}

/* --- placebo dates ------------------------------------------------------------------------ */

/* Every start with two periods or more on either side, among the periods before the real one; and
 * the real one. */
enum rk_status impact_did_placebo(const struct impact *impact, const struct did_found *f)
{
    const struct impact_panel *p = f->panel;
    struct impact_placebo *all = malloc((p->first_after + 2) * sizeof *all);
    size_t n = 0;
    enum rk_status status = all == NULL ? rk_fail_memory(impact->error) : RK_OK;

    if (status == RK_OK)
        all[n++] = (struct impact_placebo){.start = p->first_after,
                                           .estimate = f->att.estimate,
                                           .t = fabs(f->att.statistic),
                                           .p = f->att.p_value};
    for (size_t start = 2; status == RK_OK && start + 2 <= p->first_after; start++) {
        struct impact_units u;
        struct rk_did d;

        status = impact_units_make(p, start, p->first_after, &u);
        if (status == RK_OK)
            status = rk_did_collapsed(u.before, u.after, u.treated, u.n,
                                      impact->options->common.conf_level, &d);
        if (status == RK_OK)
            all[n++] = (struct impact_placebo){
                .start = start, .estimate = d.estimate, .t = fabs(d.statistic), .p = d.p_value};
        impact_units_free(&u);
        if (status == RK_ENOMEM)
            rk_fail_memory(impact->error);
        else
            status = RK_OK;
    }
    if (status == RK_OK)
        impact_put_placebos(impact, all, n, p->kind, p->time);
    free(all);
    return status;
}
