/* The tables of rep-band. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/quantile.h"

enum models_field {
    M_MODEL,
    M_AICC,
    M_BIC,
    M_WEIGHT,
    M_SHAPE,
    M_OPTIMUM,
    M_OPTIMUM_LOW,
    M_OPTIMUM_HIGH,
    M_BAND_LOW,
    M_BAND_HIGH,
    M_GAIN,
    M_P_NONLINEAR,
    M_N,
    M_N_CLUSTERS,
    M_NOTE
};
static const struct rk_field models_fields[] = {
    [M_MODEL] = {"model", RK_TEXT, RK_GENERAL},
    [M_AICC] = {"aicc", RK_NUMBER, RK_GENERAL},
    [M_BIC] = {"bic", RK_NUMBER, RK_GENERAL},
    [M_WEIGHT] = {"weight", RK_NUMBER, RK_GENERAL},
    [M_SHAPE] = {"shape", RK_TEXT, RK_GENERAL},
    [M_OPTIMUM] = {"optimum", RK_NUMBER, RK_GENERAL},
    [M_OPTIMUM_LOW] = {"optimum_low", RK_NUMBER, RK_GENERAL},
    [M_OPTIMUM_HIGH] = {"optimum_high", RK_NUMBER, RK_GENERAL},
    [M_BAND_LOW] = {"band_low", RK_NUMBER, RK_GENERAL},
    [M_BAND_HIGH] = {"band_high", RK_NUMBER, RK_GENERAL},
    [M_GAIN] = {"gain", RK_NUMBER, RK_GENERAL},
    [M_P_NONLINEAR] = {"p_nonlinear", RK_NUMBER, RK_P_VALUE},
    [M_N] = {"n", RK_NUMBER, RK_COUNT},
    [M_N_CLUSTERS] = {"n_clusters", RK_NUMBER, RK_COUNT},
    [M_NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum optimum_field { O_MODEL, O_METHOD, O_ESTIMATE, O_STD_ERROR, O_LOW, O_HIGH, O_LEVEL, O_NOTE };
static const struct rk_field optimum_fields[] = {
    [O_MODEL] = {"model", RK_TEXT, RK_GENERAL},
    [O_METHOD] = {"method", RK_TEXT, RK_GENERAL},
    [O_ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [O_STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [O_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [O_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [O_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [O_NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum bins_field { B_LOW, B_HIGH, B_N, B_MEAN, B_CONF_LOW, B_CONF_HIGH };
static const struct rk_field bins_fields[] = {
    [B_LOW] = {"bin_low", RK_NUMBER, RK_GENERAL},
    [B_HIGH] = {"bin_high", RK_NUMBER, RK_GENERAL},
    [B_N] = {"n", RK_NUMBER, RK_COUNT},
    [B_MEAN] = {"mean", RK_NUMBER, RK_GENERAL},
    [B_CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [B_CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
};

enum curve_field { C_MODEL, C_X, C_PREDICTED, C_LOW, C_HIGH };
static const struct rk_field curve_fields[] = {
    [C_MODEL] = {"model", RK_TEXT, RK_GENERAL},
    [C_X] = {"x", RK_NUMBER, RK_GENERAL},
    [C_PREDICTED] = {"predicted", RK_NUMBER, RK_GENERAL},
    [C_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [C_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
};

static const struct rk_field claim_fields[] = {
    {"claim", RK_TEXT, RK_GENERAL},      {"verdict", RK_TEXT, RK_GENERAL},
    {"contrast", RK_TEXT, RK_GENERAL},   {"estimate", RK_NUMBER, RK_GENERAL},
    {"conf_low", RK_NUMBER, RK_GENERAL}, {"conf_high", RK_NUMBER, RK_GENERAL},
    {"p_value", RK_NUMBER, RK_P_VALUE},  {"note", RK_TEXT, RK_GENERAL},
};

#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

struct band_tables band_declare(struct rk_result *result, const struct rk_band_options *options)
{
    struct band_tables t = {0};

    if (options->claims.n > 0) /* what was asked comes first */
        t.claim = rk_result_declare(result, "claim", claim_fields, COUNT(claim_fields));
    t.models = rk_result_declare(result, "models", models_fields, COUNT(models_fields));
    t.optimum = rk_result_declare(result, "optimum", optimum_fields, COUNT(optimum_fields));
    t.bins = rk_result_declare(result, "bins", bins_fields, COUNT(bins_fields));
    if (options->curve)
        t.curve = rk_result_declare(result, "curve", curve_fields, COUNT(curve_fields));
    return t;
}

