/* rep-compare: is before/after, or A/B, a real difference? */
#include "repkit/compare.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-compare datasets/detailing.csv --value scripts --id physician --time month --cut 13",
    "rep-compare datasets/detailing.csv --value scripts --group specialist --where 'month == 23'",
    "rep-compare datasets/detailing.csv --before lagged_scripts --after scripts --where 'month == "
    "23'",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-compare",
    .question = "Is before/after, or A/B, a real difference?",
    .synopsis = "[OPTIONS] [FILE]",
    .about =
        "Compares the levels of a column, or the time before and after a date, or two columns. "
        "Prints the difference (second minus first) with its interval, a p-value and an effect "
        "size, by a test of means and a test of ranks unless --test names others.",
    .examples = examples,
    .tables = "compare|sensitivity",
};

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void run(struct rk_session *session, const struct rk_compare_options *options)
{
    const char *group = options->id != NULL      ? options->id
                        : options->group != NULL ? options->group
                                                 : "group";
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_compare_check(options, &session->error)) &&
        rk_session_ok(session, rk_compare_wants(options, &wants)))
        table = options->moments != NULL
                    ? rk_session_read_moments(session, rk_session_file(session, 0), group)
                    : rk_session_read(session, rk_session_file(session, 0), &wants);
    if (table != NULL)
        rk_session_ok(session, rk_compare_run(table, options, &session->ctx, session->result,
                                              &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_compare_options options = RK_COMPARE_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to compare"),
        {RK_OPTION_COLUMNS, 0, "value", &options.values, "COLS", "the numbers compared", 0, 0},
        {RK_OPTION_TEXT, 0, "successes", &options.successes, "K",
         "columns instead of --value: so many succeed", 0, 0},
        {RK_OPTION_TEXT, 0, "trials", &options.trials, "N", "+of so many", 0, 0},
        {RK_OPTION_TEXT, 0, "exposure", &options.exposure, "COL",
         "poisson: what --value counts are of (1 a row)", 0, 0},
        {RK_OPTION_TEXT, 0, "group", &options.group, "COL", "a column of levels, such as A and B;",
         0, 0},
        {RK_OPTION_NAMES, 0, "levels", &options.levels, "A,B", "+these, in this order", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL", "dates, weeks, ... or integers:", 0, 0},
        {RK_OPTION_TEXT, 0, "cut", &options.cut, "DATE", "+levels before, and after from here on",
         0, 0},
        {RK_OPTION_CHOICE, 0, "straddle", &options.straddle, RK_STRADDLES,
         "a period that contains the cut (drop)", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL",
         "pair by unit: each unit's mean at either level;", 0, 0},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "+FILE is rep-moments'", 0, 0},
        {RK_OPTION_TEXT, 0, "before", &options.before, "COL",
         "a wide file, a row a pair: the first column", 0, 0},
        {RK_OPTION_TEXT, 0, "after", &options.after, "COL", "+and the second", 0, 0},
        RK_HEADING("How"),
        {RK_OPTION_CHOICES, 0, "test", &options.tests, RK_COMPARE_TESTS,
         "auto, a test of means and one of ranks", 0, 0},
        {RK_OPTION_NUMBER, 0, "mu", &options.mu, "D", "the difference to test against (0);", 0, 0},
        {RK_OPTION_FLAG, 0, "relative", &options.relative, NULL, "+ratios of means instead", 0, 0},
        {RK_OPTION_NUMBER, 0, "margin", &options.margin, "M", "tost: what counts as none;", 0, 0},
        {RK_OPTION_TEXT, 0, "block", &options.block, "COL", "+permutation: exchange within", 0, 0},
        {RK_OPTION_COUNT, 0, "resamples", &options.common.resamples, "N",
         "of permutation and bootstrap (9999)", 100, 10000000},
        {RK_OPTION_NUMBER, 0, "wanted", &options.wanted, "EFFECT",
         "--emit sensitivity: the n that it takes", 0, 0},
        RK_ALTERNATIVE_OPTION(options.common),
        RK_CONF_OPTION(options.common),
        RK_ADJUST_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.date_order = session.csv.date_order;
    options.sensitivity = rk_session_emits(&session, "sensitivity");
    options.moments = from_moments ? &session.moments : NULL;
    if (rk_session_operands(&session, 0, 1))
        run(&session, &options);
    rk_names_free(&options.values);
    rk_names_free(&options.levels);
    return rk_session_close(&session);
}
