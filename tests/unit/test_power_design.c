/* Power and sample sizes against R. */
#include <math.h>

#include "reference.h"
#include "repkit/alternative.h"
#include "repkit/power_design.h"

/* What is left 0 has its default. */
static struct rk_power_plan complete(struct rk_power_plan plan)
{
    if (plan.sd == 0.0)
        plan.sd = 1.0;
    if (plan.sig_level == 0.0)
        plan.sig_level = 0.05;
    if (plan.predictors == 0)
        plan.predictors = 1;
    if (plan.cluster_size == 0.0)
        plan.cluster_size = 1.0;
    if (plan.before == 0)
        plan.before = plan.after = 1;
    return plan;
}
#define PLAN(...) complete((struct rk_power_plan){__VA_ARGS__})

static double power_of(struct rk_power_plan plan)
{
    return rk_power_of(&plan);
}

#define assert_power(name, ...) \
    assert_close(power_of(PLAN(__VA_ARGS__)), reference("power", name), 1e-9)

static void test_power_of_t_tests(void **state)
{
    (void)state;
    assert_power("two_sample_20", .n = 20, .effect = 1);
    assert_power("two_sample_5", .n = 5, .effect = 0.8, .sd = 1.5);
    assert_power("two_sample_64", .n = 64, .effect = -0.5);
    assert_power("two_sample_2", .n = 2, .effect = 3);
    assert_power("two_sample_5_greater", .n = 5, .effect = 0.8, .sd = 1.5,
                 .alternative = RK_GREATER);
    assert_power("two_sample_5_greater", .n = 5, .effect = -0.8, .sd = 1.5, .alternative = RK_LESS);
    assert_power("paired_20", .design = RK_POWER_PAIRED, .n = 20, .effect = 0.5);
    assert_power("paired_9", .design = RK_POWER_PAIRED, .n = 9, .effect = 1.58, .sd = 1.23);
    assert_power("cluster_40", .n = 40, .effect = 0.6, .cluster_size = 5, .icc = 0.2);
    assert_power("cluster_96", .n = 96, .effect = 0.4, .cluster_size = 8, .icc = 0.05);
}

static void test_power_of_other_designs(void **state)
{
    (void)state;
    assert_power("prop_77", .design = RK_POWER_PROPORTION, .n = 77, .baseline = 0.5,
                 .effect = 0.25);
    assert_power("prop_30", .design = RK_POWER_PROPORTION, .n = 30, .baseline = 0.1, .effect = 0.1);
    assert_power("prop_30_greater", .design = RK_POWER_PROPORTION, .n = 30, .baseline = 0.1,
                 .effect = 0.1, .alternative = RK_GREATER);
    assert_power("r_20", .design = RK_POWER_CORRELATION, .n = 20, .effect = 0.3);
    assert_power("r_50_greater", .design = RK_POWER_CORRELATION, .n = 50, .effect = 0.25,
                 .alternative = RK_GREATER);
    assert_power("r_50_less", .design = RK_POWER_CORRELATION, .n = 50, .effect = -0.25,
                 .alternative = RK_LESS);
    assert_power("r_200", .design = RK_POWER_CORRELATION, .n = 200, .effect = -0.1);
    assert_power("f2_u3", .design = RK_POWER_REGRESSION, .n = 76, .effect = 0.15, .predictors = 3);
    assert_power("f2_u1", .design = RK_POWER_REGRESSION, .n = 20, .effect = 0.35);
    assert_power("f2_u5", .design = RK_POWER_REGRESSION, .n = 200, .effect = 0.02, .predictors = 5);
}

static void test_groups_of_two_sizes(void **state)
{
    (void)state;
    assert_power("two_sample_19_13", .n = 19, .n_second = 13, .effect = 0.9);
    assert_power("two_sample_19_13", .n = 13, .n_second = 19, .effect = -0.9);
    assert_power("two_sample_200_40", .n = 200, .n_second = 40, .effect = 0.4,
                 .alternative = RK_GREATER);
    assert_power("prop_120_60", .design = RK_POWER_PROPORTION, .n = 120, .n_second = 60,
                 .baseline = 0.3, .effect = 0.2);
    assert_power("prop_40_90", .design = RK_POWER_PROPORTION, .n = 40, .n_second = 90,
                 .baseline = 0.1, .effect = 0.15);
    assert_true(isnan(power_of(PLAN(.n = 0.5, .n_second = 9, .effect = 1))));
    assert_true(isnan(power_of(PLAN(.n = 1, .n_second = 2, .effect = 1))));
    /* Pairs know no second size. */
    assert_power("paired_20", .design = RK_POWER_PAIRED, .n = 20, .n_second = 3, .effect = 0.5);
}

