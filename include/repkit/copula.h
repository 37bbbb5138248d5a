/* Rank correlations of uncertain amounts, by a Gaussian copula. */
#ifndef REPKIT_COPULA_H
#define REPKIT_COPULA_H

#include <stddef.h>

#include "repkit/status.h"

/* The factor that turns independent standard normal scores into correlated ones.
 *   r = 2 sin(pi rho / 6),  factor factor' = r, diagonal positive
 * Where r is no correlation matrix, its eigenvalues are raised to at least 1e-8 and its diagonal is
 * scaled back to 1.
 * rho     n x n rank (Spearman) correlations: symmetric, diagonal 1, within -1 .. 1
 * factor  n x n, lower triangle; zeros above it. A row of 0 correlations is that of the identity
 * change  NULL, or the largest change of a rank correlation (0 where none was needed)
 * Returns RK_OK, RK_EDOMAIN, RK_ENOCONVERGE, RK_ENOMEM; nothing is changed on failure.
 * Source: Kruskal (1958), J. Am. Statist. Ass. 53, for the sine.
 * In R: t(chol(2 * sin(pi * rho / 6))). */
enum rk_status rk_copula_factor(const double *rho, size_t n, double *factor, double *change);

#endif
