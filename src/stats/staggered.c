#include "staggered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/random.h"

/* --- the effects of a (re)sample ---------------------------------------------------------- */

struct values {
    double *estimate, *std_error; /* one an effect */
    double *psi;                  /* n_aggregates-by-n_units */
    double *own;                  /* n_units: of one cell */
};

static double *room_for(const struct plan *plan, struct values *v)
{
    size_t e = plan->n_effects, n = plan->data->n_units;
    double *room = malloc((2 * e + plan->n_aggregates * n + n + 1) * sizeof *room);

    if (room == NULL)
        return NULL;
    v->estimate = room;
    v->std_error = room + e;
    v->own = room + 2 * e;
    v->psi = v->own + n;
    return room;
}

/* The influence of each unit on one cell, in v->own, and ATT(g, t); NaN if a side is empty. */
static double evaluate_cell(const struct plan *plan, const struct cell *cell, const uint32_t *count,
                            struct values *v)
{
    const struct rk_staggered_data *d = plan->data;
    double sum[2] = {0.0, 0.0}, n[2] = {0.0, 0.0}, mean[2];

    for (size_t i = 0; i < d->n_units; i++) {
        const double *y = d->y + i * d->n_periods;
        int side = plan_is_treated(plan, cell, i) ? 1 : plan_is_control(plan, cell, i) ? 0 : -1;

        v->own[i] = NAN;
        if (side < 0 || count[i] == 0)
            continue;
        v->own[i] = y[cell->period] - y[cell->base];
        sum[side] += count[i] * v->own[i];
        n[side] += count[i];
    }
    for (int side = 0; side < 2; side++)
        mean[side] = sum[side] / n[side];
    for (size_t i = 0; i < d->n_units; i++) {
        int side = d->first[i] == cell->cohort;

        v->own[i] =
            isnan(v->own[i]) ? 0.0 : (side == 1 ? 1.0 : -1.0) * (v->own[i] - mean[side]) / n[side];
    }
    return mean[1] - mean[0];
}

static double root_of_squares(const double *psi, const uint32_t *count, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += count[i] * psi[i] * psi[i];
    return sqrt(sum);
}

static void evaluate(const struct plan *plan, const uint32_t *count, struct values *v)
{
    size_t n = plan->data->n_units;

    memset(v->estimate, 0, plan->n_effects * sizeof *v->estimate);
    memset(v->psi, 0, plan->n_aggregates * n * sizeof *v->psi);
    for (size_t c = 0; c < plan->n_cells; c++) {
        const struct cell *cell = &plan->cell[c];
        double att = evaluate_cell(plan, cell, count, v);

        for (size_t s = cell->first_share; s < cell->first_share + cell->n_shares; s++) {
            size_t e = plan->share[s].effect;
            double weight = plan->share[s].weight;

            v->estimate[e] += weight * att;
            if (e >= plan->n_aggregates)
                v->std_error[e] = root_of_squares(v->own, count, n);
            for (size_t i = 0; e < plan->n_aggregates && i < n; i++)
                v->psi[e * n + i] += weight * v->own[i];
        }
    }
    for (size_t e = 0; e < plan->n_aggregates; e++)
        v->std_error[e] = root_of_squares(v->psi + e * n, count, n);
}

/* In a resample of a small cohort the same unit may come so often that hardly any variation is
 * left, and with ties none: its standard error counts as at least this share of the sample's. */
static const double LEAST_SHARE = 0.2;

/* --- resamples ---------------------------------------------------------------------------- */

struct job {
    const struct plan *plan;
    struct values sample;
    const char *label;
    uint64_t seed;
    size_t draws;
    size_t *unit, *start; /* units by cohort; n_periods + 1 strata, the last that of the never */
    double *t;            /* n_effects + 2 times draws: |t*|; of the events before, of all events */
    bool *before;         /* one an event: before the base */
};

