/* Generalised linear models against R, with weights, offsets and absorbed effects. */
#include "glm_data.h"

static void clusters(struct data *d, const char *file, const char *column)
{
    double values[MOST];
    size_t n;

    fill(file, column, values, &n);
    d->n_codes = 0;
    for (size_t i = 0; i < n; i++) {
        size_t j = 0;

        while (j < i && values[j] != values[i])
            j++;
        d->code[i] = j < i ? d->code[j] : (uint32_t)d->n_codes++;
    }
}

static void check_fit(const struct rk_glm *glm, const char *model)
{
    assert_true(glm->converged);
    assert_false(glm->separated);
    for (size_t j = 0; j < glm->p; j++)
        assert_close(glm->fit->coef[j], named_at(model, "coef", j), TOLERANCE);
    check_errors(glm, model, RK_VCOV_CLASSICAL, "se", NULL);
    for (size_t i = 0; i < 9; i++) {
        assert_close(glm->mu[i], named_at(model, "fitted", i), TOLERANCE);
        assert_close(glm->fit->hat[i], named_at(model, "hat", i), TOLERANCE);
    }
    assert_close(glm->deviance, named(model, "deviance"), TOLERANCE);
    assert_close(glm->null_deviance, named(model, "null_deviance"), TOLERANCE);
    assert_close(glm->pearson, named(model, "pearson"), TOLERANCE);
    assert_close(glm->df_residual, named(model, "df_residual"), 0.0);
}

static void check_link(const struct rk_glm *glm, const char *model)
{
    double z = NAN, p = NAN;

    assert_int_equal(rk_link_test(glm, NULL, &z, &p, NULL), RK_OK);
    assert_close(z, named(model, "link"), 1e-8);
    assert_true(p > 0.0 && p <= 1.0);
}

static void binomial_matches_R(void **state)
{
    static const struct {
        const char *name, *y, *x, *cluster, *weights;
    } cases[] = {{"mtcars", "am", "wt", "carb", NULL},
                 {"infert", "case", "spontaneous induced", "stratum", NULL},
                 {"ucb", "share", "female dept", NULL, "n"}};

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct data d;
        struct rk_glm *glm;
        size_t n;

        make(&d, RK_FAMILY_BINOMIAL, cases[c].name, cases[c].y, cases[c].x);
        if (cases[c].weights != NULL) {
            fill(cases[c].name, cases[c].weights, d.weights, &n);
            d.design.rows.weights = d.weights;
        }
        glm = fit(&d);
        check_fit(glm, cases[c].name);
        check_likelihood(glm, cases[c].name);
        check_hc(glm, cases[c].name);
        check_link(glm, cases[c].name);
        assert_close(glm->auc, named(cases[c].name, "auc"), TOLERANCE);
        if (cases[c].cluster != NULL) {
            struct rk_clusters groups;

            clusters(&d, cases[c].name, cases[c].cluster);
            groups = (struct rk_clusters){.code = d.code, .n_codes = d.n_codes};
            check_errors(glm, cases[c].name, RK_VCOV_CLUSTER, "cr1", &groups);
            check_errors(glm, cases[c].name, RK_VCOV_CR2, "cr2", &groups);
        }
        rk_glm_free(glm);
    }
}

static void poisson_matches_R(void **state)
{
    struct data d;
    struct rk_glm *glm;
    struct rk_clusters groups;
    double x2, df, p, ratio;

    (void)state;
    make(&d, RK_FAMILY_POISSON, "warpbreaks", "breaks", "B M H");
    glm = fit(&d);
    check_fit(glm, "warp");
    check_likelihood(glm, "warp");
    check_hc(glm, "warp");
    check_link(glm, "warp");
    clusters(&d, "warpbreaks", "loom");
    groups = (struct rk_clusters){.code = d.code, .n_codes = d.n_codes};
    check_errors(glm, "warp", RK_VCOV_CLUSTER, "cr1", &groups);
    check_errors(glm, "warp", RK_VCOV_CR2, "cr2", &groups);
    assert_int_equal(rk_overdispersion_test(glm, &x2, &df, &p, &ratio), RK_OK);
    assert_close(x2, named("warp", "pearson"), TOLERANCE);
    assert_close(df, 50.0, 0.0);
    assert_close(ratio, x2 / 50.0, 1e-15);
    assert_true(p > 0.0 && p < 1e-20);
    rk_glm_free(glm);
}

