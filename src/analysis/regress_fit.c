/* From the rows of a group to coefficients and their errors. */
#include <math.h>
#include <stdlib.h>

#include "regress_parts.h"

/* Rows x columns^2 up to which a fit in double-double arithmetic takes seconds at most. */
static const double MOST_PRODUCTS = 1e8;
enum { MANY_ROWS = 200000 };

/* --- rows ----------------------------------------------------------------------------------- */

enum rk_status regress_own_rows(struct regression *r, const size_t *rows, size_t n,
                                struct rk_error *error)
{
    size_t *given_row = malloc((n + 1) * sizeof *given_row);
    struct rk_table *copy = rk_table_rows(r->table, rows, n);

    if (copy == NULL || given_row == NULL) {
        rk_table_free(copy);
        free(given_row);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < n; i++)
        given_row[i] = r->given_row == NULL ? rows[i] : r->given_row[rows[i]];
    free(r->given_row);
    r->given_row = given_row;
    rk_table_free(r->own_table);
    r->table = r->own_table = copy;
    return RK_OK;
}

/* Leaves out the rows whose weight is missing or 0, before factors count their levels. */
static enum rk_status take_weights(struct regression *r, struct rk_error *error)
{
    const struct rk_table *table = r->table;
    size_t column = 0, n = 0, *rows;
    enum rk_status status = rk_column_index(table, r->options->weights, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    rows = malloc((table->n_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < table->n_rows && status == RK_OK; i++) {
        double weight = table->column[column].number[i];

        if (weight > 0.0)
            rows[n++] = i;
        if (weight < 0.0 || (isnan(weight) && r->options->common.missing == RK_MISSING_ERROR)) {
            rk_fail(error, RK_EINPUT, "%s",
                    weight < 0.0 ? "a weight is negative"
                                 : "the value is missing (--missing error)");
            status = rk_fail_at(error, table->name, rk_table_line(table, i), r->options->weights);
        }
    }
    if (status == RK_OK && n < table->n_rows) {
        r->n_weightless = table->n_rows - n;
        status = regress_own_rows(r, rows, n, error);
    }
    free(rows);
    return status;
}

/* Columns beside the formula's that must not be missing. RK_OK or RK_ENOMEM. */
static enum rk_status add_extra(const struct regression *r, struct rk_names *names)
{
    bool series = r->method == RK_VCOV_HAC || r->options->between;
    const char *extra[] = {r->cluster_name, r->second_name, series ? r->options->id : NULL,
                           r->method == RK_VCOV_HAC ? r->options->time : NULL};
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < sizeof extra / sizeof extra[0] && status == RK_OK; i++) {
        if (extra[i] != NULL && !rk_names_has(names, extra[i]))
            status = rk_names_add(names, extra[i]);
    }
    return status;
}

/* --missing error: the first missing cell of the columns used, with its line. */
static enum rk_status refuse_missing(const struct regression *r, struct rk_error *error)
{
    struct rk_names names = {0};
    size_t *columns = NULL, *rows = NULL, n = 0, n_columns = 0;
    enum rk_status status = rk_node_columns(r->options->formula->tree, &names);

    if (status == RK_OK)
        status = add_extra(r, &names);
    columns = malloc((names.n + 1) * sizeof *columns);
    if (columns == NULL || status != RK_OK)
        status = rk_fail_memory(error);
    for (size_t j = 0; status == RK_OK && j < names.n; j++) {
        columns[n_columns] = rk_table_find(r->table, names.name[j]);
        n_columns += columns[n_columns] != SIZE_MAX;
    }
    if (status == RK_OK)
        status = rk_complete_rows(r->table, columns, n_columns, RK_MISSING_ERROR, &rows, &n, error);
    rk_names_free(&names);
    free(columns);
    free(rows);
    return status;
}

/* Whether nothing but the fit reads the columns, and there are many rows. */
static bool may_borrow(const struct regression *r)
{
    const struct rk_regress_options *options = r->options;

    return options->lean && r->table->n_rows >= MANY_ROWS && !options->between &&
           options->family == RK_FAMILY_GAUSSIAN && !options->robust;
}

static enum rk_status take_frame(struct regression *r, struct rk_error *error)
{
    struct rk_names extra = {0};
    bool refuse = r->options->common.missing == RK_MISSING_ERROR;
    enum rk_status status = RK_OK;

    if (refuse)
        status = refuse_missing(r, error);
    if (status == RK_OK && add_extra(r, &extra) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status =
            may_borrow(r)
                ? rk_model_frame_lean_new(r->options->formula, r->table, &extra, &r->frame, error)
                : rk_model_frame_new(r->options->formula, r->table, &extra, &r->frame, error);
    if (status == RK_OK && refuse && r->frame->n_undefined > 0) {
        rk_fail(error, RK_EINPUT,
                "rows where a function of the formula is undefined: %zu (--missing error)",
                r->frame->n_undefined);
        status = rk_fail_at(error, r->table->name, 0, NULL);
    }
    rk_names_free(&extra);
    return status;
}

static enum rk_status gather_weights(struct regression *r, struct rk_error *error)
{
    size_t column = 0;
    enum rk_status status =
        rk_column_index(r->table, r->options->weights, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    r->weights = malloc((r->frame->n + 1) * sizeof *r->weights);
    if (r->weights == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->frame->n; i++)
        r->weights[i] = r->table->column[column].number[r->frame->row[i]];
    return RK_OK;
}

/* --- the fit -------------------------------------------------------------------------------- */

/* Powers of small problems are kept to 106 bits: where cross-products do not serve, they count.
 * Effects taken out, and means added, are not. */
static enum rk_status take_low(struct regression *r, struct rk_error *error)
{
    double p = (double)r->frame->p;

