#include "repkit/result_file.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv_blocks.h"

static enum rk_status not_ours(const char *name, const char *what, struct rk_error *error)
{
    rk_fail(error, RK_EINPUT, "JSON, but not of these tools: %s", what);
    return rk_fail_at(error, name, 0, NULL);
}

/* --- rows --------------------------------------------------------------------------------- */

static void add_json_text(const json_t *cell, struct rk_text *text)
{
    if (json_is_string(cell))
        rk_text_add_bytes(text, json_string_value(cell), json_string_length(cell));
    else if (json_is_number(cell))
        rk_text_number(text, json_number_value(cell));
    else if (json_is_boolean(cell))
        rk_text_add(text, json_is_true(cell) ? "true" : "false");
}

/* Every row's value of one key, as a new last column: text if any is text. */
static enum rk_status add_json_column(struct rk_table *table, const json_t *rows, const char *name)
{
    size_t column = table->n_columns;
    enum rk_type type = RK_NUMBER;
    struct rk_text text = {0};
    enum rk_status status;

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *cell = json_object_get(json_array_get(rows, i), name);

        if (cell != NULL && !json_is_number(cell) && !json_is_null(cell))
            type = RK_TEXT;
    }
    status = rk_table_add_column(table, name, type, RK_GENERAL);
    for (size_t i = 0; status == RK_OK && i < json_array_size(rows); i++) {
        const json_t *cell = json_object_get(json_array_get(rows, i), name);

        if (cell == NULL || json_is_null(cell))
            continue;
        if (type == RK_NUMBER) {
            rk_table_set_number(table, i, column, json_number_value(cell));
            continue;
        }
        rk_text_clear(&text);
        rk_text_add(&text, "");
        add_json_text(cell, &text);
        status = text.failed ? RK_ENOMEM : rk_table_set_text(table, i, column, text.bytes);
    }
    rk_text_free(&text);
    return status;
}

static enum rk_status fill_json_table(struct rk_table *table, const json_t *rows,
                                      struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < json_array_size(rows); i++)
        status = rk_table_add_row(table);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);

        if (!json_is_object(row))
            return not_ours(table->name, "a row is no object", error);
        /* jansson walks the keys in the order of the file. */
        for (void *at = json_object_iter(row); at != NULL; at = json_object_iter_next(row, at)) {
            const char *name = json_object_iter_key(at);
            const json_t *cell = json_object_iter_value(at);

            if (json_is_object(cell) || json_is_array(cell))
                return not_ours(table->name, "a cell is no single value", error);
            if (status == RK_OK && rk_table_find(table, name) == SIZE_MAX)
                status = add_json_column(table, rows, name);
        }
    }
    table->rows_read = table->n_rows;
    return status == RK_OK ? RK_OK : rk_fail_memory(error);
}

/* --- the whole object ---------------------------------------------------------------------- */

static const json_t *find_rows(json_t *tables, const char *column)
{
    for (void *at = json_object_iter(tables); at != NULL; at = json_object_iter_next(tables, at)) {
        const json_t *rows = json_object_iter_value(at);

        if (column == NULL || json_object_get(json_array_get(rows, 0), column) != NULL)
            return rows;
    }
    return NULL;
}

static enum rk_status take_warnings(const json_t *warnings, struct rk_result_file *file)
{
    size_t n = json_array_size(warnings);

    file->warning = calloc(n + 1, sizeof *file->warning);
    if (file->warning == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const json_t *warning = json_array_get(warnings, i);
        const char *code = json_string_value(json_object_get(warning, "code"));
        const char *text = json_string_value(json_object_get(warning, "text"));
        struct rk_warning *taken = &file->warning[file->n_warnings];

        if (code == NULL || text == NULL)
            continue;
        taken->code = rk_strdup(code);
        taken->text = rk_strdup(text);
        file->n_warnings++;
        if (taken->code == NULL || taken->text == NULL)
            return RK_ENOMEM;
    }
    return RK_OK;
}

