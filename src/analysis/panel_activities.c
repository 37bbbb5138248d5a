/* Which activities there are: columns of their own for the labels of a type, or for the number
 * columns of a wide file. */
#include <stdlib.h>
#include <string.h>

#include "panel_parts.h"

enum { MOST_TYPES = 200 };

/* A label or a column of the file, and the name it has in the panel. */
struct named {
    char *snake; /* "" where the label has no letter */
    size_t key;  /* code or column */
    bool used;
    uint32_t name; /* code in activities->names; RK_NO_CODE for none */
};

/* --- --types -------------------------------------------------------------------------------- */

/* The labels of --types in snake case, and the name each is given. */
struct mapping {
    struct rk_dict *label;
    uint32_t *name;
};

static enum rk_status add_mapping(struct mapping *mapping, const char *option, const char *snake,
                                  uint32_t name, struct rk_error *error)
{
    size_t n = rk_dict_size(mapping->label);
    uint32_t code = rk_dict_code(mapping->label, snake, strlen(snake));
    uint32_t *grown;

    if (code == RK_NO_CODE)
        return rk_fail_memory(error);
    if (code < n && mapping->name != NULL && mapping->name[code] != name)
        return rk_fail(error, RK_EUSAGE, "--types: '%s' is given to two columns", option);
    if (code < n)
        return RK_OK;
    grown = realloc(mapping->name, (n + 1) * sizeof *grown);
    if (grown == NULL)
        return rk_fail_memory(error);
    mapping->name = grown;
    mapping->name[code] = name;
    return RK_OK;
}

/* NAME=LABEL|LABEL: the labels of one item. */
static enum rk_status read_type(struct panel *panel, const char *item, struct mapping *mapping,
                                struct rk_error *error)
{
    size_t length = strcspn(item, "=");
    uint32_t name = rk_dict_code(panel->activities.names, item, length);
    struct rk_names labels = {0};
    enum rk_status status = name == RK_NO_CODE
                                ? rk_fail_memory(error)
                                : rk_crm_labels(&labels, item + length + 1, "--types", error);

    for (size_t i = 0; status == RK_OK && i < labels.n; i++)
        status = add_mapping(mapping, labels.name[i], labels.name[i], name, error);
    rk_names_free(&labels);
    return status;
}

static enum rk_status read_types(struct panel *panel, struct mapping *mapping,
                                 struct rk_error *error)
{
    struct activities *activities = &panel->activities;
    const struct rk_names *types = &panel->options->types;
    enum rk_status status = RK_OK;

    activities->names = rk_dict_new();
    mapping->label = rk_dict_new();
    if (activities->names == NULL || mapping->label == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < types->n; i++)
        status = read_type(panel, types->name[i], mapping, error);
    activities->n_mapped = rk_dict_size(activities->names);
    activities->found = calloc(activities->n_mapped + 1, sizeof *activities->found);
    return activities->found == NULL ? rk_fail_memory(error) : status;
}

/* --- labels and columns ----------------------------------------------------------------------- */

static int by_snake(const void *a, const void *b)
{
    return strcmp((*(struct named *const *)a)->snake, (*(struct named *const *)b)->snake);
}

static enum rk_status too_many(const struct panel *panel, size_t n, struct rk_error *error)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_ACTIVITIES);
    const char *column = panel->files->file[RK_CRM_ACTIVITIES].columns.name[RK_ACTIVITIES_TYPE];

    rk_fail(error, RK_EINPUT, "%zu types, at most %d fit: another column (type=COLUMN)?", n,
            MOST_TYPES);
    return rk_fail_at(error, table->name, 0, column);
}

/* Gives names to what --types does not map: of labels by byte order, of columns by the file's. */
static enum rk_status name_others(struct panel *panel, struct named *named, size_t n,
                                  struct rk_error *error)
{
    struct named **other = malloc((n + 1) * sizeof *other);
    size_t n_others = 0;
    enum rk_status status = RK_OK;

    if (other == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n; i++)
        if (named[i].used && named[i].name == RK_NO_CODE && named[i].snake[0] != '\0')
            other[n_others++] = &named[i];
    if (n_others > MOST_TYPES && !panel->activities.wide)
        status = too_many(panel, n_others, error);
    if (!panel->activities.wide)
        qsort(other, n_others, sizeof(*other), by_snake);
    for (size_t i = 0; status == RK_OK && i < n_others; i++) {
        other[i]->name =
            rk_dict_code(panel->activities.names, other[i]->snake, strlen(other[i]->snake));
        if (other[i]->name == RK_NO_CODE)
            status = rk_fail_memory(error);
    }
    free(other);
    return status;
}

/* Fills activities->of, which has n_keys elements. */
static enum rk_status name_all(struct panel *panel, const struct mapping *mapping,
                               struct named *named, size_t n, size_t n_keys, struct rk_error *error)
{
    struct activities *activities = &panel->activities;
    enum rk_status status;

