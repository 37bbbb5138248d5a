#include "plot_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- cells -------------------------------------------------------------------------------- */

enum rk_status plot_column(const struct plot *plot, const char *name, size_t *index)
{
    size_t found = rk_table_find(plot->table, name);

    if (found == SIZE_MAX)
        return rk_column_index(plot->table, name, RK_NUMBER, index, plot->error);
    *index = found;
    return RK_OK;
}

enum rk_status plot_text_column(const struct plot *plot, const char *name, size_t *index)
{
    size_t found = rk_table_find_typed(plot->table, name, RK_TEXT);

    if (found == SIZE_MAX)
        return plot_column(plot, name, index);
    *index = found;
    return RK_OK;
}

double plot_number(const struct plot *plot, size_t row, size_t column)
{
    const struct rk_column *c;

    if (column == PLOT_NO_COLUMN)
        return NAN;
    c = &plot->table->column[column];
    return c->type == RK_TEXT ? NAN : c->number[row];
}

void plot_add_cell(struct rk_text *out, const struct plot *plot, size_t row, size_t column)
{
    rk_table_cell(plot->table, row, column, out);
}

enum rk_status plot_rows(const struct plot *plot, const size_t *columns, size_t n_columns,
                         size_t **rows, size_t *n)
{
    size_t *kept = malloc((plot->table->n_rows + 1) * sizeof *kept);
    size_t n_kept = 0;

    if (kept == NULL)
        return rk_fail_memory(plot->error);
    for (size_t i = 0; i < plot->table->n_rows; i++) {
        bool complete = true;

        for (size_t j = 0; complete && j < n_columns; j++)
            complete = isfinite(plot_number(plot, i, columns[j]));
        if (complete)
            kept[n_kept++] = i;
    }
    if (n_kept == 0) {
        free(kept);
        return rk_fail(plot->error, RK_ENODATA, "no row has all the numbers to draw");
    }
    *rows = kept;
    *n = n_kept;
    return RK_OK;
}

void plot_add_level_name(struct rk_text *out, const char *column, const char *level)
{
    size_t sign = level[0] == '-' || level[0] == '+';

    if (level[sign] != '\0' && strspn(level + sign, "0123456789.") == strlen(level + sign))
        rk_text_format(out, "%s ", column);
    rk_text_add(out, level);
}

/* --- words -------------------------------------------------------------------------------- */

void plot_add_value(struct rk_text *out, double value)
{
    struct rk_text plain = {0};

    rk_text_rounded(&plain, value, 3);
    rk_picture_add_number(out, plain.failed ? "" : plain.bytes);
    out->failed |= plain.failed;
    rk_text_free(&plain);
}

/* What is not all is never shown as 100%, and what is not nothing never as 0%. */
void plot_add_percent(struct rk_text *out, double fraction)
{
    char plain[64];
    double percent = 100.0 * fraction;
    bool near_end = fabs(percent) < 10.0 || (percent > 99.0 && percent < 100.0);

    if (percent > 0.0 && percent < 0.05) {
        rk_text_add(out, "<0.1%");
        return;
    }
    if (percent >= 99.95 && percent < 100.0) {
        rk_text_add(out, ">99.9%");
        return;
    }
    snprintf(plain, sizeof plain, near_end ? "%.1f" : "%.0f", percent);
    rk_picture_add_number(out, plain);
    rk_text_add_char(out, '%');
}

void plot_add_count(struct rk_text *out, size_t count)
{
    char plain[32];

    rk_number_format((double)count, plain);
    rk_picture_add_number(out, plain);
}

void plot_add_level(struct rk_text *out, double conf_level)
{
    rk_text_format(out, "%.10g%%", 100.0 * conf_level);
}

/* Decimals that leave three digits to a value of this size, two below 1; where numbers grow beyond
 * what decimals can say, -1. */
static int decimals_for(double largest)
{
    double power = largest > 0.0 ? floor(log10(largest)) : 0.0;

    if (power > 14.0 || power < -6.0)
        return -1;
    return (int)fmax(0.0, power < 0.0 ? 1.0 - power : 2.0 - power);
}

static void add_fixed(struct rk_text *out, double value, int decimals, const char *unit)
{
    char plain[64];

    if (!isfinite(value)) {
        rk_text_add(out, "NA");
        return;
    }
    if (decimals < 0)
        snprintf(plain, sizeof plain, "%.3g", value);
    else
        snprintf(plain, sizeof plain, "%.*f", decimals, value);
    rk_picture_add_number(out, plain);
    rk_text_add(out, value != 0.0 || unit[0] == '%' ? unit : "");
}

