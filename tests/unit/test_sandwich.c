/* Covariances of least squares, and one fixed effect. */
#include "panel_rows.h"

#define TOPIC "least_squares"

static const char *const firms[] = {"firm", NULL};

static struct rk_covariance covariance_of(const struct rk_fit *fit, enum rk_vcov_method method,
                                          const struct rk_clusters *clusters)
{
    struct rk_covariance covariance = {0};

    assert_int_equal(rk_covariance_of(fit, method, clusters, &covariance, NULL), RK_OK);
    return covariance;
}

static void check_vector(const double *values, size_t n, const char *name, const char *what)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s", name, what);
    for (size_t j = 0; j < n; j++)
        assert_close(values[j], reference_at(TOPIC, full, j + 1), TOLERANCE);
}

static void check_errors(const struct rk_fit *fit, enum rk_vcov_method method,
                         const struct rk_clusters *clusters, const char *name, const char *what)
{
    struct rk_covariance covariance = covariance_of(fit, method, clusters);

    assert_int_equal(covariance.method, method);
    assert_string_equal(covariance.reason, "");
    check_vector(covariance.std_error, fit->p, name, what);
    for (size_t j = 0; j < fit->p; j++)
        assert_close(covariance.vcov[j * fit->p + j],
                     covariance.std_error[j] * covariance.std_error[j], 1e-14);
    rk_covariance_free(&covariance);
}

static void names_match_the_choices(void **state)
{
    char joined[128] = "";
    size_t length = 0;

    (void)state;
    for (int m = 0; m < RK_VCOV_COUNT; m++)
        length += (size_t)snprintf(joined + length, sizeof joined - length, "%s%s",
                                   m > 0 ? "|" : "", rk_vcov_name((enum rk_vcov_method)m));
    assert_string_equal(joined, RK_VCOVS);
}

