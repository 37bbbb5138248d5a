#include "repkit/noncentral.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_roots.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_log.h>
#include <math.h>

enum { MAX_BREAKS = 16, MAX_PANELS = 400, MAX_STEPS = 200 };

/* Phi(sign * (t u - ncp)) f(u). */
struct mixture {
    double t, df, ncp, sign, log_scale;
};

static double mixture_at(double u, void *data)
{
    const struct mixture *m = data;
    double h = u - 1.0;
    double z = m->sign * (m->t * u - m->ncp);
    /* ln u - (u^2 - 1) / 2, by h near 1, where large df would magnify the rounding of u^2 */
    double bulk = (fabs(h) < 0.5 ? log1p(h) : log(u)) - h * (1.0 + h / 2.0);

    return exp(m->log_scale + m->df * bulk) / u * 0.5 * erfc(-z * M_SQRT1_2);
}

static void add_break(double *at, size_t *n, double value, double low, double high)
{
    size_t i;

    if (!(value > low && value < high))
        return;
    for (i = *n; i > 0 && at[i - 1] > value; i--)
        at[i] = at[i - 1];
    at[i] = value;
    ++*n;
}

/* Where the integrand can turn: the bulk of the density (sd 1 / sqrt(2 df)) and the step of Phi
 * (width 1 / |t|). Outside [low, high] the density is below e^-700 of its peak. */
static size_t mixture_breaks(const struct mixture *m, double *at)
{
    double sd = 1.0 / sqrt(2.0 * m->df), step = 1.0 / fabs(m->t), centre = m->ncp / m->t;
    double low = fmax(0.0, 1.0 - 38.0 * sd), high = 1.0 + 54.0 * sd;
    size_t n = 0;

    for (int k = -2; k <= 2; k++)
        add_break(at, &n, 1.0 + 4.0 * k * sd, low, high);
    for (int k = -1; k <= 1 && m->t != 0.0; k++)
        add_break(at, &n, centre + 8.0 * k * step, low, high);
    for (size_t i = n; i > 0; i--)
        at[i] = at[i - 1];
    at[0] = low;
    at[n + 1] = high;
    return n + 2;
}

/* The integral over all panels; NaN where it does not settle. A first, coarse pass says which
 * panels matter, so that the others need not be refined. */
static double mixture_integral(struct mixture *m, gsl_integration_workspace *work)
{
    gsl_function f = {mixture_at, m};
    double at[MAX_BREAKS], coarse = 0.0, total = 0.0, error = 0.0;
    size_t n = mixture_breaks(m, at);

    for (size_t i = 0; i + 1 < n; i++) {
        double value, abserr, resabs, resasc;

        gsl_integration_qk31(&f, at[i], at[i + 1], &value, &abserr, &resabs, &resasc);
        coarse += value;
    }
    for (size_t i = 0; i + 1 < n; i++) {
        double value, abserr;
        int status = gsl_integration_qag(&f, at[i], at[i + 1], 1e-14 * coarse, 1e-12, MAX_PANELS,
                                         GSL_INTEG_GAUSS31, work, &value, &abserr);

        /* GSL_EROUND: as good as the rounding allows, which the sum of errors judges */
        if (status != GSL_SUCCESS && status != GSL_EROUND)
            return NAN;
        total += value;
        error += abserr;
    }
    return isfinite(total) && error <= 1e-9 * total + 1e-300 ? fmin(total, 1.0) : NAN;
}

/* GSL's workspace, not on the heap: running out of memory must not pass for a number that is
 * undefined. */
struct room {
    double a[MAX_PANELS], b[MAX_PANELS], value[MAX_PANELS], error[MAX_PANELS];
    size_t order[MAX_PANELS], level[MAX_PANELS];
};

static double integrate_in_room(struct mixture *m)
{
    struct room room;
    gsl_integration_workspace work = {.limit = MAX_PANELS,
                                      .alist = room.a,
                                      .blist = room.b,
                                      .rlist = room.value,
                                      .elist = room.error,
                                      .order = room.order,
                                      .level = room.level};

    return mixture_integral(m, &work);
}

double rk_pnt(double t, double df, double ncp, enum rk_tail tail)
{
    struct mixture m = {.t = t, .df = df, .ncp = ncp};
    gsl_sf_result gammastar;

    if (isnan(t) || !(df >= 1.0) || !isfinite(df) || !isfinite(ncp))
        return NAN;
    if (isinf(t))
        return (t > 0.0) == (tail == RK_LOWER_TAIL) ? 1.0 : 0.0;
    /* (df/2)^(df/2) e^(-df/2) / Gamma(df/2), without its overflow */
    if (gsl_sf_gammastar_e(df / 2.0, &gammastar) != GSL_SUCCESS)
        return NAN;
    m.log_scale = M_LN2 + 0.5 * log(df / (4.0 * M_PI)) - log(gammastar.val);
    m.sign = tail == RK_LOWER_TAIL ? 1.0 : -1.0;
    return integrate_in_room(&m);
}

/* Zero at the noncentrality sought; it is the smaller tail that is compared. */
struct inversion {
    double t, df, p;
};

