/* rep-describe: what do the numbers look like? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe_parts.h"
#include "repkit/quantile.h"
#include "repkit/words.h"

static const struct rk_field basic_fields[N_BASIC] = {
    [VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [N_MISSING] = {"n_missing", RK_NUMBER, RK_COUNT},
    [MEAN] = {"mean", RK_NUMBER, RK_GENERAL},
    [SD] = {"sd", RK_NUMBER, RK_GENERAL},
    [SE] = {"se", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [MIN] = {"min", RK_NUMBER, RK_GENERAL},
    [P25] = {"p25", RK_NUMBER, RK_GENERAL},
    [MEDIAN] = {"median", RK_NUMBER, RK_GENERAL},
    [P75] = {"p75", RK_NUMBER, RK_GENERAL},
    [MAX] = {"max", RK_NUMBER, RK_GENERAL},
};

enum { N_QUARTILES = 3 };
static const double quartiles[N_QUARTILES] = {0.25, 0.5, 0.75};

enum rk_status rk_describe_wants(const struct rk_describe_options *options, struct rk_wants *wants)
{
    enum rk_status status;

    wants->all = options->columns.n == 0;
    status = rk_wants_names(wants, &options->columns, options->freq ? RK_AS_LABEL : RK_AS_NUMBER);
    if (status == RK_OK && options->weights != NULL)
        status = rk_wants_add(wants, options->weights, RK_AS_NUMBER);
    return status;
}

/* --- the table's shape -------------------------------------------------------------------- */

/* p2_5 for 0.025: percents, a point written as an underscore. */
static void quantile_name(double p, char *name, size_t size)
{
    snprintf(name, size, "p%.6g", 100.0 * p);
    for (char *c = name; *c != '\0'; c++)
        if (*c == '.')
            *c = '_';
}

static enum rk_status read_quantiles(const struct rk_describe_options *options, double *p,
                                     struct rk_error *error)
{
    if (options->quantiles.n > MOST_QUANTILES)
        return rk_fail(error, RK_EUSAGE, "--quantiles: at most %d", MOST_QUANTILES);
    for (size_t k = 0; k < options->quantiles.n; k++) {
        const char *text = options->quantiles.name[k];

        if (rk_number_read(text, strlen(text), '.', &p[k], NULL) != RK_READ_OK ||
            !(p[k] >= 0.0 && p[k] <= 1.0))
            return rk_fail(error, RK_EUSAGE, "--quantiles: '%s' is no probability between 0 and 1",
                           text);
    }
    return RK_OK;
}

struct describe_layout rk_describe_layout(const struct rk_describe_options *options)
{
    struct describe_layout at = {.full = N_BASIC};

    at.quantiles = at.full + (options->full ? N_FULL : 0);
    at.normality = at.quantiles + options->quantiles.n;
    at.histogram = at.normality + (options->normality ? N_NORMALITY : 0);
    at.note = at.histogram + 1;
    at.n = at.note + 1;
    return at;
}

static void declare(struct rk_result *result, const void *data)
{
    const struct rk_describe_options *options = data;
    struct describe_layout at = rk_describe_layout(options);
    struct rk_field all[MOST_FIELDS];
    char names[MOST_QUANTILES][24];
    double p[MOST_QUANTILES];

    if (options->freq) {
        rk_describe_declare_freq(result);
        return;
    }
    memcpy(all, basic_fields, sizeof basic_fields);
    if (options->full)
        memcpy(all + at.full, rk_describe_full_fields, sizeof rk_describe_full_fields);
    read_quantiles(options, p, NULL); /* checked before by the run */
    for (size_t k = 0; k < options->quantiles.n; k++) {
        quantile_name(p[k], names[k], sizeof names[k]);
        all[at.quantiles + k] = (struct rk_field){names[k], RK_NUMBER, RK_GENERAL};
    }
    if (options->normality)
        memcpy(all + at.normality, rk_describe_normality_fields,
               sizeof rk_describe_normality_fields);
    all[at.histogram] = (struct rk_field){"histogram", RK_TEXT, RK_PEOPLE};
    all[at.note] = (struct rk_field){"note", RK_TEXT, RK_GENERAL};
    rk_result_declare(result, "describe", all, at.n);
}

