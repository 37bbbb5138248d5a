/* The loop over groups: one after another, or some at a time, each part of them filling a result of
 * its own that is then added to the whole in the order of the groups. */
#include <stdlib.h>

#include "repkit/analysis.h"
#include "repkit/parallel.h"

/* Groups that follow one another, held in one slot of the stream. */
struct part {
    size_t first, last; /* from first to last - 1 */
    struct rk_result *result;
    void *tally;
    bool any;                         /* whether a group has succeeded */
    enum rk_status status, undefined; /* undefined: of the last group that failed */
    struct rk_error error;
};

enum { MOST_SLOTS = 16, MOST_GROUPS = 64 };

struct loop {
    const struct rk_table *table;
    const struct rk_common *common;
    const struct rk_group_work *work;
    const size_t *columns;
    struct rk_groups groups;
    const struct rk_ctx *ctx;
    struct rk_ctx alone; /* of a group that is run beside others */
    struct rk_result *result;
    struct part part[MOST_SLOTS];
    size_t next;     /* the first group that is in no part yet */
    struct part all; /* what has been taken */
};

static enum rk_status label_group(const struct loop *loop, size_t row, struct rk_result *result)
{
    struct rk_text cell = {0};
    enum rk_status status = RK_OK;

    rk_names_free(&result->group_labels);
    for (size_t j = 0; status == RK_OK && j < loop->common->by.n; j++) {
        rk_text_clear(&cell);
        rk_text_add(&cell, "");
        rk_table_cell(loop->table, row, loop->columns[j], &cell);
        status = cell.failed ? RK_ENOMEM : rk_names_add(&result->group_labels, cell.bytes);
    }
    rk_text_free(&cell);
    return status;
}

static enum rk_status run_group(const struct loop *loop, size_t g, const struct rk_table *rows,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    size_t used_before = result->rows_used;
    enum rk_status status = rk_cancelled(ctx);

    if (status != RK_OK)
        return status;
    if (label_group(loop, loop->groups.first_row[g], result) != RK_OK)
        return rk_fail_memory(error);
    result->rows_used = 0;
    status = loop->work->run(rows, loop->work->options, ctx, result, error);
    result->rows_used = used_before + (status == RK_OK ? result->rows_used : 0);
    if (rk_status_is_undefined(status))
        rk_result_fail_row(result, status);
    return status;
}

/* The groups of one part, up to the first that fails. */
static void run_part(const struct loop *loop, const struct rk_ctx *ctx, struct rk_result *result,
                     struct part *part)
{
    struct rk_table *rows[MOST_GROUPS];
    size_t n = part->last - part->first;

    part->status =
        rk_table_parts(loop->table, loop->groups.rows, loop->groups.start + part->first, n, rows);
    if (part->status != RK_OK) {
        rk_fail_memory(&part->error);
        return;
    }
    for (size_t k = 0; part->status == RK_OK && k < n; k++) {
        enum rk_status status =
            run_group(loop, part->first + k, rows[k], ctx, result, &part->error);

        part->any = part->any || status == RK_OK;
        if (rk_status_is_undefined(status))
            part->undefined = status;
        else
            part->status = status;
    }
    if (part->status == RK_OK)
        part->status = result->status;
    for (size_t k = 0; k < n; k++)
        rk_table_free(rows[k]);
}

/* --- groups side by side ------------------------------------------------------------------ */

/* What is a part depends on the data alone. */
static enum rk_status next_part(void *data, size_t slot, bool *end)
{
    enum { MOST_ROWS = 1 << 16 };
    struct loop *loop = data;
    const struct rk_groups *groups = &loop->groups;
    size_t most = groups->n_groups / 32, first = loop->next, last = first + 1;

    while (last < groups->n_groups && last - first < most && last - first < MOST_GROUPS &&
           groups->start[last + 1] - groups->start[first] <= MOST_ROWS)
        last++;
    loop->part[slot] = (struct part){.first = first, .last = last};
    loop->next = last;
    *end = last == groups->n_groups;
    return RK_OK;
}

static void work_on_part(void *data, size_t slot)
{
    const struct loop *loop = data;
    struct part *part = &((struct loop *)data)->part[slot];
    struct rk_result *result = rk_result_new();

    part->result = result;
    part->tally = calloc(1, loop->work->tally_size + 1);
    part->status = RK_ENOMEM;
    if (result == NULL || part->tally == NULL)
        return;
    result->tally = part->tally;
    rk_result_group_by(result, &loop->common->by);
    loop->work->declare(result, loop->work->options);
    result->conf_level = loop->common->conf_level;
    if (result->status == RK_OK)
        run_part(loop, &loop->alone, result, part);
}

static void free_part(struct part *part)
{
    rk_result_free(part->result);
    free(part->tally);
    part->result = NULL;
    part->tally = NULL;
}

