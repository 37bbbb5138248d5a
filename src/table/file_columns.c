#include "repkit/file_columns.h"

#include <stdlib.h>
#include <string.h>

/* --- keys --------------------------------------------------------------------------------- */

static enum rk_status no_key(const struct rk_file_columns *columns, const char *given,
                             struct rk_error *error)
{
    const char **names = calloc(columns->n + 1, sizeof *names);
    struct rk_text list = {0};
    const char *nearest;

    if (names == NULL)
        return rk_fail_memory(error);
    for (size_t k = 0; k < columns->n; k++) {
        names[k] = columns->key[k].key;
        rk_text_format(&list, "%s%s", k > 0 ? ", " : "", names[k]);
    }
    nearest = rk_nearest(given, names, columns->n);
    if (nearest != NULL)
        rk_fail(error, RK_EUSAGE, "%s: no key '%s'; did you mean '%s'?", columns->option, given,
                nearest);
    else
        rk_fail(error, RK_EUSAGE, "%s: no key '%s'; there are %s", columns->option, given,
                list.failed ? "" : list.bytes);
    rk_text_free(&list);
    free(names);
    return RK_EUSAGE;
}

enum rk_status rk_file_columns_take(struct rk_file_columns *columns, const char *option,
                                    const struct rk_file_key *keys, size_t n,
                                    struct rk_file_spec *spec, struct rk_error *error)
{
    struct rk_file_columns taken = {.option = option, .key = keys, .n = n};
    enum rk_status status = RK_OK;

    taken.name = calloc(n + 1, sizeof *taken.name);
    if (taken.name == NULL)
        return rk_fail_memory(error);
    for (size_t k = 0; status == RK_OK && k < n; k++) {
        taken.name[k] = rk_file_spec_take(spec, keys[k].key);
        if (taken.name[k] != NULL && taken.name[k][0] == '\0')
            status = rk_fail(error, RK_EUSAGE, "%s: %s= names no column", option, keys[k].key);
    }
    if (status == RK_OK && spec->key.n > 0)
        status = no_key(&taken, spec->key.name[0], error);
    if (status == RK_OK)
        *columns = taken;
    else
        rk_file_columns_free(&taken);
    return status;
}

void rk_file_columns_free(struct rk_file_columns *columns)
{
    for (size_t k = 0; columns->name != NULL && k < columns->n; k++)
        free(columns->name[k]);
    free(columns->name);
    *columns = (struct rk_file_columns){0};
}

/* --- usual names --------------------------------------------------------------------------- */

static bool is_taken(const struct rk_file_columns *columns, const char *name)
{
    for (size_t k = 0; k < columns->n; k++)
        if (columns->name[k] != NULL && strcmp(columns->name[k], name) == 0)
            return true;
    return false;
}

/* The header's first free column of the best usual name, or NULL. `snake` has the header's names
 * in snake case. */
static const char *usual_column(const struct rk_file_columns *columns, const char *usual,
                                const struct rk_names *header, const struct rk_names *snake)
{
    while (usual != NULL && *usual != '\0') {
        size_t length = strcspn(usual, "|");

        for (size_t j = 0; j < header->n; j++)
            if (strlen(snake->name[j]) == length && memcmp(snake->name[j], usual, length) == 0 &&
                !is_taken(columns, header->name[j]))
                return header->name[j];
        usual = usual[length] == '|' ? usual + length + 1 : NULL;
    }
    return NULL;
}

static enum rk_status snake_header(const struct rk_names *header, struct rk_names *snake)
{
    struct rk_text text = {0};
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < header->n; j++) {
        rk_text_clear(&text);
        rk_text_add(&text, "");
        rk_text_snake(&text, header->name[j]);
        status = text.failed ? RK_ENOMEM : rk_names_add(snake, text.bytes);
    }
    rk_text_free(&text);
    return status;
}

static enum rk_status none_fits(const struct rk_file_columns *columns,
                                const struct rk_file_key *key, struct rk_error *error)
{
    struct rk_text list = {0};
    enum rk_status status = RK_EINPUT;

    for (const char *usual = key->usual; *usual != '\0'; usual++)
        if (*usual == '|')
            rk_text_add(&list, ", ");
        else
            rk_text_add_char(&list, *usual);
    if (list.failed)
        status = rk_fail_memory(error);
    else
        rk_fail(error, status, "which column is %s? None is named %s: say %s FILE:%s=COLUMN",
                key->what, list.length == 0 ? "" : list.bytes, columns->option, key->key);
    rk_text_free(&list);
    return status;
}

enum rk_status rk_file_columns_find(struct rk_file_columns *columns, const struct rk_names *header,
                                    struct rk_wants *wants, struct rk_error *error)
{
    struct rk_names snake = {0};
    enum rk_status status = snake_header(header, &snake);

    for (size_t k = 0; status == RK_OK && k < columns->n; k++) {
        const struct rk_file_key *key = &columns->key[k];
        const char *found = NULL;

        if (columns->name[k] == NULL)
            found = usual_column(columns, key->usual, header, &snake);
        if (found != NULL) {
            columns->name[k] = rk_strdup(found);
            status = columns->name[k] == NULL ? RK_ENOMEM : RK_OK;
        }
        if (status == RK_OK && columns->name[k] != NULL)
            status = rk_wants_add(wants, columns->name[k], key->role);
        else if (status == RK_OK && !key->optional)
            status = none_fits(columns, key, error);
    }
    rk_names_free(&snake);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}
