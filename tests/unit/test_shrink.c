/* Shrunken means and rates, and the ranks of their posteriors, against R. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/random.h"
#include "repkit/shrink.h"

#define TOPIC "shrink"
enum { MOST = 18 };

static void check(const char *name, const char *part, size_t index, double actual, double tolerance)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s", name, part);
    assert_close(actual, reference_at(TOPIC, full, index), tolerance);
}

static void check_means(const char *name, const double *y, const double *v, size_t k, size_t r)
{
    struct rk_units u;
    struct rk_posterior p[MOST];
    double low, high;

    assert_int_equal(rk_shrink_means(y, v, k, r, &u, p), RK_OK);
    check(name, "units", 1, u.mean, 1e-12);
    check(name, "units", 2, u.tau2, 1e-9);
    check(name, "units", 3, u.statistic, 1e-12);
    check(name, "units", 4, u.p_value, 1e-9);
    for (size_t i = 0; i < k; i++) {
        check(name, "estimate", i + 1, p[i].estimate, 1e-10);
        check(name, "sd", i + 1, p[i].b, 1e-10);
        check(name, "shrinkage", i + 1, p[i].shrinkage, 1e-10);
    }
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    check(name, "interval1", 1, low, 1e-9);
    check(name, "interval1", 2, high, 1e-9);
}

static void means_agree_with_r(void **state)
{
    const double y[] = {28, 8, -3, 7, -1, 1, 18, 12};
    const double se[] = {15, 10, 16, 11, 9, 11, 10, 18};
    double feed[6], var[8];

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        feed[i] = reference_at(TOPIC, "chickwts.y", i + 1);
        var[i] = reference_at(TOPIC, "chickwts.v", i + 1);
    }
    check_means("chickwts", feed, var, 6, 1);
    check_means("chickwts2", feed, var, 6, 2);
    for (size_t i = 0; i < 8; i++)
        var[i] = se[i] * se[i];
    check_means("schools", y, var, 8, 1);
}

static void check_rates(const char *name, const double *s, const double *n, size_t k)
{
    struct rk_units u;
    struct rk_posterior p[MOST];
    double low, high;

    assert_int_equal(rk_shrink_rates(s, n, k, &u, p), RK_OK);
    check(name, "units", 1, u.a, 1e-7);
    check(name, "units", 2, u.b, 1e-7);
    check(name, "units", 3, u.mean, 1e-8);
    check(name, "units", 4, u.log_lik, 1e-11);
    check(name, "units", 5, u.statistic, 1e-12);
    check(name, "units", 6, u.p_value, 1e-9);
    for (size_t i = 0; i < k; i++) {
        check(name, "estimate", i + 1, p[i].estimate, 1e-8);
        check(name, "shrinkage", i + 1, p[i].shrinkage, 1e-7);
    }
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    check(name, "interval1", 1, low, 1e-7);
    check(name, "interval1", 2, high, 1e-7);
}

static void rates_agree_with_r(void **state)
{
    const double s[] = {12, 3, 8, 15, 2, 9, 6, 20, 1, 7};
    const double n[] = {40, 10, 35, 30, 18, 25, 30, 45, 12, 28};
    const double hits[] = {18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7};
    const double few[] = {18, 0, 6, 0}, of_few[] = {100, 1, 6, 11};
    double bats[18];

    (void)state;
    check_rates("four", few, of_few, 4);
    for (size_t i = 0; i < 18; i++)
        bats[i] = 45.0;
    check_rates("wins", s, n, 10);
    check_rates("baseball", hits, bats, 18);
}

static void rates_apart_have_a_bounded_prior(void **state)
{
    const double s[] = {5, 0, 0}, n[] = {5, 5, 5}, s2[] = {3000, 0, 1, 0, 7},
                 n2[] = {3000, 2, 1, 41, 7}, once[] = {0, 1, 0, 0, 1, 0, 0},
                 one[] = {1, 1, 1, 1, 1, 1, 1};
    struct rk_units u;
    struct rk_posterior p[7];

    (void)state;
    check_rates("apart", s, n, 3);
    check_rates("apart2", s2, n2, 5);
    assert_int_equal(rk_shrink_rates(s, n, 3, &u, p), RK_OK);
    assert_true(u.separated);
    /* of single trials the likelihood does not depend on a + b */
    for (size_t k = 3; k <= 7; k++) {
        assert_int_equal(rk_shrink_rates(once, one, k, &u, p), RK_OK);
        assert_true(isinf(u.a) && !u.separated);
    }
}

