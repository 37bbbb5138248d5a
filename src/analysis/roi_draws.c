/* What the draws of a number say, with their Monte Carlo error, and what inputs are called. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "repkit/quantile.h"
#include "repkit/random.h"
#include "roi_parts.h"

/* --- percentiles -------------------------------------------------------------------------- */

static void fill_levels(double conf_level, double *p)
{
    p[ROI_LOW] = 0.5 * (1.0 - conf_level);
    p[ROI_P5] = 0.05;
    p[ROI_P50] = 0.5;
    p[ROI_P95] = 0.95;
    p[ROI_HIGH] = 1.0 - p[ROI_LOW];
}

/* What independent draws would be unsure of a share by: also the step of a quantile's slope. */
static double plain_error(double p, size_t n)
{
    return sqrt(p * (1.0 - p) / (double)n);
}

enum { N_LEVELS = 3 * ROI_QUANTILES }; /* the quantiles and one on either side of each */

/* Quantiles at p of what is defined; x has the n_finite finite ones first. NaN where they fall
 * among infinite ones, which are above all. */
static enum rk_status take_quantiles(const double *x, size_t n_finite, size_t n_defined,
                                     const double *p, double *out)
{
    double share[N_LEVELS], found[N_LEVELS];
    size_t at[N_LEVELS], n = 0;
    enum rk_status status = RK_OK;

    for (size_t k = 0; k < N_LEVELS; k++) {
        /* Its place among all that are defined, and so among the finite ones, which come first. */
        double place = p[k] * (double)(n_defined - (n_defined > 0));

        share[n] = n_finite > 1 ? place / (double)(n_finite - 1) : place > 0.0 ? 2.0 : 0.0;
        out[k] = NAN;
        if (n_finite > 0 && share[n] <= 1.0)
            at[n++] = k;
    }
    if (n > 0)
        status = rk_quantiles_of(x, n_finite, share, n, 7, found);
    for (size_t k = 0; status == RK_OK && k < n; k++)
        out[at[k]] = found[k]; /* cppcheck-suppress uninitvar ; the first n are set */
    return status;
}

enum rk_status roi_summarise(double *x, size_t n, double conf_level, struct roi_summary *summary)
{
    double p[N_LEVELS], found[N_LEVELS];
    size_t n_finite = 0, n_defined, n_positive = 0;
    enum rk_status status;

    fill_levels(conf_level, p);
    *summary = (struct roi_summary){.n = n, .positive = NAN, .positive_error = NAN};
    for (size_t i = 0; i < n; i++) {
        summary->n_undefined += isnan(x[i]);
        summary->n_infinite += isinf(x[i]) != 0;
        n_positive += isfinite(x[i]) && x[i] > 0.0;
        if (isfinite(x[i]))
            x[n_finite++] = x[i];
    }
    n_defined = n_finite + summary->n_infinite;
    if (n_defined > 0)
        summary->positive = (double)n_positive / (double)n_defined;
    for (size_t k = 0; k < ROI_QUANTILES; k++) {
        double step = n_defined > 0 ? plain_error(p[k], n_defined) : 0.0;

        p[ROI_QUANTILES + 2 * k] = fmax(p[k] - step, 0.0);
        p[ROI_QUANTILES + 2 * k + 1] = fmin(p[k] + step, 1.0);
    }
    status = take_quantiles(x, n_finite, n_defined, p, found);
    for (size_t k = 0; status == RK_OK && k < ROI_QUANTILES; k++) {
        size_t low = ROI_QUANTILES + 2 * k;

        summary->quantile[k] = found[k];
        summary->spread[k] = (found[low + 1] - found[low]) / (p[low + 1] - p[low]);
        summary->error[k] = NAN;
    }
    return status;
}

/* A share of the draws, block by block. */
struct share {
    size_t n_blocks;
    double sum, squares;
};

static void add_block(struct share *share, size_t count, size_t n)
{
    double part = (double)count / (double)n;

    share->n_blocks++;
    share->sum += part;
    share->squares += part * part;
}

static double share_error(const struct share *share, double p, size_t n)
{
    enum { LEAST_BLOCKS = 10 };
    double blocks = (double)share->n_blocks, mean = share->sum / blocks;

    if (share->n_blocks < LEAST_BLOCKS)
        return plain_error(p, n);
    return sqrt(fmax(share->squares - blocks * mean * mean, 0.0) / (blocks - 1.0) / blocks);
}

void roi_add_errors(const double *x, size_t n, double conf_level, struct roi_summary *summary)
{
    struct share below[ROI_QUANTILES] = {{0}}, positive = {0};
    size_t n_defined = n - summary->n_undefined;
    double p[ROI_QUANTILES];

    fill_levels(conf_level, p);
    for (size_t first = 0; first + RK_DRAWS_PER_STREAM <= n; first += RK_DRAWS_PER_STREAM) {
        const double *block = x + first;
        size_t count[ROI_QUANTILES] = {0}, n_positive = 0;

        for (size_t k = 0; k < ROI_QUANTILES; k++)
            for (size_t i = 0; i < RK_DRAWS_PER_STREAM; i++)
                count[k] += block[i] <= summary->quantile[k];
        for (size_t i = 0; i < RK_DRAWS_PER_STREAM; i++)
            n_positive += block[i] > 0.0 && block[i] < INFINITY;
        for (size_t k = 0; k < ROI_QUANTILES; k++)
            add_block(&below[k], count[k], RK_DRAWS_PER_STREAM);
        add_block(&positive, n_positive, RK_DRAWS_PER_STREAM);
    }
    if (n_defined == 0)
        return;
    for (size_t k = 0; k < ROI_QUANTILES; k++)
        summary->error[k] = share_error(&below[k], p[k], n_defined) * summary->spread[k];
    summary->positive_error = share_error(&positive, summary->positive, n_defined);
}

/* --- inputs ------------------------------------------------------------------------------- */

double roi_sum(const struct roi_parts *parts, const double *coefficient, const double *amount)
{
    double sum = 0.0;

    for (size_t s = 0; s < parts->model.n_sources; s++)
        sum += coefficient[s] * amount[s];
    return sum;
}

double roi_at(const struct roi_parts *parts, const double *amount)
{
    double cost = roi_sum(parts, parts->profile->total_cost, amount);
    double benefit = roi_sum(parts, parts->profile->total_benefit, amount);

    return cost > 0.0 ? (benefit - cost) / cost : NAN;
}

const char *roi_source_name(const struct roi_parts *parts, size_t source)
{
    const struct roi_line *found = NULL;

    for (size_t i = 0; i < parts->model.n_items; i++) {
        if (parts->model.item[i].source != source)
            continue;
        if (found != NULL)
            return found->effect->name;
        found = &parts->line[i];
    }
    return found != NULL ? found->name : ""; /* every source is an item's */
}

bool roi_is_uncertain(const struct roi_parts *parts, size_t source)
{
    return parts->model.source[source].amount.dist != RK_DIST_FIXED;
}

const double *roi_source_draws(const struct roi_parts *parts, size_t source)
{
    return parts->draws->amount + parts->draws->row[source] * parts->draws->n;
}

void roi_points(const struct roi_parts *parts, double *amount)
{
    for (size_t s = 0; s < parts->model.n_sources; s++)
        amount[s] = parts->model.source[s].amount.amount;
}

void roi_medians(const struct roi_parts *parts, double *amount)
{
    roi_points(parts, amount);
    for (size_t s = 0; s < parts->model.n_sources; s++)
        if (roi_is_uncertain(parts, s))
            amount[s] = rk_uncertain_quantile(&parts->model.source[s].amount, 0.5);
}
