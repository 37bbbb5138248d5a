/* Differences in differences and panel regressions against R (tests/reference/impact.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/did.h"
#include "repkit/panel_fit.h"
#include "repkit/random.h"

#define TOPIC "impact"
#define TOLERANCE 1e-9

enum { MOST = 1000 };

/* A panel of a data set: codes of units and periods in order. */
struct panel {
    size_t n, n_units, n_periods;
    double y[MOST], extra[MOST], id[MOST], time[MOST];
    uint32_t unit[MOST], period[MOST];
    bool treated[MOST], after[MOST]; /* a row */
    /* units with both sides */
    size_t n_both;
    double mean[2][MOST], change[MOST], extra_before[MOST];
    bool who[MOST];
};

static uint32_t code_of(const double *values, size_t n, double value)
{
    uint32_t code = 0;

    for (size_t i = 0; i < n; i++) {
        bool first = values[i] < value;

        for (size_t k = 0; k < i && first; k++)
            first = values[k] != values[i];
        code += first;
    }
    return code;
}

static void collapse(struct panel *p)
{
    for (uint32_t u = 0; u < p->n_units; u++) {
        double sum[2] = {0}, n[2] = {0}, extra = 0;
        bool who = false;

        for (size_t i = 0; i < p->n; i++) {
            if (p->unit[i] != u)
                continue;
            sum[p->after[i]] += p->y[i];
            n[p->after[i]]++;
            extra += p->after[i] ? 0.0 : p->extra[i];
            who = p->treated[i];
        }
        if (n[0] == 0 || n[1] == 0)
            continue;
        p->mean[0][p->n_both] = sum[0] / n[0];
        p->mean[1][p->n_both] = sum[1] / n[1];
        p->change[p->n_both] = sum[1] / n[1] - sum[0] / n[0];
        p->extra_before[p->n_both] = extra / n[0];
        p->who[p->n_both++] = who;
    }
}

static void finish(struct panel *p)
{
    for (size_t i = 0; i < p->n; i++) {
        p->unit[i] = code_of(p->id, p->n, p->id[i]);
        p->period[i] = code_of(p->time, p->n, p->time[i]);
        p->n_units = p->unit[i] >= p->n_units ? p->unit[i] + 1 : p->n_units;
        p->n_periods = p->period[i] >= p->n_periods ? p->period[i] + 1 : p->n_periods;
    }
    collapse(p);
}

static struct panel *chick_panel(void)
{
    struct panel *p = calloc(1, sizeof *p);
    size_t n;
    double *chick = reference_data("chick_weight", "chick", &n);
    double *day = reference_data("chick_weight", "day", &n);
    double *diet = reference_data("chick_weight", "diet", &n);
    double *weight = reference_data("chick_weight", "weight", &n);

    for (size_t i = 0; i < n; i++) {
        if (diet[i] != 1.0 && diet[i] != 3.0)
            continue;
        p->id[p->n] = chick[i];
        p->time[p->n] = day[i];
        p->treated[p->n] = diet[i] == 3.0;
        p->after[p->n] = day[i] >= 10.0;
        p->y[p->n++] = weight[i];
    }
    free(chick);
    free(day);
    free(diet);
    free(weight);
    finish(p);
    return p;
}

static struct panel *grunfeld_panel(void)
{
    struct panel *p = calloc(1, sizeof *p);
    size_t n;
    double *firm = reference_data("grunfeld", "firm", &n);
    double *year = reference_data("grunfeld", "year", &n);
    double *inv = reference_data("grunfeld", "inv", &n);
    double *value = reference_data("grunfeld", "value", &n);

    for (size_t i = 0; i < n; i++) {
        p->id[i] = firm[i];
        p->time[i] = year[i];
        p->treated[i] = firm[i] <= 4.0;
        p->after[i] = year[i] >= 1945.0;
        p->extra[i] = value[i];
        p->y[i] = inv[i];
    }
    p->n = n;
    free(firm);
    free(year);
    free(inv);
    free(value);
    finish(p);
    return p;
}

/* The fixture: reps 1 to 8 start in period 4, 15 to 20 never (9 to 14 are left out). */
static struct panel *steps_panel(void)
{
    struct panel *p = calloc(1, sizeof *p);

