/* What a row of rep-compare means, in words. */
#include <math.h>

#include "compare_parts.h"
#include "repkit/words.h"

/* What the interval says about the null hypothesis, without the word significant. */
static void add_verdict(struct rk_text *out, const struct tested *t, double mu)
{
    bool above = t->conf_low > mu, below = t->conf_high < mu;

    if (isnan(t->conf_low) || isnan(t->conf_high)) {
        rk_text_add(out, "The data are too few for an interval.");
    } else if (mu != 0.0) {
        rk_text_format(out,
                       above || below ? "A difference of %g does not fit these data."
                                      : "A difference of %g fits these data too.",
                       mu);
    } else if (above || below) {
        rk_text_add(out, "Chance alone would rarely show as much.");
    } else {
        rk_text_add(out, "No difference at all fits these data too.");
    }
}

/* "revenue averages 12 in 'before' and 14 in 'after', 2 more" */
static void write_manager(struct rk_text *out, const struct design *design, const struct samples *s,
                          const struct tested *t)
{
    const struct rk_compare_options *options = design->options;
    bool wide = options->before != NULL;

    if (wide)
        rk_text_add(out, "The mean is ");
    else
        rk_text_format(out, "%s averages ", s->variable);
    rk_say_number(out, s->mean[0]);
    rk_text_format(out, " in '%s' and ", design->level[0]);
    rk_say_number(out, s->mean[1]);
    rk_text_format(out, " in '%s'", design->level[1]);
    if (t->ranks)
        rk_text_add(out, design->paired ? "; the typical change is " : "; the typical shift is ");
    else
        rk_text_add(out, ": a difference of ");
    rk_say_number(out, t->estimate);
    rk_say_interval(out, t->conf_level, t->conf_low, t->conf_high);
    rk_text_add(out, ". ");
    if (t->ranks && !design->paired && options->mu == 0.0)
        rk_text_format(out,
                       "Of a value of either, picked at random, that of '%s' is the larger in %.0f "
                       "of 100 cases (ties count half). ",
                       design->level[1], 50.0 * (1.0 + t->effect));
    add_verdict(out, t, options->mu);
}

static void add_statistic(struct rk_text *out, const struct design *design, const struct tested *t)
{
    static const char *const alternatives[] = {"", ", less", ", greater"};

    if (t->ranks) {
        rk_text_add(out, design->paired ? "V = " : "U = ");
    } else {
        rk_text_add(out, "t(");
        rk_say_number(out, t->df);
        rk_text_add(out, ") = ");
    }
    rk_say_number(out, t->statistic);
    rk_text_add(out, ", ");
    rk_say_p(out, "p", t->p_value);
    if (t->ranks)
        rk_text_add(out, t->exact ? " (exact" : " (normal approximation");
    else
        rk_text_add(out, design->options->common.alternative != RK_TWO_SIDED ? " (one-sided" : "");
    rk_text_add(out, alternatives[design->options->common.alternative]);
    rk_text_add(out, t->ranks || design->options->common.alternative != RK_TWO_SIDED ? ")" : "");
}

static void write_paper(struct rk_text *out, const struct design *design, const struct samples *s,
                        const struct tested *t)
{
    rk_text_format(out, "%s, ", t->method->full_name);
    if (design->options->before == NULL)
        rk_text_format(out, "%s, ", s->variable);
    rk_text_format(out, "%s minus %s: %s ", design->level[1], design->level[0],
                   t->ranks ? "Hodges-Lehmann estimate" : "mean difference");
    rk_say_number(out, t->estimate);
    rk_say_ci(out, t->conf_level, t->conf_low, t->conf_high);
    if (t->ranks && t->exact && !isnan(t->conf_achieved))
        rk_text_format(out, " (exact level %.1f%%)", 100.0 * t->conf_achieved);
    rk_text_add(out, "; ");
    add_statistic(out, design, t);
    if (!isnan(t->effect)) {
        rk_text_format(out, "; %s = ", t->method->effect_name);
        rk_say_number(out, t->effect);
    }
    rk_say_ci(out, design->options->common.conf_level, t->effect_low, t->effect_high);
    if (design->paired)
        rk_text_format(out, "; n = %zu pairs.", s->n[0]);
    else
        rk_text_format(out, "; n = %zu and %zu.", s->n[0], s->n[1]);
}

void rk_compare_explain(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct tested *tested)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_format(&row, "%s %s", samples->variable, tested->method->name);
    write_manager(&manager, design, samples, tested);
    write_paper(&paper, design, samples, tested);
    rk_explain(result, &row, &manager, &paper);
}
