/* What dose-response curves stand on: Fieller's set, turning points, splines, knots, sup-F. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/band_stats.h"
#include "repkit/distributions.h"
#include "repkit/fieller.h"

#define TOLERANCE 1e-9

/* --- Fieller ---------------------------------------------------------------------------------- */

static void fieller_bounded(void **state)
{
    struct rk_fieller set;

    (void)state;
    assert_int_equal(rk_fieller_of(3.0, 2.0, 0.5, 0.1, 0.2, 2.0, &set), RK_OK);
    assert_int_equal(set.kind, RK_FIELLER_INTERVAL);
    assert_close(set.ratio, 1.5, 0.0);
    assert_close(set.low, reference_at("band", "fieller.bounded", 1), TOLERANCE);
    assert_close(set.high, reference_at("band", "fieller.bounded", 2), TOLERANCE);
}

/* Each end is a ratio that the estimates just do not differ from. */
static void fieller_ends(void **state)
{
    struct rk_fieller set = {1, RK_FIELLER_ALL, 2, 3}, kept = set;

    (void)state;
    assert_int_equal(rk_fieller_of(NAN, 1, 1, 0, 1, 2, &set), RK_EDOMAIN);
    assert_memory_equal(&set, &kept, sizeof set);
    assert_int_equal(rk_fieller_of(5, 1, 1, 0, 1, 2, &set), RK_OK);
    assert_int_equal(set.kind, RK_FIELLER_OUTSIDE); /* b is not clear of 0 */
    assert_int_equal(rk_fieller_of(5, 100, 4, 1, 9, 2, &set), RK_OK);
    assert_true(set.low < set.ratio && set.ratio < set.high && set.low > 0.0);
    for (int end = 0; end < 2; end++) {
        double x = end == 0 ? set.low : set.high;

        assert_close((5 - 100 * x) * (5 - 100 * x), 4 * (4 - 2 * x + 9 * x * x), 1e-9);
    }
    assert_int_equal(rk_fieller_of(-5, 100, 4, 1, 9, 2, &set), RK_OK);
    assert_true(set.low < -0.05 && set.high < 0.0);
    assert_int_equal(rk_fieller_of(3, 100, 4, 1, 9, 2, &set), RK_OK); /* 3 < 2 * 2: 0 is inside */
    assert_true(set.low < 0.0 && set.high > 0.0);
}

static void fieller_unbounded(void **state)
{
    struct rk_fieller set;

    (void)state;
    assert_int_equal(rk_fieller_of(3.0, 0.5, 0.1, 0.01, 0.2, 2.0, &set), RK_OK);
    assert_int_equal(set.kind, RK_FIELLER_OUTSIDE);
    assert_close(set.low, reference_at("band", "fieller.outside", 1), TOLERANCE);
    assert_close(set.high, reference_at("band", "fieller.outside", 2), TOLERANCE);
    assert_true(set.ratio > set.high); /* the estimate is in the set */

    assert_int_equal(rk_fieller_of(0.1, 0.1, 1.0, 0.0, 1.0, 2.0, &set), RK_OK);
    assert_int_equal(set.kind, RK_FIELLER_ALL);
    assert_true(isnan(set.low) && isnan(set.high));
}

/* What no estimates have, a correlation beyond 1, can leave a / b out of its own set; perfectly
 * correlated ones are told from these whatever the rounding. */
static void fieller_no_covariance(void **state)
{
    struct rk_fieller set = {7.0, RK_FIELLER_ALL, 8.0, 9.0}, kept = set;

    (void)state;
    assert_int_equal(rk_fieller_of(-25.75, 73.0, 81.7, -173.4, 306.4, 2.447, &set), RK_EDOMAIN);
    assert_int_equal(rk_fieller_of(1.0, 10.0, 0.01, 0.11, 1.0, 2.0, &set), RK_EDOMAIN);
    assert_memory_equal(&set, &kept, sizeof set);
    for (int i = 1; i < 100; i++) { /* a / b is known, but for rounding */
        double ratio = i / 7.0, sd = i / 3.0, b = 3.0 * sd * sqrt(2.0);

        assert_int_equal(rk_fieller_of(ratio * b, b, ratio * ratio * sd * sd, ratio * sd * sd,
                                       sd * sd, 2.0, &set),
                         RK_OK);
        assert_int_equal(set.kind, RK_FIELLER_INTERVAL);
        assert_true(set.low <= set.ratio && set.ratio <= set.high);
        assert_close(set.low, ratio, 1e-6);
        assert_close(set.high, ratio, 1e-6);
    }
}

