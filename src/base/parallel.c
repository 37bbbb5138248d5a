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
