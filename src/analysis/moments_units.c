/* The groups of moments as rows and as samples. */
#include "repkit/moments_units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "moments_parts.h"

/* --- reading -------------------------------------------------------------------------------- */

static enum rk_status fill_table(const struct rk_moments_file *file, const char *name,
                                 struct rk_table *table)
{
    const struct rk_cross_moments *m = &file->moments;
    enum rk_status status = rk_table_add_column(table, name, RK_TEXT, RK_GENERAL);

    for (size_t j = 0; status == RK_OK && j < m->k; j++)
        status = rk_table_add_column(table, file->column.name[j], RK_NUMBER, RK_GENERAL);
    if (status == RK_OK)
        status = rk_table_add_rows(table, m->n_groups);
    for (size_t g = 0; status == RK_OK && g < m->n_groups; g++) {
        status = rk_table_set_text(table, g, 0, rk_dict_label(file->group, (uint32_t)g));
        for (size_t j = 0; j < m->k; j++)
            rk_table_set_number(table, g, j + 1, m->mean[g * m->k + j].hi);
    }
    return status;
}

enum rk_status rk_moments_open(const char *path, const struct rk_csv_options *csv,
                               const struct rk_ctx *ctx, const char *name, const char *where,
                               struct rk_moments_file *file, struct rk_table **table,
                               struct rk_result *result, struct rk_error *error)
{
    struct rk_moments_file made = {0};
    struct rk_table *groups;
    enum rk_status status;

    if (where != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--from-moments has no rows for --where: choose them in rep-moments");
    status = rk_moments_read(path, csv, ctx, &made, error);
    if (status != RK_OK)
        return status;
    groups = rk_table_new(path == NULL ? "moments" : path);
    if (groups == NULL || fill_table(&made, name, groups) != RK_OK) {
        rk_table_free(groups);
        rk_moments_free(&made);
        return rk_fail_memory(error);
    }
    result->rows_read = result->rows_used = (size_t)rk_moments_total(&made);
    *file = made;
    *table = groups;
    return RK_OK;
}

enum rk_status rk_moments_refuse(const struct rk_moments_refusal *refusal, size_t n,
                                 struct rk_error *error)
{
    for (size_t i = 0; i < n; i++)
        if (refusal[i].given)
            return rk_fail(error, RK_EUSAGE, "--from-moments: --%s %s", refusal[i].option,
                           refusal[i].reason);
    return RK_OK;
}

/* The group that a row of such a table, or of some of its rows, stands for. */
static size_t group_of(const struct rk_moments_file *file, const struct rk_table *table, size_t row)
{
    const char *label = rk_table_text(table, row, 0);

    return rk_dict_find(file->group, label, strlen(label));
}

/* --- samples -------------------------------------------------------------------------------- */

static struct rk_moments sample_of(double n, struct dd mean, struct dd squares)
{
    struct rk_moments m = {.n = (size_t)n, .mean = mean.hi + mean.lo, .min = NAN, .max = NAN};

    m.sum = dd_multiply(mean, (struct dd){n, 0.0}).hi;
    m.var = n > 1.0 ? fmax(0.0, squares.hi) / (n - 1.0) : NAN;
    m.sd = sqrt(m.var);
    m.se = m.sd / sqrt(n);
    return m;
}

struct rk_moments rk_moments_sample(const struct rk_cross_moments *moments, size_t group,
                                    size_t column)
{
    size_t k = moments->k;

    return sample_of(moments->n[group], moments->mean[group * k + column],
                     moments->C[group * (k * (k + 1) / 2) + rk_cross_moments_at(column, column)]);
}

struct rk_moments rk_moments_difference(const struct rk_cross_moments *moments, size_t group,
                                        size_t first, size_t second)
{
    size_t k = moments->k;
    const struct dd *mean = moments->mean + group * k;
    const struct dd *C = moments->C + group * (k * (k + 1) / 2);
    struct dd cross = C[rk_cross_moments_at(first, second)];
    struct dd squares =
        dd_add(C[rk_cross_moments_at(first, first)], C[rk_cross_moments_at(second, second)]);

    return sample_of(moments->n[group], dd_subtract(mean[second], mean[first]),
                     dd_subtract(squares, dd_add(cross, cross)));
}

enum rk_status rk_moments_pool(const struct rk_moments_file *file, const struct rk_table *table,
                               struct rk_cross_moments *all, struct rk_cross_moments *within,
                               size_t *n_within)
{
    const struct rk_cross_moments *m = &file->moments;
    size_t k = m->k, products = k * (k + 1) / 2, group;
    struct dd *zero = calloc(k + 1, sizeof *zero);
    enum rk_status status = zero == NULL ? RK_ENOMEM : RK_OK;

    *all = *within = (struct rk_cross_moments){.k = k};
    *n_within = 0;
    if (status == RK_OK)
        status = rk_cross_moments_group(all, &group);
    if (status == RK_OK)
        status = rk_cross_moments_group(within, &group);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        size_t g = group_of(file, table, i);

        rk_cross_moments_merge(all, 0, m->n[g], m->mean + g * k, m->C + g * products);
        if (!(m->n[g] > 1.0))
            continue;
        rk_cross_moments_merge(within, 0, m->n[g], zero, m->C + g * products);
        ++*n_within;
    }
    free(zero);
    return status;
}

/* --- levels --------------------------------------------------------------------------------- */