/* No error at all is the ratio itself; a denominator of 0 has no interval. */
static void fieller_degenerate(void **state)
{
    struct rk_fieller set = {7.0, RK_FIELLER_ALL, 8.0, 9.0};

    (void)state;
    assert_int_equal(rk_fieller_of(NAN, 1.0, 1.0, 0.0, 1.0, 2.0, &set), RK_EDOMAIN);
    assert_int_equal(rk_fieller_of(1.0, 1.0, -1.0, 0.0, 1.0, 2.0, &set), RK_EDOMAIN);
    assert_int_equal(rk_fieller_of(1.0, 1.0, 1.0, 0.0, 1.0, -2.0, &set), RK_EDOMAIN);
    assert_close(set.ratio, 7.0, 0.0);
    assert_close(set.high, 9.0, 0.0);
    assert_int_equal(rk_fieller_of(1.0, 4.0, 0.0, 0.0, 0.0, 2.0, &set), RK_OK);
    assert_close(set.low, 0.25, 1e-15);
    assert_close(set.high, 0.25, 1e-15);
    assert_int_equal(rk_fieller_of(1.0, 0.0, 1.0, 0.0, 1.0, 2.0, &set), RK_OK);
    assert_true(isinf(set.ratio));
    assert_int_not_equal(set.kind, RK_FIELLER_INTERVAL);
    assert_int_equal(rk_fieller_of(0.0, 3.0, 0.04, 0.0, 0.0, 2.0, &set), RK_OK);
    assert_close(set.low, -0.4 / 3.0, 1e-14);
    assert_close(set.high, 0.4 / 3.0, 1e-14);
}

/* --- turning points -----------------------------------------------------------------------------
 */

static void turn_test(void **state)
{
    struct rk_turn turn;

    (void)state;
    assert_int_equal(rk_turn_test(2.0, 1.0, 30.0, -3.0, 1.0, 20.0, &turn), RK_OK);
    assert_true(turn.peak);
    assert_close(turn.p_value, rk_pt(2.0, 30.0, RK_UPPER_TAIL), 1e-15);
    assert_int_equal(rk_turn_test(-2.0, 1.0, 30.0, 1.0, 1.0, 20.0, &turn), RK_OK);
    assert_false(turn.peak);
    assert_close(turn.p_value, rk_pt(1.0, 20.0, RK_UPPER_TAIL), 1e-15);
    /* The same sign at both ends: no turn, p above a half. */
    assert_int_equal(rk_turn_test(4.0, 1.0, 30.0, 2.0, 1.0, 20.0, &turn), RK_OK);
    assert_true(turn.p_value > 0.5);
    assert_int_equal(rk_turn_test(4.0, 0.0, 30.0, 2.0, 1.0, 20.0, &turn), RK_EDOMAIN);
    assert_int_equal(rk_turn_test(NAN, 1.0, 30.0, 2.0, 1.0, 20.0, &turn), RK_EDOMAIN);
}

/* --- splines ------------------------------------------------------------------------------------
 */

static void spline_columns(void **state)
{
    static const double knot[] = {1.0, 2.5, 4.0, 7.0}, x[] = {0.0, 1.5, 3.0, 5.0, 8.0};
    double out[2];

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        rk_rcs_basis(x[i], knot, 4, out);
        for (size_t j = 0; j < 2; j++)
            assert_close(out[j], reference_at("band", "rcs.basis", 2 * i + j + 1), 1e-12);
        rk_rcs_slopes(x[i], knot, 4, out);
        for (size_t j = 0; j < 2; j++)
            assert_close(out[j], reference_at("band", "rcs.slopes", 2 * i + j + 1), 1e-7);
    }
}

