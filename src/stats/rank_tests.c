#include "repkit/rank_tests.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/proportions.h"
#include "repkit/quantile.h"

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static double *sorted_copy(const double *x, size_t n)
{
    double *copy = malloc((n + 1) * sizeof *copy);

    if (copy == NULL)
        return NULL;
    memcpy(copy, x, n * sizeof *copy);
    rk_sort(copy, n);
    return copy;
}

/* --- signs ---------------------------------------------------------------------------------- */

/* The smallest k with P(B <= k) >= alpha, B binomial with n and 1/2, by bisection. */
static size_t binomial_quantile(size_t n, double alpha)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rk_binomial_p(middle, n, 0.5, RK_LESS) >= alpha * (1.0 - 1e-13))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void sign_interval(const double *sorted, size_t n, int alternative, double conf_level,
                          struct rk_rank_test *test)
{
    int sides = alternative == RK_TWO_SIDED ? 2 : 1;
    size_t k = binomial_quantile(n, (1.0 - conf_level) / sides);

    /* with so few that even the extremes do not hold it, the extremes; none of one value */
    k = k < 1 ? 1 : k;
    test->conf_achieved = 1.0 - sides * rk_binomial_p(k - 1, n, 0.5, RK_LESS);
    test->conf_low = test->conf_high = NAN;
    if (test->conf_achieved <= 1e-12) {
        test->conf_achieved = 0.0;
        return;
    }
    test->conf_low = alternative == RK_LESS ? -INFINITY : sorted[k - 1];
    test->conf_high = alternative == RK_GREATER ? INFINITY : sorted[n - k];
}

enum rk_status rk_sign_test(const double *d, size_t n, double mu, int alternative,
                            double conf_level, struct rk_rank_test *out)
{
    struct rk_rank_test test = {.exact = true};
    size_t above = 0, below = 0;
    double *sorted;

    if (n < 1)
        return RK_ETOOFEW;
    if (!all_finite(d, n) || !isfinite(mu) || !(conf_level > 0.0 && conf_level < 1.0))
        return RK_EDOMAIN;
    sorted = sorted_copy(d, n);
    if (sorted == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        above += d[i] > mu;
        below += d[i] < mu;
    }
    test.n_used = above + below;
    test.statistic = (double)above;
    test.estimate = rk_quantile_sorted(sorted, n, 0.5, 7);
    test.p_value = above + below > 0 ? rk_binomial_p(above, above + below, 0.5, alternative) : 1.0;
    test.p_smallest = fmin(1.0, (alternative == RK_TWO_SIDED ? 2.0 : 1.0) *
                                    ldexp(1.0, -(int)fmin(1000.0, (double)test.n_used)));
    sign_interval(sorted, n, alternative, conf_level, &test);
    free(sorted);
    *out = test;
    return RK_OK;
}

/* --- distribution functions ----------------------------------------------------------------- */

static double distance(double fx, double fy, int alternative)
{
    return alternative == RK_TWO_SIDED ? fabs(fx - fy)
           : alternative == RK_GREATER ? fx - fy
                                       : fy - fx;
}

/* D, and which places of the pooled order end a run of equal values (only there the distribution
 * functions are looked at). x and y are sorted. */
static double largest_distance(const double *x, size_t nx, const double *y, size_t ny,
                               int alternative, bool *ends)
{
    double most = 0.0;
    size_t i = 0, j = 0;

    memset(ends, 0, (nx + ny + 1) * sizeof *ends);
    while (i < nx || j < ny) {
        double next = j == ny || (i < nx && x[i] <= y[j]) ? x[i] : y[j];

        while (i < nx && x[i] == next)
            i++;
        while (j < ny && y[j] == next)
            j++;
        ends[i + j] = true;
        most = fmax(most, distance((double)i / (double)nx, (double)j / (double)ny, alternative));
    }
    return most;
}

/* P(D >= d) under exchange of the labels: of the paths to (i, j) the share that was as far
 * somewhere, from the shares at the two places before. All terms are positive, so that small
 * probabilities keep their digits. */
static enum rk_status exact_p(size_t nx, size_t ny, double d, int alternative, const bool *ends,
                              double *p)
{
    double m = (double)nx, n = (double)ny, limit = (0.5 + floor(d * m * n - 1e-7)) / (m * n);
    double *share = malloc((ny + 1) * sizeof *share);

    if (share == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i <= nx; i++)
        for (size_t j = 0; j <= ny; j++) {
            double from_x = (double)i / (double)(i + j), before;

            before = i == 0 && j == 0 ? 0.0
                     : i == 0         ? share[j - 1]
                     : j == 0         ? share[0]
                                      : from_x * share[j] + (1.0 - from_x) * share[j - 1];
            share[j] = ends[i + j] && distance((double)i / m, (double)j / n, alternative) >= limit
                           ? 1.0
                           : before;
        }
    *p = fmin(1.0, share[ny]);
    free(share);
    return RK_OK;
}

static double limit_p(double d, size_t nx, size_t ny, int alternative)
{
    double m = (double)nx, n = (double)ny, z = d * sqrt(m * n / (m + n)), sum = 0.0;

    if (alternative != RK_TWO_SIDED)
        return exp(-2.0 * z * z);
    if (z < 1.0) { /* the other series converges faster here */
        double scale = -M_PI * M_PI / (8.0 * z * z);

        for (int k = 1; k < 40 && z > 0.0; k += 2)
            sum += exp(k * k * scale);
        return z > 0.0 ? fmax(0.0, 1.0 - sum * sqrt(2.0 * M_PI) / z) : 1.0;
    }
    for (int k = 1; k < 40; k++)
        sum += (k % 2 == 1 ? 2.0 : -2.0) * exp(-2.0 * k * k * z * z);
    return fmin(1.0, fmax(0.0, sum));
}

enum rk_status rk_ks_test(const double *x, size_t nx, const double *y, size_t ny, int alternative,
                          struct rk_ks_test *out)
{
    struct rk_ks_test test = {0};
    double *a, *b;
    bool *ends;
    enum rk_status status = RK_ENOMEM;

    if (nx < 1 || ny < 1)
        return RK_ETOOFEW;
    if (!all_finite(x, nx) || !all_finite(y, ny))
        return RK_EDOMAIN;
    a = sorted_copy(x, nx);
    b = sorted_copy(y, ny);
    ends = malloc((nx + ny + 1) * sizeof *ends);
    if (a != NULL && b != NULL && ends != NULL) {
        status = RK_OK;
        test.statistic = largest_distance(a, nx, b, ny, alternative, ends);
        test.exact = nx <= RK_KS_EXACT_PAIRS / ny;
        if (test.exact)
            status = exact_p(nx, ny, test.statistic, alternative, ends, &test.p_value);
        else
            test.p_value = limit_p(test.statistic, nx, ny, alternative);
    }
    free(a);
    free(b);
    free(ends);
    if (status == RK_OK)
        *out = test;
    return status;
}
