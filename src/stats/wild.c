#include "repkit/wild.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_sums.h"
#include "repkit/parallel.h"
#include "repkit/random.h"

enum { FEWEST_PATTERNS = 1000, BATCH = 64, RADEMACHER = 2, WEBB = 6 };
static const double LARGEST = 1e15;

/* With r the coefficient's row of R^-1, z_g = Q_g'u_g and m_g = Q_g'Q_g r of the unrestricted fit,
 * imposing b_j = beta makes the scores z_g + delta m_g, delta = (b_j - beta) / r'r. A draw v gives
 *   b*_j - beta = sum_g v_g a_g,  Z = sum_g v_g (z_g + delta m_g),
 *   se^2 ~ sum_g (v_g a_g - m_g'Z)^2,  a_g = r'(z_g + delta m_g),
 * so that t* of every beta follows from five numbers a draw:
 *   t* = (n0 + delta n1) / sqrt(d0 + 2 delta d1 + delta^2 d2). */
struct moments {
    double n0, n1, d0, d1, d2;
};

struct contrast {
    double *m;       /* all-by-clusters, a row for each column of Q and the crossed effects */
    double *a0, *a1; /* clusters: r'z_g and r'm_g */
    double length;   /* r'r */
};

struct job {
    const struct cluster_sums *sums;
    const struct rk_wild_plan *plan;
    uint64_t seed;
    size_t n_draws, n_points; /* n_points: weights to choose from */
    bool enumerated;
    double *z; /* all-by-clusters */
    struct contrast *contrast;
    struct moments *moments; /* n_contrasts-by-n_draws */
    size_t n_contrasts;
};

/* --- draws ------------------------------------------------------------------------------------ */

static double weight_of(size_t n_points, size_t point)
{
    static const double webb[] = {-1.224744871391589, -1.0, -0.7071067811865476,
                                  0.7071067811865476, 1.0,  1.224744871391589};

    return n_points == WEBB ? webb[point] : point == 0 ? -1.0 : 1.0;
}

static void enumerate(const struct job *job, size_t pattern, double *v)
{
    for (size_t g = 0; g < job->sums->n_clusters; g++) {
        v[g] = weight_of(job->n_points, pattern % job->n_points);
        pattern /= job->n_points;
    }
}

static void draw(const struct job *job, struct rk_rng *rng, double *v)
{
    uint64_t bits = 0;

    for (size_t g = 0; g < job->sums->n_clusters; g++) {
        if (job->n_points == WEBB) {
            v[g] = weight_of(WEBB, rk_rng_below(rng, WEBB));
            continue;
        }
        if (g % 64 == 0)
            bits = rk_rng_next(rng);
        v[g] = weight_of(RADEMACHER, (bits >> (g % 64)) & 1);
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double lane[4] = {0.0, 0.0, 0.0, 0.0};
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        lane[0] += a[i] * b[i];
        lane[1] += a[i + 1] * b[i + 1];
        lane[2] += a[i + 2] * b[i + 2];
        lane[3] += a[i + 3] * b[i + 3];
    }
    for (; i < n; i++)
        lane[0] += a[i] * b[i];
    return (lane[0] + lane[1]) + (lane[2] + lane[3]);
}

/* c0 = v a0 - m'Z0 and c1 = v a1 - m'Z1, by cluster. */
static void scores(const struct job *job, const struct contrast *contrast, const double *v,
                   const double *Z0, double *c0, double *c1)
{
    size_t G = job->sums->n_clusters;

    for (size_t g = 0; g < G; g++) {
        c0[g] = v[g] * contrast->a0[g];
        c1[g] = v[g] * contrast->a1[g];
    }
    for (size_t l = 0; l < job->sums->all; l++) {
        const double *m = contrast->m + l * G;
        double z0 = Z0[l], z1 = dot(v, m, G);

        for (size_t g = 0; g < G; g++) {
            c0[g] -= m[g] * z0;
            c1[g] -= m[g] * z1;
        }
    }
}

