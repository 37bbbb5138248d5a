/* Ranks. */
#ifndef REPKIT_RANK_H
#define REPKIT_RANK_H

#include <stddef.h>

#include "repkit/status.h"

/* Ranks 1 .. n, equal values sharing the average of theirs, in O(n log n).
 * x, n     any unit; infinities rank at the ends, a NaN has no rank
 * rank     n values; may be x itself
 * ties     sum of t^3 - t over the groups of t equal values, 0 without ties; NULL if not wanted
 * Returns RK_OK; RK_EDOMAIN (a NaN among x); RK_ENOMEM. rank and *ties unchanged on failure.
 * In R: rank(x); t <- table(x); sum(t^3 - t). */
enum rk_status rk_rank(const double *x, size_t n, double *rank, double *ties);

#endif
