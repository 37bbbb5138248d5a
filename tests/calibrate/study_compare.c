/* rep-compare, independent samples: a shift between two groups. */
#include <stdio.h>
#include <string.h>

#include "calibrate.h"
#include "repkit/compare.h"

enum { WELCH, STUDENT, SHIFT, BOOTSTRAP, RANKS, PERMUTATION, SMIRNOV, N_CLAIMS };
enum { RESAMPLES = 999 };

static const struct cal_claim claims[N_CLAIMS] = {
    [WELCH] = {"welch, 95% interval", CAL_COVERS, 0.95},
    [STUDENT] = {"student, 95% interval", CAL_COVERS, 0.95},
    [SHIFT] = {"mann-whitney, 95% interval of the shift", CAL_COVERS, 0.95},
    [BOOTSTRAP] = {"bootstrap, 95% interval", CAL_COVERS, 0.95},
    [RANKS] = {"mann-whitney, no difference", CAL_REJECTS, 0.05},
    [PERMUTATION] = {"permutation, no difference", CAL_REJECTS, 0.05},
    [SMIRNOV] = {"ks, no difference", CAL_REJECTS, 0.05},
};

/* units: of the first group; periods: of the second; extra: how many times its spread. */
static const struct cal_cell cells[] = {
    {"20 and 20, normal", 20, 20, 0.0, false, 1.0},
    {"20 and 20, skewed", 20, 20, 0.0, true, 1.0},
    {"10 and 40, normal", 10, 40, 0.0, false, 1.0},
    {"10 and 40, skewed", 10, 40, 0.0, true, 1.0},
    {"10 of 3 sd and 40, normal", 10, 40, 0.0, false, 1.0 / 3.0},
    {"40 of 3 sd and 10, normal", 40, 10, 0.0, false, 1.0 / 3.0},
    {"2 and 18, normal", 2, 18, 0.0, false, 1.0},
};

static const char *const numbers[] = {"y"};

static double row(const struct rk_result *result, const char *test)
{
    return cal_row_covers(result, "compare", "test", test, 0.0);
}

static double rejects(const struct rk_result *result, const char *test)
{
    return cal_rejects(cal_number(result, "compare", "test", test, "p_value"));
}

static enum rk_status look(const struct rk_table *table, const struct cal_cell *cell,
                           struct cal_draw *draw, double *value)
{
    static const char *const tests[] = {"welch",     "student",     "mann-whitney",
                                        "bootstrap", "permutation", "ks"};
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct rk_result *result = rk_result_new();
    char cut[24];
    enum rk_status status = RK_ENOMEM;

    snprintf(cut, sizeof cut, "%zu", cell->units);
    options.values = (struct rk_names)CAL_NAME("y");
    options.time = "period";
    options.cut = cut;
    options.common.resamples = RESAMPLES;
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        options.tests |= 1U << rk_choice_find(RK_COMPARE_TESTS, tests[i], strlen(tests[i]));
    if (result != NULL)
        status = rk_compare_run(table, &options, &draw->ctx, result, NULL);
    if (status == RK_OK) {
        value[WELCH] = row(result, "welch");
        value[STUDENT] = row(result, "student");
        value[SHIFT] = row(result, "mann-whitney");
        value[BOOTSTRAP] = row(result, "bootstrap");
        value[RANKS] = rejects(result, "mann-whitney");
        value[PERMUTATION] = rejects(result, "permutation");
        if (cell->extra == 1.0) /* else there is a difference */
            value[SMIRNOV] = rejects(result, "ks");
    }
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    size_t n = cell->units + cell->periods;
    struct rk_table *table = cal_table(1, n, numbers, 1);
    enum rk_status status;

    if (table == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        cal_column(table, 0)[i] =
            cal_error(cell, rk_rng_normal(&draw->rng)) * (i < cell->units ? 1.0 : cell->extra);
    status = look(table, cell, draw, value);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_compare = {
    .title = "rep-compare, two groups",
    .simulated = "Two independent groups with no difference of means (nor, where their spreads are "
                 "the same, any other).\n999 permutations and draws (the tool takes 9,999).",
    .reading = "The pooled t and permutations take the two sides for equally spread: where the "
               "small side varies more they\nreject far too often, where it varies less hardly "
               "ever. Welch's does not, and is the default; but with two\non a side its df are "
               "themselves a guess. Means of few skewed amounts are skewed, which a symmetrical "
               "interval\ndoes not know; the bootstrap knows, but takes too small a spread from "
               "so few. The interval of ranks holds\nthe shift exactly where the two sides have "
               "one shape.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
