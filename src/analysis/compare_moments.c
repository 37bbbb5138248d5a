/* --from-moments: samples whose rows are elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "compare_parts.h"

enum rk_status rk_compare_check_moments(const struct rk_compare_options *options,
                                        struct rk_error *error)
{
    static const char column[] = "needs rows: add a column of 0 and 1, or the factor, to the "
                                 "formula of rep-moments, and name it in --group";
    const struct rk_moments_refusal refusals[] = {
        {options->time != NULL || options->cut != NULL, "time", column},
        {options->successes != NULL, "successes", RK_NEEDS_ROWS},
        {options->trials != NULL, "trials", RK_NEEDS_ROWS},
        {options->exposure != NULL, "exposure", RK_NEEDS_ROWS},
        {options->block != NULL, "block", RK_NEEDS_ROWS},
        {options->common.by.n > 0, "by",
         "has no rows to divide: moments are by one kind of group, the levels or the units"},
    };
    enum rk_status status;

    if (options->moments == NULL)
        return RK_OK;
    status = rk_moments_refuse(refusals, sizeof refusals / sizeof *refusals, error);
    for (size_t i = 0; status == RK_OK && i < rk_compare_n_methods; i++)
        if ((options->tests & (2U << i)) != 0 && (rk_compare_methods[i].is & BY_MOMENTS) == 0)
            status = rk_fail(error, RK_EUSAGE, "--from-moments: --test %s %s",
                             rk_compare_methods[i].name, RK_NEEDS_ROWS);
    return status;
}

/* Pairs of columns, all groups together. */
static enum rk_status take_wide(const struct design *design, const struct rk_table *table,
                                struct samples *s, struct rk_error *error)
{
    const char *const names[2] = {design->options->before, design->options->after};
    struct rk_cross_moments all, within;
    size_t at[2], n_within;
    enum rk_status status = RK_OK;

    for (size_t k = 0; status == RK_OK && k < 2; k++)
        status = rk_column_index(table, names[k], RK_NUMBER, &at[k], error);
    if (status != RK_OK)
        return status;
    if (rk_moments_pool(design->options->moments, table, &all, &within, &n_within) != RK_OK) {
        status = rk_fail_memory(error);
    } else {
        size_t first = rk_moments_column_of(at[0]), second = rk_moments_column_of(at[1]);

        s->m[0] = rk_moments_sample(&all, 0, first);
        s->m[1] = rk_moments_sample(&all, 0, second);
        s->change = rk_moments_difference(&all, 0, first, second);
        s->covariance = all.C[rk_cross_moments_at(first, second)].hi / (all.n[0] - 1.0);
    }
    rk_cross_moments_free(&all);
    rk_cross_moments_free(&within);
    return status;
}

/* The group that is called so; one that has no rows is empty. */
static struct rk_moments sample_of(const struct rk_moments_file *file, const char *level,
                                   size_t column)
{
    uint32_t group = rk_dict_find(file->group, level, strlen(level));

    return group == RK_NO_CODE ? rk_moments_of(NULL, 0)
                               : rk_moments_sample(&file->moments, group, column);
}

enum rk_status rk_samples_from_moments(const struct design *design, const struct rk_table *table,
                                       struct samples *samples, struct rk_error *error)
{
    const struct rk_moments_file *file = design->options->moments;
    size_t column;
    enum rk_status status;

    if (rk_compare_is_wide(design->options)) {
        status = take_wide(design, table, samples, error);
    } else {
        status = rk_column_index(table, samples->variable, RK_NUMBER, &column, error);
        for (size_t k = 0; status == RK_OK && k < 2; k++)
            samples->m[k] = sample_of(file, design->level[k], rk_moments_column_of(column));
    }
    for (size_t k = 0; status == RK_OK && k < 2; k++)
        samples->n[k] = samples->m[k].n;
    samples->n_rows = samples->n[0] + samples->n[1];
    return status;
}

enum rk_status rk_level_samples_from_moments(const struct design *design,
                                             const struct rk_table *table,
                                             struct level_samples *samples, struct rk_error *error)
{
    size_t column;
    enum rk_status status = rk_column_index(table, samples->variable, RK_NUMBER, &column, error);

    for (size_t k = 0; status == RK_OK && k < samples->n_levels; k++) {
        samples->m[k] = sample_of(design->options->moments, design->levels.name[k],
                                  rk_moments_column_of(column));
        samples->n[k] = samples->m[k].n;
        samples->n_total += samples->n[k];
    }
    samples->n_rows = samples->n_total;
    return status;
}

/* --- units at levels -------------------------------------------------------------------------- */

static enum rk_status find_values(const struct rk_compare_options *options, size_t *at,
                                  struct rk_error *error)
{
    const struct rk_names *names = &options->moments->column;

    for (size_t v = 0; v < options->values.n; v++) {
        at[v] = 0;
        while (at[v] < names->n && strcmp(names->name[at[v]], options->values.name[v]) != 0)
            at[v]++;
        if (at[v] == names->n)
            return rk_no_column(options->values.name[v], names, error);
    }
    return RK_OK;
}

static enum rk_status add_units(const struct rk_compare_options *options,
                                const struct rk_moments_split *split, const size_t *at,
                                struct rk_table *units)
{
    const struct rk_moments_file *file = options->moments;
    enum rk_status status = rk_table_add_column(units, options->id, RK_TEXT, RK_GENERAL);

    if (status == RK_OK)
        status = rk_table_add_column(units, options->group, RK_TEXT, RK_GENERAL);
    for (size_t v = 0; status == RK_OK && v < options->values.n; v++)
        status = rk_table_add_column(units, options->values.name[v], RK_NUMBER, RK_GENERAL);
    for (size_t g = 0; g < file->moments.n_groups; g++) {
        for (size_t l = 0; status == RK_OK && l < split->level.n; l++) {
            size_t row = units->n_rows;

            if (rk_moments_split_n(file, split, g, l) == 0.0)
                continue;
            status = rk_table_add_row(units);
            if (status == RK_OK)
                status = rk_table_set_text(units, row, 0, rk_dict_label(file->group, (uint32_t)g));
            if (status == RK_OK)
                status = rk_table_set_text(units, row, 1, split->level.name[l]);
            for (size_t v = 0; status == RK_OK && v < options->values.n; v++)
                rk_table_set_number(units, row, v + 2,
                                    rk_moments_split_mean(file, split, g, l, at[v]));
        }
    }
    return status;
}

enum rk_status rk_compare_units_new(const struct rk_compare_options *options,
                                    struct rk_table **units, struct rk_error *error)
{
    struct rk_moments_split split;
    size_t *at = calloc(options->values.n + 1, sizeof *at);
    struct rk_table *made = rk_table_new("moments");
    enum rk_status status = at == NULL || made == NULL ? rk_fail_memory(error) : RK_OK;

    if (status == RK_OK)
        status = find_values(options, at, error);
    if (status == RK_OK)
        status = rk_moments_split_new(options->moments, options->group, &split, error);
    if (status == RK_OK) {
        if (add_units(options, &split, at, made) != RK_OK)
            status = rk_fail_memory(error);
        rk_moments_split_free(&split);
    }
    free(at);
    if (status == RK_OK)
        *units = made;
    else
        rk_table_free(made);
    return status;
}
