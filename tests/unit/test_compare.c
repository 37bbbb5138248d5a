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
    options.tests = 1U << 3 | 1U << 4; /* paired-t,wilcoxon */
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
    options.tests = 1U << 3;
    assert_int_equal(rk_compare_check(&options, &error), RK_EUSAGE);
    assert_non_null(strstr(error.text, "paired-t needs pairs"));
    options.tests = 0;
    run = run_compare(PANEL, &options);
    assert_int_equal(run.status, RK_EINPUT);
    assert_non_null(strstr(run.error.text, "14 levels"));
    rk_table_free(run.table);
    rk_result_free(run.result);

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_independent),
        cmocka_unit_test(test_cut_and_id),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_levels_and_straddle),
        cmocka_unit_test(test_refusals),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
