#include "repkit/power_design.h"

#include <math.h>

#include "repkit/alternative.h"
#include "repkit/distributions.h"
#include "repkit/noncentral.h"

enum { MAX_EXACT_N = 1000 };
static const double LARGEST_N = 1e9;

/* The effect in the direction that the alternative counts. */
static double directed(const struct rk_power_plan *plan)
{
    return plan->alternative == RK_LESS ? -plan->effect : plan->effect;
}

static double tail_level(const struct rk_power_plan *plan)
{
    return plan->alternative == RK_TWO_SIDED ? plan->sig_level / 2.0 : plan->sig_level;
}

static double second_n(const struct rk_power_plan *plan)
{
    bool has_second = plan->design == RK_POWER_TWO_SAMPLE || plan->design == RK_POWER_PROPORTION;

    return has_second && plan->n_second > 0.0 ? plan->n_second : plan->n;
}

/* --- correlated periods --------------------------------------------------------------------- */

/* The sum of ar^|s - t| over s among n periods and t among m, the two runs `gap` apart: gap 0 for
 * the same run, n for the next one. */
static double sum_of_correlations(size_t n, size_t m, size_t gap, double ar)
{
    double sum = 0.0;

    for (size_t s = 0; s < n; s++)
        for (size_t t = gap; t < gap + m; t++)
            sum += s == t ? 1.0 : pow(ar, s > t ? (double)(s - t) : (double)(t - s));
    return sum;
}

double rk_mean_variance(size_t n, double ar)
{
    return sum_of_correlations(n, n, 0, ar) / (double)n / (double)n;
}

static double mean_covariance(size_t before, size_t after, double ar)
{
    return sum_of_correlations(before, after, before, ar) / (double)before / (double)after;
}

double rk_change_variance(size_t before, size_t after, double ar)
{
    return rk_mean_variance(before, ar) + rk_mean_variance(after, ar) -
           2.0 * mean_covariance(before, after, ar);
}

/* The same of the mean after, given the one before, where units differ by icc. */
static double ancova_variance(const struct rk_power_plan *plan)
{
    double own = 1.0 - plan->icc;
    double before = plan->icc + own * rk_mean_variance(plan->before, plan->ar);
    double after = plan->icc + own * rk_mean_variance(plan->after, plan->ar);
    double both = plan->icc + own * mean_covariance(plan->before, plan->after, plan->ar);

    return after - both * both / before;
}

/* --- errors of the estimates ---------------------------------------------------------------- */

static void two_sample_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    double m = plan->cluster_size, unit = 1.0 / plan->n + 1.0 / second_n(plan);

    *std_error = plan->sd * sqrt(unit * (1.0 + (m - 1.0) * (m > 1.0 ? plan->icc : 0.0)));
    *df = (plan->n + second_n(plan)) / m - 2.0;
}

static void paired_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    *std_error = plan->sd / sqrt(plan->n);
    *df = plan->n - 1.0;
}

static void proportion_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    double p1 = plan->baseline, p2 = p1 + plan->effect;

    *std_error = sqrt(p1 * (1.0 - p1) / plan->n + p2 * (1.0 - p2) / second_n(plan));
    *df = INFINITY;
}

static void correlation_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    *std_error = 1.0 / sqrt(plan->n - 3.0);
    *df = INFINITY;
}

static void no_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    (void)plan;
    *std_error = *df = NAN;
}

static void did_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    double variance =
        plan->ancova ? ancova_variance(plan)
                     : (1.0 - plan->icc) * rk_change_variance(plan->before, plan->after, plan->ar);

    *std_error = plan->sd * sqrt(2.0 / plan->n * variance);
    *df = 2.0 * plan->n - 2.0 - (plan->ancova ? 1.0 : 0.0);
}

/* --- power ---------------------------------------------------------------------------------- */

static double noncentral_t_power(const struct rk_power_plan *plan, double std_error, double df)
{
    double critical = rk_qt(tail_level(plan), df, RK_UPPER_TAIL);
    double ncp = directed(plan) / std_error;
    double power = rk_pnt(critical, df, ncp, RK_UPPER_TAIL);

    return plan->alternative == RK_TWO_SIDED ? power + rk_pnt(-critical, df, ncp, RK_LOWER_TAIL)
                                             : power;
}

static double shifted_t_power(const struct rk_power_plan *plan, double std_error, double df)
{
    double critical = rk_qt(tail_level(plan), df, RK_UPPER_TAIL);
    double size = plan->alternative == RK_TWO_SIDED ? fabs(plan->effect) : directed(plan);

    return rk_pt(size / std_error - critical, df, RK_LOWER_TAIL);
}

