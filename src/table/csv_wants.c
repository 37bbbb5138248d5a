/* Which columns an analysis wants. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/csv.h"

static enum rk_status add_want(struct rk_wants *wants, const char *name, enum rk_role role,
                               bool optional, bool aside)
{
    struct rk_want *grown;
    char *copy;

    for (size_t i = 0; i < wants->n; i++)
        if (wants->want[i].role == role && strcmp(wants->want[i].name, name) == 0) {
            wants->want[i].optional = wants->want[i].optional && optional;
            wants->want[i].aside = wants->want[i].aside && aside;
            return RK_OK;
        }
    grown = realloc(wants->want, (wants->n + 1) * sizeof *grown);
    copy = rk_strdup(name);
    if (grown != NULL)
        wants->want = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return RK_ENOMEM;
    }
    wants->want[wants->n++] = (struct rk_want){copy, role, optional, aside};
    return RK_OK;
}

enum rk_status rk_wants_add(struct rk_wants *wants, const char *name, enum rk_role role)
{
    return add_want(wants, name, role, false, false);
}

enum rk_status rk_wants_maybe(struct rk_wants *wants, const char *name, enum rk_role role)
{
    return add_want(wants, name, role, true, false);
}

enum rk_status rk_wants_names(struct rk_wants *wants, const struct rk_names *names,
                              enum rk_role role)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < names->n; i++)
        status = rk_wants_add(wants, names->name[i], role);
    return status;
}

enum rk_status rk_wants_aside(struct rk_wants *wants, const struct rk_names *names)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < names->n; i++)
        status = add_want(wants, names->name[i], RK_AS_FOUND, false, true);
    return status;
}

void rk_wants_free(struct rk_wants *wants)
{
    for (size_t i = 0; i < wants->n; i++)
        free(wants->want[i].name);
    free(wants->want);
    rk_names_free(&wants->compared);
    *wants = (struct rk_wants){0};
}

enum rk_status rk_no_column(const char *name, const struct rk_names *columns,
                            struct rk_error *error)
{
    enum { MOST_SHOWN = 12 };
    const char *nearest = rk_nearest(name, (const char *const *)columns->name, columns->n);
    struct rk_text list = {0};

    if (nearest != NULL)
        return rk_fail(error, RK_EINPUT, "no column '%s'; did you mean '%s'?", name, nearest);
    for (size_t i = 0; i < columns->n && i < MOST_SHOWN; i++)
        rk_text_format(&list, "%s%s", i > 0 ? ", " : "", columns->name[i]);
    if (columns->n > MOST_SHOWN)
        rk_text_format(&list, " and %zu more", columns->n - MOST_SHOWN);
    if (list.failed) {
        rk_text_free(&list);
        return rk_fail_memory(error);
    }
    rk_fail(error, RK_EINPUT, "no column '%s' among %s", name, list.bytes);
    rk_text_free(&list);
    return RK_EINPUT;
}

void rk_no_column_but_text(const char *name, struct rk_error *error)
{
    size_t length = strlen(error->text);

    snprintf(error->text + length, sizeof error->text - length, "; a text stands in quotes: \"%s\"",
             name);
}