/* A prior so sharp that both gammas of a draw from it are 0 at times; a posterior whose mean is
 * beyond its upper quantile. */
static void the_sharpest_priors_still_have_intervals(void **state)
{
    const double s[] = {1, 0, 4, 0}, n[] = {4, 4, 4, 4};
    struct rk_units u;
    struct rk_posterior p[4];
    struct rk_beta *mixture = NULL;
    double low, high;

    (void)state;
    assert_int_equal(rk_shrink_rates(s, n, 4, &u, p), RK_OK);
    u.a = 3e-4;
    u.b = 7e-4;
    u.mean = 0.3;
    assert_int_equal(rk_mix_rates(s, n, 4, &u, "", NULL, p, &mixture), RK_OK);
    for (size_t i = 0; i < 4; i++) {
        rk_posterior_interval(&p[i], 0.95, &low, &high);
        assert_true(low >= 0.0 && low <= p[i].estimate && p[i].estimate <= high && high <= 1.0);
        assert_true(high - low > 0.1);
    }
    free(mixture);
    p[0] = (struct rk_posterior){.beta = true, .a = 1e-3, .b = 5, .estimate = 1e-3 / 5.001};
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    assert_true(low < 1e-300 && high == p[0].estimate);
    p[0] = (struct rk_posterior){.beta = true, .a = 5, .b = 1e-3, .estimate = 5 / 5.001};
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    assert_true(low == p[0].estimate && high == 1.0);
}

static void rates_alike_have_a_point_prior(void **state)
{
    const double s[] = {5, 5, 6, 4}, n[] = {20, 20, 21, 19}, none[] = {0, 0, 0, 0};
    struct rk_units u;
    struct rk_posterior p[4];
    double low, high;

    (void)state;
    assert_int_equal(rk_shrink_rates(s, n, 4, &u, p), RK_OK);
    assert_true(isinf(u.a) && isinf(u.b));
    assert_close(u.mean, reference(TOPIC, "alike.pooled"), 1e-15);
    assert_close(u.log_lik, reference(TOPIC, "alike.log_lik"), 1e-12);
    rk_posterior_interval(&p[3], 0.95, &low, &high);
    assert_close(low, reference_at(TOPIC, "alike.interval", 1), 1e-10);
    assert_close(high, reference_at(TOPIC, "alike.interval", 2), 1e-10);
    assert_true(p[3].estimate == u.mean && p[3].shrinkage == 1.0);
    assert_int_equal(rk_shrink_rates(none, n, 4, &u, p), RK_OK);
    assert_true(u.mean == 0.0 && p[0].estimate == 0.0 && u.p_value == 1.0 && u.log_lik == 0.0);
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    assert_true(low == 0.0 && high > 0.0 && high < 0.1);
    assert_int_equal(rk_shrink_rates(n, n, 4, &u, p), RK_OK);
    rk_posterior_interval(&p[0], 0.95, &low, &high);
    assert_true(p[0].estimate == 1.0 && high == 1.0 && low < 1.0 && low > 0.9);
}

