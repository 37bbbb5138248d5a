/* Several fixed effects, crossed and two-way clusters, Newey-West and the wild bootstrap. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/wild.h"
#include "repkit/within.h"

#define TOPIC "panel_inference"
#define TOLERANCE 1e-9

enum { MOST = 600, MOST_EFFECTS = 3 };

struct data {
    size_t n, p;
    double *y, *X, *weights;
    bool intercept;
    size_t n_effects, n_levels[MOST_EFFECTS];
    uint32_t effect[MOST_EFFECTS][MOST];
};

/* Codes in first-seen order. */
static size_t codes_of(const char *file, const char *column, uint32_t *code)
{
    double seen[MOST], *values;
    size_t n, n_codes = 0;

    values = reference_data(file, column, &n);
    assert_true(n <= MOST);
    for (size_t i = 0; i < n; i++) {
        size_t c = 0;

        while (c < n_codes && seen[c] != values[i])
            c++;
        if (c == n_codes)
            seen[n_codes++] = values[i];
        code[i] = (uint32_t)c;
    }
    free(values);
    return n_codes;
}

/* y on two columns, behind an intercept or with effects ("" ends them). */
static struct data make(const char *file, const char *y, const char *a, const char *b,
                        const char *const *effects)
{
    struct data data = {.p = 2, .intercept = effects == NULL};
    double *x[2];
    size_t first = data.intercept ? 1 : 0;

    data.p += first;
    data.y = reference_data(file, y, &data.n);
    x[0] = reference_data(file, a, &data.n);
    x[1] = reference_data(file, b, &data.n);
    data.X = malloc(data.p * data.n * sizeof *data.X);
    for (size_t i = 0; i < data.n; i++) {
        data.X[i] = 1.0;
        data.X[first * data.n + i] = x[0][i];
        data.X[(first + 1) * data.n + i] = x[1][i];
    }
    free(x[0]);
    free(x[1]);
    for (; effects != NULL && effects[data.n_effects] != NULL; data.n_effects++)
        data.n_levels[data.n_effects] =
            codes_of(file, effects[data.n_effects], data.effect[data.n_effects]);
    return data;
}

static void data_free(struct data *data)
{
    free(data->y);
    free(data->X);
    free(data->weights);
}

static struct rk_design design_of(const struct data *data)
{
    return (struct rk_design){.n = data->n,
                              .p = data->p,
                              .y = data->y,
                              .X = data->X,
                              .weights = data->weights,
                              .has_intercept = data->intercept};
}

static struct rk_within *absorb(const struct data *data)
{
    struct rk_design design = design_of(data);
    const uint32_t *effect[MOST_EFFECTS];
    struct rk_within *within = NULL;

    for (size_t e = 0; e < data->n_effects; e++)
        effect[e] = data->effect[e];
    assert_int_equal(rk_within_new(&design, effect, data->n_levels, data->n_effects, &within, NULL),
                     RK_OK);
    return within;
}

static struct rk_fit *fit_of(const struct rk_design *design, bool lean)
{
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_fit *fit = NULL;

    ctx.threads = 2;
    assert_int_equal(lean ? rk_fit_lean_new(design, &ctx, &fit, NULL)
                          : rk_fit_new(design, &ctx, &fit, NULL),
                     RK_OK);
    return fit;
}

static void check(double value, const char *name, const char *what, size_t at)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s", name, what);
    assert_close(value, at > 0 ? reference_at(TOPIC, full, at) : reference(TOPIC, full), TOLERANCE);
}

static void check_errors(const struct rk_covariance *c, const char *name, const char *what)
{
    for (size_t j = 0; j < c->p; j++)
        check(c->std_error[j], name, what, j + 1);
}

/* Clusters with which of the effects nested. */
struct clustering {
    uint32_t code[MOST];
    struct rk_clusters clusters;
    double *crossed;
};

static void cluster_by(struct clustering *c, const struct rk_within *within, const char *file,
                       const char *column)
{
    bool nested[MOST_EFFECTS];
    const uint32_t *code[MOST_EFFECTS];
    struct rk_absorbed effects = {.n = within->n, .code = code};
    size_t n_levels[MOST_EFFECTS];

    c->clusters = (struct rk_clusters){.code = c->code};
    c->clusters.n_codes = codes_of(file, column, c->code);
    for (size_t e = 0; e < within->n_effects; e++) {
        assert_int_equal(
            rk_is_nested(within->effect[e], within->n_levels[e], c->code, within->n, &nested[e]),
            RK_OK);
        if (!nested[e])
            continue;
        code[effects.n_effects] = within->effect[e];
        n_levels[effects.n_effects++] = within->n_levels[e];
    }
    effects.n_levels = n_levels;
    if (effects.n_effects > 0)
        assert_int_equal(rk_absorb_df(&effects, &c->clusters.df_nested), RK_OK);
    c->crossed = NULL;
    assert_int_equal(rk_within_crossed(within, nested, &c->crossed, &c->clusters.n_crossed), RK_OK);
    c->clusters.crossed = c->crossed;
    assert_int_equal(c->clusters.n_crossed, within->df - c->clusters.df_nested);
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

/* --- the wild bootstrap ----------------------------------------------------------------------- */

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
        cmocka_unit_test(enumerated_as_by_definition),
        cmocka_unit_test(crossed_effects_in_the_bootstrap),
        cmocka_unit_test(webb_by_definition_and_by_drawing),
        cmocka_unit_test(too_few_patterns_for_an_interval),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
