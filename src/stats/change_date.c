/* How sure the date of a change is: Pettitt's change point of resampled series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/rank.h"
#include "repkit/time_series.h"

struct work {
    size_t n, before;     /* values, and those before the change */
    const uint32_t *code; /* of each value: equal ones share it, below n_codes, in their order */
    size_t n_codes;
    const char *label;
    const struct rk_ctx *ctx; /* to be asked before each draw, which may take long */
    uint64_t seed;
    size_t *found; /* one a draw */
};

/* The change point of a resampled series of codes. The rank of a code is what lies below it and
 * half of itself: no sorting. */
static size_t change_point(const struct work *w, const uint32_t *code, uint32_t *count,
                           double *twice_rank)
{
    double below = 0.0, u = 0.0, most = 0.0, size = (double)w->n;
    size_t last_before = 0;

    memset(count, 0, w->n_codes * sizeof *count);
    for (size_t i = 0; i < w->n; i++)
        count[code[i]]++;
    for (size_t c = 0; c < w->n_codes; c++) {
        twice_rank[c] = 2.0 * below + (double)count[c] + 1.0;
        below += (double)count[c];
    }
    for (size_t i = 0; i + 1 < w->n; i++) {
        u += twice_rank[code[i]] - (size + 1.0);
        if (fabs(u) > most) {
            most = fabs(u);
            last_before = i;
        }
    }
    return last_before;
}

enum { DRAWS_PER_BLOCK = 100 };

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct work *w = data;
    uint32_t *code = malloc(w->n * sizeof *code), *count = malloc(w->n_codes * sizeof *count);
    double *twice_rank = malloc(w->n_codes * sizeof *twice_rank);
    struct rk_rng rng;
    enum rk_status status = code == NULL || count == NULL || twice_rank == NULL ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&rng, w->seed, "change", w->label, block);
    for (size_t draw = first; status == RK_OK && draw < last; draw++) {
        for (size_t i = 0; i < w->before; i++)
            code[i] = w->code[rk_rng_below(&rng, w->before)];
        for (size_t i = w->before; i < w->n; i++)
            code[i] = w->code[w->before + rk_rng_below(&rng, w->n - w->before)];
        w->found[draw] = change_point(w, code, count, twice_rank);
        status = rk_cancelled(w->ctx);
    }
    free(code);
    free(count);
    free(twice_rank);
    return status;
}

/* Average ranks, in halves, become codes in the same order. */
static enum rk_status make_codes(const double *x, size_t n, uint32_t *code, size_t *n_codes)
{
    double *rank = malloc(n * sizeof *rank);
    uint32_t *number = calloc(2 * n + 2, sizeof *number), next = 0;
    enum rk_status status = rank == NULL || number == NULL ? RK_ENOMEM : rk_rank(x, n, rank, NULL);

    for (size_t i = 0; status == RK_OK && i < n; i++)
        number[(size_t)(2.0 * rank[i])] = 1;
    for (size_t r = 0; status == RK_OK && r < 2 * n + 2; r++)
        if (number[r] > 0)
            number[r] = next++;
    for (size_t i = 0; status == RK_OK && i < n; i++)
        code[i] = number[(size_t)(2.0 * rank[i])];
    *n_codes = next;
    free(rank);
    free(number);
    return status;
}

static int ascending(const void *a, const void *b)
{
    const size_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

enum rk_status rk_pettitt_interval(const double *x, size_t n, const struct rk_pettitt *test,
                                   double conf_level, const char *label, const struct rk_ctx *ctx,
                                   size_t *low, size_t *high)
{
    struct work w = {.n = n,
                     .before = test->last_before + 1,
                     .label = label,
                     .ctx = ctx,
                     .seed = ctx != NULL ? ctx->seed : 1};
    size_t found[RK_CHANGE_DRAWS], outside;
    uint32_t *code = malloc(n * sizeof *code);
    enum rk_status status =
        code == NULL || n > UINT32_MAX / 2 ? RK_ENOMEM : make_codes(x, n, code, &w.n_codes);

    w.code = code;
    w.found = found;
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, RK_CHANGE_DRAWS, DRAWS_PER_BLOCK, draw_block, &w);
    if (status == RK_OK) {
        qsort(found, RK_CHANGE_DRAWS, sizeof *found, ascending);
        outside = (size_t)((1.0 - conf_level) / 2.0 * (RK_CHANGE_DRAWS + 1));
        *low = found[outside > 0 ? outside - 1 : 0];
        *high = found[RK_CHANGE_DRAWS - (outside > 0 ? outside : 1)];
    }
    free(code);
    return status;
}
