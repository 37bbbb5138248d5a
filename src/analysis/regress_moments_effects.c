/* --from-moments: a second fixed effect, as dummies. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/sum.h"

/* What is left of a dummy below this share of it is rounding: the others and the groups say it. */
static const double NOTHING_LEFT = 1e-9;

static double dot(const double *a, const double *b, size_t n)
{
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, a[i] * b[i]);
    return rk_sum_value(&sum);
}

/* x less its projection on k orthonormal columns; twice, for what rounding left. */
static void project_out(const double *Q, size_t k, size_t n, double *x)
{
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < k; j++) {
            double c = dot(Q + j * n, x, n);

            for (size_t i = 0; i < n; i++)
                x[i] -= c * Q[j * n + i];
        }
}

/* Fills Q with a basis of the dummies, weighted; returns its rank. */
static size_t make_basis(const struct regression *r, const double *root, double *Q)
{
    const struct rk_within *within = r->within;
    size_t n = within->n, k = 0;

    for (size_t d = 0; d < r->n_dummies; d++) {
        const double *dummy = within->X + (r->frame->p + d) * n;
        double *q = Q + k * n, norm;

        for (size_t i = 0; i < n; i++)
            q[i] = root[i] * dummy[i];
        project_out(Q, k, n, q);
        norm = sqrt(dot(q, q, n));
        if (!(norm > NOTHING_LEFT * within->norm[r->frame->p + d]))
            continue;
        for (size_t i = 0; i < n; i++)
            q[i] /= norm;
        k++;
    }
    return k;
}

/* Takes the basis out of a column; returns the share of its sum of squares that stays. */
static double sweep_column(const double *Q, size_t k, const double *root, size_t n, double *work,
                           double *x)
{
    double before, after;

    for (size_t i = 0; i < n; i++)
        work[i] = root[i] * x[i];
    before = dot(work, work, n);
    project_out(Q, k, n, work);
    after = dot(work, work, n);
    for (size_t i = 0; i < n; i++)
        x[i] = work[i] / root[i];
    return before > 0.0 ? after / before : 0.0;
}

enum rk_status regress_moments_sweep(struct regression *r, struct rk_error *error)
{
    struct rk_within *within = r->within;
    size_t n = within->n, p = r->frame->p;
    double *root = malloc((2 * n + 1) * sizeof *root), *work = root + n;
    double *Q = malloc((n * r->n_dummies + 1) * sizeof *Q);
    enum rk_status status = root == NULL || Q == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n; i++)
        root[i] = sqrt(within->weights[i]);
    if (status == RK_OK) {
        r->n_dummies = make_basis(r, root, Q);
        for (size_t j = 0; j < p; j++)
            within->share[j] *= sweep_column(Q, r->n_dummies, root, n, work, within->X + j * n);
        sweep_column(Q, r->n_dummies, root, n, work, within->y);
        within->p = p;
        within->df += r->n_dummies;
        r->dummies = Q;
        Q = NULL;
    }
    free(root);
    free(Q);
    return status;
}
