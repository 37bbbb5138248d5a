/* What rep-corr sees of its data: long tails, cut off values and periods, cells that are not
 * missing at random. A look at every group, then a sentence for each rule that was met. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"
#include "repkit/quantile.h"

enum { MOST_COMPARED = 200 }; /* pairs of a group whose missing cells are looked at */

static bool worse(const struct column_look *a, const struct column_look *b)
{
    if (fmax(a->top, 0.2) != fmax(b->top, 0.2))
        return a->top > b->top;
    if (fmax(a->zeros, 0.2) != fmax(b->zeros, 0.2))
        return a->zeros > b->zeros;
    return fabs(a->skewness) > fabs(b->skewness);
}

static void look_at_column(const struct corr_group *group, size_t column, struct corr_data *data)
{
    struct column_look look;
    size_t n = group->row != NULL ? group->n_rows : group->table->n_rows;

    column_look(group->table->column[column].number, group->row, n, &look);
    data->heavy.n_checked++;
    data->cut.n_checked++;
    if (group->options->method == RK_PEARSON && column_is_heavy(&look) &&
        (data->heavy.n++ == 0 || worse(&look, &data->heavy.look))) {
        data->heavy.look = look;
        data->heavy.column = column;
    }
    if (column_is_cut(&look) && (data->cut.n++ == 0 || look.at_max > data->cut.look.at_max)) {
        data->cut.look = look;
        data->cut.column = column;
    }
}

static void keep_worst(const struct missing_look *look, double n_compared, size_t x, size_t y,
                       struct corr_missing *m)
{
    if (isnan(look->p_value))
        return;
    m->n_checked++;
    if (look->share > 0.05 && look->p_value < 0.05 / n_compared &&
        (m->n++ == 0 || look->p_value < m->look.p_value)) {
        m->look = *look;
        m->x = x;
        m->y = y;
    }
}

static enum rk_status look_by_unit(const struct corr_group *group, size_t x, double n_compared,
                                   struct corr_missing *m)
{
    const struct rk_column *column = group->table->column;
    struct missing_look look;
    enum rk_status status;

    if (group->id == SIZE_MAX)
        return RK_OK;
    status = column_missing_by_label(column[x].number, column[group->id].code, group->n_codes,
                                     group->table->n_rows, &look);
    if (status == RK_OK)
        keep_worst(&look, n_compared, x, SIZE_MAX, m);
    return status;
}

/* Each column once. */
static enum rk_status look_at_columns(const struct corr_group *group, struct corr_data *data)
{
    size_t n_columns = group->table->n_columns, n = 0;
    bool *used = calloc(n_columns + 1, sizeof *used);
    enum rk_status status = RK_OK;

    if (used == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < group->n_pairs; i++)
        used[group->pair[i].x] = used[group->pair[i].y] = true;
    for (size_t j = 0; j < n_columns; j++)
        n += used[j];
    for (size_t j = 0; status == RK_OK && j < n_columns; j++) {
        if (!used[j])
            continue;
        look_at_column(group, j, data);
        status = look_by_unit(group, j, (double)n, &data->by_unit);
    }
    free(used);
    return status;
}

/* Whether x is missing more often for some levels of y than for others. */
static enum rk_status look_at_missing(const struct corr_group *group, size_t x, size_t y,
                                      double n_compared, struct corr_missing *m)
{
    const struct rk_column *column = group->table->column;
    struct missing_look look;
    enum rk_status status =
        column_missing_by(column[x].number, column[y].number, group->table->n_rows, &look);

    if (status == RK_OK)
        keep_worst(&look, n_compared, x, y, m);
    return status;
}

/* The first or the last period has far fewer rows than is usual: a part of one, perhaps. */
static enum rk_status look_at_ends(const struct corr_group *group, struct corr_partial *p)
{
    size_t n = group->n_periods;
    double *count, *sorted, median;

    if (group->id == SIZE_MAX || group->period == NULL || n < 4)
        return RK_OK;
    count = calloc(2 * n, sizeof *count);
    if (count == NULL)
        return RK_ENOMEM;
    sorted = count + n;
    for (size_t k = 0; k < group->n_rows; k++)
        count[group->period[group->row[k]]]++;
    memcpy(sorted, count, n * sizeof *sorted);
    rk_sort(sorted, n);
    median = rk_quantile_sorted(sorted, n, 0.5, 7);
    for (size_t end = 0; end < 2 && median >= 4.0; end++) {
        double here = count[end == 0 ? 0 : n - 1];

        if (!(here < 0.5 * median) || (p->usual > 0.0 && here / median >= p->rows / p->usual))
            continue;
        *p = (struct corr_partial){.rows = here, .usual = median, .last = end == 1};
    }
    free(count);
    return RK_OK;
}

enum rk_status corr_data_look(const struct corr_group *group, struct corr_data *data)
{
    enum rk_status status = look_at_columns(group, data);
    size_t n_lag = 0, compared = 0;

