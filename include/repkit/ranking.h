/* rep-rank: who is really best, given the noise? */
#ifndef REPKIT_RANKING_H
#define REPKIT_RANKING_H

#include "repkit/analysis.h"
#include "repkit/moments_units.h"

enum rk_unit_variance { RK_VARIANCE_AUTO, RK_VARIANCE_OWN, RK_VARIANCE_POOLED };
#define RK_UNIT_VARIANCES "auto|own|pooled"

struct rk_ranking_options {
    struct rk_common common;
    const char *id;                 /* the units */
    const char *value;              /* means of this, or */
    const char *successes, *trials; /* rates of these */
    const char *adjust; /* a formula whose terms are taken out of value; NULL for none */
    size_t top;         /* how many count as top, and as bottom */
    int variance;       /* enum rk_unit_variance: of the values within units */
    /* NULL: rows. The table is rk_moments_open's, its groups the units. */
    const struct rk_moments_file *moments;
};
#define RK_RANKING_DEFAULT                    \
    {                                         \
        .common = RK_COMMON_DEFAULT, .top = 1 \
    }

/* RK_EUSAGE where the options do not make one of the two designs. */
enum rk_status rk_ranking_check(const struct rk_ranking_options *options, struct rk_error *error);
enum rk_status rk_ranking_wants(const struct rk_ranking_options *options, struct rk_wants *wants,
                                struct rk_error *error);

/* Fills the table `rank`, a row a unit, the best estimate first:
 *   id,n,raw,estimate,conf_low,conf_high,rank,rank_low,rank_high,prob_top,prob_bottom,shrinkage */
enum rk_status rk_ranking_run(const struct rk_table *table,
                              const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error);

#endif
