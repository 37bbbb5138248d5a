#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/least_squares.h"

#define TOPIC "least_squares"
#define TOLERANCE 1e-9

/* A design from columns of a reference table; "1" is the intercept. */
struct model {
    struct rk_design design;
    double *y, *X, *weights;
};

static struct model make_model(const char *file, const char *response, const char *const *columns,
                               size_t p)
{
    struct model model = {0};
    size_t n;

    model.y = reference_data(file, response, &n);
    model.X = malloc(n * p * sizeof *model.X);
    for (size_t j = 0; j < p; j++) {
        double *column = strcmp(columns[j], "1") == 0 ? NULL : reference_data(file, columns[j], &n);

        for (size_t i = 0; i < n; i++)
            model.X[j * n + i] = column == NULL ? 1.0 : column[i];
        free(column);
    }
    model.design = (struct rk_design){
        .n = n, .p = p, .y = model.y, .X = model.X, .has_intercept = strcmp(columns[0], "1") == 0};
    return model;
}

static void free_model(struct model *model)
{
    free(model->y);
    free(model->X);
    free(model->weights);
}

static struct rk_fit *fit_model(const struct rk_design *design)
{
    struct rk_fit *fit = NULL;

    assert_int_equal(rk_fit_new(design, NULL, &fit, NULL), RK_OK);
    assert_non_null(fit);
    return fit;
}

static double expected(const char *name, const char *what)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s", name, what);
    return reference(TOPIC, full);
}

static double expected_at(const char *name, const char *what, size_t index_from_1)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s[%zu]", name, what, index_from_1);
    return reference(TOPIC, full);
}

static double std_error(const struct rk_fit *fit, size_t j)
{
    return fit->sigma * sqrt(fit->cov_unscaled[j * fit->p + j]);
}

static void check_summary(const struct rk_fit *fit, const char *name, double tolerance)
{
    for (size_t j = 0; j < fit->p && fit->p > 1; j++) {
        assert_close(fit->coef[j], expected_at(name, "coef", j + 1), tolerance);
        assert_close(std_error(fit, j), expected_at(name, "se", j + 1), tolerance);
    }
    assert_close(fit->sigma, expected(name, "sigma"), tolerance);
    assert_close(fit->r_squared, expected(name, "r_squared"), tolerance);
    assert_close(fit->log_lik, expected(name, "log_lik"), tolerance);
}

static void check_fit(const struct rk_fit *fit, const char *name)
{
    check_summary(fit, name, TOLERANCE);
    assert_close(fit->adj_r_squared, expected(name, "adj_r_squared"), TOLERANCE);
    assert_close(fit->df_residual, expected(name, "df_residual"), 0.0);
    assert_close(fit->rss, expected(name, "rss"), TOLERANCE);
    assert_close(fit->aic, expected(name, "aic"), TOLERANCE);
    assert_close(fit->bic, expected(name, "bic"), TOLERANCE);
    for (size_t i = 0; i < fit->n; i++) {
        assert_close(fit->residual[i], expected_at(name, "residual", i + 1), 1e-8);
        assert_close(fit->fitted[i], expected_at(name, "fitted", i + 1), TOLERANCE);
    }
}

static void check_hat(const struct rk_fit *fit, const char *name)
{
    for (size_t i = 0; i < fit->n; i++)
        assert_close(fit->hat[i], expected_at(name, "hat", i + 1), TOLERANCE);
}

static const char *const WT_HP[] = {"1", "wt", "hp"};

static void fits_as_lm(void **state)
{
    struct model model = make_model("mtcars", "mpg", WT_HP, 3);
    struct rk_fit *fit = fit_model(&model.design);

    (void)state;
    check_fit(fit, "mtcars");
    check_hat(fit, "mtcars");
    assert_close(fit->f_statistic, expected("mtcars", "f"), TOLERANCE);
    /* Printed from another run of R, by another hand. */
    assert_close(fit->coef[0], 37.22727012, 1e-9);
    assert_close(fit->sigma, 2.593411777, 1e-9);
    assert_close(fit->aic, 156.6523388, 1e-9);
    for (size_t j = 0; j < 9; j++)
        assert_close(fit->cov_unscaled[j], expected_at("mtcars", "unscaled", j + 1), TOLERANCE);
    assert_true(isnan(rk_vif(fit, 0)) && isnan(rk_std_coef(fit, 0)));
    for (size_t j = 1; j < 3; j++) {
        assert_close(rk_vif(fit, j), expected_at("mtcars", "vif", j), TOLERANCE);
        assert_close(rk_std_coef(fit, j), expected_at("mtcars", "std", j), TOLERANCE);
    }
    assert_true(isnan(fit->r_squared_within));
    rk_fit_free(fit);
    free_model(&model);
}

