/* What a row of rep-impact's differences in differences means, in words. A cause is named only with
 * the condition under which the number is one. */
#include <math.h>
#include <stdio.h>

#include "impact_parts.h"
#include "repkit/distributions.h"
#include "repkit/words.h"

struct impact_number impact_number(double value)
{
    struct impact_number number = {""};

    rk_format_rounded(value, 4, number.text);
    return number;
}

struct impact_number impact_signed(double value)
{
    struct impact_number number = impact_number(value), with_sign = {""};

    snprintf(with_sign.text, sizeof with_sign.text, "%s%.38s", value > 0.0 ? "+" : "", number.text);
    return with_sign;
}

void impact_explain(const struct impact *impact, const char *row, struct rk_text *manager,
                    struct rk_text *paper)
{
    struct rk_text name = {0};

    rk_text_add(&name, row);
    rk_explain(impact->result, &name, manager, paper);
}

static void say_verdict(struct rk_text *out, double low, double high)
{
    if (isnan(low) || isnan(high))
        rk_text_add(out, " There is no interval.");
    else if (low > 0.0 || high < 0.0)
        rk_text_add(out, " Chance alone would rarely show as much.");
    else
        rk_text_add(out, " No effect at all fits these data too.");
}

static void say_relative(struct rk_text *out, const struct rk_did *d, double conf_level)
{
    if (isnan(d->rel_low))
        return;
    rk_text_format(out, ", %+.1f%%", 100.0 * d->rel_effect);
    rk_text_format(out, " (%.4g%% interval %.1f%% to %.1f%%) of what it would have been",
                   100.0 * conf_level, 100.0 * d->rel_low, 100.0 * d->rel_high);
}

static void say_test(struct rk_text *out, const struct rk_did *d, double conf_level)
{
    rk_text_format(out, "b = %s", impact_number(d->estimate).text);
    rk_say_ci(out, conf_level, d->conf_low, d->conf_high);
    rk_text_add(out, ", t(");
    rk_say_number(out, d->df);
    rk_text_add(out, ") = ");
    rk_say_number(out, d->statistic);
    rk_text_add(out, ", ");
    rk_say_p(out, "p", d->p_value);
}

static void explain_att(const struct impact *impact, const struct did_found *f, const char *row)
{
    double conf_level = impact->options->common.conf_level;
    struct rk_text manager = {0}, paper = {0};

    rk_text_format(&manager, "Since the start '%s' of units with %s '%s' changed by ",
                   impact->options->value, impact->options->treated, f->panel->level[1]);
    rk_say_number(&manager, f->att.estimate);
    rk_text_format(&manager, " more a %s than that of the others",
                   impact_period_name(f->panel->kind));
    rk_say_interval(&manager, conf_level, f->att.conf_low, f->att.conf_high);
    say_relative(&manager, &f->att, conf_level);
    rk_text_add(&manager, ".");
    say_verdict(&manager, f->att.conf_low, f->att.conf_high);
    rk_text_add(&manager, " It is the effect of the treatment if, without it, both groups had "
                          "changed alike.");
    rk_text_format(&paper, "Difference in differences of unit means (%s%s): ",
                   f->att.welch ? "Welch" : "pooled t",
                   f->panel->q > 0 ? ", adjusted for covariates" : "");
    say_test(&paper, &f->att, conf_level);
    rk_text_format(&paper, "; %zu treated and %zu other units.", f->units->n_treated,
                   f->units->n - f->units->n_treated);
    impact_explain(impact, row, &manager, &paper);
}

static void explain_permutation(const struct impact *impact, const struct did_found *f)
{
    struct rk_text manager = {0}, paper = {0};
    double share = f->permutation.p_value;

    rk_text_format(&manager,
                   "Had the same units been called treated by lot, so large a difference would "
                   "come up in %.3g%% of the draws; this asks nothing of the shape of the data.",
                   100.0 * share);
    rk_text_format(&paper, "Permutation test of treatment labels, %s %zu: ",
                   f->permutation.exact ? "exact over all" : "Monte Carlo with", f->permutation.n);
    rk_say_p(&paper, "p", share);
    rk_text_add_char(&paper, '.');
    impact_explain(impact, "att_permutation", &manager, &paper);
}

