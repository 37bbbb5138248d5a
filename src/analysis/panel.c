#include "repkit/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "panel_parts.h"
#include "repkit/sum.h"

const struct rk_table *rk_panel_table(const struct panel *panel, enum rk_crm_input input)
{
    return panel->files->file[input].table;
}

size_t rk_panel_column(const struct panel *panel, enum rk_crm_input input, size_t key)
{
    const struct rk_crm_file *file = &panel->files->file[input];
    const struct rk_file_columns *columns = &file->columns;
    static const enum rk_type types[] = {
        [RK_AS_LABEL] = RK_TEXT, [RK_AS_NUMBER] = RK_NUMBER, [RK_AS_TIME] = RK_TIME};

    if (file->table == NULL || columns->name[key] == NULL)
        return SIZE_MAX;
    return rk_table_find_typed(file->table, columns->name[key], types[columns->key[key].role]);
}

/* --- options ---------------------------------------------------------------------------------- */

static enum rk_status read_cut(const char *text, enum rk_date_order order, struct cut *cut,
                               struct rk_error *error)
{
    size_t length = strcspn(text, "=");

    *cut = (struct cut){.date = text + length + 1};
    if (text[length] != '=' || length == 0)
        return rk_fail(error, RK_EUSAGE, "--event: '%s' is not NAME=DATE", text);
    if (rk_time_read(cut->date, strlen(cut->date), order, &cut->kind, &cut->ordinal) !=
            RK_READ_OK ||
        cut->kind == RK_TIME_INTEGER)
        return rk_fail(error, RK_EUSAGE,
                       "--event: '%s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024)",
                       cut->date);
    cut->name = rk_strndup(text, length);
    return cut->name == NULL ? rk_fail_memory(error) : RK_OK;
}

static bool is_summed_by_column(const struct rk_panel_options *options)
{
    return options->level != NULL && strcmp(options->level, "rep") != 0 &&
           strcmp(options->level, "all") != 0;
}

enum rk_status rk_panel_check(const struct rk_crm_files *files,
                              const struct rk_panel_options *options, struct rk_error *error)
{
    bool activities = files->file[RK_CRM_ACTIVITIES].path != NULL;
    enum rk_status status = RK_OK;

    if (options->period < 0)
        return rk_fail(error, RK_EUSAGE, "by which period? --period %s", RK_PANEL_PERIODS);
    if (!activities && files->file[RK_CRM_DEALS].path == NULL)
        return rk_fail(error, RK_EUSAGE, "a panel of what? --activities FILE, --deals FILE");
    if (!activities && options->types.n > 0)
        return rk_fail(error, RK_EUSAGE, "--types maps the types of --activities FILE");
    if (is_summed_by_column(options) && files->file[RK_CRM_ROSTER].path == NULL)
        return rk_fail(error, RK_EUSAGE, "--level %s is a column of --roster FILE (or rep, or all)",
                       options->level);
    for (size_t i = 0; i < options->types.n; i++) {
        const char *item = options->types.name[i];

        if (item[0] == '=' || strchr(item, '=') == NULL)
            return rk_fail(error, RK_EUSAGE, "--types: '%s' is not NAME=LABEL|LABEL", item);
    }
    for (size_t i = 0; status == RK_OK && i < options->events.n; i++) {
        struct cut cut;

        status = read_cut(options->events.name[i], options->date_order, &cut, error);
        free(cut.name);
    }
    return status;
}

/* A column of the roster that is an attribute: no key stands for it. */
static bool is_attribute(const struct panel *panel, size_t column)
{
    const struct rk_file_columns *columns = &panel->files->file[RK_CRM_ROSTER].columns;
    const char *name = rk_panel_table(panel, RK_CRM_ROSTER)->column[column].name;

    for (size_t k = 0; k < columns->n; k++)
        if (columns->name[k] != NULL && strcmp(columns->name[k], name) == 0)
            return false;
    return true;
}

