#include "repkit/correlation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "centre.h"
#include "correlation_parts.h"
#include "repkit/absorb.h"
#include "repkit/distributions.h"
#include "repkit/least_squares.h"
#include "repkit/rank.h"
#include "repkit/sum.h"

/* --- estimate, test and interval ------------------------------------------------------------- */

/* r and 1 - r^2 of centred u and v, which are scaled to norm 1. The second is summed as the
 * squared distance of v from r u: as a difference it would have no digits for r near 1. */
static enum rk_status cosine(double *u, double *v, size_t n, double *r, double *unexplained)
{
    struct rk_sum products = {0.0, 0.0};
    double u_norm = rk_norm(u, n), v_norm = rk_norm(v, n), distance;

    if (!(u_norm > 0.0) || !(v_norm > 0.0))
        return RK_ECONSTANT;
    for (size_t i = 0; i < n; i++) {
        u[i] /= u_norm;
        v[i] /= v_norm;
        rk_sum_add(&products, u[i] * v[i]);
    }
    *r = fmax(-1.0, fmin(1.0, rk_sum_value(&products)));
    for (size_t i = 0; i < n; i++)
        v[i] -= *r * u[i];
    distance = rk_norm(v, n);
    *unexplained = distance * distance;
    return RK_OK;
}

static void interval(int method, double unexplained, double conf_level, int alternative,
                     struct rk_correlation *c, double df)
{
    double r = c->estimate;
    double centre_z = asinh(r / sqrt(unexplained)); /* atanh(r) without its 1 - r */
    double factor = method == RK_SPEARMAN ? 1.0 + r * r / 2.0 : method == RK_KENDALL ? 0.437 : 1.0;
    double tail = alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
    double half = rk_qnorm(tail, RK_UPPER_TAIL) * sqrt(factor / (df - 1.0));

    c->conf_low = c->conf_high = NAN;
    if (df < 2.0)
        return;
    c->conf_low = alternative == RK_LESS ? -1.0 : tanh(centre_z - half);
    c->conf_high = alternative == RK_GREATER ? 1.0 : tanh(centre_z + half);
}

void rk_correlation_finish(int method, double unexplained, double df, double conf_level,
                           int alternative, struct rk_correlation *c)
{
    c->df = df;
    /* As for regressions: what is left is rounding. */
    c->perfect = unexplained <= 1e-20;
    if (c->perfect) {
        c->estimate = c->conf_low = c->conf_high = copysign(1.0, c->estimate);
        c->statistic = c->p_value = NAN;
        return;
    }
    c->statistic = c->estimate * sqrt(df / unexplained);
    c->p_value = rk_p_from_t(c->statistic, df, alternative);
    interval(method, unexplained, conf_level, alternative, c, df);
}

/* Fills estimate, interval and t test from centred u and v, which it overwrites. */
static enum rk_status test(int method, double *u, double *v, size_t n, double df, double conf_level,
                           int alternative, struct rk_correlation *c)
{
    double unexplained;
    enum rk_status status = cosine(u, v, n, &c->estimate, &unexplained);

    if (status == RK_OK)
        rk_correlation_finish(method, unexplained, df, conf_level, alternative, c);
    return status;
}

/* Spearman's exact test, of ranks without ties. */
static enum rk_status exact_test(const double *x_rank, const double *y_rank, int alternative,
                                 struct rk_correlation *c)
{
    double s = 0.0, low, high;
    enum rk_status status;

    for (size_t i = 0; i < c->n; i++)
        s += (x_rank[i] - y_rank[i]) * (x_rank[i] - y_rank[i]);
    status = rk_spearman_tails(s, c->n, &low, &high);
    if (status != RK_OK)
        return status;
    /* A small S is a large correlation. */
    if (alternative == RK_TWO_SIDED)
        c->p_value = fmin(1.0, 2.0 * fmin(low, high));
    else
        c->p_value = alternative == RK_GREATER ? low : high;
    c->statistic = s;
    c->df = NAN;
    c->exact = true;
    return RK_OK;
}

