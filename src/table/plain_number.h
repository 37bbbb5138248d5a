/* The cells that most files consist of, short plain numbers, without a loop over their digits.
 * Private to src/table. */
#ifndef REPKIT_PLAIN_NUMBER_H
#define REPKIT_PLAIN_NUMBER_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Reads a cell of a sign or none and at most 8 digits with a decimal mark or none. Eight bytes from
 * the cell's second on may be read, whatever they are. False sends the cell to rk_number_read: it
 * may still be a number. The digits make a whole number below 2^53 and the fraction a power of ten
 * that is exact, so the quotient is rounded once.
 * Source of the conversion: the digits are added in pairs, then fours, then eights. */
static inline bool plain_number(const char *cell, size_t length, char mark, double *value)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && FLT_EVAL_METHOD == 0
    static const double power_of_ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    bool negative = length > 0 && *cell == '-';
    uint64_t word, marks;
    size_t n_fraction = 0;

    cell += negative;
    length -= negative;
    if (length - 1 > 7) /* none, or more than 8 */
        return false;
    memcpy(&word, cell, sizeof word);
    word <<= 8 * (8 - length); /* the last character comes last, zero bytes before the first */
    marks = word ^ (ones * (unsigned char)mark);
    marks = (marks - ones) & ~marks & tops;
    if (marks != 0) {
        unsigned at = (unsigned)__builtin_ctzll(marks) / 8; /* of the mark, from the front */
        uint64_t behind = at == 7 ? 0 : ~UINT64_C(0) << (8 * (at + 1));

        if (length == 1)
            return false;
        n_fraction = 7 - at;
        word = (word & behind) | ((word & ~(behind | (UINT64_C(0xff) << (8 * at)))) << 8);
        length--;
    }
    word |= length == 8 ? 0 : (ones * '0') >> (8 * length);
    if ((word & (ones * 0xf0)) != ones * '0' || ((word + ones * 6) & (ones * 0xf0)) != ones * '0')
        return false;
    word = (word & (ones * 0x0f)) * 2561 >> 8;
    word = (word & 0x00ff00ff00ff00ffu) * 6553601 >> 16;
    word = (word & 0x0000ffff0000ffffu) * 42949672960001u >> 32;
    *value = (double)word;
    if (n_fraction > 0) /* whole numbers need not wait for a division */
        *value /= power_of_ten[n_fraction];
    if (negative)
        *value = -*value;
    return true;
#else
    (void)cell, (void)length, (void)mark, (void)value;
    return false;
#endif
}

#endif
