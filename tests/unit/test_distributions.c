#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>

#include "repkit/distributions.h"

static const char topic[] = "distributions";

/* The functions, as functions of up to three numbers. */
static double pnorm3(double x, double a, double b, enum rk_tail tail)
{
    (void)a, (void)b;
    return rk_pnorm(x, tail);
}

static double pt3(double x, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_pt(x, a, tail);
}

static double pchisq3(double x, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_pchisq(x, a, tail);
}

static double pgamma3(double x, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_pgamma(x, a, 3.0, tail);
}

static double qnorm3(double p, double a, double b, enum rk_tail tail)
{
    (void)a, (void)b;
    return rk_qnorm(p, tail);
}

static double qt3(double p, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_qt(p, a, tail);
}

static double qchisq3(double p, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_qchisq(p, a, tail);
}

static double qgamma3(double p, double a, double b, enum rk_tail tail)
{
    (void)b;
    return rk_qgamma(p, a, 1.0, tail);
}

static const struct {
    const char *name;
    const char *arguments[3];
    double (*function)(double, double, double, enum rk_tail);
} functions[] = {
    {"pnorm", {"x"}, pnorm3},
    {"pt", {"x", "df"}, pt3},
    {"pchisq", {"x", "df"}, pchisq3},
    {"pf", {"x", "df1", "df2"}, rk_pf},
    {"pbeta", {"x", "a", "b"}, rk_pbeta},
    {"pgamma", {"x", "shape"}, pgamma3},
    {"qnorm", {"p"}, qnorm3},
    {"qt", {"p", "df"}, qt3},
    {"qchisq", {"p", "df"}, qchisq3},
    {"qf", {"p", "df1", "df2"}, rk_qf},
    {"qbeta", {"p", "a", "b"}, rk_qbeta},
    {"qgamma", {"p", "shape"}, qgamma3},
};

static double cell(const char *function, const char *column, size_t i)
{
    char name[64];

    snprintf(name, sizeof name, "%s_%s", function, column);
    return i == 0 ? reference(topic, name) : reference_at(topic, name, i);
}

static void functions_agree_with_r(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
        size_t n = (size_t)cell(functions[f].name, "n", 0);

        assert_true(n > 0);
        for (size_t i = 1; i <= n; i++) {
            double x[3] = {0.0, 0.0, 0.0};
            char what[128];

            for (int k = 0; k < 3 && functions[f].arguments[k] != NULL; k++)
                x[k] = cell(functions[f].name, functions[f].arguments[k], i);
            snprintf(what, sizeof what, "%s(%g, %g, %g)", functions[f].name, x[0], x[1], x[2]);
            assert_close_at(functions[f].function(x[0], x[1], x[2], RK_LOWER_TAIL),
                            cell(functions[f].name, "lower", i), 1e-10, what, __FILE__, __LINE__);
            assert_close_at(functions[f].function(x[0], x[1], x[2], RK_UPPER_TAIL),
                            cell(functions[f].name, "upper", i), 1e-10, what, __FILE__, __LINE__);
        }
    }
}

static void p_values_agree_with_r(void **state)
{
    size_t n = (size_t)reference(topic, "p_t_n");

    (void)state;
    for (size_t i = 1; i <= n; i++) {
        double t = reference_at(topic, "p_t_t", i), df = reference_at(topic, "p_t_df", i);

        if (df == 0.0) {
            df = INFINITY;
            assert_close(rk_p_from_z(t, RK_LESS), reference_at(topic, "p_t_less", i), 1e-12);
        }
        assert_close(rk_p_from_t(t, df, RK_TWO_SIDED), reference_at(topic, "p_t_two_sided", i),
                     1e-12);
        assert_close(rk_p_from_t(t, df, RK_LESS), reference_at(topic, "p_t_less", i), 1e-12);
        assert_close(rk_p_from_t(t, df, RK_GREATER), reference_at(topic, "p_t_greater", i), 1e-12);
    }
}

