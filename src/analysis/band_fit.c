/* One regression of the sample, and what is read off it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/distributions.h"

static const uint32_t *const *effects_of(uint32_t **effect)
{
    return (const uint32_t *const *)effect;
}

enum rk_status band_absorb(const struct band *b, double *columns, size_t p, double *y_out,
                           struct rk_error *error)
{
    struct rk_within *within = NULL;
    enum rk_status status = RK_OK;

    if (y_out != NULL)
        memcpy(y_out, b->y, b->n * sizeof *y_out);
    if (b->n_effects > 0) {
        struct rk_design design = {
            .n = b->n, .p = p, .y = b->y, .X = columns, .weights = b->weights};

        status = rk_within_new(&design, effects_of(b->effect), b->n_levels, b->n_effects, &within,
                               error);
        if (status != RK_OK)
            return status;
        memcpy(columns, within->X, b->n * p * sizeof *columns);
        if (y_out != NULL)
            memcpy(y_out, within->y, b->n * sizeof *y_out);
        rk_within_free(within);
    }
    for (size_t i = 0; b->weights != NULL && i < b->n; i++) {
        double root = sqrt(b->weights[i]);

        for (size_t j = 0; j < p; j++)
            columns[j * b->n + i] *= root;
        if (y_out != NULL)
            y_out[i] *= root;
    }
    return RK_OK;
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
    enum rk_status status = RK_OK;

    if (b->n_effects > 0) {
        status = rk_within_new(&design, effects_of(g->effect), b->n_levels, b->n_effects,
                               &out->within, error);
        if (status != RK_OK)
            return status;
        design = rk_within_design(out->within);
        follow(out->within, g->cluster);
        clusters.df_nested =
            b->n_effects == 1 && b->df_nested > 0
                ? out->within->df
                : (b->df_nested < out->within->df ? b->df_nested : out->within->df);
    }
    status = rk_fit_new(&design, b->ctx, &out->fit, error);
    if (status == RK_OK && out->fit->errors == RK_ETOOFEW)
        return rk_fail(error, RK_ETOOFEW, "%zu rows for %zu coefficients%s: too few",
                       out->fit->nobs, out->fit->rank,
                       b->n_effects > 0 ? " and a fixed effect" : "");
    if (status != RK_OK)
        return status;
    status = rk_covariance_of(out->fit, b->method, b->cluster_name != NULL ? &clusters : NULL,
                              &out->covariance, error);
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

/* b'V^-1 b by Gauss' elimination of [V b]: q is small. NaN where V is singular. */
static double wald(const struct band_fit *f, size_t from, size_t q)
{
    double a[BAND_MOST_COLUMNS][BAND_MOST_COLUMNS + 1], sum = 0.0;
    size_t p = f->fit->p, at = f->first + from;

    for (size_t i = 0; i < q; i++) {
        for (size_t j = 0; j < q; j++)
            a[i][j] = f->covariance.vcov[(at + i) * p + at + j];
        a[i][q] = f->fit->coef[at + i];
    }
    for (size_t i = 0; i < q; i++) {
        double first = f->covariance.vcov[(at + i) * p + at + i];

        if (!(a[i][i] > 1e-12 * first))
            return NAN;
        sum += a[i][q] * a[i][q] / a[i][i];
        for (size_t k = i + 1; k < q; k++) {
            double factor = a[k][i] / a[i][i];

            for (size_t j = i; j <= q; j++)
                a[k][j] -= factor * a[i][j];
        }
    }
    return sum;
}

double band_joint_p(const struct band_fit *f, size_t from, size_t q)
{
    double statistic, df = INFINITY, rest;

    if (f->fit == NULL || f->errors != RK_OK || q == 0)
        return NAN;
    statistic = wald(f, from, q) / (double)q;
    for (size_t j = from; j < from + q; j++)
        df = fmin(df, f->covariance.df[f->first + j]);
    if (f->covariance.method != RK_VCOV_CR2)
        return rk_pf(statistic, (double)q, df, RK_UPPER_TAIL);
    rest = df - (double)q + 1.0; /* Hotelling's T^2 with the least df of the coefficients */
    return rest > 0.0 ? rk_pf(statistic * rest / df, (double)q, rest, RK_UPPER_TAIL) : NAN;
}
