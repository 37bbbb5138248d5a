/* rep-impact did and event: rollouts without an effect, and with one. */
#include "calibrate.h"

enum { ATT, COVERS, PERMUTATION, ANCOVA, TWFE, PRETREND, BAND, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [ATT] = {"att, no effect", CAL_REJECTS, 0.05},
    [COVERS] = {"att, an effect of 1 sd, 95% interval", CAL_COVERS, 0.95},
    [PERMUTATION] = {"att_permutation, no effect", CAL_REJECTS, 0.05},
    [ANCOVA] = {"att_ancova, no effect", CAL_REJECTS, 0.05},
    [TWFE] = {"att_twfe, no effect", CAL_REJECTS, 0.05},
    [PRETREND] = {"pretrend, none", CAL_REJECTS, 0.05},
    [BAND] = {"event, the band for all leads and lags", CAL_COVERS, 0.95},
};

/* extra: how many of the reps are treated. */
static const struct cal_cell cells[] = {
    {"20 reps, AR 0, normal", 20, 12, 0.0, false, 10},
    {"20 reps, AR 0.6, normal", 20, 12, 0.6, false, 10},
    {"20 reps, AR 0.6, skewed", 20, 12, 0.6, true, 10},
    {"8 reps, AR 0.6, normal", 8, 12, 0.6, false, 4},
    {"2 of 20 treated, AR 0.6, normal", 20, 12, 0.6, false, 2},
    {"2 of 20 treated, AR 0.6, skewed", 20, 12, 0.6, true, 2},
};

static const char *const numbers[] = {"y", "lifted"};

/* rep, period, y, lifted, and who and when as text. NULL when out of memory. */
static struct rk_table *draw_table(const struct cal_cell *cell, struct cal_draw *draw)
{
    struct rk_table *table = cal_table(cell->units, cell->periods, numbers, 2);
    size_t treated = (size_t)cell->extra;

    if (table == NULL ||
        cal_rollout(table, cell->units, cell->periods, treated, "treated", "after") != RK_OK) {
        rk_table_free(table);
        return NULL;
    }
    for (size_t i = 0; i < cell->units; i++) {
        double *y = cal_column(table, 0) + i * cell->periods;
        double *lifted = cal_column(table, 1) + i * cell->periods;
        double level = rk_rng_normal(&draw->rng);

        cal_ar(&draw->rng, cell->ar, y, cell->periods);
        for (size_t t = 0; t < cell->periods; t++) {
            y[t] = level + cal_error(cell, y[t]);
            lifted[t] = y[t] + (i < treated && t >= cell->periods / 2 ? 1.0 : 0.0);
        }
    }
    return table;
}

static enum rk_status analyse(const struct rk_table *table, const char *value, int design,
                              const struct rk_ctx *ctx, struct rk_result **result)
{
    struct rk_impact_options options = RK_IMPACT_DEFAULT;

    options.design = design;
    options.value = value;
    options.id = "rep";
    options.time = "period";
    options.treated = "treated";
    options.post = "after";
    options.common.resamples = 999;
    return cal_impact(table, &options, ctx, result);
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = draw_table(cell, draw);
    struct rk_result *result = NULL;
    enum rk_status status =
        table == NULL ? RK_ENOMEM : analyse(table, "y", RK_IMPACT_EVENT, &draw->ctx, &result);

    if (status == RK_OK) {
        value[ATT] = cal_effect_rejects(result, "att");
        value[PERMUTATION] = cal_effect_rejects(result, "att_permutation");
        value[ANCOVA] = cal_effect_rejects(result, "att_ancova");
        value[TWFE] = cal_effect_rejects(result, "att_twfe");
        value[BAND] = cal_band_covers(result);
    }
    rk_result_free(result);
    result = NULL;
    if (status == RK_OK)
        status = analyse(table, "lifted", RK_IMPACT_DID, &draw->ctx, &result);
    if (status == RK_OK) {
        value[PRETREND] = cal_effect_rejects(result, "pretrend");
        value[COVERS] = cal_effect_covers(result, "att", 1.0);
    }
    rk_result_free(result);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_did = {
    .title = "rep-impact did",
    .simulated = "A rollout in the middle of 12 periods: reps with levels of their own and AR(1) "
                 "periods, half of them or two of\ntwenty treated, by lot.",
    .reading = "One mean before and one after a rep holds its rate whatever the periods of a rep "
               "do. The band holds for all\nleads and lags at once. Of two treated reps in twenty "
               "the regression with clustered errors knows little:\nits df are near 1, and it "
               "errs on the side of finding nothing; relabelling does not.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 4,
};
