#include "profile.h"

#include <math.h>

/* On the scale of a standard normal. */
static const double SMALL_GAP = 1e-11;

enum { MOST_DOUBLINGS = 60, MOST_CUTS = 200 };

/* The root of the loss, less what it is to be. */
static enum rk_status gap(const struct profile_curve *curve, double at, double *g)
{
    double loss = NAN;
    enum rk_status status = curve->loss(curve->data, at, &loss);

    *g = sqrt(fmax(0.0, loss)) - curve->quantile;
    return status == RK_OK && isnan(loss) ? RK_ENOCONVERGE : status;
}

/* Regula falsi (Illinois) between a, where the loss is too small, and b, where it is too large. */
static enum rk_status cut(const struct profile_curve *curve, double a, double ga, double b,
                          double gb, double *limit)
{
    enum rk_status status = RK_OK;

    for (int i = 0; i < MOST_CUTS && status == RK_OK; i++) {
        double c = b - gb * (b - a) / (gb - ga), gc;

        if (fabs(b - a) <= 1e-12 * (fabs(a) + fabs(b)) || gb == 0.0) {
            *limit = b;
            return RK_OK;
        }
        status = gap(curve, c, &gc);
        if (gc * gb < 0.0) {
            a = b;
            ga = gb;
        } else {
            ga *= 0.5;
        }
        if (fabs(c - b) <= 1e-12 * fabs(c) || fabs(gc) <= SMALL_GAP) {
            *limit = c;
            return status;
        }
        b = c;
        gb = gc;
    }
    return status == RK_OK ? RK_ENOCONVERGE : status;
}

enum rk_status profile_limit(const struct profile_curve *curve, double best, double step,
                             double *limit)
{
    double low = best, g_low = -curve->quantile, at = low, g;

    for (int i = 0; i < MOST_DOUBLINGS; i++) {
        enum rk_status status;

        at += step;
        step *= 2.0;
        status = gap(curve, at, &g);
        if (status != RK_OK)
            return status;
        if (g >= 0.0)
            return cut(curve, low, g_low, at, g, limit);
        low = at;
        g_low = g;
    }
    return RK_ENOCONVERGE;
}