/* --- models and optimum ---------------------------------------------------------------------- */

static void add_note(struct rk_text *note, const char *part)
{
    if (part == NULL || part[0] == '\0')
        return;
    rk_text_add(note, note->length > 0 ? "; " : "");
    rk_text_add(note, part);
}

static const char *optimum_note(const struct band_model *m)
{
    if (m->kind == BAND_SPLINE && isnan(m->optimum))
        return "highest at an end of the data";
    if (isnan(m->optimum) || m->peak)
        return NULL;
    if (m->kind == BAND_QUADRATIC)
        return "the lowest point, not an optimum";
    return m->shape != NULL && strcmp(m->shape, "u") == 0
               ? "the lowest point, not an optimum"
               : "where the slope changes, not an optimum";
}

static enum rk_status put_note(const struct band *b, const struct band_model *m, size_t table,
                               struct rk_result *result)
{
    struct rk_text note = {0};

    add_note(&note, m->problem);
    if (m->problem == NULL) {
        if (m->fit.errors != RK_OK)
            add_note(&note, rk_status_words(m->fit.errors));
        add_note(&note, optimum_note(m));
        if (m->beyond)
            add_note(&note, "beyond the data");
        if (!isnan(m->optimum))
            add_note(&note, m->unbounded);
        if (m->edge)
            add_note(&note, "the knot is at the end of where knots are looked for");
        if (m->low < b->low || m->high > b->high)
            add_note(&note, m->beyond ? NULL : "the interval reaches beyond the data");
        if (m->fit.covariance.n_clusters > 0 && m->fit.covariance.method != b->method)
            rk_text_format(&note, "%snot %s: %s", note.length > 0 ? "; " : "",
                           rk_vcov_name(b->method), m->fit.covariance.reason);
    }
    if (note.length > 0)
        rk_put_text(result, table, M_NOTE, note.bytes);
    if (note.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&note);
    return result->status;
}

static void put_intervals(const struct band *b, const struct band_model *m, size_t table,
                          struct rk_result *result)
{
    for (size_t k = 0; k < BAND_MOST_INTERVALS && m->problem == NULL; k++) {
        const struct band_interval *way = &m->interval[k];

        if (way->method == NULL)
            continue;
        rk_result_row(result, table);
        rk_put_text(result, table, O_MODEL, band_model_name(m->kind));
        rk_put_text(result, table, O_METHOD, way->method);
        rk_put(result, table, O_ESTIMATE, way->value);
        rk_put(result, table, O_STD_ERROR, way->se);
        rk_put(result, table, O_LOW, way->low);
        rk_put(result, table, O_HIGH, way->high);
        rk_put(result, table, O_LEVEL, b->options->common.conf_level);
        if (way->note != NULL)
            rk_put_text(result, table, O_NOTE, way->note);
    }
}

enum rk_status band_put_models(const struct band *b, struct rk_result *result)
{
    struct band_tables t = band_declare(result, b->options);

    for (int k = 0; k < BAND_MODELS; k++) {
        const struct band_model *m = &b->model[k];

        rk_result_row(result, t.models);
        rk_put_text(result, t.models, M_MODEL, band_model_name(k));
        rk_put(result, t.models, M_AICC, m->aicc);
        rk_put(result, t.models, M_BIC, m->bic);
        rk_put(result, t.models, M_WEIGHT, m->weight);
        if (m->shape != NULL)
            rk_put_text(result, t.models, M_SHAPE, m->shape);
        rk_put(result, t.models, M_OPTIMUM, m->optimum);
        rk_put(result, t.models, M_OPTIMUM_LOW, m->low);
        rk_put(result, t.models, M_OPTIMUM_HIGH, m->high);
        rk_put(result, t.models, M_BAND_LOW, m->band_low);
        rk_put(result, t.models, M_BAND_HIGH, m->band_high);
        rk_put(result, t.models, M_GAIN, m->gain);
        rk_put(result, t.models, M_P_NONLINEAR, m->p);
        rk_put(result, t.models, M_N, (double)b->n);
        if (b->cluster_name != NULL)
            rk_put(result, t.models, M_N_CLUSTERS, (double)b->n_clusters);
        put_intervals(b, m, t.optimum, result);
        if (put_note(b, m, t.models, result) != RK_OK)
            return RK_ENOMEM;
    }
    return result->status;
}

/* --- curve ----------------------------------------------------------------------------------- */

