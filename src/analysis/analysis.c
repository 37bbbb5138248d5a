/* What analyses share: groups, complete rows, columns by name. */
#include "repkit/analysis.h"

#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"

enum rk_status rk_column_index(const struct rk_table *table, const char *name, enum rk_type type,
                               size_t *index, struct rk_error *error)
{
    size_t found = rk_table_find_typed(table, name, type);
    struct rk_names names = {0};
    enum rk_status status = RK_OK;

    if (found != SIZE_MAX) {
        *index = found;
        return RK_OK;
    }
    if (rk_table_find(table, name) != SIZE_MAX) {
        rk_fail(error, RK_EINPUT, type == RK_TEXT ? "is not text" : "is not a column of numbers");
        return rk_fail_at(error, table->name, 0, name);
    }
    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++)
        status = rk_names_add(&names, table->column[j].name);
    status = status == RK_OK ? rk_no_column(name, &names, error) : rk_fail_memory(error);
    rk_names_free(&names);
    rk_fail_at(error, table->name, 0, NULL);
    return status;
}

enum rk_status rk_number_columns(const struct rk_table *table, size_t **columns, size_t *n)
{
    size_t *found = malloc((table->n_columns + 1) * sizeof *found);

    if (found == NULL)
        return RK_ENOMEM;
    *n = 0;
    for (size_t j = 0; j < table->n_columns; j++)
        if (table->column[j].type == RK_NUMBER &&
            rk_table_find_typed(table, table->column[j].name, RK_NUMBER) == j)
            found[(*n)++] = j;
    *columns = found;
    return RK_OK;
}

static size_t first_missing(const struct rk_table *table, size_t row, const size_t *columns,
                            size_t n_columns)
{
    for (size_t j = 0; j < n_columns; j++)
        if (rk_table_is_missing(table, row, columns[j]))
            return j;
    return n_columns;
}

enum rk_status rk_complete_rows(const struct rk_table *table, const size_t *columns,
                                size_t n_columns, int missing, size_t **rows, size_t *n_rows,
                                struct rk_error *error)
{
    size_t *kept = malloc((table->n_rows + 1) * sizeof *kept);
    size_t n = 0;

    if (kept == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < table->n_rows; i++) {
        size_t j = first_missing(table, i, columns, n_columns);

        if (j == n_columns) {
            kept[n++] = i;
        } else if (missing == RK_MISSING_ERROR) {
            free(kept);
            rk_fail(error, RK_EINPUT, "the value is missing (--missing error)");
            return rk_fail_at(error, table->name, rk_table_line(table, i),
                              table->column[columns[j]].name);
        }
    }
    *rows = kept;
    *n_rows = n;
    return RK_OK;
}

enum rk_status rk_adjust_column(struct rk_table *table, size_t from, size_t to, int method)
{
    return rk_p_adjust(table->column[from].number, table->n_rows, method, table->column[to].number);
}

/* --- groups ------------------------------------------------------------------------------- */

static enum rk_status label_group(const struct rk_table *table, const size_t *columns,
                                  size_t n_columns, size_t row, struct rk_result *result)
{
    struct rk_text cell = {0};
    enum rk_status status = RK_OK;

    rk_names_free(&result->group_labels);
    for (size_t j = 0; status == RK_OK && j < n_columns; j++) {
        rk_text_clear(&cell);
        rk_text_add(&cell, "");
        rk_table_cell(table, row, columns[j], &cell);
        status = cell.failed ? RK_ENOMEM : rk_names_add(&result->group_labels, cell.bytes);
    }
    rk_text_free(&cell);
    return status;
}

/* Groups whose rows are gathered at once, before each is run in its turn. */
struct batch {
    const struct rk_table *table;
    const struct rk_groups *groups;
    size_t first, last; /* from first to last - 1 */
    struct rk_table *part[256];
};

static enum rk_status gather_group(void *data, size_t block, size_t first, size_t last)
{
    struct batch *batch = data;
    const struct rk_groups *groups = batch->groups;
    size_t g = batch->first + block;

