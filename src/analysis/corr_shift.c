/* p-values of rep-corr where there are too few units to resample: x is shifted against y inside
 * each unit, round and round, so that both keep their autocorrelation and lose each other. Between
 * units x is given to other units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"
#include "repkit/parallel.h"
#include "repkit/random.h"

struct work {
    const struct corr_group *group;
    const struct corr_sample *s;
    int scope;
    double estimate;
    size_t n_parts; /* units; between units one part, of means */
    size_t *start;  /* n_parts + 1: rows by unit */
    size_t *row;    /* in the order of time */
    size_t draws;
    bool all;        /* every arrangement is tried once */
    size_t *extreme; /* a block: how many arrangements are as extreme */
    size_t *defined;
};

/* 7! orders of the means of seven units. */
enum { DRAWS_PER_BLOCK = 100, MOST_BETWEEN = 5040 };

static bool is_extreme(const struct work *w, double r)
{
    double most = fabs(w->estimate) * (1.0 - 1e-10);

    switch (w->group->options->common.alternative) {
    case RK_GREATER:
        return r >= w->estimate - 1e-10 * fabs(w->estimate);
    case RK_LESS:
        return r <= w->estimate + 1e-10 * fabs(w->estimate);
    default:
        return fabs(r) >= most;
    }
}

static size_t length_of(const struct work *w, size_t part)
{
    return w->start[part + 1] - w->start[part];
}

/* x of the rows of a part, shifted. */
static void shift(const struct work *w, size_t part, size_t by, double *x)
{
    size_t n = length_of(w, part), first = w->start[part];

    for (size_t i = 0; i < n; i++)
        x[w->row[first + i]] = w->s->column[0][w->row[first + (i + by) % n]];
}

/* The arrangement of that number: the digits of all shifts, or the order in factorial digits. */
static void arrange_number(const struct work *w, size_t number, size_t *order, double *x)
{
    size_t n = w->s->n;

    for (size_t part = 0; w->scope != RK_BETWEEN && part < w->n_parts; part++) {
        shift(w, part, number % length_of(w, part), x);
        number /= length_of(w, part);
    }
    if (w->scope != RK_BETWEEN)
        return;
    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t left = n; left > 0; left--) {
        size_t k = number % left, taken = order[k];

        number /= left;
        memmove(order + k, order + k + 1, (left - k - 1) * sizeof *order);
        x[left - 1] = w->s->column[0][taken];
    }
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    struct work *w = data;
    struct corr_sample s = *w->s;
    double *x = malloc((s.n + 1) * sizeof *x);
    const double **column = malloc(s.n_columns * sizeof *column);
    size_t order[CORR_FEW_UNITS];
    struct rk_rng rng;
    enum rk_status status = x == NULL || column == NULL ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&rng, w->group->ctx->seed, "shift", w->group->label, block);
    if (status == RK_OK) {
        memcpy(column, s.column, s.n_columns * sizeof *column);
        column[0] = x;
        s.column = column;
    }
    for (size_t draw = first; status == RK_OK && draw < last; draw++) {
        struct rk_correlation c;
        enum rk_status found;

        status = rk_cancelled(w->group->ctx);
        if (w->all)
            arrange_number(w, draw, order, x);
        for (size_t part = 0; !w->all && part < w->n_parts; part++)
            shift(w, part, rk_rng_below(&rng, length_of(w, part)), x);
        found = corr_at(&s, w->group->options->method, w->scope, 0.95, RK_TWO_SIDED, NULL, &c);
        if (found == RK_OK) {
            w->defined[block]++;
            w->extreme[block] += is_extreme(w, c.estimate);
        } else if (!rk_status_is_undefined(found)) {
            status = found;
        }
    }
    free(x);
    free(column);
    return status;
}

/* How many arrangements there are; more than `most` count as most + 1. */
static size_t count_arrangements(const struct work *w, size_t most)
{
    size_t n = 1;

    for (size_t i = 0; i < (w->scope == RK_BETWEEN ? w->s->n : w->n_parts) && n <= most; i++)
        n *= w->scope == RK_BETWEEN ? i + 1 : length_of(w, i);
    return n <= most ? n : most + 1;
}

static enum rk_status try_all(struct work *w, double *p_value)
{
    size_t n_blocks = w->draws / DRAWS_PER_BLOCK + 1, extreme = 0, defined = 0;
    struct rk_ctx quiet = *w->group->ctx;
    enum rk_status status = RK_OK;

    quiet.progress = NULL;
    w->extreme = calloc(2 * n_blocks, sizeof *w->extreme);
    if (w->extreme == NULL)
        return RK_ENOMEM;
    w->defined = w->extreme + n_blocks;
    status = rk_parallel_blocks(&quiet, w->draws, DRAWS_PER_BLOCK, draw_block, w);
    for (size_t b = 0; b < n_blocks; b++) {
        extreme += w->extreme[b];
        defined += w->defined[b];
    }
    free(w->extreme);
    /* Of all arrangements the sample is one; to random ones it is added. */
    if (status == RK_OK && defined > 0)
        *p_value = w->all ? (double)extreme / (double)defined
                          : (1.0 + (double)extreme) / (1.0 + (double)defined);
    return status;
}

bool corr_can_shift(const struct corr_group *group, const struct corr_sample *s, int scope)
{
    if (s->contrast || group->options->partial.n > 0)
        return false;
    return scope == RK_BETWEEN || (scope != RK_POOLED && group->time != SIZE_MAX);
}

enum rk_status corr_shift(const struct corr_group *group, const struct corr_sample *s, int scope,
                          struct corr_estimate *e)
{
    struct work w = {.group = group, .s = s, .scope = scope, .estimate = e->c.estimate};
    size_t most = corr_resamples(group);
    enum rk_status status = RK_OK;

    if (scope == RK_BETWEEN) {
        most = MOST_BETWEEN;
    } else {
        status = corr_rows_by_unit(s, s->n_units, &w.row, &w.start);
        w.n_parts = s->n_units;
    }
    if (status == RK_OK) {
        w.draws = count_arrangements(&w, most);
        w.all = w.draws <= most;
        w.draws = w.all ? w.draws : most;
        e->boot = CORR_SHIFT;
        status = try_all(&w, &e->c.p_value);
    }
    free(w.row);
    free(w.start);
    return status;
}
