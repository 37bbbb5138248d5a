/* The design of a comparison: which two levels, and on which side of them a row stands. */
#include <stdlib.h>
#include <string.h>

#include "compare_parts.h"

/* --- what the options may say --------------------------------------------------------------- */

static enum rk_status check_tests(const struct rk_compare_options *options, bool paired,
                                  struct rk_error *error)
{
    for (size_t i = 0; i < rk_compare_n_methods; i++) {
        const struct method *method = &rk_compare_methods[i];

        if ((options->tests & (2U << i)) == 0 || method->paired == paired)
            continue;
        if (paired)
            return rk_fail(error, RK_EUSAGE,
                           "--test %s is for independent samples, and these are pairs: paired-t or "
                           "wilcoxon",
                           method->name);
        return rk_fail(error, RK_EUSAGE, "--test %s needs pairs: --id COL, or --before and --after",
                       method->name);
    }
    return RK_OK;
}

static enum rk_status read_cut(const struct rk_compare_options *options, enum rk_time_kind *kind,
                               int64_t *cut, struct rk_error *error)
{
    if (rk_time_read(options->cut, strlen(options->cut), options->date_order, kind, cut) !=
        RK_READ_OK)
        return rk_fail(error, RK_EUSAGE,
                       "--cut: '%s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024) and "
                       "no whole number",
                       options->cut);
    return RK_OK;
}

static enum rk_status check_long(const struct rk_compare_options *options, struct rk_error *error)
{
    enum rk_time_kind kind;
    int64_t cut;

    if (options->values.n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "what is to be compared? --value COLS with --group COL or with --time COL "
                       "--cut DATE; or --before COL --after COL");
    if ((options->time != NULL) != (options->cut != NULL))
        return rk_fail(error, RK_EUSAGE, "--time COL and --cut DATE belong together");
    if ((options->group != NULL) == (options->time != NULL))
        return rk_fail(error, RK_EUSAGE,
                       options->group == NULL
                           ? "between what? --group COL, or --time COL --cut DATE"
                           : "--group or --time with --cut, not both (--where and --by select)");
    return options->cut == NULL ? RK_OK : read_cut(options, &kind, &cut, error);
}

static bool is_wide(const struct rk_compare_options *options)
{
    return options->before != NULL || options->after != NULL;
}

enum rk_status rk_compare_check(const struct rk_compare_options *options, struct rk_error *error)
{
    enum rk_status status;

    if (!is_wide(options)) {
        status = check_long(options, error);
        if (status != RK_OK)
            return status;
    } else if (options->before == NULL || options->after == NULL) {
        return rk_fail(error, RK_EUSAGE, "--before COL and --after COL belong together");
    } else if (options->values.n > 0 || options->group != NULL || options->id != NULL ||
               options->time != NULL || options->cut != NULL || options->levels.n > 0) {
        return rk_fail(error, RK_EUSAGE,
                       "--before and --after are columns of one row: they take no --value, "
                       "--group, --id, --time, --cut or --levels");
    }
    if (options->levels.n != 0 && options->levels.n != 2)
        return rk_fail(error, RK_EUSAGE, "--levels takes two: FIRST,SECOND");
    if (options->levels.n == 2 && strcmp(options->levels.name[0], options->levels.name[1]) == 0)
        return rk_fail(error, RK_EUSAGE, "--levels takes two different ones");
    return check_tests(options, is_wide(options) || options->id != NULL, error);
}

enum rk_status rk_compare_wants(const struct rk_compare_options *options, struct rk_wants *wants)
{
    const struct {
        const char *name;
        enum rk_role role;
    } columns[] = {{options->group, RK_AS_LABEL},
                   {options->id, RK_AS_LABEL},
                   {options->time, RK_AS_TIME},
                   {options->before, RK_AS_NUMBER},
                   {options->after, RK_AS_NUMBER}};
    enum rk_status status = rk_wants_names(wants, &options->values, RK_AS_NUMBER);

    for (size_t i = 0; status == RK_OK && i < sizeof columns / sizeof *columns; i++)
        if (columns[i].name != NULL)
            status = rk_wants_add(wants, columns[i].name, columns[i].role);
    return status;
}

/* --- the two levels ------------------------------------------------------------------------- */

