/* What the rows of rep-compare may mislead to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "column_look.h"
#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/proportions.h"
#include "repkit/sum.h"

enum { FEWEST = 10 }; /* values, for skewness and correlations */

/* --- heavy-tail ----------------------------------------------------------------------------- */

/* The largest value's share of the total; 0 where values have both signs. */
static double share_of_largest(const double *x, size_t n)
{
    struct rk_moments m = rk_moments_of(x, n);

    return m.min >= 0.0 && m.sum > 0.0 ? m.max / m.sum : 0.0;
}

static void warn_heavy_tail(const struct design *design, const struct samples *s,
                            struct rk_result *result)
{
    double skew;

    if (design->paired) {
        if (column_is_skewed(s->difference, s->n[0], &skew))
            rk_warn(result, RK_WARN_HEAVY_TAIL,
                    "the differences of '%s' are skewed (skewness %.2f)", s->variable, skew);
        return;
    }
    for (size_t k = 0; k < 2 && s->size[0] == NULL; k++) {
        double share;

        if (s->n[k] < FEWEST)
            continue;
        share = share_of_largest(s->value[k], s->n[k]);
        if (share > 0.2 && s->n[k] >= 2 * FEWEST)
            rk_warn(result, RK_WARN_HEAVY_TAIL, "one value is %.0f%% of all '%s' in '%s'",
                    100.0 * share, s->variable, design->level[k]);
        else if (column_is_skewed(s->value[k], s->n[k], &skew))
            rk_warn(result, RK_WARN_HEAVY_TAIL, "'%s' is skewed in '%s' (skewness %.2f)",
                    s->variable, design->level[k], skew);
    }
}

/* Counts (or successes) that vary more from row to row than chance at one rate lets them:
 * Pearson's chi-squared over its degrees of freedom. */
static void warn_overdispersed(const struct design *design, const struct samples *s,
                               struct rk_result *result)
{
    struct rk_sum sum = {0.0, 0.0};
    double df = (double)s->n[0] + (double)s->n[1] - 2.0, phi;
    bool trials = design->options->trials != NULL;

    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < s->n[k]; i++) {
            double size = s->size[k] == NULL ? 1.0 : s->size[k][i];
            double expected = size * s->mean[k];
            double variance = trials ? expected * (1.0 - s->mean[k]) : expected;
            double rest = s->value[k][i] - expected;

            if (variance > 0.0)
                rk_sum_add(&sum, rest * rest / variance);
        }
    phi = rk_sum_value(&sum) / df;
    if (df >= FEWEST && phi > 1.5)
        rk_warn(result, RK_WARN_HEAVY_TAIL,
                "'%s' varies %.1f times as much between rows as %s at one rate would: its p-values "
                "are too small and its intervals too narrow (pair by unit with --id, or average "
                "each unit)",
                s->variable, phi, trials ? "trials" : "counts");
}

/* --- units ---------------------------------------------------------------------------------- */

static bool is_in_time(const struct design *design)
{
    return design->options->cut != NULL || rk_compare_is_wide(design->options) ||
           strcmp(design->level[0], "before") == 0 || strcmp(design->level[0], "pre") == 0;
}

/* The correlation of where units began with how they changed; NaN if either is constant. */
static double start_and_change(const struct samples *s)
{
    struct rk_moments start = rk_moments_of(s->value[0], s->n[0]);
    struct rk_moments change = rk_moments_of(s->difference, s->n[0]);
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < s->n[0]; i++)
        rk_sum_add(&sum, (s->value[0][i] - start.mean) * (s->difference[i] - change.mean));
    return rk_sum_value(&sum) / ((double)s->n[0] - 1.0) / (start.sd * change.sd);
}

/* Low ones rose and high ones fell: what chance alone does where units were picked by their start.
 */
static void warn_regression(const struct design *design, const struct samples *s,
                            struct rk_result *result)
{
    double r, middle, change[2] = {0.0, 0.0};
    size_t n[2] = {0};

    if (!design->paired || !is_in_time(design) || s->n[0] < FEWEST)
        return;
    r = start_and_change(s);
    if (!(r < -0.4))
        return;
    middle = rk_moments_of(s->value[0], s->n[0]).mean;
    for (size_t i = 0; i < s->n[0]; i++) {
        size_t k = s->value[0][i] >= middle;

        n[k]++;
        change[k] += (s->difference[i] - change[k]) / (double)n[k];
    }
    rk_warn(result, RK_WARN_REGRESSION_TO_MEAN,
            "'%s': the %zu that began below the mean changed by %.3g, the %zu others by %.3g "
            "(correlation of start and change %.2f)",
            s->variable, n[0], change[0], n[1], change[1], r);
}

/* Many rows of few units: it is the units that count. */
static void warn_few(const struct design *design, const struct samples *s, struct rk_result *result)
{
    if (design->options->id != NULL && s->n[0] < FEWEST && s->n_rows >= 3 * s->n[0])
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "'%s' has %zu rows, but of %zu units only",
                s->variable, s->n_rows, s->n[0]);
}

/* More cells missing on one side than on the other. */
static void warn_missing(const struct design *design, const struct samples *s,
                         struct rk_result *result)
{
    size_t n[2];
    struct rk_proportion_test t;