    activities->of = malloc((n_keys + 1) * sizeof *activities->of);
    if (activities->of == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n; i++) {
        uint32_t label = rk_dict_find(mapping->label, named[i].snake, strlen(named[i].snake));

        named[i].name = named[i].used && label != RK_NO_CODE && mapping->name != NULL
                            ? mapping->name[label]
                            : RK_NO_CODE;
        if (named[i].name != RK_NO_CODE)
            activities->found[named[i].name] = true;
    }
    status = name_others(panel, named, n, error);
    for (size_t key = 0; key < n_keys; key++)
        activities->of[key] = RK_NO_CODE;
    for (size_t i = 0; i < n; i++)
        activities->of[named[i].key] = named[i].name;
    return status;
}

static bool set_snake(struct named *named, const char *label)
{
    struct rk_text text = {0};

    rk_text_add(&text, "");
    rk_text_snake(&text, label);
    named->snake = rk_text_take(&text);
    return named->snake != NULL;
}

/* The labels that rows have: --where may have left some without. */
static enum rk_status name_labels(struct panel *panel, const struct mapping *mapping,
                                  const struct rk_column *type, size_t n_rows,
                                  struct rk_error *error)
{
    size_t n = rk_dict_size(type->dict);
    struct named *named = calloc(n + 1, sizeof *named);
    bool ok = named != NULL;
    enum rk_status status;

    for (size_t i = 0; ok && i < n; i++) {
        named[i].key = i;
        ok = set_snake(&named[i], rk_dict_label(type->dict, (uint32_t)i));
    }
    for (size_t row = 0; ok && row < n_rows; row++)
        if (type->code[row] != RK_NO_CODE)
            named[type->code[row]].used = true;
    status = ok ? name_all(panel, mapping, named, n, n, error) : rk_fail_memory(error);
    for (size_t i = 0; named != NULL && i < n; i++)
        free(named[i].snake);
    free(named);
    return status;
}

/* Whether the column is one that a key stands for, which --where may have had read once more. */
static bool is_key(const struct panel *panel, const char *name)
{
    const struct rk_file_columns *columns = &panel->files->file[RK_CRM_ACTIVITIES].columns;

    for (size_t k = 0; k < columns->n; k++)
        if (columns->name[k] != NULL && strcmp(columns->name[k], name) == 0)
            return true;
    return false;
}

static enum rk_status name_columns(struct panel *panel, const struct mapping *mapping,
                                   const struct rk_table *table, struct rk_error *error)
{
    struct named *named = calloc(table->n_columns + 1, sizeof *named);
    size_t n = 0;
    bool ok = named != NULL;
    enum rk_status status;

    for (size_t j = 0; ok && j < table->n_columns; j++)
        if (table->column[j].type == RK_NUMBER && !is_key(panel, table->column[j].name)) {
            named[n] = (struct named){.key = j, .used = true};
            ok = set_snake(&named[n++], table->column[j].name);
        }
    status =
        ok ? name_all(panel, mapping, named, n, table->n_columns, error) : rk_fail_memory(error);
    if (status == RK_OK && n == 0) {
        status = rk_fail(error, RK_EINPUT,
                         "which column is the type? None is named type, activity_type, activity, "
                         "kind, channel, and none is of numbers: say --activities "
                         "FILE:type=COLUMN");
        rk_fail_at(error, table->name, 0, NULL);
    }
    for (size_t i = 0; i < n; i++)
        free(named[i].snake);
    free(named);
    return status;
}

/* A file of counts without types: one activity, named as the column of counts. */
static enum rk_status name_count(struct panel *panel, const char *column, struct rk_error *error)
{
    struct named named = {0};
    const char *name;
    enum rk_status status = RK_OK;

    if (panel->options->types.n > 0)
        return rk_fail(error, RK_EUSAGE,
                       "--types maps labels, and --activities has no column of types (type=)");
    if (!set_snake(&named, column))
        return rk_fail_memory(error);
    name = named.snake[0] == '\0' ? "count" : named.snake;
    if (rk_dict_code(panel->activities.names, name, strlen(name)) == RK_NO_CODE)
        status = rk_fail_memory(error);
    free(named.snake);
    return status;
}

enum rk_status rk_panel_activities(struct panel *panel, struct rk_error *error)
{
    const struct rk_table *table = rk_panel_table(panel, RK_CRM_ACTIVITIES);
    struct mapping mapping = {0};
    size_t type, count;
    enum rk_status status;

    if (table == NULL)
        return RK_OK;
    type = rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_TYPE);
    count = rk_panel_column(panel, RK_CRM_ACTIVITIES, RK_ACTIVITIES_COUNT);
    panel->activities.wide = type == SIZE_MAX && count == SIZE_MAX;
    status = read_types(panel, &mapping, error);
    if (status == RK_OK && type != SIZE_MAX)
        status = name_labels(panel, &mapping, &table->column[type], table->n_rows, error);
    else if (status == RK_OK && panel->activities.wide)
        status = name_columns(panel, &mapping, table, error);
    else if (status == RK_OK)
        status = name_count(panel, table->column[count].name, error);
    rk_dict_free(mapping.label);
    free(mapping.name);
    return status;
}

void rk_panel_clear_activities(struct panel *panel)
{
    rk_dict_free(panel->activities.names);
    free(panel->activities.found);
    free(panel->activities.of);
}
