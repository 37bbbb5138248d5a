#include "csv_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "plain_day.h"

/* --- missing ------------------------------------------------------------------------------ */

static bool is_extra_missing(const struct rk_csv_options *options, const char *cell, size_t length)
{
    for (size_t i = 0; i < options->na.n; i++)
        if (strlen(options->na.name[i]) == length &&
            strncasecmp(options->na.name[i], cell, length) == 0)
            return true;
    return false;
}

/* --- words -------------------------------------------------------------------------------- */

/* The cell for a message: cut to a readable length. */
static void quote_cell(char *out, size_t size, const char *cell, size_t length)
{
    size_t shown = length < 40 ? length : 40;

    while (shown < length && shown > 0 && ((unsigned char)cell[shown] & 0xc0) == 0x80)
        shown--; /* not in the middle of a character */
    snprintf(out, size, "%.*s%s", (int)shown, cell, shown < length ? "..." : "");
}

static void show(struct csv_shown *shown, size_t line, const char *cell, size_t length)
{
    if (shown->line != 0)
        return;
    shown->line = line;
    quote_cell(shown->text, sizeof shown->text, cell, length);
}

/* --- deciding ----------------------------------------------------------------------------- */

/* A day of a year that only the Jalali calendar would have here. */
static bool is_early_day(const char *cell, size_t length, enum rk_date_order order)
{
    enum rk_time_kind kind;
    int64_t ordinal;

    return rk_time_read_in(RK_JALALI, cell, length, order, &kind, &ordinal) == RK_READ_OK &&
           kind == RK_TIME_DAY;
}

/* Whether it is a time in either calendar: one that is not asked for is refused later. */
static bool may_be_time(const char *cell, size_t length)
{
    static const enum rk_date_order orders[] = {RK_ORDER_DMY, RK_ORDER_MDY};
    enum rk_time_kind kind;
    int64_t ordinal;

    for (size_t i = 0; i < 2; i++)
        if (rk_time_read(cell, length, orders[i], &kind, &ordinal) == RK_READ_OK ||
            is_early_day(cell, length, orders[i]))
            return true;
    return false;
}

bool csv_is_open(const struct csv_target *target)
{
    return target->role == RK_AS_FOUND || target->role == RK_AS_NUMBER_OR_LABEL;
}

void csv_sniff(struct csv_target *target, const struct rk_csv_options *options, const char *cell,
               size_t length, size_t line)
{
    struct rk_number_marks marks;
    double value;
    enum rk_reading reading;

    if (!csv_is_open(target))
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
    show(&target->other, line, cell, length);
    if (may_be_time(cell, length))
        target->n_times++;
}

bool csv_decide(struct csv_target *target)
{
    /* Nine in ten make the type; the tenth is then an error that the user hears of. */
    if (target->role == RK_AS_FOUND)
        target->role = 10 * target->n_numbers >= 9 * target->n_seen ? RK_AS_NUMBER
                       : 10 * target->n_times >= 9 * target->n_seen ? RK_AS_TIME
                                                                    : RK_AS_LABEL;
    else if (target->role == RK_AS_NUMBER_OR_LABEL)
        target->role = target->n_seen > 0 && 10 * target->n_numbers <= target->n_seen
                           ? RK_AS_LABEL
                           : RK_AS_NUMBER;
    return !target->only_numbers || target->role == RK_AS_NUMBER;
}

bool csv_is_mixed(const struct csv_target *target)
{
    return target->asked && target->role == RK_AS_LABEL && target->n_seen > 0 &&
           2 * target->n_numbers >= target->n_seen;
}

enum rk_type csv_type(const struct csv_target *target)
{
    return target->role == RK_AS_NUMBER ? RK_NUMBER
           : target->role == RK_AS_TIME ? RK_TIME
                                        : RK_TEXT;
}

/* --- numbers ------------------------------------------------------------------------------ */

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

static void remember_marks(struct csv_memory *memory, const struct rk_number_marks *marks,
                           size_t line)
{
    size_t *first = marks->percent ? &memory->percent_line : &memory->plain_line;
    size_t length = strlen(marks->currency);

    if (*first == 0)
        *first = line;
    if (length == 0)
        return;
    show(&memory->currency, line, marks->currency, length);
    if (strcmp(memory->currency.text, marks->currency) != 0)
        show(&memory->other_currency, line, marks->currency, length);
}

static enum rk_status store_number(const struct rk_csv_options *options, const char *cell,
                                   size_t length, size_t row, size_t line, struct csv_cells *cells,
                                   struct rk_error *error)
{
    struct rk_number_marks marks;
    double value = NAN;
    enum rk_reading reading = rk_number_read(cell, length, options->decimal, &value, &marks);

    if (reading == RK_READ_OK && marks.comma && options->delimiter == ';' &&
        options->decimal == '.')
        reading = RK_READ_BAD;
    if (reading == RK_READ_OK)
        remember_marks(&cells->memory, &marks, line);
    cells->memory.n_bad += reading == RK_READ_BAD;
    cells->number[row] = reading == RK_READ_OK ? value : NAN;
    return reading == RK_READ_BAD && !options->bad_is_missing
               ? bad_number(options, cell, length, marks.comma, error)
               : RK_OK;
}

/* --- times -------------------------------------------------------------------------------- */

static bool is_count(enum rk_time_kind kind)
{
    return kind == RK_TIME_YEAR || kind == RK_TIME_INTEGER;
}

