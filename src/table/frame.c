/* A frame's columns for other rows. */
#include "repkit/frame.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame_plan.h"
#include "lag.h"

/* --- atoms --------------------------------------------------------------------------------- */

void rk_atoms_free(struct rk_atoms *atoms)
{
    for (size_t i = 0; i < atoms->n; i++)
        free(atoms->atom[i].label);
    free(atoms->atom);
    *atoms = (struct rk_atoms){0};
}

/* Takes the atom's label; adds it unless one of that label is there. */
static enum rk_status add_atom(struct rk_atoms *atoms, struct rk_atom atom)
{
    struct rk_atom *grown;

    if (atom.label == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < atoms->n; i++) {
        if (strcmp(atoms->atom[i].label, atom.label) == 0) {
            free(atom.label);
            return RK_OK;
        }
    }
    grown = realloc(atoms->atom, (atoms->n + 1) * sizeof *grown);
    if (grown == NULL) {
        free(atom.label);
        return RK_ENOMEM;
    }
    atoms->atom = grown;
    grown[atoms->n++] = atom;
    return RK_OK;
}

static enum rk_status add_number_atoms(struct rk_atoms *atoms, const struct rk_node *node)
{
    enum rk_status status = RK_OK;

    if (node->kind == RK_NODE_NAME || rk_is_lag(node)) {
        struct rk_text label = {0};

        rk_node_print(node, &label);
        return add_atom(atoms, (struct rk_atom){.label = rk_text_take(&label), .node = node});
    }
    /* The argument that is named, like df = 3, holds no column. */
    for (size_t i = 0; status == RK_OK && i < node->n_children; i++)
        if (!(node->child[i]->kind == RK_NODE_OPERATOR && node->child[i]->op == RK_OP_ASSIGN))
            status = add_number_atoms(atoms, node->child[i]);
    return status;
}

enum rk_status rk_frame_atoms(const struct rk_model_frame *frame, struct rk_atoms *atoms)
{
    struct rk_atoms found = {0};
    enum rk_status status = RK_OK;

    for (size_t v = 0; status == RK_OK && v < frame->plan->n_variables; v++) {
        const struct rk_frame_variable *variable = &frame->plan->variable[v];
        const struct rk_node *node = variable->node;

        if (!rk_frame_variable_is_factor(variable)) {
            status = add_number_atoms(&found, node);
            continue;
        }
        status = add_atom(&found, (struct rk_atom){.label = rk_strdup(node->kind == RK_NODE_CALL
                                                                          ? node->child[0]->text
                                                                          : node->text),
                                                   .factor_label = variable->label,
                                                   .n_levels = variable->n_levels,
                                                   .level = (const char *const *)variable->level});
    }
    if (status != RK_OK) {
        rk_atoms_free(&found);
        return status;
    }
    *atoms = found;
    return RK_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

/* The variables of the frame, read from a table. */
static enum rk_status read_plan(const struct rk_model_frame *frame, const struct rk_table *table,
                                struct rk_frame_plan **plan, struct rk_error *error)
{
    struct rk_frame_plan *read = calloc(1, sizeof *read);
    enum rk_status status;

