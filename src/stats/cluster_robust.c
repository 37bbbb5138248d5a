#include "cluster_robust.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

/* CR2's work is clusters x k^3, mostly for roots of k-by-k matrices: beyond this, minutes. */
static const double MOST_CR2 = 1e8;
/* The joint test needs (k q)^2 sums for each cluster. */
static const double MOST_JOINT = 1e9;
static const size_t MOST_JOINT_SIDE = 1500;

static const double ZERO_EIGENVALUE = 1e-8;

/* All in the basis of Q, where (X'X)^-1 is the identity: M_g = Q_g'Q_g is symmetric, A_g Q_g =
 * Q_g (I - M_g)^-1/2, and the inner products that Satterthwaite's df needs are
 *   p_g'p_h = [g = h] w_g'w_g - v_g'v_h,  w_g = Q_g A r,  v_g = M_g A r
 * for the contrast r (a row of R^-1). Nothing is as large as a cluster. */
struct work {
    const struct rk_fit *fit;
    size_t k, n_clusters;
    size_t *start, *row; /* rows by cluster, clusters that are empty left out */
    double *M, *score;   /* of the cluster at hand */
    double *A, *MA, *AMA;
    double *sum_of_p, *sum_of_squares; /* k: of p_g'p_g, and the part of (p_g'p_h)^2 with g = h */
    double *outer;                     /* k of k-by-k: for each coefficient the sum of v_g v_g' */
    double *v;
    size_t first, q; /* slopes are first .. first + q - 1 */
    double joint_squares;
    double *joint_outer; /* (k q)-by-(k q): sum of vec(V_g) vec(V_g)'; NULL where it is too large */
    double *vec;
    gsl_matrix *I_minus_M, *vectors;
    gsl_vector *values;
    gsl_eigen_symmv_workspace *eigen;
    double *meat;
};

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

static bool counts(const struct rk_fit *fit, size_t i)
{
    return fit->root == NULL || fit->root[i] > 0.0;
}

/* Sorts the rows by cluster. RK_OK, RK_ENOMEM. */
static enum rk_status sort_rows(const struct rk_clusters *clusters, struct work *work)
{
    size_t n = work->fit->n, *place, used = 0, next = 0;

    place = calloc(clusters->n_codes + 1, sizeof *place);
    work->start = calloc(clusters->n_codes + 2, sizeof *work->start);
    work->row = calloc(n + 1, sizeof *work->row);
    if (place == NULL || work->start == NULL || work->row == NULL) {
        free(place);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < n; i++)
        place[clusters->code[i]] += counts(work->fit, i);
    for (size_t g = 0; g < clusters->n_codes; g++) {
        size_t count = place[g];

        place[g] = next;
        next += count;
        if (count > 0)
            work->start[++used] = next;
    }
    for (size_t i = 0; i < n; i++) {
        if (counts(work->fit, i))
            work->row[place[clusters->code[i]]++] = i;
    }
    work->n_clusters = used;
    free(place);
    return RK_OK;
}

static void cluster_score(const struct work *work, size_t g, double *score)
{
    const struct rk_fit *fit = work->fit;

    for (size_t j = 0; j < work->k; j++) {
        score[j] = 0.0;
        for (size_t r = work->start[g]; r < work->start[g + 1]; r++)
            score[j] += fit->Q[j * fit->n + work->row[r]] * fit->u[work->row[r]];
    }
}

static void add_outer(double *sum, const double *x, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            sum[i * k + j] += x[i] * x[j];
    }
}

static void cr1(const struct work *work, double parameters, struct cluster_robust *answer)
{
    double G = (double)work->n_clusters, n = (double)work->fit->nobs;
    double factor = G / (G - 1.0) * (n - 1.0) / (n - parameters);

    for (size_t g = 0; g < work->n_clusters; g++) {
        cluster_score(work, g, work->score);
        add_outer(work->meat, work->score, work->k);
    }
    for (size_t i = 0; i < work->k * work->k; i++)
        work->meat[i] *= factor;
    for (size_t j = 0; j < work->k; j++)
        answer->df[j] = G - 1.0;
    answer->f_scale = 1.0;
    answer->f_df2 = G - 1.0;
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

/* A = (I - M)^-1/2 by eigenvalues; those that are 0 stay 0 (pseudo-inverse). */
static enum rk_status inverse_root(struct work *work)
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
            double x = gsl_matrix_get(work->vectors, i, l) / sqrt(value);

            for (size_t j = 0; j < k; j++)
                work->A[i * k + j] += x * gsl_matrix_get(work->vectors, j, l);
        }
    }
    return RK_OK;
}