static void explain_ancova(const struct impact *impact, const struct did_found *f)
{
    double conf_level = impact->options->common.conf_level;
    struct rk_text manager = {0}, paper = {0};

    if (f->ancova_status != RK_OK)
        return;
    rk_text_add(&manager, "Compared with units that began alike, those treated ended ");
    rk_say_number(&manager, f->ancova.estimate);
    rk_text_format(&manager, " higher a %s", impact_period_name(f->panel->kind));
    rk_say_interval(&manager, conf_level, f->ancova.conf_low, f->ancova.conf_high);
    rk_text_add(&manager,
                ". Where the treated were picked by lot this is the sharper number; where "
                "they were chosen, read att.");
    rk_text_add(&paper,
                "Analysis of covariance of the mean after on treatment and the mean before: ");
    say_test(&paper, &f->ancova, conf_level);
    rk_text_add_char(&paper, '.');
    impact_explain(impact, "att_ancova", &manager, &paper);
}

static void explain_twfe(const struct impact *impact, const struct did_found *f, const char *row)
{
    double conf_level = impact->options->common.conf_level, reach;
    struct rk_text manager = {0}, paper = {0};
    struct rk_did d = {0};

    if (f->twfe_status != RK_OK || !(f->twfe.std_error[0] > 0.0))
        return;
    d.estimate = f->twfe.coef[0];
    d.df = f->twfe.df[0];
    d.statistic = d.estimate / f->twfe.std_error[0];
    reach = rk_qt((1.0 - conf_level) / 2.0, d.df, RK_UPPER_TAIL) * f->twfe.std_error[0];
    d.conf_low = d.estimate - reach;
    d.conf_high = d.estimate + reach;
    d.p_value = rk_p_from_t(d.statistic, d.df, RK_TWO_SIDED);
    if (f->twfe.wild) {
        d.conf_low = f->twfe.wild_low;
        d.conf_high = f->twfe.wild_high;
        d.p_value = f->twfe.wild_p;
    }
    rk_text_add(&manager, "A regression with a level for each unit and each period puts the "
                          "difference at ");
    rk_say_number(&manager, d.estimate);
    rk_say_interval(&manager, conf_level, d.conf_low, d.conf_high);
    rk_text_add(&manager, ". It should agree with the simpler number; where units come and go it "
                          "may not.");
    rk_text_add(&paper, "Two-way fixed effects, errors clustered by unit (");
    rk_text_add(&paper, f->twfe.method == RK_VCOV_CR2 ? "CR2, Satterthwaite df" : "CR1");
    rk_text_add(&paper, f->twfe.wild ? "; p and interval by the wild cluster bootstrap): " : "): ");
    say_test(&paper, &d, conf_level);
    rk_text_format(&paper, "; %zu clusters.", f->twfe.n_units);
    impact_explain(impact, row, &manager, &paper);
}

static void explain_pretrend(const struct impact *impact, const struct did_found *f)
{
    double conf_level = impact->options->common.conf_level;
    const char *period = impact_period_name(f->panel->kind);
    struct rk_text manager = {0}, paper = {0};

    if (f->pretrend_status == RK_OK) {
        rk_text_add(&manager, f->pretrend.p_value < 0.1
                                  ? "Before the start the difference of the groups already varied "
                                    "more than chance would have it."
                                  : "Before the start the groups moved alike as far as these data "
                                    "can tell, which is weak evidence that they would have gone on "
                                    "so.");
        rk_text_format(&paper, "Joint test of %zu %s before the start: F(%.0f, %.4g) = %.4g, ",
                       f->n_leads, f->blocks ? "blocks of periods" : "leads", f->pretrend.df1,
                       f->pretrend.df2, f->pretrend.statistic);
        rk_say_p(&paper, "p", f->pretrend.p_value);
        rk_text_add_char(&paper, '.');
        impact_explain(impact, "pretrend", &manager, &paper);
    }
    if (f->slope_status != RK_OK)
        return;
    rk_text_format(&manager, "Before the start the groups parted by ");
    rk_say_number(&manager, f->slope.estimate);
    rk_text_format(&manager, " a %s", period);
    rk_say_interval(&manager, conf_level, f->slope.conf_low, f->slope.conf_high);
    rk_text_add(&manager, "; gone on, that would make ");
    rk_say_number(&manager, f->continued);
    rk_text_add(&manager, " of the effect of ");
    rk_say_number(&manager, f->att.estimate);
    rk_text_add(&manager, ". A slope below ");
    rk_say_number(&manager, f->slope_mde);
    rk_text_add(&manager, " could easily have gone unseen.");
    rk_text_add(&paper, "Difference in linear trends before the start: ");
    say_test(&paper, &f->slope, conf_level);
    rk_text_format(&paper, "; detectable with 80%% power: %s.", impact_number(f->slope_mde).text);
    impact_explain(impact, "pretrend_slope", &manager, &paper);
}

