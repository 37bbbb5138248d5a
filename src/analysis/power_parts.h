/* The parts of rep-power. */
#ifndef POWER_PARTS_H
#define POWER_PARTS_H

#include "repkit/panel_variance.h"
#include "repkit/power.h"

/* The pilot panel, a cell for each unit and period. */
struct pilot {
    size_t n_units, n_periods;
    double *cell; /* n_units by n_periods, a row a unit; NaN where empty */
    struct rk_panel_variance variance;
};

enum rk_status power_pilot_read(const struct rk_table *table,
                                const struct rk_power_options *options, struct pilot *pilot,
                                struct rk_error *error);
void power_pilot_free(struct pilot *pilot);
/* What the pilot says of the plan's sd, icc, ar, baseline, where the design has them. */
void power_pilot_apply(const struct pilot *pilot, struct rk_power_plan *plan);

/* All combinations of the options' lists. */
enum power_unknown { POWER_UNKNOWN_N, POWER_UNKNOWN_EFFECT, POWER_UNKNOWN_POWER };
struct plans {
    enum power_unknown unknown;
    size_t n;
    struct rk_power_plan *plan;
    double *target; /* the power asked for */
};
enum rk_status power_plans_make(const struct rk_power_options *options, const struct pilot *pilot,
                                struct plans *plans, struct rk_error *error);
void power_plans_free(struct plans *plans);

/* A plan with its missing part filled in. */
struct solved {
    struct rk_power_plan plan;
    enum rk_status status;
    double power;    /* with the whole n */
    double n_before; /* before it was rounded up; NaN where n was given */
    double std_error, df, type_s, type_m;
    double simulated, simulated_low, simulated_high; /* NaN without --simulate */
};

/* Runs the design's own estimator on studies drawn from the pilot (power_simulate.c). */
enum rk_status power_simulate(const struct pilot *pilot, const struct rk_power_options *options,
                              const struct rk_ctx *ctx, struct solved *solved,
                              struct rk_error *error);

void power_explain(const struct rk_power_options *options, enum power_unknown unknown,
                   const struct solved *solved, struct rk_result *result);
/* "units per arm", "pairs": what n counts. */
const char *power_units(int design);

#endif
