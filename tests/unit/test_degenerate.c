/* Ends of tables, plateaus, values that are none: what is refused, and that outputs stay. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "repkit/absorb.h"
#include "repkit/alternative.h"
#include "repkit/anova.h"
#include "repkit/correlation.h"
#include "repkit/effect_size.h"
#include "repkit/noncentral.h"
#include "repkit/normality.h"
#include "repkit/proportions.h"
#include "repkit/resample.h"
#include "repkit/survival.h"
#include "repkit/time_series.h"
#include "repkit/wilcoxon.h"

#define TOPIC "degenerate"

/* A curve that stays on the level asked for, past times where only watching ended. */
static void a_curve_on_the_level_itself(void **state)
{
    static const double time[] = {1, 2, 3, 3.5, 4, 5, 6, 7};
    static const int event[] = {1, 1, 1, 1, 0, 0, 1, 0};
    struct rk_survival *s = NULL;
    double value, low, high;

    (void)state;
    assert_int_equal(rk_survival_new(time, event, 8, 0.95, &s), RK_OK);
    rk_survival_quantile(s, 0.25, &value, &low, &high);
    assert_close(value, reference_at(TOPIC, "plateau.25", 1), 1e-12);
    assert_close(low, reference_at(TOPIC, "plateau.25", 2), 1e-12);
    rk_survival_quantile(s, 0.5, &value, &low, &high);
    assert_close(value, reference_at(TOPIC, "plateau.50", 1), 1e-12);
    assert_close(low, reference_at(TOPIC, "plateau.50", 2), 1e-12);
    assert_true(isnan(high));
    rk_survival_free(s);
    assert_int_equal(
        rk_survival_new((const double[]){1, 2, 3, 4}, (const int[]){1, 1, 0, 1}, 4, 0.95, &s),
        RK_OK);
    rk_survival_quantile(s, 0.5, &value, &low, &high);
    assert_close(value, reference(TOPIC, "plateau.all"), 1e-12);
    rk_survival_free(s);
}

static void normality_beyond_its_tables(void **state)
{
    static double many[5001];
    double far[100] = {0.0}, a = -1.0, p = -1.0, w = -1.0, spare[5001];

    (void)state;
    far[99] = 1.0;
    assert_int_equal(rk_anderson_darling(far, 100, 0.01, 0.1, &a, &p), RK_OK);
    assert_close(a, reference(TOPIC, "anderson.a"), 1e-9);
    assert_close(p, reference(TOPIC, "anderson.p"), 1e-12);
    for (size_t i = 0; i < 5001; i++)
        many[i] = (double)i;
    p = -1.0;
    assert_int_equal(rk_shapiro_wilk(many, 5001, spare, &w, &p), RK_EDOMAIN);
    assert_int_equal(rk_shapiro_wilk(many, 2, spare, &w, &p), RK_ETOOFEW);
    assert_int_equal(rk_shapiro_wilk(far, 99, spare, &w, &p), RK_ECONSTANT);
    assert_true(w == -1.0 && p == -1.0);
}

static void levels_that_are_none(void **state)
{
    static const double one[] = {1, 2, 4}, bad[] = {1, INFINITY, 2}, single[] = {3};
    static const double blocks[] = {1, 2, 3, 1, 3, 2, 2, 2, 2};
    double rows[9];
    const struct rk_anova untouched = {.statistic = -7.0};
    struct rk_anova out = untouched;

    (void)state;
    assert_int_equal(rk_anova((const double *const[]){one, bad}, (size_t[]){3, 3}, 2, &out),
                     RK_EDOMAIN);
    assert_int_equal(rk_anova((const double *const[]){one}, (size_t[]){3}, 1, &out), RK_ETOOFEW);
    assert_int_equal(rk_anova((const double *const[]){single, single}, (size_t[]){1, 1}, 2, &out),
                     RK_ETOOFEW);
    memcpy(rows, blocks, sizeof rows);
    rows[4] = NAN;
    assert_int_equal(rk_friedman(rows, 3, 3, &out), RK_EDOMAIN);
    assert_int_equal(rk_friedman(blocks, 1, 3, &out), RK_ETOOFEW);
    assert_memory_equal(&out, &untouched, sizeof out);
    assert_int_equal(rk_friedman(blocks, 3, 3, &out), RK_OK);
    assert_close(out.statistic, reference(TOPIC, "friedman"), 1e-12);
}

