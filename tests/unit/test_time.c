#include "repkit/time.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/table/plain_day.h"
#include "reference.h"

static enum rk_reading read_cell(const char *cell, enum rk_date_order order,
                                 enum rk_time_kind *kind, int64_t *ordinal)
{
    return rk_time_read(cell, strlen(cell), order, kind, ordinal);
}

/* The cell reads as the time that is written `expected`. */
static void expect(const char *cell, enum rk_date_order order, enum rk_time_kind kind,
                   const char *expected)
{
    enum rk_time_kind found = RK_TIME_NONE;
    int64_t ordinal = 0;
    char out[32];
    size_t length;

    if (read_cell(cell, order, &found, &ordinal) != RK_READ_OK)
        fail_msg("'%s' is not read", cell);
    length = rk_time_format(found, ordinal, out);
    assert_int_equal(length, strlen(out));
    if (found != kind || strcmp(out, expected) != 0)
        fail_msg("'%s' is %s of kind %d, expected %s of kind %d", cell, out, (int)found, expected,
                 (int)kind);
}

static void expect_bad(const char *cell, enum rk_date_order order)
{
    enum rk_time_kind kind = RK_TIME_QUARTER;
    int64_t ordinal = -77;

    if (read_cell(cell, order, &kind, &ordinal) != RK_READ_BAD || kind != RK_TIME_QUARTER ||
        ordinal != -77)
        fail_msg("'%s' should be bad, gives kind %d", cell, (int)kind);
}

static void days(void **state)
{
    static const char *const forms[] = {"2024-01-14",
                                        "2024-1-14",
                                        " 2024/01/14 ",
                                        "2024.01.14",
                                        "2024年1月14日",
                                        "2024年01月14日",
                                        "14/01/2024",
                                        "14/1/2024",
                                        "14.01.2024",
                                        "14-01-2024",
                                        "01/14/2024",
                                        "2024-01-14T10:30",
                                        "2024-01-14 10:30:00",
                                        "2024-01-14T10:30:00.123456Z",
                                        "2024-01-14T23:59:60+02:00",
                                        "2024-01-14 10:30:00 +0000",
                                        "2024-01-14 10:30:00-08",
                                        "2024-01-14 10:30 UTC",
                                        "2024-01-14 10:30 PST",
                                        "1/14/2024 3:45 PM",
                                        "1/14/2024, 3:45:00 a.m.",
                                        "14.01.2024 10:30",
                                        "2024年1月14日 10:30"};

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        expect(forms[i], RK_ORDER_UNKNOWN, RK_TIME_DAY, "2024-01-14");
    expect("2024-02-29", RK_ORDER_UNKNOWN, RK_TIME_DAY, "2024-02-29");
    expect("1900-01-01", RK_ORDER_UNKNOWN, RK_TIME_DAY, "1900-01-01");
    expect("9999-12-31", RK_ORDER_UNKNOWN, RK_TIME_DAY, "9999-12-31");
    expect("03/04/2024", RK_ORDER_DMY, RK_TIME_DAY, "2024-04-03");
    expect("03/04/2024", RK_ORDER_MDY, RK_TIME_DAY, "2024-03-04");
    expect("03.04.2024", RK_ORDER_DMY, RK_TIME_DAY, "2024-04-03");
    expect("04/04/2024", RK_ORDER_UNKNOWN, RK_TIME_DAY, "2024-04-04");
    expect("2024-04-03", RK_ORDER_DMY, RK_TIME_DAY, "2024-04-03");
}

static void periods_and_integers(void **state)
{
    (void)state;
    expect("2024-W07", RK_ORDER_UNKNOWN, RK_TIME_WEEK, "2024-W07");
    expect("2024W07", RK_ORDER_UNKNOWN, RK_TIME_WEEK, "2024-W07");
    expect("2020-W53", RK_ORDER_UNKNOWN, RK_TIME_WEEK, "2020-W53");
    expect("2024-03", RK_ORDER_UNKNOWN, RK_TIME_MONTH, "2024-03");
    expect("1969-12", RK_ORDER_UNKNOWN, RK_TIME_MONTH, "1969-12");
    expect("2024年3月", RK_ORDER_UNKNOWN, RK_TIME_MONTH, "2024-03");
    expect("2024-Q1", RK_ORDER_UNKNOWN, RK_TIME_QUARTER, "2024-Q1");
    expect("1969Q4", RK_ORDER_UNKNOWN, RK_TIME_QUARTER, "1969-Q4");
    expect("2024", RK_ORDER_UNKNOWN, RK_TIME_YEAR, "2024");
    expect("1900", RK_ORDER_UNKNOWN, RK_TIME_YEAR, "1900");
    expect("2199", RK_ORDER_UNKNOWN, RK_TIME_YEAR, "2199");
    expect("1899", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "1899");
    expect("2200", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "2200");
    expect("+2024", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "2024");
    expect("-3", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "-3");
    expect("0", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "0");
    expect("20240114", RK_ORDER_UNKNOWN, RK_TIME_INTEGER, "20240114");
}

