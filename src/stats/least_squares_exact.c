#include <stdlib.h>

#include "basis.h"
#include "repkit/double_double.h"

/* What the columns before it may leave of a column's norm before it counts as dependent, squared.
 * Doubles computed from others (a sum of columns, a mean taken out) leave about 1e-16. */
static const double DEPENDENT = 1e-13 * 1e-13;

struct exact {
    const struct rk_design *design;
    const double *root;
    const struct rk_ctx *ctx;
    size_t n, p, rank;
    struct dd *A;  /* n-by-p; its first `rank` columns become Q */
    struct dd *y;  /* n; becomes the residual */
    struct dd *R;  /* p-by-p, row after row, of the scaled columns */
    struct dd *z;  /* p: Q'y, then b */
    int *exponent; /* p + 1: columns and y are divided by 2^exponent, which is exact and keeps
                      squares from overflowing */
    size_t *kept;
};

static struct dd dot(const struct dd *a, const struct dd *b, size_t n)
{
    struct dd sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        sum = dd_add(sum, dd_multiply(a[i], b[i]));
    return sum;
}

/* a -= factor * q */
static void subtract_multiple(struct dd *a, struct dd factor, const struct dd *q, size_t n)
{
    factor = dd_negate(factor);
    for (size_t i = 0; i < n; i++)
        a[i] = dd_add(a[i], dd_multiply(factor, q[i]));
}

/* Copies a column, scaled to a largest value in [0.5, 1) and multiplied by sqrt(w). */
static int load(const struct exact *e, const double *x, const double *x_low, struct dd *out)
{
    double largest = 0.0;
    int exponent = 0;

    for (size_t i = 0; i < e->n; i++)
        largest = fmax(largest, fabs(x[i]));
    if (largest > 0.0)
        frexp(largest, &exponent);
    for (size_t i = 0; i < e->n; i++) {
        struct dd value = dd_fast_two_sum(ldexp(x[i], -exponent),
                                          x_low != NULL ? ldexp(x_low[i], -exponent) : 0.0);

        if (e->root != NULL)
            value = dd_multiply(value, dd_sqrt((struct dd){e->design->weights[i], 0.0}));
        out[i] = value;
    }
    return exponent;
}

/* Takes out of column j what the kept ones hold of it, and keeps it if something is left. */
static void add_column(struct exact *e, size_t j)
{
    struct dd *a = e->A + e->rank * e->n, left, inverse;
    const double *low = e->design->X_low;
    double norm_squared;

    e->exponent[j] = load(e, e->design->X + j * e->n, low != NULL ? low + j * e->n : NULL, a);
    norm_squared = dot(a, a, e->n).hi;
    if (e->design->norm != NULL) {
        double norm = ldexp(e->design->norm[j], -e->exponent[j]);

        norm_squared = fmax(norm_squared, norm * norm);
    }
    for (size_t i = 0; i < e->rank; i++) {
        const struct dd *q = e->A + i * e->n;

        e->R[i * e->p + e->rank] = dot(q, a, e->n);
        subtract_multiple(a, e->R[i * e->p + e->rank], q, e->n);
    }
    left = dot(a, a, e->n);
    if (e->rank == e->n || !(left.hi > DEPENDENT * norm_squared))
        return;
    left = dd_sqrt(left);
    e->R[e->rank * e->p + e->rank] = left;
    inverse = dd_divide((struct dd){1.0, 0.0}, left);
    for (size_t i = 0; i < e->n; i++)
        a[i] = dd_multiply(a[i], inverse);
    e->kept[e->rank++] = j;
}

/* x = R^-1 x for the first `size` elements, in place. */
static void back_substitute(const struct exact *e, struct dd *x, size_t size)
{
    for (size_t i = size; i-- > 0;) {
        for (size_t j = i + 1; j < size; j++)
            x[i] = dd_subtract(x[i], dd_multiply(e->R[i * e->p + j], x[j]));
        x[i] = dd_divide(x[i], e->R[i * e->p + i]);
    }
}

static void invert_R(struct exact *e, struct dd *column, double *R_inverse)
{
    size_t rank = e->rank;

    for (size_t j = 0; j < rank; j++) {
        for (size_t i = 0; i <= j; i++)
            column[i] = (struct dd){i == j ? 1.0 : 0.0, 0.0};
        back_substitute(e, column, j + 1);
        for (size_t i = 0; i < rank; i++)
            R_inverse[i * rank + j] = i > j ? 0.0 : ldexp(column[i].hi, -e->exponent[e->kept[i]]);
    }
}

/* Projects y, solves, and rounds everything to double. */
static void solve(struct exact *e, struct basis *basis)
{
    struct dd explained = {0.0, 0.0};
    int y_exponent = load(e, e->design->y, NULL, e->y);

    for (size_t j = 0; j < e->rank; j++) {
        const struct dd *q = e->A + j * e->n;

        e->z[j] = dot(q, e->y, e->n);
        subtract_multiple(e->y, e->z[j], q, e->n);
        if (!(e->design->has_intercept && e->kept[j] == 0))
            explained = dd_add(explained, dd_multiply(e->z[j], e->z[j]));
        basis->effects[j] = ldexp(e->z[j].hi, y_exponent);
        for (size_t i = 0; i < e->n; i++)
            basis->Q[j * e->n + i] = q[i].hi;
    }
    basis->rank = e->rank;
    basis->explained = ldexp(explained.hi, 2 * y_exponent);
    basis->rss = ldexp(dot(e->y, e->y, e->n).hi, 2 * y_exponent);
    for (size_t i = 0; i < e->n; i++)
        basis->u[i] = ldexp(e->y[i].hi, y_exponent);
    back_substitute(e, e->z, e->rank);
    for (size_t j = 0; j < e->rank; j++) {
        basis->kept[j] = e->kept[j];
        basis->b[j] = ldexp(e->z[j].hi, y_exponent - e->exponent[e->kept[j]]);
    }
    invert_R(e, e->z, basis->R_inverse);
}

enum rk_status basis_exact(const struct rk_design *design, const double *root,
                           const struct rk_ctx *ctx, struct basis *basis)
{
    size_t n = design->n, p = design->p;
    struct exact e = {.design = design, .root = root, .ctx = ctx, .n = n, .p = p};
    enum rk_status status = RK_ENOMEM;

    e.A = malloc((n * p + 1) * sizeof *e.A);
    e.y = malloc(n * sizeof *e.y);
    e.R = malloc((p * p + 1) * sizeof *e.R);
    e.z = malloc((p + 1) * sizeof *e.z);
    e.exponent = malloc((p + 1) * sizeof *e.exponent);
    e.kept = malloc((p + 1) * sizeof *e.kept);
    if (e.A != NULL && e.y != NULL && e.R != NULL && e.z != NULL && e.exponent != NULL &&
        e.kept != NULL) {
        status = RK_OK;
        for (size_t j = 0; j < p && status == RK_OK; j++) {
            status = rk_cancelled(ctx);
            add_column(&e, j);
        }
        if (status == RK_OK)
            solve(&e, basis);
    }
    free(e.A);
    free(e.y);
    free(e.R);
    free(e.z);
    free(e.exponent);
    free(e.kept);
    return status;
}
