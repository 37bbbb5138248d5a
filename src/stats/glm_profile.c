/* Profiles of likelihoods: the model without a column, which an offset holds in its place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "glm_parts.h"
#include "profile.h"
#include "repkit/distributions.h"

static const double SMALL_CHANGE = 1e-13;
enum { MOST_TURNS = 100000 };

struct held {
    const struct rk_glm *glm;
    const struct rk_ctx *ctx;
    const double *x; /* of the column that is held */
    double *X;       /* the others that have a coefficient */
    double *offset;
    struct rk_glm_design design;
    double best; /* minus twice the log likelihood, or the deviance, at the maximum */
    struct rk_error *error;
};

/* Deviances differ as log likelihoods do, but for negbin's, whose theta moves. */
static double badness(const struct rk_glm *glm)
{
    return glm->family == RK_FAMILY_NEGBIN || glm->is_poisson ? -2.0 * glm->log_lik : glm->deviance;
}

/* Scales the means of each level of an effect so that they add up to its outcomes. Returns the
 * largest change; count and mean have room for its levels. */
static double scale_levels(const struct held *held, size_t e, double *eta, double *count,
                           double *mean)
{
    const struct rk_glm *glm = held->glm;
    const uint32_t *code = held->design.effect[e];
    double largest = 0.0;

    memset(count, 0, held->design.n_levels[e] * sizeof *count);
    memset(mean, 0, held->design.n_levels[e] * sizeof *mean);
    for (size_t i = 0; i < glm->n; i++) {
        count[code[i]] += glm->weights[i] * glm->y[i];
        mean[code[i]] += glm->weights[i] * exp(eta[i]);
    }
    for (size_t g = 0; g < held->design.n_levels[e]; g++) {
        mean[g] = log(count[g] / mean[g]);
        largest = fmax(largest, fabs(mean[g]));
    }
    for (size_t i = 0; i < glm->n; i++)
        eta[i] += mean[code[i]];
    return largest;
}

/* Poisson's maximum where nothing but effects is left, by turns. */
static enum rk_status effects_alone(struct held *held, double *deviance)
{
    size_t most = 0, turn = 0;
    double change = INFINITY, *work;

    for (size_t e = 0; e < held->design.n_effects; e++)
        most = held->design.n_levels[e] > most ? held->design.n_levels[e] : most;
    work = malloc((2 * most + 1) * sizeof *work);
    if (work == NULL)
        return RK_ENOMEM;
    for (; held->design.n_effects > 0 && change > SMALL_CHANGE && turn < MOST_TURNS; turn++) {
        change = 0.0;
        for (size_t e = 0; e < held->design.n_effects; e++)
            change = fmax(change, scale_levels(held, e, held->offset, work, work + most));
        if (held->design.n_effects == 1)
            break;
    }
    free(work);
    *deviance = glm_deviance(held->glm, held->offset);
    return turn < MOST_TURNS ? RK_OK : RK_ENOCONVERGE;
}

static enum rk_status loss_at(void *data, double at, double *loss)
{
    struct held *held = data;
    const struct rk_glm *glm = held->glm;
    struct rk_glm *fit = NULL;
    enum rk_status status;

    for (size_t i = 0; i < glm->n; i++)
        held->offset[i] = glm->offset[i] + at * held->x[i];
    if (held->design.rows.p == 0) {
        double deviance = NAN;

        status = effects_alone(held, &deviance);
        *loss = deviance - held->best;
        return status;
    }
    status = rk_glm_new(&held->design, held->ctx, &fit, held->error);
    if (status == RK_OK)
        *loss = badness(fit) - held->best;
    rk_glm_free(fit);
    return status;
}

static enum rk_status hold(struct held *held, size_t column)
{
    const struct rk_glm *glm = held->glm;
    struct rk_design *rows = &held->design.rows;

    held->X = malloc((glm->n * glm->p + 1) * sizeof *held->X);
    held->offset = malloc((glm->n + 1) * sizeof *held->offset);
    if (held->X == NULL || held->offset == NULL)
        return RK_ENOMEM;
    held->x = glm->X + column * glm->n;
    held->best = badness(glm);
    held->design.family = glm->is_poisson ? RK_FAMILY_NEGBIN : glm->family;
    held->design.offset = held->offset;
    *rows = (struct rk_design){.n = glm->n,
                               .y = glm->y,
                               .X = held->X,
                               .weights = glm->weights,
                               .has_intercept = glm->has_intercept && column > 0};
    for (size_t j = 0; j < glm->fit->rank; j++) {
        size_t from = glm->fit->kept[j];

        if (from != column)
            memcpy(held->X + rows->p++ * glm->n, glm->X + from * glm->n, glm->n * sizeof *held->X);
    }
    if (glm->within != NULL) {
        held->design.effect = (const uint32_t *const *)glm->within->effect;
        held->design.n_levels = glm->within->n_levels;
        held->design.n_effects = glm->within->n_effects;
    }
    return RK_OK;
}

/* A side on which the likelihood does not fall far enough has no limit. */
static enum rk_status limit_of(const struct profile_curve *curve, double best, double step,
                               double *limit)
{
    enum rk_status status = profile_limit(curve, best, step, limit);

    if (status != RK_ENOCONVERGE)
        return status;
    *limit = NAN;
    return RK_OK;
}

enum rk_status rk_glm_profile(const struct rk_glm *glm, size_t column, double conf_level,
                              const struct rk_ctx *ctx, struct rk_profile *profile,
                              struct rk_error *error)
{
    struct held held = {.glm = glm, .ctx = ctx, .error = error};
    struct profile_curve curve = {loss_at, &held,
                                  rk_qnorm(0.5 * (1.0 - conf_level), RK_UPPER_TAIL)};
    double b = column < glm->p ? glm->fit->coef[column] : NAN, step, loss = NAN;
    struct rk_profile made;
    enum rk_status status;

    if (isnan(b) || glm->separated || isnan(glm->log_lik) ||
        (glm->fit->rank == 1 && (glm->family == RK_FAMILY_NEGBIN || glm->is_poisson)))
        return rk_fail(error, RK_EDOMAIN, "no likelihood to profile");
    status = hold(&held, column);
    if (status != RK_OK)
        rk_fail_memory(error);
    step = curve.quantile * sqrt(glm->fit->cov_unscaled[column * glm->p + column]);
    if (status == RK_OK)
        status = limit_of(&curve, b, -step, &made.conf_low);
    if (status == RK_OK)
        status = limit_of(&curve, b, step, &made.conf_high);
    if (status == RK_OK)
        status = loss_at(&held, 0.0, &loss);
    free(held.X);
    free(held.offset);
    if (status != RK_OK)
        return status;
    made.statistic = copysign(sqrt(fmax(0.0, loss)), b);
    *profile = made;
    return RK_OK;
}
