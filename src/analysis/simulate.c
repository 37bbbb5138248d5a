/* rep-simulate: what would data with a known answer look like? */
#include "repkit/simulate.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"

/* --- the model ----------------------------------------------------------------------------- */

enum {
    REP,
    PERIOD,
    REGION,
    TREATED,
    AFTER,
    FIRST_ACTIVITY,
    DEALS_WON = FIRST_ACTIVITY + 5,
    REVENUE
};
enum { N_ACTIVITIES = DEALS_WON - FIRST_ACTIVITY };

static const struct rk_field panel_fields[] = {
    [REP] = {"rep", RK_TEXT, RK_DATA},
    [PERIOD] = {"period", RK_TIME, RK_DATA},
    [REGION] = {"region", RK_TEXT, RK_DATA},
    [TREATED] = {"treated", RK_NUMBER, RK_DATA},
    [AFTER] = {"after", RK_NUMBER, RK_DATA},
    [FIRST_ACTIVITY] = {"calls", RK_NUMBER, RK_DATA},
    {"emails", RK_NUMBER, RK_DATA},
    {"meetings", RK_NUMBER, RK_DATA},
    {"notes", RK_NUMBER, RK_DATA},
    {"tasks", RK_NUMBER, RK_DATA},
    [DEALS_WON] = {"deals_won", RK_NUMBER, RK_DATA},
    [REVENUE] = {"revenue", RK_NUMBER, RK_DATA},
};
static const struct rk_field truth_fields[] = {
    {"parameter", RK_TEXT, RK_GENERAL},
    {"value", RK_NUMBER, RK_GENERAL},
};

/* A week of an average rep: how many, and what one more brings unless --effect says otherwise. */
static const struct {
    double mean, effect;
} activities[N_ACTIVITIES] = {{40, 12.5}, {60, 0}, {5, 150}, {15, 0}, {20, 0}};

static const char *const regions[] = {"North", "South", "East", "West"};
enum { N_REGIONS = sizeof regions / sizeof *regions };

/* Money is a week's. The level is far enough above the spread for revenue not to fall below 0. */
static const double level = 2000.0, spread = 600.0, deal_size = 2500.0;
/* Reps' mean activity: the sd of its logarithm, the share of it common to all activities, and the
 * correlation of that with the rep's own level of revenue. */
static const double activity_sd = 0.3, activity_common = 0.8, quality_correlation = 0.7;
/* A quarter has 13 weeks, so that half years are alike. */
static const double season_amplitude = 0.1, season_periods = 13.0;

static const double most_effect = 1e6, smallest_revenue = 0.01;

/* --- what is asked for --------------------------------------------------------------------- */

struct panel {
    const struct rk_simulate_options *options;
    const struct rk_ctx *ctx;
    struct rk_table *table;
    size_t rollout; /* from 1 */
    double effect[N_ACTIVITIES];
    double *gain;      /* of each rep: the sum of what the uplift added */
    size_t *n_floored; /* of each rep: cells raised to the smallest revenue */
};

static enum rk_status read_effect(struct panel *panel, const char *text, struct rk_error *error)
{
    const char *equals = strchr(text, '=');
    const char *names[N_ACTIVITIES], *nearest;
    char name[32];
    size_t length = equals == NULL ? 0 : (size_t)(equals - text);
    double value;

    if (equals == NULL || length == 0 || length >= sizeof name)
        return rk_fail(error, RK_EUSAGE, "--effect: '%s' is not NAME=VALUE", text);
    if (rk_number_read(equals + 1, strlen(equals + 1), '.', &value, NULL) != RK_READ_OK ||
        fabs(value) > most_effect)
        return rk_fail(error, RK_EUSAGE, "--effect: '%s' is no number between -1000000 and 1000000",
                       equals + 1);
    memcpy(name, text, length);
    name[length] = '\0';
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        names[k] = panel_fields[FIRST_ACTIVITY + k].name;
        if (strcmp(names[k], name) == 0) {
            panel->effect[k] = value;
            return RK_OK;
        }
    }
    nearest = rk_nearest(name, names, N_ACTIVITIES);
    if (nearest != NULL)
        return rk_fail(error, RK_EUSAGE, "--effect: no activity '%s'; did you mean '%s'?", name,
                       nearest);
    return rk_fail(error, RK_EUSAGE,
                   "--effect: no activity '%s'; there are calls, emails, meetings, notes, tasks",
                   name);
}

