/* Mann-Kendall and Theil-Sen: what pairs of periods say about a trend. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/quantile.h"
#include "repkit/time_series.h"

enum { MOST_EXACT = 10 };

/* The values of one season, in order, into x (and their times into t, if wanted). */
static size_t of_season(const double *from, const double *from_t, const size_t *slot, size_t n,
                        size_t season, size_t s, double *x, double *t)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (season < 2 || slot[i] % season == s) {
            x[m] = from[i];
            if (t != NULL)
                t[m] = from_t[i];
            m++;
        }
    return m;
}

/* Adds the season's share of S, its variance, its pairs and ties. x is reordered. */
static void add_season(double *x, size_t m, struct rk_kendall *sum, double *tied_pairs)
{
    double size = (double)m, ties = 0.0;
    long long s = 0;

    for (size_t i = 0; i < m; i++)
        for (size_t j = i + 1; j < m; j++)
            s += (x[j] > x[i]) - (x[j] < x[i]);
    rk_sort(x, m);
    for (size_t first = 0, end; first < m; first = end) {
        double t;

        for (end = first + 1; end < m && x[end] == x[first]; end++)
            ;
        t = (double)(end - first);
        ties += t * (t - 1.0) * (2.0 * t + 5.0);
        *tied_pairs += t * (t - 1.0) / 2.0;
        sum->ties = sum->ties || t > 1.0;
    }
    sum->s += (double)s;
    if (m > 1)
        sum->n_pairs += m * (m - 1) / 2;
    sum->var += (size * (size - 1.0) * (2.0 * size + 5.0) - ties) / 18.0;
}

enum rk_status rk_kendall_trend(const double *x, const size_t *slot, size_t n, size_t season,
                                struct rk_kendall *out)
{
    struct rk_kendall sum = {.n = n};
    double *part, tied_pairs = 0.0, pairs;

    if (n < 3)
        return RK_ETOOFEW;
    part = malloc(n * sizeof *part);
    if (part == NULL)
        return RK_ENOMEM;
    for (size_t s = 0; s < (season < 2 ? 1 : season); s++)
        add_season(part, of_season(x, NULL, slot, n, season, s, part, NULL), &sum, &tied_pairs);
    free(part);
    if (sum.n_pairs == 0)
        return RK_ETOOFEW;
    if (!(sum.var > 0.0))
        return RK_ECONSTANT;
    pairs = (double)sum.n_pairs;
    sum.tau = sum.s / sqrt(pairs * (pairs - tied_pairs));
    *out = sum;
    return RK_OK;
}

double rk_kendall_inflation(double r1, size_t n)
{
    double size = (double)n, rho, power = 1.0, sum = 0.0;

    if (!(r1 > 0.2) || n < 6)
        return 1.0;
    rho = fmin(0.95, (size * r1 + 1.0) / (size - 4.0));
    for (size_t i = 1; i + 2 < n; i++) {
        double left = (double)(n - i);

        power *= rho;
        sum += left * (left - 1.0) * (left - 2.0) * power;
    }
    return 1.0 + 2.0 * sum / (size * (size - 1.0) * (size - 2.0));
}

/* P(S <= s) and P(S >= s) over all orders of n values: the number of falling pairs of an order of
 * m + 1 values is that of m values plus 0 .. m, each alike. */
static void exact_tails(size_t n, double s, double *lower, double *upper)
{
    enum { MOST_PAIRS = MOST_EXACT * (MOST_EXACT - 1) / 2 };
    double count[MOST_PAIRS + 1] = {1.0}, total = 1.0;
    size_t pairs = 0;

    for (size_t m = 1; m < n; m++) {
        double next[MOST_PAIRS + 1] = {0};

        for (size_t falls = 0; falls <= pairs; falls++)
            for (size_t more = 0; more <= m; more++)
                next[falls + more] += count[falls];
        pairs += m;
        total *= (double)(m + 1);
        memcpy(count, next, sizeof count);
    }
    *lower = *upper = 0.0;
    for (size_t falls = 0; falls <= pairs; falls++) {
        double value = (double)pairs - 2.0 * (double)falls;

        *lower += value <= s ? count[falls] / total : 0.0;
        *upper += value >= s ? count[falls] / total : 0.0;
    }
}

