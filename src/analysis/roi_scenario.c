/* What changes a model from beside it: scenarios, risk adjustments, rank correlations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/copula.h"
#include "repkit/number.h"
#include "roi_parts.h"

static const char *cell_of(const struct rk_table *table, size_t row, const char *column)
{
    const char *cell = rk_table_text(table, row, rk_table_find(table, column));

    return cell == NULL ? "" : cell;
}

/* Whether the model has an item of that name; else RK_EINPUT at the row, with the nearest. */
static enum rk_status check_item(const struct rk_table *table, size_t row, const char *column,
                                 const struct rk_table *model, struct rk_error *error)
{
    const char *name = cell_of(table, row, column), *nearest;
    const char **names = malloc((model->n_rows + 1) * sizeof *names);
    bool found = false;

    if (names == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < model->n_rows; i++) {
        names[i] = cell_of(model, i, "item");
        found = found || strcmp(names[i], name) == 0;
    }
    nearest = rk_nearest(name, names, model->n_rows);
    if (!found && nearest != NULL)
        rk_fail(error, RK_EINPUT, "the model has no item '%.80s'; did you mean '%.80s'?", name,
                nearest);
    else if (!found)
        rk_fail(error, RK_EINPUT, "the model has no item '%.80s'", name);
    free(names);
    return found ? RK_OK : rk_fail_at(error, table->name, rk_table_line(table, row), column);
}

/* --- scenarios ---------------------------------------------------------------------------- */

const char *roi_override(const struct roi_overrides *overrides, const char *item, size_t column,
                         size_t *row)
{
    const struct rk_table *table = overrides->scenario->table;

    for (size_t i = 0; i < table->n_rows; i++)
        if (strcmp(cell_of(table, i, "item"), item) == 0 &&
            strcmp(cell_of(table, i, "column"), overrides->columns[column]) == 0) {
            if (row != NULL)
                *row = i;
            return cell_of(table, i, "value");
        }
    return NULL;
}

static enum rk_status check_override(const struct roi_overrides *overrides, size_t row,
                                     struct rk_error *error)
{
    const struct rk_table *table = overrides->scenario->table;
    const char *name = cell_of(table, row, "column"), *nearest;
    size_t column = 1, first; /* the first is `item` itself */

    while (column < overrides->n_columns && strcmp(overrides->columns[column], name) != 0)
        column++;
    if (column == overrides->n_columns) {
        nearest = rk_nearest(name, overrides->columns + 1, overrides->n_columns - 1);
        if (nearest != NULL)
            rk_fail(error, RK_EINPUT, "an item has no column '%.40s'; did you mean '%s'?", name,
                    nearest);
        else
            rk_fail(error, RK_EINPUT, "an item has no column '%.40s' to change", name);
        return rk_fail_at(error, table->name, rk_table_line(table, row), "column");
    }
    first = row;
    roi_override(overrides, cell_of(table, row, "item"), column, &first);
    if (first == row) {
        const char *cell = cell_of(table, row, "value");
        double value;

        if (!overrides->is_number[column] ||
            rk_number_read(cell, strlen(cell), overrides->scenario->decimal, &value, NULL) !=
                RK_READ_BAD)
            return RK_OK;
        rk_fail(error, RK_EINPUT, "'%.80s' is not a number", cell);
        return rk_fail_at(error, table->name, rk_table_line(table, row), "value");
    }
    rk_fail(error, RK_EINPUT, "'%.80s' of '%.80s' is given twice", name,
            cell_of(table, row, "item"));
    return rk_fail_at(error, table->name, rk_table_line(table, row), "column");
}

enum rk_status roi_check_overrides(const struct roi_overrides *overrides,
                                   const struct rk_table *model, struct rk_error *error)
{
    const struct rk_table *table = overrides->scenario->table;
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        status = check_item(table, i, "item", model, error);
        if (status == RK_OK)
            status = check_override(overrides, i, error);
    }
    return status;
}

/* --- risk adjustment ---------------------------------------------------------------------- */

double roi_risk_scale(const struct rk_table *risk, const char *item, enum rk_roi_kind kind)
{
    for (size_t i = 0; risk != NULL && i < risk->n_rows; i++)
        if (strcmp(cell_of(risk, i, "item"), item) == 0) {
            double factor = risk->column[rk_table_find_typed(risk, "factor", RK_NUMBER)].number[i];

            return kind == RK_ROI_COST ? 1.0 + factor : 1.0 - factor;
        }
    return 1.0;
}

