#include "repkit/lifetime_value.h"

#include <math.h>
#include <string.h>

#include "repkit/maximise.h"
#include "repkit/sum.h"
#include <gsl/gsl_sf_psi.h>

/* --- contracts ------------------------------------------------------------------------------ */

double rk_clv_contract(double margin, double retention, double rate, double *derivative)
{
    double left = 1.0 + rate - retention;

    if (!(left > 0.0))
        return NAN;
    if (derivative != NULL)
        *derivative = margin * (1.0 + rate) / (left * left);
    return margin * retention / left;
}

double rk_clv_contract_advance(double margin, double retention, double rate, double *derivative)
{
    double left = 1.0 + rate - retention;

    if (!(left > 0.0))
        return NAN;
    if (derivative != NULL)
        *derivative = margin * (1.0 + rate) / (left * left);
    return margin * (1.0 + rate) / left;
}

double rk_clv_contract_for(double margin, double retention, double rate, double periods,
                           bool advance, double *derivative)
{
    double q = retention / (1.0 + rate), left = 1.0 - q, power = pow(q, periods);
    double sum = left == 0.0 ? periods : (1.0 - power) / left;
    double slope = left == 0.0 ? 0.5 * periods * (periods - 1.0)
                               : (sum - periods * pow(q, periods - 1.0)) / left;

    if (!(1.0 + rate > 0.0) || !(periods > 0.0))
        return NAN;
    if (derivative != NULL)
        *derivative = margin * (advance ? slope : q * slope + sum) / (1.0 + rate);
    return margin * (advance ? sum : q * sum);
}

/* --- BG/NBD --------------------------------------------------------------------------------- */

struct buyers {
    const struct rk_buyer *buyer;
    size_t n;
};

/* The two ways to have bought x times: still there (still), or gone after the last purchase (gone);
 * logarithms, gone -infinity without a repeat purchase. */
static void ways(const double *parameter, const struct rk_buyer *c, double *still, double *gone)
{
    double r = parameter[0], alpha = parameter[1], a = parameter[2], b = parameter[3];

    *still = -(r + c->repeats) * log(alpha + c->age);
    *gone = c->repeats > 0.0
                ? log(a) - log(b + c->repeats - 1.0) - (r + c->repeats) * log(alpha + c->recency)
                : -INFINITY;
}

static double log_sum(double x, double y)
{
    double most = fmax(x, y);

    return most + log(exp(x - most) + exp(y - most));
}

static double bgnbd_log_lik(const void *data, const double *x, double *gradient)
{
    const struct buyers *all = data;
    double r = exp(x[0]), alpha = exp(x[1]), a = exp(x[2]), b = exp(x[3]);
    double parameter[] = {r, alpha, a, b};
    struct rk_sum sum = {0}, d[4] = {{0}};

    for (size_t i = 0; i < 4; i++)
        if (!(fabs(x[i]) < 30.0))
            return NAN;
    for (size_t i = 0; i < all->n; i++) {
        const struct rk_buyer *c = &all->buyer[i];
        double k = c->repeats, still, gone, both, share;

        ways(parameter, c, &still, &gone);
        both = log_sum(still, gone);
        share = exp(gone - both); /* of having gone */
        rk_sum_add(&sum, lgamma(r + k) - lgamma(r) + r * x[1] + lgamma(a + b) + lgamma(b + k) -
                             lgamma(b) - lgamma(a + b + k) + both);
        rk_sum_add(&d[0], gsl_sf_psi(r + k) - gsl_sf_psi(r) + x[1] -
                              (1.0 - share) * log(alpha + c->age) -
                              share * log(alpha + c->recency));
        rk_sum_add(&d[1], r / alpha - (r + k) * ((1.0 - share) / (alpha + c->age) +
                                                 share / (alpha + c->recency)));
        rk_sum_add(&d[2], gsl_sf_psi(a + b) - gsl_sf_psi(a + b + k) + share / a);
        rk_sum_add(&d[3], gsl_sf_psi(a + b) + gsl_sf_psi(b + k) - gsl_sf_psi(b) -
                              gsl_sf_psi(a + b + k) - (share > 0.0 ? share / (b + k - 1.0) : 0.0));
    }
    for (size_t i = 0; i < 4; i++)
        gradient[i] = parameter[i] * rk_sum_value(&d[i]);
    return rk_sum_value(&sum);
}

/* Minus the inverse of an n-by-n Hessian, n at most 4, by Gauss-Jordan; it is negative definite. */
static void invert(double *hessian, size_t n)
{
    for (size_t i = 0; i < n * n; i++)
        hessian[i] = -hessian[i];
    for (size_t k = 0; k < n; k++) {
        double pivot = hessian[k * n + k];

        hessian[k * n + k] = 1.0;
        for (size_t j = 0; j < n; j++)
            hessian[k * n + j] /= pivot;
        for (size_t i = 0; i < n; i++) {
            double factor = hessian[i * n + k];

            if (i == k)
                continue;
            hessian[i * n + k] = 0.0;
            for (size_t j = 0; j < n; j++)
                hessian[i * n + j] -= factor * hessian[k * n + j];
        }
    }
}

