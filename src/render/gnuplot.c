#include "repkit/gnuplot.h"

#include <string.h>
#include <strings.h>
#include <wchar.h>

/* --- text --------------------------------------------------------------------------------- */

/* No label is longer than this, whatever room there is. */
enum { MAX_COLUMNS = 400 };

size_t rk_gnuplot_character(const char *text, unsigned long *c)
{
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text;
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : 4;
    unsigned long code = s[0];

    if (length == 1) {
        *c = code;
        return 1;
    }
    *c = 0xFFFD;
    if (length == 0 || s[0] > 0xF4)
        return 1;
    code &= 0x7FUL >> length;
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 1;
        code = code << 6 | (s[i] & 0x3F);
    }
    if (code < least[length] || (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF)
        return 1;
    if ((code & 0xFFFE) != 0xFFFE)
        *c = code;
    return length;
}

static bool is_control(unsigned long c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

static size_t columns_of(unsigned long c)
{
    int columns = c < 0x80 ? 1 : wcwidth((wchar_t)c);

    return columns < 0 ? 1 : (size_t)columns;
}

void rk_gnuplot_clean(struct rk_text *out, const char *text, size_t max_width)
{
    size_t limit = max_width == 0 ? 1 : max_width < MAX_COLUMNS ? max_width : MAX_COLUMNS;
    size_t width = 0, start = out->length, room_for_dots = out->length;
    size_t bytes = 0; /* combining characters take no column but must end, too */

    for (const char *s = text == NULL ? "" : text; *s != '\0';) {
        unsigned long c;
        size_t length = rk_gnuplot_character(s, &c);
        size_t columns = is_control(c) ? 1 : columns_of(c);

        if (width + columns > limit || bytes > 8 * (size_t)MAX_COLUMNS) {
            out->length = out->bytes == NULL ? 0 : room_for_dots;
            rk_text_add(out, "…");
            return;
        }
        if (is_control(c))
            rk_text_add_char(out, ' ');
        else if (c == 0xFFFD)
            rk_text_add(out, "\xEF\xBF\xBD");
        else
            rk_text_add_bytes(out, s, length);
        width += columns;
        bytes += length;
        if (width + 1 <= limit)
            room_for_dots = out->length;
        s += length;
    }
    if (out->length == start)
        rk_text_add(out, "");
}

/* The doubling of a quote cannot be relied on: gnuplot 5.4 knows a doubled quote only where another
 * character stands before it, and takes two in a row for the end of the string. Hence
 * 'it'."'".'s': apostrophes stand by themselves between double quotes, all else between single
 * ones. Macros (@name) are looked for before strings are, by a scan that takes the apostrophe in
 * double quotes for the start of a string: what follows it is no string to that scan. Hence an @
 * ends its string, and no name follows it. */
static void quote(struct rk_text *out, const char *text, size_t max_width, bool is_format)
{
    struct rk_text clean = {0};
    const char *rest;
    bool first = true;

    rk_gnuplot_clean(&clean, text, max_width);
    rest = clean.failed ? "" : clean.bytes;
    do {
        size_t length = strcspn(rest, "'"), quotes = strspn(rest + length, "'");

        rk_text_add(out, first ? "'" : ".'");
        for (size_t i = 0; i < length; i++) {
            rk_text_add_char(out, rest[i]);
            if (is_format && rest[i] == '%')
                rk_text_add_char(out, '%');
            else if (rest[i] == '@')
                rk_text_add(out, "'.'");
        }
        rk_text_add_char(out, '\'');
        if (quotes > 0) {
            rk_text_add(out, ".\"");
            rk_text_repeat(out, "'", quotes);
            rk_text_add_char(out, '"');
        }
        rest += length + quotes;
        first = false;
    } while (*rest != '\0');
    out->failed |= clean.failed;
    rk_text_free(&clean);
}

void rk_gnuplot_quote(struct rk_text *out, const char *text, size_t max_width)
{
    quote(out, text, max_width, false);
}

void rk_gnuplot_quote_tick(struct rk_text *out, const char *text, size_t max_width)
{
    quote(out, text, max_width, true);
}

/* --- terminals ---------------------------------------------------------------------------- */

/* Cairo's points are 1/72 inch at 96 pixels an inch; svg's are pixels. A pdf's fonts are drawn at
 * two thirds of their size unless fontscale says otherwise. A character of the text terminal counts
 * as 8 by 16 pixels. */
static const struct rk_terminal terminals[] = {
    {RK_TERMINAL_PNG, "png", "pngcairo", "noenhanced", "Sans", 1.0, 1.0, 0.75, 1.0, 1.0},
    {RK_TERMINAL_SVG, "svg", "svg", "noenhanced fixed", "sans-serif", 1.0, 1.0, 1.0, 0.78, 1.0},
    {RK_TERMINAL_PDF, "pdf", "pdfcairo", "noenhanced fontscale 0.75", "Sans", 96.0, 96.0, 0.75,
     0.73, 1.5},
    {RK_TERMINAL_TEXT, "txt", "dumb", "noenhanced mono", NULL, 8.0, 16.0, 0.0, 1.0, 1.0},
};

const struct rk_terminal *rk_terminal_for(const char *file_name)
{
    const char *dot = strrchr(file_name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof terminals / sizeof *terminals; i++)
        if (strcasecmp(dot + 1, terminals[i].suffix) == 0)
            return &terminals[i];
    return NULL;
}

const struct rk_terminal *rk_terminal_of(enum rk_terminal_kind kind)
{
    return &terminals[kind];
}
