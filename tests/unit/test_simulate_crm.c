/* The simulated CRM: files that add up, one mechanism with the panel, streams and refusals. */
#include "simulated.h"

enum { REP_NAME = 24 };
/* 2024-W01 in weeks since that of 1970-01-01 */
static const double WEEK_1 = 2818.0;

static const char *const activity_columns[] = {"calls", "emails", "meetings", "notes", "tasks"};
static const char *const activity_types[] = {"Call", "Email", "Meeting", "Note", "Task"};

static uint32_t key_of(struct rk_dict *dict, const char *rep, double week, bool add)
{
    char key[64];
    int n = snprintf(key, sizeof key, "%s|%.0f", rep, week);

    return add ? rk_dict_code(dict, key, (size_t)n) : rk_dict_find(dict, key, (size_t)n);
}

/* Codes are the panel's row numbers: each key is there once. */
static struct rk_dict *panel_rows(const struct rk_table *panel)
{
    struct rk_dict *dict = rk_dict_new();
    const double *period = numbers(panel, "period");

    assert_non_null(dict);
    for (size_t i = 0; i < panel->n_rows; i++)
        assert_int_equal(key_of(dict, rk_table_text(panel, i, 0), period[i], true), i);
    return dict;
}

/* The panel's row of a day; a day outside a rep's rows fails. */
static size_t row_of(struct rk_dict *rows, const char *rep, double day)
{
    uint32_t row = key_of(rows, rep, WEEK_1 + floor((day - MONDAY_1) / 7.0), false);

    if (row == RK_NO_CODE)
        fail_msg("%s has no row for day %g", rep, day);
    return row;
}

/* --- the files add up ------------------------------------------------------------------------ */

/* What the files say of one row of the panel, after the five activities. */
enum { OPENED = 5, WON, LOST, CLOSED_REVENUE, CYCLE, CYCLES, N_SUMS };

static void count_activities(const struct rk_table *activities, struct rk_dict *rows,
                             double (*sum)[N_SUMS])
{
    const double *day = numbers(activities, "date");

    for (size_t i = 0; i < activities->n_rows; i++) {
        const char *type = rk_table_text(activities, i, column_of(activities, "type"));
        size_t k = 0;

        while (k < 5 && strcmp(type, activity_types[k]) != 0)
            k++;
        assert_true(k < 5);
        sum[row_of(rows, rk_table_text(activities, i, 1), day[i])][k]++;
        assert_true(fmod(day[i] - MONDAY_1, 7.0) < 5.0); /* no weekends */
        assert_true(i == 0 || day[i - 1] <= day[i]);
    }
}

static void count_deals(const struct rk_table *deals, struct rk_dict *rows, double (*sum)[N_SUMS])
{
    const double *open = numbers(deals, "open_date"), *close = numbers(deals, "close_date");
    const double *amount = numbers(deals, "amount");

    for (size_t i = 0; i < deals->n_rows; i++) {
        const char *rep = rk_table_text(deals, i, column_of(deals, "rep"));
        const char *stage = rk_table_text(deals, i, column_of(deals, "stage"));
        bool won = strcmp(stage, "Won") == 0, lost = strcmp(stage, "Lost") == 0;
        double *row;

        assert_true(isnan(close[i]) == (!won && !lost));
        assert_false(isnan(open[i]) && isnan(close[i]));
        assert_true(isnan(open[i]) || isnan(close[i]) || open[i] < close[i]);
        assert_true(amount[i] == round(amount[i]) && amount[i] >= 1.0);
        if (!isnan(open[i]))
            sum[row_of(rows, rep, open[i])][OPENED]++;
        if (isnan(close[i]))
            continue;
        row = sum[row_of(rows, rep, close[i])];
        row[won ? WON : LOST]++;
        row[CLOSED_REVENUE] += won ? amount[i] : 0.0;
        row[CYCLE] += isnan(open[i]) ? 0.0 : close[i] - open[i];
        row[CYCLES] += !isnan(open[i]);
    }
}

static void check_total(const struct rk_result *result, const char *column)
{
    const struct rk_table *panel = table_of(result, "panel");
    char name[32];

    snprintf(name, sizeof name, "total_%s", column);
    assert_true(truth(result, name) == sum_of(numbers(panel, column), panel->n_rows));
}

