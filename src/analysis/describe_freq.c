/* rep-describe's columns of text and their levels, and its frequency weights. */
#include <math.h>
#include <stdlib.h>

#include "describe_parts.h"
#include "repkit/words.h"

/* --- weights ------------------------------------------------------------------------------ */

enum rk_status rk_describe_weights(const struct rk_table *table,
                                   const struct rk_describe_options *options, size_t **weights,
                                   size_t *total, struct rk_error *error)
{
    const double most = 1e9;
    size_t *count = malloc((table->n_rows + 1) * sizeof *count);
    size_t column = 0;
    double sum = 0.0;
    enum rk_status status = count == NULL ? rk_fail_memory(error) : RK_OK;

    if (status == RK_OK && options->weights != NULL)
        status = rk_column_index(table, options->weights, RK_NUMBER, &column, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        double w = options->weights == NULL ? 1.0 : table->column[column].number[i];

        sum += w;
        if (!(w >= 0.0) || w != floor(w)) {
            rk_fail(error, RK_EINPUT, "a frequency weight is a whole number and not negative");
            status = rk_fail_at(error, table->name, rk_table_line(table, i), options->weights);
        } else if (sum > most) {
            rk_fail(error, RK_EDOMAIN, "the weights add up to more than 1,000,000,000");
            status = rk_fail_at(error, table->name, 0, options->weights);
        } else {
            count[i] = (size_t)w;
        }
    }
    if (status != RK_OK) {
        free(count);
        return status;
    }
    *weights = count;
    *total = (size_t)sum;
    return RK_OK;
}

/* --- levels ------------------------------------------------------------------------------- */

enum { FREQ_VARIABLE, FREQ_LEVEL, FREQ_N, FREQ_SHARE };

void rk_describe_declare_freq(struct rk_result *result)
{
    static const struct rk_field fields[] = {
        [FREQ_VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
        [FREQ_LEVEL] = {"level", RK_TEXT, RK_GENERAL},
        [FREQ_N] = {"n", RK_NUMBER, RK_COUNT},
        [FREQ_SHARE] = {"share", RK_NUMBER, RK_GENERAL},
    };

    rk_result_declare(result, "freq", fields, sizeof fields / sizeof *fields);
}

/* The most frequent first; ties in the order of the file. */
static int by_count(const void *a, const void *b)
{
    const struct describe_level *x = a, *y = b;

    if (x->n != y->n)
        return x->n < y->n ? 1 : -1;
    return x->code < y->code ? -1 : 1;
}

static enum rk_status put_levels(const struct rk_column *column, const size_t *weights,
                                 size_t n_rows, bool explain, struct rk_result *result,
                                 struct rk_error *error)
{
    size_t n_levels = rk_dict_size(column->dict), total = 0, n_used = 0;
    struct describe_level *level = calloc(n_levels + 1, sizeof *level);

    if (level == NULL)
        return rk_fail_memory(error);
    for (uint32_t code = 0; code < n_levels; code++)
        level[code] = (struct describe_level){rk_dict_label(column->dict, code), code, 0};
    for (size_t i = 0; i < n_rows; i++) {
        if (column->code[i] == RK_NO_CODE)
            continue;
        level[column->code[i]].n += weights[i];
        total += weights[i];
    }
    qsort(level, n_levels, sizeof *level, by_count);
    for (size_t k = 0; k < n_levels && level[k].n > 0; k++) {
        rk_result_row(result, 0);
        rk_put_text(result, 0, FREQ_VARIABLE, column->name);
        rk_put_text(result, 0, FREQ_LEVEL, level[k].label);
        rk_put(result, 0, FREQ_N, (double)level[k].n);
        rk_put(result, 0, FREQ_SHARE, (double)level[k].n / (double)total);
        n_used++;
    }
    if (explain && n_used > 0)
        rk_describe_explain_levels(column->name, level, n_used, total, result);
    free(level);
    return RK_OK;
}

enum rk_status rk_describe_column(const struct rk_table *table, const char *name, size_t *column,
                                  struct rk_error *error)
{
    size_t text = rk_table_find_typed(table, name, RK_TEXT);

    if (text == SIZE_MAX || rk_table_find_typed(table, name, RK_NUMBER) != SIZE_MAX)
        return rk_column_index(table, name, RK_NUMBER, column, error);
    *column = text;
    return RK_OK;
}

void rk_describe_put_text(struct rk_result *result, const char *name, size_t n, size_t n_missing,
                          const struct rk_describe_options *options)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, name);
    rk_put(result, 0, N, (double)n);
    rk_put(result, 0, N_MISSING, (double)n_missing);
    rk_put_text(result, 0, rk_describe_layout(options).note, "text: see --emit freq");
    if (!options->common.explain)
        return;
    rk_text_add(&row, name);
    rk_text_format(&manager,
                   "%s is text: %zu of %zu cells have a value, and --emit freq counts each.", name,
                   n, n + n_missing);
    rk_text_format(&paper, "%s: n = %zu, text.", name, n);
    rk_explain(result, &row, &manager, &paper);
}

/* The text column of that name, or RK_EINPUT. */
static enum rk_status put_named(const struct rk_table *table, const char *name,
                                const size_t *weights, bool explain, struct rk_result *result,
                                struct rk_error *error)
{
    size_t column;
    enum rk_status status = rk_column_index(table, name, RK_TEXT, &column, error);

    return status != RK_OK
               ? status
               : put_levels(&table->column[column], weights, table->n_rows, explain, result, error);
}

/* All text columns but those of the groups. */
static enum rk_status put_all(const struct rk_table *table, const struct rk_names *by,
                              const size_t *weights, bool explain, struct rk_result *result,
                              struct rk_error *error)
{
    enum rk_status status = RK_OK;
    size_t n = 0;

    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        const struct rk_column *column = &table->column[j];

        if (column->type != RK_TEXT || rk_names_has(by, column->name))
            continue;
        n++;
        status = put_levels(column, weights, table->n_rows, explain, result, error);
    }
    if (status == RK_OK && n == 0) {
        rk_fail(error, RK_EINPUT, "no column of text: name columns with -c");
        status = rk_fail_at(error, table->name, 0, NULL);
    }
    return status;
}

enum rk_status rk_describe_freq(const struct rk_table *table,
                                const struct rk_describe_options *options, struct rk_result *result,
                                struct rk_error *error)
{
    size_t *weights, total;
    enum rk_status status = rk_describe_weights(table, options, &weights, &total, error);

    if (status != RK_OK)
        return status;
    for (size_t j = 0; status == RK_OK && j < options->columns.n; j++)
        status = put_named(table, options->columns.name[j], weights, options->common.explain,
                           result, error);
    if (status == RK_OK && options->columns.n == 0)
        status =
            put_all(table, &options->common.by, weights, options->common.explain, result, error);
    free(weights);
    return status;
}
