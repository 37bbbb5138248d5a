/* Trend tests, change point and control limits of one series, against R. */
#include "reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/quantile.h"
#include "repkit/random.h"
#include "repkit/time_series.h"

enum { MOST = 300 };
#define TOPIC "time_series"

struct sample {
    double x[MOST], t[MOST];
    size_t slot[MOST], n;
};

/* The file's column by its time column, without the rows whose numbers (from 1) are in `gap`. */
static void load(const char *file, const char *value, const char *time, const size_t *gap,
                 size_t n_gaps, struct sample *s)
{
    size_t n;
    double *x = reference_data(file, value, &n), *t = reference_data(file, time, &n);

    s->n = 0;
    for (size_t i = 0; i < n; i++) {
        bool left_out = false;

        for (size_t g = 0; g < n_gaps; g++)
            left_out = left_out || gap[g] == i + 1;
        if (left_out)
            continue;
        s->x[s->n] = x[i];
        s->t[s->n++] = t[i];
    }
    free(x);
    free(t);
    assert_int_equal(rk_series_slots(s->t, s->n, s->slot, NULL), RK_OK);
}

static void small(const double *x, size_t n, struct sample *s)
{
    s->n = n;
    memcpy(s->x, x, n * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        s->t[i] = (double)i + 1.0;
        s->slot[i] = i;
    }
}

static void check_kendall(const struct sample *s, size_t season, const char *name)
{
    struct rk_kendall k;

    assert_int_equal(rk_kendall_trend(s->x, s->slot, s->n, season, &k), RK_OK);
    assert_close(k.s, reference_at(TOPIC, name, 1), 0.0);
    assert_close(k.var, reference_at(TOPIC, name, 2), 1e-14);
    assert_close(k.tau, reference_at(TOPIC, name, 3), 1e-13);
    assert_close(rk_kendall_p(&k, 1.0, RK_TWO_SIDED).z, reference_at(TOPIC, name, 4), 1e-13);
}

static void check_sen(const struct sample *s, size_t season, double var, double conf,
                      const char *name)
{
    double slope, low, high;

    assert_int_equal(rk_sen_slope(s->x, s->t, s->slot, s->n, season, var, conf, RK_TWO_SIDED,
                                  &slope, &low, &high),
                     RK_OK);
    assert_close(slope, reference_at(TOPIC, name, 1), 1e-12);
    assert_close(low, reference_at(TOPIC, name, 2), 1e-9);
    assert_close(high, reference_at(TOPIC, name, 3), 1e-9);
}

static void check_pettitt(const double *x, size_t n, const char *name)
{
    struct rk_pettitt p;

    assert_int_equal(rk_pettitt_test(x, n, &p), RK_OK);
    assert_close(p.k, reference_at(TOPIC, name, 1), 0.0);
    assert_close((double)p.last_before + 1.0, reference_at(TOPIC, name, 2), 0.0);
    assert_close(p.p_value, reference_at(TOPIC, name, 3), 1e-12);
    assert_close(p.median_before, reference_at(TOPIC, name, 4), 1e-12);
    assert_close(p.median_after, reference_at(TOPIC, name, 5), 1e-12);
}

static void nile_agrees_with_r(void **state)
{
    struct sample s;
    struct rk_kendall k;
    double inflation;

    (void)state;
    load("nile", "flow", "year", NULL, 0, &s);
    check_kendall(&s, 0, "nile.kendall");
    assert_int_equal(rk_kendall_trend(s.x, s.slot, s.n, 1, &k), RK_OK);
    assert_close(rk_kendall_p(&k, 1.0, RK_TWO_SIDED).p_value, reference(TOPIC, "nile.p"), 1e-11);
    assert_close(rk_kendall_p(&k, 1.0, RK_LESS).p_value, reference(TOPIC, "nile.p_less"), 1e-11);
    assert_close(rk_kendall_p(&k, 1.0, RK_GREATER).p_value, reference(TOPIC, "nile.p_greater"),
                 1e-11);
    inflation = rk_kendall_inflation(reference(TOPIC, "nile.r1_without_trend"), s.n);
    assert_close(inflation, reference(TOPIC, "nile.inflation"), 1e-12);
    assert_close(rk_kendall_p(&k, inflation, RK_TWO_SIDED).z, reference(TOPIC, "nile.z"), 1e-12);
    check_sen(&s, 0, k.var, 0.95, "nile.sen");
    check_sen(&s, 0, k.var, 0.9, "nile.sen90");
    check_pettitt(s.x, s.n, "nile.pettitt");
    for (size_t lag = 1; lag <= 5; lag++)
        assert_close(rk_autocorrelation(s.x, s.slot, s.n, lag),
                     reference_at(TOPIC, "nile.acf", lag), 1e-12);
    assert_close(rk_moving_range_sd(s.x, s.slot, s.n), reference(TOPIC, "nile.sd"), 1e-14);
}

