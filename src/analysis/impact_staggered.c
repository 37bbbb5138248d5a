/* staggered: units that start at different times, each cohort against those that have not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/distributions.h"
#include "repkit/staggered.h"
#include "repkit/words.h"

enum { DRAWS = 1999, FEWEST_NEVER = 3, SMALL_COHORT = 3 };

struct run {
    const struct impact *impact;
    struct impact_panel panel;
    size_t n_units; /* that are used: not treated from the first period on */
    double *y, *time;
    size_t *first;
    size_t n_never, n_always;
    bool not_yet;
    struct rk_staggered found;
};

/* --- data --------------------------------------------------------------------------------- */

/* Units in rows of y, but for those that had started before the first period. */
static enum rk_status lay_out(struct run *r)
{
    const struct impact_panel *p = &r->panel;
    size_t T = p->n_periods;
    size_t *place = malloc((p->n_units + 1) * sizeof *place);
    enum rk_status status = RK_OK;

    r->y = malloc((p->n_units * T + 1) * sizeof *r->y);
    r->time = malloc((T + 1) * sizeof *r->time);
    r->first = malloc((p->n_units + 1) * sizeof *r->first);
    if (place == NULL || r->y == NULL || r->time == NULL || r->first == NULL)
        status = rk_fail_memory(r->impact->error);
    for (size_t i = 0; status == RK_OK && i < p->n_units; i++) {
        place[i] = SIZE_MAX;
        r->n_always += p->first[i] == 0;
        r->n_never += p->first[i] == RK_NEVER;
        if (p->first[i] == 0)
            continue;
        r->first[r->n_units] = p->first[i];
        place[i] = r->n_units++;
    }
    for (size_t k = 0; status == RK_OK && k < r->n_units * T; k++)
        r->y[k] = NAN;
    for (size_t k = 0; status == RK_OK && k < p->n; k++)
        if (place[p->unit[k]] != SIZE_MAX)
            r->y[place[p->unit[k]] * T + p->period[k]] = p->y[k];
    for (size_t t = 0; status == RK_OK && t < T; t++)
        r->time[t] = (double)p->time[t];
    free(place);
    return status;
}

static void choose_controls(struct run *r)
{
    int asked = r->impact->options->controls;

    r->not_yet =
        asked == RK_CONTROLS_NOT_YET || (asked == RK_CONTROLS_AUTO && r->n_never < FEWEST_NEVER);
}

/* --- rows --------------------------------------------------------------------------------- */

static void name_effect(const struct run *r, const struct rk_staggered_effect *e,
                        struct rk_text *out)
{
    char time[32];

    switch (e->kind) {
    case RK_STAGGERED_SIMPLE:
        rk_text_add(out, "simple");
        break;
    case RK_STAGGERED_DYNAMIC:
        rk_text_add(out, "dynamic");
        break;
    case RK_STAGGERED_GROUP:
        rk_time_format(r->panel.kind, r->panel.time[e->cohort], time);
        rk_text_format(out, "group_%s", time);
        break;
    default:
        rk_time_format(r->panel.kind, r->panel.time[e->period], time);
        rk_text_format(out, "calendar_%s", time);
    }
}

/* What the treated had in the cells of `simple`, on average. */
static double level_of_simple(const struct run *r)
{
    size_t T = r->panel.n_periods;
    double sum = 0.0, weights = 0.0;

    for (size_t k = 0; k < r->found.n_effects; k++) {
        const struct rk_staggered_effect *e = &r->found.effect[k];
        double mean = 0.0, seen = 0.0, size = 0.0;

        if (e->kind != RK_STAGGERED_CELL || e->event_time < 0.0)
            continue;
        for (size_t i = 0; i < r->n_units; i++) {
            double y = r->y[i * T + e->period];

            if (r->first[i] != e->cohort)
                continue;
            size++;
            if (!isnan(y))
                mean += (y - mean) / ++seen;
        }
        sum += size * mean;
        weights += size;
    }
    return sum / weights;
}

