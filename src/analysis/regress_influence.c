/* The table `influence`: the coefficients without each cluster. With the cross-products of the
 * cluster taken off those of all rows nothing is refitted:
 *   b_(-g) = b - (X'X - X_g'X_g)^-1 X_g'e_g
 * in the basis of Q, where X'X is the identity. That is exact where absorbed effects are nested in
 * the clusters, so that the rows that stay keep their means; elsewhere the rows that stay are
 * fitted again. Of another family it is one Newton step from the fit of all rows. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/words.h"

enum { CLUSTER, TERM, ESTIMATE, CHANGE, CONF_LOW, CONF_HIGH, NOTE };

static const struct rk_field fields[] = {
    [CLUSTER] = {"cluster", RK_TEXT, RK_GENERAL},
    [TERM] = {"term", RK_TEXT, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [CHANGE] = {"change", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

/* Below this the rows that stay do not determine a coefficient. */
static const double SINGULAR = 1e-10;

struct leaving {
    const struct regression *r;
    size_t n_clusters, *start, *row; /* rows of the fit by cluster, in the order they were seen */
    double *all;     /* clusters-by-p: the coefficients without each; NaN where undefined */
    double *without; /* p: those without the cluster at hand, a row of `all` */
    double *score;
    gsl_matrix *M;
    /* The largest change of each coefficient in standard errors, and whose. */
    double *largest;
    size_t *whose;
    struct estimate *anew; /* p: of the regression without that cluster, from its rows */
    bool nested;
};

/* --- rows ---------------------------------------------------------------------------------- */

static enum rk_status sort_rows(struct leaving *l)
{
    const struct regression *r = l->r;
    size_t n = r->fit->n, *place = malloc((r->n_cluster_codes + 1) * sizeof *place);

    l->start = calloc(r->n_cluster_codes + 2, sizeof *l->start);
    l->row = malloc((n + 1) * sizeof *l->row);
    if (place == NULL || l->start == NULL || l->row == NULL) {
        free(place);
        return RK_ENOMEM;
    }
    memset(place, 0xff, (r->n_cluster_codes + 1) * sizeof *place);
    for (size_t i = 0; i < n; i++) {
        if (place[r->cluster[i]] == SIZE_MAX)
            place[r->cluster[i]] = l->n_clusters++;
        l->start[place[r->cluster[i]] + 1]++;
    }
    for (size_t g = 0; g < l->n_clusters; g++)
        l->start[g + 1] += l->start[g];
    for (size_t i = n; i-- > 0;)
        l->row[--l->start[place[r->cluster[i]] + 1]] = i;
    memmove(l->start, l->start + 1, l->n_clusters * sizeof *l->start);
    l->start[l->n_clusters] = n;
    free(place);
    return RK_OK;
}

/* Whether every effect is nested in the clusters. */
static enum rk_status find_nested(struct leaving *l)
{
    const struct regression *r = l->r;

    l->nested = true;
    for (size_t e = 0; l->nested && r->within != NULL && e < r->within->n_effects; e++)
        if (rk_is_nested(r->within->effect[e], r->within->n_levels[e], r->cluster, r->fit->n,
                         &l->nested) != RK_OK)
            return RK_ENOMEM;
    return RK_OK;
}

/* --- without a cluster --------------------------------------------------------------------- */

