/* What the ways to a correlation share. Private to src/stats. */
#ifndef REPKIT_STATS_CORRELATION_PARTS_H
#define REPKIT_STATS_CORRELATION_PARTS_H

#include "repkit/correlation.h"

/* Fills interval and t test beside c->estimate and c->n; unexplained is 1 - estimate^2. */
void rk_correlation_finish(int method, double unexplained, double df, double conf_level,
                           int alternative, struct rk_correlation *c);

#endif
