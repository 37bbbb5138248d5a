/* rep-simulate: what would data with a known answer look like? */
#ifndef REPKIT_SIMULATE_H
#define REPKIT_SIMULATE_H

#include "repkit/context.h"
#include "repkit/result.h"

struct rk_simulate_options {
    size_t reps, periods;
    struct rk_names effects; /* NAME=VALUE: revenue for one more of an activity */
    double uplift;           /* of the revenue of treated reps after the rollout, a fraction */
    size_t rollout;          /* the first period after it, from 1; 0: half-way */
    double icc;              /* 0 <= icc < 1 */
    double ar;               /* -1 < ar < 1 */
    double deal_size;        /* revenue that a won deal brings on average, > 0 */
    double missing;          /* share of cells, 0 <= missing < 1 */
};
#define RK_SIMULATE_DEFAULT                                                                  \
    {                                                                                        \
        .reps = 20, .periods = 52, .uplift = 0.08, .icc = 0.4, .ar = 0.3, .deal_size = 2500, \
        .missing = 0.05                                                                      \
    }

/* Fills the tables
 *   panel  rep,period,region,treated,after,calls,emails,meetings,notes,tasks,deals_won,revenue
 *   truth  parameter,value
 * Rep i in period t (ISO weeks from 2024-W01) has Poisson counts of activities A_k around means of
 * its own, and
 *   revenue = (level + sum_k effect_k A_k + b_i + e_it) (1 + uplift treated_i after_t)
 * in cents, with b_i ~ N(0, icc sd^2), e_i an AR(1) with variance (1 - icc) sd^2, and the mean
 * counts of a rep correlated with b_i: who sells more anyway is also more active.
 * Each rep draws from streams of its own: further reps or periods leave the others as they are.
 * RK_OK; RK_EUSAGE (an unknown activity, a rollout after the end, effects that make revenue
 * negative); RK_ENOMEM; or what ctx's cancel says. */
enum rk_status rk_simulate_run(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error);

#endif
