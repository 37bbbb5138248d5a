/* From the rows of a group to what curves are fitted to, and one regression of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "model_rows.h"
#include "repkit/distributions.h"
#include "repkit/quantile.h"

/* More items than these are resampled in groups: an interval does not need more. */
enum { MOST_ITEMS = 2000, MOST_CROSSED = 120 };

/* --- rows ---------------------------------------------------------------------------------- */

/* Leaves out the rows whose weight is missing or 0, before factors count their levels. */
static enum rk_status take_weights(struct band *b, struct rk_error *error)
{
    size_t *rows = NULL, n = 0;
    enum rk_status status = model_weighted_rows(b->table, b->options->weights,
                                                b->options->common.missing, &rows, &n, error);

    if (status == RK_OK && n < b->table->n_rows) {
        b->n_weightless = b->table->n_rows - n;
        b->own_table = rk_table_rows(b->table, rows, n);
        if (b->own_table == NULL)
            status = rk_fail_memory(error);
        else
            b->table = b->own_table;
    }
    free(rows);
    return status;
}

static enum rk_status take_frame(struct band *b, struct rk_error *error)
{
    struct rk_names extra = {0};
    enum rk_status status = RK_OK;

    if (b->cluster_name != NULL && rk_names_add(&extra, b->cluster_name) != RK_OK)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = model_rows_frame(b->options->formula, b->table, &extra, b->options->common.missing,
                                  false, &b->frame, error);
    rk_names_free(&extra);
    return status;
}

/* The activity's column in the frame: the first term's, which is to be one number. */
static enum rk_status find_activity(struct band *b, size_t *column, struct rk_error *error)
{
    size_t n = 0;

    rk_node_print(b->options->formula->term[0].variable[0], &b->activity);
    rk_node_print(b->options->formula->response, &b->response);
    if (b->activity.failed || b->response.failed)
        return rk_fail_memory(error);
    for (size_t j = 0; j < b->frame->p; j++) {
        if (b->frame->term[j] == 0) {
            *column = j;
            n++;
        }
    }
    if (n != 1 || strcmp(b->frame->name[*column], b->activity.bytes) != 0)
        return rk_fail(
            error, RK_EINPUT,
            "the activity '%s' is not a column of numbers: it comes first in the formula",
            b->activity.bytes);
    return RK_OK;
}

static void *array(size_t n, size_t size)
{
    return calloc(n + 1, size);
}

/* Takes over the rows that the effects leave (a level's only row says nothing). */
static enum rk_status gather(struct band *b, size_t activity, const struct rk_within *within,
                             struct rk_error *error)
{
    const struct rk_model_frame *f = b->frame;
    size_t weight = b->options->weights == NULL
                        ? 0
                        : rk_table_find_typed(b->table, b->options->weights, RK_NUMBER);
    size_t first = f->has_intercept ? 1 : 0;

    b->n = within != NULL ? within->n : f->n;
    b->n_singletons = f->n - b->n;
    b->q = f->p - first - 1;
    b->intercept = f->has_intercept;
    b->row = array(b->n, sizeof *b->row);
    b->y = array(b->n, sizeof *b->y);
    b->x = array(b->n, sizeof *b->x);
    b->u = array(b->n, sizeof *b->u);
    b->Z = array(b->n * b->q, sizeof *b->Z);
    if (b->options->weights != NULL)
        b->weights = array(b->n, sizeof *b->weights);
    if (b->row == NULL || b->y == NULL || b->x == NULL || b->u == NULL || b->Z == NULL ||
        (b->options->weights != NULL && b->weights == NULL))
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        size_t from = within != NULL ? within->row[i] : i, k = 0;

        b->row[i] = f->row[from];
        b->y[i] = f->y[from];
        b->x[i] = f->X[activity * f->n + from];
        for (size_t j = first; j < f->p; j++)
            if (j != activity)
                b->Z[k++ * b->n + i] = f->X[j * f->n + from];
        if (b->weights != NULL)
            b->weights[i] = b->table->column[weight].number[b->row[i]];
    }
    return RK_OK;
}

