#include "repkit/copula.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const double least_eigenvalue = 1e-8;

static bool is_correlation(const double *rho, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (rho[i * n + i] != 1.0)
            return false;
        for (size_t j = 0; j < i; j++)
            if (!(fabs(rho[i * n + j]) <= 1.0) || rho[i * n + j] != rho[j * n + i])
                return false;
    }
    return true;
}

/* Raises what eigenvalues are too small and puts the matrix together again, with ones on the
 * diagonal; leaves it as it is where none is. */
static enum rk_status clip(gsl_matrix *r)
{
    size_t n = r->size1;
    gsl_matrix *copy = gsl_matrix_alloc(n, n), *vectors = gsl_matrix_alloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symmv_workspace *work = gsl_eigen_symmv_alloc(n);
    enum rk_status status = RK_ENOMEM;

    if (copy != NULL && vectors != NULL && values != NULL && work != NULL) {
        status = gsl_matrix_memcpy(copy, r) == GSL_SUCCESS &&
                         gsl_eigen_symmv(copy, values, vectors, work) == GSL_SUCCESS
                     ? RK_OK
                     : RK_ENOCONVERGE;
    }
    if (status == RK_OK && gsl_vector_min(values) < least_eigenvalue) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double sum = 0.0;

                for (size_t k = 0; k < n; k++)
                    sum += gsl_matrix_get(vectors, i, k) * gsl_matrix_get(vectors, j, k) *
                           fmax(gsl_vector_get(values, k), least_eigenvalue);
                gsl_matrix_set(copy, i, j, sum);
            }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                gsl_matrix_set(r, i, j,
                               i == j
                                   ? 1.0
                                   : gsl_matrix_get(copy, i, j) / sqrt(gsl_matrix_get(copy, i, i) *
                                                                       gsl_matrix_get(copy, j, j)));
    }
    gsl_matrix_free(copy);
    gsl_matrix_free(vectors);
    gsl_vector_free(values);
    gsl_eigen_symmv_free(work);
    return status;
}

enum rk_status rk_copula_factor(const double *rho, size_t n, double *factor, double *change)
{
    gsl_matrix *r;
    double most = 0.0;
    enum rk_status status;

    if (n == 0 || !is_correlation(rho, n))
        return RK_EDOMAIN;
    r = gsl_matrix_alloc(n, n);
    if (r == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n * n; i++)
        r->data[i] = 2.0 * sin(M_PI * rho[i] / 6.0);
    for (size_t i = 0; i < n; i++)
        gsl_matrix_set(r, i, i, 1.0);
    status = clip(r);
    for (size_t i = 0; i < n * n; i++) {
        double now = 6.0 / M_PI * asin(0.5 * r->data[i]);

        if (fabs(now - rho[i]) > 1e-9) /* else rounding */
            most = fmax(most, fabs(now - rho[i]));
    }
    if (status == RK_OK && gsl_linalg_cholesky_decomp1(r) != GSL_SUCCESS)
        status = RK_ENOCONVERGE;
    if (status == RK_OK) {
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                factor[i * n + j] = j <= i ? gsl_matrix_get(r, i, j) : 0.0;
        if (change != NULL)
            *change = most;
    }
    gsl_matrix_free(r);
    return status;
}
