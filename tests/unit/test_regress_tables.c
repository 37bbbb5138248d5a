/* The tables of rep-regress beside coef and fit; run from the root of the source tree. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "regress_run.h"
#include "repkit/importance.h"
#include "repkit/regression_tests.h"

#define TOPIC "regress_tables"
#define CARS "tests/reference/data/mtcars.csv"
#define LONGLEY "tests/reference/data/longley.csv"
#define GRUNFELD "tests/reference/data/grunfeld.csv"
#define HOLES "tests/reference/data/grunfeld_holes.csv"

/* --- tests --------------------------------------------------------------------------------- */

static void check_test(const struct run *run, const char *name, const char *test, double tolerance)
{
    static const char *const columns[] = {"statistic", "df", "p_value"};
    size_t row = row_of(run, "tests", test);
    char full[96];

    snprintf(full, sizeof full, "%s.%s", name, test);
    for (size_t k = 0; k < 3; k++) {
        double expected = reference_at(TOPIC, full, k + 1);
        double actual = cell(run, "tests", columns[k], row);

        /* The integral behind an exact p is good to 1e-10, not to as many digits. */
        if (k == 2 && fabs(actual - expected) < 1e-10)
            continue;
        assert_close(actual, expected, k == 2 ? tolerance : 1e-9);
    }
}

/* lmtest's exact p of d is Pan's algorithm with 15 nodes: good to about seven digits. */
static void tests_of_residuals(void **state)
{
    static const struct {
        const char *name, *formula, *file;
        double of_durbin_watson;
    } cases[] = {
        {"mtcars", "mpg ~ wt + hp", CARS, 1e-5},
        {"longley", "Employed ~ GNP + `Armed.Forces`", LONGLEY, 1e-5},
        {"grunfeld", "inv ~ value + capital", GRUNFELD, 1e-8},
        {"firms", "inv ~ value + capital | firm", GRUNFELD, 1e-8},
        {"years", "inv ~ value + capital | year", GRUNFELD, 1e-8},
    };
    struct rk_regress_options options = RK_REGRESS_DEFAULT;

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct run run = regress(cases[k].formula, cases[k].file, RK_REGRESS_TESTS, options, NULL);

        check_test(&run, cases[k].name, "breusch-pagan", 1e-8);
        check_test(&run, cases[k].name, "reset", 1e-8);
        check_test(&run, cases[k].name, "jarque-bera", 1e-8);
        check_test(&run, cases[k].name, "durbin-watson", cases[k].of_durbin_watson);
        check_test(&run, cases[k].name, "breusch-godfrey", 1e-8);
        rk_result_free(run.result);
    }
}

static void neighbours_are_of_one_unit_and_a_period_apart(void **state)
{
    static const struct {
        const char *name, *formula;
        bool few;
    } cases[] = {
        {"chain", "inv ~ value + capital", false},
        {"chain_firms", "inv ~ value + capital | firm", false},
        {"chain_years", "inv ~ value + capital | year", false},
        {"chain_few", "inv ~ value + capital | firm", true},
        {"chain_both", "inv ~ value + capital | firm + year", true},
    };
    struct rk_regress_options options = RK_REGRESS_DEFAULT;

    (void)state;
    options.id = "firm";
    options.time = "year";
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const char *file = cases[k].few ? "tests/reference/data/grunfeld_holes_few.csv" : HOLES;
        struct run run = regress(cases[k].formula, file, RK_REGRESS_TESTS, options, NULL);

        check_test(&run, cases[k].name, "durbin-watson", 1e-8);
        check_test(&run, cases[k].name, "breusch-godfrey", 1e-8);
        rk_result_free(run.result);
    }
}

