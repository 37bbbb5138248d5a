/* Pairs of a panel without missing cells: all pairs of a lag stand on the same rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"
#include "repkit/parallel.h"

/* The columns of the group's pairs, each once: the x first, since only they are lagged. */
struct columns {
    size_t n_x, n;
    size_t *column;
    size_t *of_x, *of_y; /* a column's place among them */
};

struct work {
    struct corr_group *group;
    const struct columns *columns;
    size_t scope[RK_SCOPE_COUNT], n_scopes;
};

enum { MOST_VALUES = 20000000 }; /* that one thread holds at once */

static void columns_free(struct columns *c)
{
    free(c->column);
    free(c->of_x);
}

static bool columns_new(const struct corr_group *group, struct columns *c)
{
    size_t n_columns = group->table->n_columns;

    *c = (struct columns){.column = malloc((2 * n_columns + 1) * sizeof *c->column),
                          .of_x = malloc((2 * n_columns + 1) * sizeof *c->of_x)};
    if (c->column == NULL || c->of_x == NULL) {
        columns_free(c);
        return false;
    }
    c->of_y = c->of_x + n_columns;
    for (size_t j = 0; j < 2 * n_columns; j++)
        c->of_x[j] = SIZE_MAX;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < group->n_pairs; i++) {
            size_t column = side == 0 ? group->pair[i].x : group->pair[i].y;
            size_t *place = side == 0 ? &c->of_x[column] : &c->of_y[column];

            if (*place != SIZE_MAX)
                continue;
            *place = c->n;
            c->column[c->n++] = column;
            c->n_x += side == 0;
        }
    return true;
}

bool corr_is_full(const struct corr_group *group)
{
    const struct rk_corr_options *o = group->options;
    struct columns c;
    bool full = o->method == RK_PEARSON && !o->boot && group->n_controls == 0 &&
                o->contrast.n == 0 && group->id != SIZE_MAX && group->time != SIZE_MAX &&
                group->n_pairs > 1 && group->n_rows > 0 && columns_new(group, &c);

    if (!full)
        return false;
    full = c.n > 1 && c.n <= MOST_VALUES / group->n_rows;
    for (size_t j = 0; full && j < c.n; j++) {
        const double *x = group->table->column[c.column[j]].number;

        for (size_t k = 0; full && k < group->n_rows; k++)
            full = isfinite(x[group->row[k]]);
    }
    columns_free(&c);
    return full;
}

/* The rows of a lag, all columns. Units are numbered in the order they come. */
static enum rk_status take_rows(const struct work *w, int64_t lag, struct corr_sample *s)
{
    const struct corr_group *group = w->group;
    const struct rk_column *column = group->table->column;
    uint32_t *number = malloc((group->n_codes + 1) * sizeof *number);
    size_t *place = calloc(2 * group->n_rows + 1, sizeof *place), at = 0;
    enum rk_status status;

    *s = (struct corr_sample){.n_columns = w->columns->n, .n_periods = group->n_periods};
    status = corr_sample_alloc(s, group->n_rows, true, true);
    if (number == NULL || place == NULL || status != RK_OK) {
        free(number);
        free(place);
        return RK_ENOMEM;
    }
    memset(number, 0xff, (group->n_codes + 1) * sizeof *number); /* UINT32_MAX: not seen */
    for (size_t k = 0; k < group->n_rows; k++) {
        size_t row = group->row[k], x_row = corr_row_before(group, k, lag, &at);
        uint32_t *unit = &number[column[group->id].code[row]];

        if (x_row == SIZE_MAX)
            continue;
        if (*unit == UINT32_MAX)
            *unit = (uint32_t)s->n_units++;
        s->unit[s->n] = *unit;
        s->period[s->n] = group->period[row];
        place[2 * s->n] = x_row;
        place[2 * s->n++ + 1] = row;
    }
    for (size_t j = 0; j < s->n_columns; j++) {
        const double *x = column[w->columns->column[j]].number;
        double *to = s->values + j * group->n_rows;

        for (size_t i = 0; i < s->n; i++)
            to[i] = x[place[2 * i + (j >= w->columns->n_x)]];
    }
    free(number);
    free(place);
    return RK_OK;
}

/* What the residuals of a scope are looked at for. */
struct look {
    const struct corr_sample *s;
    struct corr_estimate **estimate; /* one a pair */
};

static void look_at_residual(void *data, size_t pair, const double *residual)
{
    const struct look *look = data;

    corr_find_serial(look->s, residual, look->estimate[pair]);
}

/* The room that the pairs of one lag share. */
struct room {
    struct rk_column_pair *pair;
    struct rk_correlation *out;
    enum rk_status *status;
    struct corr_estimate **estimate;
};

static enum rk_status correlate_scope(const struct work *w, const struct corr_sample *s,
                                      size_t scope, size_t n_pairs, const struct room *room)
{
    const struct rk_common *common = &w->group->options->common;
    bool within = scope == RK_WITHIN || scope == RK_TWO_WAY;
    struct look look = {s, room->estimate};
    const struct rk_correlation_data data = {.n = s->n,
                                             .x = s->column[0],
                                             .y = s->column[1],
                                             .control = s->column + 2,
                                             .n_controls = s->n_columns - 2,
                                             .unit = within ? s->unit : NULL,
                                             .n_units = within ? s->n_units : 0,
                                             .period = scope == RK_TWO_WAY ? s->period : NULL,
                                             .n_periods = scope == RK_TWO_WAY ? s->n_periods : 0};
    const struct rk_correlation_pairs pairs = {.pair = room->pair,
                                               .n = n_pairs,
                                               .conf_level = common->conf_level,
                                               .alternative = common->alternative,
                                               .out = room->out,
                                               .status = room->status,
                                               .look = within ? look_at_residual : NULL,
                                               .data = &look};
    enum rk_status status = rk_correlate_pairs(&data, &pairs);

    for (size_t k = 0; k < n_pairs; k++) {
        struct corr_estimate *e = room->estimate[k];

        e->status = status == RK_OK ? room->status[k] : status;
        if (e->status == RK_OK)
            e->c = room->out[k];
    }
    return status == RK_OK || rk_status_is_undefined(status) ? RK_OK : status;
}

