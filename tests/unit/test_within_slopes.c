/* Slopes within clusters from one pass over a pooled fit, against lm with dummies. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "repkit/within.h"

#define TOPIC "within_slopes"

enum { P = 3 };

struct rows {
    size_t n, n_codes;
    double *X, *y, *weights; /* X: the intercept, then two columns */
    uint32_t *code;
};

/* The rows of a file, so many times over. */
static struct rows read_rows(const char *file, const char *const names[4], size_t times)
{
    struct rows r = {0};
    double *column[4];
    size_t n;

    for (size_t j = 0; j < 4; j++)
        column[j] = reference_data(file, names[j], &n);
    r.n = n * times;
    r.X = malloc(P * r.n * sizeof *r.X);
    r.y = malloc(r.n * sizeof *r.y);
    r.weights = malloc(r.n * sizeof *r.weights);
    r.code = malloc(r.n * sizeof *r.code);
    assert_true(r.X != NULL && r.y != NULL && r.weights != NULL && r.code != NULL);
    for (size_t i = 0; i < r.n; i++) {
        r.X[i] = 1.0;
        r.X[r.n + i] = column[1][i % n];
        r.X[2 * r.n + i] = column[2][i % n];
        r.y[i] = column[0][i % n];
        r.code[i] = (uint32_t)column[3][i % n];
        r.n_codes = r.code[i] + 1 > r.n_codes ? r.code[i] + 1 : r.n_codes;
    }
    for (size_t j = 0; j < 4; j++)
        free(column[j]);
    return r;
}

static void free_rows(struct rows *r)
{
    free(r->X);
    free(r->y);
    free(r->weights);
    free(r->code);
}

static void slopes_of(const struct rows *r, bool weighted, unsigned threads, double *coef,
                      double *se)
{
    struct rk_design design = {.n = r->n,
                               .p = P,
                               .y = r->y,
                               .X = r->X,
                               .weights = weighted ? r->weights : NULL,
                               .has_intercept = true};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_fit *fit = NULL;

    ctx.threads = threads;
    assert_int_equal(rk_fit_new(&design, &ctx, &fit, NULL), RK_OK);
    assert_int_equal(rk_within_slopes(fit, r->code, r->n_codes, &ctx, coef, se), RK_OK);
    rk_fit_free(fit);
}

static void check(const char *name, const double *coef, const double *se)
{
    char key[48];

    for (size_t j = 1; j < P; j++) {
        snprintf(key, sizeof key, "%s.coef", name);
        assert_close(coef[j], reference_at(TOPIC, key, j), 1e-9);
        snprintf(key, sizeof key, "%s.se", name);
        assert_close(se[j], reference_at(TOPIC, key, j), 1e-9);
    }
}

static const char *const firms[4] = {"inv", "value", "capital", "firm"};

static void firms_match_lm(void **state)
{
    struct rows r = read_rows("grunfeld", firms, 1);
    double coef[P], se[P], *year;

    (void)state;
    slopes_of(&r, false, 1, coef, se);
    check("firms", coef, se);
    year = reference_data("grunfeld", "year", &r.n);
    for (size_t i = 0; i < r.n; i++)
        r.weights[i] = year[i] - 1934.0;
    free(year);
    slopes_of(&r, true, 1, coef, se);
    check("weighted", coef, se);
    free_rows(&r);
}

static void reps_match_lm(void **state)
{
    static const char *const reps[4] = {"revenue", "calls", "meetings", "rep"};
    struct rows r = read_rows("rollout_rows", reps, 1);
    double coef[P], se[P];

    (void)state;
    slopes_of(&r, false, 2, coef, se);
    check("reps", coef, se);
    free_rows(&r);
}

/* So many rows that parts of them are added up apart: the same for any number of threads. */
static void many_rows_match_lm(void **state)
{
    struct rows r = read_rows("grunfeld", firms, 500);
    double coef[P], se[P], again[P], se_again[P];

    (void)state;
    assert_true(r.n == 100000);
    slopes_of(&r, false, 1, coef, se);
    check("many", coef, se);
    slopes_of(&r, false, 3, again, se_again);
    for (size_t j = 1; j < P; j++)
        assert_true(coef[j] == again[j] && se[j] == se_again[j]);
    free_rows(&r);
}

static void nothing_within_clusters(void **state)
{
    struct rows r = read_rows("grunfeld", firms, 1);
    double coef[P], se[P];

    (void)state;
    for (size_t i = 0; i < r.n; i++)
        r.X[r.n + i] = 3.0 * r.code[i]; /* tells clusters apart, and nothing else */
    slopes_of(&r, false, 1, coef, se);
    for (size_t j = 0; j < P; j++)
        assert_true(isnan(coef[j]) && isnan(se[j]));
    for (size_t i = 0; i < r.n; i++) {
        r.X[r.n + i] = (double)(i * i % 37);
        r.code[i] = (uint32_t)i;
    }
    r.n_codes = r.n;
    slopes_of(&r, false, 1, coef, se);
    for (size_t j = 0; j < P; j++)
        assert_true(isnan(coef[j]) && isnan(se[j]));
    free_rows(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(firms_match_lm),
        cmocka_unit_test(reps_match_lm),
        cmocka_unit_test(many_rows_match_lm),
        cmocka_unit_test(nothing_within_clusters),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
