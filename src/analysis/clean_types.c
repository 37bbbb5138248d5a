/* What a column is: nine cells in ten decide. What cannot be read without guessing is refused. */
#include <string.h>
#include <strings.h>

#include "clean_parts.h"

enum { N_KINDS = RK_TIME_INTEGER + 1, NONE = -1 };

/* What the cells of a column show, each label weighted by its rows; `first` are labels that show
 * it, or NONE. */
struct evidence {
    size_t n_seen, n_numbers, n_commas, n_times, n_dmy, n_mdy, n_unclear, n_early;
    long first_comma, first_other, first_ambiguous, first_grouped, first_percent, first_plain;
    long first_dmy, first_mdy, first_unclear, first_early;
    size_t n_kind[N_KINDS];
};

bool clean_is_na(const struct clean *clean, const struct clean_label *label)
{
    const struct rk_names *na = &clean->options->csv.na;

    for (size_t i = 0; i < na->n; i++)
        if (strlen(na->name[i]) == label->length &&
            strncasecmp(na->name[i], label->text, label->length) == 0)
            return true;
    return false;
}

enum clean_reading clean_read_number(const struct clean *clean, const struct clean_label *label,
                                     double *value, struct rk_number_marks *marks)
{
    const struct rk_csv_options *csv = &clean->options->csv;
    enum rk_reading reading =
        rk_number_read(label->text, label->length, csv->decimal, value, marks);

    if (reading == RK_READ_MISSING || clean_is_na(clean, label))
        return READ_MISSING;
    if (marks->comma && (reading == RK_READ_BAD || clean->table->delimiter == ';'))
        return READ_COMMA;
    return reading == RK_READ_OK ? READ_NUMBER : READ_BAD;
}

size_t clean_first_line(const struct clean *clean, const struct clean_column *column, size_t label)
{
    for (size_t i = 0; i < clean->table->n_rows; i++)
        if (column->raw->code[i] == (uint32_t)label)
            return rk_table_line(clean->table, i);
    return 0;
}

/* --- evidence ------------------------------------------------------------------------------- */

static void note(long *first, size_t label)
{
    if (*first == NONE)
        *first = (long)label;
}

static void see_number(const struct clean *clean, const struct clean_label *label, size_t k,
                       const struct rk_number_marks *marks, struct evidence *e)
{
    double ignored;

    e->n_numbers += label->count;
    note(marks->percent ? &e->first_percent : &e->first_plain, k);
    if (!marks->comma)
        return;
    /* 1,500 may be one and a half where a comma is the decimal mark; 1,234.5 may not. */
    if (clean->options->csv.decimal == '.' &&
        rk_number_read(label->text, label->length, ',', &ignored, NULL) == RK_READ_OK)
        note(&e->first_ambiguous, k);
    else
        note(&e->first_grouped, k);
}

enum rk_reading clean_read_time(const struct clean *clean, const struct clean_label *label,
                                enum rk_date_order order, enum rk_time_kind *kind, int64_t *ordinal)
{
    return rk_time_read_in(clean->options->csv.calendar, label->text, label->length, order, kind,
                           ordinal);
}

/* A day of a year that only the Jalali calendar would have here. */
static bool is_early_day(const struct clean_label *label)
{
    static const enum rk_date_order orders[] = {RK_ORDER_DMY, RK_ORDER_MDY};
    enum rk_time_kind kind;
    int64_t ordinal;

    for (size_t i = 0; i < 2; i++)
        if (rk_time_read_in(RK_JALALI, label->text, label->length, orders[i], &kind, &ordinal) ==
                RK_READ_OK &&
            kind == RK_TIME_DAY)
            return true;
    return false;
}

static void see_time(const struct clean *clean, const struct clean_label *label, size_t k,
                     struct evidence *e)
{
    enum rk_date_order shown = rk_date_order_shown(label->text, label->length);
    enum rk_time_kind kind = RK_TIME_NONE;
    int64_t ordinal;

