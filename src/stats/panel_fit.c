#include "repkit/panel_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/within.h"

/* --- the two ways to take effects out ----------------------------------------------------- */

/* What is left of the problem once a way has been chosen. */
struct reduced {
    struct rk_within *within;
    struct rk_design design;
    struct rk_clusters clusters;
    enum rk_vcov_method method;
    const char *reason;
    double *X;
};

static void reduced_free(struct reduced *r)
{
    rk_within_free(r->within);
    free(r->X);
}

static enum rk_status use_dummies(const struct rk_panel_design *d, struct reduced *r,
                                  struct rk_error *error)
{
    size_t n = d->n, p = d->p + d->n_periods - 1;
    struct rk_design design = {.n = n, .p = p, .y = d->y};
    enum rk_status status;

    r->X = malloc((n * p + 1) * sizeof *r->X);
    if (r->X == NULL)
        return rk_fail_memory(error);
    memcpy(r->X, d->X, n * d->p * sizeof *r->X);
    for (size_t t = 1; t < d->n_periods; t++)
        for (size_t i = 0; i < n; i++)
            r->X[(d->p + t - 1) * n + i] = d->period[i] == t;
    design.X = r->X;
    status = rk_within_new(&design, &d->unit, &d->n_units, 1, &r->within, error);
    if (status != RK_OK)
        return status;
    r->design = rk_within_design(r->within);
    r->clusters = (struct rk_clusters){.code = r->within->effect[0],
                                       .n_codes = r->within->n_levels[0],
                                       .df_nested = r->within->df};
    r->method = RK_VCOV_CR2;
    return RK_OK;
}

static enum rk_status use_two_way(const struct rk_panel_design *d, const struct rk_ctx *ctx,
                                  struct reduced *r, struct rk_error *error)
{
    const uint32_t *const code[] = {d->unit, d->period};
    const size_t n_levels[] = {d->n_units, d->n_periods};
    struct rk_effects effects = {d->n, 2, code, n_levels, NULL};
    struct rk_design design = {.n = d->n, .p = d->p, .y = d->y, .X = d->X};
    enum rk_status status = rk_within_absorb(&design, &effects, false, ctx, &r->within, error);

    if (status != RK_OK)
        return status;
    r->design = rk_within_design(r->within);
    r->clusters = (struct rk_clusters){.code = r->within->effect[0],
                                       .n_codes = r->within->n_levels[0],
                                       .df_nested = r->within->n_levels[0]};
    r->method = RK_VCOV_CLUSTER;
    r->reason = "too many periods for CR2";
    return RK_OK;
}

/* --- the fit ------------------------------------------------------------------------------ */

static enum rk_status copy_fit(const struct rk_fit *fit, const struct rk_covariance *v,
                               const struct reduced *r, size_t p, struct rk_panel_fit *out,
                               struct rk_error *error)
{
    double *room = malloc((p * p + 3 * p + 1) * sizeof *room);

    if (room == NULL)
        return rk_fail_memory(error);
    *out = (struct rk_panel_fit){.p = p,
                                 .coef = room,
                                 .std_error = room + p,
                                 .df = room + 2 * p,
                                 .vcov = room + 3 * p,
                                 .n = fit->n,
                                 .n_units = v->n_clusters,
                                 .method = v->method,
                                 .reason = r->reason != NULL ? r->reason : v->reason};
    memcpy(out->coef, fit->coef, p * sizeof *room);
    memcpy(out->std_error, v->std_error, p * sizeof *room);
    memcpy(out->df, v->df, p * sizeof *room);
    for (size_t j = 0; j < p; j++)
        memcpy(out->vcov + j * p, v->vcov + j * v->p, p * sizeof *room);
    return RK_OK;
}

enum rk_status rk_panel_fit_new(const struct rk_panel_design *design, const struct rk_ctx *ctx,
                                struct rk_panel_fit *fit, struct rk_error *error)
{
    struct reduced r = {0};
    struct rk_fit *made = NULL;
    struct rk_covariance v = {0};
    enum rk_status status;

    if (design->n == 0)
        return rk_fail(error, RK_ENODATA, "%s", rk_status_words(RK_ENODATA));
    if ((double)design->n * (double)(design->p + design->n_periods) <= RK_PANEL_CELLS)
        status = use_dummies(design, &r, error);
    else
        status = use_two_way(design, ctx, &r, error);
    if (status == RK_OK)
        status = rk_fit_new(&r.design, ctx, &made, error);
    if (status == RK_OK)
        status = rk_covariance_of(made, r.method, &r.clusters, &v, error);
    if (status == RK_OK)
        status = copy_fit(made, &v, &r, design->p, fit, error);
    rk_covariance_free(&v);
    rk_fit_free(made);
    reduced_free(&r);
    return status;
}

void rk_panel_fit_free(struct rk_panel_fit *fit)
{
    free(fit->coef); /* the others lie in the same piece of memory */
    memset(fit, 0, sizeof *fit);
}
