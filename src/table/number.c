#include "repkit/number.h"

#include <stdint.h>
#include <string.h>

#include "decimal.h"

/* --- plain numbers: -12.5, 3e-4 ------------------------------------------------------------ */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits from *cursor on into *mantissa; returns how many. */
static inline size_t plain_digits(const char **cursor, const char *end, uint64_t *mantissa)
{
    const char *p = *cursor;
    uint64_t m = *mantissa;

    for (; p < end && is_digit(*p); p++)
        m = m * 10 + (uint64_t)(*p - '0'); /* may wrap: the caller then discards it */
    *mantissa = m;
    size_t n = (size_t)(p - *cursor);
    *cursor = p;
    return n;
}

/* Reads the cells that most files consist of. False sends the cell to the thorough reader: it may
 * still be a number. */
static bool read_plain(const char *p, const char *end, char mark, double *value)
{
    bool negative = p < end && *p == '-', negative_exponent = false;
    uint64_t mantissa = 0, power = 0;
    size_t n, n_fraction = 0, n_power;
    double magnitude;

    if (negative || (p < end && *p == '+'))
        p++;
    n = plain_digits(&p, end, &mantissa);
    if (p < end && *p == mark) {
        p++;
        n_fraction = plain_digits(&p, end, &mantissa);
    }
    if (n + n_fraction == 0 || n + n_fraction > 19)
        return false;
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        negative_exponent = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        n_power = plain_digits(&p, end, &power);
        if (n_power == 0 || n_power > 4)
            return false;
    }
    if (p != end ||
        !rk_exact_scale(mantissa,
                        (negative_exponent ? -(long)power : (long)power) - (long)n_fraction,
                        &magnitude))
        return false;
    *value = negative ? -magnitude : magnitude;
    return true;
}

/* --- numbers as people write them ---------------------------------------------------------- */

enum {
    SYMBOL_END = -1,
    SYMBOL_INVALID = -2, /* not UTF-8 */
    ARABIC_DECIMAL = 0x66B,
    ARABIC_GROUP = 0x66C
};

/* A place in a cell. Symbols are code points, with what means the same made the same: digits of
 * any script, kinds of space, of minus, of apostrophe, of percent; marks of direction are skipped.
 */
struct scan {
    const char *p, *end;
    char mark; /* '.' or ',' */
};

static int decode(const char *p, const char *end, size_t *length)
{
    unsigned char lead = (unsigned char)*p;
    size_t n = lead < 0x80 ? 1 : lead >= 0xC2 && lead < 0xE0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : 0;
    int c = n == 1 ? lead : n == 2 ? lead & 0x1F : lead & 0x0F;

    *length = n;
    if (n == 0 || (size_t)(end - p) < n)
        return SYMBOL_INVALID;
    for (size_t i = 1; i < n; i++) {
        if (((unsigned char)p[i] & 0xC0) != 0x80)
            return SYMBOL_INVALID;
        c = (c << 6) | (p[i] & 0x3F);
    }
    return c;
}

static int canonical(int c)
{
    if (c < 0x80)
        return c;
    if (c >= 0x6F0 && c <= 0x6F9) /* Persian */
        return '0' + (c - 0x6F0);
    if (c >= 0x660 && c <= 0x669) /* Arabic-Indic */
        return '0' + (c - 0x660);
    switch (c) {
    case 0xA0:   /* no-break space */
    case 0x202F: /* narrow no-break space */
        return ' ';
    case 0x2019: /* the apostrophe of Swiss locales */
        return '\'';
    case 0x2212:
        return '-';
    case 0x66A: /* Arabic percent sign */
        return '%';
    default:
        return c;
    }
}

/* The next symbol; *after is the place behind it. */
static int peek(const struct scan *scan, const char **after)
{
    const char *p = scan->p;

    while (p < scan->end) {
        size_t length;
        int c = decode(p, scan->end, &length);

        if (c == SYMBOL_INVALID)
            return c;
        p += length;
        if (c != 0x200E && c != 0x200F && c != 0x61C) {
            *after = p;
            return canonical(c);
        }
    }
    *after = p;
    return SYMBOL_END;
}

static bool take(struct scan *scan, int symbol)
{
    const char *after;

    if (peek(scan, &after) != symbol)
        return false;
    scan->p = after;
    return true;
}

static void skip_spaces(struct scan *scan)
{
    const char *after;
    int c;

    while ((c = peek(scan, &after)) == ' ' || (c >= '\t' && c <= '\r'))
        scan->p = after;
}

