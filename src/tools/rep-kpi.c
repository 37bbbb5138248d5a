/* rep-kpi: what do customers cost, bring and say? */
#include <string.h>

#include "repkit/kpi.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-kpi cac --set marketing_cost=80000 --set sales_cost=40000 --set new_customers=86",
    "rep-kpi clv --set order_value=120 --set frequency=4 --set lifetime=3",
    "rep-simulate crm --reps 8 -o crm",
    "rep-kpi win-rate sales-cycle --deals crm/deals.csv --period quarter",
    ("rep-kpi all --deals crm/deals.csv --leads crm/leads.csv --spend crm/spend.csv --cut "
     "2024-07-01"),
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-kpi",
    .question = "What do customers cost, bring and say, and how sure is that?",
    .synopsis = "[OPTIONS] KPI...",
    .about = "KPI is cac, clv, ltv-cac, cac-payback, retention, churn, nrr, grr, avg-order, "
             "frequency, repeat-rate, revenue-per-lead, cost-per-lead, conversion, sales-cycle, "
             "win-rate, velocity, efficiency, satisfaction, nps, csat, or all. Each comes from "
             "totals or "
             "from files, with its interval, its formula and the definition used.",
    .examples = examples,
    .tables = "kpi|survival|cohorts|funnel|tests",
};

static void run(struct rk_session *session, struct rk_kpi_options *options,
                struct rk_crm_files *files, const char *const *spec)
{
    bool all = session->n_emits == 0 && session->format == RK_FORMAT_JSON;

    options->kpis = session->operands;
    options->date_order = session->csv.date_order;
    options->survival = rk_session_emits(session, "survival");
    options->cohorts = rk_session_emits(session, "cohorts");
    options->funnel = rk_session_emits(session, "funnel");
    options->tests = rk_session_emits(session, "tests");
    if (!rk_session_ok(session, rk_crm_files_parse(files, spec, &session->csv, &session->error)) ||
        !rk_session_ok(session, rk_kpi_check(options, files, &session->error)))
        return;
    options->funnel =
        options->funnel ||
        (all && (files->file[RK_CRM_LEADS].path != NULL || files->file[RK_CRM_DEALS].path != NULL));
    options->tests =
        options->tests || (all && options->cut != NULL && files->file[RK_CRM_DEALS].path != NULL);
    for (int i = 0; i < RK_CRM_INPUTS; i++)
        files->file[i].group = options->by;
    rk_session_read_files(session, files);
    if (session->status == RK_OK)
        rk_session_ok(session,
                      rk_kpi_run(files, options, &session->ctx, session->result, &session->error));
}

int main(int argc, char **argv)
{
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    struct rk_crm_files files = {0};
    const char *spec[RK_CRM_INPUTS] = {NULL};
    const struct rk_option table_of_options[] = {
        {RK_OPTION_REPEAT, 0, "set", &options.totals, "NAME=VALUE",
         "a total: new_customers, leads, won, ... (see --man)", 0, 0},
        {RK_OPTION_TEXT, 0, "customers", &spec[RK_CRM_CUSTOMERS], "FILE", "keys id, start, end", 0,
         0},
        {RK_OPTION_TEXT, 0, "orders", &spec[RK_CRM_ORDERS], "FILE", "keys customer, date, amount",
         0, 0},
        {RK_OPTION_TEXT, 0, "deals", &spec[RK_CRM_DEALS], "FILE",
         "keys rep, open, close, stage, amount, won=LABEL, lost=LABEL", 0, 0},
        {RK_OPTION_TEXT, 0, "spend", &spec[RK_CRM_SPEND], "FILE", "keys date, amount", 0, 0},
        {RK_OPTION_TEXT, 0, "leads", &spec[RK_CRM_LEADS], "FILE", "keys date, converted", 0, 0},
        {RK_OPTION_TEXT, 0, "activities", &spec[RK_CRM_ACTIVITIES], "FILE",
         "keys rep, date, type, count", 0, 0},
        {RK_OPTION_TEXT, 0, "scores", &spec[RK_CRM_SCORES], "FILE", "keys customer, date, score", 0,
         0},
        {RK_OPTION_TEXT, 0, "roster", &spec[RK_CRM_ROSTER], "FILE", "key rep; its columns for --by",
         0, 0},
        {RK_OPTION_CHOICE, 0, "period", &options.period, RK_KPI_PERIODS, "one row a period (all)",
         0, 0},
        {RK_OPTION_TEXT, 0, "by", &options.by, "COL",
         "a column of the files, of --roster or of --customers", 0, 0},
        {RK_OPTION_TEXT, 0, "as-of", &options.as_of, "DATE",
         "the last day that counts; deals open then are open (the latest)", 0, 0},
        {RK_OPTION_TEXT, 0, "cut", &options.cut, "DATE", "before, after, and their difference", 0,
         0},
        {RK_OPTION_CHOICE, 0, "straddle", &options.straddle, RK_STRADDLES,
         "a period that contains the cut (drop)", 0, 0},
        {RK_OPTION_NAMES, 0, "definition", &options.definitions, "NAME,...",
         "simple, contract, contract-advance, bgnbd; median, rmst, mean-closed; ...", 0, 0},
        {RK_OPTION_NUMBER, 0, "satisfied", &options.satisfied, "SCORE",
         "csat: the least score of a satisfied customer (4 of 5, 8 of 10)", -1e9, 1e9},
        RK_CONF_OPTION(options.common),
        {RK_OPTION_COUNT, 0, "resamples", &options.common.resamples, "N",
         "intervals of ratios, means and bgnbd by bootstrap (closed forms)", 1, 1000000},
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 1, 32))
        run(&session, &options, &files, spec);
    rk_crm_files_free(&files);
    rk_names_free(&options.totals);
    rk_names_free(&options.definitions);
    return rk_session_close(&session);
}
