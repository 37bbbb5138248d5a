/* What the tests of whole analyses share: a run from the file to its tables, and their cells. */
#ifndef REPKIT_TEST_ANALYSIS_RUN_H
#define REPKIT_TEST_ANALYSIS_RUN_H

#include "reference.h"

#include "repkit/result.h"

struct run {
    struct rk_result *result;
    struct rk_error error;
    enum rk_status status;
};

static inline double cell(const struct run *run, const char *table, const char *column, size_t row)
{
    const struct rk_table *t = rk_result_table(run->result, table);
    size_t j = rk_table_find(t, column);

    assert_true(j != SIZE_MAX && row < t->n_rows);
    return t->column[j].number[row];
}

static inline const char *text_cell(const struct run *run, const char *table, const char *column,
                                    size_t row)
{
    const struct rk_table *t = rk_result_table(run->result, table);

    assert_true(row < t->n_rows);
    return rk_table_text(t, row, rk_table_find(t, column));
}

#endif
