/* Taking any number of fixed effects out of columns: the one home of demeaning. */
#ifndef REPKIT_ABSORB_H
#define REPKIT_ABSORB_H

#include <stdint.h>

#include "repkit/context.h"

/* The levels of each effect in each row. Effects need not be crossed or nested in any way. */
struct rk_absorbed {
    size_t n, n_effects;         /* n_effects >= 1 */
    const uint32_t *const *code; /* n_effects arrays of n codes below n_levels[e] */
    const size_t *n_levels;
    const double *weights; /* n, positive; NULL for none */
};

/* Columns less the effects that fit them best: residuals of a (weighted) regression on a dummy for
 * every level of every effect.
 *   One effect: x - mean of its level. More: the effect with the most levels is taken out by its
 *   means, and the other effects solve the equations that are left, by conjugate gradients with
 *   their counts as preconditioner, until sums by level are 0 to rounding.
 * column     n_columns arrays of n values, finite, overwritten; undefined on failure
 * ctx        threads (columns are shared out), cancel; NULL for one thread
 * Returns RK_OK; RK_ENOCONVERGE; RK_ENOMEM; what ctx's cancel says.
 * Source: Guimaraes and Portugal (2010), Stata Journal 10, for the alternation; Correia (2016),
 * "Linear models with high-dimensional fixed effects", for its acceleration.
 * In R: residuals(lm(x ~ factor(a) + factor(b), weights = w)). */
enum rk_status rk_absorb(const struct rk_absorbed *effects, double *const *column, size_t n_columns,
                         const struct rk_ctx *ctx);

/* Degrees of freedom that the effects take: the rank of their dummies.
 *   One: its levels in use. Two: levels in use - connected parts (levels that share rows, directly
 *   or through others). More: the rank, by elimination, while that is cheap; beyond, levels in use
 *   - parts of the first two - 1 for each other, which is never too few.
 * Fills *df; RK_OK or RK_ENOMEM.
 * In R: qr(model.matrix(~ factor(a) + factor(b) + factor(c)))$rank. */
enum rk_status rk_absorb_df(const struct rk_absorbed *effects, size_t *df);

/* The leverage that each row owes to the effects: the diagonal of their projection.
 * hat  n values, filled; all NaN where several effects have so many levels that it would take long
 * Returns RK_OK or RK_ENOMEM. In R: hatvalues(lm(x ~ factor(a) + factor(b), weights = w)). */
enum rk_status rk_absorb_leverage(const struct rk_absorbed *effects, double *hat);

#endif
