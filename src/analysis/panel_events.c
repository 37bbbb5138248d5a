/* In which period each event falls, and which rows are none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "panel_parts.h"

/* --- which rows are events -------------------------------------------------------------------- */

static void count_row(size_t *n, size_t *first, size_t row)
{
    if ((*n)++ == 0)
        *first = row;
}

static enum rk_status find_untyped(struct panel *panel, size_t column, struct rk_error *error)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_ACTIVITIES);
    const uint32_t *code = table->column[column].code;

    panel->is_activity = malloc(table->n_rows + 1);
    if (panel->is_activity == NULL)
        return rk_fail_memory(error);
    for (size_t row = 0; row < table->n_rows; row++) {
        panel->is_activity[row] =
            code[row] != RK_NO_CODE && panel->activities.of[code[row]] != RK_NO_CODE;
        if (panel->is_activity[row] == 0)
            count_row(&panel->n_untyped, &panel->first_untyped, row);
    }
    return RK_OK;
}

/* Of rows of a wide file with the same rep and date only the first is one: another may be a copy
 * of it or an addition, and a sum would hide which. */
static enum rk_status find_duplicates(struct panel *panel, struct rk_error *error)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_ACTIVITIES);
    size_t key[2] = {rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_REP),
                     rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_DATE)};
    struct rk_groups groups = {0};

    if (rk_groups_by(table, key, 2, &groups) != RK_OK)
        return rk_fail_memory(error);
    panel->is_activity = calloc(table->n_rows + 1, 1);
    for (size_t g = 0; panel->is_activity != NULL && g < groups.n_groups; g++)
        panel->is_activity[groups.first_row[g]] = 1;
    for (size_t row = 0; panel->is_activity != NULL && row < table->n_rows; row++) {
        if (panel->is_activity[row] != 0)
            continue;
        /* Without a rep or a date it is another finding. */
        if (rk_table_is_missing(table, row, key[0]) || rk_table_is_missing(table, row, key[1]))
            panel->is_activity[row] = 1;
        else
            count_row(&panel->n_duplicates, &panel->first_duplicate, row);
    }
    rk_groups_free(&groups);
    return panel->is_activity == NULL ? rk_fail_memory(error) : RK_OK;
}

/* --- dates ------------------------------------------------------------------------------------ */

/* Whether a time of that kind lies in one period of the panel. */
static enum rk_status check_kind(const struct panel *panel, const struct rk_table *table,
                                 const struct rk_column *time, struct rk_error *error)
{
    enum rk_time_kind kind = time->time_kind;

    if (kind == RK_TIME_NONE || kind == RK_TIME_DAY || kind == panel->kind ||
        (kind == RK_TIME_MONTH && panel->kind == RK_TIME_QUARTER))
        return RK_OK;
    if (kind == RK_TIME_INTEGER)
        rk_fail(error, RK_EINPUT, "whole numbers where dates are wanted");
    else
        rk_fail(error, RK_EINPUT, "has %ss, which do not lie in one %s each",
                rk_time_kind_name(kind), rk_time_kind_name(panel->kind));
    return rk_fail_at(error, table->name, 0, time->name);
}

/* The first and the last day of what happened. */
static void days_of(enum rk_time_kind kind, double time, int64_t *first, int64_t *last)
{
    *first = rk_time_first_day(kind, (int64_t)time);
    *last = kind == RK_TIME_DAY ? *first : rk_time_first_day(kind, (int64_t)time + 1) - 1;
}

/* Counts one event in. */
static void place(const struct panel *panel, struct stream *stream, struct rep *rep, size_t row)
{
    int64_t first, last;
    int32_t period;

    days_of(stream->time_kind, stream->time[row], &first, &last);
    if (last < rep->hired || first > rep->left) {
        rep->outside = true;
        count_row(&stream->n_outside, &stream->first_outside, row);
        return;
    }
    period = (int32_t)rk_time_of_day(panel->kind, first);
    stream->period[row] = period;
    stream->n++;
    rep->first = period < rep->first ? period : rep->first;
    rep->last = period > rep->last ? period : rep->last;
    stream->first = period < stream->first ? period : stream->first;
    stream->last = period > stream->last ? period : stream->last;
    stream->first_day = first < stream->first_day ? first : stream->first_day;
    stream->last_day = last > stream->last_day ? last : stream->last_day;
    if (stream->time_kind == RK_TIME_DAY)
        stream->weekdays |= 1u << ((first % 7 + 7) % 7);
}

