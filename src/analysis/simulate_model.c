/* The model of reps and weeks that both kinds of rep-simulate draw from, and its truth. */
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "simulate_parts.h"

enum { N_ACTIVITIES = SIMULATE_ACTIVITIES };

/* A week of an average rep: how many, and what one more brings unless --effect says otherwise. */
static const struct {
    const char *name;
    double mean, effect;
} activities[N_ACTIVITIES] = {
    {"calls", 40, 12.5}, {"emails", 60, 0}, {"meetings", 5, 150},
    {"notes", 15, 0},    {"tasks", 20, 0},
};

static const char *const regions[] = {"North", "South", "East", "West"};
enum { N_REGIONS = sizeof regions / sizeof *regions };

/* Money is a week's. The level is far enough above the spread for revenue not to fall below 0. */
static const double level = 2000.0, spread = 600.0;
/* Reps' mean activity: the sd of its logarithm, the share of it common to all activities, and the
 * correlation of that with the rep's own level of revenue. */
static const double activity_sd = 0.3, activity_common = 0.8, quality_correlation = 0.7;
/* A quarter has 13 weeks, so that half years are alike. */
static const double season_amplitude = 0.1, season_periods = 13.0;

static const double most_effect = 1e6, smallest_revenue = 0.01;
static const double smallest_place = 0.5, most_mean = 10000.0;

const char *simulate_activity(size_t k)
{
    return activities[k].name;
}

/* --- what is asked for --------------------------------------------------------------------- */

/* NAME=VALUE of an option, the value between low and high. */
static enum rk_status read_pair(const char *option, const char *text, double low, double high,
                                size_t *activity, double *value, struct rk_error *error)
{
    const char *equals = strchr(text, '=');
    const char *names[N_ACTIVITIES], *nearest;
    char name[32];
    size_t length = equals == NULL ? 0 : (size_t)(equals - text);

    if (equals == NULL || length == 0 || length >= sizeof name)
        return rk_fail(error, RK_EUSAGE, "--%s: '%s' is not NAME=VALUE", option, text);
    if (rk_number_read(equals + 1, strlen(equals + 1), '.', value, NULL) != RK_READ_OK ||
        *value < low || *value > high)
        return rk_fail(error, RK_EUSAGE, "--%s: '%s' is no number between %.*f and %.0f", option,
                       equals + 1, low == floor(low) ? 0 : 1, low, high);
    memcpy(name, text, length);
    name[length] = '\0';
    for (*activity = 0; *activity < N_ACTIVITIES; ++*activity) {
        names[*activity] = activities[*activity].name;
        if (strcmp(names[*activity], name) == 0)
            return RK_OK;
    }
    nearest = rk_nearest(name, names, N_ACTIVITIES);
    if (nearest != NULL)
        return rk_fail(error, RK_EUSAGE, "--%s: no activity '%s'; did you mean '%s'?", option, name,
                       nearest);
    return rk_fail(error, RK_EUSAGE,
                   "--%s: no activity '%s'; there are calls, emails, meetings, notes, tasks",
                   option, name);
}

/* Sets one number of the activities named. */
static enum rk_status read_values(const char *option, const struct rk_names *pairs, double low,
                                  double high, double *values, struct rk_error *error)
{
    enum rk_status status = RK_OK;
    size_t k = 0;
    double value = 0.0;

    for (size_t i = 0; status == RK_OK && i < pairs->n; i++) {
        status = read_pair(option, pairs->name[i], low, high, &k, &value, error);
        if (status == RK_OK)
            values[k] = value;
    }
    return status;
}

static const char *const bends[] = {
    [SIMULATE_OPTIMUM] = "optimum", [SIMULATE_PLATEAU] = "plateau", [SIMULATE_STEP] = "step"};

