/* The project's one random generator and its streams.
 *
 * xoshiro256++ (Blackman and Vigna 2021), 256 bits of state, seeded through splitmix64 from a hash
 * of (seed, purpose, label, block): what one analysis draws does not depend on the threads, on the
 * order of the work, or on what else is computed. */
#ifndef REPKIT_RANDOM_H
#define REPKIT_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

struct rk_rng {
    uint64_t state[4];
};

/* Draws of one stream that share a block; a resampling loop gives each such block its own stream.
 */
#define RK_DRAWS_PER_STREAM 1024

/* Starts the stream of (seed, purpose, label, block).
 * purpose  what is drawn, e.g. "bootstrap"; label  the group, variable or item, "" for none. */
void rk_rng_stream(struct rk_rng *rng, uint64_t seed, const char *purpose, const char *label,
                   uint64_t block);

/* The next 64 random bits. */
uint64_t rk_rng_next(struct rk_rng *rng);

/* Uniform in the open interval (0, 1), an odd multiple of 2^-53: never 0 or 1. */
double rk_rng_uniform(struct rk_rng *rng);

/* Uniform integer in 0 .. n - 1 without bias (Lemire 2019). n >= 1. */
uint64_t rk_rng_below(struct rk_rng *rng, uint64_t n);

/* Standard normal, by the inverse of the distribution function (one uniform a draw). */
double rk_rng_normal(struct rk_rng *rng);

/* The generator as a GSL type. A gsl_rng on it needs no allocation and serves gsl_ran_*:
 *   struct rk_rng state; gsl_rng rng = rk_rng_gsl(&state); gsl_ran_poisson(&rng, 3.0); */
gsl_rng rk_rng_gsl(struct rk_rng *state);

#endif
