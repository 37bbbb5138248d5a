#include "reference.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/roi_model.h"

#define TOPIC "roi_model"
#define LENGTH(a) (sizeof(a) / sizeof *(a))
enum { DRAWS = 40000 };

static struct rk_uncertain made(enum rk_dist dist, double amount, double low, double high)
{
    struct rk_uncertain uncertain;

    assert_int_equal(rk_uncertain_set(dist, amount, low, high, &uncertain, NULL), RK_OK);
    return uncertain;
}

static struct rk_uncertain fixed(double amount)
{
    return made(RK_DIST_FIXED, amount, NAN, NAN);
}

static struct rk_roi_profile *profile_of(const struct rk_roi_model *model)
{
    struct rk_roi_profile *profile = NULL;

    assert_int_equal(rk_roi_profile_new(model, &profile, NULL), RK_OK);
    return profile;
}

static struct rk_roi_draws *draws_of(const struct rk_roi_model *model,
                                     const struct rk_roi_profile *profile, size_t n,
                                     unsigned threads)
{
    struct rk_ctx ctx = {.threads = threads, .seed = 7};
    struct rk_roi_draws *draws = NULL;

    assert_int_equal(rk_roi_simulate(model, profile, n, &ctx, &draws), RK_OK);
    return draws;
}

/* --- point estimates against R --------------------------------------------------------------- */

static struct rk_roi_item item(enum rk_roi_kind kind, enum rk_roi_per per, int start, size_t source)
{
    return (struct rk_roi_item){
        .kind = kind, .per = per, .start = start, .end = INT_MAX, .scale = 1.0, .source = source};
}

static void check_values(const struct rk_roi_model *model, const char *name)
{
    struct rk_roi_profile *profile = profile_of(model);
    struct rk_roi_values values;
    double amount[16];

    for (size_t s = 0; s < model->n_sources; s++)
        amount[s] = model->source[s].amount.amount;
    assert_int_equal(rk_roi_evaluate(profile, amount, &values), RK_OK);
    for (size_t m = 0; m < RK_ROI_METRICS; m++)
        assert_close(values.value[m], reference_at(TOPIC, name, m + 1), 1e-10);
    rk_roi_profile_free(profile);
}

static void test_fixture(void **state)
{
    const struct rk_roi_source source[] = {{"cost", fixed(100000)},
                                           {"y1", fixed(30000)},
                                           {"y2", fixed(45000)},
                                           {"y3", fixed(50000)},
                                           {"y4", fixed(20000)}};
    const struct rk_roi_item items[] = {
        item(RK_ROI_COST, RK_PER_ONCE, 0, 0), item(RK_ROI_BENEFIT, RK_PER_ONCE, 12, 1),
        item(RK_ROI_BENEFIT, RK_PER_ONCE, 24, 2), item(RK_ROI_BENEFIT, RK_PER_ONCE, 36, 3),
        item(RK_ROI_BENEFIT, RK_PER_ONCE, 48, 4)};
    const struct rk_roi_model model = {items, 5, source, 5, 48, RK_TIMING_END, .10, .10, .12, NULL};
    struct rk_roi_profile *profile = profile_of(&model);

    (void)state;
    check_values(&model, "fixture");
    assert_int_equal(profile->n_steps, 5); /* yearly dates, a polynomial of five terms */
    assert_int_equal(profile->n_months, 49);
    rk_roi_profile_free(profile);
}

enum { EVERY = 10 };
static const double every_amount[EVERY] = {60000, 12000, 35,   5000, 800,
                                           900,   2500,  4000, 7000, 99999};

static void every_item(struct rk_roi_item items[EVERY])
{
    static const enum rk_roi_per per[EVERY] = {
        RK_PER_ONCE, RK_PER_ONCE,  RK_PER_MONTH,   RK_PER_YEAR, RK_PER_QUARTER,
        RK_PER_WEEK, RK_PER_MONTH, RK_PER_QUARTER, RK_PER_ONCE, RK_PER_ONCE};
    static const int start[EVERY] = {0, -3, 0, 0, 3, 2, 6, 0, 36, 37};

    for (size_t i = 0; i < EVERY; i++)
        items[i] = item(i < 5 ? RK_ROI_COST : RK_ROI_BENEFIT, per[i], start[i], i);
    items[2].scale = 25, items[2].growth = .03;
    items[3].growth = .05, items[3].end = 36;
    items[4].end = 20;
    items[5].scale = .4, items[5].ramp = 6, items[5].growth = .02;
    items[6].end = 30, items[6].ramp = 9;
    items[7].ramp = 7, items[7].growth = .1;
}

