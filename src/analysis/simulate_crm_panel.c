/* What a simulated CRM amounts to: the panel of its files, and the truth. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate_crm.h"

/* --- the panel ----------------------------------------------------------------------------- */

enum {
    OPENED = SIMULATE_ACTIVITIES, /* after the counts of activities */
    WON,
    LOST,
    REVENUE,
    CYCLE,  /* sum of days, of those closed whose opening is known */
    CYCLES, /* their number */
    N_CELLS
};

/* What the files say of reps and periods: N_CELLS for each, the house account last. */
static double *count_cells(const struct crm *crm)
{
    size_t n_periods = crm->model.options->periods, n, n_reps = crm->model.options->reps;
    double *cells = calloc((n_reps + 1) * n_periods, N_CELLS * sizeof *cells);
    const struct crm_activity *activity = crm->list[CRM_ACTIVITIES].item;
    const struct crm_deal *deal = crm_deals(crm, &n);

    for (size_t i = 0; cells != NULL && i < crm->list[CRM_ACTIVITIES].n; i++) {
        size_t period = (size_t)(activity[i].day - crm->start) / 7;

        cells[(activity[i].rep * n_periods + period) * N_CELLS + activity[i].type]++;
    }
    for (size_t i = 0; cells != NULL && i < n; i++) {
        double *row =
            cells + (deal[i].owner == CRM_HOUSE ? n_reps : deal[i].owner) * n_periods * N_CELLS;
        double *at;

        if (deal[i].open != CRM_NO_DAY)
            row[(size_t)(deal[i].open - crm->start) / 7 * N_CELLS + OPENED]++;
        if (deal[i].close == CRM_NO_DAY)
            continue;
        at = row + (size_t)(deal[i].close - crm->start) / 7 * N_CELLS;
        at[deal[i].stage == CRM_WON ? WON : LOST]++;
        if (deal[i].stage == CRM_WON)
            at[REVENUE] += deal[i].amount; /* whole numbers: no sum is rounded */
        if (deal[i].open != CRM_NO_DAY) {
            at[CYCLE] += deal[i].close - deal[i].open;
            at[CYCLES]++;
        }
    }
    return cells;
}

enum {
    P_REP,
    P_PERIOD,
    P_REGION,
    P_TEAM,
    P_TREATED,
    P_ACTIVITY,
    P_OPENED = P_ACTIVITY + SIMULATE_ACTIVITIES,
    P_WON,
    P_LOST,
    P_CLOSED,
    P_REVENUE,
    P_WIN_RATE,
    P_AVG_DEAL,
    P_CYCLE,
    P_FIELDS
};

static size_t declare_panel(struct rk_result *result)
{
    struct rk_field fields[P_FIELDS] = {
        [P_REP] = {"rep", RK_TEXT, RK_DATA},
        [P_PERIOD] = {"period", RK_TIME, RK_DATA},
        [P_REGION] = {"region", RK_TEXT, RK_DATA},
        [P_TEAM] = {"team", RK_TEXT, RK_DATA},
        [P_TREATED] = {"treated", RK_NUMBER, RK_DATA},
        [P_OPENED] = {"deals_opened", RK_NUMBER, RK_DATA},
        [P_WON] = {"deals_won", RK_NUMBER, RK_DATA},
        [P_LOST] = {"deals_lost", RK_NUMBER, RK_DATA},
        [P_CLOSED] = {"deals_closed", RK_NUMBER, RK_DATA},
        [P_REVENUE] = {"revenue", RK_NUMBER, RK_DATA},
        [P_WIN_RATE] = {"win_rate", RK_NUMBER, RK_DATA},
        [P_AVG_DEAL] = {"avg_deal", RK_NUMBER, RK_DATA},
        [P_CYCLE] = {"cycle_days", RK_NUMBER, RK_DATA},
    };
    size_t table;

    for (size_t k = 0; k < SIMULATE_ACTIVITIES; k++)
        fields[P_ACTIVITY + k] = (struct rk_field){simulate_activity(k), RK_NUMBER, RK_DATA};
    table = rk_result_declare(result, "panel", fields, P_FIELDS);
    if (result->status == RK_OK)
        result->table[table]->column[P_PERIOD].time_kind = RK_TIME_WEEK;
    return table;
}