/* Takes the cluster's cross-products off. *done is false where the rest is singular. */
static void downdate(struct leaving *l, size_t g, bool *done)
{
    const struct rk_fit *fit = l->r->fit;
    size_t k = fit->rank;
    gsl_vector_view score = gsl_vector_view_array(l->score, k);

    for (size_t a = 0; a < k; a++) {
        const double *Qa = fit->Q + a * fit->n;

        l->score[a] = 0.0;
        for (size_t s = l->start[g]; s < l->start[g + 1]; s++)
            l->score[a] += Qa[l->row[s]] * fit->u[l->row[s]];
        for (size_t b = 0; b <= a; b++) {
            const double *Qb = fit->Q + b * fit->n;
            double sum = 0.0;

            for (size_t s = l->start[g]; s < l->start[g + 1]; s++)
                sum += Qa[l->row[s]] * Qb[l->row[s]];
            gsl_matrix_set(l->M, a, b, (a == b ? 1.0 : 0.0) - sum);
            gsl_matrix_set(l->M, b, a, (a == b ? 1.0 : 0.0) - sum);
        }
    }
    *done = gsl_linalg_cholesky_decomp1(l->M) == GSL_SUCCESS;
    for (size_t a = 0; *done && a < k; a++)
        *done = gsl_matrix_get(l->M, a, a) > sqrt(SINGULAR);
    if (!*done || gsl_linalg_cholesky_svx(l->M, &score.vector) != GSL_SUCCESS) {
        *done = false;
        return;
    }
    for (size_t j = 0; j < fit->p; j++)
        l->without[j] = NAN;
    for (size_t a = 0; a < k; a++) {
        double change = 0.0;

        for (size_t b = a; b < k; b++)
            change += fit->R_inverse[a * k + b] * l->score[b];
        l->without[fit->kept[a]] = fit->coef[fit->kept[a]] - change;
    }
}

/* Fits the rows that stay. */
static enum rk_status refit(struct leaving *l, size_t g, struct rk_error *error)
{
    const struct regression *r = l->r;
    size_t n = r->fit->n, p = r->fit->p, left = 0;
    double *work = malloc((n * (p + 2) + 1) * sizeof *work);
    size_t *stay = malloc((n + 1) * sizeof *stay);
    struct rk_design design = {.p = p, .has_intercept = r->frame->has_intercept};
    struct rk_within *within = NULL;
    uint32_t **effect = NULL;
    struct rk_fit *fit = NULL;
    size_t n_effects = r->within == NULL ? 0 : r->within->n_effects;
    enum rk_status status = RK_OK;

