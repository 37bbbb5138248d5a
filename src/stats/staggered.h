/* The parts of Callaway and Sant'Anna's effects; private to src/stats: which cells make which
 * effects (staggered_plan.c), and their values in the sample and in resamples (staggered.c). */
#ifndef REPKIT_STATS_STAGGERED_H
#define REPKIT_STATS_STAGGERED_H

#include "repkit/staggered.h"

/* One cell's part in one effect. */
struct share {
    size_t effect;
    double weight;
};

struct cell {
    size_t cohort, period, base;
    size_t n_treated, n_control;
    size_t first_share, n_shares; /* in plan.share */
};

struct plan {
    const struct rk_staggered_data *data;
    struct cell *cell;
    size_t n_cells;
    struct share *share;
    size_t n_shares;
    struct rk_staggered_effect *effect; /* aggregates first, then a cell each */
    size_t n_effects, n_aggregates;
    size_t first_event, n_events; /* event times, ascending, among the aggregates */
    size_t *size;                 /* n_periods: units of the cohort that starts there */
};

/* Whether unit i is in the cohort of the cell and seen in both its periods; and a control of it. */
bool plan_is_treated(const struct plan *plan, const struct cell *cell, size_t i);
bool plan_is_control(const struct plan *plan, const struct cell *cell, size_t i);

/* RK_OK, RK_ETOOFEW (no cell), RK_ENOMEM. Free it in any case, but for plan->effect, which is the
 * caller's. */
enum rk_status plan_make(const struct rk_staggered_data *data, struct plan *plan);
void plan_free(struct plan *plan);

#endif
