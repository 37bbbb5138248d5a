#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lag.h"
#include "lexer.h"
#include "program.h"
#include "repkit/csv.h"

/* --- functions ----------------------------------------------------------------------------- */

static double identity(double x)
{
    return x;
}

static double one(double x)
{
    return isnan(x) ? x : 1.0;
}

static double log_slope(double x)
{
    return 1.0 / x;
}

static double log2_slope(double x)
{
    return 1.0 / (x * log(2.0));
}

static double log10_slope(double x)
{
    return 1.0 / (x * log(10.0));
}

static double log1p_slope(double x)
{
    return 1.0 / (1.0 + x);
}

static double sqrt_slope(double x)
{
    return 0.5 / sqrt(x);
}

static double abs_slope(double x)
{
    return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : NAN;
}

static const struct rk_function functions[] = {
    {"log", log, log_slope},       {"log2", log2, log2_slope}, {"log10", log10, log10_slope},
    {"log1p", log1p, log1p_slope}, {"exp", exp, exp},          {"expm1", expm1, exp},
    {"sqrt", sqrt, sqrt_slope},    {"abs", fabs, abs_slope},   {"I", identity, one}};

enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

/* What is no function of one number. */
static const char *const others[] = {"factor", "poly", "ns", "lag", "lead"};
enum { N_OTHERS = sizeof others / sizeof *others };

