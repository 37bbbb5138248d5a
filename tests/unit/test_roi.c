#include "roi_run.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>

#define TOPIC "roi"
enum { VALUE = 1, CONF_LOW, CONF_HIGH, P5, P50, P95, PROB_POSITIVE };

static struct rk_result *run(size_t draws, unsigned threads)
{
    struct rk_roi_options options = RK_ROI_DEFAULT;

    options.draws = draws;
    options.cashflow = options.categories = options.each_draw = true;
    return run_model("datasets/crm_model.csv", "uplift=datasets/crm_effect.csv:test=paired-t",
                     threads, &options);
}

static double cell(const struct rk_table *table, size_t row, size_t column)
{
    return table->column[column].number[row];
}

/* The rows of R's metrics in the table. */
static const enum rk_roi_metric order[] = {
    RK_ROI_TOTAL_COST, RK_ROI_TOTAL_BENEFIT, RK_ROI_NET_BENEFIT, RK_ROI_ROI,
    RK_ROI_ROI_ANNUAL, RK_ROI_PV_COST,       RK_ROI_PV_BENEFIT,  RK_ROI_NPV,
    RK_ROI_ROI_PV,     RK_ROI_BCR,           RK_ROI_PAYBACK};

static void test_point_estimates(void **state)
{
    struct rk_result *result = run(10, 1);
    const struct rk_table *metrics = rk_result_table(result, "metrics");

    (void)state;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        assert_close(cell(metrics, order[i], VALUE), reference_at(TOPIC, "point", i + 1), 1e-11);
    assert_close(cell(metrics, RK_ROI_IRR, VALUE), reference(TOPIC, "irr"), 1e-11);
    assert_close(cell(metrics, RK_ROI_MIRR, VALUE), reference(TOPIC, "mirr"), 1e-11);
    rk_result_free(result);
}

/* Percentiles of our draws against those of R's: both have Monte Carlo error, at most about 0.0027
 * of the 95% range; four of these. The upper tail of payback is long. */
static void test_percentiles(void **state)
{
    static const int column[] = {CONF_LOW, P5, P50, P95, CONF_HIGH};
    struct rk_result *result = run(100000, 2);
    const struct rk_table *metrics = rk_result_table(result, "metrics");

    (void)state;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        char name[16];
        double range;

        snprintf(name, sizeof name, "draws%zu", i + 1);
        range = reference_at(TOPIC, name, 5) - reference_at(TOPIC, name, 1);
        for (size_t k = 0; k < 5; k++) {
            double gap =
                cell(metrics, order[i], (size_t)column[k]) - reference_at(TOPIC, name, k + 1);

            assert_true(fabs(gap) < (order[i] == RK_ROI_PAYBACK && k > 2 ? 0.08 : 0.011) * range);
        }
    }
    assert_true(fabs(cell(metrics, RK_ROI_ROI, PROB_POSITIVE) - reference(TOPIC, "roi_positive")) <
                0.0022);
    assert_true(fabs(cell(metrics, RK_ROI_NPV, PROB_POSITIVE) - reference(TOPIC, "npv_positive")) <
                0.0023);
    assert_true(fabs(cell(metrics, RK_ROI_PAYBACK, PROB_POSITIVE) -
                     reference(TOPIC, "payback_within")) < 0.0022);
    rk_result_free(result);
}

static void test_tables_agree(void **state)
{
    struct rk_result *result = run(2000, 2);
    const struct rk_table *metrics = rk_result_table(result, "metrics");
    const struct rk_table *cashflow = rk_result_table(result, "cashflow");
    const struct rk_table *categories = rk_result_table(result, "categories");
    const struct rk_table *draws = rk_result_table(result, "draws");
    double cost = 0.0, benefit = 0.0;
    size_t last = cashflow->n_rows - 1;

    (void)state;
    for (size_t i = 0; i < categories->n_rows; i++) {
        cost += cell(categories, i, 1);
        benefit += cell(categories, i, 2);
    }
    assert_close(cost, cell(metrics, RK_ROI_TOTAL_COST, VALUE), 1e-12);
    assert_close(benefit, cell(metrics, RK_ROI_TOTAL_BENEFIT, VALUE), 1e-12);
    assert_int_equal(cashflow->n_rows, 39);
    assert_true(cell(cashflow, 0, 0) == -2.0 && cell(cashflow, last, 0) == 36.0);
    assert_close(cell(cashflow, last, 4), cell(metrics, RK_ROI_NET_BENEFIT, VALUE), 1e-12);
    assert_close(cell(cashflow, last, 5), cell(metrics, RK_ROI_NPV, VALUE), 1e-12);
    assert_close(cell(cashflow, last, 6), cell(metrics, RK_ROI_NET_BENEFIT, P5), 1e-11);
    assert_close(cell(cashflow, last, 8), cell(metrics, RK_ROI_NET_BENEFIT, P95), 1e-11);
    assert_int_equal(draws->n_rows, 2000);
    rk_result_free(result);
}

static void test_threads_make_no_difference(void **state)
{
    struct rk_result *one = run(5000, 1), *three = run(5000, 3);

    (void)state;
    for (size_t t = 0; t < one->n_tables; t++) {
        const struct rk_table *a = one->table[t], *b = three->table[t];

        for (size_t j = 0; j < a->n_columns; j++)
            if (a->column[j].type == RK_NUMBER)
                assert_memory_equal(a->column[j].number, b->column[j].number,
                                    a->n_rows * sizeof(double));
    }
    rk_result_free(one);
    rk_result_free(three);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_point_estimates),
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_tables_agree),
        cmocka_unit_test(test_threads_make_no_difference),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
