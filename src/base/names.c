/* Lists of names, choices, and the nearest name. */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "repkit/text.h"

enum rk_status rk_names_add(struct rk_names *names, const char *name)
{
    char *copy = rk_strdup(name);
    char **grown = copy == NULL ? NULL : realloc(names->name, (names->n + 1) * sizeof *grown);

    if (grown == NULL) {
        free(copy);
        return RK_ENOMEM;
    }
    names->name = grown;
    names->name[names->n++] = copy;
    return RK_OK;
}

bool rk_names_has(const struct rk_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (strcmp(names->name[i], name) == 0)
            return true;
    return false;
}

void rk_names_free(struct rk_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->name[i]);
    free(names->name);
    *names = (struct rk_names){0};
}

/* Appends one item of the list to *item and returns what follows its comma, or the final NUL. */
static const char *next_item(const char *list, struct rk_text *item)
{
    char quote = '\0';

    for (; *list != '\0' && (quote != '\0' || *list != ','); list++) {
        if (quote == '\0' && (*list == '`' || *list == '"'))
            quote = *list;
        else if (*list == quote)
            quote = '\0';
        else if (*list == '\\' && list[1] != '\0')
            rk_text_add_char(item, *++list);
        else
            rk_text_add_char(item, *list);
    }
    return *list == ',' ? list + 1 : list;
}

enum rk_status rk_names_parse(const char *list, struct rk_names *names, struct rk_error *error)
{
    struct rk_names parsed = {0};
    struct rk_text item = {0};
    enum rk_status status = RK_OK;
    const char *rest = list;

    do {
        const char *start = rest;

        rk_text_clear(&item);
        rest = next_item(rest, &item);
        if (item.failed)
            status = rk_fail_memory(error);
        else if (item.length == 0)
            status = rk_fail(error, RK_EUSAGE, "empty name in the list '%s'", list);
        else
            status = rk_names_add(&parsed, item.bytes);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
        if (status == RK_OK && *rest == '\0' && rest > start && rest[-1] == ',')
            status = rk_fail(error, RK_EUSAGE, "empty name in the list '%s'", list);
    } while (status == RK_OK && *rest != '\0');
    rk_text_free(&item);
    if (status != RK_OK) {
        rk_names_free(&parsed);
        return status;
    }
    rk_names_free(names);
    *names = parsed;
    return RK_OK;
}

int rk_choice_find(const char *choices, const char *name, size_t length)
{
    int index = 0;

    for (const char *choice = choices; choice != NULL; index++) {
        size_t n = strcspn(choice, "|");

        if (n == length && memcmp(choice, name, n) == 0)
            return index;
        choice = choice[n] == '|' ? choice + n + 1 : NULL;
    }
    return -1;
}

/* --- the nearest -------------------------------------------------------------------------- */

/* Edit distance with swaps of neighbours (optimal string alignment), ignoring ASCII case, of two
 * names shorter than NEAR_MAX bytes. */
enum { NEAR_MAX = 64 };

static size_t smallest(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edit_distance(const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t rows[3][NEAR_MAX + 1];
    size_t *two_up = rows[0], *up = rows[1], *row = rows[2];

    for (size_t j = 0; j <= n_b; j++)
        up[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *spare = two_up;

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);

            row[j] = smallest(smallest(up[j] + 1, row[j - 1] + 1), up[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]))
                row[j] = smallest(row[j], two_up[j - 2] + 1);
        }
        two_up = up;
        up = row;
        row = spare;
    }
    return up[n_b];
}

const char *rk_nearest(const char *name, const char *const *candidates, size_t n_candidates)
{
    size_t length = strlen(name), best = SIZE_MAX;
    const char *nearest = NULL;
    bool begins, best_begins = false;

    if (length == 0 || length > NEAR_MAX)
        return NULL;
    for (size_t i = 0; i < n_candidates; i++) {
        size_t n = strlen(candidates[i]), distance;
        /* Longer names may be further off, those of one or two characters in case only or, from
         * two on, by a character more; what begins with at least three characters comes first. */
        size_t shorter = smallest(length, n);
        size_t allowed = shorter < 3 ? shorter == 2 && n != length : 1 + shorter / 4;

        if (n > NEAR_MAX)
            continue;
        distance = edit_distance(name, length, candidates[i], n);
        begins = length >= 3 && strncasecmp(name, candidates[i], length) == 0;
        if (begins != best_begins ? begins : distance < best && (begins || distance <= allowed)) {
            best = distance;
            best_begins = begins;
            nearest = candidates[i];
        }
    }
    return nearest;
}

enum rk_status rk_choice_fail(const char *choices, const char *name, const char *what,
                              enum rk_status status, struct rk_error *error)
{
    struct rk_names names = {0};
    struct rk_text list = {0};
    const char *nearest;
    bool failed = false;

    for (const char *choice = choices; choice != NULL && !failed;) {
        size_t n = strcspn(choice, "|");
        char *copy = rk_strndup(choice, n);

        failed = copy == NULL || rk_names_add(&names, copy) != RK_OK;
        rk_text_format(&list, "%s%.*s", list.length > 0 ? ", " : "", (int)n, choice);
        free(copy);
        choice = choice[n] == '|' ? choice + n + 1 : NULL;
    }
    nearest = rk_nearest(name, (const char *const *)names.name, names.n);
    if (failed || list.failed)
        status = rk_fail_memory(error);
    else if (nearest != NULL)
        status = rk_fail(error, status, "%s '%.80s'; did you mean '%s'? (%s)", what, name, nearest,
                         list.bytes);
    else
        status = rk_fail(error, status, "%s '%.80s'; there are %s", what, name, list.bytes);
    rk_text_free(&list);
    rk_names_free(&names);
    return status;
}
