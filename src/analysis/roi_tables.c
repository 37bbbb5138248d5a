/* The tables of rep-roi beside the metrics: categories, cash flow, draws. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "roi_parts.h"

/* --- categories --------------------------------------------------------------------------- */

enum { CATEGORY, TOTAL_COST, TOTAL_BENEFIT, NET_BENEFIT, ROI, CONF_LOW, CONF_HIGH, PROB_POSITIVE };

static const struct rk_field category_fields[] = {
    [CATEGORY] = {"category", RK_TEXT, RK_GENERAL},
    [TOTAL_COST] = {"total_cost", RK_NUMBER, RK_GENERAL},
    [TOTAL_BENEFIT] = {"total_benefit", RK_NUMBER, RK_GENERAL},
    [NET_BENEFIT] = {"net_benefit", RK_NUMBER, RK_GENERAL},
    [ROI] = {"roi", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [PROB_POSITIVE] = {"prob_positive", RK_NUMBER, RK_GENERAL},
};

static bool same_category(const struct roi_line *a, const struct roi_line *b)
{
    if (a->category == NULL || b->category == NULL)
        return a->category == b->category;
    return strcmp(a->category, b->category) == 0;
}

/* What one unit of each source adds to the costs and benefits of the category of item `first`. */
static void category_coefficients(const struct roi_parts *parts, size_t first, double *cost,
                                  double *benefit)
{
    const struct rk_roi_model *model = &parts->model;

    memset(cost, 0, model->n_sources * sizeof *cost);
    memset(benefit, 0, model->n_sources * sizeof *benefit);
    for (size_t i = first; i < model->n_items; i++)
        if (same_category(&parts->line[first], &parts->line[i]))
            (model->item[i].kind == RK_ROI_COST ? cost : benefit)[model->item[i].source] +=
                parts->profile->item_total[i];
}

/* cost and benefit: the category's in every draw. */
static enum rk_status put_category(const struct roi_parts *parts, size_t first, double total_cost,
                                   double total_benefit, double *cost, const double *benefit,
                                   double conf_level, size_t table, struct rk_result *result)
{
    size_t n = parts->draws->n, n_positive = 0;
    struct roi_summary roi;
    enum rk_status status;

    for (size_t d = 0; d < n; d++) {
        n_positive += benefit[d] > cost[d];
        cost[d] = cost[d] > 0.0 ? (benefit[d] - cost[d]) / cost[d] : NAN;
    }
    status = roi_summarise(cost, n, conf_level, &roi);
    if (status != RK_OK)
        return status;
    rk_result_row(result, table);
    rk_put_text(result, table, CATEGORY, parts->line[first].category);
    rk_put(result, table, TOTAL_COST, total_cost);
    rk_put(result, table, TOTAL_BENEFIT, total_benefit);
    rk_put(result, table, NET_BENEFIT, total_benefit - total_cost);
    if (total_cost > 0.0)
        rk_put(result, table, ROI, (total_benefit - total_cost) / total_cost);
    if ((double)roi.n_undefined <= 0.001 * (double)n) {
        rk_put(result, table, CONF_LOW, roi.quantile[ROI_LOW]);
        rk_put(result, table, CONF_HIGH, roi.quantile[ROI_HIGH]);
    }
    rk_put(result, table, PROB_POSITIVE, (double)n_positive / (double)n);
    return RK_OK;
}

enum rk_status roi_put_categories(const struct roi_parts *parts, double conf_level,
                                  struct rk_result *result)
{
    size_t n_sources = parts->model.n_sources, n = parts->draws->n;
    double *memory = malloc(2 * (n_sources + n) * sizeof *memory);
    double *cost = memory, *benefit, *costs, *benefits;
    enum rk_status status = RK_OK;
    size_t table = rk_result_declare(result, "categories", category_fields,
                                     sizeof category_fields / sizeof *category_fields);

    if (memory == NULL)
        return RK_ENOMEM;
    benefit = cost + n_sources;
    costs = benefit + n_sources;
    benefits = costs + n;
    for (size_t i = 0; i < parts->model.n_items && status == RK_OK; i++) {
        size_t first = 0;

        while (!same_category(&parts->line[first], &parts->line[i]))
            first++;
        if (first < i)
            continue;
        category_coefficients(parts, i, cost, benefit);
        rk_roi_draws_combine(parts->draws, cost, 1, costs);
        rk_roi_draws_combine(parts->draws, benefit, 1, benefits);
        status = put_category(parts, i, roi_sum(parts, cost, parts->draws->point),
                              roi_sum(parts, benefit, parts->draws->point), costs, benefits,
                              conf_level, table, result);
    }
    free(memory);
    return status;
}

/* --- cash flow ------------------------------------------------------------------------------ */

enum { MONTH, COST, BENEFIT, NET, CUMULATIVE, DISCOUNTED, CUM_P5, CUM_P50, CUM_P95 };

static const struct rk_field cashflow_fields[] = {
    [MONTH] = {"month", RK_NUMBER, RK_COUNT},
    [COST] = {"cost", RK_NUMBER, RK_GENERAL},
    [BENEFIT] = {"benefit", RK_NUMBER, RK_GENERAL},
    [NET] = {"net", RK_NUMBER, RK_GENERAL},
    [CUMULATIVE] = {"cumulative", RK_NUMBER, RK_GENERAL},
    [DISCOUNTED] = {"discounted_cumulative", RK_NUMBER, RK_GENERAL},
    [CUM_P5] = {"cum_p5", RK_NUMBER, RK_GENERAL},
    [CUM_P50] = {"cum_p50", RK_NUMBER, RK_GENERAL},
    [CUM_P95] = {"cum_p95", RK_NUMBER, RK_GENERAL},
};

struct path {
    const struct roi_parts *parts;
    double *cumulative;          /* by source and month, of one unit of the source */
    struct roi_summary *summary; /* by month */
};

static enum rk_status summarise_month(void *data, size_t block, size_t first, size_t last)
{
    const struct path *path = data;
    const struct rk_roi_draws *draws = path->parts->draws;
    double *x = malloc(draws->n * sizeof *x);
    enum rk_status status = RK_OK;

    (void)block;
    if (x == NULL)
        return RK_ENOMEM;
    for (size_t m = first; m < last && status == RK_OK; m++) {
        rk_roi_draws_combine(draws, path->cumulative + m, path->parts->profile->n_months, x);
        status = roi_summarise(x, draws->n, 0.9, &path->summary[m]);
    }
    free(x);
    return status;
}

static void put_months(const struct path *path, struct rk_result *result)
{
    const struct rk_roi_profile *p = path->parts->profile;
    const double *amount = path->parts->draws->point;
    double cumulative = 0.0, discounted = 0.0;
    size_t table = rk_result_declare(result, "cashflow", cashflow_fields,
                                     sizeof cashflow_fields / sizeof *cashflow_fields);

    for (size_t m = 0; m < p->n_months; m++) {
        double cost = 0.0, benefit = 0.0;

        for (size_t s = 0; s < p->n_sources; s++) {
            cost += amount[s] * p->cost[s * p->n_months + m];
            benefit += amount[s] * p->benefit[s * p->n_months + m];
            discounted += amount[s] * p->discounted[s * p->n_months + m];
        }
        cumulative += benefit - cost;
        rk_result_row(result, table);
        rk_put(result, table, MONTH, p->first_month + (double)m);
        rk_put(result, table, COST, cost);
        rk_put(result, table, BENEFIT, benefit);
        rk_put(result, table, NET, benefit - cost);
        rk_put(result, table, CUMULATIVE, cumulative);
        rk_put(result, table, DISCOUNTED, discounted);
        rk_put(result, table, CUM_P5, path->summary[m].quantile[ROI_P5]);
        rk_put(result, table, CUM_P50, path->summary[m].quantile[ROI_P50]);
        rk_put(result, table, CUM_P95, path->summary[m].quantile[ROI_P95]);
    }
}

enum rk_status roi_put_cashflow(const struct roi_parts *parts, const struct rk_ctx *ctx,
                                struct rk_result *result)
{
    const struct rk_roi_profile *p = parts->profile;
    struct path path = {.parts = parts};
    struct rk_ctx silent = *ctx;
    enum rk_status status = RK_ENOMEM;

    silent.progress = NULL;
    path.cumulative = calloc(p->n_sources * p->n_months + 1, sizeof *path.cumulative);
    path.summary = calloc(p->n_months, sizeof *path.summary);
    if (path.cumulative != NULL && path.summary != NULL) {
        for (size_t s = 0; s < p->n_sources; s++) {
            double sum = 0.0;

            for (size_t m = s * p->n_months; m < (s + 1) * p->n_months; m++)
                path.cumulative[m] = sum += p->benefit[m] - p->cost[m];
        }
        status = rk_parallel_blocks(&silent, p->n_months, 1, summarise_month, &path);
    }
    if (status == RK_OK)
        put_months(&path, result);
    free(path.cumulative);
    free(path.summary);
    return status;
}

/* --- draws ---------------------------------------------------------------------------------- */

void roi_put_draws(const struct roi_parts *parts, struct rk_result *result)
{
    static const struct rk_field draw_fields[] = {
        {"draw", RK_NUMBER, RK_COUNT},
        {"total_cost", RK_NUMBER, RK_GENERAL},
        {"total_benefit", RK_NUMBER, RK_GENERAL},
        {"roi", RK_NUMBER, RK_GENERAL},
        {"npv", RK_NUMBER, RK_GENERAL},
    };
    const struct rk_roi_draws *d = parts->draws;
    size_t table = rk_result_declare(result, "draws", draw_fields, 5);

    for (size_t i = 0; i < d->n; i++) {
        double cost = d->total_cost[i], benefit = d->total_benefit[i];

        rk_result_row(result, table);
        rk_put(result, table, 0, (double)(i + 1));
        rk_put(result, table, 1, cost);
        rk_put(result, table, 2, benefit);
        rk_put(result, table, 3, cost > 0.0 ? (benefit - cost) / cost : NAN);
        rk_put(result, table, 4, d->pv_benefit[i] - d->pv_cost[i]);
    }
}
