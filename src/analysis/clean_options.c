/* Options that name columns: COL=text, COL=FILE, COL=FILE:REFCOL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"
#include "repkit/file_spec.h"

/* --- COL=WORD ------------------------------------------------------------------------------- */

/* Reads an item: the column's index and which of the choices. */
static enum rk_status read_choice(const struct clean *clean, const char *option, const char *item,
                                  const char *choices, size_t *column, int *choice)
{
    const char *equals = strrchr(item, '=');
    char *name, what[64];
    enum rk_status status;

    if (equals == NULL || equals == item)
        return rk_fail(clean->error, RK_EUSAGE, "%s: '%s' is not COL=%s", option, item, choices);
    *choice = rk_choice_find(choices, equals + 1, strlen(equals + 1));
    if (*choice < 0) {
        snprintf(what, sizeof what, "%s: no", option);
        return rk_failure(rk_choice_fail(choices, equals + 1, what, RK_EUSAGE, clean->error));
    }
    name = rk_strndup(item, (size_t)(equals - item));
    if (name == NULL)
        return rk_fail_memory(clean->error);
    status = clean_find_column(clean, name, column);
    free(name);
    return status;
}

static enum rk_status read_types(struct clean *clean)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < clean->options->types.n; i++) {
        size_t column;
        int type;

        status = read_choice(clean, "--types", clean->options->types.name[i], CLEAN_TYPES, &column,
                             &type);
        if (status == RK_OK) {
            clean->column[column].type = (enum clean_type)type;
            clean->column[column].type_given = true;
        }
    }
    return status;
}

static enum rk_status read_imputes(struct clean *clean)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < clean->options->impute.n; i++) {
        size_t column;
        int how;

        status = read_choice(clean, "--impute", clean->options->impute.name[i], CLEAN_IMPUTES,
                             &column, &how);
        if (status == RK_OK)
            clean->column[column].impute = IMPUTE_MEAN + how;
    }
    return status;
}

/* --- files ---------------------------------------------------------------------------------- */

/* Reads the wanted columns of a file as labels. */
static enum rk_status read_labels(const struct clean *clean, struct rk_file_spec *spec,
                                  const char *option, const char *const *columns,
                                  struct rk_table **table)
{
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct rk_wants wants = {0};
    enum rk_status status = rk_file_spec_csv(spec, option, &csv, clean->error);

    if (status == RK_OK && spec->key.n > 0)
        status = rk_fail(clean->error, RK_EUSAGE, "%s: no key '%s'", option, spec->key.name[0]);
    for (; status == RK_OK && *columns != NULL; columns++)
        if (rk_wants_add(&wants, *columns, RK_AS_LABEL) != RK_OK)
            status = rk_fail_memory(clean->error);
    if (status == RK_OK)
        status = rk_csv_read(spec->path, &wants, &csv, clean->ctx, table, clean->error);
    rk_wants_free(&wants);
    return status;
}

/* One `from` may not become two things. */
static enum rk_status check_map(const struct clean *clean, const struct rk_table *map)
{
    size_t from = rk_table_find(map, "from"), to = rk_table_find(map, "to");
    size_t n = rk_dict_size(map->column[from].dict);
    size_t *row = malloc((n + 1) * sizeof *row);
    enum rk_status status = row == NULL ? rk_fail_memory(clean->error) : RK_OK;

    for (size_t code = 0; row != NULL && code < n; code++)
        row[code] = SIZE_MAX;
    for (size_t i = 0; status == RK_OK && i < map->n_rows; i++) {
        uint32_t code = map->column[from].code[i];

        if (code == RK_NO_CODE)
            continue;
        if (row[code] == SIZE_MAX) {
            row[code] = i;
        } else if (map->column[to].code[row[code]] != map->column[to].code[i]) {
            rk_fail(clean->error, RK_EINPUT, "'%s' is something else on line %zu",
                    rk_table_text(map, i, from), rk_table_line(map, row[code]));
            status = rk_fail_at(clean->error, map->name, rk_table_line(map, i), "to");
        }
    }
    free(row);
    return status;
}

