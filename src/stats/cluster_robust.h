/* The cluster-robust part of sandwich.c, in the basis of Q; private to src/stats. */
#ifndef REPKIT_CLUSTER_ROBUST_H
#define REPKIT_CLUSTER_ROBUST_H

#include "repkit/sandwich.h"

struct cluster_robust {
    enum rk_vcov_method method; /* asked for, then used: cluster or cr2 */
    const char *reason;         /* as in struct rk_covariance */
    double *meat;               /* the caller's, rank-by-rank: V = R^-1 meat R^-T */
    double *df;                 /* the caller's, rank */
    size_t n_clusters;
    double f_scale, f_df2;
};

/* RK_OK, RK_EONECLUSTER, RK_ENOMEM, RK_ENOCONVERGE. */
enum rk_status cluster_robust_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                   struct cluster_robust *answer);

#endif
