/* The report on money: what the rollout is worth by the model, how sure that is, and what would
 * change the answer. */
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

static enum rk_status run_model(const struct story *story, double share, size_t draws,
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
    options.cashflow = options.categories = options.each_draw = draws > 1;
    options.draws = draws;
    if (status == RK_OK)
        status = rk_roi_run(story->model, &options, story->ctx, result, story->error);
    rk_effects_free(&effects);
    return status;
}

/* --- what it is worth ---------------------------------------------------------------------------
 */

/* rep-impact writes the effect that rep-roi then reads. */
static void add_commands(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_names names = {0};
    struct rk_text line = {0}, effect = {0};

    if (missing_effects(story, &names) != RK_OK)
        story->document->failed = true;
    report_words(&line, "rep-roi", o->model_path, NULL);
    for (size_t i = 0; i < o->effect_words.n; i++)
        report_words(&line, "--effect", o->effect_words.name[i], NULL);
    if (names.n == 1 && story->has_effect) {
        rk_text_format(&effect, "%s=effect.csv%s", names.name[0],
                       o->treated == NULL ? ":term=average_effect" : "");
        if (!effect.failed)
            report_words(&line, "--effect", effect.bytes, NULL);
        rk_document_add(story->document, &story->section->commands,
                        "# the command of the section on the rollout, with -o effect.csv, then");
    }
    rk_text_clear(&effect);
    rk_text_format(&effect, "%zu", o->horizon);
    report_words(&line, "--horizon", effect.bytes, NULL);
    rk_text_clear(&effect);
    rk_text_number(&effect, o->rate);
    report_words(&line, "--rate", effect.bytes, NULL);
    rk_document_add(story->document, &story->section->commands, line.bytes);
    story->document->failed = story->document->failed || line.failed || effect.failed;
    rk_text_free(&line);
    rk_text_free(&effect);
    rk_names_free(&names);
}

static double metric(const struct rk_result *result, const char *name, const char *column)
{
    return report_number(result, "metrics", report_row(result, "metrics", "metric", name), column);
}

/* How sure the model is, kept for the next section together with its picture. */
static void keep_worth(struct story *story)
{
    const struct rk_result *result = story->section->result;
    double positive = metric(result, "npv", "prob_positive");

    story->has_worth = true;
    story->npv = metric(result, "npv", "value");
    story->pv_cost = metric(result, "pv_cost", "value");
    story->pv_benefit = metric(result, "pv_benefit", "value");
    story->irr = metric(result, "irr", "value");
    rk_text_format(
        &story->worth,
        "With everything that is uncertain drawn at random and money discounted, it pays in "
        "%.0f of 100 futures; ",
        floor(100.0 * positive));
    rk_text_add(&story->worth, "the net present value lies between ");
    rk_say_number(&story->worth, metric(result, "npv", "p5"));
    rk_text_add(&story->worth, " and ");
    rk_say_number(&story->worth, metric(result, "npv", "p95"));
    rk_text_add(&story->worth, " in nine of ten.");
}

enum rk_status report_roi(struct story *story)
{
    struct rk_roi_options defaults = RK_ROI_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text alt = {0};
    enum rk_status status = run_model(story, 1.0, defaults.draws, result);

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

/* --- how sure -----------------------------------------------------------------------------------
 */

static const struct rk_field sure_fields[] = {
    {"question", RK_TEXT, RK_GENERAL},   {"estimate", RK_NUMBER, RK_GENERAL},
    {"conf_low", RK_NUMBER, RK_GENERAL}, {"conf_high", RK_NUMBER, RK_GENERAL},
    {"conf_level", RK_NUMBER, RK_LEVEL}, {"p_value", RK_NUMBER, RK_P_VALUE},
};

static const struct rk_section *find_section(const struct story *story, const char *id)
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
    const struct rk_section *regress = find_section(story, "regress");
    const struct rk_section *impact = find_section(story, "impact");
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
    rk_text_format(&text,
                   "Of %zu answer%s %zu %s an interval that leaves out 0%s. That an answer is "
                   "unlikely to be luck does not make it a cause.",
                   n, n == 1 ? "" : "s", clear, clear == 1 ? "has" : "have",
                   clear < n ? "; what is left is compatible with no link at all" : "");
    if (story->has_worth)
        rk_document_add(story->document, &story->section->points, text.bytes);
    else if (n > 0)
        rk_document_set(story->document, &story->section->lead, text.bytes);
    story->document->failed = story->document->failed || text.failed;
    rk_text_free(&text);
}

enum rk_status report_sure(struct story *story)
{
    const struct rk_section *roi = find_section(story, "roi");
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
    } else {
        rk_text_add(&alt, "The answers with their intervals.");
        drawn = rk_result_table(story->section->result, "answers");
    }
    report_alt(story, &alt);
    return report_plot(story, NULL, drawn, NULL);
}

/* --- what would change the answer
 * ----------------------------------------------------------------- */

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
    status = run_model(story, 0.0, 1, without);
    if (status == RK_OK)
        story->npv_without = metric(without, "npv", "value");
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
    return RK_OK;
}

/* What something unmeasured would have to be, as the regression says it; what the groups did
 * before. */
enum rk_status report_change(struct story *story)
{
    struct rk_text text = {0};
    enum rk_status status = RK_OK;

    if (story->has_worth)
        status = change_of_worth(story);
    if (status != RK_OK)
        return status;
    rk_text_format(&text,
                   "Something that nobody measured and that moves both %s and %s would change the "
                   "links: a season, a campaign, who gets the good accounts.",
                   story->options->activities.name[story->strongest], story->options->outcome);
    if (story->section->lead == NULL)
        rk_document_set(story->document, &story->section->lead, text.bytes);
    else
        rk_document_add(story->document, &story->section->points, text.bytes);
    if (story->has_effect)
        rk_document_add(story->document, &story->section->points,
                        "The rollout's effect stands on the groups moving alike without it; a "
                        "difference that was already growing before the start would change it.");
    story->document->failed = story->document->failed || text.failed;
    rk_text_free(&text);
    return RK_OK;
}
