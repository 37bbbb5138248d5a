/* Correlations over all rows. */
#include "correlation_check.h"

static const char *const alternatives[] = {"two.sided", "less", "greater"};

static void check_columns(const char *file, const char *x_name, const char *y_name, int method,
                          int alternative, double conf_level, const char *name)
{
    size_t n;
    double *x = reference_data(file, x_name, &n), *y = reference_data(file, y_name, &n);
    struct rk_correlation c, swapped;

    assert_int_equal(rk_correlation(method, x, y, n, conf_level, alternative, &c), RK_OK);
    check(&c, name);
    assert_int_equal(c.n, n);
    assert_int_equal(c.n_units, 0);
    assert_int_equal(c.exact, method == RK_KENDALL && strcmp(file, "longley") == 0);
    assert_int_equal(rk_correlation(method, y, x, n, conf_level, alternative, &swapped), RK_OK);
    check(&swapped, name);
    free(x);
    free(y);
}

static void columns_agree_with_r(void **state)
{
    char name[64];

    (void)state;
    for (int method = 0; method < 3; method++) {
        for (int alternative = 0; alternative < 3; alternative++) {
            snprintf(name, sizeof name, "mtcars_wt_%s_%s", methods[method],
                     alternatives[alternative]);
            check_columns("mtcars", "wt", "mpg", method, alternative, 0.95, name);
            snprintf(name, sizeof name, "longley_unemployed_%s_%s", methods[method],
                     alternatives[alternative]);
            check_columns("longley", "Unemployed", "GNP", method, alternative, 0.9, name);
        }
        snprintf(name, sizeof name, "longley_year_%s", methods[method]);
        check_columns("longley", "GNP", "Population", method, RK_TWO_SIDED, 0.95, name);
        snprintf(name, sizeof name, "mtcars_hp_%s", methods[method]);
        check_columns("mtcars", "hp", "carb", method, RK_TWO_SIDED, 0.95, name);
    }
}

static void few_values_without_ties_are_exact(void **state)
{
    static const double up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const double seven[] = {2, 1, 4, 3, 7, 5, 6};
    static const double nine[] = {4, 9, 1, 7, 2, 8, 5, 3, 6};
    struct rk_correlation c;
    char name[64];

    (void)state;
    for (int alternative = 0; alternative < 3; alternative++) {
        snprintf(name, sizeof name, "seven_%s", alternatives[alternative]);
        assert_int_equal(rk_correlation(RK_SPEARMAN, up, seven, 7, 0.95, alternative, &c), RK_OK);
        check(&c, name);
        assert_true(c.exact);
        snprintf(name, sizeof name, "nine_%s", alternatives[alternative]);
        assert_int_equal(rk_correlation(RK_SPEARMAN, up, nine, 9, 0.95, alternative, &c), RK_OK);
        check(&c, name);
        assert_true(c.exact);
    }
}

static void kendall_is_exact_below_fifty(void **state)
{
    static const double up[] = {1, 2, 3, 4, 5, 6, 7}, seven[] = {2, 1, 4, 3, 7, 5, 6};
    static const size_t sizes[] = {2, 7, 49};
    struct rk_correlation c;
    size_t n;
    double *x = reference_data("grunfeld", "value", &n), *y = reference_data("grunfeld", "inv", &n);
    char name[64];

    (void)state;
    for (int alternative = 0; alternative < 3; alternative++) {
        snprintf(name, sizeof name, "seven_kendall_%s", alternatives[alternative]);
        assert_int_equal(rk_correlation(RK_KENDALL, up, seven, 7, 0.95, alternative, &c), RK_OK);
        check(&c, name);
        assert_true(c.exact);
    }
    assert_int_equal(rk_correlation(RK_KENDALL, x, y, n, 0.95, RK_TWO_SIDED, &c), RK_OK);
    check(&c, "grunfeld_kendall");
    assert_false(c.exact);
    for (size_t k = 0; k < 3; k++) {
        size_t largest = sizes[k] * (sizes[k] - 1) / 2;
        double lower, upper, mirrored, unused;

        snprintf(name, sizeof name, "t_lower_%zu", sizes[k]);
        for (size_t t = 0; t <= largest; t++) {
            double expected = reference_at(TOPIC, name, t + 1);

            assert_int_equal(rk_kendall_tails((double)t, sizes[k], &lower, &upper), RK_OK);
            assert_close(lower, expected, 1e-12);
            assert_int_equal(rk_kendall_tails((double)(largest - t), sizes[k], &unused, &mirrored),
                             RK_OK);
            assert_close(mirrored, lower, 1e-12);
        }
    }
    assert_int_equal(rk_kendall_tails(10, 50, x, y), RK_EDOMAIN);
    assert_int_equal(rk_kendall_tails(NAN, 5, x, y), RK_EDOMAIN);
    free(x);
    free(y);
}

