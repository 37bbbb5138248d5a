/* The query of moments: rows, means, rows less the means, products. Nothing is squared before its
 * mean is taken out, so that nothing cancels. */
#include "repkit/sql.h"

/* PostgreSQL ends a target list at 1,664 entries, SQLite at 2,000 columns. */
enum { MOST_COLUMNS = 54 };

static size_t n_columns(const struct rk_formula *formula)
{
    return formula->n_terms + (formula->response != NULL);
}

static enum rk_status write_term(const struct rk_formula *formula, size_t column,
                                 enum rk_sql_dialect dialect, struct rk_text *out,
                                 struct rk_text *name, struct rk_error *error)
{
    bool response = formula->response != NULL && column == 0;
    const struct rk_term *term =
        response ? NULL : &formula->term[column - (formula->response != NULL)];
    size_t n = response ? 1 : term->n_variables;
    enum rk_status status = RK_OK;

    for (size_t v = 0; v < n && status == RK_OK; v++) {
        const struct rk_node *node = response ? formula->response : term->variable[v];
        struct rk_moment_part part = {node, NULL};

        rk_text_add(out, v > 0 ? " * " : "");
        rk_text_add(name, v > 0 ? ":" : "");
        status = rk_sql_expression(formula, node, dialect, out, error);
        rk_moment_name(&part, 1, name);
    }
    return status;
}

static enum rk_status write_rows(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                 struct rk_names *names, struct rk_text *out,
                                 struct rk_error *error)
{
    enum rk_status status = RK_OK;

    rk_text_add(out, "WITH given AS (\n  SELECT ");
    if (plan->cluster != NULL) {
        rk_text_add(out, "CAST(");
        rk_sql_name(plan->cluster, out);
        rk_text_format(out, " AS %s)", rk_sql_text_type(plan->dialect));
    } else {
        rk_text_format(out, "CAST('all' AS %s)", rk_sql_text_type(plan->dialect));
    }
    rk_text_add(out, " AS g");
    for (size_t i = 0; i < n_columns(formula) && status == RK_OK; i++) {
        struct rk_text name = {0};

        rk_text_add(out, ",\n    ");
        status = write_term(formula, i, plan->dialect, out, &name, error);
        rk_text_format(out, " AS x%zu", i);
        if (status == RK_OK && (name.failed || rk_names_add(names, name.bytes) != RK_OK))
            status = rk_fail_memory(error);
        rk_text_free(&name);
    }
    rk_text_add(out, "\n  FROM ");
    rk_sql_name(plan->table, out);
    if (plan->filter != NULL)
        rk_text_format(out, "\n  WHERE (%s\n  )", plan->filter);
    /* Between them is what is finite: NULL, NaN and infinity are not. */
    rk_text_add(out, "\n), complete AS (\n  SELECT * FROM given WHERE g <> ''");
    for (size_t i = 0; i < n_columns(formula); i++)
        rk_text_format(out, "\n    AND x%zu BETWEEN -1.7e308 AND 1.7e308", i);
    return status;
}

static void write_sums(size_t k, struct rk_text *out)
{
    rk_text_add(out, "\n), means AS (\n  SELECT g, COUNT(*) AS n");
    for (size_t i = 0; i < k; i++)
        rk_text_format(out, ", AVG(x%zu) AS m%zu", i, i);
    rk_text_add(out, "\n  FROM complete GROUP BY g\n), centred AS (\n  SELECT complete.g AS g");
    for (size_t i = 0; i < k; i++)
        rk_text_format(out, ", x%zu - m%zu AS d%zu", i, i, i);
    rk_text_add(out, "\n  FROM complete JOIN means ON complete.g = means.g\n), products AS (\n"
                     "  SELECT g");
    /* What the means were off by rounding: it is put right below. */
    for (size_t i = 0; i < k; i++)
        rk_text_format(out, ", AVG(d%zu) AS e%zu", i, i);
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            rk_text_format(out, ",\n    SUM(d%zu * d%zu) AS c%zu_%zu", i, j, i, j);
    rk_text_add(out, "\n  FROM centred GROUP BY g\n)");
}

static void write_mean(const char *index, const char *name, size_t k, enum rk_sql_dialect dialect,
                       struct rk_text *out)
{
    rk_text_add(out, ",\n  ");
    rk_sql_print(dialect, false, out);
    rk_text_format(out, "CASE %s", index);
    for (size_t i = 0; i < k; i++)
        rk_text_format(out, " WHEN %zu THEN m%zu + e%zu", i, i, i);
    rk_text_add(out, " END");
    rk_sql_print(dialect, true, out);
    rk_text_format(out, " AS %s", name);
}

static void write_pairs(const struct rk_names *names, enum rk_sql_dialect dialect,
                        struct rk_text *out)
{
    size_t k = names->n, pair = 0;

    rk_text_add(out, ", pairs(p, i, j, col1, col2) AS (\n  VALUES ");
    for (size_t i = 0; i < k; i++) {
        for (size_t j = i; j < k; j++, pair++) {
            rk_text_format(out, "%s(%zu, %zu, %zu, ", pair > 0 ? ",\n    " : "", pair, i, j);
            rk_sql_text(names->name[i], out);
            rk_text_add(out, ", ");
            rk_sql_text(names->name[j], out);
            rk_text_add_char(out, ')');
        }
    }
    rk_text_add(out, "\n)\nSELECT means.g AS \"group\", col1, col2, n");
    write_mean("i", "mean1", k, dialect, out);
    write_mean("j", "mean2", k, dialect, out);
    rk_text_add(out, ",\n  ");
    rk_sql_print(dialect, false, out);
    rk_text_add(out, "CASE p");
    pair = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++, pair++)
            rk_text_format(out, "\n    WHEN %zu THEN c%zu_%zu - n * e%zu * e%zu", pair, i, j, i, j);
    rk_text_add(out, " END");
    rk_sql_print(dialect, true, out);
    rk_text_add(out, " AS c12\nFROM means JOIN products ON means.g = products.g CROSS JOIN "
                     "pairs\nORDER BY means.g, p\n");
}

enum rk_status rk_sql_moments(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                              struct rk_text *out, struct rk_error *error)
{
    struct rk_names names = {0};
    enum rk_status status = rk_moment_columns_check(formula, error);

    if (status == RK_OK && n_columns(formula) > MOST_COLUMNS)
        status = rk_fail(error, RK_EUSAGE, "--sql: a query can have the products of %d columns",
                         MOST_COLUMNS);
    if (status == RK_OK)
        status = write_rows(formula, plan, &names, out, error);
    if (status == RK_OK) {
        write_sums(names.n, out);
        write_pairs(&names, plan->dialect, out);
        if (out->failed)
            status = rk_fail_memory(error);
    }
    rk_names_free(&names);
    return status;
}