static void spline_knots(void **state)
{
    static const char *const names[] = {"rcs.knots3", "rcs.knots4", "rcs.knots5"};
    double knot[RK_MOST_KNOTS] = {9.0, 9.0, 9.0, 9.0, 9.0}, same[] = {3.0, 3.0, 3.0, 5.0};
    size_t n, n_knots = 7;
    double *hp = reference_data("mtcars", "hp", &n);

    (void)state;
    for (size_t k = 3; k <= 5; k++) {
        assert_int_equal(rk_rcs_knots(hp, n, k, knot, &n_knots), RK_OK);
        assert_int_equal(n_knots, k);
        for (size_t j = 0; j < k; j++)
            assert_close(knot[j], reference_at("band", names[k - 3], j + 1), 1e-14);
    }
    assert_int_equal(rk_rcs_knots(hp, n, 2, knot, &n_knots), RK_EDOMAIN);
    assert_int_equal(rk_rcs_knots(hp, n, 6, knot, &n_knots), RK_EDOMAIN);
    assert_int_equal(n_knots, 5);
    assert_int_equal(rk_rcs_knots(same, 4, 3, knot, &n_knots), RK_OK);
    assert_int_equal(n_knots, 2); /* equal quantiles are one knot */
    free(hp);
}

/* A parabola-like bump has its highest point where the derivative is 0; a straight line at an end.
 */
static void spline_highest(void **state)
{
    static const double knot[] = {1.0, 2.5, 4.0, 7.0};
    double coef[] = {1.0, -1.5, 0.4}, slope[2], at;

    (void)state;
    at = rk_rcs_highest(coef, knot, 4, 0.0, 10.0);
    rk_rcs_slopes(at, knot, 4, slope);
    assert_true(at > 1.0 && at < 4.0);
    assert_true(fabs(coef[0] + coef[1] * slope[0] + coef[2] * slope[1]) < 1e-12);
    coef[1] = coef[2] = 0.0;
    assert_close(rk_rcs_highest(coef, knot, 4, 0.0, 10.0), 10.0, 0.0);
    coef[0] = -1.0;
    assert_close(rk_rcs_highest(coef, knot, 4, 0.0, 10.0), 0.0, 0.0);
}

/* --- knots --------------------------------------------------------------------------------------
 */

struct line {
    double *x, *y, *ones, *segment, *node;
    size_t n, m;
};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* x and y of a file, scaled x, with all distinct x between the quantiles as nodes. */
static struct line line_of(const char *file, const char *x, const char *y, double low, double high)
{
    struct line l = {0};
    double *sorted;

    l.x = reference_data(file, x, &l.n);
    l.y = reference_data(file, y, &l.n);
    l.ones = malloc(l.n * sizeof *l.ones);
    l.node = malloc(l.n * sizeof *l.node);
    sorted = malloc(l.n * sizeof *sorted);
    memcpy(sorted, l.x, l.n * sizeof *sorted);
    qsort(sorted, l.n, sizeof *sorted, ascending);
    for (size_t i = 0; i < l.n; i++) {
        l.ones[i] = 1.0;
        if (sorted[i] >= low && sorted[i] <= high && (l.m == 0 || sorted[i] > l.node[l.m - 1]))
            l.node[l.m++] = sorted[i];
    }
    l.segment = malloc(l.n * l.m * sizeof *l.segment);
    for (size_t j = 0; j < l.m; j++)
        for (size_t i = 0; i < l.n; i++)
            l.segment[j * l.n + i] = fmax(l.x[i] - l.node[j], 0.0);
    free(sorted);
    return l;
}

static void line_free(struct line *l)
{
    free(l->x);
    free(l->y);
    free(l->ones);
    free(l->segment);
    free(l->node);
}