/* Against the definition, pair by pair, with many ties. */
static void concordance_by_definition(void **state)
{
    double x[60], y[60], s = 0.0, x_untied = 0.0, y_untied = 0.0;
    struct rk_concordance c;

    (void)state;
    for (int i = 0; i < 60; i++) {
        x[i] = (i * 7) % 11;
        y[i] = (i * i) % 13 - x[i] / 4.0;
    }
    for (int i = 0; i < 60; i++)
        for (int j = 0; j < i; j++) {
            int dx = (x[i] > x[j]) - (x[i] < x[j]), dy = (y[i] > y[j]) - (y[i] < y[j]);

            s += dx * dy;
            x_untied += dx != 0;
            y_untied += dy != 0;
        }
    assert_int_equal(rk_concordance(x, y, NULL, 60, 0, &c), RK_OK);
    assert_close(c.s, s, 0.0);
    assert_close(c.x_untied, x_untied, 0.0);
    assert_close(c.y_untied, y_untied, 0.0);
    assert_true(c.ties);
    y[3] = NAN;
    assert_int_equal(rk_concordance(x, y, NULL, 60, 0, &c), RK_EDOMAIN);
    assert_close(c.s, s, 0.0);
}

static void few_values(void **state)
{
    static const double x[] = {1, 2, 4}, y[] = {3, 1, 2};
    static const double x4[] = {1, 2, 4, 5}, y4[] = {3, 1, 2, 7};
    struct rk_correlation c;

    (void)state;
    assert_int_equal(rk_correlation(RK_PEARSON, x, y, 3, 0.95, RK_TWO_SIDED, &c), RK_OK);
    check(&c, "three_pearson");
    assert_int_equal(rk_correlation(RK_SPEARMAN, x, y, 3, 0.95, RK_TWO_SIDED, &c), RK_OK);
    check(&c, "three_spearman");
    assert_int_equal(rk_correlation(RK_PEARSON, x4, y4, 4, 0.95, RK_TWO_SIDED, &c), RK_OK);
    check(&c, "four_pearson");
}

static void distribution_of_s_agrees_with_r(void **state)
{
    static const size_t sizes[] = {6, 9};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        size_t n = sizes[k], largest = n * (n * n - 1) / 3;
        char name[64];

        snprintf(name, sizeof name, "s_lower_%zu", n);
        for (size_t s = 0; s <= largest; s += 2) {
            double lower, upper, mirrored, unused;
            double expected = reference_at(TOPIC, name, s / 2 + 1);

            assert_int_equal(rk_spearman_tails((double)s, n, &lower, &upper), RK_OK);
            assert_close(lower, expected, 1e-14);
            assert_int_equal(rk_spearman_tails((double)(largest - s), n, &unused, &mirrored),
                             RK_OK);
            assert_close(mirrored, expected, 1e-14);
        }
    }
}

/* --- hard numbers ---------------------------------------------------------------------------- */

/* Units and offsets change nothing, whatever their size. */
static void scale_and_offset(void **state)
{
    static const double factor[] = {1e200, 1e-200, -1e305, 4e-320, 1.0}, offset[] = {1e9, 0.0};
    size_t n;
    double *x = reference_data("mtcars", "hp", &n), *y = reference_data("mtcars", "carb", &n);
    double *u = malloc(n * sizeof *u), *w = malloc(n * sizeof *w);
    uint32_t *cylinders = calloc(n, sizeof *cylinders);
    struct rk_correlation plain, plain_within, c;

    (void)state;
    for (size_t i = 0; i < n; i++)
        cylinders[i] = (uint32_t)(i % 5);
    rk_correlation(RK_PEARSON, x, y, n, 0.95, RK_TWO_SIDED, &plain);
    rk_correlation_within(RK_PEARSON, x, y, cylinders, n, 5, 0.95, RK_TWO_SIDED, &plain_within);
    for (int f = 0; f < 5; f++) {
        for (int o = 0; o < 2; o++) {
            double sign = factor[f] < 0.0 ? -1.0 : 1.0;
            /* 4e-320 has few digits left of its own. */
            double tolerance = fabs(factor[f]) < 1e-300 ? 1e-3 : 1e-12;

            for (size_t i = 0; i < n; i++) {
                u[i] = x[i] * factor[f];
                w[i] = y[i] + offset[o];
            }
            assert_int_equal(rk_correlation(RK_PEARSON, u, w, n, 0.95, RK_TWO_SIDED, &c), RK_OK);
            assert_close(c.estimate, sign * plain.estimate, tolerance);
            assert_close(c.p_value, plain.p_value, 100.0 * tolerance);
            assert_int_equal(
                rk_correlation_within(RK_PEARSON, u, w, cylinders, n, 5, 0.95, RK_TWO_SIDED, &c),
                RK_OK);
            assert_close(c.estimate, sign * plain_within.estimate, tolerance);
        }
    }
    free(x);
    free(y);
    free(u);
    free(w);
    free(cylinders);
}

