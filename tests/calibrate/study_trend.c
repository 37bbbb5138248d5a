/* rep-trend: one series with and without a trend. */
#include <stdlib.h>

#include "calibrate.h"
#include "repkit/time_series.h"
#include "repkit/trend.h"

enum { KENDALL, INDEPENDENT, SEASONAL, SEN, PETTITT, DATE, LAG1, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [KENDALL] = {"mann-kendall, no trend", CAL_REJECTS, 0.05},
    [INDEPENDENT] = {"mann-kendall --independent, no trend", CAL_REJECTS, 0.05},
    [SEASONAL] = {"seasonal-kendall (--season 4), no trend", CAL_REJECTS, 0.05},
    [SEN] = {"theil-sen, a trend of 0.05 sd a period", CAL_COVERS, 0.95},
    [PETTITT] = {"pettitt, no change", CAL_REJECTS, 0.05},
    [DATE] = {"pettitt, the date of a change by 1.5 sd", CAL_COVERS, 0.95},
    [LAG1] = {"lag1", CAL_COVERS, 0.95},
};

static const struct cal_cell cells[] = {
    {"20 periods, AR 0, normal", 1, 20, 0.0, false, 0.0},
    {"20 periods, AR 0, skewed", 1, 20, 0.0, true, 0.0},
    {"20 periods, AR 0.6, normal", 1, 20, 0.6, false, 0.0},
    {"20 periods, AR 0.6, skewed", 1, 20, 0.6, true, 0.0},
    {"100 periods, AR 0, normal", 1, 100, 0.0, false, 0.0},
    {"100 periods, AR 0, skewed", 1, 100, 0.0, true, 0.0},
    {"100 periods, AR 0.6, normal", 1, 100, 0.6, false, 0.0},
    {"100 periods, AR 0.6, skewed", 1, 100, 0.6, true, 0.0},
};

static const char *const numbers[] = {"flat", "rising"};
static const double slope = 0.05;

static enum rk_status trend(const struct rk_table *table, const char *which, size_t season,
                            bool independent, struct rk_result **result)
{
    struct rk_trend_options options = RK_TREND_DEFAULT;

    options.values = (struct rk_names){.name = (char *[]){(char *)(uintptr_t)which}, .n = 1};
    options.time = "period";
    options.season = season;
    options.independent = independent;
    *result = rk_result_new();
    return *result == NULL ? RK_ENOMEM : rk_trend_run(table, &options, NULL, *result, NULL);
}

static double rejects(const struct rk_result *result, const char *test)
{
    return cal_rejects(cal_number(result, "trend", "test", test, "p_value"));
}

static enum rk_status look(const struct cal_cell *cell, const struct rk_table *table, double *value)
{
    static const struct {
        const char *column;
        size_t season;
        bool independent;
    } runs[] = {{"flat", 0, false}, {"flat", 0, true}, {"flat", 4, false}, {"rising", 0, false}};
    double lag1 = cell->skewed ? cal_skewed_correlation(cell->ar) : cell->ar;
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < 4; i++) {
        struct rk_result *result = NULL;

        status = trend(table, runs[i].column, runs[i].season, runs[i].independent, &result);
        if (status == RK_OK && i == 0) {
            value[KENDALL] = rejects(result, "mann-kendall");
            value[PETTITT] = rejects(result, "pettitt");
            value[LAG1] = cal_row_covers(result, "trend", "test", "lag1", lag1);
        } else if (status == RK_OK && i == 1) {
            value[INDEPENDENT] = rejects(result, "mann-kendall");
        } else if (status == RK_OK && i == 2) {
            value[SEASONAL] = rejects(result, "seasonal-kendall");
        } else if (status == RK_OK) {
            value[SEN] = cal_row_covers(result, "trend", "test", "theil-sen", slope);
        }
        rk_result_free(result);
    }
    return status;
}

/* Half of the periods are higher. The date has an interval where the test sees a change. */
static enum rk_status date(const double *flat, size_t n, struct cal_draw *draw, double *value)
{
    double *x = malloc(n * sizeof *x);
    struct rk_pettitt test;
    size_t low, high;
    enum rk_status status = x == NULL ? RK_ENOMEM : RK_OK;

    for (size_t t = 0; status == RK_OK && t < n; t++)
        x[t] = flat[t] + (t < n / 2 ? 0.0 : 1.5);
    if (status == RK_OK)
        status = rk_pettitt_test(x, n, &test);
    if (status == RK_OK && test.p_value < 0.05) {
        status = rk_pettitt_interval(x, n, &test, 0.95, "", &draw->ctx, &low, &high);
        *value = low <= n / 2 - 1 && n / 2 - 1 <= high ? 1.0 : 0.0;
    }
    free(x);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_table(1, cell->periods, numbers, 2);
    enum rk_status status = RK_ENOMEM;

    if (table != NULL) {
        double *flat = cal_column(table, 0), *rising = cal_column(table, 1);

        cal_ar(&draw->rng, cell->ar, flat, cell->periods);
        for (size_t t = 0; t < cell->periods; t++) {
            flat[t] = cal_error(cell, flat[t]);
            rising[t] = flat[t] + slope * (double)t;
        }
        status = look(cell, table, value);
        if (status == RK_OK)
            status = date(flat, cell->periods, draw, &value[DATE]);
    }
    rk_table_free(table);
    return status;
}

const struct cal_study cal_trend = {
    .title = "rep-trend",
    .simulated = "One series of 20 or 100 periods, an AR(1), normal or lognormal.",
    .reading =
        "Mann-Kendall and Theil-Sen learn the autocorrelation from the series itself, and of "
        "twenty periods there is\nlittle to learn: they allow for half of it there, and for nearly "
        "all of it in a hundred. With `--season` and\n`--independent` neighbours are taken as "
        "independent, and Pettitt's test always takes them so: where\n`[autocorrelation]` warns, a "
        "change point is no finding, and its date is less sure than it looks. On independent\n"
        "periods Pettitt's p-value is known to be too large in short series. The date has an "
        "interval only where p < 0.05\n(the panels without are those where it is not). `lag1` is "
        "biased towards 0, more so in short series.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
