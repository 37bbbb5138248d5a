/* Survival curves against R's package survival. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "reference.h"
#include "repkit/survival.h"

struct sample {
    double *time, *other;
    int *status;
    size_t n;
};

static struct sample sample(const char *file, const char *other)
{
    struct sample s;
    double *status;

    s.time = reference_data(file, "time", &s.n);
    status = reference_data(file, "status", &s.n);
    s.other = other != NULL ? reference_data(file, other, &s.n) : NULL;
    s.status = malloc(s.n * sizeof *s.status);
    for (size_t i = 0; i < s.n; i++)
        s.status[i] = (int)status[i];
    free(status);
    return s;
}

static void sample_free(struct sample *s)
{
    free(s->time);
    free(s->other);
    free(s->status);
}

static double value_at(const char *name, const char *column, size_t i)
{
    char key[64];

    snprintf(key, sizeof key, "%s_%s", name, column);
    return reference_at("survival", key, i + 1);
}

static void check_curve(const char *name, double conf_level, double tau)
{
    static const double shares[] = {0.25, 0.5, 0.75};
    static const char *const keys[] = {"q25", "q50", "q75"};
    struct sample s = sample(name, NULL);
    struct rk_survival *fit = NULL;
    double value, low, high;

    assert_int_equal(rk_survival_new(s.time, s.status, s.n, conf_level, &fit), RK_OK);
    for (size_t j = 0; j < fit->n_steps; j++) {
        assert_close(fit->time[j], value_at(name, "time", j), 0);
        assert_close(fit->n_risk[j], value_at(name, "risk", j), 0);
        assert_close(fit->n_event[j], value_at(name, "event", j), 0);
        assert_close(fit->survival[j], value_at(name, "surv", j), 1e-12);
        assert_close(fit->std_error[j], value_at(name, "se", j), 1e-11);
        assert_close(fit->conf_low[j], value_at(name, "low", j), 1e-11);
        assert_close(fit->conf_high[j], value_at(name, "high", j), 1e-11);
    }
    for (size_t k = 0; k < 3; k++) {
        rk_survival_quantile(fit, shares[k], &value, &low, &high);
        assert_close(value, value_at(name, keys[k], 0), 1e-12);
        assert_close(low, value_at(name, keys[k], 1), 1e-12);
        assert_close(high, value_at(name, keys[k], 2), 1e-12);
    }
    rk_survival_mean(fit, tau, &value, &low);
    assert_close(value, value_at(name, "rmst", 0), 1e-12);
    assert_close(low, value_at(name, "rmst", 1), 1e-11);
    rk_survival_free(fit);
    sample_free(&s);
}

static void test_curves(void **state)
{
    (void)state;
    check_curve("aml", 0.95, 30);
    check_curve("lung", 0.9, 500);
}

static void check_incidence(const char *file, const char *name, double horizon)
{
    struct sample s = sample(file, NULL);
    double share, std_error;

    for (int end = 1; end <= 2; end++) {
        size_t i = (size_t)(2 * end - 1);

        assert_int_equal(
            rk_cumulative_incidence(s.time, s.status, s.n, end, horizon, &share, &std_error),
            RK_OK);
        assert_close(share, reference_at("survival", name, i), 1e-12);
        assert_close(std_error, reference_at("survival", name, i + 1), 1e-10);
    }
    sample_free(&s);
}

static void test_incidence(void **state)
{
    (void)state;
    check_incidence("deal_ends", "deals_10", 10);
    check_incidence("deal_ends", "deals_45", 45);
    check_incidence("deal_ends", "deals_50", 50);
    check_incidence("deal_ends", "deals_65", 65);
    check_incidence("mgus2", "mgus2_60", 60);
    check_incidence("mgus2", "mgus2_120", 120);
    check_incidence("mgus2", "mgus2_300", 300);
}

static void check_two_curves(const char *file, const char *group, double first)
{
    struct sample s = sample(file, group);
    double *time = malloc(s.n * sizeof *time), chi_squared, p, ratio, std_error;
    char key[64];
    int *status = malloc(s.n * sizeof *status);
    size_t n_first = 0, n_second = 0;

    for (size_t i = 0; i < s.n; i++) {
        size_t k = s.other[i] == first ? n_first++ : s.n - ++n_second;

        time[k] = s.time[i];
        status[k] = s.status[i];
    }
    assert_int_equal(rk_log_rank(&(struct rk_durations){time, status, n_first},
                                 &(struct rk_durations){time + n_first, status + n_first, n_second},
                                 &chi_squared, &p),
                     RK_OK);
    snprintf(key, sizeof key, "%s_logrank", file);
    assert_close(chi_squared, reference_at("survival", key, 1), 1e-11);
    assert_close(p, reference_at("survival", key, 2), 1e-11);
    assert_int_equal(
        rk_hazard_ratio(&(struct rk_durations){time, status, n_first},
                        &(struct rk_durations){time + n_first, status + n_first, n_second}, &ratio,
                        &std_error),
        RK_OK);
    snprintf(key, sizeof key, "%s_cox", file);
    assert_close(ratio, reference_at("survival", key, 1), 1e-9);
    assert_close(std_error, reference_at("survival", key, 2), 1e-9);
    free(time);
    free(status);
    sample_free(&s);
}

static void test_two_curves(void **state)
{
    const double time[] = {1, 2, 3}, later[] = {4, 5};
    const int done[] = {1, 1, 1}, open[] = {0, 0, 0};
    double ratio = 7, std_error = 7;

    (void)state;
    check_two_curves("aml", "maintained", 1);
    check_two_curves("lung", "sex", 1);
    /* all that happens, happens to one group first: no finite ratio */
    assert_int_equal(rk_hazard_ratio(&(struct rk_durations){time, done, 3},
                                     &(struct rk_durations){later, open, 2}, &ratio, &std_error),
                     RK_ENOCONVERGE);
    assert_int_equal(rk_hazard_ratio(&(struct rk_durations){time, open, 3},
                                     &(struct rk_durations){later, open, 2}, &ratio, &std_error),
                     RK_ECONSTANT);
    assert_int_equal(rk_hazard_ratio(&(struct rk_durations){time, open, 0},
                                     &(struct rk_durations){later, open, 2}, &ratio, &std_error),
                     RK_ENODATA);
    assert_close(ratio, 7, 0);
    assert_close(std_error, 7, 0);
}

