/* rep-rank --value: what is said of each rep, and of its rank. */
#include <stdlib.h>

#include "calibrate.h"
#include "repkit/ranking.h"

enum { LEVEL, RANK, LEVEL_POOLED, RANK_POOLED, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [LEVEL] = {"interval of a rep's own level", CAL_COVERS, 0.95},
    [RANK] = {"interval of its rank", CAL_COVERS, 0.95},
    [LEVEL_POOLED] = {"interval of the level, --variance pooled", CAL_COVERS, 0.95},
    [RANK_POOLED] = {"interval of the rank, --variance pooled", CAL_COVERS, 0.95},
};

static const double level_sd = 0.5;

static enum rk_status rank(const struct rk_table *table, const struct cal_cell *cell,
                           const double *level, int variance, const struct rk_ctx *ctx,
                           double *value)
{
    struct rk_ranking_options options = RK_RANKING_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.id = "rep";
    options.value = "y";
    options.variance = variance;
    if (result != NULL)
        status = rk_ranking_run(table, &options, ctx, result, NULL);
    if (status == RK_OK)
        cal_ranks_cover(result, level, cell->units, &value[0], &value[1]);
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
        status = rank(table, cell, level, RK_VARIANCE_AUTO, &draw->ctx, &value[LEVEL]);
    if (status == RK_OK)
        status = rank(table, cell, level, RK_VARIANCE_POOLED, &draw->ctx, &value[LEVEL_POOLED]);
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
        "With ten values a rep or more each rep's error is learnt from its own values (here "
        "twelve) and then taken as\nknown, which costs some coverage; `--variance pooled` learns "
        "one error from all, and is the better choice where\nnothing says that reps differ in it. "
        "With AR 0.6 twelve weeks hold less than twelve independent ones would:\nerrors come out "
        "too small, shrinkage too weak and ranks too sure. `[autocorrelation]` warns of that; one "
        "row a\nrep and quarter is nearer to independent.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 8,
};