static double n_for(struct rk_power_plan plan, double power)
{
    double n = NAN;

    assert_int_equal(rk_power_solve_n(&plan, power, &n), RK_OK);
    return n;
}

static double effect_for(struct rk_power_plan plan, double power)
{
    double effect = NAN;

    assert_int_equal(rk_power_solve_effect(&plan, power, &effect), RK_OK);
    return effect;
}

/* R's roots are as good as its uniroot. */
static void test_solving(void **state)
{
    (void)state;
    assert_close(n_for(PLAN(.effect = 1), 0.9), reference("power", "two_sample_n"), 1e-8);
    assert_close(n_for(PLAN(.effect = 0.2), 0.8), reference("power", "two_sample_n_small"), 1e-8);
    assert_close(n_for(PLAN(.effect = -0.2), 0.8), reference("power", "two_sample_n_small"), 1e-8);
    assert_close(n_for(PLAN(.design = RK_POWER_PAIRED, .effect = 0.5), 0.8),
                 reference("power", "paired_n"), 1e-8);
    assert_close(n_for(PLAN(.design = RK_POWER_PROPORTION, .baseline = 0.5, .effect = 0.25), 0.9),
                 reference("power", "prop_n"), 1e-8);
    assert_close(n_for(PLAN(.design = RK_POWER_CORRELATION, .effect = 0.3), 0.8),
                 reference("power", "r_n"), 1e-8);
    assert_close(n_for(PLAN(.design = RK_POWER_REGRESSION, .effect = 0.15, .predictors = 3), 0.8),
                 reference("power", "f2_n"), 1e-8);
    assert_close(effect_for(PLAN(.n = 12, .sd = 2), 0.8), reference("power", "two_sample_delta"),
                 1e-8);
    assert_close(0.5 +
                     effect_for(PLAN(.design = RK_POWER_PROPORTION, .n = 50, .baseline = 0.5), 0.9),
                 reference("power", "prop_p2"), 1e-8);
    /* a loss from 0.5 is a gain of the other outcome */
    assert_close(effect_for(PLAN(.design = RK_POWER_PROPORTION, .n = 50, .baseline = 0.3,
                                 .alternative = RK_LESS),
                            0.9),
                 -effect_for(PLAN(.design = RK_POWER_PROPORTION, .n = 50, .baseline = 0.7,
                                  .alternative = RK_GREATER),
                             0.9),
                 1e-12);
    assert_close(
        effect_for(PLAN(.design = RK_POWER_DID, .n = 10, .icc = 0.5, .before = 6, .after = 6), 0.8),
        reference("power", "did_mde_10"), 1e-9);
    assert_close(effect_for(PLAN(.design = RK_POWER_DID, .n = 25, .sd = 3, .icc = 0.3, .ar = 0.45,
                                 .before = 3, .after = 9),
                            0.9),
                 reference("power", "did_mde_25"), 1e-9);
}

static void test_change_variance(void **state)
{
    struct rk_power_plan plan = PLAN(.design = RK_POWER_DID, .n = 15, .icc = 0.4, .ar = 0.2,
                                     .before = 4, .after = 6, .ancova = true);
    double std_error, df;

    (void)state;
    assert_close(rk_change_variance(6, 6, 0), reference("power", "change_0"), 1e-12);
    assert_close(rk_change_variance(6, 6, 0.3), reference("power", "change_3"), 1e-12);
    assert_close(rk_change_variance(6, 6, 0.6), reference("power", "change_6"), 1e-12);
    assert_close(rk_change_variance(3, 9, 0.45), reference("power", "change_uneven"), 1e-12);
    rk_power_error(&plan, &std_error, &df);
    assert_close(std_error, reference("power", "ancova_se"), 1e-12);
    assert_close(df, 27, 0);
    plan.icc = 0.5;
    plan.ar = 0;
    rk_power_error(&plan, &std_error, &df);
    assert_close(std_error, reference("power", "ancova_exchangeable"), 1e-12);
}

