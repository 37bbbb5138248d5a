/* Slopes within clusters, from sums by cluster of a fit over all rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/within.h"
#include "rows.h"

/* What clusters must leave of a column's square for a slope within them. */
static const double LITTLE = 1e-8;

/* Large data are summed in so many parts, where memory allows. */
static const size_t MOST_PARTIAL = 4000000;
enum { MANY_BLOCKS = 8, MANY_ROWS = 100000 };

struct sums {
    const struct rk_fit *fit;
    const uint32_t *code;
    size_t n_codes, n_blocks;
    size_t k;       /* columns of Q */
    double *weight; /* of each cluster */
    double *sum;    /* clusters-by-(k + 1): of sqrt(w) times Q's columns and u */
};

static enum rk_status add_rows(void *data, size_t block, size_t first, size_t last)
{
    const struct sums *sums = data;
    const struct rk_fit *fit = sums->fit;
    const uint32_t *code = sums->code;
    double *buffer = malloc((fit->rank + 2) * ROWS_CHUNK * sizeof *buffer);
    size_t m = sums->k + 1;
    double *weight_of = sums->weight + block * sums->n_codes;
    double *sum_of = sums->sum + block * sums->n_codes * m;

    if (buffer == NULL)
        return RK_ENOMEM;
    for (size_t start = first; start < last; start += ROWS_CHUNK) {
        size_t n = last - start < ROWS_CHUNK ? last - start : ROWS_CHUNK;
        struct fit_chunk chunk = fit_rows(fit, start, n, buffer);

        for (size_t i = 0; i < n; i++) {
            double root = fit->root != NULL ? fit->root[start + i] : 1.0;
            double *sum = sum_of + code[start + i] * m;

            weight_of[code[start + i]] += root * root;
            for (size_t j = 0; j < sums->k; j++)
                sum[j] += root * chunk.q[j * chunk.stride + i];
            sum[sums->k] += root * chunk.u[i];
        }
    }
    free(buffer);
    return RK_OK;
}

static enum rk_status gather(struct sums *sums, const struct rk_ctx *ctx)
{
    size_t n = sums->fit->n, block_size = (n + sums->n_blocks - 1) / sums->n_blocks;
    size_t width = sums->n_codes * (sums->k + 1);
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    status = rk_parallel_blocks(&quiet, n, block_size, add_rows, sums);
    for (size_t block = 1; block < sums->n_blocks; block++) {
        for (size_t g = 0; g < sums->n_codes; g++)
            sums->weight[g] += sums->weight[block * sums->n_codes + g];
        for (size_t i = 0; i < width; i++)
            sums->sum[i] += sums->sum[block * width + i];
    }
    return status;
}

/* With the clusters' means out, Q'Q = I, Q'u = 0 and u'u = RSS become W, w and the sum of squares
 * below; y = Q z + u then has the slopes z + W^-1 w. */
struct within {
    double *W, *w;
    double squares;
    size_t used;
};

static void take_means_out(const struct rk_fit *fit, const struct sums *sums, size_t n_codes,
                           struct within *within)
{
    size_t first = fit->has_intercept && fit->kept[0] == 0, q = fit->rank - first, m = sums->k + 1;

    within->squares = fit->rss;
    for (size_t i = 0; i < q * q; i++)
        within->W[i] = i % (q + 1) == 0 ? 1.0 : 0.0;
    memset(within->w, 0, q * sizeof *within->w);
    for (size_t g = 0; g < n_codes; g++) {
        const double *sum = sums->sum + g * m + first;
        double weight = sums->weight[g], u = sums->sum[g * m + sums->k];

        if (!(weight > 0.0))
            continue;
        within->used++;
        within->squares -= u * u / weight;
        for (size_t i = 0; i < q; i++) {
            within->w[i] -= sum[i] * u / weight;
            for (size_t j = 0; j < q; j++)
                within->W[i * q + j] -= sum[i] * sum[j] / weight;
        }
    }
}

/* W^-1 in place, by Gauss-Jordan; false where a column has too little left. */
static bool invert(double *W, size_t q)
{
    for (size_t k = 0; k < q; k++) {
        double pivot = W[k * q + k];

        if (!(pivot > LITTLE))
            return false;
        for (size_t i = 0; i < q; i++) {
            double factor = W[i * q + k] / pivot;

            if (i == k)
                continue;
            for (size_t j = 0; j < q; j++)
                W[i * q + j] -= j == k ? 0.0 : factor * W[k * q + j];
            W[i * q + k] = -factor;
        }
        for (size_t j = 0; j < q; j++)
            W[k * q + j] = j == k ? 1.0 / pivot : W[k * q + j] / pivot;
    }
    return true;
}

/* R^-1 takes the slopes in the basis of Q, and their covariance, to those of the columns. */
static enum rk_status finish(const struct rk_fit *fit, const struct within *within, double *coef,
                             double *std_error)
{
    size_t first = fit->has_intercept && fit->kept[0] == 0, q = fit->rank - first;
    double *delta = malloc((q + 1) * sizeof *delta), squares = within->squares;
    double df = (double)fit->nobs - (double)within->used - (double)q;

    if (delta == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < q; i++) {
        delta[i] = 0.0;
        for (size_t j = 0; j < q; j++)
            delta[i] += within->W[i * q + j] * within->w[j];
        squares -= delta[i] * within->w[i];
    }
    for (size_t a = 0; a < q && df >= 1.0; a++) {
        const double *r = fit->R_inverse + (first + a) * fit->rank + first;
        size_t column = fit->kept[first + a];
        double move = 0.0, variance = 0.0;

        for (size_t i = 0; i < q; i++) {
            move += r[i] * delta[i];
            for (size_t j = 0; j < q; j++)
                variance += r[i] * r[j] * within->W[i * q + j];
        }
        coef[column] = fit->coef[column] + move;
        std_error[column] = sqrt(fmax(0.0, squares / df * variance));
    }
    free(delta);
    return RK_OK;
}

enum rk_status rk_within_slopes(const struct rk_fit *fit, const uint32_t *code, size_t n_codes,
                                const struct rk_ctx *ctx, double *coef, double *std_error)
{
    size_t rank = fit->rank;
    struct sums sums = {.fit = fit, .code = code, .n_codes = n_codes, .n_blocks = 1, .k = rank};
    struct within within = {0};
    enum rk_status status = RK_ENOMEM;

    for (size_t j = 0; j < fit->p; j++)
        coef[j] = std_error[j] = NAN;
    if (n_codes * (rank + 2) * MANY_BLOCKS <= MOST_PARTIAL && fit->n >= MANY_ROWS)
        sums.n_blocks = MANY_BLOCKS;
    sums.weight = calloc(sums.n_blocks * n_codes + 1, sizeof *sums.weight);
    sums.sum = calloc(sums.n_blocks * n_codes * (rank + 1) + 1, sizeof *sums.sum);
    within.W = calloc(rank * rank + 1, sizeof *within.W);
    within.w = calloc(rank + 1, sizeof *within.w);
    if (sums.weight != NULL && sums.sum != NULL && within.W != NULL && within.w != NULL)
        status = gather(&sums, ctx);
    if (status == RK_OK) {
        size_t q = rank - (fit->has_intercept && fit->kept[0] == 0);

        take_means_out(fit, &sums, n_codes, &within);
        if (invert(within.W, q))
            status = finish(fit, &within, coef, std_error);
    }
    free(sums.weight);
    free(sums.sum);
    free(within.W);
    free(within.w);
    return status;
}
