/* One series over time: trend, change point, autocorrelation, control limits.
 *
 * Everywhere: x is n values, finite, in the order of time; t their times, ascending, no two the
 * same, in any unit; slot their places on an even grid (rk_series_slots), so that a gap is a gap
 * and no neighbourhood. */
#ifndef REPKIT_TIME_SERIES_H
#define REPKIT_TIME_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/context.h"
#include "repkit/status.h"

/* Places on an even grid, from 0. The step is the mean of the differences that are at most 1.5
 * times the median difference: months given by their first days lie one step apart, and a month
 * that is missing leaves a place free.
 * slot     n values, ascending, no two the same
 * uneven   optional: how many of the n - 1 differences are no multiple of the step to a quarter
 * Returns RK_OK; RK_EDOMAIN (times that do not ascend or are not finite, or that span more than
 * 1e15 steps); RK_ENOMEM. Outputs unchanged on failure. */
enum rk_status rk_series_slots(const double *t, size_t n, size_t *slot, size_t *uneven);

/* The autocorrelation at a lag of so many places:
 *   sum over pairs at that distance of d_i d_j / sum d_i^2,  d = x - mean(x)
 * Without gaps that is R's acf. NaN where x does not vary or no pair is at that distance.
 * This function can't fail otherwise. In R: acf(x)$acf[lag + 1]. */
double rk_autocorrelation(const double *x, const size_t *slot, size_t n, size_t lag);

/* Takes each season's median out of x; place s belongs to season s mod season. Nothing happens for
 * a season of 1 or 0. RK_OK or RK_ENOMEM. In R: x - ave(x, slot %% season, FUN = median). */
enum rk_status rk_remove_season(double *x, const size_t *slot, size_t n, size_t season);

/* --- Mann-Kendall ---------------------------------------------------------------------------- */

struct rk_kendall {
    size_t n, n_pairs; /* pairs of the same season */
    double s;          /* pairs that rise less pairs that fall */
    double var;        /* of s without a trend, corrected for ties; periods independent */
    double tau;        /* tau-b: s / sqrt(n_pairs (n_pairs - pairs tied in x)) */
    bool ties;
};

/* S = sum over pairs i < j of one season of sign(x_j - x_i),
 * var = sum over seasons of (m (m-1) (2m+5) - sum over ties t (t-1) (2t+5)) / 18.
 * season  periods a year; 0 or 1 for none
 * Returns RK_OK; RK_ETOOFEW (n < 3, or no season has two values); RK_ECONSTANT (var is 0);
 * RK_ENOMEM. *out unchanged on failure.
 * Source: Mann (1945), Econometrica 13; Hirsch, Slack and Smith (1982), Water Resources Research
 * 18. In R: cor.test(x, t, method = "kendall", exact = FALSE, continuity = TRUE) for its p. */
enum rk_status rk_kendall_trend(const double *x, const size_t *slot, size_t n, size_t season,
                                struct rk_kendall *out);

/* What autocorrelation multiplies the variance of S by:
 *   1 + 2 / (n (n-1) (n-2)) sum over i of (n-i) (n-i-1) (n-i-2) rho^i,
 *   rho = (n r1 + 1) / (n - 4), at most 0.95
 * r1  lag 1 of the ranks of the series without its trend; 1 is returned for r1 <= 0.2, n < 6, NaN
 * Hamed and Rao's factor with the correlations of an AR(1) process, whose lag 1 is corrected for
 * its bias, in place of the sample's own at all lags: in 600 simulated series without a trend, AR
 * 0.6, the 5% test then rejects 11%, 10% and 7% of 24, 52 and 104 periods (their way: 24%, 21% and
 * 20%; taken as independent: 29%, 32% and 33%).
 * Source: Hamed and Rao (1998), J. Hydrology 204; Kendall (1954), Biometrika 41 (bias of r1). */
double rk_kendall_inflation(double r1, size_t n);

/* z = (S - sign S) / sqrt(var inflation) and its p-value; without ties and inflation and with at
 * most 10 values of one season p is exact, over all orders.
 * This function can't fail. In R: cor.test(x, t, method = "kendall", exact = TRUE). */