static enum rk_status find_level(struct panel *panel, struct rk_error *error)
{
    const struct rk_table *roster = rk_panel_table(panel, RK_CRM_ROSTER);
    const char *level = panel->options->level;
    struct rk_names names = {0};
    enum rk_status status = RK_OK;

    panel->by_rep = level == NULL || strcmp(level, "rep") == 0;
    panel->level_column = SIZE_MAX;
    if (!is_summed_by_column(panel->options))
        return RK_OK;
    for (size_t j = 0; status == RK_OK && j < roster->n_columns; j++) {
        if (!is_attribute(panel, j))
            continue;
        if (strcmp(roster->column[j].name, level) == 0)
            panel->level_column = j;
        status = rk_names_add(&names, roster->column[j].name);
    }
    if (status != RK_OK)
        status = rk_fail_memory(error);
    else if (panel->level_column == SIZE_MAX)
        status = rk_no_column(level, &names, error);
    rk_names_free(&names);
    return status == RK_EINPUT ? rk_fail_at(error, roster->name, 0, NULL) : status;
}

static enum rk_status read_options(struct panel *panel, struct rk_error *error)
{
    static const enum rk_time_kind kinds[] = {RK_TIME_DAY, RK_TIME_WEEK, RK_TIME_MONTH,
                                              RK_TIME_QUARTER};
    const struct rk_names *events = &panel->options->events;
    enum rk_status status = RK_OK;

    panel->kind = kinds[panel->options->period];
    panel->cut = calloc(events->n + 1, sizeof *panel->cut);
    if (panel->cut == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < events->n; i++)
        status = read_cut(events->name[i], panel->options->date_order, &panel->cut[panel->n_cuts++],
                          error);
    return status == RK_OK ? find_level(panel, error) : status;
}

/* --- columns ---------------------------------------------------------------------------------- */

static const struct rk_field outcome_fields[] = {
    {"deals_opened", RK_NUMBER, RK_COUNT}, {"deals_won", RK_NUMBER, RK_COUNT},
    {"deals_lost", RK_NUMBER, RK_COUNT},   {"deals_closed", RK_NUMBER, RK_COUNT},
    {"revenue", RK_NUMBER, RK_GENERAL},    {"win_rate", RK_NUMBER, RK_GENERAL},
    {"avg_deal", RK_NUMBER, RK_GENERAL},   {"cycle_days", RK_NUMBER, RK_GENERAL},
};
enum { N_OUTCOMES = sizeof outcome_fields / sizeof *outcome_fields };

static size_t n_activities(const struct panel *panel)
{
    return panel->activities.names == NULL ? 0 : rk_dict_size(panel->activities.names);
}

/* Fills the fields, of which there is room for enough; returns their number. */
static size_t list_fields(const struct panel *panel, struct rk_field *field)
{
    const struct rk_table *roster = rk_panel_table(panel, RK_CRM_ROSTER);
    size_t n = 0;

    if (panel->by_rep)
        field[n++] = (struct rk_field){"rep", RK_TEXT, RK_DATA};
    else if (panel->level_column != SIZE_MAX)
        field[n++] = (struct rk_field){panel->options->level, RK_TEXT, RK_DATA};
    field[n++] = (struct rk_field){"period", RK_TIME, RK_DATA};
    for (size_t j = 0; panel->by_rep && roster != NULL && j < roster->n_columns; j++)
        if (is_attribute(panel, j))
            field[n++] = (struct rk_field){roster->column[j].name, RK_TEXT, RK_DATA};
    for (size_t i = 0; i < panel->n_cuts; i++)
        field[n++] = (struct rk_field){panel->cut[i].name, RK_NUMBER, RK_COUNT};
    for (uint32_t m = 0; m < n_activities(panel); m++)
        field[n++] = (struct rk_field){rk_dict_label(panel->activities.names, m), RK_NUMBER,
                                       panel->measure[m].lost == NULL ? RK_COUNT : RK_GENERAL};
    if (rk_panel_table(panel, RK_CRM_DEALS) != NULL) {
        memcpy(field + n, outcome_fields, sizeof outcome_fields);
        n += N_OUTCOMES;
    }
    return n;
}

