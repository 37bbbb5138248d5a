#include "repkit/quantile.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

/* --- order -------------------------------------------------------------------------------- */

static void swap(double *a, double *b)
{
    double t = *a;

    *a = *b;
    *b = t;
}

static void insertion_sort(double *x, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double v = x[i];
        size_t j = i;

        for (; j > 0 && x[j - 1] > v; j--)
            x[j] = x[j - 1];
        x[j] = v;
    }
}

static void sift(double *x, size_t root, size_t n)
{
    for (size_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && x[child + 1] > x[child])
            child++;
        if (x[root] >= x[child])
            return;
        swap(&x[root], &x[child]);
    }
}

static void heap_sort(double *x, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(x, i, n);
    for (size_t i = n; i-- > 1;) {
        swap(&x[0], &x[i]);
        sift(x, 0, i);
    }
}

static double median_of_three(double a, double b, double c)
{
    return a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
}

/* Splits x into at most the pivot, then at least the pivot; both parts are shorter than n. */
static size_t split(double *x, size_t n)
{
    double pivot = median_of_three(x[0], x[n / 2], x[n - 1]);
    size_t i = 0, j = n - 1;

    for (;;) {
        while (x[i] < pivot)
            i++;
        while (x[j] > pivot)
            j--;
        if (i >= j)
            break;
        swap(&x[i++], &x[j--]);
    }
    /* x[i] >= pivot and, before it, all <= pivot. */
    return i == 0 ? 1 : i;
}

/* Twice the binary logarithm: deeper recursion means bad pivots, and heapsort takes over. */
static int depth_limit(size_t n)
{
    int depth = 2;

    for (; n > 1; n /= 2)
        depth += 2;
    return depth;
}

static void sort_part(double *x, size_t n, int depth)
{
    while (n > 24) {
        size_t k;

        if (depth-- == 0) {
            heap_sort(x, n);
            return;
        }
        k = split(x, n);
        if (k < n - k) {
            sort_part(x, k, depth);
            x += k;
            n -= k;
        } else {
            sort_part(x + k, n - k, depth);
            n = k;
        }
    }
    insertion_sort(x, n);
}

void rk_sort(double *x, size_t n)
{
    sort_part(x, n, depth_limit(n));
}

double rk_select(double *x, size_t n, size_t k)
{
    int depth = depth_limit(n);

    while (n > 24) {
        size_t left;

        if (depth-- == 0) {
            heap_sort(x, n);
            return x[k];
        }
        left = split(x, n);
        if (k < left) {
            n = left;
        } else {
            x += left;
            n -= left;
            k -= left;
        }
    }
    insertion_sort(x, n);
    return x[k];
}

/* --- quantiles ---------------------------------------------------------------------------- */

/* The quantile is (1 - weight) * x_(j) + weight * x_(j+1), order statistics counted from 1 and
 * clamped to 1 .. n. */
static void position(size_t n, double p, int type, double *j, double *weight)
{
    static const double m_of_type[10] = {0, 0, 0, -0.5, 0, 0.5, 0, 0, 0, 0};
    const double fuzz = 4 * DBL_EPSILON; /* R's: n * p may miss a whole number by rounding */
    double m = m_of_type[type], h, g;

    if (type == 6)
        m = p;
    else if (type == 7)
        m = 1.0 - p;
    else if (type == 8)
        m = (p + 1.0) / 3.0;
    else if (type == 9)
        m = p / 4.0 + 3.0 / 8.0;
    h = (double)n * p + m;
    /* R interpolates type 7 from index 1 + (n - 1) p, which rounds otherwise. */
    if (type == 7)
        h = 1.0 + ((double)n - 1.0) * p;
    *j = floor(h + fuzz);
    g = h - *j;
    if (fabs(g) < fuzz)
        g = 0.0;
    switch (type) {
    case 1:
        *weight = g > 0.0;
        break;
    case 2:
        *weight = g > 0.0 ? 1.0 : 0.5;
        break;
    case 3:
        *weight = g > 0.0 || fmod(*j, 2.0) != 0.0;
        break;
    default:
        *weight = g;
    }
}

static size_t clamp(double j, size_t n)
{
    return j < 1.0 ? 0 : j > (double)n ? n - 1 : (size_t)j - 1;
}

static double interpolate(double low, double high, double weight)
{
    return weight == 0.0 || low == high ? low
           : weight == 1.0              ? high
                                        : (1.0 - weight) * low + weight * high;
}

double rk_quantile_sorted(const double *sorted, size_t n, double p, int type)
{
    double j, weight;

    position(n, p, type, &j, &weight);
    return interpolate(sorted[clamp(j, n)], sorted[clamp(j + 1.0, n)], weight);
}

/* The smallest of x[0..n-1], n >= 1, moved to the front. */
static double smallest_first(double *x, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (x[i] < x[at])
            at = i;
    swap(&x[0], &x[at]);
    return x[0];
}

static enum rk_status check(size_t n, const double *p, size_t n_p, int type)
{
    if (n == 0)
        return RK_ETOOFEW;
    if (type < 1 || type > 9)
        return RK_EDOMAIN;
    for (size_t k = 0; k < n_p; k++)
        if (!(p[k] >= 0.0 && p[k] <= 1.0))
            return RK_EDOMAIN;
    return RK_OK;
}

static int by_size(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return x < y ? -1 : x > y;
}

/* The value at a rank, of those that were looked up. */
static double value_at(const size_t *rank, size_t n_ranks, const double *value, size_t wanted)
{
    const size_t *found = bsearch(&wanted, rank, n_ranks, sizeof *rank, by_size);

    return value[found - rank];
}

enum rk_status rk_quantiles_of(const double *x, size_t n, const double *p, size_t n_p, int type,
                               double *out)
{
    enum rk_status status = check(n, p, n_p, type);
    size_t *rank = malloc((2 * n_p + 1) * sizeof *rank);
    double *value = malloc((2 * n_p + 1) * sizeof *value), j, weight;

    if (status == RK_OK && (rank == NULL || value == NULL))
        status = RK_ENOMEM;
    for (size_t k = 0; status == RK_OK && k < n_p; k++) {
        position(n, p[k], type, &j, &weight);
        rank[2 * k] = clamp(j, n);
        rank[2 * k + 1] = clamp(j + 1.0, n);
    }
    if (status == RK_OK && n_p > 0) {
        qsort(rank, 2 * n_p, sizeof *rank, by_size);
        status = rk_order_statistics(x, n, rank, 2 * n_p, value);
    }
    for (size_t k = 0; status == RK_OK && k < n_p; k++) {
        position(n, p[k], type, &j, &weight);
        out[k] = interpolate(value_at(rank, 2 * n_p, value, clamp(j, n)),
                             value_at(rank, 2 * n_p, value, clamp(j + 1.0, n)), weight);
    }
    free(rank);
    free(value);
    return status;
}

enum rk_status rk_quantiles(double *x, size_t n, const double *p, size_t n_p, int type, double *out)
{
    enum rk_status status = check(n, p, n_p, type);

    if (status != RK_OK)
        return status;
    for (size_t k = 0; k < n_p; k++) {
        double j, weight, low, high;
        size_t a, b;

        position(n, p[k], type, &j, &weight);
        a = clamp(j, n);
        b = clamp(j + 1.0, n);
        low = rk_select(x, n, a);
        high = b == a ? low : smallest_first(x + b, n - b);
        out[k] = interpolate(low, high, weight);
    }
    return RK_OK;
}
