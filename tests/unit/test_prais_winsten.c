/* Interrupted series: Prais-Winsten, Newey-West and the bootstrap against R
 * (tests/reference/impact.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/prais_winsten.h"

#define TOPIC "impact"
#define TOLERANCE 1e-9

enum { N = 192, MOST_K = 15 };

struct series {
    struct rk_series_design design;
    double y[N], X[N * MOST_K];
    size_t slot[N];
};

/* The design of the tool; harmonics 0: month effects. shift: where the slope counts from. */
static struct series *belts(size_t harmonics, double shift, const char *minus)
{
    struct series *s = calloc(1, sizeof *s);
    double *column = s->X;
    size_t n;
    double *y = reference_data("seatbelts", "log_drivers", &n);
    double *law = reference_data("seatbelts", "law", &n);
    double *c = minus == NULL ? NULL : reference_data("seatbelts", minus, &n);

    assert_int_equal(n, N);
    for (size_t i = 0; i < N; i++) {
        double t = (double)i + 1.0;

        s->y[i] = y[i] - (c == NULL ? 0.0 : c[i]);
        s->slot[i] = i;
        column[i] = 1.0;
        column[N + i] = t;
        column[2 * N + i] = law[i];
        column[3 * N + i] = law[i] * (t - shift);
        for (size_t h = 1; h <= harmonics; h++) {
            column[(2 * h + 2) * N + i] = cos(2.0 * M_PI * (double)h * t / 12.0);
            column[(2 * h + 3) * N + i] = sin(2.0 * M_PI * (double)h * t / 12.0);
        }
        for (size_t m = 1; harmonics == 0 && m < 12; m++)
            column[(3 + m) * N + i] = i % 12 == m;
    }
    s->design =
        (struct rk_series_design){N, harmonics == 0 ? 15 : 4 + 2 * harmonics, s->y, s->X, s->slot};
    free(y);
    free(law);
    free(c);
    return s;
}

static void leave_out(struct series *s, const size_t *gone, size_t n_gone)
{
    size_t n = 0, k = s->design.k;
    double *X = calloc(N * MOST_K, sizeof *X);

    for (size_t i = 0; i < N; i++) {
        bool out = false;

        for (size_t g = 0; g < n_gone; g++)
            out = out || gone[g] == i;
        if (out)
            continue;
        for (size_t j = 0; j < k; j++)
            X[j * (N - n_gone) + n] = s->X[j * N + i];
        s->y[n] = s->y[i];
        s->slot[n++] = s->slot[i];
    }
    memcpy(s->X, X, N * MOST_K * sizeof *X);
    s->design.n = n;
    free(X);
}

static void compare(const struct rk_series_fit *fit, const char *name, const char *method,
                    bool with_coef)
{
    char wanted[64];

    for (size_t j = 0; j < fit->k; j++) {
        snprintf(wanted, sizeof wanted, "%s.%s.b", name, method);
        if (with_coef)
            assert_close(fit->coef[j], reference_at(TOPIC, wanted, j + 1), 1e-8);
        snprintf(wanted, sizeof wanted, "%s.%s.se", name, method);
        assert_close(sqrt(fit->vcov[j * fit->k + j]), reference_at(TOPIC, wanted, j + 1), 1e-8);
    }
}

static void check(struct series *s, const char *name, size_t lag)
{
    struct rk_series_fit fit;
    char wanted[64];

    assert_int_equal(rk_prais_winsten(&s->design, &fit, NULL), RK_OK);
    compare(&fit, name, "pw", true);
    snprintf(wanted, sizeof wanted, "%s.pw.rho", name);
    assert_close(fit.rho, reference_at(TOPIC, wanted, 1), TOLERANCE);
    assert_close(fit.sigma, reference_at(TOPIC, wanted, 2), TOLERANCE);
    rk_series_fit_free(&fit);
    assert_int_equal(rk_newey_west(&s->design, 0, &fit, NULL), RK_OK);
    compare(&fit, name, "ols", true);
    rk_series_fit_free(&fit);
    if (lag > 0) {
        assert_int_equal(rk_newey_west(&s->design, lag, &fit, NULL), RK_OK);
        compare(&fit, name, "nw", false);
        rk_series_fit_free(&fit);
    }
    free(s);
}

static void test_series(void **state)
{
    static const size_t gone[] = {4, 59, 60, 179};
    struct series *s = belts(2, 170, NULL);

    (void)state;
    check(belts(2, 169, NULL), "belts_old", 4);
    check(belts(2, 170, NULL), "belts", 4);
    check(belts(0, 170, NULL), "belts_months", 4);
    check(belts(0, 170, "log_rear"), "belts_control", 4);
    leave_out(s, gone, 4);
    check(s, "belts_gaps", 0);
    assert_int_equal(rk_newey_west_lag(192), 4);
    assert_int_equal(rk_newey_west_lag(100), 4);
    assert_int_equal(rk_newey_west_lag(24), 2);
}

