#include "repkit/sobol.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/quantile.h"
#include "repkit/random.h"
#include "repkit/rank.h"

enum { BOOTSTRAPS = 1000, BINS = 50, PARTS = 20 };

/* --- points ------------------------------------------------------------------------------- */

struct points {
    size_t k, n;
    double *u;            /* n x 2 k */
    double *a, *b, *each; /* f at A and B (n), at A_B^i (k x n) */
};

static enum rk_status draw_points(struct points *p, uint64_t seed)
{
    size_t dims = 2 * p->k;
    gsl_qrng *quasi;
    enum rk_status status = RK_OK;

    if (p->k > RK_SOBOL_MAX_QUASI) {
        struct rk_rng rng;

        rk_rng_stream(&rng, seed, "sobol", "points", 0);
        for (size_t i = 0; i < p->n * dims; i++)
            p->u[i] = rk_rng_uniform(&rng);
        return RK_OK;
    }
    quasi = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)dims);
    if (quasi == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < 2 * p->n && status == RK_OK; i++) /* the first n are skipped */
        if (gsl_qrng_get(quasi, p->u + (i < p->n ? 0 : i - p->n) * dims) != GSL_SUCCESS)
            status = RK_EDOMAIN;
    gsl_qrng_free(quasi);
    return status;
}

static enum rk_status evaluate(const struct points *p, rk_sobol_fn f, void *data)
{
    double *at = malloc(p->k * sizeof *at), sum = 0.0;
    size_t n_values = (p->k + 2) * p->n;
    enum rk_status status = RK_OK;

    if (at == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < p->n; j++) {
        const double *a = p->u + j * 2 * p->k, *b = a + p->k;

        p->a[j] = f(a, data);
        p->b[j] = f(b, data);
        sum += p->a[j] + p->b[j];
        memcpy(at, a, p->k * sizeof *at);
        for (size_t i = 0; i < p->k; i++) {
            at[i] = b[i];
            p->each[i * p->n + j] = f(at, data);
            at[i] = a[i];
        }
    }
    free(at);
    for (size_t i = 0; i < n_values; i++)
        if (!isfinite(p->a[i]))
            status = RK_EDOMAIN;
    /* About the mean, or first orders would be lost in its square. */
    for (size_t i = 0; i < n_values; i++)
        p->a[i] -= sum / (2.0 * (double)p->n);
    return status;
}

/* --- indices ------------------------------------------------------------------------------ */

static double variance(const struct points *p, const size_t *row)
{
    double sum = 0.0, squares = 0.0, n = 2.0 * (double)p->n;

    for (size_t j = 0; j < p->n; j++) {
        double a = p->a[row[j]], b = p->b[row[j]];

        sum += a + b;
        squares += a * a + b * b;
    }
    return (squares - sum * sum / n) / n;
}

static void index_of(const struct points *p, size_t i, const size_t *row, double v, double *first,
                     double *total)
{
    double one = 0.0, all = 0.0;

    for (size_t j = 0; j < p->n; j++) {
        double gap = p->each[i * p->n + row[j]] - p->a[row[j]];

        one += p->b[row[j]] * gap;
        all += gap * gap;
    }
    *first = one / (double)p->n / v;
    *total = all / (2.0 * (double)p->n) / v;
}

static enum rk_status bootstrap(const struct points *p, double conf_level, uint64_t seed,
                                size_t *row, struct rk_sobol_index *out)
{
    double *samples = malloc((2 * p->k * BOOTSTRAPS + 1) * sizeof *samples);
    const double level[2] = {0.5 * (1.0 - conf_level), 0.5 * (1.0 + conf_level)};
    enum rk_status status = samples == NULL ? RK_ENOMEM : RK_OK;

    for (size_t r = 0; status == RK_OK && r < BOOTSTRAPS; r++) {
        struct rk_rng rng;
        double v;

        rk_rng_stream(&rng, seed, "sobol", "bootstrap", r);
        for (size_t j = 0; j < p->n; j++)
            row[j] = (size_t)rk_rng_below(&rng, p->n);
        v = variance(p, row);
        for (size_t i = 0; i < p->k; i++)
            index_of(p, i, row, v, &samples[2 * i * BOOTSTRAPS + r],
                     &samples[(2 * i + 1) * BOOTSTRAPS + r]);
    }
    for (size_t i = 0; status == RK_OK && i < p->k; i++) {
        double ends[2] = {NAN, NAN};

        status = rk_quantiles(samples + 2 * i * BOOTSTRAPS, BOOTSTRAPS, level, 2, 7, ends);
        out[i].first_low = ends[0];
        out[i].first_high = ends[1];
        if (status == RK_OK)
            status =
                rk_quantiles(samples + (2 * i + 1) * BOOTSTRAPS, BOOTSTRAPS, level, 2, 7, ends);
        out[i].total_low = ends[0];
        out[i].total_high = ends[1];
    }
    free(samples);
    return status;
}

