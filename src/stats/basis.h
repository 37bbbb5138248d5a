/* What both ways of solving a least-squares problem come to; private to least_squares*.c. */
#ifndef REPKIT_BASIS_H
#define REPKIT_BASIS_H

#include "repkit/least_squares.h"

/* sqrt(W) X = Q R over the kept columns, b = R^-1 Q' sqrt(W) y, u = sqrt(W) (y - X b). */
struct basis {
    size_t rank;
    size_t *kept;      /* p, the first `rank` in use */
    double *Q;         /* n-by-p, the first `rank` columns in use; not read by cross-products */
    double *R_inverse; /* room for p-by-p; rank-by-rank, row after row */
    double *b;         /* p, the first `rank` in use */
    double *effects;   /* p, likewise: Q' sqrt(W) y */
    double *u;         /* n; likewise */
    double rss;
    double explained; /* sum of squares that the slopes explain: tss - rss */

    /* For and from cross-products. */
    double *mean;                      /* of the slopes' columns, then of y; improved */
    double total_weight;               /* sum of the weights */
    bool has_squares;                  /* whether the following are known: */
    double *column_ss, *column_ss_raw; /* p: sums of squares about the mean and about 0 */
    double y_ss, y_ss_raw;
};

/* Checks y, X and weights, and fills the (weighted) means of the slopes' columns, then of y, the
 * sum of the weights and how many are positive. RK_OK; RK_EDOMAIN, RK_ENODATA as rk_fit_new returns
 * them; RK_ENOMEM; what ctx's cancel says. */
enum rk_status design_scan(const struct rk_design *design, const struct rk_ctx *ctx, double *mean,
                           double *total_weight, size_t *nobs, struct rk_error *error);

/* Modified Gram-Schmidt in double-double arithmetic, with the rule that drops columns.
 * root: sqrt of the weights, or NULL. RK_OK, RK_ENOMEM, or what ctx's cancel says. */
enum rk_status basis_exact(const struct rk_design *design, const double *root,
                           const struct rk_ctx *ctx, struct basis *basis);

/* Centred cross-products. *solved is false, and the basis undefined, if the columns are too nearly
 * dependent for them. The same statuses. */
enum rk_status basis_cross_products(const struct rk_design *design, const double *root,
                                    const struct rk_ctx *ctx, struct basis *basis, bool *solved);

#endif
