/* The dates that most files have, without a look at what else a date may be. Private to
 * src/table. */
#ifndef REPKIT_PLAIN_DAY_H
#define REPKIT_PLAIN_DAY_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/time.h"

/* Reads a cell such as 2024-01-14, of the years 1900 to 2999 and of a day that every month has.
 * False sends the cell to rk_time_read: it may still be a date. */
static inline bool plain_day(const char *cell, size_t length, int64_t *days)
{
    int part[10], month, day;

    if (length != 10 || cell[4] != '-' || cell[7] != '-')
        return false;
    for (int i = 0; i < 10; i++) {
        part[i] = cell[i] - '0';
        if (i != 4 && i != 7 && (part[i] < 0 || part[i] > 9))
            return false;
    }
    month = 10 * part[5] + part[6];
    day = 10 * part[8] + part[9];
    if (month < 1 || month > 12 || day < 1 || day > 28 ||
        !(part[0] == 2 || (part[0] == 1 && part[1] == 9)))
        return false;
    *days = rk_days_from_civil(1000 * part[0] + 100 * part[1] + 10 * part[2] + part[3], month, day);
    return true;
}

#endif
