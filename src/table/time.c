#include "repkit/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"

/* --- the calendar -------------------------------------------------------------------------- */

enum { FIRST_YEAR = 1900, LAST_BARE_YEAR = 2199, EPOCH_YEAR = 1970 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Week 0 is the one of Thursday 1970-01-01, so 7 k is the Thursday of week k, and the year of a
 * week is that of its Thursday. The 4th of January always lies in week 1. */
static int64_t first_week(int64_t year)
{
    return floor_divide(rk_days_from_civil(year, 1, 4) + 3, 7);
}

static int64_t first_day_of_month(int64_t months)
{
    int64_t years = floor_divide(months, 12);

    return rk_days_from_civil(EPOCH_YEAR + years, (int)(months - 12 * years) + 1, 1);
}

int64_t rk_time_first_day(enum rk_time_kind kind, int64_t ordinal)
{
    switch (kind) {
    case RK_TIME_WEEK:
        return 7 * ordinal - 3;
    case RK_TIME_MONTH:
        return first_day_of_month(ordinal);
    case RK_TIME_QUARTER:
        return first_day_of_month(3 * ordinal);
    case RK_TIME_YEAR:
        return rk_days_from_civil(ordinal, 1, 1);
    case RK_TIME_DAY:
    case RK_TIME_INTEGER:
    case RK_TIME_NONE:
        break;
    }
    return ordinal;
}

int64_t rk_time_of_day(enum rk_time_kind kind, int64_t day)
{
    int64_t year, months;
    int month, day_of_month;

    if (kind == RK_TIME_WEEK)
        return floor_divide(day + 3, 7);
    if (kind != RK_TIME_MONTH && kind != RK_TIME_QUARTER && kind != RK_TIME_YEAR)
        return day;
    rk_civil_from_days(day, &year, &month, &day_of_month);
    if (kind == RK_TIME_YEAR)
        return year;
    months = (year - EPOCH_YEAR) * 12 + month - 1;
    return kind == RK_TIME_MONTH ? months : floor_divide(months, 3);
}

enum rk_side rk_time_side(enum rk_time_kind kind, int64_t ordinal, enum rk_time_kind cut_kind,
                          int64_t cut)
{
    int64_t day;

    if (kind == cut_kind)
        return ordinal < cut ? RK_BEFORE : RK_AFTER;
    day = rk_time_first_day(cut_kind, cut);
    if (rk_time_first_day(kind, ordinal) >= day)
        return RK_AFTER;
    return rk_time_first_day(kind, ordinal + 1) <= day ? RK_BEFORE : RK_STRADDLE;
}

const char *rk_time_kind_name(enum rk_time_kind kind)
{
    switch (kind) {
    case RK_TIME_DAY:
        return "day";
    case RK_TIME_WEEK:
        return "week";
    case RK_TIME_MONTH:
        return "month";
    case RK_TIME_QUARTER:
        return "quarter";
    case RK_TIME_YEAR:
        return "year";
    case RK_TIME_INTEGER:
    case RK_TIME_NONE:
        break;
    }
    return "";
}

/* --- writing ------------------------------------------------------------------------------- */

/* A year with at least four digits. Most have four, and printf takes its time. */
static char *put_year(char *out, int64_t year)
{
    if (year < 0 || year > 9999)
        return out + snprintf(out, 24, "%04lld", (long long)year);
    for (int i = 4; i-- > 0; year /= 10)
        out[i] = (char)('0' + year % 10);
    return out + 4;
}

/* What stands before it, and a number of two digits. */
static char *put_two(char *out, const char *before, int number)
{
    while (*before != '\0')
        *out++ = *before++;
    *out++ = (char)('0' + number / 10);
    *out++ = (char)('0' + number % 10);
    return out;
}

size_t rk_time_format(enum rk_time_kind kind, int64_t ordinal, char *out)
{
    enum { SIZE = 32 };
    int64_t year = floor_divide(ordinal, 12);
    int month, day;
    char *end = out;

    switch (kind) {
    case RK_TIME_DAY:
        rk_civil_from_days(ordinal, &year, &month, &day);
        end = put_two(put_two(put_year(out, year), "-", month), "-", day);
        break;
    case RK_TIME_WEEK:
        rk_civil_from_days(7 * ordinal, &year, &month, &day);
        end = put_two(put_year(out, year), "-W", (int)(ordinal - first_week(year)) + 1);
        break;
    case RK_TIME_MONTH:
        end = put_two(put_year(out, EPOCH_YEAR + year), "-", (int)(ordinal - 12 * year) + 1);
        break;
    case RK_TIME_QUARTER:
        year = floor_divide(ordinal, 4);
        end = put_year(out, EPOCH_YEAR + year);
        end += snprintf(end, 8, "-Q%d", (int)(ordinal - 4 * year) + 1);
        break;
    case RK_TIME_YEAR:
    case RK_TIME_INTEGER:
    case RK_TIME_NONE:
        end += snprintf(out, SIZE, "%lld", (long long)ordinal);
        break;
    }
    *end = '\0';
    return (size_t)(end - out);
}

/* --- reading ------------------------------------------------------------------------------- */

struct cursor {
    const char *p, *end;
    enum rk_calendar calendar;
};

static bool take(struct cursor *cursor, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(cursor->end - cursor->p) < length || memcmp(cursor->p, text, length) != 0)
        return false;
    cursor->p += length;
    return true;
}

