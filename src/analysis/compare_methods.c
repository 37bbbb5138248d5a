/* The tests of rep-compare: one row of the table at the end each. */
#include <math.h>

#include "compare_parts.h"
#include "repkit/effect_size.h"
#include "repkit/moments.h"
#include "repkit/t_test.h"
#include "repkit/wilcoxon.h"

static void take_t(const struct rk_t_test *t, struct tested *out)
{
    out->estimate = t->estimate;
    out->std_error = t->std_error;
    out->statistic = t->statistic;
    out->df = t->df;
    out->p_value = t->p_value;
    out->conf_low = t->conf_low;
    out->conf_high = t->conf_high;
}

static void take_ranks(const struct rk_rank_test *r, struct tested *out)
{
    out->ranks = true;
    out->exact = r->exact;
    out->estimate = r->estimate;
    out->statistic = r->statistic;
    out->p_value = r->p_value;
    out->conf_low = r->conf_low;
    out->conf_high = r->conf_high;
    out->conf_achieved = r->conf_achieved;
    if (r->exact && r->conf_achieved > 0.0 && r->conf_achieved < out->conf_level - 1e-9)
        out->conf_level = r->conf_achieved;
}

static void take_effect(const struct rk_effect_size *e, struct tested *out)
{
    out->effect = e->estimate;
    out->effect_low = e->conf_low;
    out->effect_high = e->conf_high;
}

static void welch(const struct samples *s, const struct rk_compare_options *o, struct tested *out)
{
    struct rk_effect_size effect = {NAN, NAN, NAN};
    struct rk_t_test t;

    out->estimate = s->mean[1] - s->mean[0]; /* known even where the rest is not */
    out->status = rk_welch_t_test(s->value[0], s->n[0], s->value[1], s->n[1], o->mu,
                                  o->common.alternative, o->common.conf_level, &t);
    if (out->status != RK_OK)
        return;
    take_t(&t, out);
    rk_hedges_g(s->value[0], s->n[0], s->value[1], s->n[1], o->mu, o->common.alternative,
                o->common.conf_level, &effect);
    take_effect(&effect, out);
}

static void mann_whitney(const struct samples *s, const struct rk_compare_options *o,
                         struct tested *out)
{
    struct rk_effect_size effect = {NAN, NAN, NAN};
    struct rk_rank_test r;

    out->status = rk_rank_sum_test(s->value[0], s->n[0], s->value[1], s->n[1], o->mu,
                                   o->common.alternative, o->common.conf_level, &r);
    if (out->status != RK_OK)
        return;
    take_ranks(&r, out);
    rk_cliffs_delta(r.statistic, s->n[0], s->n[1], o->common.alternative, o->common.conf_level,
                    &effect);
    take_effect(&effect, out);
}

static void paired_t(const struct samples *s, const struct rk_compare_options *o,
                     struct tested *out)
{
    struct rk_effect_size effect = {NAN, NAN, NAN};
    struct rk_t_test t;

    out->estimate = rk_moments_of(s->difference, s->n[0]).mean;
    out->status = rk_one_sample_t_test(s->difference, s->n[0], o->mu, o->common.alternative,
                                       o->common.conf_level, &t);
    if (out->status != RK_OK)
        return;
    take_t(&t, out);
    rk_cohen_dz(s->difference, s->n[0], o->mu, o->common.alternative, o->common.conf_level,
                &effect);
    take_effect(&effect, out);
}

static void wilcoxon(const struct samples *s, const struct rk_compare_options *o,
                     struct tested *out)
{
    struct rk_effect_size effect = {NAN, NAN, NAN};
    struct rk_rank_test r;

    out->status = rk_signed_rank_test(s->difference, s->n[0], o->mu, o->common.alternative,
                                      o->common.conf_level, &r);
    if (out->status != RK_OK)
        return;
    take_ranks(&r, out);
    rk_rank_biserial(r.statistic, r.n_used, o->common.alternative, o->common.conf_level, &effect);
    take_effect(&effect, out);
}

/* In the order of RK_COMPARE_TESTS, after `auto`. */
const struct method rk_compare_methods[] = {
    {"welch", "Welch's t test", "hedges-g", "Hedges' g", false, welch},
    {"mann-whitney", "Mann-Whitney U test", "cliffs-delta", "Cliff's delta", false, mann_whitney},
    {"paired-t", "Paired t test", "cohen-dz", "Cohen's d_z", true, paired_t},
    {"wilcoxon", "Wilcoxon signed-rank test", "rank-biserial", "rank-biserial r", true, wilcoxon},
};
const size_t rk_compare_n_methods = sizeof rk_compare_methods / sizeof *rk_compare_methods;

void rk_compare_test(const struct method *method, const struct design *design,
                     const struct samples *samples, enum rk_status made, struct tested *out)
{
    *out = (struct tested){.method = method,
                           .status = made,
                           .estimate = NAN,
                           .std_error = NAN,
                           .statistic = NAN,
                           .df = NAN,
                           .p_value = NAN,
                           .conf_low = NAN,
                           .conf_high = NAN,
                           .conf_level = design->options->common.conf_level,
                           .effect = NAN,
                           .effect_low = NAN,
                           .effect_high = NAN};
    if (made == RK_OK)
        method->run(samples, design->options, out);
}
