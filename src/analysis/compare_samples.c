/* The two samples of one variable: rows, unit means or pairs of columns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare_parts.h"
#include "repkit/moments.h"

enum { MOST_NAMED = 5 };

/* Units (or rows) seen on one side only. */
struct unpaired {
    size_t n;
    struct rk_text names; /* of the first MOST_NAMED */
    size_t on_side[2];
};

static void note_unpaired(struct unpaired *unpaired, size_t side, const char *name)
{
    if (unpaired->n < MOST_NAMED)
        rk_text_format(&unpaired->names, "%s%s", unpaired->n == 0 ? "" : ", ", name);
    unpaired->n++;
    unpaired->on_side[side]++;
}

static void warn_unpaired(const struct design *design, const struct samples *samples,
                          struct unpaired *unpaired, struct rk_result *result)
{
    double share = (double)unpaired->n / ((double)unpaired->n + (double)samples->n[0]);
    struct rk_text seen = {0};

    if (unpaired->n == 0)
        return;
    if (unpaired->n > MOST_NAMED)
        rk_text_format(&unpaired->names, " and %zu more", unpaired->n - MOST_NAMED);
    if (unpaired->names.failed) {
        result->status = RK_ENOMEM;
    } else {
        if (design->options->id != NULL)
            rk_text_format(&seen, "%zu of %zu units have '%s' on one side only", unpaired->n,
                           unpaired->n + samples->n[0], samples->variable);
        else
            rk_text_format(&seen, "%zu of %zu rows have only one of '%s' and '%s'", unpaired->n,
                           unpaired->n + samples->n[0], design->level[0], design->level[1]);
        rk_warn(result, RK_WARN_UNPAIRED, "%s and are left out: %s", seen.failed ? "" : seen.bytes,
                unpaired->names.bytes);
        if (share > 0.1 && design->options->id != NULL)
            rk_warn(result, RK_WARN_SURVIVORS,
                    "%.0f%% of the units have '%s' on one side only (%zu only in '%s', %zu only "
                    "in '%s')",
                    100.0 * share, samples->variable, unpaired->on_side[0], design->level[0],
                    unpaired->on_side[1], design->level[1]);
    }
    rk_text_free(&seen);
}

static void warn_dropped(const struct rk_table *table, size_t n_dropped, const char *variable,
                         struct rk_result *result)
{
    if (n_dropped == 0)
        return;
    rk_warn(result, RK_WARN_DROPPED, "%zu of %zu rows left out of '%s' for missing cells",
            n_dropped, table->n_rows, variable);
}

static enum rk_status allocate(struct samples *samples, size_t n, bool paired)
{
    samples->value[0] = malloc((n + 1) * sizeof(double));
    samples->value[1] = malloc((n + 1) * sizeof(double));
    samples->difference = paired ? malloc((n + 1) * sizeof(double)) : NULL;
    if (samples->value[0] == NULL || samples->value[1] == NULL ||
        (paired && samples->difference == NULL))
        return RK_ENOMEM;
    return RK_OK;
}

static void add_pair(struct samples *samples, double first, double second)
{
    size_t n = samples->n[0];

    samples->value[0][n] = first;
    samples->value[1][n] = second;
    samples->difference[n] = second - first;
    samples->n[0] = samples->n[1] = n + 1;
}

/* --- pairs of columns ----------------------------------------------------------------------- */

static enum rk_status make_wide(const struct design *design, const struct rk_table *table,
                                struct samples *samples, struct rk_result *result,
                                struct rk_error *error)
{
    const char *const names[2] = {design->options->before, design->options->after};
    struct unpaired unpaired = {0};
    const double *x[2] = {0};
    size_t columns[2], *rows = NULL, n_rows, n_dropped = 0;
    enum rk_status status = RK_OK;

    for (size_t k = 0; status == RK_OK && k < 2; k++) {
        status = rk_column_index(table, names[k], RK_NUMBER, &columns[k], error);
        x[k] = status == RK_OK ? table->column[columns[k]].number : NULL;
    }
    /* for --missing error; half rows are counted below */
    if (status == RK_OK)
        status = rk_complete_rows(table, columns, 2, design->options->common.missing, &rows,
                                  &n_rows, error);
    free(rows);
    if (status == RK_OK && allocate(samples, table->n_rows, true) != RK_OK)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        bool missing[2] = {isnan(x[0][i]), isnan(x[1][i])};
        char name[32];

        if (!missing[0] && !missing[1]) {
            add_pair(samples, x[0][i], x[1][i]);
        } else if (missing[0] && missing[1]) {
            n_dropped++;
        } else {
            snprintf(name, sizeof name, "line %zu", rk_table_line(table, i));
            note_unpaired(&unpaired, missing[0] ? 1 : 0, name);
        }
    }
    samples->n_unpaired = unpaired.n;
    if (status == RK_OK) {
        warn_dropped(table, n_dropped, samples->variable, result);
        warn_unpaired(design, samples, &unpaired, result);
    }
    rk_text_free(&unpaired.names);
    return status;
}

/* --- rows by level -------------------------------------------------------------------------- */

/* The rows that count: complete, and of one of the two levels. Sets the side of others to
 * NO_SIDE. */
static enum rk_status find_sides(const struct design *design, const struct rk_table *table,
                                 size_t value, signed char *side, size_t *n_used,
                                 struct rk_result *result, const char *variable,
                                 struct rk_error *error)
{
    const struct rk_compare_options *options = design->options;
    size_t columns[3] = {value}, n_columns = 1, *rows, n_rows, n_dropped = 0;
    enum rk_status status = rk_design_sides(design, table, side, error);

