/* Values: imputation, outliers, the summary. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"

static bool is_imputed(const struct clean *clean, const struct clean_column *column, size_t row)
{
    return column->out_imputed != SIZE_MAX &&
           clean->out->column[column->out_imputed].number[row] == 1.0;
}

/* The values of a number column that were not filled in, into x; returns how many. */
static size_t gather(const struct clean *clean, const struct clean_column *column, double *x)
{
    const double *number = clean->out->column[column->out].number;
    size_t n = 0;

    for (size_t i = 0; i < clean->n_rows; i++)
        if (!isnan(number[i]) && !is_imputed(clean, column, i))
            x[n++] = number[i];
    return n;
}

/* --- imputation ---------------------------------------------------------------------------------
 */

static double fill_value(int how, double *x, size_t n)
{
    const double half = 0.5;
    double median = NAN;

    if (how == IMPUTE_ZERO)
        return 0.0;
    if (n == 0)
        return NAN;
    if (how == IMPUTE_MEAN)
        return rk_moments_of(x, n).mean;
    rk_quantiles(x, n, &half, 1, 7, &median);
    return median;
}

/* Writes a mark, 0 or 1. A mark that an earlier run left stays as it is where nothing is filled. */
static void mark(struct clean *clean, const struct clean_column *column, size_t row, bool filled)
{
    struct rk_column *marks = &clean->out->column[column->out_imputed];

    if (!filled && !isnan(marks->number[row]))
        return;
    marks->number[row] = filled;
    marks->code[row] = RK_NO_CODE;
}

static void carry_forward(struct clean *clean, const struct clean_column *column)
{
    struct rk_column *out = &clean->out->column[column->out];
    size_t last = SIZE_MAX;

    for (size_t i = 0; i < clean->n_rows; i++) {
        bool missing = rk_table_is_missing(clean->out, i, column->out);

        if (missing && last != SIZE_MAX) {
            out->code[i] = out->code[last];
            if (out->type != RK_TEXT)
                out->number[i] = out->number[last];
        }
        if (!missing)
            last = i;
        mark(clean, column, i, missing && last != SIZE_MAX);
    }
}

enum rk_status clean_impute(struct clean *clean, struct clean_column *column)
{
    struct rk_column *out = &clean->out->column[column->out];
    double *x, value;

    if (column->impute == IMPUTE_NONE)
        return RK_OK;
    if (column->impute == IMPUTE_LOCF) {
        carry_forward(clean, column);
        return RK_OK;
    }
    if (out->type != RK_NUMBER) {
        rk_fail(clean->error, RK_EINPUT, "--impute: is not a column of numbers (locf takes any)");
        return rk_fail_at(clean->error, clean->table->name, 0, column->name);
    }
    x = malloc((clean->n_rows + 1) * sizeof *x);
    if (x == NULL)
        return rk_fail_memory(clean->error);
    value = fill_value(column->impute, x, gather(clean, column, x));
    free(x);
    for (size_t i = 0; i < clean->n_rows; i++) {
        bool fill = isnan(out->number[i]) && !isnan(value);

        if (fill)
            out->number[i] = value;
        mark(clean, column, i, fill);
    }
    return RK_OK;
}

/* --- outliers
 * -------------------------------------------------------------------------------------- */

enum { FEWEST = 5 };
static const double fence_reach = 1.5, highest_z = 3.5;

struct spread {
    double low, high;   /* the fences; infinite where the quartiles are the same */
    double median, mad; /* mad is 0 where more than half of the values are the same */
};

/* x is spent: distances stand in it then. */
static enum rk_status measure(double *x, size_t n, struct spread *spread)
{
    static const double p[] = {0.25, 0.5, 0.75};
    const double half = 0.5;
    double q[3], mad = 0.0, iqr;
    enum rk_status status = rk_quantiles_of(x, n, p, 3, 7, q);

    for (size_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - q[1]);
    if (status == RK_OK)
        status = rk_quantiles_of(x, n, &half, 1, 7, &mad);
    if (status != RK_OK)
        return status;
    iqr = q[2] - q[0];
    spread->low = iqr > 0.0 ? q[0] - fence_reach * iqr : -INFINITY;
    spread->high = iqr > 0.0 ? q[2] + fence_reach * iqr : INFINITY;
    spread->median = q[1];
    spread->mad = 1.4826 * mad; /* R's constant */
    return RK_OK;
}

/* Both rules must hold: either alone flags a quarter of a column in which half of the values are
 * nearly the same. */
static void judge_value(struct clean *clean, size_t column, size_t row, double value,
                        const struct spread *spread)
{
    double z = spread->mad > 0.0 ? fabs(value - spread->median) / spread->mad : INFINITY;
    struct rk_text cell = {0}, why = {0};

    if ((value >= spread->low && value <= spread->high) || !(z > highest_z))
        return;
    rk_table_cell(clean->out, row, clean->column[column].out, &cell);
    rk_text_rounded(&why, spread->low, 4);
    rk_text_add(&why, " to ");
    rk_text_rounded(&why, spread->high, 4);
    if (isfinite(z)) {
        rk_text_add(&why, ", robust z ");
        rk_text_rounded(&why, z, 3);
    }
    if (cell.failed || why.failed)
        clean->status = RK_ENOMEM;
    else
        clean_find(clean, CLEAN_OUTLIER, rk_table_line(clean->table, clean->row[row]),
                   (uint32_t)column, cell.bytes, cell.length, "kept: beyond the fences %s",
                   why.bytes);
    rk_text_free(&cell);
    rk_text_free(&why);
}