static struct rk_curve_sums *sums_of(const struct line *l, const uint32_t *item, size_t n_items)
{
    struct rk_curve_data data = {.n = l->n,
                                 .Z = l->ones,
                                 .q = 1,
                                 .x = l->x,
                                 .y = l->y,
                                 .node = l->node,
                                 .segment = l->segment,
                                 .m = l->m,
                                 .item = item,
                                 .n_items = n_items};
    struct rk_curve_sums *sums = NULL;

    assert_int_equal(rk_curve_sums_new(&data, &sums), RK_OK);
    return sums;
}

static void best_knots(void **state)
{
    struct line l = line_of("mtcars", "hp", "mpg", 66.0, 243.5);
    struct rk_curve_sums *sums = sums_of(&l, NULL, 0);
    struct rk_knot knot;

    (void)state;
    assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, &knot), RK_OK);
    assert_close(knot.at, reference_at("band", "mtcars.knot", 1), TOLERANCE);
    assert_close(knot.rss, reference_at("band", "mtcars.knot_rss", 1), TOLERANCE);
    assert_false(knot.edge);
    assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_PLATEAU, &knot), RK_OK);
    assert_close(knot.at, reference_at("band", "mtcars.knot", 2), TOLERANCE);
    assert_close(knot.rss, reference_at("band", "mtcars.knot_rss", 2), TOLERANCE);
    rk_curve_sums_free(sums);
    line_free(&l);
    l = line_of("cars", "speed", "dist", 8.9, 23.1);
    sums = sums_of(&l, NULL, 0);
    assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, &knot), RK_OK);
    assert_close(knot.at, reference_at("band", "segmented.cars", 1), 1e-6);
    assert_close(knot.rss, reference_at("band", "segmented.cars", 3), TOLERANCE);
    rk_curve_sums_free(sums);
    line_free(&l);
}

/* Items counted once, or twice each, have the same knot; a count of 0 is a row left out. */
static void knots_of_items(void **state)
{
    struct line l = line_of("mtcars", "hp", "mpg", 66.0, 243.5), less = l;
    uint32_t *item = malloc(l.n * sizeof *item), *count = malloc(l.n * sizeof *count);
    struct rk_curve_sums *sums, *fewer;
    struct rk_knot once, twice, without;
    double coef[1], fewer_coef[1];

    (void)state;
    for (size_t i = 0; i < l.n; i++) {
        item[i] = (uint32_t)i;
        count[i] = 2;
    }
    sums = sums_of(&l, item, l.n);
    assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, &once), RK_OK);
    assert_int_equal(rk_curve_knot(sums, count, RK_KNOT_KINK, &twice), RK_OK);
    assert_close(twice.at, once.at, 1e-12);
    assert_close(twice.rss, 2.0 * once.rss, 1e-12);
    less.n = l.n - 1; /* the last row goes: columns of segments are read at the old length */
    less.segment = malloc(less.n * l.m * sizeof *less.segment);
    for (size_t j = 0; j < l.m; j++)
        memcpy(less.segment + j * less.n, l.segment + j * l.n, less.n * sizeof *less.segment);
    fewer = sums_of(&less, NULL, 0);
    count[l.n - 1] = 0;
    assert_int_equal(rk_curve_knot(sums, count, RK_KNOT_KINK, &twice), RK_OK);
    assert_int_equal(rk_curve_knot(fewer, NULL, RK_KNOT_KINK, &without), RK_OK);
    assert_close(twice.at, without.at, 1e-9);
    assert_int_equal(rk_curve_fit(sums, count, 0, 0, coef), RK_OK);
    assert_int_equal(rk_curve_fit(fewer, NULL, 0, 0, fewer_coef), RK_OK);
    assert_close(coef[0], fewer_coef[0], 1e-9);
    free(less.segment);
    free(item);
    free(count);
    rk_curve_sums_free(sums);
    rk_curve_sums_free(fewer);
    line_free(&l);
}

