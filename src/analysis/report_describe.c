/* The report on what the numbers look like: means, and how often each value occurs. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/describe.h"
#include "repkit/words.h"
#include "report_parts.h"

/* --- pictures ------------------------------------------------------------------------------- */

enum { MOST_PANELS = 6, BINS = 18 };

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The numbers of a column without NaN, ascending. free() it; NULL when out of memory. */
static double *sorted_numbers(const struct story *story, size_t column, size_t *n)
{
    double *x = malloc((story->table->n_rows + 1) * sizeof *x);

    *n = 0;
    for (size_t i = 0; x != NULL && i < story->table->n_rows; i++)
        if (isfinite(story->table->column[column].number[i]))
            x[(*n)++] = story->table->column[column].number[i];
    if (x != NULL)
        qsort(x, *n, sizeof *x, compare_numbers);
    return x;
}

/* Equal bins up to the 99.5th percentile; what lies beyond is in the last. Few whole numbers get a
 * bin each. */
static void add_bars(struct rk_picture *picture, struct rk_panel *panel, const double *x, size_t n)
{
    double low = x[0], high = x[(size_t)floor(0.995 * (double)(n - 1))], width;
    bool whole = true;
    size_t count[BINS + 2] = {0}, bins;
    struct rk_layer *bars = rk_picture_layer(picture, panel, RK_MARK_BARS, RK_INK_MAIN, NULL);

    for (size_t i = 0; i < n && whole; i++)
        whole = x[i] == floor(x[i]);
    if (!(high > low))
        high = low + 1.0;
    width = (high - low) / BINS;
    if (whole) {
        width = ceil((high - low + 1.0) / BINS);
        low -= 0.5;
        high += 0.5;
    }
    bins = (size_t)ceil((high - low) / width - 1e-9);
    for (size_t i = 0; i < n; i++) {
        size_t k = (size_t)fmin((x[i] - low) / width, (double)bins - 1.0);

        count[k]++;
    }
    for (size_t k = 0; k < bins; k++)
        rk_picture_spot(picture, bars,
                        (struct rk_spot){.x = low + ((double)k + 0.5) * width,
                                         .y = (double)count[k] / (double)n,
                                         .low = low + (double)k * width,
                                         .high = low + (double)(k + 1) * width,
                                         .value = NAN});
}

static void draw_shape(struct story *story, struct rk_picture *picture, const char *name)
{
    size_t column = report_number_column(story, name), n = 0;
    double *x = column == SIZE_MAX ? NULL : sorted_numbers(story, column, &n);
    struct rk_panel *panel = NULL;

    story->document->failed |= column != SIZE_MAX && x == NULL;
    if (n > 0)
        panel = rk_picture_panel(picture, name);
    if (panel != NULL) {
        add_bars(picture, panel, x, n);
        panel->y.kind = RK_AXIS_PERCENT;
        panel->y.low = 0.0;
        rk_picture_set(picture, &panel->y.title, "share of rows");
    }
    free(x);
}

static void draw_shapes(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_picture *picture = rk_picture_new();
    struct rk_text alt = {0};
    size_t rows;

    if (picture == NULL) {
        story->document->failed = true;
        return;
    }
    draw_shape(story, picture, o->outcome);
    for (size_t i = 0; i < o->activities.n && i + 1 < MOST_PANELS; i++)
        draw_shape(story, picture, o->activities.name[i]);
    rows = picture->n_panels <= 3 ? 1 : 2;
    picture->width = 640.0;
    picture->height = 110.0 + 200.0 * (double)rows;
    rk_picture_set(picture, &picture->title, "How often each value occurs");
    story->document->failed = story->document->failed || picture->failed;
    if (picture->n_panels == 0) {
        rk_picture_free(picture);
        return;
    }
    story->section->picture = picture;
    rk_text_format(&alt, "Histograms of %s", o->outcome);
    for (size_t i = 0; i < o->activities.n && i + 1 < MOST_PANELS; i++)
        rk_text_format(&alt, "%s%s", i + 1 == o->activities.n ? " and " : ", ",
                       o->activities.name[i]);
    rk_text_add(&alt, "; the highest values are in the last bar.");
    report_alt(story, &alt);
}

/* --- means ------------------------------------------------------------------------------------ */

/* Those from OF_COEF on are columns of rep-regress's coefficients. */
enum { MEAN_OF, MEAN_N, OF_COEF };
static const struct rk_field mean_fields[] = {
    {"variable", RK_TEXT, RK_GENERAL},    {"n", RK_NUMBER, RK_COUNT},
    {"estimate", RK_NUMBER, RK_GENERAL},  {"std_error", RK_NUMBER, RK_GENERAL},
    {"df", RK_NUMBER, RK_GENERAL},        {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL}, {"conf_level", RK_NUMBER, RK_LEVEL},
    {"vcov", RK_TEXT, RK_GENERAL},        {"note", RK_TEXT, RK_GENERAL},
};
enum { N_MEAN_FIELDS = sizeof mean_fields / sizeof *mean_fields };

