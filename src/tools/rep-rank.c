/* rep-rank: who is really best, given the noise? */
#include "repkit/ranking.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-simulate panel --emit panel=panel.csv",
    "rep-rank panel.csv --id rep --value revenue --explain",
    "rep-rank panel.csv --id rep --value revenue --adjust 'region + calls' --top 3",
    "rep-rank panel.csv --id rep --value revenue --rows 'prob_top > 0.1' -f json",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-rank",
    .question = "Who is really best, given the noise?",
    .synopsis = "[OPTIONS] --id COL --value COL [FILE]",
    .about = "Shrinks each unit's mean (or rate of successes) towards the common one, by as much "
             "as the data call for, and prints the estimate with its interval, the rank with its "
             "interval, and the probabilities of being among the top and the bottom.",
    .examples = examples,
    .tables = "rank",
};

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void rank(struct rk_session *session, const struct rk_ranking_options *options)
{
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_ranking_check(options, &session->error)) &&
        rk_session_ok(session, rk_ranking_wants(options, &wants, &session->error)))
        table = options->moments != NULL
                    ? rk_session_read_moments(session, rk_session_file(session, 0), options->id)
                    : rk_session_read(session, rk_session_file(session, 0), &wants);
    if (table != NULL)
        rk_session_ok(session, rk_ranking_run(table, options, &session->ctx, session->result,
                                              &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_ranking_options options = RK_RANKING_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        {RK_OPTION_HEADING, 0, NULL, NULL, NULL, "What to rank", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL", "the units: reps, teams, regions", 0, 0},
        {RK_OPTION_TEXT, 0, "value", &options.value, "COL", "rank by the mean of this", 0, 0},
        {RK_OPTION_TEXT, 0, "successes", &options.successes, "COL",
         "or by a rate: these (deals won)", 0, 0},
        {RK_OPTION_TEXT, 0, "trials", &options.trials, "COL", "of these (deals closed)", 0, 0},
        {RK_OPTION_TEXT, 0, "adjust", &options.adjust, "FORMULA",
         "take these terms out of --value first: 'region + log(quota)'", 0, 0},
        {RK_OPTION_COUNT, 0, "top", &options.top, "K",
         "prob_top and prob_bottom are of being among K (1)", 1, 1e6},
        {RK_OPTION_CHOICE, 0, "variance", &options.variance, RK_UNIT_VARIANCES,
         "of a unit's values: auto is own from 10 values in each", 0, 0},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "FILE is rep-moments'", 0, 0},
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        {RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0},
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.moments = from_moments ? &session.moments : NULL;
    if (rk_session_operands(&session, 0, 1))
        rank(&session, &options);
    return rk_session_close(&session);
}
