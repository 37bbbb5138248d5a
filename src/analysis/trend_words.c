/* The sentences of rep-trend. */
#include <math.h>

#include "repkit/words.h"
#include "trend_parts.h"

/* Whether the p-value leaves the direction open at the level of the intervals. */
static bool unclear(double p, const struct rk_common *common)
{
    return !(p < 1.0 - common->conf_level);
}

static void explain_kendall(const struct trend_series *s, const struct trend_found *f,
                            const struct rk_common *common, struct rk_result *result)
{
    const char *test = s->season > 0 ? "seasonal-kendall" : "mann-kendall";
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_format(&row, "%s, %s", s->name, test);
    if (unclear(f->test.p_value, common)) {
        rk_text_format(&manager, "No clear trend in %s: ", s->name);
        rk_text_add(&manager, "ups and downs as large as these often come by luck (");
    } else {
        rk_text_format(&manager, "%s tends to %s over time, more steadily than luck would (",
                       s->name, f->kendall.s > 0.0 ? "rise" : "fall");
    }
    rk_say_p(&manager, "p", f->test.p_value);
    rk_text_add(&manager, "). A trend says nothing of its cause.");

    rk_text_format(&paper, "%s, %s: S = %.0f, tau = ",
                   s->season > 0 ? "Seasonal Kendall test" : "Mann-Kendall test", s->name,
                   f->kendall.s);
    rk_text_rounded(&paper, f->kendall.tau, 3);
    rk_text_add(&paper, ", z = ");
    rk_text_rounded(&paper, f->test.z, 3);
    rk_text_add(&paper, ", ");
    rk_say_p(&paper, "p", f->test.p_value);
    rk_text_format(&paper, "%s, n = %zu", f->test.exact ? " (exact)" : "", s->n);
    if (s->season > 0)
        rk_text_format(&paper, ", %zu seasons", s->season);
    if (f->inflation > 1.0)
        rk_text_format(&paper, ", variance times %.2f for autocorrelation (Hamed and Rao, AR(1))",
                       f->inflation);
    rk_text_add(&paper, ".");
    rk_explain(result, &row, &manager, &paper);
}

static void explain_sen(const struct trend_series *s, const struct trend_found *f,
                        const struct rk_common *common, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    if (f->sen_status != RK_OK)
        return;
    rk_text_format(&row, "%s, theil-sen", s->name);
    if (!isnan(f->slope_low) && f->slope_low <= 0.0 && f->slope_high >= 0.0)
        rk_text_format(&manager, "%s may as well rise as fall: typically it changes by ", s->name);
    else
        rk_text_format(&manager, "%s typically %s: ", s->name,
                       f->slope > 0.0   ? "rises"
                       : f->slope < 0.0 ? "falls"
                                        : "stays");
    rk_say_number(&manager, f->slope);
    rk_text_format(&manager, " a %s", trend_period(s));
    rk_say_interval(&manager, common->conf_level, f->slope_low, f->slope_high);
    rk_text_add(&manager, ".");

    rk_text_format(&paper,
                   "%s, %s: ", s->season > 0 ? "Seasonal Theil-Sen slope" : "Theil-Sen slope",
                   s->name);
    rk_say_number(&paper, f->slope);
    rk_text_format(&paper, " per %s", trend_period(s));
    rk_say_ci(&paper, common->conf_level, f->slope_low, f->slope_high);
    rk_text_format(&paper, ", n = %zu.", s->n);
    rk_explain(result, &row, &manager, &paper);
}

void trend_say_dates(const struct trend_series *s, const struct trend_found *f,
                     const struct rk_common *common, struct rk_text *out)
{
    char low[32], high[32];

    rk_time_format(s->kind, (int64_t)s->t[f->change_low], low);
    rk_time_format(s->kind, (int64_t)s->t[f->change_high], high);
    rk_text_format(out, "%g%% interval of the date: %s to %s", 100.0 * common->conf_level, low,
                   high);
}

/* "75.25 below X", "106 above X", "at X" */
static void say_against(double value, const char *what, struct rk_text *out)
{
    if (value != 0.0)
        rk_say_number(out, fabs(value));
    rk_text_format(out, "%s %s", value < 0.0 ? " below" : value > 0.0 ? " above" : "at", what);
}

/* The medians on either side of the change; without the season they are no levels of the series. */
static void say_sides(const struct trend_series *s, const struct rk_pettitt *p, struct rk_text *out)
{
    if (s->season > 0) {
        rk_text_add(out, "typically ");
        say_against(p->median_before, "the median of its season", out);
        rk_text_add(out, " until then, ");
        say_against(p->median_after, "it", out);
    } else {
        rk_text_add(out, "median ");
        rk_say_number(out, p->median_before);
        rk_text_add(out, " until then, ");
        rk_say_number(out, p->median_after);
    }
    rk_text_add(out, " from then on; ");
}

