/* The report on money: what the rollout is worth by the model, and how sure that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/effect.h"
#include "repkit/roi.h"
#include "repkit/words.h"
#include "report_parts.h"

/* --- the effects of the model ----------------------------------------------------------------- */

/* The distinct names in the model's column `effect` for which none was given. */
static enum rk_status missing_effects(const struct story *story, struct rk_names *names)
{
    size_t column = rk_table_find_typed(story->model, "effect", RK_TEXT);
    enum rk_status status = RK_OK;

    for (size_t i = 0; column != SIZE_MAX && status == RK_OK && i < story->model->n_rows; i++) {
        const char *name = rk_table_text(story->model, i, column);

        if (name != NULL && name[0] != '\0' && !rk_names_has(names, name) &&
            rk_effects_find(story->options->effects, name) == NULL)
            status = rk_names_add(names, name);
    }
    return status;
}

/* Copies a given effect, its size multiplied by `share`. */
static enum rk_status copy_effect(const struct rk_effect *from, double share, struct rk_effect *to)
{
    *to = (struct rk_effect){.name = rk_strdup(from->name),
                             .file = rk_strdup(from->file),
                             .per = rk_strdup(from->per),
                             .note = rk_strdup(from->note),
                             .relative = from->relative,
                             .months = from->months,
                             .amount = from->amount};
    if (share != 1.0)
        rk_uncertain_estimate(share * from->amount.amount, 0.0, NAN, &to->amount, NULL);
    return to->name == NULL || to->file == NULL || to->per == NULL || to->note == NULL ? RK_ENOMEM
                                                                                       : RK_OK;
}

/* The given effects and, for the model's only other one, the report's own estimate; all multiplied
 * by `share`, and then without uncertainty unless it is 1. */
static enum rk_status bind(const struct story *story, double share, struct rk_effects *effects)
{
    const struct rk_effects *given = story->options->effects;
    static char source[] = "this report";
    struct rk_names names = {0};
    enum rk_status status = missing_effects(story, &names);

    effects->effect = calloc(given->n + 1, sizeof *effects->effect);
    if (effects->effect == NULL || status != RK_OK)
        status = rk_fail_memory(story->error);
    for (size_t i = 0; status == RK_OK && i < given->n; i++)
        if (copy_effect(&given->effect[i], share, &effects->effect[effects->n++]) != RK_OK)
            status = rk_fail_memory(story->error);
    if (status == RK_OK && names.n == 1 && story->has_effect) {
        struct rk_effect own = {.name = names.name[0], .file = source};

        own.per = story->per;
        own.note = story->note;
        own.months = story->months;
        status = rk_uncertain_estimate(story->estimate, story->std_error, story->df, &own.amount,
                                       story->error);
        if (status == RK_OK && copy_effect(&own, share, &effects->effect[effects->n++]) != RK_OK)
            status = rk_fail_memory(story->error);
    } else if (status == RK_OK && names.n > 0) {
        status = rk_fail(story->error, RK_EUSAGE,
                         names.n > 1 ? "the model has several effects: give --effect %s=FILE"
                                     : "the model needs --effect %s=FILE, or --start and --treated "
                                       "for the report's own estimate",
                         names.name[0]);
    }
    rk_names_free(&names);
    return status;
}

enum rk_status report_run_model(const struct story *story, double share, size_t draws,
                                struct rk_result *result)
{
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_effects effects = {0};
    enum rk_status status = bind(story, share, &effects);

    options.common.conf_level = story->options->common.conf_level;
    options.common.explain = true;
    options.horizon = story->options->horizon;
    options.rate = story->options->rate;
    options.effects = &effects;
    options.cashflow = options.categories = options.each_draw = options.tornado = draws > 1;
    options.draws = draws;
    if (status == RK_OK)
        status = rk_roi_run(story->model, &options, story->ctx, result, story->error);
    rk_effects_free(&effects);
    return status;
}

/* --- what it is worth ------------------------------------------------------------------------ */

/* The command that writes the report's own effect to effect.csv. */
static void add_effect_command(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_text line = {0};

    report_impact_words(story, o->treated != NULL ? "did" : "its", &line);
    report_words(&line, "-o", "effect.csv", NULL);
    report_command(story, &line);
}