static void gaps_are_no_neighbours(void **state)
{
    const size_t gap[] = {3, 17, 18, 60};
    struct sample s;

    (void)state;
    load("nile", "flow", "year", gap, 4, &s);
    check_kendall(&s, 0, "gap.kendall");
    check_sen(&s, 0, reference_at(TOPIC, "gap.kendall", 2), 0.95, "gap.sen");
    assert_close(rk_autocorrelation(s.x, s.slot, s.n, 1), reference(TOPIC, "gap.lag1"), 1e-12);
}

static void seasons_agree_with_r(void **state)
{
    const size_t some[] = {0, 1, 12, 239};
    struct sample s;
    struct rk_kendall k;

    (void)state;
    load("nottem", "temp", "month", NULL, 0, &s);
    check_kendall(&s, 12, "nottem.kendall");
    assert_int_equal(rk_kendall_trend(s.x, s.slot, s.n, 12, &k), RK_OK);
    assert_close(rk_kendall_p(&k, 1.0, RK_TWO_SIDED).p_value, reference(TOPIC, "nottem.p"), 1e-11);
    check_sen(&s, 12, k.var, 0.95, "nottem.sen");
    assert_int_equal(rk_remove_season(s.x, s.slot, s.n, 12), RK_OK);
    for (size_t i = 0; i < 4; i++)
        assert_close(s.x[some[i]], reference_at(TOPIC, "nottem.without_season", i + 1), 1e-12);
    check_pettitt(s.x, s.n, "nottem.pettitt");
}

static void few_periods_are_exact(void **state)
{
    const double seven[] = {3.1, 2.0, 5.5, 4.2, 6.6, 6.1, 9.0};
    const double ten[] = {5, 1, 2, 9, 3, 8, 4, 10, 7, 6}, ties[] = {1, 2, 2, 3, 1, 4, 4, 4, 2};
    static const char *const names[] = {"two.sided", "less", "greater"};
    struct sample s;
    struct rk_kendall k;

    (void)state;
    small(seven, 7, &s);
    check_kendall(&s, 0, "small.kendall");
    for (int a = RK_TWO_SIDED; a <= RK_GREATER; a++) {
        char name[32] = "small.";
        struct rk_kendall_test test;

        small(seven, 7, &s);
        assert_int_equal(rk_kendall_trend(s.x, s.slot, s.n, 0, &k), RK_OK);
        test = rk_kendall_p(&k, 1.0, a);
        assert_true(test.exact);
        strncat(name, names[a], sizeof name - strlen(name) - 1);
        assert_close(test.p_value, reference(TOPIC, name), 1e-12);
        small(ten, 10, &s);
        assert_int_equal(rk_kendall_trend(s.x, s.slot, s.n, 0, &k), RK_OK);
        memcpy(name, "ten.\0", 5);
        strncat(name, names[a], sizeof name - strlen(name) - 1);
        assert_close(rk_kendall_p(&k, 1.0, a).p_value, reference(TOPIC, name), 1e-12);
        assert_false(rk_kendall_p(&k, 1.5, a).exact);
    }
    small(ties, 9, &s);
    check_kendall(&s, 0, "ties.kendall");
    assert_int_equal(rk_kendall_trend(s.x, s.slot, s.n, 0, &k), RK_OK);
    assert_false(rk_kendall_p(&k, 1.0, RK_TWO_SIDED).exact);
    assert_close(rk_kendall_p(&k, 1.0, RK_TWO_SIDED).p_value, reference(TOPIC, "ties.p"), 1e-12);
}

static void places_follow_the_calendar(void **state)
{
    /* First days of months, without April; and days of work, Friday to Monday being a gap. */
    const double months[] = {0, 31, 59, 120, 151, 181}, days[] = {0, 1, 2, 3, 4, 7, 8};
    const double mixed[] = {0, 7, 14, 17, 21, 23, 28, 31}, twice[] = {1, 1};
    const size_t month_places[] = {0, 1, 2, 4, 5, 6}, day_places[] = {0, 1, 2, 3, 4, 7, 8};
    size_t slot[8] = {99}, uneven = 99;

    (void)state;
    assert_int_equal(rk_series_slots(months, 6, slot, &uneven), RK_OK);
    assert_memory_equal(slot, month_places, sizeof month_places);
    assert_int_equal(uneven, 0);
    assert_int_equal(rk_series_slots(days, 7, slot, &uneven), RK_OK);
    assert_memory_equal(slot, day_places, sizeof day_places);
    assert_int_equal(uneven, 0);
    assert_int_equal(rk_series_slots(mixed, 8, slot, &uneven), RK_OK);
    assert_int_equal(uneven, 2);
    slot[0] = 99;
    assert_int_equal(rk_series_slots(twice, 2, slot, &uneven), RK_EDOMAIN);
    assert_int_equal(slot[0], 99);
    assert_int_equal(rk_series_slots(NULL, 0, NULL, &uneven), RK_OK);
}

