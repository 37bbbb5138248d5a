/* The dispersion of the negative binomial, and its turns with the coefficients. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>

#include "glm_parts.h"
#include "repkit/sum.h"

static const double LARGEST_THETA = 1e6;
enum { MOST_TURNS = 200, MOST_STEPS = 200 };

static bool psi(double x, double *value)
{
    gsl_sf_result result;
    bool fine = gsl_sf_psi_e(x, &result) == GSL_SUCCESS;

    *value = result.val;
    return fine;
}

static bool psi_1(double x, double *value)
{
    gsl_sf_result result;
    bool fine = gsl_sf_psi_1_e(x, &result) == GSL_SUCCESS;

    *value = result.val;
    return fine;
}

/* The first derivative of the log-likelihood by theta, and minus the second. */
static bool derivatives(const struct rk_glm *glm, double theta, double *score, double *information)
{
    struct rk_sum first = {0}, second = {0};
    double psi_theta, psi_1_theta;
    bool fine = psi(theta, &psi_theta) && psi_1(theta, &psi_1_theta);

    for (size_t i = 0; i < glm->n && fine; i++) {
        double y = glm->y[i], mu = glm->mu[i], w = glm->weights[i], here = 0.0, here_1 = 0.0;

        if (y > 0.0) {
            fine = psi(theta + y, &here) && psi_1(theta + y, &here_1);
            here -= psi_theta;
            here_1 -= psi_1_theta;
        }
        rk_sum_add(&first, w * (here - log1p(mu / theta) + (mu - y) / (mu + theta)));
        rk_sum_add(&second, -w * (here_1 + mu / (theta * (mu + theta)) -
                                  (mu - y) / ((mu + theta) * (mu + theta))));
    }
    *score = rk_sum_value(&first);
    *information = rk_sum_value(&second);
    return fine;
}

/* The moment estimate: where it is not positive, counts vary less than Poisson's. */
static double start(const struct rk_glm *glm)
{
    double sum = 0.0, n = 0.0;

    for (size_t i = 0; i < glm->n; i++) {
        double ratio = glm->y[i] / glm->mu[i] - 1.0;

        sum += glm->weights[i] * ratio * ratio;
        n += glm->weights[i];
    }
    return n / sum;
}

/* Newton's method on log theta, which keeps theta positive, between bounds that close in: the score
 * is positive below the maximum and negative above it. */
enum rk_status glm_theta(const struct rk_glm *glm, double *theta, double *std_error)
{
    double low = 1e-10, high = LARGEST_THETA, t = fmin(fmax(start(glm), 1e-6), 1e5), score, info;

    if (!derivatives(glm, high, &score, &info))
        return RK_ENOCONVERGE;
    if (score >= 0.0) {
        *theta = INFINITY;
        return RK_OK;
    }
    for (int i = 0; i < MOST_STEPS; i++) {
        double slope, next;

        if (!derivatives(glm, t, &score, &info))
            return RK_ENOCONVERGE;
        if (score > 0.0)
            low = t;
        else
            high = t;
        slope = t * t * info - t * score; /* minus the second derivative by log theta */
        next = slope > 0.0 ? t * exp(fmin(2.0, fmax(-2.0, t * score / slope))) : NAN;
        if (!(next > low && next < high))
            next = sqrt(low * high);
        if (fabs(next - t) <= 1e-13 * t || score == 0.0) {
            if (!(info > 0.0))
                return RK_ENOCONVERGE;
            *theta = next;
            *std_error = 1.0 / sqrt(info);
            return RK_OK;
        }
        t = next;
    }
    return RK_ENOCONVERGE;
}

/* At theta's end of the range the fit is Poisson's. */
static enum rk_status become_poisson(struct glm_work *work, struct rk_error *error)
{
    work->glm->is_poisson = true;
    work->glm->theta = work->glm->theta_se = NAN;
    work->glm->family = RK_FAMILY_POISSON;
    work->glm->deviance = glm_deviance(work->glm, work->glm->eta);
    return glm_iterate(work, error);
}

enum rk_status glm_negative_binomial(struct glm_work *work, struct rk_error *error)
{
    struct rk_glm *glm = work->glm;
    enum rk_status status;

    glm->family = RK_FAMILY_POISSON;
    if (work->guarded)
        glm->deviance = glm_deviance(glm, glm->eta);
    status = glm_iterate(work, error);
    if (status != RK_OK || work->n_separated > 0) {
        glm->family = RK_FAMILY_NEGBIN;
        return status;
    }
    glm->poisson_log_lik = glm_log_likelihood(glm, glm->eta);
    glm->family = RK_FAMILY_NEGBIN;
    for (int turn = 0; turn < MOST_TURNS && status == RK_OK; turn++) {
        double before = glm->theta;

        status = glm_theta(glm, &glm->theta, &glm->theta_se);
        if (status != RK_OK)
            return rk_fail(error, status, "theta of the negative binomial has no estimate");
        if (isinf(glm->theta))
            return become_poisson(work, error);
        if (fabs(glm->theta - before) <= 1e-11 * glm->theta)
            return RK_OK;
        glm->deviance = glm_deviance(glm, glm->eta); /* another theta, another deviance */
        status = glm_iterate(work, error);
        if (work->n_separated > 0)
            return status;
    }
    return status != RK_OK
               ? status
               : rk_fail(error, RK_ENOCONVERGE, "theta of the negative binomial does not settle");
}
