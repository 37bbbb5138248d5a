/* Logistic regression where the data separate: Firth's penalised likelihood, whose maximum is
 * always finite, with profile intervals. */
#ifndef REPKIT_FIRTH_H
#define REPKIT_FIRTH_H

#include "repkit/glm.h"

/* Replaces the estimates of a binomial fit by those that maximise
 *   l*(b) = log L(b) + log det(X'WX) / 2:  score sum_i (w_i (y_i - p_i) + h_i (1/2 - p_i)) x_i
 * glm  fit (coefficients, (X'WX)^-1, and the rows' weights and residuals at them, so that
 *      covariances serve), eta, mu, deviance, pearson, log_lik (not penalised), aic, bic, auc,
 *      iterations, converged; unchanged on failure
 * Returns RK_OK; RK_EDOMAIN (another family); RK_ENOCONVERGE; RK_ENOMEM; or what ctx's cancel says.
 * Source: Firth (1993), Biometrika 80.
 * In R: glm(y ~ X, binomial, method = brglm2::brglmFit, type = "MPL_Jeffreys"). */
enum rk_status rk_firth(struct rk_glm *glm, const struct rk_ctx *ctx, struct rk_error *error);

/* The profile of the penalised likelihood.
 * glm         as rk_firth left it
 * column      of the design, with a coefficient
 * conf_level  of the two-sided interval
 * Returns RK_OK; RK_EDOMAIN; RK_ENOCONVERGE; RK_ENOMEM; profile unchanged on failure.
 * Source: Heinze and Schemper (2002), Statistics in Medicine 21. In R: logistf::logistf. */
enum rk_status rk_firth_profile(const struct rk_glm *glm, size_t column, double conf_level,
                                const struct rk_ctx *ctx, struct rk_profile *profile,
                                struct rk_error *error);

#endif
