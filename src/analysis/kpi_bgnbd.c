/* What customers are worth by how they have bought: BG/NBD with Gamma-Gamma. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/lifetime_value.h"
#include "repkit/parallel.h"
#include "repkit/quantile.h"
#include "repkit/random.h"
#include "repkit/sum.h"

static const double weeks_a_year = 52.1775, most_years = 100.0;

/* --- histories ------------------------------------------------------------------------------ */

/* Orders as buying histories, in weeks, at the end of the slice. */
static enum rk_status histories(const struct kpi_slice *slice, struct rk_buyer **buyers,
                                size_t *n_buyers)
{
    const struct kpi_rows *rows = &slice->data->rows[RK_CRM_ORDERS];
    size_t n, kept = 0;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_ORDERS, &n);
    struct rk_buyer *b = calloc(rows->n_units + 1, sizeof *b);
    double *first = malloc((rows->n_units + 1) * sizeof *first);

    if (b == NULL || first == NULL) {
        free(b);
        free(first);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < rows->n_units; i++)
        first[i] = NAN;
    for (size_t i = 0; i < n && row[i].day < slice->last; i++) { /* by day */
        uint32_t u = row[i].unit;
        double week = (double)row[i].day / 7.0;

        if (u == RK_NO_CODE || row[i].day == NO_DAY)
            continue;
        if (isnan(first[u])) {
            first[u] = week;
            b[u].age = (double)(slice->last - 1) / 7.0 - week;
        } else if (week - first[u] > b[u].recency || b[u].repeats > 0.0) {
            if (week - first[u] > b[u].recency) /* orders of one day are one purchase */
                b[u].repeats += 1.0;
            b[u].recency = week - first[u];
            b[u].mean_amount += isnan(row[i].amount) ? 0.0 : row[i].amount;
        }
    }
    for (size_t u = 0; u < rows->n_units; u++)
        if (!isnan(first[u])) {
            b[kept] = b[u];
            if (b[kept].repeats > 0.0)
                b[kept].mean_amount /= b[kept].repeats;
            kept++;
        }
    free(first);
    *buyers = b;
    *n_buyers = kept;
    return RK_OK;
}

/* --- worth ---------------------------------------------------------------------------------- */

struct worth {
    const struct rk_buyer *buyer;
    size_t n;
    double weeks, rate; /* horizon, discount a year */
};

/* What one customer is expected to spend over the horizon, discounted by quarters of a year. */
static double worth_of(const struct worth *w, const struct rk_bgnbd *fit,
                       const struct rk_gamma_gamma *spend, const struct rk_buyer *buyer)
{
    const double step = 13.0;
    double before = 0.0, value = 0.0;

    for (size_t quarter = 0; (double)quarter * step < w->weeks; quarter++) {
        double t = (double)quarter * step, end = fmin(t + step, w->weeks),
               middle = (t + end) / 2.0 / weeks_a_year;
        double so_far = rk_bgnbd_expected(fit, buyer, end);

        value += (so_far - before) / pow(1.0 + w->rate, middle);
        before = so_far;
    }
    return value * rk_gamma_gamma_mean(spend, buyer);
}

/* Its mean over customers; parameters are the logarithms of r, alpha, a, b, p, q, v. */
static double mean_worth(const struct worth *w, const double *parameter)
{
    struct rk_bgnbd fit = {.r = exp(parameter[0]),
                           .alpha = exp(parameter[1]),
                           .a = exp(parameter[2]),
                           .b = exp(parameter[3])};
    struct rk_gamma_gamma spend = {
        .p = exp(parameter[4]), .q = exp(parameter[5]), .v = exp(parameter[6])};
    struct rk_sum sum = {0};

    for (size_t i = 0; i < w->n; i++)
        rk_sum_add(&sum, worth_of(w, &fit, &spend, &w->buyer[i]));
    return rk_sum_value(&sum) / (double)w->n;
}

/* The variance of the mean worth, from how much each customer moves it: by being one of those it is
 * a mean of, and by moving the fit. */