static enum rk_status run_draws(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    size_t G = job->sums->n_clusters, all = job->sums->all;
    double *work = malloc((3 * G + all + 1) * sizeof *work);
    double *v, *c0, *c1, *Z0;
    struct rk_rng rng;

    if (work == NULL)
        return RK_ENOMEM;
    v = work;
    c0 = v + G;
    c1 = c0 + G;
    Z0 = c1 + G;
    rk_rng_stream(&rng, job->seed, "wild", job->plan->label, block);
    for (size_t b = first; b < last; b++) {
        if (job->enumerated)
            enumerate(job, b, v);
        else
            draw(job, &rng, v);
        for (size_t l = 0; l < all; l++)
            Z0[l] = dot(v, job->z + l * G, G);
        for (size_t j = 0; j < job->n_contrasts; j++) {
            const struct contrast *contrast = &job->contrast[j];

            scores(job, contrast, v, Z0, c0, c1);
            job->moments[j * job->n_draws + b] =
                (struct moments){dot(v, contrast->a0, G), dot(v, contrast->a1, G), dot(c0, c0, G),
                                 dot(c0, c1, G), dot(c1, c1, G)};
        }
    }
    free(work);
    return RK_OK;
}

/* --- p-values and intervals ------------------------------------------------------------------- */

struct test {
    const struct moments *moments;
    size_t n_draws;
    bool enumerated;
    double estimate, std_error; /* CR0's */
    double length;
    int alternative;
};

/* t, or as good as infinite where the clusters' scores of a draw all cancel. */
static double ratio(double numerator, double square, double scale)
{
    if (square > 1e-24 * scale)
        return numerator / sqrt(square);
    return numerator == 0.0 ? 0.0 : numerator > 0.0 ? LARGEST : -LARGEST;
}

/* Whether a draw's t is at least as far out as that of the data, but for rounding. */
static bool as_extreme(double t, double of_data, int alternative)
{
    double slack = 1e-10 * fabs(of_data);

    if (alternative == RK_GREATER)
        return t >= of_data - slack;
    if (alternative == RK_LESS)
        return t <= of_data + slack;
    return fabs(t) >= fabs(of_data) - slack;
}

static double p_of(const struct test *test, double beta)
{
    double delta = (test->estimate - beta) / test->length;
    double t = (test->estimate - beta) / test->std_error;
    double square = test->std_error * test->std_error;
    size_t extreme = 0;

    for (size_t b = 0; b < test->n_draws; b++) {
        const struct moments *m = &test->moments[b];
        double value = ratio(m->n0 + delta * m->n1,
                             m->d0 + 2.0 * delta * m->d1 + delta * delta * m->d2, square);

        extreme += as_extreme(value, t, test->alternative);
    }
    return test->enumerated ? (double)extreme / (double)test->n_draws
                            : ((double)extreme + 1.0) / ((double)test->n_draws + 1.0);
}

/* The end of the interval on the side of `sign`: NaN where p stays above alpha however far. */
static double interval_end(const struct test *test, double alpha, double sign)
{
    double inside = test->estimate, step = 8.0 * test->std_error,
           outside = test->estimate + sign * step;
    int doublings = 0;

    while (p_of(test, outside) > alpha) {
        if (++doublings > 12)
            return NAN;
        inside = outside;
        step *= 2.0;
        outside = test->estimate + sign * step;
    }
    while (fabs(outside - inside) > 1e-6 * test->std_error) {
        double middle = 0.5 * (inside + outside);

        if (middle == inside || middle == outside)
            break;
        if (p_of(test, middle) > alpha)
            inside = middle;
        else
            outside = middle;
    }
    return 0.5 * (inside + outside);
}

/* --- one batch of coefficients ---------------------------------------------------------------- */

static void contrast_free(struct contrast *contrast)
{
    free(contrast->m);
    free(contrast->a0);
    free(contrast->a1);
}

static bool contrast_new(const struct cluster_sums *sums, const double *r,
                         struct contrast *contrast)
{
    size_t G = sums->n_clusters, all = sums->all;

