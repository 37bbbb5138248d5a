/* rep-rank --value: what is said of each rep, and of its rank. */
#include <stdlib.h>

#include "calibrate.h"
#include "repkit/ranking.h"

enum { LEVEL, RANK, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [LEVEL] = {"interval of a rep's own level", CAL_COVERS, 0.95},
    [RANK] = {"interval of its rank", CAL_COVERS, 0.95},
};

static const double level_sd = 0.5;

static enum rk_status rank(const struct rk_table *table, const struct cal_cell *cell,
                           const double *level, const struct rk_ctx *ctx, double *value)
{
    struct rk_ranking_options options = RK_RANKING_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.id = "rep";
    options.value = "y";
    if (result != NULL)
        status = rk_ranking_run(table, &options, ctx, result, NULL);
    if (status == RK_OK)
        cal_ranks_cover(result, level, cell->units, &value[LEVEL], &value[RANK]);
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static const char *const numbers[] = {"y"};
    struct rk_table *table = cal_table(cell->units, cell->periods, numbers, 1);
    double *level = malloc(cell->units * sizeof *level);
    enum rk_status status = table == NULL || level == NULL ? RK_ENOMEM : RK_OK;

    for (size_t u = 0; status == RK_OK && u < cell->units; u++) {
        double *y = cal_column(table, 0) + u * cell->periods;

        level[u] = level_sd * rk_rng_normal(&draw->rng);
        cal_ar(&draw->rng, cell->ar, y, cell->periods);
        for (size_t t = 0; t < cell->periods; t++)
            y[t] = level[u] + cal_error(cell, y[t]);
    }
    if (status == RK_OK)
        status = rank(table, cell, level, &draw->ctx, value);
    free(level);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_rank = {
    .title = "rep-rank, means",
    .simulated =
        "Levels of reps are normal with sd 0.5; a rep has twelve weeks about its level, an "
        "AR(1) of sd 1, normal or\nlognormal. The rate is the share of reps whose level "
        "(rank) the interval holds, mean over panels.",
    .reading =
        "The error of a rep's mean is learnt from its own twelve weeks and then taken as known. "
        "With AR 0.6 the weeks\nhold less than twelve independent ones would, errors come out "
        "too small, shrinkage too weak and ranks too\nsure: `[autocorrelation]` warns of it; "
        "one row a rep and quarter is nearer to independent.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 8,
};
