#include "repkit/glm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "glm_parts.h"
#include "repkit/distributions.h"

enum { MOST_NULL_STEPS = 200 };

static enum rk_status check_outcome(enum rk_family family, double y, double w,
                                    struct rk_error *error)
{
    if (!isfinite(y) || y < 0.0)
        return rk_fail(error, RK_EDOMAIN, "%s: the outcome must not be negative",
                       rk_family_name(family));
    if (family == RK_FAMILY_BINOMIAL && y > 1.0)
        return rk_fail(error, RK_EDOMAIN, "binomial: the outcome must be between 0 and 1");
    if (family == RK_FAMILY_BINOMIAL && y > 0.0 && y < 1.0 && !glm_is_whole(w * y))
        return rk_fail(error, RK_EDOMAIN,
                       "binomial: a share needs its number of trials as its weight");
    if (family == RK_FAMILY_NEGBIN && y != round(y))
        return rk_fail(error, RK_EDOMAIN, "negbin: the outcome must be a whole number");
    return RK_OK;
}

static enum rk_status check(const struct rk_glm_design *design, struct rk_error *error)
{
    const struct rk_design *rows = &design->rows;
    enum rk_status status = RK_OK;

    if (design->family == RK_FAMILY_GAUSSIAN || design->family >= RK_FAMILY_COUNT)
        return rk_fail(error, RK_EDOMAIN, "no generalised linear model of this family");
    if (design->n_effects > 0 && design->family != RK_FAMILY_POISSON)
        return rk_fail(error, RK_EDOMAIN, "fixed effects are absorbed with poisson only");
    for (size_t i = 0; i < rows->n && status == RK_OK; i++) {
        double w = rows->weights != NULL ? rows->weights[i] : 1.0;

        if (!isfinite(w) || w < 0.0)
            status = rk_fail(error, RK_EDOMAIN, "a weight is negative or not finite");
        else if (design->offset != NULL && !isfinite(design->offset[i]))
            status = rk_fail(error, RK_EDOMAIN, "an offset is not finite");
        else if (w > 0.0)
            status = check_outcome(design->family, rows->y[i], w, error);
    }
    return status;
}

/* --- rows ------------------------------------------------------------------------------------ */

/* Drops the rows of levels in which y is always 0, or which have no other row. Returns how many. */
static size_t prune_effect(const struct rk_glm_design *design, size_t e, size_t *count,
                           double *total, bool *keep, struct rk_glm *glm)
{
    const uint32_t *code = design->effect[e];
    size_t dropped = 0;

    memset(count, 0, design->n_levels[e] * sizeof *count);
    memset(total, 0, design->n_levels[e] * sizeof *total);
    for (size_t i = 0; i < design->rows.n; i++) {
        count[code[i]] += keep[i];
        total[code[i]] += keep[i] ? design->rows.y[i] : 0.0;
    }
    for (size_t i = 0; i < design->rows.n; i++) {
        if (!keep[i] || (total[code[i]] > 0.0 && count[code[i]] > 1))
            continue;
        keep[i] = false;
        dropped++;
        if (total[code[i]] > 0.0)
            glm->n_singletons++;
        else
            glm->n_zero++;
    }
    return dropped;
}

static enum rk_status prune(const struct rk_glm_design *design, bool *keep, struct rk_glm *glm)
{
    size_t most = 0, dropped, *count;
    double *total;

    for (size_t e = 0; e < design->n_effects; e++)
        most = design->n_levels[e] > most ? design->n_levels[e] : most;
    count = malloc((most + 1) * sizeof *count);
    total = malloc((most + 1) * sizeof *total);
    do { /* what one effect drops can leave another's level with a single row */
        dropped = 0;
        for (size_t e = 0; e < design->n_effects && count != NULL && total != NULL; e++)
            dropped += prune_effect(design, e, count, total, keep, glm);
    } while (dropped > 0);
    free(count);
    free(total);
    return count != NULL && total != NULL ? RK_OK : RK_ENOMEM;
}

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

static void rows_free(struct rk_glm *glm)
{
    free(glm->row);
    free(glm->y);
    free(glm->X);
    free(glm->weights);
    free(glm->offset);
    free(glm->eta);
    free(glm->mu);
    free(glm->z);
    free(glm->W);
    rk_fit_free(glm->fit);
    rk_within_free(glm->within);
    glm->row = NULL;
    glm->y = glm->X = glm->weights = glm->offset = glm->eta = glm->mu = glm->z = glm->W = NULL;
    glm->fit = NULL;
    glm->within = NULL;
}

void rk_glm_free(struct rk_glm *glm)
{
    if (glm == NULL)
        return;
    rows_free(glm);
    free(glm);
}

static void work_free(struct glm_work *work)
{
    for (size_t e = 0; work->effect != NULL && e < work->n_effects; e++)
        free(work->effect[e]);
    free(work->effect);
    free(work->n_levels);
    free(work->next);
    free(work->change);
    free(work->separated);
}

