#include "reference.h"

#include <math.h>
#include <stdio.h>

#include "repkit/adjust.h"

static const char *const methods[] = {"none", "holm", "hochberg", "bonferroni", "bh", "by"};

static void methods_agree_with_r(void **state)
{
    static const char *const sets[] = {"bh1995", "mtcars", "longley", "missing"};
    double p[32], out[32];
    char name[64];

    (void)state;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        size_t n;

        snprintf(name, sizeof name, "%s_n", sets[s]);
        n = (size_t)reference("adjust", name);
        for (int method = 0; method < 6; method++) {
            for (size_t i = 0; i < n; i++)
                p[i] = reference_at("adjust", sets[s], i + 1);
            assert_int_equal(rk_p_adjust(p, n, method, out), RK_OK);
            assert_int_equal(rk_p_adjust(p, n, method, p), RK_OK); /* in place */
            snprintf(name, sizeof name, "%s_%s", sets[s], methods[method]);
            for (size_t i = 0; i < n; i++) {
                assert_close(out[i], reference_at("adjust", name, i + 1), 1e-14);
                assert_close(p[i], out[i], 0.0);
            }
        }
    }
}

static void few_values(void **state)
{
    double none[] = {NAN, NAN}, one = 0.3, out[] = {5.0, 5.0};

    (void)state;
    for (int method = 0; method < 6; method++) {
        assert_int_equal(rk_p_adjust(&one, 0, method, out), RK_OK);
        assert_close(out[0], 5.0, 0.0);
        assert_int_equal(rk_p_adjust(&one, 1, method, out), RK_OK);
        assert_close(out[0], 0.3, 0.0);
        assert_int_equal(rk_p_adjust(none, 2, method, out), RK_OK);
        assert_true(isnan(out[0]) && isnan(out[1]));
        out[0] = out[1] = 5.0;
    }
}

static void wrong_values_change_nothing(void **state)
{
    double above[] = {0.1, 1.5}, below[] = {-1e-9, 0.5}, fine[] = {0.1, 0.2};
    double out[] = {7.0, 8.0};

    (void)state;
    assert_int_equal(rk_p_adjust(above, 2, RK_ADJUST_HOLM, out), RK_EDOMAIN);
    assert_int_equal(rk_p_adjust(below, 2, RK_ADJUST_BH, out), RK_EDOMAIN);
    assert_int_equal(rk_p_adjust(fine, 2, 6, out), RK_EDOMAIN);
    assert_int_equal(rk_p_adjust(fine, 2, -1, out), RK_EDOMAIN);
    assert_close(out[0], 7.0, 0.0);
    assert_close(out[1], 8.0, 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_agree_with_r),
        cmocka_unit_test(few_values),
        cmocka_unit_test(wrong_values_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
