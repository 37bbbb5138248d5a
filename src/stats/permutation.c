#include "repkit/permutation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/sum.h"

enum { WORD = 64, NIBBLE = 4, SUBSETS = 16 };

/* Values of which a permutation picks some: the statistic is the sum of those picked. Sums of all
 * subsets of four neighbours are kept, so that a permutation is one look-up for four values. */
struct pool {
    size_t n, n_picked; /* of a block */
    size_t n_words;
    double *value;  /* n, less their mean */
    double *subset; /* n_words * 16 nibbles, each with its 16 sums */
};

struct job {
    struct pool *pool;
    size_t n_pools;
    bool signs;                /* any number may be picked */
    double observed, expected; /* the sum of those of the second sample; that of half of all */
    double slack;              /* what rounding may take from equal sums */
    int alternative;
    const struct rk_permutation_plan *plan;
    const struct rk_ctx *ctx; /* to be asked before each draw, which may take long */
    uint64_t seed;
    uint64_t *counted; /* a block of draws each */
    size_t most_words;
};

static bool is_as_far(const struct job *job, double sum)
{
    double t = sum - job->expected, observed = job->observed - job->expected;

    if (job->alternative == RK_GREATER)
        return t >= observed - job->slack;
    if (job->alternative == RK_LESS)
        return t <= observed + job->slack;
    return fabs(t) >= fabs(observed) - job->slack;
}

/* --- random permutations -------------------------------------------------------------------- */

static enum rk_status fill_subsets(struct pool *pool)
{
    pool->n_words = (pool->n + WORD - 1) / WORD;
    pool->subset = calloc(pool->n_words * (WORD / NIBBLE) * SUBSETS, sizeof *pool->subset);
    if (pool->subset == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < pool->n; i++) {
        double *sums = pool->subset + i / NIBBLE * SUBSETS;
        size_t bit = (size_t)1 << i % NIBBLE;

        for (size_t s = bit; s < 2 * bit; s++)
            sums[s] = sums[s - bit] + pool->value[i];
    }
    return RK_OK;
}

static double sum_of_picked(const struct pool *pool, const uint64_t *bits)
{
    const double *sums = pool->subset;
    double a = 0.0, b = 0.0, c = 0.0, d = 0.0;

    for (size_t w = 0; w < pool->n_words; w++) {
        uint64_t word = bits[w];

        for (int q = 0; q < WORD / NIBBLE / 4; q++, word >>= 16, sums += 4 * SUBSETS) {
            a += sums[word & 15];
            b += sums[SUBSETS + (word >> 4 & 15)];
            c += sums[2 * SUBSETS + (word >> 8 & 15)];
            d += sums[3 * SUBSETS + (word >> 12 & 15)];
        }
    }
    return (a + b) + (c + d);
}

static size_t n_set(const uint64_t *bits, size_t n_words)
{
    size_t n = 0;

    for (size_t w = 0; w < n_words; w++)
        n += (size_t)__builtin_popcountll(bits[w]);
    return n;
}

/* n bits, each set with probability 2^-halvings. */
static void set_at_random(struct rk_rng *rng, size_t n, size_t n_words, int halvings,
                          uint64_t *bits)
{
    for (size_t w = 0; w < n_words; w++) {
        bits[w] = rk_rng_next(rng);
        for (int h = 1; h < halvings; h++)
            bits[w] &= rk_rng_next(rng);
    }
    if (n % WORD != 0)
        bits[n_words - 1] &= ((uint64_t)1 << n % WORD) - 1;
}

/* Exactly n_picked of n: independent bits are, given how many are set, a fair choice of so many;
 * adding fair choices of the others, or taking fair ones away, leaves it one. */
