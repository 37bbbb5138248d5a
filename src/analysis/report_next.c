/* The report's advice: what to measure next, by what was missing and what was warned of. */
#include <math.h>
#include <string.h>

#include "repkit/power.h"
#include "repkit/words.h"
#include "report_parts.h"

/* What a warning asks for; with a table, that of a section that has it. */
static const struct {
    const char *code, *advice, *table;
} by_warning[] = {
    {"pre-trend",
     "Find out why the groups parted before the start; a lot-drawn second wave would "
     "settle it (rep-impact rollout).",
     NULL},
    {"few-clusters",
     "More units: with so few, intervals themselves are uncertain. rep-power says "
     "how many.",
     NULL},
    {"missing-not-random", "Close the gaps in the data: those missing are not like the others.",
     NULL},
    {"dropped", "Fill the missing cells at the source, or find out why they are empty.", NULL},
    {"bad-cells", "Clean the export first: some cells are no numbers (rep-clean).", NULL},
    {"autocorrelation",
     "More units rather than more periods: neighbouring periods repeat each "
     "other.",
     NULL},
    {"heavy-tail", "Look at the few largest values one by one; they carry the means.", NULL},
    {"collinear",
     "Vary activities separately: some always go together, so their shares cannot be "
     "told.",
     NULL},
    {"extrapolation", "Try amounts of activity that nobody has tried yet, in a small group first.",
     "models"},
    {"extrapolation",
     "Measure the effect again later: the model takes it to last longer than anyone has seen.",
     "metrics"},
    {"reverse-causality",
     "Record when each activity came relative to the sale; the order is not "
     "clear here.",
     NULL},
    {"fixed-inputs", "Ask for a low and a high value of every item of the model that is a guess.",
     NULL},
    {"missing-items", "Complete the model: items without amounts count as zero.", NULL},
    {"double-counting", "Check margins and attribution of the model, so that no euro counts twice.",
     NULL},
    {"units", "Check the units and periods of the model and of its effect.", NULL},
};

static bool was_warned(const struct rk_document *document, const char *code, const char *table)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const struct rk_result *result = document->section[i].result;

        for (size_t k = 0; result != NULL && k < result->n_warnings; k++)
            if (strcmp(result->warning[k].code, code) == 0 &&
                (table == NULL || rk_result_table(result, table) != NULL))
                return true;
    }
    return false;
}

/* --- how large a study ------------------------------------------------------------------------ */

/* The next study: twice as many units in either arm as half of them, and so on; periods as long as
 * those there are, a year of weeks at most. */
struct study {
    size_t n_units, n_periods, each_side;
    bool is_panel;
};

static enum rk_status measure(const struct story *story, struct study *study)
{
    const struct rk_report_options *o = story->options;
    const char *const names[] = {o->id, o->time};
    size_t *const counts[] = {&study->n_units, &study->n_periods};

    study->n_units = story->table->n_rows;
    study->is_panel = o->id != NULL && o->time != NULL;
    for (int k = 0; study->is_panel && k < 2; k++) {
        size_t column = rk_table_find_typed(story->table, names[k], k == 0 ? RK_TEXT : RK_TIME);
        struct rk_groups groups;

        if (column == SIZE_MAX || rk_groups_by(story->table, &column, 1, &groups) != RK_OK)
            return rk_fail_memory(story->error);
        *counts[k] = groups.n_groups;
        rk_groups_free(&groups);
    }
    study->each_side = study->n_periods / 2 < 1 ? 1 : study->n_periods / 2;
    study->each_side = study->each_side > 26 ? 26 : study->each_side;
    return RK_OK;
}

static enum rk_status add_count(struct rk_names *list, size_t n)
{
    struct rk_text text = {0};
    enum rk_status status;

    rk_text_format(&text, "%zu", n);
    status = text.failed ? RK_ENOMEM : rk_names_add(list, text.bytes);
    rk_text_free(&text);
    return status;
}

