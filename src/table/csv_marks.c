#include "csv_marks.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Both ways of looking at 64 bytes, by the processor's own means and by those of any, are compared
 * by the tests. Bit k of a mask is about byte k. */
struct masks {
    uint64_t quotes, ends, delimiters;
};

/* --- 64 bytes, on any processor --------------------------------------------------------------- */

/* The top bit of each byte of x that is 0. */
static inline uint64_t zero_bytes(uint64_t x)
{
    return ~(((x & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | x | 0x7f7f7f7f7f7f7f7fu);
}

static inline uint64_t equal_bytes(uint64_t word, char c)
{
    return zero_bytes(word ^ (0x0101010101010101u * (unsigned char)c));
}

/* Bit k of the result is the top bit of the k-th byte in memory. */
static inline uint64_t gather(uint64_t tops)
{
    unsigned char byte[8];
    uint64_t bits = 0;

    if (tops == 0)
        return 0;
    memcpy(byte, &tops, sizeof byte);
    for (int k = 0; k < 8; k++)
        bits |= (uint64_t)(byte[k] >> 7) << k;
    return bits;
}

static inline uint64_t portable_marks(const char *bytes, char delimiter, uint64_t *odd)
{
    uint64_t marks = 0, strange = 0;

    for (int k = 0; k < 8; k++) {
        uint64_t word;

        memcpy(&word, bytes + 8 * k, sizeof word);
        marks |= gather(equal_bytes(word, delimiter) | equal_bytes(word, '\n') |
                        equal_bytes(word, '\r') | equal_bytes(word, '"'))
                 << (8 * k);
        strange |= gather((word | zero_bytes(word)) & 0x8080808080808080u) << (8 * k);
    }
    *odd = strange;
    return marks;
}

static inline struct masks portable_masks(const char *bytes, char delimiter)
{
    struct masks masks = {0, 0, 0};

    for (int k = 0; k < 8; k++) {
        uint64_t word;

        memcpy(&word, bytes + 8 * k, sizeof word);
        masks.quotes |= gather(equal_bytes(word, '"')) << (8 * k);
        masks.ends |= gather(equal_bytes(word, '\n') | equal_bytes(word, '\r')) << (8 * k);
        masks.delimiters |= gather(equal_bytes(word, delimiter)) << (8 * k);
    }
    return masks;
}

/* --- 64 bytes, sixteen at a time -------------------------------------------------------------- */

#ifdef __SSE2__
static inline uint64_t bits_of(__m128i tops, int k)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(tops) << (16 * k);
}

static inline uint64_t fast_marks(const char *bytes, char delimiter, uint64_t *odd)
{
    const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n');
    const __m128i cr = _mm_set1_epi8('\r'), quote = _mm_set1_epi8('"');
    uint64_t marks = 0, strange = 0;

    for (int k = 0; k < 4; k++) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * k));
        __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b, d), _mm_cmpeq_epi8(b, lf)),
                                     _mm_or_si128(_mm_cmpeq_epi8(b, cr), _mm_cmpeq_epi8(b, quote)));
        __m128i other = _mm_or_si128(b, _mm_cmpeq_epi8(b, _mm_setzero_si128()));

        marks |= bits_of(found, k);
        strange |= bits_of(other, k);
    }
    *odd = strange;
    return marks;
}

static inline struct masks fast_masks(const char *bytes, char delimiter)
{
    const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n');
    const __m128i cr = _mm_set1_epi8('\r'), quote = _mm_set1_epi8('"');
    struct masks masks = {0, 0, 0};

    for (int k = 0; k < 4; k++) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * k));

        masks.quotes |= bits_of(_mm_cmpeq_epi8(b, quote), k);
        masks.ends |= bits_of(_mm_or_si128(_mm_cmpeq_epi8(b, lf), _mm_cmpeq_epi8(b, cr)), k);
        masks.delimiters |= bits_of(_mm_cmpeq_epi8(b, d), k);
    }
    return masks;
}
#else
#define fast_marks portable_marks
#define fast_masks portable_masks
#endif

/* --- marks -------------------------------------------------------------------------------- */

#define INLINED static inline __attribute__((always_inline))

