/* rep-trend: is it going up, and when did it change? */
#ifndef REPKIT_TREND_H
#define REPKIT_TREND_H

#include "repkit/analysis.h"

enum rk_aggregate { RK_AGG_NONE, RK_AGG_SUM, RK_AGG_MEAN };
#define RK_AGGREGATES "none|sum|mean"

struct rk_trend_options {
    struct rk_common common;
    struct rk_names values; /* columns of numbers, each a series of its own */
    const char *time;
    size_t season;    /* periods a year; 0 or 1 for none */
    int aggregate;    /* enum rk_aggregate: what becomes of rows of the same time */
    bool independent; /* take neighbouring periods as independent, whatever they look like */
    bool limits;      /* make the table of control limits */
};
#define RK_TREND_DEFAULT            \
    {                               \
        .common = RK_COMMON_DEFAULT \
    }

/* RK_EUSAGE where --value or --time is missing. */
enum rk_status rk_trend_check(const struct rk_trend_options *options, struct rk_error *error);
enum rk_status rk_trend_wants(const struct rk_trend_options *options, struct rk_wants *wants);

/* Fills the table `trend`, four rows a value:
 *   variable,test,n,estimate,conf_low,conf_high,statistic,p_value,change_at,note
 * and, if options->limits, the table `limits`, a row a period:
 *   variable,time,value,center,lower,upper,signal
 * A time that repeats is RK_EINPUT unless options->aggregate says what to do. */
enum rk_status rk_trend_run(const struct rk_table *table, const struct rk_trend_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error);

#endif
