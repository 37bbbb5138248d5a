/* Reading the table that rep-moments or one of its queries printed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "moments_parts.h"

enum { GROUP, COL1, COL2, N, MEAN1, MEAN2, C12, N_COLUMNS };

struct reading {
    const struct rk_table *table;
    size_t at[N_COLUMNS];
    struct rk_dict *names; /* of columns, in the order they first stand */
    struct rk_moments_file *file;
    unsigned char *seen; /* a group's products, one after another */
};

static enum rk_status fail_row(const struct reading *r, size_t row, int column,
                               struct rk_error *error, const char *text)
{
    rk_fail(error, RK_EINPUT, "%s", text);
    return rk_fail_at(error, r->table->name, rk_table_line(r->table, row),
                      r->table->column[r->at[column]].name);
}

static const char *text_at(const struct reading *r, size_t row, int column)
{
    return rk_table_text(r->table, row, r->at[column]);
}

static double number_at(const struct reading *r, size_t row, int column)
{
    return r->table->column[r->at[column]].number[row];
}

static uint32_t name_at(const struct reading *r, size_t row, int column)
{
    const char *text = text_at(r, row, column);

    return rk_dict_find(r->names, text, strlen(text));
}

/* Names of columns, groups, and whether all cells can be used. */
static enum rk_status scan(struct reading *r, struct rk_error *error)
{
    struct rk_moments_file *file = r->file;

    for (size_t i = 0; i < r->table->n_rows; i++) {
        double n = number_at(r, i, N);

        for (int c = GROUP; c <= COL2; c++) {
            const char *text = text_at(r, i, c);
            struct rk_dict *dict = c == GROUP ? file->group : r->names;

            if (text == NULL)
                return fail_row(r, i, c, error, "the cell is empty");
            if (rk_dict_code(dict, text, strlen(text)) == RK_NO_CODE)
                return rk_fail_memory(error);
        }
        for (int c = MEAN1; c <= C12; c++)
            if (!isfinite(number_at(r, i, c)))
                return fail_row(r, i, c, error, "the value is missing");
        if (!(n >= 1.0 && n <= 9007199254740992.0 && n == floor(n)))
            return fail_row(r, i, N, error, "n is a number of rows, 1 or more");
    }
    for (uint32_t c = 0; c < rk_dict_size(r->names); c++)
        if (rk_names_add(&file->column, rk_dict_label(r->names, c)) != RK_OK)
            return rk_fail_memory(error);
    file->moments.k = file->column.n;
    for (size_t g = 0; g < rk_dict_size(file->group); g++) {
        size_t group;

        if (rk_cross_moments_group(&file->moments, &group) != RK_OK)
            return rk_fail_memory(error);
    }
    return RK_OK;
}

static enum rk_status put_row(struct reading *r, size_t row, struct rk_error *error)
{
    struct rk_cross_moments *m = &r->file->moments;
    const char *label = text_at(r, row, GROUP);
    size_t g = rk_dict_find(r->file->group, label, strlen(label)), k = m->k;
    size_t all = k * (k + 1) / 2, i = name_at(r, row, COL1), j = name_at(r, row, COL2);
    size_t at = rk_cross_moments_at(i, j);
    double c12 = number_at(r, row, C12), mean;

    if (r->seen[g * all + at])
        return fail_row(r, row, GROUP, error,
                        "a second row of this group and these columns: parts are merged by "
                        "rep-moments --merge A B");
    if (m->n[g] > 0.0 && m->n[g] != number_at(r, row, N))
        return fail_row(r, row, N, error, "n differs between the rows of a group");
    /* A query's is what is left of a difference: of a constant column, rounding. */
    mean = number_at(r, row, MEAN1);
    if (i == j && c12 < 0.0 && c12 >= -1e-24 * number_at(r, row, N) * mean * mean)
        c12 = 0.0;
    if (i == j && c12 < 0.0)
        return fail_row(r, row, C12, error, "a sum of squares is negative");
    r->seen[g * all + at] = 1;
    m->n[g] = number_at(r, row, N);
    m->C[g * all + at] = (struct dd){c12, 0.0};
    m->mean[g * k + i] = (struct dd){number_at(r, row, MEAN1), 0.0};
    m->mean[g * k + j] = (struct dd){number_at(r, row, MEAN2), 0.0};
    return RK_OK;
}