static enum rk_status read_options(struct panel *panel, struct rk_error *error)
{
    const struct rk_simulate_options *options = panel->options;
    enum rk_status status = RK_OK;

    for (size_t k = 0; k < N_ACTIVITIES; k++)
        panel->effect[k] = activities[k].effect;
    for (size_t i = 0; status == RK_OK && i < options->effects.n; i++)
        status = read_effect(panel, options->effects.name[i], error);
    if (status != RK_OK)
        return status;
    panel->rollout = options->rollout;
    if (panel->rollout == 0) /* half-way, with a week before it if there are two */
        panel->rollout = options->periods < 4 ? (options->periods + 2) / 2 : options->periods / 2;
    if (panel->rollout > options->periods)
        return rk_fail(error, RK_EUSAGE, "--rollout: %zu comes after the last of %zu periods",
                       panel->rollout, options->periods);
    return RK_OK;
}

/* --- drawing ------------------------------------------------------------------------------- */

/* Of two reps that follow each other one is treated, by chance: half of all, whatever their
 * number, and no rep's lot depends on how many come later. */
static bool is_treated(const struct panel *panel, size_t rep)
{
    struct rk_rng rng;

    rk_rng_stream(&rng, panel->ctx->seed, "simulate treated", "", rep / 2);
    return rk_rng_below(&rng, 2) == rep % 2;
}

/* What a rep brings along. */
struct traits {
    double level;              /* of revenue, above that of an average rep */
    double mean[N_ACTIVITIES]; /* of activities in a week */
    bool treated;
};

static void draw_traits(const struct panel *panel, size_t rep, struct traits *traits)
{
    struct rk_rng rng;
    double quality, common;

    rk_rng_stream(&rng, panel->ctx->seed, "simulate traits", "", rep);
    quality = rk_rng_normal(&rng);
    common = quality_correlation * quality +
             sqrt(1.0 - quality_correlation * quality_correlation) * rk_rng_normal(&rng);
    traits->level = sqrt(panel->options->icc) * spread * quality;
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        double own = activity_common * common +
                     sqrt(1.0 - activity_common * activity_common) * rk_rng_normal(&rng);

        /* The mean of exp(s z - s^2 / 2) is 1. */
        traits->mean[k] =
            activities[k].mean * exp(activity_sd * own - activity_sd * activity_sd / 2.0);
    }
    traits->treated = is_treated(panel, rep);
}

/* The counts of one week into `row`; returns the revenue they bring. */
static double draw_activities(const struct panel *panel, const struct traits *traits, size_t period,
                              size_t row, gsl_rng *rng)
{
    double season = 1.0 + season_amplitude * sin(2.0 * M_PI * (double)period / season_periods);
    double revenue = 0.0;

    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        double count = (double)gsl_ran_poisson(rng, season * traits->mean[k]);

        rk_table_set_number(panel->table, row, FIRST_ACTIVITY + k, count);
        revenue += panel->effect[k] * count;
    }
    return revenue;
}

static void simulate_rep(const struct panel *panel, size_t rep)
{
    const struct rk_simulate_options *options = panel->options;
    struct rk_rng activity_state, noise_state, deals_state;
    gsl_rng activity = rk_rng_gsl(&activity_state), deals = rk_rng_gsl(&deals_state);
    double noise_sd = sqrt(1.0 - options->icc) * spread;
    double innovation_sd = noise_sd * sqrt(1.0 - options->ar * options->ar), noise = 0.0;
    struct traits traits;

    draw_traits(panel, rep, &traits);
    rk_rng_stream(&activity_state, panel->ctx->seed, "simulate activity", "", rep);
    rk_rng_stream(&noise_state, panel->ctx->seed, "simulate noise", "", rep);
    rk_rng_stream(&deals_state, panel->ctx->seed, "simulate deals", "", rep);
    for (size_t period = 1; period <= options->periods; period++) {
        size_t row = rep * options->periods + period - 1;
        bool after = period >= panel->rollout;
        double revenue, gain;

        noise = period == 1 ? noise_sd * rk_rng_normal(&noise_state) /* as if it had always run */
                            : options->ar * noise + innovation_sd * rk_rng_normal(&noise_state);
        revenue =
            level + traits.level + noise + draw_activities(panel, &traits, period, row, &activity);
        panel->n_floored[rep] += revenue < smallest_revenue;
        revenue = revenue < smallest_revenue ? smallest_revenue : revenue;
        gain = traits.treated && after ? options->uplift * revenue : 0.0;
        panel->gain[rep] += gain;
        revenue = round((revenue + gain) * 100.0) / 100.0;
        rk_table_set_number(panel->table, row, TREATED, traits.treated);
        rk_table_set_number(panel->table, row, AFTER, after);
        rk_table_set_number(panel->table, row, REVENUE, revenue);
        rk_table_set_number(panel->table, row, DEALS_WON,
                            gsl_ran_poisson(&deals, revenue / deal_size));
    }
}

