/* Where the profile of a likelihood has fallen by a given amount; private to src/stats. */
#ifndef REPKIT_PROFILE_H
#define REPKIT_PROFILE_H

#include "repkit/status.h"

struct profile_curve {
    /* Twice the loss of log likelihood with the coefficient held at a value, everything else at its
     * best. A status other than RK_OK ends the search. */
    enum rk_status (*loss)(void *data, double at, double *loss);
    void *data;
    double quantile; /* of the standard normal: where the root of the loss is to be */
};

/* The limit on the side of `step` (negative: below) from the maximum, whose first steps double.
 * RK_OK; RK_ENOCONVERGE (none within reach); what loss returns. */
enum rk_status profile_limit(const struct profile_curve *curve, double best, double step,
                             double *limit);

#endif
