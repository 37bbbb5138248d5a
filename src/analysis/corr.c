/* rep-corr: which activities move with which outcomes? */
#include "repkit/corr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"
#include "repkit/parallel.h"

enum {
    X,
    Y,
    METHOD,
    SCOPE,
    LAG,
    N,
    N_UNITS,
    ESTIMATE,
    CONF_LOW,
    CONF_HIGH,
    STATISTIC,
    DF,
    P_VALUE,
    P_ADJUSTED,
    NOTE
};

static const struct rk_field fields[] = {
    [X] = {"x", RK_TEXT, RK_GENERAL},
    [Y] = {"y", RK_TEXT, RK_GENERAL},
    [METHOD] = {"method", RK_TEXT, RK_GENERAL},
    [SCOPE] = {"scope", RK_TEXT, RK_GENERAL},
    [LAG] = {"lag", RK_NUMBER, RK_COUNT},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [N_UNITS] = {"n_units", RK_NUMBER, RK_COUNT},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [DF] = {"df", RK_NUMBER, RK_COUNT},
    [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [P_ADJUSTED] = {"p_adjusted", RK_NUMBER, RK_P_VALUE},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

static const char *const method_names[] = {"pearson", "spearman", "kendall"};
struct run {
    const struct rk_corr_options *options;
    int64_t first_lag, last_lag;
    struct corr_seen *seen;
    size_t *rows_used;
};

enum rk_status rk_corr_wants(const struct rk_corr_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_names(wants, &options->activities, RK_AS_NUMBER);

    wants->all = options->activities.n == 0 || options->outcomes.n == 0;
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->outcomes, RK_AS_NUMBER);
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->partial, RK_AS_NUMBER);
    if (status == RK_OK && options->id != NULL)
        status = rk_wants_add(wants, options->id, RK_AS_LABEL);
    if (status == RK_OK && options->time != NULL)
        status = rk_wants_add(wants, options->time, RK_AS_TIME);
    return status;
}

static void declare(struct rk_result *result, const void *data)
{
    (void)data;
    rk_result_declare(result, "corr", fields, sizeof fields / sizeof *fields);
}

/* --- the rows of the result ------------------------------------------------------------------- */

static void add_note(struct rk_text *note, const char *words)
{
    if (note->length > 0)
        rk_text_add(note, "; ");
    rk_text_add(note, words);
}

static void put_note(const struct corr_pair *pair, size_t scope, int method,
                     struct rk_result *result)
{
    const struct rk_correlation *c = &pair->scope[scope].c;
    size_t left_out = scope >= RK_WITHIN ? pair->scope[RK_POOLED].c.n_units - c->n_units : 0;
    struct rk_text note = {0};

    if (c->perfect)
        add_note(&note, rk_status_words(RK_EPERFECT));
    if (c->exact)
        add_note(&note, method == RK_KENDALL ? "exact test, statistic is T"
                                             : "exact test, statistic is S");
    if (isnan(c->conf_low) && method == RK_KENDALL && scope == RK_WITHIN)
        add_note(&note, "no interval of kendall within units");
    else if (isnan(c->conf_low))
        add_note(&note, "too few values for an interval");
    if (left_out > 0) {
        add_note(&note, "");
        rk_text_format(&note, "%zu %s of one row left out", left_out,
                       left_out == 1 ? "unit" : "units");
    }
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, 0, NOTE, note.bytes);
    rk_text_free(&note);
}

static struct corr_words words_of(const struct corr_group *group, const struct corr_pair *pair,
                                  size_t scope)
{
    const struct rk_corr_options *options = group->options;
    const struct rk_column *column = group->table->column;
    const char *period =
        group->time == SIZE_MAX ? "" : rk_time_kind_name(column[group->time].time_kind);

    return (struct corr_words){.x = column[pair->x].name,
                               .y = column[pair->y].name,
                               .id = options->id,
                               .period = period[0] != '\0' ? period : "period",
                               .partial = &options->partial,
                               .method = options->method,
                               .scope = (int)scope,
                               .lag = pair->lag,
                               .conf_level = options->common.conf_level,
                               .correlation = &pair->scope[scope].c};
}

static void put_row(const struct corr_group *group, const struct corr_pair *pair, size_t scope,
                    struct rk_result *result)
{
    const struct corr_estimate *e = &pair->scope[scope];
    const struct rk_corr_options *options = group->options;
    struct corr_words words = words_of(group, pair, scope);

