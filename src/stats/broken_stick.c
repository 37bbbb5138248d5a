/* Curves from cross-products by item: a resample is a weighted sum of what was computed once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/band_stats.h"
#include "small_cholesky.h"

/* For each item
 *   base      products of all pairs of Z, x, extra, y: lower triangle, row after row
 *   segments  for each node the products of its segment with Z, x, y, itself and the next one */
struct rk_curve_sums {
    size_t n_items, q, s, m;
    size_t c, n_base, n_segment; /* columns; numbers in base and for a node */
    double *base, *segment, *node;
};

/* --- summing ------------------------------------------------------------------------------- */

static const double *column_of(const struct rk_curve_data *data, size_t j)
{
    if (j < data->q)
        return data->Z + j * data->n;
    j -= data->q;
    if (j == 0)
        return data->x;
    return j <= data->s ? data->extra + (j - 1) * data->n : data->y;
}

static void add_products(const double *a, const double *b, const struct rk_curve_data *data,
                         size_t stride, double *sum)
{
    for (size_t i = 0; i < data->n; i++)
        sum[(data->item != NULL ? data->item[i] : 0) * stride] += a[i] * b[i];
}

static void add_up(const struct rk_curve_data *data, struct rk_curve_sums *sums)
{
    size_t q = data->q, at = 0, stride = data->m * sums->n_segment;

    for (size_t i = 0; i < sums->c; i++)
        for (size_t j = 0; j <= i; j++)
            add_products(column_of(data, i), column_of(data, j), data, sums->n_base,
                         sums->base + at++);
    for (size_t j = 0; j < data->m; j++) {
        const double *own = data->segment + j * data->n;
        double *sum = sums->segment + j * sums->n_segment;

        for (size_t k = 0; k <= q; k++) /* Z and x */
            add_products(own, column_of(data, k), data, stride, sum + k);
        add_products(own, data->y, data, stride, sum + q + 1);
        add_products(own, own, data, stride, sum + q + 2);
        if (j + 1 < data->m)
            add_products(own, own + data->n, data, stride, sum + q + 3);
    }
}

enum rk_status rk_curve_sums_new(const struct rk_curve_data *data, struct rk_curve_sums **sums)
{
    struct rk_curve_sums *made = calloc(1, sizeof *made);

    if (made == NULL)
        return RK_ENOMEM;
    made->n_items = data->item != NULL ? data->n_items : 1;
    made->q = data->q;
    made->s = data->s;
    made->m = data->m;
    made->c = data->q + data->s + 2;
    made->n_base = made->c * (made->c + 1) / 2;
    made->n_segment = data->q + 4;
    made->base = calloc(made->n_items * made->n_base + 1, sizeof *made->base);
    made->segment = calloc(made->n_items * made->m * made->n_segment + 1, sizeof *made->segment);
    made->node = malloc((made->m + 1) * sizeof *made->node);
    if (made->base == NULL || made->segment == NULL || made->node == NULL) {
        rk_curve_sums_free(made);
        return RK_ENOMEM;
    }
    if (data->m > 0)
        memcpy(made->node, data->node, data->m * sizeof *made->node);
    add_up(data, made);
    *sums = made;
    return RK_OK;
}

void rk_curve_sums_free(struct rk_curve_sums *sums)
{
    if (sums == NULL)
        return;
    free(sums->base);
    free(sums->segment);
    free(sums->node);
    free(sums);
}

/* The sum over items of `n` numbers each, an item counted so often. */
static void total(const double *part, size_t n, size_t n_items, const uint32_t *count, double *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t g = 0; g < n_items; g++) {
        double times = count != NULL ? (double)count[g] : 1.0;

        for (size_t j = 0; times > 0.0 && j < n; j++)
            out[j] += times * part[g * n + j];
    }
}

static double product(const double *base, size_t i, size_t j)
{
    return i >= j ? base[i * (i + 1) / 2 + j] : base[j * (j + 1) / 2 + i];
}

/* --- least squares ------------------------------------------------------------------------- */

enum rk_status rk_curve_fit(const struct rk_curve_sums *sums, const uint32_t *count, size_t first,
                            size_t n, double *coef)
{
    size_t q = sums->q, k = q + 1 + n, y = sums->c - 1;
    double *work = calloc(sums->n_base + k * k + k, sizeof *work), *L, *b;
    bool solved = false;

    if (work == NULL)
        return RK_ENOMEM;
    L = work + sums->n_base;
    b = L + k * k;
    total(sums->base, sums->n_base, sums->n_items, count, work);
    for (size_t i = 0; i < k; i++) {
        size_t row = i <= q ? i : i + first;

        for (size_t j = 0; j <= i; j++)
            L[i * k + j] = product(work, row, j <= q ? j : j + first);
        b[i] = product(work, row, y);
    }
    if (small_cholesky(L, k)) {
        small_forward(L, k, b);
        small_backward(L, k, b);
        memcpy(coef, b + q, (1 + n) * sizeof *coef);
        solved = true;
    }
    free(work);
    return solved ? RK_OK : RK_ESINGULAR;
}

/* --- knots --------------------------------------------------------------------------------- */

/* What is left of a node's column (the segment of a kink, min(x, node) of a plateau) when the
 * other columns have been taken out: its products with y, itself and the next node's. */