/* One row. Ratios without a denominator are NaN, and with that missing. */
static void put_panel_row(struct rk_result *result, size_t table, const double *cell)
{
    double closed = cell[WON] + cell[LOST];

    for (size_t k = 0; k < SIMULATE_ACTIVITIES; k++)
        rk_put(result, table, P_ACTIVITY + k, cell[k]);
    rk_put(result, table, P_OPENED, cell[OPENED]);
    rk_put(result, table, P_WON, cell[WON]);
    rk_put(result, table, P_LOST, cell[LOST]);
    rk_put(result, table, P_CLOSED, closed);
    rk_put(result, table, P_REVENUE, cell[REVENUE]);
    rk_put(result, table, P_WIN_RATE, cell[WON] / closed);
    rk_put(result, table, P_AVG_DEAL, cell[REVENUE] / cell[WON]);
    rk_put(result, table, P_CYCLE, cell[CYCLE] / cell[CYCLES]);
}

/* The rows of a rep, or of the house account. */
static void put_panel_rows(const struct crm *crm, size_t rep, const double *cells,
                           int64_t first_week, struct rk_result *result, size_t table)
{
    size_t n_periods = crm->model.options->periods;
    bool house = rep == crm->model.options->reps;
    size_t first = house ? 1 : crm->life[rep].first;
    size_t last = house ? n_periods : crm->life[rep].last;
    char name[SIMULATE_NAME];

    for (size_t period = first; period <= last; period++) {
        rk_result_row(result, table);
        rk_put_text(result, table, P_REP, crm_rep_name(house ? CRM_HOUSE : (uint32_t)rep, name));
        rk_put(result, table, P_PERIOD, (double)(first_week + (int64_t)period - 1));
        rk_put_text(result, table, P_REGION, house ? NULL : simulate_region(rep));
        rk_put_text(result, table, P_TEAM, house ? NULL : crm_team(rep));
        rk_put(result, table, P_TREATED,
               house ? NAN : (double)simulate_is_treated(&crm->model, rep));
        put_panel_row(result, table, cells + (rep * n_periods + period - 1) * N_CELLS);
    }
}

struct place {
    char name[SIMULATE_NAME];
    size_t rep;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

/* Reps in the order of their names' bytes, as rep-panel has them. */
static void put_panel(const struct crm *crm, const double *cells, struct rk_result *result)
{
    size_t n_reps = crm->model.options->reps, n = 0, table = declare_panel(result);
    struct place *places = malloc((n_reps + 1) * sizeof *places);
    char house[SIMULATE_NAME];
    enum rk_time_kind kind;
    int64_t first_week;

    if (places == NULL) {
        result->status = RK_ENOMEM;
        return;
    }
    rk_time_read(SIMULATE_FIRST_WEEK, strlen(SIMULATE_FIRST_WEEK), RK_ORDER_UNKNOWN, &kind,
                 &first_week);
    for (size_t rep = 0; rep < n_reps; rep++)
        if (crm_came(crm, rep)) {
            simulate_rep_name(rep, places[n].name);
            places[n++].rep = rep;
        }
    if (crm_has_house(crm)) {
        snprintf(places[n].name, sizeof places[n].name, "%s", crm_rep_name(CRM_HOUSE, house));
        places[n++].rep = n_reps;
    }
    qsort(places, n, sizeof *places, by_name);
    for (size_t i = 0; result->status == RK_OK && i < n; i++)
        put_panel_rows(crm, places[i].rep, cells, first_week, result, table);
    free(places);
}

/* --- truth --------------------------------------------------------------------------------- */

/* What is in the files, all in all. */
static void put_totals(const struct crm *crm, const double *cells, double spend,
                       struct rk_result *result, size_t truth)
{
    size_t n_rows = (crm->model.options->reps + 1) * crm->model.options->periods, n_converted = 0;
    double total[N_CELLS] = {0};
    const struct crm_lead *lead = crm->list[CRM_LEADS].item;
    char name[64];

