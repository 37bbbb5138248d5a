/* Ranks of units, by drawing from what is believed of each. */
#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/shrink.h"

struct drawn {
    uint64_t key; /* of the value: the largest first */
    uint32_t unit;
};

struct work {
    const struct rk_posterior *posterior;
    size_t k;
    const char *label;
    uint64_t seed;
    uint32_t *rank; /* draw after draw, k ranks from 0 each */
};

/* The bits of a finite number as an unsigned whole number that falls where the number grows; -0 is
 * as 0. */
static uint64_t falling_key(double value)
{
    double number = value + 0.0;
    uint64_t bits;

    memcpy(&bits, &number, sizeof bits);
    return bits >> 63 ? bits : ~bits & ~((uint64_t)1 << 63);
}

static bool comes_before(struct drawn a, struct drawn b)
{
    return a.key < b.key || (a.key == b.key && a.unit < b.unit);
}

static void sort_by_insertion(struct drawn *x, size_t k)
{
    for (size_t i = 1; i < k; i++) {
        struct drawn d = x[i];
        size_t j = i;

        for (; j > 0 && comes_before(d, x[j - 1]); j--)
            x[j] = x[j - 1];
        x[j] = d;
    }
}

/* The largest value first: digit by digit of the keys, from the last, each keeping the order of the
 * one before, so that equal values stay by unit. Comparing values that are as good as random would
 * be most of the time. `spare` has room for k too. Returns where the result is. */
static struct drawn *sort_drawn(struct drawn *from, struct drawn *spare, size_t k)
{
    enum { FEW = 96, DIGITS = 8, VALUES = 256 };
    size_t start[DIGITS][VALUES] = {{0}};

    if (k < FEW) {
        sort_by_insertion(from, k);
        return from;
    }
    for (size_t i = 0; i < k; i++)
        for (size_t d = 0; d < DIGITS; d++)
            start[d][from[i].key >> 8 * d & 0xff]++;
    for (size_t d = 0; d < DIGITS; d++) {
        struct drawn *swap = from;
        size_t before = 0;

        if (start[d][from[0].key >> 8 * d & 0xff] == k)
            continue; /* all have the same */
        for (size_t v = 0; v < VALUES; v++) {
            size_t n = start[d][v];

            start[d][v] = before;
            before += n;
        }
        for (size_t i = 0; i < k; i++)
            spare[start[d][from[i].key >> 8 * d & 0xff]++] = from[i];
        from = spare;
        spare = swap;
    }
    return from;
}

/* Equal values in random order: the order of the file has no say in who is before whom. */
static void shuffle_ties(struct rk_rng *rng, struct drawn *sorted, size_t k)
{
    for (size_t first = 0, last; first < k; first = last) {
        for (last = first + 1; last < k && sorted[last].key == sorted[first].key;)
            last++;
        for (size_t left = last - first; left > 1; left--) {
            size_t other = first + (size_t)rk_rng_below(rng, left);
            struct drawn swap = sorted[other];

            sorted[other] = sorted[first + left - 1];
            sorted[first + left - 1] = swap;
        }
    }
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct work *work = data;
    struct drawn *drawn = calloc(2 * work->k, sizeof *drawn);
    struct rk_rng state;
    gsl_rng rng = rk_rng_gsl(&state);

    if (drawn == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&state, work->seed, "rank", work->label, block);
    for (size_t draw = first; draw < last; draw++) {
        struct drawn *sorted;

        for (size_t i = 0; i < work->k; i++) {
            const struct rk_posterior *p = &work->posterior[i];
            double value;

            if (p->beta)
                value = gsl_ran_beta(&rng, p->a, p->b);
            else
                value = p->a + p->b * rk_rng_normal(&state);
            drawn[i] = (struct drawn){.unit = (uint32_t)i, .key = falling_key(value)};
        }
        sorted = sort_drawn(drawn, drawn + work->k, work->k);
        shuffle_ties(&state, sorted, work->k);
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

/* The ranks of one unit, draw after draw, `stride` apart. */
static void summarise(const struct work *work, const uint32_t *rank, size_t stride, size_t top,
                      double conf_level, size_t *count, struct rk_ranks *out)
{
    size_t k = work->k, in_top = 0, in_bottom = 0, sum = 0;

    for (size_t place = 0; place < k; place++)
        count[place] = 0;
    for (size_t draw = 0; draw < RK_RANK_DRAWS; draw++) {
        uint32_t place = rank[draw * stride];

        count[place]++;
        sum += place + (size_t)1;
        in_top += place < top;
        in_bottom += place >= k - top;
    }
    *out = (struct rk_ranks){.expected = (double)sum / RK_RANK_DRAWS,
                             .low = rank_at(count, k, (1.0 - conf_level) / 2.0),
                             .high = rank_at(count, k, (1.0 + conf_level) / 2.0),
                             .prob_top = (double)in_top / RK_RANK_DRAWS,
                             .prob_bottom = (double)in_bottom / RK_RANK_DRAWS};
}

/* Draws lie far apart: the ranks of some units that lie side by side are fetched together. */
static enum rk_status summarise_all(const struct work *work, size_t top, double conf_level,
                                    struct rk_ranks *out)
{
    enum { UNITS = 16 };
    size_t *count = malloc(work->k * sizeof *count);
    uint32_t *some = malloc(UNITS * RK_RANK_DRAWS * sizeof *some);
    enum rk_status status = count == NULL || some == NULL ? RK_ENOMEM : RK_OK;

    for (size_t first = 0; status == RK_OK && first < work->k; first += UNITS) {
        size_t n = work->k - first < UNITS ? work->k - first : UNITS;

        for (size_t draw = 0; draw < RK_RANK_DRAWS; draw++)
            memcpy(some + draw * UNITS, work->rank + draw * work->k + first, n * sizeof *some);
        for (size_t i = 0; i < n; i++)
            summarise(work, some + i, UNITS, top, conf_level, count, &out[first + i]);
    }
    free(count);
    free(some);
    return status;
}

enum rk_status rk_rank_posteriors(const struct rk_posterior *posterior, size_t k, size_t top,
                                  double conf_level, const char *label, const struct rk_ctx *ctx,
                                  struct rk_ranks *out)
{
    struct work work = {posterior, k, label, ctx != NULL ? ctx->seed : 1, NULL};
    enum rk_status status;

    if (top < 1 || top > k || k > UINT32_MAX)
        return RK_EDOMAIN;
    if (k > SIZE_MAX / RK_RANK_DRAWS / sizeof *work.rank)
        return RK_ENOMEM;
    work.rank = malloc(k * RK_RANK_DRAWS * sizeof *work.rank);
    status = work.rank == NULL
                 ? RK_ENOMEM
                 : rk_parallel_blocks(ctx, RK_RANK_DRAWS, RK_DRAWS_PER_STREAM, draw_block, &work);
    if (status == RK_OK)
        status = summarise_all(&work, top, conf_level, out);
    free(work.rank);
    return status;
}
