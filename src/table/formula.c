/* Formulas: parsed, checked and taken apart; the algebra of their terms is in terms.c. */
#include "repkit/formula.h"

#include <stdlib.h>
#include <string.h>

#include "frame_variable.h"
#include "lag.h"
#include "lexer.h"
#include "program.h"
#include "terms.h"

enum { BASIS_MOST = 100 };

/* --- checks -------------------------------------------------------------------------------- */

static enum rk_status check_arithmetic(const struct rk_node *node, const char *source,
                                       struct rk_error *error);

static bool is_call(const struct rk_node *node, const char *name)
{
    return node->kind == RK_NODE_CALL && strcmp(node->text, name) == 0;
}

/* factor(), poly() and ns() make columns of their own. */
static bool makes_columns(const struct rk_node *call)
{
    return is_call(call, "factor") || is_call(call, "poly") || is_call(call, "ns");
}

static enum rk_status check_function(const struct rk_node *call, const char *source,
                                     struct rk_error *error)
{
    double periods;

    if (makes_columns(call))
        return rk_fail_at_character(error, source, call->position,
                                    "%s() has no place in arithmetic", call->text);
    if (rk_is_lag(call)) {
        enum rk_status status = rk_lag_periods(call, source, &periods, error);

        return status == RK_OK ? check_arithmetic(call->child[0], source, error) : status;
    }
    if (!rk_is_parentheses(call) && rk_function_find(call->text) == NULL)
        return rk_unknown_function(call, source, error);
    if (call->n_children != 1)
        return rk_fail_at_character(error, source, call->position, "%s() takes one argument",
                                    call->text);
    return check_arithmetic(call->child[0], source, error);
}

static enum rk_status check_arithmetic(const struct rk_node *node, const char *source,
                                       struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (node->kind == RK_NODE_NUMBER || node->kind == RK_NODE_NAME)
        return RK_OK;
    if (node->kind == RK_NODE_CALL)
        return check_function(node, source, error);
    if (node->kind != RK_NODE_OPERATOR)
        return rk_fail_at_character(error, source, node->position,
                                    "a text in quotes is no number (columns: back-ticks)");
    if (node->op != RK_OP_PLUS && node->op != RK_OP_MINUS && node->op != RK_OP_TIMES &&
        node->op != RK_OP_DIVIDE && node->op != RK_OP_POWER)
        return rk_fail_at_character(error, source, node->position,
                                    "'%s' has no place in arithmetic", rk_operator_text(node->op));
    for (size_t i = 0; status == RK_OK && i < node->n_children; i++)
        status = check_arithmetic(node->child[i], source, error);
    return status;
}

/* factor(region) or factor(region, ref = "North"). */
static enum rk_status check_factor(const struct rk_node *call, const char *source,
                                   struct rk_error *error)
{
    const struct rk_node *second = call->n_children == 2 ? call->child[1] : NULL;

    if (call->n_children == 0 || call->n_children > 2 || call->child[0]->kind != RK_NODE_NAME)
        return rk_fail_at_character(error, source, call->position,
                                    "factor() takes a column and perhaps ref = \"LEVEL\"");
    if (second != NULL &&
        (second->kind != RK_NODE_OPERATOR || second->op != RK_OP_ASSIGN ||
         strcmp(second->child[0]->text, "ref") != 0 ||
         (second->child[1]->kind != RK_NODE_TEXT && second->child[1]->kind != RK_NODE_NUMBER)))
        return rk_fail_at_character(error, source, second->position,
                                    "factor() takes ref = \"LEVEL\" and nothing else");
    return RK_OK;
}

size_t rk_basis_size(const struct rk_node *call)
{
    const struct rk_node *second = call->n_children == 2 ? call->child[1] : NULL;
    const char *name = is_call(call, "poly") ? "degree" : "df";

    if (call->n_children == 1)
        return 1;
    if (second != NULL && second->kind == RK_NODE_OPERATOR && second->op == RK_OP_ASSIGN &&
        strcmp(second->child[0]->text, name) == 0)
        second = second->child[1];
    if (second == NULL || second->kind != RK_NODE_NUMBER || !(second->value >= 1.0) ||
        second->value > BASIS_MOST || second->value != (double)(size_t)second->value)
        return 0;
    return (size_t)second->value;
}

/* poly(x, 2) or poly(x, degree = 2); ns(x, 3) or ns(x, df = 3). */
static enum rk_status check_basis(const struct rk_node *call, const char *source,
                                  struct rk_error *error)
{
    bool poly = is_call(call, "poly");

