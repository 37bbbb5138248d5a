/* Which cells (cohort, period) there are, and what they make together. */
#include <math.h>
#include <stdlib.h>

#include "staggered.h"

static bool is_seen(const struct plan *plan, const struct cell *cell, size_t i)
{
    const double *y = plan->data->y + i * plan->data->n_periods;

    return !isnan(y[cell->period]) && !isnan(y[cell->base]);
}

bool plan_is_treated(const struct plan *plan, const struct cell *cell, size_t i)
{
    return plan->data->first[i] == cell->cohort && is_seen(plan, cell, i);
}

bool plan_is_control(const struct plan *plan, const struct cell *cell, size_t i)
{
    size_t first = plan->data->first[i];
    size_t last = cell->period > cell->base ? cell->period : cell->base;

    if (first != RK_NEVER && !(plan->data->not_yet && first != cell->cohort && first > last))
        return false;
    return is_seen(plan, cell, i);
}

static double event_time(const struct plan *plan, const struct cell *cell)
{
    return plan->data->time[cell->period] - plan->data->time[cell->cohort];
}

static enum rk_status find_cells(struct plan *plan)
{
    size_t n = plan->data->n_periods, n_cohorts = 0;

    for (size_t i = 0; i < plan->data->n_units; i++)
        if (plan->data->first[i] != RK_NEVER)
            n_cohorts += plan->size[plan->data->first[i]]++ == 0;
    plan->cell = calloc(n_cohorts * n + 1, sizeof *plan->cell);
    if (plan->cell == NULL)
        return RK_ENOMEM;
    for (size_t g = 1; g < n; g++) {
        for (size_t t = 0; t < n && plan->size[g] > 0; t++) {
            struct cell cell = {.cohort = g, .period = t, .base = g - 1};

            for (size_t i = 0; t != cell.base && i < plan->data->n_units; i++) {
                cell.n_treated += plan_is_treated(plan, &cell, i);
                cell.n_control += plan_is_control(plan, &cell, i);
            }
            if (cell.n_treated > 0 && cell.n_control > 0)
                plan->cell[plan->n_cells++] = cell;
        }
    }
    return plan->n_cells == 0 ? RK_ETOOFEW : RK_OK;
}

/* Whether the cell is part of the aggregate. */
static bool belongs(const struct plan *plan, const struct rk_staggered_effect *effect,
                    const struct cell *cell)
{
    bool started = cell->period >= cell->cohort;

    switch (effect->kind) {
    case RK_STAGGERED_SIMPLE:
    case RK_STAGGERED_DYNAMIC:
        return started;
    case RK_STAGGERED_GROUP:
        return started && effect->cohort == cell->cohort;
    case RK_STAGGERED_CALENDAR:
        return started && effect->period == cell->period;
    case RK_STAGGERED_EVENT:
        return effect->event_time == event_time(plan, cell);
    case RK_STAGGERED_CELL:
        break;
    }
    return false;
}

