/* The columns, pairs and rows of one group of rep-corr. */
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"

/* The columns that are named; without names all of numbers but the unit, the controls and those of
 * `others`. */
enum rk_status corr_find_columns(const struct rk_table *table, const struct rk_names *names,
                                 const struct rk_names *others, const struct rk_names *controls,
                                 struct corr_columns *found, struct rk_error *error)
{
    size_t n = 0;
    enum rk_status status = RK_OK;

    if (names->n == 0) {
        if (rk_number_columns(table, &found->column, &found->n) != RK_OK)
            return rk_fail_memory(error);
        for (size_t j = 0; j < found->n; j++)
            if (!rk_names_has(others, table->column[found->column[j]].name) &&
                !rk_names_has(controls, table->column[found->column[j]].name))
                found->column[n++] = found->column[j];
        found->n = n;
        return RK_OK;
    }
    found->column = malloc(names->n * sizeof *found->column);
    if (found->column == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < names->n; j++)
        status = rk_column_index(table, names->name[j], RK_NUMBER, &found->column[j], error);
    found->n = names->n;
    return status;
}

/* A row for each outcome but the two columns themselves. */
static enum rk_status list_contrasts(struct corr_group *group, const struct corr_columns *y,
                                     const struct corr_run *run, struct rk_error *error)
{
    const struct rk_names *names = &group->options->contrast;
    size_t column[2] = {0};
    enum rk_status status = RK_OK;

    for (size_t k = 0; status == RK_OK && k < names->n; k++)
        status = rk_column_index(group->table, names->name[k], RK_NUMBER, &column[k], error);
    for (size_t j = 0; status == RK_OK && names->n > 0 && j < y->n; j++)
        for (int64_t lag = run->first_lag; lag <= run->last_lag; lag++)
            if (y->column[j] != column[0] && y->column[j] != column[1])
                group->pair[group->n_pairs++] = (struct corr_pair){
                    .x = column[0], .y = y->column[j], .x2 = column[1], .lag = lag};
    return status;
}

/* Outcome by outcome; without names each pair of columns once, the earlier one as x. */
enum rk_status corr_list_pairs(struct corr_group *group, const struct corr_columns *x,
                               const struct corr_columns *y, const struct corr_run *run,
                               struct rk_error *error)
{
    const struct rk_corr_options *options = group->options;
    bool once = options->activities.n == 0 && options->outcomes.n == 0 && options->contrast.n == 0;

    group->n_lags = (size_t)(run->last_lag - run->first_lag + 1);
    group->nearest = run->first_lag > 0 ? run->first_lag : run->last_lag < 0 ? run->last_lag : 0;
    group->pair = calloc((x->n + 1) * y->n * group->n_lags + 1, sizeof *group->pair);
    if (group->pair == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; j < y->n; j++)
        for (size_t i = 0; i < x->n; i++) {
            size_t a = once ? j : i, b = once ? i : j; /* x->column is y->column where once */

            if (x->column[a] == y->column[b] || (once && a > b))
                continue;
            for (int64_t lag = run->first_lag; lag <= run->last_lag; lag++)
                group->pair[group->n_pairs++] = (struct corr_pair){
                    .x = x->column[a], .y = y->column[b], .x2 = SIZE_MAX, .lag = lag};
        }
    if (group->n_pairs > 0)
        return list_contrasts(group, y, run, error);
    if (!once && options->activities.n > 0 && options->outcomes.n > 0)
        return rk_fail(error, RK_EUSAGE, "-x and -y name one and the same column");
    rk_fail(error, RK_EINPUT, "no two columns of numbers to correlate");
    return rk_fail_at(error, group->table->name, 0, NULL);
}

/* Rows that may be used: with unit and time, and unless pairs stand by themselves complete in all
 * columns; in the order of unit and time. */
enum rk_status corr_find_rows(struct corr_group *group, const struct corr_columns *x,
                              const struct corr_columns *y, const struct corr_run *run,
                              struct rk_error *error)
{
    size_t *columns, n = 0;
    int missing = group->options->common.missing;
    enum rk_status status;

    if (corr_is_plain(group))
        return RK_OK;
    columns = malloc((x->n + y->n + group->n_controls + 2) * sizeof *columns);
    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; missing != RK_MISSING_PAIRWISE && j < x->n; j++)
        columns[n++] = x->column[j];
    for (size_t j = 0; missing != RK_MISSING_PAIRWISE && j < y->n; j++)
        columns[n++] = y->column[j];
    for (size_t j = 0; missing != RK_MISSING_PAIRWISE && j < group->n_controls; j++)
        columns[n++] = group->control[j];
    if (group->id != SIZE_MAX)
        columns[n++] = group->id;
    if (group->time != SIZE_MAX)
        columns[n++] = group->time;
    status =
        rk_complete_rows(group->table, columns, n, missing, &group->row, &group->n_rows, error);
    free(columns);
    if (status == RK_OK && group->time != SIZE_MAX)
        status = corr_order(group, run->first_lag != 0 || run->last_lag != 0, error);
    return status;
}

/* The columns beside the pairs, and the scopes that they allow. */
enum rk_status corr_find_panel(struct corr_group *group, struct rk_error *error)
{
    const struct rk_corr_options *options = group->options;
    const struct rk_table *table = group->table;
    unsigned available = 1u << RK_POOLED;
    enum rk_status status = RK_OK;

    group->id = group->time = SIZE_MAX;
    group->control = malloc((options->partial.n + 1) * sizeof *group->control);
    if (group->control == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < options->partial.n; j++)
        status = rk_column_index(table, options->partial.name[j], RK_NUMBER,
                                 &group->control[group->n_controls++], error);
    if (status == RK_OK && options->id != NULL)
        status = rk_column_index(table, options->id, RK_TEXT, &group->id, error);
    if (status == RK_OK && options->time != NULL)
        status = rk_column_index(table, options->time, RK_TIME, &group->time, error);
    if (status != RK_OK)
        return status;
    if (group->id != SIZE_MAX) {
        group->n_codes = rk_dict_size(table->column[group->id].dict);
        available |= 1u << RK_BETWEEN | 1u << RK_WITHIN;
        if (group->time != SIZE_MAX && options->method != RK_KENDALL)
            available |= 1u << RK_TWO_WAY;
    }
    group->scopes = options->scopes == 0 ? available : options->scopes;
    return RK_OK;
}
