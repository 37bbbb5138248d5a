/* Intervals and p-values of rep-corr by resampling whole units, or rows where there are none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"
#include "repkit/resample.h"

/* One correlation as a statistic of how often each item was drawn. */
struct statistic {
    const struct corr_sample *s;
    int method, scope;
    size_t n_items;
    double *moment;      /* n_items times n_moments: sums of Pearson's r; NULL: rows are drawn */
    size_t n_moments;    /* 1 + k + k (k + 1) / 2 for k columns */
    size_t *row, *start; /* rows by item */
};

static bool within_units(const struct statistic *t)
{
    return t->scope == RK_WITHIN || t->scope == RK_TWO_WAY;
}

/* --- Pearson's r from sums over items --------------------------------------------------------- */

/* The column less its mean, or its units' means, and scaled: sums of squares are in range and do
 * not cancel. */
static enum rk_status deviations(const struct statistic *t, size_t column, double *out)
{
    const struct corr_sample *s = t->s;
    bool units = within_units(t);
    uint32_t *none = units ? NULL : calloc(s->n + 1, sizeof *none);
    const uint32_t *unit = units ? s->unit : none;
    size_t n_units = units ? s->n_units : 1;
    double *mean = malloc((n_units + 1) * sizeof *mean), largest = 0.0;
    enum rk_status status = mean == NULL || unit == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        status = rk_unit_means(s->column[column], unit, s->n, n_units, mean);
    for (size_t i = 0; status == RK_OK && i < s->n; i++) {
        out[i] = s->column[column][i] - mean[unit[i]];
        largest = fmax(largest, fabs(out[i]));
    }
    for (size_t i = 0; status == RK_OK && largest > 0.0 && i < s->n; i++)
        out[i] /= largest;
    free(none);
    free(mean);
    return status;
}

static enum rk_status sum_moments(struct statistic *t)
{
    const struct corr_sample *s = t->s;
    size_t k = s->n_columns;
    double *u = malloc((k * s->n + 1) * sizeof *u);
    enum rk_status status = RK_OK;

    t->n_moments = 1 + k + k * (k + 1) / 2;
    t->moment = calloc(t->n_items * t->n_moments + 1, sizeof *t->moment);
    if (u == NULL || t->moment == NULL)
        status = RK_ENOMEM;
    for (size_t j = 0; status == RK_OK && j < k; j++)
        status = deviations(t, j, u + j * s->n);
    for (size_t i = 0; status == RK_OK && i < s->n; i++) {
        double *m = t->moment + (s->unit != NULL ? s->unit[i] : i) * t->n_moments;
        size_t at = 1 + k;

        m[0]++;
        for (size_t j = 0; j < k; j++) {
            m[1 + j] += u[j * s->n + i];
            for (size_t l = 0; l <= j; l++)
                m[at++] += u[j * s->n + i] * u[l * s->n + i];
        }
    }
    free(u);
    return status;
}

/* Takes column p of the k-by-k covariances out of the others; nothing if little is left of it. */
static void sweep(double *c, size_t k, size_t p, double before)
{
    double pivot = c[p * k + p];

    if (!(pivot > 1e-12 * before))
        return;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; i != p && j < k; j++)
            if (j != p)
                c[i * k + j] -= c[i * k + p] * c[p * k + j] / pivot;
}

static enum rk_status r_of_sums(const struct statistic *t, const uint32_t *count, double *value)
{
    size_t k = t->s->n_columns, at = 1 + k;
    double *sum = calloc(t->n_moments + k * k, sizeof *sum), *c, x_before, y_before;

    if (sum == NULL)
        return RK_ENOMEM;
    c = sum + t->n_moments;
    for (size_t g = 0; g < t->n_items; g++)
        for (size_t m = 0; count[g] > 0 && m < t->n_moments; m++)
            sum[m] += count[g] * t->moment[g * t->n_moments + m];
    for (size_t j = 0; j < k; j++)
        for (size_t l = 0; l <= j; l++, at++)
            c[j * k + l] = c[l * k + j] =
                sum[at] - (within_units(t) ? 0.0 : sum[1 + j] * sum[1 + l] / sum[0]);
    x_before = c[0];
    y_before = c[k + 1];
    for (size_t p = 2; p < k; p++)
        sweep(c, k, p, sum[1 + k + p * (p + 1) / 2 + p]);
    *value = c[0] > 1e-14 * x_before && c[k + 1] > 1e-14 * y_before
                 ? fmax(-1.0, fmin(1.0, c[1] / sqrt(c[0]) / sqrt(c[k + 1])))
                 : NAN;
    free(sum);
    return RK_OK;
}

/* --- all else from the rows drawn ------------------------------------------------------------- */

