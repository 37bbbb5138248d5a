#include "repkit/moment_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame_plan.h"

/* --- names ---------------------------------------------------------------------------------- */

const char *rk_moment_factor(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL && strcmp(node->text, "factor") == 0 ? node->child[0]->text
                                                                           : node->text;
}

void rk_moment_name(const struct rk_moment_part *part, size_t n, struct rk_text *out)
{
    for (size_t i = 0; i < n; i++) {
        struct rk_node name = {.kind = RK_NODE_NAME};

        if (i > 0)
            rk_text_add_char(out, ':');
        if (part[i].level == NULL) {
            rk_node_print(part[i].node, out);
            continue;
        }
        name.text = (char *)(uintptr_t)rk_moment_factor(part[i].node); /* only printed */
        rk_node_print(&name, out);
        rk_text_format(out, "=%s", part[i].level);
    }
}

static const struct rk_node *find_call(const struct rk_node *node, const char *name)
{
    const struct rk_node *found = NULL;

    if (node->kind == RK_NODE_CALL && strcmp(node->text, name) == 0)
        return node;
    for (size_t i = 0; i < node->n_children && found == NULL; i++)
        found = find_call(node->child[i], name);
    return found;
}

enum rk_status rk_moment_columns_check(const struct rk_formula *formula, bool of_rows,
                                       struct rk_error *error)
{
    static const char *const bases[] = {"poly", "ns"};

    for (size_t i = 0; i < 2; i++) {
        const struct rk_node *node = find_call(formula->tree, bases[i]);

        if (node != NULL)
            return rk_formula_fail(formula, node, error,
                                   "poly() and ns() stand on all rows at once, which moments made "
                                   "part by part cannot: write I(x^2)");
    }
    if (of_rows && formula->lag != NULL)
        return rk_formula_fail(formula, formula->lag, error,
                               "lag() and lead() need rows of other parts, which moments do not "
                               "have: add the column before, or let a database do it (--sql)");
    return RK_OK;
}

/* --- columns from rows ---------------------------------------------------------------------- */

struct making {
    const struct rk_formula *formula;
    struct rk_frame_plan *plan;
    double *y;
    struct rk_moment_columns *columns;
};

static size_t width_of(const struct rk_frame_variable *variable)
{
    return rk_frame_variable_is_factor(variable) ? variable->n_levels : 1;
}

/* Adds column c of a product of variables, the first going fastest, unless it is there. */
static enum rk_status add_column(struct making *m, struct rk_node *const *node, size_t n, size_t c)
{
    struct rk_moment_columns *columns = m->columns;
    struct rk_moment_part *part = calloc(n, sizeof *part);
    struct rk_text name = {0};
    enum rk_status status = RK_OK;
    double *x = columns->X + columns->name.n * columns->n;

    if (part == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < columns->n; i++)
        x[i] = 1.0;
    for (size_t v = 0; v < n; v++) {
        const struct rk_frame_variable *variable =
            &m->plan->variable[rk_frame_plan_find(m->plan, node[v])];
        size_t level = c % width_of(variable);
        bool factor = rk_frame_variable_is_factor(variable);

        part[v] = (struct rk_moment_part){node[v], factor ? variable->level[level] : NULL};
        c /= width_of(variable);
        for (size_t i = 0; i < columns->n; i++) {
            size_t row = columns->row[i];

            x[i] *= !factor ? variable->number[row]
                    : variable->level_of[variable->labels.code[row]] == level ? 1.0
                                                                              : 0.0;
        }
    }
    rk_moment_name(part, n, &name);
    if (name.failed)
        status = RK_ENOMEM;
    else if (!rk_names_has(&columns->name, name.bytes))
        status = rk_names_add(&columns->name, name.bytes);
    rk_text_free(&name);
    free(part);
    return status;
}

static size_t width_of_term(const struct making *m, const struct rk_term *term)
{
    size_t width = 1;

    for (size_t v = 0; v < term->n_variables; v++)
        width *= width_of(&m->plan->variable[rk_frame_plan_find(m->plan, term->variable[v])]);
    return width;
}

static enum rk_status fill_columns(struct making *m)
{
    const struct rk_formula *formula = m->formula;
    struct rk_moment_columns *columns = m->columns;
    enum rk_status status = RK_OK;
    size_t width = 1;
    struct rk_text name = {0};

