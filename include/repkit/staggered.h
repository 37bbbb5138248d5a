/* Group-time effects where units start at different times. */
#ifndef REPKIT_STAGGERED_H
#define REPKIT_STAGGERED_H

#include <stdbool.h>

#include "repkit/context.h"

#define RK_NEVER SIZE_MAX

/* A panel, everything borrowed. */
struct rk_staggered_data {
    size_t n_units, n_periods;
    const double *y;     /* n_units-by-n_periods, a unit after another; NaN where not observed */
    const size_t *first; /* n_units: the period in which it starts, at least 1; RK_NEVER */
    const double *time;  /* n_periods, ascending: event times are differences of these */
    bool not_yet;        /* those that start later than a period serve as controls in it, too */
};

enum rk_staggered_kind {
    RK_STAGGERED_SIMPLE,   /* all cells from the start on, weighted by the units of the cohort */
    RK_STAGGERED_DYNAMIC,  /* the mean over event times from 0 on */
    RK_STAGGERED_GROUP,    /* of a cohort: the mean of its cells from the start on */
    RK_STAGGERED_CALENDAR, /* of a period: cohorts that have started, weighted by their units */
    RK_STAGGERED_EVENT,    /* of an event time, the same */
    RK_STAGGERED_CELL      /* ATT(g, t) */
};

struct rk_staggered_effect {
    enum rk_staggered_kind kind;
    size_t cohort, period; /* where they apply; period indexes */
    double event_time;     /* of EVENT and CELL */
    double estimate, std_error;
    double p_value, conf_low, conf_high; /* NaN where the bootstrap has no value */
    double band_low, band_high;          /* of EVENT: for all event times at once */
    size_t n_treated, n_control;         /* of CELL: units that enter; else units of the cohorts */
    size_t smallest; /* units of the smallest cohort in it; below 3 errors mean little */
};

struct rk_staggered {
    struct rk_staggered_effect *effect;
    size_t n_effects;
    double pretrend, pretrend_p; /* max |t| over event times before the base; NaN without any */
    size_t n_pretrend;
    size_t draws;
};

/* Callaway and Sant'Anna's effects without covariates.
 *   ATT(g, t) = mean over cohort g of (Y_t - Y_b) - mean over controls of the same, b the last
 *   period before g; units that are observed in t and b
 *   std_error  sqrt(sum psi_i^2), psi_i = 1[i in g] (d_i - mean_g) / n_g - 1[i in C] (d_i - mean_C)
 *   / n_C, summed over the cells of an effect
 *   p = (1 + #{|t*| >= |t|}) / (1 + draws), t* of units resampled within cohorts, and the interval
 *   estimate -+ the t whose p is 1 - conf_level; a resample's standard error counts as at least a
 *   fifth of the sample's, which ties in small cohorts would make 0
 * Cells without a control are left out.
 * draws  1999 by default;  label  of the random stream
 * out    freed by rk_staggered_free; unchanged on failure
 * Returns RK_OK; RK_ETOOFEW (no cell: nobody starts, or nobody is left to compare with); RK_ENOMEM;
 * what ctx's cancel says.
 * Source: Callaway and Sant'Anna (2021), J. Econometrics 225.
 * In R: did::att_gt(est_method = "reg", base_period = "universal"), did::aggte. */
enum rk_status rk_staggered_new(const struct rk_staggered_data *data, double conf_level,
                                size_t draws, const char *label, const struct rk_ctx *ctx,
                                struct rk_staggered *out, struct rk_error *error);
void rk_staggered_free(struct rk_staggered *staggered);

#endif
