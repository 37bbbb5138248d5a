/* sup-F tests of a straight line against knots and jumps, by the wild bootstrap in score form: a
 * draw needs nothing of the rows but their sums by item. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/band_stats.h"
#include "repkit/parallel.h"
#include "repkit/random.h"
#include "small_cholesky.h"

enum { FEW_ITEMS = 12, MOST_BLOCK = 2 };

/* Everything is in the basis that the columns W taken out of candidates leave: L L' = W'W. W is Z
 * and x; for a plateau, which has no x beside it, Z alone. */
struct job {
    const struct rk_sup_data *d;
    uint64_t seed;
    size_t n_items, k, columns; /* k of W; m block */
    double *L;
    double *v;      /* columns-by-k: L^-1 W'column */
    double *own;    /* for each candidate block-by-block: what is left of its products, factored */
    double *usable; /* m: 1, or 0 where nothing is left */
    double *y;      /* columns: what is left of the product with y */
    double *line;   /* plateau: the same with the fitted straight line */
    double rss0;    /* of the straight line */
    double xx, slope; /* plateau: what Z leaves of x'x; the line's slope */
    double *u;        /* n: residuals of the line */
    double *square;   /* by item: u'u */
    double *score_W;  /* by item: W'u (and x'u last, for a plateau) */
    double *score;    /* by item: column'u */
    double observed;
    double *statistic; /* of each draw */
};

static const double *w_column(const struct rk_sup_data *d, size_t j)
{
    return j < d->q ? d->Z + j * d->n : d->x;
}

static size_t item_of(const struct rk_sup_data *d, size_t i)
{
    return d->item != NULL ? d->item[i] : i;
}

/* --- what stays the same in all draws ----------------------------------------------------------
 */

/* u = what Z and x leave of y; for a plateau the line's slope and x'x as well. */
static enum rk_status fit_line(struct job *job)
{
    const struct rk_sup_data *d = job->d;
    size_t k = d->q + 1;
    double *L = calloc(k * k + k, sizeof *L), *b;

    if (L == NULL)
        return RK_ENOMEM;
    b = L + k * k;
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++)
            L[i * k + j] = small_dot(w_column(d, i), w_column(d, j), d->n);
        b[i] = small_dot(w_column(d, i), d->y, d->n);
    }
    if (!small_cholesky(L, k)) {
        free(L);
        return RK_ESINGULAR;
    }
    small_forward(L, k, b);
    job->xx = L[k * k - 1] * L[k * k - 1];
    small_backward(L, k, b);
    job->slope = b[k - 1];
    memcpy(job->u, d->y, d->n * sizeof *job->u);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < d->n; i++)
            job->u[i] -= b[j] * w_column(d, j)[i];
    job->rss0 = small_dot(job->u, job->u, d->n);
    free(L);
    return RK_OK;
}

/* Takes W out of the candidates' products among themselves. For a plateau the candidate is x less
 * the column. */
static void prepare_candidate(struct job *job, size_t j, double *column[MOST_BLOCK])
{
    const struct rk_sup_data *d = job->d;
    size_t k = job->k, b = d->block;
    double *own = job->own + j * b * b;
    bool usable = true;

    for (size_t r = 0; r < b; r++) {
        double *v = job->v + (j * b + r) * k;

        for (size_t l = 0; l < k; l++)
            v[l] = small_dot(column[r], w_column(d, l), d->n);
        small_forward(job->L, k, v);
        for (size_t c = 0; c <= r; c++) {
            double raw = small_dot(column[r], column[c], d->n);

            own[r * b + c] = raw - small_dot(v, job->v + (j * b + c) * k, k);
            if (r == c && !(own[r * b + c] > SMALL_PIVOT * raw))
                usable = false;
        }
        job->y[j * b + r] = small_dot(column[r], job->u, d->n);
        if (d->plateau)
            job->line[j] = job->slope * (small_dot(column[r], d->x, d->n) -
                                         small_dot(v, job->v + job->columns * k, k));
    }
    job->usable[j] = usable && small_cholesky(own, b);
}

/* Sums by item of a column times the residuals. */
static void add_scores(const struct job *job, const double *column, size_t stride, double *sum)
{
    for (size_t i = 0; i < job->d->n; i++)
        sum[item_of(job->d, i) * stride] += column[i] * job->u[i];
}

