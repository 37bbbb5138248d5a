#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "repkit/random.h"
#include "repkit/rank.h"

static void check_column(const char *file, const char *column)
{
    size_t n;
    double *x = reference_data(file, column, &n), ties = -1.0;
    char name[64];

    assert_int_equal(rk_rank(x, n, x, &ties), RK_OK); /* in place */
    snprintf(name, sizeof name, "%s_%s", file, column);
    for (size_t i = 0; i < n; i++)
        assert_close(x[i], reference_at("rank", name, i + 1), 0.0);
    snprintf(name, sizeof name, "%s_%s_ties", file, column);
    assert_close(ties, reference("rank", name), 0.0);
    free(x);
}

static void columns_agree_with_r(void **state)
{
    (void)state;
    check_column("mtcars", "mpg");
    check_column("mtcars", "cyl");
    check_column("mtcars", "hp");
    check_column("mtcars", "wt");
    check_column("longley", "Year");
    check_column("grunfeld", "year");
}

static void few_values(void **state)
{
    double x[] = {5.0, 5.0}, rank[] = {-1.0, -1.0}, ties = -1.0;

    (void)state;
    assert_int_equal(rk_rank(NULL, 0, NULL, &ties), RK_OK);
    assert_close(ties, 0.0, 0.0);
    assert_int_equal(rk_rank(x, 1, rank, NULL), RK_OK);
    assert_close(rank[0], 1.0, 0.0);
    assert_close(rank[1], -1.0, 0.0);
    assert_int_equal(rk_rank(x, 2, rank, &ties), RK_OK);
    assert_close(rank[0], 1.5, 0.0);
    assert_close(rank[1], 1.5, 0.0);
    assert_close(ties, 6.0, 0.0);
}

static void infinities_and_signed_zeros(void **state)
{
    double x[] = {INFINITY, 0.0, -INFINITY, -0.0}, rank[4];

    (void)state;
    assert_int_equal(rk_rank(x, 4, rank, NULL), RK_OK);
    assert_close(rank[0], 4.0, 0.0);
    assert_close(rank[1], 2.5, 0.0);
    assert_close(rank[2], 1.0, 0.0);
    assert_close(rank[3], 2.5, 0.0);
}

static void a_nan_changes_nothing(void **state)
{
    double x[] = {3.0, NAN, 1.0}, rank[] = {7.0, 8.0, 9.0}, ties = 42.0;

    (void)state;
    assert_int_equal(rk_rank(x, 3, rank, &ties), RK_EDOMAIN);
    assert_close(rank[0], 7.0, 0.0);
    assert_close(rank[1], 8.0, 0.0);
    assert_close(rank[2], 9.0, 0.0);
    assert_close(ties, 42.0, 0.0);
}

/* The definition, by counting: values below, and half of those that are equal. */
static void ranks_count_what_is_below(void **state)
{
    enum { N = 500 };
    struct rk_rng rng;
    double x[N], rank[N];

    (void)state;
    rk_rng_stream(&rng, 1, "test", "rank", 0);
    for (int i = 0; i < N; i++)
        x[i] = (double)rk_rng_below(&rng, 100);
    assert_int_equal(rk_rank(x, N, rank, NULL), RK_OK);
    for (int i = 0; i < N; i++) {
        double below = 0.0, equal = 0.0;

        for (int j = 0; j < N; j++) {
            below += x[j] < x[i];
            equal += x[j] == x[i];
        }
        assert_close(rank[i], below + (equal + 1.0) / 2.0, 0.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_agree_with_r),        cmocka_unit_test(few_values),
        cmocka_unit_test(infinities_and_signed_zeros), cmocka_unit_test(a_nan_changes_nothing),
        cmocka_unit_test(ranks_count_what_is_below),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
