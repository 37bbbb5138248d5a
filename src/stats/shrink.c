#include "rate_mixture.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>

#include "repkit/distributions.h"
#include "repkit/sum.h"

/* --- means ---------------------------------------------------------------------------------- */

/* sum w (y - mu)^2 and its derivative by tau2, with mu and sum w. */
static double spread(const double *y, const double *v, size_t k, double tau2, double *mu,
                     double *sum_w, double *slope)
{
    struct rk_sum w = {0}, wy = {0}, q = {0}, d = {0};

    for (size_t i = 0; i < k; i++)
        rk_sum_add(&w, 1.0 / (v[i] + tau2));
    for (size_t i = 0; i < k; i++) /* from the first value: an offset costs no digits */
        rk_sum_add(&wy, (y[i] - y[0]) / (v[i] + tau2));
    *sum_w = rk_sum_value(&w);
    *mu = rk_sum_value(&wy) / *sum_w;
    for (size_t i = 0; i < k; i++) {
        double z = (y[i] - y[0] - *mu) / (v[i] + tau2);

        rk_sum_add(&q, z * z * (v[i] + tau2));
        rk_sum_add(&d, -z * z);
    }
    *mu += y[0];
    *slope = rk_sum_value(&d);
    return rk_sum_value(&q);
}

static void shrink_mean(const double *y, const double *v, size_t k, size_t r, double vbar,
                        double sum_w, const struct rk_units *u, struct rk_posterior *posterior)
{
    double df = (double)(k - r);

    for (size_t i = 0; i < k; i++) {
        double total = v[i] + u->tau2, d = y[i] - u->mean;
        double share = u->tau2 > 0.0 ? (df - 2.0) / df * v[i] / total : 1.0;
        double var = v[i] * (1.0 - share) + share * share / sum_w +
                     2.0 / (df - 2.0) * share * share * (vbar + u->tau2) / total * d * d;

        posterior[i] = (struct rk_posterior){
            .a = u->mean + (1.0 - share) * d, .b = sqrt(var), .shrinkage = share};
        posterior[i].estimate = posterior[i].a;
    }
}

enum rk_status rk_shrink_means(const double *y, const double *v, size_t k, size_t r,
                               struct rk_units *units, struct rk_posterior *posterior)
{
    enum { MOST_STEPS = 200 };
    struct rk_units u = {.df = k - r};
    struct rk_sum vbar = {0};
    double sum_w, slope, q;
    int step = 0;

    if (k < r + 3)
        return RK_ETOOFEW;
    for (size_t i = 0; i < k; i++)
        if (!(v[i] > 0.0) || !isfinite(v[i]) || !isfinite(y[i]))
            return RK_EDOMAIN;
    u.statistic = q = spread(y, v, k, 0.0, &u.mean, &sum_w, &slope);
    u.p_value = rk_pchisq(q, (double)u.df, RK_UPPER_TAIL);
    /* q falls and is convex in tau2: Newton's steps from 0 rise towards the root. */
    while (q - (double)u.df > 1e-13 * (double)u.df && step++ < MOST_STEPS) {
        double next = u.tau2 - (q - (double)u.df) / slope;

        if (!(next > u.tau2))
            break;
        u.tau2 = next;
        q = spread(y, v, k, u.tau2, &u.mean, &sum_w, &slope);
    }
    if (step > MOST_STEPS)
        return RK_ENOCONVERGE;
    for (size_t i = 0; i < k; i++)
        rk_sum_add(&vbar, v[i] / (v[i] + u.tau2));
    shrink_mean(y, v, k, r, rk_sum_value(&vbar) / sum_w, sum_w, &u, posterior);
    *units = u;
    return RK_OK;
}

/* --- rates ---------------------------------------------------------------------------------- */

struct counts {
    const double *s, *n;
    size_t k;
};

static double log_likelihood(const struct counts *c, double a, double b)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < c->k; i++) {
        double fails = c->n[i] - c->s[i];

        rk_sum_add(&sum, c->s[i] > 0.0 ? gsl_sf_lnpoch(a, c->s[i]) : 0.0);
        rk_sum_add(&sum, fails > 0.0 ? gsl_sf_lnpoch(b, fails) : 0.0);
        rk_sum_add(&sum, -gsl_sf_lnpoch(a + b, c->n[i]));
    }
    return rk_sum_value(&sum);
}

/* psi(x + m) - psi(x) and psi'(x + m) - psi'(x): by their sums where these are short, since the
 * difference loses digits for large x. */
