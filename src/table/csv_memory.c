/* What the cells of a column may not mix, across its blocks. */
#include <math.h>
#include <string.h>

#include "csv_cells.h"

static size_t later(size_t a, size_t b)
{
    return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

/* The line in the block on which the second of two things comes that exclude one another; each is
 * known by the line it was first seen on, before the block or in it. */
static size_t second_comes(size_t a_before, size_t a, size_t b_before, size_t b)
{
    return a_before != 0 ? b : b_before != 0 ? a : later(a, b);
}

/* --- conflicts: each returns its line, or 0 ------------------------------------------------- */

typedef size_t conflict_fn(const struct csv_memory *before, const struct csv_memory *block,
                           size_t line, struct rk_error *error);

static size_t percents(const struct csv_memory *before, const struct csv_memory *block, size_t line,
                       struct rk_error *error)
{
    size_t at = second_comes(before->plain_line, block->plain_line, before->percent_line,
                             block->percent_line);

    if (at != 0)
        rk_fail(error, RK_EINPUT, "percents (line %zu) and plain numbers (line %zu) in one column",
                before->percent_line != 0 ? before->percent_line : line + block->percent_line,
                before->plain_line != 0 ? before->plain_line : line + block->plain_line);
    return at;
}

static size_t currencies(const struct csv_memory *before, const struct csv_memory *block,
                         size_t line, struct rk_error *error)
{
    const struct csv_shown *first = &before->currency, *second = &block->other_currency;
    size_t first_line = first->line;

    if (first_line == 0) {
        first = &block->currency;
        first_line = line + first->line;
    } else if (block->currency.line != 0 && strcmp(first->text, block->currency.text) != 0) {
        second = &block->currency;
    }
    if (second->line != 0)
        rk_fail(error, RK_EINPUT, "two currencies in one column: %s (line %zu) and %s", first->text,
                first_line, second->text);
    return second->line;
}

static bool is_count(enum rk_time_kind kind)
{
    return kind == RK_TIME_YEAR || kind == RK_TIME_INTEGER;
}

static bool differ(enum rk_time_kind a, enum rk_time_kind b)
{
    return a != RK_TIME_NONE && b != RK_TIME_NONE && a != b && !(is_count(a) && is_count(b));
}

static size_t kinds(const struct csv_memory *before, const struct csv_memory *block, size_t line,
                    struct rk_error *error)
{
    bool at_once = differ(before->kind, block->kind);
    const struct csv_shown *other = at_once ? &block->first_time : &block->other_kind;
    enum rk_time_kind kind = at_once ? before->kind : block->kind;

    (void)line;
    if (other->line != 0)
        rk_fail(error, RK_EINPUT, "'%s' is not of the same kind as the cells before it (%s)",
                other->text, is_count(kind) ? "whole numbers" : rk_time_kind_name(kind));
    return other->line;
}

static size_t orders(const struct csv_memory *before, const struct csv_memory *block, size_t line,
                     struct rk_error *error)
{
    const struct csv_shown *day =
        before->day_first.line != 0 ? &before->day_first : &block->day_first;
    const struct csv_shown *month =
        before->month_first.line != 0 ? &before->month_first : &block->month_first;
    size_t at = second_comes(before->day_first.line, block->day_first.line,
                             before->month_first.line, block->month_first.line);

    if (at != 0)
        rk_fail(error, RK_EINPUT,
                "'%s' (line %zu) has the day first and '%s' (line %zu) the month: the dates are "
                "mixed (see --date-order)",
                day->text, day->line + (day == &block->day_first ? line : 0), month->text,
                month->line + (month == &block->month_first ? line : 0));
    return at;
}

size_t csv_conflict(const struct csv_memory *before, const struct csv_memory *block, size_t line,
                    struct rk_error *error)
{
    static conflict_fn *const conflicts[] = {percents, currencies, kinds, orders};
    size_t first = 0;

    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        struct rk_error found;
        size_t at = conflicts[i](before, block, line, &found);

        if (at != 0 && (first == 0 || at < first)) {
            first = at;
            *error = found;
        }
    }
    return first;
}

/* --- joining ------------------------------------------------------------------------------ */

static void remember_line(size_t *line, size_t in_block, size_t base)
{
    if (*line == 0 && in_block != 0)
        *line = base + in_block;
}

static void remember_cell(struct csv_shown *shown, const struct csv_shown *in_block, size_t base)
{
    if (shown->line != 0 || in_block->line == 0)
        return;
    *shown = *in_block;
    shown->line += base;
}

void csv_remember(struct csv_memory *memory, const struct csv_memory *block, size_t line)
{
    memory->n_bad += block->n_bad;
    remember_line(&memory->plain_line, block->plain_line, line);
    remember_line(&memory->percent_line, block->percent_line, line);
    remember_cell(&memory->currency, &block->currency, line);
    remember_cell(&memory->day_first, &block->day_first, line);
    remember_cell(&memory->month_first, &block->month_first, line);
    if (memory->kind == RK_TIME_NONE)
        memory->kind = block->kind;
    else if (block->kind != RK_TIME_NONE && block->kind != memory->kind)
        memory->kind = RK_TIME_INTEGER; /* others would have been a conflict */
    if (block->either.line == 0)
        return;
    if (memory->either.line != 0 && strcmp(memory->either.text, block->either.text) != 0)
        remember_cell(&memory->either_again, &block->either, line);
    remember_cell(&memory->either_again, &block->either_again, line);
    remember_cell(&memory->either, &block->either, line);
}

/* --- the end of a column ------------------------------------------------------------------ */

enum rk_status csv_finish_times(const struct csv_memory *memory,
                                const struct rk_csv_options *options, size_t n_rows,
                                struct rk_column *column, struct rk_error *error)
{
    bool day_first = memory->day_first.line != 0;

    column->time_kind = memory->kind;
    if (memory->either.line == 0)
        return RK_OK;
    if (!day_first && memory->month_first.line == 0) {
        if (memory->either_again.line != 0)
            rk_fail(error, RK_EINPUT,
                    "'%s' and '%s' (line %zu) may have the day or the month first, and no other "
                    "cell tells (see --date-order)",
                    memory->either.text, memory->either_again.text, memory->either_again.line);
        else
            rk_fail(error, RK_EINPUT,
                    "'%s' may have the day or the month first, and no other cell tells (see "
                    "--date-order)",
                    memory->either.text);
        return rk_fail_at(error, NULL, memory->either.line, NULL);
    }
    for (size_t i = 0; i < n_rows; i++) {
        double days = floor(column->number[i]);

        if (days == column->number[i] || isnan(days))
            continue;
        column->number[i] =
            day_first ? days : (double)rk_days_swapped(options->calendar, (int64_t)days);
    }
    return RK_OK;
}
