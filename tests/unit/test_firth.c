#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/firth.h"
#include "repkit/sandwich.h"

#define TOPIC "firth"
/* R's profiles end where the score is below 1e-12 standard errors. */
#define TOLERANCE 1e-8

enum { MOST = 128 };

static struct rk_glm *fit(size_t n, size_t p, const double *y, const double *X,
                          const double *weights)
{
    struct rk_glm_design design = {
        .family = RK_FAMILY_BINOMIAL,
        .rows = {.n = n, .p = p, .y = y, .X = X, .weights = weights, .has_intercept = true}};
    struct rk_glm *glm = NULL;

    assert_int_equal(rk_glm_new(&design, NULL, &glm, NULL), RK_OK);
    return glm;
}

static void check(struct rk_glm *glm, const char *model)
{
    struct rk_covariance covariance;
    char name[64];

    assert_true(glm->separated);
    assert_int_equal(rk_firth(glm, NULL, NULL), RK_OK);
    assert_true(glm->converged);
    assert_int_equal(rk_covariance_of(glm->fit, RK_VCOV_CLASSICAL, NULL, &covariance, NULL), RK_OK);
    for (size_t j = 0; j < glm->p; j++) {
        struct rk_profile profile = {NAN, NAN, NAN};

        snprintf(name, sizeof name, "%s.coef", model);
        assert_close(glm->fit->coef[j], reference_at(TOPIC, name, j + 1), TOLERANCE);
        snprintf(name, sizeof name, "%s.se", model);
        assert_close(covariance.std_error[j], reference_at(TOPIC, name, j + 1), TOLERANCE);
        assert_int_equal(rk_firth_profile(glm, j, 0.95, NULL, &profile, NULL), RK_OK);
        snprintf(name, sizeof name, "%s.statistic%zu", model, j + 1);
        assert_close(profile.statistic, reference(TOPIC, name), TOLERANCE);
        snprintf(name, sizeof name, "%s.low%zu", model, j + 1);
        assert_close(profile.conf_low, reference(TOPIC, name), TOLERANCE);
        snprintf(name, sizeof name, "%s.high%zu", model, j + 1);
        assert_close(profile.conf_high, reference(TOPIC, name), TOLERANCE);
    }
    rk_covariance_free(&covariance);
}

static void separated_rows_match_R(void **state)
{
    const double y[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    double X[16];
    struct rk_glm *glm;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        X[i] = 1.0;
        X[8 + i] = (double)i + 1.0;
    }
    glm = fit(8, 2, y, X, NULL);
    check(glm, "step");
    assert_close(glm->auc, 1.0, 0.0);
    rk_glm_free(glm);
}

static void endometrial_matches_R(void **state)
{
    static const char *const names[] = {"nv", "pi", "eh"};
    double X[4 * MOST], *y, *x;
    struct rk_glm *glm;
    size_t n;

    (void)state;
    y = reference_data("endometrial", "high", &n);
    for (size_t i = 0; i < n; i++)
        X[i] = 1.0;
    for (size_t j = 0; j < 3; j++) {
        x = reference_data("endometrial", names[j], &n);
        memcpy(X + (j + 1) * n, x, n * sizeof *x);
        free(x);
    }
    glm = fit(n, 4, y, X, NULL);
    check(glm, "endometrial");
    rk_glm_free(glm);
    free(y);
}

/* Shares of ten trials, and a column that the others make up: it has no coefficient. */
static void shares_match_R(void **state)
{
    const double y[2] = {0.0, 0.7}, X[4] = {1, 1, 0, 1}, weights[2] = {10, 10};
    const double dependent[6] = {1, 1, 0, 1, 1, 2};
    struct rk_profile profile = {-1.0, -1.0, -1.0};
    struct rk_glm *glm;

    (void)state;
    glm = fit(2, 2, y, X, weights);
    check(glm, "grouped");
    /* In closed form: log odds of (successes + 1/2) against (failures + 1/2). */
    assert_close(glm->fit->coef[0], log(0.5 / 10.5), 1e-9);
    assert_close(glm->fit->coef[0] + glm->fit->coef[1], log(7.5 / 3.5), 1e-9);
    rk_glm_free(glm);

    glm = fit(2, 3, y, dependent, weights);
    assert_int_equal(rk_firth(glm, NULL, NULL), RK_OK);
    assert_close(glm->fit->coef[0], log(0.5 / 10.5), 1e-9);
    assert_true(isnan(glm->fit->coef[2]));
    assert_int_equal(rk_firth_profile(glm, 2, 0.95, NULL, &profile, NULL), RK_EDOMAIN);
    assert_close(profile.conf_low, -1.0, 0.0);
    rk_glm_free(glm);
}

/* Firth's estimates where nothing separates: nearer to 0 than the likelihood's. */
static void estimates_shrink(void **state)
{
    const double y[8] = {0, 0, 0, 1, 0, 1, 1, 1};
    double X[16], before;
    struct rk_glm *glm;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        X[i] = 1.0;
        X[8 + i] = (double)i + 1.0;
    }
    glm = fit(8, 2, y, X, NULL);
    assert_false(glm->separated);
    before = glm->fit->coef[1];
    assert_int_equal(rk_firth(glm, NULL, NULL), RK_OK);
    assert_true(glm->fit->coef[1] > 0.0 && glm->fit->coef[1] < before);
    rk_glm_free(glm);
}

static void other_families_are_refused(void **state)
{
    const double y[3] = {1, 2, 3}, X[3] = {1, 1, 1};
    struct rk_glm_design design = {.family = RK_FAMILY_POISSON,
                                   .rows = {.n = 3, .p = 1, .y = y, .X = X, .has_intercept = true}};
    struct rk_glm *glm = NULL;
    double before;

    (void)state;
    assert_int_equal(rk_glm_new(&design, NULL, &glm, NULL), RK_OK);
    before = glm->fit->coef[0];
    assert_int_equal(rk_firth(glm, NULL, NULL), RK_EDOMAIN);
    assert_close(glm->fit->coef[0], before, 0.0);
    rk_glm_free(glm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(separated_rows_match_R),
        cmocka_unit_test(endometrial_matches_R),
        cmocka_unit_test(shares_match_R),
        cmocka_unit_test(estimates_shrink),
        cmocka_unit_test(other_families_are_refused),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
