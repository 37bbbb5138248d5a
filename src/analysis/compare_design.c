/* The design of a comparison: which levels there are, and at which of them a row stands. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_parts.h"

/* --- the levels of a column ------------------------------------------------------------------ */

enum { MOST_LEVELS = 20 }; /* of which all pairs are compared: 190 of them */

static enum rk_status add_level(struct design *design, const char *name, struct rk_error *error)
{
    return rk_names_add(&design->levels, name) == RK_OK ? RK_OK : rk_fail_memory(error);
}

static enum rk_status set_levels(struct design *design, const char *first, const char *second,
                                 struct rk_error *error)
{
    enum rk_status status = add_level(design, first, error);

    return status == RK_OK ? add_level(design, second, error) : status;
}

/* "'A', 'B', 'C' and 4 more" */
static void add_levels(const struct rk_dict *dict, const uint32_t *order, size_t n,
                       struct rk_text *out)
{
    enum { MOST = 8 };

    for (size_t i = 0; i < n && i < MOST; i++)
        rk_text_format(out, "%s'%s'", i == 0 ? "" : ", ", rk_dict_label(dict, order[i]));
    if (n > MOST)
        rk_text_format(out, " and %zu more", n - MOST);
}

/* The error that names the levels there are. */
static enum rk_status wrong_levels(const struct rk_table *table, size_t column,
                                   const uint32_t *order, size_t n, const char *wanted,
                                   struct rk_error *error)
{
    struct rk_text list = {0};

    add_levels(table->column[column].dict, order, n, &list);
    if (list.failed)
        rk_fail_memory(error);
    else if (wanted != NULL)
        rk_fail(error, RK_EINPUT, "no level '%s' (--levels); there are %s", wanted,
                n == 0 ? "none" : list.bytes);
    else if (n > MOST_LEVELS)
        rk_fail(error, RK_EINPUT,
                "%zu levels are more than can be compared with each other: choose with --levels "
                "FIRST,SECOND or --where; there are %s",
                n, list.bytes);
    else
        rk_fail(error, RK_ETOOFEW, "two levels are needed, and there is %s",
                n == 0 ? "none" : list.bytes);
    rk_text_free(&list);
    return rk_fail_at(error, table->name, 0, table->column[column].name);
}

static bool has_level(const struct rk_dict *dict, const uint32_t *order, size_t n,
                      const char *label)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(rk_dict_label(dict, order[i]), label) == 0)
            return true;
    return false;
}

static enum rk_status group_levels(const struct rk_table *table, struct design *design,
                                   struct rk_error *error)
{
    const struct rk_names *levels = &design->options->levels;
    const struct rk_dict *dict;
    uint32_t *order;
    size_t column, n;
    enum rk_status status = rk_column_index(table, design->options->group, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    if (rk_level_order(table, column, &order, &n) != RK_OK)
        return rk_fail_memory(error);
    dict = table->column[column].dict;
    for (size_t i = 0; status == RK_OK && i < levels->n; i++)
        if (!has_level(dict, order, n, levels->name[i]))
            status = wrong_levels(table, column, order, n, levels->name[i], error);
    if (status == RK_OK && levels->n == 0 && (n < 2 || n > MOST_LEVELS))
        status = wrong_levels(table, column, order, n, NULL, error);
    for (size_t i = 0; status == RK_OK && i < (levels->n > 0 ? levels->n : n); i++)
        status = add_level(design, levels->n > 0 ? levels->name[i] : rk_dict_label(dict, order[i]),
                           error);
    free(order);
    return status;
}

/* --- before and after a cut ----------------------------------------------------------------- */

/* A cut that is written as a year may mean the integer, and the other way round. */
static enum rk_status fit_cut(const struct rk_column *time, struct design *design,
                              const struct rk_table *table, struct rk_error *error)
{
    bool bare = design->cut_kind == RK_TIME_INTEGER || design->cut_kind == RK_TIME_YEAR;

    if (bare && (time->time_kind == RK_TIME_INTEGER || time->time_kind == RK_TIME_YEAR))
        design->cut_kind = time->time_kind;
    if ((design->cut_kind == RK_TIME_INTEGER) == (time->time_kind == RK_TIME_INTEGER))
        return RK_OK;
    rk_fail(error, RK_EUSAGE,
            time->time_kind == RK_TIME_INTEGER
                ? "holds whole numbers, and --cut '%s' is a date"
                : "holds calendar time, and --cut '%s' is a plain number",
            design->options->cut);
    return rk_fail_at(error, table->name, 0, time->name);
}

static enum rk_side row_side(const struct rk_column *time, size_t row, const struct design *design)
{
    return rk_time_side(time->time_kind, (int64_t)time->number[row], design->cut_kind, design->cut);
}

static void warn_straddling(const struct rk_table *table, size_t column,
                            const struct design *design, struct rk_result *result)
{
    const struct rk_column *time = &table->column[column];
    size_t n = 0, first = 0;
    char period[32];

    for (size_t i = 0; i < table->n_rows; i++) {
        if (rk_table_is_missing(table, i, column) || row_side(time, i, design) != RK_STRADDLE)
            continue;
        if (n++ == 0)
            first = i;
    }
    if (n == 0 || design->options->straddle != RK_STRADDLE_DROP)
        return;
    rk_time_format(time->time_kind, (int64_t)time->number[first], period);
    rk_warn(result, RK_WARN_STRADDLE,
            "%zu row%s of period %s, which contains the cut %s, %s left out", n, n == 1 ? "" : "s",
            period, design->options->cut, n == 1 ? "is" : "are");
}

/* Over how long the side after the cut was watched. */
static void put_measured(const struct rk_table *table, size_t column, const struct design *design,
                         struct rk_result *result)
{
    const struct rk_column *time = &table->column[column];
    double first = INFINITY, last = -INFINITY;