    if (clean_read_time(clean, label, RK_ORDER_DMY, &kind, &ordinal) != RK_READ_OK &&
        clean_read_time(clean, label, RK_ORDER_MDY, &kind, &ordinal) != RK_READ_OK) {
        if (clean->options->csv.calendar == RK_GREGORIAN && is_early_day(label)) {
            e->n_times += label->count;
            e->n_early += label->count;
            note(&e->first_early, k);
        }
        return;
    }
    e->n_times += label->count;
    e->n_kind[kind == RK_TIME_YEAR ? RK_TIME_INTEGER : kind] += label->count;
    e->n_kind[RK_TIME_YEAR] += kind == RK_TIME_YEAR ? label->count : 0;
    if (shown == RK_ORDER_DMY) {
        e->n_dmy += label->count;
        note(&e->first_dmy, k);
    } else if (shown == RK_ORDER_MDY) {
        e->n_mdy += label->count;
        note(&e->first_mdy, k);
    } else if (clean_read_time(clean, label, RK_ORDER_UNKNOWN, &kind, &ordinal) != RK_READ_OK) {
        e->n_unclear += label->count;
        note(&e->first_unclear, k);
    }
}

static void look(const struct clean *clean, const struct clean_column *column, struct evidence *e)
{
    *e = (struct evidence){.first_comma = NONE,
                           .first_other = NONE,
                           .first_ambiguous = NONE,
                           .first_grouped = NONE,
                           .first_percent = NONE,
                           .first_plain = NONE,
                           .first_dmy = NONE,
                           .first_mdy = NONE,
                           .first_unclear = NONE,
                           .first_early = NONE};
    for (size_t k = 0; k < column->n_labels; k++) {
        const struct clean_label *label = &column->label[k];
        struct rk_number_marks marks;
        double value;
        enum clean_reading reading;

        if (label->count == 0)
            continue;
        reading = clean_read_number(clean, label, &value, &marks);
        if (reading == READ_MISSING)
            continue;
        e->n_seen += label->count;
        if (reading == READ_NUMBER)
            see_number(clean, label, k, &marks, e);
        if (reading == READ_COMMA) {
            e->n_commas += label->count;
            note(&e->first_comma, k);
        }
        if (reading == READ_BAD)
            note(&e->first_other, k);
        if (reading != READ_NUMBER || (column->type_given && column->type == CLEAN_DATE))
            see_time(clean, label, k, e);
    }
}

/* --- numbers --------------------------------------------------------------------------------- */

/* A refusal that shows one label, or two: "'ONE'<says>'OTHER'<tail>". */
static enum rk_status refuse(const struct clean *clean, const struct clean_column *column, long one,
                             const char *says, long other, const char *tail)
{
    struct rk_text text = {0};
    const struct clean_label *label = column->label;

    rk_text_add_char(&text, '\'');
    clean_shorten(label[one].text, label[one].length, &text);
    rk_text_format(&text, "'%s", says);
    if (other != NONE) {
        rk_text_add_char(&text, '\'');
        clean_shorten(label[other].text, label[other].length, &text);
        rk_text_format(&text, "'%s", tail);
    }
    if (text.failed) {
        rk_text_free(&text);
        return rk_fail_memory(clean->error);
    }
    rk_fail(clean->error, RK_EINPUT, "%s", text.bytes);
    rk_text_free(&text);
    rk_fail_at(clean->error, clean->table->name, clean_first_line(clean, column, (size_t)one),
               column->name);
    return RK_EINPUT;
}

static enum rk_status check_commas(const struct clean *clean, const struct clean_column *column,
                                   const struct evidence *e)
{
    if (e->n_commas == 0)
        return RK_OK;
    if (10 * e->n_commas > e->n_seen)
        return refuse(clean, column, e->first_comma,
                      " has a comma: a decimal mark or a separator? (see --decimal, --types)", NONE,
                      "");
    /* A comma that is a decimal mark in one cell may be one in another. */
    if (e->first_ambiguous != NONE && e->first_grouped == NONE)
        return refuse(clean, column, e->first_comma, " has a decimal comma, and ",
                      e->first_ambiguous, " may have one, too (see --decimal, --types)");
    return RK_OK;
}

static enum rk_status check_currencies(const struct clean *clean, const struct clean_column *column)
{
    struct rk_number_marks first = {0};
    size_t first_line = 0;

    for (size_t k = 0; k < column->n_labels; k++) {
        struct rk_number_marks marks;
        double value;

        if (column->label[k].count == 0 ||
            clean_read_number(clean, &column->label[k], &value, &marks) != READ_NUMBER ||
            marks.currency[0] == '\0')
            continue;
        if (first_line == 0) {
            first = marks;
            first_line = clean_first_line(clean, column, k);
        } else if (strcmp(first.currency, marks.currency) != 0) {
            rk_fail(clean->error, RK_EINPUT,
                    "two currencies in one column: %s (line %zu) and %s (see --currency, --types)",
                    first.currency, first_line, marks.currency);
            return rk_fail_at(clean->error, clean->table->name, clean_first_line(clean, column, k),
                              column->name);
        }
    }
    return RK_OK;
}

