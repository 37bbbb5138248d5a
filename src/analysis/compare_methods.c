/* The tests of rep-compare: one row of the table at the end each; here those of means and ranks. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare_parts.h"
#include "repkit/effect_size.h"
#include "repkit/moments.h"
#include "repkit/rank_tests.h"
#include "repkit/sum.h"
#include "repkit/t_test.h"

double rk_compare_null(const struct rk_compare_options *options, bool ratio)
{
    return ratio && options->mu == 0.0 ? 1.0 : options->mu;
}

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

void rk_compare_mean_effect(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    /* of a ratio the effect is still that of the difference */
    double mu = d->options->relative ? 0.0 : d->options->mu;
    int alternative = (out->method->is & TAKES_MU) != 0 ? common->alternative : RK_TWO_SIDED;
    struct rk_effect_size effect = {NAN, NAN, NAN};

    if (d->paired)
        rk_cohen_dz_of(&s->change, mu, alternative, common->conf_level, &effect);
    else
        rk_hedges_g_of(&s->m[0], &s->m[1], mu, alternative, common->conf_level, &effect);
    take_effect(&effect, out);
}

/* --- means ---------------------------------------------------------------------------------- */

/* The t test as a ratio of means: the same variances and df. */
static void as_ratio(const struct samples *s, const struct design *d, double vx, double vy,
                     double c, double df, struct tested *out)
{
    const struct rk_ratio_of_means means = {s->mean[0], s->mean[1], vx, vy, c, df};
    struct rk_t_test t;

    out->ratio = true;
    out->estimate = s->mean[0] != 0.0 ? s->mean[1] / s->mean[0] : NAN;
    out->status = rk_ratio_test(&means, rk_compare_null(d->options, true),
                                d->options->common.alternative, d->options->common.conf_level, &t);
    if (out->status != RK_OK)
        return;
    take_t(&t, out);
    if (isnan(t.conf_low))
        snprintf(out->note, sizeof out->note, "the first mean is within chance of 0: no interval");
}

static double variance_of_mean(const struct rk_moments *m)
{
    return m->n > 1 ? m->var / (double)m->n : 0.0;
}

static void t_of_two(const struct samples *s, const struct design *d, bool pooled,
                     struct tested *out)
{
    const struct rk_compare_options *o = d->options;
    double mu = o->relative ? 0.0 : o->mu;
    struct rk_t_test t = {0};

    out->estimate = s->mean[1] - s->mean[0]; /* known even where the rest is not */
    out->status = (pooled ? rk_student_t_test_of : rk_welch_t_test_of)(
        &s->m[0], &s->m[1], mu, o->common.alternative, o->common.conf_level, &t);
    if (out->status != RK_OK)
        return;
    take_t(&t, out);
    if (o->relative) {
        double unit = t.std_error * t.std_error /
                      (1.0 / (double)s->n[0] + 1.0 / (double)s->n[1]); /* pooled variance */

        as_ratio(s, d, pooled ? unit / (double)s->n[0] : variance_of_mean(&s->m[0]),
                 pooled ? unit / (double)s->n[1] : variance_of_mean(&s->m[1]), 0.0, t.df, out);
    }
    if (out->status == RK_OK)
        rk_compare_mean_effect(s, d, out);
}

static void welch(const struct samples *s, const struct design *d, struct tested *out)
{
    t_of_two(s, d, false, out);
}

static void student(const struct samples *s, const struct design *d, struct tested *out)
{
    t_of_two(s, d, true, out);
}

static void paired_t(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_compare_options *o = d->options;
    struct rk_t_test t;

    out->estimate = s->change.mean;
    out->status = rk_one_sample_t_test_of(&s->change, o->relative ? 0.0 : o->mu,
                                          o->common.alternative, o->common.conf_level, &t);
    if (out->status != RK_OK)
        return;
    take_t(&t, out);
    if (o->relative)
        as_ratio(s, d, variance_of_mean(&s->m[0]), variance_of_mean(&s->m[1]),
                 s->covariance / (double)s->n[0], t.df, out);
    if (out->status == RK_OK)
        rk_compare_mean_effect(s, d, out);
}