static void fits_weights_as_lm(void **state)
{
    struct model model = make_model("mtcars", "mpg", WT_HP, 3);
    struct rk_fit *fit;
    size_t n;

    (void)state;
    model.design.weights = model.weights = reference_data("mtcars", "qsec", &n);
    fit = fit_model(&model.design);
    check_fit(fit, "weighted");
    check_hat(fit, "weighted");
    assert_close(fit->f_statistic, expected("weighted", "f"), TOLERANCE);
    assert_close(rk_vif(fit, 1), expected_at("weighted", "vif", 1), TOLERANCE);
    rk_fit_free(fit);

    for (size_t i = 2; i < n; i += 4)
        model.weights[i] = 0.0;
    fit = fit_model(&model.design);
    check_fit(fit, "zero_weight");
    assert_int_equal(fit->nobs, 24);
    assert_close(fit->hat[2], 0.0, 0.0);
    rk_fit_free(fit);
    free_model(&model);
}

static void fits_without_intercept_and_without_slopes(void **state)
{
    const char *const origin[] = {"wt", "hp"};
    struct model model = make_model("mtcars", "mpg", origin, 2);
    struct rk_fit *fit = fit_model(&model.design);

    (void)state;
    check_fit(fit, "origin");
    check_hat(fit, "origin");
    assert_close(fit->f_statistic, expected("origin", "f"), TOLERANCE);
    rk_fit_free(fit);
    free_model(&model);

    model = make_model("mtcars", "mpg", WT_HP, 1);
    fit = fit_model(&model.design);
    check_fit(fit, "mean_only");
    assert_close(fit->coef[0], expected("mean_only", "coef"), TOLERANCE);
    assert_true(isnan(fit->f_statistic));
    rk_fit_free(fit);
    free_model(&model);
}

static void fits_longley(void **state)
{
    const char *const columns[] = {
        "1", "GNP.deflator", "GNP", "Unemployed", "Armed.Forces", "Population", "Year"};
    struct model model = make_model("longley", "Employed", columns, 7);
    struct rk_fit *fit = fit_model(&model.design);

    (void)state;
    check_fit(fit, "longley");
    for (size_t j = 1; j < 7; j++)
        assert_close(rk_vif(fit, j), expected_at("longley", "vif", j), TOLERANCE);
    rk_fit_free(fit);
    free_model(&model);
}

/* wt in other units and a sum of two columns go; the columns after them stay. */
static void drops_what_R_drops(void **state)
{
    const char *const columns[] = {"1", "wt", "wt", "hp", "hp", "drat"};
    struct model model = make_model("mtcars", "mpg", columns, 6);
    struct rk_fit *fit;
    size_t n = model.design.n;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        model.X[2 * n + i] = model.X[n + i] * 453.59237;
        model.X[4 * n + i] = model.X[n + i] + model.X[3 * n + i];
    }
    fit = fit_model(&model.design);
    assert_int_equal(fit->rank, 4);
    for (size_t j = 0; j < 6; j++)
        assert_close(fit->coef[j], reference_at(TOPIC, "dependent.coef", j + 1), TOLERANCE);
    assert_int_equal(fit->kept[2], 3);
    assert_int_equal(fit->kept[3], 5);
    assert_true(isnan(fit->cov_unscaled[2 * 6 + 1]) && isnan(rk_vif(fit, 4)));
    assert_false(isnan(fit->cov_unscaled[5 * 6 + 1]));
    rk_fit_free(fit);
    free_model(&model);
}

/* --- the large table of least_squares.R ----------------------------------------------------- */

enum { LARGE = 9000 };

static struct model large_model(bool intercept)
{
    struct model model = {.y = malloc(LARGE * sizeof(double)),
                          .X = malloc(6 * LARGE * sizeof(double)),
                          .weights = malloc(LARGE * sizeof(double))};
    double *x = model.X;

    for (int i = 0; i < LARGE; i++) {
        double k = i + 1;

        x[i] = 1.0;
        x[LARGE + i] = 1000 + fmod(k * 7919, 1009) / 8;
        x[2 * LARGE + i] = fmod(k * 104729, 311) / 16 + 0.3 * x[LARGE + i];
        x[3 * LARGE + i] = fmod(k, 17) - 8;
        x[4 * LARGE + i] = k / 8192;
        x[5 * LARGE + i] = x[4 * LARGE + i] * x[4 * LARGE + i];
        model.weights[i] = 1 + fmod(k, 5);
        model.y[i] = 3 + 0.5 * x[LARGE + i] - 2 * x[2 * LARGE + i] + 0.1 * x[3 * LARGE + i] +
                     x[4 * LARGE + i] + fmod(k * 611953, 9973) / 1024;
    }
    model.design = (struct rk_design){.n = LARGE,
                                      .p = intercept ? 6 : 5,
                                      .y = model.y,
                                      .X = intercept ? x : x + LARGE,
                                      .has_intercept = intercept};
    return model;
}

