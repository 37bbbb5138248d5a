/* rep-kpi against R on the files of tests/cli/data/kpi. */
#include <math.h>
#include <string.h>

#include <gsl/gsl_errno.h>

#include "crm_read.h"
#include "reference.h"
#include "repkit/kpi.h"

#define FOLDER "tests/cli/data/kpi/"
static const char *const sales[RK_CRM_INPUTS] = {
    [RK_CRM_ACTIVITIES] = FOLDER "activities.csv", [RK_CRM_DEALS] = FOLDER "deals.csv",
    [RK_CRM_SPEND] = FOLDER "spend.csv",           [RK_CRM_LEADS] = FOLDER "leads.csv",
    [RK_CRM_SCORES] = FOLDER "scores.csv",
};
static const char *const customers[RK_CRM_INPUTS] = {
    [RK_CRM_CUSTOMERS] = FOLDER "customers.csv",
    [RK_CRM_ORDERS] = FOLDER "orders.csv",
};

static enum rk_status run(const char *const *specs, struct rk_kpi_options *options,
                          struct rk_result *result, struct rk_error *error)
{
    struct rk_crm_files files;
    enum rk_status status = read_crm(specs, &files, error);

    if (status == RK_OK)
        status = rk_kpi_run(&files, options, NULL, result, error);
    rk_crm_files_free(&files);
    return status;
}

/* The row of a KPI against `name`: estimate, std_error, conf_low, conf_high. */
static void check_row(const struct rk_result *result, size_t row, const char *name)
{
    const struct rk_table *table = rk_result_table(result, "kpi");
    static const size_t column[] = {2, 3, 4, 5};

    /* slopes and maxima of a likelihood are found by steps */
    for (size_t i = 0; i < 4; i++)
        assert_close(table->column[column[i]].number[row], reference_at("kpi", name, i + 1),
                     strcmp(name, "clv_bgnbd") == 0 ? 1e-6 : 1e-9);
}

static void check(const char *const *specs, const char *kpi, const char *definition,
                  const char *const *totals, const char *name)
{
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    assert_int_equal(rk_names_add(&options.kpis, kpi), RK_OK);
    if (definition[0] != '\0')
        assert_int_equal(rk_names_add(&options.definitions, definition), RK_OK);
    for (; totals != NULL && *totals != NULL; totals++)
        assert_int_equal(rk_names_add(&options.totals, *totals), RK_OK);
    assert_int_equal(run(specs, &options, result, &error), RK_OK);
    assert_int_equal(rk_result_table(result, "kpi")->n_rows, 1);
    check_row(result, 0, name);
    rk_names_free(&options.kpis);
    rk_names_free(&options.definitions);
    rk_names_free(&options.totals);
    rk_result_free(result);
}

static void test_of_customers(void **state)
{
    static const char *const terms[] = {"margin=100", "discount_rate=0.1", NULL};
    static const char *const five_years[] = {"margin=100", "discount_rate=0.1", "lifetime=5", NULL};
    static const char *const loss[] = {"margin=-100", "discount_rate=0.1", NULL};
    static const char *const with_margin[] = {"margin=0.4", "discount_rate=0.1", NULL};

    (void)state;
    check(customers, "retention", "", NULL, "retention");
    check(customers, "churn", "", NULL, "churn");
    check(customers, "nrr", "", NULL, "nrr");
    check(customers, "grr", "", NULL, "grr");
    check(customers, "avg-order", "", NULL, "avg_order");
    check(customers, "frequency", "", NULL, "frequency");
    check(customers, "repeat-rate", "", NULL, "repeat_rate");
    check(customers, "clv", "", NULL, "clv");
    check(customers, "clv", "contract", terms, "clv_contract");
    check(customers, "clv", "contract", loss, "clv_of_a_loss");
    check(customers, "clv", "contract", five_years, "clv_contract_for");
    check(customers, "clv", "bgnbd", with_margin, "clv_bgnbd");
}

static void test_of_sales(void **state)
{
    (void)state;
    check(sales, "cost-per-lead", "", NULL, "cost_per_lead");
    check(sales, "revenue-per-lead", "", NULL, "revenue_per_lead");
    check(sales, "conversion", "", NULL, "conversion");
    check(sales, "win-rate", "", NULL, "win_rate");
    check(sales, "win-rate", "cohort", NULL, "win_rate_cohort");
    check(sales, "sales-cycle", "", NULL, "sales_cycle");
    check(sales, "sales-cycle", "rmst", NULL, "sales_cycle_rmst");
    check(sales, "sales-cycle", "mean-closed", NULL, "sales_cycle_closed");
    check(sales, "velocity", "", NULL, "velocity");
    check(sales, "efficiency", "", NULL, "efficiency");
    check(sales, "satisfaction", "", NULL, "satisfaction");
    check(sales, "nps", "", NULL, "nps");
    check(sales, "csat", "", NULL, "csat");
}

