/* Effect sizes and the noncentral t distribution against R (tests/reference/two_sample.R). */
#include "two_sample.h"

#include "repkit/effect_size.h"
#include "repkit/noncentral.h"

static void test_noncentral_t(void **state)
{
    static const double argument[][3] = {{2, 10, 1},  {0, 5, 1},    {-1, 3, 2},   {4, 1, 1},
                                         {30, 8, 25}, {5, 1000, 4}, {20, 1.5, 3}, {-6, 9, -4}};
    double ncp = 42.0;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        const double *a = argument[i];

        assert_close(rk_pnt(a[0], a[1], a[2], RK_LOWER_TAIL), reference_at(TOPIC, "pnt", i + 1),
                     1e-9);
        assert_close(rk_pnt(a[0], a[1], a[2], RK_UPPER_TAIL),
                     reference_at(TOPIC, "pnt_upper", i + 1), 1e-9);
    }
    assert_close(rk_pnt(2, 10, 1, RK_LOWER_TAIL), 0.80761156253, 1e-11);
    /* no noncentrality: Student's t, in both tails, far out */
    assert_close(rk_pnt(-30, 7, 0, RK_LOWER_TAIL), rk_pt(-30, 7, RK_LOWER_TAIL), 1e-9);
    assert_close(rk_pnt(12, 46000, 0, RK_UPPER_TAIL), rk_pt(12, 46000, RK_UPPER_TAIL), 1e-9);
    assert_true(rk_pnt(INFINITY, 3, 1, RK_UPPER_TAIL) == 0.0);
    assert_true(isnan(rk_pnt(1, 0.5, 0, RK_LOWER_TAIL)) && isnan(rk_pnt(1, 3, NAN, RK_LOWER_TAIL)));

    assert_int_equal(rk_ncp_of_t(1, 0, 0.5, &ncp), RK_EDOMAIN);
    assert_int_equal(rk_ncp_of_t(1, 5, 1.0, &ncp), RK_EDOMAIN);
    assert_int_equal(rk_ncp_of_t(NAN, 5, 0.5, &ncp), RK_EDOMAIN);
    assert_true(ncp == 42.0);
    for (int i = 0; i < 3; i++) {
        static const double far[][3] = {{1e6, 2, 0.025}, {-50, 4, 0.975}, {300, 46000, 0.0005}};

        assert_int_equal(rk_ncp_of_t(far[i][0], far[i][1], far[i][2], &ncp), RK_OK);
        assert_close(rk_pnt(far[i][0], far[i][1], ncp, RK_LOWER_TAIL), far[i][2], 1e-9);
    }
}

static void check_effect(const struct rk_effect_size *e, const char *name, double tolerance)
{
    assert_close(e->estimate, reference_at(TOPIC, name, 1), tolerance);
    assert_close(e->conf_low, reference_at(TOPIC, name, 2), tolerance);
    assert_close(e->conf_high, reference_at(TOPIC, name, 3), tolerance);
}

static void test_standardised_differences(void **state)
{
    struct pair cars = split("mtcars_am", "mpg", "am"), sleep = columns("sleep", "first", "second");
    struct pair tooth = split("tooth_growth", "len", "supp");
    struct pair d = differences("sleep", "first", "second"),
                depression = differences("depression", "x", "y");
    struct rk_effect_size e, one_sided;

    (void)state;
    assert_int_equal(rk_hedges_g(cars.x, cars.nx, cars.y, cars.ny, 0, RK_TWO_SIDED, 0.95, &e),
                     RK_OK);
    check_effect(&e, "g_mtcars", TOLERANCE);
    check_effect(&e, "effectsize_g_mtcars", 1e-4);
    assert_close(e.estimate, 1.440635402, 1e-9);
    assert_int_equal(rk_hedges_g(tooth.x, tooth.nx, tooth.y, tooth.ny, 0, RK_TWO_SIDED, 0.95, &e),
                     RK_OK);
    check_effect(&e, "g_tooth", TOLERANCE);
    assert_int_equal(rk_hedges_g(sleep.x, sleep.nx, sleep.y, sleep.ny, 0.5, RK_TWO_SIDED, 0.9, &e),
                     RK_OK);
    check_effect(&e, "g_sleep", TOLERANCE);
    assert_int_equal(
        rk_hedges_g(sleep.x, sleep.nx, sleep.y, sleep.ny, 0.5, RK_GREATER, 0.95, &one_sided),
        RK_OK);
    assert_close(one_sided.conf_low, e.conf_low, 1e-10);
    assert_true(one_sided.conf_high == INFINITY);

    assert_int_equal(rk_cohen_dz(d.y, d.ny, 0, RK_TWO_SIDED, 0.95, &e), RK_OK);
    check_effect(&e, "dz_sleep", TOLERANCE);
    check_effect(&e, "effectsize_dz_sleep", 1e-4);
    assert_int_equal(rk_cohen_dz(depression.y, depression.ny, -0.2, RK_TWO_SIDED, 0.9, &e), RK_OK);
    check_effect(&e, "dz_depression", TOLERANCE);
    assert_int_equal(rk_cohen_dz(depression.y, depression.ny, -0.2, RK_LESS, 0.95, &one_sided),
                     RK_OK);
    assert_close(one_sided.conf_high, e.conf_high, 1e-10);
    assert_true(one_sided.conf_low == -INFINITY);
    release(&cars);
    release(&sleep);
    release(&tooth);
    release(&d);
    release(&depression);
}