static void an_offset_costs_nothing(void **state)
{
    const double y[] = {1, 3, 4, 9, 2}, v[] = {.5, .3, .2, .4, .6};
    double far[5];
    struct rk_units near_units, far_units;
    struct rk_posterior p[5], q[5];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        far[i] = y[i] + 1e9;
    assert_int_equal(rk_shrink_means(y, v, 5, 1, &near_units, p), RK_OK);
    assert_int_equal(rk_shrink_means(far, v, 5, 1, &far_units, q), RK_OK);
    assert_close(far_units.tau2, near_units.tau2, 1e-6);
    assert_close(q[3].estimate - 1e9, p[3].estimate, 1e-6);
}

static void what_is_undefined(void **state)
{
    const double y[] = {1, 2, 4, 8}, v[] = {1, 1, 1, 0}, s[] = {3, 5}, n[] = {4, 4},
                 half[] = {.5, 1};
    struct rk_units u = {.mean = 7};
    struct rk_posterior p[4] = {{.a = 7}};

    (void)state;
    assert_int_equal(rk_shrink_means(y, v, 3, 1, &u, p), RK_ETOOFEW);
    assert_int_equal(rk_shrink_means(y, v, 0, 1, &u, p), RK_ETOOFEW);
    assert_int_equal(rk_shrink_means(y, v, 4, 1, &u, p), RK_EDOMAIN);
    assert_int_equal(rk_shrink_rates(s, n, 1, &u, p), RK_ETOOFEW);
    assert_int_equal(rk_shrink_rates(s, n, 2, &u, p), RK_EDOMAIN);
    assert_int_equal(rk_shrink_rates(half, n, 2, &u, p), RK_EDOMAIN);
    assert_true(u.mean == 7 && p[0].a == 7);
}

static void a_mixture_has_its_quantiles(void **state)
{
    const struct rk_beta parts[] = {{3, 9, gsl_sf_lnbeta(3, 9)},
                                    {12, 20, gsl_sf_lnbeta(12, 20)},
                                    {40.5, 80.25, gsl_sf_lnbeta(40.5, 80.25)}};
    const struct rk_posterior p = {
        .beta = true, .estimate = 0.4, .a = 5, .b = 500, .mixture = parts, .n_mixture = 3};
    const struct rk_beta tiny[] = {{0.01, 5, gsl_sf_lnbeta(0.01, 5)},
                                   {0.02, 6, gsl_sf_lnbeta(0.02, 6)},
                                   {0.011, 5.5, gsl_sf_lnbeta(0.011, 5.5)}};
    const struct rk_posterior q = {
        .beta = true, .estimate = 0.002, .a = 2, .b = 5, .mixture = tiny, .n_mixture = 3};
    double low, high;

    (void)state;
    rk_posterior_interval(&p, 0.95, &low, &high);
    assert_close(low, reference_at(TOPIC, "mixture.interval", 1), 1e-11);
    assert_close(high, reference_at(TOPIC, "mixture.interval", 2), 1e-11);
    rk_posterior_interval(&q, 0.95, &low, &high);
    assert_close(low, reference(TOPIC, "small.low"), 1e-9);
}

/* Also where a step of Newton's lands on the quantile to the last digit. */
static void quantiles_leave_what_they_say(void **state)
{
    enum { UNITS = 400, PARTS = 5 };
    struct rk_rng rng;

    (void)state;
    rk_rng_stream(&rng, 1, "shares", "", 0);
    for (size_t i = 0; i < UNITS; i++) {
        struct rk_beta parts[PARTS];
        struct rk_posterior p = {.beta = true, .mixture = parts, .n_mixture = PARTS};
        double low, high, below = 0.0, above = 0.0;

        for (size_t j = 0; j < PARTS; j++) {
            parts[j].a = 1.0 + floor(20.0 * rk_rng_uniform(&rng));
            parts[j].b = 1.0 + floor(50.0 * rk_rng_uniform(&rng));
            parts[j].log_integral = gsl_sf_lnbeta(parts[j].a, parts[j].b);
            p.estimate += parts[j].a / (parts[j].a + parts[j].b) / PARTS;
        }
        p.a = parts[0].a;
        p.b = parts[0].b;
        rk_posterior_interval(&p, 0.95, &low, &high);
        for (size_t j = 0; j < PARTS; j++) {
            below += rk_pbeta(low, parts[j].a, parts[j].b, RK_LOWER_TAIL) / PARTS;
            above += rk_pbeta(high, parts[j].a, parts[j].b, RK_UPPER_TAIL) / PARTS;
        }
        assert_close(below, 0.025, 1e-10);
        assert_close(above, 0.025, 1e-10);
    }
}