/* The distributions of infinite df are those they tend to. */
static void infinite_df(void **state)
{
    (void)state;
    assert_close(rk_pt(1.5, INFINITY, RK_UPPER_TAIL), rk_pnorm(1.5, RK_UPPER_TAIL), 0.0);
    assert_close(rk_qt(0.975, INFINITY, RK_LOWER_TAIL), rk_qnorm(0.025, RK_UPPER_TAIL), 1e-15);
    assert_close(rk_pf(1.7, 3.0, INFINITY, RK_UPPER_TAIL), rk_pchisq(5.1, 3.0, RK_UPPER_TAIL),
                 1e-13);
    assert_close(rk_qf(0.05, 3.0, INFINITY, RK_UPPER_TAIL),
                 rk_qchisq(0.05, 3.0, RK_UPPER_TAIL) / 3.0, 1e-12);
    assert_close(rk_qf(0.05, INFINITY, 3.0, RK_UPPER_TAIL),
                 3.0 / rk_qchisq(0.05, 3.0, RK_LOWER_TAIL), 1e-12);
    assert_close(rk_p_from_t(INFINITY, 5.0, RK_TWO_SIDED), 0.0, 0.0);
    assert_close(rk_p_from_t(-INFINITY, 5.0, RK_GREATER), 1.0, 0.0);
}

static void ends_of_the_support(void **state)
{
    (void)state;
    assert_close(rk_qnorm(0.0, RK_LOWER_TAIL), -INFINITY, 0.0);
    assert_close(rk_qnorm(1.0, RK_LOWER_TAIL), INFINITY, 0.0);
    assert_close(rk_qt(0.0, 3.0, RK_UPPER_TAIL), INFINITY, 0.0);
    assert_close(rk_qt(0.5, 3.0, RK_UPPER_TAIL), 0.0, 0.0);
    assert_close(rk_qbeta(0.0, 2.0, 3.0, RK_LOWER_TAIL), 0.0, 0.0);
    assert_close(rk_qbeta(1.0, 2.0, 3.0, RK_LOWER_TAIL), 1.0, 0.0);
    assert_close(rk_qgamma(1.0, 2.0, 3.0, RK_LOWER_TAIL), INFINITY, 0.0);
    assert_close(rk_qf(0.0, 2.0, 3.0, RK_LOWER_TAIL), 0.0, 0.0);
    assert_close(rk_pbeta(-0.5, 2.0, 3.0, RK_UPPER_TAIL), 1.0, 0.0);
    assert_close(rk_pbeta(1.5, 2.0, 3.0, RK_UPPER_TAIL), 0.0, 0.0);
    assert_close(rk_pgamma(-1.0, 2.0, 3.0, RK_LOWER_TAIL), 0.0, 0.0);
    assert_close(rk_pgamma(INFINITY, 2.0, 3.0, RK_LOWER_TAIL), 1.0, 0.0);
    assert_close(rk_pf(INFINITY, 2.0, 3.0, RK_UPPER_TAIL), 0.0, 0.0);
}

static void outside_the_domain(void **state)
{
    (void)state;
    assert_true(isnan(rk_pt(1.0, 0.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pt(NAN, 3.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pf(1.0, 3.0, -1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pbeta(0.5, NAN, 1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_pgamma(0.5, 1.0, 0.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qnorm(1.5, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qnorm(NAN, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qt(0.5, -1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qchisq(-0.1, 3.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qf(0.5, 0.0, 3.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qbeta(0.5, 1.0, 0.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_qgamma(0.5, NAN, 1.0, RK_LOWER_TAIL)));
    assert_true(isnan(rk_p_from_t(NAN, 3.0, RK_TWO_SIDED)));
    assert_true(isnan(rk_p_from_t(1.0, NAN, RK_GREATER)));
}

/* Arguments so extreme that the plain formulas overflow. */
static void far_out(void **state)
{
    (void)state;
    /* The t of 1 df is the Cauchy: P(T > x) = 1 / (pi x) for large x. */
    assert_close(rk_pt(1e200, 1.0, RK_UPPER_TAIL), 1e-200 / acos(-1.0), 1e-12);
    assert_close(rk_pt(1e-200, 1.0, RK_UPPER_TAIL), 0.5, 1e-15);
    assert_close(rk_pf(1e300, 1e10, 2.0, RK_UPPER_TAIL), 0.0, 1e-290);
    /* P of the gamma of shape 0.01 at a denormal x is x^0.01 / Gamma(1.01). */
    assert_close(rk_pgamma(1e-320, 0.01, 1.0, RK_LOWER_TAIL), pow(1e-320, 0.01) / tgamma(1.01),
                 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_agree_with_r),
        cmocka_unit_test(p_values_agree_with_r),
        cmocka_unit_test(infinite_df),
        cmocka_unit_test(ends_of_the_support),
        cmocka_unit_test(outside_the_domain),
        cmocka_unit_test(far_out),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
