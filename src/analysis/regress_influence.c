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

enum { CLUSTER, TERM, ESTIMATE, CHANGE, NOTE };

static const struct rk_field fields[] = {
    [CLUSTER] = {"cluster", RK_TEXT, RK_GENERAL},     [TERM] = {"term", RK_TEXT, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL}, [CHANGE] = {"change", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

/* Below this the rows that stay do not determine a coefficient. */
static const double SINGULAR = 1e-10;

struct leaving {
    const struct regression *r;
    size_t n_clusters, *start, *row; /* rows of the fit by cluster, in the order they were seen */
    double *without; /* p: the coefficients without a cluster; NaN where undefined */
    double *score;
    gsl_matrix *M;
    /* The largest change of each coefficient in standard errors, and whose. */
    double *largest;
    size_t *whose;
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

static void put_cluster(struct leaving *l, size_t g, size_t table, struct rk_result *result)
{
    const struct regression *r = l->r;
    size_t column = rk_table_find_typed(r->table, r->cluster_name, RK_TEXT);
    size_t row = regress_row(r, l->row[l->start[g]]);

    for (size_t j = 0; j < r->fit->p; j++) {
        double change = l->without[j] - r->fit->coef[j];

        rk_result_row(result, table);
        rk_put_text(result, table, CLUSTER, rk_table_text(r->table, row, column));
        rk_put_text(result, table, TERM, r->frame->name[j]);
        rk_put(result, table, ESTIMATE, l->without[j]);
        rk_put(result, table, CHANGE, change);
        if (isnan(r->fit->coef[j]))
            rk_put_text(result, table, NOTE, regress_dropped_note(r, j));
        else if (isnan(change))
            rk_put_text(result, table, NOTE, "the other clusters do not determine it");
        else if (r->glm != NULL)
            rk_put_text(result, table, NOTE, "one step from the fit of all rows");
        if (!isnan(change) && (l->whose[j] == SIZE_MAX || fabs(change) > fabs(l->largest[j]))) {
            l->largest[j] = change;
            l->whose[j] = g;
        }
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
    cluster = rk_table_text(r->table, regress_row(r, l->row[l->start[l->whose[j]]]),
                            rk_table_find_typed(r->table, r->cluster_name, RK_TEXT));
    rk_text_format(&row, "influence %s", r->frame->name[j]);
    rk_text_format(&manager, "Of %zu clusters of %s, %s moves the estimate of %s most: it is ",
                   l->n_clusters, r->cluster_name, cluster, r->frame->name[j]);
    rk_say_number(&manager, r->fit->coef[j]);
    rk_text_add(&manager, " with all and ");
    rk_say_number(&manager, without);
    rk_text_add(&manager, without * r->fit->coef[j] < 0.0
                              ? " without it, of the other sign: the result hangs on one cluster."
                              : " without it, of the same sign.");
    rk_text_format(&paper, "Leaving out one cluster at a time, the largest change of %s is ",
                   r->frame->name[j]);
    rk_say_number(&paper, l->largest[j]);
    if (e.std_error > 0.0) {
        rk_text_add(&paper, " (");
        rk_say_number(&paper, fabs(l->largest[j]) / e.std_error);
        rk_text_add(&paper, " standard errors)");
    }
    rk_text_format(&paper, ", without %s.", cluster);
    rk_explain(result, &row, &manager, &paper);
}

static enum rk_status prepare(struct leaving *l)
{
    size_t p = l->r->fit->p, k = l->r->fit->rank;

    l->without = malloc((p + 1) * sizeof *l->without);
    l->score = malloc((k + 1) * sizeof *l->score);
    l->largest = calloc(p + 1, sizeof *l->largest);
    l->whose = malloc((p + 1) * sizeof *l->whose);
    l->M = gsl_matrix_alloc(k, k);
    if (l->without == NULL || l->score == NULL || l->largest == NULL || l->whose == NULL ||
        l->M == NULL || sort_rows(l) != RK_OK || find_nested(l) != RK_OK)
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

        if (l.nested)
            downdate(&l, g, &done);
        if (!done && r->glm == NULL)
            status = refit(&l, g, error);
        for (size_t j = 0; !done && r->glm != NULL && j < r->fit->p; j++)
            l.without[j] = NAN;
        if (status == RK_OK)
            put_cluster(&l, g, table, result);
        if (status == RK_OK)
            status = rk_cancelled(r->ctx);
    }
    for (size_t j = 0; status == RK_OK && r->options->common.explain && j < r->fit->p; j++)
        explain(&l, j, result);
    free(l.start);
    free(l.row);
    free(l.without);
    free(l.score);
    free(l.largest);
    free(l.whose);
    gsl_matrix_free(l.M);
    return status;
}

const struct regress_table regress_influence_table = {
    "influence", fields, sizeof fields / sizeof fields[0], fill, false};
