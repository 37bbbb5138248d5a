/* The exact null distribution of Spearman's S. */
#include <math.h>
#include <stdlib.h>

#include "repkit/correlation.h"

enum { MAX_N = 9, MAX_S = (MAX_N * (MAX_N * MAX_N - 1)) / 3 };

/* Counts the ways to give the first ranks a set of partners, by set (bits) and sum of squared
 * differences so far: rank by rank, each set grows by one partner. Of n! orders this visits 2^n
 * sets. */
static void count_orders(size_t n, uint32_t (*ways)[MAX_S + 1])
{
    ways[0][0] = 1;
    for (unsigned set = 0; set + 1 < 1u << n; set++) {
        size_t rank = 0;

        for (size_t j = 0; j < n; j++)
            rank += set >> j & 1;
        for (size_t j = 0; j < n; j++) {
            size_t d = rank > j ? rank - j : j - rank;

            if (set >> j & 1)
                continue;
            for (size_t s = 0; s + d * d <= MAX_S; s++)
                ways[set | 1u << j][s + d * d] += ways[set][s];
        }
    }
}

enum rk_status rk_spearman_tails(double s, size_t n, double *lower, double *upper)
{
    uint32_t(*ways)[MAX_S + 1];
    double below = 0.0, above = 0.0, all = 0.0;

    if (n > MAX_N || isnan(s))
        return RK_EDOMAIN;
    ways = calloc((size_t)1 << n, sizeof *ways);
    if (ways == NULL)
        return RK_ENOMEM;
    count_orders(n, ways);
    for (int i = 0; i <= MAX_S; i++) {
        double count = ways[(1u << n) - 1][i];

        all += count;
        below += i <= s ? count : 0.0;
        above += i >= s ? count : 0.0;
    }
    free(ways);
    *lower = below / all;
    *upper = above / all;
    return RK_OK;
}
