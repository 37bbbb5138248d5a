/* The tests of rep-compare on proportions and counts. */
#include <math.h>
#include <stdio.h>

#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/proportions.h"

enum rk_status rk_compare_fits(const struct method *method, const struct design *design,
                               const struct samples *samples, struct rk_error *error)
{
    bool proportions = (method->is & OF_PROPORTIONS) != 0 && samples->size[0] == NULL;

    for (size_t k = 0; k < 2 && (proportions || method->of == OF_RATES); k++)
        for (size_t i = 0; i < samples->n[k]; i++) {
            double x = samples->value[k][i];

            if (proportions && x != 0.0 && x != 1.0)
                return rk_fail(error, RK_EINPUT,
                               "--test %s takes values of 0 and 1, and '%s' has %g%s", method->name,
                               samples->variable, x,
                               design->paired ? " (the mean of a unit's rows on one side)" : "");
            if (method->of == OF_RATES && !(x >= 0.0 && x == floor(x)))
                return rk_fail(error, RK_EINPUT, "--test poisson counts, and '%s' has %g",
                               samples->variable, x);
        }
    return RK_OK;
}

static void take(const struct rk_proportion_test *t, struct tested *out)
{
    out->estimate = out->effect = t->estimate;
    out->statistic = t->statistic;
    out->p_value = t->p_value;
    out->conf_low = out->effect_low = t->conf_low;
    out->conf_high = out->effect_high = t->conf_high;
}

/* Successes and trials of either side. */
static void tables_of(const struct samples *s, uint64_t successes[2], uint64_t trials[2],
                      struct tested *out)
{
    for (size_t k = 0; k < 2; k++) {
        successes[k] = (uint64_t)rk_moments_of(s->value[k], s->n[k]).sum;
        trials[k] = s->size[k] == NULL ? s->n[k] : (uint64_t)rk_moments_of(s->size[k], s->n[k]).sum;
        out->n[k] = (double)trials[k];
    }
}

void rk_compare_prop(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    struct rk_proportion_test t;
    uint64_t k[2], n[2];

    tables_of(s, k, n, out);
    out->status = rk_prop_test(k[0], n[0], k[1], n[1], common->alternative, common->conf_level, &t);
    if (out->status != RK_OK)
        return;
    take(&t, out);
    out->df = 1.0;
    snprintf(out->note, sizeof out->note, "%llu of %llu and %llu of %llu", (unsigned long long)k[0],
             (unsigned long long)n[0], (unsigned long long)k[1], (unsigned long long)n[1]);
}

void rk_compare_fisher(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    struct rk_proportion_test t;
    uint64_t k[2], n[2];

    out->ratio = out->exact = true;
    tables_of(s, k, n, out);
    out->status = rk_fisher_test(k[0], n[0], k[1], n[1], rk_compare_null(d->options, true),
                                 common->alternative, common->conf_level, &t);
    if (out->status != RK_OK)
        return;
    take(&t, out);
    snprintf(out->note, sizeof out->note, "exact%s",
             isfinite(t.estimate) ? "" : "; an empty cell: no finite odds ratio");
}

void rk_compare_mcnemar(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    struct rk_proportion_test t;
    size_t gained = 0, lost = 0;

    out->exact = true;
    for (size_t i = 0; i < s->n[0]; i++) {
        gained += s->difference[i] > 0.0;
        lost += s->difference[i] < 0.0;
    }
    out->status =
        rk_mcnemar_test(gained, lost, s->n[0], common->alternative, common->conf_level, &t);
    if (out->status != RK_OK)
        return;
    take(&t, out);
    snprintf(out->note, sizeof out->note, "exact: %zu gained, %zu lost", gained, lost);
}

void rk_compare_poisson(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    struct rk_proportion_test t;
    double events[2], exposure[2];

    out->ratio = out->exact = true;
    for (size_t k = 0; k < 2; k++) {
        events[k] = rk_moments_of(s->value[k], s->n[k]).sum;
        exposure[k] = s->size[k] == NULL ? (double)s->n[k] : rk_moments_of(s->size[k], s->n[k]).sum;
    }
    out->status = rk_rate_ratio_test((uint64_t)events[0], exposure[0], (uint64_t)events[1],
                                     exposure[1], rk_compare_null(d->options, true),
                                     common->alternative, common->conf_level, &t);
    if (out->status != RK_OK)
        return;
    take(&t, out);
    snprintf(out->note, sizeof out->note, "exact: %.0f in %g and %.0f in %g%s", events[0],
             exposure[0], events[1], exposure[1],
             isfinite(t.estimate) ? "" : "; no event: no finite ratio");
}
