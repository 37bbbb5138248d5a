/* Correlation of two columns: over all rows, between units and within them. */
#ifndef REPKIT_CORRELATION_H
#define REPKIT_CORRELATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/alternative.h"
#include "repkit/context.h"
#include "repkit/status.h"

enum rk_correlation_method { RK_PEARSON, RK_SPEARMAN, RK_KENDALL };
#define RK_CORRELATION_METHODS "pearson|spearman|kendall"

struct rk_correlation {
    size_t n;                   /* pairs that were correlated */
    size_t n_units;             /* units they come from; 0 where units play no part */
    double estimate;            /* -1 to 1 */
    double conf_low, conf_high; /* NaN with fewer than four pairs (kendall: ten) */
    double statistic; /* t; S of Spearman's exact test; of Kendall z, or T of the exact test */
    double df;        /* of t; NaN with S, T and z */
    double p_value;
    bool exact; /* p_value is from the exact distribution of S or T */
    bool
        perfect; /* |estimate| is 1: interval [r, r], and no t, hence no p-value (ranks have one) */
};

/* Correlation of x and y.
 *   pearson   r = sum u v / sqrt(sum u^2 sum v^2), u = x - mean(x), v = y - mean(y)
 *             tanh(atanh(r) -+ z / sqrt(n - 3)), z the normal quantile of conf_level
 *   spearman  the same of average ranks; tanh(atanh(r) -+ z sqrt((1 + r^2 / 2) / (n - 3)))
 *   t = r sqrt(df / (1 - r^2)), df = n - 2; of Spearman without ties and n <= 9 the p-value is
 *   exact, from S = sum of squared rank differences over all n! orders
 *   kendall   tau-b, rk_concordance's s / sqrt(x_untied y_untied), in O(n log n); without ties and
 *             n < 50 exact, from the number T of concordant pairs, else z = s / sqrt(variance);
 *             tanh(atanh(tau) -+ z sqrt(0.437 / (n - 4))), n >= 10
 * One-sided alternatives have one-sided intervals, to -1 or 1.
 * x, y, n      paired, finite, any units and magnitudes; n >= 3
 * method       enum rk_correlation_method
 * conf_level   between 0 and 1;  alternative  enum rk_alternative (RK_GREATER: above 0)
 * Returns RK_OK; RK_ETOOFEW; RK_ECONSTANT (x or y has one value only); RK_EDOMAIN (a value is not
 * finite); RK_ENOMEM. *out unchanged on failure.
 * Source: Bonett and Wright (2000), Psychometrika 65, for Spearman's interval; Knight (1966), J.
 * Am. Statist. Ass. 61, for Kendall's sort; Fieller, Hartley and Pearson (1957), Biometrika 44, for
 * its interval. In R: cor.test(x, y, method, exact = n <= 9 && !any(duplicated(x), duplicated(y)));
 * of kendall n < 50 instead. */
enum rk_status rk_correlation(int method, const double *x, const double *y, size_t n,
                              double conf_level, int alternative, struct rk_correlation *out);

/* Correlation within units (repeated measures): of the deviations from each unit's mean, so that
 * what sets units apart plays no part.
 *   df = N - G - 1 for N rows of G units;  as above with n - 2 and n - 3 replaced by df and df - 1
 *   spearman  average ranks over all rows used, then deviations from the units' mean ranks; its p
 *             is always that of t
 *   kendall   only pairs of rows of one unit are compared: s, x_untied, y_untied and the variance
 *             are sums over units, z is never exact, and there is no interval; df is NaN
 * unit       n codes below n_units; units with a single row drop out and are not counted
 * out->n     N, out->n_units G. The errors are taken as independent
 * Otherwise as rk_correlation; RK_ETOOFEW for df < 1, RK_ECONSTANT if x or y has one value in
 * every unit.
 * Source: Bland and Altman (1995), BMJ 310; Bakdash and Marusich (2017), Front. Psychol. 8.
 * In R: rmcorr::rmcorr(unit, x, y); the t of x in lm(y ~ factor(unit) + x). */
