/* The eleven linear problems of NIST StRD through the formulas of rep-regress, powers included; see
 * tests/nist/SOURCE.md. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>

#include "nist_certified.h"
#include "repkit/csv.h"
#include "repkit/regress.h"

struct problem {
    const char *name, *formula;
    bool intercept;
};

#define POWERS_5 "y ~ x + I(x^2) + I(x^3) + I(x^4) + I(x^5)"
static const struct problem problems[] = {
    {"Norris", "y ~ x", true},
    {"Pontius", "y ~ x + I(x^2)", true},
    {"NoInt1", "y ~ x - 1", false},
    {"NoInt2", "y ~ x - 1", false},
    {"Filip", POWERS_5 " + I(x^6) + I(x^7) + I(x^8) + I(x^9) + I(x^10)", true},
    {"Longley", "y ~ x1 + x2 + x3 + x4 + x5 + x6", true},
    {"Wampler1", POWERS_5, true},
    {"Wampler2", POWERS_5, true},
    {"Wampler3", POWERS_5, true},
    {"Wampler4", POWERS_5, true},
    {"Wampler5", POWERS_5, true},
};

static double number(const struct rk_result *result, const char *column, size_t row)
{
    const struct rk_table *table = rk_result_table(result, "coef");

    return table->column[rk_table_find(table, column)].number[row];
}

static struct rk_result *run(const struct problem *problem)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_formula *formula = NULL;
    struct rk_table *table = NULL;
    struct rk_wants wants = {0};
    char path[64];

    snprintf(path, sizeof path, "tests/nist/%s.csv", problem->name);
    assert_int_equal(rk_formula_parse(problem->formula, &formula, NULL), RK_OK);
    options.formula = formula;
    assert_int_equal(rk_regress_wants(&options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(path, &wants, &csv, NULL, &table, NULL), RK_OK);
    assert_int_equal(rk_regress_run(table, &options, NULL, result, NULL), RK_OK);
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_formula_free(formula);
    return result;
}

static void reaches_thirteen_digits_by_default(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++) {
        struct rk_result *result = run(&problems[i]);
        size_t n_rows = rk_result_table(result, "coef")->n_rows;
        double worst = 15.0, worst_error = 15.0;

        for (size_t j = 0; j < n_rows; j++) {
            char name[24];
            double error = number(result, "std_error", j), truth;

            snprintf(name, sizeof name, "B%zu", problems[i].intercept ? j : j + 1);
            worst =
                fmin(worst, lre(number(result, "estimate", j), certified(problems[i].name, name)));
            snprintf(name, sizeof name, "se_B%zu", problems[i].intercept ? j : j + 1);
            truth = certified(problems[i].name, name);
            if (truth > 0.0) /* a perfect fit has none */
                worst_error = fmin(worst_error, lre(error, truth));
        }
        print_message("%-9s coefficients %4.1f digits, errors %4.1f\n", problems[i].name, worst,
                      worst_error);
        assert_true(worst >= 13.0);
        assert_true(worst_error >= 13.0);
        rk_result_free(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reaches_thirteen_digits_by_default)};

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
