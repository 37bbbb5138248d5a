/* Absorbing fixed effects: y and the columns of X less the effects of their levels (the within
 * transformation), so that slopes are those of a regression with a dummy for every level. */
#ifndef REPKIT_WITHIN_H
#define REPKIT_WITHIN_H

#include "repkit/absorb.h"
#include "repkit/least_squares.h"

struct rk_within {
    size_t n, p;         /* rows left after singletons went */
    size_t *row;         /* n: which of the given rows they are */
    size_t n_singletons; /* rows dropped because a level has no other: they say nothing */
    double *y, *X;       /* less the effects */
    double *weights;     /* of the rows left; NULL without weights */
    double y_norm;       /* Euclidean norm of y before */
    double *norm;        /* p: norms of the columns before */
    double *hat;         /* n: leverage of the effects; NaN where it would take too long (several
                            effects of many levels); NULL where it was not asked for */
    double *share;       /* p: share of each column's variation that is within levels, 0 to 1 */
    double tss;          /* weighted sum of squares of y about its mean, before */
    size_t n_effects;
    uint32_t **effect; /* n codes for each effect, 0 .. n_levels - 1, all in use */
    size_t *n_levels;
    size_t df; /* degrees of freedom the effects take, as rk_absorb_df counts them */
};

/* Takes any number of fixed effects out of a design (see rk_absorb). A row that is alone in a level
 * of some effect is left out, and so on until none is.
 *   one effect: x_it - mean_i(x), df = levels
 * design     y, X, weights as rk_fit_new wants them, without an intercept; weights positive
 * effect     n_effects arrays of n codes, levels numbered from 0 below n_levels[e]
 * within     the caller's, freed by rk_within_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (no row is left); RK_ENODATA; RK_EDOMAIN; RK_ENOCONVERGE; RK_ENOMEM.
 * In R: plm(y ~ x, index = c("a", "b"), model = "within", effect = "twoways");
 * share: sum(residuals(lm(x ~ factor(a) + factor(b)))^2) / sum((x - mean(x))^2). */
enum rk_status rk_within_new(const struct rk_design *design, const uint32_t *const *effect,
                             const size_t *n_levels, size_t n_effects, struct rk_within **within,
                             struct rk_error *error);

/* The same with threads, and with leverages only where they are asked for; also what ctx's cancel
 * says. The effects' weights are not read: the design's count. */
enum rk_status rk_within_absorb(const struct rk_design *design, const struct rk_absorbed *effects,
                                bool leverage, const struct rk_ctx *ctx, struct rk_within **within,
                                struct rk_error *error);
void rk_within_free(struct rk_within *within);

/* The design to fit: borrows all of `within`. This function can't fail. */
struct rk_design rk_within_design(const struct rk_within *within);

/* Whether every level of `inner` lies in one cluster, so that clustering swallows the effect.
 * n codes each; n_inner levels. *nested is unchanged on failure. RK_OK or RK_ENOMEM. */
enum rk_status rk_is_nested(const uint32_t *inner, size_t n_inner, const uint32_t *cluster,
                            size_t n, bool *nested);

/* An orthonormal basis of what the effects that are not nested in the clusters span, once the
 * nested ones have been taken out: sqrt(W) D less its projection, with Q'Q = I. CR2 and the wild
 * bootstrap treat it as further columns of the regression.
 * nested   n_effects flags
 * Q        n-by-k, column after column, the caller's to free(); NULL with k = 0
 * Returns RK_OK; RK_EDOMAIN where k would be so large that it would take long; RK_ENOCONVERGE;
 * RK_ENOMEM; *Q and *k are unchanged on failure. */
enum rk_status rk_within_crossed(const struct rk_within *within, const bool *nested, double **Q,
                                 size_t *k);

/* The slopes that a fit without effects would have within clusters, and their classical errors,
 * from one pass over its rows: what rk_within_new and rk_fit_new give for the same columns.
 * code  n codes below n_codes
 * coef, std_error  p values, filled; all NaN where a column hardly varies within clusters, or no
 *                  degrees of freedom are left
 * RK_OK or RK_ENOMEM. In R: lm(y ~ x + factor(cluster)). */
enum rk_status rk_within_slopes(const struct rk_fit *fit, const uint32_t *code, size_t n_codes,
                                const struct rk_ctx *ctx, double *coef, double *std_error);

#endif
