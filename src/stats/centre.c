/* Deviations from the means of units, the means themselves, and what share of the variation the
 * deviations have. */
#include "centre.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/correlation.h"

/* A power of two that scales x to about 1: that costs no digit and keeps squares in range. */
static double scale_of(const double *x, size_t n)
{
    double largest = 0.0;
    int exponent;

    for (size_t i = 0; i < n; i++) /* no fmax: a call a value */
        largest = fabs(x[i]) > largest ? fabs(x[i]) : largest;
    frexp(largest, &exponent);
    return ldexp(1.0, exponent > -1000 ? -exponent : 1000);
}

static struct rk_unit_sum *unit_of(struct rk_unit_sum *work, const uint32_t *unit, size_t i)
{
    return &work[unit == NULL ? 0 : unit[i]];
}

void rk_centre(const double *x, const uint32_t *unit, size_t n, struct rk_unit_sum *work,
               size_t n_units, double *out)
{
    double scale = scale_of(x, n);

    memset(work, 0, n_units * sizeof *work);
    for (size_t i = 0; i < n; i++) {
        struct rk_unit_sum *u = unit_of(work, unit, i);

        out[i] = x[i] * scale;
        if (u->n++ == 0)
            u->origin = out[i];
        out[i] -= u->origin;
        rk_sum_add(&u->sum, out[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct rk_unit_sum *u = unit_of(work, unit, i);

        out[i] -= rk_sum_value(&u->sum) / (double)u->n;
    }
}

double rk_norm(const double *u, size_t n)
{
    struct rk_sum squares = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&squares, u[i] * u[i]);
    return sqrt(rk_sum_value(&squares));
}

/* From plain sums, not differences from an origin: units with equal sums have to have equal means,
 * or ranks would break the tie. */
enum rk_status rk_unit_means(const double *x, const uint32_t *unit, size_t n, size_t n_units,
                             double *mean)
{
    struct rk_unit_sum *work = calloc(n_units + 1, sizeof *work);
    double scale = scale_of(x, n);

    if (work == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct rk_unit_sum *u = &work[unit[i]];

        if (u->n++ == 0)
            u->origin = x[i];
        u->varies = u->varies || x[i] != u->origin;
        rk_sum_add(&u->sum, x[i] * scale);
    }
    for (size_t g = 0; g < n_units; g++) {
        const struct rk_unit_sum *u = &work[g];
        double sum = rk_sum_value(&u->sum);

        mean[g] = u->n == 0 ? NAN : u->varies ? sum / (double)u->n / scale : u->origin;
    }
    free(work);
    return RK_OK;
}

enum rk_status rk_within_share(const double *x, const uint32_t *unit, size_t n, size_t n_units,
                               double *share)
{
    double *u = malloc((n + 1) * sizeof *u), whole, part;
    struct rk_unit_sum *work = malloc((n_units + 1) * sizeof *work);
    enum rk_status status = u == NULL || work == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        rk_centre(x, NULL, n, work, 1, u);
        whole = rk_norm(u, n);
        rk_centre(x, unit, n, work, n_units, u);
        part = rk_norm(u, n);
        *share = whole > 0.0 ? fmin(1.0, (part / whole) * (part / whole)) : NAN;
    }
    free(work);
    free(u);
    return status;
}
