/* Private to src/stats. */
#ifndef REPKIT_RATE_MIXTURE_H
#define REPKIT_RATE_MIXTURE_H

#include "repkit/shrink.h"

/* rk_posterior_interval of a posterior with a mixture. */
void rk_mixture_interval(const struct rk_posterior *p, double conf_level, double *low,
                         double *high);

#endif
