/* The covariance of an MM-estimate that does not take the errors to be symmetric or alike. */
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "robust_parts.h"

/* psi and psi' of the bisquare, unscaled. */
static double psi(double x)
{
    return x * robust_weight(x, M_TUNING);
}

static double psi_slope(double x)
{
    double u = x / M_TUNING * (x / M_TUNING);

    return u < 1.0 ? (1.0 - u) * (1.0 - 5.0 * u) : 0.0;
}

static double chi_slope(double x)
{
    return 6.0 / (S_TUNING * S_TUNING) * x * robust_weight(x, S_TUNING);
}

/* All k-by-k or k. */
struct parts {
    size_t k;
    gsl_matrix *A;  /* scale (X' psi' X)^-1 */
    gsl_matrix *B;  /* X' psi^2 X */
    gsl_vector *a;  /* A X' (psi' r) / (s mean(chi' r0 / s)) */
    gsl_vector *c;  /* X' (psi chi) */
    gsl_vector *Ac; /* A c */
    gsl_matrix *AB;
    gsl_matrix *out;
    double chi_variance; /* mean(chi^2) - 1/4 */
};

static bool parts_alloc(struct parts *parts, size_t k)
{
    parts->k = k;
    parts->A = gsl_matrix_calloc(k, k);
    parts->B = gsl_matrix_calloc(k, k);
    parts->AB = gsl_matrix_calloc(k, k);
    parts->out = gsl_matrix_calloc(k, k);
    parts->a = gsl_vector_calloc(k);
    parts->c = gsl_vector_calloc(k);
    parts->Ac = gsl_vector_calloc(k);
    return parts->A != NULL && parts->B != NULL && parts->AB != NULL && parts->out != NULL &&
           parts->a != NULL && parts->c != NULL && parts->Ac != NULL;
}

static void parts_free(struct parts *parts)
{
    gsl_matrix_free(parts->A);
    gsl_matrix_free(parts->B);
    gsl_matrix_free(parts->AB);
    gsl_matrix_free(parts->out);
    gsl_vector_free(parts->a);
    gsl_vector_free(parts->c);
    gsl_vector_free(parts->Ac);
}

static double at(const gsl_matrix *m, size_t i, size_t j)
{
    return gsl_matrix_get(m, i, j);
}

/* The inverse of parts->B, which is lost, times scale, into parts->A. */
static bool invert(struct parts *parts, double scale)
{
    size_t k = parts->k;
    bool fine;

    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            gsl_matrix_set(parts->A, i, j, i == j ? scale : 0.0);
    fine = robust_eliminate(parts->B->data, k, parts->A->data, k);
    for (size_t i = 0; i < k && fine; i++)
        fine = isfinite(at(parts->A, i, i));
    return fine;
}

static void multiply(const gsl_matrix *m, const gsl_vector *x, gsl_vector *to)
{
    for (size_t i = 0; i < x->size; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < x->size; j++)
            sum += at(m, i, j) * gsl_vector_get(x, j);
        gsl_vector_set(to, i, sum);
    }
}

/* Sums over the rows; weight: of the cross-products, value: of the columns. */
static void cross(const struct robust *robust, const double *weight, const double *value,
                  gsl_matrix *products, gsl_vector *sums)
{
    size_t n = robust->n;

    for (size_t j = 0; j < robust->k; j++) {
        const double *a = robust->Q + j * n;
        double own = 0.0;

        for (size_t i = 0; i < n; i++)
            own += value[i] * a[i];
        gsl_vector_set(sums, j, own);
        for (size_t l = 0; l <= j; l++) {
            const double *b = robust->Q + l * n;
            double sum = 0.0;

            for (size_t i = 0; i < n; i++)
                sum += weight[i] * a[i] * b[i];
            gsl_matrix_set(products, j, l, sum);
            gsl_matrix_set(products, l, j, sum);
        }
    }
}