    if (call->n_children == 0 || rk_basis_size(call) == 0)
        return rk_fail_at_character(
            error, source, call->n_children == 2 ? call->child[1]->position : call->position,
            poly ? "poly() takes a column and a degree from 1 to %d: poly(x, 2)"
                 : "ns() takes a column and degrees of freedom from 1 to %d: ns(x, df = 3)",
            BASIS_MOST);
    return check_arithmetic(call->child[0], source, error);
}

/* --- variables ----------------------------------------------------------------------------- */

/* Numbers the variable unless what it prints as is there already. */
static enum rk_status add_variable(struct rk_variables *variables, struct rk_node *node,
                                   const struct rk_text *label, struct rk_error *error)
{
    struct rk_node **grown;

    if (label->failed)
        return rk_fail_memory(error);
    if (rk_names_has(&variables->label, label->bytes))
        return RK_OK;
    grown = realloc(variables->node, (variables->label.n + 1) * sizeof(struct rk_node *));
    if (grown == NULL)
        return rk_fail_memory(error);
    variables->node = grown;
    if (rk_names_add(&variables->label, label->bytes) != RK_OK)
        return rk_fail_memory(error);
    grown[variables->label.n - 1] = node;
    return RK_OK;
}

static enum rk_status check_call(const struct rk_node *call, const char *source,
                                 struct rk_error *error)
{
    if (is_call(call, "factor"))
        return check_factor(call, source, error);
    return makes_columns(call) ? check_basis(call, source, error)
                               : check_function(call, source, error);
}

/* A name or a call other than parentheses. */
static enum rk_status collect_variable(const struct rk_formula *formula, struct rk_node *node,
                                       struct rk_variables *variables, struct rk_error *error)
{
    struct rk_text label = {0}, response = {0};
    enum rk_status status = RK_OK;

    if (node->kind == RK_NODE_CALL)
        status = check_call(node, formula->source, error);
    else if (strcmp(node->text, ".") == 0)
        status = rk_fail_at_character(error, formula->source, node->position,
                                      "'.' is not understood: name the columns");
    if (status != RK_OK)
        return status;
    rk_node_print(node, &label);
    if (formula->response != NULL)
        rk_node_print(formula->response, &response);
    if (!label.failed && response.length > 0 && strcmp(label.bytes, response.bytes) == 0)
        status = rk_fail_at_character(error, formula->source, node->position,
                                      "the response cannot explain itself");
    else
        status = add_variable(variables, node, &label, error);
    rk_text_free(&label);
    rk_text_free(&response);
    return status;
}

/* Checks and numbers the variables of a right side. */
static enum rk_status collect_variables(const struct rk_formula *formula, struct rk_node *node,
                                        struct rk_variables *variables, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (node->kind == RK_NODE_TEXT)
        return rk_fail_at_character(error, formula->source, node->position,
                                    "a column's name stands without quotes or in back-ticks");
    if (node->kind == RK_NODE_NAME || (node->kind == RK_NODE_CALL && !rk_is_parentheses(node)))
        return collect_variable(formula, node, variables, error);
    for (size_t i = 0; status == RK_OK && i < node->n_children; i++)
        status = collect_variables(formula, node->child[i], variables, error);
    return status;
}

/* --- formulas ------------------------------------------------------------------------------ */

void rk_formula_free(struct rk_formula *formula)
{
    if (formula == NULL)
        return;
    for (size_t i = 0; i < formula->n_terms; i++)
        free(formula->term[i].variable);
    free(formula->term);
    rk_names_free(&formula->fixed_effects);
    rk_node_free(formula->tree);
    free(formula->source);
    free(formula);
}

/* Adds names joined by +. */
static enum rk_status read_fixed_effects(struct rk_formula *formula, const struct rk_node *node,
                                         struct rk_error *error)
{
    enum rk_status status;

    if (node->kind == RK_NODE_NAME) {
        if (rk_names_has(&formula->fixed_effects, node->text))
            return RK_OK;
        status = rk_names_add(&formula->fixed_effects, node->text);
        return status == RK_OK ? RK_OK : rk_fail_memory(error);
    }
    if (node->kind != RK_NODE_OPERATOR || node->op != RK_OP_PLUS || node->n_children != 2)
        return rk_fail_at_character(error, formula->source, node->position,
                                    "behind '|' stand columns' names, joined by '+'");
    status = read_fixed_effects(formula, node->child[0], error);
    return status == RK_OK ? read_fixed_effects(formula, node->child[1], error) : status;
}

