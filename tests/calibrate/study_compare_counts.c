/* rep-compare of proportions and counts. */
#include <gsl/gsl_randist.h>
#include <string.h>

#include "calibrate.h"
#include "repkit/compare.h"

enum { NEWCOMBE, CHI, FISHER, ODDS, MCNEMAR, BONETT, RATE, RATIO, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [NEWCOMBE] = {"prop, 95% interval", CAL_COVERS, 0.95},
    [CHI] = {"prop, no difference", CAL_REJECTS, 0.05},
    [FISHER] = {"fisher, no difference", CAL_REJECTS, 0.05},
    [ODDS] = {"fisher, 95% interval", CAL_COVERS, 0.95},
    [MCNEMAR] = {"mcnemar, no difference", CAL_REJECTS, 0.05},
    [BONETT] = {"mcnemar, 95% interval", CAL_COVERS, 0.95},
    [RATE] = {"poisson, no difference", CAL_REJECTS, 0.05},
    [RATIO] = {"poisson, 95% interval", CAL_COVERS, 0.95},
};

/* units a side; extra: the proportion, and a tenth of the rate. */
static const struct cal_cell cells[] = {
    {"20 a side, 10%", 20, 2, 0.0, false, 0.1},   {"20 a side, 30%", 20, 2, 0.0, false, 0.3},
    {"100 a side, 2%", 100, 2, 0.0, false, 0.02}, {"100 a side, 10%", 100, 2, 0.0, false, 0.1},
    {"100 a side, 30%", 100, 2, 0.0, false, 0.3}, {"500 a side, 30%", 500, 2, 0.0, false, 0.3},
};

static const char *const numbers[] = {"won", "calls"};

static enum rk_status compare(const struct rk_table *table, const char *which, const char *tests[],
                              size_t n_tests, bool pairs, struct rk_result **result)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;

    options.values = (struct rk_names){.name = (char *[]){(char *)(uintptr_t)which}, .n = 1};
    options.time = "period";
    options.cut = "1";
    options.id = pairs ? "rep" : NULL;
    for (size_t i = 0; i < n_tests; i++)
        options.tests |= 1U << rk_choice_find(RK_COMPARE_TESTS, tests[i], strlen(tests[i]));
    *result = rk_result_new();
    return *result == NULL ? RK_ENOMEM : rk_compare_run(table, &options, NULL, *result, NULL);
}

/* The two claims of a test: whether the interval holds the truth, and whether p < 0.05. An end that
 * the result leaves open holds all. */
static void judge(const struct rk_result *result, const char *test, double truth, double *covers,
                  double *rejects)
{
    double low = cal_number(result, "compare", "test", test, "conf_low");
    double high = cal_number(result, "compare", "test", test, "conf_high");

    *covers = cal_covers(isfinite(low) ? low : -INFINITY, isfinite(high) ? high : INFINITY, truth);
    *rejects = cal_rejects(cal_number(result, "compare", "test", test, "p_value"));
}

static enum rk_status look(const struct rk_table *table, double *value)
{
    const char *two[] = {"prop", "fisher"}, *pairs[] = {"mcnemar"}, *rates[] = {"poisson"};
    struct rk_result *result;
    enum rk_status status = compare(table, "won", two, 2, false, &result);

    if (status == RK_OK) {
        judge(result, "prop", 0.0, &value[NEWCOMBE], &value[CHI]);
        judge(result, "fisher", 1.0, &value[ODDS], &value[FISHER]);
    }
    rk_result_free(result);
    if (status == RK_OK) {
        status = compare(table, "won", pairs, 1, true, &result);
        judge(result, "mcnemar", 0.0, &value[BONETT], &value[MCNEMAR]);
        rk_result_free(result);
    }
    if (status == RK_OK) {
        status = compare(table, "calls", rates, 1, false, &result);
        if (status == RK_OK)
            judge(result, "poisson", 1.0, &value[RATIO], &value[RATE]);
        rk_result_free(result);
    }
    /* no event at all: no answer */
    return rk_status_is_undefined(status) ? RK_OK : status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_table(cell->units, cell->periods, numbers, 2);
    gsl_rng rng = rk_rng_gsl(&draw->rng);
    enum rk_status status;

    if (table == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < cell->units * cell->periods; i++) {
        cal_column(table, 0)[i] = rk_rng_uniform(&draw->rng) < cell->extra;
        cal_column(table, 1)[i] = gsl_ran_poisson(&rng, 10.0 * cell->extra);
    }
    status = look(table, value);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_compare_counts = {
    .title = "rep-compare, proportions and counts",
    .simulated = "Zeros and ones, and counts of ten times the mean, alike on both sides.",
    .reading = "Exact tests never reject too often, and for few seldom enough: numbers of "
               "successes come in steps. The\nchi-squared test and Newcombe's interval keep "
               "closer to what they say, and now and then step over it.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
