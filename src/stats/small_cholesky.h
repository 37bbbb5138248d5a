/* Cholesky factors of the small matrices that curves are solved by; private to src/stats. */
#ifndef REPKIT_STATS_SMALL_CHOLESKY_H
#define REPKIT_STATS_SMALL_CHOLESKY_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A pivot below this share of its diagonal is rounding. */
#define SMALL_PIVOT 1e-11

/* a, k-by-k, lower triangle, becomes L with a = L L'. false where it is singular. */
static inline bool small_cholesky(double *a, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        double diagonal = a[i * k + i];

        for (size_t j = 0; j <= i; j++) {
            double sum = a[i * k + j];

            for (size_t l = 0; l < j; l++)
                sum -= a[i * k + l] * a[j * k + l];
            if (i != j)
                a[i * k + j] = sum / a[j * k + j];
            else if (sum > SMALL_PIVOT * diagonal && sum > 0.0)
                a[i * k + i] = sqrt(sum);
            else
                return false;
        }
    }
    return true;
}

/* x becomes L^-1 x. */
static inline void small_forward(const double *L, size_t k, double *x)
{
    for (size_t i = 0; i < k; i++) {
        for (size_t l = 0; l < i; l++)
            x[i] -= L[i * k + l] * x[l];
        x[i] /= L[i * k + i];
    }
}

/* x becomes L'^-1 x. */
static inline void small_backward(const double *L, size_t k, double *x)
{
    for (size_t i = k; i-- > 0;) {
        for (size_t l = i + 1; l < k; l++)
            x[i] -= L[l * k + i] * x[l];
        x[i] /= L[i * k + i];
    }
}

static inline double small_dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

#endif
