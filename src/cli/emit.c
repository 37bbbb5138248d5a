#include "emit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "terminal.h"

/* --- what is asked for -------------------------------------------------------------------- */

static enum rk_status check_table(const struct rk_session *session, const char *name,
                                  struct rk_error *error)
{
    const char *tables = session->tool->tables;

    if (strcmp(name, "explain") == 0 || rk_choice_find(tables, name, strlen(name)) >= 0)
        return RK_OK;
    return rk_choice_fail(tables, name, "--emit: no table", RK_EUSAGE, error);
}

enum rk_status rk_session_emit(struct rk_session *session, const char *table, const char *file)
{
    struct rk_emit emit = {.table = rk_strdup(table)};
    struct rk_emit *grown = realloc(session->emit, (session->n_emits + 1) * sizeof *grown);

    if (file != NULL)
        emit.file = rk_strdup(file);
    if (grown != NULL)
        session->emit = grown;
    if (grown == NULL || emit.table == NULL || (file != NULL && emit.file == NULL)) {
        free(emit.table);
        free(emit.file);
        return rk_fail_memory(&session->error);
    }
    session->emit[session->n_emits++] = emit;
    return RK_OK;
}

static enum rk_status add_emit(struct rk_session *session, const char *item)
{
    const char *equals = strchr(item, '=');
    char *table = rk_strndup(item, equals != NULL ? (size_t)(equals - item) : strlen(item));
    enum rk_status status = table == NULL ? rk_fail_memory(&session->error) : RK_OK;

    if (status == RK_OK)
        status = rk_session_emit(session, table, equals != NULL ? equals + 1 : NULL);
    if (status == RK_OK && equals != NULL && equals[1] == '\0')
        status = rk_fail(&session->error, RK_EUSAGE, "--emit: '%s' names no file", item);
    if (status == RK_OK)
        status = check_table(session, table, &session->error);
    free(table);
    return status;
}

/* Tables that go to the main output by name. */
static size_t count_unfiled(const struct rk_session *session)
{
    size_t n = 0;

    for (size_t i = 0; i < session->n_emits; i++)
        n += session->emit[i].file == NULL;
    return n;
}

static enum rk_file_format decide_format(enum rk_file_format asked, const char *path)
{
    enum rk_file_format by_suffix = path == NULL ? RK_FORMAT_AUTO : rk_format_by_suffix(path);

    if (asked != RK_FORMAT_AUTO)
        return asked;
    if (by_suffix != RK_FORMAT_AUTO)
        return by_suffix;
    return path == NULL && isatty(STDOUT_FILENO) ? RK_FORMAT_TABLE : RK_FORMAT_CSV;
}

enum rk_status rk_emit_parse(struct rk_session *session)
{
    struct rk_names items = {0};
    enum rk_status status = RK_OK;

    session->format =
        decide_format((enum rk_file_format)session->shared->format, session->shared->output);
    if (session->shared->emit == NULL)
        return RK_OK;
    status = rk_option_names("emit", session->shared->emit, &items, &session->error);
    for (size_t i = 0; status == RK_OK && i < items.n; i++)
        status = add_emit(session, items.name[i]);
    rk_names_free(&items);
    if (status == RK_OK && count_unfiled(session) > 1 &&
        (session->format == RK_FORMAT_CSV || session->format == RK_FORMAT_TSV))
        status = rk_fail(&session->error, RK_EUSAGE,
                         "--emit: one table fits in CSV; give each a file (%s=FILE,...) or use -f "
                         "json",
                         session->emit[0].table);
    return status;
}

void rk_emit_free(struct rk_session *session)
{
    for (size_t i = 0; i < session->n_emits; i++) {
        free(session->emit[i].table);
        free(session->emit[i].file);
    }
    free(session->emit);
}

bool rk_session_emits(const struct rk_session *session, const char *table)
{
    for (size_t i = 0; i < session->n_emits; i++)
        if (strcmp(session->emit[i].table, table) == 0)
            return true;
    return false;
}

bool rk_session_shows(const struct rk_session *session, const char *table)
{
    bool all = session->n_emits == 0 && session->format != RK_FORMAT_CSV &&
               session->format != RK_FORMAT_TSV;

    return all || rk_session_emits(session, table);
}

/* --- which tables those are --------------------------------------------------------------- */

