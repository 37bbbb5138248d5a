/* Each unit as one before and one after, and its slope before. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/sum.h"

enum { MOST_NAMED = 5 };

void impact_units_free(struct impact_units *u)
{
    free(u->before);
    free(u->treated);
    rk_text_free(&u->names);
    memset(u, 0, sizeof *u);
}

static enum rk_status allocate(const struct impact_panel *p, struct impact_units *u)
{
    size_t n = p->n_units, q = p->q;

    u->before = malloc((n * (5 + 2 * q) + 1) * sizeof *u->before);
    u->treated = malloc(2 * n + 1);
    if (u->before == NULL || u->treated == NULL)
        return RK_ENOMEM;
    u->after = u->before + n;
    u->change = u->after + n;
    u->slope = u->change + n;
    u->both = u->slope + n;
    u->Z = u->both + n; /* within `both`, once the units are counted: see pack */
    u->slope_treated = u->treated + n;
    return RK_OK;
}

/* The mean of a column over rows [first, last) on one side, and how many there are. */
static double mean_of(const struct impact_panel *p, const double *values, size_t first, size_t last,
                      size_t start, size_t stop, bool after, size_t *n)
{
    struct rk_sum sum = {0.0, 0.0};

    *n = 0;
    for (size_t k = first; k < last; k++) {
        if (p->period[k] >= stop || (p->period[k] >= start) != after)
            continue;
        rk_sum_add(&sum, values[k]);
        ++*n;
    }
    return rk_sum_value(&sum) / (double)*n;
}

/* Least squares of y on time over the rows before the start; NaN with fewer than two. */
static double slope_of(const struct impact_panel *p, size_t first, size_t last, size_t start)
{
    double n = 0.0, t = 0.0, y = 0.0, ty = 0.0, tt = 0.0;

    for (size_t k = first; k < last && p->period[k] < start; k++) {
        n++;
        t += ((double)p->time[p->period[k]] - t) / n;
        y += (p->y[k] - y) / n;
    }
    for (size_t k = first; k < last && p->period[k] < start; k++) {
        double d = (double)p->time[p->period[k]] - t;

        ty += d * (p->y[k] - y);
        tt += d * d;
    }
    return tt > 0.0 ? ty / tt : NAN;
}

static void note_one_side(const struct impact_panel *p, size_t unit, bool after,
                          struct impact_units *u)
{
    size_t seen = u->n_one_side[0] + u->n_one_side[1];

    if (seen < MOST_NAMED)
        rk_text_format(&u->names, "%s%s", seen == 0 ? "" : ", ", p->name[unit]);
    u->n_one_side[after]++;
}

static void take_unit(const struct impact_panel *p, size_t first, size_t last, size_t start,
                      size_t stop, struct impact_units *u)
{
    size_t unit = p->unit[first], n[2], ignored, i = u->n;
    double before = mean_of(p, p->y, first, last, start, stop, false, &n[0]);
    double after = mean_of(p, p->y, first, last, start, stop, true, &n[1]);
    double slope = slope_of(p, first, last, start);

    if (isfinite(slope)) {
        u->slope_treated[u->n_slopes] = p->treated[unit];
        u->slope[u->n_slopes++] = slope;
    }
    if (n[0] == 0 || n[1] == 0) {
        if (n[0] + n[1] > 0)
            note_one_side(p, unit, n[1] > 0, u);
        return;
    }
    u->before[i] = before;
    u->after[i] = after;
    u->change[i] = after - before;
    u->treated[i] = p->treated[unit];
    u->n_treated += p->treated[unit];
    /* a row a unit for now */
    u->both[i * (p->q + 1)] = before;
    for (size_t j = 0; j < p->q; j++)
        u->both[i * (p->q + 1) + j + 1] =
            mean_of(p, p->Z + j * p->n, first, last, start, stop, false, &ignored);
    u->n++;
}

/* From a row a unit to a column a covariate. */
static enum rk_status pack(size_t columns, struct impact_units *u)
{
    double *rows = malloc((u->n * columns + 1) * sizeof *rows);

    if (rows == NULL)
        return RK_ENOMEM;
    memcpy(rows, u->both, u->n * columns * sizeof *rows);
    for (size_t i = 0; i < u->n; i++)
        for (size_t j = 0; j < columns; j++)
            u->both[j * u->n + i] = rows[i * columns + j];
    u->Z = u->both + u->n;
    free(rows);
    return RK_OK;
}

static void set_mean_time(const struct impact_panel *p, size_t start, size_t stop,
                          struct impact_units *u)
{
    double n[2] = {0.0, 0.0};

    u->mean_time[0] = u->mean_time[1] = 0.0;
    for (size_t k = 0; k < p->n; k++) {
        bool after = p->period[k] >= start;

        if (!p->treated[p->unit[k]] || p->period[k] >= stop)
            continue;
        n[after]++;
        u->mean_time[after] += ((double)p->time[p->period[k]] - u->mean_time[after]) / n[after];
    }
}

enum rk_status impact_units_make(const struct impact_panel *panel, size_t start, size_t last,
                                 struct impact_units *units)
{
    enum rk_status status;

    *units = (struct impact_units){0};
    status = allocate(panel, units);
    for (size_t first = 0, end; status == RK_OK && first < panel->n; first = end) {
        for (end = first; end < panel->n && panel->unit[end] == panel->unit[first];)
            end++;
        take_unit(panel, first, end, start, last, units);
    }
    if (status == RK_OK)
        set_mean_time(panel, start, last, units);
    if (status == RK_OK)
        status = pack(panel->q + 1, units);
    return units->names.failed ? RK_ENOMEM : status;
}
