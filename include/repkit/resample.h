/* Resampling: the one home of the bootstrap.
 *
 * What is resampled are items: rows, pairs of values, or whole clusters (the caller's statistic
 * knows which rows belong to an item). A resample is a count for each item, how often it was drawn;
 * all ones is the sample itself. */
#ifndef REPKIT_RESAMPLE_H
#define REPKIT_RESAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "repkit/alternative.h"
#include "repkit/context.h"

struct rk_resample {
    size_t n;                /* items */
    const uint32_t *stratum; /* n codes below n_strata: each is resampled by itself; NULL: one */
    size_t n_strata;
    size_t draws;      /* 9999 for p-values, 1999 for intervals by whole clusters */
    const char *label; /* of the random stream: the group, "" for none */
};

/* The statistic of a resample, in *value (several: value[0], value[1], ...); NaN or an undefined
 * status where it has none. Called from several threads at once. Other statuses end the bootstrap.
 */
typedef enum rk_status (*rk_statistic_fn)(const void *data, const uint32_t *count, double *value);

struct rk_boot {
    double estimate;     /* of the sample itself */
    double *draw;        /* n_draws values that are defined, ascending */
    size_t n_draws;      /* at least nine in ten of those asked for */
    double bias;         /* z0, from the share of draws below the estimate */
    double acceleration; /* a, from the jackknife */
    bool bca;            /* false: z0 or a has no value, intervals are percentiles */
};

/* Draws resamples and what BCa intervals need.
 *   z0 = qnorm((#{t* < t} + #{t* = t} / 2) / B),  a = sum d^3 / (6 (sum d^2)^1.5),
 *   d_i = mean(t_(.)) - t_(-i), leaving out one item; above 2,000 items one of 1,000 groups of them
 * Fixed blocks of RK_DRAWS_PER_STREAM draws have a stream each (purpose "bootstrap"), so that
 * threads change nothing; two statistics with the same items and label see the same resamples.
 * plan      n >= 2, draws >= 1
 * boot      the caller's, freed by rk_boot_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (n < 2, or the statistic has no value in a tenth of the draws); what
 * the statistic returned for the sample itself; RK_ENOMEM; what ctx's cancel says. Source: Efron
 * (1987), J. Am. Statist. Ass. 82; Davison and Hinkley (1997), Bootstrap Methods. In R:
 * boot::boot(data, statistic, R = draws, strata = stratum). */
enum rk_status rk_boot_new(const struct rk_resample *plan, rk_statistic_fn statistic,
                           const void *data, const struct rk_ctx *ctx, struct rk_boot **boot);
void rk_boot_free(struct rk_boot *boot);

/* The same for several statistics of the same resamples, each of which is drawn once.
 * boot  n_values of them, each freed by rk_boot_free; unchanged on failure
 * Returns as rk_boot_new does; RK_ETOOFEW also where one of them has too few values. */
enum rk_status rk_boot_several_new(const struct rk_resample *plan, rk_statistic_fn statistics,
                                   const void *data, size_t n_values, const struct rk_ctx *ctx,
                                   struct rk_boot **boot);

/* Means of two samples, or of pairs: what rk_boot_means_new resamples. */
struct rk_boot_means {
    const double *x, *y; /* first and second */
    size_t nx, ny;       /* each below 2^32; of pairs the same */
    bool paired;         /* pairs are drawn; else each sample by itself */
    bool ratio;          /* mean(y) / mean(x); else mean(y) - mean(x) */
    size_t draws;
    const char *label; /* of the random stream, "" for none */
};

/* The same for a difference or a ratio of means, many times faster: the values drawn are added up
 * as they come, from streams of their own (purpose "bootstrap means"), and what leaving out an
 * item makes of a mean needs no second pass.
 * Returns RK_OK; RK_ETOOFEW (a sample, or the pairs, below 2); RK_EDOMAIN (not finite, or a ratio
 * to 0); RK_ENOMEM; what ctx's cancel says. *boot unchanged on failure.
 * In R: boot::boot(data, statistic, R = draws, strata = g) of two samples; without strata of pairs.
 */
enum rk_status rk_boot_means_new(const struct rk_boot_means *means, const struct rk_ctx *ctx,
                                 struct rk_boot **boot);

/* The BCa interval (percentiles where !bca), quantiles of type 6.
 *   at Phi(z0 + (z0 + z) / (1 - a (z0 + z))), z = qnorm of (1 - conf_level) / 2 and of 1 less that
 * One-sided alternatives have one-sided intervals, to -Inf or Inf. This function can't fail.
 * In R: boot::boot.ci(boot, conf, type = "bca"), but for how it interpolates quantiles. */
void rk_boot_interval(const struct rk_boot *boot, double conf_level, int alternative, double *low,
                      double *high);

/* The p-value that belongs to the interval: the 1 - conf_level at which it begins to hold `null`.
 * Never below 1 / (B + 1). This function can't fail. */
double rk_boot_p_value(const struct rk_boot *boot, double null, int alternative);

#endif
