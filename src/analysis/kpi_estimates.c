/* Estimates with intervals, and the rows that they are made of. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kpi_parts.h"
#include "repkit/distributions.h"
#include "repkit/fieller.h"
#include "repkit/proportions.h"
#include "repkit/resample.h"
#include "repkit/sum.h"
#include "repkit/t_test.h"

/* --- slices --------------------------------------------------------------------------------- */

bool kpi_has(const struct kpi_slice *slice, enum rk_crm_input input)
{
    return slice->data->rows[input].given && slice->data->rows[input].grouped;
}

const struct kpi_row *kpi_group_rows(const struct kpi_slice *slice, enum rk_crm_input input,
                                     size_t *n)
{
    const struct kpi_rows *rows = &slice->data->rows[input];

    *n = 0;
    if (!kpi_has(slice, input))
        return NULL;
    *n = rows->start[slice->group + 1] - rows->start[slice->group];
    return rows->row + rows->start[slice->group];
}

/* The first row on or after the day. */
static size_t first_from(const struct kpi_row *row, size_t n, int64_t day)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (row[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct kpi_row *kpi_slice_rows(const struct kpi_slice *slice, enum rk_crm_input input,
                                     size_t *n)
{
    size_t all, begin, end;
    const struct kpi_row *row = kpi_group_rows(slice, input, &all);

    if (row == NULL) {
        *n = 0;
        return NULL;
    }
    begin = first_from(row, all, slice->first);
    end = first_from(row, all, slice->last);
    *n = end - begin;
    return row + begin;
}

bool kpi_constant(const struct kpi_slice *slice, int total, double *value)
{
    *value = slice->data->total[total];
    return !isnan(*value);
}

bool kpi_total(const struct kpi_slice *slice, int total, double *value)
{
    return kpi_constant(slice, total, value) && slice->all;
}

enum rk_status kpi_sums(const struct kpi_row *row, size_t n, const struct kpi_rows *rows,
                        double **amount, double **count, size_t *n_units)
{
    size_t all = rows->n_units + n, used = 0, *slot = malloc((rows->n_units + 1) * sizeof *slot);

    *n_units = 0;
    *amount = calloc(all + 1, sizeof **amount);
    if (count != NULL)
        *count = calloc(all + 1, sizeof **count);
    if (*amount == NULL || slot == NULL || (count != NULL && *count == NULL)) {
        free(slot);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < rows->n_units; i++)
        slot[i] = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t k;

        if (isnan(row[i].amount))
            continue;
        if (row[i].unit == RK_NO_CODE)
            k = used++;
        else if (slot[row[i].unit] == SIZE_MAX)
            k = slot[row[i].unit] = used++;
        else
            k = slot[row[i].unit];
        (*amount)[k] += row[i].amount;
        if (count != NULL)
            (*count)[k] += 1.0;
    }
    free(slot);
    *n_units = used;
    return RK_OK;
}

/* --- estimates ------------------------------------------------------------------------------ */

void kpi_note(struct kpi_estimate *e, const char *format, ...)
{
    size_t length = 0;
    va_list arguments;

    while (e->note[length] != '\0')
        length++;
    if (length > 0 && length + 3 < sizeof e->note) {
        e->note[length++] = ';';
        e->note[length++] = ' ';
    }
    va_start(arguments, format);
    vsnprintf(e->note + length, sizeof e->note - length, format, arguments);
    va_end(arguments);
}

static bool is_count(double x)
{
    return x >= 0.0 && x == floor(x) && x < 9e15;
}

void kpi_share(struct kpi_estimate *e, double k, double n, double conf_level)
{
    e->n = n;
    if (!(n > 0.0)) {
        kpi_note(e, "no case to take a share of");
        return;
    }
    if (k < 0.0) {
        kpi_note(e, "the counts contradict one another: %g of %g", k, n);
        return;
    }
    e->value = k / n;
    if (!is_count(k) || !is_count(n) || k > n) {
        kpi_note(e, "no interval: these are no counts of one whole");
        return;
    }
    e->std_error = sqrt(e->value * (1.0 - e->value) / n);
    rk_wilson((uint64_t)k, (uint64_t)n, RK_TWO_SIDED, conf_level, &e->low, &e->high);
}

void kpi_per_count(struct kpi_estimate *e, double amount, double count, double conf_level)
{
    double tail = (1.0 - conf_level) / 2.0, most;

    e->n = count;
    if (!(count >= 0.0) || !isfinite(amount)) {
        kpi_note(e, "its total is no number");
        return;
    }
    if (amount < 0.0) {
        kpi_note(e, "costs less credits are below 0 (%.6g): no cost of one can be told", amount);
        return;
    }
    most = rk_qgamma(tail, count + 1.0, 1.0, RK_UPPER_TAIL);
    if (count == 0.0) {
        kpi_note(e, "none came; at these odds it is at least %.6g", amount / most);
        return;
    }
    e->value = amount / count;
    if (!is_count(count)) {
        kpi_note(e, "no interval: the denominator is no count");
        return;
    }
    e->std_error = e->value / sqrt(count);
    e->low = amount / most;
    e->high = amount / rk_qgamma(tail, count, 1.0, RK_LOWER_TAIL);
}

/* Puts the BCa interval of sum(y) / sum(x), or of the mean of y, in place of the closed one. */
static enum rk_status resample(const struct kpi_slice *slice, struct kpi_estimate *e,
                               const double *y, const double *x, size_t n)
{
    const struct rk_common *common = &slice->data->options->common;
    double *ones = x == NULL ? malloc(n * sizeof *ones) : NULL;
    struct rk_boot_means means = {.x = x == NULL ? ones : x,
                                  .y = y,
                                  .nx = n,
                                  .ny = n,
                                  .paired = true,
                                  .ratio = true,
                                  .draws = common->resamples,
                                  .label = slice->label};
    struct rk_boot *boot = NULL;
    enum rk_status status;

    if (x == NULL && ones == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; x == NULL && i < n; i++)
        ones[i] = 1.0;
    status = rk_boot_means_new(&means, slice->data->ctx, &boot);
    free(ones);
    if (status == RK_OK) {
        rk_boot_interval(boot, common->conf_level, RK_TWO_SIDED, &e->low, &e->high);
        kpi_note(e, "BCa interval of %zu resamples", boot->n_draws);
        rk_boot_free(boot);
    }
    return rk_status_is_undefined(status) ? RK_OK : status;
}

enum rk_status kpi_mean(const struct kpi_slice *slice, struct kpi_estimate *e, const double *x,
                        size_t n)
{
    double conf_level = slice->data->options->common.conf_level;
    struct rk_t_test t;
    struct rk_sum sum = {0};

    e->n = (double)n;
    if (n == 0) {
        kpi_note(e, "no value");
        return RK_OK;
    }
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, x[i]);
    e->value = rk_sum_value(&sum) / (double)n;
    if (n == 1) {
        kpi_note(e, "one value has no spread");
    } else if (rk_one_sample_t_test(x, n, 0.0, RK_TWO_SIDED, conf_level, &t) == RK_OK) {
        e->std_error = t.std_error;
        e->low = t.conf_low;
        e->high = t.conf_high;
    } else {
        kpi_note(e, "all values are the same: they do not say how far the mean may be off");
    }
    return slice->data->options->common.resamples > 0 && e->std_error > 0.0
               ? resample(slice, e, x, NULL, n)
               : RK_OK;
}

