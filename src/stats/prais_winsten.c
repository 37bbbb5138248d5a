#include "prais_winsten.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool follows(const size_t *slot, size_t i)
{
    return i > 0 && slot[i] == slot[i - 1] + 1;
}

/* --- the basis ---------------------------------------------------------------------------- */

void pw_basis_free(struct pw_basis *basis)
{
    free(basis->Q); /* the others lie in the same piece of memory */
    basis->Q = NULL;
}

/* Gram and Schmidt, twice, which is enough. R_inverse is made by the same steps on the unit
 * matrix. */
static enum rk_status orthonormalise(const struct rk_series_design *d, struct pw_basis *b)
{
    size_t n = d->n, k = d->k;

    for (size_t j = 0; j < k; j++) {
        double norm = 0.0, left = 0.0;

        for (size_t i = 0; i < n; i++) {
            b->Q[i * k + j] = d->X[j * n + i];
            norm = hypot(norm, d->X[j * n + i]);
        }
        b->R_inverse[j * k + j] = 1.0;
        for (int pass = 0; pass < 2; pass++) {
            for (size_t l = 0; l < j; l++) {
                double dot = 0.0;

                for (size_t i = 0; i < n; i++)
                    dot += b->Q[i * k + l] * b->Q[i * k + j];
                for (size_t i = 0; i < n; i++)
                    b->Q[i * k + j] -= dot * b->Q[i * k + l];
                for (size_t i = 0; i <= l; i++)
                    b->R_inverse[i * k + j] -= dot * b->R_inverse[i * k + l];
            }
        }
        for (size_t i = 0; i < n; i++)
            left = hypot(left, b->Q[i * k + j]);
        if (!(left > 1e-9 * norm))
            return RK_ESINGULAR;
        for (size_t i = 0; i < n; i++)
            b->Q[i * k + j] /= left;
        for (size_t i = 0; i <= j; i++)
            b->R_inverse[i * k + j] /= left;
    }
    return RK_OK;
}

static void add_product(double *matrix, const double *u, const double *v, double times, size_t k)
{
    for (size_t j = 0; j < k; j++)
        for (size_t l = 0; l < k; l++)
            matrix[j * k + l] += times * u[j] * v[l];
}

/* (1 - rho^2) of the first of each run, (row - rho row before) of the others: */
static void gather_moments(struct pw_basis *b)
{
    size_t k = b->k;

    for (size_t i = 0; i < b->n; i++) {
        const double *row = b->Q + i * k;

        add_product(b->whole, row, row, 1.0, k);
        if (!follows(b->slot, i)) {
            add_product(b->ends, row, row, -1.0, k);
            continue;
        }
        add_product(b->cross, row, row - k, 1.0, k);
        add_product(b->cross, row - k, row, 1.0, k);
        add_product(b->ends, row - k, row - k, 1.0, k);
    }
}

enum rk_status pw_basis_new(const struct rk_series_design *design, struct pw_basis *basis)
{
    size_t n = design->n, k = design->k;
    double *room = calloc(n * k + 4 * k * k + 1, sizeof *room);
    enum rk_status status;

    if (room == NULL)
        return RK_ENOMEM;
    *basis = (struct pw_basis){.n = n,
                               .k = k,
                               .slot = design->slot,
                               .Q = room,
                               .R_inverse = room + n * k,
                               .whole = room + n * k + k * k,
                               .cross = room + n * k + 2 * k * k,
                               .ends = room + n * k + 3 * k * k};
    status = orthonormalise(design, basis);
    if (status == RK_OK)
        gather_moments(basis);
    else
        pw_basis_free(basis);
    return status;
}

enum rk_status pw_work_new(const struct pw_basis *basis, struct pw_work *work)
{
    size_t n = basis->n, k = basis->k;

    work->room = malloc((n + k * k + 4 * k + 1) * sizeof(double));
    if (work->room == NULL)
        return RK_ENOMEM;
    work->e = work->room;
    work->q = work->e + n;
    work->L = work->q + k;
    for (size_t r = 0; r < 3; r++)
        work->moment[r] = work->L + k * k + r * k;
    return RK_OK;
}

/* --- a fit -------------------------------------------------------------------------------- */

static void set_moments(const struct pw_basis *b, const double *y, struct pw_work *w)
{
    size_t k = b->k;

    memset(w->moment[0], 0, 3 * k * sizeof(double));
    for (size_t i = 0; i < b->n; i++) {
        const double *row = b->Q + i * k;
        bool next = follows(b->slot, i);

        for (size_t j = 0; j < k; j++) {
            w->moment[0][j] += row[j] * y[i];
            if (next) {
                const double *before = row - k;

                w->moment[1][j] += row[j] * y[i - 1] + before[j] * y[i];
                w->moment[2][j] += before[j] * y[i - 1];
            } else {
                w->moment[2][j] -= row[j] * y[i];
            }
        }
    }
}