    for (int i = 1; i <= 20; i++) {
        for (int t = 1; t <= 12 && (i <= 8 || i >= 15); t++) {
            double effect = i <= 8 && t >= 4 ? 2.0 * (t - 3) : 0.0;

            p->id[p->n] = i;
            p->time[p->n] = t;
            p->treated[p->n] = i <= 8;
            p->after[p->n] = t >= 4;
            p->y[p->n++] = 10 + i * .5 + t * .3 + ((i * 7 + t * 5) % 11 - 5) / 5.0 + effect;
        }
    }
    finish(p);
    return p;
}

static void check_did(const struct rk_did *d, const char *name)
{
    const double values[] = {d->estimate,   d->std_error, d->statistic, d->df,
                             d->p_value,    d->conf_low,  d->conf_high, d->base,
                             d->rel_effect, d->rel_low,   d->rel_high};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_close(values[i], reference_at(TOPIC, name, i + 1), TOLERANCE);
}

static void test_collapsed(void **state)
{
    struct panel *steps = steps_panel(), *chick = chick_panel(), *firms = grunfeld_panel();
    struct rk_did d;

    (void)state;
    assert_int_equal(steps->n_both, 14);
    assert_int_equal(rk_did_collapsed(steps->mean[0], steps->mean[1], steps->who, 14, 0.95, &d),
                     RK_OK);
    check_did(&d, "steps.collapsed");
    assert_false(d.welch);
    assert_close(d.estimate, 9.989814815, 1e-9);
    assert_int_equal(
        rk_did_collapsed(chick->mean[0], chick->mean[1], chick->who, chick->n_both, 0.9, &d),
        RK_OK);
    check_did(&d, "chick.collapsed");
    assert_true(d.welch);
    assert_int_equal(rk_did_collapsed(firms->mean[0], firms->mean[1], firms->who, 10, 0.95, &d),
                     RK_OK);
    check_did(&d, "grunfeld.collapsed");
    assert_int_equal(rk_did_adjusted(firms->change, firms->who, firms->extra_before, 1,
                                     firms->mean[1], 10, 0.95, &d, NULL),
                     RK_OK);
    check_did(&d, "grunfeld.adjusted");
    assert_int_equal(rk_did_adjusted(chick->mean[1], chick->who, chick->mean[0], 1, chick->mean[1],
                                     chick->n_both, 0.95, &d, NULL),
                     RK_OK);
    check_did(&d, "chick.ancova");
    free(steps);
    free(chick);
    free(firms);
}

/* Four units a side, as rep-impact collapses them: those treated vary far more than the others. */
static void test_few(void **state)
{
    double before[8], after[8];
    bool who[8];
    size_t n;
    double *y = reference_data("did_eight", "y", &n);
    double *treated = reference_data("did_eight", "tr", &n);
    struct rk_did d;

    (void)state;
    assert_int_equal(n, 16);
    for (size_t i = 0; i < 8; i++) {
        before[i] = y[2 * i];
        after[i] = y[2 * i + 1];
        who[i] = treated[2 * i] == 1.0;
    }
    assert_int_equal(rk_did_collapsed(before, after, who, 8, 0.95, &d), RK_OK);
    check_did(&d, "eight.collapsed");
    assert_int_equal(rk_did_collapsed(before, after, who, 6, 0.8, &d), RK_OK); /* two treated */
    check_did(&d, "eight.collapsed_80");
    free(y);
    free(treated);
}

/* The relative effect lies in its interval, and that excludes 0 where the effect's does. */
static void test_relative_in_its_interval(void **state)
{
    enum { TABLES = 600, LEAST = 2, MOST_A_SIDE = 5 };
    struct rk_rng rng;
    size_t n_seen = 0, n_clear = 0;

    (void)state;
    rk_rng_stream(&rng, 20240401, "test-did", "relative", 0);
    for (size_t k = 0; k < TABLES; k++) {
        size_t nc = LEAST + rk_rng_below(&rng, MOST_A_SIDE - LEAST + 1);
        size_t n = nc + LEAST + rk_rng_below(&rng, MOST_A_SIDE - LEAST + 1);
        double before[2 * MOST_A_SIDE], after[2 * MOST_A_SIDE];
        bool who[2 * MOST_A_SIDE];
        struct rk_did d;

        for (size_t i = 0; i < n; i++) {
            who[i] = i >= nc;
            before[i] = (double)(30 + rk_rng_below(&rng, 80));
            after[i] = who[i] ? round(before[i] * (0.4 + 0.7 * rk_rng_uniform(&rng)))
                              : before[i] + (double)rk_rng_below(&rng, 5) - 2.0;
        }
        if (rk_did_collapsed(before, after, who, n, 0.95, &d) != RK_OK || isnan(d.rel_effect))
            continue;
        n_seen++;
        assert_true(d.rel_low <= d.rel_effect && d.rel_effect <= d.rel_high);
        assert_true((d.rel_low > 0.0 || d.rel_high < 0.0) ==
                    (d.conf_low > 0.0 || d.conf_high < 0.0));
        n_clear += d.rel_high < 0.0;
    }
    assert_true(n_seen > 300 && n_clear > 30 && n_clear < n_seen - 30);
}

