/* --from-moments of the tools that take no formula: the groups of moments as rows of a table, and
 * as samples of which only size, mean and sums of squares are known. */
#ifndef REPKIT_MOMENTS_UNITS_H
#define REPKIT_MOMENTS_UNITS_H

#include "repkit/moments.h"
#include "repkit/moments_file.h"

/* Reads the moments that a tool is to start from. `name` is what their groups are called: a column
 * of the table, which has a row for each group: its label, then its mean of each column of the
 * moments, in their order. where: the tool's --where, which is refused. result: rows_read is set.
 * Both outputs are the caller's. RK_OK; RK_EUSAGE; the failures of rk_moments_read; both outputs
 * unchanged on failure. */
enum rk_status rk_moments_open(const char *path, const struct rk_csv_options *csv,
                               const struct rk_ctx *ctx, const char *name, const char *where,
                               struct rk_moments_file *file, struct rk_table **table,
                               struct rk_result *result, struct rk_error *error);

/* What a tool does not do from moments: the option (without its dashes) if it is given. */
struct rk_moments_refusal {
    bool given;
    const char *option, *reason;
};
/* RK_EUSAGE with the reason for the first one given. */
enum rk_status rk_moments_refuse(const struct rk_moments_refusal *refusal, size_t n,
                                 struct rk_error *error);
/* The reasons most of them have. */
#define RK_NEEDS_ROWS "needs the values of single rows, which means and products do not keep"
#define RK_NEEDS_ORDER "needs the values in order, which means and products do not keep"
#define RK_NEEDS_TIME "needs rows in their order in time, which moments do not keep"

/* The column of the moments that a column of such a table has the means of. */
static inline size_t rk_moments_column_of(size_t column)
{
    return column - 1;
}

/* One column in one group: size, sum, mean, variance; min and max are NaN. This function can't
 * fail. */
struct rk_moments rk_moments_sample(const struct rk_cross_moments *moments, size_t group,
                                    size_t column);
/* The difference of two columns, the second less the first, row by row. */
struct rk_moments rk_moments_difference(const struct rk_cross_moments *moments, size_t group,
                                        size_t first, size_t second);

/* All rows of the table's groups as one group, and in `within` what is left of them once the means
 * of the groups are taken out: means 0, without groups of one row. *n_within: how many have more.
 * Both are freed by rk_cross_moments_free, also after a failure. RK_OK or RK_ENOMEM. */
enum rk_status rk_moments_pool(const struct rk_moments_file *file, const struct rk_table *table,
                               struct rk_cross_moments *all, struct rk_cross_moments *within,
                               size_t *n_within);

/* How a column divides the rows of a group: a column of 0 and 1, or the columns of a factor's
 * levels, `crm=yes`. */
struct rk_moments_split {
    struct rk_names level;
    size_t *column;  /* a level's own; of the level 0 of a column of 0 and 1: that column */
    bool complement; /* level 0 is where the column is not 1 */
};
/* RK_OK; RK_EINPUT (no such column, or of other values); RK_ENOMEM. */
enum rk_status rk_moments_split_new(const struct rk_moments_file *file, const char *name,
                                    struct rk_moments_split *split, struct rk_error *error);
void rk_moments_split_free(struct rk_moments_split *split);
/* How many rows of the group are at the level. */
double rk_moments_split_n(const struct rk_moments_file *file, const struct rk_moments_split *split,
                          size_t group, size_t level);
/* The mean of a column over them; NaN without any. */
double rk_moments_split_mean(const struct rk_moments_file *file,
                             const struct rk_moments_split *split, size_t group, size_t level,
                             size_t column);

#endif
