/* rep-simulate: what would data with a known answer look like? */
#include "repkit/simulate.h"

#include <string.h>

#include "repkit/session.h"

static const char *const examples[] = {
    "rep-simulate panel > panel.csv",
    "rep-simulate panel --reps 40 --uplift 0.08 --rollout 26 --seed 7 -o rollout.csv",
    "rep-simulate panel --effect calls=20 --effect emails=3 --emit truth",
    "rep-simulate panel --emit panel=panel.csv,truth=truth.csv",
    NULL,
};
static const char *const tables[] = {"panel", "truth", NULL};

static const struct rk_tool tool = {
    .name = "rep-simulate",
    .question = "What would data with a known answer look like?",
    .synopsis = "[OPTIONS] panel",
    .about = "Draws a panel of reps by weeks whose effects, uplift, correlations and gaps are "
             "known, to try the other tools on, to teach, and to test. The same seed gives the "
             "same bytes.",
    .examples = examples,
    .tables = tables,
};

static const char kinds[] = "panel";

int main(int argc, char **argv)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        {RK_OPTION_HEADING, 0, NULL, NULL, NULL, "What to simulate", 0, 0},
        {RK_OPTION_COUNT, 0, "reps", &options.reps, "N", "reps (20)", 1, 1e6},
        {RK_OPTION_COUNT, 0, "periods", &options.periods, "N", "weeks from 2024-W01 (52)", 1, 5000},
        {RK_OPTION_REPEAT, 0, "effect", &options.effects, "NAME=VALUE",
         "revenue for one more (calls=12.5, meetings=150, others 0)", 0, 0},
        {RK_OPTION_NUMBER, 0, "uplift", &options.uplift, "SHARE",
         "of treated reps' revenue after the rollout (0.08)", -1, 100},
        {RK_OPTION_COUNT, 0, "rollout", &options.rollout, "PERIOD",
         "first week after the rollout, from 1 (half-way)", 1, 5000},
        {RK_OPTION_NUMBER, 0, "icc", &options.icc, "SHARE",
         "reps' share of the variance that activity leaves (0.4)", 0, 0.99},
        {RK_OPTION_NUMBER, 0, "ar", &options.ar, "RHO",
         "correlation of a week's noise with the week before (0.3)", -0.99, 0.99},
        {RK_OPTION_NUMBER, 0, "deal-size", &options.deal_size, "MONEY",
         "mean amount of a won deal (2500)", 20, 1e9},
        {RK_OPTION_NUMBER, 0, "missing", &options.missing, "SHARE",
         "cells of activity and outcome left empty (0.05)", 0, 0.99},
        RK_RANDOM_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        {RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0},
    };
    struct rk_session session;
    const char *kind;

    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 1, 1)) {
        kind = rk_session_file(&session, 0);
        if (rk_choice_find(kinds, kind, strlen(kind)) < 0)
            rk_session_ok(&session, rk_fail(&session.error, RK_EUSAGE,
                                            "no kind of data '%s'; there is panel", kind));
        else
            rk_session_ok(&session,
                          rk_simulate_run(&options, &session.ctx, session.result, &session.error));
    }
    rk_names_free(&options.effects);
    return rk_session_close(&session);
}
