/* rep-band, a group at a time. */
#include "repkit/band.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"

/* --- what the options ask for --------------------------------------------------------------- */

static enum rk_vcov_method method_of(const struct rk_band_options *options)
{
    if (options->vcov != RK_BAND_VCOV)
        return (enum rk_vcov_method)options->vcov;
    return options->cluster != NULL || options->formula->fixed_effects.n > 0 ? RK_VCOV_CR2
                                                                             : RK_VCOV_CLASSICAL;
}

static const char *cluster_name_of(const struct rk_band_options *options)
{
    if (!rk_vcov_is_clustered(method_of(options)))
        return NULL;
    return options->cluster != NULL ? options->cluster : options->formula->fixed_effects.name[0];
}

/* lag(x, 1) and lead(x, 1) are other numbers than x. */
static bool is_moved(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL &&
           (strcmp(node->text, "lag") == 0 || strcmp(node->text, "lead") == 0);
}

/* The activity is a variable of its own, and none of the controls bends it: the models do. */
static enum rk_status check_activity(const struct rk_formula *formula, struct rk_error *error)
{
    struct rk_names mine = {0};
    struct rk_text name = {0};
    enum rk_status status;

    if (formula->n_terms == 0)
        return rk_fail(error, RK_EUSAGE, "the formula has no activity: write y ~ activity");
    if (formula->term[0].n_variables != 1)
        return rk_fail(error, RK_EUSAGE, "the first term is the activity, not an interaction");
    rk_node_print(formula->term[0].variable[0], &name);
    status = name.failed ? RK_ENOMEM : rk_node_columns(formula->term[0].variable[0], &mine);
    for (size_t t = 1; t < formula->n_terms && status == RK_OK; t++) {
        struct rk_names others = {0};

        for (size_t v = 0; v < formula->term[t].n_variables && status == RK_OK; v++)
            if (is_moved(formula->term[t].variable[v]) == is_moved(formula->term[0].variable[0]))
                status = rk_node_columns(formula->term[t].variable[v], &others);
        for (size_t i = 0; i < others.n && status == RK_OK; i++)
            if (rk_names_has(&mine, others.name[i]))
                status = rk_fail(error, RK_EUSAGE,
                                 "'%s' comes again in a later term: rep-band bends the activity "
                                 "itself, so write it once",
                                 name.bytes);
        rk_names_free(&others);
    }
    rk_names_free(&mine);
    rk_text_free(&name);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status check_claims(const struct rk_band_options *options, struct rk_error *error)
{
    struct band_claim claim;
    enum rk_status status = RK_OK;

    for (size_t k = 0; k < options->claims.n && status == RK_OK; k++) {
        status = band_claim_read(options->claims.name[k], &claim, error);
        for (size_t i = 0; i < k && status == RK_OK; i++)
            if (strcmp(options->claims.name[i], options->claims.name[k]) == 0)
                status = rk_fail(error, RK_EUSAGE, "--claim: '%s' is given twice",
                                 options->claims.name[k]);
    }
    return status;
}

enum rk_status rk_band_check(const struct rk_band_options *options, struct rk_error *error)
{
    bool clustered = rk_vcov_is_clustered(method_of(options));
    const char *name = rk_vcov_name(method_of(options));
    enum rk_status status;

    if (options->formula->response == NULL)
        return rk_fail(error, RK_EUSAGE, "the formula has no response: write y ~ x, not ~ x");
    if (options->formula->lag != NULL && options->formula->series.time == NULL)
        return rk_formula_fail(options->formula, options->formula->lag, error,
                               "the periods are in which column? give --time COL");
    if (clustered && options->cluster == NULL && options->formula->fixed_effects.n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s: clustered by what? give --cluster COL, or a fixed effect "
                       "after | in the formula",
                       name);
    if (!clustered && options->cluster != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s has no clusters: leave out --cluster, or take --vcov cr2", name);
    if (options->common.missing == RK_MISSING_PAIRWISE)
        return rk_fail(error, RK_EUSAGE,
                       "--missing pairwise: a curve needs complete rows (listwise or error)");
    status = check_activity(options->formula, error);
    return status == RK_OK ? check_claims(options, error) : status;
}

enum rk_status rk_band_wants(const struct rk_band_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_formula_wants(options->formula, wants);

    if (status == RK_OK && options->cluster != NULL)
        status = rk_wants_add(wants, options->cluster, RK_AS_LABEL);
    if (status == RK_OK && options->weights != NULL)
        status = rk_wants_add(wants, options->weights, RK_AS_NUMBER);
    if (status == RK_OK && options->time != NULL)
        status = rk_wants_add(wants, options->time, RK_AS_TIME);
    return status;
}

/* --- a group --------------------------------------------------------------------------------- */

static void declare(struct rk_result *result, const void *options)
{
    band_declare(result, options);
}

static enum rk_status label_streams(struct band *b, const struct rk_result *result)
{
    rk_text_add(&b->label, "");
    for (size_t i = 0; i < result->group_labels.n; i++) {
        rk_text_add(&b->label, result->group_labels.name[i]);
        rk_text_add_char(&b->label, '\n');
    }
    return b->label.failed ? RK_ENOMEM : RK_OK;
}

static enum rk_status report(const struct band *b, struct rk_result *result, struct rk_error *error)
{
    enum rk_status status = band_put_models(b, result);

    if (status == RK_OK && b->options->common.explain) {
        status = band_explain_models(b, result);
        band_explain_intervals(b, result);
    }
    if (status == RK_OK && b->options->curve)
        status = band_put_curve(b, result);
    if (status != RK_OK)
        return rk_fail_memory(error);
    if (b->options->curve && b->options->common.explain)
        band_explain_curve(b, result);
    status = band_put_bins(b, result, error);
    if (status == RK_OK)
        status = band_judge(b, result, error);
    if (status == RK_OK)
        status = band_warn(b, result, error);
    if (b->n > result->rows_used)
        result->rows_used = b->n;
    return status;
}

static enum rk_status run_group(const struct rk_table *table, const void *options,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    struct band b = {.options = options, .ctx = ctx, .table = table};
    enum rk_status status = label_streams(&b, result);

    b.method = method_of(b.options);
    b.cluster_name = cluster_name_of(b.options);
    if (status == RK_OK)
        status = band_sample(&b, error);
    else
        rk_fail_memory(error);
    if (status == RK_OK)
        status = band_models(&b, error);
    if (status == RK_OK)
        status = report(&b, result, error);
    band_free(&b);
    return status;
}

enum rk_status rk_band_run(const struct rk_table *table, const struct rk_band_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error)
{
    enum rk_status status = rk_band_check(options, error);

    if (status != RK_OK)
        return status;
    result->random = true;
    result->rows_used = 0;
    return rk_run_groups(table, &options->common, declare, run_group, options, ctx, result, error);
}
