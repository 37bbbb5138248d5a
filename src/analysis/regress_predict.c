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

enum { SWEEPS_MOST = 100000 };

/* One effect: what each of its levels adds, and which level the rows to predict have. */
struct effect {
    const char *name;
    double *value;  /* n_levels; NaN for levels without rows */
    double *weight; /* n_levels: the sum of weights */
    size_t n_levels;
    size_t *level; /* one a row to predict; SIZE_MAX for one that is not known */
};

struct prediction {
    const struct regression *r;
    const struct rk_table *table; /* to predict for */
    double *X;                    /* its rows-by-p */
    enum rk_row_state *state;
    double *offset; /* of the linear predictor, one a row; NULL for none */
    double *centre; /* levels-by-p of the single effect: the mean of each column */
    struct effect *effect;
    size_t n_effects;
    double quantile; /* of t */
    double lowest, highest;
    size_t n_predicted;
};

/* --- effects ------------------------------------------------------------------------------- */

/* y less X b and the residual: what the effects add in row i of the fit. */
static double effects_in_row(const struct regression *r, size_t i)
{
    size_t row = regress_frame_row(r, i);
    double sum = r->glm != NULL ? r->glm->eta[i] - r->glm->offset[i]
                                : r->frame->y[row] - r->fit->residual[i];

    for (size_t j = 0; j < r->fit->p; j++)
        if (!isnan(r->fit->coef[j]))
            sum -= r->fit->coef[j] * r->frame->X[j * r->frame->n + row];
    return sum;
}

static double weight_of(const struct regression *r, size_t i)
{
    return r->within->weights == NULL ? 1.0 : r->within->weights[i];
}

/* Gives each level of effect e the mean of what the others leave. Returns the largest change. */
static double sweep(const struct prediction *p, size_t e, const double *sum, double *mean)
{
    const struct regression *r = p->r;
    struct effect *effect = &p->effect[e];
    double change = 0.0;

    memset(mean, 0, effect->n_levels * sizeof *mean);
    for (size_t i = 0; i < r->fit->n; i++) {
        double rest = sum[i];

        for (size_t o = 0; o < p->n_effects; o++)
            if (o != e)
                rest -= p->effect[o].value[r->within->effect[o][i]];
        mean[r->within->effect[e][i]] += weight_of(r, i) * rest;
    }
    for (size_t g = 0; g < effect->n_levels; g++) {
        mean[g] /= effect->weight[g];
        change = fmax(change, fabs(mean[g] - effect->value[g]));
        effect->value[g] = mean[g];
    }
    return change;
}

/* Splits what the effects add between them, by turns. */
static enum rk_status solve_effects(struct prediction *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    size_t most = 0;
    double *sum, *mean, change = INFINITY, scale = 0.0;

    for (size_t e = 0; e < p->n_effects; e++)
        most = p->effect[e].n_levels > most ? p->effect[e].n_levels : most;
    sum = malloc((r->fit->n + 1) * sizeof *sum);
    mean = malloc((most + 1) * sizeof *mean);
    if (sum == NULL || mean == NULL) {
        free(sum);
        free(mean);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < r->fit->n; i++) {
        sum[i] = effects_in_row(r, i);
        scale = fmax(scale, fabs(sum[i]));
    }
    for (size_t turn = 0; change > 1e-13 * scale && turn < SWEEPS_MOST; turn++) {
        change = 0.0;
        for (size_t e = 0; e < p->n_effects; e++)
            change = fmax(change, sweep(p, e, sum, mean));
        if (p->n_effects == 1)
            break;
    }
    free(sum);
    free(mean);
    return RK_OK;
}

/* Finds the level of each row to predict by its label. */
static enum rk_status find_levels(struct prediction *p, size_t e, struct rk_error *error)
{
    const struct regression *r = p->r;
    struct effect *effect = &p->effect[e];
    size_t mine = 0, theirs = 0, *level_of;
    const struct rk_dict *dict;
    enum rk_status status = rk_column_index(r->table, effect->name, RK_TEXT, &mine, error);