/* --- one variable ------------------------------------------------------------------------- */

static void explain(struct rk_result *result, const char *name, const struct rk_moments *m,
                    double low, double high, const double *quartile, double conf_level)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_add(&row, name);
    rk_text_format(&manager, "%s averages ", name);
    rk_say_number(&manager, m->mean);
    rk_say_interval(&manager, conf_level, low, high);
    rk_text_add(&manager, "; the middle half lies between ");
    rk_say_number(&manager, quartile[0]);
    rk_text_add(&manager, " and ");
    rk_say_number(&manager, quartile[2]);
    rk_text_add(&manager, ".");

    rk_text_format(&paper, "%s: n = %zu, M = ", name, m->n);
    rk_say_number(&paper, m->mean);
    rk_text_add(&paper, ", SD = ");
    rk_say_number(&paper, m->sd);
    rk_say_ci(&paper, conf_level, low, high);
    rk_text_add(&paper, ", Mdn = ");
    rk_say_number(&paper, quartile[1]);
    rk_text_add(&paper, ".");
    rk_explain(result, &row, &manager, &paper);
}

static void put_moments(struct rk_result *result, const struct rk_moments *m, double low,
                        double high)
{
    rk_put(result, 0, MEAN, m->mean);
    rk_put(result, 0, SD, m->sd);
    rk_put(result, 0, SE, m->se);
    rk_put(result, 0, CONF_LOW, low);
    rk_put(result, 0, CONF_HIGH, high);
    rk_put(result, 0, MIN, m->min);
    rk_put(result, 0, MAX, m->max);
}

static void put_quantiles(struct rk_result *result, double *x, size_t n,
                          const struct rk_describe_options *options, size_t first, double *quartile)
{
    double further[MOST_QUANTILES], p[MOST_QUANTILES];

    rk_quantiles(x, n, quartiles, N_QUARTILES, (int)options->quantile_type, quartile);
    for (size_t k = 0; k < N_QUARTILES; k++)
        rk_put(result, 0, P25 + k, quartile[k]);
    read_quantiles(options, p, NULL);
    rk_quantiles(x, n, p, options->quantiles.n, (int)options->quantile_type, further);
    for (size_t k = 0; k < options->quantiles.n; k++)
        rk_put(result, 0, first + k, further[k]);
}

/* What needs the values in order. */
static enum rk_status put_ordered(struct rk_result *result, double *x, size_t n,
                                  const struct rk_moments *m,
                                  const struct rk_describe_options *options,
                                  const struct describe_layout *at)
{
    double *spare;

    if (!options->full && !options->normality)
        return RK_OK;
    spare = malloc(n * sizeof *spare);
    if (spare == NULL)
        return RK_ENOMEM;
    rk_sort(x, n);
    if (options->full)
        rk_describe_put_full(result, at->full, x, n, m, options, spare);
    if (options->normality)
        rk_describe_put_normality(result, at->normality, x, n, m, spare);
    free(spare);
    return RK_OK;
}

/* x is the variable's values, n of them beside n_missing; it is reordered. */
static enum rk_status describe_values(const char *name, double *x, size_t n, size_t n_missing,
                                      const struct rk_describe_options *options,
                                      struct rk_result *result)
{
    struct describe_layout at = rk_describe_layout(options);
    struct rk_moments m = rk_moments_of(x, n);
    double quartile[N_QUARTILES], low, high;
    char histogram[32];

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, name);
    rk_put(result, 0, N, (double)n);
    rk_put(result, 0, N_MISSING, (double)n_missing);
    if (n == 0) {
        rk_put_text(result, 0, at.note, rk_status_words(RK_ENODATA));
        return RK_OK;
    }
    rk_mean_interval(&m, options->common.conf_level, &low, &high);
    put_moments(result, &m, low, high);
    put_quantiles(result, x, n, options, at.quantiles, quartile);
    rk_describe_histogram(x, n, &m, histogram);
    rk_put_text(result, 0, at.histogram, histogram);
    if (n == 1)
        rk_put_text(result, 0, at.note, rk_status_words(RK_ETOOFEW));
    else if (m.sd == 0.0)
        rk_put_text(result, 0, at.note, rk_status_words(RK_ECONSTANT));
    if (options->common.explain && n > 1)
        explain(result, name, &m, low, high, quartile, options->common.conf_level);
    return put_ordered(result, x, n, &m, options, &at);
}

