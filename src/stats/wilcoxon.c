#include "repkit/wilcoxon.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/rank.h"

/* --- order statistics of sums and differences ----------------------------------------------- */

/* The values a_i + a_j for i <= j (b NULL), or b_j - a_i for all i and j, without forming them:
 * they are counted below a bound by two pointers, in O(n), so that the k-th is found by bisection
 * even where there are 10^9. Rounding keeps the order, so the counts are those of the rounded
 * values. */
struct pair_values {
    const double *a, *b; /* ascending */
    size_t n_a, n_b;
};

static uint64_t n_pair_values(const struct pair_values *v)
{
    return v->b != NULL ? (uint64_t)v->n_a * v->n_b : (uint64_t)v->n_a * (v->n_a + 1) / 2;
}

static uint64_t count_up_to(const struct pair_values *v, double bound)
{
    uint64_t count = 0;
    size_t j = v->b != NULL ? 0 : v->n_a;

    for (size_t i = 0; i < v->n_a; i++) {
        if (v->b != NULL) {
            while (j < v->n_b && v->b[j] - v->a[i] <= bound)
                j++;
            count += j;
        } else {
            while (j > 0 && v->a[i] + v->a[j - 1] > bound)
                j--;
            count += j + (v->a[i] + v->a[i] <= bound); /* each twice, the diagonal too */
        }
    }
    return v->b != NULL ? count : count / 2;
}

/* Doubles as integers of the same order, so that bisection ends after 64 steps at the latest. */
static int64_t to_order(double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits >= 0 ? bits : INT64_MIN - bits;
}