/* The best of the maxima that the starts lead to. */
static enum rk_status best(const struct rk_objective *objective, const double (*start)[4],
                           size_t n_starts, double *x, double *hessian, double *log_lik)
{
    enum rk_status status = RK_ENOCONVERGE;

    *log_lik = -INFINITY;
    for (size_t i = 0; i < n_starts; i++) {
        double at[4], H[16], value;

        for (size_t j = 0; j < objective->n; j++)
            at[j] = start[i][j];
        if (rk_maximise(objective, at, H, &value) != RK_OK || !(value > *log_lik))
            continue;
        status = RK_OK;
        *log_lik = value;
        for (size_t j = 0; j < objective->n; j++) {
            x[j] = at[j];
            if (at[j] > log(1e4))
                status = RK_ENOCONVERGE;
        }
        for (size_t j = 0; j < objective->n * objective->n; j++)
            hessian[j] = H[j];
    }
    return status;
}

static enum rk_status fit_bgnbd(const struct rk_buyer *buyer, size_t n, const double (*start)[4],
                                size_t n_starts, struct rk_bgnbd *fit)
{
    struct buyers all = {buyer, n};
    struct rk_objective objective = {bgnbd_log_lik, &all, 4};
    double x[4], hessian[16], log_lik;
    enum rk_status status;

    if (n < 100)
        return RK_ETOOFEW;
    for (size_t i = 0; i < n; i++)
        if (!(buyer[i].repeats >= 0.0) || !(buyer[i].recency >= 0.0) ||
            !(buyer[i].recency <= buyer[i].age) || !isfinite(buyer[i].age))
            return RK_EDOMAIN;
    status = best(&objective, start, n_starts, x, hessian, &log_lik);
    if (status != RK_OK)
        return status;
    invert(hessian, 4);
    *fit = (struct rk_bgnbd){exp(x[0]), exp(x[1]), exp(x[2]), exp(x[3]), log_lik, {0}};
    for (size_t i = 0; i < 16; i++)
        fit->covariance[i] = hessian[i];
    return RK_OK;
}

enum rk_status rk_bgnbd_fit(const struct rk_buyer *buyer, size_t n, struct rk_bgnbd *fit)
{
    static const double start[][4] = {
        {0, 0, 0, 0}, {-1, 1.5, -0.5, 1}, {0, 2, -2, 0}, {1, 3, 0, 2}};

    return fit_bgnbd(buyer, n, start, sizeof start / sizeof *start, fit);
}

enum rk_status rk_bgnbd_refit(const struct rk_buyer *buyer, size_t n, const struct rk_bgnbd *near,
                              struct rk_bgnbd *fit)
{
    const double start[1][4] = {{log(near->r), log(near->alpha), log(near->a), log(near->b)}};

    return fit_bgnbd(buyer, n, start, 1, fit);
}

void rk_bgnbd_score(const struct rk_bgnbd *fit, const struct rk_buyer *buyer, double score[4])
{
    const double at[] = {log(fit->r), log(fit->alpha), log(fit->a), log(fit->b)};
    const struct buyers one = {buyer, 1};

    bgnbd_log_lik(&one, at, score);
}

