#include "repkit/session.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "emit.h"
#include "terminal.h"
#include "where.h"

bool rk_session_ok(struct rk_session *session, enum rk_status status)
{
    if (session->status == RK_OK)
        session->status = status;
    return session->status == RK_OK;
}

void rk_session_refuse(struct rk_session *session, const char *format, ...)
{
    char text[sizeof session->error.text];
    va_list arguments;

    if (session->status != RK_OK)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rk_session_ok(session, rk_fail(&session->error, RK_EUSAGE, "%s", text));
}

/* --- opening ------------------------------------------------------------------------------ */

void rk_session_write(struct rk_session *session, const char *path, const struct rk_text *text)
{
    struct rk_output output;

    if (session->status != RK_OK)
        return;
    rk_session_ok(session, rk_output_open(&output, path, &session->error));
    rk_text_add_bytes(&output.text, text->bytes, text->length);
    output.text.failed = output.text.failed || text->failed;
    rk_session_ok(session, rk_output_close(&output, session->status == RK_OK));
}

void rk_session_print(struct rk_session *session, const struct rk_text *text)
{
    rk_session_write(session, NULL, text);
    session->stop = true;
}

/* --help, --version, --man, --completion. */
static void act(struct rk_session *session, const struct rk_option *options)
{
    const struct rk_shared *shared = session->shared;
    struct rk_text text = {0};

    if (shared->completion != NULL &&
        rk_choice_find("bash|zsh|fish", shared->completion, strlen(shared->completion)) < 0) {
        rk_session_refuse(session, "--completion: bash, zsh or fish, not '%s'", shared->completion);
        return;
    }
    if (shared->action == RK_ACTION_HELP)
        rk_help_print(session->tool, options, &text);
    else if (shared->action == RK_ACTION_VERSION)
        rk_text_format(&text, "%s (repkit) %s\n", session->tool->name, RK_VERSION);
    else if (shared->action == RK_ACTION_MAN)
        rk_man_print(session->tool, options, &text);
    else if (shared->completion != NULL)
        rk_completion_print(session->tool, options, shared->completion, &text);
    if (text.length > 0 || text.failed)
        rk_session_print(session, &text);
    rk_text_free(&text);
}

static enum rk_status read_delimiter(const char *name, char *delimiter, struct rk_error *error)
{
    if (strcmp(name, "tab") == 0 || strcmp(name, "\\t") == 0)
        *delimiter = '\t';
    else if (name[0] != '\0' && name[1] == '\0' && strchr(",;\t|", name[0]) != NULL)
        *delimiter = name[0];
    else
        return rk_fail(error, RK_EUSAGE, "--delimiter: , ; tab or |, not '%s'", name);
    return RK_OK;
}

static enum rk_status read_encoding(const char *name, struct rk_csv_options *csv,
                                    struct rk_error *error)
{
    if (!rk_encoding_known(name))
        return rk_fail(error, RK_EUSAGE, "--encoding: '%s' is not known (iconv -l lists them)",
                       name);
    snprintf(csv->encoding, sizeof csv->encoding, "%s", name);
    return RK_OK;
}

static void check_input_options(struct rk_session *session)
{
    static const enum rk_date_order orders[] = {RK_ORDER_UNKNOWN, RK_ORDER_DMY, RK_ORDER_MDY,
                                                RK_ORDER_YMD};
    const struct rk_shared *shared = session->shared;
    struct rk_error *error = &session->error;

    session->csv = (struct rk_csv_options){.decimal = '.'};
    session->csv.bad_is_missing = shared->on_bad != 0;
    session->csv.date_order = orders[shared->date_order];
    session->csv.calendar = shared->calendar == 1 ? RK_JALALI : RK_GREGORIAN;
    session->csv.max_unpacked = 1e9 * shared->max_unpacked;
    if (shared->encoding != NULL)
        rk_session_ok(session, read_encoding(shared->encoding, &session->csv, error));
    if (shared->delimiter != NULL)
        rk_session_ok(session, read_delimiter(shared->delimiter, &session->csv.delimiter, error));
    if (shared->decimal != NULL) {
        if (strcmp(shared->decimal, ".") != 0 && strcmp(shared->decimal, ",") != 0)
            rk_session_refuse(session, "--decimal: . or , and not '%s'", shared->decimal);
        session->csv.decimal = shared->decimal[0];
    }
    if (shared->na != NULL && session->status == RK_OK)
        rk_session_ok(session, rk_option_names("na", shared->na, &session->csv.na, error));
    if (session->csv.delimiter == ',' && session->csv.decimal == ',')
        rk_session_refuse(session, "the comma cannot be both delimiter and decimal mark");
}