static void fits_many_rows(void **state)
{
    struct model model = large_model(true);
    struct rk_fit *fit = fit_model(&model.design);

    (void)state;
    check_summary(fit, "large", TOLERANCE);
    assert_close(fit->f_statistic, expected("large", "f"), TOLERANCE);
    rk_fit_free(fit);

    model.design.weights = model.weights;
    fit = fit_model(&model.design);
    check_summary(fit, "large_weighted", TOLERANCE);
    rk_fit_free(fit);
    free_model(&model);

    model = large_model(false);
    fit = fit_model(&model.design);
    check_summary(fit, "large_origin", TOLERANCE);
    rk_fit_free(fit);
    free_model(&model);
}

/* The two ways of solving agree; X_low of zeros asks for the exact one. */
static void both_ways_agree(void **state)
{
    struct model model = large_model(true);
    double *zeros = calloc(6 * LARGE, sizeof *zeros);
    struct rk_fit *cross = fit_model(&model.design), *exact;

    (void)state;
    model.design.X_low = zeros;
    exact = fit_model(&model.design);
    for (size_t j = 0; j < 6; j++) {
        assert_close(cross->coef[j], exact->coef[j], 1e-11);
        assert_close(cross->effects[j], exact->effects[j], 1e-11);
        assert_close(std_error(cross, j), std_error(exact, j), 1e-10);
        for (size_t l = 0; l < 6; l++)
            assert_true(fabs(cross->R_inverse[j * 6 + l] - exact->R_inverse[j * 6 + l]) <=
                        1e-11 * exact->R_inverse[l * 6 + l] * 1e4);
    }
    for (size_t i = 0; i < LARGE; i++) {
        assert_close(cross->hat[i], exact->hat[i], 1e-10);
        assert_true(fabs(cross->residual[i] - exact->residual[i]) < 1e-11);
    }
    rk_fit_free(cross);
    rk_fit_free(exact);
    free(zeros);
    free_model(&model);
}

static void threads_change_no_bit(void **state)
{
    struct model model = large_model(true);
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_fit *one = fit_model(&model.design), *four = NULL;

    (void)state;
    ctx.threads = 4;
    assert_int_equal(rk_fit_new(&model.design, &ctx, &four, NULL), RK_OK);
    assert_memory_equal(one->coef, four->coef, 6 * sizeof(double));
    assert_memory_equal(one->hat, four->hat, LARGE * sizeof(double));
    rk_fit_free(one);
    rk_fit_free(four);
    free_model(&model);
}

/* A nearly dependent column sends a large problem to the exact way, and an exactly dependent one
 * is dropped there. */
static void many_rows_nearly_dependent(void **state)
{
    struct model model = large_model(true);
    struct rk_fit *fit;

    (void)state;
    for (size_t i = 0; i < LARGE; i++)
        model.X[3 * LARGE + i] = 1e6 + 1e-6 * model.X[3 * LARGE + i] + model.X[2 * LARGE + i];
    fit = fit_model(&model.design);
    assert_int_equal(fit->rank, 6);
    /* b3 scales by 1e6; x3 as stored is rounded to 1e-10, 1e-4 of its own part. */
    assert_close(fit->coef[3], 1e6 * expected_at("large", "coef", 4), 1e-2);
    assert_close(fit->sigma, expected("large", "sigma"), 1e-6);
    rk_fit_free(fit);
    for (size_t i = 0; i < LARGE; i++)
        model.X[3 * LARGE + i] = 2.0 * model.X[2 * LARGE + i] - 7.0;
    fit = fit_model(&model.design);
    assert_int_equal(fit->rank, 5);
    assert_true(isnan(fit->coef[3]));
    rk_fit_free(fit);
    free_model(&model);
}

/* --- degenerate input ----------------------------------------------------------------------- */