/* Whether each group has all products, but for levels it does not have. */
static enum rk_status check_group(const struct reading *r, size_t g, struct rk_error *error)
{
    const struct rk_names *column = &r->file->column;
    size_t k = column->n;
    const unsigned char *seen = r->seen + g * (k * (k + 1) / 2);

    for (size_t i = 0; i < k; i++) {
        bool has = seen[rk_cross_moments_at(i, i)] != 0;

        if (!has && !moments_is_of_level(column->name[i]))
            return rk_fail(error, RK_EINPUT, "%s: group '%s' has no row of '%s' with itself",
                           r->table->name, rk_dict_label(r->file->group, (uint32_t)g),
                           column->name[i]);
        for (size_t j = 0; has && j < i; j++)
            if (seen[rk_cross_moments_at(j, j)] && !seen[rk_cross_moments_at(i, j)])
                return rk_fail(error, RK_EINPUT, "%s: group '%s' has no row of '%s' and '%s'",
                               r->table->name, rk_dict_label(r->file->group, (uint32_t)g),
                               column->name[j], column->name[i]);
    }
    return RK_OK;
}

static enum rk_status take(struct reading *r, struct rk_error *error)
{
    static const char *const names[] = {"group", "col1", "col2", "n", "mean1", "mean2", "c12"};
    size_t all;
    enum rk_status status = RK_OK;

    for (int c = 0; c < N_COLUMNS && status == RK_OK; c++)
        status =
            rk_column_index(r->table, names[c], c <= COL2 ? RK_TEXT : RK_NUMBER, &r->at[c], error);
    r->names = rk_dict_new();
    r->file->group = rk_dict_new();
    if (status == RK_OK && (r->names == NULL || r->file->group == NULL))
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = scan(r, error);
    if (status != RK_OK)
        return status;
    all = r->file->column.n * (r->file->column.n + 1) / 2;
    r->seen = calloc(all * r->file->moments.n_groups + 1, 1);
    if (r->seen == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->table->n_rows && status == RK_OK; i++)
        status = put_row(r, i, error);
    for (size_t g = 0; g < r->file->moments.n_groups && status == RK_OK; g++)
        status = check_group(r, g, error);
    return status;
}

static enum rk_status add_wants(struct rk_wants *wants)
{
    static const char *const labels[] = {"group", "col1", "col2"};
    static const char *const numbers[] = {"n", "mean1", "mean2", "c12"};
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < 3 && status == RK_OK; i++)
        status = rk_wants_add(wants, labels[i], RK_AS_LABEL);
    for (size_t i = 0; i < 4 && status == RK_OK; i++)
        status = rk_wants_add(wants, numbers[i], RK_AS_NUMBER);
    return status;
}

enum rk_status rk_moments_read(const char *path, const struct rk_csv_options *csv,
                               const struct rk_ctx *ctx, struct rk_moments_file *file,
                               struct rk_error *error)
{
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    struct rk_moments_file made = {0};
    struct reading reading = {.file = &made};
    enum rk_status status = add_wants(&wants);

    status = status != RK_OK ? rk_fail_memory(error)
                             : rk_csv_read(path, &wants, csv, ctx, &table, error);
    rk_wants_free(&wants);
    if (status != RK_OK)
        return status;
    reading.table = table;
    status = take(&reading, error);
    rk_dict_free(reading.names);
    free(reading.seen);
    rk_table_free(table);
    if (status == RK_OK)
        *file = made;
    else
        rk_moments_free(&made);
    return status;
}
