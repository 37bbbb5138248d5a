/* From lists of numbers to plans: every combination, in the order in which they were given. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "power_parts.h"
#include "repkit/number.h"

/* An option with a list of numbers. */
struct axis {
    const char *option;
    const struct rk_names *list;
    double low, high; /* what is allowed */
    bool open;        /* the ends are not */
    double *value;
    size_t n, at;
};

enum { PERIODS, N, EFFECT, POWER, SD, ICC, AR, BASELINE, N_AXES };

static enum rk_status read_number(const char *option, const char *text, double *value,
                                  struct rk_error *error)
{
    struct rk_number_marks marks;

    if (rk_number_read(text, strlen(text), '.', value, &marks) != RK_READ_OK)
        return rk_fail(error, RK_EUSAGE, "--%s: '%s' is not a number", option, text);
    return RK_OK;
}

static enum rk_status read_axis(struct axis *axis, struct rk_error *error)
{
    axis->n = axis->list->n > 0 ? axis->list->n : 1;
    axis->value = malloc(axis->n * sizeof *axis->value);
    if (axis->value == NULL)
        return rk_fail_memory(error);
    axis->value[0] = NAN;
    for (size_t i = 0; i < axis->list->n; i++) {
        const char *text = axis->list->name[i];
        double *v = &axis->value[i];
        enum rk_status status = read_number(axis->option, text, v, error);

        if (status != RK_OK)
            return status;
        if (*v < axis->low || *v > axis->high ||
            (axis->open && (*v == axis->low || *v == axis->high)))
            return rk_fail(error, RK_EUSAGE, "--%s: %s is not between %g and %g", axis->option,
                           text, axis->low, axis->high);
    }
    return RK_OK;
}

/* "3,3": periods before and after. */
static enum rk_status read_periods(const char *text, size_t *before, size_t *after,
                                   struct rk_error *error)
{
    struct rk_names parts = {0};
    double b = NAN, a = NAN;
    enum rk_status status = rk_names_parse(text, &parts, error);

    if (status == RK_OK && parts.n == 2)
        status = read_number("periods", parts.name[0], &b, error);
    if (status == RK_OK && parts.n == 2)
        status = read_number("periods", parts.name[1], &a, error);
    if (status == RK_OK &&
        !(b >= 1.0 && a >= 1.0 && b <= 5000.0 && a <= 5000.0 && b == floor(b) && a == floor(a)))
        status =
            rk_fail(error, RK_EUSAGE,
                    "--periods: '%s' is not BEFORE,AFTER, two whole numbers such as 3,3", text);
    if (status == RK_OK) {
        *before = (size_t)b;
        *after = (size_t)a;
    }
    rk_names_free(&parts);
    return status;
}

/* The next combination, the last axis turning fastest; false after the last. */
static bool turn(struct axis *axes)
{
    for (size_t i = N_AXES; i-- > 0;) {
        if (++axes[i].at < axes[i].n)
            return true;
        axes[i].at = 0;
    }
    return false;
}

static void take(double value, double *field)
{
    if (!isnan(value))
        *field = value;
}

static enum rk_status make_plan(const struct axis *axes, const struct rk_power_options *options,
                                const struct pilot *pilot, struct rk_power_plan *plan,
                                struct rk_error *error)
{
    const struct rk_power_plan usual = RK_POWER_PLAN_DEFAULT;
    enum rk_status status = RK_OK;

    *plan = usual;
    plan->design = options->design;
    plan->alternative = options->common.alternative;
    plan->sig_level = options->sig_level;
    plan->predictors = options->predictors;
    plan->cluster_size = (double)options->cluster_size;
    plan->ancova = options->ancova;
    plan->baseline = NAN;
    if (options->periods.n > 0)
        status = read_periods(options->periods.name[axes[PERIODS].at], &plan->before, &plan->after,
                              error);
    if (pilot != NULL)
        power_pilot_apply(pilot, plan);
    take(axes[N].value[axes[N].at], &plan->n);
    take(axes[EFFECT].value[axes[EFFECT].at], &plan->effect);
    take(axes[SD].value[axes[SD].at], &plan->sd);
    take(axes[ICC].value[axes[ICC].at], &plan->icc);
    take(axes[AR].value[axes[AR].at], &plan->ar);
    take(axes[BASELINE].value[axes[BASELINE].at], &plan->baseline);
    return status;
}