struct rk_kendall_test {
    double z, p_value;
    bool exact;
};
struct rk_kendall_test rk_kendall_p(const struct rk_kendall *kendall, double inflation,
                                    int alternative);

/* --- Theil-Sen ------------------------------------------------------------------------------- */

enum { RK_SEN_MOST = 10000 }; /* values: 50 million slopes */

/* The median of the slopes (x_j - x_i) / (t_j - t_i) of all pairs of one season, per unit of t.
 * The interval's ends are the slopes at the ranks (N - C) / 2 and (N + C) / 2 + 1 of N, between
 * ranks interpolated, C = z sqrt(var_s); NaN where such a rank is not among 1 .. N. A one-sided
 * alternative has one infinite end.
 * var_s  of S, as rk_kendall_trend gives it, times the inflation
 * Returns RK_OK; RK_ETOOFEW (no pair); RK_EDOMAIN (n > RK_SEN_MOST); RK_ENOMEM. Outputs unchanged
 * on failure.
 * Source: Sen (1968), JASA 63. In R: s <- sort(slopes); median(s);
 * approx(seq_along(s), s, c((N - C) / 2, (N + C) / 2 + 1)). */
enum rk_status rk_sen_slope(const double *x, const double *t, const size_t *slot, size_t n,
                            size_t season, double var_s, double conf_level, int alternative,
                            double *slope, double *low, double *high);

/* --- Pettitt --------------------------------------------------------------------------------- */

struct rk_pettitt {
    size_t last_before; /* index of the last value before the change */
    double k;           /* max |U_t|,  U_t = 2 sum of the first t ranks - t (n + 1) */
    double p_value;     /* min(1, 2 exp(-6 K^2 / (n^3 + n^2))), two-sided */
    double median_before, median_after;
};

/* Returns RK_OK; RK_ETOOFEW (n < 3); RK_ECONSTANT; RK_ENOMEM. *out unchanged on failure.
 * Source: Pettitt (1979), Applied Statistics 28. In R: trend::pettitt.test(x). */
enum rk_status rk_pettitt_test(const double *x, size_t n, struct rk_pettitt *out);

/* Where the change may have been: RK_CHANGE_DRAWS times the values before it and those after it are
 * drawn again, each side from its own, and the test's change point is found in each series; what
 * lies within the central conf_level of them. Periods are taken as independent.
 * test       what rk_pettitt_test made of x
 * label      of the random stream: the group and variable
 * low, high  as last_before: indices of the last value before the change
 * Returns RK_OK; RK_ENOMEM; what ctx's cancel says. Outputs unchanged on failure. */
enum { RK_CHANGE_DRAWS = 999 };
enum rk_status rk_pettitt_interval(const double *x, size_t n, const struct rk_pettitt *test,
                                   double conf_level, const char *label, const struct rk_ctx *ctx,
                                   size_t *low, size_t *high);

/* --- control limits -------------------------------------------------------------------------- */

/* The standard deviation of an individuals chart: the mean of |x_i - x_(i-1)| over neighbouring
 * places, divided by 2 / sqrt(pi) = 1.128. NaN without neighbours. This function can't fail.
 * In R: mean(abs(diff(x))) / (2 / sqrt(pi)). */
double rk_moving_range_sd(const double *x, const size_t *slot, size_t n);

/* Which rule of Western Electric a value completes; the first that applies. */
enum rk_signal {
    RK_SIGNAL_NONE,
    RK_SIGNAL_3_SD,   /* it is beyond 3 sd */
    RK_SIGNAL_2_OF_3, /* it and another of the last three are beyond 2 sd on one side */
    RK_SIGNAL_4_OF_5, /* it and three others of the last five are beyond 1 sd on one side */
    RK_SIGNAL_8_RUN,  /* it and the seven before are on one side */
    RK_SIGNAL_COUNT
};

/* The signal at value i. z is n deviations from the centre in standard deviations. Gaps do not
 * break a run. This function can't fail.
 * Source: Western Electric (1956), Statistical Quality Control Handbook. */
enum rk_signal rk_control_signal(const double *z, size_t i);

#endif