static void test_every_kind_of_item(void **state)
{
    struct rk_roi_source source[EVERY];
    struct rk_roi_item items[EVERY];
    struct rk_roi_model model = {items,         EVERY, source, EVERY, 36,
                                 RK_TIMING_END, .10,   .08,    .05,   NULL};

    (void)state;
    every_item(items);
    for (size_t i = 0; i < EVERY; i++)
        source[i] = (struct rk_roi_source){"", fixed(every_amount[i])};
    check_values(&model, "every_end");
    model.timing = RK_TIMING_MID;
    check_values(&model, "every_mid");
}

static void test_counts_of_payments(void **state)
{
    const struct rk_roi_source source = {"x", fixed(1)};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_MONTH, 0, 0)};
    const struct rk_roi_model model = {items, 1, &source, 1, 36, RK_TIMING_END, 0, 0, 0, NULL};
    struct rk_roi_profile *profile;

    (void)state;
    items[0].end = 36;
    profile = profile_of(&model);
    assert_close(profile->item_total[0], 36.0, 0.0);
    assert_false(profile->is_date[0]);
    assert_true(profile->is_date[1] && profile->is_date[36]);
    rk_roi_profile_free(profile);
    items[0].per = RK_PER_WEEK;
    profile = profile_of(&model);
    assert_close(profile->item_total[0], 36.0 * 365.25 / 84.0, 1e-14);
    rk_roi_profile_free(profile);
    items[0].per = RK_PER_YEAR, items[0].start = 30, items[0].end = INT_MAX; /* no year ends */
    profile = profile_of(&model);
    assert_close(profile->item_total[0], 0.0, 0.0);
    rk_roi_profile_free(profile);
}

/* --- undefined values ------------------------------------------------------------------------ */

static void test_undefined(void **state)
{
    const struct rk_roi_source source[] = {{"cost", fixed(0)}, {"gain", fixed(100)}};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_ONCE, 0, 0),
                                  item(RK_ROI_BENEFIT, RK_PER_MONTH, 0, 1)};
    const struct rk_roi_model model = {items, 2, source, 2, 12, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_model empty = model;
    struct rk_roi_profile *profile = profile_of(&model);
    struct rk_roi_values values;
    const double free_of_charge[] = {0, 100}, dear[] = {5000, 100}, infinite[] = {INFINITY, 1};

    (void)state;
    assert_int_equal(rk_roi_evaluate(profile, free_of_charge, &values), RK_OK);
    assert_true(isnan(values.value[RK_ROI_ROI]) && isnan(values.value[RK_ROI_BCR]));
    assert_true(isnan(values.value[RK_ROI_IRR]) && isnan(values.value[RK_ROI_MIRR]));
    assert_true(values.value[RK_ROI_PAYBACK] == 0.0);
    assert_int_equal(rk_roi_evaluate(profile, dear, &values), RK_OK);
    assert_true(isinf(values.value[RK_ROI_PAYBACK]) && !values.payback.reached);
    assert_close(values.value[RK_ROI_ROI], -0.76, 1e-14);
    assert_int_equal(rk_roi_evaluate(profile, infinite, &values), RK_EDOMAIN);
    assert_close(values.value[RK_ROI_ROI], -0.76, 1e-14);
    rk_roi_profile_free(profile);

    empty.n_items = 0;
    profile = profile_of(&empty);
    assert_int_equal(rk_roi_evaluate(profile, dear, &values), RK_OK);
    assert_true(values.value[RK_ROI_TOTAL_COST] == 0.0 && isnan(values.value[RK_ROI_ROI]));
    rk_roi_profile_free(profile);
}

static void refuse(const struct rk_roi_model *model)
{
    struct rk_roi_profile *profile = NULL;
    struct rk_error error;

    assert_int_equal(rk_roi_profile_new(model, &profile, &error), RK_EINPUT);
    assert_null(profile);
    assert_true(error.text[0] != '\0');
}

