/* What small changes of the code (make mutate) showed to be untested. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "repkit/alternative.h"
#include "repkit/band_stats.h"
#include "repkit/glm.h"
#include "repkit/maximise.h"
#include "repkit/moments.h"
#include "repkit/normality.h"
#include "repkit/panel_fit.h"
#include "repkit/power_design.h"
#include "repkit/proportions.h"
#include "repkit/rank_tests.h"
#include "repkit/sandwich.h"
#include "repkit/shrink.h"
#include "repkit/t_test.h"

#define TOPIC "survivors"

/* More pairs than are counted exactly, and a distance so small that the other series is summed. */
static void test_small_distances(void **state)
{
    static const double shift[] = {0.02001, 0.05001, 0.09001};
    double x[150], y[140];

    (void)state;
    for (size_t i = 0; i < 150; i++)
        x[i] = (double)(i + 1) / 150.0;
    for (size_t k = 0; k < 3; k++) {
        struct rk_ks_test test;
        char name[32];

        for (size_t i = 0; i < 140; i++)
            y[i] = (double)(i + 1) / 140.0 + shift[k];
        assert_int_equal(rk_ks_test(x, 150, y, 140, RK_TWO_SIDED, &test), RK_OK);
        assert_false(test.exact);
        snprintf(name, sizeof name, "ks.statistic.%zu", k + 1);
        assert_close(test.statistic, reference(TOPIC, name), 1e-9);
        snprintf(name, sizeof name, "ks.p.%zu", k + 1);
        assert_close(test.p_value, reference(TOPIC, name), 1e-6); /* R stops there */
    }
}

static void test_all_but_normal(void **state)
{
    double x[30], a, p;
    struct rk_moments m;

    (void)state;
    for (size_t i = 0; i < 30; i++)
        x[i] = reference_at(TOPIC, "ad.x", i + 1);
    m = rk_moments_of(x, 30);
    assert_int_equal(rk_anderson_darling(x, 30, m.mean, sqrt(m.var), &a, &p), RK_OK);
    assert_close(a, reference(TOPIC, "ad.statistic"), 1e-9);
    assert_close(p, reference(TOPIC, "ad.p"), 1e-9);
    assert_true(a < 0.19);
}

/* Two coefficients with one variance between them: taken as independent. */
static void test_band_of_a_singular_variance(void **state)
{
    const size_t index[] = {0, 1};
    double coef[] = {1, 2}, vcov[] = {1, 1, 1, 1}, std_error[] = {1, 1};
    double df[] = {INFINITY, INFINITY}, critical;
    const struct rk_panel_fit fit = {
        .p = 2, .coef = coef, .vcov = vcov, .std_error = std_error, .df = df};

    (void)state;
    assert_int_equal(rk_sup_t(&fit, index, 2, 0.95, "", NULL, &critical), RK_OK);
    assert_close(critical, reference(TOPIC, "sidak.2"), 0.005);
}

/* The squares that a knot leaves scale with y, however small they are. */
static void test_small_squares(void **state)
{
    enum { N = 20, M = 3 };
    double ones[N], x[N], y[N], segment[N * M], node[M] = {5.0, 9.0, 13.0};
    struct rk_knot knot, small;

    (void)state;
    for (size_t scale = 0; scale < 2; scale++) {
        const struct rk_curve_data data = {
            .n = N, .Z = ones, .q = 1, .x = x, .y = y, .node = node, .segment = segment, .m = M};
        struct rk_curve_sums *sums = NULL;

        for (size_t i = 0; i < N; i++) {
            ones[i] = 1.0;
            x[i] = (double)i;
            y[i] = (fmin(x[i], 8.0) + (i % 2 == 0 ? 0.5 : -0.5)) * (scale == 0 ? 1.0 : 1e-4);
            for (size_t j = 0; j < M; j++)
                segment[j * N + i] = fmax(x[i] - node[j], 0.0);
        }
        assert_int_equal(rk_curve_sums_new(&data, &sums), RK_OK);
        assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, scale == 0 ? &knot : &small),
                         RK_OK);
        rk_curve_sums_free(sums);
    }
    assert_true(knot.rss > 1.0);
    assert_close(small.rss, 1e-8 * knot.rss, 1e-9);
    assert_close(small.at, knot.at, 1e-9);
}

