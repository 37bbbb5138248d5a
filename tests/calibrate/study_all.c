/* What every tool says as it comes, on the same rep panels: the one table to look at first. */
#include <gsl/gsl_randist.h>
#include <stdlib.h>
#include <string.h>

#include "calibrate.h"
#include "repkit/compare.h"
#include "repkit/corr.h"
#include "repkit/describe.h"
#include "repkit/ranking.h"
#include "repkit/regress.h"
#include "repkit/trend.h"

/* One analysis, of which several rows of the table come. */
enum run {
    DESCRIBE,
    DESCRIBE_REPS,
    CORR,
    CORR_PAIRS,
    OLS,
    CLUSTERED,
    WITHIN,
    TWO_WAY,
    BEFORE_AFTER,
    AB_ROWS,
    AB_REPS,
    AB_DEALS,
    EVENT,
    STAGGERED,
    ITS,
    TREND,
    MEANS,
    RATES,
    N_RUNS
};

/* name, claim, nominal; the run; its result table, the key column and its label. Without a label
 * a function of its own says. The truth is 0 but for CORR_PAIRS. */
#define COVER CAL_COVERS, 0.95
#define REJECT CAL_REJECTS, 0.05
#define ROWS(X)                                                                                    \
    X("rep-describe: mean of rows", COVER, DESCRIBE, "describe", "variable", "revenue")            \
    X("rep-describe: mean of a row a rep", COVER, DESCRIBE_REPS, "describe", "variable",           \
      "revenue")                                                                                   \
    X("rep-corr: pooled, test", REJECT, CORR, "corr", "scope", "pooled")                           \
    X("rep-corr: between, test", REJECT, CORR, "corr", "scope", "between")                         \
    X("rep-corr: within, test", REJECT, CORR, "corr", "scope", "within")                           \
    X("rep-corr: two-way, test", REJECT, CORR, "corr", "scope", "two-way")                         \
    X("rep-corr: pooled, interval", COVER, CORR_PAIRS, "corr", "scope", "pooled")                  \
    X("rep-corr: between, interval", COVER, CORR_PAIRS, "corr", "scope", "between")                \
    X("rep-corr: within, interval", COVER, CORR_PAIRS, "corr", "scope", "within")                  \
    X("rep-corr: two-way, interval", COVER, CORR_PAIRS, "corr", "scope", "two-way")                \
    X("rep-regress `revenue ~ calls`: test", REJECT, OLS, "coef", "term", "calls")                 \
    X("... interval", COVER, OLS, "coef", "term", "calls")                                         \
    X("rep-regress `revenue ~ calls` --cluster rep: test", REJECT, CLUSTERED, "coef", "term",      \
      "calls")                                                                                     \
    X("... interval", COVER, CLUSTERED, "coef", "term", "calls")                                   \
    X("rep-regress `revenue ~ calls \\| rep`: test", REJECT, WITHIN, "coef", "term", "calls")      \
    X("... interval", COVER, WITHIN, "coef", "term", "calls")                                      \
    X("rep-regress `revenue ~ calls \\| rep + period`: test", REJECT, TWO_WAY, "coef", "term",     \
      "calls")                                                                                     \
    X("... interval", COVER, TWO_WAY, "coef", "term", "calls")                                     \
    X("rep-compare --id --cut: paired-t, test", REJECT, BEFORE_AFTER, "compare", "test",           \
      "paired-t")                                                                                  \
    X("... paired-t, interval", COVER, BEFORE_AFTER, "compare", "test", "paired-t")                \
    X("... wilcoxon, test", REJECT, BEFORE_AFTER, "compare", "test", "wilcoxon")                   \
    X("... wilcoxon, interval", COVER, BEFORE_AFTER, "compare", "test", "wilcoxon")                \
    X("rep-compare --group, all rows: welch, test", REJECT, AB_ROWS, "compare", "test", "welch")   \
    X("... mann-whitney, test", REJECT, AB_ROWS, "compare", "test", "mann-whitney")                \
    X("rep-compare --group, a row a rep: welch, test", REJECT, AB_REPS, "compare", "test",         \
      "welch")                                                                                     \
    X("... welch, interval", COVER, AB_REPS, "compare", "test", "welch")                           \
    X("... mann-whitney, test", REJECT, AB_REPS, "compare", "test", "mann-whitney")                \
    X("... mann-whitney, interval", COVER, AB_REPS, "compare", "test", "mann-whitney")             \
    X("rep-compare --successes --trials --group: prop, test", REJECT, AB_DEALS, "compare", "test", \
      "prop")                                                                                      \
    X("... prop, interval", COVER, AB_DEALS, "compare", "test", "prop")                            \
    X("rep-impact did: att, test", REJECT, EVENT, "effects", "term", "att")                        \
    X("... att, interval", COVER, EVENT, "effects", "term", "att")                                 \
    X("... att_permutation, test", REJECT, EVENT, "effects", "term", "att_permutation")            \
    X("... att_ancova, test", REJECT, EVENT, "effects", "term", "att_ancova")                      \
    X("... att_twfe, test", REJECT, EVENT, "effects", "term", "att_twfe")                          \
    X("... pretrend, test", REJECT, EVENT, "effects", "term", "pretrend")                          \
    X("rep-impact event: the band", COVER, EVENT, "path", NULL, NULL)                              \
    X("rep-impact staggered: simple, test", REJECT, STAGGERED, "effects", "term", "simple")        \
    X("... simple, interval", COVER, STAGGERED, "effects", "term", "simple")                       \
    X("... pretrend, test", REJECT, STAGGERED, "effects", "term", "pretrend")                      \
    X("rep-impact its --agg sum: level_change, test", REJECT, ITS, "effects", "term",              \
      "level_change")                                                                              \
    X("... level_change, interval", COVER, ITS, "effects", "term", "level_change")                 \
    X("... slope_change, test", REJECT, ITS, "effects", "term", "slope_change")                    \
    X("... average_effect, interval", COVER, ITS, "effects", "term", "average_effect")             \
    X("rep-trend --agg sum: mann-kendall, test", REJECT, TREND, "trend", "test", "mann-kendall")   \
    X("... theil-sen, interval", COVER, TREND, "trend", "test", "theil-sen")                       \
    X("... pettitt, test", REJECT, TREND, "trend", "test", "pettitt")                              \
    X("rep-rank --value: a rep's level", COVER, MEANS, "rank", NULL, NULL)                         \
    X("... its rank", COVER, MEANS, "rank", NULL, NULL)                                            \
    X("rep-rank --successes --trials: a rep's rate", COVER, RATES, "rank", NULL, NULL)             \
    X("... its rank", COVER, RATES, "rank", NULL, NULL)

