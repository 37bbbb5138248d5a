/* What rep-roi says in words: explanations and warnings. */
#include <math.h>
#include <string.h>

#include "roi_parts.h"

/* --- explanations ------------------------------------------------------------------------- */

struct roi_words {
    const struct roi_parts *parts;
    const struct roi_summary *summary; /* RK_ROI_METRICS */
    double conf_level;
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
    double p = words->summary[RK_ROI_NPV].positive, n = (double)parts->draws->n;
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
    if (p * (1.0 - p) > 0.0)
        rk_text_format(text, "; P(NPV > 0) = %.3f (Monte Carlo SE %.2g)", p,
                       sqrt(p * (1.0 - p) / n));
    else
        rk_text_format(text, "; NPV > 0 in %s draw", p > 0.5 ? "every" : "no");
    rk_text_format(text,
                   ". Intervals are percentiles of %zu draws of %zu uncertain inputs (seed %llu), "
                   "given the model.",
                   parts->draws->n, parts->draws->n_rows, (unsigned long long)seed);
}

void roi_explain(const struct roi_parts *parts, const struct rk_roi_options *options,
                 const struct roi_summary *summary, uint64_t seed, struct rk_result *result)
{
    struct rk_text manager = {0}, paper = {0};
    struct roi_words words = {parts, summary, options->common.conf_level, NULL};

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

/* --- warnings ----------------------------------------------------------------------------- */

static void warn_missing(const struct roi_parts *parts, struct rk_result *result)
{
    enum { MOST_SHOWN = 12 };
    const struct rk_names *missing = &parts->missing;
    struct rk_text list = {0};

    for (size_t i = 0; i < missing->n && i < MOST_SHOWN; i++)
        rk_text_format(&list, "%s'%s'", i > 0 ? ", " : "", missing->name[i]);
    if (missing->n > MOST_SHOWN)
        rk_text_format(&list, " and %zu more", missing->n - MOST_SHOWN);
    if (missing->n > 0)
        rk_warn(result, RK_WARN_MISSING_ITEMS, "%zu %s no amount and left out: %s", missing->n,
                missing->n == 1 ? "line has" : "lines have", list.failed ? "" : list.bytes);
    rk_text_free(&list);
}

static void warn_fixed(const struct roi_parts *parts, struct rk_result *result)
{
    size_t n[2] = {0}, n_uncertain[2] = {0};

    for (size_t i = 0; i < parts->model.n_items; i++) {
        const struct rk_roi_item *item = &parts->model.item[i];

        n[item->kind]++;
        n_uncertain[item->kind] += parts->model.source[item->source].amount.dist != RK_DIST_FIXED;
    }
    if (n_uncertain[RK_ROI_COST] + n_uncertain[RK_ROI_BENEFIT] == 0)
        rk_warn(result, RK_WARN_FIXED_INPUTS,
                "Every amount is fixed, so the intervals have no width");
    else if (n[RK_ROI_COST] > 0 && n_uncertain[RK_ROI_COST] == 0)
        rk_warn(result, RK_WARN_FIXED_INPUTS, "Every cost is taken as certain");
    else if (n[RK_ROI_BENEFIT] > 0 && n_uncertain[RK_ROI_BENEFIT] == 0)
        rk_warn(result, RK_WARN_FIXED_INPUTS, "Every benefit is taken as certain");
}

/* Benefits that take more than all of one effect. */
static void warn_shares(const struct roi_parts *parts, struct rk_result *result)
{
    const struct rk_roi_model *model = &parts->model;

    for (size_t i = 0; i < model->n_items; i++) {
        const struct rk_effect *effect = parts->line[i].effect;
        double share = 0.0;
        size_t n = 0;
        bool first = true;

        if (effect == NULL || model->item[i].kind != RK_ROI_BENEFIT)
            continue;
        for (size_t k = 0; k < model->n_items; k++) {
            if (parts->line[k].effect != effect || model->item[k].kind != RK_ROI_BENEFIT)
                continue;
            first = first && k >= i;
            share += parts->line[k].attribution;
            n++;
        }
        if (first && n > 1 && share > 1.0 + 1e-9)
            rk_warn(result, RK_WARN_DOUBLE_COUNTING,
                    "%zu benefits take %.4g%% of the effect '%s' between them", n, 100.0 * share,
                    effect->name);
    }
}

/* Hours that are all turned into money beside revenue from an effect: the same hours may have
 * earned it. */
static void warn_hours(const struct roi_parts *parts, struct rk_result *result)
{
    const struct roi_line *hours = NULL, *revenue = NULL;

    for (size_t i = 0; i < parts->model.n_items; i++) {
        const struct roi_line *line = &parts->line[i];

        if (parts->model.item[i].kind != RK_ROI_BENEFIT)
            continue;
        if (line->has_hours && !line->has_attribution && hours == NULL)
            hours = line;
        else if (!line->has_hours && line->effect != NULL && revenue == NULL)
            revenue = line;
    }
    if (hours != NULL && revenue != NULL)
        rk_warn(result, RK_WARN_DOUBLE_COUNTING,
                "'%s' counts every hour saved as money, and '%s' what people did with their time",
                hours->name, revenue->name);
}

void roi_put_warnings(const struct roi_parts *parts, struct rk_result *result)
{
    warn_missing(parts, result);
    warn_fixed(parts, result);
    warn_shares(parts, result);
    warn_hours(parts, result);
}