static double proportion_power(const struct rk_power_plan *plan, double std_error, double df)
{
    double n1 = plan->n, n2 = second_n(plan), p1 = plan->baseline, p2 = p1 + plan->effect;
    double p = (n1 * p1 + n2 * p2) / (n1 + n2), shift = directed(plan), power;
    double bound =
        rk_qnorm(tail_level(plan), RK_UPPER_TAIL) * sqrt(p * (1.0 - p) * (1.0 / n1 + 1.0 / n2));

    (void)df;
    if (!(p1 >= 0.0 && p1 <= 1.0 && p2 >= 0.0 && p2 <= 1.0) || std_error == 0.0)
        return NAN;
    power = rk_pnorm((shift - bound) / std_error, RK_LOWER_TAIL);
    return plan->alternative == RK_TWO_SIDED
               ? power + rk_pnorm((shift + bound) / std_error, RK_UPPER_TAIL)
               : power;
}

static double correlation_power(const struct rk_power_plan *plan, double std_error, double df)
{
    double n = plan->n, r = directed(plan), t, critical, z, power;

    (void)std_error;
    (void)df;
    if (!(fabs(r) < 1.0))
        return NAN;
    t = rk_qt(tail_level(plan), n - 2.0, RK_UPPER_TAIL);
    critical = atanh(t / sqrt(t * t + n - 2.0));
    z = atanh(r) + r / (2.0 * (n - 1.0));
    power = rk_pnorm((z - critical) * sqrt(n - 3.0), RK_LOWER_TAIL);
    return plan->alternative == RK_TWO_SIDED
               ? power + rk_pnorm((-z - critical) * sqrt(n - 3.0), RK_LOWER_TAIL)
               : power;
}

static double regression_power(const struct rk_power_plan *plan, double std_error, double df)
{
    double u = (double)plan->predictors, v = plan->n - u - 1.0;
    double critical;

    (void)std_error;
    (void)df;
    if (!(plan->effect > 0.0))
        return plan->effect == 0.0 ? plan->sig_level : NAN;
    critical = rk_qf(plan->sig_level, u, v, RK_UPPER_TAIL);
    return rk_pnf(critical, u, v, plan->effect * plan->n, RK_UPPER_TAIL);
}

/* --- the designs ---------------------------------------------------------------------------- */

static const struct {
    double least_n;
    void (*error)(const struct rk_power_plan *plan, double *std_error, double *df);
    double (*power)(const struct rk_power_plan *plan, double std_error, double df);
    double largest_effect; /* infinite where the effect has a unit */
} designs[] = {
    [RK_POWER_TWO_SAMPLE] = {2.0, two_sample_error, noncentral_t_power, INFINITY},
    [RK_POWER_PAIRED] = {2.0, paired_error, noncentral_t_power, INFINITY},
    [RK_POWER_PROPORTION] = {2.0, proportion_error, proportion_power, 1.0},
    [RK_POWER_CORRELATION] = {4.0, correlation_error, correlation_power, 1.0},
    [RK_POWER_REGRESSION] = {3.0, no_error, regression_power, INFINITY},
    [RK_POWER_DID] = {2.0, did_error, shifted_t_power, INFINITY},
};

/* The least n for which the design is defined. */
static double least_n(const struct rk_power_plan *plan)
{
    double least = designs[plan->design].least_n;

    if (plan->design == RK_POWER_TWO_SAMPLE)
        return least * plan->cluster_size;
    if (plan->design == RK_POWER_REGRESSION)
        return (double)plan->predictors + 2.0;
    return least;
}

void rk_power_error(const struct rk_power_plan *plan, double *std_error, double *df)
{
    designs[plan->design].error(plan, std_error, df);
}

double rk_power_of(const struct rk_power_plan *plan)
{
    double std_error, df, mean_n = (plan->n + second_n(plan)) / 2.0;

    if (!(mean_n >= least_n(plan)) || !(fmin(plan->n, second_n(plan)) >= 1.0) ||
        !isfinite(plan->effect) || !(plan->sd > 0.0) ||
        !(plan->sig_level > 0.0 && plan->sig_level < 1.0) || plan->before == 0 ||
        plan->after == 0 || !(plan->cluster_size >= 1.0))
        return NAN;
    rk_power_error(plan, &std_error, &df);
    return designs[plan->design].power(plan, std_error, df);
}

/* --- solving -------------------------------------------------------------------------------- */

/* Bisects until neighbouring doubles, or near enough to them. `set` points into the plan;
 * power(low) < target <= power(high). */
static double bisect(struct rk_power_plan *plan, double *set, double low, double high,
                     double target)
{
    for (int i = 0; i < 200 && high - low > 1e-15 * high; i++) {
        double middle = low + (high - low) / 2.0;

        *set = middle;
        if (rk_power_of(plan) < target)
            low = middle;
        else
            high = middle;
    }
    return high;
}

enum rk_status rk_power_solve_n(const struct rk_power_plan *plan, double power, double *n)
{
    struct rk_power_plan trial = *plan;
    double low = least_n(plan), high, reached;