enum rk_status corr_rows_by_unit(const struct corr_sample *s, size_t n_items, size_t **row,
                                 size_t **start)
{
    size_t *at = calloc(n_items + 2, sizeof *at), *rows = malloc((s->n + 1) * sizeof *rows);

    if (at == NULL || rows == NULL) {
        free(at);
        free(rows);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < s->n; i++)
        at[(s->unit != NULL ? s->unit[i] : i) + 1]++;
    for (size_t g = 0; g < n_items; g++)
        at[g + 1] += at[g];
    for (size_t i = s->n; i-- > 0;)
        rows[--at[(s->unit != NULL ? s->unit[i] : i) + 1]] = i;
    memmove(at, at + 1, n_items * sizeof *at);
    at[n_items] = s->n;
    *row = rows;
    *start = at;
    return RK_OK;
}

/* Each copy of a unit is a unit of its own. */
static size_t draw_rows(const struct statistic *t, const uint32_t *count, struct corr_sample *d)
{
    const struct corr_sample *s = t->s;
    size_t n = 0;

    for (size_t g = 0; g < t->n_items; g++)
        for (uint32_t copy = 0; copy < count[g]; copy++) {
            for (size_t k = t->start[g]; k < t->start[g + 1]; k++, n++) {
                for (size_t j = 0; j < s->n_columns; j++)
                    d->values[j * d->n + n] = s->column[j][t->row[k]];
                d->unit[n] = (uint32_t)d->n_units;
                d->period[n] = s->period != NULL ? s->period[t->row[k]] : 0;
            }
            d->n_units++;
        }
    return n;
}

static enum rk_status r_of_rows(const struct statistic *t, const uint32_t *count, double *value)
{
    struct corr_sample d = {.n_columns = t->s->n_columns, .contrast = t->s->contrast};
    struct rk_correlation c;
    enum rk_status status;

    for (size_t g = 0; g < t->n_items; g++)
        d.n += count[g] * (t->start[g + 1] - t->start[g]);
    status = corr_sample_alloc(&d, d.n, true, true);
    if (status == RK_OK) {
        draw_rows(t, count, &d);
        d.n_periods = t->s->n_periods;
        status = corr_at(&d, t->method, t->scope, 0.95, RK_TWO_SIDED, NULL, &c);
    }
    if (status == RK_OK)
        *value = c.estimate;
    corr_sample_free(&d);
    return status;
}

static enum rk_status correlation_of(const void *data, const uint32_t *count, double *value)
{
    const struct statistic *t = data;

    return t->moment != NULL ? r_of_sums(t, count, value) : r_of_rows(t, count, value);
}

/* --- the estimate ------------------------------------------------------------------------------
 */

size_t corr_resamples(const struct corr_group *group)
{
    size_t asked = group->options->common.resamples;

    return asked > 0 ? asked : group->id != SIZE_MAX ? 1999 : 9999;
}

static void put_boot(const struct corr_group *group, const struct rk_boot *boot, double limit,
                     struct corr_estimate *e)
{
    const struct rk_common *common = &group->options->common;

    e->boot = boot->bca ? CORR_BCA : CORR_PERCENTILE;
    rk_boot_interval(boot, common->conf_level, common->alternative, &e->c.conf_low,
                     &e->c.conf_high);
    e->c.conf_low = fmax(-limit, e->c.conf_low);
    e->c.conf_high = fmin(limit, e->c.conf_high);
    e->c.p_value = rk_boot_p_value(boot, 0.0, common->alternative);
}

enum rk_status corr_boot(const struct corr_group *group, const struct corr_sample *s, int scope,
                         struct corr_estimate *e)
{
    struct statistic t = {.s = s, .method = group->options->method, .scope = scope};
    struct rk_boot *boot = NULL;
    struct rk_resample plan = {.draws = corr_resamples(group), .label = group->label};
    enum rk_status status;

    e->c.statistic = e->c.df = e->c.p_value = NAN;
    e->c.exact = false;
    if (e->c.perfect)
        return RK_OK;
    e->c.conf_low = e->c.conf_high = NAN;
    e->boot = CORR_TOO_FEW;
    plan.n = t.n_items = s->unit != NULL ? s->n_units : s->n;
    if (group->id != SIZE_MAX && plan.n < CORR_FEW_UNITS)
        return corr_can_shift(group, s, scope) ? corr_shift(group, s, scope, e) : RK_OK;
    status = t.method == RK_PEARSON && scope != RK_TWO_WAY && !s->contrast
                 ? sum_moments(&t)
                 : corr_rows_by_unit(s, t.n_items, &t.row, &t.start);
    if (status == RK_OK)
        status = rk_boot_new(&plan, correlation_of, &t, group->ctx, &boot);
    if (status == RK_OK)
        put_boot(group, boot, s->contrast ? 2.0 : 1.0, e);
    rk_boot_free(boot);
    free(t.moment);
    free(t.row);
    free(t.start);
    return rk_status_is_undefined(status) ? RK_OK : status;
}
