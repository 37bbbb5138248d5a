/* rep-corr: which activities move with which outcomes? */
#include "repkit/corr.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_pairs.h"
#include "corr_words.h"
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
static const char *const scope_names[RK_SCOPE_COUNT] = {"pooled", "between", "within"};

/* The pair whose pooled and within correlation differ most, over all groups. */
struct differing {
    size_t n_compared, n, x, y;
    double pooled, within; /* within NaN where x has no variation there */
    double within_share;
};

struct run {
    const struct rk_corr_options *options;
    struct differing *differing;
    size_t *rows_used;
};

enum rk_status rk_corr_wants(const struct rk_corr_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_names(wants, &options->activities, RK_AS_NUMBER);

    wants->all = options->activities.n == 0 || options->outcomes.n == 0;
    if (status == RK_OK)
        status = rk_wants_names(wants, &options->outcomes, RK_AS_NUMBER);
    if (status == RK_OK && options->id != NULL)
        status = rk_wants_add(wants, options->id, RK_AS_LABEL);
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
    const struct rk_correlation *c = &pair->scope[scope];
    size_t left_out = scope == RK_WITHIN ? pair->scope[RK_POOLED].n_units - c->n_units : 0;
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

static void put_row(const struct corr_group *group, const struct corr_pair *pair, size_t scope,
                    struct rk_result *result)
{
    const struct rk_correlation *c = &pair->scope[scope];
    const struct rk_corr_options *options = group->options;
    struct corr_words words = {.x = group->table->column[pair->x].name,
                               .y = group->table->column[pair->y].name,
                               .id = options->id,
                               .method = options->method,
                               .scope = (int)scope,
                               .conf_level = options->common.conf_level,
                               .correlation = c};

    rk_result_row(result, 0);
    rk_put_text(result, 0, X, words.x);
    rk_put_text(result, 0, Y, words.y);
    rk_put_text(result, 0, METHOD, method_names[options->method]);
    rk_put_text(result, 0, SCOPE, scope_names[scope]);
    rk_put(result, 0, LAG, 0.0);
    rk_put(result, 0, N, (double)c->n);
    if (options->id != NULL)
        rk_put(result, 0, N_UNITS, (double)c->n_units);
    if (pair->status[scope] != RK_OK) {
        rk_put_text(result, 0, NOTE, rk_status_words(pair->status[scope]));
        return;
    }
    rk_put(result, 0, ESTIMATE, c->estimate);
    rk_put(result, 0, CONF_LOW, c->conf_low);
    rk_put(result, 0, CONF_HIGH, c->conf_high);
    rk_put(result, 0, STATISTIC, c->statistic);
    rk_put(result, 0, DF, c->df);
    rk_put(result, 0, P_VALUE, c->p_value);
    put_note(pair, scope, options->method, result);
    if (options->common.explain)
        corr_explain(&words, result);
}

/* W01: the pooled number differs from the within one, or hardly any of x's variation is within. A
 * change of sign counts if it is more than noise about 0. */
static void compare(const struct corr_pair *pair, struct differing *d)
{
    const struct rk_correlation *p = &pair->scope[RK_POOLED], *w = &pair->scope[RK_WITHIN];
    bool has_within = pair->status[RK_WITHIN] == RK_OK;
    double within = has_within ? w->estimate : NAN;
    double gap = fabs(p->estimate - (has_within ? within : 0.0));
    bool sure = p->conf_low > 0.0 || p->conf_high < 0.0 || w->conf_low > 0.0 || w->conf_high < 0.0;

    if (pair->status[RK_POOLED] != RK_OK ||
        (!has_within && pair->status[RK_WITHIN] != RK_ECONSTANT))
        return;
    d->n_compared++;
    if (!(has_within && gap > 0.2) && !(p->estimate * within < 0.0 && sure) &&
        !(pair->within_share < 0.05))
        return;
    if (d->n++ == 0 || gap > fabs(d->pooled - (isnan(d->within) ? 0.0 : d->within))) {
        d->x = pair->x;
        d->y = pair->y;
        d->pooled = p->estimate;
        d->within = within;
        d->within_share = pair->within_share;
    }
}

static enum rk_status put_pairs(const struct corr_group *group, const struct run *run,
                                struct rk_result *result, struct rk_error *error)
{
    unsigned available = group->id == SIZE_MAX ? 1u << RK_POOLED : (1u << RK_SCOPE_COUNT) - 1;
    unsigned scopes = run->options->scopes == 0 ? available : run->options->scopes;
    const struct corr_pair *failed = NULL;
    size_t failed_scope = 0, n_defined = 0;

    for (size_t i = 0; i < group->n_pairs; i++)
        for (size_t s = 0; s < RK_SCOPE_COUNT; s++) {
            const struct corr_pair *pair = &group->pair[i];

            if (!(scopes >> s & 1u))
                continue;
            n_defined += pair->status[s] == RK_OK;
            if (pair->status[s] != RK_OK && failed == NULL) {
                failed = pair;
                failed_scope = s;
            }
        }
    if (n_defined == 0 && failed != NULL)
        return rk_fail(error, failed->status[failed_scope], "%s with %s (%s): %s",
                       group->table->column[failed->x].name, group->table->column[failed->y].name,
                       scope_names[failed_scope], rk_status_words(failed->status[failed_scope]));
    for (size_t i = 0; i < group->n_pairs; i++) {
        const struct corr_pair *pair = &group->pair[i];

        for (size_t s = 0; s < RK_SCOPE_COUNT; s++)
            if (scopes >> s & 1u)
                put_row(group, pair, s, result);
        if (pair->scope[RK_POOLED].n > *run->rows_used)
            *run->rows_used = pair->scope[RK_POOLED].n;
        if (group->id != SIZE_MAX)
            compare(pair, run->differing);
    }
    return RK_OK;
}

/* --- a group ---------------------------------------------------------------------------------- */

struct columns {
    size_t *column;
    size_t n;
};

/* The columns that are named; without names all of numbers but the unit and those of `others`. */
static enum rk_status find_columns(const struct rk_table *table, const struct rk_names *names,
                                   const struct rk_names *others, struct columns *found,
                                   struct rk_error *error)
{
    size_t n = 0;
    enum rk_status status = RK_OK;

    if (names->n == 0) {
        if (rk_number_columns(table, &found->column, &found->n) != RK_OK)
            return rk_fail_memory(error);
        for (size_t j = 0; j < found->n; j++)
            if (!rk_names_has(others, table->column[found->column[j]].name))
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
                                 const struct columns *y, struct rk_error *error)
{
    const struct rk_corr_options *options = group->options;
    bool once = options->activities.n == 0 && options->outcomes.n == 0;

    group->pair = calloc(x->n * y->n + 1, sizeof *group->pair);
    if (group->pair == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; j < y->n; j++)
        for (size_t i = 0; i < x->n; i++) {
            size_t a = once ? j : i, b = once ? i : j; /* x->column is y->column where once */

            if (x->column[a] == y->column[b] || (once && a > b))
                continue;
            group->pair[group->n_pairs++] =
                (struct corr_pair){.x = x->column[a], .y = y->column[b]};
        }
    if (group->n_pairs > 0)
        return RK_OK;
    if (!once && options->activities.n > 0 && options->outcomes.n > 0)
        return rk_fail(error, RK_EUSAGE, "-x and -y name one and the same column");
    rk_fail(error, RK_EINPUT, "no two columns of numbers to correlate");
    return rk_fail_at(error, group->table->name, 0, NULL);
}

/* Rows complete in all columns used, for listwise and error. */
static enum rk_status complete(struct corr_group *group, const struct columns *x,
                               const struct columns *y, struct rk_error *error)
{
    size_t *columns = malloc((x->n + y->n + 1) * sizeof *columns);
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    memcpy(columns, x->column, x->n * sizeof *columns);
    memcpy(columns + x->n, y->column, y->n * sizeof *columns);
    columns[x->n + y->n] = group->id;
    status = rk_complete_rows(group->table, columns, x->n + y->n + (group->id != SIZE_MAX),
                              group->options->common.missing, &group->row, &group->n_rows, error);
    free(columns);
    return status;
}

static enum rk_status find_id(struct corr_group *group, struct rk_error *error)
{
    enum rk_status status;

    group->id = SIZE_MAX;
    if (group->options->id == NULL)
        return RK_OK;
    status = rk_column_index(group->table, group->options->id, RK_TEXT, &group->id, error);
    if (status == RK_OK)
        group->n_codes = rk_dict_size(group->table->column[group->id].dict);
    return status;
}

static enum rk_status correlate_group(const struct rk_table *table, const void *data,
                                      const struct rk_ctx *ctx, struct rk_result *result,
                                      struct rk_error *error)
{
    const struct run *run = data;
    struct corr_group group = {.table = table, .options = run->options};
    struct columns x = {0}, y = {0};
    enum rk_status status = find_id(&group, error);

    if (status == RK_OK)
        status = find_columns(table, &run->options->activities, &run->options->outcomes, &x, error);
    if (status == RK_OK)
        status = find_columns(table, &run->options->outcomes, &run->options->activities, &y, error);
    if (status == RK_OK)
        status = list_pairs(&group, &x, &y, error);
    if (status == RK_OK && run->options->common.missing != RK_MISSING_PAIRWISE)
        status = complete(&group, &x, &y, error);
    if (status == RK_OK) {
        status = rk_parallel_blocks(ctx, group.n_pairs, 1, corr_pairs_block, &group);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
    }
    if (status == RK_OK)
        status = put_pairs(&group, run, result, error);
    free(x.column);
    free(y.column);
    free(group.row);
    free(group.pair);
    return status;
}

/* --- over all groups -------------------------------------------------------------------------- */

static void warn_pooled(const struct rk_table *table, const struct differing *d,
                        struct rk_result *result)
{
    const char *x, *y;
    struct rk_text seen = {0};

    if (d->n == 0)
        return;
    x = table->column[d->x].name;
    y = table->column[d->y].name;
    if (d->n_compared > 1)
        rk_text_format(&seen, "For %zu of %zu pairs pooled and within differ, most for ", d->n,
                       d->n_compared);
    rk_text_format(&seen, "%s with %s: %.2f pooled, ", x, y, d->pooled);
    if (isnan(d->within))
        rk_text_format(&seen, "none within, where %s does not vary", x);
    else
        rk_text_format(&seen, "%.2f within", d->within);
    if (d->within_share < 0.05 && !isnan(d->within))
        rk_text_format(&seen, ", where only %.1f%% of the variation of %s is",
                       100.0 * d->within_share, x);
    if (seen.failed)
        result->status = RK_ENOMEM;
    else
        rk_warn(result, RK_WARN_POOLED, "%s", seen.bytes);
    rk_text_free(&seen);
}

/* W05: some p-values look striking, and none does once they are adjusted. */
static void warn_multiple(const struct rk_table *table, size_t from, size_t to, double alpha,
                          struct rk_result *result)
{
    const double *p = table->column[from].number, *adjusted = table->column[to].number;
    size_t n_tests = 0, smallest = 0;
    struct rk_text seen = {0};

    for (size_t i = 0; i < table->n_rows; i++) {
        if (isnan(p[i]))
            continue;
        if (n_tests++ == 0 || p[i] < p[smallest])
            smallest = i;
    }
    if (n_tests < 2 || !(p[smallest] < alpha) || adjusted[smallest] < alpha)
        return;
    rk_text_format(&seen, "The smallest of %zu p-values is ", n_tests);
    rk_text_p_value(&seen, p[smallest]);
    rk_text_add(&seen, ", adjusted ");
    rk_text_p_value(&seen, adjusted[smallest]);
    if (seen.failed)
        result->status = RK_ENOMEM;
    else
        rk_warn(result, RK_WARN_MULTIPLE_TESTING, "%s", seen.bytes);
    rk_text_free(&seen);
}

enum rk_status rk_corr_run(const struct rk_table *table, const struct rk_corr_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error)
{
    struct differing differing = {0};
    size_t rows_used = 0;
    const struct run run = {options, &differing, &rows_used};
    size_t from, to;
    enum rk_status status;

    if (options->id == NULL && (options->scopes & ~(1u << RK_POOLED)) != 0)
        return rk_fail(error, RK_EUSAGE, "--scope %s needs --id, the column of units",
                       options->scopes >> RK_BETWEEN & 1u ? "between" : "within");
    status =
        rk_run_groups(table, &options->common, declare, correlate_group, &run, ctx, result, error);
    if (status != RK_OK)
        return status;
    result->rows_used = rows_used;
    from = rk_result_column(result, P_VALUE);
    to = rk_result_column(result, P_ADJUSTED);
    status = rk_adjust_column(result->table[0], from, to, options->common.p_adjust);
    if (status != RK_OK)
        return rk_fail_memory(error);
    warn_pooled(table, &differing, result);
    warn_multiple(result->table[0], from, to, 1.0 - options->common.conf_level, result);
    return RK_OK;
}
