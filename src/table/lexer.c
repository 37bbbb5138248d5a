#include "lexer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const operator_texts[] = {
    [RK_OP_NONE] = "",    [RK_OP_TILDE] = "~", [RK_OP_BAR] = "|",   [RK_OP_OR] = "||",
    [RK_OP_AND] = "&&",   [RK_OP_NOT] = "!",   [RK_OP_EQ] = "==",   [RK_OP_NE] = "!=",
    [RK_OP_LT] = "<",     [RK_OP_LE] = "<=",   [RK_OP_GT] = ">",    [RK_OP_GE] = ">=",
    [RK_OP_IN] = "in",    [RK_OP_PLUS] = "+",  [RK_OP_MINUS] = "-", [RK_OP_TIMES] = "*",
    [RK_OP_DIVIDE] = "/", [RK_OP_COLON] = ":", [RK_OP_POWER] = "^", [RK_OP_ASSIGN] = "=",
};

const char *rk_operator_text(enum rk_operator op)
{
    return operator_texts[op];
}

enum rk_status rk_fill_at_character(struct rk_error *error, const char *source, size_t position,
                                    const char *format, ...)
{
    char text[512];
    size_t character = 1;
    va_list arguments;

    for (size_t i = 0; i < position; i++)
        character += ((unsigned char)source[i] & 0xC0) != 0x80;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return rk_fail(error, RK_EUSAGE, "at character %zu: %s", character, text);
}

/* --- names --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of other scripts count as letters. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ((unsigned char)c & 0x80) != 0;
}

static bool is_name_part(char c)
{
    return is_letter(c) || is_digit(c) || c == '.' || c == '_';
}

static bool begins_name(const char *p)
{
    return is_letter(*p) || *p == '_' || (*p == '.' && !is_digit(p[1]));
}

bool rk_is_plain_name(const char *name)
{
    static const char *const reserved[] = {
        "if",       "else",        "repeat", "while", "function",     "for", "next",
        "break",    "TRUE",        "FALSE",  "NULL",  "Inf",          "NaN", "NA",
        "NA_real_", "NA_integer_", "in",     "...",   "NA_character_"};

    if (!begins_name(name) || *name == '_')
        return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            return false;
    while (is_name_part(*name))
        name++;
    return *name == '\0';
}

/* --- tokens -------------------------------------------------------------------------------- */

static enum rk_status fail(const struct rk_lexer *lexer, size_t position, const char *text)
{
    return rk_fail_at_character(lexer->error, lexer->source, position, "%s", text);
}

/* Up to the closing quote; a backslash keeps the next character, \n and \t are what they are in C.
 */
static enum rk_status lex_quoted(struct rk_lexer *lexer, char quote)
{
    const char *p = lexer->source + lexer->position + 1;

    for (; *p != quote; p++) {
        if (*p == '\0' || (*p == '\\' && p[1] == '\0'))
            return fail(lexer, lexer->position, "the quote that begins here is not closed");
        if (*p == '\\')
            rk_text_add_char(&lexer->text, *++p == 'n' ? '\n' : *p == 't' ? '\t' : *p);
        else
            rk_text_add_char(&lexer->text, *p);
    }
    if (lexer->text.failed)
        return rk_fail_memory(lexer->error);
    if (quote == '`' && lexer->text.length == 0)
        return fail(lexer, lexer->position, "there is no name between the back-ticks");
    lexer->kind = quote == '`' ? RK_TOKEN_NAME : RK_TOKEN_TEXT;
    lexer->end = (size_t)(p + 1 - lexer->source);
    return RK_OK;
}

/* 2024-W10, 2024-03, 2024-01-14: whatever begins like a year and a minus, without spaces, is a time
 * in a predicate, so that it is never taken for a difference by mistake. *found tells whether it
 * was one. */
static enum rk_status lex_time(struct rk_lexer *lexer, bool *found)
{
    const char *start = lexer->source + lexer->position;
    size_t digits = strspn(start, "0123456789"), length, shape;
    bool is_year = digits == 4 && strncmp(start, "1900", 4) >= 0 && strncmp(start, "2199", 4) <= 0;

    *found = false;
    if (lexer->language != RK_PREDICATE || digits != 4 || start[4] != '-' ||
        !(is_digit(start[5]) || start[5] == 'W' || start[5] == 'Q'))
        return RK_OK;
    shape = strspn(start, "0123456789-WQT:");
    for (length = shape; is_name_part(start[length]);)
        length++;
    if (rk_time_read(start, length, RK_ORDER_UNKNOWN, &lexer->time_kind, &lexer->ordinal) ==
        RK_READ_OK) {
        lexer->kind = RK_TOKEN_TIME;
        lexer->end = lexer->position + length;
        rk_text_add_bytes(&lexer->text, start, length);
        *found = true;
        return RK_OK;
    }
    if (is_year && length == shape)
        return rk_fail_at_character(lexer->error, lexer->source, lexer->position,
                                    "'%.*s' is not a time (write spaces around a minus)",
                                    length < 40 ? (int)length : 40, start);
    return RK_OK;
}

