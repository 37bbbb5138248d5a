/* A tree made ready to be evaluated row by row: columns and functions are looked up once, and the
 * rows take no recursion and no allocation. */
#ifndef REPKIT_TABLE_PROGRAM_H
#define REPKIT_TABLE_PROGRAM_H

#include "repkit/expression.h"

enum rk_code {
    RK_CODE_PUSH,         /* value */
    RK_CODE_COLUMN,       /* the column's number */
    RK_CODE_VALUES,       /* values[row] */
    RK_CODE_FIRST_DAY,    /* of the ordinal on top, of the kind time_kind */
    RK_CODE_CALL,         /* function, of the number on top */
    RK_CODE_NEGATE,       /* the number on top */
    RK_CODE_OPERATOR,     /* op, of the two numbers on top */
    RK_CODE_TRUTH,        /* whether the number on top is not 0 */
    RK_CODE_NOT,          /* of the truth on top */
    RK_CODE_TEXT_TRUTH,   /* truth[code], by the column's text */
    RK_CODE_TEXT_COMPARE, /* op, of the texts of column and other */
};

/* Truths are 1, 0 and NaN (unknown); a missing number is NaN. */
struct rk_instruction {
    enum rk_code code;
    enum rk_operator op;
    double value;
    enum rk_time_kind time_kind;
    double (*function)(double);
    const struct rk_column *column, *other;
    double *truth;  /* owned */
    double *values; /* owned */
};

struct rk_program {
    struct rk_instruction *instruction;
    size_t n, capacity;
    size_t depth, max_depth;        /* of the stack */
    const struct rk_series *series; /* for lag(); may be NULL */
};

void rk_program_free(struct rk_program *program);

/* Appends an instruction; takes its truth and values, also on failure. RK_OK or RK_ENOMEM. */
enum rk_status rk_program_add(struct rk_program *program, struct rk_instruction instruction,
                              struct rk_error *error);

/* The number on top after the program ran for a row; stack has max_depth places. */
double rk_program_run(const struct rk_program *program, size_t row, double *stack);

/* Appends what computes an arithmetic tree. The failures of rk_evaluate. */
enum rk_status rk_compile_arithmetic(struct rk_program *program, const struct rk_node *node,
                                     const struct rk_table *table, struct rk_error *error);

/* rk_no_column with the table's columns. */
enum rk_status rk_no_column_in(const struct rk_table *table, const char *name,
                               struct rk_error *error);

/* A function of one number. */
struct rk_function {
    const char *name;
    double (*value)(double x);
    double (*slope)(double x); /* its derivative */
};

/* The function of that name that rk_evaluate knows, or NULL. This function can't fail. */
const struct rk_function *rk_function_find(const char *name);

/* Fails with RK_EUSAGE, naming the nearest function; at its character if source is not NULL. */
enum rk_status rk_unknown_function(const struct rk_node *call, const char *source,
                                   struct rk_error *error);

/* Whether `a op b` holds, given the sign of a - b. This function can't fail. */
bool rk_compares(enum rk_operator op, int sign);

#endif
