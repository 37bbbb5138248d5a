#include "repkit/random.h"

#include <gsl/gsl_cdf.h>

static uint64_t rotate_left(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

/* splitmix64 (Steele, Lea and Flood 2014): the finaliser spreads any change over all bits. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = mix(hash ^ (unsigned char)*text);
    return mix(hash ^ 0x100u); /* an end that no byte can be: "ab","c" differs from "a","bc" */
}

void rk_rng_stream(struct rk_rng *rng, uint64_t seed, const char *purpose, const char *label,
                   uint64_t block)
{
    uint64_t hash = mix(seed);

    hash = hash_text(hash, purpose);
    hash = hash_text(hash, label);
    hash = mix(hash ^ block);
    for (int i = 0; i < 4; i++)
        rng->state[i] = hash = mix(hash + (uint64_t)i);
}

uint64_t rk_rng_next(struct rk_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double rk_rng_uniform(struct rk_rng *rng)
{
    return ((double)(rk_rng_next(rng) >> 12) + 0.5) * 0x1p-52;
}

uint64_t rk_rng_below(struct rk_rng *rng, uint64_t n)
{
    unsigned __int128 product = (unsigned __int128)rk_rng_next(rng) * n;

    if ((uint64_t)product < n) {
        uint64_t threshold = -n % n;

        while ((uint64_t)product < threshold)
            product = (unsigned __int128)rk_rng_next(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

double rk_rng_normal(struct rk_rng *rng)
{
    return gsl_cdf_ugaussian_Pinv(rk_rng_uniform(rng));
}

static void gsl_set(void *state, unsigned long seed)
{
    rk_rng_stream(state, seed, "gsl", "", 0);
}

static unsigned long gsl_get(void *state)
{
    return (unsigned long)(rk_rng_next(state) >> 32);
}

static double gsl_get_double(void *state)
{
    return rk_rng_uniform(state);
}

static const gsl_rng_type gsl_type = {
    .name = "xoshiro256++",
    .max = 0xffffffffu,
    .min = 0,
    .size = sizeof(struct rk_rng),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_double,
};

gsl_rng rk_rng_gsl(struct rk_rng *state)
{
    return (gsl_rng){.type = &gsl_type, .state = state};
}
