/* rep-simulate: what would data with a known answer look like? */
#ifndef REPKIT_SIMULATE_H
#define REPKIT_SIMULATE_H

#include "repkit/context.h"
#include "repkit/result.h"

struct rk_simulate_options {
    size_t reps, periods;
    struct rk_names effects; /* NAME=VALUE: revenue for one more of an activity */
    struct rk_names means;   /* NAME=VALUE: of an activity in a week of an average rep */
    /* NAME=AT: how the effect of an activity bends, else it is a straight line. */
    struct rk_names optima, plateaus, steps;
    double uplift;       /* of the revenue of treated reps after the rollout, a fraction */
    size_t rollout;      /* the first period after it, from 1; 0: half-way */
    double icc;          /* 0 <= icc < 1 */
    double ar;           /* -1 < ar < 1 */
    double deal_size;    /* revenue that a won deal brings on average, > 0 */
    double missing;      /* panel: share of cells, 0 <= missing < 1 */
    double hires, churn; /* crm: shares of reps who come in the first, who leave in any year */
    bool dirty;          /* crm: put faults in */
};
#define RK_SIMULATE_DEFAULT                                                                  \
    {                                                                                        \
        .reps = 20, .periods = 52, .uplift = 0.08, .icc = 0.4, .ar = 0.3, .deal_size = 2500, \
        .missing = 0.05, .hires = 0.15, .churn = 0.15                                        \
    }

/* Fills the tables
 *   panel  rep,period,region,treated,after,calls,emails,meetings,notes,tasks,deals_won,revenue
 *   truth  parameter,value
 * Rep i in period t (ISO weeks from 2024-W01) has Poisson counts of activities A_k around means of
 * its own, and
 *   revenue = (level + sum_k effect_k f_k(A_k) + b_i + e_it) (1 + uplift treated_i after_t)
 * in cents, f(A) = A, or A (1 - A / (2 at)) for an optimum, min(A, at) for a plateau, 1 where A >=
 * at for a step, with b_i ~ N(0, icc sd^2), e_i an AR(1) with variance (1 - icc) sd^2, and the mean
 * counts of a rep correlated with b_i: who sells more anyway is also more active.
 * Each rep draws from streams of its own: further reps or periods leave the others as they are.
 * RK_OK; RK_EUSAGE (an unknown activity, a rollout after the end, effects that make revenue
 * negative); RK_ENOMEM; or what ctx's cancel says. */
enum rk_status rk_simulate_run(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error);

/* Fills the tables of what a CRM would export
 *   activities  activity_id,rep,date,type
 *   deals       deal_id,rep,customer,open_date,close_date,stage,amount
 *   roster      rep,hired,left,region,team,treated
 *   spend       date,channel,amount
 *   leads       lead_id,date,source,rep,converted
 *   scores      response_id,customer,date,score
 * and beside them
 *   truth       parameter,value
 *   dirt        file,line,column,value,kind: each fault; no rows unless options->dirty
 *   panel       rep,period,region,team,treated,calls,emails,meetings,notes,tasks,deals_opened,
 *               deals_won,deals_lost,deals_closed,revenue,win_rate,avg_deal,cycle_days
 * Reps and weeks are those of rk_simulate_run: in a week at work the counts of activities are the
 * same, each becomes a row on one of five days, and revenue is what a Poisson number of won deals
 * brings. The panel counts the files without their faults: a row a rep and week of employment,
 * ratios missing where there is nothing to divide by.
 * The same failures as rk_simulate_run; options->missing plays no part. */
enum rk_status rk_simulate_crm_run(const struct rk_simulate_options *options,
                                   const struct rk_ctx *ctx, struct rk_result *result,
                                   struct rk_error *error);

#endif
