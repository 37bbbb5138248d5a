/* What a row of rep-compare means, in words. */
#include <math.h>
#include <string.h>

#include "compare_parts.h"
#include "repkit/words.h"

static bool is_test(const struct tested *t, const char *name)
{
    return strcmp(t->method->name, name) == 0;
}

static void say_percent(struct rk_text *out, double share)
{
    rk_say_number(out, 100.0 * share);
    rk_text_add(out, "%");
}

/* --- for a manager -------------------------------------------------------------------------- */

static void add_equivalence(struct rk_text *out, const struct design *design,
                            const struct tested *t)
{
    double margin = design->options->margin;

    if (t->conf_low > -margin && t->conf_high < margin)
        rk_text_format(out, "That is within %g either way, which you said counts as none.", margin);
    else
        rk_text_format(out, "It may lie beyond %g, so these data do not show that there is none.",
                       margin);
}

/* What the interval, or where there is none the p-value, says about the null hypothesis. */
static void add_verdict(struct rk_text *out, const struct design *design, const struct tested *t)
{
    double mu = rk_compare_null(design->options, t->ratio), none = t->ratio ? 1.0 : 0.0;
    double level = design->options->common.conf_level;
    bool no_interval = isnan(t->conf_low) || isnan(t->conf_high);
    /* An interval of a lower level, for want of values, may leave out what p does not. */
    bool away = no_interval || t->conf_level < level - 1e-9 ? t->p_value < 1.0 - level
                                                            : t->conf_low > mu || t->conf_high < mu;

    if (is_test(t, "tost"))
        add_equivalence(out, design, t);
    else if (no_interval && !is_test(t, "permutation") && t->method->of != OF_SHAPES)
        rk_text_add(out, "The data are too few for an interval.");
    else if (mu != none)
        rk_text_format(out, "A %s of %g %s.", t->ratio ? "ratio" : "difference", mu,
                       away ? "does not fit these data" : "fits these data too");
    else if (away)
        rk_text_add(out, "Chance alone would rarely show as much.");
    else
        rk_text_add(out, "No difference at all fits these data too.");
}

static void add_means(struct rk_text *out, const struct design *design, const struct samples *s)
{
    if (design->options->before != NULL)
        rk_text_add(out, "The mean is ");
    else
        rk_text_format(out, "%s averages ", s->variable);
    rk_say_number(out, s->mean[0]);
    rk_text_format(out, " in '%s' and ", design->level[0]);
    rk_say_number(out, s->mean[1]);
    rk_text_format(out, " in '%s'", design->level[1]);
}

static void add_shares(struct rk_text *out, const struct design *design, const struct samples *s)
{
    if (design->options->trials != NULL)
        rk_text_format(out, "%s: of the trials, ", s->variable);
    else
        rk_text_format(out, "%s is 1 in ",
                       design->options->before != NULL ? "The value" : s->variable);
    say_percent(out, s->mean[0]);
    rk_text_format(out, design->options->trials != NULL ? " in '%s' and " : " of '%s' and in ",
                   design->level[0]);
    say_percent(out, s->mean[1]);
    rk_text_format(out, design->options->trials != NULL ? " in '%s'" : " of '%s'",
                   design->level[1]);
}

/* "..., 1.2 times as much (95% interval 1.1 to 1.4). " */
static void add_ratio(struct rk_text *out, const char *what, const struct tested *t)
{
    if (isfinite(t->estimate)) {
        rk_say_number(out, t->estimate);
        rk_text_format(out, " times %s", what);
    } else {
        rk_text_format(out, "%s beyond any number that these data could tell", what);
    }
    rk_say_interval(out, t->conf_level, t->conf_low, t->conf_high);
    rk_text_add(out, ". ");
}

