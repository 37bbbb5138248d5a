/* rep-simulate panel: reps by weeks, with a known answer. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "simulate_parts.h"

enum {
    REP,
    PERIOD,
    REGION,
    TREATED,
    AFTER,
    FIRST_ACTIVITY,
    DEALS_WON = FIRST_ACTIVITY + SIMULATE_ACTIVITIES,
    REVENUE,
    N_FIELDS
};

struct panel {
    struct simulate_model model;
    struct rk_table *table;
    double *gain;      /* of each rep: the sum of what the uplift added */
    size_t *n_floored; /* of each rep: cells raised to the smallest revenue */
};

static void declare(struct rk_result *result)
{
    struct rk_field fields[N_FIELDS] = {
        [REP] = {"rep", RK_TEXT, RK_DATA},
        [PERIOD] = {"period", RK_TIME, RK_DATA},
        [REGION] = {"region", RK_TEXT, RK_DATA},
        [TREATED] = {"treated", RK_NUMBER, RK_DATA},
        [AFTER] = {"after", RK_NUMBER, RK_DATA},
        [DEALS_WON] = {"deals_won", RK_NUMBER, RK_DATA},
        [REVENUE] = {"revenue", RK_NUMBER, RK_DATA},
    };

    for (size_t k = 0; k < SIMULATE_ACTIVITIES; k++)
        fields[FIRST_ACTIVITY + k] = (struct rk_field){simulate_activity(k), RK_NUMBER, RK_DATA};
    rk_result_declare(result, "panel", fields, N_FIELDS);
}

/* --- drawing ------------------------------------------------------------------------------- */

static void simulate_rep(const struct panel *panel, size_t rep)
{
    size_t n_periods = panel->model.options->periods;
    struct simulate_rep state;
    struct simulate_week week;

    simulate_rep_start(&panel->model, rep, &state);
    for (size_t row = rep * n_periods; row < (rep + 1) * n_periods; row++) {
        simulate_rep_week(&panel->model, &state, false, &week);
        panel->n_floored[rep] += week.floored;
        panel->gain[rep] += week.gain;
        for (size_t k = 0; k < SIMULATE_ACTIVITIES; k++)
            rk_table_set_number(panel->table, row, FIRST_ACTIVITY + k, week.count[k]);
        rk_table_set_number(panel->table, row, TREATED, state.treated);
        rk_table_set_number(panel->table, row, AFTER, week.after);
        rk_table_set_number(panel->table, row, REVENUE, week.revenue);
        rk_table_set_number(panel->table, row, DEALS_WON, week.deals_won);
    }
}

/* Each cell of activity and outcome is lost by itself, whatever it holds. */
static void lose_cells(const struct panel *panel, size_t rep)
{
    size_t first = rep * panel->model.options->periods;
    struct rk_rng rng;

    rk_rng_stream(&rng, panel->model.seed, "simulate missing", "", rep);
    for (size_t row = first; row < first + panel->model.options->periods; row++)
        for (size_t column = FIRST_ACTIVITY; column <= REVENUE; column++)
            if (rk_rng_uniform(&rng) < panel->model.options->missing)
                rk_table_set_number(panel->table, row, column, NAN);
}

static enum rk_status simulate_block(void *data, size_t block, size_t first, size_t last)
{
    const struct panel *panel = data;

    (void)block;
    for (size_t rep = first; rep < last; rep++) {
        simulate_rep(panel, rep);
        lose_cells(panel, rep);
    }
    return RK_OK;
}

/* --- tables -------------------------------------------------------------------------------- */

/* All rows with what names them; numbers come later. */
static enum rk_status add_rows(struct panel *panel)
{
    struct rk_table *table = panel->table;
    size_t n_periods = panel->model.options->periods;
    size_t n_rows = panel->model.options->reps * n_periods;
    enum rk_time_kind kind;
    int64_t first_week;
    enum rk_status status = rk_table_reserve(table, n_rows);

    rk_time_read(SIMULATE_FIRST_WEEK, strlen(SIMULATE_FIRST_WEEK), RK_ORDER_UNKNOWN, &kind,
                 &first_week);
    table->column[PERIOD].time_kind = kind;
    for (size_t row = 0; status == RK_OK && row < n_rows; row++) {
        size_t rep = row / n_periods, period = row % n_periods;
        char name[SIMULATE_NAME];

        simulate_rep_name(rep, name);
        status = rk_table_add_row(table);
        if (status == RK_OK)
            status = rk_table_set_text(table, row, REP, name);
        if (status == RK_OK)
            status = rk_table_set_text(table, row, REGION, simulate_region(rep));
        if (status == RK_OK)
            rk_table_set_number(table, row, PERIOD, (double)(first_week + (int64_t)period));
    }
    return status;
}

/* What the uplift added a week and treated rep, on average; NaN without a treated rep. */
static double mean_gain(const struct panel *panel, size_t *n_treated)
{
    size_t n_after = panel->model.options->periods - panel->model.rollout + 1;
    double sum = 0.0;

    *n_treated = 0;
    for (size_t rep = 0; rep < panel->model.options->reps; rep++) {
        *n_treated += simulate_is_treated(&panel->model, rep);
        sum += panel->gain[rep];
    }
    return *n_treated > 0 ? sum / ((double)*n_treated * (double)n_after) : NAN;
}

static enum rk_status check_floor(const struct panel *panel, struct rk_error *error)
{
    size_t n_floored = 0;

    for (size_t rep = 0; rep < panel->model.options->reps; rep++)
        n_floored += panel->n_floored[rep];
    return simulate_check_floor(n_floored,
                                panel->model.options->reps * panel->model.options->periods, error);
}

enum rk_status rk_simulate_run(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error)
{
    enum { REPS_IN_BLOCK = 16 };
    struct panel panel = {0};
    enum rk_status status = simulate_model_read(options, ctx->seed, &panel.model, error);
    size_t truth, n_treated;
    double gain;

    if (status != RK_OK)
        return status;
    result->random = true;
    declare(result);
    truth = simulate_truth(result);
    panel.gain = calloc(options->reps, sizeof *panel.gain);
    panel.n_floored = calloc(options->reps, sizeof *panel.n_floored);
    panel.table = rk_result_table(result, "panel");
    if (panel.gain == NULL || panel.n_floored == NULL || panel.table == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = add_rows(&panel);
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, options->reps, REPS_IN_BLOCK, simulate_block, &panel);
    if (status == RK_ENOMEM)
        rk_fail_memory(error);
    if (status == RK_OK)
        status = check_floor(&panel, error);
    if (status == RK_OK) {
        gain = mean_gain(&panel, &n_treated);
        simulate_put_model(&panel.model, n_treated, gain, 0.0, result, truth);
        simulate_put_truth(result, truth, "missing", options->missing);
        simulate_explain(&panel.model, "panel", "panel", n_treated, gain, result);
    }
    free(panel.gain);
    free(panel.n_floored);
    return status;
}
