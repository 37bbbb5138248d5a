/* What rep-roi says in words: explanations and warnings. */
#include <math.h>
#include <string.h>

#include "roi_parts.h"

/* --- explanations ------------------------------------------------------------------------- */

struct roi_words {
    const struct roi_parts *parts;
    const struct roi_summary *summary; /* RK_ROI_METRICS */
    double conf_level;
    int method;
    struct rk_text *text;
};

static void say_bound(double bound, const struct roi_summary *s, struct rk_text *text)
{
    if (isnan(bound))
        rk_text_add(text, s->n_infinite > 0 ? "beyond the horizon" : "undefined");
    else
        rk_text_rounded(text, bound, 3);
}

/* "1.42 (95% interval 1.05 to 1.83)", each number times scale plus offset; without the interval
 * where nothing is uncertain. */
static void say_value(const struct roi_words *words, enum rk_roi_metric metric, double scale,
                      double offset, const char *unit)
{
    const struct roi_summary *s = &words->summary[metric];
    struct rk_text *text = words->text;

    say_bound(words->parts->point.value[metric] * scale + offset, s, text);
    rk_text_add(text, unit);
    if (words->parts->draws->n_rows == 0)
        return;
    rk_text_format(text, " (%g%% interval ", 100.0 * words->conf_level);
    say_bound(s->quantile[ROI_LOW] * scale + offset, s, text);
    rk_text_add(text, " to ");
    say_bound(s->quantile[ROI_HIGH] * scale + offset, s, text);
    rk_text_add_char(text, ')');
}

static void say_to_manager(const struct roi_words *words)
{
    const struct roi_parts *parts = words->parts;
    double share = words->summary[RK_ROI_NET_BENEFIT].positive;
    struct rk_text *text = words->text;

    rk_text_format(text, "Over %d months each 1.00 put in brings back ", parts->model.horizon);
    say_value(words, RK_ROI_ROI, 1.0, 1.0, "");
    if (isfinite(parts->point.value[RK_ROI_PAYBACK])) {
        rk_text_add(text, "; it pays back in ");
        say_value(words, RK_ROI_PAYBACK, 1.0, 0.0, " months");
    } else {
        rk_text_add(text, "; it does not pay back within that time");
    }
    if (parts->draws->n_rows == 0) {
        rk_text_add(text, ". How sure that is cannot be said: every amount is fixed.");
        return;
    }
    rk_text_add(text, "; the probability that it returns more than it costs is ");
    if (share > 0.99)
        rk_text_add(text, "above 99%");
    else if (share < 0.01)
        rk_text_add(text, "below 1%");
    else
        rk_text_format(text, "%.0f%%", 100.0 * share);
    rk_text_add(text, ", if the model's amounts and ranges are right.");
}

static void say_to_paper(const struct roi_words *words, double rate, uint64_t seed)
{
    const struct roi_parts *parts = words->parts;
    double p = words->summary[RK_ROI_NPV].positive;
    struct rk_text *text = words->text;

    rk_text_add(text, "ROI = ");
    say_value(words, RK_ROI_ROI, 100.0, 0.0, "%");
    rk_text_format(text,
                   " over %d months, undiscounted; NPV at %g%% a year = ", parts->model.horizon,
                   100.0 * rate);
    say_value(words, RK_ROI_NPV, 1.0, 0.0, "");
    if (isfinite(parts->point.value[RK_ROI_IRR])) {
        rk_text_add(text, "; IRR = ");
        say_value(words, RK_ROI_IRR, 100.0, 0.0, "% a year");
    }
    if (parts->draws->n_rows == 0) {
        rk_text_add(text, ". No input is uncertain.");
        return;
    }
    if (words->method == RK_ROI_MONTECARLO && !(p * (1.0 - p) > 0.0))
        rk_text_format(text, "; NPV > 0 in %s draw", p > 0.5 ? "every" : "no");
    else
        rk_text_format(text, "; P(NPV > 0) %s %.3f",
                       p > 0.9995   ? ">"
                       : p < 0.0005 ? "<"
                                    : "=",
                       p > 0.9995   ? 0.999
                       : p < 0.0005 ? 0.001
                                    : p);
    if (words->method == RK_ROI_MONTECARLO && p * (1.0 - p) > 0.0)
        rk_text_format(text, " (Monte Carlo SE %.2g)", words->summary[RK_ROI_NPV].positive_error);
    if (words->method != RK_ROI_MONTECARLO) {
        rk_text_format(text, ". Intervals are by %s of %zu uncertain inputs, given the model.",
                       words->method == RK_ROI_DELTA ? "the delta method"
                                                     : "Fieller (ratios) and the delta method",
                       parts->draws->n_rows);
        return;
    }
    rk_text_format(text,
                   ". Intervals are percentiles of %zu draws of %zu uncertain inputs (seed %llu), "
                   "given the model.",
                   parts->draws->n, parts->draws->n_rows, (unsigned long long)seed);
}

void roi_explain(const struct roi_parts *parts, const struct rk_roi_options *options,
                 const struct roi_summary *summary, uint64_t seed, struct rk_result *result)
{
    struct rk_text manager = {0}, paper = {0};
    struct roi_words words = {parts, summary, options->common.conf_level, options->method, NULL};

    if (isnan(parts->point.value[RK_ROI_ROI])) {
        rk_text_add(&manager, "The model has no costs, so there is nothing to relate its benefits "
                              "to.");
        rk_text_add(&paper, "ROI is undefined: total cost is not above 0.");
    } else {
        words.text = &manager;
        say_to_manager(&words);
        words.text = &paper;
        say_to_paper(&words, options->rate, seed);
    }
    if (manager.failed || paper.failed)
        result->status = RK_ENOMEM;
    else
        rk_result_explain(result, "roi", manager.bytes, paper.bytes);
    rk_text_free(&manager);
    rk_text_free(&paper);
}
