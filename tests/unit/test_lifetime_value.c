/* Customer lifetime value against R, and against the published fit of the CDNOW customers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>

#include "reference.h"
#include "repkit/lifetime_value.h"
#include "repkit/maximise.h"

static double at(const char *name, const char *what, size_t i)
{
    char key[64];

    snprintf(key, sizeof key, "%s_%s", name, what);
    return i > 0 ? reference_at("lifetime_value", key, i) : reference("lifetime_value", key);
}

static struct rk_buyer *buyers(const char *file, size_t *n)
{
    static const char *const columns[] = {"x", "t_x", "T", "m"};
    struct rk_buyer *all = NULL;

    for (size_t k = 0; k < 4; k++) {
        double *column = reference_data(file, columns[k], n);

        if (all == NULL)
            all = calloc(*n, sizeof *all);
        for (size_t i = 0; i < *n; i++)
            *(k == 0   ? &all[i].repeats
              : k == 1 ? &all[i].recency
              : k == 2 ? &all[i].age
                       : &all[i].mean_amount) = column[i];
        free(column);
    }
    return all;
}

static void check(const char *file, const char *name)
{
    const struct rk_buyer two = {2, 30.43, 38.86, 22.35}, none = {0, 0, 38.86, 0};
    size_t n;
    struct rk_buyer *all = buyers(file, &n);
    struct rk_bgnbd fit;
    struct rk_gamma_gamma spend;

    assert_int_equal(rk_bgnbd_fit(all, n, &fit), RK_OK);
    /* optim stops a little below the maximum */
    assert_true(fit.log_lik >= at(name, "bgnbd", 5) - 1e-9);
    assert_close(fit.log_lik, at(name, "bgnbd", 5), 1e-9);
    assert_close(fit.r, at(name, "bgnbd", 1), 1e-4);
    assert_close(fit.alpha, at(name, "bgnbd", 2), 1e-4);
    assert_close(fit.a, at(name, "bgnbd", 3), 2e-4);
    assert_close(fit.b, at(name, "bgnbd", 4), 2e-4);
    for (size_t i = 0; i < 4; i++)
        assert_close(sqrt(fit.covariance[5 * i]), at(name, "bgnbd_se", i + 1), 1e-3);
    assert_close(rk_bgnbd_expected(&fit, &two, 39), at(name, "expected", 1), 1e-4);
    assert_close(rk_bgnbd_expected(&fit, &none, 39), at(name, "expected", 2), 1e-4);
    assert_close(rk_bgnbd_alive(&fit, &two), at(name, "expected", 3), 1e-4);
    assert_close(rk_bgnbd_alive(&fit, &none), 1.0, 0);

    assert_int_equal(rk_gamma_gamma_fit(all, n, &spend), RK_OK);
    assert_close(spend.log_lik, at(name, "gg", 4), 1e-9);
    assert_close(spend.p, at(name, "gg", 1), 1e-3);
    assert_close(spend.q, at(name, "gg", 2), 1e-3);
    assert_close(spend.v, at(name, "gg", 3), 1e-3);
    assert_int_equal(spend.n, (size_t)at(name, "gg", 5));
    assert_close(spend.correlation, at(name, "gg", 6), 1e-9);
    assert_close(rk_gamma_gamma_mean(&spend, &two), at(name, "gg_mean", 0), 1e-5);
    free(all);
}

static void test_fits(void **state)
{
    (void)state;
    check("buyers", "buyers");
    check("buyers_few", "few");
}

/* Fader, Hardie and Lee's and Fader and Hardie's CDNOW customers. */
static void test_published(void **state)
{
    const struct rk_bgnbd fit = {
        .r = 0.2425927946, .alpha = 4.413528069, .a = 0.7928854999, .b = 2.425751015};
    const struct rk_gamma_gamma spend = {.p = 6.248802026, .q = 3.744588863, .v = 15.44775088};
    const struct rk_buyer customer = {2, 30.43, 38.86, 22.35};

    (void)state;
    assert_close(rk_bgnbd_expected(&fit, &customer, 39), 1.225910574, 1e-8);
    assert_close(rk_bgnbd_alive(&fit, &customer), 0.7266091697, 1e-8);
    assert_close(rk_gamma_gamma_mean(&spend, &customer), 24.65861636, 1e-8);
}

