/* What these data could have shown: the smallest effect that a test finds at 80% power. */
#include <math.h>

#include "compare_parts.h"
#include "repkit/distributions.h"
#include "repkit/moments.h"
#include "repkit/noncentral.h"
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

/* What power depends on. */
struct plan {
    bool paired, two_sided, shares;
    double alpha, sd;
    double efficiency; /* of the test against t: 3 / pi of ranks */
    double p;          /* of shares: the first proportion */
};

/* Both tails, as R's power.t.test(strict = TRUE). */
static double power_of_t(const struct plan *plan, double n1, double n2, double effect)
{
    double unit = plan->paired ? 1.0 / n1 : 1.0 / n1 + 1.0 / n2;
    double df = plan->paired ? n1 - 1.0 : n1 + n2 - 2.0;
    double ncp = fabs(effect) / plan->sd * sqrt(plan->efficiency / unit), critical, power;

    if (!(df >= 1.0))
        return 0.0;
    if (ncp > 60.0) /* the integral is 1 to the last digit */
        return 1.0;
    critical = rk_qt(plan->two_sided ? plan->alpha / 2.0 : plan->alpha, df, RK_UPPER_TAIL);
    power = rk_pnt(critical, df, ncp, RK_UPPER_TAIL);
    if (plan->two_sided)
        power += rk_pnt(-critical, df, ncp, RK_LOWER_TAIL);
    return power;
}

/* R's power.prop.test(strict = TRUE), for sizes that differ. */
static double power_of_shares(const struct plan *plan, double n1, double n2, double effect)
{
    double p1 = plan->p, p2 = p1 + effect, p, pooled, apart, z;

    if (p2 <= 0.0 || p2 >= 1.0)
        return 1.0;
    p = (n1 * p1 + n2 * p2) / (n1 + n2);
    pooled = sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n2));
    apart = sqrt(p1 * (1.0 - p1) / n1 + p2 * (1.0 - p2) / n2);
    z = rk_qnorm(plan->two_sided ? plan->alpha / 2.0 : plan->alpha, RK_UPPER_TAIL) * pooled;
    return rk_pnorm((fabs(effect) - z) / apart, RK_LOWER_TAIL) +
           (plan->two_sided ? rk_pnorm((fabs(effect) + z) / apart, RK_UPPER_TAIL) : 0.0);
}

static double power_at(const struct plan *plan, double n1, double n2, double effect)
{
    return plan->shares ? power_of_shares(plan, n1, n2, effect) : power_of_t(plan, n1, n2, effect);
}

/* The effect whose power is 80%, by bisection: power grows with it. */
static double smallest_effect(const struct plan *plan, double n1, double n2)
{
    /* of shares towards the middle, where there is room */
    double sign = plan->shares && plan->p > 0.5 ? -1.0 : 1.0, low = 0.0;
    double high = plan->shares ? fmax(plan->p, 1.0 - plan->p) : plan->sd;

    for (int i = 0; !plan->shares && i < 60 && power_at(plan, n1, n2, high) < wanted_power; i++)
        high *= 2.0;
    for (int i = 0; i < 60 && high - low > 1e-13 * high; i++) {
        double middle = (low + high) / 2.0;

        if (power_at(plan, n1, n2, sign * middle) < wanted_power)
            low = middle;
        else
            high = middle;
    }
    return power_at(plan, n1, n2, sign * high) >= wanted_power - 1e-9 ? high : NAN;
}

/* The fewest a side (or pairs) whose power for the effect is 80%; NaN above 1e9. */
static double smallest_n(const struct plan *plan, double effect)
{
    double low = 1.0, high = 2.0;

    while (high < 1e9 && power_at(plan, high, high, effect) < wanted_power)
        low = high, high *= 2.0;
    if (high >= 1e9)
        return NAN;
    while (high - low > 1.0) {
        double middle = floor((low + high) / 2.0);

        if (power_at(plan, middle, middle, effect) < wanted_power)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static double pooled_sd(const struct samples *s)
{
    double squares = 0.0, df = (double)s->n[0] + (double)s->n[1] - 2.0;

    for (size_t k = 0; k < 2; k++)
        squares += s->n[k] > 1 ? s->m[k].var * ((double)s->n[k] - 1.0) : 0.0;
    return df > 0.0 ? sqrt(squares / df) : NAN;
}

/* Fills the plan; returns why there is none, or NULL. */
static const char *plan_of(const struct design *design, const struct samples *s,
                           const struct method *method, double n[2], struct plan *plan)
{
    const struct rk_common *common = &design->options->common;

    *plan = (struct plan){.paired = design->paired,
                          .two_sided = common->alternative == RK_TWO_SIDED,
                          .alpha = 1.0 - common->conf_level,
                          .efficiency = method->of == OF_RANKS ? 3.0 / M_PI : 1.0};
    for (size_t k = 0; k < 2; k++)
        n[k] = s->size[k] == NULL ? (double)s->n[k] : rk_moments_of(s->size[k], s->n[k]).sum;
    plan->sd = design->paired ? s->change.sd : pooled_sd(s);
    if (method->of == OF_SHARES && !design->paired) {
        plan->shares = true;
        plan->p = s->mean[0];
        plan->sd = sqrt(plan->p * (1.0 - plan->p));
        return plan->p > 0.0 && plan->p < 1.0 ? NULL : "the first proportion is 0 or 1";
    }
    if (method->of != OF_MEANS && method->of != OF_RANKS)
        return "not for this test: ask rep-power, or read a test of means";
    if (design->options->relative)
        return "of differences only, not of ratios";
    return plan->sd > 0.0 ? NULL : "no variation";
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
    double n[2] = {NAN, NAN}, mde = NAN, needed = NAN;
    struct plan plan = {.sd = NAN};
    const char *why =
        made != RK_OK ? rk_status_words(made) : plan_of(design, samples, method, n, &plan);

    if (why == NULL) {
        mde = smallest_effect(&plan, n[0], n[1]);
        needed = wanted != 0.0 ? smallest_n(&plan, wanted) : NAN;
        if (isnan(mde))
            why = "no effect is large enough for so few";
    }
    rk_result_row(result, t);
    rk_put_text(result, t, VARIABLE, samples->variable);
    rk_put_text(result, t, TEST, method->name);
    rk_put(result, t, N1, n[0]);
    rk_put(result, t, N2, n[1]);
    rk_put(result, t, SD, plan.sd);
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
