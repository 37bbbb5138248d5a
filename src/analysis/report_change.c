/* The report on what would change the answer: what else a link is compared with, and where a model
 * of costs and benefits breaks even. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/words.h"
#include "report_parts.h"

/* --- break-even ------------------------------------------------------------------------------- */

static const struct rk_field change_fields[] = {
    {"what", RK_TEXT, RK_GENERAL},         {"now", RK_NUMBER, RK_GENERAL},
    {"break_even", RK_NUMBER, RK_GENERAL}, {"change", RK_NUMBER, RK_GENERAL},
    {"unit", RK_TEXT, RK_GENERAL},
};

static void put_change(struct story *story, const char *what, double now, double even,
                       const char *unit)
{
    struct rk_result *result = story->section->result;
    size_t table = rk_result_declare(result, "break_even", change_fields,
                                     sizeof change_fields / sizeof *change_fields);

    if (!isfinite(now) || !isfinite(even))
        return;
    rk_result_row(result, table);
    rk_put_text(result, table, 0, what);
    rk_put(result, table, 1, now);
    rk_put(result, table, 2, even);
    rk_put(result, table, 3, even / now - 1.0);
    rk_put_text(result, table, 4, unit);
}

/* Net present value is linear in the effects: two runs say where it is 0. */
static enum rk_status find_break_even(struct story *story, double *share)
{
    struct rk_result *without = rk_result_new();
    enum rk_status status;

    if (without == NULL)
        return rk_fail_memory(story->error);
    status = report_run_model(story, 0.0, 1, without);
    if (status == RK_OK)
        story->npv_without = report_metric(without, "npv", "value");
    *share = story->npv_without / (story->npv_without - story->npv);
    rk_result_free(without);
    return status;
}

static void add_percent(struct rk_text *out, double fraction)
{
    rk_text_format(out, "%.0f%%", 100.0 * fabs(fraction));
}

static enum rk_status change_of_worth(struct story *story)
{
    double share = NAN, benefit = story->pv_cost / story->pv_benefit;
    struct rk_text lead = {0};
    enum rk_status status = find_break_even(story, &share);

    if (status != RK_OK)
        return status;
    if (story->has_effect)
        put_change(story, "the rollout's effect", story->estimate, share * story->estimate,
                   "as estimated");
    else
        put_change(story, "all effects together", 1.0, share, "times as estimated");
    put_change(story, "all benefits", story->pv_benefit, story->pv_cost, "money, present value");
    put_change(story, "all costs", story->pv_cost, story->pv_benefit, "money, present value");
    put_change(story, "discount rate", story->options->rate, story->irr, "a year");
    rk_text_format(&lead, story->npv > 0.0 ? "It stops paying where all benefits are "
                                           : "It begins to pay where all benefits are ");
    add_percent(&lead, benefit - 1.0);
    rk_text_add(&lead, story->npv > 0.0 ? " smaller, all costs " : " larger, all costs ");
    add_percent(&lead, 1.0 / benefit - 1.0);
    rk_text_add(&lead, story->npv > 0.0 ? " larger" : " smaller");
    if (isfinite(share) && share > 0.0) {
        rk_text_add(&lead, ", or the effect alone ");
        add_percent(&lead, share - 1.0);
        rk_text_add(&lead, share < 1.0 ? " smaller" : " larger");
    } else if (isfinite(share)) {
        rk_text_add(&lead, "; without any effect it would still pay");
    }
    rk_text_add(&lead, " than put down here.");
    rk_document_take(story->document, &story->section->lead, &lead);
    rk_document_add(story->document, &story->section->method,
                    "Net present value is linear in every amount: its root was found from the "
                    "model as it is and the model without effects.");
    report_table(story, "break_even");
    report_roi_command(story, "tornado");
    report_roi_command(story, "breakeven");
    rk_text_add(&lead, "What each amount of the model does to the return between its low and its "
                       "high value, the widest first.");
    report_alt(story, &lead);
    return report_plot(story, NULL, rk_result_table(report_find(story, "roi")->result, "tornado"),
                       NULL);
}

