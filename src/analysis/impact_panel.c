/* From rows to a panel: who is treated, which periods are after, each unit once a period. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/staggered.h"

/* --- the start ---------------------------------------------------------------------------- */

enum rk_status impact_read_start(const struct impact *impact, const struct rk_table *table,
                                 size_t time, enum rk_time_kind *kind, int64_t *start)
{
    const struct rk_impact_options *o = impact->options;
    const struct rk_column *c = &table->column[time];
    bool bare;

    if (rk_time_read(o->start, strlen(o->start), o->date_order, kind, start) != RK_READ_OK)
        return rk_fail(impact->error, RK_EUSAGE,
                       "--start: '%s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024) "
                       "and no whole number",
                       o->start);
    /* a start that is written as a year may mean the integer, and the other way round */
    bare = *kind == RK_TIME_INTEGER || *kind == RK_TIME_YEAR;
    if (bare && (c->time_kind == RK_TIME_INTEGER || c->time_kind == RK_TIME_YEAR))
        *kind = c->time_kind;
    if ((*kind == RK_TIME_INTEGER) == (c->time_kind == RK_TIME_INTEGER))
        return RK_OK;
    rk_fail(impact->error, RK_EUSAGE,
            c->time_kind == RK_TIME_INTEGER ? "holds whole numbers, and --start '%s' is a date"
                                            : "holds calendar time, and --start '%s' is a plain "
                                              "number",
            o->start);
    return rk_fail_at(impact->error, table->name, 0, c->name);
}

int impact_side(const struct impact *impact, enum rk_time_kind kind, int64_t ordinal,
                enum rk_time_kind start_kind, int64_t start)
{
    enum rk_side side = rk_time_side(kind, ordinal, start_kind, start);
    int straddle = impact->options->straddle;

    if (side == RK_STRADDLE && straddle != RK_STRADDLE_DROP)
        side = straddle == RK_STRADDLE_BEFORE ? RK_BEFORE : RK_AFTER;
    return side == RK_STRADDLE ? 0 : side == RK_AFTER ? 1 : -1;
}

void impact_warn_straddle(const struct impact *impact, enum rk_time_kind kind, int64_t period,
                          size_t n)
{
    char written[32];

    rk_time_format(kind, period, written);
    rk_warn(impact->result, RK_WARN_STRADDLE,
            "%zu row%s of period %s, which contains the start %s, %s left out", n,
            n == 1 ? "" : "s", written, impact->options->start, n == 1 ? "is" : "are");
}

const char *impact_period_name(enum rk_time_kind kind)
{
    const char *name = rk_time_kind_name(kind);

    return name[0] == '\0' ? "period" : name;
}

/* --- columns ------------------------------------------------------------------------------ */

enum { MOST_COLUMNS = 64 };

struct columns {
    size_t value, id, time, treated, post, first, needed[MOST_COLUMNS], n_needed;
};

static enum rk_status find_column(const struct impact *impact, const struct rk_table *table,
                                  const char *name, enum rk_type type, bool needed,
                                  struct columns *c, size_t *column)
{
    enum rk_status status = RK_OK;

    *column = SIZE_MAX;
    if (name == NULL)
        return RK_OK;
    status = rk_column_index(table, name, type, column, impact->error);
    if (status == RK_OK && needed && c->n_needed == MOST_COLUMNS)
        return rk_fail(impact->error, RK_EUSAGE, "--covariates: too many columns");
    if (status == RK_OK && needed)
        c->needed[c->n_needed++] = *column;
    return status;
}

static enum rk_status find_columns(const struct impact *impact, const struct rk_table *table,
                                   struct columns *c)
{
    const struct rk_impact_options *o = impact->options;
    enum rk_status status = find_column(impact, table, o->value, RK_NUMBER, true, c, &c->value);
    size_t covariate;

    if (status == RK_OK)
        status = find_column(impact, table, o->id, RK_TEXT, true, c, &c->id);
    if (status == RK_OK)
        status = find_column(impact, table, o->time, RK_TIME, true, c, &c->time);
    if (status == RK_OK)
        status = find_column(impact, table, o->treated, RK_TEXT, true, c, &c->treated);
    if (status == RK_OK)
        status = find_column(impact, table, o->post, RK_TEXT, true, c, &c->post);
    if (status == RK_OK)
        status = find_column(impact, table, o->first, RK_TIME, false, c, &c->first);
    for (size_t j = 0; status == RK_OK && j < o->covariates.n; j++)
        status = find_column(impact, table, o->covariates.name[j], RK_NUMBER, true, c, &covariate);
    return status;
}

/* --- two levels --------------------------------------------------------------------------- */

