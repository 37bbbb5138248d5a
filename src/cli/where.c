#include "where.h"

#include <stdlib.h>

enum rk_status rk_where_keep(const struct rk_node *condition, struct rk_table *table,
                             struct rk_error *error)
{
    signed char *verdict = malloc(table->n_rows + 1);
    bool *keep = malloc((table->n_rows + 1) * sizeof *keep);
    enum rk_status status = RK_ENOMEM;

    if (verdict == NULL || keep == NULL) {
        rk_fail_memory(error);
    } else {
        status = rk_predicate(condition, table, verdict, error);
        for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
            keep[i] = verdict[i] > 0;
        if (status == RK_OK && rk_table_keep(table, keep) != RK_OK)
            status = rk_fail_memory(error);
    }
    free(verdict);
    free(keep);
    return status;
}

/* --- block by block --------------------------------------------------------------------------- */

struct part {
    const struct rk_row_work *work;
    void *part; /* the work's */
    size_t n_kept;
};

static void drop(void *data)
{
    struct part *part = data;

    if (part->part != NULL)
        part->work->drop(part->part);
    free(part);
}

static enum rk_status make(void *data, struct rk_table *rows, void **made, struct rk_error *error)
{
    const struct rk_where *where = data;
    struct part *part = calloc(1, sizeof *part);
    enum rk_status status = RK_OK;

    if (part == NULL)
        return rk_fail_memory(error);
    part->work = where->work;
    if (where->condition != NULL)
        status = rk_where_keep(where->condition, rows, error);
    part->n_kept = rows->n_rows;
    if (status == RK_OK && rows->n_rows > 0)
        status = where->work->make(where->work->data, rows, &part->part, error);
    if (status == RK_OK)
        *made = part;
    else
        drop(part);
    return status;
}

static enum rk_status take(void *data, void *made, struct rk_error *error)
{
    struct rk_where *where = data;
    struct part *part = made;
    void *taken = part->part;

    where->n_kept += part->n_kept;
    part->part = NULL;
    drop(part);
    return taken == NULL ? RK_OK : where->work->take(where->work->data, taken, error);
}

struct rk_row_work rk_where_work(struct rk_where *where)
{
    return (struct rk_row_work){where, make, take, drop};
}
