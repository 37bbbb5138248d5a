/* Tables of rep-regress that repeat rows of data before what they add. */
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

/* Whether the table repeats column j: each name once, and not the groups', which stand before. */
static bool repeats(const struct rk_table *data, size_t j, const struct rk_names *by)
{
    const char *name = data->column[j].name;

    return rk_table_find(data, name) == j && !rk_names_has(by, name);
}

void regress_declare_data(struct rk_result *result, const struct regress_table *table,
                          const struct rk_table *data, const struct rk_names *by)
{
    size_t n_columns = data == NULL ? 0 : data->n_columns, n = 0;
    struct rk_field *fields = malloc((n_columns + table->n_fields + 1) * sizeof *fields);

    if (fields == NULL) {
        result->status = RK_ENOMEM;
        return;
    }
    for (size_t j = 0; j < n_columns; j++) {
        if (repeats(data, j, by))
            fields[n++] =
                (struct rk_field){data->column[j].name,
                                  data->column[j].type == RK_NUMBER ? RK_NUMBER : RK_TEXT, RK_DATA};
    }
    memcpy(fields + n, table->fields, table->n_fields * sizeof *fields);
    rk_result_declare(result, table->name, fields, n + table->n_fields);
    free(fields);
}

enum rk_status regress_check_data(const struct regress_table *table, const struct rk_table *data,
                                  struct rk_error *error)
{
    for (size_t f = 0; f < table->n_fields; f++) {
        if (rk_table_find(data, table->fields[f].name) != SIZE_MAX) {
            rk_fail(error, RK_EINPUT, "has the name of a column that --%s adds: rename it",
                    strcmp(table->name, "rows") == 0 ? "emit rows" : "predict");
            return rk_fail_at(error, data->name, 0, table->fields[f].name);
        }
    }
    return RK_OK;
}

size_t regress_put_data(struct rk_result *result, size_t table, const struct rk_table *data,
                        size_t row, const struct rk_names *by)
{
    struct rk_text cell = {0};
    size_t field = 0;

    rk_result_row(result, table);
    for (size_t j = 0; j < data->n_columns; j++) {
        if (!repeats(data, j, by))
            continue;
        rk_text_clear(&cell);
        if (data->column[j].type == RK_NUMBER)
            rk_put(result, table, field, data->column[j].number[row]);
        else if (rk_table_cell(data, row, j, &cell) && !cell.failed)
            rk_put_text(result, table, field, cell.bytes != NULL ? cell.bytes : "");
        field++;
    }
    if (cell.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&cell);
    return field;
}
