/* --from-moments: units whose rows are elsewhere, each as its mean before and after. */
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"

enum rk_status impact_moments_check(const struct rk_impact_options *o, struct rk_error *error)
{
    const struct rk_moments_refusal refusals[] = {
        {o->start != NULL, "start",
         "needs rows: add a column of 0 and 1 to the formula of rep-moments and name it in --post"},
        {o->estimator == RK_ESTIMATOR_TWFE, "estimator twfe", RK_NEEDS_TIME},
        {o->placebo, "emit placebo", RK_NEEDS_TIME},
        {o->common.by.n > 0, "by", "has no rows to divide: its groups are the units"},
    };

    if (o->moments == NULL)
        return RK_OK;
    if (o->design != RK_IMPACT_DID)
        return rk_fail(error, RK_EUSAGE,
                       "--from-moments is for did: other designs need rows in their order in "
                       "time, which moments do not keep");
    return rk_moments_refuse(refusals, sizeof refusals / sizeof *refusals, error);
}

/* --- the table of units ------------------------------------------------------------------------
 */

enum { ID, TIME, TREATED, POST, N_FIXED };
static const char *const names[N_FIXED] = {"unit", "time", NULL, "post"}; /* as --treated says */

struct making {
    const struct rk_impact_options *options;
    const struct rk_moments_file *file;
    struct rk_moments_split treated, post;
    size_t *column; /* of the moments: the value, the covariates */
    struct rk_table *units;
    struct rk_error *error;
};

static enum rk_status find(const struct making *m, const char *name, size_t *column)
{
    const struct rk_names *columns = &m->file->column;

    for (*column = 0; *column < columns->n; ++*column)
        if (strcmp(columns->name[*column], name) == 0)
            return RK_OK;
    return rk_no_column(name, columns, m->error);
}

static enum rk_status find_all(struct making *m)
{
    const struct rk_impact_options *o = m->options;
    enum rk_status status = rk_moments_split_new(m->file, o->treated, &m->treated, m->error);

    if (status == RK_OK)
        status = rk_moments_split_new(m->file, o->post, &m->post, m->error);
    m->column = malloc((o->covariates.n + 1) * sizeof *m->column);
    if (status == RK_OK && m->column == NULL)
        status = rk_fail_memory(m->error);
    if (status == RK_OK)
        status = find(m, o->value, &m->column[0]);
    for (size_t j = 0; status == RK_OK && j < o->covariates.n; j++)
        status = find(m, o->covariates.name[j], &m->column[j + 1]);
    return status;
}

/* What the time is called, if it is a kind of it. */
static enum rk_time_kind kind_of(const char *name)
{
    for (int kind = RK_TIME_DAY; name != NULL && kind <= RK_TIME_YEAR; kind++)
        if (strcmp(rk_time_kind_name((enum rk_time_kind)kind), name) == 0)
            return (enum rk_time_kind)kind;
    return RK_TIME_INTEGER;
}

static enum rk_status add_columns(const struct making *m)
{
    const struct rk_impact_options *o = m->options;
    enum rk_status status = RK_OK;

    for (int c = 0; status == RK_OK && c < N_FIXED; c++)
        status = rk_table_add_column(m->units, c == TREATED ? o->treated : names[c],
                                     c == TIME ? RK_TIME : RK_TEXT, RK_GENERAL);
    if (status == RK_OK)
        m->units->column[TIME].time_kind = kind_of(o->time);
    if (status == RK_OK)
        status = rk_table_add_column(m->units, o->value, RK_NUMBER, RK_GENERAL);
    for (size_t j = 0; status == RK_OK && j < o->covariates.n; j++)
        status = rk_table_add_column(m->units, o->covariates.name[j], RK_NUMBER, RK_GENERAL);
    return status;
}

/* The one level that all rows of the group are at; NULL with the error where there are several. */
static const char *level_of(const struct making *m, size_t g)
{
    for (size_t l = 0; l < m->treated.level.n; l++)
        if (rk_moments_split_n(m->file, &m->treated, g, l) == m->file->moments.n[g])
            return m->treated.level.name[l];
    rk_fail(m->error, RK_EINPUT,
            "'%s' is both treated and not: --treated says in which group a unit is, at all times",
            rk_dict_label(m->file->group, (uint32_t)g));
    return NULL;
}

static enum rk_status add_side(const struct making *m, size_t g, size_t l, const char *treated)
{
    size_t row = m->units->n_rows;
    enum rk_status status = rk_table_add_row(m->units);

    if (status == RK_OK)
        status = rk_table_set_text(m->units, row, ID, rk_dict_label(m->file->group, (uint32_t)g));
    if (status == RK_OK)
        status = rk_table_set_text(m->units, row, TREATED, treated);
    if (status == RK_OK)
        status = rk_table_set_text(m->units, row, POST, m->post.level.name[l]);
    for (size_t j = 0; status == RK_OK && j <= m->options->covariates.n; j++)
        rk_table_set_number(m->units, row, N_FIXED + j,
                            rk_moments_split_mean(m->file, &m->post, g, l, m->column[j]));
    return status;
}

/* 0 for the level that stands first, 1 for the other. */
static enum rk_status set_time(struct rk_table *units)
{
    uint32_t *order;
    size_t n;

    if (rk_level_order(units, POST, &order, &n) != RK_OK)
        return RK_ENOMEM;
    for (size_t i = 0; i < units->n_rows; i++)
        for (size_t l = 0; l < n; l++)
            if (units->column[POST].code[i] == order[l])
                rk_table_set_number(units, i, TIME, (double)l);
    free(order);
    return RK_OK;
}

static enum rk_status add_units(const struct making *m)
{
    enum rk_status status = add_columns(m);

    for (size_t g = 0; status == RK_OK && g < m->file->moments.n_groups; g++) {
        const char *treated = level_of(m, g);

        if (treated == NULL)
            return RK_EINPUT;
        for (size_t l = 0; status == RK_OK && l < m->post.level.n; l++)
            if (rk_moments_split_n(m->file, &m->post, g, l) > 0.0)
                status = add_side(m, g, l, treated);
    }
    if (status == RK_OK)
        status = set_time(m->units);
    return status == RK_OK ? RK_OK : rk_fail_memory(m->error);
}

enum rk_status impact_moments_table(const struct rk_impact_options *options,
                                    struct rk_impact_options *of_units, struct rk_table **units,
                                    struct rk_error *error)
{
    struct making m = {.options = options, .file = options->moments, .error = error};
    enum rk_status status = find_all(&m);

    m.units = rk_table_new("moments");
    if (status == RK_OK)
        status = m.units == NULL ? rk_fail_memory(error) : add_units(&m);
    rk_moments_split_free(&m.treated);
    rk_moments_split_free(&m.post);
    free(m.column);
    if (status != RK_OK) {
        rk_table_free(m.units);
        return status;
    }
    of_units->id = names[ID];
    of_units->time = names[TIME];
    of_units->post = names[POST];
    *units = m.units;
    return RK_OK;
}
