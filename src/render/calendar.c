/* Ticks where a calendar has them: the first of a month, Monday, the first week of a year. */
#include <math.h>
#include <stdlib.h>

#include "scale.h"

/* Days, some ten thousand years on either side: nothing that can be read lies beyond. */
#define FARTHEST 4e6
enum { MOST_TICKS = 100 };

bool calendar_knows(enum rk_time_kind kind)
{
    return kind >= RK_TIME_DAY && kind <= RK_TIME_QUARTER;
}

struct grid {
    double days;   /* about, for choosing */
    int units;     /* how many of its unit a step is */
    bool is_month; /* else days or weeks as the kind is */
};

static const struct grid day_grids[] = {{1, 1, false},   {2, 2, false},   {7, 7, false},
                                        {14, 14, false}, {30.4, 1, true}, {60.8, 2, true},
                                        {91, 3, true},   {182, 6, true},  {365, 12, true}};
static const struct grid week_grids[] = {{1, 1, false},   {2, 2, false},   {4, 4, false},
                                         {13, 13, false}, {26, 26, false}, {52, 52, false}};
static const struct grid month_grids[] = {
    {1, 1, true}, {2, 2, true}, {3, 3, true}, {6, 6, true}, {12, 12, true}};
static const struct grid quarter_grids[] = {{1, 1, true}, {2, 2, true}, {4, 4, true}};
static const struct grids {
    enum rk_time_kind kind;
    const struct grid *grid;
    size_t n;
} grids[] = {{RK_TIME_DAY, day_grids, sizeof day_grids / sizeof *day_grids},
             {RK_TIME_WEEK, week_grids, sizeof week_grids / sizeof *week_grids},
             {RK_TIME_MONTH, month_grids, sizeof month_grids / sizeof *month_grids},
             {RK_TIME_QUARTER, quarter_grids, sizeof quarter_grids / sizeof *quarter_grids}};

/* The finest grid with at most n steps, beyond the last whole years of it. */
static struct grid choose_grid(enum rk_time_kind kind, double raw)
{
    const struct grids *own = &grids[0];
    struct grid grid;

    for (size_t g = 0; g < sizeof grids / sizeof *grids; g++)
        if (grids[g].kind == kind)
            own = &grids[g];
    for (size_t i = 0; i < own->n; i++)
        if (own->grid[i].days >= raw)
            return own->grid[i];
    grid = own->grid[own->n - 1];
    grid.units *= (int)fmin(ceil(raw / grid.days), 10000.0);
    return grid;
}

/* Whether a tick stands at that ordinal. Days of the week and of the month, weeks of the year. */
static bool is_tick(enum rk_time_kind kind, const struct grid *grid, int64_t at)
{
    int64_t year, of_year;
    int month, day;

    if (kind == RK_TIME_MONTH || kind == RK_TIME_QUARTER)
        return at % grid->units == 0;
    if (kind == RK_TIME_DAY && !grid->is_month)
        return grid->units < 7 ? at % grid->units == 0
                               : (at + 3) % grid->units == 0; /* 1970-01-01 was a Thursday */
    if (kind == RK_TIME_DAY) {
        rk_civil_from_days(at, &year, &month, &day);
        return day == 1 && (year * 12 + month - 1) % grid->units == 0;
    }
    /* A week belongs to the year of its Thursday. */
    rk_civil_from_days(rk_time_first_day(RK_TIME_WEEK, at) + 3, &year, &month, &day);
    of_year = at - rk_time_of_day(RK_TIME_WEEK, rk_days_from_civil(year, 1, 4));
    if (grid->units >= 52)
        return of_year == 0 && year % (grid->units / 52) == 0;
    return of_year % grid->units == 0 && (of_year < 52 || grid->units == 1);
}

bool calendar_ticks(const struct rk_axis *axis, double n, struct scale *scale)
{
    struct grid grid = choose_grid(axis->time_kind, (scale->high - scale->low) / n);
    double low = fmax(ceil(scale->low - 1e-9), -FARTHEST),
           high = fmin(scale->high + 1e-9, FARTHEST);

    scale->tick = calloc(MOST_TICKS + 1, sizeof *scale->tick);
    if (scale->tick == NULL)
        return false;
    for (int64_t at = (int64_t)low; (double)at <= high && scale->n_ticks < MOST_TICKS; at++) {
        char buffer[32], *text;

        if (!is_tick(axis->time_kind, &grid, at))
            continue;
        rk_time_format(axis->time_kind, at, buffer);
        text = rk_strdup(buffer);
        if (text == NULL)
            return false;
        scale->tick[scale->n_ticks++] = (struct tick){(double)at, text};
    }
    return true;
}