static void keep_mean(struct story *story, const char *name, const struct rk_result *from)
{
    struct rk_result *result = story->section->result;
    size_t to = rk_result_declare(result, "means", mean_fields, N_MEAN_FIELDS);
    size_t row = report_row(from, "coef", "term", "(Intercept)");
    const struct rk_table *coef = rk_result_table(from, "coef");

    if (row == SIZE_MAX)
        return;
    rk_result_row(result, to);
    rk_put_text(result, to, MEAN_OF, name);
    rk_put(result, to, MEAN_N, report_number(from, "fit", 0, "nobs"));
    for (size_t k = OF_COEF; k < N_MEAN_FIELDS; k++) {
        size_t column = rk_table_find_typed(coef, mean_fields[k].name, RK_TEXT);

        if (mean_fields[k].type == RK_NUMBER)
            rk_put(result, to, k, report_number(from, "coef", row, mean_fields[k].name));
        else if (column != SIZE_MAX && rk_table_text(coef, row, column) != NULL)
            rk_put_text(result, to, k, rk_table_text(coef, row, column));
    }
    for (size_t i = 0; i < from->n_warnings; i++)
        if (strcmp(from->warning[i].code, "few-clusters") == 0)
            rk_result_warn(result, from->warning[i].code, from->warning[i].text);
}

/* The mean with an error that allows for rows of a unit to be alike: an intercept alone. */
static enum rk_status find_mean(struct story *story, const char *name)
{
    struct rk_text formula = {0};
    struct rk_result *result;
    enum rk_status status;

    report_name(&formula, name);
    rk_text_add(&formula, " ~ 1");
    status = report_clustered(story, &formula, story->options->id, &result);
    if (result != NULL)
        keep_mean(story, name, result);
    rk_result_free(result);
    rk_text_free(&formula);
    return status;
}

static enum rk_status find_means(struct story *story)
{
    const struct rk_report_options *o = story->options;
    enum rk_status status = find_mean(story, o->outcome);

    for (size_t i = 0; status == RK_OK && i < o->activities.n; i++)
        status = find_mean(story, o->activities.name[i]);
    if (story->n_units == 1)
        rk_warn(story->section->result, RK_WARN_FEW_CLUSTERS, "All rows are of one %s", o->id);
    return status;
}

static double number_of(const struct story *story, const char *name, const char *column)
{
    const struct rk_result *result = story->section->result;

    return report_number(result, "describe", report_row(result, "describe", "variable", name),
                         column);
}

struct mean {
    double n, estimate, low, high;
    const char *vcov; /* NULL where rows are independent, or there is no error */
};

/* That of `means` where there is one, else rep-describe's: without an interval if there are units,
 * for then it would be too narrow. */
static struct mean mean_of(const struct story *story, const char *name)
{
    const struct rk_result *result = story->section->result;
    const struct rk_table *means = rk_result_table(result, "means");
    size_t row = report_row(result, "means", "variable", name);
    bool independent = !story->has_repeats;

    if (row == SIZE_MAX)
        return (struct mean){.n = number_of(story, name, "n"),
                             .estimate = number_of(story, name, "mean"),
                             .low = independent ? number_of(story, name, "conf_low") : NAN,
                             .high = independent ? number_of(story, name, "conf_high") : NAN};
    return (struct mean){.n = report_number(result, "means", row, "n"),
                         .estimate = report_number(result, "means", row, "estimate"),
                         .low = report_number(result, "means", row, "conf_low"),
                         .high = report_number(result, "means", row, "conf_high"),
                         .vcov = rk_table_text(means, row, rk_table_find(means, "vcov"))};
}

static void say_paper(struct story *story, const char *name, const struct mean *mean)
{
    struct rk_text paper = {0};

    rk_text_format(&paper, "%s: n = %.0f, M = ", name, mean->n);
    rk_say_number(&paper, mean->estimate);
    rk_text_add(&paper, ", SD = ");
    rk_say_number(&paper, number_of(story, name, "sd"));
    rk_say_ci(&paper, story->options->common.conf_level, mean->low, mean->high);
    if (!isnan(mean->low) && mean->vcov != NULL)
        rk_text_format(&paper, " (clustered by %s: %s)", story->options->id, mean->vcov);
    rk_text_add(&paper, ", Mdn = ");
    rk_say_number(&paper, number_of(story, name, "median"));
    rk_text_add(&paper, ".");
    rk_document_append(story->document, &story->section->method, &paper);
}

/* rep-describe's sentences with the interval by units. */
static void say_mean(struct story *story, const char *name)
{
    const struct mean mean = mean_of(story, name);
    double quarter = number_of(story, name, "p25");
    struct rk_text text = {0};

    rk_text_format(&text, "The average of %s is ", name);
    rk_say_number(&text, mean.estimate);
    rk_say_interval(&text, story->options->common.conf_level, mean.low, mean.high);
    if (!isnan(quarter)) {
        rk_text_add(&text, "; the middle half lies between ");
        rk_say_number(&text, quarter);
        rk_text_add(&text, " and ");
        rk_say_number(&text, number_of(story, name, "p75"));
    }
    rk_text_add(&text, ".");
    rk_document_append(story->document, &story->section->points, &text);
    say_paper(story, name, &mean);
}

