/* rep-roi's tables beside the metrics, and its intervals without draws. */
#include "roi_run.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "repkit/copula.h"

#define TOPIC "roi_sensitivity"

struct case_of {
    const char *name, *model;
    bool effect;
    size_t n_items;
};
static const struct case_of crm = {"crm", "datasets/crm_model.csv", true, 9};
static const struct case_of every = {"every", "tests/cli/data/roi/every.csv", false, 10};

static struct rk_result *run(const struct case_of *c, struct rk_roi_options *options)
{
    return run_model(c->model, c->effect ? "uplift=datasets/crm_effect.csv" : NULL, 2, options);
}

/* The number of a column in the row whose first column is `key`. */
static double at(const struct rk_result *result, const char *name, const char *key,
                 const char *column)
{
    const struct rk_table *table = rk_result_table(result, name);
    size_t j = rk_table_find(table, column);

    for (size_t i = 0; i < table->n_rows; i++)
        if (strcmp(rk_table_text(table, i, 0), key) == 0)
            return table->column[j].number[i];
    fail_msg("no row %s in %s", key, name);
    return NAN;
}

/* --- intervals without draws -------------------------------------------------------------- */

static void check_delta(const struct case_of *c)
{
    static const char *const metric[] = {"total_cost",
                                         "total_benefit",
                                         "net_benefit",
                                         "roi",
                                         "npv",
                                         "bcr",
                                         "irr",
                                         "mirr",
                                         "payback_months",
                                         "discounted_payback_months"};
    static const char *const column[] = {"value", "conf_low", "conf_high",
                                         "p5",    "p95",      "prob_positive"};
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result;
    char name[64];

    options.draws = 10;
    options.method = RK_ROI_DELTA;
    result = run(c, &options);
    for (size_t m = 0; m < sizeof metric / sizeof *metric; m++)
        /* slopes of rates and paybacks are differences; that a payback comes in time is the
         * draws' to say */
        for (size_t k = 0; k < (m < 8 ? 6 : 5); k++) {
            snprintf(name, sizeof name, "%s_delta_%s", c->name, metric[m]);
            assert_close(at(result, "metrics", metric[m], column[k]),
                         reference_at(TOPIC, name, k + 1), m < 6 ? 1e-9 : 1e-8);
        }
    rk_result_free(result);
}

static void check_fieller(const struct case_of *c)
{
    static const char *const metric[] = {"roi", "bcr"};
    static const char *const column[] = {"conf_low", "conf_high", "p5", "p95"};
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result;
    char name[64];

    options.draws = 10;
    options.method = RK_ROI_FIELLER;
    result = run(c, &options);
    for (size_t m = 0; m < 2; m++)
        for (size_t k = 0; k < 4; k++) {
            snprintf(name, sizeof name, "%s_fieller_%s", c->name, metric[m]);
            assert_close(at(result, "metrics", metric[m], column[k]),
                         reference_at(TOPIC, name, k + 1), 1e-9);
        }
    assert_close(at(result, "metrics", "roi_annual", "conf_low"),
                 at(result, "metrics", "roi", "conf_low") / 3.0, 1e-12);
    assert_close(at(result, "metrics", "roi_pv", "conf_high"),
                 at(result, "metrics", "bcr", "conf_high") - 1.0, 1e-12);
    rk_result_free(result);
}

static void test_without_draws(void **state)
{
    (void)state;
    check_delta(&crm);
    check_delta(&every);
    check_fieller(&crm);
    check_fieller(&every);
}

/* --- what matters ------------------------------------------------------------------------- */

static void check_tornado(const struct case_of *c, const char *item, size_t index)
{
    static const char *const column[] = {"low", "high", "roi_low", "roi_high"};
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result;
    const struct rk_table *table;
    char name[64];
    double r;

    options.tornado = true;
    options.draws = 5000;
    result = run(c, &options);
    snprintf(name, sizeof name, "%s_tornado_%zu", c->name, index);
    for (size_t k = 0; k < 4; k++)
        assert_close(at(result, "tornado", item, column[k]), reference_at(TOPIC, name, k + 1),
                     1e-9);
    table = rk_result_table(result, "tornado");
    for (size_t i = 1; i < table->n_rows; i++)
        assert_true(table->column[5].number[i] <= table->column[5].number[i - 1]);
    r = at(result, "tornado", item, "rank_correlation");
    assert_true(r > -1.0 && r < 1.0);
    rk_result_free(result);
}

