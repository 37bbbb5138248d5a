/* The bootstrap against R's boot, and what it promises about threads and p-values. */
#include "repkit/resample.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/correlation.h"
#include "repkit/quantile.h"

static const char topic[] = "resample";

/* Rows by item: value i belongs to item i / size. */
struct data {
    const double *x, *y;
    size_t n, size;
};

static enum rk_status mean_of(const void *data, const uint32_t *count, double *value)
{
    const struct data *d = data;
    double sum = 0.0, n = 0.0;

    for (size_t i = 0; i < d->n; i++) {
        sum += count[i / d->size] * d->x[i];
        n += count[i / d->size];
    }
    *value = sum / n;
    return RK_OK;
}

static enum rk_status correlation_of(const void *data, const uint32_t *count, double *value)
{
    const struct data *d = data;
    double *u = malloc(4 * d->n * sizeof *u), *v = u + 2 * d->n;
    struct rk_correlation c;
    size_t n = 0;
    enum rk_status status;

    for (size_t i = 0; i < d->n; i++)
        for (uint32_t k = 0; k < count[i / d->size]; k++, n++) {
            assert_true(n < 2 * d->n);
            u[n] = d->x[i];
            v[n] = d->y[i];
        }
    status = rk_correlation(RK_PEARSON, u, v, n, 0.95, RK_TWO_SIDED, &c);
    free(u);
    if (status == RK_OK)
        *value = c.estimate;
    return status;
}

static enum rk_status never(const void *data, const uint32_t *count, double *value)
{
    const struct data *d = data;

    (void)value;
    for (size_t i = 0; i < d->n; i++)
        if (count[i] != 1)
            return RK_ECONSTANT;
    *value = 1.0;
    return RK_OK;
}

static void given_draws_agree_with_r(void **state)
{
    size_t n;
    double *x = reference_data("mtcars", "hp", &n), low, high;
    struct rk_boot boot = {10.0, x, n, 0.1, 0.05, true};

    (void)state;
    for (size_t i = 0; i < n; i++)
        x[i] = sqrt(x[i]);
    rk_sort(x, n);
    for (int conf = 80; conf <= 90; conf += 10) {
        boot.bca = true;
        rk_boot_interval(&boot, conf / 100.0, RK_TWO_SIDED, &low, &high);
        assert_close(low, reference_at(topic, conf == 80 ? "bca_80" : "bca_90", 1), 1e-10);
        assert_close(high, reference_at(topic, conf == 80 ? "bca_80" : "bca_90", 2), 1e-10);
        boot.bca = false;
        rk_boot_interval(&boot, conf / 100.0, RK_TWO_SIDED, &low, &high);
        assert_close(low, reference_at(topic, conf == 80 ? "percentile_80" : "percentile_90", 1),
                     1e-10);
        assert_close(high, reference_at(topic, conf == 80 ? "percentile_80" : "percentile_90", 2),
                     1e-10);
    }
    boot.bca = true;
    rk_boot_interval(&boot, 0.9, RK_LESS, &low, &high);
    assert_true(isinf(low));
    assert_close(high, reference(topic, "bca_less"), 1e-10);
    /* The p-value of an end of an interval is what the interval leaves out, where none tie. */
    for (size_t i = 0; i < n; i++)
        x[i] += 1e-3 * (double)i;
    for (int method = 0; method < 2; method++) {
        boot.bca = method == 0;
        for (double conf = 0.3; conf < 0.75; conf += 0.1) {
            rk_boot_interval(&boot, conf, RK_TWO_SIDED, &low, &high);
            assert_close(rk_boot_p_value(&boot, low, RK_TWO_SIDED), 1.0 - conf, 1e-9);
            assert_close(rk_boot_p_value(&boot, high, RK_TWO_SIDED), 1.0 - conf, 1e-9);
            rk_boot_interval(&boot, conf, RK_GREATER, &low, &high);
            assert_close(rk_boot_p_value(&boot, low, RK_GREATER), 1.0 - conf, 1e-9);
        }
    }
    assert_close(rk_boot_p_value(&boot, 0.0, RK_TWO_SIDED), 2.0 / (double)(n + 1), 1e-12);
    assert_close(rk_boot_p_value(&boot, 1e9, RK_LESS), 1.0 / (double)(n + 1), 1e-12);
    free(x);
}

static void check(const struct data *d, rk_statistic_fn statistic, size_t draws, const char *bca,
                  const char *a, double tolerance)
{
    const struct rk_resample plan = {.n = d->n / d->size, .draws = draws, .label = ""};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_boot *boot = NULL, *again = NULL;
    double low, high;

    assert_int_equal(rk_boot_new(&plan, statistic, d, &ctx, &boot), RK_OK);
    rk_boot_interval(boot, 0.95, RK_TWO_SIDED, &low, &high);
    assert_close(boot->acceleration, reference(topic, a), 1e-11);
    assert_true(fabs(low - reference_at(topic, bca, 1)) < tolerance);
    assert_true(fabs(high - reference_at(topic, bca, 2)) < tolerance);
    ctx.threads = 4; /* the same draws */
    assert_int_equal(rk_boot_new(&plan, statistic, d, &ctx, &again), RK_OK);
    assert_int_equal(again->n_draws, boot->n_draws);
    assert_memory_equal(again->draw, boot->draw, boot->n_draws * sizeof *boot->draw);
    rk_boot_free(again);
    ctx.seed = 2; /* others */
    assert_int_equal(rk_boot_new(&plan, statistic, d, &ctx, &again), RK_OK);
    assert_memory_not_equal(again->draw, boot->draw, boot->n_draws * sizeof *boot->draw);
    rk_boot_free(again);
    rk_boot_free(boot);
}

