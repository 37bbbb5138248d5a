/* The table `predictions`: what the regression expects of other rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/distributions.h"
#include "repkit/frame.h"
#include "repkit/words.h"

enum { FITTED, CONF_LOW, CONF_HIGH, PRED_LOW, PRED_HIGH, NOTE };

static const struct rk_field fields[] = {
    [FITTED] = {"fitted", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [PRED_LOW] = {"pred_low", RK_NUMBER, RK_GENERAL},
    [PRED_HIGH] = {"pred_high", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

struct prediction {
    const struct regression *r;
    const struct rk_table *table; /* to predict for */
    double *X;                    /* its rows-by-p */
    enum rk_row_state *state;
    double *offset; /* of the linear predictor, one a row; NULL for none */
    struct regress_levels levels;
    double quantile; /* of t */
    double lowest, highest;
    size_t n_predicted;
};

static void free_prediction(struct prediction *p)
{
    regress_levels_free(&p->levels);
    free(p->offset);
    free(p->X);
    free(p->state);
}

/* --- one row ------------------------------------------------------------------------------- */

/* The variance of the expected value in a row; NaN where it is not known. */
static double variance_of(const struct prediction *p, size_t i)
{
    const struct regression *r = p->r;
    const struct rk_covariance *c = &r->covariance;
    size_t n = p->table->n_rows, columns = r->fit->p;
    const double *centre = NULL;
    double variance = 0.0;

    if (r->errors != RK_OK)
        return NAN;
    if (r->within != NULL) {
        size_t g = p->levels.combination[i];

        centre = p->levels.centre + g * columns;
        variance = r->fit->sigma * r->fit->sigma * p->levels.leverage[g];
    }
    for (size_t a = 0; a < columns; a++) {
        double xa = p->X[a * n + i] - (centre == NULL ? 0.0 : centre[a]);

        for (size_t b = 0; b < columns; b++) {
            double xb = p->X[b * n + i] - (centre == NULL ? 0.0 : centre[b]);

            if (!isnan(c->vcov[a * columns + b]))
                variance += xa * xb * c->vcov[a * columns + b];
        }
    }
    return variance;
}

/* Why a row cannot be predicted, or NULL. */
static const char *why_not(const struct prediction *p, size_t i, struct rk_text *note)
{
    if (p->state[i] == RK_ROW_MISSING)
        return "a value is missing";
    if (p->state[i] == RK_ROW_NEW_LEVEL)
        return "a level that the data do not have";
    return p->r->within == NULL ? NULL : regress_levels_why_not(&p->levels, i, note);
}

static void put_prediction(struct prediction *p, size_t i, size_t table, size_t field,
                           struct rk_result *result)
{
    const struct regression *r = p->r;
    size_t n = p->table->n_rows;
    double fitted = 0.0, variance = variance_of(p, i), sigma2 = r->fit->sigma * r->fit->sigma;
    double half = p->quantile * sqrt(variance), wide = p->quantile * sqrt(variance + sigma2);
    enum rk_family family = r->glm == NULL ? RK_FAMILY_GAUSSIAN : r->glm->family;

    for (size_t j = 0; j < r->fit->p; j++)
        if (!isnan(r->fit->coef[j]))
            fitted += r->fit->coef[j] * p->X[j * n + i];
    if (r->within != NULL)
        fitted += regress_levels_value(&p->levels, i);
    fitted += p->offset == NULL ? 0.0 : p->offset[i];
    /* The link's ends are the mean's ends, for it rises. */
    rk_put(result, table, field + FITTED, rk_mean_of(family, fitted));
    rk_put(result, table, field + CONF_LOW, rk_mean_of(family, fitted - half));
    rk_put(result, table, field + CONF_HIGH, rk_mean_of(family, fitted + half));
    rk_put(result, table, field + PRED_LOW, r->glm != NULL ? NAN : fitted - wide);
    rk_put(result, table, field + PRED_HIGH, r->glm != NULL ? NAN : fitted + wide);
    fitted = rk_mean_of(family, fitted);
    if (r->glm != NULL && !isnan(variance))
        rk_put_text(result, table, field + NOTE, "no prediction interval: not a linear model");
    if (isnan(variance))
        rk_put_text(result, table, field + NOTE,
                    r->errors != RK_OK ? rk_status_words(r->errors)
                                       : "no interval: it would take too long with so many rows "
                                         "and several fixed effects");
    p->lowest = p->n_predicted == 0 ? fitted : fmin(p->lowest, fitted);
    p->highest = p->n_predicted == 0 ? fitted : fmax(p->highest, fitted);
    p->n_predicted++;
}

/* --- beyond the data ----------------------------------------------------------------------- */

static enum rk_status warn_beyond(const struct prediction *p, const struct rk_atom *atom,
                                  struct rk_result *result, struct rk_error *error)
{
    const struct regression *r = p->r;
    const struct rk_series *series = &r->options->formula->series;
    size_t n = p->table->n_rows, most = n > r->table->n_rows ? n : r->table->n_rows, n_beyond = 0;
    double *value = malloc((most + 1) * sizeof *value), low = INFINITY, high = -INFINITY;
    struct rk_text range = {0};
    enum rk_status status = value == NULL
                                ? rk_fail_memory(error)
                                : rk_evaluate_series(atom->node, r->table, series, value, error);

