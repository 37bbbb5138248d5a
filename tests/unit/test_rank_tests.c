/* Signs and distribution functions against R (tests/reference/compare_tests.R). */
#include "two_sample.h"

#include "repkit/rank_tests.h"

#undef TOPIC
#define TOPIC "compare_tests"

static void check_sign(const char *name, const double *d, size_t n)
{
    struct rk_rank_test t;

    assert_int_equal(rk_sign_test(d, n, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.statistic, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t.p_value, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(t.estimate, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t.conf_low, reference_at(TOPIC, name, 4), TOLERANCE);
    assert_close(t.conf_high, reference_at(TOPIC, name, 5), TOLERANCE);
    assert_close(t.conf_achieved, reference_at(TOPIC, name, 6), TOLERANCE);
}

static void test_signs(void **state)
{
    struct pair sleep = differences("sleep", "first", "second");
    size_t n;
    double *depth = reference_data("quakes_depth", "depth", &n), d[9];
    struct rk_rank_test t;

    (void)state;
    check_sign("sign_sleep", sleep.y, sleep.ny);
    for (size_t i = 0; i < 9; i++)
        d[i] = -reference_at(TOPIC, "depression", i + 1);
    for (size_t i = 0; i < n; i++)
        depth[i] -= 250;
    check_sign("sign_quakes", depth, n);
    /* the other sign turns all round */
    assert_int_equal(rk_sign_test(d, 9, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.statistic, 9 - reference_at(TOPIC, "sign_depression", 1), TOLERANCE);
    assert_close(-t.conf_high, reference_at(TOPIC, "sign_depression", 4), TOLERANCE);
    for (size_t i = 0; i < 9; i++)
        d[i] = -d[i];
    check_sign("sign_depression", d, 9);
    assert_int_equal(rk_sign_test(d, 1, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(isnan(t.conf_low) && t.p_value == 1.0);
    assert_int_equal(rk_sign_test(d, 0, 0.0, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    for (size_t i = 0; i < 9; i++)
        d[i] = 0.0;
    for (size_t used = 0; used < 9; used++) {
        assert_int_equal(rk_sign_test(d, 9, 0.0, RK_GREATER, 0.95, &t), RK_OK);
        assert_close(t.p_smallest, pow(0.5, (double)used), TOLERANCE);
        assert_int_equal(rk_sign_test(d, 9, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
        assert_close(t.p_smallest, used == 0 ? 1.0 : pow(0.5, (double)used - 1.0), TOLERANCE);
        d[used] = 1.0;
        assert_close(t.p_value, t.p_smallest, TOLERANCE);
    }
    d[0] = NAN;
    assert_int_equal(rk_sign_test(d, 9, 0.0, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
    release(&sleep);
    free(depth);
}

static void check_ks(const char *name, const double *x, size_t nx, const double *y, size_t ny)
{
    static const char *const sides[] = {"two.sided", "less", "greater"};
    char row[64];
    struct rk_ks_test t;

    for (int a = 0; a < 3; a++) {
        snprintf(row, sizeof row, "%s_%s", name, sides[a]);
        assert_int_equal(rk_ks_test(x, nx, y, ny, a, &t), RK_OK);
        assert_true(t.exact);
        assert_true(fabs(t.statistic - reference_at(TOPIC, row, 1)) < 1e-12); /* R: 1e-16 for 0 */
        assert_close(t.p_value, reference_at(TOPIC, row, 2), TOLERANCE);
    }
}

static void test_ks(void **state)
{
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct pair tooth = split("tooth_growth", "len", "supp");
    size_t n;
    double *depth = reference_data("quakes_depth", "depth", &n), x[12], y[9];
    struct rk_ks_test t;

    (void)state;
    check_ks("ks_mtcars", cars.x, cars.nx, cars.y, cars.ny);
    check_ks("ks_tooth", tooth.x, tooth.nx, tooth.y, tooth.ny);
    for (size_t i = 0; i < 12; i++)
        x[i] = reference_at(TOPIC, "ks_untied_x", i + 1);
    for (size_t i = 0; i < 9; i++)
        y[i] = reference_at(TOPIC, "ks_untied_y", i + 1);
    check_ks("ks_untied", x, 12, y, 9);
    for (int a = 0; a < 3; a++) {
        assert_int_equal(rk_ks_test(depth, 500, depth + 500, 500, a, &t), RK_OK);
        assert_false(t.exact);
        assert_close(t.p_value, reference_at(TOPIC, "ks_limit", (size_t)a + 1), TOLERANCE);
    }
    assert_int_equal(rk_ks_test(x, 1, x, 1, RK_TWO_SIDED, &t), RK_OK);
    assert_true(t.statistic == 0.0 && t.p_value == 1.0);
    assert_int_equal(rk_ks_test(x, 0, x, 1, RK_TWO_SIDED, &t), RK_ETOOFEW);
    x[0] = INFINITY;
    assert_int_equal(rk_ks_test(x, 2, y, 1, RK_TWO_SIDED, &t), RK_EDOMAIN);
    release(&cars);
    release(&tooth);
    free(depth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_signs), cmocka_unit_test(test_ks)};

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("rank_tests", tests, NULL, NULL);
}
