/* rep-describe: what do the numbers look like? */
#ifndef REPKIT_DESCRIBE_H
#define REPKIT_DESCRIBE_H

#include "repkit/analysis.h"
#include "repkit/moments_units.h"

struct rk_describe_options {
    struct rk_common common;
    struct rk_names columns;   /* all number columns if empty; of text ones n and n_missing */
    struct rk_names quantiles; /* further probabilities, as written */
    size_t quantile_type;      /* 1 to 9 */
    double trim;               /* of the trimmed mean, 0 <= trim < 0.5 */
    bool full, normality;      /* further columns */
    bool freq;                 /* the table of levels instead: columns of text */
    const char *weights;       /* frequency weights: whole numbers; NULL for none */
    const struct rk_moments_file *moments; /* the table is rk_moments_open's; NULL: rows */
};
#define RK_DESCRIBE_DEFAULT                                           \
    {                                                                 \
        .common = RK_COMMON_DEFAULT, .quantile_type = 7, .trim = 0.1, \
    }

/* With moments, whether they can tell what is asked for. RK_OK or RK_EUSAGE. */
enum rk_status rk_describe_check(const struct rk_describe_options *options, struct rk_error *error);
enum rk_status rk_describe_wants(const struct rk_describe_options *options, struct rk_wants *wants);

/* Fills the table `describe`, a row a variable:
 *   variable,n,n_missing,mean,sd,se,conf_low,conf_high,min,p25,median,p75,max
 *   with full       sum,var,cv,iqr,mad,skewness,kurtosis,n_zero,n_distinct,geo_mean,trimmed_mean,
 *                   median_low,median_high,gini
 *   the quantiles asked for, e.g. p10,p2_5
 *   with normality  shapiro_w,shapiro_p,ad_statistic,ad_p
 *   note
 * Each column by itself: a missing cell drops a row from that column only, unless
 * common.missing asks for rows that are complete.
 * From moments, all columns of theirs on the rows that they are of; what needs the values is NA.
 * With freq it fills the table `freq` instead, a row a level: variable,level,n,share. */
enum rk_status rk_describe_run(const struct rk_table *table,
                               const struct rk_describe_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error);

#endif
