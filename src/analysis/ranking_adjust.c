/* Territory, quota and season out of the values, before units are compared. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ranking_parts.h"
#include "repkit/formula.h"
#include "repkit/least_squares.h"
#include "repkit/moments.h"

enum rk_status ranking_formula(const char *text, struct rk_formula **formula,
                               struct rk_error *error)
{
    struct rk_text whole = {0};
    struct rk_error inner = {0};
    struct rk_formula *parsed = NULL;
    enum rk_status status;

    rk_text_format(&whole, "%s%s", strchr(text, '~') == NULL ? "~ " : "", text);
    if (whole.failed) {
        rk_text_free(&whole);
        return rk_fail_memory(error);
    }
    status = rk_formula_parse(whole.bytes, &parsed, &inner);
    rk_text_free(&whole);
    if (status != RK_OK)
        return rk_fail(error, status, "--adjust: %s", inner.text);
    if (parsed->response == NULL && parsed->fixed_effects.n == 0 && parsed->n_terms > 0) {
        *formula = parsed;
        return RK_OK;
    }
    rk_formula_free(parsed);
    return rk_fail(error, RK_EUSAGE,
                   "--adjust takes terms alone: 'region + log(quota)', without an outcome and "
                   "without fixed effects");
}

/* Whether a column is the same in all rows of each unit. */
static bool is_of_units(const double *x, const size_t *unit, size_t n, size_t k, double *first)
{
    for (size_t u = 0; u < k; u++)
        first[u] = NAN;
    for (size_t i = 0; i < n; i++) {
        if (isnan(first[unit[i]]))
            first[unit[i]] = x[i];
        else if (x[i] != first[unit[i]])
            return false;
    }
    return true;
}

enum rk_status ranking_unit_rank(double *X, size_t p, size_t k, size_t *parameters)
{
    double *y = X + k * p;
    struct rk_design design = {.n = k, .p = p, .y = y, .X = X, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    for (size_t u = 0; u < k; u++) {
        X[u] = 1.0;
        y[u] = (double)u;
    }
    status = rk_fit_new(&design, NULL, &fit, NULL);
    if (status == RK_OK)
        *parameters = fit->rank;
    rk_fit_free(fit);
    return status;
}

static enum rk_status unit_parameters(const struct rk_model_frame *frame, const size_t *unit,
                                      size_t k, double *X, size_t *parameters)
{
    size_t p = 1;

    for (size_t j = 0; j < frame->p; j++)
        if (frame->term[j] != SIZE_MAX &&
            is_of_units(frame->X + j * frame->n, unit, frame->n, k, X + p * k))
            p++;
    return ranking_unit_rank(X, p, k, parameters);
}

enum rk_status ranking_adjust(const struct rk_model_frame *frame, const size_t *unit, size_t k,
                              double *y, const struct rk_ctx *ctx, size_t *parameters,
                              struct rk_error *error)
{
    struct rk_design design = {
        .n = frame->n, .p = frame->p, .y = y, .X = frame->X, .has_intercept = frame->has_intercept};
    double mean = rk_moments_of(y, frame->n).mean;
    double *X = malloc(k * (frame->p + 3) * sizeof *X);
    struct rk_fit *fit = NULL;
    enum rk_status status =
        X == NULL ? rk_fail_memory(error) : rk_fit_new(&design, ctx, &fit, error);

    if (status == RK_OK)
        status = unit_parameters(frame, unit, k, X, parameters);
    for (size_t i = 0; status == RK_OK && i < frame->n; i++)
        y[i] = fit->residual[i] + mean;
    rk_fit_free(fit);
    free(X);
    return status;
}

enum rk_status ranking_frame(const struct rk_table *table, const char *formula, int missing,
                             struct rk_model_frame **frame, struct rk_error *error)
{
    struct rk_formula *parsed = NULL;
    struct rk_model_frame *made = NULL;
    enum rk_status status = ranking_formula(formula, &parsed, error);

    if (status == RK_OK)
        status = rk_model_frame_new(parsed, table, NULL, &made, error);
    rk_formula_free(parsed);
    if (status != RK_OK)
        return status;
    if (made->n < table->n_rows && missing == RK_MISSING_ERROR) {
        rk_fail(error, RK_EINPUT, "--adjust: %zu row%s incomplete (--missing error)",
                table->n_rows - made->n, table->n_rows - made->n == 1 ? " is" : "s are");
        rk_model_frame_free(made);
        return rk_fail_at(error, table->name, 0, NULL);
    }
    *frame = made;
    return RK_OK;
}
