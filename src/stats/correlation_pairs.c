/* Correlations of many pairs from the columns as they stand. Rows are taken in blocks, whose sums
 * are added in their order; a block is gone through in pieces that stay in the cache while every
 * column and pair uses them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "correlation_parts.h"
#include "lanes.h"
#include "repkit/parallel.h"

enum { BLOCK = 1 << 16, PIECE = 1 << 10 };

/* --- what is computed ----------------------------------------------------------------------- */

/* Columns that stand on the same rows: on all, or where all of them are given. */
struct task {
    const double *const *column;
    size_t n_columns, n;
    const struct rk_column_pair *pair; /* of these columns */
    size_t n_pairs;
    bool sift; /* rows with a missing value are left out */
    const struct rk_ctx *ctx;

    /* Of each column. */
    double *origin; /* near its values, so that differences from it are exact */
    double *mean;   /* of those differences */
    size_t n_used;
    /* Of each block: its sums. */
    struct block_sums {
        size_t n;
        double *largest;    /* of each column: absolute, infinite if its sum is no number */
        struct rk_sum *sum; /* of the columns; then of their squares and the pairs' products */
    } * block;
    size_t n_blocks;
    struct rk_sum *sums; /* all memory of `block` */
    double *largest;
};

static void task_free(struct task *task)
{
    free(task->origin);
    free(task->mean);
    free(task->block);
    free(task->sums);
    free(task->largest);
}

static enum rk_status task_alloc(struct task *task)
{
    size_t n_sums = task->n_columns + task->n_pairs;

    task->n_blocks = task->n / BLOCK + 1;
    task->origin = calloc(task->n_columns + 1, sizeof *task->origin);
    task->mean = calloc(task->n_columns + 1, sizeof *task->mean);
    task->block = calloc(task->n_blocks, sizeof *task->block);
    task->sums = calloc(task->n_blocks * n_sums + 1, sizeof *task->sums);
    task->largest = calloc(task->n_blocks * task->n_columns + 1, sizeof *task->largest);
    if (task->origin == NULL || task->mean == NULL || task->block == NULL || task->sums == NULL ||
        task->largest == NULL)
        return RK_ENOMEM;
    for (size_t b = 0; b < task->n_blocks; b++) {
        task->block[b].sum = task->sums + b * n_sums;
        task->block[b].largest = task->largest + b * task->n_columns;
    }
    return RK_OK;
}

/* The values of one piece of rows: where they stand, or sifted into `values`. */
struct piece {
    size_t n;
    const double **x; /* n_columns */
    double *values;   /* n_columns times PIECE */
};

static bool is_complete(const struct task *task, size_t row)
{
    for (size_t j = 0; j < task->n_columns; j++)
        if (isnan(task->column[j][row]))
            return false;
    return true;
}

static void take_piece(const struct task *task, size_t first, size_t last, struct piece *piece)
{
    piece->n = last - first;
    for (size_t j = 0; j < task->n_columns; j++)
        piece->x[j] = task->sift ? piece->values + j * PIECE : task->column[j] + first;
    if (!task->sift)
        return;
    piece->n = 0;
    for (size_t i = first; i < last; i++) {
        if (!is_complete(task, i))
            continue;
        for (size_t j = 0; j < task->n_columns; j++)
            piece->values[j * PIECE + piece->n] = task->column[j][i];
        piece->n++;
    }
}

/* Calls `add` for the pieces of a block. */
static enum rk_status each_piece(struct task *task, size_t block, size_t first, size_t last,
                                 void (*add)(const struct task *task, const struct piece *piece,
                                             struct block_sums *sums, double *spare))
{
    struct piece piece = {.x = malloc((task->n_columns + 1) * sizeof *piece.x),
                          .values = malloc((task->n_columns * PIECE + 1) * sizeof(double))};
    struct block_sums *sums = &task->block[block];
    double *spare = malloc((task->n_columns * PIECE + 1) * sizeof *spare);
    enum rk_status status =
        piece.x == NULL || piece.values == NULL || spare == NULL ? RK_ENOMEM : RK_OK;

