/* rep-corr without --id: Pearson, Spearman and Kendall of rows. */
#include "calibrate.h"
#include "repkit/corr.h"

enum { N_METHODS = RK_KENDALL + 1, N_CLAIMS = 2 * N_METHODS };

static const struct cal_claim claims[N_CLAIMS] = {
    {"pearson", CAL_COVERS, 0.95},
    {"spearman", CAL_COVERS, 0.95},
    {"kendall", CAL_COVERS, 0.95},
    {"pearson, test of a true 0", CAL_REJECTS, 0.05},
    {"spearman, test of a true 0", CAL_REJECTS, 0.05},
    {"kendall, test of a true 0", CAL_REJECTS, 0.05},
};

static const double rho = 0.3;

/* Of bivariate normals, and for the ranks of what is made of them one by one. */
static double truth_of(const struct cal_cell *cell, int method)
{
    if (method == RK_SPEARMAN)
        return 6.0 / M_PI * asin(rho / 2.0);
    if (method == RK_KENDALL)
        return 2.0 / M_PI * asin(rho);
    return cell->skewed ? cal_skewed_correlation(rho) : rho;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    enum rk_status status = RK_OK;

    for (int truth = 0; status == RK_OK && truth < 2; truth++) {
        struct rk_table *table = cal_pairs(cell, draw, 0.0, 0.0, truth == 0 ? rho : 0.0);

        status = table == NULL ? RK_ENOMEM : RK_OK;
        for (int method = 0; status == RK_OK && method < N_METHODS; method++) {
            struct rk_corr_options options = RK_CORR_DEFAULT;
            struct rk_result *result = rk_result_new();

            options.outcomes = (struct rk_names)CAL_NAME("y");
            options.activities = (struct rk_names)CAL_NAME("x");
            options.method = method;
            status = result == NULL ? RK_ENOMEM : rk_corr_run(table, &options, NULL, result, NULL);
            if (status == RK_OK && truth == 0)
                value[method] =
                    cal_row_covers(result, "corr", "scope", "pooled", truth_of(cell, method));
            else if (status == RK_OK)
                value[N_METHODS + method] =
                    cal_rejects(cal_number(result, "corr", "scope", "pooled", "p_value"));
            rk_result_free(result);
        }
        rk_table_free(table);
    }
    return status;
}

const struct cal_study cal_corr_rows = {
    .title = "rep-corr, reps who are alike",
    .simulated = "The same without levels of the reps: with AR 0 rows are independent. x and y are "
                 "made of normals with\ncorrelation 0.3 (tests: 0), the truth of Spearman's rho is "
                 "6/π asin(0.15), of Kendall's tau 2/π asin(0.3).",
    .reading = "On independent rows all three hold, but for Pearson's interval in skewed values, "
               "which is for normal ones;\nranks do not mind. Both x and y are autocorrelated "
               "with AR 0.6, and then no method for independent rows\nholds: give `--id` (and "
               "`--time`), which lets rep-corr see it.",
    .cell = cal_panel_cells,
    .n_cells = CAL_PANEL_CELLS,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
