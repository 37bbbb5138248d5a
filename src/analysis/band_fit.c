/* One regression of the sample, and what is read off it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/distributions.h"
#include "repkit/panel_fit.h"

static const uint32_t *const *effects_of(uint32_t **effect)
{
    return (const uint32_t *const *)effect;
}

/* Takes the effects out of n-by-p columns and of y, and multiplies by the roots of weights. */
static enum rk_status absorb(const struct band *b, double *columns, size_t p, double *y,
                             struct rk_error *error)
{
    struct rk_absorbed effects = {b->n, b->n_effects, effects_of(b->effect), b->n_levels,
                                  b->weights};
    double **column;
    enum rk_status status;

    memcpy(y, b->y, b->n * sizeof *y);
    column = malloc((p + 1) * sizeof *column);
    if (column == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; j < p; j++)
        column[j] = columns + j * b->n;
    column[p] = y;
    status = b->n_effects > 0 ? rk_absorb(&effects, column, p + 1, b->ctx) : RK_OK;
    for (size_t j = 0; j <= p && status == RK_OK && b->weights != NULL; j++)
        for (size_t i = 0; i < b->n; i++)
            column[j][i] *= sqrt(b->weights[i]);
    free(column);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

enum rk_status band_columns_new(const struct band *b, size_t r, band_fill_fn fill, const void *data,
                                struct band_columns *out, struct rk_error *error)
{
    size_t n = b->n, own = b->intercept + b->q, p = own + 1 + r;
    double *all = malloc((n * (b->n_crossed + p + 1) + 1) * sizeof *all);
    double *at = malloc((r + 1) * sizeof *at), *X;
    enum rk_status status = RK_ENOMEM;

    if (all != NULL && at != NULL) {
        X = all + n * b->n_crossed;
        if (b->n_crossed > 0)
            memcpy(all, b->crossed, n * b->n_crossed * sizeof *all);
        for (size_t i = 0; i < n; i++) {
            if (b->intercept)
                X[i] = 1.0;
            for (size_t j = 0; j < b->q; j++)
                X[(b->intercept + j) * n + i] = b->Z[j * n + i];
            X[own * n + i] = b->u[i];
            fill(b, data, i, at);
            for (size_t j = 0; j < r; j++)
                X[(own + 1 + j) * n + i] = at[j];
        }
        status = absorb(b, X, p, X + n * p, error);
        *out = (struct band_columns){all, X + own * n, X + (own + 1) * n, X + n * p,
                                     b->n_crossed + own};
    } else {
        rk_fail_memory(error);
    }
    free(at);
    if (status != RK_OK) {
        free(all);
        *out = (struct band_columns){0};
    }
    return status;
}

/* The rows that are fitted, gathered; one allocation that the caller frees. */
struct gathered {
    double *X, *y, *weights;
    uint32_t *cluster, **effect;
};

static void gathered_free(struct gathered *g, size_t n_effects)
{
    for (size_t e = 0; g->effect != NULL && e < n_effects; e++)
        free(g->effect[e]);
    free(g->X);
    free(g->y);
    free(g->weights);
    free(g->cluster);
    free(g->effect);
}

static enum rk_status gather_effects(const struct band *b, const size_t *rows, size_t n,
                                     struct gathered *g)
{
    g->effect = calloc(b->n_effects + 1, sizeof *g->effect);
    for (size_t e = 0; g->effect != NULL && e < b->n_effects; e++) {
        g->effect[e] = malloc((n + 1) * sizeof **g->effect);
        if (g->effect[e] == NULL)
            return RK_ENOMEM;
        for (size_t i = 0; i < n; i++)
            g->effect[e][i] = b->effect[e][rows != NULL ? rows[i] : i];
    }
    return g->effect == NULL ? RK_ENOMEM : RK_OK;
}

static enum rk_status gather(const struct band *b, const double *columns, size_t r,
                             const size_t *rows, size_t n, struct gathered *g)
{
    size_t first = b->intercept ? 1 : 0, p = first + r + b->q;

    g->X = malloc((n * p + 1) * sizeof *g->X);
    g->y = malloc((n + 1) * sizeof *g->y);
    g->weights = b->weights != NULL ? malloc((n + 1) * sizeof *g->weights) : NULL;
    g->cluster = b->cluster != NULL ? malloc((n + 1) * sizeof *g->cluster) : NULL;
    if (g->X == NULL || g->y == NULL || (b->weights != NULL && g->weights == NULL) ||
        (b->cluster != NULL && g->cluster == NULL))
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        size_t from = rows != NULL ? rows[i] : i;

        g->y[i] = b->y[from];
        if (first > 0)
            g->X[i] = 1.0;
        for (size_t j = 0; j < r; j++)
            g->X[(first + j) * n + i] = columns[j * b->n + from];
        for (size_t j = 0; j < b->q; j++)
            g->X[(first + r + j) * n + i] = b->Z[j * b->n + from];
        if (g->weights != NULL)
            g->weights[i] = b->weights[from];
        if (g->cluster != NULL)
            g->cluster[i] = b->cluster[from];
    }
    return gather_effects(b, rows, n, g);
}

