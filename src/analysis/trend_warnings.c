/* When rep-trend speaks up: methods section numbers are rules, the advice is in warnings.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/adjust.h"
#include "repkit/distributions.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"
#include "trend_parts.h"

/* Neighbours that resemble each other once trend and season are out; or, without --season, the
 * same period of the year before. */
static void warn_autocorrelation(const struct trend_series *s, const struct trend_found *f,
                                 const struct rk_trend_options *options, struct rk_result *result)
{
    double bound = 2.0 / sqrt((double)s->n);

    if (f->residual_season > fmax(bound, 0.3)) {
        rk_warn(result, RK_WARN_AUTOCORRELATION,
                "'%s' resembles itself %zu %ss earlier (%.2f, its trend taken out): try --season "
                "%zu",
                s->name, f->natural, trend_period(s), f->residual_season, f->natural);
        return;
    }
    if (s->n < 10 || !(fabs(f->residual_lag1) > bound))
        return;
    rk_warn(result, RK_WARN_AUTOCORRELATION,
            "'%s' is correlated with its %s before (%.2f, its trend%s taken out); %s", s->name,
            trend_period(s), f->residual_lag1, s->season > 0 ? " and season" : "",
            f->inflation > 1.0
                ? "mann-kendall and theil-sen allow for it, pettitt and the limits do not"
            : options->independent || s->season > 0 ? "no p-value here allows for it"
                                                    : "the p-values do not allow for it");
}

/* A first or last period of far fewer rows than the others, where rows are added up. */
static void warn_partial(const struct trend_series *s, const struct rk_trend_options *options,
                         struct rk_result *result)
{
    double *sorted, median;

    if (options->aggregate != RK_AGG_SUM || s->n < 4)
        return;
    sorted = malloc(s->n * sizeof *sorted);
    if (sorted == NULL) {
        result->status = RK_ENOMEM;
        return;
    }
    memcpy(sorted, s->count, s->n * sizeof *sorted);
    rk_sort(sorted, s->n);
    median = rk_quantile_sorted(sorted, s->n, 0.5, 7);
    free(sorted);
    for (size_t end = 0; end < 2; end++) {
        size_t i = end == 0 ? 0 : s->n - 1;
        char time[32];

        if (!(s->count[i] < 0.5 * median))
            continue;
        rk_time_format(s->kind, (int64_t)s->t[i], time);
        rk_warn(
            result, RK_WARN_CENSORING,
            "The sum of '%s' for %s, the %s, stands on %g where others have %g rows: it may be a "
            "part of a %s, to be left out with --where",
            s->name, time, end == 0 ? "first" : "last", s->count[i], median, trend_period(s));
    }
}

/* A sum takes a missing cell for 0. */
static void warn_dropped(const struct trend_series *s, const struct rk_trend_options *options,
                         struct rk_result *result)
{
    if (options->aggregate != RK_AGG_SUM || s->n_dropped == 0)
        return;
    rk_warn(result, RK_WARN_DROPPED,
            "%zu of %zu rows have a missing cell, and the sums of '%s' are without them (--agg "
            "mean is less moved by it)",
            s->n_dropped, s->n_dropped + s->n_rows, s->name);
}

/* More than one cell in twenty is missing, and not as often early as late. */
static void warn_missing(const struct trend_series *s, struct rk_result *result)
{
    double missing = (double)s->n_missing, n = (double)(s->n_missing + s->n_rows);
    double early = (double)s->n_missing_early, half = floor(n / 2.0), share = missing / n;
    double z = (early / half - (missing - early) / (n - half)) /
               sqrt(share * (1.0 - share) * (1.0 / half + 1.0 / (n - half)));

    if (!(share > 0.05) || !(rk_p_from_z(z, RK_TWO_SIDED) < 0.05))
        return;
    rk_warn(result, RK_WARN_MISSING_NOT_RANDOM,
            "'%s' is missing in %.0f%% of the rows of the earlier half of the time and in %.0f%% "
            "of the later half",
            s->name, 100.0 * early / half, 100.0 * (missing - early) / (n - half));
}

/* Limits about a mean are for values that are not skewed. */
static void warn_skewed(const struct trend_series *s, struct rk_result *result)
{
    struct rk_moments m = rk_moments_of(s->x, s->n);
    double cubes = 0.0, n = (double)s->n, skewness;

    if (s->n < 10 || !(m.sd > 0.0))
        return;
    for (size_t i = 0; i < s->n; i++) {
        double z = (s->x[i] - m.mean) / m.sd;

        cubes += z * z * z;
    }
    skewness = n / ((n - 1.0) * (n - 2.0)) * cubes;
    if (fabs(skewness) > 2.0)
        rk_warn(result, RK_WARN_HEAVY_TAIL,
                "'%s' is skewed (skewness %.1f), so that its control limits signal too often",
                s->name, skewness);
}

void trend_warn(const struct trend_series *series, const struct trend_found *found,
                const struct rk_trend_options *options, struct rk_result *result)
{
    warn_autocorrelation(series, found, options, result);
    warn_partial(series, options, result);
    warn_dropped(series, options, result);
    if (series->n_missing > 0)
        warn_missing(series, result);
    if (series->uneven * 5 > series->n)
        rk_warn(result, RK_WARN_UNITS,
                "The times of '%s' are unevenly spaced (%zu of %zu steps are no whole number of "
                "usual ones), so that neighbours and seasons mean little",
                series->name, series->uneven, series->n - 1);
    if (options->limits)
        warn_skewed(series, result);
}

enum rk_status trend_warn_multiple(double *p, size_t n, double alpha, struct rk_result *result)
{
    double *adjusted = malloc((n + 1) * sizeof *adjusted);
    struct rk_text seen = {0};
    enum rk_status status = adjusted == NULL ? RK_ENOMEM : RK_OK;
    size_t smallest = 0;

    if (status == RK_OK)
        status = rk_p_adjust(p, n, RK_ADJUST_HOLM, adjusted);
    for (size_t i = 1; i < n; i++)
        if (p[i] < p[smallest])
            smallest = i;
    if (status == RK_OK && n > 1 && p[smallest] < alpha && !(adjusted[smallest] < alpha)) {
        rk_text_format(&seen, "The smallest p-value of %zu trends is ", n);
        rk_text_p_value(&seen, p[smallest]);
        rk_text_add(&seen, ", its p_adjusted (holm) ");
        rk_text_p_value(&seen, adjusted[smallest]);
        rk_warn_text(result, RK_WARN_MULTIPLE_TESTING, &seen);
    }
    free(adjusted);
    return status;
}
