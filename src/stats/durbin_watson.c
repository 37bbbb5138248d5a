/* Durbin-Watson's d and its p-value: d = e'A e / e'e, where A sums the squared differences of
 * neighbours and e = M u with M = I - H. */
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/regression_tests.h"
#include "repkit/sum.h"

enum { MOST_LEVELS = 2000, INTERVALS = 1000 };

/* out = A v */
static void differences(const struct rk_chain *chain, const double *v, size_t n, double *out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t i = 0; i < n; i++) {
        size_t before = chain->before[i];
        double d;

        if (before == SIZE_MAX)
            continue;
        d = v[i] - v[before];
        out[i] += d;
        out[before] -= d;
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    struct rk_sum sum = {0};

    for (size_t i = 0; i < n; i++)
        rk_sum_add(&sum, a[i] * b[i]);
    return rk_sum_value(&sum);
}

/* The regression on the columns and on a dummy for each level of each effect. */
static enum rk_status fit_dummies(const struct rk_tested *tested, struct rk_fit **fit,
                                  struct rk_error *error)
{
    struct rk_design design = tested->design;
    size_t n = design.n, p = design.p;
    double *X;
    enum rk_status status;

    for (size_t e = 0; e < tested->n_effects; e++)
        design.p += tested->n_levels[e];
    X = calloc(design.p * n + 1, sizeof *X);
    if (X == NULL)
        return rk_fail_memory(error);
    /* Dummies first: a column that is a function of them is what goes. */
    for (size_t e = 0, first = 0; e < tested->n_effects; first += tested->n_levels[e], e++)
        for (size_t i = 0; i < n; i++)
            X[(first + tested->effect[e][i]) * n + i] = 1.0;
    memcpy(X + (design.p - p) * n, design.X, p * n * sizeof *X);
    design.X = X;
    design.X_low = NULL;
    status = rk_fit_new(&design, tested->ctx, fit, error);
    free(X);
    return status;
}

/* --- exact: Imhof -------------------------------------------------------------------------- */

struct imhof {
    const double *value;
    size_t n;
};

static double imhof_integrand(double u, void *data)
{
    const struct imhof *imhof = data;
    double angle = 0.0, log_length = 0.0;

    if (u <= 0.0) {
        for (size_t k = 0; k < imhof->n; k++)
            angle += 0.5 * imhof->value[k];
        return angle;
    }
    for (size_t k = 0; k < imhof->n; k++) {
        double x = imhof->value[k] * u;

        angle += 0.5 * atan(x);
        log_length += 0.25 * log1p(x * x);
    }
    return sin(angle) / u * exp(-log_length);
}

/* P(sum of value_k z_k^2 < 0) with z independent standard normal; NaN where it does not settle. */
static double probability_below_zero(double *value, size_t n, gsl_integration_workspace *workspace)
{
    struct imhof imhof = {value, n};
    gsl_function integrand = {imhof_integrand, &imhof};
    double integral = NAN, error = NAN, largest = 0.0;
    const double pi = 3.14159265358979323846;
    int status;

    for (size_t k = 0; k < n; k++)
        largest = fmax(largest, fabs(value[k]));
    for (size_t k = 0; largest > 0.0 && k < n; k++)
        value[k] /= largest;
    status = gsl_integration_qagiu(&integrand, 0.0, 1e-11, 1e-10, INTERVALS, workspace, &integral,
                                   &error);
    if (status != GSL_SUCCESS && !(error < 1e-7))
        return NAN;
    /* A tail below the error of the integral is no more than that. */
    error = fmax(error / pi, 1e-12);
    return fmin(fmax(0.5 - integral / pi, error), 1.0 - error);
}

/* S = M A M - d M, n-by-n, whose eigenvalues tell. */
static void fill_form(const struct rk_fit *fit, const struct rk_chain *chain, double d,
                      double *work, gsl_matrix *S)
{
    size_t n = fit->n;
    double *column = work, *out = work + n;

    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < n; i++) {
            column[i] = i == j ? 1.0 : 0.0;
            for (size_t q = 0; q < fit->rank; q++)
                column[i] -= fit->Q[q * n + i] * fit->Q[q * n + j];
        }
        differences(chain, column, n, out);
        for (size_t i = 0; i < n; i++)
            out[i] -= d * column[i];
        for (size_t q = 0; q < fit->rank; q++) {
            double along = dot(fit->Q + q * n, out, n);

            for (size_t i = 0; i < n; i++)
                out[i] -= along * fit->Q[q * n + i];
        }
        for (size_t i = 0; i < n; i++)
            gsl_matrix_set(S, i, j, out[i]);
    }
}