static void bad_times(void **state)
{
    static const char *const bad[] = {"03/04/2024",
                                      "03.04.2024",
                                      "13/13/2024",
                                      "0/1/2024",
                                      "2023-02-29",
                                      "1900-02-29",
                                      "2024-13-01",
                                      "2024-00-01",
                                      "2024-04-31",
                                      "1899-12-31",
                                      "31/12/1899",
                                      "1899-W07",
                                      "1899-03",
                                      "1899年1月14日",
                                      "2021-W53",
                                      "2024-W00",
                                      "2024-W54",
                                      "2024-Q0",
                                      "2024-Q5",
                                      "2024-Q12",
                                      "2024-13",
                                      "14/01/24",
                                      "2024-01/14",
                                      "14/01-2024",
                                      "2024/03",
                                      "2024-",
                                      "2024-01-",
                                      "2024-01-14T",
                                      "2024-01-14 25:00",
                                      "2024-01-14 10:60",
                                      "2024-01-14x",
                                      "2024-01-1410:30",
                                      "2024-01-14 10",
                                      "2024-01-14 10:30 nonsense",
                                      "12.5",
                                      "1e3",
                                      "--3",
                                      "abc",
                                      "9999999999999999",
                                      "2024-W07-3",
                                      "2024年",
                                      "2024年1月14",
                                      "2024年1",
                                      "inf",
                                      "\xff\xff",
                                      "24-01-14",
                                      "2024-001",
                                      "1 2"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_bad(bad[i], RK_ORDER_UNKNOWN);
    expect_bad("01/14/2024", RK_ORDER_DMY);
    expect_bad("14/01/2024", RK_ORDER_MDY);
    expect_bad("14/01/2024", RK_ORDER_YMD);
}

static void missing_times(void **state)
{
    enum rk_time_kind kind = RK_TIME_NONE;
    int64_t ordinal = 0;

    (void)state;
    assert_int_equal(read_cell("", RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_MISSING);
    assert_int_equal(read_cell("  ", RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_MISSING);
    assert_int_equal(read_cell("n/a", RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_MISSING);
    assert_int_equal(read_cell("-", RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_MISSING);
}

static enum rk_date_order shown(const char *cell)
{
    return rk_date_order_shown(cell, strlen(cell));
}

static void order_shown(void **state)
{
    (void)state;
    assert_int_equal(shown("14/01/2024"), RK_ORDER_DMY);
    assert_int_equal(shown("01/14/2024 10:30"), RK_ORDER_MDY);
    assert_int_equal(shown("13.12.2024"), RK_ORDER_DMY);
    assert_int_equal(shown("12/12/2024"), RK_ORDER_UNKNOWN);
    assert_int_equal(shown("13/13/2024"), RK_ORDER_UNKNOWN);
    assert_int_equal(shown("2024-01-14"), RK_ORDER_UNKNOWN);
    assert_int_equal(shown("x"), RK_ORDER_UNKNOWN);
}

static void iso_weeks_are_those_of_R(void **state)
{
    size_t n;
    double *day_number = reference_data("iso_weeks", "days", &n);
    double *year = reference_data("iso_weeks", "year", &n);
    double *month = reference_data("iso_weeks", "month", &n);
    double *day = reference_data("iso_weeks", "day", &n);
    double *iso_year = reference_data("iso_weeks", "iso_year", &n);
    double *iso_week = reference_data("iso_weeks", "iso_week", &n);

    (void)state;
    assert_true(n > 4000);
    for (size_t i = 0; i < n; i++) {
        int64_t days_since = rk_days_from_civil((int64_t)year[i], (int)month[i], (int)day[i]);
        enum rk_time_kind kind = RK_TIME_NONE;
        int64_t week = 0, first;
        char text[32], out[32];

        assert_int_equal(days_since, (int64_t)day_number[i]);
        if (iso_year[i] < 1900)
            continue;
        snprintf(text, sizeof text, "%d-W%02d", (int)iso_year[i], (int)iso_week[i]);
        assert_int_equal(read_cell(text, RK_ORDER_UNKNOWN, &kind, &week), RK_READ_OK);
        assert_int_equal(kind, RK_TIME_WEEK);
        first = rk_time_first_day(RK_TIME_WEEK, week);
        if (days_since < first || days_since > first + 6)
            fail_msg("%d-%d-%d is not in %s", (int)year[i], (int)month[i], (int)day[i], text);
        rk_time_format(RK_TIME_WEEK, week, out);
        assert_string_equal(out, text);
        assert_int_equal(rk_time_of_day(RK_TIME_WEEK, days_since), week);
    }
    free(day_number);
    free(year);
    free(month);
    free(day);
    free(iso_year);
    free(iso_week);
}

/* Writing and reading again gives the same, and first days do not overlap, from 1900 to 2199. */
static void round_trips(void **state)
{
    static const enum rk_time_kind kinds[] = {RK_TIME_DAY, RK_TIME_WEEK, RK_TIME_MONTH,
                                              RK_TIME_QUARTER, RK_TIME_YEAR};
    int64_t first = rk_days_from_civil(1900, 1, 1), last = rk_days_from_civil(2199, 12, 31);

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        static const int64_t per_year[] = {365, 52, 12, 4, 1};
        int64_t n = 0;

        for (int64_t i = -120 * per_year[k]; i < 250 * per_year[k]; i++) {
            int64_t ordinal = kinds[k] == RK_TIME_YEAR ? 1970 + i : i, again = 0;
            int64_t day = rk_time_first_day(kinds[k], ordinal);
            enum rk_time_kind kind = RK_TIME_NONE;
            char text[32];

            if (day < first || day > last)
                continue;
            assert_true(rk_time_first_day(kinds[k], ordinal + 1) > day);
            rk_time_format(kinds[k], ordinal, text);
            assert_int_equal(read_cell(text, RK_ORDER_UNKNOWN, &kind, &again), RK_READ_OK);
            assert_int_equal(kind, kinds[k]);
            assert_int_equal(again, ordinal);
            n++;
        }
        assert_true(n >= 300 * per_year[k] - 1);
    }
    for (int64_t day = first; day <= last; day++) {
        int64_t year;
        int month, day_of_month;

        rk_civil_from_days(day, &year, &month, &day_of_month);
        assert_int_equal(rk_days_from_civil(year, month, day_of_month), day);
    }
}

/* A day lies in the period whose first day is the last one not after it. */
static void periods_of_days(void **state)
{
    static const enum rk_time_kind kinds[] = {RK_TIME_DAY, RK_TIME_WEEK, RK_TIME_MONTH,
                                              RK_TIME_QUARTER, RK_TIME_YEAR};
    int64_t first = rk_days_from_civil(1900, 1, 1), last = rk_days_from_civil(2199, 12, 31);
    char out[32];

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int64_t day = first; day <= last; day++) {
            int64_t ordinal = rk_time_of_day(kinds[k], day);

            assert_true(rk_time_first_day(kinds[k], ordinal) <= day);
            assert_true(rk_time_first_day(kinds[k], ordinal + 1) > day);
        }
    rk_time_format(RK_TIME_QUARTER, rk_time_of_day(RK_TIME_QUARTER, -1), out);
    assert_string_equal(out, "1969-Q4");
    assert_int_equal(rk_time_of_day(RK_TIME_INTEGER, -7), -7);
}

static int64_t day_of(const char *cell)
{
    enum rk_time_kind kind;
    int64_t ordinal = 0;

    assert_int_equal(read_cell(cell, RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_OK);
    return ordinal;
}

static void sides_of_a_cut(void **state)
{
    int64_t monday = day_of("2024-02-12"), week = day_of("2024-W07");

    (void)state;
    assert_int_equal(rk_time_first_day(RK_TIME_WEEK, week), monday);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_DAY, monday), RK_AFTER);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_DAY, monday + 1), RK_STRADDLE);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_DAY, monday + 6), RK_STRADDLE);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_DAY, monday + 7), RK_BEFORE);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_WEEK, week), RK_AFTER);
    assert_int_equal(rk_time_side(RK_TIME_WEEK, week, RK_TIME_WEEK, week + 1), RK_BEFORE);
    assert_int_equal(rk_time_side(RK_TIME_DAY, monday, RK_TIME_WEEK, week), RK_AFTER);
    assert_int_equal(rk_time_side(RK_TIME_DAY, monday - 1, RK_TIME_WEEK, week), RK_BEFORE);
    assert_int_equal(rk_time_side(RK_TIME_MONTH, day_of("2024-02"), RK_TIME_WEEK, week),
                     RK_STRADDLE);
    assert_int_equal(
        rk_time_side(RK_TIME_MONTH, day_of("2024-01"), RK_TIME_DAY, day_of("2024-02-01")),
        RK_BEFORE);
    assert_int_equal(rk_time_side(RK_TIME_INTEGER, 5, RK_TIME_INTEGER, 5), RK_AFTER);
    assert_string_equal(rk_time_kind_name(RK_TIME_WEEK), "week");
    assert_string_equal(rk_time_kind_name(RK_TIME_INTEGER), "");
}

