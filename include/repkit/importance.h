/* Which share of R-squared each term brings, averaged over the orders in which they could enter. */
#ifndef REPKIT_IMPORTANCE_H
#define REPKIT_IMPORTANCE_H

#include <stddef.h>

#include "repkit/status.h"

enum { RK_IMPORTANCE_MOST = 14 }; /* terms: 16,384 regressions */

/* Cross-products of the columns and y, about their means where the model has a constant. */
struct rk_products {
    size_t n_columns;
    const size_t *term;  /* n_columns: the term of each, below n_terms */
    const double *cross; /* (n_columns + 1)-square, row after row; y comes last */
};

/* LMG: phi_t = sum over sets S of other terms of |S|! (T - 1 - |S|)! / T! (R^2(S + t) - R^2(S)).
 * A column that the ones before it determine adds nothing.
 * n_terms    1 .. RK_IMPORTANCE_MOST
 * lmg        n_terms values, which add up to R^2 of all terms
 * r_squared  of all terms
 * Returns RK_OK; RK_EDOMAIN (the number of terms); RK_ECONSTANT (y does not vary); RK_ENOMEM.
 * Outputs unchanged on failure.
 * Source: Lindeman, Merenda and Gold (1980); Gromping (2006), J. Statistical Software 17.
 * In R: relaimpo::calc.relimp(m, type = "lmg"). */
enum rk_status rk_importance_lmg(const struct rk_products *products, size_t n_terms, double *lmg,
                                 double *r_squared);

#endif
