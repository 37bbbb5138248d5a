/* Which columns a query makes moments of: those of rep-moments on rows, the levels of factors being
 * told beforehand. */
#include <stdlib.h>
#include <string.h>

#include "repkit/sql.h"

/* PostgreSQL ends a target list at 1,664 entries, SQLite at 2,000 columns: products of 54. */
enum { MOST_COLUMNS = 54 };

/* --- levels --------------------------------------------------------------------------------- */

static size_t find_name(const struct rk_names *names, const char *name)
{
    size_t i = 0;

    while (i < names->n && strcmp(names->name[i], name) != 0)
        i++;
    return i < names->n ? i : SIZE_MAX;
}

void rk_sql_levels_free(struct rk_sql_levels *levels)
{
    for (size_t f = 0; levels->level != NULL && f < levels->factor.n; f++)
        rk_names_free(&levels->level[f]);
    free(levels->level);
    rk_names_free(&levels->factor);
    *levels = (struct rk_sql_levels){0};
}

static enum rk_status add_factor(struct rk_sql_levels *levels, const char *name)
{
    struct rk_names *grown = realloc(levels->level, (levels->factor.n + 1) * sizeof *levels->level);

    if (grown == NULL)
        return RK_ENOMEM;
    levels->level = grown;
    grown[levels->factor.n] = (struct rk_names){0};
    return rk_names_add(&levels->factor, name);
}

static enum rk_status take_row(const struct rk_table *table, size_t row, const size_t *column,
                               struct rk_sql_levels *levels, struct rk_error *error)
{
    const char *cell[2];
    size_t f;

    for (size_t c = 0; c < 2; c++) {
        cell[c] = rk_table_text(table, row, column[c]);
        if (cell[c] == NULL) {
            rk_fail(error, RK_EINPUT, "the cell is empty");
            return rk_fail_at(error, table->name, rk_table_line(table, row),
                              table->column[column[c]].name);
        }
    }
    f = find_name(&levels->factor, cell[0]);
    if (f == SIZE_MAX) {
        f = levels->factor.n;
        if (add_factor(levels, cell[0]) != RK_OK)
            return rk_fail_memory(error);
    }
    if (rk_names_has(&levels->level[f], cell[1])) {
        rk_fail(error, RK_EINPUT, "the level stands here twice");
        return rk_fail_at(error, table->name, rk_table_line(table, row),
                          table->column[column[1]].name);
    }
    return rk_names_add(&levels->level[f], cell[1]) == RK_OK ? RK_OK : rk_fail_memory(error);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum rk_status rk_sql_levels_read(const char *path, const struct rk_csv_options *csv,
                                  const struct rk_ctx *ctx, struct rk_sql_levels *levels,
                                  struct rk_error *error)
{
    static const char *const names[2] = {"factor", "level"};
    struct rk_wants wants = {0};
    struct rk_sql_levels made = {0};
    struct rk_table *table = NULL;
    size_t column[2];
    enum rk_status status = RK_OK;

    for (size_t c = 0; c < 2 && status == RK_OK; c++)
        status = rk_wants_add(&wants, names[c], RK_AS_LABEL);
    status = status != RK_OK ? rk_fail_memory(error)
                             : rk_csv_read(path, &wants, csv, ctx, &table, error);
    rk_wants_free(&wants);
    if (status != RK_OK)
        return status;
    for (size_t c = 0; c < 2; c++)
        column[c] = rk_table_find_typed(table, names[c], RK_TEXT);
    for (size_t i = 0; i < table->n_rows && status == RK_OK; i++)
        status = take_row(table, i, column, &made, error);
    for (size_t f = 0; f < made.factor.n && status == RK_OK; f++)
        qsort(made.level[f].name, made.level[f].n, sizeof *made.level[f].name, by_bytes);
    rk_table_free(table);
    if (status == RK_OK)
        *levels = made;
    else
        rk_sql_levels_free(&made);
    return status;
}

static bool is_factor_call(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL && strcmp(node->text, "factor") == 0;
}

static void list_levels(const char *name, const struct rk_sql_plan *plan, struct rk_text *out)
{
    rk_text_add(out, "SELECT DISTINCT ");
    rk_sql_text(name, out);
    rk_text_add(out, " AS factor, ");
    rk_sql_label(name, plan->dialect, out);
    rk_text_add(out, " AS level\n  FROM ");
    rk_sql_name(plan->table, out);
    rk_text_add(out, "\n  WHERE ");
    rk_sql_label(name, plan->dialect, out);
    rk_text_add(out, " <> ''");
    if (plan->filter != NULL)
        rk_text_format(out, " AND (%s\n  )", plan->filter);
}

enum rk_status rk_sql_list_levels(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                  struct rk_text *out, struct rk_error *error)
{
    struct rk_names seen = {0};
    enum rk_status status = RK_OK;

