/* Deviations from means, exact where they can be. */
#ifndef REPKIT_STATS_CENTRE_H
#define REPKIT_STATS_CENTRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/sum.h"

/* What one unit is centred by. */
struct rk_unit_sum {
    size_t n;
    double origin; /* its first value: near the others, so that differences from it are exact */
    bool varies;
    struct rk_sum sum;
};

/* Scaled deviations of x from its units' means (unit NULL: from its mean); exactly 0 where a unit
 * has one value only. The scale is a power of two that brings x to about 1. work has n_units
 * places; out may be x. */
void rk_centre(const double *x, const uint32_t *unit, size_t n, struct rk_unit_sum *work,
               size_t n_units, double *out);

double rk_norm(const double *u, size_t n);

#endif
