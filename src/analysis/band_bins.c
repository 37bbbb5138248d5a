/* What is observed: mean outcome by equally full bins of the activity, other things equal. */
#include <math.h>
#include <stdlib.h>

#include "band_parts.h"
#include "repkit/quantile.h"

enum { BIN_LOW, BIN_HIGH, BIN_N, BIN_MEAN, BIN_CONF_LOW, BIN_CONF_HIGH };

struct bins {
    size_t n, *bin; /* of each row */
    double *weight; /* of each bin */
    size_t *count;
    double *low, *high; /* of the values in it */
};

static void bins_free(struct bins *bins)
{
    free(bins->bin);
    free(bins->weight);
    free(bins->count);
    free(bins->low);
    free(bins->high);
}

/* Bins end at quantiles, the upper end included; equal quantiles are one. The rule looks at the
 * activity alone, never at the outcome. */
static enum rk_status cut(const struct band *b, struct bins *bins)
{
    size_t wanted = b->options->bins, n = 0;
    double *p = malloc(wanted * sizeof *p), *end = malloc(wanted * sizeof *end);
    enum rk_status status = p == NULL || end == NULL ? RK_ENOMEM : RK_OK;

    for (size_t k = 0; status == RK_OK && k < wanted; k++)
        p[k] = (double)(k + 1) / (double)wanted;
    if (status == RK_OK)
        status = rk_quantiles_of(b->x, b->n, p, wanted, 1, end);
    for (size_t k = 0; status == RK_OK && k < wanted; k++)
        if (n == 0 || end[k] > end[n - 1])
            end[n++] = end[k];
    bins->n = n;
    bins->bin = malloc((b->n + 1) * sizeof *bins->bin);
    bins->weight = calloc(n + 1, sizeof *bins->weight);
    bins->count = calloc(n + 1, sizeof *bins->count);
    bins->low = calloc(n + 1, sizeof *bins->low);
    bins->high = calloc(n + 1, sizeof *bins->high);
    if (bins->bin == NULL || bins->weight == NULL || bins->count == NULL || bins->low == NULL ||
        bins->high == NULL)
        status = RK_ENOMEM;
    for (size_t i = 0; status == RK_OK && i < b->n; i++) {
        size_t k = 0;

        while (k + 1 < n && b->x[i] > end[k])
            k++;
        bins->bin[i] = k;
        bins->low[k] = bins->count[k] == 0 ? b->x[i] : fmin(bins->low[k], b->x[i]);
        bins->high[k] = bins->count[k] == 0 ? b->x[i] : fmax(bins->high[k], b->x[i]);
        bins->count[k]++;
        bins->weight[k] += b->weights != NULL ? b->weights[i] : 1.0;
    }
    free(p);
    free(end);
    return status;
}

/* Columns whose coefficients are the bins' deviations from the mean of all rows, that of `base`
 * left out: 1 in bin k, -w_k / w_base in the base. */
static void code(const struct band *b, const struct bins *bins, size_t base, double *columns)
{
    size_t j = 0;

    for (size_t k = 0; k < bins->n; k++) {
        if (k == base)
            continue;
        for (size_t i = 0; i < b->n; i++)
            columns[j * b->n + i] = bins->bin[i] == k      ? 1.0
                                    : bins->bin[i] == base ? -bins->weight[k] / bins->weight[base]
                                                           : 0.0;
        j++;
    }
}

static void put_bin(const struct bins *bins, size_t k, const struct band_number *mean, double level,
                    size_t table, struct rk_result *result)
{
    rk_result_row(result, table);
    rk_put(result, table, BIN_LOW, bins->low[k]);
    rk_put(result, table, BIN_HIGH, bins->high[k]);
    rk_put(result, table, BIN_N, (double)bins->count[k]);
    rk_put(result, table, BIN_MEAN, level + mean->value);
    rk_put(result, table, BIN_CONF_LOW, level + mean->low);
    rk_put(result, table, BIN_CONF_HIGH, level + mean->high);
}

/* With effects: deviations from the mean of all rows. The base's is another fit's. */
static enum rk_status put_deviations(const struct band *b, const struct bins *bins, size_t table,
                                     double *columns, struct rk_result *result,
                                     struct rk_error *error)
{
    struct band_fit first = {0}, last = {0};
    size_t r = bins->n - 1;
    enum rk_status status;

    code(b, bins, r, columns);
    status = band_fit_new(b, columns, r, NULL, 0, &first, error);
    if (status == RK_OK) {
        code(b, bins, 0, columns);
        status = band_fit_new(b, columns, r, NULL, 0, &last, error);
    }
    for (size_t k = 0; status == RK_OK && k <= r; k++) {
        struct band_number d =
            k < r ? band_coefficient(b, &first, k, 1.0) : band_coefficient(b, &last, k - 1, 1.0);

        put_bin(bins, k, &d, b->y_mean, table, result);
    }
    band_fit_free(&first);
    band_fit_free(&last);
    return status;
}

/* The controls less their means, so that a bin's coefficient is its mean where they are average. */
static double *centred_controls(const struct band *b)
{
    double *Z = malloc((b->n * b->q + 1) * sizeof *Z);

    for (size_t j = 0; Z != NULL && j < b->q; j++) {
        double mean = 0.0, total = 0.0;

        for (size_t i = 0; i < b->n; i++) {
            double w = b->weights != NULL ? b->weights[i] : 1.0;

            total += w;
            mean += w * (b->Z[j * b->n + i] - mean) / total;
        }
        for (size_t i = 0; i < b->n; i++)
            Z[j * b->n + i] = b->Z[j * b->n + i] - mean;
    }
    return Z;
}

/* Without effects: the bins themselves are the columns, in place of an intercept. */
static enum rk_status put_means(const struct band *b, const struct bins *bins, size_t table,
                                double *columns, struct rk_result *result, struct rk_error *error)
{
    struct band other = *b;
    struct band_fit fit = {0};
    enum rk_status status;

    other.intercept = false;
    other.Z = centred_controls(b);
    if (other.Z == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++)
        for (size_t k = 0; k < bins->n; k++)
            columns[k * b->n + i] = bins->bin[i] == k;
    status = band_fit_new(&other, columns, bins->n, NULL, 0, &fit, error);
    for (size_t k = 0; status == RK_OK && k < bins->n; k++) {
        struct band_number mean = band_coefficient(b, &fit, k, 1.0);

        put_bin(bins, k, &mean, 0.0, table, result);
    }
    band_fit_free(&fit);
    free(other.Z);
    return status;
}

enum rk_status band_put_bins(const struct band *b, struct rk_result *result, struct rk_error *error)
{
    struct bins bins = {0};
    size_t table = band_declare(result, b->options).bins;
    double *columns = NULL;
    struct rk_error ignored = {0};
    enum rk_status status = cut(b, &bins);

    if (status == RK_OK)
        columns = malloc((b->n * bins.n + 1) * sizeof *columns);
    if (columns == NULL)
        status = rk_fail_memory(error);
    else if (b->n_effects == 0)
        status = put_means(b, &bins, table, columns, result, &ignored);
    else if (bins.n > 1)
        status = put_deviations(b, &bins, table, columns, result, &ignored);
    if (status == RK_OK)
        band_explain_bins(b, bins.n, result);
    else if (rk_status_is_undefined(status)) /* too many bins for the rows: then none */
        status = RK_OK;
    else if (error != NULL && ignored.status != RK_OK)
        *error = ignored;
    free(columns);
    bins_free(&bins);
    return status;
}