/* Of a column of two levels the codes, in their order. */
static enum rk_status two_levels(const struct impact *impact, const struct rk_table *table,
                                 size_t column, uint32_t code[2])
{
    uint32_t *order;
    size_t n;
    enum rk_status status = RK_OK;

    if (rk_level_order(table, column, &order, &n) != RK_OK)
        return rk_fail_memory(impact->error);
    if (n == 2)
        memcpy(code, order, 2 * sizeof *code);
    else if (n < 2)
        status = rk_fail(impact->error, RK_ETOOFEW,
                         "two levels are needed, treated and not, and there is %s%s",
                         n == 0 ? "none" : "only ",
                         n == 0 ? "" : rk_dict_label(table->column[column].dict, order[0]));
    else
        status = rk_fail(impact->error, RK_EINPUT,
                         "%zu levels, and two are needed ('%s', '%s', '%s' ...): choose with "
                         "--where",
                         n, rk_dict_label(table->column[column].dict, order[0]),
                         rk_dict_label(table->column[column].dict, order[1]),
                         rk_dict_label(table->column[column].dict, order[2]));
    free(order);
    return status == RK_OK ? RK_OK
                           : rk_fail_at(impact->error, table->name, 0, table->column[column].name);
}

/* --- rows in order ------------------------------------------------------------------------ */

struct cell {
    uint32_t unit;
    int64_t time;
    size_t row;
};