static enum rk_status check_names(const struct rk_field *field, size_t n, struct rk_error *error)
{
    struct rk_dict *seen = rk_dict_new();
    enum rk_status status = seen == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        uint32_t code = rk_dict_code(seen, field[i].name, strlen(field[i].name));

        if (code == RK_NO_CODE)
            status = rk_fail_memory(error);
        else if (code < i)
            status = rk_fail(error, RK_EINPUT,
                             "two columns of the panel would be named '%s': give one another name "
                             "(--types NAME=LABEL, --event NAME=DATE, or in the roster)",
                             field[i].name);
    }
    rk_dict_free(seen);
    return status;
}

static enum rk_status declare(const struct panel *panel, struct rk_result *result, size_t *table,
                              struct rk_error *error)
{
    const struct rk_table *roster = rk_panel_table(panel, RK_CRM_ROSTER);
    size_t room = 2 + (roster == NULL ? 0 : roster->n_columns) + panel->n_cuts +
                  n_activities(panel) + N_OUTCOMES;
    struct rk_field *field = malloc(room * sizeof *field);
    size_t n, period = panel->by_rep || panel->level_column != SIZE_MAX ? 1 : 0;
    enum rk_status status;

    if (field == NULL)
        return rk_fail_memory(error);
    n = list_fields(panel, field);
    status = check_names(field, n, error);
    if (status == RK_OK) {
        *table = rk_result_declare(result, "panel", field, n);
        status = result->status == RK_OK ? RK_OK : rk_fail_memory(error);
    }
    if (status == RK_OK)
        result->table[*table]->column[period].time_kind = panel->kind;
    free(field);
    return status;
}

/* --- rows ------------------------------------------------------------------------------------- */

static double total(const struct measure *measure, size_t cell)
{
    struct rk_sum sum = {measure->total[cell], measure->lost == NULL ? 0.0 : measure->lost[cell]};

    return rk_sum_value(&sum);
}

static double ratio(double sum, double n)
{
    return n > 0.0 ? sum / n : NAN;
}

static void put_outcomes(const struct panel *panel, struct rk_result *result, size_t table,
                         size_t field, size_t cell)
{
    const struct measure *m = panel->measure + panel->n_measures - N_DEAL_MEASURES;
    double won = total(&m[WON], cell), lost = total(&m[LOST], cell);
    double revenue = total(&m[REVENUE], cell);
    const double value[N_OUTCOMES] = {total(&m[OPENED], cell),
                                      won,
                                      lost,
                                      won + lost,
                                      revenue,
                                      ratio(won, won + lost),
                                      ratio(revenue, won),
                                      ratio(total(&m[CYCLE], cell), total(&m[N_CYCLES], cell))};

    for (size_t i = 0; i < N_OUTCOMES; i++)
        rk_put(result, table, field + i, value[i]);
}

/* 0 before, 1 after; a period that the date divides is left empty unless --straddle says. */
static double side_of(const struct panel *panel, const struct cut *cut, int64_t period)
{
    enum rk_side side = rk_time_side(panel->kind, period, cut->kind, cut->ordinal);

    if (side == RK_STRADDLE && panel->options->straddle == RK_STRADDLE_DROP)
        return NAN;
    return side == RK_AFTER ||
           (side == RK_STRADDLE && panel->options->straddle == RK_STRADDLE_AFTER);
}

