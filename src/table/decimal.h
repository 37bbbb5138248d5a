/* From decimal digits to the nearest double, for rk_number_read. */
#ifndef REPKIT_TABLE_DECIMAL_H
#define REPKIT_TABLE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No double lies closer to the middle between two others than 767 significant digits can tell; the
 * digits beyond them only say "a little more". */
enum { RK_DIGITS_MAX = 780 };

/* A decimal number while it is being read: digits * 10^exponent. */
struct rk_decimal {
    uint64_t mantissa; /* of the first 19 significant digits */
    size_t n;          /* significant digits kept */
    bool more;         /* a digit that is not 0 was beyond those kept */
    bool any;          /* there was a digit at all */
    long exponent;
    char digits[RK_DIGITS_MAX];
};

/* Starts at no digits; cheaper than clearing all of it. */
void rk_decimal_start(struct rk_decimal *decimal);
/* Appends a digit (0 to 9), of the fraction or before it. */
void rk_decimal_add(struct rk_decimal *decimal, int digit, bool fraction);
/* The correctly rounded value; false if it is beyond the largest double. */
bool rk_decimal_value(const struct rk_decimal *decimal, double *value);

/* mantissa * 10^exponent where that takes one rounding; false otherwise.
 * Source: Clinger (1990), How to read floating point numbers accurately. */
bool rk_exact_scale(uint64_t mantissa, long exponent, double *value);

#endif