static bool fill(const struct robust *robust, const double *r, const double *r0, double scale,
                 double *weight, double *value, struct parts *parts)
{
    size_t n = robust->n;
    double slope = 0.0, squares = 0.0;

    for (size_t i = 0; i < n; i++) {
        double x = r[i] / scale, x0 = r0[i] / scale;

        weight[i] = psi_slope(x);
        value[i] = weight[i] * x;
        slope += chi_slope(x0) * x0 / (double)n;
        squares += robust_rho(x0, S_TUNING) * robust_rho(x0, S_TUNING) / (double)n;
    }
    parts->chi_variance = squares - 0.25;
    cross(robust, weight, value, parts->B, parts->c);
    if (!invert(parts, scale))
        return false;
    multiply(parts->A, parts->c, parts->a);
    gsl_vector_scale(parts->a, 1.0 / slope);
    for (size_t i = 0; i < n; i++) {
        value[i] = psi(r[i] / scale);
        weight[i] = value[i] * value[i];
        value[i] *= robust_rho(r0[i] / scale, S_TUNING);
    }
    cross(robust, weight, value, parts->B, parts->c);
    multiply(parts->A, parts->c, parts->Ac);
    return true;
}

/* A B A - (a c'A + A c a') / n + var(chi) a a' / n */
static void combine(struct parts *parts, double n)
{
    size_t k = parts->k;

    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            double sum = 0.0;

            for (size_t l = 0; l < k; l++)
                sum += at(parts->A, i, l) * at(parts->B, l, j);
            gsl_matrix_set(parts->AB, i, j, sum);
        }
    }
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++) {
            double a = gsl_vector_get(parts->a, i), b = gsl_vector_get(parts->a, j);
            double rest = parts->chi_variance * a * b - a * gsl_vector_get(parts->Ac, j) -
                          gsl_vector_get(parts->Ac, i) * b;
            double sum = rest / n;

            for (size_t l = 0; l < k; l++)
                sum += at(parts->AB, i, l) * at(parts->A, l, j);
            gsl_matrix_set(parts->out, i, j, sum);
        }
    }
}

/* Negative eigenvalues, which the formula does not exclude, become 0; the diagonal stays. */
static enum rk_status repair(struct parts *parts)
{
    size_t k = parts->k;
    gsl_matrix *copy = gsl_matrix_alloc(k, k), *vectors = gsl_matrix_alloc(k, k);
    gsl_vector *values = gsl_vector_alloc(k);
    gsl_eigen_symmv_workspace *space = gsl_eigen_symmv_alloc(k);
    enum rk_status status = RK_ENOMEM;

    if (copy != NULL && vectors != NULL && values != NULL && space != NULL) {
        gsl_matrix_memcpy(copy, parts->out);
        status =
            gsl_eigen_symmv(copy, values, vectors, space) == GSL_SUCCESS ? RK_OK : RK_ENOCONVERGE;
    }
    if (status == RK_OK && gsl_vector_min(values) < 0.0) {
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++) {
                double sum = 0.0;

                for (size_t l = 0; l < k; l++)
                    sum += fmax(0.0, gsl_vector_get(values, l)) * at(vectors, i, l) *
                           at(vectors, j, l);
                gsl_matrix_set(copy, i, j, sum);
            }
        }
        for (size_t i = 0; i < k; i++) /* the scaling that keeps the diagonal */
            gsl_vector_set(values, i, sqrt(fmax(0.0, at(parts->out, i, i)) / at(copy, i, i)));
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++)
                gsl_matrix_set(parts->out, i, j,
                               at(copy, i, j) * gsl_vector_get(values, i) *
                                   gsl_vector_get(values, j));
        }
    }
    gsl_matrix_free(copy);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    if (space != NULL)
        gsl_eigen_symmv_free(space);
    return status;
}

enum rk_status robust_covariance(const struct robust *robust, const double *r, const double *r0,
                                 double scale, double *vcov)
{
    struct parts parts = {0};
    double *weight = malloc((robust->n + 1) * sizeof *weight);
    double *value = malloc((robust->n + 1) * sizeof *value);
    enum rk_status status = RK_ENOMEM;

    if (parts_alloc(&parts, robust->k) && weight != NULL && value != NULL) {
        status = fill(robust, r, r0, scale, weight, value, &parts) ? RK_OK : RK_ENOCONVERGE;
        if (status == RK_OK) {
            combine(&parts, (double)robust->n);
            status = repair(&parts);
        }
        for (size_t i = 0; i < robust->k && status == RK_OK; i++)
            for (size_t j = 0; j < robust->k; j++)
                vcov[i * robust->k + j] = at(parts.out, i, j);
    }
    parts_free(&parts);
    free(weight);
    free(value);
    return status;
}
