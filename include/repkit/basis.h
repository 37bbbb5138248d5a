/* Bases of curves in one variable: orthogonal polynomials and natural cubic splines. A basis is
 * chosen from data once and can then be evaluated anywhere, as R's makepredictcall does it. */
#ifndef REPKIT_BASIS_H
#define REPKIT_BASIS_H

#include "repkit/status.h"

struct rk_basis;

/* Polynomials of degree 1 to `degree`, orthonormal over the values and orthogonal to a constant.
 *   p_(j+1)(x) = (x - a_j) p_j(x) - (|p_j|^2 / |p_(j-1)|^2) p_(j-1)(x),
 *   a_j = sum x p_j(x)^2 / |p_j|^2,  column j = p_j / |p_j|
 * x, n    finite
 * degree  at least 1, below the number of distinct values
 * Returns RK_OK; RK_ETOOFEW (not more distinct values than the degree); RK_EDOMAIN (degree 0, or
 * values so large or so many that a norm is not finite); RK_ENOMEM. *basis unchanged on failure.
 * Source: Forsythe (1957), J. Soc. Indust. Appl. Math. 5. In R: poly(x, degree). */
enum rk_status rk_basis_poly(const double *x, size_t n, size_t degree, struct rk_basis **basis);

/* Cubic splines that are linear beyond the range of x, without the constant: df columns. Knots
 * stand at the df - 1 inner quantiles (type 7) of x that are equally spaced in probability, and at
 * its ends. x, n  finite;  df  at least 1 Returns RK_OK; RK_ETOOFEW (n < 2); RK_ECONSTANT (x does
 * not vary); RK_EDOMAIN (df 0); RK_ENOMEM. *basis unchanged on failure. Source: de Boor (1978), A
 * Practical Guide to Splines. In R: splines::ns(x, df = df). */
enum rk_status rk_basis_spline(const double *x, size_t n, size_t df, struct rk_basis **basis);

void rk_basis_free(struct rk_basis *basis);

size_t rk_basis_columns(const struct rk_basis *basis);

/* The columns at x, and their derivatives unless slope is NULL; rk_basis_columns places each, NaN
 * for a NaN. This function can't fail. In R: predict(basis, x). */
void rk_basis_at(const struct rk_basis *basis, double x, double *value, double *slope);

#endif
