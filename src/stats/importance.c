#include "repkit/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column of which less than this is left is determined by the others. */
static const double NOTHING_LEFT = 1e-10;

/* The regressions on all sets of terms, each from the one before it by one more term: rows of the
 * Cholesky factor are added as the search goes down and forgotten as it comes back. */
struct search {
    const struct rk_products *products;
    size_t n_terms, side;
    double *factor; /* side-square: the rows of columns taken, and at the end of each that of y */
    size_t *taken;  /* the columns taken */
    double *r_squared; /* 2^n_terms */
};

/* Adds a column to the factor of n_taken columns. Returns how many it has then, and adds to
 * *explained what the column explains of y. */
static size_t take_column(struct search *search, size_t column, size_t n_taken, double *explained)
{
    const double *cross = search->products->cross;
    size_t side = search->side, y = side - 1;
    double *row = search->factor + n_taken * side;
    double left = cross[column * side + column], along = cross[column * side + y];

    for (size_t k = 0; k < n_taken; k++) {
        const double *above = search->factor + k * side;
        double x = cross[column * side + search->taken[k]];

        for (size_t l = 0; l < k; l++)
            x -= above[l] * row[l];
        row[k] = x / above[k];
        left -= row[k] * row[k];
        along -= row[k] * above[y];
    }
    if (!(left > NOTHING_LEFT * cross[column * side + column]))
        return n_taken;
    row[n_taken] = sqrt(left);
    row[y] = along / row[n_taken];
    search->taken[n_taken] = column;
    *explained += row[y] * row[y];
    return n_taken + 1;
}

static void go_down(struct search *search, size_t set, size_t first, size_t n_taken,
                    double explained)
{
    size_t side = search->side;

    search->r_squared[set] = explained / search->products->cross[side * side - 1];
    for (size_t t = first; t < search->n_terms; t++) {
        size_t n = n_taken;
        double more = explained;

        for (size_t j = 0; j < search->products->n_columns; j++)
            if (search->products->term[j] == t)
                n = take_column(search, j, n, &more);
        go_down(search, set | (size_t)1 << t, t + 1, n, more);
    }
}

static size_t count_terms(size_t set)
{
    size_t n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

static void average(const struct search *search, double *lmg)
{
    size_t T = search->n_terms, n_sets = (size_t)1 << T;
    double share[RK_IMPORTANCE_MOST];

    /* |S|! (T - 1 - |S|)! / T! = 1 / (T choose(T - 1, |S|)) */
    for (size_t s = 0; s < T; s++)
        share[s] = s == 0 ? 1.0 / (double)T : share[s - 1] * (double)s / (double)(T - s);
    for (size_t t = 0; t < T; t++)
        lmg[t] = 0.0;
    for (size_t set = 0; set < n_sets; set++) {
        size_t size = count_terms(set);

        for (size_t t = 0; t < T; t++)
            if (!(set >> t & 1))
                lmg[t] += share[size] *
                          (search->r_squared[set | (size_t)1 << t] - search->r_squared[set]);
    }
}

enum rk_status rk_importance_lmg(const struct rk_products *products, size_t n_terms, double *lmg,
                                 double *r_squared)
{
    size_t side = products->n_columns + 1;
    struct search search = {.products = products, .n_terms = n_terms, .side = side};
    enum rk_status status = RK_OK;

    if (n_terms == 0 || n_terms > RK_IMPORTANCE_MOST)
        return RK_EDOMAIN;
    if (!(products->cross[side * side - 1] > 0.0))
        return RK_ECONSTANT;
    search.factor = malloc(side * side * sizeof *search.factor);
    search.taken = malloc(side * sizeof *search.taken);
    search.r_squared = malloc(((size_t)1 << n_terms) * sizeof *search.r_squared);
    if (search.factor == NULL || search.taken == NULL || search.r_squared == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK) {
        go_down(&search, 0, 0, 0, 0.0);
        average(&search, lmg);
        *r_squared = search.r_squared[((size_t)1 << n_terms) - 1];
    }
    free(search.factor);
    free(search.taken);
    free(search.r_squared);
    return status;
}
