/* Counts: negative binomial, zeros that a column foretells, counts far apart. */
#include "glm_data.h"

static void negative_binomial_matches_R(void **state)
{
    static const struct {
        const char *name, *file, *y, *x;
    } cases[] = {{"nb_warp", "warpbreaks", "breaks", "B M H"},
                 {"nb_quine", "quine", "days", "aboriginal male slow age"}};

    (void)state;
    for (size_t c = 0; c < 2; c++) {
        const char *model = cases[c].name;
        struct data d;
        struct rk_glm *glm;
        double lr, p;

        make(&d, RK_FAMILY_NEGBIN, cases[c].file, cases[c].y, cases[c].x);
        glm = fit(&d);
        assert_true(glm->converged && !glm->is_poisson);
        for (size_t j = 0; j < glm->p; j++)
            assert_close(glm->fit->coef[j], named_at(model, "coef", j), TOLERANCE);
        check_errors(glm, model, RK_VCOV_CLASSICAL, "se", NULL);
        check_hc(glm, model);
        assert_close(glm->theta, named(model, "theta"), TOLERANCE);
        assert_close(glm->theta_se, named(model, "theta_se"), TOLERANCE);
        assert_close(glm->deviance, named(model, "deviance"), TOLERANCE);
        assert_close(glm->null_deviance, named(model, "null_deviance"), TOLERANCE);
        check_likelihood(glm, model);
        assert_int_equal(rk_negbin_test(glm, &lr, &p), RK_OK);
        assert_close(lr, named(model, "lr"), TOLERANCE);
        assert_true(p < 1e-15);
        rk_glm_free(glm);
    }
}

/* Data on which scoring (and MASS::glm.nb) swings to and fro: Newton's method finds the zero of the
 * scores. */
static void negative_binomial_settles_where_scoring_swings(void **state)
{
    static const double y[13] = {50, 50, 2, 2, 2, 1, 0, 50, 2, 0, 2, 0, 0};
    static const double x[13] = {0.0673, -3.2057, 0.2593, -0.4782, -0.1241, -0.7530, -1.1010,
                                 1.7686, 1.4122,  2.1232, 0.3668,  -0.6833, -0.9281};
    static const int z[13] = {2, 2, 2, 0, 1, 2, 2, 2, 0, 0, 2, 2, 1};
    struct data d = {.n = 13, .p = 4};
    struct rk_glm *glm;

    (void)state;
    for (size_t i = 0; i < 13; i++) {
        d.y[i] = y[i];
        d.X[i] = 1.0;
        d.X[13 + i] = x[i];
        d.X[26 + i] = z[i] == 1;
        d.X[39 + i] = z[i] == 2;
    }
    d.design = (struct rk_glm_design){
        .family = RK_FAMILY_NEGBIN,
        .rows = {.n = 13, .p = 4, .y = d.y, .X = d.X, .has_intercept = true}};
    glm = fit(&d);
    assert_true(glm->converged && !glm->is_poisson);
    for (size_t j = 0; j < 4; j++) {
        double score = 0.0;

        for (size_t i = 0; i < 13; i++)
            score += d.X[j * 13 + i] * (y[i] - glm->mu[i]) / (1.0 + glm->mu[i] / glm->theta);
        assert_true(fabs(score) < 1e-9);
    }
    rk_glm_free(glm);
}

/* Counts that vary less than Poisson's have no finite theta. */
static void underdispersed_counts_are_poisson(void **state)
{
    struct data d;
    struct rk_glm *glm, *poisson;
    double lr = NAN, p = NAN;

    (void)state;
    make(&d, RK_FAMILY_NEGBIN, "warpbreaks", "breaks", "B");
    for (size_t i = 0; i < d.n; i++)
        d.y[i] = 20.0 + (double)(i % 3);
    glm = fit(&d);
    d.design.family = RK_FAMILY_POISSON;
    poisson = fit(&d);
    assert_true(glm->is_poisson && isnan(glm->theta));
    assert_close(glm->fit->coef[1], poisson->fit->coef[1], TOLERANCE);
    assert_close(glm->aic, poisson->aic, 1e-12);
    assert_int_equal(rk_negbin_test(glm, &lr, &p), RK_OK);
    assert_close(p, 1.0, 0.0);
    assert_int_equal(rk_negbin_test(poisson, &lr, &p), RK_EDOMAIN);
    rk_glm_free(glm);
    rk_glm_free(poisson);
}

/* A dummy that is 1 only where the count is 0: those rows say nothing about the rest. */
static void zeros_that_a_column_foretells_are_left_out(void **state)
{
    struct data d, rest;
    struct rk_glm *glm, *without;

    (void)state;
    make(&d, RK_FAMILY_POISSON, "warpbreaks", "breaks", "B M H");
    for (size_t i = 0; i < d.n; i++) {
        d.X[i + 3 * d.n] = i % 9 == 4;
        d.y[i] = i % 9 == 4 ? 0.0 : d.y[i];
    }
    glm = fit(&d);
    assert_int_equal(glm->n_separated, 6);
    assert_int_equal(glm->n, 48);
    assert_true(isnan(glm->fit->coef[3]));
    make(&rest, RK_FAMILY_POISSON, "warpbreaks", "breaks", "B M");
    for (size_t i = 0; i < d.n; i++)
        rest.weights[i] = i % 9 == 4 ? 0.0 : 1.0;
    rest.design.rows.weights = rest.weights;
    without = fit(&rest);
    for (size_t j = 0; j < 3; j++)
        assert_close(glm->fit->coef[j], without->fit->coef[j], TOLERANCE);
    assert_close(glm->deviance, without->deviance, TOLERANCE);
    rk_glm_free(glm);
    rk_glm_free(without);
    d.design.family = RK_FAMILY_NEGBIN;
    glm = fit(&d);
    assert_int_equal(glm->n_separated, 6);
    assert_false(glm->is_poisson);
    rk_glm_free(glm);
}

/* Values far apart, where the first step from the outcome itself overflows or halves. */
static void wide_counts_converge(void **state)
{
    struct data d = {.n = 40, .p = 2};
    struct rk_glm *glm;

    (void)state;
    for (size_t i = 0; i < d.n; i++) {
        d.X[i] = 1.0;
        d.X[d.n + i] = (double)i;
        d.y[i] = i % 2 == 0 ? 0.0 : nearbyint(exp(0.7 * (double)i));
    }
    d.design = (struct rk_glm_design){
        .family = RK_FAMILY_POISSON,
        .rows = {.n = d.n, .p = 2, .y = d.y, .X = d.X, .has_intercept = true}};
    glm = fit(&d);
    assert_true(glm->converged && glm->deviance <= glm->null_deviance);
    /* The score equations: fitted and observed sums agree. */
    for (size_t j = 0; j < 2; j++) {
        double seen = 0.0, fitted = 0.0;

        for (size_t i = 0; i < d.n; i++) {
            seen += d.X[j * d.n + i] * d.y[i];
            fitted += d.X[j * d.n + i] * glm->mu[i];
        }
        assert_close(fitted, seen, 1e-9);
    }
    rk_glm_free(glm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(negative_binomial_matches_R),
        cmocka_unit_test(negative_binomial_settles_where_scoring_swings),
        cmocka_unit_test(underdispersed_counts_are_poisson),
        cmocka_unit_test(zeros_that_a_column_foretells_are_left_out),
        cmocka_unit_test(wide_counts_converge),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