static enum rk_status lex_number(struct rk_lexer *lexer)
{
    const char *start = lexer->source + lexer->position, *p = start;
    size_t length;

    p += strspn(p, "0123456789");
    if (*p == '.')
        p += 1 + strspn(p + 1, "0123456789");
    if (*p == 'e' || *p == 'E') {
        const char *power = p[1] == '-' || p[1] == '+' ? p + 2 : p + 1;

        if (is_digit(*power))
            p = power + strspn(power, "0123456789");
    }
    if (is_name_part(*p))
        return fail(lexer, lexer->position, "a name that begins with a digit needs back-ticks");
    length = (size_t)(p - start);
    if (rk_number_read(start, length, '.', &lexer->value, NULL) != RK_READ_OK)
        return fail(lexer, lexer->position, "this number is too large");
    rk_text_add_bytes(&lexer->text, start, length);
    lexer->kind = RK_TOKEN_NUMBER;
    lexer->end = lexer->position + length;
    return RK_OK;
}

static void lex_name(struct rk_lexer *lexer)
{
    const char *start = lexer->source + lexer->position, *p = start;

    while (is_name_part(*p))
        p++;
    lexer->end = (size_t)(p - lexer->source);
    rk_text_add_bytes(&lexer->text, start, (size_t)(p - start));
    lexer->kind = RK_TOKEN_NAME;
    if (p - start == 2 && start[0] == 'i' && start[1] == 'n') {
        lexer->kind = RK_TOKEN_OPERATOR;
        lexer->op = RK_OP_IN;
    }
}

static enum rk_status unexpected_character(const struct rk_lexer *lexer)
{
    const char *p = lexer->source + lexer->position;

    if (*p == '&')
        return fail(lexer, lexer->position, "write && for 'and'");
    if ((unsigned char)*p < 0x20 || *p == 0x7f)
        return rk_fail_at_character(lexer->error, lexer->source, lexer->position,
                                    "a control character (0x%02x)", (unsigned)(unsigned char)*p);
    return rk_fail_at_character(lexer->error, lexer->source, lexer->position,
                                "'%c' has no meaning here", *p);
}

static enum rk_status lex_symbol(struct rk_lexer *lexer)
{
    const char *p = lexer->source + lexer->position;
    const char *marks = "(),", *mark = strchr(marks, *p);
    size_t best = 0;

    if (mark != NULL) {
        lexer->kind = (enum rk_token_kind)(RK_TOKEN_OPEN + (mark - marks));
        lexer->end = lexer->position + 1;
        return RK_OK;
    }
    for (size_t i = RK_OP_TILDE; i < sizeof operator_texts / sizeof *operator_texts; i++) {
        size_t length = strlen(operator_texts[i]);

        if (i != RK_OP_IN && length > best && strncmp(p, operator_texts[i], length) == 0) {
            lexer->op = (enum rk_operator)i;
            best = length;
        }
    }
    lexer->kind = RK_TOKEN_OPERATOR;
    lexer->end = lexer->position + best;
    return best == 0 ? unexpected_character(lexer) : RK_OK;
}

enum rk_status rk_lexer_next(struct rk_lexer *lexer)
{
    enum rk_status status = RK_OK;
    const char *p;
    bool found = false;

    rk_text_clear(&lexer->text);
    lexer->position = lexer->end + strspn(lexer->source + lexer->end, " \t\r\n\v\f");
    p = lexer->source + lexer->position;
    if (*p == '\0') {
        lexer->kind = RK_TOKEN_END;
        lexer->end = lexer->position;
        return RK_OK;
    }
    if (*p == '"' || *p == '\'' || *p == '`') {
        status = lex_quoted(lexer, *p);
    } else if (is_digit(*p) || (*p == '.' && is_digit(p[1]))) {
        status = lex_time(lexer, &found);
        if (status == RK_OK && !found)
            status = lex_number(lexer);
    } else if (begins_name(p)) {
        lex_name(lexer);
    } else {
        status = lex_symbol(lexer);
    }
    if (status == RK_OK && lexer->text.failed)
        status = rk_fail_memory(lexer->error);
    return status;
}
