/* CR2 with Satterthwaite degrees of freedom, and CR3, from sums by cluster. */
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#include "cluster_robust.h"

/* The joint test needs (k q)^2 sums for each cluster. */
static const double MOST_JOINT = 1e9;
static const size_t MOST_JOINT_SIDE = 1500;

static const double ZERO_EIGENVALUE = 1e-8;

/* All in the basis of Q and the crossed effects, where (X'X)^-1 is the identity: M_g = Q_g'Q_g is
 * symmetric, A_g Q_g = Q_g (I - M_g)^-1/2, and the inner products that Satterthwaite's df needs are
 *   p_g'p_h = [g = h] w_g'w_g - v_g'v_h,  w_g = Q_g A r,  v_g = M_g A r
 * for the contrast r (a row of R^-1, 0 for crossed effects). Nothing is as large as a cluster. */
struct work {
    const struct cluster_sums *sums;
    const double *R_inverse;
    size_t k, rank; /* columns in all; of Q */
    const double *M;
    double *A, *MA, *AMA;
    double *sum_of_p,
        *sum_of_squares; /* rank: of p_g'p_g, and the part of (p_g'p_h)^2 with g = h */
    double *outer;       /* rank of k-by-k: for each coefficient the sum of v_g v_g' */
    double *v;
    size_t first, q; /* slopes are first .. first + q - 1 */
    double joint_squares;
    double *joint_outer; /* (k q)-by-(k q): sum of vec(V_g) vec(V_g)'; NULL where it is too large */
    double *vec;
    gsl_matrix *I_minus_M, *vectors;
    gsl_vector *values;
    gsl_eigen_symmv_workspace *eigen;
};

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

static void add_outer(double *sum, const double *x, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            sum[i * k + j] += x[i] * x[j];
    }
}

/* out = a b, k-by-k */
static void multiply(const double *a, const double *b, size_t k, double *out)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            double sum = 0.0;

            for (size_t l = 0; l < k; l++)
                sum += a[i * k + l] * b[l * k + j];
            out[i * k + j] = sum;
        }
    }
}

/* A = (I - M)^-1, or its root, by eigenvalues; those that are 0 stay 0 (pseudo-inverse). */
static enum rk_status invert(struct work *work, bool root)
{
    size_t k = work->k;

    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            gsl_matrix_set(work->I_minus_M, i, j, (i == j ? 1.0 : 0.0) - work->M[i * k + j]);
    }
    if (gsl_eigen_symmv(work->I_minus_M, work->values, work->vectors, work->eigen) != GSL_SUCCESS)
        return RK_ENOCONVERGE;
    for (size_t i = 0; i < k * k; i++)
        work->A[i] = 0.0;
    for (size_t l = 0; l < k; l++) {
        double value = gsl_vector_get(work->values, l);

        for (size_t i = 0; value >= ZERO_EIGENVALUE && i < k; i++) {
            double x = gsl_matrix_get(work->vectors, i, l) / (root ? sqrt(value) : value);

            for (size_t j = 0; j < k; j++)
                work->A[i * k + j] += x * gsl_matrix_get(work->vectors, j, l);
        }
    }
    return RK_OK;
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Adds the cluster to the sums that Satterthwaite's df of each coefficient stands on. */
static void add_contrasts(struct work *work)
{
    size_t k = work->k, rank = work->rank;

    for (size_t j = 0; j < rank; j++) {
        const double *r = work->R_inverse + j * rank;
        double length = dot(r, r, rank), ww = 0.0, vv;

        for (size_t i = 0; i < k; i++)
            work->v[i] = dot(work->MA + i * k, r, rank) / sqrt(length);
        for (size_t i = 0; i < rank; i++)
            ww += r[i] * dot(work->AMA + i * k, r, rank) / length;
        vv = dot(work->v, work->v, k);
        work->sum_of_p[j] += ww - vv;
        work->sum_of_squares[j] += (ww - vv) * (ww - vv) - vv * vv;
        add_outer(work->outer + j * k * k, work->v, k);
    }
}

/* The same for all slopes at once; V_g is M A, its columns those of the slopes. */
static void add_joint(struct work *work)
{
    size_t k = work->k, q = work->q;
    double *P = work->v, trace = 0.0, square = 0.0, squares_of_V = 0.0;

    if (work->joint_outer == NULL)
        return;
    for (size_t s = 0; s < q; s++) {
        for (size_t a = 0; a < k; a++)
            work->vec[s * k + a] = work->MA[a * k + work->first + s];
    }
    add_outer(work->joint_outer, work->vec, k * q);
    /* g = h: (T - V'V) takes the place of -V'V in both terms. */
    for (size_t s = 0; s < q; s++) {
        for (size_t t = 0; t < q; t++) {
            double VV = dot(work->vec + s * k, work->vec + t * k, k);

            P[0] = work->AMA[(work->first + s) * k + work->first + t] - VV;
            square += P[0] * P[0] - VV * VV;
            trace += s == t ? P[0] : 0.0;
            squares_of_V += s == t ? VV : 0.0;
        }
    }
    work->joint_squares += square + trace * trace - squares_of_V * squares_of_V;
}

/* Hotelling's T^2 with the degrees of freedom that match the variance of V (Pustejovsky and
 * Tipton 2018, AHT): eta = q (q + 1) / sum of the variances of V's elements. */