static void offsets_and_weights_match_R(void **state)
{
    struct data d;
    struct rk_glm *glm;
    size_t n;

    (void)state;
    make(&d, RK_FAMILY_POISSON, "quine", "days", "aboriginal male slow");
    fill("quine", "age", d.offset, &n);
    for (size_t i = 0; i < n; i++)
        d.offset[i] = log(d.offset[i] + 4.0);
    d.design.offset = d.offset;
    glm = fit(&d);
    check_fit(glm, "offset");
    check_likelihood(glm, "offset");
    check_link(glm, "offset");
    rk_glm_free(glm);

    make(&d, RK_FAMILY_POISSON, "quine", "days", "-aboriginal male slow");
    fill("quine", "age", d.offset, &n);
    for (size_t i = 0; i < n; i++)
        d.offset[i] = log(d.offset[i] + 4.0);
    d.design.offset = d.offset;
    glm = fit(&d);
    check_fit(glm, "no_intercept");
    check_likelihood(glm, "no_intercept");
    rk_glm_free(glm);

    make(&d, RK_FAMILY_POISSON, "quine", "days", "aboriginal male slow");
    fill("quine", "age", d.weights, &n);
    d.design.rows.weights = d.weights;
    glm = fit(&d);
    check_fit(glm, "weighted");
    check_likelihood(glm, "weighted");
    rk_glm_free(glm);
}

/* inv on log(value) and log(capital), firms absorbed. */
static void make_grunfeld(struct data *d, const uint32_t **effect)
{
    make(d, RK_FAMILY_POISSON, "grunfeld", "inv", "-value capital");
    for (size_t i = 0; i < 2 * d->n; i++)
        d->X[i] = log(d->X[i]);
    clusters(d, "grunfeld", "firm");
    *effect = d->code;
    d->design.effect = effect;
    d->design.n_levels = &d->n_codes;
    d->design.n_effects = 1;
}

static void absorbed_effects_match_dummies(void **state)
{
    const uint32_t *effect;
    struct data d;
    struct rk_glm *glm;
    struct rk_clusters groups;
    double z, p;

    (void)state;
    make_grunfeld(&d, &effect);
    glm = fit(&d);
    check_fit(glm, "grunfeld");
    check_errors(glm, "grunfeld", RK_VCOV_HC1, "hc1", NULL);
    assert_true(isnan(glm->log_lik) && isnan(glm->aic)); /* investment is not whole */
    groups = (struct rk_clusters){.code = d.code, .n_codes = d.n_codes};
    check_errors(glm, "grunfeld", RK_VCOV_CLUSTER, "cr1", &groups); /* dummies count */
    groups.df_nested = 10;
    check_errors(glm, "grunfeld", RK_VCOV_CR2, "cr2", &groups);
    assert_int_equal(rk_link_test(glm, NULL, &z, &p, NULL), RK_EDOMAIN);
    rk_glm_free(glm);

    for (size_t i = 0; i < d.n; i++)
        d.y[i] = nearbyint(d.y[i]);
    glm = fit(&d);
    check_fit(glm, "grunfeld_whole");
    check_likelihood(glm, "grunfeld_whole");
    rk_glm_free(glm);
}

