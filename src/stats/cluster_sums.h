/* What clusters sum to: all that clustered covariances and the wild bootstrap read. Private to
 * src/stats. */
#ifndef REPKIT_STATS_CLUSTER_SUMS_H
#define REPKIT_STATS_CLUSTER_SUMS_H

#include "repkit/least_squares.h"

/* In the basis of Q, followed by the columns of the crossed effects (clusters->crossed):
 *   score_g = Q_g'u_g,  M_g = Q_g'Q_g
 * Rows of weight 0 belong to no cluster; clusters without rows are left out. */
struct cluster_sums {
    size_t n_clusters;
    size_t rank, all; /* columns of Q; with those of the crossed effects */
    double *score;    /* n_clusters-by-all */
    double *M;        /* n_clusters times all-by-all; NULL where it was not asked for */
};

/* crossed: n-by-n_crossed, orthonormal and orthogonal to Q; NULL for none.
 * RK_OK; RK_ENOMEM; what ctx's cancel says. */
enum rk_status cluster_sums_new(const struct rk_fit *fit, const uint32_t *code, size_t n_codes,
                                const double *crossed, size_t n_crossed, bool moments,
                                const struct rk_ctx *ctx, struct cluster_sums *sums);
void cluster_sums_free(struct cluster_sums *sums);

#endif