static enum rk_status solve(const struct pw_basis *b, struct pw_work *w)
{
    size_t k = b->k;
    double rho = w->rho;

    for (size_t i = 0; i < k; i++) {
        w->q[i] = w->moment[0][i] - rho * w->moment[1][i] + rho * rho * w->moment[2][i];
        for (size_t j = 0; j <= i; j++) {
            size_t at = i * k + j;
            double value = b->whole[at] - rho * b->cross[at] + rho * rho * b->ends[at];

            for (size_t l = 0; l < j; l++)
                value -= w->L[i * k + l] * w->L[j * k + l];
            if (i == j && !(value > 1e-14))
                return RK_ESINGULAR;
            w->L[at] = i == j ? sqrt(value) : value / w->L[j * k + j];
        }
        for (size_t l = 0; l < i; l++)
            w->q[i] -= w->L[i * k + l] * w->q[l];
        w->q[i] /= w->L[i * k + i];
    }
    for (size_t i = k; i-- > 0;) {
        for (size_t l = i + 1; l < k; l++)
            w->q[i] -= w->L[l * k + i] * w->q[l];
        w->q[i] /= w->L[i * k + i];
    }
    return RK_OK;
}

static void set_residuals(const struct pw_basis *b, const double *y, struct pw_work *w)
{
    for (size_t i = 0; i < b->n; i++) {
        double fitted = 0.0;

        for (size_t j = 0; j < b->k; j++)
            fitted += b->Q[i * b->k + j] * w->q[j];
        w->e[i] = y[i] - fitted;
    }
}

static double next_rho(const struct pw_basis *b, const struct pw_work *w)
{
    double above = 0.0, below = 0.0;

    for (size_t i = 0; i < b->n; i++) {
        if (!follows(b->slot, i))
            continue;
        above += w->e[i] * w->e[i - 1];
        below += w->e[i - 1] * w->e[i - 1];
    }
    return below > 0.0 ? fmax(-RK_RHO_MOST, fmin(RK_RHO_MOST, above / below)) : 0.0;
}

static double innovation(const struct pw_basis *b, const struct pw_work *w, size_t i)
{
    return follows(b->slot, i) ? w->e[i] - w->rho * w->e[i - 1]
                               : sqrt(1.0 - w->rho * w->rho) * w->e[i];
}

enum rk_status pw_fit(const struct pw_basis *basis, const double *y, double tolerance, size_t most,
                      struct pw_work *work)
{
    double rss = 0.0, yy = 0.0;
    enum rk_status status = RK_OK;
    bool settled = false;

    set_moments(basis, y, work);
    work->rho = 0.0;
    for (work->iterations = 0; status == RK_OK; work->iterations++) {
        double rho;

        status = solve(basis, work);
        if (status != RK_OK)
            break;
        set_residuals(basis, y, work);
        rho = next_rho(basis, work);
        settled = fabs(rho - work->rho) < tolerance;
        if (settled || work->iterations == most)
            break;
        work->rho = rho;
    }
    for (size_t i = 0; status == RK_OK && i < basis->n; i++) {
        double u = innovation(basis, work, i);

        rss += u * u;
        yy += y[i] * y[i];
    }
    if (status == RK_OK && !(rss > 1e-22 * yy))
        return RK_EPERFECT;
    work->sigma = sqrt(rss / (double)(basis->n - basis->k));
    return status != RK_OK ? status : settled ? RK_OK : RK_ENOCONVERGE;
}

double pw_quadratic(const struct pw_basis *basis, const struct pw_work *work, const double *a,
                    double *room)
{
    size_t k = basis->k;
    double sum = 0.0;

    for (size_t i = 0; i < k; i++) {
        room[i] = a[i];
        for (size_t l = 0; l < i; l++)
            room[i] -= work->L[i * k + l] * room[l];
        room[i] /= work->L[i * k + i];
        sum += room[i] * room[i];
    }
    return sum;
}

/* --- what is given out -------------------------------------------------------------------- */

void rk_series_fit_free(struct rk_series_fit *fit)
{
    free(fit->coef);
    memset(fit, 0, sizeof *fit);
}

/* M into R^-1 M R^-T, all k-by-k. `half` has room for one more. */
static void spread(const struct pw_basis *b, const double *M, double *half, double *out)
{
    size_t k = b->k;

    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            half[i * k + j] = 0.0;
            for (size_t l = i; l < k; l++)
                half[i * k + j] += b->R_inverse[i * k + l] * M[l * k + j];
        }
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            out[i * k + j] = 0.0;
            for (size_t l = j; l < k; l++)
                out[i * k + j] += half[i * k + l] * b->R_inverse[j * k + l];
        }
}

