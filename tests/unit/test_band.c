/* rep-band from the file to the rows of its tables; run from the root of the source tree. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis_run.h"
#include "repkit/band.h"

#define TOLERANCE 1e-9

static struct run band(const char *text, const char *file, struct rk_band_options options)
{
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct run run = {.result = rk_result_new()};
    struct rk_formula *formula = NULL;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    char path[256];

    snprintf(path, sizeof path, "tests/reference/data/%s.csv", file);
    assert_int_equal(rk_formula_parse(text, &formula, NULL), RK_OK);
    options.formula = formula;
    options.common.resamples = options.common.resamples > 0 ? options.common.resamples : 199;
    assert_int_equal(rk_band_wants(&options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(path, &wants, &csv, NULL, &table, &run.error), RK_OK);
    run.status = rk_band_run(table, &options, NULL, run.result, &run.error);
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_formula_free(formula);
    return run;
}

enum { LINEAR, QUADRATIC, THRESHOLD, PLATEAU, SPLINE };

static double expected(const char *name, const char *what, size_t index)
{
    char full[128];

    snprintf(full, sizeof full, "%s.%s", name, what);
    return index == 0 ? reference("band", full) : reference_at("band", full, index);
}

/* Rows of the table `optimum`: quadratic fieller, delta, bootstrap, threshold bootstrap, delta. */
static void check_models(const struct run *run, const char *name)
{
    assert_int_equal(run->status, RK_OK);
    for (size_t k = 0; k < 5; k++) {
        assert_close(cell(run, "models", "aicc", k), expected(name, "aicc", k + 1), TOLERANCE);
        assert_close(cell(run, "models", "bic", k), expected(name, "bic", k + 1), TOLERANCE);
    }
    assert_close(cell(run, "models", "optimum", QUADRATIC), expected(name, "vertex", 0), TOLERANCE);
    assert_close(cell(run, "models", "optimum_low", QUADRATIC), expected(name, "fieller", 1),
                 TOLERANCE);
    assert_close(cell(run, "models", "optimum_high", QUADRATIC), expected(name, "fieller", 2),
                 TOLERANCE);
    assert_close(cell(run, "models", "p_nonlinear", QUADRATIC), expected(name, "lind_mehlum", 0),
                 TOLERANCE);
    assert_close(cell(run, "optimum", "std_error", 1), expected(name, "delta_se", 0), TOLERANCE);
    assert_close(cell(run, "models", "optimum", THRESHOLD), expected(name, "knot", 1), TOLERANCE);
    assert_close(cell(run, "models", "optimum", PLATEAU), expected(name, "knot", 2), TOLERANCE);
    assert_close(cell(run, "optimum", "estimate", 7), expected(name, "spline_highest", 0), 1e-6);
}

static void check_independent(const struct run *run, const char *name)
{
    assert_close(cell(run, "optimum", "std_error", 4), expected(name, "knot_se", 1), TOLERANCE);
    assert_close(cell(run, "optimum", "std_error", 6), expected(name, "knot_se", 2), TOLERANCE);
    assert_close(cell(run, "models", "p_nonlinear", SPLINE), expected(name, "spline_p", 0),
                 TOLERANCE);
}

static void mtcars(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run = band("mpg ~ hp", "mtcars", options);
    double sum = 0.0;

    (void)state;
    check_models(&run, "mtcars");
    check_independent(&run, "mtcars");
    for (size_t k = 0; k < 5; k++)
        sum += cell(&run, "models", "weight", k);
    assert_close(sum, 1.0, 1e-12);
    assert_string_equal(text_cell(&run, "models", "shape", QUADRATIC), "u");
    assert_string_equal(text_cell(&run, "models", "shape", PLATEAU), "floor");
    assert_true(isnan(cell(&run, "models", "gain", QUADRATIC))); /* a lowest point gains nothing */
    assert_true(isnan(cell(&run, "models", "n_clusters", 0)));
    rk_result_free(run.result);
}

/* Ten digits, as R prints them. */
static void published(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run = band("mpg ~ hp", "mtcars", options);

    (void)state;
    assert_close(cell(&run, "models", "optimum", QUADRATIC), 253.4462185, 1e-9);
    assert_close(cell(&run, "models", "optimum_low", QUADRATIC), 222.4864768, 1e-9);
    assert_close(cell(&run, "models", "optimum_high", QUADRATIC), 332.5404831, 1e-9);
    assert_close(cell(&run, "models", "p_nonlinear", QUADRATIC), 0.02329190933, 1e-9);
    rk_result_free(run.result);
}