/* Millions are shown as axes do: 5.24M [4.35M, 6.14M]. */
void plot_add_interval(struct rk_text *out, double estimate, double low, double high, bool percent)
{
    bool known = isfinite(low) && isfinite(high);
    double unit = percent ? 100.0 : 1.0;
    double largest = known ? fmax(fabs(low), fabs(high)) : 0.0;
    const char *suffix = percent ? "%" : "";
    int decimals;

    if (isfinite(estimate))
        largest = fmax(largest, fabs(estimate));
    if (!percent && largest >= 1e6 && largest < 1e13) {
        unit = largest >= 1e9 ? 1e-9 : 1e-6;
        suffix = largest >= 1e9 ? "bn" : "M";
    }
    decimals = decimals_for(unit * largest);
    if (percent && decimals > 0)
        decimals = unit * largest < 10.0 ? 1 : 0;
    add_fixed(out, unit * estimate, decimals, suffix);
    if (!known)
        return;
    rk_text_add(out, " [");
    add_fixed(out, unit * low, decimals, suffix);
    rk_text_add(out, ", ");
    add_fixed(out, unit * high, decimals, suffix);
    rk_text_add_char(out, ']');
}

const char *plot_words(const struct plot *plot, const struct rk_text *text)
{
    plot->picture->failed |= text->failed;
    return text->failed || text->length == 0 ? "" : text->bytes;
}

void plot_set(struct plot *plot, char **place, struct rk_text *text)
{
    plot->picture->failed |= text->failed;
    rk_picture_set(plot->picture, place, text->failed || text->length == 0 ? NULL : text->bytes);
    rk_text_clear(text);
}

void plot_title(struct plot *plot, struct rk_text *made)
{
    if (plot->options->title != NULL) {
        rk_text_clear(made);
        rk_text_add(made, plot->options->title);
    }
    plot_set(plot, &plot->picture->title, made);
}

struct rk_spot plot_spot(double x, double y)
{
    return (struct rk_spot){.x = x, .y = y, .low = NAN, .high = NAN, .value = NAN};
}

/* --- what a row is ------------------------------------------------------------------------ */

size_t *plot_label_columns(const struct plot *plot, size_t stop, const char *const *but, size_t *n)
{
    /* Numbers that tools print before their estimate. */
    static const char *const counts[] = {"n",   "n1",   "n2",    "n_units",   "mean1", "mean2",
                                         "raw", "base", "lag_n", "std_error", NULL};
    size_t *columns = malloc((stop + 1) * sizeof *columns);

    *n = 0;
    for (size_t j = 0; columns != NULL && j < stop; j++) {
        const char *name = plot->table->column[j].name;
        bool left_out = false;

        for (size_t k = 0; counts[k] != NULL; k++)
            left_out = left_out || strcmp(name, counts[k]) == 0;
        for (size_t k = 0; but != NULL && but[k] != NULL; k++)
            left_out = left_out || strcmp(name, but[k]) == 0;
        if (!left_out)
            columns[(*n)++] = j;
    }
    return columns;
}

enum rk_status plot_label_groups(const struct plot *plot, size_t stop, size_t **columns, size_t *n,
                                 struct rk_groups *groups)
{
    *columns = plot_label_columns(plot, stop, NULL, n);
    if (*columns == NULL || rk_groups_by(plot->table, *columns, *n, groups) != RK_OK)
        return rk_fail_memory(plot->error);
    return RK_OK;
}

static bool is_constant(const struct plot *plot, size_t column)
{
    struct rk_text first = {0}, other = {0};
    bool constant = true;

    plot_add_cell(&first, plot, 0, column);
    for (size_t i = 1; constant && i < plot->table->n_rows; i++) {
        rk_text_clear(&other);
        plot_add_cell(&other, plot, i, column);
        constant = first.length == other.length &&
                   (first.length == 0 || memcmp(first.bytes, other.bytes, first.length) == 0);
    }
    plot->picture->failed |= first.failed || other.failed;
    rk_text_free(&first);
    rk_text_free(&other);
    return constant;
}

void plot_split_constant(const struct plot *plot, size_t *columns, size_t *n, struct rk_text *same)
{
    size_t kept = 0;

    for (size_t k = 0; k < *n; k++) {
        struct rk_text cell = {0};

        if (!is_constant(plot, columns[k])) {
            columns[kept++] = columns[k];
            continue;
        }
        plot_add_cell(&cell, plot, 0, columns[k]);
        /* That nothing is lagged goes without saying. */
        if (strcmp(plot->table->column[columns[k]].name, "lag") == 0 &&
            plot_number(plot, 0, columns[k]) == 0.0)
            rk_text_clear(&cell);
        if (same != NULL && cell.length > 0)
            rk_text_format(same, "%s%s: %s", same->length == 0 ? "" : "; ",
                           plot->table->column[columns[k]].name, cell.bytes);
        plot->picture->failed |= cell.failed;
        rk_text_free(&cell);
    }
    *n = kept;
}
