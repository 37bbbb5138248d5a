/* Characters: white space, formulas, and the traces of a wrong encoding. */
#include <string.h>

#include "clean_parts.h"

uint32_t clean_decode(const char **p, const char *end)
{
    unsigned char lead = (unsigned char)**p;
    size_t n = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t point = n == 1 ? lead : n == 2 ? lead & 0x1f : n == 3 ? lead & 0x0f : lead & 0x07;

    if ((size_t)(end - *p) < n) /* tables made in process may hold anything */
        n = 1;
    for (size_t i = 1; i < n; i++)
        point = (point << 6) | ((unsigned char)(*p)[i] & 0x3f);
    *p += n;
    return point;
}

void clean_encode(uint32_t point, struct rk_text *out)
{
    if (point < 0x80) {
        rk_text_add_char(out, (char)point);
    } else if (point < 0x800) {
        rk_text_add_char(out, (char)(0xc0 | (point >> 6)));
        rk_text_add_char(out, (char)(0x80 | (point & 0x3f)));
    } else if (point < 0x10000) {
        rk_text_add_char(out, (char)(0xe0 | (point >> 12)));
        rk_text_add_char(out, (char)(0x80 | ((point >> 6) & 0x3f)));
        rk_text_add_char(out, (char)(0x80 | (point & 0x3f)));
    } else {
        rk_text_add_char(out, (char)(0xf0 | (point >> 18)));
        rk_text_add_char(out, (char)(0x80 | ((point >> 12) & 0x3f)));
        rk_text_add_char(out, (char)(0x80 | ((point >> 6) & 0x3f)));
        rk_text_add_char(out, (char)(0x80 | (point & 0x3f)));
    }
}

/* --- white space -------------------------------------------------------------------------- */

static bool is_space(uint32_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200b) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000 || c == 0xfeff;
}

void clean_trim(const char **text, size_t *length)
{
    const char *start = *text, *end = start + *length;

    while (start < end) {
        const char *p = start;

        if (!is_space(clean_decode(&p, end)))
            break;
        start = p;
    }
    while (end > start) {
        const char *last = end - 1, *p;

        while (last > start && ((unsigned char)*last & 0xc0) == 0x80)
            last--;
        p = last;
        if (!is_space(clean_decode(&p, end)))
            break;
        end = last;
    }
    *text = start;
    *length = (size_t)(end - start);
}

bool clean_is_formula(const char *text, size_t length)
{
    /* Of full width, as an East Asian keyboard writes them: = + - @ */
    static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
                                       "\xef\xbc\xa0"};

    for (size_t i = 0; length >= 3 && i < sizeof wide / sizeof *wide; i++)
        if (memcmp(text, wide[i], 3) == 0)
            return true;
    return length > 0 && text[0] != '\0' && strchr("=+-@\t\r\n", text[0]) != NULL;
}

void clean_shorten(const char *text, size_t length, struct rk_text *out)
{
    enum { MOST = 40 };
    size_t shown = length < MOST ? length : MOST;

    while (shown < length && shown > 0 && ((unsigned char)text[shown] & 0xc0) == 0x80)
        shown--; /* not in the middle of a character */
    rk_text_add_bytes(out, text, shown);
    rk_text_add(out, shown < length ? "..." : "");
}

/* --- wrong encodings ------------------------------------------------------------------------ */

/* The byte that Windows-1252 writes for a character, or -1. What it leaves undefined is as in
 * Latin-1. Source: the table of the WHATWG Encoding Standard. */
static int windows_1252(uint32_t point)
{
    static const uint16_t high[32] = {
        0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
        0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

    if (point < 0x80 || (point >= 0xa0 && point <= 0xff))
        return (int)point;
    for (int i = 0; i < 32; i++)
        if (high[i] == point)
            return 0x80 + i;
    return -1;
}

/* Reads one character of UTF-8 whose bytes were taken for characters of Windows-1252. False, and
 * *p as it was, where there is none. */
static bool take_misread(const char **p, const char *end, uint32_t *point)
{
    const char *q = *p;
    int byte = windows_1252(clean_decode(&q, end));
    size_t n = byte >= 0xc2 && byte < 0xe0 ? 2 : byte >= 0xe0 && byte < 0xf0 ? 3 : 0;

    if (n == 0)
        return false;
    *point = (uint32_t)(n == 2 ? byte & 0x1f : byte & 0x0f);
    for (size_t i = 1; i < n; i++) {
        if (q >= end)
            return false;
        byte = windows_1252(clean_decode(&q, end));
        if (byte < 0x80 || byte > 0xbf)
            return false;
        *point = (*point << 6) | (uint32_t)(byte & 0x3f);
    }
    if (n == 3 && (*point < 0x800 || (*point >= 0xd800 && *point < 0xe000)))
        return false;
    *p = q;
    return true;
}

bool clean_is_misread(const char *text, size_t length, struct rk_text *right)
{
    const char *p = text, *end = text + length;
    bool any = false, lost = false;
    size_t before = right->length, n_ascii = 0;

    while (n_ascii < length && (unsigned char)text[n_ascii] < 0x80)
        n_ascii++;
    if (n_ascii == length) /* the usual case */
        return false;
    while (p < end) {
        uint32_t point;

        if (take_misread(&p, end, &point)) {
            any = true;
        } else {
            point = clean_decode(&p, end);
            lost = lost || point == 0xfffd;
        }
        clean_encode(point, right);
    }
    if ((lost || !any) && right->bytes != NULL) {
        right->length = before;
        right->bytes[before] = '\0';
    }
    return any || lost;
}