static void test_errors_of_sign_and_size(void **state)
{
    double type_s, type_m;

    (void)state;
    rk_type_s_m(1, 3.28, 18, 0.05, &type_s, &type_m);
    assert_close(type_s, reference_at("power", "s_m_weak", 1), 1e-9);
    assert_close(type_m, reference_at("power", "s_m_weak", 2), 1e-8);
    rk_type_s_m(-2, 1.1, 30, 0.05, &type_s, &type_m);
    assert_close(type_s, reference_at("power", "s_m_middle", 1), 1e-9);
    assert_close(type_m, reference_at("power", "s_m_middle", 2), 1e-8);
    rk_type_s_m(0.1, 0.3, INFINITY, 0.05, &type_s, &type_m);
    assert_close(type_s, reference_at("power", "s_m_normal", 1), 1e-6);
    assert_close(type_m, reference_at("power", "s_m_normal", 2), 1e-6);
    rk_type_s_m(0, 1, 10, 0.05, &type_s, &type_m);
    assert_true(isnan(type_s) && isnan(type_m));
}

static void test_exact_shares(void **state)
{
    struct rk_power_plan plan =
        PLAN(.design = RK_POWER_PROPORTION, .n = 30, .baseline = 0.1, .effect = 0.1);

    (void)state;
    assert_close(rk_power_proportion_exact(&plan), reference("power", "prop_exact_30"), 1e-9);
    plan = PLAN(.design = RK_POWER_PROPORTION, .n = 77, .baseline = 0.5, .effect = 0.25);
    assert_close(rk_power_proportion_exact(&plan), reference("power", "prop_exact_77"), 1e-9);
    plan.n = 1001;
    assert_true(isnan(rk_power_proportion_exact(&plan)));
}

static void test_what_has_no_answer(void **state)
{
    struct rk_power_plan plan = PLAN(.effect = 0);
    double n = 7, effect = 8;

    (void)state;
    assert_int_equal(rk_power_solve_n(&plan, 0.8, &n), RK_ENOCONVERGE);
    assert_int_equal(rk_power_solve_n(&plan, 1.0, &n), RK_EDOMAIN);
    assert_int_equal((int)n, 7);
    plan = PLAN(.design = RK_POWER_PROPORTION, .n = 3, .baseline = 0.9);
    assert_int_equal(rk_power_solve_effect(&plan, 0.99, &effect), RK_ENOCONVERGE);
    plan.n = 1;
    assert_int_equal(rk_power_solve_effect(&plan, 0.8, &effect), RK_EDOMAIN);
    assert_int_equal((int)effect, 8);
    assert_true(isnan(power_of(PLAN(.n = 1, .effect = 1))));
    assert_true(isnan(power_of(PLAN(.n = 10, .effect = 1, .sd = -1))));
    assert_true(isnan(power_of(PLAN(.design = RK_POWER_CORRELATION, .n = 10, .effect = 1))));
    assert_true(isnan(power_of(PLAN(.design = RK_POWER_REGRESSION, .n = 10, .effect = -1))));
    assert_true(
        isnan(power_of(PLAN(.design = RK_POWER_PROPORTION, .n = 9, .baseline = 0.9, .effect = 1))));
    /* a tiny or a huge effect */
    assert_close(n_for(PLAN(.effect = 100), 0.8), 2, 0);
    assert_true(n_for(PLAN(.effect = 1e-3), 0.8) > 1e7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_of_t_tests),    cmocka_unit_test(test_power_of_other_designs),
        cmocka_unit_test(test_groups_of_two_sizes), cmocka_unit_test(test_solving),
        cmocka_unit_test(test_change_variance),     cmocka_unit_test(test_errors_of_sign_and_size),
        cmocka_unit_test(test_exact_shares),        cmocka_unit_test(test_what_has_no_answer),
    };

    return cmocka_run_group_tests_name("power_design", tests, NULL, NULL);
}