static bool is_operator(const struct rk_node *node, enum rk_operator op)
{
    return node->kind == RK_NODE_OPERATOR && node->op == op;
}

/* The first lag() or lead(), or NULL. */
static const struct rk_node *find_lag(const struct rk_node *node)
{
    if (rk_is_lag(node))
        return node;
    for (size_t i = 0; i < node->n_children; i++) {
        const struct rk_node *found = find_lag(node->child[i]);

        if (found != NULL)
            return found;
    }
    return NULL;
}

static enum rk_status read_formula(struct rk_formula *formula, struct rk_error *error)
{
    struct rk_node *tree = formula->tree, *right;
    struct rk_variables variables = {0};
    enum rk_status status = RK_OK;

    if (!is_operator(tree, RK_OP_TILDE))
        return rk_fail(error, RK_EUSAGE, "'%.200s' is no formula: it has no '~'", formula->source);
    right = tree->child[tree->n_children - 1];
    if (tree->n_children == 2) {
        formula->response = tree->child[0];
        status = check_arithmetic(formula->response, formula->source, error);
    }
    if (status == RK_OK && is_operator(right, RK_OP_BAR)) {
        status = read_fixed_effects(formula, right->child[1], error);
        right = right->child[0];
    }
    if (status == RK_OK)
        status = collect_variables(formula, right, &variables, error);
    if (status == RK_OK)
        status = rk_terms_expand(formula, right, &variables, error);
    formula->lag = find_lag(tree);
    free(variables.node);
    rk_names_free(&variables.label);
    return status;
}

enum rk_status rk_formula_parse(const char *text, struct rk_formula **formula,
                                struct rk_error *error)
{
    struct rk_formula *parsed = calloc(1, sizeof *parsed);
    enum rk_status status;

    if (parsed == NULL)
        return rk_fail_memory(error);
    parsed->source = rk_strdup(text);
    status = parsed->source == NULL ? rk_fail_memory(error) : RK_OK;
    if (status == RK_OK)
        status = rk_expression_parse(text, RK_FORMULA, &parsed->tree, error);
    if (status == RK_OK)
        status = read_formula(parsed, error);
    if (status != RK_OK) {
        rk_formula_free(parsed);
        return status;
    }
    *formula = parsed;
    return RK_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

static enum rk_status want_columns(const struct rk_node *node, enum rk_role role,
                                   struct rk_wants *wants)
{
    struct rk_names names = {0};
    enum rk_status status = rk_node_columns(node, &names);

    if (status == RK_OK)
        status = rk_wants_names(wants, &names, role);
    rk_names_free(&names);
    return status;
}

static enum rk_role role_of(const struct rk_node *variable)
{
    if (variable->kind == RK_NODE_NAME)
        return RK_AS_FOUND;
    return is_call(variable, "factor") ? RK_AS_LABEL : RK_AS_NUMBER;
}

enum rk_status rk_formula_wants(const struct rk_formula *formula, struct rk_wants *wants)
{
    enum rk_status status = RK_OK;

    if (formula->response != NULL)
        status = want_columns(formula->response, RK_AS_NUMBER, wants);
    return status == RK_OK ? rk_formula_predict_wants(formula, wants) : status;
}

enum rk_status rk_formula_predict_wants(const struct rk_formula *formula, struct rk_wants *wants)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < formula->n_terms; i++)
        for (size_t v = 0; status == RK_OK && v < formula->term[i].n_variables; v++)
            status = want_columns(formula->term[i].variable[v],
                                  role_of(formula->term[i].variable[v]), wants);
    if (status == RK_OK)
        status = rk_wants_names(wants, &formula->fixed_effects, RK_AS_LABEL);
    if (formula->lag == NULL || formula->series.time == NULL)
        return status;
    if (status == RK_OK && formula->series.id != NULL)
        status = rk_wants_add(wants, formula->series.id, RK_AS_LABEL);
    return status == RK_OK ? rk_wants_add(wants, formula->series.time, RK_AS_TIME) : status;
}

enum rk_status rk_formula_fail(const struct rk_formula *formula, const struct rk_node *node,
                               struct rk_error *error, const char *text)
{
    struct rk_error place = {0};

    rk_fail_at_character(&place, formula->source, node->position, "%s", text);
    return rk_fail(error, place.status, "formula: %s", place.text);
}
