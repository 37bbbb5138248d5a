#include <math.h>
#include <stdlib.h>

#include "basis.h"
#include "repkit/parallel.h"

/* The share of a column's variation that the others must leave (1 / VIF) for cross-products to keep
 * the errors below 1e-10, and the share of its square that centring must leave. */
static const double NOT_EXPLAINED = 1e-6;
static const double NOT_MEAN = 1e-10;

enum { CHUNK = 1024, BLOCK = 4096, MOST_BLOCKS = 64 };

struct cross {
    const struct rk_design *design;
    const double *root;
    size_t n, first, k; /* slopes are the columns first .. first + k - 1 of X; y counts as k */
    struct basis *basis;
    double *mean;    /* k + 1 */
    double *coef;    /* k: what `reduce` takes out of u */
    double *R;       /* k-by-k, row after row, upper triangular */
    double *partial; /* one row of `width` sums for each block */
    size_t width;
    size_t block_size;
};

static double *column_of(const struct cross *c, size_t j)
{
    return j == c->k ? c->basis->u : c->basis->Q + (c->first + j) * c->n;
}

static const double *source_of(const struct cross *c, size_t j)
{
    return j == c->k ? c->design->y : c->design->X + (c->first + j) * c->n;
}

static double root_of(const struct cross *c, size_t i)
{
    return c->root != NULL ? c->root[i] : 1.0;
}

/* Sums of w and w x. */
static enum rk_status sum_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    double *sum = c->partial + block * c->width;

    for (size_t i = first; i < last; i++)
        sum[c->k + 1] += c->root != NULL ? c->design->weights[i] : 1.0;
    for (size_t j = 0; j <= c->k; j++) {
        const double *x = source_of(c, j);

        for (size_t i = first; i < last; i++)
            sum[j] += c->root != NULL ? c->design->weights[i] * x[i] : x[i];
    }
    return RK_OK;
}

/* sqrt(w) (x - mean), and the sums that show how far the mean was off. */
static enum rk_status centre_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    double *sum = c->partial + block * c->width;

    for (size_t j = 0; j <= c->k; j++) {
        const double *x = source_of(c, j);
        double *q = column_of(c, j), mean = c->mean[j];

        for (size_t i = first; i < last; i++) {
            q[i] = root_of(c, i) * (x[i] - mean);
            sum[j] += root_of(c, i) * q[i];
        }
    }
    return RK_OK;
}

static enum rk_status recentre_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;

    (void)block;
    for (size_t j = 0; j <= c->k; j++) {
        double *q = column_of(c, j), shift = c->mean[j];

        for (size_t i = first; shift != 0.0 && i < last; i++)
            q[i] -= root_of(c, i) * shift;
    }
    return RK_OK;
}

/* Products of all pairs of columns, y last. */
static enum rk_status multiply_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    double *sum = c->partial + block * c->width;

    for (size_t start = first; start < last; start += CHUNK) {
        size_t end = last - start < CHUNK ? last : start + CHUNK;

        for (size_t j = 0; j <= c->k; j++) {
            const double *a = column_of(c, j);

            for (size_t l = 0; l <= j; l++) {
                const double *b = column_of(c, l);
                double product = 0.0;

                for (size_t i = start; i < end; i++)
                    product += a[i] * b[i];
                sum[j * (c->k + 1) + l] += product;
            }
        }
    }
    return RK_OK;
}

/* u -= Q coef, and Q'u, u'u of what is left. */
static enum rk_status reduce(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;
    double *sum = c->partial + block * c->width, *u = c->basis->u;

    for (size_t j = 0; j < c->k; j++) {
        const double *q = column_of(c, j);

        for (size_t i = first; i < last; i++)
            u[i] -= c->coef[j] * q[i];
    }
    for (size_t j = 0; j <= c->k; j++) {
        const double *q = column_of(c, j);

        for (size_t i = first; i < last; i++)
            sum[j] += q[i] * u[i];
    }
    return RK_OK;
}

