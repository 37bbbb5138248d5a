/* rep-describe: what do the numbers look like? */
#include "repkit/describe.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-describe datasets/detailing.csv",
    "rep-describe datasets/detailing.csv -c scripts,detailing --by specialist --explain",
    "rep-describe datasets/cravens.csv --quantiles 0.1,0.9 -f json",
    "rep-describe datasets/cravens.csv --full --normality -f json",
    "rep-describe datasets/detailing.csv --emit freq -c specialist,generalphys",
    "rep-describe datasets/detailing.csv --assert 'n_missing == 0' -q",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-describe",
    .question = "What do the numbers look like?",
    .synopsis = "[OPTIONS] [FILE]",
    .about = "Prints count, missing cells, mean with its interval, spread, extremes and quartiles "
             "of each column of numbers, for all rows or group by group.",
    .examples = examples,
    .tables = "describe|freq",
};

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void describe(struct rk_session *session, const struct rk_describe_options *options)
{
    const char *group = options->common.by.n > 0 ? options->common.by.name[0] : "group";
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_describe_check(options, &session->error)) &&
        rk_session_ok(session, rk_describe_wants(options, &wants)))
        table = options->moments != NULL
                    ? rk_session_read_moments(session, rk_session_file(session, 0), group)
                    : rk_session_read(session, rk_session_file(session, 0), &wants);
    if (table != NULL)
        rk_session_ok(session, rk_describe_run(table, options, &session->ctx, session->result,
                                               &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_describe_options options = RK_DESCRIBE_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to describe"),
        {RK_OPTION_COLUMNS, 'c', "columns", &options.columns, "COLS",
         "these columns (all of numbers)", 0, 0},
        {RK_OPTION_NAMES, 0, "quantiles", &options.quantiles, "LIST",
         "further quantiles: 0.1,0.025 adds p10,p2_5", 0, 0},
        {RK_OPTION_COUNT, 0, "quantile-type", &options.quantile_type, "1..9",
         "definition of quantiles, as in R (7)", 1, 9},
        {RK_OPTION_FLAG, 0, "full", &options.full, NULL,
         "sum, spread, shape, zeros, trimmed mean, interval of the median, Gini", 0, 0},
        {RK_OPTION_FLAG, 0, "normality", &options.normality, NULL,
         "Shapiro-Wilk and Anderson-Darling", 0, 0},
        {RK_OPTION_NUMBER, 0, "trim", &options.trim, "P", "share cut off either end (0.1)", 0,
         0.499999},
        {RK_OPTION_TEXT, 'w', "weights", &options.weights, "COL",
         "frequency weights: how often a row counts", 0, 0},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "FILE is rep-moments'", 0, 0},
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    options.common.missing = RK_MISSING_PAIRWISE; /* each column by itself */
    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.freq = rk_session_emits(&session, "freq");
    options.moments = from_moments ? &session.moments : NULL;
    if (rk_session_operands(&session, 0, 1))
        describe(&session, &options);
    rk_names_free(&options.columns);
    rk_names_free(&options.quantiles);
    return rk_session_close(&session);
}
