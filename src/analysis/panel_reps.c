/* Who the reps are: one number for each, whichever file names them; when they were employed; what
 * has rows of its own. */
#include <stdlib.h>
#include <string.h>

#include "panel_parts.h"

/* Numbers the labels of a file's reps. */
static enum rk_status add_labels(struct panel *panel, enum rk_crm_input input)
{
    const struct rk_table *table = rk_panel_table(panel, input);
    struct reps *reps = &panel->reps;
    const struct rk_dict *dict;
    size_t n;

    if (table == NULL)
        return RK_OK;
    dict = table->column[rk_panel_column(panel, input, RK_ROSTER_REP)].dict;
    n = rk_dict_size(dict);
    reps->of_code[input] = malloc((n + 1) * sizeof *reps->of_code[input]);
    if (reps->of_code[input] == NULL)
        return RK_ENOMEM;
    for (uint32_t code = 0; code < n; code++) {
        const char *label = rk_dict_label(dict, code);

        reps->of_code[input][code] = rk_dict_code(reps->dict, label, strlen(label));
        if (reps->of_code[input][code] == RK_NO_CODE)
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* The first or the last day of a time in the roster. */
static int64_t bound(const struct rk_table *roster, size_t column, size_t row, int64_t otherwise,
                     bool last)
{
    const struct rk_column *c;

    if (column == SIZE_MAX || rk_table_is_missing(roster, row, column))
        return otherwise;
    c = &roster->column[column];
    return last ? rk_time_first_day(c->time_kind, (int64_t)c->number[row] + 1) - 1
                : rk_time_first_day(c->time_kind, (int64_t)c->number[row]);
}

/* Numbers where dates are wanted. */
static enum rk_status check_dates(const struct rk_table *roster, size_t column,
                                  struct rk_error *error)
{
    if (column == SIZE_MAX || roster->column[column].time_kind != RK_TIME_INTEGER)
        return RK_OK;
    rk_fail(error, RK_EINPUT, "whole numbers where dates are wanted");
    return rk_fail_at(error, roster->name, 0, roster->column[column].name);
}

static enum rk_status read_roster(struct panel *panel, struct rk_error *error)
{
    const struct rk_table *roster = rk_panel_table(panel, RK_CRM_ROSTER);
    size_t column = rk_panel_column(panel, RK_CRM_ROSTER, RK_ROSTER_REP);
    size_t hired = rk_panel_column(panel, RK_CRM_ROSTER, RK_ROSTER_HIRED);
    size_t left = rk_panel_column(panel, RK_CRM_ROSTER, RK_ROSTER_LEFT);
    struct reps *reps = &panel->reps;
    enum rk_status status = check_dates(roster, hired, error);

    if (status == RK_OK)
        status = check_dates(roster, left, error);
    for (size_t row = 0; status == RK_OK && row < roster->n_rows; row++) {
        uint32_t code = roster->column[column].code[row];
        struct rep *rep;

        if (code == RK_NO_CODE) {
            reps->n_nameless++;
            continue;
        }
        rep = &reps->rep[reps->of_code[RK_CRM_ROSTER][code]];
        if (rep->roster_row != SIZE_MAX) {
            if (reps->n_duplicates++ == 0)
                reps->first_duplicate = row;
            continue;
        }
        rep->roster_row = row;
        rep->bounded = hired != SIZE_MAX || left != SIZE_MAX;
        rep->hired = bound(roster, hired, row, INT64_MIN, false);
        rep->left = bound(roster, left, row, INT64_MAX, true);
    }
    return status;
}

enum rk_status rk_panel_reps(struct panel *panel, struct rk_error *error)
{
    struct reps *reps = &panel->reps;
    enum rk_status status = RK_OK;

    reps->dict = rk_dict_new();
    if (reps->dict == NULL)
        return rk_fail_memory(error);
    for (int input = 0; status == RK_OK && input < RK_PANEL_INPUTS; input++)
        status = add_labels(panel, (enum rk_crm_input)input);
    reps->n = rk_dict_size(reps->dict);
    reps->rep = status == RK_OK ? malloc((reps->n + 1) * sizeof *reps->rep) : NULL;
    if (reps->rep == NULL)
        return rk_fail_memory(error);
    for (uint32_t r = 0; r < reps->n; r++)
        reps->rep[r] = (struct rep){.label = rk_dict_label(reps->dict, r),
                                    .hired = INT64_MIN,
                                    .left = INT64_MAX,
                                    .roster_row = SIZE_MAX,
                                    .first = INT32_MAX,
                                    .last = INT32_MIN};
    return rk_panel_table(panel, RK_CRM_ROSTER) == NULL ? RK_OK : read_roster(panel, error);
}

void rk_panel_clear_reps(struct panel *panel)
{
    rk_dict_free(panel->reps.dict);
    free(panel->reps.rep);
    for (size_t i = 0; i < RK_PANEL_INPUTS; i++)
        free(panel->reps.of_code[i]);
    free(panel->unit);
}

/* --- units ---------------------------------------------------------------------------------- */

/* What --level makes of a rep; NULL where its attribute is missing. */
static const char *level_of(const struct panel *panel, const struct rep *rep)
{
    if (panel->by_rep)
        return rep->label;
    if (panel->level_column == SIZE_MAX)
        return "";
    if (rep->roster_row == SIZE_MAX)
        return NULL;
    return rk_table_text(rk_panel_table(panel, RK_CRM_ROSTER), rep->roster_row,
                         panel->level_column);
}

/* By bytes, those without a label last: the order of rows in the files plays no part. */
static int compare_labels(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a == NULL) - (b == NULL);
    return strcmp(a, b);
}

struct labelled {
    const char *label;
    struct rep *rep;
};

static int by_label(const void *a, const void *b)
{
    return compare_labels(((const struct labelled *)a)->label, ((const struct labelled *)b)->label);
}

enum rk_status rk_panel_units(struct panel *panel, struct rk_error *error)
{
    struct labelled *list = malloc((panel->reps.n + 1) * sizeof *list);

    panel->unit = malloc((panel->reps.n + 1) * sizeof *panel->unit);
    if (list == NULL || panel->unit == NULL) {
        free(list);
        return rk_fail_memory(error);
    }
    for (size_t r = 0; r < panel->reps.n; r++)
        list[r] = (struct labelled){level_of(panel, &panel->reps.rep[r]), &panel->reps.rep[r]};
    qsort(list, panel->reps.n, sizeof *list, by_label);
    for (size_t r = 0; r < panel->reps.n; r++) {
        if (r == 0 || compare_labels(list[r - 1].label, list[r].label) != 0)
            panel->unit[panel->n_units++] =
                (struct unit){.label = list[r].label, .first = INT32_MAX, .last = INT32_MIN};
        list[r].rep->unit = panel->n_units - 1;
    }
    free(list);
    return RK_OK;
}
