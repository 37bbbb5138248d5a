/* The parser: precedence climbing (Pratt 1973) over one table of operators. */
#include <stdlib.h>

#include "lexer.h"

/* Operators, calls and parentheses in one expression: bounds every recursion over a tree. */
enum { LEVELS_MAX = 1000 };

enum precedence {
    LOWEST,
    TILDE = LOWEST,
    OR,
    AND,
    NOT,
    COMPARISON,
    SUM,
    PRODUCT,
    INTERACTION,
    SIGN,
    POWER
};

static const struct {
    enum precedence precedence;
    bool in_predicates, in_formulas;
} operators[] = {
    [RK_OP_TILDE] = {TILDE, false, true},
    [RK_OP_BAR] = {OR, false, true},
    [RK_OP_OR] = {OR, true, false},
    [RK_OP_AND] = {AND, true, false},
    [RK_OP_NOT] = {NOT, true, false},
    [RK_OP_EQ] = {COMPARISON, true, false},
    [RK_OP_NE] = {COMPARISON, true, false},
    [RK_OP_LT] = {COMPARISON, true, false},
    [RK_OP_LE] = {COMPARISON, true, false},
    [RK_OP_GT] = {COMPARISON, true, false},
    [RK_OP_GE] = {COMPARISON, true, false},
    [RK_OP_IN] = {COMPARISON, true, false},
    [RK_OP_PLUS] = {SUM, true, true},
    [RK_OP_MINUS] = {SUM, true, true},
    [RK_OP_TIMES] = {PRODUCT, true, true},
    [RK_OP_DIVIDE] = {PRODUCT, true, true},
    [RK_OP_COLON] = {INTERACTION, false, true},
    [RK_OP_POWER] = {POWER, true, true},
};

struct parser {
    struct rk_lexer lexer;
    size_t n_levels;
};

static enum rk_status fail(struct parser *parser, const char *text)
{
    return rk_fail_at_character(parser->lexer.error, parser->lexer.source, parser->lexer.position,
                                "%s", text);
}

/* "expected a value, not ')'". */
static enum rk_status fail_expected(struct parser *parser, const char *expected)
{
    const struct rk_lexer *lexer = &parser->lexer;
    size_t length = lexer->end - lexer->position;

    if (lexer->kind == RK_TOKEN_END)
        return rk_fail_at_character(lexer->error, lexer->source, lexer->position,
                                    "expected %s, but here it ends", expected);
    if (length > 40)
        return rk_fail_at_character(lexer->error, lexer->source, lexer->position, "expected %s",
                                    expected);
    return rk_fail_at_character(lexer->error, lexer->source, lexer->position,
                                "expected %s, not %.*s", expected, (int)length,
                                lexer->source + lexer->position);
}

static enum rk_status next(struct parser *parser)
{
    return rk_lexer_next(&parser->lexer);
}

static enum rk_status add_level(struct parser *parser)
{
    if (++parser->n_levels > LEVELS_MAX)
        return fail(parser, "too many operators and parentheses in one expression");
    return RK_OK;
}

/* --- nodes --------------------------------------------------------------------------------- */

/* A node at the current token, with its text if it has one; NULL when out of memory. */
static struct rk_node *new_node(const struct parser *parser, enum rk_node_kind kind)
{
    const struct rk_lexer *lexer = &parser->lexer;
    struct rk_node *node = calloc(1, sizeof *node);

    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->position = lexer->position;
    if (kind == RK_NODE_OPERATOR || kind == RK_NODE_LIST)
        return node;
    node->text = rk_strndup(lexer->text.bytes == NULL ? "" : lexer->text.bytes, lexer->text.length);
    if (node->text == NULL) {
        free(node);
        return NULL;
    }
    if (kind == RK_NODE_NUMBER)
        node->value = lexer->value;
    if (kind == RK_NODE_TIME) {
        node->time_kind = lexer->time_kind;
        node->ordinal = lexer->ordinal;
    }
    return node;
}