static void heteroscedastic_as_sandwich(void **state)
{
    struct data data = make("mtcars", "mpg", "wt", "hp", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_covariance hc3;
    size_t n;

    (void)state;
    check_errors(fit, RK_VCOV_CLASSICAL, NULL, "mtcars", "se");
    check_errors(fit, RK_VCOV_HC0, NULL, "mtcars", "hc0");
    check_errors(fit, RK_VCOV_HC1, NULL, "mtcars", "hc1");
    check_errors(fit, RK_VCOV_HC2, NULL, "mtcars", "hc2");
    check_errors(fit, RK_VCOV_HC3, NULL, "mtcars", "hc3");
    check_errors(fit, RK_VCOV_HC4, NULL, "mtcars", "hc4");
    hc3 = covariance_of(fit, RK_VCOV_HC3, NULL);
    assert_close(hc3.std_error[2], 0.009385137909, 1e-9);
    assert_close(hc3.df[1], 29.0, 0.0);
    assert_close(hc3.f_statistic, reference(TOPIC, "mtcars.hc3_f"), TOLERANCE);
    assert_close(hc3.f_df1, 2.0, 0.0);
    assert_close(hc3.f_df2, 29.0, 0.0);
    rk_covariance_free(&hc3);
    hc3 = covariance_of(fit, RK_VCOV_CLASSICAL, NULL);
    assert_close(hc3.f_statistic, reference(TOPIC, "mtcars.f"), TOLERANCE);
    rk_covariance_free(&hc3);
    rk_fit_free(fit);

    design.weights = data.weights = reference_data("mtcars", "qsec", &n);
    fit = fit_of(&design, false);
    check_errors(fit, RK_VCOV_HC0, NULL, "weighted", "hc0");
    check_errors(fit, RK_VCOV_HC3, NULL, "weighted", "hc3");
    check_errors(fit, RK_VCOV_HC4, NULL, "weighted", "hc4");
    rk_fit_free(fit);
    data_free(&data);
}

static void clustered_as_sandwich(void **state)
{
    struct data data = make("mtcars", "mpg", "wt", "hp", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_clusters clusters = {.code = data.effect[0]};
    struct rk_covariance covariance;
    size_t n;

    (void)state;
    clusters.n_codes =
        codes_of("mtcars", "cyl", data.effect[0]) + 2; /* two codes that no row has */
    check_errors(fit, RK_VCOV_CLUSTER, &clusters, "mtcars", "cr1_cyl");
    covariance = covariance_of(fit, RK_VCOV_CLUSTER, &clusters);
    assert_int_equal(covariance.n_clusters, 3);
    assert_close(covariance.std_error[0], 3.061229425, 1e-9);
    assert_close(covariance.df[0], 2.0, 0.0);
    assert_close(covariance.f_df2, 2.0, 0.0);
    rk_covariance_free(&covariance);
    rk_fit_free(fit);

    design.weights = data.weights = reference_data("mtcars", "qsec", &n);
    fit = fit_of(&design, false);
    check_errors(fit, RK_VCOV_CLUSTER, &clusters, "weighted", "cr1_cyl");
    rk_fit_free(fit);
    data_free(&data);
}

static void check_cr2(const struct rk_fit *fit, const struct rk_clusters *clusters,
                      const char *name)
{
    struct rk_covariance cr2 = covariance_of(fit, RK_VCOV_CR2, clusters);
    char full[64];

    check_vector(cr2.std_error, fit->p, name, "cr2");
    check_vector(cr2.df, fit->p, name, "cr2_df");
    snprintf(full, sizeof full, "%s.cr2_f", name);
    assert_close(cr2.f_statistic, reference(TOPIC, full), TOLERANCE);
    snprintf(full, sizeof full, "%s.cr2_f_df", name);
    assert_close(cr2.f_df2, reference(TOPIC, full), TOLERANCE);
    rk_covariance_free(&cr2);
}

static void cr2_as_clubSandwich(void **state)
{
    struct data data = make("mtcars", "mpg", "wt", "hp", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_clusters clusters = {.code = data.effect[0]};

    (void)state;
    clusters.n_codes = codes_of("mtcars", "carb", data.effect[0]);
    check_cr2(fit, &clusters, "mtcars_carb");
    rk_fit_free(fit);
    data_free(&data);

    data = make("grunfeld", "inv", "value", "capital", NULL);
    design = design_of(&data);
    fit = fit_of(&design, false);
    clusters = (struct rk_clusters){.code = data.effect[0]};
    clusters.n_codes = codes_of("grunfeld", "firm", data.effect[0]);
    check_cr2(fit, &clusters, "grunfeld_pooled");
    rk_fit_free(fit);
    data_free(&data);
}

/* The slopes' part of an lm with a dummy a firm. */
static void check_dummies(const struct rk_fit *fit, const char *name)
{
    char full[64];

    for (size_t j = 0; j < 2; j++) {
        snprintf(full, sizeof full, "%s.coef[%zu]", name, j + 2);
        assert_close(fit->coef[j], reference(TOPIC, full), TOLERANCE);
        snprintf(full, sizeof full, "%s.se[%zu]", name, j + 2);
        assert_close(fit->sigma * sqrt(fit->cov_unscaled[j * 2 + j]), reference(TOPIC, full),
                     TOLERANCE);
    }
#define SAME(field, what)                          \
    snprintf(full, sizeof full, "%s." what, name), \
        assert_close(fit->field, reference(TOPIC, full), TOLERANCE)
    SAME(sigma, "sigma");
    SAME(rss, "rss");
    SAME(r_squared, "r_squared");
    SAME(adj_r_squared, "adj_r_squared");
    SAME(df_residual, "df_residual");
    SAME(log_lik, "log_lik");
    SAME(aic, "aic");
    SAME(bic, "bic");
    for (size_t i = 0; i < fit->n; i++) {
        snprintf(full, sizeof full, "%s.hat[%zu]", name, i + 1);
        assert_close(fit->hat[i], reference(TOPIC, full), TOLERANCE);
        snprintf(full, sizeof full, "%s.residual[%zu]", name, i + 1);
        assert_close(fit->residual[i], reference(TOPIC, full), 1e-8);
    }
}

static void within_as_plm_and_dummies(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", firms);
    struct rk_within *within;
    struct rk_design design;
    struct rk_fit *fit;

    (void)state;
    within = absorb(&data);
    assert_int_equal(within->n, 200);
    assert_int_equal(within->df, 10);
    assert_int_equal(within->n_singletons, 0);
    check_vector(within->share, 2, "grunfeld", "share");
    design = rk_within_design(within);
    fit = fit_of(&design, false);
    check_vector(fit->coef, 2, "grunfeld", "coef");
    check_errors(fit, RK_VCOV_CLASSICAL, NULL, "grunfeld", "se");
    assert_close(fit->r_squared_within, reference(TOPIC, "grunfeld.r_squared_within"), TOLERANCE);
    assert_close(fit->f_statistic, reference(TOPIC, "grunfeld.f"), TOLERANCE);
    for (size_t j = 0; j < 2; j++)
        assert_close(rk_std_coef(fit, j), reference_at(TOPIC, "grunfeld.std", j + 1), TOLERANCE);
    check_dummies(fit, "grunfeld_dummies");
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

static void within_covariances(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", firms);
    uint32_t year[MOST];
    struct rk_clusters clusters = {.code = data.effect[0], .df_nested = 10};
    struct rk_clusters years = {.code = year};
    struct rk_covariance covariance;
    struct rk_within *within;
    struct rk_design design;
    struct rk_fit *fit;

    (void)state;
    clusters.n_codes = codes_of("grunfeld", "firm", data.effect[0]);
    years.n_codes = codes_of("grunfeld", "year", year);
    within = absorb(&data);
    design = rk_within_design(within);
    fit = fit_of(&design, false);
    check_errors(fit, RK_VCOV_CLUSTER, &clusters, "grunfeld", "sss");
    check_cr2(fit, &clusters, "grunfeld");
    check_errors(fit, RK_VCOV_HC3, NULL, "grunfeld", "hc3");
    check_errors(fit, RK_VCOV_HC4, NULL, "grunfeld", "hc4");
    /* Firms do not lie within years: they count, and CR2 is not to be had. */
    check_errors(fit, RK_VCOV_CLUSTER, &years, "grunfeld", "cr1_year");
    covariance = covariance_of(fit, RK_VCOV_CR2, &years);
    assert_int_equal(covariance.method, RK_VCOV_CLUSTER);
    assert_string_equal(
        covariance.reason,
        "it would take too long with so many levels that are not nested in the clusters");
    check_vector(covariance.std_error, 2, "grunfeld", "cr1_year");
    rk_covariance_free(&covariance);
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

static void within_with_weights(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", firms);
    struct rk_within *within;
    struct rk_design design;
    struct rk_fit *fit;
    size_t n;

    (void)state;
    data.weights = reference_data("grunfeld", "year", &n);
    for (size_t i = 0; i < n; i++)
        data.weights[i] -= 1934;
    within = absorb(&data);
    design = rk_within_design(within);
    fit = fit_of(&design, false);
    check_dummies(fit, "grunfeld_weighted");
    check_errors(fit, RK_VCOV_HC3, NULL, "grunfeld_weighted", "hc3");
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

/* Firm 1 keeps one row: it goes, and the rest is as without it. */
static void singletons_go(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", firms), rest;
    struct rk_within *within, *without;
    size_t n = data.n;

    (void)state;
    rest = make("grunfeld", "inv", "value", "capital", firms);
    rest.n = n - 20;
    for (size_t i = 20; i < n; i++) {
        rest.effect[0][i - 20] = data.effect[0][i];
        rest.y[i - 20] = data.y[i];
        for (size_t j = 0; j < 2; j++)
            rest.X[j * rest.n + i - 20] = data.X[j * n + i];
    }
    data.n = n - 19;
    for (size_t j = 0; j < 2; j++) {
        for (size_t i = 0; i < data.n; i++)
            data.X[j * data.n + i] = data.X[j * n + i + 19];
    }
    for (size_t i = 0; i < data.n; i++) {
        data.y[i] = data.y[i + 19];
        data.effect[0][i] = data.effect[0][i + 19];
    }
    within = absorb(&data);
    without = absorb(&rest);
    assert_int_equal(within->n_singletons, 1);
    assert_int_equal(within->n, n - 20);
    assert_int_equal(within->df, 9);
    assert_int_equal(within->row[0], 1);
    assert_int_equal(within->effect[0][0], 0);
    assert_memory_equal(within->y, without->y, within->n * sizeof(double));
    assert_memory_equal(within->X, without->X, 2 * within->n * sizeof(double));
    rk_within_free(within);
    rk_within_free(without);
    data_free(&data);
    data_free(&rest);
}

/* A column that does not vary within levels is dropped, whatever rounding leaves of it. */
static void constant_within_is_dropped(void **state)
{
    struct data data = make("grunfeld", "inv", "value", "capital", firms);
    struct rk_within *within;
    struct rk_design design;
    struct rk_fit *fit;

    (void)state;
    for (size_t i = 0; i < data.n; i++)
        data.X[i] = 1000.1 / (3.0 + data.effect[0][i]);
    within = absorb(&data);
    design = rk_within_design(within);
    fit = fit_of(&design, false);
    assert_int_equal(fit->rank, 1);
    assert_true(isnan(fit->coef[0]));
    assert_false(isnan(fit->coef[1]));
    assert_true(within->share[0] < 1e-20);
    rk_fit_free(fit);
    rk_within_free(within);
    data_free(&data);
}

/* --- degenerate input ----------------------------------------------------------------------- */

static void refuses_without_errors(void **state)
{
    double y[] = {5, 7, 9, 11, 13}, X[] = {1, 1, 1, 1, 1, 1, 2, 3, 4, 5};
    uint32_t one[] = {0, 0, 0, 0, 0};
    struct rk_clusters clusters = {.code = one, .n_codes = 1};
    struct rk_design design = {.n = 5, .p = 2, .y = y, .X = X, .has_intercept = true};
    struct rk_covariance covariance = {.p = 77};
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_HC3, NULL, &covariance, &error), RK_EPERFECT);
    rk_fit_free(fit);
    y[2] = 4;
    fit = fit_of(&design, false);
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CLUSTER, &clusters, &covariance, &error),
                     RK_EONECLUSTER);
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CR2, &clusters, &covariance, NULL),
                     RK_EONECLUSTER);
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CR2, NULL, &covariance, NULL), RK_EDOMAIN);
    assert_int_equal(covariance.p, 77);
    rk_fit_free(fit);
    design.n = 2; /* X is then 1, 1, 1, 1: one column left, one degree of freedom */
    design.p = 1;
    fit = fit_of(&design, false);
    assert_int_equal(rk_covariance_of(fit, RK_VCOV_CLASSICAL, NULL, &covariance, NULL), RK_OK);
    assert_close(covariance.df[0], 1.0, 0.0);
    assert_true(isnan(covariance.f_statistic) && isnan(covariance.f_df2));
    rk_covariance_free(&covariance);
    rk_fit_free(fit);
}

