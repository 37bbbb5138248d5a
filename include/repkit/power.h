/* rep-power: how many reps or months are needed to see it? */
#ifndef REPKIT_POWER_H
#define REPKIT_POWER_H

#include "repkit/analysis.h"
#include "repkit/power_design.h"

struct rk_power_options {
    struct rk_common common; /* conf_level: of a simulated power */
    int design;              /* enum rk_power_design */
    /* Lists of numbers as given; each makes the table longer. Of n, effect and power the one that
     * is empty is solved for; power is 0.8 where another is. */
    struct rk_names n, effect, power, sd, icc, ar, baseline;
    struct rk_names periods; /* did: BEFORE,AFTER, each a string of its own */
    double sig_level;
    size_t predictors, cluster_size;
    bool ancova;
    const char *value, *id, *time; /* of the pilot panel */
    size_t draws;                  /* simulated studies a row; 0: none */
};
#define RK_POWER_DEFAULT                                                                    \
    {                                                                                       \
        .common = RK_COMMON_DEFAULT, .sig_level = 0.05, .predictors = 1, .cluster_size = 1, \
    }

/* Whether the options fit together; rk_power_run asks it too. RK_OK or RK_EUSAGE.
 * with_pilot  whether there is a pilot panel */
enum rk_status rk_power_check(const struct rk_power_options *options, bool with_pilot,
                              struct rk_error *error);
enum rk_status rk_power_wants(const struct rk_power_options *options, struct rk_wants *wants);

/* Fills the tables
 *   power   design,n,effect,sd,power,sig_level,alternative,note
 *   detail  the same plans: periods, correlations, standard error and df of the estimate, the
 *           errors of sign and size that p < sig_level would come with, and the power in simulated
 *           studies with its interval
 *   pilot   parameter,value: what was read off the pilot panel
 * pilot  the pilot panel, NULL without one
 * Returns RK_OK; RK_EUSAGE; RK_EINPUT (a column, a unit and period twice); RK_ETOOFEW,
 * RK_ECONSTANT (the pilot); RK_EDOMAIN, RK_ENOCONVERGE where no row could be solved; RK_ENOMEM. */
enum rk_status rk_power_run(const struct rk_table *pilot, const struct rk_power_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error);

#endif
