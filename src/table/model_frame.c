/* The model frame: complete rows, levels, and R's coding of terms as columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame_plan.h"

struct builder {
    const struct rk_formula *formula;
    const struct rk_table *table;
    struct rk_error *error;
    struct rk_model_frame *frame;
    struct rk_frame_plan *plan;
    double *response;       /* one a row of the table, or NULL */
    bool borrowed_response; /* a column of the table */
    bool lean;
    struct rk_labels *label; /* of the fixed effects, then of the extra columns */
    size_t n_labels;
};

/* --- what is read from the table ----------------------------------------------------------- */

static enum rk_status read_labels(struct builder *builder, const struct rk_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        enum rk_status status = rk_labels_read(builder->table, names->name[i],
                                               &builder->label[builder->n_labels], builder->error);

        if (status != RK_OK)
            return status;
        builder->n_labels++;
    }
    return RK_OK;
}

static enum rk_status read_response(struct builder *builder)
{
    const struct rk_node *node = builder->formula->response;
    size_t column = node->kind == RK_NODE_NAME
                        ? rk_table_find_typed(builder->table, node->text, RK_NUMBER)
                        : SIZE_MAX;

    if (column != SIZE_MAX) {
        builder->response = builder->table->column[column].number;
        builder->borrowed_response = true;
        return RK_OK;
    }
    builder->response = malloc((builder->table->n_rows + 1) * sizeof(double));
    if (builder->response == NULL)
        return rk_fail_memory(builder->error);
    return rk_evaluate_series(node, builder->table, &builder->formula->series, builder->response,
                              builder->error);
}

static enum rk_status read_all(struct builder *builder, const struct rk_names *extra)
{
    const struct rk_names *effects = &builder->formula->fixed_effects;
    enum rk_status status = rk_frame_plan_read(builder->plan, builder->table, NULL, builder->error);

    if (status != RK_OK)
        return status;
    builder->label =
        calloc(effects->n + (extra == NULL ? 0 : extra->n) + 1, sizeof *builder->label);
    if (builder->label == NULL)
        return rk_fail_memory(builder->error);
    status = read_labels(builder, effects);
    if (status == RK_OK && extra != NULL)
        status = read_labels(builder, extra);
    if (status != RK_OK || builder->formula->response == NULL)
        return status;
    return read_response(builder);
}

/* --- complete rows ------------------------------------------------------------------------- */

static void mark_missing_numbers(const double *number, size_t n, unsigned char *missing)
{
    for (size_t i = 0; i < n; i++)
        missing[i] |= isnan(number[i]) != 0;
}

static void mark_missing_codes(const uint32_t *code, size_t n, unsigned char *missing)
{
    for (size_t i = 0; i < n; i++)
        missing[i] |= code[i] == RK_NO_CODE;
}

/* Marks the rows of the table in which something is missing. */
static void mark_missing(const struct builder *builder, unsigned char *missing)
{
    size_t n = builder->table->n_rows;

    if (builder->response != NULL)
        mark_missing_numbers(builder->response, n, missing);
    for (size_t v = 0; v < builder->plan->n_variables; v++) {
        const struct rk_frame_variable *variable = &builder->plan->variable[v];

        if (variable->number != NULL)
            mark_missing_numbers(variable->number, n, missing);
        else
            mark_missing_codes(variable->labels.code, n, missing);
    }
    for (size_t l = 0; l < builder->n_labels; l++)
        mark_missing_codes(builder->label[l].code, n, missing);
}

static enum rk_status choose_rows(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    size_t n_rows = builder->table->n_rows;
    unsigned char *missing = calloc(n_rows + 1, sizeof *missing);

    frame->row = malloc((n_rows + 1) * sizeof *frame->row);
    if (frame->row == NULL || missing == NULL) {
        free(missing);
        return rk_fail_memory(builder->error);
    }
    mark_missing(builder, missing);
    for (size_t i = 0; i < n_rows; i++)
        if (!missing[i])
            frame->row[frame->n++] = i;
    free(missing);
    frame->n_dropped = n_rows - frame->n;
    if (frame->n == 0)
        return rk_fail(builder->error, RK_ENODATA, "no row has values in all columns of '%.200s'",
                       builder->formula->source);
    if (frame->n_dropped == 0)
        return RK_OK;
    return rk_frame_plan_undefined(builder->plan, builder->table, builder->response,
                                   &frame->n_undefined, &frame->n_unlagged, builder->error);
}