/* What the prediction at x is a sum of: 1, the curve's columns, the controls at their means. With
 * effects taken out it is the difference from the mean of all rows instead. */
static void contrast(const struct band *b, const struct band_model *m, const struct band_fit *f,
                     const double *mean, double x, double *out)
{
    bool relative = b->n_effects > 0;

    if (f->first > 0)
        out[0] = 1.0;
    band_curve_at(b, m, x, out + f->first);
    for (size_t j = 0; j < f->r; j++)
        out[f->first + j] -= relative ? mean[f->first + j] : 0.0;
    for (size_t j = 0; j < b->q; j++)
        out[f->first + f->r + j] = relative ? 0.0 : mean[f->first + f->r + j];
}

/* Weighted means of all columns of the fit. */
static void column_means(const struct band *b, const struct band_model *m, const struct band_fit *f,
                         double *mean)
{
    double total = 0.0, at[BAND_MOST_COLUMNS];
    size_t p = f->first + f->r + b->q;

    for (size_t j = 0; j < p; j++)
        mean[j] = j < f->first ? 1.0 : 0.0;
    for (size_t i = 0; i < b->n; i++) {
        double w = b->weights != NULL ? b->weights[i] : 1.0;

        total += w;
        band_curve_at(b, m, b->x[i], at);
        for (size_t j = 0; j < f->r; j++)
            mean[f->first + j] += w * (at[j] - mean[f->first + j]) / total;
        for (size_t j = 0; j < b->q; j++)
            mean[f->first + f->r + j] +=
                w * (b->Z[j * b->n + i] - mean[f->first + f->r + j]) / total;
    }
}

static double spread(const struct band_fit *f, const double *c)
{
    size_t p = f->fit->p;
    double sum = 0.0;

    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++)
            if (!isnan(f->fit->coef[i]) && !isnan(f->fit->coef[j]))
                sum += c[i] * f->covariance.vcov[i * p + j] * c[j];
    return sqrt(fmax(sum, 0.0));
}

static void put_point(const struct band *b, const struct band_model *m, double x, double *work,
                      size_t table, struct rk_result *result)
{
    /* Of a knot's curve the error includes that of the knot. */
    bool has_working = m->working.fit != NULL && m->working.errors == RK_OK;
    const struct band_fit *f = has_working ? &m->working : &m->fit;
    size_t p = f->fit->p;
    double *c = work, *mean = work + p, predicted = b->n_effects > 0 ? b->y_mean : 0.0, width;

    contrast(b, m, f, mean, x, c);
    for (size_t j = 0; j < p; j++) {
        size_t k = j < f->first + m->r ? j : j - (f->r - m->r); /* the same column of the fit */

        if ((j < f->first + m->r || j >= f->first + f->r) && !isnan(m->fit.fit->coef[k]))
            predicted += c[j] * m->fit.fit->coef[k];
    }
    rk_result_row(result, table);
    rk_put_text(result, table, C_MODEL, band_model_name(m->kind));
    rk_put(result, table, C_X, x);
    rk_put(result, table, C_PREDICTED, predicted);
    if (f->errors != RK_OK)
        return;
    width = band_critical(b, band_smallest_df(f)) * spread(f, c);
    rk_put(result, table, C_LOW, predicted - width);
    rk_put(result, table, C_HIGH, predicted + width);
}

enum rk_status band_put_curve(const struct band *b, struct rk_result *result)
{
    enum { POINTS = 101 };
    size_t table = band_declare(result, b->options).curve;
    size_t most = 1 + BAND_MOST_COLUMNS + b->q;
    double *work = calloc(2 * most, sizeof *work);

    if (work == NULL)
        return RK_ENOMEM;
    for (int k = 0; k < BAND_MODELS; k++) {
        const struct band_model *m = &b->model[k];
        bool has_working = m->working.fit != NULL && m->working.errors == RK_OK;

        if (m->problem != NULL)
            continue;
        column_means(b, m, has_working ? &m->working : &m->fit,
                     work + (has_working ? &m->working : &m->fit)->fit->p);
        for (int i = 0; i < POINTS; i++) {
            double step = (b->high - b->low) / (POINTS - 1), x = b->low + step * (double)i;
            double knot = m->knot * b->scale + b->centre;

            put_point(b, m, i + 1 < POINTS ? x : b->high, work, table, result);
            if (knot > x && knot < x + step) /* where the curve has its corner */
                put_point(b, m, knot, work, table, result);
        }
    }
    free(work);
    return result->status;
}
