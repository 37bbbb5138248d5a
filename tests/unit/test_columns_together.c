/* Pairs of columns that share their rows: to the byte what each pair gives by itself. */
#include "repkit/correlation.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "reference.h"
#include "repkit/random.h"

enum { UNITS = 7, PERIODS = 9, MOST = UNITS * PERIODS, COLUMNS = 4, PAIRS = 6 };

struct panel {
    size_t n;
    double column[COLUMNS][MOST]; /* the last does not vary within units */
    uint32_t unit[MOST], period[MOST];
};

/* With gaps, and a unit of a single row. */
static void draw(struct panel *p)
{
    struct rk_rng rng;

    rk_rng_stream(&rng, 1, "test", "", 0);
    p->n = 0;
    for (uint32_t u = 0; u < UNITS; u++)
        for (uint32_t t = 0; t < PERIODS; t++) {
            if (u == UNITS - 1 ? t != 3 : rk_rng_uniform(&rng) < 0.3)
                continue;
            for (size_t j = 0; j + 1 < COLUMNS; j++)
                p->column[j][p->n] = 1e6 + (double)u + (double)(j + 1) * rk_rng_normal(&rng);
            p->column[COLUMNS - 1][p->n] = (double)u;
            p->unit[p->n] = u;
            p->period[p->n++] = t;
        }
}

static const struct rk_column_pair pairs[PAIRS] = {{0, 1}, {2, 1}, {0, 3}, {1, 2}, {3, 3}, {0, 0}};

struct seen {
    double residual[PAIRS][MOST];
    size_t n;
};

static void keep(void *data, size_t pair, const double *residual)
{
    struct seen *seen = data;

    memcpy(seen->residual[pair], residual, seen->n * sizeof *residual);
}

static struct rk_correlation_data data_of(const struct panel *p, const double *const *rest,
                                          int effects)
{
    return (struct rk_correlation_data){.n = p->n,
                                        .x = p->column[0],
                                        .y = p->column[1],
                                        .control = rest,
                                        .n_controls = COLUMNS - 2,
                                        .unit = effects > 0 ? p->unit : NULL,
                                        .n_units = effects > 0 ? UNITS : 0,
                                        .period = effects > 1 ? p->period : NULL,
                                        .n_periods = effects > 1 ? PERIODS : 0};
}

static void each_is_as_by_itself(void **state)
{
    static struct panel p;
    static struct seen seen;
    const double *const rest[] = {p.column[2], p.column[3]};

    (void)state;
    draw(&p);
    seen.n = p.n;
    for (int effects = 0; effects < 3; effects++) {
        const struct rk_correlation_data data = data_of(&p, rest, effects);
        struct rk_correlation out[PAIRS];
        enum rk_status status[PAIRS];
        const struct rk_correlation_pairs all = {pairs, PAIRS,  0.9,  RK_GREATER,
                                                 out,   status, keep, &seen};

        assert_int_equal(rk_correlate_pairs(&data, &all), RK_OK);
        for (size_t k = 0; k < PAIRS; k++) {
            struct rk_correlation_data one = data;
            struct rk_correlation c;
            double residual[MOST];

            one.x = p.column[pairs[k].x];
            one.y = p.column[pairs[k].y];
            one.n_controls = 0;
            assert_int_equal(rk_correlate(RK_PEARSON, &one, 0.9, RK_GREATER, residual, &c),
                             status[k]);
            if (status[k] != RK_OK)
                continue;
            assert_true(c.n == out[k].n && c.n_units == out[k].n_units && c.df == out[k].df);
            assert_close(out[k].estimate, c.estimate, 0);
            assert_close(out[k].conf_low, c.conf_low, 0);
            assert_close(out[k].statistic, c.statistic, 0);
            assert_close(out[k].p_value, c.p_value, 0);
            for (size_t i = 0; i < p.n; i++)
                assert_close(seen.residual[k][i], residual[i], 0);
        }
        assert_int_equal(status[2], effects == 0 ? RK_OK : RK_ECONSTANT);
    }
}

static void what_is_undefined(void **state)
{
    static struct panel p;
    const double *const rest[] = {p.column[2], p.column[3]};
    struct rk_correlation out[PAIRS] = {{.n = 7}};
    enum rk_status status[PAIRS] = {RK_EIO};
    const struct rk_correlation_pairs all = {pairs, PAIRS,  0.95, RK_TWO_SIDED,
                                             out,   status, NULL, NULL};
    struct rk_correlation_data data;

    (void)state;
    draw(&p);
    data = data_of(&p, rest, 0);
    data.n = 2;
    assert_int_equal(rk_correlate_pairs(&data, &all), RK_ETOOFEW);
    data.n = p.n;
    p.column[2][5] = NAN;
    assert_int_equal(rk_correlate_pairs(&data, &all), RK_EDOMAIN);
    assert_true(out[0].n == 7 && status[0] == RK_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_as_by_itself),
        cmocka_unit_test(what_is_undefined),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
