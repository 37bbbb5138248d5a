/* Proportions, odds and rates against R (tests/reference/compare_tests.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "repkit/proportions.h"

#define TOPIC "compare_tests"
#define TOLERANCE 1e-9

static void test_binomial(void **state)
{
    const struct {
        uint64_t k, n;
        double p;
    } of[] = {
        {7, 20, .3},          {0, 9, .5}, {682, 925, .75}, {3, 3, .2}, {11, 32, 800.0 / 3811.0},
        {499000, 1000000, .5}};
    double low, high;

    (void)state;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        assert_close(rk_binomial_p(of[i].k, of[i].n, of[i].p, RK_TWO_SIDED),
                     reference_at(TOPIC, "binomial_two", i + 1), TOLERANCE);
        assert_close(rk_binomial_p(of[i].k, of[i].n, of[i].p, RK_LESS),
                     reference_at(TOPIC, "binomial_less", i + 1), TOLERANCE);
        assert_close(rk_binomial_p(of[i].k, of[i].n, of[i].p, RK_GREATER),
                     reference_at(TOPIC, "binomial_greater", i + 1), TOLERANCE);
    }
    assert_close(rk_binomial_p(5, 10, 0.5, RK_TWO_SIDED), 1.0, 1e-15);
    assert_close(rk_binomial_p(0, 5, 0.0, RK_TWO_SIDED), 1.0, 1e-15);
    assert_true(rk_binomial_p(1, 5, 0.0, RK_TWO_SIDED) == 0.0);
    assert_true(isnan(rk_binomial_p(3, 2, 0.5, RK_TWO_SIDED)));
    rk_clopper_pearson(1, 29, RK_TWO_SIDED, 0.95, &low, &high);
    assert_close(low, reference_at(TOPIC, "clopper", 1), TOLERANCE);
    assert_close(high, reference_at(TOPIC, "clopper", 2), TOLERANCE);
    rk_clopper_pearson(682, 925, RK_TWO_SIDED, 0.9, &low, &high);
    assert_close(low, reference_at(TOPIC, "clopper", 3), TOLERANCE);
    assert_close(high, reference_at(TOPIC, "clopper", 4), TOLERANCE);
    rk_wilson(81, 263, RK_TWO_SIDED, 0.95, &low, &high);
    assert_close(low, reference_at(TOPIC, "wilson", 1), TOLERANCE);
    assert_close(high, reference_at(TOPIC, "wilson", 2), TOLERANCE);
    rk_wilson(0, 20, RK_TWO_SIDED, 0.95, &low, &high);
    assert_true(low == 0.0);
    assert_close(high, reference_at(TOPIC, "wilson", 3), TOLERANCE);
}

static void check_prop(const char *name, uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2,
                       double level)
{
    struct rk_proportion_test t, less;

    assert_int_equal(rk_prop_test(k1, n1, k2, n2, RK_TWO_SIDED, level, &t), RK_OK);
    assert_close(t.estimate, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t.statistic, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(t.p_value, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t.conf_low, reference_at(TOPIC, name, 4), TOLERANCE);
    assert_close(t.conf_high, reference_at(TOPIC, name, 5), TOLERANCE);
    /* one-sided: half the level outside, the other end open */
    assert_int_equal(rk_prop_test(k1, n1, k2, n2, RK_LESS, (1.0 + level) / 2.0, &less), RK_OK);
    assert_close(less.p_value, reference_at(TOPIC, name, 6), TOLERANCE);
    assert_close(less.conf_high, t.conf_high, 1e-12);
    assert_true(less.conf_low == -1.0);
}

