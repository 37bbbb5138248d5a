#include "cluster_robust.h"

#include <stdlib.h>
#include <string.h>

/* The work of CR2 and CR3 is clusters x k^3, mostly for roots of k-by-k matrices: beyond this,
 * minutes. */
static const double MOST_CR2 = 1e8;

/* Adds c sum_g s_g s_g' of clusters to the meat, where c is `sign` times CR1's factor. */
static void add_cr1(const struct cluster_sums *sums, double n, double parameters, double sign,
                    double *meat)
{
    double G = (double)sums->n_clusters;
    double factor = sign * G / (G - 1.0) * (n - 1.0) / (n - parameters);

    for (size_t g = 0; g < sums->n_clusters; g++) {
        const double *score = sums->score + g * sums->all;

        for (size_t i = 0; i < sums->rank; i++) {
            for (size_t j = 0; j < sums->rank; j++)
                meat[i * sums->rank + j] += factor * score[i] * score[j];
        }
    }
}

/* Whether the rows of a cluster are corrected for their leverage, which takes their products. */
static bool is_corrected(enum rk_vcov_method method)
{
    return method == RK_VCOV_CR2 || method == RK_VCOV_CR3;
}

static void give_t(struct cluster_robust *answer, size_t rank)
{
    double df = (double)answer->n_clusters - 1.0;

    for (size_t j = 0; j < rank; j++)
        answer->df[j] = df;
    answer->f_scale = 1.0;
    answer->f_df2 = df;
}

/* --- two kinds of clusters -------------------------------------------------------------------- */

struct pair {
    uint32_t first, second;
    size_t row;
};

static int by_codes(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->second < y->second ? -1 : x->second > y->second;
}

/* Codes of the clusters of both kinds. RK_OK or RK_ENOMEM. */
static enum rk_status intersect(const struct rk_clusters *clusters, size_t n, uint32_t *code,
                                size_t *n_codes)
{
    struct pair *pair = malloc((n + 1) * sizeof *pair);

    if (pair == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        pair[i] = (struct pair){clusters->code[i], clusters->second[i], i};
    qsort(pair, n, sizeof *pair, by_codes);
    *n_codes = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && by_codes(&pair[i - 1], &pair[i]) != 0)
            (*n_codes)++;
        code[pair[i].row] = (uint32_t)*n_codes;
    }
    (*n_codes)++;
    free(pair);
    return RK_OK;
}

static enum rk_status add_kind(const struct rk_fit *fit, const uint32_t *code, size_t n_codes,
                               double parameters, double sign, const struct rk_ctx *ctx,
                               struct cluster_robust *answer)
{
    struct cluster_sums sums;
    enum rk_status status = cluster_sums_new(fit, code, n_codes, NULL, 0, false, ctx, &sums);

    if (status != RK_OK)
        return status;
    if (sums.n_clusters < 2)
        status = RK_EONECLUSTER;
    else
        add_cr1(&sums, (double)fit->nobs, parameters, sign, answer->meat);
    if (sign > 0.0 && (answer->n_clusters == 0 || sums.n_clusters < answer->n_clusters))
        answer->n_clusters = sums.n_clusters;
    cluster_sums_free(&sums);
    return status;
}

/* V1 + V2 - V12 (Cameron, Gelbach and Miller 2011). */
static enum rk_status two_kinds(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                double parameters, const struct rk_ctx *ctx,
                                struct cluster_robust *answer)
{
    uint32_t *both = malloc((fit->n + 1) * sizeof *both);
    size_t n_both = 0;
    enum rk_status status;

    if (both == NULL)
        return RK_ENOMEM;
    if (is_corrected(answer->method)) {
        answer->reason = answer->method == RK_VCOV_CR2 ? "CR2 knows one kind of clusters"
                                                       : "CR3 knows one kind of clusters";
        answer->method = RK_VCOV_CLUSTER;
    }
    answer->n_clusters = 0;
    status = intersect(clusters, fit->n, both, &n_both);
    if (status == RK_OK)
        status = add_kind(fit, clusters->code, clusters->n_codes, parameters, 1.0, ctx, answer);
    if (status == RK_OK)
        status = add_kind(fit, clusters->second, clusters->n_second, parameters, 1.0, ctx, answer);
    if (status == RK_OK)
        status = add_kind(fit, both, n_both, parameters, -1.0, ctx, answer);
    if (status == RK_OK)
        give_t(answer, fit->rank);
    free(both);
    return status;
}

/* --- one kind --------------------------------------------------------------------------------- */

static size_t clusters_in_use(const struct rk_clusters *clusters, size_t n)
{
    bool *used = calloc(clusters->n_codes + 1, sizeof *used);
    size_t G = 0;

    for (size_t i = 0; used != NULL && i < n; i++) {
        G += !used[clusters->code[i]];
        used[clusters->code[i]] = true;
    }
    free(used);
    return G;
}

/* Whether CR2 or CR3 can be had, else why not. */
static void choose(const struct rk_fit *fit, const struct rk_clusters *clusters, size_t crossed_df,
                   struct cluster_robust *answer)
{
    double k = (double)(fit->rank + clusters->n_crossed);

    if (!is_corrected(answer->method))
        return;
    if (crossed_df > 0 && clusters->crossed == NULL) {
        answer->method = RK_VCOV_CLUSTER;
        answer->reason =
            "it would take too long with so many levels that are not nested in the clusters";
    } else if ((double)clusters_in_use(clusters, fit->n) * k * k * k > MOST_CR2) {
        answer->reason =
            answer->method == RK_VCOV_CR2 ? "CR2 would take too long" : "CR3 would take too long";
        answer->method = RK_VCOV_CLUSTER;
    }
}

static enum rk_status one_kind(const struct rk_fit *fit, const struct rk_clusters *clusters,
                               double parameters, const struct rk_ctx *ctx,
                               struct cluster_robust *answer)
{
    bool corrected = is_corrected(answer->method);
    struct cluster_sums sums;
    enum rk_status status = cluster_sums_new(
        fit, clusters->code, clusters->n_codes, corrected ? clusters->crossed : NULL,
        corrected ? clusters->n_crossed : 0, corrected, ctx, &sums);

    if (status != RK_OK)
        return status;
    answer->n_clusters = sums.n_clusters;
    if (sums.n_clusters < 2) {
        status = RK_EONECLUSTER;
    } else if (answer->method == RK_VCOV_CR3) {
        status = cr3_meat(&sums, ctx, answer);
        give_t(answer, fit->rank);
    } else if (corrected) {
        status =
            cr2_meat(&sums, fit->R_inverse, fit->has_intercept && fit->kept[0] == 0, ctx, answer);
    } else {
        add_cr1(&sums, (double)fit->nobs, parameters, 1.0, answer->meat);
        give_t(answer, fit->rank);
    }
    cluster_sums_free(&sums);
    return status;
}

enum rk_status cluster_robust_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                   const struct rk_ctx *ctx, struct cluster_robust *answer)
{
    size_t crossed_df = fit->df_absorbed - clusters->df_nested;
    double parameters = (double)(fit->rank + crossed_df);

    memset(answer->meat, 0, fit->rank * fit->rank * sizeof *answer->meat);
    answer->reason = "";
    if (clusters->second != NULL)
        return two_kinds(fit, clusters, parameters, ctx, answer);
    choose(fit, clusters, crossed_df, answer);
    return one_kind(fit, clusters, parameters, ctx, answer);
}
