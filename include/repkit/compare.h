/* rep-compare: is before/after, or A/B, a real difference? */
#ifndef REPKIT_COMPARE_H
#define REPKIT_COMPARE_H

#include "repkit/analysis.h"
#include "repkit/moments_units.h"

#define RK_COMPARE_TESTS                                                                        \
    "auto|welch|student|mann-whitney|paired-t|wilcoxon|sign|permutation|bootstrap|prop|fisher|" \
    "mcnemar|poisson|ks|tost|anova|welch-anova|kruskal|friedman"
enum rk_straddle { RK_STRADDLE_DROP, RK_STRADDLE_BEFORE, RK_STRADDLE_AFTER };
#define RK_STRADDLES "drop|before|after"

/* The design follows from what is given:
 *   values, group        independent samples of rows, by the levels of the group column; of more
 *                        than two levels all together, and each pair
 *   values, time, cut    two of them, the levels being before and after the cut
 *   ... and id           pairs: each unit's mean on either level
 *   before, after        pairs: two columns of one row
 *   successes, trials    instead of values: proportions, sums over rows (with id: each unit's)
 *   exposure             beside values: rates, events over exposure */
struct rk_compare_options {
    struct rk_common common;
    struct rk_names values;
    const char *group, *id, *time, *cut, *before, *after; /* NULL where not given */
    const char *successes, *trials, *exposure;
    const char *block;      /* permutation: labels are exchanged within its levels */
    struct rk_names levels; /* these, in this order; empty: all, in the order of rk_level_order */
    int straddle;           /* enum rk_straddle */
    enum rk_date_order date_order;
    unsigned tests;   /* bits in the order of RK_COMPARE_TESTS; 0 is auto */
    double mu;        /* the difference under the null hypothesis; of ratios 0 stands for 1 */
    double margin;    /* of tost; 0: not given */
    bool relative;    /* ratios of means instead of differences */
    bool sensitivity; /* fill the table `sensitivity`, too */
    double wanted;    /* the effect whose n it tells; 0: none */
    /* NULL: rows. The table is rk_moments_open's, its groups being the levels of `group`, or the
     * units of `id`, of whose rows a column of the moments says the level. */
    const struct rk_moments_file *moments;
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
 * Differences are second minus first, ratios second over first. Rows with a missing cell in the
 * columns of a variable's design are left out of that variable. Tests of all levels at once have no
 * level1, level2, n2 and means. With options->sensitivity also the table `sensitivity`:
 *   variable,test,level1,level2,n1,n2,sd,mde,power,n_needed,note */
enum rk_status rk_compare_run(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error);

#endif
