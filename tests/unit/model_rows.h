/* What the tests of formulas share: rows to take them of, and formulas that have to parse. */
#ifndef REPKIT_TEST_MODEL_ROWS_H
#define REPKIT_TEST_MODEL_ROWS_H

#include "reference.h"

#include "repkit/csv.h"
#include "repkit/formula.h"

static inline struct rk_table *read_table(void)
{
    struct rk_wants wants = {.all = true};
    struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (rk_csv_read("tests/reference/data/model_frame.csv", &wants, &options, NULL, &table,
                    &error) != RK_OK)
        fail_msg("%s", error.text);
    return table;
}

/* Of the series of these rows. */
static inline struct rk_formula *parsed(const char *text)
{
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};

    if (rk_formula_parse(text, &formula, &error) != RK_OK)
        fail_msg("'%s': %s", text, error.text);
    formula->series = (struct rk_series){"rep", "week"};
    return formula;
}

#endif
