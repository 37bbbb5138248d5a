/* What the tests of generalised linear models share: designs of data, and R's values. */
#ifndef REPKIT_TEST_GLM_DATA_H
#define REPKIT_TEST_GLM_DATA_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/glm.h"
#include "repkit/sandwich.h"

#define TOPIC "glm"
#define TOLERANCE 1e-9

enum { MOST = 256, MOST_COLUMNS = 6 };

struct data {
    size_t n, p;
    double y[MOST], X[MOST * MOST_COLUMNS], weights[MOST], offset[MOST];
    uint32_t code[MOST];
    size_t n_codes;
    struct rk_glm_design design;
};

static inline void fill(const char *file, const char *column, double *to, size_t *n)
{
    double *values = reference_data(file, column, n);

    memcpy(to, values, *n * sizeof *to);
    free(values);
}

/* y on columns named in `x`, separated by spaces, an intercept in front unless the list begins with
 * a minus sign. */
static inline void make(struct data *d, enum rk_family family, const char *file, const char *y,
                        const char *x)
{
    char names[128], *save = NULL;
    bool intercept = x[0] != '-';

    memset(d, 0, sizeof *d);
    fill(file, y, d->y, &d->n);
    d->p = intercept ? 1 : 0;
    for (size_t i = 0; i < d->n && intercept; i++)
        d->X[i] = 1.0;
    snprintf(names, sizeof names, "%s", intercept ? x : x + 1);
    for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save))
        fill(file, name, d->X + d->p++ * d->n, &d->n);
    d->design = (struct rk_glm_design){
        .family = family,
        .rows = {.n = d->n, .p = d->p, .y = d->y, .X = d->X, .has_intercept = intercept}};
}

static inline struct rk_glm *fit(const struct data *d)
{
    struct rk_glm *glm = NULL;
    struct rk_error error = {0};

    if (rk_glm_new(&d->design, NULL, &glm, &error) != RK_OK)
        fail_msg("%s", error.text);
    return glm;
}

static inline double named(const char *model, const char *what)
{
    char name[64];

    snprintf(name, sizeof name, "%s.%s", model, what);
    return reference(TOPIC, name);
}

static inline double named_at(const char *model, const char *what, size_t i)
{
    char name[64];

    snprintf(name, sizeof name, "%s.%s", model, what);
    return reference_at(TOPIC, name, i + 1);
}

static inline void check_errors(const struct rk_glm *glm, const char *model,
                                enum rk_vcov_method method, const char *what,
                                const struct rk_clusters *groups)
{
    struct rk_covariance covariance;

    assert_int_equal(rk_covariance_of(glm->fit, method, groups, &covariance, NULL), RK_OK);
    assert_int_equal(covariance.method, method);
    for (size_t j = 0; j < glm->p; j++)
        assert_close(covariance.std_error[j], named_at(model, what, j), TOLERANCE);
    if (method == RK_VCOV_CR2) {
        for (size_t j = 0; j < glm->p; j++) {
            assert_close(covariance.df[j], named_at(model, "cr2_df", j), TOLERANCE);
            if (glm->within == NULL)
                assert_close(covariance.std_error[j], named_at(model, "cr2_response", j), 0.05);
        }
    } else if (!rk_vcov_is_clustered(method)) {
        assert_true(isinf(covariance.df[0]));
    }
    rk_covariance_free(&covariance);
}

static inline void check_hc(const struct rk_glm *glm, const char *model)
{
    static const char *const names[] = {"hc0", "hc1", "hc2", "hc3", "hc4"};

    for (int i = 0; i < 5; i++)
        check_errors(glm, model, (enum rk_vcov_method)(RK_VCOV_HC0 + i), names[i], NULL);
}

static inline void check_likelihood(const struct rk_glm *glm, const char *model)
{
    assert_close(glm->log_lik, named(model, "log_lik"), TOLERANCE);
    assert_close(glm->aic, named(model, "aic"), TOLERANCE);
    assert_close(glm->bic, named(model, "bic"), TOLERANCE);
}

#endif
