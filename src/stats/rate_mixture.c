/* Posteriors of rates that allow for the prior having been estimated. */
#include <float.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>

#include "rate_mixture.h"
#include "repkit/distributions.h"
#include "repkit/parallel.h"
#include "repkit/random.h"

struct work {
    const double *s, *n;
    size_t k;
    const struct rk_units *units;
    const char *label;
    uint64_t seed;
    struct rk_units *prior; /* RK_MIXTURE of them; a NaN where none was found */
};

struct scratch {
    double *successes;
    struct rk_posterior *posterior;
};

/* Rates from the prior, successes from the rates, a prior from the successes. */
static enum rk_status draw_prior(const struct work *w, size_t draw, const struct scratch *scratch)
{
    struct rk_rng state;
    gsl_rng rng = rk_rng_gsl(&state);
    enum rk_status status;

    rk_rng_stream(&state, w->seed, "prior", w->label, draw);
    for (size_t i = 0; i < w->k; i++) {
        double rate =
            isinf(w->units->a) ? w->units->mean : gsl_ran_beta(&rng, w->units->a, w->units->b);

        /* Both gammas of the draw were too small for a double: of their ratio only 0 or 1 is left,
         * which of them as likely as the mean says. */
        if (isnan(rate))
            rate = rk_rng_uniform(&state) < w->units->mean ? 1.0 : 0.0;
        scratch->successes[i] = gsl_ran_binomial(&rng, rate, (unsigned)w->n[i]);
    }
    status = rk_shrink_rates(scratch->successes, w->n, w->k, &w->prior[draw], scratch->posterior);
    if (status != RK_OK)
        w->prior[draw].a = NAN;
    return status == RK_OK || rk_status_is_undefined(status) ? RK_OK : status;
}

static enum rk_status draw_block(void *data, size_t block, size_t first, size_t last)
{
    const struct work *w = data;
    struct scratch scratch = {malloc(w->k * sizeof *scratch.successes),
                              malloc(w->k * sizeof *scratch.posterior)};
    enum rk_status status =
        scratch.successes == NULL || scratch.posterior == NULL ? RK_ENOMEM : RK_OK;

    (void)block;
    for (size_t draw = first; status == RK_OK && draw < last; draw++)
        status = draw_prior(w, draw, &scratch);
    free(scratch.successes);
    free(scratch.posterior);
    return status;
}

/* Beta(a, b) of each unit under each prior; of a point all trials together, as where the prior
 * itself is one. */
static void fill(const struct work *w, struct rk_posterior *posterior, struct rk_beta *mixture)
{
    double successes = 0.0, trials = 0.0;
    size_t found = 0, at = 0;

    for (size_t d = 0; d < RK_MIXTURE; d++)
        found += !isnan(w->prior[d].a);
    for (size_t i = 0; i < w->k; i++) {
        successes += w->s[i];
        trials += w->n[i];
    }
    for (size_t i = 0; i < w->k; i++) {
        posterior[i].mixture = mixture + at;
        posterior[i].n_mixture = found;
        for (size_t d = 0; d < RK_MIXTURE; d++) {
            const struct rk_units *prior = &w->prior[d];
            struct rk_beta beta;

            if (isnan(prior->a))
                continue;
            beta.a = isinf(prior->a) ? successes + 0.5 : w->s[i] + prior->a;
            beta.b = isinf(prior->a) ? trials - successes + 0.5 : w->n[i] - w->s[i] + prior->b;
            beta.log_integral = gsl_sf_lnbeta(beta.a, beta.b);
            mixture[at++] = beta;
        }
    }
}

enum rk_status rk_mix_rates(const double *s, const double *n, size_t k,
                            const struct rk_units *units, const char *label,
                            const struct rk_ctx *ctx, struct rk_posterior *posterior,
                            struct rk_beta **mixture)
{
    enum { BLOCK = 10 };
    struct work w = {s, n, k, units, label, ctx != NULL ? ctx->seed : 1, NULL};
    struct rk_beta *mixed = malloc(k * RK_MIXTURE * sizeof *mixed);
    double largest = 0.0;
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < k; i++)
        largest = fmax(largest, n[i]);
    w.prior = malloc(RK_MIXTURE * sizeof *w.prior);
    if (mixed == NULL || w.prior == NULL)
        status = RK_ENOMEM;
    else if (k < 2 || !(largest < 4e9)) /* what a count of successes holds */
        status = RK_EDOMAIN;
    else
        status = rk_parallel_blocks(ctx, RK_MIXTURE, BLOCK, draw_block, &w);
    if (status == RK_OK) {
        fill(&w, posterior, mixed);
        *mixture = mixed;
        mixed = NULL;
    }
    free(w.prior);
    free(mixed);
    return status;
}

/* --- quantiles of a mixture ------------------------------------------------------------------- */

/* The share below x (or above it) of all Betas, less `target`, and the density at x. */
static double excess(const struct rk_posterior *p, double x, enum rk_tail tail, double target,
                     double *density)
{
    double sum = 0.0, log_x = log(x), log_rest = log1p(-x);

    *density = 0.0;
    for (size_t j = 0; j < p->n_mixture; j++) {
        const struct rk_beta *beta = &p->mixture[j];

        sum += rk_pbeta(x, beta->a, beta->b, tail);
        *density += exp((beta->a - 1.0) * log_x + (beta->b - 1.0) * log_rest - beta->log_integral);
    }
    *density /= (double)p->n_mixture;
    return sum / (double)p->n_mixture - target;
}

/* The middle of a bracket: by magnitude first, since a quantile of a small a is as small as
 * 1e-100, which halves of the difference do not reach. */
static double middle(double low, double high)
{
    if (high > 4.0 * low)
        return sqrt(fmax(low, DBL_MIN)) * sqrt(high);
    return low + (high - low) / 2.0;
}

/* Newton's steps from the quantile of the single Beta, inside a bracket that shrinks. */
static double mixture_quantile(const struct rk_posterior *p, double share, enum rk_tail tail)
{
    enum { MOST_STEPS = 200 };
    double low = 0.0, high = 1.0, x = rk_qbeta(share, p->a, p->b, tail);
    double sign = tail == RK_LOWER_TAIL ? 1.0 : -1.0;

    if (!(x > DBL_MIN && x < 1.0))
        x = 0.5;
    for (int step = 0; step < MOST_STEPS; step++) {
        double density, off = sign * excess(p, x, tail, share, &density), next;

        if (isnan(off))
            return NAN;
        next = isfinite(density) ? x - off / density : NAN;
        /* before the bracket is looked at, whose end x becomes */
        if (fabs(next - x) <= 1e-13 * x)
            return next;
        *(off > 0.0 ? &high : &low) = x;
        if (!(next > low && next < high))
            next = middle(low, high);
        if (fabs(next - x) <= 1e-13 * x)
            return next;
        x = next;
    }
    return x;
}

void rk_mixture_interval(const struct rk_posterior *p, double conf_level, double *low, double *high)
{
    double share = (1.0 - conf_level) / 2.0;

    *low = mixture_quantile(p, share, RK_LOWER_TAIL);
    *high = mixture_quantile(p, share, RK_UPPER_TAIL);
}
