/* Maximum likelihood of a few parameters. */
#ifndef REPKIT_MAXIMISE_H
#define REPKIT_MAXIMISE_H

#include <stddef.h>

#include "repkit/status.h"

enum { RK_MAXIMISE_MOST = 8 };

/* A function of n parameters that has a gradient. Returns its value; NaN where it has none. */
struct rk_objective {
    double (*value)(const void *data, const double *x, double *gradient);
    const void *data;
    size_t n; /* at most RK_MAXIMISE_MOST */
};

/* Climbs from x to a local maximum: BFGS with step halving, then Newton steps with the Hessian by
 * central differences of the gradient, until the gradient is 0 to rounding.
 * x         n numbers, where to start; the maximum on return
 * hessian   n-by-n at the maximum; NULL if it is not wanted
 * value     at the maximum; NULL if it is not wanted
 * Returns RK_OK; RK_ENOCONVERGE (the gradient does not vanish: no maximum, or one at infinity);
 * RK_EDOMAIN (no value at the start). x unchanged on failure.
 * In R: optim(x, f, gradient, method = "BFGS", control = list(fnscale = -1)). */
enum rk_status rk_maximise(const struct rk_objective *objective, double *x, double *hessian,
                           double *value);

#endif