static void tells_perfect_fits(void **state)
{
    double y[] = {5, 7, 9, 11, 13}, X[] = {1, 1, 1, 1, 1, 1, 2, 3, 4, 5};
    double tenth[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    struct rk_design design = {.n = 5, .p = 2, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = fit_model(&design);

    (void)state;
    assert_int_equal(fit->errors, RK_EPERFECT);
    assert_close(fit->coef[0], 3.0, 1e-15);
    assert_close(fit->coef[1], 2.0, 1e-15);
    assert_close(fit->sigma, 0.0, 0.0);
    assert_close(fit->r_squared, 1.0, 0.0);
    assert_true(isnan(fit->f_statistic) && isnan(fit->log_lik));
    rk_fit_free(fit);

    design.y = tenth;
    fit = fit_model(&design);
    assert_int_equal(fit->errors, RK_ECONSTANT);
    assert_close(fit->coef[0], 0.1, 1e-15);
    assert_true(isnan(fit->r_squared) && isnan(rk_std_coef(fit, 1)));
    rk_fit_free(fit);

    for (int i = 0; i < 5; i++)
        y[i] = 1e9 / 3.0 * X[5 + i]; /* perfect but for rounding */
    design.y = y;
    fit = fit_model(&design);
    assert_int_equal(fit->errors, RK_EPERFECT);
    rk_fit_free(fit);
}

static void tells_too_few_rows(void **state)
{
    double y[] = {5, 8, 2}, X[] = {1, 1, 1, 1, 2, 5, 2, 1, 1, 3, 3, 7};
    struct rk_design design = {.n = 3, .p = 4, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = fit_model(&design);

    (void)state;
    assert_int_equal(fit->rank, 3);
    assert_int_equal(fit->errors, RK_ETOOFEW);
    assert_close(fit->df_residual, 0.0, 0.0);
    assert_true(isnan(fit->coef[3]) && isnan(fit->sigma) && isnan(fit->adj_r_squared));
    rk_fit_free(fit);

    design.n = 1; /* X is then 1, 1, 1, 1 */
    fit = fit_model(&design);
    assert_int_equal(fit->rank, 1);
    assert_close(fit->coef[0], 5.0, 1e-15);
    assert_int_equal(fit->errors, RK_ETOOFEW);
    rk_fit_free(fit);
}

static void refuses_what_cannot_be_fitted(void **state)
{
    double y[] = {1, 2, 4}, X[] = {0, 0, 0}, weights[] = {1, -1, 1}, none[] = {0, 0, 0};
    struct rk_design design = {.n = 3, .p = 1, .y = y, .X = X};
    struct rk_fit *fit = NULL;
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, &error), RK_ESINGULAR);
    design.n = 0;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_ENODATA);
    design.n = 3;
    design.p = 0;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_ESINGULAR);
    design.p = 1;
    design.weights = weights;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, &error), RK_EDOMAIN);
    assert_string_equal(error.text, "a weight is negative");
    weights[1] = NAN;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_EDOMAIN);
    design.weights = none;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_ENODATA);
    design.weights = NULL;
    y[1] = NAN;
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_EDOMAIN);
    assert_null(fit);
    rk_fit_free(NULL);
}

static void survives_extreme_units(void **state)
{
    struct model model = make_model("mtcars", "mpg", WT_HP, 3), plain;
    struct rk_fit *fit, *expected_fit;
    size_t n = model.design.n;

    (void)state;
    plain = make_model("mtcars", "mpg", WT_HP, 3);
    expected_fit = fit_model(&plain.design);
    for (size_t i = 0; i < n; i++) {
        model.X[n + i] *= 0x1p460;
        model.X[2 * n + i] *= 0x1p-460;
    }
    fit = fit_model(&model.design);
    assert_close(fit->coef[1] * 0x1p460, expected_fit->coef[1], 1e-14);
    assert_close(fit->coef[2] * 0x1p-460, expected_fit->coef[2], 1e-14);
    rk_fit_free(fit);
    rk_fit_free(expected_fit);
    fit = NULL;
    for (size_t i = 0; i < n; i++)
        model.y[i] *= 1e200;
    assert_int_equal(rk_fit_new(&model.design, NULL, &fit, NULL), RK_EDOMAIN);
    for (size_t i = 0; i < n; i++)
        model.y[i] = model.y[i] * 1e-200 * 1e-200;
    assert_int_equal(rk_fit_new(&model.design, NULL, &fit, NULL), RK_EDOMAIN);
    assert_null(fit);
    free_model(&model);
    free_model(&plain);
}

static enum rk_status say_interrupted(void *data)
{
    (void)data;
    return RK_EINTERRUPT;
}

static void can_be_cancelled(void **state)
{
    struct model small = make_model("mtcars", "mpg", WT_HP, 3), large = large_model(true);
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_fit *fit = NULL;

    (void)state;
    ctx.cancelled = say_interrupted;
    assert_int_equal(rk_fit_new(&small.design, &ctx, &fit, NULL), RK_EINTERRUPT);
    assert_int_equal(rk_fit_new(&large.design, &ctx, &fit, NULL), RK_EINTERRUPT);
    assert_null(fit);
    free_model(&small);
    free_model(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_as_lm),
        cmocka_unit_test(fits_weights_as_lm),
        cmocka_unit_test(fits_without_intercept_and_without_slopes),
        cmocka_unit_test(fits_longley),
        cmocka_unit_test(drops_what_R_drops),
        cmocka_unit_test(fits_many_rows),
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(many_rows_nearly_dependent),
        cmocka_unit_test(tells_perfect_fits),
        cmocka_unit_test(tells_too_few_rows),
        cmocka_unit_test(refuses_what_cannot_be_fitted),
        cmocka_unit_test(survives_extreme_units),
        cmocka_unit_test(can_be_cancelled),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