static enum rk_status set_levels(struct design *design, const char *first, const char *second,
                                 struct rk_error *error)
{
    design->level[0] = rk_strdup(first);
    design->level[1] = rk_strdup(second);
    return design->level[0] == NULL || design->level[1] == NULL ? rk_fail_memory(error) : RK_OK;
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
    else if (n > 2)
        rk_fail(error, RK_EINPUT,
                "%zu levels, and two are compared: choose them with --levels FIRST,SECOND or "
                "--where; there are %s",
                n, list.bytes);
    else
        rk_fail(error, RK_ETOOFEW, "two levels are needed, and there is %s",
                n == 0 ? "none" : list.bytes);
    rk_text_free(&list);
    rk_fail_at(error, table->name, 0, table->column[column].name);
    return error == NULL ? RK_EINPUT : error->status;
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
    if (status == RK_OK && levels->n == 2)
        status = set_levels(design, levels->name[0], levels->name[1], error);
    else if (status == RK_OK && n == 2)
        status =
            set_levels(design, rk_dict_label(dict, order[0]), rk_dict_label(dict, order[1]), error);
    else if (status == RK_OK)
        status = wrong_levels(table, column, order, n, NULL, error);
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

static enum rk_status cut_levels(const struct rk_table *table, struct design *design,
                                 struct rk_result *result, struct rk_error *error)
{
    static const char *const names[2] = {"before", "after"};
    const struct rk_names *levels = &design->options->levels;
    size_t column;
    enum rk_status status = rk_column_index(table, design->options->time, RK_TIME, &column, error);

    if (status == RK_OK)
        status = read_cut(design->options, &design->cut_kind, &design->cut, error);
    if (status == RK_OK)
        status = fit_cut(&table->column[column], design, table, error);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < levels->n; i++)
        if (strcmp(levels->name[i], names[0]) != 0 && strcmp(levels->name[i], names[1]) != 0)
            return rk_fail(error, RK_EUSAGE, "--levels: with --cut they are before and after");
    design->per = rk_time_kind_name(table->column[column].time_kind);
    warn_straddling(table, column, design, result);
    return set_levels(design, levels->n == 2 ? levels->name[0] : names[0],
                      levels->n == 2 ? levels->name[1] : names[1], error);
}

/* --- design and sides ----------------------------------------------------------------------- */

enum rk_status rk_design_make(const struct rk_table *table,
                              const struct rk_compare_options *options, struct design *design,
                              struct rk_result *result, struct rk_error *error)
{
    enum rk_status status = rk_compare_check(options, error);

    *design = (struct design){.options = options, .per = ""};
    if (status != RK_OK)
        return status;
    design->paired = is_wide(options) || options->id != NULL;
    if (is_wide(options))
        return set_levels(design, options->before, options->after, error);
    if (options->group != NULL)
        return group_levels(table, design, error);
    return cut_levels(table, design, result, error);
}

void rk_design_free(struct design *design)
{
    free(design->level[0]);
    free(design->level[1]);
}

enum rk_status rk_design_sides(const struct design *design, const struct rk_table *table,
                               signed char *side, struct rk_error *error)
{
    const struct rk_compare_options *options = design->options;
    bool by_group = options->group != NULL;
    /* where `before` stands */
    signed char before = !by_group && strcmp(design->level[0], "before") == 0 ? 0 : 1;
    const struct rk_column *c;
    uint32_t code[2] = {RK_NO_CODE, RK_NO_CODE};
    size_t column;
    enum rk_status status = rk_column_index(table, by_group ? options->group : options->time,
                                            by_group ? RK_TEXT : RK_TIME, &column, error);

    if (status != RK_OK)
        return status;
    c = &table->column[column];
    for (size_t k = 0; by_group && k < 2; k++)
        code[k] = rk_dict_find(c->dict, design->level[k], strlen(design->level[k]));
    for (size_t i = 0; i < table->n_rows; i++) {
        enum rk_side s;

        side[i] = NO_SIDE;
        if (rk_table_is_missing(table, i, column))
            continue;
        if (by_group) {
            side[i] = c->code[i] == code[0] ? 0 : c->code[i] == code[1] ? 1 : NO_SIDE;
            continue;
        }
        s = row_side(c, i, design);
        if (s == RK_STRADDLE && options->straddle == RK_STRADDLE_DROP)
            continue;
        if (s == RK_STRADDLE)
            s = options->straddle == RK_STRADDLE_BEFORE ? RK_BEFORE : RK_AFTER;
        side[i] = s == RK_BEFORE ? before : (signed char)(1 - before);
    }
    return RK_OK;
}
