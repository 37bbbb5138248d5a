/* rep-corr: the four scopes of a panel of reps who differ. */
#include "calibrate.h"
#include "repkit/corr.h"

enum {
    POOLED,
    BETWEEN,
    WITHIN,
    TWO_WAY,
    NULL_WITHIN,
    NULL_TWO_WAY,
    NULL_SPEARMAN,
    NULL_KENDALL,
    N_CLAIMS
};

static const struct cal_claim claims[N_CLAIMS] = {
    [POOLED] = {"pooled", CAL_COVERS, 0.95},
    [BETWEEN] = {"between", CAL_COVERS, 0.95},
    [WITHIN] = {"within", CAL_COVERS, 0.95},
    [TWO_WAY] = {"two-way", CAL_COVERS, 0.95},
    [NULL_WITHIN] = {"within, test of a true 0", CAL_REJECTS, 0.05},
    [NULL_TWO_WAY] = {"two-way, test of a true 0", CAL_REJECTS, 0.05},
    [NULL_SPEARMAN] = {"within, spearman, test of a true 0", CAL_REJECTS, 0.05},
    [NULL_KENDALL] = {"within, kendall, test of a true 0", CAL_REJECTS, 0.05},
};

static const double between_reps = 0.6, within_reps = 0.3;

static enum rk_status correlate(const struct rk_table *table, int method, struct rk_result **result)
{
    struct rk_corr_options options = RK_CORR_DEFAULT;
    enum rk_status status;

    options.outcomes = (struct rk_names)CAL_NAME("y");
    options.activities = (struct rk_names)CAL_NAME("x");
    options.method = method;
    options.id = "rep";
    options.time = method == RK_KENDALL ? NULL : "period";
    *result = rk_result_new();
    if (*result == NULL)
        return RK_ENOMEM;
    status = rk_corr_run(table, &options, NULL, *result, NULL);
    return status;
}

static double covers(const struct rk_result *result, const char *scope, double truth)
{
    return cal_row_covers(result, "corr", "scope", scope, truth);
}

static double rejects(const struct rk_result *result, const char *scope)
{
    return cal_rejects(cal_number(result, "corr", "scope", scope, "p_value"));
}

static enum rk_status of_truth(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_pairs(cell, draw, 1.0, between_reps, within_reps);
    struct cal_scopes truth = cal_pairs_truth(cell, 1.0, between_reps, within_reps);
    struct rk_result *result = NULL;
    enum rk_status status = table == NULL ? RK_ENOMEM : correlate(table, RK_PEARSON, &result);

    if (status == RK_OK) {
        value[POOLED] = covers(result, "pooled", truth.pooled);
        value[BETWEEN] = covers(result, "between", truth.between);
        value[WITHIN] = covers(result, "within", truth.within);
        value[TWO_WAY] = covers(result, "two-way", truth.within);
    }
    rk_result_free(result);
    rk_table_free(table);
    return status;
}

static enum rk_status of_nothing(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_pairs(cell, draw, 1.0, between_reps, 0.0);
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (int method = RK_PEARSON; status == RK_OK && method <= RK_KENDALL; method++) {
        struct rk_result *result = NULL;

        status = correlate(table, method, &result);
        if (status == RK_OK) {
            value[method == RK_PEARSON    ? NULL_WITHIN
                  : method == RK_SPEARMAN ? NULL_SPEARMAN
                                          : NULL_KENDALL] = rejects(result, "within");
            if (method == RK_PEARSON)
                value[NULL_TWO_WAY] = rejects(result, "two-way");
        }
        rk_result_free(result);
    }
    rk_table_free(table);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    enum rk_status status = of_truth(cell, draw, value);

    return status == RK_OK ? of_nothing(cell, draw, value) : status;
}

const struct cal_study cal_corr = {
    .title = "rep-corr, reps who differ",
    .simulated =
        "x and y are a rep's own level plus an AR(1) series of twelve weeks, half of the variance "
        "each. Levels\ncorrelate by 0.6, weeks by 0.3 (tests of a true 0: weeks by 0). Between, "
        "the truth is the\ncorrelation of means of twelve weeks; skewed, levels and weeks are "
        "lognormal.",
    .reading =
        "Pooled rows are no independent rows, whatever the errors: the rep's level is in all "
        "twelve of them. That is\nwhy every pair is printed at all scopes, and why `[pooled]` "
        "warns. Between, within and two-way hold on\nindependent normal values. With AR 0.6 the "
        "rows within are too sure, which `[autocorrelation]` says, and\n`--boot` is the remedy "
        "(see "
        "below); means of reps do not mind. The interval of a correlation is for normal\nvalues: "
        "in "
        "skewed ones it is too narrow where the correlation is not 0 (`[heavy-tail]` warns); tests "
        "of 0 are not\ntouched by that.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
