/* The two samples of one variable: rows, unit means or pairs of columns. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/sum.h"

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

static enum rk_status allocate(struct samples *samples, size_t n, const struct design *design)
{
    bool sizes = !design->paired && rk_rows_size_column(design->options) != NULL;
    bool blocks = !design->paired && design->options->block != NULL, failed = false;

    for (size_t k = 0; k < 2; k++) {
        samples->value[k] = calloc(n + 1, sizeof(double));
        samples->size[k] = sizes ? malloc((n + 1) * sizeof(double)) : NULL;
        samples->block[k] = blocks ? malloc((n + 1) * sizeof(uint32_t)) : NULL;
        failed = failed || samples->value[k] == NULL || (sizes && samples->size[k] == NULL) ||
                 (blocks && samples->block[k] == NULL);
    }
    samples->difference = design->paired ? malloc((n + 1) * sizeof(double)) : NULL;
    return failed || (design->paired && samples->difference == NULL) ? RK_ENOMEM : RK_OK;
}

static void add_pair(struct samples *samples, double first, double second)
{
    size_t n = samples->n[0];

    samples->value[0][n] = first;
    samples->value[1][n] = second;
    if (samples->difference != NULL) /* as it is where samples are paired */
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
    if (status == RK_OK && allocate(samples, table->n_rows, design) != RK_OK)
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

/* 0 or 1 for rows of the two levels compared, NO_LEVEL for others. */
static void keep_pair(const struct design *design, size_t n, int *level)
{
    for (size_t i = 0; i < n; i++)
        level[i] = level[i] == (int)design->at[0]   ? 0
                   : level[i] == (int)design->at[1] ? 1
                                                    : NO_LEVEL;
}

/* The rows that count: complete, and of one of the two levels. */
static enum rk_status find_sides(const struct design *design, const struct rk_table *table,
                                 const struct columns *c, int *side, struct samples *samples,
                                 struct rk_result *result, struct rk_error *error)
{
    size_t n_dropped = 0;
    enum rk_status status = rk_design_levels(design, table, side, error);

    if (status != RK_OK)
        return status;
    keep_pair(design, table->n_rows, side);
    for (size_t i = 0; i < table->n_rows; i++)
        if (side[i] != NO_LEVEL)
            (rk_table_is_missing(table, i, c->value) ? samples->n_missing
                                                     : samples->n_present)[side[i]]++;
    status = rk_rows_complete(design, table, c, side, &n_dropped, error);
    for (size_t i = 0; i < table->n_rows; i++)
        samples->n_rows += side[i] != NO_LEVEL;
    if (status == RK_OK)
        warn_dropped(table, n_dropped, samples->variable, result);
    return status;
}

static void split_rows(const struct rk_table *table, const struct columns *c, const int *side,
                       struct samples *samples)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t k = side[i] == NO_LEVEL ? 0 : (size_t)side[i], at = samples->n[k];

        if (side[i] == NO_LEVEL)
            continue;
        samples->value[k][at] = table->column[c->value].number[i];
        if (samples->size[k] != NULL)
            samples->size[k][at] = table->column[c->size].number[i];
        if (samples->block[k] != NULL)
            samples->block[k][at] = table->column[c->block].code[i];
        samples->n[k]++;
    }
    if (c->block != SIZE_MAX)
        samples->n_blocks = rk_dict_size(table->column[c->block].dict);
}

/* Each unit's mean on either side. */
static enum rk_status pair_units(const struct rk_table *table, const struct columns *c,
                                 const int *side, double *buffer, struct samples *samples,
                                 struct unpaired *unpaired, struct rk_error *error)
{
    struct rk_groups units = {0};

    if (rk_groups_by(table, &c->id, 1, &units) != RK_OK)
        return rk_fail_memory(error);
    for (size_t g = 0; g < units.n_groups; g++) {
        double mean[2];

        for (int k = 0; k < 2; k++)
            mean[k] = rk_rows_unit_mean(table, c, side, &units, g, k, buffer);
        if (!isnan(mean[0]) && !isnan(mean[1]))
            add_pair(samples, mean[0], mean[1]);
        else if (!isnan(mean[0]) || !isnan(mean[1]))
            note_unpaired(unpaired, isnan(mean[0]) ? 1 : 0,
                          rk_table_text(table, units.first_row[g], c->id));
    }
    rk_groups_free(&units);
    return RK_OK;
}

