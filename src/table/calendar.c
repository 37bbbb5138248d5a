#include "calendar.h"

enum { FIRST_YEAR = 1900, FIRST_JALALI = 1279, LAST_JALALI = 1500 };

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* --- Gregorian ---------------------------------------------------------------------------- */

int64_t rk_days_from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year; /* years begin in March: the leap day comes last */
    int64_t era = floor_divide(y, 400), year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

void rk_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + 719468; /* days since 0000-03-01 */
    int64_t era = floor_divide(shifted, 146097), day_of_era = shifted - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;

    *day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    *month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static int days_in_civil_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* --- Jalali: six months of 31 days, five of 30, one of 29 or 30 ----------------------------- */

/* The day of 1 Farvardin; (8 year + 21) / 33 counts the leap years before. */
static int64_t nowruz(int64_t year)
{
    return 365 * year + floor_divide(8 * year + 21, 33) - 492633;
}

int64_t rk_days_from_jalali(int64_t year, int month, int day)
{
    return nowruz(year) + (month <= 7 ? 31 * (month - 1) : 30 * (month - 1) + 6) + day - 1;
}

void rk_jalali_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    int day_of_year;

    *year = floor_divide(33 * (days + 492633), 33 * 365 + 8);
    while (nowruz(*year) > days)
        --*year;
    while (nowruz(*year + 1) <= days)
        ++*year;
    day_of_year = (int)(days - nowruz(*year));
    *month = day_of_year < 186 ? day_of_year / 31 + 1 : (day_of_year - 6) / 30 + 1;
    *day = (int)(days - rk_days_from_jalali(*year, *month, 1)) + 1;
}

static int days_in_jalali_month(int64_t year, int month)
{
    if (month < 12)
        return month <= 6 ? 31 : 30;
    return (int)(nowruz(year + 1) - rk_days_from_jalali(year, 12, 1));
}

/* --- either ------------------------------------------------------------------------------- */

bool calendar_has(enum rk_calendar calendar, int64_t year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1)
        return false;
    if (calendar == RK_JALALI)
        return year >= FIRST_JALALI && year <= LAST_JALALI &&
               day <= days_in_jalali_month(year, month);
    return year >= FIRST_YEAR && day <= days_in_civil_month(year, month);
}

int64_t calendar_days(enum rk_calendar calendar, int64_t year, int month, int day)
{
    return calendar == RK_JALALI ? rk_days_from_jalali(year, month, day)
                                 : rk_days_from_civil(year, month, day);
}

int64_t rk_days_swapped(enum rk_calendar calendar, int64_t days)
{
    int64_t year;
    int month, day;

    if (calendar == RK_JALALI)
        rk_jalali_from_days(days, &year, &month, &day);
    else
        rk_civil_from_days(days, &year, &month, &day);
    return calendar_days(calendar, year, day, month);
}