static enum power_unknown unknown_of(const struct rk_power_options *options)
{
    if (options->n.n == 0 && options->effect.n > 0)
        return POWER_UNKNOWN_N;
    return options->effect.n == 0 ? POWER_UNKNOWN_EFFECT : POWER_UNKNOWN_POWER;
}

static enum rk_status fill(struct axis *axes, const struct rk_power_options *options,
                           const struct pilot *pilot, struct plans *plans, struct rk_error *error)
{
    size_t total = 1;
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < N_AXES; i++)
        total *= axes[i].n;
    if (total > 1000000)
        return rk_fail(error, RK_EUSAGE, "the lists make %zu combinations; at most 1000000", total);
    plans->plan = malloc(total * sizeof *plans->plan);
    plans->target = malloc(total * sizeof *plans->target);
    if (plans->plan == NULL || plans->target == NULL)
        return rk_fail_memory(error);
    do {
        double target = axes[POWER].value[axes[POWER].at];

        status = make_plan(axes, options, pilot, &plans->plan[plans->n], error);
        plans->target[plans->n++] = isnan(target) ? 0.8 : target;
    } while (status == RK_OK && turn(axes));
    return status;
}

/* An effect that makes a share of more than 1, or less than 0, of every baseline is a slip. */
static enum rk_status check_shares(const struct plans *plans, struct rk_error *error)
{
    for (size_t i = 0; i < plans->n; i++) {
        double share = plans->plan[i].baseline + plans->plan[i].effect;

        if (isnan(share) || (share >= 0.0 && share <= 1.0))
            return RK_OK;
    }
    return rk_fail(error, RK_EUSAGE,
                   "--effect: %g on a baseline of %g makes %g, no share between 0 and 1",
                   plans->plan[0].effect, plans->plan[0].baseline,
                   plans->plan[0].baseline + plans->plan[0].effect);
}

enum rk_status power_plans_make(const struct rk_power_options *options, const struct pilot *pilot,
                                struct plans *plans, struct rk_error *error)
{
    static const struct rk_names none = {0};
    double most = options->design == RK_POWER_PROPORTION || options->design == RK_POWER_CORRELATION
                      ? 1.0
                      : 1e300;
    struct axis axes[N_AXES] = {
        [PERIODS] = {.option = "periods", .list = &none},
        [N] = {.option = "n", .list = &options->n, .low = 1, .high = 1e9},
        [EFFECT] = {.option = "effect", .list = &options->effect, .low = -most, .high = most},
        [POWER] = {.option = "power", .list = &options->power, .high = 1, .open = true},
        [SD] = {.option = "sd", .list = &options->sd, .high = 1e300, .open = true},
        [ICC] = {.option = "icc", .list = &options->icc, .high = 0.999},
        [AR] = {.option = "ar", .list = &options->ar, .low = -0.99, .high = 0.99},
        [BASELINE] = {.option = "baseline", .list = &options->baseline, .high = 1, .open = true},
    };
    enum rk_status status = RK_OK;

    memset(plans, 0, sizeof *plans);
    plans->unknown = unknown_of(options);
    for (size_t i = 0; i < N_AXES && status == RK_OK; i++)
        status = read_axis(&axes[i], error);
    if (options->periods.n > 0)
        axes[PERIODS].n = options->periods.n;
    if (status == RK_OK)
        status = fill(axes, options, pilot, plans, error);
    if (status == RK_OK && options->design == RK_POWER_PROPORTION && options->effect.n > 0)
        status = check_shares(plans, error);
    for (size_t i = 0; i < N_AXES; i++)
        free(axes[i].value);
    return status;
}

void power_plans_free(struct plans *plans)
{
    free(plans->plan);
    free(plans->target);
}
