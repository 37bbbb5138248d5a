/* The pairs of columns of rep-corr, in one group of rows. */
#ifndef REPKIT_CORR_PAIRS_H
#define REPKIT_CORR_PAIRS_H

#include "repkit/corr.h"

/* One pair of columns and what came of it. */
struct corr_pair {
    size_t x, y; /* columns */
    struct rk_correlation scope[RK_SCOPE_COUNT];
    enum rk_status status[RK_SCOPE_COUNT];
    double within_share; /* of x's variation; NaN where it was not computed */
};

/* What the pairs of one group share. */
struct corr_group {
    const struct rk_table *table;
    const struct rk_corr_options *options;
    size_t id;      /* column, SIZE_MAX for none */
    size_t n_codes; /* of the id column */
    size_t *row;    /* rows complete in all columns; NULL: each pair by itself */
    size_t n_rows;
    struct corr_pair *pair;
    size_t n_pairs;
};

/* Correlates some pairs of the group (data) at all scopes that it has, printed or not: [pooled]
 * compares them. For rk_parallel_blocks. An undefined correlation is the scope's own status. */
enum rk_status corr_pairs_block(void *data, size_t block, size_t first, size_t last);

#endif
