#include "frame_variable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* --- labels -------------------------------------------------------------------------------- */

void rk_labels_free(struct rk_labels *labels)
{
    rk_dict_free(labels->owned_dict);
    free(labels->owned_code);
    *labels = (struct rk_labels){0};
}

static enum rk_status write_labels(const struct rk_table *table, size_t column,
                                   struct rk_labels *labels, struct rk_error *error)
{
    struct rk_text text = {0};
    bool failed;

    labels->owned_dict = rk_dict_new();
    labels->owned_code = malloc((table->n_rows + 1) * sizeof(uint32_t));
    failed = labels->owned_dict == NULL || labels->owned_code == NULL;
    for (size_t i = 0; !failed && i < table->n_rows; i++) {
        rk_text_clear(&text);
        labels->owned_code[i] = RK_NO_CODE;
        if (!rk_table_cell(table, i, column, &text))
            continue;
        if (!text.failed)
            labels->owned_code[i] = rk_dict_code(labels->owned_dict, text.bytes, text.length);
        failed = text.failed || labels->owned_code[i] == RK_NO_CODE;
    }
    rk_text_free(&text);
    if (failed) {
        rk_labels_free(labels);
        return rk_fail_memory(error);
    }
    labels->dict = labels->owned_dict;
    labels->code = labels->owned_code;
    return RK_OK;
}

enum rk_status rk_labels_read(const struct rk_table *table, const char *name,
                              struct rk_labels *labels, struct rk_error *error)
{
    size_t column = rk_table_find_typed(table, name, RK_TEXT);

    *labels = (struct rk_labels){0};
    if (column != SIZE_MAX) {
        labels->dict = table->column[column].dict;
        labels->code = table->column[column].code;
        return RK_OK;
    }
    column = rk_table_find(table, name);
    if (column == SIZE_MAX)
        return rk_no_column_in(table, name, error);
    return write_labels(table, column, labels, error);
}

/* --- variables ----------------------------------------------------------------------------- */

void rk_frame_variable_free(struct rk_frame_variable *variable)
{
    free(variable->label);
    if (!variable->borrowed)
        free(variable->number);
    free(variable->slope);
    free(variable->column);
    rk_labels_free(&variable->labels);
    free(variable->level_of);
    if (!variable->follows) {
        free(variable->level);
        rk_basis_free(variable->basis);
    }
    *variable = (struct rk_frame_variable){0};
}

/* The column of a factor: text by its bare name, or whatever stands in factor(); else NULL. */
static const char *factor_column(const struct rk_node *node, const struct rk_table *table)
{
    if (node->kind == RK_NODE_CALL && strcmp(node->text, "factor") == 0)
        return node->child[0]->text;
    if (node->kind == RK_NODE_NAME &&
        rk_table_find_typed(table, node->text, RK_NUMBER) == SIZE_MAX &&
        rk_table_find_typed(table, node->text, RK_TEXT) != SIZE_MAX)
        return node->text;
    return NULL;
}

bool rk_frame_variable_is_factor(const struct rk_frame_variable *variable)
{
    return variable->labels.dict != NULL;
}

static bool is_basis(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL &&
           (strcmp(node->text, "poly") == 0 || strcmp(node->text, "ns") == 0);
}

static enum rk_status read_numbers(struct rk_frame_variable *variable, const struct rk_table *table,
                                   const struct rk_series *series, struct rk_error *error)
{
    const struct rk_node *node = variable->node;
    size_t column =
        node->kind == RK_NODE_NAME ? rk_table_find_typed(table, node->text, RK_NUMBER) : SIZE_MAX;

    if (column != SIZE_MAX) {
        variable->number = table->column[column].number;
        variable->borrowed = true;
        return RK_OK;
    }
    variable->number = malloc((table->n_rows + 1) * sizeof(double));
    if (variable->number == NULL)
        return rk_fail_memory(error);
    return rk_evaluate_series(is_basis(node) ? node->child[0] : node, table, series,
                              variable->number, error);
}

enum rk_status rk_frame_variable_read(const struct rk_node *node, const struct rk_table *table,
                                      const struct rk_series *series,
                                      const struct rk_frame_variable *like,
                                      struct rk_frame_variable *variable, struct rk_error *error)
{
    const char *column = factor_column(node, table);
    struct rk_text label = {0};
    enum rk_status status = RK_OK;

    if (like != NULL)
        column = !rk_frame_variable_is_factor(like) ? NULL
                 : node->kind == RK_NODE_CALL       ? node->child[0]->text
                                                    : node->text;
    *variable = (struct rk_frame_variable){.node = node};
    rk_node_print(node, &label);
    variable->label = rk_text_take(&label);
    if (variable->label == NULL)
        return rk_fail_memory(error);
    if (column != NULL) {
        status = rk_labels_read(table, column, &variable->labels, error);
        if (node->kind == RK_NODE_CALL && node->n_children == 2)
            variable->reference = node->child[1]->child[1]->text;
    } else {
        status = read_numbers(variable, table, series, error);
    }
    if (status != RK_OK)
        rk_frame_variable_free(variable);
    return status;
}

bool rk_frame_variable_is_missing(const struct rk_frame_variable *variable, size_t row)
{
    return variable->number != NULL ? isnan(variable->number[row])
                                    : variable->labels.code[row] == RK_NO_CODE;
}

/* --- levels -------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Moves the level that was asked for to the front. */
static enum rk_status move_reference(struct rk_frame_variable *variable, struct rk_error *error)
{
    const char *nearest, *found;
    size_t i = 0;