static void tests_without_a_value_say_why(void **state)
{
    static const double x[] = {1, 1, 1, 1, 2, 3, 4, 5}, residual[] = {0, 0, 0, 0};
    static const double y[] = {2, 3, 4, 5};
    const struct rk_tested tested = {
        .design = {.n = 4, .p = 2, .y = y, .X = x, .has_intercept = true}, .residual = residual};
    static const size_t none[] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    const struct rk_chain chain = {none};
    struct rk_test test = {7.0, 7.0, 7.0, 7.0};

    (void)state;
    assert_int_equal(rk_jarque_bera(&tested, &test), RK_ECONSTANT);
    assert_int_equal(rk_breusch_pagan(&tested, &test, NULL), RK_ECONSTANT);
    assert_int_equal(rk_durbin_watson(&tested, &chain, NULL, &test, NULL, NULL), RK_ETOOFEW);
    assert_int_equal(rk_breusch_godfrey(&tested, &chain, &test, NULL), RK_ETOOFEW);
    assert_int_equal(rk_reset_test(&tested, &test, NULL), RK_ETOOFEW);
    assert_true(test.statistic == 7.0 && test.p_value == 7.0);
    assert_close(rk_robustness_value(4.18445, 783.0), reference(TOPIC, "robustness"), 1e-12);
    assert_close(rk_robustness_value(-4.18445, 783.0), reference(TOPIC, "robustness"), 1e-12);
    assert_true(rk_robustness_value(0.0, 10.0) == 0.0);
    assert_true(isnan(rk_robustness_value(NAN, 10.0)));
}

/* --- rows ---------------------------------------------------------------------------------- */

static void rows(void **state)
{
    static const char *const columns[] = {"fitted", "std_residual", "hat", "cooks_d"};
    static const struct {
        const char *name, *formula, *file, *weights;
        size_t n;
    } cases[] = {
        {"rows_mtcars", "mpg ~ wt + hp", CARS, NULL, 32},
        {"rows_weighted", "mpg ~ wt + factor(cyl)", CARS, "qsec", 32},
        {"rows_firms", "inv ~ value + capital | firm", GRUNFELD, NULL, 200},
    };

    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        struct run run;
        char full[64];

        options.weights = cases[k].weights;
        run = regress(cases[k].formula, cases[k].file, RK_REGRESS_ROWS, options, NULL);
        for (size_t c = 0; c < 4; c++) {
            snprintf(full, sizeof full, "%s.%s", cases[k].name, columns[c]);
            for (size_t i = 0; i < cases[k].n; i++) {
                double expected = reference_at(TOPIC, full, i + 1);

                assert_close(cell(&run, "rows", columns[c], i), expected, 1e-9);
            }
        }
        rk_result_free(run.result);
    }
}

/* --- influence ----------------------------------------------------------------------------- */

static void influence(void **state)
{
    static const struct {
        const char *formula, *file, *cluster, *name;
        size_t k;
    } cases[] = {
        {"mpg ~ wt + hp", CARS, "carb", "influence_carb", 3},
        {"inv ~ value + capital | firm", GRUNFELD, NULL, "influence_firm", 2},
        {"inv ~ value + capital | firm", GRUNFELD, "year", "influence_year", 2}, /* not nested */
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        const struct rk_table *table;
        struct run run;

        cluster_by(&options, cases[c].cluster);
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_INFLUENCE, options, NULL);
        table = rk_result_table(run.result, "influence");
        for (size_t i = 0; i < table->n_rows; i++) {
            size_t j = i % cases[c].k;
            double all = cell(&run, "coef", "estimate", j), expected;
            char full[96];

            snprintf(full, sizeof full, "%s.%s", cases[c].name, rk_table_text(table, i, 0));
            expected = reference_at(TOPIC, full, j + 1);
            assert_close(cell(&run, "influence", "estimate", i), expected, 1e-9);
            assert_close(cell(&run, "influence", "change", i) + all, expected, 1e-9);
        }
        cluster_by(&options, NULL);
        rk_result_free(run.result);
    }
}

/* --- importance ---------------------------------------------------------------------------- */