static void test_prop(void **state)
{
    struct rk_proportion_test t = {.p_value = -1};

    (void)state;
    check_prop("prop_newcombe", 48, 80, 56, 70, 0.95);
    check_prop("prop_berkeley", 557, 1835, 1198, 2691, 0.99);
    assert_int_equal(rk_prop_test(48, 80, 56, 70, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.conf_low, 0.0524314724, 1e-8); /* Newcombe's own table */
    assert_close(t.conf_high, 0.333872654, 1e-8);
    assert_int_equal(rk_prop_test(0, 20, 10, 10, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.conf_low, 0.6790860371, 1e-8);
    assert_close(t.conf_high, 1.0, 1e-12);
    assert_close(t.statistic, reference_at(TOPIC, "prop_extreme", 2), TOLERANCE);
    assert_int_equal(rk_prop_test(0, 5, 0, 7, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(t.p_value == 1.0 && t.estimate == 0.0);
    assert_int_equal(rk_prop_test(1, 0, 1, 2, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_prop_test(3, 2, 1, 2, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
    assert_true(t.p_value == 1.0);
}

static void check_fisher(const char *name, uint64_t k1, uint64_t n1, uint64_t k2, uint64_t n2,
                         double level)
{
    char from_r[64];
    struct rk_proportion_test t;

    snprintf(from_r, sizeof from_r, "%s_R", name);
    assert_int_equal(rk_fisher_test(k1, n1, k2, n2, 1.0, RK_TWO_SIDED, level, &t), RK_OK);
    assert_close(t.estimate, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t.p_value, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(t.conf_low, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t.conf_high, reference_at(TOPIC, name, 4), TOLERANCE);
    assert_close(t.estimate, reference_at(TOPIC, from_r, 1), 0.01);
    assert_close(t.conf_low, reference_at(TOPIC, from_r, 2), 0.01);
    assert_close(t.conf_high, reference_at(TOPIC, from_r, 3), 0.01);
    assert_int_equal(rk_fisher_test(k1, n1, k2, n2, 1.0, RK_LESS, level, &t), RK_OK);
    assert_close(t.p_value, reference_at(TOPIC, name, 5), TOLERANCE);
    assert_true(t.conf_low == 0.0);
    assert_int_equal(rk_fisher_test(k1, n1, k2, n2, 1.0, RK_GREATER, level, &t), RK_OK);
    assert_close(t.p_value, reference_at(TOPIC, name, 6), TOLERANCE);
    assert_true(isinf(t.conf_high));
}

static void test_fisher(void **state)
{
    struct rk_proportion_test t;

    (void)state;
    check_fisher("fisher_tea", 1, 4, 3, 4, 0.95);
    check_fisher("fisher_convictions", 2, 17, 10, 13, 0.95);
    check_fisher("fisher_berkeley", 557, 1835, 1198, 2691, 0.9);
    assert_int_equal(rk_fisher_test(1, 4, 3, 4, 1.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.p_value, 0.4857142857, 1e-9);
    assert_int_equal(rk_fisher_test(3, 18, 10, 12, 4.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.p_value, reference(TOPIC, "fisher_or"), TOLERANCE);
    /* an empty cell: no finite ratio, but an end */
    assert_int_equal(rk_fisher_test(0, 8, 5, 9, 1.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(isinf(t.estimate) && isinf(t.conf_high) && t.conf_low > 0.0);
    assert_int_equal(rk_fisher_test(0, 8, 0, 9, 1.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(isnan(t.estimate) && t.p_value == 1.0);
    assert_int_equal(rk_fisher_test(1, 2, 1, 2, 0.0, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
}

static void check_four(const char *name, const struct rk_proportion_test *t)
{
    assert_close(t->estimate, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t->p_value, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(t->conf_low, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t->conf_high, reference_at(TOPIC, name, 4), TOLERANCE);
}

static void test_mcnemar(void **state)
{
    struct rk_proportion_test t;

    (void)state;
    assert_int_equal(rk_mcnemar_test(86, 150, 1600, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_four("mcnemar_approval", &t);
    assert_close(t.estimate, -0.03995006242, 1e-8);
    assert_close(t.p_value, 3.71593614e-05, 1e-8);
    assert_int_equal(rk_mcnemar_test(9, 2, 30, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_four("mcnemar_small", &t);
    assert_int_equal(rk_mcnemar_test(0, 0, 12, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(t.p_value == 1.0 && t.estimate == 0.0);
    assert_int_equal(rk_mcnemar_test(0, 0, 0, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_mcnemar_test(3, 3, 5, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
}

static void test_rates(void **state)
{
    struct rk_proportion_test t;

    (void)state;
    assert_int_equal(rk_rate_ratio_test(21, 3011, 11, 800, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_four("rate_breast", &t);
    assert_close(t.estimate, 1.971488095, 1e-8);
    assert_int_equal(rk_rate_ratio_test(21, 3011, 11, 800, 1, RK_GREATER, 0.9, &t), RK_OK);
    check_four("rate_breast_greater", &t);
    assert_int_equal(rk_rate_ratio_test(838, 27, 682, 27, 0.9, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_four("rate_warp", &t);
    assert_int_equal(rk_rate_ratio_test(5, 10, 0, 12, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_four("rate_none", &t);
    assert_int_equal(rk_rate_ratio_test(0, 10, 4, 12, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(isinf(t.estimate) && isinf(t.conf_high));
    assert_int_equal(rk_rate_ratio_test(0, 10, 0, 12, 1, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_rate_ratio_test(1, 0, 1, 12, 1, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binomial), cmocka_unit_test(test_prop),
        cmocka_unit_test(test_fisher),   cmocka_unit_test(test_mcnemar),
        cmocka_unit_test(test_rates),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("proportions", tests, NULL, NULL);
}
