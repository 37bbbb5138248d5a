/* Which inputs matter: --emit tornado and --emit breakeven. */
#include <math.h>
#include <stdlib.h>

#include "repkit/parallel.h"
#include "repkit/rank.h"
#include "roi_parts.h"

/* --- tornado ------------------------------------------------------------------------------ */

enum { ITEM, LOW, HIGH, ROI_AT_LOW, ROI_AT_HIGH, SWING, VARIANCE_SHARE, RANK_CORRELATION };

static const struct rk_field tornado_fields[] = {
    [ITEM] = {"item", RK_TEXT, RK_GENERAL},
    [LOW] = {"low", RK_NUMBER, RK_GENERAL},
    [HIGH] = {"high", RK_NUMBER, RK_GENERAL},
    [ROI_AT_LOW] = {"roi_low", RK_NUMBER, RK_GENERAL},
    [ROI_AT_HIGH] = {"roi_high", RK_NUMBER, RK_GENERAL},
    [SWING] = {"swing", RK_NUMBER, RK_GENERAL},
    [VARIANCE_SHARE] = {"variance_share", RK_NUMBER, RK_GENERAL},
    [RANK_CORRELATION] = {"rank_correlation", RK_NUMBER, RK_GENERAL},
};

struct bar {
    size_t source;
    double value[RANK_CORRELATION + 1];
};

struct tornado {
    const struct roi_parts *parts;
    double *roi, *rank; /* of the draws that have a roi, and their ranks */
    size_t *draw, n;    /* which draws those are */
    bool has_variance;
    struct bar *bar;
};

/* Pearson's r of two columns; NaN where one does not vary. */
static double correlation(const double *x, const double *y, size_t n)
{
    double mean_x = 0.0, mean_y = 0.0, xx = 0.0, yy = 0.0, xy = 0.0;

    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xx > 0.0 && yy > 0.0 ? xy / sqrt(xx * yy) : NAN;
}

static enum rk_status correlate_bars(void *data, size_t block, size_t first, size_t last)
{
    const struct tornado *t = data;
    double *x = malloc((t->n + 1) * sizeof *x);
    enum rk_status status = x == NULL ? RK_ENOMEM : RK_OK;

    (void)block;
    for (size_t k = first; k < last && status == RK_OK && t->n > 2; k++) {
        const double *draws = roi_source_draws(t->parts, t->bar[k].source);
        double r;

        for (size_t i = 0; i < t->n; i++)
            x[i] = draws[t->draw[i]];
        r = correlation(x, t->roi, t->n);
        t->bar[k].value[VARIANCE_SHARE] = t->has_variance ? r * r : NAN;
        status = rk_rank(x, t->n, x, NULL);
        if (status == RK_OK)
            t->bar[k].value[RANK_CORRELATION] = correlation(x, t->rank, t->n);
    }
    free(x);
    return status;
}

/* Draws with a roi; nothing of them where they are few. */
static enum rk_status keep_draws(struct tornado *t)
{
    const struct rk_roi_draws *d = t->parts->draws;

    t->roi = malloc(d->n * sizeof *t->roi);
    t->rank = malloc(d->n * sizeof *t->rank);
    t->draw = malloc(d->n * sizeof *t->draw);
    if (t->roi == NULL || t->rank == NULL || t->draw == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < d->n; i++) {
        if (!(d->total_cost[i] > 0.0))
            continue;
        t->draw[t->n] = i;
        t->roi[t->n++] = (d->total_benefit[i] - d->total_cost[i]) / d->total_cost[i];
    }
    return t->n == 0 ? RK_OK : rk_rank(t->roi, t->n, t->rank, NULL);
}

static void swing_bar(const struct roi_parts *parts, double *amount, struct bar *bar)
{
    const struct rk_uncertain *input = &parts->model.source[bar->source].amount;
    double median = amount[bar->source];

    for (size_t k = LOW; k <= RANK_CORRELATION; k++)
        bar->value[k] = NAN;
    amount[bar->source] = bar->value[LOW] = rk_uncertain_quantile(input, 0.1);
    bar->value[ROI_AT_LOW] = roi_at(parts, amount);
    amount[bar->source] = bar->value[HIGH] = rk_uncertain_quantile(input, 0.9);
    bar->value[ROI_AT_HIGH] = roi_at(parts, amount);
    bar->value[SWING] = fabs(bar->value[ROI_AT_HIGH] - bar->value[ROI_AT_LOW]);
    amount[bar->source] = median;
}

static int by_swing(const void *a, const void *b)
{
    const struct bar *x = a, *y = b;

    if (x->value[SWING] != y->value[SWING] && !isnan(x->value[SWING]) && !isnan(y->value[SWING]))
        return x->value[SWING] > y->value[SWING] ? -1 : 1;
    return x->source < y->source ? -1 : 1;
}