static void test_contracts(void **state)
{
    double slope, near, h = 1e-6;

    (void)state;
    assert_close(rk_clv_contract(100, 0.8, 0.1, &slope), 100 * 0.8 / 0.3, 1e-14);
    near = rk_clv_contract(100, 0.8 + h, 0.1, NULL) - rk_clv_contract(100, 0.8 - h, 0.1, NULL);
    assert_close(slope, near / (2 * h), 1e-6);
    /* the first payment comes at once */
    assert_close(rk_clv_contract_advance(100, 0.8, 0.1, NULL) - 100,
                 rk_clv_contract(100, 0.8, 0.1, NULL), 1e-12);
    assert_true(isnan(rk_clv_contract(100, 1.0, 0.0, NULL)));
    assert_true(isnan(rk_clv_contract_advance(100, 1.0, -0.01, NULL)));
}

static void test_contracts_that_end(void **state)
{
    double slope, near, sum = 0.0, h = 1e-6;

    (void)state;
    for (int t = 1; t <= 7; t++)
        sum += 100 * pow(0.8 / 1.1, t);
    assert_close(rk_clv_contract_for(100, 0.8, 0.1, 7, false, &slope), sum, 1e-14);
    near = rk_clv_contract_for(100, 0.8 + h, 0.1, 7, false, NULL) -
           rk_clv_contract_for(100, 0.8 - h, 0.1, 7, false, NULL);
    assert_close(slope, near / (2 * h), 1e-7);
    assert_close(rk_clv_contract_for(100, 0.8, 0.1, 7, true, &slope), sum / 0.8 * 1.1, 1e-14);
    near = rk_clv_contract_for(100, 0.8 + h, 0.1, 7, true, NULL) -
           rk_clv_contract_for(100, 0.8 - h, 0.1, 7, true, NULL);
    assert_close(slope, near / (2 * h), 1e-7);
    /* for ever, and where nothing is lost */
    assert_close(rk_clv_contract_for(100, 0.8, 0.1, 2000, false, NULL),
                 rk_clv_contract(100, 0.8, 0.1, NULL), 1e-14);
    assert_close(rk_clv_contract_for(100, 1.0, 0.0, 12, true, &slope), 1200, 1e-14);
    assert_close(slope, 100 * 66, 1e-14);
    assert_true(isnan(rk_clv_contract_for(100, 0.8, 0.1, 0, true, NULL)));
    assert_true(isnan(rk_clv_contract_for(100, 0.8, -1.0, 3, true, NULL)));
}

static void test_refusals(void **state)
{
    struct rk_buyer all[200];
    struct rk_bgnbd fit = {.r = 7};
    struct rk_gamma_gamma spend = {.p = 7};

    (void)state;
    for (size_t i = 0; i < 200; i++)
        all[i] = (struct rk_buyer){0, 0, 30, 0};
    assert_int_equal(rk_bgnbd_fit(all, 99, &fit), RK_ETOOFEW);
    assert_int_equal(rk_bgnbd_fit(all, 200, &fit), RK_ENOCONVERGE); /* nobody bought again */
    assert_int_equal(rk_gamma_gamma_fit(all, 200, &spend), RK_ETOOFEW);
    all[3].recency = 31;
    assert_int_equal(rk_bgnbd_fit(all, 200, &fit), RK_EDOMAIN);
    assert_close(fit.r, 7, 0);
    assert_close(spend.p, 7, 0);
}

static double valley(const void *data, const double *x, double *gradient)
{
    const double *scale = data;
    double u = 1.0 - x[0], v = x[1] - x[0] * x[0];

    gradient[0] = 2.0 * u + 4.0 * *scale * v * x[0];
    gradient[1] = -2.0 * *scale * v;
    return -u * u - *scale * v * v;
}

static double ramp(const void *data, const double *x, double *gradient)
{
    (void)data;
    gradient[0] = exp(-x[0]);
    return -exp(-x[0]);
}

static void test_maximise(void **state)
{
    const double scale = 100.0;
    struct rk_objective rosenbrock = {valley, &scale, 2}, endless = {ramp, NULL, 1};
    double x[2] = {-1.2, 1.0}, hessian[4], value, far = 0.0;

    (void)state;
    assert_int_equal(rk_maximise(&rosenbrock, x, hessian, &value), RK_OK);
    assert_close(x[0], 1.0, 1e-9);
    assert_close(x[1], 1.0, 1e-9);
    assert_close(hessian[0], -802.0, 1e-5);
    assert_close(hessian[1], 400.0, 1e-5);
    assert_int_equal(rk_maximise(&endless, &far, NULL, NULL), RK_ENOCONVERGE);
    assert_close(far, 0.0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),      cmocka_unit_test(test_published),
        cmocka_unit_test(test_contracts), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_maximise),  cmocka_unit_test(test_contracts_that_end),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("lifetime_value", tests, NULL, NULL);
}
