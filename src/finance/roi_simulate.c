/* Monte Carlo over a profile. Draws are worked through LANES at a time, so that the compiler can
 * use vector instructions on sums and on Newton's steps alike; a draw's numbers do not depend on
 * which others it shares the lanes with. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/roi_model.h"

enum { LANES = 8, NEWTON_STEPS = 16 };

/* Vectors of four where the processor has them. They add and multiply as vectors of two do, and
 * nothing is fused (-ffp-contract=off): the same bytes on every machine. */
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* What a draw adds up to, as rows of one matrix: base + coef x random amounts. Rows: the four
 * totals, the net flow at each date, the discounted one, and the flow on each step. */
struct sums {
    size_t n_rows, n_random, n_dates, n_steps;
    double *base;         /* n_rows */
    double *coef;         /* n_rows x n_random */
    double *months;       /* n_dates */
    bool steps_are_dates; /* the flows on the steps are the net flows, and have no rows of their own
                           */
    double *memory;
};

struct simulation {
    const struct rk_roi_model *model;
    const struct rk_roi_profile *profile;
    struct rk_roi_draws *draws;
    struct rk_sampler **sampler; /* n_rows of the draws */
    struct rk_sampler *normal;   /* standard; NULL unless inputs are correlated */
    const char **label;
    struct sums sums;
    double start; /* where Newton starts: 1/(1 + i) of the point estimate */
    uint64_t seed;
};

/* --- adding up ------------------------------------------------------------------------------ */

static void add_row(struct sums *sums, size_t row, const struct rk_roi_draws *draws,
                    const double *by_source, size_t stride, double sign)
{
    for (size_t s = 0; s < draws->n_sources; s++) {
        double c = sign * by_source[s * stride];

        if (draws->row[s] == SIZE_MAX)
            sums->base[row] += c * draws->point[s];
        else
            sums->coef[row * sums->n_random + draws->row[s]] += c;
    }
}

static void fill_sums(struct sums *sums, const struct rk_roi_profile *p,
                      const struct rk_roi_draws *draws)
{
    size_t row = 4, date = 0;

    add_row(sums, 0, draws, p->total_cost, 1, 1.0);
    add_row(sums, 1, draws, p->total_benefit, 1, 1.0);
    add_row(sums, 2, draws, p->pv_cost, 1, 1.0);
    add_row(sums, 3, draws, p->pv_benefit, 1, 1.0);
    for (size_t m = 0; m < p->n_months; m++) {
        if (!p->is_date[m])
            continue;
        sums->months[date++] = p->first_month + (double)m;
        add_row(sums, row, draws, p->benefit + m, p->n_months, 1.0);
        add_row(sums, row, draws, p->cost + m, p->n_months, -1.0);
        add_row(sums, row + sums->n_dates, draws, p->discounted + m, p->n_months, 1.0);
        row++;
    }
    row += sums->n_dates;
    for (size_t g = 0; g < p->n_steps; g++)
        add_row(sums, row + g, draws, p->step_flow + g, p->n_steps, 1.0);
}

/* With payments in every month, all discounted from their ends, two kinds of rows are one. */
static void drop_steps(struct sums *sums)
{
    size_t step = 4 + 2 * sums->n_dates, n = sums->n_steps;

    if (n != sums->n_dates || memcmp(sums->base + 4, sums->base + step, n * sizeof(double)) != 0 ||
        memcmp(sums->coef + 4 * sums->n_random, sums->coef + step * sums->n_random,
               n * sums->n_random * sizeof(double)) != 0)
        return;
    sums->steps_are_dates = true;
    sums->n_rows -= n;
}