enum rk_status roi_check_risk(const struct rk_table *risk, const struct rk_table *model,
                              struct rk_error *error)
{
    const double *factor = risk->column[rk_table_find_typed(risk, "factor", RK_NUMBER)].number;
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < risk->n_rows; i++) {
        const char *column = "factor";

        status = check_item(risk, i, "item", model, error);
        if (status != RK_OK)
            break;
        if (!(factor[i] >= 0.0 && factor[i] <= 1.0)) {
            status =
                rk_fail(error, RK_EINPUT,
                        "%.10g is not within 0 .. 1; write a share as 0.15 or 15%%", factor[i]);
        }
        for (size_t k = 0; k < i && status == RK_OK; k++)
            if (strcmp(cell_of(risk, k, "item"), cell_of(risk, i, "item")) == 0) {
                column = "item";
                status =
                    rk_fail(error, RK_EINPUT, "'%.80s' is given twice", cell_of(risk, i, "item"));
            }
        if (status != RK_OK)
            rk_fail_at(error, risk->name, rk_table_line(risk, i), column);
    }
    return status;
}

/* --- rank correlations -------------------------------------------------------------------- */

/* The uncertain source of an item. */
static enum rk_status find_source(const struct roi_parts *parts, const struct rk_table *rho,
                                  size_t row, const char *column, size_t *source,
                                  struct rk_error *error)
{
    const char *name = cell_of(rho, row, column);
    const char *why = "has no amount";

    for (size_t i = 0; i < parts->model.n_items; i++) {
        if (strcmp(parts->line[i].name, name) != 0)
            continue;
        *source = parts->model.item[i].source;
        if (roi_is_uncertain(parts, *source))
            return RK_OK;
        why = "has a fixed amount, which nothing moves with";
    }
    rk_fail(error, RK_EINPUT, "'%.80s' %s", name, why);
    return rk_fail_at(error, rho->name, rk_table_line(rho, row), column);
}

static enum rk_status read_pair(const struct rk_table *rho, size_t row,
                                const struct roi_parts *parts, double *matrix,
                                struct rk_error *error)
{
    size_t n = parts->model.n_sources, a = 0, b = 0;
    double value = rho->column[rk_table_find_typed(rho, "rho", RK_NUMBER)].number[row];
    enum rk_status status = find_source(parts, rho, row, "item1", &a, error);

    if (status == RK_OK)
        status = find_source(parts, rho, row, "item2", &b, error);
    if (status != RK_OK)
        return status;
    if (!(fabs(value) <= 1.0))
        status = rk_fail(error, RK_EINPUT, "%.10g is not within -1 .. 1", value);
    else if (a == b)
        status = rk_fail(error, RK_EINPUT, "'%.80s' and '%.80s' are one amount",
                         cell_of(rho, row, "item1"), cell_of(rho, row, "item2"));
    else if (matrix[a * n + b] != 0.0 && matrix[a * n + b] != value)
        status = rk_fail(error, RK_EINPUT, "'%.80s' and '%.80s' are given twice",
                         cell_of(rho, row, "item1"), cell_of(rho, row, "item2"));
    if (status != RK_OK)
        return rk_fail_at(error, rho->name, rk_table_line(rho, row), "rho");
    matrix[a * n + b] = matrix[b * n + a] = value;
    return RK_OK;
}

enum rk_status roi_read_rho(const struct rk_table *rho, struct roi_parts *parts,
                            struct rk_error *error)
{
    size_t n = parts->model.n_sources;
    double *matrix = calloc(n * n + 1, sizeof *matrix);
    enum rk_status status = RK_OK;

    parts->factor = calloc(n * n + 1, sizeof *parts->factor);
    if (matrix == NULL || parts->factor == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        matrix[i * n + i] = 1.0;
    for (size_t i = 0; status == RK_OK && i < rho->n_rows; i++)
        status = read_pair(rho, i, parts, matrix, error);
    if (status == RK_OK) {
        status = rk_copula_factor(matrix, n, parts->factor, &parts->rho_change);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
        else if (status != RK_OK)
            rk_fail(error, status, "--rho: the correlations have no factor");
    }
    free(matrix);
    parts->model.factor = parts->factor;
    return status;
}