static void pick(struct rk_rng *rng, const struct pool *pool, uint64_t *bits)
{
    size_t n = pool->n, wanted = pool->n_picked, set;
    int halvings = wanted >= 3 * n / 8 ? 1 : wanted >= 3 * n / 16 ? 2 : wanted >= n / 8 ? 3 : 0;

    if (halvings > 0)
        set_at_random(rng, n, pool->n_words, halvings, bits);
    else
        memset(bits, 0, pool->n_words * sizeof *bits);
    set = halvings > 0 ? n_set(bits, pool->n_words) : 0;
    while (set != wanted) {
        size_t i = (size_t)rk_rng_below(rng, n);
        uint64_t bit = (uint64_t)1 << i % WORD;
        bool is_set = (bits[i / WORD] & bit) != 0;

        if (is_set != (set > wanted))
            continue;
        bits[i / WORD] ^= bit;
        set = is_set ? set - 1 : set + 1;
    }
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    uint64_t *bits = calloc(job->most_words + 1, sizeof *bits);
    uint64_t counted = 0;
    struct rk_rng rng;
    enum rk_status status = RK_OK;

    if (bits == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&rng, job->seed, "permutation", job->plan->label, block);
    for (size_t k = first; status == RK_OK && k < last; k++) {
        double sum = 0.0;

        status = rk_cancelled(job->ctx);
        for (size_t p = 0; p < job->n_pools; p++) {
            if (job->signs)
                set_at_random(&rng, job->pool[p].n, job->pool[p].n_words, 1, bits);
            else
                pick(&rng, &job->pool[p], bits);
            sum += sum_of_picked(&job->pool[p], bits);
        }
        counted += is_as_far(job, sum);
    }
    job->counted[block] = counted;
    free(bits);
    return status;
}

static enum rk_status count_random(struct job *job, const struct rk_ctx *ctx,
                                   struct rk_permutation *out)
{
    size_t draws = job->plan->draws, n_blocks = draws / RK_DRAWS_PER_STREAM + 1;
    uint64_t counted = 0;
    enum rk_status status = RK_OK;

    for (size_t p = 0; status == RK_OK && p < job->n_pools; p++) {
        status = fill_subsets(&job->pool[p]);
        if (job->pool[p].n_words > job->most_words)
            job->most_words = job->pool[p].n_words;
    }
    job->counted = calloc(n_blocks, sizeof *job->counted);
    if (job->counted == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, draws, RK_DRAWS_PER_STREAM, draw_block, job);
    for (size_t b = 0; status == RK_OK && b < n_blocks; b++)
        counted += job->counted[b];
    free(job->counted);
    out->n = draws;
    out->exact = false;
    out->p_value = ((double)counted + 1.0) / ((double)draws + 1.0);
    return status;
}

/* --- all permutations ----------------------------------------------------------------------- */

/* The number of them, or something above RK_PERMUTATIONS_EXACT. */
static double n_permutations(const struct job *job)
{
    double all = 1.0;

    if (job->signs)
        return job->pool[0].n <= RK_SIGNS_EXACT_N ? ldexp(1.0, (int)job->pool[0].n) : INFINITY;
    for (size_t p = 0; p < job->n_pools; p++)
        for (size_t i = 0; i < job->pool[p].n_picked; i++) {
            all *= (double)(job->pool[p].n - i) / (double)(i + 1);
            if (all > 4.0 * RK_PERMUTATIONS_EXACT)
                return all;
        }
    return round(all);
}

/* The sums of all choices of n_picked: *n of them, into sum. `at` has room for the places. */
static void sums_of_choices(const struct pool *pool, size_t *at, double *sum, size_t *n)
{
    size_t m = pool->n_picked, i;

    for (i = 0; i < m; i++)
        at[i] = i;
    for (*n = 0;;) {
        double total = 0.0;

        for (i = 0; i < m; i++)
            total += pool->value[at[i]];
        sum[(*n)++] = total;
        for (i = m; i > 0 && at[i - 1] == pool->n - m + i - 1; i--)
            ;
        if (i == 0)
            return;
        at[i - 1]++;
        for (; i < m; i++)
            at[i] = at[i - 1] + 1;
    }
}

/* Sums of one more pool with all those before: n times more of them, last to first so that the
 * array may be its own source. */