static void inflation_has_its_bounds(void **state)
{
    (void)state;
    assert_close(rk_kendall_inflation(0.2, 100), 1.0, 0.0);
    assert_close(rk_kendall_inflation(-0.9, 100), 1.0, 0.0);
    assert_close(rk_kendall_inflation(NAN, 100), 1.0, 0.0);
    assert_close(rk_kendall_inflation(0.9, 5), 1.0, 0.0);
    assert_close(rk_kendall_inflation(0.99, 20), reference(TOPIC, "inflation.high"), 1e-12);
}

static void what_is_undefined(void **state)
{
    const double constant[] = {2, 2, 2, 2}, two[] = {1, 2};
    const size_t slot[] = {0, 1, 2, 3};
    struct rk_kendall k = {.s = 7};
    struct rk_pettitt p = {.k = 7};
    double slope = 7, low = 7, high = 7;

    (void)state;
    assert_int_equal(rk_kendall_trend(two, slot, 2, 0, &k), RK_ETOOFEW);
    assert_int_equal(rk_kendall_trend(constant, slot, 4, 0, &k), RK_ECONSTANT);
    assert_int_equal(rk_kendall_trend(constant, slot, 4, 4, &k), RK_ETOOFEW);
    assert_int_equal(rk_kendall_trend(NULL, NULL, 0, 0, &k), RK_ETOOFEW);
    assert_close(k.s, 7, 0.0);
    assert_int_equal(rk_pettitt_test(two, 2, &p), RK_ETOOFEW);
    assert_int_equal(rk_pettitt_test(constant, 4, &p), RK_ECONSTANT);
    assert_close(p.k, 7, 0.0);
    assert_int_equal(rk_sen_slope(two, two, slot, 1, 0, 1, 0.95, RK_TWO_SIDED, &slope, &low, &high),
                     RK_ETOOFEW);
    assert_int_equal(rk_sen_slope(two, two, slot, 2, 2, 1, 0.95, RK_TWO_SIDED, &slope, &low, &high),
                     RK_ETOOFEW);
    assert_int_equal(rk_sen_slope(two, two, slot, RK_SEN_MOST + 1, 0, 1, 0.95, RK_TWO_SIDED, &slope,
                                  &low, &high),
                     RK_EDOMAIN);
    assert_true(slope == 7 && low == 7 && high == 7);
    assert_true(isnan(rk_autocorrelation(constant, slot, 4, 1)));
    assert_true(isnan(rk_autocorrelation(NULL, NULL, 0, 1)));
    assert_true(isnan(rk_moving_range_sd(two, slot, 1)));
}

static void few_pairs_have_no_interval(void **state)
{
    const double x[] = {1, 3, 2}, t[] = {1, 2, 3};
    const size_t slot[] = {0, 1, 2};
    double slope, low, high;

    (void)state;
    assert_int_equal(
        rk_sen_slope(x, t, slot, 3, 0, 66.0 / 18.0, 0.95, RK_TWO_SIDED, &slope, &low, &high),
        RK_OK);
    assert_close(slope, 0.5, 0.0);
    assert_true(isnan(low) && isnan(high));
    assert_int_equal(rk_sen_slope(x, t, slot, 3, 0, 0.0, 0.95, RK_GREATER, &slope, &low, &high),
                     RK_OK);
    assert_true(low == -0.25 && isinf(high)); /* rank 1.5 of -1, 0.5, 2 */
}

/* The value at a rank of all slopes, sorted as a whole. */
static double sorted_at(const double *sorted, size_t n, double rank)
{
    size_t below = (size_t)rank;

    if (!(rank >= 1.0 && rank <= (double)n))
        return NAN;
    return below == n
               ? sorted[n - 1]
               : sorted[below - 1] + (rank - floor(rank)) * (sorted[below] - sorted[below - 1]);
}