/* One row alone has a dummy: leverage 1, where HC3 has no meaning. */
static void full_leverage_makes_hc1(void **state)
{
    double y[] = {5, 8, 2, 11, 3}, X[] = {1, 1, 1, 1, 1, 0, 0, 1, 0, 0};
    struct rk_design design = {.n = 5, .p = 2, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_covariance hc3 = covariance_of(fit, RK_VCOV_HC3, NULL);
    struct rk_covariance hc1 = covariance_of(fit, RK_VCOV_HC1, NULL);

    (void)state;
    assert_int_equal(hc3.method, RK_VCOV_HC1);
    assert_string_equal(hc3.reason, "a row has leverage 1");
    assert_close(hc3.std_error[1], hc1.std_error[1], 0.0);
    rk_covariance_free(&hc3);
    rk_covariance_free(&hc1);
    rk_fit_free(fit);
}

/* Two clusters cannot test three slopes together, but each alone. */
static void too_few_clusters_for_the_joint_test(void **state)
{
    struct data data = make("mtcars", "mpg", "wt", "hp", NULL);
    struct rk_design design = design_of(&data);
    struct rk_fit *fit = fit_of(&design, false);
    struct rk_clusters clusters = {.code = data.effect[0], .n_codes = 2};
    struct rk_covariance covariance;

    (void)state;
    for (size_t i = 0; i < data.n; i++)
        data.effect[0][i] = i % 2 == 0;
    covariance = covariance_of(fit, RK_VCOV_CLUSTER, &clusters);
    assert_true(isnan(covariance.f_statistic) && isnan(covariance.f_df2));
    assert_true(covariance.std_error[1] > 0.0);
    rk_covariance_free(&covariance);
    rk_fit_free(fit);
    data_free(&data);
}

/* Every cluster lies on a line of the same slope: the clustered variance is 0, which is no error of
 * the estimate. */
static void residuals_that_cancel_have_no_error(void **state)
{
    double y[] = {-0.5, 0.5, -1, 1, -1, 1}, X[] = {-1, 1, -2, 2, 0, 0};
    uint32_t code[] = {0, 0, 1, 1, 2, 2};
    struct rk_clusters clusters = {.code = code, .n_codes = 3};
    struct rk_design design = {.n = 6, .p = 1, .y = y, .X = X};
    struct rk_fit *fit = fit_of(&design, false);

    (void)state;
    assert_close(fit->coef[0], 0.5, 1e-15);
    for (int m = RK_VCOV_CLUSTER; m <= RK_VCOV_CR2; m++) {
        struct rk_covariance covariance = covariance_of(fit, (enum rk_vcov_method)m, &clusters);

        assert_true(isnan(covariance.std_error[0]) && isnan(covariance.df[0]));
        assert_true(isnan(covariance.f_statistic));
        rk_covariance_free(&covariance);
    }
    rk_fit_free(fit);
}

static void dropped_columns_stay_nan(void **state)
{
    double y[] = {5, 8, 2, 11, 3}, X[] = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 1, 4, 1, 5};
    uint32_t code[] = {0, 0, 1, 1, 2};
    struct rk_clusters clusters = {.code = code, .n_codes = 3};
    struct rk_design design = {.n = 5, .p = 3, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = fit_of(&design, false);

    (void)state;
    for (int m = 0; m < RK_VCOV_COUNT; m++) {
        struct rk_covariance covariance = covariance_of(fit, (enum rk_vcov_method)m, &clusters);

        assert_true(isnan(covariance.std_error[1]) && isnan(covariance.df[1]));
        assert_true(covariance.std_error[0] > 0.0 && covariance.std_error[2] > 0.0);
        assert_close(covariance.f_df1, 1.0, 0.0);
        /* One slope: F is t squared (CR2's scale is 1 then), on the same df. */
        assert_close(covariance.f_statistic, pow(fit->coef[2] / covariance.std_error[2], 2), 1e-12);
        assert_close(covariance.f_df2, covariance.df[2], 1e-9);
        rk_covariance_free(&covariance);
    }
    rk_fit_free(fit);
}

static void within_refuses(void **state)
{
    double y[] = {1, 2, 4}, X[] = {0, 1, 5}, weights[] = {1, 0, 1};
    uint32_t codes[] = {0, 1, 2};
    const uint32_t *effect[] = {codes, codes};
    size_t n_levels[] = {3, 3};
    struct rk_design design = {.n = 3, .p = 1, .y = y, .X = X};
    struct rk_within *within = NULL;

    (void)state;
    assert_int_equal(rk_within_new(&design, effect, n_levels, 1, &within, NULL), RK_ETOOFEW);
    assert_int_equal(rk_within_new(&design, effect, n_levels, 0, &within, NULL), RK_EDOMAIN);
    design.weights = weights;
    assert_int_equal(rk_within_new(&design, effect, n_levels, 1, &within, NULL), RK_EDOMAIN);
    design.n = 0;
    assert_int_equal(rk_within_new(&design, effect, n_levels, 1, &within, NULL), RK_ENODATA);
    assert_null(within);
    rk_within_free(NULL);
}

static void knows_nesting(void **state)
{
    uint32_t rep[] = {0, 0, 1, 1, 2}, region[] = {4, 4, 4, 4, 9}, week[] = {0, 1, 0, 1, 0};
    bool nested = false;

    (void)state;
    assert_int_equal(rk_is_nested(rep, 3, region, 5, &nested), RK_OK);
    assert_true(nested);
    assert_int_equal(rk_is_nested(rep, 3, week, 5, &nested), RK_OK);
    assert_false(nested);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_the_choices),
        cmocka_unit_test(heteroscedastic_as_sandwich),
        cmocka_unit_test(clustered_as_sandwich),
        cmocka_unit_test(cr2_as_clubSandwich),
        cmocka_unit_test(within_as_plm_and_dummies),
        cmocka_unit_test(within_covariances),
        cmocka_unit_test(within_with_weights),
        cmocka_unit_test(singletons_go),
        cmocka_unit_test(constant_within_is_dropped),
        cmocka_unit_test(refuses_without_errors),
        cmocka_unit_test(full_leverage_makes_hc1),
        cmocka_unit_test(too_few_clusters_for_the_joint_test),
        cmocka_unit_test(residuals_that_cancel_have_no_error),
        cmocka_unit_test(dropped_columns_stay_nan),
        cmocka_unit_test(within_refuses),
        cmocka_unit_test(knows_nesting),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
