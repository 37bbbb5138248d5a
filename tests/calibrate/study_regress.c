/* rep-regress: which standard errors keep a useless activity from looking useful. */
#include "calibrate.h"
#include "repkit/regress.h"

enum claims { POOLED, IID, CR1, CR2, WILD, DEFAULT, N_CLAIMS };
enum { RESAMPLES = 999, MOST_PERIODS = 64 };

static const struct cal_claim claims[N_CLAIMS] = {
    [POOLED] = {"`y ~ x`, classical", CAL_REJECTS, 0.05},
    [IID] = {"`y ~ x \\| rep + period`, `--vcov classical`", CAL_REJECTS, 0.05},
    [CR1] = {"`y ~ x \\| rep + period`, `--vcov cluster`", CAL_REJECTS, 0.05},
    [CR2] = {"`y ~ x \\| rep + period`, `--vcov cr2`", CAL_REJECTS, 0.05},
    [WILD] = {"`y ~ x \\| rep + period`, `--vcov wild`", CAL_REJECTS, 0.05},
    [DEFAULT] = {"`y ~ x \\| rep + period` as it comes", CAL_REJECTS, 0.05},
};

static const struct cal_cell cells[] = {
    {"8 reps, AR 0", 8, 12, 0.0, false, 0.0},
    {"8 reps, AR 0.6", 8, 12, 0.6, false, 0.0},
    {"20 reps, AR 0", 20, 12, 0.0, false, 0.0},
    {"20 reps, AR 0.6", 20, 12, 0.6, false, 0.0},
};

/* Good reps are more active and earn more; within a rep one has nothing to do with the other. Both
 * follow an AR(1) through the periods. */
static struct rk_table *panel_of(const struct cal_cell *cell, struct cal_draw *draw)
{
    static const char *const names[] = {"x", "y"};
    struct rk_table *table = cal_table(cell->units, cell->periods, names, 2);
    double x[MOST_PERIODS], y[MOST_PERIODS];

    for (size_t u = 0; table != NULL && u < cell->units; u++) {
        double quality = rk_rng_normal(&draw->rng);

        cal_ar(&draw->rng, cell->ar, x, cell->periods);
        cal_ar(&draw->rng, cell->ar, y, cell->periods);
        for (size_t t = 0; t < cell->periods; t++) {
            cal_column(table, 0)[u * cell->periods + t] = 0.8 * quality + x[t];
            cal_column(table, 1)[u * cell->periods + t] = quality + y[t];
        }
    }
    return table;
}

static enum rk_status claim_of(const struct rk_table *table, enum claims claim,
                               struct cal_draw *draw, double *value)
{
    static const int vcov[N_CLAIMS] = {
        [POOLED] = RK_VCOV_CLASSICAL, [IID] = RK_VCOV_CLASSICAL, [CR1] = RK_VCOV_CLUSTER,
        [CR2] = RK_VCOV_CR2,          [WILD] = RK_VCOV_WILD,     [DEFAULT] = RK_VCOV_DEFAULT};
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_formula *formula = NULL;
    enum rk_status status = result == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        status =
            rk_formula_parse(claim == POOLED ? "y ~ x" : "y ~ x | rep + period", &formula, NULL);
    options.formula = formula;
    options.vcov = vcov[claim];
    options.common.resamples = RESAMPLES;
    if (status == RK_OK)
        status = rk_regress_run(table, &options, &draw->ctx, result, NULL);
    if (status == RK_OK)
        *value = cal_rejects(cal_number(result, "coef", "term", "x", "p_value"));
    rk_formula_free(formula);
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = panel_of(cell, draw);
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (int claim = 0; claim < N_CLAIMS && status == RK_OK; claim++)
        status = claim_of(table, (enum claims)claim, draw, &value[claim]);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_regress = {
    .title = "rep-regress",
    .simulated =
        "Panels of 12 periods. Good reps are more active and earn more, but no activity earns "
        "anything: the slope within\na rep is 0, and a 5% test should reject it in 5 of 100 "
        "panels. "
        "`--vcov wild` with 999 draws (the tool takes 9,999);\n\"as it comes\" is CR2, with the "
        "wild "
        "bootstrap's p under 12 reps.",
    .reading =
        "The first row is what most dashboards do: over all rows, who the rep is passes for what "
        "the rep does, and nearly\nevery panel finds an effect that is not there. Fixed effects "
        "alone are not enough where periods resemble each other.\nCR1 takes a few too many for "
        "found "
        "where reps are few; CR2 and the wild bootstrap hold with eight.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof cells[0],
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
