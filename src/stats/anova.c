#include "repkit/anova.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "repkit/distributions.h"
#include "repkit/noncentral.h"
#include "repkit/rank.h"
#include "repkit/sum.h"

/* Sizes and finiteness; *total is N and *mean that of all values. */
static enum rk_status check(const double *const *x, const size_t *n, size_t k, size_t least,
                            size_t *total, double *mean)
{
    struct rk_sum sum = {0.0, 0.0};

    *total = 0;
    for (size_t i = 0; i < k; i++) {
        if (n[i] < least)
            return RK_ETOOFEW;
        *total += n[i];
        for (size_t j = 0; j < n[i]; j++) {
            if (!isfinite(x[i][j]))
                return RK_EDOMAIN;
            rk_sum_add(&sum, x[i][j]);
        }
    }
    if (k < 2)
        return RK_ETOOFEW;
    *mean = rk_sum_value(&sum) / (double)*total;
    return RK_OK;
}

/* The size and the mean of all values. */
static enum rk_status check_moments(const struct rk_moments *m, size_t k, size_t least,
                                    size_t *total, double *mean)
{
    struct rk_sum sum = {0.0, 0.0};

    *total = 0;
    for (size_t i = 0; i < k; i++) {
        if (m[i].n < least)
            return RK_ETOOFEW;
        if (!isfinite(m[i].sum))
            return RK_EDOMAIN;
        *total += m[i].n;
        rk_sum_add(&sum, m[i].sum);
    }
    if (k < 2)
        return RK_ETOOFEW;
    *mean = rk_sum_value(&sum) / (double)*total;
    return RK_OK;
}

enum rk_status rk_anova_of(const struct rk_moments *m, size_t k, struct rk_anova *out)
{
    struct rk_sum between = {0.0, 0.0}, within = {0.0, 0.0};
    struct rk_anova test;
    size_t total;
    double mean, spread;
    enum rk_status status = check_moments(m, k, 1, &total, &mean);

    if (status != RK_OK)
        return status;
    if (total <= k)
        return RK_ETOOFEW;
    for (size_t i = 0; i < k; i++) {
        rk_sum_add(&between, (double)m[i].n * (m[i].mean - mean) * (m[i].mean - mean));
        rk_sum_add(&within, m[i].n > 1 ? m[i].var * ((double)m[i].n - 1.0) : 0.0);
    }
    test.df = (double)k - 1.0;
    test.df_error = (double)total - (double)k;
    spread = rk_sum_value(&within) / test.df_error;
    if (sqrt(spread) <= 10.0 * DBL_EPSILON * fabs(mean))
        return RK_ECONSTANT;
    test.statistic = rk_sum_value(&between) / test.df / spread;
    test.p_value = rk_pf(test.statistic, test.df, test.df_error, RK_UPPER_TAIL);
    *out = test;
    return RK_OK;
}

enum rk_status rk_welch_anova_of(const struct rk_moments *m, size_t k, struct rk_anova *out)
{
    struct rk_sum weights = {0.0, 0.0}, sum = {0.0, 0.0}, h = {0.0, 0.0}, between = {0.0, 0.0};
    struct rk_anova test;
    size_t total;
    double mean, centre, size = (double)k, spread;
    enum rk_status status = check_moments(m, k, 2, &total, &mean);

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < k; i++) {
        double w = (double)m[i].n / m[i].var;

        if (m[i].sd <= 10.0 * DBL_EPSILON * fabs(m[i].mean))
            return RK_ECONSTANT;
        rk_sum_add(&weights, w);
        rk_sum_add(&sum, w * (m[i].mean - mean));
    }
    centre = mean + rk_sum_value(&sum) / rk_sum_value(&weights);
    for (size_t i = 0; i < k; i++) {
        double w = (double)m[i].n / m[i].var, rest = 1.0 - w / rk_sum_value(&weights);

        rk_sum_add(&h, rest * rest / ((double)m[i].n - 1.0));
        rk_sum_add(&between, w * (m[i].mean - centre) * (m[i].mean - centre));
    }
    spread = rk_sum_value(&h) / (size * size - 1.0);
    test.df = size - 1.0;
    test.df_error = 1.0 / (3.0 * spread);
    test.statistic = rk_sum_value(&between) / (test.df * (1.0 + 2.0 * (size - 2.0) * spread));
    test.p_value = rk_pf(test.statistic, test.df, test.df_error, RK_UPPER_TAIL);
    *out = test;
    return RK_OK;
}

typedef enum rk_status (*anova_of)(const struct rk_moments *, size_t, struct rk_anova *);

static enum rk_status by_moments(anova_of test, const double *const *x, const size_t *n, size_t k,
                                 size_t least, struct rk_anova *out)
{
    struct rk_moments *m;
    size_t total;
    double mean;
    enum rk_status status = check(x, n, k, least, &total, &mean);

    if (status != RK_OK)
        return status;
    m = malloc(k * sizeof *m);
    if (m == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < k; i++)
        m[i] = rk_moments_of(x[i], n[i]);
    status = test(m, k, out);
    free(m);
    return status;
}

enum rk_status rk_anova(const double *const *x, const size_t *n, size_t k, struct rk_anova *out)
{
    return by_moments(rk_anova_of, x, n, k, 1, out);
}

