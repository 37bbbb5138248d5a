/* rep-report: give me something to send. */
#include <string.h>

#include "repkit/crm_files.h"
#include "repkit/fonts.h"
#include "repkit/html.h"
#include "repkit/report.h"
#include "repkit/roi.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-report datasets/rollout.csv --activities calls,meetings --by region -o report.html",
    "rep-report datasets/rollout.csv --treated crm --start 2024-W14 -o rollout.html",
    "rep-report datasets/rollout.csv --start 2024-W14 --model datasets/crm_model.csv -o worth.html",
    "rep-report datasets/cravens.csv --outcome Sales --activities Accounts,Time -o sales.md",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-report",
    .question = "Give me something to send.",
    .synopsis = "PANEL [--model MODEL] -o REPORT.{html,md}",
    .about = "Runs the toolkit over a panel, a row a rep and period, and writes one file that "
             "tells what the data are, what reps do, what moves with sales, what remains within "
             "reps, how much is enough, whether a rollout mattered, what it is worth, how sure "
             "that is, what would change the answer and what to measure next: each with a picture, "
             "a sentence for the manager, tables, method, warnings and the command.",
    .examples = examples,
};

struct report {
    struct rk_report_options options;
    const char *outcome, *id, *time, *model, *deals;
    struct rk_crm_files files;
    struct rk_names effects;
    int format; /* enum format */
};
enum format { FORMAT_AUTO, FORMAT_HTML, FORMAT_MD };

/* --- reading ------------------------------------------------------------------------------- */

/* The shared options that a command needs to read the same, as they were given. */
static bool keep_reading(const struct rk_shared *shared, struct rk_names *words)
{
    static const char *const orders[] = {NULL, "dmy", "mdy", "ymd"};
    const struct {
        const char *option, *value;
    } given[] = {{"--where", shared->where},
                 {"--delimiter", shared->delimiter},
                 {"--decimal", shared->decimal},
                 {"--na", shared->na},
                 {"--on-bad", shared->on_bad != 0 ? "na" : NULL},
                 {"--date-order", orders[shared->date_order]},
                 {"--calendar", shared->calendar == 1 ? "jalali" : NULL},
                 {"--encoding", shared->encoding}};

    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        if (given[i].value != NULL && (rk_names_add(words, given[i].option) != RK_OK ||
                                       rk_names_add(words, given[i].value) != RK_OK))
            return false;
    return true;
}

/* Copies what was named into options that the reader completes. */
static bool take_names(struct report *report)
{
    const struct {
        const char *from;
        char **to;
    } names[] = {{report->outcome, &report->options.outcome},
                 {report->id, &report->options.id},
                 {report->time, &report->options.time}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].from != NULL && (*names[i].to = rk_strdup(names[i].from)) == NULL)
            return false;
    for (size_t i = 0; i < report->effects.n; i++)
        if (rk_names_add(&report->options.effect_words, report->effects.name[i]) != RK_OK)
            return false;
    return true;
}

static struct rk_table *read_model(struct rk_session *session, const char *path)
{
    const struct rk_roi_options options = RK_ROI_DEFAULT;
    const struct rk_csv_options own = RK_CSV_DEFAULT; /* the others are the panel's */
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_roi_wants(&options, &wants)))
        table = rk_session_read_beside(session, path, &own, &wants);
    rk_wants_free(&wants);
    return table;
}

/* The deals have columns and a way of reading of their own: --where and --by are about the panel.
 */
static void read_deals(struct rk_session *session, struct report *report)
{
    const struct rk_csv_options own = RK_CSV_DEFAULT, panel = session->csv;
    const char *spec[RK_CRM_INPUTS] = {[RK_CRM_DEALS] = report->deals};
    struct rk_node *where = session->where;
    struct rk_names by = report->options.common.by;

    if (report->deals == NULL || session->status != RK_OK)
        return;
    session->where = NULL;
    report->options.common.by = (struct rk_names){0};
    if (rk_session_ok(session, rk_crm_files_parse(&report->files, spec, &own, &session->error)))
        rk_session_read_files(session, &report->files);
    session->where = where;
    session->csv = panel;
    report->options.common.by = by;
    report->options.files = &report->files;
    report->options.deals = report->deals;
}

/* --- writing ------------------------------------------------------------------------------- */

