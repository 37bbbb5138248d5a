/* Ranks of units, by drawing from what is believed of each. */
#include <gsl/gsl_randist.h>
#include <stdlib.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/shrink.h"

struct drawn {
    double value;
    uint32_t unit;
};

struct work {
    const struct rk_posterior *posterior;
    size_t k;
    const char *label;
    uint64_t seed;
    uint32_t *rank; /* draw after draw, k ranks from 0 each */
};

static bool comes_before(struct drawn a, struct drawn b)
{
    return a.value > b.value || (a.value == b.value && a.unit < b.unit);
}

/* The largest first; by merging, since a call a comparison would be most of the time. `spare` has
 * room for k too. Returns where the result is. */
static const struct drawn *sort_drawn(struct drawn *from, struct drawn *spare, size_t k)
{
    enum { RUN = 8 };

    for (size_t low = 0; low < k; low += RUN)
        for (size_t i = low + 1; i < k && i < low + RUN; i++) {
            struct drawn d = from[i];
            size_t j = i;

            for (; j > low && comes_before(d, from[j - 1]); j--)
                from[j] = from[j - 1];
            from[j] = d;
        }
    for (size_t width = RUN; width < k; width *= 2) {
        struct drawn *swap = from;

        for (size_t low = 0; low < k; low += 2 * width) {
            size_t middle = low + width < k ? low + width : k;
            size_t high = middle + width < k ? middle + width : k, i = low, j = middle;

            for (size_t at = low; at < high; at++)
                spare[at] = j == high || (i < middle && comes_before(from[i], from[j])) ? from[i++]
                                                                                        : from[j++];
        }
        from = spare;
        spare = swap;
    }
    return from;
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct work *work = data;
    struct drawn *drawn = malloc(2 * work->k * sizeof *drawn);
    struct rk_rng state;
    gsl_rng rng = rk_rng_gsl(&state);

    if (drawn == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&state, work->seed, "rank", work->label, block);
    for (size_t draw = first; draw < last; draw++) {
        const struct drawn *sorted;

        for (size_t i = 0; i < work->k; i++) {
            const struct rk_posterior *p = &work->posterior[i];

            drawn[i].unit = (uint32_t)i;
            drawn[i].value =
                p->beta ? gsl_ran_beta(&rng, p->a, p->b) : p->a + p->b * rk_rng_normal(&state);
        }
        sorted = sort_drawn(drawn, drawn + work->k, work->k);
        for (size_t place = 0; place < work->k; place++)
            work->rank[draw * work->k + sorted[place].unit] = (uint32_t)place;
    }
    free(drawn);
    return RK_OK;
}

/* The smallest rank with at least that share of the draws up to it. */
static double rank_at(const size_t *count, size_t k, double share)
{
    size_t sum = 0;

    for (size_t place = 0; place < k; place++) {
        sum += count[place];
        if ((double)sum >= share * RK_RANK_DRAWS)
            return (double)place + 1.0;
    }
    return (double)k;
}

static void summarise(const struct work *work, size_t i, size_t top, double conf_level,
                      size_t *count, struct rk_ranks *out)
{
    size_t k = work->k, in_top = 0, in_bottom = 0, sum = 0;

    for (size_t place = 0; place < k; place++)
        count[place] = 0;
    for (size_t draw = 0; draw < RK_RANK_DRAWS; draw++)
        count[work->rank[draw * k + i]]++;
    for (size_t place = 0; place < k; place++) {
        sum += count[place] * (place + 1);
        in_top += place < top ? count[place] : 0;
        in_bottom += place >= k - top ? count[place] : 0;
    }
    *out = (struct rk_ranks){.expected = (double)sum / RK_RANK_DRAWS,
                             .low = rank_at(count, k, (1.0 - conf_level) / 2.0),
                             .high = rank_at(count, k, (1.0 + conf_level) / 2.0),
                             .prob_top = (double)in_top / RK_RANK_DRAWS,
                             .prob_bottom = (double)in_bottom / RK_RANK_DRAWS};
}

enum rk_status rk_rank_posteriors(const struct rk_posterior *posterior, size_t k, size_t top,
                                  double conf_level, const char *label, const struct rk_ctx *ctx,
                                  struct rk_ranks *out)
{
    struct work work = {posterior, k, label, ctx != NULL ? ctx->seed : 1, NULL};
    size_t *count;
    enum rk_status status;

    if (top < 1 || top > k || k > UINT32_MAX)
        return RK_EDOMAIN;
    if (k > SIZE_MAX / RK_RANK_DRAWS / sizeof *work.rank)
        return RK_ENOMEM;
    work.rank = malloc(k * RK_RANK_DRAWS * sizeof *work.rank);
    count = malloc(k * sizeof *count);
    status = work.rank == NULL || count == NULL
                 ? RK_ENOMEM
                 : rk_parallel_blocks(ctx, RK_RANK_DRAWS, RK_DRAWS_PER_STREAM, draw_block, &work);
    for (size_t i = 0; status == RK_OK && i < k; i++)
        summarise(&work, i, top, conf_level, count, &out[i]);
    free(work.rank);
    free(count);
    return status;
}
