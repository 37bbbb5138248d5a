/* One series with a start in it: from rows to a design. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impact_its.h"
#include "repkit/time_series.h"
#include "trend_parts.h"

void its_free(struct its *its)
{
    free(its->y);
    free(its->actual);
    free(its->time);
    free(its->slot);
    free(its->X);
}

/* --- the season --------------------------------------------------------------------------- */

/* An effect for each period of the year where the series is long enough for it, else waves. */
static void choose_season(struct its *its)
{
    enum { DEFAULT_WAVES = 2 };

    impact_read_season(its->impact->options->season, &its->season, &its->waves);
    if (its->season == 0 || its->waves > 0)
        return;
    if (its->n >= 3 * its->season && its->n_before >= 2 * its->season)
        return;
    its->waves = (its->season - 1) / 2;
    its->waves = its->waves > DEFAULT_WAVES ? DEFAULT_WAVES : its->waves;
}

static size_t count_columns(const struct its *its)
{
    if (its->season == 0)
        return 4;
    return 4 + (its->waves > 0 ? 2 * its->waves : its->season - 1);
}

double *its_design_new(const struct its *its, size_t start, size_t n)
{
    double *X = malloc((n * its->k + 1) * sizeof *X);

    for (size_t i = 0; X != NULL && i < n; i++) {
        double t = (double)its->slot[i], *x = X + i;

        x[0] = 1.0;
        x[n] = t + 1.0;
        x[2 * n] = i >= start;
        x[3 * n] = i >= start ? t - (double)its->slot[start] : 0.0;
        for (size_t j = 4; j < its->k; j++) {
            size_t wave = (j - 4) / 2 + 1;
            double angle = 2.0 * M_PI * (double)wave * (t + 1.0) / (double)its->season;

            if (its->waves > 0)
                x[j * n] = (j - 4) % 2 == 0 ? cos(angle) : sin(angle);
            else
                x[j * n] = its->slot[i] % its->season == j - 3;
        }
    }
    return X;
}

/* --- the series --------------------------------------------------------------------------- */

/* Rows of a period that the start divides are not used. */
static enum rk_status use_rows(struct its *its, const struct rk_table *table, size_t time,
                               size_t *rows, size_t *n_rows, int64_t *start,
                               enum rk_time_kind *start_kind)
{
    const struct impact *impact = its->impact;
    const struct rk_column *c = &table->column[time];
    size_t kept = 0, out = 0;
    int64_t divided = 0;
    enum rk_status status = impact_read_start(impact, table, time, start_kind, start);

    for (size_t k = 0; status == RK_OK && k < *n_rows; k++) {
        int64_t t = (int64_t)c->number[rows[k]];

        if (impact_side(impact, c->time_kind, t, *start_kind, *start) == 0) {
            divided = t;
            out++;
        } else {
            rows[kept++] = rows[k];
        }
    }
    if (out > 0)
        impact_warn_straddle(impact, c->time_kind, divided, out);
    *n_rows = kept;
    return status;
}

static enum rk_status read_columns(struct its *its, const struct rk_table *table, size_t *columns,
                                   size_t **rows, size_t *n_rows)
{
    const struct rk_impact_options *o = its->impact->options;
    struct rk_error *error = its->impact->error;
    enum rk_status status = rk_column_index(table, o->time, RK_TIME, &columns[0], error);

    if (status == RK_OK)
        status = rk_column_index(table, o->value, RK_NUMBER, &columns[1], error);
    if (status == RK_OK && its->controlled)
        status = rk_column_index(table, o->control, RK_NUMBER, &columns[2], error);
    if (status == RK_OK)
        status = rk_complete_rows(table, columns, its->controlled ? 3 : 2, o->common.missing, rows,
                                  n_rows, error);
    if (status == RK_OK && *n_rows < table->n_rows)
        rk_warn(its->impact->result, RK_WARN_DROPPED,
                "%zu of %zu rows left out for missing cells%s", table->n_rows - *n_rows,
                table->n_rows, o->aggregate == RK_AGG_SUM ? "; to the sums they are 0" : "");
    return status;
}

static enum rk_status take_series(struct its *its, const struct trend_series *s,
                                  const struct trend_series *control, enum rk_time_kind start_kind,
                                  int64_t start)
{
    double count[2] = {0.0, 0.0};

    its->n = s->n;
    its->kind = s->kind;
    its->y = malloc((s->n + 1) * sizeof *its->y);
    its->actual = malloc((s->n + 1) * sizeof *its->actual);
    its->time = malloc((s->n + 1) * sizeof *its->time);
    its->slot = malloc((s->n + 1) * sizeof *its->slot);
    if (its->y == NULL || its->actual == NULL || its->time == NULL || its->slot == NULL)
        return rk_fail_memory(its->impact->error);
    for (size_t i = 0; i < s->n; i++) {
        bool after;

        its->time[i] = (int64_t)s->t[i];
        its->slot[i] = s->slot[i];
        its->actual[i] = s->x[i];
        its->y[i] = s->x[i] - (its->controlled ? control->x[i] : 0.0);
        after = impact_side(its->impact, s->kind, its->time[i], start_kind, start) > 0;
        its->n_before += !after;
        count[after] += s->count[i];
    }
    its->n_rows[0] = count[0] / (double)its->n_before;
    its->n_rows[1] = count[1] / (double)(its->n - its->n_before);
    return RK_OK;
}

static enum rk_status finish(struct its *its)
{
    struct rk_error *error = its->impact->error;
    size_t after = its->n - its->n_before;

    if (its->n_before < ITS_FEWEST || after < ITS_FEWEST)
        return rk_fail(error, RK_ETOOFEW,
                       "%d periods before the start and %d after are needed, and there are %zu and "
                       "%zu",
                       ITS_FEWEST, ITS_FEWEST, its->n_before, after);
    choose_season(its);
    its->k = count_columns(its);
    if (its->n < its->k + 4)
        return rk_fail(error, RK_ETOOFEW, "%zu periods are too few for %zu coefficients", its->n,
                       its->k);
    its->X = its_design_new(its, its->n_before, its->n);
    return its->X == NULL ? rk_fail_memory(error) : RK_OK;
}

enum rk_status its_read(const struct impact *impact, const struct rk_table *table, struct its *its)
{
    const struct rk_impact_options *o = impact->options;
    struct rk_trend_options trend = {.aggregate = o->aggregate};
    struct trend_series series = {0}, control = {0};
    size_t columns[3], *rows = NULL, n_rows = 0;
    enum rk_time_kind start_kind;
    int64_t start;
    enum rk_status status;

    *its = (struct its){.impact = impact, .controlled = o->control != NULL};
    status = read_columns(its, table, columns, &rows, &n_rows);
    if (status == RK_OK)
        status = use_rows(its, table, columns[0], rows, &n_rows, &start, &start_kind);
    if (status == RK_OK && n_rows == 0)
        status = rk_fail(impact->error, RK_ENODATA, "no complete row is left");
    if (status == RK_OK)
        status = trend_series_read(table, columns[0], columns[1], rows, n_rows, &trend, &series,
                                   impact->error);
    if (status == RK_OK && its->controlled)
        status = trend_series_read(table, columns[0], columns[2], rows, n_rows, &trend, &control,
                                   impact->error);
    if (status == RK_OK)
        status = take_series(its, &series, &control, start_kind, start);
    if (status == RK_OK)
        status = finish(its);
    if (status == RK_OK && n_rows > impact->result->rows_used)
        impact->result->rows_used = n_rows;
    trend_series_free(&series);
    trend_series_free(&control);
    free(rows);
    return status;
}