/* --- a group ------------------------------------------------------------------------------ */

/* The columns to describe: those named, or all of numbers. free() it. */
static enum rk_status find_columns(const struct rk_table *table,
                                   const struct rk_describe_options *options, size_t **columns,
                                   size_t *n, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (options->columns.n == 0) {
        if (rk_number_columns(table, columns, n) != RK_OK)
            return rk_fail_memory(error);
        if (*n > 0)
            return RK_OK;
        free(*columns);
        rk_fail(error, RK_EINPUT, "no column of numbers");
        return rk_fail_at(error, table->name, 0, NULL);
    }
    *columns = malloc(options->columns.n * sizeof **columns);
    if (*columns == NULL)
        return rk_fail_memory(error);
    *n = options->columns.n;
    for (size_t j = 0; status == RK_OK && j < *n; j++)
        status = rk_column_index(table, options->columns.name[j], RK_NUMBER, &(*columns)[j], error);
    if (status != RK_OK)
        free(*columns);
    return status;
}

/* The values of a column in the given rows, each as often as it counts; returns how many. */
static size_t gather(const struct rk_column *column, const size_t *rows, size_t n_rows,
                     const size_t *weights, double *x)
{
    size_t n = 0;

    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 0; k < weights[rows[i]]; k++)
            x[n++] = column->number[rows[i]];
    return n;
}

static enum rk_status describe_columns(const struct rk_table *table, const size_t *columns,
                                       size_t n_columns, const struct rk_describe_options *options,
                                       const struct rk_ctx *ctx, struct rk_result *result,
                                       struct rk_error *error)
{
    bool each_by_itself = options->common.missing == RK_MISSING_PAIRWISE;
    size_t *weights = NULL, total = 0;
    double *x = NULL;
    enum rk_status status = rk_describe_weights(table, options, &weights, &total, error);

    if (status == RK_OK && (x = malloc((total + 1) * sizeof *x)) == NULL)
        status = rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < n_columns; j++) {
        const struct rk_column *column = &table->column[columns[j]];
        size_t *rows, n;

        if (options->weights != NULL && strcmp(column->name, options->weights) == 0 &&
            options->columns.n == 0)
            continue;
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = rk_complete_rows(table, each_by_itself ? columns + j : columns,
                                      each_by_itself ? 1 : n_columns, options->common.missing,
                                      &rows, &n, error);
        if (status != RK_OK)
            break;
        n = gather(column, rows, n, weights, x);
        free(rows);
        status = describe_values(column->name, x, n, total - n, options, result);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
    }
    free(x);
    free(weights);
    return status;
}

static enum rk_status describe_group(const struct rk_table *table, const void *data,
                                     const struct rk_ctx *ctx, struct rk_result *result,
                                     struct rk_error *error)
{
    const struct rk_describe_options *options = data;
    size_t *columns, n;
    enum rk_status status;

    if (options->freq)
        return rk_describe_freq(table, options, result, error);
    status = find_columns(table, options, &columns, &n, error);

    if (status != RK_OK)
        return status;
    status = describe_columns(table, columns, n, options, ctx, result, error);
    free(columns);
    return status;
}

enum rk_status rk_describe_run(const struct rk_table *table,
                               const struct rk_describe_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error)
{
    double p[MOST_QUANTILES];
    enum rk_status status = read_quantiles(options, p, error);

    if (status != RK_OK)
        return status;
    return rk_run_groups(table, &options->common, declare, describe_group, options, ctx, result,
                         error);
}
