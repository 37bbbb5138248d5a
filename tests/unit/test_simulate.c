/* The simulated panel: streams, and what went into it is found in it again. */
#include "simulated.h"

enum { REP, PERIOD, REGION, TREATED, AFTER, CALLS, EMAILS, MEETINGS, NOTES, TASKS, DEALS, REVENUE };

static struct rk_result *simulated_panel(const struct rk_simulate_options *options,
                                         unsigned threads, uint64_t seed)
{
    return simulated_by(rk_simulate_run, options, threads, seed);
}

static const double *column(const struct rk_result *result, size_t index)
{
    return rk_result_table(result, "panel")->column[index].number;
}

/* Whether the first `periods` of the first `reps` are the same in both, to the bit. */
static bool same_start(const struct rk_result *a, const struct rk_result *b, size_t reps,
                       size_t periods, size_t periods_a, size_t periods_b, size_t first_column)
{
    for (size_t rep = 0; rep < reps; rep++)
        for (size_t j = first_column; j <= REVENUE; j++)
            if (j != REGION &&
                memcmp(column(a, j) + rep * periods_a, column(b, j) + rep * periods_b,
                       periods * sizeof(double)) != 0)
                return false;
    return true;
}

static void depends_on_the_seed_only(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *one, *four, *other;

    (void)state;
    options.reps = 100;
    one = simulated_panel(&options, 1, 5);
    four = simulated_panel(&options, 4, 5);
    other = simulated_panel(&options, 1, 6);
    assert_true(one->random);
    assert_int_equal(rk_result_table(one, "panel")->n_rows, 5200);
    assert_true(same_start(one, four, 100, 52, 52, 52, PERIOD));
    assert_true(truth(one, "uplift_revenue") == truth(four, "uplift_revenue"));
    assert_false(same_start(one, other, 1, 52, 52, 52, CALLS));
    rk_result_free(one);
    rk_result_free(four);
    rk_result_free(other);
}

static void more_reps_and_periods_leave_the_others(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *few, *many;

    (void)state;
    options.reps = 7;
    options.periods = 30;
    options.rollout = 15;
    few = simulated_panel(&options, 1, 1);
    options.reps = 33;
    options.periods = 60;
    many = simulated_panel(&options, 2, 1);
    assert_true(same_start(few, many, 7, 30, 30, 60, PERIOD));
    rk_result_free(few);
    rk_result_free(many);
}

/* What is changed by --uplift, --missing and --effect is that alone. */
static void options_change_their_part_only(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *base, *changed;

    (void)state;
    options.missing = 0.0;
    base = simulated_panel(&options, 1, 1);
    options.uplift = 0.5;
    changed = simulated_panel(&options, 1, 1);
    for (size_t i = 0; i < 1040; i++) {
        bool lifted = column(base, TREATED)[i] == 1.0 && column(base, AFTER)[i] == 1.0;
        double ratio = column(changed, REVENUE)[i] / column(base, REVENUE)[i];

        assert_true(fabs(ratio - (lifted ? 1.5 / 1.08 : 1.0)) < 1e-4);
        assert_true(column(base, CALLS)[i] == column(changed, CALLS)[i]);
    }
    rk_result_free(changed);
    options.uplift = 0.08;
    options.missing = 0.3;
    changed = simulated_panel(&options, 1, 1);
    for (size_t i = 0; i < 1040; i++)
        assert_true(isnan(column(changed, REVENUE)[i]) ||
                    column(changed, REVENUE)[i] == column(base, REVENUE)[i]);
    rk_result_free(changed);
    options.missing = 0.0;
    options.deal_size = 250.0;
    changed = simulated_panel(&options, 1, 1);
    assert_true(truth(changed, "revenue_per_deal") == 250.0);
    assert_close(sum_of(column(changed, DEALS), 1040) / sum_of(column(base, DEALS), 1040), 10.0,
                 0.1);
    assert_memory_equal(column(changed, CALLS), column(base, CALLS), 1040 * sizeof(double));
    rk_result_free(changed);
    rk_result_free(base);
}