static void arbitrary_bytes(void **state)
{
    static const char alphabet[] = "0123456789012-/.:TWQ ,APM+Z年月日\xff";
    uint32_t x = 2463534242u;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        size_t n;
        char *cell, out[32];
        enum rk_time_kind kind;
        int64_t ordinal;

        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        n = x % 20;
        cell = malloc(n > 0 ? n : 1);
        for (size_t j = 0; j < n; j++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            cell[j] = alphabet[x % (sizeof alphabet - 1)];
        }
        if (i % 2 && n >= 5)
            memcpy(cell, "2024-", 5);
        if (rk_time_read(cell, n, (enum rk_date_order)(i % 4), &kind, &ordinal) == RK_READ_OK)
            assert_true(rk_time_format(kind, ordinal, out) < sizeof out);
        rk_date_order_shown(cell, n);
        free(cell);
    }
}

/* Every New Year and leap day of the 33-year cycles, by ICU. */
static void jalali_days_are_those_of_icu(void **state)
{
    size_t n;
    double *day_number = reference_data("jalali", "days", &n);
    double *year = reference_data("jalali", "year", &n);
    double *month = reference_data("jalali", "month", &n);
    double *day = reference_data("jalali", "day", &n);

    (void)state;
    assert_true(n > 2000);
    for (size_t i = 0; i < n; i++) {
        enum rk_time_kind kind = RK_TIME_NONE;
        int64_t ordinal = 0, y;
        char text[32];
        int m, d;

        snprintf(text, sizeof text, "%d/%02d/%02d", (int)year[i], (int)month[i], (int)day[i]);
        /* 1279 begins in March 1900: days before could not be read back as Gregorian ones */
        assert_int_equal(
            rk_time_read_in(RK_JALALI, text, strlen(text), RK_ORDER_UNKNOWN, &kind, &ordinal),
            year[i] < 1279 ? RK_READ_BAD : RK_READ_OK);
        if (year[i] < 1279)
            continue;
        assert_int_equal(kind, RK_TIME_DAY);
        if (ordinal != (int64_t)day_number[i])
            fail_msg("%s is day %lld, not %lld", text, (long long)ordinal,
                     (long long)day_number[i]);
        rk_jalali_from_days(ordinal, &y, &m, &d);
        assert_true(y == (int64_t)year[i] && m == (int)month[i] && d == (int)day[i]);
        /* The day after a 29th of the last month is the 30th of a leap year or New Year. */
        if (m == 12 && d == 29 && i + 1 < n && day[i + 1] == 1) {
            snprintf(text, sizeof text, "%d/12/30", (int)year[i]);
            assert_int_equal(
                rk_time_read_in(RK_JALALI, text, strlen(text), RK_ORDER_UNKNOWN, &kind, &ordinal),
                RK_READ_BAD);
        }
    }
    free(day_number);
    free(year);
    free(month);
    free(day);
}