static const struct cal_claim claims[] = {
#define X(name, kind, run, table, key, label) {name, kind},
    ROWS(X)
#undef X
};
enum { N_CLAIMS = sizeof claims / sizeof *claims };

static const struct look {
    enum run run;
    const char *table, *key, *label;
} looks[N_CLAIMS] = {
#define X(name, kind, run, table, key, label) {run, table, key, label},
    ROWS(X)
#undef X
};

static const struct cal_cell cells[] = {
    {"8 reps, AR 0", 8, 24, 0.0, true, 0.0},       {"8 reps, AR 0.3", 8, 24, 0.3, true, 0.0},
    {"8 reps, AR 0.6", 8, 24, 0.6, true, 0.0},     {"20 reps, AR 0", 20, 24, 0.0, true, 0.0},
    {"20 reps, AR 0.3", 20, 24, 0.3, true, 0.0},   {"20 reps, AR 0.6", 20, 24, 0.6, true, 0.0},
    {"100 reps, AR 0", 100, 24, 0.0, true, 0.0},   {"100 reps, AR 0.3", 100, 24, 0.3, true, 0.0},
    {"100 reps, AR 0.6", 100, 24, 0.6, true, 0.0},
};

/* What is drawn, and what is true of it. */
struct data {
    const struct cal_cell *cell;
    struct rk_ctx *ctx;
    struct rk_table *rows;  /* rep, period, revenue, calls, won, closed, treated, after, first */
    struct rk_table *reps;  /* a row a rep: its mean revenue, treated */
    struct rk_table *pairs; /* x and y of cal_pairs */
    double *level, *rate;   /* of each rep: of revenue, of deals won */
};
enum { RESAMPLES = 199 };
enum { REVENUE, CALLS, WON, CLOSED, N_NUMBERS };
static const char *const numbers[N_NUMBERS] = {"revenue", "calls", "won", "closed"};
static const double level_sd = 0.5, between_reps = 0.6, within_reps = 0.3;