    rk_result_row(result, 0);
    rk_put_text(result, 0, X, words.x);
    rk_put_text(result, 0, Y, words.y);
    rk_put_text(result, 0, METHOD, method_names[options->method]);
    rk_put_text(result, 0, SCOPE, corr_scope_name(scope));
    rk_put(result, 0, LAG, (double)pair->lag);
    rk_put(result, 0, N, (double)e->c.n);
    if (options->id != NULL)
        rk_put(result, 0, N_UNITS, (double)e->c.n_units);
    if (e->status != RK_OK) {
        rk_put_text(result, 0, NOTE, rk_status_words(e->status));
        return;
    }
    rk_put(result, 0, ESTIMATE, e->c.estimate);
    rk_put(result, 0, CONF_LOW, e->c.conf_low);
    rk_put(result, 0, CONF_HIGH, e->c.conf_high);
    rk_put(result, 0, STATISTIC, e->c.statistic);
    rk_put(result, 0, DF, e->c.df);
    rk_put(result, 0, P_VALUE, e->c.p_value);
    put_note(pair, scope, options->method, result);
    if (options->common.explain)
        corr_explain(&words, result);
}

/* What is wrong if no row of the group has an estimate. */
static enum rk_status none_defined(const struct corr_group *group, struct rk_error *error)
{
    const struct corr_pair *failed = NULL;
    struct rk_text name = {0};
    size_t failed_scope = 0;
    enum rk_status status;

    for (size_t i = 0; i < group->n_pairs; i++)
        for (size_t s = 0; s < RK_SCOPE_COUNT; s++) {
            if (!(group->scopes >> s & 1u))
                continue;
            if (group->pair[i].scope[s].status == RK_OK)
                return RK_OK;
            if (failed == NULL) {
                failed = &group->pair[i];
                failed_scope = s;
            }
        }
    if (failed == NULL)
        return RK_OK;
    corr_row_name(group->table->column[failed->x].name, group->table->column[failed->y].name,
                  failed_scope, failed->lag, &name);
    status = failed->scope[failed_scope].status;
    if (name.failed)
        status = rk_fail_memory(error);
    else
        rk_fail(error, status, "%s: %s", name.bytes, rk_status_words(status));
    rk_text_free(&name);
    return status;
}

static enum rk_status put_pairs(const struct corr_group *group, const struct run *run,
                                struct rk_result *result, struct rk_error *error)
{
    enum rk_status status = none_defined(group, error);

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < group->n_pairs; i++) {
        const struct corr_pair *pair = &group->pair[i];

        for (size_t s = 0; s < RK_SCOPE_COUNT; s++)
            if (group->scopes >> s & 1u)
                put_row(group, pair, s, result);
        if (pair->scope[RK_POOLED].c.n > *run->rows_used)
            *run->rows_used = pair->scope[RK_POOLED].c.n;
    }
    corr_look(group, run->seen);
    return RK_OK;
}

/* --- a group ---------------------------------------------------------------------------------- */

struct columns {
    size_t *column;
    size_t n;
};

/* The columns that are named; without names all of numbers but the unit, the controls and those of
 * `others`. */
static enum rk_status find_columns(const struct rk_table *table, const struct rk_names *names,
                                   const struct rk_names *others, const struct rk_names *controls,
                                   struct columns *found, struct rk_error *error)
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

/* Outcome by outcome; without names each pair of columns once, the earlier one as x. */
static enum rk_status list_pairs(struct corr_group *group, const struct columns *x,
                                 const struct columns *y, const struct run *run,
                                 struct rk_error *error)
{
    const struct rk_corr_options *options = group->options;
    bool once = options->activities.n == 0 && options->outcomes.n == 0;

    group->n_lags = (size_t)(run->last_lag - run->first_lag + 1);
    group->nearest = run->first_lag > 0 ? run->first_lag : run->last_lag < 0 ? run->last_lag : 0;
    group->pair = calloc(x->n * y->n * group->n_lags + 1, sizeof *group->pair);
    if (group->pair == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; j < y->n; j++)
        for (size_t i = 0; i < x->n; i++) {
            size_t a = once ? j : i, b = once ? i : j; /* x->column is y->column where once */

            if (x->column[a] == y->column[b] || (once && a > b))
                continue;
            for (int64_t lag = run->first_lag; lag <= run->last_lag; lag++)
                group->pair[group->n_pairs++] =
                    (struct corr_pair){.x = x->column[a], .y = y->column[b], .lag = lag};
        }
    if (group->n_pairs > 0)
        return RK_OK;
    if (!once && options->activities.n > 0 && options->outcomes.n > 0)
        return rk_fail(error, RK_EUSAGE, "-x and -y name one and the same column");
    rk_fail(error, RK_EINPUT, "no two columns of numbers to correlate");
    return rk_fail_at(error, group->table->name, 0, NULL);
}

/* Rows that may be used: with unit and time, and unless pairs stand by themselves complete in all
 * columns; in the order of unit and time. */