static void files_add_up_to_the_panel_with(const struct rk_simulate_options *options, uint64_t seed)
{
    struct rk_result *result = simulated(options, 2, seed);
    const struct rk_table *panel = table_of(result, "panel");
    struct rk_dict *rows = panel_rows(panel);
    double(*sum)[N_SUMS] = calloc(panel->n_rows, sizeof *sum);

    assert_non_null(sum);
    count_activities(table_of(result, "activities"), rows, sum);
    count_deals(table_of(result, "deals"), rows, sum);
    for (size_t i = 0; i < panel->n_rows; i++) {
        const double *x = sum[i];

        for (size_t k = 0; k < 5; k++)
            assert_true(numbers(panel, activity_columns[k])[i] == x[k]);
        assert_true(numbers(panel, "deals_opened")[i] == x[OPENED]);
        assert_true(numbers(panel, "deals_won")[i] == x[WON]);
        assert_true(numbers(panel, "deals_lost")[i] == x[LOST]);
        assert_true(numbers(panel, "deals_closed")[i] == x[WON] + x[LOST]);
        assert_true(numbers(panel, "revenue")[i] == x[CLOSED_REVENUE]);
        assert_close(numbers(panel, "win_rate")[i], x[WON] / (x[WON] + x[LOST]), 1e-15);
        assert_close(numbers(panel, "avg_deal")[i], x[CLOSED_REVENUE] / x[WON], 1e-15);
        assert_close(numbers(panel, "cycle_days")[i], x[CYCLE] / x[CYCLES], 1e-15);
    }
    for (size_t k = 0; k < 5; k++)
        check_total(result, activity_columns[k]);
    check_total(result, "deals_opened");
    check_total(result, "deals_won");
    check_total(result, "deals_lost");
    check_total(result, "revenue");
    assert_true(truth(result, "total_deals") == (double)table_of(result, "deals")->n_rows);
    free(sum);
    rk_dict_free(rows);
    rk_result_free(result);
}

static void files_add_up_to_the_panel(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;

    (void)state;
    files_add_up_to_the_panel_with(&options, 1);
    options.reps = 60;
    options.periods = 80;
    options.hires = options.churn = 0.6;
    options.deal_size = 400.0;
    files_add_up_to_the_panel_with(&options, 2);
    options.periods = 1;
    files_add_up_to_the_panel_with(&options, 3);
    options.reps = 1;
    files_add_up_to_the_panel_with(&options, 4);
}

static void other_files_add_up_to_the_truth(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result = simulated(&options, 1, 1);
    const struct rk_table *leads = table_of(result, "leads"), *spend = table_of(result, "spend");
    const struct rk_table *scores = table_of(result, "scores"),
                          *roster = table_of(result, "roster");
    const double *month = numbers(spend, "date");
    size_t n_left = 0;

    (void)state;
    assert_true(truth(result, "total_leads") == (double)leads->n_rows);
    assert_true(truth(result, "total_converted") ==
                sum_of(numbers(leads, "converted"), leads->n_rows));
    assert_true(truth(result, "total_spend") == sum_of(numbers(spend, "amount"), spend->n_rows));
    assert_true(truth(result, "total_scores") == (double)scores->n_rows);
    assert_int_equal(spend->n_rows, 12 * 4); /* the year 2024 */
    for (size_t i = 0; i < spend->n_rows; i++) {
        int64_t year;
        int of_year, day;

        rk_civil_from_days((int64_t)month[i], &year, &of_year, &day);
        assert_int_equal(day, 1);
        assert_int_equal(of_year, i / 4 + 1);
    }
    for (size_t i = 0; i < scores->n_rows; i++) {
        assert_true(numbers(scores, "score")[i] >= 4.0 && numbers(scores, "score")[i] <= 10.0);
        assert_true(numbers(scores, "date")[i] < MONDAY_1 + 52 * 7);
    }
    for (size_t i = 0; i < roster->n_rows; i++)
        n_left += !isnan(numbers(roster, "left")[i]);
    assert_true(truth(result, "reps_left") == (double)n_left);
    rk_result_free(result);
}

/* --- one mechanism with the panel ------------------------------------------------------------ */