/* Kendall's tau of c->n rows, whole or within units. */
static enum rk_status kendall(const double *x, const double *y, const uint32_t *unit,
                              size_t n_units, double conf_level, int alternative,
                              struct rk_correlation *c)
{
    struct rk_concordance pairs;
    enum rk_status status = rk_concordance(x, y, unit, c->n, n_units, &pairs);
    double low, high, r;

    if (status != RK_OK)
        return status;
    if (!(pairs.x_untied > 0.0) || !(pairs.y_untied > 0.0))
        return RK_ECONSTANT;
    r = pairs.s / sqrt(pairs.x_untied) / sqrt(pairs.y_untied);
    c->perfect = pairs.x_untied == pairs.y_untied && fabs(pairs.s) == pairs.x_untied;
    c->estimate = c->perfect ? copysign(1.0, pairs.s) : fmax(-1.0, fmin(1.0, r));
    c->df = NAN;
    c->statistic = pairs.s / sqrt(pairs.variance);
    c->p_value = rk_p_from_z(c->statistic, alternative);
    if (unit == NULL && !pairs.ties && c->n < 50) {
        c->statistic = (pairs.x_untied + pairs.s) / 2.0; /* the concordant ones */
        status = rk_kendall_tails(c->statistic, c->n, &low, &high);
        c->p_value = alternative == RK_TWO_SIDED ? fmin(1.0, 2.0 * fmin(low, high))
                     : alternative == RK_LESS    ? low
                                                 : high;
        c->exact = true;
    }
    c->conf_low = c->conf_high = c->perfect ? c->estimate : NAN;
    if (!c->perfect && unit == NULL && c->n >= 10)
        interval(RK_KENDALL, (1.0 - c->estimate) * (1.0 + c->estimate), conf_level, alternative, c,
                 (double)c->n - 3.0);
    return status;
}

/* --- rows, ranks, residuals ------------------------------------------------------------------ */

/* What one correlation is computed on: the rows kept, column after column. */
struct sample {
    size_t n, n_columns; /* x, y, controls */
    double *column;      /* n_columns times n */
    uint32_t *unit, *period;
    size_t *row; /* which of the given rows they are */
    size_t n_units, n_units_used, n_periods;
    struct rk_unit_sum *work; /* a place a unit, at least one */
};

/* How many rows of data there are. */
static size_t size_of(const struct rk_correlation_data *data, const struct sample *s)
{
    return data->stands_for > 0 ? data->stands_for : s->n;
}

static void sample_free(struct sample *s)
{
    free(s->column);
    free(s->unit);
    free(s->row);
    free(s->work);
}

static const double *given(const struct rk_correlation_data *data, size_t column)
{
    return column == 0 ? data->x : column == 1 ? data->y : data->control[column - 2];
}

static bool all_finite(const struct rk_correlation_data *data)
{
    for (size_t j = 0; j < data->n_controls + 2; j++) {
        const double *x = given(data, j);

        for (size_t i = 0; i < data->n; i++)
            if (!isfinite(x[i]))
                return false;
    }
    return true;
}

/* Leaves out rows that are alone in their unit or period; doing so may leave others alone. */
static size_t drop_singles(const struct rk_correlation_data *data, size_t *row, size_t *count)
{
    size_t n = data->n, before;
    size_t *of_period = count + data->n_units;

    for (size_t i = 0; i < n; i++)
        row[i] = i;
    do {
        before = n;
        n = 0;
        memset(count, 0, (data->n_units + data->n_periods) * sizeof *count);
        for (size_t k = 0; k < before; k++) {
            count[data->unit[row[k]]]++;
            if (data->period != NULL)
                of_period[data->period[row[k]]]++;
        }
        for (size_t k = 0; k < before; k++)
            if (count[data->unit[row[k]]] > 1 &&
                (data->period == NULL || of_period[data->period[row[k]]] > 1))
                row[n++] = row[k];
    } while (data->period != NULL && n < before);
    return n;
}

