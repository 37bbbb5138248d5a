/* Several fixed effects, crossed and two-way clusters, and Newey-West. */
#include "panel_clusters.h"

static void check_errors(const struct rk_covariance *c, const char *name, const char *what)
{
    for (size_t j = 0; j < c->p; j++)
        check(c->std_error[j], name, what, j + 1);
}

/* --- several effects -------------------------------------------------------------------------- */

static void check_fit(const struct rk_fit *fit, const char *name)
{
    struct rk_covariance hc3 = {0};

    for (size_t j = 0; j < 2; j++) {
        check(fit->coef[j], name, "coef", j + 1);
        check(fit->sigma * sqrt(fit->cov_unscaled[j * 2 + j]), name, "se", j + 1);
    }
    check(fit->sigma, name, "sigma", 0);
    check(fit->df_residual, name, "df", 0);
    check(fit->r_squared, name, "r_squared", 0);
    check(fit->aic, name, "aic", 0);
    for (size_t i = 0; i < 20; i++)
        check(fit->hat[i], name, "hat", i + 1);
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_HC3, NULL, &hc3, NULL), RK_OK);
    check_errors(&hc3, name, "hc3");
    rk_covariance_free(&hc3);
}

static void check_cr2(const struct rk_fit *fit, const struct rk_clusters *clusters,
                      const char *name)
{
    struct rk_covariance cr2 = {0};

    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CR2, clusters, &cr2, NULL), RK_OK);
    assert_int_equal(cr2.method, RK_VCOV_CR2);
    check_errors(&cr2, name, "cr2");
    for (size_t j = 0; j < 2; j++)
        check(cr2.df[j], name, "cr2_df", j + 1);
    if (strcmp(name, "weighted") != 0) {
        check(cr2.f_statistic, name, "cr2_f", 0);
        check(cr2.f_df2, name, "cr2_f_df", 0);
    }
    rk_covariance_free(&cr2);
}

