/* Numbers as decimals that read back to them: the fewest of 15, 16 and 17 digits. */
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/text.h"

/* --- few digits --------------------------------------------------------------------------- */

/* A number of at most 15 digits, four of them behind the point, is known by its digits: as a whole
 * number they are exact, and their quotient is rounded as any reader would. Most numbers are such,
 * and printf takes its time. */
static bool format_short(double value, char *out, size_t *length)
{
    static const double power_of_ten[] = {1.0, 10.0, 100.0, 1e3, 1e4};
    double size = fabs(value);
    char reversed[24];
    size_t n = 0, fraction = 0;
    uint64_t left = 0;

    if (size != 0.0 && !(size >= 1e-4 && size < 1e15))
        return false;
    for (; fraction <= 4; fraction++) {
        double scaled = size * power_of_ten[fraction] + 0.5;

        if (scaled >= 1e15)
            return false;
        left = (uint64_t)scaled;
        if ((double)left / power_of_ten[fraction] == size)
            break;
    }
    if (fraction > 4)
        return false;
    do {
        if (n == fraction && fraction > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0 || n <= fraction);
    if (value < 0.0)
        reversed[n++] = '-';
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
    *length = n;
    return true;
}

/* --- all digits --------------------------------------------------------------------------- */

enum { MOST_FIVES = 27, E16 = 16 }; /* 5^27 < 2^63 */
static const uint64_t TEN_TO_16 = 10000000000000000;

/* A number of 17 digits before the point and what is behind it, exactly: m 2^e 10^k, of which
 * m 5^k fits into 128 bits. Then a unit in m is 5^k of the last of these bits. */
struct scaled {
    unsigned __int128 bits;
    uint64_t unit;     /* 5^k */
    int shift;         /* bits behind the point */
    int exponent;      /* of the first digit */
    bool power_of_two; /* numbers below it are twice as near as those above */
};

/* False if it is too large or too small for that: printf then does it. */
static bool scale(double size, struct scaled *s)
{
    static const double LOG10_2 = 0.30102999566398120;
    uint64_t bits, m;
    int e, k;

    if (!(size >= 1e-10 && size < 1e15))
        return false;
    memcpy(&bits, &size, sizeof bits);
    m = (bits & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    e = (int)(bits >> 52) - 1075;
    k = E16 - (int)floor((e + 52) * LOG10_2); /* or one less */
    k = k > MOST_FIVES ? MOST_FIVES : k;
    s->unit = 1;
    for (int i = 0; i < k; i++)
        s->unit *= 5;
    s->bits = (unsigned __int128)m * s->unit;
    s->shift = -(e + k);
    if (s->bits >> s->shift >= 10 * TEN_TO_16) {
        k--;
        s->unit /= 5;
        s->bits = (unsigned __int128)m * s->unit;
        s->shift++;
    }
    s->exponent = E16 - k;
    s->power_of_two = m == (uint64_t)1 << 52;
    return s->bits >> s->shift >= TEN_TO_16;
}

/* Rounds to 17 digits less those that `ten` stands for, half to even as printf does; whether the
 * result reads back. */
static bool round_digits(const struct scaled *s, uint64_t ten, uint64_t *digits)
{
    uint64_t whole = (uint64_t)(s->bits >> s->shift);
    unsigned __int128 part = s->bits - ((unsigned __int128)whole << s->shift);
    unsigned __int128 rest = ((unsigned __int128)(whole % ten) << s->shift) + part;
    unsigned __int128 step = (unsigned __int128)ten << s->shift;
    bool up;

    *digits = whole / ten;
    up = 2 * rest > step || (2 * rest == step && *digits % 2 == 1);
    *digits += up;
    return up ? 2 * (step - rest) < s->unit : (s->power_of_two ? 4 : 2) * rest < s->unit;
}

/* Writes 0.00123, 12.3 or 1.23e-05 as %g does, without zeros at the end; returns the length. */
static size_t write_digits(uint64_t digits, int n_digits, int exponent, bool negative, char *out)
{
    char shown[24] = "";
    size_t n = 0, n_shown = (size_t)n_digits;

    for (int i = n_digits; i-- > 0; digits /= 10)
        shown[i] = (char)('0' + digits % 10);
    while (n_shown > 1 && shown[n_shown - 1] == '0')
        n_shown--;
    if (negative)
        out[n++] = '-';
    if (exponent < 0 && exponent >= -4) {
        memcpy(out + n, "0.000", 5);
        n += (size_t)(1 - exponent);
    }
    for (int i = 0; i < (int)n_shown || i <= exponent; i++) {
        if (i > 0 && i == (exponent < -4 ? 1 : exponent + 1))
            out[n++] = '.';
        out[n++] = i < (int)n_shown ? shown[i] : '0';
    }
    if (exponent < -4) {
        memcpy(out + n, "e-", 2);
        out[n + 2] = (char)('0' - exponent / 10);
        out[n + 3] = (char)('0' - exponent % 10);
        n += 4;
    }
    out[n] = '\0';
    return n;
}

static bool format_long(double value, char *out, size_t *length)
{
    struct scaled s;
    uint64_t digits, ten = 1000;
    int n_digits = DBL_DIG - 1;

    if (!scale(fabs(value), &s))
        return false;
    do {
        n_digits++;
        ten /= 10;
    } while (!round_digits(&s, ten, &digits) && ten > 1);
    if (digits == 10 * TEN_TO_16 / ten) { /* 9.99... rounded up */
        digits /= 10;
        s.exponent++;
    }
    if (s.exponent >= DBL_DIG)
        return false;
    *length = write_digits(digits, n_digits, s.exponent, value < 0.0, out);
    return true;
}

size_t rk_number_format(double value, char *out)
{
    int length = 0;
    size_t n;

    if (!isfinite(value)) {
        memcpy(out, "NA", 3);
        return 2;
    }
    if (format_short(value, out, &n) || format_long(value, out, &n))
        return n;
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        length = snprintf(out, 32, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    return (size_t)length;
}