static bool allocate(struct rk_glm *glm, struct glm_work *work, size_t n_effects)
{
    size_t n = glm->n;
    bool fine;

    glm->row = calloc(n + 1, sizeof *glm->row);
    glm->y = numbers(n);
    glm->X = numbers(n * glm->p);
    glm->weights = numbers(n);
    glm->offset = numbers(n);
    glm->eta = numbers(n);
    glm->mu = numbers(n);
    glm->z = numbers(n);
    glm->W = numbers(n);
    work->change = numbers(n);
    work->next = numbers(n);
    work->separated = calloc(n + 1, sizeof *work->separated);
    work->effect = calloc(n_effects + 1, sizeof *work->effect);
    work->n_levels = calloc(n_effects + 1, sizeof *work->n_levels);
    fine = glm->row != NULL && glm->y != NULL && glm->X != NULL && glm->weights != NULL &&
           glm->offset != NULL && glm->eta != NULL && glm->mu != NULL && glm->z != NULL &&
           glm->W != NULL && work->change != NULL && work->next != NULL &&
           work->separated != NULL && work->effect != NULL && work->n_levels != NULL;
    for (size_t e = 0; e < n_effects && fine; e++) {
        work->n_effects = e + 1;
        work->effect[e] = calloc(n + 1, sizeof **work->effect);
        fine = work->effect[e] != NULL;
    }
    return fine;
}

/* Takes over the rows that are kept. RK_OK or RK_ENOMEM. */
static enum rk_status take_rows(const struct rk_glm_design *design, const bool *keep,
                                struct rk_glm *glm, struct glm_work *work)
{
    const struct rk_design *rows = &design->rows;
    size_t k = 0;

    rows_free(glm);
    glm->n = 0;
    for (size_t i = 0; i < rows->n; i++)
        glm->n += keep[i];
    *work = (struct glm_work){.glm = glm, .ctx = work->ctx};
    if (!allocate(glm, work, design->n_effects))
        return RK_ENOMEM;
    for (size_t i = 0; i < rows->n; i++) {
        if (!keep[i])
            continue;
        glm->row[k] = i;
        glm->y[k] = rows->y[i];
        glm->weights[k] = rows->weights != NULL ? rows->weights[i] : 1.0;
        glm->offset[k] = design->offset != NULL ? design->offset[i] : 0.0;
        for (size_t j = 0; j < glm->p; j++)
            glm->X[j * glm->n + k] = rows->X[j * rows->n + i];
        for (size_t e = 0; e < design->n_effects; e++) {
            work->effect[e][k] = design->effect[e][i];
            work->n_levels[e] = design->n_levels[e];
        }
        k++;
    }
    return RK_OK;
}

/* --- the fit --------------------------------------------------------------------------------- */

static enum rk_status check_rows(const struct rk_glm *glm, struct rk_error *error)
{
    bool zero = false, positive = false;

    if (glm->n == 0)
        return rk_fail(error, glm->n_zero > 0 ? RK_ECONSTANT : RK_ENODATA, "%s",
                       glm->n_zero > 0 ? "the outcome is 0 in every row" : "no rows to fit");
    for (size_t i = 0; i < glm->n; i++) {
        zero = zero || glm->y[i] < 1.0;
        positive = positive || glm->y[i] > 0.0;
    }
    if (!positive)
        return rk_fail(error, RK_ECONSTANT, "the outcome is 0 in every row");
    if (glm->family == RK_FAMILY_BINOMIAL && !zero)
        return rk_fail(error, RK_ECONSTANT, "the outcome is 1 in every row");
    return RK_OK;
}

/* log(sum w y / sum w exp(offset)), or the logit of the mean; 0 where no column says it. */
static double constant(const struct rk_glm *glm, bool intercept)
{
    double y = 0.0, base = 0.0;

    if (!intercept)
        return 0.0;

    for (size_t i = 0; i < glm->n; i++) {
        y += glm->weights[i] * glm->y[i];
        base += glm->weights[i] *
                (glm->family == RK_FAMILY_BINOMIAL ? 1.0 - glm->y[i] : exp(glm->offset[i]));
    }
    return log(y) - log(base);
}

static enum rk_status maximise(struct glm_work *work, struct rk_error *error)
{
    struct rk_glm *glm = work->glm;

    glm->deviance = work->guarded ? glm_deviance(glm, glm->eta) : INFINITY;
    glm->theta = glm->theta_se = glm->poisson_log_lik = NAN;
    return glm->family == RK_FAMILY_NEGBIN ? glm_negative_binomial(work, error)
                                           : glm_iterate(work, error);
}

/* From the outcome itself, as R does; from a constant where that leads nowhere. */
static enum rk_status maximise_from(struct glm_work *work, enum rk_family family,
                                    struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    enum rk_status status;

    for (size_t i = 0; i < glm->n; i++)
        glm->eta[i] = glm_start(glm, i);
    status = maximise(work, error);
    if (status != RK_ENOCONVERGE && status != RK_EDOMAIN)
        return status;
    glm->family = family;
    work->guarded = true;
    for (size_t i = 0; i < glm->n; i++)
        glm->eta[i] = constant(glm, glm->has_intercept || work->n_effects > 0) + glm->offset[i];
    return maximise(work, error);
}

