/* What the order of periods tells: activity that follows the outcome, errors that run on. */
#include <math.h>
#include <stdlib.h>

#include "band_parts.h"

static const double strong = 2.0;

struct place {
    uint32_t unit;
    double time;
    size_t row;
};

struct series {
    struct place *place; /* by unit and time */
    size_t n;
    size_t *next; /* of each row the row of the period after it; SIZE_MAX for none */
    size_t n_next;
};

static int compare(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return (x->time > y->time) - (x->time < y->time);
}

static uint32_t unit_of(const struct band *b, size_t i)
{
    return b->cluster != NULL ? b->cluster[i] : b->n_effects > 0 ? b->effect[0][i] : 0;
}

/* The smallest distance of two periods of a unit is one step. RK_EINPUT where there is none. */
static enum rk_status find_step(const struct band *b, const struct series *s, double *step,
                                struct rk_error *error)
{
    *step = INFINITY;
    for (size_t k = 1; k < s->n; k++) {
        const struct place *last = &s->place[k - 1], *now = &s->place[k];

        if (now->unit != last->unit)
            continue;
        if (now->time == last->time) {
            rk_fail(error, RK_EINPUT, "a period comes twice for the same %s",
                    b->cluster_name != NULL ? b->cluster_name
                    : b->n_effects > 0      ? b->options->formula->fixed_effects.name[0]
                                            : "series");
            return rk_fail_at(error, b->table->name, rk_table_line(b->table, b->row[now->row]),
                              b->options->time);
        }
        *step = fmin(*step, now->time - last->time);
    }
    return RK_OK;
}

static enum rk_status order(const struct band *b, struct series *s, struct rk_error *error)
{
    size_t column = 0;
    double step;
    enum rk_status status = rk_column_index(b->table, b->options->time, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    s->place = malloc((b->n + 1) * sizeof *s->place);
    s->next = malloc((b->n + 1) * sizeof *s->next);
    if (s->place == NULL || s->next == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        double time = b->table->column[column].number[b->row[i]];

        s->next[i] = SIZE_MAX;
        if (!isnan(time))
            s->place[s->n++] = (struct place){unit_of(b, i), time, i};
    }
    qsort(s->place, s->n, sizeof *s->place, compare);
    status = find_step(b, s, &step, error);
    for (size_t k = 1; k < s->n && status == RK_OK; k++) {
        const struct place *last = &s->place[k - 1], *now = &s->place[k];

        if (now->unit == last->unit && now->time - last->time <= 1.5 * step) {
            s->next[last->row] = now->row;
            s->n_next++;
        }
    }
    return status;
}

/* Next period's activity beside this one's: it cannot have made this period's outcome. */
static enum rk_status warn_lead(const struct band *b, const struct series *s,
                                struct rk_result *result, struct rk_error *error)
{
    double *columns = calloc(2 * b->n + 1, sizeof *columns);
    size_t *rows = malloc((s->n_next + 1) * sizeof *rows), n = 0;
    struct band_fit fit = {0};
    struct rk_error ignored = {0};
    struct band_number lead;
    enum rk_status status = columns == NULL || rows == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; status == RK_OK && i < b->n; i++) {
        columns[i] = b->u[i];
        if (s->next[i] == SIZE_MAX)
            continue;
        columns[b->n + i] = b->u[s->next[i]];
        rows[n++] = i;
    }
    if (status == RK_OK)
        status = band_fit_new(b, columns, 2, rows, n, &fit, &ignored);
    if (status == RK_OK) {
        lead = band_coefficient(b, &fit, 1, 1.0 / b->scale);
        if (fabs(lead.value / lead.se) > strong)
            rk_warn(
                result, RK_WARN_REVERSE_CAUSALITY,
                "The %s of the next period goes with this period's %s (%.3g for each, t = %.2f)",
                b->activity.bytes, b->response.bytes, lead.value, lead.value / lead.se);
    }
    band_fit_free(&fit);
    free(columns);
    free(rows);
    if (status == RK_ENOMEM)
        return rk_fail_memory(error);
    if (status != RK_OK && !rk_status_is_undefined(status) && error != NULL)
        *error = ignored;
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* Rows taken as independent whose residuals run on. */
static void warn_autocorrelation(const struct band *b, const struct series *s,
                                 struct rk_result *result)
{
    const double *e = b->model[BAND_LINEAR].fit.fit->residual;
    double along = 0.0, all = 0.0, r;

    for (size_t i = 0; i < b->n; i++) {
        all += e[i] * e[i];
        along += s->next[i] != SIZE_MAX ? e[i] * e[s->next[i]] : 0.0;
    }
    r = along / all;
    if (b->cluster_name == NULL && fabs(r) > 2.0 / sqrt((double)b->n))
        rk_warn(result, RK_WARN_AUTOCORRELATION,
                "What the straight line leaves correlates %.2f with the period after it", r);
}

enum rk_status band_warn_time(const struct band *b, struct rk_result *result,
                              struct rk_error *error)
{
    struct series s = {0};
    enum rk_status status = order(b, &s, error);

    if (status == RK_OK && s.n_next > 0) {
        if (b->options->formula->lag == NULL) /* else the next period's activity is this one's */
            status = warn_lead(b, &s, result, error);
        warn_autocorrelation(b, &s, result);
    }
    free(s.place);
    free(s.next);
    return status;
}
