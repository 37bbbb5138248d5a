#include "repkit/did.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/fieller.h"
#include "repkit/least_squares.h"
#include "repkit/moments.h"
#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/t_test.h"

static size_t count_treated(const bool *treated, size_t n)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        m += treated[i];
    return m;
}

static void fill_test(struct rk_did *out, double conf_level)
{
    double reach = rk_qt((1.0 - conf_level) / 2.0, out->df, RK_UPPER_TAIL) * out->std_error;

    out->statistic = out->estimate / out->std_error;
    out->p_value = rk_p_from_t(out->statistic, out->df, RK_TWO_SIDED);
    out->conf_low = out->estimate - reach;
    out->conf_high = out->estimate + reach;
}

/* The relative effect: var_base of base and cov of base with the estimate. */
static void fill_relative(struct rk_did *out, double var_base, double cov, double conf_level)
{
    double critical = rk_qt((1.0 - conf_level) / 2.0, out->df, RK_UPPER_TAIL);
    struct rk_fieller ratio;

    out->rel_effect = out->rel_low = out->rel_high = NAN;
    if (rk_fieller_of(out->estimate, out->base, out->std_error * out->std_error, cov, var_base,
                      critical, &ratio) != RK_OK ||
        ratio.kind != RK_FIELLER_INTERVAL)
        return;
    out->rel_effect = ratio.ratio;
    out->rel_low = ratio.low;
    out->rel_high = ratio.high;
}

/* --- collapsed ---------------------------------------------------------------------------- */

/* The units of one group: how they began, and how they changed. */
struct side {
    size_t n;
    double *before, *change;
    struct rk_moments of_before, of_change;
};

/* How units of a group vary: a covariance matrix. */
struct spread {
    double before, change, both;
};

static struct spread spread_of(const struct side *s)
{
    struct spread spread = {s->of_before.var, s->of_change.var, 0.0};

    for (size_t i = 0; i < s->n; i++)
        spread.both += (s->before[i] - s->of_before.mean) * (s->change[i] - s->of_change.mean);
    spread.both /= (double)(s->n - 1);
    return spread;
}

/* Pooled as a whole: a variance of one and a covariance of the other need not belong together. */
static struct spread pooled(struct spread a, double df_a, struct spread b, double df_b)
{
    double df = df_a + df_b;

    return (struct spread){(df_a * a.before + df_b * b.before) / df,
                           (df_a * a.change + df_b * b.change) / df,
                           (df_a * a.both + df_b * b.both) / df};
}

static enum rk_status test_sides(const struct side *control, const struct side *treated,
                                 double conf_level, struct rk_did *out)
{
    double nt = (double)treated->n, nc = (double)control->n, vt, vc;
    struct spread of_t = spread_of(treated), of_c = spread_of(control);
    struct rk_did made = {.estimate = treated->of_change.mean - control->of_change.mean};

    made.welch = treated->n >= RK_DID_WELCH_FROM && control->n >= RK_DID_WELCH_FROM;
    made.df = nt + nc - 2.0;
    if (!made.welch)
        of_t = of_c = pooled(of_t, nt - 1.0, of_c, nc - 1.0);
    vt = of_t.change / nt;
    vc = of_c.change / nc;
    if (made.welch)
        made.df = (vt + vc) * (vt + vc) / (vt * vt / (nt - 1.0) + vc * vc / (nc - 1.0));
    made.std_error = sqrt(vt + vc);
    if (!isfinite(made.estimate) || !isfinite(made.std_error))
        return RK_EDOMAIN;
    if (made.std_error <=
        1e-15 * fmax(fabs(treated->of_change.mean), fabs(control->of_change.mean)))
        return RK_ECONSTANT;
    fill_test(&made, conf_level);
    made.base = treated->of_before.mean + control->of_change.mean;
    fill_relative(&made, of_t.before / nt + vc, of_t.both / nt - vc, conf_level);
    *out = made;
    return RK_OK;
}

