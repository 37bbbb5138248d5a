/* Newey and West's covariance, within units. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster_robust.h"
#include "rows.h"

struct series {
    const struct rk_sequence *given;
    size_t n, k, lag;
    double *score; /* n-by-k, rows in order: q_i u_i */
};

static size_t row_of(const struct series *s, size_t i)
{
    return s->given->order != NULL ? s->given->order[i] : i;
}

static uint32_t unit_of(const struct series *s, size_t i)
{
    return s->given->unit != NULL ? s->given->unit[row_of(s, i)] : 0;
}

static int64_t time_of(const struct series *s, size_t i)
{
    return s->given->time != NULL ? s->given->time[row_of(s, i)] : (int64_t)i;
}

/* Rows of the longest unit. */
static size_t longest(const struct series *s)
{
    size_t most = 0, run = 0;

    for (size_t i = 0; i < s->n; i++) {
        run = i > 0 && unit_of(s, i) == unit_of(s, i - 1) ? run + 1 : 1;
        most = run > most ? run : most;
    }
    return most;
}

static enum rk_status fill_scores(const struct rk_fit *fit, struct series *s)
{
    double *buffer = malloc((fit->rank + 2) * ROWS_CHUNK * sizeof *buffer);
    size_t *place = malloc((s->n + 1) * sizeof *place);
    bool fine = buffer != NULL && place != NULL;

    for (size_t i = 0; fine && i < s->n; i++)
        place[row_of(s, i)] = i;
    for (size_t start = 0; fine && start < s->n; start += ROWS_CHUNK) {
        size_t n = s->n - start < ROWS_CHUNK ? s->n - start : ROWS_CHUNK;
        struct fit_chunk chunk = fit_rows(fit, start, n, buffer);

        for (size_t i = 0; i < n; i++) {
            double *score = s->score + place[start + i] * s->k;

            for (size_t j = 0; j < s->k; j++)
                score[j] = chunk.q[j * chunk.stride + i] * chunk.u[i];
        }
    }
    free(buffer);
    free(place);
    return fine ? RK_OK : RK_ENOMEM;
}

/* sum_t s_t s_t' / 2 + s_t (sum_l w_l s_t-l)', to which its transpose is added. */
static void add_products(const struct series *s, double *around, double *meat)
{
    size_t k = s->k, unit_start = 0;

    for (size_t i = 0; i < s->n; i++) {
        const double *own = s->score + i * k;

        if (i > 0 && unit_of(s, i) != unit_of(s, i - 1))
            unit_start = i;
        for (size_t j = 0; j < k; j++)
            around[j] = 0.5 * own[j];
        for (size_t before = i; before > unit_start;) {
            int64_t apart = time_of(s, i) - time_of(s, --before);
            const double *other = s->score + before * k;
            double weight = 1.0 - (double)apart / ((double)s->lag + 1.0);

            if (apart > (int64_t)s->lag)
                break;
            for (size_t j = 0; j < k; j++)
                around[j] += weight * other[j];
        }
        for (size_t a = 0; a < k; a++) {
            for (size_t b = 0; b < k; b++)
                meat[a * k + b] += own[a] * around[b];
        }
    }
}

enum rk_status hac_meat(const struct rk_fit *fit, const struct rk_sequence *series, double *meat,
                        size_t *lag)
{
    struct series s = {.given = series, .n = fit->n, .k = fit->rank};
    double *around = malloc((s.k + 1) * sizeof *around);
    size_t most = longest(&s), k = s.k;
    double factor = (double)fit->nobs / (double)(fit->nobs - fit->rank - fit->df_absorbed);
    enum rk_status status = RK_ENOMEM;

    s.lag = series->lag == RK_LAG_DEFAULT
                ? (size_t)floor(4.0 * pow((double)most / 100.0, 2.0 / 9.0))
                : series->lag;
    s.score = malloc((s.n * s.k + 1) * sizeof *s.score);
    if (s.score != NULL && around != NULL)
        status = fill_scores(fit, &s);
    if (status == RK_OK) {
        memset(meat, 0, k * k * sizeof *meat);
        add_products(&s, around, meat);
        for (size_t a = 0; a < k; a++) {
            for (size_t b = 0; b <= a; b++) {
                double both = factor * (meat[a * k + b] + meat[b * k + a]);

                meat[a * k + b] = meat[b * k + a] = both;
            }
        }
        *lag = s.lag;
    }
    free(s.score);
    free(around);
    return status;
}
