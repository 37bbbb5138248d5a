/* What a reader of curves should know before trusting them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "column_look.h"

static const double LITTLE_WITHIN = 0.05, LARGE_CLUSTER = 0.2, FEW_DF = 10.0, HIGH_VIF = 10.0;
enum { VERY_FEW_CLUSTERS = 10, FEW_CLUSTERS = 30 };

static void warn_left_out(const struct band *b, size_t n, const char *why, struct rk_result *result)
{
    if (n > 0)
        rk_warn(result, RK_WARN_DROPPED, "Rows left out %s: %zu of %zu", why, n, b->n_rows);
}

static void warn_rows(const struct band *b, struct rk_result *result)
{
    warn_left_out(b, b->frame->n_dropped - b->frame->n_undefined - b->frame->n_unlagged,
                  "for missing values", result);
    warn_left_out(b, b->frame->n_unlagged, "where lag() or lead() finds no row", result);
    warn_left_out(b, b->frame->n_undefined,
                  "where a function of the formula is undefined, like log(0)", result);
    warn_left_out(b, b->n_weightless, "for a weight that is 0 or missing", result);
    warn_left_out(b, b->n_singletons, "as the only one of their fixed effect", result);
}

static void warn_clusters(const struct band *b, struct rk_result *result)
{
    const struct band_fit *f = &b->model[BAND_LINEAR].fit;
    double share = (double)b->largest_cluster / (double)b->n;

    if (b->cluster_name == NULL || f->errors != RK_OK)
        return;
    if (b->n_clusters < VERY_FEW_CLUSTERS)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "There are only %zu clusters of %s", b->n_clusters,
                b->cluster_name);
    else if (b->n_clusters < FEW_CLUSTERS)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "There are %zu clusters of %s, fewer than %d",
                b->n_clusters, b->cluster_name, FEW_CLUSTERS);
    else if (band_smallest_df(f) < FEW_DF)
        rk_warn(result, RK_WARN_FEW_CLUSTERS,
                "The error of %s stands on %.1f degrees of freedom, though there are %zu clusters "
                "of %s",
                b->activity.bytes, band_smallest_df(f), b->n_clusters, b->cluster_name);
    else if (share > LARGE_CLUSTER)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "The largest cluster of %s has %.0f%% of the rows",
                b->cluster_name, 100.0 * share);
}

/* The curve that the data favour, where it has a place that lies beyond them. */
static void warn_extrapolation(const struct band *b, struct rk_result *result)
{
    const struct band_model *m = &b->model[b->best];

    if (!isnan(m->optimum) && m->beyond)
        rk_warn(result, RK_WARN_EXTRAPOLATION,
                "The %s curve turns at %.4g %s, but the data go from %.4g to %.4g",
                band_model_name(m->kind), m->optimum, b->activity.bytes, b->low, b->high);
    else if (m->low < b->low || m->high > b->high)
        rk_warn(result, RK_WARN_EXTRAPOLATION,
                "The interval %.4g to %.4g of the %s curve reaches beyond the data, %.4g to %.4g",
                m->low, m->high, band_model_name(m->kind), b->low, b->high);
    for (size_t k = 0; k < b->options->claims.n; k++) {
        struct band_claim claim;

        if (band_claim_read(b->options->claims.name[k], &claim, NULL) != RK_OK)
            continue;
        if ((isfinite(claim.low) && claim.low < b->low) ||
            (isfinite(claim.high) && claim.high > b->high))
            rk_warn(result, RK_WARN_EXTRAPOLATION,
                    "The claim %s reaches beyond the data, which go from %.4g to %.4g", claim.text,
                    b->low, b->high);
    }
}

/* Several looks at the same data: claims; or the kinds of curve, when the smallest p would not
 * survive their number. */
static void warn_tests(const struct band *b, struct rk_result *result)
{
    double p[BAND_MODELS] = {0.0}, least = INFINITY, adjusted = INFINITY;
    double alpha = 1.0 - b->options->common.conf_level;
    size_t n = 0;

    if (b->options->claims.n > 1)
        rk_warn(result, RK_WARN_MULTIPLE_TESTING, "%zu claims are tested on the same data",
                b->options->claims.n);
    for (int k = 0; k < BAND_MODELS; k++)
        if (!isnan(b->model[k].p))
            p[n++] = b->model[k].p;
    for (size_t i = 0; i < n; i++)
        least = fmin(least, p[i]);
    adjusted = (double)n * least; /* Holm's smallest */
    if (least < alpha && adjusted >= alpha)
        rk_warn(result, RK_WARN_MULTIPLE_TESTING,
                "Of %zu tests of p_nonlinear the smallest is %.3g, which is %.3g after Holm", n,
                least, fmin(adjusted, 1.0));
}

