#include "repkit/absorb.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "absorb.h"
#include "repkit/parallel.h"

enum { MOST_STEPS = 10000, ROUNDS = 2 };

/* --- levels ---------------------------------------------------------------------------------- */

void absorb_levels_free(struct absorb_levels *levels)
{
    free(levels->total);
    free(levels->offset);
    free(levels->other);
}

enum rk_status absorb_levels_new(const struct rk_absorbed *effects, struct absorb_levels *levels)
{
    size_t all = 0, next = 0;

    *levels = (struct absorb_levels){.effects = effects};
    for (size_t e = 0; e < effects->n_effects; e++) {
        all += effects->n_levels[e];
        if (effects->n_levels[e] > effects->n_levels[levels->main])
            levels->main = e;
    }
    levels->n_main = effects->n_levels[levels->main];
    levels->n_others = all - levels->n_main;
    levels->total = calloc(all + 1, sizeof *levels->total);
    levels->offset = calloc(effects->n_effects + 1, sizeof *levels->offset);
    levels->other = calloc(effects->n_effects + 1, sizeof *levels->other);
    if (levels->total == NULL || levels->offset == NULL || levels->other == NULL) {
        absorb_levels_free(levels);
        return RK_ENOMEM;
    }
    for (size_t e = 0; e < effects->n_effects; e++) {
        double *total = levels->total; /* the main effect's come first */

        if (e != levels->main) {
            levels->other[levels->n_other_effects] = effects->code[e];
            levels->offset[levels->n_other_effects++] = next;
            total += levels->n_main + next;
            next += effects->n_levels[e];
        }
        for (size_t i = 0; i < effects->n; i++)
            total[effects->code[e][i]] += absorb_weight(effects, i);
    }
    return RK_OK;
}

/* --- one column ------------------------------------------------------------------------------ */

/* Work space of one column: places for the levels of the main effect, then of all others. */
struct work {
    const struct absorb_levels *levels;
    double *mean;                                  /* of the main effect */
    double *effect, *left, *direction, *image, *z; /* of the others */
};

static bool work_new(const struct absorb_levels *levels, struct work *work)
{
    double *all = calloc(levels->n_main + 5 * levels->n_others + 1, sizeof *all);

    *work = (struct work){.levels = levels, .mean = all};
    if (all == NULL)
        return false;
    work->effect = all + levels->n_main;
    work->left = work->effect + levels->n_others;
    work->direction = work->left + levels->n_others;
    work->image = work->direction + levels->n_others;
    work->z = work->image + levels->n_others;
    return true;
}

static void divide_by_totals(const struct work *work)
{
    for (size_t g = 0; g < work->levels->n_main; g++)
        work->mean[g] /= work->levels->total[g] > 0.0 ? work->levels->total[g] : 1.0;
}

/* Sums by level of the main effect. */
static void sum_main(const struct work *work, const double *x)
{
    const struct rk_absorbed *effects = work->levels->effects;
    const uint32_t *code = effects->code[work->levels->main];

    memset(work->mean, 0, work->levels->n_main * sizeof *work->mean);
    for (size_t i = 0; i < effects->n; i++)
        work->mean[code[i]] += absorb_weight(effects, i) * x[i];
    divide_by_totals(work);
}

/* Takes the means out, and gathers the others' sums of what is left. Returns its sum of squares. */
static double take_means(const struct work *work, double *x)
{
    const struct absorb_levels *levels = work->levels;
    const struct rk_absorbed *effects = levels->effects;
    const uint32_t *code = effects->code[levels->main], *other = levels->other[0];
    double squares = 0.0;

    memset(work->left, 0, levels->n_others * sizeof *work->left);
    if (levels->n_other_effects == 1 && effects->weights == NULL) {
        for (size_t i = 0; i < effects->n; i++) {
            x[i] -= work->mean[code[i]];
            squares += x[i] * x[i];
            work->left[other[i]] += x[i];
        }
        return squares;
    }
    for (size_t i = 0; i < effects->n; i++) {
        double w = absorb_weight(effects, i);

        x[i] -= work->mean[code[i]];
        squares += w * x[i] * x[i];
        for (size_t o = 0; o < levels->n_other_effects; o++)
            work->left[levels->offset[o] + levels->other[o][i]] += w * x[i];
    }
    return squares;
}

/* What the effects d of the others come to in row i. */
static double in_row(const struct absorb_levels *levels, const double *d, size_t i)
{
    double sum = 0.0;

    for (size_t o = 0; o < levels->n_other_effects; o++)
        sum += d[levels->offset[o] + levels->other[o][i]];
    return sum;
}

/* Takes the others' effects out of x, and gathers the main effect's means of what is left. */
static void take_effects(const struct work *work, double *x)
{
    const struct absorb_levels *levels = work->levels;
    const struct rk_absorbed *effects = levels->effects;
    const uint32_t *code = effects->code[levels->main], *other = levels->other[0];

    memset(work->mean, 0, levels->n_main * sizeof *work->mean);
    if (levels->n_other_effects == 1 && effects->weights == NULL) {
        for (size_t i = 0; i < effects->n; i++) {
            x[i] -= work->effect[other[i]];
            work->mean[code[i]] += x[i];
        }
    } else {
        for (size_t i = 0; i < effects->n; i++) {
            x[i] -= in_row(levels, work->effect, i);
            work->mean[code[i]] += absorb_weight(effects, i) * x[i];
        }
    }
    divide_by_totals(work);
}

