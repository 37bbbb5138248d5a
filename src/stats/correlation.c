#include "repkit/correlation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/rank.h"
#include "repkit/sum.h"

/* --- deviations ------------------------------------------------------------------------------ */

/* What one unit is centred by. */
struct unit {
    size_t n;
    double origin; /* its first value: near the others, so that differences from it are exact */
    bool varies;
    struct rk_sum sum;
};

/* A power of two that scales x to about 1: that costs no digit and keeps squares in range. */
static double scale_of(const double *x, size_t n)
{
    double largest = 0.0;
    int exponent;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(x[i]));
    frexp(largest, &exponent);
    return ldexp(1.0, exponent > -1000 ? -exponent : 1000);
}

static struct unit *unit_of(struct unit *work, const uint32_t *unit, size_t i)
{
    return &work[unit == NULL ? 0 : unit[i]];
}

/* Scaled deviations of x from its units' means (unit NULL: from its mean); exactly 0 where a unit
 * has one value only. work has n_units places; out may be x. */
static void centre(const double *x, const uint32_t *unit, size_t n, struct unit *work,
                   size_t n_units, double *out)
{
    double scale = scale_of(x, n);

    memset(work, 0, n_units * sizeof *work);
    for (size_t i = 0; i < n; i++) {
        struct unit *u = unit_of(work, unit, i);

        out[i] = x[i] * scale;
        if (u->n++ == 0)
            u->origin = out[i];
        out[i] -= u->origin;
        rk_sum_add(&u->sum, out[i]);
    }
    for (size_t i = 0; i < n; i++) {
        const struct unit *u = unit_of(work, unit, i);

        out[i] -= rk_sum_value(&u->sum) / (double)u->n;
    }
}

static double norm(const double *u, size_t n)
{
    struct rk_sum squares = {0.0, 0.0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&squares, u[i] * u[i]);
    return sqrt(rk_sum_value(&squares));
}

/* --- estimate, test and interval ------------------------------------------------------------- */

/* r and 1 - r^2 of centred u and v, which are scaled to norm 1. The second is summed as the
 * squared distance of v from r u: as a difference it would have no digits for r near 1. */
static enum rk_status cosine(double *u, double *v, size_t n, double *r, double *unexplained)
{
    struct rk_sum products = {0.0, 0.0};
    double u_norm = norm(u, n), v_norm = norm(v, n), distance;

    if (!(u_norm > 0.0) || !(v_norm > 0.0))
        return RK_ECONSTANT;
    for (size_t i = 0; i < n; i++) {
        u[i] /= u_norm;
        v[i] /= v_norm;
        rk_sum_add(&products, u[i] * v[i]);
    }
    *r = fmax(-1.0, fmin(1.0, rk_sum_value(&products)));
    for (size_t i = 0; i < n; i++)
        v[i] -= *r * u[i];
    distance = norm(v, n);
    *unexplained = distance * distance;
    return RK_OK;
}

static void interval(int method, double unexplained, double conf_level, int alternative,
                     struct rk_correlation *c, double df)
{
    double r = c->estimate;
    double centre_z = asinh(r / sqrt(unexplained)); /* atanh(r) without its 1 - r */
    double factor = method == RK_SPEARMAN ? 1.0 + r * r / 2.0 : method == RK_KENDALL ? 0.437 : 1.0;
    double tail = alternative == RK_TWO_SIDED ? (1.0 - conf_level) / 2.0 : 1.0 - conf_level;
    double half = rk_qnorm(tail, RK_UPPER_TAIL) * sqrt(factor / (df - 1.0));

    c->conf_low = c->conf_high = NAN;
    if (df < 2.0)
        return;
    c->conf_low = alternative == RK_LESS ? -1.0 : tanh(centre_z - half);
    c->conf_high = alternative == RK_GREATER ? 1.0 : tanh(centre_z + half);
}