/* The slopes are not sorted to find the few that matter; here they are. */
static void slopes_as_if_sorted(void **state)
{
    enum { LONGEST = 60, PAIRS = LONGEST * (LONGEST - 1) / 2 };
    double x[LONGEST], t[LONGEST], sorted[PAIRS], slope, low, high;
    size_t slot[LONGEST];
    struct rk_rng rng;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "slopes", 0);
    for (size_t i = 0; i < LONGEST; i++) {
        x[i] = (double)rk_rng_below(&rng, i % 2 == 0 ? 5 : 1000); /* with ties */
        t[i] = (double)(slot[i] = i + i / 7);
    }
    for (size_t n = 2; n <= LONGEST; n++)
        for (int k = 0; k < 4; k++) {
            double conf = k == 0   ? 0.3
                          : k == 1 ? 0.999
                                   : 0.95,
                   var = 40.0 * (double)(n * (size_t)k);
            double c = rk_qnorm((1.0 - conf) / 2.0, RK_UPPER_TAIL) * sqrt(var);
            size_t m = 0;

            for (size_t i = 0; i < n; i++)
                for (size_t j = i + 1; j < n; j++)
                    sorted[m++] = (x[j] - x[i]) / (t[j] - t[i]);
            rk_sort(sorted, m);
            assert_int_equal(
                rk_sen_slope(x, t, slot, n, 0, var, conf, RK_TWO_SIDED, &slope, &low, &high),
                RK_OK);
            assert_close(slope, rk_quantile_sorted(sorted, m, 0.5, 7), 0.0);
            assert_close(low, sorted_at(sorted, m, ((double)m - c) / 2.0), 0.0);
            assert_close(high, sorted_at(sorted, m, ((double)m + c) / 2.0 + 1.0), 0.0);
        }
}

static void signals_of_western_electric(void **state)
{
    const double beyond3[] = {0.1, -3.1}, two[] = {2.1, 0.3, 2.2}, sides[] = {2.1, 0.3, -2.2};
    const double four[] = {1.1, 1.2, -0.5, 1.3, 1.4}, last_inside[] = {1.1, 1.2, 1.3, 1.4, 0.5};
    const double run[] = {-.1, -.2, -.3, -.4, -.5, -.1, -.2, -.3};

    (void)state;
    assert_int_equal(rk_control_signal(beyond3, 0), RK_SIGNAL_NONE);
    assert_int_equal(rk_control_signal(beyond3, 1), RK_SIGNAL_3_SD);
    assert_int_equal(rk_control_signal(two, 0), RK_SIGNAL_NONE);
    assert_int_equal(rk_control_signal(two, 2), RK_SIGNAL_2_OF_3);
    assert_int_equal(rk_control_signal(sides, 2), RK_SIGNAL_NONE);
    assert_int_equal(rk_control_signal(four, 4), RK_SIGNAL_4_OF_5);
    assert_int_equal(rk_control_signal(last_inside, 4), RK_SIGNAL_NONE);
    assert_int_equal(rk_control_signal(run, 6), RK_SIGNAL_NONE);
    assert_int_equal(rk_control_signal(run, 7), RK_SIGNAL_8_RUN);
}

static void a_change_has_an_interval(void **state)
{
    const double step[] = {1, 2, 1, 2, 1, 11, 12, 11, 12, 11};
    static struct sample s;
    struct rk_ctx four = RK_CTX_DEFAULT, other = RK_CTX_DEFAULT;
    struct rk_pettitt test;
    size_t low, high, low4, high4;

    (void)state;
    four.threads = 4;
    other.seed = 3;
    load("nile", "flow", "year", NULL, 0, &s);
    assert_int_equal(rk_pettitt_test(s.x, s.n, &test), RK_OK);
    assert_int_equal(rk_pettitt_interval(s.x, s.n, &test, 0.95, "", NULL, &low, &high), RK_OK);
    assert_true(fabs((double)low + 1.0 - reference_at(TOPIC, "nile.change", 1)) <= 1.0);
    assert_true(fabs((double)high + 1.0 - reference_at(TOPIC, "nile.change", 2)) <= 2.0);
    assert_int_equal(rk_pettitt_interval(s.x, s.n, &test, 0.95, "", &four, &low4, &high4), RK_OK);
    assert_true(low == low4 && high == high4);
    assert_int_equal(rk_pettitt_interval(s.x, s.n, &test, 0.999, "", &other, &low4, &high4), RK_OK);
    assert_true(low4 <= low && high4 > high);
    assert_int_equal(rk_pettitt_test(step, 10, &test), RK_OK);
    assert_int_equal(rk_pettitt_interval(step, 10, &test, 0.95, "", NULL, &low, &high), RK_OK);
    assert_true(low == 4 && high == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nile_agrees_with_r),         cmocka_unit_test(gaps_are_no_neighbours),
        cmocka_unit_test(seasons_agree_with_r),       cmocka_unit_test(few_periods_are_exact),
        cmocka_unit_test(places_follow_the_calendar), cmocka_unit_test(inflation_has_its_bounds),
        cmocka_unit_test(what_is_undefined),          cmocka_unit_test(few_pairs_have_no_interval),
        cmocka_unit_test(slopes_as_if_sorted),        cmocka_unit_test(signals_of_western_electric),
        cmocka_unit_test(a_change_has_an_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