    effect = calloc(n_effects + 1, sizeof *effect);
    if (work == NULL || stay == NULL || effect == NULL)
        status = rk_fail_memory(error);
    for (size_t h = 0; status == RK_OK && h < l->n_clusters; h++)
        for (size_t s = l->start[h]; h != g && s < l->start[h + 1]; s++)
            stay[left++] = l->row[s];
    for (size_t i = 0; status == RK_OK && i < left; i++) {
        size_t row = regress_frame_row(r, stay[i]);

        work[i] = r->frame->y[row];
        work[left + i] = r->weights == NULL ? 1.0 : r->weights[row];
        for (size_t j = 0; j < p; j++)
            work[(j + 2) * left + i] = r->frame->X[j * r->frame->n + row];
    }
    for (size_t e = 0; status == RK_OK && e < n_effects; e++) {
        effect[e] = malloc((left + 1) * sizeof **effect);
        if (effect[e] == NULL)
            status = rk_fail_memory(error);
        for (size_t i = 0; status == RK_OK && i < left; i++)
            effect[e][i] = r->within->effect[e][stay[i]];
    }
    design.n = left;
    design.y = work;
    design.weights = r->weights == NULL ? NULL : work == NULL ? NULL : work + left;
    design.X = work == NULL ? NULL : work + 2 * left;
    if (status == RK_OK && n_effects > 0) {
        status = rk_within_new(&design, (const uint32_t *const *)effect, r->within->n_levels,
                               n_effects, &within, error);
        if (status == RK_OK)
            design = rk_within_design(within);
    }
    if (status == RK_OK)
        status = rk_fit_new(&design, r->ctx, &fit, error);
    for (size_t j = 0; j < p; j++)
        l->without[j] = status == RK_OK ? fit->coef[j] : NAN;
    rk_within_free(within);
    rk_fit_free(fit);
    for (size_t e = 0; effect != NULL && e < n_effects; e++)
        free(effect[e]);
    free(effect);
    free(work);
    free(stay);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* --- the table ----------------------------------------------------------------------------- */

static const char *label_of(const struct leaving *l, size_t g)
{
    const struct regression *r = l->r;

    return rk_table_text(r->table, regress_row(r, l->row[l->start[g]]),
                         rk_table_find_typed(r->table, r->cluster_name, RK_TEXT));
}

/* Who moves each coefficient most, and what is left without them. */
static enum rk_status find_largest(struct leaving *l, struct rk_error *error)
{
    const struct regression *r = l->r;
    size_t p = r->fit->p;
    struct estimate *others = malloc((p + 1) * sizeof *others);
    enum rk_status status = others == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t g = 0; g < l->n_clusters; g++) {
        for (size_t j = 0; j < p; j++) {
            double change = l->all[g * p + j] - r->fit->coef[j];

            if (!isnan(change) && (l->whose[j] == SIZE_MAX || fabs(change) > fabs(l->largest[j]))) {
                l->largest[j] = change;
                l->whose[j] = g;
            }
        }
    }
    for (size_t j = 0; j < p; j++)
        l->anew[j] = (struct estimate){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    for (size_t j = 0; j < p && status == RK_OK; j++) {
        if (l->whose[j] == SIZE_MAX || !isnan(l->anew[j].value))
            continue;
        status = regress_without(r, label_of(l, l->whose[j]), others, error);
        for (size_t k = j; k < p && status == RK_OK; k++)
            if (l->whose[k] == l->whose[j])
                l->anew[k] = others[k];
    }
    free(others);
    return status;
}

/* Lags, and curves that stand on all rows, are others without a cluster: no interval then. */
static bool has_interval(const struct leaving *l, size_t j)
{
    const struct estimate *e = &l->anew[j];
    double without = l->r->fit->coef[j] + l->largest[j];

    return !(isnan(e->conf_low) && isnan(e->conf_high)) &&
           (l->r->glm != NULL || fabs(e->value - without) <= 1e-6 * (fabs(without) + e->std_error));
}

/* "95% interval without it is 0.1 to 0.3", with "is " or without */
static void add_interval(const struct leaving *l, size_t j, const char *is, struct rk_text *out)
{
    const struct estimate *e = &l->anew[j];

    rk_text_rounded(out, 100.0 * l->r->options->common.conf_level, 4);
    rk_text_format(out, "%% interval without it %s", is);
    if (isnan(e->conf_low))
        rk_text_add(out, "unbounded");
    else
        rk_say_number(out, e->conf_low);
    rk_text_add(out, " to ");
    if (isnan(e->conf_high))
        rk_text_add(out, "unbounded");
    else
        rk_say_number(out, e->conf_high);
}

static void add_note(const struct leaving *l, size_t g, size_t j, struct rk_text *note)
{
    const struct regression *r = l->r;
    double se = r->errors == RK_OK ? r->covariance.std_error[j] : NAN;

    if (isnan(r->fit->coef[j]))
        rk_text_add(note, regress_dropped_note(r, j));
    else if (isnan(l->all[g * r->fit->p + j]))
        rk_text_add(note, "the other clusters do not determine it");
    else if (r->glm != NULL)
        rk_text_add(note, "one step from the fit of all rows");
    if (l->whose[j] != g)
        return;
    rk_text_add(note, note->length > 0 ? "; moves it most" : "moves it most");
    if (se > 0.0) {
        rk_text_add(note, ", by ");
        rk_text_rounded(note, fabs(l->largest[j]) / se, 3);
        rk_text_add(note, " standard errors");
    }
}

static void put_cluster(const struct leaving *l, size_t g, size_t table, struct rk_result *result)
{
    const struct regression *r = l->r;

    for (size_t j = 0; j < r->fit->p; j++) {
        double without = l->all[g * r->fit->p + j];
        struct rk_text note = {0};

        rk_result_row(result, table);
        rk_put_text(result, table, CLUSTER, label_of(l, g));
        rk_put_text(result, table, TERM, r->frame->name[j]);
        rk_put(result, table, ESTIMATE, without);
        rk_put(result, table, CHANGE, without - r->fit->coef[j]);
        if (l->whose[j] == g && has_interval(l, j)) {
            rk_put(result, table, CONF_LOW, l->anew[j].conf_low);
            rk_put(result, table, CONF_HIGH, l->anew[j].conf_high);
        }
        add_note(l, g, j, &note);
        if (note.failed)
            result->status = RK_ENOMEM;
        else if (note.length > 0)
            rk_put_text(result, table, NOTE, note.bytes);
        rk_text_free(&note);
    }
}

static void explain(const struct leaving *l, size_t j, struct rk_result *result)
{
    const struct regression *r = l->r;
    struct rk_text row = {0}, manager = {0}, paper = {0};
    double without = r->fit->coef[j] + l->largest[j];
    struct estimate e = regress_estimate(r, j);
    const char *cluster;

    if (l->whose[j] == SIZE_MAX || regress_is_intercept(r, j))
        return;
    cluster = label_of(l, l->whose[j]);
    rk_text_format(&row, "influence %s", r->frame->name[j]);
    rk_text_format(&manager, "Of %zu clusters of %s, %s moves the estimate of %s most: it is ",
                   l->n_clusters, r->cluster_name, cluster, r->frame->name[j]);
    rk_say_number(&manager, r->fit->coef[j]);
    rk_text_add(&manager, " with all and ");
    rk_say_number(&manager, without);
    rk_text_add(&manager, without * r->fit->coef[j] < 0.0
                              ? " without it, of the other sign: the result hangs on one cluster."
                              : " without it, of the same sign.");
    if (has_interval(l, j)) {
        rk_text_add(&manager, " The ");
        add_interval(l, j, "is ", &manager);
        rk_text_add(&manager, ".");
    }
    rk_text_format(&paper, "Leaving out one cluster at a time, the largest change of %s is ",
                   r->frame->name[j]);
    rk_say_number(&paper, l->largest[j]);
    if (e.std_error > 0.0) {
        rk_text_add(&paper, " (");
        rk_say_number(&paper, fabs(l->largest[j]) / e.std_error);
        rk_text_add(&paper, " standard errors)");
    }
    rk_text_format(&paper, ", without %s", cluster);
    if (has_interval(l, j)) {
        rk_text_add(&paper, "; ");
        add_interval(l, j, "", &paper);
    }
    rk_text_add_char(&paper, '.');
    rk_explain(result, &row, &manager, &paper);
}

static enum rk_status prepare(struct leaving *l)
{
    size_t p = l->r->fit->p, k = l->r->fit->rank;