static void finish_joint(const struct work *work, struct cluster_robust *answer)
{
    size_t k = work->k, q = work->q, side = k * q;
    double total = work->joint_squares, eta, rest;

    answer->f_scale = answer->f_df2 = NAN;
    if (work->joint_outer == NULL)
        return;
    for (size_t s = 0; s < q; s++) {
        for (size_t t = 0; t < q; t++) {
            for (size_t a = 0; a < k; a++) {
                for (size_t b = 0; b < k; b++) {
                    double x = work->joint_outer[(s * k + a) * side + t * k + b];

                    total += x * x + x * work->joint_outer[(t * k + a) * side + s * k + b];
                }
            }
        }
    }
    eta = (double)(q * (q + 1)) / total;
    rest = eta - (double)q + 1.0;
    if (rest > 0.0) {
        answer->f_scale = rest / eta;
        answer->f_df2 = rest;
    }
}

static bool joint_is_small(const struct work *work)
{
    double side = (double)work->k * (double)work->q;

    return work->q > 0 && side <= (double)MOST_JOINT_SIDE &&
           side * side * (double)work->sums->n_clusters <= MOST_JOINT;
}

static bool work_new(struct work *work)
{
    size_t k = work->k, side = k * work->q;
    bool joint = joint_is_small(work);

    work->A = numbers(k * k);
    work->MA = numbers(k * k);
    work->AMA = numbers(k * k);
    work->sum_of_p = numbers(work->rank);
    work->sum_of_squares = numbers(work->rank);
    work->outer = numbers(work->rank * k * k);
    work->v = numbers(k);
    work->joint_outer = joint ? numbers(side * side) : NULL;
    work->vec = numbers(joint ? side : 0);
    work->I_minus_M = gsl_matrix_alloc(k, k);
    work->vectors = gsl_matrix_alloc(k, k);
    work->values = gsl_vector_alloc(k);
    work->eigen = gsl_eigen_symmv_alloc(k);
    return work->A != NULL && work->MA != NULL && work->AMA != NULL && work->sum_of_p != NULL &&
           work->sum_of_squares != NULL && work->outer != NULL && work->v != NULL &&
           work->vec != NULL && (work->joint_outer != NULL || !joint) && work->I_minus_M != NULL &&
           work->vectors != NULL && work->values != NULL && work->eigen != NULL;
}

static void work_free(struct work *work)
{
    free(work->A);
    free(work->MA);
    free(work->AMA);
    free(work->sum_of_p);
    free(work->sum_of_squares);
    free(work->outer);
    free(work->v);
    free(work->joint_outer);
    free(work->vec);
    gsl_matrix_free(work->I_minus_M);
    gsl_matrix_free(work->vectors);
    gsl_vector_free(work->values);
    if (work->eigen != NULL)
        gsl_eigen_symmv_free(work->eigen);
}

static enum rk_status add_cluster(struct work *work, size_t g, double *meat)
{
    size_t k = work->k, rank = work->rank;
    enum rk_status status;

    work->M = work->sums->M + g * k * k;
    status = invert(work, true);
    if (status != RK_OK)
        return status;
    multiply(work->M, work->A, k, work->MA);
    multiply(work->A, work->MA, k, work->AMA);
    for (size_t i = 0; i < rank; i++)
        work->v[i] = dot(work->A + i * k, work->sums->score + g * k, k);
    add_outer(meat, work->v, rank);
    add_contrasts(work);
    add_joint(work);
    return RK_OK;
}

enum rk_status cr2_meat(const struct cluster_sums *sums, const double *R_inverse, size_t first,
                        const struct rk_ctx *ctx, struct cluster_robust *answer)
{
    struct work work = {.sums = sums,
                        .R_inverse = R_inverse,
                        .k = sums->all,
                        .rank = sums->rank,
                        .first = first,
                        .q = sums->rank - first};
    size_t kk = sums->all * sums->all;
    enum rk_status status = work_new(&work) ? RK_OK : RK_ENOMEM;

    for (size_t g = 0; g < sums->n_clusters && status == RK_OK; g++) {
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = add_cluster(&work, g, answer->meat);
    }
    for (size_t j = 0; j < sums->rank && status == RK_OK; j++) {
        const double *outer = work.outer + j * kk;

        answer->df[j] =
            work.sum_of_p[j] * work.sum_of_p[j] / (work.sum_of_squares[j] + dot(outer, outer, kk));
    }
    if (status == RK_OK)
        finish_joint(&work, answer);
    work_free(&work);
    return status;
}

/* b_(-g) - b = -R^-1 (I - M_g)^-1 s_g: without the cluster X'X is R'(I - M_g)R, and X'e is less by
 * the cluster's part. */
enum rk_status cr3_meat(const struct cluster_sums *sums, const struct rk_ctx *ctx,
                        struct cluster_robust *answer)
{
    struct work work = {.sums = sums, .k = sums->all, .rank = sums->rank};
    size_t k = sums->all, rank = sums->rank;
    double G = (double)sums->n_clusters;
    enum rk_status status = work_new(&work) ? RK_OK : RK_ENOMEM;

    for (size_t g = 0; g < sums->n_clusters && status == RK_OK; g++) {
        work.M = sums->M + g * k * k;
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = invert(&work, false);
        for (size_t i = 0; i < rank && status == RK_OK; i++)
            work.v[i] = sqrt((G - 1.0) / G) * dot(work.A + i * k, sums->score + g * k, k);
        if (status == RK_OK)
            add_outer(answer->meat, work.v, rank);
    }
    work_free(&work);
    return status;
}
