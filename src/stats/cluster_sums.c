#include "cluster_sums.h"

#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "rows.h"

/* Sums are gathered by blocks of rows, each with sums of its own: as many as that memory allows. */
static const size_t MOST_PARTIAL = 4000000;
enum { MOST_BLOCKS = 8, BLOCK = 16384 };

struct job {
    const struct rk_fit *fit;
    const uint32_t *code;
    const double *crossed;
    struct cluster_sums *sums;
    uint32_t *number;    /* of each code */
    double *score, *M;   /* of all blocks */
    size_t n_score, n_M; /* of one */
};

static bool counts(const struct rk_fit *fit, size_t i)
{
    return fit->root == NULL || fit->root[i] > 0.0;
}

/* Numbers the clusters in the order of their codes. */
static bool number_clusters(struct job *job, size_t n_codes)
{
    size_t used = 0;

    job->number = calloc(n_codes + 1, sizeof *job->number);
    if (job->number == NULL)
        return false;
    for (size_t i = 0; i < job->fit->n; i++) {
        if (counts(job->fit, i))
            job->number[job->code[i]] = 1;
    }
    for (size_t c = 0; c < n_codes; c++) {
        if (job->number[c] == 1)
            job->number[c] = (uint32_t)used++;
    }
    job->sums->n_clusters = used;
    return true;
}

/* One row's part: z has `all` values, a column each `stride` apart. */
static void add_row(const struct job *job, const double *z, double u, double *score, double *M)
{
    size_t all = job->sums->all;

    for (size_t j = 0; j < all; j++)
        score[j] += z[j] * u;
    for (size_t j = 0; M != NULL && j < all; j++) {
        for (size_t l = 0; l <= j; l++)
            M[j * all + l] += z[j] * z[l];
    }
}

static void add_chunk(const struct job *job, const struct fit_chunk *chunk, size_t start, size_t n,
                      double *z, size_t block)
{
    const struct cluster_sums *sums = job->sums;
    double *score = job->score + block * job->n_score;
    double *M = job->M != NULL ? job->M + block * job->n_M : NULL;

    for (size_t i = 0; i < n; i++) {
        size_t g, all = sums->all;

        if (!counts(job->fit, start + i))
            continue;
        g = job->number[job->code[start + i]];
        for (size_t j = 0; j < sums->rank; j++)
            z[j] = chunk->q[j * chunk->stride + i];
        for (size_t j = sums->rank; j < all; j++)
            z[j] = job->crossed[(j - sums->rank) * job->fit->n + start + i];
        add_row(job, z, chunk->u[i], score + g * all, M != NULL ? M + g * all * all : NULL);
    }
}

static enum rk_status add_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    size_t rank = job->sums->rank;
    double *buffer = malloc(((rank + 2) * ROWS_CHUNK + job->sums->all + 1) * sizeof *buffer);

    if (buffer == NULL)
        return RK_ENOMEM;
    for (size_t start = first; start < last; start += ROWS_CHUNK) {
        size_t n = last - start < ROWS_CHUNK ? last - start : ROWS_CHUNK;
        struct fit_chunk chunk = fit_rows(job->fit, start, n, buffer);

        add_chunk(job, &chunk, start, n, buffer + (rank + 2) * ROWS_CHUNK, block);
    }
    free(buffer);
    return RK_OK;
}

static void merge(double *sums, size_t n, size_t n_blocks)
{
    for (size_t block = 1; block < n_blocks; block++) {
        for (size_t i = 0; i < n; i++)
            sums[i] += sums[block * n + i];
    }
}

/* The upper triangles that add_row left out. */
static void mirror(const struct cluster_sums *sums)
{
    size_t all = sums->all;

    for (size_t g = 0; g < sums->n_clusters; g++) {
        double *M = sums->M + g * all * all;

        for (size_t j = 0; j < all; j++) {
            for (size_t l = 0; l < j; l++)
                M[l * all + j] = M[j * all + l];
        }
    }
}

static enum rk_status gather(struct job *job, bool moments, const struct rk_ctx *ctx)
{
    struct cluster_sums *sums = job->sums;
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t n = job->fit->n, n_blocks = MOST_BLOCKS, block_size;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    job->n_score = sums->n_clusters * sums->all;
    job->n_M = moments ? job->n_score * sums->all : 0;
    if ((job->n_score + job->n_M) * n_blocks > MOST_PARTIAL)
        n_blocks = 1;
    block_size = (n + n_blocks - 1) / n_blocks;
    if (block_size < BLOCK)
        block_size = BLOCK;
    n_blocks = (n + block_size - 1) / block_size;
    job->score = calloc(n_blocks * job->n_score + 1, sizeof *job->score);
    job->M = moments ? calloc(n_blocks * job->n_M + 1, sizeof *job->M) : NULL;
    sums->score = job->score;
    sums->M = job->M;
    if (job->score == NULL || (moments && job->M == NULL))
        return RK_ENOMEM;
    status = rk_parallel_blocks(&quiet, n, block_size, add_block, job);
    merge(job->score, job->n_score, n_blocks);
    if (moments) {
        merge(job->M, job->n_M, n_blocks);
        mirror(sums);
    }
    return status;
}

enum rk_status cluster_sums_new(const struct rk_fit *fit, const uint32_t *code, size_t n_codes,
                                const double *crossed, size_t n_crossed, bool moments,
                                const struct rk_ctx *ctx, struct cluster_sums *sums)
{
    struct job job = {.fit = fit, .code = code, .crossed = crossed, .sums = sums};
    enum rk_status status = RK_ENOMEM;

    *sums = (struct cluster_sums){.rank = fit->rank, .all = fit->rank + n_crossed};
    if (number_clusters(&job, n_codes))
        status = gather(&job, moments, ctx);
    free(job.number);
    if (status != RK_OK)
        cluster_sums_free(sums);
    return status;
}

void cluster_sums_free(struct cluster_sums *sums)
{
    free(sums->score);
    free(sums->M);
    sums->score = sums->M = NULL;
}