void report_roi_command(struct story *story, const char *emit)
{
    const struct rk_report_options *o = story->options;
    struct rk_names names = {0};
    struct rk_text line = {0}, text = {0};

    if (missing_effects(story, &names) != RK_OK)
        story->document->failed = true;
    report_words(&line, "rep-roi", o->model_path, NULL);
    for (size_t i = 0; i < o->effect_words.n; i++)
        report_words(&line, "--effect", o->effect_words.name[i], NULL);
    if (names.n == 1 && story->has_effect) {
        rk_text_format(&text, "%s=effect.csv:term=%s", names.name[0],
                       o->treated == NULL ? "average_effect" : "att");
        report_words(&line, "--effect", text.failed ? "" : text.bytes, NULL);
    }
    rk_text_clear(&text);
    rk_text_format(&text, "%zu", o->horizon);
    report_words(&line, "--horizon", text.failed ? "" : text.bytes, NULL);
    rk_text_clear(&text);
    rk_text_number(&text, o->rate);
    report_words(&line, "--rate", text.failed ? "" : text.bytes, NULL);
    report_words(&line, "--emit", emit, NULL);
    report_shared_words(story, &line);
    story->document->failed = story->document->failed || text.failed;
    rk_document_append(story->document, &story->section->commands, &line);
    rk_text_free(&text);
    rk_names_free(&names);
}

static void add_commands(struct story *story)
{
    struct rk_names names = {0};

    if (missing_effects(story, &names) != RK_OK)
        story->document->failed = true;
    if (names.n == 1 && story->has_effect)
        add_effect_command(story);
    rk_names_free(&names);
    report_roi_command(story, "metrics");
    report_roi_command(story, "categories");
    report_roi_command(story, "cashflow");
}

double report_metric(const struct rk_result *result, const char *name, const char *column)
{
    return report_number(result, "metrics", report_row(result, "metrics", "metric", name), column);
}

/* How sure the model is, kept for the next section together with its picture. */
static void keep_worth(struct story *story)
{
    const struct rk_result *result = story->section->result;
    double positive = report_metric(result, "npv", "prob_positive");

    story->has_worth = true;
    story->npv = report_metric(result, "npv", "value");
    story->pv_cost = report_metric(result, "pv_cost", "value");
    story->pv_benefit = report_metric(result, "pv_benefit", "value");
    story->irr = report_metric(result, "irr", "value");
    rk_text_format(
        &story->worth,
        "With everything that is uncertain drawn at random and money discounted, it pays in "
        "%.0f of 100 futures; ",
        floor(100.0 * positive));
    rk_text_add(&story->worth, "the net present value lies between ");
    rk_say_number(&story->worth, report_metric(result, "npv", "p5"));
    rk_text_add(&story->worth, " and ");
    rk_say_number(&story->worth, report_metric(result, "npv", "p95"));
    rk_text_add(&story->worth, " in nine of ten.");
}

enum rk_status report_roi(struct story *story)
{
    struct rk_roi_options defaults = RK_ROI_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text alt = {0};
    enum rk_status status = report_run_model(story, 1.0, defaults.draws, result);

    if (status != RK_OK)
        return status;
    add_commands(story);
    keep_worth(story);
    rk_document_set(story->document, &story->section->lead, report_said(result, "roi", "manager"));
    report_table(story, "metrics");
    report_table(story, "categories");
    report_table(story, "cashflow");
    report_method(story, 4);
    rk_text_add(&alt, "Money in and out, summed up month by month, with the range of nine in ten "
                      "futures: where the line crosses 0 it has paid back.");
    report_alt(story, &alt);
    return report_plot(story, NULL, rk_result_table(result, "cashflow"), NULL);
}

/* --- how sure -------------------------------------------------------------------------------- */

static const struct rk_field sure_fields[] = {
    {"question", RK_TEXT, RK_GENERAL},   {"estimate", RK_NUMBER, RK_GENERAL},
    {"conf_low", RK_NUMBER, RK_GENERAL}, {"conf_high", RK_NUMBER, RK_GENERAL},
    {"conf_level", RK_NUMBER, RK_LEVEL}, {"p_value", RK_NUMBER, RK_P_VALUE},
};

