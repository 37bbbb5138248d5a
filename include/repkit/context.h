/* What a long computation is told by its caller, and may tell back. No global state: everything
 * that outlives a call stands here. */
#ifndef REPKIT_CONTEXT_H
#define REPKIT_CONTEXT_H

#include <stdint.h>

#include "repkit/status.h"

struct rk_ctx {
    unsigned threads; /* at most this many at once, at least 1; results never depend on it */
    uint64_t seed;    /* of every random stream, see random.h */

    /* Told now and then which share of the work is done (0 to 1); NULL for silence. It may be
     * called from any thread, but from one at a time. */
    void (*progress)(void *data, double share);
    /* Asked now and then whether to stop: RK_OK to go on, else the status to return. NULL means
     * never. It may be called from any thread. */
    enum rk_status (*cancelled)(void *data);
    void *data; /* handed to both */
};

/* A context of one thread and seed 1, without callbacks. */
#define RK_CTX_DEFAULT          \
    {                           \
        .threads = 1, .seed = 1 \
    }

/* RK_OK, or the status to end with. ctx may be NULL. */
static inline enum rk_status rk_cancelled(const struct rk_ctx *ctx)
{
    return ctx != NULL && ctx->cancelled != NULL ? ctx->cancelled(ctx->data) : RK_OK;
}

#endif
