/* Reading and writing calendar time: the one home of it.
 *
 * A time is a kind and an ordinal in units of that kind: days since 1970-01-01, ISO weeks since
 * the week of 1970-01-01, months and quarters since January 1970, years as written, or plain
 * integers. Lags, gaps and order are differences of ordinals. Zones and clocks are ignored. */
#ifndef REPKIT_TIME_H
#define REPKIT_TIME_H

#include <stddef.h>
#include <stdint.h>

#include "repkit/number.h"

enum rk_time_kind {
    RK_TIME_NONE, /* not a time */
    RK_TIME_DAY,
    RK_TIME_WEEK,
    RK_TIME_MONTH,
    RK_TIME_QUARTER,
    RK_TIME_YEAR,
    RK_TIME_INTEGER
};

enum rk_date_order { RK_ORDER_UNKNOWN, RK_ORDER_DMY, RK_ORDER_MDY, RK_ORDER_YMD };

/* In which calendar days are written. Everything read becomes Gregorian. */
enum rk_calendar { RK_GREGORIAN, RK_JALALI };
#define RK_CALENDARS "gregorian|jalali"

/* "day", "week", "month", "quarter", "year"; "" for the others. The `per` column. */
const char *rk_time_kind_name(enum rk_time_kind kind);

/* Reads one cell.
 *   order     how 03/04/2024 is to be read; RK_ORDER_UNKNOWN makes such a cell RK_READ_BAD unless
 *             one part is above 12 or both are the same
 *   kind      set when RK_READ_OK. Four digits between 1900 and 2199 are a year, other whole
 *             numbers an integer: a column that mixes the two is one of integers
 *   ordinal   set when RK_READ_OK
 * Accepted: 2024-01-14, 2024/01/14, 2024.01.14, 2024年1月14日, 14/01/2024, 14.01.2024,
 * 14-01-2024, 01/14/2024, each also with T, comma or space and a clock (zone ignored); 2024-W07,
 * 2024-03, 2024年3月, 2024-Q1, 2024, integers. A date that does not exist, a week 53 in a year
 * without one and a date before the year 1900 are bad. Digits may be Persian or Arabic-Indic. */
enum rk_reading rk_time_read(const char *cell, size_t length, enum rk_date_order order,
                             enum rk_time_kind *kind, int64_t *ordinal);

/* The same in a calendar. A Jalali day (1403/01/25) becomes days since 1970-01-01; its year lies
 * between 1279 and 1500 (1900 to 2122), in which leap years come in cycles of 33. Periods of
 * another length than a day would not be Gregorian ones and are bad; whole numbers are integers. */
enum rk_reading rk_time_read_in(enum rk_calendar calendar, const char *cell, size_t length,
                                enum rk_date_order order, enum rk_time_kind *kind,
                                int64_t *ordinal);

/* The day that is meant if day and month were taken for one another: 2024-03-04 for 2024-04-03.
 * The day of the month is 12 at most, in that calendar. */
int64_t rk_days_swapped(enum rk_calendar calendar, int64_t days);

/* The part of a slashed or dotted date that decides its order: RK_ORDER_DMY if the first part is
 * above 12, RK_ORDER_MDY if the second is, RK_ORDER_UNKNOWN if neither or if it is no such date. */
enum rk_date_order rk_date_order_shown(const char *cell, size_t length);

/* Writes the ordinal as the kind is written (2024-01-14, 2024-W07, 2024-03, 2024-Q1, 2024, 7) into
 * out, at least 32 bytes. Returns the length. */
size_t rk_time_format(enum rk_time_kind kind, int64_t ordinal, char *out);

/* The first day of a period, as days since 1970-01-01. For RK_TIME_INTEGER the ordinal itself. */
int64_t rk_time_first_day(enum rk_time_kind kind, int64_t ordinal);

/* The period of a kind that a day (days since 1970-01-01) lies in: the other way round. For
 * RK_TIME_INTEGER the day itself. This function can't fail. */
int64_t rk_time_of_day(enum rk_time_kind kind, int64_t day);

/* Where a period lies relative to a cut: before it, straddling it (the cut falls inside, after the
 * period's first day), or after it (it begins on or after the cut). The cut may be of another kind
 * (a day against weeks): then both are compared by first days. Against RK_TIME_INTEGER only an
 * integer cut is meaningful; the caller checks. */
enum rk_side { RK_BEFORE, RK_STRADDLE, RK_AFTER };
enum rk_side rk_time_side(enum rk_time_kind kind, int64_t ordinal, enum rk_time_kind cut_kind,
                          int64_t cut);

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar. Source: Hinnant (2013),
 * "chrono-compatible low-level date algorithms". In R: as.integer(as.Date("2024-01-14")). */
int64_t rk_days_from_civil(int64_t year, int month, int day);
void rk_civil_from_days(int64_t days, int64_t *year, int *month, int *day);

/* The same of the Jalali calendar, years 1210 to 1500, by its leap years' cycle of 33 years, which
 * the equinox first breaks in 1502.
 * In JavaScript: new Intl.DateTimeFormat("en-u-ca-persian"). */
int64_t rk_days_from_jalali(int64_t year, int month, int day);
void rk_jalali_from_days(int64_t days, int64_t *year, int *month, int *day);

#endif
