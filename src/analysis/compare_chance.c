/* The tests of rep-compare that draw: permutations and the bootstrap. */
#include <math.h>
#include <stdio.h>

#include "compare_parts.h"
#include "repkit/permutation.h"
#include "repkit/resample.h"

enum { DRAWS = 9999 };

static size_t n_draws(const struct design *design)
{
    size_t asked = design->options->common.resamples;

    return asked > 0 ? asked : DRAWS;
}

void rk_compare_permutation(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_permutation_plan plan = {d->options->mu, d->options->common.alternative,
                                             n_draws(d), d->label};
    struct rk_permutation p;

    out->estimate = s->mean[1] - s->mean[0];
    if (d->paired)
        out->status = rk_permute_signs(s->difference, s->n[0], &plan, d->ctx, &p);
    else
        out->status = rk_permute_labels(s->value[0], s->n[0], s->block[0], s->value[1], s->n[1],
                                        s->block[1], s->n_blocks, &plan, d->ctx, &p);
    if (out->status != RK_OK)
        return;
    out->estimate = p.estimate;
    out->statistic = p.estimate - d->options->mu;
    out->p_value = p.p_value;
    out->exact = p.exact;
    if (p.exact)
        snprintf(out->note, sizeof out->note, "exact: all %zu permutations", p.n);
    else
        snprintf(out->note, sizeof out->note, "%zu random permutations: p is sure to +-%.2g", p.n,
                 2.0 * sqrt(p.p_value * (1.0 - p.p_value) / (double)p.n));
    rk_compare_mean_effect(s, d, out);
}

void rk_compare_bootstrap(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    const struct rk_boot_means means = {.x = s->value[0],
                                        .y = s->value[1],
                                        .nx = s->n[0],
                                        .ny = s->n[1],
                                        .paired = d->paired,
                                        .ratio = d->options->relative,
                                        .draws = n_draws(d),
                                        .label = d->label};
    struct rk_boot *boot = NULL;

    out->ratio = d->options->relative;
    if (!out->ratio)
        out->estimate = s->mean[1] - s->mean[0];
    out->status = rk_boot_means_new(&means, d->ctx, &boot);
    if (out->status != RK_OK)
        return;
    out->estimate = boot->estimate;
    if (boot->draw[0] == boot->draw[boot->n_draws - 1]) {
        out->status = RK_ECONSTANT;
    } else {
        rk_boot_interval(boot, common->conf_level, common->alternative, &out->conf_low,
                         &out->conf_high);
        out->p_value =
            rk_boot_p_value(boot, rk_compare_null(d->options, out->ratio), common->alternative);
        snprintf(out->note, sizeof out->note, "%s, %zu draws", boot->bca ? "BCa" : "percentiles",
                 boot->n_draws);
        rk_compare_mean_effect(s, d, out);
    }
    rk_boot_free(boot);
}