static void agrees_with_boot_ci(void **state)
{
    size_t n;
    double *wt = reference_data("mtcars", "wt", &n), *mpg = reference_data("mtcars", "mpg", &n);
    double *first, *second;
    struct data d = {wt, mpg, n, 1};

    (void)state;
    check(&d, correlation_of, 9999, "mtcars_bca", "mtcars_a", 0.01);
    free(wt);
    free(mpg);
    wt = reference_data("grunfeld", "value", &n);
    mpg = reference_data("grunfeld", "inv", &n);
    d = (struct data){wt, mpg, n, 20}; /* whole firms */
    check(&d, correlation_of, 1999, "grunfeld_bca", "grunfeld_a", 0.04);
    free(wt);
    free(mpg);
    first = reference_data("sleep", "first", &n);
    second = reference_data("sleep", "second", &n);
    for (size_t i = 0; i < n; i++)
        first[i] = second[i] - first[i];
    d = (struct data){first, NULL, n, 1};
    check(&d, mean_of, 9999, "sleep_bca", "sleep_a", 0.06);
    free(first);
    free(second);
}

/* In strata of one item every resample is the sample. */
static void strata(void **state)
{
    static const double x[] = {1, 2, 4, 8};
    static const uint32_t own[] = {0, 1, 2, 3}, pairs[] = {1, 0, 1, 0};
    const struct data d = {x, NULL, 4, 1};
    struct rk_resample plan = {4, own, 4, 50, ""};
    struct rk_boot *boot = NULL;
    double low, high;

    (void)state;
    assert_int_equal(rk_boot_new(&plan, mean_of, &d, NULL, &boot), RK_OK);
    assert_false(boot->bca);
    rk_boot_interval(boot, 0.95, RK_TWO_SIDED, &low, &high);
    assert_close(low, 3.75, 0);
    assert_close(high, 3.75, 0);
    rk_boot_free(boot);
    plan.stratum = pairs; /* 1 and 4, 2 and 8: means from 1.5 to 6, in steps */
    plan.n_strata = 2;
    plan.draws = 500;
    assert_int_equal(rk_boot_new(&plan, mean_of, &d, NULL, &boot), RK_OK);
    assert_close(boot->draw[0], 1.5, 0);
    assert_close(boot->draw[499], 6.0, 0);
    rk_boot_free(boot);
}

static void undefined(void **state)
{
    static const double x[] = {1, 2, 4, 8};
    const struct data d = {x, NULL, 4, 1};
    struct rk_resample plan = {4, NULL, 0, 50, ""};
    struct rk_boot *boot = NULL;

    (void)state;
    assert_int_equal(rk_boot_new(&plan, never, &d, NULL, &boot), RK_ETOOFEW);
    plan.n = 1;
    assert_int_equal(rk_boot_new(&plan, mean_of, &d, NULL, &boot), RK_ETOOFEW);
    plan.n = 0;
    assert_int_equal(rk_boot_new(&plan, mean_of, &d, NULL, &boot), RK_ETOOFEW);
    plan.n = 4;
    plan.draws = 0;
    assert_int_equal(rk_boot_new(&plan, mean_of, &d, NULL, &boot), RK_ETOOFEW);
    assert_null(boot);
}

/* Its mean, the mean of y, and what has no value in most resamples. */
static enum rk_status both_means(const void *data, const uint32_t *count, double *value)
{
    const struct data *d = data;
    const struct data other = {d->y, d->x, d->n, d->size};

    mean_of(d, count, &value[0]);
    return mean_of(&other, count, &value[1]);
}

static enum rk_status mean_and_never(const void *data, const uint32_t *count, double *value)
{
    mean_of(data, count, &value[0]);
    (void)never(data, count, &value[1]);
    return RK_OK;
}

static void several_see_the_draws_that_each_would(void **state)
{
    static const double x[] = {1, 4, 2, 8, 5, 7}, y[] = {3, 1, 4, 1, 5, 9};
    const struct data d = {x, y, 6, 1}, other = {y, x, 6, 1};
    const struct rk_resample plan = {.n = 6, .draws = 500, .label = "a"};
    const struct rk_ctx two = {.threads = 2, .seed = 1};
    struct rk_boot *boot[2] = {NULL, NULL}, *each = NULL;

    (void)state;
    assert_int_equal(rk_boot_several_new(&plan, mean_and_never, &d, 2, NULL, boot), RK_ETOOFEW);
    assert_int_equal(rk_boot_several_new(&plan, both_means, &d, 0, NULL, boot), RK_ETOOFEW);
    assert_true(boot[0] == NULL && boot[1] == NULL);
    assert_int_equal(rk_boot_several_new(&plan, both_means, &d, 2, &two, boot), RK_OK);
    for (size_t v = 0; v < 2; v++) {
        assert_int_equal(rk_boot_new(&plan, mean_of, v == 0 ? &d : &other, NULL, &each), RK_OK);
        assert_int_equal(each->n_draws, boot[v]->n_draws);
        assert_memory_equal(each->draw, boot[v]->draw, each->n_draws * sizeof *each->draw);
        assert_true(each->estimate == boot[v]->estimate && each->bias == boot[v]->bias &&
                    each->acceleration == boot[v]->acceleration);
        rk_boot_free(each);
        rk_boot_free(boot[v]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_draws_agree_with_r),
        cmocka_unit_test(agrees_with_boot_ci),
        cmocka_unit_test(strata),
        cmocka_unit_test(undefined),
        cmocka_unit_test(several_see_the_draws_that_each_would),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
