/* The cluster-robust part of sandwich.c, in the basis of Q; private to src/stats. */
#ifndef REPKIT_CLUSTER_ROBUST_H
#define REPKIT_CLUSTER_ROBUST_H

#include "cluster_sums.h"
#include "repkit/sandwich.h"

struct cluster_robust {
    enum rk_vcov_method method; /* asked for, then used: cluster, cr2, cr3 or wild */
    const char *reason;         /* as in struct rk_covariance */
    double *meat;               /* the caller's, rank-by-rank: V = R^-1 meat R^-T */
    double *df;                 /* the caller's, rank */
    size_t n_clusters;
    double f_scale, f_df2;
};

/* RK_OK, RK_EONECLUSTER, RK_ENOMEM, RK_ENOCONVERGE, what ctx's cancel says. */
enum rk_status cluster_robust_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                   const struct rk_ctx *ctx, struct cluster_robust *answer);

/* CR2's part of it (cr2.c): adds to answer->meat, fills df, f_scale and f_df2. first and q say
 * which of the columns of Q are slopes. RK_OK, RK_ENOMEM, RK_ENOCONVERGE, ctx's cancel. */
enum rk_status cr2_meat(const struct cluster_sums *sums, const double *R_inverse, size_t first,
                        const struct rk_ctx *ctx, struct cluster_robust *answer);

/* CR3's (cr2.c): adds to answer->meat. RK_OK, RK_ENOMEM, RK_ENOCONVERGE, ctx's cancel. */
enum rk_status cr3_meat(const struct cluster_sums *sums, const struct rk_ctx *ctx,
                        struct cluster_robust *answer);

/* Newey and West's (hac.c): fills meat, rank-by-rank, and *lag as used. RK_OK or RK_ENOMEM. */
enum rk_status hac_meat(const struct rk_fit *fit, const struct rk_sequence *series, double *meat,
                        size_t *lag);

#endif