static enum rk_status exact_p(const struct rk_tested *tested, const struct rk_chain *chain,
                              double d, double *p_value, struct rk_error *error)
{
    size_t n = tested->design.n;
    struct rk_fit *fit = NULL;
    double *work = malloc(2 * n * sizeof *work);
    gsl_matrix *S = gsl_matrix_alloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *eigen = gsl_eigen_symm_alloc(n);
    gsl_integration_workspace *workspace = gsl_integration_workspace_alloc(INTERVALS);
    enum rk_status status = fit_dummies(tested, &fit, error);

    if (work == NULL || S == NULL || values == NULL || eigen == NULL || workspace == NULL)
        status = rk_fail_memory(error);
    if (status == RK_OK) {
        double below;

        fill_form(fit, chain, d, work, S);
        if (gsl_eigen_symm(S, values, eigen) == GSL_SUCCESS) {
            below = probability_below_zero(values->data, n, workspace);
            *p_value = 2.0 * fmin(below, 1.0 - below);
        }
    }
    rk_fit_free(fit);
    free(work);
    gsl_matrix_free(S);
    gsl_vector_free(values);
    if (eigen != NULL)
        gsl_eigen_symm_free(eigen);
    gsl_integration_workspace_free(workspace);
    return status;
}

/* --- approximate --------------------------------------------------------------------------- */

/* Traces that d's mean and variance stand on. H = D + QQ', D the projection on the levels of the
 * effect, Q what is left of the columns. */
struct traces {
    double A, AH, AA, AAH, AHAH;
};

static void add_neighbours(const struct rk_chain *chain, size_t n, double *degree,
                           struct traces *traces)
{
    size_t n_pairs = 0;

    memset(degree, 0, n * sizeof *degree);
    for (size_t i = 0; i < n; i++) {
        if (chain->before[i] == SIZE_MAX)
            continue;
        n_pairs++;
        degree[i] += 1.0;
        degree[chain->before[i]] += 1.0;
    }
    traces->A = 2.0 * (double)n_pairs;
    traces->AA = 2.0 * (double)n_pairs + dot(degree, degree, n);
}

/* The part of the columns; AQ is n-by-k. */
static void add_columns(const double *Q, const double *AQ, size_t n, size_t k,
                        struct traces *traces)
{
    for (size_t a = 0; a < k; a++) {
        traces->AH += dot(Q + a * n, AQ + a * n, n);
        traces->AAH += dot(AQ + a * n, AQ + a * n, n);
        for (size_t b = 0; b < k; b++) {
            double x = dot(Q + a * n, AQ + b * n, n);

            traces->AHAH += x * x;
        }
    }
}

/* The part of one effect. Neighbours of one level cancel, so that only those that cross levels
 * count: none where the series are the levels. Work is 3 n + levels places and sums G^2. */
static void add_effect(const struct rk_tested *tested, const struct rk_chain *chain,
                       const double *AQ, size_t k, double *work, double *S, struct traces *traces)
{
    size_t n = tested->design.n, G = tested->n_levels[0];
    const uint32_t *level = tested->effect[0];
    const double *weights = tested->design.weights;
    double *root = work, *out = work + n, *total = work + 2 * n;

    memset(total, 0, G * sizeof *total);
    for (size_t i = 0; i < n; i++) {
        root[i] = weights == NULL ? 1.0 : sqrt(weights[i]);
        total[level[i]] += root[i] * root[i];
    }
    /* A d_g of the unit vector d_g of a level, row by row: AD's columns have at most the level's
     * rows and their neighbours. */
    for (size_t g = 0; g < G; g++) {
        for (size_t i = 0; i < n; i++)
            out[i] = 0.0;
        for (size_t i = 0; i < n; i++) {
            size_t before = chain->before[i];
            double d;

            if (before == SIZE_MAX || (level[i] != g && level[before] != g))
                continue;
            d = (level[i] == g ? root[i] : 0.0) - (level[before] == g ? root[before] : 0.0);
            out[i] += d;
            out[before] -= d;
        }
        for (size_t i = 0; i < n; i++) {
            traces->AAH += out[i] * out[i] / total[g];
            S[g * G + level[i]] += out[i] * root[i];
        }
        traces->AH += S[g * G + g] / total[g];
        for (size_t h = 0; h < G; h++)
            traces->AHAH += S[g * G + h] * S[g * G + h] / (total[g] * total[h]);
        for (size_t q = 0; q < k; q++) {
            double along = 0.0;

            for (size_t i = 0; i < n; i++)
                along += level[i] == g ? root[i] * AQ[q * n + i] : 0.0;
            traces->AHAH += 2.0 * along * along / total[g];
        }
    }
}

