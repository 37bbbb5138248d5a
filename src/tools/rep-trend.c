/* rep-trend: is it going up, and when did it change? */
#include "repkit/session.h"
#include "repkit/trend.h"

static const char *const examples[] = {
    "rep-simulate panel --emit panel=panel.csv",
    "rep-trend panel.csv --value revenue,calls --time period --agg sum --explain",
    "rep-trend panel.csv --value revenue --time period --agg mean --by region --season 4",
    "rep-trend panel.csv --value revenue --time period --agg sum --emit limits",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-trend",
    .question = "Is it going up, and when did it change?",
    .synopsis = "[OPTIONS] --value COLS --time COL [FILE]",
    .about = "Prints, for each column over time, the Mann-Kendall test for a trend, Theil and "
             "Sen's slope with its interval, Pettitt's test for a change of level, and the "
             "correlation of neighbouring periods. --emit limits prints a control chart's limits "
             "and signals.",
    .examples = examples,
    .tables = "trend|limits",
};

int main(int argc, char **argv)
{
    struct rk_trend_options options = RK_TREND_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to look at"),
        {RK_OPTION_COLUMNS, 0, "value", &options.values, "COLS", "the numbers, each a series", 0,
         0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL", "dates, weeks, months, ... or integers",
         0, 0},
        {RK_OPTION_CHOICE, 0, "agg", &options.aggregate, RK_AGGREGATES,
         "what rows of the same time become (an error)", 0, 0},
        {RK_OPTION_COUNT, 0, "season", &options.season, "N",
         "compare like with like: N periods a year (1)", 1, 100000},
        {RK_OPTION_FLAG, 0, "independent", &options.independent, NULL,
         "make no allowance for autocorrelation", 0, 0},
        RK_ALTERNATIVE_OPTION(options.common),
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.limits = rk_session_emits(&session, "limits") ||
                     (session.n_emits == 0 && session.format == RK_FORMAT_JSON);
    if (rk_session_operands(&session, 0, 1) &&
        rk_session_ok(&session, rk_trend_check(&options, &session.error)) &&
        rk_session_ok(&session, rk_trend_wants(&options, &wants)))
        table = rk_session_read(&session, rk_session_file(&session, 0), &wants);
    if (table != NULL)
        rk_session_ok(&session,
                      rk_trend_run(table, &options, &session.ctx, session.result, &session.error));
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_names_free(&options.values);
    return rk_session_close(&session);
}
