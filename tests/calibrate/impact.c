/* What the studies of rep-impact share. */
#include "calibrate.h"

enum rk_status cal_impact(const struct rk_table *table, const struct rk_impact_options *options,
                          const struct rk_ctx *ctx, struct rk_result **result)
{
    *result = rk_result_new();
    return *result == NULL ? RK_ENOMEM : rk_impact_run(table, options, ctx, *result, NULL);
}

double cal_effect_rejects(const struct rk_result *result, const char *term)
{
    return cal_row_rejects(result, "effects", "term", term);
}

double cal_effect_covers(const struct rk_result *result, const char *term, double truth)
{
    return cal_row_covers(result, "effects", "term", term, truth);
}

double cal_band_covers(const struct rk_result *result)
{
    const struct rk_table *path = rk_result_table(result, "path");
    const double *low = path->column[rk_table_find(path, "conf_low")].number;
    const double *high = path->column[rk_table_find(path, "conf_high")].number;
    double all = 1.0;

    for (size_t i = 0; i < path->n_rows; i++)
        if (low[i] > 0.0 || high[i] < 0.0)
            all = 0.0;
    return all;
}

enum rk_status cal_rollout(struct rk_table *table, size_t units, size_t periods, size_t treated,
                           const char *who, const char *when)
{
    size_t column = table->n_columns;
    enum rk_status status = rk_table_add_column(table, who, RK_TEXT, RK_GENERAL);

    if (status == RK_OK)
        status = rk_table_add_column(table, when, RK_TEXT, RK_GENERAL);
    for (size_t row = 0; status == RK_OK && row < units * periods; row++) {
        bool after = row % periods >= periods / 2;

        status = rk_table_set_text(table, row, column, row / periods < treated ? "1" : "0");
        if (status == RK_OK)
            status = rk_table_set_text(table, row, column + 1, after ? "1" : "0");
    }
    return status;
}
