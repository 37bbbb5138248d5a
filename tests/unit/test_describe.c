/* Moments and quantiles against R. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/moments.h"
#include "repkit/quantile.h"
#include "repkit/random.h"

static const double probabilities[] = {0, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 1};
enum { N_PROBABILITIES = sizeof probabilities / sizeof *probabilities };

static double *sample(const char *name, size_t *n)
{
    static const double offset[] = {1000000004, 1000000007, 1000000013, 1000000016};
    static const double two[] = {3, 8};
    const double *from = strcmp(name, "offset") == 0 ? offset : two;
    double *x;

    if (strcmp(name, "mpg") == 0 || strcmp(name, "hp") == 0)
        return reference_data("mtcars", name, n);
    if (strcmp(name, "gnp") == 0)
        return reference_data("longley", "GNP", n);
    *n = from == offset ? 4 : 2;
    x = malloc(*n * sizeof *x);
    memcpy(x, from, *n * sizeof *x);
    return x;
}

static const char *const samples[] = {"mpg", "hp", "gnp", "offset", "two"};

static void test_moments(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        size_t n;
        double *x = sample(samples[s], &n), low, high;
        struct rk_moments m = rk_moments_of(x, n);
        char name[64];

        snprintf(name, sizeof name, "%s.mean", samples[s]);
        assert_close(m.mean, reference("describe", name), 1e-14);
        snprintf(name, sizeof name, "%s.sd", samples[s]);
        assert_close(m.sd, reference("describe", name), 1e-14);
        rk_mean_interval(&m, 0.95, &low, &high);
        snprintf(name, sizeof name, "%s.ci95", samples[s]);
        assert_close(low, reference_at("describe", name, 1), 1e-12);
        assert_close(high, reference_at("describe", name, 2), 1e-12);
        rk_mean_interval(&m, 0.99, &low, &high);
        snprintf(name, sizeof name, "%s.ci99", samples[s]);
        assert_close(low, reference_at("describe", name, 1), 1e-12);
        assert_close(high, reference_at("describe", name, 2), 1e-12);
        free(x);
    }
}

static void test_quantiles_of_nine_types(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        for (int type = 1; type <= 9; type++) {
            size_t n;
            double *x = sample(samples[s], &n), out[N_PROBABILITIES];
            char name[64];

            snprintf(name, sizeof name, "%s.q%d", samples[s], type);
            assert_int_equal(rk_quantiles(x, n, probabilities, N_PROBABILITIES, type, out), RK_OK);
            rk_sort(x, n);
            for (size_t k = 0; k < N_PROBABILITIES; k++) {
                assert_close(out[k], reference_at("describe", name, k + 1), 1e-14);
                assert_close(rk_quantile_sorted(x, n, probabilities[k], type), out[k], 0);
            }
            free(x);
        }
    }
}

static void test_hard_samples(void **state)
{
    const double offset[] = {1e15, 1e15 + 1, 1e15 + 2}, constant[] = {0.1, 0.1, 0.1};
    const double large[] = {1e308, 1e308, 1e308, 0.5e308};
    struct rk_moments m;

    (void)state;
    assert_close(rk_moments_of(offset, 3).sd, 1.0, 0);
    assert_close(rk_moments_of(constant, 3).sd, 0.0, 0);
    assert_close(rk_moments_of(large, 4).mean, 0.875e308, 1e-15);
    m = rk_moments_of(offset, 0);
    assert_true(isnan(m.mean) && isnan(m.sd) && isnan(m.min) && m.sum == 0.0);
    m = rk_moments_of(offset, 1);
    assert_true(m.mean == 1e15 && isnan(m.sd) && isnan(m.se));
}

static void test_refused_quantiles(void **state)
{
    double x[] = {1, 2}, out = 7;
    const double half = 0.5, outside = 1.5;

    (void)state;
    assert_int_equal(rk_quantiles(x, 0, &half, 1, 7, &out), RK_ETOOFEW);
    assert_int_equal(rk_quantiles(x, 2, &half, 1, 10, &out), RK_EDOMAIN);
    assert_int_equal(rk_quantiles(x, 2, &outside, 1, 7, &out), RK_EDOMAIN);
    assert_true(out == 7);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Shapes that break quicksorts: ties, runs, organ pipes, beside random ones. */
static void test_sort_and_select(void **state)
{
    enum { N = 3000 };
    static double x[N], y[N], z[N];
    struct rk_rng rng;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "sort", 0);
    for (int shape = 0; shape < 5; shape++) {
        for (size_t i = 0; i < N; i++)
            x[i] = shape == 0   ? rk_rng_uniform(&rng)
                   : shape == 1 ? (double)rk_rng_below(&rng, 3)
                   : shape == 2 ? (double)i
                   : shape == 3 ? (double)(N - i)
                                : (double)(i < N / 2 ? i : N - i);
        memcpy(y, x, sizeof x);
        memcpy(z, x, sizeof x);
        qsort(y, N, sizeof *y, ascending);
        for (size_t k = 0; k < N; k += 97)
            assert_true(rk_select(z, N, k) == y[k]);
        rk_sort(x, N);
        assert_memory_equal(x, y, sizeof x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_moments),         cmocka_unit_test(test_quantiles_of_nine_types),
        cmocka_unit_test(test_hard_samples),    cmocka_unit_test(test_refused_quantiles),
        cmocka_unit_test(test_sort_and_select),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
