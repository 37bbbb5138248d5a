/* Return on investment: a model of dated costs and benefits, its cash flows, and what becomes of
 * them when the amounts are uncertain.
 *
 * A model has sources (amounts, each with its distribution) and items (flows that are a source
 * times a scale, at dates). Items that share a source share its draw. Everything but the internal
 * rates and paybacks is linear in the sources, so the dates, growth, ramps and discount factors are
 * worked out once, for one unit of each source (the profile), and a draw only adds them up. */
#ifndef REPKIT_ROI_MODEL_H
#define REPKIT_ROI_MODEL_H

#include "repkit/cash_flow.h"
#include "repkit/context.h"
#include "repkit/uncertain.h"

enum rk_roi_kind { RK_ROI_COST, RK_ROI_BENEFIT };
#define RK_ROI_KINDS "cost|benefit"
enum rk_roi_per { RK_PER_ONCE, RK_PER_WEEK, RK_PER_MONTH, RK_PER_QUARTER, RK_PER_YEAR };
#define RK_ROI_PERS "once|week|month|quarter|year"
enum rk_timing { RK_TIMING_END, RK_TIMING_MID };
#define RK_TIMINGS "end|mid"

#define RK_WEEKS_A_MONTH (365.25 / 84.0)
enum { RK_ROI_MAX_HORIZON = 360, RK_ROI_FIRST_START = -120 };

struct rk_roi_item {
    enum rk_roi_kind kind;
    enum rk_roi_per per;
    int start, end; /* months from go-live; INT_MAX: to the horizon. RK_PER_ONCE has no end */
    double growth;  /* yearly fraction above -1, stepped every 12 months from start */
    double ramp;    /* months from start to full effect; 0 for none */
    double scale;   /* a payment at full effect is scale x amount of the source */
    size_t source;
};

struct rk_roi_source {
    const char *label; /* names the random stream; unique */
    struct rk_uncertain amount;
};

struct rk_roi_model {
    const struct rk_roi_item *item;
    size_t n_items;
    const struct rk_roi_source *source;
    size_t n_sources;
    int horizon; /* months, the last included */
    enum rk_timing timing;
    double rate, finance_rate, reinvest_rate; /* yearly */
    /* n_sources x n_sources, lower triangle of rk_copula_factor; NULL: sources are independent.
     * Borrowed. */
    const double *factor;
};

/* The flows of one unit of each source. Arrays by source and month are [s * n_months + m], month m
 * being first_month + m; costs are positive. */
struct rk_roi_profile {
    size_t n_items, n_sources, n_months;
    int first_month; /* 0, or the first payment where that is earlier */
    int horizon;
    double *item_total, *item_pv;        /* n_items: signless sums of the item's flows */
    double *total_cost, *total_benefit;  /* n_sources */
    double *pv_cost, *pv_benefit;        /* n_sources */
    double *cost, *benefit, *discounted; /* by source and month of payment; discounted is net */
    bool *is_date;                       /* n_months: whether some item pays */
    /* Net flows on the equal steps of discounting (half months with RK_TIMING_MID), for internal
     * rates: [s * n_steps + g]; and the weights of MIRR. */
    size_t n_steps;
    double step_months, first_step; /* months */
    double *step_flow, *pv_weight, *fv_weight;
    double life_months; /* what MIRR is the yearly rate over: first flow (at most 0) to horizon */
    double *memory;
};

/* Whether an item can be: RK_OK, or RK_EINPUT (start below RK_ROI_FIRST_START, end before start,
 * growth not above -1, ramp below 0, a scale that is not finite). */
enum rk_status rk_roi_check_item(const struct rk_roi_item *item, struct rk_error *error);

/* Payments: RK_PER_ONCE at month start; the others at the end of each of their periods after start,
 * up to and including end and the horizon (RK_PER_WEEK: RK_WEEKS_A_MONTH payments in each month).
 * The payment for a period has the mean of min(1, t / ramp) over its months t = 1, 2, ... from
 * start. RK_TIMING_MID discounts recurring payments half a period less (a weekly item's period is
 * the month it is paid for); the dates of payback stay those of payment.
 * Returns RK_OK; RK_EINPUT (horizon outside 1 .. RK_ROI_MAX_HORIZON, a rate not above -1, or as
 * rk_roi_check_item); RK_ENOMEM. *profile is unchanged on failure. */
