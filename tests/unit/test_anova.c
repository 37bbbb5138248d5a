/* Several samples against R (tests/reference/compare_tests.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "repkit/anova.h"
#include "repkit/noncentral.h"

#define TOPIC "compare_tests"
#define TOLERANCE 1e-9
enum { MOST_LEVELS = 6 };

/* Sprays come twelve a level, feeds in runs of these lengths. */
static const size_t feeds[MOST_LEVELS] = {10, 12, 14, 12, 11, 12};
static const size_t sprays[MOST_LEVELS] = {12, 12, 12, 12, 12, 12};

static void check(const char *name, enum rk_status status, const struct rk_anova *t, bool f)
{
    assert_int_equal(status, RK_OK);
    assert_close(t->statistic, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(t->df, reference_at(TOPIC, name, 2), TOLERANCE);
    if (f)
        assert_close(t->df_error, reference_at(TOPIC, name, 3), TOLERANCE);
    assert_close(t->p_value, reference_at(TOPIC, name, f ? 4 : 3), TOLERANCE);
}

static void samples_of(const double *values, const size_t *n, const double **x)
{
    for (size_t i = 0, at = 0; i < MOST_LEVELS; at += n[i], i++)
        x[i] = values + at;
}

static void test_samples(void **state)
{
    const double *x[MOST_LEVELS];
    size_t n;
    double *chick = reference_data("chickwts", "weight", &n);
    double *spray = reference_data("sprays", "count", &n);
    struct rk_anova t;

    (void)state;
    samples_of(chick, feeds, x);
    check("anova_chickwts", rk_anova(x, feeds, 6, &t), &t, true);
    check("welch_chickwts", rk_welch_anova(x, feeds, 6, &t), &t, true);
    check("kruskal_chickwts", rk_kruskal(x, feeds, 6, &t), &t, false);
    assert_close(t.statistic / 70.0, reference(TOPIC, "epsilon_chickwts"), TOLERANCE);
    samples_of(spray, sprays, x);
    check("anova_sprays", rk_anova(x, sprays, 6, &t), &t, true);
    check("welch_sprays", rk_welch_anova(x, sprays, 6, &t), &t, true);
    check("kruskal_sprays", rk_kruskal(x, sprays, 6, &t), &t, false);
    free(chick);
    free(spray);
}

static void test_friedman(void **state)
{
    size_t n;
    double *running = reference_data("base_running", "seconds", &n), warp[45];
    struct rk_anova t;

    (void)state;
    check("friedman_running", rk_friedman(running, 22, 3, &t), &t, false);
    for (size_t i = 0; i < 45; i++)
        warp[i] = reference_at(TOPIC, "friedman_warp_data", i + 1);
    check("friedman_warp", rk_friedman(warp, 9, 5, &t), &t, false);
    assert_int_equal(rk_friedman(running, 1, 3, &t), RK_ETOOFEW);
    for (size_t i = 0; i < 6; i++)
        warp[i] = 1.0;
    assert_int_equal(rk_friedman(warp, 2, 3, &t), RK_ECONSTANT);
    free(running);
}

static void check_eta(const char *name, const struct rk_anova *t, double level)
{
    struct rk_effect_size e;
    char from_effectsize[64];

    snprintf(from_effectsize, sizeof from_effectsize, "%s_effectsize", name);
    assert_int_equal(rk_eta_squared(t, level, &e), RK_OK);
    assert_close(e.estimate, reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(e.conf_low, reference_at(TOPIC, name, 2), 1e-8);
    assert_close(e.conf_high, reference_at(TOPIC, name, 3), 1e-8);
    assert_true(fabs(e.conf_low - reference_at(TOPIC, from_effectsize, 1)) < 1e-4);
    assert_true(fabs(e.conf_high - reference_at(TOPIC, from_effectsize, 2)) < 1e-4);
}

static void test_eta_squared(void **state)
{
    struct rk_anova chick = {reference_at(TOPIC, "anova_chickwts", 1), 5, 65, 0};
    struct rk_anova small = {1.3, 2, 20.5, 0};
    struct rk_effect_size e;

    (void)state;
    check_eta("eta_chickwts", &chick, 0.95);
    check_eta("eta_small", &small, 0.9);
    assert_close(rk_pnf(3, 4, 20, 2, RK_LOWER_TAIL), reference_at(TOPIC, "pf", 1), TOLERANCE);
    /* R takes the upper tail from 1 */
    assert_close(rk_pnf(3, 4, 20, 2, RK_UPPER_TAIL), reference_at(TOPIC, "pf", 2), 1e-8);
    assert_close(rk_pnf(40, 2, 8.5, 60, RK_LOWER_TAIL), reference_at(TOPIC, "pf", 3), TOLERANCE);
    small.df_error = INFINITY;
    assert_int_equal(rk_eta_squared(&small, 0.95, &e), RK_EDOMAIN);
}

/* As many terms however large the noncentrality is; far out there was no end. */
static void test_far_noncentrality(void **state)
{
    const double far[][4] = {{17000, 3, 10, 50001}, {12000, 10, 200, 1e5}, {9e4, 10, 200, 1e6}};
    double below, above;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const double *f = far[i];

        assert_close(rk_pnf(f[0], f[1], f[2], f[3], RK_LOWER_TAIL),
                     reference_at(TOPIC, "pf_far_lower", i + 1), 1e-10);
        assert_close(rk_pnf(f[0], f[1], f[2], f[3], RK_UPPER_TAIL),
                     reference_at(TOPIC, "pf_far_upper", i + 1), 1e-10);
    }
    /* where one way to add up ends and the other begins */
    below = rk_pnf(17000, 3, 1000, 49999.999999, RK_UPPER_TAIL);
    above = rk_pnf(17000, 3, 1000, 50000, RK_UPPER_TAIL);
    assert_true(below < above && above - below < 1e-9);
    assert_close(rk_pnf(3e19, 3, 10, 1e20, RK_LOWER_TAIL), reference(TOPIC, "pf_limit"), TOLERANCE);
    assert_true(rk_pnf(2, 3, 10, 1e20, RK_UPPER_TAIL) == 1.0);
}

static void test_degenerate(void **state)
{
    const double a[3] = {1, 2, 3}, same[3] = {5, 5, 5}, bad[2] = {1, NAN};
    const double *x[2] = {a, same}, *none[2] = {same, same}, *nan[2] = {a, bad};
    const size_t n[2] = {3, 3}, one[2] = {3, 1}, ones[2] = {1, 1}, two[2] = {2, 2},
                 zero[2] = {3, 0};
    struct rk_anova t = {.p_value = -1};

    (void)state;
    assert_int_equal(rk_welch_anova(x, n, 2, &t), RK_ECONSTANT);
    assert_int_equal(rk_welch_anova(x, one, 2, &t), RK_ETOOFEW);
    assert_int_equal(rk_anova(x, ones, 2, &t), RK_ETOOFEW);
    assert_int_equal(rk_anova(none, n, 2, &t), RK_ECONSTANT);
    assert_int_equal(rk_anova(x, n, 1, &t), RK_ETOOFEW);
    assert_int_equal(rk_kruskal(none, n, 2, &t), RK_ECONSTANT);
    assert_int_equal(rk_kruskal(x, zero, 2, &t), RK_ETOOFEW);
    assert_int_equal(rk_anova(nan, two, 2, &t), RK_EDOMAIN);
    assert_true(t.p_value == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),     cmocka_unit_test(test_friedman),
        cmocka_unit_test(test_eta_squared), cmocka_unit_test(test_far_noncentrality),
        cmocka_unit_test(test_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("anova", tests, NULL, NULL);
}
