/* Work in fixed blocks, on as many threads as the context allows. */
#ifndef REPKIT_PARALLEL_H
#define REPKIT_PARALLEL_H

#include <stddef.h>

#include "repkit/context.h"

/* One block of the work: items first .. last - 1. It writes only to what belongs to its block (a
 * partial sum, a slice of an array), so that the result does not depend on the order. */
typedef enum rk_status (*rk_block_fn)(void *data, size_t block, size_t first, size_t last);

/* Calls `work` once for each block of `block_size` items of 0 .. n_items - 1 (the last may be
 * shorter). Blocks are the same whatever the number of threads; merging partial results in block
 * order therefore gives the same bytes. Stops early at the first failing or cancelled block.
 * Returns RK_OK, the status of the lowest failing block, or RK_ENOMEM. ctx may be NULL: one
 * thread. */
enum rk_status rk_parallel_blocks(const struct rk_ctx *ctx, size_t n_items, size_t block_size,
                                  rk_block_fn work, void *data);

#endif