/* (Z'Z)^-1 times sigma^2, in the basis: columns of the inverse by solving. */
static void inverse(const struct pw_basis *b, const struct pw_work *w, double *M)
{
    size_t k = b->k;

    for (size_t c = 0; c < k; c++) {
        for (size_t i = 0; i < k; i++) {
            double value = i == c ? w->sigma * w->sigma : 0.0;

            for (size_t l = 0; l < i; l++)
                value -= w->L[i * k + l] * M[l * k + c];
            M[i * k + c] = value / w->L[i * k + i];
        }
        for (size_t i = k; i-- > 0;) {
            for (size_t l = i + 1; l < k; l++)
                M[i * k + c] -= w->L[l * k + i] * M[l * k + c];
            M[i * k + c] /= w->L[i * k + i];
        }
    }
}

/* Bartlett's weights over moments q_t e_t, times n / (n - k); OLS, so Z'Z is the unit matrix. */
static void newey_west(const struct pw_basis *b, const struct pw_work *w, size_t lag, double *M)
{
    size_t k = b->k;
    double factor = (double)b->n / (double)(b->n - k);

    memset(M, 0, k * k * sizeof *M);
    for (size_t i = 0; i < b->n; i++) {
        for (size_t h = i; h < b->n && b->slot[h] - b->slot[i] <= lag; h++) {
            double weight = 1.0 - (double)(b->slot[h] - b->slot[i]) / (double)(lag + 1);
            double times = factor * weight * w->e[i] * w->e[h];

            add_product(M, b->Q + i * k, b->Q + h * k, times, k);
            if (h > i)
                add_product(M, b->Q + h * k, b->Q + i * k, times, k);
        }
    }
}

static enum rk_status give(const struct pw_basis *b, const struct pw_work *w, const double *M,
                           double *half, struct rk_series_fit *fit)
{
    size_t k = b->k;
    struct rk_series_fit made = {.n = b->n,
                                 .k = k,
                                 .rho = w->rho,
                                 .sigma = w->sigma,
                                 .df = (double)(b->n - k),
                                 .iterations = w->iterations};
    double above = 0.0, below = 0.0;

    made.coef = malloc((k + k * k + 1) * sizeof *made.coef);
    if (made.coef == NULL)
        return RK_ENOMEM;
    made.vcov = made.coef + k;
    for (size_t i = 0; i < k; i++) {
        made.coef[i] = 0.0;
        for (size_t l = i; l < k; l++)
            made.coef[i] += b->R_inverse[i * k + l] * w->q[l];
    }
    spread(b, M, half, made.vcov);
    for (size_t i = 0; i < b->n; i++) {
        double u = innovation(b, w, i);

        below += u * u;
        if (follows(b->slot, i))
            above += u * innovation(b, w, i - 1);
    }
    made.residual_lag1 = above / below;
    *fit = made;
    return RK_OK;
}

/* lag: of Newey and West, 0 for classical errors; SIZE_MAX for Prais and Winsten. */
static enum rk_status fit_series(const struct rk_series_design *design, size_t lag,
                                 struct rk_series_fit *fit, struct rk_error *error)
{
    struct pw_basis basis = {0};
    struct pw_work work = {0};
    size_t kk = design->k * design->k;
    double *M = malloc((2 * kk + 1) * sizeof *M);
    enum rk_status status = design->n <= design->k ? RK_ETOOFEW : pw_basis_new(design, &basis);

    if (status == RK_OK && (M == NULL || pw_work_new(&basis, &work) != RK_OK))
        status = RK_ENOMEM;
    if (status == RK_OK && lag == SIZE_MAX)
        status = pw_fit(&basis, design->y, 1e-13, 2000, &work);
    else if (status == RK_OK)
        status = pw_fit(&basis, design->y, INFINITY, 0, &work);
    if (status == RK_OK && lag > 0 && lag < SIZE_MAX)
        newey_west(&basis, &work, lag, M);
    else if (status == RK_OK)
        inverse(&basis, &work, M);
    if (status == RK_OK)
        status = give(&basis, &work, M, M + kk, fit);
    if (status == RK_OK && lag < SIZE_MAX)
        fit->rho = next_rho(&basis, &work);
    free(work.room);
    pw_basis_free(&basis);
    free(M);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

enum rk_status rk_prais_winsten(const struct rk_series_design *design, struct rk_series_fit *fit,
                                struct rk_error *error)
{
    return fit_series(design, SIZE_MAX, fit, error);
}

enum rk_status rk_newey_west(const struct rk_series_design *design, size_t lag,
                             struct rk_series_fit *fit, struct rk_error *error)
{
    return fit_series(design, lag, fit, error);
}

size_t rk_newey_west_lag(size_t n)
{
    return (size_t)floor(4.0 * pow((double)n / 100.0, 2.0 / 9.0));
}