static void check_statistics_options(struct rk_session *session)
{
    struct rk_common *common = session->shared->common;
    double max_memory = session->shared->max_memory;

    if (max_memory > 0.0 && !rk_bound_memory(1e9 * max_memory))
        rk_session_ok(session, rk_fail(&session->error, RK_EIO,
                                       "--max-memory: this system does not take the bound"));
    session->ctx.seed = session->shared->seed;
    session->ctx.threads =
        session->shared->threads > 0 ? (unsigned)session->shared->threads : rk_cores();
    if (session->shared->quiet)
        session->ctx.progress = NULL;
    if (common == NULL)
        return;
    if (common->conf_level > 1.0)
        common->conf_level /= 100.0;
    if (!(common->conf_level > 0.0 && common->conf_level < 1.0))
        rk_session_refuse(session, "--conf: a level between 0 and 1 (or 0 and 100 percent)");
}

static void parse_expression(struct rk_session *session, const char *option, const char *text,
                             struct rk_node **tree)
{
    struct rk_error error;

    if (text == NULL || session->status != RK_OK)
        return;
    if (!rk_session_ok(session, rk_expression_parse(text, RK_PREDICATE, tree, &error)))
        rk_fail(&session->error, error.status, "--%s: %s", option, error.text);
}

static void parse_strict(struct rk_session *session)
{
    const char *codes = session->shared->strict;

    if (codes == NULL || codes[0] == '\0' || session->status != RK_OK)
        return;
    if (rk_session_ok(session, rk_option_names("strict", codes, &session->strict, &session->error)))
        rk_session_ok(session, rk_warning_codes_check(&session->strict, "--strict: no warning",
                                                      &session->error));
}

bool rk_session_open(struct rk_session *session, const struct rk_tool *tool,
                     const struct rk_option *options, struct rk_shared *shared, int argc,
                     char **argv)
{
    memset(session, 0, sizeof *session);
    session->tool = tool;
    session->shared = shared;
    rk_terminal_start(session);
    session->result = rk_result_new();
    if (session->result == NULL)
        rk_session_ok(session, rk_fail_memory(&session->error));
    rk_text_add(&session->command, tool->name);
    for (int i = 1; i < argc; i++) {
        rk_text_add_char(&session->command, ' ');
        rk_text_shell_word(&session->command, argv[i]);
    }
    if (session->command.failed)
        rk_session_ok(session, rk_fail_memory(&session->error));
    if (session->status == RK_OK)
        rk_session_ok(session,
                      rk_options_parse(options, argc, argv, &session->operands, &session->error));
    if (session->status == RK_OK)
        act(session, options);
    if (session->stop || session->status != RK_OK)
        return false;
    check_input_options(session);
    check_statistics_options(session);
    parse_expression(session, "where", shared->where, &session->where);
    parse_expression(session, "rows", shared->rows, &session->rows);
    parse_expression(session, "assert", shared->assert_all, &session->assert_all);
    parse_expression(session, "assert-any", shared->assert_any, &session->assert_any);
    parse_strict(session);
    if (session->status == RK_OK)
        rk_session_ok(session, rk_emit_parse(session));
    if (shared->common != NULL)
        shared->common->explain = shared->explain || session->format == RK_FORMAT_JSON ||
                                  rk_session_emits(session, "explain");
    return session->status == RK_OK;
}

bool rk_session_operands(struct rk_session *session, size_t least, size_t most)
{
    if (session->status != RK_OK || session->stop)
        return false;
    if (session->operands.n < least)
        rk_session_refuse(session, "an argument is missing: %s %s (see --help)",
                          session->tool->name, session->tool->synopsis);
    else if (session->operands.n > most)
        rk_session_refuse(session, "one argument too many: '%s' (see --help)",
                          session->operands.name[most]);
    return session->status == RK_OK;
}

int rk_session_choice(struct rk_session *session, const char *what, const char *choices)
{
    const char *name = session->operands.n > 0 ? session->operands.name[0] : "";
    int index = rk_choice_find(choices, name, strlen(name));

    if (session->status == RK_OK && index < 0)
        rk_session_ok(session, rk_choice_fail(choices, name, what, RK_EUSAGE, &session->error));
    return index;
}

const char *rk_session_file(const struct rk_session *session, size_t operand)
{
    return operand < session->operands.n ? session->operands.name[operand] : NULL;
}

/* --- reading ------------------------------------------------------------------------------ */

static enum rk_status want_shared_columns(const struct rk_session *session, struct rk_wants *wants)
{
    const struct rk_common *common = session->shared->common;
    struct rk_names names = {0};
    enum rk_status status = RK_OK;