enum rk_status rk_did_collapsed(const double *before, const double *after, const bool *treated,
                                size_t n, double conf_level, struct rk_did *out)
{
    double *room = malloc((4 * n + 1) * sizeof *room);
    struct side side[2] = {{0}, {0}};
    enum rk_status status;

    if (room == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k < 2; k++) {
        side[k].before = room + 2 * k * n;
        side[k].change = side[k].before + n;
    }
    for (size_t i = 0; i < n; i++) {
        struct side *s = &side[treated[i]];

        s->before[s->n] = before[i];
        s->change[s->n++] = after[i] - before[i];
    }
    for (size_t k = 0; k < 2; k++) {
        side[k].of_before = rk_moments_of(side[k].before, side[k].n);
        side[k].of_change = rk_moments_of(side[k].change, side[k].n);
    }
    status = side[0].n < 2 || side[1].n < 2 ? RK_ETOOFEW
                                            : test_sides(&side[0], &side[1], conf_level, out);
    free(room);
    return status;
}

/* --- adjusted ----------------------------------------------------------------------------- */

/* [1, Z, treated], or [1, Z] for treated NULL. NULL when out of memory. The treatment is the last,
 * so that it is what goes where the covariates tell it. */
static double *design_of(const bool *treated, const double *Z, size_t q, size_t n)
{
    double *X = malloc((n * (q + 2) + 1) * sizeof *X);

    for (size_t i = 0; X != NULL && i < n; i++) {
        X[i] = 1.0;
        if (treated != NULL)
            X[(q + 1) * n + i] = treated[i];
    }
    if (X != NULL && q > 0)
        memcpy(X + n, Z, n * q * sizeof *X);
    return X;
}

/* The variance of base = the linear predictor at the treated's mean covariates without the
 * treatment (but for a constant), and its covariance with the estimate. */
static void base_variance(const struct rk_fit *fit, const double *X, const bool *treated, size_t n,
                          double *at, double *var, double *cov)
{
    size_t p = fit->p, m = count_treated(treated, n);
    double s2 = fit->sigma * fit->sigma;

    *var = *cov = 0.0;
    for (size_t j = 0; j < p; j++) {
        double sum = 0.0;

        for (size_t i = 0; i < n; i++)
            sum += treated[i] ? X[j * n + i] : 0.0;
        at[j] = j == p - 1 || isnan(fit->coef[j]) ? 0.0 : sum / (double)m;
    }
    for (size_t j = 0; j < p; j++) {
        if (at[j] == 0.0)
            continue;
        *cov += s2 * at[j] * fit->cov_unscaled[(p - 1) * p + j];
        for (size_t l = 0; l < p; l++)
            *var += at[l] == 0.0 ? 0.0 : s2 * at[j] * at[l] * fit->cov_unscaled[j * p + l];
    }
}

static enum rk_status read_fit(const struct rk_fit *fit, const double *X, const bool *treated,
                               const double *after, double conf_level, struct rk_did *out,
                               struct rk_error *error)
{
    double *at, var, cov, level = 0.0;
    size_t last = fit->p - 1;
    struct rk_did made = {0};

    if (isnan(fit->coef[last]))
        return rk_fail(error, RK_ESINGULAR, "the covariates tell who is treated");
    if (fit->errors != RK_OK)
        return rk_fail(error, fit->errors, "%s", rk_status_words(fit->errors));
    at = malloc(fit->p * sizeof *at);
    if (at == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < fit->n; i++)
        level += treated[i] ? after[i] : 0.0;
    made.estimate = fit->coef[last];
    made.std_error = fit->sigma * sqrt(fit->cov_unscaled[last * fit->p + last]);
    made.df = fit->df_residual;
    fill_test(&made, conf_level);
    made.base = level / (double)count_treated(treated, fit->n) - made.estimate;
    base_variance(fit, X, treated, fit->n, at, &var, &cov);
    fill_relative(&made, var, cov, conf_level);
    free(at);
    *out = made;
    return RK_OK;
}

