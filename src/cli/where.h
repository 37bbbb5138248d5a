/* --where: the rows that a condition keeps. Private to src/cli. */
#ifndef REPKIT_CLI_WHERE_H
#define REPKIT_CLI_WHERE_H

#include "repkit/csv.h"
#include "repkit/expression.h"

/* Leaves the rows that the condition keeps, maybe none. RK_OK, the failures of rk_predicate,
 * RK_ENOMEM. */
enum rk_status rk_where_keep(const struct rk_node *condition, struct rk_table *table,
                             struct rk_error *error);

/* The same for rows read block by block: `work` is given those that are kept. */
struct rk_where {
    const struct rk_node *condition; /* NULL keeps all */
    const struct rk_row_work *work;
    size_t n_kept;
};
struct rk_row_work rk_where_work(struct rk_where *where);

#endif