    if (read == NULL)
        return rk_fail_memory(error);
    read->formula = frame->plan->formula;
    status = rk_frame_plan_read(read, table, frame->plan, error);
    for (size_t v = 0; status == RK_OK && v < read->n_variables; v++)
        if (rk_frame_variable_follow(&read->variable[v], &frame->plan->variable[v],
                                     table->n_rows) != RK_OK)
            status = rk_fail_memory(error);
    if (status != RK_OK) {
        rk_frame_plan_free(read);
        return status;
    }
    *plan = read;
    return RK_OK;
}

/* Makes all rows have that level of a column. */
static enum rk_status set_level(struct rk_frame_variable *variable, const char *level,
                                size_t n_rows, struct rk_error *error)
{
    const struct rk_frame_variable like = *variable;
    size_t number = 0;

    while (number < like.n_levels && strcmp(like.level[number], level) != 0)
        number++;
    free(variable->labels.owned_code);
    free(variable->level_of);
    variable->level_of = calloc(1, sizeof *variable->level_of);
    variable->labels.code = variable->labels.owned_code =
        calloc(n_rows + 1, sizeof *variable->labels.owned_code);
    if (variable->level_of == NULL || variable->labels.code == NULL)
        return rk_fail_memory(error);
    variable->level_of[0] = number < like.n_levels ? (uint32_t)number : RK_NO_CODE;
    return RK_OK;
}

static bool is_factor_of(const struct rk_frame_variable *variable, const char *column)
{
    const struct rk_node *node = variable->node;

    return rk_frame_variable_is_factor(variable) &&
           strcmp(node->kind == RK_NODE_CALL ? node->child[0]->text : node->text, column) == 0;
}

static enum rk_row_state state_of(const struct rk_frame_plan *plan, size_t row)
{
    enum rk_row_state state = RK_ROW_OK;

    for (size_t v = 0; v < plan->n_variables; v++) {
        const struct rk_frame_variable *variable = &plan->variable[v];

        if (rk_frame_variable_is_missing(variable, row))
            return RK_ROW_MISSING;
        if (rk_frame_variable_is_factor(variable) &&
            variable->level_of[variable->labels.code[row]] == RK_NO_CODE)
            state = RK_ROW_NEW_LEVEL;
    }
    return state;
}

enum rk_status rk_frame_apply(const struct rk_model_frame *frame, const struct rk_table *table,
                              const size_t *rows, size_t n_rows, const char *factor,
                              const char *level, double *X, enum rk_row_state *state,
                              struct rk_error *error)
{
    struct rk_frame_plan *plan = NULL;
    enum rk_status status = read_plan(frame, table, &plan, error);

    for (size_t v = 0; status == RK_OK && factor != NULL && v < plan->n_variables; v++)
        if (is_factor_of(&plan->variable[v], factor))
            status = set_level(&plan->variable[v], level, table->n_rows, error);
    if (status == RK_OK &&
        rk_frame_plan_fill(frame->plan, plan->variable, rows, n_rows, false, X) != RK_OK)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && state != NULL && i < n_rows; i++) {
        state[i] = state_of(plan, rows == NULL ? i : rows[i]);
        for (size_t j = 0; state[i] != RK_ROW_OK && j < frame->plan->p; j++)
            X[j * n_rows + i] = NAN;
    }
    rk_frame_plan_free(plan);
    return status;
}

/* Gives the variable its derivative by the atom. */
static enum rk_status differentiate(struct rk_frame_variable *variable,
                                    const struct rk_table *table, const struct rk_series *series,
                                    const char *atom, struct rk_error *error)
{
    const struct rk_node *node = variable->node;
    double *value = malloc((table->n_rows + 1) * sizeof *value);
    enum rk_status status = RK_OK;

    variable->slope = malloc((table->n_rows + 1) * sizeof *variable->slope);
    if (value == NULL || variable->slope == NULL)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = rk_differentiate(variable->basis != NULL ? node->child[0] : node, table, series,
                                  atom, value, variable->slope, error);
    free(value);
    return status;
}

enum rk_status rk_frame_slopes(const struct rk_model_frame *frame, const struct rk_table *table,
                               const size_t *rows, size_t n_rows, const char *atom, double *X,
                               struct rk_error *error)
{
    struct rk_frame_plan *plan = NULL;
    enum rk_status status = read_plan(frame, table, &plan, error);

    for (size_t v = 0; status == RK_OK && v < plan->n_variables; v++)
        if (!rk_frame_variable_is_factor(&plan->variable[v]))
            status = differentiate(&plan->variable[v], table, &frame->plan->formula->series, atom,
                                   error);
    if (status == RK_OK &&
        rk_frame_plan_fill(frame->plan, plan->variable, rows, n_rows, true, X) != RK_OK)
        status = rk_fail_memory(error);
    rk_frame_plan_free(plan);
    return status;
}
