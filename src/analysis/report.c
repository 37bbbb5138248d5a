/* The report: the sections of the story, in order. */
#include "repkit/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/effect.h"
#include "report_parts.h"

/* --- the story ----------------------------------------------------------------------------- */

static bool always(const struct story *story)
{
    return story->document != NULL;
}

static bool has_groups(const struct story *story)
{
    return story->options->common.by.n > 0;
}

static bool has_start(const struct story *story)
{
    return story->options->start != NULL;
}

static bool has_model(const struct story *story)
{
    return story->model != NULL;
}

/* A title may hold %s: the outcome's name. */
static const struct chapter {
    const char *id, *title;
    bool (*applies)(const struct story *story);
    enum rk_status (*tell)(struct story *story);
    bool sums_up; /* its first sentence belongs to the summary */
} chapters[] = {
    {"data", "What data is this, and how good is it?", always, report_data, true},
    {"describe", "What do the numbers look like?", always, report_describe, false},
    {"corr", "What moves with %s?", always, report_corr, false},
    {"regress", "What remains, other things equal?", always, report_regress, true},
    {"groups", "Is it the same everywhere?", has_groups, report_groups, false},
    {"band", "How much is enough?", always, report_band, true},
    {"impact", "Did the rollout matter?", has_start, report_impact, true},
    {"roi", "What is it worth?", has_model, report_roi, true},
    {"sure", "How sure is this?", always, report_sure, false},
    {"change", "What would change the answer?", always, report_change, true},
    {"next", "What to measure next?", always, report_next, true},
};
enum { N_CHAPTERS = sizeof chapters / sizeof *chapters };

static void add_title(struct story *story, const struct chapter *chapter)
{
    const char *slot = strstr(chapter->title, "%s");
    struct rk_text title = {0};

    if (slot == NULL) {
        rk_text_add(&title, chapter->title);
    } else {
        rk_text_add_bytes(&title, chapter->title, (size_t)(slot - chapter->title));
        rk_text_add(&title, story->options->outcome);
        rk_text_add(&title, slot + 2);
    }
    story->document->failed = story->document->failed || title.failed;
    story->section =
        rk_document_section(story->document, chapter->id, title.failed ? "" : title.bytes);
    rk_text_free(&title);
}

/* What the numbers do not allow is said in its place. */
static enum rk_status keep_problem(struct story *story, enum rk_status status)
{
    struct rk_text problem = {0};

    if (status == RK_OK || !rk_status_is_undefined(status))
        return status;
    rk_text_add(&problem, "These data do not allow an answer: ");
    if (story->error->column[0] != '\0')
        rk_text_format(&problem, "column '%s': ", story->error->column);
    rk_text_add(&problem,
                story->error->text[0] != '\0' ? story->error->text : rk_status_words(status));
    rk_text_add_char(&problem, '.');
    rk_document_take(story->document, &story->section->problem, &problem);
    rk_names_free(&story->section->tables);
    return RK_OK;
}

static enum rk_status tell(struct story *story, const struct chapter *chapter)
{
    enum rk_status status = rk_cancelled(story->ctx);

    if (status != RK_OK)
        return status;
    add_title(story, chapter);
    if (story->section == NULL)
        return rk_fail_memory(story->error);
    story->section->result = rk_result_new();
    if (story->section->result == NULL)
        return rk_fail_memory(story->error);
    *story->error = (struct rk_error){0};
    status = keep_problem(story, chapter->tell(story));
    if (status == RK_OK && (story->section->result->status != RK_OK || story->document->failed))
        status = rk_fail_memory(story->error);
    if (status == RK_OK && chapter->sums_up && story->section->lead != NULL)
        rk_document_sum_up(story->document, chapter->id, story->section->lead);
    return status;
}

static void name_document(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_text text = {0};

    if (o->title != NULL)
        rk_text_add(&text, o->title);
    else
        rk_text_format(&text, "What drives %s", o->outcome);
    rk_document_take(story->document, &story->document->title, &text);
    rk_text_format(&text,
                   "From %s. Made by repkit; every number can be made again by the commands "
                   "at the end.",
                   story->table->name);
    rk_document_take(story->document, &story->document->subtitle, &text);
}

enum rk_status rk_report_run(const struct rk_table *table, const struct rk_table *model,
                             const struct rk_report_options *options, const struct rk_ctx *ctx,
                             struct rk_document *document, struct rk_error *error)
{
    struct rk_error own = {0};
    struct story story = {
        .options = options,
        .table = table,
        .model = model,
        .ctx = ctx,
        .document = document,
        .error = error != NULL ? error : &own,
    };
    enum rk_status status = RK_OK;