/* --- what the link is compared with ----------------------------------------------------------- */

static const struct rk_field way_fields[] = {
    {"compared", RK_TEXT, RK_GENERAL},   {"estimate", RK_NUMBER, RK_GENERAL},
    {"conf_low", RK_NUMBER, RK_GENERAL}, {"conf_high", RK_NUMBER, RK_GENERAL},
    {"conf_level", RK_NUMBER, RK_LEVEL}, {"p_value", RK_NUMBER, RK_P_VALUE},
};
enum { N_WAY_FIELDS = sizeof way_fields / sizeof *way_fields };

/* One way of looking at the same link. */
struct way {
    const char *words;
    bool others, unit, period; /* what is held equal */
};

static void add_way_formula(const struct story *story, const struct way *way, struct rk_text *out)
{
    const struct rk_report_options *o = story->options;

    report_name(out, o->outcome);
    rk_text_add(out, " ~ ");
    report_name(out, o->activities.name[story->strongest]);
    for (size_t i = 0; way->others && i < o->activities.n; i++) {
        if (i == story->strongest)
            continue;
        rk_text_add(out, " + ");
        report_name(out, o->activities.name[i]);
    }
    if (way->unit) {
        rk_text_add(out, " | ");
        report_name(out, o->id);
    }
    if (way->period) {
        rk_text_add(out, " + ");
        report_name(out, o->time);
    }
}

static void keep_way(struct story *story, const struct way *way, const struct rk_result *from)
{
    struct rk_result *result = story->section->result;
    size_t to = rk_result_declare(result, "ways", way_fields, N_WAY_FIELDS), row;
    struct rk_text term = {0};

    report_name(&term, story->options->activities.name[story->strongest]);
    row = term.failed ? SIZE_MAX : report_row(from, "coef", "term", term.bytes);
    if (row != SIZE_MAX && isfinite(report_number(from, "coef", row, "estimate"))) {
        rk_result_row(result, to);
        rk_put_text(result, to, 0, way->words);
        for (size_t k = 1; k < N_WAY_FIELDS; k++)
            rk_put(result, to, k, report_number(from, "coef", row, way_fields[k].name));
    }
    story->document->failed |= term.failed;
    rk_text_free(&term);
}

/* Units are not independent rows: errors are clustered by them wherever there are some. */
static enum rk_status run_way(struct story *story, const struct way *way)
{
    struct rk_text formula = {0};
    struct rk_result *result;
    enum rk_status status;

    add_way_formula(story, way, &formula);
    status = report_clustered(story, &formula, way->unit ? NULL : story->options->id, &result);
    if (result != NULL)
        keep_way(story, way, result);
    rk_result_free(result);
    rk_text_free(&formula);
    return status;
}

/* What the estimates of all ways have in common. */
struct range {
    double least, most;    /* estimates */
    double size;           /* the largest number among estimates and ends, for rounding */
    size_t n_known, clear; /* ways with an interval, and with one that leaves out 0 */
};

static struct range range_of_ways(const struct rk_result *result, size_t n)
{
    struct range range = {INFINITY, -INFINITY, 0.0, 0, 0};

    for (size_t i = 0; i < n; i++) {
        double estimate = report_number(result, "ways", i, "estimate");
        double low = report_number(result, "ways", i, "conf_low");
        double high = report_number(result, "ways", i, "conf_high");

        range.least = fmin(range.least, estimate);
        range.most = fmax(range.most, estimate);
        range.size = fmax(range.size, fmax(fabs(estimate), fmax(fabs(low), fabs(high))));
        range.n_known += !isnan(low);
        range.clear += low > 0.0 || high < 0.0;
    }
    return range;
}

