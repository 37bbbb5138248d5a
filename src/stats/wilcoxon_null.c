#include <stdlib.h>

#include "repkit/wilcoxon.h"

/* Probabilities instead of counts: counts overflow beyond 1023 differences, and sums of positive
 * probabilities keep the relative precision of far tails. */

/* Whether all doubled midranks are even, which they are without ties. */
static bool all_even(const size_t *doubled, size_t n)
{
    for (size_t i = 0; doubled != NULL && i < n; i++)
        if (doubled[i] % 2 != 0)
            return false;
    return true;
}

/* The midrank of item i (from 0) in units of 1 / scale. */
static size_t scaled_rank(const size_t *doubled, size_t i, size_t scale)
{
    if (doubled == NULL)
        return (i + 1) * scale;
    return scale == 2 ? doubled[i] : doubled[i] / 2;
}

enum rk_status rk_signed_rank_null(const size_t *doubled, size_t n, struct rk_rank_null *null)
{
    size_t scale = all_even(doubled, n) ? 1 : 2, top = 0;
    size_t n_values = scale * (n * (n + 1) / 2) + 1;
    double *p = calloc(n_values, sizeof *p);

    if (p == NULL)
        return RK_ENOMEM;
    p[0] = 1.0;
    for (size_t i = 0; i < n; i++) {
        size_t rank = scaled_rank(doubled, i, scale);

        top += rank;
        for (size_t s = top; s >= rank; s--)
            p[s] = 0.5 * (p[s] + p[s - rank]);
        for (size_t s = 0; s < rank; s++)
            p[s] *= 0.5;
    }
    *null = (struct rk_rank_null){p, n_values, scale};
    return RK_OK;
}

/* One item more: row[s] = skip * row[s] + take * before[s - shift], for s up to top. */
static void draw_item(double *restrict row, const double *restrict before, size_t top,
                      ptrdiff_t shift, double skip, double take)
{
    size_t first = shift > 0 ? (size_t)shift : 0;
    size_t last = shift < 0 ? top - (size_t)-shift : top;

    for (size_t s = 0; s < first && s <= top; s++)
        row[s] *= skip;
    for (size_t s = first; s <= last; s++)
        row[s] = skip * row[s] + take * before[(ptrdiff_t)s - shift];
    for (size_t s = last + 1; s <= top; s++)
        row[s] *= skip;
}

/* f[j * width + s]: the probability that j have been drawn and their sum of (rank - place among
 * the drawn) is s, after all N items were met in ascending order, drawing without replacement.
 * Only states from which m can still be reached are kept up. m <= N / 2. */
static void draw_all(double *f, size_t width, const size_t *doubled, size_t N, size_t m,
                     size_t scale)
{
    f[0] = 1.0;
    for (size_t i = 0; i < N; i++) {
        double left = (double)(N - i);
        ptrdiff_t rank = (ptrdiff_t)scaled_rank(doubled, i, scale);
        size_t lowest = m > N - 1 - i ? m - (N - 1 - i) : 0;

        for (size_t j = i + 1 < m ? i + 1 : m; j > 0 && j >= lowest; j--)
            draw_item(f + j * width, f + (j - 1) * width, scale * j * (N - j),
                      rank - (ptrdiff_t)(scale * j), (left - (double)(m - j)) / left,
                      (double)(m - j + 1) / left);
        f[0] *= (left - (double)m) / left;
    }
}

enum rk_status rk_rank_sum_null(const size_t *doubled, size_t N, size_t m,
                                struct rk_rank_null *null)
{
    size_t scale = all_even(doubled, N) ? 1 : 2, fewer = m <= N - m ? m : N - m;
    size_t n_values = scale * m * (N - m) + 1;
    double *f = calloc((fewer + 1) * n_values, sizeof *f), *p = malloc(n_values * sizeof *p);

    if (f == NULL || p == NULL) {
        free(f);
        free(p);
        return RK_ENOMEM;
    }
    draw_all(f, n_values, doubled, N, fewer, scale);
    /* U of those drawn and U of those left add up to m (N - m). */
    for (size_t s = 0; s < n_values; s++)
        p[s] = f[fewer * n_values + (fewer == m ? s : n_values - 1 - s)];
    free(f);
    *null = (struct rk_rank_null){p, n_values, scale};
    return RK_OK;
}
