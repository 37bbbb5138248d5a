/* t tests against R (tests/reference/two_sample.R). */
#include "two_sample.h"

#include "repkit/t_test.h"

static void check_t(const struct rk_t_test *t, const char *name)
{
    assert_close(t->estimate, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t->std_error, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(t->statistic, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t->df, reference_at(TOPIC, name, 4), TOLERANCE);
    assert_close(t->p_value, reference_at(TOPIC, name, 5), TOLERANCE);
    assert_close(t->conf_low, reference_at(TOPIC, name, 6), TOLERANCE);
    assert_close(t->conf_high, reference_at(TOPIC, name, 7), TOLERANCE);
}

static void test_welch(void **state)
{
    struct pair sleep = columns("sleep", "first", "second");
    struct pair tooth = split("tooth_growth", "len", "supp");
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct rk_t_test t;

    (void)state;
    assert_int_equal(
        rk_welch_t_test(sleep.x, sleep.nx, sleep.y, sleep.ny, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_t(&t, "welch_sleep");
    assert_close(t.p_value, 0.07939414019, 1e-9);
    assert_int_equal(
        rk_welch_t_test(tooth.x, tooth.nx, tooth.y, tooth.ny, 0.0, RK_TWO_SIDED, 0.99, &t), RK_OK);
    check_t(&t, "welch_tooth");
    assert_int_equal(rk_welch_t_test(cars.x, cars.nx, cars.y, cars.ny, 10.0, RK_LESS, 0.95, &t),
                     RK_OK);
    check_t(&t, "welch_mtcars_less");
    assert_int_equal(rk_welch_t_test(cars.x, cars.nx, cars.y, cars.ny, 0.0, RK_GREATER, 0.9, &t),
                     RK_OK);
    check_t(&t, "welch_mtcars_greater");
    release(&sleep);
    release(&tooth);
    release(&cars);
}

static void test_paired(void **state)
{
    struct pair sleep = differences("sleep", "first", "second");
    struct pair depression = differences("depression", "x", "y");
    struct pair cars = columns("mtcars_am", "mpg", "hp");
    struct rk_t_test t;

    (void)state;
    assert_int_equal(rk_one_sample_t_test(sleep.y, sleep.ny, 0.0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_t(&t, "paired_sleep");
    assert_int_equal(rk_one_sample_t_test(sleep.y, sleep.ny, 1.0, RK_GREATER, 0.95, &t), RK_OK);
    check_t(&t, "paired_sleep_greater");
    assert_int_equal(rk_one_sample_t_test(depression.y, depression.ny, 0.0, RK_TWO_SIDED, 0.9, &t),
                     RK_OK);
    check_t(&t, "paired_depression");
    assert_int_equal(rk_one_sample_t_test(cars.y, cars.ny, 130.0, RK_LESS, 0.95, &t), RK_OK);
    check_t(&t, "one_mtcars");
    release(&sleep);
    release(&depression);
    release(&cars);
}

static void test_t_degenerate(void **state)
{
    static const double constant[] = {0.1, 0.1, 0.1}, other[] = {0.4, 0.4}, bad[] = {1, NAN, 3};
    static const double far[] = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16}, near[] = {4, 7, 13, 16};
    static const double tiny[] = {1e-140, 2e-140, 4e-140}, small[] = {3e-140, 5e-140, 6e-140};
    struct rk_t_test t = {.estimate = 42.0}, unchanged = t, shifted;

    (void)state;
    assert_int_equal(rk_welch_t_test(near, 1, far, 4, 0, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_welch_t_test(near, 4, far, 0, 0, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_one_sample_t_test(near, 1, 0, RK_TWO_SIDED, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_welch_t_test(constant, 3, other, 2, 0, RK_TWO_SIDED, 0.95, &t),
                     RK_ECONSTANT);
    assert_int_equal(rk_one_sample_t_test(constant, 3, 0, RK_TWO_SIDED, 0.95, &t), RK_ECONSTANT);
    assert_int_equal(rk_one_sample_t_test(bad, 3, 0, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
    assert_int_equal(rk_one_sample_t_test(near, 4, 0, RK_TWO_SIDED, 1.0, &t), RK_EDOMAIN);
    assert_memory_equal(&t, &unchanged, sizeof t);

    /* one constant side still has an error; a large offset changes nothing but the estimate */
    assert_int_equal(rk_welch_t_test(constant, 3, near, 4, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_close(t.df, 3.0, 1e-12);
    assert_int_equal(rk_one_sample_t_test(near, 4, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_int_equal(rk_one_sample_t_test(far, 4, 1e9, RK_TWO_SIDED, 0.95, &shifted), RK_OK);
    assert_close(shifted.statistic, t.statistic, 1e-9);
    /* variances whose squares underflow */
    assert_int_equal(rk_welch_t_test(tiny, 3, small, 3, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(t.df >= 2.0 && t.df <= 4.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_welch),
        cmocka_unit_test(test_paired),
        cmocka_unit_test(test_t_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("t_test", tests, NULL, NULL);
}