/* Adds an aggregate if some cell is part of it. */
static void add_effect(struct plan *plan, struct rk_staggered_effect effect)
{
    bool any = false;

    for (size_t c = 0; !any && c < plan->n_cells; c++)
        any = belongs(plan, &effect, &plan->cell[c]);
    if (any)
        plan->effect[plan->n_effects++] = effect;
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static enum rk_status add_events(struct plan *plan)
{
    double *times = malloc(plan->n_cells * sizeof *times);

    if (times == NULL)
        return RK_ENOMEM;
    for (size_t c = 0; c < plan->n_cells; c++)
        times[c] = event_time(plan, &plan->cell[c]);
    qsort(times, plan->n_cells, sizeof *times, by_value);
    plan->first_event = plan->n_effects;
    for (size_t c = 0; c < plan->n_cells; c++)
        if (c == 0 || times[c] != times[c - 1])
            add_effect(plan, (struct rk_staggered_effect){.kind = RK_STAGGERED_EVENT,
                                                          .event_time = times[c]});
    plan->n_events = plan->n_effects - plan->first_event;
    free(times);
    return RK_OK;
}

static enum rk_status add_aggregates(struct plan *plan)
{
    size_t n = plan->data->n_periods;
    enum rk_status status;

    plan->effect = calloc(2 * n + 2 * plan->n_cells + 3, sizeof *plan->effect);
    if (plan->effect == NULL)
        return RK_ENOMEM;
    add_effect(plan, (struct rk_staggered_effect){.kind = RK_STAGGERED_SIMPLE});
    add_effect(plan, (struct rk_staggered_effect){.kind = RK_STAGGERED_DYNAMIC});
    for (size_t g = 0; g < n; g++)
        add_effect(plan, (struct rk_staggered_effect){.kind = RK_STAGGERED_GROUP, .cohort = g});
    for (size_t t = 0; t < n; t++)
        add_effect(plan, (struct rk_staggered_effect){.kind = RK_STAGGERED_CALENDAR, .period = t});
    status = add_events(plan);
    plan->n_aggregates = plan->n_effects;
    return status;
}

/* The weight of a cell before the weights of an aggregate are made to sum to 1. For the mean over
 * event times: its share of the units of its event time. */
static double raw_weight(const struct plan *plan, const struct rk_staggered_effect *effect,
                         const struct cell *cell)
{
    double units = (double)plan->size[cell->cohort], all = 0.0;

    if (effect->kind == RK_STAGGERED_GROUP)
        return 1.0;
    if (effect->kind != RK_STAGGERED_DYNAMIC)
        return units;
    for (size_t c = 0; c < plan->n_cells; c++)
        if (event_time(plan, &plan->cell[c]) == event_time(plan, cell))
            all += (double)plan->size[plan->cell[c].cohort];
    return units / all;
}

static enum rk_status add_shares(struct plan *plan)
{
    double *sum = calloc(plan->n_aggregates + 1, sizeof *sum);

    /* simple, dynamic, its cohort, its period, its event time, and itself */
    plan->share = calloc(6 * plan->n_cells + 1, sizeof *plan->share);
    if (sum == NULL || plan->share == NULL) {
        free(sum);
        return RK_ENOMEM;
    }
    for (size_t c = 0; c < plan->n_cells; c++) {
        struct cell *cell = &plan->cell[c];

        cell->first_share = plan->n_shares;
        for (size_t e = 0; e < plan->n_aggregates; e++) {
            struct rk_staggered_effect *effect = &plan->effect[e];
            double weight;

            if (!belongs(plan, effect, cell))
                continue;
            weight = raw_weight(plan, effect, cell);
            sum[e] += weight;
            plan->share[plan->n_shares++] = (struct share){e, weight};
        }
        plan->share[plan->n_shares++] = (struct share){plan->n_effects, 1.0};
        cell->n_shares = plan->n_shares - cell->first_share;
        plan->effect[plan->n_effects++] =
            (struct rk_staggered_effect){.kind = RK_STAGGERED_CELL,
                                         .cohort = cell->cohort,
                                         .period = cell->period,
                                         .event_time = event_time(plan, cell),
                                         .n_treated = cell->n_treated,
                                         .n_control = cell->n_control};
    }
    for (size_t s = 0; s < plan->n_shares; s++)
        if (plan->share[s].effect < plan->n_aggregates)
            plan->share[s].weight /= sum[plan->share[s].effect];
    free(sum);
    return RK_OK;
}

/* The units behind each effect: of each cohort once. */
static void count_units(struct plan *plan)
{
    for (size_t e = 0; e < plan->n_effects; e++) {
        struct rk_staggered_effect *effect = &plan->effect[e];
        size_t last = RK_NEVER;

        effect->smallest = SIZE_MAX;
        for (size_t c = 0; c < plan->n_cells; c++) {
            const struct cell *cell = &plan->cell[c];
            size_t size = plan->size[cell->cohort];

            if (effect->kind == RK_STAGGERED_CELL
                    ? cell->cohort != effect->cohort || cell->period != effect->period
                    : !belongs(plan, effect, cell))
                continue;
            effect->smallest = size < effect->smallest ? size : effect->smallest;
            if (effect->kind != RK_STAGGERED_CELL && cell->cohort != last)
                effect->n_treated += size;
            last = cell->cohort;
        }
    }
}

enum rk_status plan_make(const struct rk_staggered_data *data, struct plan *plan)
{
    enum rk_status status;

    *plan = (struct plan){.data = data, .size = calloc(data->n_periods + 1, sizeof *plan->size)};
    if (plan->size == NULL)
        return RK_ENOMEM;
    status = find_cells(plan);
    if (status == RK_OK)
        status = add_aggregates(plan);
    if (status == RK_OK)
        status = add_shares(plan);
    if (status == RK_OK)
        count_units(plan);
    return status;
}

void plan_free(struct plan *plan)
{
    free(plan->cell);
    free(plan->share);
    free(plan->size);
}