/* How far a share may be from that of a whole number of rows, and a sum of squares from that of 0
 * and 1, by rounding. */
static const double WHOLE = 1e-6, BINARY = 1e-9;

/* Whether the column is of 0 and 1 in each group: the sum of squares is n p (1 - p). */
static bool is_binary(const struct rk_cross_moments *m, size_t column)
{
    size_t products = m->k * (m->k + 1) / 2;

    for (size_t g = 0; g < m->n_groups; g++) {
        double n = m->n[g], p = m->mean[g * m->k + column].hi;
        double squares = m->C[g * products + rk_cross_moments_at(column, column)].hi;

        if (!(fabs(n * p - round(n * p)) <= WHOLE) || p < -BINARY || p > 1.0 + BINARY ||
            !(fabs(squares - n * p * (1.0 - p)) <= BINARY * fmax(1.0, n * p)))
            return false;
    }
    return true;
}

static enum rk_status add_level(struct rk_moments_split *split, const char *level, size_t column)
{
    split->column[split->level.n] = column;
    return rk_names_add(&split->level, level);
}

/* The levels of a factor: columns that begin with its name and =, but for products. */
static enum rk_status add_levels(const struct rk_moments_file *file, const char *name,
                                 struct rk_moments_split *split)
{
    struct rk_node node = {.kind = RK_NODE_NAME, .text = (char *)(uintptr_t)name};
    struct rk_moment_part part = {&node, ""};
    struct rk_text prefix = {0};
    enum rk_status status = RK_OK;

    rk_moment_name(&part, 1, &prefix);
    if (prefix.failed) {
        rk_text_free(&prefix);
        return RK_ENOMEM;
    }
    for (size_t j = 0; status == RK_OK && j < file->column.n; j++) {
        const char *column = file->column.name[j];

        if (strncmp(column, prefix.bytes, prefix.length) == 0 && is_binary(&file->moments, j) &&
            !rk_moment_is_product(&file->column, column))
            status = add_level(split, column + prefix.length, j);
    }
    rk_text_free(&prefix);
    return status;
}

/* The shares of levels come to 1 in each group. */
static enum rk_status check_shares(const struct rk_moments_file *file, const char *name,
                                   const struct rk_moments_split *split, struct rk_error *error)
{
    const struct rk_cross_moments *m = &file->moments;

    for (size_t g = 0; g < m->n_groups; g++) {
        double sum = 0.0;

        for (size_t l = 0; l < split->level.n; l++)
            sum += m->mean[g * m->k + split->column[l]].hi;
        if (!(fabs(sum - 1.0) <= BINARY))
            return rk_fail(error, RK_EINPUT,
                           "group '%s' has rows with a level of '%s' that the moments do not tell",
                           rk_dict_label(file->group, (uint32_t)g), name);
    }
    return RK_OK;
}

enum rk_status rk_moments_split_new(const struct rk_moments_file *file, const char *name,
                                    struct rk_moments_split *split, struct rk_error *error)
{
    struct rk_moments_split made = {.column = malloc((file->column.n + 2) * sizeof *made.column)};
    size_t at = 0;
    enum rk_status status = made.column == NULL ? RK_ENOMEM : RK_OK;

    while (at < file->column.n && strcmp(file->column.name[at], name) != 0)
        at++;
    if (status == RK_OK && at < file->column.n && is_binary(&file->moments, at)) {
        made.complement = true;
        status = add_level(&made, "0", at);
        if (status == RK_OK)
            status = add_level(&made, "1", at);
    } else if (status == RK_OK && at == file->column.n) {
        status = add_levels(file, name, &made);
    }
    if (status != RK_OK)
        status = rk_fail_memory(error);
    else if (made.level.n == 0 && at < file->column.n)
        status = rk_fail(error, RK_EINPUT,
                         "column '%s' of the moments is not of 0 and 1: add factor(%s) to the "
                         "formula of rep-moments",
                         name, name);
    else if (made.level.n == 0)
        status = rk_no_column(name, &file->column, error);
    else if (!made.complement)
        status = check_shares(file, name, &made, error);
    if (status == RK_OK)
        *split = made;
    else
        rk_moments_split_free(&made);
    return status;
}

void rk_moments_split_free(struct rk_moments_split *split)
{
    rk_names_free(&split->level);
    free(split->column);
    *split = (struct rk_moments_split){0};
}

double rk_moments_split_n(const struct rk_moments_file *file, const struct rk_moments_split *split,
                          size_t group, size_t level)
{
    const struct rk_cross_moments *m = &file->moments;
    double n = m->n[group], at = round(n * m->mean[group * m->k + split->column[level]].hi);

    return split->complement && level == 0 ? n - at : at;
}

double rk_moments_split_mean(const struct rk_moments_file *file,
                             const struct rk_moments_split *split, size_t group, size_t level,
                             size_t column)
{
    const struct rk_cross_moments *m = &file->moments;
    size_t k = m->k;
    double n = rk_moments_split_n(file, split, group, level);
    struct dd cross =
        m->C[group * (k * (k + 1) / 2) + rk_cross_moments_at(column, split->column[level])];

    if (!(n > 0.0))
        return NAN;
    if (split->complement && level == 0)
        cross = dd_negate(cross);
    /* sum over the level = n_level mean + sum (x - mean) (indicator - share) */
    return dd_add(m->mean[group * k + column], dd_divide(cross, (struct dd){n, 0.0})).hi;
}
