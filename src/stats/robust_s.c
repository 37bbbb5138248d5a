/* The S-estimate: exact fits of random rows, the best of them refined (fast S). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "robust_parts.h"

enum { MOST_SCALE_STEPS = 200, MOST_REFINEMENTS = 5000, BEST = 5, STARTS_A_BLOCK = 10 };
/* Starts are judged by at most so many rows, and so many of them by all. */
enum { MANY = 2000, PROMOTED = 20 };

/* The next step would be of the order of its square. */
static const double SCALE_STEP = 1e-8;
static const double REFINED = 1e-13;
/* A row counts as independent of those chosen if this much of it is left. */
static const double INDEPENDENT = 1e-7;
static const double NORMAL_MAD = 0.6744897501960817; /* qnorm(0.75) */

double robust_rho(double x, double tuning)
{
    double u = x / tuning * (x / tuning);

    return u < 1.0 ? u * (3.0 - 3.0 * u + u * u) : 1.0;
}

double robust_weight(double x, double tuning)
{
    double u = x / tuning * (x / tuning);

    return u < 1.0 ? (1.0 - u) * (1.0 - u) : 0.0;
}

bool robust_work_init(const struct robust *robust, struct robust_work *work)
{
    size_t n = robust->n, k = robust->k;

    work->r = calloc(n + 1, sizeof(double));
    work->w = calloc(n + 1, sizeof(double));
    work->matrix = calloc(k * k + 1, sizeof(double));
    work->to = calloc(k + 1, sizeof(double));
    return work->r != NULL && work->w != NULL && work->matrix != NULL && work->to != NULL;
}

void robust_work_free(struct robust_work *work)
{
    free(work->r);
    free(work->w);
    free(work->matrix);
    free(work->to);
}

void robust_residuals(const struct robust *robust, const double *b, double *r)
{
    memcpy(r, robust->y, robust->n * sizeof *r);
    for (size_t j = 0; j < robust->k; j++) {
        const double *q = robust->Q + j * robust->n;

        for (size_t i = 0; i < robust->n; i++)
            r[i] -= b[j] * q[i];
    }
}

/* The value of rank k (from 0) of n values, which are reordered (Hoare's selection). */
static double select_rank(double *x, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;

    while (low < high) {
        double pivot = x[low + (high - low) / 2];
        size_t i = low, j = high;

        for (;;) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i >= j)
                break;
            double swap = x[i];

            x[i++] = x[j];
            x[j--] = swap;
        }
        if (k <= j)
            high = j;
        else
            low = j + 1;
    }
    return x[k];
}

/* Newton's method on log s: sum rho(r / s) falls with s. */
double robust_scale(const struct robust *robust, const double *r, double from,
                    struct robust_work *work)
{
    size_t n = robust->n, zero = 0;
    double wanted = 0.5 * (double)(n - robust->k), s = from;

    for (size_t i = 0; i < n; i++) {
        work->w[i] = fabs(r[i]);
        zero += r[i] == 0.0;
    }
    if ((double)(n - zero) <= wanted)
        return 0.0;
    if (!(s > 0.0))
        s = select_rank(work->w, n, n / 2) / NORMAL_MAD;
    for (size_t i = 0; i < n && s == 0.0; i++)
        s = fabs(r[i]);
    for (int step = 0; step < MOST_SCALE_STEPS; step++) {
        double sum = -wanted, slope = 0.0, change, per_unit = 1.0 / (S_TUNING * s);

        for (size_t i = 0; i < n; i++) { /* rho(r / s) and its derivative by log s, less its sign */
            double u = r[i] * per_unit * (r[i] * per_unit), rest = 1.0 - u;

            sum += u < 1.0 ? u * (3.0 - 3.0 * u + u * u) : 1.0;
            slope += u < 1.0 ? 6.0 * u * rest * rest : 0.0;
        }
        change = slope > 0.0 ? fmin(1.0, fmax(-1.0, sum / slope)) : (sum > 0.0 ? 1.0 : -1.0);
        s *= exp(change);
        if (fabs(change) <= SCALE_STEP)
            break;
    }
    return s;
}