    for (size_t i = 0; i < n_rows; i++)
        for (size_t k = 0; k < N_CELLS; k++)
            total[k] += cells[i * N_CELLS + k];
    for (size_t i = 0; i < crm->list[CRM_LEADS].n; i++)
        n_converted += lead[i].converted;
    for (size_t k = 0; k < SIMULATE_ACTIVITIES; k++) {
        snprintf(name, sizeof name, "total_%s", simulate_activity(k));
        simulate_put_truth(result, truth, name, total[k]);
    }
    simulate_put_truth(result, truth, "total_deals", (double)crm->list[CRM_DEALS].n);
    simulate_put_truth(result, truth, "total_deals_opened", total[OPENED]);
    simulate_put_truth(result, truth, "total_deals_won", total[WON]);
    simulate_put_truth(result, truth, "total_deals_lost", total[LOST]);
    simulate_put_truth(result, truth, "total_revenue", total[REVENUE]);
    simulate_put_truth(result, truth, "total_leads", (double)crm->list[CRM_LEADS].n);
    simulate_put_truth(result, truth, "total_converted", (double)n_converted);
    simulate_put_truth(result, truth, "total_spend", spend);
    simulate_put_truth(result, truth, "total_scores", (double)crm->list[CRM_SCORES].n);
}

static void put_parameters(const struct crm *crm, struct rk_result *result, size_t truth)
{
    const struct rk_simulate_options *options = crm->model.options;
    struct crm_truth t;
    double lifted;

    crm_truth(&t);
    lifted = t.win_rate * (1.0 + options->uplift);
    simulate_put_model(&crm->model, crm->n_treated, crm->gain,
                       options->deal_size * (1.0 + t.amount_cv * t.amount_cv), result, truth);
    simulate_put_truth(result, truth, "hires", options->hires);
    simulate_put_truth(result, truth, "churn", options->churn);
    simulate_put_truth(result, truth, "reps_seen", (double)crm->n_reps);
    simulate_put_truth(result, truth, "reps_hired", (double)crm->n_hired);
    simulate_put_truth(result, truth, "reps_left", (double)crm->n_left);
    simulate_put_truth(result, truth, "rep_weeks", (double)crm->n_weeks);
    simulate_put_truth(result, truth, "rep_weeks_off", (double)crm->n_weeks_off);
    simulate_put_truth(result, truth, "win_rate", t.win_rate);
    simulate_put_truth(result, truth, "win_rate_treated", lifted / (lifted + 1.0 - t.win_rate));
    simulate_put_truth(result, truth, "cycle_mean_days", t.cycle_mean);
    simulate_put_truth(result, truth, "cycle_median_days", t.cycle_median);
    simulate_put_truth(result, truth, "amount_cv", t.amount_cv);
    simulate_put_truth(result, truth, "leads_per_week", t.leads_per_week);
    simulate_put_truth(result, truth, "conversion", t.conversion);
    simulate_put_truth(result, truth, "score_mean", t.score_mean);
    simulate_put_truth(result, truth, "nps", t.nps);
}

static enum rk_status put_tables(const struct crm *crm, struct rk_result *result)
{
    double *cells = count_cells(crm), spend;
    size_t truth;

    if (cells == NULL)
        return RK_ENOMEM;
    spend = crm_put_files(crm, result);
    truth = simulate_truth(result);
    put_parameters(crm, result, truth);
    put_totals(crm, cells, spend, result, truth);
    crm_declare_dirt(result);
    put_panel(crm, cells, result);
    free(cells);
    return result->status;
}

enum rk_status rk_simulate_crm_run(const struct rk_simulate_options *options,
                                   const struct rk_ctx *ctx, struct rk_result *result,
                                   struct rk_error *error)
{
    struct crm crm;
    enum rk_status status = crm_draw(options, ctx, &crm, error);

    if (status == RK_OK) {
        result->random = true;
        status = put_tables(&crm, result);
    }
    if (status == RK_OK && options->dirty)
        status = crm_put_dirt(crm.model.seed, result);
    if (status == RK_OK)
        simulate_explain(&crm.model, "crm", "CRM export", crm.n_treated, crm.gain, result);
    if (status == RK_ENOMEM)
        rk_fail_memory(error);
    crm_free(&crm);
    return status;
}