/* 1899 and 1900 are whole numbers after all, though one might be a year. */
static bool go_together(enum rk_time_kind a, enum rk_time_kind b)
{
    return a == b || (is_count(a) && is_count(b));
}

static void remember_kind(struct csv_memory *memory, enum rk_time_kind kind, const char *cell,
                          size_t length, size_t line)
{
    if (memory->kind == RK_TIME_NONE) {
        memory->kind = kind;
        show(&memory->first_time, line, cell, length);
    } else if (!go_together(memory->kind, kind)) {
        show(&memory->other_kind, line, cell, length);
    } else if (kind != memory->kind) {
        memory->kind = RK_TIME_INTEGER;
    }
}

static enum rk_status bad_time(const struct rk_csv_options *options, const char *cell,
                               size_t length, struct rk_error *error)
{
    char shown[64];

    quote_cell(shown, sizeof shown, cell, length);
    if (options->calendar == RK_JALALI)
        return rk_fail(error, RK_EINPUT,
                       "'%s' is not a Jalali date of 1210 to 1500 or a whole number (see "
                       "--calendar, --date-order, --on-bad)",
                       shown);
    if (is_early_day(cell, length, RK_ORDER_DMY) || is_early_day(cell, length, RK_ORDER_MDY))
        return rk_fail(error, RK_EINPUT, "'%s' is a day before the year 1900 (see --calendar)",
                       shown);
    return rk_fail(error, RK_EINPUT,
                   "'%s' is not a date, a period or a whole number (see --date-order, --on-bad)",
                   shown);
}

/* Whether the cell is a date with the year last whose order nothing tells. It is stored as one with
 * the day first, half a day late: that marks it until the whole column is known. */
static bool read_either(const struct rk_csv_options *options, struct csv_memory *memory,
                        const char *cell, size_t length, size_t line, int64_t *days)
{
    enum rk_time_kind kind;

    if (options->date_order != RK_ORDER_UNKNOWN ||
        rk_time_read_in(options->calendar, cell, length, RK_ORDER_DMY, &kind, days) != RK_READ_OK)
        return false;
    if (memory->either.line == 0)
        show(&memory->either, line, cell, length);
    else if (strlen(memory->either.text) != length ||
             memcmp(memory->either.text, cell, length) != 0)
        show(&memory->either_again, line, cell, length);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void remember_order(struct csv_memory *memory, const char *cell, size_t length, size_t line)
{
    enum rk_date_order order;

    /* The year comes first: the usual case. */
    if (length > 2 && is_digit(cell[0]) && is_digit(cell[1]) && is_digit(cell[2]))
        return;
    order = rk_date_order_shown(cell, length);
    if (order == RK_ORDER_DMY)
        show(&memory->day_first, line, cell, length);
    else if (order == RK_ORDER_MDY)
        show(&memory->month_first, line, cell, length);
}

static enum rk_status store_time(const struct rk_csv_options *options, const char *cell,
                                 size_t length, size_t row, size_t line, struct csv_cells *cells,
                                 struct rk_error *error)
{
    struct csv_memory *memory = &cells->memory;
    enum rk_time_kind kind = RK_TIME_NONE;
    int64_t ordinal = 0;
    enum rk_reading reading;

    if (options->calendar == RK_GREGORIAN && plain_day(cell, length, &ordinal)) {
        remember_kind(memory, RK_TIME_DAY, cell, length, line);
        cells->number[row] = (double)ordinal;
        return RK_OK;
    }
    reading =
        rk_time_read_in(options->calendar, cell, length, options->date_order, &kind, &ordinal);
    cells->number[row] = NAN;
    if (reading == RK_READ_BAD && read_either(options, memory, cell, length, line, &ordinal)) {
        remember_kind(memory, RK_TIME_DAY, cell, length, line);
        cells->number[row] = (double)ordinal + 0.5;
        return RK_OK;
    }
    memory->n_bad += reading == RK_READ_BAD;
    if (reading == RK_READ_BAD && !options->bad_is_missing)
        return bad_time(options, cell, length, error);
    if (reading != RK_READ_OK)
        return RK_OK;
    remember_kind(memory, kind, cell, length, line);
    if (options->date_order == RK_ORDER_UNKNOWN && kind == RK_TIME_DAY)
        remember_order(memory, cell, length, line);
    cells->number[row] = (double)ordinal;
    return RK_OK;
}

/* --- storing ------------------------------------------------------------------------------ */

void csv_store_missing(const struct csv_target *target, size_t row, struct csv_cells *cells)
{
    if (target->role == RK_AS_LABEL)
        cells->code[row] = RK_NO_CODE;
    else
        cells->number[row] = NAN;
}

enum rk_status csv_store(const struct csv_target *target, const struct rk_csv_options *options,
                         const char *cell, size_t length, size_t row, size_t line,
                         struct csv_cells *cells, struct rk_error *error)
{
    if (length == 0 || (options->na.n > 0 && is_extra_missing(options, cell, length))) {
        csv_store_missing(target, row, cells);
        return RK_OK;
    }
    if (target->role == RK_AS_NUMBER)
        return store_number(options, cell, length, row, line, cells, error);
    if (target->role == RK_AS_TIME)
        return store_time(options, cell, length, row, line, cells, error);
    cells->code[row] = rk_dict_code(cells->dict, cell, length);
    return cells->code[row] == RK_NO_CODE ? rk_fail_memory(error) : RK_OK;
}
