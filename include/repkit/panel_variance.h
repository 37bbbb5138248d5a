/* How a panel's values vary: between units, and within a unit from period to period. */
#ifndef REPKIT_PANEL_VARIANCE_H
#define REPKIT_PANEL_VARIANCE_H

#include <stddef.h>
#include <stdint.h>

#include "repkit/status.h"

/* value_it = period_t + unit_i + noise_it, noise with correlation ar^|lag| within a unit. */
struct rk_panel_variance {
    size_t n, n_units, n_periods; /* units with two periods or more, and what is theirs */
    double mean;                  /* of the values */
    double between;               /* variance of unit_i; 0 where the data show none */
    double within;                /* variance of the noise */
    double icc;                   /* between / (between + within) */
    double ar;                    /* correlation of a unit's neighbouring periods */
};

/* Estimates it by moments. Periods' means are taken out, then units' means; what taking out a
 * unit's mean does to the lag-1 products and squares of what is left is undone exactly:
 *   ar      solves sum e_t e_(t-1) / sum e_t^2 = sum of E[...] / sum of E[...] under ar^|lag|
 *   within  sum e_t^2 / sum of E[e_t^2], times G / (G - 1) for the periods' means
 *   between variance of the units' means less what the noise gives them
 * unit    n codes below n_units; period n whole numbers, in units of the panel's periods;
 *         rows in any order, a unit and a period at most once
 * value   n finite numbers
 * out     variances in the unit of value squared; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (fewer than two units with two periods); RK_ECONSTANT (no variation
 * within units); RK_ENOMEM.
 * In R: tests/reference/panel_variance.R; close to nlme::lme(y ~ factor(period), random = ~ 1 |
 * unit, correlation = corAR1(form = ~ period | unit)). */
enum rk_status rk_panel_variance_of(const uint32_t *unit, size_t n_units, const double *period,
                                    const double *value, size_t n, struct rk_panel_variance *out);

#endif