static double inversion_at(double ncp, void *data)
{
    const struct inversion *s = data;

    if (s->p <= 0.5)
        return rk_pnt(s->t, s->df, ncp, RK_LOWER_TAIL) - s->p;
    return (1.0 - s->p) - rk_pnt(s->t, s->df, ncp, RK_UPPER_TAIL);
}

/* Widens *low and *high until the function, which decreases, changes its sign between them. */
static enum rk_status bracket(struct inversion *s, double *low, double *high)
{
    double width = *high - *low;

    for (int i = 0; i < 60; i++) {
        double at_low = inversion_at(*low, s), at_high = inversion_at(*high, s);

        if (isnan(at_low) || isnan(at_high))
            return RK_ENOCONVERGE;
        if (at_low >= 0.0 && at_high <= 0.0)
            return RK_OK;
        if (at_low < 0.0)
            *low -= width;
        else
            *high += width;
        width *= 2.0;
    }
    return RK_ENOCONVERGE;
}

static enum rk_status solve(struct inversion *s, double low, double high, double *root)
{
    gsl_function f = {inversion_at, s};
    union {
        double aligned;
        char bytes[256];
    } state; /* not on the heap, as above; GSL 2's takes 64 bytes */
    gsl_root_fsolver on_stack = {.type = gsl_root_fsolver_brent, .state = &state};
    gsl_root_fsolver *solver = &on_stack;
    int status;

    if (gsl_root_fsolver_brent->size > sizeof state)
        return RK_ENOCONVERGE;
    status = gsl_root_fsolver_set(solver, &f, low, high);
    for (int i = 0; i < MAX_STEPS && status == GSL_SUCCESS; i++) {
        status = gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
        if (status == GSL_SUCCESS &&
            gsl_root_test_interval(low, high, 1e-13, 1e-13) == GSL_SUCCESS) {
            *root = gsl_root_fsolver_root(solver);
            return RK_OK;
        }
    }
    return RK_ENOCONVERGE;
}

enum rk_status rk_ncp_of_t(double t, double df, double p, double *ncp)
{
    struct inversion s = {t, df, p};
    double spread, centre, low, high;
    enum rk_status status;

    if (!isfinite(t) || !(df >= 1.0) || !isfinite(df) || !(p > 0.0 && p < 1.0))
        return RK_EDOMAIN;
    /* The normal approximation of Johnson and Welch is near enough to start from. */
    spread = sqrt(1.0 + t * t / (2.0 * df));
    centre = t - rk_qnorm(p, RK_LOWER_TAIL) * spread;
    low = centre - 0.25 * spread;
    high = centre + 0.25 * spread;
    status = bracket(&s, &low, &high);
    return status == RK_OK ? solve(&s, low, high, ncp) : status;
}

/* The Poisson's probability of mean + off, a small part of a large mean from it: its logarithm is
 * a difference of numbers as large as the mean, here written without them. */
static double poisson_near(double mean, double off)
{
    double d = off / mean, j = mean + off;

    return exp(-mean * ((1.0 + d) * gsl_sf_log_1plusx_mx(d) + d * d) - 1.0 / (12.0 * j)) /
           sqrt(2.0 * M_PI * j);
}

/* The sum over j of many: all in it varies over sqrt(mean), so every step-th, a 32nd of that, tells
 * all between. As many terms however large ncp is. */
static double sum_sparsely(double x, double df1, double df2, double mean, enum rk_tail tail)
{
    enum { A_SPREAD = 32, SPREADS = 9 };
    double step = floor(sqrt(mean) / A_SPREAD), total = 0.0;
    double rest = df2 / (df1 * x + df2); /* of 1, to which the share of x may be near */
    enum rk_tail other = tail == RK_LOWER_TAIL ? RK_UPPER_TAIL : RK_LOWER_TAIL;

    for (int k = -SPREADS * A_SPREAD; k <= SPREADS * A_SPREAD; k++) {
        double off = floor(mean) - mean + k * step;

        total += step * poisson_near(mean, off) *
                 rk_pbeta(rest, df2 / 2.0, df1 / 2.0 + (mean + off), other);
    }
    return total;
}

static double sum_closely(double share, double df1, double df2, double mean, enum rk_tail tail)
{
    int mode = (int)floor(mean);
    double total = 0.0;

    for (int side = -1; side <= 1; side += 2)
        for (int j = side < 0 ? mode : mode + 1; j >= 0; j += side) {
            double weight = exp(-mean + j * log(mean) - lgamma(j + 1.0));

            if (weight < 1e-18)
                break;
            total += weight * rk_pbeta(share, df1 / 2.0 + j, df2 / 2.0, tail);
        }
    return total;
}

double rk_pnf(double x, double df1, double df2, double ncp, enum rk_tail tail)
{
    enum { MANY = 50000 };
    double share, total;

    if (!(x >= 0.0 && df1 > 0.0 && df2 > 0.0 && ncp >= 0.0) || !isfinite(ncp))
        return NAN;
    if (ncp == 0.0)
        return rk_pf(x, df1, df2, tail);
    share = df1 * x / (df1 * x + df2);
    total = ncp < MANY ? sum_closely(share, df1, df2, ncp / 2.0, tail)
                       : sum_sparsely(x, df1, df2, ncp / 2.0, tail);
    return fmin(1.0, total);
}