    for (size_t t = 0; t < formula->n_terms; t++) {
        width += width_of_term(m, &formula->term[t]);
        for (size_t v = 0; v < formula->term[t].n_variables; v++)
            width += width_of(
                &m->plan->variable[rk_frame_plan_find(m->plan, formula->term[t].variable[v])]);
    }
    columns->X = malloc((width * columns->n + 1) * sizeof *columns->X);
    if (columns->X == NULL)
        return RK_ENOMEM;
    if (m->y != NULL) {
        for (size_t i = 0; i < columns->n; i++)
            columns->X[i] = m->y[columns->row[i]];
        rk_node_print(formula->response, &name);
        status = name.failed ? RK_ENOMEM : rk_names_add(&columns->name, name.bytes);
        rk_text_free(&name);
    }
    for (size_t t = 0; t < formula->n_terms; t++) {
        const struct rk_term *term = &formula->term[t];

        /* The levels of factors are told by columns of their own, also where only products are
         * in the formula. */
        for (size_t v = 0; v < term->n_variables; v++) {
            const struct rk_frame_variable *variable =
                &m->plan->variable[rk_frame_plan_find(m->plan, term->variable[v])];

            for (size_t c = 0;
                 rk_frame_variable_is_factor(variable) && status == RK_OK && c < variable->n_levels;
                 c++)
                status = add_column(m, &term->variable[v], 1, c);
        }
        for (size_t c = 0; status == RK_OK && c < width_of_term(m, term); c++)
            status = add_column(m, term->variable, term->n_variables, c);
    }
    return status;
}

/* The rows where nothing is missing. */
static enum rk_status take_rows(struct making *m, const struct rk_table *table, const char *cluster,
                                struct rk_error *error)
{
    struct rk_moment_columns *columns = m->columns;
    size_t group = cluster != NULL ? rk_table_find_typed(table, cluster, RK_TEXT) : SIZE_MAX;
    size_t unlagged = 0;
    unsigned char *missing;

    if (cluster != NULL && group == SIZE_MAX)
        return rk_fail(error, RK_EINPUT, "no column '%s' of labels", cluster);
    columns->row = malloc((table->n_rows + 1) * sizeof *columns->row);
    missing = calloc(table->n_rows + 1, sizeof *missing);
    if (columns->row == NULL || missing == NULL) {
        free(missing);
        return rk_fail_memory(error);
    }
    rk_frame_plan_mark_missing(m->plan, m->y, table->n_rows, missing);
    if (group != SIZE_MAX)
        rk_mark_missing_codes(table->column[group].code, table->n_rows, missing);
    for (size_t i = 0; i < table->n_rows; i++)
        if (!missing[i])
            columns->row[columns->n++] = i;
    free(missing);
    if (columns->n == table->n_rows)
        return RK_OK;
    return rk_frame_plan_undefined(m->plan, table, m->y, &columns->n_undefined, &unlagged, error);
}

static enum rk_status make_columns(struct making *m, const struct rk_table *table,
                                   const char *cluster, struct rk_error *error)
{
    enum rk_status status = rk_frame_plan_read(m->plan, table, NULL, error);

    if (status == RK_OK && m->formula->response != NULL) {
        m->y = malloc((table->n_rows + 1) * sizeof *m->y);
        status = m->y == NULL ? rk_fail_memory(error)
                              : rk_evaluate(m->formula->response, table, m->y, error);
    }
    if (status == RK_OK)
        status = take_rows(m, table, cluster, error);
    if (status == RK_OK && m->columns->n == 0)
        return RK_OK;
    for (size_t v = 0; status == RK_OK && v < m->plan->n_variables; v++) {
        m->plan->variable[v].reference = NULL; /* of no meaning in a part */
        status = rk_frame_variable_settle(&m->plan->variable[v], m->columns->row, m->columns->n,
                                          table->n_rows, error);
        if (status == RK_ECONSTANT)
            status = RK_OK; /* one level, in this part */
    }
    if (status == RK_OK && fill_columns(m) != RK_OK)
        status = rk_fail_memory(error);
    return status;
}

enum rk_status rk_moment_columns_new(const struct rk_formula *formula, const struct rk_table *table,
                                     const char *cluster, struct rk_moment_columns *columns,
                                     struct rk_error *error)
{
    struct rk_moment_columns made = {0};
    struct making m = {.formula = formula, .columns = &made};
    enum rk_status status = rk_moment_columns_check(formula, true, error);

    if (status != RK_OK)
        return status;
    m.plan = calloc(1, sizeof *m.plan);
    if (m.plan == NULL)
        return rk_fail_memory(error);
    m.plan->formula = formula;
    status = make_columns(&m, table, cluster, error);
    rk_frame_plan_free(m.plan);
    free(m.y);
    if (status == RK_OK) {
        if (error != NULL)
            error->status = RK_OK;
        *columns = made;
    } else {
        rk_moment_columns_free(&made);
    }
    return status;
}

void rk_moment_columns_free(struct rk_moment_columns *columns)
{
    rk_names_free(&columns->name);
    free(columns->row);
    free(columns->X);
    *columns = (struct rk_moment_columns){0};
}