static void test_tornado(void **state)
{
    (void)state;
    check_tornado(&crm, "Implementation partner", 2);
    check_tornado(&crm, "Data migration and clean-up", 3);
    check_tornado(&crm, "Integrations and support", 6);
    check_tornado(&crm, "More revenue per rep", 7);
    check_tornado(&every, "Fee", 1);
    check_tornado(&every, "Audit", 4);
    check_tornado(&every, "Coach", 5);
    check_tornado(&every, "Savings", 8);
}

static void check_breakeven(const struct case_of *c)
{
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result;
    const struct rk_table *table;
    char name[64];

    options.breakeven = true;
    options.draws = 10;
    result = run(c, &options);
    table = rk_result_table(result, "breakeven");
    snprintf(name, sizeof name, "%s_even", c->name);
    for (size_t i = 0; i < c->n_items; i++)
        assert_close(table->column[2].number[i], reference_at(TOPIC, name, i + 1), 1e-9);
    snprintf(name, sizeof name, "%s_all", c->name);
    assert_close(at(result, "breakeven", "all benefits", "break_even"),
                 reference_at(TOPIC, name, 1), 1e-9);
    assert_close(at(result, "breakeven", "all benefits (roi = 0)", "break_even"),
                 reference_at(TOPIC, name, 2), 1e-9);
    assert_close(at(result, "breakeven", "all costs", "break_even"), reference_at(TOPIC, name, 3),
                 1e-9);
    if (c->effect)
        assert_close(at(result, "breakeven", "More revenue per rep (roi = 0)", "break_even"),
                     reference(TOPIC, "crm_roi0"), 1e-9);
    rk_result_free(result);
}

static void test_breakeven(void **state)
{
    (void)state;
    check_breakeven(&crm);
    check_breakeven(&every);
}

/* A normal npv, whose values are known: at month 0 a normal benefit less a fixed cost. */
static void test_information(void **state)
{
    static const struct case_of normal = {"normal", "tests/cli/data/roi/normal_npv.csv", false, 2};
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result;
    double evpi = reference_at(TOPIC, "evpi_normal", 1), loss = reference(TOPIC, "loss_normal");

    (void)state;
    options.information = true;
    options.pilot = 5000.0;
    result = run(&normal, &options);
    assert_true(fabs(at(result, "information", "expected_npv", "value") - 20000.0) < 5.0);
    assert_true(fabs(at(result, "information", "prob_loss", "value") - loss) < 2e-4);
    assert_true(fabs(at(result, "information", "evpi", "value") - evpi) < 10.0);
    assert_close(at(result, "information", "expected_loss", "value"),
                 at(result, "information", "evpi", "value"), 1e-9);
    assert_close(at(result, "information", "evppi Gain", "value"),
                 at(result, "information", "evpi", "value"), 1e-9);
    assert_close(at(result, "information", "evpi_less_pilot", "value"),
                 at(result, "information", "evpi", "value") - 5000.0, 1e-12);
    rk_result_free(result);
}

/* Of two normal amounts: each alone, independent or not. */
static void check_partial(const char *rho, const char *name, double tolerance)
{
    static const struct case_of two = {"two", "tests/cli/data/roi/two_normals.csv", false, 2};
    static const char *const quantity[] = {"evpi", "evppi Project", "evppi Gain"};
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = RK_CTX_DEFAULT;
    const struct rk_names none = {0};
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_roi_files files = {0};
    struct rk_error error = {0};
    struct rk_result *result;

    assert_int_equal(rk_roi_files_read(&none, NULL, rho, false, &csv, &ctx, &files, &error), RK_OK);
    options.files = &files;
    options.information = true;
    result = run(&two, &options);
    for (size_t k = 0; k < 3; k++)
        assert_true(fabs(at(result, "information", quantity[k], "value") -
                         reference_at(TOPIC, name, k + 1)) < tolerance);
    rk_result_free(result);
    rk_roi_files_free(&files);
}

static void test_partial_information(void **state)
{
    (void)state;
    check_partial(NULL, "evppi_normal", 30.0);
    check_partial("tests/cli/data/roi/two_normals_rho.csv", "evppi_rho", 60.0);
}

/* --- moments and draws -------------------------------------------------------------------- */

static void check_moments(enum rk_dist dist, double amount, double low, double high,
                          const char *name, size_t item)
{
    struct rk_uncertain u;

    assert_int_equal(rk_uncertain_set(dist, amount, low, high, &u, NULL), RK_OK);
    assert_close(rk_uncertain_mean(&u), reference_at(TOPIC, name, 2 * item - 1), 1e-12);
    assert_close(rk_uncertain_sd(&u), reference_at(TOPIC, name, 2 * item), 1e-12);
}

