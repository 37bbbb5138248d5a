/* rep-rank: who is really best, given the noise? */
#include "repkit/ranking.h"

#include <math.h>
#include <stdlib.h>

#include "ranking_parts.h"
#include "repkit/rank.h"

enum {
    ID,
    N,
    RAW,
    ESTIMATE,
    CONF_LOW,
    CONF_HIGH,
    RANK,
    RANK_LOW,
    RANK_HIGH,
    PROB_TOP,
    PROB_BOTTOM,
    SHRINKAGE,
    FIELDS
};
static const struct rk_field fields[FIELDS] = {
    [ID] = {"id", RK_TEXT, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [RAW] = {"raw", RK_NUMBER, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [RANK] = {"rank", RK_NUMBER, RK_GENERAL},
    [RANK_LOW] = {"rank_low", RK_NUMBER, RK_COUNT},
    [RANK_HIGH] = {"rank_high", RK_NUMBER, RK_COUNT},
    [PROB_TOP] = {"prob_top", RK_NUMBER, RK_LEVEL},
    [PROB_BOTTOM] = {"prob_bottom", RK_NUMBER, RK_LEVEL},
    [SHRINKAGE] = {"shrinkage", RK_NUMBER, RK_GENERAL},
};

enum rk_status rk_ranking_check(const struct rk_ranking_options *options, struct rk_error *error)
{
    bool rates = options->successes != NULL || options->trials != NULL;
    const struct rk_moments_refusal by = {options->moments != NULL && options->common.by.n > 0,
                                          "by", "has no rows to divide: its groups are the units"};
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_moments_refuse(&by, 1, error);

    if (status != RK_OK)
        return status;
    if (options->id == NULL)
        return rk_fail(error, RK_EUSAGE, "--id is missing: the column of the units to rank");
    if (options->value == NULL && !rates)
        return rk_fail(error, RK_EUSAGE,
                       "--value COL, or --successes COL --trials COL: what the "
                       "units are ranked by");
    if (options->value != NULL && rates)
        return rk_fail(error, RK_EUSAGE,
                       "--value ranks means, --successes and --trials rates: "
                       "give one of them");
    if (rates && (options->successes == NULL || options->trials == NULL))
        return rk_fail(error, RK_EUSAGE, "--successes and --trials go together");
    if (rates && options->adjust != NULL)
        return rk_fail(error, RK_EUSAGE, "--adjust is for --value");
    if (options->adjust != NULL)
        status = ranking_formula(options->adjust, &formula, error);
    rk_formula_free(formula);
    return status;
}

enum rk_status rk_ranking_wants(const struct rk_ranking_options *options, struct rk_wants *wants,
                                struct rk_error *error)
{
    const char *const numbers[] = {options->value, options->successes, options->trials};
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_wants_add(wants, options->id, RK_AS_LABEL);

    for (size_t i = 0; status == RK_OK && i < 3; i++)
        if (numbers[i] != NULL)
            status = rk_wants_add(wants, numbers[i], RK_AS_NUMBER);
    if (status == RK_OK && options->adjust != NULL)
        status = ranking_formula(options->adjust, &formula, error);
    if (status == RK_OK && formula != NULL)
        status = rk_formula_wants(formula, wants);
    rk_formula_free(formula);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static void declare(struct rk_result *result, const void *data)
{
    (void)data;
    rk_result_declare(result, "rank", fields, FIELDS);
    result->random = true;
}

/* --- a group -------------------------------------------------------------------------------- */

struct scratch {
    struct rk_posterior *posterior;
    struct rk_ranks *ranks;
    double *rank;
    size_t *order;
    struct rk_beta *mixture;
};

static enum rk_status scratch_room(struct scratch *s, size_t k)
{
    s->posterior = malloc(k * sizeof *s->posterior);
    s->ranks = malloc(k * sizeof *s->ranks);
    s->rank = malloc(k * sizeof *s->rank);
    s->order = malloc(k * sizeof *s->order);
    return s->posterior == NULL || s->ranks == NULL || s->rank == NULL || s->order == NULL
               ? RK_ENOMEM
               : RK_OK;
}

static void scratch_free(struct scratch *s)
{
    free(s->posterior);
    free(s->ranks);
    free(s->rank);
    free(s->order);
    free(s->mixture);
}

/* Rank 1 for the largest estimate, equal ones sharing; the order is by rank, then as first seen. */
static enum rk_status order_units(struct scratch *s, size_t k)
{
    size_t *next = calloc(2 * k + 2, sizeof *next);
    enum rk_status status = next == NULL ? RK_ENOMEM : RK_OK;

    for (size_t u = 0; u < k; u++)
        s->rank[u] = -s->posterior[u].estimate;
    if (status == RK_OK)
        status = rk_rank(s->rank, k, s->rank, NULL);
    /* Ranks are halves at most: twice a rank is a place to count. */
    for (size_t u = 0; status == RK_OK && u < k; u++)
        next[(size_t)(2.0 * s->rank[u]) + 1]++;
    for (size_t p = 1; status == RK_OK && p < 2 * k + 2; p++)
        next[p] += next[p - 1];
    for (size_t u = 0; status == RK_OK && u < k; u++)
        s->order[next[(size_t)(2.0 * s->rank[u])]++] = u;
    free(next);
    return status;
}

static void put_units(const struct ranking_found *f, struct rk_result *result)
{
    for (size_t place = 0; place < f->units->k; place++) {
        size_t u = f->order[place];
        double low, high;

        rk_posterior_interval(&f->posterior[u], f->options->common.conf_level, &low, &high);
        rk_result_row(result, 0);
        rk_put_text(result, 0, ID, f->units->name[u]);
        rk_put(result, 0, N, f->units->n[u]);
        rk_put(result, 0, RAW, f->units->raw[u]);
        rk_put(result, 0, ESTIMATE, f->posterior[u].estimate);
        rk_put(result, 0, CONF_LOW, low);
        rk_put(result, 0, CONF_HIGH, high);
        rk_put(result, 0, RANK, f->rank[u]);
        rk_put(result, 0, RANK_LOW, f->ranks[u].low);
        rk_put(result, 0, RANK_HIGH, f->ranks[u].high);
        rk_put(result, 0, PROB_TOP, f->ranks[u].prob_top);
        rk_put(result, 0, PROB_BOTTOM, f->ranks[u].prob_bottom);
        rk_put(result, 0, SHRINKAGE, f->posterior[u].shrinkage);
    }
}

/* The group's labels as the name of its random stream. */
static void stream_label(const struct rk_result *result, struct rk_text *label)
{
    rk_text_add(label, "");
    for (size_t i = 0; i < result->group_labels.n; i++)
        rk_text_format(label, "%s\n", result->group_labels.name[i]);
}

static enum rk_status shrink(const struct ranking_units *u,
                             const struct rk_ranking_options *options, struct rk_units *prior,
                             struct scratch *s, struct rk_error *error)
{
    enum rk_status status;

    if (options->value == NULL)
        status = rk_shrink_rates(u->mean, u->var, u->k, prior, s->posterior);
    else
        status = rk_shrink_means(u->mean, u->var, u->k, u->n_parameters, prior, s->posterior);
    if (status == RK_EDOMAIN && options->value != NULL)
        return rk_fail(error, RK_ECONSTANT, "'%s' does not vary within units", options->value);
    if (status == RK_ETOOFEW && options->value != NULL)
        return rk_fail(error, status, "%zu units are too few for %zu parameters of units", u->k,
                       u->n_parameters);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

static enum rk_status rank_units(const struct ranking_units *units,
                                 const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                                 struct rk_result *result, struct rk_error *error)
{
    struct scratch s = {0};
    struct rk_units prior;
    struct rk_text label = {0};
    enum rk_status status;

    if (options->top > units->k)
        return rk_fail(error, RK_EUSAGE, "--top %zu: there are %zu units", options->top, units->k);
    status = scratch_room(&s, units->k) == RK_OK ? RK_OK : rk_fail_memory(error);
    stream_label(result, &label);
    if (status == RK_OK && label.failed)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = shrink(units, options, &prior, &s, error);
    if (status == RK_OK && options->value == NULL && units->k <= RK_MIX_MOST)
        status = rk_mix_rates(units->mean, units->var, units->k, &prior, label.bytes, ctx,
                              s.posterior, &s.mixture);
    if (status == RK_OK)
        status = rk_rank_posteriors(s.posterior, units->k, options->top, options->common.conf_level,
                                    label.bytes, ctx, s.ranks);
    if (status == RK_OK)
        status = order_units(&s, units->k);
    if (status == RK_OK) {
        const struct ranking_found found = {units,  &prior,  s.posterior, s.ranks,
                                            s.rank, s.order, options};

        put_units(&found, result);
        if (options->common.explain)
            ranking_explain(&found, result);
        ranking_warn(&found, result);
    }
    rk_text_free(&label);
    scratch_free(&s);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status rank_group(const struct rk_table *table, const void *data,
                                 const struct rk_ctx *ctx, struct rk_result *result,
                                 struct rk_error *error)
{
    const struct rk_ranking_options *options = data;
    struct ranking_units units;
    enum rk_status status =
        options->moments != NULL ? ranking_from_moments(table, options, ctx, &units, error)
        : options->value != NULL ? ranking_means(table, options, ctx, &units, error)
                                 : ranking_rates(table, options, &units, error);

    if (status == RK_OK)
        status = rank_units(&units, options, ctx, result, error);
    if (status == RK_OK && units.n_rows > result->rows_used)
        result->rows_used = units.n_rows;
    ranking_units_free(&units);
    return status;
}

enum rk_status rk_ranking_run(const struct rk_table *table,
                              const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    enum rk_status status = rk_ranking_check(options, error);

    if (status != RK_OK)
        return status;
    result->rows_used = 0;
    return rk_run_groups(table, &options->common, declare, rank_group, options, ctx, result, error);
}