    if (s->n_missing[0] + s->n_missing[1] == 0)
        return;
    for (size_t k = 0; k < 2; k++)
        n[k] = s->n_missing[k] + s->n_present[k];
    if (20 * (s->n_missing[0] + s->n_missing[1]) <= n[0] + n[1] ||
        rk_prop_test(s->n_missing[0], n[0], s->n_missing[1], n[1], RK_TWO_SIDED, 0.95, &t) !=
            RK_OK ||
        !(t.p_value < 0.05))
        return;
    rk_warn(result, RK_WARN_MISSING_NOT_RANDOM,
            "'%s' is missing in %.0f%% of the rows of '%s' and in %.0f%% of those of '%s'",
            s->variable, 100.0 * (double)s->n_missing[0] / (double)n[0], design->level[0],
            100.0 * (double)s->n_missing[1] / (double)n[1], design->level[1]);
}

void rk_compare_warn(const struct design *design, const struct samples *samples, bool poisson,
                     struct rk_result *result)
{
    if (samples->value[0] == NULL) /* moments */
        return;
    if ((poisson || samples->size[0] != NULL) && !design->paired)
        warn_overdispersed(design, samples, result);
    else if (!rk_samples_binary(samples))
        warn_heavy_tail(design, samples, result);
    if (!rk_samples_binary(samples))
        warn_regression(design, samples, result);
    warn_few(design, samples, result);
    warn_missing(design, samples, result);
}

/* --- series --------------------------------------------------------------------------------- */

/* Each period's mean, in the order of time, less the mean of its side. */
struct period {
    double time, sum;
    size_t n;
    int side;
};

static int by_time(const void *a, const void *b)
{
    const struct period *p = a, *q = b;

    return (p->time > q->time) - (p->time < q->time);
}

/* Joins rows of one time; returns how many are left. */
static size_t join(struct period *p, size_t n)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (m > 0 && p[m - 1].time == p[i].time) {
            p[m - 1].sum += p[i].sum;
            p[m - 1].n += p[i].n;
        } else {
            p[m++] = p[i];
        }
    return m;
}

/* The correlation of neighbouring periods, their side's mean taken off. */
static double neighbours(const struct period *p, size_t n)
{
    double mean[2] = {0.0, 0.0}, products = 0.0, squares = 0.0, last = NAN;
    size_t count[2] = {0};

    for (size_t i = 0; i < n; i++)
        mean[p[i].side] +=
            (p[i].sum / (double)p[i].n - mean[p[i].side]) / (double)++count[p[i].side];
    for (size_t i = 0; i < n; i++) {
        double rest = p[i].sum / (double)p[i].n - mean[p[i].side];

        squares += rest * rest;
        if (i > 0 && p[i].time == p[i - 1].time + 1.0)
            products += rest * last;
        last = rest;
    }
    return products / squares;
}

enum rk_status rk_compare_warn_series(const struct design *design, const struct rk_table *table,
                                      const char *variable, struct rk_result *result,
                                      struct rk_error *error)
{
    const struct rk_compare_options *o = design->options;
    struct period *p;
    size_t value, time, n = 0;
    int *level;
    double r;
    enum rk_status status;

    if (o->cut == NULL || o->id != NULL || o->trials != NULL || o->exposure != NULL)
        return RK_OK;
    p = malloc((table->n_rows + 1) * sizeof *p);
    level = malloc((table->n_rows + 1) * sizeof *level);
    status = p == NULL || level == NULL
                 ? rk_fail_memory(error)
                 : rk_column_index(table, variable, RK_NUMBER, &value, error);
    if (status == RK_OK)
        status = rk_column_index(table, o->time, RK_TIME, &time, error);
    if (status == RK_OK)
        status = rk_design_levels(design, table, level, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        if (level[i] != NO_LEVEL && !rk_table_is_missing(table, i, value))
            p[n++] = (struct period){table->column[time].number[i], table->column[value].number[i],
                                     1, level[i]};
    if (status == RK_OK) {
        qsort(p, n, sizeof *p, by_time);
        n = join(p, n);
        r = neighbours(p, n);
        if (n >= FEWEST && fabs(r) > 2.0 / sqrt((double)n))
            rk_warn(result, RK_WARN_AUTOCORRELATION,
                    "neighbouring periods of '%s' correlate (%.2f over %zu periods) and are "
                    "compared as if they did not",
                    variable, r, n);
    }
    free(p);
    free(level);
    return status;
}

/* --- all rows ------------------------------------------------------------------------------- */

void rk_compare_warn_many(const struct rk_compare_options *options, size_t n_comparisons,
                          struct rk_result *result)
{
    const struct rk_table *t = rk_result_table(result, "compare");
    const double *p = t->column[rk_table_find(t, "p_value")].number;
    const double *adjusted = t->column[rk_table_find(t, "p_adjusted")].number;
    double alpha = 1.0 - options->common.conf_level;
    size_t n = 0, striking = 0, left = 0;

    for (size_t i = 0; i < t->n_rows; i++) {
        n += !isnan(p[i]);
        striking += p[i] < alpha;
        left += adjusted[i] < alpha;
    }
    if (n_comparisons > 1 && striking > left)
        rk_warn(result, RK_WARN_MULTIPLE_TESTING,
                "%zu of %zu p-values are below %.3g, and %zu once they are adjusted for their "
                "number",
                striking, n, alpha, left);
}