static enum rk_status room_new(size_t n, struct room *room)
{
    room->pair = malloc((n + 1) * sizeof *room->pair);
    room->out = malloc((n + 1) * sizeof *room->out);
    room->status = malloc((n + 1) * sizeof *room->status);
    room->estimate = malloc((n + 1) * sizeof(struct corr_estimate *));
    return room->pair == NULL || room->out == NULL || room->status == NULL || room->estimate == NULL
               ? RK_ENOMEM
               : RK_OK;
}

static void room_free(struct room *room)
{
    free(room->pair);
    free(room->out);
    free(room->status);
    free(room->estimate);
}

/* The share of each x's variation within units, once a column. */
static enum rk_status find_shares(const struct work *w, const struct corr_sample *s, size_t first)
{
    struct corr_group *group = w->group;
    size_t step = group->n_lags;

    for (size_t i = first; i < group->n_pairs; i += step) {
        size_t before = first;

        while (before < i && group->pair[before].x != group->pair[i].x)
            before += step;
        if (before < i) {
            group->pair[i].within_share = group->pair[before].within_share;
        } else {
            enum rk_status status =
                rk_within_share(s->column[w->columns->of_x[group->pair[i].x]], s->unit, s->n,
                                s->n_units, &group->pair[i].within_share);

            if (status != RK_OK)
                return status;
        }
    }
    return RK_OK;
}

/* Pooled and within are compared at the nearest lag, printed or not. */
static bool is_computed(const struct work *w, int64_t lag, size_t scope)
{
    bool compared = lag == w->group->nearest && (scope == RK_POOLED || scope == RK_WITHIN);

    return compared || (w->group->scopes >> scope & 1u) != 0;
}

static size_t first_scope(const struct work *w, size_t lag)
{
    size_t scope = 0;

    while (!is_computed(w, w->group->pair[lag].lag, scope))
        scope++;
    return scope;
}

/* The scopes that nobody asked for have counts all the same. */
static void count_others(const struct work *w, const struct corr_sample *s, struct corr_pair *pair)
{
    for (size_t scope = 0; scope < RK_SCOPE_COUNT; scope++)
        if (!is_computed(w, pair->lag, scope))
            corr_count(s, scope, &pair->scope[scope]);
}

/* One scope of one lag, beside the others of the lag: each writes to its own estimates, the first
 * also to what is the pair's. */
static enum rk_status correlate_part(const struct work *w, size_t lag, size_t scope, bool is_first)
{
    struct corr_group *group = w->group;
    struct corr_sample s, means = {0};
    struct room room = {0};
    size_t n = 0;
    enum rk_status status = take_rows(w, group->pair[lag].lag, &s);

    if (status == RK_OK)
        status = room_new(group->n_pairs / group->n_lags, &room);
    for (size_t i = lag; status == RK_OK && i < group->n_pairs; i += group->n_lags) {
        struct corr_pair *pair = &group->pair[i];

        room.pair[n].x = w->columns->of_x[pair->x];
        room.pair[n].y = w->columns->of_y[pair->y];
        room.estimate[n] = &pair->scope[scope];
        room.estimate[n++]->serial = NAN;
        if (is_first) {
            pair->within_share = NAN;
            count_others(w, &s, pair);
        }
    }
    if (status == RK_OK && scope == RK_BETWEEN)
        status = corr_sample_means(&s, &means);
    if (status == RK_OK)
        status = correlate_scope(w, scope == RK_BETWEEN ? &means : &s, scope, n, &room);
    for (size_t k = 0; status == RK_OK && k < n; k++)
        corr_count(&s, scope, room.estimate[k]);
    if (status == RK_OK && is_first && group->pair[lag].lag == group->nearest)
        status = find_shares(w, &s, lag);
    room_free(&room);
    corr_sample_free(&means);
    corr_sample_free(&s);
    return status;
}

static enum rk_status correlate_block(void *data, size_t block, size_t first, size_t last)
{
    const struct work *w = data;
    size_t lag = block / w->n_scopes, k = block % w->n_scopes;

    (void)first, (void)last;
    return is_computed(w, w->group->pair[lag].lag, w->scope[k])
               ? correlate_part(w, lag, w->scope[k], w->scope[k] == first_scope(w, lag))
               : RK_OK;
}

enum rk_status corr_full_pairs(struct corr_group *group, const struct rk_ctx *ctx)
{
    struct columns columns;
    struct work w = {.group = group, .columns = &columns};
    unsigned scopes = group->scopes | 1u << RK_POOLED | 1u << RK_WITHIN;
    enum rk_status status;

    if (!columns_new(group, &columns))
        return RK_ENOMEM;
    /* The longest first: they are shared out best. */
    for (size_t s = RK_SCOPE_COUNT; s-- > 0;)
        if (scopes >> s & 1u)
            w.scope[w.n_scopes++] = s;
    status = rk_parallel_blocks(ctx, group->n_lags * w.n_scopes, 1, correlate_block, &w);
    columns_free(&columns);
    return status;
}