static void draw_units(const struct job *job, struct rk_rng *rng, uint32_t *count)
{
    memset(count, 0, job->plan->data->n_units * sizeof *count);
    for (size_t s = 0; s <= job->plan->data->n_periods; s++) {
        size_t size = job->start[s + 1] - job->start[s];

        for (size_t i = 0; i < size; i++)
            count[job->unit[job->start[s] + rk_rng_below(rng, size)]]++;
    }
}

static void take_draw(const struct job *job, const struct values *v, size_t b)
{
    const struct plan *plan = job->plan;
    double *t = job->t + b, most[2] = {0.0, 0.0};

    for (size_t e = 0; e < plan->n_effects; e++) {
        double off = fabs(v->estimate[e] - job->sample.estimate[e]);
        double se = fmax(v->std_error[e], LEAST_SHARE * job->sample.std_error[e]);

        t[e * job->draws] = isnan(off) ? NAN : se > 0.0 ? off / se : off > 0.0 ? INFINITY : 0.0;
    }
    for (size_t k = 0; k < plan->n_events; k++) {
        double value = t[(plan->first_event + k) * job->draws];

        most[1] = isnan(value) ? NAN : fmax(most[1], value);
        if (job->before[k])
            most[0] = isnan(value) ? NAN : fmax(most[0], value);
        if (isnan(value))
            break;
    }
    t[plan->n_effects * job->draws] = most[0];
    t[(plan->n_effects + 1) * job->draws] = most[1];
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    uint32_t *count = malloc((job->plan->data->n_units + 1) * sizeof *count);
    struct values v;
    double *room = room_for(job->plan, &v);
    struct rk_rng rng;

    if (count == NULL || room == NULL) {
        free(count);
        free(room);
        return RK_ENOMEM;
    }
    /* A fraction of a stream's draws a block, so that threads share even a short run. */
    rk_rng_stream(&rng, job->seed, "staggered", job->label, block);
    for (size_t b = first; b < last; b++) {
        draw_units(job, &rng, count);
        evaluate(job->plan, count, &v);
        take_draw(job, &v, b);
    }
    free(count);
    free(room);
    return RK_OK;
}

/* The defined ones of one row of job->t, ascending; their number in *n. */
static double *sorted_row(const struct job *job, size_t row, size_t *n)
{
    double *t = job->t + row * job->draws;

    *n = 0;
    for (size_t b = 0; b < job->draws; b++)
        if (!isnan(t[b]))
            t[(*n)++] = t[b];
    rk_sort(t, *n);
    return t;
}

/* p of t, and the t whose p is 1 - conf_level; NaN where a tenth of the draws has no value. */
static void judge(const struct job *job, size_t row, double t, double conf_level, double *p,
                  double *critical)
{
    size_t n, above = 0;
    double *drawn = sorted_row(job, row, &n), rank;

    *p = *critical = NAN;
    if (n == 0 || 10 * n < 9 * job->draws)
        return;
    while (above < n && drawn[n - 1 - above] >= t * (1.0 - 1e-10))
        above++;
    *p = isnan(t) ? NAN : (1.0 + (double)above) / (1.0 + (double)n);
    rank = floor((1.0 - conf_level) * (double)(n + 1) + 1e-9) - 1.0;
    *critical = drawn[n - 1 - (size_t)fmax(rank, 0.0)];
    if (isinf(*critical))
        *critical = NAN;
}

