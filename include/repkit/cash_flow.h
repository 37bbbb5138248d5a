/* Pure money: present values, internal rates and payback of one series of cash flows.
 *
 * Rates are yearly fractions (0.10 is 10% a year) above -1, times are months, positive flows are
 * money received. A year's rate compounds: a month's is (1 + rate)^(1/12) - 1, not rate / 12. */
#ifndef REPKIT_CASH_FLOW_H
#define REPKIT_CASH_FLOW_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/status.h"

/* What one unit of money in `months` is worth now: (1 + rate)^(-months/12). NaN for rate <= -1. */
double rk_discount_factor(double rate, double months);

/* Net present value: sum of flow[i] (1 + rate)^(-months[i]/12).
 * months, flow, n  when and how much, n >= 1, finite; in any order
 * Returns RK_OK, RK_ENODATA (n = 0), RK_EDOMAIN (a value that is not finite, rate <= -1).
 * In R: sum(flow / (1 + rate)^(months / 12)). */
enum rk_status rk_npv(const double *months, const double *flow, size_t n, double rate, double *npv);

/* Modified internal rate of return, yearly:
 *   (FV of what comes in / PV of what goes out)^(12 / (end - begin)) - 1
 * with outflows discounted to `begin` at finance_rate and inflows compounded to `end` at
 * reinvest_rate.
 * begin, end  of the project, in months, end > begin; no flow outside of them
 * Returns RK_OK, RK_ENODATA, RK_EDOMAIN (no inflow, no outflow, or as rk_npv).
 * Source: Lin (1976), Engineering Economist 21. In a spreadsheet, for yearly flows:
 * MIRR(flows, finance_rate, reinvest_rate). */
enum rk_status rk_mirr(const double *months, const double *flow, size_t n, double begin, double end,
                       double finance_rate, double reinvest_rate, double *mirr);

/* --- internal rates ------------------------------------------------------------------------ */

enum { RK_IRR_MAX_RATES = 8, RK_IRR_MAX_FLOWS = 1001 };
/* Rates outside of these (99.99% of the money lost in a year; gained a million times) are the
 * arithmetic's and nobody's return: they are not counted. */
#define RK_IRR_LEAST (-0.9999)
#define RK_IRR_MOST 1e6

struct rk_irr {
    size_t n_sign_changes;
    /* How many rates make the net present value 0: 0 none, 1 unique; more (at most
     * RK_IRR_MAX_RATES are kept) make the rate meaningless. */
    size_t n_rates;
    double rate[RK_IRR_MAX_RATES]; /* yearly, ascending */
};

/* Internal rate of return: the yearly rates from RK_IRR_LEAST to RK_IRR_MOST at which the present
 * value of n flows, each step_months after the one before, is 0. Leading and trailing zeros play no
 * part. no change of sign: none;  one: unique;  more: unique among rates above 0 if the cumulative
 * flow changes sign once (Norstrom), and n_rates is then 1; else every real root is counted. flow,
 * n      finite, at most RK_IRR_MAX_FLOWS;  step_months > 0 Returns RK_OK, also where there is no
 * rate or several; RK_EDOMAIN; RK_ENOMEM. *out is unchanged on failure. Sources: Norstrom (1972),
 * J. Financial and Quantitative Analysis 7; roots isolated by Descartes' rule in the Bernstein
 * basis: Lane and Riesenfeld (1981), BIT 21. In R: r <- polyroot(flow); (1 / Re(r[abs(Im(r)) < 1e-8
 * & Re(r) > 0]))^(12 / step_months) - 1. */
enum rk_status rk_irr(const double *flow, size_t n, double step_months, struct rk_irr *out);

/* --- payback ------------------------------------------------------------------------------- */

struct rk_payback {
    bool reached;  /* whether the cumulative flow gets out of the red at all */
    double months; /* when it first does; NaN if never */
    /* When it does so for good: above `months` where it falls back into the red in between, NaN
     * where it ends in the red. */
    double last_months;
};

/* Payback: when the cumulative flow first reaches 0 from below, by linear interpolation between
 * consecutive dates; 0 if it is never below 0. Discounted payback is that of discounted flows.
 * months, flow, n  dates, strictly ascending, n >= 1, and what flows on each; finite
 * Returns RK_OK, also where it is never reached; RK_ENODATA; RK_EDOMAIN. *out is unchanged on
 * failure. In R: with s <- cumsum(flow), approx(s[i - 1:0], months[i - 1:0], 0)$y. */
enum rk_status rk_payback(const double *months, const double *flow, size_t n,
                          struct rk_payback *out);

#endif