/* Fills estimate, interval and t test from centred u and v, which it overwrites. */
static enum rk_status test(int method, double *u, double *v, double df, double conf_level,
                           int alternative, struct rk_correlation *c)
{
    double unexplained;
    enum rk_status status = cosine(u, v, c->n, &c->estimate, &unexplained);

    if (status != RK_OK)
        return status;
    c->df = df;
    /* As for regressions: what is left is rounding. */
    c->perfect = unexplained <= 1e-20;
    if (c->perfect) {
        c->estimate = c->conf_low = c->conf_high = copysign(1.0, c->estimate);
        c->statistic = c->p_value = NAN;
        return RK_OK;
    }
    c->statistic = c->estimate * sqrt(df / unexplained);
    c->p_value = rk_p_from_t(c->statistic, df, alternative);
    interval(method, unexplained, conf_level, alternative, c, df);
    return RK_OK;
}

/* Spearman's exact test, of ranks without ties. */
static enum rk_status exact_test(const double *x_rank, const double *y_rank, int alternative,
                                 struct rk_correlation *c)
{
    double s = 0.0, low, high;
    enum rk_status status;

    for (size_t i = 0; i < c->n; i++)
        s += (x_rank[i] - y_rank[i]) * (x_rank[i] - y_rank[i]);
    status = rk_spearman_tails(s, c->n, &low, &high);
    if (status != RK_OK)
        return status;
    /* A small S is a large correlation. */
    if (alternative == RK_TWO_SIDED)
        c->p_value = fmin(1.0, 2.0 * fmin(low, high));
    else
        c->p_value = alternative == RK_GREATER ? low : high;
    c->statistic = s;
    c->df = NAN;
    c->exact = true;
    return RK_OK;
}

/* Kendall's tau of c->n rows, whole or within units. */
static enum rk_status kendall(const double *x, const double *y, const uint32_t *unit,
                              size_t n_units, double conf_level, int alternative,
                              struct rk_correlation *c)
{
    struct rk_concordance pairs;
    enum rk_status status = rk_concordance(x, y, unit, c->n, n_units, &pairs);
    double low, high, r;

    if (status != RK_OK)
        return status;
    if (!(pairs.x_untied > 0.0) || !(pairs.y_untied > 0.0))
        return RK_ECONSTANT;
    r = pairs.s / sqrt(pairs.x_untied) / sqrt(pairs.y_untied);
    c->perfect = pairs.x_untied == pairs.y_untied && fabs(pairs.s) == pairs.x_untied;
    c->estimate = c->perfect ? copysign(1.0, pairs.s) : fmax(-1.0, fmin(1.0, r));
    c->df = NAN;
    c->statistic = pairs.s / sqrt(pairs.variance);
    c->p_value = rk_p_from_z(c->statistic, alternative);
    if (unit == NULL && !pairs.ties && c->n < 50) {
        c->statistic = (pairs.x_untied + pairs.s) / 2.0; /* the concordant ones */
        status = rk_kendall_tails(c->statistic, c->n, &low, &high);
        c->p_value = alternative == RK_TWO_SIDED ? fmin(1.0, 2.0 * fmin(low, high))
                     : alternative == RK_LESS    ? low
                                                 : high;
        c->exact = true;
    }
    c->conf_low = c->conf_high = c->perfect ? c->estimate : NAN;
    if (!c->perfect && unit == NULL && c->n >= 10)
        interval(RK_KENDALL, (1.0 - c->estimate) * (1.0 + c->estimate), conf_level, alternative, c,
                 (double)c->n - 3.0);
    return status;
}

/* --- over all rows --------------------------------------------------------------------------- */

static bool all_finite(const double *x, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return false;
    return true;
}

enum rk_status rk_correlation(int method, const double *x, const double *y, size_t n,
                              double conf_level, int alternative, struct rk_correlation *out)
{
    struct rk_correlation c = {.n = n}, exact;
    struct unit all;
    double *u, *v, x_ties = 0.0, y_ties = 0.0;
    enum rk_status status = RK_OK;

    if (!all_finite(x, y, n))
        return RK_EDOMAIN;
    if (n < 3)
        return RK_ETOOFEW;
    u = malloc(2 * n * sizeof *u);
    if (u == NULL)
        return RK_ENOMEM;
    v = u + n;
    if (method == RK_SPEARMAN) {
        status = rk_rank(x, n, u, &x_ties);
        if (status == RK_OK)
            status = rk_rank(y, n, v, &y_ties);
        x = u;
        y = v;
    }
    exact = c;
    if (status == RK_OK && method == RK_SPEARMAN && n <= 9 && x_ties == 0.0 && y_ties == 0.0)
        status = exact_test(u, v, alternative, &exact);
    if (status == RK_OK && method == RK_KENDALL)
        status = kendall(x, y, NULL, 1, conf_level, alternative, &c);
    else if (status == RK_OK) {
        centre(x, NULL, n, &all, 1, u);
        centre(y, NULL, n, &all, 1, v);
        status = test(method, u, v, (double)n - 2.0, conf_level, alternative, &c);
    }
    free(u);
    if (status != RK_OK)
        return status;
    if (exact.exact) {
        c.statistic = exact.statistic;
        c.df = exact.df;
        c.p_value = exact.p_value;
        c.exact = true;
    }
    *out = c;
    return RK_OK;
}