static bool has_interval(const struct story *story)
{
    const struct rk_table *means = rk_result_table(story->section->result, "means");
    bool any = false;

    for (size_t i = 0; means != NULL && i < means->n_rows; i++)
        any = any || !isnan(report_number(story->section->result, "means", i, "conf_low"));
    return any;
}

/* Whose intervals these are, for the table beside them has others. */
static void say_whose(struct story *story)
{
    const char *id = story->options->id;
    struct rk_text text = {0};

    if (has_interval(story))
        rk_text_format(&text,
                       "These intervals allow for rows of the same %s being alike (table means); "
                       "those of the table describe take all rows for independent, and are too "
                       "narrow where they are alike.",
                       id);
    else if (story->n_units == 1)
        rk_text_format(&text,
                       "All rows are of one %s, so that these averages have no interval: how far "
                       "off another's would be cannot be told.",
                       id);
    else
        rk_text_format(&text,
                       "There are too few of %s for intervals that allow for rows of the same %s "
                       "being alike.",
                       id, id);
    if (!has_interval(story))
        rk_text_add(&text, " Those of the table describe take all rows for independent.");
    rk_document_append(story->document, &story->section->points, &text);
}

/* --- the section ------------------------------------------------------------------------------ */

void report_describe_command(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_names columns = {0};
    struct rk_text line = {0};

    rk_document_add(story->document, &columns, o->outcome);
    for (size_t i = 0; i < o->activities.n; i++)
        rk_document_add(story->document, &columns, o->activities.name[i]);
    report_words(&line, "rep-describe", NULL);
    report_list(&line, "-c", &columns);
    report_command(story, &line);
    rk_names_free(&columns);
}

/* "1.23 calls and 4.56 emails" */
static void add_means(const struct story *story, struct rk_text *out)
{
    const struct rk_names *activities = &story->options->activities;

    for (size_t i = 0; i < activities->n; i++) {
        if (i > 0)
            rk_text_add(out, i + 1 == activities->n ? " and " : ", ");
        rk_say_number(out, mean_of(story, activities->name[i]).estimate);
        rk_text_format(out, " %s", activities->name[i]);
    }
}

/* "On average there are 41.1 calls and 5.2 meetings for each rep and period, and revenue is 3331
 * (95% interval 3290 to 3372), rows of the same rep taken together." */
static void say_amounts(struct story *story)
{
    const struct rk_report_options *o = story->options;
    const struct mean mean = mean_of(story, o->outcome);
    struct rk_text lead = {0};

    rk_text_add(&lead, "On average there are ");
    add_means(story, &lead);
    if (o->id != NULL && o->time != NULL)
        rk_text_format(&lead, " for each %s and %s", o->id, o->time);
    else
        rk_text_add(&lead, " in a row");
    rk_text_format(&lead, ", and %s is ", o->outcome);
    rk_say_number(&lead, mean.estimate);
    rk_say_interval(&lead, o->common.conf_level, mean.low, mean.high);
    if (mean.vcov != NULL && !isnan(mean.low))
        rk_text_format(&lead, ", rows of the same %s taken together", o->id);
    rk_text_add(&lead, ".");
    rk_document_take(story->document, &story->section->lead, &lead);
}

/* What each column amounts to: with units, as they tell it. */
static void say_columns(struct story *story)
{
    const struct rk_report_options *o = story->options;
    const struct rk_result *result = story->section->result;

    for (size_t i = 0; i <= o->activities.n; i++) {
        const char *name = i == 0 ? o->outcome : o->activities.name[i - 1];

        if (story->has_repeats)
            say_mean(story, name);
        else
            report_point(story, report_said(result, name, "manager"));
    }
    if (story->has_repeats)
        say_whose(story);
    else
        report_method(story, 12);
}

enum rk_status report_describe(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_describe_options options = RK_DESCRIBE_DEFAULT;
    struct rk_result *result = story->section->result;
    enum rk_status status = rk_names_add(&options.columns, o->outcome);

    for (size_t i = 0; status == RK_OK && i < o->activities.n; i++)
        status = rk_names_add(&options.columns, o->activities.name[i]);
    options.common.conf_level = o->common.conf_level;
    options.common.missing = RK_MISSING_PAIRWISE;
    options.common.explain = true;
    report_describe_command(story);
    if (status == RK_OK)
        status = rk_describe_run(story->table, &options, story->ctx, result, story->error);
    if (status == RK_OK && story->has_repeats)
        status = find_means(story);
    if (status == RK_OK) {
        say_amounts(story);
        say_columns(story);
        report_table(story, "describe");
        report_table(story, "means");
        draw_shapes(story);
    }
    rk_names_free(&options.columns);
    return status;
}