    if (common != NULL)
        status = rk_wants_names(wants, &common->by, RK_AS_LABEL);
    if (status == RK_OK && session->where != NULL)
        status = rk_node_columns(session->where, &names);
    if (status == RK_OK)
        status = rk_wants_aside(wants, &names);
    if (status == RK_OK && session->where != NULL)
        status = rk_node_compared(session->where, &wants->compared);
    rk_names_free(&names);
    return status;
}

static enum rk_status fail_empty(struct rk_session *session, const struct rk_table *table)
{
    rk_predicate_empty(session->where, table, table->rows_read, &session->error);
    return rk_fail_at(&session->error, table->name, 0, NULL);
}

void rk_session_took(struct rk_session *session, const struct rk_table *table, size_t n_rows)
{
    if (table->n_bad > 0)
        rk_warn(session->result, RK_WARN_BAD_CELLS, "%zu %s and count%s as missing", table->n_bad,
                table->n_bad == 1 ? "cell is no number" : "cells are no numbers",
                table->n_bad == 1 ? "s" : "");
    for (size_t i = 0; i < table->mixed.n; i++)
        rk_warn(session->result, RK_WARN_BAD_CELLS, "%s", table->mixed.name[i]);
    session->result->rows_read = table->rows_read;
    session->result->rows_used = n_rows;
    session->meta.input_digest = table->digest;
    session->meta.has_input = true;
}

struct rk_table *rk_session_read(struct rk_session *session, const char *path,
                                 struct rk_wants *wants)
{
    struct rk_table *table = NULL;
    enum rk_status status;

    if (session->status != RK_OK || session->stop)
        return NULL;
    status = want_shared_columns(session, wants);
    if (status != RK_OK)
        rk_fail_memory(&session->error);
    else
        status = rk_csv_read(path, wants, &session->csv, &session->ctx, &table, &session->error);
    if (status == RK_OK && session->where != NULL) {
        status = rk_where_keep(session->where, table, &session->error);
        if (status == RK_OK && table->n_rows == 0)
            status = fail_empty(session, table);
    }
    if (!rk_session_ok(session, status)) {
        rk_table_free(table);
        return NULL;
    }
    rk_session_took(session, table, table->n_rows);
    return table;
}

struct rk_table *rk_session_read_beside(struct rk_session *session, const char *path,
                                        const struct rk_csv_options *csv,
                                        const struct rk_wants *wants)
{
    struct rk_table *table = NULL;

    if (path != NULL && session->status == RK_OK && !session->stop)
        rk_session_ok(session,
                      rk_csv_read(path, wants, csv, &session->ctx, &table, &session->error));
    return table;
}

struct rk_table *rk_session_each(struct rk_session *session, const char *path,
                                 struct rk_wants *wants, const struct rk_row_work *work)
{
    struct rk_table *about = NULL;
    struct rk_where where = {.condition = session->where, .work = work};
    const struct rk_row_work kept = rk_where_work(&where);
    enum rk_status status;

    if (session->status != RK_OK || session->stop)
        return NULL;
    status = want_shared_columns(session, wants);
    if (status != RK_OK)
        rk_fail_memory(&session->error);
    else
        status =
            rk_csv_each(path, wants, &session->csv, &session->ctx, &kept, &about, &session->error);
    if (status == RK_OK && session->where != NULL && where.n_kept == 0)
        status = fail_empty(session, about);
    if (rk_session_ok(session, status))
        return about;
    rk_table_free(about);
    return NULL;
}

/* --- closing ------------------------------------------------------------------------------ */

/* Without memory for the place, and to make visible what is not. */
static void print_plain(const struct rk_session *session, const char *text)
{
    char plain[sizeof session->error.text];
    size_t n = 0;

    for (; text[n] != '\0' && n + 1 < sizeof plain; n++)
        plain[n] = (char)(text[n] < ' ' || text[n] > '~' ? '?' : text[n]);
    plain[n] = '\0';
    fprintf(stderr, "%s: %s\n", session->tool->name, plain);
}

static void print_error(struct rk_session *session)
{
    struct rk_error *error = &session->error;
    struct rk_text line = {0};

    /* What an earlier call said, of rows that were given up, is not why it ends. */
    if (session->status == RK_ENOMEM && error->status != RK_ENOMEM)
        rk_fail_memory(error);
    if (error->text[0] == '\0')
        snprintf(error->text, sizeof error->text, "%s", rk_status_words(session->status));
    rk_text_format(&line, "%s: ", session->tool->name);
    if (error->file[0] != '\0')
        rk_text_add_visible(&line, error->file);
    if (error->line != 0)
        rk_text_format(&line, ":%zu", error->line);
    if (error->file[0] != '\0')
        rk_text_add(&line, ": ");
    if (error->column[0] != '\0') {
        rk_text_add(&line, "column '");
        rk_text_add_visible(&line, error->column);
        rk_text_add(&line, "': ");
    }
    rk_text_add_visible(&line, error->text);
    rk_text_add_char(&line, '\n');
    if (line.failed)
        print_plain(session, error->text);
    else
        fputs(line.bytes, stderr);
    rk_text_free(&line);
}