static enum rk_status read_bends(struct simulate_model *model, enum simulate_bend bend,
                                 const struct rk_names *pairs, struct rk_error *error)
{
    enum rk_status status = RK_OK;
    size_t k = 0;
    double at = 0.0;

    for (size_t i = 0; status == RK_OK && i < pairs->n; i++) {
        status =
            read_pair(bends[bend], pairs->name[i], smallest_place, most_effect, &k, &at, error);
        if (status == RK_OK && model->bend[k] != SIMULATE_LINE)
            status = rk_fail(error, RK_EUSAGE, "--%s: what %s bring bends already (--%s)",
                             bends[bend], activities[k].name, bends[model->bend[k]]);
        if (status == RK_OK) {
            model->bend[k] = bend;
            model->at[k] = at;
        }
    }
    return status;
}

enum rk_status simulate_model_read(const struct rk_simulate_options *options, uint64_t seed,
                                   struct simulate_model *model, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    *model = (struct simulate_model){.options = options, .seed = seed, .rollout = options->rollout};
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        model->effect[k] = activities[k].effect;
        model->mean[k] = activities[k].mean;
    }
    status =
        read_values("effect", &options->effects, -most_effect, most_effect, model->effect, error);
    if (status == RK_OK)
        status = read_values("mean", &options->means, 0.0, most_mean, model->mean, error);
    if (status == RK_OK)
        status = read_bends(model, SIMULATE_OPTIMUM, &options->optima, error);
    if (status == RK_OK)
        status = read_bends(model, SIMULATE_PLATEAU, &options->plateaus, error);
    if (status == RK_OK)
        status = read_bends(model, SIMULATE_STEP, &options->steps, error);
    if (status != RK_OK)
        return status;
    if (model->rollout == 0) /* half-way, with a week before it if there are two */
        model->rollout = options->periods < 4 ? (options->periods + 2) / 2 : options->periods / 2;
    if (model->rollout > options->periods)
        return rk_fail(error, RK_EUSAGE, "--rollout: %zu comes after the last of %zu periods",
                       model->rollout, options->periods);
    return RK_OK;
}

/* --- drawing ------------------------------------------------------------------------------- */

void simulate_rep_name(size_t rep, char *out)
{
    snprintf(out, SIMULATE_NAME, "R%03zu", rep + 1);
}

const char *simulate_region(size_t rep)
{
    return regions[rep / 2 % N_REGIONS];
}

/* Of two reps that follow each other one is treated, by chance: half of all, whatever their
 * number, and no rep's lot depends on how many come later. */
bool simulate_is_treated(const struct simulate_model *model, size_t rep)
{
    struct rk_rng rng;

    rk_rng_stream(&rng, model->seed, "simulate treated", "", rep / 2);
    return rk_rng_below(&rng, 2) == rep % 2;
}

void simulate_rep_start(const struct simulate_model *model, size_t rep, struct simulate_rep *state)
{
    struct rk_rng rng;
    double quality, common;

    rk_rng_stream(&rng, model->seed, "simulate traits", "", rep);
    quality = rk_rng_normal(&rng);
    common = quality_correlation * quality +
             sqrt(1.0 - quality_correlation * quality_correlation) * rk_rng_normal(&rng);
    *state = (struct simulate_rep){.level = sqrt(model->options->icc) * spread * quality};
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        double own = activity_common * common +
                     sqrt(1.0 - activity_common * activity_common) * rk_rng_normal(&rng);

        /* The mean of exp(s z - s^2 / 2) is 1. */
        state->mean[k] = model->mean[k] * exp(activity_sd * own - activity_sd * activity_sd / 2.0);
    }
    state->treated = simulate_is_treated(model, rep);
    rk_rng_stream(&state->activity, model->seed, "simulate activity", "", rep);
    rk_rng_stream(&state->noise_state, model->seed, "simulate noise", "", rep);
    rk_rng_stream(&state->deals, model->seed, "simulate deals", "", rep);
}

/* The noise of the next week. */
static double next_noise(const struct simulate_model *model, struct simulate_rep *state)
{
    double ar = model->options->ar, sd = sqrt(1.0 - model->options->icc) * spread;

    if (state->period == 1) /* as if it had always run */
        return sd * rk_rng_normal(&state->noise_state);
    return ar * state->noise + sd * sqrt(1.0 - ar * ar) * rk_rng_normal(&state->noise_state);
}

