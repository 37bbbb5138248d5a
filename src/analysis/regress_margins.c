/* The table `margins`: average marginal effects, what one more unit of a column goes with once all
 * the terms that hold it are counted together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/frame.h"
#include "repkit/words.h"

/* One effect is a combination of coefficients: `weight` of each. */
struct margin {
    const struct regression *r;
    const struct rk_atom *atom;
    size_t level;   /* of a factor, against the first */
    size_t *rows;   /* of the table, those of the fit */
    double *X, *of; /* n-by-p each */
    double *weight; /* p */
    double value;   /* the effect */
    size_t n_used;  /* rows in which the effect has a value */
};

/* --- weights of coefficients --------------------------------------------------------------- */

static double row_weight(const struct regression *r, size_t i)
{
    if (r->glm != NULL)
        return r->glm->weights[i];
    return r->design.weights == NULL ? 1.0 : r->design.weights[i];
}

static double linear_part(const struct margin *m, const double *X, size_t i)
{
    const struct rk_fit *fit = m->r->fit;
    double sum = 0.0;

    for (size_t j = 0; j < fit->p; j++)
        if (!isnan(fit->coef[j]))
            sum += fit->coef[j] * X[j * fit->n + i];
    return sum;
}

/* Another family: the effect in a row is a difference or a derivative of the mean, and what weighs
 * the coefficients is its gradient. Puts the gradient in the place of row i of m->X and returns the
 * effect. */
static double bend(struct margin *m, size_t i)
{
    const struct rk_glm *glm = m->r->glm;
    size_t n = m->r->fit->n;
    double eta = glm->eta[i], slope = rk_mean_slope(glm->family, eta);
    double along = linear_part(m, m->X, i);

    if (m->atom->node != NULL) {
        double curvature = rk_mean_curvature(glm->family, eta);

        for (size_t j = 0; j < m->r->fit->p; j++)
            m->X[j * n + i] = slope * m->X[j * n + i] + curvature * along * glm->X[j * n + i];
        return slope * along;
    } else {
        /* Of the columns at the first level, and of those at the other: m->of and their sum. */
        double base = eta - linear_part(m, glm->X, i) + linear_part(m, m->of, i);
        double from = rk_mean_slope(glm->family, base);
        double to = rk_mean_slope(glm->family, base + along);

        for (size_t j = 0; j < m->r->fit->p; j++)
            m->X[j * n + i] = to * (m->X[j * n + i] + m->of[j * n + i]) - from * m->of[j * n + i];
        return rk_mean_of(glm->family, base + along) - rk_mean_of(glm->family, base);
    }
}

/* The mean over rows of each column of m->X, and of the effect; rows with a NaN are left out. */
static void average(struct margin *m)
{
    const struct rk_fit *fit = m->r->fit;
    double total = 0.0;

    m->n_used = 0;
    m->value = 0.0;
    for (size_t j = 0; j < fit->p; j++)
        m->weight[j] = 0.0;
    for (size_t i = 0; i < fit->n; i++) {
        double w = row_weight(m->r, i), effect;
        bool defined = true;

        for (size_t j = 0; j < fit->p; j++)
            defined = defined && !isnan(m->X[j * fit->n + i]);
        if (!defined)
            continue;
        effect = m->r->glm != NULL ? bend(m, i) : linear_part(m, m->X, i);
        m->n_used++;
        total += w;
        m->value += w / total * (effect - m->value);
        for (size_t j = 0; j < fit->p; j++)
            m->weight[j] += w / total * (m->X[j * fit->n + i] - m->weight[j]);
    }
}

static enum rk_status weigh(struct margin *m, struct rk_error *error)
{
    const struct regression *r = m->r;
    const char *label = m->atom->label;
    size_t n = r->fit->n;
    enum rk_status status;

    if (m->atom->node != NULL) {
        status = rk_frame_slopes(r->frame, r->table, m->rows, n, label, m->X, error);
    } else {
        status = rk_frame_apply(r->frame, r->table, m->rows, n, label, m->atom->level[m->level],
                                m->X, NULL, error);
        if (status == RK_OK)
            status = rk_frame_apply(r->frame, r->table, m->rows, n, label, m->atom->level[0], m->of,
                                    NULL, error);
        for (size_t k = 0; status == RK_OK && k < n * r->fit->p; k++)
            m->X[k] -= m->of[k];
    }
    if (status == RK_OK)
        average(m);
    return status;
}

/* --- errors -------------------------------------------------------------------------------- */

/* The column whose coefficient is the effect as it stands, or SIZE_MAX. */
static size_t single_column(const struct margin *m)
{
    size_t found = SIZE_MAX;

    for (size_t j = 0; j < m->r->fit->p; j++) {
        if (m->weight[j] == 0.0)
            continue;
        if (found != SIZE_MAX || m->weight[j] != 1.0)
            return SIZE_MAX;
        found = j;
    }
    return found;
}

/* The kept column with the largest part in the effect; SIZE_MAX if a dropped one has a part, or
 * none has. */
