/* rep-regress --robust: MM-estimates, or Huber's, in the place of least squares. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

enum rk_status regress_robust_check(const struct rk_regress_options *options,
                                    struct rk_error *error)
{
    const char *with = NULL;

    if (!options->robust)
        return RK_OK;
    if (options->family != RK_FAMILY_GAUSSIAN)
        with = "--family";
    else if (options->vcov != RK_VCOV_DEFAULT)
        with = "--vcov";
    else if (options->cluster.n > 0)
        with = "--cluster";
    else if (options->weights != NULL)
        with = "-w";
    if (with != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--robust does not go with %s: it is least squares with weights and "
                       "errors of its own",
                       with);
    if (options->formula->fixed_effects.n > 0)
        return rk_fail(
            error, RK_EUSAGE,
            "--robust: effects after | are taken out by means, which odd rows bend; write "
            "factor(%s)",
            options->formula->fixed_effects.name[0]);
    return RK_OK;
}

/* Everything that reads a fit reads the MM-estimates in it; what they have no value for is NA. */
static void take_over(const struct rk_mm *mm, struct rk_fit *fit)
{
    memcpy(fit->coef, mm->coef, mm->p * sizeof *fit->coef);
    memcpy(fit->fitted, mm->fitted, mm->n * sizeof *fit->fitted);
    memcpy(fit->residual, mm->residual, mm->n * sizeof *fit->residual);
    memcpy(fit->u, mm->residual, mm->n * sizeof *fit->u);
    fit->sigma = mm->scale;
    fit->r_squared = mm->r_squared;
    fit->adj_r_squared = mm->adj_r_squared;
    fit->rss = fit->tss = fit->tss_within = fit->tss_centred = fit->f_statistic = NAN;
    fit->log_lik = fit->aic = fit->bic = NAN;
    fit->errors = RK_OK;
}

static enum rk_status take_errors(struct regression *r, struct rk_error *error)
{
    struct rk_covariance *c = &r->covariance;
    size_t p = r->mm->p;

    *c = (struct rk_covariance){.method = RK_VCOV_CLASSICAL, .reason = "", .p = p};
    c->vcov = malloc((p * p + 1) * sizeof *c->vcov);
    c->std_error = malloc((p + 1) * sizeof *c->std_error);
    c->df = malloc((p + 1) * sizeof *c->df);
    if (c->vcov == NULL || c->std_error == NULL || c->df == NULL)
        return rk_fail_memory(error);
    memcpy(c->vcov, r->mm->vcov, p * p * sizeof *c->vcov);
    memcpy(c->std_error, r->mm->std_error, p * sizeof *c->std_error);
    for (size_t j = 0; j < p; j++)
        c->df[j] = isnan(r->mm->coef[j]) ? NAN : r->mm->df_residual;
    c->f_statistic = c->f_df1 = c->f_df2 = NAN;
    r->errors = RK_OK;
    return RK_OK;
}

enum rk_status regress_robust_fit(struct regression *r, struct rk_error *error)
{
    enum rk_status status = r->options->robust == RK_ROBUST_HUBER
                                ? rk_huber_new(&r->design, r->ctx, &r->mm, error)
                                : rk_mm_new(&r->design, 0, r->ctx, &r->mm, error);

    if (status == RK_OK)
        status = rk_fit_new(&r->design, r->ctx, &r->fit, error);
    if (status != RK_OK)
        return status;
    take_over(r->mm, r->fit);
    return take_errors(r, error);
}

void regress_robust_add_method(const struct regression *r, struct rk_text *out)
{
    bool huber = r->options->robust == RK_ROBUST_HUBER;

    rk_text_add(out, huber ? "Huber's M-estimation (k = 1.345, scale MAD; rows that are odd in the "
                             "terms bend it)"
                           : "MM-estimation (bisquare, 95% efficiency)");
    if (r->mm->n_outliers > 0)
        rk_text_format(out, ", %zu row%s of weight %s", r->mm->n_outliers,
                       r->mm->n_outliers == 1 ? "" : "s", huber ? "below 1" : "near 0");
}