static void two_effects_match_dummies(void **state)
{
    static const size_t gaps[] = {3, 17, 44, 90, 91, 133};
    const uint32_t *effects[2];
    uint32_t firm[MOST], year[MOST];
    size_t n_levels[2], kept = 0;
    double weights[MOST];
    struct data d;
    struct rk_glm *glm;
    struct rk_clusters groups;

    (void)state;
    make_grunfeld(&d, effects);
    memcpy(firm, d.code, sizeof firm);
    n_levels[0] = d.n_codes;
    clusters(&d, "grunfeld", "year");
    memcpy(year, d.code, sizeof year);
    n_levels[1] = d.n_codes;
    for (size_t i = 0; i < d.n; i++) {
        d.y[i] = nearbyint(d.y[i]);
        weights[i] = 1.0;
    }
    for (size_t g = 0; g < sizeof gaps / sizeof gaps[0]; g++)
        weights[gaps[g] - 1] = 0.0;
    effects[0] = firm;
    effects[1] = year;
    d.design.effect = effects;
    d.design.n_levels = n_levels;
    d.design.n_effects = 2;
    d.design.rows.weights = weights;
    glm = fit(&d);
    check_fit(glm, "two_way");
    check_likelihood(glm, "two_way");
    for (size_t i = 0; i < glm->n; i++) {
        d.code[kept++] = firm[glm->row[i]];
        assert_int_equal(glm->within->row[i], glm->row[i]);
    }
    groups = (struct rk_clusters){.code = d.code, .n_codes = n_levels[0]};
    check_errors(glm, "two_way", RK_VCOV_CLUSTER, "cr1", &groups);
    rk_glm_free(glm);
}

static void levels_without_a_success_are_dropped(void **state)
{
    const uint32_t *effect;
    struct data d;
    struct rk_glm *all, *some;
    double slope;

    (void)state;
    make_grunfeld(&d, &effect);
    for (size_t i = 0; i < d.n; i++)
        d.y[i] = d.code[i] == 3 ? 0.0 : d.y[i];
    d.code[0] = 10; /* a firm with one row */
    d.n_codes = 11;
    all = fit(&d);
    assert_int_equal(all->n_zero, 20);
    assert_int_equal(all->n_singletons, 1);
    assert_int_equal(all->n, 179);
    assert_int_equal(all->row[0], 1);
    slope = all->fit->coef[0];
    rk_glm_free(all);

    make_grunfeld(&d, &effect);
    d.weights[0] = 0.0;
    for (size_t i = 1; i < d.n; i++)
        d.weights[i] = d.code[i] == 3 ? 0.0 : 1.0;
    d.design.rows.weights = d.weights;
    some = fit(&d);
    assert_int_equal(some->n, 179);
    assert_close(slope, some->fit->coef[0], TOLERANCE);
    rk_glm_free(some);
}

static bool separates(const double *y, const double *x, size_t n)
{
    struct data d = {.n = n, .p = 2};
    struct rk_glm *glm;
    bool answer;

    for (size_t i = 0; i < n; i++) {
        d.y[i] = y[i];
        d.X[i] = 1.0;
        d.X[n + i] = x[i];
    }
    d.design =
        (struct rk_glm_design){.family = RK_FAMILY_BINOMIAL,
                               .rows = {.n = n, .p = 2, .y = d.y, .X = d.X, .has_intercept = true}};
    glm = fit(&d);
    answer = glm->separated;
    rk_glm_free(glm);
    return answer;
}

static void separation_is_found_in_the_data(void **state)
{
    const double step[8] = {0, 0, 0, 0, 1, 1, 1, 1}, x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    const double overlap[8] = {0, 0, 0, 1, 0, 1, 1, 1}, tie[8] = {1, 2, 3, 4, 4, 6, 7, 8};
    const double dummy[8] = {0, 0, 0, 0, 0, 0, 1, 1}, mixed[8] = {0, 1, 0, 1, 0, 1, 1, 1};
    const double both[8] = {0, 1, 0, 1, 0, 1, 0, 1};
    /* The rows overlap by a hair: estimates are large, but there. */
    const double hair[8] = {1, 2, 3, 4.001, 4, 6, 7, 8};

    (void)state;
    assert_true(separates(step, x, 8));
    assert_true(separates(step, tie, 8)); /* quasi: both outcomes at x = 4 */
    assert_true(separates(mixed, dummy, 8));
    assert_false(separates(overlap, x, 8));
    assert_false(separates(both, dummy, 8));
    assert_false(separates(step, hair, 8));
}

