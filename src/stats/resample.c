#include "repkit/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/random.h"
#include "resample_parts.h"

enum { MOST_DELETED = 2000, GROUPS = 1000, DELETIONS_A_BLOCK = 50 };

struct job {
    const struct rk_resample *plan;
    rk_statistic_fn statistics;
    const void *data;
    size_t n_values;
    const struct rk_ctx *ctx; /* to be asked before each draw, which may take long */
    uint64_t seed;
    size_t *item, *start; /* items by stratum */
    size_t n_strata;
    double *draw;     /* of each value the draws, then of the next */
    double *left_out; /* likewise */
    size_t n_groups;  /* of the jackknife */
};

/* NaN where a statistic has no value. `value` has room for all; they go to `to` and, for the next,
 * `stride` further. */
static enum rk_status values_of(const struct job *job, const uint32_t *count, double *value,
                                double *to, size_t stride)
{
    enum rk_status status = rk_cancelled(job->ctx);

    if (status != RK_OK)
        return status;
    for (size_t v = 0; v < job->n_values; v++)
        value[v] = NAN;
    status = job->statistics(job->data, count, value);
    for (size_t v = 0; v < job->n_values; v++)
        to[v * stride] = rk_status_is_undefined(status) ? NAN : value[v];
    return rk_status_is_undefined(status) ? RK_OK : status;
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    size_t n = job->plan->n;
    uint32_t *count = malloc((n + 1) * sizeof *count);
    double *value = malloc(job->n_values * sizeof *value);
    struct rk_rng rng;
    enum rk_status status = count == NULL || value == NULL ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&rng, job->seed, "bootstrap", job->plan->label, block);
    for (size_t b = first; status == RK_OK && b < last; b++) {
        memset(count, 0, n * sizeof *count);
        for (size_t s = 0; s < job->n_strata; s++) {
            size_t size = job->start[s + 1] - job->start[s];

            for (size_t i = 0; i < size; i++)
                count[job->item[job->start[s] + rk_rng_below(&rng, size)]]++;
        }
        status = values_of(job, count, value, &job->draw[b], job->plan->draws);
    }
    free(value);
    free(count);
    return status;
}

static enum rk_status delete_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    size_t n = job->plan->n;
    uint32_t *count = malloc((n + 1) * sizeof *count);
    double *value = malloc(job->n_values * sizeof *value);
    enum rk_status status = count == NULL || value == NULL ? RK_ENOMEM : RK_OK;

    (void)block;
    for (size_t g = first; status == RK_OK && g < last; g++) {
        for (size_t i = 0; i < n; i++)
            count[i] = i % job->n_groups != g;
        status = values_of(job, count, value, &job->left_out[g], job->n_groups);
    }
    free(value);
    free(count);
    return status;
}

/* Items by stratum, in the order they come. */
static void sort_strata(struct job *job)
{
    const struct rk_resample *plan = job->plan;

    for (size_t i = 0; i < plan->n; i++)
        job->start[plan->stratum == NULL ? 1 : plan->stratum[i] + 1]++;
    for (size_t s = 0; s < job->n_strata; s++)
        job->start[s + 1] += job->start[s];
    for (size_t i = plan->n; i-- > 0;)
        job->item[--job->start[plan->stratum == NULL ? 1 : plan->stratum[i] + 1]] = i;
    memmove(job->start, job->start + 1, job->n_strata * sizeof *job->start);
    job->start[job->n_strata] = plan->n;
}

/* a; NaN if leaving out changes nothing. */
static double acceleration(const double *left_out, size_t n)
{
    double mean = 0.0, squares = 0.0, cubes = 0.0;
    size_t known = 0;

    for (size_t g = 0; g < n; g++) {
        if (isnan(left_out[g]))
            continue;
        known++;
        mean += (left_out[g] - mean) / (double)known;
    }
    for (size_t g = 0; g < n; g++) {
        double d = mean - left_out[g];

        if (isnan(d))
            continue;
        squares += d * d;
        cubes += d * d * d;
    }
    return squares > 0.0 ? cubes / (6.0 * pow(squares, 1.5)) : NAN;
}

