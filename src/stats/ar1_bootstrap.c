/* The bootstrap of Prais and Winsten's t. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "prais_winsten.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/random.h"

enum { GRID = 39, BIAS_SERIES = 200, BIAS_BLOCK = 25, MOST_STEPS = 50 };
static const double GRID_FROM = -RK_AR1_LARGEST, GRID_STEP = 0.05, TOLERANCE = 1e-6;

double rk_contrast(const struct rk_series_design *design, const struct rk_series_fit *fit,
                   const struct rk_contrasts *contrasts, size_t j, double *std_error)
{
    size_t k = fit->k, row = contrasts->row == NULL ? SIZE_MAX : contrasts->row[j];
    const double *a = contrasts->a + j * k;
    double sum = 0.0, var = 0.0;

    for (size_t i = 0; i < k; i++) {
        sum += a[i] * fit->coef[i];
        for (size_t l = 0; l < k; l++)
            var += a[i] * a[l] * fit->vcov[i * k + l];
    }
    if (row != SIZE_MAX) {
        sum = design->y[row] - sum;
        var += fit->sigma * fit->sigma / (1.0 - fit->rho * fit->rho);
    }
    *std_error = sqrt(var);
    return sum;
}

/* An AR(1) series with innovations z of variance 1, in equilibrium; over a gap of d places the
 * correlation is rho^d. */
static void simulate(const struct pw_basis *basis, double rho, const double *z, double *e)
{
    double sd = 1.0 / sqrt(1.0 - rho * rho);

    for (size_t i = 0; i < basis->n; i++) {
        double kept = i == 0 ? 0.0 : rho;

        if (i > 0 && basis->slot[i] - basis->slot[i - 1] > 1)
            kept = pow(rho, (double)(basis->slot[i] - basis->slot[i - 1]));
        e[i] = (i == 0 ? 0.0 : kept * e[i - 1]) + sd * sqrt(1.0 - kept * kept) * z[i];
    }
}

/* --- the bias of rho ---------------------------------------------------------------------- */

struct bias {
    const struct pw_basis *basis;
    const char *label;
    uint64_t seed;
    double *sum; /* GRID a block */
};

/* The same innovations serve every rho of the grid, so that the mean estimates ascend smoothly. */
static enum rk_status bias_block(void *data, size_t block, size_t first, size_t last)
{
    const struct bias *bias = data;
    size_t n = bias->basis->n;
    struct pw_work work = {0};
    double *z = malloc((2 * n + 1) * sizeof *z);
    struct rk_rng rng;
    enum rk_status status =
        z == NULL || pw_work_new(bias->basis, &work) != RK_OK ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&rng, bias->seed, "ar1-bias", bias->label, block);
    for (size_t r = first; status == RK_OK && r < last; r++) {
        for (size_t i = 0; i < n; i++)
            z[i] = rk_rng_normal(&rng);
        for (size_t g = 0; status == RK_OK && g < GRID; g++) {
            simulate(bias->basis, GRID_FROM + GRID_STEP * (double)g, z, z + n);
            status = pw_fit(bias->basis, z + n, TOLERANCE, MOST_STEPS, &work);
            status = status == RK_ENOCONVERGE ? RK_OK : status;
            bias->sum[block * GRID + g] += work.rho;
        }
    }
    free(work.room);
    free(z);
    return status;
}

/* The rho whose mean estimate is the one seen. */
static double invert(const double *mean, double seen)
{
    size_t g = 1;

    if (seen <= mean[0])
        return GRID_FROM;
    while (g < GRID && mean[g] < seen)
        g++;
    if (g == GRID)
        return RK_AR1_LARGEST;
    return GRID_FROM +
           GRID_STEP * ((double)(g - 1) + (seen - mean[g - 1]) / (mean[g] - mean[g - 1]));
}

static enum rk_status correct_rho(const struct pw_basis *basis, double seen, const char *label,
                                  const struct rk_ctx *ctx, double *rho)
{
    enum { BLOCKS = BIAS_SERIES / BIAS_BLOCK };
    double sum[BLOCKS * GRID] = {0}, mean[GRID] = {0};
    struct bias bias = {basis, label, ctx == NULL ? 1 : ctx->seed, sum};
    enum rk_status status = rk_parallel_blocks(ctx, BIAS_SERIES, BIAS_BLOCK, bias_block, &bias);

    for (size_t g = 0; g < GRID; g++) {
        for (size_t b = 0; b < BLOCKS; b++)
            mean[g] += sum[b * GRID + g] / BIAS_SERIES;
        if (g > 0)
            mean[g] = fmax(mean[g], mean[g - 1] + 1e-9);
    }
    if (status == RK_OK)
        *rho = invert(mean, seen);
    return status;
}

/* --- draws -------------------------------------------------------------------------------- */

struct job {
    const struct pw_basis *basis;
    const struct rk_contrasts *contrasts;
    double *a; /* the contrasts in the basis, m-by-k */
    const char *label;
    uint64_t seed;
    double *squares; /* m a block */
    struct rk_ar1_bootstrap *out;
};

