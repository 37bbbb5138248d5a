/* The levels of all effects, as both files of absorbing see them; private to src/stats. */
#ifndef REPKIT_STATS_ABSORB_H
#define REPKIT_STATS_ABSORB_H

#include <stdbool.h>

#include "repkit/absorb.h"

struct absorb_levels {
    const struct rk_absorbed *effects;
    size_t main;             /* the effect with the most levels: taken out by its means */
    size_t n_main, n_others; /* levels: its own, and of all others together */
    double *total;           /* sums of weights by level: of the main effect, then the others */
    size_t n_other_effects, *offset;
    const uint32_t **other; /* codes of the others; their levels begin at offset[] */
};

/* RK_OK or RK_ENOMEM. */
enum rk_status absorb_levels_new(const struct rk_absorbed *effects, struct absorb_levels *levels);
void absorb_levels_free(struct absorb_levels *levels);

static inline double absorb_weight(const struct rk_absorbed *effects, size_t i)
{
    return effects->weights != NULL ? effects->weights[i] : 1.0;
}

#endif