    if (status == RK_OK)
        status = look_at_ends(group, &data->partial);
    for (size_t i = 0; i < group->n_pairs; i++)
        n_lag += group->pair[i].lag == group->nearest;
    n_lag = n_lag < MOST_COMPARED ? n_lag : MOST_COMPARED;
    for (size_t i = 0; status == RK_OK && i < group->n_pairs && compared < n_lag; i++) {
        const struct corr_pair *pair = &group->pair[i];

        if (pair->lag != group->nearest || pair->x2 != SIZE_MAX)
            continue;
        compared++;
        status = look_at_missing(group, pair->x, pair->y, 2.0 * (double)n_lag, &data->missing);
        if (status == RK_OK)
            status = look_at_missing(group, pair->y, pair->x, 2.0 * (double)n_lag, &data->missing);
    }
    return status;
}

static void add_missing(struct corr_missing *m, const struct corr_missing *further)
{
    struct corr_missing sum =
        further->n > 0 && (m->n == 0 || further->look.p_value < m->look.p_value) ? *further : *m;

    sum.n_checked = m->n_checked + further->n_checked;
    sum.n = m->n + further->n;
    *m = sum;
}

/* The first of equals stays, as it would group by group. */
void corr_data_add(struct corr_data *data, const struct corr_data *further)
{
    struct corr_data sum = *data;
    const struct corr_data *f = further;

    if (f->heavy.n > 0 && (sum.heavy.n == 0 || worse(&f->heavy.look, &sum.heavy.look)))
        sum.heavy = f->heavy;
    if (f->cut.n > 0 && (sum.cut.n == 0 || f->cut.look.at_max > sum.cut.look.at_max))
        sum.cut = f->cut;
    add_missing(&sum.missing, &f->missing);
    add_missing(&sum.by_unit, &f->by_unit);
    if (f->partial.usual > 0.0 &&
        (sum.partial.usual == 0.0 ||
         f->partial.rows / f->partial.usual < sum.partial.rows / sum.partial.usual))
        sum.partial = f->partial;
    sum.heavy.n_checked = data->heavy.n_checked + f->heavy.n_checked;
    sum.heavy.n = data->heavy.n + f->heavy.n;
    sum.cut.n_checked = data->cut.n_checked + f->cut.n_checked;
    sum.cut.n = data->cut.n + f->cut.n;
    *data = sum;
}

/* --- the sentences ---------------------------------------------------------------------------- */

static void warn_column(const struct rk_table *table, const struct corr_columns_seen *seen,
                        enum rk_warning_code code, struct rk_result *result)
{
    const char *name;
    struct rk_text text = {0};

    if (seen->n == 0)
        return;
    name = table->column[seen->column].name;
    if (seen->n_checked > 1 && code == RK_WARN_HEAVY_TAIL)
        rk_text_format(&text,
                       "%zu of %zu columns %s a long tail or many zeros, by which Pearson's r is "
                       "moved%s",
                       seen->n, seen->n_checked, seen->n == 1 ? "has" : "have",
                       seen->n == 1 ? ": " : ", most of all ");
    else if (seen->n_checked > 1)
        rk_text_format(&text, "%zu of %zu columns may be cut off%s", seen->n, seen->n_checked,
                       seen->n == 1 ? ": " : ", most of all ");
    if (code == RK_WARN_HEAVY_TAIL)
        column_say_heavy(&seen->look, name, &text);
    else
        column_say_cut(&seen->look, name, &text);
    rk_warn_text(result, code, &text);
}

static void warn_partial(const struct rk_corr_options *options, const struct corr_partial *p,
                         struct rk_result *result)
{
    if (p->usual > 0.0)
        rk_warn(
            result, RK_WARN_CENSORING,
            "The %s period of '%s' has %.0f rows where others have %.0f: if it is not complete, "
            "leave it out with --where",
            p->last ? "last" : "first", options->time, p->rows, p->usual);
}

static void warn_missing(const struct rk_table *table, const struct rk_corr_options *options,
                         const struct corr_missing *m, struct rk_result *result)
{
    struct rk_text text = {0};

    if (m->n == 0)
        return;
    rk_text_format(&text, "'%s' is missing in %.0f%% of the rows, ", table->column[m->x].name,
                   100.0 * m->look.share);
    if (m->y == SIZE_MAX)
        rk_text_format(&text, "more often for some %ss than for others", options->id);
    else
        column_say_missing(&m->look, table->column[m->y].name, &text);
    if (m->n > 1)
        rk_text_format(&text, " (and %zu more %s)", m->n - 1,
                       m->y == SIZE_MAX ? "columns likewise" : "pairs likewise");
    rk_warn_text(result, RK_WARN_MISSING_NOT_RANDOM, &text);
}

void corr_data_warn(const struct rk_table *table, const struct rk_corr_options *options,
                    const struct corr_data *data, struct rk_result *result)
{
    warn_column(table, &data->heavy, RK_WARN_HEAVY_TAIL, result);
    warn_column(table, &data->cut, RK_WARN_CENSORING, result);
    warn_partial(options, &data->partial, result);
    warn_missing(table, options, &data->missing, result);
    warn_missing(table, options, &data->by_unit, result);
}
