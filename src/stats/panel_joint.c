/* Several coefficients of a panel at once. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/panel_fit.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/random.h"

/* The Cholesky factor of the correlations of the coefficients, q-by-q, row after row. A pivot of
 * rounding is 0: then the coefficient is a combination of those before it, and *singular is set. */
static double *factor_of(const struct rk_panel_fit *fit, const size_t *index, size_t q,
                         bool *singular)
{
    double *L = calloc(q * q + 1, sizeof *L);

    *singular = false;
    for (size_t i = 0; L != NULL && i < q; i++) {
        for (size_t j = 0; j <= i; j++) {
            double value = fit->vcov[index[i] * fit->p + index[j]] /
                           (fit->std_error[index[i]] * fit->std_error[index[j]]);

            for (size_t l = 0; l < j; l++)
                value -= L[i * q + l] * L[j * q + l];
            if (i == j) {
                L[i * q + i] = value > 1e-10 ? sqrt(value) : 0.0;
                *singular = *singular || !(value > 1e-10);
            } else {
                L[i * q + j] = L[j * q + j] > 0.0 ? value / L[j * q + j] : 0.0;
            }
        }
    }
    return L;
}

static double least_df(const struct rk_panel_fit *fit, const size_t *index, size_t q)
{
    double least = INFINITY;

    for (size_t i = 0; i < q; i++)
        least = fmin(least, fit->df[index[i]]);
    return least;
}

enum rk_status rk_joint_test(const struct rk_panel_fit *fit, const size_t *index, size_t q,
                             struct rk_joint_test *out)
{
    double eta = least_df(fit, index, q), wald = 0.0, df2 = eta - (double)q + 1.0, *L, *z;
    bool singular;

    for (size_t i = 0; i < q; i++)
        if (!(fit->std_error[index[i]] > 0.0) || !isfinite(fit->coef[index[i]]))
            return RK_ESINGULAR;
    if (!(df2 >= 1.0))
        return RK_ETOOFEW;
    L = factor_of(fit, index, q, &singular);
    z = calloc(q + 1, sizeof *z);
    if (L == NULL || z == NULL || singular) {
        free(L);
        free(z);
        return singular && L != NULL && z != NULL ? RK_ESINGULAR : RK_ENOMEM;
    }
    for (size_t i = 0; i < q; i++) {
        z[i] = fit->coef[index[i]] / fit->std_error[index[i]];
        for (size_t l = 0; l < i; l++)
            z[i] -= L[i * q + l] * z[l];
        z[i] /= L[i * q + i];
        wald += z[i] * z[i];
    }
    free(L);
    free(z);
    out->df1 = (double)q;
    out->df2 = df2;
    out->statistic = df2 / (eta * (double)q) * wald;
    out->p_value = rk_pf(out->statistic, out->df1, out->df2, RK_UPPER_TAIL);
    return RK_OK;
}

/* --- sup-t -------------------------------------------------------------------------------- */

enum { SUP_T_DRAWS = 100000 };

struct sup_t {
    size_t q;
    const double *L;
    double df;
    const char *label;
    uint64_t seed;
    double *most; /* SUP_T_DRAWS */
};

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    struct sup_t *s = data;
    double *z = malloc((s->q + 1) * sizeof *z);
    struct rk_rng rng;
    gsl_rng gsl = rk_rng_gsl(&rng);

    if (z == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&rng, s->seed, "sup-t", s->label, block);
    for (size_t b = first; b < last; b++) {
        double scale = 1.0, most = 0.0;

        for (size_t i = 0; i < s->q; i++)
            z[i] = rk_rng_normal(&rng);
        for (size_t i = 0; i < s->q; i++) {
            double sum = 0.0;

            for (size_t l = 0; l <= i; l++)
                sum += s->L[i * s->q + l] * z[l];
            most = fmax(most, fabs(sum));
        }
        if (isfinite(s->df))
            scale = sqrt(gsl_ran_chisq(&gsl, s->df) / s->df);
        s->most[b] = most / scale;
    }
    free(z);
    return RK_OK;
}

enum rk_status rk_sup_t(const struct rk_panel_fit *fit, const size_t *index, size_t q,
                        double conf_level, const char *label, const struct rk_ctx *ctx,
                        double *critical)
{
    bool singular;
    struct sup_t s = {
        .q = q, .df = least_df(fit, index, q), .label = label, .seed = ctx == NULL ? 1 : ctx->seed};
    double *L = factor_of(fit, index, q, &singular);
    enum rk_status status = RK_ENOMEM;

    /* More coefficients than the units can tell apart: their correlations are not known, and
     * taking them as none is on the safe side (Sidak). */
    for (size_t i = 0; L != NULL && singular && i < q * q; i++)
        L[i] = i % (q + 1) == 0 ? 1.0 : 0.0;
    s.L = L;
    s.most = malloc(SUP_T_DRAWS * sizeof *s.most);
    if (L != NULL && s.most != NULL)
        status = rk_parallel_blocks(ctx, SUP_T_DRAWS, RK_DRAWS_PER_STREAM, draw_block, &s);
    if (status == RK_OK)
        status = rk_quantiles(s.most, SUP_T_DRAWS, &conf_level, 1, 7, critical);
    free(L);
    free(s.most);
    return status;
}