/* Of the outcome; NaN where there is none. */
static double deviation(const struct story *story)
{
    const struct rk_section *describe = report_find(story, "describe");

    return describe == NULL ? NAN
                            : report_number(describe->result, "describe",
                                            report_row(describe->result, "describe", "variable",
                                                       story->options->outcome),
                                            "sd");
}

static enum rk_status add_deviation(const struct story *story, struct rk_names *list)
{
    struct rk_text text = {0};
    enum rk_status status;

    rk_text_number(&text, deviation(story));
    status = text.failed ? RK_ENOMEM : rk_names_add(list, text.bytes);
    rk_text_free(&text);
    return status;
}

static enum rk_status set_options(const struct story *story, const struct study *study,
                                  struct rk_power_options *options)
{
    const struct rk_report_options *o = story->options;
    size_t half = study->n_units / 2 < 4 ? 4 : study->n_units / 2;
    struct rk_text sides = {0};
    enum rk_status status = RK_OK;

    options->design = study->is_panel ? RK_POWER_DID : RK_POWER_TWO_SAMPLE;
    options->common.conf_level = o->common.conf_level;
    options->common.explain = true;
    for (size_t n = half / 2; status == RK_OK && n <= 4 * half; n *= 2)
        status = add_count(&options->n, n);
    if (!study->is_panel)
        return status == RK_OK ? add_deviation(story, &options->sd) : status;
    options->value = o->outcome;
    options->id = o->id;
    options->time = o->time;
    rk_text_format(&sides, "%zu,%zu", study->each_side, study->each_side);
    if (status == RK_OK)
        status = sides.failed ? RK_ENOMEM : rk_names_add(&options->periods, sides.bytes);
    rk_text_free(&sides);
    return status;
}

static void add_command(struct story *story, const struct rk_power_options *options)
{
    const struct rk_report_options *o = story->options;
    struct rk_text line = {0};

    if (options->value == NULL) {
        report_words(&line, "rep-power", "two-sample", NULL);
        report_list(&line, "--sd", &options->sd);
    } else {
        report_words(&line, "rep-power", "did", "--from",
                     o->panel_path == NULL ? "-" : o->panel_path, "--value", o->outcome, NULL);
        report_panel_words(story, &line);
        report_words(&line, "--periods", options->periods.name[0], NULL);
        for (size_t i = 0; i < o->reading.n; i++)
            report_words(&line, o->reading.name[i], NULL);
    }
    report_list(&line, "--n", &options->n);
    report_shared_words(story, &line);
    rk_document_append(story->document, &story->section->commands, &line);
}

static struct rk_spot spot_at(const struct rk_result *result, size_t row)
{
    return (struct rk_spot){.x = report_number(result, "power", row, "n"),
                            .y = report_number(result, "power", row, "effect"),
                            .low = NAN,
                            .high = NAN,
                            .value = NAN};
}

/* The smallest effect that would be seen, by the size of the study. */
static void draw_sizes(struct story *story, const struct study *study)
{
    const struct rk_result *result = story->section->result;
    const struct rk_table *power = rk_result_table(result, "power");
    struct rk_picture *picture = rk_picture_new();
    struct rk_panel *panel = picture == NULL ? NULL : rk_picture_panel(picture, NULL);
    struct rk_text text = {0};

    for (int pass = 0; panel != NULL && pass < 2; pass++) {
        struct rk_layer *layer = rk_picture_layer(
            picture, panel, pass == 0 ? RK_MARK_LINE : RK_MARK_POINTS, RK_INK_MAIN, NULL);

        for (size_t i = 0; i < power->n_rows; i++)
            rk_picture_spot(picture, layer, spot_at(result, i));
    }
    if (panel == NULL) {
        rk_picture_free(picture);
        story->document->failed = true;
        return;
    }
    panel->x.kind = RK_AXIS_WHOLE;
    panel->x.low = panel->y.low = 0.0;
    rk_picture_set(picture, &panel->x.title,
                   study->is_panel ? "units in each group" : "rows in each group");
    rk_text_format(&text, "difference in %s", story->options->outcome);
    picture->failed |= text.failed;
    rk_picture_set(picture, &panel->y.title, text.failed ? "" : text.bytes);
    rk_picture_set(picture, &picture->title, "The smallest difference that would be seen");
    rk_picture_set(picture, &picture->caption,
                   "In 80 of 100 such studies, with p below 0.05. Planned from the spread of these "
                   "data, which is an estimate itself.");
    picture->height = 360.0;
    rk_text_clear(&text);
    rk_text_format(&text,
                   "The smallest difference in %s that a study would see in 80 of 100 cases, "
                   "by its size: it falls as the groups grow.",
                   story->options->outcome);
    report_alt(story, &text);
    story->section->picture = picture;
    story->document->failed |= picture->failed;
}

