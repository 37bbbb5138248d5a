/* Days of the Gregorian and the Jalali calendar. Private to src/table. */
#ifndef REPKIT_CALENDAR_H
#define REPKIT_CALENDAR_H

#include <stdbool.h>

#include "repkit/time.h"

/* Whether there is such a date among those that are read: Gregorian from 1900 on, Jalali from 1210
 * to 1500. */
bool calendar_has(enum rk_calendar calendar, int64_t year, int month, int day);
int64_t calendar_days(enum rk_calendar calendar, int64_t year, int month, int day);

#endif
