/* What a regression's reader should know before trusting it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

static const double HIGH_VIF = 10.0;
static const double LITTLE_WITHIN = 0.05;
static const double LARGE_CLUSTER = 0.2;
static const double FEW_DF = 10.0;
enum { VERY_FEW_CLUSTERS = 10, FEW_CLUSTERS = 30 };

static void warn_left_out(const struct regression *r, size_t n, const char *why,
                          struct rk_result *result)
{
    if (n > 0)
        rk_warn(result, RK_WARN_DROPPED, "Rows left out %s: %zu of %zu", why, n, r->n_rows);
}

static void warn_rows(const struct regression *r, struct rk_result *result)
{
    warn_left_out(r, r->frame->n_dropped - r->frame->n_undefined - r->frame->n_unlagged,
                  "for missing values", result);
    warn_left_out(r, r->frame->n_unlagged, "where lag() or lead() finds no row", result);
    warn_left_out(r, r->frame->n_undefined,
                  "where a function of the formula is undefined, like log(0)", result);
    warn_left_out(r, r->n_weightless, "for a weight that is 0 or missing", result);
    if (r->within != NULL)
        warn_left_out(r, r->within->n_singletons, "as the only one of their fixed effect", result);
}

static double smallest_df(const struct regression *r, size_t *column)
{
    double smallest = INFINITY;

    for (size_t j = 0; j < r->fit->p; j++) {
        if (!regress_is_intercept(r, j) && r->covariance.df[j] < smallest) {
            smallest = r->covariance.df[j];
            *column = j;
        }
    }
    return smallest;
}

static void warn_clusters(const struct regression *r, struct rk_result *result)
{
    size_t G = r->covariance.n_clusters, column = 0;
    double share = (double)r->largest_cluster / (double)r->fit->nobs, df;
    const char *name = r->fewer_clusters;

    if (r->cluster_name == NULL || r->errors != RK_OK)
        return;
    df = smallest_df(r, &column);
    if (G < VERY_FEW_CLUSTERS)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "There are only %zu clusters of %s", G, name);
    else if (G < FEW_CLUSTERS)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "There are %zu clusters of %s, fewer than %d", G,
                name, FEW_CLUSTERS);
    else if (df < FEW_DF)
        rk_warn(result, RK_WARN_FEW_CLUSTERS,
                "The error of %s stands on %.1f degrees of freedom, though there are %zu clusters "
                "of %s",
                r->frame->name[column], df, G, name);
    else if (share > LARGE_CLUSTER)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "The largest cluster of %s has %.0f%% of the rows",
                r->cluster_name, 100.0 * share);
}

/* A power of the same column, or one of several dummies of a factor, is collinear by construction:
 * that says nothing about what the data can tell apart. */
static enum rk_status by_construction(const struct regression *r, size_t column, bool *answer)
{
    size_t term = r->frame->term[column], n = 0;

    for (size_t j = 0; j < r->fit->p; j++)
        n += r->frame->term[j] == term;
    if (n > 1) {
        *answer = true;
        return RK_OK;
    }
    return regress_shares_columns(r, term, answer);
}

static enum rk_status warn_collinear(const struct regression *r, struct rk_result *result)
{
    struct rk_text list = {0};
    enum rk_status status = RK_OK;

    for (size_t j = 0; j < r->fit->p && status == RK_OK; j++) {
        bool constructed = false;

        if (!(rk_vif(r->fit, j) > HIGH_VIF))
            continue;
        status = by_construction(r, j, &constructed);
        if (status != RK_OK || constructed)
            continue;
        rk_text_format(&list, "%s%s (", list.length > 0 ? ", " : "", r->frame->name[j]);
        rk_text_rounded(&list, rk_vif(r->fit, j), 3);
        rk_text_add(&list, ")");
    }
    if (list.failed)
        status = RK_ENOMEM;
    else if (list.length > 0)
        rk_warn(result, RK_WARN_COLLINEAR, "Variance inflation is above 10 for %s", list.bytes);
    rk_text_free(&list);
    return status;
}

/* With a fixed effect: whether anything is left to learn from. */
static void warn_little_within(const struct regression *r, struct rk_result *result)
{
    const struct rk_names *effects = &r->options->formula->fixed_effects;

    for (size_t j = 0; j < r->fit->p; j++) {
        double share = r->within->share[j];

        if (!isnan(r->fit->coef[j]) && share < LITTLE_WITHIN)
            rk_warn(result, RK_WARN_POOLED,
                    "Only %.1f%% of the variation of %s is within %s%s, so its slope rests on "
                    "little",
                    100.0 * share, r->frame->name[j], effects->name[0],
                    effects->n > 1 ? " and the other effects" : "");
    }
}

static double classical_se(const struct regression *r, size_t j)
{
    double scale = r->glm != NULL ? regress_glm_scale(r->glm) : r->fit->sigma;

    return scale * sqrt(r->fit->cov_unscaled[j * r->fit->p + j]);
}

/* Whether the slope over all rows and the one within clusters tell different stories: opposite
 * signs, neither of them noise; or more than half of the slope gone, by more than noise. */
static bool differ(double pooled, double pooled_se, double own, double own_se)
{
    if (pooled * own < 0.0 && fabs(pooled) > 2.0 * pooled_se && fabs(own) > 2.0 * own_se)
        return true;
    return fabs(pooled - own) > 0.5 * fabs(pooled) &&
           fabs(pooled - own) > 3.0 * hypot(pooled_se, own_se);
}

/* Clusters without a fixed effect: the same terms within clusters. */
static enum rk_status warn_pooled(const struct regression *r, struct rk_result *result)
{
    double *own = malloc((2 * r->fit->p + 1) * sizeof *own), *own_se;
    enum rk_status status;

    if (own == NULL)
        return RK_ENOMEM;
    own_se = own + r->fit->p;
    status = r->glm != NULL
                 ? regress_glm_within_slopes(r, own, own_se)
                 : rk_within_slopes(r->fit, r->cluster, r->n_cluster_codes, r->ctx, own, own_se);
    for (size_t j = 0; status == RK_OK && j < r->fit->p; j++) {
        double pooled = r->fit->coef[j];

        if (!isnan(own[j]) && differ(pooled, classical_se(r, j), own[j], own_se[j]))
            rk_warn(result, RK_WARN_POOLED,
                    "The slope of %s is %.3g over all rows but %.3g within %s (write | %s at the "
                    "end of the formula)",
                    r->frame->name[j], pooled, own[j], r->cluster_name, r->cluster_name);
    }
    free(own);
    return status;
}

enum rk_status regress_warn(const struct regression *r, struct rk_result *result,
                            struct rk_error *error)
{
    enum rk_status status;

    warn_rows(r, result);
    warn_clusters(r, result);
    status = warn_collinear(r, result);
    if (status != RK_OK)
        return rk_fail_memory(error);
    if (r->glm != NULL)
        regress_glm_warn(r, result);
    if (r->within != NULL)
        warn_little_within(r, result);
    else if (r->mm == NULL && r->cluster_name != NULL && r->errors == RK_OK &&
             r->fit->df_model > 0.0 && r->n_between == 0 && warn_pooled(r, result) != RK_OK)
        return rk_fail_memory(error);
    /* They are about rows. */
    if (status == RK_OK && (r->options->moments == NULL || r->options->stream != NULL)) {
        status = regress_doubt(r, result);
        if (status != RK_OK)
            rk_fail(error, status, "%s", rk_status_words(status));
    }
    return status;
}
