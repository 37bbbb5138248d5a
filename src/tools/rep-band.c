/* rep-band: how much activity is enough, and when is it too much? */
#include "repkit/band.h"

#include "repkit/session.h"

static const char *const examples[] = {
    "rep-band 'scripts ~ detailing | physician' datasets/detailing.csv --explain -f table",
    "rep-band 'scripts ~ detailing | physician' datasets/detailing.csv --claim '>=2'",
    "rep-band 'Sales ~ Accounts + Time' datasets/cravens.csv --claim 100:125 --emit claim",
    "rep-band 'Sales ~ Accounts' datasets/cravens.csv --emit curve=curve.csv,models=models.csv",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-band",
    .question = "How much activity is enough, and when is it too much?",
    .synopsis = "[OPTIONS] FORMULA [FILE]",
    .about = "Fits five curves of an outcome over an activity, the first term of the formula: a "
             "straight line, a parabola, two slopes, a plateau, a smooth curve. Says where each is "
             "best, how sure that is, and whether there is such a place at all. --claim tests a "
             "rule of thumb. Columns after the bar are fixed effects, each of whose levels keeps "
             "its own mean.",
    .examples = examples,
    .tables = "models|claim|optimum|bins|curve",
};

/* A table that only an option makes is not to be asked for without it. */
static enum rk_status check_emits(const struct rk_session *session,
                                  const struct rk_band_options *options, struct rk_error *error)
{
    if (rk_session_emits(session, "claim") && options->claims.n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "--emit claim: which? give --claim, as in --claim 100:125");
    return RK_OK;
}

static void run(struct rk_session *session, struct rk_band_options *options)
{
    struct rk_formula *formula = rk_session_formula(session);
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (formula != NULL && options->time != NULL) { /* what lag() and lead() go by */
        formula->series.time = options->time;
        formula->series.id = options->cluster != NULL       ? options->cluster
                             : formula->fixed_effects.n > 0 ? formula->fixed_effects.name[0]
                                                            : NULL;
    }
    options->formula = formula;
    options->curve = rk_session_emits(session, "curve");
    if (formula != NULL && rk_session_ok(session, check_emits(session, options, &session->error)) &&
        rk_session_ok(session, rk_band_check(options, &session->error)) &&
        rk_session_ok(session, rk_band_wants(options, &wants)))
        table = rk_session_read(session, rk_session_file(session, 1), &wants);
    if (table != NULL)
        rk_session_ok(session,
                      rk_band_run(table, options, &session->ctx, session->result, &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_formula_free(formula);
}

int main(int argc, char **argv)
{
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to test"),
        {RK_OPTION_REPEAT, 0, "claim", &options.claims, "RULE",
         "a rule of thumb: 100:125 is best, or '>=5' is better", 0, 0},
        {RK_OPTION_NUMBER, 0, "margin", &options.margin, "M",
         "smallest difference that matters to '>=5' (0)", 0, 1e300},
        {RK_OPTION_NUMBER, 0, "enough", &options.enough, "SHARE",
         "of the curve's height: bounds the band (0.95)", 0.01, 0.999},
        {RK_OPTION_COUNT, 0, "knots", &options.knots, "N", "of the spline (4; 3 under 30 rows)", 3,
         5},
        {RK_OPTION_COUNT, 0, "bins", &options.bins, "N", "of --emit bins, equally full (10)", 2,
         100},
        RK_HEADING("Errors"),
        {RK_OPTION_CHOICE, 0, "vcov", &options.vcov, RK_BAND_VCOVS,
         "kind (classical; with a fixed effect or --cluster: cr2)", 0, 0},
        {RK_OPTION_TEXT, 0, "cluster", &options.cluster, "COL",
         "rows with the same value belong together (the fixed effect)", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL",
         "periods, for lag() and a look at the period after", 0, 0},
        {RK_OPTION_TEXT, 'w', "weights", &options.weights, "COL", "precision weights, as lm's", 0,
         0},
        RK_CONF_OPTION(options.common),
        {RK_OPTION_CHOICE, 0, "p-adjust", &options.common.p_adjust, RK_ADJUSTS,
         "adjust verdicts for the number of claims (holm)", 0, 0},
        {RK_OPTION_COUNT, 0, "resamples", &options.common.resamples, "N",
         "of intervals (1999) and of sup-F tests (999)", 99, 1e7},
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 1, 2))
        run(&session, &options);
    rk_names_free(&options.claims);
    return rk_session_close(&session);
}