/* Gives the child to the node, or frees it. */
static enum rk_status adopt(struct parser *parser, struct rk_node *node, struct rk_node *child)
{
    /* Doubles at powers of two: no capacity to keep. */
    if ((node->n_children & (node->n_children - 1)) == 0) {
        size_t capacity = node->n_children == 0 ? 1 : 2 * node->n_children;
        struct rk_node **grown = realloc(node->child, capacity * sizeof(struct rk_node *));

        if (grown == NULL) {
            rk_node_free(child);
            return rk_fail_memory(parser->lexer.error);
        }
        node->child = grown;
    }
    node->child[node->n_children++] = child;
    return RK_OK;
}

/* --- grammar ------------------------------------------------------------------------------- */

static enum rk_status parse(struct parser *parser, enum precedence lowest, struct rk_node **node);

/* Parses an operand and gives it to the node. */
static enum rk_status parse_child(struct parser *parser, enum precedence lowest,
                                  struct rk_node *node)
{
    struct rk_node *child = NULL;
    enum rk_status status = parse(parser, lowest, &child);

    return status == RK_OK ? adopt(parser, node, child) : status;
}

/* A number, with a sign or without; a text; a time. */
static enum rk_status parse_literal(struct parser *parser, struct rk_node *list)
{
    bool negative = parser->lexer.kind == RK_TOKEN_OPERATOR && parser->lexer.op == RK_OP_MINUS;
    enum rk_status status = negative ? next(parser) : RK_OK;
    enum rk_node_kind kind = parser->lexer.kind == RK_TOKEN_NUMBER ? RK_NODE_NUMBER
                             : parser->lexer.kind == RK_TOKEN_TEXT ? RK_NODE_TEXT
                                                                   : RK_NODE_TIME;
    struct rk_node *node;

    if (status != RK_OK)
        return status;
    if (parser->lexer.kind != RK_TOKEN_NUMBER &&
        (negative || (parser->lexer.kind != RK_TOKEN_TEXT && parser->lexer.kind != RK_TOKEN_TIME)))
        return fail_expected(parser, "a number, a time or a text in quotes");
    node = new_node(parser, kind);
    if (node == NULL)
        return rk_fail_memory(parser->lexer.error);
    node->value = negative ? -node->value : node->value;
    status = adopt(parser, list, node);
    return status == RK_OK ? next(parser) : status;
}

/* ("a", "b") behind `in`. */
static enum rk_status parse_list(struct parser *parser, struct rk_node *in)
{
    struct rk_node *list;
    enum rk_status status;

    if (parser->lexer.kind != RK_TOKEN_OPEN)
        return fail_expected(parser, "a list like (\"a\", \"b\") behind 'in'");
    list = new_node(parser, RK_NODE_LIST);
    status = list == NULL ? rk_fail_memory(parser->lexer.error) : adopt(parser, in, list);
    do {
        if (status == RK_OK)
            status = next(parser);
        if (status == RK_OK)
            status = parse_literal(parser, list);
    } while (status == RK_OK && parser->lexer.kind == RK_TOKEN_COMMA);
    if (status != RK_OK)
        return status;
    return parser->lexer.kind == RK_TOKEN_CLOSE ? next(parser)
                                                : fail_expected(parser, "',' or ')' in the list");
}

/* name = value, once the name stands in *argument; the caller frees *argument on failure. */
static enum rk_status parse_named(struct parser *parser, struct rk_node **argument)
{
    struct rk_node *assign;
    enum rk_status status;

    if ((*argument)->kind != RK_NODE_NAME)
        return fail_expected(parser, "a name before '='");
    assign = new_node(parser, RK_NODE_OPERATOR);
    if (assign == NULL)
        return rk_fail_memory(parser->lexer.error);
    assign->op = RK_OP_ASSIGN;
    assign->position = (*argument)->position;
    status = adopt(parser, assign, *argument);
    *argument = assign;
    if (status == RK_OK)
        status = next(parser);
    return status == RK_OK ? parse_child(parser, LOWEST, assign) : status;
}