/* The tables of the main output, into `tables` (room for all of the result's, or of --emit's). */
static size_t main_tables(const struct rk_session *session, const struct rk_table **tables)
{
    const struct rk_result *result = session->result;
    size_t n = 0;

    for (size_t i = 0; i < session->n_emits; i++) {
        const struct rk_table *table = rk_result_table(result, session->emit[i].table);

        if (session->emit[i].file == NULL && table != NULL)
            tables[n++] = table;
    }
    if (session->n_emits > 0)
        return n;
    for (size_t i = 0; i < result->n_tables; i++) {
        bool only_first = session->format == RK_FORMAT_CSV || session->format == RK_FORMAT_TSV;
        bool is_explain = strcmp(result->table[i]->name, "explain") == 0;

        if ((only_first && i > 0) || (is_explain && session->format != RK_FORMAT_JSON))
            continue;
        tables[n++] = result->table[i];
    }
    return n;
}

static const struct rk_table **new_tables(const struct rk_session *session)
{
    return malloc((session->result->n_tables + session->n_emits + 1) *
                  sizeof(const struct rk_table *));
}

static bool has_columns(const struct rk_table *table, const struct rk_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        if (rk_table_find(table, names->name[i]) == SIZE_MAX)
            return false;
    return true;
}

/* RK_EUSAGE with the first name of the tree that the table which is printed first lacks. */
static enum rk_status lacking(struct rk_session *session, const char *option,
                              const struct rk_node *tree, const struct rk_names *names)
{
    const struct rk_table **tables = new_tables(session), *table = NULL;
    struct rk_names columns = {0}, compared = {0};
    enum rk_status status = tables == NULL ? RK_ENOMEM : rk_node_compared(tree, &compared);
    struct rk_error found = {0};

    if (status == RK_OK)
        table = main_tables(session, tables) > 0 ? tables[0] : session->result->table[0];
    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++)
        status = rk_names_add(&columns, table->column[j].name);
    for (size_t i = 0; status == RK_OK && i < names->n; i++)
        if (!rk_names_has(&columns, names->name[i])) {
            status = rk_no_column(names->name[i], &columns, &found);
            if (rk_names_has(&compared, names->name[i]))
                rk_no_column_but_text(names->name[i], &found);
        }
    rk_names_free(&columns);
    rk_names_free(&compared);
    free(tables);
    if (status == RK_ENOMEM || table == NULL)
        return rk_fail_memory(&session->error);
    return rk_fail(&session->error, RK_EUSAGE, "--%s: table '%s': %s", option, table->name,
                   found.text);
}

/* --- --rows ------------------------------------------------------------------------------- */

static enum rk_status filter_table(struct rk_session *session, struct rk_table *table)
{
    signed char *verdict = malloc(table->n_rows + 1);
    bool *keep = malloc((table->n_rows + 1) * sizeof *keep);
    enum rk_status status = RK_ENOMEM;

    if (verdict != NULL && keep != NULL)
        status = rk_predicate(session->rows, table, verdict, &session->error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        keep[i] = verdict[i] > 0;
    if (status == RK_OK)
        status = rk_emit_keep_explained(session->result, table, keep);
    if (status == RK_OK)
        status = rk_table_keep(table, keep);
    free(verdict);
    free(keep);
    if (status == RK_EINPUT) /* a column of this output that the expression cannot use */
        status = session->error.status = RK_EUSAGE;
    return status == RK_ENOMEM ? rk_fail_memory(&session->error) : status;
}

enum rk_status rk_emit_filter(struct rk_session *session)
{
    struct rk_result *result = session->result;
    struct rk_names names = {0};
    bool any = false;
    enum rk_status status;

    if (session->rows == NULL || result->n_tables == 0)
        return RK_OK;
    status = rk_node_columns(session->rows, &names);
    if (status != RK_OK)
        rk_fail_memory(&session->error);
    for (size_t i = 0; status == RK_OK && i < result->n_tables; i++) {
        bool fits = has_columns(result->table[i], &names);

        if (fits)
            status = filter_table(session, result->table[i]);
        any = any || fits;
    }
    if (status == RK_OK && !any)
        status = lacking(session, "rows", session->rows, &names);
    rk_names_free(&names);
    return status;
}

/* --- writing ------------------------------------------------------------------------------ */

static enum rk_status write_tables(struct rk_session *session, const struct rk_table *const *tables,
                                   size_t n, const char *path, enum rk_file_format format)
{
    struct rk_output output;
    struct rk_render_options options = {
        .format = format,
        .digits = (int)session->shared->digits,
        .color = path == NULL && rk_wants_color(),
        .titles = n > 1,
        .explain = session->shared->explain && path == session->shared->output,
    };
    enum rk_status status = rk_output_open(&output, path, &session->error);

    if (status == RK_OK)
        rk_render(session->result, tables, n, &session->meta, &options, &output);
    if (status == RK_OK)
        status = rk_cancelled(&session->ctx);
    rk_session_ok(session, status);
    return rk_output_close(&output, status == RK_OK);
}

enum rk_status rk_emit_write(struct rk_session *session)
{
    const struct rk_table **tables = new_tables(session);
    size_t n;
    enum rk_status status = RK_OK;

