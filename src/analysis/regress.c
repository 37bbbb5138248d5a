#include "repkit/regress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/distributions.h"

enum coef_field {
    COEF_TERM,
    COEF_ESTIMATE,
    COEF_STD_ERROR,
    COEF_STATISTIC,
    COEF_DF,
    COEF_P_VALUE,
    COEF_CONF_LOW,
    COEF_CONF_HIGH,
    COEF_CONF_LEVEL,
    COEF_STD_ESTIMATE,
    COEF_VIF,
    COEF_VCOV,
    COEF_NOTE
};

static const struct rk_field coef_fields[] = {
    [COEF_TERM] = {"term", RK_TEXT, RK_GENERAL},
    [COEF_ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [COEF_STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [COEF_STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [COEF_DF] = {"df", RK_NUMBER, RK_GENERAL},
    [COEF_P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [COEF_CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [COEF_CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [COEF_CONF_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [COEF_STD_ESTIMATE] = {"std_estimate", RK_NUMBER, RK_GENERAL},
    [COEF_VIF] = {"vif", RK_NUMBER, RK_GENERAL},
    [COEF_VCOV] = {"vcov", RK_TEXT, RK_GENERAL},
    [COEF_NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum fit_field {
    FIT_NOBS,
    FIT_N_DROPPED,
    FIT_DF_MODEL,
    FIT_DF_RESIDUAL,
    FIT_R_SQUARED,
    FIT_ADJ_R_SQUARED,
    FIT_R_SQUARED_WITHIN,
    FIT_SIGMA,
    FIT_F_STATISTIC,
    FIT_F_P_VALUE,
    FIT_LOG_LIK,
    FIT_AIC,
    FIT_BIC,
    FIT_DEVIANCE,
    FIT_NULL_DEVIANCE,
    FIT_AUC,
    FIT_FAMILY,
    FIT_VCOV,
    FIT_N_CLUSTERS,
    FIT_CONVERGED
};

static const struct rk_field fit_fields[] = {
    [FIT_NOBS] = {"nobs", RK_NUMBER, RK_COUNT},
    [FIT_N_DROPPED] = {"n_dropped", RK_NUMBER, RK_COUNT},
    [FIT_DF_MODEL] = {"df_model", RK_NUMBER, RK_GENERAL},
    [FIT_DF_RESIDUAL] = {"df_residual", RK_NUMBER, RK_COUNT},
    [FIT_R_SQUARED] = {"r_squared", RK_NUMBER, RK_GENERAL},
    [FIT_ADJ_R_SQUARED] = {"adj_r_squared", RK_NUMBER, RK_GENERAL},
    [FIT_R_SQUARED_WITHIN] = {"r_squared_within", RK_NUMBER, RK_GENERAL},
    [FIT_SIGMA] = {"sigma", RK_NUMBER, RK_GENERAL},
    [FIT_F_STATISTIC] = {"f_statistic", RK_NUMBER, RK_GENERAL},
    [FIT_F_P_VALUE] = {"f_p_value", RK_NUMBER, RK_P_VALUE},
    [FIT_LOG_LIK] = {"log_lik", RK_NUMBER, RK_GENERAL},
    [FIT_AIC] = {"aic", RK_NUMBER, RK_GENERAL},
    [FIT_BIC] = {"bic", RK_NUMBER, RK_GENERAL},
    [FIT_DEVIANCE] = {"deviance", RK_NUMBER, RK_GENERAL},
    [FIT_NULL_DEVIANCE] = {"null_deviance", RK_NUMBER, RK_GENERAL},
    [FIT_AUC] = {"auc", RK_NUMBER, RK_GENERAL},
    [FIT_FAMILY] = {"family", RK_TEXT, RK_GENERAL},
    [FIT_VCOV] = {"vcov", RK_TEXT, RK_GENERAL},
    [FIT_N_CLUSTERS] = {"n_clusters", RK_NUMBER, RK_COUNT},
    [FIT_CONVERGED] = {"converged", RK_NUMBER, RK_COUNT},
};

enum { COEF_TABLE, FIT_TABLE };

static void declare(struct rk_result *result, const void *options)
{
    (void)options;
    rk_result_declare(result, "coef", coef_fields, sizeof coef_fields / sizeof coef_fields[0]);
    rk_result_declare(result, "fit", fit_fields, sizeof fit_fields / sizeof fit_fields[0]);
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
    return RK_OK;
}

enum rk_status rk_regress_wants(const struct rk_regress_options *options, struct rk_wants *wants)
{
    enum rk_status status = rk_formula_wants(options->formula, wants);

    if (status == RK_OK && options->cluster != NULL)
        status = rk_wants_add(wants, options->cluster, RK_AS_LABEL);
    if (status == RK_OK && options->weights != NULL)
        status = rk_wants_add(wants, options->weights, RK_AS_NUMBER);
    return status;
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Leaves out the rows whose weight is missing or 0, before factors count their levels. */
static enum rk_status take_weights(struct regression *r, struct rk_error *error)
{
    const struct rk_table *table = r->table;
    size_t column = 0, n = 0, *rows;
    enum rk_status status = rk_column_index(table, r->options->weights, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    rows = malloc((table->n_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < table->n_rows && status == RK_OK; i++) {
        double weight = table->column[column].number[i];

        if (weight > 0.0)
            rows[n++] = i;
        if (weight < 0.0 || (isnan(weight) && r->options->common.missing == RK_MISSING_ERROR)) {
            rk_fail(error, RK_EINPUT, "%s",
                    weight < 0.0 ? "a weight is negative"
                                 : "the value is missing (--missing error)");
            status = rk_fail_at(error, table->name, rk_table_line(table, i), r->options->weights);
        }
    }
    if (status == RK_OK && n < table->n_rows) {
        r->n_weightless = table->n_rows - n;
        r->table = r->own_table = rk_table_rows(table, rows, n);
        if (r->own_table == NULL)
            status = rk_fail_memory(error);
    }
    free(rows);
    return status;
}

/* --missing error: the first missing cell of the columns used, with its line. */
static enum rk_status refuse_missing(const struct regression *r, struct rk_error *error)
{
    struct rk_names names = {0};
    size_t *columns = NULL, *rows = NULL, n = 0, n_columns = 0;
    enum rk_status status = rk_node_columns(r->options->formula->tree, &names);

    if (status == RK_OK && r->cluster_name != NULL && !rk_names_has(&names, r->cluster_name))
        status = rk_names_add(&names, r->cluster_name);
    columns = malloc((names.n + 1) * sizeof *columns);
    if (columns == NULL || status != RK_OK)
        status = rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < names.n; j++) {
        columns[n_columns] = rk_table_find(r->table, names.name[j]);
        n_columns += columns[n_columns] != SIZE_MAX;
    }
    if (status == RK_OK)
        status = rk_complete_rows(r->table, columns, n_columns, RK_MISSING_ERROR, &rows, &n, error);
    rk_names_free(&names);
    free(columns);
    free(rows);
    return status;
}

static enum rk_status take_frame(struct regression *r, struct rk_error *error)
{
    struct rk_names extra = {0};
    bool refuse = r->options->common.missing == RK_MISSING_ERROR;
    enum rk_status status = RK_OK;

    if (refuse)
        status = refuse_missing(r, error);
    if (status == RK_OK && r->cluster_name != NULL &&
        rk_names_add(&extra, r->cluster_name) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = rk_model_frame_new(r->options->formula, r->table, &extra, &r->frame, error);
    if (status == RK_OK && refuse && r->frame->n_undefined > 0) {
        rk_fail(error, RK_EINPUT,
                "rows where a function of the formula is undefined: %zu (--missing error)",
                r->frame->n_undefined);
        status = rk_fail_at(error, r->table->name, 0, NULL);
    }
    rk_names_free(&extra);
    return status;
}

static enum rk_status gather_weights(struct regression *r, struct rk_error *error)
{
    size_t column = 0;
    enum rk_status status =
        rk_column_index(r->table, r->options->weights, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    r->weights = malloc((r->frame->n + 1) * sizeof *r->weights);
    if (r->weights == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->frame->n; i++)
        r->weights[i] = r->table->column[column].number[r->frame->row[i]];
    return RK_OK;
}

/* --- the fit -------------------------------------------------------------------------------- */

static enum rk_status fit(struct regression *r, struct rk_error *error)
{
    struct rk_model_frame *frame = r->frame;
    enum rk_status status = RK_OK;

    r->design = (struct rk_design){.n = frame->n,
                                   .p = frame->p,
                                   .y = frame->y,
                                   .X = frame->X,
                                   .weights = r->weights,
                                   .has_intercept = frame->has_intercept};
    if (frame->n_effects > 0) {
        const uint32_t *effect = frame->effect[0];

        status = rk_within_new(&r->design, &effect, frame->n_levels, 1, &r->within, error);
        if (status == RK_OK)
            r->design = rk_within_design(r->within);
    }
    if (status == RK_OK)
        status = rk_fit_new(&r->design, r->ctx, &r->fit, error);
    if (status == RK_OK && r->fit->errors == RK_ETOOFEW)
        status =
            rk_fail(error, RK_ETOOFEW, "%zu rows for %zu coefficients%s: too few", r->fit->nobs,
                    r->fit->rank, r->within != NULL ? " and a fixed effect" : "");
    return status;
}

/* The row of the table that row i of the fit is. */
static size_t table_row(const struct regression *r, size_t i)
{
    return r->frame->row[r->within != NULL ? r->within->row[i] : i];
}

static enum rk_status gather_clusters(struct regression *r, struct rk_error *error)
{
    size_t column = 0, *count;
    enum rk_status status = rk_column_index(r->table, r->cluster_name, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    r->n_cluster_codes = rk_dict_size(r->table->column[column].dict);
    r->cluster = malloc((r->fit->n + 1) * sizeof *r->cluster);
    count = calloc(r->n_cluster_codes + 1, sizeof *count);
    if (r->cluster == NULL || count == NULL) {
        free(count);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < r->fit->n; i++) {
        uint32_t code = r->table->column[column].code[table_row(r, i)];

        r->cluster[i] = code;
        if (++count[code] > r->largest_cluster)
            r->largest_cluster = count[code];
    }
    free(count);
    return RK_OK;
}

static enum rk_status estimate_errors(struct regression *r, struct rk_error *error)
{
    struct rk_clusters clusters = {0};
    enum rk_status status = RK_OK;
    bool nested = false;

    if (r->cluster_name != NULL) {
        status = gather_clusters(r, error);
        if (status == RK_OK && r->within != NULL &&
            rk_is_nested(r->within->effect[0], r->within->n_levels[0], r->cluster, r->fit->n,
                         &nested) != RK_OK)
            status = rk_fail_memory(error);
        clusters = (struct rk_clusters){.code = r->cluster,
                                        .n_codes = r->n_cluster_codes,
                                        .df_nested = nested ? r->within->df : 0};
    }
    if (status == RK_OK)
        status = rk_covariance_of(r->fit, r->method, &clusters, &r->covariance, error);
    r->errors = RK_OK;
    if (rk_status_is_undefined(status)) {
        r->errors = status; /* the coefficients stand without their errors */
        status = RK_OK;
    }
    return status;
}

/* --- rows of the result --------------------------------------------------------------------- */

static struct estimate estimate_of(const struct regression *r, size_t column)
{
    const struct rk_common *common = &r->options->common;
    struct estimate e = {r->fit->coef[column], NAN, NAN, NAN, NAN, NAN, NAN};
    double tail = 1.0 - common->conf_level, width;

    if (r->errors != RK_OK || isnan(e.value) || isnan(r->covariance.std_error[column]))
        return e;
    e.std_error = r->covariance.std_error[column];
    e.df = r->covariance.df[column];
    e.statistic = e.value / e.std_error;
    e.p_value = rk_p_from_t(e.statistic, e.df, common->alternative);
    width = e.std_error *
            rk_qt(common->alternative == RK_TWO_SIDED ? tail / 2.0 : tail, e.df, RK_UPPER_TAIL);
    e.conf_low = common->alternative == RK_LESS ? NAN : e.value - width;
    e.conf_high = common->alternative == RK_GREATER ? NAN : e.value + width;
    return e;
}

static void put_note(const struct regression *r, size_t column, struct rk_result *result)
{
    struct rk_text note = {0};

    if (isnan(r->fit->coef[column]))
        rk_text_add(&note, regress_dropped_note(r, column));
    else if (r->errors != RK_OK)
        rk_text_add(&note, rk_status_words(r->errors));
    else if (isnan(r->covariance.std_error[column]))
        rk_text_add(&note, rk_status_words(RK_ECONSTANT));
    else if (r->covariance.method != r->method)
        rk_text_format(&note, "not %s: %s", rk_vcov_name(r->method), r->covariance.reason);
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, COEF_TABLE, COEF_NOTE, note.bytes);
    rk_text_free(&note);
}

static void put_coefficient(const struct regression *r, size_t column, const struct estimate *e,
                            struct rk_result *result)
{
    rk_result_row(result, COEF_TABLE);
    rk_put_text(result, COEF_TABLE, COEF_TERM, r->frame->name[column]);
    rk_put(result, COEF_TABLE, COEF_ESTIMATE, e->value);
    rk_put(result, COEF_TABLE, COEF_STD_ERROR, e->std_error);
    rk_put(result, COEF_TABLE, COEF_STATISTIC, e->statistic);
    rk_put(result, COEF_TABLE, COEF_DF, e->df);
    rk_put(result, COEF_TABLE, COEF_P_VALUE, e->p_value);
    rk_put(result, COEF_TABLE, COEF_CONF_LOW, e->conf_low);
    rk_put(result, COEF_TABLE, COEF_CONF_HIGH, e->conf_high);
    rk_put(result, COEF_TABLE, COEF_CONF_LEVEL, r->options->common.conf_level);
    rk_put(result, COEF_TABLE, COEF_STD_ESTIMATE, rk_std_coef(r->fit, column));
    rk_put(result, COEF_TABLE, COEF_VIF, rk_vif(r->fit, column));
    if (r->errors == RK_OK && !isnan(e->value))
        rk_put_text(result, COEF_TABLE, COEF_VCOV, rk_vcov_name(r->covariance.method));
    put_note(r, column, result);
}

static void put_fit(const struct regression *r, struct rk_result *result)
{
    const struct rk_fit *f = r->fit;
    const struct rk_covariance *c = &r->covariance;

    rk_result_row(result, FIT_TABLE);
    rk_put(result, FIT_TABLE, FIT_NOBS, (double)f->nobs);
    rk_put(result, FIT_TABLE, FIT_N_DROPPED, (double)(r->n_rows - f->nobs));
    rk_put(result, FIT_TABLE, FIT_DF_MODEL, f->df_model);
    rk_put(result, FIT_TABLE, FIT_DF_RESIDUAL, f->df_residual);
    rk_put(result, FIT_TABLE, FIT_R_SQUARED, f->r_squared);
    rk_put(result, FIT_TABLE, FIT_ADJ_R_SQUARED, f->adj_r_squared);
    rk_put(result, FIT_TABLE, FIT_R_SQUARED_WITHIN, f->r_squared_within);
    rk_put(result, FIT_TABLE, FIT_SIGMA, f->sigma);
    rk_put(result, FIT_TABLE, FIT_LOG_LIK, f->log_lik);
    rk_put(result, FIT_TABLE, FIT_AIC, f->aic);
    rk_put(result, FIT_TABLE, FIT_BIC, f->bic);
    rk_put(result, FIT_TABLE, FIT_DEVIANCE, f->rss);
    rk_put(result, FIT_TABLE, FIT_NULL_DEVIANCE, f->tss);
    rk_put_text(result, FIT_TABLE, FIT_FAMILY, "gaussian");
    if (r->errors != RK_OK)
        return;
    rk_put(result, FIT_TABLE, FIT_F_STATISTIC, c->f_statistic);
    rk_put(result, FIT_TABLE, FIT_F_P_VALUE,
           rk_pf(c->f_statistic, c->f_df1, c->f_df2, RK_UPPER_TAIL));
    rk_put_text(result, FIT_TABLE, FIT_VCOV, rk_vcov_name(c->method));
    if (r->cluster_name != NULL)
        rk_put(result, FIT_TABLE, FIT_N_CLUSTERS, (double)c->n_clusters);
}

static enum rk_status report(const struct regression *r, struct rk_result *result,
                             struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t j = 0; j < r->fit->p && status == RK_OK; j++) {
        struct estimate e = estimate_of(r, j);

        put_coefficient(r, j, &e, result);
        if (r->options->common.explain)
            status = regress_explain(r, j, &e, result);
    }
    put_fit(r, result);
    if (r->fit->nobs > result->rows_used)
        result->rows_used = r->fit->nobs;
    if (status != RK_OK)
        return rk_fail_memory(error);
    return regress_warn(r, result, error);
}

/* --- one group ------------------------------------------------------------------------------ */

static void regression_free(struct regression *r)
{
    rk_table_free(r->own_table);
    rk_model_frame_free(r->frame);
    rk_within_free(r->within);
    rk_fit_free(r->fit);
    rk_covariance_free(&r->covariance);
    free(r->weights);
    free(r->cluster);
}

static enum rk_status run_group(const struct rk_table *table, const void *options,
                                const struct rk_ctx *ctx, struct rk_result *result,
                                struct rk_error *error)
{
    struct regression r = {.options = options, .ctx = ctx, .table = table};
    enum rk_status status = RK_OK;

    r.method = method_of(r.options);
    r.cluster_name = cluster_name_of(r.options);
    r.n_rows = table->n_rows;
    if (r.options->weights != NULL)
        status = take_weights(&r, error);
    if (status == RK_OK)
        status = take_frame(&r, error);
    if (status == RK_OK && r.options->weights != NULL)
        status = gather_weights(&r, error);
    if (status == RK_OK && r.frame->p == 0)
        status = rk_fail(error, RK_ESINGULAR, "the formula has no term to estimate");
    if (status == RK_OK)
        status = fit(&r, error);
    if (status == RK_OK)
        status = estimate_errors(&r, error);
    if (status == RK_OK)
        status = report(&r, result, error);
    if (rk_status_is_undefined(status) && r.options->common.by.n > 0)
        rk_result_row(result, FIT_TABLE); /* the group's row of NA, as in coef */
    regression_free(&r);
    return status;
}

enum rk_status rk_regress_run(const struct rk_table *table,
                              const struct rk_regress_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    enum rk_status status = rk_regress_check(options, error);

    if (status != RK_OK)
        return status;
    result->rows_used = 0;
    return rk_run_groups(table, &options->common, declare, run_group, options, ctx, result, error);
}
