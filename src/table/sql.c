/* The query of moments: rows, means, rows less the means, products. Nothing is squared before its
 * mean is taken out, so that nothing cancels. */
#include "repkit/sql.h"

/* 1 in the rows at a level, 0 in others, NULL where there is none. */
static void write_level(const struct rk_moment_part *part, enum rk_sql_dialect dialect,
                        struct rk_text *out)
{
    const char *name = rk_moment_factor(part->node);

    rk_text_add(out, "CASE WHEN ");
    rk_sql_label(name, dialect, out);
    rk_text_add(out, " <> '' THEN CASE WHEN ");
    rk_sql_label(name, dialect, out);
    rk_text_add(out, " = ");
    rk_sql_text(part->level, out);
    rk_text_format(out, " THEN CAST(1 AS %s) ELSE 0 END END", rk_sql_double_type(dialect));
}

static enum rk_status write_column(const struct rk_formula *formula,
                                   const struct rk_sql_column *column, enum rk_sql_dialect dialect,
                                   struct rk_text *out, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t v = 0; v < column->n && status == RK_OK; v++) {
        rk_text_add(out, v > 0 ? " * " : "");
        if (column->part[v].level != NULL)
            write_level(&column->part[v], dialect, out);
        else
            status = rk_sql_expression(formula, column->part[v].node, dialect, out, error);
    }
    return status;
}

static enum rk_status write_rows(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                 const struct rk_sql_columns *columns, struct rk_text *out,
                                 struct rk_error *error)
{
    enum rk_status status = RK_OK;

    rk_text_add(out, "WITH given AS (\n  SELECT ");
    if (plan->cluster != NULL)
        rk_sql_label(plan->cluster, plan->dialect, out);
    else
        rk_text_format(out, "CAST('all' AS %s)", rk_sql_text_type(plan->dialect));
    rk_text_add(out, " AS g");
    if (plan->weights != NULL) {
        rk_text_add(out, ",\n    ");
        rk_sql_number(plan->weights, plan->dialect, out);
        rk_text_add(out, " AS w");
    }
    for (size_t i = 0; i < columns->n && status == RK_OK; i++) {
        rk_text_add(out, ",\n    ");
        status = write_column(formula, &columns->column[i], plan->dialect, out, error);
        rk_text_format(out, " AS x%zu", i);
    }
    rk_text_add(out, "\n  FROM ");
    rk_sql_name(plan->table, out);
    if (plan->filter != NULL)
        rk_text_format(out, "\n  WHERE (%s\n  )", plan->filter);
    /* Between them is what is finite: NULL, NaN and infinity are not. */
    rk_text_add(out, "\n), complete AS (\n  SELECT * FROM given WHERE g <> ''");
    if (plan->weights != NULL)
        rk_text_add(out, "\n    AND w BETWEEN 1e0 AND 1.7e308");
    for (size_t i = 0; i < columns->n; i++)
        rk_text_format(out, "\n    AND x%zu BETWEEN -1.7e308 AND 1.7e308", i);
    return status;
}

/* Each row once, or as often as its weight says. */
static void write_average(const char *of, const char *name, size_t i, bool weighted,
                          struct rk_text *out)
{
    if (weighted)
        rk_text_format(out, ", SUM(w * %s%zu) / SUM(w) AS %s%zu", of, i, name, i);
    else
        rk_text_format(out, ", AVG(%s%zu) AS %s%zu", of, i, name, i);
}

static void write_sums(size_t k, bool weighted, struct rk_text *out)
{
    rk_text_format(out, "\n), means AS (\n  SELECT g, %s AS n", weighted ? "SUM(w)" : "COUNT(*)");
    for (size_t i = 0; i < k; i++)
        write_average("x", "m", i, weighted, out);
    rk_text_format(out, "\n  FROM complete GROUP BY g\n), centred AS (\n  SELECT complete.g AS g%s",
                   weighted ? ", w" : "");
    for (size_t i = 0; i < k; i++)
        rk_text_format(out, ", x%zu - m%zu AS d%zu", i, i, i);
    rk_text_add(out, "\n  FROM complete JOIN means ON complete.g = means.g\n), products AS (\n"
                     "  SELECT g");
    /* What the means were off by rounding: it is put right below. */
    for (size_t i = 0; i < k; i++)
        write_average("d", "e", i, weighted, out);
    for (size_t i = 0; i < k; i++)
        for (size_t j = i; j < k; j++)
            rk_text_format(out, ",\n    SUM(%sd%zu * d%zu) AS c%zu_%zu", weighted ? "w * " : "", i,
                           j, i, j);
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

static void write_pairs(const struct rk_sql_columns *columns, enum rk_sql_dialect dialect,
                        struct rk_text *out)
{
    size_t k = columns->n, pair = 0;

    rk_text_add(out, ", pairs(p, i, j, col1, col2) AS (\n  VALUES ");
    for (size_t i = 0; i < k; i++) {
        for (size_t j = i; j < k; j++, pair++) {
            rk_text_format(out, "%s(%zu, %zu, %zu, ", pair > 0 ? ",\n    " : "", pair, i, j);
            rk_sql_text(columns->column[i].name, out);
            rk_text_add(out, ", ");
            rk_sql_text(columns->column[j].name, out);
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
    struct rk_sql_columns columns = {0};
    enum rk_status status = rk_moment_columns_check(formula, false, error);

    if (status == RK_OK)
        status = rk_sql_columns_new(formula, plan, &columns, error);
    if (status == RK_OK)
        status = write_rows(formula, plan, &columns, out, error);
    if (status == RK_OK) {
        write_sums(columns.n, plan->weights != NULL, out);
        write_pairs(&columns, plan->dialect, out);
        if (out->failed)
            status = rk_fail_memory(error);
    }
    rk_sql_columns_free(&columns);
    return status;
}
