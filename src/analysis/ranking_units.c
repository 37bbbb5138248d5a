/* From rows to units: what each has, and how sure that is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "column_look.h"
#include "ranking_parts.h"
#include "repkit/sum.h"

enum { OWN_VARIANCE_FROM = 10 }; /* values a unit: fewer say too little of their own variance */

void ranking_units_free(struct ranking_units *units)
{
    free(units->name);
    free(units->n);
    free(units->raw);
    free(units->mean);
    free(units->var);
    memset(units, 0, sizeof *units);
}

enum rk_status ranking_units_room(struct ranking_units *units, size_t k)
{
    units->k = k;
    units->name = malloc((k + 1) * sizeof *units->name);
    units->n = calloc(k + 1, sizeof *units->n);
    units->raw = calloc(k + 1, sizeof *units->raw);
    units->mean = calloc(k + 1, sizeof *units->mean);
    units->var = calloc(k + 1, sizeof *units->var);
    return units->name == NULL || units->n == NULL || units->raw == NULL || units->mean == NULL ||
                   units->var == NULL
               ? RK_ENOMEM
               : RK_OK;
}

/* Numbers the units of the rows in first-seen order. unit: one a row. */
static enum rk_status number_units(const struct rk_table *table, size_t id,
                                   struct ranking_units *units, size_t *unit)
{
    const struct rk_column *column = &table->column[id];
    size_t n_codes = rk_dict_size(column->dict), k = 0;
    size_t *of_code = malloc((n_codes + 1) * sizeof *of_code);

    if (of_code == NULL || ranking_units_room(units, n_codes) != RK_OK) {
        free(of_code);
        return RK_ENOMEM;
    }
    for (size_t c = 0; c < n_codes; c++)
        of_code[c] = SIZE_MAX;
    for (size_t i = 0; i < table->n_rows; i++) {
        uint32_t code = column->code[i];

        if (of_code[code] == SIZE_MAX) {
            units->name[k] = rk_dict_label(column->dict, code);
            of_code[code] = k++;
        }
        unit[i] = of_code[code];
    }
    units->k = k;
    units->n_rows = table->n_rows;
    free(of_code);
    return RK_OK;
}

/* Means of y by unit into mean, with compensated sums from the first value. */
static enum rk_status means_by_unit(const double *y, const size_t *unit, size_t n, size_t k,
                                    double *count, double *mean)
{
    struct rk_sum *sum = calloc(k + 1, sizeof *sum);

    if (sum == NULL)
        return RK_ENOMEM;
    for (size_t u = 0; u < k; u++)
        count[u] = 0.0;
    for (size_t i = 0; i < n; i++) {
        rk_sum_add(&sum[unit[i]], y[i] - y[0]);
        count[unit[i]] += 1.0;
    }
    for (size_t u = 0; u < k; u++)
        mean[u] = y[0] + rk_sum_value(&sum[u]) / count[u];
    free(sum);
    return RK_OK;
}

void ranking_variances(struct ranking_units *u, int which, double all, double df)
{
    bool own = which != RK_VARIANCE_POOLED;

    for (size_t g = 0; g < u->k; g++)
        own = own && u->var[g] > 0.0 &&
              u->n[g] >= (which == RK_VARIANCE_OWN ? 2.0 : (double)OWN_VARIANCE_FROM);
    for (size_t g = 0; g < u->k; g++)
        u->var[g] = (own ? u->var[g] / (u->n[g] - 1.0) : all / df) / u->n[g];
    u->own_variance = own;
}

/* Variances of the means, and what the warnings look at. */
static void variances(const double *y, const size_t *unit, size_t n, int which,
                      struct ranking_units *u, double *last)
{
    double all = 0.0, cubes = 0.0, products = 0.0, total = 0.0, largest = 0.0;