    *contrast = (struct contrast){.m = calloc(all * G + 1, sizeof(double)),
                                  .a0 = calloc(G + 1, sizeof(double)),
                                  .a1 = calloc(G + 1, sizeof(double))};
    if (contrast->m == NULL || contrast->a0 == NULL || contrast->a1 == NULL) {
        contrast_free(contrast);
        return false;
    }
    for (size_t g = 0; g < G; g++) {
        const double *M = sums->M + g * all * all;

        for (size_t l = 0; l < all; l++)
            contrast->m[l * G + g] = dot(M + l * all, r, sums->rank);
        contrast->a0[g] = dot(sums->score + g * all, r, sums->rank);
        for (size_t l = 0; l < sums->rank; l++)
            contrast->a1[g] += r[l] * contrast->m[l * G + g];
    }
    contrast->length = dot(r, r, sums->rank);
    return true;
}

static void test_coefficient(const struct job *job, size_t c, double estimate, size_t column,
                             struct rk_wild *wild)
{
    const struct contrast *contrast = &job->contrast[c];
    const struct rk_wild_plan *plan = job->plan;
    double alpha = 1.0 - plan->conf_level;
    struct test test = {.moments = job->moments + c * job->n_draws,
                        .n_draws = job->n_draws,
                        .enumerated = job->enumerated,
                        .estimate = estimate,
                        .length = contrast->length,
                        .alternative = plan->alternative};

    test.std_error = sqrt(dot(contrast->a0, contrast->a0, job->sums->n_clusters));
    if (!(test.std_error > 0.0))
        return;
    wild->p_value[column] = p_of(&test, 0.0);
    if (plan->alternative != RK_LESS)
        wild->conf_low[column] = interval_end(&test, alpha, -1.0);
    if (plan->alternative != RK_GREATER)
        wild->conf_high[column] = interval_end(&test, alpha, 1.0);
}

struct tests {
    const struct job *job;
    const struct rk_fit *fit;
    size_t first;
    struct rk_wild *wild;
};

static enum rk_status test_block(void *data, size_t block, size_t first, size_t last)
{
    const struct tests *tests = data;

    (void)block;
    for (size_t c = first; c < last; c++) {
        size_t column = tests->fit->kept[tests->first + c];

        test_coefficient(tests->job, c, tests->fit->coef[column], column, tests->wild);
    }
    return RK_OK;
}

/* Coefficients first .. first + job->n_contrasts - 1 of those that stand. */
static enum rk_status run_batch(struct job *job, const struct rk_fit *fit, size_t first,
                                const struct rk_ctx *ctx, struct rk_wild *wild)
{
    struct tests tests = {.job = job, .fit = fit, .first = first, .wild = wild};
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t made = 0;
    enum rk_status status = RK_OK;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    while (made < job->n_contrasts && status == RK_OK) {
        if (contrast_new(job->sums, fit->R_inverse + (first + made) * fit->rank,
                         &job->contrast[made]))
            made++;
        else
            status = RK_ENOMEM;
    }
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, job->n_draws, RK_DRAWS_PER_STREAM, run_draws, job);
    if (status == RK_OK)
        status = rk_parallel_blocks(&quiet, job->n_contrasts, 1, test_block, &tests);
    while (made > 0)
        contrast_free(&job->contrast[--made]);
    return status;
}

/* --- all ------------------------------------------------------------------------------------- */

/* n_points^G, or one more than `most` if it is more. */
static size_t patterns(size_t n_points, size_t G, size_t most)
{
    size_t n = 1;

    for (size_t g = 0; g < G && n <= most; g++)
        n *= n_points;
    return n <= most ? n : most + 1;
}

static void choose_weights(struct job *job, struct rk_wild *wild)
{
    size_t G = job->sums->n_clusters, draws = job->plan->draws, n;

    wild->weights = job->plan->weights;
    if (wild->weights == RK_WILD_AUTO)
        wild->weights = patterns(RADEMACHER, G, FEWEST_PATTERNS) < FEWEST_PATTERNS
                            ? RK_WILD_WEBB
                            : RK_WILD_RADEMACHER;
    job->n_points = wild->weights == RK_WILD_WEBB ? WEBB : RADEMACHER;
    n = patterns(job->n_points, G, draws + 1);
    job->enumerated = n <= draws + 1;
    job->n_draws = job->enumerated ? n : draws;
    wild->n_draws = job->n_draws;
    wild->enumerated = job->enumerated;
    wild->n_clusters = G;
    wild->least_p = job->enumerated ? 2.0 / (double)n : 1.0 / ((double)draws + 1.0);
}

