/* What the kinds of rep-simulate share: one model of reps and weeks, and how its truth is told.
 * Private to src/analysis. */
#ifndef REPKIT_SIMULATE_PARTS_H
#define REPKIT_SIMULATE_PARTS_H

#include <stdbool.h>

#include "repkit/random.h"
#include "repkit/simulate.h"

enum { SIMULATE_ACTIVITIES = 5, SIMULATE_NAME = 24 };

/* Period 1. */
#define SIMULATE_FIRST_WEEK "2024-W01"

/* Their names, as columns of panels: calls, emails, meetings, notes, tasks. */
const char *simulate_activity(size_t k);

/* How what an activity brings depends on how much of it there is. */
enum simulate_bend { SIMULATE_LINE, SIMULATE_OPTIMUM, SIMULATE_PLATEAU, SIMULATE_STEP };

struct simulate_model {
    const struct rk_simulate_options *options;
    uint64_t seed;
    size_t rollout; /* the first period after it, from 1 */
    double effect[SIMULATE_ACTIVITIES];
    double mean[SIMULATE_ACTIVITIES]; /* of an average rep in a week */
    enum simulate_bend bend[SIMULATE_ACTIVITIES];
    double at[SIMULATE_ACTIVITIES]; /* where it bends */
};

/* Reads --effect, --mean, --rollout and how effects bend, checks them. RK_OK or RK_EUSAGE. */
enum rk_status simulate_model_read(const struct rk_simulate_options *options, uint64_t seed,
                                   struct simulate_model *model, struct rk_error *error);

/* --- reps, from 0 -------------------------------------------------------------------------- */

/* "R001" into out, SIMULATE_NAME bytes. */
void simulate_rep_name(size_t rep, char *out);
const char *simulate_region(size_t rep);
bool simulate_is_treated(const struct simulate_model *model, size_t rep);

/* A rep and where the model stands with it. */
struct simulate_rep {
    double level;                     /* of revenue, above that of an average rep */
    double mean[SIMULATE_ACTIVITIES]; /* of activities in a week */
    bool treated;
    struct rk_rng activity, noise_state, deals;
    double noise;
    size_t period; /* the last one drawn, from 1; 0 at first */
};
void simulate_rep_start(const struct simulate_model *model, size_t rep, struct simulate_rep *state);

struct simulate_week {
    double count[SIMULATE_ACTIVITIES];
    double revenue;   /* in cents, the uplift in it */
    double gain;      /* what the uplift added */
    double step;      /* what steps brought, before the uplift */
    double deals_won; /* a Poisson count around revenue by the size of a deal */
    bool after;       /* the rollout */
    bool floored;     /* revenue was raised to the smallest there is */
};
/* The next week of a rep. In a week off there are no activities, and revenue is what it is without
 * them; later weeks have the activities that they have anyway. */
void simulate_rep_week(const struct simulate_model *model, struct simulate_rep *state, bool off,
                       struct simulate_week *week);

/* RK_EUSAGE if more than one in a thousand cells was floored: the truth would not hold. */
enum rk_status simulate_check_floor(size_t n_floored, size_t n_cells, struct rk_error *error);

/* --- truth --------------------------------------------------------------------------------- */

/* Declares the table `truth`. */
size_t simulate_truth(struct rk_result *result);
void simulate_put_truth(struct rk_result *result, size_t truth, const char *parameter,
                        double value);

/* What both kinds say of the model.
 * n_treated        reps
 * gain             what the uplift added a week and treated rep, NaN without one
 * deal_variance    of revenue around what the model expects of a week, for each unit of that */
void simulate_put_model(const struct simulate_model *model, size_t n_treated, double gain,
                        double deal_variance, struct rk_result *result, size_t truth);

/* The explanation of the row ("panel"), of what is said to be simulated ("panel"). */
void simulate_explain(const struct simulate_model *model, const char *row, const char *what,
                      size_t n_treated, double gain, struct rk_result *result);

#endif
