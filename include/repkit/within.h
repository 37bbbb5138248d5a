/* Absorbing fixed effects: y and the columns of X less their means by level (the within
 * transformation), so that slopes are those of a regression with a dummy for every level. */
#ifndef REPKIT_WITHIN_H
#define REPKIT_WITHIN_H

#include "repkit/least_squares.h"

struct rk_within {
    size_t n, p;         /* rows left after singletons went */
    size_t *row;         /* n: which of the given rows they are */
    size_t n_singletons; /* rows dropped because their level has no other: they say nothing */
    double *y, *X;       /* less the (weighted) means by level */
    double *weights;     /* of the rows left; NULL without weights */
    double y_norm;       /* Euclidean norm of y before */
    double *norm;        /* p: norms of the columns before */
    double *hat;         /* n: leverage of the effects, w_i / sum of w in the level */
    double *share;       /* p: share of each column's variation that is within levels, 0 to 1 */
    double tss;          /* weighted sum of squares of y about its mean, before */
    size_t n_effects;
    uint32_t **effect; /* n codes for each effect, 0 .. n_levels - 1, all in use */
    size_t *n_levels;
    size_t df; /* degrees of freedom the effects take */
};

/* Takes fixed effects out of a design.
 *   x_it - mean_i(x),  df = levels
 * design     y, X, weights as rk_fit_new wants them, without an intercept; weights positive
 * effect     n_effects arrays of n codes, levels numbered from 0 below n_levels[e]
 * n_effects  1 for now: several need alternating projections, and have their place here
 * within     the caller's, freed by rk_within_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (every level has one row); RK_ENODATA; RK_EDOMAIN; RK_ENOMEM.
 * In R: plm(y ~ x, index = "effect", model = "within"); share: sum((x - ave(x, effect))^2) /
 * sum((x - mean(x))^2). */
enum rk_status rk_within_new(const struct rk_design *design, const uint32_t *const *effect,
                             const size_t *n_levels, size_t n_effects, struct rk_within **within,
                             struct rk_error *error);
void rk_within_free(struct rk_within *within);

/* The design to fit: borrows all of `within`. This function can't fail. */
struct rk_design rk_within_design(const struct rk_within *within);

/* Whether every level of `inner` lies in one cluster, so that clustering swallows the effect.
 * n codes each; n_inner levels. *nested is unchanged on failure. RK_OK or RK_ENOMEM. */
enum rk_status rk_is_nested(const uint32_t *inner, size_t n_inner, const uint32_t *cluster,
                            size_t n, bool *nested);

#endif