static void set_relative(const struct run *r, struct effect *e)
{
    double base = level_of_simple(r) - e->estimate;

    if (!(base > 0.0))
        return;
    e->rel_effect = e->estimate / base;
    e->rel_low = e->conf_low / base;
    e->rel_high = e->conf_high / base;
    impact_note(e, "relative to a level taken as known");
}

static void put_effect(const struct run *r, const struct rk_staggered_effect *found,
                       const char *name)
{
    struct effect e = impact_effect(name, r->not_yet ? "not-yet" : "never");

    e.estimate = found->estimate;
    e.std_error = found->std_error;
    e.statistic = found->estimate / found->std_error;
    e.p_value = found->p_value;
    e.conf_low = found->conf_low;
    e.conf_high = found->conf_high;
    e.n = r->panel.n;
    e.n_units = e.n_clusters = r->n_units;
    e.per = rk_time_kind_name(r->panel.kind);
    impact_note(&e, "%zu unit%s that start%s; p and interval of %zu bootstraps within cohorts",
                found->n_treated, found->n_treated == 1 ? "" : "s",
                found->n_treated == 1 ? "s" : "", r->found.draws);
    if (found->smallest < SMALL_COHORT)
        impact_note(&e, "a cohort of %zu", found->smallest);
    if (isnan(found->std_error))
        impact_note(&e, "%s", rk_status_words(RK_ECONSTANT));
    if (found->kind == RK_STAGGERED_SIMPLE)
        set_relative(r, &e);
    impact_put(r->impact, &e);
}

/* How many event times before the start have a t, and why the test of them has no p; NULL if it has
 * one. */
static const char *why_untested(const struct run *r, size_t *n)
{
    bool alone = true;

    *n = 0;
    for (size_t k = 0; k < r->found.n_effects; k++) {
        const struct rk_staggered_effect *e = &r->found.effect[k];

        if (e->event_time < 0.0 && e->kind == RK_STAGGERED_EVENT)
            *n += !isnan(e->std_error);
        if (e->event_time < 0.0 && e->kind == RK_STAGGERED_CELL)
            alone = alone && e->n_treated == 1 && e->n_control == 1;
    }
    if (!isnan(r->found.pretrend_p))
        return NULL;
    if (r->found.n_pretrend == 0)
        return "needs two periods before the first start";
    if (*n > 0)
        return "more than a tenth of the bootstraps leave a cell before the start without units";
    return alone ? "one unit on either side leaves no error to test by"
                 : "the units of either side moved alike, which leaves no error to test by";
}

static void put_pretrend(const struct run *r)
{
    struct effect e = impact_effect("pretrend", "joint");
    size_t n;
    const char *why = why_untested(r, &n);

    e.n = r->panel.n;
    e.n_units = e.n_clusters = r->n_units;
    e.statistic = r->found.pretrend;
    e.p_value = r->found.pretrend_p;
    e.per = rk_time_kind_name(r->panel.kind);
    if (n > 0)
        impact_note(&e, "largest |t| of %zu event time%s before the start", n, n == 1 ? "" : "s");
    if (why == NULL)
        impact_note(&e, "p of %zu bootstraps", r->found.draws);
    else
        impact_note(&e, "%s%s", n > 0 ? "no p: " : "", why);
    impact_put(r->impact, &e);
}

static void put_cell(const struct run *r, const struct rk_staggered_effect *e)
{
    struct rk_result *result = r->impact->result;
    size_t table = impact_table(r->impact, "att");
    const double numbers[] = {e->event_time,        e->estimate,         e->std_error,
                              e->conf_low,          e->conf_high,        e->p_value,
                              (double)e->n_treated, (double)e->n_control};
    char first[32], time[32];

    rk_time_format(r->panel.kind, r->panel.time[e->cohort], first);
    rk_time_format(r->panel.kind, r->panel.time[e->period], time);
    rk_result_row(result, table);
    rk_put_text(result, table, 0, first);
    rk_put_text(result, table, 1, time);
    for (size_t j = 0; j < sizeof numbers / sizeof *numbers; j++)
        rk_put(result, table, j + 2, numbers[j]);
    if (e->smallest < SMALL_COHORT)
        rk_put_text(result, table, 10, "a cohort too small for errors");
}