static enum rk_status bootstrap(struct job *job, const struct rk_fit *fit, const struct rk_ctx *ctx,
                                struct rk_wild *wild)
{
    const struct cluster_sums *sums = job->sums;
    size_t G = sums->n_clusters, most = fit->rank < BATCH ? fit->rank : BATCH;
    enum rk_status status = RK_OK;

    job->z = malloc((sums->all * G + 1) * sizeof *job->z);
    job->contrast = calloc(most + 1, sizeof *job->contrast);
    job->moments = malloc((most * job->n_draws + 1) * sizeof *job->moments);
    if (job->z == NULL || job->contrast == NULL || job->moments == NULL)
        status = RK_ENOMEM;
    for (size_t g = 0; g < G && status == RK_OK; g++) {
        for (size_t l = 0; l < sums->all; l++)
            job->z[l * G + g] = sums->score[g * sums->all + l];
    }
    for (size_t first = 0; first < fit->rank && status == RK_OK; first += job->n_contrasts) {
        job->n_contrasts = fit->rank - first < BATCH ? fit->rank - first : BATCH;
        status = run_batch(job, fit, first, ctx, wild);
    }
    free(job->z);
    free(job->contrast);
    free(job->moments);
    return status;
}

static bool wild_alloc(struct rk_wild *wild, size_t p)
{
    wild->p = p;
    wild->p_value = malloc((p + 1) * sizeof *wild->p_value);
    wild->conf_low = malloc((p + 1) * sizeof *wild->conf_low);
    wild->conf_high = malloc((p + 1) * sizeof *wild->conf_high);
    if (wild->p_value == NULL || wild->conf_low == NULL || wild->conf_high == NULL)
        return false;
    for (size_t j = 0; j < p; j++)
        wild->p_value[j] = wild->conf_low[j] = wild->conf_high[j] = NAN;
    return true;
}

static enum rk_status make(const struct rk_fit *fit, const struct rk_clusters *clusters,
                           const struct rk_wild_plan *plan, const struct rk_ctx *ctx,
                           struct rk_wild *wild)
{
    struct cluster_sums sums;
    struct job job = {.sums = &sums, .plan = plan, .seed = ctx != NULL ? ctx->seed : 1};
    enum rk_status status =
        cluster_sums_new(fit, clusters->code, clusters->n_codes, clusters->crossed,
                         clusters->n_crossed, true, ctx, &sums);

    if (status != RK_OK)
        return status;
    if (sums.n_clusters < 2)
        status = RK_EONECLUSTER;
    if (status == RK_OK && !wild_alloc(wild, fit->p))
        status = RK_ENOMEM;
    if (status == RK_OK) {
        choose_weights(&job, wild);
        status = bootstrap(&job, fit, ctx, wild);
    }
    cluster_sums_free(&sums);
    return status;
}

enum rk_status rk_wild_new(const struct rk_fit *fit, const struct rk_clusters *clusters,
                           const struct rk_wild_plan *plan, const struct rk_ctx *ctx,
                           struct rk_wild *wild, struct rk_error *error)
{
    struct rk_wild made = {0};
    enum rk_status status;

    if (fit->errors != RK_OK)
        return rk_fail(error, fit->errors, "%s: the coefficients have no standard errors",
                       rk_status_words(fit->errors));
    if (clusters->second != NULL)
        return rk_fail(error, RK_EDOMAIN, "the wild bootstrap knows one kind of clusters");
    if (fit->df_absorbed > clusters->df_nested && clusters->crossed == NULL)
        return rk_fail(error, RK_EDOMAIN,
                       "the wild bootstrap would take too long with so many fixed effects that are "
                       "not nested in the clusters");
    status = make(fit, clusters, plan, ctx, &made);
    if (status != RK_OK) {
        rk_wild_free(&made);
        return rk_fail(error, status, "%s", rk_status_words(status));
    }
    *wild = made;
    return RK_OK;
}

void rk_wild_free(struct rk_wild *wild)
{
    if (wild == NULL)
        return;
    free(wild->p_value);
    free(wild->conf_low);
    free(wild->conf_high);
    memset(wild, 0, sizeof *wild);
}