INLINED size_t find_marks(const char *bytes, size_t length, char delimiter, uint32_t *mark,
                          bool *odd, uint64_t (*marks)(const char *, char, uint64_t *))
{
    uint64_t strange = 0;
    size_t n = 0;

    for (size_t i = 0; i < length; i += 64) {
        uint64_t other, found = marks(bytes + i, delimiter, &other);

        if (length - i < 64) {
            uint64_t inside = (UINT64_C(1) << (length - i)) - 1;

            found &= inside;
            other &= inside;
        }
        strange |= other;
        for (; found != 0; found &= found - 1)
            mark[n++] = (uint32_t)(i + (size_t)__builtin_ctzll(found));
    }
    *odd = strange != 0;
    return n;
}

size_t csv_find_marks(const char *bytes, size_t length, char delimiter, uint32_t *mark, bool *odd)
{
    return find_marks(bytes, length, delimiter, mark, odd, fast_marks);
}

size_t csv_find_marks_portably(const char *bytes, size_t length, char delimiter, uint32_t *mark,
                               bool *odd)
{
    return find_marks(bytes, length, delimiter, mark, odd, portable_marks);
}

/* --- records -------------------------------------------------------------------------------- */

/* Each bit is the sum, mod 2, of those up to it. */
static inline uint64_t parity(uint64_t x)
{
    for (int shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

/* Quotes open and close in turn as long as each stands where a field begins or ends, or beside
 * another (a doubled one closes and opens). */
INLINED bool whole_records(const char *bytes, size_t length, char delimiter, size_t *whole,
                           struct masks (*look)(const char *, char))
{
    uint64_t quoted = 0;          /* all bits where the 64 bytes begin inside quotes */
    uint64_t after = 1, shut = 0; /* whether the byte before them may be followed by a field, and
                                     whether it is a closing quote */
    *whole = 0;
    for (size_t i = 0; i < length; i += 64) {
        struct masks m = look(bytes + i, delimiter);
        uint64_t valid = length - i < 64 ? (UINT64_C(1) << (length - i)) - 1 : ~UINT64_C(0);
        uint64_t quotes = m.quotes & valid, inside = parity(quotes) ^ quoted;
        uint64_t may_open = (m.delimiters | m.ends | quotes) << 1 | after;
        uint64_t closed = (quotes & ~inside) << 1 | shut, ends = m.ends & valid & ~inside;

        if ((quotes & inside & ~may_open) != 0 ||
            (closed & valid & ~(m.delimiters | m.ends | quotes)) != 0)
            return false;
        if (length - i <= 64 && bytes[length - 1] == '\r')
            ends &= valid >> 1; /* it may be half a CRLF */
        if (ends != 0)
            *whole = i + 64 - (size_t)__builtin_clzll(ends);
        quoted = (uint64_t)0 - (inside >> 63);
        after = (m.delimiters | m.ends | quotes) >> 63;
        shut = (quotes & ~inside) >> 63;
    }
    return true;
}

bool csv_whole_records(const char *bytes, size_t length, char delimiter, size_t *whole)
{
    return whole_records(bytes, length, delimiter, whole, fast_masks);
}

bool csv_whole_records_portably(const char *bytes, size_t length, char delimiter, size_t *whole)
{
    return whole_records(bytes, length, delimiter, whole, portable_masks);
}

/* --- UTF-8 -------------------------------------------------------------------------------- */

/* The number of bytes of the sequence at p, or 0 if it is not valid. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

size_t csv_first_invalid(const char *bytes, size_t length)
{
    const unsigned char *p = (const unsigned char *)bytes;
    size_t i = 0, n;

    while (i < length) {
        uint64_t word;

        /* Eight bytes of ASCII without NUL at a time. */
        if (length - i >= sizeof word) {
            memcpy(&word, p + i, sizeof word);
            if ((word & 0x8080808080808080u) == 0 &&
                ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) == 0) {
                i += sizeof word;
                continue;
            }
        }
        n = p[i] == '\0' ? 0 : utf8_length(p + i, length - i);
        if (n == 0)
            return i;
        i += n;
    }
    return length;
}