static bool take_any(struct cursor *cursor, const char *characters)
{
    if (cursor->p >= cursor->end || *cursor->p == '\0' || strchr(characters, *cursor->p) == NULL)
        return false;
    cursor->p++;
    return true;
}

/* Reads at most `most` digits; returns how many there were. */
static int take_digits(struct cursor *cursor, int most, int *value)
{
    int n = 0;

    *value = 0;
    for (; n < most && cursor->p < cursor->end && *cursor->p >= '0' && *cursor->p <= '9'; n++)
        *value = *value * 10 + (*cursor->p++ - '0');
    return n;
}

static void skip_spaces(struct cursor *cursor)
{
    while (take_any(cursor, " \t"))
        ;
}

/* Z, +02, +0200, +02:00 or a zone's letters (UTC, CEST), or nothing. */
static bool take_zone(struct cursor *cursor)
{
    int value, letters = 0;

    skip_spaces(cursor);
    if (take_any(cursor, "+-")) {
        if (take_digits(cursor, 2, &value) != 2)
            return false;
        if (take(cursor, ":"))
            return take_digits(cursor, 2, &value) == 2;
        value = take_digits(cursor, 2, &value);
        return value == 0 || value == 2;
    }
    for (; cursor->p < cursor->end && *cursor->p >= 'A' && *cursor->p <= 'Z'; cursor->p++)
        letters++;
    return letters <= 5;
}

/* AM, p.m. and the like, if they are there: what begins with A or P may also be a zone. */
static void take_half_day(struct cursor *cursor)
{
    struct cursor ahead = *cursor;

    if (!take_any(&ahead, "AaPp"))
        return;
    take(&ahead, ".");
    if (!take_any(&ahead, "Mm"))
        return;
    take(&ahead, ".");
    *cursor = ahead;
}

/* 10:30, 10:30:00.000, 3:45 PM, with a zone: checked for form, its value is of no use here. */
static bool take_clock(struct cursor *cursor)
{
    int hour, minute, second = 0, ignored;

    if (take_digits(cursor, 2, &hour) == 0 || hour > 24 || !take(cursor, ":") ||
        take_digits(cursor, 2, &minute) != 2 || minute > 59)
        return false;
    if (take(cursor, ":") && (take_digits(cursor, 2, &second) != 2 || second > 60))
        return false;
    if (take_any(cursor, ".,") && take_digits(cursor, 9, &ignored) == 0)
        return false;
    skip_spaces(cursor);
    take_half_day(cursor);
    return take_zone(cursor);
}

/* Nothing, or a clock. */
static bool ends_day(struct cursor *cursor)
{
    const char *before = cursor->p;

    if (cursor->p == cursor->end)
        return true;
    take(cursor, ",");
    if (!take(cursor, "T"))
        skip_spaces(cursor);
    return cursor->p > before && take_clock(cursor) && cursor->p == cursor->end;
}

struct date {
    int year, month, day;
};

static enum rk_time_kind read_day(enum rk_calendar calendar, const struct date *date,
                                  int64_t *ordinal)
{
    if (!calendar_has(calendar, date->year, date->month, date->day))
        return RK_TIME_NONE;
    *ordinal = calendar_days(calendar, date->year, date->month, date->day);
    return RK_TIME_DAY;
}

/* 14/01/2024, 14.01.2024, 14-01-2024: two parts, then the year, by one separator. */
static bool take_year_last(struct cursor *cursor, int *first, int *second, int *year)
{
    char separator[2] = "";

    if (take_digits(cursor, 2, first) == 0)
        return false;
    if (cursor->p < cursor->end)
        separator[0] = *cursor->p;
    return take_any(cursor, "/.-") && take_digits(cursor, 2, second) > 0 &&
           take(cursor, separator) && take_digits(cursor, 4, year) == 4 && ends_day(cursor);
}

