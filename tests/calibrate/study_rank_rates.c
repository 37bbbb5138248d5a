/* rep-rank --successes --trials. */
#include <gsl/gsl_randist.h>
#include <stdlib.h>

#include "calibrate.h"
#include "repkit/ranking.h"

enum { RATE, RANK, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [RATE] = {"interval of a rep's own rate", CAL_COVERS, 0.95},
    [RANK] = {"interval of its rank", CAL_COVERS, 0.95},
};

/* `periods` is the mean number of trials. */
static const struct cal_cell cells[] = {
    {"10 reps, 30 deals", 10, 30, 0.0, false, 0.0},
    {"20 reps, 30 deals", 20, 30, 0.0, false, 0.0},
    {"20 reps, 100 deals", 20, 100, 0.0, false, 0.0},
    {"100 reps, 30 deals", 100, 30, 0.0, false, 0.0},
};

static enum rk_status rank(const struct rk_table *table, const struct cal_cell *cell,
                           const double *rate, const struct rk_ctx *ctx, double *value)
{
    struct rk_ranking_options options = RK_RANKING_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.id = "rep";
    options.successes = "won";
    options.trials = "closed";
    if (result != NULL)
        status = rk_ranking_run(table, &options, ctx, result, NULL);
    if (status == RK_OK)
        cal_ranks_cover(result, rate, cell->units, &value[RATE], &value[RANK]);
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static const char *const numbers[] = {"won", "closed"};
    struct rk_table *table = cal_table(cell->units, 1, numbers, 2);
    double *rate = malloc(cell->units * sizeof *rate);
    gsl_rng rng = rk_rng_gsl(&draw->rng);
    enum rk_status status = table == NULL || rate == NULL ? RK_ENOMEM : RK_OK;

    for (size_t u = 0; status == RK_OK && u < cell->units; u++) {
        unsigned trials = 1 + gsl_ran_poisson(&rng, (double)cell->periods - 1.0);

        rate[u] = gsl_ran_beta(&rng, 8.0, 20.0);
        cal_column(table, 0)[u] = gsl_ran_binomial(&rng, rate[u], trials);
        cal_column(table, 1)[u] = trials;
    }
    if (status == RK_OK)
        status = rank(table, cell, rate, &draw->ctx, value);
    free(rate);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_rank_rates = {
    .title = "rep-rank, rates",
    .simulated = "Rates of reps (deals won of deals closed) are Beta(8, 20), mean 0.29, sd 0.08; "
                 "the number of deals is\nPoisson. The rate below is the share of reps whose rate "
                 "(rank) the interval holds, mean over panels.",
    .reading =
        "The interval allows for the prior having been estimated (type III bootstrap). Of ten "
        "reps the spread between\nthem is so uncertain that a tenth of the intervals still miss "
        "where a twentieth should (without the bootstrap\na fifth would); from twenty on little is "
        "missing. Ranks are whole numbers, so that their intervals hold more than\nthey promise.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 8,
};
