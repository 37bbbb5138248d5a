/* Moments by group against R; merged parts; the rows they stand for. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/cross_moments.h"

enum { K = 3, ALL = K * (K + 1) / 2 };

static double *read_columns(const char *file, const char *const *column, size_t *n)
{
    double *X = NULL;

    for (size_t j = 0; j < K; j++) {
        double *x = reference_data(file, column[j], n);

        X = X == NULL ? malloc(K * *n * sizeof *X) : X;
        assert_non_null(X);
        memcpy(X + j * *n, x, *n * sizeof *x);
        free(x);
    }
    return X;
}

static enum rk_status add_rows(struct rk_cross_moments *m, size_t group, const double *X,
                               size_t n_table, const size_t *rows, size_t n)
{
    const size_t start[] = {0, n};

    return rk_cross_moments_lists(m, &group, 1, X, n_table, rows, start);
}

static void check(const struct rk_cross_moments *m, size_t g, const char *name, double tolerance)
{
    char what[32];

    for (size_t i = 0; i < K; i++) {
        snprintf(what, sizeof what, "%s.mean", name);
        assert_close(m->mean[g * K + i].hi, reference_at("cross_moments", what, i + 1), tolerance);
    }
    for (size_t i = 0; i < ALL; i++) {
        snprintf(what, sizeof what, "%s.C", name);
        assert_close(m->C[g * ALL + i].hi, reference_at("cross_moments", what, i + 1), tolerance);
    }
}

static void check_data(const char *name, const char *file, const char *const *column)
{
    size_t n = 0, g = 0, rows[64];
    double *X = read_columns(file, column, &n);
    struct rk_cross_moments m = {.k = K};

    for (size_t i = 0; i < n; i++)
        rows[i] = i;
    for (size_t split = 0; split <= n; split++) {
        assert_int_equal(rk_cross_moments_group(&m, &g), RK_OK);
        assert_int_equal(add_rows(&m, g, X, n, rows, split), RK_OK);
        assert_int_equal(add_rows(&m, g, X, n, rows + split, n - split), RK_OK);
        assert_true(m.n[g] == (double)n);
        check(&m, g, name, 1e-13);
    }
    rk_cross_moments_free(&m);
    free(X);
}

static void test_against_r(void **state)
{
    static const char *const cars[] = {"mpg", "hp", "wt"};
    static const char *const longley[] = {"GNP", "Employed", "Population"};

    (void)state;
    check_data("cars", "mtcars", cars);
    check_data("longley", "longley", longley);
}

/* An offset of 1e15 costs nothing, in any order of parts. */
static void test_offset(void **state)
{
    static const double x[] = {1e15 + 1, 1e15 + 2, 1e15 + 4, 1e15 + 9};
    static const size_t rows[] = {0, 1, 2, 3};
    struct rk_cross_moments m = {.k = 1};
    size_t g = 0;

    (void)state;
    assert_int_equal(rk_cross_moments_group(&m, &g), RK_OK);
    for (size_t i = 4; i-- > 0;)
        assert_int_equal(add_rows(&m, g, x, 4, rows + i, 1), RK_OK);
    assert_true(m.mean[0].hi == 1e15 + 4);
    assert_true(m.C[0].hi == 38.0);
    rk_cross_moments_free(&m);
}

/* The rows in the place of a group's have its moments. */
static void check_points(const double *X, size_t n, size_t expected)
{
    static const size_t rows[] = {0, 1, 2, 3, 4};
    struct rk_cross_moments m = {.k = K};
    double points[2 * K * K], weight = 0.0;
    size_t g = 0, n_points = 0;

    assert_int_equal(rk_cross_moments_group(&m, &g), RK_OK);
    assert_int_equal(add_rows(&m, g, X, n, rows, n), RK_OK);
    assert_int_equal(rk_cross_moments_points(&m, g, points, &n_points, &weight), RK_OK);
    assert_int_equal(n_points, expected);
    assert_close(weight * (double)n_points, (double)n, 1e-15);
    for (size_t i = 0; i < K; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0, product = 0.0;

            for (size_t r = 0; r < n_points; r++) {
                sum += weight * points[r * K + i];
                product += weight * (points[r * K + i] - m.mean[i].hi) *
                           (points[r * K + j] - m.mean[j].hi);
            }
            assert_true(fabs(sum / (double)n - m.mean[i].hi) <= 1e-14 * fabs(m.mean[i].hi));
            assert_true(fabs(product - m.C[rk_cross_moments_at(i, j)].hi) <= 1e-12);
        }
    }
    rk_cross_moments_free(&m);
}

static void test_points(void **state)
{
    static const double full[] = {1, 2, 4, 3, 0, 5, 1, 2, 2, 7, 0, 1, 0, 1, 3};
    static const double dependent[] = {1, 2, 4, 3, 0, 2, 4, 8, 6, 0, 7, 7, 7, 7, 7};
    static const double constant[] = {2, 2, 3, 3, 4, 4};
    static const double one[] = {2, 3, 4};

    (void)state;
    check_points(full, 5, 6);
    check_points(dependent, 5, 2);
    check_points(constant, 2, 2);
    check_points(one, 1, 1);
}

static void test_nothing(void **state)
{
    static const double x[] = {0.0};
    static const size_t rows[] = {0};
    struct rk_cross_moments m = {.k = 1};
    size_t g = 0;

    (void)state;
    assert_int_equal(rk_cross_moments_group(&m, &g), RK_OK);
    assert_int_equal(add_rows(&m, g, x, 1, rows, 0), RK_OK);
    assert_true(m.n[0] == 0.0 && m.mean[0].hi == 0.0 && m.C[0].hi == 0.0);
    rk_cross_moments_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_r),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