/* Values that a one-pass sum cannot tell apart. */
static void offsets_that_cancel(void **state)
{
    static const double x[] = {1000000004, 1000000007, 1000000013, 1000000016};
    static const double y[] = {1e15 + 1, 1e15 + 2, 1e15 + 5, 1e15 + 4};
    static const double plain_x[] = {4, 7, 13, 16}, plain_y[] = {1, 2, 5, 4};
    struct rk_correlation c, plain;

    (void)state;
    rk_correlation(RK_PEARSON, plain_x, plain_y, 4, 0.95, RK_TWO_SIDED, &plain);
    assert_int_equal(rk_correlation(RK_PEARSON, x, y, 4, 0.95, RK_TWO_SIDED, &c), RK_OK);
    assert_close(c.estimate, plain.estimate, 1e-15);
    assert_close(c.p_value, plain.p_value, 1e-14);
}

/* 1 - r^2 keeps its digits where r rounds to 1: y = x + e, e small and orthogonal to x. */
static void nearly_perfect(void **state)
{
    static const double x[] = {-3, -1, 1, 3}, e[] = {1, -1, -1, 1};
    double y[4], size = 0x1p-27; /* so that x + e is exact */
    struct rk_correlation c;

    (void)state;
    for (int i = 0; i < 4; i++)
        y[i] = x[i] + size * e[i];
    assert_int_equal(rk_correlation(RK_PEARSON, x, y, 4, 0.95, RK_TWO_SIDED, &c), RK_OK);
    /* t = |x| sqrt(df) / |e| */
    assert_close(c.statistic, sqrt(20.0) * sqrt(2.0) / (2.0 * size), 1e-7);
    assert_close(c.p_value, 1.0 / (c.statistic * c.statistic), 1e-6);
    assert_true(c.conf_low > 0.9999999 && c.conf_low < c.conf_high && c.conf_high <= 1.0);
    assert_false(c.perfect);
}

static void perfect(void **state)
{
    double x[12], y[12];
    struct rk_correlation c;

    (void)state;
    for (int i = 0; i < 12; i++) {
        x[i] = 0.1 * i * i;
        y[i] = 5.0 - 0.3 * x[i];
    }
    for (int method = 0; method < 2; method++) {
        assert_int_equal(rk_correlation(method, x, y, 12, 0.95, RK_LESS, &c), RK_OK);
        assert_true(c.perfect);
        assert_close(c.estimate, -1.0, 0.0);
        assert_close(c.conf_low, -1.0, 0.0);
        assert_close(c.conf_high, -1.0, 0.0);
        assert_true(isnan(c.statistic) && isnan(c.p_value));
        assert_close(c.df, 10.0, 0.0);
    }
    /* Of few ranks perfection has a probability. */
    assert_int_equal(rk_correlation(RK_SPEARMAN, x, y, 5, 0.95, RK_TWO_SIDED, &c), RK_OK);
    assert_true(c.perfect && c.exact);
    assert_close(c.p_value, 2.0 / 120.0, 1e-15);
    assert_close(c.statistic, 40.0, 0.0);
    assert_int_equal(rk_correlation(RK_KENDALL, x, y, 5, 0.95, RK_TWO_SIDED, &c), RK_OK);
    assert_true(c.perfect && c.exact);
    assert_close(c.estimate, -1.0, 0.0);
    assert_close(c.conf_high, -1.0, 0.0);
    assert_close(c.p_value, 2.0 / 120.0, 1e-15);
    assert_close(c.statistic, 0.0, 0.0);
}

/* --- what cannot be computed ----------------------------------------------------------------- */

static void undefined(void **state)
{
    static const double up[] = {1, 2, 3, 4, 5}, flat[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    static const double bad[] = {1, NAN, 3, 4, 5}, infinite[] = {1, 2, INFINITY, 4, 5};
    struct rk_correlation c, before;

    (void)state;
    memset(&before, 0x5a, sizeof before);
    memcpy(&c, &before, sizeof c);
    for (int method = 0; method < 3; method++) {
        for (size_t n = 0; n < 3; n++)
            assert_int_equal(rk_correlation(method, up, up, n, 0.95, RK_TWO_SIDED, &c), RK_ETOOFEW);
        assert_int_equal(rk_correlation(method, up, flat, 5, 0.95, RK_TWO_SIDED, &c), RK_ECONSTANT);
        assert_int_equal(rk_correlation(method, flat, up, 5, 0.95, RK_TWO_SIDED, &c), RK_ECONSTANT);
        assert_int_equal(rk_correlation(method, up, bad, 5, 0.95, RK_TWO_SIDED, &c), RK_EDOMAIN);
        assert_int_equal(rk_correlation(method, infinite, up, 5, 0.95, RK_TWO_SIDED, &c),
                         RK_EDOMAIN);
    }
    assert_unchanged(&c, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_agree_with_r),
        cmocka_unit_test(few_values_without_ties_are_exact),
        cmocka_unit_test(kendall_is_exact_below_fifty),
        cmocka_unit_test(concordance_by_definition),
        cmocka_unit_test(few_values),
        cmocka_unit_test(distribution_of_s_agrees_with_r),
        cmocka_unit_test(scale_and_offset),
        cmocka_unit_test(offsets_that_cancel),
        cmocka_unit_test(nearly_perfect),
        cmocka_unit_test(perfect),
        cmocka_unit_test(undefined),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
