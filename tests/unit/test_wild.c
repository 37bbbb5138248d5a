/* The wild cluster bootstrap. */
#include "panel_clusters.h"

#include "repkit/wild.h"

static const char *const who_when[] = {"physician", "month", NULL};

static struct rk_wild wild_of(const struct rk_fit *fit, const struct rk_clusters *clusters,
                              int weights, size_t draws, unsigned threads)
{
    struct rk_wild_plan plan = {
        .draws = draws, .weights = weights, .label = "", .conf_level = 0.95};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_wild wild = {0};

    ctx.threads = threads;
    assert_int_equal(rk_wild_new(fit, clusters, &plan, &ctx, &wild, NULL), RK_OK);
    return wild;
}

/* y - beta x: the test of beta in the place of the test of 0. */
static void shift(struct data *data, size_t column, double beta)
{
    for (size_t i = 0; i < data->n; i++)
        data->y[i] -= beta * data->X[column * data->n + i];
}

static void enumerated_as_by_definition(void **state)
{
    static const char *const firm[] = {"firm", NULL};
    double low = 0.0;

    (void)state;
    for (int other = 0; other < 3; other++) {
        struct data data = make("grunfeld", "inv", "value", "capital", firm);
        struct rk_within *within;
        struct rk_design design;
        struct rk_fit *fit;
        struct clustering c;
        struct rk_wild wild;

        shift(&data, 0, other == 0 ? 0.0 : other == 1 ? 0.07 : low + 1e-4);
        within = absorb(&data);
        design = rk_within_design(within);
        fit = fit_of(&design, false);
        cluster_by(&c, within, "grunfeld", "firm");
        wild = wild_of(fit, &c.clusters, RK_WILD_AUTO, 9999, 2);
        assert_true(wild.enumerated);
        assert_int_equal(wild.weights, RK_WILD_RADEMACHER);
        assert_int_equal(wild.n_draws, 1024);
        assert_close(wild.least_p, 2.0 / 1024.0, 0.0);
        if (other == 0) {
            assert_close(wild.p_value[0], 4.0 / 1024.0, 0.0);
            assert_close(wild.p_value[1], 26.0 / 1024.0, 0.0);
            check(wild.p_value[0], "wild", "grunfeld", 1);
            check(wild.p_value[1], "wild", "grunfeld", 2);
            low = wild.conf_low[0];
            assert_true(low > 0.0 && wild.conf_high[0] > fit->coef[0]);
        } else if (other == 1) {
            check(wild.p_value[0], "wild", "grunfeld_other", 0);
        } else {
            /* Just inside the interval p is above 0.05; 0 is now just outside of it. */
            assert_true(wild.p_value[0] > 0.05);
            assert_close(wild.conf_low[0], -1e-4, 1e-2);
        }
        rk_wild_free(&wild);
        free(c.crossed);
        rk_fit_free(fit);
        rk_within_free(within);
        data_free(&data);
    }
}

static void crossed_effects_in_the_bootstrap(void **state)
{
    static const double beta[] = {0.0, 0.11, 0.3};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct data data = make("effects", "scripts", "detailing", "lagged_scripts", who_when);
        size_t column = i == 2;
        struct rk_within *within;
        struct rk_design design;
        struct rk_fit *fit;
        struct clustering c;
        struct rk_wild wild;

        shift(&data, column, beta[i]);
        within = absorb(&data);
        design = rk_within_design(within);
        fit = fit_of(&design, false);
        cluster_by(&c, within, "effects", "district");
        wild = wild_of(fit, &c.clusters, RK_WILD_RADEMACHER, 9999, 1);
        check(wild.p_value[column], "wild", "crossed", i + 1);
        rk_wild_free(&wild);
        c.clusters.crossed = NULL;
        assert_int_equal(
            rk_wild_new(fit, &c.clusters, &(struct rk_wild_plan){.draws = 99}, NULL, &wild, NULL),
            RK_EDOMAIN);
        free(c.crossed);
        rk_fit_free(fit);
        rk_within_free(within);
        data_free(&data);
    }
}

static void webb_by_definition_and_by_drawing(void **state)
{
    static const double beta[] = {0.0, 0.0, 0.8};
    uint32_t district[MOST];

    (void)state;
    codes_of("effects", "district", district);
    for (size_t i = 0; i < 3; i++) {
        struct data data = make("effects", "scripts", "detailing", "lagged_scripts", NULL);
        struct rk_design design = design_of(&data);
        struct rk_clusters clusters = {.code = district, .n_codes = 4};
        double *code = reference_data("effects", "district", &data.n), few;
        struct rk_wild wild, again;
        struct rk_fit *fit;

        shift(&data, i, beta[i]);
        for (size_t k = 0; k < data.n; k++)
            district[k] = (uint32_t)code[k] % 4;
        free(code);
        fit = fit_of(&design, false);
        wild = wild_of(fit, &clusters, RK_WILD_AUTO, 9999, 1);
        assert_int_equal(wild.weights, RK_WILD_WEBB);
        assert_int_equal(wild.n_draws, 1296);
        check(wild.p_value[i], "wild", "webb", i + 1);
        few = wild.p_value[i];
        rk_wild_free(&wild);
        /* Fewer draws than patterns: drawn, close to it, and the same on any number of threads. */
        wild = wild_of(fit, &clusters, RK_WILD_WEBB, 1200, 1);
        again = wild_of(fit, &clusters, RK_WILD_WEBB, 1200, 3);
        assert_false(wild.enumerated);
        assert_true(fabs(wild.p_value[i] - few) < 4.0 * sqrt(few / 1200.0));
        assert_memory_equal(wild.p_value, again.p_value, 3 * sizeof(double));
        assert_memory_equal(wild.conf_low, again.conf_low, 3 * sizeof(double));
        rk_wild_free(&wild);
        rk_wild_free(&again);
        rk_fit_free(fit);
        data_free(&data);
    }
}

