/* Derivatives of arithmetic, by the chain rule as the tree is evaluated: exact but for rounding. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lag.h"
#include "program.h"

struct differentiation {
    const struct rk_table *table;
    const struct rk_series *series;
    const char *variable;
    struct rk_error *error;
};

static enum rk_status differentiate(const struct differentiation *d, const struct rk_node *node,
                                    double *value, double *slope);

/* What stands for itself: a number, a column, lag(). */
static enum rk_status evaluate_leaf(const struct differentiation *d, const struct rk_node *node,
                                    double *value, double *slope)
{
    struct rk_text label = {0};
    enum rk_status status = rk_evaluate_series(node, d->table, d->series, value, d->error);
    double own;

    rk_node_print(node, &label);
    if (status == RK_OK && label.failed)
        status = rk_fail_memory(d->error);
    own = status == RK_OK && strcmp(label.bytes, d->variable) == 0 ? 1.0 : 0.0;
    for (size_t i = 0; status == RK_OK && i < d->table->n_rows; i++)
        slope[i] = isnan(value[i]) ? NAN : own;
    rk_text_free(&label);
    return status;
}

static enum rk_status differentiate_call(const struct differentiation *d,
                                         const struct rk_node *node, double *value, double *slope)
{
    const struct rk_function *function = rk_function_find(node->text);
    enum rk_status status;

    if (strcmp(node->text, "(") != 0 && function == NULL)
        return rk_failure(rk_unknown_function(node, NULL, d->error));
    if (node->n_children != 1) /* which evaluating it refuses in its own words */
        return rk_evaluate_series(node, d->table, d->series, value, d->error);
    status = differentiate(d, node->child[0], value, slope);
    for (size_t i = 0; status == RK_OK && function != NULL && i < d->table->n_rows; i++) {
        double x = value[i];

        value[i] = function->value(x);
        slope[i] = slope[i] == 0.0 ? 0.0 * value[i] : slope[i] * function->slope(x);
    }
    return status;
}

static double power_slope(double a, double a_slope, double b, double b_slope, double power)
{
    double slope = 0.0;

    if (a_slope != 0.0 && b != 0.0)
        slope += b * pow(a, b - 1.0) * a_slope;
    if (b_slope != 0.0)
        slope += power * log(a) * b_slope;
    return isnan(power) ? NAN : slope;
}

/* Puts a op b, and its derivative, in the place of a. */
static void combine(enum rk_operator op, double *a, double *a_slope, double b, double b_slope)
{
    double power;

    switch (op) {
    case RK_OP_PLUS:
        *a += b;
        *a_slope += b_slope;
        break;
    case RK_OP_MINUS:
        *a -= b;
        *a_slope -= b_slope;
        break;
    case RK_OP_TIMES:
        *a_slope = *a_slope * b + *a * b_slope;
        *a *= b;
        break;
    case RK_OP_DIVIDE:
        *a_slope = (*a_slope - *a / b * b_slope) / b;
        *a /= b;
        break;
    default:
        power = b == 2.0 ? *a * *a : pow(*a, b);
        *a_slope = power_slope(*a, *a_slope, b, b_slope, power);
        *a = power;
    }
}

static enum rk_status differentiate_operator(const struct differentiation *d,
                                             const struct rk_node *node, double *value,
                                             double *slope)
{
    size_t n = d->table->n_rows;
    enum rk_status status = differentiate(d, node->child[0], value, slope);
    double *right;

    if (node->n_children == 1) {
        for (size_t i = 0; status == RK_OK && node->op == RK_OP_MINUS && i < n; i++) {
            value[i] = -value[i];
            slope[i] = -slope[i];
        }
        return status;
    }
    right = calloc(2 * n + 1, sizeof *right);
    if (status == RK_OK && right == NULL)
        status = rk_fail_memory(d->error);
    if (status == RK_OK)
        status = differentiate(d, node->child[1], right, right + n);
    for (size_t i = 0; status == RK_OK && i < n; i++)
        combine(node->op, &value[i], &slope[i], right[i], right[n + i]);
    free(right);
    return status;
}

static enum rk_status differentiate(const struct differentiation *d, const struct rk_node *node,
                                    double *value, double *slope)
{
    if (node->kind == RK_NODE_OPERATOR)
        return differentiate_operator(d, node, value, slope);
    if (node->kind == RK_NODE_CALL && !rk_is_lag(node))
        return differentiate_call(d, node, value, slope);
    return evaluate_leaf(d, node, value, slope);
}

enum rk_status rk_differentiate(const struct rk_node *node, const struct rk_table *table,
                                const struct rk_series *series, const char *variable, double *value,
                                double *slope, struct rk_error *error)
{
    struct differentiation d = {table, series, variable, error};
    enum rk_status status = differentiate(&d, node, value, slope);

    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        if (!isfinite(value[i]))
            value[i] = NAN;
        if (!isfinite(slope[i]) || isnan(value[i]))
            slope[i] = NAN;
    }
    return status;
}
