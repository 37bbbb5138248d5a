#include "repkit/panel_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/wild.h"
#include "repkit/within.h"

/* --- without the effects ------------------------------------------------------------------ */

/* What is left of the problem when units and periods are out. */
struct reduced {
    struct rk_within *within;
    struct rk_design design;
    struct rk_clusters clusters;
    double *crossed; /* what the periods span: to CR2 they are further columns */
};

static void reduced_free(struct reduced *r)
{
    rk_within_free(r->within);
    free(r->crossed);
}

static enum rk_status reduce(const struct rk_panel_design *d, const struct rk_ctx *ctx,
                             struct reduced *r, struct rk_error *error)
{
    static const bool nested[] = {true, false};
    const uint32_t *const code[] = {d->unit, d->period};
    const size_t n_levels[] = {d->n_units, d->n_periods};
    struct rk_absorbed effects = {d->n, 2, code, n_levels, NULL};
    struct rk_design design = {.n = d->n, .p = d->p, .y = d->y, .X = d->X};
    enum rk_status status = rk_within_absorb(&design, &effects, false, ctx, &r->within, error);

    if (status != RK_OK)
        return status;
    r->design = rk_within_design(r->within);
    r->clusters = (struct rk_clusters){.code = r->within->effect[0],
                                       .n_codes = r->within->n_levels[0],
                                       .df_nested = r->within->n_levels[0]};
    status = rk_within_crossed(r->within, nested, &r->crossed, &r->clusters.n_crossed);
    r->clusters.crossed = r->crossed;
    if (status == RK_EDOMAIN) /* too many periods: CR1 will do without */
        return RK_OK;
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

/* --- the fit ------------------------------------------------------------------------------ */

static enum rk_status copy_fit(const struct rk_fit *fit, const struct rk_covariance *v, size_t p,
                               struct rk_panel_fit *out, struct rk_error *error)
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
                                 .reason = v->reason};
    memcpy(out->coef, fit->coef, p * sizeof *room);
    memcpy(out->std_error, v->std_error, p * sizeof *room);
    memcpy(out->df, v->df, p * sizeof *room);
    for (size_t j = 0; j < p; j++)
        memcpy(out->vcov + j * p, v->vcov + j * v->p, p * sizeof *room);
    return RK_OK;
}

/* With few clusters the first coefficient is tested by the wild bootstrap, too. */
static enum rk_status try_wild(const struct rk_fit *fit, const struct reduced *r,
                               const struct rk_panel_design *design, const struct rk_ctx *ctx,
                               struct rk_panel_fit *out)
{
    struct rk_wild_plan plan = {.draws = design->wild_draws,
                                .label = design->label,
                                .conf_level = design->conf_level,
                                .alternative = RK_TWO_SIDED};
    struct rk_wild wild;
    enum rk_status status;

    if (design->wild_draws == 0 || out->n_units >= RK_PANEL_WILD_BELOW ||
        out->method != RK_VCOV_CR2)
        return RK_OK;
    status = rk_wild_new(fit, &r->clusters, &plan, ctx, &wild, NULL);
    if (status != RK_OK)
        return rk_status_is_undefined(status) ? RK_OK : status;
    out->wild = true;
    out->wild_p = wild.p_value[0];
    out->wild_low = wild.conf_low[0];
    out->wild_high = wild.conf_high[0];
    out->wild_draws = wild.n_draws;
    rk_wild_free(&wild);
    return RK_OK;
}

enum rk_status rk_panel_fit_new(const struct rk_panel_design *design, const struct rk_ctx *ctx,
                                struct rk_panel_fit *fit, struct rk_error *error)
{
    struct reduced r = {0};
    struct rk_fit *made = NULL;
    struct rk_covariance v = {0};
    struct rk_panel_fit out = {0};
    enum rk_status status;

    if (design->n == 0)
        return rk_fail(error, RK_ENODATA, "%s", rk_status_words(RK_ENODATA));
    status = reduce(design, ctx, &r, error);
    if (status == RK_OK)
        status = rk_fit_new(&r.design, ctx, &made, error);
    if (status == RK_OK)
        status = rk_covariance_of(made, RK_VCOV_CR2, &r.clusters, &v, error);
    if (status == RK_OK)
        status = copy_fit(made, &v, design->p, &out, error);
    if (status == RK_OK) {
        status = try_wild(made, &r, design, ctx, &out);
        if (status != RK_OK)
            rk_fail(error, status, "%s", rk_status_words(status));
    }
    rk_covariance_free(&v);
    rk_fit_free(made);
    reduced_free(&r);
    if (status == RK_OK)
        *fit = out;
    else
        rk_panel_fit_free(&out);
    return status;
}

void rk_panel_fit_free(struct rk_panel_fit *fit)
{
    free(fit->coef); /* the others lie in the same piece of memory */
    memset(fit, 0, sizeof *fit);
}
