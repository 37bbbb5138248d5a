/* The report's first sections: what data this is and how good, and what the numbers look like. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/describe.h"
#include "repkit/quantile.h"
#include "repkit/words.h"
#include "report_parts.h"

/* --- what data, how good --------------------------------------------------------------------- */

struct shape {
    size_t n_units, n_periods, n_pairs; /* pairs: of unit and period that have a row */
    size_t n_cells, n_missing;          /* of the columns used */
    int64_t first, last;                /* ordinals of time */
    size_t time;                        /* its column; SIZE_MAX for none */
};

static enum rk_status count_groups(const struct story *story, const size_t *columns, size_t n,
                                   size_t *n_groups)
{
    struct rk_groups groups;

    if (rk_groups_by(story->table, columns, n, &groups) != RK_OK)
        return rk_fail_memory(story->error);
    *n_groups = groups.n_groups;
    rk_groups_free(&groups);
    return RK_OK;
}

static enum rk_status measure(const struct story *story, struct shape *shape)
{
    const struct rk_report_options *o = story->options;
    size_t columns[2] = {SIZE_MAX, SIZE_MAX};
    enum rk_status status = RK_OK;

    if (o->id != NULL)
        columns[0] = rk_table_find_typed(story->table, o->id, RK_TEXT);
    shape->time = SIZE_MAX;
    if (o->time != NULL)
        shape->time = columns[1] = rk_table_find_typed(story->table, o->time, RK_TIME);
    if (columns[0] != SIZE_MAX)
        status = count_groups(story, &columns[0], 1, &shape->n_units);
    if (status == RK_OK && shape->time != SIZE_MAX)
        status = count_groups(story, &columns[1], 1, &shape->n_periods);
    if (status == RK_OK && columns[0] != SIZE_MAX && shape->time != SIZE_MAX)
        status = count_groups(story, columns, 2, &shape->n_pairs);
    for (size_t i = 0; shape->time != SIZE_MAX && i < story->table->n_rows; i++) {
        double t = story->table->column[shape->time].number[i];

        if (!isfinite(t))
            continue;
        shape->first =
            shape->last < shape->first || (int64_t)t < shape->first ? (int64_t)t : shape->first;
        shape->last = (int64_t)t > shape->last ? (int64_t)t : shape->last;
    }
    return status;
}

enum { COLUMN, ROLE, N, N_MISSING, SHARE_MISSING, N_ZERO };
static const struct rk_field column_fields[] = {
    {"column", RK_TEXT, RK_GENERAL},
    {"role", RK_TEXT, RK_GENERAL},
    {"n", RK_NUMBER, RK_COUNT},
    {"n_missing", RK_NUMBER, RK_COUNT},
    {"share_missing", RK_NUMBER, RK_GENERAL},
    {"n_zero", RK_NUMBER, RK_COUNT},
};

static void put_column(struct story *story, const char *name, const char *role, struct shape *shape)
{
    struct rk_result *result = story->section->result;
    size_t column = report_number_column(story, name), missing = 0, zero = 0;
    size_t table = rk_result_declare(result, "columns", column_fields,
                                     sizeof column_fields / sizeof *column_fields);

    for (size_t i = 0; column != SIZE_MAX && i < story->table->n_rows; i++) {
        missing += isnan(story->table->column[column].number[i]);
        zero += story->table->column[column].number[i] == 0.0;
    }
    rk_result_row(result, table);
    rk_put_text(result, table, COLUMN, name);
    rk_put_text(result, table, ROLE, role);
    rk_put(result, table, N, (double)(story->table->n_rows - missing));
    rk_put(result, table, N_MISSING, (double)missing);
    rk_put(result, table, SHARE_MISSING, (double)missing / (double)story->table->n_rows);
    rk_put(result, table, N_ZERO, (double)zero);
    shape->n_cells += story->table->n_rows;
    shape->n_missing += missing;
}

static void add_count(struct rk_text *out, size_t n)
{
    struct rk_text plain = {0};

    rk_text_format(&plain, "%zu", n);
    rk_picture_add_number(out, plain.failed ? "" : plain.bytes);
    out->failed |= plain.failed;
    rk_text_free(&plain);
}

static void add_time(const struct story *story, const struct shape *shape, int64_t t,
                     struct rk_text *out)
{
    char buffer[32];

    rk_time_format(story->table->column[shape->time].time_kind, t, buffer);
    rk_text_add(out, buffer);
}

/* "1,040 rows: 20 of rep, in 52 of period from 2024-W01 to 2024-W52; 5% of ... missing." */
static void say_data(struct story *story, const struct shape *shape)
{
    const struct rk_report_options *o = story->options;
    double share = shape->n_cells == 0 ? 0.0 : (double)shape->n_missing / (double)shape->n_cells;
    struct rk_text lead = {0};

    add_count(&lead, story->table->n_rows);
    rk_text_add(&lead, " rows");
    if (shape->n_units > 0) {
        rk_text_add(&lead, ": ");
        add_count(&lead, shape->n_units);
        rk_text_format(&lead, " units (%s)", o->id);
    }
    if (shape->time != SIZE_MAX) {
        rk_text_add(&lead, shape->n_units > 0 ? " in " : ": ");
        add_count(&lead, shape->n_periods);
        rk_text_format(&lead, " periods (%s ", o->time);
        add_time(story, shape, shape->first, &lead);
        rk_text_add(&lead, " to ");
        add_time(story, shape, shape->last, &lead);
        rk_text_add(&lead, ")");
    }
    if (shape->n_missing == 0)
        rk_text_add(&lead, "; no cell that is used is missing.");
    else
        rk_text_format(&lead, "; %.*f%% of the cells used are missing.", share < 0.095 ? 1 : 0,
                       100.0 * share);
    rk_document_take(story->document, &story->section->lead, &lead);
}