    story.formula = report_formula(&story, &options->activities, true);
    if (story.formula == NULL)
        status = rk_fail_memory(error);
    name_document(&story);
    for (size_t i = 0; status == RK_OK && i < N_CHAPTERS; i++) {
        if (chapters[i].applies(&story))
            status = tell(&story, &chapters[i]);
        if (ctx != NULL && ctx->progress != NULL)
            ctx->progress(ctx->data, (double)(i + 1) / N_CHAPTERS);
    }
    if (status == RK_OK && document->failed)
        status = rk_fail_memory(error);
    free(story.formula);
    free(story.per);
    free(story.note);
    rk_names_free(&story.effect_commands);
    rk_text_free(&story.worth);
    return status;
}

/* --- options and columns -------------------------------------------------------------------- */

enum rk_status rk_report_check(const struct rk_report_options *options, struct rk_error *error)
{
    if (options->treated != NULL && options->start == NULL)
        return rk_fail(error, RK_EUSAGE, "--treated needs --start DATE: from when?");
    if (options->model_path == NULL && options->effects != NULL && options->effects->n > 0)
        return rk_fail(error, RK_EUSAGE, "--effect needs --model FILE, whose amount it is");
    for (size_t i = 0; options->outcome != NULL && i < options->activities.n; i++)
        if (strcmp(options->activities.name[i], options->outcome) == 0)
            return rk_fail(error, RK_EUSAGE, "'%s' is both outcome and activity", options->outcome);
    return RK_OK;
}

/* Takes the first of these names that the header has. */
static bool find_one(const struct rk_names *header, const char *const *names, char **place)
{
    for (; *names != NULL && *place == NULL; names++)
        if (rk_names_has(header, *names)) {
            *place = rk_strdup(*names);
            return *place != NULL;
        }
    return true;
}

static bool find_activities(const struct rk_names *header, struct rk_report_options *options)
{
    static const char *const known[] = {"calls", "emails", "meetings",   "visits",    "demos",
                                        "notes", "tasks",  "activities", "proposals", NULL};
    bool ok = true;

    for (size_t i = 0; known[i] != NULL && ok; i++)
        if (rk_names_has(header, known[i]) && strcmp(known[i], options->outcome) != 0)
            ok = rk_names_add(&options->activities, known[i]) == RK_OK;
    return ok;
}

static enum rk_status want(const struct rk_report_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_add(wants, options->outcome, RK_AS_NUMBER);

    if (status == RK_OK)
        status = rk_wants_names(wants, &options->activities, RK_AS_NUMBER);
    if (status == RK_OK && options->id != NULL)
        status = rk_wants_add(wants, options->id, RK_AS_LABEL);
    if (status == RK_OK && options->time != NULL)
        status = rk_wants_add(wants, options->time, RK_AS_TIME);
    if (status == RK_OK && options->time != NULL)
        status = rk_wants_add(wants, options->time, RK_AS_LABEL);
    if (status == RK_OK && options->treated != NULL)
        status = rk_wants_add(wants, options->treated, RK_AS_LABEL);
    return status;
}

/* Called by the reader once it knows the header. */
static enum rk_status choose(void *data, const struct rk_names *header, struct rk_error *error)
{
    static const char *const outcomes[] = {"revenue", "sales", "deals_won", NULL};
    static const char *const ids[] = {"rep", NULL};
    static const char *const times[] = {"period", "week", "month", NULL};
    struct rk_report_options *options = data;

    if (!find_one(header, outcomes, &options->outcome) || !find_one(header, ids, &options->id) ||
        !find_one(header, times, &options->time))
        return rk_fail_memory(error);
    if (options->outcome == NULL)
        return rk_fail(error, RK_EUSAGE, "which column is the outcome? give --outcome COL");
    if (options->activities.n == 0 && !find_activities(header, options))
        return rk_fail_memory(error);
    if (options->activities.n == 0)
        return rk_fail(error, RK_EUSAGE, "which columns are activities? give --activities COLS");
    if (options->start != NULL && options->time == NULL)
        return rk_fail(error, RK_EUSAGE, "--start needs the periods: give --time COL");
    if (options->treated != NULL && options->id == NULL)
        return rk_fail(error, RK_EUSAGE, "--treated needs the units: give --id COL");
    if (want(options, options->wants) != RK_OK)
        return rk_fail_memory(error);
    return RK_OK;
}

enum rk_status rk_report_wants(struct rk_report_options *options, struct rk_wants *wants)
{
    options->wants = wants;
    wants->choose = choose;
    wants->choose_data = options;
    return RK_OK;
}

void rk_report_options_free(struct rk_report_options *options)
{
    free(options->outcome);
    free(options->id);
    free(options->time);
    rk_names_free(&options->activities);
    rk_names_free(&options->effect_words);
    rk_names_free(&options->reading);
}