static void psi_rises(double x, double m, double *first, double *second)
{
    enum { SHORT = 2000 };

    *first = *second = 0.0;
    if (m > SHORT) {
        *first = gsl_sf_psi(x + m) - gsl_sf_psi(x);
        *second = gsl_sf_psi_1(x + m) - gsl_sf_psi_1(x);
        return;
    }
    for (int j = 0; j < m; j++) {
        *first += 1.0 / (x + j);
        *second -= 1.0 / ((x + j) * (x + j));
    }
}

/* Gradient and Hessian by log a and log b: g[0..1], h[aa, ab, bb]. */
static void derivatives(const struct counts *c, double a, double b, double *g, double *h)
{
    double ga = 0.0, gb = 0.0, haa = 0.0, hab = 0.0, hbb = 0.0;

    for (size_t i = 0; i < c->k; i++) {
        double first, second;

        psi_rises(a, c->s[i], &first, &second);
        ga += first;
        haa += second;
        psi_rises(b, c->n[i] - c->s[i], &first, &second);
        gb += first;
        hbb += second;
        psi_rises(a + b, c->n[i], &first, &second);
        ga -= first;
        gb -= first;
        haa -= second;
        hab -= second;
        hbb -= second;
    }
    g[0] = a * ga;
    g[1] = b * gb;
    h[0] = a * a * haa + g[0];
    h[1] = a * b * hab;
    h[2] = b * b * hbb + g[1];
}

/* One step of Newton, damped until the Hessian is negative definite and the likelihood does not
 * fall. Returns the largest change of log a and log b; 0 where no step helps. */
static double newton_step(const struct counts *c, double *log_a, double *log_b, double *log_lik)
{
    double g[2], h[3], damping = 0.0;

    derivatives(c, exp(*log_a), exp(*log_b), g, h);
    for (int attempt = 0; attempt < 60; attempt++) {
        double aa = h[0] - damping, bb = h[2] - damping, det = aa * bb - h[1] * h[1];

        if (aa < 0.0 && det > 0.0) {
            double da = -(bb * g[0] - h[1] * g[1]) / det;
            double db = -(aa * g[1] - h[1] * g[0]) / det;
            double next = NAN;

            if (fabs(da) < 5.0 && fabs(db) < 5.0)
                next = log_likelihood(c, exp(*log_a + da), exp(*log_b + db));
            if (next >= *log_lik - 1e-12 * fabs(*log_lik)) {
                *log_a += da;
                *log_b += db;
                *log_lik = next;
                return fmax(fabs(da), fabs(db));
            }
        }
        damping = damping == 0.0 ? 1e-3 * (fabs(h[0]) + fabs(h[2]) + 1e-12) : 4.0 * damping;
    }
    return 0.0;
}

static bool is_separated(const struct counts *c)
{
    for (size_t i = 0; i < c->k; i++)
        if (c->s[i] > 0.0 && c->s[i] < c->n[i])
            return false;
    return true;
}

/* The likeliest a of a prior with a + b = 1 for separated units, from their share of successes: the
 * slope of the likelihood falls in a from infinity to minus infinity. */
static void fit_separated(const struct counts *c, double share, struct rk_units *u)
{
    enum { MOST_STEPS = 100 };
    double low = 0.0, high = 1.0, a = share, before = 0.0;

    for (int step = 0; step < MOST_STEPS && fabs(a - before) > 1e-15 * a; step++) {
        double slope = 0.0, curvature = 0.0, first, second;

        for (size_t i = 0; i < c->k; i++) {
            psi_rises(c->s[i] > 0.0 ? a : 1.0 - a, c->n[i], &first, &second);
            slope += c->s[i] > 0.0 ? first : -first;
            curvature += second;
        }
        *(slope > 0.0 ? &low : &high) = a;
        before = a;
        a -= slope / curvature;
        if (!(a > low && a < high))
            a = (low + high) / 2.0;
    }
    u->a = a;
    u->b = 1.0 - a;
    u->separated = true;
    u->log_lik = log_likelihood(c, u->a, u->b);
}

/* a and b of the beta prior; infinite if the likelihood rises towards a point. */
static enum rk_status fit_prior(const struct counts *c, double p, double excess, struct rk_units *u)
{
    enum { MOST_STEPS = 500 };
    double log_a, log_b, change = 1.0, total = 10.0;

