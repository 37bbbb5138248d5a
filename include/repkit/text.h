/* Text: a growing buffer, lists of names, the nearest name, display width, number formatting. */
#ifndef REPKIT_TEXT_H
#define REPKIT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/status.h"

/* A growing buffer. Zero-initialised it is empty; after a failed allocation `failed` stays set and
 * further calls do nothing, so that a writer can check once, at the end. */
struct rk_text {
    char *bytes; /* always ends in '\0' once anything was added; NULL before */
    size_t length, capacity;
    bool failed;
};

void rk_text_free(struct rk_text *text);                   /* also empties it */
void rk_text_clear(struct rk_text *text);                  /* empties it, keeps the memory */
void rk_text_add(struct rk_text *text, const char *bytes); /* a NUL-terminated string */
void rk_text_add_bytes(struct rk_text *text, const char *bytes, size_t length);
void rk_text_add_char(struct rk_text *text, char c);
void rk_text_repeat(struct rk_text *text, const char *bytes, size_t times);
void rk_text_format(struct rk_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The shortest decimal that reads back to the same double; "NA" for NaN (and infinities). */
void rk_text_number(struct rk_text *text, double value);
/* Rounded for people: `digits` significant digits, whole numbers as they are, no exponent between
 * 1e-4 and 1e15; "NA" for NaN. */
void rk_text_rounded(struct rk_text *text, double value, int digits);
/* The same without memory. This function can't fail. */
enum { RK_ROUNDED_LENGTH = 40 };
void rk_format_rounded(double value, int digits, char out[RK_ROUNDED_LENGTH]);
/* "0.034", "0.20", "<0.0001". */
void rk_text_p_value(struct rk_text *text, double p);

/* The name in snake case: in lower case, what is neither letter nor digit as one '_' a run and none
 * at the ends; letters of any script are kept. "Calls (made)" gives calls_made; a name without
 * letters and digits gives nothing. Needs LC_CTYPE to be a UTF-8 locale. */
void rk_text_snake(struct rk_text *text, const char *name);

/* The word as a POSIX shell reads it as itself: between single quotes unless it is plain. */
void rk_text_shell_word(struct rk_text *text, const char *word);

/* The buffer's bytes, the caller's now; the buffer is empty afterwards. NULL if it failed. */
char *rk_text_take(struct rk_text *text);

/* The shortest of the decimals with 15, 16 and 17 digits that reads back to the same double, into
 * out (at least 32 bytes). Integers below 1e15 have no exponent. Returns its length. */
size_t rk_number_format(double value, char *out);

/* A list of names. */
struct rk_names {
    char **name;
    size_t n;
};

/* Reads a comma-separated list; a backslash keeps the next character as it is, back-ticks or
 * double quotes keep what is between them. Empty items are an error. *names is unchanged on
 * failure. Returns RK_OK, RK_EUSAGE, RK_ENOMEM. */
enum rk_status rk_names_parse(const char *list, struct rk_names *names, struct rk_error *error);
enum rk_status rk_names_add(struct rk_names *names, const char *name);
bool rk_names_has(const struct rk_names *names, const char *name);
void rk_names_free(struct rk_names *names);

/* The index of a name in "a|b|c", or -1. */
int rk_choice_find(const char *choices, const char *name, size_t length);

/* Fails with the status, saying `what` and the name, the nearest of "a|b|c" where there is one, and
 * all of them: "no design 'ddi'; did you mean 'did'? (did, event)". `what` is "no design". */
enum rk_status rk_choice_fail(const char *choices, const char *name, const char *what,
                              enum rk_status status, struct rk_error *error);

/* The candidate that is nearest to `name` by edit distance (insert, delete, change, swap), ignoring
 * case, or NULL if none is near enough to be meant. One that begins with the name comes first. */
const char *rk_nearest(const char *name, const char *const *candidates, size_t n_candidates);

/* Columns that a UTF-8 string takes on a terminal (wide characters 2, combining ones 0).
 * Needs LC_CTYPE to be a UTF-8 locale. This function can't fail. */
size_t rk_display_width(const char *text);

/* strdup by length; NULL when out of memory. */
char *rk_strndup(const char *bytes, size_t length);
char *rk_strdup(const char *text);

#endif
