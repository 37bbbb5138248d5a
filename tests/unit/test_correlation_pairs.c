/* Correlations of many pairs at once: each against the correlation of that pair alone, which is
 * checked against R. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/correlation.h"
#include "repkit/random.h"

enum { MOST = 8 };

/* The pair alone, on the rows where both are given. */
static enum rk_status alone(const double *x, const double *y, size_t n, struct rk_correlation *out)
{
    double *u = malloc((n + 1) * sizeof *u), *v = malloc((n + 1) * sizeof *v);
    size_t kept = 0;
    enum rk_status status;

    for (size_t i = 0; i < n; i++)
        if (!isnan(x[i]) && !isnan(y[i])) {
            u[kept] = x[i];
            v[kept++] = y[i];
        }
    status = rk_correlation(RK_PEARSON, u, v, kept, 0.9, RK_TWO_SIDED, out);
    if (status != RK_OK)
        out->n = kept;
    free(u);
    free(v);
    return status;
}

static void check_pair(const struct rk_correlation *c, const struct rk_correlation *expected,
                       double tolerance)
{
    assert_int_equal(c->n, expected->n);
    assert_int_equal(c->perfect, expected->perfect);
    assert_close(c->estimate, expected->estimate, tolerance);
    assert_close(c->conf_low, expected->conf_low, tolerance);
    assert_close(c->conf_high, expected->conf_high, tolerance);
    assert_close(c->statistic, expected->statistic, tolerance);
    assert_close(c->df, expected->df, 0.0);
    assert_close(c->p_value, expected->p_value, tolerance);
}

/* All pairs of the columns, on one thread and on three. */
static void check(const double *const *column, size_t n_columns, size_t n, double tolerance)
{
    struct rk_column_pair pair[MOST * MOST] = {{0}};
    struct rk_correlation c[MOST * MOST] = {{0}}, again[MOST * MOST] = {{0}};
    enum rk_status each[MOST * MOST], each_again[MOST * MOST];
    const struct rk_ctx three = {.threads = 3};
    size_t n_pairs = 0;

    for (size_t i = 0; i < n_columns; i++)
        for (size_t j = 0; j < n_columns; j++)
            pair[n_pairs++] = (struct rk_column_pair){i, j};
    assert_int_equal(
        rk_correlation_pairs(column, n_columns, n, pair, n_pairs, 0.9, RK_TWO_SIDED, NULL, c, each),
        RK_OK);
    assert_int_equal(rk_correlation_pairs(column, n_columns, n, pair, n_pairs, 0.9, RK_TWO_SIDED,
                                          &three, again, each_again),
                     RK_OK);
    for (size_t k = 0; k < n_pairs; k++) {
        struct rk_correlation expected = {0};
        enum rk_status status = alone(column[pair[k].x], column[pair[k].y], n, &expected);

        assert_int_equal(each[k], status);
        assert_int_equal(each_again[k], status);
        assert_memory_equal(&c[k].estimate, &again[k].estimate, sizeof c[k].estimate);
        assert_memory_equal(&c[k].p_value, &again[k].p_value, sizeof c[k].p_value);
        assert_int_equal(c[k].n, expected.n);
        if (status == RK_OK)
            check_pair(&c[k], &expected, tolerance);
    }
}

static void data_of_r(void **state)
{
    static const char *const cars[] = {"mpg", "hp", "wt", "disp"};
    static const char *const longley[] = {"GNP", "Employed", "Population", "Year"};
    double *column[4];
    size_t n = 0;

    (void)state;
    for (int j = 0; j < 4; j++)
        column[j] = reference_data("mtcars", cars[j], &n);
    check((const double *const *)column, 4, n, 1e-13);
    for (int j = 0; j < 4; j++) {
        free(column[j]);
        column[j] = reference_data("longley", longley[j], &n);
    }
    check((const double *const *)column, 4, n, 1e-13);
    for (int j = 0; j < 4; j++)
        free(column[j]);
}

/* Several blocks, columns far from 0, one with gaps, one nearly another, one a multiple of it, one
 * with one value, one of texts' making (all missing). */
static void many_rows(void **state)
{
    enum { N = 150001, COLUMNS = 7 };
    double *column[COLUMNS];
    struct rk_rng rng;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "pairs", 0);
    for (int j = 0; j < COLUMNS; j++)
        column[j] = malloc(N * sizeof *column[j]);
    for (size_t i = 0; i < N; i++) {
        double z = rk_rng_normal(&rng);

        column[0][i] = 1e9 + z;
        column[1][i] = i % 7 == 3 ? NAN : 0.5 * z + rk_rng_normal(&rng);
        column[2][i] = column[0][i] + 1e-4 * rk_rng_normal(&rng);
        column[3][i] = -2.0 * column[0][i];
        column[4][i] = 1e9;
        column[5][i] = NAN;
        column[6][i] = 3.0 + rk_rng_normal(&rng);
    }
    check((const double *const *)column, COLUMNS, N, 1e-11);
    for (size_t n = 0; n < 6; n++) /* few of them, odd and even */
        check((const double *const *)column, COLUMNS, n, 1e-9);
    for (int j = 0; j < COLUMNS; j++)
        free(column[j]);
}

/* Squares that would overflow or vanish; infinity is refused. */
static void extremes(void **state)
{
    static const double large[] = {1e200, -3e200, 2e200, 5e200, NAN, 1e199};
    static const double small[] = {1e-200, 4e-200, 2e-200, 5e-200, 1e-201, -1e-200};
    static const double usual[] = {1, 2, 4, 3, 7, 5};
    static const double infinite[] = {1, 2, INFINITY, 3, 7, 5};
    static const double zero[] = {0, 0, 0, 0, 0, 0};
    const double *const column[] = {large, small, usual, infinite, zero};

    (void)state;
    check(column, 5, 6, 1e-12);
}

static enum rk_status stop(void *data)
{
    (void)data;
    return RK_EINTERRUPT;
}

static void stopped(void **state)
{
    static const double x[] = {1, 2, 4}, y[] = {3, 2, 2};
    const double *const column[] = {x, y};
    const struct rk_column_pair pair = {0, 1};
    const struct rk_ctx ctx = {.threads = 1, .cancelled = stop};
    struct rk_correlation c;
    enum rk_status each;

    (void)state;
    assert_int_equal(
        rk_correlation_pairs(column, 2, 3, &pair, 1, 0.95, RK_TWO_SIDED, &ctx, &c, &each),
        RK_EINTERRUPT);
    assert_int_equal(
        rk_correlation_pairs(column, 2, 3, &pair, 0, 0.95, RK_TWO_SIDED, NULL, &c, &each), RK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_of_r),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(extremes),
        cmocka_unit_test(stopped),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