/* The event time against which all others stand, between those before and after it. */
static void put_base(const struct run *r, double before, double after, bool *done)
{
    struct impact_path base = {-1.0, 0.0, NAN, NAN, NAN, NAN};

    if (*done || !(before < -1.0) || !(after > -1.0))
        return;
    impact_put_path(r->impact, &base);
    *done = true;
}

static void put_tables(const struct run *r)
{
    double last = -INFINITY;
    bool base = false;

    for (size_t k = 0; k < r->found.n_effects; k++) {
        const struct rk_staggered_effect *e = &r->found.effect[k];
        struct rk_text name = {0};

        if (e->kind == RK_STAGGERED_CELL) {
            put_cell(r, e);
        } else if (e->kind == RK_STAGGERED_EVENT) {
            struct impact_path path = {e->event_time, e->estimate,  e->std_error,
                                       e->band_low,   e->band_high, e->p_value};

            put_base(r, last, e->event_time, &base);
            impact_put_path(r->impact, &path);
            last = e->event_time;
        } else {
            name_effect(r, e, &name);
            put_effect(r, e, name.failed ? "" : name.bytes);
            if (name.failed)
                r->impact->result->status = RK_ENOMEM;
        }
        rk_text_free(&name);
    }
    put_pretrend(r);
}

/* --- warnings ----------------------------------------------------------------------------- */

/* What two-way fixed effects would say, and whether it differs: they use units that have started
 * long ago as controls. */
static enum rk_status warn_twfe(const struct run *r)
{
    const struct impact_panel *p = &r->panel;
    const struct rk_staggered_effect *simple = &r->found.effect[0];
    double *X = malloc((p->n + 1) * sizeof *X), off;
    struct rk_panel_design design;
    struct rk_panel_fit fit;
    enum rk_status status;

    if (X == NULL)
        return rk_fail_memory(r->impact->error);
    for (size_t k = 0; k < p->n; k++)
        X[k] = p->first[p->unit[k]] != RK_NEVER && p->period[k] >= p->first[p->unit[k]];
    design = impact_panel_design(p, X, 1);
    status = rk_panel_fit_new(&design, r->impact->ctx, &fit, NULL);
    free(X);
    if (status != RK_OK)
        return status == RK_ENOMEM ? rk_fail_memory(r->impact->error) : RK_OK;
    off = fabs(fit.coef[0] - simple->estimate);
    if (off > 0.2 * fabs(simple->estimate) && off > 2.0 * fmax(simple->std_error, fit.std_error[0]))
        rk_warn(r->impact->result, RK_WARN_PRE_TREND,
                "two-way fixed effects would say %s where this says %s: with starts at different "
                "times they take units that started before as controls of those that start later",
                impact_number(fit.coef[0]).text, impact_number(simple->estimate).text);
    rk_panel_fit_free(&fit);
    return RK_OK;
}

static void warn_cells(const struct run *r)
{
    size_t n = 0, below = 0, k = 0;
    double *p = malloc((2 * r->found.n_effects + 1) * sizeof *p), least = 1.0;

    for (size_t i = 0; p != NULL && i < r->found.n_effects; i++) {
        const struct rk_staggered_effect *e = &r->found.effect[i];

        if (e->kind != RK_STAGGERED_CELL || e->event_time < 0.0 || isnan(e->p_value))
            continue;
        p[n++] = e->p_value;
        below += e->p_value < 0.05;
    }
    if (p != NULL && below > 0 && rk_p_adjust(p, n, RK_ADJUST_BH, p + n) == RK_OK)
        for (k = 0; k < n; k++)
            least = fmin(least, p[n + k]);
    if (below > 0 && k == n && least >= 0.05)
        rk_warn(
            r->impact->result, RK_WARN_MULTIPLE_TESTING,
            "%zu of %zu cells of att have p < 0.05, and none with the false discovery rate held "
            "there",
            below, n);
    free(p);
}

