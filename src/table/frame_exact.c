/* What rounding takes from products and powers, for regressions that miss it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame_plan.h"
#include "repkit/double_double.h"

enum { LARGEST_POWER = 64 };

/* One value a row: the sum of two numbers. */
struct exact {
    double *high, *low;
};

static bool exact_new(struct exact *x, size_t n)
{
    x->high = calloc(2 * n + 1, sizeof *x->high);
    x->low = x->high != NULL ? x->high + n : NULL;
    return x->high != NULL;
}

static struct dd at(const struct exact *x, size_t i)
{
    return (struct dd){x->high[i], x->low[i]};
}

static void set(const struct exact *x, size_t i, struct dd value)
{
    x->high[i] = value.hi;
    x->low[i] = value.lo;
}

static struct dd power(struct dd x, int exponent)
{
    struct dd result = {1.0, 0.0};

    for (int i = 0; i < abs(exponent); i++)
        result = dd_multiply(result, x);
    return exponent < 0 ? dd_divide((struct dd){1.0, 0.0}, result) : result;
}

static bool is_operator(const struct rk_node *node, enum rk_operator op)
{
    return node->kind == RK_NODE_OPERATOR && node->op == op && node->n_children == 2;
}

/* x^3, with a whole number written out. */
static bool is_whole_power(const struct rk_node *node)
{
    return is_operator(node, RK_OP_POWER) && node->child[1]->kind == RK_NODE_NUMBER &&
           node->child[1]->value == floor(node->child[1]->value) &&
           fabs(node->child[1]->value) <= LARGEST_POWER;
}

static bool is_wrapper(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL && node->n_children == 1 &&
           (strcmp(node->text, "I") == 0 || strcmp(node->text, "(") == 0);
}

static struct dd combine(enum rk_operator op, struct dd a, struct dd b)
{
    switch (op) {
    case RK_OP_PLUS:
        return dd_add(a, b);
    case RK_OP_MINUS:
        return dd_subtract(a, b);
    case RK_OP_TIMES:
        return dd_multiply(a, b);
    default:
        return dd_divide(a, b);
    }
}

static bool is_arithmetic(const struct rk_node *node)
{
    return is_operator(node, RK_OP_PLUS) || is_operator(node, RK_OP_MINUS) ||
           is_operator(node, RK_OP_TIMES) || is_operator(node, RK_OP_DIVIDE);
}

/* Arithmetic in 106 bits; what else there is, logarithms and columns, is as it is read. */
static enum rk_status evaluate(const struct rk_node *node, const struct rk_table *table,
                               const struct rk_series *series, const struct exact *out,
                               struct rk_error *error)
{
    struct exact other;
    enum rk_status status;

    if (is_wrapper(node))
        return evaluate(node->child[0], table, series, out, error);
    if (is_whole_power(node)) {
        status = evaluate(node->child[0], table, series, out, error);
        for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
            set(out, i, power(at(out, i), (int)node->child[1]->value));
        return status;
    }
    if (!is_arithmetic(node)) {
        memset(out->low, 0, table->n_rows * sizeof *out->low);
        return rk_evaluate_series(node, table, series, out->high, error);
    }
    if (!exact_new(&other, table->n_rows))
        return rk_fail_memory(error);
    status = evaluate(node->child[0], table, series, out, error);
    if (status == RK_OK)
        status = evaluate(node->child[1], table, series, &other, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        set(out, i, combine(node->op, at(out, i), at(&other, i)));
    free(other.high);
    return status;
}

/* Whether arithmetic of the term rounds: only numbers, and at least one product, power or sum. */
static bool rounds(const struct rk_model_frame *frame, const struct rk_term *term)
{
    bool found = term->n_variables > 1;

    for (size_t v = 0; v < term->n_variables; v++) {
        size_t at_variable = rk_frame_plan_find(frame->plan, term->variable[v]);
        const struct rk_frame_variable *variable = &frame->plan->variable[at_variable];
        const struct rk_node *node = term->variable[v];

        if (rk_frame_variable_is_factor(variable) || variable->basis != NULL)
            return false;
        while (is_wrapper(node))
            node = node->child[0];
        found = found || is_whole_power(node) || is_arithmetic(node);
    }
    return found;
}

/* What the column of the term lost. */
static enum rk_status fill_low(const struct rk_formula *formula, const struct rk_table *table,
                               const struct rk_model_frame *frame, size_t j, double *low,
                               struct rk_error *error)
{
    const struct rk_term *term = &formula->term[frame->term[j]];
    const double *x = frame->X + j * frame->n;
    struct exact product, factor = {0};
    enum rk_status status = RK_OK;

    if (!exact_new(&product, table->n_rows) || !exact_new(&factor, table->n_rows))
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        set(&product, i, (struct dd){1.0, 0.0});
    for (size_t v = 0; v < term->n_variables && status == RK_OK; v++) {
        status = evaluate(term->variable[v], table, &formula->series, &factor, error);
        for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
            set(&product, i, dd_multiply(at(&product, i), at(&factor, i)));
    }
    for (size_t i = 0; status == RK_OK && i < frame->n; i++) {
        size_t row = frame->row[i];
        double rest = (product.high[row] - x[i]) + product.low[row];

        low[i] = isfinite(rest) ? rest : 0.0;
    }
    free(product.high);
    free(factor.high);
    return status;
}

enum rk_status rk_model_frame_low(const struct rk_formula *formula, const struct rk_table *table,
                                  const struct rk_model_frame *frame, double **X_low,
                                  struct rk_error *error)
{
    double *low = NULL;
    enum rk_status status = RK_OK;

    for (size_t j = frame->has_intercept; j < frame->p && status == RK_OK; j++) {
        if (!rounds(frame, &formula->term[frame->term[j]]))
            continue;
        if (low == NULL)
            low = calloc(frame->p * frame->n + 1, sizeof *low);
        status = low == NULL ? rk_fail_memory(error)
                             : fill_low(formula, table, frame, j, low + j * frame->n, error);
    }
    if (status != RK_OK) {
        free(low);
        return status;
    }
    *X_low = low;
    return RK_OK;
}