static void say_ways(struct story *story)
{
    const struct rk_result *result = story->section->result;
    const struct rk_table *ways = rk_result_table(result, "ways");
    size_t n = ways == NULL ? 0 : ways->n_rows;
    const struct range range = range_of_ways(result, n);
    bool alike = range.most - range.least <= 1e-9 * range.size;
    struct rk_text text = {0};

    if (n < 2)
        return;
    rk_text_format(&text,
                   "What is held equal %s the link: looked at in %zu ways, one more of %s goes "
                   "with a difference in %s %s ",
                   alike ? "does not change" : "changes", n,
                   story->options->activities.name[story->strongest], story->options->outcome,
                   alike ? "of" : "between");
    rk_say_number(&text, range.least);
    if (!alike) {
        rk_text_add(&text, " and ");
        rk_say_number(&text, range.most);
    }
    if (range.n_known == 0)
        rk_text_add(&text, ", without an interval.");
    else
        rk_text_format(&text, "; %s of the intervals leave%s out 0.",
                       range.clear == range.n_known ? "all"
                       : range.clear == 0           ? "none"
                                                    : "not all",
                       range.clear == 0 ? "s" : "");
    if (story->section->lead == NULL)
        rk_document_take(story->document, &story->section->lead, &text);
    else
        report_point(story, text.failed ? NULL : text.bytes);
    story->document->failed |= text.failed;
    rk_text_free(&text);
}

/* The same link between rows that are less and less strangers. */
static enum rk_status compare_ways(struct story *story)
{
    const struct rk_report_options *o = story->options;
    const struct way ways[] = {{"alone", false, false, false},
                               {"others held equal", true, false, false},
                               {"within each unit", true, true, false},
                               {"within, by period", true, true, true}};
    enum rk_status status = RK_OK;
    struct rk_text alt = {0};

    for (size_t i = 0; status == RK_OK && i < sizeof ways / sizeof *ways; i++)
        if ((i != 1 || o->activities.n > 1) && (!ways[i].unit || o->id != NULL) &&
            (!ways[i].period || o->time != NULL))
            status = run_way(story, &ways[i]);
    if (status != RK_OK)
        return status;
    say_ways(story);
    report_table(story, "ways");
    rk_document_add(story->document, &story->section->method,
                    "The coefficient of the clearest activity by itself, then with the other "
                    "activities, then with a level for each unit, then for each period, too; "
                    "errors are clustered by unit where there are units.");
    if (story->section->picture != NULL)
        return RK_OK;
    rk_text_format(&alt,
                   "What %s differs by for one more of %s, with its interval, by what is held "
                   "equal.",
                   o->outcome, o->activities.name[story->strongest]);
    report_alt(story, &alt);
    return report_plot(story, "forest", rk_result_table(story->section->result, "ways"), NULL);
}

/* --- the section ------------------------------------------------------------------------------ */

enum rk_status report_change(struct story *story)
{
    struct rk_text text = {0};
    enum rk_status status = RK_OK;

    if (story->has_worth)
        status = change_of_worth(story);
    if (status == RK_OK)
        status = compare_ways(story);
    if (status != RK_OK)
        return status;
    rk_text_format(&text,
                   "Something that nobody measured and that moves both %s and %s would change the "
                   "links: a season, a campaign, who gets the good accounts.",
                   story->options->activities.name[story->strongest], story->options->outcome);
    if (story->section->lead == NULL)
        rk_document_set(story->document, &story->section->lead, text.failed ? NULL : text.bytes);
    else
        report_point(story, text.failed ? NULL : text.bytes);
    if (story->has_effect && story->options->treated != NULL)
        report_point(story,
                     "The rollout's effect stands on the groups moving alike without it; a "
                     "difference that was already growing before the start would change it.");
    else if (story->has_effect)
        report_point(story, "The rollout's effect stands on the past going on as it was; anything "
                            "else that began at the same time would change it.");
    story->document->failed = story->document->failed || text.failed;
    rk_text_free(&text);
    return RK_OK;
}
