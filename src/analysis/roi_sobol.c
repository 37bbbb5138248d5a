/* Shares of roi's variance: --emit sobol. */
#include <math.h>
#include <stdlib.h>

#include "repkit/sobol.h"
#include "roi_parts.h"

enum { ITEM, FIRST, FIRST_LOW, FIRST_HIGH, TOTAL, TOTAL_LOW, TOTAL_HIGH };

static const struct rk_field fields[] = {
    [ITEM] = {"item", RK_TEXT, RK_GENERAL},
    [FIRST] = {"first_order", RK_NUMBER, RK_GENERAL},
    [FIRST_LOW] = {"first_low", RK_NUMBER, RK_GENERAL},
    [FIRST_HIGH] = {"first_high", RK_NUMBER, RK_GENERAL},
    [TOTAL] = {"total", RK_NUMBER, RK_GENERAL},
    [TOTAL_LOW] = {"total_low", RK_NUMBER, RK_GENERAL},
    [TOTAL_HIGH] = {"total_high", RK_NUMBER, RK_GENERAL},
};

enum { POINTS = 4096 };

struct work {
    const struct roi_parts *parts;
    size_t *source; /* the uncertain ones */
    size_t k;
    struct rk_sampler **sampler; /* by uncertain source */
    double *amount;              /* n_sources */
};

static double roi_of(const double *u, void *data)
{
    const struct work *work = data;

    for (size_t i = 0; i < work->k; i++)
        work->amount[work->source[i]] = rk_sampler_at(work->sampler[i], u[i]);
    return roi_at(work->parts, work->amount);
}

/* Correlated inputs have no shares that add up: only what each alone would tell, from the draws. */
static enum rk_status from_draws(const struct work *work, double conf_level,
                                 struct rk_sobol_index *index)
{
    const struct rk_roi_draws *d = work->parts->draws;
    double *roi = malloc(d->n * sizeof *roi);
    enum rk_status status = roi == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        rk_roi_draws_metric(d, work->parts->profile, RK_ROI_ROI, roi);
    for (size_t i = 0; status == RK_OK && i < work->k; i++)
        status = rk_sobol_given_data(roi_source_draws(work->parts, work->source[i]), roi, d->n,
                                     conf_level, &index[i]);
    free(roi);
    return status;
}

static enum rk_status find_indices(struct work *work, double conf_level, const struct rk_ctx *ctx,
                                   struct rk_sobol_index *index)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < work->k; i++) /* of an infinite variance there are no shares */
        if (!isfinite(rk_uncertain_sd(&work->parts->model.source[work->source[i]].amount)))
            return RK_EDOMAIN;
    if (work->parts->factor != NULL)
        return from_draws(work, conf_level, index);
    for (size_t i = 0; status == RK_OK && i < work->k; i++)
        status =
            rk_sampler_new(&work->parts->model.source[work->source[i]].amount, &work->sampler[i]);
    if (status == RK_OK && work->k > 0)
        status = rk_sobol_indices(roi_of, work, work->k, POINTS, conf_level, ctx, index);
    return status;
}

static void put_rows(const struct work *work, const struct rk_sobol_index *index, bool defined,
                     struct rk_result *result)
{
    size_t table = rk_result_declare(result, "sobol", fields, sizeof fields / sizeof *fields);

    for (size_t i = 0; i < work->k; i++) {
        rk_result_row(result, table);
        rk_put_text(result, table, ITEM, roi_source_name(work->parts, work->source[i]));
        if (!defined)
            continue;
        rk_put(result, table, FIRST, index[i].first);
        rk_put(result, table, FIRST_LOW, index[i].first_low);
        rk_put(result, table, FIRST_HIGH, index[i].first_high);
        rk_put(result, table, TOTAL, index[i].total);
        rk_put(result, table, TOTAL_LOW, index[i].total_low);
        rk_put(result, table, TOTAL_HIGH, index[i].total_high);
    }
}

enum rk_status roi_put_sobol(const struct roi_parts *parts, const struct rk_roi_options *options,
                             const struct rk_ctx *ctx, struct rk_result *result)
{
    size_t n = parts->model.n_sources;
    struct work work = {.parts = parts};
    struct rk_sobol_index *index = calloc(n + 1, sizeof *index);
    enum rk_status status = RK_ENOMEM;

    work.source = calloc(n + 1, sizeof *work.source);
    work.sampler = calloc(n + 1, sizeof *work.sampler);
    work.amount = calloc(n + 1, sizeof *work.amount);
    if (index != NULL && work.source != NULL && work.sampler != NULL && work.amount != NULL) {
        roi_points(parts, work.amount);
        for (size_t s = 0; s < n; s++)
            if (roi_is_uncertain(parts, s))
                work.source[work.k++] = s;
        status = find_indices(&work, options->common.conf_level, ctx, index);
    }
    if (status == RK_OK || rk_status_is_undefined(status)) {
        put_rows(&work, index, status == RK_OK, result);
        status = RK_OK;
    }
    for (size_t i = 0; work.sampler != NULL && i < work.k; i++)
        rk_sampler_free(work.sampler[i]);
    free(work.sampler);
    free(work.source);
    free(work.amount);
    free(index);
    return status;
}