/* What so many of an activity bring, for each unit of its effect. */
static double bent(const struct simulate_model *model, size_t k, double count)
{
    double at = model->at[k];

    switch (model->bend[k]) {
    case SIMULATE_OPTIMUM:
        return count * (1.0 - count / (2.0 * at));
    case SIMULATE_PLATEAU:
        return fmin(count, at);
    case SIMULATE_STEP:
        return count >= at ? 1.0 : 0.0;
    default:
        return count;
    }
}

void simulate_rep_week(const struct simulate_model *model, struct simulate_rep *state, bool off,
                       struct simulate_week *week)
{
    gsl_rng activity = rk_rng_gsl(&state->activity), deals = rk_rng_gsl(&state->deals);
    double period = (double)++state->period, brought = 0.0, revenue;
    double season = 1.0 + season_amplitude * sin(2.0 * M_PI * period / season_periods);

    state->noise = next_noise(model, state);
    week->step = 0.0;
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        double count = (double)gsl_ran_poisson(&activity, season * state->mean[k]);

        week->count[k] = off ? 0.0 : count;
        brought += model->effect[k] * bent(model, k, week->count[k]);
        if (model->bend[k] == SIMULATE_STEP)
            week->step += model->effect[k] * bent(model, k, week->count[k]);
    }
    revenue = level + state->level + state->noise + brought;
    week->after = state->period >= model->rollout;
    week->floored = revenue < smallest_revenue;
    revenue = week->floored ? smallest_revenue : revenue;
    week->gain = state->treated && week->after ? model->options->uplift * revenue : 0.0;
    week->revenue = round((revenue + week->gain) * 100.0) / 100.0;
    week->deals_won = (double)gsl_ran_poisson(&deals, week->revenue / model->options->deal_size);
}

enum rk_status simulate_check_floor(size_t n_floored, size_t n_cells, struct rk_error *error)
{
    if (n_floored * 1000 <= n_cells)
        return RK_OK;
    return rk_fail(error, RK_EUSAGE, "--effect: revenue would be negative in %zu of %zu cells",
                   n_floored, n_cells);
}

/* --- truth --------------------------------------------------------------------------------- */

size_t simulate_truth(struct rk_result *result)
{
    static const struct rk_field fields[] = {
        {"parameter", RK_TEXT, RK_GENERAL},
        {"value", RK_NUMBER, RK_GENERAL},
    };

    return rk_result_declare(result, "truth", fields, sizeof fields / sizeof *fields);
}

void simulate_put_truth(struct rk_result *result, size_t truth, const char *parameter, double value)
{
    rk_result_row(result, truth);
    rk_put_text(result, truth, 0, parameter);
    rk_put(result, truth, 1, value);
}

static bool is_bent(const struct simulate_model *model)
{
    for (size_t k = 0; k < N_ACTIVITIES; k++)
        if (model->bend[k] != SIMULATE_LINE)
            return true;
    return false;
}

/* Mean and variances of revenue before the rollout, between reps and within. Activities' means are
 * lognormal: cov(m_j, m_k) = m_j m_k (exp(s^2 rho_jk) - 1), and with the normal b, m_k s rho_kb
 * sd_b. */
static void revenue_moments(const struct simulate_model *model, double *mean, double *between,
                            double *within)
{
    double sd_reps = sqrt(model->options->icc) * spread, s2 = activity_sd * activity_sd;
    double brought = 0.0, counts = 0.0, activity_variance = 0.0, covariance = 0.0;

    *mean = *between = *within = NAN;
    if (is_bent(model)) /* there is no closed form here */
        return;
    for (size_t j = 0; j < N_ACTIVITIES; j++) {
        double money = model->effect[j] * model->mean[j];

        brought += money;
        counts += model->effect[j] * money; /* a Poisson's variance is its mean */
        covariance += money * activity_sd * activity_common * quality_correlation * sd_reps;
        for (size_t k = 0; k < N_ACTIVITIES; k++) {
            double rho = j == k ? 1.0 : activity_common * activity_common;

            activity_variance += money * model->effect[k] * model->mean[k] * expm1(s2 * rho);
        }
    }
    *mean = level + brought;
    *between = sd_reps * sd_reps + activity_variance + 2.0 * covariance;
    *within = (1.0 - model->options->icc) * spread * spread + counts +
              season_amplitude * season_amplitude / 2.0 * (activity_variance + brought * brought);
}