static enum rk_status find_rows(struct corr_group *group, const struct columns *x,
                                const struct columns *y, const struct run *run,
                                struct rk_error *error)
{
    size_t *columns = malloc((x->n + y->n + group->n_controls + 2) * sizeof *columns), n = 0;
    int missing = group->options->common.missing;
    enum rk_status status;

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
static enum rk_status find_panel(struct corr_group *group, struct rk_error *error)
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

static enum rk_status correlate_group(const struct rk_table *table, const void *data,
                                      const struct rk_ctx *ctx, struct rk_result *result,
                                      struct rk_error *error)
{
    const struct run *run = data;
    const struct rk_corr_options *o = run->options;
    struct corr_group group = {.table = table, .options = o, .ctx = ctx};
    struct columns x = {0}, y = {0};
    enum rk_status status = find_panel(&group, error);

    if (status == RK_OK)
        status = find_columns(table, &o->activities, &o->outcomes, &o->partial, &x, error);
    if (status == RK_OK)
        status = find_columns(table, &o->outcomes, &o->activities, &o->partial, &y, error);
    if (status == RK_OK)
        status = list_pairs(&group, &x, &y, run, error);
    if (status == RK_OK)
        status = find_rows(&group, &x, &y, run, error);
    if (status == RK_OK) {
        status = rk_parallel_blocks(ctx, group.n_pairs, 1, corr_pairs_block, &group);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
    }
    if (status == RK_OK)
        status = put_pairs(&group, run, result, error);
    free(x.column);
    free(y.column);
    free(group.control);
    free(group.row);
    free(group.period);
    free(group.pair);
    return status;
}

/* --- over all groups -------------------------------------------------------------------------- */

static enum rk_status lags_usage(const char *text, struct rk_error *error)
{
    return rk_fail(error, RK_EUSAGE,
                   "--lags takes A:B, whole periods from A up to B, such as 0:4 or -2:4, not '%s'",
                   text);
}

/* "A:B" or "A", periods from -9999 to 9999. */
static enum rk_status read_lags(const char *text, struct run *run, struct rk_error *error)
{
    char *end;
    long first, last;

    if (text == NULL)
        return RK_OK;
    first = last = strtol(text, &end, 10);
    if (end != text && *end == ':') {
        const char *second = end + 1;

        last = strtol(second, &end, 10);
        if (end == second)
            return lags_usage(text, error);
    }
    if (end == text || *end != '\0' || first > last || first < -9999 || last > 9999)
        return lags_usage(text, error);
    run->first_lag = first;
    run->last_lag = last;
    return RK_OK;
}

static enum rk_status check_options(const struct rk_corr_options *o, struct rk_error *error)
{
    bool two_way = o->scopes >> RK_TWO_WAY & 1u;

    if (o->id == NULL && (o->scopes & ~(1u << RK_POOLED)) != 0)
        return rk_fail(error, RK_EUSAGE, "--scope %s needs --id, the column of units",
                       o->scopes >> RK_BETWEEN & 1u  ? "between"
                       : o->scopes >> RK_WITHIN & 1u ? "within"
                                                     : "two-way");
    if (o->time == NULL && (two_way || o->lags != NULL))
        return rk_fail(error, RK_EUSAGE, "%s needs --time, the column of periods",
                       two_way ? "--scope two-way" : "--lags");
    if (o->method == RK_KENDALL && (two_way || o->partial.n > 0))
        return rk_fail(error, RK_EUSAGE, "%s is not defined for kendall; use pearson or spearman",
                       two_way ? "--scope two-way" : "--partial");
    for (size_t j = 0; j < o->partial.n; j++)
        if (rk_names_has(&o->activities, o->partial.name[j]) ||
            rk_names_has(&o->outcomes, o->partial.name[j]))
            return rk_fail(error, RK_EUSAGE,
                           "--partial cannot hold '%s' fixed, which is correlated",
                           o->partial.name[j]);
    return RK_OK;
}

enum rk_status rk_corr_run(const struct rk_table *table, const struct rk_corr_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error)
{
    struct corr_seen seen = {0};
    size_t rows_used = 0;
    struct run run = {.options = options, .seen = &seen, .rows_used = &rows_used};
    size_t from, to;
    enum rk_status status = check_options(options, error);

    if (status == RK_OK)
        status = read_lags(options->lags, &run, error);
    if (status == RK_OK)
        status = rk_run_groups(table, &options->common, declare, correlate_group, &run, ctx, result,
                               error);
    if (status != RK_OK)
        return status;
    result->rows_used = rows_used;
    from = rk_result_column(result, P_VALUE);
    to = rk_result_column(result, P_ADJUSTED);
    status = rk_adjust_column(result->table[0], from, to, options->common.p_adjust);
    if (status != RK_OK)
        return rk_fail_memory(error);
    corr_warn(table, options, &seen, result);
    corr_warn_multiple(result->table[0], from, to, 1.0 - options->common.conf_level, result);
    return RK_OK;
}