static enum rk_reading read_jalali(const char *cell, enum rk_date_order order,
                                   enum rk_time_kind *kind, int64_t *ordinal)
{
    return rk_time_read_in(RK_JALALI, cell, strlen(cell), order, kind, ordinal);
}

static void jalali_cells(void **state)
{
    static const char *const same[] = {"1403/01/25",       "1403-1-25",  "25/01/1403",
                                       "1403.01.25 10:30", "۱۴۰۳/۰۱/۲۵", "١٤٠٣/٠١/٢٥"};
    static const char *const bad[] = {"2024-04-13", "1403/01/32", "1403/07/31", "1402/12/30",
                                      "1403-01",    "1403-W07",   "1403-Q1",    "1209/01/01",
                                      "1635/01/01", "1403/13/01", "03/04/1403"};
    enum rk_time_kind kind = RK_TIME_NONE;
    int64_t ordinal = 0;

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_int_equal(read_jalali(same[i], RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_OK);
        assert_int_equal(kind, RK_TIME_DAY);
        assert_int_equal(ordinal, rk_days_from_civil(2024, 4, 13));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (read_jalali(bad[i], RK_ORDER_UNKNOWN, &kind, &ordinal) != RK_READ_BAD)
            fail_msg("'%s' should be bad", bad[i]);
    assert_int_equal(read_jalali("1403", RK_ORDER_UNKNOWN, &kind, &ordinal), RK_READ_OK);
    assert_int_equal(kind, RK_TIME_INTEGER);
    assert_int_equal(read_jalali("03/04/1403", RK_ORDER_DMY, &kind, &ordinal), RK_READ_OK);
    assert_int_equal(ordinal, rk_days_from_civil(2024, 6, 23));
    assert_int_equal(rk_days_swapped(RK_JALALI, ordinal), rk_days_from_jalali(1403, 3, 4));
    assert_int_equal(rk_days_swapped(RK_GREGORIAN, rk_days_from_civil(2024, 4, 3)),
                     rk_days_from_civil(2024, 3, 4));
    expect("۲۰۲۴-۰۱-۱۴", RK_ORDER_UNKNOWN, RK_TIME_DAY, "2024-01-14");
    expect("٢٠٢٤-W07", RK_ORDER_UNKNOWN, RK_TIME_WEEK, "2024-W07");
}

/* A date that is read without rk_time_read is the one that it reads; years, months and days that do
 * not exist are among them, and bytes that only look like a date. */
static void test_plain_days(void **state)
{
    char cell[40];
    size_t n_plain = 0;

    (void)state;
    for (int year = 1890; year < 2110; year++)
        for (int month = 0; month < 14; month++)
            for (int day = 0; day < 33; day++) {
                enum rk_time_kind kind = RK_TIME_NONE;
                int64_t days = 0, expected = 0;

                snprintf(cell, sizeof cell, "%04d-%02d-%02d", year, month, day);
                if (day % 11 == 10)
                    cell[day % 10] = (char)(day + year % 96);
                if (!plain_day(cell, strlen(cell), &days))
                    continue;
                n_plain++;
                assert_int_equal(
                    rk_time_read(cell, strlen(cell), RK_ORDER_UNKNOWN, &kind, &expected),
                    RK_READ_OK);
                assert_int_equal(kind, RK_TIME_DAY);
                assert_int_equal(days, expected);
            }
    assert_true(n_plain > 210 * 12 * 25);
    assert_false(plain_day("2024-01-141", 11, &(int64_t){0}));
    assert_false(plain_day("2024/01/14", 10, &(int64_t){0}));
    assert_false(plain_day("2024-01-1", 9, &(int64_t){0}));
}

/* Digits are put by hand: as printf puts them, in years of any length. */
static void written_as_printf_does(void **state)
{
    (void)state;
    for (int64_t day = -5000000; day < 5000000; day += 997) {
        char out[32], expected[64];
        int64_t year, months = day / 20;
        int month, of_month;

        rk_civil_from_days(day, &year, &month, &of_month);
        snprintf(expected, sizeof expected, "%04lld-%02d-%02d", (long long)year, month, of_month);
        assert_int_equal(rk_time_format(RK_TIME_DAY, day, out), strlen(expected));
        assert_string_equal(out, expected);
        if (months < 0)
            continue;
        snprintf(expected, sizeof expected, "%04lld-%02d", (long long)(1970 + months / 12),
                 (int)(months % 12) + 1);
        assert_int_equal(rk_time_format(RK_TIME_MONTH, months, out), strlen(expected));
        assert_string_equal(out, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_printf_does),
        cmocka_unit_test(days),
        cmocka_unit_test(periods_and_integers),
        cmocka_unit_test(bad_times),
        cmocka_unit_test(missing_times),
        cmocka_unit_test(order_shown),
        cmocka_unit_test(iso_weeks_are_those_of_R),
        cmocka_unit_test(jalali_days_are_those_of_icu),
        cmocka_unit_test(jalali_cells),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(sides_of_a_cut),
        cmocka_unit_test(arbitrary_bytes),
        cmocka_unit_test(periods_of_days),
        cmocka_unit_test(test_plain_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