/* The order that the parts of a date with the year last allow. */
static enum rk_date_order order_of(int first, int second)
{
    if (first > 12 && second <= 12)
        return RK_ORDER_DMY;
    return second > 12 && first <= 12 ? RK_ORDER_MDY : RK_ORDER_UNKNOWN;
}

static enum rk_time_kind read_year_last(struct cursor cursor, enum rk_date_order order,
                                        int64_t *ordinal)
{
    int first, second, year;

    if (!take_year_last(&cursor, &first, &second, &year))
        return RK_TIME_NONE;
    if (order == RK_ORDER_UNKNOWN)
        order = first == second ? RK_ORDER_DMY : order_of(first, second);
    if (order == RK_ORDER_DMY)
        return read_day(cursor.calendar, &(struct date){year, second, first}, ordinal);
    if (order == RK_ORDER_MDY)
        return read_day(cursor.calendar, &(struct date){year, first, second}, ordinal);
    return RK_TIME_NONE;
}

static enum rk_time_kind read_month(enum rk_calendar calendar, int year, int month,
                                    int64_t *ordinal)
{
    if (calendar != RK_GREGORIAN || month < 1 || month > 12)
        return RK_TIME_NONE;
    *ordinal = (int64_t)(year - EPOCH_YEAR) * 12 + month - 1;
    return RK_TIME_MONTH;
}

static enum rk_time_kind read_week(struct cursor *cursor, int year, int64_t *ordinal)
{
    int week, n = take_digits(cursor, 2, &week);
    int64_t first = first_week(year);

    if (n == 0 || cursor->p != cursor->end || week < 1 || first + week > first_week(year + 1))
        return RK_TIME_NONE;
    *ordinal = first + week - 1;
    return RK_TIME_WEEK;
}

static enum rk_time_kind read_quarter(struct cursor *cursor, int year, int64_t *ordinal)
{
    int quarter;

    if (take_digits(cursor, 1, &quarter) == 0 || cursor->p != cursor->end || quarter < 1 ||
        quarter > 4)
        return RK_TIME_NONE;
    *ordinal = (int64_t)(year - EPOCH_YEAR) * 4 + quarter - 1;
    return RK_TIME_QUARTER;
}

/* Behind "2024-", "2024/" or "2024.": month and day, or (behind "-") the month alone. */
static enum rk_time_kind read_month_or_day(struct cursor *cursor, int year, const char *separator,
                                           int64_t *ordinal)
{
    struct date date = {.year = year};

    if (take_digits(cursor, 2, &date.month) == 0)
        return RK_TIME_NONE;
    if (cursor->p == cursor->end && *separator == '-')
        return read_month(cursor->calendar, year, date.month, ordinal);
    if (!take(cursor, separator) || take_digits(cursor, 2, &date.day) == 0 || !ends_day(cursor))
        return RK_TIME_NONE;
    return read_day(cursor->calendar, &date, ordinal);
}

/* Behind "2024年": 1月14日, or 1月. */
static enum rk_time_kind read_chinese(struct cursor *cursor, int year, int64_t *ordinal)
{
    struct date date = {.year = year};

    if (take_digits(cursor, 2, &date.month) == 0 || !take(cursor, "月"))
        return RK_TIME_NONE;
    if (cursor->p == cursor->end)
        return read_month(cursor->calendar, year, date.month, ordinal);
    if (take_digits(cursor, 2, &date.day) == 0 || !take(cursor, "日") || !ends_day(cursor))
        return RK_TIME_NONE;
    return read_day(cursor->calendar, &date, ordinal);
}

static enum rk_time_kind read_year_first(struct cursor cursor, int64_t *ordinal)
{
    int year;
    char separator[2] = "";

    if (take_digits(&cursor, 4, &year) != 4 ||
        (cursor.calendar == RK_GREGORIAN && year < FIRST_YEAR))
        return RK_TIME_NONE;
    if (take(&cursor, "年"))
        return read_chinese(&cursor, year, ordinal);
    /* Weeks and quarters of another calendar are not those that are written so. */
    if (cursor.calendar == RK_GREGORIAN && (take(&cursor, "-W") || take(&cursor, "W")))
        return read_week(&cursor, year, ordinal);
    if (cursor.calendar == RK_GREGORIAN && (take(&cursor, "-Q") || take(&cursor, "Q")))
        return read_quarter(&cursor, year, ordinal);
    if (cursor.p < cursor.end)
        separator[0] = *cursor.p;
    if (!take_any(&cursor, "-/."))
        return RK_TIME_NONE;
    return read_month_or_day(&cursor, year, separator, ordinal);
}

