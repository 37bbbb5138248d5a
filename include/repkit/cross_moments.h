/* Means and centred cross-products by group: what least squares, variances and correlations need of
 * any number of rows. Parts are merged pairwise, in double-double arithmetic. */
#ifndef REPKIT_CROSS_MOMENTS_H
#define REPKIT_CROSS_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/double_double.h"
#include "repkit/status.h"

struct rk_cross_moments {
    size_t k;   /* columns */
    bool plain; /* products of rows are rounded before they are added, which costs the
                   last digit and takes a fifth of the time */
    size_t n_groups, capacity; /* groups are numbered from 0 in the order they were added */
    double *n;                 /* rows of each group */
    struct dd *mean;           /* k a group, in the units of the columns */
    struct dd *C;              /* k (k + 1) / 2 a group: sum (x_i - mean_i) (x_j - mean_j), j <= i,
                                  see rk_cross_moments_at */
};

/* Where the product of columns i and j stands among those of a group. This function can't fail. */
static inline size_t rk_cross_moments_at(size_t i, size_t j)
{
    return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/* Adds a group without rows, with the number *group. *moments starts as {.k = columns} and is freed
 * by rk_cross_moments_free, also after a failure. RK_OK or RK_ENOMEM. */
enum rk_status rk_cross_moments_group(struct rk_cross_moments *moments, size_t *group);
/* Room for that many groups in all, without adding any. RK_OK or RK_ENOMEM. */
enum rk_status rk_cross_moments_reserve(struct rk_cross_moments *moments, size_t capacity);
void rk_cross_moments_free(struct rk_cross_moments *moments);

/* Adds to a group what a part of its rows, or another part's moments, say:
 *   d = mean_b - mean_a,  n = n_a + n_b,
 *   mean = mean_a + d n_b / n,  C = C_a + C_b + d d' n_a n_b / n
 * mean, C   k, and k (k + 1) / 2 numbers of the part; finite
 * This function can't fail.
 * Source: Chan, Golub and LeVeque (1983), The American Statistician 37. */
void rk_cross_moments_merge(struct rk_cross_moments *moments, size_t group, double n,
                            const struct dd *mean, const struct dd *C);

/* Adds lists of rows to groups: their moments in two passes with compensated sums, then merged.
 * X      column after column, X[j * n_table + row], finite
 * rows   list after list: list l, rows[start[l]] .. rows[start[l+1]-1], is added to group[l]
 * start  n_lists + 1 places
 * RK_OK or RK_ENOMEM. In R: colMeans(x); crossprod(scale(x, scale = FALSE)). */
enum rk_status rk_cross_moments_lists(struct rk_cross_moments *moments, const size_t *group,
                                      size_t n_lists, const double *X, size_t n_table,
                                      const size_t *rows, const size_t *start);

/* Rows with weights of their own that have these moments: for each of the r columns of a root L of
 * C = L L', the points mean + s l and mean - s l of weight n / (2 r), s = sqrt(r / n); the mean
 * alone, twice, where nothing varies, and once where n = 1. Whatever least squares reads of rows by
 * sums of squares and products within the group is the same.
 * X        room for 2 k rows (or 2, if k is 0) of k values, row after row
 * *n_rows  how many there are
 * *weight  of each
 * RK_OK or RK_ENOMEM. */
enum rk_status rk_cross_moments_points(const struct rk_cross_moments *moments, size_t group,
                                       double *X, size_t *n_rows, double *weight);

#endif
