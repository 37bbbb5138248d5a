/* rep-trend: is it going up, and when did it change? */
#include "repkit/trend.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/rank.h"
#include "repkit/words.h"
#include "trend_parts.h"

enum {
    VARIABLE,
    TEST,
    N,
    ESTIMATE,
    CONF_LOW,
    CONF_HIGH,
    STATISTIC,
    P_VALUE,
    CHANGE_AT,
    NOTE,
    TREND_FIELDS
};
static const struct rk_field trend_fields[TREND_FIELDS] = {
    [VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
    [TEST] = {"test", RK_TEXT, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [CHANGE_AT] = {"change_at", RK_TIME, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum { TREND };

/* What is gathered over all groups. */
struct tally {
    double *p; /* of each trend tested */
    size_t n_p, capacity;
};

struct run {
    const struct rk_trend_options *options;
    struct tally *tally;
};

enum rk_status rk_trend_check(const struct rk_trend_options *options, struct rk_error *error)
{
    if (options->values.n == 0)
        return rk_fail(error, RK_EUSAGE, "--value is missing: the columns to look at over time");
    if (options->time == NULL)
        return rk_fail(error, RK_EUSAGE, "--time is missing: the column of dates or periods");
    return RK_OK;
}

enum rk_status rk_trend_wants(const struct rk_trend_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_wants_names(wants, &options->values, RK_AS_NUMBER);

    return status == RK_OK ? rk_wants_add(wants, options->time, RK_AS_TIME) : status;
}

static void declare(struct rk_result *result, const void *data)
{
    const struct run *run = data;

    rk_result_declare(result, "trend", trend_fields, TREND_FIELDS);
    result->random = true; /* the interval of the date of a change */
    if (run->options->limits)
        trend_declare_limits(result);
}

/* --- the tests ------------------------------------------------------------------------------ */

static size_t natural_season(enum rk_time_kind kind)
{
    switch (kind) {
    case RK_TIME_DAY:
        return 7;
    case RK_TIME_WEEK:
        return 52;
    case RK_TIME_MONTH:
        return 12;
    case RK_TIME_QUARTER:
        return 4;
    default:
        return 0;
    }
}

/* What neighbours have in common once trend and season are out. *ranks becomes the same of ranks,
 * which is what the variance of S depends on. */
static enum rk_status look_at_residuals(const struct trend_series *s, struct trend_found *f,
                                        double *ranks)
{
    double *residual = malloc(s->n * sizeof *residual);
    enum rk_status status;

    f->residual_lag1 = f->residual_season = NAN;
    if (residual == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < s->n; i++)
        residual[i] = s->adjusted[i] - f->slope * (s->t[i] - s->t[0]);
    f->residual_lag1 = rk_autocorrelation(residual, s->slot, s->n, 1);
    f->natural = s->season == 0 ? natural_season(s->kind) : 0;
    if (f->natural > 0 && s->n >= 2 * f->natural)
        f->residual_season = rk_autocorrelation(residual, s->slot, s->n, f->natural);
    status = rk_rank(residual, s->n, residual, NULL);
    *ranks = status == RK_OK ? rk_autocorrelation(residual, s->slot, s->n, 1) : NAN;
    free(residual);
    return status == RK_ENOMEM ? status : RK_OK;
}

static void find_lag1(const struct trend_series *s, const struct rk_common *common,
                      struct trend_found *f)
{
    double n = (double)s->n, r = rk_autocorrelation(s->adjusted, s->slot, s->n, 1), reach;
    bool two_sided = common->alternative == RK_TWO_SIDED;

    reach = rk_qnorm((1.0 - common->conf_level) / (two_sided ? 2.0 : 1.0), RK_UPPER_TAIL) *
            sqrt((1.0 - r * r) / n);
    f->lag1 = r;
    f->lag1_z = r * sqrt(n);
    f->lag1_p = rk_p_from_z(f->lag1_z, common->alternative);
    f->lag1_low = common->alternative == RK_LESS ? -1.0 : fmax(-1.0, r - reach);
    f->lag1_high = common->alternative == RK_GREATER ? 1.0 : fmin(1.0, r + reach);
    if (isnan(r)) /* fmax would take the bound */
        f->lag1_low = f->lag1_high = NAN;
}

/* When the change may have been, where there is one. */
static enum rk_status date_change(const struct trend_series *s,
                                  const struct rk_trend_options *options, const struct rk_ctx *ctx,
                                  const struct rk_result *result, struct trend_found *f)
{
    struct rk_text label = {0};
    enum rk_status status;

    f->dated = f->pettitt.p_value < 1.0 - options->common.conf_level;
    if (!f->dated)
        return RK_OK;
    for (size_t i = 0; i < result->group_labels.n; i++)
        rk_text_format(&label, "%s\n", result->group_labels.name[i]);
    rk_text_add(&label, s->name);
    status = label.failed
                 ? RK_ENOMEM
                 : rk_pettitt_interval(s->adjusted, s->n, &f->pettitt, options->common.conf_level,
                                       label.bytes, ctx, &f->change_low, &f->change_high);
    rk_text_free(&label);
    return status;
}

static enum rk_status find_trend(const struct trend_series *s,
                                 const struct rk_trend_options *options, struct trend_found *f)
{
    const struct rk_common *common = &options->common;
    enum rk_status status = rk_kendall_trend(s->x, s->slot, s->n, s->season, &f->kendall);
    double ranks_lag1;

    f->inflation = 1.0;
    f->slope = f->slope_low = f->slope_high = NAN;
    f->residual_lag1 = f->residual_season = NAN;
    if (status == RK_OK)
        status = rk_pettitt_test(s->adjusted, s->n, &f->pettitt);
    if (status != RK_OK)
        return status;
    f->sen_status =
        rk_sen_slope(s->x, s->t, s->slot, s->n, s->season, f->kendall.var, common->conf_level,
                     common->alternative, &f->slope, &f->slope_low, &f->slope_high);
    if (f->sen_status == RK_ENOMEM)
        return RK_ENOMEM;
    if (f->sen_status == RK_OK) {
        status = look_at_residuals(s, f, &ranks_lag1);
        if (status != RK_OK)
            return status;
        if (s->season == 0 && !options->independent)
            f->inflation = rk_kendall_inflation(ranks_lag1, s->n);
    }
    if (f->inflation > 1.0)
        status = rk_sen_slope(s->x, s->t, s->slot, s->n, s->season, f->kendall.var * f->inflation,
                              common->conf_level, common->alternative, &f->slope, &f->slope_low,
                              &f->slope_high);
    f->test = rk_kendall_p(&f->kendall, f->inflation, common->alternative);
    f->plain = rk_kendall_p(&f->kendall, 1.0, common->alternative);
    find_lag1(s, common, f);
    return status;
}

/* --- rows ----------------------------------------------------------------------------------- */

static void start_row(struct rk_result *result, const struct trend_series *s, const char *test)
{
    rk_result_row(result, TREND);
    rk_put_text(result, TREND, VARIABLE, s->name);
    rk_put_text(result, TREND, TEST, test);
    rk_put(result, TREND, N, (double)s->n);
}

static const char *kendall_name(const struct trend_series *s)
{
    return s->season > 0 ? "seasonal-kendall" : "mann-kendall";
}

static void put_kendall(struct rk_result *result, const struct trend_series *s,
                        const struct trend_found *f, const struct rk_trend_options *options)
{
    struct rk_text note = {0};

    start_row(result, s, kendall_name(s));
    rk_put(result, TREND, ESTIMATE, f->kendall.tau);
    rk_put(result, TREND, STATISTIC, f->test.z);
    rk_put(result, TREND, P_VALUE, f->test.p_value);
    if (f->inflation > 1.0) {
        rk_text_format(&note, "autocorrelation allowed for (variance times %.2f); without: z = ",
                       f->inflation);
        rk_text_rounded(&note, f->plain.z, 4);
        rk_text_add(&note, ", ");
        rk_say_p(&note, "p", f->plain.p_value);
    } else if (f->test.exact) {
        rk_text_add(&note, "exact p-value");
    } else if (options->independent || s->season > 0) {
        rk_text_add(&note, "periods taken as independent");
    }
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, TREND, NOTE, note.bytes);
    rk_text_free(&note);
}

static void put_sen(struct rk_result *result, const struct trend_series *s,
                    const struct trend_found *f)
{
    char note[96];

    start_row(result, s, "theil-sen");
    rk_put(result, TREND, ESTIMATE, f->slope);
    rk_put(result, TREND, CONF_LOW, f->slope_low);
    rk_put(result, TREND, CONF_HIGH, f->slope_high);
    snprintf(note, sizeof note, "per %s%s", trend_period(s),
             isnan(f->slope_low) || isnan(f->slope_high) ? "; too few values for an interval" : "");
    if (f->sen_status == RK_EDOMAIN)
        snprintf(note, sizeof note, "more than %d periods: use fewer, such as weeks or months",
                 RK_SEN_MOST);
    else if (f->sen_status != RK_OK)
        snprintf(note, sizeof note, "%s", rk_status_words(f->sen_status));
    rk_put_text(result, TREND, NOTE, note);
}

static void put_pettitt(struct rk_result *result, const struct trend_series *s,
                        const struct trend_found *f, const struct rk_trend_options *options)
{
    size_t column = rk_result_column(result, CHANGE_AT);
    struct rk_text note = {0};

    start_row(result, s, "pettitt");
    rk_put(result, TREND, ESTIMATE, f->pettitt.median_after - f->pettitt.median_before);
    rk_put(result, TREND, STATISTIC, f->pettitt.k);
    rk_put(result, TREND, P_VALUE, f->pettitt.p_value);
    if (result->status == RK_OK)
        result->table[TREND]->column[column].time_kind = s->kind;
    rk_put(result, TREND, CHANGE_AT, s->t[f->pettitt.last_before]);
    if (f->dated) {
        trend_say_dates(s, f, &options->common, &note);
        rk_text_add(&note, "; ");
    }
    rk_text_add(&note, s->season > 0 ? "seasons' medians removed; " : "");
    rk_text_add(&note, "difference of medians; periods taken as independent");
    if (options->common.alternative != RK_TWO_SIDED)
        rk_text_add(&note, "; two-sided");
    if (note.failed)
        result->status = RK_ENOMEM;
    else
        rk_put_text(result, TREND, NOTE, note.bytes);
    rk_text_free(&note);
}

static void put_lag1(struct rk_result *result, const struct trend_series *s,
                     const struct trend_found *f)
{
    struct rk_text note = {0};

    start_row(result, s, "lag1");
    rk_put(result, TREND, ESTIMATE, f->lag1);
    rk_put(result, TREND, CONF_LOW, f->lag1_low);
    rk_put(result, TREND, CONF_HIGH, f->lag1_high);
    rk_put(result, TREND, STATISTIC, f->lag1_z);
    rk_put(result, TREND, P_VALUE, f->lag1_p);
    rk_text_add(&note, s->season > 0 ? "seasons' medians removed; " : "");
    if (isnan(f->lag1)) {
        rk_text_add(&note, "no neighbouring periods");
    } else if (!isnan(f->residual_lag1)) {
        rk_text_add(&note, "without the trend: ");
        rk_text_rounded(&note, f->residual_lag1, 3);
    }
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, TREND, NOTE, note.bytes);
    rk_text_free(&note);
}

/* All rows of a series that cannot be tested. */
static void put_failed(struct rk_result *result, const struct trend_series *s,
                       enum rk_status status)
{
    const char *const tests[] = {kendall_name(s), "theil-sen", "pettitt", "lag1"};

    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        start_row(result, s, tests[i]);
        rk_put_text(result, TREND, NOTE, rk_status_words(status));
    }
}

/* --- a group -------------------------------------------------------------------------------- */

static enum rk_status keep_p(struct tally *tally, double p)
{
    if (tally->n_p == tally->capacity) {
        size_t capacity = 2 * tally->capacity + 16;
        double *more = realloc(tally->p, capacity * sizeof *more);

        if (more == NULL)
            return RK_ENOMEM;
        tally->p = more;
        tally->capacity = capacity;
    }
    tally->p[tally->n_p++] = p;
    return RK_OK;
}

static enum rk_status put_series(const struct trend_series *s, const struct run *run,
                                 const struct rk_ctx *ctx, struct rk_result *result, bool *any)
{
    const struct rk_trend_options *options = run->options;
    struct trend_found found = {0};
    enum rk_status status = find_trend(s, options, &found);

    if (status == RK_OK)
        status = date_change(s, options, ctx, result, &found);
    if (status != RK_OK && !rk_status_is_undefined(status))
        return status;
    if (options->limits)
        trend_put_limits(s, &options->common, result);
    if (status != RK_OK) {
        put_failed(result, s, status);
        return status;
    }
    *any = true;
    put_kendall(result, s, &found, options);
    put_sen(result, s, &found);
    put_pettitt(result, s, &found, options);
    put_lag1(result, s, &found);
    if (options->common.explain)
        trend_explain(s, &found, &options->common, result);
    trend_warn(s, &found, options, result);
    return keep_p(run->tally, found.test.p_value);
}

struct columns {
    size_t time, n;
    size_t *value; /* with room for the time behind them */
};

static enum rk_status find_columns(const struct rk_table *table,
                                   const struct rk_trend_options *options, struct columns *columns,
                                   struct rk_error *error)
{
    enum rk_status status;

    columns->n = options->values.n;
    columns->value = malloc((columns->n + 1) * sizeof *columns->value);
    if (columns->value == NULL)
        return rk_fail_memory(error);
    status = rk_column_index(table, options->time, RK_TIME, &columns->time, error);
    for (size_t j = 0; status == RK_OK && j < columns->n; j++)
        status =
            rk_column_index(table, options->values.name[j], RK_NUMBER, &columns->value[j], error);
    columns->value[columns->n] = columns->time;
    return status;
}

/* One column's series: read, tested, its rows added. */
static enum rk_status run_column(const struct rk_table *table, const struct columns *columns,
                                 size_t j, const struct run *run, const struct rk_ctx *ctx,
                                 struct rk_result *result, bool *any, struct rk_error *error)
{
    const struct rk_trend_options *options = run->options;
    bool each_by_itself = options->common.missing == RK_MISSING_PAIRWISE;
    const size_t own[] = {columns->value[j], columns->time};
    struct trend_series series;
    size_t *rows, n_rows;
    enum rk_status status = rk_complete_rows(table, each_by_itself ? own : columns->value,
                                             each_by_itself ? 2 : columns->n + 1,
                                             options->common.missing, &rows, &n_rows, error);

    if (status != RK_OK)
        return status;
    status = trend_series_read(table, columns->time, columns->value[j], rows, n_rows, options,
                               &series, error);
    free(rows);
    if (status != RK_OK)
        return status;
    if (n_rows > result->rows_used)
        result->rows_used = n_rows;
    status = put_series(&series, run, ctx, result, any);
    if (rk_status_is_undefined(status))
        rk_fail(error, status, "%s over time: %s", series.name,
                status == RK_ETOOFEW ? "three periods at least, and with --season two of one season"
                                     : rk_status_words(status));
    trend_series_free(&series);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

/* Takes back the rows from `first` on: a group without any result has one row, made by the loop
 * over groups. */
static enum rk_status take_back(struct rk_result *result, size_t first)
{
    struct rk_table *table = result->table[TREND];
    bool *keep = malloc((table->n_rows + 1) * sizeof *keep);
    enum rk_status status;

    if (keep == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < table->n_rows; i++)
        keep[i] = i < first;
    status = rk_table_keep(table, keep);
    free(keep);
    return status;
}

static enum rk_status run_group(const struct rk_table *table, const void *data,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    const struct run *run = data;
    struct columns columns = {0};
    enum rk_status status = find_columns(table, run->options, &columns, error), undefined = RK_OK;
    size_t first = result->status == RK_OK ? result->table[TREND]->n_rows : 0;
    bool any = false;

    for (size_t j = 0; status == RK_OK && j < columns.n; j++) {
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = run_column(table, &columns, j, run, ctx, result, &any, error);
        if (rk_status_is_undefined(status)) {
            undefined = status;
            status = RK_OK;
        }
    }
    free(columns.value);
    if (status != RK_OK || any)
        return status;
    if (result->status == RK_OK && take_back(result, first) != RK_OK)
        return rk_fail_memory(error);
    return undefined;
}

enum rk_status rk_trend_run(const struct rk_table *table, const struct rk_trend_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error)
{
    struct tally tally = {0};
    const struct run run = {options, &tally};
    enum rk_status status = rk_trend_check(options, error);

    if (status == RK_OK) {
        result->rows_used = 0;
        status =
            rk_run_groups(table, &options->common, declare, run_group, &run, ctx, result, error);
    }
    if (status == RK_OK &&
        trend_warn_multiple(tally.p, tally.n_p, 1.0 - options->common.conf_level, result) != RK_OK)
        status = rk_fail_memory(error);
    free(tally.p);
    return status;
}