void simulate_put_model(const struct simulate_model *model, size_t n_treated, double gain,
                        double deal_variance, struct rk_result *result, size_t truth)
{
    const struct rk_simulate_options *options = model->options;
    double mean, between, within;
    char name[64];

    revenue_moments(model, &mean, &between, &within);
    within += deal_variance * mean;
    simulate_put_truth(result, truth, "reps", (double)options->reps);
    simulate_put_truth(result, truth, "periods", (double)options->periods);
    simulate_put_truth(result, truth, "reps_treated", (double)n_treated);
    simulate_put_truth(result, truth, "rollout", (double)model->rollout);
    simulate_put_truth(result, truth, "uplift", options->uplift);
    simulate_put_truth(result, truth, "uplift_revenue", gain);
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        snprintf(name, sizeof name, "effect_%s", activities[k].name);
        simulate_put_truth(result, truth, name, model->effect[k]);
    }
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        snprintf(name, sizeof name, "mean_%s", activities[k].name);
        simulate_put_truth(result, truth, name, model->mean[k]);
    }
    for (size_t k = 0; k < N_ACTIVITIES; k++) {
        if (model->bend[k] == SIMULATE_LINE)
            continue;
        snprintf(name, sizeof name, "%s_%s", bends[model->bend[k]], activities[k].name);
        simulate_put_truth(result, truth, name, model->at[k]);
    }
    simulate_put_truth(result, truth, "mean_revenue", mean);
    simulate_put_truth(result, truth, "sd_revenue", sqrt(between + within));
    simulate_put_truth(result, truth, "icc_revenue", between / (between + within));
    simulate_put_truth(result, truth, "level", level);
    simulate_put_truth(result, truth, "sd_reps", sqrt(options->icc) * spread);
    simulate_put_truth(result, truth, "sd_noise", sqrt(1.0 - options->icc) * spread);
    simulate_put_truth(result, truth, "icc", options->icc);
    simulate_put_truth(result, truth, "ar", options->ar);
    simulate_put_truth(result, truth, "activity_log_sd", activity_sd);
    simulate_put_truth(result, truth, "quality_correlation", quality_correlation);
    simulate_put_truth(result, truth, "season_amplitude", season_amplitude);
    simulate_put_truth(result, truth, "season_periods", season_periods);
    simulate_put_truth(result, truth, "revenue_per_deal", options->deal_size);
}

void simulate_explain(const struct simulate_model *model, const char *row, const char *what,
                      size_t n_treated, double gain, struct rk_result *result)
{
    const struct rk_simulate_options *options = model->options;
    struct rk_text manager = {0}, paper = {0};

    rk_text_format(
        &manager,
        "%zu reps over %zu weeks, %zu of them treated from week %zu on: the true uplift is ",
        options->reps, options->periods, n_treated, model->rollout);
    rk_text_rounded(&manager, 100.0 * options->uplift, 4);
    rk_text_add(&manager, "% of revenue, here ");
    rk_text_rounded(&manager, gain, 4);
    rk_text_add(&manager, " a week and treated rep.");
    rk_text_format(
        &paper,
        "Simulated %s, %zu reps x %zu weeks; revenue %s in Poisson activity with "
        "rep effects (ICC = %g) and AR(1) noise (rho = %g); multiplicative treatment effect %g.",
        what, options->reps, options->periods, is_bent(model) ? "nonlinear" : "linear",
        options->icc, options->ar, options->uplift);
    if (manager.failed || paper.failed)
        result->status = RK_ENOMEM;
    else
        rk_result_explain(result, row, manager.bytes, paper.bytes);
    rk_text_free(&manager);
    rk_text_free(&paper);
}