    for (size_t t = 0; t < formula->n_terms; t++) {
        const struct rk_term *term = &formula->term[t];

        for (size_t v = 0; v < term->n_variables && status == RK_OK; v++) {
            const char *name = rk_moment_factor(term->variable[v]);

            if (!is_factor_call(term->variable[v]) || rk_names_has(&seen, name))
                continue;
            rk_text_add(out, seen.n > 0 ? "\nUNION ALL\n" : "");
            list_levels(name, plan, out);
            status = rk_names_add(&seen, name);
        }
    }
    rk_text_add(out, "\nORDER BY 1, 2\n");
    if (status != RK_OK || out->failed)
        status = rk_fail_memory(error);
    else if (seen.n == 0)
        status = rk_fail(error, RK_EUSAGE,
                         "--list-levels: the formula has no factor(); columns of text are factors");
    rk_names_free(&seen);
    return status;
}

/* --- columns -------------------------------------------------------------------------------- */

struct making {
    const struct rk_formula *formula;
    const struct rk_sql_plan *plan;
    struct rk_sql_columns columns;
    struct rk_error *error;
};

/* The levels of a variable, or NULL for numbers. */
static const struct rk_names *levels_of(const struct making *m, const struct rk_node *node)
{
    const struct rk_sql_levels *levels = &m->plan->levels;
    size_t f = SIZE_MAX;

    if (node->kind == RK_NODE_NAME || is_factor_call(node))
        f = find_name(&levels->factor, rk_moment_factor(node));
    return f == SIZE_MAX ? NULL : &levels->level[f];
}

static size_t width_of(const struct making *m, struct rk_node *const *node, size_t n)
{
    size_t width = 1;

    for (size_t v = 0; v < n; v++) {
        const struct rk_names *levels = levels_of(m, node[v]);

        if (width <= MOST_COLUMNS)
            width *= levels == NULL ? 1 : levels->n;
    }
    return width;
}

static bool has_column(const struct rk_sql_columns *columns, const char *name)
{
    for (size_t i = 0; i < columns->n; i++)
        if (strcmp(columns->column[i].name, name) == 0)
            return true;
    return false;
}

/* Adds column c of a product of variables, the first going fastest, unless it is there. */
static enum rk_status add_column(struct making *m, struct rk_node *const *node, size_t n, size_t c)
{
    struct rk_sql_column column = {.part = calloc(n + 1, sizeof *column.part), .n = n};
    struct rk_text name = {0};

    if (column.part == NULL)
        return rk_fail_memory(m->error);
    for (size_t v = 0; v < n; v++) {
        const struct rk_names *levels = levels_of(m, node[v]);

        column.part[v] =
            (struct rk_moment_part){node[v], levels == NULL ? NULL : levels->name[c % levels->n]};
        c /= levels == NULL ? 1 : levels->n;
    }
    rk_moment_name(column.part, n, &name);
    column.name = rk_text_take(&name);
    if (column.name != NULL && !has_column(&m->columns, column.name)) {
        if (m->columns.n < MOST_COLUMNS) {
            m->columns.column[m->columns.n++] = column;
            return RK_OK;
        }
        free(column.name);
        free(column.part);
        return rk_fail(m->error, RK_EUSAGE, "--sql: a query can have the products of %d columns",
                       MOST_COLUMNS);
    }
    free(column.part);
    if (column.name == NULL)
        return rk_fail_memory(m->error);
    free(column.name);
    return RK_OK;
}

static enum rk_status add_product(struct making *m, struct rk_node *const *node, size_t n)
{
    enum rk_status status = RK_OK;

    for (size_t c = 0; status == RK_OK && c < width_of(m, node, n); c++)
        status = add_column(m, node, n, c);
    return status;
}

static enum rk_status add_term(struct making *m, const struct rk_term *term)
{
    enum rk_status status = RK_OK;

    /* Levels have columns of their own, also where only products are in the formula. */
    for (size_t v = 0; status == RK_OK && v < term->n_variables; v++) {
        if (is_factor_call(term->variable[v]) && levels_of(m, term->variable[v]) == NULL)
            return rk_formula_fail(m->formula, term->variable[v], m->error,
                                   "a query does not know the levels of a factor before it runs: "
                                   "--levels FILE says them, and --list-levels asks for them");
        if (levels_of(m, term->variable[v]) != NULL)
            status = add_product(m, &term->variable[v], 1);
    }
    return status == RK_OK ? add_product(m, term->variable, term->n_variables) : status;
}

enum rk_status rk_sql_columns_new(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                  struct rk_sql_columns *columns, struct rk_error *error)
{
    struct making m = {.formula = formula, .plan = plan, .error = error};
    struct rk_node *response = formula->response;
    enum rk_status status = RK_OK;

    m.columns.column = calloc(MOST_COLUMNS, sizeof *m.columns.column);
    if (m.columns.column == NULL)
        return rk_fail_memory(error);
    if (response != NULL && levels_of(&m, response) == NULL)
        status = add_product(&m, &response, 1);
    else if (response != NULL)
        status = rk_formula_fail(formula, response, error, "the response is a factor");
    for (size_t t = 0; status == RK_OK && t < formula->n_terms; t++)
        status = add_term(&m, &formula->term[t]);
    if (status == RK_OK && m.columns.n == 0)
        status = rk_fail(error, RK_EUSAGE, "the formula has no column");
    if (status == RK_OK)
        *columns = m.columns;
    else
        rk_sql_columns_free(&m.columns);
    return status;
}

void rk_sql_columns_free(struct rk_sql_columns *columns)
{
    for (size_t i = 0; i < columns->n; i++) {
        free(columns->column[i].name);
        free(columns->column[i].part);
    }
    free(columns->column);
    *columns = (struct rk_sql_columns){0};
}
