#include "repkit/regress.h"

#include <math.h>

#include "regress_parts.h"

/* In the order of enum rk_regress_table, in which --emit names them too; the first is printed by
 * default. */
static const struct regress_table *const tables[RK_REGRESS_TABLES] = {
    [RK_REGRESS_COEF] = &regress_coef_table,
    [RK_REGRESS_FIT] = &regress_fit_table,
    [RK_REGRESS_TESTS] = &regress_tests_table,
    [RK_REGRESS_ROWS] = &regress_rows_table,
    [RK_REGRESS_INFLUENCE] = &regress_influence_table,
    [RK_REGRESS_IMPORTANCE] = &regress_importance_table,
    [RK_REGRESS_MARGINS] = &regress_margins_table,
    [RK_REGRESS_SLOPES] = &regress_slopes_table,
    [RK_REGRESS_PREDICTIONS] = &regress_predictions_table,
};

/* What the loop over groups hands on. */
struct run {
    const struct rk_regress_options *options;
    const struct rk_table *table; /* of all groups */
};

static bool makes(const struct rk_regress_options *options, size_t table)
{
    return table <= RK_REGRESS_FIT || (table < RK_REGRESS_TABLES && options->makes[table]);
}

/* The rows of data that a table repeats before its own columns; NULL for none. */
static const struct rk_table *data_of(const struct run *run, size_t table)
{
    return table == RK_REGRESS_ROWS          ? run->table
           : table == RK_REGRESS_PREDICTIONS ? run->options->predict
                                             : NULL;
}

static void declare(struct rk_result *result, const void *data)
{
    const struct run *run = data;

    for (size_t i = 0; i < RK_REGRESS_TABLES; i++) {
        if (makes(run->options, i))
            regress_declare_data(result, tables[i], data_of(run, i), &run->options->common.by);
    }
}

/* --- what the options ask for --------------------------------------------------------------- */

static bool has_clusters(const struct rk_regress_options *options)
{
    return options->cluster.n > 0 || options->formula->fixed_effects.n > 0 || options->between;
}

static enum rk_vcov_method method_of(const struct rk_regress_options *options)
{
    if (options->vcov != RK_VCOV_DEFAULT)
        return (enum rk_vcov_method)options->vcov;
    if (!has_clusters(options))
        return RK_VCOV_CLASSICAL;
    return options->cluster.n == 2 ? RK_VCOV_CLUSTER : RK_VCOV_CR2;
}

static const char *cluster_name_of(const struct rk_regress_options *options)
{
    if (!rk_vcov_is_clustered(method_of(options)))
        return NULL;
    if (options->cluster.n > 0)
        return options->cluster.name[0];
    return options->formula->fixed_effects.n > 0 ? options->formula->fixed_effects.name[0]
                                                 : options->id;
}

static const char *second_name_of(const struct rk_regress_options *options)
{
    return rk_vcov_is_clustered(method_of(options)) && options->cluster.n == 2
               ? options->cluster.name[1]
               : NULL;
}

static enum rk_status check_clusters(const struct rk_regress_options *options,
                                     struct rk_error *error)
{
    enum rk_vcov_method method = method_of(options);
    const char *name = rk_vcov_name(method);

    if (rk_vcov_is_clustered(method) && !has_clusters(options))
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s: clustered by what? give --cluster COL, or a fixed effect "
                       "after | in the formula",
                       name);
    if (!rk_vcov_is_clustered(method) && options->cluster.n > 0)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s has no clusters: leave out --cluster, or take --vcov cr2", name);
    if (method == RK_VCOV_WILD && options->family != RK_FAMILY_GAUSSIAN)
        return rk_fail(error, RK_EUSAGE, "--vcov wild is for --family gaussian");
    if (method == RK_VCOV_PROFILE && options->family == RK_FAMILY_GAUSSIAN)
        return rk_fail(
            error, RK_EUSAGE,
            "--vcov profile is for --family binomial, poisson or negbin: the interval of "
            "least squares is its profile");
    if (options->cluster.n > 2)
        return rk_fail(error, RK_EUSAGE, "--cluster takes one or two columns, not %zu",
                       options->cluster.n);
    if (options->cluster.n == 2 && method != RK_VCOV_CLUSTER)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov %s knows one kind of clusters: take --vcov cluster for two", name);
    return RK_OK;
}

