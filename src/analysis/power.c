/* rep-power: how many reps or months are needed to see it? */
#include "repkit/power.h"

#include <math.h>
#include <string.h>

#include "power_parts.h"

enum { DESIGN, N, EFFECT, SD, POWER, SIG_LEVEL, ALTERNATIVE, NOTE, POWER_FIELDS };
static const struct rk_field power_fields[POWER_FIELDS] = {
    [DESIGN] = {"design", RK_TEXT, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [EFFECT] = {"effect", RK_NUMBER, RK_GENERAL},
    [SD] = {"sd", RK_NUMBER, RK_GENERAL},
    [POWER] = {"power", RK_NUMBER, RK_GENERAL},
    [SIG_LEVEL] = {"sig_level", RK_NUMBER, RK_LEVEL},
    [ALTERNATIVE] = {"alternative", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum {
    D_DESIGN,
    D_N,
    D_EFFECT,
    D_BEFORE,
    D_AFTER,
    D_ICC,
    D_AR,
    D_STD_ERROR,
    D_DF,
    D_TYPE_S,
    D_TYPE_M,
    D_SIMULATED,
    D_SIMULATED_LOW,
    D_SIMULATED_HIGH,
    DETAIL_FIELDS
};
static const struct rk_field detail_fields[DETAIL_FIELDS] = {
    [D_DESIGN] = {"design", RK_TEXT, RK_GENERAL},
    [D_N] = {"n", RK_NUMBER, RK_COUNT},
    [D_EFFECT] = {"effect", RK_NUMBER, RK_GENERAL},
    [D_BEFORE] = {"periods_before", RK_NUMBER, RK_COUNT},
    [D_AFTER] = {"periods_after", RK_NUMBER, RK_COUNT},
    [D_ICC] = {"icc", RK_NUMBER, RK_GENERAL},
    [D_AR] = {"ar", RK_NUMBER, RK_GENERAL},
    [D_STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [D_DF] = {"df", RK_NUMBER, RK_GENERAL},
    [D_TYPE_S] = {"type_s", RK_NUMBER, RK_GENERAL},
    [D_TYPE_M] = {"type_m", RK_NUMBER, RK_GENERAL},
    [D_SIMULATED] = {"simulated_power", RK_NUMBER, RK_GENERAL},
    [D_SIMULATED_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [D_SIMULATED_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
};

static const struct rk_field pilot_fields[] = {{"parameter", RK_TEXT, RK_GENERAL},
                                               {"value", RK_NUMBER, RK_GENERAL}};

enum { POWER_TABLE, DETAIL_TABLE, PILOT_TABLE };
static const char *const design_names[] = {"two-sample",  "paired",     "proportion",
                                           "correlation", "regression", "did"};
static const char *const alternative_names[] = {"two-sided", "less", "greater"};

static void declare(struct rk_result *result, const void *data)
{
    const struct rk_power_options *options = data;

    rk_result_declare(result, "power", power_fields, POWER_FIELDS);
    rk_result_declare(result, "detail", detail_fields, DETAIL_FIELDS);
    if (options->value != NULL)
        rk_result_declare(result, "pilot", pilot_fields, 2);
}

const char *power_units(int design)
{
    static const char *const units[] = {"per group", "pairs",  "per group",
                                        "in all",    "in all", "per arm"};

    return units[design];
}

/* --- what the options ask for --------------------------------------------------------------- */

/* An option that the design has no use for is a mistake. */
static enum rk_status check_uses(const struct rk_power_options *options, struct rk_error *error)
{
    const struct {
        const char *option;
        bool given;
        unsigned designs; /* that use it */
    } uses[] = {
        {"sd", options->sd.n > 0,
         1u << RK_POWER_TWO_SAMPLE | 1u << RK_POWER_PAIRED | 1u << RK_POWER_DID},
        {"icc", options->icc.n > 0, 1u << RK_POWER_TWO_SAMPLE | 1u << RK_POWER_DID},
        {"ar", options->ar.n > 0, 1u << RK_POWER_DID},
        {"baseline", options->baseline.n > 0, 1u << RK_POWER_PROPORTION},
        {"periods", options->periods.n > 0,
         1u << RK_POWER_DID |
             (options->value != NULL ? 1u << RK_POWER_TWO_SAMPLE | 1u << RK_POWER_PAIRED : 0u)},
        {"predictors", options->predictors != 1, 1u << RK_POWER_REGRESSION},
        {"cluster-size", options->cluster_size != 1, 1u << RK_POWER_TWO_SAMPLE},
        {"ancova", options->ancova, 1u << RK_POWER_DID},
        {"alternative", options->common.alternative != RK_TWO_SIDED, ~(1u << RK_POWER_REGRESSION)},
        {"from", options->value != NULL, ~(1u << RK_POWER_REGRESSION | 1u << RK_POWER_CORRELATION)},
        {"simulate", options->draws > 0,
         1u << RK_POWER_TWO_SAMPLE | 1u << RK_POWER_PAIRED | 1u << RK_POWER_DID},
    };

    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        if (uses[i].given && (uses[i].designs & 1u << options->design) == 0)
            return rk_fail(error, RK_EUSAGE, "--%s is not for %s", uses[i].option,
                           design_names[options->design]);
    return RK_OK;
}

enum rk_status rk_power_check(const struct rk_power_options *options, bool with_pilot,
                              struct rk_error *error)
{
    enum rk_status status = check_uses(options, error);

    if (status != RK_OK)
        return status;
    if (with_pilot && (options->value == NULL || options->id == NULL || options->time == NULL))
        return rk_fail(error, RK_EUSAGE,
                       "--from wants --value, --id and --time: the pilot's columns");
    if (!with_pilot && (options->value != NULL || options->id != NULL || options->time != NULL))
        return rk_fail(error, RK_EUSAGE, "--value, --id and --time are columns of --from FILE");
    if (!with_pilot && options->draws > 0)
        return rk_fail(error, RK_EUSAGE,
                       "--simulate draws studies from a pilot panel: give --from");
    if (options->n.n > 0 && options->effect.n > 0 && options->power.n > 0)
        return rk_fail(error, RK_EUSAGE,
                       "one of --n, --effect and --power is solved for: leave one out");
    if (options->n.n == 0 && options->effect.n == 0 && !with_pilot)
        return rk_fail(error, RK_EUSAGE, "give --n, --effect, or both: the third is worked out");
    if (options->design == RK_POWER_PROPORTION && options->baseline.n == 0 && !with_pilot)
        return rk_fail(error, RK_EUSAGE, "--baseline is missing: the share without the effect");
    if (options->design == RK_POWER_DID && options->periods.n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "--periods BEFORE,AFTER is missing: how many on each side, such as 6,6");
    if (options->design == RK_POWER_PAIRED && options->value != NULL && options->periods.n == 0)
        return rk_fail(error, RK_EUSAGE, "paired --from wants --periods BEFORE,AFTER");
    return RK_OK;
}

enum rk_status rk_power_wants(const struct rk_power_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_add(wants, options->id, RK_AS_LABEL);

    if (status == RK_OK)
        status = rk_wants_add(wants, options->time, RK_AS_TIME);
    return status == RK_OK ? rk_wants_add(wants, options->value, RK_AS_NUMBER) : status;
}

/* --- solving -------------------------------------------------------------------------------- */

static void solve(enum power_unknown unknown, const struct rk_power_plan *plan, double target,
                  struct solved *s)
{
    double n = NAN;

    *s = (struct solved){.plan = *plan, .power = NAN, .n_before = NAN};
    s->simulated = s->simulated_low = s->simulated_high = NAN;
    if (unknown == POWER_UNKNOWN_N) {
        s->status = rk_power_solve_n(plan, target, &n);
        s->plan.n = s->n_before = n;
        if (plan->cluster_size > 1.0)
            s->plan.n = plan->cluster_size * ceil(n / plan->cluster_size - 1e-9);
        else
            s->plan.n = ceil(n - 1e-9 * n);
    } else if (unknown == POWER_UNKNOWN_EFFECT) {
        s->plan.effect = NAN;
        s->status = rk_power_solve_effect(plan, target, &s->plan.effect);
    }
    if (s->status == RK_OK)
        s->power = unknown == POWER_UNKNOWN_EFFECT ? target : rk_power_of(&s->plan);
    if (s->status == RK_OK && isnan(s->power))
        s->status = RK_EDOMAIN;
    rk_power_error(&s->plan, &s->std_error, &s->df);
    rk_type_s_m(plan->design == RK_POWER_CORRELATION ? atanh(s->plan.effect) : s->plan.effect,
                s->std_error, s->df, plan->sig_level, &s->type_s, &s->type_m);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Begins a further part of the note. */
static struct rk_text *part(struct rk_text *note)
{
    if (note->length > 0)
        rk_text_add(note, "; ");
    return note;
}

/* What else the plan stands on. */
static void note_plan(const struct rk_power_plan *plan, struct rk_text *note)
{
    if (plan->design == RK_POWER_DID) {
        rk_text_format(part(note), "%zu period%s before, %zu after; icc %.4g, ar %.4g",
                       plan->before, plan->before == 1 ? "" : "s", plan->after, plan->icc,
                       plan->ar);
        rk_text_add(note, plan->ancova ? "; the mean before as covariate" : "");
    }
    if (plan->design == RK_POWER_TWO_SAMPLE && plan->cluster_size > 1.0)
        rk_text_format(part(note), "clusters of %.0f, icc %.4g", plan->cluster_size, plan->icc);
    if (plan->design == RK_POWER_REGRESSION)
        rk_text_format(part(note), "%zu predictor%s; effect is f2", plan->predictors,
                       plan->predictors == 1 ? "" : "s");
    if (plan->design == RK_POWER_PROPORTION)
        rk_text_format(part(note), "from %.4g", plan->baseline);
}

static void write_note(enum power_unknown unknown, const struct solved *s, struct rk_text *note)
{
    if (s->status != RK_OK)
        rk_text_add(note, s->status == RK_ENOCONVERGE ? "out of reach" : "not possible");
    note_plan(&s->plan, note);
    if (s->status != RK_OK)
        return;
    if (unknown == POWER_UNKNOWN_N && s->n_before < s->plan.n)
        rk_text_format(part(note), "%.6g before rounding up", s->n_before);
    if (s->plan.design == RK_POWER_PROPORTION && s->plan.n <= 1000.0)
        rk_text_format(part(note), "exact power of the chi-squared test %.4f",
                       rk_power_proportion_exact(&s->plan));
    if (!isnan(s->simulated))
        rk_text_format(part(note), "simulated %.4f (%.4f to %.4f)", s->simulated, s->simulated_low,
                       s->simulated_high);
}

static void put_power(enum power_unknown unknown, const struct solved *s, struct rk_result *result)
{
    const struct rk_power_plan *plan = &s->plan;
    bool has_sd = plan->design == RK_POWER_TWO_SAMPLE || plan->design == RK_POWER_PAIRED ||
                  plan->design == RK_POWER_DID;
    struct rk_text note = {0};

    rk_result_row(result, POWER_TABLE);
    rk_put_text(result, POWER_TABLE, DESIGN, design_names[plan->design]);
    rk_put(result, POWER_TABLE, N, plan->n);
    rk_put(result, POWER_TABLE, EFFECT, plan->effect);
    if (has_sd)
        rk_put(result, POWER_TABLE, SD, plan->sd);
    rk_put(result, POWER_TABLE, POWER, s->power);
    rk_put(result, POWER_TABLE, SIG_LEVEL, plan->sig_level);
    rk_put_text(result, POWER_TABLE, ALTERNATIVE, alternative_names[plan->alternative]);
    write_note(unknown, s, &note);
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, POWER_TABLE, NOTE, note.bytes);
    rk_text_free(&note);
}

static void put_detail(const struct solved *s, struct rk_result *result)
{
    const struct rk_power_plan *plan = &s->plan;

    rk_result_row(result, DETAIL_TABLE);
    rk_put_text(result, DETAIL_TABLE, D_DESIGN, design_names[plan->design]);
    rk_put(result, DETAIL_TABLE, D_N, plan->n);
    rk_put(result, DETAIL_TABLE, D_EFFECT, plan->effect);
    if (plan->design == RK_POWER_DID) {
        rk_put(result, DETAIL_TABLE, D_BEFORE, (double)plan->before);
        rk_put(result, DETAIL_TABLE, D_AFTER, (double)plan->after);
        rk_put(result, DETAIL_TABLE, D_ICC, plan->icc);
        rk_put(result, DETAIL_TABLE, D_AR, plan->ar);
    } else if (plan->cluster_size > 1.0) {
        rk_put(result, DETAIL_TABLE, D_ICC, plan->icc);
    }
    if (s->status != RK_OK)
        return;
    rk_put(result, DETAIL_TABLE, D_STD_ERROR, s->std_error);
    if (isfinite(s->df))
        rk_put(result, DETAIL_TABLE, D_DF, s->df);
    rk_put(result, DETAIL_TABLE, D_TYPE_S, s->type_s);
    rk_put(result, DETAIL_TABLE, D_TYPE_M, s->type_m);
    rk_put(result, DETAIL_TABLE, D_SIMULATED, s->simulated);
    rk_put(result, DETAIL_TABLE, D_SIMULATED_LOW, s->simulated_low);
    rk_put(result, DETAIL_TABLE, D_SIMULATED_HIGH, s->simulated_high);
}

static void put_pilot(const struct pilot *pilot, struct rk_result *result)
{
    const struct rk_panel_variance *v = &pilot->variance;
    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"n", (double)v->n},
        {"units", (double)v->n_units},
        {"periods", (double)v->n_periods},
        {"mean", v->mean},
        {"sd", sqrt(v->between + v->within)},
        {"sd_between", sqrt(v->between)},
        {"sd_within", sqrt(v->within)},
        {"icc", v->icc},
        {"ar", v->ar},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rk_result_row(result, PILOT_TABLE);
        rk_put_text(result, PILOT_TABLE, 0, rows[i].name);
        rk_put(result, PILOT_TABLE, 1, rows[i].value);
    }
}

/* --- warnings ------------------------------------------------------------------------------- */

static void warn(const struct rk_power_options *options, const struct pilot *pilot,
                 const struct solved *s, struct rk_result *result)
{
    const struct rk_power_plan *plan = &s->plan;

    if (plan->design != RK_POWER_DID || s->status != RK_OK)
        return;
    if (plan->n < 5.0)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "%.0f units an arm", plan->n);
    if (pilot == NULL && options->ar.n == 0 && plan->before + plan->after > 2)
        rk_warn(result, RK_WARN_AUTOCORRELATION,
                "no --ar: periods were taken as independent; with --ar 0.5 the standard error is "
                "%.1f times this one",
                sqrt(rk_change_variance(plan->before, plan->after, 0.5) /
                     rk_change_variance(plan->before, plan->after, 0.0)));
}

/* --- the run -------------------------------------------------------------------------------- */

static enum rk_status run_plan(const struct rk_power_options *options, const struct pilot *pilot,
                               const struct plans *plans, size_t i, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error)
{
    struct solved solved;
    enum rk_status status = RK_OK;

    solve(plans->unknown, &plans->plan[i], plans->target[i], &solved);
    if (options->draws > 0 && solved.status == RK_OK)
        status = power_simulate(pilot, options, ctx, &solved, error);
    if (status != RK_OK)
        return status;
    put_power(plans->unknown, &solved, result);
    put_detail(&solved, result);
    if (options->common.explain)
        power_explain(options, plans->unknown, &solved, result);
    warn(options, pilot, &solved, result);
    return solved.status;
}

static enum rk_status run_group(const struct rk_table *table, const void *data,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    const struct rk_power_options *options = data;
    struct pilot pilot = {0}, *pilot_used = NULL;
    struct plans plans = {0};
    enum rk_status status = RK_OK, failed = RK_OK;
    size_t n_solved = 0;

    if (table != NULL) {
        status = power_pilot_read(table, options, &pilot, error);
        pilot_used = &pilot;
    }
    if (status == RK_OK)
        status = power_plans_make(options, pilot_used, &plans, error);
    for (size_t i = 0; i < plans.n && status == RK_OK; i++) {
        status = run_plan(options, pilot_used, &plans, i, ctx, result, error);
        if (rk_status_is_undefined(status)) {
            failed = status;
            status = RK_OK;
        } else {
            n_solved++;
        }
    }
    if (status == RK_OK && pilot_used != NULL) {
        put_pilot(&pilot, result);
        if (pilot.variance.n > result->rows_used)
            result->rows_used = pilot.variance.n;
    }
    if (status == RK_OK && n_solved == 0)
        status =
            rk_fail(error, failed, "%s: no size or effect reaches that power with these numbers",
                    design_names[options->design]);
    power_plans_free(&plans);
    power_pilot_free(&pilot);
    return status;
}

enum rk_status rk_power_run(const struct rk_table *pilot, const struct rk_power_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error)
{
    enum rk_status status = rk_power_check(options, pilot != NULL, error);

    if (status != RK_OK)
        return status;
    result->rows_used = 0;
    result->random = options->draws > 0;
    if (pilot != NULL)
        return rk_run_groups(pilot, &options->common, declare, run_group, options, ctx, result,
                             error);
    declare(result, options);
    if (result->status != RK_OK)
        return rk_fail_memory(error);
    return run_group(NULL, options, ctx, result, error);
}