    for (size_t i = 0; status == RK_OK && i < r->fit->n; i++) {
        low = fmin(low, value[regress_row(r, i)]);
        high = fmax(high, value[regress_row(r, i)]);
    }
    if (status == RK_OK)
        status = rk_evaluate_series(atom->node, p->table, series, value, error);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        n_beyond += value[i] < low || value[i] > high;
    rk_say_number(&range, low);
    rk_text_add(&range, " to ");
    rk_say_number(&range, high);
    if (status == RK_OK && range.failed)
        status = rk_fail_memory(error);
    else if (status == RK_OK && n_beyond > 0)
        rk_warn(result, RK_WARN_EXTRAPOLATION,
                "Of %zu rows to predict, %zu have a value of %s beyond those of the data (%s)", n,
                n_beyond, atom->label, range.bytes);
    rk_text_free(&range);
    free(value);
    return status;
}

static enum rk_status warn_extrapolation(const struct prediction *p, struct rk_result *result,
                                         struct rk_error *error)
{
    struct rk_atoms atoms = {0};
    enum rk_status status = rk_frame_atoms(p->r->frame, &atoms);

    if (status != RK_OK)
        return rk_fail_memory(error);
    for (size_t a = 0; status == RK_OK && a < atoms.n; a++)
        if (atoms.atom[a].node != NULL)
            status = warn_beyond(p, &atoms.atom[a], result, error);
    rk_atoms_free(&atoms);
    return status;
}

/* --- the table ----------------------------------------------------------------------------- */

static void explain(const struct prediction *p, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0}, response = {0};
    double level = 100.0 * p->r->options->common.conf_level;

    if (regress_response(p->r, &response) != RK_OK)
        result->status = RK_ENOMEM;
    else if (p->n_predicted > 0) {
        rk_text_add(&row, "predictions");
        rk_text_format(&manager, "For %zu of %zu rows the expected %s is ", p->n_predicted,
                       p->table->n_rows, response.bytes);
        rk_say_number(&manager, p->lowest);
        rk_text_add(&manager, " to ");
        rk_say_number(&manager, p->highest);
        rk_text_format(
            &manager,
            ". The average of many such cases lies between conf_low and conf_high%s, with "
            "%.4g%% confidence, as long as things go on as in the data. What would "
            "happen if someone changed the columns on purpose is another question.",
            p->r->glm == NULL ? ", a single one between pred_low and pred_high" : "", level);
        rk_text_format(&paper, "Predicted values with %.4g%% confidence", level);
        if (p->r->glm == NULL)
            rk_text_add(&paper,
                        " and prediction intervals (t, the latter assuming normal residuals "
                        "of equal variance)");
        else
            rk_text_add(&paper, " intervals (of the linear predictor, taken to the mean)");
        rk_text_format(&paper, " for %zu rows.", p->n_predicted);
        rk_explain(result, &row, &manager, &paper);
    }
    rk_text_free(&response);
}

/* What --offset and --exposure add in the rows to predict; a row without is missing. */
static enum rk_status read_offset(struct prediction *p, const char *name, bool log_of,
                                  struct rk_error *error)
{
    size_t n = p->table->n_rows, column = 0;
    enum rk_status status;

    if (name == NULL)
        return RK_OK;
    status = rk_column_index(p->table, name, RK_NUMBER, &column, error);
    if (status == RK_OK && p->offset == NULL)
        p->offset = calloc(n + 1, sizeof *p->offset);
    if (status == RK_OK && p->offset == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        double x = p->table->column[column].number[i];

        if (isnan(x) || (log_of && !(x > 0.0)))
            p->state[i] = RK_ROW_MISSING;
        else
            p->offset[i] += log_of ? log(x) : x;
    }
    return status;
}

static enum rk_status prepare(struct prediction *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    size_t n = p->table->n_rows, G = r->covariance.n_clusters;
    double df = r->cluster_name != NULL && G > 1 ? (double)G - 1.0
                : r->mm != NULL                  ? r->mm->df_residual
                                                 : r->fit->df_residual;
    enum rk_status status;

    p->X = malloc((n * r->fit->p + 1) * sizeof *p->X);
    p->state = malloc((n + 1) * sizeof *p->state);
    if (p->X == NULL || p->state == NULL)
        return rk_fail_memory(error);
    status = rk_frame_apply(r->frame, p->table, NULL, n, NULL, NULL, p->X, p->state, error);
    if (status == RK_OK)
        status = read_offset(p, r->options->offset, false, error);
    if (status == RK_OK)
        status = read_offset(p, r->options->exposure, true, error);
    if (status == RK_OK && r->within != NULL)
        status = regress_levels_read(r, p->table, p->state, &p->levels, error);
    p->quantile = rk_qt((1.0 - r->options->common.conf_level) / 2.0, df, RK_UPPER_TAIL);
    return status;
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct prediction p = {.r = r, .table = r->options->predict};
    const struct rk_names by = {0};
    enum rk_status status = prepare(&p, error);

    for (size_t i = 0; status == RK_OK && i < p.table->n_rows; i++) {
        size_t field = regress_put_data(result, table, p.table, i, &by);
        struct rk_text note = {0};
        const char *reason = why_not(&p, i, &note);

        if (reason != NULL)
            rk_put_text(result, table, field + NOTE, reason);
        else
            put_prediction(&p, i, table, field, result);
        rk_text_free(&note);
    }
    if (status == RK_OK)
        status = warn_extrapolation(&p, result, error);
    if (status == RK_OK && r->options->common.explain)
        explain(&p, result);
    free_prediction(&p);
    return status;
}

const struct regress_table regress_predictions_table = {
    "predictions", fields, sizeof fields / sizeof fields[0], fill, false};
