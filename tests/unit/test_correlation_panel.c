/* Correlations within units and of their means, two-way and partial. */
#include "correlation_check.h"

/* --- within units ---------------------------------------------------------------------------- */

/* Codes of a column of numbers, by value. */
static uint32_t *codes_of(const double *label, size_t n, size_t *n_units)
{
    uint32_t *code = calloc(n + 1, sizeof *code);
    double known[64];

    *n_units = 0;
    for (size_t i = 0; i < n; i++) {
        size_t g = 0;

        while (g < *n_units && known[g] != label[i])
            g++;
        if (g == *n_units)
            known[(*n_units)++] = label[i];
        code[i] = (uint32_t)g;
    }
    return code;
}

struct panel {
    size_t n, n_units;
    double *x, *y, *label, *year;
    uint32_t *unit;
};

static struct panel panel_of(const char *file, const char *x, const char *y, const char *unit)
{
    struct panel p = {0};

    p.x = reference_data(file, x, &p.n);
    p.y = reference_data(file, y, &p.n);
    p.label = reference_data(file, unit, &p.n);
    p.unit = codes_of(p.label, p.n, &p.n_units);
    return p;
}

static void panel_free(struct panel *p)
{
    free(p->x);
    free(p->y);
    free(p->label);
    free(p->year);
    free(p->unit);
}

static void check_within(const struct panel *p, int method, const char *name)
{
    struct rk_correlation c;
    char counts[64];

    assert_int_equal(rk_correlation_within(method, p->x, p->y, p->unit, p->n, p->n_units, 0.95,
                                           RK_TWO_SIDED, &c),
                     RK_OK);
    check(&c, name);
    assert_false(c.exact);
    snprintf(counts, sizeof counts, "%s_n", name);
    if (method == RK_KENDALL)
        return;
    assert_close((double)c.n, reference_at(TOPIC, counts, 1), 0.0);
    assert_close((double)c.n_units, reference_at(TOPIC, counts, 2), 0.0);
}

static void check_panel(const char *file, const char *x, const char *y, const char *unit,
                        const char *name)
{
    struct panel p = panel_of(file, x, y, unit);
    char ranks[64];

    check_within(&p, RK_PEARSON, name);
    snprintf(ranks, sizeof ranks, "%s_spearman", name);
    check_within(&p, RK_SPEARMAN, ranks);
    snprintf(ranks, sizeof ranks, "%s_kendall", name);
    check_within(&p, RK_KENDALL, ranks);
    panel_free(&p);
}

static void panels_agree_with_r(void **state)
{
    (void)state;
    check_panel("grunfeld", "value", "inv", "firm", "grunfeld_value");
    check_panel("grunfeld", "capital", "inv", "firm", "grunfeld_capital");
    check_panel("mtcars", "wt", "mpg", "cyl", "mtcars_cyl");
}

static void between_agrees_with_r(void **state)
{
    struct panel p = panel_of("grunfeld", "value", "inv", "firm");
    double x[10], y[10], share = -1.0;
    struct rk_correlation c;

    (void)state;
    assert_int_equal(p.n_units, 10);
    assert_int_equal(rk_unit_means(p.x, p.unit, p.n, 10, x), RK_OK);
    assert_int_equal(rk_unit_means(p.y, p.unit, p.n, 10, y), RK_OK);
    for (size_t g = 0; g < 10; g++)
        assert_close(x[g], reference_at(TOPIC, "grunfeld_means", g + 1), 1e-14);
    assert_int_equal(rk_correlation(RK_PEARSON, x, y, 10, 0.95, RK_TWO_SIDED, &c), RK_OK);
    check(&c, "grunfeld_between");
    assert_int_equal(rk_within_share(p.x, p.unit, p.n, 10, &share), RK_OK);
    assert_close(share, reference(TOPIC, "grunfeld_share"), 1e-12);
    panel_free(&p);
    p = panel_of("mtcars", "wt", "mpg", "cyl");
    assert_int_equal(rk_within_share(p.x, p.unit, p.n, p.n_units, &share), RK_OK);
    assert_close(share, reference(TOPIC, "mtcars_cyl_share"), 1e-12);
    panel_free(&p);
}

/* A firm with one row drops out; the codes of a firm without rows stay unused. */
static void unbalanced_panel(void **state)
{
    struct panel p = panel_of("grunfeld", "value", "inv", "firm");
    double mean[10];
    size_t kept = 0;

    (void)state;
    p.year = reference_data("grunfeld", "year", &p.n);
    for (size_t i = 0; i < p.n; i++) {
        if ((p.label[i] == 1 && p.year[i] > 1935) || (p.label[i] == 2 && p.year[i] > 1936) ||
            p.label[i] == 3)
            continue;
        p.x[kept] = p.x[i];
        p.y[kept] = p.y[i];
        p.unit[kept++] = p.unit[i];
    }
    p.n = kept;
    check_within(&p, RK_PEARSON, "unbalanced");
    check_within(&p, RK_SPEARMAN, "unbalanced_spearman");
    check_within(&p, RK_KENDALL, "unbalanced_kendall");
    assert_int_equal(rk_unit_means(p.x, p.unit, p.n, p.n_units, mean), RK_OK);
    assert_close(mean[0], p.x[0], 0.0);
    assert_true(isnan(mean[2]));
    panel_free(&p);
}