static void shape_of_the_panel(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result = simulated_panel(&options, 1, 3);
    const struct rk_table *panel = rk_result_table(result, "panel");
    double gain = 0.0;
    size_t n_treated = 0;
    struct rk_text cell = {0};

    (void)state;
    rk_table_cell(panel, 51, PERIOD, &cell);
    assert_string_equal(cell.bytes, "2024-W52");
    assert_string_equal(rk_table_text(panel, 0, REP), "R001");
    assert_string_equal(rk_table_text(panel, 1039, REP), "R020");
    for (size_t i = 0; i < panel->n_rows; i++) {
        double revenue = column(result, REVENUE)[i], deals = column(result, DEALS)[i];

        assert_true(column(result, AFTER)[i] == (i % 52 + 1 >= 26));
        assert_true(column(result, TREATED)[i] == column(result, TREATED)[i - i % 52]);
        assert_true(isnan(revenue) || (revenue > 0.0 && revenue == round(revenue * 100) / 100));
        assert_true(isnan(deals) || (deals >= 0.0 && deals == floor(deals)));
        for (size_t j = CALLS; j <= TASKS; j++) {
            double count = column(result, j)[i];

            assert_true(isnan(count) || (count >= 0.0 && count == floor(count)));
        }
    }
    /* One of each two is treated. */
    for (size_t rep = 0; rep < 20; rep += 2)
        assert_true(column(result, TREATED)[rep * 52] + column(result, TREATED)[rep * 52 + 52] ==
                    1.0);
    /* The truth's uplift in money, from what it left in the cells. */
    options.missing = 0.0;
    rk_result_free(result);
    result = simulated_panel(&options, 1, 3);
    for (size_t i = 0; i < 1040; i++)
        if (column(result, TREATED)[i] == 1.0 && column(result, AFTER)[i] == 1.0) {
            gain += column(result, REVENUE)[i] * (1.0 - 1.0 / 1.08);
            n_treated++;
        }
    assert_int_equal(n_treated, 270);
    assert_close(truth(result, "uplift_revenue"), gain / 270.0, 1e-5);
    rk_text_free(&cell);
    rk_result_free(result);
}

/* --- moments -------------------------------------------------------------------------------- */

static double mean_of(const double *x, size_t n)
{
    return sum_of(x, n) / (double)n;
}

