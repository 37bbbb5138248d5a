/* rep-roi: what does it return, when does it pay back, how sure are we? */
#ifndef REPKIT_ROI_H
#define REPKIT_ROI_H

#include <math.h>

#include "repkit/analysis.h"
#include "repkit/effect.h"
#include "repkit/roi_files.h"
#include "repkit/roi_model.h"

enum rk_roi_method { RK_ROI_MONTECARLO, RK_ROI_DELTA, RK_ROI_FIELLER };
#define RK_ROI_METHODS "montecarlo|delta|fieller"

struct rk_roi_options {
    struct rk_common common;
    size_t horizon;                     /* months */
    double rate;                        /* yearly */
    double finance_rate, reinvest_rate; /* NaN: rate */
    int timing;                         /* enum rk_timing */
    size_t draws;
    int method;                       /* enum rk_roi_method, of the metrics' intervals */
    double pilot;                     /* what a pilot costs; NaN for none */
    const struct rk_effects *effects; /* borrowed; NULL for none */
    const struct rk_roi_files *files; /* borrowed; NULL for none */
    bool explain_metrics;             /* each of them, not roi alone; with common.explain */
    bool cashflow, categories, each_draw, tornado, breakeven, information, sobol; /* to make */
};
#define RK_ROI_DEFAULT                                                                 \
    {                                                                                  \
        .common = RK_COMMON_DEFAULT, .horizon = 36, .rate = 0.10, .finance_rate = NAN, \
        .reinvest_rate = NAN, .draws = 100000, .pilot = NAN                            \
    }

enum rk_status rk_roi_wants(const struct rk_roi_options *options, struct rk_wants *wants);

/* Fills
 *   metrics     metric,value,conf_low,conf_high,p5,p50,p95,prob_positive,unit,formula,note
 *   categories  category,total_cost,total_benefit,net_benefit,roi,conf_low,conf_high,prob_positive
 *   cashflow    month,cost,benefit,net,cumulative,discounted_cumulative,cum_p5,cum_p50,cum_p95
 *   draws       draw,total_cost,total_benefit,roi,npv
 *   tornado     item,low,high,roi_low,roi_high,swing,variance_share,rank_correlation
 *   breakeven   item,central,break_even,margin_of_safety
 *   information quantity,value
 *   sobol       item,first_order,first_low,first_high,total,total_low,total_high
 * each with a first column `scenario` where options->files has scenarios or risk adjustments.
 * value is the point estimate at the items' amounts; the rest are percentiles and shares of the
 * draws. Warns of lines without an amount, of costs or benefits taken as certain, and of what may
 * be counted twice.
 * ctx is not NULL.
 * Returns RK_OK; RK_EINPUT with line and column; RK_EUSAGE (an effect that no item has, or an item
 * whose effect is not given); RK_ENODATA (no item has an amount); RK_ENOMEM; or what ctx's cancel
 * says. */
enum rk_status rk_roi_run(const struct rk_table *table, const struct rk_roi_options *options,
                          const struct rk_ctx *ctx, struct rk_result *result,
                          struct rk_error *error);

/* A model with every usual cost and benefit of a CRM and no amounts, as CSV. */
const char *rk_roi_template(void);

#endif