enum rk_status rk_roi_profile_new(const struct rk_roi_model *model, struct rk_roi_profile **profile,
                                  struct rk_error *error);
void rk_roi_profile_free(struct rk_roi_profile *profile); /* NULL is allowed */

enum rk_roi_metric {
    RK_ROI_TOTAL_COST,
    RK_ROI_TOTAL_BENEFIT,
    RK_ROI_NET_BENEFIT,
    RK_ROI_ROI,        /* net benefit / total cost, a fraction */
    RK_ROI_ROI_ANNUAL, /* roi x 12 / horizon */
    RK_ROI_PV_COST,
    RK_ROI_PV_BENEFIT,
    RK_ROI_NPV,
    RK_ROI_ROI_PV, /* npv / pv cost */
    RK_ROI_BCR,    /* pv benefit / pv cost */
    RK_ROI_IRR,    /* yearly */
    RK_ROI_MIRR,   /* yearly */
    RK_ROI_PAYBACK,
    RK_ROI_DISCOUNTED_PAYBACK,
    RK_ROI_METRICS
};
/* "total_cost", ... as the metric column spells it. */
const char *rk_roi_metric_name(enum rk_roi_metric metric);

struct rk_roi_values {
    /* NaN where undefined: ratios where the cost is not above 0, irr where there is not exactly
     * one; INFINITY for a payback that is not within the horizon. */
    double value[RK_ROI_METRICS];
    struct rk_irr irr;
    struct rk_payback payback, discounted_payback;
};

/* The metrics at given amounts (n_sources of them). RK_OK, RK_EDOMAIN (amounts so large that sums
 * overflow) or RK_ENOMEM; *out is unchanged on failure. */
enum rk_status rk_roi_evaluate(const struct rk_roi_profile *profile, const double *amount,
                               struct rk_roi_values *out);

/* --- Monte Carlo --------------------------------------------------------------------------- */

struct rk_roi_draws {
    size_t n, n_sources;
    double *point; /* n_sources: the amounts themselves */
    size_t *row;   /* n_sources: the source's row of `amount`, SIZE_MAX if it is fixed */
    size_t n_rows;
    double *amount; /* n_rows x n: [row * n + draw] */
    /* One a draw, undefined values as in struct rk_roi_values. */
    double *total_cost, *total_benefit, *pv_cost, *pv_benefit;
    double *irr, *mirr, *payback, *discounted_payback;
    double *memory;
};

/* Draws every source n times and works the metrics out. Draws come in blocks of
 * RK_DRAWS_PER_STREAM, each block and source with a stream of its own (purpose "roi"), so they do
 * not depend on the threads of ctx nor on the other sources. A block is a Latin hypercube (McKay,
 * Beckman and Conover 1979, Technometrics 21), and blocks are independent replicates of each other.
 * Returns RK_OK, RK_ENODATA (n = 0), RK_ENOMEM, or what ctx's cancel says. */
enum rk_status rk_roi_simulate(const struct rk_roi_model *model,
                               const struct rk_roi_profile *profile, size_t n,
                               const struct rk_ctx *ctx, struct rk_roi_draws **draws);
void rk_roi_draws_free(struct rk_roi_draws *draws); /* NULL is allowed */

/* One metric of every draw into out (n). This function can't fail. */
void rk_roi_draws_metric(const struct rk_roi_draws *draws, const struct rk_roi_profile *profile,
                         enum rk_roi_metric metric, double *out);

/* sum over sources of coef[s * stride] x amount of every draw into out (n): a month's cumulative
 * flow, a category's total. This function can't fail. */
void rk_roi_draws_combine(const struct rk_roi_draws *draws, const double *coef, size_t stride,
                          double *out);

#endif
