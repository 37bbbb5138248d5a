#include "reference.h"

#include <math.h>

#include "repkit/cash_flow.h"

#define TOPIC "cash_flow"
#define LENGTH(a) (sizeof(a) / sizeof *(a))

static const double yearly_flow[] = {-100000, 30000, 45000, 50000, 20000};
static const double yearly_months[] = {0, 12, 24, 36, 48};

static void test_present_values(void **state)
{
    static const double mid[] = {0, 6, 18, 30, 42};
    double npv = -1.0;

    (void)state;
    assert_close(1.0 / rk_discount_factor(0.10, 1.0), 1.0 + reference(TOPIC, "monthly_rate"),
                 1e-14);
    assert_true(isnan(rk_discount_factor(-1.0, 1.0)));
    assert_int_equal(rk_npv(yearly_months, yearly_flow, 5, 0.10, &npv), RK_OK);
    assert_close(npv, reference(TOPIC, "npv"), 1e-12);
    assert_close(npv, 15688.81907, 1e-9);
    assert_int_equal(rk_npv(mid, yearly_flow, 5, 0.10, &npv), RK_OK);
    assert_close(npv, reference(TOPIC, "npv_mid"), 1e-12);
    assert_int_equal(rk_npv(yearly_months, yearly_flow, 5, 0.0, &npv), RK_OK);
    assert_close(npv, 45000.0, 1e-15);
}

static void test_present_value_failures(void **state)
{
    static const double bad[] = {1.0, NAN};
    double out = 7.0;

    (void)state;
    assert_int_equal(rk_npv(yearly_months, yearly_flow, 0, 0.1, &out), RK_ENODATA);
    assert_int_equal(rk_npv(yearly_months, bad, 2, 0.1, &out), RK_EDOMAIN);
    assert_int_equal(rk_npv(yearly_months, yearly_flow, 5, -1.0, &out), RK_EDOMAIN);
    assert_int_equal(rk_mirr(yearly_months, yearly_flow + 1, 3, 0, 36, .1, .1, &out), RK_EDOMAIN);
    assert_int_equal(rk_mirr(yearly_months, yearly_flow, 1, 0, 36, .1, .1, &out), RK_EDOMAIN);
    assert_int_equal(rk_mirr(yearly_months, yearly_flow, 5, 0, 0, .1, .1, &out), RK_EDOMAIN);
    assert_true(out == 7.0);
}

static void test_mirr(void **state)
{
    static const double late[] = {-100, 50, 60, -40};
    double mirr;

    (void)state;
    assert_int_equal(rk_mirr(yearly_months, yearly_flow, 5, 0, 48, 0.10, 0.12, &mirr), RK_OK);
    assert_close(mirr, reference(TOPIC, "mirr"), 1e-12);
    assert_close(mirr, .1494986696, 1e-9);
    assert_int_equal(rk_mirr(yearly_months, late, 4, 0, 36, 0.10, 0.12, &mirr), RK_OK);
    assert_close(mirr, reference(TOPIC, "mirr_outflow_late"), 1e-10);
}

static void check_irr(const double *flow, size_t n, double step, const char *name, size_t n_rates)
{
    struct rk_irr irr;

    assert_int_equal(rk_irr(flow, n, step, &irr), RK_OK);
    assert_int_equal(irr.n_rates, n_rates);
    for (size_t i = 0; i < n_rates; i++)
        assert_close(irr.rate[i],
                     n_rates == 1 ? reference(TOPIC, name) : reference_at(TOPIC, name, i + 1),
                     1e-9);
}

static void fill(double *flow, size_t n, double first, double rest)
{
    flow[0] = first;
    for (size_t i = 1; i < n; i++)
        flow[i] = rest;
}