static void test_rank_effects(void **state)
{
    struct rk_effect_size e;

    (void)state;
    assert_int_equal(rk_cliffs_delta(42, 19, 13, RK_TWO_SIDED, 0.95, &e), RK_OK);
    check_effect(&e, "delta_mtcars", TOLERANCE);
    assert_int_equal(rk_cliffs_delta(42, 19, 13, RK_LESS, 0.95, &e), RK_OK);
    check_effect(&e, "delta_mtcars_less", TOLERANCE);
    assert_int_equal(rk_cliffs_delta(575.5, 30, 30, RK_TWO_SIDED, 0.9, &e), RK_OK);
    check_effect(&e, "delta_tooth", TOLERANCE);
    assert_int_equal(rk_rank_biserial(5, 9, RK_TWO_SIDED, 0.95, &e), RK_OK);
    check_effect(&e, "rb_depression", TOLERANCE);
    assert_int_equal(rk_rank_biserial(55.5, 11, RK_TWO_SIDED, 0.9, &e), RK_OK);
    check_effect(&e, "rb_pairs", TOLERANCE);
    assert_int_equal(rk_rank_biserial(55.5, 11, RK_GREATER, 0.95, &e), RK_OK);
    check_effect(&e, "rb_pairs_greater", TOLERANCE);
}

static void test_effect_degenerate(void **state)
{
    static const double constant[] = {3, 3, 3}, three[] = {1, 2, 4}, bad[] = {1, 2, NAN};
    struct rk_effect_size e = {42, 1, 2}, unchanged = e;

    (void)state;
    assert_int_equal(rk_hedges_g(three, 1, three, 3, 0, RK_TWO_SIDED, 0.95, &e), RK_ETOOFEW);
    assert_int_equal(rk_hedges_g(constant, 3, constant, 2, 0, RK_TWO_SIDED, 0.95, &e),
                     RK_ECONSTANT);
    assert_int_equal(rk_hedges_g(three, 3, bad, 3, 0, RK_TWO_SIDED, 0.95, &e), RK_EDOMAIN);
    assert_int_equal(rk_cohen_dz(three, 1, 0, RK_TWO_SIDED, 0.95, &e), RK_ETOOFEW);
    assert_int_equal(rk_cohen_dz(constant, 3, 0, RK_TWO_SIDED, 0.95, &e), RK_ECONSTANT);
    assert_int_equal(rk_cohen_dz(three, 3, 0, RK_TWO_SIDED, 1.5, &e), RK_EDOMAIN);
    assert_int_equal(rk_cliffs_delta(0, 0, 3, RK_TWO_SIDED, 0.95, &e), RK_ETOOFEW);
    assert_int_equal(rk_cliffs_delta(10, 3, 3, RK_TWO_SIDED, 0.95, &e), RK_EDOMAIN);
    assert_int_equal(rk_rank_biserial(0, 0, RK_TWO_SIDED, 0.95, &e), RK_ETOOFEW);
    assert_memory_equal(&e, &unchanged, sizeof e);
    assert_int_equal(rk_cliffs_delta(0, 3, 3, RK_TWO_SIDED, 0.95, &e), RK_OK);
    assert_true(e.estimate == 1.0 && isnan(e.conf_low) && isnan(e.conf_high));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noncentral_t),
        cmocka_unit_test(test_standardised_differences),
        cmocka_unit_test(test_rank_effects),
        cmocka_unit_test(test_effect_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("effect_size", tests, NULL, NULL);
}
