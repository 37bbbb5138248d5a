/* rep-simulate: what would data with a known answer look like? */
#include "repkit/simulate.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "repkit/session.h"

static const char *const examples[] = {
    "rep-simulate panel > panel.csv",
    "rep-simulate panel --reps 40 --uplift 0.08 --rollout 26 --seed 7 -o rollout.csv",
    "rep-simulate panel --effect calls=20 --effect emails=3 --emit truth",
    "rep-simulate panel --emit panel=panel.csv,truth=truth.csv",
    "rep-simulate crm -o export --emit panel=export_panel.csv",
    "rep-simulate crm --reps 8 --dirty -o dirty_export",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-simulate",
    .question = "What would data with a known answer look like?",
    .synopsis = "[OPTIONS] panel|crm",
    .about = "Draws a panel of reps by weeks, or the files that a CRM would export (-o names their "
             "folder), whose effects, uplift, correlations and faults are known, to try the other "
             "tools on, to teach, and to test. The same seed gives the same bytes.",
    .examples = examples,
    .tables = "panel|truth|activities|deals|roster|spend|leads|scores|dirt",
};

enum { PANEL, CRM };
static const char kinds[] = "panel|crm";

/* What crm -o DIR writes: a file a table, the first two tables of a panel not among them. */
static const char *const files[] = {"activities", "deals",  "roster", "spend",
                                    "leads",      "scores", "truth",  "dirt"};
enum { N_FILES = sizeof files / sizeof *files };

/* An option that the kind has no use for is a mistake, unless it says what holds anyway. */
static enum rk_status check_kind(int kind, const struct rk_simulate_options *options,
                                 const struct rk_session *session, struct rk_error *error)
{
    static const struct rk_simulate_options usual = RK_SIMULATE_DEFAULT;
    const char *option = NULL;

    if (kind == CRM && options->missing != usual.missing)
        return rk_fail(error, RK_EUSAGE, "--missing is for panel; crm has --dirty");
    if (kind == CRM && session->n_emits == 0 && session->shared->output == NULL)
        return rk_fail(error, RK_EUSAGE,
                       "crm writes several files: give -o FOLDER, or --emit TABLE for one");
    if (kind == CRM)
        return RK_OK;
    if (options->dirty)
        option = "--dirty";
    if (options->hires != usual.hires)
        option = "--hires";
    if (options->churn != usual.churn)
        option = "--churn";
    if (option != NULL)
        return rk_fail(error, RK_EUSAGE, "%s is for crm, not for panel", option);
    for (size_t i = 0; i < session->n_emits; i++)
        for (size_t k = 0; k < N_FILES; k++)
            if (strcmp(files[k], "truth") != 0 && strcmp(session->emit[i].table, files[k]) == 0)
                return rk_fail(error, RK_EUSAGE, "--emit: '%s' is of crm, not of panel", files[k]);
    return RK_OK;
}

/* -o names a folder, made if need be, and each table a file in it. */
static void emit_files(struct rk_session *session, const char *folder)
{
    struct rk_text path = {0};

    if (session->status == RK_OK && mkdir(folder, 0777) != 0 && errno != EEXIST) {
        rk_session_ok(session, rk_fail(&session->error, RK_EIO, "cannot create the folder: %s",
                                       strerror(errno)));
        rk_fail_at(&session->error, folder, 0, NULL);
    }
    for (size_t i = 0; i < N_FILES && session->status == RK_OK; i++) {
        rk_text_clear(&path);
        rk_text_format(&path, "%s/%s.csv", folder, files[i]);
        rk_session_ok(session, path.failed ? rk_fail_memory(&session->error)
                                           : rk_session_emit(session, files[i], path.bytes));
    }
    rk_text_free(&path);
}

static void run(struct rk_session *session, const struct rk_simulate_options *options)
{
    const char *folder = session->shared->output;
    int kind = rk_session_choice(session, "no kind of data", kinds);
    struct rk_error *error = &session->error;

    if (session->status == RK_OK)
        rk_session_ok(session, check_kind(kind, options, session, error));
    if (session->status != RK_OK)
        return;
    if (kind == PANEL) {
        rk_session_ok(session, rk_simulate_run(options, &session->ctx, session->result, error));
        return;
    }
    session->shared->output = NULL;
    rk_session_ok(session, rk_simulate_crm_run(options, &session->ctx, session->result, error));
    if (folder != NULL)
        emit_files(session, folder);
}

int main(int argc, char **argv)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to simulate"),
        {RK_OPTION_COUNT, 0, "reps", &options.reps, "N", "reps (20)", 1, 1e6},
        {RK_OPTION_COUNT, 0, "periods", &options.periods, "N", "weeks from 2024-W01 (52)", 1, 5000},
        {RK_OPTION_REPEAT, 0, "effect", &options.effects, "NAME=VALUE",
         "revenue for one more (calls=12.5, meetings=150, others 0)", 0, 0},
        {RK_OPTION_REPEAT, 0, "mean", &options.means, "NAME=VALUE",
         "of an activity in a week of an average rep (calls=40 ...)", 0, 0},
        {RK_OPTION_REPEAT, 0, "optimum", &options.optima, "NAME=AT",
         "its effect shrinks evenly: highest there, then less", 0, 0},
        {RK_OPTION_REPEAT, 0, "plateau", &options.plateaus, "NAME=AT", "no effect beyond it", 0, 0},
        {RK_OPTION_REPEAT, 0, "step", &options.steps, "NAME=AT",
         "its effect is all at once, from there on", 0, 0},
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
         "panel: cells of activity and outcome left empty (0.05)", 0, 0.99},
        {RK_OPTION_NUMBER, 0, "hires", &options.hires, "SHARE",
         "crm: reps who come during the first year (0.15)", 0, 1},
        {RK_OPTION_NUMBER, 0, "churn", &options.churn, "SHARE",
         "crm: reps who leave within a year (0.15)", 0, 0.99},
        {RK_OPTION_FLAG, 0, "dirty", &options.dirty, NULL,
         "crm: faults in known places, listed in dirt.csv", 0, 0},
        RK_RANDOM_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 1, 1))
        run(&session, &options);
    rk_names_free(&options.effects);
    rk_names_free(&options.means);
    rk_names_free(&options.optima);
    rk_names_free(&options.plateaus);
    rk_names_free(&options.steps);
    return rk_session_close(&session);
}