static void remember_part(struct part *all, const struct part *part)
{
    all->any = all->any || part->any;
    if (part->undefined != RK_OK)
        all->undefined = part->undefined;
    if (part->undefined != RK_OK || part->status != RK_OK)
        all->error = part->error;
    all->status = part->status;
}

static enum rk_status take_part(void *data, size_t slot)
{
    struct loop *loop = data;
    struct part *part = &loop->part[slot];

    if (part->status == RK_OK) {
        rk_result_append(loop->result, part->result);
        part->status = loop->result->status;
    }
    if (part->status == RK_OK && loop->work->add != NULL)
        loop->work->add(loop->work->tally, part->tally);
    if (part->status == RK_ENOMEM)
        rk_fail_memory(&part->error);
    remember_part(&loop->all, part);
    free_part(part);
    if (loop->ctx->progress != NULL)
        loop->ctx->progress(loop->ctx->data, (double)part->last / (double)loop->groups.n_groups);
    return loop->all.status;
}

static enum rk_status run_apart(struct loop *loop)
{
    size_t n_slots = 2 * (size_t)loop->ctx->threads;
    const struct rk_stream stream = {.data = loop,
                                     .n_slots = n_slots < MOST_SLOTS ? n_slots : MOST_SLOTS,
                                     .read = next_part,
                                     .work = work_on_part,
                                     .take = take_part};
    enum rk_status status;

    loop->alone = *loop->ctx;
    loop->alone.threads = 1;
    loop->alone.progress = NULL;
    status = rk_parallel_stream(loop->ctx, &stream);
    for (size_t k = 0; k < MOST_SLOTS; k++) /* those that were not taken */
        free_part(&loop->part[k]);
    return status;
}

/* --- groups one after another --------------------------------------------------------------- */

static enum rk_status run_in_turn(struct loop *loop)
{
    for (size_t g = 0; loop->all.status == RK_OK && g < loop->groups.n_groups; g++) {
        struct part part = {.first = g, .last = g + 1};

        run_part(loop, loop->ctx, loop->result, &part);
        remember_part(&loop->all, &part);
    }
    return loop->all.status;
}

/* --- all groups --------------------------------------------------------------------------- */

/* Few groups are run one after another, each on all threads. */
static enum rk_status run_each(struct loop *loop, bool apart, struct rk_error *error)
{
    enum rk_status status =
        rk_groups_by(loop->table, loop->columns, loop->common->by.n, &loop->groups);
    struct part *all = &loop->all;

    if (status == RK_OK && apart && loop->groups.n_groups >= 4 * (size_t)loop->ctx->threads) {
        status = run_apart(loop);
    } else if (status == RK_OK) {
        status = run_in_turn(loop);
    }
    rk_groups_free(&loop->groups);
    if (error != NULL && all->error.status != RK_OK)
        *error = all->error;
    if (status == RK_OK && !all->any)
        return all->undefined == RK_OK ? RK_ENODATA : all->undefined;
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status run_all(const struct rk_table *table, const struct rk_common *common,
                              const struct rk_group_work *work, bool apart,
                              const struct rk_ctx *ctx, struct rk_result *result,
                              struct rk_error *error)
{
    const struct rk_ctx usual = RK_CTX_DEFAULT;
    size_t *columns = malloc((common->by.n + 1) * sizeof *columns);
    struct loop loop = {.table = table,
                        .common = common,
                        .work = work,
                        .columns = columns,
                        .ctx = ctx != NULL ? ctx : &usual,
                        .result = result};
    enum rk_status status;

    rk_result_group_by(result, &common->by);
    status = columns == NULL || result->status != RK_OK ? rk_fail_memory(error) : RK_OK;
    work->declare(result, work->options);
    result->conf_level = common->conf_level;
    result->tally = work->tally;
    for (size_t j = 0; status == RK_OK && j < common->by.n; j++)
        status = rk_column_index(table, common->by.name[j], RK_TEXT, &columns[j], error);
    if (status == RK_OK && common->by.n == 0)
        status = work->run(table, work->options, ctx, result, error);
    else if (status == RK_OK)
        status = run_each(&loop, apart, error);
    rk_names_free(&result->group_labels);
    result->tally = NULL;
    free(columns);
    if (status == RK_OK && result->status != RK_OK)
        return rk_fail_memory(error);
    return status;
}

enum rk_status rk_run_groups(const struct rk_table *table, const struct rk_common *common,
                             void (*declare)(struct rk_result *result, const void *options),
                             rk_group_fn run, const void *options, const struct rk_ctx *ctx,
                             struct rk_result *result, struct rk_error *error)
{
    const struct rk_group_work work = {.declare = declare, .run = run, .options = options};

    return run_all(table, common, &work, false, ctx, result, error);
}

enum rk_status rk_run_groups_apart(const struct rk_table *table, const struct rk_common *common,
                                   const struct rk_group_work *work, const struct rk_ctx *ctx,
                                   struct rk_result *result, struct rk_error *error)
{
    return run_all(table, common, work, true, ctx, result, error);
}