/* Cholesky's decomposition and both substitutions, in place. */
static bool cholesky(double *A, double *x, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            double value = A[i * k + j];

            for (size_t l = 0; l < j; l++)
                value -= A[i * k + l] * A[j * k + l];
            if (j == i && !(value > 1e-12))
                return false;
            A[i * k + j] = j == i ? sqrt(value) : value / A[j * k + j];
        }
        for (size_t l = 0; l < i; l++)
            x[i] -= A[i * k + l] * x[l];
        x[i] /= A[i * k + i];
    }
    for (size_t i = k; i-- > 0;) {
        for (size_t l = i + 1; l < k; l++)
            x[i] -= A[l * k + i] * x[l];
        x[i] /= A[i * k + i];
    }
    return true;
}

bool robust_solve(const struct robust *robust, double scale, double tuning,
                  struct robust_work *work)
{
    for (size_t i = 0; i < robust->n; i++)
        work->w[i] = robust_weight(work->r[i] / scale, tuning);
    return robust_solve_weighted(robust, work);
}

/* sum w a b, in four sums, so that no addition waits for the one before it. */
static double weighted_product(const double *w, const double *a, const double *b, size_t n)
{
    double sum[4] = {0.0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4)
        for (size_t lane = 0; lane < 4; lane++)
            sum[lane] += w[i + lane] * a[i + lane] * b[i + lane];
    for (; i < n; i++)
        sum[0] += w[i] * a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

bool robust_solve_weighted(const struct robust *robust, struct robust_work *work)
{
    size_t n = robust->n, k = robust->k;

    for (size_t j = 0; j < k; j++) {
        const double *a = robust->Q + j * n;

        work->to[j] = weighted_product(work->w, a, robust->y, n);
        for (size_t l = 0; l <= j; l++)
            work->matrix[j * k + l] = weighted_product(work->w, a, robust->Q + l * n, n);
    }
    return cholesky(work->matrix, work->to, k);
}

/* --- starts ---------------------------------------------------------------------------------- */

struct starts {
    const struct robust *robust;
    uint64_t seed;
    double *b;     /* n_starts-by-k */
    double *scale; /* infinite where the start came to nothing */
};

/* k independent rows, in random order; row i is dropped if those before it make it up. */
static size_t choose_rows(const struct robust *robust, struct rk_rng *rng, size_t *order,
                          double *basis)
{
    size_t n = robust->n, k = robust->k, chosen = 0;

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    for (size_t i = 0; i < n && chosen < k; i++) {
        size_t pick = i + (size_t)rk_rng_below(rng, n - i), row = order[pick];
        double *v = basis + chosen * k, before = 0.0, left = 0.0;

        order[pick] = order[i];
        for (size_t j = 0; j < k; j++) {
            v[j] = robust->Q[j * n + row];
            before += v[j] * v[j];
        }
        for (size_t c = 0; c < chosen; c++) {
            double dot = 0.0;

            for (size_t j = 0; j < k; j++)
                dot += v[j] * basis[c * k + j];
            for (size_t j = 0; j < k; j++)
                v[j] -= dot * basis[c * k + j];
        }
        for (size_t j = 0; j < k; j++)
            left += v[j] * v[j];
        if (!(left > INDEPENDENT * INDEPENDENT * before) || left == 0.0)
            continue;
        for (size_t j = 0; j < k; j++)
            v[j] /= sqrt(left);
        order[chosen++] = row; /* its place has been passed */
    }
    return chosen;
}

static void swap_rows(double *x, size_t width, size_t i, size_t j)
{
    for (size_t c = 0; i != j && c < width; c++) {
        double kept = x[i * width + c];

        x[i * width + c] = x[j * width + c];
        x[j * width + c] = kept;
    }
}

bool robust_eliminate(double *A, size_t k, double *B, size_t m)
{
    for (size_t j = 0; j < k; j++) {
        size_t pivot = j;

        for (size_t i = j + 1; i < k; i++)
            if (fabs(A[i * k + j]) > fabs(A[pivot * k + j]))
                pivot = i;
        if (!(fabs(A[pivot * k + j]) > 0.0) || !isfinite(A[pivot * k + j]))
            return false;
        swap_rows(A, k, j, pivot);
        swap_rows(B, m, j, pivot);
        for (size_t i = j + 1; i < k; i++) {
            double factor = A[i * k + j] / A[j * k + j];

            for (size_t c = j + 1; c < k; c++)
                A[i * k + c] -= factor * A[j * k + c];
            for (size_t c = 0; c < m; c++)
                B[i * m + c] -= factor * B[j * m + c];
        }
    }
    for (size_t j = k; j-- > 0;)
        for (size_t c = 0; c < m; c++) {
            for (size_t l = j + 1; l < k; l++)
                B[j * m + c] -= A[j * k + l] * B[l * m + c];
            B[j * m + c] /= A[j * k + j];
        }
    return true;
}

/* The coefficients that fit the chosen rows exactly; room for k-by-k. */
static bool fit_rows(const struct robust *robust, const size_t *rows, double *room, double *b)
{
    size_t k = robust->k;

    for (size_t i = 0; i < k; i++) {
        b[i] = robust->y[rows[i]];
        for (size_t j = 0; j < k; j++)
            room[i * k + j] = robust->Q[j * robust->n + rows[i]];
    }
    return robust_eliminate(room, k, b, 1);
}

/* One start: an exact fit, refined once, and its scale. */
static void start(const struct starts *starts, size_t index, size_t *order, double *basis,
                  struct robust_work *work)
{
    const struct robust *robust = starts->robust;
    double *b = starts->b + index * robust->k, scale;
    struct rk_rng rng;

    starts->scale[index] = INFINITY;
    rk_rng_stream(&rng, starts->seed, "robust-subsample", "", index);
    if (choose_rows(robust, &rng, order, basis) < robust->k || !fit_rows(robust, order, basis, b))
        return;
    robust_residuals(robust, b, work->r);
    scale = robust_scale(robust, work->r, 0.0, work);
    if (scale > 0.0 && robust_solve(robust, scale, S_TUNING, work)) {
        memcpy(b, work->to, robust->k * sizeof *b);
        robust_residuals(robust, b, work->r);
        scale = robust_scale(robust, work->r, scale, work);
    }
    starts->scale[index] = scale;
}

static enum rk_status start_block(void *data, size_t block, size_t first, size_t last)
{
    const struct starts *starts = data;
    const struct robust *robust = starts->robust;
    size_t *order = malloc((robust->n + 1) * sizeof *order);
    double *basis = malloc((robust->k * robust->k + 1) * sizeof *basis);
    struct robust_work work = {0};
    bool fine = robust_work_init(robust, &work) && order != NULL && basis != NULL;

    (void)block;
    for (size_t i = first; i < last && fine; i++)
        start(starts, i, order, basis, &work);
    robust_work_free(&work);
    free(order);
    free(basis);
    return fine ? RK_OK : RK_ENOMEM;
}

/* Until the coefficients stand still: b and *scale. */
static bool refine(const struct robust *robust, struct robust_work *work, double *b, double *scale)
{
    for (int i = 0; i < MOST_REFINEMENTS && rk_cancelled(robust->ctx) == RK_OK; i++) {
        double change = 0.0, size = 0.0;

        robust_residuals(robust, b, work->r);
        /* clang loses sight of work, which refine_best frees.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        *scale = robust_scale(robust, work->r, *scale, work);
        if (*scale == 0.0)
            return true;
        if (!robust_solve(robust, *scale, S_TUNING, work))
            return false;
        for (size_t j = 0; j < robust->k; j++) {
            change += (work->to[j] - b[j]) * (work->to[j] - b[j]);
            size += b[j] * b[j];
            b[j] = work->to[j];
        }
        if (change <= REFINED * REFINED * size)
            return true;
    }
    return false;
}

/* The best start that is left, which is then taken. */
static size_t take_best(struct starts *starts, size_t n_starts, double *scale)
{
    size_t best = 0;

    for (size_t i = 1; i < n_starts; i++) {
        if (starts->scale[i] < starts->scale[best])
            best = i;
    }
    *scale = starts->scale[best];
    starts->scale[best] = INFINITY;
    return best;
}

/* The best starts, judged by a part of the rows, are judged by all of them; the rest is left. */
static void promote(struct starts *starts, size_t n_starts, const struct robust *robust,
                    struct robust_work *work, double *spare)
{
    size_t chosen[PROMOTED], n = 0;

    for (; n < PROMOTED && n < n_starts && rk_cancelled(robust->ctx) == RK_OK; n++) {
        double *b, at;

        chosen[n] = take_best(starts, n_starts, &at);
        if (isinf(at))
            break;
        b = starts->b + chosen[n] * robust->k;
        robust_residuals(robust, b, work->r);
        spare[n] = robust_scale(robust, work->r, 0.0, work);
        if (spare[n] > 0.0 && robust_solve(robust, spare[n], S_TUNING, work)) {
            memcpy(b, work->to, robust->k * sizeof *b);
            robust_residuals(robust, b, work->r);
            spare[n] = robust_scale(robust, work->r, spare[n], work);
        }
    }
    for (size_t i = 0; i < n_starts; i++)
        starts->scale[i] = INFINITY;
    for (size_t i = 0; i < n; i++)
        starts->scale[chosen[i]] = spare[i];
}

static enum rk_status refine_best(struct starts *starts, size_t n_starts,
                                  const struct robust *robust, double *b, double *scale)
{
    struct robust_work work = {0};
    double least = INFINITY, spare[PROMOTED];
    bool fine = robust_work_init(robust, &work);

    if (fine && starts->robust != robust)
        promote(starts, n_starts, robust, &work, spare);
    for (int i = 0; i < BEST && fine; i++) {
        double at;
        double *own = starts->b + take_best(starts, n_starts, &at) * robust->k;

        if (isinf(at))
            break;
        if (refine(robust, &work, own, &at) && at < least) {
            least = at;
            memcpy(b, own, robust->k * sizeof *b);
        }
    }
    robust_work_free(&work);
    *scale = least;
    if (!fine)
        return RK_ENOMEM;
    if (rk_cancelled(robust->ctx) != RK_OK)
        return rk_cancelled(robust->ctx);
    return isinf(least) ? RK_ENOCONVERGE : RK_OK;
}

/* MANY random rows: enough to tell good starts from bad. `part` borrows *data, which is filled. */
static enum rk_status take_part(const struct robust *robust, uint64_t seed, struct robust *part,
                                double **data)
{
    size_t *order = malloc((robust->n + 1) * sizeof *order);
    double *rows = malloc((MANY * (robust->k + 1) + 1) * sizeof *rows);
    struct rk_rng rng;

    if (order == NULL || rows == NULL) {
        free(order);
        free(rows);
        return RK_ENOMEM;
    }
    rk_rng_stream(&rng, seed, "robust-rows", "", 0);
    for (size_t i = 0; i < robust->n; i++)
        order[i] = i;
    for (size_t i = 0; i < MANY; i++) {
        size_t pick = i + (size_t)rk_rng_below(&rng, robust->n - i), row = order[pick];

        order[pick] = order[i];
        rows[i] = robust->y[row];
        for (size_t j = 0; j < robust->k; j++)
            rows[(j + 1) * MANY + i] = robust->Q[j * robust->n + row];
    }
    free(order);
    *data = rows;
    *part = *robust;
    part->n = MANY;
    part->y = rows;
    part->Q = rows + MANY;
    return RK_OK;
}

enum rk_status robust_s(const struct robust *robust, size_t n_subsamples, double *b, double *scale)
{
    struct starts starts = {.robust = robust, .seed = robust->ctx != NULL ? robust->ctx->seed : 1};
    struct robust part;
    double *data = NULL;
    enum rk_status status = RK_ENOMEM;

    if (robust->n > MANY && robust->k * 10 < MANY) {
        if (take_part(robust, starts.seed, &part, &data) != RK_OK)
            return RK_ENOMEM;
        starts.robust = &part;
    }
    starts.b = calloc(n_subsamples * robust->k + 1, sizeof *starts.b);
    starts.scale = calloc(n_subsamples + 1, sizeof *starts.scale);
    if (starts.b != NULL && starts.scale != NULL)
        status =
            rk_parallel_blocks(robust->ctx, n_subsamples, STARTS_A_BLOCK, start_block, &starts);
    if (status == RK_OK)
        status = refine_best(&starts, n_subsamples, robust, b, scale);
    free(data);
    free(starts.b);
    free(starts.scale);
    return status;
}