static enum rk_status parse_argument(struct parser *parser, struct rk_node *call)
{
    struct rk_node *argument = NULL;
    enum rk_status status = parse(parser, LOWEST, &argument);

    if (status == RK_OK && parser->lexer.kind == RK_TOKEN_OPERATOR &&
        parser->lexer.op == RK_OP_ASSIGN)
        status = parse_named(parser, &argument);
    if (status != RK_OK) {
        rk_node_free(argument);
        return status;
    }
    return adopt(parser, call, argument);
}

/* The arguments of a call and the closing parenthesis; the current token is the opening one. */
static enum rk_status parse_arguments(struct parser *parser, struct rk_node *call)
{
    enum rk_status status = add_level(parser);

    if (status == RK_OK)
        status = next(parser);
    if (status == RK_OK && parser->lexer.kind == RK_TOKEN_CLOSE)
        return next(parser);
    if (status == RK_OK)
        status = parse_argument(parser, call);
    while (status == RK_OK && parser->lexer.kind == RK_TOKEN_COMMA) {
        status = next(parser);
        if (status == RK_OK)
            status = parse_argument(parser, call);
    }
    if (status != RK_OK)
        return status;
    return parser->lexer.kind == RK_TOKEN_CLOSE ? next(parser) : fail_expected(parser, "')'");
}

/* Parentheses are kept as a call of "(", as R does: a term is printed as it was written. */
static enum rk_status parse_parentheses(struct parser *parser, struct rk_node **node)
{
    enum rk_status status;

    rk_text_add_char(&parser->lexer.text, '(');
    *node = new_node(parser, RK_NODE_CALL);
    status = *node == NULL ? rk_fail_memory(parser->lexer.error) : add_level(parser);
    if (status == RK_OK)
        status = next(parser);
    if (status == RK_OK)
        status = parse_child(parser, LOWEST, *node);
    if (status != RK_OK)
        return status;
    return parser->lexer.kind == RK_TOKEN_CLOSE ? next(parser) : fail_expected(parser, "')'");
}

static enum rk_status parse_prefix_operator(struct parser *parser, struct rk_node **node)
{
    enum rk_operator op = parser->lexer.op;
    enum precedence precedence;
    enum rk_status status;

    if (op == RK_OP_NOT && parser->lexer.language == RK_PREDICATE)
        precedence = NOT;
    else if (op == RK_OP_MINUS || op == RK_OP_PLUS)
        precedence = SIGN;
    else if (op == RK_OP_TILDE && parser->lexer.language == RK_FORMULA)
        precedence = OR;
    else
        return fail_expected(parser, "a value");
    *node = new_node(parser, RK_NODE_OPERATOR);
    if (*node == NULL)
        return rk_fail_memory(parser->lexer.error);
    (*node)->op = op;
    status = add_level(parser);
    if (status == RK_OK)
        status = next(parser);
    return status == RK_OK ? parse_child(parser, precedence, *node) : status;
}

/* A name or a call. */
static enum rk_status parse_name(struct parser *parser, struct rk_node **node)
{
    enum rk_status status;

    *node = new_node(parser, RK_NODE_NAME);
    if (*node == NULL)
        return rk_fail_memory(parser->lexer.error);
    status = next(parser);
    if (status != RK_OK || parser->lexer.kind != RK_TOKEN_OPEN)
        return status;
    (*node)->kind = RK_NODE_CALL;
    return parse_arguments(parser, *node);
}

/* What an operand can begin with. *node is set also on failure; the caller frees it. */
static enum rk_status parse_operand(struct parser *parser, struct rk_node **node)
{
    enum rk_node_kind kind = RK_NODE_NUMBER;