static enum rk_status prepare(struct job *job)
{
    const struct rk_sup_data *d = job->d;
    size_t k = job->k, width = d->q + 1;
    double *work = malloc((MOST_BLOCK * d->n + 1) * sizeof *work), *column[MOST_BLOCK];
    double *x = job->v + job->columns * k;

    if (work == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j <= i; j++)
            job->L[i * k + j] = small_dot(w_column(d, i), w_column(d, j), d->n);
    if (!small_cholesky(job->L, k)) {
        free(work);
        return RK_ESINGULAR;
    }
    for (size_t l = 0; l < k; l++)
        x[l] = small_dot(d->x, w_column(d, l), d->n);
    small_forward(job->L, k, x);
    for (size_t l = 0; l < width; l++)
        add_scores(job, w_column(d, l), width, job->score_W + l);
    add_scores(job, job->u, 1, job->square);
    for (size_t j = 0; j < d->m; j++) {
        for (size_t r = 0; r < d->block; r++) {
            const double *given = d->column + (j * d->block + r) * d->n;

            column[r] = work + r * d->n;
            for (size_t i = 0; i < d->n; i++)
                column[r][i] = d->plateau ? d->x[i] - given[i] : given[i];
            add_scores(job, column[r], job->columns, job->score + j * d->block + r);
        }
        prepare_candidate(job, j, column);
    }
    free(work);
    return RK_OK;
}

/* --- one set of residuals ----------------------------------------------------------------------
 */

/* What candidate j gains: the squared length of its products with y in the basis of what is left
 * of it. */
static double gain_of(const struct job *job, size_t j, const double *y)
{
    size_t b = job->d->block;
    double part[MOST_BLOCK];

    for (size_t r = 0; r < b; r++)
        part[r] = y[j * b + r] + (job->d->plateau ? job->line[j] : 0.0);
    small_forward(job->own + j * b * b, b, part);
    return small_dot(part, part, b);
}

/* The largest F; y holds what is left of the candidates' products with the residuals, rss0 is the
 * line's, `all` what W leaves (for a plateau more than rss0). */
static double largest(const struct job *job, const double *y, double rss0, double all, double *rss,
                      size_t *best)
{
    double least = INFINITY;

    for (size_t j = 0; j < job->d->m; j++) {
        double left = job->usable[j] > 0.0 ? all - gain_of(job, j, y) : NAN;

        if (rss != NULL)
            rss[j] = left;
        if (left < least) {
            least = left;
            *best = j;
        }
    }
    least = fmax(least, 1e-20 * rss0);
    return isfinite(least) ? (rss0 - least) / (double)job->d->block / (least / job->d->df) : NAN;
}

/* What Z alone leaves of the line and the residuals e, given x'e without Z's part. */
static double before_line(const struct job *job, double rss0, double xe)
{
    double along = job->slope * job->xx + xe;

    return rss0 + along * along / job->xx;
}

static double draw_weight(struct rk_rng *rng, bool few)
{
    static const double webb[] = {0.5, 1.0, 1.5};
    uint64_t side;

    if (!few)
        return rk_rng_below(rng, 2) == 0 ? -1.0 : 1.0;
    side = rk_rng_below(rng, 6);
    return (side < 3 ? -1.0 : 1.0) * sqrt(webb[side % 3]);
}

