/* Iteratively reweighted least squares. The iteration lives in the linear predictors: with effects
 * absorbed they are known where the effects themselves are not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "glm_parts.h"

enum { MOST_ITERATIONS = 300, MOST_HALVINGS = 40 };

/* The squared length of a step, in standard errors, that counts as none; and relative to that of
 * the working response, where rounding alone is longer. */
static const double SMALL_STEP = 1e-20;
static const double ROUNDING = 1e-22;

/* Newton's steps halve the weights of separated rows for ever, while the deviance settles. */
static const double SETTLED = 1e-6;
static const double STILL_MOVING = 0.1;

static enum rk_status absorb(struct glm_work *work, struct rk_design *design,
                             struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    struct rk_within *within = NULL;
    enum rk_status status = rk_within_new(design, (const uint32_t *const *)work->effect,
                                          work->n_levels, work->n_effects, &within, error);

    if (status != RK_OK)
        return status;
    rk_within_free(glm->within);
    glm->within = within;
    if (within->n != glm->n)
        return rk_fail(error, RK_ETOOFEW, "the fixed effects leave too few rows");
    *design = rk_within_design(within);
    return RK_OK;
}

/* Where nothing is absorbed, from the columns: rows that are equal get the same, to the last bit.
 */
static void predict(struct glm_work *work)
{
    const struct rk_glm *glm = work->glm;
    const struct rk_fit *fit = glm->fit;

    for (size_t i = 0; i < glm->n; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < fit->rank && work->n_effects == 0; j++)
            sum += fit->coef[fit->kept[j]] * glm->X[fit->kept[j] * glm->n + i];
        if (work->n_effects > 0)
            sum = glm->z[i] - fit->residual[i];
        work->next[i] = sum + glm->offset[i];
    }
}

/* One working problem at eta: its fit, and `next`. `newton`: with the likelihood's own curvature.
 */
static enum rk_status solve(struct glm_work *work, bool newton, struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    struct rk_design design = {.n = glm->n,
                               .p = glm->p,
                               .y = glm->z,
                               .X = glm->X,
                               .weights = glm->W,
                               .has_intercept = glm->has_intercept};
    struct rk_fit *fit = NULL;
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < glm->n; i++) {
        double expected = glm_weight(glm, glm->eta[i]), used = expected;

        if (newton)
            used = glm_newton_weight(glm, glm->y[i], glm->eta[i]);
        glm->W[i] = glm->weights[i] * used;
        glm->z[i] = glm->eta[i] - glm->offset[i] +
                    glm_residual(glm, glm->y[i], glm->eta[i]) * (expected / used);
    }
    if (work->n_effects > 0)
        status = absorb(work, &design, error);
    if (status == RK_OK)
        status = rk_fit_new(&design, work->ctx, &fit, error);
    if (status != RK_OK)
        return status;
    rk_fit_free(glm->fit);
    glm->fit = fit;
    predict(work);
    return RK_OK;
}

/* Rounding of the deviance, whose terms can be far larger than their sum, is no rise. */
static bool improves(const struct rk_glm *glm, double before, double after)
{
    double size = fabs(before) + 0.1, terms = 0.0;

    for (size_t i = 0; i < glm->n; i++)
        terms += glm->weights[i] * glm->y[i];
    return isfinite(after) && (isinf(before) || after <= before + 1e-9 * size + 1e-13 * terms);
}

/* Goes from eta to next, or less far where the deviance would rise. */
static enum rk_status step(struct glm_work *work, struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    double before = glm->deviance, after = glm_deviance(glm, work->next);
    int halvings = 0;

    while (!improves(glm, before, after) && halvings++ < MOST_HALVINGS) {
        for (size_t i = 0; i < glm->n; i++)
            work->next[i] = 0.5 * (work->next[i] + glm->eta[i]);
        after = glm_deviance(glm, work->next);
    }
    if (halvings > MOST_HALVINGS)
        return rk_fail(error, RK_ENOCONVERGE, "no step improves the likelihood any more");
    memcpy(glm->eta, work->next, glm->n * sizeof *glm->eta);
    glm->deviance = after;
    return RK_OK;
}

/* Squared length of the step in standard errors, its parts, the largest, and the size of what was
 * solved. */
static double measure(struct glm_work *work, double *largest, double *size)
{
    const struct rk_glm *glm = work->glm;
    double squares = 0.0;

    *largest = *size = 0.0;
    for (size_t i = 0; i < glm->n; i++) {
        double change = work->next[i] - glm->eta[i];

        squares += glm->W[i] * change * change;
        *size += glm->W[i] * glm->z[i] * glm->z[i];
        *largest = fmax(*largest, fabs(change));
        work->change[i] = change;
    }
    return squares;
}

enum rk_status glm_iterate(struct glm_work *work, struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    enum rk_status status = RK_OK;

    glm->converged = false;
    work->n_separated = 0;
    for (glm->iterations = 0; status == RK_OK && glm->iterations < MOST_ITERATIONS;) {
        double largest, size, squares, before = glm->deviance;

        status = rk_cancelled(work->ctx);
        if (status == RK_OK)
            status = solve(work, true, error);
        if (status != RK_OK)
            break;
        glm->iterations++;
        squares = measure(work, &largest, &size);
        glm->converged = squares <= SMALL_STEP + ROUNDING * size && largest < STILL_MOVING;
        if (glm->converged)
            break;
        status = step(work, error);
        if (status == RK_OK && largest > STILL_MOVING &&
            before - glm->deviance < SETTLED * (fabs(glm->deviance) + 0.1) &&
            glm_separates(work, work->change))
            return RK_OK;
    }
    if (glm->converged && glm->family == RK_FAMILY_NEGBIN)
        status = solve(work, false, error); /* errors stand on expected curvature */
    if (status == RK_OK && !glm->converged)
        status = rk_fail(error, RK_ENOCONVERGE, "the likelihood has no maximum after %d steps",
                         MOST_ITERATIONS);
    for (size_t i = 0; i < glm->n; i++)
        glm->mu[i] = rk_mean_of(glm->family, glm->eta[i]);
    return status;
}

void glm_finish_fit(struct rk_glm *glm)
{
    struct rk_fit *fit = glm->fit;

    fit->sigma = 1.0;
    fit->df_residual = INFINITY;
    fit->rss = fit->tss = fit->tss_within = fit->tss_centred = NAN;
    fit->r_squared = fit->adj_r_squared = fit->r_squared_within = fit->f_statistic = NAN;
    fit->log_lik = fit->aic = fit->bic = NAN;
    fit->errors = RK_OK;
}