/* A rep's level is skewed as its periods are. Calls and deals have nothing to do with revenue. */
static void fill_rep(struct data *d, size_t rep, struct rk_rng *rng)
{
    size_t n = d->cell->periods;
    double *revenue = cal_column(d->rows, REVENUE) + rep * n;
    double *calls = cal_column(d->rows, CALLS) + rep * n;
    double usual = rk_rng_normal(rng), mean = 0.0;
    gsl_rng drawn = rk_rng_gsl(rng);

    d->level[rep] = level_sd * cal_error(d->cell, rk_rng_normal(rng));
    d->rate[rep] = gsl_ran_beta(&drawn, 8.0, 20.0);
    cal_ar(rng, d->cell->ar, revenue, n);
    cal_ar(rng, d->cell->ar, calls, n);
    for (size_t t = 0; t < n; t++) {
        unsigned closed = gsl_ran_poisson(&drawn, 2.0);

        revenue[t] = d->level[rep] + cal_error(d->cell, revenue[t]);
        calls[t] += usual;
        mean += revenue[t] / (double)n;
        cal_column(d->rows, CLOSED)[rep * n + t] = closed;
        cal_column(d->rows, WON)[rep * n + t] = gsl_ran_binomial(&drawn, d->rate[rep], closed);
    }
    cal_column(d->reps, REVENUE)[rep] = mean;
}

/* A third of the reps starts in month 10, a third in month 16, the others never. */
static enum rk_status add_waves(struct data *d)
{
    size_t column = d->rows->n_columns;
    enum rk_status status = rk_table_add_column(d->rows, "first", RK_TIME, RK_GENERAL);

    if (status != RK_OK)
        return status;
    d->rows->column[column].time_kind = RK_TIME_INTEGER;
    for (size_t row = 0; row < d->cell->units * d->cell->periods; row++) {
        size_t third = row / d->cell->periods % 3;

        if (third > 0)
            rk_table_set_number(d->rows, row, column, third == 1 ? 10.0 : 16.0);
    }
    return RK_OK;
}

static enum rk_status draw_data(struct data *d, struct cal_draw *draw)
{
    size_t units = d->cell->units, periods = d->cell->periods;
    enum rk_status status = RK_ENOMEM;

    d->rows = cal_table(units, periods, numbers, N_NUMBERS);
    d->reps = cal_table(units, 1, numbers, 1);
    d->pairs = cal_pairs(d->cell, draw, 1.0, between_reps, within_reps);
    d->level = malloc(units * sizeof *d->level);
    d->rate = malloc(units * sizeof *d->rate);
    if (d->rows == NULL || d->reps == NULL || d->pairs == NULL || d->level == NULL ||
        d->rate == NULL)
        return RK_ENOMEM;
    status = cal_rollout(d->rows, units, periods, units / 2, "treated", "after");
    if (status == RK_OK)
        status = cal_rollout(d->reps, units, 1, units / 2, "treated", "after");
    for (size_t rep = 0; status == RK_OK && rep < units; rep++)
        fill_rep(d, rep, &draw->rng);
    if (status == RK_OK)
        status = add_waves(d);
    return status;
}

static void free_data(struct data *d)
{
    rk_table_free(d->rows);
    rk_table_free(d->reps);
    rk_table_free(d->pairs);
    free(d->level);
    free(d->rate);
}

/* --- the analyses, by tool ---------------------------------------------------------------------*/

