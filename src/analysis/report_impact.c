/* The report on a rollout: treated units against the others, or one series against its past. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/impact.h"
#include "report_parts.h"

static void set_options(const struct story *story, int design, struct rk_impact_options *options)
{
    const struct rk_report_options *o = story->options;

    options->design = design;
    options->value = o->outcome;
    options->time = o->time;
    options->start = o->start;
    options->date_order = o->date_order;
    options->common.conf_level = o->common.conf_level;
    options->common.explain = true;
    options->path = true;
    if (design == RK_IMPACT_ITS) {
        options->aggregate = RK_AGG_MEAN;
        return;
    }
    options->id = o->id;
    options->treated = o->treated;
}

void report_impact_words(const struct story *story, const char *design, struct rk_text *line)
{
    const struct rk_report_options *o = story->options;

    report_words(line, "rep-impact", design, "--value", o->outcome, NULL);
    if (o->treated != NULL)
        report_words(line, "--id", o->id, "--treated", o->treated, NULL);
    report_words(line, "--time", o->time, "--start", o->start, NULL);
    if (o->treated == NULL)
        report_words(line, "--agg", "mean", NULL);
}

/* The text of a cell of the effects, the caller's; "" if it is missing. */
static char *effect_text(const struct rk_table *effects, size_t row, const char *column)
{
    size_t j = rk_table_find(effects, column);
    const char *cell = j == SIZE_MAX ? NULL : rk_table_text(effects, row, j);

    return rk_strdup(cell == NULL ? "" : cell);
}

/* What the sections on money stand on. */
static enum rk_status keep_effect(struct story *story, const char *term)
{
    const struct rk_result *result = story->section->result;
    const struct rk_table *effects = rk_result_table(result, "effects");
    size_t row = report_row(result, "effects", "term", term);

    if (row == SIZE_MAX)
        return RK_OK;
    story->estimate = report_number(result, "effects", row, "estimate");
    story->std_error = report_number(result, "effects", row, "std_error");
    story->df = report_number(result, "effects", row, "df");
    story->low = report_number(result, "effects", row, "conf_low");
    story->high = report_number(result, "effects", row, "conf_high");
    story->months = result->months_measured;
    story->per = effect_text(effects, row, "per");
    story->note = effect_text(effects, row, "note");
    if (story->per == NULL || story->note == NULL)
        return rk_fail_memory(story->error);
    story->has_effect = isfinite(story->estimate) && isfinite(story->std_error);
    return RK_OK;
}

/* The picture of treated units: the difference in each period around the start. */
static enum rk_status draw_event(struct story *story)
{
    struct rk_impact_options options = RK_IMPACT_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error ignored;
    struct rk_text line = {0};
    enum rk_status status = RK_ENOMEM;

    if (result == NULL)
        return rk_fail_memory(story->error);
    set_options(story, RK_IMPACT_EVENT, &options);
    options.common.explain = false;
    status = rk_impact_run(story->table, &options, story->ctx, result, &ignored);
    if (status == RK_OK) {
        report_impact_words(story, "event", &line);
        report_words(&line, "--emit", "path", NULL);
        report_command(story, &line);
        status = report_plot(story, NULL, rk_result_table(result, "path"), NULL);
    } else if (rk_status_is_undefined(status)) {
        status = RK_OK;
    } else {
        *story->error = ignored;
    }
    for (size_t i = 0; status == RK_OK && i < result->n_warnings; i++)
        rk_result_warn(story->section->result, result->warning[i].code, result->warning[i].text);
    rk_result_free(result);
    return status;
}

static void say_effects(struct story *story, const char *main_term)
{
    static const char *const others[] = {"att_permutation", "pretrend", "pretrend_slope",
                                         "level_change", "slope_change"};
    const struct rk_result *result = story->section->result;

    rk_document_set(story->document, &story->section->lead,
                    report_said(result, main_term, "manager"));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        report_point(story, report_said(result, others[i], "manager"));
    if (story->options->treated == NULL)
        rk_document_add(story->document, &story->section->points,
                        "Nobody was left out of the rollout, so the past is all there is to "
                        "compare with. A group without it would settle the question.");
}

enum rk_status report_impact(struct story *story)
{
    bool did = story->options->treated != NULL;
    const char *main_term = did ? "att" : "average_effect";
    struct rk_impact_options options = RK_IMPACT_DEFAULT;
    struct rk_plot_options picture = RK_PLOT_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text line = {0}, alt = {0};
    enum rk_status status;

    set_options(story, did ? RK_IMPACT_DID : RK_IMPACT_ITS, &options);
    report_impact_words(story, did ? "did" : "its", &line);
    report_command(story, &line);
    status = rk_impact_check(&options, story->error);
    if (status == RK_OK)
        status = rk_impact_run(story->table, &options, story->ctx, result, story->error);
    if (status == RK_OK)
        status = keep_effect(story, main_term);
    if (status != RK_OK)
        return status;
    say_effects(story, main_term);
    report_table(story, "effects");
    report_method(story, 8);
    rk_text_format(&alt,
                   did ? "The difference in %s between treated and other units, period by period "
                         "around the start, with intervals; before the start it should be near 0."
                       : "%s as it was, and the course it was on before the start, with its "
                         "interval.",
                   story->options->outcome);
    report_alt(story, &alt);
    if (did)
        return draw_event(story);
    picture.start = options.start;
    picture.date_order = options.date_order;
    return report_draw(story, &picture, rk_result_table(result, "path"));
}