static void test_known_values(void **state)
{
    struct series *s = belts(2, 169, NULL);
    struct rk_series_fit fit;

    (void)state;
    assert_int_equal(rk_prais_winsten(&s->design, &fit, NULL), RK_OK);
    assert_close(fit.rho, .3433096053, 1e-9);
    assert_close(fit.coef[1], -.000997599901, 1e-9);
    assert_close(fit.coef[2], -.2490056019, 1e-9);
    assert_close(fit.coef[3], .007429618234, 1e-9);
    assert_close(sqrt(fit.vcov[2 * fit.k + 2]), .05747815225, 1e-9);
    rk_series_fit_free(&fit);
    free(s);
}

static void test_nile(void **state)
{
    struct series *s = calloc(1, sizeof *s);
    size_t n;
    double *flow = reference_data("nile", "flow", &n);

    (void)state;
    for (size_t i = 0; i < n; i++) {
        double D = i >= 28;

        s->y[i] = flow[i];
        s->slot[i] = 7 + i;
        s->X[i] = 1.0;
        s->X[n + i] = (double)i + 1.0;
        s->X[2 * n + i] = D;
        s->X[3 * n + i] = D * ((double)i - 28.0);
    }
    s->design = (struct rk_series_design){n, 4, s->y, s->X, s->slot};
    free(flow);
    check(s, "nile", 3);
}

static void test_bootstrap(void **state)
{
    struct series *s = belts(2, 170, NULL);
    double a[3 * MOST_K] = {0};
    static const size_t rows[] = {SIZE_MAX, SIZE_MAX, 190};
    struct rk_contrasts c = {3, a, rows};
    struct rk_ctx one = RK_CTX_DEFAULT, two = {.threads = 2, .seed = 1};
    struct rk_ar1_bootstrap b, other;
    struct rk_series_fit fit;
    double se, t, critical;
    size_t k = s->design.k;

    (void)state;
    a[2] = a[k + 3] = 1.0;
    for (size_t j = 0; j < k; j++)
        a[2 * k + j] = j == 2 || j == 3 ? 0.0 : s->X[j * N + 190];
    assert_int_equal(rk_prais_winsten(&s->design, &fit, NULL), RK_OK);
    assert_int_equal(rk_ar1_bootstrap_new(&s->design, &fit, &c, 1999, "", &one, &b, NULL), RK_OK);
    assert_int_equal(rk_ar1_bootstrap_new(&s->design, &fit, &c, 1999, "", &two, &other, NULL),
                     RK_OK);
    assert_true(b.rho == other.rho);
    assert_memory_equal(b.t, other.t, 3 * 1999 * sizeof *b.t);
    assert_true(b.rho > fit.rho && b.rho < fit.rho + 0.1);
    t = rk_contrast(&s->design, &fit, &c, 0, &se) / se;
    assert_close(t, reference_at(TOPIC, "belts.pw.b", 3) / reference_at(TOPIC, "belts.pw.se", 3),
                 1e-8);
    critical = rk_ar1_critical(&b, 0, 0.95);
    assert_true(critical > 1.9 && critical < 2.8); /* wider than t with 184 df, 1.973 */
    assert_true(rk_ar1_p_value(&b, 0, critical * 1.0001) <= 0.05);
    assert_true(rk_ar1_p_value(&b, 0, critical * 0.9999) > 0.05);
    assert_close(rk_ar1_p_value(&b, 0, 1e9), 1.0 / 2000.0, 1e-12);
    assert_close(rk_ar1_p_value(&b, 0, 0.0), 1.0, 1e-12);
    /* draws of the estimate spread about as their standard error says */
    assert_true(b.sd[0] > 0.9 * se && b.sd[0] < 1.4 * se);
    rk_contrast(&s->design, &fit, &c, 2, &se);
    assert_true(se > fit.sigma && b.sd[2] > 0.7 * se && b.sd[2] < 1.3 * se);
    rk_ar1_bootstrap_free(&b);
    rk_ar1_bootstrap_free(&other);
    rk_series_fit_free(&fit);
    free(s);
}

static void test_degenerate(void **state)
{
    struct series *s = belts(2, 170, NULL);
    struct rk_series_fit fit = {.rho = 42.0};

    (void)state;
    s->design.n = 8;
    assert_int_equal(rk_prais_winsten(&s->design, &fit, NULL), RK_ETOOFEW);
    s->design.n = N;
    for (size_t i = 0; i < N; i++)
        s->y[i] = 3.0 + 2.0 * (double)i;
    assert_int_equal(rk_prais_winsten(&s->design, &fit, NULL), RK_EPERFECT);
    memcpy(s->X + 5 * N, s->X + 4 * N, N * sizeof *s->X);
    assert_int_equal(rk_newey_west(&s->design, 0, &fit, NULL), RK_ESINGULAR);
    assert_true(fit.rho == 42.0);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series),     cmocka_unit_test(test_known_values),
        cmocka_unit_test(test_nile),       cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