static void fill(const struct job *job, double conf_level, struct rk_staggered *out)
{
    const struct plan *plan = job->plan;
    size_t n = plan->n_effects;
    double critical, band, ignored, most = NAN;

    for (size_t e = 0; e < n; e++) {
        struct rk_staggered_effect *effect = &plan->effect[e];

        effect->estimate = job->sample.estimate[e];
        effect->std_error = job->sample.std_error[e] > 0.0 ? job->sample.std_error[e] : NAN;
        judge(job, e, fabs(effect->estimate) / effect->std_error, conf_level, &effect->p_value,
              &critical);
        effect->conf_low = effect->estimate - critical * effect->std_error;
        effect->conf_high = effect->estimate + critical * effect->std_error;
        effect->band_low = effect->band_high = NAN;
    }
    judge(job, n + 1, NAN, conf_level, &ignored, &band);
    for (size_t k = 0; k < plan->n_events; k++) {
        struct rk_staggered_effect *effect = &plan->effect[plan->first_event + k];

        effect->band_low = effect->estimate - band * effect->std_error;
        effect->band_high = effect->estimate + band * effect->std_error;
        if (job->before[k]) {
            out->n_pretrend++;
            most = fmax(most, fabs(effect->estimate) / effect->std_error);
        }
    }
    out->pretrend = most;
    judge(job, n, most, conf_level, &out->pretrend_p, &ignored);
}

/* Units by cohort, and which events lie before the base. */
static void sort_units(struct job *job)
{
    const struct rk_staggered_data *d = job->plan->data;
    size_t n = 0;

    for (size_t s = 0; s <= d->n_periods; s++) {
        job->start[s] = n;
        for (size_t i = 0; i < d->n_units; i++)
            if (d->first[i] == (s < d->n_periods ? s : RK_NEVER))
                job->unit[n++] = i;
    }
    job->start[d->n_periods + 1] = n;
    for (size_t k = 0; k < job->plan->n_events; k++)
        job->before[k] = job->plan->effect[job->plan->first_event + k].event_time < 0.0;
}

static enum rk_status run(struct job *job, double conf_level, const struct rk_ctx *ctx,
                          struct rk_staggered *out)
{
    enum { BLOCK = 128 };
    const struct plan *plan = job->plan;
    size_t n = plan->data->n_units;
    uint32_t *ones = calloc(n + 1, sizeof *ones);
    double *room = room_for(plan, &job->sample);
    enum rk_status status = RK_ENOMEM;

    job->unit = malloc((n + 1) * sizeof *job->unit);
    job->start = malloc((plan->data->n_periods + 2) * sizeof *job->start);
    job->before = malloc(plan->n_events + 1);
    job->t = malloc(((plan->n_effects + 2) * job->draws + 1) * sizeof *job->t);
    if (ones != NULL && room != NULL && job->unit != NULL && job->start != NULL &&
        job->before != NULL && job->t != NULL) {
        for (size_t i = 0; i < n; i++)
            ones[i] = 1;
        sort_units(job);
        evaluate(plan, ones, &job->sample);
        status = rk_parallel_blocks(ctx, job->draws, BLOCK, draw_block, job);
    }
    if (status == RK_OK)
        fill(job, conf_level, out);
    free(ones);
    free(room);
    free(job->unit);
    free(job->start);
    free(job->before);
    free(job->t);
    return status;
}

enum rk_status rk_staggered_new(const struct rk_staggered_data *data, double conf_level,
                                size_t draws, const char *label, const struct rk_ctx *ctx,
                                struct rk_staggered *out, struct rk_error *error)
{
    struct plan plan;
    struct rk_staggered made = {.draws = draws, .pretrend = NAN, .pretrend_p = NAN};
    enum rk_status status = plan_make(data, &plan);
    struct job job = {
        .plan = &plan, .label = label, .seed = ctx == NULL ? 1 : ctx->seed, .draws = draws};

    if (status == RK_OK)
        status = run(&job, conf_level, ctx, &made);
    made.effect = plan.effect;
    made.n_effects = plan.n_effects;
    plan_free(&plan);
    if (status != RK_OK) {
        free(made.effect);
        return rk_fail(error, status, "%s",
                       status == RK_ETOOFEW ? "no unit starts while others are left to compare "
                                              "with"
                                            : rk_status_words(status));
    }
    *out = made;
    return RK_OK;
}

void rk_staggered_free(struct rk_staggered *staggered)
{
    free(staggered->effect);
    memset(staggered, 0, sizeof *staggered);
}
