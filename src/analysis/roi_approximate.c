/* Intervals without draws: the delta method for every metric, and Fieller's for the ratios. */
#include <math.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/fieller.h"
#include "roi_parts.h"

struct work {
    const struct roi_parts *parts;
    double *amount;   /* n_sources */
    double *sd, *df;  /* n_sources: 0 where fixed; df infinite but for estimates with df */
    double *gradient; /* RK_ROI_METRICS x n_sources */
};

/* The correlation of two sources' normal scores. */
static double correlation(const struct roi_parts *parts, size_t a, size_t b)
{
    size_t n = parts->model.n_sources;
    double sum = 0.0;

    if (a == b)
        return 1.0;
    for (size_t k = 0; parts->factor != NULL && k < n; k++)
        sum += parts->factor[a * n + k] * parts->factor[b * n + k];
    return sum;
}

static double covariance(const struct work *work, const double *f, const double *g)
{
    size_t n = work->parts->model.n_sources;
    double sum = 0.0;

    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b < n; b++)
            if (work->sd[a] > 0.0 && work->sd[b] > 0.0)
                sum += f[a] * g[b] * work->sd[a] * work->sd[b] * correlation(work->parts, a, b);
    return sum;
}

/* Welch and Satterthwaite's degrees of freedom of the sum of g[s] x source s. */
static double freedom(const struct work *work, const double *g, double variance)
{
    double sum = 0.0;

    for (size_t s = 0; s < work->parts->model.n_sources; s++) {
        double part = g[s] * work->sd[s];

        if (isfinite(work->df[s]))
            sum += part * part * part * part / work->df[s];
    }
    return sum > 0.0 ? variance * variance / sum : INFINITY;
}

static double critical(double conf_level, double df)
{
    double tail = 0.5 * (1.0 - conf_level);

    return isinf(df) ? rk_qnorm(tail, RK_UPPER_TAIL) : rk_qt(tail, df, RK_UPPER_TAIL);
}

static double probability(double t, double df)
{
    return isinf(df) ? rk_pnorm(t, RK_LOWER_TAIL) : rk_pt(t, df, RK_LOWER_TAIL);
}

/* Of sums and their ratios, by the profile. */
static void differentiate_sums(const struct work *work)
{
    const struct rk_roi_profile *p = work->parts->profile;
    const double *v = work->parts->point.value;
    size_t n = p->n_sources;

    for (size_t s = 0; s < n; s++) {
        double cost = p->total_cost[s], benefit = p->total_benefit[s];
        double pv_cost = p->pv_cost[s], pv_benefit = p->pv_benefit[s];
        double *g = work->gradient + s;

        g[RK_ROI_TOTAL_COST * n] = cost;
        g[RK_ROI_TOTAL_BENEFIT * n] = benefit;
        g[RK_ROI_NET_BENEFIT * n] = benefit - cost;
        g[RK_ROI_ROI * n] = (benefit - (1.0 + v[RK_ROI_ROI]) * cost) / v[RK_ROI_TOTAL_COST];
        g[RK_ROI_ROI_ANNUAL * n] = g[RK_ROI_ROI * n] * (12.0 / p->horizon);
        g[RK_ROI_PV_COST * n] = pv_cost;
        g[RK_ROI_PV_BENEFIT * n] = pv_benefit;
        g[RK_ROI_NPV * n] = pv_benefit - pv_cost;
        g[RK_ROI_BCR * n] = (pv_benefit - v[RK_ROI_BCR] * pv_cost) / v[RK_ROI_PV_COST];
        g[RK_ROI_ROI_PV * n] = g[RK_ROI_BCR * n];
    }
}

/* Of rates and paybacks: central differences, a ten-thousandth of a standard deviation to either
 * side. */
static enum rk_status differentiate(const struct work *work)
{
    const struct roi_parts *parts = work->parts;
    size_t n = parts->model.n_sources;

    differentiate_sums(work);
    for (size_t s = 0; s < n; s++) {
        double at = work->amount[s], step = 1e-4 * work->sd[s];
        struct rk_roi_values up, down;
        enum rk_status status;

        if (work->sd[s] == 0.0)
            continue;
        work->amount[s] = at + step;
        status = rk_roi_evaluate(parts->profile, work->amount, &up);
        work->amount[s] = at - step;
        if (status == RK_OK)
            status = rk_roi_evaluate(parts->profile, work->amount, &down);
        work->amount[s] = at;
        if (status != RK_OK)
            return status;
        for (size_t m = RK_ROI_IRR; m < RK_ROI_METRICS; m++)
            work->gradient[m * n + s] = (up.value[m] - down.value[m]) / (2.0 * step);
    }
    return RK_OK;
}