/* The denominator is unsure from this coefficient of variation on. */
static const double unsure = 0.1;

/* Linearised, or Fieller's. */
static void closed_ratio(struct kpi_estimate *e, const double *y, const double *x, size_t n,
                         double conf_level)
{
    struct rk_sum sy = {0}, sx = {0}, rr = {0}, yy = {0}, xx = {0}, xy = {0};
    double size = (double)n, critical, scale;
    struct rk_fieller fieller;

    e->n = size;
    for (size_t i = 0; i < n; i++) {
        rk_sum_add(&sy, y[i]);
        rk_sum_add(&sx, x[i]);
    }
    if (!(rk_sum_value(&sx) > 0.0)) {
        kpi_note(e, "the denominator is 0");
        return;
    }
    e->value = rk_sum_value(&sy) / rk_sum_value(&sx);
    if (n < 2) {
        kpi_note(e, "one unit has no spread");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        double residual = y[i] - e->value * x[i], dy = y[i] - rk_sum_value(&sy) / size,
               dx = x[i] - rk_sum_value(&sx) / size;

        rk_sum_add(&rr, residual * residual);
        rk_sum_add(&yy, dy * dy);
        rk_sum_add(&xx, dx * dx);
        rk_sum_add(&xy, dx * dy);
    }
    if (sqrt(rk_sum_value(&rr)) <= 1e-14 * fabs(rk_sum_value(&sy))) {
        kpi_note(e, "all units have the same ratio: they do not say how far it may be off");
        return;
    }
    scale = size / (size - 1.0);
    critical = rk_qt((1.0 - conf_level) / 2.0, size - 1.0, RK_UPPER_TAIL);
    e->std_error = sqrt(scale * rk_sum_value(&rr)) / rk_sum_value(&sx);
    e->low = e->value - critical * e->std_error;
    e->high = e->value + critical * e->std_error;
    if (sqrt(scale * rk_sum_value(&xx)) <= unsure * rk_sum_value(&sx))
        return;
    if (rk_fieller_of(rk_sum_value(&sy), rk_sum_value(&sx), scale * rk_sum_value(&yy),
                      scale * rk_sum_value(&xy), scale * rk_sum_value(&xx), critical,
                      &fieller) == RK_OK &&
        fieller.kind == RK_FIELLER_INTERVAL) {
        e->low = fieller.low;
        e->high = fieller.high;
    } else {
        e->low = e->high = NAN;
        kpi_note(e, "no interval: the denominator is not clear of 0");
    }
}

enum rk_status kpi_ratio(const struct kpi_slice *slice, struct kpi_estimate *e, const double *y,
                         const double *x, size_t n)
{
    const struct rk_common *common = &slice->data->options->common;

    closed_ratio(e, y, x, n, common->conf_level);
    return common->resamples > 0 && e->std_error > 0.0 ? resample(slice, e, y, x, n) : RK_OK;
}

void kpi_relative(struct kpi_estimate *e, double value, double relative_error, double conf_level)
{
    double width = rk_qnorm((1.0 - conf_level) / 2.0, RK_UPPER_TAIL) * relative_error;

    e->value = value;
    if (isnan(relative_error) || !(value > 0.0))
        return;
    e->std_error = value * relative_error;
    e->low = value * exp(-width);
    e->high = value * exp(width);
}

void kpi_difference(const struct kpi_estimate *before, const struct kpi_estimate *after,
                    struct kpi_estimate *e)
{
    double down, up;

    *e = *after;
    e->note[0] = '\0';
    e->n = before->n + after->n;
    e->value = after->value - before->value;
    e->std_error = hypot(after->std_error, before->std_error);
    down = hypot(after->value - after->low, before->high - before->value);
    up = hypot(after->high - after->value, before->value - before->low);
    e->low = e->value - down;
    e->high = e->value + up;
    if (isnan(e->value))
        kpi_note(e, "one side has no value");
    else if (isnan(down) || isnan(up))
        kpi_note(e, "no interval: one side has none");
}
