/* rep-regress from the file to the rows of its tables; run from the root of the source tree. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis_run.h"
#include "repkit/csv.h"
#include "repkit/regress.h"

#define TOLERANCE 1e-9

static struct run regress(const char *text, const char *file, struct rk_regress_options options)
{
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct run run = {.result = rk_result_new()};
    struct rk_formula *formula = NULL;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    assert_int_equal(rk_formula_parse(text, &formula, NULL), RK_OK);
    options.formula = formula;
    assert_int_equal(rk_regress_wants(&options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(file, &wants, &csv, NULL, &table, &run.error), RK_OK);
    run.status = rk_regress_run(table, &options, NULL, run.result, &run.error);
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_formula_free(formula);
    return run;
}

static void check(const struct run *run, const char *table, const char *const *columns,
                  const char *name, size_t n_rows)
{
    char full[64];

    assert_int_equal(run->status, RK_OK);
    assert_int_equal(rk_result_table(run->result, table)->n_rows, n_rows);
    for (; *columns != NULL; columns++) {
        for (size_t i = 0; i < n_rows; i++) {
            if (n_rows == 1)
                snprintf(full, sizeof full, "%s.%s", name, *columns);
            else
                snprintf(full, sizeof full, "%s.%s[%zu]", name, *columns, i + 1);
            /* A p-value of 1e-20 loses digits that its statistic, in the exponent, never had. */
            assert_close(cell(run, table, *columns, i), reference("regress", full),
                         strcmp(*columns, "p_value") == 0 || strcmp(*columns, "f_p_value") == 0
                             ? 1e-8
                             : TOLERANCE);
        }
    }
}

static const char *const ESTIMATES[] = {"estimate", "std_error", "p_value",
                                        "conf_low", "conf_high", NULL};
static const char *const FITS[] = {"r_squared", "adj_r_squared", "sigma",     "log_lik",  "aic",
                                   "bic",       "f_statistic",   "f_p_value", "deviance", NULL};

#define DETAILING "datasets/detailing.csv"
#define CRAVENS "datasets/cravens.csv"

static void pooled(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run = regress("scripts ~ detailing", DETAILING, options);

    (void)state;
    check(&run, "coef", ESTIMATES, "pooled", 2);
    check(&run, "fit", FITS, "pooled", 1);
    assert_string_equal(text_cell(&run, "coef", "term", 0), "(Intercept)");
    assert_string_equal(text_cell(&run, "coef", "vcov", 1), "classical");
    assert_null(text_cell(&run, "coef", "note", 1));
    assert_close(cell(&run, "coef", "df", 1), 22998.0, 0.0);
    assert_close(cell(&run, "fit", "nobs", 0), 23000.0, 0.0);
    assert_true(isnan(cell(&run, "fit", "n_clusters", 0)));
    assert_int_equal(run.result->n_warnings, 1);
    rk_result_free(run.result);
}

static void within(void **state)
{
    static const char formula[] = "scripts ~ detailing + lagged_scripts | physician";
    static const char *const of_dummies[] = {
        "r_squared", "adj_r_squared", "r_squared_within", "sigma", "aic", "bic", NULL};
    static const char *const standardized[] = {"std_estimate", NULL};
    static const char *const df[] = {"df", NULL};
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run = regress(formula, DETAILING, options);

    (void)state;
    check(&run, "coef", ESTIMATES, "within_cr2", 2);
    check(&run, "coef", df, "within_cr2", 2);
    check(&run, "coef", standardized, "within", 2);
    check(&run, "fit", of_dummies, "within", 1);
    assert_string_equal(text_cell(&run, "fit", "vcov", 0), "cr2");
    assert_close(cell(&run, "fit", "n_clusters", 0), 1000.0, 0.0);
    rk_result_free(run.result);

    options.vcov = RK_VCOV_CLUSTER;
    run = regress(formula, DETAILING, options);
    check(&run, "coef", ESTIMATES, "within_cr1", 2);
    assert_close(cell(&run, "coef", "df", 0), 999.0, 0.0);
    rk_result_free(run.result);

    options.vcov = RK_VCOV_CLASSICAL;
    run = regress(formula, DETAILING, options);
    check(&run, "coef", ESTIMATES, "within_classical", 2);
    rk_result_free(run.result);
}

static void clustered(void **state)
{
    static const char *const joint[] = {"f_statistic", "f_p_value", NULL};
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run;

    (void)state;
    assert_int_equal(rk_names_add(&options.cluster, "physician"), RK_OK);
    run = regress("scripts ~ detailing + I(detailing^2) + mean_samples + specialist", DETAILING,
                  options);
    check(&run, "coef", ESTIMATES, "cluster_cr2", 5);
    check(&run, "fit", joint, "cluster_cr2", 1);
    assert_string_equal(text_cell(&run, "coef", "term", 2), "I(detailing^2)");
    rk_result_free(run.result);
    rk_names_free(&options.cluster);
}

static void weighted(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run;

    (void)state;
    options.weights = "AdvExp";
    options.vcov = RK_VCOV_HC3;
    run = regress("log(Sales) ~ Time * Share + I(Work^2)", CRAVENS, options);
    check(&run, "coef", ESTIMATES, "cravens", 5);
    assert_string_equal(text_cell(&run, "coef", "term", 4), "Time:Share");
    rk_result_free(run.result);
    options.vcov = RK_VCOV_CLASSICAL;
    run = regress("log(Sales) ~ Time * Share + I(Work^2)", CRAVENS, options);
    check(&run, "fit", FITS, "cravens", 1);
    rk_result_free(run.result);
}