static struct roi_approximation delta(const struct work *work, size_t metric, double conf_level)
{
    const double *g = work->gradient + metric * work->parts->model.n_sources;
    double value = work->parts->point.value[metric], variance = covariance(work, g, g);
    double se = sqrt(fmax(variance, 0.0)), df = freedom(work, g, variance);
    struct roi_approximation out = {NAN, NAN, NAN, NAN, NAN, NAN, df, "delta method"};

    if (!isfinite(value) || !isfinite(variance)) {
        out.note = "no interval by the delta method";
        return out;
    }
    out.low = value - critical(conf_level, df) * se;
    out.high = value + critical(conf_level, df) * se;
    out.p5 = value - critical(0.9, df) * se;
    out.p50 = value;
    out.p95 = value + critical(0.9, df) * se;
    out.positive = se > 0.0 ? probability(value / se, df) : value > 0.0;
    return out;
}

/* (benefit / cost - 1) x scale, or benefit / cost, by Fieller; net is the approximation of benefit
 * less cost. */
static enum rk_status fieller(const struct work *work, size_t benefit, size_t cost,
                              const struct roi_approximation *net, double offset, double scale,
                              double conf_level, struct roi_approximation *out)
{
    size_t n = work->parts->model.n_sources;
    const double *b = work->gradient + benefit * n, *c = work->gradient + cost * n;
    const double *value = work->parts->point.value;
    double level[2] = {conf_level, 0.9}, ends[4];

    if (!(value[cost] > 0.0))
        return RK_OK; /* the delta method has said that there is none */
    for (size_t k = 0; k < 2; k++) {
        struct rk_fieller set;
        enum rk_status status = rk_fieller_of(value[benefit], value[cost], covariance(work, b, b),
                                              covariance(work, b, c), covariance(work, c, c),
                                              critical(level[k], net->df), &set);

        if (status != RK_OK)
            return status;
        ends[2 * k] = set.kind == RK_FIELLER_INTERVAL ? scale * (set.low + offset) : NAN;
        ends[2 * k + 1] = set.kind == RK_FIELLER_INTERVAL ? scale * (set.high + offset) : NAN;
    }
    out->low = ends[0];
    out->high = ends[1];
    out->p5 = ends[2];
    out->p95 = ends[3];
    out->note = isnan(ends[0]) ? "no interval: the cost does not differ from 0" : "Fieller";
    if (offset != 0.0)
        out->positive = net->positive;
    return RK_OK;
}

static enum rk_status replace_ratios(const struct work *work, double conf_level,
                                     struct roi_approximation *out)
{
    double yearly = 12.0 / work->parts->profile->horizon;
    enum rk_status status =
        fieller(work, RK_ROI_TOTAL_BENEFIT, RK_ROI_TOTAL_COST, &out[RK_ROI_NET_BENEFIT], -1.0, 1.0,
                conf_level, &out[RK_ROI_ROI]);

    if (status == RK_OK)
        status = fieller(work, RK_ROI_TOTAL_BENEFIT, RK_ROI_TOTAL_COST, &out[RK_ROI_NET_BENEFIT],
                         -1.0, yearly, conf_level, &out[RK_ROI_ROI_ANNUAL]);
    if (status == RK_OK)
        status = fieller(work, RK_ROI_PV_BENEFIT, RK_ROI_PV_COST, &out[RK_ROI_NPV], -1.0, 1.0,
                         conf_level, &out[RK_ROI_ROI_PV]);
    if (status == RK_OK)
        status = fieller(work, RK_ROI_PV_BENEFIT, RK_ROI_PV_COST, &out[RK_ROI_NPV], 0.0, 1.0,
                         conf_level, &out[RK_ROI_BCR]);
    return status;
}

enum rk_status roi_approximate(const struct roi_parts *parts, int method, double conf_level,
                               struct roi_approximation *out)
{
    size_t n = parts->model.n_sources;
    double *memory = calloc(3 * n + RK_ROI_METRICS * n + 1, sizeof *memory);
    struct work work;
    enum rk_status status;

    if (memory == NULL)
        return RK_ENOMEM;
    work = (struct work){parts, memory, memory + n, memory + 2 * n, memory + 3 * n};
    roi_points(parts, work.amount);
    for (size_t s = 0; s < n; s++) {
        const struct rk_uncertain *amount = &parts->model.source[s].amount;
        bool is_t = amount->dist == RK_DIST_T;

        work.sd[s] = is_t ? amount->scale : rk_uncertain_sd(amount);
        work.df[s] = is_t ? amount->shape1 : INFINITY;
    }
    status = differentiate(&work);
    for (size_t m = 0; status == RK_OK && m < RK_ROI_METRICS; m++)
        out[m] = delta(&work, m, conf_level);
    if (status == RK_OK && method == RK_ROI_FIELLER)
        status = replace_ratios(&work, conf_level, out);
    free(memory);
    return status;
}