static void take_draw(const struct job *job, const struct pw_work *work, const double *y, size_t b,
                      double *squares, double *room)
{
    size_t k = job->basis->k;
    double of_value = 1.0 / (1.0 - work->rho * work->rho);

    for (size_t j = 0; j < job->out->m; j++) {
        const double *a = job->a + j * k;
        double value = 0.0, var = pw_quadratic(job->basis, work, a, room);

        for (size_t l = 0; l < k; l++)
            value += a[l] * work->q[l];
        if (job->contrasts->row != NULL && job->contrasts->row[j] != SIZE_MAX) {
            value = y[job->contrasts->row[j]] - value;
            var += of_value;
        }
        squares[j] += value * value;
        job->out->t[j * job->out->draws + b] = fabs(value) / (work->sigma * sqrt(var));
    }
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    size_t n = job->basis->n;
    struct pw_work work = {0};
    double *z = malloc((2 * n + job->basis->k + 1) * sizeof *z);
    struct rk_rng rng;
    enum rk_status status =
        z == NULL || pw_work_new(job->basis, &work) != RK_OK ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&rng, job->seed, "ar1-bootstrap", job->label, block);
    for (size_t b = first; status == RK_OK && b < last; b++) {
        for (size_t i = 0; i < n; i++)
            z[i] = rk_rng_normal(&rng);
        simulate(job->basis, job->out->rho, z, z + n);
        status = pw_fit(job->basis, z + n, TOLERANCE, MOST_STEPS, &work);
        status = status == RK_ENOCONVERGE ? RK_OK : status;
        if (status == RK_OK)
            take_draw(job, &work, z + n, b, job->squares + block * job->out->m, z + 2 * n);
    }
    free(work.room);
    free(z);
    return status;
}

/* The contrasts in the basis: a'b = (R^-T a)'q. */
static void rotate(const struct pw_basis *basis, const struct rk_contrasts *contrasts, double *out)
{
    size_t k = basis->k;

    for (size_t j = 0; j < contrasts->m; j++)
        for (size_t l = 0; l < k; l++) {
            out[j * k + l] = 0.0;
            for (size_t i = 0; i <= l; i++)
                out[j * k + l] += contrasts->a[j * k + i] * basis->R_inverse[i * k + l];
        }
}

static enum rk_status draw_all(struct job *job, double sigma, const struct rk_ctx *ctx)
{
    struct rk_ar1_bootstrap *out = job->out;
    size_t n_blocks = (out->draws + RK_DRAWS_PER_STREAM - 1) / RK_DRAWS_PER_STREAM;
    enum rk_status status = RK_ENOMEM;

    job->squares = calloc(n_blocks * out->m + 1, sizeof *job->squares);
    if (job->squares != NULL)
        status = rk_parallel_blocks(ctx, out->draws, RK_DRAWS_PER_STREAM, draw_block, job);
    for (size_t j = 0; status == RK_OK && j < out->m; j++) {
        double sum = 0.0;

        for (size_t b = 0; b < n_blocks; b++)
            sum += job->squares[b * out->m + j];
        out->sd[j] = sigma * sqrt(sum / (double)out->draws);
        rk_sort(out->t + j * out->draws, out->draws);
    }
    free(job->squares);
    return status;
}

enum rk_status rk_ar1_bootstrap_new(const struct rk_series_design *design,
                                    const struct rk_series_fit *fit,
                                    const struct rk_contrasts *contrasts, size_t draws,
                                    const char *label, const struct rk_ctx *ctx,
                                    struct rk_ar1_bootstrap *bootstrap, struct rk_error *error)
{
    struct rk_ar1_bootstrap made = {.draws = draws, .m = contrasts->m};
    struct pw_basis basis = {0};
    struct job job = {.basis = &basis,
                      .contrasts = contrasts,
                      .label = label,
                      .seed = ctx == NULL ? 1 : ctx->seed,
                      .out = &made};
    enum rk_status status = pw_basis_new(design, &basis);

    made.t = malloc((made.m * draws + 1) * sizeof *made.t);
    made.sd = malloc((made.m + 1) * sizeof *made.sd);
    job.a = malloc((made.m * design->k + 1) * sizeof *job.a);
    if (status == RK_OK && (made.t == NULL || made.sd == NULL || job.a == NULL))
        status = RK_ENOMEM;
    if (status == RK_OK) {
        rotate(&basis, contrasts, job.a);
        status = correct_rho(&basis, fit->rho, label, ctx, &made.rho);
    }
    if (status == RK_OK)
        status = draw_all(&job, fit->sigma, ctx);
    free(job.a);
    pw_basis_free(&basis);
    if (status == RK_OK)
        *bootstrap = made;
    else
        rk_ar1_bootstrap_free(&made);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

void rk_ar1_bootstrap_free(struct rk_ar1_bootstrap *bootstrap)
{
    free(bootstrap->t);
    free(bootstrap->sd);
    memset(bootstrap, 0, sizeof *bootstrap);
}

double rk_ar1_p_value(const struct rk_ar1_bootstrap *bootstrap, size_t j, double t)
{
    const double *drawn = bootstrap->t + j * bootstrap->draws;
    size_t low = 0, high = bootstrap->draws;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (drawn[middle] >= fabs(t))
            high = middle;
        else
            low = middle + 1;
    }
    return (1.0 + (double)(bootstrap->draws - low)) / (1.0 + (double)bootstrap->draws);
}

double rk_ar1_critical(const struct rk_ar1_bootstrap *bootstrap, size_t j, double conf_level)
{
    double above = floor((1.0 - conf_level) * (double)(bootstrap->draws + 1) + 1e-9) - 1.0;
    size_t rank = bootstrap->draws - 1 - (size_t)fmax(above, 0.0);

    return bootstrap->t[j * bootstrap->draws + rank];
}
