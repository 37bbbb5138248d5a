/* rep-impact its: one series without a change, by each kind of errors. */
#include "calibrate.h"

enum { BOOT, COVERS, AVERAGE, PW, NW, OLS, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [BOOT] = {"level_change, boot, no change", CAL_REJECTS, 0.05},
    [COVERS] = {"level_change, boot, 95% interval", CAL_COVERS, 0.95},
    [AVERAGE] = {"average_effect, boot, 95% interval", CAL_COVERS, 0.95},
    [PW] = {"level_change, pw, no change", CAL_REJECTS, 0.05},
    [NW] = {"level_change, nw, no change", CAL_REJECTS, 0.05},
    [OLS] = {"level_change, ols, no change", CAL_REJECTS, 0.05},
};

static const struct cal_cell cells[] = {
    {"24 periods, AR 0", 1, 24, 0.0, false, 0.0},
    {"24 periods, AR 0.4", 1, 24, 0.4, false, 0.0},
    {"24 periods, AR 0.7", 1, 24, 0.7, false, 0.0},
    {"48 periods, AR 0", 1, 48, 0.0, false, 0.0},
    {"48 periods, AR 0.4", 1, 48, 0.4, false, 0.0},
    {"48 periods, AR 0.7", 1, 48, 0.7, false, 0.0},
    {"48 periods, AR 0.4, skewed", 1, 48, 0.4, true, 0.0},
};

static const char *const numbers[] = {"y"};

static enum rk_status analyse(const struct rk_table *table, size_t periods, int vcov,
                              const struct rk_ctx *ctx, struct rk_result **result)
{
    struct rk_impact_options options = RK_IMPACT_DEFAULT;

    options.design = RK_IMPACT_ITS;
    options.value = "y";
    options.time = "period";
    options.start = periods == 24 ? "12" : "24"; /* periods are numbered from 0 */
    options.vcov = vcov;
    options.common.resamples = 499;
    return cal_impact(table, &options, ctx, result);
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static const struct {
        int vcov;
        size_t claim;
    } runs[] = {{RK_ITS_BOOT, BOOT}, {RK_ITS_PW, PW}, {RK_ITS_NW, NW}, {RK_ITS_OLS, OLS}};
    struct rk_table *table = cal_table(1, cell->periods, numbers, 1);
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        double *y = cal_column(table, 0);

        cal_ar(&draw->rng, cell->ar, y, cell->periods);
        for (size_t t = 0; t < cell->periods; t++)
            y[t] = cal_error(cell, y[t]) + 0.1 * (double)t;
    }
    for (size_t i = 0; status == RK_OK && i < sizeof runs / sizeof *runs; i++) {
        struct rk_result *result = NULL;

        status = analyse(table, cell->periods, runs[i].vcov, &draw->ctx, &result);
        if (status == RK_OK)
            value[runs[i].claim] = cal_effect_rejects(result, "level_change");
        if (status == RK_OK && i == 0) {
            value[COVERS] = cal_effect_covers(result, "level_change", 0.0);
            value[AVERAGE] = cal_effect_covers(result, "average_effect", 0.0);
        }
        rk_result_free(result);
    }
    rk_table_free(table);
    return status;
}

const struct cal_study cal_its = {
    .title = "rep-impact its",
    .simulated = "One series on a line, an AR(1) around it, and a start in the middle that changes "
                 "nothing.",
    .reading = "Autocorrelation is learned from the series itself, and a short one says little "
               "about it. Least squares takes\nneighbours as independent; Newey and West's errors "
               "are too small even where they are, and Prais and\nWinsten's t is too sure of its "
               "rho. The bootstrap, with rho corrected for its bias, comes close, and is the\n"
               "default for that reason.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 4,
};
