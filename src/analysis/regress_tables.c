/* The tables of rep-regress that every fit has: coefficients, and how well the whole fits. */
#include <math.h>

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
    COEF_NOTE,
    N_COEF
};
_Static_assert((int)N_COEF == (int)REGRESS_COEF_FIELDS, "the fields of coef");

const struct rk_field regress_coef_fields[REGRESS_COEF_FIELDS] = {
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

/* --- rows of the result --------------------------------------------------------------------- */

struct estimate regress_estimate_from(const struct rk_common *common, double value,
                                      double std_error, double df)
{
    struct estimate e = {value, NAN, NAN, NAN, NAN, NAN, NAN};
    double tail = 1.0 - common->conf_level, width;

    if (isnan(value) || isnan(std_error))
        return e;
    e.std_error = std_error;
    e.df = df;
    e.statistic = e.value / e.std_error;
    e.p_value = rk_p_from_t(e.statistic, e.df, common->alternative);
    width = e.std_error *
            rk_qt(common->alternative == RK_TWO_SIDED ? tail / 2.0 : tail, e.df, RK_UPPER_TAIL);
    e.conf_low = common->alternative == RK_LESS ? NAN : e.value - width;
    e.conf_high = common->alternative == RK_GREATER ? NAN : e.value + width;
    return e;
}

struct estimate regress_estimate(const struct regression *r, size_t column)
{
    bool errors = r->errors == RK_OK;
    struct estimate e = regress_estimate_from(&r->options->common, r->fit->coef[column],
                                              errors ? r->covariance.std_error[column] : NAN,
                                              errors ? r->covariance.df[column] : NAN);

    if (!isnan(e.std_error) && r->bootstrapped) {
        e.p_value = r->wild.p_value[column];
        e.conf_low = r->wild.conf_low[column];
        e.conf_high = r->wild.conf_high[column];
    }
    if (!isnan(e.std_error) && r->profile != NULL)
        regress_glm_estimate(r, column, &e);
    return e;
}

/* Whether an end of the interval that should be there is not. */
static bool no_end(const struct regression *r, const struct estimate *e)
{
    int alternative = r->options->common.alternative;

    return (isnan(e->conf_low) && alternative != RK_LESS) ||
           (isnan(e->conf_high) && alternative != RK_GREATER);
}

static void put_note(const struct regression *r, size_t column, const struct estimate *e,
                     size_t table, struct rk_result *result)
{
    struct rk_text note = {0};

    if (isnan(r->fit->coef[column]))
        rk_text_add(&note, regress_dropped_note(r, column));
    else if (r->errors != RK_OK)
        rk_text_add(&note, rk_status_words(r->errors));
    else if (isnan(r->covariance.std_error[column]))
        rk_text_add(&note, rk_status_words(RK_ECONSTANT));
    else if (r->firth)
        rk_text_add(&note, "penalised likelihood (Firth): the terms separate the outcome");
    else if (r->profile != NULL && no_end(r, e))
        rk_text_add(&note, "no bound: the likelihood does not fall far enough on that side");
    else if (r->covariance.method != r->method && r->method != RK_VCOV_PROFILE)
        rk_text_format(&note, "not %s: %s", rk_vcov_name(r->method), r->covariance.reason);
    else if (r->covariance.repaired)
        rk_text_add(&note, "a variance came out negative and was set to 0");
    else if (r->wild_reason[0] != '\0')
        rk_text_format(&note, "not wild: %s", r->wild_reason);
    else if (r->bootstrapped && no_end(r, e))
        rk_text_format(&note, "no bound: with %zu clusters p is never below %.2g",
                       r->wild.n_clusters, r->wild.least_p);
    if (note.failed)
        result->status = RK_ENOMEM;
    else if (note.length > 0)
        rk_put_text(result, table, COEF_NOTE, note.bytes);
    rk_text_free(&note);
}

void regress_put_estimate(const struct regression *r, const char *term, const struct estimate *e,
                          const char *vcov, size_t table, struct rk_result *result)
{
    rk_result_row(result, table);
    rk_put_text(result, table, COEF_TERM, term);
    rk_put(result, table, COEF_ESTIMATE, e->value);
    rk_put(result, table, COEF_STD_ERROR, e->std_error);
    rk_put(result, table, COEF_STATISTIC, e->statistic);
    rk_put(result, table, COEF_DF, e->df);
    rk_put(result, table, COEF_P_VALUE, e->p_value);
    rk_put(result, table, COEF_CONF_LOW, e->conf_low);
    rk_put(result, table, COEF_CONF_HIGH, e->conf_high);
    rk_put(result, table, COEF_CONF_LEVEL, r->options->common.conf_level);
    if (r->errors == RK_OK && !isnan(e->value))
        rk_put_text(result, table, COEF_VCOV, vcov);
}

static void put_coefficient(const struct regression *r, size_t column, const struct estimate *e,
                            size_t table, struct rk_result *result)
{
    regress_put_estimate(r, r->frame->name[column], e, regress_vcov_name(r), table, result);
    rk_put(result, table, COEF_STD_ESTIMATE, rk_std_coef(r->fit, column));
    rk_put(result, table, COEF_VIF, rk_vif(r->fit, column));
    put_note(r, column, e, table, result);
}

static enum rk_status fill_coef(const struct regression *r, size_t table, struct rk_result *result,
                                struct rk_error *error)
{
    for (size_t j = 0; j < r->fit->p; j++) {
        struct estimate e = regress_estimate(r, j);

        put_coefficient(r, j, &e, table, result);
        if (r->options->common.explain && r->options->makes[RK_REGRESS_COEF] &&
            regress_explain(r, j, &e, result) != RK_OK)
            return rk_fail_memory(error);
    }
    return RK_OK;
}

static void put_glm(const struct rk_glm *glm, size_t table, struct rk_result *result)
{
    rk_put(result, table, FIT_DF_RESIDUAL, glm->df_residual);
    rk_put(result, table, FIT_SIGMA, NAN); /* the family says how y varies */
    rk_put(result, table, FIT_LOG_LIK, glm->log_lik);
    rk_put(result, table, FIT_AIC, glm->aic);
    rk_put(result, table, FIT_BIC, glm->bic);
    rk_put(result, table, FIT_DEVIANCE, glm->deviance);
    rk_put(result, table, FIT_NULL_DEVIANCE, glm->null_deviance);
    rk_put(result, table, FIT_AUC, glm->auc);
    rk_put(result, table, FIT_CONVERGED, glm->converged ? 1.0 : 0.0);
}

static enum rk_status fill_fit(const struct regression *r, size_t table, struct rk_result *result,
                               struct rk_error *error)
{
    const struct rk_fit *f = r->fit;
    const struct rk_covariance *c = &r->covariance;

    (void)error;
    rk_result_row(result, table);
    rk_put(result, table, FIT_NOBS, (double)f->nobs);
    rk_put(result, table, FIT_N_DROPPED, (double)(r->n_rows - f->nobs));
    rk_put(result, table, FIT_DF_MODEL, f->df_model);
    rk_put(result, table, FIT_DF_RESIDUAL, f->df_residual);
    rk_put(result, table, FIT_R_SQUARED, f->r_squared);
    rk_put(result, table, FIT_ADJ_R_SQUARED, f->adj_r_squared);
    rk_put(result, table, FIT_R_SQUARED_WITHIN, f->r_squared_within);
    rk_put(result, table, FIT_SIGMA, f->sigma);
    rk_put_text(result, table, FIT_FAMILY, rk_family_name((enum rk_family)r->options->family));
    if (r->mm != NULL) {
        rk_put(result, table, FIT_CONVERGED, 1.0);
    } else if (r->glm != NULL) {
        put_glm(r->glm, table, result);
    } else {
        rk_put(result, table, FIT_LOG_LIK, f->log_lik);
        rk_put(result, table, FIT_AIC, f->aic);
        rk_put(result, table, FIT_BIC, f->bic);
        rk_put(result, table, FIT_DEVIANCE, f->rss);
        rk_put(result, table, FIT_NULL_DEVIANCE, f->tss);
    }
    if (r->errors != RK_OK)
        return RK_OK;
    rk_put(result, table, FIT_F_STATISTIC, c->f_statistic);
    rk_put(result, table, FIT_F_P_VALUE, rk_pf(c->f_statistic, c->f_df1, c->f_df2, RK_UPPER_TAIL));
    rk_put_text(result, table, FIT_VCOV, regress_vcov_name(r));
    if (r->cluster_name != NULL)
        rk_put(result, table, FIT_N_CLUSTERS, (double)c->n_clusters);
    return RK_OK;
}

const struct regress_table regress_coef_table = {"coef", regress_coef_fields, REGRESS_COEF_FIELDS,
                                                 fill_coef, true};
const struct regress_table regress_fit_table = {
    "fit", fit_fields, sizeof fit_fields / sizeof fit_fields[0], fill_fit, true};
