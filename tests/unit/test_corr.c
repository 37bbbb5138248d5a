/* rep-corr's analysis in process: lags, leads and scopes of panels against R. */
#include "repkit/corr.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis_run.h"

static struct run run_on(const char *file, struct rk_corr_options *options, const char *x,
                         const char *y, const char *partial)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    struct run run = {.result = rk_result_new()};

    options->common.missing = RK_MISSING_PAIRWISE;
    rk_names_add(&options->activities, x);
    rk_names_add(&options->outcomes, y);
    if (partial != NULL)
        rk_names_add(&options->partial, partial);
    assert_int_equal(rk_corr_wants(options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(file, &wants, &csv, NULL, &table, &run.error), RK_OK);
    run.status = rk_corr_run(table, options, NULL, run.result, &run.error);
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_names_free(&options->activities);
    rk_names_free(&options->outcomes);
    rk_names_free(&options->partial);
    return run;
}

static double value(const struct rk_table *t, size_t row, const char *column)
{
    return t->column[rk_table_find(t, column)].number[row];
}

static bool warned(const struct run *run, const char *code)
{
    for (size_t i = 0; i < run->result->n_warnings; i++)
        if (strcmp(run->result->warning[i].code, code) == 0)
            return true;
    return false;
}

/* Checks each row whose lag R has. Returns how many. */
static size_t check_rows(const struct run *run, const char *prefix, const int *lags, size_t n_lags)
{
    const struct rk_table *t = run->result->table[0];
    size_t checked = 0;

    assert_int_equal(run->status, RK_OK);
    for (size_t i = 0; i < t->n_rows; i++)
        for (size_t k = 0; k < n_lags; k++) {
            char name[96];

            if ((int)value(t, i, "lag") != lags[k])
                continue;
            snprintf(name, sizeof name, "%s_%s_%d", prefix,
                     rk_table_text(t, i, rk_table_find(t, "scope")), lags[k]);
            assert_close(value(t, i, "n"), reference_at("corr", name, 1), 0);
            assert_close(value(t, i, "estimate"), reference_at("corr", name, 2), 1e-11);
            assert_close(value(t, i, "statistic"), reference_at("corr", name, 3), 1e-11);
            assert_close(value(t, i, "df"), reference_at("corr", name, 4), 0);
            assert_close(value(t, i, "p_value"), reference_at("corr", name, 5), 1e-9);
            checked++;
        }
    return checked;
}

static void lags_agree_with_r(void **state)
{
    static const int lags[] = {-2, -1, 0, 1, 3};

    (void)state;
    for (int partial = 0; partial < 2; partial++) {
        struct rk_corr_options o = RK_CORR_DEFAULT;
        struct run run;

        o.id = "firm";
        o.time = "year";
        o.lags = "-2:3";
        run = run_on("tests/reference/data/grunfeld_gaps.csv", &o, "value", "inv",
                     partial ? "capital" : NULL);
        assert_int_equal(check_rows(&run, partial ? "gaps_partial" : "gaps", lags, 5), 20);
        assert_true(warned(&run, "autocorrelation"));
        rk_result_free(run.result);
    }
}

static void physicians_agree_with_r(void **state)
{
    static const int lags[] = {0, 1};
    struct rk_corr_options o = RK_CORR_DEFAULT;
    struct run run;

    (void)state;
    o.id = "physician";
    o.time = "month";
    o.lags = "0:1";
    o.scopes = 1u << RK_POOLED | 1u << RK_WITHIN | 1u << RK_TWO_WAY;
    run = run_on("datasets/detailing.csv", &o, "detailing", "scripts", NULL);
    assert_int_equal(check_rows(&run, "detailing", lags, 2), 6);
    rk_result_free(run.result);
}