const struct rk_section *report_find(const struct story *story, const char *id)
{
    for (size_t i = 0; i < story->document->n_sections; i++)
        if (strcmp(story->document->section[i].id, id) == 0)
            return &story->document->section[i];
    return NULL;
}

static void put_sure(struct story *story, const char *question, const struct rk_result *from,
                     const char *table, size_t row)
{
    static const char *const numbers[] = {"estimate", "conf_low", "conf_high", "conf_level",
                                          "p_value"};
    struct rk_result *result = story->section->result;
    size_t to =
        rk_result_declare(result, "answers", sure_fields, sizeof sure_fields / sizeof *sure_fields);

    if (row == SIZE_MAX)
        return;
    rk_result_row(result, to);
    rk_put_text(result, to, 0, question);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++)
        rk_put(result, to, k + 1, report_number(from, table, row, numbers[k]));
}

/* Each activity's coefficient and the rollout's effect, one below the other. */
static void gather_answers(struct story *story)
{
    const struct rk_section *regress = report_find(story, "regress");
    const struct rk_section *impact = report_find(story, "impact");
    const struct rk_table *coef = regress == NULL ? NULL : rk_result_table(regress->result, "coef");
    struct rk_text text = {0};

    for (size_t i = 0; coef != NULL && i < coef->n_rows; i++) {
        const char *term = rk_table_text(coef, i, rk_table_find(coef, "term"));

        if (term == NULL || strcmp(term, "(Intercept)") == 0)
            continue;
        rk_text_clear(&text);
        rk_text_format(&text, "%s for one more of %s", story->options->outcome, term);
        if (!text.failed)
            put_sure(story, text.bytes, regress->result, "coef", i);
    }
    if (impact != NULL)
        put_sure(story, "the rollout", impact->result, "effects",
                 report_row(impact->result, "effects", "term",
                            story->options->treated == NULL ? "average_effect" : "att"));
    story->document->failed = story->document->failed || text.failed;
    rk_text_free(&text);
}

/* How many of the answers have an interval that leaves out 0. */
static void say_answers(struct story *story)
{
    const struct rk_table *answers = rk_result_table(story->section->result, "answers");
    size_t clear = 0, n = answers == NULL ? 0 : answers->n_rows;
    struct rk_text text = {0};

    for (size_t i = 0; i < n; i++) {
        double low = report_number(story->section->result, "answers", i, "conf_low");
        double high = report_number(story->section->result, "answers", i, "conf_high");

        clear += low > 0.0 || high < 0.0;
    }
    if (n == 1)
        rk_text_format(&text, "The interval of the only estimate %s 0",
                       clear == 1 ? "leaves out" : "holds");
    else
        rk_text_format(&text, "Of %zu estimates %zu %s an interval that leaves out 0", n, clear,
                       clear == 1 ? "has" : "have");
    rk_text_add(&text, clear < n ? "; what is left is compatible with no link at all" : "");
    rk_text_add(&text, ". That a link is unlikely to be luck does not make it a cause.");
    if (story->has_worth)
        rk_document_add(story->document, &story->section->points, text.bytes);
    else if (n > 0)
        rk_document_set(story->document, &story->section->lead, text.bytes);
    story->document->failed = story->document->failed || text.failed;
    rk_text_free(&text);
}

enum rk_status report_sure(struct story *story)
{
    const struct rk_section *roi = report_find(story, "roi");
    struct rk_text alt = {0};
    const struct rk_table *drawn;

    gather_answers(story);
    say_answers(story);
    report_table(story, "answers");
    rk_document_add(story->document, &story->section->method,
                    "The estimates and intervals are those of the sections above; their commands "
                    "print them.");
    if (story->has_worth) {
        rk_document_set(story->document, &story->section->lead, story->worth.bytes);
        rk_text_add(&alt, "How often each return on investment comes up among the drawn futures.");
        drawn = rk_result_table(roi->result, "draws");
        report_roi_command(story, "draws");
    } else {
        rk_text_add(&alt, "The answers with their intervals.");
        drawn = rk_result_table(story->section->result, "answers");
    }
    report_alt(story, &alt);
    return report_plot(story, NULL, drawn, NULL);
}
