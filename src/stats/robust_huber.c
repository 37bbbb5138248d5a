/* Huber's M-estimate, with the scale estimated beside it. */
#include <math.h>
#include <stdlib.h>

#include "repkit/quantile.h"
#include "robust_parts.h"

static const double HUBER = 1.345;
static const double MAD = 0.6745; /* as MASS has it, not qnorm(0.75) */
static const double SMALL_STEP = 1e-13;
enum { MOST_STEPS = 5000 };

double robust_huber_weight(double x)
{
    return fabs(x) <= HUBER ? 1.0 : HUBER / fabs(x);
}

/* The median of |r| / 0.6745. */
static double scale_of(const double *r, size_t n, double *work)
{
    for (size_t i = 0; i < n; i++)
        work[i] = fabs(r[i]);
    rk_sort(work, n);
    return 0.5 * (work[(n - 1) / 2] + work[n / 2]) / MAD;
}

/* From the least-squares fit, whose coefficients on Q are Q'y, to where the weights stand still. */
enum rk_status robust_huber(const struct robust *robust, double least, double *b, double *r,
                            double *scale, int *steps)
{
    struct robust_work work = {0};
    bool fine = robust_work_init(robust, &work);
    enum rk_status status = fine ? RK_ENOCONVERGE : RK_ENOMEM;
    size_t n = robust->n;

    for (size_t j = 0; j < robust->k; j++) {
        b[j] = 0.0;
        for (size_t i = 0; i < n; i++)
            b[j] += robust->Q[j * n + i] * robust->y[i];
    }
    for (*steps = 1; fine && *steps <= MOST_STEPS; (*steps)++) {
        double change = 0.0, size = 0.0;

        if (rk_cancelled(robust->ctx) != RK_OK) {
            status = rk_cancelled(robust->ctx);
            break;
        }
        robust_residuals(robust, b, r);
        *scale = scale_of(r, n, work.r);
        if (!(*scale > least)) {
            status = RK_EPERFECT;
            break;
        }
        for (size_t i = 0; i < n; i++)
            work.w[i] = robust_huber_weight(r[i] / *scale);
        if (!robust_solve_weighted(robust, &work))
            break;
        for (size_t j = 0; j < robust->k; j++) {
            change += (work.to[j] - b[j]) * (work.to[j] - b[j]);
            size += b[j] * b[j];
            b[j] = work.to[j];
        }
        if (change <= SMALL_STEP * SMALL_STEP * size) {
            status = RK_OK;
            break;
        }
    }
    if (status == RK_OK) {
        robust_residuals(robust, b, r);
        *scale = scale_of(r, n, work.r);
    }
    robust_work_free(&work);
    return status;
}

/* Huber (1981, section 7.6): s^2 = sum (w r)^2 / (n - k), over the mean m of psi', corrected by
 * 1 + k var(psi') / (n m^2); times (X'X)^-1, which is the identity in the basis of Q. */
double robust_huber_variance(const struct robust *robust, const double *r, double scale)
{
    double n = (double)robust->n, k = (double)robust->k, squares = 0.0, inside = 0.0, m, kappa;

    for (size_t i = 0; i < robust->n; i++) {
        double w = robust_huber_weight(r[i] / scale);

        squares += w * r[i] * w * r[i];
        inside += fabs(r[i] / scale) <= HUBER;
    }
    m = inside / n;
    kappa = 1.0 + k * (m * (1.0 - m) * n / (n - 1.0)) / (n * m * m);
    return squares / (n - k) * (kappa / m) * (kappa / m);
}