static void test_degenerate(void **state)
{
    const double time[] = {5, 3, 8}, bad[] = {1, -1, 2};
    const int open[] = {0, 0, 0}, done[] = {1, 1, 1};
    struct rk_survival *fit = NULL;
    double value, low, high, share = 7, std_error = 7;

    (void)state;
    assert_int_equal(rk_survival_new(time, open, 0, 0.95, &fit), RK_ENODATA);
    assert_int_equal(rk_survival_new(bad, open, 3, 0.95, &fit), RK_EDOMAIN);
    assert_null(fit);
    assert_int_equal(rk_cumulative_incidence(bad, open, 3, 1, 5, &share, &std_error), RK_EDOMAIN);
    assert_close(share, 7, 0);

    /* nothing has ended: no median, a restricted mean without error */
    assert_int_equal(rk_survival_new(time, open, 3, 0.95, &fit), RK_OK);
    rk_survival_quantile(fit, 0.5, &value, &low, &high);
    assert_true(isnan(value) && isnan(low) && isnan(high));
    rk_survival_mean(fit, 8, &value, &std_error);
    assert_close(value, 8, 0);
    assert_close(std_error, 0, 0);
    rk_survival_free(fit);
    assert_int_equal(rk_log_rank(&(struct rk_durations){time, open, 3},
                                 &(struct rk_durations){time, open, 3}, &value, &low),
                     RK_ECONSTANT);

    /* all have: the restricted mean is the mean */
    assert_int_equal(rk_survival_new(time, done, 3, 0.95, &fit), RK_OK);
    rk_survival_mean(fit, 8, &value, &std_error);
    assert_close(value, 16.0 / 3.0, 1e-12);
    rk_survival_quantile(fit, 0.5, &value, &low, &high);
    assert_close(value, 5, 0);
    rk_survival_free(fit);
    assert_int_equal(rk_cumulative_incidence(time, done, 3, 1, 8, &share, &std_error), RK_OK);
    assert_close(share, 1, 1e-12);
    assert_close(std_error + 1.0, 1.0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_incidence),
        cmocka_unit_test(test_two_curves),
        cmocka_unit_test(test_degenerate),
    };

    return cmocka_run_group_tests_name("survival", tests, NULL, NULL);
}
