#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lexer.h"
#include "program.h"

/* --- operands ------------------------------------------------------------------------------ */

/* What stands on one side of a comparison. */
struct operand {
    enum operand_kind {
        NUMBERS, /* arithmetic */
        NUMBER_LITERAL,
        TEXT_LITERAL,
        TIME_LITERAL,
        TIME_COLUMN,
        TEXT_COLUMN
    } kind;
    const struct rk_node *node;
    const struct rk_column *column;
    double value; /* of a literal: a number or an ordinal */
    enum rk_time_kind time_kind;
};

static const struct rk_node *without_parentheses(const struct rk_node *node)
{
    while (node->kind == RK_NODE_CALL && node->n_children == 1 && strcmp(node->text, "(") == 0)
        node = node->child[0];
    return node;
}

static enum rk_status classify_name(const struct rk_node *node, bool prefer_text,
                                    const struct rk_table *table, struct operand *operand,
                                    struct rk_error *error)
{
    size_t text = rk_table_find_typed(table, node->text, RK_TEXT);
    size_t number = rk_table_find_typed(table, node->text, RK_NUMBER);
    size_t column = text != SIZE_MAX && (prefer_text || number == SIZE_MAX) ? text : number;

    if (column == SIZE_MAX)
        return rk_no_column_in(table, node->text, error);
    operand->column = &table->column[column];
    operand->kind = operand->column->type == RK_TEXT   ? TEXT_COLUMN
                    : operand->column->type == RK_TIME ? TIME_COLUMN
                                                       : NUMBERS;
    operand->time_kind = operand->column->time_kind;
    return RK_OK;
}

static enum rk_status classify(const struct rk_node *node, bool prefer_text,
                               const struct rk_table *table, struct operand *operand,
                               struct rk_error *error)
{
    node = without_parentheses(node);
    *operand = (struct operand){.kind = NUMBERS, .node = node, .value = node->value};
    if (node->kind == RK_NODE_NAME)
        return classify_name(node, prefer_text, table, operand, error);
    if (node->kind == RK_NODE_TEXT) {
        operand->kind = TEXT_LITERAL;
    } else if (node->kind == RK_NODE_NUMBER) {
        operand->kind = NUMBER_LITERAL;
    } else if (node->kind == RK_NODE_TIME) {
        operand->kind = TIME_LITERAL;
        operand->time_kind = node->time_kind;
        operand->value = (double)node->ordinal;
    } else if (node->kind == RK_NODE_OPERATOR && node->op == RK_OP_MINUS && node->n_children == 1 &&
               node->child[0]->kind == RK_NODE_NUMBER) {
        operand->kind = NUMBER_LITERAL;
        operand->value = -node->child[0]->value;
    }
    return RK_OK;
}

/* --- comparing with text columns ----------------------------------------------------------- */

/* a < b is b > a. */
static enum rk_operator mirrored(enum rk_operator op)
{
    switch (op) {
    case RK_OP_LT:
        return RK_OP_GT;
    case RK_OP_LE:
        return RK_OP_GE;
    case RK_OP_GT:
        return RK_OP_LT;
    case RK_OP_GE:
        return RK_OP_LE;
    default:
        return op;
    }
}

static int sign_of(double a, double b)
{
    return (a > b) - (a < b);
}

/* The sign of label - literal; false where the label is no such thing. */
static bool compare_label(const char *label, const struct operand *literal, int *sign)
{
    double number;
    enum rk_time_kind kind;
    int64_t ordinal;

    if (literal->kind == TEXT_LITERAL) {
        *sign = strcmp(label, literal->node->text);
        return true;
    }
    if (literal->kind == NUMBER_LITERAL) {
        if (rk_number_read(label, strlen(label), '.', &number, NULL) != RK_READ_OK)
            return false;
        *sign = sign_of(number, literal->value);
        return true;
    }
    if (rk_time_read(label, strlen(label), RK_ORDER_UNKNOWN, &kind, &ordinal) != RK_READ_OK ||
        kind == RK_TIME_INTEGER)
        return false;
    *sign = kind == literal->time_kind
                ? sign_of((double)ordinal, literal->value)
                : sign_of((double)rk_time_first_day(kind, ordinal),
                          (double)rk_time_first_day(literal->time_kind, (int64_t)literal->value));
    return true;
}