const struct rk_function *rk_function_find(const char *name)
{
    for (size_t i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    return NULL;
}

enum rk_status rk_unknown_function(const struct rk_node *call, const char *source,
                                   struct rk_error *error)
{
    const char *names[N_FUNCTIONS + N_OTHERS], *nearest;
    struct rk_text text = {0};
    enum rk_status status;

    for (size_t i = 0; i < N_FUNCTIONS; i++)
        names[i] = functions[i].name;
    for (size_t i = 0; i < N_OTHERS; i++)
        names[N_FUNCTIONS + i] = others[i];
    nearest = rk_nearest(call->text, names, N_FUNCTIONS + N_OTHERS);
    rk_text_format(&text, "unknown function '%s'; ", call->text);
    if (nearest != NULL) {
        rk_text_format(&text, "did you mean '%s'?", nearest);
    } else {
        rk_text_add(&text, "there are ");
        for (size_t i = 0; i < N_FUNCTIONS + N_OTHERS; i++)
            rk_text_format(&text, "%s%s", i == 0 ? "" : ", ", names[i]);
    }
    if (text.failed)
        status = rk_fail_memory(error);
    else if (source != NULL)
        status = rk_fail_at_character(error, source, call->position, "%s", text.bytes);
    else
        status = rk_fail(error, RK_EUSAGE, "%s", text.bytes);
    rk_text_free(&text);
    return status;
}

/* --- programs ------------------------------------------------------------------------------ */

static void free_owned(struct rk_instruction *instruction)
{
    free(instruction->truth);
    free(instruction->values);
}

void rk_program_free(struct rk_program *program)
{
    for (size_t i = 0; i < program->n; i++)
        free_owned(&program->instruction[i]);
    free(program->instruction);
    *program = (struct rk_program){0};
}

static bool pushes(enum rk_code code)
{
    return code == RK_CODE_PUSH || code == RK_CODE_COLUMN || code == RK_CODE_VALUES ||
           code == RK_CODE_TEXT_TRUTH || code == RK_CODE_TEXT_COMPARE;
}

enum rk_status rk_program_add(struct rk_program *program, struct rk_instruction instruction,
                              struct rk_error *error)
{
    if (program->n == program->capacity) {
        size_t capacity = program->capacity == 0 ? 16 : 2 * program->capacity;
        struct rk_instruction *grown = realloc(program->instruction, capacity * sizeof *grown);

        if (grown == NULL) {
            free_owned(&instruction);
            return rk_fail_memory(error);
        }
        program->instruction = grown;
        program->capacity = capacity;
    }
    program->instruction[program->n++] = instruction;
    if (pushes(instruction.code))
        program->depth++;
    else if (instruction.code == RK_CODE_OPERATOR && program->depth > 0)
        program->depth--;
    if (program->depth > program->max_depth)
        program->max_depth = program->depth;
    return RK_OK;
}

bool rk_compares(enum rk_operator op, int sign)
{
    switch (op) {
    case RK_OP_EQ:
        return sign == 0;
    case RK_OP_NE:
        return sign != 0;
    case RK_OP_LT:
        return sign < 0;
    case RK_OP_LE:
        return sign <= 0;
    case RK_OP_GT:
        return sign > 0;
    default:
        return sign >= 0;
    }
}

static double operate(enum rk_operator op, double a, double b)
{
    if (op == RK_OP_AND)
        return a == 0.0 || b == 0.0 ? 0.0 : a * b;
    if (op == RK_OP_OR)
        return a == 1.0 || b == 1.0 ? 1.0 : a + b;
    if (isnan(a) || isnan(b)) /* also of NA^0, which C would make 1 */
        return NAN;
    switch (op) {
    case RK_OP_PLUS:
        return a + b;
    case RK_OP_MINUS:
        return a - b;
    case RK_OP_TIMES:
        return a * b;
    case RK_OP_DIVIDE:
        return a / b;
    case RK_OP_POWER:
        return b == 2.0 ? a * a : pow(a, b); /* as R does */
    default:
        return rk_compares(op, (a > b) - (a < b));
    }
}

static double compare_texts(const struct rk_instruction *instruction, size_t row)
{
    uint32_t a = instruction->column->code[row], b = instruction->other->code[row];

    if (a == RK_NO_CODE || b == RK_NO_CODE)
        return NAN;
    return rk_compares(instruction->op, strcmp(rk_dict_label(instruction->column->dict, a),
                                               rk_dict_label(instruction->other->dict, b)));
}

static double finite_or_nan(double x)
{
    return isfinite(x) ? x : NAN;
}

double rk_program_run(const struct rk_program *program, size_t row, double *stack)
{
    double *top = stack - 1;

    for (size_t i = 0; i < program->n; i++) {
        const struct rk_instruction *instruction = &program->instruction[i];
        uint32_t code;

        switch (instruction->code) {
        case RK_CODE_PUSH:
            *++top = instruction->value;
            break;
        case RK_CODE_COLUMN:
            *++top = instruction->column->number[row];
            break;
        case RK_CODE_VALUES:
            *++top = instruction->values[row];
            break;
        case RK_CODE_FIRST_DAY:
            if (!isnan(*top))
                *top = (double)rk_time_first_day(instruction->time_kind, (int64_t)*top);
            break;
        case RK_CODE_CALL:
            *top = finite_or_nan(instruction->function(*top));
            break;
        case RK_CODE_NEGATE:
            *top = -*top;
            break;
        case RK_CODE_OPERATOR:
            top--;
            *top = finite_or_nan(operate(instruction->op, top[0], top[1]));
            break;
        case RK_CODE_TRUTH:
            *top = isnan(*top) ? NAN : *top != 0.0;
            break;
        case RK_CODE_NOT:
            *top = 1.0 - *top;
            break;
        case RK_CODE_TEXT_TRUTH:
            code = instruction->column->code[row];
            *++top = code == RK_NO_CODE ? NAN : instruction->truth[code];
            break;
        case RK_CODE_TEXT_COMPARE:
            *++top = compare_texts(instruction, row);
            break;
        }
    }
    return *top;
}

/* --- arithmetic ---------------------------------------------------------------------------- */

enum rk_status rk_no_column_in(const struct rk_table *table, const char *name,
                               struct rk_error *error)
{
    struct rk_names columns = {.n = table->n_columns};
    enum rk_status status;

    if (table->n_columns == 0)
        return rk_fail(error, RK_EINPUT, "no column '%s'", name);
    columns.name = malloc(table->n_columns * sizeof *columns.name);
    if (columns.name == NULL)
        return rk_fail_memory(error);
    for (size_t j = 0; j < table->n_columns; j++)
        columns.name[j] = table->column[j].name;
    status = rk_no_column(name, &columns, error);
    free(columns.name);
    return status;
}

static enum rk_status compile_name(struct rk_program *program, const struct rk_node *node,
                                   const struct rk_table *table, struct rk_error *error)
{
    size_t column = rk_table_find_typed(table, node->text, RK_NUMBER);

    if (column == SIZE_MAX && rk_table_find(table, node->text) != SIZE_MAX)
        return rk_fail(error, RK_EINPUT, "column '%s' holds text where numbers are needed",
                       node->text);
    if (column == SIZE_MAX)
        return rk_no_column_in(table, node->text, error);
    return rk_program_add(
        program, (struct rk_instruction){.code = RK_CODE_COLUMN, .column = &table->column[column]},
        error);
}

/* lag() and lead() are evaluated for all rows at once. */
static enum rk_status compile_lag(struct rk_program *program, const struct rk_node *node,
                                  const struct rk_table *table, struct rk_error *error)
{
    double periods = 0.0, *of, *values;
    enum rk_status status = rk_lag_periods(node, NULL, &periods, error);

    if (status != RK_OK)
        return status;
    if (program->series == NULL || program->series->time == NULL)
        return rk_fail(error, RK_EUSAGE, "%s() has no place without a column of time", node->text);
    of = malloc((table->n_rows + 1) * sizeof *of);
    values = malloc((table->n_rows + 1) * sizeof *values);
    status = of == NULL || values == NULL ? rk_fail_memory(error) : RK_OK;
    if (status == RK_OK)
        status = rk_evaluate_series(node->child[0], table, program->series, of, error);
    if (status == RK_OK)
        status = rk_lag_values(table, program->series, periods, of, values, error);
    free(of);
    if (status != RK_OK) {
        free(values);
        return status;
    }
    return rk_program_add(program,
                          (struct rk_instruction){.code = RK_CODE_VALUES, .values = values}, error);
}

static enum rk_status compile_call(struct rk_program *program, const struct rk_node *node,
                                   const struct rk_table *table, struct rk_error *error)
{
    bool parentheses = strcmp(node->text, "(") == 0;
    const struct rk_function *function = rk_function_find(node->text);
    enum rk_status status;

    if (rk_is_lag(node))
        return compile_lag(program, node, table, error);
    if (function == NULL && !parentheses)
        return rk_unknown_function(node, NULL, error);
    if (node->n_children != 1)
        return rk_fail(error, RK_EUSAGE, "%s() takes one argument", node->text);
    status = rk_compile_arithmetic(program, node->child[0], table, error);
    if (status != RK_OK || parentheses || function->value == identity)
        return status;
    return rk_program_add(
        program, (struct rk_instruction){.code = RK_CODE_CALL, .function = function->value}, error);
}

static enum rk_status compile_operator(struct rk_program *program, const struct rk_node *node,
                                       const struct rk_table *table, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (node->op != RK_OP_PLUS && node->op != RK_OP_MINUS && node->op != RK_OP_TIMES &&
        node->op != RK_OP_DIVIDE && node->op != RK_OP_POWER)
        return rk_fail(error, RK_EUSAGE, "'%s' has no place in arithmetic",
                       rk_operator_text(node->op));
    for (size_t i = 0; status == RK_OK && i < node->n_children; i++)
        status = rk_compile_arithmetic(program, node->child[i], table, error);
    if (status != RK_OK || (node->n_children == 1 && node->op == RK_OP_PLUS))
        return status;
    return rk_program_add(
        program,
        (struct rk_instruction){.code = node->n_children == 1 ? RK_CODE_NEGATE : RK_CODE_OPERATOR,
                                .op = node->op},
        error);
}

enum rk_status rk_compile_arithmetic(struct rk_program *program, const struct rk_node *node,
                                     const struct rk_table *table, struct rk_error *error)
{
    switch (node->kind) {
    case RK_NODE_NUMBER:
        return rk_program_add(
            program, (struct rk_instruction){.code = RK_CODE_PUSH, .value = node->value}, error);
    case RK_NODE_NAME:
        return compile_name(program, node, table, error);
    case RK_NODE_CALL:
        return compile_call(program, node, table, error);
    case RK_NODE_OPERATOR:
        return compile_operator(program, node, table, error);
    case RK_NODE_TEXT:
    case RK_NODE_TIME:
    case RK_NODE_LIST:
        break;
    }
    return rk_fail(error, RK_EUSAGE, "'%s' is not a number", node->text != NULL ? node->text : "(");
}

enum rk_status rk_evaluate(const struct rk_node *node, const struct rk_table *table, double *out,
                           struct rk_error *error)
{
    return rk_evaluate_series(node, table, NULL, out, error);
}

enum rk_status rk_evaluate_series(const struct rk_node *node, const struct rk_table *table,
                                  const struct rk_series *series, double *out,
                                  struct rk_error *error)
{
    struct rk_program program = {.series = series};
    enum rk_status status = rk_compile_arithmetic(&program, node, table, error);
    double *stack = NULL;

    if (status == RK_OK) {
        stack = calloc(program.max_depth + 1, sizeof *stack);
        status = stack == NULL ? rk_fail_memory(error) : RK_OK;
    }
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        out[i] = rk_program_run(&program, i, stack);
    free(stack);
    rk_program_free(&program);
    return status;
}