static void put_row(const struct panel *panel, const struct unit *unit, size_t roster_row,
                    int64_t period, struct rk_result *result, size_t table)
{
    const struct rk_table *roster = rk_panel_table(panel, RK_CRM_ROSTER);
    size_t cell = unit->offset + (size_t)(period - unit->first), field = 0;

    rk_result_row(result, table);
    if (panel->by_rep || panel->level_column != SIZE_MAX)
        rk_put_text(result, table, field++, unit->label);
    rk_put(result, table, field++, (double)period);
    for (size_t j = 0; panel->by_rep && roster != NULL && j < roster->n_columns; j++)
        if (is_attribute(panel, j))
            rk_put_text(result, table, field++,
                        roster_row == SIZE_MAX ? NULL : rk_table_text(roster, roster_row, j));
    for (size_t i = 0; i < panel->n_cuts; i++)
        rk_put(result, table, field++, side_of(panel, &panel->cut[i], period));
    for (size_t m = 0; m < n_activities(panel); m++)
        rk_put(result, table, field++, total(&panel->measure[m], cell));
    if (rk_panel_table(panel, RK_CRM_DEALS) != NULL)
        put_outcomes(panel, result, table, field, cell);
}

static enum rk_status put_rows(const struct panel *panel, struct rk_result *result, size_t table,
                               struct rk_error *error)
{
    size_t *roster_row = calloc(panel->n_units + 1, sizeof *roster_row), n_rows = 0;
    enum rk_status status = RK_OK;

    for (size_t cell = 0; cell < panel->n_cells; cell++)
        n_rows += panel->active[cell];
    if (roster_row == NULL || rk_table_reserve(result->table[table], n_rows) != RK_OK)
        status = rk_fail_memory(error);
    for (size_t r = 0; status == RK_OK && r < panel->reps.n; r++)
        roster_row[panel->reps.rep[r].unit] = panel->reps.rep[r].roster_row;
    for (size_t u = 0; status == RK_OK && u < panel->n_units; u++) {
        const struct unit *unit = &panel->unit[u];

        for (int64_t period = unit->first; period <= unit->last; period++)
            if (panel->active[unit->offset + (size_t)(period - unit->first)] != 0)
                put_row(panel, unit, roster_row[u], period, result, table);
        status = rk_cancelled(panel->ctx);
    }
    free(roster_row);
    if (status == RK_OK && result->status != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        rk_panel_explain(panel, n_rows, result);
    return status;
}

/* --- all of it -------------------------------------------------------------------------------- */

static enum rk_status make(struct panel *panel, struct rk_result *result, struct rk_error *error)
{
    size_t table = 0;
    enum rk_status status = read_options(panel, error);

    if (status == RK_OK)
        status = rk_panel_reps(panel, error);
    if (status == RK_OK)
        status = rk_panel_activities(panel, error);
    if (status == RK_OK)
        status = rk_panel_events(panel, error);
    if (status == RK_OK)
        status = rk_panel_units(panel, error);
    if (status == RK_OK)
        status = rk_panel_cells(panel, error);
    if (status == RK_OK)
        status = declare(panel, result, &table, error);
    if (status == RK_OK)
        status = put_rows(panel, result, table, error);
    if (status == RK_OK)
        rk_panel_warn(panel, result);
    return status;
}

enum rk_status rk_panel_run(const struct rk_crm_files *files,
                            const struct rk_panel_options *options, const struct rk_ctx *ctx,
                            struct rk_result *result, struct rk_error *error)
{
    struct panel panel = {.files = files, .options = options, .ctx = ctx};
    enum rk_status status = rk_panel_check(files, options, error);

    if (status == RK_OK)
        status = make(&panel, result, error);
    if (status == RK_OK) {
        result->rows_read = 0;
        result->rows_used = rk_panel_rows_used(&panel);
        for (size_t i = 0; i < RK_PANEL_INPUTS; i++)
            if (files->file[i].table != NULL)
                result->rows_read += files->file[i].table->rows_read;
    }
    for (size_t i = 0; i < panel.n_cuts; i++)
        free(panel.cut[i].name);
    free(panel.cut);
    rk_panel_clear_reps(&panel);
    rk_panel_clear_activities(&panel);
    rk_panel_clear_events(&panel);
    rk_panel_clear_cells(&panel);
    return status;
}
