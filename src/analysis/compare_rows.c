/* The rows of a long design: which columns, which rows are complete, what a unit's rows come to. */
#include <math.h>
#include <stdlib.h>

#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/sum.h"

const char *rk_rows_size_column(const struct rk_compare_options *options)
{
    return options->trials != NULL ? options->trials : options->exposure;
}

enum rk_status rk_rows_columns(const struct design *design, const struct rk_table *table,
                               const char *variable, struct columns *c, struct rk_error *error)
{
    const struct rk_compare_options *o = design->options;
    const struct {
        const char *name;
        enum rk_type type;
        size_t *at;
    } wanted[] = {{o->successes != NULL ? o->successes : variable, RK_NUMBER, &c->value},
                  {rk_rows_size_column(o), RK_NUMBER, &c->size},
                  {o->id, RK_TEXT, &c->id},
                  {o->block, RK_TEXT, &c->block},
                  {o->group, RK_TEXT, &c->level},
                  {o->group == NULL ? o->time : NULL, RK_TIME, &c->level}};
    enum rk_status status = RK_OK;

    *c = (struct columns){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; status == RK_OK && i < sizeof wanted / sizeof *wanted; i++)
        if (wanted[i].name != NULL)
            status = rk_column_index(table, wanted[i].name, wanted[i].type, wanted[i].at, error);
    return status;
}

/* Successes are of trials, whole and not more; exposure is not negative. */
static enum rk_status check_size(const struct design *design, const struct rk_table *table,
                                 const struct columns *c, size_t row, struct rk_error *error)
{
    double x = table->column[c->value].number[row], size = table->column[c->size].number[row];

    if (design->options->trials == NULL && size >= 0.0)
        return RK_OK;
    if (design->options->trials != NULL && x >= 0.0 && x <= size && x == floor(x) &&
        size == floor(size))
        return RK_OK;
    if (design->options->trials != NULL)
        rk_fail(error, RK_EINPUT, "%g of %g trials: whole numbers, and no more than the trials", x,
                size);
    else
        rk_fail(error, RK_EINPUT, "an exposure of %g: it is 0 or more", size);
    return rk_fail_at(error, table->name, rk_table_line(table, row),
                      table->column[design->options->trials != NULL ? c->value : c->size].name);
}

enum rk_status rk_rows_complete(const struct design *design, const struct rk_table *table,
                                const struct columns *c, int *level, size_t *n_dropped,
                                struct rk_error *error)
{
    size_t columns[5], n_columns = 0, *rows, n_rows;
    const size_t all[5] = {c->value, c->size, c->id, c->block, c->level};
    enum rk_status status;

    *n_dropped = 0;
    for (size_t i = 0; i < 5; i++)
        if (all[i] != SIZE_MAX)
            columns[n_columns++] = all[i];
    status = rk_complete_rows(table, columns, n_columns, design->options->common.missing, &rows,
                              &n_rows, error);
    if (status != RK_OK)
        return status;
    for (size_t i = 0, k = 0; i < table->n_rows; i++) {
        if (k < n_rows && rows[k] == i) {
            k++;
            if (status == RK_OK && level[i] != NO_LEVEL && c->size != SIZE_MAX)
                status = check_size(design, table, c, i, error);
            continue;
        }
        /* rows of other levels would not have counted anyway */
        *n_dropped += level[i] != NO_LEVEL || rk_table_is_missing(table, i, c->level);
        level[i] = NO_LEVEL;
    }
    free(rows);
    return status;
}

double rk_rows_unit_mean(const struct rk_table *table, const struct columns *c, const int *level,
                         const struct rk_groups *units, size_t g, int wanted, double *buffer)
{
    struct rk_sum size = {0.0, 0.0};
    size_t n = 0;

    for (size_t k = units->start[g]; k < units->start[g + 1]; k++) {
        size_t row = units->rows[k];

        if (level[row] != wanted)
            continue;
        buffer[n++] = table->column[c->value].number[row];
        if (c->size != SIZE_MAX)
            rk_sum_add(&size, table->column[c->size].number[row]);
    }
    if (c->size == SIZE_MAX)
        return rk_moments_of(buffer, n).mean;
    return n > 0 && rk_sum_value(&size) > 0.0 ? rk_moments_of(buffer, n).sum / rk_sum_value(&size)
                                              : NAN;
}