    sums->n = 0;
    memset(sums->sum, 0, (task->n_columns + task->n_pairs) * sizeof *sums->sum);
    for (size_t i = first; status == RK_OK && i < last; i += PIECE) {
        take_piece(task, i, last - i < PIECE ? last : i + PIECE, &piece);
        add(task, &piece, sums, spare);
        sums->n += piece.n;
    }
    free(piece.x);
    free(piece.values);
    free(spare);
    return status;
}

/* The sum of one quantity over all blocks, in their order. */
static double total(const struct task *task, size_t which)
{
    struct rk_sum all = {0.0, 0.0};

    for (size_t b = 0; b < task->n_blocks; b++) {
        rk_sum_add(&all, task->block[b].sum[which].total);
        all.lost += task->block[b].sum[which].lost;
    }
    return rk_sum_value(&all);
}

/* --- the first pass: means ------------------------------------------------------------------ */

static void add_column(const double *x, size_t n, double origin, struct rk_sum *sum,
                       double *largest)
{
    struct rk_lane_sum lane = {{0.0, 0.0}, {0.0, 0.0}};
    double most[2] = {0.0, 0.0};
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        rk_lanes_add(&lane, rk_lanes_at(x + i) - origin);
        most[0] = fabs(x[i]) > most[0] ? fabs(x[i]) : most[0];
        most[1] = fabs(x[i + 1]) > most[1] ? fabs(x[i + 1]) : most[1];
    }
    rk_lanes_end(sum, &lane);
    if (i < n) {
        rk_sum_add(sum, x[i] - origin);
        most[0] = fabs(x[i]) > most[0] ? fabs(x[i]) : most[0];
    }
    most[0] = most[0] > most[1] ? most[0] : most[1];
    /* A NaN is above nothing, but no sum hides it. */
    if (!isfinite(rk_sum_value(sum)))
        *largest = INFINITY;
    else if (most[0] > *largest)
        *largest = most[0];
}

static void add_means(const struct task *task, const struct piece *piece, struct block_sums *sums,
                      double *spare)
{
    (void)spare;
    for (size_t j = 0; j < task->n_columns; j++)
        add_column(piece->x[j], piece->n, task->origin[j], &sums->sum[j], &sums->largest[j]);
}

static enum rk_status means_of_block(void *data, size_t block, size_t first, size_t last)
{
    return each_piece(data, block, first, last, add_means);
}

/* Each column's first value: near the others, as far as anyone knows. */
static void find_origins(struct task *task)
{
    size_t first = 0;

    while (task->sift && first < task->n && !is_complete(task, first))
        first++;
    for (size_t j = 0; first < task->n && j < task->n_columns; j++)
        task->origin[j] = isfinite(task->column[j][first]) ? task->column[j][first] : 0.0;
}

static enum rk_status find_means(struct task *task)
{
    enum rk_status status;

    find_origins(task);
    status = rk_parallel_blocks(task->ctx, task->n, BLOCK, means_of_block, task);
    task->n_used = 0;
    for (size_t b = 0; b < task->n_blocks; b++)
        task->n_used += task->block[b].n;
    for (size_t j = 0; j < task->n_columns; j++)
        task->mean[j] = total(task, j) / (double)task->n_used;
    return status;
}

/* The largest absolute value; infinite where a value is no number. */
static double largest_of(const struct task *task, size_t column)
{
    double largest = 0.0;

    for (size_t b = 0; b < task->n_blocks; b++)
        largest = fmax(largest, task->block[b].largest[column]);
    return largest;
}

/* --- the second pass: squares and products -------------------------------------------------- */

static void add_product(const double *u, const double *v, size_t n, struct rk_sum *sum)
{
    struct rk_lane_sum lane = {{0.0, 0.0}, {0.0, 0.0}};
    size_t i = 0;

    for (; i + 2 <= n; i += 2)
        rk_lanes_add(&lane, rk_lanes_at(u + i) * rk_lanes_at(v + i));
    rk_lanes_end(sum, &lane);
    if (i < n)
        rk_sum_add(sum, u[i] * v[i]);
}

static void centre_piece(const struct task *task, const struct piece *piece, double *u)
{
    for (size_t j = 0; j < task->n_columns; j++) {
        const double *x = piece->x[j];
        double origin = task->origin[j], mean = task->mean[j];

        for (size_t i = 0; i < piece->n; i++)
            u[j * PIECE + i] = (x[i] - origin) - mean;
    }
}

