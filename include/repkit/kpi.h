/* rep-kpi: CAC, CLV, retention, churn, sales cycle, win rate, per-lead figures. */
#ifndef REPKIT_KPI_H
#define REPKIT_KPI_H

#include <math.h>

#include "repkit/analysis.h"
#include "repkit/compare.h"
#include "repkit/crm_files.h"

/* What KPIs may be computed from without files: --set NAME=VALUE, in this order. */
#define RK_KPI_TOTALS                                                                             \
    "new_customers|start_customers|end_customers|lost_customers|marketing_cost|sales_cost|"       \
    "order_value|frequency|lifetime|margin|retention|discount_rate|leads|converted|revenue|cost|" \
    "won|lost|deals|cycle_days|start_mrr|expansion_mrr|contraction_mrr|churned_mrr"
enum {
    RK_TOTAL_NEW_CUSTOMERS,
    RK_TOTAL_START_CUSTOMERS,
    RK_TOTAL_END_CUSTOMERS,
    RK_TOTAL_LOST_CUSTOMERS,
    RK_TOTAL_MARKETING_COST,
    RK_TOTAL_SALES_COST,
    RK_TOTAL_ORDER_VALUE,
    RK_TOTAL_FREQUENCY,
    RK_TOTAL_LIFETIME,
    RK_TOTAL_MARGIN,
    RK_TOTAL_RETENTION,
    RK_TOTAL_DISCOUNT_RATE,
    RK_TOTAL_LEADS,
    RK_TOTAL_CONVERTED,
    RK_TOTAL_REVENUE,
    RK_TOTAL_COST,
    RK_TOTAL_WON,
    RK_TOTAL_LOST,
    RK_TOTAL_DEALS,
    RK_TOTAL_CYCLE_DAYS,
    RK_TOTAL_START_MRR,
    RK_TOTAL_EXPANSION_MRR,
    RK_TOTAL_CONTRACTION_MRR,
    RK_TOTAL_CHURNED_MRR,
    RK_TOTALS
};

#define RK_KPI_PERIODS "day|week|month|quarter|year"

struct rk_kpi_options {
    struct rk_common common; /* conf_level, explain */
    struct rk_names kpis;    /* as they were named; "all" for every one that has what it needs */
    struct rk_names totals;  /* NAME=VALUE */
    struct rk_names definitions; /* of the KPIs that have several */
    int period;                  /* index into RK_KPI_PERIODS; -1 for one period in all */
    const char *by;              /* column of the files, or of the roster or customers; NULL */
    const char *as_of;           /* date at which watching ends; NULL: the latest in the files */
    const char *cut;             /* before, after and their difference; NULL */
    int straddle;                /* enum rk_straddle: where a period goes that contains the cut */
    enum rk_date_order date_order;
    double satisfied;                      /* csat: the least score of a satisfied customer */
    bool survival, cohorts, funnel, tests; /* which of these tables to make */
};
#define RK_KPI_DEFAULT                                               \
    {                                                                \
        .common = RK_COMMON_DEFAULT, .period = -1, .satisfied = NAN, \
    }

/* Whether the options fit together. RK_OK or RK_EUSAGE (an unknown KPI names the nearest). */
enum rk_status rk_kpi_check(const struct rk_kpi_options *options, const struct rk_crm_files *files,
                            struct rk_error *error);

/* Fills the table `kpi`:
 *   kpi,period,estimate,std_error,conf_low,conf_high,conf_level,n,unit,definition,formula,note
 * a row a group, KPI and period; with a cut the periods before, after, difference; and, where asked
 * for,
 *   survival  time,n_risk,n_event,n_censored,survival,conf_low,conf_high   of deals, in days
 *   cohorts   cohort,age,n_start,n_active,retention,conf_low,conf_high     of customers
 *   funnel    stage,n,share,conf_low,conf_high                             from leads to won deals
 *   tests test,estimate,std_error,statistic,df,p_value,conf_low,conf_high,conf_level,n,unit,note
 *             how fast deals close before and after the cut: log-rank, hazard-ratio (Cox),
 *             rmst-difference
 * files  read, where they are given
 * Returns RK_OK; RK_EUSAGE (a KPI that was named lacks what it needs: what to give is said; a total
 * that cannot be, such as a count below 0);
 * RK_EINPUT; RK_ENODATA; RK_EDOMAIN where nothing could be computed; RK_ENOMEM. */
enum rk_status rk_kpi_run(const struct rk_crm_files *files, const struct rk_kpi_options *options,
                          const struct rk_ctx *ctx, struct rk_result *result,
                          struct rk_error *error);

#endif
