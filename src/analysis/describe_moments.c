/* --from-moments: columns whose rows are elsewhere. */
#include <math.h>

#include "describe_parts.h"

enum rk_status rk_describe_check(const struct rk_describe_options *options, struct rk_error *error)
{
    const struct rk_moments_refusal refusals[] = {
        {options->freq, "emit freq", RK_NEEDS_ROWS},
        {options->quantiles.n > 0, "quantiles", RK_NEEDS_ORDER},
        {options->normality, "normality", RK_NEEDS_ORDER},
        {options->weights != NULL, "weights", RK_NEEDS_ROWS},
        {options->common.by.n > 1, "by", "is one column: moments are by one kind of group"},
    };

    if (options->moments == NULL)
        return RK_OK;
    return rk_moments_refuse(refusals, sizeof refusals / sizeof *refusals, error);
}

static void put_sample(const char *name, const struct rk_moments *m,
                       const struct rk_describe_options *options, struct rk_result *result)
{
    struct describe_layout at = rk_describe_layout(options);
    struct describe_row row = {.name = name, .moments = m};
    struct rk_text further = {0};

    rk_mean_interval(m, options->common.conf_level, &row.low, &row.high);
    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, name);
    rk_put(result, 0, N, (double)m->n);
    rk_describe_put_mean(result, m, row.low, row.high);
    if (options->full)
        rk_describe_put_sums(result, at.full, m);
    rk_put_text(result, 0, at.note, "order and shape need the rows");
    rk_describe_put_note(result, at.note, m);
    if (options->common.explain && m->n > 1)
        rk_describe_explain(&row, options->common.conf_level, &further, result);
}

enum rk_status rk_describe_moments(const struct rk_table *table, const size_t *columns,
                                   size_t n_columns, const struct rk_describe_options *options,
                                   struct rk_result *result)
{
    struct rk_cross_moments all, within;
    size_t n_within;
    enum rk_status status = rk_moments_pool(options->moments, table, &all, &within, &n_within);

    for (size_t j = 0; status == RK_OK && j < n_columns; j++) {
        struct rk_moments m = rk_moments_sample(&all, 0, rk_moments_column_of(columns[j]));

        put_sample(table->column[columns[j]].name, &m, options, result);
    }
    rk_cross_moments_free(&all);
    rk_cross_moments_free(&within);
    return status;
}