/* Three clusters have eight patterns of signs: no p below 0.25, so no end to the interval. */
static void too_few_patterns_for_an_interval(void **state)
{
    double y[] = {1, 3, 2, 5, 4, 7}, X[] = {1, 1, 1, 1, 1, 1, 0, 1, 2, 3, 4, 5};
    uint32_t code[] = {0, 0, 1, 1, 2, 2};
    struct rk_clusters clusters = {.code = code, .n_codes = 3};
    struct rk_design design = {.n = 6, .p = 2, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_wild wild = wild_of(fit, &clusters, RK_WILD_RADEMACHER, 999, 1);

    (void)state;
    assert_close(wild.least_p, 0.25, 0.0);
    assert_true(wild.p_value[1] >= 0.25);
    assert_true(isnan(wild.conf_low[1]) && isnan(wild.conf_high[1]));
    rk_wild_free(&wild);
    clusters.second = code;
    clusters.n_second = 3;
    assert_int_equal(
        rk_wild_new(fit, &clusters, &(struct rk_wild_plan){.draws = 9}, NULL, &wild, NULL),
        RK_EDOMAIN);
    assert_int_equal(wild.p, 0);
    rk_fit_free(fit);
}

/* What is less of y is greater of -y. */
static void one_sided_tests_mirror_each_other(void **state)
{
    struct data data = make("effects", "scripts", "detailing", "lagged_scripts", NULL);
    uint32_t district[MOST];
    struct rk_clusters clusters = {.code = district, .n_codes = 4};
    struct rk_wild wild[2] = {{0}, {0}};

    (void)state;
    codes_of("effects", "district", district);
    for (size_t i = 0; i < data.n; i++)
        district[i] %= 4;
    for (int k = 0; k < 2; k++) {
        struct rk_wild_plan plan = {.draws = 9999,
                                    .weights = RK_WILD_WEBB,
                                    .label = "",
                                    .conf_level = 0.9,
                                    .alternative = k == 0 ? RK_LESS : RK_GREATER};
        struct rk_design design;
        struct rk_fit *fit;

        for (size_t i = 0; k == 1 && i < data.n; i++)
            data.y[i] = -data.y[i];
        design = design_of(&data);
        fit = fit_of(&design, false);
        assert_int_equal(rk_wild_new(fit, &clusters, &plan, NULL, &wild[k], NULL), RK_OK);
        rk_fit_free(fit);
    }
    for (size_t j = 0; j < data.p; j++) {
        assert_true(wild[0].p_value[j] > 0.0 && wild[0].p_value[j] <= 1.0);
        assert_close(wild[0].p_value[j], wild[1].p_value[j], 1e-12);
        assert_true(isnan(wild[0].conf_low[j]) && isnan(wild[1].conf_high[j]));
        assert_close(wild[0].conf_high[j], -wild[1].conf_low[j], 1e-9);
    }
    rk_wild_free(&wild[0]);
    rk_wild_free(&wild[1]);
    data_free(&data);
}

/* One cluster, and rows on a line: nothing to resample. */
static void nothing_to_resample(void **state)
{
    struct data data = make("effects", "scripts", "detailing", "lagged_scripts", NULL);
    static uint32_t one[MOST];
    struct rk_clusters clusters = {.code = one, .n_codes = 1};
    struct rk_wild wild = {0};
    struct rk_error error = {0};
    struct rk_wild_plan plan = {.draws = 99, .label = "", .conf_level = 0.95};

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct rk_design design;
        struct rk_fit *fit;

        for (size_t i = 0; k == 1 && i < data.n; i++)
            data.y[i] = data.X[data.n + i];
        design = design_of(&data);
        fit = fit_of(&design, false);
        assert_int_equal(rk_wild_new(fit, &clusters, &plan, NULL, &wild, &error),
                         k == 0 ? RK_EONECLUSTER : RK_EPERFECT);
        assert_true(error.text[0] != '\0' && wild.p_value == NULL);
        rk_fit_free(fit);
    }
    data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enumerated_as_by_definition),
        cmocka_unit_test(crossed_effects_in_the_bootstrap),
        cmocka_unit_test(webb_by_definition_and_by_drawing),
        cmocka_unit_test(too_few_patterns_for_an_interval),
        cmocka_unit_test(one_sided_tests_mirror_each_other),
        cmocka_unit_test(nothing_to_resample),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
