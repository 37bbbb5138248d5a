/* rep-roi: what does it return, when does it pay back, how sure are we? */
#include <string.h>

#include "repkit/roi.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-roi datasets/crm_model.csv --effect uplift=datasets/crm_effect.csv",
    "rep-roi datasets/crm_model.csv --effect uplift=datasets/crm_effect.csv -f table --explain",
    "rep-roi datasets/crm_model.csv --effect uplift=datasets/crm_effect.csv --emit cashflow",
    "rep-roi datasets/crm_model.csv --effect uplift=datasets/crm_effect.csv --emit tornado",
    "rep-roi --template > model.csv",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-roi",
    .question = "What does it return, when does it pay back, how sure are we?",
    .synopsis = "[OPTIONS] MODEL",
    .about =
        "MODEL is a table of costs and benefits, one line an item: item,kind,amount and, where "
        "they apply, low,high,dist,per,start,end,growth,ramp,quantity,hours,margin,"
        "attribution,category,effect. Prints returns, present values, rates and payback, each "
        "with the interval that the items' uncertainty gives it.",
    .examples = examples,
    .tables = "metrics|cashflow|categories|tornado|breakeven|information|sobol|draws",
};

/* The table is made where it is asked for, or where all that are cheap are shown. */
static bool shows(const struct rk_session *session, const char *table)
{
    bool all = session->n_emits == 0 && session->format != RK_FORMAT_CSV &&
               session->format != RK_FORMAT_TSV;

    return all || rk_session_emits(session, table);
}

struct given {
    struct rk_names effects, scenarios;
    const char *risk, *rho;
};

/* Reads the effects, and what changes the model from beside it. */
static bool read_files(struct rk_session *session, const struct given *given,
                       struct rk_effects *effects, struct rk_roi_files *files)
{
    const struct rk_csv_options own = RK_CSV_DEFAULT; /* -d and --decimal are the model's */
    bool taken = strcmp(session->operands.name[0], "-") == 0;

    if (!rk_session_ok(session, rk_effects_read(&given->effects, &own, taken, &session->ctx,
                                                session->result, effects, &session->error)))
        return false;
    for (size_t i = 0; i < effects->n; i++)
        taken = taken || strcmp(effects->effect[i].file, "-") == 0;
    return rk_session_ok(session,
                         rk_roi_files_read(&given->scenarios, given->risk, given->rho, taken, &own,
                                           &session->ctx, files, &session->error));
}

static void print_template(struct rk_session *session)
{
    struct rk_text text = {0};

    rk_text_add(&text, rk_roi_template());
    rk_session_write(session, session->shared->output, &text);
    rk_text_free(&text);
    session->stop = true;
}

/* Reads the model and runs it; the effects have been read. */
static void run(struct rk_session *session, struct rk_roi_options *options)
{
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    options->cashflow = shows(session, "cashflow");
    options->categories = shows(session, "categories");
    options->explain_metrics = session->n_emits == 0 || rk_session_emits(session, "explain");
    options->tornado = shows(session, "tornado");
    options->breakeven = shows(session, "breakeven");
    options->information = shows(session, "information");
    options->sobol = rk_session_emits(session, "sobol");
    options->each_draw = rk_session_emits(session, "draws");
    if (rk_session_ok(session, rk_roi_wants(options, &wants)))
        table = rk_session_read(session, rk_session_file(session, 0), &wants);
    if (table != NULL)
        rk_session_ok(session,
                      rk_roi_run(table, options, &session->ctx, session->result, &session->error));
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    struct rk_effects effects = {0};
    struct rk_roi_files files = {0};
    struct given given = {0};
    bool template = false;
    const struct rk_option table_of_options[] = {
        {RK_OPTION_HEADING, 0, NULL, NULL, NULL, "The model", 0, 0},
        {RK_OPTION_REPEAT, 0, "effect", &given.effects, "NAME=FILE[:KEY=VALUE,...]",
         "an item's amount, from another tool's output", 0, 0},
        {RK_OPTION_FLAG, 0, "template", &template, NULL,
         "print an empty model with the usual items", 0, 0},
        {RK_OPTION_COUNT, 0, "horizon", &options.horizon, "MONTHS",
         "how far to look, the last month included (36)", 1, RK_ROI_MAX_HORIZON},
        {RK_OPTION_NUMBER, 0, "rate", &options.rate, "RATE", "discount rate a year (0.10)", -0.5,
         1},
        {RK_OPTION_CHOICE, 0, "timing", &options.timing, RK_TIMINGS,
         "discount from the end or the middle of periods (end)", 0, 0},
        {RK_OPTION_NUMBER, 0, "finance-rate", &options.finance_rate, "RATE",
         "of mirr's outflows (that of --rate)", -0.5, 1},
        {RK_OPTION_NUMBER, 0, "reinvest-rate", &options.reinvest_rate, "RATE",
         "of mirr's inflows (that of --rate)", -0.5, 1},
        {RK_OPTION_REPEAT, 0, "scenario", &given.scenarios, "NAME=FILE",
         "run it again with other cells: item,column,value", 0, 0},
        {RK_OPTION_TEXT, 0, "risk-adjust", &given.risk, "FILE",
         "and with costs up, benefits down by a share: item,factor", 0, 0},
        {RK_OPTION_TEXT, 0, "rho", &given.rho, "FILE",
         "rank correlations of amounts: item1,item2,rho", 0, 0},
        {RK_OPTION_NUMBER, 0, "pilot", &options.pilot, "COST", "of a pilot, for --emit information",
         0, 1e15},
        {RK_OPTION_CHOICE, 0, "method", &options.method, RK_ROI_METHODS,
         "of the metrics' intervals (montecarlo)", 0, 0},
        {RK_OPTION_COUNT, 0, "draws", &options.draws, "N", "of the Monte Carlo (100000)", 1,
         10000000},
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        {RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0},
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (template && session.status == RK_OK && !session.stop && rk_session_operands(&session, 0, 0))
        print_template(&session);
    options.effects = &effects;
    options.files = &files;
    if (!template && rk_session_operands(&session, 1, 1) &&
        read_files(&session, &given, &effects, &files))
        run(&session, &options);
    rk_effects_free(&effects);
    rk_roi_files_free(&files);
    rk_names_free(&given.effects);
    rk_names_free(&given.scenarios);
    return rk_session_close(&session);
}
