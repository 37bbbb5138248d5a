#include "rows.h"

#include <math.h>
#include <string.h>

struct centred_rows centred_rows_of(const struct rk_design *design, const double *root,
                                    double *mean, double total_weight)
{
    size_t first = design->has_intercept ? 1 : 0;

    return (struct centred_rows){.design = design,
                                 .root = root,
                                 .first = first,
                                 .k = design->p - first,
                                 .centred = design->has_intercept,
                                 .mean = mean,
                                 .total_weight = total_weight};
}

/* The loops over whole chunks have a length the compiler knows, so that it takes several values at
 * a time; results are the same. */
static void add_multiple(double factor, const double *restrict a, size_t n, double *restrict y)
{
    if (n == ROWS_CHUNK) {
        for (size_t i = 0; i < ROWS_CHUNK; i++)
            y[i] += factor * a[i];
        return;
    }
    for (size_t i = 0; i < n; i++)
        y[i] += factor * a[i];
}

static void subtract_mean(const double *restrict x, double mean, size_t n, double *restrict out)
{
    if (n == ROWS_CHUNK) {
        for (size_t i = 0; i < ROWS_CHUNK; i++)
            out[i] = x[i] - mean;
        return;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] - mean;
}

static const double *source_of(const struct centred_rows *rows, size_t j)
{
    return j == rows->k ? rows->design->y : rk_design_column(rows->design, rows->first + j);
}

void centred_chunk(const struct centred_rows *rows, size_t start, size_t n, double *out)
{
    for (size_t j = 0; j <= rows->k; j++) {
        const double *x = source_of(rows, j) + start;
        double *a = out + j * ROWS_CHUNK, mean = rows->mean[j];

        if (rows->centred) {
            subtract_mean(x, mean, n, a);
        } else {
            memcpy(a, x, n * sizeof *a);
        }
        for (size_t i = 0; rows->root != NULL && i < n; i++)
            a[i] *= rows->root[start + i];
    }
}

void rows_subtract(const double *chunk, const double *coef, size_t k, size_t n, double *u)
{
    for (size_t j = 0; j < k; j++)
        add_multiple(-coef[j], chunk + j * ROWS_CHUNK, n, u);
}

double rows_dot(const double *a, const double *b, size_t n)
{
    double lane[4] = {0.0, 0.0, 0.0, 0.0}, sum;
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        lane[0] += a[i] * b[i];
        lane[1] += a[i + 1] * b[i + 1];
        lane[2] += a[i + 2] * b[i + 2];
        lane[3] += a[i + 3] * b[i + 3];
    }
    sum = (lane[0] + lane[1]) + (lane[2] + lane[3]);
    for (; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

double rows_root_sum(const struct centred_rows *rows, const double *a, size_t start, size_t n)
{
    double sum = 0.0;

    if (rows->root != NULL)
        return rows_dot(rows->root + start, a, n);
    for (size_t i = 0; i < n; i++)
        sum += a[i];
    return sum;
}

/* q_j = sum over l <= j of a_l R^-1_lj, in place from the last column to the first. */
static void times_R_inverse(const struct rk_fit *fit, size_t first, size_t n, double *q)
{
    size_t k = fit->rank - first;

    for (size_t j = k; j-- > 0;) {
        double *target = q + (first + j) * ROWS_CHUNK;
        double scale = fit->R_inverse[(first + j) * fit->rank + first + j];

        for (size_t i = 0; i < n; i++)
            target[i] *= scale;
        for (size_t l = 0; l < j; l++)
            add_multiple(fit->R_inverse[(first + l) * fit->rank + first + j],
                         q + (first + l) * ROWS_CHUNK, n, target);
    }
}

struct fit_chunk fit_rows(const struct rk_fit *fit, size_t start, size_t n, double *buffer)
{
    struct centred_rows rows;
    double *u;

    if (fit->Q != NULL)
        return (struct fit_chunk){fit->Q + start, fit->u + start, fit->n};
    rows = centred_rows_of(&fit->design, fit->root, fit->mean, fit->total_weight);
    u = buffer + fit->rank * ROWS_CHUNK;
    centred_chunk(&rows, start, n, buffer + rows.first * ROWS_CHUNK); /* y comes to stand at u */
    rows_subtract(buffer + rows.first * ROWS_CHUNK, fit->coef + rows.first, rows.k, n, u);
    times_R_inverse(fit, rows.first, n, buffer);
    for (size_t i = 0; rows.first == 1 && i < n; i++)
        buffer[i] = (fit->root != NULL ? fit->root[start + i] : 1.0) / sqrt(fit->total_weight);
    return (struct fit_chunk){buffer, u, ROWS_CHUNK};
}
