/* rep-compare --id: reps before and after a cut, with an uplift. */
#include <string.h>

#include "calibrate.h"
#include "repkit/compare.h"

enum { MEAN, RANKS, BOOTSTRAP, MEDIAN, T, SIGNS, PERMUTED, ROWS, N_CLAIMS };
enum { RESAMPLES = 999 };

static const struct cal_claim claims[N_CLAIMS] = {
    [MEAN] = {"paired-t, 95% interval", CAL_COVERS, 0.95},
    [RANKS] = {"wilcoxon, 95% interval", CAL_COVERS, 0.95},
    [BOOTSTRAP] = {"bootstrap, 95% interval", CAL_COVERS, 0.95},
    [MEDIAN] = {"sign, 95% interval", CAL_COVERS, 0.95},
    [T] = {"paired-t, the true uplift", CAL_REJECTS, 0.05},
    [SIGNS] = {"sign, the true uplift", CAL_REJECTS, 0.05},
    [PERMUTED] = {"permutation, the true uplift", CAL_REJECTS, 0.05},
    [ROWS] = {"welch of the rows, without --id", CAL_COVERS, 0.95},
};

static const char *const numbers[] = {"y"};
static const double uplift = 0.5;

static enum rk_status compare(const struct rk_table *table, bool pairs, struct cal_draw *draw,
                              struct rk_result **result)
{
    static const char *const tests[] = {"paired-t", "wilcoxon", "bootstrap", "sign", "permutation"};
    struct rk_compare_options options = RK_COMPARE_DEFAULT;

    options.values = (struct rk_names)CAL_NAME("y");
    options.time = "period";
    options.cut = "6";
    options.id = pairs ? "rep" : NULL;
    options.mu = uplift;
    options.common.resamples = RESAMPLES;
    for (size_t i = 0; pairs && i < sizeof tests / sizeof *tests; i++)
        options.tests |= 1U << rk_choice_find(RK_COMPARE_TESTS, tests[i], strlen(tests[i]));
    if (!pairs)
        options.tests = 1U << rk_choice_find(RK_COMPARE_TESTS, "welch", strlen("welch"));
    *result = rk_result_new();
    return *result == NULL ? RK_ENOMEM : rk_compare_run(table, &options, &draw->ctx, *result, NULL);
}

static double covers(const struct rk_result *result, const char *test)
{
    return cal_row_covers(result, "compare", "test", test, uplift);
}

static double rejects(const struct rk_result *result, const char *test)
{
    return cal_rejects(cal_number(result, "compare", "test", test, "p_value"));
}

static enum rk_status look(const struct rk_table *table, struct cal_draw *draw, double *value)
{
    struct rk_result *result;
    enum rk_status status = compare(table, true, draw, &result);

    if (status == RK_OK) {
        value[MEAN] = covers(result, "paired-t");
        value[RANKS] = covers(result, "wilcoxon");
        value[BOOTSTRAP] = covers(result, "bootstrap");
        value[MEDIAN] = covers(result, "sign");
        value[T] = rejects(result, "paired-t");
        value[SIGNS] = rejects(result, "sign");
        value[PERMUTED] = rejects(result, "permutation");
    }
    rk_result_free(result);
    if (status != RK_OK)
        return status;
    status = compare(table, false, draw, &result);
    if (status == RK_OK)
        value[ROWS] = covers(result, "welch");
    rk_result_free(result);
    return status;
}

/* Levels of reps half of the variance, weeks an AR(1); the uplift is the same for all. */
static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_table(cell->units, cell->periods, numbers, 1);
    enum rk_status status;

    if (table == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < cell->units; i++) {
        double *y = cal_column(table, 0) + i * cell->periods;
        double level = cal_error(cell, rk_rng_normal(&draw->rng));

        cal_ar(&draw->rng, cell->ar, y, cell->periods);
        for (size_t t = 0; t < cell->periods; t++)
            y[t] = level + cal_error(cell, y[t]) + (t >= 6 ? uplift : 0.0);
    }
    status = look(table, draw, value);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_compare_pairs = {
    .title = "rep-compare --id, before and after",
    .simulated = "Reps with levels of their own over twelve weeks; from the seventh on all have "
                 "0.5 more. Tests are against\nthat 0.5 (--mu). 999 permutations and draws.",
    .reading =
        "With one value a rep and side neither levels nor autocorrelation matter. Rows "
        "taken as independent do: levels\nhide what changed and make the interval too "
        "wide, autocorrelation makes it too narrow, and which wins is luck. The\nbootstrap takes "
        "too small a spread from twenty skewed differences; the t interval, the default, "
        "does not.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