    switch (parser->lexer.kind) {
    case RK_TOKEN_NAME:
        return parse_name(parser, node);
    case RK_TOKEN_OPEN:
        return parse_parentheses(parser, node);
    case RK_TOKEN_OPERATOR:
        return parse_prefix_operator(parser, node);
    case RK_TOKEN_NUMBER:
        break;
    case RK_TOKEN_TEXT:
        kind = RK_NODE_TEXT;
        break;
    case RK_TOKEN_TIME:
        kind = RK_NODE_TIME;
        break;
    case RK_TOKEN_END:
    case RK_TOKEN_CLOSE:
    case RK_TOKEN_COMMA:
        return fail_expected(parser, "a value");
    }
    *node = new_node(parser, kind);
    return *node == NULL ? rk_fail_memory(parser->lexer.error) : next(parser);
}

/* Whether the current token is an operator that may stand between two operands here. */
static enum rk_status check_operator(struct parser *parser, const struct rk_node *left)
{
    enum rk_operator op = parser->lexer.op;
    bool predicate = parser->lexer.language == RK_PREDICATE;

    if (op == RK_OP_NOT)
        return fail(parser, "'!' stands before what it negates");
    if (!(predicate ? operators[op].in_predicates : operators[op].in_formulas)) {
        if (op == RK_OP_BAR)
            return fail(parser, "write || for 'or'");
        return rk_fail_at_character(parser->lexer.error, parser->lexer.source,
                                    parser->lexer.position, "'%s' has no place in a %s",
                                    rk_operator_text(op), predicate ? "condition" : "formula");
    }
    if (operators[op].precedence == COMPARISON && left->kind == RK_NODE_OPERATOR &&
        operators[left->op].precedence == COMPARISON)
        return fail(parser, "comparisons do not chain: write a < b && b < c");
    return RK_OK;
}

/* Puts the operator at the current token over *left and the operand that follows. */
static enum rk_status parse_right(struct parser *parser, struct rk_node **left)
{
    enum rk_operator op = parser->lexer.op;
    enum precedence precedence = operators[op].precedence;
    struct rk_node *node;
    enum rk_status status = check_operator(parser, *left);

    if (status == RK_OK)
        status = add_level(parser);
    if (status != RK_OK)
        return status;
    node = new_node(parser, RK_NODE_OPERATOR);
    if (node == NULL)
        return rk_fail_memory(parser->lexer.error);
    node->op = op;
    status = adopt(parser, node, *left);
    *left = node;
    if (status == RK_OK)
        status = next(parser);
    if (status != RK_OK)
        return status;
    if (op == RK_OP_IN)
        return parse_list(parser, node);
    /* 2^3^2 is 2^(3^2); all others go from left to right. */
    return parse_child(parser, op == RK_OP_POWER ? POWER : precedence + 1, node);
}

static enum rk_status parse(struct parser *parser, enum precedence lowest, struct rk_node **node)
{
    struct rk_node *left = NULL;
    enum rk_status status = parse_operand(parser, &left);

    while (status == RK_OK && left != NULL && parser->lexer.kind == RK_TOKEN_OPERATOR &&
           parser->lexer.op != RK_OP_ASSIGN &&
           (operators[parser->lexer.op].precedence >= lowest || parser->lexer.op == RK_OP_NOT))
        status = parse_right(parser, &left);
    if (status != RK_OK) {
        rk_node_free(left);
        return status;
    }
    *node = left;
    return RK_OK;
}

enum rk_status rk_expression_parse(const char *text, enum rk_language language,
                                   struct rk_node **tree, struct rk_error *error)
{
    struct parser parser = {.lexer = {.source = text, .language = language, .error = error}};
    struct rk_node *node = NULL;
    enum rk_status status = next(&parser);

    if (status == RK_OK)
        status = parse(&parser, LOWEST, &node);
    if (status == RK_OK && parser.lexer.kind == RK_TOKEN_OPERATOR)
        status = language == RK_PREDICATE ? fail(&parser, "write == to compare")
                                          : fail(&parser, "'=' has no place here");
    else if (status == RK_OK && parser.lexer.kind != RK_TOKEN_END)
        status = fail_expected(&parser, "an operator");
    rk_text_free(&parser.lexer.text);
    if (status != RK_OK) {
        rk_node_free(node);
        return status;
    }
    *tree = node;
    return RK_OK;
}