static bool make_sums(struct sums *sums, const struct rk_roi_profile *p,
                      const struct rk_roi_draws *draws)
{
    for (size_t m = 0; m < p->n_months; m++)
        sums->n_dates += p->is_date[m];
    sums->n_steps = p->n_steps;
    sums->n_random = draws->n_rows;
    sums->n_rows = 4 + 2 * sums->n_dates + sums->n_steps;
    sums->memory = calloc(sums->n_rows * (sums->n_random + 1) + sums->n_dates + 1, sizeof(double));
    if (sums->memory == NULL)
        return false;
    sums->base = sums->memory;
    sums->coef = sums->base + sums->n_rows;
    sums->months = sums->coef + sums->n_rows * sums->n_random;
    fill_sums(sums, p, draws);
    drop_steps(sums);
    return true;
}

/* x: n_random x LANES, out: n_rows x LANES */
WIDE static void add_up(const struct sums *sums, const double *x, double *out)
{
    const double *c = sums->coef;

    for (size_t k = 0; k < sums->n_rows; k++, c += sums->n_random) {
        double sum[LANES];

        for (int l = 0; l < LANES; l++)
            sum[l] = sums->base[k];
        for (size_t r = 0; r < sums->n_random; r++) {
            if (c[r] == 0.0) /* many items pay in a few months only */
                continue;
            for (int l = 0; l < LANES; l++)
                sum[l] += c[r] * x[r * LANES + l];
        }
        memcpy(out + k * LANES, sum, sizeof sum);
    }
}

/* --- rates ---------------------------------------------------------------------------------- */

enum uniqueness { NO_RATE, ONE_RATE, ONE_POSITIVE_RATE, UNCLEAR };

/* rk_irr's first questions, of the flows of one lane. */
static enum uniqueness uniqueness_of(const double *flow, size_t n)
{
    size_t changes = 0, cumulative_changes = 0;
    int sign = 0, cumulative_sign = 0;
    double sum = 0.0;

    for (size_t g = 0; g < n; g++) {
        double x = flow[g * LANES];
        int now = (x > 0.0) - (x < 0.0), cumulative;

        sum += x;
        cumulative = (sum > 0.0) - (sum < 0.0);
        changes += now * sign < 0;
        cumulative_changes += cumulative * cumulative_sign < 0;
        sign = now != 0 ? now : sign;
        cumulative_sign = cumulative != 0 ? cumulative : cumulative_sign;
    }
    if (changes < 2)
        return changes == 0 ? NO_RATE : ONE_RATE;
    return cumulative_changes == 1 && sum != 0.0 ? ONE_POSITIVE_RATE : UNCLEAR;
}

/* Newton on P(v) in every lane from the same start; lanes that do not settle get NaN. */
WIDE static void newton(const double *flow, size_t n, double start, double *v)
{
    bool done[LANES] = {false};
    int left = LANES;

    for (int l = 0; l < LANES; l++)
        v[l] = start;
    for (int i = 0; i < NEWTON_STEPS && left > 0; i++) {
        double p[LANES], d[LANES] = {0.0};

        memcpy(p, flow + (n - 1) * LANES, sizeof p);
        for (size_t g = n - 1; g-- > 0;) {
            for (int l = 0; l < LANES; l++) {
                d[l] = d[l] * v[l] + p[l];
                p[l] = p[l] * v[l] + flow[g * LANES + l];
            }
        }
        left = 0;
        for (int l = 0; l < LANES; l++) {
            double step = p[l] / d[l];

            if (done[l])
                continue;
            v[l] -= step;
            done[l] = fabs(step) <= 1e-11 * v[l]; /* the next step would be its square */
            left += !done[l];
        }
    }
    for (int l = 0; l < LANES; l++)
        if (!done[l])
            v[l] = NAN;
}

static enum rk_status exact_irr(const double *flow, const struct simulation *s, double *irr)
{
    size_t n = s->sums.n_steps;
    double *copy = malloc(n * sizeof *copy);
    struct rk_irr rates;
    enum rk_status status;

    if (copy == NULL)
        return RK_ENOMEM;
    for (size_t g = 0; g < n; g++)
        copy[g] = flow[g * LANES];
    status = rk_irr(copy, n, s->profile->step_months, &rates);
    free(copy);
    *irr = status == RK_OK && rates.n_rates == 1 ? rates.rate[0] : NAN;
    return status == RK_ENOMEM ? status : RK_OK;
}