    for (size_t i = 0; i < table->n_rows; i++) {
        if (rk_table_is_missing(table, i, column) || row_side(time, i, design) != RK_AFTER)
            continue;
        first = fmin(first, time->number[i]);
        last = fmax(last, time->number[i]);
    }
    if (first <= last)
        rk_result_measured(result, time->time_kind, (int64_t)first, (int64_t)last);
}

static enum rk_status cut_levels(const struct rk_table *table, struct design *design,
                                 struct rk_result *result, struct rk_error *error)
{
    static const char *const names[2] = {"before", "after"};
    const struct rk_names *levels = &design->options->levels;
    size_t column;
    enum rk_status status = rk_column_index(table, design->options->time, RK_TIME, &column, error);

    if (status == RK_OK)
        status = rk_compare_read_cut(design->options, &design->cut_kind, &design->cut, error);
    if (status == RK_OK)
        status = fit_cut(&table->column[column], design, table, error);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < levels->n || levels->n > 2; i++)
        if (levels->n > 2 ||
            (strcmp(levels->name[i], names[0]) != 0 && strcmp(levels->name[i], names[1]) != 0))
            return rk_fail(error, RK_EUSAGE, "--levels: with --cut they are before and after");
    design->per = rk_time_kind_name(table->column[column].time_kind);
    warn_straddling(table, column, design, result);
    put_measured(table, column, design, result);
    return set_levels(design, levels->n == 2 ? levels->name[0] : names[0],
                      levels->n == 2 ? levels->name[1] : names[1], error);
}

/* --- design and levels of rows ---------------------------------------------------------------- */

void rk_design_pair(struct design *design, size_t first, size_t second)
{
    design->at[0] = first;
    design->at[1] = second;
    design->level[0] = design->levels.name[first];
    design->level[1] = design->levels.name[second];
}

enum rk_status rk_design_make(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct design *design, struct rk_result *result,
                              struct rk_error *error)
{
    enum rk_status status = rk_compare_check(options, error);

    *design = (struct design){.options = options, .ctx = ctx, .per = "", .label = ""};
    if (status != RK_OK)
        return status;
    design->paired = rk_compare_is_wide(options) || options->id != NULL;
    if (rk_compare_is_wide(options))
        status = set_levels(design, options->before, options->after, error);
    else if (options->group != NULL)
        status = group_levels(table, design, error);
    else
        status = cut_levels(table, design, result, error);
    if (status == RK_OK)
        rk_design_pair(design, 0, 1);
    return status;
}

void rk_design_free(struct design *design)
{
    rk_names_free(&design->levels);
}

static enum rk_status levels_by_group(const struct design *design, const struct rk_column *c,
                                      size_t n_rows, int *level, struct rk_error *error)
{
    size_t n_codes = rk_dict_size(c->dict);
    int *of_code = malloc((n_codes + 1) * sizeof *of_code);

    if (of_code == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n_codes; i++)
        of_code[i] = NO_LEVEL;
    for (size_t k = 0; k < design->levels.n; k++) {
        const char *name = design->levels.name[k];
        uint32_t code = rk_dict_find(c->dict, name, strlen(name));

        if (code != RK_NO_CODE)
            of_code[code] = (int)k;
    }
    for (size_t i = 0; i < n_rows; i++)
        level[i] = c->code[i] == RK_NO_CODE ? NO_LEVEL : of_code[c->code[i]];
    free(of_code);
    return RK_OK;
}

enum rk_status rk_design_levels(const struct design *design, const struct rk_table *table,
                                int *level, struct rk_error *error)
{
    const struct rk_compare_options *options = design->options;
    bool by_group = options->group != NULL;
    int before = strcmp(design->levels.name[0], "before") == 0 ? 0 : 1; /* where it stands */
    const struct rk_column *c;
    size_t column;
    enum rk_status status = rk_column_index(table, by_group ? options->group : options->time,
                                            by_group ? RK_TEXT : RK_TIME, &column, error);

    if (status != RK_OK)
        return status;
    c = &table->column[column];
    if (by_group)
        return levels_by_group(design, c, table->n_rows, level, error);
    for (size_t i = 0; i < table->n_rows; i++) {
        enum rk_side s;

        level[i] = NO_LEVEL;
        if (rk_table_is_missing(table, i, column))
            continue;
        s = row_side(c, i, design);
        if (s == RK_STRADDLE && options->straddle == RK_STRADDLE_DROP)
            continue;
        if (s == RK_STRADDLE)
            s = options->straddle == RK_STRADDLE_BEFORE ? RK_BEFORE : RK_AFTER;
        level[i] = s == RK_BEFORE ? before : 1 - before;
    }
    return RK_OK;
}