struct rk_kendall_test rk_kendall_p(const struct rk_kendall *kendall, double inflation,
                                    int alternative)
{
    struct rk_kendall_test test = {0};
    double sign = (double)((kendall->s > 0.0) - (kendall->s < 0.0)), lower, upper;

    test.z = (kendall->s - sign) / sqrt(kendall->var * inflation);
    test.p_value = rk_p_from_z(test.z, alternative);
    test.exact = kendall->n <= MOST_EXACT && !kendall->ties && inflation == 1.0 &&
                 kendall->n_pairs == kendall->n * (kendall->n - 1) / 2;
    if (!test.exact)
        return test;
    exact_tails(kendall->n, kendall->s, &lower, &upper);
    test.p_value = alternative == RK_LESS      ? lower
                   : alternative == RK_GREATER ? upper
                                               : fmin(1.0, 2.0 * fmin(lower, upper));
    return test;
}

/* --- Theil-Sen ------------------------------------------------------------------------------ */

/* The sorted value at a rank from 1, between ranks interpolated; NaN outside. */
static double at_rank(const double *sorted, size_t n, double rank)
{
    size_t below = (size_t)floor(fmax(rank, 1.0));
    double part = rank - (double)below;

    if (!(rank >= 1.0 && rank <= (double)n))
        return NAN;
    return below == n ? sorted[n - 1]
                      : sorted[below - 1] + part * (sorted[below] - sorted[below - 1]);
}

static size_t all_slopes(const double *x, const double *t, const size_t *slot, size_t n,
                         size_t season, double *part_x, double *part_t, double *slopes)
{
    size_t n_slopes = 0;

    for (size_t s = 0; s < (season < 2 ? 1 : season); s++) {
        size_t m = of_season(x, t, slot, n, season, s, part_x, part_t);

        for (size_t i = 0; i < m; i++)
            for (size_t j = i + 1; j < m; j++)
                slopes[n_slopes++] = (part_x[j] - part_x[i]) / (part_t[j] - part_t[i]);
    }
    return n_slopes;
}

enum rk_status rk_sen_slope(const double *x, const double *t, const size_t *slot, size_t n,
                            size_t season, double var_s, double conf_level, int alternative,
                            double *slope, double *low, double *high)
{
    double tail = alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
    double reach = rk_qnorm(tail, RK_UPPER_TAIL) * sqrt(var_s);
    double *part, *slopes;
    size_t n_slopes;

    if (n < 2)
        return RK_ETOOFEW;
    if (n > RK_SEN_MOST)
        return RK_EDOMAIN;
    part = malloc(2 * n * sizeof *part);
    slopes = malloc(n * (n - 1) / 2 * sizeof *slopes);
    if (part == NULL || slopes == NULL) {
        free(part);
        free(slopes);
        return RK_ENOMEM;
    }
    n_slopes = all_slopes(x, t, slot, n, season, part, part + n, slopes);
    if (n_slopes > 0) {
        rk_sort(slopes, n_slopes);
        *slope = rk_quantile_sorted(slopes, n_slopes, 0.5, 7);
        *low = alternative == RK_LESS ? -INFINITY
                                      : at_rank(slopes, n_slopes, ((double)n_slopes - reach) / 2.0);
        *high = alternative == RK_GREATER
                    ? INFINITY
                    : at_rank(slopes, n_slopes, ((double)n_slopes + reach) / 2.0 + 1.0);
    }
    free(part);
    free(slopes);
    return n_slopes > 0 ? RK_OK : RK_ETOOFEW;
}