static void tost(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    double margin = d->options->margin;
    struct rk_t_test t, e;

    out->estimate = s->mean[1] - s->mean[0];
    out->status =
        d->paired
            ? rk_one_sample_t_test_of(&s->change, 0.0, RK_TWO_SIDED, common->conf_level, &t)
            : rk_welch_t_test_of(&s->m[0], &s->m[1], 0.0, RK_TWO_SIDED, common->conf_level, &t);
    if (out->status == RK_OK)
        out->status = rk_equivalence(&t, margin, common->conf_level, &e);
    if (out->status != RK_OK)
        return;
    take_t(&e, out);
    /* 0.9 of 0.95, without the rounding of 0.95 itself */
    out->conf_level = round(1e12 * (2.0 * common->conf_level - 1.0)) / 1e12;
    snprintf(out->note, sizeof out->note, "p that the difference lies beyond -%g to %g", margin,
             margin);
    rk_compare_mean_effect(s, d, out);
}

/* --- ranks ---------------------------------------------------------------------------------- */

/* Of ratios the ranks are those of logarithms: their shift is the logarithm of a factor. NULL if
 * memory fails; RK_EDOMAIN in *status if a value is not above 0. */
static double *logarithms(const double *x, size_t n, enum rk_status *status)
{
    double *copy = malloc((n + 1) * sizeof *copy);

    if (copy == NULL) {
        *status = RK_ENOMEM;
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] > 0.0))
            *status = RK_EDOMAIN;
        copy[i] = log(x[i]);
    }
    return copy;
}

static void back_from_logarithms(struct rk_rank_test *r)
{
    r->estimate = exp(r->estimate);
    r->conf_low = exp(r->conf_low); /* an open end becomes 0 */
    r->conf_high = exp(r->conf_high);
}

typedef enum rk_status (*rank_of_two)(const double *, size_t, const double *, size_t, double, int,
                                      double, struct rk_rank_test *);

static void rank_sum(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_compare_options *o = d->options;
    struct rk_effect_size effect = {NAN, NAN, NAN};
    double *x[2] = {s->value[0], s->value[1]}, mu = rk_compare_null(o, o->relative);
    struct rk_rank_test r;

    out->ratio = o->relative;
    for (size_t k = 0; o->relative && k < 2; k++)
        x[k] = logarithms(s->value[k], s->n[k], &out->status);
    if (out->status == RK_OK)
        out->status = rk_rank_sum_test(x[0], s->n[0], x[1], s->n[1], o->relative ? log(mu) : mu,
                                       o->common.alternative, o->common.conf_level, &r);
    for (size_t k = 0; o->relative && k < 2; k++)
        free(x[k]);
    if (out->status != RK_OK)
        return;
    if (o->relative)
        back_from_logarithms(&r);
    take_ranks(&r, out);
    rk_cliffs_delta(r.statistic, s->n[0], s->n[1], o->common.alternative, o->common.conf_level,
                    &effect);
    take_effect(&effect, out);
}

/* The differences, or those of the logarithms (then the caller's to free). */
static double *differences(const struct samples *s, const struct design *d, enum rk_status *status)
{
    double *first, *second;

    if (!d->options->relative)
        return s->difference;
    first = logarithms(s->value[0], s->n[0], status);
    second = logarithms(s->value[1], s->n[0], status);
    for (size_t i = 0; first != NULL && second != NULL && i < s->n[0]; i++)
        second[i] -= first[i];
    free(first);
    return second;
}

typedef enum rk_status (*rank_of_pairs)(const double *, size_t, double, int, double,
                                        struct rk_rank_test *);

static void rank_pairs(const struct samples *s, const struct design *d, rank_of_pairs test,
                       struct rk_rank_test *r, struct tested *out)
{
    const struct rk_compare_options *o = d->options;
    double *x = differences(s, d, &out->status), mu = rk_compare_null(o, o->relative);

