/* What the cells of a column are, and how they become numbers, times or codes. */
#include "csv_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- missing ------------------------------------------------------------------------------ */

static bool is_extra_missing(const struct rk_csv_options *options, const char *cell, size_t length)
{
    for (size_t i = 0; i < options->na.n; i++)
        if (strlen(options->na.name[i]) == length &&
            strncasecmp(options->na.name[i], cell, length) == 0)
            return true;
    return false;
}

/* --- deciding ----------------------------------------------------------------------------- */

static void remember(char *to, size_t size, const char *cell, size_t length)
{
    if (to[0] == '\0' && length < size)
        memcpy(to, cell, length); /* zero-initialised: ends in NUL */
}

static void sniff_date(struct csv_target *target, const char *cell, size_t length)
{
    enum rk_date_order shown = rk_date_order_shown(cell, length);
    enum rk_time_kind kind;
    int64_t ordinal;

    if (shown == RK_ORDER_DMY)
        remember(target->dmy_cell, sizeof target->dmy_cell, cell, length);
    else if (shown == RK_ORDER_MDY)
        remember(target->mdy_cell, sizeof target->mdy_cell, cell, length);
    else if (rk_time_read(cell, length, RK_ORDER_UNKNOWN, &kind, &ordinal) != RK_READ_OK &&
             rk_time_read(cell, length, RK_ORDER_DMY, &kind, &ordinal) == RK_READ_OK)
        remember(target->slashed_cell, sizeof target->slashed_cell, cell, length);
}

void csv_sniff(struct csv_target *target, const struct rk_csv_options *options, const char *cell,
               size_t length)
{
    struct rk_number_marks marks;
    enum rk_time_kind kind;
    int64_t ordinal;
    double value;
    enum rk_reading reading;

    if (target->role == RK_AS_NUMBER || target->role == RK_AS_LABEL)
        return; /* decided already */
    reading = rk_number_read(cell, length, options->decimal, &value, &marks);
    if (reading == RK_READ_MISSING || is_extra_missing(options, cell, length))
        return;
    target->n_seen++;
    /* A comma where --decimal , is wanted still makes a column of numbers, so that the cell is
     * refused later and does not turn the column into text. */
    if (reading == RK_READ_OK || marks.comma) {
        target->n_numbers++;
        return;
    }
    if (rk_time_read(cell, length, RK_ORDER_DMY, &kind, &ordinal) == RK_READ_OK ||
        rk_time_read(cell, length, RK_ORDER_MDY, &kind, &ordinal) == RK_READ_OK)
        target->n_times++;
    sniff_date(target, cell, length);
}

static enum rk_status decide_date_order(struct csv_target *target, struct rk_error *error)
{
    if (target->date_order != RK_ORDER_UNKNOWN)
        return RK_OK;
    if (target->dmy_cell[0] != '\0' && target->mdy_cell[0] != '\0')
        return rk_fail(error, RK_EINPUT,
                       "'%s' has the day first and '%s' the month: the dates are mixed (see "
                       "--date-order)",
                       target->dmy_cell, target->mdy_cell);
    if (target->dmy_cell[0] != '\0')
        target->date_order = RK_ORDER_DMY;
    else if (target->mdy_cell[0] != '\0')
        target->date_order = RK_ORDER_MDY;
    else if (target->slashed_cell[0] != '\0')
        return rk_fail(error, RK_EINPUT,
                       "'%s' may have the day or the month first, and no other cell tells (see "
                       "--date-order)",
                       target->slashed_cell);
    return RK_OK;
}

enum rk_status csv_decide(struct csv_target *target, const char *name, struct rk_table *table,
                          struct rk_error *error)
{
    static const enum rk_type type_of[] = {
        [RK_AS_NUMBER] = RK_NUMBER, [RK_AS_LABEL] = RK_TEXT, [RK_AS_TIME] = RK_TIME};
    enum rk_status status = RK_OK;

    /* Nine in ten make the type; the tenth is then an error that the user hears of. */
    if (target->role == RK_AS_FOUND)
        target->role = 10 * target->n_numbers >= 9 * target->n_seen ? RK_AS_NUMBER
                       : 10 * target->n_times >= 9 * target->n_seen ? RK_AS_TIME
                                                                    : RK_AS_LABEL;
    if (target->role == RK_AS_TIME)
        status = decide_date_order(target, error);
    if (status != RK_OK) {
        rk_fail_at(error, table->name, 0, name);
        return status;
    }
    target->table_column = table->n_columns;
    status = rk_table_add_column(table, name, type_of[target->role], RK_GENERAL);
    return status == RK_OK ? RK_OK : rk_fail_memory(error);
}

/* --- storing ------------------------------------------------------------------------------ */

/* The cell for a message: cut to a readable length. */
static void quote_cell(char *out, size_t size, const char *cell, size_t length)
{
    size_t shown = length < 40 ? length : 40;

    while (shown < length && shown > 0 && ((unsigned char)cell[shown] & 0xc0) == 0x80)
        shown--; /* not in the middle of a character */
    snprintf(out, size, "%.*s%s", (int)shown, cell, shown < length ? "..." : "");
}