static size_t pivot_of(const struct margin *m)
{
    const struct rk_fit *fit = m->r->fit;
    size_t pivot = SIZE_MAX;
    double most = 0.0;

    for (size_t j = 0; j < fit->p; j++) {
        double part;

        if (m->weight[j] != 0.0 && isnan(fit->coef[j]))
            return SIZE_MAX;
        part = fabs(m->weight[j]) / sqrt(fit->column_ss_raw[j]);
        if (m->weight[j] != 0.0 && part > most) {
            most = part;
            pivot = j;
        }
    }
    return pivot;
}

/* The same regression written so that the effect is one of its coefficients: column `pivot` over
 * its weight, and off every other column its share of that. All kinds of errors, and their degrees
 * of freedom, then come the way they do for any coefficient. */
static void rewrite(const struct margin *m, size_t pivot, double *X, struct rk_design *design,
                    size_t *place)
{
    const struct rk_fit *fit = m->r->fit;
    const struct rk_design *given = &m->r->design;
    const double *column = given->X + pivot * given->n;

    *design = *given;
    design->X = X;
    design->X_low = NULL;
    design->norm = NULL;
    design->p = 0;
    for (size_t j = 0; j < fit->p; j++) {
        double *to = X + design->p * given->n, share = m->weight[j] / m->weight[pivot];

        if (isnan(fit->coef[j]))
            continue;
        if (j == pivot)
            *place = design->p;
        for (size_t i = 0; i < given->n; i++)
            to[i] = j == pivot ? column[i] / m->weight[pivot]
                               : given->X[j * given->n + i] - share * column[i];
        design->p++;
    }
}

static enum rk_status estimate_errors(const struct margin *m, struct estimate *e,
                                      struct rk_error *error)
{
    const struct regression *r = m->r;
    size_t pivot = pivot_of(m), place = 0;
    double *X = malloc((r->design.n * r->fit->p + 1) * sizeof *X);
    struct rk_design design;
    struct rk_fit *fit = NULL;
    struct rk_covariance covariance = {0};
    enum rk_status status;

    if (X == NULL)
        return rk_fail_memory(error);
    rewrite(m, pivot, X, &design, &place);
    status = rk_fit_new(&design, r->ctx, &fit, error);
    if (status == RK_OK)
        status = regress_covariance(r, fit, &covariance, error);
    if (status == RK_OK && !isnan(fit->coef[place]))
        *e = regress_estimate_from(&r->options->common, e->value, covariance.std_error[place],
                                   covariance.df[place]);
    rk_covariance_free(&covariance);
    rk_fit_free(fit);
    free(X);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* The delta method with the covariance as it is: other families and MM-estimates, whose errors
 * stand on normal theory or one df. Of clusters, df are the clusters less one. */
static struct estimate delta(const struct margin *m)
{
    const struct regression *r = m->r;
    const struct rk_covariance *c = &r->covariance;
    size_t p = r->fit->p;
    double variance = 0.0, df = INFINITY;

    for (size_t a = 0; a < p; a++) {
        if (m->weight[a] == 0.0 || isnan(c->std_error[a]))
            continue;
        df = fmin(df, c->df[a]);
        for (size_t b = 0; b < p; b++)
            if (m->weight[b] != 0.0 && !isnan(c->vcov[a * p + b]))
                variance += m->weight[a] * m->weight[b] * c->vcov[a * p + b];
    }
    return regress_estimate_from(&r->options->common, m->value,
                                 variance > 0.0 ? sqrt(variance) : NAN, df);
}

static enum rk_status estimate(const struct margin *m, struct estimate *e, struct rk_error *error)
{
    const struct regression *r = m->r;
    size_t single = single_column(m);

    *e = (struct estimate){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (single != SIZE_MAX && r->glm == NULL) {
        *e = regress_estimate(r, single);
        return RK_OK;
    }
    if (m->n_used == 0 || pivot_of(m) == SIZE_MAX)
        return RK_OK;
    e->value = m->value;
    if (r->errors == RK_OK && (r->glm != NULL || r->mm != NULL)) {
        *e = delta(m);
        return RK_OK;
    }
    return r->errors == RK_OK ? estimate_errors(m, e, error) : RK_OK;
}

/* --- the table ----------------------------------------------------------------------------- */

static const char *note_of(const struct margin *m, const struct estimate *e)
{
    const struct regression *r = m->r;

    if (isnan(e->value))
        return m->n_used == 0 ? "its derivative is defined in no row"
                              : "a term that holds it has no coefficient";
    if (r->errors != RK_OK)
        return rk_status_words(r->errors);
    if (isnan(e->std_error))
        return rk_status_words(RK_ECONSTANT);
    return m->n_used < r->fit->n ? "rows where its derivative is undefined are left out" : NULL;
}

static void explain(const struct margin *m, const struct estimate *e, const char *label,
                    struct rk_result *result)
{
    const struct regression *r = m->r;
    struct rk_text row = {0}, manager = {0}, paper = {0}, response = {0};
    double level = r->options->common.conf_level;
    /* A chance is said in percent, its change in percentage points. */
    bool chance = r->glm != NULL && r->glm->family == RK_FAMILY_BINOMIAL;
    double scale = chance ? 100.0 : 1.0;

