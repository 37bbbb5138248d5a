#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "repkit/uncertain.h"

#define TOPIC "uncertain"
enum { N_P = 8, N_GRID = 20000 };

static struct rk_uncertain made(enum rk_dist dist, double amount, double low, double high)
{
    struct rk_uncertain uncertain;

    assert_int_equal(rk_uncertain_set(dist, amount, low, high, &uncertain, NULL), RK_OK);
    return uncertain;
}

static struct rk_uncertain estimate(double value, double std_error, double df)
{
    struct rk_uncertain uncertain;

    assert_int_equal(rk_uncertain_estimate(value, std_error, df, &uncertain, NULL), RK_OK);
    return uncertain;
}

/* The exact inverse at R's points, and the table against the exact inverse all over (0, 1). */
static void check(struct rk_uncertain uncertain, const char *name)
{
    struct rk_sampler *sampler = NULL;

    for (size_t i = 1; i <= N_P; i++)
        assert_close(rk_uncertain_quantile(&uncertain, reference_at(TOPIC, "p", i)),
                     reference_at(TOPIC, name, i), 1e-9);
    assert_int_equal(rk_sampler_new(&uncertain, &sampler), RK_OK);
    for (int i = -60; i < N_GRID + 60; i++) {
        double p = i < 0         ? ldexp(0.7, i)
                   : i >= N_GRID ? 1.0 - ldexp(0.7, N_GRID - 1 - i < -50 ? -50 : N_GRID - 1 - i)
                                 : (i + 0.37) / N_GRID;
        double exact = rk_uncertain_quantile(&uncertain, p), drawn = rk_sampler_at(sampler, p);

        if (!(fabs(drawn - exact) <= 1e-7 * (uncertain.scale + fabs(exact))))
            fail_msg("%s at %.17g: %.17g, exactly %.17g", name, p, drawn, exact);
    }
    rk_sampler_free(sampler);
}

static void test_quantiles(void **state)
{
    (void)state;
    check(made(RK_DIST_NORMAL, 100, 70, 130), "normal");
    check(made(RK_DIST_LOGNORMAL, 100, 60, 180), "lognormal");
    check(made(RK_DIST_TRIANGULAR, 20, 10, 50), "triangular");
    check(made(RK_DIST_PERT, 20, 10, 50), "pert");
    check(made(RK_DIST_PERT, 10, 10, 50), "pert_mode_at_low");
    check(made(RK_DIST_UNIFORM, 20, 10, 50), "uniform");
    check(made(RK_DIST_BETA, 20, 10, 50), "beta");
    check(made(RK_DIST_BETA, 0.02, 0, 1), "beta_steep");
    check(estimate(850, 120, 7.4), "t");
    check(estimate(0, 1, 2), "t2");
    check(estimate(850, 120, NAN), "estimate_normal");
    check(estimate(850, 120, INFINITY), "estimate_normal");
}

/* Shapes, mean and spread of the three-point distributions (10, 20, 50). */
static void test_three_points(void **state)
{
    struct rk_uncertain pert = made(RK_DIST_PERT, 20, 10, 50);
    struct rk_uncertain triangle = made(RK_DIST_TRIANGULAR, 20, 10, 50);
    double sum = 0.0, squares = 0.0, mean = reference_at(TOPIC, "pert_mean_sd", 1);

    (void)state;
    assert_close(pert.shape1, reference_at(TOPIC, "pert_shapes", 1), 1e-15);
    assert_close(pert.shape2, reference_at(TOPIC, "pert_shapes", 2), 1e-15);
    assert_close(rk_uncertain_quantile(&triangle, 0.1),
                 reference_at(TOPIC, "triangular_p10_p90", 1), 1e-14);
    assert_close(rk_uncertain_quantile(&triangle, 0.9),
                 reference_at(TOPIC, "triangular_p10_p90", 2), 1e-14);
    for (int i = 0; i < N_GRID; i++) {
        double x = rk_uncertain_quantile(&pert, (i + 0.5) / N_GRID);

        sum += x;
        squares += (x - mean) * (x - mean);
    }
    assert_close(sum / N_GRID, mean, 1e-6);
    assert_close(sqrt(squares / N_GRID), reference_at(TOPIC, "pert_mean_sd", 2), 1e-4);
}

static void test_fixed(void **state)
{
    struct rk_uncertain fixed = made(RK_DIST_FIXED, 5, NAN, NAN);
    struct rk_uncertain point = made(RK_DIST_PERT, 5, 5, 5), zero = estimate(5, 0, 3);
    struct rk_sampler *sampler = NULL;

    (void)state;
    assert_true(point.dist == RK_DIST_FIXED && zero.dist == RK_DIST_FIXED);
    assert_true(rk_uncertain_quantile(&fixed, 0.3) == 5.0);
    assert_true(rk_uncertain_quantile(&point, 1e-9) == 5.0);
    assert_int_equal(rk_sampler_new(&zero, &sampler), RK_OK);
    assert_true(rk_sampler_at(sampler, 0.99) == 5.0);
    rk_sampler_free(sampler);
    rk_sampler_free(NULL);
}

static void refuse(enum rk_dist dist, double amount, double low, double high, const char *text)
{
    struct rk_uncertain uncertain = {.amount = 77.0};
    struct rk_error error;

    assert_int_equal(rk_uncertain_set(dist, amount, low, high, &uncertain, &error), RK_EINPUT);
    if (strstr(error.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, text);
    assert_true(uncertain.amount == 77.0);
}

static void test_refusals(void **state)
{
    struct rk_uncertain uncertain = {.amount = 77.0};

    (void)state;
    refuse(RK_DIST_PERT, 5, NAN, 9, "needs both low and high");
    refuse(RK_DIST_PERT, 5, 9, 1, "low 9 is above high 1");
    refuse(RK_DIST_TRIANGULAR, 10, 1, 9, "amount 10 is not between");
    refuse(RK_DIST_LOGNORMAL, 5, 0, 9, "above 0");
    refuse(RK_DIST_BETA, 1, 1, 9, "between its bounds");
    refuse(RK_DIST_FIXED, NAN, 1, 9, "no amount");
    assert_int_equal(rk_uncertain_estimate(NAN, 1, 5, &uncertain, NULL), RK_EINPUT);
    assert_int_equal(rk_uncertain_estimate(1, -1, 5, &uncertain, NULL), RK_EINPUT);
    assert_int_equal(rk_uncertain_estimate(1, 1, 0, &uncertain, NULL), RK_EINPUT);
    assert_true(uncertain.amount == 77.0);
}

static void test_interval(void **state)
{
    (void)state;
    assert_close(rk_std_error_of_interval(10, 30, 0.95, NAN), reference(TOPIC, "se_normal"), 1e-12);
    assert_close(rk_std_error_of_interval(10, 30, 0.90, 9), reference(TOPIC, "se_t"), 1e-12);
    assert_true(isnan(rk_std_error_of_interval(30, 10, 0.95, NAN)));
    assert_true(isnan(rk_std_error_of_interval(10, 30, 1.0, NAN)));
    assert_true(isnan(rk_std_error_of_interval(NAN, 30, 0.9, NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantiles), cmocka_unit_test(test_three_points),
        cmocka_unit_test(test_fixed),     cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_interval),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
