/* What small changes of the code (make mutate) showed to be untested. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>

#include "repkit/alternative.h"
#include "repkit/panel_fit.h"
#include "repkit/power_design.h"
#include "repkit/rank_tests.h"
#include "repkit/t_test.h"

#define TOPIC "survivors"

/* More pairs than are counted exactly, and a distance so small that the other series is summed. */
static void test_small_distances(void **state)
{
    static const double shift[] = {0.02001, 0.05001, 0.09001};
    double x[150], y[140];

    (void)state;
    for (size_t i = 0; i < 150; i++)
        x[i] = (double)(i + 1) / 150.0;
    for (size_t k = 0; k < 3; k++) {
        struct rk_ks_test test;
        char name[32];

        for (size_t i = 0; i < 140; i++)
            y[i] = (double)(i + 1) / 140.0 + shift[k];
        assert_int_equal(rk_ks_test(x, 150, y, 140, RK_TWO_SIDED, &test), RK_OK);
        assert_false(test.exact);
        snprintf(name, sizeof name, "ks.statistic.%zu", k + 1);
        assert_close(test.statistic, reference(TOPIC, name), 1e-9);
        snprintf(name, sizeof name, "ks.p.%zu", k + 1);
        assert_close(test.p_value, reference(TOPIC, name), 1e-6); /* R stops there */
    }
}

/* Two coefficients with one variance between them: taken as independent. */
static void test_band_of_a_singular_variance(void **state)
{
    const size_t index[] = {0, 1};
    double coef[] = {1, 2}, vcov[] = {1, 1, 1, 1}, std_error[] = {1, 1};
    double df[] = {INFINITY, INFINITY}, critical;
    const struct rk_panel_fit fit = {
        .p = 2, .coef = coef, .vcov = vcov, .std_error = std_error, .df = df};

    (void)state;
    assert_int_equal(rk_sup_t(&fit, index, 2, 0.95, "", NULL, &critical), RK_OK);
    assert_close(critical, reference(TOPIC, "sidak.2"), 0.005);
}

static void test_ends_of_ranges(void **state)
{
    const struct rk_ratio_of_means means = {2.0, 3.0, 0.1, 0.1, 0.0, 20.0};
    struct rk_power_plan plan = RK_POWER_PLAN_DEFAULT;
    struct rk_t_test test;

    (void)state;
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 0.5, &test), RK_OK);
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 0.0, &test), RK_EDOMAIN);
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 1.0, &test), RK_EDOMAIN);
    plan.n = 20.0;
    plan.effect = 0.5;
    assert_true(rk_power_of(&plan) > 0.05);
    plan.sig_level = 1.0;
    assert_true(isnan(rk_power_of(&plan)));
    plan.sig_level = 0.0;
    assert_true(isnan(rk_power_of(&plan)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_distances),
        cmocka_unit_test(test_band_of_a_singular_variance),
        cmocka_unit_test(test_ends_of_ranges),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