    if (isnan(e->value))
        return;
    if (chance)
        rk_text_add(&response, "the chance of ");
    if (regress_response(r, &response) != RK_OK) {
        result->status = RK_ENOMEM;
        rk_text_free(&response);
        return;
    }
    if (r->success != NULL)
        rk_text_format(&response, " = %s", r->success);
    rk_text_format(&row, "margin %s", label);
    if (m->atom->node != NULL)
        rk_text_format(&manager, "Averaged over the rows, one more unit of %s goes with %s ",
                       m->atom->label, response.bytes);
    else
        rk_text_format(&manager, "Averaged over the rows, where %s is %s rather than %s, %s is ",
                       m->atom->label, m->atom->level[m->level], m->atom->level[0], response.bytes);
    rk_say_number(&manager, scale * fabs(e->value));
    rk_text_format(&manager, "%s %s", chance ? " percentage points" : "",
                   e->value < 0.0 ? "lower" : "higher");
    rk_say_interval(&manager, level, scale * e->conf_low, scale * e->conf_high);
    rk_text_add(&manager, ", all its terms taken together and the others as they are. This is an "
                          "association; not proof of cause.");
    rk_text_format(&paper, "Average marginal effect of %s = ", label);
    rk_say_number(&paper, e->value);
    rk_say_ci(&paper, level, e->conf_low, e->conf_high);
    if (!isnan(e->std_error)) {
        rk_text_add(&paper, ", SE = ");
        rk_say_number(&paper, e->std_error);
        rk_say_p(&paper, ", p", e->p_value);
        rk_text_format(&paper, " (delta method, %s)",
                       r->mm != NULL ? "robust standard errors"
                                     : rk_vcov_description(r->covariance.method));
    }
    rk_text_format(&paper, ", n = %zu.", m->n_used);
    rk_explain(result, &row, &manager, &paper);
    rk_text_free(&response);
}

static enum rk_status put_margin(struct margin *m, size_t table, struct rk_result *result,
                                 struct rk_error *error)
{
    struct rk_text label = {0};
    const char *note;
    struct estimate e;
    enum rk_status status = weigh(m, error);

    if (status == RK_OK)
        status = estimate(m, &e, error);
    if (status != RK_OK)
        return status;
    rk_text_add(&label, m->atom->node != NULL ? m->atom->label : m->atom->factor_label);
    if (m->atom->node == NULL)
        rk_text_add(&label, m->atom->level[m->level]);
    if (label.failed) {
        rk_text_free(&label);
        return rk_fail_memory(error);
    }
    regress_put_estimate(m->r, label.bytes, &e,
                         single_column(m) != SIZE_MAX && m->r->glm == NULL
                             ? regress_vcov_name(m->r)
                             : rk_vcov_name(m->r->covariance.method),
                         table, result);
    note = note_of(m, &e);
    if (note != NULL)
        rk_put_text(result, table, REGRESS_COEF_FIELDS - 1, note);
    if (m->r->options->common.explain)
        explain(m, &e, label.bytes, result);
    rk_text_free(&label);
    return RK_OK;
}

static enum rk_status prepare(struct margin *m, struct rk_atoms *atoms)
{
    const struct regression *r = m->r;
    size_t n = r->fit->n, p = r->fit->p;

    m->rows = malloc((n + 1) * sizeof *m->rows);
    /* Columns that --between added stay as they are: their slopes are 0. */
    m->X = calloc(n * p + 1, sizeof *m->X);
    m->of = calloc(n * p + 1, sizeof *m->of);
    m->weight = malloc((p + 1) * sizeof *m->weight);
    if (m->rows == NULL || m->X == NULL || m->of == NULL || m->weight == NULL ||
        rk_frame_atoms(r->frame, atoms) != RK_OK)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        m->rows[i] = regress_row(r, i);
    return RK_OK;
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct margin m = {.r = r};
    struct rk_atoms atoms = {0};
    enum rk_status status = prepare(&m, &atoms) == RK_OK ? RK_OK : rk_fail_memory(error);

    for (size_t a = 0; status == RK_OK && a < atoms.n; a++) {
        m.atom = &atoms.atom[a];
        if (m.atom->node != NULL)
            status = put_margin(&m, table, result, error);
        for (m.level = 1; status == RK_OK && m.level < m.atom->n_levels; m.level++)
            status = put_margin(&m, table, result, error);
    }
    rk_atoms_free(&atoms);
    free(m.rows);
    free(m.X);
    free(m.of);
    free(m.weight);
    return status;
}

const struct regress_table regress_margins_table = {"margins", regress_coef_fields,
                                                    REGRESS_COEF_FIELDS, fill, false};