    while (i < variable->n_levels && strcmp(variable->level[i], variable->reference) != 0)
        i++;
    if (i == variable->n_levels) {
        nearest = rk_nearest(variable->reference, variable->level, variable->n_levels);
        return rk_fail(error, RK_EINPUT,
                       nearest != NULL ? "%s: no level '%s'; did you mean '%s'?"
                                       : "%s: no level '%s'; the first is '%s'",
                       variable->label, variable->reference,
                       nearest != NULL ? nearest : variable->level[0]);
    }
    found = variable->level[i];
    for (; i > 0; i--)
        variable->level[i] = variable->level[i - 1];
    variable->level[0] = found;
    return RK_OK;
}

static enum rk_status find_levels(struct rk_frame_variable *variable, const size_t *rows,
                                  size_t n_rows, struct rk_error *error)
{
    const struct rk_labels *labels = &variable->labels;
    size_t n_codes = rk_dict_size(labels->dict);
    enum rk_status status = RK_OK;

    free(variable->level_of); /* of an earlier failure */
    free(variable->level);
    variable->level_of = malloc((n_codes + 1) * sizeof(uint32_t));
    variable->level = malloc((n_codes + 1) * sizeof(const char *));
    variable->n_levels = 0;
    if (variable->level_of == NULL || variable->level == NULL)
        return rk_fail_memory(error);
    memset(variable->level_of, 0xff, (n_codes + 1) * sizeof(uint32_t));
    for (size_t i = 0; i < n_rows; i++) {
        uint32_t code = labels->code[rows[i]];

        if (variable->level_of[code] != RK_NO_CODE)
            continue;
        variable->level_of[code] = 0;
        variable->level[variable->n_levels++] = rk_dict_label(labels->dict, code);
    }
    if (variable->n_levels < 2)
        return rk_fail(error, RK_ECONSTANT, "%s has one level only: '%s'", variable->label,
                       variable->n_levels == 1 ? variable->level[0] : "");
    qsort(variable->level, variable->n_levels, sizeof *variable->level, by_bytes);
    if (variable->reference != NULL)
        status = move_reference(variable, error);
    for (size_t level = 0; status == RK_OK && level < variable->n_levels; level++) {
        const char *text = variable->level[level];

        variable->level_of[rk_dict_find(labels->dict, text, strlen(text))] = (uint32_t)level;
    }
    return status;
}

/* --- bases --------------------------------------------------------------------------------- */

static enum rk_status fail_basis(const struct rk_frame_variable *variable, enum rk_status status,
                                 struct rk_error *error)
{
    switch (status) {
    case RK_OK:
        return RK_OK;
    case RK_ENOMEM:
        return rk_fail_memory(error);
    case RK_ECONSTANT:
        return rk_fail(error, status, "%s: its values are all the same", variable->label);
    case RK_ETOOFEW:
        return rk_fail(error, status, "%s: it has too few distinct values", variable->label);
    default:
        return rk_fail(error, status, "%s: its values are too far apart", variable->label);
    }
}

static enum rk_status find_basis(struct rk_frame_variable *variable, size_t n_table,
                                 struct rk_error *error)
{
    const struct rk_node *node = variable->node;
    double *values = malloc((n_table + 1) * sizeof *values);
    size_t n = 0, size = rk_basis_size(node);
    enum rk_status status;

    if (values == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n_table; i++)
        if (!isnan(variable->number[i]))
            values[n++] = variable->number[i];
    rk_basis_free(variable->basis); /* of an earlier failure */
    variable->basis = NULL;
    status = strcmp(node->text, "poly") == 0 ? rk_basis_poly(values, n, size, &variable->basis)
                                             : rk_basis_spline(values, n, size, &variable->basis);
    free(values);
    return fail_basis(variable, status, error);
}

static enum rk_status fill_basis(struct rk_frame_variable *variable, size_t n_table)
{
    size_t n_columns = rk_basis_columns(variable->basis);

    free(variable->column);
    variable->column = malloc((n_table * n_columns + 1) * sizeof *variable->column);
    if (variable->column == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n_table; i++)
        rk_basis_at(variable->basis, variable->number[i], variable->column + i * n_columns, NULL);
    return RK_OK;
}

/* --- both ---------------------------------------------------------------------------------- */

enum rk_status rk_frame_variable_settle(struct rk_frame_variable *variable, const size_t *rows,
                                        size_t n_rows, size_t n_table, struct rk_error *error)
{
    enum rk_status status;

    if (rk_frame_variable_is_factor(variable))
        return find_levels(variable, rows, n_rows, error);
    if (!is_basis(variable->node))
        return RK_OK;
    status = find_basis(variable, n_table, error);
    if (status == RK_OK && fill_basis(variable, n_table) != RK_OK)
        status = rk_fail_memory(error);
    return status;
}

enum rk_status rk_frame_variable_follow(struct rk_frame_variable *variable,
                                        const struct rk_frame_variable *of, size_t n_table)
{
    const struct rk_dict *dict = variable->labels.dict;

    variable->follows = true;
    variable->basis = of->basis;
    variable->level = of->level;
    variable->n_levels = of->n_levels;
    if (of->basis != NULL)
        return fill_basis(variable, n_table);
    if (dict == NULL)
        return RK_OK;
    variable->level_of = malloc((rk_dict_size(dict) + 1) * sizeof(uint32_t));
    if (variable->level_of == NULL)
        return RK_ENOMEM;
    memset(variable->level_of, 0xff, (rk_dict_size(dict) + 1) * sizeof(uint32_t));
    for (size_t level = 0; level < of->n_levels; level++) {
        uint32_t code = rk_dict_find(dict, of->level[level], strlen(of->level[level]));

        if (code != RK_NO_CODE)
            variable->level_of[code] = (uint32_t)level;
    }
    return RK_OK;
}
