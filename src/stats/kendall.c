/* Kendall's tau-b: concordant less discordant pairs, counted by sorting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/correlation.h"

enum { MAX_EXACT = 49, MAX_COUNTED = 18, MAX_PAIRS = MAX_EXACT * (MAX_EXACT - 1) / 2 };

struct point {
    double x, y;
};

static int by_x_then_y(const void *a, const void *b)
{
    const struct point *p = a, *q = b;

    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return p->y < q->y ? -1 : p->y > q->y;
}

/* What ties take from the pairs and from the variance: sums over runs of t equal values. */
struct ties {
    double two;      /* t (t - 1) */
    double three;    /* t (t - 1) (t - 2) */
    double weighted; /* t (t - 1) (2 t + 5) */
};

static void add_run(struct ties *ties, size_t length)
{
    double t = (double)length;

    ties->two += t * (t - 1.0);
    ties->three += t * (t - 1.0) * (t - 2.0);
    ties->weighted += t * (t - 1.0) * (2.0 * t + 5.0);
}

/* Sorts the points by y and returns how many pairs that swaps. work has n places. */
static double sort_by_y(struct point *p, struct point *work, size_t n)
{
    double swaps = 0.0;

    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low + width < n; low += 2 * width) {
            size_t middle = low + width, high = middle + width < n ? middle + width : n;
            size_t i = low, j = middle, k = low;

            while (i < middle && j < high) {
                bool swap = p[j].y < p[i].y;

                if (swap)
                    swaps += (double)(middle - i);
                work[k++] = swap ? p[j++] : p[i++];
            }
            memcpy(work + k, p + i, (middle - i) * sizeof *p);
            memcpy(p + low, work + low, (k + middle - i - low) * sizeof *p);
        }
    }
    return swaps;
}

static void add_concordance(struct point *p, struct point *work, size_t n, struct rk_concordance *c)
{
    struct ties x = {0}, y = {0}, both = {0};
    double m = (double)n, pairs = m * (m - 1.0) / 2.0, swaps, v;
    size_t x_run = 1, both_run = 1, y_run = 1;

    qsort(p, n, sizeof *p, by_x_then_y);
    for (size_t i = 1; i <= n; i++) {
        bool same = i < n && p[i].x == p[i - 1].x, same_both = same && p[i].y == p[i - 1].y;

        if (!same)
            add_run(&x, x_run);
        if (!same_both)
            add_run(&both, both_run);
        x_run = same ? x_run + 1 : 1;
        both_run = same_both ? both_run + 1 : 1;
    }
    swaps = sort_by_y(p, work, n);
    for (size_t i = 1; i <= n; i++) {
        bool same = i < n && p[i].y == p[i - 1].y;

        if (!same)
            add_run(&y, y_run);
        y_run = same ? y_run + 1 : 1;
    }
    v = (m * (m - 1.0) * (2.0 * m + 5.0) - x.weighted - y.weighted) / 18.0 +
        x.two * y.two / (2.0 * m * (m - 1.0));
    if (n > 2)
        v += x.three * y.three / (9.0 * m * (m - 1.0) * (m - 2.0));
    c->s += pairs - x.two / 2.0 - y.two / 2.0 + both.two / 2.0 - 2.0 * swaps;
    c->x_untied += pairs - x.two / 2.0;
    c->y_untied += pairs - y.two / 2.0;
    c->variance += v;
    c->ties = c->ties || x.two > 0.0 || y.two > 0.0;
}

/* Rows of a unit together, in the order they come; start has n_units + 1 places. */
static void by_unit(const double *x, const double *y, const uint32_t *unit, size_t n,
                    size_t n_units, size_t *start, struct point *p)
{
    memset(start, 0, (n_units + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[unit == NULL ? 1 : unit[i] + 1]++;
    for (size_t g = 0; g < n_units; g++)
        start[g + 1] += start[g];
    for (size_t i = n; i-- > 0;) {
        size_t g = unit == NULL ? 0 : unit[i];

        p[--start[g + 1]] = (struct point){x[i], y[i]};
    }
    /* Each start[g + 1] has gone down to where unit g begins. */
    memmove(start, start + 1, n_units * sizeof *start);
    start[n_units] = n;
}

enum rk_status rk_concordance(const double *x, const double *y, const uint32_t *unit, size_t n,
                              size_t n_units, struct rk_concordance *out)
{
    size_t n_parts = unit == NULL ? 1 : n_units;
    struct rk_concordance c = {0};
    struct point *p = malloc((2 * n + 1) * sizeof *p);
    size_t *start = malloc((n_parts + 1) * sizeof *start);
    bool known = true;

    if (p == NULL || start == NULL) {
        free(p);
        free(start);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        known = known && !isnan(x[i]) && !isnan(y[i]);
    if (known) {
        by_unit(x, y, unit, n, n_parts, start, p);
        for (size_t g = 0; g < n_parts; g++)
            if (start[g + 1] - start[g] > 1)
                add_concordance(p + start[g], p + n, start[g + 1] - start[g], &c);
        *out = c;
    }
    free(p);
    free(start);
    return known ? RK_OK : RK_EDOMAIN;
}

/* The share of orders of i values with each number of concordant pairs, value by value: the i-th
 * makes 0 .. i - 1 of them, all equally likely. Symmetric; only the rising half is summed, where
 * the running sum keeps its digits. Up to 18! orders are counted instead, without rounding. */
enum rk_status rk_kendall_tails(double concordant, size_t n, double *lower, double *upper)
{
    double share[MAX_PAIRS + 1] = {1.0}, next[MAX_PAIRS + 1], below = 0.0, above = 0.0;
    double orders = 1.0;
    size_t largest = 0;

    if (n > MAX_EXACT || isnan(concordant))
        return RK_EDOMAIN;
    for (size_t i = 2; i <= n; i++) {
        double running = 0.0;
        size_t before = largest;

        largest += i - 1;
        for (size_t c = 0; c <= largest / 2; c++) {
            running += c <= before ? share[c] : 0.0;
            running -= c >= i ? share[c - i] : 0.0;
            next[c] = next[largest - c] = n <= MAX_COUNTED ? running : running / (double)i;
        }
        memcpy(share, next, (largest + 1) * sizeof *share);
        orders *= n <= MAX_COUNTED ? (double)i : 1.0;
    }
    for (size_t c = 0; c <= largest; c++) {
        below += (double)c <= concordant ? share[c] : 0.0;
        above += (double)(largest - c) >= concordant ? share[largest - c] : 0.0;
    }
    *lower = fmin(1.0, below / orders);
    *upper = fmin(1.0, above / orders);
    return RK_OK;
}