static double within_limits(double rate)
{
    return rate >= RK_IRR_LEAST && rate <= RK_IRR_MOST ? rate : NAN;
}

static enum rk_status irr_of_lanes(const struct simulation *s, const double *flow, size_t count,
                                   double *irr)
{
    double v[LANES];
    enum rk_status status = RK_OK;

    newton(flow, s->sums.n_steps, s->start, v);
    for (size_t l = 0; l < count && status == RK_OK; l++) {
        enum uniqueness unique = uniqueness_of(flow + l, s->sums.n_steps);
        bool good = unique == ONE_RATE ? v[l] > 0.0 : v[l] > 0.0 && v[l] < 1.0;

        if (unique == NO_RATE)
            irr[l] = NAN;
        else if (unique != UNCLEAR && good)
            irr[l] = within_limits(expm1(-log(v[l]) * (12.0 / s->profile->step_months)));
        else
            status = exact_irr(flow + l, s, &irr[l]);
    }
    return status;
}

WIDE static void mirr_of_lanes(const struct rk_roi_profile *p, const double *flow, size_t count,
                               double *mirr)
{
    double paid[LANES] = {0.0}, received[LANES] = {0.0};

    for (size_t g = 0; g < p->n_steps; g++) {
        for (int l = 0; l < LANES; l++) {
            double x = flow[g * LANES + l];

            paid[l] -= x < 0.0 ? x * p->pv_weight[g] : 0.0;
            received[l] += x < 0.0 ? 0.0 : x * p->fv_weight[g];
        }
    }
    for (size_t l = 0; l < count; l++)
        mirr[l] = paid[l] > 0.0 && received[l] > 0.0
                      ? expm1(log(received[l] / paid[l]) * (12.0 / p->life_months))
                      : NAN;
}

/* --- blocks --------------------------------------------------------------------------------- */

/* rk_payback's first crossing in every lane; INFINITY where there is none. */
WIDE static void payback_of_lanes(const struct sums *sums, const double *flow, double *found)
{
    double sum[LANES], before[LANES], after[LANES], from[LANES], step[LANES];

    for (int l = 0; l < LANES; l++) {
        sum[l] = flow[l];
        before[l] = 0.0;
        after[l] = 1.0;
        from[l] = sum[l] >= 0.0 ? 0.0 : INFINITY;
        step[l] = 0.0;
    }
    for (size_t i = 1; i < sums->n_dates; i++) {
        double month = sums->months[i - 1], gap = sums->months[i] - month;

        for (int l = 0; l < LANES; l++) {
            double was = sum[l], now = was + flow[i * LANES + l];
            bool first = (was < 0.0) & (now >= 0.0) & (from[l] == INFINITY);

            before[l] = first ? was : before[l];
            after[l] = first ? now : after[l];
            from[l] = first ? month : from[l];
            step[l] = first ? gap : step[l];
            sum[l] = now;
        }
    }
    for (int l = 0; l < LANES; l++)
        found[l] = from[l] + step[l] * (before[l] / (before[l] - after[l]));
}

static enum rk_status work_out(const struct simulation *s, size_t first, size_t count, double *sum)
{
    struct rk_roi_draws *d = s->draws;
    const double *net = sum + 4 * LANES, *discounted = net + s->sums.n_dates * LANES;
    const double *flow = s->sums.steps_are_dates ? net : discounted + s->sums.n_dates * LANES;
    double months[2][LANES];

    for (size_t l = 0; l < count; l++) {
        d->total_cost[first + l] = sum[l];
        d->total_benefit[first + l] = sum[LANES + l];
        d->pv_cost[first + l] = sum[2 * LANES + l];
        d->pv_benefit[first + l] = sum[3 * LANES + l];
    }
    payback_of_lanes(&s->sums, net, months[0]);
    payback_of_lanes(&s->sums, discounted, months[1]);
    for (size_t l = 0; l < count; l++) {
        bool sound = isfinite(sum[LANES + l] - sum[l]); /* sums have not overflowed */

        d->payback[first + l] = sound ? months[0][l] : INFINITY;
        d->discounted_payback[first + l] = sound ? months[1][l] : INFINITY;
    }
    mirr_of_lanes(s->profile, flow, count, d->mirr + first);
    return irr_of_lanes(s, flow, count, d->irr + first);
}

