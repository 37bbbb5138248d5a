/* How alike two labels are: their forms, and the edit distance between those. */
#include <string.h>
#include <wctype.h>

#include "clean_parts.h"

/* --- forms ---------------------------------------------------------------------------------------
 */

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* Marks that people leave out or put in: GTX Pro, GTXPro, GTX-Pro. */
static bool is_joint(uint32_t c)
{
    return c == ' ' || c == '-' || c == '_' || c == '.' || c == '/' || c == ',' || c == '\'' ||
           c == 0xa0 || c == 0x2019 || c == 0x2010 || c == 0x2011 || c == 0x2013 || c == 0x200c ||
           c == 0x202f;
}

static uint32_t lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    return (uint32_t)towlower((wint_t)c); /* LC_CTYPE is UTF-8; else as it is */
}

static uint64_t mixed(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

void clean_form_of(const char *text, size_t length, struct clean_form *form)
{
    const char *p, *end;
    uint32_t before = 0;
    bool gap = false;

    clean_trim(&text, &length);
    p = text;
    end = text + length;
    *form = (struct clean_form){.n = 0};
    while (p < end) {
        uint32_t c = lower(clean_decode(&p, end));

        if (is_joint(c) && (p < end || c == '.')) { /* A- is not A, but Inc. is Inc */
            gap = true;
            continue;
        }
        if (gap && is_digit(c) && is_digit(before)) { /* 1-2 is not 12 */
            form->digits = mixed(form->digits, ' ');
            if (form->n < CLEAN_MOST_POINTS)
                form->point[form->n++] = ' ';
        }
        if (is_digit(c))
            form->digits = mixed(form->digits, c);
        else if (is_digit(before))
            form->digits = mixed(form->digits, ' ');
        if (form->n == CLEAN_MOST_POINTS) {
            form->n = 0; /* free text, no label */
            return;
        }
        form->point[form->n++] = c;
        form->mask |= (uint64_t)1 << (mixed(0, c) & 63);
        before = c;
        gap = false;
    }
    if (is_digit(before))
        form->digits = mixed(form->digits, ' ');
}

/* --- distance
 * --------------------------------------------------------------------------------------- */

static size_t smallest(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How many slips a word of that many letters may have: a fifth of them, at most two. */
static size_t slips(size_t n, bool rare)
{
    return n >= 10 ? 2 : n >= 5 || (n == 4 && rare) ? 1 : 0;
}

/* Optimal string alignment: insert, delete, change, swap of neighbours; SIZE_MAX beyond `most`.
 * Source: Damerau (1964), with the restriction of Boytsov (2011), section 2. */
static size_t edit_distance(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b,
                            size_t most)
{
    size_t rows[3][CLEAN_MOST_POINTS + 1];
    size_t *two_up = rows[0], *up = rows[1], *row = rows[2];

    for (size_t j = 0; j <= n_b; j++)
        up[j] = j;
    for (size_t i = 1; i <= n_a; i++) {
        size_t *spare = two_up, least = i;

        row[0] = i;
        for (size_t j = 1; j <= n_b; j++) {
            row[j] = smallest(smallest(up[j], row[j - 1]) + 1, up[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smallest(row[j], two_up[j - 2] + 1);
            least = smallest(least, row[j]);
        }
        if (least > most)
            return SIZE_MAX;
        two_up = up;
        up = row;
        row = spare;
    }
    return up[n_b] <= most ? up[n_b] : SIZE_MAX;
}

/* Whether b ends in all of a behind two letters or more: unpaid, inactive mean the contrary. */
static bool has_prefix_more(const struct clean_form *a, const struct clean_form *b)
{
    size_t more = b->n - a->n;

    return b->n > a->n && more >= 2 &&
           memcmp(b->point + more, a->point, a->n * sizeof *a->point) == 0;
}

size_t clean_distance(const struct clean_form *a, const struct clean_form *b, bool rare)
{
    size_t longer = a->n > b->n ? a->n : b->n, most = slips(longer, rare);
    uint64_t differ = a->mask ^ b->mask;
    size_t bits = 0;

    if (most == 0 || a->digits != b->digits || longer - (a->n < b->n ? a->n : b->n) > most)
        return SIZE_MAX;
    for (; differ != 0 && bits <= 2 * most; bits++)
        differ &= differ - 1;
    if (bits > 2 * most || has_prefix_more(a, b) || has_prefix_more(b, a))
        return SIZE_MAX; /* each slip changes at most two letters of the set */
    return edit_distance(a->point, a->n, b->point, b->n, most);
}

/* --- word by word
 * ------------------------------------------------------------------------------------- */

/* The next word at *p: its points (at most CLEAN_MOST_POINTS) in lower case. 0 at the end. */
static size_t next_word(const char **p, const char *end, uint32_t *word)
{
    size_t n = 0;

    while (*p < end) {
        uint32_t c = lower(clean_decode(p, end));

        if (!is_joint(c) && n < CLEAN_MOST_POINTS)
            word[n++] = c;
        else if (n > 0)
            break;
    }
    return n;
}

static size_t count_words(const char *text, size_t length)
{
    uint32_t word[CLEAN_MOST_POINTS];
    const char *p = text;
    size_t n = 0;

    while (next_word(&p, text + length, word) > 0)
        n++;
    return n;
}

bool clean_words_are_near(const char *a, size_t n_a, const char *b, size_t n_b, bool rare)
{
    const char *p = a, *q = b;
    uint32_t one[CLEAN_MOST_POINTS], other[CLEAN_MOST_POINTS];
    size_t n;

    if (count_words(a, n_a) != count_words(b, n_b))
        return true; /* split elsewhere: only the whole can be compared */
    while ((n = next_word(&p, a + n_a, one)) > 0) {
        size_t m = next_word(&q, b + n_b, other), longer = n > m ? n : m;

        if ((n != m || memcmp(one, other, n * sizeof *one) != 0) &&
            (slips(longer, rare) == 0 ||
             edit_distance(one, n, other, m, slips(longer, rare)) == SIZE_MAX))
            return false; /* Region A, Region B */
    }
    return true;
}
