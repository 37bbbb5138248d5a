#include "repkit/panel_variance.h"

#include <math.h>
#include <stdlib.h>

#include "repkit/sum.h"

/* The panel by unit and period, units with one row left out. */
struct cell {
    uint32_t unit;
    double period, value;
};

struct panel {
    struct cell *cell;
    size_t n, n_units, n_periods;
    size_t *start; /* n_units + 1 */
};

static int by_period(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    if (x->period != y->period)
        return x->period < y->period ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static int by_unit(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->period < y->period ? -1 : x->period > y->period;
}

/* Keeps units with two rows or more, and takes the mean of each period from its values. */
static enum rk_status panel_make(struct panel *panel, const uint32_t *unit, size_t n_units,
                                 const double *period, const double *value, size_t n)
{
    size_t *count = calloc(n_units + 1, sizeof *count);

    panel->cell = malloc((n + 1) * sizeof *panel->cell);
    panel->start = malloc((n_units + 2) * sizeof *panel->start);
    if (count == NULL || panel->cell == NULL || panel->start == NULL) {
        free(count);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        count[unit[i]]++;
    for (size_t i = 0; i < n; i++)
        if (count[unit[i]] > 1)
            panel->cell[panel->n++] = (struct cell){unit[i], period[i], value[i]};
    free(count);
    qsort(panel->cell, panel->n, sizeof *panel->cell, by_period);
    for (size_t first = 0, end; first < panel->n; first = end) {
        struct rk_sum sum = {0};
        double mean;

        for (end = first; end < panel->n && panel->cell[end].period == panel->cell[first].period;)
            rk_sum_add(&sum, panel->cell[end++].value);
        mean = rk_sum_value(&sum) / (double)(end - first);
        for (size_t i = first; i < end; i++)
            panel->cell[i].value -= mean;
        panel->n_periods++;
    }
    qsort(panel->cell, panel->n, sizeof *panel->cell, by_unit);
    for (size_t i = 0; i < panel->n; i++)
        if (i == 0 || panel->cell[i].unit != panel->cell[i - 1].unit)
            panel->start[panel->n_units++] = i;
    panel->start[panel->n_units] = panel->n;
    return RK_OK;
}

/* What is expected of one unit's residuals when the noise has variance 1: the sum of lag-1
 * products, the sum of squares, and the variance of the unit's mean. */
struct expected {
    double products, squares, mean;
};

/* row_mean[i] becomes the mean correlation of cell i with all n: those before it pass on what they
 * share with it from one to the next, as do those after it. */
static struct expected expect(const struct cell *cell, size_t n, double ar, double *row_mean)
{
    struct expected out = {0};
    double size = (double)n, others = 0.0;

    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            others = (1.0 + others) * pow(ar, cell[i].period - cell[i - 1].period);
        row_mean[i] = 1.0 + others;
    }
    others = 0.0;
    for (size_t i = n; i-- > 0;) {
        if (i + 1 < n)
            others = (1.0 + others) * pow(ar, cell[i + 1].period - cell[i].period);
        row_mean[i] = (row_mean[i] + others) / size;
        out.mean += row_mean[i] / size;
    }
    out.squares = size - size * out.mean;
    for (size_t i = 0; i + 1 < n; i++)
        if (cell[i + 1].period - cell[i].period == 1.0)
            out.products += ar - row_mean[i] - row_mean[i + 1] + out.mean;
    return out;
}

static int same_times(const struct cell *a, const struct cell *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (a[i].period - a[0].period != b[i].period - b[0].period)
            return 0;
    return 1;
}

/* The sums over units; most panels are balanced, and then one unit's answer serves all. */
static struct expected expect_all(const struct panel *panel, double ar, double *row_mean)
{
    struct expected all = {0}, one = {0};

    for (size_t g = 0; g < panel->n_units; g++) {
        const struct cell *cell = panel->cell + panel->start[g];
        size_t n = panel->start[g + 1] - panel->start[g];

        if (g == 0 || n != panel->start[g] - panel->start[g - 1] ||
            !same_times(cell, panel->cell + panel->start[g - 1], n))
            one = expect(cell, n, ar, row_mean);
        all.products += one.products;
        all.squares += one.squares;
        all.mean += one.mean;
    }
    return all;
}

/* The same three, observed; `mean` is the sum of squares of the units' means about theirs. */
static struct expected observe(const struct panel *panel)
{
    struct rk_sum products = {0}, squares = {0}, means = {0}, spread = {0};

    for (int pass = 0; pass < 2; pass++) {
        for (size_t g = 0; g < panel->n_units; g++) {
            const struct cell *cell = panel->cell + panel->start[g];
            size_t n = panel->start[g + 1] - panel->start[g];
            struct rk_sum sum = {0};
            double mean, off;

            for (size_t i = 0; i < n; i++)
                rk_sum_add(&sum, cell[i].value);
            mean = rk_sum_value(&sum) / (double)n;
            if (pass == 0) {
                rk_sum_add(&means, mean);
                continue;
            }
            off = mean - rk_sum_value(&means) / (double)panel->n_units;
            rk_sum_add(&spread, off * off);
            for (size_t i = 0; i < n; i++) {
                double e = cell[i].value - mean;

                rk_sum_add(&squares, e * e);
                if (i + 1 < n && cell[i + 1].period - cell[i].period == 1.0)
                    rk_sum_add(&products, e * (cell[i + 1].value - mean));
            }
        }
    }
    return (struct expected){rk_sum_value(&products), rk_sum_value(&squares),
                             rk_sum_value(&spread)};
}

/* The ar under which the expected ratio is the observed one; the ratio rises with ar. */
static double solve_ar(const struct panel *panel, double ratio, double *row_mean)
{
    double low = -0.95, high = 0.99;

    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2.0;
        struct expected e = expect_all(panel, middle, row_mean);

        if (e.products / e.squares < ratio)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2.0;
}

static enum rk_status estimate(const struct panel *panel, struct rk_panel_variance *out)
{
    struct expected seen = observe(panel), e;
    double units = (double)panel->n_units;
    double *row_mean;

    if (!(seen.squares > 0.0))
        return RK_ECONSTANT;
    row_mean = malloc((panel->n + 1) * sizeof *row_mean);
    if (row_mean == NULL)
        return RK_ENOMEM;
    out->ar = 0.0;
    e = expect_all(panel, 0.0, row_mean);
    if (e.products != 0.0) { /* some periods are neighbours */
        out->ar = solve_ar(panel, seen.products / seen.squares, row_mean);
        e = expect_all(panel, out->ar, row_mean);
    }
    free(row_mean);
    out->within = seen.squares / e.squares * units / (units - 1.0);
    out->between = fmax(0.0, seen.mean / (units - 1.0) - out->within * e.mean / units);
    out->icc = out->between / (out->between + out->within);
    out->n = panel->n;
    out->n_units = panel->n_units;
    out->n_periods = panel->n_periods;
    return RK_OK;
}

enum rk_status rk_panel_variance_of(const uint32_t *unit, size_t n_units, const double *period,
                                    const double *value, size_t n, struct rk_panel_variance *out)
{
    struct rk_panel_variance found = {0};
    struct panel panel = {0};
    enum rk_status status = panel_make(&panel, unit, n_units, period, value, n);
    struct rk_sum sum = {0};

    if (status == RK_OK && panel.n_units < 2)
        status = RK_ETOOFEW;
    if (status == RK_OK)
        status = estimate(&panel, &found);
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, value[i]);
    found.mean = n > 0 ? rk_sum_value(&sum) / (double)n : NAN;
    if (status == RK_OK)
        *out = found;
    free(panel.cell);
    free(panel.start);
    return status;
}
