/* Which effects lie within the clusters, and the columns of those that do not. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/within.h"

/* Values, and products of them, that a basis may take: about a second. */
static const double MOST_VALUES = 3e7;
static const double MOST_PRODUCTS = 1e9;
static const double DEPENDENT = 1e-9; /* of a column's norm, once those before it are out */

enum rk_status rk_is_nested(const uint32_t *inner, size_t n_inner, const uint32_t *cluster,
                            size_t n, bool *nested)
{
    uint32_t *of = malloc((n_inner + 1) * sizeof *of);
    bool answer = true;

    if (of == NULL)
        return RK_ENOMEM;
    memset(of, 0xff, n_inner * sizeof *of); /* UINT32_MAX: not seen */
    for (size_t i = 0; i < n && answer; i++) {
        if (of[inner[i]] == UINT32_MAX)
            of[inner[i]] = cluster[i];
        answer = of[inner[i]] == cluster[i];
    }
    free(of);
    *nested = answer;
    return RK_OK;
}

/* Marks the rows of each level of the crossed effects. */
static void fill_dummies(const struct rk_within *within, const bool *nested, double *const *column)
{
    size_t next = 0;

    for (size_t e = 0; e < within->n_effects; e++) {
        if (nested[e])
            continue;
        for (size_t i = 0; i < within->n; i++)
            column[next + within->effect[e][i]][i] = 1.0;
        next += within->n_levels[e];
    }
}

/* Takes the nested effects out of the dummies. */
static enum rk_status absorb_nested(const struct rk_within *within, const bool *nested,
                                    double *const *column, size_t n_columns)
{
    const uint32_t **code = malloc((within->n_effects + 1) * sizeof *code);
    size_t *n_levels = malloc((within->n_effects + 1) * sizeof *n_levels);
    struct rk_absorbed effects = {.n = within->n, .weights = within->weights};
    enum rk_status status = RK_ENOMEM;

    if (code != NULL && n_levels != NULL) {
        for (size_t e = 0; e < within->n_effects; e++) {
            if (!nested[e])
                continue;
            code[effects.n_effects] = within->effect[e];
            n_levels[effects.n_effects++] = within->n_levels[e];
        }
        effects.code = code;
        effects.n_levels = n_levels;
        status = effects.n_effects == 0 ? RK_OK : rk_absorb(&effects, column, n_columns, NULL);
    }
    free(code);
    free(n_levels);
    return status;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram-Schmidt, each projection twice; returns how many columns stand, moved to the front.
 * norm: of the dummies as they were. */
static size_t orthonormalise(double *Q, size_t n, const double *norm, size_t n_columns)
{
    size_t rank = 0;

    for (size_t j = 0; j < n_columns; j++) {
        double *a = Q + rank * n, after;

        if (rank < j)
            memcpy(a, Q + j * n, n * sizeof *a);
        for (int repeat = 0; repeat < 2; repeat++) {
            for (size_t l = 0; l < rank; l++) {
                double r = dot(Q + l * n, a, n);

                for (size_t i = 0; i < n; i++)
                    a[i] -= r * Q[l * n + i];
            }
        }
        after = sqrt(dot(a, a, n));
        if (!(after > DEPENDENT * norm[j]))
            continue;
        for (size_t i = 0; i < n; i++)
            a[i] /= after;
        rank++;
    }
    return rank;
}

static double weighted_norm(const struct rk_within *within, const double *x)
{
    double sum = 0.0;

    for (size_t i = 0; i < within->n; i++)
        sum += (within->weights != NULL ? within->weights[i] : 1.0) * x[i] * x[i];
    return sqrt(sum);
}

static enum rk_status make_basis(const struct rk_within *within, const bool *nested, double *Q,
                                 size_t n_columns, size_t *rank)
{
    size_t n = within->n;
    double **column = malloc((n_columns + 1) * sizeof *column);
    double *norm = malloc((n_columns + 1) * sizeof *norm);
    enum rk_status status = RK_ENOMEM;

    if (column == NULL || norm == NULL) {
        free(column);
        free(norm);
        return RK_ENOMEM;
    }
    for (size_t j = 0; j <= n_columns; j++)
        column[j] = Q + j * n;
    memset(Q, 0, n * n_columns * sizeof *Q);
    fill_dummies(within, nested, column);
    for (size_t j = 0; j < n_columns; j++)
        norm[j] = weighted_norm(within, column[j]);
    status = absorb_nested(within, nested, column, n_columns);
    for (size_t i = 0; within->weights != NULL && i < n; i++) {
        for (size_t j = 0; j < n_columns; j++)
            Q[j * n + i] *= sqrt(within->weights[i]);
    }
    if (status == RK_OK)
        *rank = orthonormalise(Q, n, norm, n_columns);
    free(column);
    free(norm);
    return status;
}

enum rk_status rk_within_crossed(const struct rk_within *within, const bool *nested, double **Q,
                                 size_t *k)
{
    double columns = 0.0, n = (double)within->n, *made;
    size_t rank = 0;
    enum rk_status status;

    for (size_t e = 0; e < within->n_effects; e++)
        columns += nested[e] ? 0.0 : (double)within->n_levels[e];
    if (columns == 0.0) {
        *Q = NULL;
        *k = 0;
        return RK_OK;
    }
    if (n * columns > MOST_VALUES || n * columns * columns > MOST_PRODUCTS)
        return RK_EDOMAIN;
    made = malloc(within->n * (size_t)columns * sizeof *made);
    if (made == NULL)
        return RK_ENOMEM;
    status = make_basis(within, nested, made, (size_t)columns, &rank);
    if (status != RK_OK) {
        free(made);
        return status;
    }
    *Q = made;
    *k = rank;
    return RK_OK;
}