static enum rk_status make_long(const struct design *design, const struct rk_table *table,
                                struct samples *samples, struct rk_result *result,
                                struct rk_error *error)
{
    struct unpaired unpaired = {0};
    int *side = malloc((table->n_rows + 1) * sizeof *side);
    double *buffer = malloc((table->n_rows + 1) * sizeof *buffer);
    struct columns c;
    enum rk_status status = side == NULL || buffer == NULL
                                ? rk_fail_memory(error)
                                : rk_rows_columns(design, table, samples->variable, &c, error);

    if (status == RK_OK)
        status = find_sides(design, table, &c, side, samples, result, error);
    if (status == RK_OK && allocate(samples, table->n_rows, design) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK && !design->paired)
        split_rows(table, &c, side, samples);
    else if (status == RK_OK)
        status = pair_units(table, &c, side, buffer, samples, &unpaired, error);
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

    if (design->paired && design->options->id == NULL)
        return rk_fail(error, RK_ETOOFEW, "no row has both '%s' and '%s'", design->level[0],
                       design->level[1]);
    if (design->paired && design->options->group != NULL)
        return rk_fail(error, RK_ETOOFEW,
                       "no '%s' has values in both '%s' and '%s' of '%s', so there are no pairs; "
                       "to compare groups of units that are seen repeatedly, use rep-regress with "
                       "--cluster, or a file with a row a unit without --id",
                       design->options->id, design->level[0], design->level[1],
                       design->options->group);
    if (design->paired)
        return rk_fail(error, RK_ETOOFEW, "no '%s' has values both before and after --cut",
                       design->options->id);
    return rk_fail(error, RK_ETOOFEW, "no row with a value of '%s' is in '%s'", samples->variable,
                   design->level[empty]);
}

static double covariance_of(const struct samples *s)
{
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < s->n[0]; i++)
        rk_sum_add(&sum, (s->value[0][i] - s->m[0].mean) * (s->value[1][i] - s->m[1].mean));
    return rk_sum_value(&sum) / ((double)s->n[0] - 1.0);
}

static void take_moments(const struct design *design, struct samples *s)
{
    for (size_t k = 0; k < 2; k++)
        s->m[k] = rk_moments_of(s->value[k], s->n[k]);
    if (!design->paired)
        return;
    s->change = rk_moments_of(s->difference, s->n[0]);
    s->covariance = covariance_of(s);
}

/* The mean, or the ratio of the sums. */
static double mean_of(const struct samples *samples, size_t k)
{
    return samples->size[k] == NULL
               ? samples->m[k].mean
               : samples->m[k].sum / rk_moments_of(samples->size[k], samples->n[k]).sum;
}

enum rk_status rk_samples_make(const struct design *design, const struct rk_table *table,
                               const char *variable, struct samples *samples,
                               struct rk_result *result, struct rk_error *error)
{
    enum rk_status status;

    *samples = (struct samples){.variable = variable};
    if (design->options->moments != NULL)
        status = rk_samples_from_moments(design, table, samples, error);
    else if (design->options->before != NULL)
        status = make_wide(design, table, samples, result, error);
    else
        status = make_long(design, table, samples, result, error);
    if (status != RK_OK)
        return status;
    if (design->options->moments == NULL)
        take_moments(design, samples);
    for (size_t k = 0; k < 2; k++)
        samples->mean[k] = samples->n[k] > 0 ? mean_of(samples, k) : NAN;
    if (samples->n[0] == 0 || samples->n[1] == 0)
        return explain_empty(design, samples, error);
    if (design->options->before != NULL)
        samples->n_rows = samples->n[0];
    if (samples->n_rows > result->rows_used)
        result->rows_used = samples->n_rows;
    return RK_OK;
}

void rk_samples_free(struct samples *samples)
{
    for (size_t k = 0; k < 2; k++) {
        free(samples->value[k]);
        free(samples->size[k]);
        free(samples->block[k]);
    }
    free(samples->difference);
    *samples = (struct samples){0};
}

bool rk_samples_binary(const struct samples *samples)
{
    bool seen[2] = {false, false};

    if (samples->size[0] != NULL || samples->value[0] == NULL)
        return false;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < samples->n[k]; i++) {
            if (samples->value[k][i] != 0.0 && samples->value[k][i] != 1.0)
                return false;
            seen[samples->value[k][i] == 1.0] = true;
        }
    return seen[0] && seen[1];
}