static enum rk_status take_json(json_t *root, const char *name, const char *column,
                                struct rk_result_file *file, struct rk_error *error)
{
    json_t *tables = json_object_get(root, "tables");
    const json_t *measured = json_object_get(json_object_get(root, "meta"), "months_measured");
    const json_t *rows;
    enum rk_status status;

    if (!json_is_object(tables))
        return not_ours(name, "it has no \"tables\"", error);
    rows = find_rows(tables, column);
    if (rows == NULL || json_array_size(rows) == 0) {
        rk_fail(error, RK_EINPUT, column == NULL ? "no rows" : "no table has a column '%s'",
                column);
        return rk_fail_at(error, name, 0, NULL);
    }
    file->table = rk_table_new(name);
    status =
        file->table == NULL ? rk_fail_memory(error) : fill_json_table(file->table, rows, error);
    if (json_is_number(measured))
        file->months_measured = json_number_value(measured);
    if (status == RK_OK && take_warnings(json_object_get(root, "warnings"), file) != RK_OK)
        status = rk_fail_memory(error);
    return status;
}

enum { MEMORY_A_BYTE = 64 }; /* of JSON: two trees */

/* Where it gets no memory, jansson may drop a byte and go on, call the text broken or end the
 * program: so there is to be enough of it, and the text is read twice, to the same end. The caller
 * releases *root. */
static enum rk_status parse_json(const struct csv_blocks *blocks, json_t **root,
                                 struct rk_error *error)
{
    const char *bytes = blocks->ahead.bytes + blocks->ahead.next;
    size_t length = blocks->ahead.length - blocks->ahead.next;
    json_error_t broken;
    json_t *again;
    void *enough = malloc(MEMORY_A_BYTE * (length + 1));
    bool alike;

    if (enough == NULL)
        return rk_fail_memory(error);
    free(enough);
    *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &broken);
    again = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &broken);
    alike = *root == again || json_equal(*root, again);
    json_decref(again);
    if (!alike)
        return rk_fail_memory(error);
    if (*root != NULL)
        return RK_OK;
    rk_fail(error, RK_EINPUT, "broken JSON: %s", broken.text);
    return rk_fail_at(error, blocks->source.name, broken.line > 0 ? (size_t)broken.line : 0, NULL);
}

static enum rk_status read_json(struct csv_blocks *blocks, const char *column,
                                struct rk_result_file *file, struct rk_error *error)
{
    enum rk_status status = csv_blocks_all(blocks, error);
    json_t *root = NULL;

    if (status == RK_OK)
        status = parse_json(blocks, &root, error);
    if (status == RK_OK)
        status = take_json(root, blocks->source.name, column, file, error);
    if (status == RK_OK)
        file->table->digest = csv_blocks_digest(blocks);
    json_decref(root);
    return status;
}

enum rk_status rk_result_file_read(const char *path, const char *column,
                                   const struct rk_csv_options *csv, const struct rk_ctx *ctx,
                                   struct rk_result_file *file, struct rk_error *error)
{
    struct rk_wants wants = {.all = true};
    struct rk_result_file read = {.months_measured = NAN};
    struct csv_blocks blocks;
    enum rk_status status = csv_blocks_open(&blocks, path, csv, ctx, error);
    const struct csv_bytes *ahead = &blocks.ahead;
    size_t start = status == RK_OK ? ahead->next : 0;

    while (status == RK_OK && start < ahead->length && isspace((unsigned char)ahead->bytes[start]))
        start++;
    if (status == RK_OK && start < ahead->length && ahead->bytes[start] == '{')
        status = read_json(&blocks, column, &read, error);
    else if (status == RK_OK)
        status = csv_read_opened(&blocks, &wants, csv, ctx, &read.table, error);
    csv_blocks_close(&blocks);
    if (status == RK_OK)
        *file = read;
    else
        rk_result_file_free(&read);
    return status;
}

void rk_result_file_free(struct rk_result_file *file)
{
    rk_table_free(file->table);
    for (size_t i = 0; i < file->n_warnings; i++) {
        free(file->warning[i].code);
        free(file->warning[i].text);
    }
    free(file->warning);
    *file = (struct rk_result_file){0};
}