/* A Latin hypercube's column: one number in each 1024th of (0, 1), in random order. Each block is
 * one of its own, so that blocks are replicates and their spread is the error of the whole. The
 * last block takes the first of its numbers: more draws go on where fewer ended. */
static void draw_strata(struct rk_rng *rng, double *out, size_t n)
{
    double u[RK_DRAWS_PER_STREAM];

    for (size_t i = 0; i < RK_DRAWS_PER_STREAM; i++)
        u[i] = fmin(((double)i + rk_rng_uniform(rng)) / RK_DRAWS_PER_STREAM, 1.0 - 0x1p-53);
    for (size_t i = RK_DRAWS_PER_STREAM; i > 1; i--) {
        size_t k = (size_t)rk_rng_below(rng, i);
        double swapped = u[i - 1];

        u[i - 1] = u[k];
        u[k] = swapped;
    }
    memcpy(out, u, n * sizeof *out);
}

/* Turns independent uniforms (rows of `stride`) into correlated ones: normal scores, times the
 * lower triangle from its last row up, and back. */
static void correlate(const struct simulation *s, double *u, size_t stride, size_t n)
{
    size_t n_sources = s->draws->n_sources;

    for (size_t a = n_sources; a-- > 0;) {
        const double *factor = s->model->factor + a * n_sources;
        double *x;

        if (s->draws->row[a] == SIZE_MAX || factor[a] == 1.0)
            continue;
        x = u + s->draws->row[a] * stride;
        for (size_t i = 0; i < n; i++) {
            double z = 0.0;

            for (size_t b = 0; b <= a; b++)
                if (factor[b] != 0.0 && s->draws->row[b] != SIZE_MAX)
                    z += factor[b] * rk_sampler_at(s->normal, u[s->draws->row[b] * stride + i]);
            x[i] = fmin(fmax(rk_pnorm(z, RK_LOWER_TAIL), 0x1p-1000), 1.0 - 0x1p-53);
        }
    }
}

static void draw_amounts(const struct simulation *s, size_t block, size_t first, size_t last)
{
    struct rk_roi_draws *d = s->draws;

    for (size_t r = 0; r < d->n_rows; r++) {
        struct rk_rng rng;

        rk_rng_stream(&rng, s->seed, "roi", s->label[r], block);
        draw_strata(&rng, d->amount + r * d->n + first, last - first);
    }
    if (s->model->factor != NULL)
        correlate(s, d->amount + first, d->n, last - first);
    for (size_t r = 0; r < d->n_rows; r++)
        for (size_t i = r * d->n + first; i < r * d->n + last; i++)
            d->amount[i] = rk_sampler_at(s->sampler[r], d->amount[i]);
}

static enum rk_status run_block(void *data, size_t block, size_t first, size_t last)
{
    const struct simulation *s = data;
    size_t n_random = s->draws->n_rows;
    double *x = calloc((n_random + s->sums.n_rows) * LANES + 1, sizeof *x);
    double *sum;
    enum rk_status status = RK_OK;

    if (x == NULL)
        return RK_ENOMEM;
    sum = x + n_random * LANES;
    draw_amounts(s, block, first, last);
    for (size_t i = first; i < last && status == RK_OK; i += LANES) {
        size_t count = last - i < LANES ? last - i : LANES;

        for (size_t r = 0; r < n_random; r++)
            memcpy(x + r * LANES, s->draws->amount + r * s->draws->n + i, count * sizeof *x);
        add_up(&s->sums, x, sum);
        status = work_out(s, i, count, sum);
    }
    free(x);
    return status;
}