/* Whether each row's neighbour is of its level: then A D = 0, but for weights. */
static bool within_levels(const struct rk_tested *tested, const struct rk_chain *chain)
{
    for (size_t i = 0; i < tested->design.n; i++)
        if (chain->before[i] != SIZE_MAX &&
            tested->effect[0][i] != tested->effect[0][chain->before[i]])
            return false;
    return tested->design.weights == NULL;
}

static enum rk_status normal_p(const struct rk_tested *tested, const struct rk_chain *chain,
                               const struct rk_fit *fit, double d, double *p_value)
{
    size_t n = fit->n, k = fit->rank, G = tested->n_effects > 0 ? tested->n_levels[0] : 0;
    bool crossing = G > 0 && !within_levels(tested, chain);
    double *AQ, *work, *S, nu = fit->df_residual, P, Q, mean, variance;
    struct traces traces = {0};

    if (tested->n_effects > 1 || (crossing && (double)G * (double)n > 1e9) ||
        (crossing && G > MOST_LEVELS))
        return RK_OK;
    AQ = malloc((n * k + 1) * sizeof *AQ);
    work = malloc((2 * n + G + 1) * sizeof *work);
    S = calloc(crossing ? G * G : 1, sizeof *S);
    if (AQ == NULL || work == NULL || S == NULL) {
        free(AQ);
        free(work);
        free(S);
        return RK_ENOMEM;
    }
    for (size_t q = 0; q < k; q++)
        differences(chain, fit->Q + q * n, n, AQ + q * n);
    add_neighbours(chain, n, work, &traces);
    add_columns(fit->Q, AQ, n, k, &traces);
    if (crossing)
        add_effect(tested, chain, AQ, k, work, S, &traces);
    P = traces.A - traces.AH;
    Q = traces.AA - 2.0 * traces.AAH + traces.AHAH;
    mean = P / nu;
    variance = 2.0 / (nu * (nu + 2.0)) * (Q - P * mean);
    *p_value = rk_p_from_z((d - mean) / sqrt(variance), RK_TWO_SIDED);
    free(AQ);
    free(work);
    free(S);
    return RK_OK;
}

/* --- the test ------------------------------------------------------------------------------ */

enum rk_status rk_durbin_watson(const struct rk_tested *tested, const struct rk_chain *chain,
                                const struct rk_fit *fit, struct rk_test *test, bool *exact,
                                struct rk_error *error)
{
    size_t n = tested->design.n, n_pairs = 0;
    double *u = malloc((2 * n + 1) * sizeof *u), squares, d, p_value = NAN;
    bool is_exact = n <= RK_DURBIN_WATSON_EXACT;
    enum rk_status status = u == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        double root = tested->design.weights == NULL ? 1.0 : sqrt(tested->design.weights[i]);

        u[i] = root * tested->residual[i];
        n_pairs += chain->before[i] != SIZE_MAX;
    }
    if (status == RK_OK && n_pairs == 0)
        status = rk_fail(error, RK_ETOOFEW, "no row has one a period before it");
    squares = status == RK_OK ? dot(u, u, n) : 0.0;
    if (status == RK_OK && !(squares > 0.0))
        status = rk_fail(error, RK_ECONSTANT, "the residuals do not vary");
    if (status == RK_OK) {
        differences(chain, u, n, u + n);
        d = dot(u, u + n, n) / squares;
        if (is_exact)
            status = exact_p(tested, chain, d, &p_value, error);
        else if (normal_p(tested, chain, fit, d, &p_value) != RK_OK)
            status = rk_fail_memory(error);
    }
    free(u);
    if (status != RK_OK)
        return status;
    *test = (struct rk_test){d, NAN, NAN, p_value};
    if (exact != NULL)
        *exact = is_exact;
    return RK_OK;
}
