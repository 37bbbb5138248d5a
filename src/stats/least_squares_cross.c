/* Least squares by centred cross-products: rows are read in a few passes and not kept. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "basis.h"
#include "repkit/parallel.h"
#include "rows.h"

/* The share of a column's variation that the others must leave (1 / VIF) for cross-products to keep
 * the errors below 1e-10, and the share of its square that centring must leave. */
static const double NOT_EXPLAINED = 1e-6;
static const double NOT_MEAN = 1e-10;

enum { BLOCK = 4096, MOST_BLOCKS = 64, MOST_STEPS = 3 };

/* A correction of the slopes that moves the fit by less than this share of y's norm is none. */
static const double SETTLED = 1e-15;

struct cross {
    const struct rk_design *design;
    struct centred_rows
        rows; /* slopes are the columns first .. first + k - 1 of X; y is column k */
    size_t k;
    struct basis *basis;
    double *coef;    /* k: slopes so far */
    double *step;    /* k: what the residuals still ask for */
    double *R;       /* k-by-k, row after row, upper triangular */
    double *G;       /* (k + 1)-by-(k + 1): cross-products about the means, y last */
    double *sums;    /* of a pass */
    double *partial; /* one row of `width` sums for each block */
    size_t width;
    size_t block_size;
};

/* Sums of the columns about the means so far, and their products. */
static enum rk_status multiply_rows(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    size_t m = c->k + 1;
    double *sum = c->partial + block * c->width, *product = sum + m;
    double *buffer = malloc(m * ROWS_CHUNK * sizeof *buffer);

    if (buffer == NULL)
        return RK_ENOMEM;
    for (size_t start = first; start < last; start += ROWS_CHUNK) {
        size_t n = last - start < ROWS_CHUNK ? last - start : ROWS_CHUNK;

        centred_chunk(&c->rows, start, n, buffer);
        for (size_t j = 0; j < m; j++) {
            const double *a = buffer + j * ROWS_CHUNK;

            sum[j] += rows_root_sum(&c->rows, a, start, n);
            for (size_t l = 0; l <= j; l++)
                product[j * m + l] += rows_dot(a, buffer + l * ROWS_CHUNK, n);
        }
    }
    free(buffer);
    return RK_OK;
}

/* X'u and u'u of u = y - X coef. */
static enum rk_status multiply_residuals(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    size_t m = c->k + 1;
    double *sum = c->partial + block * c->width;
    double *buffer = malloc(m * ROWS_CHUNK * sizeof *buffer);

    if (buffer == NULL)
        return RK_ENOMEM;
    for (size_t start = first; start < last; start += ROWS_CHUNK) {
        size_t n = last - start < ROWS_CHUNK ? last - start : ROWS_CHUNK;
        double *u = buffer + c->k * ROWS_CHUNK;

        centred_chunk(&c->rows, start, n, buffer);
        rows_subtract(buffer, c->coef, c->k, n, u);
        for (size_t j = 0; j < m; j++)
            sum[j] += rows_dot(buffer + j * ROWS_CHUNK, u, n);
    }
    free(buffer);
    return RK_OK;
}

/* Runs one pass over the rows; sums (width of them) are merged in the order of the blocks. */
static enum rk_status pass(struct cross *c, const struct rk_ctx *ctx, rk_block_fn work,
                           size_t width)
{
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t n = c->design->n, n_blocks = (n + c->block_size - 1) / c->block_size;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL; /* the passes are parts of one step of the caller's work */
    c->width = width;
    memset(c->partial, 0, n_blocks * width * sizeof *c->partial);
    status = rk_parallel_blocks(&quiet, n, c->block_size, work, c);
    memset(c->sums, 0, width * sizeof *c->sums);
    for (size_t block = 0; block < n_blocks; block++) {
        for (size_t i = 0; i < width; i++)
            c->sums[i] += c->partial[block * width + i];
    }
    return status;
}

/* Cross-products about the means. The means of the check were rounded: what they were off is put
 * right here, and taken out of the products. */