    l->anew = malloc((p + 1) * sizeof *l->anew);
    l->score = malloc((k + 1) * sizeof *l->score);
    l->largest = calloc(p + 1, sizeof *l->largest);
    l->whose = malloc((p + 1) * sizeof *l->whose);
    l->M = gsl_matrix_alloc(k, k);
    if (l->anew == NULL || l->score == NULL || l->largest == NULL || l->whose == NULL ||
        l->M == NULL || sort_rows(l) != RK_OK || find_nested(l) != RK_OK)
        return RK_ENOMEM;
    l->all = calloc(l->n_clusters * p + 1, sizeof *l->all);
    if (l->all == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < p; j++)
        l->whose[j] = SIZE_MAX;
    return RK_OK;
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct leaving l = {.r = r};
    enum rk_status status = prepare(&l) == RK_OK ? RK_OK : rk_fail_memory(error);

    for (size_t g = 0; status == RK_OK && g < l.n_clusters; g++) {
        bool done = false;

        l.without = l.all + g * r->fit->p;
        if (l.nested)
            downdate(&l, g, &done);
        if (!done && r->glm == NULL)
            status = refit(&l, g, error);
        for (size_t j = 0; !done && r->glm != NULL && j < r->fit->p; j++)
            l.without[j] = NAN;
        if (status == RK_OK)
            status = rk_cancelled(r->ctx);
    }
    if (status == RK_OK)
        status = find_largest(&l, error);
    for (size_t g = 0; status == RK_OK && g < l.n_clusters; g++)
        put_cluster(&l, g, table, result);
    for (size_t j = 0; status == RK_OK && r->options->common.explain && j < r->fit->p; j++)
        explain(&l, j, result);
    free(l.start);
    free(l.row);
    free(l.all);
    free(l.anew);
    free(l.score);
    free(l.largest);
    free(l.whose);
    gsl_matrix_free(l.M);
    return status;
}

const struct regress_table regress_influence_table = {
    "influence", fields, sizeof fields / sizeof fields[0], fill, false};