static enum rk_status describe(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_describe_options options = RK_DESCRIBE_DEFAULT;

    return rk_describe_run(run == DESCRIBE ? d->rows : d->reps, &options, d->ctx, result, NULL);
}

static enum rk_status correlate(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_corr_options options = RK_CORR_DEFAULT;
    const struct rk_names y = CAL_NAME("y"), x = CAL_NAME("x"), revenue = CAL_NAME("revenue"),
                          calls = CAL_NAME("calls");

    options.outcomes = run == CORR ? revenue : y;
    options.activities = run == CORR ? calls : x;
    options.id = "rep";
    options.time = "period";
    return rk_corr_run(run == CORR ? d->rows : d->pairs, &options, d->ctx, result, NULL);
}

static enum rk_status regress(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    const struct rk_names rep = CAL_NAME("rep");
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_formula_parse(run == WITHIN    ? "revenue ~ calls | rep"
                                             : run == TWO_WAY ? "revenue ~ calls | rep + period"
                                                              : "revenue ~ calls",
                                             &formula, NULL);

    options.formula = formula;
    options.common.resamples = RESAMPLES;
    if (run == CLUSTERED)
        options.cluster = rep;
    if (status == RK_OK)
        status = rk_regress_run(d->rows, &options, d->ctx, result, NULL);
    rk_formula_free(formula);
    return status;
}

static enum rk_status compare(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    const struct rk_names revenue = CAL_NAME("revenue");

    if (run != AB_DEALS)
        options.values = revenue;
    if (run == BEFORE_AFTER) {
        options.id = "rep";
        options.time = "period";
        options.cut = "12";
    } else {
        options.group = "treated";
    }
    if (run == AB_DEALS) {
        options.successes = "won";
        options.trials = "closed";
    }
    return rk_compare_run(run == AB_REPS ? d->reps : d->rows, &options, d->ctx, result, NULL);
}

static enum rk_status impact(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_impact_options options = RK_IMPACT_DEFAULT;

    options.value = "revenue";
    options.time = "period";
    options.common.resamples = RESAMPLES;
    if (run == ITS) {
        options.design = RK_IMPACT_ITS;
        options.aggregate = RK_AGG_SUM;
        options.start = "12";
    } else {
        options.design = run == EVENT ? RK_IMPACT_EVENT : RK_IMPACT_STAGGERED;
        options.id = "rep";
        options.treated = run == EVENT ? "treated" : NULL;
        options.post = run == EVENT ? "after" : NULL;
        options.first = run == EVENT ? NULL : "first";
    }
    return rk_impact_run(d->rows, &options, d->ctx, result, NULL);
}

static enum rk_status trend(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_trend_options options = RK_TREND_DEFAULT;

    (void)run;
    options.values = (struct rk_names)CAL_NAME("revenue");
    options.time = "period";
    options.aggregate = RK_AGG_SUM;
    return rk_trend_run(d->rows, &options, d->ctx, result, NULL);
}

static enum rk_status rank(const struct data *d, enum run run, struct rk_result *result)
{
    struct rk_ranking_options options = RK_RANKING_DEFAULT;

    options.id = "rep";
    options.value = run == MEANS ? "revenue" : NULL;
    options.successes = run == RATES ? "won" : NULL;
    options.trials = run == RATES ? "closed" : NULL;
    return rk_ranking_run(d->rows, &options, d->ctx, result, NULL);
}

/* --- judging -----------------------------------------------------------------------------------*/

static double truth_of(const struct data *d, const struct look *look)
{
    struct cal_scopes truth;

    if (look->run != CORR_PAIRS)
        return 0.0;
    truth = cal_pairs_truth(d->cell, 1.0, between_reps, within_reps);
    return strcmp(look->label, "pooled") == 0    ? truth.pooled
           : strcmp(look->label, "between") == 0 ? truth.between
                                                 : truth.within;
}

