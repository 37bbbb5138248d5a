/* rep-roi: what does it return, when does it pay back, how sure are we? */
#include "repkit/roi.h"

#include <math.h>
#include <stdlib.h>

#include "repkit/parallel.h"
#include "roi_parts.h"

enum {
    METRIC,
    VALUE,
    CONF_LOW,
    CONF_HIGH,
    P5,
    P50,
    P95,
    PROB_POSITIVE,
    UNIT,
    FORMULA,
    NOTE,
    N_FIELDS
};

static const struct rk_field fields[N_FIELDS] = {
    [METRIC] = {"metric", RK_TEXT, RK_GENERAL},
    [VALUE] = {"value", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [P5] = {"p5", RK_NUMBER, RK_GENERAL},
    [P50] = {"p50", RK_NUMBER, RK_GENERAL},
    [P95] = {"p95", RK_NUMBER, RK_GENERAL},
    [PROB_POSITIVE] = {"prob_positive", RK_NUMBER, RK_GENERAL},
    [UNIT] = {"unit", RK_TEXT, RK_GENERAL},
    [FORMULA] = {"formula", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

static const struct {
    const char *unit, *formula;
} about[RK_ROI_METRICS] = {
    [RK_ROI_TOTAL_COST] = {"money", "sum of costs"},
    [RK_ROI_TOTAL_BENEFIT] = {"money", "sum of benefits"},
    [RK_ROI_NET_BENEFIT] = {"money", "total_benefit - total_cost"},
    [RK_ROI_ROI] = {"fraction", "net_benefit / total_cost"},
    [RK_ROI_ROI_ANNUAL] = {"fraction/year", "roi * 12 / horizon"},
    [RK_ROI_PV_COST] = {"money", "sum of discounted costs"},
    [RK_ROI_PV_BENEFIT] = {"money", "sum of discounted benefits"},
    [RK_ROI_NPV] = {"money", "pv_benefit - pv_cost"},
    [RK_ROI_ROI_PV] = {"fraction", "npv / pv_cost"},
    [RK_ROI_BCR] = {"ratio", "pv_benefit / pv_cost"},
    [RK_ROI_IRR] = {"fraction/year", "rate at which npv = 0"},
    [RK_ROI_MIRR] = {"fraction/year", "(FV in / PV out)^(12/T) - 1"},
    [RK_ROI_PAYBACK] = {"months", "cumulative net = 0"},
    [RK_ROI_DISCOUNTED_PAYBACK] = {"months", "discounted cumulative net = 0"},
};

/* --- the draws of one metric --------------------------------------------------------------- */

struct metric_work {
    const struct roi_parts *parts;
    double conf_level;
    struct roi_summary *summary;
};

static enum rk_status summarise_metric(void *data, size_t block, size_t first, size_t last)
{
    const struct metric_work *work = data;
    const struct rk_roi_draws *draws = work->parts->draws;
    double *x = malloc(draws->n * sizeof *x);
    enum rk_status status = RK_OK;

    (void)block;
    if (x == NULL)
        return RK_ENOMEM;
    for (size_t m = first; m < last && status == RK_OK; m++) {
        rk_roi_draws_metric(draws, work->parts->profile, (enum rk_roi_metric)m, x);
        status = roi_summarise(x, draws->n, work->conf_level, &work->summary[m]);
        if (status != RK_OK || draws->n_rows == 0)
            continue;
        rk_roi_draws_metric(draws, work->parts->profile, (enum rk_roi_metric)m, x);
        roi_add_errors(x, draws->n, work->conf_level, &work->summary[m]);
    }
    free(x);
    return status;
}

/* --- notes -------------------------------------------------------------------------------- */

static void add_share(struct rk_text *note, size_t part, size_t whole)
{
    rk_text_rounded(note, 100.0 * (double)part / (double)whole, 3);
    rk_text_add_char(note, '%');
}

static void start_part(struct rk_text *note)
{
    if (note->length > 0)
        rk_text_add(note, "; ");
}

static void note_left_out(const struct roi_summary *s, const char *why, struct rk_text *note)
{
    if (s->n_undefined == 0)
        return;
    start_part(note);
    rk_text_format(note, "%s in ", why);
    add_share(note, s->n_undefined, s->n);
    rk_text_add(note, " of draws, which are left out");
}

static void note_payback(const struct rk_payback *payback, const struct roi_summary *s,
                         struct rk_text *note)
{
    if (!payback->reached)
        rk_text_add(note, "not within the horizon");
    else if (isnan(payback->last_months))
        rk_text_add(note, "in the red again at the horizon");
    else if (payback->last_months > payback->months) {
        rk_text_add(note, "in the red again later, out of it for good at ");
        rk_text_rounded(note, payback->last_months, 4);
    }
    if (s->n_infinite > 0 && (payback->reached || s->n_infinite < s->n)) {
        start_part(note);
        rk_text_add(note, "not within the horizon in ");
        add_share(note, s->n_infinite, s->n);
        rk_text_add(note, " of draws");
    }
}

static void note_irr(const struct rk_irr *irr, const struct roi_summary *s, struct rk_text *note)
{
    if (irr->n_rates == 0)
        rk_text_add(note, irr->n_sign_changes == 0 ? "none: net flows never change sign"
                                                   : "none: no rate in reason makes npv 0");
    for (size_t i = 0; irr->n_rates > 1 && i < irr->n_rates; i++) {
        rk_text_add(note, i == 0 ? "several rates: " : ", ");
        rk_text_rounded(note, irr->rate[i], 4);
    }
    if (irr->n_rates > 1)
        rk_text_add(note, "; read npv and mirr");
    if (irr->n_rates == 1 || s->n_undefined < s->n)
        note_left_out(s, "no single rate", note);
}

/* Ratios to a cost that some draws do not have. */
static void note_ratio(double value, const struct roi_summary *s, bool refused,
                       struct rk_text *note)
{
    if (isnan(value))
        rk_text_add(note, "no cost to relate it to");
    if (s->n_undefined == 0 || s->n_undefined == s->n)
        return;
    start_part(note);
    rk_text_add(note, "cost not above 0 in ");
    add_share(note, s->n_undefined, s->n);
    rk_text_add(note, refused ? " of draws: too many for an interval" : " of draws, left out");
}

static void note_errors(const struct roi_summary *s, struct rk_text *note)
{
    static const struct {
        const char *name;
        size_t quantile;
    } shown[] = {{"conf_low", ROI_LOW}, {"p50", ROI_P50}, {"conf_high", ROI_HIGH}};
    const char *before = "Monte Carlo SE of ";

    for (size_t k = 0; k < 3; k++) {
        if (isnan(s->error[shown[k].quantile]))
            continue;
        if (k == 0 || before[0] == 'M')
            start_part(note);
        rk_text_format(note, "%s%s ", before, shown[k].name);
        rk_text_rounded(note, s->error[shown[k].quantile], 2);
        before = ", ";
    }
}

static void add_note(const struct roi_parts *parts, enum rk_roi_metric metric,
                     const struct roi_summary *s, bool refused, struct rk_text *note)
{
    switch (metric) {
    case RK_ROI_PAYBACK:
        note_payback(&parts->point.payback, s, note);
        break;
    case RK_ROI_DISCOUNTED_PAYBACK:
        note_payback(&parts->point.discounted_payback, s, note);
        break;
    case RK_ROI_IRR:
        note_irr(&parts->point.irr, s, note);
        break;
    case RK_ROI_MIRR:
        if (isnan(parts->point.value[metric]))
            rk_text_add(note, "needs money in and money out");
        if (s->n_undefined < s->n)
            note_left_out(s, "undefined", note);
        break;
    case RK_ROI_ROI:
    case RK_ROI_ROI_ANNUAL:
    case RK_ROI_ROI_PV:
    case RK_ROI_BCR:
        note_ratio(parts->point.value[metric], s, refused, note);
        break;
    case RK_ROI_TOTAL_BENEFIT:
        for (size_t i = 0; i < parts->model.n_items; i++) {
            const struct rk_effect *effect = parts->line[i].effect;
            size_t first = 0;

            while (parts->line[first].effect != effect)
                first++;
            if (effect == NULL || first < i || effect->note[0] == '\0')
                continue;
            start_part(note);
            rk_text_format(note, "%s: %s", effect->name, effect->note);
        }
        break;
    default:
        break;
    }
}

/* --- rows --------------------------------------------------------------------------------- */

static bool is_ratio(enum rk_roi_metric metric)
{
    return metric == RK_ROI_ROI || metric == RK_ROI_ROI_ANNUAL || metric == RK_ROI_ROI_PV ||
           metric == RK_ROI_BCR;
}

static void put_metric(const struct roi_parts *parts, enum rk_roi_metric metric,
                       const struct roi_summary *s, const char *method, size_t table,
                       struct rk_result *result)
{
    double value = parts->point.value[metric];
    /* Where draws without cost are not rare, quantiles of the rest say nothing. */
    bool refused = is_ratio(metric) && (double)s->n_undefined > 0.001 * (double)s->n;
    struct rk_text note = {0};

    rk_result_row(result, table);
    rk_put_text(result, table, METRIC, rk_roi_metric_name(metric));
    rk_put(result, table, VALUE, isfinite(value) ? value : NAN);
    if (!refused) {
        rk_put(result, table, CONF_LOW, s->quantile[ROI_LOW]);
        rk_put(result, table, CONF_HIGH, s->quantile[ROI_HIGH]);
        rk_put(result, table, P5, s->quantile[ROI_P5]);
        rk_put(result, table, P50, s->quantile[ROI_P50]);
        rk_put(result, table, P95, s->quantile[ROI_P95]);
        /* For a payback: that it comes within the horizon. */
        rk_put(result, table, PROB_POSITIVE,
               metric == RK_ROI_PAYBACK || metric == RK_ROI_DISCOUNTED_PAYBACK
                   ? (double)(s->n - s->n_infinite) / (double)s->n
                   : s->positive);
    }
    rk_put_text(result, table, UNIT, about[metric].unit);
    rk_put_text(result, table, FORMULA, about[metric].formula);
    add_note(parts, metric, s, refused, &note);
    if (method != NULL) {
        start_part(&note);
        rk_text_add(&note, method);
    } else if (!refused) {
        note_errors(s, &note);
    }
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, table, NOTE, note.bytes);
    rk_text_free(&note);
}

/* --- the run ------------------------------------------------------------------------------ */

/* Puts what the delta method or Fieller says in place of what the draws do. */
static enum rk_status approximate(const struct roi_parts *parts,
                                  const struct rk_roi_options *options, struct roi_summary *summary,
                                  const char **method)
{
    struct roi_approximation by[RK_ROI_METRICS];
    enum rk_status status = roi_approximate(parts, options->method, options->common.conf_level, by);

    for (size_t m = 0; status == RK_OK && m < RK_ROI_METRICS; m++) {
        struct roi_summary *s = &summary[m];
        bool is_late = m == RK_ROI_PAYBACK || m == RK_ROI_DISCOUNTED_PAYBACK;

        *s = (struct roi_summary){.n = s->n, .n_infinite = is_late ? s->n_infinite : 0};
        s->positive = by[m].positive;
        s->quantile[ROI_LOW] = by[m].low;
        s->quantile[ROI_P5] = by[m].p5;
        s->quantile[ROI_P50] = by[m].p50;
        s->quantile[ROI_P95] = by[m].p95;
        s->quantile[ROI_HIGH] = by[m].high;
        method[m] = by[m].note;
    }
    return status;
}

static enum rk_status put_metrics(const struct roi_parts *parts,
                                  const struct rk_roi_options *options, const struct rk_ctx *ctx,
                                  struct roi_summary *summary, struct rk_result *result)
{
    struct metric_work work = {parts, options->common.conf_level, summary};
    size_t table = rk_result_declare(result, "metrics", fields, N_FIELDS);
    const char *method[RK_ROI_METRICS] = {NULL};
    struct rk_ctx silent = *ctx;
    enum rk_status status;

    silent.progress = NULL; /* the draws were the work worth a bar */
    status = rk_parallel_blocks(&silent, RK_ROI_METRICS, 1, summarise_metric, &work);
    if (status == RK_OK && options->method != RK_ROI_MONTECARLO)
        status = approximate(parts, options, summary, method);
    if (status != RK_OK)
        return status;
    for (size_t m = 0; m < RK_ROI_METRICS; m++)
        put_metric(parts, (enum rk_roi_metric)m, &summary[m], method[m], table, result);
    if (options->common.explain)
        roi_explain(parts, options, summary, ctx->seed, result);
    return RK_OK;
}

static enum rk_status simulate(const struct rk_roi_options *options, const struct rk_ctx *ctx,
                               struct roi_parts *parts, struct rk_error *error)
{
    struct rk_roi_model *model = &parts->model;
    double *amount;
    enum rk_status status;

    model->horizon = (int)options->horizon;
    model->timing = (enum rk_timing)options->timing;
    model->rate = options->rate;
    model->finance_rate = isnan(options->finance_rate) ? options->rate : options->finance_rate;
    model->reinvest_rate = isnan(options->reinvest_rate) ? options->rate : options->reinvest_rate;
    status = rk_roi_profile_new(model, &parts->profile, error);
    if (status != RK_OK)
        return status;
    amount = malloc((model->n_sources + 1) * sizeof *amount);
    if (amount == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < model->n_sources; i++)
        amount[i] = model->source[i].amount.amount;
    status = rk_roi_evaluate(parts->profile, amount, &parts->point);
    free(amount);
    if (status == RK_OK)
        status = rk_roi_simulate(model, parts->profile, options->draws, ctx, &parts->draws);
    if (status == RK_EDOMAIN)
        return rk_fail(error, status, "the amounts are too large to add up");
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status put_tables(const struct roi_parts *parts,
                                 const struct rk_roi_options *options, const struct rk_ctx *ctx,
                                 struct roi_summary *summary, struct rk_result *result,
                                 struct rk_error *error)
{
    enum rk_status status = put_metrics(parts, options, ctx, summary, result);

    if (status == RK_OK && options->categories)
        status = roi_put_categories(parts, options->common.conf_level, result);
    if (status == RK_OK && options->tornado)
        status = roi_put_tornado(parts, options, ctx, result);
    if (status == RK_OK && options->breakeven)
        status = roi_put_breakeven(parts, options, result);
    if (status == RK_OK && options->information)
        status = roi_put_information(parts, options, result);
    if (status == RK_OK && options->sobol)
        status = roi_put_sobol(parts, options, ctx, result);
    if (status == RK_OK && options->cashflow)
        status = roi_put_cashflow(parts, ctx, result);
    if (status == RK_OK && options->each_draw)
        roi_put_draws(parts, result);
    if (status == RK_OK && options->common.explain)
        roi_explain_tables(parts, options, result);
    if (status == RK_OK)
        status = result->status;
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

/* The model as it stands, or as a scenario and the risk adjustments change it. */
static enum rk_status run_once(const struct rk_table *table, const struct rk_roi_options *options,
                               const struct rk_roi_scenario *scenario, bool adjusted,
                               const struct rk_ctx *ctx, struct rk_result *result,
                               struct rk_error *error)
{
    struct roi_parts parts = {0};
    struct roi_summary summary[RK_ROI_METRICS];
    enum rk_status status = roi_read_items(table, options, scenario, adjusted, &parts, error);

    if (status == RK_OK && options->files != NULL && options->files->rho != NULL)
        status = roi_read_rho(options->files->rho, &parts, error);
    if (status == RK_OK)
        status = simulate(options, ctx, &parts, error);
    if (status == RK_OK)
        status = put_tables(&parts, options, ctx, summary, result, error);
    if (status == RK_OK) {
        roi_put_warnings(&parts, summary, result);
        if (parts.model.n_items > result->rows_used)
            result->rows_used = parts.model.n_items;
        result->random = result->random || parts.draws->n_rows > 0;
    }
    roi_parts_free(&parts);
    return status;
}

/* Whether every scenario can be read, before anything is said of one. */
static enum rk_status check_scenarios(const struct rk_table *table,
                                      const struct rk_roi_options *options, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < options->files->n_scenarios; i++) {
        struct roi_parts parts = {0};

        status = roi_read_items(table, options, &options->files->scenario[i], false, &parts, error);
        roi_parts_free(&parts);
    }
    return status;
}

/* Each scenario, as it is and then risk-adjusted, under its name in the column `scenario`. */
static enum rk_status run_all(const struct rk_table *table, const struct rk_roi_options *options,
                              const struct rk_ctx *ctx, struct rk_result *result,
                              struct rk_error *error)
{
    const struct rk_roi_files *files = options->files;
    const struct rk_names column = {.name = (char *[]){(char[]){"scenario"}}, .n = 1};
    struct rk_text name = {0};
    enum rk_status status = check_scenarios(table, options, error);

    rk_result_group_by(result, &column);
    if (status == RK_OK && result->status != RK_OK)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i <= files->n_scenarios; i++) {
        const struct rk_roi_scenario *scenario = i == 0 ? NULL : &files->scenario[i - 1];

        for (int adjusted = 0; status == RK_OK && adjusted <= (files->risk != NULL ? 1 : 0);
             adjusted++) {
            rk_text_clear(&name);
            rk_text_format(&name, "%s%s", scenario == NULL ? "base" : scenario->name,
                           adjusted ? " risk-adjusted" : "");
            rk_names_free(&result->group_labels);
            if (name.failed || rk_names_add(&result->group_labels, name.bytes) != RK_OK)
                status = rk_fail_memory(error);
            else
                status = run_once(table, options, scenario, adjusted, ctx, result, error);
        }
    }
    rk_names_free(&result->group_labels);
    rk_text_free(&name);
    return status;
}

enum rk_status rk_roi_run(const struct rk_table *table, const struct rk_roi_options *options,
                          const struct rk_ctx *ctx, struct rk_result *result,
                          struct rk_error *error)
{
    const struct rk_roi_files *files = options->files;
    enum rk_status status = roi_check_columns(table, error);

    if (status == RK_OK && files != NULL && files->risk != NULL)
        status = roi_check_risk(files->risk, table, error);
    if (status != RK_OK)
        return status;
    result->conf_level = options->common.conf_level;
    if (files != NULL && (files->n_scenarios > 0 || files->risk != NULL))
        return run_all(table, options, ctx, result, error);
    return run_once(table, options, NULL, false, ctx, result, error);
}