static void importance(void **state)
{
    static const struct {
        const char *formula, *file, *name, *weights;
        size_t n;
    } cases[] = {
        {"mpg ~ wt + hp + qsec + drat", CARS, "importance_mtcars", NULL, 4},
        {"mpg ~ wt + factor(cyl) + hp", CARS, "importance_factor", "qsec", 3},
        {"inv ~ value + capital | firm", GRUNFELD, "importance_firms", NULL, 2},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        struct run run;
        char full[64];

        options.weights = cases[c].weights;
        options.common.resamples = 199;
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_IMPORTANCE, options, NULL);
        for (size_t t = 0; t < cases[c].n; t++) {
            double lmg = cell(&run, "importance", "lmg", t);

            snprintf(full, sizeof full, "%s.lmg[%zu]", cases[c].name, t + 1);
            assert_close(lmg, reference(TOPIC, full), 1e-9);
            snprintf(full, sizeof full, "%s.share[%zu]", cases[c].name, t + 1);
            assert_close(cell(&run, "importance", "share", t), reference(TOPIC, full), 1e-9);
            assert_true(cell(&run, "importance", "conf_low", t) < lmg);
            assert_true(cell(&run, "importance", "conf_high", t) > lmg);
        }
        rk_result_free(run.result);
    }
}

static void importance_of_columns_that_depend(void **state)
{
    /* The second column is the first one: it brings nothing where the first stands, and as much
     * where it does not. */
    static const double cross[] = {4, 4, 2, 4, 4, 2, 2, 2, 2}, constant[] = {1, 0, 0, 0};
    static const size_t term[] = {0, 1};
    const struct rk_products products = {2, term, cross}, of_constant = {1, term, constant};
    double lmg[2] = {7.0, 7.0}, r_squared = 7.0;

    (void)state;
    assert_int_equal(rk_importance_lmg(&products, 0, lmg, &r_squared), RK_EDOMAIN);
    assert_int_equal(rk_importance_lmg(&products, 15, lmg, &r_squared), RK_EDOMAIN);
    assert_int_equal(rk_importance_lmg(&of_constant, 1, lmg, &r_squared), RK_ECONSTANT);
    assert_true(lmg[0] == 7.0 && r_squared == 7.0);
    assert_int_equal(rk_importance_lmg(&products, 2, lmg, &r_squared), RK_OK);
    assert_close(r_squared, 0.5, 1e-15);
    assert_close(lmg[0], 0.25, 1e-15);
    assert_close(lmg[1], 0.25, 1e-15);
}

/* --- margins ------------------------------------------------------------------------------- */

static void check_margin(const struct run *run, const char *name, const char *term,
                         double tolerance)
{
    static const char *const columns[] = {"estimate", "std_error", "df", "p_value"};
    size_t row = row_of(run, "margins", term);
    char full[96];

    snprintf(full, sizeof full, "%s.%s", name, term);
    for (size_t k = 0; k < 4; k++) {
        double expected = reference_at(TOPIC, full, k + 1);

        assert_close(cell(run, "margins", columns[k], row), expected,
                     k == 3 ? 10.0 * tolerance : tolerance);
    }
}

static void margins(void **state)
{
    static const char formula[] = "mpg ~ wt*hp + I(wt^2) + log(hp) + factor(cyl)";
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run = regress(formula, CARS, RK_REGRESS_MARGINS, options, NULL);

    (void)state;
    check_margin(&run, "margins_classical", "wt", 1e-9);
    check_margin(&run, "margins_classical", "hp", 1e-9);
    check_margin(&run, "margins_classical", "factor(cyl)6", 1e-9);
    rk_result_free(run.result);
    options.vcov = RK_VCOV_HC3;
    run = regress(formula, CARS, RK_REGRESS_MARGINS, options, NULL);
    check_margin(&run, "margins_hc3", "wt", 1e-9);
    check_margin(&run, "margins_hc3", "hp", 1e-9);
    check_margin(&run, "margins_hc3", "factor(cyl)6", 1e-9);
    rk_result_free(run.result);
    options.vcov = RK_VCOV_DEFAULT;
    run = regress("mpg ~ poly(wt, 3) + ns(hp, df = 3)", CARS, RK_REGRESS_MARGINS, options, NULL);
    check_margin(&run, "margins_curves", "wt", 1e-7); /* R's slopes are differences */
    check_margin(&run, "margins_curves", "hp", 1e-7);
    rk_result_free(run.result);
    cluster_by(&options, "carb");
    run = regress("mpg ~ wt*gear_text", "tests/reference/data/mtcars_gear.csv", RK_REGRESS_MARGINS,
                  options, NULL);
    check_margin(&run, "margins_cr2", "wt", 1e-8);
    check_margin(&run, "margins_cr2", "gear_textg4", 1e-8);
    rk_result_free(run.result);
    cluster_by(&options, NULL);
    options.vcov = RK_VCOV_CLUSTER;
    run = regress("scripts ~ detailing + I(detailing^2) | physician", "datasets/detailing.csv",
                  RK_REGRESS_MARGINS, options, NULL);
    check_margin(&run, "margins_effect", "detailing", 1e-8);
    rk_result_free(run.result);
}