enum rk_status rk_correlation_within(int method, const double *x, const double *y,
                                     const uint32_t *unit, size_t n, size_t n_units,
                                     double conf_level, int alternative,
                                     struct rk_correlation *out);

/* What is correlated, everything borrowed. */
struct rk_correlation_data {
    size_t n;
    const double *x, *y;          /* n, finite, any units and magnitudes */
    const double *const *control; /* n_controls columns of n: what is held fixed */
    size_t n_controls;
    const uint32_t *unit; /* n codes below n_units; NULL: all rows */
    size_t n_units;
    const uint32_t *period; /* n codes below n_periods, only with unit; NULL: one-way */
    size_t n_periods;
    /* Where the n rows only have the means and products of others (repkit/cross_moments.h), without
     * unit: how many those are, and how many means were taken out of them. 0: they are data. */
    size_t stands_for, taken;
};

/* The general case of the two above: within units, two-way, and partial.
 *   two-way  of the residuals from unit and period effects (rk_absorb), so that what all
 *            units share in a period plays no part either; df = N - G - T for T periods (one more
 *            for each further part of a table that is not connected). Units and periods with a
 *            single row drop out
 *   partial  of the residuals of x and y from their least-squares fit on the g controls (spearman:
 *            on their ranks), controls centred like x and y; df less by the controls' rank
 *   kendall  neither: RK_EDOMAIN
 * residual  n values, NULL if not wanted: what is left of y beside x, of norm sqrt(1 - r^2); NaN
 *           for rows that dropped out, and for all of them of kendall
 * Returns as above; also RK_ECONSTANT if the controls leave nothing of x or y, RK_ENOCONVERGE. *out
 * and residual unchanged on failure.
 * In R: two-way: the t of x in lm(y ~ factor(unit) + factor(period) + x); partial: of x in
 * lm(y ~ x + control), r = t / sqrt(t^2 + df). */
enum rk_status rk_correlate(int method, const struct rk_correlation_data *data, double conf_level,
                            int alternative, double *residual, struct rk_correlation *out);

/* Pearson's correlation of many pairs of columns, with the interval and t test of rk_correlation,
 * from the columns as they stand: a pass for the means and one for centred squares and products,
 * all columns in step, and no copies. Sums are compensated; 1 - r^2 of a close correlation is
 * summed as the squared distance of the two, in a further pass. column     n_columns columns of n,
 * any units; NaN is missing: each pair stands on the rows where both are given pair       n_pairs
 * pairs of them out, each  n_pairs places: the correlation and its status, as rk_correlation
 * returns it; out is left as it is but for its n where the status is not RK_OK Returns RK_OK;
 * RK_ENOMEM or what ctx's cancel says (out and each then undefined). In R: cor(X, use =
 * "pairwise.complete.obs"). */
struct rk_column_pair {
    size_t x, y;
};
enum rk_status rk_correlation_pairs(const double *const *column, size_t n_columns, size_t n,
                                    const struct rk_column_pair *pair, size_t n_pairs,
                                    double conf_level, int alternative, const struct rk_ctx *ctx,
                                    struct rk_correlation *out, enum rk_status *each);

/* Pairs of columns that share their rows, so that means and effects are taken out of each column
 * once. */
struct rk_correlation_pairs {
    const struct rk_column_pair *pair; /* n of them; 0 is data->x, 1 data->y, 2 the first control */
    size_t n;
    double conf_level;
    int alternative;
    struct rk_correlation *out; /* n; left as it is where the status is not RK_OK */
    enum rk_status *status;     /* n: RK_OK or RK_ECONSTANT */
    /* Shown rk_correlate's residual of each pair; NULL for none. */
    void (*look)(void *look_data, size_t pair, const double *residual);
    void *data;
};

/* rk_correlate of each pair by RK_PEARSON without controls, to the same bytes: the columns that
 * rk_correlate would hold fixed are further columns here.
 * Returns RK_OK; RK_ETOOFEW, RK_EDOMAIN, RK_ENOCONVERGE (of all pairs); RK_ENOMEM. */