/* Codes of the fixed effects among the rows of the frame, in first-seen order. */
static enum rk_status number_effects(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    size_t n_effects = builder->formula->fixed_effects.n;

    frame->effect = calloc(n_effects + 1, sizeof *frame->effect);
    frame->n_levels = calloc(n_effects + 1, sizeof *frame->n_levels);
    if (frame->effect == NULL || frame->n_levels == NULL)
        return rk_fail_memory(builder->error);
    for (size_t e = 0; e < n_effects; e++) {
        const struct rk_labels *label = &builder->label[e];
        size_t n_codes = rk_dict_size(label->dict);
        uint32_t *number = malloc((n_codes + 1) * sizeof *number);

        frame->effect[e] = malloc(frame->n * sizeof **frame->effect);
        frame->n_effects++;
        if (number == NULL || frame->effect[e] == NULL) {
            free(number);
            return rk_fail_memory(builder->error);
        }
        memset(number, 0xff, (n_codes + 1) * sizeof *number);
        for (size_t i = 0; i < frame->n; i++) {
            uint32_t code = label->code[frame->row[i]];

            if (number[code] == RK_NO_CODE)
                number[code] = (uint32_t)frame->n_levels[e]++;
            frame->effect[e][i] = number[code];
        }
        free(number);
    }
    return RK_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

/* Whether the table holds the frame's columns as they are. */
static bool are_columns(const struct builder *builder)
{
    const struct rk_frame_plan *plan = builder->plan;

    if (!builder->borrowed_response || builder->frame->n_dropped > 0 ||
        plan->p != plan->formula->n_terms + plan->has_intercept)
        return false;
    for (size_t t = 0; t < plan->formula->n_terms; t++) {
        const struct rk_term *term = &plan->formula->term[t];

        if (term->n_variables != 1 ||
            !plan->variable[rk_frame_plan_find(plan, term->variable[0])].borrowed)
            return false;
    }
    return true;
}

static enum rk_status borrow_columns(struct builder *builder)
{
    const struct rk_frame_plan *plan = builder->plan;
    struct rk_model_frame *frame = builder->frame;

    frame->borrowed = true;
    frame->y = builder->response;
    frame->name = calloc(frame->p + 1, sizeof *frame->name);
    frame->term = malloc((frame->p + 1) * sizeof *frame->term);
    if (frame->name == NULL || frame->term == NULL)
        return rk_fail_memory(builder->error);
    if (plan->has_intercept)
        frame->column[0] = NULL;
    for (size_t t = 0; t < plan->formula->n_terms; t++) {
        size_t v = rk_frame_plan_find(plan, plan->formula->term[t].variable[0]);

        frame->column[plan->has_intercept + t] = plan->variable[v].number;
    }
    return rk_frame_plan_name(plan, frame->name, frame->term) == RK_OK
               ? RK_OK
               : rk_fail_memory(builder->error);
}

static enum rk_status fill_frame(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    struct rk_frame_plan *plan = builder->plan;
    enum rk_status status;

    frame->p = plan->p;
    frame->column = malloc((frame->p + 1) * sizeof *frame->column);
    if (frame->column == NULL)
        return rk_fail_memory(builder->error);
    if (builder->lean && are_columns(builder))
        return borrow_columns(builder);
    frame->X = malloc((frame->p * frame->n + 1) * sizeof *frame->X);
    frame->name = calloc(frame->p + 1, sizeof *frame->name);
    frame->term = malloc((frame->p + 1) * sizeof *frame->term);
    if (builder->response != NULL)
        frame->y = malloc(frame->n * sizeof *frame->y);
    if (frame->X == NULL || frame->name == NULL || frame->term == NULL ||
        (builder->response != NULL && frame->y == NULL))
        return rk_fail_memory(builder->error);
    for (size_t i = 0; builder->response != NULL && i < frame->n; i++)
        frame->y[i] = builder->response[frame->row[i]];
    for (size_t j = 0; j < frame->p; j++)
        frame->column[j] = frame->X + j * frame->n;
    status = rk_frame_plan_fill(plan, plan->variable, frame->row, frame->n, false, frame->X);
    if (status == RK_OK)
        status = rk_frame_plan_name(plan, frame->name, frame->term);
    return status == RK_OK ? RK_OK : rk_fail_memory(builder->error);
}

/* --- the frame ----------------------------------------------------------------------------- */

void rk_model_frame_free(struct rk_model_frame *frame)
{
    if (frame == NULL)
        return;
    for (size_t j = 0; frame->name != NULL && j < frame->p; j++)
        free(frame->name[j]);
    for (size_t e = 0; e < frame->n_effects; e++)
        free(frame->effect[e]);
    if (!frame->borrowed)
        free(frame->y);
    free(frame->X);
    free(frame->column);
    free(frame->name);
    free(frame->term);
    free(frame->row);
    free(frame->effect);
    free(frame->n_levels);
    rk_frame_plan_free(frame->plan);
    free(frame);
}

static void free_builder(struct builder *builder)
{
    for (size_t l = 0; l < builder->n_labels; l++)
        rk_labels_free(&builder->label[l]);
    free(builder->label);
    if (!builder->borrowed_response)
        free(builder->response);
    /* The plan keeps levels and bases, not what was read. */
    for (size_t v = 0; v < builder->plan->n_variables; v++) {
        struct rk_frame_variable *variable = &builder->plan->variable[v];

        if (!variable->borrowed)
            free(variable->number);
        free(variable->column);
        variable->borrowed = false;
        free(variable->labels.owned_code);
        variable->number = variable->column = NULL;
        variable->labels.code = variable->labels.owned_code = NULL;
    }
}

static enum rk_status build(struct builder *builder, const struct rk_names *extra)
{
    struct rk_model_frame *frame = builder->frame;
    enum rk_status status = read_all(builder, extra);

    if (status == RK_OK)
        status = choose_rows(builder);
    for (size_t v = 0; status == RK_OK && v < builder->plan->n_variables; v++)
        status = rk_frame_variable_settle(&builder->plan->variable[v], frame->row, frame->n,
                                          builder->table->n_rows, builder->error);
    if (status == RK_OK)
        status = number_effects(builder);
    if (status == RK_OK)
        status = rk_frame_plan_code(builder->plan, builder->error);
    return status == RK_OK ? fill_frame(builder) : status;
}

static enum rk_status make(const struct rk_formula *formula, const struct rk_table *table,
                           const struct rk_names *extra, bool lean, struct rk_model_frame **frame,
                           struct rk_error *error)
{
    struct builder builder = {.formula = formula, .table = table, .error = error, .lean = lean};
    enum rk_status status;

    builder.frame = calloc(1, sizeof *builder.frame);
    builder.plan = calloc(1, sizeof *builder.plan);
    if (builder.frame == NULL || builder.plan == NULL) {
        free(builder.frame);
        free(builder.plan);
        return rk_fail_memory(error);
    }
    builder.frame->plan = builder.plan;
    builder.plan->formula = formula;
    builder.plan->has_intercept = builder.frame->has_intercept =
        formula->intercept && formula->fixed_effects.n == 0;
    status = build(&builder, extra);
    free_builder(&builder);
    if (status != RK_OK) {
        rk_model_frame_free(builder.frame);
        return status;
    }
    *frame = builder.frame;
    return RK_OK;
}

enum rk_status rk_model_frame_new(const struct rk_formula *formula, const struct rk_table *table,
                                  const struct rk_names *extra, struct rk_model_frame **frame,
                                  struct rk_error *error)
{
    return make(formula, table, extra, false, frame, error);
}

enum rk_status rk_model_frame_lean_new(const struct rk_formula *formula,
                                       const struct rk_table *table, const struct rk_names *extra,
                                       struct rk_model_frame **frame, struct rk_error *error)
{
    return make(formula, table, extra, true, frame, error);
}
