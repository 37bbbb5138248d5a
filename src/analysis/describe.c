/* rep-describe: what do the numbers look like? */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe_parts.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"

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
    wants->numbers = !options->freq;
    status = rk_wants_names(wants, &options->columns,
                            options->freq ? RK_AS_LABEL : RK_AS_NUMBER_OR_LABEL);
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

/* The quantile of t last used: groups are often of one size. */
struct student {
    size_t n;
    double t;
};

static void declare(struct rk_result *result, const void *data)
{
    const struct rk_describe_options *options = data;
    struct describe_layout at = rk_describe_layout(options);
    struct rk_field all[MOST_FIELDS];
    char names[MOST_QUANTILES][24];
    double p[MOST_QUANTILES] = {0};

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

void rk_describe_put_mean(struct rk_result *result, const struct rk_moments *m, double low,
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

void rk_describe_put_note(struct rk_result *result, size_t note, const struct rk_moments *m)
{
    if (m->n == 1)
        rk_put_text(result, 0, note, rk_status_words(RK_ETOOFEW));
    else if (m->sd == 0.0)
        rk_put_text(result, 0, note, rk_status_words(RK_ECONSTANT));
}

/* What needs the values in order; its words go to `further`. */
static enum rk_status put_ordered(struct rk_result *result, double *x, size_t n,
                                  const struct rk_moments *m,
                                  const struct rk_describe_options *options,
                                  const struct describe_layout *at, struct rk_text *further)
{
    double *spare = malloc(n * sizeof *spare);

    if (spare == NULL)
        return RK_ENOMEM;
    rk_sort(x, n);
    if (options->full)
        rk_describe_put_full(result, at->full, x, n, m, options, spare);
    if (options->normality)
        rk_describe_put_normality(result, at->normality, x, n, m, spare);
    if (options->common.explain)
        rk_describe_say_ordered(x, n, m, options, spare, further);
    free(spare);
    return RK_OK;
}

/* A variable's numbers. */
struct variable {
    size_t column;
    struct rk_moments m;
    double *quantile; /* the quartiles, then the further ones */
    struct column_look look;
    char histogram[32];
};

/* rk_mean_interval, without inverting the same t again. */
static void mean_interval(const struct rk_moments *m, double conf_level, struct student *last,
                          double *low, double *high)
{
    if (last->n != m->n) {
        struct rk_moments unit = {.n = m->n, .mean = 0.0, .se = 1.0};

        rk_mean_interval(&unit, conf_level, low, &last->t);
        last->n = m->n;
    }
    *low = m->mean - last->t * m->se;
    *high = m->mean + last->t * m->se;
}

static void put_variable(const char *name, const struct variable *variable, size_t n_missing,
                         const struct rk_describe_options *options, struct rk_result *result)
{
    struct describe_layout at = rk_describe_layout(options);
    const struct rk_moments *m = &variable->m;
    double low, high;

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, name);
    rk_put(result, 0, N, (double)m->n);
    rk_put(result, 0, N_MISSING, (double)n_missing);
    if (m->n == 0) {
        rk_put_text(result, 0, at.note, rk_status_words(RK_ENODATA));
        return;
    }
    mean_interval(m, options->common.conf_level, result->tally, &low, &high);
    rk_describe_put_mean(result, m, low, high);
    for (size_t k = 0; k < N_QUARTILES; k++)
        rk_put(result, 0, P25 + k, variable->quantile[k]);
    for (size_t k = 0; k < options->quantiles.n; k++)
        rk_put(result, 0, at.quantiles + k, variable->quantile[N_QUARTILES + k]);
    rk_put_text(result, 0, at.histogram, variable->histogram);
    rk_describe_put_note(result, at.note, m);
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
        status = rk_describe_column(table, options->columns.name[j], &(*columns)[j], error);
    if (status != RK_OK)
        free(*columns);
    return status;
}

/* The variables of a table, and the rows that count. */
struct work {
    const struct rk_table *table;
    const struct rk_describe_options *options;
    size_t *rows; /* complete in all columns; NULL: each column by itself */
    size_t n_rows;
    size_t *weights; /* how often each row counts; NULL: once */
    size_t total;    /* of the weights */
    const double *p; /* of all quantiles */
    size_t n_p;
    struct variable *variable;
    size_t n_variables;
};

/* How many values of the column count. */
static size_t count_values(const struct work *work, const struct rk_column *column)
{
    const double *x = column->type == RK_TEXT ? NULL : column->number;
    size_t n = 0;

    for (size_t i = 0; i < work->n_rows; i++) {
        size_t row = work->rows != NULL ? work->rows[i] : i;

        if (x != NULL ? !isnan(x[row]) : column->code[row] != RK_NO_CODE)
            n += work->weights != NULL ? work->weights[row] : 1;
    }
    return n;
}

/* A copy of the values that count, each as often as it does. free() it. */
static double *gather_values(const struct work *work, const double *x, size_t n_values)
{
    double *values = calloc(n_values + 1, sizeof *values);
    size_t n = 0;

    for (size_t i = 0; values != NULL && i < work->n_rows; i++) {
        size_t row = work->rows != NULL ? work->rows[i] : i;

        for (size_t k = work->weights != NULL ? work->weights[row] : 1; k > 0 && !isnan(x[row]);
             k--)
            values[n++] = x[row];
    }
    return values;
}

/* One variable; its column is read where it stands if all of it counts, once. */
static enum rk_status describe_variable(void *data, size_t block, size_t first, size_t last)
{
    struct work *work = data;
    struct variable *variable = &work->variable[block];
    const struct rk_column *column = &work->table->column[variable->column];
    const double *x = column->number;
    size_t n = count_values(work, column);
    double *gathered = NULL;
    enum rk_status status = RK_OK;

    (void)first, (void)last;
    if (column->type == RK_TEXT) {
        variable->m.n = n;
        return RK_OK;
    }
    if (work->weights != NULL || n < work->table->n_rows) {
        gathered = gather_values(work, x, n);
        if (gathered == NULL)
            return RK_ENOMEM;
        x = gathered;
    }
    variable->m = rk_moments_of(x, n);
    if (n > 0) {
        status = rk_quantiles_of(x, n, work->p, work->n_p, (int)work->options->quantile_type,
                                 variable->quantile);
        rk_describe_histogram(x, n, &variable->m, variable->histogram);
        column_look(x, NULL, n, &variable->look);
    }
    free(gathered);
    return status;
}

/* Threads cost more than they bring where there are few values. */
static enum rk_status describe_variables(struct work *work, const struct rk_ctx *ctx)
{
    enum { WORTH_THREADS = 100000 };
    struct rk_ctx quiet = ctx != NULL ? *ctx : (struct rk_ctx)RK_CTX_DEFAULT;

    quiet.progress = NULL;
    if (work->n_rows * work->n_variables < WORTH_THREADS)
        quiet.threads = 1;
    return rk_parallel_blocks(&quiet, work->n_variables, 1, describe_variable, work);
}

static void explain(const struct variable *variable, const char *name,
                    const struct rk_describe_options *options, const struct rk_text *further,
                    struct rk_result *result)
{
    struct describe_row row = {
        .name = name, .moments = &variable->m, .quartile = variable->quantile};

    mean_interval(&variable->m, options->common.conf_level, result->tally, &row.low, &row.high);
    rk_describe_explain(&row, options->common.conf_level, further, result);
}

static enum rk_status put_variables(const struct work *work, struct rk_result *result)
{
    const struct rk_describe_options *options = work->options;
    struct describe_layout at = rk_describe_layout(options);
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < work->n_variables; j++) {
        const struct variable *variable = &work->variable[j];
        const struct rk_column *column = &work->table->column[variable->column];
        struct rk_text further = {0};

        if (column->type == RK_TEXT) {
            rk_describe_put_text(result, column->name, variable->m.n, work->total - variable->m.n,
                                 options);
            continue;
        }
        put_variable(column->name, variable, work->total - variable->m.n, options, result);
        if ((options->full || options->normality) && variable->m.n > 0) {
            double *x = gather_values(work, column->number, variable->m.n);

            status = x == NULL ? RK_ENOMEM
                               : put_ordered(result, x, variable->m.n, &variable->m, options, &at,
                                             &further);
            free(x);
        }
        if (options->common.explain && variable->m.n > 1)
            explain(variable, column->name, options, &further, result);
        rk_text_free(&further);
    }
    return status;
}

