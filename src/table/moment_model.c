/* The columns of a model among those of moments. */
#include <stdlib.h>
#include <string.h>

#include "frame_plan.h"
#include "repkit/moment_columns.h"

static size_t find(const struct rk_names *columns, const char *name)
{
    size_t i = 0;

    while (i < columns->n && strcmp(columns->name[i], name) != 0)
        i++;
    return i < columns->n ? i : SIZE_MAX;
}

/* The index of the column of a product; SIZE_MAX with the error where there is none. */
static size_t find_product(const struct rk_names *columns, const struct rk_moment_part *part,
                           size_t n, struct rk_error *error)
{
    struct rk_text name = {0};
    size_t found = SIZE_MAX;

    rk_moment_name(part, n, &name);
    if (name.failed) {
        rk_fail_memory(error);
    } else {
        found = find(columns, name.bytes);
        if (found == SIZE_MAX)
            rk_fail(error, RK_EINPUT,
                    "the moments have no column '%s': they are of another formula", name.bytes);
    }
    rk_text_free(&name);
    return found;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The level that a column of the factor is of: "North" of `region=North`; NULL for others. A
 * product has the prefix of its first variable only, and its other variables' names are in it as
 * they are in columns of their own: what is no level by itself is left to find_levels. */
static const char *level_in(const char *column, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(column, prefix, length) == 0 ? column + length : NULL;
}

bool rk_moment_is_product(const struct rk_names *columns, const char *column)
{
    for (const char *c = strchr(column, ':'); c != NULL; c = strchr(c + 1, ':')) {
        size_t length = (size_t)(c - column);

        for (size_t i = 0; i < columns->n; i++)
            if (strncmp(columns->name[i], column, length) == 0 && columns->name[i][length] == '\0')
                return true;
    }
    return false;
}

static enum rk_status find_levels(const struct rk_names *columns, struct rk_frame_variable *v,
                                  struct rk_error *error)
{
    struct rk_moment_part part = {v->node, ""};
    struct rk_text prefix = {0};
    enum rk_status status = RK_OK;

    rk_moment_name(&part, 1, &prefix);
    v->level = malloc((columns->n + 1) * sizeof *v->level);
    if (prefix.failed || v->level == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < columns->n; i++) {
        const char *level = level_in(columns->name[i], prefix.bytes);

        if (level != NULL && !rk_moment_is_product(columns, columns->name[i]))
            v->level[v->n_levels++] = level;
    }
    rk_text_free(&prefix);
    if (status != RK_OK || v->n_levels == 0)
        return status;
    if (v->n_levels == 1)
        return rk_fail(error, RK_ECONSTANT, "%s has one level only: '%s'", v->label, v->level[0]);
    qsort(v->level, v->n_levels, sizeof *v->level, by_bytes);
    v->labels.owned_dict = rk_dict_new();
    v->labels.dict = v->labels.owned_dict;
    return v->labels.dict == NULL ? rk_fail_memory(error) : RK_OK;
}

static enum rk_status move_reference(struct rk_frame_variable *v, struct rk_error *error)
{
    const char *reference;
    size_t i = 0;

    if (v->node->kind != RK_NODE_CALL || v->node->n_children != 2 ||
        !rk_frame_variable_is_factor(v))
        return RK_OK;
    reference = v->node->child[1]->child[1]->text;
    while (i < v->n_levels && strcmp(v->level[i], reference) != 0)
        i++;
    if (i == v->n_levels)
        return rk_fail(error, RK_EINPUT, "%s: no level '%s'", v->label, reference);
    reference = v->level[i];
    for (; i > 0; i--)
        v->level[i] = v->level[i - 1];
    v->level[0] = reference;
    return RK_OK;
}

/* What the moments say of a variable: numbers, or a factor with its levels. */
static enum rk_status describe(const struct rk_names *columns, const struct rk_node *node,
                               struct rk_frame_variable *v, struct rk_error *error)
{
    struct rk_text label = {0};
    enum rk_status status = RK_OK;
    bool number;

    *v = (struct rk_frame_variable){.node = node};
    rk_node_print(node, &label);
    v->label = rk_text_take(&label);
    if (v->label == NULL)
        return rk_fail_memory(error);
    /* What is neither is of numbers and stands in products only. */
    number = find(columns, v->label) != SIZE_MAX;
    if (!number && (node->kind == RK_NODE_NAME ||
                    (node->kind == RK_NODE_CALL && strcmp(node->text, "factor") == 0)))
        status = find_levels(columns, v, error);
    return status == RK_OK ? move_reference(v, error) : status;
}

static enum rk_status describe_all(struct rk_frame_plan *plan, const struct rk_names *columns,
                                   struct rk_error *error)
{
    const struct rk_formula *formula = plan->formula;
    size_t n_uses = 0;
    enum rk_status status = RK_OK;

    for (size_t t = 0; t < formula->n_terms; t++)
        n_uses += formula->term[t].n_variables;
    plan->variable = calloc(n_uses + 1, sizeof *plan->variable);
    if (plan->variable == NULL)
        return rk_fail_memory(error);
    for (size_t t = 0; t < formula->n_terms; t++) {
        for (size_t v = 0; status == RK_OK && v < formula->term[t].n_variables; v++) {
            const struct rk_node *node = formula->term[t].variable[v];

            if (rk_frame_plan_find(plan, node) < plan->n_variables)
                continue;
            status = describe(columns, node, &plan->variable[plan->n_variables++], error);
        }
    }
    return status;
}

/* The columns of the model, in the order in which rk_frame_plan_name names them. */
static enum rk_status find_sources(const struct rk_frame_plan *plan, const struct rk_names *columns,
                                   struct rk_moment_model *model, struct rk_error *error)
{
    const struct rk_formula *formula = plan->formula;
    size_t j = 0;

    if (model->has_intercept)
        model->source[j++] = SIZE_MAX;
    for (size_t c = 0; j < model->p; j++) {
        const struct rk_term *term = &formula->term[model->term[j]];
        struct rk_moment_part *part = calloc(term->n_variables, sizeof *part);
        size_t rest;

        if (part == NULL)
            return rk_fail_memory(error);
        c = j > 0 && model->term[j - 1] == model->term[j] ? c + 1 : 0;
        rest = c;
        for (size_t v = 0; v < term->n_variables; v++) {
            const struct rk_frame_variable *variable =
                &plan->variable[rk_frame_plan_find(plan, term->variable[v])];
            bool factor = rk_frame_variable_is_factor(variable);
            size_t first = plan->coding[model->term[j]][v] == RK_CONTRASTS;
            size_t width = factor ? variable->n_levels - first : 1;

            part[v].node = term->variable[v];
            part[v].level = factor ? variable->level[rest % width + first] : NULL;
            rest /= width;
        }
        model->source[j] = find_product(columns, part, term->n_variables, error);
        free(part);
        if (model->source[j] == SIZE_MAX)
            return error != NULL ? error->status : RK_EINPUT;
    }
    return RK_OK;
}

static enum rk_status keep_factors(const struct rk_frame_plan *plan, const struct rk_names *columns,
                                   struct rk_moment_model *model, struct rk_error *error)
{
    model->factor = calloc(plan->n_variables + 1, sizeof *model->factor);
    if (model->factor == NULL)
        return rk_fail_memory(error);
    for (size_t v = 0; v < plan->n_variables; v++) {
        const struct rk_frame_variable *variable = &plan->variable[v];
        struct rk_moment_factor *factor = &model->factor[model->n_factors];

        if (!rk_frame_variable_is_factor(variable))
            continue;
        model->n_factors++;
        factor->label = rk_strdup(variable->label);
        factor->source = malloc((variable->n_levels + 1) * sizeof *factor->source);
        if (factor->label == NULL || factor->source == NULL)
            return rk_fail_memory(error);
        for (; factor->n < variable->n_levels; factor->n++) {
            struct rk_moment_part part = {variable->node, variable->level[factor->n]};

            factor->source[factor->n] = find_product(columns, &part, 1, error);
            if (factor->source[factor->n] == SIZE_MAX)
                return error != NULL ? error->status : RK_EINPUT;
        }
    }
    return RK_OK;
}

static enum rk_status make(struct rk_frame_plan *plan, const struct rk_names *columns,
                           struct rk_moment_model *model, struct rk_error *error)
{
    const struct rk_formula *formula = plan->formula;
    struct rk_moment_part response = {formula->response, NULL};
    enum rk_status status = describe_all(plan, columns, error);

    plan->has_intercept = formula->intercept && formula->fixed_effects.n == 0;
    if (status == RK_OK)
        status = rk_frame_plan_code(plan, error);
    if (status != RK_OK)
        return status;
    model->has_intercept = plan->has_intercept;
    model->response = find_product(columns, &response, 1, error);
    if (model->response == SIZE_MAX)
        return error != NULL ? error->status : RK_EINPUT;
    model->p = plan->p;
    model->name = calloc(plan->p + 1, sizeof *model->name);
    model->term = malloc((plan->p + 1) * sizeof *model->term);
    model->source = malloc((plan->p + 1) * sizeof *model->source);
    if (model->name == NULL || model->term == NULL || model->source == NULL ||
        rk_frame_plan_name(plan, model->name, model->term) != RK_OK)
        return rk_fail_memory(error);
    status = find_sources(plan, columns, model, error);
    return status == RK_OK ? keep_factors(plan, columns, model, error) : status;
}

enum rk_status rk_moment_model_new(const struct rk_formula *formula, const struct rk_names *columns,
                                   struct rk_moment_model *model, struct rk_error *error)
{
    struct rk_moment_model made = {0};
    struct rk_frame_plan *plan;
    enum rk_status status = rk_moment_columns_check(formula, false, error);

    if (status != RK_OK)
        return status;
    plan = calloc(1, sizeof *plan);
    if (plan == NULL)
        return rk_fail_memory(error);
    plan->formula = formula;
    status = make(plan, columns, &made, error);
    rk_frame_plan_free(plan);
    if (status == RK_OK)
        *model = made;
    else
        rk_moment_model_free(&made);
    return status;
}

void rk_moment_model_free(struct rk_moment_model *model)
{
    for (size_t j = 0; model->name != NULL && j < model->p; j++)
        free(model->name[j]);
    free(model->name);
    free(model->term);
    free(model->source);
    for (size_t f = 0; f < model->n_factors; f++) {
        free(model->factor[f].label);
        free(model->factor[f].source);
    }
    free(model->factor);
    *model = (struct rk_moment_model){0};
}
