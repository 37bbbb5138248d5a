/* Reading numbers as people write them: the one home of it. */
#ifndef REPKIT_NUMBER_H
#define REPKIT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

enum rk_reading {
    RK_READ_OK,      /* a finite value */
    RK_READ_MISSING, /* empty, or a missing-value word */
    RK_READ_BAD      /* neither */
};

/* What was beside the digits, so that a column can be refused that mixes them. */
struct rk_number_marks {
    bool percent;     /* the value was divided by 100 */
    bool comma;       /* decimal '.' and a comma: one between groups of a number that was read
                         (1,500), or one in a BAD cell that decimal ',' would read (1,5) */
    char currency[8]; /* "" or the sign or ISO code, e.g. "$", "EUR" */
};

/* Reads one cell.
 *   cell, length  bytes without a final NUL; spaces around are ignored
 *   decimal       '.' or ','
 *   value         set when RK_READ_OK, else unchanged
 *   marks         optional (NULL); filled in any case
 * Accepted: signs, a trailing minus, (300), currency signs and ISO codes before or after, correct
 * groups of three by one separator (the first not beginning with 0), exponents, percent, Persian
 * and Arabic-Indic digits with their marks. `inf`, `nan` and 1e400 are bad. The value is correctly
 * rounded. The locale plays no part. This function can't fail otherwise. */
enum rk_reading rk_number_read(const char *cell, size_t length, char decimal, double *value,
                               struct rk_number_marks *marks);

/* Whether the cell is one of the words that mean "missing" in number and date columns (NA, N/A,
 * NaN, NULL, None, ., -, --, #N/A, #DIV/0!, #VALUE!, ignoring case) or is empty or blank. */
bool rk_is_missing_word(const char *cell, size_t length);

#endif