static void test_one_rate(void **state)
{
    static const double steep[] = {-1000, 1200, 1300}, padded[] = {0, 0, -100, 0, 121, 0, 0};
    double flow[481];
    struct rk_irr irr;

    (void)state;
    check_irr(yearly_flow, 5, 12, "irr", 1);
    check_irr(steep, 3, 1, "steep", 1);
    fill(flow, 37, -50000, 4000);
    flow[12] -= 9000, flow[24] -= 9000, flow[36] -= 9000;
    check_irr(flow, 37, 1, "fees", 1); /* six changes of sign, unique by Norstrom */
    fill(flow, 37, -100000, 1500);
    check_irr(flow, 37, 1, "loss", 1);
    fill(flow, 481, -1e6, 9000);
    check_irr(flow, 481, 1, "long", 1);
    assert_int_equal(rk_irr(padded, LENGTH(padded), 12, &irr), RK_OK);
    assert_int_equal(irr.n_rates, 1);
    assert_close(irr.rate[0], 0.10, 1e-14);
    fill(flow, 3, -50, 25);
    assert_int_equal(rk_irr(flow, 3, 12, &irr), RK_OK);
    assert_true(irr.n_rates == 1 && irr.rate[0] == 0.0);
}

static void test_several_rates(void **state)
{
    static const double two[] = {-1000, 2500, -1540}, three[] = {-1000, 3600, -4310, 1716};
    static const double touching[] = {-100, 220, -121}, zero[] = {-100, 230, -130};
    double flow[16];
    struct rk_irr irr;

    (void)state;
    check_irr(two, 3, 12, "two_rates", 2);
    check_irr(three, 4, 12, "three_rates", 3);
    fill(flow, 14, -100, 25);
    flow[13] = -210;
    check_irr(flow, 14, 1, "exit_cost", 2);
    fill(flow, 16, -100, 5);
    flow[15] = -10;
    check_irr(flow, 16, 1, "loss_exit", 2);
    assert_int_equal(rk_irr(touching, 3, 12, &irr), RK_OK); /* 10% twice */
    assert_int_equal(irr.n_rates, 1);
    assert_close(irr.rate[0], 0.10, 1e-6);
    assert_int_equal(rk_irr(zero, 3, 12, &irr), RK_OK); /* 0% and 30% */
    assert_int_equal(irr.n_rates, 2);
    assert_true(irr.rate[0] == 0.0);
    assert_close(irr.rate[1], 0.30, 1e-12);
}

static void test_no_rate(void **state)
{
    static const double absurd[] = {-1, 40, 50}, lost[] = {-1000, 1};
    static const double none[] = {-100, 50, -10}, costs[] = {-1, 0, -2}, bad[] = {-1, INFINITY};
    struct rk_irr irr;

    (void)state;
    assert_int_equal(rk_irr(none, 3, 12, &irr), RK_OK);
    assert_int_equal(irr.n_sign_changes, 2);
    assert_int_equal(irr.n_rates, 0);
    assert_int_equal(rk_irr(costs, 3, 12, &irr), RK_OK);
    assert_int_equal(irr.n_sign_changes, 0);
    assert_int_equal(irr.n_rates, 0);
    assert_int_equal(rk_irr(absurd, 3, 1, &irr), RK_OK); /* 41.2^12 */
    assert_true(irr.n_sign_changes == 1 && irr.n_rates == 0);
    assert_int_equal(rk_irr(lost, 2, 12, &irr), RK_OK); /* 99.9% of it: still a rate */
    assert_int_equal(irr.n_rates, 1);
    assert_int_equal(rk_irr(lost, 2, 1, &irr), RK_OK);
    assert_true(irr.n_sign_changes == 1 && irr.n_rates == 0);
    assert_int_equal(rk_irr(NULL, 0, 12, &irr), RK_OK);
    assert_int_equal(irr.n_rates, 0);
    irr.n_rates = 5;
    assert_int_equal(rk_irr(bad, 2, 12, &irr), RK_EDOMAIN);
    assert_int_equal(rk_irr(costs, 3, 0, &irr), RK_EDOMAIN);
    assert_int_equal(rk_irr(costs, RK_IRR_MAX_FLOWS + 1, 1, &irr), RK_EDOMAIN);
    assert_int_equal(irr.n_rates, 5);
}

