#include "repkit/rank.h"

#include <math.h>
#include <stdlib.h>

struct place {
    double value;
    size_t index;
};

static int by_value(const void *a, const void *b)
{
    double x = ((const struct place *)a)->value, y = ((const struct place *)b)->value;

    return (x > y) - (x < y);
}

enum rk_status rk_rank(const double *x, size_t n, double *rank, double *ties)
{
    struct place *place;
    double cubes = 0.0;

    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return RK_EDOMAIN;
    place = malloc((n + 1) * sizeof *place);
    if (place == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        place[i] = (struct place){x[i], i};
    qsort(place, n, sizeof *place, by_value);
    for (size_t first = 0, end; first < n; first = end) {
        double t;

        for (end = first + 1; end < n && place[end].value == place[first].value;)
            end++;
        t = (double)(end - first);
        cubes += t * t * t - t;
        for (size_t i = first; i < end; i++)
            rank[place[i].index] = 0.5 * ((double)first + 1.0 + (double)end);
    }
    free(place);
    if (ties != NULL)
        *ties = cubes;
    return RK_OK;
}
