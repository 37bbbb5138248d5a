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

enum rk_status rk_corr_wants(const struct rk_corr_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_names(wants, &options->activities, RK_AS_NUMBER);

    wants->all = options->activities.n == 0 || options->outcomes.n == 0;
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->outcomes, RK_AS_NUMBER);
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->partial, RK_AS_NUMBER);
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->contrast, RK_AS_NUMBER);
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
    if (pair->scope[scope].boot == CORR_PERCENTILE)
        add_note(&note, "percentile interval, BCa is undefined");
    if (pair->scope[scope].boot == CORR_TOO_FEW)
        add_note(&note, "too few to resample");
    else if (pair->scope[scope].boot == CORR_SHIFT)
        add_note(&note, scope == RK_BETWEEN
                            ? "too few units to resample; p-value by all orders"
                            : "too few units to resample; p-value by shifts in time");
    else if (isnan(c->conf_low) && method == RK_KENDALL && scope == RK_WITHIN)
        add_note(&note, "kendall has no interval within units but --boot's");
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

    return (struct corr_words){.x2 = pair->x2 == SIZE_MAX ? NULL : column[pair->x2].name,
                               .x = column[pair->x].name,
                               .y = column[pair->y].name,
                               .id = options->id,
                               .period = period[0] != '\0' ? period : "period",
                               .partial = &options->partial,
                               .method = options->method,
                               .scope = (int)scope,
                               .lag = pair->lag,
                               .conf_level = options->common.conf_level,
                               .resamples = pair->scope[scope].boot == CORR_BCA ||
                                                    pair->scope[scope].boot == CORR_PERCENTILE
                                                ? corr_resamples(group)
                                                : 0,
                               .shifted = pair->scope[scope].boot == CORR_SHIFT,
                               .correlation = &pair->scope[scope].c};
}

static void put_x(const struct corr_words *words, struct rk_result *result)
{
    struct rk_text x = {0};

    rk_text_add(&x, words->x);
    if (words->x2 != NULL)
        rk_text_format(&x, " - %s", words->x2);
    if (x.failed)
        result->status = RK_ENOMEM;
    else
        rk_put_text(result, 0, X, x.bytes);
    rk_text_free(&x);
}

static void put_row(const struct corr_group *group, const struct corr_pair *pair, size_t scope,
                    struct rk_result *result)
{
    const struct corr_estimate *e = &pair->scope[scope];
    const struct rk_corr_options *options = group->options;
    struct corr_words words = words_of(group, pair, scope);

    rk_result_row(result, 0);
    put_x(&words, result);
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
    corr_row_name(group->table->column[failed->x].name,
                  failed->x2 == SIZE_MAX ? NULL : group->table->column[failed->x2].name,
                  group->table->column[failed->y].name, failed_scope, failed->lag, &name);
    status = failed->scope[failed_scope].status;
    if (name.failed)
        status = rk_fail_memory(error);
    else
        rk_fail(error, status, "%s: %s", name.bytes, rk_status_words(status));
    rk_text_free(&name);
    return status;
}

static enum rk_status put_pairs(const struct corr_group *group, struct rk_result *result,
                                struct rk_error *error)
{
    struct corr_seen *seen = result->tally;
    enum rk_status status = none_defined(group, error);

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < group->n_pairs; i++) {
        const struct corr_pair *pair = &group->pair[i];

        for (size_t s = 0; s < RK_SCOPE_COUNT; s++)
            if (group->scopes >> s & 1u)
                put_row(group, pair, s, result);
        if (pair->scope[RK_POOLED].c.n > result->rows_used)
            result->rows_used = pair->scope[RK_POOLED].c.n;
    }
    corr_look(group, seen);
    if (group->options->moments == NULL)
        status = corr_data_look(group, &seen->data);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

/* --- a group ---------------------------------------------------------------------------------- */

/* Pairs side by side; with --boot one after the other, its draws side by side. */
static enum rk_status correlate_pairs(struct corr_group *group, struct rk_result *result,
                                      struct rk_error *error)
{
    const struct rk_ctx *ctx = group->ctx;
    struct rk_ctx quiet = ctx != NULL ? *ctx : (struct rk_ctx)RK_CTX_DEFAULT;
    struct rk_text label = {0};
    enum rk_status status = RK_OK;