/* --- two-way and partial ---------------------------------------------------------------------- */

enum cells { ALL, GAPS, PARTS };

/* Grunfeld's firms and years, whole or in part, with capital as the control. */
static struct panel cells_of(enum cells cells, double **control)
{
    struct panel p = panel_of("grunfeld", "value", "inv", "firm");
    size_t kept = 0;

    *control = reference_data("grunfeld", "capital", &p.n);
    p.year = reference_data("grunfeld", "year", &p.n);
    for (size_t i = 0; i < p.n; i++) {
        if ((cells == GAPS && ((i + 1) * 7) % 11 <= 3) ||
            (cells == PARTS && (p.label[i] <= 5) != (p.year[i] <= 1944)))
            continue;
        p.x[kept] = p.x[i];
        p.y[kept] = p.y[i];
        p.year[kept] = p.year[i];
        (*control)[kept] = (*control)[i];
        p.unit[kept++] = p.unit[i];
    }
    p.n = kept;
    return p;
}

static void check_general(enum cells cells, bool two_way, bool partial, const char *name)
{
    double *control, *residual;
    struct panel p = cells_of(cells, &control);
    const double *const controls[] = {control};
    uint32_t period[200];
    struct rk_correlation_data d = {.n = p.n,
                                    .x = p.x,
                                    .y = p.y,
                                    .control = controls,
                                    .n_controls = partial,
                                    .unit = p.unit,
                                    .n_units = p.n_units,
                                    .period = two_way ? period : NULL,
                                    .n_periods = two_way ? 20 : 0};

    residual = calloc(p.n, sizeof *residual);
    for (size_t i = 0; i < p.n; i++)
        period[i] = (uint32_t)(p.year[i] - 1935);
    for (int method = 0; method < 2; method++) {
        struct rk_correlation c;
        char full[64];

        snprintf(full, sizeof full, "%s_%s", name, methods[method]);
        assert_int_equal(rk_correlate(method, &d, 0.95, RK_TWO_SIDED, residual, &c), RK_OK);
        check(&c, full);
        assert_int_equal(c.n, p.n);
        assert_int_equal(c.n_units, 10);
    }
    assert_int_equal(rk_correlate(RK_KENDALL, &d, 0.95, RK_TWO_SIDED, residual, NULL), RK_EDOMAIN);
    panel_free(&p);
    free(control);
    free(residual);
}

static void two_way_agrees_with_r(void **state)
{
    (void)state;
    check_general(ALL, true, false, "two_way");
    check_general(GAPS, true, false, "two_way_gaps");
    check_general(PARTS, true, false, "two_way_parts");
}

/* The residuals are lm's, but for their norm; rows alone in their firm or year have none. */
static void residuals_of_two_way(void **state)
{
    double *control, residual[202], norm = 0.0;
    struct panel p = cells_of(GAPS, &control);
    double *x = calloc(p.n + 2, sizeof *x), *y = calloc(p.n + 2, sizeof *y);
    uint32_t period[202], unit[202];
    struct rk_correlation c;
    const struct rk_correlation_data d = {.n = p.n + 2,
                                          .x = x,
                                          .y = y,
                                          .unit = unit,
                                          .n_units = 12,
                                          .period = period,
                                          .n_periods = 22};

    (void)state;
    for (size_t i = 0; i < p.n; i++) {
        x[i] = p.x[i];
        y[i] = p.y[i];
        unit[i] = p.unit[i];
        period[i] = (uint32_t)(p.year[i] - 1935);
        norm += pow(reference_at(TOPIC, "two_way_gaps_residual", i + 1), 2.0);
    }
    x[p.n] = x[p.n + 1] = 5000.0;
    unit[p.n] = unit[p.n + 1] = 11; /* two rows, but the second is alone in its year */
    period[p.n] = 3;
    period[p.n + 1] = 21;
    assert_int_equal(rk_correlate(RK_PEARSON, &d, 0.95, RK_TWO_SIDED, residual, &c), RK_OK);
    check(&c, "two_way_gaps_pearson");
    norm = sqrt((1.0 - c.estimate * c.estimate) / norm);
    for (size_t i = 0; i < p.n; i++)
        assert_true(fabs(residual[i] - norm * reference_at(TOPIC, "two_way_gaps_residual", i + 1)) <
                    1e-12);
    assert_true(isnan(residual[p.n]) && isnan(residual[p.n + 1]));
    free(x);
    free(y);
    free(control);
    panel_free(&p);
}

