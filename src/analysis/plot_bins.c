#include <math.h>

#include "plot_parts.h"
#include "repkit/quantile.h"

enum { MOST_BINS = 50, FEWEST_BINS = 8 };

static bool all_whole(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != floor(x[i]))
            return false;
    return true;
}

struct plot_bins plot_bins_of(const double *sorted, size_t n)
{
    struct plot_bins bins = {0};
    double first = n < 200 ? sorted[0] : rk_quantile_sorted(sorted, n, 0.005, 7);
    double last = n < 200 ? sorted[n - 1] : rk_quantile_sorted(sorted, n, 0.995, 7);
    double span = last - first, quarter = rk_quantile_sorted(sorted, n, 0.25, 7);
    double further,
        wanted = 2.0 * (rk_quantile_sorted(sorted, n, 0.75, 7) - quarter) / cbrt((double)n);

    if (all_whole(sorted, n) && span < MOST_BINS) {
        bins.width = 1.0;
        bins.left = floor(first) - 0.5;
    } else {
        if (!(span > 0.0))
            span = fmax(fabs(first), 1.0) * 0.1;
        if (!(wanted > 0.0))
            wanted = span / FEWEST_BINS;
        bins.width = fmin(fmax(wanted, span / MOST_BINS), span / FEWEST_BINS);
        bins.left = floor(first / bins.width) * bins.width;
    }
    further = floor((last - bins.left) / bins.width);
    /* Not a number, where the span is more than a double holds. */
    bins.n = further >= 0.0 && further <= 2.0 * MOST_BINS ? (size_t)further + 1 : 1;
    bins.cut = plot_bin(&bins, sorted[0]) == SIZE_MAX || plot_bin(&bins, sorted[n - 1]) == SIZE_MAX;
    return bins;
}

size_t plot_bin(const struct plot_bins *bins, double value)
{
    double bin = floor((value - bins->left) / bins->width);

    return bin >= 0.0 && bin < (double)bins->n ? (size_t)bin : SIZE_MAX;
}
