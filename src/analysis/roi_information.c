/* What it would be worth to know more: --emit information. */
#include <math.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/least_squares.h"
#include "repkit/rank.h"
#include "repkit/sum.h"
#include "roi_parts.h"

enum { QUANTITY, VALUE };

static const struct rk_field fields[] = {
    [QUANTITY] = {"quantity", RK_TEXT, RK_GENERAL},
    [VALUE] = {"value", RK_NUMBER, RK_GENERAL},
};

static void put(const char *quantity, double value, size_t table, struct rk_result *result)
{
    rk_result_row(result, table);
    rk_put_text(result, table, QUANTITY, quantity);
    rk_put(result, table, VALUE, value);
}

static double mean_of(const double *x, size_t n)
{
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, x[i]);
    return rk_sum_value(&sum) / (double)n;
}

/* The mean of what is above 0. */
static double mean_gain(const double *x, size_t n, double sign)
{
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, fmax(sign * x[i], 0.0));
    return rk_sum_value(&sum) / (double)n;
}

/* The npv to be expected in each draw if only this input were known. Independent inputs: it is a
 * straight line in the input, whose slope the profile has. */
static void expect_by_line(const struct roi_parts *parts, size_t source, double mean_npv,
                           double *out)
{
    const double *x = roi_source_draws(parts, source);
    double slope = parts->profile->pv_benefit[source] - parts->profile->pv_cost[source];
    size_t n = parts->draws->n;
    double mean = mean_of(x, n);

    for (size_t i = 0; i < n; i++)
        out[i] = mean_npv + slope * (x[i] - mean);
}

/* Correlated inputs: what moves with it comes in as well, by a regression of npv on the input and
 * on a cubic of its normal scores. */
static enum rk_status expect_by_fit(const struct roi_parts *parts, size_t source, const double *npv,
                                    double *out)
{
    enum { P = 5 };
    size_t n = parts->draws->n;
    const double *x = roi_source_draws(parts, source);
    double *X = malloc(P * n * sizeof *X);
    struct rk_fit *fit = NULL;
    struct rk_design design = {.X = X, .n = n, .p = P, .y = npv, .has_intercept = true};
    enum rk_status status = X == NULL ? RK_ENOMEM : rk_rank(x, n, X + 2 * n, NULL);

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        double z = rk_qnorm((X[2 * n + i] - 0.5) / (double)n, RK_LOWER_TAIL);

        X[i] = 1.0;
        X[n + i] = x[i];
        X[2 * n + i] = z;
        X[3 * n + i] = z * z;
        X[4 * n + i] = z * z * z;
    }
    if (status == RK_OK)
        status = rk_fit_new(&design, NULL, &fit, NULL);
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        out[i] = 0.0;
        for (size_t j = 0; j < P; j++)
            if (!isnan(fit->coef[j]))
                out[i] += fit->coef[j] * X[j * n + i];
    }
    rk_fit_free(fit);
    free(X);
    return status;
}

/* What knowing is worth: 0 where nothing but rounding is left. */
static double known_gain(double gain, double mean)
{
    double more = gain - fmax(mean, 0.0);

    return more > 1e-12 * fabs(gain) ? more : 0.0;
}

static enum rk_status put_each(const struct roi_parts *parts, const double *npv, double mean,
                               double *room, size_t table, struct rk_result *result)
{
    struct rk_text name = {0};
    enum rk_status status = RK_OK;

    for (size_t s = 0; status == RK_OK && s < parts->model.n_sources; s++) {
        if (!roi_is_uncertain(parts, s))
            continue;
        if (parts->factor == NULL)
            expect_by_line(parts, s, mean, room);
        else
            status = expect_by_fit(parts, s, npv, room);
        if (status != RK_OK)
            break;
        rk_text_clear(&name);
        rk_text_format(&name, "evppi %s", roi_source_name(parts, s));
        if (!name.failed)
            put(name.bytes, known_gain(mean_gain(room, parts->draws->n, 1.0), mean), table, result);
    }
    if (name.failed)
        status = RK_ENOMEM;
    rk_text_free(&name);
    return status;
}

enum rk_status roi_put_information(const struct roi_parts *parts,
                                   const struct rk_roi_options *options, struct rk_result *result)
{
    size_t n = parts->draws->n, losing = 0;
    double *npv = malloc(2 * n * sizeof *npv), mean, gain;
    size_t table = rk_result_declare(result, "information", fields, 2);
    bool has_mean = true;
    enum rk_status status;

    if (npv == NULL)
        return RK_ENOMEM;
    rk_roi_draws_metric(parts->draws, parts->profile, RK_ROI_NPV, npv);
    for (size_t i = 0; i < n; i++)
        losing += npv[i] < 0.0;
    for (size_t s = 0; s < parts->model.n_sources; s++)
        has_mean = has_mean && !isnan(rk_uncertain_mean(&parts->model.source[s].amount));
    mean = has_mean ? mean_of(npv, n) : NAN;
    gain = has_mean ? mean_gain(npv, n, 1.0) - fmax(mean, 0.0) : NAN;
    put("expected_npv", mean, table, result);
    put("prob_loss", (double)losing / (double)n, table, result);
    put("expected_loss", has_mean ? mean_gain(npv, n, -1.0) : NAN, table, result);
    put("evpi", gain, table, result);
    status = has_mean ? put_each(parts, npv, mean, npv + n, table, result) : RK_OK;
    if (status == RK_OK && !isnan(options->pilot)) {
        put("pilot_cost", options->pilot, table, result);
        put("evpi_less_pilot", gain - options->pilot, table, result);
    }
    free(npv);
    return status;
}
