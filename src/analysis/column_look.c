/* Looks at columns for the warnings [heavy-tail], [censoring] and [missing-not-random]. */
#include "column_look.h"

#include <math.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/quantile.h"
#include "repkit/shape.h"

/* Rows are taken in strides, so that a look costs the same whatever the length. */
enum { MOST_ROWS = 20000 };
/* Below, one value makes the skewness what it is. */
enum { FEWEST_SHAPED = 10 };
static const double HEAVY_SKEWNESS = 2.0;

static size_t stride_of(size_t n)
{
    return n / MOST_ROWS + 1;
}

static double value_at(const double *x, const size_t *row, size_t i)
{
    return x[row != NULL ? row[i] : i];
}

static void look_first(const double *x, const size_t *row, size_t n, struct column_look *look,
                       double *sum)
{
    double least = INFINITY, kinds[ENOUGH_DISTINCT] = {0};
    size_t stride = stride_of(n);

    *look = (struct column_look){.max = -INFINITY};
    *sum = 0.0;
    for (size_t i = 0; i < n; i += stride) {
        double value = value_at(x, row, i);
        size_t k = 0;

        if (isnan(value))
            continue;
        look->n++;
        look->zeros += value == 0.0;
        look->max = value > look->max ? value : look->max;
        least = value < least ? value : least;
        *sum += value;
        if (look->distinct == ENOUGH_DISTINCT)
            continue;
        while (k < look->distinct && kinds[k] != value)
            k++;
        if (k == look->distinct)
            kinds[look->distinct++] = value;
    }
    look->zeros = least < 0.0 || look->n == 0 ? 0.0 : look->zeros / (double)look->n;
    look->top = least < 0.0 || !(*sum > 0.0) ? 0.0 : look->max / *sum;
}

void column_look(const double *x, const size_t *row, size_t n, struct column_look *look)
{
    double sum, mean, size, squares = 0.0, cubes = 0.0;

    look_first(x, row, n, look, &sum);
    size = (double)look->n;
    mean = sum / size;
    for (size_t i = 0; i < n; i += stride_of(n)) {
        double value = value_at(x, row, i), d = value - mean;

        if (isnan(value))
            continue;
        look->at_max += value == look->max;
        squares += d * d;
        cubes += d * d * d;
    }
    look->at_max /= size;
    if (look->n > 2 && squares > 0.0)
        look->skewness =
            sqrt(size * (size - 1.0)) / (size - 2.0) * (cubes / size) / pow(squares / size, 1.5);
}

bool column_is_skewed(const double *x, size_t n, double *skewness)
{
    const struct rk_moments moments = rk_moments_of(x, n);
    double kurtosis;

    rk_skewness_kurtosis(x, n, &moments, skewness, &kurtosis);
    return n >= FEWEST_SHAPED && fabs(*skewness) > HEAVY_SKEWNESS;
}

bool column_is_heavy(const struct column_look *look)
{
    return look->n >= FEWEST_SHAPED && look->distinct > 2 &&
           (fabs(look->skewness) > HEAVY_SKEWNESS || look->zeros > 0.2 || look->top > 0.2);
}

void column_say_heavy(const struct column_look *look, const char *name, struct rk_text *text)
{
    if (look->top > 0.2)
        rk_text_format(text, "'%s' (one value has %.0f%% of the total)", name, 100.0 * look->top);
    else if (look->zeros > 0.2)
        rk_text_format(text, "'%s' (%.0f%% zeros)", name, 100.0 * look->zeros);
    else
        rk_text_format(text, "'%s' (skewness %.1f)", name, look->skewness);
}

bool column_is_cut(const struct column_look *look)
{
    return look->n >= 20 && look->distinct == ENOUGH_DISTINCT && look->at_max > 0.1 &&
           look->max != 0.0 && look->max != 1.0 && look->max != 100.0;
}

void column_say_cut(const struct column_look *look, const char *name, struct rk_text *text)
{
    rk_text_format(text, "'%s' (%.0f%% of it is ", name, 100.0 * look->at_max);
    rk_text_rounded(text, look->max, 4);
    rk_text_add(text, ", the largest value)");
}

/* --- missing cells ---------------------------------------------------------------------------- */

/* The chi-squared test that all parts miss as much. */
static void compare_parts(const double *count, const double *missing, size_t n_parts,
                          struct missing_look *look)
{
    double n = 0.0, m = 0.0, chi = 0.0;
    size_t used = 0;

    for (size_t k = 0; k < n_parts; k++) {
        n += count[k];
        m += missing[k];
    }
    look->share = m / n;
    for (size_t k = 0; k < n_parts && m > 0.0 && m < n; k++) {
        double expected = count[k] * look->share, off = missing[k] - expected;

        if (count[k] == 0.0)
            continue;
        chi += off * off / (expected * (1.0 - look->share));
        used++;
    }
    look->p_value = used > 1 ? rk_pchisq(chi, (double)used - 1.0, RK_UPPER_TAIL) : NAN;
}

enum rk_status column_missing_by_label(const double *x, const uint32_t *code, size_t n_codes,
                                       size_t n, struct missing_look *look)
{
    double *count = calloc(2 * (n_codes + 1), sizeof *count);

    if (count == NULL)
        return RK_ENOMEM;
    *look = (struct missing_look){.p_value = NAN};
    for (size_t i = 0; i < n; i++) {
        if (code[i] == RK_NO_CODE)
            continue;
        count[code[i]] += 1.0;
        count[n_codes + 1 + code[i]] += isnan(x[i]);
    }
    compare_parts(count, count + n_codes + 1, n_codes, look);
    free(count);
    return RK_OK;
}

void column_say_missing(const struct missing_look *look, const char *by, struct rk_text *text)
{
    rk_text_add(text, "in ");
    for (size_t k = 0; k < look->n_parts; k++)
        rk_text_format(text, "%s%.0f%%",
                       k == 0                  ? ""
                       : k + 1 < look->n_parts ? ", "
                                               : " and ",
                       100.0 * look->part[k]);
    rk_text_format(text, " of the rows where '%s' is low%s and high", by,
                   look->n_parts == 3 ? ", middling" : "");
}

enum rk_status column_missing_by(const double *x, const double *by, size_t n,
                                 struct missing_look *look)
{
    static const double at[] = {1.0 / 3.0, 2.0 / 3.0};
    double *known = malloc((n / stride_of(n) + 2) * sizeof *known), end[2];
    double count[3] = {0}, missing[3] = {0};
    size_t n_known = 0;

    if (known == NULL)
        return RK_ENOMEM;
    *look = (struct missing_look){.p_value = NAN};
    for (size_t i = 0; i < n; i += stride_of(n)) {
        double value = by[i];

        if (!isnan(value))
            known[n_known++] = value;
    }
    if (n_known < 15 || rk_quantiles(known, n_known, at, 2, 7, end) != RK_OK) {
        free(known);
        return RK_OK;
    }
    for (size_t i = 0; i < n; i += stride_of(n)) {
        double value = by[i];
        size_t third = value <= end[0] ? 0 : value <= end[1] ? 1 : 2;

        if (isnan(value))
            continue;
        count[third]++;
        missing[third] += isnan(x[i]);
    }
    compare_parts(count, missing, 3, look);
    for (size_t k = 0; k < 3; k++)
        if (count[k] > 0.0)
            look->part[look->n_parts++] = missing[k] / count[k];
    free(known);
    return RK_OK;
}
