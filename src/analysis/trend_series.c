/* From rows to one value a period. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/sum.h"
#include "trend_parts.h"

struct observation {
    double time, value;
    size_t row;
};

static int by_time(const void *a, const void *b)
{
    const struct observation *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

void trend_series_free(struct trend_series *series)
{
    free(series->x);
    free(series->t);
    free(series->adjusted);
    free(series->count);
    free(series->slot);
    memset(series, 0, sizeof *series);
}

static enum rk_status repeats(const struct rk_table *table, size_t time, size_t row,
                              struct rk_error *error)
{
    struct rk_text cell = {0};

    rk_table_cell(table, row, time, &cell);
    rk_fail(error, RK_EINPUT, "%s comes twice: --agg sum or --agg mean makes one value of a time",
            cell.failed || cell.bytes == NULL ? "a time" : cell.bytes);
    rk_text_free(&cell);
    return rk_fail_at(error, table->name, rk_table_line(table, row), table->column[time].name);
}

/* Makes one value of each run of equal times. */
static enum rk_status gather(const struct rk_table *table, size_t time,
                             const struct observation *all, size_t n, int aggregate,
                             struct trend_series *series, struct rk_error *error)
{
    for (size_t first = 0, end; first < n; first = end) {
        struct rk_sum sum = {0};
        double value;

        for (end = first; end < n && all[end].time == all[first].time; end++)
            rk_sum_add(&sum, all[end].value);
        if (end - first > 1 && aggregate == RK_AGG_NONE)
            return repeats(table, time, all[first + 1].row, error);
        value = rk_sum_value(&sum) / (aggregate == RK_AGG_MEAN ? (double)(end - first) : 1.0);
        if (!isfinite(value)) {
            rk_fail(error, RK_EINPUT, "the values of a time add up to more than a number can hold");
            return rk_fail_at(error, table->name, rk_table_line(table, all[first].row),
                              series->name);
        }
        series->t[series->n] = all[first].time;
        series->x[series->n] = value;
        series->count[series->n++] = (double)(end - first);
    }
    return RK_OK;
}

/* Counts cells without a value in rows with a time, and how many of them stand in the earlier half
 * of those rows by time. */
static enum rk_status count_missing(const struct rk_table *table, size_t time, size_t value,
                                    struct trend_series *series)
{
    struct observation *all = malloc((table->n_rows + 1) * sizeof *all);
    size_t n = 0;

    if (all == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < table->n_rows; i++)
        if (!rk_table_is_missing(table, i, time))
            all[n++] = (struct observation){.time = table->column[time].number[i], .row = i};
    qsort(all, n, sizeof *all, by_time);
    for (size_t i = 0; i < n; i++)
        if (rk_table_is_missing(table, all[i].row, value)) {
            series->n_missing++;
            series->n_missing_early += i < n / 2;
        }
    free(all);
    return RK_OK;
}

static enum rk_status place(struct trend_series *series, struct rk_error *error)
{
    enum rk_status status = rk_series_slots(series->t, series->n, series->slot, &series->uneven);

    if (status == RK_EDOMAIN)
        return rk_fail(error, RK_EINPUT, "the times of '%s' are too far apart", series->name);
    if (status == RK_OK) {
        memcpy(series->adjusted, series->x, series->n * sizeof *series->x);
        status = rk_remove_season(series->adjusted, series->slot, series->n, series->season);
    }
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

enum rk_status trend_series_read(const struct rk_table *table, size_t time, size_t value,
                                 const size_t *rows, size_t n_rows,
                                 const struct rk_trend_options *options,
                                 struct trend_series *series, struct rk_error *error)
{
    struct observation *all = malloc((n_rows + 1) * sizeof *all);
    size_t bytes = (n_rows + 1) * sizeof(double);
    enum rk_status status = RK_OK;

    *series = (struct trend_series){.name = table->column[value].name,
                                    .kind = table->column[time].time_kind,
                                    .season = options->season < 2 ? 0 : options->season,
                                    .n_rows = n_rows,
                                    .n_dropped = table->n_rows - n_rows,
                                    .x = malloc(bytes),
                                    .t = malloc(bytes),
                                    .adjusted = malloc(bytes),
                                    .count = malloc(bytes),
                                    .slot = malloc((n_rows + 1) * sizeof *series->slot)};
    if (all == NULL || series->x == NULL || series->t == NULL || series->adjusted == NULL ||
        series->count == NULL || series->slot == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < n_rows; i++)
        all[i] = (struct observation){table->column[time].number[rows[i]],
                                      table->column[value].number[rows[i]], rows[i]};
    if (status == RK_OK) {
        qsort(all, n_rows, sizeof *all, by_time);
        status = gather(table, time, all, n_rows, options->aggregate, series, error);
    }
    if (status == RK_OK && count_missing(table, time, value, series) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = place(series, error);
    free(all);
    if (status != RK_OK)
        trend_series_free(series);
    return status;
}

const char *trend_period(const struct trend_series *series)
{
    const char *name = rk_time_kind_name(series->kind);

    return name[0] == '\0' ? "period" : name;
}