/* Rows of levels that `rows` left alone go with them: clusters follow. */
static void follow(const struct rk_within *within, uint32_t *cluster)
{
    for (size_t i = 0; cluster != NULL && i < within->n; i++)
        cluster[i] = cluster[within->row[i]];
}

static bool reads_leverage(enum rk_vcov_method method)
{
    return method == RK_VCOV_HC2 || method == RK_VCOV_HC3 || method == RK_VCOV_HC4;
}

/* What effects across the clusters span; the sample's own where all its rows are fitted. */
static enum rk_status crossed_of(const struct band *b, const struct rk_within *within, double **own,
                                 struct rk_clusters *clusters)
{
    size_t k = 0;
    enum rk_status status;

    clusters->crossed = b->crossed;
    clusters->n_crossed = b->n_crossed;
    if (b->crossed == NULL || within->n == b->n)
        return RK_OK;
    status = rk_within_crossed(within, b->nested, own, &k);
    clusters->crossed = *own;
    clusters->n_crossed = k;
    return status == RK_EDOMAIN ? RK_OK : status; /* then it is CR1 */
}

static enum rk_status take_effects(const struct band *b, struct gathered *g,
                                   struct rk_design *design, struct band_fit *out,
                                   struct rk_error *error)
{
    struct rk_absorbed effects = {design->n, b->n_effects, effects_of(g->effect), b->n_levels,
                                  NULL};
    enum rk_status status;

    if (b->n_effects == 0)
        return RK_OK;
    status =
        rk_within_absorb(design, &effects, reads_leverage(b->method), b->ctx, &out->within, error);
    if (status != RK_OK)
        return status;
    *design = rk_within_design(out->within);
    follow(out->within, g->cluster);
    return RK_OK;
}

static enum rk_status fit_gathered(const struct band *b, struct gathered *g, size_t n,
                                   struct band_fit *out, struct rk_error *error)
{
    struct rk_design design = {.n = n,
                               .p = out->first + out->r + b->q,
                               .y = g->y,
                               .X = g->X,
                               .weights = g->weights,
                               .has_intercept = b->intercept};
    struct rk_clusters clusters = {.code = g->cluster, .n_codes = b->n_cluster_codes};
    double *crossed = NULL;
    enum rk_status status = take_effects(b, g, &design, out, error);

    if (status == RK_OK)
        status = rk_fit_new(&design, b->ctx, &out->fit, error);
    if (status == RK_OK && out->fit->errors == RK_ETOOFEW)
        status =
            rk_fail(error, RK_ETOOFEW, "%zu rows for %zu coefficients%s: too few", out->fit->nobs,
                    out->fit->rank, b->n_effects > 0 ? " and a fixed effect" : "");
    if (status == RK_OK && out->within != NULL && b->cluster_name != NULL) {
        clusters.df_nested = b->df_nested < out->within->df ? b->df_nested : out->within->df;
        status = crossed_of(b, out->within, &crossed, &clusters);
    }
    if (status != RK_OK) {
        free(crossed);
        return status == RK_ENOMEM ? rk_fail_memory(error) : status;
    }
    status = rk_covariance_of(out->fit, b->method, b->cluster_name != NULL ? &clusters : NULL,
                              &out->covariance, error);
    free(crossed);
    if (rk_status_is_undefined(status)) {
        out->errors = status; /* the coefficients stand without their errors */
        status = RK_OK;
    }
    return status;
}