enum rk_status rk_did_adjusted(const double *y, const bool *treated, const double *Z, size_t q,
                               const double *after, size_t n, double conf_level, struct rk_did *out,
                               struct rk_error *error)
{
    size_t m = count_treated(treated, n);
    double *X;
    struct rk_design design = {.n = n, .p = q + 2, .y = y, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    if (m < 2 || n - m < 2)
        return rk_fail(error, RK_ETOOFEW, "%s", rk_status_words(RK_ETOOFEW));
    design.X = X = design_of(treated, Z, q, n);
    status = X == NULL ? rk_fail_memory(error) : rk_fit_new(&design, NULL, &fit, error);
    if (status == RK_OK)
        status = read_fit(fit, X, treated, after, conf_level, out, error);
    rk_fit_free(fit);
    free(X);
    return status;
}

/* --- permutation -------------------------------------------------------------------------- */

/* By Frisch, Waugh and Lovell t is a function of (d'r)^2 / (d'd - |Q'd|^2), r the residual of y on
 * [1, Z], Q an orthonormal basis of it, d the labels: it grows with it, so that is compared. */
struct labels {
    size_t n, m, rank;
    const double *r, *Q;
    double least; /* what counts as at least as large as what was seen */
    const char *label;
    uint64_t seed;
    double *count; /* one a block */
};

static double statistic_of(const struct labels *l, const size_t *chosen)
{
    double cross = 0.0, left = (double)l->m;

    for (size_t k = 0; k < l->m; k++)
        cross += l->r[chosen[k]];
    for (size_t j = 0; j < l->rank; j++) {
        double sum = 0.0;

        for (size_t k = 0; k < l->m; k++)
            sum += l->Q[j * l->n + chosen[k]];
        left -= sum * sum;
    }
    /* These labels are in the span of the covariates: they have no t. */
    return left > 1e-10 * (double)l->m ? cross * cross / left : 0.0;
}

/* All choices of m of n, in lexicographic order. */
static double count_all(const struct labels *l, size_t *chosen, double *total)
{
    double count = 0.0;

    *total = 0.0;
    for (size_t k = 0; k < l->m; k++)
        chosen[k] = k;
    for (;;) {
        size_t k = l->m;

        ++*total;
        count += statistic_of(l, chosen) >= l->least;
        while (k > 0 && chosen[k - 1] == l->n - l->m + k - 1)
            k--;
        if (k == 0)
            return count;
        chosen[k - 1]++;
        for (; k < l->m; k++)
            chosen[k] = chosen[k - 1] + 1;
    }
}

static enum rk_status count_block(void *data, size_t block, size_t first, size_t last)
{
    struct labels *l = data;
    size_t *order = calloc(l->n + 1, sizeof *order);
    struct rk_rng rng;
    double count = 0.0;

    if (order == NULL)
        return RK_ENOMEM;
    rk_rng_stream(&rng, l->seed, "did-labels", l->label, block);
    for (size_t i = 0; i < l->n; i++)
        order[i] = i;
    for (size_t b = first; b < last; b++) {
        for (size_t k = 0; k < l->m; k++) {
            size_t other = k + rk_rng_below(&rng, l->n - k), kept = order[k];

            order[k] = order[other];
            order[other] = kept;
        }
        count += statistic_of(l, order) >= l->least;
    }
    l->count[block] = count;
    free(order);
    return RK_OK;
}

static double choices(size_t n, size_t m)
{
    double product = 1.0;

    for (size_t k = 1; k <= m && product <= 1e12; k++)
        product *= (double)(n - m + k) / (double)k;
    return product;
}

static enum rk_status count_random(struct labels *l, size_t draws, const struct rk_ctx *ctx,
                                   struct rk_permutation *out)
{
    size_t n_blocks = (draws + RK_DRAWS_PER_STREAM - 1) / RK_DRAWS_PER_STREAM;
    enum rk_status status;
    double count = 0.0;

