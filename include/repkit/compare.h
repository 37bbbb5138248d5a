/* rep-compare: is before/after, or A/B, a real difference? */
#ifndef REPKIT_COMPARE_H
#define REPKIT_COMPARE_H

#include "repkit/analysis.h"

#define RK_COMPARE_TESTS "auto|welch|mann-whitney|paired-t|wilcoxon"
enum rk_straddle { RK_STRADDLE_DROP, RK_STRADDLE_BEFORE, RK_STRADDLE_AFTER };
#define RK_STRADDLES "drop|before|after"

/* The design follows from what is given:
 *   values, group        two independent samples of rows, by the levels of the group column
 *   values, time, cut    the same, the levels being before and after the cut
 *   ... and id           pairs: each unit's mean on either level
 *   before, after        pairs: two columns of one row */
struct rk_compare_options {
    struct rk_common common;
    struct rk_names values;
    const char *group, *id, *time, *cut, *before, *after; /* NULL where not given */
    struct rk_names levels; /* first and second; empty: in the order of rk_level_order */
    int straddle;           /* enum rk_straddle */
    enum rk_date_order date_order;
    unsigned tests; /* bits in the order of RK_COMPARE_TESTS; 0 is auto */
    double mu;      /* the difference under the null hypothesis */
};
#define RK_COMPARE_DEFAULT           \
    {                                \
        .common = RK_COMMON_DEFAULT, \
    }

/* Whether the options make a design and the tests fit it. RK_OK or RK_EUSAGE. */
enum rk_status rk_compare_check(const struct rk_compare_options *options, struct rk_error *error);

enum rk_status rk_compare_wants(const struct rk_compare_options *options, struct rk_wants *wants);

/* Fills the table `compare`, a row a variable and test:
 *   variable,test,design,level1,level2,n1,n2,mean1,mean2,estimate,std_error,statistic,df,p_value,
 *   p_adjusted,conf_low,conf_high,conf_level,alternative,effect_size,effect_type,effect_low,
 *   effect_high,n_unpaired,per,note
 * Differences are second minus first. Rows with a missing cell in the columns of a variable's
 * design are left out of that variable. */
enum rk_status rk_compare_run(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error);

#endif