static enum rk_status gather_effects(struct band *b, const struct rk_within *within,
                                     struct rk_error *error)
{
    b->effect = array(b->frame->n_effects, sizeof *b->effect);
    b->n_levels = array(b->frame->n_effects, sizeof *b->n_levels);
    if (b->effect == NULL || b->n_levels == NULL)
        return rk_fail_memory(error);
    b->n_effects = b->frame->n_effects;
    for (size_t e = 0; e < b->n_effects; e++) {
        b->n_levels[e] = b->frame->n_levels[e];
        b->effect[e] = array(b->n, sizeof **b->effect);
        if (b->effect[e] == NULL)
            return rk_fail_memory(error);
        for (size_t i = 0; i < b->n; i++)
            b->effect[e][i] = b->frame->effect[e][within->row[i]];
    }
    return RK_OK;
}

/* Which effects lie within clusters, how much freedom they take, and what the others span: with few
 * enough levels these are further columns of CR2 and of every resample. */
static enum rk_status sort_effects(struct band *b, struct rk_error *error)
{
    const uint32_t **code = array(b->n_effects, sizeof *code);
    size_t *n_levels = array(b->n_effects, sizeof *n_levels), n = 0;
    enum rk_status status = code == NULL || n_levels == NULL ? RK_ENOMEM : RK_OK;

    b->nested = array(b->n_effects, sizeof *b->nested);
    if (b->nested == NULL)
        status = RK_ENOMEM;
    for (size_t e = 0; status == RK_OK && e < b->n_effects; e++) {
        status = rk_is_nested(b->effect[e], b->n_levels[e], b->cluster, b->n, &b->nested[e]);
        if (status == RK_OK && b->nested[e]) {
            code[n] = b->effect[e];
            n_levels[n++] = b->n_levels[e];
        }
    }
    if (status == RK_OK && n > 0) {
        struct rk_absorbed nested = {b->n, n, code, n_levels, b->weights};

        status = rk_absorb_df(&nested, &b->df_nested);
    }
    if (status == RK_OK && n < b->n_effects) {
        struct rk_design design = {.n = b->n, .p = 1, .y = b->y, .X = b->x, .weights = b->weights};
        struct rk_absorbed all = {b->n, b->n_effects, (const uint32_t *const *)b->effect,
                                  b->n_levels, NULL};
        struct rk_within *within = NULL;

        status = rk_within_absorb(&design, &all, false, b->ctx, &within, error);
        if (status == RK_OK)
            status = rk_within_crossed(within, b->nested, &b->crossed, &b->n_crossed);
        rk_within_free(within);
        if (status == RK_EDOMAIN || (status == RK_OK && b->n_crossed > MOST_CROSSED)) {
            free(b->crossed); /* too many: they are taken as known */
            b->crossed = NULL;
            b->n_crossed = 0;
            status = RK_OK;
        }
    }
    free(code);
    free(n_levels);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

static enum rk_status gather_clusters(struct band *b, struct rk_error *error)
{
    size_t column = 0, *count;
    enum rk_status status = rk_column_index(b->table, b->cluster_name, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    b->n_cluster_codes = rk_dict_size(b->table->column[column].dict);
    b->cluster = array(b->n, sizeof *b->cluster);
    count = array(b->n_cluster_codes, sizeof *count);
    if (b->cluster == NULL || count == NULL) {
        free(count);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < b->n; i++) {
        uint32_t code = b->table->column[column].code[b->row[i]];

        b->cluster[i] = code;
        b->n_clusters += count[code]++ == 0;
        if (count[code] > b->largest_cluster)
            b->largest_cluster = count[code];
    }
    free(count);
    return b->n_effects > 0 ? sort_effects(b, error) : RK_OK;
}

/* What is drawn as a whole: clusters, else rows, numbered as they come. */
static enum rk_status number_items(struct band *b, struct rk_error *error)
{
    size_t *seen = array(b->n_cluster_codes, sizeof *seen), n = 0;

