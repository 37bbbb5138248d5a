#include "repkit/text.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* --- the buffer --------------------------------------------------------------------------- */

void rk_text_free(struct rk_text *text)
{
    free(text->bytes);
    *text = (struct rk_text){0};
}

void rk_text_clear(struct rk_text *text)
{
    text->length = 0;
    if (text->bytes != NULL)
        text->bytes[0] = '\0';
}

/* Makes room for `extra` more bytes and the final NUL. */
static bool reserve(struct rk_text *text, size_t extra)
{
    size_t wanted = text->length + extra + 1;
    size_t capacity = text->capacity < 64 ? 64 : text->capacity;
    char *bytes;

    if (text->failed)
        return false;
    if (wanted <= text->capacity)
        return true;
    while (capacity < wanted)
        capacity *= 2;
    bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = true;
        return false;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

void rk_text_add_bytes(struct rk_text *text, const char *bytes, size_t length)
{
    if (!reserve(text, length))
        return;
    if (length > 0)
        memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void rk_text_add(struct rk_text *text, const char *bytes)
{
    rk_text_add_bytes(text, bytes, strlen(bytes));
}

void rk_text_add_char(struct rk_text *text, char c)
{
    rk_text_add_bytes(text, &c, 1);
}

void rk_text_repeat(struct rk_text *text, const char *bytes, size_t times)
{
    while (times-- > 0)
        rk_text_add(text, bytes);
}

void rk_text_format(struct rk_text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->length, (size_t)length + 1, format, arguments);
    va_end(arguments);
    text->length += (size_t)length;
}

void rk_text_shell_word(struct rk_text *out, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./=:,+%@";

    if (word[0] != '\0' && strspn(word, plain) == strlen(word)) {
        rk_text_add(out, word);
        return;
    }
    rk_text_add_char(out, '\'');
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            rk_text_add(out, "'\\''");
        else
            rk_text_add_char(out, *word);
    }
    rk_text_add_char(out, '\'');
}

char *rk_text_take(struct rk_text *text)
{
    char *bytes;

    rk_text_add(text, ""); /* an empty buffer gives "" and not NULL */
    bytes = text->failed ? NULL : text->bytes;
    if (text->failed)
        free(text->bytes);
    *text = (struct rk_text){0};
    return bytes;
}

/* --- numbers ------------------------------------------------------------------------------ */

void rk_text_number(struct rk_text *text, double value)
{
    char buffer[32];

    rk_text_add_bytes(text, buffer, rk_number_format(value, buffer));
}

void rk_format_rounded(double value, int digits, char out[RK_ROUNDED_LENGTH])
{
    int exponent;
    char scientific[64];

    if (!isfinite(value)) {
        snprintf(out, RK_ROUNDED_LENGTH, "NA");
        return;
    }
    if (value == trunc(value) && fabs(value) < 1e15) { /* exact: no zeros after the point */
        snprintf(out, RK_ROUNDED_LENGTH, "%.0f", value == 0.0 ? 0.0 : value);
        return;
    }
    /* The exponent after rounding: 9.9996 to 4 digits is 10.00. */
    snprintf(scientific, sizeof scientific, "%.*e", digits - 1, value);
    exponent = (int)strtol(strchr(scientific, 'e') + 1, NULL, 10);
    if (exponent < -4 || exponent >= 15)
        snprintf(out, RK_ROUNDED_LENGTH, "%.*g", digits, value);
    else
        snprintf(out, RK_ROUNDED_LENGTH, "%.*f", exponent < digits - 1 ? digits - 1 - exponent : 0,
                 value);
}

void rk_text_rounded(struct rk_text *text, double value, int digits)
{
    char rounded[RK_ROUNDED_LENGTH];

    rk_format_rounded(value, digits, rounded);
    rk_text_add(text, rounded);
}

void rk_text_p_value(struct rk_text *text, double p)
{
    if (!isfinite(p))
        rk_text_add(text, "NA");
    else if (p < 0.0001)
        rk_text_add(text, "<0.0001");
    else
        rk_text_format(text, p < 0.001 ? "%.4f" : p < 0.1 ? "%.3f" : "%.2f", p);
}

/* --- names -------------------------------------------------------------------------------- */

char *rk_strndup(const char *bytes, size_t length)
{
    char *copy = malloc(length + 1);

    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *rk_strdup(const char *text)
{
    return rk_strndup(text, strlen(text));
}

/* --- snake case ---------------------------------------------------------------------------- */

/* Marks that belong to the letter before them have no width of their own. */
static bool is_word(wchar_t c)
{
    return iswalnum((wint_t)c) || (c > 0x7f && wcwidth(c) == 0);
}

/* The next character, as the locale reads it, in lower case; returns its length in bytes. What
 * cannot be read is a letter of one byte. */
static size_t next_character(const char *name, char out[MB_LEN_MAX], size_t *n_out, bool *word)
{
    mbstate_t in = {0}, back = {0};
    wchar_t c;
    size_t length = mbrtowc(&c, name, strnlen(name, MB_LEN_MAX), &in);

    *word = length == 0 || length > MB_LEN_MAX || is_word(c);
    *n_out = length == 0 || length > MB_LEN_MAX ? SIZE_MAX
                                                : wcrtomb(out, (wchar_t)towlower((wint_t)c), &back);
    if (*n_out <= MB_LEN_MAX)
        return length;
    out[0] = *name;
    *n_out = 1;
    return 1;
}

void rk_text_snake(struct rk_text *text, const char *name)
{
    bool gap = false, any = false;

    while (*name != '\0') {
        char out[MB_LEN_MAX];
        size_t n;
        bool word;

        name += next_character(name, out, &n, &word);
        if (word && gap && any)
            rk_text_add_char(text, '_');
        if (word)
            rk_text_add_bytes(text, out, n);
        any = any || word;
        gap = !word;
    }
}

/* --- width -------------------------------------------------------------------------------- */

size_t rk_display_width(const char *text)
{
    mbstate_t state = {0};
    size_t left = strlen(text), width = 0;

    while (left > 0) {
        wchar_t c;
        size_t length;
        int columns;

        if ((unsigned char)*text < 0x80 && mbsinit(&state)) {
            text++, left--, width++;
            continue;
        }
        length = mbrtowc(&c, text, left, &state);
        if (length == 0 || length > left) { /* not valid here: count the byte as one column */
            state = (mbstate_t){0};
            text++, left--, width++;
            continue;
        }
        columns = wcwidth(c);
        width += columns > 0 ? (size_t)columns : 0;
        text += length;
        left -= length;
    }
    return width;
}