/* A column that stands alone has its coefficient as its margin, in every digit. */
static void margins_of_plain_columns_are_coefficients(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run =
        regress("inv ~ value + capital | firm", GRUNFELD, RK_REGRESS_MARGINS, options, NULL);

    (void)state;
    for (size_t j = 0; j < 2; j++) {
        assert_true(cell(&run, "margins", "estimate", j) == cell(&run, "coef", "estimate", j));
        assert_true(cell(&run, "margins", "conf_low", j) == cell(&run, "coef", "conf_low", j));
        assert_true(cell(&run, "margins", "df", j) == cell(&run, "coef", "df", j));
    }
    rk_result_free(run.result);
}

/* --- predictions --------------------------------------------------------------------------- */

static void predictions(void **state)
{
    static const char *const columns[] = {"fitted", "conf_low", "conf_high", "pred_low",
                                          "pred_high"};
    static const struct {
        const char *name, *formula, *file, *rows, *weights;
    } cases[] = {
        {"predict_plain", "mpg ~ wt + hp", CARS, "tests/reference/data/predict_cars.csv", NULL},
        {"predict_curves", "log(mpg) ~ poly(wt, 2)*factor(cyl) + ns(hp, df = 3)", CARS,
         "tests/reference/data/predict_cars.csv", NULL},
        {"predict_firms", "inv ~ value + capital | firm", GRUNFELD,
         "tests/reference/data/predict_firms.csv", NULL},
        {"predict_both", "inv ~ value + capital | firm + year", GRUNFELD,
         "tests/reference/data/predict_firms.csv", NULL},
        {"predict_both_weighted", "inv ~ value | firm + year", GRUNFELD,
         "tests/reference/data/predict_firms.csv", "capital"},
    };
    struct rk_regress_options options = RK_REGRESS_DEFAULT;

    (void)state;
    options.vcov = RK_VCOV_CLASSICAL;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct run run;
        char full[64];

        options.weights = cases[k].weights;
        run = regress(cases[k].formula, cases[k].file, RK_REGRESS_PREDICTIONS, options,
                      cases[k].rows);
        for (size_t c = 0; c < 5; c++) {
            snprintf(full, sizeof full, "%s.%s", cases[k].name, columns[c]);
            for (size_t i = 0; i < 3; i++) {
                double expected = reference_at(TOPIC, full, i + 1);

                assert_close(cell(&run, "predictions", columns[c], i), expected, 1e-9);
            }
        }
        rk_result_free(run.result);
    }
}

/* --- other families ------------------------------------------------------------------------ */

#define INFERT "tests/reference/data/infert.csv"
static const char LOGIT[] = "case ~ spontaneous*age + factor(induced)";