    b->item = array(b->n, sizeof *b->item);
    if (b->item == NULL || seen == NULL) {
        free(seen);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < b->n; i++) {
        if (b->cluster == NULL) {
            b->item[i] = (uint32_t)(i % MOST_ITEMS);
            continue;
        }
        if (seen[b->cluster[i]] == 0)
            seen[b->cluster[i]] = ++n;
        b->item[i] = (uint32_t)((seen[b->cluster[i]] - 1) % MOST_ITEMS);
    }
    if (b->cluster == NULL)
        n = b->n;
    b->n_items = n < MOST_ITEMS ? n : MOST_ITEMS;
    free(seen);
    return RK_OK;
}

static double weight_of(const struct band *b, size_t i)
{
    return b->weights != NULL ? b->weights[i] : 1.0;
}

/* Scale, range and distinct values of the activity. */
static enum rk_status measure(struct band *b, struct rk_error *error)
{
    static const double tails[] = {0.05, 0.95};
    double total = 0.0, ss = 0.0, quantile[2];

    b->distinct = array(b->n, sizeof *b->distinct);
    if (b->distinct == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        double w = weight_of(b, i);

        total += w;
        b->centre += w * (b->x[i] - b->centre) / total;
        b->y_mean += w * (b->y[i] - b->y_mean) / total;
        b->distinct[i] = b->x[i];
    }
    for (size_t i = 0; i < b->n; i++)
        ss += (b->x[i] - b->centre) * (b->x[i] - b->centre);
    b->scale = sqrt(ss / (double)b->n);
    if (!(b->scale > 1e-12 * fabs(b->centre)) || !(b->scale > 0.0))
        return rk_fail(error, RK_ECONSTANT, "%s does not vary", b->activity.bytes);
    for (size_t i = 0; i < b->n; i++)
        b->u[i] = (b->x[i] - b->centre) / b->scale;
    rk_sort(b->distinct, b->n);
    for (size_t k = 0; k < 2; k++)
        quantile[k] = rk_quantile_sorted(b->distinct, b->n, tails[k], 7);
    b->q05 = quantile[0];
    b->q95 = quantile[1];
    b->low = b->distinct[0];
    b->high = b->distinct[b->n - 1];
    for (size_t i = 0; i < b->n; i++)
        if (b->n_distinct == 0 || b->distinct[i] > b->distinct[b->n_distinct - 1])
            b->distinct[b->n_distinct++] = b->distinct[i];
    return RK_OK;
}

enum rk_status band_sample(struct band *b, struct rk_error *error)
{
    struct rk_within *within = NULL;
    size_t activity = 0;
    enum rk_status status = RK_OK;

    b->n_rows = b->table->n_rows;
    if (b->options->weights != NULL)
        status = take_weights(b, error);
    if (status == RK_OK)
        status = take_frame(b, error);
    if (status == RK_OK)
        status = find_activity(b, &activity, error);
    if (status == RK_OK && b->frame->n_effects > 0) {
        struct rk_design design = {
            .n = b->frame->n, .p = 1, .y = b->frame->y, .X = b->frame->X + activity * b->frame->n};
        struct rk_absorbed effects = {b->frame->n, b->frame->n_effects,
                                      (const uint32_t *const *)b->frame->effect, b->frame->n_levels,
                                      NULL};

        status = rk_within_absorb(&design, &effects, false, b->ctx, &within, error);
    }
    if (status == RK_OK)
        status = gather(b, activity, within, error);
    if (status == RK_OK && within != NULL)
        status = gather_effects(b, within, error);
    rk_within_free(within);
    if (status == RK_OK && b->cluster_name != NULL)
        status = gather_clusters(b, error);
    if (status == RK_OK)
        status = number_items(b, error);
    return status == RK_OK ? measure(b, error) : status;
}

void band_free(struct band *b)
{
    for (size_t e = 0; e < b->n_effects; e++)
        free(b->effect[e]);
    for (int k = 0; k < BAND_MODELS; k++) {
        band_fit_free(&b->model[k].fit);
        band_fit_free(&b->model[k].working);
    }
    rk_curve_sums_free(b->sums);
    rk_table_free(b->own_table);
    rk_model_frame_free(b->frame);
    rk_text_free(&b->activity);
    rk_text_free(&b->response);
    rk_text_free(&b->label);
    free(b->effect);
    free(b->n_levels);
    free(b->nested);
    free(b->crossed);
    free(b->row);
    free(b->y);
    free(b->x);
    free(b->u);
    free(b->Z);
    free(b->weights);
    free(b->cluster);
    free(b->item);
    free(b->distinct);
    free(b->node);
}
