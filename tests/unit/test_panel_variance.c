/* Variance components of panels against R. */
#include <math.h>
#include <stdlib.h>

#include "reference.h"
#include "repkit/panel_variance.h"

static void check(const char *file, const char *id, const char *time, const char *value,
                  const char *name)
{
    size_t n, n_again;
    double *unit = reference_data(file, id, &n), *period = reference_data(file, time, &n_again);
    double *y = reference_data(file, value, &n_again);
    uint32_t *code = malloc(n * sizeof *code), n_codes = 0;
    struct rk_panel_variance v;

    for (size_t i = 0; i < n; i++) {
        code[i] = (uint32_t)unit[i];
        n_codes = code[i] >= n_codes ? code[i] + 1 : n_codes;
    }
    /* backwards, since rows are in any order */
    for (size_t i = 0, j = n - 1; i < j; i++, j--) {
        uint32_t c = code[i];
        double t = period[i], x = y[i];

        code[i] = code[j], code[j] = c;
        period[i] = period[j], period[j] = t;
        y[i] = y[j], y[j] = x;
    }
    assert_int_equal(rk_panel_variance_of(code, n_codes, period, y, n, &v), RK_OK);
    assert_close(v.between, reference_at("panel_variance", name, 1), 1e-9);
    assert_close(v.within, reference_at("panel_variance", name, 2), 1e-9);
    assert_close(v.icc, reference_at("panel_variance", name, 3), 1e-9);
    assert_close(v.ar, reference_at("panel_variance", name, 4), 1e-9);
    assert_close(v.mean, reference_at("panel_variance", name, 5), 1e-12);
    free(unit);
    free(period);
    free(y);
    free(code);
}

static void test_against_r(void **state)
{
    (void)state;
    check("variance_gaps", "physician", "month", "scripts", "gaps");
    check("variance_panel", "rep", "week", "revenue", "simulated");
}

static void test_degenerate(void **state)
{
    const uint32_t unit[] = {0, 0, 1, 1, 2, 2};
    const double period[] = {1, 2, 1, 2, 1, 2}, apart[] = {1, 5, 1, 5, 1, 5};
    const double levels[] = {1, 1, 5, 5, 9, 9}, equal_means[] = {1, 3, 3, 1, 2, 2};
    struct rk_panel_variance v = {.mean = 42.0};

    (void)state;
    assert_int_equal(rk_panel_variance_of(unit, 3, period, levels, 6, &v), RK_ECONSTANT);
    assert_int_equal(rk_panel_variance_of(unit, 3, period, levels, 2, &v), RK_ETOOFEW);
    assert_int_equal(rk_panel_variance_of(unit, 3, period, levels, 0, &v), RK_ETOOFEW);
    assert_close(v.mean, 42.0, 0);
    assert_int_equal(rk_panel_variance_of(unit, 3, period, equal_means, 6, &v), RK_OK);
    assert_close(v.between, 0.0, 0);
    assert_true(v.within > 0.0);
    /* no two periods are neighbours: nothing says how they are correlated */
    assert_int_equal(rk_panel_variance_of(unit, 3, apart, equal_means, 6, &v), RK_OK);
    assert_close(v.ar, 0.0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_r),
        cmocka_unit_test(test_degenerate),
    };

    return cmocka_run_group_tests_name("panel_variance", tests, NULL, NULL);
}