/* Each cell of activity and outcome is lost by itself, whatever it holds. */
static void lose_cells(const struct panel *panel, size_t rep)
{
    size_t first = rep * panel->options->periods;
    struct rk_rng rng;

    rk_rng_stream(&rng, panel->ctx->seed, "simulate missing", "", rep);
    for (size_t row = first; row < first + panel->options->periods; row++)
        for (size_t column = FIRST_ACTIVITY; column <= REVENUE; column++)
            if (rk_rng_uniform(&rng) < panel->options->missing)
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
    size_t n_rows = panel->options->reps * panel->options->periods;
    enum rk_time_kind kind;
    int64_t first_week;
    enum rk_status status = rk_table_reserve(table, n_rows);

    rk_time_read("2024-W01", 8, RK_ORDER_UNKNOWN, &kind, &first_week);
    table->column[PERIOD].time_kind = kind;
    for (size_t row = 0; status == RK_OK && row < n_rows; row++) {
        size_t rep = row / panel->options->periods, period = row % panel->options->periods;
        char name[32];

        snprintf(name, sizeof name, "R%03zu", rep + 1);
        status = rk_table_add_row(table);
        if (status == RK_OK)
            status = rk_table_set_text(table, row, REP, name);
        if (status == RK_OK)
            status = rk_table_set_text(table, row, REGION, regions[rep / 2 % N_REGIONS]);
        if (status == RK_OK)
            rk_table_set_number(table, row, PERIOD, (double)(first_week + (int64_t)period));
    }
    return status;
}

static void put_truth(struct rk_result *result, size_t table, const char *parameter, double value)
{
    rk_result_row(result, table);
    rk_put_text(result, table, 0, parameter);
    rk_put(result, table, 1, value);
}

/* What the uplift added a week and treated rep, on average; NaN without a treated rep. */
static double mean_gain(const struct panel *panel, size_t *n_treated)
{
    size_t n_after = panel->options->periods - panel->rollout + 1;
    double sum = 0.0;

    *n_treated = 0;
    for (size_t rep = 0; rep < panel->options->reps; rep++) {
        *n_treated += is_treated(panel, rep);
        sum += panel->gain[rep];
    }
    return *n_treated > 0 ? sum / ((double)*n_treated * (double)n_after) : NAN;
}

/* Mean and variances of revenue before the rollout, between reps and within. Activities' means are
 * lognormal: cov(m_j, m_k) = m_j m_k (exp(s^2 rho_jk) - 1), and with the normal b, m_k s rho_kb
 * sd_b. */
static void revenue_moments(const struct panel *panel, double *mean, double *between,
                            double *within)
{
    double sd_reps = sqrt(panel->options->icc) * spread, s2 = activity_sd * activity_sd;
    double brought = 0.0, counts = 0.0, activity_variance = 0.0, covariance = 0.0;

    for (size_t j = 0; j < N_ACTIVITIES; j++) {
        double money = panel->effect[j] * activities[j].mean;

        brought += money;
        counts += panel->effect[j] * money; /* a Poisson's variance is its mean */
        covariance += money * activity_sd * activity_common * quality_correlation * sd_reps;
        for (size_t k = 0; k < N_ACTIVITIES; k++) {
            double rho = j == k ? 1.0 : activity_common * activity_common;

            activity_variance += money * panel->effect[k] * activities[k].mean * expm1(s2 * rho);
        }
    }
    *mean = level + brought;
    *between = sd_reps * sd_reps + activity_variance + 2.0 * covariance;
    *within = (1.0 - panel->options->icc) * spread * spread + counts +
              season_amplitude * season_amplitude / 2.0 * (activity_variance + brought * brought);
}

static void fill_truth(const struct panel *panel, size_t n_treated, double gain,
                       struct rk_result *result, size_t truth)
{
    const struct rk_simulate_options *options = panel->options;
    double mean, between, within;
    char name[64];