    out->ratio = o->relative;
    if (out->status == RK_OK)
        out->status = test(x, s->n[0], o->relative ? log(mu) : mu, o->common.alternative,
                           o->common.conf_level, r);
    if (o->relative)
        free(x);
    if (out->status != RK_OK)
        return;
    if (o->relative)
        back_from_logarithms(r);
    take_ranks(r, out);
}

static void wilcoxon(const struct samples *s, const struct design *d, struct tested *out)
{
    const struct rk_common *common = &d->options->common;
    struct rk_effect_size effect = {NAN, NAN, NAN};
    struct rk_rank_test r = {0};

    rank_pairs(s, d, rk_signed_rank_test, &r, out);
    if (out->status != RK_OK)
        return;
    rk_rank_biserial(r.statistic, r.n_used, common->alternative, common->conf_level, &effect);
    take_effect(&effect, out);
}

static void sign(const struct samples *s, const struct design *d, struct tested *out)
{
    struct rk_rank_test r = {0};

    rank_pairs(s, d, rk_sign_test, &r, out);
    if (out->status != RK_OK)
        return;
    snprintf(out->note, sizeof out->note, "%g of %zu %s", r.statistic, r.n_used,
             d->options->mu == 0.0 ? "rose" : "above --mu");
    rk_compare_mean_effect(s, d, out);
}

static void ks(const struct samples *s, const struct design *d, struct tested *out)
{
    struct rk_ks_test t;

    out->status =
        rk_ks_test(s->value[0], s->n[0], s->value[1], s->n[1], d->options->common.alternative, &t);
    if (out->status != RK_OK)
        return;
    out->statistic = t.statistic;
    out->p_value = t.p_value;
    out->exact = t.exact;
    snprintf(out->note, sizeof out->note, "%s; of whole distributions, no single difference",
             t.exact ? "exact" : "by Smirnov's limit");
    rk_compare_mean_effect(s, d, out);
}

/* --- the table ------------------------------------------------------------------------------ */

#define BOTH (FITS_INDEPENDENT | FITS_PAIRS)
#define MEANS (TAKES_MU | TAKES_RELATIVE)
#define OF_MEAN                \
    {                          \
        "hedges-g", "cohen-dz" \
    }

/* In the order of RK_COMPARE_TESTS, after `auto`. */
const struct method rk_compare_methods[] = {
    {"welch", "Welch's t test", OF_MEAN, FITS_INDEPENDENT | MEANS | BY_MOMENTS, OF_MEANS, welch,
     NULL},
    {"student", "Student's t test", OF_MEAN, FITS_INDEPENDENT | MEANS | BY_MOMENTS, OF_MEANS,
     student, NULL},
    {"mann-whitney",
     "Mann-Whitney U test",
     {"cliffs-delta", NULL},
     FITS_INDEPENDENT | MEANS,
     OF_RANKS,
     rank_sum,
     NULL},
    {"paired-t", "Paired t test", OF_MEAN, FITS_PAIRS | MEANS | BY_MOMENTS, OF_MEANS, paired_t,
     NULL},
    {"wilcoxon",
     "Wilcoxon signed-rank test",
     {NULL, "rank-biserial"},
     FITS_PAIRS | MEANS,
     OF_RANKS,
     wilcoxon,
     NULL},
    {"sign", "Sign test", OF_MEAN, FITS_PAIRS | MEANS, OF_SIGNS, sign, NULL},
    {"permutation", "Permutation test", OF_MEAN, BOTH | TAKES_MU, OF_MEANS, rk_compare_permutation,
     NULL},
    {"bootstrap", "BCa bootstrap", OF_MEAN, BOTH | MEANS, OF_MEANS, rk_compare_bootstrap, NULL},
    {"prop",
     "Chi-squared test of two proportions",
     {"risk-difference", NULL},
     FITS_INDEPENDENT | OF_PROPORTIONS,
     OF_SHARES,
     rk_compare_prop,
     NULL},
    {"fisher",
     "Fisher's exact test",
     {"odds-ratio", NULL},
     FITS_INDEPENDENT | OF_PROPORTIONS | TAKES_MU,
     OF_ODDS,
     rk_compare_fisher,
     NULL},
    {"mcnemar",
     "McNemar's exact test",
     {NULL, "risk-difference"},
     FITS_PAIRS | OF_PROPORTIONS,
     OF_SHARES,
     rk_compare_mcnemar,
     NULL},
    {"poisson",
     "Exact test of two Poisson rates",
     {"rate-ratio", NULL},
     FITS_INDEPENDENT | TAKES_MU,
     OF_RATES,
     rk_compare_poisson,
     NULL},
    {"ks", "Smirnov's test", OF_MEAN, FITS_INDEPENDENT, OF_SHAPES, ks, NULL},
    {"tost", "Two one-sided t tests", OF_MEAN, BOTH | BY_MOMENTS, OF_MEANS, tost, NULL},
    {"anova",
     "Analysis of variance",
     {"eta-squared", NULL},
     FITS_INDEPENDENT | FITS_LEVELS | BY_MOMENTS,
     OF_LEVELS,
     NULL,
     rk_compare_anova},
    {"welch-anova",
     "Welch's analysis of variance",
     {"eta-squared", NULL},
     FITS_INDEPENDENT | FITS_LEVELS | BY_MOMENTS,
     OF_LEVELS,
     NULL,
     rk_compare_welch_anova},
    {"kruskal",
     "Kruskal-Wallis test",
     {"epsilon-squared", NULL},
     FITS_INDEPENDENT | FITS_LEVELS,
     OF_LEVELS,
     NULL,
     rk_compare_kruskal},
    {"friedman",
     "Friedman's test",
     {NULL, NULL},
     FITS_PAIRS | FITS_LEVELS,
     OF_LEVELS,
     NULL,
     rk_compare_friedman},
};
const size_t rk_compare_n_methods = sizeof rk_compare_methods / sizeof *rk_compare_methods;