static bool take_digit(struct scan *scan, int *digit)
{
    const char *after;
    int c = peek(scan, &after);

    if (c < '0' || c > '9')
        return false;
    *digit = c - '0';
    scan->p = after;
    return true;
}

/* The ISO 4217 codes in use. */
static const char iso_codes[] =
    "AEDAFNALLAMDANGAOAARSAUDAWGAZNBAMBBDBDTBGNBHDBIFBMDBNDBOBBRLBSDBTNBWPBYNBZDCADCDFCHFCLPCNYCOP"
    "CRCCUPCVECZKDJFDKKDOPDZDEGPERNETBEURFJDFKPGBPGELGHSGIPGMDGNFGTQGYDHKDHNLHTGHUFIDRILSINRIQDIRR"
    "ISKJMDJODJPYKESKGSKHRKMFKPWKRWKWDKYDKZTLAKLBPLKRLRDLSLLYDMADMDLMGAMKDMMKMNTMOPMRUMURMVRMWKMXN"
    "MYRMZNNADNGNNIONOKNPRNZDOMRPABPENPGKPHPPKRPLNPYGQARRONRSDRUBRWFSARSBDSCRSDGSEKSGDSHPSLESOSSRD"
    "SSPSTNSVCSYPSZLTHBTJSTMTTNDTOPTRYTTDTWDTZSUAHUGXUSDUYUUZSVESVNDVUVWSTXAFXCDXOFXPFYERZARZMWZWL";

/* Takes a currency sign or code, written to currency (8 bytes). */
static bool take_currency(struct scan *scan, char *currency)
{
    static const struct {
        int symbol;
        const char *text;
    } signs[] = {{'$', "$"},    {0x20AC, "€"},  {0xA3, "£"},   {0xA5, "¥"},
                 {0xFFE5, "¥"}, {0x5143, "元"}, {0x20B9, "₹"}, {0xFDFC, "﷼"}};
    const char *after;
    int c = peek(scan, &after);

    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (c == signs[i].symbol) {
            memcpy(currency, signs[i].text, strlen(signs[i].text) + 1);
            scan->p = after;
            return true;
        }
    }
    if (c < 'A' || c > 'Z' || scan->end - after < 2)
        return false;
    for (const char *code = iso_codes; *code != '\0'; code += 3) {
        if (memcmp(after - 1, code, 3) == 0) {
            memcpy(currency, code, 3);
            currency[3] = '\0';
            scan->p = after + 2;
            return true;
        }
    }
    return false;
}

static bool is_group_mark(int c, char mark)
{
    return c == (mark == '.' ? ',' : '.') || c == '\'' || c == ' ' || c == ARABIC_GROUP;
}

/* The digits before the decimal mark, with groups of three by one separator. A first group that
 * begins with 0 is refused: 0,500 is somebody's half. */
static bool read_integer_part(struct scan *scan, struct rk_decimal *decimal, bool *comma)
{
    int digit, first = -1, separator = 0;
    size_t n = 0;

    for (; take_digit(scan, &digit); n++) {
        first = first < 0 ? digit : first;
        rk_decimal_add(decimal, digit, false);
    }
    for (;;) {
        struct scan ahead = *scan;
        const char *after;
        int c = peek(scan, &after);

        if (n == 0 || !is_group_mark(c, scan->mark))
            return true;
        ahead.p = after;
        if (c == ' ' && !take_digit(&ahead, &digit))
            return true; /* a space before what follows the number */
        if (n > 3 || first == 0 || (separator != 0 && c != separator))
            return false;
        scan->p = after;
        separator = c;
        *comma = *comma || c == ',';
        for (n = 0; take_digit(scan, &digit); n++)
            rk_decimal_add(decimal, digit, false);
        if (n != 3)
            return false;
    }
}

/* No exponent behind the digits is no fault: what follows may be a currency code. */
static void read_exponent(struct scan *scan, struct rk_decimal *decimal)
{
    struct scan ahead = *scan;
    bool negative;
    int digit;
    long power = 0;

    if (!take(&ahead, 'e') && !take(&ahead, 'E'))
        return;
    negative = take(&ahead, '-');
    if (!negative)
        take(&ahead, '+');
    if (!take_digit(&ahead, &digit))
        return;
    do {
        if (power < 1000000) /* beyond any double, and from overflow */
            power = power * 10 + digit;
    } while (take_digit(&ahead, &digit));
    decimal->exponent += negative ? -power : power;
    *scan = ahead;
}