/* One-sided p-values are halves, and the interval is open on one side. */
static void one_sided(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run two = regress("Sales ~ Time", CRAVENS, options), one;
    double p;

    (void)state;
    options.common.alternative = RK_GREATER;
    options.common.conf_level = 0.975;
    one = regress("Sales ~ Time", CRAVENS, options);
    p = cell(&two, "coef", "p_value", 1);
    assert_close(cell(&one, "coef", "p_value", 1), p / 2.0, 1e-12);
    assert_close(cell(&one, "coef", "conf_low", 1), cell(&two, "coef", "conf_low", 1), 1e-12);
    assert_true(isnan(cell(&one, "coef", "conf_high", 1)));
    assert_close(cell(&one, "coef", "conf_level", 1), 0.975, 0.0);
    rk_result_free(one.result);
    rk_result_free(two.result);
}

/* Effects of physicians and of months, as plm and clubSandwich have them. */
static void two_way_effects(void **state)
{
    static const char *const columns[] = {"estimate", "std_error", "df", "p_value"};
    const char *formula = "scripts ~ detailing + lagged_scripts | physician + month";
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run = regress(formula, DETAILING, options);

    (void)state;
    for (size_t j = 0; j < 2; j++) {
        for (size_t k = 0; k < 4; k++)
            assert_close(cell(&run, "coef", columns[k], j),
                         reference_at("detailing_two_way", columns[k], j + 1), 1e-9);
    }
    assert_string_equal(text_cell(&run, "coef", "vcov", 0), "cr2");
    assert_close(cell(&run, "fit", "r_squared_within", 0),
                 reference("detailing_two_way", "r_squared_within"), 1e-9);
    rk_result_free(run.result);
    options.vcov = RK_VCOV_CLUSTER;
    run = regress(formula, DETAILING, options);
    for (size_t j = 0; j < 2; j++)
        assert_close(cell(&run, "coef", "std_error", j),
                     reference_at("detailing_two_way", "std_error_cr1", j + 1), 1e-9);
    rk_result_free(run.result);
    options.vcov = RK_VCOV_CLASSICAL;
    run = regress(formula, DETAILING, options);
    for (size_t j = 0; j < 2; j++)
        assert_close(cell(&run, "coef", "std_error", j),
                     reference_at("detailing_two_way", "std_error_classical", j + 1), 1e-9);
    rk_result_free(run.result);
}

/* The slopes within, and what the means add, on two data sets. */
static void between_as_lm_with_means(void **state)
{
    static const struct {
        const char *formula, *file, *id, *name;
    } cases[] = {{"inv ~ value + capital", "tests/reference/data/grunfeld.csv", "firm", "between"},
                 {"scripts ~ detailing + lagged_scripts", "tests/reference/data/effects.csv",
                  "physician", "between_visits"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        struct run run;

        options.between = true;
        options.id = cases[i].id;
        options.vcov = RK_VCOV_CR2;
        run = regress(cases[i].formula, cases[i].file, options);
        for (size_t j = 0; j < 5; j++) {
            static const char *const columns[] = {"estimate", "std_error", "df"};
            char name[64];

            for (size_t k = 0; k < 3; k++) {
                snprintf(name, sizeof name, "%s.%s", cases[i].name, columns[k]);
                assert_close(cell(&run, "coef", columns[k], j),
                             reference_at("panel_inference", name, j + 1), 1e-9);
            }
        }
        assert_string_equal(text_cell(&run, "coef", "term", 3),
                            i == 0 ? "between(value)" : "between(detailing)");
        rk_result_free(run.result);
    }
}

static void check_refused(struct rk_regress_options options, const char *text,
                          enum rk_status status, const char *words)
{
    struct run run = regress(text, CRAVENS, options);

    assert_int_equal(run.status, status);
    assert_non_null(strstr(run.error.text, words));
    rk_result_free(run.result);
}

static void refuses_options_that_contradict(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;

    (void)state;
    check_refused(options, "~ Time", RK_EUSAGE, "no response");
    check_refused(options, "Sales ~ 1 | Rating", RK_ESINGULAR, "no term");
    options.vcov = RK_VCOV_CR2;
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "--cluster");
    options.vcov = RK_VCOV_HC3;
    assert_int_equal(rk_names_add(&options.cluster, "Rating"), RK_OK);
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "no clusters");
    assert_int_equal(rk_names_add(&options.cluster, "Work"), RK_OK);
    options.vcov = RK_VCOV_CR2;
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "one kind");
    options.vcov = RK_VCOV_CLUSTER;
    assert_int_equal(rk_names_add(&options.cluster, "Accounts"), RK_OK);
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "one or two");
    rk_names_free(&options.cluster);
    options = (struct rk_regress_options)RK_REGRESS_DEFAULT;
    options.hac_lag = 2;
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "--hac-lag");
    options.hac_lag = RK_LAG_DEFAULT;
    options.between = true;
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "--id");
    options.id = "Rating";
    check_refused(options, "Sales ~ Time | Rating", RK_EUSAGE, "| Rating");
    options.between = false;
    options.vcov = RK_VCOV_HAC;
    check_refused(options, "Sales ~ Time", RK_EUSAGE, "--time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pooled),
        cmocka_unit_test(within),
        cmocka_unit_test(clustered),
        cmocka_unit_test(weighted),
        cmocka_unit_test(between_as_lm_with_means),
        cmocka_unit_test(two_way_effects),
        cmocka_unit_test(one_sided),
        cmocka_unit_test(refuses_options_that_contradict),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