/* Fewer than eight units have no interval from --boot; all arrangements are few enough to try. */
static void few_units_are_shifted(void **state)
{
    static const char *const methods[] = {"pearson", "spearman"};

    (void)state;
    for (int k = 0; k < 4; k++) {
        struct rk_corr_options o = RK_CORR_DEFAULT;
        const struct rk_table *t;
        struct run run;

        o.id = "firm";
        o.time = "year";
        o.boot = true;
        o.method = k % 2;
        o.common.alternative = k < 2 ? RK_TWO_SIDED : RK_GREATER;
        run = run_on("tests/reference/data/grunfeld_few.csv", &o, "value", "inv", NULL);
        assert_int_equal(run.status, RK_OK);
        t = run.result->table[0];
        assert_int_equal(t->n_rows, RK_SCOPE_COUNT);
        for (size_t i = 0; i < t->n_rows; i++) {
            const char *scope = rk_table_text(t, i, rk_table_find(t, "scope"));
            char name[96];

            assert_true(isnan(value(t, i, "conf_low")) && isnan(value(t, i, "conf_high")));
            snprintf(name, sizeof name, "few_%s_%s%s", methods[k % 2], scope,
                     k < 2 ? "" : "_greater");
            if (i == RK_POOLED)
                assert_true(isnan(value(t, i, "p_value")));
            else if (k < 2 || i == RK_BETWEEN)
                assert_close(value(t, i, "p_value"), reference("corr", name), 1e-12);
        }
        assert_true(warned(&run, "few-clusters"));
        rk_result_free(run.result);
    }
}

/* Fewer resamples than there are shifts: random ones. */
static void random_shifts_are_near_all_shifts(void **state)
{
    struct rk_corr_options o = RK_CORR_DEFAULT;
    struct run run;

    (void)state;
    o.id = "firm";
    o.time = "year";
    o.boot = true;
    o.common.resamples = 1000; /* of 1,024 */
    run = run_on("tests/reference/data/grunfeld_few.csv", &o, "value", "inv", NULL);
    assert_int_equal(run.status, RK_OK);
    assert_true(fabs(value(run.result->table[0], RK_WITHIN, "p_value") -
                     reference("corr", "few_pearson_within")) < 0.04);
    rk_result_free(run.result);
}

static void refuses(void **state)
{
    static const struct {
        const char *lags, *time;
        int method;
        unsigned scopes;
        const char *partial;
        enum rk_status status;
    } cases[] = {
        {"1:0", "year", RK_PEARSON, 0, NULL, RK_EUSAGE},
        {"0:x", "year", RK_PEARSON, 0, NULL, RK_EUSAGE},
        {"0:", "year", RK_PEARSON, 0, NULL, RK_EUSAGE},
        {"", "year", RK_PEARSON, 0, NULL, RK_EUSAGE},
        {"0:10000", "year", RK_PEARSON, 0, NULL, RK_EUSAGE},
        {"0:1", NULL, RK_PEARSON, 0, NULL, RK_EUSAGE},
        {NULL, NULL, RK_PEARSON, 1u << RK_TWO_WAY, NULL, RK_EUSAGE},
        {NULL, "year", RK_KENDALL, 1u << RK_TWO_WAY, NULL, RK_EUSAGE},
        {NULL, "year", RK_KENDALL, 0, "capital", RK_EUSAGE},
        {NULL, "year", RK_PEARSON, 0, "inv", RK_EUSAGE},
        {"30", "year", RK_PEARSON, 0, NULL, RK_ETOOFEW},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rk_corr_options o = RK_CORR_DEFAULT;
        struct run run;

        o.id = "firm";
        o.time = cases[i].time;
        o.lags = cases[i].lags;
        o.method = cases[i].method;
        o.scopes = cases[i].scopes;
        run =
            run_on("tests/reference/data/grunfeld_gaps.csv", &o, "value", "inv", cases[i].partial);
        assert_int_equal(run.status, cases[i].status);
        rk_result_free(run.result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lags_agree_with_r),
        cmocka_unit_test(physicians_agree_with_r),
        cmocka_unit_test(few_units_are_shifted),
        cmocka_unit_test(random_shifts_are_near_all_shifts),
        cmocka_unit_test(refuses),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
