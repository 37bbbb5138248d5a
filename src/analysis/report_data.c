/* The report's first section: what data this is, and how good. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"

/* --- what data, how good --------------------------------------------------------------------- */

struct shape {
    size_t n_units, n_periods, n_pairs; /* pairs: of unit and period that have a row */
    size_t n_with_unit, n_placed;       /* rows with a unit, and with both */
    size_t n_cells, n_missing;          /* of the columns used */
    int64_t first, last;                /* ordinals of time */
    size_t time;                        /* its column; SIZE_MAX for none */
};

/* Of the rows that have all of these columns, for nobody is no unit; and how many rows those are.
 */
static enum rk_status count_groups(const struct story *story, const size_t *columns, size_t n,
                                   size_t *n_groups, size_t *n_rows)
{
    struct rk_groups groups;

    if (rk_groups_by(story->table, columns, n, &groups) != RK_OK)
        return rk_fail_memory(story->error);
    *n_groups = *n_rows = 0;
    for (size_t g = 0; g < groups.n_groups; g++) {
        bool whole = true;

        for (size_t j = 0; j < n; j++)
            whole = whole && !rk_table_is_missing(story->table, groups.first_row[g], columns[j]);
        *n_groups += whole;
        *n_rows += whole ? groups.start[g + 1] - groups.start[g] : 0;
    }
    rk_groups_free(&groups);
    return RK_OK;
}

static enum rk_status measure(const struct story *story, struct shape *shape)
{
    const struct rk_report_options *o = story->options;
    size_t columns[2] = {SIZE_MAX, SIZE_MAX}, ignored;
    enum rk_status status = RK_OK;

    if (o->id != NULL)
        columns[0] = rk_table_find_typed(story->table, o->id, RK_TEXT);
    shape->time = SIZE_MAX;
    if (o->time != NULL)
        shape->time = columns[1] = rk_table_find_typed(story->table, o->time, RK_TIME);
    if (columns[0] != SIZE_MAX)
        status = count_groups(story, &columns[0], 1, &shape->n_units, &shape->n_with_unit);
    if (status == RK_OK && shape->time != SIZE_MAX)
        status = count_groups(story, &columns[1], 1, &shape->n_periods, &ignored);
    if (shape->n_periods == 0)
        shape->time = SIZE_MAX;
    if (status == RK_OK && columns[0] != SIZE_MAX && shape->time != SIZE_MAX)
        status = count_groups(story, columns, 2, &shape->n_pairs, &shape->n_placed);
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

/* "1 row", "1,040 rows" */
static void say_count(struct rk_text *out, size_t n, const char *one)
{
    add_count(out, n);
    rk_text_format(out, " %s%s", one, n == 1 ? "" : "s");
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

    say_count(&lead, story->table->n_rows, "row");
    if (shape->n_units > 0) {
        rk_text_add(&lead, ": ");
        say_count(&lead, shape->n_units, "unit");
        rk_text_format(&lead, " (%s)", o->id);
    }
    if (shape->time != SIZE_MAX) {
        rk_text_add(&lead, shape->n_units > 0 ? " in " : ": ");
        say_count(&lead, shape->n_periods, "period");
        rk_text_format(&lead, " (%s ", o->time);
        add_time(story, shape, shape->first, &lead);
        rk_text_add(&lead, shape->n_periods > 1 ? " to " : "");
        if (shape->n_periods > 1)
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
        rk_text_format(&text, " of %zu pairs of %s and %s %s no row: who is absent, and why?", full,
                       o->id, o->time, full - shape->n_pairs == 1 ? "has" : "have");
    } else {
        rk_text_format(&text, "Every %s has a row in every %s.", o->id, o->time);
    }
    rk_document_append(story->document, &story->section->points, &text);
    if (shape->time != SIZE_MAX && span > shape->n_periods && span < 100 * shape->n_periods) {
        rk_text_format(&text, "%zu of %zu periods between the first and the last %s no row.",
                       span - shape->n_periods, span,
                       span - shape->n_periods == 1 ? "has" : "have");
        rk_document_append(story->document, &story->section->points, &text);
    }
    if (shape->n_pairs > 0 && shape->n_pairs < shape->n_placed) {
        size_t repeats = shape->n_placed - shape->n_pairs;

        rk_text_format(&text, "%zu row%s a pair of %s and %s: add them up first.", repeats,
                       repeats == 1 ? " repeats" : "s repeat", o->id, o->time);
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

enum rk_status report_data(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct shape shape = {.first = 0, .last = -1};
    enum rk_status status = measure(story, &shape);

    if (status != RK_OK)
        return status;
    story->n_units = shape.n_units;
    story->has_repeats = shape.n_units == 1 || shape.n_units < shape.n_with_unit;
    put_column(story, o->outcome, "outcome", &shape);
    for (size_t i = 0; i < o->activities.n; i++)
        put_column(story, o->activities.name[i], "activity", &shape);
    say_data(story, &shape);
    say_gaps(story, &shape);
    report_table(story, "columns");
    report_describe_command(story); /* it counts cells, too */
    return draw_course(story, &shape);
}