static void check_case(const char *file, const char *const *names, const char *const *effects,
                       const char *cluster, const char *weights, const char *name)
{
    struct data data = make(file, names[0], names[1], names[2], effects);
    struct rk_within *within;
    struct rk_design design;
    struct rk_fit *fit;
    struct clustering c;
    size_t n;

    data.weights = weights == NULL ? NULL : reference_data(file, weights, &n);
    within = absorb(&data);
    design = rk_within_design(within);
    fit = fit_of(&design, false);
    check_fit(fit, name);
    cluster_by(&c, within, file, cluster);
    check_cr2(fit, &c.clusters, name);
    free(c.crossed);
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

static const char *const investment[] = {"inv", "value", "capital"};
static const char *const visits[] = {"scripts", "detailing", "lagged_scripts"};
static const char *const firm_year[] = {"firm", "year", NULL};
static const char *const who_when[] = {"physician", "month", NULL};
static const char *const who_when_where[] = {"physician", "month", "area", NULL};

static void several_effects_as_dummies(void **state)
{
    (void)state;
    check_case("grunfeld", investment, firm_year, "firm", NULL, "grunfeld");
    check_case("effects", visits, who_when, "physician", NULL, "two");
    check_case("effects", visits, who_when_where, "physician", NULL, "three");
    check_case("effects", visits, who_when, "physician", "w", "weighted");
}

/* Years as clusters, and districts in which physicians, but not months, are nested. */
static void crossed_effects_as_clubSandwich(void **state)
{
    static const struct {
        const char *file, *const *names, *const *effects, *cluster, *name;
    } cases[] = {{"grunfeld", investment, firm_year, "year", "grunfeld_year"},
                 {"effects", visits, who_when, "district", "two_district"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct data data = make(cases[i].file, cases[i].names[0], cases[i].names[1],
                                cases[i].names[2], cases[i].effects);
        struct rk_within *within = absorb(&data);
        struct rk_design design = rk_within_design(within);
        struct rk_fit *fit = fit_of(&design, false);
        struct clustering c;

        cluster_by(&c, within, cases[i].file, cases[i].cluster);
        check_cr2(fit, &c.clusters, cases[i].name);
        free(c.crossed);
        rk_fit_free(fit);
        rk_within_free(within);
        data_free(&data);
    }
}

static void effects_beside_the_clusters_count_in_cr1(void **state)
{
    static const char *const files[] = {"grunfeld", "effects"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const char *const *names = i == 0 ? investment : visits;
        const char *const *effects = i == 0 ? firm_year : who_when;
        struct data data = make(files[i], names[0], names[1], names[2], effects);
        struct rk_within *within = absorb(&data);
        struct rk_design design = rk_within_design(within);
        struct rk_fit *fit = fit_of(&design, false);
        struct rk_covariance cr1 = {0};
        struct clustering c;

        for (size_t j = 0; j < 2 && i == 1; j++)
            check(within->share[j], "two", "share", j + 1);
        if (i == 1)
            check(fit->r_squared_within, "two", "r_squared_within", 0);
        cluster_by(&c, within, files[i], effects[0]);
        assert_int_equal(rk_covariance_of(fit, RK_VCOV_CLUSTER, &c.clusters, &cr1, NULL), RK_OK);
        check_errors(&cr1, i == 0 ? "grunfeld" : "two", "cr1");
        rk_covariance_free(&cr1);
        free(c.crossed);
        rk_fit_free(fit);
        rk_within_free(within);
        data_free(&data);
    }
}

/* A row alone in its month leaves its physician with one row, who goes too. */
static void singletons_go_until_none_is_left(void **state)
{
    double y[] = {1, 2, 4, 3, 5, 9, 7}, X[] = {0, 1, 5, 2, 2, 3, 8};
    uint32_t rep[] = {0, 0, 1, 1, 2, 2, 1}, month[] = {0, 1, 0, 1, 2, 0, 1};
    const uint32_t *effect[] = {rep, month};
    size_t n_levels[] = {3, 3};
    struct rk_design design = {.n = 7, .p = 1, .y = y, .X = X};
    struct rk_within *within = NULL;

    (void)state;
    assert_int_equal(rk_within_new(&design, effect, n_levels, 2, &within, NULL), RK_OK);
    assert_int_equal(within->n_singletons, 2);
    assert_int_equal(within->n, 5);
    assert_int_equal(within->row[4], 6);
    assert_int_equal(within->df, 3);
    rk_within_free(within);
}

/* Two parts that share neither reps nor months have two constants. */
static void counts_connected_parts(void **state)
{
    uint32_t rep[] = {0, 0, 1, 1, 2, 2, 3, 3}, month[] = {0, 1, 0, 1, 2, 3, 2, 3},
             third[] = {0, 1, 0, 1, 0, 1, 1, 0};
    const uint32_t *code[] = {rep, month, third};
    size_t n_levels[] = {4, 4, 2}, df = 0;
    struct rk_absorbed effects = {.n = 8, .n_effects = 2, .code = code, .n_levels = n_levels};

    (void)state;
    assert_int_equal(rk_absorb_df(&effects, &df), RK_OK);
    assert_int_equal(df, 6);
    effects.n_effects = 3;
    assert_int_equal(rk_absorb_df(&effects, &df), RK_OK);
    assert_int_equal(df, 7);
    third[6] = 0;
    third[7] = 1; /* now the third is the second, in two levels */
    assert_int_equal(rk_absorb_df(&effects, &df), RK_OK);
    assert_int_equal(df, 6);
}

/* --- fits without rows ------------------------------------------------------------------------ */

/* 4,000 rows, which are beyond the exact method; the two kinds of fit must agree. */
static void lean_fits_agree(void **state)
{
    enum { N = 4000, P = 6, G = 37 };
    static double y[N], X[N * P], weights[N];
    static uint32_t code[N];
    struct rk_design design = {
        .n = N, .p = P, .y = y, .X = X, .weights = weights, .has_intercept = true};
    struct rk_clusters clusters = {.code = code, .n_codes = G};
    struct rk_fit *full, *lean;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        weights[i] = (double)(i % 5);
        code[i] = (uint32_t)(i * i % G);
        X[i] = 1.0;
        y[i] = 1000.0;
        for (size_t j = 1; j < P; j++) {
            X[j * N + i] = 50.0 * (double)j + sin((double)(i * (j + 3))) + cos((double)code[i]);
            y[i] += (double)j * X[j * N + i] + cos((double)(i * (7 * j + 1)));
        }
    }
    full = fit_of(&design, false);
    lean = fit_of(&design, true);
    assert_null(lean->Q);
    assert_null(lean->hat);
    assert_memory_equal(full->coef, lean->coef, P * sizeof(double));
    assert_close(lean->rss, full->rss, 0.0);
    for (int m = 0; m < RK_VCOV_COUNT; m++) {
        struct rk_covariance a = {0}, b = {0};
        bool reads_leverage = m == RK_VCOV_HC2 || m == RK_VCOV_HC3 || m == RK_VCOV_HC4;

        assert_int_equal(rk_covariance_of(full, (enum rk_vcov_method)m, &clusters, &a, NULL),
                         RK_OK);
        assert_int_equal(rk_covariance_of(lean, (enum rk_vcov_method)m, &clusters, &b, NULL),
                         reads_leverage ? RK_EDOMAIN : RK_OK);
        for (size_t j = 0; j < P && !reads_leverage; j++)
            assert_close(b.std_error[j], a.std_error[j], 1e-12);
        rk_covariance_free(&a);
        rk_covariance_free(&b);
    }
    assert_int_equal(rk_fit_keep_rows(lean, NULL), RK_OK);
    for (size_t i = 0; i < N; i++) {
        assert_close(lean->hat[i], full->hat[i], 1e-12);
        assert_close(lean->residual[i], full->residual[i], 1e-9);
    }
    rk_fit_free(full);
    rk_fit_free(lean);
}

/* --- two-way clusters and neighbours in time -------------------------------------------------- */

static void two_way_clusters_as_sandwich(void **state)
{
    static const struct {
        const char *file, *y, *a, *b, *first, *second, *name;
    } cases[] = {
        {"petersen", "y", "x", "x", "firm", "year", "petersen"},
        {"effects", "scripts", "detailing", "lagged_scripts", "district", "month", "detailing"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct data data = make(cases[i].file, cases[i].y, cases[i].a, cases[i].b, NULL);
        struct rk_design design = design_of(&data);
        uint32_t first[MOST], second[MOST];
        struct rk_clusters clusters = {.code = first, .second = second};
        struct rk_covariance c = {0};
        struct rk_fit *fit;

        design.p = i == 0 ? 2 : 3; /* x once */
        fit = fit_of(&design, false);
        clusters.n_codes = codes_of(cases[i].file, cases[i].first, first);
        clusters.n_second = codes_of(cases[i].file, cases[i].second, second);
        assert_int_equal(rk_covariance_of(fit, RK_VCOV_CLUSTER, &clusters, &c, NULL), RK_OK);
        check_errors(&c, cases[i].name, "two_way");
        assert_false(c.repaired);
        assert_int_equal(c.n_clusters, i == 0 ? 10 : 8);
        assert_close(c.df[1], i == 0 ? 9.0 : 7.0, 0.0);
        rk_covariance_free(&c);
        assert_int_equal(rk_covariance_of(fit, RK_VCOV_CR2, &clusters, &c, NULL), RK_OK);
        assert_int_equal(c.method, RK_VCOV_CLUSTER);
        rk_covariance_free(&c);
        rk_fit_free(fit);
        data_free(&data);
    }
}

static void negative_variances_are_repaired(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    uint32_t first[MOST], second[MOST];
    struct rk_clusters clusters = {.code = first, .n_codes = 2, .second = second, .n_second = 4};
    struct rk_covariance c = {0};
    size_t n;
    double *firm = reference_data("grunfeld", "firm", &n);
    double *year = reference_data("grunfeld", "year", &n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        first[i] = (uint32_t)year[i] % 2;
        second[i] = (uint32_t)(firm[i] * year[i]) % 4;
    }
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CLUSTER, &clusters, &c, NULL), RK_OK);
    assert_true(c.repaired);
    check_errors(&c, "grunfeld", "two_way_fixed");
    assert_true(isnan(c.f_statistic));
    rk_covariance_free(&c);
    rk_fit_free(fit);
    free(firm);
    free(year);
    data_free(&data);
}