static double variance_of(const struct worth *w, const double *parameter,
                          const struct rk_bgnbd *fit, const struct rk_gamma_gamma *spend,
                          double mean)
{
    double gradient[7], moved[7], moves[7], n = (double)w->n;
    const double h = 1e-4;
    struct rk_sum squares = {0};

    memcpy(moved, parameter, sizeof moved);
    for (size_t i = 0; i < 7; i++) {
        moved[i] = parameter[i] + h;
        gradient[i] = mean_worth(w, moved);
        moved[i] = parameter[i] - h;
        gradient[i] = (gradient[i] - mean_worth(w, moved)) / (2.0 * h);
        moved[i] = parameter[i];
    }
    for (size_t j = 0; j < 7; j++) { /* of the mean, by a customer's score */
        moves[j] = 0.0;
        for (size_t i = 0; i < 7; i++)
            if (i < 4 && j < 4)
                moves[j] += gradient[i] * fit->covariance[4 * i + j];
            else if (i >= 4 && j >= 4)
                moves[j] += gradient[i] * spend->covariance[3 * (i - 4) + j - 4];
    }
    for (size_t k = 0; k < w->n; k++) {
        double score[7], move = (worth_of(w, fit, spend, &w->buyer[k]) - mean) / n;

        rk_bgnbd_score(fit, &w->buyer[k], score);
        rk_gamma_gamma_score(spend, &w->buyer[k], score + 4);
        for (size_t j = 0; j < 7; j++)
            move += moves[j] * score[j];
        rk_sum_add(&squares, move * move);
    }
    return rk_sum_value(&squares) * n / (n - 1.0);
}

/* --- resampled customers --------------------------------------------------------------------- */

struct resampling {
    const struct worth *worth;
    const struct rk_bgnbd *fit;
    const struct rk_gamma_gamma *spend;
    const char *label;
    uint64_t seed;
    double *value; /* a resample, NaN where the model does not fit it */
};

static enum rk_status resample(void *data, size_t block, size_t first, size_t last)
{
    const struct resampling *r = data;
    size_t n = r->worth->n;
    struct rk_buyer *drawn = malloc(n * sizeof *drawn);
    struct worth w = *r->worth;

    (void)block;
    if (drawn == NULL)
        return RK_ENOMEM;
    w.buyer = drawn;
    for (size_t b = first; b < last; b++) {
        struct rk_rng rng;
        struct rk_bgnbd fit;
        struct rk_gamma_gamma spend;

        rk_rng_stream(&rng, r->seed, "bgnbd", r->label, b);
        for (size_t i = 0; i < n; i++)
            drawn[i] = r->worth->buyer[rk_rng_below(&rng, n)];
        r->value[b] = NAN;
        if (rk_bgnbd_refit(drawn, n, r->fit, &fit) == RK_OK &&
            rk_gamma_gamma_refit(drawn, n, r->spend, &spend) == RK_OK && spend.q > 1.0) {
            const double parameter[] = {log(fit.r),   log(fit.alpha), log(fit.a),  log(fit.b),
                                        log(spend.p), log(spend.q),   log(spend.v)};

            r->value[b] = mean_worth(&w, parameter);
        }
    }
    free(drawn);
    return RK_OK;
}

/* The interval and error by drawing customers anew, in place of the linearised ones. */
static enum rk_status bootstrap(const struct kpi_slice *slice, struct resampling *r, double margin,
                                struct kpi_estimate *e)
{
    size_t draws = slice->data->options->common.resamples, kept = 0;
    double tail = (1.0 - slice->data->options->common.conf_level) / 2.0, mean, squares = 0.0;
    struct rk_sum sum = {0};
    enum rk_status status;

    r->seed = slice->data->ctx->seed;
    r->label = slice->label;
    r->value = malloc(draws * sizeof *r->value);
    if (r->value == NULL)
        return RK_ENOMEM;
    status = rk_parallel_blocks(slice->data->ctx, draws, 1, resample, r);
    for (size_t b = 0; status == RK_OK && b < draws; b++)
        if (isfinite(r->value[b])) {
            rk_sum_add(&sum, r->value[b]);
            r->value[kept++] = r->value[b];
        }
    if (status == RK_OK && kept * 10 >= draws * 9 && kept > 1) {
        mean = rk_sum_value(&sum) / (double)kept;
        for (size_t b = 0; b < kept; b++)
            squares += (r->value[b] - mean) * (r->value[b] - mean);
        rk_sort(r->value, kept);
        e->std_error = fabs(margin) * sqrt(squares / ((double)kept - 1.0));
        if (margin < 0.0) /* the least spent costs the least */
            tail = 1.0 - tail;
        e->low = margin * rk_quantile_sorted(r->value, kept, tail, 6);
        e->high = margin * rk_quantile_sorted(r->value, kept, 1.0 - tail, 6);
        kpi_note(e, "interval of %zu resamples of customers", kept);
    } else if (status == RK_OK) {
        kpi_note(e, "resamples of customers do not fit");
    }
    free(r->value);
    return status;
}

