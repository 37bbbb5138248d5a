/* What both ways of solving a least-squares problem come to; private to least_squares*.c. */
#ifndef REPKIT_BASIS_H
#define REPKIT_BASIS_H

#include "repkit/least_squares.h"

/* sqrt(W) X = Q R over the kept columns, b = R^-1 Q' sqrt(W) y, u = sqrt(W) (y - X b). */
struct basis {
    size_t rank;
    size_t *kept;      /* p, the first `rank` in use */
    double *Q;         /* n-by-p, the first `rank` columns in use */
    double *R_inverse; /* room for p-by-p; rank-by-rank, row after row */
    double *b;         /* p, the first `rank` in use */
    double *effects;   /* p, likewise: Q' sqrt(W) y */
    double *u;         /* n */
    double rss;
    double explained; /* sum of squares that the slopes explain: tss - rss */
};

/* Modified Gram-Schmidt in double-double arithmetic, with the rule that drops columns.
 * root: sqrt of the weights, or NULL. RK_OK, RK_ENOMEM, or what ctx's cancel says. */
enum rk_status basis_exact(const struct rk_design *design, const double *root,
                           const struct rk_ctx *ctx, struct basis *basis);

/* Centred cross-products. *solved is false, and the basis undefined, if the columns are too nearly
 * dependent for them. The same statuses. */
enum rk_status basis_cross_products(const struct rk_design *design, const double *root,
                                    const struct rk_ctx *ctx, struct basis *basis, bool *solved);

#endif