/* "With 40 units in each group, 26 periods before and 26 after, ...", as rep-power says it, for
 * half of the units there are in either group. */
static enum rk_status plan(struct story *story)
{
    enum { NOW = 1 };
    struct rk_power_options options = RK_POWER_DEFAULT;
    struct rk_result *result = story->section->result;
    struct study study = {0};
    enum rk_status status = measure(story, &study);
    const struct rk_table *explain;

    /* Without a spread there is nothing to plan from. */
    if (status == RK_OK && !study.is_panel && !(deviation(story) > 0.0))
        return RK_OK;
    if (status == RK_OK && set_options(story, &study, &options) != RK_OK)
        status = rk_fail_memory(story->error);
    if (status == RK_OK)
        status = rk_power_run(study.is_panel ? story->table : NULL, &options, story->ctx, result,
                              story->error);
    if (status == RK_OK) {
        add_command(story, &options);
        explain = rk_result_table(result, "explain");
        if (explain != NULL && explain->n_rows > NOW)
            report_point(story, rk_table_text(explain, NOW, rk_table_find(explain, "manager")));
        report_table(story, "power");
        report_method(story, 1);
        draw_sizes(story, &study);
    }
    rk_names_free(&options.n);
    rk_names_free(&options.sd);
    rk_names_free(&options.periods);
    return rk_status_is_undefined(status) || status == RK_EINPUT ? RK_OK : status;
}

/* --- the section ------------------------------------------------------------------------------ */

/* Below, halves picked by lot differ by who is in them. */
enum { FEWEST_UNITS = 4 };

static void say_next(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_text lead = {0};

    if (o->treated != NULL)
        rk_text_add(&lead, "Keep the groups apart a while longer and measure again: every further "
                           "period makes the interval narrower, and more units more so.");
    else if (story->n_units == 1)
        rk_text_format(&lead,
                       "Record more units: all rows are of one %s, which cannot be compared with "
                       "another.",
                       o->id);
    else if (story->n_units > 0 && story->n_units < FEWEST_UNITS)
        rk_text_format(&lead,
                       "Record more units: %zu of %s are too few to give a change to half of them "
                       "and compare.",
                       story->n_units, o->id);
    else
        rk_text_add(&lead,
                    "Give the next change to half of the reps first, picked by lot: it is the "
                    "only way to turn a link into a cause. rep-impact rollout draws the plan, "
                    "and the picture says how large a difference it would show.");
    rk_document_take(story->document, &story->section->lead, &lead);
}

enum rk_status report_next(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_document *document = story->document;
    struct rk_names *points = &story->section->points;
    enum rk_status status;

    say_next(story);
    status = plan(story);
    if (status != RK_OK)
        return status;
    if (o->id == NULL || o->time == NULL)
        rk_document_add(document, points,
                        "Record who and when: with --id and --time each unit can be compared with "
                        "itself.");
    for (size_t i = 0; i < sizeof by_warning / sizeof *by_warning; i++)
        if (was_warned(document, by_warning[i].code, by_warning[i].table))
            rk_document_add(document, points, by_warning[i].advice);
    if (story->model == NULL)
        rk_document_add(document, points,
                        "Write down costs and benefits (rep-roi --template) and give them with "
                        "--model: then this report says what it is worth.");
    return RK_OK;
}