/* 2024 and 7, -3, +3: all digits. */
static enum rk_time_kind read_integer(struct cursor cursor, int64_t *ordinal)
{
    bool negative = cursor.p < cursor.end && *cursor.p == '-';
    bool sign = take_any(&cursor, "+-");
    size_t length = (size_t)(cursor.end - cursor.p);
    int64_t value = 0;

    if (length == 0 || length > 15) /* all of them are doubles, too */
        return RK_TIME_NONE;
    for (; cursor.p < cursor.end; cursor.p++) {
        if (*cursor.p < '0' || *cursor.p > '9')
            return RK_TIME_NONE;
        value = value * 10 + (*cursor.p - '0');
    }
    *ordinal = negative ? -value : value;
    if (cursor.calendar == RK_GREGORIAN && !sign && length == 4 && value >= FIRST_YEAR &&
        value <= LAST_BARE_YEAR)
        return RK_TIME_YEAR;
    return RK_TIME_INTEGER;
}

static struct cursor trimmed(enum rk_calendar calendar, const char *cell, size_t length)
{
    struct cursor cursor = {cell, cell + length, calendar};

    while (cursor.p < cursor.end && (*cursor.p == ' ' || (*cursor.p >= '\t' && *cursor.p <= '\r')))
        cursor.p++;
    while (cursor.p < cursor.end &&
           (cursor.end[-1] == ' ' || (cursor.end[-1] >= '\t' && cursor.end[-1] <= '\r')))
        cursor.end--;
    return cursor;
}

/* Times are ASCII but for digits and the Chinese marks: Persian and Arabic-Indic digits, of two
 * bytes, become ASCII ones in `copy`, which has room for LONGEST bytes. */
enum { LONGEST = 96 };

static void use_ascii_digits(struct cursor *cursor, char *copy)
{
    size_t n = 0;
    const unsigned char *end = (const unsigned char *)cursor->end;

    if (cursor->end - cursor->p > LONGEST)
        return;
    for (const unsigned char *p = (const unsigned char *)cursor->p; p < end; p++) {
        bool pair = p + 1 < end;

        if (pair && p[0] == 0xDB && p[1] >= 0xB0 && p[1] <= 0xB9)
            copy[n++] = (char)('0' + (*++p - 0xB0));
        else if (pair && p[0] == 0xD9 && p[1] >= 0xA0 && p[1] <= 0xA9)
            copy[n++] = (char)('0' + (*++p - 0xA0));
        else
            copy[n++] = (char)*p;
    }
    cursor->p = copy;
    cursor->end = copy + n;
}

static bool may_have_other_digits(const struct cursor *cursor)
{
    for (const char *p = cursor->p; p < cursor->end; p++)
        if ((unsigned char)*p == 0xD9 || (unsigned char)*p == 0xDB)
            return true;
    return false;
}

enum rk_reading rk_time_read_in(enum rk_calendar calendar, const char *cell, size_t length,
                                enum rk_date_order order, enum rk_time_kind *kind, int64_t *ordinal)
{
    struct cursor cursor = trimmed(calendar, cell, length);
    enum rk_time_kind found;
    char copy[LONGEST];
    int64_t value;

    if (may_have_other_digits(&cursor))
        use_ascii_digits(&cursor, copy);
    found = read_integer(cursor, &value);
    if (found == RK_TIME_NONE)
        found = read_year_first(cursor, &value);
    if (found == RK_TIME_NONE)
        found = read_year_last(cursor, order, &value);
    if (found == RK_TIME_NONE)
        return rk_is_missing_word(cell, length) ? RK_READ_MISSING : RK_READ_BAD;
    *kind = found;
    *ordinal = value;
    return RK_READ_OK;
}

enum rk_reading rk_time_read(const char *cell, size_t length, enum rk_date_order order,
                             enum rk_time_kind *kind, int64_t *ordinal)
{
    return rk_time_read_in(RK_GREGORIAN, cell, length, order, kind, ordinal);
}

enum rk_date_order rk_date_order_shown(const char *cell, size_t length)
{
    struct cursor cursor = trimmed(RK_GREGORIAN, cell, length);
    char copy[LONGEST];
    int first, second, year;

    if (may_have_other_digits(&cursor))
        use_ascii_digits(&cursor, copy);
    if (!take_year_last(&cursor, &first, &second, &year))
        return RK_ORDER_UNKNOWN;
    return order_of(first, second);
}