static enum rk_status work_out(const struct points *p, double conf_level, uint64_t seed,
                               struct rk_sobol_index *out)
{
    size_t *row = malloc(p->n * sizeof *row);
    double v;

    if (row == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < p->n; j++)
        row[j] = j;
    v = variance(p, row);
    if (v > 0.0) {
        enum rk_status status;

        for (size_t i = 0; i < p->k; i++)
            index_of(p, i, row, v, &out[i].first, &out[i].total);
        status = bootstrap(p, conf_level, seed, row, out);
        free(row);
        return status;
    }
    free(row);
    return RK_ECONSTANT;
}

enum rk_status rk_sobol_indices(rk_sobol_fn f, void *data, size_t k, size_t n, double conf_level,
                                const struct rk_ctx *ctx, struct rk_sobol_index *out)
{
    struct points p = {.k = k, .n = n};
    struct rk_sobol_index *found;
    uint64_t seed = ctx != NULL ? ctx->seed : 1;
    enum rk_status status = RK_ENOMEM;

    if (k == 0 || n < 64 || (n & (n - 1)) != 0)
        return RK_EDOMAIN;
    p.u = malloc(2 * k * n * sizeof *p.u);
    p.a = malloc((k + 2) * n * sizeof *p.a);
    found = calloc(k, sizeof *found);
    if (p.u != NULL && p.a != NULL && found != NULL) {
        p.b = p.a + n;
        p.each = p.b + n;
        status = draw_points(&p, seed);
    }
    if (status == RK_OK)
        status = evaluate(&p, f, data);
    if (status == RK_OK)
        status = work_out(&p, conf_level, seed, found);
    if (status == RK_OK)
        memcpy(out, found, k * sizeof *out);
    free(p.u);
    free(p.a);
    free(found);
    return status;
}

/* --- given data --------------------------------------------------------------------------- */

struct bin {
    double n, sum, squares;
};

/* Between-bin variance without what chance makes of it, over the whole: the adjusted eta squared.
 */
static double share_of_bins(const struct bin *bin)
{
    double n = 0.0, sum = 0.0, squares = 0.0, within = 0.0, total;

    for (size_t k = 0; k < BINS; k++) {
        n += bin[k].n;
        sum += bin[k].sum;
        squares += bin[k].squares;
        if (bin[k].n > 0.0)
            within += bin[k].squares - bin[k].sum * bin[k].sum / bin[k].n;
    }
    total = squares - sum * sum / n;
    return total > 0.0 ? 1.0 - within / (n - BINS) * (n - 1.0) / total : NAN;
}

enum rk_status rk_sobol_given_data(const double *x, const double *y, size_t n, double conf_level,
                                   struct rk_sobol_index *out)
{
    struct bin all[BINS] = {{0}}, part[PARTS][BINS] = {{{0}}};
    double *rank, mean = 0.0, share, sum = 0.0, squares = 0.0, half;
    enum rk_status status;

    if (n < 2000)
        return RK_ETOOFEW;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(y[i]) || !isfinite(x[i]))
            return RK_EDOMAIN;
        mean += y[i] / (double)n;
    }
    rank = malloc(n * sizeof *rank);
    status = rank == NULL ? RK_ENOMEM : rk_rank(x, n, rank, NULL);
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        size_t k = (size_t)fmin((rank[i] - 0.5) / (double)n * BINS, BINS - 1.0);
        struct bin *const both[2] = {&all[k], &part[i * PARTS / n][k]};

        for (size_t b = 0; b < 2; b++) {
            both[b]->n++;
            both[b]->sum += y[i] - mean;
            both[b]->squares += (y[i] - mean) * (y[i] - mean);
        }
    }
    free(rank);
    if (status != RK_OK)
        return status;
    share = share_of_bins(all);
    if (isnan(share))
        return RK_ECONSTANT;
    for (size_t g = 0; g < PARTS; g++) {
        double without;

        for (size_t k = 0; k < BINS; k++) {
            part[g][k].n = all[k].n - part[g][k].n;
            part[g][k].sum = all[k].sum - part[g][k].sum;
            part[g][k].squares = all[k].squares - part[g][k].squares;
        }
        without = share_of_bins(part[g]);
        sum += without;
        squares += (without - share) * (without - share);
    }
    squares -= PARTS * (sum / PARTS - share) * (sum / PARTS - share);
    half = rk_qt(0.5 * (1.0 - conf_level), PARTS - 1.0, RK_UPPER_TAIL) *
           sqrt(fmax(squares, 0.0) * (PARTS - 1.0) / PARTS);
    *out = (struct rk_sobol_index){share, share - half, share + half, NAN, NAN, NAN};
    return RK_OK;
}
