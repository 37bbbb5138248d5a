/* The report on links: correlations, and what of them remains. report_groups.c has what of them
 * holds in each group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/corr.h"
#include "repkit/regress.h"
#include "report_parts.h"

/* --- what moves with the outcome -------------------------------------------------------------- */

/* The row of the largest correlation in a scope; SIZE_MAX if there is none. */
static size_t largest(const struct rk_table *corr, const char *scope)
{
    size_t s = rk_table_find(corr, "scope"), e = rk_table_find(corr, "estimate"), best = SIZE_MAX;

    for (size_t i = 0; i < corr->n_rows; i++) {
        const char *name = rk_table_text(corr, i, s);
        double value = fabs(corr->column[e].number[i]);

        if (name != NULL && strcmp(name, scope) == 0 && !isnan(value) &&
            (best == SIZE_MAX || value > fabs(corr->column[e].number[best])))
            best = i;
    }
    return best;
}

static const char *said_of(const struct story *story, const char *activity, const char *scope)
{
    struct rk_text row = {0};
    const char *said;

    rk_text_format(&row, "%s, %s, %s", activity, story->options->outcome, scope);
    said = row.failed ? NULL : report_said(story->section->result, row.bytes, "manager");
    story->document->failed |= row.failed;
    rk_text_free(&row);
    return said;
}

/* Within units if it can be had: the number that is nearest to what a rep does. */
static void say_links(struct story *story)
{
    const struct rk_table *corr = rk_result_table(story->section->result, "corr");
    bool within = story->options->id != NULL;
    size_t row = largest(corr, within ? "within" : "pooled");
    const char *activity;

    if (row == SIZE_MAX)
        return;
    activity = rk_table_text(corr, row, rk_table_find(corr, "x"));
    rk_document_set(story->document, &story->section->lead,
                    said_of(story, activity, within ? "within" : "pooled"));
    if (within) {
        report_point(story, said_of(story, activity, "pooled"));
        report_point(story, said_of(story, activity, "between"));
    }
}

/* So few are better seen with their intervals. */
enum { FEW = 2 };

enum rk_status report_corr(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_corr_options options = RK_CORR_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text line = {0}, alt = {0};
    enum rk_status status = rk_names_add(&options.outcomes, o->outcome);

    options.activities = o->activities; /* borrowed */
    options.id = o->id;
    options.time = o->id == NULL ? NULL : o->time;
    options.common.conf_level = o->common.conf_level;
    options.common.missing = RK_MISSING_PAIRWISE;
    options.common.explain = true;
    report_words(&line, "rep-corr", NULL);
    report_list(&line, "-y", &options.outcomes);
    report_list(&line, "-x", &o->activities);
    if (o->id != NULL)
        report_panel_words(story, &line);
    report_command(story, &line);
    if (status == RK_OK)
        status = rk_corr_run(story->table, &options, story->ctx, result, story->error);
    if (status == RK_OK) {
        say_links(story);
        report_table(story, "corr");
        report_method(story, 24);
        rk_text_format(
            &alt, "Correlations with %s, from -1 to 1, one %s an activity and way of looking%s.",
            o->outcome, o->activities.n > FEW ? "cell" : "line",
            o->activities.n > FEW ? ": darker is stronger" : ", with its interval");
        report_alt(story, &alt);
        status = report_plot(story, o->activities.n > FEW ? "heatmap" : "forest",
                             rk_result_table(result, "corr"), NULL);
    }
    rk_names_free(&options.outcomes);
    return status;
}

/* --- what remains --------------------------------------------------------------------------- */

enum rk_status report_run_regress(struct story *story, const char *text,
                                  struct rk_regress_options *options, struct rk_result *result)
{
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_formula_parse(text, &formula, story->error);

    options->formula = formula;
    options->lean = true;
    options->common.conf_level = story->options->common.conf_level;
    options->common.missing = RK_MISSING_LISTWISE;
    options->common.explain = true;
    if (status == RK_OK)
        status = rk_regress_run(story->table, options, story->ctx, result, story->error);
    rk_formula_free(formula);
    return status;
}

enum rk_status report_clustered(struct story *story, const struct rk_text *formula,
                                const char *cluster, struct rk_result **result)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_result *made = rk_result_new();
    struct rk_text line = {0};
    enum rk_status status = cluster == NULL ? RK_OK : rk_names_add(&options.cluster, cluster);

    if (made == NULL || formula->failed || status != RK_OK)
        status = rk_fail_memory(story->error);
    if (status == RK_OK)
        status = report_run_regress(story, formula->bytes, &options, made);
    if (status == RK_OK) {
        report_words(&line, "rep-regress", formula->bytes, NULL);
        report_list(&line, "--cluster", &options.cluster);
        report_command(story, &line);
    } else {
        rk_result_free(made);
        made = NULL;
    }
    *result = made;
    rk_names_free(&options.cluster);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* The activity whose coefficient is the farthest from 0, counted in standard errors. */
static size_t find_strongest(const struct story *story)
{
    const struct rk_names *activities = &story->options->activities;
    double most = -1.0;
    size_t best = 0;

    for (size_t i = 0; i < activities->n; i++) {
        struct rk_text term = {0};
        double t = NAN;

        report_name(&term, activities->name[i]);
        rk_text_add(&term, "");
        story->document->failed |= term.failed;
        if (!term.failed) {
            size_t row = report_row(story->section->result, "coef", "term", term.bytes);

            t = fabs(report_number(story->section->result, "coef", row, "statistic"));
        }
        if (t > most) {
            most = t;
            best = i;
        }
        rk_text_free(&term);
    }
    return best;
}

static const char *said_of_term(struct story *story, size_t activity)
{
    struct rk_text term = {0};
    const char *said = NULL;

    report_name(&term, story->options->activities.name[activity]);
    if (term.failed)
        story->document->failed = true;
    else
        said = report_said(story->section->result, term.bytes, "manager");
    rk_text_free(&term);
    return said;
}

/* The strongest first, then the others. */
static void say_terms(struct story *story)
{
    enum { MOST_POINTS = 6 };
    const struct rk_names *activities = &story->options->activities;

    rk_document_set(story->document, &story->section->lead, said_of_term(story, story->strongest));
    for (size_t i = 0, said = 0; i < activities->n && said < MOST_POINTS; i++) {
        const char *sentence = i == story->strongest ? NULL : said_of_term(story, i);

        said += sentence != NULL;
        report_point(story, sentence);
    }
    if (activities->n > 1)
        report_point(story, "Each activity is adjusted for all the others.");
}

enum rk_status report_regress(struct story *story)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text line = {0}, alt = {0};
    enum rk_status status;

    report_words(&line, "rep-regress", story->formula, NULL);
    report_command(story, &line);
    status = report_run_regress(story, story->formula, &options, result);
    if (status != RK_OK)
        return status;
    story->strongest = find_strongest(story);
    say_terms(story);
    report_table(story, "coef");
    report_table(story, "fit");
    report_method(story, 12);
    rk_text_format(&alt,
                   "What %s differs by for one more of each activity, with its interval%s; an "
                   "interval across 0 leaves open whether there is any link.",
                   story->options->outcome,
                   story->options->id == NULL ? "" : ", each unit compared with itself");
    report_alt(story, &alt);
    return report_plot(story, NULL, rk_result_table(result, "coef"), NULL);
}
