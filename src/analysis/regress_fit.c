/* From the rows of a group to coefficients and their errors. */
#include <math.h>
#include <stdlib.h>

#include "regress_parts.h"

/* --- rows ----------------------------------------------------------------------------------- */

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
        r->table = r->own_table = rk_table_rows(table, rows, n);
        if (r->own_table == NULL)
            status = rk_fail_memory(error);
    }
    free(rows);
    return status;
}

/* --missing error: the first missing cell of the columns used, with its line. */
static enum rk_status refuse_missing(const struct regression *r, struct rk_error *error)
{
    struct rk_names names = {0};
    size_t *columns = NULL, *rows = NULL, n = 0, n_columns = 0;
    enum rk_status status = rk_node_columns(r->options->formula->tree, &names);

    if (status == RK_OK && r->cluster_name != NULL && !rk_names_has(&names, r->cluster_name))
        status = rk_names_add(&names, r->cluster_name);
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

static enum rk_status take_frame(struct regression *r, struct rk_error *error)
{
    struct rk_names extra = {0};
    bool refuse = r->options->common.missing == RK_MISSING_ERROR;
    enum rk_status status = RK_OK;

    if (refuse)
        status = refuse_missing(r, error);
    if (status == RK_OK && r->cluster_name != NULL &&
        rk_names_add(&extra, r->cluster_name) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = rk_model_frame_new(r->options->formula, r->table, &extra, &r->frame, error);
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

static enum rk_status fit(struct regression *r, struct rk_error *error)
{
    struct rk_model_frame *frame = r->frame;
    enum rk_status status = RK_OK;

    r->design = (struct rk_design){.n = frame->n,
                                   .p = frame->p,
                                   .y = frame->y,
                                   .X = frame->X,
                                   .weights = r->weights,
                                   .has_intercept = frame->has_intercept};
    if (r->options->family != RK_FAMILY_GAUSSIAN)
        return regress_glm_fit(r, error);
    if (frame->n_effects > 0) {
        const uint32_t *effect = frame->effect[0];

        status = rk_within_new(&r->design, &effect, frame->n_levels, 1, &r->within, error);
        if (status == RK_OK)
            r->design = rk_within_design(r->within);
    }
    if (status == RK_OK)
        status = rk_fit_new(&r->design, r->ctx, &r->fit, error);
    if (status == RK_OK && r->fit->errors == RK_ETOOFEW)
        status =
            rk_fail(error, RK_ETOOFEW, "%zu rows for %zu coefficients%s: too few", r->fit->nobs,
                    r->fit->rank, r->within != NULL ? " and a fixed effect" : "");
    return status;
}

/* The row of the table that row i of the fit is. */
static size_t table_row(const struct regression *r, size_t i)
{
    if (r->glm != NULL)
        return r->frame->row[r->glm->row[i]];
    return r->frame->row[r->within != NULL ? r->within->row[i] : i];
}

static enum rk_status gather_clusters(struct regression *r, struct rk_error *error)
{
    size_t column = 0, *count;
    enum rk_status status = rk_column_index(r->table, r->cluster_name, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    r->n_cluster_codes = rk_dict_size(r->table->column[column].dict);
    r->cluster = malloc((r->fit->n + 1) * sizeof *r->cluster);
    count = calloc(r->n_cluster_codes + 1, sizeof *count);
    if (r->cluster == NULL || count == NULL) {
        free(count);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < r->fit->n; i++) {
        uint32_t code = r->table->column[column].code[table_row(r, i)];

        r->cluster[i] = code;
        if (++count[code] > r->largest_cluster)
            r->largest_cluster = count[code];
    }
    free(count);
    return RK_OK;
}

static enum rk_status estimate_errors(struct regression *r, struct rk_error *error)
{
    struct rk_clusters clusters = {0};
    enum rk_status status = RK_OK;
    bool nested = false;

    if (r->cluster_name != NULL) {
        status = gather_clusters(r, error);
        if (status == RK_OK && r->within != NULL &&
            rk_is_nested(r->within->effect[0], r->within->n_levels[0], r->cluster, r->fit->n,
                         &nested) != RK_OK)
            status = rk_fail_memory(error);
        clusters = (struct rk_clusters){.code = r->cluster,
                                        .n_codes = r->n_cluster_codes,
                                        .df_nested = nested ? r->within->df : 0};
    }
    if (status == RK_OK)
        status = rk_covariance_of(r->fit, r->method, &clusters, &r->covariance, error);
    r->errors = RK_OK;
    if (rk_status_is_undefined(status)) {
        r->errors = status; /* the coefficients stand without their errors */
        status = RK_OK;
    }
    return status;
}
enum rk_status regress_fit(struct regression *r, struct rk_error *error)
{
    enum rk_status status = RK_OK;

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
        status = fit(r, error);
    if (status == RK_OK)
        status = estimate_errors(r, error);
    return status;
}

void regress_free(struct regression *r)
{
    rk_table_free(r->own_table);
    rk_model_frame_free(r->frame);
    if (r->glm == NULL) {
        rk_within_free(r->within);
        rk_fit_free(r->fit);
    }
    regress_glm_free(r);
    rk_covariance_free(&r->covariance);
    free(r->weights);
    free(r->cluster);
}