static void add_products(const struct task *task, const struct piece *piece,
                         struct block_sums *sums, double *u)
{
    centre_piece(task, piece, u);
    for (size_t j = 0; j < task->n_columns; j++)
        add_product(u + j * PIECE, u + j * PIECE, piece->n, &sums->sum[j]);
    for (size_t k = 0; k < task->n_pairs; k++)
        add_product(u + task->pair[k].x * PIECE, u + task->pair[k].y * PIECE, piece->n,
                    &sums->sum[task->n_columns + k]);
}

static enum rk_status products_of_block(void *data, size_t block, size_t first, size_t last)
{
    return each_piece(data, block, first, last, add_products);
}

/* --- a third pass for close correlations ---------------------------------------------------- */

/* One pair of a task: 1 - r^2 as a difference would have no digits for r near 1. */
struct distance {
    struct task *task; /* its sums of columns are free by now */
    size_t pair;
    double x_factor, y_factor; /* r / |u| and 1 / |v| */
};

static enum rk_status distance_of_block(void *data, size_t block, size_t first, size_t last)
{
    const struct distance *d = data;
    const struct task *task = d->task;
    const struct rk_column_pair *pair = &task->pair[d->pair];
    const double *x = task->column[pair->x], *y = task->column[pair->y];
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = first; i < last; i++) {
        double u = (x[i] - task->origin[pair->x]) - task->mean[pair->x];
        double v = (y[i] - task->origin[pair->y]) - task->mean[pair->y];
        double apart = v * d->y_factor - u * d->x_factor;

        if (!task->sift || is_complete(task, i))
            rk_sum_add(&sum, apart * apart);
    }
    task->block[block].sum[0] = sum;
    return RK_OK;
}

/* --- one task ------------------------------------------------------------------------------- */

/* Values so large or small that squares might not do, and those that are no numbers, go the way
 * of single pairs, which scales and refuses. */
static bool is_tame(const struct task *task, size_t column)
{
    double largest = largest_of(task, column);

    return largest < 1e120 && (largest > 1e-120 || largest == 0.0);
}

static enum rk_status alone(const struct task *task, size_t k, double conf_level, int alternative,
                            struct rk_correlation *out)
{
    const double *x = task->column[task->pair[k].x], *y = task->column[task->pair[k].y];
    double *both = malloc((2 * task->n + 1) * sizeof *both);
    size_t n = 0;
    enum rk_status status;

    if (both == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < task->n; i++)
        if (!isnan(x[i]) && !isnan(y[i])) {
            both[n] = x[i];
            both[task->n + n++] = y[i];
        }
    status = rk_correlation(RK_PEARSON, both, both + task->n, n, conf_level, alternative, out);
    free(both);
    return status;
}

/* Fills *out; squares and products are those of the second pass. */
static enum rk_status correlate_pair(struct task *task, size_t k, const double *square,
                                     double product, double conf_level, int alternative,
                                     struct rk_correlation *out)
{
    const struct rk_column_pair *pair = &task->pair[k];
    double u = sqrt(square[pair->x]), v = sqrt(square[pair->y]), unexplained;
    struct rk_correlation c = {.n = task->n_used};

    if (!(u > 0.0) || !(v > 0.0))
        return RK_ECONSTANT;
    c.estimate = fmax(-1.0, fmin(1.0, product / u / v));
    unexplained = (1.0 - c.estimate) * (1.0 + c.estimate);
    if (unexplained < 0.25) {
        struct distance d = {task, k, c.estimate / u, 1.0 / v};
        enum rk_status status =
            rk_parallel_blocks(task->ctx, task->n, BLOCK, distance_of_block, &d);

        if (status != RK_OK)
            return status;
        unexplained = total(task, 0);
    }
    rk_correlation_finish(RK_PEARSON, unexplained, (double)c.n - 2.0, conf_level, alternative, &c);
    *out = c;
    return RK_OK;
}

/* The pairs of a task whose means are known. */
static enum rk_status correlate_task(struct task *task, double conf_level, int alternative,
                                     struct rk_correlation *out, enum rk_status *each)
{
    size_t n_sums = task->n_columns + task->n_pairs;
    double *sum = malloc((n_sums + 1) * sizeof *sum);
    enum rk_status status =
        sum == NULL ? RK_ENOMEM
                    : rk_parallel_blocks(task->ctx, task->n, BLOCK, products_of_block, task);