/* Q = Q R^-1, row by row. */
static enum rk_status orthogonalise(void *data, size_t block, size_t first, size_t last)
{
    const struct cross *c = data;

    (void)block;
    for (size_t j = 0; j < c->k; j++) {
        double *q = column_of(c, j), scale = 1.0 / c->R[j * c->k + j];

        for (size_t l = 0; l < j; l++) {
            const double *done = column_of(c, l);
            double r = c->R[l * c->k + j];

            for (size_t i = first; i < last; i++)
                q[i] -= r * done[i];
        }
        for (size_t i = first; i < last; i++)
            q[i] *= scale;
    }
    return RK_OK;
}

/* Runs one pass over the rows; sums (width of them) are merged in the order of the blocks. */
static enum rk_status pass(struct cross *c, const struct rk_ctx *ctx, rk_block_fn work,
                           double *sums, size_t width)
{
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t n_blocks = (c->n + c->block_size - 1) / c->block_size;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL; /* the passes are parts of one step of the caller's work */
    c->width = width;
    for (size_t i = 0; i < n_blocks * width; i++)
        c->partial[i] = 0.0;
    status = rk_parallel_blocks(&quiet, c->n, c->block_size, work, c);
    for (size_t i = 0; i < width; i++)
        sums[i] = 0.0;
    for (size_t block = 0; block < n_blocks; block++) {
        for (size_t i = 0; i < width; i++)
            sums[i] += c->partial[block * width + i];
    }
    return status;
}

/* Fills the columns, centred where there is an intercept. mean ends as the means. */
static enum rk_status centre(struct cross *c, const struct rk_ctx *ctx, double *sums,
                             double *total_weight)
{
    size_t k = c->k;
    enum rk_status status = pass(c, ctx, sum_columns, sums, k + 2);
    double total = sums[k + 1];

    for (size_t j = 0; j <= k; j++)
        c->mean[j] = c->first == 1 ? sums[j] / total : 0.0;
    if (status == RK_OK)
        status = pass(c, ctx, centre_columns, sums, k + 1);
    if (status == RK_OK && c->first == 1) {
        for (size_t j = 0; j <= k; j++) {
            double mean = c->mean[j];

            c->mean[j] = sums[j] / total;
            sums[j] = mean + c->mean[j];
        }
        status = pass(c, ctx, recentre_columns, sums, 0);
        for (size_t j = 0; j <= k; j++)
            c->mean[j] = sums[j];
    }
    *total_weight = total;
    return status;
}

