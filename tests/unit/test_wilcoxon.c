/* Wilcoxon's tests and their null distributions against R (tests/reference/two_sample.R). */
#include "two_sample.h"

#include "repkit/wilcoxon.h"

static void check_rank(const struct rk_rank_test *r, const char *name)
{
    assert_close(r->statistic, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(r->p_value, reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(r->conf_low, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(r->conf_high, reference_at(TOPIC, name, 4), TOLERANCE);
    assert_close(r->estimate, reference_at(TOPIC, name, 5), TOLERANCE);
}

static void test_signed_rank(void **state)
{
    struct pair d = differences("depression", "x", "y");
    struct pair sleep = differences("sleep", "first", "second");
    struct pair pairs = differences("tied_pairs", "x", "y");
    struct pair big = differences("big_pairs", "x", "y");
    struct pair all = columns("long_two", "value", "value");
    struct rk_rank_test r;

    (void)state;
    assert_int_equal(rk_signed_rank_test(d.y, d.ny, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    check_rank(&r, "signed_depression");
    assert_close(r.conf_achieved, reference_at(TOPIC, "achieved", 1), TOLERANCE);
    assert_close(r.p_smallest, 2.0 / 512.0, 1e-12);
    assert_int_equal(rk_signed_rank_test(d.y, d.ny, -0.1, RK_LESS, 0.9, &r), RK_OK);
    check_rank(&r, "signed_depression_less");
    assert_int_equal(rk_signed_rank_test(d.y, d.ny, 0, RK_GREATER, 0.95, &r), RK_OK);
    check_rank(&r, "signed_depression_greater");
    assert_close(r.conf_achieved, reference_at(TOPIC, "achieved", 3), TOLERANCE);
    assert_int_equal(rk_signed_rank_test(all.x, all.nx, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    check_rank(&r, "signed_long");
    assert_true(r.exact);

    assert_int_equal(rk_signed_rank_test(sleep.y, sleep.ny, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    check_rank(&r, "tied_signed_sleep");
    assert_int_equal(r.n_used, 9);
    assert_int_equal(rk_signed_rank_test(pairs.y, pairs.ny, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    check_rank(&r, "tied_signed_pairs");

    assert_int_equal(rk_signed_rank_test(big.y, big.ny, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_false(r.exact);
    assert_close(r.p_value, reference(TOPIC, "normal_signed_two.sided"), TOLERANCE);
    assert_close(r.conf_low, reference_at(TOPIC, "normal_signed", 1), TOLERANCE);
    assert_close(r.conf_high, reference_at(TOPIC, "normal_signed", 2), TOLERANCE);
    assert_close(r.estimate, reference_at(TOPIC, "normal_signed", 3), TOLERANCE);
    assert_true(fabs(r.conf_achieved - 0.95) < 1e-3);
    assert_int_equal(rk_signed_rank_test(big.y, big.ny, 0, RK_LESS, 0.95, &r), RK_OK);
    assert_close(r.p_value, reference(TOPIC, "normal_signed_less"), TOLERANCE);
    assert_int_equal(rk_signed_rank_test(big.y, big.ny, 0, RK_GREATER, 0.95, &r), RK_OK);
    assert_close(r.p_value, reference(TOPIC, "normal_signed_greater"), TOLERANCE);
    release(&d);
    release(&sleep);
    release(&pairs);
    release(&big);
    release(&all);
}

static void test_rank_sum(void **state)
{
    struct pair perm = split("permeability", "value", "y");
    struct pair longer = split("long_two", "value", "y");
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct pair tied = columns("tied_pairs", "x", "y");
    struct pair tooth = split("tooth_growth", "len", "supp");
    struct pair big = columns("big_pairs", "x", "y");
    struct rk_rank_test r;

    (void)state;
#define RANK_SUM(p, mu, alternative, level)                                                      \
    assert_int_equal(rk_rank_sum_test((p).x, (p).nx, (p).y, (p).ny, mu, alternative, level, &r), \
                     RK_OK)
    RANK_SUM(perm, 0, RK_TWO_SIDED, 0.95);
    check_rank(&r, "ranksum_permeability");
    assert_close(r.conf_achieved, reference_at(TOPIC, "achieved", 2), TOLERANCE);
    RANK_SUM(perm, 0, RK_LESS, 0.95);
    check_rank(&r, "ranksum_permeability_less");
    RANK_SUM(perm, -0.4, RK_GREATER, 0.99);
    check_rank(&r, "ranksum_permeability_greater");
    RANK_SUM(longer, 0, RK_TWO_SIDED, 0.95);
    check_rank(&r, "ranksum_long");
    RANK_SUM(cars, 0, RK_TWO_SIDED, 0.95);
    check_rank(&r, "tied_ranksum_mtcars");
    assert_close(r.p_value, 0.001159290746, 1e-9);
    RANK_SUM(cars, 0, RK_LESS, 0.95);
    assert_close(r.p_value, reference_at(TOPIC, "tied_ranksum_mtcars", 6), TOLERANCE);
    RANK_SUM(tied, 0, RK_TWO_SIDED, 0.95);
    check_rank(&r, "tied_ranksum_pairs");
    RANK_SUM(tooth, 0, RK_TWO_SIDED, 0.95);
    check_rank(&r, "tied_ranksum_tooth");
    RANK_SUM(tooth, 0, RK_LESS, 0.95);
    assert_close(r.p_value, reference_at(TOPIC, "tied_ranksum_tooth", 6), TOLERANCE);

    RANK_SUM(big, 0, RK_TWO_SIDED, 0.95);
    assert_false(r.exact);
    assert_close(r.p_value, reference(TOPIC, "normal_ranksum_two.sided"), TOLERANCE);
    assert_close(r.conf_low, reference_at(TOPIC, "normal_ranksum", 1), TOLERANCE);
    assert_close(r.conf_high, reference_at(TOPIC, "normal_ranksum", 2), TOLERANCE);
    assert_close(r.estimate, reference_at(TOPIC, "normal_ranksum", 3), TOLERANCE);
    RANK_SUM(big, 0, RK_LESS, 0.95);
    assert_close(r.p_value, reference(TOPIC, "normal_ranksum_less"), TOLERANCE);
    RANK_SUM(big, 0, RK_GREATER, 0.95);
    assert_close(r.p_value, reference(TOPIC, "normal_ranksum_greater"), TOLERANCE);
#undef RANK_SUM
    release(&perm);
    release(&longer);
    release(&cars);
    release(&tied);
    release(&tooth);
    release(&big);
}

/* The order statistics are found by counting: compare with all pairs, on values of both signs. */
static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void test_hodges_lehmann_by_brute_force(void **state)
{
    static const double x[] = {-3.5, 0.0, 2.25, 1e-9, -1e-9, 7.0, 7.0},
                        y[] = {1.5, -2.0, 0.0, 7.0, 1e3, -0.125};
    double pairs[42], walsh[28];
    size_t n = 0;
    struct rk_rank_test r;

    (void)state;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = 0; j < 6; j++)
            pairs[n++] = y[j] - x[i];
    qsort(pairs, n, sizeof *pairs, ascending);
    assert_int_equal(rk_rank_sum_test(x, 7, y, 6, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_true(r.estimate == (pairs[20] + pairs[21]) / 2);
    n = 0;
    for (size_t i = 0; i < 7; i++)
        for (size_t j = i; j < 7; j++)
            if (x[i] != 0.0 && x[j] != 0.0)
                walsh[n++] = (x[i] + x[j]) / 2;
    qsort(walsh, n, sizeof *walsh, ascending);
    assert_int_equal(n, 21);
    assert_int_equal(rk_signed_rank_test(x, 7, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_true(r.estimate == walsh[10]);
    assert_true(r.conf_low == walsh[0] && r.conf_high == walsh[20]);
}

static void test_rank_degenerate(void **state)
{
    static const double equal[] = {2, 2, 2}, five[] = {1, 2, 3, 4, 5}, bad[] = {1, INFINITY};
    struct rk_rank_test r = {.estimate = 42.0}, unchanged = r;

    (void)state;
    assert_int_equal(rk_signed_rank_test(five, 0, 0, RK_TWO_SIDED, 0.95, &r), RK_ETOOFEW);
    assert_int_equal(rk_rank_sum_test(five, 5, five, 0, 0, RK_TWO_SIDED, 0.95, &r), RK_ETOOFEW);
    assert_int_equal(rk_signed_rank_test(bad, 2, 0, RK_TWO_SIDED, 0.95, &r), RK_EDOMAIN);
    assert_int_equal(rk_rank_sum_test(five, 5, bad, 2, 0, RK_TWO_SIDED, 0.95, &r), RK_EDOMAIN);
    assert_int_equal(rk_signed_rank_test(five, 5, 0, RK_TWO_SIDED, 0.0, &r), RK_EDOMAIN);
    assert_memory_equal(&r, &unchanged, sizeof r);

    assert_int_equal(rk_signed_rank_test(equal, 3, 2, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_true(r.p_value == 1.0 && r.estimate == 2.0 && isnan(r.conf_low) && r.n_used == 0);
    assert_int_equal(rk_rank_sum_test(equal, 3, equal, 2, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_true(r.p_value == 1.0 && r.estimate == 0.0 && isnan(r.conf_high));

    /* five differences: the whole range has 1 - 2/32, as R says with a warning */
    assert_int_equal(rk_signed_rank_test(five, 5, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_close(r.p_value, 0.0625, 1e-15);
    assert_close(r.conf_achieved, 0.9375, 1e-15);
    assert_true(r.conf_low == 1.0 && r.conf_high == 5.0);
    assert_int_equal(rk_signed_rank_test(five, 1, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_true(r.p_value == 1.0 && isnan(r.conf_low) && r.conf_achieved == 0.0);
    assert_int_equal(rk_rank_sum_test(five, 1, five + 1, 1, 0, RK_GREATER, 0.4, &r), RK_OK);
    assert_true(r.conf_high == INFINITY && r.conf_low == 1.0 && r.conf_achieved == 0.5);
}

/* Many pairs: no memory for them, and order statistics that scale with the data. */
static void test_rank_large(void **state)
{
    enum { N = 23000 };
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    struct rk_rank_test r;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)((i * 7919) % N);
        y[i] = (double)((i * 104729) % N) + 100.25;
    }
    assert_int_equal(rk_rank_sum_test(x, N, y, N, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_close(r.estimate, 100.25, 1e-12);
    assert_true(r.conf_low < 100.25 && r.conf_high > 100.25);
    assert_close(r.conf_high - 100.25, 100.25 - r.conf_low, 0.05);
    assert_int_equal(rk_signed_rank_test(y, N, 0, RK_TWO_SIDED, 0.95, &r), RK_OK);
    assert_close(r.estimate, (N - 1) / 2.0 + 100.25, 1e-12);
    free(x);
    free(y);
}

static double cumulated(const struct rk_rank_null *null, size_t up_to)
{
    double p = 0.0;

    for (size_t s = 0; s <= up_to * null->scale; s++)
        p += null->probability[s];
    return p;
}

static void test_null_distributions(void **state)
{
    static const size_t doubled[] = {3, 3, 7, 7, 7, 12}; /* two tie groups */
    struct rk_rank_null null, halves;

    (void)state;
    assert_int_equal(rk_signed_rank_null(NULL, 9, &null), RK_OK);
    assert_close(cumulated(&null, 6), reference_at(TOPIC, "psignrank", 1), 1e-12);
    free(null.probability);
    assert_int_equal(rk_signed_rank_null(NULL, 20, &null), RK_OK);
    assert_true(cumulated(&null, 52) < 0.025 && cumulated(&null, 53) >= 0.025);
    free(null.probability);
    assert_int_equal(rk_signed_rank_null(NULL, 200, &null), RK_OK);
    assert_close(cumulated(&null, 3000), reference_at(TOPIC, "psignrank", 3), 1e-10);
    free(null.probability);

    assert_int_equal(rk_rank_sum_null(NULL, 15, 10, &null), RK_OK);
    assert_int_equal(rk_rank_sum_null(NULL, 15, 5, &halves), RK_OK);
    assert_close(cumulated(&null, 35), reference_at(TOPIC, "pwilcox", 1), 1e-12);
    assert_close(cumulated(&halves, 35), cumulated(&null, 35), 1e-12);
    free(null.probability);
    free(halves.probability);
    assert_int_equal(rk_rank_sum_null(NULL, 70, 30, &null), RK_OK);
    assert_close(cumulated(&null, 300), reference_at(TOPIC, "pwilcox", 3), 1e-12);
    free(null.probability);
    assert_int_equal(rk_rank_sum_null(NULL, 53, 3, &null), RK_OK);
    assert_close(cumulated(&null, 10), reference_at(TOPIC, "pwilcox", 4), 1e-12);
    free(null.probability);

    /* with ties, by hand: of the 15 pairs, ranks 1.5, 1.5 | 3.5, 3.5, 3.5 | 6 */
    assert_int_equal(rk_rank_sum_null(doubled, 6, 2, &null), RK_OK);
    assert_int_equal(null.scale, 2);
    assert_close(null.probability[0], 1.0 / 15, 1e-15);  /* 3 - 3 */
    assert_close(null.probability[4], 6.0 / 15, 1e-14);  /* 5 - 3 */
    assert_close(null.probability[8], 3.0 / 15, 1e-14);  /* 7 - 3 */
    assert_close(null.probability[9], 2.0 / 15, 1e-14);  /* 7.5 - 3 */
    assert_close(null.probability[13], 3.0 / 15, 1e-14); /* 9.5 - 3 */
    free(null.probability);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_rank),
        cmocka_unit_test(test_rank_sum),
        cmocka_unit_test(test_hodges_lehmann_by_brute_force),
        cmocka_unit_test(test_rank_degenerate),
        cmocka_unit_test(test_rank_large),
        cmocka_unit_test(test_null_distributions),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("wilcoxon", tests, NULL, NULL);
}
