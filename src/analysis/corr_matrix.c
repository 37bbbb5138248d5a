/* The estimates as a matrix: a row a variable, a column a variable. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "corr_parts.h"

enum { SCOPE, LAG, VARIABLE, FIRST };

static size_t place_of(const struct corr_columns *columns, size_t column)
{
    for (size_t j = 0; j < columns->n; j++)
        if (columns->column[j] == column)
            return j;
    return SIZE_MAX;
}

/* The table, declared with the first group; every group has the same columns. */
static size_t declare(const struct corr_group *group, const struct corr_columns *y,
                      struct rk_result *result)
{
    struct rk_field *field = calloc(FIRST + y->n, sizeof *field);
    size_t table;

    if (field == NULL) {
        result->status = RK_ENOMEM;
        return 0;
    }
    field[SCOPE] = (struct rk_field){"scope", RK_TEXT, RK_GENERAL};
    field[LAG] = (struct rk_field){"lag", RK_NUMBER, RK_COUNT};
    field[VARIABLE] = (struct rk_field){"variable", RK_TEXT, RK_GENERAL};
    for (size_t j = 0; j < y->n; j++)
        field[FIRST + j] =
            (struct rk_field){group->table->column[y->column[j]].name, RK_NUMBER, RK_GENERAL};
    table = rk_result_declare(result, "matrix", field, FIRST + y->n);
    free(field);
    return table;
}

/* One row: the variable with each column of the matrix. */
static void put_row(const struct corr_group *group, size_t table, size_t scope, int64_t lag,
                    size_t variable, const struct corr_columns *y, struct rk_result *result)
{
    rk_result_row(result, table);
    rk_put_text(result, table, SCOPE, corr_scope_name(scope));
    rk_put(result, table, LAG, (double)lag);
    rk_put_text(result, table, VARIABLE, group->table->column[variable].name);
    for (size_t i = 0; i < group->n_pairs; i++) {
        const struct corr_pair *pair = &group->pair[i];
        const struct corr_estimate *e = &pair->scope[scope];

        if (pair->lag != lag || pair->x2 != SIZE_MAX || e->status != RK_OK)
            continue;
        /* With itself, if it has any variation. */
        if (lag == 0 && (pair->x == variable || pair->y == variable) &&
            place_of(y, variable) != SIZE_MAX)
            rk_put(result, table, FIRST + place_of(y, variable), 1.0);
        if (pair->x == variable && place_of(y, pair->y) != SIZE_MAX)
            rk_put(result, table, FIRST + place_of(y, pair->y), e->c.estimate);
        /* A pair that stands for both orders: only at lag 0 are they the same. */
        if (pair->y == variable && lag == 0 && place_of(y, pair->x) != SIZE_MAX)
            rk_put(result, table, FIRST + place_of(y, pair->x), e->c.estimate);
    }
}

void corr_put_matrix(const struct corr_group *group, const struct corr_columns *x,
                     const struct corr_columns *y, struct rk_result *result)
{
    size_t table = declare(group, y, result);

    for (size_t k = 0; result->status == RK_OK && k < group->n_lags; k++)
        for (size_t s = 0; s < RK_SCOPE_COUNT; s++)
            for (size_t j = 0; group->scopes >> s & 1u && j < x->n; j++)
                put_row(group, table, s, group->pair[k].lag, x->column[j], y, result);
}

void corr_matrix_first(struct rk_result *result)
{
    for (size_t i = 1; i < result->n_tables; i++)
        if (strcmp(result->table[i]->name, "matrix") == 0) {
            struct rk_table *matrix = result->table[i];

            memmove(result->table + 1, result->table, i * sizeof(struct rk_table *));
            result->table[0] = matrix;
        }
}
