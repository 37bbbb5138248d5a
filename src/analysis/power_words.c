/* What a row of rep-power means, in words. */
#include <math.h>

#include "power_parts.h"
#include "repkit/words.h"

static const char *const full_names[] = {
    "two-sample t test",
    "paired t test",
    "chi-squared test of two shares",
    "test of a correlation",
    "F test of a regression",
    "difference in differences of collapsed means",
};

/* "an effect of 5 (sd 12)" */
static void add_effect(struct rk_text *out, const struct rk_power_plan *plan)
{
    switch (plan->design) {
    case RK_POWER_CORRELATION:
        rk_text_add(out, "a correlation of ");
        rk_say_number(out, plan->effect);
        break;
    case RK_POWER_REGRESSION:
        rk_text_add(out, "predictors that explain ");
        rk_say_number(out, 100.0 * plan->effect / (1.0 + plan->effect));
        rk_text_add(out, "% of what the others leave");
        break;
    case RK_POWER_PROPORTION:
        rk_text_add(out, "a change of the share from ");
        rk_say_number(out, 100.0 * plan->baseline);
        rk_text_add(out, "% to ");
        rk_say_number(out, 100.0 * (plan->baseline + plan->effect));
        rk_text_add(out, "%");
        break;
    default:
        rk_text_add(out, "a difference of ");
        rk_say_number(out, plan->effect);
    }
}

static void add_size(struct rk_text *out, const struct rk_power_plan *plan)
{
    rk_say_number(out, plan->n);
    rk_text_add(out, plan->design == RK_POWER_PAIRED ? " " : " units ");
    rk_text_add(out, power_units(plan->design));
    if (plan->design == RK_POWER_DID)
        rk_text_format(out, ", %zu period%s before and %zu after", plan->before,
                       plan->before == 1 ? "" : "s", plan->after);
}

static void write_manager(struct rk_text *out, enum power_unknown unknown, const struct solved *s)
{
    const struct rk_power_plan *plan = &s->plan;

    if (s->status != RK_OK) {
        rk_text_add(out, "No study of this kind can show it.");
        return;
    }
    if (unknown == POWER_UNKNOWN_EFFECT) {
        rk_text_add(out, "With ");
        add_size(out, plan);
        rk_text_add(out, ", ");
        add_effect(out, plan);
        rk_text_format(out,
                       " is the smallest that would be seen in %.0f of 100 such studies; a "
                       "smaller one will often be missed.",
                       100.0 * s->power);
    } else if (unknown == POWER_UNKNOWN_N) {
        rk_text_add(out, "To see ");
        add_effect(out, plan);
        rk_text_format(out, " in %.0f of 100 such studies takes ", 100.0 * s->power);
        add_size(out, plan);
        rk_text_add(out, ".");
    } else {
        rk_text_add(out, "With ");
        add_size(out, plan);
        rk_text_add(out, ", ");
        add_effect(out, plan);
        rk_text_format(out, " would be seen in %.0f of 100 such studies.", 100.0 * s->power);
    }
    if (!isnan(s->type_m) && s->power < 0.5) {
        rk_text_add(out, " Where it is seen, the estimate is on average ");
        rk_say_number(out, s->type_m);
        rk_text_add(out, " times too large");
        if (s->type_s > 0.005)
            rk_text_format(out, ", and of the wrong sign in %.0f of 100", 100.0 * s->type_s);
        rk_text_add(out, ".");
    }
    if (!isnan(s->simulated)) {
        rk_text_format(out, " Studies drawn from the pilot showed it in %.0f of 100.",
                       100.0 * s->simulated);
    }
}

static void write_paper(const struct rk_power_options *options, struct rk_text *out,
                        const struct solved *s)
{
    static const char *const sides[] = {"two-sided", "one-sided", "one-sided"};
    const struct rk_power_plan *plan = &s->plan;

    rk_text_format(out, "Power of the %s, %s, alpha = %g: ", full_names[plan->design],
                   sides[plan->alternative], plan->sig_level);
    if (s->status != RK_OK) {
        rk_text_add(out, "not attainable.");
        return;
    }
    rk_text_format(out, "%.3f with ", s->power);
    add_size(out, plan);
    rk_text_add(out, plan->design == RK_POWER_REGRESSION ? " and f2 = " : " and an effect of ");
    rk_say_number(out, plan->effect);
    if (plan->design == RK_POWER_DID)
        rk_text_format(out, " (sd %.4g, icc %.4g, ar %.4g)", plan->sd, plan->icc, plan->ar);
    else if (plan->design <= RK_POWER_PAIRED)
        rk_text_format(out, " (sd %.4g)", plan->sd);
    if (!isnan(s->type_m))
        rk_text_format(out, "; type S error %.2g, exaggeration %.2f", s->type_s, s->type_m);
    if (!isnan(s->simulated)) {
        rk_text_format(out, "; %zu simulated studies: %.3f", options->draws, s->simulated);
        rk_say_ci(out, options->common.conf_level, s->simulated_low, s->simulated_high);
    }
    rk_text_add(out, ".");
}

void power_explain(const struct rk_power_options *options, enum power_unknown unknown,
                   const struct solved *solved, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    if (isnan(solved->plan.n))
        rk_text_add(&row, "n NA");
    else
        rk_text_format(&row, "n %.0f", solved->plan.n);
    if (isnan(solved->plan.effect))
        rk_text_add(&row, ", effect NA");
    else
        rk_text_format(&row, ", effect %.4g", solved->plan.effect);
    write_manager(&manager, unknown, solved);
    write_paper(options, &paper, solved);
    rk_explain(result, &row, &manager, &paper);
}