static enum rk_status bad_number(const struct rk_csv_options *options, const char *cell,
                                 size_t length, bool comma, struct rk_error *error)
{
    char shown[64];

    quote_cell(shown, sizeof shown, cell, length);
    if (comma && options->decimal == '.')
        return rk_fail(error, RK_EINPUT,
                       "'%s' has a comma: a decimal mark or a separator? (see --decimal)", shown);
    return rk_fail(error, RK_EINPUT, "'%s' is not a number (see --on-bad, --na)", shown);
}

/* Refuses percents beside plain numbers and a second currency. */
static enum rk_status check_marks(struct csv_target *target, const struct rk_number_marks *marks,
                                  size_t line, struct rk_error *error)
{
    size_t *seen = marks->percent ? &target->percent_line : &target->plain_line;

    if (*seen == 0)
        *seen = line;
    if (target->percent_line != 0 && target->plain_line != 0)
        return rk_fail(error, RK_EINPUT,
                       "percents (line %zu) and plain numbers (line %zu) in one column",
                       target->percent_line, target->plain_line);
    if (marks->currency[0] == '\0')
        return RK_OK;
    if (target->currency_line == 0) {
        target->currency_line = line;
        memcpy(target->currency, marks->currency, sizeof target->currency);
    } else if (strcmp(target->currency, marks->currency) != 0) {
        return rk_fail(error, RK_EINPUT, "two currencies in one column: %s (line %zu) and %s",
                       target->currency, target->currency_line, marks->currency);
    }
    return RK_OK;
}

static enum rk_status store_number(struct csv_target *target, const struct rk_csv_options *options,
                                   const char *cell, size_t length, size_t line,
                                   struct rk_table *table, struct rk_error *error)
{
    struct rk_number_marks marks;
    double value = NAN;
    enum rk_reading reading = rk_number_read(cell, length, options->decimal, &value, &marks);
    enum rk_status status = RK_OK;

    if (reading == RK_READ_OK && marks.comma && options->delimiter == ';' &&
        options->decimal == '.')
        reading = RK_READ_BAD;
    if (reading == RK_READ_OK) {
        status = check_marks(target, &marks, line, error);
    } else {
        value = NAN;
        if (reading == RK_READ_BAD && !options->bad_is_missing)
            status = bad_number(options, cell, length, marks.comma, error);
        table->n_bad += reading == RK_READ_BAD;
    }
    rk_table_set_number(table, table->n_rows - 1, target->table_column, value);
    return status;
}

static bool is_count(enum rk_time_kind kind)
{
    return kind == RK_TIME_YEAR || kind == RK_TIME_INTEGER;
}

static enum rk_status store_time(struct csv_target *target, const struct rk_csv_options *options,
                                 const char *cell, size_t length, struct rk_table *table,
                                 struct rk_error *error)
{
    struct rk_column *column = &table->column[target->table_column];
    enum rk_time_kind kind = RK_TIME_NONE;
    int64_t ordinal = 0;
    enum rk_reading reading = rk_time_read(cell, length, target->date_order, &kind, &ordinal);
    char shown[64];

    quote_cell(shown, sizeof shown, cell, length);
    if (reading == RK_READ_BAD && !options->bad_is_missing)
        return rk_fail(
            error, RK_EINPUT,
            "'%s' is not a date, a period or a whole number (see --date-order, --on-bad)", shown);
    table->n_bad += reading == RK_READ_BAD;
    if (reading != RK_READ_OK)
        return RK_OK;
    if (column->time_kind == RK_TIME_NONE)
        column->time_kind = kind;
    else if (is_count(column->time_kind) && is_count(kind) && kind != column->time_kind)
        column->time_kind = RK_TIME_INTEGER; /* 1899, 1900: whole numbers after all */
    else if (column->time_kind != kind)
        return rk_fail(
            error, RK_EINPUT, "'%s' is not of the same kind as the cells before it (%s)", shown,
            is_count(column->time_kind) ? "whole numbers" : rk_time_kind_name(column->time_kind));
    rk_table_set_number(table, table->n_rows - 1, target->table_column, (double)ordinal);
    return RK_OK;
}

enum rk_status csv_store(struct csv_target *target, const struct rk_csv_options *options,
                         const char *cell, size_t length, size_t line, struct rk_table *table,
                         struct rk_error *error)
{
    struct rk_column *column = &table->column[target->table_column];

    if (length == 0 || (options->na.n > 0 && is_extra_missing(options, cell, length)))
        return RK_OK; /* a new row is of missing values */
    if (target->role == RK_AS_NUMBER)
        return store_number(target, options, cell, length, line, table, error);
    if (target->role == RK_AS_TIME)
        return store_time(target, options, cell, length, table, error);
    column->code[table->n_rows - 1] = rk_dict_code(column->dict, cell, length);
    return column->code[table->n_rows - 1] == RK_NO_CODE ? rk_fail_memory(error) : RK_OK;
}
