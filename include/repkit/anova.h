/* More than two samples: analysis of variance and its rank tests. */
#ifndef REPKIT_ANOVA_H
#define REPKIT_ANOVA_H

#include <stddef.h>

#include "repkit/effect_size.h"
#include "repkit/moments.h"
#include "repkit/status.h"

struct rk_anova {
    double statistic;    /* F, or a chi-squared */
    double df, df_error; /* df_error is infinite where the statistic is a chi-squared */
    double p_value;
};

/* One-way analysis of variance, all levels of one variance.
 *   F = (SS_between / (k - 1)) / (SS_within / (N - k))
 * x, n   k samples and their sizes, each at least 1, N > k
 * Returns RK_OK, RK_ETOOFEW, RK_ECONSTANT (no variation within the levels), RK_EDOMAIN (not
 * finite); *out unchanged on failure.
 * In R: oneway.test(value ~ level, var.equal = TRUE). */
enum rk_status rk_anova(const double *const *x, const size_t *n, size_t k, struct rk_anova *out);

/* The same from the samples' sizes, sums, means and variances. */
enum rk_status rk_anova_of(const struct rk_moments *m, size_t k, struct rk_anova *out);

/* Welch's analysis of variance, each level with its own variance.
 *   w_i = n_i / s_i^2,  m = sum w_i m_i / W,  h = sum (1 - w_i / W)^2 / (n_i - 1) / (k^2 - 1)
 *   F = sum w_i (m_i - m)^2 / ((k - 1) (1 + 2 (k - 2) h)),  df_error = 1 / (3 h)
 * Each sample at least 2 values that are not all the same; the rest as above.
 * Source: Welch (1951), Biometrika 38.  In R: oneway.test(value ~ level). */
enum rk_status rk_welch_anova(const double *const *x, const size_t *n, size_t k,
                              struct rk_anova *out);
enum rk_status rk_welch_anova_of(const struct rk_moments *m, size_t k, struct rk_anova *out);

/* Kruskal and Wallis's rank test, corrected for ties, by chi-squared with k - 1 df.
 *   H = (12 sum R_i^2 / n_i / (N (N + 1)) - 3 (N + 1)) / (1 - sum (t^3 - t) / (N^3 - N))
 * Also RK_ENOMEM.
 * Source: Kruskal and Wallis (1952), J. Am. Statist. Ass. 47.  In R: kruskal.test(x). */
enum rk_status rk_kruskal(const double *const *x, const size_t *n, size_t k, struct rk_anova *out);

/* Friedman's rank test of k treatments in n blocks, corrected for ties, by chi-squared, k - 1 df.
 *   Q = 12 sum (R_j - n (k + 1) / 2)^2 / (n k (k + 1) - sum (t^3 - t) / (k - 1))
 * x   n rows of k values, row by row;  n >= 2, k >= 2
 * Source: Friedman (1937), J. Am. Statist. Ass. 32.  In R: friedman.test(matrix). */
enum rk_status rk_friedman(const double *x, size_t n, size_t k, struct rk_anova *out);

/* Eta squared, the share of the variance that lies between the levels, from an F.
 *   eta^2 = F df / (F df + df_error); its ends are L / (L + df_error), L the noncentralities that
 *   put F at the ends of conf_level (0 where there is none)
 * Two-sided. Returns RK_OK, RK_EDOMAIN, RK_ENOCONVERGE.
 * In R: effectsize::F_to_eta2(F, df, df_error, alternative = "two.sided"). */
enum rk_status rk_eta_squared(const struct rk_anova *test, double conf_level,
                              struct rk_effect_size *out);

#endif