/* The truth for each distinct text, once. A text that is no number is not equal to a number, and
 * neither below nor above it. */
static enum rk_status compile_text(struct rk_program *program, enum rk_operator op,
                                   const struct operand *left, const struct operand *right,
                                   struct rk_error *error)
{
    struct rk_instruction instruction = {
        .code = RK_CODE_TEXT_TRUTH, .op = op, .column = left->column, .other = right->column};
    size_t n = rk_dict_size(left->column->dict);

    if (right->kind == TEXT_COLUMN) {
        instruction.code = RK_CODE_TEXT_COMPARE;
        return rk_program_add(program, instruction, error);
    }
    if (right->kind == NUMBERS || right->kind == TIME_COLUMN)
        return rk_fail(error, RK_EINPUT, "column '%s' holds text: compare it with text",
                       left->column->name);
    instruction.truth = malloc((n + 1) * sizeof(double));
    if (instruction.truth == NULL)
        return rk_fail_memory(error);
    for (size_t code = 0; code < n; code++) {
        int sign;

        if (compare_label(rk_dict_label(left->column->dict, (uint32_t)code), right, &sign))
            instruction.truth[code] = rk_compares(op, sign);
        else
            instruction.truth[code] = op == RK_OP_EQ ? 0.0 : op == RK_OP_NE ? 1.0 : NAN;
    }
    return rk_program_add(program, instruction, error);
}

/* --- comparing with numbers and times ------------------------------------------------------- */

static enum rk_status push(struct rk_program *program, double value, struct rk_error *error)
{
    return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_PUSH, .value = value},
                          error);
}

static enum rk_status compile_side(struct rk_program *program, const struct operand *operand,
                                   bool first_day, const struct rk_table *table,
                                   struct rk_error *error)
{
    enum rk_status status;

    if (operand->kind == NUMBER_LITERAL || operand->kind == TIME_LITERAL)
        status = push(program, operand->value, error);
    else
        status = rk_compile_arithmetic(program, operand->node, table, error);
    if (status == RK_OK && first_day)
        status = rk_program_add(
            program,
            (struct rk_instruction){.code = RK_CODE_FIRST_DAY, .time_kind = operand->time_kind},
            error);
    return status;
}

/* Turns a text or a number beside a time column into the time it is. */
static enum rk_status literal_to_time(const struct operand *column, struct operand *literal,
                                      struct rk_error *error)
{
    const char *text = literal->node->text;
    int64_t ordinal;

    if (literal->kind == NUMBER_LITERAL &&
        (column->time_kind == RK_TIME_INTEGER || column->time_kind == RK_TIME_YEAR)) {
        literal->time_kind = column->time_kind;
    } else if (literal->kind == TEXT_LITERAL || literal->kind == NUMBER_LITERAL) {
        if (text == NULL || rk_time_read(text, strlen(text), RK_ORDER_UNKNOWN, &literal->time_kind,
                                         &ordinal) != RK_READ_OK)
            return rk_fail(error, RK_EUSAGE, "column '%s' holds times, and '%s' is none",
                           column->column->name, text == NULL ? "a negative number" : text);
        literal->value = (double)ordinal;
    }
    if (literal->time_kind == RK_TIME_YEAR && column->time_kind == RK_TIME_INTEGER)
        literal->time_kind = RK_TIME_INTEGER; /* 2024 may be either */
    if ((literal->time_kind == RK_TIME_INTEGER) != (column->time_kind == RK_TIME_INTEGER))
        return rk_fail(error, RK_EINPUT,
                       column->time_kind == RK_TIME_INTEGER
                           ? "column '%s' holds integers, and '%s' is a calendar time"
                           : "column '%s' holds calendar times, and '%s' is an integer",
                       column->column->name, text == NULL ? "" : text);
    literal->kind = TIME_LITERAL;
    return RK_OK;
}