void rk_boot_finish(const double *draw, size_t draws, const double *left_out, size_t n_left_out,
                    struct rk_boot *boot)
{
    double below = 0.0;
    size_t n = 0;

    for (size_t b = 0; b < draws; b++)
        if (!isnan(draw[b]))
            boot->draw[n++] = draw[b];
    boot->n_draws = n;
    rk_sort(boot->draw, n);
    for (size_t b = 0; b < n; b++)
        below += boot->draw[b] < boot->estimate ? 1.0 : boot->draw[b] == boot->estimate ? 0.5 : 0.0;
    boot->bias = rk_qnorm(below / (double)n, RK_LOWER_TAIL);
    boot->acceleration = acceleration(left_out, n_left_out);
    boot->bca = n > 0 && isfinite(boot->bias) && isfinite(boot->acceleration) &&
                boot->draw[0] < boot->draw[n - 1];
}

/* The values of the sample itself, into the estimates. */
static enum rk_status estimate(const struct job *job, size_t n_values, struct rk_boot *const *boot)
{
    uint32_t *ones = malloc((job->plan->n + 1) * sizeof *ones);
    double *value = malloc(n_values * sizeof *value);
    enum rk_status status = ones == NULL || value == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; ones != NULL && i < job->plan->n; i++)
        ones[i] = 1;
    for (size_t v = 0; value != NULL && v < n_values; v++)
        value[v] = NAN;
    if (status == RK_OK)
        status = job->statistics(job->data, ones, value);
    for (size_t v = 0; status == RK_OK && v < n_values; v++) {
        boot[v]->estimate = value[v];
        if (isnan(value[v]))
            status = RK_EDOMAIN;
    }
    free(value);
    free(ones);
    return status;
}

static enum rk_status run(struct job *job, size_t n_values, const struct rk_ctx *ctx,
                          struct rk_boot *const *boot)
{
    size_t draws = job->plan->draws, n = job->n_groups;
    enum rk_status status = estimate(job, n_values, boot);

    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, draws, RK_DRAWS_PER_STREAM, draw_block, job);
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, n, DELETIONS_A_BLOCK, delete_block, job);
    for (size_t v = 0; status == RK_OK && v < n_values; v++) {
        rk_boot_finish(job->draw + v * draws, draws, job->left_out + v * n, n, boot[v]);
        if ((double)boot[v]->n_draws < 0.9 * (double)draws)
            status = RK_ETOOFEW;
    }
    return status;
}

static enum rk_status new_boots(struct rk_boot **boot, size_t n, size_t draws)
{
    for (size_t v = 0; v < n; v++) {
        boot[v] = calloc(1, sizeof *boot[v]);
        if (boot[v] == NULL)
            return RK_ENOMEM;
        boot[v]->draw = malloc(draws * sizeof *boot[v]->draw);
        if (boot[v]->draw == NULL)
            return RK_ENOMEM;
    }
    return RK_OK;
}

static enum rk_status run_job(struct job *job, const struct rk_ctx *ctx,
                              struct rk_boot *const *boot)
{
    const struct rk_resample *plan = job->plan;
    const size_t n_values = job->n_values;
    enum rk_status status = RK_ENOMEM;

    job->ctx = ctx;
    job->seed = ctx != NULL ? ctx->seed : 1;
    job->n_strata = plan->stratum == NULL ? 1 : plan->n_strata;
    job->n_groups = plan->n <= MOST_DELETED ? plan->n : GROUPS;
    job->item = malloc(plan->n * sizeof *job->item);
    job->start = calloc(job->n_strata + 2, sizeof *job->start);
    job->draw = malloc(n_values * plan->draws * sizeof *job->draw);
    job->left_out = malloc(n_values * job->n_groups * sizeof *job->left_out);
    if (job->item != NULL && job->start != NULL && job->draw != NULL && job->left_out != NULL) {
        sort_strata(job);
        status = run(job, n_values, ctx, boot);
    }
    free(job->item);
    free(job->start);
    free(job->draw);
    free(job->left_out);
    return status;
}