static void test_of_totals(void **state)
{
    static const char *const none[RK_CRM_INPUTS] = {NULL};
    static const char *const cac[] = {"marketing_cost=80000", "sales_cost=40000",
                                      "new_customers=86", NULL};

    (void)state;
    check(none, "cac", "", cac, "cac");
}

static void check_difference(const char *const *specs, const char *kpi, const char *cut,
                             const char *name)
{
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = rk_result_new();
    const struct rk_table *table;
    struct rk_error error = {0};

    options.cut = cut;
    assert_int_equal(rk_names_add(&options.kpis, kpi), RK_OK);
    assert_int_equal(run(specs, &options, result, &error), RK_OK);
    table = rk_result_table(result, "kpi");
    assert_int_equal(table->n_rows, 3);
    assert_string_equal(rk_table_text(table, 2, 1), "difference");
    assert_close(table->column[2].number[2], reference_at("kpi", name, 1), 1e-9);
    assert_close(table->column[4].number[2], reference_at("kpi", name, 2), 1e-9);
    assert_close(table->column[5].number[2], reference_at("kpi", name, 3), 1e-9);
    rk_names_free(&options.kpis);
    rk_result_free(result);
}

static void test_cut(void **state)
{
    (void)state;
    check_difference(sales, "conversion", "2024-02-15", "conversion_difference");
    check_difference(customers, "avg-order", "2024-01-01", "avg_order_difference");
}

/* A row of the table `tests` against `name`: the columns listed, in its order. */
static void check_test(const struct rk_result *result, size_t row, const char *name,
                       const size_t *column, size_t n)
{
    const struct rk_table *table = rk_result_table(result, "tests");

    for (size_t i = 0; i < n; i++)
        assert_close(table->column[column[i]].number[row], reference_at("kpi", name, i + 1), 1e-9);
}

static void test_two_sides(void **state)
{
    static const size_t all[] = {1, 2, 3, 5, 6, 7}, chi_squared[] = {3, 5};
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    (void)state;
    options.cut = "2024-02-15";
    options.tests = true;
    assert_int_equal(rk_names_add(&options.kpis, "sales-cycle"), RK_OK);
    assert_int_equal(rk_names_add(&options.definitions, "rmst"), RK_OK);
    assert_int_equal(run(sales, &options, result, &error), RK_OK);
    check_test(result, 0, "log_rank", chi_squared, 2);
    check_test(result, 1, "hazard_ratio", all, 6);
    check_test(result, 2, "rmst_difference", all, 6);
    assert_close(rk_result_table(result, "kpi")->column[2].number[2],
                 reference_at("kpi", "rmst_difference", 1), 1e-9);
    rk_names_free(&options.kpis);
    rk_names_free(&options.definitions);
    rk_result_free(result);
}

static void test_what_is_missing(void **state)
{
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(rk_names_add(&options.kpis, "retention"), RK_OK);
    assert_int_equal(run(sales, &options, result, &error), RK_EUSAGE);
    assert_string_equal(error.text, "retention needs --customers");
    rk_names_free(&options.kpis);
    rk_result_free(result);
}

/* Refused by name, and nothing is computed of the rest. */
static void test_what_cannot_be(void **state)
{
    static const char *const none[RK_CRM_INPUTS] = {NULL};
    static const char *const totals[][2] = {
        {"lost=-1", "--set lost=-1: counts cannot be negative"},
        {"sales_cost=-0.5", "--set sales_cost=-0.5: costs cannot be negative"},
        {"retention=1.01", "--set retention=1.01: a share is at most 1, or 100%"},
    };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct rk_kpi_options options = RK_KPI_DEFAULT;
        struct rk_result *result = rk_result_new();
        struct rk_error error = {0};

        assert_int_equal(rk_names_add(&options.kpis, "win-rate"), RK_OK);
        assert_int_equal(rk_names_add(&options.totals, "won=3"), RK_OK);
        assert_int_equal(rk_names_add(&options.totals, "lost=3"), RK_OK);
        assert_int_equal(rk_names_add(&options.totals, totals[i][0]), RK_OK);
        assert_int_equal(run(none, &options, result, &error), RK_EUSAGE);
        assert_string_equal(error.text, totals[i][1]);
        assert_null(rk_result_table(result, "kpi"));
        rk_names_free(&options.kpis);
        rk_names_free(&options.totals);
        rk_result_free(result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_customers),   cmocka_unit_test(test_of_sales),
        cmocka_unit_test(test_of_totals),      cmocka_unit_test(test_cut),
        cmocka_unit_test(test_two_sides),      cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_what_cannot_be),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("kpi", tests, NULL, NULL);
}
