/* What the tests of two samples share: R's values and the data they were computed from. */
#ifndef REPKIT_TEST_TWO_SAMPLE_H
#define REPKIT_TEST_TWO_SAMPLE_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>

#define TOPIC "two_sample"
#define TOLERANCE 1e-9

/* Two columns of a file, or one column split by a 0/1 column. */
struct pair {
    double *x, *y;
    size_t nx, ny;
};

static inline struct pair columns(const char *file, const char *first, const char *second)
{
    struct pair p;

    p.x = reference_data(file, first, &p.nx);
    p.y = reference_data(file, second, &p.ny);
    return p;
}

static inline struct pair split(const char *file, const char *value, const char *group)
{
    struct pair both = columns(file, value, group), p = {0};

    p.x = malloc(both.nx * sizeof *p.x);
    p.y = malloc(both.nx * sizeof *p.y);
    for (size_t i = 0; i < both.nx; i++) {
        if (both.y[i] == 0.0)
            p.x[p.nx++] = both.x[i];
        else
            p.y[p.ny++] = both.x[i];
    }
    free(both.x);
    free(both.y);
    return p;
}

/* y becomes the differences y - x. */
static inline struct pair differences(const char *file, const char *first, const char *second)
{
    struct pair p = columns(file, first, second);

    for (size_t i = 0; i < p.ny; i++)
        p.y[i] -= p.x[i];
    return p;
}

static inline void release(struct pair *p)
{
    free(p->x);
    free(p->y);
}

#endif
