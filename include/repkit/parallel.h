/* Work in fixed blocks, on as many threads as the context allows. */
#ifndef REPKIT_PARALLEL_H
#define REPKIT_PARALLEL_H

#include <stdbool.h>
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

/* Work on blocks that come one after another from somewhere (a file, a pipe): block k is held in
 * slot k % n_slots from its reading until it has been taken. */
struct rk_stream {
    void *data;
    size_t n_slots; /* at least 1; so many blocks are held at most */
    /* Puts the next block into the slot; sets *end if it is the last. Called in order, one call at
     * a time. */
    enum rk_status (*read)(void *data, size_t slot, bool *end);
    /* Works on the block; calls for several slots run at once. */
    void (*work)(void *data, size_t slot);
    /* Takes the result of the block. Called in order, one call at a time. */
    enum rk_status (*take)(void *data, size_t slot);
};

/* Reads, works and takes until the end. No thread is started for a single block. A block whose
 * reading fails is not worked on, and its status is returned once all blocks before it have been
 * taken; so the result does not depend on the number of threads.
 * Returns RK_OK, the first status in the order of the blocks that is none, what ctx's cancel says,
 * or RK_ENOMEM. ctx may be NULL: one thread. */
enum rk_status rk_parallel_stream(const struct rk_ctx *ctx, const struct rk_stream *stream);

#endif