/* work: 2 (q + 1) + columns numbers. */
static double draw(const struct job *job, struct rk_rng *rng, double *work)
{
    const struct rk_sup_data *d = job->d;
    size_t width = d->q + 1, k = job->k, best;
    double *W = work, *raw = W + width, *y = raw + width;
    double ee = 0.0, rss0, xe = 0.0;

    memset(W, 0, (2 * width + job->columns) * sizeof *W);
    for (size_t g = 0; g < job->n_items; g++) {
        double v = draw_weight(rng, job->n_items < FEW_ITEMS);

        ee += v * v * job->square[g];
        for (size_t l = 0; l < width; l++)
            W[l] += v * job->score_W[g * width + l];
        for (size_t c = 0; c < job->columns; c++)
            y[c] += v * job->score[g * job->columns + c];
    }
    ee *= 1.0 - d->lost;
    memcpy(raw, W, width * sizeof *raw);
    small_forward(job->L, k, W);
    for (size_t c = 0; c < job->columns; c++)
        y[c] -= small_dot(job->v + c * k, W, k);
    rss0 = ee - small_dot(W, W, k);
    if (!d->plateau)
        return largest(job, y, rss0, rss0, NULL, &best);
    xe = raw[d->q] - small_dot(job->v + job->columns * k, W, k);
    rss0 -= xe * xe / job->xx;
    return largest(job, y, rss0, before_line(job, rss0, xe), NULL, &best);
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    struct job *job = data;
    double *work = malloc((2 * (job->d->q + 1) + job->columns) * sizeof *work);
    struct rk_rng rng;

    if (work == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&rng, job->seed, "sup-F", job->d->label, block);
    for (size_t b = first; b < last; b++)
        job->statistic[b] = draw(job, &rng, work);
    free(work);
    return RK_OK;
}

static enum rk_status p_value(struct job *job, const struct rk_ctx *ctx, double *p)
{
    size_t as_large = 0;
    enum rk_status status =
        rk_parallel_blocks(ctx, job->d->draws, RK_DRAWS_PER_STREAM, draw_block, job);

    for (size_t b = 0; status == RK_OK && b < job->d->draws; b++)
        as_large += job->statistic[b] >= job->observed - 1e-10 * fabs(job->observed);
    if (status == RK_OK)
        *p = (1.0 + (double)as_large) / (1.0 + (double)job->d->draws);
    return status;
}

/* --- the test ----------------------------------------------------------------------------------
 */

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

static enum rk_status allocate(struct job *job)
{
    const struct rk_sup_data *d = job->d;

    job->L = numbers(job->k * job->k);
    job->v = numbers((job->columns + 1) * job->k);
    job->own = numbers(d->m * d->block * d->block);
    job->usable = numbers(d->m);
    job->y = numbers(job->columns);
    job->line = numbers(d->m);
    job->u = numbers(d->n);
    job->square = numbers(job->n_items);
    job->score_W = numbers(job->n_items * (d->q + 1));
    job->score = numbers(job->n_items * job->columns);
    job->statistic = numbers(d->draws);
    return job->L != NULL && job->v != NULL && job->own != NULL && job->usable != NULL &&
                   job->y != NULL && job->line != NULL && job->u != NULL && job->square != NULL &&
                   job->score_W != NULL && job->score != NULL && job->statistic != NULL
               ? RK_OK
               : RK_ENOMEM;
}

static void release(struct job *job)
{
    free(job->L);
    free(job->v);
    free(job->own);
    free(job->usable);
    free(job->y);
    free(job->line);
    free(job->u);
    free(job->square);
    free(job->score_W);
    free(job->score);
    free(job->statistic);
}

enum rk_status rk_sup_test(const struct rk_sup_data *data, const struct rk_ctx *ctx, double *rss,
                           struct rk_sup *out)
{
    struct job job = {.d = data, .seed = ctx != NULL ? ctx->seed : 1};
    struct rk_sup made = {NAN, 0, NAN};
    enum rk_status status;

    job.n_items = data->item != NULL ? data->n_items : data->n;
    job.k = data->q + !data->plateau;
    job.columns = data->m * data->block;
    if (job.n_items < 2 || data->m == 0 || data->block > MOST_BLOCK || !(data->df > 0.0))
        return RK_ETOOFEW;
    status = allocate(&job);
    if (status == RK_OK)
        status = fit_line(&job);
    if (status == RK_OK)
        status = prepare(&job);
    if (status == RK_OK) {
        made.statistic =
            largest(&job, job.y, job.rss0,
                    data->plateau ? before_line(&job, job.rss0, 0.0) : job.rss0, rss, &made.best);
        job.observed = made.statistic;
        if (isnan(made.statistic))
            status = RK_ETOOFEW;
    }
    if (status == RK_OK && data->draws > 0)
        status = p_value(&job, ctx, &made.p_value);
    release(&job);
    if (status == RK_OK)
        *out = made;
    return status;
}