struct left {
    double y, own, next, scale;
};

struct search {
    const struct rk_curve_sums *sums;
    enum rk_knot_kind kind;
    size_t k;           /* columns taken out: Z, and x for a kink */
    double *base, *sum; /* totals */
    double *L, *wy;     /* of the columns taken out; L^-1 W'y */
    double *v;          /* m-by-k: L^-1 W'column */
    double rest;        /* what they leave of y */
};

static double with_other(const struct search *s, size_t node, size_t column)
{
    const double *own = s->sum + node * s->sums->n_segment;

    if (s->kind == RK_KNOT_KINK)
        return own[column];
    return product(s->base, s->sums->q, column) - own[column];
}

static struct left left_of(const struct search *s, size_t j)
{
    size_t q = s->sums->q, y = s->sums->c - 1;
    const double *own = s->sum + j * s->sums->n_segment, *next = own + s->sums->n_segment;
    const double *v = s->v + j * s->k;
    bool has_next = j + 1 < s->sums->m;
    struct left l = {own[q + 1], own[q + 2], has_next ? own[q + 3] : 0.0, 0.0};

    if (s->kind == RK_KNOT_PLATEAU) {
        double xx = product(s->base, q, q);

        l.y = product(s->base, q, y) - l.y;
        l.own = xx - 2.0 * own[q] + l.own;
        if (has_next)
            l.next = xx - own[q] - next[q] + l.next;
    }
    l.scale = l.own;
    l.y -= small_dot(v, s->wy, s->k);
    l.own -= small_dot(v, v, s->k);
    if (has_next)
        l.next -= small_dot(v, v + s->k, s->k);
    return l;
}

static bool prepare(struct search *s)
{
    size_t k = s->k, y = s->sums->c - 1;

    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++)
            s->L[i * k + j] = product(s->base, i, j);
        s->wy[i] = product(s->base, i, y);
    }
    if (!small_cholesky(s->L, k))
        return false;
    small_forward(s->L, k, s->wy);
    s->rest = product(s->base, y, y) - small_dot(s->wy, s->wy, k);
    for (size_t j = 0; j < s->sums->m; j++) {
        for (size_t i = 0; i < k; i++)
            s->v[j * k + i] = with_other(s, j, i);
        small_forward(s->L, k, s->v + j * k);
    }
    return true;
}

struct best {
    double gain, at;
    size_t near;
    bool found;
};

static void consider(struct best *best, double gain, double at, size_t near)
{
    if (best->found && !(gain > best->gain))
        return;
    *best = (struct best){gain, at, near, isfinite(gain)};
}

/* Between two nodes the column is (1 - s) own + s next, so that the gain in the sum of squares is
 * (a + b s)^2 / (c + 2 d s + e s^2), which is largest where its derivative is 0. */
static void consider_between(const struct search *s, size_t j, const struct left *own,
                             const struct left *next, struct best *best)
{
    double a = own->y, b = next->y - own->y, c = own->own, d = own->next - own->own;
    double e = own->own - 2.0 * own->next + next->own, at = (b * c - a * d) / (a * e - b * d);
    double low = s->sums->node[j], high = s->sums->node[j + 1], left;

    if (!(at > 0.0 && at < 1.0))
        return;
    left = c + 2.0 * d * at + e * at * at;
    if (left > SMALL_PIVOT * fmax(own->scale, next->scale))
        consider(best, (a + b * at) * (a + b * at) / left, low + at * (high - low), j);
}

static struct best look(const struct search *s)
{
    struct best best = {0.0, 0.0, 0, false};
    struct left own = left_of(s, 0), next;

    for (size_t j = 0; j < s->sums->m; j++) {
        if (own.own > SMALL_PIVOT * own.scale)
            consider(&best, own.y * own.y / own.own, s->sums->node[j], j);
        if (j + 1 == s->sums->m)
            break;
        next = left_of(s, j + 1);
        consider_between(s, j, &own, &next, &best);
        own = next;
    }
    return best;
}

enum rk_status rk_curve_knot(const struct rk_curve_sums *sums, const uint32_t *count,
                             enum rk_knot_kind kind, struct rk_knot *out)
{
    size_t k = sums->q + (kind == RK_KNOT_KINK), n_all = sums->m * sums->n_segment;
    struct search s = {.sums = sums, .kind = kind, .k = k};
    double *work;
    struct best best = {0.0, 0.0, 0, false};

    if (sums->m < 2)
        return RK_ETOOFEW;
    work = calloc(sums->n_base + n_all + k * k + k + sums->m * k + 1, sizeof *work);
    if (work == NULL)
        return RK_ENOMEM;
    s.base = work;
    s.sum = s.base + sums->n_base;
    s.L = s.sum + n_all;
    s.wy = s.L + k * k;
    s.v = s.wy + k;
    total(sums->base, sums->n_base, sums->n_items, count, s.base);
    total(sums->segment, n_all, sums->n_items, count, s.sum);
    if (prepare(&s))
        best = look(&s);
    if (best.found)
        *out = (struct rk_knot){best.at, fmax(s.rest - best.gain, 0.0), best.near,
                                best.at == sums->node[0] || best.at == sums->node[sums->m - 1]};
    free(work);
    return best.found ? RK_OK : RK_ESINGULAR;
}
