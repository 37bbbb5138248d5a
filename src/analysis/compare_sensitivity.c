/* What these data could have shown: the smallest effect that a test finds at 80% power. */
#include <math.h>

#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/power_design.h"
#include "repkit/words.h"

enum { VARIABLE, TEST, N1, N2, SD, MDE, POWER, N_NEEDED, NOTE, N_FIELDS };

static const struct rk_field fields[N_FIELDS] = {
    [VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
    [TEST] = {"test", RK_TEXT, RK_GENERAL},
    [N1] = {"n1", RK_NUMBER, RK_COUNT},
    [N2] = {"n2", RK_NUMBER, RK_COUNT},
    [SD] = {"sd", RK_NUMBER, RK_GENERAL},
    [MDE] = {"mde", RK_NUMBER, RK_GENERAL},
    [POWER] = {"power", RK_NUMBER, RK_LEVEL},
    [N_NEEDED] = {"n_needed", RK_NUMBER, RK_COUNT},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

static const double wanted_power = 0.8;

static double pooled_sd(const struct samples *s)
{
    double squares = 0.0, df = (double)s->n[0] + (double)s->n[1] - 2.0;

    for (size_t k = 0; k < 2; k++)
        squares += s->n[k] > 1 ? s->m[k].var * ((double)s->n[k] - 1.0) : 0.0;
    return df > 0.0 ? sqrt(squares / df) : NAN;
}

/* Fills the plan, of shares towards the middle, where there is room, and the sd of the values;
 * returns why there is no plan, or NULL. */
static const char *plan_of(const struct design *design, const struct samples *s,
                           const struct method *method, struct rk_power_plan *plan, double *sd)
{
    const struct rk_common *common = &design->options->common;
    double n[2];

    for (size_t k = 0; k < 2; k++)
        n[k] = s->size[k] == NULL ? (double)s->n[k] : rk_moments_of(s->size[k], s->n[k]).sum;
    plan->design = design->paired ? RK_POWER_PAIRED : RK_POWER_TWO_SAMPLE;
    plan->n = n[0];
    plan->n_second = n[1];
    plan->sig_level = 1.0 - common->conf_level;
    plan->alternative = common->alternative == RK_TWO_SIDED ? RK_TWO_SIDED : RK_GREATER;
    *sd = design->paired ? s->change.sd : pooled_sd(s);
    if (method->of == OF_SHARES && !design->paired) {
        plan->design = RK_POWER_PROPORTION;
        plan->baseline = fmin(s->mean[0], 1.0 - s->mean[0]);
        *sd = sqrt(s->mean[0] * (1.0 - s->mean[0]));
        return *sd > 0.0 ? NULL : "the first proportion is 0 or 1";
    }
    /* Ranks are 3 / pi as efficient as means of normal values. */
    plan->sd = *sd / sqrt(method->of == OF_RANKS ? 3.0 / M_PI : 1.0);
    if (method->of != OF_MEANS && method->of != OF_RANKS)
        return "not for this test: ask rep-power, or read a test of means";
    if (design->options->relative)
        return "of differences only, not of ratios";
    return *sd > 0.0 ? NULL : "no variation";
}

/* The fewest a side (or pairs) that see the effect, NaN where none do. */
static double n_for(struct rk_power_plan plan, const struct samples *s, double effect)
{
    double n = NAN;

    plan.n_second = 0.0;
    plan.effect = fabs(effect);
    plan.baseline = effect < 0.0 ? 1.0 - s->mean[0] : s->mean[0];
    rk_power_solve_n(&plan, wanted_power, &n);
    return ceil(n);
}

void rk_sensitivity_declare(struct rk_result *result)
{
    rk_result_declare(result, "sensitivity", fields, N_FIELDS);
}

static void explain(struct rk_result *result, const struct design *design, const struct samples *s,
                    const struct method *method, double mde, double needed)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    double wanted = design->options->wanted;
    const char *unit = design->paired ? "pairs" : "a side";

    rk_text_format(&row, "%s %s sensitivity", s->variable, method->name);
    rk_text_format(&manager,
                   "With so many (and as much spread as these), a true difference of '%s' would be "
                   "found four times in five if it were ",
                   s->variable);
    rk_say_number(&manager, mde);
    rk_text_add(&manager, " or more; smaller ones may well be missed.");
    rk_text_format(&paper,
                   "Smallest difference at 80%% power (%s, alpha %.4g): ", method->full_name,
                   1.0 - design->options->common.conf_level);
    rk_say_number(&paper, mde);
    if (wanted != 0.0 && !isnan(needed)) {
        rk_text_format(&manager, " For %g it takes %.0f %s.", wanted, needed, unit);
        rk_text_format(&paper, "; n for %g: %.0f %s", wanted, needed, unit);
    }
    rk_text_add(&paper, ".");
    rk_explain(result, &row, &manager, &paper);
}

/* Which two of several levels a row is about, and what there is to say. */
static void put_note(struct rk_result *result, size_t t, const struct design *design,
                     const char *what)
{
    struct rk_text note = {0};

    if (design->levels.n > 2)
        rk_text_format(&note, "%s and %s%s", design->level[0], design->level[1],
                       what != NULL ? "; " : "");
    rk_text_add(&note, what != NULL ? what : "");
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, t, NOTE, note.bytes);
    rk_text_free(&note);
}

void rk_sensitivity_row(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct method *method,
                        enum rk_status made)
{
    const double wanted = design->options->wanted;
    size_t t = rk_result_declare(result, "sensitivity", fields, N_FIELDS);
    double sd = NAN, mde = NAN, needed = NAN;
    struct rk_power_plan plan = RK_POWER_PLAN_DEFAULT;
    const char *why = rk_status_words(made);

    plan.n = plan.n_second = NAN;
    if (made == RK_OK)
        why = plan_of(design, samples, method, &plan, &sd);
    if (why == NULL) {
        needed = wanted != 0.0 ? n_for(plan, samples, wanted) : NAN;
        if (rk_power_solve_effect(&plan, wanted_power, &mde) != RK_OK)
            why = "no effect is large enough for so few";
    }
    rk_result_row(result, t);
    rk_put_text(result, t, VARIABLE, samples->variable);
    rk_put_text(result, t, TEST, method->name);
    rk_put(result, t, N1, plan.n);
    rk_put(result, t, N2, plan.n_second);
    rk_put(result, t, SD, sd);
    rk_put(result, t, MDE, mde);
    rk_put(result, t, POWER, wanted_power);
    rk_put(result, t, N_NEEDED, needed);
    put_note(result, t, design,
             why != NULL     ? why
             : wanted != 0.0 ? (design->paired ? "n_needed: pairs" : "n_needed: on each side")
                             : NULL);
    if (why == NULL && design->options->common.explain)
        explain(result, design, samples, method, mde, needed);
}