static void warn_units(const struct run *r)
{
    size_t smallest = r->found.effect[0].smallest, started = 0;
    struct rk_result *result = r->impact->result;

    for (size_t i = 0; i < r->n_units; i++)
        started += r->first[i] != RK_NEVER;
    if (r->n_always > 0)
        rk_warn(
            result, RK_WARN_DROPPED,
            "%zu unit%s had started by the first period, and nothing is known of the time before",
            r->n_always, r->n_always == 1 ? "" : "s");
    if (smallest < SMALL_COHORT || r->n_units < 10 || started < 5 ||
        (!r->not_yet && r->n_never < 5))
        rk_warn(result, RK_WARN_FEW_CLUSTERS,
                "%zu units start, %zu never do, and the smallest cohort has %zu", started,
                r->n_never, smallest);
    if (r->found.pretrend_p < 0.10)
        rk_warn(result, RK_WARN_PRE_TREND,
                "before they start, cohorts differ from their controls more than chance would have "
                "it (p = %.2g)",
                r->found.pretrend_p);
}

/* Units that are not there in every period, where many: cells compare those that are. */
static void warn_survivors(const struct run *r)
{
    size_t T = r->panel.n_periods, gone = 0;

    for (size_t i = 0; i < r->n_units; i++)
        gone += isnan(r->y[i * T]) || isnan(r->y[i * T + T - 1]);
    if ((double)gone > 0.1 * (double)r->n_units)
        rk_warn(r->impact->result, RK_WARN_SURVIVORS,
                "%zu of %zu units are not there in the first or the last period", gone, r->n_units);
}

/* --- words -------------------------------------------------------------------------------- */

static void write_manager(const struct run *r, const struct rk_staggered_effect *e,
                          struct rk_text *out)
{
    const char *value = r->impact->options->value, *period = impact_period_name(r->panel.kind);
    char time[32];

    switch (e->kind) {
    case RK_STAGGERED_SIMPLE:
        rk_text_format(out, "Over all units and %ss since they started, '%s' has moved by", period,
                       value);
        break;
    case RK_STAGGERED_DYNAMIC:
        rk_text_format(out, "Averaged over the time since the start, '%s' has moved by", value);
        break;
    case RK_STAGGERED_GROUP:
        rk_time_format(r->panel.kind, r->panel.time[e->cohort], time);
        rk_text_format(out, "For the %zu unit%s that started in %s, '%s' has moved by",
                       e->n_treated, e->n_treated == 1 ? "" : "s", time, value);
        break;
    default:
        rk_time_format(r->panel.kind, r->panel.time[e->period], time);
        rk_text_format(out, "In %s, for units that had started, '%s' has moved by", time, value);
    }
    rk_text_format(out, " %s a %s against units that had %sstarted",
                   impact_signed(e->estimate).text, period, r->not_yet ? "not yet " : "never ");
    rk_say_interval(out, r->impact->options->common.conf_level, e->conf_low, e->conf_high);
    rk_text_add(out, ". It is the effect of starting if, without it, both had changed alike.");
}

