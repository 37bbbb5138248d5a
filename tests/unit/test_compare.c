/* rep-compare in process: designs and samples against R (tests/reference/compare.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "repkit/compare.h"

#define TOPIC "compare"
#define PANEL "tests/reference/data/compare_panel.csv"

static const char *const compared[] = {"n1",       "n2",        "mean1",     "mean2",
                                       "estimate", "std_error", "statistic", "df",
                                       "p_value",  "conf_low",  "conf_high"};

struct run {
    struct rk_table *table;
    struct rk_result *result;
    struct rk_error error;
    enum rk_status status;
};

static struct run run_compare(const char *file, struct rk_compare_options *options)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_wants wants = {0};
    struct run run = {.result = rk_result_new()};

    assert_int_equal(rk_compare_check(options, &run.error), RK_OK);
    assert_int_equal(rk_compare_wants(options, &wants), RK_OK);
    assert_int_equal(rk_wants_names(&wants, &options->common.by, RK_AS_LABEL), RK_OK);
    if (rk_csv_read(file, &wants, &csv, &ctx, &run.table, &run.error) != RK_OK)
        fail_msg("%s", run.error.text);
    run.status = rk_compare_run(run.table, options, &ctx, run.result, &run.error);
    rk_wants_free(&wants);
    return run;
}

static void end(struct run *run, struct rk_compare_options *options)
{
    rk_table_free(run->table);
    rk_result_free(run->result);
    rk_names_free(&options->values);
    rk_names_free(&options->common.by);
    rk_names_free(&options->levels);
}

static double cell(const struct run *run, size_t row, const char *column)
{
    const struct rk_table *t = rk_result_table(run->result, "compare");

    return t->column[rk_table_find(t, column)].number[row];
}

static const char *text(const struct run *run, size_t row, const char *column)
{
    const struct rk_table *t = rk_result_table(run->result, "compare");

    return rk_table_text(t, row, rk_table_find(t, column));
}

/* The bit of a test in the order of RK_COMPARE_TESTS. */
static unsigned bit(const char *test)
{
    return 1U << rk_choice_find(RK_COMPARE_TESTS, test, strlen(test));
}

static void check_row(const struct run *run, size_t row, const char *name)
{
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++)
        assert_close(cell(run, row, compared[i]), reference_at(TOPIC, name, i + 1), 1e-9);
}

static bool warned(const struct run *run, const char *code)
{
    for (size_t i = 0; i < run->result->n_warnings; i++)
        if (strcmp(run->result->warning[i].code, code) == 0)
            return true;
    return false;
}

static void test_independent(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;

    (void)state;
    options.group = "arm";
    rk_names_add(&options.values, "revenue");
    run = run_compare("tests/reference/data/compare_small.csv", &options);
    assert_int_equal(run.status, RK_OK);
    assert_string_equal(text(&run, 0, "test"), "welch");
    assert_string_equal(text(&run, 1, "test"), "mann-whitney");
    assert_string_equal(text(&run, 0, "level1"), "control");
    assert_string_equal(text(&run, 0, "design"), "independent");
    assert_string_equal(text(&run, 0, "effect_type"), "hedges-g");
    check_row(&run, 0, "arm_welch");
    check_row(&run, 1, "arm_ranks");
    assert_true(cell(&run, 0, "n_unpaired") == 0.0);
    assert_true(warned(&run, "dropped"));
    end(&run, &options);
}

static void test_cut_and_id(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;

    (void)state;
    options.time = "month";
    options.cut = "2024-07-01";
    options.id = "rep";
    rk_names_add(&options.values, "revenue");
    rk_names_add(&options.values, "calls");
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_OK);
    check_row(&run, 0, "cut_t");
    check_row(&run, 1, "cut_ranks");
    check_row(&run, 2, "cut_calls_t");
    assert_close(cell(&run, 0, "n_unpaired"), reference(TOPIC, "cut_unpaired"), 0.0);
    assert_string_equal(text(&run, 3, "variable"), "calls");
    assert_string_equal(text(&run, 0, "level2"), "after");
    assert_string_equal(text(&run, 0, "per"), "month");
    assert_string_equal(text(&run, 1, "effect_type"), "rank-biserial");
    assert_true(warned(&run, "unpaired") && warned(&run, "survivors"));
    assert_true(!warned(&run, "straddle"));
    end(&run, &options);
}