static enum rk_status check_series(const struct rk_regress_options *options, struct rk_error *error)
{
    if (options->hac_lag != RK_LAG_DEFAULT && method_of(options) != RK_VCOV_HAC)
        return rk_fail(error, RK_EUSAGE, "--hac-lag is of --vcov hac");
    if (method_of(options) == RK_VCOV_HAC && options->id != NULL && options->time == NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--vcov hac with --id needs --time: which row follows which?");
    if (options->formula->lag != NULL && options->time == NULL && options->moments == NULL)
        return rk_formula_fail(options->formula, options->formula->lag, error,
                               "lag() and lead() go by --time COL, within --id COL where there are "
                               "several units");
    if (options->between && options->id == NULL)
        return rk_fail(error, RK_EUSAGE, "--between needs --id COL: between whom?");
    if (options->between && options->formula->fixed_effects.n > 0)
        return rk_fail(error, RK_EUSAGE,
                       "--between has no place beside fixed effects, which leave nothing between "
                       "units: leave out | %s",
                       options->formula->fixed_effects.name[0]);
    return RK_OK;
}

/* Tables that only least squares has. */
static enum rk_status check_tables(const struct rk_regress_options *options, struct rk_error *error)
{
    static const enum rk_regress_table of_squares[] = {RK_REGRESS_IMPORTANCE, RK_REGRESS_SLOPES,
                                                       RK_REGRESS_TESTS, RK_REGRESS_INFLUENCE};
    bool glm = options->family != RK_FAMILY_GAUSSIAN;

    for (size_t k = 0; k < (glm ? 2u : 4u); k++)
        if (options->makes[of_squares[k]] && (glm || options->robust))
            return rk_fail(error, RK_EUSAGE, "--emit %s is of least squares: leave out %s",
                           tables[of_squares[k]]->name, glm ? "--family" : "--robust");
    if (options->makes[RK_REGRESS_INFLUENCE] && cluster_name_of(options) == NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--emit influence: without which clusters? give --cluster COL, or a fixed "
                       "effect after | in the formula");
    if (options->makes[RK_REGRESS_SLOPES] && regress_slopes_units(options) == NULL)
        return rk_fail(
            error, RK_EUSAGE,
            "--emit slopes: whose? give --cluster COL, --id COL, or a fixed effect after "
            "| in the formula");
    if (options->makes[RK_REGRESS_SLOPES] && options->formula->fixed_effects.n > 1)
        return rk_fail(error, RK_EUSAGE,
                       "--emit slopes: each unit is fitted by itself, where a second fixed effect "
                       "has no place: leave out %s",
                       options->formula->fixed_effects.name[1]);
    if (options->makes[RK_REGRESS_TESTS] && options->id != NULL && options->time == NULL &&
        !options->between)
        return rk_fail(error, RK_EUSAGE,
                       "--emit tests: --id needs --time COL beside it: which row follows which?");
    if (options->makes[RK_REGRESS_PREDICTIONS] && options->common.by.n > 0)
        return rk_fail(error, RK_EUSAGE, "--predict is of one model: leave out --by");
    if (options->makes[RK_REGRESS_PREDICTIONS] && options->between)
        return rk_fail(error, RK_EUSAGE,
                       "--predict does not go with --between: means of new units are not known");
    return RK_OK;
}

enum rk_status rk_regress_check(const struct rk_regress_options *options, struct rk_error *error)
{
    enum rk_status status;

    if (options->formula->response == NULL)
        return rk_fail(error, RK_EUSAGE, "the formula has no response: write y ~ x, not ~ x");
    status = check_clusters(options, error);
    if (status == RK_OK)
        status = check_series(options, error);
    if (status != RK_OK)
        return status;
    if (options->common.missing == RK_MISSING_PAIRWISE)
        return rk_fail(error, RK_EUSAGE,
                       "--missing pairwise: a regression needs complete rows (listwise or error)");
    if (options->moments != NULL)
        status = regress_moments_check(options, method_of(options), error);
    if (status == RK_OK)
        status = regress_robust_check(options, error);
    if (status == RK_OK)
        status = regress_glm_check(options, error);
    return status == RK_OK ? check_tables(options, error) : status;
}

enum rk_status rk_regress_wants(const struct rk_regress_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_formula_wants(options->formula, wants);

    for (size_t i = 0; i < options->cluster.n && status == RK_OK; i++)
        status = rk_wants_add(wants, options->cluster.name[i], RK_AS_LABEL);
    if (status == RK_OK && options->weights != NULL)
        status = rk_wants_add(wants, options->weights, RK_AS_NUMBER);
    if (status == RK_OK && options->id != NULL)
        status = rk_wants_add(wants, options->id, RK_AS_LABEL);
    if (status == RK_OK && options->time != NULL)
        status = rk_wants_add(wants, options->time, RK_AS_TIME);
    if (status == RK_OK)
        status = regress_glm_wants(options, wants);
    if (options->makes[RK_REGRESS_ROWS])
        wants->all = true;
    return status;
}

enum rk_status rk_regress_predict_wants(const struct rk_regress_options *options,
                                        struct rk_wants *wants)
{
    enum rk_status status = rk_formula_predict_wants(options->formula, wants);

