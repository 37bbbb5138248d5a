/* Double-double arithmetic: a number is the unevaluated sum of two doubles, 106 bits together.
 *
 * Source: Dekker (1971), "A floating-point technique for extending the available precision",
 * Numerische Mathematik 18; the accurate addition is that of Hida, Li and Bailey (2001), QD.
 * It needs every operation rounded to double: -ffp-contract=off, no -ffast-math. Values must stay
 * below 2^990, which the callers see to by scaling with powers of two. */
#ifndef REPKIT_DOUBLE_DOUBLE_H
#define REPKIT_DOUBLE_DOUBLE_H

#include <math.h>

struct dd {
    double hi, lo;
};

static inline struct dd dd_fast_two_sum(double a, double b)
{
    double s = a + b;

    return (struct dd){s, b - (s - a)};
}

static inline struct dd dd_two_sum(double a, double b)
{
    double s = a + b, t = s - a;

    return (struct dd){s, (a - (s - t)) + (b - t)};
}

static inline struct dd dd_two_product(double a, double b)
{
    const double splitter = 134217729.0; /* 2^27 + 1 */
    double p = a * b, t = splitter * a, u = splitter * b;
    double a_high = t - (t - a), b_high = u - (u - b);
    double a_low = a - a_high, b_low = b - b_high;

    return (struct dd){p,
                       ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

static inline struct dd dd_add(struct dd a, struct dd b)
{
    struct dd s = dd_two_sum(a.hi, b.hi), t = dd_two_sum(a.lo, b.lo);

    s = dd_fast_two_sum(s.hi, s.lo + t.hi);
    return dd_fast_two_sum(s.hi, s.lo + t.lo);
}

static inline struct dd dd_negate(struct dd a)
{
    return (struct dd){-a.hi, -a.lo};
}

static inline struct dd dd_subtract(struct dd a, struct dd b)
{
    return dd_add(a, dd_negate(b));
}

static inline struct dd dd_multiply(struct dd a, struct dd b)
{
    struct dd p = dd_two_product(a.hi, b.hi);

    return dd_fast_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static inline struct dd dd_divide(struct dd a, struct dd b)
{
    double q = a.hi / b.hi;
    struct dd rest = dd_subtract(a, dd_multiply((struct dd){q, 0.0}, b));
    double q2 = rest.hi / b.hi;

    rest = dd_subtract(rest, dd_multiply((struct dd){q2, 0.0}, b));
    return dd_add(dd_fast_two_sum(q, q2), (struct dd){rest.hi / b.hi, 0.0});
}

static inline struct dd dd_sqrt(struct dd a)
{
    double root = a.hi > 0.0 ? sqrt(a.hi) : 0.0;
    struct dd rest;

    if (root == 0.0)
        return (struct dd){0.0, 0.0};
    rest = dd_subtract(a, dd_two_product(root, root));
    return dd_fast_two_sum(root, rest.hi / (2.0 * root));
}

static inline struct dd dd_scale(struct dd a, int exponent)
{
    return (struct dd){ldexp(a.hi, exponent), ldexp(a.lo, exponent)};
}

#endif