    revenue_moments(panel, &mean, &between, &within);
    put_truth(result, truth, "reps", (double)options->reps);
    put_truth(result, truth, "periods", (double)options->periods);
    put_truth(result, truth, "reps_treated", (double)n_treated);
    put_truth(result, truth, "rollout", (double)panel->rollout);
    put_truth(result, truth, "uplift", options->uplift);
    put_truth(result, truth, "uplift_revenue", gain);
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        snprintf(name, sizeof name, "effect_%s", panel_fields[FIRST_ACTIVITY + k].name);
        put_truth(result, truth, name, panel->effect[k]);
    }
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        snprintf(name, sizeof name, "mean_%s", panel_fields[FIRST_ACTIVITY + k].name);
        put_truth(result, truth, name, activities[k].mean);
    }
    put_truth(result, truth, "mean_revenue", mean);
    put_truth(result, truth, "sd_revenue", sqrt(between + within));
    put_truth(result, truth, "icc_revenue", between / (between + within));
    put_truth(result, truth, "level", level);
    put_truth(result, truth, "sd_reps", sqrt(options->icc) * spread);
    put_truth(result, truth, "sd_noise", sqrt(1.0 - options->icc) * spread);
    put_truth(result, truth, "icc", options->icc);
    put_truth(result, truth, "ar", options->ar);
    put_truth(result, truth, "activity_log_sd", activity_sd);
    put_truth(result, truth, "quality_correlation", quality_correlation);
    put_truth(result, truth, "season_amplitude", season_amplitude);
    put_truth(result, truth, "season_periods", season_periods);
    put_truth(result, truth, "revenue_per_deal", deal_size);
    put_truth(result, truth, "missing", options->missing);
}

static void explain(const struct panel *panel, size_t n_treated, double gain,
                    struct rk_result *result)
{
    const struct rk_simulate_options *options = panel->options;
    struct rk_text manager = {0}, paper = {0};

    rk_text_format(
        &manager,
        "%zu reps over %zu weeks, %zu of them treated from week %zu on: the true uplift is ",
        options->reps, options->periods, n_treated, panel->rollout);
    rk_text_rounded(&manager, 100.0 * options->uplift, 4);
    rk_text_add(&manager, "% of revenue, here ");
    rk_text_rounded(&manager, gain, 4);
    rk_text_add(&manager, " a week and treated rep.");
    rk_text_format(&paper,
                   "Simulated panel, %zu reps x %zu weeks; revenue linear in Poisson activity with "
                   "rep effects "
                   "(ICC = %g) and AR(1) noise (rho = %g); multiplicative treatment effect %g.",
                   options->reps, options->periods, options->icc, options->ar, options->uplift);
    if (manager.failed || paper.failed)
        result->status = RK_ENOMEM;
    else
        rk_result_explain(result, "panel", manager.bytes, paper.bytes);
    rk_text_free(&manager);
    rk_text_free(&paper);
}

/* Effects that push revenue below 0 more than once in a thousand cells: the truth would not hold.
 */
static enum rk_status check_floor(const struct panel *panel, struct rk_error *error)
{
    size_t n_cells = panel->options->reps * panel->options->periods, n_floored = 0;

    for (size_t rep = 0; rep < panel->options->reps; rep++)
        n_floored += panel->n_floored[rep];
    if (n_floored * 1000 <= n_cells)
        return RK_OK;
    return rk_fail(error, RK_EUSAGE, "--effect: revenue would be negative in %zu of %zu cells",
                   n_floored, n_cells);
}

enum rk_status rk_simulate_run(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                               struct rk_result *result, struct rk_error *error)
{
    enum { REPS_IN_BLOCK = 16 };
    struct panel panel = {.options = options, .ctx = ctx};
    enum rk_status status = read_options(&panel, error);
    size_t truth, n_treated;
    double gain;

    if (status != RK_OK)
        return status;
    result->random = true;
    rk_result_declare(result, "panel", panel_fields, sizeof panel_fields / sizeof *panel_fields);
    truth = rk_result_declare(result, "truth", truth_fields,
                              sizeof truth_fields / sizeof *truth_fields);
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
        fill_truth(&panel, n_treated, gain, result, truth);
        explain(&panel, n_treated, gain, result);
    }
    free(panel.gain);
    free(panel.n_floored);
    return status;
}