/* --- within units ---------------------------------------------------------------------------- */

/* Copies the rows of units that have at least two. */
static void drop_singles(const double *x, const double *y, const uint32_t *unit, size_t n,
                         struct unit *work, size_t n_units, double *u, double *v, uint32_t *kept,
                         struct rk_correlation *c)
{
    memset(work, 0, n_units * sizeof *work);
    for (size_t i = 0; i < n; i++)
        work[unit[i]].n++;
    for (size_t g = 0; g < n_units; g++)
        c->n_units += work[g].n > 1;
    for (size_t i = 0; i < n; i++) {
        if (work[unit[i]].n < 2)
            continue;
        u[c->n] = x[i];
        v[c->n] = y[i];
        kept[c->n++] = unit[i];
    }
}

enum rk_status rk_correlation_within(int method, const double *x, const double *y,
                                     const uint32_t *unit, size_t n, size_t n_units,
                                     double conf_level, int alternative, struct rk_correlation *out)
{
    struct rk_correlation c = {0};
    double *u = malloc((2 * n + 1) * sizeof *u), *v = u + n, df = 0.0;
    struct unit *work = malloc((n_units + 1) * sizeof *work);
    uint32_t *kept = malloc((n + 1) * sizeof *kept);
    enum rk_status status = u == NULL || work == NULL || kept == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK && !all_finite(x, y, n))
        status = RK_EDOMAIN;
    if (status == RK_OK) {
        drop_singles(x, y, unit, n, work, n_units, u, v, kept, &c);
        df = (double)c.n - (double)c.n_units - 1.0;
        status = df < 1.0 ? RK_ETOOFEW : RK_OK;
    }
    if (status == RK_OK && method == RK_SPEARMAN)
        status = rk_rank(u, c.n, u, NULL);
    if (status == RK_OK && method == RK_SPEARMAN)
        status = rk_rank(v, c.n, v, NULL);
    if (status == RK_OK && method == RK_KENDALL)
        status = kendall(u, v, kept, n_units, conf_level, alternative, &c);
    else if (status == RK_OK) {
        centre(u, kept, c.n, work, n_units, u);
        centre(v, kept, c.n, work, n_units, v);
        status = test(method, u, v, df, conf_level, alternative, &c);
    }
    free(kept);
    free(work);
    free(u);
    if (status == RK_OK)
        *out = c;
    return status;
}

/* From plain sums, not differences from an origin: units with equal sums have to have equal means,
 * or ranks would break the tie. */
enum rk_status rk_unit_means(const double *x, const uint32_t *unit, size_t n, size_t n_units,
                             double *mean)
{
    struct unit *work = calloc(n_units + 1, sizeof *work);
    double scale = scale_of(x, n);

    if (work == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct unit *u = &work[unit[i]];

        if (u->n++ == 0)
            u->origin = x[i];
        u->varies = u->varies || x[i] != u->origin;
        rk_sum_add(&u->sum, x[i] * scale);
    }
    for (size_t g = 0; g < n_units; g++) {
        const struct unit *u = &work[g];
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
    struct unit *work = malloc((n_units + 1) * sizeof *work);
    enum rk_status status = u == NULL || work == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        centre(x, NULL, n, work, 1, u);
        whole = norm(u, n);
        centre(x, unit, n, work, n_units, u);
        part = norm(u, n);
        *share = whole > 0.0 ? fmin(1.0, (part / whole) * (part / whole)) : NAN;
    }
    free(work);
    free(u);
    return status;
}
