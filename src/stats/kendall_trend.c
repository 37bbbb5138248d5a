/* Mann-Kendall and Theil-Sen: what pairs of periods say about a trend. */
#include <math.h>
#include <stdlib.h>

#include "repkit/correlation.h"
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

enum rk_status rk_kendall_trend(const double *x, const size_t *slot, size_t n, size_t season,
                                struct rk_kendall *out)
{
    struct rk_concordance c = {0};
    size_t seasons = season < 2 ? 1 : season;
    double *order;
    uint32_t *unit;
    enum rk_status status = RK_ENOMEM;

    /* With more seasons than places no two values are of one. */
    if (n < 3 || seasons > slot[n - 1] || seasons > UINT32_MAX)
        return RK_ETOOFEW;
    order = malloc(n * sizeof *order);
    unit = malloc(n * sizeof *unit);
    for (size_t i = 0; order != NULL && unit != NULL && i < n; i++) {
        order[i] = (double)i;
        unit[i] = (uint32_t)(season < 2 ? 0 : slot[i] % season);
    }
    if (order != NULL && unit != NULL)
        status = rk_concordance(order, x, unit, n, seasons, &c);
    free(order);
    free(unit);
    if (status != RK_OK)
        return status;
    if (c.x_untied == 0.0)
        return RK_ETOOFEW;
    if (!(c.variance > 0.0))
        return RK_ECONSTANT;
    *out = (struct rk_kendall){.n = n,
                               .n_pairs = (size_t)c.x_untied,
                               .s = c.s,
                               .var = c.variance,
                               .tau = c.s / sqrt(c.x_untied * c.y_untied),
                               .ties = c.ties};
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

struct rk_kendall_test rk_kendall_p(const struct rk_kendall *kendall, double inflation,
                                    int alternative)
{
    struct rk_kendall_test test = {0};
    double sign = (double)((kendall->s > 0.0) - (kendall->s < 0.0)), lower, upper;
    double concordant = ((double)kendall->n_pairs + kendall->s) / 2.0;

    test.z = (kendall->s - sign) / sqrt(kendall->var * inflation);
    test.p_value = rk_p_from_z(test.z, alternative);
    test.exact = kendall->n <= MOST_EXACT && !kendall->ties && inflation == 1.0 &&
                 kendall->n_pairs == kendall->n * (kendall->n - 1) / 2;
    if (!test.exact || rk_kendall_tails(concordant, kendall->n, &lower, &upper) != RK_OK)
        return test;
    test.p_value = alternative == RK_LESS      ? lower
                   : alternative == RK_GREATER ? upper
                                               : fmin(1.0, 2.0 * fmin(lower, upper));
    return test;
}

/* --- Theil-Sen ------------------------------------------------------------------------------ */

enum { MOST_RANKS = 6 };

/* Puts the values at some ranks where sorting would put them: with 50 million slopes, and six ranks
 * that are looked at, a small part of its work. */
static void sort_at(double *x, size_t n, const size_t *rank, size_t n_ranks)
{
    for (size_t r = 0; r < n_ranks; r++) {
        size_t from = 0, to = n; /* between those that are in place */

        for (size_t q = 0; q < r; q++) {
            if (rank[q] <= rank[r] && rank[q] >= from)
                from = rank[q] + (rank[q] < rank[r]);
            if (rank[q] >= rank[r] && rank[q] < to)
                to = rank[q];
        }
        if (from < to)
            rk_select(x + from, to - from, rank[r] - from);
    }
}

/* The ranks from 0 between which a rank from 1 lies, or the nearest that there are. */
static void add_ranks(double rank, size_t n, size_t *ranks, size_t *n_ranks)
{
    size_t below = (size_t)fmin(fmax(rank, 1.0), (double)n) - 1;

    ranks[(*n_ranks)++] = below;
    ranks[(*n_ranks)++] = below + 1 < n ? below + 1 : below;
}

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
        size_t ranks[MOST_RANKS], n_ranks = 0;

        add_ranks(((double)n_slopes + 1.0) / 2.0, n_slopes, ranks, &n_ranks);
        add_ranks(((double)n_slopes - reach) / 2.0, n_slopes, ranks, &n_ranks);
        add_ranks(((double)n_slopes + reach) / 2.0 + 1.0, n_slopes, ranks, &n_ranks);
        sort_at(slopes, n_slopes, ranks, n_ranks);
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