static void knots_degenerate(void **state)
{
    struct line l = line_of("mtcars", "hp", "mpg", 66.0, 66.0);
    struct rk_curve_sums *sums = sums_of(&l, NULL, 0);
    struct rk_knot knot = {5.0, 6.0, 7, true};
    uint32_t none = 0;
    double coef[1] = {8.0};

    (void)state;
    assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, &knot), RK_ETOOFEW);
    assert_int_equal(rk_curve_fit(sums, &none, 0, 0, coef), RK_ESINGULAR);
    assert_close(coef[0], 8.0, 0.0);
    assert_close(knot.at, 5.0, 0.0);
    rk_curve_sums_free(sums);
    rk_curve_sums_free(NULL);
    line_free(&l);
}

/* --- sup-F --------------------------------------------------------------------------------------
 */

static enum rk_status sup(const struct line *l, bool plateau, size_t draws, unsigned threads,
                          struct rk_sup *out)
{
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_sup_data data = {.n = l->n,
                               .Z = l->ones,
                               .q = 1,
                               .x = l->x,
                               .y = l->y,
                               .column = l->segment,
                               .m = l->m,
                               .block = 1,
                               .plateau = plateau,
                               .df = (double)l->n - (plateau ? 3.0 : 4.0),
                               .draws = draws,
                               .label = ""};

    ctx.threads = threads;
    return rk_sup_test(&data, &ctx, NULL, out);
}

static void sup_of(const char *file, const char *x, const char *y, double low, double high,
                   const char *name)
{
    struct line l = line_of(file, x, y, low, high);
    char statistic[64], p[64];
    struct rk_sup one, again;

    snprintf(statistic, sizeof statistic, "%s.statistic", name);
    snprintf(p, sizeof p, "%s.p", name);
    for (size_t k = 0; k < 2; k++) {
        double expected = reference_at("band", p, k + 1);
        double error = 4.0 * sqrt(expected * (1.0 - expected) / 4999.0 * 2.0);

        assert_int_equal(sup(&l, k == 1, 4999, 1, &one), RK_OK);
        assert_close(one.statistic, reference_at("band", statistic, k + 1), 1e-8);
        assert_true(fabs(one.p_value - expected) < error);
        assert_int_equal(sup(&l, k == 1, 4999, 3, &again), RK_OK);
        assert_close(again.p_value, one.p_value, 0.0);
    }
    line_free(&l);
}

static void sup_f(void **state)
{
    (void)state;
    sup_of("mtcars", "hp", "mpg", 66.0, 243.5, "sup.mtcars");
    sup_of("cars", "speed", "dist", 8.9, 23.1, "sup.cars");
}

static void sup_degenerate(void **state)
{
    struct line l = line_of("mtcars", "hp", "mpg", 66.0, 243.5);
    struct rk_sup out = {3.0, 4, 5.0};

    (void)state;
    assert_int_equal(sup(&l, false, 0, 1, &out), RK_OK);
    assert_true(isnan(out.p_value));
    l.m = 0;
    out.statistic = 3.0;
    assert_int_equal(sup(&l, false, 99, 1, &out), RK_ETOOFEW);
    assert_close(out.statistic, 3.0, 0.0);
    l.m = 2;
    memcpy(l.x, l.ones, l.n * sizeof *l.x); /* x is constant */
    assert_int_equal(sup(&l, false, 99, 1, &out), RK_ESINGULAR);
    line_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fieller_bounded),
        cmocka_unit_test(fieller_ends),
        cmocka_unit_test(fieller_unbounded),
        cmocka_unit_test(fieller_degenerate),
        cmocka_unit_test(fieller_no_covariance),
        cmocka_unit_test(turn_test),
        cmocka_unit_test(spline_columns),
        cmocka_unit_test(spline_knots),
        cmocka_unit_test(spline_highest),
        cmocka_unit_test(best_knots),
        cmocka_unit_test(knots_of_items),
        cmocka_unit_test(knots_degenerate),
        cmocka_unit_test(sup_f),
        cmocka_unit_test(sup_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