/* The longest series, of alternating sign over its first part: every rate must make the present
 * value vanish. */
static void test_longest(void **state)
{
    double flow[RK_IRR_MAX_FLOWS];
    struct rk_irr irr;

    (void)state;
    fill(flow, RK_IRR_MAX_FLOWS, -5000, 150);
    for (size_t i = 12; i < RK_IRR_MAX_FLOWS; i += 12)
        flow[i] -= 900;
    flow[RK_IRR_MAX_FLOWS - 1] -= 90000;
    assert_int_equal(rk_irr(flow, RK_IRR_MAX_FLOWS, 1, &irr), RK_OK);
    assert_int_equal(irr.n_rates, 2);
    for (size_t r = 0; r < irr.n_rates; r++) {
        double npv = 0.0, size = 0.0;

        for (size_t i = 0; i < RK_IRR_MAX_FLOWS; i++) {
            npv += flow[i] * rk_discount_factor(irr.rate[r], (double)i);
            size += fabs(flow[i]) * rk_discount_factor(irr.rate[r], (double)i);
        }
        assert_true(fabs(npv) <= 1e-12 * size);
    }
}

static void test_payback(void **state)
{
    double discounted[5];
    struct rk_payback payback;

    (void)state;
    assert_int_equal(rk_payback(yearly_months, yearly_flow, 5, &payback), RK_OK);
    assert_true(payback.reached);
    assert_close(payback.months, reference(TOPIC, "payback"), 1e-14);
    assert_close(payback.last_months, 30.0, 1e-14);
    for (size_t i = 0; i < 5; i++)
        discounted[i] = yearly_flow[i] * rk_discount_factor(0.10, yearly_months[i]);
    assert_int_equal(rk_payback(yearly_months, discounted, 5, &payback), RK_OK);
    assert_close(payback.months, reference(TOPIC, "discounted_payback"), 1e-12);
}

static void test_payback_edges(void **state)
{
    static const double months[] = {0, 1, 2, 3};
    static const double again[] = {-10, 20, -15, 10}, red[] = {-10, 20, -15, 1};
    static const double never[] = {-10, 3, 3, 3}, exact[] = {-10, 4, 6, 1}, gift[] = {5, -1, 0, 0};
    static const double unordered[] = {0, 1, 1, 3};
    struct rk_payback p;

    (void)state;
    assert_int_equal(rk_payback(months, again, 4, &p), RK_OK);
    assert_close(p.months, 0.5, 1e-15);
    assert_close(p.last_months, 2.5, 1e-15);
    assert_int_equal(rk_payback(months, red, 4, &p), RK_OK);
    assert_true(p.reached && p.months == 0.5 && isnan(p.last_months));
    assert_int_equal(rk_payback(months, never, 4, &p), RK_OK);
    assert_true(!p.reached && isnan(p.months) && isnan(p.last_months));
    assert_int_equal(rk_payback(months, exact, 4, &p), RK_OK);
    assert_true(p.months == 2.0 && p.last_months == 2.0);
    assert_int_equal(rk_payback(months, gift, 4, &p), RK_OK);
    assert_true(p.reached && p.months == 0.0);
    p.months = 9.0;
    assert_int_equal(rk_payback(unordered, again, 4, &p), RK_EDOMAIN);
    assert_int_equal(rk_payback(months, again, 0, &p), RK_ENODATA);
    assert_true(p.months == 9.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_present_values), cmocka_unit_test(test_present_value_failures),
        cmocka_unit_test(test_mirr),           cmocka_unit_test(test_one_rate),
        cmocka_unit_test(test_several_rates),  cmocka_unit_test(test_no_rate),
        cmocka_unit_test(test_longest),        cmocka_unit_test(test_payback),
        cmocka_unit_test(test_payback_edges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
