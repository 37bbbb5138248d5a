/* --rows and explanations: a row that is not printed is not explained. An explanation is a sentence
 * with a label of words, which the analyses make of cells of the row it is about ("revenue welch",
 * "calls, revenue, within, lag 2", "tornado licences"); the row with most of its label is meant. A
 * label in which no row finds itself is about the whole, and stays. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Whether the words stand in the label with no letter or digit beside them. */
static bool has_words(const char *label, const char *words)
{
    size_t length = strlen(words);

    for (const char *at = label; length > 0 && (at = strstr(at, words)) != NULL; at++) {
        bool starts = at == label || !is_word_byte(at[-1]) || !is_word_byte(words[0]);

        if (starts && (!is_word_byte(at[length]) || !is_word_byte(words[length - 1])))
            return true;
    }
    return false;
}

/* "lag 2": how many bytes of the label that is; 1 for a 0 that goes without saying. */
static size_t number_match(const char *label, const struct rk_column *column, double value)
{
    char words[128];

    if (isnan(value))
        return 0;
    snprintf(words, sizeof words, "%s %.4g", column->name, value);
    if (has_words(label, words))
        return strlen(words);
    return value == 0.0 && !has_words(label, column->name);
}

/* How much of the label the row's cells make up; 0 for a row that is not in it. */
static size_t match(const char *label, const struct rk_table *table, size_t row, size_t first)
{
    size_t said = 0, unsaid = 0;

    for (size_t j = first; j < table->n_columns; j++) {
        const struct rk_column *column = &table->column[j];
        const char *text = column->type == RK_TEXT ? rk_table_text(table, row, j) : NULL;
        size_t n = 0;

        if (text != NULL && strcmp(column->name, "note") != 0)
            n = has_words(label, text) ? strlen(text) : 0;
        else if (column->type == RK_NUMBER)
            n = number_match(label, column, column->number[row]);
        *(n == 1 && text == NULL ? &unsaid : &said) += n;
    }
    return said > 0 ? said + unsaid : 0;
}

/* Whether the label begins with the name of another table. */
static bool is_of_another(const struct rk_result *result, const struct rk_table *table,
                          const char *label)
{
    for (size_t i = 0; i < result->n_tables; i++) {
        const char *name = result->table[i]->name;
        size_t length = strlen(name);

        if (result->table[i] != table && strncmp(label, name, length) == 0 && label[length] == ' ')
            return true;
    }
    return false;
}

static bool same_group(const struct rk_table *a, size_t row_a, const struct rk_table *b,
                       size_t row_b, size_t n_groups)
{
    for (size_t j = 0; j < n_groups; j++) {
        const char *x = rk_table_text(a, row_a, j), *y = rk_table_text(b, row_b, j);

        if ((x == NULL) != (y == NULL) || (x != NULL && strcmp(x, y) != 0))
            return false;
    }
    return true;
}

/* The rows of the explanation's group, which stand together; groups come in the same order in all
 * tables, so the search goes on from the last one's end. */
static void find_group(const struct rk_table *table, const struct rk_table *explain, size_t row,
                       size_t n_groups, size_t *start, size_t *end)
{
    size_t n = table->n_rows;

    if (*start < *end && same_group(table, *start, explain, row, n_groups))
        return;
    for (size_t k = 0; k < n; k++) {
        size_t at = (*end + k) % n;

        if (!same_group(table, at, explain, row, n_groups))
            continue;
        *start = *end = at;
        while (*end < n && same_group(table, *end, explain, row, n_groups))
            ++*end;
        return;
    }
    *start = *end;
}

/* Whether one of the rows that the label names best is kept, or none is named. */
static bool stays(const char *label, const struct rk_table *table, const bool *keep, size_t start,
                  size_t end, size_t first)
{
    size_t most = 0;
    bool kept = true;

    for (size_t i = start; i < end; i++) {
        size_t n = match(label, table, i, first);

        if (n > most)
            kept = false;
        if (n > 0 && n >= most) {
            most = n;
            kept = kept || keep[i];
        }
    }
    return kept;
}

enum rk_status rk_emit_keep_explained(const struct rk_result *result, const struct rk_table *table,
                                      const bool *keep)
{
    struct rk_table *explain = rk_result_table(result, "explain");
    size_t n_groups = result->group_columns.n, start = 0, end = 0, column;
    bool *explained;
    enum rk_status status;

    if (explain == NULL || explain == table)
        return RK_OK;
    explained = malloc((explain->n_rows + 1) * sizeof *explained);
    if (explained == NULL)
        return RK_ENOMEM;
    column = rk_table_find(explain, "row");
    for (size_t i = 0; i < explain->n_rows; i++) {
        const char *label = rk_table_text(explain, i, column);

        explained[i] = label == NULL || table->n_rows == 0 || is_of_another(result, table, label);
        if (explained[i])
            continue;
        find_group(table, explain, i, n_groups, &start, &end);
        explained[i] = stays(label, table, keep, start, end, n_groups);
    }
    status = rk_table_keep(explain, explained);
    free(explained);
    return status;
}