static enum rk_status cross_products(struct cross *c, const struct rk_ctx *ctx)
{
    size_t m = c->k + 1;
    double total = c->rows.total_weight;
    enum rk_status status = pass(c, ctx, multiply_rows, m + m * m);
    const double *off = c->sums, *product = c->sums + m;

    if (status != RK_OK)
        return status;
    for (size_t j = 0; j < m; j++) {
        for (size_t l = 0; l <= j; l++) {
            double shift = c->rows.centred ? off[j] * off[l] / total : 0.0;

            c->G[j * m + l] = c->G[l * m + j] = product[j * m + l] - shift;
        }
    }
    for (size_t j = 0; j < m && c->rows.centred; j++)
        c->rows.mean[j] += off[j] / total;
    return RK_OK;
}

/* Cholesky's R with R'R = G, or false where the columns are too nearly dependent. */
static bool factor(struct cross *c)
{
    size_t k = c->k, m = k + 1;

    for (size_t j = 0; j < k; j++) {
        double square = c->G[j * m + j], mean = c->rows.centred ? c->rows.mean[j] : 0.0,
               norm = c->design->norm != NULL ? c->design->norm[c->rows.first + j] : 0.0;
        double before = fmax(square + c->rows.total_weight * mean * mean, norm * norm);

        if (!(square > NOT_MEAN * before) || !isfinite(before))
            return false;
        for (size_t i = 0; i <= j; i++) {
            double sum = c->G[j * m + i];

            for (size_t l = 0; l < i; l++)
                sum -= c->R[l * k + i] * c->R[l * k + j];
            if (i == j && !(sum > NOT_EXPLAINED * square))
                return false;
            c->R[i * k + j] = i == j ? sqrt(sum) : sum / c->R[i * k + i];
        }
    }
    return true;
}

/* x = (R'R)^-1 x */
static void solve_normal(const struct cross *c, double *x)
{
    size_t k = c->k;

    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < i; j++)
            x[i] -= c->R[j * k + i] * x[j];
        x[i] /= c->R[i * k + i];
    }
    for (size_t i = k; i-- > 0;) {
        for (size_t j = i + 1; j < k; j++)
            x[i] -= c->R[i * k + j] * x[j];
        x[i] /= c->R[i * k + i];
    }
}

/* R^-1 of all columns: the intercept's row holds -mean' R^-1 of the slopes. */
static void invert(const struct cross *c)
{
    size_t k = c->k, first = c->rows.first, rank = k + first;
    double *out = c->basis->R_inverse;

    memset(out, 0, rank * rank * sizeof *out);
    for (size_t j = 0; j < k; j++) {
        double *column = out + first * rank + first + j; /* strided by rank */

        column[j * rank] = 1.0 / c->R[j * k + j];
        for (size_t i = j; i-- > 0;) {
            double sum = 0.0;

            for (size_t l = i + 1; l <= j; l++)
                sum -= c->R[i * k + l] * column[l * rank];
            column[i * rank] = sum / c->R[i * k + i];
        }
        for (size_t i = 0; first == 1 && i <= j; i++)
            out[1 + j] -= c->rows.mean[i] * column[i * rank];
    }
    if (first == 1)
        out[0] = 1.0 / sqrt(c->rows.total_weight);
}

/* How much a step of the slopes moves the fit, in squares: |R step|^2. */
static double moved(const struct cross *c)
{
    double sum = 0.0;

    for (size_t i = 0; i < c->k; i++) {
        double z = 0.0;

        for (size_t j = i; j < c->k; j++)
            z += c->R[i * c->k + j] * c->step[j];
        sum += z * z;
    }
    return sum;
}

/* Slopes from the normal equations, corrected from the residuals until nothing moves (Bjorck's
 * corrected seminormal equations), which brings them to the accuracy of an orthogonal method. */
static enum rk_status slopes(struct cross *c, const struct rk_ctx *ctx)
{
    size_t k = c->k, m = k + 1;
    double limit = SETTLED * SETTLED * c->G[k * m + k];
    enum rk_status status = RK_OK;