static void explain_pretrend(const struct run *r)
{
    struct rk_text manager = {0}, paper = {0};
    size_t n;
    const char *why = why_untested(r, &n);

    if (why != NULL)
        rk_text_format(&manager,
                       "Whether units moved as their controls did before they started could not be "
                       "tested (%s), which is no sign that they did.",
                       why);
    else if (r->found.pretrend_p < 0.1)
        rk_text_add(&manager, "Before they started, units already differed from their controls "
                              "more than chance would have it.");
    else
        rk_text_add(&manager, "Before they started, units moved as their controls did as far as "
                              "these data can tell, which is weak evidence that they would have "
                              "gone on so.");
    if (n > 0)
        rk_text_format(&paper, "Largest |t| of %zu event time%s before the start: %.4g, ", n,
                       n == 1 ? "" : "s", r->found.pretrend);
    if (why == NULL)
        rk_say_p(&paper, "p", r->found.pretrend_p);
    else
        rk_text_format(&paper, "%s (%s)", n > 0 ? "no p" : "No test of the time before the start",
                       why);
    rk_text_add_char(&paper, '.');
    impact_explain(r->impact, "pretrend", &manager, &paper);
}

static void explain(const struct run *r)
{
    for (size_t k = 0; k < r->found.n_effects; k++) {
        const struct rk_staggered_effect *e = &r->found.effect[k];
        struct rk_text name = {0}, manager = {0}, paper = {0};

        if (e->kind == RK_STAGGERED_CELL || e->kind == RK_STAGGERED_EVENT)
            continue;
        name_effect(r, e, &name);
        write_manager(r, e, &manager);
        rk_text_format(
            &paper, "Callaway-Sant'Anna %s, controls %s: %s", name.failed ? "" : name.bytes,
            r->not_yet ? "not yet treated" : "never treated", impact_number(e->estimate).text);
        rk_say_ci(&paper, r->impact->options->common.conf_level, e->conf_low, e->conf_high);
        rk_text_add(&paper, ", ");
        rk_say_p(&paper, "p", e->p_value);
        rk_text_format(&paper, " (%zu bootstraps within cohorts); %zu units.", r->found.draws,
                       r->n_units);
        rk_explain(r->impact->result, &name, &manager, &paper);
    }
    explain_pretrend(r);
    impact_explain_path(r->impact);
    impact_explain_att(r->impact);
}

/* --- a group ------------------------------------------------------------------------------ */

/* From the first start of a unit that was watched before it. */
static void put_measured(const struct run *r)
{
    const struct impact_panel *p = &r->panel;
    size_t first = p->n_periods;

    for (size_t i = 0; i < p->n_units; i++)
        if (p->first[i] > 0 && p->first[i] < first)
            first = p->first[i];
    if (first < p->n_periods)
        rk_result_measured(r->impact->result, p->kind, p->time[first], p->time[p->n_periods - 1]);
}

static enum rk_status estimate(struct run *r)
{
    const struct rk_common *common = &r->impact->options->common;
    struct rk_staggered_data data = {r->n_units, r->panel.n_periods, r->y, r->first, r->time,
                                     false};
    enum rk_status status;

    choose_controls(r);
    data.not_yet = r->not_yet;
    status = rk_staggered_new(&data, common->conf_level,
                              common->resamples > 0 ? common->resamples : DRAWS, r->impact->label,
                              r->impact->ctx, &r->found, r->impact->error);
    if (status != RK_OK)
        return status;
    if (r->found.effect[0].kind != RK_STAGGERED_SIMPLE)
        return rk_fail(r->impact->error, RK_ETOOFEW,
                       "no unit is left to compare with after anyone starts");
    put_tables(r);
    put_measured(r);
    status = warn_twfe(r);
    warn_units(r);
    warn_survivors(r);
    warn_cells(r);
    impact_warn_missing(r->impact, &r->panel);
    if (common->explain)
        explain(r);
    return status;
}

enum rk_status impact_staggered(const struct impact *impact, const struct rk_table *table)
{
    struct run r = {.impact = impact};
    enum rk_status status = impact_panel_read(impact, table, &r.panel);

    if (status == RK_OK)
        status = lay_out(&r);
    if (status == RK_OK)
        status = estimate(&r);
    rk_staggered_free(&r.found);
    free(r.y);
    free(r.time);
    free(r.first);
    impact_panel_free(&r.panel);
    return status;
}