/* A kink at 8 is at an edge of the nodes where none of them lies on its other side. */
static void test_knots_at_the_edge(void **state)
{
    enum { N = 20, M = 3 };
    static const double nodes[][M] = {{4.0, 8.0, 12.0}, {2.0, 4.0, 6.0}, {10.0, 12.0, 14.0}};
    static const double at[] = {8.0, 6.0, 10.0};
    double ones[N], x[N], y[N], segment[N * M];

    (void)state;
    for (size_t k = 0; k < sizeof at / sizeof *at; k++) {
        const struct rk_curve_data data = {.n = N,
                                           .Z = ones,
                                           .q = 1,
                                           .x = x,
                                           .y = y,
                                           .node = nodes[k],
                                           .segment = segment,
                                           .m = M};
        struct rk_curve_sums *sums = NULL;
        struct rk_knot knot;

        for (size_t i = 0; i < N; i++) {
            ones[i] = 1.0;
            x[i] = (double)i;
            y[i] = fmin(x[i], 8.0);
            for (size_t j = 0; j < M; j++)
                segment[j * N + i] = fmax(x[i] - nodes[k][j], 0.0);
        }
        assert_int_equal(rk_curve_sums_new(&data, &sums), RK_OK);
        assert_int_equal(rk_curve_knot(sums, NULL, RK_KNOT_KINK, &knot), RK_OK);
        assert_close(knot.at, at[k], 1e-9);
        assert_int_equal(knot.edge, k > 0);
        rk_curve_sums_free(sums);
    }
}

/* Rosenbrock's valley, upside down: full steps overshoot it. */
static double valley(const void *data, const double *x, double *gradient)
{
    double across = x[1] - x[0] * x[0];

    (void)data;
    gradient[0] = 2.0 * (1.0 - x[0]) + 400.0 * x[0] * across;
    gradient[1] = -200.0 * across;
    return -(1.0 - x[0]) * (1.0 - x[0]) - 100.0 * across * across;
}

/* exp(x) - x^4: a step that is not tried for its height leads downhill. */
static double hill(const void *data, const double *x, double *gradient)
{
    (void)data;
    gradient[0] = exp(x[0]) - 4.0 * x[0] * x[0] * x[0];
    return exp(x[0]) - pow(x[0], 4.0);
}

static void test_steps_that_overshoot(void **state)
{
    const struct rk_objective two = {valley, NULL, 2}, one = {hill, NULL, 1};
    double x[] = {-1.2, 1.0}, top = 0.0, value;

    (void)state;
    assert_int_equal(rk_maximise(&two, x, NULL, &value), RK_OK);
    assert_close(x[0], 1.0, 1e-8);
    assert_close(x[1], 1.0, 1e-8);
    assert_true(fabs(value) < 1e-12);
    assert_int_equal(rk_maximise(&one, &top, NULL, &value), RK_OK);
    assert_close(exp(top), 4.0 * top * top * top, 1e-9);
}

