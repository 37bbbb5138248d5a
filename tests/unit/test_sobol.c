#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/sobol.h"

#define TOPIC "roi_sensitivity"

static const double pi = 3.14159265358979323846;

/* Ishigami and Homma's (1990), a = 7, b = 0.1. */
static double ishigami(const double *u, void *data)
{
    double x1 = pi * (2.0 * u[0] - 1.0), x2 = pi * (2.0 * u[1] - 1.0), x3 = pi * (2.0 * u[2] - 1.0);

    (void)data;
    return sin(x1) + 7.0 * sin(x2) * sin(x2) + 0.1 * x3 * x3 * x3 * x3 * sin(x1);
}

static void test_ishigami(void **state)
{
    struct rk_sobol_index index[3];

    (void)state;
    assert_int_equal(rk_sobol_indices(ishigami, NULL, 3, 4096, 0.95, NULL, index), RK_OK);
    for (size_t i = 0; i < 3; i++) {
        double first = reference_at(TOPIC, "ishigami_first", i + 1);
        double total = reference_at(TOPIC, "ishigami_total", i + 1);

        assert_true(fabs(index[i].first - first) < 0.01);
        assert_true(fabs(index[i].total - total) < 0.01);
        assert_true(index[i].first_low < first && first < index[i].first_high);
        assert_true(index[i].total_low < total && total < index[i].total_high);
        assert_true(index[i].first_low < index[i].first && index[i].first < index[i].first_high);
    }
}

static double line(const double *u, void *data)
{
    double sum = *(const double *)data;

    for (size_t i = 0; i < 24; i++)
        sum += (double)(i + 1) * u[i];
    return sum;
}

/* Beyond 20 inputs points are random. An offset must not matter: values are centred. */
static void test_many_inputs(void **state)
{
    struct rk_sobol_index index[24], moved[24];
    double none = 0.0, offset = 1e6;

    (void)state;
    assert_int_equal(rk_sobol_indices(line, &none, 24, 4096, 0.95, NULL, index), RK_OK);
    assert_int_equal(rk_sobol_indices(line, &offset, 24, 4096, 0.95, NULL, moved), RK_OK);
    for (size_t i = 0; i < 24; i++) {
        double share = reference_at(TOPIC, "line_first", i + 1);

        assert_true(fabs(index[i].first - share) < 0.03);
        assert_true(fabs(index[i].total - share) < 0.02);
        assert_true(fabs(index[i].first - moved[i].first) < 1e-8);
    }
}

static double constant(const double *u, void *data)
{
    (void)u;
    (void)data;
    return 3.0;
}

static double undefined(const double *u, void *data)
{
    (void)data;
    return u[0] > 0.5 ? NAN : 1.0;
}

static void test_refusals(void **state)
{
    struct rk_sobol_index index = {7, 7, 7, 7, 7, 7}, before = index;

    (void)state;
    assert_int_equal(rk_sobol_indices(constant, NULL, 1, 64, 0.95, NULL, &index), RK_ECONSTANT);
    assert_int_equal(rk_sobol_indices(undefined, NULL, 1, 64, 0.95, NULL, &index), RK_EDOMAIN);
    assert_int_equal(rk_sobol_indices(ishigami, NULL, 3, 100, 0.95, NULL, &index), RK_EDOMAIN);
    assert_int_equal(rk_sobol_indices(ishigami, NULL, 0, 64, 0.95, NULL, &index), RK_EDOMAIN);
    assert_memory_equal(&index, &before, sizeof index);
}

static void test_given_data(void **state)
{
    size_t n;
    double *x = reference_data("given_data", "x", &n), *y = reference_data("given_data", "y", &n);
    struct rk_sobol_index index, before;

    (void)state;
    assert_int_equal(rk_sobol_given_data(x, y, n, 0.95, &index), RK_OK);
    assert_close(index.first, reference(TOPIC, "given_first"), 1e-11);
    assert_close(index.first_low, reference_at(TOPIC, "given_ends", 1), 1e-10);
    assert_close(index.first_high, reference_at(TOPIC, "given_ends", 2), 1e-10);
    assert_true(isnan(index.total) && isnan(index.total_low) && isnan(index.total_high));
    before = index;
    assert_int_equal(rk_sobol_given_data(x, y, 1999, 0.95, &index), RK_ETOOFEW);
    y[17] = NAN;
    assert_int_equal(rk_sobol_given_data(x, y, n, 0.95, &index), RK_EDOMAIN);
    for (size_t i = 0; i < n; i++)
        y[i] = 1.0;
    assert_int_equal(rk_sobol_given_data(x, y, n, 0.95, &index), RK_ECONSTANT);
    assert_memory_equal(&index, &before, sizeof index);
    free(x);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ishigami),
        cmocka_unit_test(test_many_inputs),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_given_data),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("sobol", tests, NULL, NULL);
}
