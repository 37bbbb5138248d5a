/* Taking the levels of units and of periods out of a column at once. */
#ifndef REPKIT_TWO_WAY_H
#define REPKIT_TWO_WAY_H

#include <stddef.h>
#include <stdint.h>

#include "repkit/status.h"

/* The levels of a table of units by periods, not every cell of which need be there. */
struct rk_two_way {
    size_t n, n_units, n_periods;
    const uint32_t *unit;   /* n codes below n_units */
    const uint32_t *period; /* n codes below n_periods */
};

/* x less the unit and period effects that fit it best: the residual of a regression on a dummy for
 * each unit and each period.
 *   With all cells there: x_it - mean_i(x) - mean_t(x) + mean(x). Otherwise units' means and
 *   periods' means are taken out in turn, the steps accelerated by conjugate gradients, until
 *   periods' means are 0 to rounding.
 * x  n values, finite, overwritten; undefined on failure
 * Returns RK_OK; RK_ENOCONVERGE; RK_ENOMEM.
 * Source: Guimaraes and Portugal (2010), Stata Journal 10, for the alternation.
 * In R: residuals(lm(x ~ factor(unit) + factor(period))). */
enum rk_status rk_two_way_demean(const struct rk_two_way *two_way, double *x);

/* Degrees of freedom that the effects take: units + periods in use - connected parts of the table
 * (1 unless it falls into parts that share neither units nor periods).
 * Fills *df; RK_OK or RK_ENOMEM. In R: qr(model.matrix(~ factor(unit) + factor(period)))$rank. */
enum rk_status rk_two_way_df(const struct rk_two_way *two_way, size_t *df);

#endif
