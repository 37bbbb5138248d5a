/* --from-moments: units whose rows are elsewhere. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ranking_parts.h"
#include "repkit/least_squares.h"

/* Within a unit less than this share of the mean's square is rounding. */
static const double NOTHING = 1e-24;

static double product(const struct rk_cross_moments *m, size_t g, size_t i, size_t j)
{
    return m->C[g * (m->k * (m->k + 1) / 2) + rk_cross_moments_at(i, j)].hi;
}

/* Names and sizes. */
static enum rk_status take_units(const struct rk_table *table, const struct rk_moments_file *file,
                                 struct ranking_units *u)
{
    if (ranking_units_room(u, file->moments.n_groups) != RK_OK)
        return RK_ENOMEM;
    for (size_t g = 0; g < u->k; g++) {
        u->name[g] = rk_table_text(table, g, 0);
        u->n[g] = file->moments.n[g];
    }
    u->n_rows = (size_t)rk_moments_total(file);
    u->n_parameters = 1;
    return RK_OK;
}

/* --- means ---------------------------------------------------------------------------------- */

/* The coefficients of --adjust, and which columns of the moments they are of (SIZE_MAX: none). */
struct adjustment {
    size_t p, *source;
    double *coef;
};

/* `value` ~ the terms. */
static enum rk_status parse(const struct rk_ranking_options *options, struct rk_formula **formula,
                            struct rk_error *error)
{
    struct rk_node value = {.kind = RK_NODE_NAME, .text = (char *)(uintptr_t)options->value};
    struct rk_text whole = {0};
    const char *tilde = strchr(options->adjust, '~');
    enum rk_status status;

    rk_node_print(&value, &whole);
    rk_text_format(&whole, " ~ %s", tilde == NULL ? options->adjust : tilde + 1);
    status = whole.failed ? rk_fail_memory(error) : rk_formula_parse(whole.bytes, formula, error);
    rk_text_free(&whole);
    return status;
}

static enum rk_status fit(const struct rk_moments_file *file, const struct rk_formula *formula,
                          const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                          struct adjustment *a, struct rk_error *error)
{
    struct rk_moment_model columns = {0};
    struct rk_moments_model model = {0};
    struct rk_fit *fitted = NULL;
    enum rk_status status = rk_moment_model_new(formula, &file->column, &columns, error);

    if (status == RK_OK)
        status = rk_moments_model_new(file, formula, options->id, &model, error);
    if (status == RK_OK) {
        const struct rk_model_frame *frame = model.frame;
        struct rk_design design = {.n = frame->n,
                                   .p = frame->p,
                                   .y = frame->y,
                                   .X = frame->X,
                                   .weights = model.weights,
                                   .has_intercept = frame->has_intercept,
                                   .stands_for = (size_t)rk_moments_total(file)};

        status = rk_fit_new(&design, ctx, &fitted, error);
    }
    if (status == RK_OK) {
        a->p = columns.p;
        a->source = columns.source;
        columns.source = NULL;
        a->coef = malloc((a->p + 1) * sizeof *a->coef);
        status = a->coef == NULL ? rk_fail_memory(error) : RK_OK;
    }
    for (size_t j = 0; status == RK_OK && j < a->p; j++)
        a->coef[j] = isnan(fitted->coef[j]) ? 0.0 : fitted->coef[j];
    rk_fit_free(fitted);
    rk_moments_model_free(&model);
    rk_moment_model_free(&columns);
    return status;
}

static bool is_of_units(const struct rk_cross_moments *m, size_t column)
{
    for (size_t g = 0; g < m->n_groups; g++) {
        double mean = m->mean[g * m->k + column].hi;

        if (product(m, g, column, column) > NOTHING * m->n[g] * mean * mean)
            return false;
    }
    return true;
}

static enum rk_status count_parameters(const struct rk_cross_moments *m, const struct adjustment *a,
                                       struct ranking_units *u, struct rk_error *error)
{
    double *X = malloc((u->k * (a->p + 3) + 1) * sizeof *X);
    size_t p = 1;
    enum rk_status status = X == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t j = 0; status == RK_OK && j < a->p; j++) {
        if (a->source[j] == SIZE_MAX || !is_of_units(m, a->source[j]))
            continue;
        for (size_t g = 0; g < u->k; g++)
            X[p * u->k + g] = m->mean[g * m->k + a->source[j]].hi;
        p++;
    }
    if (status == RK_OK)
        status = ranking_unit_rank(X, p, u->k, &u->n_parameters);
    free(X);
    return status;
}

/* Takes the fit out of means and sums of squares; what is left has the level that it had. */
static void take_out(const struct rk_cross_moments *m, size_t value, const struct adjustment *a,
                     struct ranking_units *u)
{
    double level = 0.0, n = 0.0;