static void add_difference(struct rk_text *out, const struct design *design, const struct tested *t)
{
    if (t->method->of == OF_RANKS)
        rk_text_add(out, design->paired ? "; the typical change is " : "; the typical shift is ");
    else if (t->method->of == OF_SIGNS)
        rk_text_add(out, "; the median change is ");
    else if (is_test(t, "mcnemar"))
        rk_text_add(out, "; allowing for how few there are, a difference of ");
    else
        rk_text_add(out, ": a difference of ");
    if (t->method->of == OF_SHARES) {
        rk_say_number(out, 100.0 * t->estimate);
        rk_text_add(out, " percentage points");
        rk_say_interval(out, t->conf_level, 100.0 * t->conf_low, 100.0 * t->conf_high);
    } else {
        rk_say_number(out, t->estimate);
        rk_say_interval(out, t->conf_level, t->conf_low, t->conf_high);
    }
    rk_text_add(out, ". ");
}

static void write_manager(struct rk_text *out, const struct design *design, const struct samples *s,
                          const struct tested *t)
{
    if (t->method->of == OF_SHARES || t->method->of == OF_ODDS)
        add_shares(out, design, s);
    else
        add_means(out, design, s);
    if (t->method->of == OF_ODDS) {
        rk_text_add(out, ": the odds are ");
        add_ratio(out, "as high", t);
    } else if (t->ratio) {
        rk_text_add(out, t->method->of == OF_RANKS   ? "; the typical value is "
                         : t->method->of == OF_SIGNS ? "; the median unit has "
                                                     : ": ");
        add_ratio(out, t->method->of == OF_RATES ? "as many" : "as much", t);
    } else if (t->method->of == OF_SHAPES) {
        rk_text_add(out, "; the shares of values below one limit differ by up to ");
        say_percent(out, t->statistic);
        rk_text_add(out, ". ");
    } else {
        add_difference(out, design, t);
    }
    if (t->method->of == OF_RANKS && !design->paired && !t->ratio && design->options->mu == 0.0)
        rk_text_format(
            out,
            "Of two values picked at random, one from each, that of '%s' is the larger in "
            "%.0f of 100 cases (ties count half). ",
            design->level[1], 50.0 * (1.0 + t->effect));
    add_verdict(out, design, t);
}

/* --- for a paper ---------------------------------------------------------------------------- */

static const char *letter(const struct design *design, const struct tested *t)
{
    switch (t->method->of) {
    case OF_RANKS:
        return design->paired ? "V = " : "U = ";
    case OF_SIGNS:
        return "S = ";
    case OF_SHAPES:
        return "D = ";
    case OF_SHARES:
        return design->paired ? "gained = " : "chi-squared(1) = ";
    case OF_RATES:
        return "events = ";
    default:
        return NULL;
    }
}

static void add_statistic(struct rk_text *out, const struct design *design, const struct tested *t)
{
    static const char *const alternatives[] = {"", ", less", ", greater"};
    int side = is_test(t, "tost") ? RK_TWO_SIDED : design->options->common.alternative;
    const char *named = letter(design, t), *how;

    if (named != NULL) {
        rk_text_add(out, named);
        rk_say_number(out, t->statistic);
        rk_text_add(out, ", ");
    } else if (!isnan(t->df)) {
        rk_text_add(out, "t(");
        rk_say_number(out, t->df);
        rk_text_add(out, ") = ");
        rk_say_number(out, t->statistic);
        rk_text_add(out, ", ");
    }
    rk_say_p(out, "p", t->p_value);
    how = t->exact                    ? "exact"
          : t->method->of == OF_RANKS ? "normal approximation"
          : is_test(t, "permutation") ? "Monte Carlo"
          : side != RK_TWO_SIDED      ? "one-sided"
                                      : "";
    if (how[0] != '\0' || side != RK_TWO_SIDED)
        rk_text_format(out, " (%s%s)", how, alternatives[side]);
}

static const char *estimand(const struct tested *t)
{
    switch (t->method->of) {
    case OF_RANKS:
        return t->ratio ? "Hodges-Lehmann ratio" : "Hodges-Lehmann estimate";
    case OF_SIGNS:
        return t->ratio ? "median ratio" : "median difference";
    case OF_SHARES:
        return "difference of proportions";
    case OF_ODDS:
        return "conditional odds ratio";
    case OF_RATES:
        return "rate ratio";
    default:
        return t->ratio ? "ratio of means" : "mean difference";
    }
}

