/* What rep-roi warns of. */
#include <math.h>

#include "roi_parts.h"

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
        rk_warn(result, RK_WARN_MISSING_ITEMS, "%zu %s left out: %s", missing->n,
                missing->n == 1 ? "line has no amount and is" : "lines have no amount and are",
                list.failed ? "" : list.bytes);
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

/* What a risk adjustment took off, a range would take off again. */
static void warn_adjusted(const struct roi_parts *parts, struct rk_result *result)
{
    if (parts->n_adjusted_twice > 0)
        rk_warn(result, RK_WARN_DOUBLE_COUNTING,
                "%zu risk-adjusted %s low and high too, so the same risk may count twice",
                parts->n_adjusted_twice, parts->n_adjusted_twice == 1 ? "item has" : "items have");
}

static void warn_units(const struct roi_parts *parts, struct rk_result *result)
{
    static const char *const pers[] = {"once", "a week", "a month", "a quarter", "a year"};

    for (size_t i = 0; i < parts->model.n_items; i++) {
        const struct rk_effect *effect = parts->line[i].effect;
        enum rk_roi_per per = parts->model.item[i].per;

        if (effect != NULL && !effect->relative && effect->per[0] == '\0' && per != RK_PER_ONCE)
            rk_warn(result, RK_WARN_UNITS,
                    "The file of the effect '%s' does not say what period it is for; '%s' takes it "
                    "as %s",
                    effect->name, parts->line[i].name, pers[per]);
    }
}

/* The last month of the horizon that an item pays in. */
static int last_month(const struct rk_roi_item *item, int horizon)
{
    return item->end < horizon ? item->end : horizon;
}

/* An effect that is taken to last more than twice as long as anyone has seen it last. */
static void warn_beyond(const struct roi_parts *parts, struct rk_result *result)
{
    for (size_t i = 0; i < parts->model.n_items; i++) {
        const struct rk_roi_item *item = &parts->model.item[i];
        const struct rk_effect *effect = parts->line[i].effect;
        int months = last_month(item, parts->model.horizon) - item->start;

        if (effect != NULL && item->per != RK_PER_ONCE && effect->months > 0.0 &&
            months > 2.0 * effect->months)
            rk_warn(result, RK_WARN_EXTRAPOLATION,
                    "'%s' takes the effect '%s' to last %d months, and it was measured over %.3g",
                    parts->line[i].name, effect->name, months, effect->months);
    }
}

static void warn_tails(const struct roi_parts *parts, struct rk_result *result)
{
    for (size_t s = 0; s < parts->model.n_sources; s++)
        if (isinf(rk_uncertain_sd(&parts->model.source[s].amount)))
            rk_warn(result, RK_WARN_HEAVY_TAIL,
                    "'%s' has %.3g degrees of freedom, too few for a variance: percentiles only",
                    roi_source_name(parts, s), parts->model.source[s].amount.shape1);
}

static void warn_ratios(const struct roi_summary *summary, struct rk_result *result)
{
    const struct roi_summary *roi = &summary[RK_ROI_ROI];

    if (roi->n_undefined > 0 && roi->n_undefined < roi->n)
        rk_warn(result, RK_WARN_MEAN_OF_RATIOS,
                "In %.3g%% of draws costs are not above 0, and near 0 in more: roi has no stable "
                "distribution; read npv",
                100.0 * (double)roi->n_undefined / (double)roi->n);
}

static void warn_late(const struct roi_parts *parts, const struct roi_summary *summary,
                      struct rk_result *result)
{
    const struct roi_summary *payback = &summary[RK_ROI_PAYBACK];
    double share = (double)payback->n_infinite / (double)payback->n;

    if (share > 0.1 && share < 1.0)
        rk_warn(result, RK_WARN_CENSORING,
                "In %.3g%% of draws it is not paid back within %d months, so percentiles of "
                "payback end there",
                100.0 * share, parts->model.horizon);
}

static void warn_rho(const struct roi_parts *parts, struct rk_result *result)
{
    if (parts->rho_change > 0.0)
        rk_warn(result, RK_WARN_IMPOSSIBLE_CORRELATIONS,
                "No inputs can have all correlations of --rho; the largest was changed by %.2g",
                parts->rho_change);
}

void roi_put_warnings(const struct roi_parts *parts, const struct roi_summary *summary,
                      struct rk_result *result)
{
    warn_missing(parts, result);
    warn_fixed(parts, result);
    warn_shares(parts, result);
    warn_hours(parts, result);
    warn_adjusted(parts, result);
    warn_units(parts, result);
    warn_beyond(parts, result);
    warn_tails(parts, result);
    warn_ratios(summary, result);
    warn_late(parts, summary, result);
    warn_rho(parts, result);
}
