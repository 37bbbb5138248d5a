/* rep-corr: which activities move with which outcomes? */
#include "repkit/corr.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-corr datasets/detailing.csv -y scripts -x detailing --id physician",
    "rep-corr datasets/detailing.csv -y scripts -x detailing --id physician --explain",
    "rep-corr datasets/cravens.csv -y Sales -m spearman --p-adjust bh",
    "rep-corr datasets/detailing.csv -y scripts -x detailing --by specialist -f json",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-corr",
    .question = "Which activities move with which outcomes?",
    .synopsis = "[OPTIONS] [FILE]",
    .about = "Prints a correlation for each pair of columns, with its interval and p-value. With "
             "--id each pair is looked at three ways: over all rows (pooled), between the means of "
             "units, and within units, each unit's own level removed; with --time also two-way, "
             "what all units share in a period removed as well.",
    .examples = examples,
    .tables = "corr|matrix",
};

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void correlate(struct rk_session *session, const struct rk_corr_options *options)
{
    const char *group = options->id != NULL        ? options->id
                        : options->common.by.n > 0 ? options->common.by.name[0]
                                                   : "group";
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_corr_check(options, &session->error)) &&
        rk_session_ok(session, rk_corr_wants(options, &wants)))
        table = options->moments != NULL
                    ? rk_session_read_moments(session, rk_session_file(session, 0), group)
                    : rk_session_read(session, rk_session_file(session, 0), &wants);
    if (table != NULL)
        rk_session_ok(session,
                      rk_corr_run(table, options, &session->ctx, session->result, &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_corr_options options = RK_CORR_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to correlate"),
        {RK_OPTION_COLUMNS, 'y', "outcomes", &options.outcomes, "COLS",
         "outcomes (all other columns of numbers)", 0, 0},
        {RK_OPTION_COLUMNS, 'x', "activities", &options.activities, "COLS",
         "activities (all other columns of numbers)", 0, 0},
        {RK_OPTION_CHOICE, 'm', "method", &options.method, RK_CORRELATION_METHODS,
         "of values, of ranks, or of order (pearson)", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL",
         "units seen repeatedly: reps, accounts, regions", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL", "their periods: days, weeks, months", 0,
         0},
        {RK_OPTION_CHOICES, 0, "scope", &options.scopes, RK_SCOPES,
         "with --id: which of them (all)", 0, 0},
        {RK_OPTION_COLUMNS, 0, "partial", &options.partial, "COLS", "hold these columns fixed", 0,
         0},
        {RK_OPTION_TEXT, 0, "lags", &options.lags, "A:B",
         "with --time: x leads y by A up to B periods (0:0)", 0, 0},
        {RK_OPTION_NAMES, 0, "contrast", &options.contrast, "X1,X2",
         "also the correlation of X1 less that of X2", 0, 0},
        {RK_OPTION_FLAG, 0, "matrix", &options.matrix, NULL, "print the estimates as a matrix", 0,
         0},
        {RK_OPTION_FLAG, 0, "boot", &options.boot, NULL,
         "interval and p by BCa bootstrap, of whole units with --id", 0, 0},
        {RK_OPTION_COUNT, 0, "resamples", &options.common.resamples, "N",
         "of --boot (1999 of units, 9999 of rows)", 100, 10000000},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "FILE is rep-moments'", 0, 0},
        RK_CONF_OPTION(options.common),
        RK_ALTERNATIVE_OPTION(options.common),
        RK_ADJUST_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    options.common.missing = RK_MISSING_PAIRWISE; /* each pair by itself */
    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.moments = from_moments ? &session.moments : NULL;
    if (rk_session_operands(&session, 0, 1))
        correlate(&session, &options);
    rk_names_free(&options.outcomes);
    rk_names_free(&options.activities);
    rk_names_free(&options.partial);
    rk_names_free(&options.contrast);
    return rk_session_close(&session);
}