static void add_estimate(struct rk_text *out, const struct tested *t)
{
    if (t->method->of == OF_SHAPES)
        return;
    rk_text_format(out, "%s ", estimand(t));
    if (isinf(t->estimate))
        rk_text_add(out, "Inf");
    else
        rk_say_number(out, t->estimate);
    rk_say_ci(out, t->conf_level, t->conf_low, t->conf_high);
    if (t->method->of == OF_RANKS && t->exact && t->conf_achieved > 0.0)
        rk_text_format(out, " (exact level %.1f%%)", 100.0 * t->conf_achieved);
    rk_text_add(out, "; ");
}

static void write_paper(struct rk_text *out, const struct design *design, const struct samples *s,
                        const struct tested *t)
{
    const char *effect = t->method->effect[design->paired];
    bool apart =
        t->method->of != OF_SHARES && t->method->of != OF_ODDS && t->method->of != OF_RATES;

    rk_text_format(out, "%s, ", t->method->full_name);
    if (design->options->before == NULL)
        rk_text_format(out, "%s, ", s->variable);
    rk_text_format(out, "%s %s %s: ", design->level[1], t->ratio ? "over" : "minus",
                   design->level[0]);
    add_estimate(out, t);
    add_statistic(out, design, t);
    if (is_test(t, "tost"))
        rk_text_format(out, "; margin %g", design->options->margin);
    if (apart && !isnan(t->effect)) {
        rk_text_format(out, "; %s = ", rk_compare_effect_name(effect));
        rk_say_number(out, t->effect);
        rk_say_ci(out, design->options->common.conf_level, t->effect_low, t->effect_high);
    }
    if (design->paired)
        rk_text_format(out, "; n = %zu pairs.", s->n[0]);
    else
        rk_text_format(out, "; n = %.0f and %.0f.", t->n[0], t->n[1]);
}

/* --- rows ----------------------------------------------------------------------------------- */

void rk_compare_explain(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct tested *tested)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    if (design->levels.n > 2)
        rk_text_format(&row, "%s %s, %s - %s", samples->variable, tested->method->name,
                       design->level[1], design->level[0]);
    else
        rk_text_format(&row, "%s %s", samples->variable, tested->method->name);
    write_manager(&manager, design, samples, tested);
    write_paper(&paper, design, samples, tested);
    rk_explain(result, &row, &manager, &paper);
}

void rk_compare_explain_levels(struct rk_result *result, const struct design *design,
                               const struct level_samples *samples, const struct tested *tested)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    bool f = !isnan(tested->df_first), away = tested->p_value < 1.0 - tested->conf_level;
    const char *effect = tested->method->effect[design->paired];

    rk_text_format(&row, "%s %s", samples->variable, tested->method->name);
    rk_text_format(&manager, "Between the %zu levels, %s differs %s", samples->n_levels,
                   samples->variable,
                   away ? "more than chance alone would often show; the rows below say which pairs."
                        : "no more than chance alone often shows.");
    rk_text_format(&paper, "%s, %s, %zu levels: %s(", tested->method->full_name, samples->variable,
                   samples->n_levels, f ? "F" : "chi-squared");
    if (f) {
        rk_say_number(&paper, tested->df_first);
        rk_text_add(&paper, ", ");
    }
    rk_say_number(&paper, tested->df);
    rk_text_add(&paper, ") = ");
    rk_say_number(&paper, tested->statistic);
    rk_text_add(&paper, ", ");
    rk_say_p(&paper, "p", tested->p_value);
    if (!isnan(tested->effect)) {
        rk_text_format(&paper, "; %s = ", rk_compare_effect_name(effect));
        rk_say_number(&paper, tested->effect);
        rk_say_ci(&paper, design->options->common.conf_level, tested->effect_low,
                  tested->effect_high);
    }
    rk_text_format(&paper, "; n = %zu%s.", samples->n_total, design->paired ? " units" : "");
    rk_explain(result, &row, &manager, &paper);
}
