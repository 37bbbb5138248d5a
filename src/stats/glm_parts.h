/* What the files of generalised linear models share; private to src/stats/glm*.c, firth.c and
 * negative_binomial.c. */
#ifndef REPKIT_GLM_PARTS_H
#define REPKIT_GLM_PARTS_H

#include "repkit/glm.h"

/* --- families (glm_family.c) ----------------------------------------------------------------- */

/* The working problem's weight for prior weight 1, and its residual (y - mu) / mu'. */
double glm_weight(const struct rk_glm *glm, double eta);
double glm_residual(const struct rk_glm *glm, double y, double eta);
/* The same with minus the second derivative of the likelihood itself, which is above 0 for every
 * family, in the place of its mean: Newton's step, where scoring can swing to and fro. */
double glm_newton_weight(const struct rk_glm *glm, double y, double eta);
/* The linear predictor to start from, offset included. */
double glm_start(const struct rk_glm *glm, size_t i);
/* Sum of w d(y, mu) at these linear predictors: NaN or infinite where a mean is out of range. */
double glm_deviance(const struct rk_glm *glm, const double *eta);
double glm_log_likelihood(const struct rk_glm *glm, const double *eta);
double glm_pearson(const struct rk_glm *glm, const double *eta);
bool glm_is_whole(double x); /* as good as */

/* --- the iteration (glm_irls.c) -------------------------------------------------------------- */

struct glm_work {
    struct rk_glm *glm;
    const struct rk_ctx *ctx;
    uint32_t **effect; /* of glm's rows */
    size_t *n_levels, n_effects;
    double *next;       /* n: the next linear predictor */
    double *change;     /* n: what the last step changed of it */
    bool *separated;    /* n: see glm_separates */
    size_t n_separated; /* of them */
    bool guarded;       /* eta is what some coefficients give: the first step must improve on it */
};

/* From glm->eta to the maximum: fills eta, mu, deviance, fit, within, iterations, converged. Stops
 * early, with RK_OK and n_separated > 0, when the maximum turns out to lie at infinity. */
enum rk_status glm_iterate(struct glm_work *work, struct rk_error *error);
/* Puts what is printed of a likelihood into the least-squares fit: see struct rk_glm. */
void glm_finish_fit(struct rk_glm *glm);

/* Whether the change of the linear predictors is a direction in which the likelihood rises for
 * ever: no row's gets worse, some rows' get better. Marks those rows and counts them. */
bool glm_separates(struct glm_work *work, const double *change);

/* --- the rest -------------------------------------------------------------------------------- */

/* theta that maximises the likelihood at glm->mu, and its standard error (negative_binomial.c).
 * RK_OK; RK_ENOCONVERGE; infinite theta where the counts vary no more than Poisson's. */
enum rk_status glm_theta(const struct rk_glm *glm, double *theta, double *std_error);
/* Fits theta and the coefficients in turn. */
enum rk_status glm_negative_binomial(struct glm_work *work, struct rk_error *error);
/* Deviance, likelihoods and the rest at glm->eta; parameters: how many were estimated (glm.c).
 * RK_OK or RK_ENOMEM. */
enum rk_status glm_summarise(struct rk_glm *glm, double parameters);
/* NaN without successes or failures. RK_OK or RK_ENOMEM (glm_tests.c). */
enum rk_status glm_auc(const struct rk_glm *glm, double *auc);

#endif