static void controls(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    options.curve = true;
    options.bins = 5;
    run = band("Ozone ~ Temp + Wind", "air", options);
    check_models(&run, "air");
    check_independent(&run, "air");
    /* Points 0, 50 and 100 of 101 from 57 to 97; the knot, 74.05, is one more. */
    for (size_t i = 0; i < 3; i++) {
        static const char *const columns[] = {"predicted", "conf_low", "conf_high"};

        for (size_t c = 0; c < 3; c++) {
            assert_close(cell(&run, "curve", columns[c], 101 * QUADRATIC + 50 * i),
                         expected("air", "predicted", 3 * i + c + 1), TOLERANCE);
            assert_close(cell(&run, "curve", columns[c], 101 * THRESHOLD + 50 * i + (i > 0)),
                         expected("air", "predicted_kink", 3 * i + c + 1), 1e-8);
        }
    }
    assert_int_equal(rk_result_table(run.result, "bins")->n_rows, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_close(cell(&run, "bins", "n", i), expected("air", "bins_n", i + 1), 0.0);
        assert_close(cell(&run, "bins", "mean", i), expected("air", "bins", 3 * i + 1), TOLERANCE);
        assert_close(cell(&run, "bins", "conf_low", i), expected("air", "bins", 3 * i + 2),
                     TOLERANCE);
        assert_close(cell(&run, "bins", "conf_high", i), expected("air", "bins", 3 * i + 3),
                     TOLERANCE);
    }
    rk_result_free(run.result);
}

/* Curves and bins of a second data set. */
static void without_controls(void **state)
{
    static const char *const columns[] = {"predicted", "conf_low", "conf_high"};
    static const char *const of_bins[] = {"mean", "conf_low", "conf_high"};
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    options.curve = true;
    options.bins = 5;
    run = band("mpg ~ hp", "mtcars", options);
    /* 101 points from 52 to 335, and the knot, 140.9, one more. */
    for (size_t i = 0; i < 9; i++) {
        size_t point = 50 * (i / 3);

        assert_close(cell(&run, "curve", columns[i % 3], 101 * QUADRATIC + point),
                     expected("cars", "predicted", i + 1), TOLERANCE);
        assert_close(cell(&run, "curve", columns[i % 3], 101 * THRESHOLD + point + (i > 2)),
                     expected("cars", "predicted_kink", i + 1), 1e-8);
    }
    for (size_t i = 0; i < 15; i++) {
        assert_close(cell(&run, "bins", "n", i / 3), expected("cars", "bins_n", i / 3 + 1), 0.0);
        assert_close(cell(&run, "bins", of_bins[i % 3], i / 3), expected("cars", "bins", i + 1),
                     TOLERANCE);
    }
    rk_result_free(run.result);
}

static void fixed_effects(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run = band("weight ~ Time | Chick", "chickweight", options);

    (void)state;
    check_models(&run, "chick");
    assert_close(cell(&run, "models", "n_clusters", 0), 50.0, 0.0);
    assert_close(cell(&run, "models", "n", 0), 578.0, 0.0);
    rk_result_free(run.result);
}

static void two_effects(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run = band("inv ~ value | firm + year", "grunfeld", options);

    (void)state;
    check_models(&run, "grunfeld");
    rk_result_free(run.result);
}

static void check_contrast(const struct run *run, size_t row, const char *name, const char *claim,
                           const char *of)
{
    static const char *const columns[] = {"estimate", "conf_low", "conf_high", "p_value"};
    char full[64];

    assert_string_equal(text_cell(run, "claim", "contrast", row), name);
    snprintf(full, sizeof full, "claim.%s", claim);
    for (size_t c = 0; c < 4; c++)
        assert_close(cell(run, "claim", columns[c], row), expected(full, of, c + 1),
                     c == 0 ? 1e-8 : 1e-7);
}

static void range_claim(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    assert_int_equal(rk_names_add(&options.claims, "75:82"), RK_OK);
    run = band("Ozone ~ Temp + Wind", "air", options);
    assert_int_equal(run.status, RK_OK);
    check_contrast(&run, 2, "inside-below", "range", "below");
    check_contrast(&run, 3, "inside-above", "range", "above");
    check_contrast(&run, 4, "slope-low", "range", "slope_low");
    check_contrast(&run, 5, "slope-high", "range", "slope_high");
    assert_string_equal(text_cell(&run, "claim", "verdict", 0), "CONTRADICTED");
    rk_result_free(run.result);
    rk_names_free(&options.claims);
}

