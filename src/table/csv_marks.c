#include "csv_marks.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* --- marks -------------------------------------------------------------------------------- */

#ifdef __SSE2__
/* One bit a byte of 64: whether it is a mark. */
static inline uint64_t find_in_64(const char *bytes, char delimiter, uint64_t *odd)
{
    const __m128i d = _mm_set1_epi8(delimiter), lf = _mm_set1_epi8('\n');
    const __m128i cr = _mm_set1_epi8('\r'), quote = _mm_set1_epi8('"');
    uint64_t marks = 0, strange = 0;

    for (int k = 0; k < 4; k++) {
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * k));
        __m128i found = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(b, d), _mm_cmpeq_epi8(b, lf)),
                                     _mm_or_si128(_mm_cmpeq_epi8(b, cr), _mm_cmpeq_epi8(b, quote)));
        __m128i other = _mm_or_si128(b, _mm_cmpeq_epi8(b, _mm_setzero_si128()));

        marks |= (uint64_t)(uint32_t)_mm_movemask_epi8(found) << (16 * k);
        strange |= (uint64_t)(uint32_t)_mm_movemask_epi8(other) << (16 * k);
    }
    *odd = strange;
    return marks;
}
#else
/* The top bit of each byte of x that is 0. */
static inline uint64_t zero_bytes(uint64_t x)
{
    return ~(((x & 0x7f7f7f7f7f7f7f7fu) + 0x7f7f7f7f7f7f7f7fu) | x | 0x7f7f7f7f7f7f7f7fu);
}

/* Bit k of the result is the top bit of the k-th byte in memory. */
static inline uint64_t gather(uint64_t tops)
{
    unsigned char byte[8];
    uint64_t bits = 0;

    memcpy(byte, &tops, sizeof byte);
    for (int k = 0; k < 8; k++)
        bits |= (uint64_t)(byte[k] >> 7) << k;
    return bits;
}

static inline uint64_t find_in_64(const char *bytes, char delimiter, uint64_t *odd)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t marks = 0, strange = 0;

    for (int k = 0; k < 8; k++) {
        uint64_t word, found;

        memcpy(&word, bytes + 8 * k, sizeof word);
        found = zero_bytes(word ^ (ones * (unsigned char)delimiter)) |
                zero_bytes(word ^ (ones * '\n')) | zero_bytes(word ^ (ones * '\r')) |
                zero_bytes(word ^ (ones * '"'));
        if (found != 0)
            marks |= gather(found) << (8 * k);
        found = (word | zero_bytes(word)) & 0x8080808080808080u;
        if (found != 0)
            strange |= gather(found) << (8 * k);
    }
    *odd = strange;
    return marks;
}
#endif

size_t csv_find_marks(const char *bytes, size_t length, char delimiter, uint32_t *mark, bool *odd)
{
    uint64_t strange = 0;
    size_t n = 0;

    for (size_t i = 0; i < length; i += 64) {
        uint64_t other, found = find_in_64(bytes + i, delimiter, &other);

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
