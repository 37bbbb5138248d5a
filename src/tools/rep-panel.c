/* rep-panel: what did each rep do and earn per week or month? */
#include "repkit/panel.h"

#include "repkit/session.h"

static const char *const examples[] = {
    "rep-simulate crm --reps 8 -o crm",
    "rep-panel --period week --activities crm/activities.csv --deals crm/deals.csv",
    "rep-panel --period month --deals crm/deals.csv --roster crm/roster.csv --level region",
    "rep-panel --period week --activities crm/activities.csv --types calls=Call --event go=2024-07",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-panel",
    .question = "What did each rep do and earn per week or month?",
    .synopsis = "[OPTIONS] --period day|week|month|quarter",
    .about =
        "Counts what CRM exports list, a row an activity or a deal, into one row a rep and period, "
        "for the other tools to read. A period in which a rep was active and did nothing has "
        "zeros; before the rep began and after it left there is no row; a ratio without a "
        "denominator is NA. What was left out, and why, is said on standard error.",
    .examples = examples,
    .tables = "panel",
};

int main(int argc, char **argv)
{
    struct rk_panel_options options = RK_PANEL_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    struct rk_crm_files files = {0};
    const char *spec[RK_CRM_INPUTS] = {NULL};
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to count"),
        {RK_OPTION_CHOICE, 0, "period", &options.period, RK_PANEL_PERIODS,
         "how long a period is (needed)", 0, 0},
        {RK_OPTION_TEXT, 0, "activities", &spec[RK_CRM_ACTIVITIES], "FILE[:KEY=COL,...]",
         "activities; keys rep, date, type, count", 0, 0},
        {RK_OPTION_NAMES, 0, "types", &options.types, "NAME='LABEL|LABEL',...",
         "columns of their own for these types", 0, 0},
        {RK_OPTION_TEXT, 0, "deals", &spec[RK_CRM_DEALS], "FILE[:KEY=COL,...]",
         "deals; keys rep, open, close, stage, amount, won=LABEL, lost=LABEL", 0, 0},
        {RK_OPTION_TEXT, 0, "roster", &spec[RK_CRM_ROSTER], "FILE[:KEY=COL,...]",
         "reps; keys rep, hired, left; all else are attributes", 0, 0},
        RK_HEADING("Rows and columns"),
        {RK_OPTION_CHOICE, 0, "fill", &options.fill, RK_PANEL_FILLS,
         "zeros while a rep is active, always, or never (active)", 0, 0},
        {RK_OPTION_REPEAT, 0, "event", &options.events, "NAME=DATE",
         "a column that is 0 before and 1 after", 0, 0},
        {RK_OPTION_CHOICE, 0, "straddle", &options.straddle, RK_STRADDLES,
         "a period that contains the date inside it (drop: NA)", 0, 0},
        {RK_OPTION_TEXT, 0, "level", &options.level, "rep|all|COL",
         "sum up by a column of the roster, or all (rep)", 0, 0},
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.date_order = session.csv.date_order;
    if (rk_session_operands(&session, 0, 0))
        rk_session_ok(&session, rk_crm_files_parse(&files, spec, &session.csv, &session.error));
    if (session.status == RK_OK && !session.stop)
        rk_session_ok(&session, rk_panel_check(&files, &options, &session.error));
    if (session.status == RK_OK && !session.stop) {
        rk_session_read_files(&session, &files);
        if (session.status == RK_OK)
            rk_session_ok(&session, rk_panel_run(&files, &options, &session.ctx, session.result,
                                                 &session.error));
    }
    rk_crm_files_free(&files);
    rk_names_free(&options.types);
    rk_names_free(&options.events);
    return rk_session_close(&session);
}