/* The counts of activities are those of rep-simulate panel, or in a week off all 0. */
static void weeks_are_those_of_the_panel(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_ctx ctx = {.threads = 1, .seed = 5};
    struct rk_result *result, *other = rk_result_new();
    const struct rk_table *panel, *model;
    struct rk_dict *rows;
    size_t n_off = 0, n_weeks = 0;

    (void)state;
    options.reps = 50;
    options.missing = 0.0;
    result = simulated(&options, 1, 5);
    panel = table_of(result, "panel");
    assert_int_equal(rk_simulate_run(&options, &ctx, other, NULL), RK_OK);
    model = table_of(other, "panel");
    rows = panel_rows(model);
    for (size_t i = 0; i < panel->n_rows; i++) {
        const char *rep = rk_table_text(panel, i, 0);
        double week = numbers(panel, "period")[i], all = 0.0;
        uint32_t row = key_of(rows, rep, week, false);

        if (strcmp(rep, "House") == 0)
            continue;
        assert_true(row != RK_NO_CODE);
        for (size_t k = 0; k < 5; k++)
            all += numbers(panel, activity_columns[k])[i];
        n_weeks++;
        n_off += all == 0.0;
        assert_true(numbers(panel, "treated")[i] == numbers(model, "treated")[row]);
        assert_string_equal(rk_table_text(panel, i, column_of(panel, "region")),
                            rk_table_text(model, row, column_of(model, "region")));
        for (size_t k = 0; k < 5; k++)
            assert_true(all == 0.0 || numbers(panel, activity_columns[k])[i] ==
                                          numbers(model, activity_columns[k])[row]);
    }
    assert_true(truth(result, "rep_weeks") == (double)n_weeks);
    assert_true(truth(result, "rep_weeks_off") == (double)n_off);
    assert_close((double)n_off / (double)n_weeks, 5.0 / 52.0 + 1.0 / 52.0, 0.1);
    rk_dict_free(rows);
    rk_result_free(result);
    rk_result_free(other);
}

static void employment(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *result;
    const struct rk_table *roster, *panel;
    struct rk_dict *rows;
    size_t n_hired = 0;

    (void)state;
    options.reps = 300;
    options.hires = 0.3;
    options.churn = 0.2;
    result = simulated(&options, 2, 9);
    roster = table_of(result, "roster");
    panel = table_of(result, "panel");
    rows = panel_rows(panel);
    assert_string_equal(rk_table_text(roster, roster->n_rows - 1, 0), "House");
    assert_true(truth(result, "reps_seen") == (double)roster->n_rows - 1.0);
    for (size_t i = 0; i + 1 < roster->n_rows; i++) {
        double hired = numbers(roster, "hired")[i], left = numbers(roster, "left")[i];
        double first = fmax((hired - MONDAY_1) / 7.0, 0.0);
        double last = isnan(left) ? 51.0 : (left - 6.0 - MONDAY_1) / 7.0;
        const char *rep = rk_table_text(roster, i, 0);

        /* A Monday and a Sunday; rows in between, and none around. */
        assert_true(fmod(hired - MONDAY_1, 7.0) == 0.0 && last == floor(last));
        for (int week = 0; week < 52; week++)
            assert_true((key_of(rows, rep, WEEK_1 + week, false) != RK_NO_CODE) ==
                        (week >= first && week <= last));
        n_hired += hired > MONDAY_1;
    }
    assert_true(truth(result, "reps_hired") == (double)n_hired);
    /* Four standard errors: 299 reps but the first. */
    assert_close((double)n_hired / 299.0, 0.3, 0.35);
    /* Those hired have half a year to leave in. */
    assert_close(truth(result, "reps_left") / 299.0, 0.7 * 0.2 + 0.3 * 0.1, 0.5);
    rk_dict_free(rows);
    rk_result_free(result);
    options.hires = options.churn = 0.0;
    options.reps = 10;
    result = simulated(&options, 1, 1);
    assert_int_equal(table_of(result, "panel")->n_rows, 520);
    assert_int_equal(table_of(result, "roster")->n_rows, 10); /* no house account */
    assert_true(truth(result, "reps_left") == 0.0 && truth(result, "reps_hired") == 0.0);
    rk_result_free(result);
}

/* --- streams --------------------------------------------------------------------------------- */

