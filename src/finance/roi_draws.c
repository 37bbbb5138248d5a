/* What the draws of a model say, metric by metric and sum by sum. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/roi_model.h"

void rk_roi_draws_free(struct rk_roi_draws *draws)
{
    if (draws == NULL)
        return;
    free(draws->point);
    free(draws->row);
    free(draws->memory);
    free(draws);
}

void rk_roi_draws_combine(const struct rk_roi_draws *draws, const double *coef, size_t stride,
                          double *out)
{
    double base = 0.0;

    for (size_t s = 0; s < draws->n_sources; s++)
        if (draws->row[s] == SIZE_MAX)
            base += coef[s * stride] * draws->point[s];
    for (size_t i = 0; i < draws->n; i++)
        out[i] = base;
    for (size_t s = 0; s < draws->n_sources; s++) {
        const double *amount;

        if (draws->row[s] == SIZE_MAX || coef[s * stride] == 0.0)
            continue;
        amount = draws->amount + draws->row[s] * draws->n;
        for (size_t i = 0; i < draws->n; i++)
            out[i] += coef[s * stride] * amount[i];
    }
}

static double derived(const struct rk_roi_draws *d, const struct rk_roi_profile *profile,
                      enum rk_roi_metric metric, size_t i)
{
    double cost = d->total_cost[i], net = d->total_benefit[i] - cost;
    double pv_cost = d->pv_cost[i], pv_benefit = d->pv_benefit[i];

    switch (metric) {
    case RK_ROI_NET_BENEFIT:
        return net;
    case RK_ROI_ROI:
        return cost > 0.0 ? net / cost : NAN;
    case RK_ROI_ROI_ANNUAL:
        return cost > 0.0 ? net / cost * (12.0 / profile->horizon) : NAN;
    case RK_ROI_NPV:
        return pv_benefit - pv_cost;
    case RK_ROI_ROI_PV:
        return pv_cost > 0.0 ? (pv_benefit - pv_cost) / pv_cost : NAN;
    default: /* RK_ROI_BCR */
        return pv_cost > 0.0 ? pv_benefit / pv_cost : NAN;
    }
}

void rk_roi_draws_metric(const struct rk_roi_draws *draws, const struct rk_roi_profile *profile,
                         enum rk_roi_metric metric, double *out)
{
    const double *kept[RK_ROI_METRICS] = {
        [RK_ROI_TOTAL_COST] = draws->total_cost,
        [RK_ROI_TOTAL_BENEFIT] = draws->total_benefit,
        [RK_ROI_PV_COST] = draws->pv_cost,
        [RK_ROI_PV_BENEFIT] = draws->pv_benefit,
        [RK_ROI_IRR] = draws->irr,
        [RK_ROI_MIRR] = draws->mirr,
        [RK_ROI_PAYBACK] = draws->payback,
        [RK_ROI_DISCOUNTED_PAYBACK] = draws->discounted_payback,
    };

    if (kept[metric] != NULL) {
        memcpy(out, kept[metric], draws->n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < draws->n; i++)
        out[i] = derived(draws, profile, metric, i);
}