static void combine(double *sum, size_t n_before, const double *next, size_t n)
{
    for (size_t k = n_before; k-- > 0;) {
        double before = sum[k];

        for (size_t j = n; j-- > 0;)
            sum[k * n + j] = before + next[j];
    }
}

static enum rk_status count_all(struct job *job, size_t n_all, struct rk_permutation *out)
{
    double *sum = malloc((n_all + 1) * sizeof *sum), *next = malloc((n_all + 2) * sizeof *next);
    size_t *at = malloc(sizeof *at * (job->pool[0].n + 64)), n_sums = 1, counted = 0;
    enum rk_status status = sum == NULL || next == NULL || at == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        sum[0] = 0.0;
    for (size_t p = 0; status == RK_OK && p < job->n_pools; p++) {
        const struct pool *pool = &job->pool[p];
        size_t n = 2;

        for (size_t i = 0; job->signs && i < pool->n; i++, n_sums *= 2) {
            next[0] = 0.0, next[1] = pool->value[i];
            combine(sum, n_sums, next, 2);
        }
        if (job->signs)
            continue;
        free(at);
        at = malloc((pool->n_picked + 1) * sizeof *at);
        if (at == NULL) {
            status = RK_ENOMEM;
            break;
        }
        sums_of_choices(pool, at, next, &n);
        combine(sum, n_sums, next, n);
        n_sums *= n;
    }
    for (size_t k = 0; status == RK_OK && k < n_sums; k++)
        counted += is_as_far(job, sum[k]);
    free(sum);
    free(next);
    free(at);
    out->n = n_sums;
    out->exact = true;
    out->p_value = (double)counted / (double)n_sums;
    return status;
}

static enum rk_status count(struct job *job, const struct rk_ctx *ctx, struct rk_permutation *out)
{
    double all = n_permutations(job), size = 0.0;

    for (size_t p = 0; p < job->n_pools; p++)
        for (size_t i = 0; i < job->pool[p].n; i++)
            size += fabs(job->pool[p].value[i]);
    if (!(size > 0.0))
        return RK_ECONSTANT;
    job->slack = fmax(1e-10 * fabs(job->observed - job->expected), 1e-14 * size);
    if (all <= RK_PERMUTATIONS_EXACT)
        return count_all(job, (size_t)all, out);
    return count_random(job, ctx, out);
}

static void free_job(struct job *job)
{
    for (size_t p = 0; job->pool != NULL && p < job->n_pools; p++) {
        free(job->pool[p].value);
        free(job->pool[p].subset);
    }
    free(job->pool);
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* --- labels --------------------------------------------------------------------------------- */

struct two {
    const double *value[2];
    const uint32_t *block[2];
    size_t n[2];
    double mu;
};

/* Puts the values of a block into its pool, less their mean (mu taken off the second), and adds
 * the sum of the second's to *observed. */
static enum rk_status fill_pool(const struct two *t, size_t block, struct pool *pool,
                                double *observed)
{
    size_t n[2] = {0};
    struct rk_sum sum = {0.0, 0.0}, second = {0.0, 0.0};

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < t->n[k]; i++)
            n[k] += t->block[k] == NULL || t->block[k][i] == block;
    if (n[0] == 0 || n[1] == 0)
        return RK_OK;
    pool->n = n[0] + n[1];
    pool->n_picked = n[1];
    pool->value = malloc(pool->n * sizeof *pool->value);
    if (pool->value == NULL)
        return RK_ENOMEM;
    for (size_t k = 2, at = 0; k-- > 0;)
        for (size_t i = 0; i < t->n[k]; i++)
            if (t->block[k] == NULL || t->block[k][i] == block) {
                pool->value[at] = t->value[k][i] - (k == 1 ? t->mu : 0.0);
                rk_sum_add(&sum, pool->value[at++]);
            }
    for (size_t i = 0; i < pool->n; i++) {
        pool->value[i] -= rk_sum_value(&sum) / (double)pool->n;
        if (i < n[1])
            rk_sum_add(&second, pool->value[i]);
    }
    *observed += rk_sum_value(&second);
    return RK_OK;
}