/* --- the whole ------------------------------------------------------------------------------ */

static struct rk_roi_draws *draws_new(const struct rk_roi_model *model, size_t n)
{
    struct rk_roi_draws *d = calloc(1, sizeof *d);
    double **const arrays[] = {
        &d->total_cost, &d->total_benefit, &d->pv_cost, &d->pv_benefit,
        &d->irr,        &d->mirr,          &d->payback, &d->discounted_payback};

    if (d == NULL)
        return NULL;
    d->n = n;
    d->n_sources = model->n_sources;
    d->point = calloc(model->n_sources + 1, sizeof *d->point);
    d->row = calloc(model->n_sources + 1, sizeof *d->row);
    if (d->point == NULL || d->row == NULL) {
        rk_roi_draws_free(d);
        return NULL;
    }
    for (size_t s = 0; s < model->n_sources; s++) {
        d->point[s] = model->source[s].amount.amount;
        d->row[s] = model->source[s].amount.dist == RK_DIST_FIXED ? SIZE_MAX : d->n_rows++;
    }
    if (n > SIZE_MAX / sizeof *d->memory / (8 + d->n_rows) ||
        (d->memory = malloc(n * (8 + d->n_rows) * sizeof *d->memory)) == NULL) {
        rk_roi_draws_free(d);
        return NULL;
    }
    for (size_t i = 0; i < 8; i++)
        *arrays[i] = d->memory + i * n;
    d->amount = d->memory + 8 * n;
    return d;
}

static enum rk_status make_samplers(struct simulation *s)
{
    s->sampler = calloc(s->draws->n_rows + 1, sizeof *s->sampler);
    s->label = calloc(s->draws->n_rows + 1, sizeof *s->label);
    if (s->sampler == NULL || s->label == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < s->model->n_sources; i++) {
        const struct rk_roi_source *source = &s->model->source[i];
        size_t row = s->draws->row[i];

        if (row == SIZE_MAX)
            continue;
        s->label[row] = source->label;
        if (rk_sampler_new(&source->amount, &s->sampler[row]) != RK_OK)
            return RK_ENOMEM;
    }
    if (s->model->factor != NULL)
        return rk_sampler_new(&(struct rk_uncertain){.dist = RK_DIST_NORMAL, .scale = 1.0},
                              &s->normal);
    return RK_OK;
}

static enum rk_status find_start(struct simulation *s)
{
    struct rk_roi_values point;
    enum rk_status status = rk_roi_evaluate(s->profile, s->draws->point, &point);
    double rate = status == RK_OK ? point.value[RK_ROI_IRR] : NAN;

    /* Losing ventures have rates near -1; from there Newton has far to go. */
    s->start = rk_discount_factor(rate > -0.9 ? rate : 0.1, s->profile->step_months);
    return status;
}

enum rk_status rk_roi_simulate(const struct rk_roi_model *model,
                               const struct rk_roi_profile *profile, size_t n,
                               const struct rk_ctx *ctx, struct rk_roi_draws **draws)
{
    struct simulation s = {.model = model, .profile = profile, .seed = ctx != NULL ? ctx->seed : 1};
    enum rk_status status;

    if (n == 0)
        return RK_ENODATA;
    s.draws = draws_new(model, n);
    if (s.draws == NULL)
        return RK_ENOMEM;
    status = make_samplers(&s);
    if (status == RK_OK)
        status = find_start(&s);
    if (status == RK_OK && !make_sums(&s.sums, profile, s.draws))
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, n, RK_DRAWS_PER_STREAM, run_block, &s);
    for (size_t r = 0; s.sampler != NULL && r < s.draws->n_rows; r++)
        rk_sampler_free(s.sampler[r]);
    rk_sampler_free(s.normal);
    free(s.sampler);
    free(s.label);
    free(s.sums.memory);
    if (status == RK_OK)
        *draws = s.draws;
    else
        rk_roi_draws_free(s.draws);
    return status;
}
