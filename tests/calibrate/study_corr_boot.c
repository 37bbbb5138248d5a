/* rep-corr --boot: whole units are resampled. */
#include "calibrate.h"
#include "repkit/corr.h"

enum { N_CLAIMS = RK_SCOPE_COUNT, RESAMPLES = 399 };

static const struct cal_claim claims[N_CLAIMS] = {
    [RK_POOLED] = {"pooled, --boot", CAL_COVERS, 0.95},
    [RK_BETWEEN] = {"between, --boot", CAL_COVERS, 0.95},
    [RK_WITHIN] = {"within, --boot", CAL_COVERS, 0.95},
    [RK_TWO_WAY] = {"two-way, --boot", CAL_COVERS, 0.95},
};

static const double between_reps = 0.6, within_reps = 0.3;

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static const char *const scopes[] = {"pooled", "between", "within", "two-way"};
    struct cal_scopes t = cal_pairs_truth(cell, 1.0, between_reps, within_reps);
    const double truth[] = {t.pooled, t.between, t.within, t.within};
    struct rk_corr_options options = RK_CORR_DEFAULT;
    struct rk_table *table = cal_pairs(cell, draw, 1.0, between_reps, within_reps);
    struct rk_result *result = rk_result_new();
    enum rk_status status = table == NULL || result == NULL ? RK_ENOMEM : RK_OK;

    options.outcomes = (struct rk_names)CAL_NAME("y");
    options.activities = (struct rk_names)CAL_NAME("x");
    options.id = "rep";
    options.time = "period";
    options.boot = true;
    options.common.resamples = RESAMPLES;
    if (status == RK_OK)
        status = rk_corr_run(table, &options, &draw->ctx, result, NULL);
    for (size_t s = 0; status == RK_OK && s < N_CLAIMS; s++)
        value[s] = cal_row_covers(result, "corr", "scope", scopes[s], truth[s]);
    rk_result_free(result);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_corr_boot = {
    .title = "rep-corr --boot, reps who differ",
    .simulated =
        "The panels of rep-corr above; BCa intervals from 399 resamples of whole reps (the "
        "tool takes 1,999).",
    .reading =
        "Whole reps carry their level and their autocorrelation along, so that AR 0.6 costs "
        "nothing: compare the rows\nabove. What is left is the number of reps. Twenty are few to "
        "learn a distribution from, for pooled and between\nmore than for within, and where values "
        "are skewed even a hundred are: take `-m spearman` there. `[few-clusters]`\nwarns below "
        "ten reps, and below eight there is no interval.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 2,
};
