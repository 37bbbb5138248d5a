#include "repkit/adjust.h"

#include <math.h>
#include <stdlib.h>

struct place {
    double p;
    size_t index;
};

static int by_p(const void *a, const void *b)
{
    double x = ((const struct place *)a)->p, y = ((const struct place *)b)->p;

    return (x > y) - (x < y);
}

/* What the p-value of rank i of m is multiplied with. */
static double factor(int method, size_t i, size_t m, double harmonic)
{
    switch (method) {
    case RK_ADJUST_BONFERRONI:
        return (double)m;
    case RK_ADJUST_HOLM:
    case RK_ADJUST_HOCHBERG:
        return (double)(m - i + 1);
    case RK_ADJUST_BH:
        return (double)m / (double)i;
    case RK_ADJUST_BY:
        return harmonic * (double)m / (double)i;
    default:
        return 1.0;
    }
}

/* Multiplies the sorted values and makes them monotone: Holm steps down from the smallest, the
 * others step up from the largest (which changes nothing for none and bonferroni). */
static void adjust_sorted(struct place *place, size_t m, int method)
{
    double harmonic = 0.0, bound = method == RK_ADJUST_HOLM ? 0.0 : 1.0;

    for (size_t i = m; i > 0; i--)
        harmonic += 1.0 / (double)i;
    for (size_t k = 0; k < m; k++) {
        size_t i = method == RK_ADJUST_HOLM ? k : m - 1 - k;
        double p = fmin(1.0, place[i].p * factor(method, i + 1, m, harmonic));

        bound = method == RK_ADJUST_HOLM ? fmax(bound, p) : fmin(bound, p);
        place[i].p = bound;
    }
}

enum rk_status rk_p_adjust(const double *p, size_t n, int method, double *out)
{
    struct place *place;
    size_t m = 0;

    if (method < RK_ADJUST_NONE || method > RK_ADJUST_BY)
        return RK_EDOMAIN;
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0.0 || p[i] > 1.0)
            return RK_EDOMAIN;
    place = malloc((n + 1) * sizeof *place);
    if (place == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            place[m++] = (struct place){p[i], i};
    qsort(place, m, sizeof *place, by_p);
    adjust_sorted(place, m, method);
    if (out != p)
        for (size_t i = 0; i < n; i++)
            out[i] = NAN;
    for (size_t i = 0; i < m; i++)
        out[place[i].index] = place[i].p;
    free(place);
    return RK_OK;
}
