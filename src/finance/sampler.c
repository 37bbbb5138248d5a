/* Draws by a table of the quantile function.
 *
 * Each tail is cut at 2^-1, 2^-2, ... 2^-17 and each octave into equal cells: quantiles are smooth
 * on the scale of log p, where they may be steep in p. The bits of a double are just this grid. */
#include "repkit/uncertain.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { OCTAVES = 16, CELL_BITS = 5, CELLS = OCTAVES << CELL_BITS, SHIFT = 52 - CELL_BITS };
#define LEAST_TAIL 0x1p-17

struct rk_sampler {
    struct rk_uncertain uncertain;
    struct rk_uncertain standard; /* the same with location 0 and scale 1 */
    bool exact;                   /* no table */
    double cubic[2][CELLS][4];
};

static double density(const struct rk_uncertain *standard, double z)
{
    switch (standard->dist) {
    case RK_DIST_T:
        return gsl_ran_tdist_pdf(z, standard->shape1);
    case RK_DIST_PERT:
    case RK_DIST_BETA:
        return gsl_ran_beta_pdf(z, standard->shape1, standard->shape2);
    default:
        return gsl_ran_ugaussian_pdf(z);
    }
}

static uint64_t bits_of(double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* The lower end of a cell, as a tail probability; that of cell CELLS is 1/2. */
static double cell_start(size_t cell)
{
    uint64_t bits = bits_of(LEAST_TAIL) + ((uint64_t)cell << SHIFT);
    double p;

    memcpy(&p, &bits, sizeof p);
    return p;
}

/* One tail's cubic pieces (Hermite: value and slope 1/density at both ends), in powers of the share
 * of the cell that lies below. */
static void fill_tail(struct rk_sampler *sampler, int upper)
{
    double p = cell_start(0);
    double q = rk_uncertain_quantile(&sampler->standard, upper ? 1.0 - p : p);
    double slope = 1.0 / density(&sampler->standard, q);

    for (size_t cell = 0; cell < CELLS; cell++) {
        double next = cell_start(cell + 1), width = upper ? p - next : next - p;
        double to = rk_uncertain_quantile(&sampler->standard, upper ? 1.0 - next : next);
        double to_slope = 1.0 / density(&sampler->standard, to);
        double *c = sampler->cubic[upper][cell], rise = to - q;

        c[0] = q;
        c[1] = slope * width;
        c[2] = 3.0 * rise - (2.0 * slope + to_slope) * width;
        c[3] = (slope + to_slope) * width - 2.0 * rise;
        p = next;
        q = to;
        slope = to_slope;
    }
}

/* What is symmetrical about 0 has the same upper tail, but for the sign of every piece. */
static void mirror_tail(struct rk_sampler *sampler)
{
    for (size_t cell = 0; cell < CELLS; cell++)
        for (size_t k = 0; k < 4; k++)
            sampler->cubic[1][cell][k] = -sampler->cubic[0][cell][k];
}

/* Where the exact inverse is cheap; and a beta so steep at a bound that cells are too wide for it.
 */
static bool wants_no_table(const struct rk_uncertain *uncertain)
{
    switch (uncertain->dist) {
    case RK_DIST_PERT:
    case RK_DIST_BETA:
        return uncertain->shape1 < 0.5 || uncertain->shape2 < 0.5;
    case RK_DIST_T:
        return uncertain->shape1 < 1.0;
    case RK_DIST_NORMAL:
    case RK_DIST_LOGNORMAL:
        return false;
    default:
        return true;
    }
}

enum rk_status rk_sampler_new(const struct rk_uncertain *uncertain, struct rk_sampler **sampler)
{
    struct rk_sampler *made = calloc(1, sizeof *made);

    if (made == NULL)
        return RK_ENOMEM;
    made->uncertain = *uncertain;
    made->standard = *uncertain;
    made->standard.location = 0.0;
    made->standard.scale = 1.0;
    if (uncertain->dist == RK_DIST_LOGNORMAL)
        made->standard.dist = RK_DIST_NORMAL;
    made->exact = wants_no_table(uncertain);
    if (!made->exact) {
        fill_tail(made, 0);
        if (made->standard.dist == RK_DIST_NORMAL || made->standard.dist == RK_DIST_T)
            mirror_tail(made);
        else
            fill_tail(made, 1);
    }
    *sampler = made;
    return RK_OK;
}

void rk_sampler_free(struct rk_sampler *sampler)
{
    free(sampler);
}

double rk_sampler_at(const struct rk_sampler *sampler, double p)
{
    int upper = p >= 0.5;
    double tail = upper ? 1.0 - p : p, share, x;
    uint64_t bits = bits_of(tail);
    const double *c;

    if (sampler->exact || !(tail >= LEAST_TAIL) || tail == 0.5)
        return rk_uncertain_quantile(&sampler->uncertain, p);
    c = sampler->cubic[upper][(bits - bits_of(LEAST_TAIL)) >> SHIFT];
    share = (double)(bits & (((uint64_t)1 << SHIFT) - 1)) * 0x1p-47;
    x = sampler->uncertain.location +
        sampler->uncertain.scale * (c[0] + share * (c[1] + share * (c[2] + share * c[3])));
    return sampler->uncertain.dist == RK_DIST_LOGNORMAL ? exp(x) : x;
}