static enum rk_status compile_time(struct rk_program *program, enum rk_operator op,
                                   const struct operand *left, struct operand right,
                                   const struct rk_table *table, struct rk_error *error)
{
    enum rk_status status = RK_OK;
    bool first_days;

    if (right.kind == NUMBERS) /* week == start + 1, in units of the column */
        right.time_kind = left->time_kind;
    else if (right.kind == TIME_COLUMN &&
             (left->time_kind == RK_TIME_INTEGER) != (right.time_kind == RK_TIME_INTEGER))
        return rk_fail(error, RK_EINPUT,
                       "of the columns '%s' and '%s', one holds calendar times and one integers",
                       left->column->name, right.column->name);
    else if (right.kind != TIME_COLUMN)
        status = literal_to_time(left, &right, error);
    first_days = left->time_kind != right.time_kind;
    if (status == RK_OK)
        status = compile_side(program, left, first_days, table, error);
    if (status == RK_OK)
        status = compile_side(program, &right, first_days, table, error);
    if (status != RK_OK)
        return status;
    return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_OPERATOR, .op = op},
                          error);
}

static enum rk_status compile_number(struct rk_program *program, enum rk_operator op,
                                     const struct operand *left, struct operand right,
                                     const struct rk_table *table, struct rk_error *error)
{
    enum rk_status status;

    if (left->kind == TEXT_LITERAL || left->kind == TIME_LITERAL)
        return rk_fail(error, RK_EUSAGE, "'%s' is compared with no column", left->node->text);
    if (right.kind == TIME_LITERAL ||
        (right.kind == TEXT_LITERAL && rk_number_read(right.node->text, strlen(right.node->text),
                                                      '.', &right.value, NULL) != RK_READ_OK))
        return rk_fail(error, RK_EUSAGE, "'%s' is compared with a number, but is none",
                       right.node->text);
    if (right.kind == TEXT_LITERAL)
        right.kind = NUMBER_LITERAL;
    status = compile_side(program, left, false, table, error);
    if (status == RK_OK)
        status = compile_side(program, &right, false, table, error);
    if (status != RK_OK)
        return status;
    return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_OPERATOR, .op = op},
                          error);
}

static enum rk_status compile_comparison(struct rk_program *program, enum rk_operator op,
                                         const struct rk_node *a, const struct rk_node *b,
                                         const struct rk_table *table, struct rk_error *error)
{
    struct operand left, right;
    enum rk_status status =
        classify(a, without_parentheses(b)->kind == RK_NODE_TEXT, table, &left, error);

    if (status == RK_OK)
        status = classify(b, left.kind == TEXT_LITERAL || left.kind == TEXT_COLUMN, table, &right,
                          error);
    if (status != RK_OK)
        return status;
    /* The column to the left: text before time before arithmetic before literals. */
    if ((right.kind == TEXT_COLUMN && left.kind != TEXT_COLUMN) ||
        (right.kind == TIME_COLUMN && left.kind != TEXT_COLUMN && left.kind != TIME_COLUMN) ||
        ((right.kind == NUMBERS || right.kind == NUMBER_LITERAL) &&
         (left.kind == TEXT_LITERAL || left.kind == TIME_LITERAL))) {
        struct operand swapped = left;

        left = right;
        right = swapped;
        op = mirrored(op);
    }
    if (left.kind == TEXT_COLUMN)
        return compile_text(program, op, &left, &right, error);
    if (left.kind == TIME_COLUMN)
        return compile_time(program, op, &left, right, table, error);
    return compile_number(program, op, &left, right, table, error);
}

/* --- conditions ---------------------------------------------------------------------------- */

/* Joins the last two truths by `or`; two of the same text column become one. */
static enum rk_status compile_either(struct rk_program *program, struct rk_error *error)
{
    struct rk_instruction *last = &program->instruction[program->n - 1], *before = last - 1;

    if (program->n < 2 || last->code != RK_CODE_TEXT_TRUTH || before->code != RK_CODE_TEXT_TRUTH ||
        last->column != before->column)
        return rk_program_add(
            program, (struct rk_instruction){.code = RK_CODE_OPERATOR, .op = RK_OP_OR}, error);
    for (size_t code = 0; code < rk_dict_size(last->column->dict); code++)
        if (last->truth[code] == 1.0)
            before->truth[code] = 1.0;
    free(last->truth);
    program->n--;
    program->depth--;
    return RK_OK;
}