enum rk_status rk_correlate_pairs(const struct rk_correlation_data *data,
                                  const struct rk_correlation_pairs *pairs);

/* The difference of two correlations of one sample that share y: of y with x1 less y with x2.
 *   t = (r1 - r2) sqrt((n - 1)(1 + q) / (2 (n - 1) / (n - 3) |R| + rbar^2 (1 - q)^3)), df = n - 3
 *   (Williams), |R| the determinant of the three correlations, rbar = (r1 + r2) / 2
 *   interval r1 - r2 -+ from the intervals of r1 and r2 and the correlation of the two (Zou)
 * a, b         of y with x1 and with x2, their intervals two-sided at the level wanted (for a
 *              one-sided alternative at 2 level - 1)
 * between      q, the correlation of x1 with x2
 * n            rows; df + 2 of a where means or controls have been taken out
 * Returns RK_OK; RK_ETOOFEW (n < 4); RK_EPERFECT (one of the three is 1 or -1). *out unchanged on
 * failure.
 * Source: Steiger (1980), Psychol. Bull. 87; Zou (2007), Psychol. Methods 12.
 * In R: psych::r.test(n, r1, r2, q); cocor's zou2007. */
enum rk_status rk_correlation_difference(const struct rk_correlation *a,
                                         const struct rk_correlation *b, double between, double n,
                                         int alternative, struct rk_correlation *out);

/* The mean of each unit's rows, for correlation between units.
 * mean    n_units values; NaN for a unit without rows.  x, unit as above
 * Returns RK_OK or RK_ENOMEM; mean unchanged on failure.
 * In R: tapply(x, factor(unit, levels = 0:(n_units - 1)), mean). */
enum rk_status rk_unit_means(const double *x, const uint32_t *unit, size_t n, size_t n_units,
                             double *mean);

/* The share of x's variation that is within units, 0 to 1; NaN if x does not vary.
 *   sum (x - mean of its unit)^2 / sum (x - mean)^2
 * Fills *share; RK_OK or RK_ENOMEM, *share unchanged on failure.
 * In R: sum((x - ave(x, unit))^2) / sum((x - mean(x))^2). */
enum rk_status rk_within_share(const double *x, const uint32_t *unit, size_t n, size_t n_units,
                               double *share);

/* P(S <= s) and P(S >= s) of Spearman's S, the sum of squared rank differences, for n values in
 * random order without ties; n <= 9. Fills *lower and *upper; RK_OK, RK_EDOMAIN (n > 9, s NaN),
 * RK_ENOMEM. In R: cor.test(x, y, method = "spearman", alternative = "greater")$p.value is the
 * lower one. */
enum rk_status rk_spearman_tails(double s, size_t n, double *lower, double *upper);

/* P(T <= t) and P(T >= t) of the number of concordant pairs of n values in random order without
 * ties; n < 50. Fills *lower and *upper; RK_OK, RK_EDOMAIN (n >= 50, t NaN).
 * In R: cor.test(x, y, method = "kendall", alternative = "less")$p.value is the lower one. */
enum rk_status rk_kendall_tails(double concordant, size_t n, double *lower, double *upper);

/* What Kendall's tau is made of. */
struct rk_concordance {
    double s;                  /* concordant less discordant pairs */
    double x_untied, y_untied; /* pairs that differ in x, in y */
    double variance;           /* of s in random order, given the ties */
    bool ties;                 /* whether x or y has any */
};

/* Counts pairs of rows by merge sort: all of them (unit NULL), or those of one unit, summed.
 * x, y, n  not NaN;  unit  n codes below n_units
 * Returns RK_OK; RK_EDOMAIN (a NaN); RK_ENOMEM. *out unchanged on failure.
 * In R: sum(outer(x, x, function(a, b) sign(a - b)) * outer(y, y, ...)) / 2. */
enum rk_status rk_concordance(const double *x, const double *y, const uint32_t *unit, size_t n,
                              size_t n_units, struct rk_concordance *out);

#endif
