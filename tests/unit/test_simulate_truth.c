/* What went into the simulated CRM is found in it again. */
#include "simulated.h"

/* Sums of products of two columns of the panel around each rep's means. */
static double products(const struct rk_table *panel, const double *x, const double *y)
{
    double sum = 0.0;

    for (size_t first = 0, last; first < panel->n_rows; first = last) {
        double mean_x, mean_y;

        last = first;
        while (last < panel->n_rows && panel->column[0].code[last] == panel->column[0].code[first])
            last++;
        mean_x = sum_of(x + first, last - first) / (double)(last - first);
        mean_y = sum_of(y + first, last - first) / (double)(last - first);
        for (size_t i = first; i < last; i++)
            sum += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return sum;
}

/* Within reps and weeks off or not, least squares of revenue on calls and meetings. With many small
 * deals a week's revenue is near what the model expects. Bounds are about four standard errors. */
static void effects_are_found(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const struct rk_table *panel;
    const double *calls, *meetings, *revenue;
    double cc, cm, mm, cr, mr, determinant;

    (void)state;
    options.reps = 200;
    options.deal_size = 100.0;
    options.uplift = 0.0;
    result = simulated(&options, 2, 11);
    panel = table_of(result, "panel");
    calls = numbers(panel, "calls");
    meetings = numbers(panel, "meetings");
    revenue = numbers(panel, "revenue");
    cc = products(panel, calls, calls);
    cm = products(panel, calls, meetings);
    mm = products(panel, meetings, meetings);
    cr = products(panel, calls, revenue);
    mr = products(panel, meetings, revenue);
    determinant = cc * mm - cm * cm;
    assert_close((mm * cr - cm * mr) / determinant, 12.5, 0.2);
    assert_close((cc * mr - cm * cr) / determinant, 150.0, 0.09);
    rk_result_free(result);
}

/* Of all reps who were there in both halves, the mean change of those treated against the others;
 * and the variance of a week's revenue is that of the truth. */
static void uplift_and_spread_are_found(void **state)
{
    enum { REPS = 300, BEFORE = 25 };
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const struct rk_table *panel;
    const double *revenue, *treated;
    double change[2] = {0}, squares = 0.0, working = 0.0, n_squares = 0.0;
    size_t n[2] = {0};

    (void)state;
    options.reps = REPS;
    options.deal_size = 100.0;
    options.uplift = 0.3;
    options.hires = options.churn = 0.0;
    result = simulated(&options, 2, 12);
    panel = table_of(result, "panel");
    revenue = numbers(panel, "revenue");
    treated = numbers(panel, "treated");
    assert_int_equal(panel->n_rows, REPS * 52);
    for (size_t first = 0; first < panel->n_rows; first += 52) {
        int t = (int)treated[first];

        change[t] += sum_of(revenue + first + BEFORE, 52 - BEFORE) / (52 - BEFORE) -
                     sum_of(revenue + first, BEFORE) / BEFORE;
        n[t]++;
        for (size_t i = first; i < first + BEFORE; i++)
            if (numbers(panel, "calls")[i] > 0.0) {
                squares += pow(revenue[i] - truth(result, "mean_revenue"), 2.0);
                working += revenue[i];
                n_squares++;
            }
    }
    assert_true(truth(result, "reps_treated") == REPS / 2 && n[1] == REPS / 2);
    assert_close(truth(result, "uplift_revenue"), 0.3 * 3250.0 * (1.0 - 6.0 / 52.0 * 0.385), 0.04);
    assert_close((change[1] - change[0]) / (REPS / 2), truth(result, "uplift_revenue"), 0.13);
    assert_close(working / n_squares, truth(result, "mean_revenue"), 0.03);
    assert_close(sqrt(squares / n_squares), truth(result, "sd_revenue"), 0.05);
    rk_result_free(result);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of the deals opened in the first half all are closed: no cycle takes more than half a year. */
static void deals_are_as_the_truth_says(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const struct rk_table *deals;
    const double *open, *close, *amount;
    double *cycle, n_won = 0.0, n_closed = 0.0, mean, variance = 0.0;
    size_t n = 0, stage;

    (void)state;
    options.reps = 300;
    options.deal_size = 1000.0;
    options.uplift = 0.0;
    result = simulated(&options, 2, 13);
    deals = table_of(result, "deals");
    open = numbers(deals, "open_date");
    close = numbers(deals, "close_date");
    amount = numbers(deals, "amount");
    stage = column_of(deals, "stage");
    cycle = malloc((deals->n_rows + 1) * sizeof *cycle);
    assert_non_null(cycle);
    for (size_t i = 0; i < deals->n_rows; i++) {
        if (!isnan(open[i]) && open[i] < MONDAY_1 + 25 * 7) {
            assert_false(isnan(close[i]));
            cycle[n++] = close[i] - open[i];
        }
        n_won += strcmp(rk_table_text(deals, i, stage), "Won") == 0;
        n_closed += !isnan(close[i]);
        assert_true(amount[i] >= 400.0 && amount[i] <= 1600.0);
    }
    assert_true(n > 30000);
    qsort(cycle, n, sizeof *cycle, by_value);
    assert_true(cycle[n / 2] == truth(result, "cycle_median_days"));
    assert_close(sum_of(cycle, n) / (double)n, truth(result, "cycle_mean_days"), 0.02);
    assert_close(n_won / n_closed, truth(result, "win_rate"), 0.02);
    mean = sum_of(amount, deals->n_rows) / (double)deals->n_rows;
    assert_close(mean, 1000.0, 0.01);
    for (size_t i = 0; i < deals->n_rows; i++)
        variance += pow(amount[i] - mean, 2.0) / (double)deals->n_rows;
    assert_close(sqrt(variance) / mean, truth(result, "amount_cv"), 0.02);
    free(cycle);
    rk_result_free(result);
}

static void leads_and_scores_are_as_the_truth_says(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const struct rk_table *scores;
    const double *score;
    double nps = 0.0;

    (void)state;
    options.reps = 300;
    options.deal_size = 500.0;
    result = simulated(&options, 2, 14);
    scores = table_of(result, "scores");
    score = numbers(scores, "score");
    assert_close(truth(result, "total_converted") / truth(result, "total_leads"),
                 truth(result, "conversion"), 0.02);
    assert_close(truth(result, "total_leads") / truth(result, "rep_weeks"),
                 truth(result, "leads_per_week"), 0.01);
    assert_true(scores->n_rows > 20000);
    assert_close(sum_of(score, scores->n_rows) / (double)scores->n_rows,
                 truth(result, "score_mean"), 0.01);
    for (size_t i = 0; i < scores->n_rows; i++)
        nps += score[i] >= 9.0 ? 100.0 : score[i] <= 6.0 ? -100.0 : 0.0;
    assert_true(fabs(nps / (double)scores->n_rows - truth(result, "nps")) < 2.5);
    rk_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_are_found),
        cmocka_unit_test(uplift_and_spread_are_found),
        cmocka_unit_test(deals_are_as_the_truth_says),
        cmocka_unit_test(leads_and_scores_are_as_the_truth_says),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
