/* rep-roi: intervals of the return when benefit and cost are themselves estimates. */
#include "calibrate.h"
#include "repkit/roi.h"

enum { DRAWS, DELTA, FIELLER, FIXED_COST, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [DRAWS] = {"roi, percentiles of draws", CAL_COVERS, 0.95},
    [DELTA] = {"roi, --method delta", CAL_COVERS, 0.95},
    [FIELLER] = {"roi, --method fieller", CAL_COVERS, 0.95},
    [FIXED_COST] = {"roi, the cost taken as certain", CAL_COVERS, 0.95},
};

/* units: values that each mean is of; extra: the standard error of both as a share of the mean. */
static const struct cal_cell cells[] = {
    {"10 values, se 5%", 10, 1, 0.0, false, 0.05},
    {"10 values, se 20%", 10, 1, 0.0, false, 0.2},
    {"100 values, se 5%", 100, 1, 0.0, false, 0.05},
    {"100 values, se 20%", 100, 1, 0.0, false, 0.2},
    {"100 values, se 20%, skewed", 100, 1, 0.0, true, 0.2},
};

static const double true_cost = 100.0, true_benefit = 150.0;

/* The mean of the cell's values and its standard error. */
static enum rk_status estimate(const struct cal_cell *cell, struct rk_rng *rng, double mean,
                               struct rk_uncertain *out)
{
    double n = (double)cell->units, sd = cell->extra * mean * sqrt(n), sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < cell->units; i++) {
        double x = sd * cal_error(cell, rk_rng_normal(rng));

        sum += x;
        squares += x * x;
    }
    return rk_uncertain_estimate(mean + sum / n, sqrt((squares - sum * sum / n) / (n - 1.0) / n),
                                 n - 1.0, out, NULL);
}

/* A cost and a benefit, each an effect. */
static struct rk_table *model_table(void)
{
    static const char *const columns[] = {"item", "kind", "effect"};
    static const char *const cell[2][3] = {{"Cost", "cost", "cost"},
                                           {"Benefit", "benefit", "benefit"}};
    struct rk_table *table = rk_table_new("model");
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (size_t j = 0; status == RK_OK && j < 3; j++)
        status = rk_table_add_column(table, columns[j], RK_TEXT, RK_GENERAL);
    if (status == RK_OK)
        status = rk_table_add_column(table, "amount", RK_NUMBER, RK_GENERAL);
    if (status == RK_OK)
        status = rk_table_add_rows(table, 2);
    for (size_t k = 0; status == RK_OK && k < 6; k++)
        status = rk_table_set_text(table, k / 3, k % 3, cell[k / 3][k % 3]);
    if (status == RK_OK)
        return table;
    rk_table_free(table);
    return NULL;
}

static enum rk_status judge(const struct rk_table *table, const struct rk_effects *effects,
                            int method, const struct rk_ctx *ctx, double *value)
{
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_result *result = rk_result_new();
    enum rk_status status = RK_ENOMEM;

    options.draws = method == RK_ROI_MONTECARLO ? 1024 : 1;
    options.method = method;
    options.horizon = 12;
    options.effects = effects;
    if (result != NULL)
        status = rk_roi_run(table, &options, ctx, result, NULL);
    if (status == RK_OK)
        *value = cal_row_covers(result, "metrics", "metric", "roi", true_benefit / true_cost - 1.0);
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static char cost[] = "cost", benefit[] = "benefit", none[] = "";
    struct rk_effect effect[2] = {{.name = cost, .file = none, .per = none, .note = none},
                                  {.name = benefit, .file = none, .per = none, .note = none}};
    const struct rk_effects effects = {effect, 2};
    struct rk_table *table = model_table();
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        status = estimate(cell, &draw->rng, true_cost, &effect[0].amount);
    if (status == RK_OK)
        status = estimate(cell, &draw->rng, true_benefit, &effect[1].amount);
    for (int m = RK_ROI_MONTECARLO; status == RK_OK && m <= RK_ROI_FIELLER; m++)
        status = judge(table, &effects, m, &draw->ctx, &value[DRAWS + m]);
    if (status == RK_OK)
        status = rk_uncertain_estimate(effect[0].amount.amount, 0.0, NAN, &effect[0].amount, NULL);
    if (status == RK_OK)
        status = judge(table, &effects, RK_ROI_MONTECARLO, &draw->ctx, &value[FIXED_COST]);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_roi = {
    .title = "rep-roi",
    .simulated =
        "Benefit (150) and cost (100) are means of samples with the standard error shown, "
        "so the true return is 0.5.\nBoth go into the model as effects, with their degrees "
        "of freedom; last, the cost without its error.",
    .reading = "An interval whose cost is taken as certain is too short: that is what "
               "`[fixed-inputs]` warns of. Where more than\n"
               "one draw in a thousand has no cost above 0 there are no percentiles, and Fieller's "
               "set has no end where the cost\n"
               "does not differ from 0: such panels have no answer. Two t with 9 df each make "
               "percentiles a little too wide. The\n"
               "delta method knows nothing of the skewness of a ratio, which shows with skewed "
               "values of a large error.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