static enum rk_status check_numbers(const struct clean *clean, const struct clean_column *column,
                                    const struct evidence *e)
{
    enum rk_status status = check_commas(clean, column, e);

    if (status == RK_OK && e->first_percent != NONE && e->first_plain != NONE) {
        size_t percent = clean_first_line(clean, column, (size_t)e->first_percent);
        size_t plain = clean_first_line(clean, column, (size_t)e->first_plain);

        rk_fail(clean->error, RK_EINPUT,
                "percents (line %zu) and plain numbers (line %zu) in one column (see --types)",
                percent, plain);
        status = rk_fail_at(clean->error, clean->table->name, percent > plain ? percent : plain,
                            column->name);
    }
    if (status == RK_OK && clean->options->currency == RK_CURRENCY_ERROR)
        status = check_currencies(clean, column);
    return status;
}

/* --- dates ------------------------------------------------------------------------------------ */

/* The order of day and month. Where few cells of a column need one, those that do not show it
 * themselves are bad cells; where many do, the column is refused. */
static enum rk_status decide_order(const struct clean *clean, struct clean_column *column,
                                   const struct evidence *e)
{
    size_t n_less = e->n_dmy < e->n_mdy ? e->n_dmy : e->n_mdy;
    bool many = 10 * (e->n_dmy + e->n_mdy + e->n_unclear) > e->n_seen;

    if (10 * e->n_early > e->n_seen)
        return refuse(clean, column, e->first_early,
                      " is a day before the year 1900 (see --calendar)", NONE, "");
    column->order = clean->options->csv.date_order;
    if (column->order != RK_ORDER_UNKNOWN)
        return RK_OK;
    if (n_less > 0 && many)
        return refuse(clean, column, e->first_dmy, " has the day first and ", e->first_mdy,
                      " the month: the dates are mixed (see --date-order)");
    if (n_less == 0 && e->n_dmy + e->n_mdy > 0)
        column->order = e->n_dmy > 0 ? RK_ORDER_DMY : RK_ORDER_MDY;
    else if (e->n_unclear > 0 && many)
        return refuse(clean, column, e->first_unclear,
                      " may have the day or the month first, and no other cell tells (see "
                      "--date-order)",
                      NONE, "");
    return RK_OK;
}

static void decide_kind(struct clean_column *column, const struct evidence *e)
{
    size_t most = 0;

    column->kind = RK_TIME_DAY;
    for (int kind = RK_TIME_DAY; kind < N_KINDS; kind++)
        if (kind != RK_TIME_YEAR && e->n_kind[kind] > most) {
            most = e->n_kind[kind];
            column->kind = (enum rk_time_kind)kind;
        }
    if (column->kind == RK_TIME_INTEGER && e->n_kind[RK_TIME_YEAR] == most)
        column->kind = RK_TIME_YEAR; /* 1899, 1900 are whole numbers after all */
}

static void remember_mixture(struct clean_column *column, const struct evidence *e)
{
    size_t n = e->n_numbers + e->n_commas;

    column->n_seen = e->n_seen;
    column->n_numbers = 2 * n >= e->n_seen ? n : 0;
    column->first_other = (size_t)e->first_other;
}

enum rk_status clean_judge(struct clean *clean, struct clean_column *column)
{
    struct evidence e;

    column->n_numbers = 0;
    if (!column->type_given)
        column->type = CLEAN_TEXT;
    if (column->type_given && column->type == CLEAN_TEXT)
        return RK_OK;
    look(clean, column, &e);
    if (!column->type_given) {
        if (e.n_seen > 0 && 10 * (e.n_numbers + e.n_commas) >= 9 * e.n_seen)
            column->type = CLEAN_NUMBER;
        else if (e.n_seen > 0 && 10 * e.n_times >= 9 * e.n_seen)
            column->type = CLEAN_DATE;
        else
            remember_mixture(column, &e);
    }
    if (column->type == CLEAN_NUMBER)
        return check_numbers(clean, column, &e);
    decide_kind(column, &e);
    return column->type == CLEAN_DATE ? decide_order(clean, column, &e) : RK_OK;
}
