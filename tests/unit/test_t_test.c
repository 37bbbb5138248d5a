/* t tests against R (tests/reference/two_sample.R). */
#include "two_sample.h"

#include "repkit/t_test.h"

/* The tests that were there first, and those that came later. */
#define MORE "compare_tests"

static void check_of(const struct rk_t_test *t, const char *topic, const char *name)
{
    assert_close(t->estimate, reference_at(topic, name, 1), TOLERANCE);
    assert_close(t->std_error, reference_at(topic, name, 2), TOLERANCE);
    assert_close(t->statistic, reference_at(topic, name, 3), TOLERANCE);
    assert_close(t->df, reference_at(topic, name, 4), TOLERANCE);
    assert_close(t->p_value, reference_at(topic, name, 5), TOLERANCE);
    assert_close(t->conf_low, reference_at(topic, name, 6), TOLERANCE);
    assert_close(t->conf_high, reference_at(topic, name, 7), TOLERANCE);
}

static void check_t(const struct rk_t_test *t, const char *name)
{
    check_of(t, TOPIC, name);
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

/* --- more t tests, against tests/reference/compare_tests.R ---------------------------------- */

static void test_student(void **state)
{
    struct pair sleep = columns("sleep", "first", "second");
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct rk_t_test t;

    (void)state;
    assert_int_equal(
        rk_student_t_test(sleep.x, sleep.nx, sleep.y, sleep.ny, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_of(&t, MORE, "student_sleep");
    assert_int_equal(rk_student_t_test(cars.x, cars.nx, cars.y, cars.ny, 2, RK_TWO_SIDED, 0.9, &t),
                     RK_OK);
    check_of(&t, MORE, "student_mtcars");
    assert_int_equal(rk_student_t_test(cars.x, cars.nx, cars.y, cars.ny, 0, RK_LESS, 0.95, &t),
                     RK_OK);
    check_of(&t, MORE, "student_mtcars_less");
    assert_int_equal(rk_student_t_test(cars.x, 1, cars.y, 1, 0, RK_LESS, 0.95, &t), RK_ETOOFEW);
    assert_int_equal(rk_student_t_test(cars.x, 1, cars.y, 3, 0, RK_LESS, 0.95, &t), RK_OK);
    release(&sleep);
    release(&cars);
}

static void check_equivalence(const struct rk_t_test *t, double margin, const char *name)
{
    struct rk_t_test e;

    assert_int_equal(rk_equivalence(t, margin, 0.95, &e), RK_OK);
    assert_close(e.statistic, reference_at(MORE, name, 1), TOLERANCE);
    assert_close(e.df, reference_at(MORE, name, 2), TOLERANCE);
    assert_close(e.p_value, reference_at(MORE, name, 3), TOLERANCE);
    assert_close(e.conf_low, reference_at(MORE, name, 4), TOLERANCE);
    assert_close(e.conf_high, reference_at(MORE, name, 5), TOLERANCE);
    assert_int_equal(rk_equivalence(t, 0.0, 0.95, &e), RK_EDOMAIN);
    assert_int_equal(rk_equivalence(t, margin, 0.5, &e), RK_EDOMAIN);
}

static void test_equivalence(void **state)
{
    struct pair sleep = differences("sleep", "first", "second");
    struct pair tooth = split("tooth_growth", "len", "supp");
    struct rk_t_test t;

    (void)state;
    assert_int_equal(rk_one_sample_t_test(sleep.y, sleep.ny, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_equivalence(&t, 2.5, "tost_sleep");
    assert_int_equal(
        rk_welch_t_test(tooth.x, tooth.nx, tooth.y, tooth.ny, 0, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_equivalence(&t, 8, "tost_tooth");
    release(&sleep);
    release(&tooth);
}

static double sum_of_products(const double *x, double x_mean, const double *y, double y_mean,
                              size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += (x[i] - x_mean) * (y[i] - y_mean);
    return sum;
}

/* The two means with their variances; of pairs with their covariance, too. */
static struct rk_ratio_of_means means_of(const struct pair *p, bool paired)
{
    double nx = (double)p->nx, ny = (double)p->ny;
    struct rk_ratio_of_means m = {.df = nx - 1.0};

    for (size_t i = 0; i < p->nx; i++)
        m.x_mean += p->x[i] / nx;
    for (size_t i = 0; i < p->ny; i++)
        m.y_mean += p->y[i] / ny;
    m.vx = sum_of_products(p->x, m.x_mean, p->x, m.x_mean, p->nx) / (nx - 1.0) / nx;
    m.vy = sum_of_products(p->y, m.y_mean, p->y, m.y_mean, p->ny) / (ny - 1.0) / ny;
    m.c = paired ? sum_of_products(p->x, m.x_mean, p->y, m.y_mean, p->nx) / (nx - 1.0) / nx : 0.0;
    return m;
}

static void check_ratio(const struct rk_t_test *t, const char *name)
{
    assert_close(t->estimate, reference_at(MORE, name, 1), TOLERANCE);
    assert_close(t->std_error, reference_at(MORE, name, 2), TOLERANCE);
    assert_close(t->statistic, reference_at(MORE, name, 3), TOLERANCE);
    assert_close(t->p_value, reference_at(MORE, name, 4), TOLERANCE);
    assert_close(t->conf_low, reference_at(MORE, name, 5), TOLERANCE);
    assert_close(t->conf_high, reference_at(MORE, name, 6), TOLERANCE);
}

static void test_ratio(void **state)
{
    struct pair sleep = columns("sleep", "first", "second");
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct pair tooth = split("tooth_growth", "len", "supp"), turned;
    struct rk_ratio_of_means m;
    struct rk_t_test t, welch;

    (void)state;
    turned = (struct pair){tooth.y, tooth.x, tooth.ny, tooth.nx}; /* OJ over VC */
    m = means_of(&turned, false);
    m.df = 58;
    assert_int_equal(rk_ratio_test(&m, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_ratio(&t, "ratio_tooth");
    m = means_of(&cars, false);
    assert_int_equal(
        rk_welch_t_test(cars.x, cars.nx, cars.y, cars.ny, 0, RK_TWO_SIDED, 0.95, &welch), RK_OK);
    m.df = welch.df;
    assert_int_equal(rk_ratio_test(&m, 1.2, RK_TWO_SIDED, 0.9, &t), RK_OK);
    check_ratio(&t, "ratio_mtcars");
    assert_int_equal(rk_ratio_test(&m, 1.2, RK_GREATER, 0.95, &t), RK_OK);
    assert_close(t.conf_low, reference_at(MORE, "ratio_mtcars", 5), TOLERANCE);
    assert_true(isinf(t.conf_high));
    for (size_t i = 0; i < sleep.nx; i++)
        sleep.x[i] += 3, sleep.y[i] += 3;
    m = means_of(&sleep, true);
    assert_int_equal(rk_ratio_test(&m, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    check_ratio(&t, "ratio_pairs");
    /* a first mean within chance of 0 bounds nothing; one of 0 has no ratio */
    m.x_mean = 0.1;
    assert_int_equal(rk_ratio_test(&m, 1, RK_TWO_SIDED, 0.95, &t), RK_OK);
    assert_true(isnan(t.conf_low) && isnan(t.conf_high));
    m.x_mean = 0.0;
    assert_int_equal(rk_ratio_test(&m, 1, RK_TWO_SIDED, 0.95, &t), RK_EDOMAIN);
    m = (struct rk_ratio_of_means){2, 3, 0, 0, 0, 5};
    assert_int_equal(rk_ratio_test(&m, 1, RK_TWO_SIDED, 0.95, &t), RK_ECONSTANT);
    release(&sleep);
    release(&cars);
    release(&tooth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_welch),        cmocka_unit_test(test_paired),
        cmocka_unit_test(test_t_degenerate), cmocka_unit_test(test_student),
        cmocka_unit_test(test_equivalence),  cmocka_unit_test(test_ratio),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("t_test", tests, NULL, NULL);
}
