/* Rows: ragged ones, those that --where keeps, duplicates. */
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"

static void report_ragged(struct clean *clean, const struct rk_ragged *ragged)
{
    size_t n = clean->table->n_columns;
    struct rk_text value = {0};

    rk_text_format(&value, "%zu cell%s", ragged->n_cells, ragged->n_cells == 1 ? "" : "s");
    if (value.failed)
        clean->status = RK_ENOMEM;
    else
        clean_find(clean, CLEAN_RAGGED, rk_table_line(clean->table, ragged->row), UINT32_MAX,
                   value.bytes, value.length, "%s %zu",
                   clean->options->ragged == RK_RAGGED_DROP ? "row dropped: the header has"
                   : ragged->n_cells < n                    ? "padded to"
                                                            : "cut to",
                   n);
    rk_text_free(&value);
}

enum rk_status clean_start_rows(struct clean *clean)
{
    const struct rk_table *table = clean->table;
    bool drop = clean->options->ragged == RK_RAGGED_DROP;
    size_t next = 0, n = 0;

    if (table->n_ragged > 0 && clean->options->ragged == RK_RAGGED_ERROR) {
        rk_fail(clean->error, RK_EINPUT, "%zu cell%s where the header has %zu (see --ragged)",
                table->ragged[0].n_cells, table->ragged[0].n_cells == 1 ? "" : "s",
                table->n_columns);
        return rk_fail_at(clean->error, table->name, rk_table_line(table, table->ragged[0].row),
                          NULL);
    }
    clean->row = malloc((table->n_rows + 1) * sizeof *clean->row);
    if (clean->row == NULL)
        return rk_fail_memory(clean->error);
    for (size_t i = 0; i < table->n_rows; i++) {
        bool ragged = next < table->n_ragged && table->ragged[next].row == i;

        if (ragged)
            report_ragged(clean, &table->ragged[next++]);
        if (!ragged || !drop)
            clean->row[n++] = i;
    }
    clean->n_rows = n;
    return clean->status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}

/* Keeps the rows whose flag is set, here and in the output. */
static enum rk_status keep_rows(struct clean *clean, const bool *keep)
{
    size_t n = 0;

    if (rk_table_keep(clean->out, keep) != RK_OK)
        return rk_fail_memory(clean->error);
    for (size_t i = 0; i < clean->n_rows; i++)
        if (keep[i])
            clean->row[n++] = clean->row[i];
    clean->n_rows = n;
    return RK_OK;
}

enum rk_status clean_keep_where(struct clean *clean)
{
    size_t n = clean->n_rows;
    signed char *verdict;
    bool *keep;
    enum rk_status status;

    if (clean->options->where == NULL)
        return RK_OK;
    verdict = malloc(n + 1);
    keep = malloc((n + 1) * sizeof *keep);
    status = verdict == NULL || keep == NULL
                 ? rk_fail_memory(clean->error)
                 : rk_predicate(clean->options->where, clean->out, verdict, clean->error);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        keep[i] = verdict[i] > 0;
    if (status == RK_OK)
        status = keep_rows(clean, keep);
    if (status == RK_OK && clean->n_rows == 0)
        status = rk_predicate_empty(clean->options->where, clean->out, n, clean->error);
    if (status != RK_OK)
        rk_fail_at(clean->error, clean->table->name, 0, NULL);
    free(verdict);
    free(keep);
    return status;
}

/* --- duplicates ---------------------------------------------------------------------------- */

/* The key's cells, for people. */
static void add_key(const struct clean *clean, size_t row, const size_t *key, size_t n_keys,
                    struct rk_text *out)
{
    for (size_t k = 0; k < n_keys; k++) {
        rk_text_add(out, k > 0 ? ", " : "");
        rk_table_cell(clean->out, row, clean->column[key[k]].out, out);
    }
}

static size_t line_of(const struct clean *clean, size_t row)
{
    return rk_table_line(clean->table, clean->row[row]);
}

static bool lacks_key(const struct clean *clean, size_t row, const size_t *key, size_t n_keys)
{
    for (size_t k = 0; k < n_keys; k++)
        if (rk_table_is_missing(clean->out, row, clean->column[key[k]].out))
            return true;
    return false;
}

