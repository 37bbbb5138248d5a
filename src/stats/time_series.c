/* Grid, autocorrelation, seasons, change point and control limits of one series. */
#include "repkit/time_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/moments.h"
#include "repkit/quantile.h"
#include "repkit/rank.h"
#include "repkit/sum.h"

/* --- the grid ------------------------------------------------------------------------------- */

/* The mean of the differences that are no gaps. `difference` has n - 1 values and is sorted. */
static double grid_step(double *difference, size_t n)
{
    struct rk_sum sum = {0};
    double most;
    size_t count = 0;

    rk_sort(difference, n - 1);
    most = 1.5 * rk_quantile_sorted(difference, n - 1, 0.5, 7);
    while (count < n - 1 && difference[count] <= most)
        rk_sum_add(&sum, difference[count++]);
    return rk_sum_value(&sum) / (double)count;
}

enum rk_status rk_series_slots(const double *t, size_t n, size_t *slot, size_t *uneven)
{
    double *difference, step;
    size_t n_uneven = 0;

    for (size_t i = 0; i < n; i++)
        if (!isfinite(t[i]) || (i > 0 && !(t[i] > t[i - 1])))
            return RK_EDOMAIN;
    if (n < 2) {
        if (n == 1)
            slot[0] = 0;
        if (uneven != NULL)
            *uneven = 0;
        return RK_OK;
    }
    difference = malloc((n - 1) * sizeof *difference);
    if (difference == NULL)
        return RK_ENOMEM;
    for (size_t i = 1; i < n; i++)
        difference[i - 1] = t[i] - t[i - 1];
    step = grid_step(difference, n);
    free(difference);
    if (!((t[n - 1] - t[0]) / step < 1e15))
        return RK_EDOMAIN;
    slot[0] = 0;
    for (size_t i = 1; i < n; i++) {
        double steps = (t[i] - t[i - 1]) / step;
        size_t place = (size_t)llround((t[i] - t[0]) / step);

        n_uneven += steps < 0.75 || fabs(steps - round(steps)) > 0.25;
        slot[i] = place > slot[i - 1] ? place : slot[i - 1] + 1;
    }
    if (uneven != NULL)
        *uneven = n_uneven;
    return RK_OK;
}

double rk_autocorrelation(const double *x, const size_t *slot, size_t n, size_t lag)
{
    struct rk_sum sum = {0}, square = {0}, product = {0};
    size_t n_pairs = 0;
    double mean;

    /* From the first value: an offset of 1e15 costs no digits. */
    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, x[i] - x[0]);
    mean = rk_sum_value(&sum) / (double)n;
    for (size_t i = 0, j = 0; i < n; i++) {
        double d = (x[i] - x[0]) - mean;

        rk_sum_add(&square, d * d);
        while (j < n && slot[j] < slot[i] + lag)
            j++;
        if (j < n && slot[j] == slot[i] + lag) {
            rk_sum_add(&product, d * ((x[j] - x[0]) - mean));
            n_pairs++;
        }
    }
    if (n_pairs == 0 || !(rk_sum_value(&square) > 0.0))
        return NAN;
    return rk_sum_value(&product) / rk_sum_value(&square);
}

enum rk_status rk_remove_season(double *x, const size_t *slot, size_t n, size_t season)
{
    double *part, *median;
    const double half = 0.5;

    if (season < 2 || n == 0)
        return RK_OK;
    part = malloc(n * sizeof *part);
    median = malloc(season * sizeof *median);
    if (part == NULL || median == NULL) {
        free(part);
        free(median);
        return RK_ENOMEM;
    }
    for (size_t s = 0; s < season; s++) {
        size_t m = 0;

        for (size_t i = 0; i < n; i++)
            if (slot[i] % season == s)
                part[m++] = x[i];
        if (m > 0)
            rk_quantiles(part, m, &half, 1, 7, &median[s]);
    }
    for (size_t i = 0; i < n; i++)
        x[i] -= median[slot[i] % season];
    free(part);
    free(median);
    return RK_OK;
}

/* --- change point --------------------------------------------------------------------------- */

static double median_of(const double *x, size_t n, double *scratch)
{
    const double half = 0.5;
    double median = NAN;

    memcpy(scratch, x, n * sizeof *x);
    rk_quantiles(scratch, n, &half, 1, 7, &median);
    return median;
}

enum rk_status rk_pettitt_test(const double *x, size_t n, struct rk_pettitt *out)
{
    struct rk_pettitt test = {0};
    double *rank, u = 0.0, size = (double)n;
    enum rk_status status;

    if (n < 3)
        return RK_ETOOFEW;
    rank = malloc(n * sizeof *rank);
    if (rank == NULL)
        return RK_ENOMEM;
    status = rk_rank(x, n, rank, NULL);
    for (size_t i = 0; status == RK_OK && i + 1 < n; i++) {
        u += 2.0 * rank[i] - (size + 1.0); /* halves at most: exact */
        if (fabs(u) > test.k) {
            test.k = fabs(u);
            test.last_before = i;
        }
    }
    if (status == RK_OK && test.k == 0.0 && rank[0] == (size + 1.0) / 2.0) {
        bool constant = true;

        for (size_t i = 1; i < n; i++)
            constant = constant && x[i] == x[0];
        status = constant ? RK_ECONSTANT : RK_OK;
    }
    if (status == RK_OK) {
        test.p_value = fmin(1.0, 2.0 * exp(-6.0 * test.k * test.k / (size * size * (size + 1.0))));
        test.median_before = median_of(x, test.last_before + 1, rank);
        test.median_after = median_of(x + test.last_before + 1, n - test.last_before - 1, rank);
        *out = test;
    }
    free(rank);
    return status;
}

/* --- control limits ------------------------------------------------------------------------- */

double rk_moving_range_sd(const double *x, const size_t *slot, size_t n)
{
    struct rk_sum sum = {0};
    size_t count = 0;

    for (size_t i = 1; i < n; i++)
        if (slot[i] == slot[i - 1] + 1) {
            rk_sum_add(&sum, fabs(x[i] - x[i - 1]));
            count++;
        }
    /* E|a - b| of two normal values of sd 1 is 2 / sqrt(pi). */
    return count == 0 ? NAN : rk_sum_value(&sum) / (double)count / (2.0 / sqrt(acos(-1.0)));
}

/* Whether at least `least` of the last `last` values up to i, i among them, are beyond `limit` on
 * the side of value i. */
static bool beyond(const double *z, size_t i, size_t last, size_t least, double limit)
{
    double side = z[i] > 0.0 ? 1.0 : -1.0;
    size_t count = 0;

    if (!(side * z[i] > limit))
        return false;
    for (size_t k = 0; k < last && k <= i; k++)
        count += side * z[i - k] > limit;
    return count >= least;
}

enum rk_signal rk_control_signal(const double *z, size_t i)
{
    if (beyond(z, i, 1, 1, 3.0))
        return RK_SIGNAL_3_SD;
    if (beyond(z, i, 3, 2, 2.0))
        return RK_SIGNAL_2_OF_3;
    if (beyond(z, i, 5, 4, 1.0))
        return RK_SIGNAL_4_OF_5;
    if (beyond(z, i, 8, 8, 0.0))
        return RK_SIGNAL_8_RUN;
    return RK_SIGNAL_NONE;
}
