/* rep-describe: what do the numbers look like? */
#ifndef REPKIT_DESCRIBE_H
#define REPKIT_DESCRIBE_H

#include "repkit/analysis.h"

struct rk_describe_options {
    struct rk_common common;
    struct rk_names columns;   /* all number columns if empty */
    struct rk_names quantiles; /* further probabilities, as written */
    size_t quantile_type;      /* 1 to 9 */
};
#define RK_DESCRIBE_DEFAULT                             \
    {                                                   \
        .common = RK_COMMON_DEFAULT, .quantile_type = 7 \
    }

enum rk_status rk_describe_wants(const struct rk_describe_options *options, struct rk_wants *wants);

/* Fills the table `describe`, a row a variable:
 *   variable,n,n_missing,mean,sd,se,conf_low,conf_high,min,p25,median,p75,max,<quantiles>,note
 * Each column by itself: a missing cell drops a row from that column only, unless
 * common.missing asks for rows that are complete. */
enum rk_status rk_describe_run(const struct rk_table *table,
                               const struct rk_describe_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error);

#endif