static void test_groups(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;
    size_t south;

    (void)state;
    options.time = "month";
    options.cut = "2024-07";
    options.id = "rep";
    options.tests = bit("paired-t") | bit("wilcoxon");
    rk_names_add(&options.values, "revenue");
    rk_names_add(&options.common.by, "region");
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_OK);
    south = strcmp(text(&run, 0, "region"), "South") == 0 ? 0 : 2;
    check_row(&run, south, "cut_South_t");
    check_row(&run, south + 1, "cut_South_ranks");
    check_row(&run, 2 - south, "cut_North_t");
    check_row(&run, 3 - south, "cut_North_ranks");
    end(&run, &options);
}

static void test_wide(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;

    (void)state;
    options.before = "first";
    options.after = "second";
    run = run_compare("tests/reference/data/compare_wide.csv", &options);
    assert_int_equal(run.status, RK_OK);
    check_row(&run, 0, "wide_t");
    check_row(&run, 1, "wide_ranks");
    assert_true(cell(&run, 0, "n_unpaired") == 2.0);
    end(&run, &options);
}

/* Reversed levels change the sign and nothing else; straddling periods go where they are told. */
static void test_levels_and_straddle(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;
    double estimate, p, n1;

    (void)state;
    options.time = "month";
    options.cut = "2024-07-15";
    rk_names_add(&options.values, "revenue");
    run = run_compare(PANEL, &options);
    assert_true(warned(&run, "straddle"));
    estimate = cell(&run, 0, "estimate");
    p = cell(&run, 1, "p_value");
    n1 = cell(&run, 0, "n1");
    rk_table_free(run.table);
    rk_result_free(run.result);

    rk_names_add(&options.levels, "after");
    rk_names_add(&options.levels, "before");
    run = run_compare(PANEL, &options);
    assert_close(cell(&run, 0, "estimate"), -estimate, 1e-12);
    assert_close(cell(&run, 1, "p_value"), p, 1e-12);
    rk_table_free(run.table);
    rk_result_free(run.result);

    options.straddle = RK_STRADDLE_BEFORE;
    run = run_compare(PANEL, &options);
    assert_true(!warned(&run, "straddle"));
    assert_true(cell(&run, 0, "n2") > n1); /* before is the second level now */
    end(&run, &options);
}

static void test_refusals(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct rk_error error = {0};
    struct run run;

    (void)state;
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    rk_names_add(&options.values, "revenue");
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    options.group = "rep";
    options.tests = bit("paired-t");
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    assert_non_null(strstr(error.text, "paired-t needs pairs"));
    options.tests = bit("tost");
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    assert_non_null(strstr(error.text, "--margin"));
    options.tests = bit("prop");
    options.mu = 0.1;
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    options.mu = 0.0;
    options.relative = true;
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    options.relative = false;
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_EINPUT); /* revenue is not 0 or 1 */
    assert_non_null(strstr(run.error.text, "0 and 1"));
    rk_table_free(run.table);
    rk_result_free(run.result);
    options.tests = 0;
    options.group = "revenue"; /* more levels than can be compared with each other */
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_EINPUT);
    assert_non_null(strstr(run.error.text, "more than can be compared"));
    rk_table_free(run.table);
    rk_result_free(run.result);
    options.group = "rep";

    rk_names_add(&options.levels, "rep1");
    rk_names_add(&options.levels, "rep99");
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_EINPUT);
    assert_string_equal(run.error.column, "rep");
    rk_table_free(run.table);
    rk_result_free(run.result);

    /* no unit is in both arms: nothing can be computed */
    rk_names_free(&options.levels);
    options.group = "arm";
    options.id = "rep";
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_ETOOFEW);
    end(&run, &options);
}