/* Cholesky's R with R'R = G, or false where the columns are too nearly dependent. */
static bool factor(struct cross *c, const double *G, double total_weight)
{
    size_t k = c->k, m = k + 1;

    for (size_t j = 0; j < k; j++) {
        double square = G[j * m + j],
               norm = c->design->norm != NULL ? c->design->norm[c->first + j] : 0.0;
        double before = fmax(square + total_weight * c->mean[j] * c->mean[j], norm * norm);

        if (!(square > NOT_MEAN * before) || !isfinite(before))
            return false;
        for (size_t i = 0; i <= j; i++) {
            double sum = G[j * m + i];

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
static void invert(const struct cross *c, double total_weight)
{
    size_t k = c->k, rank = k + c->first;
    double *out = c->basis->R_inverse;

    for (size_t i = 0; i < rank * rank; i++)
        out[i] = 0.0;
    for (size_t j = 0; j < k; j++) {
        double *column = out + c->first * rank + c->first + j; /* strided by rank */

        column[j * rank] = 1.0 / c->R[j * k + j];
        for (size_t i = j; i-- > 0;) {
            double sum = 0.0;

            for (size_t l = i + 1; l <= j; l++)
                sum -= c->R[i * k + l] * column[l * rank];
            column[i * rank] = sum / c->R[i * k + i];
        }
        for (size_t i = 0; c->first == 1 && i <= j; i++)
            out[1 + j] -= c->mean[i] * column[i * rank];
    }
    if (c->first == 1)
        out[0] = 1.0 / sqrt(total_weight);
}

/* Slopes from the normal equations, corrected once from the residuals (Bjorck's corrected
 * seminormal equations), which brings them to the accuracy of an orthogonal method. */
static enum rk_status slopes(struct cross *c, const struct rk_ctx *ctx, const double *G,
                             double *sums)
{
    size_t k = c->k, m = k + 1;
    double *b = c->basis->b + c->first;
    enum rk_status status = RK_OK;

    for (size_t j = 0; j < k; j++)
        c->coef[j] = G[k * m + j];
    for (int step = 0; step < 2 && status == RK_OK; step++) {
        solve_normal(c, c->coef);
        for (size_t j = 0; j < k; j++)
            b[j] = (step == 0 ? 0.0 : b[j]) + c->coef[j];
        status = pass(c, ctx, reduce, sums, m);
        for (size_t j = 0; j < k; j++)
            c->coef[j] = sums[j];
    }
    c->basis->rss = sums[k];
    return status;
}

static void finish(struct cross *c, double total_weight)
{
    struct basis *basis = c->basis;
    double *b = basis->b + c->first;
    size_t k = c->k;

    basis->rank = k + c->first;
    for (size_t j = 0; j < basis->rank; j++)
        basis->kept[j] = j;
    basis->explained = 0.0;
    for (size_t i = 0; i < k; i++) {
        double z = 0.0;

        for (size_t j = i; j < k; j++)
            z += c->R[i * k + j] * b[j];
        basis->effects[c->first + i] = z;
        basis->explained += z * z;
    }
    if (c->first == 1) {
        basis->effects[0] = c->mean[k] * sqrt(total_weight);
        basis->b[0] = c->mean[k];
        for (size_t j = 0; j < k; j++)
            basis->b[0] -= c->mean[j] * b[j];
        for (size_t i = 0; i < c->n; i++)
            basis->Q[i] = root_of(c, i) / sqrt(total_weight);
    }
    invert(c, total_weight);
}

static enum rk_status run(struct cross *c, const struct rk_ctx *ctx, double *sums, double *G,
                          bool *solved)
{
    double total_weight = 0.0;
    enum rk_status status = centre(c, ctx, sums, &total_weight);

    if (status == RK_OK)
        status = pass(c, ctx, multiply_columns, G, (c->k + 1) * (c->k + 1));
    *solved = status == RK_OK && factor(c, G, total_weight);
    if (!*solved)
        return status;
    status = slopes(c, ctx, G, sums);
    if (status == RK_OK)
        status = pass(c, ctx, orthogonalise, sums, 0);
    if (status == RK_OK)
        finish(c, total_weight);
    return status;
}

enum rk_status basis_cross_products(const struct rk_design *design, const double *root,
                                    const struct rk_ctx *ctx, struct basis *basis, bool *solved)
{
    struct cross c = {.design = design, .root = root, .n = design->n, .basis = basis};
    size_t m;
    double *sums, *G;
    enum rk_status status = RK_ENOMEM;

    c.first = design->has_intercept ? 1 : 0;
    c.k = design->p - c.first;
    m = c.k + 1;
    c.block_size = (c.n + MOST_BLOCKS - 1) / MOST_BLOCKS;
    if (c.block_size < BLOCK)
        c.block_size = BLOCK;
    c.mean = calloc(m, sizeof *c.mean);
    c.coef = calloc(m, sizeof *c.coef);
    c.R = calloc(m * m, sizeof *c.R);
    c.partial = malloc((m * m + 2) * MOST_BLOCKS * sizeof *c.partial);
    sums = malloc((m + 1) * sizeof *sums);
    G = malloc((m * m + 1) * sizeof *G);
    if (c.mean != NULL && c.coef != NULL && c.R != NULL && c.partial != NULL && sums != NULL &&
        G != NULL)
        status = run(&c, ctx, sums, G, solved);
    free(c.mean);
    free(c.coef);
    free(c.R);
    free(c.partial);
    free(sums);
    free(G);
    return status;
}