    for (size_t s = 0; status == RK_OK && s < n_sums; s++)
        sum[s] = total(task, s);
    for (size_t k = 0; status == RK_OK && k < task->n_pairs; k++) {
        const struct rk_column_pair *pair = &task->pair[k];

        if (!is_tame(task, pair->x) || !is_tame(task, pair->y))
            each[k] = alone(task, k, conf_level, alternative, &out[k]);
        else if (task->n_used < 3)
            each[k] = RK_ETOOFEW;
        else
            each[k] = correlate_pair(task, k, sum, sum[task->n_columns + k], conf_level,
                                     alternative, &out[k]);
        if (each[k] != RK_OK && each[k] != RK_EDOMAIN && !rk_status_is_undefined(each[k]))
            status = each[k];
        if (each[k] != RK_OK)
            out[k].n = task->n_used;
    }
    free(sum);
    return status;
}

/* --- all pairs ------------------------------------------------------------------------------ */

/* A pair of which a value is missing somewhere, by itself. */
static enum rk_status correlate_sifted(const struct task *whole, const struct rk_column_pair *pair,
                                       double conf_level, int alternative,
                                       struct rk_correlation *out, enum rk_status *each)
{
    static const struct rk_column_pair both = {0, 1};
    const double *column[] = {whole->column[pair->x], whole->column[pair->y]};
    struct task task = {.column = column,
                        .n_columns = 2,
                        .n = whole->n,
                        .pair = &both,
                        .n_pairs = 1,
                        .sift = true,
                        .ctx = whole->ctx};
    enum rk_status status = task_alloc(&task);

    if (status == RK_OK)
        status = find_means(&task);
    if (status == RK_OK)
        status = correlate_task(&task, conf_level, alternative, out, each);
    task_free(&task);
    return status;
}

static bool has_missing(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return true;
    return false;
}

enum rk_status rk_correlation_pairs(const double *const *column, size_t n_columns, size_t n,
                                    const struct rk_column_pair *pair, size_t n_pairs,
                                    double conf_level, int alternative, const struct rk_ctx *ctx,
                                    struct rk_correlation *out, enum rk_status *each)
{
    struct task whole = {.column = column, .n_columns = n_columns, .n = n, .ctx = ctx};
    struct rk_column_pair *full = malloc((n_pairs + 1) * sizeof *full);
    struct rk_correlation *found = calloc(n_pairs + 1, sizeof *found);
    enum rk_status *status_of = calloc(n_pairs + 1, sizeof *status_of);
    bool *missing = calloc(n_columns + 1, sizeof *missing);
    enum rk_status status = RK_ENOMEM;

    whole.pair = full;
    if (full != NULL && found != NULL && status_of != NULL && missing != NULL) {
        for (size_t k = 0; k < n_pairs; k++)
            full[k] = pair[k];
        whole.n_pairs = n_pairs;
        status = task_alloc(&whole);
    }
    if (status == RK_OK)
        status = find_means(&whole);
    for (size_t j = 0; status == RK_OK && j < n_columns; j++)
        missing[j] = isinf(largest_of(&whole, j)) && has_missing(column[j], n);
    /* The pairs of complete columns in step, the others one by one. */
    whole.n_pairs = 0;
    for (size_t k = 0; status == RK_OK && k < n_pairs; k++)
        if (!missing[pair[k].x] && !missing[pair[k].y])
            full[whole.n_pairs++] = pair[k];
    if (status == RK_OK && whole.n_pairs > 0)
        status = correlate_task(&whole, conf_level, alternative, found, status_of);
    for (size_t k = 0, next = 0; status == RK_OK && k < n_pairs; k++) {
        if (missing[pair[k].x] || missing[pair[k].y]) {
            status = correlate_sifted(&whole, &pair[k], conf_level, alternative, &out[k], &each[k]);
            continue;
        }
        each[k] = status_of[next];
        if (each[k] == RK_OK)
            out[k] = found[next];
        out[k].n = found[next++].n;
    }
    task_free(&whole);
    free(full);
    free(found);
    free(status_of);
    free(missing);
    return status;
}
