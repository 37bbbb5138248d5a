/* What the kinds of bootstrap share. */
#ifndef REPKIT_RESAMPLE_PARTS_H
#define REPKIT_RESAMPLE_PARTS_H

#include "repkit/resample.h"

/* Fills all but the estimate from the draws (NaN: undefined) and what the statistic is with items
 * left out. boot->draw has room for all draws, boot->estimate is set. */
void rk_boot_finish(const double *draw, size_t draws, const double *left_out, size_t n_left_out,
                    struct rk_boot *boot);

#endif
