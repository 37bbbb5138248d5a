/* What the tests of simulated data share: the tables, their columns, and what is true of them. */
#ifndef REPKIT_TEST_SIMULATED_H
#define REPKIT_TEST_SIMULATED_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/simulate.h"

enum { MONDAY_1 = 19723 /* 2024-01-01 */ };

/* rk_simulate_run or rk_simulate_crm_run */
typedef enum rk_status simulation(const struct rk_simulate_options *options,
                                  const struct rk_ctx *ctx, struct rk_result *result,
                                  struct rk_error *error);

static inline struct rk_result *simulated_by(simulation *run,
                                             const struct rk_simulate_options *options,
                                             unsigned threads, uint64_t seed)
{
    struct rk_ctx ctx = {.threads = threads, .seed = seed};
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    assert_non_null(result);
    if (run(options, &ctx, result, &error) != RK_OK)
        fail_msg("%s", error.text);
    assert_int_equal(result->status, RK_OK);
    assert_true(result->random);
    return result;
}

static inline struct rk_result *simulated(const struct rk_simulate_options *options,
                                          unsigned threads, uint64_t seed)
{
    return simulated_by(rk_simulate_crm_run, options, threads, seed);
}

static inline const struct rk_table *table_of(const struct rk_result *result, const char *name)
{
    const struct rk_table *table = rk_result_table(result, name);

    if (table == NULL)
        fail_msg("no table '%s'", name);
    return table;
}

static inline size_t column_of(const struct rk_table *table, const char *name)
{
    size_t column = rk_table_find(table, name);

    if (column == SIZE_MAX)
        fail_msg("no column '%s' in '%s'", name, table->name);
    return column;
}

static inline const double *numbers(const struct rk_table *table, const char *name)
{
    const double *number = table->column[column_of(table, name)].number;

    assert_non_null(number);
    return number;
}

static inline double truth(const struct rk_result *result, const char *parameter)
{
    const struct rk_table *table = table_of(result, "truth");

    for (size_t i = 0; i < table->n_rows; i++)
        if (strcmp(rk_table_text(table, i, 0), parameter) == 0)
            return table->column[1].number[i];
    fail_msg("no parameter '%s'", parameter);
    return NAN;
}

static inline double sum_of(const double *x, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

static inline bool same_cell(const struct rk_table *a, size_t row_a, const struct rk_table *b,
                             size_t row_b, size_t column)
{
    struct rk_text x = {0}, y = {0};
    bool has_x = rk_table_cell(a, row_a, column, &x), has_y = rk_table_cell(b, row_b, column, &y);
    bool same = has_x == has_y && (!has_x || strcmp(x.bytes, y.bytes) == 0);

    rk_text_free(&x);
    rk_text_free(&y);
    return same;
}

static inline bool same_table(const struct rk_result *a, const struct rk_result *b,
                              const char *name)
{
    const struct rk_table *x = table_of(a, name), *y = table_of(b, name);
    bool same = x->n_rows == y->n_rows && x->n_columns == y->n_columns;

    for (size_t i = 0; same && i < x->n_rows; i++)
        for (size_t j = 0; same && j < x->n_columns; j++)
            same = same_cell(x, i, y, i, j);
    return same;
}

#endif