static void tests_without_cases(void **state)
{
    const struct rk_proportion_test untouched = {.statistic = -7.0};
    struct rk_proportion_test out = untouched;
    struct rk_kendall kendall = {.n = 77};
    struct rk_effect_size size = {.estimate = -7.0};
    struct rk_rank_test rank;
    struct rk_boot *boot = NULL;
    double lower = -7.0, upper = -7.0;
    static const double x[] = {1.0, NAN, 2.0}, same[] = {3, 3, 3, 3};
    static const size_t slot[] = {0, 1, 2, 3}, apart[] = {0, 1, 2, 3};

    (void)state;
    assert_int_equal(rk_fisher_test(0, 0, 1, 2, 1.0, RK_TWO_SIDED, 0.95, &out), RK_ETOOFEW);
    assert_int_equal(rk_fisher_test(3, 2, 1, 2, 1.0, RK_TWO_SIDED, 0.95, &out), RK_EDOMAIN);
    assert_memory_equal(&out, &untouched, sizeof out);
    assert_int_equal(rk_kendall_trend(same, slot, 4, 1, &kendall), RK_ECONSTANT);
    assert_int_equal(rk_kendall_trend(same, apart, 4, 4, &kendall), RK_ETOOFEW);
    assert_int_equal(kendall.n, 77);
    assert_int_equal(rk_spearman_tails(3.0, 10, &lower, &upper), RK_EDOMAIN);
    assert_int_equal(rk_spearman_tails(NAN, 5, &lower, &upper), RK_EDOMAIN);
    assert_true(lower == -7.0 && upper == -7.0);
    assert_int_equal(rk_hedges_g((const double[]){1}, 1, (const double[]){2}, 1, 0, 0, 0.95, &size),
                     RK_ETOOFEW);
    assert_true(size.estimate == -7.0);
    assert_int_equal(
        rk_boot_means_new(&(struct rk_boot_means){.x = x, .y = x, .nx = 3, .ny = 3, .draws = 99},
                          NULL, &boot),
        RK_EDOMAIN);
    assert_null(boot);
    /* Four differences of one size and a zero, which is left out: 2 of 16 patterns of signs. */
    assert_int_equal(
        rk_signed_rank_test((const double[]){2, 2, 2, 2, 0}, 5, 0.0, RK_TWO_SIDED, 0.95, &rank),
        RK_OK);
    assert_true(rank.exact && rank.p_value == 0.125);
}

static void times_too_fine_for_a_grid(void **state)
{
    static const double t[] = {0.0, 1e-9, 1e9};
    size_t slot[3] = {7, 7, 7}, uneven = 7;

    (void)state;
    assert_int_equal(rk_series_slots(t, 3, slot, &uneven), RK_EDOMAIN);
    assert_int_equal(rk_series_slots((const double[]){0.0, 2.0, 1.0}, 3, slot, &uneven),
                     RK_EDOMAIN);
}

static void noncentral_f_at_its_edges(void **state)
{
    (void)state;
    assert_close(rk_pnf(2.5, 3, 7, 0.0, RK_UPPER_TAIL), reference(TOPIC, "pnf.central"), 1e-12);
    assert_true(isnan(rk_pnf(-1.0, 3, 7, 1.0, RK_UPPER_TAIL)));
    assert_true(isnan(rk_pnf(1.0, 0, 7, 1.0, RK_UPPER_TAIL)));
    assert_true(isnan(rk_pnf(1.0, 3, 0, 1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pnf(1.0, 3, 7, -1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pnf(1.0, 3, 7, INFINITY, RK_LOWER_TAIL)));
}

/* Three effects that are one: too many levels to eliminate, so that connected parts of the first
 * two are counted, and one for the third. */
static void effects_of_too_many_levels(void **state)
{
    enum { N = 4000, LEVELS = 2000 };
    static uint32_t code[N];
    static double hat[N];
    const uint32_t *const codes[] = {code, code, code};
    const size_t levels[] = {LEVELS, LEVELS, LEVELS};
    struct rk_absorbed effects = {.n = N, .n_effects = 3, .code = codes, .n_levels = levels};
    size_t df = 0;

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        code[i] = i % LEVELS;
    assert_int_equal(rk_absorb_df(&effects, &df), RK_OK);
    assert_int_equal(df, 3 * LEVELS - LEVELS - 1);
    assert_int_equal(rk_absorb_leverage(&effects, hat), RK_OK);
    for (size_t i = 0; i < N; i++)
        assert_true(isnan(hat[i]));
    effects.n_effects = 2;
    assert_int_equal(rk_absorb_df(&effects, &df), RK_OK);
    assert_int_equal(df, LEVELS); /* the rank itself */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_curve_on_the_level_itself),
        cmocka_unit_test(normality_beyond_its_tables),
        cmocka_unit_test(levels_that_are_none),
        cmocka_unit_test(tests_without_cases),
        cmocka_unit_test(times_too_fine_for_a_grid),
        cmocka_unit_test(noncentral_f_at_its_edges),
        cmocka_unit_test(effects_of_too_many_levels),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
