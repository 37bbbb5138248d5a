/* rep-corr --boot with fewer than eight units: shifts in time, and orders of units' means. */
#include "calibrate.h"
#include "repkit/corr.h"

enum { BETWEEN, WITHIN, TWO_WAY, CLASSICAL, N_CLAIMS, RESAMPLES = 399 };

static const struct cal_claim claims[N_CLAIMS] = {
    [BETWEEN] = {"between, --boot: all orders of the means", CAL_REJECTS, 0.05},
    [WITHIN] = {"within, --boot: shifts in time", CAL_REJECTS, 0.05},
    [TWO_WAY] = {"two-way, --boot: shifts in time", CAL_REJECTS, 0.05},
    [CLASSICAL] = {"within, without --boot", CAL_REJECTS, 0.05},
};

static const struct cal_cell cells[] = {
    {"4 reps, 26 weeks, AR 0", 4, 26, 0.0, false, 0.0},
    {"4 reps, 26 weeks, AR 0.6", 4, 26, 0.6, false, 0.0},
    {"4 reps, 26 weeks, AR 0.6, skewed", 4, 26, 0.6, true, 0.0},
    {"7 reps, 12 weeks, AR 0", 7, 12, 0.0, false, 0.0},
    {"7 reps, 12 weeks, AR 0.6", 7, 12, 0.6, false, 0.0},
    {"7 reps, 52 weeks, AR 0.6", 7, 52, 0.6, false, 0.0},
};

static enum rk_status look(const struct rk_table *table, bool boot, struct cal_draw *draw,
                           double *value)
{
    struct rk_corr_options options = RK_CORR_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.outcomes = (struct rk_names)CAL_NAME("y");
    options.activities = (struct rk_names)CAL_NAME("x");
    options.id = "rep";
    options.time = "period";
    options.boot = boot;
    options.common.resamples = RESAMPLES;
    if (result != NULL)
        status = rk_corr_run(table, &options, &draw->ctx, result, NULL);
    if (status == RK_OK && boot) {
        value[BETWEEN] = cal_rejects(cal_number(result, "corr", "scope", "between", "p_value"));
        value[WITHIN] = cal_rejects(cal_number(result, "corr", "scope", "within", "p_value"));
        value[TWO_WAY] = cal_rejects(cal_number(result, "corr", "scope", "two-way", "p_value"));
    } else if (status == RK_OK) {
        value[CLASSICAL] = cal_rejects(cal_number(result, "corr", "scope", "within", "p_value"));
    }
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_pairs(cell, draw, 1.0, 0.0, 0.0);
    enum rk_status status = table == NULL ? RK_ENOMEM : look(table, true, draw, value);

    if (status == RK_OK)
        status = look(table, false, draw, value);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_corr_few = {
    .title = "rep-corr --boot, fewer than eight reps",
    .simulated = "x and y as above, with no correlation at all. 399 shifts (the tool takes 1,999).",
    .reading = "Shifts keep the autocorrelation of both and ask how often so strong a link comes "
               "up by itself: the test\nrejects as often as it should, where the t test rejects "
               "two or three times as often. The end of a series\nthat is put before its start "
               "breaks it once a rep, which short series feel.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 2,
};