static void place_all(struct panel *panel, struct stream *stream)
{
    const uint32_t *rep_of_code = panel->reps.of_code[stream->file->input];

    for (size_t row = 0; row < stream->file->table->n_rows; row++) {
        uint32_t code = stream->rep_code[row];
        struct rep *rep;

        stream->period[row] = NO_PERIOD;
        if (stream->is_event != NULL && stream->is_event[row] == 0)
            continue;
        if (code == RK_NO_CODE) {
            count_row(&stream->n_no_rep, &stream->first_no_rep, row);
            continue;
        }
        rep = &panel->reps.rep[rep_of_code[code]];
        rep->seen = true;
        if (isnan(stream->time[row]))
            count_row(&stream->n_no_date, &stream->first_no_date, row);
        else
            place(panel, stream, rep, row);
    }
}

static enum rk_status read_stream(struct panel *panel, enum stream_kind which,
                                  enum rk_crm_input input, size_t time_key,
                                  const unsigned char *is_event, struct rk_error *error)
{
    const struct rk_crm_file *file = &panel->files->file[input];
    const struct rk_column *time = &file->table->column[rk_panel_column(panel, input, time_key)];
    const struct rk_column *rep =
        &file->table->column[rk_panel_column(panel, input, RK_ACTIVITIES_REP)];
    struct stream *stream = &panel->stream[which];
    enum rk_status status = check_kind(panel, file->table, time, error);

    if (status != RK_OK)
        return status;
    *stream = (struct stream){.file = file,
                              .rep_code = rep->code,
                              .time = time->number,
                              .time_kind = time->time_kind,
                              .is_event = is_event,
                              .first = INT32_MAX,
                              .last = INT32_MIN,
                              .first_day = INT64_MAX,
                              .last_day = INT64_MIN};
    stream->period = malloc((file->table->n_rows + 1) * sizeof *stream->period);
    if (stream->period == NULL)
        return rk_fail_memory(error);
    place_all(panel, stream);
    return rk_cancelled(panel->ctx);
}

static enum rk_status read_activities(struct panel *panel, struct rk_error *error)
{
    size_t type = rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_TYPE);
    enum rk_status status = RK_OK;

    if (panel->activities.wide)
        status = find_duplicates(panel, error);
    else if (type != SIZE_MAX)
        status = find_untyped(panel, type, error);
    if (status == RK_OK)
        status = read_stream(panel, ACTIVITIES, RK_CRM_ACTIVITIES, RK_ACTIVITIES_DATE,
                             panel->is_activity, error);
    return status;
}

static enum rk_status read_deals(struct panel *panel, struct rk_error *error)
{
    enum rk_status status =
        rk_crm_outcomes(&panel->files->file[RK_CRM_DEALS], &panel->outcome, error);

    if (status == RK_OK)
        status = read_stream(panel, OPENINGS, RK_CRM_DEALS, RK_DEALS_OPEN, NULL, error);
    if (status == RK_OK)
        status = read_stream(panel, CLOSINGS, RK_CRM_DEALS, RK_DEALS_CLOSE, panel->outcome, error);
    return status;
}

enum rk_status rk_panel_events(struct panel *panel, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    panel->first = INT32_MAX;
    panel->last = INT32_MIN;
    if (rk_panel_table(panel, RK_CRM_ACTIVITIES) != NULL)
        status = read_activities(panel, error);
    if (status == RK_OK && rk_panel_table(panel, RK_CRM_DEALS) != NULL)
        status = read_deals(panel, error);
    for (size_t s = 0; status == RK_OK && s < N_STREAMS; s++) {
        const struct stream *stream = &panel->stream[s];

        if (stream->n > 0) {
            panel->first = stream->first < panel->first ? stream->first : panel->first;
            panel->last = stream->last > panel->last ? stream->last : panel->last;
        }
    }
    if (status == RK_OK && panel->first > panel->last)
        return rk_fail(error, RK_ENODATA, "no event has a rep and a date%s",
                       rk_panel_table(panel, RK_CRM_ROSTER) == NULL ? ""
                                                                    : " within its employment");
    return status;
}

size_t rk_panel_rows_used(const struct panel *panel)
{
    const struct stream *activities = &panel->stream[ACTIVITIES];
    const struct stream *open = &panel->stream[OPENINGS], *close = &panel->stream[CLOSINGS];
    size_t n = activities->n;

    for (size_t row = 0; open->file != NULL && row < open->file->table->n_rows; row++)
        n += open->period[row] != NO_PERIOD || close->period[row] != NO_PERIOD;
    return n;
}

void rk_panel_clear_events(struct panel *panel)
{
    for (size_t s = 0; s < N_STREAMS; s++)
        free(panel->stream[s].period);
    free(panel->outcome);
    free(panel->is_activity);
}