static enum rk_status warn_variables(const struct work *work, struct rk_result *result)
{
    struct describe_seen *seen = calloc(work->n_variables + 1, sizeof *seen);
    size_t n = 0;
    enum rk_status status;

    if (seen == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < work->n_variables; j++) {
        const struct variable *v = &work->variable[j];
        const struct rk_column *column = &work->table->column[v->column];

        if (column->type == RK_TEXT)
            continue;
        seen[n] =
            (struct describe_seen){.name = column->name, .column = v->column, .look = v->look};
        for (size_t i = 0; work->total > v->m.n && i < work->table->n_rows; i++)
            seen[n].n_missing += isnan(column->number[i]);
        n++;
    }
    status = rk_describe_warn(work->table, seen, n, result);
    free(seen);
    return status;
}

/* The variables to describe, without the weights unless they are asked for. */
static enum rk_status make_variables(struct work *work, const size_t *columns, size_t n_columns,
                                     double **quantile)
{
    const struct rk_describe_options *options = work->options;

    work->variable = calloc(n_columns + 1, sizeof *work->variable);
    *quantile = malloc((n_columns * work->n_p + 1) * sizeof **quantile);
    if (work->variable == NULL || *quantile == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < n_columns; j++) {
        struct variable *variable = &work->variable[work->n_variables];

        if (options->weights != NULL && options->columns.n == 0 &&
            strcmp(work->table->column[columns[j]].name, options->weights) == 0)
            continue;
        variable->column = columns[j];
        variable->quantile = *quantile + work->n_variables++ * work->n_p;
    }
    return RK_OK;
}