static void cluster_moments(struct work *work, size_t g)
{
    const struct rk_fit *fit = work->fit;
    size_t k = work->k;

    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = 0.0;

            for (size_t r = work->start[g]; r < work->start[g + 1]; r++)
                sum += fit->Q[i * fit->n + work->row[r]] * fit->Q[j * fit->n + work->row[r]];
            work->M[i * k + j] = work->M[j * k + i] = sum;
        }
    }
    cluster_score(work, g, work->score);
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
    size_t k = work->k;

    for (size_t j = 0; j < k; j++) {
        const double *r = work->fit->R_inverse + j * k;
        double length = dot(r, r, k), ww = 0.0, vv;

        for (size_t i = 0; i < k; i++) {
            work->v[i] = dot(work->MA + i * k, r, k) / sqrt(length);
            ww += r[i] * dot(work->AMA + i * k, r, k) / length;
        }
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

static enum rk_status cr2(struct work *work, struct cluster_robust *answer)
{
    size_t k = work->k;

    for (size_t g = 0; g < work->n_clusters; g++) {
        enum rk_status status;

        cluster_moments(work, g);
        status = inverse_root(work);
        if (status != RK_OK)
            return status;
        multiply(work->M, work->A, k, work->MA);
        multiply(work->A, work->MA, k, work->AMA);
        for (size_t i = 0; i < k; i++)
            work->v[i] = dot(work->A + i * k, work->score, k);
        add_outer(work->meat, work->v, k);
        add_contrasts(work);
        add_joint(work);
    }
    for (size_t j = 0; j < k; j++) {
        const double *outer = work->outer + j * k * k;

        answer->df[j] = work->sum_of_p[j] * work->sum_of_p[j] /
                        (work->sum_of_squares[j] + dot(outer, outer, k * k));
    }
    finish_joint(work, answer);
    return RK_OK;
}

static bool joint_is_small(const struct work *work)
{
    double side = (double)work->k * (double)work->q;

    return work->q > 0 && side <= (double)MOST_JOINT_SIDE &&
           side * side * (double)work->n_clusters <= MOST_JOINT;
}

static enum rk_status cr2_alloc(struct work *work)
{
    size_t k = work->k, side = k * work->q;
    bool joint = joint_is_small(work);

    work->M = numbers(k * k);
    work->A = numbers(k * k);
    work->MA = numbers(k * k);
    work->AMA = numbers(k * k);
    work->sum_of_p = numbers(k);
    work->sum_of_squares = numbers(k);
    work->outer = numbers(k * k * k);
    work->v = numbers(k);
    work->joint_outer = joint ? numbers(side * side) : NULL;
    work->vec = numbers(joint ? side : 0);
    work->I_minus_M = gsl_matrix_alloc(k, k);
    work->vectors = gsl_matrix_alloc(k, k);
    work->values = gsl_vector_alloc(k);
    work->eigen = gsl_eigen_symmv_alloc(k);
    return work->M != NULL && work->A != NULL && work->MA != NULL && work->AMA != NULL &&
                   work->sum_of_p != NULL && work->sum_of_squares != NULL && work->outer != NULL &&
                   work->v != NULL && work->vec != NULL && (work->joint_outer != NULL || !joint) &&
                   work->I_minus_M != NULL && work->vectors != NULL && work->values != NULL &&
                   work->eigen != NULL
               ? RK_OK
               : RK_ENOMEM;
}

static void work_free(struct work *work)
{
    free(work->start);
    free(work->row);
    free(work->score);
    free(work->M);
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

/* CR2 or, where it cannot be had, CR1. */
static enum rk_status choose(const struct rk_clusters *clusters, struct work *work,
                             struct cluster_robust *answer)
{
    const struct rk_fit *fit = work->fit;
    size_t not_nested = fit->df_absorbed - clusters->df_nested;
    double k = (double)work->k;
    enum rk_status status;

    if (work->n_clusters < 2)
        return RK_EONECLUSTER;
    answer->n_clusters = work->n_clusters;
    answer->reason = "";
    if (answer->method == RK_VCOV_CR2 && not_nested > 0) {
        answer->method = RK_VCOV_CLUSTER;
        answer->reason = "the fixed effect is not nested in the clusters";
    } else if (answer->method == RK_VCOV_CR2 && (double)work->n_clusters * k * k * k > MOST_CR2) {
        answer->method = RK_VCOV_CLUSTER;
        answer->reason = "CR2 would take too long";
    }
    if (answer->method == RK_VCOV_CLUSTER) {
        cr1(work, (double)(fit->rank + not_nested), answer);
        return RK_OK;
    }
    status = cr2_alloc(work);
    return status == RK_OK ? cr2(work, answer) : status;
}

enum rk_status cluster_robust_meat(const struct rk_fit *fit, const struct rk_clusters *clusters,
                                   struct cluster_robust *answer)
{
    struct work work = {.fit = fit, .k = fit->rank, .meat = answer->meat};
    enum rk_status status;

    work.first = fit->has_intercept && fit->kept[0] == 0;
    work.q = fit->rank - work.first;
    for (size_t i = 0; i < fit->rank * fit->rank; i++)
        answer->meat[i] = 0.0;
    work.score = numbers(fit->rank);
    status = work.score == NULL ? RK_ENOMEM : sort_rows(clusters, &work);
    if (status == RK_OK)
        status = choose(clusters, &work, answer);
    work_free(&work);
    return status;
}
