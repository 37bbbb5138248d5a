/* rep-impact: did the CRM (or training, or feature) cause the change? */
#ifndef REPKIT_IMPACT_H
#define REPKIT_IMPACT_H

#include "repkit/analysis.h"
#include "repkit/compare.h"
#include "repkit/moments_units.h"
#include "repkit/trend.h"

enum rk_impact_design {
    RK_IMPACT_DID,
    RK_IMPACT_EVENT,
    RK_IMPACT_STAGGERED,
    RK_IMPACT_ITS,
    RK_IMPACT_ROLLOUT
};
#define RK_IMPACT_DESIGNS "did|event|staggered|its|rollout"
enum rk_impact_estimator { RK_ESTIMATOR_COLLAPSED, RK_ESTIMATOR_TWFE };
#define RK_IMPACT_ESTIMATORS "collapsed|twfe"
enum rk_impact_controls { RK_CONTROLS_AUTO = -1, RK_CONTROLS_NEVER, RK_CONTROLS_NOT_YET };
#define RK_IMPACT_CONTROLS "never|not-yet"
enum rk_impact_vcov { RK_ITS_BOOT, RK_ITS_PW, RK_ITS_NW, RK_ITS_OLS };
#define RK_IMPACT_VCOVS "boot|pw|nw|ols"

/* Texts are borrowed; NULL where not given. */
struct rk_impact_options {
    struct rk_common common;
    int design; /* enum rk_impact_design */
    const char *value, *id, *time;
    /* did, event */
    const char *treated, *start, *post;
    int straddle; /* enum rk_straddle */
    struct rk_names covariates;
    int estimator;      /* enum rk_impact_estimator */
    const char *window; /* "A:B": event times */
    /* staggered */
    const char *first;
    int controls; /* enum rk_impact_controls */
    /* its */
    int aggregate; /* enum rk_aggregate */
    /* "N" periods a year, "N:K" as K waves of it; without K month effects if the series is long
     * enough, else two waves; NULL for no season */
    const char *season;
    int vcov; /* enum rk_impact_vcov */
    const char *control;
    /* rollout */
    size_t groups;
    struct rk_names stratify;
    enum rk_date_order date_order;
    bool path, placebo; /* make these tables of its, and of did and its */
    /* did: NULL for rows. Its groups are the units; treated and post are columns of theirs, of 0
     * and 1 or a factor's; time may say what a period is called (week). */
    const struct rk_moments_file *moments;
};
#define RK_IMPACT_DEFAULT                                          \
    {                                                              \
        .common = RK_COMMON_DEFAULT, .controls = RK_CONTROLS_AUTO, \
    }

/* Whether the options make the design. RK_OK or RK_EUSAGE. */
enum rk_status rk_impact_check(const struct rk_impact_options *options, struct rk_error *error);
enum rk_status rk_impact_wants(const struct rk_impact_options *options, struct rk_wants *wants);

/* Fills the table `effects`, a row a term:
 *   term,estimate,std_error,statistic,df,p_value,conf_low,conf_high,conf_level,rel_effect,rel_low,
 *   rel_high,n,n_units,n_clusters,method,per,note
 * and, by the design and the options, `path`, `att`, `placebo`; of rollout the table `plan`:
 *   id,stratum,group
 * Returns RK_OK; RK_EUSAGE; RK_EINPUT (columns, a unit in a period twice, a unit that is both
 * treated and not, ...); RK_ENODATA, RK_ETOOFEW and other statuses that are undefined, where
 * nothing can be estimated; RK_ENOMEM; what ctx's cancel says. */
enum rk_status rk_impact_run(const struct rk_table *table, const struct rk_impact_options *options,
                             const struct rk_ctx *ctx, struct rk_result *result,
                             struct rk_error *error);

#endif
