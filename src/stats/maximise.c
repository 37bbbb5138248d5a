#include "repkit/maximise.h"

#include <math.h>
#include <string.h>

enum { N = RK_MAXIMISE_MOST, MOST_STEPS = 500, POLISHING_STEPS = 20, MOST_HALVINGS = 47 };

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static double largest(const double *a, size_t n)
{
    double most = 0.0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(a[i]));
    return most;
}

/* Goes along the direction, halving the step until the value rises enough. Returns the new value,
 * or NaN where no step does; x and gradient are then as they were. */
static double line_search(const struct rk_objective *f, double *x, double *gradient,
                          const double *direction, double value)
{
    double slope = dot(gradient, direction, f->n), trial[N], trial_gradient[N];

    for (int halvings = 0; halvings < MOST_HALVINGS; halvings++) {
        double found, step = ldexp(1.0, -halvings);

        for (size_t i = 0; i < f->n; i++)
            trial[i] = x[i] + step * direction[i];
        found = f->value(f->data, trial, trial_gradient);
        if (isfinite(found) && found >= value + 1e-4 * step * slope) {
            memcpy(x, trial, f->n * sizeof *x);
            memcpy(gradient, trial_gradient, f->n * sizeof *gradient);
            return found;
        }
    }
    return NAN;
}

/* The BFGS update of the inverse of minus the Hessian, after a step s that changed the gradient by
 * -y. Left alone where the curvature along the step is not downwards. */
static void update(double B[N][N], const double *s, const double *y, size_t n)
{
    double sy = dot(s, y, n), By[N], yBy;

    if (!(sy > 1e-300))
        return;
    for (size_t i = 0; i < n; i++)
        By[i] = dot(B[i], y, n);
    yBy = dot(y, By, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            B[i][j] += (1.0 + yBy / sy) * s[i] * s[j] / sy - (By[i] * s[j] + s[i] * By[j]) / sy;
}

static double climb(const struct rk_objective *f, double *x, double *gradient, double value)
{
    double B[N][N] = {{0}}, direction[N], s[N], y[N];

    for (size_t i = 0; i < f->n; i++)
        B[i][i] = 1.0 / fmax(1.0, largest(gradient, f->n));
    for (int step = 0; step < MOST_STEPS; step++) {
        double found;

        for (size_t i = 0; i < f->n; i++)
            direction[i] = dot(B[i], gradient, f->n);
        memcpy(s, x, f->n * sizeof *s);
        memcpy(y, gradient, f->n * sizeof *y);
        found = line_search(f, x, gradient, direction, value);
        if (isnan(found))
            break;
        for (size_t i = 0; i < f->n; i++) {
            s[i] = x[i] - s[i];
            y[i] -= gradient[i];
        }
        update(B, s, y, f->n);
        if (found - value <= 1e-14 * (1.0 + fabs(found)) &&
            largest(s, f->n) <= 1e-10 * (1.0 + largest(x, f->n)))
            return found;
        value = found;
    }
    return value;
}

/* The Hessian by central differences of the gradient. */
static int differentiate(const struct rk_objective *f, const double *x, double H[N][N])
{
    double moved[N], up[N], down[N];

    memcpy(moved, x, f->n * sizeof *moved);
    for (size_t j = 0; j < f->n; j++) {
        double h = 6e-6 * (1.0 + fabs(x[j]));

        moved[j] = x[j] + h;
        if (isnan(f->value(f->data, moved, up)))
            return 0;
        moved[j] = x[j] - h;
        if (isnan(f->value(f->data, moved, down)))
            return 0;
        moved[j] = x[j];
        for (size_t i = 0; i < f->n; i++)
            H[i][j] = (up[i] - down[i]) / (2.0 * h);
    }
    for (size_t i = 0; i < f->n; i++)
        for (size_t j = 0; j < i; j++)
            H[i][j] = H[j][i] = (H[i][j] + H[j][i]) / 2.0;
    return 1;
}

/* Solves -H step = gradient by Cholesky; 0 where -H is not positive definite. */
static int newton_step(double H[N][N], const double *gradient, size_t n, double *step)
{
    double L[N][N];

    for (size_t j = 0; j < n; j++) {
        double d = -H[j][j] - dot(L[j], L[j], j);

        if (!(d > 0.0))
            return 0;
        L[j][j] = sqrt(d);
        for (size_t i = j + 1; i < n; i++)
            L[i][j] = (-H[i][j] - dot(L[i], L[j], j)) / L[j][j];
    }
    for (size_t i = 0; i < n; i++)
        step[i] = (gradient[i] - dot(L[i], step, i)) / L[i][i];
    for (size_t i = n; i-- > 0;) {
        for (size_t k = i + 1; k < n; k++)
            step[i] -= L[k][i] * step[k];
        step[i] /= L[i][i];
    }
    return 1;
}

enum rk_status rk_maximise(const struct rk_objective *objective, double *x, double *hessian,
                           double *value)
{
    const struct rk_objective *f = objective;
    double at[N], gradient[N], H[N][N], step[N] = {0}, trial[N], trial_gradient[N];
    double found;

    memcpy(at, x, f->n * sizeof *at);
    found = f->value(f->data, at, gradient);
    if (!isfinite(found))
        return RK_EDOMAIN;
    found = climb(f, at, gradient, found);
    for (int i = 0; i < POLISHING_STEPS; i++) {
        double next;

        if (!differentiate(f, at, H) || !newton_step(H, gradient, f->n, step))
            return RK_ENOCONVERGE;
        for (size_t j = 0; j < f->n; j++)
            trial[j] = at[j] + step[j];
        next = f->value(f->data, trial, trial_gradient);
        if (isnan(next) || largest(trial_gradient, f->n) >= largest(gradient, f->n))
            break;
        found = next;
        memcpy(at, trial, sizeof at);
        memcpy(gradient, trial_gradient, sizeof gradient);
    }
    if (largest(gradient, f->n) > 1e-6 * (1.0 + fabs(found)) || largest(step, f->n) > 1e-4)
        return RK_ENOCONVERGE;
    memcpy(x, at, f->n * sizeof *x);
    for (size_t i = 0; i < f->n && hessian != NULL; i++)
        memcpy(hessian + i * f->n, H[i], f->n * sizeof *hessian);
    if (value != NULL)
        *value = found;
    return RK_OK;
}