    for (size_t g = 0; g < u->k; g++)
        last[g] = NAN;
    for (size_t i = 0; i < n; i++) {
        double d = y[i] - u->mean[unit[i]];

        u->var[unit[i]] += d * d;
        all += d * d;
        products += isnan(last[unit[i]]) ? 0.0 : d * last[unit[i]];
        last[unit[i]] = d;
        total += y[i];
        largest = fmax(largest, y[i]);
    }
    for (size_t i = 0; i < n; i++) {
        double z = (y[i] - u->mean[unit[i]]) / sqrt(all / (double)n);

        cubes += z * z * z;
    }
    u->lag1 = products / all;
    u->skewness = cubes / (double)n;
    u->largest_share = total > 0.0 ? largest / total : 0.0;
    ranking_variances(u, which, all, (double)(n - u->k));
}

/* Whether units differ in the share of their rows that are missing. */
static enum rk_status look_at_missing(const struct rk_table *table, size_t id, size_t value,
                                      struct ranking_units *u)
{
    struct missing_look look;
    enum rk_status status =
        column_missing_by_label(table->column[value].number, table->column[id].code,
                                rk_dict_size(table->column[id].dict), table->n_rows, &look);

    if (status == RK_OK) {
        u->missing_share = look.share;
        u->missing_p = look.p_value;
    }
    return status;
}

static enum rk_status compute_means(const struct rk_table *rows, size_t id, size_t value,
                                    const struct rk_model_frame *frame,
                                    const struct rk_ranking_options *options,
                                    const struct rk_ctx *ctx, struct ranking_units *u,
                                    struct rk_error *error)
{
    size_t n = rows->n_rows, *unit = malloc((n + 1) * sizeof *unit);
    double *y = malloc((n + 1) * sizeof *y), *last = NULL;
    enum rk_status status = unit == NULL || y == NULL ? RK_ENOMEM : number_units(rows, id, u, unit);

    if (status == RK_OK && u->k < 4)
        status = rk_fail(error, RK_ETOOFEW, "%zu %s: means need four units at least", u->k,
                         u->k == 1 ? "unit" : "units");
    if (status == RK_OK && n == u->k)
        status = rk_fail(error, RK_ETOOFEW, "one value a unit: nothing says how much they vary");
    if (status == RK_OK)
        memcpy(y, rows->column[value].number, n * sizeof *y);
    if (status == RK_OK)
        status = means_by_unit(y, unit, n, u->k, u->n, u->raw);
    u->n_parameters = 1;
    if (status == RK_OK && frame != NULL)
        status = ranking_adjust(frame, unit, u->k, y, ctx, &u->n_parameters, error);
    if (status == RK_OK)
        status = means_by_unit(y, unit, n, u->k, u->n, u->mean);
    if (status == RK_OK && (last = malloc((u->k + 1) * sizeof *last)) == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK)
        variances(y, unit, n, options->variance, u, last);
    free(unit);
    free(y);
    free(last);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

/* A copy of the rows that are complete in the two columns. */
static enum rk_status complete_copy(const struct rk_table *table, const size_t *columns, size_t n,
                                    int missing, struct rk_table **copy, struct rk_error *error)
{
    size_t *rows, n_rows;
    enum rk_status status = rk_complete_rows(table, columns, n, missing, &rows, &n_rows, error);

    if (status != RK_OK)
        return status;
    if (n_rows == 0)
        status = rk_fail(error, RK_ENODATA, "no complete row");
    else if ((*copy = rk_table_rows(table, rows, n_rows)) == NULL)
        status = rk_fail_memory(error);
    free(rows);
    return status;
}

enum rk_status ranking_means(const struct rk_table *table, const struct rk_ranking_options *options,
                             const struct rk_ctx *ctx, struct ranking_units *units,
                             struct rk_error *error)
{
    struct rk_table *rows = NULL, *framed = NULL;
    struct rk_model_frame *frame = NULL;
    size_t column[2];
    enum rk_status status = rk_column_index(table, options->id, RK_TEXT, &column[0], error);

