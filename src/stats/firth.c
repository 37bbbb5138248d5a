#include "repkit/firth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firth_parts.h"
#include "glm_parts.h"
#include "profile.h"
#include "repkit/distributions.h"

/* The likelihood, unlike its maximum, is exact when steps are this short (squared). */
static const double PROFILE_STEP = 1e-13;

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

/* --- the estimates --------------------------------------------------------------------------- */

/* Which columns stand, where no fitted value is extreme. */
static enum rk_status independent(const struct rk_glm *glm, const struct rk_ctx *ctx,
                                  struct rk_fit **fit, struct rk_error *error)
{
    struct rk_design design = {.n = glm->n,
                               .p = glm->p,
                               .y = glm->y,
                               .X = glm->X,
                               .weights = glm->weights,
                               .has_intercept = glm->has_intercept};

    return rk_fit_new(&design, ctx, fit, error);
}

/* The working problem that has the penalised estimates as its solution, with the residuals of the
 * likelihood itself. z: n, filled. */
static enum rk_status final_fit(const struct firth *f, double *z, struct rk_fit **out,
                                struct rk_error *error)
{
    const struct rk_glm *glm = f->glm;
    struct rk_design design = {.n = f->n,
                               .p = glm->p,
                               .y = z,
                               .X = glm->X,
                               .weights = f->W,
                               .has_intercept = glm->has_intercept};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    for (size_t i = 0; i < f->n; i++)
        z[i] = f->eta[i] - glm->offset[i];
    status = rk_fit_new(&design, f->ctx, &fit, error);
    if (status == RK_OK && fit->rank != f->k) {
        rk_fit_free(fit);
        return rk_fail(error, RK_ENOCONVERGE, "Firth's likelihood: no convergence");
    }
    if (status != RK_OK)
        return status;
    for (size_t j = 0; j < f->k; j++)
        fit->coef[f->order[j]] = f->b[j];
    for (size_t i = 0; i < f->n; i++) {
        fit->residual[i] = f->e[i];
        fit->u[i] = fit->root[i] * f->e[i];
    }
    *out = fit;
    return RK_OK;
}

/* glm takes what f has found, and leaves f its own arrays to free. */
static void take_over(struct firth *f, double **z, struct rk_fit *fit, struct rk_glm *glm)
{
    double *spare;

    rk_fit_free(glm->fit);
    glm->fit = fit;
    glm->converged = true;
    glm->iterations = f->steps;
    spare = glm->eta, glm->eta = f->eta, f->eta = spare;
    spare = glm->W, glm->W = f->W, f->W = spare;
    spare = glm->z, glm->z = *z, *z = spare;
    for (size_t i = 0; i < f->n; i++)
        glm->mu[i] = rk_mean_of(RK_FAMILY_BINOMIAL, glm->eta[i]);
}

static enum rk_status estimate(struct firth *f, struct rk_glm *glm, struct rk_error *error)
{
    double *z = numbers(f->n);
    struct rk_fit *fit = NULL;
    enum rk_status status;

    if (z == NULL)
        return rk_fail_memory(error);
    status = firth_maximise(f);
    if (status != RK_OK)
        rk_fail(error, status, "Firth's likelihood: %s", rk_status_words(status));
    else
        status = final_fit(f, z, &fit, error);
    if (status == RK_OK) {
        take_over(f, &z, fit, glm);
        if (glm_summarise(glm, (double)f->k) != RK_OK)
            status = rk_fail_memory(error);
    }
    free(z);
    return status;
}

enum rk_status rk_firth(struct rk_glm *glm, const struct rk_ctx *ctx, struct rk_error *error)
{
    struct rk_fit *columns = NULL;
    struct firth f = {0};
    enum rk_status status;

    if (glm->family != RK_FAMILY_BINOMIAL)
        return rk_fail(error, RK_EDOMAIN, "Firth's likelihood is for binomial");
    status = independent(glm, ctx, &columns, error);
    if (status != RK_OK)
        return status;
    status = firth_init(glm, ctx, columns->kept, columns->rank, SIZE_MAX, &f);
    rk_fit_free(columns);
    if (status != RK_OK)
        return rk_fail_memory(error);
    status = estimate(&f, glm, error);
    firth_free(&f);
    return status;
}

/* --- profiles -------------------------------------------------------------------------------- */

/* Twice the loss of the penalised likelihood with the last coefficient held, from the maximum. */
struct held {
    struct firth *f;
    double best;
};

static enum rk_status loss_at(void *data, double at, double *loss)
{
    struct held *held = data;
    enum rk_status status;

    held->f->b[held->f->k - 1] = at;
    status = firth_maximise(held->f);
    *loss = 2.0 * (held->best - held->f->value);
    return status;
}

static enum rk_status fill_profile(struct firth *f, double conf_level, struct rk_profile *profile)
{
    double quantile = rk_qnorm(0.5 * (1.0 - conf_level), RK_UPPER_TAIL), own, step, loss;
    struct held held = {f, NAN};
    const struct profile_curve curve = {loss_at, &held, quantile};
    double *b = numbers(f->k);
    enum rk_status status;

    if (b == NULL)
        return RK_ENOMEM;
    memcpy(b, f->b, f->k * sizeof *b);
    own = b[f->k - 1];
    status = firth_evaluate(f, b);
    held.best = f->value;
    if (status == RK_OK) {
        step = quantile * fabs(f->fit->R_inverse[f->k * f->k - 1]); /* the last column's error */
        memcpy(f->b, b, f->k * sizeof *b);
        status = profile_limit(&curve, own, -step, &profile->conf_low);
        memcpy(f->b, b, f->k * sizeof *b);
        if (status == RK_OK)
            status = profile_limit(&curve, own, step, &profile->conf_high);
    }
    if (status == RK_OK) {
        memcpy(f->b, b, f->k * sizeof *b);
        status = loss_at(&held, 0.0, &loss);
        profile->statistic = copysign(sqrt(fmax(0.0, loss)), own);
    }
    free(b);
    return status;
}

enum rk_status rk_firth_profile(const struct rk_glm *glm, size_t column, double conf_level,
                                const struct rk_ctx *ctx, struct rk_profile *profile,
                                struct rk_error *error)
{
    struct rk_profile made = {0};
    struct firth f;
    enum rk_status status;

    if (glm->family != RK_FAMILY_BINOMIAL || isnan(glm->fit->coef[column]))
        return rk_fail(error, RK_EDOMAIN, "no coefficient to profile");
    status = firth_init(glm, ctx, glm->fit->kept, glm->fit->rank, column, &f);
    if (status != RK_OK)
        return rk_fail_memory(error);
    f.small_step = PROFILE_STEP;
    for (size_t j = 0; j < f.k; j++)
        f.b[j] = glm->fit->coef[f.order[j]];
    status = fill_profile(&f, conf_level, &made);
    firth_free(&f);
    if (status != RK_OK)
        return rk_fail(error, status, "profile likelihood: %s", rk_status_words(status));
    *profile = made;
    return RK_OK;
}
