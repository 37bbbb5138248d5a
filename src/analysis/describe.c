/* rep-describe: what do the numbers look like? */
#include "repkit/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/moments.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/words.h"

enum {
    VARIABLE,
    N,
    N_MISSING,
    MEAN,
    SD,
    SE,
    CONF_LOW,
    CONF_HIGH,
    MIN,
    P25,
    MEDIAN,
    P75,
    MAX,
    FIRST_QUANTILE /* the further quantiles, then the note */
};

static const struct rk_field fields[] = {
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

enum { N_QUARTILES = 3, MOST_QUANTILES = 64 };
static const double quartiles[N_QUARTILES] = {0.25, 0.5, 0.75};

enum rk_status rk_describe_wants(const struct rk_describe_options *options, struct rk_wants *wants)
{
    wants->all = wants->numbers = options->columns.n == 0;
    return rk_wants_names(wants, &options->columns, RK_AS_NUMBER);
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

static void declare(struct rk_result *result, const void *data)
{
    const struct rk_describe_options *options = data;
    struct rk_field all[FIRST_QUANTILE + MOST_QUANTILES + 1];
    char names[MOST_QUANTILES][24];
    double p[MOST_QUANTILES];
    size_t n = FIRST_QUANTILE;

    memcpy(all, fields, sizeof fields);
    if (read_quantiles(options, p, NULL) == RK_OK) /* checked before by the run */
        for (size_t k = 0; k < options->quantiles.n; k++) {
            quantile_name(p[k], names[k], sizeof names[k]);
            all[n++] = (struct rk_field){names[k], RK_NUMBER, RK_GENERAL};
        }
    all[n++] = (struct rk_field){"note", RK_TEXT, RK_GENERAL};
    rk_result_declare(result, "describe", all, n);
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

/* A variable's numbers. */
struct variable {
    struct rk_moments m;
    double *quantile; /* the quartiles, then the further ones */
};

static void put_variable(const char *name, const struct variable *variable, size_t n_rows,
                         const struct rk_describe_options *options, struct rk_result *result)
{
    const struct rk_moments *m = &variable->m;
    size_t note = FIRST_QUANTILE + options->quantiles.n;
    double low, high;

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, name);
    rk_put(result, 0, N, (double)m->n);
    rk_put(result, 0, N_MISSING, (double)(n_rows - m->n));
    if (m->n == 0) {
        rk_put_text(result, 0, note, rk_status_words(RK_ENODATA));
        return;
    }
    rk_mean_interval(m, options->common.conf_level, &low, &high);
    put_moments(result, m, low, high);
    for (size_t k = 0; k < N_QUARTILES; k++)
        rk_put(result, 0, P25 + k, variable->quantile[k]);
    for (size_t k = 0; k < options->quantiles.n; k++)
        rk_put(result, 0, FIRST_QUANTILE + k, variable->quantile[N_QUARTILES + k]);
    if (m->n == 1)
        rk_put_text(result, 0, note, rk_status_words(RK_ETOOFEW));
    else if (m->sd == 0.0)
        rk_put_text(result, 0, note, rk_status_words(RK_ECONSTANT));
    if (options->common.explain && m->n > 1)
        explain(result, name, m, low, high, variable->quantile, options->common.conf_level);
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

/* The variables of a table, and the rows that count for all of them. */
struct work {
    const struct rk_table *table;
    const struct rk_describe_options *options;
    const size_t *column;
    const size_t *rows; /* NULL: all, each column by itself */
    size_t n_rows;
    const double *p; /* of all quantiles */
    size_t n_p;
    struct variable *variable;
};

static size_t count_values(const double *x, size_t n)
{
    size_t n_values = 0;

    for (size_t i = 0; i < n; i++)
        n_values += !isnan(x[i]);
    return n_values;
}

/* The values that count, into a buffer with room for them. */
static void gather_values(const struct work *work, const double *x, double *to)
{
    size_t n = 0;

    for (size_t i = 0; i < work->n_rows; i++) {
        double value = x[work->rows != NULL ? work->rows[i] : i];

        if (!isnan(value))
            to[n++] = value;
    }
}

/* One variable; its column is read where it stands unless cells of it do not count. */
static enum rk_status describe_variable(void *data, size_t block, size_t first, size_t last)
{
    struct work *work = data;
    struct variable *variable = &work->variable[block];
    const double *x = work->table->column[work->column[block]].number;
    size_t n = work->rows != NULL ? work->n_rows : count_values(x, work->n_rows);
    double *gathered = NULL;
    enum rk_status status = RK_OK;

    (void)first, (void)last;
    if (work->rows != NULL || n < work->n_rows) {
        gathered = malloc((n + 1) * sizeof *gathered);
        if (gathered == NULL)
            return RK_ENOMEM;
        gather_values(work, x, gathered);
        x = gathered;
    }
    variable->m = rk_moments_of(x, n);
    if (n > 0)
        status = rk_quantiles_of(x, n, work->p, work->n_p, (int)work->options->quantile_type,
                                 variable->quantile);
    free(gathered);
    return status;
}

/* Threads cost more than they bring where there are few values. */
static enum rk_status describe_variables(struct work *work, size_t n_columns,
                                         const struct rk_ctx *ctx, struct rk_error *error)
{
    enum { WORTH_THREADS = 100000 };
    struct rk_ctx alone = ctx != NULL ? *ctx : (struct rk_ctx)RK_CTX_DEFAULT;
    enum rk_status status;

    if (work->n_rows * n_columns < WORTH_THREADS)
        alone.threads = 1;
    alone.progress = NULL;
    status = rk_parallel_blocks(&alone, n_columns, 1, describe_variable, work);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

static enum rk_status describe_columns(struct work *work, size_t n_columns,
                                       const struct rk_ctx *ctx, struct rk_result *result,
                                       struct rk_error *error)
{
    double *quantile = malloc((n_columns * work->n_p + 1) * sizeof *quantile);
    enum rk_status status = RK_OK;

    work->variable = calloc(n_columns + 1, sizeof *work->variable);
    if (quantile == NULL || work->variable == NULL) {
        status = rk_fail_memory(error);
    } else {
        for (size_t j = 0; j < n_columns; j++)
            work->variable[j].quantile = quantile + j * work->n_p;
        status = describe_variables(work, n_columns, ctx, error);
    }
    for (size_t j = 0; status == RK_OK && j < n_columns; j++)
        put_variable(work->table->column[work->column[j]].name, &work->variable[j],
                     work->table->n_rows, work->options, result);
    free(work->variable);
    free(quantile);
    return status;
}

static enum rk_status describe_group(const struct rk_table *table, const void *data,
                                     const struct rk_ctx *ctx, struct rk_result *result,
                                     struct rk_error *error)
{
    const struct rk_describe_options *options = data;
    double p[N_QUARTILES + MOST_QUANTILES];
    struct work work = {.table = table, .options = options, .n_rows = table->n_rows, .p = p};
    size_t *columns, *rows = NULL, n;
    enum rk_status status = find_columns(table, options, &columns, &n, error);

    if (status != RK_OK)
        return status;
    memcpy(p, quartiles, sizeof quartiles);
    read_quantiles(options, p + N_QUARTILES, NULL); /* checked before */
    work.n_p = N_QUARTILES + options->quantiles.n;
    work.column = columns;
    if (options->common.missing != RK_MISSING_PAIRWISE)
        status = rk_complete_rows(table, columns, n, options->common.missing, &rows, &work.n_rows,
                                  error);
    work.rows = work.n_rows < table->n_rows ? rows : NULL;
    if (status == RK_OK)
        status = describe_columns(&work, n, ctx, result, error);
    free(rows);
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