static void test_moments(void **state)
{
    struct rk_uncertain u;

    (void)state;
    check_moments(RK_DIST_PERT, 60000, 50000, 90000, "every_moments", 1);
    check_moments(RK_DIST_FIXED, 12000, NAN, NAN, "every_moments", 2);
    check_moments(RK_DIST_TRIANGULAR, 35, 30, 45, "every_moments", 3);
    check_moments(RK_DIST_UNIFORM, 5000, 4000, 6000, "every_moments", 4);
    check_moments(RK_DIST_NORMAL, 800, 600, 1000, "every_moments", 5);
    check_moments(RK_DIST_LOGNORMAL, 2500, 1500, 4200, "every_moments", 7);
    check_moments(RK_DIST_BETA, 4000, 2000, 8000, "every_moments", 8);
    check_moments(RK_DIST_LOGNORMAL, 450, 350, 600, "crm_moments", 6);
    assert_int_equal(rk_uncertain_estimate(5, 2, 2, &u, NULL), RK_OK);
    assert_true(rk_uncertain_mean(&u) == 5.0 && isinf(rk_uncertain_sd(&u)));
    assert_int_equal(rk_uncertain_estimate(5, 2, 1, &u, NULL), RK_OK);
    assert_true(isnan(rk_uncertain_mean(&u)));
    assert_int_equal(rk_uncertain_estimate(5, 2, 6, &u, NULL), RK_OK);
    assert_close(rk_uncertain_sd(&u), 2.0 * sqrt(1.5), 1e-15);
}

enum { BLOCK = 1024, DRAWS = 20 * BLOCK };

static struct rk_roi_draws *draw(const double *factor)
{
    static const struct rk_roi_item item[2] = {{.source = 0, .scale = 1.0},
                                               {.source = 1, .scale = 1.0}};
    struct rk_roi_source source[2] = {{"a", {0}}, {"b", {0}}};
    struct rk_roi_model model = {.item = item,
                                 .n_items = 2,
                                 .source = source,
                                 .n_sources = 2,
                                 .horizon = 12,
                                 .factor = factor};
    struct rk_roi_profile *profile;
    struct rk_roi_draws *draws;

    for (size_t s = 0; s < 2; s++)
        assert_int_equal(rk_uncertain_set(RK_DIST_UNIFORM, 0.5, 0, 1, &source[s].amount, NULL),
                         RK_OK);
    assert_int_equal(rk_roi_profile_new(&model, &profile, NULL), RK_OK);
    assert_int_equal(rk_roi_simulate(&model, profile, DRAWS, NULL, &draws), RK_OK);
    rk_roi_profile_free(profile);
    return draws;
}

/* Every block has one draw in each of its 1024 strata. */
static void test_strata(void **state)
{
    struct rk_roi_draws *draws = draw(NULL);

    (void)state;
    for (size_t block = 0; block < DRAWS / BLOCK; block++) {
        bool seen[2][BLOCK] = {{false}};

        for (size_t i = 0; i < BLOCK; i++)
            for (size_t s = 0; s < 2; s++)
                seen[s][(size_t)(draws->amount[s * DRAWS + block * BLOCK + i] * BLOCK)] = true;
        for (size_t k = 0; k < BLOCK; k++)
            assert_true(seen[0][k] && seen[1][k]);
    }
    rk_roi_draws_free(draws);
}

/* The rank correlation that was asked for: that of uniforms is Pearson's. Its error is 0.005. */
static void test_rank_correlation(void **state)
{
    const double rho[4] = {1, -0.6, -0.6, 1};
    double factor[4], xx = 0.0, yy = 0.0, xy = 0.0;
    struct rk_roi_draws *draws;

    (void)state;
    assert_int_equal(rk_copula_factor(rho, 2, factor, NULL), RK_OK);
    draws = draw(factor);
    for (size_t i = 0; i < DRAWS; i++) {
        double x = draws->amount[i] - 0.5, y = draws->amount[DRAWS + i] - 0.5;

        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    assert_true(fabs(xy / sqrt(xx * yy) + 0.6) < 0.015);
    assert_true(fabs(xx / DRAWS - 1.0 / 12.0) < 0.001 && fabs(yy / DRAWS - 1.0 / 12.0) < 0.002);
    rk_roi_draws_free(draws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_draws),
        cmocka_unit_test(test_tornado),
        cmocka_unit_test(test_breakeven),
        cmocka_unit_test(test_information),
        cmocka_unit_test(test_partial_information),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_strata),
        cmocka_unit_test(test_rank_correlation),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("roi_sensitivity", tests, NULL, NULL);
}
