/* What analyses share: complete rows, columns by name. The loop over groups is in by_groups.c. */
#include "repkit/analysis.h"

#include <stdlib.h>
#include <string.h>

enum rk_status rk_column_index(const struct rk_table *table, const char *name, enum rk_type type,
                               size_t *index, struct rk_error *error)
{
    size_t found = rk_table_find_typed(table, name, type);
    struct rk_names names = {0};
    enum rk_status status = RK_OK;

    if (found != SIZE_MAX) {
        *index = found;
        return RK_OK;
    }
    if (rk_table_find(table, name) != SIZE_MAX) {
        rk_fail(error, RK_EINPUT, type == RK_TEXT ? "is not text" : "is not a column of numbers");
        return rk_fail_at(error, table->name, 0, name);
    }
    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++)
        status = rk_names_add(&names, table->column[j].name);
    status = status == RK_OK ? rk_no_column(name, &names, error) : rk_fail_memory(error);
    rk_names_free(&names);
    rk_fail_at(error, table->name, 0, NULL);
    return status;
}

enum rk_status rk_number_columns(const struct rk_table *table, size_t **columns, size_t *n)
{
    size_t *found = malloc((table->n_columns + 1) * sizeof *found);
    struct rk_dict *names = rk_dict_new();
    enum rk_status status = found == NULL || names == NULL ? RK_ENOMEM : RK_OK;
    size_t n_found = 0;

    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        const struct rk_column *column = &table->column[j];
        size_t n_before = rk_dict_size(names);
        uint32_t code;

        if (column->type != RK_NUMBER)
            continue;
        code = rk_dict_code(names, column->name, strlen(column->name));
        if (code == n_before) /* the first of that name */
            found[n_found++] = j;
        else if (code == RK_NO_CODE)
            status = RK_ENOMEM;
    }
    rk_dict_free(names);
    if (status == RK_OK) {
        *columns = found;
        *n = n_found;
    } else {
        free(found);
    }
    return status;
}

static size_t first_missing(const struct rk_table *table, size_t row, const size_t *columns,
                            size_t n_columns)
{
    for (size_t j = 0; j < n_columns; j++)
        if (rk_table_is_missing(table, row, columns[j]))
            return j;
    return n_columns;
}

enum rk_status rk_complete_rows(const struct rk_table *table, const size_t *columns,
                                size_t n_columns, int missing, size_t **rows, size_t *n_rows,
                                struct rk_error *error)
{
    size_t *kept = malloc((table->n_rows + 1) * sizeof *kept);
    size_t n = 0;

    if (kept == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t j = first_missing(table, i, columns, n_columns);

        if (j == n_columns) {
            kept[n++] = i;
        } else if (missing == RK_MISSING_ERROR) {
            free(kept);
            rk_fail(error, RK_EINPUT, "the value is missing (--missing error)");
            return rk_fail_at(error, table->name, rk_table_line(table, i),
                              table->column[columns[j]].name);
        }
    }
    *rows = kept;
    *n_rows = n;
    return RK_OK;
}

enum rk_status rk_adjust_column(struct rk_table *table, size_t from, size_t to, int method)
{
    return rk_p_adjust(table->column[from].number, table->n_rows, method, table->column[to].number);
}