static enum rk_status read_maps(struct clean *clean)
{
    static const char *const columns[] = {"from", "to", NULL};
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < clean->options->maps.n; i++) {
        struct rk_file_spec spec = {0};
        struct rk_table *map = NULL;
        size_t column = 0;

        status =
            rk_file_spec_parse(clean->options->maps.name[i], true, "--map", &spec, clean->error);
        if (status == RK_OK)
            status = clean_find_column(clean, spec.name, &column);
        if (status == RK_OK)
            status = read_labels(clean, &spec, "--map", columns, &map);
        if (status == RK_OK)
            status = check_map(clean, map);
        if (status == RK_OK) {
            rk_table_free(clean->column[column].map);
            clean->column[column].map = map;
        } else {
            rk_table_free(map);
        }
        rk_file_spec_free(&spec);
    }
    return status;
}

/* COL=FILE:REFCOL,key=value as COL=FILE:column=REFCOL,key=value, which files are written in. */
static char *with_key(const char *text)
{
    const char *part = strchr(text, '=');
    struct rk_text out = {0};
    size_t n;

    for (; part != NULL && *part != '\0' && *part != ':'; part++)
        part += *part == '\\' && part[1] != '\0';
    if (part == NULL || *part == '\0')
        return rk_strdup(text);
    part++;
    for (n = 0; part[n] != '\0' && part[n] != ',' && part[n] != '='; n++)
        n += part[n] == '\\' && part[n + 1] != '\0';
    rk_text_add_bytes(&out, text, (size_t)(part - text));
    rk_text_add(&out, part[n] == '=' ? "" : "column=");
    rk_text_add(&out, part);
    return rk_text_take(&out);
}

static enum rk_status read_list(struct clean *clean, struct rk_file_spec *spec)
{
    char *reference = rk_file_spec_take(spec, "column");
    const char *columns[] = {reference != NULL ? reference : spec->name, NULL};
    struct rk_table *list = NULL;
    struct rk_text name = {0};
    size_t column = 0;
    enum rk_status status = clean_find_column(clean, spec->name, &column);

    if (status == RK_OK)
        status = read_labels(clean, spec, "--against", columns, &list);
    rk_text_format(&name, "%s:%s", spec->path, columns[0]);
    if (status == RK_OK && name.failed)
        status = rk_fail_memory(clean->error);
    if (status == RK_OK) {
        rk_table_free(clean->column[column].list);
        free(clean->column[column].list_name);
        clean->column[column].list = list;
        clean->column[column].list_name = rk_text_take(&name);
    } else {
        rk_table_free(list);
    }
    rk_text_free(&name);
    free(reference);
    return status;
}

static enum rk_status read_lists(struct clean *clean)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < clean->options->against.n; i++) {
        struct rk_file_spec spec = {0};
        char *text = with_key(clean->options->against.name[i]);

        status = text == NULL ? rk_fail_memory(clean->error)
                              : rk_file_spec_parse(text, true, "--against", &spec, clean->error);
        if (status == RK_OK)
            status = read_list(clean, &spec);
        rk_file_spec_free(&spec);
        free(text);
    }
    return status;
}

enum rk_status clean_read_options(struct clean *clean)
{
    enum rk_status status = read_types(clean);
    size_t column;

    if (status == RK_OK)
        status = read_imputes(clean);
    if (status == RK_OK)
        status = read_maps(clean);
    if (status == RK_OK)
        status = read_lists(clean);
    for (size_t i = 0; status == RK_OK && i < clean->options->dedupe.n; i++) {
        const char *key = clean->options->dedupe.name[i];

        status = clean_find_column(clean, key, &column);
        if (status == RK_OK && clean->column[column].impute != IMPUTE_NONE)
            status =
                rk_fail(clean->error, RK_EUSAGE,
                        "--impute: '%s' is a key of --dedupe, which is not to be made up", key);
    }
    return status;
}
