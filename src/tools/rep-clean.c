/* rep-clean: is this export usable, and what is wrong with it? */
#include "repkit/clean.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-clean datasets/detailing.csv --emit summary",
    "rep-clean datasets/crm_export.csv --emit findings",
    "rep-clean datasets/crm_export.csv --trim --snake --dedupe id > clean.csv",
    "rep-clean datasets/crm_export.csv --emit data=clean.csv,findings=found.csv",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-clean",
    .question = "Is this export usable, and what is wrong with it?",
    .synopsis = "[OPTIONS] [FILE]",
    .about = "Repairs what can be repaired without guessing, and reports the rest: numbers without "
             "currency signs and separators, dates as ISO writes them, missing cells empty; bad "
             "cells, duplicates, labels that look like others and outliers as findings.",
    .examples = examples,
    .tables = "data|findings|summary",
};

static void run(struct rk_session *session, struct rk_clean_options *options)
{
    struct rk_wants wants;
    struct rk_csv_options csv;
    struct rk_table *table = NULL;
    enum rk_status status;

    options->csv = session->csv;
    options->where = session->where;
    options->data = session->n_emits == 0 || rk_session_emits(session, "data");
    options->findings = rk_session_shows(session, "findings");
    options->summary = rk_session_shows(session, "summary");
    rk_clean_wants(options, &wants, &csv);
    status = rk_csv_read(rk_session_file(session, 0), &wants, &csv, &session->ctx, &table,
                         &session->error);
    if (status == RK_OK) {
        session->result->rows_read = table->rows_read;
        session->meta.input_digest = table->digest;
        session->meta.has_input = true;
        status = rk_clean_run(table, options, &session->ctx, session->result, &session->error);
    }
    rk_session_ok(session, status);
    rk_table_free(table);
}

int main(int argc, char **argv)
{
    struct rk_clean_options options = RK_CLEAN_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to repair"),
        {RK_OPTION_NAMES, 0, "types", &options.types, "COL=TYPE,...",
         "text, number or date (by nine cells in ten)", 0, 0},
        {RK_OPTION_FLAG, 0, "trim", &options.trim, NULL, "no white space around text", 0, 0},
        {RK_OPTION_FLAG, 0, "snake", &options.snake, NULL, "column names in snake_case", 0, 0},
        {RK_OPTION_FLAG, 0, "csv-safe", &options.csv_safe, NULL,
         "put ' before text that a spreadsheet takes for a formula", 0, 0},
        {RK_OPTION_CHOICE, 0, "ragged", &options.ragged, RK_CLEAN_RAGGED,
         "rows with more or fewer cells than the header (error)", 0, 0},
        {RK_OPTION_CHOICE, 0, "currency", &options.currency, RK_CLEAN_CURRENCY,
         "split: currencies in a column of their own (error if two)", 0, 0},
        {RK_OPTION_COLUMNS, 0, "dedupe", &options.dedupe, "COLS", "drop rows with the same key", 0,
         0},
        {RK_OPTION_CHOICE, 0, "keep", &options.keep, RK_CLEAN_KEEP, "which of those stays (first)",
         0, 0},
        {RK_OPTION_REPEAT, 0, "map", &options.maps, "COL=FILE", "replace cells: columns from,to", 0,
         0},
        {RK_OPTION_REPEAT, 0, "against", &options.against, "COL=FILE:REFCOL",
         "report labels that are not in a list", 0, 0},
        {RK_OPTION_NAMES, 0, "impute", &options.impute, "COL=HOW,...",
         "fill empty cells: mean, median, locf, zero; marks COL_imputed", 0, 0},
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS_BAD(shared, "na"),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    shared.on_bad = 1; /* na */
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 0, 1))
        run(&session, &options);
    rk_names_free(&options.types);
    rk_names_free(&options.dedupe);
    rk_names_free(&options.maps);
    rk_names_free(&options.against);
    rk_names_free(&options.impute);
    return rk_session_close(&session);
}