static void rows_and_influence_of_a_logit(void **state)
{
    static const char *const columns[] = {"fitted", "residual", "std_residual", "cooks_d"};
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run;
    char full[64];

    (void)state;
    options.family = RK_FAMILY_BINOMIAL;
    run = regress(LOGIT, INFERT, RK_REGRESS_ROWS, options, NULL);
    for (size_t c = 0; c < 4; c++) {
        snprintf(full, sizeof full, "logit_rows.%s", columns[c]);
        for (size_t i = 0; i < 9; i++) {
            double expected = reference_at(TOPIC, full, i + 1);

            assert_close(cell(&run, "rows", columns[c], i), expected, 1e-8);
        }
    }
    rk_result_free(run.result);
    cluster_by(&options, "age");
    options.vcov = RK_VCOV_CLUSTER;
    run = regress(LOGIT, INFERT, RK_REGRESS_INFLUENCE, options, NULL);
    for (size_t i = 0; i < rk_result_table(run.result, "influence")->n_rows; i++) {
        const char *g = rk_table_text(rk_result_table(run.result, "influence"), i, 0);
        double expected;

        snprintf(full, sizeof full, "influence_logit.%s", g);
        expected = reference_at(TOPIC, full, i % 6 + 1);
        assert_close(cell(&run, "influence", "estimate", i), expected, 1e-7);
    }
    cluster_by(&options, NULL);
    rk_result_free(run.result);
}

static void margins_of_other_families(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run;

    (void)state;
    options.family = RK_FAMILY_BINOMIAL;
    run = regress(LOGIT, INFERT, RK_REGRESS_MARGINS, options, NULL);
    check_margin(&run, "logit_margins", "spontaneous", 1e-8);
    check_margin(&run, "logit_margins", "factor(induced)2", 1e-8);
    rk_result_free(run.result);
    options.family = RK_FAMILY_POISSON;
    options.vcov = RK_VCOV_HC3;
    run = regress("breaks ~ B + M + H", "tests/reference/data/warpbreaks.csv", RK_REGRESS_MARGINS,
                  options, NULL);
    check_margin(&run, "poisson_margins", "B", 1e-8);
    rk_result_free(run.result);
}

static void check_predictions(const struct run *run, const char *name)
{
    static const char *const columns[] = {"fitted", "conf_low", "conf_high"};
    char full[64];

    for (size_t c = 0; c < 3; c++) {
        snprintf(full, sizeof full, "%s.%s", name, columns[c]);
        for (size_t i = 0; i < 3; i++) {
            double expected = reference_at(TOPIC, full, i + 1);

            assert_close(cell(run, "predictions", columns[c], i), expected, 1e-8);
        }
    }
}

static void predictions_of_other_families(void **state)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct run run;

    (void)state;
    options.vcov = RK_VCOV_CLASSICAL;
    options.family = RK_FAMILY_BINOMIAL;
    run = regress(LOGIT, INFERT, RK_REGRESS_PREDICTIONS, options,
                  "tests/reference/data/predict_infert.csv");
    check_predictions(&run, "predict_logit");
    rk_result_free(run.result);
    options.family = RK_FAMILY_POISSON;
    options.exposure = "value";
    run = regress("count ~ log(capital) | firm", "tests/reference/data/grunfeld_counts.csv",
                  RK_REGRESS_PREDICTIONS, options, "tests/reference/data/predict_firms.csv");
    check_predictions(&run, "predict_poisson");
    rk_result_free(run.result);
    run = regress("count ~ log(capital) | firm + year", "tests/reference/data/grunfeld_counts.csv",
                  RK_REGRESS_PREDICTIONS, options, "tests/reference/data/predict_firms.csv");
    check_predictions(&run, "predict_poisson_both");
    rk_result_free(run.result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_of_residuals),
        cmocka_unit_test(neighbours_are_of_one_unit_and_a_period_apart),
        cmocka_unit_test(tests_without_a_value_say_why),
        cmocka_unit_test(rows),
        cmocka_unit_test(influence),
        cmocka_unit_test(importance),
        cmocka_unit_test(importance_of_columns_that_depend),
        cmocka_unit_test(margins),
        cmocka_unit_test(margins_of_plain_columns_are_coefficients),
        cmocka_unit_test(predictions),
        cmocka_unit_test(rows_and_influence_of_a_logit),
        cmocka_unit_test(margins_of_other_families),
        cmocka_unit_test(predictions_of_other_families),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
