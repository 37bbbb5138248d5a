#include "decimal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double powers_of_ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* Both factors are exact, so the product is rounded once. */
bool rk_exact_scale(uint64_t mantissa, long exponent, double *value)
{
    if (FLT_EVAL_METHOD != 0 || mantissa > (UINT64_C(1) << 53) || exponent < -22 || exponent > 22)
        return false;
    *value = exponent < 0 ? (double)mantissa / powers_of_ten[-exponent]
                          : (double)mantissa * powers_of_ten[exponent];
    return true;
}

void rk_decimal_start(struct rk_decimal *decimal)
{
    decimal->mantissa = 0;
    decimal->n = 0;
    decimal->more = decimal->any = false;
    decimal->exponent = 0;
}

void rk_decimal_add(struct rk_decimal *decimal, int digit, bool fraction)
{
    decimal->any = true;
    if (decimal->n == 0 && digit == 0) {
        decimal->exponent -= fraction;
    } else if (decimal->n < RK_DIGITS_MAX) {
        if (decimal->n < 19)
            decimal->mantissa = decimal->mantissa * 10 + (uint64_t)digit;
        decimal->digits[decimal->n++] = (char)('0' + digit);
        decimal->exponent -= fraction;
    } else {
        decimal->more = decimal->more || digit != 0;
        decimal->exponent += !fraction;
    }
}

/* strtod is given digits and an exponent only: a decimal point would depend on the locale. */
bool rk_decimal_value(const struct rk_decimal *decimal, double *value)
{
    char text[RK_DIGITS_MAX + 32];
    size_t n = decimal->n;
    double result;

    if (n == 0) {
        *value = 0.0;
        return true;
    }
    if (n <= 19 && rk_exact_scale(decimal->mantissa, decimal->exponent, value))
        return true;
    memcpy(text, decimal->digits, n);
    if (decimal->more)
        text[n++] = '1';
    snprintf(text + n, sizeof text - n, "e%ld", decimal->exponent - decimal->more);
    result = strtod(text, NULL);
    if (!isfinite(result))
        return false;
    *value = result;
    return true;
}