enum rk_status rk_welch_anova(const double *const *x, const size_t *n, size_t k,
                              struct rk_anova *out)
{
    return by_moments(rk_welch_anova_of, x, n, k, 2, out);
}

/* --- ranks ---------------------------------------------------------------------------------- */

static enum rk_status by_chi_squared(double statistic, size_t k, struct rk_anova *out)
{
    *out = (struct rk_anova){statistic, (double)k - 1.0, INFINITY,
                             rk_pchisq(statistic, (double)k - 1.0, RK_UPPER_TAIL)};
    return RK_OK;
}

enum rk_status rk_kruskal(const double *const *x, const size_t *n, size_t k, struct rk_anova *out)
{
    struct rk_sum squares = {0.0, 0.0};
    size_t total, at = 0;
    double mean, ties, N, *rank;
    enum rk_status status = check(x, n, k, 1, &total, &mean);

    if (status != RK_OK)
        return status;
    rank = calloc(total, sizeof *rank);
    if (rank == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n[i]; j++)
            rank[at++] = x[i][j];
    status = rk_rank(rank, total, rank, &ties);
    N = (double)total;
    at = 0;
    for (size_t i = 0; status == RK_OK && i < k; i++) {
        double sum = 0.0, middle = (double)n[i] * (N + 1.0) / 2.0;

        for (size_t j = 0; j < n[i]; j++)
            sum += rank[at++];
        /* of deviations from the middle, which do not cancel */
        rk_sum_add(&squares, (sum - middle) * (sum - middle) / (double)n[i]);
    }
    free(rank);
    if (status != RK_OK)
        return status;
    if (ties >= N * N * N - N)
        return RK_ECONSTANT;
    return by_chi_squared(
        12.0 * rk_sum_value(&squares) / (N * (N + 1.0)) / (1.0 - ties / (N * N * N - N)), k, out);
}

enum rk_status rk_friedman(const double *x, size_t n, size_t k, struct rk_anova *out)
{
    double *rank, *sum, all_ties = 0.0, squares = 0.0, blocks = (double)n, size = (double)k, scale;
    enum rk_status status = RK_OK;

    if (n < 2 || k < 2)
        return RK_ETOOFEW;
    for (size_t i = 0; i < n * k; i++)
        if (!isfinite(x[i]))
            return RK_EDOMAIN;
    rank = malloc(2 * k * sizeof *rank);
    if (rank == NULL)
        return RK_ENOMEM;
    sum = rank + k;
    for (size_t j = 0; j < k; j++)
        sum[j] = 0.0;
    for (size_t i = 0; status == RK_OK && i < n; i++) {
        double ties;

        status = rk_rank(x + i * k, k, rank, &ties);
        for (size_t j = 0; status == RK_OK && j < k; j++)
            sum[j] += rank[j] - (size + 1.0) / 2.0;
        all_ties += status == RK_OK ? ties : 0.0;
    }
    for (size_t j = 0; j < k; j++)
        squares += sum[j] * sum[j];
    free(rank);
    if (status != RK_OK)
        return status;
    scale = blocks * size * (size + 1.0) - all_ties / (size - 1.0);
    if (!(scale > 1e-9 * blocks * size * (size + 1.0)))
        return RK_ECONSTANT;
    return by_chi_squared(12.0 * squares / scale, k, out);
}

/* --- eta squared ---------------------------------------------------------------------------- */

/* The noncentrality at which a value above F has that probability; 0 if it is above already. */
static double ncp_of_f(const struct rk_anova *test, double above)
{
    double low = 0.0, high = fmax(1.0, test->statistic * test->df);

    if (rk_pnf(test->statistic, test->df, test->df_error, 0.0, RK_UPPER_TAIL) >= above)
        return 0.0;
    for (int i = 0;
         i < 60 && rk_pnf(test->statistic, test->df, test->df_error, high, RK_UPPER_TAIL) < above;
         i++)
        high *= 2.0;
    for (int i = 0; i < 200; i++) {
        double middle = low + (high - low) / 2.0;

        if (middle == low || middle == high || high - low < 1e-15 * high)
            break;
        if (rk_pnf(test->statistic, test->df, test->df_error, middle, RK_UPPER_TAIL) < above)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2.0;
}

enum rk_status rk_eta_squared(const struct rk_anova *test, double conf_level,
                              struct rk_effect_size *out)
{
    double alpha = (1.0 - conf_level) / 2.0, part = test->statistic * test->df, low, high;

    if (!(test->statistic >= 0.0) || !isfinite(test->statistic) || !isfinite(test->df_error) ||
        !(test->df_error > 0.0) || !(conf_level > 0.0 && conf_level < 1.0))
        return RK_EDOMAIN;
    if (part > 1e6) /* the sum above would not end; an effect this near to 1 needs no interval */
        return RK_ENOCONVERGE;
    low = ncp_of_f(test, alpha);
    high = ncp_of_f(test, 1.0 - alpha);
    *out = (struct rk_effect_size){part / (part + test->df_error), low / (low + test->df_error),
                                   high / (high + test->df_error)};
    return RK_OK;
}
