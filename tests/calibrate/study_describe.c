/* rep-describe: intervals of the mean, the median and the trimmed mean. */
#include <stdlib.h>
#include <string.h>

#include "calibrate.h"
#include "repkit/describe.h"
#include "repkit/distributions.h"
#include "repkit/quantile.h"
#include "repkit/shape.h"

enum { MEAN, MEAN_OF_REPS, MEDIAN, TRIMMED, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [MEAN] = {"mean, a row a rep and week", CAL_COVERS, 0.95},
    [MEAN_OF_REPS] = {"mean of the reps' means, a row a rep", CAL_COVERS, 0.95},
    [MEDIAN] = {"median, from order statistics", CAL_COVERS, 0.95},
    [TRIMMED] = {"trimmed mean (10%) ± t Yuen's error", CAL_COVERS, 0.95},
};

static const char *const numbers[] = {"y"};
static const double trim = 0.1;

/* The mean of what lies between the deciles. */
static double trimmed_truth(const struct cal_cell *cell)
{
    double z = rk_qnorm(trim, RK_UPPER_TAIL), s = cal_log_sd, half = s * s / 2.0;
    double part = (rk_pnorm(z - s, RK_LOWER_TAIL) - rk_pnorm(-z - s, RK_LOWER_TAIL)) / 0.8;

    /* cal_skewed is (exp(s z - s^2 / 2) - 1) / sd; the mean of exp(s z) there, exp(s^2 / 2) part */
    return cell->skewed ? (part - 1.0) / sqrt(expm1(2.0 * half)) : 0.0;
}

static enum rk_status describe(const struct rk_table *table, const struct cal_cell *cell,
                               size_t mean, size_t median, double *value)
{
    struct rk_describe_options options = RK_DESCRIBE_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.full = true;
    if (result != NULL)
        status = rk_describe_run(table, &options, NULL, result, NULL);
    if (status == RK_OK) {
        value[mean] = cal_row_covers(result, "describe", "variable", "y", 0.0);
        if (median < N_CLAIMS)
            value[median] =
                cal_covers(cal_number(result, "describe", "variable", "y", "median_low"),
                           cal_number(result, "describe", "variable", "y", "median_high"),
                           cal_error(cell, 0.0));
    }
    rk_result_free(result);
    return status;
}

static enum rk_status trimmed(const double *y, size_t n, const struct cal_cell *cell, double *value)
{
    double *sorted = malloc(2 * n * sizeof *sorted), centre, reach;

    if (sorted == NULL)
        return RK_ENOMEM;
    memcpy(sorted, y, n * sizeof *y);
    rk_sort(sorted, n);
    centre = rk_trimmed_mean(sorted, n, trim);
    reach = rk_qt(0.025, (double)n - 2.0 * floor(trim * (double)n) - 1.0, RK_UPPER_TAIL) *
            rk_trimmed_mean_se(sorted, n, trim, sorted + n);
    *value = cal_covers(centre - reach, centre + reach, trimmed_truth(cell));
    free(sorted);
    return RK_OK;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *rows = cal_table(cell->units, cell->periods, numbers, 1);
    struct rk_table *reps = cal_table(cell->units, 1, numbers, 1);
    size_t n = cell->units * cell->periods;
    enum rk_status status = rows == NULL || reps == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        double *y = cal_column(rows, 0), *means = cal_column(reps, 0);

        for (size_t u = 0; u < cell->units; u++) {
            cal_ar(&draw->rng, cell->ar, y + u * cell->periods, cell->periods);
            means[u] = 0.0;
            for (size_t i = u * cell->periods; i < (u + 1) * cell->periods; i++) {
                y[i] = cal_error(cell, y[i]);
                means[u] += y[i] / (double)cell->periods;
            }
        }
        status = describe(rows, cell, MEAN, MEDIAN, value);
        if (status == RK_OK)
            status = describe(reps, cell, MEAN_OF_REPS, N_CLAIMS, value);
        if (status == RK_OK)
            status = trimmed(y, n, cell, &value[TRIMMED]);
    }
    rk_table_free(rows);
    rk_table_free(reps);
    return status;
}

const struct cal_study cal_describe = {
    .title = "rep-describe",
    .simulated = "Reps are alike; a rep's twelve weeks are an AR(1) series, normal or lognormal "
                 "(skewness 2.26). Does the\ninterval hold what it estimates in the population: "
                 "its mean, median, or the mean between its deciles?",
    .reading =
        "The intervals take rows as independent. With AR 0.6 twelve weeks of a rep hold the "
        "information of about\nfour, and every interval over rows is too narrow, more data or "
        "not. One row a rep (rep-panel, or the\nmeans of `--by`) mends it. The intervals of "
        "medians hold at least 95% by construction.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
