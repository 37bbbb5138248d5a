/* Internal rates of return.
 *
 * With v = 1/(1 + i), i the rate of one step, the present value is the polynomial
 * P(v) = sum c_k v^k: positive roots v are the rates i > -1. Rates of 0 and above are v in (0, 1];
 * negative ones are w = 1/v in (0, 1) of the polynomial with its coefficients turned round. So both
 * searches are on the unit interval, where the Bernstein basis is well conditioned. */
#include "repkit/cash_flow.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 48, MAX_STEPS = 200 };

struct roots {
    double root[RK_IRR_MAX_RATES];
    size_t n;
};

static double horner(const double *c, size_t n, double x, double *derivative)
{
    double p = c[n - 1], d = 0.0;

    for (size_t k = n - 1; k-- > 0;) {
        d = d * x + p;
        p = p * x + c[k];
    }
    *derivative = d;
    return p;
}

/* The root of P in [low, high], where P(low) and P(high) differ in sign: Newton, with bisection
 * where it would leave the bracket or close in too slowly. */
static double bracketed_root(const double *c, size_t n, double low, double high, bool rising)
{
    double x = 0.5 * (low + high), last = high - low;

    for (int i = 0; i < MAX_STEPS; i++) {
        double d, p = horner(c, n, x, &d), step;

        if (p == 0.0)
            return x;
        if ((p < 0.0) == rising)
            low = x;
        else
            high = x;
        step = p / d;
        if (!(x - step > low && x - step < high) || fabs(step) > 0.5 * last)
            step = x - 0.5 * (low + high);
        last = fabs(step);
        x -= step;
        if (last <= DBL_EPSILON * x)
            break;
    }
    return x;
}

static size_t sign_changes(const double *b, size_t n, double noise)
{
    size_t changes = 0;
    int sign = 0;

    for (size_t i = 0; i < n; i++) {
        int now = (b[i] > noise) - (b[i] < -noise);

        changes += now != 0 && sign != 0 && now != sign;
        sign = now != 0 ? now : sign;
    }
    return changes;
}

/* Roots come in ascending order. Where P touches 0 rounding may show two roots, or three: one. */
static void add_root(struct roots *roots, double x)
{
    if (roots->n > 0 && x - roots->root[roots->n - 1] <= 1e-6 * x)
        return;
    if (roots->n < RK_IRR_MAX_RATES)
        roots->root[roots->n++] = x;
}

/* De Casteljau at the middle: `left` and `right` get the two halves of b (right may be b). */
static void split(const double *b, double *left, double *right, size_t n)
{
    if (right != b)
        memcpy(right, b, n * sizeof *b);
    for (size_t i = 0; i < n; i++) {
        left[i] = right[0];
        for (size_t k = 0; k + 1 < n - i; k++)
            right[k] = 0.5 * (right[k] + right[k + 1]);
    }
}

struct isolation {
    const double *c;
    size_t n;
    double noise; /* what rounding may have made of a Bernstein coefficient that is 0 */
    double *room; /* n for each depth */
    struct roots *roots;
};

/* Descartes' rule: no change of sign in the Bernstein coefficients, no root in the open interval;
 * one, exactly one. Otherwise halve it. */
static void isolate(const struct isolation *s, double *b, double low, double high, int depth)
{
    size_t changes = sign_changes(b, s->n, s->noise);
    double middle = 0.5 * (low + high);

    if (changes == 0)
        return;
    if (changes == 1) {
        size_t first = 0;

        while (fabs(b[first]) <= s->noise)
            first++;
        add_root(s->roots, bracketed_root(s->c, s->n, low, high, b[first] < 0.0));
        return;
    }
    if (depth ==
        MAX_DEPTH) { /* roots too near each other to tell apart: one, for what it is worth */
        add_root(s->roots, middle);
        return;
    }
    split(b, s->room + (size_t)depth * s->n, b, s->n);
    isolate(s, s->room + (size_t)depth * s->n, low, middle, depth + 1);
    if (fabs(b[0]) <= s->noise)
        add_root(s->roots, middle);
    isolate(s, b, middle, high, depth + 1);
}

/* Every root in the open interval (0, 1), ascending. */
static enum rk_status roots_in_unit(const double *c, size_t n, struct roots *roots)
{
    double *memory = malloc(n * (MAX_DEPTH + 2) * sizeof *memory), *b = memory;
    double binomial = 1.0, size = 0.0;