    u->a = u->b = INFINITY;
    u->log_lik = NAN;
    if (!(excess > 0.0))
        return RK_OK;
    if (is_separated(c)) {
        fit_separated(c, p, u);
        return RK_OK;
    }
    log_a = log(p * total);
    log_b = log((1.0 - p) * total);
    u->log_lik = log_likelihood(c, exp(log_a), exp(log_b));
    for (int step = 0; step < MOST_STEPS && change > 1e-12; step++) {
        change = newton_step(c, &log_a, &log_b, &u->log_lik);
        if (fmax(log_a, log_b) > 25.0) /* hardly below the point's likelihood */
            return RK_OK;
    }
    if (change > 1e-7)
        return RK_ENOCONVERGE;
    u->a = exp(log_a);
    u->b = exp(log_b);
    return RK_OK;
}

static void shrink_rate(const struct counts *c, const struct rk_units *u, double successes,
                        double trials, struct rk_posterior *posterior)
{
    for (size_t i = 0; i < c->k; i++) {
        double fails = c->n[i] - c->s[i];

        if (isinf(u->a))
            posterior[i] = (struct rk_posterior){.beta = true,
                                                 .a = successes + 0.5,
                                                 .b = trials - successes + 0.5,
                                                 .estimate = u->mean,
                                                 .shrinkage = 1.0};
        else
            posterior[i] =
                (struct rk_posterior){.beta = true,
                                      .a = c->s[i] + u->a,
                                      .b = fails + u->b,
                                      .estimate = (c->s[i] + u->a) / (c->n[i] + u->a + u->b),
                                      .shrinkage = (u->a + u->b) / (u->a + u->b + c->n[i])};
    }
}

enum rk_status rk_shrink_rates(const double *s, const double *n, size_t k, struct rk_units *units,
                               struct rk_posterior *posterior)
{
    const struct counts c = {s, n, k};
    struct rk_units u = {.df = k - 1, .p_value = 1.0};
    double successes = 0.0, trials = 0.0, p, pooled_sum = 0.0, ways = 0.0;
    enum rk_status status;

    if (k < 2)
        return RK_ETOOFEW;
    for (size_t i = 0; i < k; i++) {
        if (!(s[i] >= 0.0 && s[i] <= n[i] && n[i] > 0.0 && isfinite(n[i])) || s[i] != floor(s[i]) ||
            n[i] != floor(n[i]))
            return RK_EDOMAIN;
        successes += s[i];
        trials += n[i];
        ways += gsl_sf_lngamma(n[i] + 1.0) - gsl_sf_lngamma(s[i] + 1.0) -
                gsl_sf_lngamma(n[i] - s[i] + 1.0);
    }
    p = successes / trials;
    for (size_t i = 0; i < k && p > 0.0 && p < 1.0; i++) {
        double d = s[i] - n[i] * p;

        u.statistic += d * d / (n[i] * p * (1.0 - p));
        pooled_sum += d * d / (p * (1.0 - p));
    }
    u.p_value = p > 0.0 && p < 1.0 ? rk_pchisq(u.statistic, (double)u.df, RK_UPPER_TAIL) : 1.0;
    if (pooled_sum <= trials * (1.0 + 1e-12)) /* equal where every n is 1, but for rounding */
        pooled_sum = trials;
    status = fit_prior(&c, p, pooled_sum - trials, &u);
    if (status != RK_OK)
        return status;
    u.mean = isinf(u.a) ? p : u.a / (u.a + u.b);
    u.log_lik =
        isinf(u.a)
            ? (p > 0.0 && p < 1.0 ? successes * log(p) + (trials - successes) * log1p(-p) : 0.0)
            : u.log_lik;
    u.log_lik += ways;
    shrink_rate(&c, &u, successes, trials, posterior);
    *units = u;
    return RK_OK;
}

void rk_posterior_interval(const struct rk_posterior *posterior, double conf_level, double *low,
                           double *high)
{
    double tail = (1.0 - conf_level) / 2.0, reach;

    if (!posterior->beta) {
        reach = rk_qnorm(tail, RK_UPPER_TAIL) * posterior->b;
        *low = posterior->a - reach;
        *high = posterior->a + reach;
        return;
    }
    if (posterior->n_mixture > 0) {
        rk_mixture_interval(posterior, conf_level, low, high);
    } else {
        *low = rk_qbeta(tail, posterior->a, posterior->b, RK_LOWER_TAIL);
        *high = rk_qbeta(tail, posterior->a, posterior->b, RK_UPPER_TAIL);
    }
    if (posterior->estimate == 0.0)
        *low = 0.0;
    if (posterior->estimate == 1.0)
        *high = 1.0;
    if (posterior->estimate < *low)
        *low = posterior->estimate;
    if (posterior->estimate > *high)
        *high = posterior->estimate;
}