    if (r->frame->X == NULL || r->frame->n_effects > 0 || r->options->between ||
        (double)r->frame->n * p * p > MOST_PRODUCTS)
        return RK_OK;
    return rk_model_frame_low(r->options->formula, r->table, r->frame, &r->X_low, error);
}

static bool reads_leverage(enum rk_vcov_method method)
{
    return method == RK_VCOV_HC2 || method == RK_VCOV_HC3 || method == RK_VCOV_HC4;
}

static enum rk_status fit(struct regression *r, struct rk_error *error)
{
    struct rk_model_frame *frame = r->frame;
    bool lean = r->options->lean && !reads_leverage(r->method);
    size_t stands_for =
        r->options->moments != NULL ? (size_t)rk_moments_total(r->options->moments) : 0;
    enum rk_status status = RK_OK;

    r->design = (struct rk_design){.n = frame->n,
                                   .p = frame->p + r->n_dummies,
                                   .y = frame->y,
                                   .X = frame->X,
                                   .column = frame->X == NULL ? frame->column : NULL,
                                   .X_low = r->X_low,
                                   .weights = r->weights,
                                   .has_intercept = frame->has_intercept,
                                   .stands_for = stands_for};
    if (r->options->family != RK_FAMILY_GAUSSIAN)
        return regress_glm_fit(r, error);
    if (r->options->robust)
        return regress_robust_fit(r, error);
    if (frame->n_effects > 0) {
        struct rk_absorbed effects = {.n = frame->n,
                                      .n_effects = frame->n_effects,
                                      .code = (const uint32_t *const *)frame->effect,
                                      .n_levels = frame->n_levels};

        status = rk_within_absorb(&r->design, &effects, !lean, r->ctx, &r->within, error);
        if (status == RK_OK && r->n_dummies > 0)
            status = regress_moments_sweep(r, error);
        if (status == RK_OK)
            r->design = rk_within_design(r->within);
        if (status == RK_OK && r->options->moments != NULL)
            r->design.stands_for = stands_for - r->within->n_singletons;
    }
    if (status == RK_OK)
        status = lean ? rk_fit_lean_new(&r->design, r->ctx, &r->fit, error)
                      : rk_fit_new(&r->design, r->ctx, &r->fit, error);
    if (status == RK_OK && r->fit->errors == RK_ETOOFEW)
        status = rk_fail(error, RK_ETOOFEW, "%zu rows for %zu coefficients%s: too few",
                         r->fit->nobs, r->fit->rank,
                         frame->n_effects > 1    ? " and fixed effects"
                         : frame->n_effects == 1 ? " and a fixed effect"
                                                 : "");
    return status;
}

size_t regress_frame_row(const struct regression *r, size_t i)
{
    if (r->glm != NULL)
        return r->glm->row[i];
    return r->within != NULL ? r->within->row[i] : i;
}

size_t regress_row(const struct regression *r, size_t i)
{
    return r->frame->row[regress_frame_row(r, i)];
}

enum rk_status regress_fit(struct regression *r, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (r->options->moments != NULL) {
        status = regress_moments_frame(r, error);
        if (status == RK_OK && r->frame->p == 0)
            status = rk_fail(error, RK_ESINGULAR, "the formula has no term to estimate");
        if (status == RK_OK)
            status = fit(r, error);
        return status == RK_OK ? regress_errors(r, error) : status;
    }
    r->n_rows = r->table->n_rows;
    if (r->options->weights != NULL)
        status = take_weights(r, error);
    if (status == RK_OK)
        status = regress_glm_rows(r, error);
    if (status == RK_OK)
        status = take_frame(r, error);
    if (status == RK_OK && r->options->weights != NULL)
        status = gather_weights(r, error);
    if (status == RK_OK && r->frame->p == 0)
        status = rk_fail(error, RK_ESINGULAR, "the formula has no term to estimate");
    if (status == RK_OK)
        status = take_low(r, error);
    if (status == RK_OK && r->options->between)
        status = regress_add_between(r, error);
    if (status == RK_OK)
        status = fit(r, error);
    if (status == RK_OK && r->mm == NULL)
        status = regress_errors(r, error);
    return status;
}

void regress_free(struct regression *r)
{
    rk_table_free(r->own_table);
    rk_table_free(r->points);
    rk_model_frame_free(r->frame);
    free(r->X_low);
    if (r->glm == NULL) {
        rk_within_free(r->within);
        rk_fit_free(r->fit);
    }
    regress_glm_free(r);
    rk_mm_free(r->mm);
    rk_covariance_free(&r->covariance);
    free(r->given_row);
    free(r->yes_or_no);
    free(r->weights);
    free(r->dummies);
    free(r->cluster);
    free(r->second_cluster);
    rk_wild_free(&r->wild);
    free(r->label);
    free(r->order);
    free(r->unit);
    free(r->period);
}
