#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>

#include "repkit/copula.h"

#define TOPIC "roi_sensitivity"

static void test_factor(void **state)
{
    const double rho[9] = {1, 0.5, -0.3, 0.5, 1, 0.2, -0.3, 0.2, 1};
    double factor[9], change = -1.0;

    (void)state;
    assert_int_equal(rk_copula_factor(rho, 3, factor, &change), RK_OK);
    for (size_t i = 0; i < 9; i++)
        assert_true(fabs(factor[i] - reference_at(TOPIC, "copula_factor", i + 1)) < 1e-14);
    assert_true(change == 0.0);
}

/* Correlations that cannot be together: R clips the eigenvalues the same way. */
static void test_clipped(void **state)
{
    const double rho[9] = {1, 0.9, -0.9, 0.9, 1, 0.9, -0.9, 0.9, 1};
    double factor[9], change;

    (void)state;
    assert_int_equal(rk_copula_factor(rho, 3, factor, &change), RK_OK);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++) {
            double sum = 0.0;

            for (size_t k = 0; k < 3; k++)
                sum += factor[3 * i + k] * factor[3 * j + k];
            assert_close(sum, reference_at(TOPIC, "copula_clipped", 3 * i + j + 1), 1e-9);
        }
    assert_close(change, reference(TOPIC, "copula_change"), 1e-9);
}

static void test_identity_and_refusals(void **state)
{
    const double identity[4] = {1, 0, 0, 1}, uneven[4] = {1, 0.5, 0.4, 1};
    const double large[4] = {1, 1.1, 1.1, 1}, diagonal[4] = {1, 0.5, 0.5, 0.9};
    const double nan[4] = {1, NAN, NAN, 1};
    const double *const bad[] = {uneven, large, diagonal, nan};
    double factor[4] = {7, 7, 7, 7}, change = 7.0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(rk_copula_factor(bad[i], 2, factor, &change), RK_EDOMAIN);
    assert_int_equal(rk_copula_factor(identity, 0, factor, &change), RK_EDOMAIN);
    for (size_t i = 0; i < 4; i++)
        assert_true(factor[i] == 7.0);
    assert_true(change == 7.0);
    assert_int_equal(rk_copula_factor(identity, 2, factor, NULL), RK_OK);
    for (size_t i = 0; i < 4; i++)
        assert_true(factor[i] == identity[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_clipped),
        cmocka_unit_test(test_identity_and_refusals),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("copula", tests, NULL, NULL);
}