/* What is not there, or there twice. */
static void say_gaps(struct story *story, const struct shape *shape)
{
    const struct rk_report_options *o = story->options;
    size_t span = (size_t)(shape->last - shape->first) + 1,
           full = shape->n_units * shape->n_periods;
    struct rk_text text = {0};

    if (shape->time == SIZE_MAX || shape->n_units == 0) {
        rk_text_add(&text, "Without units and periods (--id, --time) nothing can be compared with "
                           "itself: read every link below as one between strangers.");
    } else if (shape->n_pairs < full) {
        add_count(&text, full - shape->n_pairs);
        rk_text_format(&text, " of %zu pairs of %s and %s have no row: who is absent, and why?",
                       full, o->id, o->time);
    } else {
        rk_text_format(&text, "Every %s has a row in every %s.", o->id, o->time);
    }
    rk_document_append(story->document, &story->section->points, &text);
    if (shape->time != SIZE_MAX && span > shape->n_periods && span < 100 * shape->n_periods) {
        rk_text_format(&text, "%zu of %zu periods between the first and the last have no row.",
                       span - shape->n_periods, span);
        rk_document_append(story->document, &story->section->points, &text);
    }
    if (shape->n_pairs > 0 && shape->n_pairs < story->table->n_rows) {
        rk_text_format(&text, "%zu rows repeat a pair of %s and %s: add them up first.",
                       story->table->n_rows - shape->n_pairs, o->id, o->time);
        rk_document_append(story->document, &story->section->points, &text);
    }
}

/* The outcome's mean in each period, of treated and other units apart. */
static enum rk_status draw_course(struct story *story, const struct shape *shape)
{
    const struct rk_report_options *o = story->options;
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text alt = {0};
    enum rk_status status;

    if (shape->time == SIZE_MAX || shape->last <= shape->first)
        return RK_OK;
    options.kind = "trend";
    options.x = o->time;
    options.y = o->outcome;
    options.color = o->treated;
    status = report_draw(story, &options, story->table);
    if (story->section->picture != NULL)
        story->section->picture->height = 360.0;
    rk_text_format(&alt, "The mean of %s at each %s with its interval%s.", o->outcome, o->time,
                   o->treated != NULL ? ", of treated and other units apart" : "");
    report_alt(story, &alt);
    return status;
}

/* rep-describe counts cells, too. */
static void describe_command(struct story *story)
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

enum rk_status report_data(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct shape shape = {.first = 0, .last = -1};
    enum rk_status status = measure(story, &shape);

    if (status != RK_OK)
        return status;
    put_column(story, o->outcome, "outcome", &shape);
    for (size_t i = 0; i < o->activities.n; i++)
        put_column(story, o->activities.name[i], "activity", &shape);
    say_data(story, &shape);
    say_gaps(story, &shape);
    report_table(story, "columns");
    describe_command(story);
    return draw_course(story, &shape);
}

/* --- what the numbers look like --------------------------------------------------------------- */

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

/* "1.23 calls and 4.56 emails" */
static void add_means(const struct story *story, struct rk_text *out)
{
    const struct rk_names *activities = &story->options->activities;

    for (size_t i = 0; i < activities->n; i++) {
        const struct rk_result *result = story->section->result;
        size_t row = report_row(result, "describe", "variable", activities->name[i]);

        if (i > 0)
            rk_text_add(out, i + 1 == activities->n ? " and " : ", ");
        rk_say_number(out, report_number(result, "describe", row, "mean"));
        rk_text_format(out, " %s", activities->name[i]);
    }
}

/* "On average there are 41.1 calls and 5.2 meetings for each rep and period, and revenue is 3331
 * (95% interval 3290 to 3372)." */
static void say_amounts(struct story *story)
{
    const struct rk_report_options *o = story->options;
    const struct rk_result *result = story->section->result;
    size_t row = report_row(result, "describe", "variable", o->outcome);
    struct rk_text lead = {0};

    rk_text_add(&lead, "On average there are ");
    add_means(story, &lead);
    if (o->id != NULL && o->time != NULL)
        rk_text_format(&lead, " for each %s and %s", o->id, o->time);
    else
        rk_text_add(&lead, " in a row");
    rk_text_format(&lead, ", and %s is ", o->outcome);
    rk_say_number(&lead, report_number(result, "describe", row, "mean"));
    rk_say_interval(&lead, o->common.conf_level, report_number(result, "describe", row, "conf_low"),
                    report_number(result, "describe", row, "conf_high"));
    rk_text_add(&lead, ".");
    rk_document_take(story->document, &story->section->lead, &lead);
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
    describe_command(story);
    if (status == RK_OK)
        status = rk_describe_run(story->table, &options, story->ctx, result, story->error);
    if (status == RK_OK) {
        say_amounts(story);
        report_point(story, report_said(result, o->outcome, "manager"));
        for (size_t i = 0; i < o->activities.n; i++)
            report_point(story, report_said(result, o->activities.name[i], "manager"));
        report_table(story, "describe");
        report_method(story, 12);
        draw_shapes(story);
    }
    rk_names_free(&options.columns);
    return status;
}