static void test_ends_of_ranges(void **state)
{
    const struct rk_ratio_of_means means = {2.0, 3.0, 0.1, 0.1, 0.0, 20.0};
    struct rk_power_plan plan = RK_POWER_PLAN_DEFAULT;
    struct rk_t_test test;
    struct rk_proportion_test shares;

    (void)state;
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 0.5, &test), RK_OK);
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 0.0, &test), RK_EDOMAIN);
    assert_int_equal(rk_ratio_test(&means, 1.0, RK_TWO_SIDED, 1.0, &test), RK_EDOMAIN);
    assert_int_equal(rk_prop_test(3, 10, 5, 10, RK_TWO_SIDED, 0.9, &shares), RK_OK);
    assert_int_equal(rk_prop_test(3, 10, 5, 10, RK_TWO_SIDED, 0.0, &shares), RK_EDOMAIN);
    assert_int_equal(rk_prop_test(3, 10, 5, 10, RK_TWO_SIDED, 1.0, &shares), RK_EDOMAIN);
    plan.n = 20.0;
    plan.effect = 0.5;
    assert_true(rk_power_of(&plan) > 0.05);
    plan.sig_level = 1.0;
    assert_true(isnan(rk_power_of(&plan)));
    plan.sig_level = 0.0;
    assert_true(isnan(rk_power_of(&plan)));
}

/* A count that hardly ever is more than 0: so small a theta that Newton's step is small beside 1
 * long before it is small beside theta. */
static void test_rare_counts(void **state)
{
    static const double count[] = {100.0, 1000.0, 50000.0};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        const double y[] = {0.0, 0.0, 0.0, count[k]}, weights[] = {99997.0, 1.0, 1.0, 1.0};
        const double X[] = {1.0, 1.0, 1.0, 1.0};
        struct rk_glm_design design = {
            .family = RK_FAMILY_NEGBIN,
            .rows = {.n = 4, .p = 1, .y = y, .X = X, .weights = weights, .has_intercept = true}};
        struct rk_glm *glm = NULL;

        assert_int_equal(rk_glm_new(&design, NULL, &glm, NULL), RK_OK);
        assert_false(glm->is_poisson);
        assert_close(glm->theta, reference_at(TOPIC, "theta.rare", k + 1), 1e-9);
        rk_glm_free(glm);
    }
}

/* Rows of weight 0 are no rows, and a cluster of nothing else is none. */
static void test_rows_without_weight(void **state)
{
    enum { N = 15, LEFT = 12 };
    static const enum rk_vcov_method methods[] = {RK_VCOV_CLUSTER, RK_VCOV_CR2, RK_VCOV_CR3};
    double X[2 * N], X_left[2 * LEFT], y[N], weights[N];
    uint32_t code[N];
    struct rk_design all = {
        .n = N, .p = 2, .y = y, .X = X, .weights = weights, .has_intercept = true};
    struct rk_design left = all;
    const struct rk_clusters clusters = {.code = code, .n_codes = 5};
    struct rk_fit *fit = NULL, *fit_left = NULL;

    (void)state;
    left.n = LEFT;
    left.X = X_left;
    for (size_t i = 0; i < N; i++) {
        X[i] = 1.0;
        X[N + i] = (double)(i * 7 % 11);
        y[i] = (double)(i * 5 % 13) + X[N + i];
        weights[i] = i < LEFT ? 1.0 + (double)(i % 3) : 0.0;
        code[i] = (uint32_t)(i / 3);
    }
    memcpy(X_left, X, LEFT * sizeof *X);
    memcpy(X_left + LEFT, X + N, LEFT * sizeof *X);
    assert_int_equal(rk_fit_new(&all, NULL, &fit, NULL), RK_OK);
    assert_int_equal(rk_fit_new(&left, NULL, &fit_left, NULL), RK_OK);
    assert_int_equal(fit->nobs, LEFT);
    assert_close(fit->coef[1], fit_left->coef[1], 1e-12);
    assert_close(fit->log_lik, fit_left->log_lik, 1e-12);
    for (size_t m = 0; m < sizeof methods / sizeof *methods; m++) {
        struct rk_covariance with = {0}, without = {0};

        assert_int_equal(rk_covariance_of(fit, methods[m], &clusters, &with, NULL), RK_OK);
        assert_int_equal(rk_covariance_of(fit_left, methods[m], &clusters, &without, NULL), RK_OK);
        assert_int_equal(with.n_clusters, LEFT / 3);
        assert_close(with.std_error[1], without.std_error[1], 1e-12);
        assert_close(with.df[1], without.df[1], 1e-12);
        rk_covariance_free(&with);
        rk_covariance_free(&without);
    }
    rk_fit_free(fit);
    rk_fit_free(fit_left);
}