    for (size_t g = 0; g < u->k; g++) {
        n += u->n[g];
        level += (u->raw[g] - level) * u->n[g] / n;
    }
    for (size_t g = 0; g < u->k; g++) {
        double squares = u->var[g], mean = u->raw[g];

        for (size_t i = 0; i < a->p; i++) {
            if (a->source[i] == SIZE_MAX) {
                mean -= a->coef[i];
                continue;
            }
            mean -= a->coef[i] * m->mean[g * m->k + a->source[i]].hi;
            squares -= 2.0 * a->coef[i] * product(m, g, value, a->source[i]);
            for (size_t j = 0; j < a->p; j++)
                if (a->source[j] != SIZE_MAX)
                    squares += a->coef[i] * a->coef[j] * product(m, g, a->source[i], a->source[j]);
        }
        u->mean[g] = mean + level;
        u->var[g] = fmax(0.0, squares);
    }
}

static enum rk_status adjust(const struct rk_moments_file *file, size_t value,
                             const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                             struct ranking_units *u, struct rk_error *error)
{
    struct rk_formula *formula = NULL;
    struct adjustment a = {0};
    enum rk_status status = parse(options, &formula, error);

    if (status == RK_OK)
        status = fit(file, formula, options, ctx, &a, error);
    if (status == RK_OK)
        status = count_parameters(&file->moments, &a, u, error);
    if (status == RK_OK)
        take_out(&file->moments, value, &a, u);
    free(a.source);
    free(a.coef);
    rk_formula_free(formula);
    return status;
}

static enum rk_status take_means(const struct rk_table *table,
                                 const struct rk_ranking_options *options, const struct rk_ctx *ctx,
                                 struct ranking_units *u, struct rk_error *error)
{
    const struct rk_moments_file *file = options->moments;
    const struct rk_cross_moments *m = &file->moments;
    size_t value;
    double all = 0.0;
    enum rk_status status = rk_column_index(table, options->value, RK_NUMBER, &value, error);

    if (status != RK_OK)
        return status;
    value = rk_moments_column_of(value);
    if (u->k < 4)
        return rk_fail(error, RK_ETOOFEW, "%zu %s: means need four units at least", u->k,
                       u->k == 1 ? "unit" : "units");
    if (u->n_rows == u->k)
        return rk_fail(error, RK_ETOOFEW, "one value a unit: nothing says how much they vary");
    for (size_t g = 0; g < u->k; g++) {
        u->raw[g] = u->mean[g] = m->mean[g * m->k + value].hi;
        u->var[g] = product(m, g, value, value);
    }
    if (options->adjust != NULL)
        status = adjust(file, value, options, ctx, u, error);
    for (size_t g = 0; g < u->k; g++)
        all += u->var[g];
    ranking_variances(u, options->variance, all, (double)(u->n_rows - u->k));
    return status;
}

/* --- rates ---------------------------------------------------------------------------------- */

/* A sum of counts, whole again. */
static enum rk_status take_count(const struct rk_moments_file *file, size_t g, size_t column,
                                 double *count, struct rk_error *error)
{
    double sum = rk_moments_sample(&file->moments, g, column).sum;

    *count = round(sum);
    if (*count < 0.0 || !(fabs(sum - *count) <= 1e-6))
        return rk_fail(error, RK_EINPUT, "group '%s': '%s' comes to %g, which is no count",
                       rk_dict_label(file->group, (uint32_t)g), file->column.name[column], sum);
    return RK_OK;
}

static enum rk_status take_rates(const struct rk_table *table,
                                 const struct rk_ranking_options *options, struct ranking_units *u,
                                 struct rk_error *error)
{
    const struct rk_moments_file *file = options->moments;
    size_t column[2];
    enum rk_status status =
        rk_column_index(table, options->successes, RK_NUMBER, &column[0], error);

    if (status == RK_OK)
        status = rk_column_index(table, options->trials, RK_NUMBER, &column[1], error);
    for (size_t g = 0; status == RK_OK && g < u->k; g++) {
        status = take_count(file, g, rk_moments_column_of(column[0]), &u->mean[g], error);
        if (status == RK_OK)
            status = take_count(file, g, rk_moments_column_of(column[1]), &u->n[g], error);
        if (status == RK_OK && u->mean[g] > u->n[g])
            status = rk_fail(error, RK_EINPUT, "group '%s': %g successes of %g trials", u->name[g],
                             u->mean[g], u->n[g]);
    }
    if (status != RK_OK)
        return status;
    ranking_drop_empty(u);
    return u->k >= 2 ? RK_OK
                     : rk_fail(error, RK_ETOOFEW, "rates need two units with trials at least");
}

enum rk_status ranking_from_moments(const struct rk_table *table,
                                    const struct rk_ranking_options *options,
                                    const struct rk_ctx *ctx, struct ranking_units *units,
                                    struct rk_error *error)
{
    memset(units, 0, sizeof *units);
    if (take_units(table, options->moments, units) != RK_OK)
        return rk_fail_memory(error);
    return options->value != NULL ? take_means(table, options, ctx, units, error)
                                  : take_rates(table, options, units, error);
}
