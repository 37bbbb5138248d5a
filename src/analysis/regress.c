#include "repkit/regress.h"

#include "regress_parts.h"

/* In the order in which --emit names them; the first is printed by default. */
static const struct regress_table *const tables[] = {&regress_coef_table, &regress_fit_table};
enum { COEF_TABLE, FIT_TABLE, N_TABLES };

static void declare(struct rk_result *result, const void *options)
{
    (void)options;
    for (size_t i = 0; i < N_TABLES; i++)
        rk_result_declare(result, tables[i]->name, tables[i]->fields, tables[i]->n_fields);
}

/* --- what the options ask for --------------------------------------------------------------- */

static enum rk_vcov_method method_of(const struct rk_regress_options *options)
{
    if (options->vcov != RK_VCOV_DEFAULT)
        return (enum rk_vcov_method)options->vcov;
    return options->cluster != NULL || options->formula->fixed_effects.n > 0 ? RK_VCOV_CR2
                                                                             : RK_VCOV_CLASSICAL;
}

static const char *cluster_name_of(const struct rk_regress_options *options)
{
    if (!rk_vcov_is_clustered(method_of(options)))
        return NULL;
    return options->cluster != NULL ? options->cluster : options->formula->fixed_effects.name[0];
}

enum rk_status rk_regress_check(const struct rk_regress_options *options, struct rk_error *error)
{
    const struct rk_names *effects = &options->formula->fixed_effects;
    bool clustered = rk_vcov_is_clustered(method_of(options));
    const char *name = rk_vcov_name(method_of(options));

    if (options->formula->response == NULL)
        return rk_fail(error, RK_EUSAGE, "the formula has no response: write y ~ x, not ~ x");
    if (effects->n > 1)
        return rk_fail(error, RK_EUSAGE,
                       "one fixed effect can stand after the |, not %zu: write %s as a term, "
                       "factor(%s)",
                       effects->n, effects->name[1], effects->name[1]);
    if (clustered && options->cluster == NULL && effects->n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s: clustered by what? give --cluster COL, or a fixed effect "
                       "after | in the formula",
                       name);
    if (!clustered && options->cluster != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s has no clusters: leave out --cluster, or take --vcov cr2", name);
    if (options->common.missing == RK_MISSING_PAIRWISE)
        return rk_fail(error, RK_EUSAGE,
                       "--missing pairwise: a regression needs complete rows (listwise or error)");
    return regress_glm_check(options, error);
}

enum rk_status rk_regress_wants(const struct rk_regress_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_formula_wants(options->formula, wants);

    if (status == RK_OK && options->cluster != NULL)
        status = rk_wants_add(wants, options->cluster, RK_AS_LABEL);
    if (status == RK_OK && options->weights != NULL)
        status = rk_wants_add(wants, options->weights, RK_AS_NUMBER);
    if (status == RK_OK)
        status = regress_glm_wants(options, wants);
    return status;
}

/* --- one group ------------------------------------------------------------------------------ */

static enum rk_status report(const struct regression *r, struct rk_result *result,
                             struct rk_error *error)
{
    for (size_t i = 0; i < N_TABLES; i++) {
        enum rk_status status = tables[i]->fill(r, i, result, error);

        if (status != RK_OK)
            return status;
    }
    if (r->fit->nobs > result->rows_used)
        result->rows_used = r->fit->nobs;
    return regress_warn(r, result, error);
}

static enum rk_status run_group(const struct rk_table *table, const void *options,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    struct regression r = {.options = options, .ctx = ctx, .table = table};
    enum rk_status status;

    r.method = method_of(r.options);
    r.cluster_name = cluster_name_of(r.options);
    status = regress_fit(&r, error);
    if (status == RK_OK)
        status = report(&r, result, error);
    if (rk_status_is_undefined(status) && r.options->common.by.n > 0)
        rk_result_row(result, FIT_TABLE); /* the group's row of NA, as in coef */
    regress_free(&r);
    return status;
}

enum rk_status rk_regress_run(const struct rk_table *table,
                              const struct rk_regress_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    const struct rk_group_work work = {.declare = declare, .run = run_group, .options = options};
    enum rk_status status = rk_regress_check(options, error);

    if (status != RK_OK)
        return status;
    result->rows_used = 0;
    return rk_run_groups_apart(table, &options->common, &work, ctx, result, error);
}
