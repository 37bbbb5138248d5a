#include "repkit/parallel.h"

#include <pthread.h>
#include <stdlib.h>

struct pool {
    const struct rk_ctx *ctx;
    size_t n_items, block_size, n_blocks;
    rk_block_fn work;
    void *data;

    pthread_mutex_t lock; /* guards what follows */
    size_t next, done;
    size_t failed_block;
    enum rk_status status;
};

static enum rk_status run_block(const struct pool *pool, size_t block)
{
    size_t first = block * pool->block_size;
    size_t left = pool->n_items - first;
    enum rk_status status = rk_cancelled(pool->ctx);

    if (status != RK_OK)
        return status;
    return pool->work(pool->data, block, first,
                      first + (left < pool->block_size ? left : pool->block_size));
}

static void finish_block(struct pool *pool, size_t block, enum rk_status status)
{
    pool->done++;
    if (status != RK_OK && (pool->status == RK_OK || block < pool->failed_block)) {
        pool->status = status;
        pool->failed_block = block;
    }
    if (pool->ctx != NULL && pool->ctx->progress != NULL)
        pool->ctx->progress(pool->ctx->data, (double)pool->done / (double)pool->n_blocks);
}

static void *worker(void *argument)
{
    struct pool *pool = argument;

    pthread_mutex_lock(&pool->lock);
    while (pool->next < pool->n_blocks && pool->status == RK_OK) {
        size_t block = pool->next++;
        enum rk_status status;

        pthread_mutex_unlock(&pool->lock);
        status = run_block(pool, block);
        pthread_mutex_lock(&pool->lock);
        finish_block(pool, block, status);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

enum rk_status rk_parallel_blocks(const struct rk_ctx *ctx, size_t n_items, size_t block_size,
                                  rk_block_fn work, void *data)
{
    struct pool pool = {
        .ctx = ctx, .n_items = n_items, .block_size = block_size, .work = work, .data = data};
    size_t n_threads = ctx != NULL && ctx->threads > 1 ? ctx->threads : 1;
    pthread_t *threads = NULL;
    size_t n_started = 0;

    pool.n_blocks = n_items / block_size + (n_items % block_size != 0);
    if (n_threads > pool.n_blocks)
        n_threads = pool.n_blocks;
    if (pthread_mutex_init(&pool.lock, NULL) != 0)
        return RK_ENOMEM;
    if (n_threads > 1)
        threads = malloc((n_threads - 1) * sizeof *threads);
    /* A thread that cannot be had is not an error: the others take its blocks. */
    while (threads != NULL && n_started < n_threads - 1 &&
           pthread_create(&threads[n_started], NULL, worker, &pool) == 0)
        n_started++;
    worker(&pool);
    while (n_started > 0)
        pthread_join(threads[--n_started], NULL);
    free(threads);
    pthread_mutex_destroy(&pool.lock);
    return pool.status;
}

/* --- streams ------------------------------------------------------------------------------ */

enum { SLOTS_MAX = 64 };

struct flow {
    const struct rk_ctx *ctx;
    const struct rk_stream *stream;
    size_t n_slots;

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    size_t n_read, n_begun, n_taken; /* blocks so far; those between n_taken and n_read are held */
    bool worked[SLOTS_MAX];
    bool reading, taking, ended, stopped;
    enum rk_status status, read_status;
};

/* The three steps give the lock back while they call. */
static void read_block(struct flow *flow)
{
    size_t slot = flow->n_read % flow->n_slots;
    bool end = false;
    enum rk_status status;

    flow->reading = true;
    flow->worked[slot] = false;
    pthread_mutex_unlock(&flow->lock);
    status = flow->stream->read(flow->stream->data, slot, &end);
    pthread_mutex_lock(&flow->lock);
    flow->reading = false;
    flow->n_read += status == RK_OK;
    flow->ended = end || status != RK_OK;
    flow->read_status = status;
}

static void work_on_block(struct flow *flow)
{
    size_t slot = flow->n_begun++ % flow->n_slots;

    pthread_mutex_unlock(&flow->lock);
    flow->stream->work(flow->stream->data, slot);
    pthread_mutex_lock(&flow->lock);
    flow->worked[slot] = true;
}

static void take_block(struct flow *flow)
{
    enum rk_status status;

    flow->taking = true;
    pthread_mutex_unlock(&flow->lock);
    status = flow->stream->take(flow->stream->data, flow->n_taken % flow->n_slots);
    pthread_mutex_lock(&flow->lock);
    flow->taking = false;
    flow->n_taken++;
    if (status != RK_OK) {
        flow->status = status;
        flow->stopped = true;
    }
}

/* One step of what can be done, that which frees a slot first. False at the end. */
static bool step(struct flow *flow)
{
    if (!flow->stopped && (flow->status = rk_cancelled(flow->ctx)) != RK_OK)
        flow->stopped = true;
    if (flow->stopped || (flow->ended && flow->n_taken == flow->n_read))
        return false;
    if (!flow->taking && flow->n_taken < flow->n_begun &&
        flow->worked[flow->n_taken % flow->n_slots])
        take_block(flow);
    else if (flow->n_begun < flow->n_read)
        work_on_block(flow);
    else if (!flow->reading && !flow->ended && flow->n_read - flow->n_taken < flow->n_slots)
        read_block(flow);
    else {
        pthread_cond_wait(&flow->changed, &flow->lock);
        return true;
    }
    pthread_cond_broadcast(&flow->changed);
    return true;
}

static void *stream_worker(void *argument)
{
    struct flow *flow = argument;

    pthread_mutex_lock(&flow->lock);
    while (step(flow))
        ;
    pthread_cond_broadcast(&flow->changed);
    pthread_mutex_unlock(&flow->lock);
    return NULL;
}

static void run_stream(struct flow *flow)
{
    pthread_t threads[SLOTS_MAX];
    size_t n_started = 0, n_threads = flow->ctx != NULL ? flow->ctx->threads : 1;
    bool more;

    pthread_mutex_lock(&flow->lock);
    read_block(flow);
    more = !flow->ended;
    pthread_mutex_unlock(&flow->lock);
    /* Without a second block, or without the memory for a thread, this one does it all. */
    while (more && n_started + 1 < n_threads && n_started + 1 < flow->n_slots &&
           pthread_create(&threads[n_started], NULL, stream_worker, flow) == 0)
        n_started++;
    stream_worker(flow);
    while (n_started > 0)
        pthread_join(threads[--n_started], NULL);
}

enum rk_status rk_parallel_stream(const struct rk_ctx *ctx, const struct rk_stream *stream)
{
    struct flow flow = {.ctx = ctx, .stream = stream, .n_slots = stream->n_slots};

    if (flow.n_slots > SLOTS_MAX)
        flow.n_slots = SLOTS_MAX;
    if (pthread_mutex_init(&flow.lock, NULL) != 0)
        return RK_ENOMEM;
    if (pthread_cond_init(&flow.changed, NULL) != 0) {
        pthread_mutex_destroy(&flow.lock);
        return RK_ENOMEM;
    }
    run_stream(&flow);
    pthread_cond_destroy(&flow.changed);
    pthread_mutex_destroy(&flow.lock);
    return flow.status != RK_OK ? flow.status : flow.read_status;
}