static void warn_collinear(const struct band *b, struct rk_result *result)
{
    const struct band_fit *f = &b->model[BAND_LINEAR].fit;
    double vif = rk_vif(f->fit, f->first);

    if (vif > HIGH_VIF)
        rk_warn(result, RK_WARN_COLLINEAR,
                "The controls explain most of %s: variance inflation %.3g", b->activity.bytes, vif);
}

static void warn_heavy_tail(const struct band *b, struct rk_result *result)
{
    const struct rk_fit *fit = b->model[BAND_LINEAR].fit.fit;
    double skew;

    if (column_is_skewed(fit->residual, fit->n, &skew))
        rk_warn(result, RK_WARN_HEAVY_TAIL, "What the curves leave of %s is skewed (%.3g)",
                b->response.bytes, skew);
}

/* --- pooled ---------------------------------------------------------------------------------- */

static double classical_se(const struct band_fit *f)
{
    size_t p = f->fit->p;

    return f->fit->sigma * sqrt(f->fit->cov_unscaled[f->first * p + f->first]);
}

/* Whether the slope over all rows and the one within clusters tell different stories. */
static bool differ(double pooled, double pooled_se, double own, double own_se)
{
    if (pooled * own < 0.0 && fabs(pooled) > 2.0 * pooled_se && fabs(own) > 2.0 * own_se)
        return true;
    return fabs(pooled - own) > 0.5 * fabs(pooled) &&
           fabs(pooled - own) > 3.0 * hypot(pooled_se, own_se);
}

static enum rk_status warn_pooled(const struct band *b, struct rk_result *result,
                                  struct rk_error *error)
{
    const struct band_fit *pooled = &b->model[BAND_LINEAR].fit;
    struct band inside = *b;
    struct band_fit own = {0};
    struct rk_error ignored = {0};
    size_t levels = b->n_cluster_codes;
    bool nested = true;
    enum rk_status status;

    if (b->n_effects > 0) {
        double share = pooled->within->share[pooled->first];

        if (share < LITTLE_WITHIN)
            rk_warn(result, RK_WARN_POOLED,
                    "Only %.1f%% of the variation of %s is within %s, so the curve rests on little",
                    100.0 * share, b->activity.bytes, b->options->formula->fixed_effects.name[0]);
        return RK_OK;
    }
    if (b->cluster_name == NULL || pooled->errors != RK_OK)
        return RK_OK;
    inside.intercept = false;
    inside.effect = &inside.cluster;
    inside.n_levels = &levels;
    inside.n_effects = 1;
    inside.nested = &nested;
    inside.df_nested = b->n_clusters;
    status = band_fit_new(&inside, b->u, 1, NULL, 0, &own, &ignored);
    if (status == RK_OK && own.fit->errors == RK_OK &&
        differ(pooled->fit->coef[pooled->first], classical_se(pooled), own.fit->coef[0],
               classical_se(&own)))
        rk_warn(result, RK_WARN_POOLED,
                "The slope of %s is %.3g over all rows but %.3g within %s (write | %s at the end "
                "of the formula)",
                b->activity.bytes, pooled->fit->coef[pooled->first] / b->scale,
                own.fit->coef[0] / b->scale, b->cluster_name, b->cluster_name);
    band_fit_free(&own);
    if (status != RK_OK && !rk_status_is_undefined(status) && error != NULL)
        *error = ignored;
    return rk_status_is_undefined(status) ? RK_OK : status;
}

enum rk_status band_warn(const struct band *b, struct rk_result *result, struct rk_error *error)
{
    enum rk_status status;

    warn_rows(b, result);
    warn_clusters(b, result);
    warn_extrapolation(b, result);
    warn_tests(b, result);
    warn_collinear(b, result);
    warn_heavy_tail(b, result);
    status = warn_pooled(b, result, error);
    if (status == RK_OK && b->options->time != NULL)
        status = band_warn_time(b, result, error);
    return status;
}
