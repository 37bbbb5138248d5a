/* Shape, spread and normality against R. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/normality.h"
#include "repkit/quantile.h"
#include "repkit/shape.h"

enum { MOST = 64 };

static size_t sample(const char *name, double *sorted)
{
    static const double offset[] = {1000000004, 1000000007, 1000000013, 1000000016};
    static const double three[] = {1, 2, 4};
    double *x;
    size_t n;

    if (strcmp(name, "offset") == 0) {
        memcpy(sorted, offset, sizeof offset);
        return 4;
    }
    if (strcmp(name, "three") == 0) {
        memcpy(sorted, three, sizeof three);
        return 3;
    }
    x = strcmp(name, "gnp") == 0 ? reference_data("longley", "GNP", &n)
                                 : reference_data("mtcars", name, &n);
    memcpy(sorted, x, n * sizeof *x);
    free(x);
    rk_sort(sorted, n);
    return n;
}

static double expected(const char *sample_name, const char *what)
{
    char name[64];

    snprintf(name, sizeof name, "%s.%s", sample_name, what);
    return reference("shape", name);
}

static const char *const samples[] = {"mpg", "hp", "gnp", "disp", "offset", "three"};
enum { N_SAMPLES = sizeof samples / sizeof *samples };

static void test_shape(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SAMPLES; s++) {
        double x[MOST], spare[MOST], skewness, kurtosis, low, high;
        size_t n = sample(samples[s], x);
        struct rk_moments m = rk_moments_of(x, n);

        rk_skewness_kurtosis(x, n, &m, &skewness, &kurtosis);
        assert_close(skewness, expected(samples[s], "skewness"), 1e-9);
        assert_close(kurtosis, expected(samples[s], "kurtosis"), 1e-9);
        assert_close(rk_mad(x, n, spare), expected(samples[s], "mad"), 1e-12);
        assert_close(rk_trimmed_mean(x, n, 0.1), expected(samples[s], "trimmed"), 1e-12);
        assert_close(rk_trimmed_mean(x, n, 0.25), expected(samples[s], "trimmed25"), 1e-12);
        assert_close(rk_trimmed_mean_se(x, n, 0.1, spare), expected(samples[s], "yuen"), 1e-12);
        assert_close(rk_gini(x, n), expected(samples[s], "gini"), 1e-9);
        assert_close(rk_geometric_mean(x, n), expected(samples[s], "geometric"), 1e-12);
        rk_median_interval(x, n, 0.95, &low, &high);
        assert_close(low, expected(samples[s], "median95[1]"), 0);
        assert_close(high, expected(samples[s], "median95[2]"), 0);
        rk_median_interval(x, n, 0.8, &low, &high);
        assert_close(low, expected(samples[s], "median80[1]"), 0);
        assert_close(high, expected(samples[s], "median80[2]"), 0);
    }
}

static void test_normality(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SAMPLES; s++) {
        double x[MOST], spare[MOST], w = 0, a = 0, p = 0;
        size_t n = sample(samples[s], x);
        struct rk_moments m = rk_moments_of(x, n);

        assert_int_equal(rk_shapiro_wilk(x, n, spare, &w, &p), RK_OK);
        assert_close(w, expected(samples[s], "shapiro[1]"), 1e-9);
        assert_close(p, expected(samples[s], "shapiro[2]"), 1e-8);
        if (n < 8) {
            assert_int_equal(rk_anderson_darling(x, n, m.mean, m.sd, &a, &p), RK_ETOOFEW);
            continue;
        }
        assert_int_equal(rk_anderson_darling(x, n, m.mean, m.sd, &a, &p), RK_OK);
        assert_close(a, expected(samples[s], "anderson[1]"), 1e-9);
        assert_close(p, expected(samples[s], "anderson[2]"), 1e-9);
    }
}

static void test_degenerate(void **state)
{
    const double same[] = {2, 2, 2, 2, 2, 2, 2, 2}, negative[] = {-1, 0, 1}, zero[] = {0, 0};
    double spare[8], low = 0, high = 0, w = 7, p = 7, skewness, kurtosis;
    struct rk_moments m = rk_moments_of(same, 8);

    (void)state;
    rk_skewness_kurtosis(same, 8, &m, &skewness, &kurtosis);
    assert_true(isnan(skewness) && isnan(kurtosis));
    assert_true(rk_mad(same, 8, spare) == 0);
    assert_true(rk_gini(same, 8) == 0 && isnan(rk_gini(negative, 3)) && isnan(rk_gini(zero, 2)));
    assert_true(isnan(rk_geometric_mean(negative, 3)) && isnan(rk_geometric_mean(zero, 0)));
    rk_median_interval(same, 5, 0.95, &low, &high);
    assert_true(isnan(low) && isnan(high));
    rk_median_interval(same, 6, 0.95, &low, &high);
    assert_true(low == 2 && high == 2);
    assert_int_equal(rk_shapiro_wilk(same, 8, spare, &w, &p), RK_ECONSTANT);
    assert_int_equal(rk_shapiro_wilk(negative, 2, spare, &w, &p), RK_ETOOFEW);
    assert_int_equal(rk_anderson_darling(same, 8, 2, 0, &w, &p), RK_ECONSTANT);
    assert_true(w == 7 && p == 7);
    assert_int_equal(rk_count_distinct(same, 8), 1);
    assert_int_equal(rk_count_distinct(negative, 3), 3);
    assert_int_equal(rk_count_distinct(negative, 0), 0);
}

/* Powers of values this large or small would overflow or vanish. */
static void test_scale_does_not_matter(void **state)
{
    double x[MOST], y[MOST], spare[MOST], w, p, w2, p2, s, k, s2, k2;
    size_t n = sample("hp", x);
    struct rk_moments m = rk_moments_of(x, n);

    (void)state;
    rk_skewness_kurtosis(x, n, &m, &s, &k);
    assert_int_equal(rk_shapiro_wilk(x, n, spare, &w, &p), RK_OK);
    for (int e = -200; e <= 145; e += 345) {
        for (size_t i = 0; i < n; i++)
            y[i] = x[i] * pow(10.0, e);
        m = rk_moments_of(y, n);
        assert_int_equal(rk_shapiro_wilk(y, n, spare, &w2, &p2), RK_OK);
        assert_close(w2, w, 1e-12);
        if (e > 0) {
            rk_skewness_kurtosis(y, n, &m, &s2, &k2);
            assert_close(s2, s, 1e-9);
            assert_close(k2, k, 1e-9);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_normality),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_scale_does_not_matter),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