static void test_permutation(void **state)
{
    struct panel *steps = steps_panel(), *firms = grunfeld_panel(), *chick = chick_panel();
    struct rk_ctx one = RK_CTX_DEFAULT, two = {.threads = 2, .seed = 1};
    struct rk_permutation p, q;

    (void)state;
    assert_int_equal(
        rk_did_permutation(steps->change, steps->who, NULL, 0, 14, 999, "", NULL, &p, NULL), RK_OK);
    assert_true(p.exact);
    assert_close(p.p_value, reference_at(TOPIC, "steps.permutation", 1), TOLERANCE);
    assert_close((double)p.n, reference_at(TOPIC, "steps.permutation", 2), TOLERANCE);
    assert_int_equal(
        rk_did_permutation(firms->change, firms->who, NULL, 0, 10, 999, "", NULL, &p, NULL), RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "grunfeld.permutation", 1), TOLERANCE);
    assert_int_equal(rk_did_permutation(firms->change, firms->who, firms->extra_before, 1, 10, 999,
                                        "", NULL, &p, NULL),
                     RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "grunfeld.permutation_z", 1), TOLERANCE);
    assert_close(p.estimate, reference_at(TOPIC, "grunfeld.collapsed", 1), TOLERANCE);
    /* 20 million labellings: random ones, the same for any number of threads */
    assert_int_equal(rk_did_permutation(chick->change, chick->who, NULL, 0, chick->n_both, 5000, "",
                                        &one, &p, NULL),
                     RK_OK);
    assert_int_equal(rk_did_permutation(chick->change, chick->who, NULL, 0, chick->n_both, 5000, "",
                                        &two, &q, NULL),
                     RK_OK);
    assert_false(p.exact);
    assert_true(p.p_value == q.p_value);
    assert_true(p.p_value < 0.02 && p.p_value >= 1.0 / 5001.0);
    free(steps);
    free(firms);
    free(chick);
}

static void test_degenerate(void **state)
{
    static const double before[] = {1, 2, 3, 4}, after[] = {2, 3, 4, 5}, bent[] = {2, 5, 4, 9};
    static const bool one[] = {true, false, false, false}, half[] = {true, true, false, false};
    struct rk_did d = {.estimate = 42.0}, kept = d;
    struct rk_permutation p = {.p_value = 42.0};
    static const double who[] = {1, 1, 0, 0};

    (void)state;
    assert_int_equal(rk_did_collapsed(before, after, half, 0, 0.95, &d), RK_ETOOFEW);
    assert_int_equal(rk_did_collapsed(before, bent, one, 4, 0.95, &d), RK_ETOOFEW);
    assert_int_equal(rk_did_collapsed(before, after, half, 4, 0.95, &d), RK_ECONSTANT);
    assert_int_equal(rk_did_adjusted(bent, half, who, 1, bent, 4, 0.95, &d, NULL), RK_ESINGULAR);
    assert_int_equal(rk_did_adjusted(bent, one, NULL, 0, bent, 4, 0.95, &d, NULL), RK_ETOOFEW);
    assert_int_equal(rk_did_permutation(bent, one, NULL, 0, 4, 99, "", NULL, &p, NULL), RK_ETOOFEW);
    assert_memory_equal(&d, &kept, sizeof d);
    assert_true(p.p_value == 42.0);
    /* a difference of 0 is as large as all others */
    assert_int_equal(rk_did_permutation(before, (const bool[]){true, false, false, true}, NULL, 0,
                                        4, 99, "", NULL, &p, NULL),
                     RK_OK);
    assert_close(p.p_value, 1.0, 1e-12);
}

static struct rk_panel_fit fit_panel(const struct panel *p, const double *X, size_t k)
{
    struct rk_panel_design design = {.n = p->n,
                                     .p = k,
                                     .y = p->y,
                                     .X = X,
                                     .unit = p->unit,
                                     .period = p->period,
                                     .n_units = p->n_units,
                                     .n_periods = p->n_periods};
    struct rk_panel_fit fit;

    assert_int_equal(rk_panel_fit_new(&design, NULL, &fit, NULL), RK_OK);
    return fit;
}

