/* What a pilot panel says about the study to be planned. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "power_parts.h"

/* The rows of the panel as codes and numbers, complete ones only. */
struct rows {
    size_t n;
    size_t *row;
    uint32_t *unit;
    double *period, *value;
};

static void rows_free(struct rows *rows)
{
    free(rows->row);
    free(rows->unit);
    free(rows->period);
    free(rows->value);
}

static enum rk_status gather(const struct rk_table *table, const struct rk_power_options *options,
                             size_t columns[3], struct rows *rows, struct rk_error *error)
{
    enum rk_status status = rk_column_index(table, options->id, RK_TEXT, &columns[0], error);

    if (status == RK_OK)
        status = rk_column_index(table, options->time, RK_TIME, &columns[1], error);
    if (status == RK_OK)
        status = rk_column_index(table, options->value, RK_NUMBER, &columns[2], error);
    if (status == RK_OK)
        status = rk_complete_rows(table, columns, 3, options->common.missing, &rows->row, &rows->n,
                                  error);
    if (status != RK_OK)
        return status;
    rows->unit = malloc((rows->n + 1) * sizeof *rows->unit);
    rows->period = malloc((rows->n + 1) * sizeof *rows->period);
    rows->value = malloc((rows->n + 1) * sizeof *rows->value);
    if (rows->unit == NULL || rows->period == NULL || rows->value == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < rows->n; i++) {
        rows->unit[i] = table->column[columns[0]].code[rows->row[i]];
        rows->period[i] = table->column[columns[1]].number[rows->row[i]];
        rows->value[i] = table->column[columns[2]].number[rows->row[i]];
    }
    return RK_OK;
}

/* Puts the rows into a cell for each unit and period, so that a gap is seen as one. Periods are
 * counted from the first to the last. */
static enum rk_status fill_cells(const struct rk_table *table, const size_t columns[3],
                                 const struct rows *rows, struct pilot *pilot,
                                 struct rk_error *error)
{
    double first = INFINITY, last = -INFINITY;

    for (size_t i = 0; i < rows->n; i++) {
        first = fmin(first, rows->period[i]);
        last = fmax(last, rows->period[i]);
    }
    pilot->n_units = rk_dict_size(table->column[columns[0]].dict);
    if (last - first > 1e5 || (last - first + 1.0) * (double)pilot->n_units > 2e9)
        return rk_fail(error, RK_EINPUT, "the pilot's times span %.0f periods: too many",
                       last - first + 1.0);
    pilot->n_periods = (size_t)(last - first) + 1;
    pilot->cell = malloc(pilot->n_units * pilot->n_periods * sizeof *pilot->cell);
    if (pilot->cell == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < pilot->n_units * pilot->n_periods; i++)
        pilot->cell[i] = NAN;
    for (size_t i = 0; i < rows->n; i++) {
        double *cell =
            &pilot->cell[rows->unit[i] * pilot->n_periods + (size_t)(rows->period[i] - first)];

        if (!isnan(*cell)) {
            rk_fail(error, RK_EINPUT, "a unit has a period twice");
            return rk_fail_at(error, table->name, rk_table_line(table, rows->row[i]),
                              table->column[columns[1]].name);
        }
        *cell = rows->value[i];
    }
    return RK_OK;
}

enum rk_status power_pilot_read(const struct rk_table *table,
                                const struct rk_power_options *options, struct pilot *pilot,
                                struct rk_error *error)
{
    struct rows rows = {0};
    size_t columns[3];
    enum rk_status status = gather(table, options, columns, &rows, error);

    if (status == RK_OK && rows.n == 0)
        status = rk_fail(error, RK_ENODATA, "no row of the pilot is complete");
    if (status == RK_OK)
        status = fill_cells(table, columns, &rows, pilot, error);
    if (status == RK_OK) {
        status = rk_panel_variance_of(rows.unit, pilot->n_units, rows.period, rows.value, rows.n,
                                      &pilot->variance);
        if (status != RK_OK)
            rk_fail(error, status, "the pilot cannot say how units vary: %s",
                    rk_status_words(status));
    }
    rows_free(&rows);
    return status;
}

void power_pilot_free(struct pilot *pilot)
{
    free(pilot->cell);
    memset(pilot, 0, sizeof *pilot);
}

void power_pilot_apply(const struct pilot *pilot, struct rk_power_plan *plan)
{
    const struct rk_panel_variance *v = &pilot->variance;

    plan->n = floor((double)v->n_units / 2.0);
    plan->baseline = v->mean;
    if (plan->design == RK_POWER_TWO_SAMPLE) { /* of units' means */
        plan->sd = sqrt(v->between + v->within * rk_mean_variance(plan->after, v->ar));
    } else if (plan->design == RK_POWER_PAIRED) { /* of units' changes */
        plan->sd = sqrt(v->within * rk_change_variance(plan->before, plan->after, v->ar));
        plan->n = (double)v->n_units;
    } else if (plan->design == RK_POWER_DID) {
        plan->sd = sqrt(v->between + v->within);
        plan->icc = v->icc;
        plan->ar = v->ar;
    }
}