/* Fits, and where counts are 0 for sure leaves those rows out and fits the rest. */
static enum rk_status fit(const struct rk_glm_design *design, bool *keep, struct rk_glm *glm,
                          struct glm_work *work, struct rk_error *error)
{
    for (;;) {
        enum rk_status status = prune(design, keep, glm);

        work_free(work);
        if (status == RK_OK)
            status = take_rows(design, keep, glm, work);
        if (status != RK_OK)
            return rk_fail_memory(error);
        status = check_rows(glm, error);
        if (status == RK_OK)
            status = maximise_from(work, design->family, error);
        if (status != RK_OK || work->n_separated == 0)
            return status;
        if (glm->family == RK_FAMILY_BINOMIAL) {
            glm->separated = true;
            return RK_OK;
        }
        for (size_t i = 0; i < glm->n; i++) {
            if (work->separated[i])
                keep[glm->row[i]] = false;
        }
        glm->n_separated += work->n_separated;
        glm->family = design->family;
    }
}

/* --- what is said of it ---------------------------------------------------------------------- */

/* The deviance of an intercept and the offset, or of the offset alone. */
static double null_deviance(const struct rk_glm *glm, bool intercept, double *eta)
{
    double at = constant(glm, intercept);

    for (int step = 0; step < MOST_NULL_STEPS; step++) {
        double score = 0.0, information = 0.0, change;

        for (size_t i = 0; i < glm->n; i++) {
            double W;

            eta[i] = at + glm->offset[i];
            W = glm->weights[i] * glm_weight(glm, eta[i]);
            score += W * glm_residual(glm, glm->y[i], eta[i]);
            information += W;
        }
        change = score / information;
        if (!intercept || fabs(change) <= 1e-14 * (fabs(at) + 1.0) || !isfinite(change))
            break;
        at += fmin(1.0, fmax(-1.0, change));
    }
    return glm_deviance(glm, eta);
}

enum rk_status glm_summarise(struct rk_glm *glm, double parameters)
{
    glm->deviance = glm_deviance(glm, glm->eta);
    glm->pearson = glm_pearson(glm, glm->eta);
    glm->log_lik = glm_log_likelihood(glm, glm->eta);
    parameters += glm->family == RK_FAMILY_NEGBIN;
    glm->aic = -2.0 * glm->log_lik + 2.0 * parameters;
    glm->bic = -2.0 * glm->log_lik + log((double)glm->n) * parameters;
    glm->auc = NAN;
    glm_finish_fit(glm);
    return glm->family == RK_FAMILY_BINOMIAL ? glm_auc(glm, &glm->auc) : RK_OK;
}

static enum rk_status summarise(struct rk_glm *glm, struct glm_work *work, struct rk_error *error)
{
    double parameters = (double)(glm->fit->rank + glm->fit->df_absorbed);
    bool intercept = glm->has_intercept || work->n_effects > 0;

    glm->df_residual = (double)glm->n - parameters;
    glm->df_null = (double)glm->n - (intercept ? 1.0 : 0.0);
    if (glm->df_residual < 0.0)
        return rk_fail(error, RK_ETOOFEW, "%zu rows for %g coefficients: too few", glm->n,
                       parameters);
    if (glm->within != NULL) {
        memcpy(glm->within->row, glm->row, glm->n * sizeof *glm->row);
        glm->within->n_singletons = glm->n_singletons;
    }
    glm->null_deviance = null_deviance(glm, intercept, work->next);
    return glm_summarise(glm, parameters) == RK_OK ? RK_OK : rk_fail_memory(error);
}

enum rk_status rk_glm_new(const struct rk_glm_design *design, const struct rk_ctx *ctx,
                          struct rk_glm **glm, struct rk_error *error)
{
    struct glm_work work = {.ctx = ctx};
    enum rk_status status = check(design, error);
    struct rk_glm *made;
    bool *keep;

    if (status != RK_OK)
        return status;
    made = calloc(1, sizeof *made);
    keep = calloc(design->rows.n + 1, sizeof *keep);
    if (made == NULL || keep == NULL) {
        free(made);
        free(keep);
        return rk_fail_memory(error);
    }
    made->family = design->family;
    made->p = design->rows.p;
    made->has_intercept = design->rows.has_intercept;
    made->has_weights = design->rows.weights != NULL;
    for (size_t i = 0; i < design->rows.n; i++)
        keep[i] = design->rows.weights == NULL || design->rows.weights[i] > 0.0;
    status = fit(design, keep, made, &work, error);
    if (status == RK_OK)
        status = summarise(made, &work, error);
    work_free(&work);
    free(keep);
    if (status == RK_OK)
        *glm = made;
    else
        rk_glm_free(made);
    return status;
}