    if (tables == NULL)
        return rk_fail_memory(&session->error);
    session->meta.tool = session->tool->name;
    session->meta.version = RK_VERSION;
    session->meta.command = session->command.bytes;
    session->meta.seed = session->shared->seed;
    for (size_t i = 0; status == RK_OK && i < session->n_emits; i++) {
        const struct rk_emit *emit = &session->emit[i];

        tables[0] = rk_result_table(session->result, emit->table);
        if (emit->file != NULL && tables[0] != NULL)
            status = write_tables(session, tables, 1, emit->file,
                                  decide_format(RK_FORMAT_AUTO, emit->file));
    }
    n = main_tables(session, tables);
    if (status == RK_OK && (n > 0 || session->n_emits == 0))
        status = write_tables(session, tables, n, session->shared->output, session->format);
    free(tables);
    return status;
}

/* --- --assert ----------------------------------------------------------------------------- */

/* Counts the rows of the table for which the tree holds, and finds the first for which it does not.
 */
static enum rk_status count_true(struct rk_session *session, const struct rk_node *tree,
                                 const struct rk_table *table, size_t *n, size_t *first)
{
    signed char *verdict = malloc(table->n_rows + 1);
    enum rk_status status;

    if (verdict == NULL)
        return rk_fail_memory(&session->error);
    status = rk_predicate(tree, table, verdict, &session->error);
    *n = 0;
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        if (verdict[i] > 0) /* unknown is false */
            ++*n;
        else if (i == *n)
            *first = i;
    free(verdict);
    return status == RK_EINPUT ? (session->error.status = RK_EUSAGE) : status;
}

/* The row as people know it: by the texts that it begins with. */
static void name_row(const struct rk_table *table, size_t row, struct rk_text *out)
{
    enum { MOST_NAMES = 3 };

    for (size_t j = 0; j < table->n_columns && j < MOST_NAMES; j++) {
        if (table->column[j].type != RK_TEXT)
            break;
        rk_text_add(out, j == 0 ? " (" : ", ");
        rk_table_cell(table, row, j, out);
    }
    if (table->n_columns > 0 && table->column[0].type == RK_TEXT)
        rk_text_add_char(out, ')');
}

static enum rk_status fails(struct rk_session *session, const char *option, bool all,
                            const struct rk_table *table, size_t n_true, size_t first)
{
    struct rk_text text = {0};
    enum rk_status status;

    if (all) {
        rk_text_format(&text,
                       "does not hold for %zu of the %zu rows of table '%s', first for row %zu",
                       table->n_rows - n_true, table->n_rows, table->name, first + 1);
        name_row(table, first, &text);
    } else {
        rk_text_format(&text, "holds for none of the %zu rows of table '%s'", table->n_rows,
                       table->name);
    }
    status = text.failed ? rk_fail_memory(&session->error)
                         : rk_fail(&session->error, RK_EASSERT, "--%s %s", option, text.bytes);
    rk_text_free(&text);
    return status;
}

static enum rk_status judge(struct rk_session *session, const struct rk_node *tree,
                            const char *option, bool all)
{
    const struct rk_table **tables = new_tables(session);
    struct rk_names names = {0};
    size_t n_tables, n_true = 0, first = 0;
    const struct rk_table *table = NULL;
    enum rk_status status = tables == NULL ? RK_ENOMEM : rk_node_columns(tree, &names);

    if (status == RK_OK) {
        n_tables = main_tables(session, tables);
        for (size_t i = 0; i < n_tables && table == NULL; i++)
            if (has_columns(tables[i], &names))
                table = tables[i];
        if (table == NULL && session->result->n_tables > 0)
            status = lacking(session, option, tree, &names);
        else if (table == NULL || table->n_rows == 0)
            status = rk_fail(&session->error, RK_ENODATA, "--%s: no row to judge", option);
        else
            status = count_true(session, tree, table, &n_true, &first);
        if (status == RK_OK && table != NULL && (all ? n_true < table->n_rows : n_true == 0))
            status = fails(session, option, all, table, n_true, first);
    } else {
        rk_fail_memory(&session->error);
    }
    rk_names_free(&names);
    free(tables);
    return status;
}

enum rk_status rk_emit_assert(struct rk_session *session)
{
    enum rk_status status = RK_OK;

    if (session->assert_all != NULL)
        status = judge(session, session->assert_all, "assert", true);
    if (status == RK_OK && session->assert_any != NULL)
        status = judge(session, session->assert_any, "assert-any", false);
    return status;
}