static void put_bars(const struct tornado *t, size_t n_bars, struct rk_result *result)
{
    size_t table = rk_result_declare(result, "tornado", tornado_fields,
                                     sizeof tornado_fields / sizeof *tornado_fields);

    for (size_t k = 0; k < n_bars; k++) {
        rk_result_row(result, table);
        rk_put_text(result, table, ITEM, roi_source_name(t->parts, t->bar[k].source));
        for (size_t j = LOW; j <= RANK_CORRELATION; j++)
            rk_put(result, table, j, t->bar[k].value[j]);
    }
}

enum rk_status roi_put_tornado(const struct roi_parts *parts, const struct rk_roi_options *options,
                               const struct rk_ctx *ctx, struct rk_result *result)
{
    size_t n = parts->model.n_sources, n_bars = 0;
    struct tornado t = {.parts = parts, .has_variance = true};
    double *amount = malloc((n + 1) * sizeof *amount);
    struct rk_ctx silent = *ctx;
    enum rk_status status = RK_ENOMEM;

    (void)options;
    silent.progress = NULL;
    t.bar = calloc(n + 1, sizeof *t.bar);
    if (amount != NULL && t.bar != NULL)
        status = keep_draws(&t);
    if (status == RK_OK) {
        roi_medians(parts, amount);
        for (size_t s = 0; s < n; s++) {
            if (!roi_is_uncertain(parts, s))
                continue;
            t.bar[n_bars].source = s;
            t.has_variance =
                t.has_variance && isfinite(rk_uncertain_sd(&parts->model.source[s].amount));
            swing_bar(parts, amount, &t.bar[n_bars++]);
        }
        status = n_bars == 0 ? RK_OK : rk_parallel_blocks(&silent, n_bars, 1, correlate_bars, &t);
    }
    if (status == RK_OK) {
        qsort(t.bar, n_bars, sizeof *t.bar, by_swing);
        put_bars(&t, n_bars, result);
    }
    free(amount);
    free(t.bar);
    free(t.roi);
    free(t.rank);
    free(t.draw);
    return status;
}

/* --- break-even --------------------------------------------------------------------------- */

enum { BREAK_ITEM, CENTRAL, BREAK_EVEN, MARGIN };

static const struct rk_field breakeven_fields[] = {
    [BREAK_ITEM] = {"item", RK_TEXT, RK_GENERAL},
    [CENTRAL] = {"central", RK_NUMBER, RK_GENERAL},
    [BREAK_EVEN] = {"break_even", RK_NUMBER, RK_GENERAL},
    [MARGIN] = {"margin_of_safety", RK_NUMBER, RK_GENERAL},
};

/* What is `value` now, and rises by `slope` for each unit of the amount, is 0 at one amount. */
static void put_break(const char *item, double central, double value, double slope, size_t table,
                      struct rk_result *result)
{
    double at = central - value / slope;

    rk_result_row(result, table);
    rk_put_text(result, table, BREAK_ITEM, item);
    rk_put(result, table, CENTRAL, central);
    if (slope == 0.0)
        return;
    rk_put(result, table, BREAK_EVEN, at);
    if (central != 0.0)
        rk_put(result, table, MARGIN, (slope > 0.0 ? central - at : at - central) / fabs(central));
}

static bool is_effect(const struct roi_parts *parts, size_t source)
{
    for (size_t i = 0; i < parts->model.n_items; i++)
        if (parts->model.item[i].source == source)
            return parts->line[i].effect != NULL;
    return false;
}

enum rk_status roi_put_breakeven(const struct roi_parts *parts,
                                 const struct rk_roi_options *options, struct rk_result *result)
{
    const struct rk_roi_profile *p = parts->profile;
    const double *value = parts->point.value;
    size_t table = rk_result_declare(result, "breakeven", breakeven_fields,
                                     sizeof breakeven_fields / sizeof *breakeven_fields);
    struct rk_text name = {0};

    (void)options;
    for (size_t s = 0; s < p->n_sources; s++)
        put_break(roi_source_name(parts, s), parts->draws->point[s], value[RK_ROI_NPV],
                  p->pv_benefit[s] - p->pv_cost[s], table, result);
    for (size_t s = 0; s < p->n_sources; s++) {
        if (!is_effect(parts, s))
            continue;
        rk_text_clear(&name);
        rk_text_format(&name, "%s (roi = 0)", roi_source_name(parts, s));
        if (!name.failed)
            put_break(name.bytes, parts->draws->point[s], value[RK_ROI_NET_BENEFIT],
                      p->total_benefit[s] - p->total_cost[s], table, result);
    }
    put_break("all benefits", 1.0, value[RK_ROI_NPV], value[RK_ROI_PV_BENEFIT], table, result);
    put_break("all benefits (roi = 0)", 1.0, value[RK_ROI_NET_BENEFIT], value[RK_ROI_TOTAL_BENEFIT],
              table, result);
    put_break("all costs", 1.0, value[RK_ROI_NPV], -value[RK_ROI_PV_COST], table, result);
    if (name.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&name);
    return result->status;
}
