/* rep-power: how many reps or months are needed to see it? */
#include <string.h>

#include "repkit/power.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-power two-sample --effect 5 --sd 12",
    "rep-power did --n 10,20,40 --periods 3,3 --periods 6,6 --sd 900 --icc 0.4 --ar 0.3 -f table",
    "rep-power proportion --baseline 0.2 --effect 0.05 --explain -f table",
    "rep-power correlation --n 20 --power 0.8,0.9",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-power",
    .question = "How many reps or months are needed to see it?",
    .synopsis = "[OPTIONS] two-sample|paired|proportion|correlation|regression|did",
    .about = "Works out one of the size of a study, the effect it can show, and its power, from "
             "the other two. n is per group, of pairs, in all (correlation, regression) or of "
             "units per arm (did). Lists make a table. --from reads how values vary off a pilot "
             "panel, and --simulate draws studies from it and runs the test itself on each.",
    .examples = examples,
    .tables = "power|detail|pilot",
};

static void run(struct rk_session *session, struct rk_power_options *options, const char *from)
{
    struct rk_wants wants = {0};
    struct rk_table *pilot = NULL;

    options->design = rk_session_choice(session, "no design", RK_POWER_DESIGNS);
    if (session->status != RK_OK)
        return;
    if (from == NULL && rk_session_emits(session, "pilot"))
        rk_session_refuse(session, "--emit pilot: there is a pilot only with --from FILE");
    else
        rk_session_ok(session, rk_power_check(options, from != NULL, &session->error));
    if (session->status == RK_OK && from != NULL &&
        rk_session_ok(session, rk_power_wants(options, &wants)))
        pilot = rk_session_read(session, from, &wants);
    if (session->status == RK_OK)
        rk_session_ok(
            session, rk_power_run(pilot, options, &session->ctx, session->result, &session->error));
    rk_table_free(pilot);
    rk_wants_free(&wants);
}

static void free_lists(struct rk_power_options *options)
{
    struct rk_names *const lists[] = {&options->n,        &options->effect, &options->power,
                                      &options->sd,       &options->icc,    &options->ar,
                                      &options->baseline, &options->periods};

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        rk_names_free(lists[i]);
}

int main(int argc, char **argv)
{
    struct rk_power_options options = RK_POWER_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const char *from = NULL;
    bool simulate = false;
    size_t draws = 2000;
    const struct rk_option table_of_options[] = {
        {RK_OPTION_HEADING, 0, NULL, NULL, NULL,
         "Two of the first three (lists make a table), and how values vary", 0, 0},
        {RK_OPTION_NAMES, 0, "n", &options.n, "LIST", "size of the study", 0, 0},
        {RK_OPTION_NAMES, 0, "effect", &options.effect, "LIST",
         "a difference; of shares; r; Cohen's f2 (regression)", 0, 0},
        {RK_OPTION_NAMES, 0, "power", &options.power, "LIST", "chance to see the effect (0.8)", 0,
         0},
        {RK_OPTION_NAMES, 0, "sd", &options.sd, "LIST",
         "of a value; paired: of a difference; did: of a rep's period (1)", 0, 0},
        {RK_OPTION_NAMES, 0, "baseline", &options.baseline, "LIST",
         "proportion: the share without the effect", 0, 0},
        {RK_OPTION_NAMES, 0, "icc", &options.icc, "LIST",
         "share of the variance between reps (did) or clusters (0)", 0, 0},
        {RK_OPTION_NAMES, 0, "ar", &options.ar, "LIST",
         "did: correlation of neighbouring periods (0)", 0, 0},
        {RK_OPTION_REPEAT, 0, "periods", &options.periods, "BEFORE,AFTER",
         "did: periods on each side; may be repeated", 0, 0},
        {RK_OPTION_FLAG, 0, "ancova", &options.ancova, NULL, "did: the mean before as covariate", 0,
         0},
        {RK_OPTION_COUNT, 0, "cluster-size", &options.cluster_size, "M",
         "two-sample: units that go to a group together (1)", 1, 1e6},
        {RK_OPTION_COUNT, 0, "predictors", &options.predictors, "K",
         "regression: tested together (1)", 1, 1000},
        {RK_OPTION_NUMBER, 0, "sig-level", &options.sig_level, "ALPHA",
         "p below which it counts as seen (0.05)", 1e-12, 0.5},
        RK_ALTERNATIVE_OPTION(options.common),
        {RK_OPTION_TEXT, 0, "from", &from, "FILE",
         "a pilot panel: sd, icc, ar and baseline are read off it", 0, 0},
        {RK_OPTION_TEXT, 0, "value", &options.value, "COL", "its outcome", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL", "its units", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL", "its periods", 0, 0},
        {RK_OPTION_FLAG, 0, "simulate", &simulate, NULL,
         "draw studies from the pilot and run the test on each", 0, 0},
        {RK_OPTION_COUNT, 0, "draws", &draws, "N", "such studies a row (2000)", 1, 10000000},
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        {RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0},
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.draws = simulate ? draws : 0;
    if (rk_session_operands(&session, 1, 1))
        run(&session, &options, from);
    free_lists(&options);
    return rk_session_close(&session);
}