/* What taking d out does to the sums by level of the others: of one other effect, and in general.
 */
static void apply_one(const struct work *work, const double *d, double *image)
{
    const struct absorb_levels *levels = work->levels;
    const struct rk_absorbed *effects = levels->effects;
    const uint32_t *code = effects->code[levels->main], *other = levels->other[0];
    const double *total = levels->total + levels->n_main;

    if (effects->weights == NULL) {
        for (size_t i = 0; i < effects->n; i++)
            work->mean[code[i]] += d[other[i]];
    } else {
        for (size_t i = 0; i < effects->n; i++)
            work->mean[code[i]] += effects->weights[i] * d[other[i]];
    }
    divide_by_totals(work);
    for (size_t k = 0; k < levels->n_others; k++)
        image[k] = total[k] * d[k];
    if (effects->weights == NULL) {
        for (size_t i = 0; i < effects->n; i++)
            image[other[i]] -= work->mean[code[i]];
    } else {
        for (size_t i = 0; i < effects->n; i++)
            image[other[i]] -= effects->weights[i] * work->mean[code[i]];
    }
}

static void apply(const struct work *work, const double *d, double *image)
{
    const struct absorb_levels *levels = work->levels;
    const struct rk_absorbed *effects = levels->effects;
    const uint32_t *code = effects->code[levels->main];

    memset(work->mean, 0, levels->n_main * sizeof *work->mean);
    if (levels->n_other_effects == 1) {
        apply_one(work, d, image);
        return;
    }
    for (size_t i = 0; i < effects->n; i++)
        work->mean[code[i]] += absorb_weight(effects, i) * in_row(levels, d, i);
    divide_by_totals(work);
    memset(image, 0, levels->n_others * sizeof *image);
    for (size_t i = 0; i < effects->n; i++) {
        double part = absorb_weight(effects, i) * (in_row(levels, d, i) - work->mean[code[i]]);

        for (size_t o = 0; o < levels->n_other_effects; o++)
            image[levels->offset[o] + levels->other[o][i]] += part;
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Of the sums by level in work->left, the effects that make them 0. What is below `rounding` is
 * left alone: sums that rounding made have no solution, and looking for one does harm. */
static enum rk_status solve(const struct work *work, double rounding, const struct rk_ctx *ctx,
                            bool *moved)
{
    size_t n = work->levels->n_others;
    const double *total = work->levels->total + work->levels->n_main;
    double product = 0.0, first = 0.0;

    *moved = false;
    memset(work->effect, 0, n * sizeof *work->effect);
    for (size_t step = 0; step < MOST_STEPS; step++) {
        double before = product, length;
        enum rk_status status = rk_cancelled(ctx);

        if (status != RK_OK)
            return status;
        for (size_t k = 0; k < n; k++)
            work->z[k] = work->left[k] / (total[k] > 0.0 ? total[k] : 1.0);
        product = dot(work->left, work->z, n);
        if (step == 0)
            first = product;
        if (!(product > 1e-24 * first) || product <= rounding)
            return RK_OK;
        for (size_t k = 0; k < n; k++)
            work->direction[k] =
                work->z[k] + (step == 0 ? 0.0 : product / before * work->direction[k]);
        apply(work, work->direction, work->image);
        length = dot(work->direction, work->image, n);
        if (!(length > 0.0))
            return RK_OK; /* a direction without sums, of rounding only */
        *moved = true;
        for (size_t k = 0; k < n; k++) {
            work->effect[k] += product / length * work->direction[k];
            work->left[k] -= product / length * work->image[k];
        }
    }
    return RK_ENOCONVERGE;
}

/* Each round works on what rounding left of the one before. */
static enum rk_status take_out(const struct work *work, double *x, const struct rk_ctx *ctx)
{
    bool several = work->levels->n_other_effects > 0, moved = true;
    enum rk_status status = RK_OK;
    double rounding;

    sum_main(work, x);
    rounding = 1e-30 * take_means(work, x);
    if (!several) {
        sum_main(work, x);
        take_means(work, x);
    }
    for (int round = 0; several && round < ROUNDS && moved && status == RK_OK; round++) {
        status = solve(work, rounding, ctx, &moved);
        if (status == RK_OK && moved) {
            take_effects(work, x);
            take_means(work, x);
        }
    }
    return status;
}

/* --- all columns ----------------------------------------------------------------------------- */

struct job {
    const struct absorb_levels *levels;
    double *const *column;
    const struct rk_ctx *ctx;
};

static enum rk_status absorb_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    struct work work;
    enum rk_status status = work_new(job->levels, &work) ? RK_OK : RK_ENOMEM;

    (void)block;
    for (size_t j = first; j < last && status == RK_OK; j++)
        status = take_out(&work, job->column[j], job->ctx);
    free(work.mean);
    return status;
}

enum rk_status rk_absorb(const struct rk_absorbed *effects, double *const *column, size_t n_columns,
                         const struct rk_ctx *ctx)
{
    struct absorb_levels levels;
    struct job job = {.levels = &levels, .column = column, .ctx = ctx};
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    enum rk_status status = absorb_levels_new(effects, &levels);

    if (status != RK_OK)
        return status;
    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL; /* a part of one step of the caller's work */
    status = rk_parallel_blocks(&quiet, n_columns, 1, absorb_columns, &job);
    absorb_levels_free(&levels);
    return status;
}
