#include "repkit/cross_moments.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lanes.h"

/* A pivot below this share of its column's sum of squares is rounding. */
static const double NOTHING_LEFT = 1e-28;

static size_t n_products(size_t k)
{
    return k * (k + 1) / 2;
}

enum rk_status rk_cross_moments_reserve(struct rk_cross_moments *m, size_t capacity)
{
    double *n;
    struct dd *mean, *C;

    if (capacity <= m->capacity)
        return RK_OK;
    n = realloc(m->n, capacity * sizeof *n);
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

    if (g == moments->capacity && rk_cross_moments_reserve(moments, g == 0 ? 16 : 2 * g) != RK_OK)
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

/* What is lost is small beside the larger of the two. */
static inline struct dd plus(struct dd a, struct dd b)
{
    struct dd sum = dd_two_sum(a.hi, b.hi);

    return dd_fast_two_sum(sum.hi, sum.lo + (a.lo + b.lo));
}

/* A group without rows takes over what the part says. */
static void take_over(struct rk_cross_moments *moments, size_t group, double n,
                      const struct dd *mean, const struct dd *C)
{
    size_t k = moments->k, all = n_products(k);

    memcpy(moments->mean + group * k, mean, k * sizeof *mean);
    memcpy(moments->C + group * all, C, all * sizeof *C);
    moments->n[group] = n;
}

/* a / b of whole numbers, of which double division alone would keep half the digits. */
static struct dd ratio(double a, double b)
{
    double q = a / b;
    struct dd p = dd_two_product(q, b);

    return dd_fast_two_sum(q, ((a - p.hi) - p.lo) / b);
}

/* The products of a part, own[] holding the differences of the means. */
static void merge_products(struct dd *product, size_t k, struct dd both, const struct dd *own,
                           const struct dd *C)
{
    for (size_t i = 0; i < k; i++) {
        struct dd d = dd_multiply(both, own[i]);

        for (size_t j = 0; j <= i; j++, product++, C++)
            *product = plus(plus(*product, *C), dd_multiply(d, own[j]));
    }
}

/* The same, where the part's products have but 15 digits. */
static void merge_plain_products(struct dd *product, size_t k, struct dd both, const struct dd *own,
                                 const struct dd *C)
{
    for (size_t i = 0; i < k; i++) {
        double d = both.hi * own[i].hi;

        for (size_t j = 0; j <= i; j++, product++, C++) {
            struct dd sum = dd_two_sum(product->hi, C->hi + d * own[j].hi);

            *product = (struct dd){sum.hi, sum.lo + product->lo};
        }
    }
}

void rk_cross_moments_merge(struct rk_cross_moments *moments, size_t group, double n,
                            const struct dd *mean, const struct dd *C)
{
    size_t k = moments->k;
    struct dd *own = moments->mean + group * k, *product = moments->C + group * n_products(k);
    double before = moments->n[group], after = before + n;
    struct dd rest, both;

    if (!(n > 0.0))
        return;
    if (!(before > 0.0)) {
        take_over(moments, group, n, mean, C);
        return;
    }
    rest = ratio(before, after);
    both = dd_multiply(rest, (struct dd){n, 0.0});
    for (size_t i = 0; i < k; i++) /* the differences, until the products are there */
        own[i] = dd_subtract(mean[i], own[i]);
    if (moments->plain)
        merge_plain_products(product, k, both, own, C);
    else
        merge_products(product, k, both, own, C);
    for (size_t i = 0; i < k; i++)
        own[i] = dd_subtract(mean[i], dd_multiply(rest, own[i]));
    moments->n[group] = after;
}

/* --- from rows ------------------------------------------------------------------------------ */

/* Columns go in pairs, so a row of an odd number of them has a 0 at its end. */
static size_t even(size_t k)
{
    return k + k % 2;
}

/* What is made of the rows of one group. */
struct gathered {
    size_t k, width;        /* columns; the same made even */
    double *x;              /* row after row, of width numbers */
    double *high, *low;     /* width: the two halves of a row's bits */
    struct rk_lane_sum *at; /* sums of each pair of columns, or of each pair of products */
    rk_lanes *run;          /* of each pair of products: sums of a few rows */
    struct dd *mean, *C;    /* k, and their products */
};

static bool gather_new(struct gathered *g, size_t k, size_t most_rows)
{
    size_t width = even(k), n_pairs = (width + 2) * width / 4;

    *g = (struct gathered){.k = k, .width = width};
    g->x = malloc(((most_rows + 2) * width + 1) * sizeof *g->x);
    g->at = calloc(n_pairs + 1, sizeof *g->at);
    g->run = malloc((n_pairs + 1) * sizeof *g->run);
    g->mean = malloc((k + n_products(k) + 1) * sizeof *g->mean);
    if (g->x == NULL || g->at == NULL || g->run == NULL || g->mean == NULL)
        return false;
    g->high = g->x + most_rows * width;
    g->low = g->high + width;
    g->C = g->mean + k;
    return true;
}

static void gather_free(struct gathered *g)
{
    free(g->x);
    free(g->at);
    free(g->run);
    free(g->mean);
}

static struct dd lane_value(const struct rk_lane_sum *sum, size_t lane)
{
    return dd_two_sum(sum->total[lane], sum->lost[lane]);
}

/* Copies the rows and finds their means. */
static void take_means(struct gathered *g, const double *X, size_t n_table, const size_t *rows,
                       size_t n)
{
    const struct dd share = ratio(1.0, (double)n);

    for (size_t p = 0; p < g->width / 2; p++)
        g->at[p] = (struct rk_lane_sum){{0.0, 0.0}, {0.0, 0.0}};
    for (size_t i = 0; i < n; i++) {
        double *x = g->x + i * g->width;

        if (g->width > g->k)
            x[g->k] = 0.0;
        for (size_t j = 0; j < g->k; j++)
            x[j] = X[j * n_table + rows[i]];
        for (size_t p = 0; p < g->width / 2; p++)
            rk_lanes_add(&g->at[p], rk_lanes_at(x + 2 * p));
    }
    for (size_t j = 0; j < g->k; j++)
        g->mean[j] = dd_multiply(lane_value(&g->at[j / 2], j % 2), share);
}

/* The halves of each number, whose products are exact (Dekker). */
static void split_row(const struct gathered *g, double *x)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */

