/* Compensated sums in two lanes, for long columns. Private to src/stats. */
#ifndef REPKIT_STATS_LANES_H
#define REPKIT_STATS_LANES_H

#include <string.h>

#include "repkit/sum.h"

typedef double rk_lanes __attribute__((vector_size(16)));

struct rk_lane_sum {
    rk_lanes total, lost;
};

/* rk_sum_add twice at once; what a sum loses is found without asking which part is the larger.
 * Source: Knuth, The Art of Computer Programming 2, 4.2.2, theorem B. */
static inline void rk_lanes_add(struct rk_lane_sum *sum, rk_lanes x)
{
    rk_lanes total = sum->total + x, part = total - sum->total;

    sum->lost += (sum->total - (total - part)) + (x - part);
    sum->total = total;
}

/* The two numbers at x. */
static inline rk_lanes rk_lanes_at(const double *x)
{
    rk_lanes both;

    memcpy(&both, x, sizeof both);
    return both;
}

/* Adds both lanes to a sum. */
static inline void rk_lanes_end(struct rk_sum *sum, const struct rk_lane_sum *lanes)
{
    for (int k = 0; k < 2; k++) {
        rk_sum_add(sum, lanes->total[k]);
        sum->lost += lanes->lost[k];
    }
}

#endif