    (void)first, (void)last;
    batch->part[block] = rk_table_rows(batch->table, groups->rows + groups->start[g],
                                       groups->start[g + 1] - groups->start[g]);
    return batch->part[block] == NULL ? RK_ENOMEM : RK_OK;
}

static void free_batch(struct batch *batch)
{
    for (size_t k = 0; k < batch->last - batch->first; k++) {
        rk_table_free(batch->part[k]);
        batch->part[k] = NULL;
    }
}

/* As many further groups as are worth gathering together. */
static enum rk_status next_batch(struct batch *batch, const struct rk_ctx *ctx)
{
    enum { MOST_GROUPS = 256, MOST_ROWS = 1 << 18, WORTH_THREADS = 1 << 15 };
    const size_t *start = batch->groups->start;
    struct rk_ctx quiet = ctx != NULL ? *ctx : (struct rk_ctx)RK_CTX_DEFAULT;
    size_t first = batch->last, last = first + 1;

    free_batch(batch);
    while (last < batch->groups->n_groups && last - first < MOST_GROUPS &&
           start[last + 1] - start[first] <= MOST_ROWS)
        last++;
    batch->first = first;
    batch->last = last;
    quiet.progress = NULL;
    if (start[last] - start[first] < WORTH_THREADS)
        quiet.threads = 1;
    return rk_parallel_blocks(&quiet, last - first, 1, gather_group, batch);
}

static enum rk_status run_group(struct batch *batch, size_t g, rk_group_fn run, const void *options,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (g == batch->last)
        status = next_batch(batch, ctx);
    if (status != RK_OK)
        return status == RK_ENOMEM ? rk_fail_memory(error)
                                   : rk_fail(error, status, "%s", rk_status_words(status));
    status = run(batch->part[g - batch->first], options, ctx, result, error);
    if (rk_status_is_undefined(status))
        rk_result_fail_row(result, status);
    return status;
}

static enum rk_status run_each(const struct rk_table *table, const size_t *columns,
                               size_t n_columns, rk_group_fn run, const void *options,
                               const struct rk_ctx *ctx, struct rk_result *result,
                               struct rk_error *error)
{
    struct rk_groups groups = {0};
    enum rk_status status = rk_groups_by(table, columns, n_columns, &groups);
    enum rk_status last_undefined = RK_ENODATA;
    struct batch batch = {.table = table, .groups = &groups};
    bool any = false;

    for (size_t g = 0; status == RK_OK && g < groups.n_groups; g++) {
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = label_group(table, columns, n_columns, groups.first_row[g], result);
        if (status == RK_OK)
            status = run_group(&batch, g, run, options, ctx, result, error);
        any = any || status == RK_OK;
        if (rk_status_is_undefined(status)) {
            last_undefined = status;
            status = RK_OK;
        }
    }
    free_batch(&batch);
    rk_groups_free(&groups);
    if (status == RK_OK && !any)
        return last_undefined;
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

enum rk_status rk_run_groups(const struct rk_table *table, const struct rk_common *common,
                             void (*declare)(struct rk_result *result, const void *options),
                             rk_group_fn run, const void *options, const struct rk_ctx *ctx,
                             struct rk_result *result, struct rk_error *error)
{
    size_t *columns = malloc((common->by.n + 1) * sizeof *columns);
    enum rk_status status = columns == NULL ? rk_fail_memory(error) : RK_OK;

    rk_result_group_by(result, &common->by);
    declare(result, options);
    result->conf_level = common->conf_level;
    for (size_t j = 0; status == RK_OK && j < common->by.n; j++)
        status = rk_column_index(table, common->by.name[j], RK_TEXT, &columns[j], error);
    if (status == RK_OK && common->by.n == 0)
        status = run(table, options, ctx, result, error);
    else if (status == RK_OK)
        status = run_each(table, columns, common->by.n, run, options, ctx, result, error);
    rk_names_free(&result->group_labels);
    free(columns);
    if (status == RK_OK && result->status != RK_OK)
        return rk_fail_memory(error);
    return status;
}
