/* Quantiles and order statistics that leave x as it is: the same as by sorting. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/quantile.h"

static double uniform(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(*seed >> 11) / 9007199254740992.0;
}

/* Values of several shapes: spread, ties, one far outlier, two clusters, huge and tiny, equal. */
static double value_of_shape(int shape, uint64_t *seed)
{
    double u = uniform(seed);

    switch (shape) {
    case 0:
        return 1000.0 * u - 500.0;
    case 1:
        return floor(5.0 * u);
    case 2:
        return u < 0.001 ? 1e12 : u;
    case 3:
        return u < 0.5 ? 1e9 + u : -1e9 + u;
    case 4:
        return (u - 0.5) * pow(10.0, 300.0 * uniform(seed));
    case 5:
        return u < 0.5 ? -1.7e308 : 1.7e308;
    case 6:
        return 4e-320 * u;
    default:
        return 7.0;
    }
}

static void order_statistics_are_those_of_sorting(void **state)
{
    static const size_t sizes[] = {1, 2, 100, 127, 128, 1000, 4097, 70000};
    uint64_t seed = 11;

    (void)state;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int shape = 0; shape < 8; shape++) {
            size_t n = sizes[s], rank[8];
            double *x = malloc(n * sizeof *x), *before = malloc(n * sizeof *x), out[8];

            assert_true(x != NULL && before != NULL);
            for (size_t i = 0; i < n; i++)
                before[i] = x[i] = value_of_shape(shape, &seed);
            for (size_t k = 0; k < 8; k++)
                rank[k] = k * (n - 1) / 7;
            assert_int_equal(rk_order_statistics(x, n, rank, 8, out), RK_OK);
            assert_memory_equal(x, before, n * sizeof *x);
            rk_sort(before, n);
            for (size_t k = 0; k < 8; k++)
                if (out[k] != before[rank[k]])
                    fail_msg("n %zu, shape %d: rank %zu is %.17g, not %.17g", n, shape, rank[k],
                             out[k], before[rank[k]]);
            free(x);
            free(before);
        }
}

static void quantiles_are_those_in_place(void **state)
{
    static const double p[] = {0.5, 0.0, 1.0, 0.25, 0.25, 0.999, 0.1, 0.75};
    enum { N_P = sizeof p / sizeof *p, N = 5000 };
    double x[N], copy[N], out[N_P], expected[N_P];
    uint64_t seed = 5;

    (void)state;
    for (int shape = 0; shape < 8; shape++)
        for (int type = 1; type <= 9; type++)
            for (size_t n = 1; n <= N; n = n * 7 + 1) {
                for (size_t i = 0; i < n; i++)
                    copy[i] = x[i] = value_of_shape(shape, &seed);
                assert_int_equal(rk_quantiles_of(x, n, p, N_P, type, out), RK_OK);
                assert_int_equal(rk_quantiles(copy, n, p, N_P, type, expected), RK_OK);
                assert_memory_equal(out, expected, sizeof out);
            }
}

static void refused_arguments(void **state)
{
    static const double x[] = {1, 2, 3}, p[] = {0.5}, wrong[] = {NAN};
    double out = 7.0;

    (void)state;
    assert_int_equal(rk_quantiles_of(x, 0, p, 1, 7, &out), RK_ETOOFEW);
    assert_int_equal(rk_quantiles_of(x, 3, p, 1, 0, &out), RK_EDOMAIN);
    assert_int_equal(rk_quantiles_of(x, 3, p, 1, 10, &out), RK_EDOMAIN);
    assert_int_equal(rk_quantiles_of(x, 3, wrong, 1, 7, &out), RK_EDOMAIN);
    assert_true(out == 7.0);
    assert_int_equal(rk_quantiles_of(x, 3, p, 0, 7, &out), RK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_statistics_are_those_of_sorting),
        cmocka_unit_test(quantiles_are_those_in_place),
        cmocka_unit_test(refused_arguments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