    memset(units, 0, sizeof *units);
    if (status == RK_OK)
        status = rk_column_index(table, options->value, RK_NUMBER, &column[1], error);
    if (status == RK_OK)
        status = complete_copy(table, column, 2, options->common.missing, &rows, error);
    if (status == RK_OK && options->adjust != NULL)
        status = ranking_frame(rows, options->adjust, options->common.missing, &frame, error);
    if (status == RK_OK && frame != NULL &&
        (framed = rk_table_rows(rows, frame->row, frame->n)) == NULL)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = compute_means(framed != NULL ? framed : rows, column[0], column[1], frame, options,
                               ctx, units, error);
    /* Names outlive the copies: they are those of the table itself. */
    for (size_t u = 0; status == RK_OK && u < units->k; u++) {
        const struct rk_dict *dict = table->column[column[0]].dict;

        units->name[u] =
            rk_dict_label(dict, rk_dict_find(dict, units->name[u], strlen(units->name[u])));
    }
    if (status == RK_OK && look_at_missing(table, column[0], column[1], units) != RK_OK)
        status = rk_fail_memory(error);
    rk_model_frame_free(frame);
    rk_table_free(framed);
    rk_table_free(rows);
    return status;
}

/* --- rates ---------------------------------------------------------------------------------- */

static enum rk_status check_counts(const struct rk_table *table, size_t i, const size_t *column,
                                   struct rk_error *error)
{
    double s = table->column[column[1]].number[i], n = table->column[column[2]].number[i];
    size_t wrong = column[2];

    if (!(n >= 0.0) || n != floor(n)) {
        rk_fail(error, RK_EINPUT, "%g is no count of trials", n);
    } else if (!(s >= 0.0) || s != floor(s)) {
        wrong = column[1];
        rk_fail(error, RK_EINPUT, "%g is no count of successes", s);
    } else if (s > n) {
        wrong = column[1];
        rk_fail(error, RK_EINPUT, "%g successes of %g trials", s, n);
    } else {
        return RK_OK;
    }
    return rk_fail_at(error, table->name, rk_table_line(table, i), table->column[wrong].name);
}

void ranking_drop_empty(struct ranking_units *u)
{
    size_t k = 0;

    for (size_t g = 0; g < u->k; g++) {
        if (u->n[g] == 0.0) {
            u->n_no_trials++;
            continue;
        }
        u->name[k] = u->name[g];
        u->n[k] = u->var[k] = u->n[g];
        u->mean[k] = u->mean[g];
        u->raw[k] = u->mean[g] / u->n[g];
        k++;
    }
    u->k = k;
}

enum rk_status ranking_rates(const struct rk_table *table, const struct rk_ranking_options *options,
                             struct ranking_units *units, struct rk_error *error)
{
    size_t column[3], *rows = NULL, *unit = NULL, n = 0;
    struct rk_table *copy = NULL;
    enum rk_status status = rk_column_index(table, options->id, RK_TEXT, &column[0], error);

    memset(units, 0, sizeof *units);
    if (status == RK_OK)
        status = rk_column_index(table, options->successes, RK_NUMBER, &column[1], error);
    if (status == RK_OK)
        status = rk_column_index(table, options->trials, RK_NUMBER, &column[2], error);
    if (status == RK_OK)
        status = rk_complete_rows(table, column, 3, options->common.missing, &rows, &n, error);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        status = check_counts(table, rows[i], column, error);
    if (status == RK_OK && n == 0)
        status = rk_fail(error, RK_ENODATA, "no complete row");
    if (status == RK_OK && ((copy = rk_table_rows(table, rows, n)) == NULL ||
                            (unit = calloc(n, sizeof *unit)) == NULL ||
                            number_units(copy, column[0], units, unit) != RK_OK))
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        units->mean[unit[i]] += table->column[column[1]].number[rows[i]];
        units->n[unit[i]] += table->column[column[2]].number[rows[i]];
    }
    for (size_t u = 0; status == RK_OK && u < units->k; u++) {
        const struct rk_dict *dict = table->column[column[0]].dict;

        units->name[u] =
            rk_dict_label(dict, rk_dict_find(dict, units->name[u], strlen(units->name[u])));
    }
    if (status == RK_OK) {
        ranking_drop_empty(units);
        if (look_at_missing(table, column[0], column[1], units) != RK_OK)
            status = rk_fail_memory(error);
    }
    if (status == RK_OK && units->k < 2)
        status = rk_fail(error, RK_ETOOFEW, "rates need two units with trials at least");
    free(rows);
    free(unit);
    rk_table_free(copy);
    return status;
}