static double from_order(int64_t order)
{
    int64_t bits = order >= 0 ? order : INT64_MIN - order;
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The k-th smallest, k from 1. */
static double pair_value_at(const struct pair_values *v, uint64_t k)
{
    double smallest = v->b != NULL ? v->b[0] - v->a[v->n_a - 1] : v->a[0] + v->a[0];
    double largest =
        v->b != NULL ? v->b[v->n_b - 1] - v->a[0] : v->a[v->n_a - 1] + v->a[v->n_a - 1];
    int64_t low = to_order(smallest), high = to_order(largest);

    while (low < high) {
        int64_t middle = (low & high) + ((low ^ high) >> 1); /* the mean, without overflow */

        if (count_up_to(v, from_order(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return from_order(low) + 0.0; /* -0 becomes 0 */
}

static double pair_median(const struct pair_values *v)
{
    uint64_t n = n_pair_values(v);
    double upper = pair_value_at(v, n / 2 + 1);

    return n % 2 == 1 ? upper : (pair_value_at(v, n / 2) + upper) / 2.0;
}

/* --- p-values and intervals ----------------------------------------------------------------- */

/* A statistic with its null distribution: `null` where it is exact, else mean and sd. */
struct ranked {
    size_t doubled_statistic;
    double mean, sd;
    const struct rk_rank_null *null;
};

/* The p-value; large_is_greater tells which end of the statistic speaks for RK_GREATER. */
static double rank_p_value(const struct ranked *r, int alternative, bool large_is_greater)
{
    double z = (double)r->doubled_statistic / 2.0 - r->mean, p = 0.0;
    bool upper = (alternative == RK_GREATER) == large_is_greater;

    if (r->null != NULL) {
        for (size_t s = 0; s < r->null->n_values; s++) {
            double distance = (double)s / (double)r->null->scale - r->mean;

            if (alternative == RK_TWO_SIDED ? fabs(distance) >= fabs(z)
                : upper                     ? distance >= z
                                            : distance <= z)
                p += r->null->probability[s];
        }
        return fmin(p, 1.0);
    }
    if (r->sd == 0.0)
        return 1.0;
    if (alternative == RK_TWO_SIDED)
        return fmin(1.0, 2.0 * rk_pnorm(fmax(fabs(z) - 0.5, 0.0) / r->sd, RK_UPPER_TAIL));
    return upper ? rk_pnorm((z - 0.5) / r->sd, RK_UPPER_TAIL)
                 : rk_pnorm((z + 0.5) / r->sd, RK_LOWER_TAIL);
}

/* The distribution without ties that the interval stands on. */
struct untied {
    struct rk_rank_null null; /* probability NULL: normal */
    double mean, sd;
};

/* The smallest q with P(statistic <= q) >= p, at least 1, and P(statistic <= q - 1). */
static uint64_t untied_quantile(const struct untied *u, double p, double *below)
{
    if (u->null.probability != NULL) {
        double sum = 0.0;
        uint64_t q = 0;

        /* R's tolerance, for p that are themselves probabilities of the distribution */
        while (q == 0 ||
               (q < u->null.n_values && sum + u->null.probability[q] < p - 10.0 * DBL_EPSILON))
            sum += u->null.probability[q++];
        *below = sum;
        return q;
    } else {
        double q = fmax(1.0, ceil(u->mean + u->sd * rk_qnorm(p, RK_LOWER_TAIL) - 0.5));

        *below = rk_pnorm((q - 0.5 - u->mean) / u->sd, RK_LOWER_TAIL);
        return (uint64_t)q;
    }
}

/* The interval of order statistics; `unit` is 1/2 for Walsh averages, whose sums are counted. */
static void rank_interval(const struct pair_values *v, const struct untied *u, double unit,
                          int alternative, double conf_level, struct rk_rank_test *test)
{
    double alpha = 1.0 - conf_level, below;
    int sides = alternative == RK_TWO_SIDED ? 2 : 1;
    uint64_t n = n_pair_values(v), q = untied_quantile(u, alpha / sides, &below);

    test->conf_achieved = 1.0 - sides * below;
    test->p_smallest = u->null.probability == NULL ? 0.0 : sides * u->null.probability[0];
    test->conf_low = test->conf_high = NAN;
    if (test->conf_achieved <= 0.0 || q > n) {
        test->conf_achieved = 0.0;
        return;
    }
    test->conf_low = alternative == RK_LESS ? -INFINITY : unit * pair_value_at(v, q);
    test->conf_high = alternative == RK_GREATER ? INFINITY : unit * pair_value_at(v, n + 1 - q);
}

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

static bool is_level(double conf_level)
{
    return conf_level > 0.0 && conf_level < 1.0;
}

/* --- signed rank ---------------------------------------------------------------------------- */

/* V, its null distribution and p. `used` holds the differences not equal to mu. */
static enum rk_status signed_rank_p(const double *used, size_t n, double mu, int alternative,
                                    struct rk_rank_test *test)
{
    struct rk_rank_null null = {0};
    struct ranked r = {0};
    double *rank = malloc(n * sizeof *rank), ties, count = (double)n;
    size_t *doubled = malloc(n * sizeof *doubled);
    enum rk_status status = rank == NULL || doubled == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; status == RK_OK && i < n; i++)
        rank[i] = fabs(used[i] - mu);
    if (status == RK_OK)
        status = rk_rank(rank, n, rank, &ties);
    if (status != RK_OK)
        goto end;
    for (size_t i = 0; i < n; i++) {
        doubled[i] = (size_t)(2.0 * rank[i]);
        r.doubled_statistic += used[i] > mu ? doubled[i] : 0;
    }
    test->exact = n <= RK_SIGNED_RANK_EXACT_N;
    r.mean = count * (count + 1.0) / 4.0;
    r.sd = sqrt(count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ties / 48.0);
    if (test->exact)
        status = rk_signed_rank_null(doubled, n, &null);
    if (status != RK_OK)
        goto end;
    r.null = test->exact ? &null : NULL;
    test->statistic = (double)r.doubled_statistic / 2.0;
    test->p_value = rank_p_value(&r, alternative, true);
end:
    free(null.probability);
    free(doubled);
    free(rank);
    return status;
}

static enum rk_status signed_rank_interval(const double *used, size_t n, int alternative,
                                           double conf_level, struct rk_rank_test *test)
{
    struct pair_values walsh = {.a = used, .n_a = n};
    struct untied u = {0};
    double count = (double)n;

    if (test->exact && rk_signed_rank_null(NULL, n, &u.null) != RK_OK)
        return RK_ENOMEM;
    u.mean = count * (count + 1.0) / 4.0;
    u.sd = sqrt(count * (count + 1.0) * (2.0 * count + 1.0) / 24.0);
    test->estimate = pair_median(&walsh) / 2.0;
    rank_interval(&walsh, &u, 0.5, alternative, conf_level, test);
    free(u.null.probability);
    return RK_OK;
}

enum rk_status rk_signed_rank_test(const double *d, size_t n, double mu, int alternative,
                                   double conf_level, struct rk_rank_test *out)
{
    struct rk_rank_test test = {.exact = true};
    double *used;
    size_t n_used = 0;
    enum rk_status status = RK_OK;

    if (n < 1)
        return RK_ETOOFEW;
    if (!all_finite(d, n) || !isfinite(mu) || !is_level(conf_level))
        return RK_EDOMAIN;
    used = malloc(n * sizeof *used);
    if (used == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (d[i] != mu)
            used[n_used++] = d[i];
    test.n_used = n_used;
    if (n_used == 0) {
        test.estimate = mu;
        test.p_value = test.p_smallest = 1.0;
        test.conf_low = test.conf_high = NAN;
    } else {
        gsl_sort(used, 1, n_used);
        status = signed_rank_p(used, n_used, mu, alternative, &test);
        if (status == RK_OK)
            status = signed_rank_interval(used, n_used, alternative, conf_level, &test);
    }
    free(used);
    if (status == RK_OK)
        *out = test;
    return status;
}

/* --- rank sum ------------------------------------------------------------------------------- */

/* U of x, its null distribution and p. */
static enum rk_status rank_sum_p(const double *x, size_t nx, const double *y, size_t ny, double mu,
                                 int alternative, struct rk_rank_test *test)
{
    struct rk_rank_null null = {0};
    struct ranked r = {0};
    double m = (double)nx, n = (double)ny, N = m + n, ties;
    double *rank = calloc(nx + ny, sizeof *rank);
    size_t *doubled = malloc((nx + ny) * sizeof *doubled);
    enum rk_status status = rank == NULL || doubled == NULL ? RK_ENOMEM : RK_OK;

    for (size_t k = 0; status == RK_OK && k < nx + ny; k++)
        rank[k] = k < nx ? x[k] : y[k - nx] - mu;
    if (status == RK_OK)
        status = rk_rank(rank, nx + ny, rank, &ties);
    if (status != RK_OK)
        goto end;
    for (size_t k = 0; k < nx; k++)
        r.doubled_statistic += (size_t)(2.0 * rank[k]);
    r.doubled_statistic -= nx * (nx + 1);
    test->exact = ny > 0 && nx <= RK_RANK_SUM_EXACT_PAIRS / ny;
    r.mean = m * n / 2.0;
    r.sd = sqrt(m * n / 12.0 * fmax(0.0, (N + 1.0) - ties / (N * (N - 1.0))));
    gsl_sort(rank, 1, nx + ny);
    for (size_t k = 0; k < nx + ny; k++)
        doubled[k] = (size_t)(2.0 * rank[k]);
    if (test->exact)
        status = rk_rank_sum_null(doubled, nx + ny, nx, &null);
    if (status != RK_OK)
        goto end;
    r.null = test->exact ? &null : NULL;
    test->statistic = (double)r.doubled_statistic / 2.0;
    test->p_value = rank_p_value(&r, alternative, false);
end:
    free(null.probability);
    free(doubled);
    free(rank);
    return status;
}

static enum rk_status rank_sum_interval(const double *x, size_t nx, const double *y, size_t ny,
                                        int alternative, double conf_level,
                                        struct rk_rank_test *test)
{
    struct pair_values differences = {x, y, nx, ny};
    struct untied u = {0};
    double m = (double)nx, n = (double)ny;

    if (test->exact && rk_rank_sum_null(NULL, nx + ny, nx, &u.null) != RK_OK)
        return RK_ENOMEM;
    u.mean = m * n / 2.0;
    u.sd = sqrt(m * n * (m + n + 1.0) / 12.0);
    test->estimate = pair_median(&differences);
    rank_interval(&differences, &u, 1.0, alternative, conf_level, test);
    free(u.null.probability);
    return RK_OK;
}

enum rk_status rk_rank_sum_test(const double *x, size_t nx, const double *y, size_t ny, double mu,
                                int alternative, double conf_level, struct rk_rank_test *out)
{
    struct rk_rank_test test = {.n_used = nx + ny};
    double *copy;
    enum rk_status status;

    if (nx < 1 || ny < 1)
        return RK_ETOOFEW;
    if (!all_finite(x, nx) || !all_finite(y, ny) || !isfinite(mu) || !is_level(conf_level))
        return RK_EDOMAIN;
    copy = malloc((nx + ny) * sizeof *copy);
    if (copy == NULL)
        return RK_ENOMEM;
    memcpy(copy, x, nx * sizeof *x);
    memcpy(copy + nx, y, ny * sizeof *y);
    gsl_sort(copy, 1, nx);
    gsl_sort(copy + nx, 1, ny);
    status = rank_sum_p(copy, nx, copy + nx, ny, mu, alternative, &test);
    if (status == RK_OK)
        status = rank_sum_interval(copy, nx, copy + nx, ny, alternative, conf_level, &test);
    /* All values equal: an interval of no width would claim certainty. */
    if (copy[0] == copy[nx + ny - 1] && copy[nx - 1] == copy[nx])
        test.conf_low = test.conf_high = NAN, test.conf_achieved = 0.0;
    free(copy);
    if (status == RK_OK)
        *out = test;
    return status;
}
