/* Power by doing it: studies drawn from the pilot panel, whole units with all their periods, the
 * planned effect added, and the tools' own test run on each. */
#include <math.h>
#include <stdlib.h>

#include "power_parts.h"
#include "repkit/did.h"
#include "repkit/distributions.h"
#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/t_test.h"

enum { BLOCK = 64 };

struct simulation {
    const struct pilot *pilot;
    const struct rk_power_plan *plan;
    const struct rk_ctx *ctx;
    size_t n;               /* units, pairs, or units an arm */
    size_t *found, *failed; /* one a block */
};

/* One study's units: means before and after. */
struct study {
    double *before, *after, *change;
    bool *treated;
};

static enum rk_status study_new(struct study *study, size_t n)
{
    study->before = malloc((n + 1) * sizeof *study->before);
    study->after = malloc((n + 1) * sizeof *study->after);
    study->change = malloc((n + 1) * sizeof *study->change);
    study->treated = malloc((n + 1) * sizeof *study->treated);
    return study->before == NULL || study->after == NULL || study->change == NULL ||
                   study->treated == NULL
               ? RK_ENOMEM
               : RK_OK;
}

static void study_free(struct study *study)
{
    free(study->before);
    free(study->after);
    free(study->change);
    free(study->treated);
}

/* NaN where there is none. */
static double mean_of(const double *cell, size_t n)
{
    double sum = 0.0, count = 0.0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(cell[i])) {
            sum += cell[i];
            count += 1.0;
        }
    return count > 0.0 ? sum / count : NAN;
}

/* Draws a unit that has values on both sides of the window that begins at `start`. The window is
 * the same for all units of a study: what happened in those periods happened to all. */
static bool draw_unit(const struct simulation *s, size_t start, struct rk_rng *rng, double *before,
                      double *after)
{
    for (int attempt = 0; attempt < 100; attempt++) {
        size_t unit = (size_t)rk_rng_below(rng, s->pilot->n_units);
        const double *cell = s->pilot->cell + unit * s->pilot->n_periods + start;

        *before = mean_of(cell, s->plan->before);
        *after = mean_of(cell + s->plan->before, s->plan->after);
        if (s->plan->design == RK_POWER_TWO_SAMPLE)
            *before = 0.0;
        if (!isnan(*before) && !isnan(*after))
            return true;
    }
    return false;
}

/* Whether the design's own test finds the effect in one study. RK_OK; a status where it could not
 * be run. */
static enum rk_status run_study(const struct simulation *s, struct rk_rng *rng, struct study *study,
                                bool *found)
{
    const struct rk_power_plan *plan = s->plan;
    size_t arms = plan->design == RK_POWER_PAIRED ? 1 : 2, n = arms * s->n;
    size_t window = plan->before + plan->after;
    size_t start = (size_t)rk_rng_below(rng, s->pilot->n_periods - window + 1);
    struct rk_t_test t = {0};
    struct rk_did did = {0};
    double statistic, df;
    enum rk_status status;

    for (size_t i = 0; i < n; i++) {
        if (!draw_unit(s, start, rng, &study->before[i], &study->after[i]))
            return RK_ETOOFEW;
        study->treated[i] = arms == 1 || i < s->n;
        if (study->treated[i])
            study->after[i] += plan->effect;
        study->change[i] = study->after[i] - study->before[i];
    }
    if (plan->design == RK_POWER_DID) {
        status = rk_did_collapsed(study->before, study->after, study->treated, n, 0.95, &did);
        statistic = did.statistic;
        df = did.df;
    } else {
        status = arms == 1 ? rk_one_sample_t_test(study->change, n, 0.0, RK_TWO_SIDED, 0.95, &t)
                           : rk_welch_t_test(study->after + s->n, s->n, study->after, s->n, 0.0,
                                             RK_TWO_SIDED, 0.95, &t);
        statistic = t.statistic;
        df = t.df;
    }
    *found = status == RK_OK && rk_p_from_t(statistic, df, plan->alternative) < plan->sig_level;
    return status;
}

static enum rk_status run_block(void *data, size_t block, size_t first, size_t last)
{
    const struct simulation *s = data;
    struct study study;
    struct rk_rng rng;
    enum rk_status status = study_new(&study, 2 * s->n);

    rk_rng_stream(&rng, s->ctx->seed, "power", "", block);
    for (size_t i = first; i < last && status == RK_OK; i++) {
        bool found = false;
        enum rk_status ran = run_study(s, &rng, &study, &found);

        s->found[block] += found;
        s->failed[block] += ran != RK_OK;
        status = ran == RK_ENOMEM ? ran : rk_cancelled(s->ctx);
    }
    study_free(&study);
    return status;
}

enum rk_status power_simulate(const struct pilot *pilot, const struct rk_power_options *options,
                              const struct rk_ctx *ctx, struct solved *solved,
                              struct rk_error *error)
{
    size_t n_blocks = options->draws / BLOCK + 1, found = 0, failed = 0;
    struct simulation s = {pilot, &solved->plan, ctx, (size_t)solved->plan.n, NULL, NULL};
    double k, n, tail = (1.0 - options->common.conf_level) / 2.0;
    enum rk_status status;

    if (solved->plan.before + solved->plan.after > pilot->n_periods)
        return rk_fail(error, RK_EUSAGE, "--periods: the pilot has %zu periods, not %zu",
                       pilot->n_periods, solved->plan.before + solved->plan.after);
    s.found = calloc(n_blocks, sizeof *s.found);
    s.failed = calloc(n_blocks, sizeof *s.failed);
    if (s.found == NULL || s.failed == NULL)
        status = rk_fail_memory(error);
    else
        status = rk_parallel_blocks(ctx, options->draws, BLOCK, run_block, &s);
    for (size_t i = 0; i < n_blocks && status == RK_OK; i++) {
        found += s.found[i];
        failed += s.failed[i];
    }
    free(s.found);
    free(s.failed);
    if (status != RK_OK)
        return status == RK_ENOMEM ? rk_fail_memory(error) : status;
    if (failed == options->draws)
        return rk_fail(error, RK_EDOMAIN, "no study drawn from the pilot could be tested");
    k = (double)found;
    n = (double)(options->draws - failed);
    solved->simulated = k / n;
    solved->simulated_low = found == 0 ? 0.0 : rk_qbeta(tail, k, n - k + 1.0, RK_LOWER_TAIL);
    solved->simulated_high = k == n ? 1.0 : rk_qbeta(tail, k + 1.0, n - k, RK_UPPER_TAIL);
    return RK_OK;
}
