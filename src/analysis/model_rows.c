#include "model_rows.h"

#include <math.h>
#include <stdlib.h>

enum rk_status model_weighted_rows(const struct rk_table *table, const char *weights, int missing,
                                   size_t **rows, size_t *n, struct rk_error *error)
{
    size_t column = 0, kept = 0, *list;
    enum rk_status status = rk_column_index(table, weights, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    list = malloc((table->n_rows + 1) * sizeof *list);
    if (list == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < table->n_rows && status == RK_OK; i++) {
        double weight = table->column[column].number[i];

        if (weight > 0.0)
            list[kept++] = i;
        if (weight < 0.0 || (isnan(weight) && missing == RK_MISSING_ERROR)) {
            rk_fail(error, RK_EINPUT, "%s",
                    weight < 0.0 ? "a weight is negative"
                                 : "the value is missing (--missing error)");
            status = rk_fail_at(error, table->name, rk_table_line(table, i), weights);
        }
    }
    if (status != RK_OK) {
        free(list);
        return status;
    }
    *rows = list;
    *n = kept;
    return RK_OK;
}

/* The first missing cell of the columns used, with its line. */
static enum rk_status refuse_missing(const struct rk_formula *formula, const struct rk_table *table,
                                     const struct rk_names *extra, struct rk_error *error)
{
    struct rk_names names = {0};
    size_t *columns = NULL, *rows = NULL, n = 0, n_columns = 0;
    enum rk_status status = rk_node_columns(formula->tree, &names);

    for (size_t i = 0; status == RK_OK && i < extra->n; i++)
        if (!rk_names_has(&names, extra->name[i]))
            status = rk_names_add(&names, extra->name[i]);
    columns = malloc((names.n + 1) * sizeof *columns);
    if (columns == NULL || status != RK_OK)
        status = rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < names.n; j++) {
        columns[n_columns] = rk_table_find(table, names.name[j]);
        n_columns += columns[n_columns] != SIZE_MAX;
    }
    if (status == RK_OK)
        status = rk_complete_rows(table, columns, n_columns, RK_MISSING_ERROR, &rows, &n, error);
    rk_names_free(&names);
    free(columns);
    free(rows);
    return status;
}

enum rk_status model_rows_frame(const struct rk_formula *formula, const struct rk_table *table,
                                const struct rk_names *extra, int missing, bool lean,
                                struct rk_model_frame **frame, struct rk_error *error)
{
    struct rk_model_frame *made = NULL;
    enum rk_status status = RK_OK;

    if (missing == RK_MISSING_ERROR)
        status = refuse_missing(formula, table, extra, error);
    if (status == RK_OK)
        status = lean ? rk_model_frame_lean_new(formula, table, extra, &made, error)
                      : rk_model_frame_new(formula, table, extra, &made, error);
    if (status == RK_OK && missing == RK_MISSING_ERROR && made->n_undefined > 0) {
        rk_fail(error, RK_EINPUT,
                "rows where a function of the formula is undefined: %zu (--missing error)",
                made->n_undefined);
        rk_model_frame_free(made);
        return rk_fail_at(error, table->name, 0, NULL);
    }
    if (status == RK_OK)
        *frame = made;
    return status;
}