static bool read_digits(struct scan *scan, struct rk_decimal *decimal, bool *comma)
{
    int digit;

    if (!read_integer_part(scan, decimal, comma))
        return false;
    if (take(scan, scan->mark) || take(scan, ARABIC_DECIMAL))
        while (take_digit(scan, &digit))
            rk_decimal_add(decimal, digit, true);
    if (decimal->any)
        read_exponent(scan, decimal);
    return decimal->any;
}

/* What may stand around the digits, each at most once. */
struct decoration {
    bool sign, negative, open, closed;
};

static bool read_before(struct scan *scan, struct decoration *around, struct rk_number_marks *marks)
{
    for (;;) {
        const char *after;
        int c;

        skip_spaces(scan);
        c = peek(scan, &after);
        if ((c == '-' || c == '+') && !around->sign && !around->open) {
            around->sign = true;
            around->negative = c == '-';
            scan->p = after;
        } else if (c == '(' && !around->sign && !around->open) {
            around->open = true;
            scan->p = after;
        } else if (marks->currency[0] != '\0' || !take_currency(scan, marks->currency)) {
            return c >= 0;
        }
    }
}

static bool read_behind(struct scan *scan, struct decoration *around, struct rk_number_marks *marks)
{
    for (;;) {
        const char *after;
        int c;

        skip_spaces(scan);
        c = peek(scan, &after);
        if (c == SYMBOL_END)
            return around->open == around->closed && !(marks->percent && marks->currency[0]);
        if (c == '-' && !around->sign && !around->open) {
            around->sign = around->negative = true;
            scan->p = after;
        } else if (c == ')' && around->open && !around->closed) {
            around->closed = around->negative = true;
            scan->p = after;
        } else if (c == '%' && !marks->percent) {
            marks->percent = true;
            scan->p = after;
        } else if (marks->currency[0] != '\0' || !take_currency(scan, marks->currency)) {
            return false;
        }
    }
}

static bool read_thoroughly(const char *cell, const char *end, char mark, double *value,
                            struct rk_number_marks *marks)
{
    struct scan scan = {cell, end, mark};
    struct decoration around = {0};
    struct rk_decimal decimal;
    double magnitude;

    rk_decimal_start(&decimal);
    if (!read_before(&scan, &around, marks) || !read_digits(&scan, &decimal, &marks->comma) ||
        !read_behind(&scan, &around, marks))
        return false;
    if (marks->percent)
        decimal.exponent -= 2;
    if (!rk_decimal_value(&decimal, &magnitude))
        return false;
    *value = around.negative ? -magnitude : magnitude;
    return true;
}

static void trim(const char **start, const char **end)
{
    while (*start < *end && (**start == ' ' || (**start >= '\t' && **start <= '\r')))
        (*start)++;
    while (*start < *end && ((*end)[-1] == ' ' || ((*end)[-1] >= '\t' && (*end)[-1] <= '\r')))
        (*end)--;
}

enum rk_reading rk_number_read(const char *cell, size_t length, char decimal, double *value,
                               struct rk_number_marks *marks)
{
    const char *start = cell, *end = cell + length;
    struct rk_number_marks found = {0};

    if (marks != NULL)
        *marks = found;
    trim(&start, &end);
    if (start == end)
        return RK_READ_MISSING;
    if (read_plain(start, end, decimal, value))
        return RK_READ_OK;
    if (read_thoroughly(start, end, decimal, value, &found)) {
        if (marks != NULL)
            *marks = found;
        return RK_READ_OK;
    }
    if (rk_is_missing_word(start, (size_t)(end - start)))
        return RK_READ_MISSING;
    if (decimal == '.' && memchr(start, ',', (size_t)(end - start)) != NULL) {
        struct rk_number_marks other = {0};
        double ignored;

        found.comma = read_thoroughly(start, end, ',', &ignored, &other);
    } else {
        found.comma = false;
    }
    if (marks != NULL)
        *marks = found;
    return RK_READ_BAD;
}

/* --- missing values ------------------------------------------------------------------------ */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool rk_is_missing_word(const char *cell, size_t length)
{
    enum { LONGEST_WORD = 7 };
    static const char *const words[] = {"NA", "N/A", "NAN",  "NULL",    "NONE",   ".",
                                        "-",  "--",  "#N/A", "#DIV/0!", "#VALUE!"};
    struct scan scan = {cell, cell + length, '.'};
    const char *start, *end = cell + length;

    skip_spaces(&scan);
    start = scan.p;
    trim(&start, &end);
    if (start >= end)
        return true;
    if (end - start > LONGEST_WORD)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]), j = 0;

        if (n != (size_t)(end - start))
            continue;
        while (j < n && upper(start[j]) == words[i][j])
            j++;
        if (j == n)
            return true;
    }
    return false;
}
