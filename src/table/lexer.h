/* The words of expressions: numbers, quoted texts, times, names, operators. */
#ifndef REPKIT_TABLE_LEXER_H
#define REPKIT_TABLE_LEXER_H

#include "repkit/expression.h"

enum rk_token_kind {
    RK_TOKEN_END,
    RK_TOKEN_NUMBER,
    RK_TOKEN_TEXT,
    RK_TOKEN_TIME,
    RK_TOKEN_NAME,
    RK_TOKEN_OPERATOR,
    RK_TOKEN_OPEN,
    RK_TOKEN_CLOSE,
    RK_TOKEN_COMMA
};

struct rk_lexer {
    const char *source;
    enum rk_language language;
    struct rk_error *error;

    /* The current token. */
    enum rk_token_kind kind;
    enum rk_operator op;
    size_t position, end; /* its bytes in the source */
    double value;         /* of a number */
    enum rk_time_kind time_kind;
    int64_t ordinal;
    struct rk_text text; /* of names and texts, without quotes; of numbers and times, as written */
};

/* Moves to the next token, the first one at the start. RK_OK, RK_EUSAGE or RK_ENOMEM. */
enum rk_status rk_lexer_next(struct rk_lexer *lexer);

/* Fails with RK_EUSAGE and "at character 9: " before the formatted text; position is in bytes. */
#define rk_fail_at_character(...) rk_failure(rk_fill_at_character(__VA_ARGS__))
enum rk_status rk_fill_at_character(struct rk_error *error, const char *source, size_t position,
                                    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether the name can stand without back-ticks. This function can't fail. */
bool rk_is_plain_name(const char *name);

/* How an operator is written. "" for RK_OP_NONE. This function can't fail. */
const char *rk_operator_text(enum rk_operator op);

#endif