static enum rk_status take_sample(const struct rk_correlation_data *data, struct sample *s)
{
    size_t *count = calloc(data->n_units + data->n_periods + 1, sizeof *count);

    s->n_columns = data->n_controls + 2;
    s->n_units = data->n_units;
    s->n_periods = data->n_periods;
    s->column = malloc((s->n_columns * data->n + 1) * sizeof *s->column);
    s->unit = malloc((2 * data->n + 1) * sizeof *s->unit);
    s->row = malloc((data->n + 1) * sizeof *s->row);
    s->work = malloc((data->n_units + 1) * sizeof *s->work);
    if (count == NULL || s->column == NULL || s->unit == NULL || s->row == NULL ||
        s->work == NULL) {
        free(count);
        return RK_ENOMEM;
    }
    s->period = s->unit + data->n;
    s->n = data->n;
    for (size_t i = 0; i < data->n; i++)
        s->row[i] = i;
    if (data->unit != NULL)
        s->n = drop_singles(data, s->row, count);
    for (size_t j = 0; j < s->n_columns; j++)
        for (size_t k = 0; k < s->n; k++)
            s->column[j * s->n + k] = given(data, j)[s->row[k]];
    memset(count, 0, (data->n_units + 1) * sizeof *count);
    for (size_t k = 0; data->unit != NULL && k < s->n; k++) {
        s->unit[k] = data->unit[s->row[k]];
        s->period[k] = data->period != NULL ? data->period[s->row[k]] : 0;
        s->n_units_used += count[s->unit[k]]++ == 0;
    }
    free(count);
    return RK_OK;
}

/* Takes the mean, the units' means, or unit and period effects out of all columns. Fills *df. */
static enum rk_status centre_all(const struct rk_correlation_data *data, struct sample *s,
                                 double *df)
{
    const uint32_t *const code[] = {s->unit, s->period};
    const size_t n_levels[] = {s->n_units, s->n_periods};
    const struct rk_absorbed effects = {
        .n = s->n, .n_effects = 2, .code = code, .n_levels = n_levels};
    size_t taken = data->unit == NULL ? 1 : s->n_units_used;
    enum rk_status status = RK_OK;

    if (data->period != NULL)
        status = rk_absorb_df(&effects, &taken);
    for (size_t j = 0; status == RK_OK && j < s->n_columns; j++) {
        double *x = s->column + j * s->n, before;

        rk_centre(x, data->unit == NULL ? NULL : s->unit, s->n, s->work,
                  data->unit == NULL ? 1 : s->n_units, x);
        if (data->period == NULL)
            continue;
        before = rk_norm(x, s->n);
        status = rk_absorb(&effects, &x, 1, NULL);
        /* Units and periods explain all of it: the rest is rounding. */
        if (status == RK_OK && rk_norm(x, s->n) <= 1e-11 * before)
            memset(x, 0, s->n * sizeof *x);
    }
    if (data->stands_for > 0)
        taken = data->taken;
    *df = (double)size_of(data, s) - (double)taken - 1.0;
    return status;
}

/* Puts in place of a column its residual from a fit on the controls; rank is theirs. */
static enum rk_status residualise(struct sample *s, double *y, const double *controls, size_t g,
                                  size_t *rank)
{
    struct rk_design design = {.n = s->n, .p = g, .y = y, .X = controls};
    struct rk_fit *fit = NULL;
    enum rk_status status = rk_fit_new(&design, NULL, &fit, NULL);

    if (status != RK_OK)
        return status;
    *rank = fit->rank;
    if (fit->errors == RK_EPERFECT || fit->errors == RK_ECONSTANT)
        status = RK_ECONSTANT;
    else
        memcpy(y, fit->residual, s->n * sizeof *y);
    rk_fit_free(fit);
    return status;
}

