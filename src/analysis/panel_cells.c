/* The sums of each cell: a unit in a period. */
#include <math.h>
#include <stdlib.h>

#include "panel_parts.h"
#include "repkit/sum.h"

/* --- which cells there are -------------------------------------------------------------------- */

enum { MOST_CELLS = 100000000 };

/* The periods in which a rep has rows; false if there are none. */
static bool span_of(const struct panel *panel, const struct rep *rep, int32_t *first, int32_t *last)
{
    int64_t from = panel->first, to = panel->last, day;

    if (panel->options->fill == RK_FILL_ALL) {
        if (!rep->seen && rep->roster_row == SIZE_MAX)
            return false; /* a label without rows: --where took them */
    } else if (panel->options->fill == RK_FILL_ACTIVE && rep->bounded) {
        day = rk_time_first_day(panel->kind, from);
        from = rep->hired > day ? rk_time_of_day(panel->kind, rep->hired) : from;
        day = rk_time_first_day(panel->kind, to + 1) - 1;
        to = rep->left < day ? rk_time_of_day(panel->kind, rep->left) : to;
    } else {
        from = rep->first;
        to = rep->last;
    }
    /* Hired after the last period or gone before the first: no overlap. */
    if (from > to || from > panel->last || to < panel->first)
        return false;
    *first = (int32_t)from;
    *last = (int32_t)to;
    return true;
}

static enum rk_status too_large(const struct panel *panel, struct rk_error *error)
{
    char first[32], last[32];

    rk_time_format(panel->kind, panel->first, first);
    rk_time_format(panel->kind, panel->last, last);
    return rk_fail(error, RK_EINPUT,
                   "the panel would have more than %d rows, from %s to %s: a wrong date, or too "
                   "short a --period",
                   MOST_CELLS, first, last);
}

/* The span of each unit is that of its reps, holes included; `active` tells the holes. */
static enum rk_status lay_out(struct panel *panel, struct rk_error *error)
{
    int32_t first, last;

    for (size_t r = 0; r < panel->reps.n; r++) {
        const struct rep *rep = &panel->reps.rep[r];
        struct unit *unit = &panel->unit[rep->unit];

        if (!span_of(panel, rep, &first, &last))
            continue;
        unit->first = first < unit->first ? first : unit->first;
        unit->last = last > unit->last ? last : unit->last;
    }
    for (size_t u = 0; u < panel->n_units; u++) {
        struct unit *unit = &panel->unit[u];

        unit->offset = panel->n_cells;
        if (unit->first <= unit->last)
            panel->n_cells += (size_t)((int64_t)unit->last - unit->first + 1);
        if (panel->n_cells > MOST_CELLS)
            return too_large(panel, error);
    }
    panel->active = calloc(panel->n_cells + 1, 1);
    if (panel->active == NULL)
        return rk_fail_memory(error);
    for (size_t r = 0; panel->options->fill != RK_FILL_NONE && r < panel->reps.n; r++) {
        const struct rep *rep = &panel->reps.rep[r];
        const struct unit *unit = &panel->unit[rep->unit];

        if (span_of(panel, rep, &first, &last))
            for (int64_t period = first; period <= last; period++)
                panel->active[unit->offset + (size_t)(period - unit->first)] = 1;
    }
    return RK_OK;
}

static bool new_measure(const struct panel *panel, struct measure *measure, bool counts)
{
    measure->total = calloc(panel->n_cells + 1, sizeof *measure->total);
    measure->lost = counts ? NULL : calloc(panel->n_cells + 1, sizeof *measure->lost);
    return measure->total != NULL && (counts || measure->lost != NULL);
}

static enum rk_status make_measures(struct panel *panel, struct rk_error *error)
{
    const struct activities *activities = &panel->activities;
    size_t n = activities->names == NULL ? 0 : rk_dict_size(activities->names);
    bool counts = !activities->wide &&
                  rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_COUNT) == SIZE_MAX;
    bool deals = rk_panel_table(panel, RK_CRM_DEALS) != NULL, ok = true;

    panel->measure = calloc(n + N_DEAL_MEASURES, sizeof *panel->measure);
    if (panel->measure == NULL)
        return rk_fail_memory(error);
    panel->n_measures = n + (deals ? N_DEAL_MEASURES : 0);
    for (size_t m = 0; ok && m < panel->n_measures; m++)
        ok = new_measure(panel, &panel->measure[m],
                         m < n ? counts : m - n != REVENUE && m - n != CYCLE);
    return ok ? RK_OK : rk_fail_memory(error);
}

/* --- adding ----------------------------------------------------------------------------------- */

