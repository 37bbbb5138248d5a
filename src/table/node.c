/* Trees of expressions: freeing, looking through, printing as R deparses. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"

void rk_node_free(struct rk_node *node)
{
    if (node == NULL)
        return;
    for (size_t i = 0; i < node->n_children; i++)
        rk_node_free(node->child[i]);
    free(node->child);
    free(node->text);
    free(node);
}

enum rk_status rk_node_columns(const struct rk_node *node, struct rk_names *names)
{
    /* The name of a named argument is no column. */
    size_t first = node->kind == RK_NODE_OPERATOR && node->op == RK_OP_ASSIGN;

    if (node->kind == RK_NODE_NAME && !rk_names_has(names, node->text))
        return rk_names_add(names, node->text);
    for (size_t i = first; i < node->n_children; i++) {
        enum rk_status status = rk_node_columns(node->child[i], names);

        if (status != RK_OK)
            return status;
    }
    return RK_OK;
}

enum rk_status rk_node_compared(const struct rk_node *node, struct rk_names *names)
{
    bool compares = node->kind == RK_NODE_OPERATOR && node->op >= RK_OP_EQ && node->op <= RK_OP_GE;
    const struct rk_node *right = compares ? node->child[1] : NULL;

    if (right != NULL && right->kind == RK_NODE_NAME && !rk_names_has(names, right->text))
        return rk_names_add(names, right->text);
    for (size_t i = 0; i < node->n_children; i++) {
        enum rk_status status = rk_node_compared(node->child[i], names);

        if (status != RK_OK)
            return status;
    }
    return RK_OK;
}

/* --- printing ------------------------------------------------------------------------------ */

/* Up to 15 significant digits, in whichever of 100000 and 1e+05 is shorter, the first if equal. */
static void print_number(double value, struct rk_text *out)
{
    char scientific[48], fixed[400];
    int digits = 1, decimals;
    long exponent;

    for (; digits < 15; digits++) {
        char full[48];

        snprintf(scientific, sizeof scientific, "%.*e", digits - 1, value);
        snprintf(full, sizeof full, "%.14e", value);
        if (strtod(scientific, NULL) == strtod(full, NULL))
            break;
    }
    snprintf(scientific, sizeof scientific, "%.*e", digits - 1, value);
    exponent = strtol(strchr(scientific, 'e') + 1, NULL, 10);
    decimals = digits - 1 - (int)exponent;
    snprintf(fixed, sizeof fixed, "%.*f", decimals > 0 ? decimals : 0, value);
    rk_text_add(out, strlen(fixed) <= strlen(scientific) ? fixed : scientific);
}

static void print_quoted(const char *text, char quote, struct rk_text *out)
{
    rk_text_add_char(out, quote);
    for (; *text != '\0'; text++) {
        if (*text == quote || *text == '\\')
            rk_text_format(out, "\\%c", *text);
        else if (*text == '\n')
            rk_text_add(out, "\\n");
        else if (*text == '\t')
            rk_text_add(out, "\\t");
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            rk_text_format(out, "\\%03o", (unsigned)(unsigned char)*text);
        else
            rk_text_add_char(out, *text);
    }
    rk_text_add_char(out, quote);
}

static void print_name(const char *name, struct rk_text *out)
{
    if (rk_is_plain_name(name))
        rk_text_add(out, name);
    else
        print_quoted(name, '`', out);
}

static void print_list(const struct rk_node *node, struct rk_text *out)
{
    rk_text_add_char(out, '(');
    for (size_t i = 0; i < node->n_children; i++) {
        if (i > 0)
            rk_text_add(out, ", ");
        rk_node_print(node->child[i], out);
    }
    rk_text_add_char(out, ')');
}

static void print_operator(const struct rk_node *node, struct rk_text *out)
{
    bool tight = node->op == RK_OP_DIVIDE || node->op == RK_OP_POWER || node->op == RK_OP_COLON;

    if (node->n_children == 1) {
        rk_text_add(out, rk_operator_text(node->op));
        rk_node_print(node->child[0], out);
        return;
    }
    rk_node_print(node->child[0], out);
    rk_text_format(out, tight ? "%s" : " %s ", rk_operator_text(node->op));
    rk_node_print(node->child[1], out);
}

void rk_node_print(const struct rk_node *node, struct rk_text *out)
{
    switch (node->kind) {
    case RK_NODE_NUMBER:
        print_number(node->value, out);
        break;
    case RK_NODE_TEXT:
        print_quoted(node->text, '"', out);
        break;
    case RK_NODE_TIME:
        rk_text_add(out, node->text);
        break;
    case RK_NODE_NAME:
        print_name(node->text, out);
        break;
    case RK_NODE_CALL:
        if (strcmp(node->text, "(") != 0)
            print_name(node->text, out);
        print_list(node, out);
        break;
    case RK_NODE_OPERATOR:
        print_operator(node, out);
        break;
    case RK_NODE_LIST:
        print_list(node, out);
        break;
    }
}