static void add_input(struct rk_document *document, const char *name, const struct rk_table *table)
{
    struct rk_text text = {0};

    if (table == NULL)
        return;
    rk_text_format(&text, "%s, xxh3:%016llx", table->name, (unsigned long long)table->digest);
    rk_document_fact(document, name, text.failed ? "" : text.bytes);
    document->failed |= text.failed;
    rk_text_free(&text);
}

static void add_facts(const struct rk_session *session, const struct report *report,
                      const struct rk_table *panel, const struct rk_table *model,
                      struct rk_document *document)
{
    struct rk_text text = {0};

    rk_document_fact(document, "Made by", session->command.bytes);
    rk_text_format(&text, "repkit %s", RK_VERSION);
    rk_document_fact(document, "Version", text.bytes);
    rk_text_clear(&text);
    rk_text_format(&text, "%llu", (unsigned long long)session->ctx.seed);
    rk_document_fact(document, "Seed", text.bytes);
    add_input(document, "Panel", panel);
    add_input(document, "Model", model);
    add_input(document, "Deals", report->files.file[RK_CRM_DEALS].table);
    document->failed = document->failed || text.failed;
    rk_text_free(&text);
}

/* Every warning once on standard error, too; the report has them where they belong. */
static void keep_warnings(struct rk_session *session, const struct rk_document *document)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const struct rk_result *result = document->section[i].result;

        for (size_t k = 0; result != NULL && k < result->n_warnings; k++)
            rk_result_warn(session->result, result->warning[k].code, result->warning[k].text);
    }
}

/* Words of pictures are drawn by the fonts of whoever reads the report. */
static void check_fonts(struct rk_session *session, const struct rk_document *document)
{
    struct rk_font_needs needs = {0};
    struct rk_text missing = {0};

    for (size_t i = 0; i < document->n_sections; i++)
        if (document->section[i].picture != NULL)
            rk_font_needs_picture(&needs, document->section[i].picture);
    if (rk_session_ok(session, rk_fonts_missing(&needs, &session->ctx, &missing)) &&
        missing.length > 0)
        rk_warn(session->result, RK_WARN_FONTS,
                "No font here has %s: who has none either sees boxes in pictures", missing.bytes);
    rk_text_free(&missing);
}

static void write_report(struct rk_session *session, struct rk_document *document, bool markdown)
{
    struct rk_error missing = {0};
    enum rk_status status = rk_document_draw(document, markdown, &session->ctx, &missing);
    struct rk_output output;

    if (status == RK_EIO)
        rk_warn(session->result, RK_WARN_NO_PICTURES, "%s", missing.text);
    else if (status != RK_OK)
        session->error = missing;
    if (status != RK_OK && status != RK_EIO)
        rk_session_ok(session, status);
    if (session->status == RK_OK && !markdown)
        check_fonts(session, document);
    if (session->status != RK_OK || !rk_session_strict(session))
        return;
    rk_session_ok(session, rk_output_open(&output, session->shared->output, &session->error));
    if (markdown)
        rk_markdown_render(document, (int)session->shared->digits, &output);
    else
        rk_html_render(document, (int)session->shared->digits, &output);
    rk_session_ok(session, rk_output_close(&output, session->status == RK_OK));
}

/* --- run ----------------------------------------------------------------------------------- */

static bool is_markdown(const struct report *report, const char *path)
{
    const char *dot = path == NULL ? NULL : strrchr(path, '.');

    if (report->format != FORMAT_AUTO)
        return report->format == FORMAT_MD;
    return dot != NULL && (strcmp(dot, ".md") == 0 || strcmp(dot, ".markdown") == 0);
}

static void tell(struct rk_session *session, struct report *report, const struct rk_table *panel,
                 const struct rk_table *model)
{
    struct rk_document *document = rk_document_new();

    if (document == NULL) {
        rk_session_ok(session, rk_fail_memory(&session->error));
        return;
    }
    if (rk_session_ok(session, rk_report_run(panel, model, &report->options, &session->ctx,
                                             document, &session->error))) {
        add_facts(session, report, panel, model, document);
        keep_warnings(session, document);
    }
    if (session->status == RK_OK && rk_session_strict(session))
        write_report(session, document, is_markdown(report, session->shared->output));
    session->stop = session->status == RK_OK; /* there is no table to print */
    rk_document_free(document);
}