static enum rk_status describe_columns(const struct rk_table *table, const size_t *columns,
                                       size_t n_columns, const struct rk_describe_options *options,
                                       const struct rk_ctx *ctx, struct rk_result *result,
                                       struct rk_error *error)
{
    double p[N_QUARTILES + MOST_QUANTILES], *quantile = NULL;
    struct work work = {.table = table,
                        .options = options,
                        .n_rows = table->n_rows,
                        .total = table->n_rows,
                        .p = p,
                        .n_p = N_QUARTILES + options->quantiles.n};
    enum rk_status status = RK_OK;

    memcpy(p, quartiles, sizeof quartiles);
    read_quantiles(options, p + N_QUARTILES, NULL); /* checked before */
    if (options->weights != NULL)
        status = rk_describe_weights(table, options, &work.weights, &work.total, error);
    if (status == RK_OK && options->common.missing != RK_MISSING_PAIRWISE)
        status = rk_complete_rows(table, columns, n_columns, options->common.missing, &work.rows,
                                  &work.n_rows, error);
    if (status == RK_OK) {
        status = make_variables(&work, columns, n_columns, &quantile);
        if (status == RK_OK)
            status = describe_variables(&work, ctx);
        if (status == RK_OK)
            status = put_variables(&work, result);
        if (status == RK_OK)
            status = warn_variables(&work, result);
        if (status != RK_OK)
            rk_fail(error, status, "%s", rk_status_words(status));
    }
    free(work.rows);
    free(work.weights);
    free(work.variable);
    free(quantile);
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
    if (options->moments == NULL)
        status = describe_columns(table, columns, n, options, ctx, result, error);
    else if (rk_describe_moments(table, columns, n, options, result) != RK_OK)
        status = rk_fail_memory(error);
    free(columns);
    return status;
}

enum rk_status rk_describe_run(const struct rk_table *table,
                               const struct rk_describe_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error)
{
    double p[MOST_QUANTILES];
    struct student student = {0, NAN};
    const struct rk_group_work work = {.declare = declare,
                                       .run = describe_group,
                                       .options = options,
                                       .tally = &student,
                                       .tally_size = sizeof student};
    enum rk_status status = read_quantiles(options, p, error);

    if (status == RK_OK)
        status = rk_describe_check(options, error);
    if (status != RK_OK)
        return status;
    return rk_run_groups_apart(table, &options->common, &work, ctx, result, error);
}