static enum rk_status compile_in(struct rk_program *program, const struct rk_node *node,
                                 const struct rk_table *table, struct rk_error *error)
{
    const struct rk_node *list = node->child[1];
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < list->n_children; i++) {
        status =
            compile_comparison(program, RK_OP_EQ, node->child[0], list->child[i], table, error);
        if (status == RK_OK && i > 0)
            status = compile_either(program, error);
    }
    return status;
}

/* A number stands for whether it is not 0. */
static enum rk_status compile_number_as_truth(struct rk_program *program,
                                              const struct rk_node *node,
                                              const struct rk_table *table, struct rk_error *error)
{
    struct operand operand;
    enum rk_status status = classify(node, false, table, &operand, error);

    if (status != RK_OK)
        return status;
    if (operand.kind == TEXT_COLUMN || operand.kind == TIME_COLUMN)
        return rk_fail(error, RK_EINPUT, "column '%s' is no condition: compare it with something",
                       operand.column->name);
    status = rk_compile_arithmetic(program, node, table, error);
    if (status != RK_OK)
        return status;
    return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_TRUTH}, error);
}

static enum rk_status compile_condition(struct rk_program *program, const struct rk_node *node,
                                        const struct rk_table *table, struct rk_error *error)
{
    enum rk_operator op;
    enum rk_status status;

    node = without_parentheses(node);
    op = node->kind == RK_NODE_OPERATOR ? node->op : RK_OP_NONE;
    if (op == RK_OP_IN)
        return compile_in(program, node, table, error);
    if (op >= RK_OP_EQ && op <= RK_OP_GE)
        return compile_comparison(program, op, node->child[0], node->child[1], table, error);
    if (op != RK_OP_AND && op != RK_OP_OR && op != RK_OP_NOT)
        return compile_number_as_truth(program, node, table, error);
    status = compile_condition(program, node->child[0], table, error);
    if (status == RK_OK && op == RK_OP_NOT)
        return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_NOT}, error);
    if (status == RK_OK)
        status = compile_condition(program, node->child[1], table, error);
    if (status != RK_OK)
        return status;
    return rk_program_add(program, (struct rk_instruction){.code = RK_CODE_OPERATOR, .op = op},
                          error);
}

/* The first text column that stands beside a number in a comparison, or NULL. */
static const struct rk_column *text_beside_number(const struct rk_node *node,
                                                  const struct rk_table *table)
{
    bool compares = node->kind == RK_NODE_OPERATOR && node->op >= RK_OP_EQ && node->op <= RK_OP_GE;
    const struct rk_column *found = NULL;
    struct operand side[2];
    struct rk_error ignored;

    if (compares && classify(node->child[0], false, table, &side[0], &ignored) == RK_OK &&
        classify(node->child[1], false, table, &side[1], &ignored) == RK_OK)
        for (int k = 0; k < 2; k++)
            if (side[k].kind == TEXT_COLUMN && side[1 - k].kind == NUMBER_LITERAL)
                return side[k].column;
    for (size_t i = 0; found == NULL && i < node->n_children; i++)
        found = text_beside_number(node->child[i], table);
    return found;
}

enum rk_status rk_predicate_empty(const struct rk_node *node, const struct rk_table *table,
                                  size_t n, struct rk_error *error)
{
    const struct rk_column *text = text_beside_number(node, table);

    return rk_fail(error, RK_ENODATA, "no row is left after --where (of %zu)%s%s%s", n,
                   text == NULL ? "" : "; '", text == NULL ? "" : text->name,
                   text == NULL ? "" : "' holds text and is compared with a number");
}

enum rk_status rk_predicate(const struct rk_node *node, const struct rk_table *table,
                            signed char *out, struct rk_error *error)
{
    struct rk_program program = {0};
    enum rk_status status = compile_condition(&program, node, table, error);
    double *stack = NULL;

    if (status == RK_OK) {
        stack = calloc(program.max_depth + 1, sizeof *stack);
        status = stack == NULL ? rk_fail_memory(error) : RK_OK;
    }
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        double truth = rk_program_run(&program, i, stack);

        out[i] = isnan(truth) ? -1 : truth != 0.0;
    }
    free(stack);
    rk_program_free(&program);
    return status;
}
