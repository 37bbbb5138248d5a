/* Running rep-regress's analysis on a file, and reading cells of its tables. */
#ifndef REPKIT_TEST_REGRESS_RUN_H
#define REPKIT_TEST_REGRESS_RUN_H

#include "analysis_run.h"

#include <string.h>

#include "repkit/csv.h"
#include "repkit/regress.h"

static inline struct rk_table *read_file(const char *file, const struct rk_wants *wants)
{
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (rk_csv_read(file, wants, &csv, NULL, &table, &error) != RK_OK)
        fail_msg("%s: %s", file, error.text);
    return table;
}

/* The names stand in the options until they are asked for again. */
static inline void cluster_by(struct rk_regress_options *options, const char *column)
{
    rk_names_free(&options->cluster);
    if (column != NULL)
        assert_int_equal(rk_names_add(&options->cluster, column), RK_OK);
}

static inline struct run regress(const char *text, const char *file, enum rk_regress_table makes,
                                 struct rk_regress_options options, const char *predict)
{
    struct run run = {.result = rk_result_new()};
    struct rk_formula *formula = NULL;
    struct rk_wants wants = {0}, predict_wants = {0};
    struct rk_table *table, *rows = NULL;

    assert_int_equal(rk_formula_parse(text, &formula, NULL), RK_OK);
    formula->series = (struct rk_series){options.id, options.time};
    options.formula = formula;
    options.makes[makes] = true;
    options.common.explain = true;
    assert_int_equal(rk_regress_wants(&options, &wants), RK_OK);
    table = read_file(file, &wants);
    if (predict != NULL) {
        assert_int_equal(rk_regress_predict_wants(&options, &predict_wants), RK_OK);
        rows = read_file(predict, &predict_wants);
        options.predict = rows;
    }
    run.status = rk_regress_run(table, &options, NULL, run.result, &run.error);
    if (run.status != RK_OK)
        fail_msg("%s: %s", text, run.error.text);
    rk_table_free(table);
    rk_table_free(rows);
    rk_wants_free(&wants);
    rk_wants_free(&predict_wants);
    rk_formula_free(formula);
    return run;
}

/* The row with that text in the first column. */
static inline size_t row_of(const struct run *run, const char *table, const char *text)
{
    const struct rk_table *t = rk_result_table(run->result, table);

    for (size_t i = 0; i < t->n_rows; i++)
        if (strcmp(rk_table_text(t, i, 0), text) == 0)
            return i;
    fail_msg("%s has no row %s", table, text);
    return 0;
}

#endif