static int by_cell(const void *a, const void *b)
{
    const struct cell *x = a, *y = b;

    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

static int by_time(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

/* What reading a panel needs besides the panel. */
struct reading {
    const struct impact *impact;
    const struct rk_table *table;
    struct columns c;
    uint32_t treated[2], post[2];
    enum rk_time_kind start_kind;
    int64_t start;
    uint32_t *unit_of; /* of each code of the id column */
    struct cell *cell;
    size_t n_straddling;
    int64_t straddling;
};

/* -1 before, 1 after, 0 left out: of a row whose time is known. */
static int side_of(const struct reading *r, size_t row)
{
    const struct rk_column *time = &r->table->column[r->c.time];

    if (r->c.post != SIZE_MAX)
        return r->table->column[r->c.post].code[row] == r->post[1] ? 1 : -1;
    if (r->impact->options->start == NULL)
        return -1;
    return impact_side(r->impact, time->time_kind, (int64_t)time->number[row], r->start_kind,
                       r->start);
}

static enum rk_status fail_row(const struct reading *r, size_t row, size_t column)
{
    return rk_fail_at(r->impact->error, r->table->name, rk_table_line(r->table, row),
                      r->table->column[column].name);
}

/* Units are numbered as first seen, over all rows with unit and period; rows without a value are
 * counted, and the complete ones kept. */
static enum rk_status gather_rows(struct reading *r, const size_t *rows, size_t n_rows,
                                  struct impact_panel *p)
{
    const struct rk_table *t = r->table;
    size_t next = 0;

    for (size_t i = 0; i < t->n_rows; i++) {
        bool complete = next < n_rows && rows[next] == i;
        uint32_t code = t->column[r->c.id].code[i];
        int side;

        next += complete;
        if (rk_table_is_missing(t, i, r->c.id) || rk_table_is_missing(t, i, r->c.time)) {
            p->n_dropped++;
            continue;
        }
        side = side_of(r, i);
        if (side == 0) {
            r->straddling = (int64_t)t->column[r->c.time].number[i];
            r->n_straddling++;
            continue;
        }
        if (r->unit_of[code] == RK_NO_CODE) {
            p->name[p->n_units] = rk_dict_label(t->column[r->c.id].dict, code);
            r->unit_of[code] = (uint32_t)p->n_units++;
        }
        p->unit_cells[r->unit_of[code]]++;
        p->unit_missing[r->unit_of[code]] += !complete;
        if (r->c.treated != SIZE_MAX && !rk_table_is_missing(t, i, r->c.treated)) {
            bool treated = t->column[r->c.treated].code[i] == r->treated[1];

            p->cells[treated][side > 0]++;
            p->missing[treated][side > 0] += !complete;
        }
        if (!complete) {
            p->n_dropped++;
            continue;
        }
        r->cell[p->n++] =
            (struct cell){r->unit_of[code], (int64_t)t->column[r->c.time].number[i], i};
    }
    return p->n > 0 ? RK_OK : rk_fail(r->impact->error, RK_ENODATA, "no complete row is left");
}

static enum rk_status repeats(const struct reading *r, const struct impact_panel *p, size_t k)
{
    char period[32];

    rk_time_format(p->kind, r->cell[k].time, period);
    rk_fail(r->impact->error, RK_EINPUT, "'%s' has %s twice: one row a unit and period is needed",
            p->name[r->cell[k].unit], period);
    return fail_row(r, r->cell[k].row, r->c.time);
}

static enum rk_status number_periods(struct reading *r, struct impact_panel *p)
{
    for (size_t k = 0; k < p->n; k++)
        p->time[k] = r->cell[k].time;
    qsort(p->time, p->n, sizeof *p->time, by_time);
    for (size_t k = 0; k < p->n; k++)
        if (k == 0 || p->time[k] != p->time[p->n_periods - 1])
            p->time[p->n_periods++] = p->time[k];
    qsort(r->cell, p->n, sizeof *r->cell, by_cell);
    for (size_t k = 1; k < p->n; k++)
        if (r->cell[k].unit == r->cell[k - 1].unit && r->cell[k].time == r->cell[k - 1].time)
            return repeats(r, p, k);
    for (size_t k = 0; k < p->n; k++) {
        const int64_t *found =
            bsearch(&r->cell[k].time, p->time, p->n_periods, sizeof *p->time, by_time);

        p->unit[k] = r->cell[k].unit;
        p->period[k] = (uint32_t)(found - p->time);
        p->y[k] = r->table->column[r->c.value].number[r->cell[k].row];
        for (size_t j = 0; j < p->q; j++)
            p->Z[j * p->n + k] =
                r->table->column[r->c.needed[r->c.n_needed - p->q + j]].number[r->cell[k].row];
    }
    return RK_OK;
}

/* --- who and when ------------------------------------------------------------------------- */

/* Which units are treated, and which periods are after: each must be of one mind. */
static enum rk_status set_sides(const struct reading *r, struct impact_panel *p)
{
    signed char *seen = calloc(p->n_periods + 1, 1);

    if (seen == NULL)
        return rk_fail_memory(r->impact->error);
    for (size_t k = 0; k < p->n; k++) {
        size_t row = r->cell[k].row;
        bool treated = r->table->column[r->c.treated].code[row] == r->treated[1];
        int side = side_of(r, row);

        if (k > 0 && p->unit[k] == p->unit[k - 1] && treated != p->treated[p->unit[k]]) {
            rk_fail(r->impact->error, RK_EINPUT,
                    "'%s' is both treated and not: --treated says in which group a unit is, at all "
                    "times",
                    p->name[p->unit[k]]);
            free(seen);
            return fail_row(r, row, r->c.treated);
        }
        if (seen[p->period[k]] != 0 && seen[p->period[k]] != side) {
            rk_fail(r->impact->error, RK_EINPUT,
                    "before and after in the same period: units that start at different times are "
                    "for staggered --first COL");
            free(seen);
            return fail_row(r, row, r->c.post);
        }
        p->treated[p->unit[k]] = treated;
        seen[p->period[k]] = (signed char)side;
        p->after[p->period[k]] = side > 0;
    }
    free(seen);
    p->first_after = 0;
    while (p->first_after < p->n_periods && !p->after[p->first_after])
        p->first_after++;
    for (size_t t = p->first_after; t < p->n_periods; t++)
        if (!p->after[t])
            return rk_fail(r->impact->error, RK_EINPUT,
                           "--post: periods before come after periods after");
    return RK_OK;
}

/* When each unit starts. */
static enum rk_status set_first(const struct reading *r, struct impact_panel *p)
{
    const struct rk_column *first = &r->table->column[r->c.first];

    if (first->time_kind != p->kind && first->time_kind != RK_TIME_NONE) {
        rk_fail(r->impact->error, RK_EINPUT, "is to be written as '%s' is: the first %s after",
                r->impact->options->time, impact_period_name(p->kind));
        return rk_fail_at(r->impact->error, r->table->name, 0, first->name);
    }
    for (size_t k = 0; k < p->n; k++) {
        double value = first->number[r->cell[k].row];
        size_t at = 0;

        if (isnan(value))
            at = RK_NEVER;
        while (at != RK_NEVER && at < p->n_periods && (double)p->time[at] < value)
            at++;
        /* those who start after the last period have not started in any */
        at = at == p->n_periods ? RK_NEVER : at;
        if (k > 0 && p->unit[k] == p->unit[k - 1] && at != p->first[p->unit[k]]) {
            rk_fail(r->impact->error, RK_EINPUT, "'%s' starts at different times",
                    p->name[p->unit[k]]);
            return fail_row(r, r->cell[k].row, r->c.first);
        }
        p->first[p->unit[k]] = at;
        p->treated[p->unit[k]] = at != RK_NEVER;
    }
    return RK_OK;
}

static enum rk_status keep_levels(const struct reading *r, struct impact_panel *p)
{
    for (size_t k = 0; k < 2; k++) {
        p->level[k] = rk_strdup(rk_dict_label(r->table->column[r->c.treated].dict, r->treated[k]));
        if (p->level[k] == NULL)
            return rk_fail_memory(r->impact->error);
    }
    return RK_OK;
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum rk_status allocate(struct reading *r, struct impact_panel *p)
{
    size_t n = r->table->n_rows + 1, codes = rk_dict_size(r->table->column[r->c.id].dict) + 1;

    p->y = malloc(n * sizeof *p->y);
    p->Z = malloc((n * p->q + 1) * sizeof *p->Z);
    p->unit = malloc(n * sizeof *p->unit);
    p->period = malloc(n * sizeof *p->period);
    p->time = malloc(n * sizeof *p->time);
    p->after = calloc(n, sizeof *p->after);
    p->treated = calloc(codes, sizeof *p->treated);
    p->first = malloc(codes * sizeof *p->first);
    p->name = malloc(codes * sizeof *p->name);
    p->unit_cells = calloc(2 * codes, sizeof *p->unit_cells);
    r->unit_of = malloc(codes * sizeof *r->unit_of);
    r->cell = malloc(n * sizeof *r->cell);
    if (p->y == NULL || p->Z == NULL || p->unit == NULL || p->period == NULL || p->time == NULL ||
        p->after == NULL || p->treated == NULL || p->first == NULL || p->name == NULL ||
        p->unit_cells == NULL || r->unit_of == NULL || r->cell == NULL)
        return rk_fail_memory(r->impact->error);
    p->unit_missing = p->unit_cells + codes;
    for (size_t i = 0; i < codes; i++) {
        r->unit_of[i] = RK_NO_CODE;
        p->first[i] = RK_NEVER;
    }
    return RK_OK;
}

static enum rk_status prepare(struct reading *r, struct impact_panel *p)
{
    enum rk_status status = find_columns(r->impact, r->table, &r->c);

    if (status == RK_OK && r->impact->options->start != NULL)
        status = impact_read_start(r->impact, r->table, r->c.time, &r->start_kind, &r->start);
    if (status == RK_OK && r->c.treated != SIZE_MAX)
        status = two_levels(r->impact, r->table, r->c.treated, r->treated);
    if (status == RK_OK && r->c.post != SIZE_MAX)
        status = two_levels(r->impact, r->table, r->c.post, r->post);
    if (status == RK_OK) {
        p->kind = r->table->column[r->c.time].time_kind;
        p->q = r->impact->options->covariates.n;
        status = allocate(r, p);
    }
    return status;
}

enum rk_status impact_panel_read(const struct impact *impact, const struct rk_table *table,
                                 struct impact_panel *panel)
{
    struct reading r = {.impact = impact, .table = table};
    size_t *rows = NULL, n_rows = 0;
    enum rk_status status;

    *panel = (struct impact_panel){.table = table};
    status = prepare(&r, panel);
    if (status == RK_OK)
        status = rk_complete_rows(table, r.c.needed, r.c.n_needed, impact->options->common.missing,
                                  &rows, &n_rows, impact->error);
    if (status == RK_OK)
        status = gather_rows(&r, rows, n_rows, panel);
    if (status == RK_OK)
        status = number_periods(&r, panel);
    if (status == RK_OK && r.c.treated != SIZE_MAX)
        status = set_sides(&r, panel);
    if (status == RK_OK && r.c.treated != SIZE_MAX)
        status = keep_levels(&r, panel);
    if (status == RK_OK && r.c.first != SIZE_MAX)
        status = set_first(&r, panel);
    if (status == RK_OK && r.n_straddling > 0)
        impact_warn_straddle(impact, panel->kind, r.straddling, r.n_straddling);
    if (status == RK_OK && panel->n_dropped > 0)
        rk_warn(impact->result, RK_WARN_DROPPED, "%zu of %zu rows left out for missing cells",
                panel->n_dropped, table->n_rows);
    if (status == RK_OK && panel->n > impact->result->rows_used)
        impact->result->rows_used = panel->n;
    free(rows);
    free(r.unit_of);
    free(r.cell);
    return status;
}

void impact_panel_free(struct impact_panel *p)
{
    free(p->y);
    free(p->Z);
    free(p->unit);
    free(p->period);
    free(p->time);
    free(p->after);
    free(p->treated);
    free(p->first);
    free(p->name);
    free(p->unit_cells);
    free(p->level[0]);
    free(p->level[1]);
}

struct rk_panel_design impact_panel_design(const struct impact_panel *p, const double *X, size_t k)
{
    return (struct rk_panel_design){.n = p->n,
                                    .p = k,
                                    .y = p->y,
                                    .X = X,
                                    .unit = p->unit,
                                    .period = p->period,
                                    .n_units = p->n_units,
                                    .n_periods = p->n_periods};
}
