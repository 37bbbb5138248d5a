/* What distinguishes the families: means, weights, deviances, likelihoods. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

#include "glm_parts.h"
#include "repkit/sum.h"

/* exp of this, and its square, are doubles far from their ends. */
static const double LARGEST_ETA = 300.0;

const char *rk_family_name(enum rk_family family)
{
    static const char *const names[RK_FAMILY_COUNT] = {"gaussian", "binomial", "poisson", "negbin"};

    return names[family];
}

static double bounded(double eta)
{
    return fmin(LARGEST_ETA, fmax(-LARGEST_ETA, eta));
}

static double logistic(double eta)
{
    return 1.0 / (1.0 + exp(-bounded(eta)));
}

double rk_mean_of(enum rk_family family, double eta)
{
    if (family == RK_FAMILY_GAUSSIAN)
        return eta;
    return family == RK_FAMILY_BINOMIAL ? logistic(eta) : exp(bounded(eta));
}

double rk_mean_slope(enum rk_family family, double eta)
{
    if (family == RK_FAMILY_GAUSSIAN)
        return 1.0;
    return family == RK_FAMILY_BINOMIAL ? logistic(eta) * logistic(-eta) : exp(bounded(eta));
}

double rk_mean_curvature(enum rk_family family, double eta)
{
    if (family == RK_FAMILY_GAUSSIAN)
        return 0.0;
    if (family == RK_FAMILY_BINOMIAL)
        return logistic(eta) * logistic(-eta) * (logistic(-eta) - logistic(eta));
    return exp(bounded(eta));
}

double glm_weight(const struct rk_glm *glm, double eta)
{
    double mu;

    if (glm->family == RK_FAMILY_BINOMIAL)
        return logistic(eta) * logistic(-eta);
    mu = exp(bounded(eta));
    return glm->family == RK_FAMILY_NEGBIN ? mu / (1.0 + mu / glm->theta) : mu;
}

double glm_newton_weight(const struct rk_glm *glm, double y, double eta)
{
    double mu, ratio;

    if (glm->family != RK_FAMILY_NEGBIN)
        return glm_weight(glm, eta);
    mu = exp(bounded(eta));
    ratio = 1.0 + mu / glm->theta;
    return mu * (1.0 + y / glm->theta) / (ratio * ratio);
}

double glm_residual(const struct rk_glm *glm, double y, double eta)
{
    double mu;

    if (glm->family == RK_FAMILY_BINOMIAL) /* y (1 - p) - (1 - y) p, over p (1 - p) */
        return y / logistic(eta) - (1.0 - y) / logistic(-eta);
    mu = exp(bounded(eta));
    return y / mu - 1.0;
}

double glm_start(const struct rk_glm *glm, size_t i)
{
    double y = glm->y[i], w = glm->weights[i], p;

    switch (glm->family) {
    case RK_FAMILY_BINOMIAL:
        p = (w * y + 0.5) / (w + 1.0);
        return log(p) - log1p(-p);
    case RK_FAMILY_POISSON:
        return log(y + 0.1);
    default:
        return log(y > 0.0 ? y : 1.0 / 6.0);
    }
}

/* x log(x / y), 0 for x = 0 */
static double x_log_ratio(double x, double y)
{
    return x > 0.0 ? x * (log(x) - log(y)) : 0.0;
}

static double row_deviance(const struct rk_glm *glm, double y, double eta)
{
    double mu;

    if (glm->family == RK_FAMILY_BINOMIAL)
        return 2.0 * (x_log_ratio(y, logistic(eta)) + x_log_ratio(1.0 - y, logistic(-eta)));
    mu = exp(bounded(eta));
    if (glm->family == RK_FAMILY_POISSON)
        return 2.0 * (x_log_ratio(y, mu) - (y - mu));
    return 2.0 * (x_log_ratio(y, mu) - (y + glm->theta) * log1p((y - mu) / (mu + glm->theta)));
}

double glm_deviance(const struct rk_glm *glm, const double *eta)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < glm->n; i++)
        rk_sum_add(&sum, glm->weights[i] * row_deviance(glm, glm->y[i], eta[i]));
    return rk_sum_value(&sum);
}

bool glm_is_whole(double x)
{
    return fabs(x - round(x)) <= 1e-3;
}

/* Of a share y of m trials; where they are not whole, without the term that does not depend on the
 * coefficients. */
static double binomial_row(double y, double m, double eta)
{
    double s = m * y, ll;

    if (glm_is_whole(m)) {
        m = round(m);
        s = round(s);
    }
    ll = (s > 0.0 ? s * log(logistic(eta)) : 0.0) +
         (m - s > 0.0 ? (m - s) * log(logistic(-eta)) : 0.0);
    if (glm_is_whole(m) && s > 0.0 && s < m)
        ll += lgamma(m + 1.0) - lgamma(s + 1.0) - lgamma(m - s + 1.0);
    return ll;
}

/* log Gamma(theta + y) - log Gamma(theta), which loses no digits where theta is large. */
static double log_rising(double theta, double y)
{
    gsl_sf_result result;

    return gsl_sf_lnpoch_e(theta, y, &result) == GSL_SUCCESS ? result.val : NAN;
}

static double count_row(const struct rk_glm *glm, double y, double eta)
{
    double mu = exp(bounded(eta)), theta = glm->theta;

    if (glm->family == RK_FAMILY_POISSON)
        return (y > 0.0 ? y * bounded(eta) : 0.0) - mu - lgamma(y + 1.0);
    return log_rising(theta, y) - lgamma(y + 1.0) - theta * log1p(mu / theta) +
           y * (bounded(eta) - log(theta + mu));
}

double glm_log_likelihood(const struct rk_glm *glm, const double *eta)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < glm->n; i++) {
        double y = glm->y[i], w = glm->weights[i];

        if (glm->family == RK_FAMILY_BINOMIAL) {
            rk_sum_add(&sum, binomial_row(y, w, eta[i]));
            continue;
        }
        if (!glm_is_whole(y))
            return NAN;
        rk_sum_add(&sum, w * count_row(glm, y, eta[i]));
    }
    return rk_sum_value(&sum);
}

double glm_pearson(const struct rk_glm *glm, const double *eta)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < glm->n; i++) {
        double e = glm_residual(glm, glm->y[i], eta[i]);

        rk_sum_add(&sum, glm->weights[i] * glm_weight(glm, eta[i]) * e * e);
    }
    return rk_sum_value(&sum);
}
