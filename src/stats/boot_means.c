#include <math.h>
#include <stdlib.h>

#include "repkit/moments.h"
#include "repkit/parallel.h"
#include "repkit/random.h"
#include "resample_parts.h"

struct job {
    const struct rk_boot_means *means;
    double centre[2];         /* means of the samples */
    double *rest[2];          /* values less the mean of their sample */
    const struct rk_ctx *ctx; /* to be asked before each draw, which may take long */
    uint64_t seed;
    double *draw;
};

static double statistic_of(const struct job *job, double x_rest, double y_rest)
{
    double x = job->centre[0] + x_rest, y = job->centre[1] + y_rest;

    if (job->means->ratio)
        return x != 0.0 ? y / x : NAN;
    /* the means cancel first: what is left is exact where they are large */
    return (job->centre[1] - job->centre[0]) + (y_rest - x_rest);
}

/* Uniform in 0 .. n - 1 from 32 bits, n below 2^32 (Lemire 2019). False: draw again. */
static inline bool index_of(uint32_t bits, uint32_t n, size_t *index)
{
    uint64_t product = (uint64_t)bits * n;

    *index = (size_t)(product >> 32);
    return (uint32_t)product >= n || (uint32_t)product >= -n % n;
}

/* The sums of n values drawn with replacement from those of a, and of b if that is not NULL (then
 * of pairs). */
static void draw_sums(struct rk_rng *rng, const double *a, const double *b, size_t n, double sum[2])
{
    double even = 0.0, odd = 0.0, other = 0.0;
    size_t drawn = 0, i;

    while (drawn < n) {
        uint64_t bits = rk_rng_next(rng);

        if (index_of((uint32_t)bits, (uint32_t)n, &i)) {
            even += a[i];
            other += b != NULL ? b[i] : 0.0;
            drawn++;
        }
        if (drawn < n && index_of((uint32_t)(bits >> 32), (uint32_t)n, &i)) {
            odd += a[i];
            other += b != NULL ? b[i] : 0.0;
            drawn++;
        }
    }
    sum[0] = even + odd;
    sum[1] = other;
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    const struct rk_boot_means *m = job->means;
    double sum[2], second[2];
    struct rk_rng rng;
    enum rk_status status = RK_OK;

    rk_rng_stream(&rng, job->seed, "bootstrap means", m->label, block);
    for (size_t k = first; status == RK_OK && k < last; k++) {
        status = rk_cancelled(job->ctx);
        draw_sums(&rng, job->rest[0], m->paired ? job->rest[1] : NULL, m->nx, sum);
        if (!m->paired) {
            draw_sums(&rng, job->rest[1], NULL, m->ny, second);
            sum[1] = second[0];
        }
        job->draw[k] = statistic_of(job, sum[0] / (double)m->nx, sum[1] / (double)m->ny);
    }
    return status;
}

/* Without item i of a sample of n its mean moves by -rest / (n - 1). */
static void leave_out(const struct job *job, double *left_out)
{
    const struct rk_boot_means *m = job->means;
    double nx = (double)m->nx - 1.0, ny = (double)m->ny - 1.0;

    for (size_t i = 0; i < m->nx; i++)
        left_out[i] =
            statistic_of(job, -job->rest[0][i] / nx, m->paired ? -job->rest[1][i] / ny : 0.0);
    for (size_t i = 0; !m->paired && i < m->ny; i++)
        left_out[m->nx + i] = statistic_of(job, 0.0, -job->rest[1][i] / ny);
}

static enum rk_status centre(struct job *job)
{
    const double *const value[2] = {job->means->x, job->means->y};
    const size_t n[2] = {job->means->nx, job->means->ny};

    for (size_t k = 0; k < 2; k++) {
        job->centre[k] = rk_moments_of(value[k], n[k]).mean;
        job->rest[k] = malloc(n[k] * sizeof *job->rest[k]);
        if (job->rest[k] == NULL)
            return RK_ENOMEM;
        for (size_t i = 0; i < n[k]; i++) {
            if (!isfinite(value[k][i]))
                return RK_EDOMAIN;
            job->rest[k][i] = value[k][i] - job->centre[k];
        }
    }
    return RK_OK;
}

static enum rk_status run(struct job *job, const struct rk_ctx *ctx, struct rk_boot *boot)
{
    const struct rk_boot_means *m = job->means;
    size_t n_left_out = m->paired ? m->nx : m->nx + m->ny;
    double *left_out = malloc(n_left_out * sizeof *left_out);
    enum rk_status status = left_out == NULL ? RK_ENOMEM : centre(job);

    if (status == RK_OK) {
        boot->estimate = statistic_of(job, 0.0, 0.0);
        status = isfinite(boot->estimate) ? RK_OK : RK_EDOMAIN;
    }
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, m->draws, RK_DRAWS_PER_STREAM, draw_block, job);
    if (status == RK_OK) {
        leave_out(job, left_out);
        rk_boot_finish(job->draw, m->draws, left_out, n_left_out, boot);
    }
    free(left_out);
    return status;
}

enum rk_status rk_boot_means_new(const struct rk_boot_means *means, const struct rk_ctx *ctx,
                                 struct rk_boot **boot)
{
    struct job job = {.means = means, .ctx = ctx, .seed = ctx != NULL ? ctx->seed : 1};
    struct rk_boot *made;
    enum rk_status status = RK_ENOMEM;

    if (means->nx < 2 || means->ny < 2 || (means->paired && means->nx != means->ny) ||
        means->draws < 1 || means->nx > UINT32_MAX || means->ny > UINT32_MAX)
        return RK_ETOOFEW;
    made = calloc(1, sizeof *made);
    job.draw = malloc(means->draws * sizeof *job.draw);
    if (made != NULL)
        made->draw = malloc(means->draws * sizeof *made->draw);
    if (made != NULL && made->draw != NULL && job.draw != NULL)
        status = run(&job, ctx, made);
    free(job.draw);
    free(job.rest[0]);
    free(job.rest[1]);
    if (status == RK_OK)
        *boot = made;
    else
        rk_boot_free(made);
    return status;
}