    trial.n = low;
    reached = rk_power_of(&trial);
    if (isnan(reached) || !(power > 0.0 && power < 1.0))
        return RK_EDOMAIN;
    if (reached >= power) {
        *n = low;
        return RK_OK;
    }
    high = 2.0 * low;
    for (;;) {
        trial.n = high;
        reached = rk_power_of(&trial);
        if (reached >= power)
            break;
        if (high > LARGEST_N || isnan(reached))
            return RK_ENOCONVERGE;
        low = high;
        high *= 2.0;
    }
    *n = bisect(&trial, &trial.n, low, high, power);
    return RK_OK;
}

enum rk_status rk_power_solve_effect(const struct rk_power_plan *plan, double power, double *effect)
{
    struct rk_power_plan trial = *plan;
    double most = designs[plan->design].largest_effect, low = 0.0, high, reached;
    double sign = plan->alternative == RK_LESS ? -1.0 : 1.0;

    if (plan->design == RK_POWER_PROPORTION)
        most = sign > 0.0 ? 1.0 - plan->baseline : plan->baseline;
    trial.alternative = plan->alternative == RK_LESS ? RK_GREATER : plan->alternative;
    if (plan->alternative == RK_LESS && plan->design == RK_POWER_PROPORTION)
        trial.baseline = 1.0 - plan->baseline; /* losses are gains of the other outcome */
    high = isinf(most) ? plan->sd : most * (1.0 - 1e-12);
    trial.effect = high * 1e-3;
    if (isnan(rk_power_of(&trial)) || !(power > plan->sig_level && power < 1.0))
        return RK_EDOMAIN;
    for (;;) {
        trial.effect = high;
        reached = rk_power_of(&trial);
        if (reached >= power)
            break;
        if (isnan(reached) || !isinf(most) || high > 1e12 * plan->sd)
            return RK_ENOCONVERGE;
        low = high;
        high *= 2.0;
    }
    *effect = sign * bisect(&trial, &trial.effect, low, high, power);
    return RK_OK;
}

/* --- errors of sign and size ---------------------------------------------------------------- */

/* The integral of t f(t) from c to infinity, f the density of T. */
static double upper_mean(double c, double df)
{
    double log_density;

    if (isinf(df))
        return exp(-c * c / 2.0) / sqrt(2.0 * M_PI);
    log_density = lgamma((df + 1.0) / 2.0) - lgamma(df / 2.0) - 0.5 * log(df * M_PI) -
                  (df + 1.0) / 2.0 * log1p(c * c / df);
    return (df + c * c) / (df - 1.0) * exp(log_density);
}

void rk_type_s_m(double effect, double std_error, double df, double sig_level, double *type_s,
                 double *type_m)
{
    double size = fabs(effect), shift = size / std_error, critical, right, wrong;

    *type_s = *type_m = NAN;
    if (!(size > 0.0) || !(std_error > 0.0) || !(df > 1.0))
        return;
    critical = rk_qt(sig_level / 2.0, df, RK_UPPER_TAIL);
    right = rk_pt(critical - shift, df, RK_UPPER_TAIL);
    wrong = rk_pt(critical + shift, df, RK_UPPER_TAIL);
    *type_s = wrong / (right + wrong);
    *type_m = (size * (right - wrong) +
               std_error * (upper_mean(critical - shift, df) + upper_mean(critical + shift, df))) /
              (size * (right + wrong));
}

/* --- exact power of two shares -------------------------------------------------------------- */

static double log_binomial(double k, double n, double p)
{
    if (p <= 0.0 || p >= 1.0)
        return k == (p <= 0.0 ? 0.0 : n) ? 0.0 : -INFINITY;
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
           (n - k) * log1p(-p);
}

double rk_power_proportion_exact(const struct rk_power_plan *plan)
{
    double n = plan->n, p2 = plan->baseline + plan->effect, power = 0.0;
    double critical = rk_qnorm(tail_level(plan), RK_UPPER_TAIL);
    double sign = plan->alternative == RK_LESS ? -1.0 : 1.0;

    if (!(n >= 1.0 && n <= MAX_EXACT_N) || n != floor(n))
        return NAN;
    for (int i = 0; i <= n; i++) {
        double log_first = log_binomial(i, n, plan->baseline), inner = 0.0;

        if (log_first < -50.0)
            continue;
        for (int j = 0; j <= n; j++) {
            double share = (i + j) / (2.0 * n), variance = 2.0 * share * (1.0 - share) / n;
            double z = variance > 0.0 ? sign * (j - i) / n / sqrt(variance) : 0.0;

            if (z > critical || (plan->alternative == RK_TWO_SIDED && z < -critical))
                inner += exp(log_binomial(j, n, p2));
        }
        power += exp(log_first) * inner;
    }
    return power;
}
