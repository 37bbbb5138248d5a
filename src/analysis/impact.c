/* rep-impact: did the CRM (or training, or feature) cause the change? */
#include "repkit/impact.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"

/* --- tables ------------------------------------------------------------------------------- */

enum {
    TERM,
    ESTIMATE,
    STD_ERROR,
    STATISTIC,
    DF,
    P_VALUE,
    CONF_LOW,
    CONF_HIGH,
    CONF_LEVEL,
    REL_EFFECT,
    REL_LOW,
    REL_HIGH,
    N,
    N_UNITS,
    N_CLUSTERS,
    METHOD,
    PER,
    NOTE,
    N_FIELDS
};

static const struct rk_field fields[N_FIELDS] = {
    [TERM] = {"term", RK_TEXT, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [DF] = {"df", RK_NUMBER, RK_GENERAL},
    [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [CONF_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [REL_EFFECT] = {"rel_effect", RK_NUMBER, RK_GENERAL},
    [REL_LOW] = {"rel_low", RK_NUMBER, RK_GENERAL},
    [REL_HIGH] = {"rel_high", RK_NUMBER, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [N_UNITS] = {"n_units", RK_NUMBER, RK_COUNT},
    [N_CLUSTERS] = {"n_clusters", RK_NUMBER, RK_COUNT},
    [METHOD] = {"method", RK_TEXT, RK_GENERAL},
    [PER] = {"per", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

static const struct rk_field event_fields[] = {
    {"event_time", RK_NUMBER, RK_COUNT},  {"estimate", RK_NUMBER, RK_GENERAL},
    {"std_error", RK_NUMBER, RK_GENERAL}, {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL}, {"p_value", RK_NUMBER, RK_P_VALUE},
};
static const struct rk_field path_fields[] = {
    {"time", RK_TEXT, RK_GENERAL},        {"actual", RK_NUMBER, RK_GENERAL},
    {"predicted", RK_NUMBER, RK_GENERAL}, {"pred_low", RK_NUMBER, RK_GENERAL},
    {"pred_high", RK_NUMBER, RK_GENERAL}, {"abs_effect", RK_NUMBER, RK_GENERAL},
    {"abs_low", RK_NUMBER, RK_GENERAL},   {"abs_high", RK_NUMBER, RK_GENERAL},
};
static const struct rk_field att_fields[] = {
    {"first", RK_TEXT, RK_GENERAL},       {"time", RK_TEXT, RK_GENERAL},
    {"event_time", RK_NUMBER, RK_COUNT},  {"estimate", RK_NUMBER, RK_GENERAL},
    {"std_error", RK_NUMBER, RK_GENERAL}, {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL}, {"p_value", RK_NUMBER, RK_P_VALUE},
    {"n_treated", RK_NUMBER, RK_COUNT},   {"n_control", RK_NUMBER, RK_COUNT},
    {"note", RK_TEXT, RK_GENERAL},
};
static const struct rk_field placebo_fields[] = {
    {"date", RK_TEXT, RK_GENERAL},
    {"estimate", RK_NUMBER, RK_GENERAL},
    {"p_value", RK_NUMBER, RK_P_VALUE},
    {"rank", RK_NUMBER, RK_COUNT},
};
static const struct rk_field plan_fields[] = {
    {"id", RK_TEXT, RK_GENERAL},
    {"stratum", RK_TEXT, RK_GENERAL},
    {"group", RK_NUMBER, RK_COUNT},
};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void declare(struct rk_result *result, const void *data)
{
    const struct rk_impact_options *o = (*(const struct impact *const *)data)->options;

    if (o->design == RK_IMPACT_ROLLOUT) {
        rk_result_declare(result, "plan", plan_fields, COUNT(plan_fields));
        return;
    }
    rk_result_declare(result, "effects", fields, N_FIELDS);
    if (o->design == RK_IMPACT_EVENT || o->design == RK_IMPACT_STAGGERED)
        rk_result_declare(result, "path", event_fields, COUNT(event_fields));
    if (o->design == RK_IMPACT_ITS && o->path)
        rk_result_declare(result, "path", path_fields, COUNT(path_fields));
    if (o->design == RK_IMPACT_STAGGERED)
        rk_result_declare(result, "att", att_fields, COUNT(att_fields));
    if ((o->design == RK_IMPACT_ITS || o->design == RK_IMPACT_DID) && o->placebo)
        rk_result_declare(result, "placebo", placebo_fields, COUNT(placebo_fields));
}

size_t impact_table(const struct impact *impact, const char *name)
{
    size_t k = 0;

    while (k < impact->result->n_tables && strcmp(impact->result->table[k]->name, name) != 0)
        k++;
    return k;
}

/* --- rows --------------------------------------------------------------------------------- */

struct effect impact_effect(const char *term, const char *method)
{
    return (struct effect){.term = term,
                           .method = method,
                           .estimate = NAN,
                           .std_error = NAN,
                           .statistic = NAN,
                           .df = NAN,
                           .p_value = NAN,
                           .conf_low = NAN,
                           .conf_high = NAN,
                           .rel_effect = NAN,
                           .rel_low = NAN,
                           .rel_high = NAN};
}

void impact_note(struct effect *effect, const char *format, ...)
{
    char words[400];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    rk_text_format(&effect->note, "%s%s", effect->note.length > 0 ? "; " : "", words);
}

void impact_put(const struct impact *impact, struct effect *e)
{
    struct rk_result *result = impact->result;
    const double numbers[][2] = {
        {ESTIMATE, e->estimate},
        {STD_ERROR, e->std_error},
        {STATISTIC, e->statistic},
        {DF, e->df},
        {P_VALUE, e->p_value},
        {CONF_LOW, e->conf_low},
        {CONF_HIGH, e->conf_high},
        {REL_EFFECT, e->rel_effect},
        {REL_LOW, e->rel_low},
        {REL_HIGH, e->rel_high},
        {CONF_LEVEL, impact->options->common.conf_level},
        {N, e->n > 0 ? (double)e->n : NAN},
        {N_UNITS, e->n_units > 0 ? (double)e->n_units : NAN},
        {N_CLUSTERS, e->n_clusters > 0 ? (double)e->n_clusters : NAN},
    };

    rk_result_row(result, IMPACT_EFFECTS);
    rk_put_text(result, IMPACT_EFFECTS, TERM, e->term);
    rk_put_text(result, IMPACT_EFFECTS, METHOD, e->method);
    rk_put_text(result, IMPACT_EFFECTS, PER, e->per == NULL || e->per[0] == '\0' ? NULL : e->per);
    for (size_t i = 0; i < COUNT(numbers); i++)
        if (isfinite(numbers[i][1]))
            rk_put(result, IMPACT_EFFECTS, (size_t)numbers[i][0], numbers[i][1]);
    if (e->note.failed)
        result->status = RK_ENOMEM;
    else
        rk_put_text(result, IMPACT_EFFECTS, NOTE, e->note.length > 0 ? e->note.bytes : NULL);
    rk_text_free(&e->note);
}

void impact_put_path(const struct impact *impact, const struct impact_path *path)
{
    const double numbers[] = {path->event_time, path->estimate,  path->std_error,
                              path->conf_low,   path->conf_high, path->p_value};
    size_t table = impact_table(impact, "path");

    rk_result_row(impact->result, table);
    for (size_t i = 0; i < COUNT(numbers); i++)
        rk_put(impact->result, table, i, numbers[i]);
}

static int by_t(const void *a, const void *b)
{
    const struct impact_placebo *x = a, *y = b;

    if (x->t != y->t)
        return x->t > y->t ? -1 : 1;
    return x->start < y->start ? -1 : 1;
}

static int by_start(const void *a, const void *b)
{
    const struct impact_placebo *x = a, *y = b;

    return x->start < y->start ? -1 : 1;
}

void impact_put_placebos(const struct impact *impact, struct impact_placebo *all, size_t n,
                         enum rk_time_kind kind, const int64_t *time)
{
    size_t table = impact_table(impact, "placebo");

    qsort(all, n, sizeof *all, by_t);
    for (size_t k = 0; k < n; k++)
        all[k].rank = k + 1;
    qsort(all, n, sizeof *all, by_start);
    for (size_t k = 0; k < n; k++) {
        char date[32];

        if (k + 1 == n && impact->options->common.explain)
            impact_explain_placebo(impact, all[k].rank, n);
        rk_time_format(kind, time[all[k].start], date);
        rk_result_row(impact->result, table);
        rk_put_text(impact->result, table, 0, date);
        rk_put(impact->result, table, 1, all[k].estimate);
        rk_put(impact->result, table, 2, all[k].p);
        rk_put(impact->result, table, 3, (double)all[k].rank);
    }
}

/* --- options ------------------------------------------------------------------------------ */

enum { DID = 1, EVENT = 2, STAGGERED = 4, ITS = 8, ROLLOUT = 16 };
enum { MOST_EVENT_TIME = 1000000 };

/* Which designs take an option, and which cannot do without it. */
static enum rk_status check_given(const struct rk_impact_options *o, struct rk_error *error)
{
    static const char *const names[] = {"did", "event", "staggered", "its", "rollout"};
    const struct {
        const char *name, *argument;
        bool given;
        unsigned takes, needs;
    } options[] = {
        {"value", "COL", o->value != NULL, 15, 15},
        {"id", "COL", o->id != NULL, DID | EVENT | STAGGERED | ROLLOUT,
         DID | EVENT | STAGGERED | ROLLOUT},
        {"time", "COL", o->time != NULL, 15, o->moments != NULL ? 0 : 15},
        {"treated", "COL", o->treated != NULL, DID | EVENT, DID | EVENT},
        {"start", "DATE", o->start != NULL, DID | EVENT | ITS, ITS},
        {"post", "COL", o->post != NULL, DID | EVENT, 0},
        {"straddle", "", o->straddle != RK_STRADDLE_DROP, DID | EVENT | ITS, 0},
        {"covariates", "COLS", o->covariates.n > 0, DID | EVENT, 0},
        {"estimator", "", o->estimator != RK_ESTIMATOR_COLLAPSED, DID | EVENT, 0},
        {"window", "A:B", o->window != NULL, EVENT, 0},
        {"first", "COL", o->first != NULL, STAGGERED, STAGGERED},
        {"controls", "", o->controls != RK_CONTROLS_AUTO, STAGGERED, 0},
        {"agg", "", o->aggregate != RK_AGG_NONE, ITS, 0},
        {"season", "N", o->season != NULL, ITS, 0},
        {"vcov", "", o->vcov != RK_ITS_BOOT, ITS, 0},
        {"control", "COL", o->control != NULL, ITS, 0},
        {"groups", "N", o->groups > 0, ROLLOUT, ROLLOUT},
        {"stratify", "COLS", o->stratify.n > 0, ROLLOUT, 0},
    };
    unsigned bit = 1U << o->design;

    for (size_t i = 0; i < COUNT(options); i++) {
        if (options[i].given && (options[i].takes & bit) == 0)
            return rk_fail(error, RK_EUSAGE, "--%s is not for %s", options[i].name,
                           names[o->design]);
        if (!options[i].given && (options[i].needs & bit) != 0)
            return rk_fail(error, RK_EUSAGE, "%s needs --%s %s", names[o->design], options[i].name,
                           options[i].argument);
    }
    return RK_OK;
}

bool impact_read_season(const char *text, size_t *season, size_t *waves)
{
    char *end;
    long n, k = 0;

    *season = *waves = 0;
    if (text == NULL)
        return true;
    n = strtol(text, &end, 10);
    if (*end == ':')
        k = strtol(end + 1, &end, 10);
    if (*end != '\0' || n < 2 || n > 400 || k < 0 || k >= (n + 1) / 2 ||
        (strchr(text, ':') != NULL && k == 0))
        return false;
    *season = (size_t)n;
    *waves = (size_t)k;
    return true;
}

bool impact_read_window(const char *text, int64_t *low, int64_t *high)
{
    char *end, *second;
    long first = strtol(text, &end, 10), last;

    if (end == text || *end != ':')
        return false;
    second = end + 1;
    last = strtol(second, &end, 10);
    if (end == second || *end != '\0' || first < -MOST_EVENT_TIME || first > -2 || last < 0 ||
        last > MOST_EVENT_TIME)
        return false;
    *low = first;
    *high = last;
    return true;
}

enum rk_status rk_impact_check(const struct rk_impact_options *o, struct rk_error *error)
{
    enum rk_status status = impact_moments_check(o, error);
    int64_t low, high;
    size_t season, waves;

    if (status == RK_OK)
        status = check_given(o, error);
    if (status != RK_OK)
        return status;
    if ((o->design == RK_IMPACT_DID || o->design == RK_IMPACT_EVENT) &&
        (o->start == NULL) == (o->post == NULL))
        return rk_fail(error, RK_EUSAGE,
                       o->start == NULL ? "since when? --start DATE, or --post COL"
                                        : "--start or --post, not both");
    if (o->window != NULL && !impact_read_window(o->window, &low, &high))
        return rk_fail(error, RK_EUSAGE,
                       "--window takes A:B with A of -2 or less and B of 0 or more: -6:12");
    if (o->season != NULL && !impact_read_season(o->season, &season, &waves))
        return rk_fail(
            error, RK_EUSAGE,
            "--season takes N or N:K: N of 2 or more periods a year, K of 1 or more waves, "
            "fewer than half of N: 12, 52:2");
    if (o->design == RK_IMPACT_ROLLOUT && o->groups < 2)
        return rk_fail(error, RK_EUSAGE, "--groups takes two or more");
    return RK_OK;
}

enum rk_status rk_impact_wants(const struct rk_impact_options *o, struct rk_wants *wants)
{
    const struct {
        const char *name;
        enum rk_role role;
    } columns[] = {{o->value, RK_AS_NUMBER},  {o->id, RK_AS_LABEL},   {o->time, RK_AS_TIME},
                   {o->treated, RK_AS_LABEL}, {o->post, RK_AS_LABEL}, {o->first, RK_AS_TIME},
                   {o->control, RK_AS_NUMBER}};
    enum rk_status status = rk_wants_names(wants, &o->covariates, RK_AS_NUMBER);

    if (status == RK_OK)
        status = rk_wants_names(wants, &o->stratify, RK_AS_LABEL);
    for (size_t i = 0; status == RK_OK && i < COUNT(columns); i++)
        if (columns[i].name != NULL)
            status = rk_wants_add(wants, columns[i].name, columns[i].role);
    return status;
}

/* --- run ---------------------------------------------------------------------------------- */

static void set_label(struct impact *impact)
{
    struct rk_text text = {0};

    impact->label[0] = '\0';
    for (size_t i = 0; i < impact->result->group_labels.n; i++)
        rk_text_format(&text, "%s%s", i > 0 ? "\t" : "", impact->result->group_labels.name[i]);
    if (!text.failed && text.bytes != NULL)
        snprintf(impact->label, sizeof impact->label, "%s", text.bytes);
    rk_text_free(&text);
}

static enum rk_status run_group(const struct rk_table *table, const void *data,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    struct impact *impact = *(struct impact *const *)data;
    enum rk_status status = rk_cancelled(ctx);

    if (status != RK_OK)
        return status;
    impact->ctx = ctx;
    impact->result = result;
    impact->error = error;
    set_label(impact);
    switch ((enum rk_impact_design)impact->options->design) {
    case RK_IMPACT_DID:
    case RK_IMPACT_EVENT:
        return impact_did(impact, table);
    case RK_IMPACT_STAGGERED:
        return impact_staggered(impact, table);
    case RK_IMPACT_ITS:
        return impact_its(impact, table);
    case RK_IMPACT_ROLLOUT:
        break;
    }
    return impact_rollout(impact, table);
}

enum rk_status rk_impact_run(const struct rk_table *table, const struct rk_impact_options *options,
                             const struct rk_ctx *ctx, struct rk_result *result,
                             struct rk_error *error)
{
    static const char *const main_terms[] = {"att", "att", "simple", "level_change"};
    struct rk_impact_options of_units = *options;
    struct impact impact = {.options = &of_units}, *data = &impact;
    struct rk_table *units = NULL;
    enum rk_status status = rk_impact_check(options, error);

    result->rows_used = 0;
    result->random = true;
    if (status == RK_OK && options->moments != NULL)
        status = impact_moments_table(options, &of_units, &units, error);
    if (status == RK_OK)
        status = rk_run_groups(units != NULL ? units : table, &options->common, declare, run_group,
                               &data, ctx, result, error);
    rk_table_free(units);
    if (options->design == RK_IMPACT_ROLLOUT)
        result->conf_level = NAN;
    else if (status == RK_OK)
        status = impact_warn_multiple(result, &options->common, main_terms[options->design]);
    return status;
}