static struct rk_covariance hac_of(const struct rk_fit *fit, struct rk_sequence series)
{
    struct rk_covariance_plan plan = {.method = RK_VCOV_HAC, .series = series};
    struct rk_covariance c = {0};

    assert_int_equal(rk_covariance_new(fit, &plan, NULL, &c, NULL), RK_OK);
    assert_string_equal(c.reason, "");
    assert_close(c.df[0], fit->df_residual, 0.0);
    return c;
}

static void one_series_as_sandwich(void **state)
{
    struct data data = make("mtcars", "mpg", "wt", "hp", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_covariance c = hac_of(fit, (struct rk_sequence){.lag = 3});
    double *flow, X[200];
    size_t n;

    (void)state;
    check_errors(&c, "mtcars", "nw3");
    assert_close(c.std_error[2], 0.00686651497, 1e-9);
    rk_covariance_free(&c);
    c = hac_of(fit, (struct rk_sequence){.lag = RK_LAG_DEFAULT});
    assert_int_equal(c.lag, 3);
    check_errors(&c, "mtcars", "nw_default");
    rk_covariance_free(&c);
    rk_fit_free(fit);
    data_free(&data);

    flow = reference_data("nile", "flow", &n);
    assert_int_equal(n, 100);
    for (size_t i = 0; i < n; i++) {
        X[i] = 1.0;
        X[n + i] = (double)i + 1.0;
    }
    design = (struct rk_design){.n = n, .p = 2, .y = flow, .X = X, .has_intercept = true};
    fit = fit_of(&design, false);
    c = hac_of(fit, (struct rk_sequence){.lag = RK_LAG_DEFAULT});
    assert_int_equal(c.lag, 4);
    check_errors(&c, "nile", "nw");
    rk_covariance_free(&c);
    rk_fit_free(fit);
    free(flow);
}

/* Lags within units only, by the calendar, whatever the order of the rows. */
static void panels_as_plm_and_by_hand(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    uint32_t unit[MOST];
    int64_t time[MOST];
    size_t order[MOST], n;
    double *month;
    struct rk_covariance c;

    (void)state;
    codes_of("grunfeld", "firm", unit);
    c = hac_of(fit, (struct rk_sequence){.unit = unit, .lag = 2});
    check_errors(&c, "grunfeld", "nw2");
    rk_covariance_free(&c);
    rk_fit_free(fit);
    data_free(&data);

    data = make("effects", "scripts", "detailing", "lagged_scripts", NULL);
    design = design_of(&data);
    fit = fit_of(&design, false);
    codes_of("effects", "physician", unit);
    month = reference_data("effects", "month", &n);
    for (size_t i = 0; i < n; i++) {
        time[i] = (int64_t)month[i];
        order[i] = i;
    }
    c = hac_of(fit, (struct rk_sequence){.order = order, .unit = unit, .time = time, .lag = 3});
    check_errors(&c, "gaps", "nw3");
    rk_covariance_free(&c);
    rk_fit_free(fit);
    free(month);
    data_free(&data);
}

static void panel_with_effects_as_plm(void **state)
{
    static const char *const firm[] = {"firm", NULL};
    struct data data = make("grunfeld", "inv", "value", "capital", firm);
    struct rk_within *within = absorb(&data);
    struct rk_design design = rk_within_design(within);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_covariance c = hac_of(fit, (struct rk_sequence){.unit = within->effect[0], .lag = 2});

    (void)state;
    check_errors(&c, "grunfeld_within", "nw2");
    rk_covariance_free(&c);
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_effects_as_dummies),
        cmocka_unit_test(crossed_effects_as_clubSandwich),
        cmocka_unit_test(effects_beside_the_clusters_count_in_cr1),
        cmocka_unit_test(singletons_go_until_none_is_left),
        cmocka_unit_test(counts_connected_parts),
        cmocka_unit_test(lean_fits_agree),
        cmocka_unit_test(two_way_clusters_as_sandwich),
        cmocka_unit_test(negative_variances_are_repaired),
        cmocka_unit_test(one_series_as_sandwich),
        cmocka_unit_test(panels_as_plm_and_by_hand),
        cmocka_unit_test(panel_with_effects_as_plm),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