    memcpy(c->step, c->G + k * m, k * sizeof *c->step);
    for (int step = 0; step < MOST_STEPS && status == RK_OK; step++) {
        solve_normal(c, c->step);
        if (step > 0 && moved(c) <= limit)
            break;
        for (size_t j = 0; j < k; j++)
            c->coef[j] += c->step[j];
        status = pass(c, ctx, multiply_residuals, m);
        memcpy(c->step, c->sums, k * sizeof *c->step);
        c->basis->rss = c->sums[k];
    }
    return status;
}

/* Sums of squares about the means and about 0, where one follows from the other: with an intercept,
 * or where absorbed effects have left no means. */
static void keep_squares(const struct cross *c)
{
    struct basis *basis = c->basis;
    size_t first = c->rows.first, m = c->k + 1;

    basis->has_squares = c->rows.centred || c->design->df_absorbed > 0;
    for (size_t j = 0; j < m && basis->has_squares; j++) {
        double square = c->G[j * m + j], mean = c->rows.mean[j];
        double of_mean = c->rows.total_weight * mean * mean;
        double centred = c->rows.centred ? square : fmax(0.0, square - of_mean);
        double raw = c->rows.centred ? square + of_mean : square;

        if (j == c->k) {
            basis->y_ss = centred;
            basis->y_ss_raw = raw;
        } else {
            basis->column_ss[first + j] = centred;
            basis->column_ss_raw[first + j] = raw;
        }
    }
    if (first == 1) {
        basis->column_ss[0] = 0.0;
        basis->column_ss_raw[0] = c->rows.total_weight;
    }
}

static void finish(struct cross *c)
{
    struct basis *basis = c->basis;
    size_t k = c->k, first = c->rows.first;
    double total = c->rows.total_weight, *b = basis->b + first;

    basis->rank = k + first;
    for (size_t j = 0; j < basis->rank; j++)
        basis->kept[j] = j;
    memcpy(b, c->coef, k * sizeof *b);
    basis->explained = 0.0;
    for (size_t i = 0; i < k; i++) {
        double z = 0.0;

        for (size_t j = i; j < k; j++)
            z += c->R[i * k + j] * b[j];
        basis->effects[first + i] = z;
        basis->explained += z * z;
    }
    if (first == 1) {
        basis->effects[0] = c->rows.mean[k] * sqrt(total);
        basis->b[0] = c->rows.mean[k];
        for (size_t j = 0; j < k; j++)
            basis->b[0] -= c->rows.mean[j] * b[j];
    }
    keep_squares(c);
    invert(c);
}

static enum rk_status run(struct cross *c, const struct rk_ctx *ctx, bool *solved)
{
    enum rk_status status = cross_products(c, ctx);

    *solved = status == RK_OK && factor(c);
    if (*solved)
        status = slopes(c, ctx);
    if (*solved && status == RK_OK)
        finish(c);
    return status;
}

enum rk_status basis_cross_products(const struct rk_design *design, const double *root,
                                    const struct rk_ctx *ctx, struct basis *basis, bool *solved)
{
    struct cross c = {.design = design, .basis = basis};
    size_t k = design->p - (design->has_intercept ? 1 : 0), m = k + 1, width = m + m * m;
    double *work = calloc(2 * k + k * k + m * m + width * (MOST_BLOCKS + 1) + 1, sizeof *work);
    enum rk_status status;

    if (work == NULL)
        return RK_ENOMEM;
    c.k = k;
    c.coef = work;
    c.step = c.coef + k;
    c.R = c.step + k;
    c.G = c.R + k * k;
    c.sums = c.G + m * m;
    c.partial = c.sums + width;
    c.rows = centred_rows_of(design, root, basis->mean, basis->total_weight);
    c.block_size = (design->n + MOST_BLOCKS - 1) / MOST_BLOCKS;
    if (c.block_size < BLOCK)
        c.block_size = BLOCK;
    status = run(&c, ctx, solved);
    free(work);
    return status;
}