static enum rk_status cancel_at_last(void *data)
{
    size_t *left = data;

    return *left == 0 || --*left == 0 ? RK_EINTERRUPT : RK_OK;
}

/* Wherever a fit is stopped, it says so. */
static void test_words_of_a_stopped_fit(void **state)
{
    enum { N = 40 };
    double X[2 * N], y[N];
    const struct rk_design design = {.n = N, .p = 2, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = NULL;
    size_t asked = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        X[i] = 1.0;
        X[N + i] = (double)(i * 7 % 11);
        y[i] = (double)(i * 5 % 13);
    }
    while (fit == NULL) {
        size_t left = ++asked;
        struct rk_ctx ctx = RK_CTX_DEFAULT;
        struct rk_error error = {0};
        enum rk_status status;

        ctx.cancelled = cancel_at_last;
        ctx.data = &left;
        status = rk_fit_new(&design, &ctx, &fit, &error);
        assert_int_equal(status, fit == NULL ? RK_EINTERRUPT : RK_OK);
        assert_int_equal(error.status, status);
        assert_string_equal(error.text, fit == NULL ? rk_status_words(status) : "");
    }
    assert_true(asked > 2);
    rk_fit_free(fit);
}

/* The lag that the number of rows gives, where one row more or less gives another. */
static void test_lags_of_rows(void **state)
{
    enum { MOST = 275 };
    static const size_t n[] = {27, 28, 272, 273, MOST};
    double X[2 * MOST], y[MOST];

    (void)state;
    for (size_t k = 0; k < sizeof n / sizeof *n; k++) {
        const struct rk_design design = {.n = n[k], .p = 2, .y = y, .X = X, .has_intercept = true};
        struct rk_covariance covariance = {0};
        struct rk_fit *fit = NULL;
        const struct rk_covariance_plan plan = {.method = RK_VCOV_HAC,
                                                .series = {.lag = RK_LAG_DEFAULT}};

        for (size_t i = 0; i < n[k]; i++) {
            X[i] = 1.0;
            X[n[k] + i] = (double)(i * 7 % 11);
            y[i] = (double)(i * 5 % 13);
        }
        assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_OK);
        assert_int_equal(rk_covariance_new(fit, &plan, NULL, &covariance, NULL), RK_OK);
        assert_close((double)covariance.lag, reference_at(TOPIC, "hac.lag", k + 1), 0.0);
        rk_covariance_free(&covariance);
        rk_fit_free(fit);
    }
}

static void test_samples_of_two(void **state)
{
    static const double few[] = {1.0, 2.0}, more[] = {3.0, 5.0, 9.0};
    struct rk_t_test test;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(rk_welch_t_test(k == 0 ? few : more, 2 + k, k == 0 ? more : few, 3 - k,
                                         0.0, RK_TWO_SIDED, 0.95, &test),
                         RK_OK);
        assert_close(test.statistic, reference_at(TOPIC, "welch.two", 3 * k + 1), 1e-9);
        assert_close(test.df, reference_at(TOPIC, "welch.two", 3 * k + 2), 1e-9);
        assert_close(test.p_value, reference_at(TOPIC, "welch.two", 3 * k + 3), 1e-9);
    }
    assert_int_equal(rk_welch_t_test(few, 1, more, 3, 0.0, RK_TWO_SIDED, 0.95, &test), RK_ETOOFEW);
    assert_int_equal(rk_welch_t_test(more, 3, few, 1, 0.0, RK_TWO_SIDED, 0.95, &test), RK_ETOOFEW);
}

