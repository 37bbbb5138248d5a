#include "repkit/cross_moments.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/sum.h"

/* A pivot below this share of its column's sum of squares is rounding. */
static const double NOTHING_LEFT = 1e-28;

static size_t n_products(size_t k)
{
    return k * (k + 1) / 2;
}

static enum rk_status grow(struct rk_cross_moments *m)
{
    size_t capacity = m->capacity == 0 ? 16 : 2 * m->capacity;
    double *n = realloc(m->n, capacity * sizeof *n);
    struct dd *mean, *C;

    if (n == NULL)
        return RK_ENOMEM;
    m->n = n;
    mean = realloc(m->mean, (capacity * m->k + 1) * sizeof *mean);
    if (mean == NULL)
        return RK_ENOMEM;
    m->mean = mean;
    C = realloc(m->C, (capacity * n_products(m->k) + 1) * sizeof *C);
    if (C == NULL)
        return RK_ENOMEM;
    m->C = C;
    m->capacity = capacity;
    return RK_OK;
}

enum rk_status rk_cross_moments_group(struct rk_cross_moments *moments, size_t *group)
{
    size_t g = moments->n_groups, all = n_products(moments->k);

    if (g == moments->capacity && grow(moments) != RK_OK)
        return RK_ENOMEM;
    moments->n[g] = 0.0;
    for (size_t i = 0; i < moments->k; i++)
        moments->mean[g * moments->k + i] = (struct dd){0.0, 0.0};
    for (size_t i = 0; i < all; i++)
        moments->C[g * all + i] = (struct dd){0.0, 0.0};
    moments->n_groups++;
    *group = g;
    return RK_OK;
}

void rk_cross_moments_free(struct rk_cross_moments *moments)
{
    free(moments->n);
    free(moments->mean);
    free(moments->C);
    *moments = (struct rk_cross_moments){0};
}

void rk_cross_moments_merge(struct rk_cross_moments *moments, size_t group, double n,
                            const struct dd *mean, const struct dd *C)
{
    size_t k = moments->k;
    struct dd *own = moments->mean + group * k, *product = moments->C + group * n_products(k);
    double before = moments->n[group], after = before + n;
    struct dd share, both;

    if (!(n > 0.0))
        return;
    share = dd_divide((struct dd){n, 0.0}, (struct dd){after, 0.0});
    both = dd_multiply(share, (struct dd){before, 0.0});
    for (size_t i = 0; i < k; i++) {
        struct dd d = dd_subtract(mean[i], own[i]);

        for (size_t j = 0; j <= i; j++) {
            struct dd e = dd_subtract(mean[j], own[j]), *c = &product[rk_cross_moments_at(i, j)];

            *c = dd_add(*c, C[rk_cross_moments_at(i, j)]);
            if (before > 0.0)
                *c = dd_add(*c, dd_multiply(both, dd_multiply(d, e)));
        }
    }
    for (size_t i = 0; i < k; i++)
        own[i] = before > 0.0 ? dd_add(own[i], dd_multiply(share, dd_subtract(mean[i], own[i])))
                              : mean[i];
    moments->n[group] = after;
}

/* --- from rows ------------------------------------------------------------------------------ */

static struct dd mean_of(const double *x, const size_t *rows, size_t n)
{
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, x[rows[i]]);
    return dd_divide(dd_two_sum(sum.total, sum.lost), (struct dd){(double)n, 0.0});
}

enum rk_status rk_cross_moments_rows(struct rk_cross_moments *moments, size_t group,
                                     const double *X, size_t n_table, const size_t *rows, size_t n)
{
    size_t k = moments->k;
    struct dd *mean = malloc((k + n_products(k) + 1) * sizeof *mean), *C;
    double *d = malloc((n * k + 1) * sizeof *d);

    if (mean == NULL || d == NULL) {
        free(mean);
        free(d);
        return RK_ENOMEM;
    }
    C = mean + k;
    for (size_t j = 0; j < k && n > 0; j++) {
        mean[j] = mean_of(X + j * n_table, rows, n);
        for (size_t i = 0; i < n; i++)
            d[j * n + i] = (X[j * n_table + rows[i]] - mean[j].hi) - mean[j].lo;
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t l = 0; l <= j; l++) {
            struct rk_sum sum = {0.0, 0.0};

            for (size_t i = 0; i < n; i++) {
                struct dd product = dd_two_product(d[j * n + i], d[l * n + i]);

                rk_sum_add(&sum, product.hi);
                sum.lost += product.lo;
            }
            C[rk_cross_moments_at(j, l)] = dd_two_sum(sum.total, sum.lost);
        }
    }
    rk_cross_moments_merge(moments, group, (double)n, mean, C);
    free(mean);
    free(d);
    return RK_OK;
}

/* --- to rows -------------------------------------------------------------------------------- */

/* One column of the root of what is left of C, by the pivot that is largest relative to its
 * column; false where nothing is left. */
static bool next_column(struct dd *left, const double *square, size_t k, double *column)
{
    size_t pivot = 0;
    double largest = NOTHING_LEFT;
    struct dd root;

    for (size_t i = 0; i < k; i++) {
        double share = square[i] > 0.0 ? left[rk_cross_moments_at(i, i)].hi / square[i] : 0.0;

        if (share > largest) {
            largest = share;
            pivot = i;
        }
    }
    if (!(largest > NOTHING_LEFT))
        return false;
    root = dd_sqrt(left[rk_cross_moments_at(pivot, pivot)]);
    for (size_t i = 0; i < k; i++) {
        struct dd x = dd_divide(left[rk_cross_moments_at(i, pivot)], root);

        column[i] = x.hi;
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            struct dd *c = &left[rk_cross_moments_at(i, j)];

            *c = dd_subtract(*c, dd_two_product(column[i], column[j]));
        }
    }
    return true;
}

enum rk_status rk_cross_moments_points(const struct rk_cross_moments *moments, size_t group,
                                       double *X, size_t *n_rows, double *weight)
{
    size_t k = moments->k, all = n_products(k), rank = 0;
    const struct dd *mean = moments->mean + group * k;
    double n = moments->n[group], scale;
    struct dd *left = malloc((all + 1) * sizeof *left);
    double *square = malloc((k + 1) * sizeof *square), *L = malloc((k * k + 1) * sizeof *L);

    if (left == NULL || square == NULL || L == NULL) {
        free(left);
        free(square);
        free(L);
        return RK_ENOMEM;
    }
    memcpy(left, moments->C + group * all, all * sizeof *left);
    for (size_t i = 0; i < k; i++)
        square[i] = left[rk_cross_moments_at(i, i)].hi;
    while (rank < k && n > 1.0 && next_column(left, square, k, L + rank * k))
        rank++;
    *n_rows = rank > 0 ? 2 * rank : n > 1.0 ? 2 : 1;
    *weight = n / (double)*n_rows;
    scale = sqrt((double)rank / n);
    for (size_t r = 0; r < *n_rows; r++) {
        for (size_t i = 0; i < k; i++) {
            double step = rank > 0 ? scale * L[r / 2 * k + i] : 0.0;

            X[r * k + i] = mean[i].hi + (mean[i].lo + (r % 2 == 0 ? step : -step));
        }
    }
    free(left);
    free(square);
    free(L);
    return RK_OK;
}