enum rk_status band_fit_new(const struct band *b, const double *columns, size_t r,
                            const size_t *rows, size_t n_rows, struct band_fit *out,
                            struct rk_error *error)
{
    struct gathered g = {0};
    size_t n = rows != NULL ? n_rows : b->n;
    enum rk_status status = gather(b, columns, r, rows, n, &g);

    *out = (struct band_fit){.first = b->intercept ? 1 : 0, .r = r};
    status = status == RK_OK ? fit_gathered(b, &g, n, out, error) : rk_fail_memory(error);
    gathered_free(&g, b->n_effects);
    if (status != RK_OK)
        band_fit_free(out);
    return status;
}

void band_fit_free(struct band_fit *fit)
{
    rk_within_free(fit->within);
    rk_fit_free(fit->fit);
    rk_covariance_free(&fit->covariance);
    *fit = (struct band_fit){0};
}

/* --- what is read off ---------------------------------------------------------------------- */

double band_critical(const struct band *b, double df)
{
    return rk_qt((1.0 - b->options->common.conf_level) / 2.0, df, RK_UPPER_TAIL);
}

struct band_number band_coefficient(const struct band *b, const struct band_fit *f, size_t j,
                                    double unit)
{
    struct band_number e = {NAN, NAN, NAN, NAN, NAN, NAN};
    size_t at = f->first + j;
    double width;

    if (f->fit == NULL || isnan(f->fit->coef[at]))
        return e;
    e.value = f->fit->coef[at] * unit;
    if (f->errors != RK_OK || isnan(f->covariance.std_error[at]))
        return e;
    e.se = f->covariance.std_error[at] * fabs(unit);
    e.df = f->covariance.df[at];
    e.p = rk_p_from_t(e.value / e.se, e.df, RK_TWO_SIDED);
    width = band_critical(b, e.df) * e.se;
    e.low = e.value - width;
    e.high = e.value + width;
    return e;
}

double band_smallest_df(const struct band_fit *f)
{
    double least = INFINITY;

    for (size_t j = 0; j < f->r; j++)
        least = fmin(least, f->covariance.df[f->first + j]);
    return least;
}

/* Wald's F; with CR2 Hotelling's T squared on the least df of the coefficients. */
enum rk_status band_joint_p(const struct band_fit *f, size_t from, size_t q, double *p)
{
    struct rk_panel_fit view;
    struct rk_joint_test test;
    size_t index[BAND_MOST_COLUMNS];
    double df = INFINITY;
    enum rk_status status;

    *p = NAN;
    if (f->fit == NULL || f->errors != RK_OK || q == 0)
        return RK_OK;
    view = (struct rk_panel_fit){.p = f->fit->p,
                                 .coef = f->fit->coef,
                                 .vcov = f->covariance.vcov,
                                 .std_error = f->covariance.std_error,
                                 .df = f->covariance.df};
    for (size_t j = 0; j < q; j++) {
        index[j] = f->first + from + j;
        df = fmin(df, f->covariance.df[index[j]]);
        if (isnan(f->fit->coef[index[j]]))
            return RK_OK;
    }
    status = rk_joint_test(&view, index, q, &test);
    if (status != RK_OK)
        return status == RK_ENOMEM ? RK_ENOMEM : RK_OK;
    /* By another than CR2 the same statistic without Hotelling's factor. */
    *p = f->covariance.method == RK_VCOV_CR2
             ? test.p_value
             : rk_pf(test.statistic * df / (df - (double)q + 1.0), (double)q, df, RK_UPPER_TAIL);
    return RK_OK;
}