static void print_warnings(const struct rk_session *session)
{
    const struct rk_result *result = session->result;

    for (size_t i = 0; i < result->n_warnings; i++) {
        struct rk_text line = {0};

        rk_text_format(&line, "%s: warning: [%s] ", session->tool->name, result->warning[i].code);
        rk_text_add_visible(&line, result->warning[i].text);
        if (result->warning[i].more > 0)
            rk_text_format(&line, " (And %zu more [%s].)", result->warning[i].more,
                           result->warning[i].code);
        rk_text_add_char(&line, '\n');
        if (line.failed)
            fprintf(stderr, "%s: warning: [%s]\n", session->tool->name, result->warning[i].code);
        else
            fputs(line.bytes, stderr);
        rk_text_free(&line);
    }
}

/* On a terminal: that what was asked for has no place in this format. */
static void notice_explain(const struct rk_session *session)
{
    bool rows_only = session->format == RK_FORMAT_CSV || session->format == RK_FORMAT_TSV;

    if (session->shared->explain && rows_only && !rk_session_emits(session, "explain") &&
        isatty(STDERR_FILENO))
        fprintf(stderr, "%s: %s has no place for --explain: take -f table, md or --emit explain\n",
                session->tool->name, session->format == RK_FORMAT_CSV ? "CSV" : "TSV");
}

/* A warning that --strict refuses, or NULL. */
static const struct rk_warning *refused(const struct rk_session *session)
{
    const struct rk_result *result = session->result;

    if (session->shared->strict == NULL)
        return NULL;
    for (size_t i = 0; i < result->n_warnings; i++)
        if (session->strict.n == 0 || rk_names_has(&session->strict, result->warning[i].code))
            return &result->warning[i];
    return NULL;
}

bool rk_session_strict(struct rk_session *session)
{
    const struct rk_warning *warning = refused(session);

    if (session->status == RK_OK && session->result->status != RK_OK)
        rk_session_ok(session, rk_fail_memory(&session->error));
    else if (warning != NULL)
        rk_session_ok(session, rk_fail(&session->error, RK_ESTRICT, "refused by --strict: [%s] %s",
                                       warning->code, warning->text));
    return session->status == RK_OK;
}

static void free_session(struct rk_session *session)
{
    rk_emit_free(session);
    rk_node_free(session->where);
    rk_node_free(session->rows);
    rk_node_free(session->assert_all);
    rk_node_free(session->assert_any);
    rk_names_free(&session->operands);
    rk_names_free(&session->strict);
    rk_names_free(&session->csv.na);
    rk_moments_free(&session->moments);
    rk_text_free(&session->command);
    if (session->result != NULL)
        rk_result_free(session->result);
    if (session->shared->common != NULL)
        rk_names_free(&session->shared->common->by);
}

/* What the system kept back may fail only here, as on a network's disk. */
static void close_standard_output(struct rk_session *session)
{
    if (session->status == RK_OK && close(STDOUT_FILENO) != 0 && errno != EBADF) {
        session->status = rk_fail(&session->error, RK_EIO, "cannot write: %s", strerror(errno));
        rk_fail_at(&session->error, "standard output", 0, NULL);
    }
}

int rk_session_close(struct rk_session *session)
{
    enum rk_status judged = RK_OK;

    rk_terminal_end(session);
    if (!session->stop && session->status == RK_OK && session->result->status != RK_OK)
        rk_session_ok(session, rk_fail_memory(&session->error));
    if (!session->stop && session->status == RK_OK)
        rk_session_ok(session, rk_emit_filter(session));
    if (!session->stop && session->status == RK_OK)
        rk_session_strict(session);
    if (!session->stop && session->status == RK_OK)
        judged = rk_emit_assert(session);
    /* That the condition does not hold, or has no row, is said after the output. */
    if (judged != RK_EASSERT && judged != RK_ENODATA)
        rk_session_ok(session, judged);
    if (!session->stop && session->status == RK_OK)
        rk_session_ok(session, rk_emit_write(session));
    if (session->result != NULL && !session->shared->quiet && session->status != RK_ESTRICT)
        print_warnings(session);
    if (!session->stop && session->status == RK_OK && !session->shared->quiet)
        notice_explain(session);
    if (!session->stop && session->status == RK_OK)
        rk_session_ok(session, judged);
    close_standard_output(session);
    if (session->status != RK_OK && (session->status != RK_EASSERT || !session->shared->quiet))
        print_error(session);
    free_session(session);
    return rk_status_exit(session->status);
}