static void depends_on_the_seed_only(void **state)
{
    static const char *const all[] = {"activities", "deals", "roster", "spend", "leads",
                                      "scores",     "truth", "dirt",   "panel"};
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *one, *four, *other;

    (void)state;
    options.dirty = true;
    one = simulated(&options, 1, 5);
    four = simulated(&options, 4, 5);
    other = simulated(&options, 1, 6);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(same_table(one, four, all[i]));
        assert_false(same_table(one, other, all[i]));
    }
    rk_result_free(one);
    rk_result_free(four);
    rk_result_free(other);
}

/* Columns of the panel of R001 ... R007 in weeks up to `weeks`. */
static void same_weeks(const struct rk_result *few, const struct rk_result *many, int weeks,
                       const char *const *columns, size_t n_columns)
{
    const struct rk_table *a = table_of(few, "panel"), *b = table_of(many, "panel");
    struct rk_dict *rows_a = panel_rows(a), *rows_b = panel_rows(b);

    for (int rep = 1; rep <= 7; rep++)
        for (int week = 0; week < weeks; week++) {
            char name[REP_NAME];
            uint32_t x, y;

            snprintf(name, sizeof name, "R%03d", rep);
            x = key_of(rows_a, name, WEEK_1 + week, false);
            y = key_of(rows_b, name, WEEK_1 + week, false);
            assert_true((x == RK_NO_CODE) == (y == RK_NO_CODE));
            for (size_t k = 0; x != RK_NO_CODE && k < n_columns; k++)
                assert_true(same_cell(a, x, b, y, column_of(a, columns[k])));
        }
    rk_dict_free(rows_a);
    rk_dict_free(rows_b);
}

/* What is opened is on the house account once its rep has left, so that later weeks decide whose
 * openings are; the last week alone is nobody's holiday. */
static void more_reps_and_weeks_leave_the_others(void **state)
{
    static const char *const by_reps[] = {"region",  "treated",      "calls",     "emails",
                                          "tasks",   "deals_opened", "deals_won", "deals_lost",
                                          "revenue", "cycle_days"};
    static const char *const by_weeks[] = {"calls",      "meetings", "deals_won",
                                           "deals_lost", "revenue",  "cycle_days"};
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *few, *reps, *weeks;

    (void)state;
    options.reps = 7;
    options.periods = 30;
    options.rollout = 15;
    options.churn = 0.5;
    few = simulated(&options, 1, 1);
    options.reps = 33;
    reps = simulated(&options, 2, 1);
    same_weeks(few, reps, 30, by_reps, sizeof by_reps / sizeof *by_reps);
    options.periods = 60;
    weeks = simulated(&options, 2, 1);
    same_weeks(few, weeks, 29, by_weeks, sizeof by_weeks / sizeof *by_weeks);
    rk_result_free(few);
    rk_result_free(reps);
    rk_result_free(weeks);
}

/* --- failures -------------------------------------------------------------------------------- */

static void failures(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    (void)state;
    options.rollout = 53;
    assert_int_equal(rk_simulate_crm_run(&options, &ctx, result, &error), RK_EUSAGE);
    assert_string_equal(error.text, "--rollout: 53 comes after the last of 52 periods");
    options.rollout = 0;
    assert_int_equal(rk_names_add(&options.effects, "calls=-500"), RK_OK);
    assert_int_equal(rk_simulate_crm_run(&options, &ctx, result, &error), RK_EUSAGE);
    assert_non_null(strstr(error.text, "--effect: revenue would be negative in "));
    assert_int_equal(result->n_tables, 0);
    rk_names_free(&options.effects);
    rk_result_free(result);
}

static enum rk_status stop(void *data)
{
    (void)data;
    return RK_EINTERRUPT;
}

static void can_be_stopped(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_ctx ctx = {.threads = 2, .seed = 1, .cancelled = stop};
    struct rk_result *result = rk_result_new();

    (void)state;
    options.reps = 100;
    assert_int_equal(rk_simulate_crm_run(&options, &ctx, result, NULL), RK_EINTERRUPT);
    rk_result_free(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_add_up_to_the_panel),
        cmocka_unit_test(other_files_add_up_to_the_truth),
        cmocka_unit_test(weeks_are_those_of_the_panel),
        cmocka_unit_test(employment),
        cmocka_unit_test(depends_on_the_seed_only),
        cmocka_unit_test(more_reps_and_weeks_leave_the_others),
        cmocka_unit_test(failures),
        cmocka_unit_test(can_be_stopped),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