enum rk_status clean_outliers(struct clean *clean, size_t column)
{
    const struct clean_column *c = &clean->column[column];
    const double *number = clean->out->column[c->out].number;
    struct spread spread;
    double *x;
    size_t n;
    enum rk_status status = RK_OK;

    if (c->type != CLEAN_NUMBER)
        return RK_OK;
    x = malloc((clean->n_rows + 1) * sizeof *x);
    if (x == NULL)
        return rk_fail_memory(clean->error);
    n = gather(clean, c, x);
    if (n >= FEWEST)
        status = measure(x, n, &spread);
    free(x);
    if (n < FEWEST || status != RK_OK)
        return status;
    for (size_t i = 0; i < clean->n_rows; i++)
        if (!isnan(number[i]) && !is_imputed(clean, c, i))
            judge_value(clean, column, i, number[i], &spread);
    return clean->status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}

/* --- the summary
 * -------------------------------------------------------------------------------------- */

enum { COLUMN, TYPE, N, N_MISSING, N_BAD, N_DISTINCT, MIN, MAX, EXAMPLE };

/* How many different values the labels have, and the lowest and highest. */
static enum rk_status count_distinct(const struct clean *clean, const struct clean_column *column,
                                     double *low, double *high, size_t *n_distinct)
{
    double *x = malloc((column->n_labels + 1) * sizeof *x);
    bool by_text = clean_is_by_text(column);
    size_t n = 0;

    if (x == NULL)
        return rk_fail_memory(clean->error);
    for (size_t k = 0; k < column->n_labels; k++) {
        const struct clean_label *label = &column->label[k];

        if (label->count == 0 || label->out == RK_NO_CODE)
            continue;
        x[n++] = by_text ? (double)label->out : label->value;
        *low = n == 1 || label->value < *low ? label->value : *low;
        *high = n == 1 || label->value > *high ? label->value : *high;
    }
    rk_sort(x, n);
    *n_distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        *n_distinct += x[i] != x[i - 1];
    free(x);
    return RK_OK;
}

static void put_value(struct clean *clean, size_t table, size_t field,
                      const struct clean_column *column, double value)
{
    struct rk_text cell = {0};
    char time[32];

    if (column->type == CLEAN_TEXT || isnan(value))
        return;
    if (column->type == CLEAN_DATE)
        rk_text_add_bytes(&cell, time, rk_time_format(column->kind, (int64_t)value, time));
    else
        rk_text_number(&cell, value);
    if (cell.failed)
        clean->status = RK_ENOMEM;
    else
        rk_put_text(clean->result, table, field, cell.bytes);
    rk_text_free(&cell);
}

static void put_example(struct clean *clean, size_t table, const struct clean_column *column)
{
    struct rk_text cell = {0}, shown = {0};
    size_t i = 0;

    while (i < clean->n_rows &&
           (rk_table_is_missing(clean->out, i, column->out) || is_imputed(clean, column, i)))
        i++;
    if (i == clean->n_rows)
        return;
    rk_table_cell(clean->out, i, column->out, &cell);
    clean_shorten(cell.bytes == NULL ? "" : cell.bytes, cell.length, &shown);
    if (cell.failed || shown.failed)
        clean->status = RK_ENOMEM;
    else
        rk_put_text(clean->result, table, EXAMPLE, shown.bytes);
    rk_text_free(&cell);
    rk_text_free(&shown);
}

static enum rk_status summarise(struct clean *clean, size_t table,
                                const struct clean_column *column)
{
    static const char *const types[] = {"text", "number", "date"};
    double low = NAN, high = NAN;
    size_t n = 0, n_bad = 0, n_distinct = 0;
    enum rk_status status = count_distinct(clean, column, &low, &high, &n_distinct);

    if (status != RK_OK)
        return status;
    for (size_t k = 0; k < column->n_labels; k++) {
        const struct clean_label *label = &column->label[k];

        n += label->out != RK_NO_CODE ? label->count : 0;
        n_bad += (label->flags & LABEL_BAD) ? label->count : 0;
    }
    rk_result_row(clean->result, table);
    rk_put_text(clean->result, table, COLUMN, column->out_name);
    rk_put_text(clean->result, table, TYPE, types[column->type]);
    rk_put(clean->result, table, N, (double)n);
    rk_put(clean->result, table, N_MISSING, (double)(clean->n_rows - n - n_bad));
    rk_put(clean->result, table, N_BAD, (double)n_bad);
    rk_put(clean->result, table, N_DISTINCT, (double)n_distinct);
    put_value(clean, table, MIN, column, low);
    put_value(clean, table, MAX, column, high);
    put_example(clean, table, column);
    return clean->status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}

enum rk_status clean_summary(struct clean *clean, size_t table)
{
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++)
        status = summarise(clean, table, &clean->column[j]);
    return status;
}
