/* Expressions over the columns of a table: one lexer, one parser and one tree for predicates
 * (--where, --rows, --assert) and for formulas.
 *
 * Precedence, tightest first (R's): calls and names; ^ (right); unary + - ; : ; * / ; + - ;
 * == != < <= > >= in ; ! ; && ; || and | ; ~ . */
#ifndef REPKIT_EXPRESSION_H
#define REPKIT_EXPRESSION_H

#include "repkit/table.h"

enum rk_node_kind {
    RK_NODE_NUMBER,   /* value */
    RK_NODE_TEXT,     /* text */
    RK_NODE_TIME,     /* 2024-W10 without quotes: time_kind, ordinal; predicates only */
    RK_NODE_NAME,     /* text: a column */
    RK_NODE_CALL,     /* text: the function's name; children: arguments, named ones as '=' nodes.
                       Parentheses are a call of "(", so that they print as they were written */
    RK_NODE_OPERATOR, /* op; children: one or two */
    RK_NODE_LIST      /* ("a", "b") after `in`; children */
};

enum rk_operator {
    RK_OP_NONE,
    RK_OP_TILDE,
    RK_OP_BAR,
    RK_OP_OR,
    RK_OP_AND,
    RK_OP_NOT,
    RK_OP_EQ,
    RK_OP_NE,
    RK_OP_LT,
    RK_OP_LE,
    RK_OP_GT,
    RK_OP_GE,
    RK_OP_IN,
    RK_OP_PLUS,
    RK_OP_MINUS,
    RK_OP_TIMES,
    RK_OP_DIVIDE,
    RK_OP_COLON,
    RK_OP_POWER,
    RK_OP_ASSIGN
};

struct rk_node {
    enum rk_node_kind kind;
    enum rk_operator op;
    double value;
    char *text;
    enum rk_time_kind time_kind;
    int64_t ordinal;
    size_t position; /* where it begins in the source, in bytes, for messages */
    struct rk_node **child;
    size_t n_children;
};

enum rk_language { RK_PREDICATE, RK_FORMULA };

/* Parses the whole text. On failure the error names the character: "at character 9: ...".
 * Returns RK_OK, RK_EUSAGE, RK_ENOMEM; *tree is unchanged on failure. */
enum rk_status rk_expression_parse(const char *text, enum rk_language language,
                                   struct rk_node **tree, struct rk_error *error);
void rk_node_free(struct rk_node *node);

/* Adds the names of all columns in the tree, each once. RK_OK or RK_ENOMEM. */
enum rk_status rk_node_columns(const struct rk_node *node, struct rk_names *names);

/* Adds the names that stand alone on the right of a comparison, each once: North in
 * `region == North`, a column or a text that lost its quotes. RK_OK or RK_ENOMEM. */
enum rk_status rk_node_compared(const struct rk_node *node, struct rk_names *names);

/* Writes the tree as R deparses it (`I(calls^2)`, `lag(calls, 1)`, `calls:tenure`, back-ticks only
 * where R needs them). */
void rk_node_print(const struct rk_node *node, struct rk_text *out);

/* Evaluates arithmetic (+ - * / ^, unary minus, log, log2, log10, log1p, exp, expm1, sqrt, abs, I)
 * for every row; a value that a function cannot take, or that is not finite, becomes NaN.
 * Returns RK_OK; RK_EINPUT for an unknown column (nearest named) or a text column; RK_EUSAGE for
 * an unknown function; RK_ENOMEM. */
enum rk_status rk_evaluate(const struct rk_node *node, const struct rk_table *table, double *out,
                           struct rk_error *error);

/* The columns that lag() and lead() go by: the unit (NULL: all rows are of one) and the time, whose
 * steps are periods of its kind. */
struct rk_series {
    const char *id, *time;
};

/* The same with lag(x, k) and lead(x, k): the value of x in the row of the same unit that is k
 * periods before or after, NaN where there is none, be it at an end or in a gap. series may be
 * NULL. Also RK_EUSAGE for lag() without a column of time; RK_EINPUT where a unit has two rows at
 * one time. In R, where no period is missing: ave(x, id, FUN = function(x) dplyr::lag(x, k)). */
enum rk_status rk_evaluate_series(const struct rk_node *node, const struct rk_table *table,
                                  const struct rk_series *series, double *out,
                                  struct rk_error *error);

/* Evaluates arithmetic and its derivative by a variable: a column, or a lag() or lead(), by what it
 * prints as (another one is a constant). value and slope are n_rows long; where there is no finite
 * value or derivative it is NaN. The failures of rk_evaluate_series; both undefined on failure.
 * In R: deriv(expression, variable). */
enum rk_status rk_differentiate(const struct rk_node *node, const struct rk_table *table,
                                const struct rk_series *series, const char *variable, double *value,
                                double *slope, struct rk_error *error);

/* Evaluates a predicate for every row: 1 true, 0 false, -1 unknown (a missing value was needed;
 * three-valued logic as in SQL).
 * Text compares with text; a number literal with a text column compares if its text is that
 * number; time columns compare with time literals of the same kind, or by first days of another
 * kind, also when the literal is written in quotes. */
enum rk_status rk_predicate(const struct rk_node *node, const struct rk_table *table,
                            signed char *out, struct rk_error *error);
/* Fails with RK_ENODATA: none of n rows fulfils the predicate. Says so if it compares a text column
 * of the table with a number. */
enum rk_status rk_predicate_empty(const struct rk_node *node, const struct rk_table *table,
                                  size_t n, struct rk_error *error);

#endif