/* Sums of products around the means of runs of `run` values. */
static double products(const double *x, const double *y, size_t n, size_t run)
{
    double sum = 0.0;

    for (size_t first = 0; first < n; first += run) {
        double mean_x = mean_of(x + first, run), mean_y = mean_of(y + first, run);

        for (size_t i = first; i < first + run; i++)
            sum += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return sum;
}

static double correlation(const double *x, const double *y, size_t n, size_t run)
{
    return products(x, y, n, run) / sqrt(products(x, x, n, run) * products(y, y, n, run));
}

/* Bounds are about four standard errors wide: a wrong formula falls outside, chance does not. */
static void moments_are_those_of_the_truth(void **state)
{
    enum { REPS = 600, PERIODS = 52, N = REPS * PERIODS };
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const double *calls, *meetings, *revenue;
    double *rest = malloc(N * sizeof *rest), first[REPS];
    double cc, cm, mm, cr, mr, determinant, between = 0.0, within, total_mean, differences = 0.0;

    (void)state;
    options.reps = REPS;
    options.missing = 0.0;
    options.uplift = 0.0;
    result = simulated_panel(&options, 2, 11);
    calls = column(result, CALLS);
    meetings = column(result, MEETINGS);
    revenue = column(result, REVENUE);
    assert_close(mean_of(calls, N), truth(result, "mean_calls"), 0.05);
    assert_close(mean_of(column(result, EMAILS), N), truth(result, "mean_emails"), 0.05);
    assert_close(mean_of(revenue, N), truth(result, "mean_revenue"), 0.04);
    assert_close(mean_of(column(result, DEALS), N),
                 truth(result, "mean_revenue") / truth(result, "revenue_per_deal"), 0.04);
    assert_close(sqrt(products(revenue, revenue, N, N) / N), truth(result, "sd_revenue"), 0.05);
    /* Within reps, least squares finds the effects. */
    cc = products(calls, calls, N, PERIODS);
    cm = products(calls, meetings, N, PERIODS);
    mm = products(meetings, meetings, N, PERIODS);
    cr = products(calls, revenue, N, PERIODS);
    mr = products(meetings, revenue, N, PERIODS);
    determinant = cc * mm - cm * cm;
    assert_close((mm * cr - cm * mr) / determinant, 12.5, 0.12);
    assert_close((cc * mr - cm * cr) / determinant, 150.0, 0.035);
    /* What activity leaves: variance components and autocorrelation. */
    for (size_t i = 0; i < N; i++)
        rest[i] = revenue[i] - 12.5 * calls[i] - 150.0 * meetings[i];
    total_mean = mean_of(rest, N);
    assert_close(total_mean, truth(result, "level"), 0.03);
    within = products(rest, rest, N, PERIODS) / (N - REPS);
    for (size_t rep = 0; rep < REPS; rep++)
        between += pow(mean_of(rest + rep * PERIODS, PERIODS) - total_mean, 2.0) / (REPS - 1);
    assert_close(sqrt(within), truth(result, "sd_noise"), 0.03);
    assert_close(sqrt(between), truth(result, "sd_reps"), 0.12);
    /* E (e_t - e_{t-1})^2 = 2 sd^2 (1 - ar). The lag-1 correlation around the reps' own means would
     * be too low by (1 + 3 ar) / T (Kendall 1954). */
    for (size_t i = 1; i < N; i++)
        if (i % PERIODS != 0)
            differences += pow(rest[i] - rest[i - 1], 2.0) / (REPS * (PERIODS - 1));
    assert_close(1.0 - differences / (2.0 * pow(truth(result, "sd_noise"), 2.0)), 0.3, 0.1);
    /* The first week varies as all do: the noise begins as if it had always run. */
    for (size_t rep = 0; rep < REPS; rep++)
        first[rep] = rest[rep * PERIODS];
    assert_close(sqrt(products(first, first, REPS, REPS) / (REPS - 1)),
                 hypot(truth(result, "sd_noise"), truth(result, "sd_reps")), 0.12);
    /* Pooled and within differ, clearly. */
    assert_true(correlation(calls, revenue, N, N) > correlation(calls, revenue, N, PERIODS) + 0.2);
    assert_true(correlation(column(result, NOTES), revenue, N, N) > 0.3);
    assert_true(fabs(correlation(column(result, NOTES), revenue, N, PERIODS)) < 0.06);
    free(rest);
    rk_result_free(result);
}

static void difference_in_differences_finds_the_uplift(void **state)
{
    enum { REPS = 600, PERIODS = 52, BEFORE = 25 };
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    double change[2] = {0};

    (void)state;
    options.reps = REPS;
    options.missing = 0.0;
    result = simulated_panel(&options, 2, 12);
    for (size_t rep = 0; rep < REPS; rep++) {
        const double *revenue = column(result, REVENUE) + rep * PERIODS;

        change[(int)column(result, TREATED)[rep * PERIODS]] +=
            (mean_of(revenue + BEFORE, PERIODS - BEFORE) - mean_of(revenue, BEFORE)) / (REPS / 2);
    }
    assert_close(truth(result, "uplift_revenue"), 0.08 * 3250.0, 0.05);
    assert_close(change[1] - change[0], truth(result, "uplift_revenue"), 0.2);
    assert_true(fabs(change[0]) < 40.0);
    rk_result_free(result);
}

static void missing_cells(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    size_t n = 0;

    (void)state;
    options.reps = 200;
    options.missing = 0.2;
    result = simulated_panel(&options, 1, 1);
    for (size_t j = CALLS; j <= REVENUE; j++)
        for (size_t i = 0; i < 200 * 52; i++)
            n += isnan(column(result, j)[i]);
    assert_close((double)n / (7.0 * 200.0 * 52.0), 0.2, 0.03);
    for (size_t i = 0; i < 200 * 52; i++)
        assert_false(isnan(column(result, TREATED)[i]) || isnan(column(result, PERIOD)[i]));
    rk_result_free(result);
}

static void expect_failure(struct rk_simulate_options options, const char *effect,
                           const char *expected)
{
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    if (effect != NULL)
        assert_int_equal(rk_names_add(&options.effects, effect), RK_OK);
    assert_int_equal(rk_simulate_run(&options, &ctx, result, &error), RK_EUSAGE);
    assert_string_equal(error.text, expected);
    rk_names_free(&options.effects);
    rk_result_free(result);
}

static void failures(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;

    (void)state;
    expect_failure(options, "cals=3", "--effect: no activity 'cals'; did you mean 'calls'?");
    expect_failure(options, "revenue=3",
                   "--effect: no activity 'revenue'; there are calls, emails, meetings, notes, "
                   "tasks");
    expect_failure(options, "calls", "--effect: 'calls' is not NAME=VALUE");
    expect_failure(options, "=3", "--effect: '=3' is not NAME=VALUE");
    expect_failure(options, "calls=many",
                   "--effect: 'many' is no number between -1000000 and 1000000");
    expect_failure(options, "calls=1e7",
                   "--effect: '1e7' is no number between -1000000 and 1000000");
    expect_failure(options, "calls=-500",
                   "--effect: revenue would be negative in 1040 of 1040 cells");
    options.rollout = 53;
    expect_failure(options, NULL, "--rollout: 53 comes after the last of 52 periods");
}

static void smallest_panels(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;

    (void)state;
    options.reps = 1;
    options.periods = 1;
    result = simulated_panel(&options, 1, 1);
    assert_int_equal(rk_result_table(result, "panel")->n_rows, 1);

    assert_true(isnan(truth(result, "uplift_revenue")) == (column(result, TREATED)[0] == 0.0));
    rk_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(depends_on_the_seed_only),
        cmocka_unit_test(more_reps_and_periods_leave_the_others),
        cmocka_unit_test(options_change_their_part_only),
        cmocka_unit_test(shape_of_the_panel),
        cmocka_unit_test(moments_are_those_of_the_truth),
        cmocka_unit_test(difference_in_differences_finds_the_uplift),
        cmocka_unit_test(missing_cells),
        cmocka_unit_test(failures),
        cmocka_unit_test(smallest_panels),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