    if (status == RK_OK && options->id != NULL)
        status = rk_column_index(table, options->id, RK_TEXT, &columns[n_columns++], error);
    if (status == RK_OK)
        status = rk_column_index(table, options->group != NULL ? options->group : options->time,
                                 options->group != NULL ? RK_TEXT : RK_TIME, &columns[n_columns++],
                                 error);
    if (status == RK_OK)
        status = rk_complete_rows(table, columns, n_columns, options->common.missing, &rows,
                                  &n_rows, error);
    if (status != RK_OK)
        return status;
    *n_used = 0;
    for (size_t i = 0, k = 0; i < table->n_rows; i++) {
        if (k < n_rows && rows[k] == i) {
            k++;
        } else {
            /* rows of other levels would not have counted anyway */
            n_dropped +=
                side[i] != NO_SIDE || rk_table_is_missing(table, i, columns[n_columns - 1]);
            side[i] = NO_SIDE;
        }
        *n_used += side[i] != NO_SIDE;
    }
    free(rows);
    warn_dropped(table, n_dropped, variable, result);
    return RK_OK;
}

static void split_rows(const struct rk_table *table, size_t value, const signed char *side,
                       struct samples *samples)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (side[i] != NO_SIDE)
            samples->value[side[i]][samples->n[side[i]]++] = table->column[value].number[i];
}

/* Each unit's mean on either side. `buffer` has room for the rows of a unit, twice. */
static enum rk_status pair_units(const struct design *design, const struct rk_table *table,
                                 size_t value, const signed char *side, double *buffer,
                                 struct samples *samples, struct unpaired *unpaired,
                                 struct rk_error *error)
{
    double *of_side[2] = {buffer, buffer + table->n_rows};
    struct rk_groups units = {0};
    size_t id = 0;
    enum rk_status status = rk_column_index(table, design->options->id, RK_TEXT, &id, error);

    if (status == RK_OK && rk_groups_by(table, &id, 1, &units) != RK_OK)
        status = rk_fail_memory(error);
    for (size_t g = 0; status == RK_OK && g < units.n_groups; g++) {
        size_t n[2] = {0};
        double mean[2];

        for (size_t k = units.start[g]; k < units.start[g + 1]; k++) {
            size_t row = units.rows[k];

            if (side[row] != NO_SIDE)
                of_side[side[row]][n[side[row]]++] = table->column[value].number[row];
        }
        for (size_t k = 0; k < 2; k++)
            mean[k] = rk_moments_of(of_side[k], n[k]).mean;
        if (n[0] > 0 && n[1] > 0)
            add_pair(samples, mean[0], mean[1]);
        else if (n[0] + n[1] > 0)
            note_unpaired(unpaired, n[0] > 0 ? 0 : 1, rk_table_text(table, units.first_row[g], id));
    }
    rk_groups_free(&units);
    return status;
}

static enum rk_status make_long(const struct design *design, const struct rk_table *table,
                                struct samples *samples, size_t *n_used, struct rk_result *result,
                                struct rk_error *error)
{
    struct unpaired unpaired = {0};
    signed char *side = malloc(table->n_rows + 1);
    double *buffer = malloc((2 * table->n_rows + 1) * sizeof *buffer);
    size_t value = 0;
    enum rk_status status =
        side == NULL || buffer == NULL
            ? rk_fail_memory(error)
            : rk_column_index(table, samples->variable, RK_NUMBER, &value, error);

    if (status == RK_OK)
        status = find_sides(design, table, value, side, n_used, result, samples->variable, error);
    if (status == RK_OK && allocate(samples, table->n_rows, design->paired) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK && !design->paired)
        split_rows(table, value, side, samples);
    else if (status == RK_OK)
        status = pair_units(design, table, value, side, buffer, samples, &unpaired, error);
    samples->n_unpaired = unpaired.n;
    if (status == RK_OK && samples->n[0] > 0)
        warn_unpaired(design, samples, &unpaired, result);
    rk_text_free(&unpaired.names);
    free(side);
    free(buffer);
    return status;
}

/* Why there is nothing to compare. */
static enum rk_status explain_empty(const struct design *design, const struct samples *samples,
                                    struct rk_error *error)
{
    size_t empty = samples->n[0] == 0 ? 0 : 1;

    if (design->paired)
        return rk_fail(error, RK_ETOOFEW,
                       design->options->id == NULL
                           ? "no row has both '%s' and '%s'"
                           : "no unit has values in both '%s' and '%s' (without --id they are "
                             "compared as independent)",
                       design->level[0], design->level[1]);
    return rk_fail(error, RK_ETOOFEW, "no row with a value of '%s' is in '%s'", samples->variable,
                   design->level[empty]);
}

enum rk_status rk_samples_make(const struct design *design, const struct rk_table *table,
                               const char *variable, struct samples *samples,
                               struct rk_result *result, struct rk_error *error)
{
    size_t n_used = 0;
    enum rk_status status;

    *samples = (struct samples){.variable = variable};
    if (design->options->before != NULL)
        status = make_wide(design, table, samples, result, error);
    else
        status = make_long(design, table, samples, &n_used, result, error);
    if (status != RK_OK)
        return status;
    for (size_t k = 0; k < 2; k++)
        samples->mean[k] = rk_moments_of(samples->value[k], samples->n[k]).mean;
    if (samples->n[0] == 0 || samples->n[1] == 0)
        return explain_empty(design, samples, error);
    n_used = design->options->before != NULL ? samples->n[0] : n_used;
    if (n_used > result->rows_used)
        result->rows_used = n_used;
    return RK_OK;
}

void rk_samples_free(struct samples *samples)
{
    free(samples->value[0]);
    free(samples->value[1]);
    free(samples->difference);
    *samples = (struct samples){0};
}