static void the_prior_is_not_taken_as_known(void **state)
{
    const double s[] = {12, 3, 8, 15, 2, 9, 6, 20, 1, 7}, many[] = {5e9, 5e9};
    const double n[] = {40, 10, 35, 30, 18, 25, 30, 45, 12, 28};
    struct rk_ctx four = RK_CTX_DEFAULT;
    struct rk_units u;
    struct rk_posterior p[10], q[10];
    struct rk_beta *mixture = NULL, *again = NULL;
    double low, high, low4, high4;

    (void)state;
    four.threads = 4;
    assert_int_equal(rk_shrink_rates(s, n, 10, &u, p), RK_OK);
    memcpy(q, p, sizeof p);
    assert_int_equal(rk_mix_rates(s, n, 10, &u, "", NULL, p, &mixture), RK_OK);
    assert_int_equal(rk_mix_rates(s, n, 10, &u, "", &four, q, &again), RK_OK);
    assert_int_equal(p[0].n_mixture, RK_MIXTURE);
    assert_memory_equal(mixture, again, 10 * RK_MIXTURE * sizeof *mixture);
    for (size_t i = 0; i < 10; i++) { /* to the error of 200 draws */
        rk_posterior_interval(&p[i], 0.95, &low, &high);
        rk_posterior_interval(&q[i], 0.95, &low4, &high4);
        assert_true(low == low4 && high == high4);
        assert_true(fabs(low - reference_at(TOPIC, "type3.low", i + 1)) < 0.02);
        assert_true(fabs(high - reference_at(TOPIC, "type3.high", i + 1)) < 0.02);
    }
    free(again);
    again = NULL;
    q[0].a = 7;
    assert_int_equal(rk_mix_rates(many, many, 2, &u, "", NULL, q, &again), RK_EDOMAIN);
    assert_int_equal(rk_mix_rates(s, n, 1, &u, "", NULL, q, &again), RK_EDOMAIN);
    assert_true(again == NULL && q[0].a == 7);
    free(mixture);
}

static void draws_agree_with_integrals(void **state)
{
    const struct rk_posterior normal[] = {{.a = 1, .b = 0.5}, {.a = 0.2, .b = 1}};
    const struct rk_posterior beta[] = {{.beta = true, .a = 12, .b = 20},
                                        {.beta = true, .a = 9, .b = 30}};
    struct rk_ranks r[2];
    double p;

    (void)state;
    assert_int_equal(rk_rank_posteriors(normal, 2, 1, 0.95, "", NULL, r), RK_OK);
    p = reference(TOPIC, "normal.first");
    assert_true(fabs(r[0].prob_top - p) < 4 * sqrt(p * (1 - p) / RK_RANK_DRAWS));
    assert_close(r[0].expected, 2.0 - r[0].prob_top, 1e-12);
    assert_close(r[0].prob_top, r[1].prob_bottom, 0.0);
    assert_true(r[0].low == 1 && r[0].high == 2);
    assert_int_equal(rk_rank_posteriors(beta, 2, 1, 0.5, "", NULL, r), RK_OK);
    p = reference(TOPIC, "beta.first");
    assert_true(fabs(r[0].prob_top - p) < 4 * sqrt(p * (1 - p) / RK_RANK_DRAWS));
    assert_true(r[0].low == 1 && r[0].high == 1);
}

