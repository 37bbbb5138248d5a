/* Permutation tests of a difference of means: labels exchanged between two samples (within blocks),
 * or signs of paired differences. */
#ifndef REPKIT_PERMUTATION_H
#define REPKIT_PERMUTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/alternative.h"
#include "repkit/context.h"

#define RK_PERMUTATIONS_EXACT 2000000 /* labels: all are counted up to so many */
#define RK_SIGNS_EXACT_N 20           /* signs: all of so many differences */

struct rk_permutation_plan {
    double mu;         /* the difference under the null hypothesis, in the unit of the data */
    int alternative;   /* enum rk_alternative; RK_GREATER: the difference is greater than mu */
    size_t draws;      /* where not all are counted; at least 1 */
    const char *label; /* of the random stream: the group, "" for none */
};

struct rk_permutation {
    double estimate; /* the difference of means, in the unit of the data */
    double p_value;
    size_t n; /* permutations counted: all, the sample's own among them, or the random ones */
    bool exact;
};

/* Permutation test of mean(y) - mean(x): which labels go with which values is chance, within each
 * block.
 *   estimate = sum_b w_b (ybar_b - xbar_b) / sum_b w_b,  w_b = nx_b ny_b / (nx_b + ny_b)
 *   p = the share of permutations with |T*| >= |T| (1 - 1e-10), T = estimate - mu; of random ones
 *   (1 + their number) / (draws + 1)
 * One block gives the difference of means. Blocks in which only one sample is do not count.
 * x, nx, y, ny      first and second sample, finite, each at least 1
 * x_block, y_block  codes below n_blocks, or both NULL for one block
 * ctx               seed, threads (the result does not depend on them), progress, cancel
 * Returns RK_OK; RK_ETOOFEW (an empty sample, no block with both); RK_ECONSTANT (all values of each
 * block the same); RK_EDOMAIN (not finite); RK_ENOMEM; what ctx's cancel says. *out unchanged on
 * failure.
 * Source: Davison and Hinkley (1997), Bootstrap Methods; Phipson and Smyth (2010), Stat. Appl.
 * Genet. Mol. Biol. 9.  In R: coin::oneway_test(value ~ g | block, distribution = "exact"). */
enum rk_status rk_permute_labels(const double *x, size_t nx, const uint32_t *x_block,
                                 const double *y, size_t ny, const uint32_t *y_block,
                                 size_t n_blocks, const struct rk_permutation_plan *plan,
                                 const struct rk_ctx *ctx, struct rk_permutation *out);

/* Permutation test of mean(d), by the signs of d - mu.
 * d, n  differences second minus first, finite, n >= 1;  the rest as above
 * RK_ECONSTANT: all differences equal mu.
 * In R: all 2^n rows of expand.grid(rep(list(c(-1, 1)), n)) times d. */
enum rk_status rk_permute_signs(const double *d, size_t n, const struct rk_permutation_plan *plan,
                                const struct rk_ctx *ctx, struct rk_permutation *out);

#endif