static void test_refusals(void **state)
{
    const struct rk_roi_source source = {"x", fixed(1)};
    const struct rk_roi_item good = item(RK_ROI_COST, RK_PER_MONTH, 0, 0);
    struct rk_roi_item items[1];
    const struct rk_roi_model fine = {items, 1, &source, 1, 36, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_model model = fine;

    (void)state;
    items[0] = good, items[0].end = -1, refuse(&model);
    items[0] = good, items[0].start = -121, refuse(&model);
    items[0] = good, items[0].growth = -1, refuse(&model);
    items[0] = good, items[0].ramp = -1, refuse(&model);
    items[0] = good, items[0].scale = NAN, refuse(&model);
    items[0] = good, items[0].source = 1, refuse(&model);
    items[0] = good;
    model = fine, model.horizon = 0, refuse(&model);
    model = fine, model.horizon = RK_ROI_MAX_HORIZON + 1, refuse(&model);
    model = fine, model.rate = -1, refuse(&model);
    model = fine, model.reinvest_rate = NAN, refuse(&model);
}

/* --- Monte Carlo ------------------------------------------------------------------------------ */

/* Every kind of item with every kind of distribution, made so uncertain that draws lose, have
 * several changes of sign, pay back late or never. */
static void wild_model(struct rk_roi_source source[EVERY], struct rk_roi_item items[EVERY])
{
    static const enum rk_dist dist[EVERY] = {
        RK_DIST_PERT, RK_DIST_FIXED,      RK_DIST_LOGNORMAL, RK_DIST_UNIFORM, RK_DIST_NORMAL,
        RK_DIST_T,    RK_DIST_TRIANGULAR, RK_DIST_BETA,      RK_DIST_FIXED,   RK_DIST_FIXED};
    static const char *const label[EVERY] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

    every_item(items);
    items[9].source = 6; /* a second item on one draw */
    for (size_t i = 0; i < EVERY; i++) {
        source[i].label = label[i];
        if (dist[i] == RK_DIST_T)
            assert_int_equal(rk_uncertain_estimate(every_amount[i], 0.5 * every_amount[i], 4,
                                                   &source[i].amount, NULL),
                             RK_OK);
        else
            source[i].amount =
                made(dist[i], every_amount[i], 0.1 * every_amount[i], 3.0 * every_amount[i]);
    }
}

/* Each draw's fast numbers against the plain evaluation of the same amounts. */
static void check_draws(const struct rk_roi_model *model, size_t least_without_irr)
{
    struct rk_roi_profile *profile = profile_of(model);
    struct rk_roi_draws *draws = draws_of(model, profile, 3001, 2);
    double *metric = malloc(RK_ROI_METRICS * draws->n * sizeof *metric), amount[EVERY];
    size_t n_no_irr = 0, n_late = 0;

    for (size_t m = 0; m < RK_ROI_METRICS; m++)
        rk_roi_draws_metric(draws, profile, (enum rk_roi_metric)m, metric + m * draws->n);
    for (size_t i = 0; i < draws->n; i++) {
        struct rk_roi_values values;

        for (size_t s = 0; s < EVERY; s++)
            amount[s] = draws->row[s] == SIZE_MAX ? draws->point[s]
                                                  : draws->amount[draws->row[s] * draws->n + i];
        assert_int_equal(rk_roi_evaluate(profile, amount, &values), RK_OK);
        for (size_t m = 0; m < RK_ROI_METRICS; m++) {
            double got = metric[m * draws->n + i], scale = values.value[RK_ROI_TOTAL_COST];

            if (m == RK_ROI_NET_BENEFIT || m == RK_ROI_NPV) /* differences */
                assert_true(fabs(got - values.value[m]) <= 1e-11 * scale);
            else if (isfinite(values.value[m]) && fabs(values.value[m]) < 1e-3)
                assert_true(fabs(got - values.value[m]) <= 1e-11);
            else
                assert_close(got, values.value[m], 1e-9);
        }
        n_no_irr += isnan(values.value[RK_ROI_IRR]);
        n_late += isinf(values.value[RK_ROI_PAYBACK]);
    }
    assert_true(n_no_irr >= least_without_irr && n_no_irr < 1500 && n_late > 20);
    free(metric);
    rk_roi_draws_free(draws);
    rk_roi_profile_free(profile);
}

static void test_draws_are_evaluations(void **state)
{
    struct rk_roi_source source[EVERY];
    struct rk_roi_item items[EVERY];
    struct rk_roi_model model = {items,         EVERY, source, EVERY, 36,
                                 RK_TIMING_END, .10,   .08,    .05,   NULL};

    (void)state;
    wild_model(source, items);
    check_draws(&model, 20);
    model.timing = RK_TIMING_MID;
    check_draws(&model, 0);
}

static void test_threads_make_no_difference(void **state)
{
    struct rk_roi_source source[EVERY];
    struct rk_roi_item items[EVERY];
    struct rk_roi_model model = {items,         EVERY, source, EVERY, 36,
                                 RK_TIMING_END, .10,   .08,    .05,   NULL};
    struct rk_roi_profile *profile;
    struct rk_roi_draws *one, *three, *fewer;
    size_t n = 10000;

    (void)state;
    wild_model(source, items);
    profile = profile_of(&model);
    one = draws_of(&model, profile, n, 1);
    three = draws_of(&model, profile, n, 3);
    fewer = draws_of(&model, profile, 1501, 1);
    assert_int_equal(one->n_rows, 7);
    assert_memory_equal(one->memory, three->memory, n * (8 + one->n_rows) * sizeof *one->memory);
    /* The first draws are the same however many follow. */
    assert_memory_equal(one->irr, fewer->irr, fewer->n * sizeof *fewer->irr);
    assert_memory_equal(one->amount, fewer->amount, fewer->n * sizeof *fewer->amount);
    rk_roi_draws_free(one);
    rk_roi_draws_free(three);
    rk_roi_draws_free(fewer);
    rk_roi_profile_free(profile);
}

static double quantile(double *sorted, double p)
{
    return sorted[(size_t)(p * DRAWS)];
}

static void test_against_theory(void **state)
{
    const struct rk_roi_source source[] = {{"cost", made(RK_DIST_NORMAL, 100000, 80000, 120000)},
                                           {"benefit", made(RK_DIST_NORMAL, 4000, 3200, 4800)}};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_ONCE, 0, 0),
                                  item(RK_ROI_BENEFIT, RK_PER_MONTH, 0, 1)};
    const struct rk_roi_model model = {items, 2, source, 2, 36, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_profile *profile = profile_of(&model);
    struct rk_roi_draws *draws = draws_of(&model, profile, DRAWS, 2);
    double *npv = malloc(DRAWS * sizeof *npv), sum = 0.0;
    double mean = reference(TOPIC, "npv_mean"), sd = reference(TOPIC, "npv_sd"), positive = 0.0;

    (void)state;
    rk_roi_draws_metric(draws, profile, RK_ROI_NPV, npv);
    for (size_t i = 0; i < DRAWS; i++) {
        sum += npv[i];
        positive += npv[i] > 0.0;
    }
    /* Four Monte Carlo standard errors. */
    assert_true(fabs(sum / DRAWS - mean) < 4.0 * sd / sqrt(DRAWS));
    assert_true(fabs(positive / DRAWS - reference(TOPIC, "npv_positive")) <
                4.0 * 0.31 / sqrt(DRAWS));
    gsl_sort(npv, 1, DRAWS);
    /* That of a 5% quantile of a normal is 2.113 sd / sqrt(n). */
    assert_true(fabs(quantile(npv, .05) - reference(TOPIC, "npv_p5")) < 8.5 * sd / sqrt(DRAWS));
    free(npv);
    rk_roi_draws_free(draws);
    rk_roi_profile_free(profile);
}

