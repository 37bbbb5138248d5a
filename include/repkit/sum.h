/* Sums that keep what rounding loses. */
#ifndef REPKIT_SUM_H
#define REPKIT_SUM_H

#include <math.h>

/* A running sum, {0.0, 0.0} at first.
 * Source: Neumaier (1974), Z. Angew. Math. Mech. 54. */
struct rk_sum {
    double total, lost;
};

static inline void rk_sum_add(struct rk_sum *sum, double x)
{
    double total = sum->total + x;

    sum->lost += fabs(sum->total) >= fabs(x) ? (sum->total - total) + x : (x - total) + sum->total;
    sum->total = total;
}

static inline double rk_sum_value(const struct rk_sum *sum)
{
    return sum->total + sum->lost;
}

#endif