/* The rows of the table that one analysis answers. */
static void judge(const struct data *d, enum run run, const struct rk_result *result, double *value)
{
    for (size_t k = 0; k < N_CLAIMS; k++) {
        const struct look *look = &looks[k];

        if (look->run != run)
            continue;
        if (run == MEANS || run == RATES) { /* two rows that follow one another */
            cal_ranks_cover(result, run == MEANS ? d->level : d->rate, d->cell->units, &value[k],
                            &value[k + 1]);
            return;
        }
        if (look->label == NULL)
            value[k] = cal_band_covers(result);
        else if (claims[k].claim == CAL_REJECTS)
            value[k] = cal_row_rejects(result, look->table, look->key, look->label);
        else
            value[k] =
                cal_row_covers(result, look->table, look->key, look->label, truth_of(d, look));
    }
}

/* What takes long is done for every fourth panel, some of it only where reps are many. Deals have
 * no autocorrelation. */
static bool is_left_out(const struct data *d, enum run run, size_t panel)
{
    bool often = run == EVENT || run == STAGGERED || run == MEANS || run == RATES;

    if (run == RATES && d->cell->ar > 0.0)
        return true;
    return (run == AB_ROWS || (often && d->cell->units >= 100)) && panel % 4 != 0;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    static enum rk_status (*const tools[N_RUNS])(const struct data *, enum run,
                                                 struct rk_result *) = {
        [DESCRIBE] = describe,    [DESCRIBE_REPS] = describe,
        [CORR] = correlate,       [CORR_PAIRS] = correlate,
        [OLS] = regress,          [CLUSTERED] = regress,
        [WITHIN] = regress,       [TWO_WAY] = regress,
        [BEFORE_AFTER] = compare, [AB_ROWS] = compare,
        [AB_REPS] = compare,      [AB_DEALS] = compare,
        [EVENT] = impact,         [STAGGERED] = impact,
        [ITS] = impact,           [TREND] = trend,
        [MEANS] = rank,           [RATES] = rank};
    struct data data = {.cell = cell, .ctx = &draw->ctx};
    enum rk_status status = draw_data(&data, draw);

    for (int run = 0; status == RK_OK && run < N_RUNS; run++) {
        struct rk_result *result;

        if (is_left_out(&data, (enum run)run, draw->panel))
            continue;
        result = rk_result_new();
        status = result == NULL ? RK_ENOMEM : tools[run](&data, (enum run)run, result);
        if (status == RK_OK)
            judge(&data, (enum run)run, result, value);
        rk_result_free(result);
    }
    free_data(&data);
    return status;
}

const struct cal_study cal_all = {
    .title = "All tools as they come, on rep panels",
    .simulated =
        "Panels of 8, 20 and 100 reps over 24 months. Revenue is a rep's own level plus an AR(1) "
        "of "
        "months, both\nlognormal (skewness 2.26, sd 0.5 and 1); calls are normal, a level and an "
        "AR(1) too; deals won are binomial,\nrates of reps Beta(8, 20). Nothing happens: revenue "
        "has nothing to do with calls, half of the reps (treated)\nand half of the months (after) "
        "are like the others, no trend, no change. Intervals are to hold 0, those of\nrep-corr the "
        "correlations of the section on reps who differ, with 24 months. Options are those of the "
        "row, all\nelse is as it comes, but for 199 resamples. Panels without: what takes "
        "long is done for\nevery fourth panel; deals have no autocorrelation.",
    .reading =
        "What takes a row a rep (means of reps, paired tests, did, clustered errors) holds "
        "whatever "
        "the autocorrelation, and\nskewed revenue costs it little. What takes months of one rep "
        "for "
        "independent does not: the mean of all rows, pooled\ncorrelations, classical least "
        "squares, "
        "two groups of rows, proportions of deals of reps who differ; and with\nautocorrelation "
        "also correlations within reps, the levels and ranks of rep-rank, and Pettitt's test. "
        "Where "
        "a tool\ncan see it (`--id`, `--time`) it warns (`[pooled]`, `[autocorrelation]`). An "
        "interval that is its test turned round\nmisses as often as the test rejects. Interrupted "
        "series, Mann and Kendall's test and Theil and Sen's slope learn the\nautocorrelation from "
        "24 months, which say little about it: with AR 0.6 they still find a few too many.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
