/* rep-trend's table of control limits. */
#include <math.h>
#include <stdlib.h>

#include "repkit/moments.h"
#include "trend_parts.h"

enum { L_VARIABLE, L_TIME, L_VALUE, L_CENTER, L_LOWER, L_UPPER, L_SIGNAL, LIMITS_FIELDS };
static const struct rk_field limits_fields[LIMITS_FIELDS] = {
    [L_VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
    [L_TIME] = {"time", RK_TIME, RK_GENERAL},
    [L_VALUE] = {"value", RK_NUMBER, RK_GENERAL},
    [L_CENTER] = {"center", RK_NUMBER, RK_GENERAL},
    [L_LOWER] = {"lower", RK_NUMBER, RK_GENERAL},
    [L_UPPER] = {"upper", RK_NUMBER, RK_GENERAL},
    [L_SIGNAL] = {"signal", RK_TEXT, RK_GENERAL},
};
enum { LIMITS = 1 }; /* the table behind `trend` */

static const char *const signals[RK_SIGNAL_COUNT] = {"none", "beyond-3-sd", "2-of-3-beyond-2-sd",
                                                     "4-of-5-beyond-1-sd", "8-on-one-side"};

void trend_declare_limits(struct rk_result *result)
{
    rk_result_declare(result, "limits", limits_fields, LIMITS_FIELDS);
}

/* Seasons' means, by season; without seasons one mean for all. */
static void centers(const struct trend_series *s, double *center, double *scratch)
{
    size_t seasons = s->season > 0 ? s->season : 1;

    for (size_t g = 0; g < seasons; g++) {
        size_t m = 0;
        double mean;

        for (size_t i = 0; i < s->n; i++)
            if (s->slot[i] % seasons == g)
                scratch[m++] = s->x[i];
        mean = rk_moments_of(scratch, m).mean;
        for (size_t i = 0; i < s->n; i++)
            if (s->slot[i] % seasons == g)
                center[i] = mean;
    }
}

void trend_put_limits(const struct trend_series *s, const struct rk_common *common,
                      struct rk_result *result)
{
    double *center = calloc(2 * (s->n + 1), sizeof *center), *z, sd;
    size_t column = rk_result_column(result, L_TIME), n_signals = 0;

    if (center == NULL || result->status != RK_OK) {
        result->status = RK_ENOMEM;
        free(center);
        return;
    }
    z = center + s->n + 1;
    result->table[LIMITS]->column[column].time_kind = s->kind;
    centers(s, center, z);
    for (size_t i = 0; i < s->n; i++)
        z[i] = s->x[i] - center[i];
    sd = rk_moving_range_sd(z, s->slot, s->n);
    for (size_t i = 0; i < s->n; i++)
        z[i] = z[i] == 0.0 ? 0.0 : z[i] / sd;
    for (size_t i = 0; i < s->n; i++) {
        enum rk_signal signal = rk_control_signal(z, i);

        n_signals += signal != RK_SIGNAL_NONE;
        rk_result_row(result, LIMITS);
        rk_put_text(result, LIMITS, L_VARIABLE, s->name);
        rk_put(result, LIMITS, L_TIME, s->t[i]);
        rk_put(result, LIMITS, L_VALUE, s->x[i]);
        rk_put(result, LIMITS, L_CENTER, center[i]);
        rk_put(result, LIMITS, L_LOWER, center[i] - 3.0 * sd);
        rk_put(result, LIMITS, L_UPPER, center[i] + 3.0 * sd);
        if (!isnan(sd))
            rk_put_text(result, LIMITS, L_SIGNAL, signals[signal]);
    }
    if (common->explain && s->n > 0 && !isnan(sd))
        trend_explain_limits(s, rk_moments_of(s->x, s->n).mean, sd, n_signals, result);
    free(center);
}