static void add(const struct measure *measure, size_t cell, double x)
{
    struct rk_sum sum;

    if (measure->lost == NULL) {
        measure->total[cell] += x;
        return;
    }
    sum = (struct rk_sum){measure->total[cell], measure->lost[cell]};
    rk_sum_add(&sum, x);
    measure->total[cell] = sum.total;
    measure->lost[cell] = sum.lost;
}

/* The cell of an event. */
static size_t cell_of(const struct panel *panel, const struct stream *stream, size_t row)
{
    uint32_t r = panel->reps.of_code[stream->file->input][stream->rep_code[row]];
    const struct unit *unit = &panel->unit[panel->reps.rep[r].unit];
    size_t cell = unit->offset + (size_t)((int64_t)stream->period[row] - unit->first);

    panel->active[cell] = 1;
    return cell;
}

/* A row of a wide file: an activity a column. */
static void add_wide(struct panel *panel, const struct rk_table *table, size_t row, size_t cell)
{
    for (size_t j = 0; j < table->n_columns; j++) {
        uint32_t name = panel->activities.of[j];

        if (name == RK_NO_CODE)
            continue;
        panel->n_empty += isnan(table->column[j].number[row]);
        add(&panel->measure[name], cell, table->column[j].number[row]);
    }
}

static void add_activities(struct panel *panel)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_ACTIVITIES);
    const struct stream *stream = &panel->stream[ACTIVITIES];
    size_t type = rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_TYPE);
    size_t count = rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_COUNT);
    const uint32_t *code = type == SIZE_MAX ? NULL : table->column[type].code;
    const double *n = count == SIZE_MAX ? NULL : table->column[count].number;

    for (size_t row = 0; row < table->n_rows; row++) {
        size_t cell;

        if (stream->period[row] == NO_PERIOD)
            continue;
        cell = cell_of(panel, stream, row);
        if (panel->activities.wide) {
            add_wide(panel, table, row, cell);
            continue;
        }
        panel->n_empty += n != NULL && isnan(n[row]);
        add(&panel->measure[code == NULL ? 0 : panel->activities.of[code[row]]], cell,
            n == NULL ? 1.0 : n[row]);
    }
}

/* Days from open to close of a closed deal, NaN where a day is missing or they run backwards. */
static double cycle_of(struct panel *panel, size_t row)
{
    const struct stream *open = &panel->stream[OPENINGS], *close = &panel->stream[CLOSINGS];
    double days;

    if (open->time_kind != RK_TIME_DAY || close->time_kind != RK_TIME_DAY)
        return NAN;
    days = close->time[row] - open->time[row];
    if (!(days < 0.0))
        return days;
    if (panel->n_backward++ == 0)
        panel->first_backward = row;
    return NAN;
}

static void add_closing(struct panel *panel, const struct measure *measure, size_t row, size_t cell)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_DEALS);
    double days = cycle_of(panel, row);

    if (!isnan(days)) {
        add(&measure[CYCLE], cell, days);
        add(&measure[N_CYCLES], cell, 1.0);
    }
    if (panel->outcome[row] == RK_DEAL_LOST) {
        add(&measure[LOST], cell, 1.0);
    } else {
        size_t column = rk_panel_column(panel, RK_CRM_DEALS, RK_DEALS_AMOUNT);
        double amount = table->column[column].number[row];

        panel->n_no_amount += isnan(amount);
        add(&measure[WON], cell, 1.0);
        add(&measure[REVENUE], cell, amount);
    }
}

static void add_deals(struct panel *panel)
{
    const struct stream *open = &panel->stream[OPENINGS], *close = &panel->stream[CLOSINGS];
    const struct measure *measure = panel->measure + panel->n_measures - N_DEAL_MEASURES;

    for (size_t row = 0; row < rk_panel_table(panel, RK_CRM_DEALS)->n_rows; row++) {
        if (open->period[row] != NO_PERIOD)
            add(&measure[OPENED], cell_of(panel, open, row), 1.0);
        if (close->period[row] != NO_PERIOD)
            add_closing(panel, measure, row, cell_of(panel, close, row));
    }
}

enum rk_status rk_panel_cells(struct panel *panel, struct rk_error *error)
{
    enum rk_status status = lay_out(panel, error);

    if (status == RK_OK)
        status = make_measures(panel, error);
    if (status == RK_OK && rk_panel_table(panel, RK_CRM_ACTIVITIES) != NULL)
        add_activities(panel);
    if (status == RK_OK && rk_panel_table(panel, RK_CRM_DEALS) != NULL)
        add_deals(panel);
    return status == RK_OK ? rk_cancelled(panel->ctx) : status;
}

void rk_panel_clear_cells(struct panel *panel)
{
    for (size_t m = 0; m < panel->n_measures; m++) {
        free(panel->measure[m].total);
        free(panel->measure[m].lost);
    }
    free(panel->measure);
    free(panel->active);
}