static void test_levels(void **state)
{
    static const char *const names[] = {"friedman", "paired-t", "wilcoxon"};
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;

    (void)state;
    options.group = "way";
    options.id = "player";
    rk_names_add(&options.values, "seconds");
    run = run_compare("tests/reference/data/base_running.csv", &options);
    assert_int_equal(run.status, RK_OK);
    assert_int_equal(rk_result_table(run.result, "compare")->n_rows, 7); /* 1 + 3 pairs of 2 */
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(text(&run, i, "test"), names[i]);
    assert_close(cell(&run, 0, "statistic"), reference_at("compare_tests", "friedman_running", 1),
                 1e-9);
    assert_close(cell(&run, 0, "p_value"), reference_at("compare_tests", "friedman_running", 3),
                 1e-9);
    assert_null(text(&run, 0, "level1"));
    assert_string_equal(text(&run, 1, "level1"), "narrow");
    assert_string_equal(text(&run, 6, "level2"), "wide");
    end(&run, &options);

    options = (struct rk_compare_options)RK_COMPARE_DEFAULT;
    options.group = "feed";
    rk_names_add(&options.values, "weight");
    options.tests = bit("anova") | bit("welch-anova") | bit("kruskal");
    run = run_compare("tests/reference/data/chickwts.csv", &options);
    assert_int_equal(run.status, RK_OK);
    assert_int_equal(rk_result_table(run.result, "compare")->n_rows, 3);
    assert_close(cell(&run, 0, "p_value"), reference_at("compare_tests", "anova_chickwts", 4),
                 1e-9);
    assert_close(cell(&run, 0, "effect_low"), reference_at("compare_tests", "eta_chickwts", 2),
                 1e-8);
    assert_close(cell(&run, 1, "df"), reference_at("compare_tests", "welch_chickwts", 3), 1e-9);
    assert_close(cell(&run, 2, "effect_size"), reference("compare_tests", "epsilon_chickwts"),
                 1e-9);
    end(&run, &options);
}

static double sensitivity(const struct run *run, size_t row, const char *column)
{
    const struct rk_table *t = rk_result_table(run->result, "sensitivity");

    return t->column[rk_table_find(t, column)].number[row];
}

static void test_sensitivity(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct run run;

    (void)state;
    options.group = "drug";
    options.id = "patient";
    options.sensitivity = true;
    options.wanted = 1;
    rk_names_add(&options.values, "extra");
    run = run_compare("datasets/sleep.csv", &options);
    assert_int_equal(run.status, RK_OK);
    assert_close(sensitivity(&run, 0, "sd"), reference_at("compare_tests", "mde_paired", 1), 1e-9);
    assert_close(sensitivity(&run, 0, "mde"), reference_at("compare_tests", "mde_paired", 2), 1e-6);
    assert_true(sensitivity(&run, 0, "n_needed") == reference_at("compare_tests", "mde_paired", 3));
    /* ranks need pi / 3 as many, nearly */
    assert_true(sensitivity(&run, 1, "mde") > sensitivity(&run, 0, "mde"));
    rk_table_free(run.table);
    rk_result_free(run.result);
    options.id = NULL;
    run = run_compare("datasets/sleep.csv", &options);
    assert_close(sensitivity(&run, 0, "sd"), reference_at("compare_tests", "mde_two", 1), 1e-9);
    assert_close(sensitivity(&run, 0, "mde"), reference_at("compare_tests", "mde_two", 2), 1e-6);
    assert_true(sensitivity(&run, 0, "n_needed") == reference_at("compare_tests", "mde_two", 3));
    end(&run, &options);
}

/* The same bytes for any number of threads, and another p for another seed. */
static void test_threads(void **state)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    const struct rk_ctx contexts[] = {
        {.threads = 1, .seed = 1}, {.threads = 4, .seed = 1}, {.threads = 1, .seed = 2}};
    double p[3], low[3];

    (void)state;
    options.group = "am";
    options.tests = bit("permutation") | bit("bootstrap");
    options.common.resamples = 5000;
    rk_names_add(&options.values, "hp");
    for (size_t i = 0; i < 3; i++) {
        struct run run = run_compare("tests/reference/data/mtcars_am.csv", &options);

        rk_result_free(run.result);
        run.result = rk_result_new();
        assert_int_equal(rk_compare_run(run.table, &options, &contexts[i], run.result, &run.error),
                         RK_OK);
        assert_true(run.result->random);
        p[i] = cell(&run, 0, "p_value");
        low[i] = cell(&run, 1, "conf_low");
        rk_table_free(run.table);
        rk_result_free(run.result);
    }
    assert_true(p[0] == p[1] && low[0] == low[1]);
    assert_true(p[0] != p[2] && low[0] != low[2]);
    rk_names_free(&options.values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_independent),
        cmocka_unit_test(test_cut_and_id),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_levels_and_straddle),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_sensitivity),
        cmocka_unit_test(test_threads),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