    l->count = calloc(n_blocks + 1, sizeof *l->count);
    if (l->count == NULL)
        return RK_ENOMEM;
    status = rk_parallel_blocks(ctx, draws, RK_DRAWS_PER_STREAM, count_block, l);
    for (size_t b = 0; b < n_blocks; b++)
        count += l->count[b];
    free(l->count);
    if (status == RK_OK)
        *out = (struct rk_permutation){NAN, (1.0 + count) / (1.0 + (double)draws), draws, false};
    return status;
}

static enum rk_status permute(const struct rk_fit *fit, const bool *treated, size_t m, size_t draws,
                              const char *label, const struct rk_ctx *ctx,
                              struct rk_permutation *out)
{
    struct labels l = {.n = fit->n,
                       .m = m,
                       .rank = fit->rank,
                       .r = fit->residual,
                       .Q = fit->Q,
                       .label = label,
                       .seed = ctx == NULL ? 1 : ctx->seed};
    size_t *chosen = calloc(fit->n + 1, sizeof *chosen), k = 0;
    enum rk_status status = RK_OK;
    double count, total;

    if (chosen == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < fit->n; i++)
        if (treated[i])
            chosen[k++] = i;
    /* equal to rounding is equal */
    l.least = statistic_of(&l, chosen) * (1.0 - 2e-10);
    if (choices(l.n, m) <= RK_PERMUTATIONS_EXACT) {
        count = count_all(&l, chosen, &total);
        *out = (struct rk_permutation){NAN, count / total, (size_t)total, true};
    } else {
        status = count_random(&l, draws, ctx, out);
    }
    free(chosen);
    return status;
}

/* Without covariates the largest t is the largest difference of means. */
static enum rk_status permute_means(const double *y, const bool *treated, size_t n, size_t draws,
                                    const char *label, const struct rk_ctx *ctx,
                                    struct rk_permutation *out)
{
    struct rk_permutation_plan plan = {.draws = draws, .label = label};
    double *side = malloc((2 * n + 1) * sizeof *side);
    size_t m[2] = {0};
    enum rk_status status;

    if (side == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        side[(treated[i] ? n : 0) + m[treated[i]]++] = y[i];
    status = rk_permute_labels(side, m[0], NULL, side + n, m[1], NULL, 1, &plan, ctx, out);
    free(side);
    return status;
}

static double difference_of_means(const double *y, const bool *treated, size_t n)
{
    double sum[2] = {0.0, 0.0}, m[2] = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        sum[treated[i]] += y[i];
        m[treated[i]]++;
    }
    return sum[1] / m[1] - sum[0] / m[0];
}

static enum rk_status permute_residuals(const double *y, const bool *treated, const double *Z,
                                        size_t q, size_t n, size_t draws, const char *label,
                                        const struct rk_ctx *ctx, struct rk_permutation *out)
{
    double *X = design_of(NULL, Z, q, n);
    struct rk_design design = {.n = n, .p = q + 1, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status = X == NULL ? RK_ENOMEM : rk_fit_new(&design, NULL, &fit, NULL);

    if (status == RK_OK && fit->errors != RK_OK)
        status = fit->errors;
    if (status == RK_OK)
        status = permute(fit, treated, count_treated(treated, n), draws, label, ctx, out);
    if (status == RK_OK)
        out->estimate = difference_of_means(y, treated, n);
    rk_fit_free(fit);
    free(X);
    return status;
}

enum rk_status rk_did_permutation(const double *y, const bool *treated, const double *Z, size_t q,
                                  size_t n, size_t draws, const char *label,
                                  const struct rk_ctx *ctx, struct rk_permutation *out,
                                  struct rk_error *error)
{
    size_t m = count_treated(treated, n);
    enum rk_status status = RK_ETOOFEW;

    if (m >= 2 && n - m >= 2)
        status = q == 0 ? permute_means(y, treated, n, draws, label, ctx, out)
                        : permute_residuals(y, treated, Z, q, n, draws, label, ctx, out);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}