    if (status == RK_OK)
        status = rk_column_index(p->table, effect->name, RK_TEXT, &theirs, error);
    if (status != RK_OK)
        return status;
    dict = r->table->column[mine].dict;
    level_of = malloc((rk_dict_size(dict) + 1) * sizeof *level_of);
    if (level_of == NULL)
        return rk_fail_memory(error);
    for (size_t c = 0; c < rk_dict_size(dict); c++)
        level_of[c] = SIZE_MAX;
    for (size_t i = 0; i < r->fit->n; i++)
        level_of[r->table->column[mine].code[regress_row(r, i)]] = r->within->effect[e][i];
    for (size_t i = 0; i < p->table->n_rows; i++) {
        const char *label = rk_table_text(p->table, i, theirs);
        uint32_t code = label == NULL ? RK_NO_CODE : rk_dict_find(dict, label, strlen(label));

        effect->level[i] = code == RK_NO_CODE ? SIZE_MAX : level_of[code];
        if (label == NULL)
            p->state[i] = RK_ROW_MISSING;
    }
    free(level_of);
    return RK_OK;
}

static enum rk_status read_effects(struct prediction *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    enum rk_status status = RK_OK;

    p->effect = calloc(r->within->n_effects, sizeof *p->effect);
    if (p->effect == NULL)
        return rk_fail_memory(error);
    p->n_effects = r->within->n_effects;
    for (size_t e = 0; status == RK_OK && e < p->n_effects; e++) {
        struct effect *effect = &p->effect[e];

        effect->name = r->options->formula->fixed_effects.name[e];
        effect->n_levels = r->within->n_levels[e];
        effect->value = calloc(effect->n_levels + 1, sizeof *effect->value);
        effect->weight = calloc(effect->n_levels + 1, sizeof *effect->weight);
        effect->level = malloc((p->table->n_rows + 1) * sizeof *effect->level);
        if (effect->value == NULL || effect->weight == NULL || effect->level == NULL)
            return rk_fail_memory(error);
        for (size_t i = 0; i < r->fit->n; i++)
            effect->weight[r->within->effect[e][i]] += weight_of(r, i);
        status = find_levels(p, e, error);
    }
    return status == RK_OK ? solve_effects(p, error) : status;
}

/* The means of the columns by level of the single effect, which its part of the error stands on. */
static enum rk_status centre_columns(struct prediction *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    size_t columns = r->fit->p;

    if (p->n_effects != 1)
        return RK_OK;
    p->centre = calloc(p->effect[0].n_levels * columns + 1, sizeof *p->centre);
    if (p->centre == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->fit->n; i++) {
        size_t g = r->within->effect[0][i];

        for (size_t j = 0; j < columns; j++)
            p->centre[g * columns + j] += weight_of(r, i) / p->effect[0].weight[g] *
                                          r->frame->X[j * r->frame->n + regress_frame_row(r, i)];
    }
    return RK_OK;
}

static void free_prediction(struct prediction *p)
{
    for (size_t e = 0; e < p->n_effects; e++) {
        free(p->effect[e].value);
        free(p->effect[e].weight);
        free(p->effect[e].level);
    }
    free(p->effect);
    free(p->centre);
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

    if (r->errors != RK_OK || p->n_effects > 1)
        return NAN;
    if (p->n_effects == 1) {
        size_t g = p->effect[0].level[i];

        centre = p->centre + g * columns;
        variance = r->fit->sigma * r->fit->sigma / p->effect[0].weight[g];
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
    for (size_t e = 0; e < p->n_effects; e++) {
        if (p->effect[e].level[i] != SIZE_MAX)
            continue;
        rk_text_format(note, "the data do not have this %s", p->effect[e].name);
        return note->bytes;
    }
    return NULL;
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
    for (size_t e = 0; e < p->n_effects; e++)
        fitted += p->effect[e].value[p->effect[e].level[i]];
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
                                       : "no interval: there are several fixed effects");
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
        status = read_effects(p, error);
    if (status == RK_OK)
        status = centre_columns(p, error);
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
