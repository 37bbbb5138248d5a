#include "repkit/effect_size.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdbool.h>

#include "repkit/distributions.h"
#include "repkit/noncentral.h"

/* The probability left outside the interval on each side that it closes. */
static double side_alpha(int alternative, double conf_level)
{
    return alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
}

static bool is_level(double conf_level)
{
    return conf_level > 0.0 && conf_level < 1.0;
}

/* The effect `scale` t with its interval, `scale` times the noncentralities that fit t. */
static enum rk_status from_noncentral_t(double t, double df, double scale, int alternative,
                                        double conf_level, struct rk_effect_size *out)
{
    double alpha = side_alpha(alternative, conf_level), low = -INFINITY, high = INFINITY;
    enum rk_status status = RK_OK;

    if (alternative != RK_LESS)
        status = rk_ncp_of_t(t, df, 1.0 - alpha, &low);
    if (status == RK_OK && alternative != RK_GREATER)
        status = rk_ncp_of_t(t, df, alpha, &high);
    if (status != RK_OK)
        return status;
    *out = (struct rk_effect_size){scale * t, scale * low, scale * high};
    return RK_OK;
}

/* By lnpoch, which keeps its precision where the two lngamma are large and nearly equal. */
static enum rk_status bias_correction(double df, double *j)
{
    gsl_sf_result ratio;

    if (!(df >= 2.0))
        return RK_ETOOFEW;
    if (gsl_sf_lnpoch_e((df - 1.0) / 2.0, 0.5, &ratio) != GSL_SUCCESS)
        return RK_EDOMAIN;
    *j = exp(ratio.val - 0.5 * log(df / 2.0));
    return RK_OK;
}

enum rk_status rk_hedges_g_of(const struct rk_moments *x, const struct rk_moments *y, double mu,
                              int alternative, double conf_level, struct rk_effect_size *out)
{
    double nx = (double)x->n, ny = (double)y->n, sd, df, unit, j = NAN;
    enum rk_status status;

    if (x->n < 2 || y->n < 2)
        return RK_ETOOFEW;
    df = nx + ny - 2.0;
    sd = sqrt(((nx - 1.0) * x->var + (ny - 1.0) * y->var) / df);
    if (!isfinite(y->mean - x->mean) || !isfinite(sd) || !isfinite(mu) || !is_level(conf_level))
        return RK_EDOMAIN;
    if (sd <= 10.0 * DBL_EPSILON * fmax(fabs(x->mean), fabs(y->mean)))
        return RK_ECONSTANT;
    status = bias_correction(df, &j);
    if (status != RK_OK)
        return status;
    unit = sqrt(1.0 / nx + 1.0 / ny);
    return from_noncentral_t((y->mean - x->mean - mu) / (sd * unit), df, j * unit, alternative,
                             conf_level, out);
}

enum rk_status rk_hedges_g(const double *x, size_t nx, const double *y, size_t ny, double mu,
                           int alternative, double conf_level, struct rk_effect_size *out)
{
    struct rk_moments mx = rk_moments_of(x, nx), my = rk_moments_of(y, ny);

    return rk_hedges_g_of(&mx, &my, mu, alternative, conf_level, out);
}

enum rk_status rk_cohen_dz_of(const struct rk_moments *d, double mu, int alternative,
                              double conf_level, struct rk_effect_size *out)
{
    double root_n = sqrt((double)d->n);

    if (d->n < 2)
        return RK_ETOOFEW;
    if (!isfinite(d->mean) || !isfinite(d->sd) || !isfinite(mu) || !is_level(conf_level))
        return RK_EDOMAIN;
    if (d->sd <= 10.0 * DBL_EPSILON * fabs(d->mean))
        return RK_ECONSTANT;
    return from_noncentral_t((d->mean - mu) / d->sd * root_n, (double)d->n - 1.0, 1.0 / root_n,
                             alternative, conf_level, out);
}

enum rk_status rk_cohen_dz(const double *d, size_t n, double mu, int alternative, double conf_level,
                           struct rk_effect_size *out)
{
    struct rk_moments m = rk_moments_of(d, n);

    return rk_cohen_dz_of(&m, mu, alternative, conf_level, out);
}

/* A correlation-like effect with the interval of Fisher's transformation. */
static enum rk_status from_fisher(double effect, double std_error, int alternative,
                                  double conf_level, struct rk_effect_size *out)
{
    double margin = std_error * rk_qnorm(side_alpha(alternative, conf_level), RK_UPPER_TAIL);

    if (!(fabs(effect) <= 1.0) || !is_level(conf_level))
        return RK_EDOMAIN;
    out->estimate = effect;
    out->conf_low = alternative == RK_LESS ? -1.0 : tanh(atanh(effect) - margin);
    out->conf_high = alternative == RK_GREATER ? 1.0 : tanh(atanh(effect) + margin);
    if (fabs(effect) == 1.0) /* atanh is infinite: an interval of no width would claim certainty */
        out->conf_low = out->conf_high = NAN;
    return RK_OK;
}

enum rk_status rk_cliffs_delta(double u, size_t nx, size_t ny, int alternative, double conf_level,
                               struct rk_effect_size *out)
{
    double m = (double)nx, n = (double)ny;

    if (nx < 1 || ny < 1)
        return RK_ETOOFEW;
    return from_fisher(1.0 - 2.0 * u / (m * n), sqrt((m + n + 1.0) / (3.0 * m * n)), alternative,
                       conf_level, out);
}

enum rk_status rk_rank_biserial(double v, size_t n_ranked, int alternative, double conf_level,
                                struct rk_effect_size *out)
{
    double n = (double)n_ranked, total = n * (n + 1.0) / 2.0;

    if (n_ranked < 1)
        return RK_ETOOFEW;
    return from_fisher((2.0 * v - total) / total,
                       sqrt((2.0 * n * n * n + 3.0 * n * n + n) / 6.0) / total, alternative,
                       conf_level, out);
}
