#include "repkit/two_way.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_STEPS 10000
#define ROUNDS 2

/* Work space: one place a unit or a period. */
struct work {
    double *unit_n, *unit_mean, *period_n;
    double *effect, *left, *direction, *image; /* of periods */
};

static enum rk_status work_new(const struct rk_two_way *t, struct work *w)
{
    double *all = calloc(2 * t->n_units + 5 * t->n_periods + 1, sizeof *all);

    if (all == NULL)
        return RK_ENOMEM;
    w->unit_n = all;
    w->unit_mean = w->unit_n + t->n_units;
    w->period_n = w->unit_mean + t->n_units;
    w->effect = w->period_n + t->n_periods;
    w->left = w->effect + t->n_periods;
    w->direction = w->left + t->n_periods;
    w->image = w->direction + t->n_periods;
    for (size_t i = 0; i < t->n; i++) {
        w->unit_n[t->unit[i]]++;
        w->period_n[t->period[i]]++;
    }
    return RK_OK;
}

static void take_unit_means(const struct rk_two_way *t, const struct work *w, double *x)
{
    memset(w->unit_mean, 0, t->n_units * sizeof *w->unit_mean);
    for (size_t i = 0; i < t->n; i++)
        w->unit_mean[t->unit[i]] += x[i];
    for (size_t g = 0; g < t->n_units; g++)
        w->unit_mean[g] /= fmax(w->unit_n[g], 1.0);
    for (size_t i = 0; i < t->n; i++)
        x[i] -= w->unit_mean[t->unit[i]];
}

/* The sums by period of effects d less their unit means: what taking d out does to the sums. */
static void apply(const struct rk_two_way *t, const struct work *w, const double *d, double *image)
{
    memset(w->unit_mean, 0, t->n_units * sizeof *w->unit_mean);
    for (size_t i = 0; i < t->n; i++)
        w->unit_mean[t->unit[i]] += d[t->period[i]];
    for (size_t g = 0; g < t->n_units; g++)
        w->unit_mean[g] /= fmax(w->unit_n[g], 1.0);
    for (size_t k = 0; k < t->n_periods; k++)
        image[k] = w->period_n[k] * d[k];
    for (size_t i = 0; i < t->n; i++)
        image[t->period[i]] -= w->unit_mean[t->unit[i]];
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Of the sums by period of x (less unit means), the period effects that make them 0. What is below
 * `rounding` is left alone: sums that rounding made have no solution, and looking for one does
 * harm. */
static enum rk_status solve(const struct rk_two_way *t, const struct work *w, double rounding,
                            double *z, bool *moved)
{
    size_t n = t->n_periods;
    double product = 0.0, first = 0.0;

    *moved = false;
    memset(w->effect, 0, n * sizeof *w->effect);
    for (size_t step = 0; step < MAX_STEPS; step++) {
        double before = product, length;

        for (size_t k = 0; k < n; k++)
            z[k] = w->left[k] / fmax(w->period_n[k], 1.0);
        product = dot(w->left, z, n);
        if (step == 0)
            first = product;
        if (!(product > 1e-24 * first) || product <= rounding)
            return RK_OK;
        for (size_t k = 0; k < n; k++)
            w->direction[k] = z[k] + (step == 0 ? 0.0 : product / before * w->direction[k]);
        apply(t, w, w->direction, w->image);
        length = dot(w->direction, w->image, n);
        if (!(length > 0.0))
            return RK_OK; /* a direction without sums, of rounding only */
        *moved = true;
        for (size_t k = 0; k < n; k++) {
            w->effect[k] += product / length * w->direction[k];
            w->left[k] -= product / length * w->image[k];
        }
    }
    return RK_ENOCONVERGE;
}

/* The second round works on what rounding left of the one before. */
enum rk_status rk_two_way_demean(const struct rk_two_way *t, double *x)
{
    struct work w;
    double *z = malloc((t->n_periods + 1) * sizeof *z), rounding = 0.0;
    bool moved = true;
    enum rk_status status = z == NULL ? RK_ENOMEM : work_new(t, &w);

    if (status != RK_OK) {
        free(z);
        return status;
    }
    take_unit_means(t, &w, x);
    for (size_t i = 0; i < t->n; i++)
        rounding += 1e-30 * x[i] * x[i];
    for (int round = 0; round < ROUNDS && moved && status == RK_OK; round++) {
        memset(w.left, 0, t->n_periods * sizeof *w.left);
        for (size_t i = 0; i < t->n; i++)
            w.left[t->period[i]] += x[i];
        status = solve(t, &w, rounding, z, &moved);
        for (size_t i = 0; moved && i < t->n; i++)
            x[i] -= w.effect[t->period[i]];
        if (moved)
            take_unit_means(t, &w, x);
    }
    free(w.unit_n);
    free(z);
    return status;
}

static uint32_t root_of(uint32_t *parent, uint32_t k)
{
    while (parent[k] != k) {
        parent[k] = parent[parent[k]];
        k = parent[k];
    }
    return k;
}

enum rk_status rk_two_way_df(const struct rk_two_way *t, size_t *df)
{
    size_t n_nodes = t->n_units + t->n_periods, joined = 0;
    uint32_t *parent = malloc((n_nodes + 1) * sizeof *parent);

    if (parent == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k < n_nodes; k++)
        parent[k] = (uint32_t)k;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t a = root_of(parent, t->unit[i]);
        uint32_t b = root_of(parent, (uint32_t)t->n_units + t->period[i]);

        if (a != b) {
            parent[b] = a;
            joined++;
        }
    }
    free(parent);
    *df = joined; /* nodes in use less their parts */
    return RK_OK;
}