    if (memory == NULL)
        return RK_ENOMEM;
    /* b_k = sum_i C(k,i)/C(n-1,i) c_i: scale, then add up as Pascal's triangle does. */
    for (size_t i = 0; i < n; i++) {
        b[i] = c[i] / binomial;
        size += fabs(c[i]);
        binomial *= (double)(n - 1 - i) / (double)(i + 1);
    }
    for (size_t j = 1; j < n; j++)
        for (size_t k = n - 1; k >= j; k--)
            b[k] += b[k - 1];
    isolate(&(struct isolation){c, n, size * DBL_EPSILON * (double)n, memory + n, roots}, b, 0.0,
            1.0, 0);
    free(memory);
    return RK_OK;
}

static double yearly(double v, double step_months)
{
    return expm1(-log(v) * (12.0 / step_months));
}

static void turn_round(const double *c, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = c[n - 1 - i];
}

static double total(const double *c, size_t n)
{
    double sum = 0.0;

    for (size_t i = 0; i < n; i++)
        sum += c[i];
    return sum;
}

/* One change of sign, one root v > 0: on whichever side of 1 the sum says. */
static double only_rate(const double *c, double *turned, size_t n, double step_months)
{
    double sum = total(c, n);

    if (sum == 0.0)
        return 0.0;
    if ((sum > 0.0) != (c[0] > 0.0))
        return yearly(bracketed_root(c, n, 0.0, 1.0, c[0] < 0.0), step_months);
    turn_round(c, turned, n);
    return yearly(1.0 / bracketed_root(turned, n, 0.0, 1.0, turned[0] < 0.0), step_months);
}

/* Norstrom's condition: the cumulative flow changes sign once and does not end at 0. */
static bool is_norstrom(const double *c, size_t n)
{
    size_t changes = 0;
    int sign = 0;
    double sum = 0.0;

    for (size_t i = 0; i < n; i++) {
        int now;

        sum += c[i];
        now = (sum > 0.0) - (sum < 0.0);
        changes += now != 0 && sign != 0 && now != sign;
        sign = now != 0 ? now : sign;
    }
    return changes == 1 && sum != 0.0;
}

static enum rk_status every_rate(const double *c, double *turned, size_t n, double step_months,
                                 struct rk_irr *out)
{
    struct roots above = {.n = 0}, below = {.n = 0};
    enum rk_status status = roots_in_unit(c, n, &above);
    double size = 0.0;

    turn_round(c, turned, n);
    if (status == RK_OK)
        status = roots_in_unit(turned, n, &below);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        size += fabs(c[i]);
    for (size_t i = 0; i < below.n; i++)
        out->rate[out->n_rates++] = yearly(1.0 / below.root[i], step_months);
    if (fabs(total(c, n)) <= size * DBL_EPSILON * (double)n && out->n_rates < RK_IRR_MAX_RATES)
        out->rate[out->n_rates++] = 0.0;
    for (size_t i = above.n; i-- > 0 && out->n_rates < RK_IRR_MAX_RATES;)
        out->rate[out->n_rates++] = yearly(above.root[i], step_months);
    return RK_OK;
}

enum rk_status rk_irr(const double *flow, size_t n, double step_months, struct rk_irr *out)
{
    struct rk_irr result = {.n_rates = 0};
    enum rk_status status = RK_OK;
    double *turned;
    size_t n_kept = 0;

    if (!(step_months > 0.0) || n > RK_IRR_MAX_FLOWS)
        return RK_EDOMAIN;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(flow[i]))
            return RK_EDOMAIN;
    while (n > 0 && flow[n - 1] == 0.0)
        n--;
    for (; n > 0 && *flow == 0.0; n--)
        flow++;
    result.n_sign_changes = sign_changes(flow, n, 0.0);
    if (result.n_sign_changes == 0) {
        *out = result;
        return RK_OK;
    }
    turned = malloc(n * sizeof *turned);
    if (turned == NULL)
        return RK_ENOMEM;
    if (result.n_sign_changes == 1) {
        result.rate[result.n_rates++] = only_rate(flow, turned, n, step_months);
    } else if (is_norstrom(flow, n)) {
        result.rate[result.n_rates++] =
            yearly(bracketed_root(flow, n, 0.0, 1.0, flow[0] < 0.0), step_months);
    } else {
        status = every_rate(flow, turned, n, step_months, &result);
    }
    free(turned);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < result.n_rates; i++)
        if (result.rate[i] >= RK_IRR_LEAST && result.rate[i] <= RK_IRR_MOST)
            result.rate[n_kept++] = result.rate[i];
    result.n_rates = n_kept;
    *out = result;
    return RK_OK;
}