/* Fewer are picked from each pool: the sum of the others is that with the other sign, for they sum
 * to nothing. So all values change their sign where it is the first sample that is picked. */
static void pick_the_fewer(struct pool *pool)
{
    if (2 * pool->n_picked <= pool->n)
        return;
    pool->n_picked = pool->n - pool->n_picked;
    for (size_t i = 0; i < pool->n; i++)
        pool->value[i] = -pool->value[i];
}

enum rk_status rk_permute_labels(const double *x, size_t nx, const uint32_t *x_block,
                                 const double *y, size_t ny, const uint32_t *y_block,
                                 size_t n_blocks, const struct rk_permutation_plan *plan,
                                 const struct rk_ctx *ctx, struct rk_permutation *out)
{
    struct two two = {{x, y}, {x_block, y_block}, {nx, ny}, plan->mu};
    struct job job = {.plan = plan,
                      .alternative = plan->alternative,
                      .ctx = ctx,
                      .seed = ctx != NULL ? ctx->seed : 1};
    struct rk_permutation made = {0};
    double weight = 0.0;
    size_t n_pools = x_block == NULL ? 1 : n_blocks;
    enum rk_status status = RK_OK;

    if (nx < 1 || ny < 1 || n_pools < 1 || plan->draws < 1)
        return RK_ETOOFEW;
    if (!all_finite(x, nx) || !all_finite(y, ny) || !isfinite(plan->mu))
        return RK_EDOMAIN;
    job.pool = calloc(n_pools, sizeof *job.pool);
    if (job.pool == NULL)
        return RK_ENOMEM;
    for (size_t b = 0; status == RK_OK && b < n_pools; b++) {
        struct pool *pool = &job.pool[job.n_pools];

        status = fill_pool(&two, b, pool, &job.observed);
        if (status != RK_OK || pool->n == 0)
            continue;
        weight += (double)(pool->n - pool->n_picked) * (double)pool->n_picked / (double)pool->n;
        pick_the_fewer(pool);
        job.n_pools++;
    }
    if (status == RK_OK)
        status = job.n_pools == 0 ? RK_ETOOFEW : count(&job, ctx, &made);
    made.estimate = job.observed / weight + plan->mu;
    free_job(&job);
    if (status == RK_OK)
        *out = made;
    return status;
}

/* --- signs ---------------------------------------------------------------------------------- */

enum rk_status rk_permute_signs(const double *d, size_t n, const struct rk_permutation_plan *plan,
                                const struct rk_ctx *ctx, struct rk_permutation *out)
{
    struct pool pool = {.n = n};
    struct job job = {.pool = NULL,
                      .n_pools = 1,
                      .signs = true,
                      .plan = plan,
                      .alternative = plan->alternative,
                      .ctx = ctx,
                      .seed = ctx != NULL ? ctx->seed : 1};
    struct rk_permutation made = {0};
    struct rk_sum all = {0.0, 0.0}, positive = {0.0, 0.0};
    enum rk_status status;

    if (n < 1 || plan->draws < 1)
        return RK_ETOOFEW;
    if (!all_finite(d, n) || !isfinite(plan->mu))
        return RK_EDOMAIN;
    pool.value = malloc(n * sizeof *pool.value);
    job.pool = malloc(sizeof *job.pool);
    if (pool.value == NULL || job.pool == NULL) {
        free(pool.value);
        free(job.pool);
        return RK_ENOMEM;
    }
    /* the sum of the positive ones of |d| stands for that of all with their signs */
    for (size_t i = 0; i < n; i++) {
        double e = d[i] - plan->mu;

        pool.value[i] = fabs(e);
        rk_sum_add(&all, fabs(e));
        rk_sum_add(&positive, e > 0.0 ? e : 0.0);
    }
    job.pool[0] = pool;
    job.observed = rk_sum_value(&positive);
    job.expected = rk_sum_value(&all) / 2.0;
    status = count(&job, ctx, &made);
    made.estimate = 2.0 * (job.observed - job.expected) / (double)n + plan->mu;
    free_job(&job);
    if (status == RK_OK)
        *out = made;
    return status;
}
