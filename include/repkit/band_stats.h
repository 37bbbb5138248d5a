/* What dose-response curves stand on: restricted cubic splines, the test of a turning point, the
 * best knot of a broken line for any resample, and sup-F tests of whether there is a knot at all.
 */
#ifndef REPKIT_BAND_STATS_H
#define REPKIT_BAND_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/context.h"

/* --- does the curve turn? ------------------------------------------------------------------- */

struct rk_turn {
    double t_low, t_high; /* of the slopes at both ends */
    double p_value;       /* the larger of the two one-sided ones */
    bool peak;            /* tested: up, then down; else down, then up */
};

/* Sasabuchi's test of a turning point between two places, as Lind and Mehlum use it: the slopes at
 * both have opposite signs. Which way is tested follows from which slope is the larger.
 *   p = max(P(T > t_low), P(T < t_high)) for a peak, with the signs changed for a trough
 * slope, se, df   of the slope at the lower and at the upper place; se > 0
 * Returns RK_OK or RK_EDOMAIN; *out unchanged on failure.
 * Source: Lind and Mehlum (2010), Oxford Bull. Econ. Statist. 72. In R: with
 * m <- lm(y ~ I(x - low) + I((x - low)^2)), pt(coef t, df, lower.tail = FALSE), and for `high`. */
enum rk_status rk_turn_test(double slope_low, double se_low, double df_low, double slope_high,
                            double se_high, double df_high, struct rk_turn *out);

/* --- restricted cubic splines ----------------------------------------------------------------- */

#define RK_MOST_KNOTS 5

/* Harrell's knots: quantiles (type 7) of x at 0.1, 0.5, 0.9; 0.05, 0.35, 0.65, 0.95; or 0.05,
 * 0.275, 0.5, 0.725, 0.95. Equal ones are one: *n_knots may be less than asked for.
 * x, n     finite, n >= 1;  wanted   3, 4 or 5;  knot   room for `wanted`
 * Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN, RK_ENOMEM. In R: unique(quantile(x, c(0.1, 0.5, 0.9))). */
enum rk_status rk_rcs_knots(const double *x, size_t n, size_t wanted, double *knot,
                            size_t *n_knots);

/* The n_knots - 2 columns beside x of a cubic spline that is straight beyond the outer knots:
 *   ((x - k_j)+^3 - (x - k_q-1)+^3 (k_q - k_j) / d + (x - k_q)+^3 (k_q-1 - k_j) / d) / (k_q -
 * k_1)^2 with d = k_q - k_q-1. out: n_knots - 2 values. This function can't fail. In R:
 * Hmisc::rcspline.eval(x, knots). */
void rk_rcs_basis(double x, const double *knot, size_t n_knots, double *out);
/* Their derivatives. */
void rk_rcs_slopes(double x, const double *knot, size_t n_knots, double *out);

/* Where b0 x + sum b_j basis_j(x) is largest between low and high: exactly, from the roots of the
 * derivative between knots. This function can't fail. */
double rk_rcs_highest(const double *coef, const double *knot, size_t n_knots, double low,
                      double high);

/* --- curves from sums over items -------------------------------------------------------------- */

/* What the sums are made of. Every column has had the same fixed effects taken out and, with
 * weights, been multiplied by their roots. All are n values, column after column, finite. */
struct rk_curve_data {
    size_t n;
    const double *Z; /* n-by-q: controls, the intercept among them; NULL for q = 0 */
    size_t q;
    const double *x;
    const double *extra; /* n-by-s: further columns of curves, x^2 or a spline's; NULL for s = 0 */
    size_t s;
    const double *y;
    const double *node;    /* m, ascending */
    const double *segment; /* n-by-m: max(x - node, 0) */
    size_t m;
    const uint32_t *item; /* what belongs together in resampling; NULL: all rows are one item */
    size_t n_items;
};

struct rk_curve_sums;
/* Cross-products by item. RK_OK, RK_ENOMEM. */
enum rk_status rk_curve_sums_new(const struct rk_curve_data *data, struct rk_curve_sums **sums);
void rk_curve_sums_free(struct rk_curve_sums *sums);

/* Least squares of y on Z, x and the extra columns first .. first + n - 1, each item counted so
 * often (count NULL: once). coef: 1 + n values, of x and of those.
 * RK_OK, RK_ESINGULAR, RK_ENOMEM; coef unchanged on failure. */
enum rk_status rk_curve_fit(const struct rk_curve_sums *sums, const uint32_t *count, size_t first,
                            size_t n, double *coef);

enum rk_knot_kind {
    RK_KNOT_KINK,   /* Z, x, (x - knot)+: two slopes */
    RK_KNOT_PLATEAU /* Z, min(x, knot): flat after the knot */
};

struct rk_knot {
    double at, rss;
    size_t near; /* the node at or below it */
    bool edge;   /* it is the first or the last node */
};

/* The knot that leaves the least squares, over the whole range of the nodes: between two nodes
 * without a value of x between them (x - knot)+ is a line in the knot, and the best one has a
 * closed form; elsewhere that interpolates.
 * RK_OK; RK_ESINGULAR; RK_ETOOFEW (fewer than two nodes); RK_ENOMEM; *out unchanged on failure.
 * Source: Muggeo (2003), Statist. Med. 22, for the model. In R: optimize over the residual sum of
 * squares of lm(y ~ Z + x + pmax(x - knot, 0)), interval by interval. */
enum rk_status rk_curve_knot(const struct rk_curve_sums *sums, const uint32_t *count,
                             enum rk_knot_kind kind, struct rk_knot *out);

/* --- is there a knot? ------------------------------------------------------------------------- */

/* Candidates for what a straight line lacks. Columns as in struct rk_curve_data. */
struct rk_sup_data {
    size_t n;
    const double *Z; /* n-by-q */
    size_t q;
    const double *x, *y;
    const double *column; /* n-by-(m block): the columns of each candidate, one after the other */
    size_t m, block;      /* block: 1 or 2 columns a candidate */
    bool plateau;         /* the candidate is min(x, node) in place of x: column has x - that */
    const uint32_t *item; /* draws share their sign within an item; NULL: each row is one */
    size_t n_items;
    double lost;       /* share of the residual variation that effects not nested in items take */
    double df;         /* residual degrees of freedom with a candidate */
    size_t draws;      /* of the wild bootstrap; 0: no p */
    const char *label; /* of the random stream */
};

struct rk_sup {
    double statistic; /* the largest F over the candidates: (RSS0 - RSS) / block / (RSS / df) */
    size_t best;
    double p_value; /* (1 + draws at least as large) / (1 + draws); NaN without draws */
};

/* The largest F of any candidate against the straight line, and its p by the wild bootstrap with
 * the line imposed: y* = fit + v_g u, v Rademacher, or Webb's six points below 12 items. (Two
 * models that are not nested, line and plateau, are compared the same way; F may be negative.)
 * rss   m values, optional: the residual sum of squares with each candidate
 * RK_OK; RK_ETOOFEW (no candidate can be fitted, fewer than two items); RK_ESINGULAR; RK_ENOMEM;
 * what ctx's cancel says. Sources: Hansen (1996), Econometrica 64; Davidson and Flachaire (2008),
 * J. Econometrics 146. */
enum rk_status rk_sup_test(const struct rk_sup_data *data, const struct rk_ctx *ctx, double *rss,
                           struct rk_sup *out);

#endif