void impact_explain_path(const struct impact *impact)
{
    double percent = 100.0 * impact->options->common.conf_level;
    struct rk_text manager = {0}, paper = {0};

    if (impact->options->design == RK_IMPACT_ITS) {
        rk_text_add(&manager, "Each row of the path is a period: what it was, what the course from "
                              "before would have led to, and the difference, which after the start "
                              "is the effect if nothing else changed then.");
        rk_text_format(
            &paper,
            "Counterfactual of the segmented regression with %.4g%% prediction intervals "
            "of single periods.",
            percent);
    } else {
        rk_text_add(&manager, "Each row of the path is how much further apart the groups are in "
                              "that period than in the last one before the start, which is 0 by "
                              "definition; the band holds for all of them at once.");
        rk_text_format(
            &paper,
            impact->options->design == RK_IMPACT_EVENT
                ? "Event-study coefficients of two-way fixed effects, CR2 errors, "
                  "%.4g%% simultaneous (sup-t) band; p-values are pointwise. The ends of "
                  "the window hold what lies beyond."
                : "Callaway-Sant'Anna effects by event time, %.4g%% simultaneous band by "
                  "the bootstrap; p-values are pointwise.",
            percent);
    }
    impact_explain(impact, "path", &manager, &paper);
}

void impact_explain_att(const struct impact *impact)
{
    struct rk_text manager = {0}, paper = {0};

    rk_text_add(&manager, "Each row of att is one group of units that started together, in one "
                          "period: how much more it changed since just before its start than its "
                          "controls did.");
    rk_text_format(
        &paper,
        "Group-time effects ATT(g, t), %.4g%% intervals by the bootstrap within cohorts; "
        "those before the start are placebos.",
        100.0 * impact->options->common.conf_level);
    impact_explain(impact, "att", &manager, &paper);
}

void impact_explain_placebo(const struct impact *impact, size_t rank, size_t n)
{
    struct rk_text manager = {0}, paper = {0};

    rk_text_format(&manager,
                   "Had it begun at one of %zu earlier dates instead, %zu of them would look as "
                   "striking as the real start; a real effect should be hard to match.",
                   n - 1, rank - 1);
    rk_text_format(&paper,
                   "Placebo starts before the real one: |t| of the real start ranks %zu of "
                   "%zu (p = %.3g).",
                   rank, n, (double)rank / (double)n);
    impact_explain(impact, "placebo", &manager, &paper);
}

void impact_explain_did(const struct impact *impact, const struct did_found *f)
{
    bool twfe = impact->options->estimator == RK_ESTIMATOR_TWFE;

    if (twfe)
        explain_twfe(impact, f, "att");
    else
        explain_att(impact, f, "att");
    explain_permutation(impact, f);
    explain_ancova(impact, f);
    if (twfe)
        explain_att(impact, f, "att_collapsed");
    else
        explain_twfe(impact, f, "att_twfe");
    explain_pretrend(impact, f);
    if (impact->options->design == RK_IMPACT_EVENT)
        impact_explain_path(impact);
}
