#include "repkit/basis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/sum.h"

enum { ORDER = 4, COLUMNS_MOST = 1000 };

struct rk_basis {
    size_t n_columns;

    /* Polynomials. */
    double *centre; /* n_columns: the a_j */
    double *ratio;  /* n_columns: |p_j|^2 / |p_(j-1)|^2 */
    double *norm;   /* n_columns: |p_(j+1)| */

    /* Splines: n_columns + 3 B-splines on n_columns + 7 knots, combined to columns. */
    double *knot;
    double *combination; /* n_columns + 2 rows (all B-splines but the first), n_columns columns */
};

void rk_basis_free(struct rk_basis *basis)
{
    if (basis == NULL)
        return;
    free(basis->centre);
    free(basis->ratio);
    free(basis->norm);
    free(basis->knot);
    free(basis->combination);
    free(basis);
}

size_t rk_basis_columns(const struct rk_basis *basis)
{
    return basis->n_columns;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* --- polynomials --------------------------------------------------------------------------- */

static enum rk_status count_distinct(const double *x, size_t n, size_t *distinct)
{
    double *sorted = malloc((n + 1) * sizeof *sorted);

    if (sorted == NULL)
        return RK_ENOMEM;
    memcpy(sorted, x, n * sizeof *x);
    qsort(sorted, n, sizeof *sorted, by_value);
    *distinct = n > 0;
    for (size_t i = 1; i < n; i++)
        *distinct += sorted[i] != sorted[i - 1];
    free(sorted);
    return RK_OK;
}

/* p_j at x, of the degree j of `now`; `before` is that of degree j - 1. */
static double next_polynomial(const struct rk_basis *basis, size_t j, double x, double now,
                              double before)
{
    return (x - basis->centre[j]) * now - (j == 0 ? 0.0 : basis->ratio[j] * before);
}

/* Finds the recurrence over the values; work is 2 n places. */
static enum rk_status find_recurrence(struct rk_basis *basis, const double *x, size_t n,
                                      double *work)
{
    double *now = work, *before = work + n;
    double norm2 = (double)n, norm2_before = 1.0;

    for (size_t i = 0; i < n; i++)
        now[i] = 1.0;
    for (size_t j = 0; j < basis->n_columns; j++) {
        struct rk_sum first = {0}, mean = {0}, square = {0};

        /* The mean is taken in two steps, the second about the first. */
        for (size_t i = 0; i < n; i++)
            rk_sum_add(&first, x[i] * (now[i] * now[i] / norm2));
        for (size_t i = 0; i < n; i++)
            rk_sum_add(&mean, (x[i] - rk_sum_value(&first)) * (now[i] * now[i] / norm2));
        basis->centre[j] = rk_sum_value(&first) + rk_sum_value(&mean);
        basis->ratio[j] = norm2 / norm2_before;
        for (size_t i = 0; i < n; i++) {
            double next = next_polynomial(basis, j, x[i], now[i], j == 0 ? 0.0 : before[i]);

            before[i] = now[i];
            now[i] = next;
            rk_sum_add(&square, next * next);
        }
        norm2_before = norm2;
        norm2 = rk_sum_value(&square);
        if (!isfinite(norm2) || !(norm2 > 0.0))
            return RK_EDOMAIN;
        basis->norm[j] = sqrt(norm2);
    }
    return RK_OK;
}

enum rk_status rk_basis_poly(const double *x, size_t n, size_t degree, struct rk_basis **basis)
{
    struct rk_basis *made;
    double *work;
    size_t distinct = 0;
    enum rk_status status;

    if (degree == 0 || degree > COLUMNS_MOST)
        return RK_EDOMAIN;
    status = count_distinct(x, n, &distinct);
    if (status != RK_OK || distinct <= degree)
        return status != RK_OK ? status : RK_ETOOFEW;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return RK_ENOMEM;
    made->n_columns = degree;
    made->centre = malloc(degree * sizeof *made->centre);
    made->ratio = malloc(degree * sizeof *made->ratio);
    made->norm = malloc(degree * sizeof *made->norm);
    work = malloc(2 * n * sizeof *work);
    status = made->centre == NULL || made->ratio == NULL || made->norm == NULL || work == NULL
                 ? RK_ENOMEM
                 : find_recurrence(made, x, n, work);
    free(work);
    if (status != RK_OK) {
        rk_basis_free(made);
        return status;
    }
    *basis = made;
    return RK_OK;
}

static void polynomials_at(const struct rk_basis *basis, double x, double *value, double *slope)
{
    double now = 1.0, before = 0.0, now_slope = 0.0, before_slope = 0.0;

    for (size_t j = 0; j < basis->n_columns; j++) {
        double next = next_polynomial(basis, j, x, now, before);
        double next_slope = now + next_polynomial(basis, j, x, now_slope, before_slope);

        before = now;
        before_slope = now_slope;
        now = next;
        now_slope = next_slope;
        value[j] = now / basis->norm[j];
        if (slope != NULL)
            slope[j] = now_slope / basis->norm[j];
    }
}

/* --- splines ------------------------------------------------------------------------------- */

static double share(double part, double whole)
{
    return whole > 0.0 ? part / whole : 0.0;
}

/* The derivative of that order of the B-spline of `order` on knots i .. i + order, at x in the
 * interval that begins at the knot `interval`. */
static double b_spline(const double *knot, size_t i, size_t order, int derivative, double x,
                       size_t interval)
{
    double left, right;

    if (interval < i || interval >= i + order)
        return 0.0;
    if (order == 1)
        return derivative == 0 ? 1.0 : 0.0;
    if (derivative > 0) {
        left = b_spline(knot, i, order - 1, derivative - 1, x, interval);
        right = b_spline(knot, i + 1, order - 1, derivative - 1, x, interval);
        return (double)(order - 1) * (share(left, knot[i + order - 1] - knot[i]) -
                                      share(right, knot[i + order] - knot[i + 1]));
    }
    left = b_spline(knot, i, order - 1, 0, x, interval);
    right = b_spline(knot, i + 1, order - 1, 0, x, interval);
    return share((x - knot[i]) * left, knot[i + order - 1] - knot[i]) +
           share((knot[i + order] - x) * right, knot[i + order] - knot[i + 1]);
}

/* The knot at which the interval of x begins; the last one is closed at both ends. */
static size_t interval_of(const struct rk_basis *basis, double x)
{
    size_t interval = ORDER - 1;

    while (interval < basis->n_columns + 2 && x >= basis->knot[interval + 1])
        interval++;
    while (interval > ORDER - 1 && !(basis->knot[interval] < basis->knot[interval + 1]))
        interval--;
    return interval;
}

/* All columns' derivative of that order at x within the range. */
static void splines_inside(const struct rk_basis *basis, double x, int derivative, double *out)
{
    size_t interval = interval_of(basis, x), n = basis->n_columns;

    for (size_t c = 0; c < n; c++)
        out[c] = 0.0;
    for (size_t i = interval - (ORDER - 1); i <= interval; i++) {
        double b = i == 0 ? 0.0 : b_spline(basis->knot, i, ORDER, derivative, x, interval);

        for (size_t c = 0; i > 0 && c < n; c++)
            out[c] += b * basis->combination[(i - 1) * n + c];
    }
}

static void splines_at(const struct rk_basis *basis, double x, double *value, double *slope)
{
    double low = basis->knot[0], high = basis->knot[basis->n_columns + 6];
    double end = x < low ? low : x > high ? high : x;

    splines_inside(basis, end, 0, value);
    if (slope != NULL)
        splines_inside(basis, end, 1, slope);
    if (x == end)
        return;
    /* Straight on from the end, whose slope is taken one column at a time where none is asked for.
     */
    for (size_t c = 0; c < basis->n_columns; c++) {
        double rise = 0.0;
        size_t interval = interval_of(basis, end), n = basis->n_columns;

        for (size_t i = interval - (ORDER - 1); i <= interval; i++)
            if (i > 0)
                rise += b_spline(basis->knot, i, ORDER, 1, end, interval) *
                        basis->combination[(i - 1) * n + c];
        value[c] += rise * (x - end);
    }
}

static void set_knots(struct rk_basis *basis, const double *sorted, size_t n)
{
    size_t inner = basis->n_columns - 1;

    for (size_t k = 0; k < ORDER; k++) {
        basis->knot[k] = sorted[0];
        basis->knot[ORDER + inner + k] = sorted[n - 1];
    }
    for (size_t k = 0; k < inner; k++) {
        double place = (double)(k + 1) / (double)(inner + 1) * (double)(n - 1),
               below = floor(place + 4e-16 * place);
        size_t i = (size_t)below;
        double part = place - below;

        basis->knot[ORDER + k] =
            part > 0.0 && i + 1 < n ? (1.0 - part) * sorted[i] + part * sorted[i + 1] : sorted[i];
    }
}

/* Reflects x (m places) about v, whose first place other than 0 is `first`: LINPACK's form. */
static void reflect(const double *v, size_t first, size_t m, double *x)
{
    double dot = 0.0;

    if (v[first] == 0.0)
        return;
    for (size_t i = first; i < m; i++)
        dot += v[i] * x[i];
    for (size_t i = first; i < m; i++)
        x[i] -= dot / v[first] * v[i];
}

/* The combinations of B-splines whose second derivative is 0 at one end and the other: what two
 * Householder reflections leave, their signs as in LINPACK, so that columns are those of R. Work is
 * 3 (n_columns + 2) places. */
static void combine(struct rk_basis *basis, double *work)
{
    size_t n = basis->n_columns, m = n + 2;
    double *unit = work + 2 * m;

    for (size_t end = 0; end < 2; end++) {
        double x = end == 0 ? basis->knot[0] : basis->knot[n + 6], norm = 0.0;
        size_t interval = interval_of(basis, x);
        double *v = work + end * m;

        for (size_t i = 0; i < m; i++)
            v[i] = b_spline(basis->knot, i + 1, ORDER, 2, x, interval);
        if (end == 1)
            reflect(work, 0, m, v);
        for (size_t i = end; i < m; i++)
            norm = hypot(norm, v[i]);
        norm = v[end] < 0.0 ? -norm : norm;
        for (size_t i = 0; i < m; i++)
            v[i] = i < end || norm == 0.0 ? 0.0 : v[i] / norm + (i == end);
    }
    for (size_t row = 0; row < m; row++) {
        memset(unit, 0, m * sizeof *unit);
        unit[row] = 1.0;
        reflect(work, 0, m, unit);
        reflect(work + m, 1, m, unit);
        memcpy(basis->combination + row * n, unit + 2, n * sizeof *unit);
    }
}

enum rk_status rk_basis_spline(const double *x, size_t n, size_t df, struct rk_basis **basis)
{
    struct rk_basis *made;
    double *sorted, *work;
    enum rk_status status = RK_OK;

    if (df == 0 || df > COLUMNS_MOST)
        return RK_EDOMAIN;
    if (n < 2)
        return RK_ETOOFEW;
    made = calloc(1, sizeof *made);
    sorted = malloc(n * sizeof *sorted);
    work = calloc(3 * (df + 2), sizeof *work);
    if (made != NULL) {
        made->n_columns = df;
        made->knot = malloc((df + 7) * sizeof *made->knot);
        made->combination = malloc((df + 2) * df * sizeof *made->combination);
    }
    if (made == NULL || sorted == NULL || work == NULL || made->knot == NULL ||
        made->combination == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK) {
        memcpy(sorted, x, n * sizeof *x);
        qsort(sorted, n, sizeof *sorted, by_value);
        status = sorted[0] < sorted[n - 1] ? RK_OK : RK_ECONSTANT;
    }
    if (status == RK_OK) {
        set_knots(made, sorted, n);
        combine(made, work);
        *basis = made;
        made = NULL;
    }
    free(sorted);
    free(work);
    rk_basis_free(made);
    return status;
}

/* --- both ---------------------------------------------------------------------------------- */

void rk_basis_at(const struct rk_basis *basis, double x, double *value, double *slope)
{
    if (isnan(x)) {
        for (size_t c = 0; c < basis->n_columns; c++) {
            value[c] = NAN;
            if (slope != NULL)
                slope[c] = NAN;
        }
    } else if (basis->knot == NULL) {
        polynomials_at(basis, x, value, slope);
    } else {
        splines_at(basis, x, value, slope);
    }
}