unsigned rk_compare_bit(const char *method)
{
    for (size_t i = 0; i < rk_compare_n_methods; i++)
        if (strcmp(rk_compare_methods[i].name, method) == 0)
            return 2U << i;
    return 0;
}

const char *rk_compare_effect_name(const char *effect_type)
{
    static const char *const names[][2] = {{"hedges-g", "Hedges' g"},
                                           {"cohen-dz", "Cohen's d_z"},
                                           {"cliffs-delta", "Cliff's delta"},
                                           {"rank-biserial", "rank-biserial r"},
                                           {"risk-difference", "difference"},
                                           {"odds-ratio", "odds ratio"},
                                           {"rate-ratio", "rate ratio"},
                                           {"eta-squared", "eta squared"},
                                           {"epsilon-squared", "epsilon squared"}};

    for (size_t i = 0; effect_type != NULL && i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i][0], effect_type) == 0)
            return names[i][1];
    return "";
}

static struct tested untested(const struct method *method, const struct design *design,
                              enum rk_status made)
{
    return (struct tested){.method = method,
                           .status = made,
                           .n = {NAN, NAN},
                           .estimate = NAN,
                           .std_error = NAN,
                           .statistic = NAN,
                           .df = NAN,
                           .df_first = NAN,
                           .p_value = NAN,
                           .conf_low = NAN,
                           .conf_high = NAN,
                           .conf_level = design->options->common.conf_level,
                           .conf_achieved = NAN,
                           .effect = NAN,
                           .effect_low = NAN,
                           .effect_high = NAN};
}

void rk_compare_test(const struct method *method, const struct design *design,
                     const struct samples *samples, enum rk_status made, struct tested *out)
{
    *out = untested(method, design, made);
    out->n[0] = (double)samples->n[0];
    out->n[1] = (double)samples->n[1];
    if (made == RK_OK)
        method->run(samples, design, out);
}

void rk_compare_test_levels(const struct method *method, const struct design *design,
                            const struct level_samples *samples, enum rk_status made,
                            struct tested *out)
{
    *out = untested(method, design, made);
    out->n[0] = (double)samples->n_total;
    if (made == RK_OK)
        method->run_levels(samples, design, out);
}