enum rk_status rk_boot_several_new(const struct rk_resample *plan, rk_statistic_fn statistics,
                                   const void *data, size_t n_values, const struct rk_ctx *ctx,
                                   struct rk_boot **boot)
{
    struct job job = {.plan = plan, .statistics = statistics, .data = data, .n_values = n_values};
    struct rk_boot **made;
    enum rk_status status;

    if (plan->n < 2 || plan->draws < 1 || n_values < 1)
        return RK_ETOOFEW;
    made = calloc(n_values, sizeof *made);
    if (made == NULL)
        return RK_ENOMEM;
    status = new_boots(made, n_values, plan->draws);
    if (status == RK_OK)
        status = run_job(&job, ctx, made);
    for (size_t v = 0; v < n_values; v++) {
        if (status == RK_OK)
            boot[v] = made[v];
        else
            rk_boot_free(made[v]);
    }
    free(made);
    return status;
}

enum rk_status rk_boot_new(const struct rk_resample *plan, rk_statistic_fn statistic,
                           const void *data, const struct rk_ctx *ctx, struct rk_boot **boot)
{
    return rk_boot_several_new(plan, statistic, data, 1, ctx, boot);
}

void rk_boot_free(struct rk_boot *boot)
{
    if (boot == NULL)
        return;
    free(boot->draw);
    free(boot);
}

/* --- what the draws say ---------------------------------------------------------------------- */

static double end_of(const struct rk_boot *boot, double tail)
{
    double z = rk_qnorm(tail, RK_LOWER_TAIL), p = tail;

    if (boot->bca) {
        double moved = boot->bias + z, scale = 1.0 - boot->acceleration * moved;

        p = scale > 0.0 ? rk_pnorm(boot->bias + moved / scale, RK_LOWER_TAIL) : z > 0.0 ? 1.0 : 0.0;
    }
    return rk_quantile_sorted(boot->draw, boot->n_draws, p, 6);
}

void rk_boot_interval(const struct rk_boot *boot, double conf_level, int alternative, double *low,
                      double *high)
{
    double tail = alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;

    *low = alternative == RK_LESS ? -INFINITY : end_of(boot, tail);
    *high = alternative == RK_GREATER ? INFINITY : end_of(boot, 1.0 - tail);
}

/* Where `null` stands among the draws, from the low end (sign 1) or the high end (sign -1), as a
 * type 6 quantile would count: between draw k and k + 1. */
static double place_of(const struct rk_boot *boot, double null, double sign)
{
    size_t n = boot->n_draws, k = 0;
    double here, next;

    while (k < n && sign * boot->draw[sign > 0.0 ? k : n - 1 - k] <= sign * null)
        k++;
    if (k == 0)
        return 1.0 / ((double)n + 1.0);
    if (k == n)
        return (double)n / ((double)n + 1.0);
    here = boot->draw[sign > 0.0 ? k - 1 : n - k];
    next = boot->draw[sign > 0.0 ? k : n - 1 - k];
    return ((double)k + (null - here) / (next - here)) / ((double)n + 1.0);
}

/* The tail at which the end of the interval is `null`: end_of turned round. */
static double tail_of(const struct rk_boot *boot, double null, double sign)
{
    double place = place_of(boot, null, sign), bias = sign * boot->bias;
    double a = sign * boot->acceleration, w;

    if (!boot->bca)
        return place;
    w = rk_qnorm(place, RK_LOWER_TAIL) - bias;
    if (1.0 + a * w <= 0.0)
        return w < 0.0 ? 0.0 : 1.0;
    return rk_pnorm(w / (1.0 + a * w) - bias, RK_LOWER_TAIL);
}

double rk_boot_p_value(const struct rk_boot *boot, double null, int alternative)
{
    double low = tail_of(boot, null, 1.0), high = tail_of(boot, null, -1.0);
    double p = alternative == RK_GREATER ? low
               : alternative == RK_LESS  ? high
                                         : 2.0 * fmin(low, high);

    return fmax(1.0 / ((double)boot->n_draws + 1.0), fmin(1.0, p));
}
