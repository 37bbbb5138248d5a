/* rep-corr: which activities move with which outcomes? */
#ifndef REPKIT_CORR_H
#define REPKIT_CORR_H

#include "repkit/analysis.h"
#include "repkit/correlation.h"
#include "repkit/moments_units.h"

enum rk_scope { RK_POOLED, RK_BETWEEN, RK_WITHIN, RK_TWO_WAY, RK_SCOPE_COUNT };
#define RK_SCOPES "pooled|between|within|two-way"

struct rk_corr_options {
    struct rk_common common;
    struct rk_names outcomes;   /* y; all other number columns if empty */
    struct rk_names activities; /* x; all other number columns if empty */
    int method;                 /* enum rk_correlation_method */
    const char *id;             /* the column of units, NULL for none */
    const char *time;           /* the column of periods, NULL for none */
    unsigned scopes;            /* bits 1 << enum rk_scope; 0: all that the data have */
    struct rk_names partial;    /* columns held fixed */
    const char *lags;           /* "A:B" or "A", periods by which x leads y; NULL: 0 */
    struct rk_names contrast;   /* two columns, or none: is the one's correlation the larger? */
    bool matrix;                /* the estimates as a table `matrix`, which then comes first */
    bool boot;                  /* interval and p by resampling (common.resamples draws) */
    const struct rk_moments_file *moments; /* the table is rk_moments_open's; NULL: rows */
};
#define RK_CORR_DEFAULT              \
    {                                \
        .common = RK_COMMON_DEFAULT, \
    }

/* With moments, whether they can tell what is asked for. RK_OK or RK_EUSAGE. */
enum rk_status rk_corr_check(const struct rk_corr_options *options, struct rk_error *error);
enum rk_status rk_corr_wants(const struct rk_corr_options *options, struct rk_wants *wants);

/* With a contrast X1,X2 a further row for each outcome, x named "X1 - X2": the correlation of y
 * with X1 less that with X2. Fills the table `corr`, a row a pair of columns, lag and scope:
 *   x,y,method,scope,lag,n,n_units,estimate,conf_low,conf_high,statistic,df,p_value,p_adjusted,note
 * Without outcomes and activities every pair of number columns once, the earlier one as x. Each
 * pair stands on the rows where both (and the unit) are given, unless common.missing asks for rows
 * that are complete in all columns used. All scopes of a pair stand on the same rows; n counts
 * units between units, else rows. Warns [pooled] where pooled and within differ. */
enum rk_status rk_corr_run(const struct rk_table *table, const struct rk_corr_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error);

#endif