    wants->all = true;
    if (status == RK_OK && options->offset != NULL)
        status = rk_wants_add(wants, options->offset, RK_AS_NUMBER);
    if (status == RK_OK && options->exposure != NULL)
        status = rk_wants_add(wants, options->exposure, RK_AS_NUMBER);
    return status;
}

/* --- rows that are not kept ------------------------------------------------------------------- */

bool rk_regress_streams(const struct rk_regress_options *options)
{
    struct rk_error ignored;

    return options->lean && options->moments == NULL && options->predict == NULL &&
           options->common.by.n == 0 && options->common.missing == RK_MISSING_LISTWISE &&
           options->formula->fixed_effects.n <= 1 && /* a second: columns by the level */
           regress_moments_check(options, method_of(options), &ignored) == RK_OK;
}

struct rk_moments_stream rk_regress_stream(const struct rk_regress_options *options)
{
    const struct rk_names *effects = &options->formula->fixed_effects;
    const char *cluster = cluster_name_of(options);

    return (struct rk_moments_stream){
        .formula = options->formula,
        .cluster = cluster == NULL && effects->n > 0 ? effects->name[0] : cluster,
        .plain = true};
}

/* --- one group ------------------------------------------------------------------------------ */

/* Over how long the rows go, where --time says when they are. */
static void put_measured(const struct regression *r, struct rk_result *result)
{
    size_t column = r->options->time == NULL
                        ? SIZE_MAX
                        : rk_table_find_typed(r->table, r->options->time, RK_TIME);
    double first = INFINITY, last = -INFINITY;

    for (size_t i = 0; column != SIZE_MAX && i < r->table->n_rows; i++)
        if (!rk_table_is_missing(r->table, i, column)) {
            first = fmin(first, r->table->column[column].number[i]);
            last = fmax(last, r->table->column[column].number[i]);
        }
    if (first <= last)
        rk_result_measured(result, r->table->column[column].time_kind, (int64_t)first,
                           (int64_t)last);
}

static enum rk_status report(const struct regression *r, struct rk_result *result,
                             struct rk_error *error)
{
    size_t place = 0;

    for (size_t i = 0; i < RK_REGRESS_TABLES; i++) {
        enum rk_status status;

        if (!makes(r->options, i))
            continue;
        status = tables[i]->lean ? RK_OK : rk_fit_keep_rows(r->fit, r->ctx);
        if (status != RK_OK)
            return rk_fail(error, status, "%s", rk_status_words(status));
        status = tables[i]->fill(r, place++, result, error);
        if (status != RK_OK)
            return status;
    }
    if (r->bootstrapped && !r->wild.enumerated)
        result->random = true;
    put_measured(r, result);
    if (r->fit->nobs > result->rows_used)
        result->rows_used = r->fit->nobs;
    return regress_warn(r, result, error);
}

/* What random streams are named after. */
static char *label_of(const struct rk_result *result)
{
    struct rk_text label = {0};

    for (size_t i = 0; i < result->group_labels.n; i++)
        rk_text_format(&label, "%s%s", i > 0 ? "," : "", result->group_labels.name[i]);
    rk_text_add(&label, "");
    return rk_text_take(&label);
}

static enum rk_status run_group(const struct rk_table *table, const void *data,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    const struct run *run = data;
    struct regression r = {
        .options = run->options, .ctx = ctx, .table = table, .given = table, .wild_reason = ""};
    enum rk_status status;

    r.method = method_of(r.options);
    r.cluster_name = cluster_name_of(r.options);
    r.second_name = second_name_of(r.options);
    r.label = label_of(result);
    status = r.label == NULL ? rk_fail_memory(error) : regress_fit(&r, error);
    if (status == RK_OK)
        status = report(&r, result, error);
    if (rk_status_is_undefined(status) && r.options->common.by.n > 0)
        rk_result_row(result, RK_REGRESS_FIT); /* the group's row of NA, as in coef */
    regress_free(&r);
    return status;
}

enum rk_status rk_regress_run(const struct rk_table *table,
                              const struct rk_regress_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    const struct run run = {options, table};
    const struct rk_group_work work = {.declare = declare, .run = run_group, .options = &run};
    enum rk_status status = rk_regress_check(options, error);

    for (size_t i = 0; status == RK_OK && i < RK_REGRESS_TABLES; i++)
        if (makes(options, i) && data_of(&run, i) != NULL)
            status = regress_check_data(tables[i], data_of(&run, i), error);
    if (status != RK_OK)
        return status;
    result->rows_used = 0;
    /* cr2 of few clusters is checked by wild bootstraps. */
    result->random = options->robust == RK_ROBUST_MM || method_of(options) == RK_VCOV_WILD ||
                     method_of(options) == RK_VCOV_CR2;
    return rk_run_groups_apart(table, &options->common, &work, ctx, result, error);
}