static void check_refusal(struct data *d, enum rk_status expected)
{
    struct rk_glm *glm = (struct rk_glm *)(uintptr_t)1;
    struct rk_error error = {0};

    assert_int_equal(rk_glm_new(&d->design, NULL, &glm, &error), expected);
    assert_ptr_equal(glm, (void *)(uintptr_t)1);
    assert_true(error.text[0] != '\0');
}

static void refusals_leave_outputs_alone(void **state)
{
    struct data d;
    const uint32_t *effect;

    (void)state;
    make(&d, RK_FAMILY_POISSON, "warpbreaks", "breaks", "B");
    d.y[3] = -1.0;
    check_refusal(&d, RK_EDOMAIN);
    d.y[3] = NAN;
    check_refusal(&d, RK_EDOMAIN);
    d.y[3] = 2.5;
    d.design.family = RK_FAMILY_NEGBIN;
    check_refusal(&d, RK_EDOMAIN);
    d.design.family = RK_FAMILY_BINOMIAL;
    check_refusal(&d, RK_EDOMAIN);
    for (size_t i = 0; i < d.n; i++)
        d.y[i] = 1.0;
    check_refusal(&d, RK_ECONSTANT);
    d.y[0] = 0.5; /* a share of one trial */
    check_refusal(&d, RK_EDOMAIN);
    for (size_t i = 0; i < d.n; i++)
        d.y[i] = 0.0;
    check_refusal(&d, RK_ECONSTANT);
    d.design.family = RK_FAMILY_POISSON;
    check_refusal(&d, RK_ECONSTANT);
    effect = d.code;
    d.design.effect = &effect;
    d.n_codes = 1;
    d.design.n_levels = &d.n_codes;
    d.design.n_effects = 1;
    check_refusal(&d, RK_ECONSTANT);
    d.design.family = RK_FAMILY_NEGBIN;
    check_refusal(&d, RK_EDOMAIN);
    d.design.n_effects = 0;
    d.design.rows.n = 0;
    check_refusal(&d, RK_ENODATA);
    d.design.rows.n = 1;
    d.design.family = RK_FAMILY_GAUSSIAN;
    check_refusal(&d, RK_EDOMAIN);
    make(&d, RK_FAMILY_POISSON, "warpbreaks", "breaks", "B");
    d.offset[0] = INFINITY;
    d.design.offset = d.offset;
    check_refusal(&d, RK_EDOMAIN);
}

static void slopes_are_derivatives(void **state)
{
    const double h = 1e-5;

    (void)state;
    for (int f = RK_FAMILY_GAUSSIAN; f < RK_FAMILY_COUNT; f++) {
        for (double eta = -3.0; eta < 3.5; eta += 0.5) {
            enum rk_family family = (enum rk_family)f;

            assert_close(rk_mean_slope(family, eta),
                         (rk_mean_of(family, eta + h) - rk_mean_of(family, eta - h)) / (2.0 * h),
                         1e-8);
            assert_true(fabs(rk_mean_curvature(family, eta) -
                             (rk_mean_slope(family, eta + h) - rk_mean_slope(family, eta - h)) /
                                 (2.0 * h)) < 1e-8);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial_matches_R),
        cmocka_unit_test(poisson_matches_R),
        cmocka_unit_test(offsets_and_weights_match_R),
        cmocka_unit_test(absorbed_effects_match_dummies),
        cmocka_unit_test(two_effects_match_dummies),
        cmocka_unit_test(levels_without_a_success_are_dropped),
        cmocka_unit_test(separation_is_found_in_the_data),
        cmocka_unit_test(refusals_leave_outputs_alone),
        cmocka_unit_test(slopes_are_derivatives),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
