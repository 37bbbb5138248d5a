/* The report on how much is enough: the activity whose link is the clearest. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/band.h"
#include "report_parts.h"

/* The model that the data prefer, by weight. */
static size_t preferred(const struct rk_result *result)
{
    const struct rk_table *models = rk_result_table(result, "models");
    size_t best = SIZE_MAX;

    for (size_t i = 0; models != NULL && i < models->n_rows; i++) {
        double weight = report_number(result, "models", i, "weight");

        if (!isnan(weight) &&
            (best == SIZE_MAX || weight > report_number(result, "models", best, "weight")))
            best = i;
    }
    return best;
}

/* A straight line has no place that is enough, and that is the answer then. */
static void say_answer(struct story *story, const char *model)
{
    const char *said = report_said(story->section->result, model, "manager");
    struct rk_text lead = {0};

    if (model == NULL || strcmp(model, "linear") != 0) {
        rk_document_set(story->document, &story->section->lead, said);
        return;
    }
    rk_text_format(
        &lead,
        "These data name no amount of %s that is enough: over the values seen a straight "
        "line describes %s best, without a bend.",
        story->options->activities.name[story->strongest], story->options->outcome);
    rk_document_take(story->document, &story->section->lead, &lead);
    report_point(story, said);
}

static void say_models(struct story *story)
{
    const struct rk_result *result = story->section->result;
    const struct rk_table *models = rk_result_table(result, "models");
    size_t best = preferred(result), name;

    if (best == SIZE_MAX)
        return;
    name = rk_table_find(models, "model");
    say_answer(story, rk_table_text(models, best, name));
    for (size_t i = 0; i < models->n_rows; i++)
        if (i != best && report_number(result, "models", i, "weight") > 0.1)
            report_point(story, report_said(result, rk_table_text(models, i, name), "manager"));
    if (models->n_rows > 1)
        rk_document_add(story->document, &story->section->points,
                        "Several curves were fitted; these are the ones that the data support. "
                        "Beyond the values seen nothing is known.");
}

static enum rk_status run_band(struct story *story, const char *text)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_formula_parse(text, &formula, story->error);

    options.formula = formula;
    options.curve = true;
    options.common.conf_level = story->options->common.conf_level;
    options.common.explain = true;
    if (status == RK_OK)
        status =
            rk_band_run(story->table, &options, story->ctx, story->section->result, story->error);
    rk_formula_free(formula);
    return status;
}

/* The strongest activity first, for rep-band bends the first term of its formula. Units only: to
 * resample curves over periods, too, takes ten times as long. */
static char *band_formula(const struct story *story)
{
    const struct rk_names *activities = &story->options->activities;
    struct rk_names terms = {0};
    enum rk_status status = rk_names_add(&terms, activities->name[story->strongest]);
    char *formula = NULL;

    for (size_t i = 0; status == RK_OK && i < activities->n; i++)
        if (i != story->strongest)
            status = rk_names_add(&terms, activities->name[i]);
    if (status == RK_OK)
        formula = report_formula(story, &terms, false);
    rk_names_free(&terms);
    return formula;
}

enum rk_status report_band(struct story *story)
{
    struct rk_result *result = story->section->result;
    struct rk_text line = {0}, alt = {0};
    char *formula = band_formula(story);
    enum rk_status status;

    if (formula == NULL)
        return rk_fail_memory(story->error);
    report_words(&line, "rep-band", formula, NULL);
    report_command(story, &line);
    status = run_band(story, formula);
    free(formula);
    if (status != RK_OK)
        return status;
    say_models(story);
    report_table(story, "models");
    report_table(story, "optimum");
    report_table(story, "bins");
    report_method(story, 6);
    rk_text_format(&alt,
                   "%s over %s: the means of groups of rows as points, the curve that the data "
                   "support best with its interval, the others faint.",
                   story->options->outcome, story->options->activities.name[story->strongest]);
    report_alt(story, &alt);
    return report_plot(story, "band", rk_result_table(result, "curve"), result);
}