/* Gauss' 2F1 by its series; z is between 0 and 1, the other arguments positive. */
static double hypergeometric(double a, double b, double c, double z)
{
    double term = 1.0, sum = 1.0;

    for (int i = 0; i < 1000000; i++) {
        double k = i;

        term *= (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z;
        sum += term;
        if (fabs(term) < 1e-17 * fabs(sum))
            break;
    }
    return sum;
}

double rk_bgnbd_expected(const struct rk_bgnbd *fit, const struct rk_buyer *c, double t)
{
    double r = fit->r, alpha = fit->alpha, b = fit->b, x = c->repeats;
    double a = fabs(fit->a - 1.0) < 1e-6 ? 1.0 + 1e-6 : fit->a; /* the formula has a hole there */
    double z = t / (alpha + c->age + t), odds = 0.0, lasts;

    lasts = 1.0 - pow((alpha + c->age) / (alpha + c->age + t), r + x) *
                      hypergeometric(r + x, b + x, a + b + x - 1.0, z);
    if (x > 0.0)
        odds = a / (b + x - 1.0) * pow((alpha + c->age) / (alpha + c->recency), r + x);
    return (a + b + x - 1.0) / (a - 1.0) * lasts / (1.0 + odds);
}

double rk_bgnbd_alive(const struct rk_bgnbd *fit, const struct rk_buyer *c)
{
    double parameter[] = {fit->r, fit->alpha, fit->a, fit->b}, still, gone;

    ways(parameter, c, &still, &gone);
    return 1.0 / (1.0 + exp(gone - still));
}

/* --- Gamma-Gamma ---------------------------------------------------------------------------- */

static int spends(const struct rk_buyer *c)
{
    return c->repeats > 0.0 && c->mean_amount > 0.0;
}

static double gamma_gamma_log_lik(const void *data, const double *at, double *gradient)
{
    const struct buyers *all = data;
    double p = exp(at[0]), q = exp(at[1]), v = exp(at[2]);
    struct rk_sum sum = {0}, dp = {0}, dq = {0}, dv = {0};

    for (size_t i = 0; i < 3; i++)
        if (!(fabs(at[i]) < 30.0))
            return NAN;
    for (size_t i = 0; i < all->n; i++) {
        const struct rk_buyer *c = &all->buyer[i];
        double x = c->repeats, m = c->mean_amount, px = p * x, total = log(x * m + v), psi;

        if (!spends(c))
            continue;
        psi = gsl_sf_psi(px + q);
        rk_sum_add(&sum, lgamma(px + q) - lgamma(px) - lgamma(q) + q * at[2] + (px - 1.0) * log(m) +
                             px * log(x) - (px + q) * total);
        rk_sum_add(&dp, x * (psi - gsl_sf_psi(px) + log(m) + log(x) - total));
        rk_sum_add(&dq, psi - gsl_sf_psi(q) + at[2] - total);
        rk_sum_add(&dv, q / v - (px + q) / (x * m + v));
    }
    gradient[0] = p * rk_sum_value(&dp);
    gradient[1] = q * rk_sum_value(&dq);
    gradient[2] = v * rk_sum_value(&dv);
    return rk_sum_value(&sum);
}

/* The correlation of repeats and mean amount, and the mean of the latter. */
static double correlate(const struct buyers *all, size_t *n, double *mean_amount)
{
    struct rk_sum sx = {0}, sm = {0}, xx = {0}, mm = {0}, xm = {0};
    double mx, mean, count = 0.0;

    for (size_t i = 0; i < all->n; i++)
        if (spends(&all->buyer[i])) {
            rk_sum_add(&sx, all->buyer[i].repeats);
            rk_sum_add(&sm, all->buyer[i].mean_amount);
            count += 1.0;
        }
    mx = rk_sum_value(&sx) / count;
    mean = rk_sum_value(&sm) / count;
    for (size_t i = 0; i < all->n; i++)
        if (spends(&all->buyer[i])) {
            double dx = all->buyer[i].repeats - mx, dm = all->buyer[i].mean_amount - mean;

            rk_sum_add(&xx, dx * dx);
            rk_sum_add(&mm, dm * dm);
            rk_sum_add(&xm, dx * dm);
        }
    *n = (size_t)count;
    *mean_amount = mean;
    return rk_sum_value(&xm) / sqrt(rk_sum_value(&xx) * rk_sum_value(&mm));
}

/* From where `near` is, or from several places. */
static enum rk_status fit_gamma_gamma(const struct rk_buyer *buyer, size_t n,
                                      const struct rk_gamma_gamma *near, struct rk_gamma_gamma *fit)
{
    struct buyers all = {buyer, n};
    struct rk_objective objective = {gamma_gamma_log_lik, &all, 3};
    double x[4] = {0}, hessian[16], log_lik, mean, correlation, start[3][4];
    size_t used;
    enum rk_status status;

    correlation = correlate(&all, &used, &mean);
    if (used < 10)
        return RK_ETOOFEW;
    memcpy(start, (const double[3][4]){{1, 1, log(mean)}, {2, 1.5, log(mean)}, {0, 2, log(mean)}},
           sizeof start);
    if (near != NULL)
        memcpy(start, (const double[4]){log(near->p), log(near->q), log(near->v)}, sizeof *start);
    status = best(&objective, start, near != NULL ? 1 : 3, x, hessian, &log_lik);
    if (status != RK_OK)
        return status;
    invert(hessian, 3);
    *fit =
        (struct rk_gamma_gamma){exp(x[0]), exp(x[1]), exp(x[2]), log_lik, used, correlation, {0}};
    for (size_t i = 0; i < 9; i++)
        fit->covariance[i] = hessian[i];
    return RK_OK;
}

enum rk_status rk_gamma_gamma_fit(const struct rk_buyer *buyer, size_t n,
                                  struct rk_gamma_gamma *fit)
{
    return fit_gamma_gamma(buyer, n, NULL, fit);
}

enum rk_status rk_gamma_gamma_refit(const struct rk_buyer *buyer, size_t n,
                                    const struct rk_gamma_gamma *near, struct rk_gamma_gamma *fit)
{
    return fit_gamma_gamma(buyer, n, near, fit);
}

void rk_gamma_gamma_score(const struct rk_gamma_gamma *fit, const struct rk_buyer *buyer,
                          double score[3])
{
    const double at[] = {log(fit->p), log(fit->q), log(fit->v)};
    const struct buyers one = {buyer, 1};

    gamma_gamma_log_lik(&one, at, score);
}

double rk_gamma_gamma_mean(const struct rk_gamma_gamma *fit, const struct rk_buyer *c)
{
    double x = spends(c) ? c->repeats : 0.0;

    if (!(fit->q > 1.0))
        return NAN;
    return fit->p * (fit->v + (x > 0.0 ? x * c->mean_amount : 0.0)) / (fit->p * x + fit->q - 1.0);
}