static void check_quantile(const struct rk_roi_draws *draws, const struct rk_roi_profile *profile,
                           enum rk_roi_metric metric, double p, const char *name)
{
    double *x = malloc(DRAWS * sizeof *x);

    rk_roi_draws_metric(draws, profile, metric, x);
    gsl_sort(x, 1, DRAWS);
    /* The quantile lies between the order statistics four standard errors of p to either side. */
    assert_true(quantile(x, p - 0.006) < reference(TOPIC, name));
    assert_true(quantile(x, p + 0.006) > reference(TOPIC, name));
    free(x);
}

static void test_monotone_metrics(void **state)
{
    const struct rk_roi_source source[] = {{"cost", fixed(100000)},
                                           {"benefit", made(RK_DIST_LOGNORMAL, 4000, 3000, 5000)}};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_ONCE, 0, 0),
                                  item(RK_ROI_BENEFIT, RK_PER_MONTH, 0, 1)};
    const struct rk_roi_model model = {items, 2, source, 2, 36, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_profile *profile = profile_of(&model);
    struct rk_roi_draws *draws = draws_of(&model, profile, DRAWS, 2);
    double within = 0.0, *last = malloc(DRAWS * sizeof *last), coef[2] = {-1.0, 36.0};

    (void)state;
    check_quantile(draws, profile, RK_ROI_ROI, .9, "roi_p90");
    check_quantile(draws, profile, RK_ROI_IRR, .9, "irr_p90");
    check_quantile(draws, profile, RK_ROI_PAYBACK, .1, "payback_p10");
    for (size_t i = 0; i < DRAWS; i++)
        within += isfinite(draws->payback[i]);
    assert_true(fabs(within / DRAWS - reference(TOPIC, "payback_within")) < 4 * .097 / sqrt(DRAWS));
    rk_roi_draws_combine(draws, coef, 1, last);
    for (size_t i = 0; i < DRAWS; i++)
        assert_close(last[i], draws->total_benefit[i] - draws->total_cost[i], 1e-9);
    free(last);
    rk_roi_draws_free(draws);
    rk_roi_profile_free(profile);
}