static void run(struct rk_session *session, struct report *report, const char *path)
{
    struct rk_report_options *options = &report->options;
    const struct rk_csv_options own = RK_CSV_DEFAULT;
    struct rk_effects effects = {0};
    struct rk_wants wants = {0};
    struct rk_table *panel = NULL, *model = NULL;
    bool is_stdin = path == NULL || strcmp(path, "-") == 0;

    options->panel_path = path;
    options->model_path = report->model;
    options->date_order = session->csv.date_order;
    options->effects = &effects;
    if (!keep_reading(session->shared, &options->reading) || !take_names(report))
        rk_session_ok(session, rk_fail_memory(&session->error));
    if (session->status == RK_OK)
        rk_session_ok(session, rk_effects_read(&report->effects, &own, is_stdin, &session->ctx,
                                               session->result, &effects, &session->error));
    if (session->status == RK_OK &&
        rk_session_ok(session, rk_report_check(options, &session->error)) &&
        rk_session_ok(session, rk_report_wants(options, &wants)))
        panel = rk_session_read(session, path, &wants);
    if (panel != NULL)
        model = read_model(session, report->model);
    read_deals(session, report);
    if (panel != NULL && session->status == RK_OK)
        tell(session, report, panel, model);
    rk_table_free(panel);
    rk_table_free(model);
    rk_wants_free(&wants);
    rk_effects_free(&effects);
}

int main(int argc, char **argv)
{
    struct report report = {.options = RK_REPORT_DEFAULT};
    struct rk_report_options *o = &report.options;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        RK_HEADING("What to tell"),
        {RK_OPTION_TEXT, 0, "outcome", &report.outcome, "COL", "what is sold (revenue)", 0, 0},
        {RK_OPTION_COLUMNS, 0, "activities", &o->activities, "COLS",
         "what reps do (calls, emails, meetings ... as found)", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &report.id, "COL", "the units (rep)", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &report.time, "COL", "the periods (period, week or month)", 0,
         0},
        {RK_OPTION_TEXT, 0, "start", &o->start, "DATE", "when something was rolled out", 0, 0},
        {RK_OPTION_TEXT, 0, "treated", &o->treated, "COL",
         "which units got it (0/1, no/yes); without: all", 0, 0},
        {RK_OPTION_COLUMNS, 0, "by", &o->common.by, "COLS", "the regression group by group, too", 0,
         0},
        {RK_OPTION_TEXT, 0, "title", &o->title, "TEXT", "of the report", 0, 0},
        {RK_OPTION_TEXT, 0, "deals", &report.deals, "FILE",
         "also: how long deals take; keys open, close, stage, ...", 0, 0},
        RK_HEADING("What it is worth"),
        {RK_OPTION_TEXT, 0, "model", &report.model, "FILE", "costs and benefits, as for rep-roi", 0,
         0},
        {RK_OPTION_REPEAT, 0, "effect", &report.effects, "NAME=FILE[:KEY=VALUE,...]",
         "an item's amount (the model's only effect: the report's own)", 0, 0},
        {RK_OPTION_COUNT, 0, "horizon", &o->horizon, "MONTHS", "how far to look (36)", 1,
         RK_ROI_MAX_HORIZON},
        {RK_OPTION_NUMBER, 0, "rate", &o->rate, "RATE", "discount rate a year (0.10)", -0.5, 1},
        RK_CONF_OPTION(o->common),
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_HEADING("Output"),
        {RK_OPTION_CHOICE, 'f', "format", &report.format, "auto|html|md",
         "auto: by -o's suffix, else html", 0, 0},
        {RK_OPTION_TEXT, 'o', "output", &shared.output, "FILE",
         "write there, as a whole or not at all", 0, 0},
        {RK_OPTION_COUNT, 0, "digits", &shared.digits, "N", "significant digits in tables (4)", 1,
         17},
        {RK_OPTION_MAYBE, 0, "strict", &shared.strict, "CODES",
         "refuse (exit 4) where there are warnings", 0, 0},
        {RK_OPTION_FLAG, 'q', "quiet", &shared.quiet, NULL, "no warnings on standard error", 0, 0},
        RK_HELP_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &o->common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 0, 1))
        run(&session, &report, rk_session_file(&session, 0));
    rk_report_options_free(o);
    rk_names_free(&report.effects);
    rk_crm_files_free(&report.files);
    return rk_session_close(&session);
}