static void draws_do_not_depend_on_threads(void **state)
{
    const struct rk_posterior normal[] = {{.a = 1, .b = 0.5}, {.a = 0.2, .b = 1}, {.a = 1, .b = 2}};
    struct rk_ctx four = RK_CTX_DEFAULT, other = RK_CTX_DEFAULT;
    struct rk_ranks r[3], s[3];

    (void)state;
    four.threads = 4;
    other.seed = 2;
    assert_int_equal(rk_rank_posteriors(normal, 3, 2, 0.95, "g", NULL, r), RK_OK);
    assert_int_equal(rk_rank_posteriors(normal, 3, 2, 0.95, "g", &four, s), RK_OK);
    assert_memory_equal(r, s, sizeof r);
    assert_int_equal(rk_rank_posteriors(normal, 3, 2, 0.95, "g", &other, s), RK_OK);
    assert_memory_not_equal(r, s, sizeof r);
    memcpy(s, r, sizeof r);
    assert_int_equal(rk_rank_posteriors(normal, 3, 4, 0.95, "g", NULL, s), RK_EDOMAIN);
    assert_int_equal(rk_rank_posteriors(normal, 3, 0, 0.95, "g", NULL, s), RK_EDOMAIN);
    assert_memory_equal(r, s, sizeof r);
}

/* Posteriors without variance have the ranks of their means; equal ones take turns. */
static void certain_units_have_their_ranks(void **state)
{
    enum { N_CERTAIN = 300 };
    struct rk_posterior certain[N_CERTAIN] = {{0}};
    struct rk_ranks r[N_CERTAIN];

    (void)state;
    for (size_t i = 0; i < N_CERTAIN; i++)
        certain[i].a = i % 17 == 0  ? (i % 2 == 0 ? 0.0 : -0.0)
                       : i % 5 == 0 ? -1e6 - (double)(i * i % 31)
                                    : ldexp(sin((double)i), (int)(i % 9) * 20 - 80);
    certain[7].a = certain[8].a = 1e300;
    certain[9].a = -1e300;
    for (size_t k = 95; k <= N_CERTAIN; k = k < 97 ? k + 1 : N_CERTAIN + (k == N_CERTAIN)) {
        assert_int_equal(rk_rank_posteriors(certain, k, 1, 0.95, "", NULL, r), RK_OK);
        for (size_t i = 0; i < k; i++) {
            double before = 0.0, alike = 0.0, first;

            for (size_t j = 0; j < k; j++) {
                before += certain[j].a > certain[i].a;
                alike += certain[j].a == certain[i].a;
            }
            first = before == 0.0 ? 1.0 / alike : 0.0;
            assert_true(fabs(r[i].expected - (before + (alike + 1.0) / 2.0)) <
                        5.0 * sqrt((alike * alike - 1.0) / 12.0 / RK_RANK_DRAWS) + 1e-9);
            assert_true(r[i].low == before + ceil(0.025 * alike));
            assert_true(r[i].high == before + ceil(0.975 * alike));
            assert_true(fabs(r[i].prob_top - first) <=
                        5.0 * sqrt(first * (1.0 - first) / RK_RANK_DRAWS));
            assert_true(r[i].prob_bottom == (before == (double)k - 1.0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_agree_with_r),
        cmocka_unit_test(rates_agree_with_r),
        cmocka_unit_test(rates_alike_have_a_point_prior),
        cmocka_unit_test(rates_apart_have_a_bounded_prior),
        cmocka_unit_test(the_sharpest_priors_still_have_intervals),
        cmocka_unit_test(an_offset_costs_nothing),
        cmocka_unit_test(what_is_undefined),
        cmocka_unit_test(a_mixture_has_its_quantiles),
        cmocka_unit_test(quantiles_leave_what_they_say),
        cmocka_unit_test(the_prior_is_not_taken_as_known),
        cmocka_unit_test(draws_agree_with_integrals),
        cmocka_unit_test(draws_do_not_depend_on_threads),
        cmocka_unit_test(certain_units_have_their_ranks),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