static enum rk_status partial_out(struct sample *s, double *df)
{
    double *controls = s->column + 2 * s->n;
    size_t g = 0, rank = 0;
    enum rk_status status = RK_OK;

    for (size_t j = 0; j + 2 < s->n_columns; j++) { /* those with variation, side by side */
        const double *z = controls + j * s->n;

        if (rk_norm(z, s->n) > 0.0)
            memmove(controls + g++ * s->n, z, s->n * sizeof *z);
    }
    if (g == 0)
        return RK_OK;
    if (*df - (double)g < 1.0)
        return RK_ETOOFEW;
    for (size_t j = 0; status == RK_OK && j < 2; j++)
        status = rk_norm(s->column + j * s->n, s->n) > 0.0
                     ? residualise(s, s->column + j * s->n, controls, g, &rank)
                     : RK_ECONSTANT;
    *df -= (double)rank;
    return status;
}

static void put_residual(const struct sample *s, int method, size_t n, double *residual)
{
    for (size_t i = 0; i < n; i++)
        residual[i] = NAN;
    for (size_t k = 0; method != RK_KENDALL && k < s->n; k++)
        residual[s->row[k]] = s->column[s->n + k];
}

/* --- the correlation ------------------------------------------------------------------------- */

static enum rk_status correlate(int method, const struct rk_correlation_data *data,
                                struct sample *s, double conf_level, int alternative,
                                struct rk_correlation *c)
{
    double *x = s->column, *y = s->column + s->n, df, x_ties = 0.0, y_ties = 0.0;
    struct rk_correlation exact = {.n = s->n};
    enum rk_status status = RK_OK;

    *c = (struct rk_correlation){.n = size_of(data, s), .n_units = s->n_units_used};
    if (c->n < 3 || (data->period == NULL && s->n < s->n_units_used + 2))
        return RK_ETOOFEW;
    if (method == RK_KENDALL)
        return kendall(x, y, data->unit == NULL ? NULL : s->unit, s->n_units, conf_level,
                       alternative, c);
    for (size_t j = 0; method == RK_SPEARMAN && status == RK_OK && j < s->n_columns; j++)
        status = rk_rank(x + j * s->n, s->n, x + j * s->n,
                         j == 0   ? &x_ties
                         : j == 1 ? &y_ties
                                  : NULL);
    if (status == RK_OK && method == RK_SPEARMAN && data->unit == NULL && data->n_controls == 0 &&
        s->n <= 9 && x_ties == 0.0 && y_ties == 0.0)
        status = exact_test(x, y, alternative, &exact);
    if (status == RK_OK)
        status = centre_all(data, s, &df);
    if (status == RK_OK && df < 1.0)
        status = RK_ETOOFEW;
    if (status == RK_OK && data->n_controls > 0)
        status = partial_out(s, &df);
    if (status == RK_OK)
        status = test(method, x, y, s->n, df, conf_level, alternative, c);
    if (status == RK_OK && exact.exact) {
        c->statistic = exact.statistic;
        c->df = exact.df;
        c->p_value = exact.p_value;
        c->exact = true;
    }
    return status;
}

enum rk_status rk_correlate(int method, const struct rk_correlation_data *data, double conf_level,
                            int alternative, double *residual, struct rk_correlation *out)
{
    struct sample s = {0};
    struct rk_correlation c;
    enum rk_status status;

    if (!all_finite(data) ||
        (method == RK_KENDALL && (data->period != NULL || data->n_controls > 0)) ||
        (data->stands_for > 0 && (method != RK_PEARSON || data->unit != NULL)))
        return RK_EDOMAIN;
    status = take_sample(data, &s);
    if (status == RK_OK)
        status = correlate(method, data, &s, conf_level, alternative, &c);
    if (status == RK_OK) {
        if (residual != NULL)
            put_residual(&s, method, data->n, residual);
        *out = c;
    }
    sample_free(&s);
    return status;
}