static void partial_agrees_with_r(void **state)
{
    size_t n;
    double *x = reference_data("mtcars", "wt", &n), *y = reference_data("mtcars", "mpg", &n);
    double *hp = reference_data("mtcars", "hp", &n), *qsec = reference_data("mtcars", "qsec", &n);
    const double *const controls[] = {hp, qsec, hp};
    struct rk_correlation_data d = {.n = n, .x = x, .y = y, .control = controls};
    struct rk_correlation c, before;
    char name[64];

    (void)state;
    for (int method = 0; method < 2; method++) {
        snprintf(name, sizeof name, "partial_mtcars_%s", methods[method]);
        d.n_controls = 1;
        assert_int_equal(rk_correlate(method, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_OK);
        check(&c, name);
        snprintf(name, sizeof name, "partial_two_%s", methods[method]);
        for (d.n_controls = 2; d.n_controls <= 3; d.n_controls++) { /* the third says nothing new */
            assert_int_equal(rk_correlate(method, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_OK);
            check(&c, name);
        }
    }
    d.n_controls = 2;
    assert_int_equal(rk_correlate(RK_PEARSON, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_OK);
    assert_close(c.estimate, reference(TOPIC, "partial_two_precision"), 1e-12);
    before = c;
    d.y = hp; /* nothing is left of it */
    assert_int_equal(rk_correlate(RK_PEARSON, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_ECONSTANT);
    d.n = 4; /* 4 - 2 - 2 */
    d.y = y;
    assert_int_equal(rk_correlate(RK_PEARSON, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_ETOOFEW);
    assert_int_equal(rk_correlate(RK_KENDALL, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_EDOMAIN);
    assert_memory_equal(&c, &before, sizeof c);
    check_general(ALL, false, true, "partial_within");
    check_general(GAPS, true, true, "partial_two_way");
    free(x);
    free(y);
    free(hp);
    free(qsec);
}

static void check_difference(const char *file, const char *y_name, const char *x1_name,
                             const char *x2_name, const char *name)
{
    size_t n;
    double *y = reference_data(file, y_name, &n), *x1 = reference_data(file, x1_name, &n);
    double *x2 = reference_data(file, x2_name, &n);
    struct rk_correlation a, b, q, c, before, less;

    rk_correlation(RK_PEARSON, x1, y, n, 0.95, RK_TWO_SIDED, &a);
    rk_correlation(RK_PEARSON, x2, y, n, 0.95, RK_TWO_SIDED, &b);
    rk_correlation(RK_PEARSON, x1, x2, n, 0.95, RK_TWO_SIDED, &q);
    assert_int_equal(rk_correlation_difference(&a, &b, q.estimate, (double)n, RK_TWO_SIDED, &c),
                     RK_OK);
    check(&c, name);
    assert_int_equal(rk_correlation_difference(&a, &b, q.estimate, (double)n, RK_LESS, &less),
                     RK_OK);
    assert_close(less.conf_low, -2.0, 0.0);
    assert_close(less.conf_high, c.conf_high, 1e-14);
    before = c;
    assert_int_equal(rk_correlation_difference(&a, &b, 1.0, (double)n, RK_TWO_SIDED, &c),
                     RK_EPERFECT);
    assert_int_equal(rk_correlation_difference(&a, &b, 0.5, 3.0, RK_TWO_SIDED, &c), RK_ETOOFEW);
    assert_memory_equal(&c, &before, sizeof c);
    free(y);
    free(x1);
    free(x2);
}

static void difference_agrees_with_r(void **state)
{
    (void)state;
    check_difference("grunfeld", "inv", "value", "capital", "difference_grunfeld");
    check_difference("mtcars", "mpg", "hp", "wt", "difference_mtcars");
}

/* What is a sum of a firm's and a year's number has no variation of its own. */
static void two_way_undefined(void **state)
{
    double *control;
    struct panel p = cells_of(GAPS, &control);
    uint32_t period[200];
    struct rk_correlation c, before;
    const struct rk_correlation_data d = {.n = p.n,
                                          .x = p.x,
                                          .y = p.y,
                                          .unit = p.unit,
                                          .n_units = 10,
                                          .period = period,
                                          .n_periods = 20};

    (void)state;
    memset(&before, 0x5a, sizeof before);
    c = before;
    for (size_t i = 0; i < p.n; i++) {
        period[i] = (uint32_t)(p.year[i] - 1935);
        p.x[i] = 0.1 * p.unit[i] + 1e6 / (1.0 + period[i]);
    }
    assert_int_equal(rk_correlate(RK_PEARSON, &d, 0.95, RK_TWO_SIDED, NULL, &c), RK_ECONSTANT);
    assert_memory_equal(&c, &before, sizeof c);
    free(control);
    panel_free(&p);
}

/* Ranks of means must see ties: equal sums in whatever order, and units of one value. */
static void equal_units_have_equal_means(void **state)
{
    static const double x[] = {5, 1, 1, 0, 0, 0, 3, 0, 0, 3,   0,   5,
                               1, 1, 2, 2, 2, 1, 1, 1, 1, 0.1, 0.1, 0.1};
    static const uint32_t unit[] = {0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1,
                                    1, 1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3};
    double mean[4];

    (void)state;
    assert_int_equal(rk_unit_means(x, unit, 24, 4, mean), RK_OK);
    assert_close(mean[0], 10.0 / 7.0, 1e-15);
    assert_true(mean[1] == mean[0] && mean[2] == mean[0]);
    assert_close(mean[3], 0.1, 0.0);
}

static void undefined_within(void **state)
{
    static const double x[] = {1, 2, 3, 5, 8, 6}, y[] = {2, 1, 4, 3, 5, 9};
    static const double steps[] = {0.1, 0.1, 0.7, 0.7, 0.3, 0.3}, bad[] = {1, 2, 3, 4, 5, NAN};
    static const uint32_t pairs[] = {0, 0, 1, 1, 2, 2}, apart[] = {0, 1, 2, 3, 4, 5};
    static const uint32_t one_pair[] = {0, 0, 1, 2, 3, 4};
    struct rk_correlation c, before;

    (void)state;
    memset(&before, 0x5a, sizeof before);
    memcpy(&c, &before, sizeof c);
    for (int m = 0; m < 3; m++) {
        assert_int_equal(rk_correlation_within(m, NULL, NULL, NULL, 0, 0, 0.95, RK_TWO_SIDED, &c),
                         RK_ETOOFEW);
        assert_int_equal(rk_correlation_within(m, x, y, apart, 6, 6, 0.95, RK_TWO_SIDED, &c),
                         RK_ETOOFEW);
        assert_int_equal(rk_correlation_within(m, x, y, one_pair, 6, 5, 0.95, RK_TWO_SIDED, &c),
                         RK_ETOOFEW);
        assert_int_equal(rk_correlation_within(m, steps, y, pairs, 6, 3, 0.95, RK_TWO_SIDED, &c),
                         RK_ECONSTANT);
        assert_int_equal(rk_correlation_within(m, x, steps, pairs, 6, 3, 0.95, RK_TWO_SIDED, &c),
                         RK_ECONSTANT);
        assert_int_equal(rk_correlation_within(m, x, bad, pairs, 6, 3, 0.95, RK_TWO_SIDED, &c),
                         RK_EDOMAIN);
    }
    assert_unchanged(&c, &before);
    /* With one unit, within is the plain correlation. */
    assert_int_equal(rk_correlation_within(RK_PEARSON, x, y, (const uint32_t[6]){0}, 6, 1, 0.95,
                                           RK_TWO_SIDED, &c),
                     RK_OK);
    assert_int_equal(rk_correlation(RK_PEARSON, x, y, 6, 0.95, RK_TWO_SIDED, &before), RK_OK);
    assert_close(c.p_value, before.p_value, 1e-14);
    assert_close(c.conf_low, before.conf_low, 1e-14);
}

static void shares(void **state)
{
    static const double flat[] = {0.1, 0.1, 0.1, 0.1}, steps[] = {0.1, 0.1, 0.7, 0.7};
    static const double inside[] = {1, 2, 1, 2};
    static const uint32_t pairs[] = {0, 0, 1, 1};
    double share = -1.0;

    (void)state;
    assert_int_equal(rk_within_share(flat, pairs, 4, 2, &share), RK_OK);
    assert_true(isnan(share));
    assert_int_equal(rk_within_share(steps, pairs, 4, 2, &share), RK_OK);
    assert_close(share, 0.0, 0.0);
    assert_int_equal(rk_within_share(inside, pairs, 4, 2, &share), RK_OK);
    assert_close(share, 1.0, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panels_agree_with_r),
        cmocka_unit_test(between_agrees_with_r),
        cmocka_unit_test(unbalanced_panel),
        cmocka_unit_test(two_way_agrees_with_r),
        cmocka_unit_test(residuals_of_two_way),
        cmocka_unit_test(partial_agrees_with_r),
        cmocka_unit_test(two_way_undefined),
        cmocka_unit_test(difference_agrees_with_r),
        cmocka_unit_test(equal_units_have_equal_means),
        cmocka_unit_test(undefined_within),
        cmocka_unit_test(shares),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