static void test_sample_of_one(void **state)
{
    static const double one[] = {4.0}, more[] = {3.0, 5.0, 9.0};
    struct rk_t_test test, same;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(rk_student_t_test(k == 0 ? one : more, 1 + 2 * k, k == 0 ? more : one,
                                           3 - 2 * k, 0.0, RK_TWO_SIDED, 0.95, &test),
                         RK_OK);
        assert_close(test.statistic, reference_at(TOPIC, "student.one", 3 * k + 1), 1e-9);
        assert_close(test.df, reference_at(TOPIC, "student.one", 3 * k + 2), 1e-9);
        assert_close(test.p_value, reference_at(TOPIC, "student.one", 3 * k + 3), 1e-9);
    }
    assert_int_equal(rk_equivalence(&test, 1.0, 0.503, &same), RK_OK);
    assert_int_equal(rk_equivalence(&test, 1.0, 0.5, &same), RK_EDOMAIN);
}

/* Where an effect and nothing else is left beside the slope that is held, and rates are small: an
 * offset that all rows share moves the effect only. */
static void test_profile_beside_an_effect(void **state)
{
    enum { N = 12 };
    double y[N], x[N], offset[N];
    uint32_t code[N];
    const uint32_t *effect[] = {code};
    const size_t n_levels[] = {4};
    struct rk_glm_design design = {.family = RK_FAMILY_POISSON,
                                   .rows = {.n = N, .p = 1, .y = y, .X = x},
                                   .offset = offset,
                                   .effect = effect,
                                   .n_levels = n_levels,
                                   .n_effects = 1};
    struct rk_glm *glm = NULL;
    struct rk_profile profile;

    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        y[i] = (double)((i + 1) * 5 % 7 + 1);
        x[i] = (double)((i + 1) * 7 % 11) / 10.0;
        code[i] = (i + 1) % 4;
        offset[i] = -20.0;
    }
    assert_int_equal(rk_glm_new(&design, NULL, &glm, NULL), RK_OK);
    assert_int_equal(rk_glm_profile(glm, 0, 0.95, NULL, &profile, NULL), RK_OK);
    assert_close(profile.conf_low, reference_at(TOPIC, "profile.effect", 1), 1e-9);
    assert_close(profile.conf_high, reference_at(TOPIC, "profile.effect", 2), 1e-9);
    rk_glm_free(glm);
}

/* Newton's first steps want damping that grows. */
static void test_rates_of_many_trials(void **state)
{
    static const double s[][2] = {{2331.0, 5959.0}, {3239.0, 831.0}};
    static const double n[][2] = {{43373.0, 89769.0}, {81324.0, 47931.0}};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct rk_posterior posterior[2];
        struct rk_units units;

        assert_int_equal(rk_shrink_rates(s[k], n[k], 2, &units, posterior), RK_OK);
        assert_close(units.a, reference_at(TOPIC, "prior.two", 2 * k + 1), 1e-8);
        assert_close(units.b, reference_at(TOPIC, "prior.two", 2 * k + 2), 1e-8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_distances),
        cmocka_unit_test(test_all_but_normal),
        cmocka_unit_test(test_band_of_a_singular_variance),
        cmocka_unit_test(test_small_squares),
        cmocka_unit_test(test_knots_at_the_edge),
        cmocka_unit_test(test_steps_that_overshoot),
        cmocka_unit_test(test_ends_of_ranges),
        cmocka_unit_test(test_rare_counts),
        cmocka_unit_test(test_rows_without_weight),
        cmocka_unit_test(test_words_of_a_stopped_fit),
        cmocka_unit_test(test_lags_of_rows),
        cmocka_unit_test(test_samples_of_two),
        cmocka_unit_test(test_sample_of_one),
        cmocka_unit_test(test_profile_beside_an_effect),
        cmocka_unit_test(test_rates_of_many_trials),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