enum rk_status rk_correlation(int method, const double *x, const double *y, size_t n,
                              double conf_level, int alternative, struct rk_correlation *out)
{
    const struct rk_correlation_data data = {.n = n, .x = x, .y = y};

    return rk_correlate(method, &data, conf_level, alternative, NULL, out);
}

enum rk_status rk_correlation_within(int method, const double *x, const double *y,
                                     const uint32_t *unit, size_t n, size_t n_units,
                                     double conf_level, int alternative, struct rk_correlation *out)
{
    const struct rk_correlation_data data = {
        .n = n, .x = x, .y = y, .unit = unit, .n_units = n_units};

    if (n == 0)
        return RK_ETOOFEW;
    return rk_correlate(method, &data, conf_level, alternative, NULL, out);
}

/* --- many pairs of columns on the same rows --------------------------------------------------- */

/* r of two columns of norm 1, what is left of the second in `left`. As `cosine`, digit by digit. */
static double unexplained_part(const double *u, const double *v, size_t n, double *r, double *left)
{
    struct rk_sum products = {0.0, 0.0};
    double distance;

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&products, u[i] * v[i]);
    *r = fmax(-1.0, fmin(1.0, rk_sum_value(&products)));
    for (size_t i = 0; i < n; i++)
        left[i] = v[i] - *r * u[i];
    distance = rk_norm(left, n);
    return distance * distance;
}

/* Scales each column to norm 1; constant ones have norm 0. */
static void scale_all(struct sample *s, double *norm)
{
    for (size_t j = 0; j < s->n_columns; j++) {
        double *x = s->column + j * s->n;

        norm[j] = rk_norm(x, s->n);
        for (size_t i = 0; norm[j] > 0.0 && i < s->n; i++)
            x[i] /= norm[j];
    }
}

static enum rk_status correlate_each(const struct rk_correlation_data *data, struct sample *s,
                                     const struct rk_correlation_pairs *p, double df, double *left,
                                     double *residual)
{
    double *norm = malloc((s->n_columns + 1) * sizeof *norm);

    if (norm == NULL)
        return RK_ENOMEM;
    scale_all(s, norm);
    for (size_t k = 0; k < p->n; k++) {
        size_t x = p->pair[k].x, y = p->pair[k].y;
        struct rk_correlation c = {.n = s->n, .n_units = s->n_units_used};
        double unexplained;

        p->status[k] = norm[x] > 0.0 && norm[y] > 0.0 ? RK_OK : RK_ECONSTANT;
        if (p->status[k] != RK_OK)
            continue;
        unexplained =
            unexplained_part(s->column + x * s->n, s->column + y * s->n, s->n, &c.estimate, left);
        rk_correlation_finish(RK_PEARSON, unexplained, df, p->conf_level, p->alternative, &c);
        p->out[k] = c;
        if (p->look == NULL)
            continue;
        for (size_t i = 0; i < data->n; i++)
            residual[i] = NAN;
        for (size_t i = 0; i < s->n; i++)
            residual[s->row[i]] = left[i];
        p->look(p->data, k, residual);
    }
    free(norm);
    return RK_OK;
}

enum rk_status rk_correlate_pairs(const struct rk_correlation_data *data,
                                  const struct rk_correlation_pairs *pairs)
{
    struct sample s = {0};
    double *room = malloc((2 * data->n + 1) * sizeof *room), df = 0.0;
    enum rk_status status = RK_EDOMAIN;

    if (all_finite(data))
        status = room == NULL ? RK_ENOMEM : take_sample(data, &s);
    if (status == RK_OK && (s.n < 3 || (data->period == NULL && s.n < s.n_units_used + 2)))
        status = RK_ETOOFEW;
    if (status == RK_OK)
        status = centre_all(data, &s, &df);
    if (status == RK_OK && df < 1.0)
        status = RK_ETOOFEW;
    if (status == RK_OK)
        status = correlate_each(data, &s, pairs, df, room, room + data->n);
    sample_free(&s);
    free(room);
    return status;
}