static void open_claim(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    assert_int_equal(rk_names_add(&options.claims, ">=82"), RK_OK);
    run = band("Ozone ~ Temp + Wind", "air", options);
    assert_int_equal(run.status, RK_OK);
    check_contrast(&run, 0, "inside-outside", "open", "difference");
    assert_string_equal(text_cell(&run, "claim", "contrast", 1), "step");
    assert_true(fabs(cell(&run, "claim", "estimate", 1) - expected("claim.open", "above", 1)) <
                1e-8); /* all but 0 */
    check_contrast(&run, 2, "slope-below", "open", "left");
    check_contrast(&run, 3, "slope-above", "open", "right");
    assert_close(cell(&run, "claim", "p_value", 4), expected("claim.open", "change", 0), 1e-8);
    assert_string_equal(text_cell(&run, "claim", "verdict", 0), "SUPPORTED");
    rk_result_free(run.result);
    rk_names_free(&options.claims);
}

static void claims_of_a_second_data_set(void **state)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    assert_int_equal(rk_names_add(&options.claims, "100:125"), RK_OK);
    assert_int_equal(rk_names_add(&options.claims, ">=150"), RK_OK);
    run = band("mpg ~ hp", "mtcars", options);
    assert_int_equal(run.status, RK_OK);
    check_contrast(&run, 2, "inside-below", "range_cars", "below");
    check_contrast(&run, 3, "inside-above", "range_cars", "above");
    check_contrast(&run, 4, "slope-low", "range_cars", "slope_low");
    check_contrast(&run, 5, "slope-high", "range_cars", "slope_high");
    check_contrast(&run, 6, "inside-outside", "open_cars", "difference");
    check_contrast(&run, 7, "step", "open_cars", "above");
    check_contrast(&run, 8, "slope-below", "open_cars", "left");
    check_contrast(&run, 9, "slope-above", "open_cars", "right");
    assert_close(cell(&run, "claim", "p_value", 10), expected("claim.open_cars", "change", 0),
                 1e-8);
    rk_result_free(run.result);
    rk_names_free(&options.claims);
}

static void clustered_claim(void **state)
{
    static const char *const columns[] = {"estimate", "conf_low", "conf_high"};
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct run run;

    (void)state;
    assert_int_equal(rk_names_add(&options.claims, ">=10"), RK_OK);
    run = band("weight ~ Time | Chick", "chickweight", options);
    assert_int_equal(run.status, RK_OK);
    for (size_t c = 0; c < 3; c++)
        assert_close(cell(&run, "claim", columns[c], 0), expected("claim", "chick", c + 1),
                     TOLERANCE);
    rk_result_free(run.result);
    rk_names_free(&options.claims);
}

/* Hansen's threshold: `>` names the last value of the lower side. */
static void best_cut(void **state)
{
    static const struct {
        const char *formula, *file, *claim, *name;
    } sets[] = {{"mpg ~ hp", "mtcars", ">150", "mtcars"}, {"Ozone ~ Temp", "air", ">77", "air"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rk_band_options options = RK_BAND_DEFAULT;
        struct run run;

        assert_int_equal(rk_names_add(&options.claims, sets[i].claim), RK_OK);
        run = band(sets[i].formula, sets[i].file, options);
        assert_string_equal(text_cell(&run, "claim", "contrast", 5), "best-cut");
        assert_close(cell(&run, "claim", "estimate", 5), expected("hansen", sets[i].name, 1), 0.0);
        assert_close(cell(&run, "claim", "conf_low", 5), expected("hansen", sets[i].name, 3), 0.0);
        assert_close(cell(&run, "claim", "conf_high", 5), expected("hansen", sets[i].name, 4), 0.0);
        rk_result_free(run.result);
        rk_names_free(&options.claims);
    }
}

static void bad_claims(void **state)
{
    static const char *const claims[] = {"", "five", "125:100", ">=", "=5", "5", "1:2:3", ">=5 "};
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct rk_formula *formula = NULL;

    (void)state;
    assert_int_equal(rk_formula_parse("y ~ x", &formula, NULL), RK_OK);
    options.formula = formula;
    for (size_t i = 0; i + 1 < sizeof claims / sizeof *claims; i++) {
        assert_int_equal(rk_names_add(&options.claims, claims[i]), RK_OK);
        assert_int_equal(rk_band_check(&options, NULL), RK_EUSAGE);
        rk_names_free(&options.claims);
    }
    assert_int_equal(rk_names_add(&options.claims, claims[7]), RK_OK);
    assert_int_equal(rk_band_check(&options, NULL), RK_OK);
    rk_names_free(&options.claims);
    rk_formula_free(formula);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mtcars),
        cmocka_unit_test(published),
        cmocka_unit_test(controls),
        cmocka_unit_test(without_controls),
        cmocka_unit_test(fixed_effects),
        cmocka_unit_test(two_effects),
        cmocka_unit_test(range_claim),
        cmocka_unit_test(open_claim),
        cmocka_unit_test(claims_of_a_second_data_set),
        cmocka_unit_test(clustered_claim),
        cmocka_unit_test(best_cut),
        cmocka_unit_test(bad_claims),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