static enum rk_status stop(void *data)
{
    (void)data;
    return RK_EINTERRUPT;
}

static void test_simulation_failures(void **state)
{
    const struct rk_roi_source source = {"x", made(RK_DIST_UNIFORM, 1, 0, 2)};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_MONTH, 0, 0)};
    const struct rk_roi_model model = {items, 1, &source, 1, 12, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_profile *profile = profile_of(&model);
    struct rk_roi_draws *draws = NULL;
    struct rk_ctx ctx = {.threads = 1, .seed = 1, .cancelled = stop};

    (void)state;
    assert_int_equal(rk_roi_simulate(&model, profile, 0, NULL, &draws), RK_ENODATA);
    assert_int_equal(rk_roi_simulate(&model, profile, 5000, &ctx, &draws), RK_EINTERRUPT);
    assert_int_equal(rk_roi_simulate(&model, profile, SIZE_MAX / 16, NULL, &draws), RK_ENOMEM);
    assert_null(draws);
    rk_roi_profile_free(profile);
    rk_roi_profile_free(NULL);
    rk_roi_draws_free(NULL);
}

/* Nobody's seed is 1. */
static void test_seed_without_context(void **state)
{
    const struct rk_roi_source source = {"x", made(RK_DIST_UNIFORM, 1, 0, 2)};
    struct rk_roi_item items[] = {item(RK_ROI_COST, RK_PER_MONTH, 0, 0)};
    const struct rk_roi_model model = {items, 1, &source, 1, 12, RK_TIMING_END, .1, .1, .1, NULL};
    struct rk_roi_profile *profile = profile_of(&model);
    const struct rk_ctx ctx = {.threads = 1, .seed = 1};
    struct rk_roi_draws *with = NULL, *without = NULL;

    (void)state;
    assert_int_equal(rk_roi_simulate(&model, profile, 100, &ctx, &with), RK_OK);
    assert_int_equal(rk_roi_simulate(&model, profile, 100, NULL, &without), RK_OK);
    assert_memory_equal(with->amount, without->amount, 100 * sizeof(double));
    rk_roi_draws_free(with);
    rk_roi_draws_free(without);
    rk_roi_profile_free(profile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fixture),
        cmocka_unit_test(test_every_kind_of_item),
        cmocka_unit_test(test_counts_of_payments),
        cmocka_unit_test(test_undefined),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_draws_are_evaluations),
        cmocka_unit_test(test_threads_make_no_difference),
        cmocka_unit_test(test_against_theory),
        cmocka_unit_test(test_monotone_metrics),
        cmocka_unit_test(test_seed_without_context),
        cmocka_unit_test(test_simulation_failures),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