/* --- the KPI -------------------------------------------------------------------------------- */

static void say_model(const struct rk_bgnbd *fit, const struct rk_gamma_gamma *spend,
                      const struct worth *w, struct kpi_estimate *e)
{
    double years = w->weeks / weeks_a_year;

    kpi_note(e,
             "over the next %.4g year%s; r %.4g, alpha %.4g weeks, a %.4g, b %.4g; p %.4g, q "
             "%.4g, v %.4g",
             years, years == 1.0 ? "" : "s", fit->r, fit->alpha, fit->a, fit->b, spend->p, spend->q,
             spend->v);
}

/* What the options say of horizon, discount and margin. */
static void read_terms(const struct kpi_slice *slice, struct worth *w, double *margin)
{
    double years;

    if (kpi_constant(slice, RK_TOTAL_LIFETIME, &years))
        w->weeks = years * weeks_a_year;
    if (!kpi_constant(slice, RK_TOTAL_DISCOUNT_RATE, &w->rate))
        w->rate = 0.0;
    if (!kpi_constant(slice, RK_TOTAL_MARGIN, margin))
        *margin = 1.0;
}

static enum rk_status estimate(const struct kpi_slice *slice, const struct worth *w, double margin,
                               struct kpi_estimate *e)
{
    struct rk_bgnbd fit;
    struct rk_gamma_gamma spend;
    enum rk_status status = rk_bgnbd_fit(w->buyer, w->n, &fit);

    if (status == RK_OK)
        status = rk_gamma_gamma_fit(w->buyer, w->n, &spend);
    if (status == RK_ENOMEM)
        return status;
    if (status == RK_OK && spend.q > 1.0) {
        struct resampling r = {.worth = w, .fit = &fit, .spend = &spend};
        double parameter[] = {log(fit.r),   log(fit.alpha), log(fit.a),  log(fit.b),
                              log(spend.p), log(spend.q),   log(spend.v)};
        double value = mean_worth(w, parameter);

        kpi_relative(e, margin * value,
                     sqrt(variance_of(w, parameter, &fit, &spend, value)) / value,
                     slice->data->options->common.conf_level);
        e->correlation = spend.correlation;
        say_model(&fit, &spend, w, e);
        return slice->data->options->common.resamples > 0 ? bootstrap(slice, &r, margin, e) : RK_OK;
    }
    kpi_note(e, status == RK_ETOOFEW ? "fewer than 100 customers, or 10 who came again"
                                     : "the model does not fit these orders");
    return RK_OK;
}

enum rk_status kpi_clv_bgnbd(const struct kpi_slice *slice, struct kpi_estimate *e)
{
    struct rk_buyer *buyers = NULL;
    struct worth w = {.weeks = weeks_a_year};
    double margin;
    enum rk_status status;

    e->formula =
        "mean over customers of expected purchases * expected amount (BG/NBD, Gamma-Gamma)";
    if (!kpi_has(slice, RK_CRM_ORDERS)) {
        e->missing = "--orders";
        return RK_OK;
    }
    status = histories(slice, &buyers, &w.n);
    if (status != RK_OK)
        return status;
    w.buyer = buyers;
    e->n = (double)w.n;
    read_terms(slice, &w, &margin);
    if (!(w.weeks > 0.0 && w.weeks <= most_years * weeks_a_year)) {
        kpi_note(e, "lifetime is not between 0 and %.0f years", most_years);
        free(buyers);
        return RK_OK;
    }
    status = estimate(slice, &w, margin, e);
    free(buyers);
    return status;
}