/* Reports the rows of a group but one; that one is returned. */
static size_t report_group(struct clean *clean, const size_t *rows, size_t n, const size_t *key,
                           size_t n_keys)
{
    bool drop = clean->options->dedupe.n > 0;
    size_t stays = drop && clean->options->keep == RK_KEEP_LAST ? rows[n - 1] : rows[0];
    struct rk_text value = {0};

    for (size_t r = 0; r < n; r++) {
        if (rows[r] == stays)
            continue;
        rk_text_clear(&value);
        if (drop)
            add_key(clean, rows[r], key, n_keys, &value);
        if (value.failed)
            clean->status = RK_ENOMEM;
        else
            clean_find(clean, CLEAN_DUPLICATE, line_of(clean, rows[r]), UINT32_MAX, value.bytes,
                       value.length, "%s line %zu",
                       drop ? "row dropped: same key as" : "kept: the row is the same as",
                       line_of(clean, stays));
    }
    rk_text_free(&value);
    return stays;
}

/* Groups the rows of the output by the cells of some columns of the input. */
static enum rk_status group_rows(const struct clean *clean, const size_t *key, size_t n_keys,
                                 struct rk_groups *groups)
{
    struct rk_table view = {.n_rows = clean->n_rows, .n_columns = n_keys};
    size_t *column = malloc((n_keys + 1) * sizeof *column);
    enum rk_status status = RK_ENOMEM;

    view.column = malloc((n_keys + 1) * sizeof *view.column); /* borrows all that is in them */
    if (column != NULL && view.column != NULL) {
        for (size_t k = 0; k < n_keys; k++) {
            column[k] = k;
            view.column[k] = clean->out->column[clean->column[key[k]].out];
            if (clean_is_by_text(&clean->column[key[k]]))
                view.column[k].type = RK_TEXT;
        }
        status = rk_groups_by(&view, column, n_keys, groups);
    }
    free(view.column);
    free(column);
    return status;
}

static enum rk_status find_duplicates(struct clean *clean, const size_t *key, size_t n_keys)
{
    bool drop = clean->options->dedupe.n > 0;
    struct rk_groups groups = {0};
    size_t n_rows = clean->n_rows;
    bool *keep = malloc((n_rows + 1) * sizeof *keep);
    enum rk_status status = keep == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n_rows; i++)
        keep[i] = true;
    if (status == RK_OK)
        status = group_rows(clean, key, n_keys, &groups);
    for (size_t g = 0; status == RK_OK && g < groups.n_groups; g++) {
        const size_t *rows = groups.rows + groups.start[g];
        size_t n = groups.start[g + 1] - groups.start[g], stays;

        /* Rows without a key are not known to be the same. */
        if (n < 2 || (drop && lacks_key(clean, rows[0], key, n_keys)))
            continue;
        stays = report_group(clean, rows, n, key, n_keys);
        for (size_t r = 0; drop && r < n; r++)
            keep[rows[r]] = rows[r] == stays;
        status = clean->status;
    }
    rk_groups_free(&groups);
    if (status == RK_OK && drop)
        status = keep_rows(clean, keep);
    free(keep);
    return status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}

enum rk_status clean_duplicates(struct clean *clean)
{
    const struct rk_names *dedupe = &clean->options->dedupe;
    size_t n = dedupe->n > 0 ? dedupe->n : clean->n_columns, index = 0;
    size_t *key;
    enum rk_status status = RK_OK;

    if (dedupe->n == 0 && n < 2) /* values of one column repeat: no fault */
        return RK_OK;
    key = malloc((n + 1) * sizeof *key);
    if (key == NULL)
        return rk_fail_memory(clean->error);
    for (size_t k = 0; status == RK_OK && k < n; k++) {
        if (dedupe->n > 0)
            status = clean_find_column(clean, dedupe->name[k], &index);
        key[k] = dedupe->n > 0 ? index : k;
    }
    if (status == RK_OK)
        status = find_duplicates(clean, key, n);
    free(key);
    return status;
}