    quiet.progress = NULL;
    group->ctx = &quiet;
    for (size_t j = 0; j < result->group_labels.n; j++)
        rk_text_format(&label, "%s%s", j > 0 ? "," : "", result->group_labels.name[j]);
    rk_text_add(&label, "");
    group->label = label.bytes;
    if (label.failed)
        status = RK_ENOMEM;
    else if (group->options->moments != NULL)
        status = corr_moments_pairs(group);
    else if (corr_is_plain(group))
        status = corr_plain_pairs(group, ctx);
    else if (corr_is_full(group))
        status = corr_full_pairs(group, ctx);
    else if (!group->options->boot)
        status = rk_parallel_blocks(ctx, group->n_pairs, 1, corr_pairs_block, group);
    for (size_t i = 0; group->options->boot && status == RK_OK && i < group->n_pairs; i++) {
        status = corr_pairs_block(group, i, i, i + 1);
        if (ctx != NULL && ctx->progress != NULL)
            ctx->progress(ctx->data, (double)(i + 1) / (double)group->n_pairs);
    }
    result->random = group->options->boot;
    group->ctx = ctx; /* neither outlives the call */
    group->label = NULL;
    rk_text_free(&label);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status correlate_group(const struct rk_table *table, const void *data,
                                      const struct rk_ctx *ctx, struct rk_result *result,
                                      struct rk_error *error)
{
    const struct corr_run *run = data;
    const struct rk_corr_options *o = run->options;
    struct corr_group group = {.table = table, .options = o, .ctx = ctx};
    struct corr_columns x = {0}, y = {0};
    enum rk_status status = corr_find_panel(&group, error);

    if (status == RK_OK)
        status = corr_find_columns(table, o->activities.n == 0 ? &o->contrast : &o->activities,
                                   &o->outcomes, &o->partial, &x, error);
    if (status == RK_OK)
        status = corr_find_columns(table, &o->outcomes,
                                   o->activities.n == 0 ? &o->contrast : &o->activities,
                                   &o->partial, &y, error);
    if (status == RK_OK)
        status = corr_list_pairs(&group, &x, &y, run, error);
    if (status == RK_OK)
        status = corr_find_rows(&group, &x, &y, run, error);
    if (status == RK_OK)
        status = correlate_pairs(&group, result, error);
    if (status == RK_OK)
        status = put_pairs(&group, result, error);
    if (status == RK_OK && o->matrix)
        corr_put_matrix(&group, &x, &y, result);
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
static enum rk_status read_lags(const char *text, struct corr_run *run, struct rk_error *error)
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
    enum rk_status status = rk_corr_check(o, error);

    if (status != RK_OK)
        return status;
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
    if (o->contrast.n != 0 &&
        (o->contrast.n != 2 || strcmp(o->contrast.name[0], o->contrast.name[1]) == 0))
        return rk_fail(error, RK_EUSAGE, "--contrast takes two columns: X1,X2");
    if (o->contrast.n != 0 && o->method == RK_KENDALL && !o->boot)
        return rk_fail(error, RK_EUSAGE, "--contrast of kendall needs --boot");
    for (size_t j = 0; j < o->partial.n; j++)
        if (rk_names_has(&o->contrast, o->partial.name[j]) ||
            rk_names_has(&o->activities, o->partial.name[j]) ||
            rk_names_has(&o->outcomes, o->partial.name[j]))
            return rk_fail(error, RK_EUSAGE,
                           "--partial cannot hold '%s' fixed, which is correlated",
                           o->partial.name[j]);
    return RK_OK;
}

static void add_tally(void *tally, const void *further)
{
    corr_seen_add(tally, further);
}

enum rk_status rk_corr_run(const struct rk_table *table, const struct rk_corr_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error)
{
    struct corr_seen seen = {0};
    struct corr_run run = {.options = options};
    const struct rk_group_work work = {.declare = declare,
                                       .run = correlate_group,
                                       .options = &run,
                                       .tally = &seen,
                                       .tally_size = sizeof seen,
                                       .add = add_tally};
    size_t from, to;
    enum rk_status status = check_options(options, error);

    if (status == RK_OK)
        status = read_lags(options->lags, &run, error);
    result->rows_used = 0;
    if (status == RK_OK)
        status = rk_run_groups_apart(table, &options->common, &work, ctx, result, error);
    if (status != RK_OK)
        return status;
    from = rk_result_column(result, P_VALUE);
    to = rk_result_column(result, P_ADJUSTED);
    status = rk_adjust_column(result->table[0], from, to, options->common.p_adjust);
    if (status != RK_OK)
        return rk_fail_memory(error);
    corr_warn(table, options, &seen, result);
    corr_warn_multiple(result->table[0], from, to, 1.0 - options->common.conf_level, result);
    if (options->matrix)
        corr_matrix_first(result);
    return RK_OK;
}