static void explain_pettitt(const struct trend_series *s, const struct trend_found *f,
                            const struct rk_common *common, struct rk_result *result)
{
    const struct rk_pettitt *p = &f->pettitt;
    struct rk_text row = {0}, manager = {0}, paper = {0};
    char time[32];

    rk_time_format(s->kind, (int64_t)s->t[p->last_before], time);
    rk_text_format(&row, "%s, pettitt", s->name);
    if (unclear(p->p_value, common))
        rk_text_format(&manager,
                       "No clear change of level in %s; the likeliest place would be after %s (",
                       s->name, time);
    else
        rk_text_format(&manager, "The level of %s %s after %s (", s->name,
                       p->median_after > p->median_before   ? "rises"
                       : p->median_after < p->median_before ? "falls"
                                                            : "changes",
                       time);
    say_sides(s, p, &manager);
    rk_say_p(&manager, "p", p->p_value);
    if (f->dated) {
        rk_text_add(&manager, "; ");
        trend_say_dates(s, f, common, &manager);
    }
    rk_text_add(&manager, "). The date does not say what caused it, and a steady trend also shows "
                          "as a change of level.");

    rk_text_format(&paper, "Pettitt test, %s%s: K = ", s->name,
                   s->season > 0 ? " less its seasonal medians" : "");
    rk_say_number(&paper, p->k);
    rk_text_add(&paper, ", ");
    rk_say_p(&paper, "p", p->p_value);
    rk_text_format(&paper, ", change after %s", time);
    if (f->dated) {
        rk_text_add(&paper, " (");
        trend_say_dates(s, f, common, &paper);
        rk_text_format(&paper, ", %d resamples)", RK_CHANGE_DRAWS);
    }
    rk_text_format(&paper, ", n = %zu.", s->n);
    rk_explain(result, &row, &manager, &paper);
}

static void explain_lag1(const struct trend_series *s, const struct trend_found *f,
                         const struct rk_common *common, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    if (isnan(f->lag1))
        return;
    rk_text_format(&row, "%s, lag1", s->name);
    if (unclear(f->lag1_p, common))
        rk_text_format(&manager, "One %s's %s says little about the next (correlation ",
                       trend_period(s), s->name);
    else
        rk_text_format(&manager, "A high %s of %s tends to be followed by a %s one (correlation ",
                       trend_period(s), s->name, f->lag1 > 0.0 ? "high" : "low");
    rk_text_rounded(&manager, f->lag1, 3);
    if (!isnan(f->residual_lag1)) {
        rk_text_add(&manager, "; ");
        rk_text_rounded(&manager, f->residual_lag1, 3);
        rk_text_add(&manager, " once the trend is taken out");
    }
    rk_text_add(&manager, ").");

    rk_text_format(&paper, "Lag-1 autocorrelation, %s: r = ", s->name);
    rk_text_rounded(&paper, f->lag1, 3);
    rk_say_ci(&paper, common->conf_level, f->lag1_low, f->lag1_high);
    rk_text_add(&paper, ", z = ");
    rk_text_rounded(&paper, f->lag1_z, 3);
    rk_text_add(&paper, ", ");
    rk_say_p(&paper, "p", f->lag1_p);
    rk_text_format(&paper, ", n = %zu.", s->n);
    rk_explain(result, &row, &manager, &paper);
}

void trend_explain(const struct trend_series *series, const struct trend_found *found,
                   const struct rk_common *common, struct rk_result *result)
{
    explain_kendall(series, found, common, result);
    explain_sen(series, found, common, result);
    explain_pettitt(series, found, common, result);
    explain_lag1(series, found, common, result);
}

void trend_explain_limits(const struct trend_series *series, double center, double sd,
                          size_t n_signals, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_format(&row, "%s, limits", series->name);
    if (n_signals == 0)
        rk_text_format(&manager, "No %s of %s stands out from the usual ups and downs.",
                       trend_period(series), series->name);
    else
        rk_text_format(&manager,
                       "%zu of %zu %ss of %s stand%s out from the usual ups and downs: look there "
                       "first for causes.",
                       n_signals, series->n, trend_period(series), series->name,
                       n_signals == 1 ? "s" : "");
    rk_text_format(&paper, "Individuals chart, %s: center ", series->name);
    rk_say_number(&paper, center);
    rk_text_add(&paper, ", sd ");
    rk_say_number(&paper, sd);
    rk_text_format(&paper,
                   " from moving ranges, %zu of %zu points signal by Western Electric's rules.",
                   n_signals, series->n);
    rk_explain(result, &row, &manager, &paper);
}
