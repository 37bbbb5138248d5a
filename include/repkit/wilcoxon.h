/* Wilcoxon's tests, signed rank (paired or one sample) and rank sum (Mann-Whitney), with the
 * Hodges-Lehmann estimates and intervals that belong to them.
 *
 * Null distributions are exact up to RK_SIGNED_RANK_EXACT_N differences and RK_RANK_SUM_EXACT_PAIRS
 * pairs, with ties too: then they are conditional on the midranks (Streitberg and Rohmel 1986).
 * Beyond, they are normal with a continuity correction of 0.5 and the variance corrected for ties.
 *
 * Intervals are order statistics of the Walsh averages or of the pairwise differences, at the
 * quantile of the distribution without ties, exact or normal by the same limits. */
#ifndef REPKIT_WILCOXON_H
#define REPKIT_WILCOXON_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/alternative.h"
#include "repkit/status.h"

#define RK_SIGNED_RANK_EXACT_N 200
#define RK_RANK_SUM_EXACT_PAIRS 10000

struct rk_rank_test {
    double estimate;  /* Hodges-Lehmann, in the unit of the data */
    double statistic; /* V, or U of the first sample */
    double p_value;
    /* An open end is an infinity; both are NaN where no order statistic gives any confidence. */
    double conf_low, conf_high;
    double conf_achieved; /* the level that the interval has under the null distribution it stands
                             on: at least conf_level unless the sample is too small for that */
    double p_smallest; /* the smallest p-value these sizes allow without ties; 0 when not exact */
    size_t n_used;     /* differences that are not mu; all values of both samples */
    bool exact;
};

/* Wilcoxon's signed rank test of the centre of symmetry of d against mu.
 *   V = sum of the ranks of |d - mu| where d > mu; differences equal to mu are left out
 *   estimate = median of the Walsh averages (d_i + d_j) / 2, i <= j, of the differences not left
 * out d, n         differences second minus first (or one sample), any unit, finite, n >= 1 mu the
 * centre under the null hypothesis, same unit alternative  enum rk_alternative; RK_GREATER: the
 * centre is greater than mu conf_level   0 < conf_level < 1 out          if all differences equal
 * mu: p_value 1, estimate mu, no interval Returns RK_OK, RK_ETOOFEW, RK_EDOMAIN (not finite),
 * RK_ENOMEM; *out unchanged on failure. Source: Wilcoxon (1945), Biometrics Bulletin 1; Hodges and
 * Lehmann (1963). In R: wilcox.test(d, mu = mu, conf.int = TRUE) where that is exact;
 * coin::wilcoxsign_test(..., distribution = "exact", zero.method = "Wilcoxon") with ties. */
enum rk_status rk_signed_rank_test(const double *d, size_t n, double mu, int alternative,
                                   double conf_level, struct rk_rank_test *out);

/* Mann-Whitney test of the shift from x to y against mu.
 *   U = number of pairs with x_i > y_j - mu, ties counting one half
 *   estimate = median of the nx ny differences y_j - x_i
 * x, nx        first sample, any unit, finite, nx >= 1;  y, ny  second sample, same unit
 * mu           the shift under the null hypothesis, same unit
 * alternative  enum rk_alternative; RK_GREATER: y is shifted by more than mu (U is small)
 * conf_level, out, result   as above; two-sided p is P(|U - nx ny / 2| at least as large)
 * It tests P(Y > X) = 1/2, and medians only if the samples differ in nothing but a shift.
 * Source: Mann and Whitney (1947), Annals of Mathematical Statistics 18; Lehmann (1963).
 * In R: wilcox.test(y, x, mu = mu, conf.int = TRUE) where that is exact (its W is nx ny - U);
 * coin::wilcox_test(distribution = "exact") with ties. */
enum rk_status rk_rank_sum_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                                int alternative, double conf_level, struct rk_rank_test *out);

/* The null distribution of a rank statistic: probability[s] is that of the value s / scale, the
 * statistic being V or U. free() probability. */
struct rk_rank_null {
    double *probability;
    size_t n_values;
    size_t scale; /* 1 without ties, else 2: midranks have halves */
};

/* The null distribution of V, the sum of the positively signed of n ranks.
 * doubled  twice the midranks, n of them; NULL for 1 .. n without ties
 * Returns RK_OK or RK_ENOMEM. In R: dsignrank(s, n). */
enum rk_status rk_signed_rank_null(const size_t *doubled, size_t n, struct rk_rank_null *null);

/* The null distribution of U = rank sum of m drawn from N midranks - m (m + 1) / 2.
 * doubled  twice the midranks, N of them, ascending; NULL for 1 .. N without ties;  m <= N
 * Returns RK_OK or RK_ENOMEM. In R: dwilcox(s, m, N - m). */
enum rk_status rk_rank_sum_null(const size_t *doubled, size_t N, size_t m,
                                struct rk_rank_null *null);

#endif
