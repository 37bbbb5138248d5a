/* Staggered starts against R (tests/reference/impact.R). */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/staggered.h"

#define TOPIC "impact"
#define TOLERANCE 1e-9

enum { MOST = 400 };

struct panel {
    double y[MOST], time[32];
    size_t first[32];
    struct rk_staggered_data data;
};

static struct panel *steps(bool not_yet)
{
    struct panel *p = calloc(1, sizeof *p);

    for (int i = 1; i <= 20; i++) {
        int g = i <= 8 ? 4 : i <= 14 ? 8 : 99;

        p->first[i - 1] = g == 99 ? RK_NEVER : (size_t)g - 1;
        for (int t = 1; t <= 12; t++) {
            p->time[t - 1] = t;
            p->y[(i - 1) * 12 + t - 1] = 10 + i * .5 + t * .3 + ((i * 7 + t * 5) % 11 - 5) / 5.0 +
                                         (t >= g ? 2.0 * (t - g + 1) : 0.0);
        }
    }
    p->data = (struct rk_staggered_data){20, 12, p->y, p->first, p->time, not_yet};
    return p;
}

static struct panel *firms(bool not_yet)
{
    struct panel *p = calloc(1, sizeof *p);
    size_t n;
    double *firm = reference_data("grunfeld_gaps", "firm", &n);
    double *year = reference_data("grunfeld_gaps", "year", &n);
    double *inv = reference_data("grunfeld_gaps", "inv", &n);

    for (size_t i = 0; i < 200; i++)
        p->y[i] = NAN;
    for (size_t i = 0; i < n; i++)
        p->y[((size_t)firm[i] - 1) * 20 + (size_t)year[i] - 1935] = inv[i];
    for (size_t i = 0; i < 20; i++)
        p->time[i] = 1935.0 + (double)i;
    for (size_t i = 0; i < 10; i++)
        p->first[i] = i < 3 ? 1941 - 1935 : i < 6 ? 1947 - 1935 : RK_NEVER;
    p->data = (struct rk_staggered_data){10, 20, p->y, p->first, p->time, not_yet};
    free(firm);
    free(year);
    free(inv);
    return p;
}

static void check(const struct panel *p, const char *name)
{
    static const char *const kinds[] = {"simple", "dynamic", "group_%.0f", "calendar_%.0f",
                                        "event_%.0f"};
    struct rk_staggered s;
    size_t n_cells = 0;
    char wanted[64], part[32];

    assert_int_equal(rk_staggered_new(&p->data, 0.95, 99, "", NULL, &s, NULL), RK_OK);
    for (size_t e = 0; e < s.n_effects; e++) {
        const struct rk_staggered_effect *effect = &s.effect[e];
        double at[] = {0, 0, p->time[effect->cohort], p->time[effect->period], effect->event_time};

        if (effect->kind == RK_STAGGERED_CELL) {
            snprintf(wanted, sizeof wanted, "%s.att", name);
            assert_close(effect->estimate, reference_at(TOPIC, wanted, ++n_cells), TOLERANCE);
            snprintf(wanted, sizeof wanted, "%s.se", name);
            if (!isnan(effect->std_error)) /* cells of one unit a side have none */
                assert_close(effect->std_error, reference_at(TOPIC, wanted, n_cells), TOLERANCE);
            else
                assert_true(reference_at(TOPIC, wanted, n_cells) == 0.0);
            continue;
        }
        if (effect->kind <= RK_STAGGERED_DYNAMIC)
            snprintf(part, sizeof part, "%s", kinds[effect->kind]);
        else if (effect->kind == RK_STAGGERED_GROUP)
            snprintf(part, sizeof part, "group_%.0f", at[2]);
        else if (effect->kind == RK_STAGGERED_CALENDAR)
            snprintf(part, sizeof part, "calendar_%.0f", at[3]);
        else
            snprintf(part, sizeof part, "event_%.0f", at[4]);
        snprintf(wanted, sizeof wanted, "%s.%s", name, part);
        assert_close(effect->estimate, reference_at(TOPIC, wanted, 1), TOLERANCE);
        if (!isnan(effect->std_error))
            assert_close(effect->std_error, reference_at(TOPIC, wanted, 2), TOLERANCE);
        else
            assert_true(reference_at(TOPIC, wanted, 2) == 0.0);
    }
    rk_staggered_free(&s);
}

static void test_effects(void **state)
{
    struct panel *a = steps(false), *b = steps(true), *c = firms(false), *d = firms(true);

    (void)state;
    check(a, "steps.never");
    check(b, "steps.not_yet");
    check(c, "gaps.never");
    check(d, "gaps.not_yet");
    free(a);
    free(b);
    free(c);
    free(d);
}

static void test_bootstrap(void **state)
{
    struct panel *p = steps(false);
    struct rk_ctx one = RK_CTX_DEFAULT, two = {.threads = 2, .seed = 1};
    struct rk_staggered s, other;

    (void)state;
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 999, "", &one, &s, NULL), RK_OK);
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 999, "", &two, &other, NULL), RK_OK);
    assert_int_equal(s.effect[0].kind, RK_STAGGERED_SIMPLE);
    assert_close(s.effect[0].estimate, 8.859477124, 1e-9);
    /* true value 8.8235 */
    assert_true(s.effect[0].conf_low < 8.8235 && s.effect[0].conf_high > 8.8235);
    assert_close(s.effect[0].p_value, 1.0 / 1000.0, 1e-12);
    assert_true(s.pretrend_p > 0.1 && s.n_pretrend > 0);
    for (size_t e = 0; e < s.n_effects; e++) {
        const struct rk_staggered_effect *effect = &s.effect[e];

        assert_memory_equal(&effect->conf_low, &other.effect[e].conf_low, sizeof(double));
        assert_true((effect->conf_low > 0.0 || effect->conf_high < 0.0) ==
                    (effect->p_value <= 0.05));
        if (effect->kind == RK_STAGGERED_EVENT)
            assert_true(effect->band_high >= effect->conf_high);
    }
    rk_staggered_free(&s);
    rk_staggered_free(&other);
    free(p);
}

static void test_degenerate(void **state)
{
    struct panel *p = steps(false);
    struct rk_staggered s = {.draws = 42};

    (void)state;
    p->data.n_units = 14; /* nobody is never treated */
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 99, "", NULL, &s, NULL), RK_ETOOFEW);
    for (size_t i = 0; i < 20; i++)
        p->first[i] = RK_NEVER; /* nobody starts */
    p->data.n_units = 20;
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 99, "", NULL, &s, NULL), RK_ETOOFEW);
    p->data.n_units = 0;
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 99, "", NULL, &s, NULL), RK_ETOOFEW);
    assert_int_equal(s.draws, 42);
    free(p);
    p = steps(true); /* a cohort of one unit: an estimate, and its errors are of the controls */
    p->data.n_units = 14;
    for (size_t i = 1; i < 8; i++)
        p->first[i] = 7;
    assert_int_equal(rk_staggered_new(&p->data, 0.95, 99, "", NULL, &s, NULL), RK_OK);
    assert_int_equal(s.effect[0].smallest, 1);
    for (size_t e = 0; e < s.n_effects; e++) /* after the last start nobody is left */
        assert_true(s.effect[e].kind != RK_STAGGERED_CELL || s.effect[e].period < 7);
    rk_staggered_free(&s);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effects),
        cmocka_unit_test(test_bootstrap),
        cmocka_unit_test(test_degenerate),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