    for (size_t j = 0; j < g->width; j++) {
        double d = j < g->k ? (x[j] - g->mean[j].hi) - g->mean[j].lo : 0.0, t = splitter * d;

        x[j] = d;
        g->high[j] = t - (t - d);
        g->low[j] = d - g->high[j];
    }
}

static void keep_products(struct gathered *g)
{
    for (size_t j = 0, p = 0; j < g->k; p += j / 2 + 1, j++)
        for (size_t l = 0; l <= j; l++)
            g->C[rk_cross_moments_at(j, l)] = lane_value(&g->at[p + l / 2], l % 2);
}

/* Exact products of the deviations, added without loss: a pair at a time. */
static void take_products(struct gathered *g, size_t n)
{
    for (size_t p = 0; p < (g->width + 2) * g->width / 4; p++)
        g->at[p] = (struct rk_lane_sum){{0.0, 0.0}, {0.0, 0.0}};
    for (size_t i = 0; i < n; i++) {
        double *x = g->x + i * g->width;
        struct rk_lane_sum *sum = g->at;

        split_row(g, x);
        for (size_t j = 0; j < g->k; j++) {
            for (size_t l = 0; l <= j; l += 2, sum++) {
                rk_lanes bh = rk_lanes_at(g->high + l), bl = rk_lanes_at(g->low + l);
                rk_lanes product = x[j] * rk_lanes_at(x + l);

                rk_lanes_add(sum, product);
                sum->lost += ((g->high[j] * bh - product) + g->high[j] * bl + g->low[j] * bh) +
                             g->low[j] * bl;
            }
        }
    }
    keep_products(g);
}

enum { RUN = 64 };

/* Products in doubles, added up without loss every so many rows. */
static void take_plain_products(struct gathered *g, size_t n)
{
    size_t n_pairs = (g->width + 2) * g->width / 4;

    for (size_t p = 0; p < n_pairs; p++)
        g->at[p] = (struct rk_lane_sum){{0.0, 0.0}, {0.0, 0.0}};
    for (size_t start = 0; start < n; start += RUN) {
        size_t end = start + RUN < n ? start + RUN : n;

        memset(g->run, 0, n_pairs * sizeof *g->run);
        for (size_t i = start; i < end; i++) {
            double *x = g->x + i * g->width;
            rk_lanes *sum = g->run;

            for (size_t j = 0; j < g->k; j++)
                x[j] = (x[j] - g->mean[j].hi) - g->mean[j].lo;
            for (size_t j = 0; j < g->k; j++)
                for (size_t l = 0; l <= j; l += 2, sum++)
                    *sum += x[j] * rk_lanes_at(x + l);
        }
        for (size_t p = 0; p < n_pairs; p++)
            rk_lanes_add(&g->at[p], g->run[p]);
    }
    keep_products(g);
}

enum rk_status rk_cross_moments_lists(struct rk_cross_moments *moments, const size_t *group,
                                      size_t n_lists, const double *X, size_t n_table,
                                      const size_t *rows, const size_t *start)
{
    struct gathered g;
    size_t most = 0;
    bool enough;

    for (size_t l = 0; l < n_lists; l++)
        most = start[l + 1] - start[l] > most ? start[l + 1] - start[l] : most;
    enough = gather_new(&g, moments->k, most);
    for (size_t l = 0; enough && l < n_lists; l++) {
        size_t n = start[l + 1] - start[l];

        if (n == 0)
            continue;
        take_means(&g, X, n_table, rows + start[l], n);
        if (moments->plain)
            take_plain_products(&g, n);
        else
            take_products(&g, n);
        rk_cross_moments_merge(moments, group[l], (double)n, g.mean, g.C);
    }
    gather_free(&g);
    return enough ? RK_OK : RK_ENOMEM;
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
