/* The report on whether the links are the same everywhere: the regression group by group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/words.h"
#include "report_parts.h"

/* The rows of the clearest activity, with their intervals; NULL when out of memory. */
static size_t *rows_of_strongest(const struct story *story, const struct rk_table *coef, size_t *n)
{
    size_t term = rk_table_find(coef, "term"), *rows = malloc((coef->n_rows + 1) * sizeof *rows);
    struct rk_text name = {0};

    *n = 0;
    report_name(&name, story->options->activities.name[story->strongest]);
    for (size_t i = 0; rows != NULL && !name.failed && i < coef->n_rows; i++) {
        const char *cell = rk_table_text(coef, i, term);

        if (cell != NULL && strcmp(cell, name.bytes) == 0)
            rows[(*n)++] = i;
    }
    story->document->failed |= name.failed;
    rk_text_free(&name);
    return rows;
}

/* A group's name by its columns, which come before `term`. */
static void add_group(const struct rk_table *coef, size_t row, struct rk_text *out)
{
    size_t term = rk_table_find(coef, "term");

    for (size_t j = 0; j < term; j++) {
        rk_text_add(out, j > 0 ? ", " : "");
        if (coef->column[j].type != RK_TEXT)
            rk_text_format(out, "%s ", coef->column[j].name);
        rk_table_cell(coef, row, j, out);
    }
}

/* From the smallest to the largest estimate, and whether one value lies in all the intervals. */
static void say_range(struct story *story, const struct rk_table *coef, const size_t *rows,
                      size_t n)
{
    const struct rk_result *result = story->section->result;
    size_t least = SIZE_MAX, most = SIZE_MAX;
    double low = -INFINITY, high = INFINITY;
    struct rk_text lead = {0};

    for (size_t i = 0; i < n; i++) {
        double estimate = report_number(result, "coef", rows[i], "estimate");

        if (!isfinite(estimate))
            continue;
        if (least == SIZE_MAX || estimate < report_number(result, "coef", least, "estimate"))
            least = rows[i];
        if (most == SIZE_MAX || estimate > report_number(result, "coef", most, "estimate"))
            most = rows[i];
        low = fmax(low, report_number(result, "coef", rows[i], "conf_low"));
        high = fmin(high, report_number(result, "coef", rows[i], "conf_high"));
    }
    if (least == most) {
        rk_text_add(&lead, "Only one group has enough rows for an estimate.");
    } else {
        rk_text_format(&lead, "Per unit of %s the difference in %s runs from ",
                       story->options->activities.name[story->strongest], story->options->outcome);
        rk_say_number(&lead, report_number(result, "coef", least, "estimate"));
        rk_text_add(&lead, " (");
        add_group(coef, least, &lead);
        rk_text_add(&lead, ") to ");
        rk_say_number(&lead, report_number(result, "coef", most, "estimate"));
        rk_text_add(&lead, " (");
        add_group(coef, most, &lead);
        rk_text_add(&lead,
                    low <= high
                        ? "); all the intervals overlap, so that the groups may well be alike."
                        : "); some of the intervals do not overlap, which luck alone would seldom "
                          "bring about.");
    }
    rk_document_take(story->document, &story->section->lead, &lead);
}

enum rk_status report_groups(struct story *story)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text line = {0}, alt = {0};
    const struct rk_table *coef;
    struct rk_table *part = NULL;
    size_t *rows, n;
    enum rk_status status;

    options.common.by = story->options->common.by; /* borrowed */
    report_words(&line, "rep-regress", story->formula, NULL);
    report_list(&line, "--by", &story->options->common.by);
    report_command(story, &line);
    status = report_run_regress(story, story->formula, &options, result);
    if (status != RK_OK)
        return status;
    coef = rk_result_table(result, "coef");
    rows = rows_of_strongest(story, coef, &n);
    if (rows != NULL)
        part = rk_table_rows(coef, rows, n);
    if (part == NULL)
        status = rk_fail_memory(story->error);
    else
        say_range(story, coef, rows, n);
    report_table(story, "coef");
    rk_document_add(story->document, &story->section->method,
                    "The regression of the section above, in each group by itself. Overlapping "
                    "intervals do not prove that groups are alike.");
    rk_text_format(&alt, "The coefficient of %s in each group, with its interval.",
                   story->options->activities.name[story->strongest]);
    report_alt(story, &alt);
    if (status == RK_OK)
        status = report_plot(story, "forest", part, NULL);
    rk_table_free(part);
    free(rows);
    return status;
}
