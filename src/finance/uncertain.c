#include "repkit/uncertain.h"

#include <math.h>

#include "repkit/distributions.h"

/* low and high of a normal are its 5% and 95% quantiles. */
static double range_width_in_sd(void)
{
    return 2.0 * rk_qnorm(0.05, RK_UPPER_TAIL);
}

static enum rk_status check_range(enum rk_dist dist, double amount, double low, double high,
                                  struct rk_error *error)
{
    if (!isfinite(low) || !isfinite(high))
        return rk_fail(error, RK_EINPUT, "it needs both low and high");
    if (low > high)
        return rk_fail(error, RK_EINPUT, "low %.10g is above high %.10g", low, high);
    if (amount < low || amount > high)
        return rk_fail(error, RK_EINPUT, "amount %.10g is not between low %.10g and high %.10g",
                       amount, low, high);
    if (dist == RK_DIST_LOGNORMAL && low <= 0.0)
        return rk_fail(error, RK_EINPUT, "a lognormal amount needs low above 0, not %.10g", low);
    return RK_OK;
}

enum rk_status rk_uncertain_set(enum rk_dist dist, double amount, double low, double high,
                                struct rk_uncertain *out, struct rk_error *error)
{
    struct rk_uncertain result = {.dist = dist, .amount = amount};
    double width = high - low, share;

    if (!isfinite(amount))
        return rk_fail(error, RK_EINPUT, "no amount");
    if (dist != RK_DIST_FIXED) {
        enum rk_status status = check_range(dist, amount, low, high, error);

        if (status != RK_OK)
            return status;
        if (low == high)
            result.dist = RK_DIST_FIXED;
    }
    result.location = low;
    result.scale = width;
    share = (amount - low) / width;
    switch (result.dist) {
    case RK_DIST_FIXED:
        result.location = amount;
        result.scale = 0.0;
        break;
    case RK_DIST_NORMAL:
        result.location = amount;
        result.scale = width / range_width_in_sd();
        break;
    case RK_DIST_LOGNORMAL:
        result.location = log(amount);
        result.scale = log(high / low) / range_width_in_sd();
        break;
    case RK_DIST_TRIANGULAR:
        result.shape1 = share;
        break;
    case RK_DIST_PERT:
        result.shape1 = 1.0 + 4.0 * share;
        result.shape2 = 1.0 + 4.0 * (high - amount) / width;
        break;
    case RK_DIST_BETA:
        if (amount == low || amount == high)
            return rk_fail(error, RK_EINPUT,
                           "the mean of a beta lies between its bounds, not on one");
        result.shape1 = 6.0 * share;
        result.shape2 = 6.0 * (high - amount) / width;
        break;
    case RK_DIST_UNIFORM:
        break;
    case RK_DIST_T:
        return rk_fail(error, RK_EINPUT, "an estimate has no range");
    }
    *out = result;
    return RK_OK;
}

enum rk_status rk_uncertain_estimate(double estimate, double std_error, double df,
                                     struct rk_uncertain *out, struct rk_error *error)
{
    bool normal = isnan(df) || isinf(df);

    if (!isfinite(estimate))
        return rk_fail(error, RK_EINPUT, "no estimate");
    if (!isfinite(std_error) || std_error < 0.0)
        return rk_fail(error, RK_EINPUT, "no standard error");
    if (df <= 0.0)
        return rk_fail(error, RK_EINPUT, "df %.10g is not above 0", df);
    *out = (struct rk_uncertain){
        .dist = std_error == 0.0 ? RK_DIST_FIXED
                : normal         ? RK_DIST_NORMAL
                                 : RK_DIST_T,
        .amount = estimate,
        .location = estimate,
        .scale = std_error,
        .shape1 = normal ? 0.0 : df,
    };
    return RK_OK;
}

double rk_std_error_of_interval(double low, double high, double conf_level, double df)
{
    double tail = 0.5 * (1.0 - conf_level);

    if (!(low <= high) || !(conf_level > 0.0 && conf_level < 1.0))
        return NAN;
    return 0.5 * (high - low) /
           (isnan(df) ? rk_qnorm(tail, RK_UPPER_TAIL) : rk_qt(tail, df, RK_UPPER_TAIL));
}

/* The quantile of the distribution with location 0 and scale 1. */
static double standard_quantile(const struct rk_uncertain *uncertain, double p)
{
    enum rk_tail tail = p <= 0.5 ? RK_LOWER_TAIL : RK_UPPER_TAIL;
    double q = p <= 0.5 ? p : 1.0 - p, mode;

    switch (uncertain->dist) {
    case RK_DIST_NORMAL:
    case RK_DIST_LOGNORMAL:
        return rk_qnorm(q, tail);
    case RK_DIST_T:
        return rk_qt(q, uncertain->shape1, tail);
    case RK_DIST_PERT:
    case RK_DIST_BETA:
        return rk_qbeta(q, uncertain->shape1, uncertain->shape2, tail);
    case RK_DIST_TRIANGULAR:
        mode = uncertain->shape1;
        return p < mode ? sqrt(p * mode) : 1.0 - sqrt((1.0 - p) * (1.0 - mode));
    case RK_DIST_UNIFORM:
        return p;
    case RK_DIST_FIXED:
        break;
    }
    return 0.0;
}

static double from_standard(const struct rk_uncertain *uncertain, double z)
{
    double x = uncertain->location + uncertain->scale * z;

    return uncertain->dist == RK_DIST_LOGNORMAL ? exp(x) : x;
}

double rk_uncertain_quantile(const struct rk_uncertain *uncertain, double p)
{
    return from_standard(uncertain, standard_quantile(uncertain, p));
}

double rk_uncertain_mean(const struct rk_uncertain *uncertain)
{
    double a = uncertain->shape1, b = uncertain->shape2, standard = 0.0;

    switch (uncertain->dist) {
    case RK_DIST_LOGNORMAL:
        return exp(uncertain->location + 0.5 * uncertain->scale * uncertain->scale);
    case RK_DIST_T:
        return a > 1.0 ? uncertain->location : NAN;
    case RK_DIST_PERT:
    case RK_DIST_BETA:
        standard = a / (a + b);
        break;
    case RK_DIST_TRIANGULAR:
        standard = (1.0 + a) / 3.0;
        break;
    case RK_DIST_UNIFORM:
        standard = 0.5;
        break;
    case RK_DIST_FIXED:
    case RK_DIST_NORMAL:
        break;
    }
    return uncertain->location + uncertain->scale * standard;
}

double rk_uncertain_sd(const struct rk_uncertain *uncertain)
{
    double a = uncertain->shape1, b = uncertain->shape2;

    switch (uncertain->dist) {
    case RK_DIST_FIXED:
        return 0.0;
    case RK_DIST_NORMAL:
        break;
    case RK_DIST_LOGNORMAL:
        return rk_uncertain_mean(uncertain) * sqrt(expm1(uncertain->scale * uncertain->scale));
    case RK_DIST_T:
        return a > 2.0 ? uncertain->scale * sqrt(a / (a - 2.0)) : INFINITY;
    case RK_DIST_PERT:
    case RK_DIST_BETA:
        return uncertain->scale * sqrt(a * b / (a + b + 1.0)) / (a + b);
    case RK_DIST_TRIANGULAR:
        return uncertain->scale * sqrt((1.0 - a + a * a) / 18.0);
    case RK_DIST_UNIFORM:
        return uncertain->scale * sqrt(1.0 / 12.0);
    }
    return uncertain->scale;
}
