/* The further columns of rep-describe: --full, --normality, the histogram. */
#include <math.h>
#include <string.h>

#include "describe_parts.h"
#include "repkit/normality.h"
#include "repkit/quantile.h"
#include "repkit/shape.h"

enum {
    SUM,
    VAR,
    CV,
    IQR,
    MAD,
    SKEWNESS,
    KURTOSIS,
    N_ZERO,
    N_DISTINCT,
    GEO_MEAN,
    TRIMMED_MEAN,
    MEDIAN_LOW,
    MEDIAN_HIGH,
    GINI
};

const struct rk_field rk_describe_full_fields[N_FULL] = {
    [SUM] = {"sum", RK_NUMBER, RK_GENERAL},
    [VAR] = {"var", RK_NUMBER, RK_GENERAL},
    [CV] = {"cv", RK_NUMBER, RK_GENERAL},
    [IQR] = {"iqr", RK_NUMBER, RK_GENERAL},
    [MAD] = {"mad", RK_NUMBER, RK_GENERAL},
    [SKEWNESS] = {"skewness", RK_NUMBER, RK_GENERAL},
    [KURTOSIS] = {"kurtosis", RK_NUMBER, RK_GENERAL},
    [N_ZERO] = {"n_zero", RK_NUMBER, RK_COUNT},
    [N_DISTINCT] = {"n_distinct", RK_NUMBER, RK_COUNT},
    [GEO_MEAN] = {"geo_mean", RK_NUMBER, RK_GENERAL},
    [TRIMMED_MEAN] = {"trimmed_mean", RK_NUMBER, RK_GENERAL},
    [MEDIAN_LOW] = {"median_low", RK_NUMBER, RK_GENERAL},
    [MEDIAN_HIGH] = {"median_high", RK_NUMBER, RK_GENERAL},
    [GINI] = {"gini", RK_NUMBER, RK_GENERAL},
};

enum { SHAPIRO_W, SHAPIRO_P, AD_STATISTIC, AD_P };

const struct rk_field rk_describe_normality_fields[N_NORMALITY] = {
    [SHAPIRO_W] = {"shapiro_w", RK_NUMBER, RK_GENERAL},
    [SHAPIRO_P] = {"shapiro_p", RK_NUMBER, RK_P_VALUE},
    [AD_STATISTIC] = {"ad_statistic", RK_NUMBER, RK_GENERAL},
    [AD_P] = {"ad_p", RK_NUMBER, RK_P_VALUE},
};

static size_t count_zeros(const double *x, size_t n)
{
    size_t zeros = 0;

    for (size_t i = 0; i < n; i++)
        zeros += x[i] == 0.0;
    return zeros;
}

void rk_describe_put_sums(struct rk_result *result, size_t first, const struct rk_moments *moments)
{
    rk_put(result, 0, first + SUM, moments->sum);
    rk_put(result, 0, first + VAR, moments->var);
    rk_put(result, 0, first + CV, moments->sd / moments->mean);
}

void rk_describe_put_full(struct rk_result *result, size_t first, const double *sorted, size_t n,
                          const struct rk_moments *moments,
                          const struct rk_describe_options *options, double *spare)
{
    double skewness, kurtosis, low, high;
    int type = (int)options->quantile_type;

    rk_skewness_kurtosis(sorted, n, moments, &skewness, &kurtosis);
    rk_median_interval(sorted, n, options->common.conf_level, &low, &high);
    rk_describe_put_sums(result, first, moments);
    rk_put(result, 0, first + IQR,
           rk_quantile_sorted(sorted, n, 0.75, type) - rk_quantile_sorted(sorted, n, 0.25, type));
    rk_put(result, 0, first + MAD, rk_mad(sorted, n, spare));
    rk_put(result, 0, first + SKEWNESS, skewness);
    rk_put(result, 0, first + KURTOSIS, kurtosis);
    rk_put(result, 0, first + N_ZERO, (double)count_zeros(sorted, n));
    rk_put(result, 0, first + N_DISTINCT, (double)rk_count_distinct(sorted, n));
    rk_put(result, 0, first + GEO_MEAN, rk_geometric_mean(sorted, n));
    rk_put(result, 0, first + TRIMMED_MEAN, rk_trimmed_mean(sorted, n, options->trim));
    rk_put(result, 0, first + MEDIAN_LOW, low);
    rk_put(result, 0, first + MEDIAN_HIGH, high);
    rk_put(result, 0, first + GINI, rk_gini(sorted, n));
}

void rk_describe_put_normality(struct rk_result *result, size_t first, const double *sorted,
                               size_t n, const struct rk_moments *moments, double *spare)
{
    double statistic, p;

    if (rk_shapiro_wilk(sorted, n, spare, &statistic, &p) == RK_OK) {
        rk_put(result, 0, first + SHAPIRO_W, statistic);
        rk_put(result, 0, first + SHAPIRO_P, p);
    }
    if (rk_anderson_darling(sorted, n, moments->mean, moments->sd, &statistic, &p) == RK_OK) {
        rk_put(result, 0, first + AD_STATISTIC, statistic);
        rk_put(result, 0, first + AD_P, p);
    }
}

void rk_describe_histogram(const double *x, size_t n, const struct rk_moments *moments, char *text)
{
    enum { BINS = 8 };
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    size_t count[BINS] = {0}, most = 0;
    double range = moments->max - moments->min;

    text[0] = '\0';
    if (n < 2 || !(range > 0.0) || !isfinite(range))
        return;
    for (size_t i = 0; i < n; i++) {
        size_t bin = (size_t)((x[i] - moments->min) / range * BINS);

        count[bin < BINS ? bin : BINS - 1]++;
    }
    for (size_t k = 0; k < BINS; k++)
        most = count[k] > most ? count[k] : most;
    for (size_t k = 0; k < BINS; k++) {
        /* Any value at all is seen. */
        const char *block = blocks[(count[k] * 8 + most - 1) / most];

        memcpy(text, block, strlen(block) + 1);
        text += strlen(block);
    }
}