static void check_twfe(struct panel *p, const char *name)
{
    double *X = malloc(p->n * sizeof *X);
    struct rk_panel_fit fit;

    for (size_t i = 0; i < p->n; i++)
        X[i] = p->treated[i] && p->after[i];
    fit = fit_panel(p, X, 1);
    assert_close(fit.coef[0], reference_at(TOPIC, name, 1), TOLERANCE);
    assert_close(fit.std_error[0], reference_at(TOPIC, name, 2), TOLERANCE);
    assert_close(fit.df[0], reference_at(TOPIC, name, 3), 1e-7);
    rk_panel_fit_free(&fit);
    free(X);
}

static void check_events(struct panel *p, const char *name, int start, int low, int high)
{
    size_t k = (size_t)(high - low);
    double *X = calloc(p->n * k, sizeof *X);
    struct rk_panel_fit fit;
    char wanted[64];

    for (size_t i = 0; i < p->n; i++) {
        int e = (int)p->period[i] - start;

        e = e < low ? low : e > high ? high : e;
        if (p->treated[i] && e != -1)
            X[(size_t)(e < -1 ? e - low : e - low - 1) * p->n + i] = 1.0;
    }
    fit = fit_panel(p, X, k);
    for (size_t j = 0; j < k; j++) {
        snprintf(wanted, sizeof wanted, "%s.b", name);
        assert_close(fit.coef[j], reference_at(TOPIC, wanted, j + 1), 1e-8);
        snprintf(wanted, sizeof wanted, "%s.se", name);
        assert_close(fit.std_error[j], reference_at(TOPIC, wanted, j + 1), 1e-8);
        snprintf(wanted, sizeof wanted, "%s.df", name);
        assert_close(fit.df[j], reference_at(TOPIC, wanted, j + 1), 1e-6);
    }
    rk_panel_fit_free(&fit);
    free(X);
}

static void test_panel_fit(void **state)
{
    struct panel *steps = steps_panel(), *chick = chick_panel();

    (void)state;
    check_twfe(steps, "steps.twfe");
    check_twfe(chick, "chick.twfe");
    check_events(steps, "steps.event", 3, -3, 4);
    check_events(chick, "chick.event", 5, -5, 6);
    free(steps);
    free(chick);
}

static void test_joint(void **state)
{
    static const size_t leads[] = {0, 1}, all[] = {0, 1, 2, 3, 4, 5, 6};
    struct panel *p = steps_panel();
    struct rk_ctx two = {.threads = 2, .seed = 1};
    double *X = calloc(p->n * 7, sizeof *X), critical = 0.0, other = 0.0;
    struct rk_panel_fit fit;
    struct rk_joint_test test;

    (void)state;
    for (size_t i = 0; i < p->n; i++) {
        int e = (int)p->period[i] - 3;

        e = e > 4 ? 4 : e;
        if (p->treated[i] && e != -1)
            X[(size_t)(e < -1 ? e + 3 : e + 2) * p->n + i] = 1.0;
    }
    fit = fit_panel(p, X, 7);
    assert_int_equal(rk_joint_test(&fit, leads, 2, &test), RK_OK);
    assert_close(test.statistic, reference_at(TOPIC, "steps.event.pre", 1), 1e-7);
    assert_close(test.df1, reference_at(TOPIC, "steps.event.pre", 2), TOLERANCE);
    assert_close(test.df2, reference_at(TOPIC, "steps.event.pre", 3), 1e-7);
    assert_close(test.p_value, reference_at(TOPIC, "steps.event.pre", 4), 1e-7);
    assert_int_equal(rk_joint_test(&fit, leads, 1, &test), RK_OK); /* one: the t test */
    assert_close(test.statistic, pow(fit.coef[0] / fit.std_error[0], 2.0), 1e-9);
    assert_close(test.df2, fit.df[0], 1e-9);
    assert_int_equal(rk_sup_t(&fit, all, 7, 0.95, "", NULL, &critical), RK_OK);
    assert_close(critical, reference(TOPIC, "steps.event.sup_t"), 0.01);
    assert_int_equal(rk_sup_t(&fit, all, 7, 0.95, "", &two, &other), RK_OK);
    assert_true(critical == other);
    rk_panel_fit_free(&fit);
    free(X);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_collapsed),
        cmocka_unit_test(test_permutation),
        cmocka_unit_test(test_degenerate),
        cmocka_unit_test(test_panel_fit),
        cmocka_unit_test(test_joint),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_relative_in_its_interval),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
