/* A first look at a design: whether it can be fitted, and its means. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "basis.h"
#include "repkit/parallel.h"

static const double LARGEST = 1e140; /* its square, times any number of rows, is a double */

enum { BLOCK = 16384, MOST_BLOCKS = 64 };

struct scan {
    const struct rk_design *design;
    double *partial; /* for each block: sums of w x of the columns, then their largest |x| */
    size_t width;
};

static const double *column_of(const struct rk_design *design, size_t j)
{
    return j == design->p ? design->y : rk_design_column(design, j);
}

static double sum_of(const double *x, const double *w, size_t first, size_t last)
{
    double lane[4] = {0.0, 0.0, 0.0, 0.0};
    size_t i = first;

    if (w != NULL) {
        for (; i < last; i++)
            lane[0] += w[i] * x[i];
        return lane[0];
    }
    for (; i + 4 <= last; i += 4) {
        lane[0] += x[i];
        lane[1] += x[i + 1];
        lane[2] += x[i + 2];
        lane[3] += x[i + 3];
    }
    for (; i < last; i++)
        lane[0] += x[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

static double largest_of(const double *x, size_t first, size_t last)
{
    double largest = 0.0;

    for (size_t i = first; i < last; i++) {
        double size = fabs(x[i]);

        largest = size > largest ? size : largest;
    }
    return largest;
}

static enum rk_status scan_block(void *data, size_t block, size_t first, size_t last)
{
    const struct scan *scan = data;
    size_t m = scan->design->p + 1;
    double *out = scan->partial + block * scan->width;

    out[0] = out[m] = 1.0; /* the intercept's */
    for (size_t j = scan->design->has_intercept; j < m; j++) {
        const double *x = column_of(scan->design, j);

        out[j] = sum_of(x, scan->design->weights, first, last);
        out[m + j] = largest_of(x, first, last);
    }
    return RK_OK;
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]))
            return false;
    }
    return true;
}

/* Sums that are not finite have terms that are not, or that are too large. */
static enum rk_status judge(const struct rk_design *design, const double *sum,
                            const double *largest, struct rk_error *error)
{
    bool fine = true;

    for (size_t j = 0; j <= design->p; j++) {
        if (!isfinite(sum[j]) && !all_finite(column_of(design, j), design->n))
            return rk_fail(error, RK_EDOMAIN, "a value of the regression is not finite");
        fine = fine && isfinite(sum[j]) &&
               (largest[j] == 0.0 || (largest[j] < LARGEST && largest[j] > 1.0 / LARGEST));
    }
    return fine ? RK_OK
                : rk_fail(error, RK_EDOMAIN,
                          "the values of a column are too large or too small to be squared: "
                          "change its unit");
}

static enum rk_status scan_weights(const struct rk_design *design, double *total, size_t *nobs,
                                   struct rk_error *error)
{
    *total = (double)design->n;
    *nobs = design->n;
    if (design->weights != NULL) {
        *total = 0.0;
        *nobs = 0;
    }
    for (size_t i = 0; design->weights != NULL && i < design->n; i++) {
        if (!isfinite(design->weights[i]))
            return rk_fail(error, RK_EDOMAIN, "a weight is not finite");
        if (design->weights[i] < 0.0)
            return rk_fail(error, RK_EDOMAIN, "a weight is negative");
        *total += design->weights[i];
        *nobs += design->weights[i] > 0.0;
    }
    return *nobs == 0 ? rk_fail(error, RK_ENODATA, "no rows to fit") : RK_OK;
}

/* Sums by blocks, merged in their order: sums of all columns, then their largest values. */
static enum rk_status scan_columns(const struct rk_design *design, const struct rk_ctx *ctx,
                                   double *all)
{
    struct scan scan = {.design = design, .width = 2 * (design->p + 1)};
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t block_size = (design->n + MOST_BLOCKS - 1) / MOST_BLOCKS, n_blocks;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    if (block_size < BLOCK)
        block_size = BLOCK;
    n_blocks = (design->n + block_size - 1) / block_size;
    scan.partial = malloc((n_blocks * scan.width + 1) * sizeof *scan.partial);
    if (scan.partial == NULL)
        return RK_ENOMEM;
    status = rk_parallel_blocks(&quiet, design->n, block_size, scan_block, &scan);
    memset(all, 0, scan.width * sizeof *all);
    for (size_t block = 0; status == RK_OK && block < n_blocks; block++) {
        const double *part = scan.partial + block * scan.width;

        for (size_t j = 0; j <= design->p; j++) {
            all[j] += part[j];
            all[design->p + 1 + j] = fmax(all[design->p + 1 + j], part[design->p + 1 + j]);
        }
    }
    free(scan.partial);
    return status;
}

enum rk_status design_scan(const struct rk_design *design, const struct rk_ctx *ctx, double *mean,
                           double *total_weight, size_t *nobs, struct rk_error *error)
{
    size_t first = design->has_intercept ? 1 : 0, m = design->p + 1;
    double *all = malloc(2 * m * sizeof *all);
    enum rk_status status;

    if (all == NULL)
        return rk_fail_memory(error);
    status = scan_columns(design, ctx, all);
    if (status != RK_OK)
        rk_fail(error, status, "%s", rk_status_words(status));
    if (status == RK_OK)
        status = judge(design, all, all + m, error);
    if (status == RK_OK)
        status = scan_weights(design, total_weight, nobs, error);
    for (size_t j = first; status == RK_OK && j < m; j++)
        mean[j - first] = all[j] / *total_weight;
    free(all);
    return status;
}
