/* rep-impact: did the CRM (or training, or feature) cause the change? */
#include <string.h>

#include "repkit/impact.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-impact did datasets/rollout.csv --value revenue --id rep --time week --treated crm --post "
    "live",
    "rep-impact its datasets/rollout.csv --value revenue --time week --agg sum --start 2024-W14",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-impact",
    .question = "Did the CRM (or training, or feature) cause the change?",
    .synopsis = "did|event|staggered|its|rollout [OPTIONS] [FILE]",
    .about = "Compares the change of those treated with that of others (did, event), groups that "
             "start at different times with those that have not (staggered), or one series with "
             "its own past (its). rollout draws a plan by lot, which answers the question best.",
    .examples = examples,
    .tables = "effects|path|att|placebo|plan",
};

/* The tables each design makes. */
static enum rk_status check_emits(const struct rk_session *session, int design,
                                  struct rk_error *error)
{
    static const char *const names[] = {"did", "event", "staggered", "its", "rollout"};
    static const char *const made[][4] = {
        [RK_IMPACT_DID] = {"effects", "placebo"},
        [RK_IMPACT_EVENT] = {"effects", "path"},
        [RK_IMPACT_STAGGERED] = {"effects", "path", "att"},
        [RK_IMPACT_ITS] = {"effects", "path", "placebo"},
        [RK_IMPACT_ROLLOUT] = {"plan"},
    };

    for (size_t i = 0; i < session->n_emits; i++) {
        const char *table = session->emit[i].table;
        bool found = strcmp(table, "explain") == 0;

        for (size_t k = 0; k < 4 && made[design][k] != NULL; k++)
            found = found || strcmp(made[design][k], table) == 0;
        if (!found)
            return rk_fail(error, RK_EUSAGE, "--emit: %s has no table '%s'", names[design], table);
    }
    return RK_OK;
}

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void estimate(struct rk_session *session, const struct rk_impact_options *options)
{
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_impact_check(options, &session->error)) &&
        rk_session_ok(session, rk_impact_wants(options, &wants)))
        table = options->moments != NULL
                    ? rk_session_read_moments(session, rk_session_file(session, 1), options->id)
                    : rk_session_read(session, rk_session_file(session, 1), &wants);
    if (table != NULL)
        rk_session_ok(session, rk_impact_run(table, options, &session->ctx, session->result,
                                             &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

static void run(struct rk_session *session, struct rk_impact_options *options)
{
    bool all = session->n_emits == 0 && session->format == RK_FORMAT_JSON;

    options->design = rk_session_choice(session, "no design", RK_IMPACT_DESIGNS);
    options->path = all || rk_session_emits(session, "path");
    options->placebo = (all && options->moments == NULL) || rk_session_emits(session, "placebo");
    if (session->status == RK_OK &&
        rk_session_ok(session, check_emits(session, options->design, &session->error)))
        estimate(session, options);
}

int main(int argc, char **argv)
{
    struct rk_impact_options o = RK_IMPACT_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What happened"),
        {RK_OPTION_TEXT, 0, "value", &o.value, "COL", "the outcome", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &o.id, "COL", "the units, such as reps", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &o.time, "COL", "the periods", 0, 0},
        {RK_OPTION_TEXT, 0, "treated", &o.treated, "COL", "did, event: which units (0/1, no/yes)",
         0, 0},
        {RK_OPTION_TEXT, 0, "start", &o.start, "DATE", "periods from here on are after", 0, 0},
        {RK_OPTION_TEXT, 0, "post", &o.post, "COL", "or a column that says so (0/1)", 0, 0},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "did: FILE is rep-moments'", 0, 0},
        {RK_OPTION_CHOICE, 0, "straddle", &o.straddle, RK_STRADDLES,
         "a period that contains the start (drop)", 0, 0},
        {RK_OPTION_COLUMNS, 0, "covariates", &o.covariates, "COLS",
         "did, event: numbers to adjust for", 0, 0},
        {RK_OPTION_CHOICE, 0, "estimator", &o.estimator, RK_IMPACT_ESTIMATORS,
         "did: which is att (collapsed)", 0, 0},
        {RK_OPTION_TEXT, 0, "window", &o.window, "A:B", "event: leads and lags (-6:12)", 0, 0},
        {RK_OPTION_TEXT, 0, "first", &o.first, "COL",
         "staggered: a unit's first period, empty for never", 0, 0},
        {RK_OPTION_CHOICE, 0, "controls", &o.controls, RK_IMPACT_CONTROLS,
         "staggered (never, if three are)", 0, 0},
        {RK_OPTION_CHOICE, 0, "agg", &o.aggregate, RK_AGGREGATES,
         "its: what rows of a period become", 0, 0},
        {RK_OPTION_TEXT, 0, "season", &o.season, "N[:K]",
         "its: N periods a year (none), as K waves (by itself)", 0, 0},
        {RK_OPTION_CHOICE, 0, "vcov", &o.vcov, RK_IMPACT_VCOVS, "its: errors (boot)", 0, 0},
        {RK_OPTION_TEXT, 0, "control", &o.control, "COL",
         "its: a series that was left alone, same unit", 0, 0},
        {RK_OPTION_COUNT, 0, "groups", &o.groups, "N", "rollout: how many groups or waves", 2,
         100000},
        {RK_OPTION_COLUMNS, 0, "stratify", &o.stratify, "COLS", "rollout: alike in every group", 0,
         0},
        {RK_OPTION_COUNT, 0, "resamples", &o.common.resamples, "N", "9999 labels, 1999 bootstraps",
         99, 10000000},
        RK_CONF_OPTION(o.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, o.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &o.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    o.date_order = session.csv.date_order;
    o.moments = from_moments ? &session.moments : NULL;
    if (rk_session_operands(&session, 1, 2))
        run(&session, &o);
    rk_names_free(&o.covariates);
    rk_names_free(&o.stratify);
    return rk_session_close(&session);
}
