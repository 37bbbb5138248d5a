/* Panels: by hand, and against R. */
#include "panel_files.h"

#include <math.h>

/* The table as CSV without its header. */
static char *rows_of(const struct rk_result *result)
{
    const struct rk_table *table = rk_result_table(result, "panel");
    struct rk_text text = {0};

    rk_text_add(&text, "");
    for (size_t i = 0; i < table->n_rows; i++)
        for (size_t j = 0; j < table->n_columns; j++) {
            if (!rk_table_cell(table, i, j, &text))
                rk_text_add(&text, table->column[j].type == RK_TEXT ? "" : "NA");
            rk_text_add_char(&text, j + 1 < table->n_columns ? ',' : '\n');
        }
    return rk_text_take(&text);
}

static void expect_rows(const struct rk_result *result, const char *expected)
{
    char *rows = rows_of(result);

    assert_string_equal(rows, expected);
    free(rows);
}

static void expect_columns(const struct rk_result *result, const char *expected)
{
    const struct rk_table *table = rk_result_table(result, "panel");
    struct rk_text text = {0};

    for (size_t j = 0; j < table->n_columns; j++)
        rk_text_format(&text, "%s%s", j > 0 ? "," : "", table->column[j].name);
    assert_string_equal(text.bytes, expected);
    rk_text_free(&text);
}

/* How many warnings of that code have the words. */
static size_t warnings(const struct rk_result *result, const char *code, const char *words)
{
    size_t n = 0;

    for (size_t i = 0; i < result->n_warnings; i++)
        n += strcmp(result->warning[i].code, code) == 0 &&
             strstr(result->warning[i].text, words) != NULL;
    return n;
}

/* --- by hand -------------------------------------------------------------------------------- */

static void test_by_hand(void **state)
{
    static char mapped[] = "calls=Appel sortant|Call", never[] = "visits=Visit";
    static char cut[] = "crm=2024-01-17", week[] = "w=2024-W02";
    char *types[] = {mapped, never}, *events[] = {cut, week};
    const struct rk_panel_options options = {
        .period = 1, .types = {types, 2}, .events = {events, 2}};
    struct rk_result *result = panel_of(activities, deals, roster, &options);

    (void)state;
    expect_columns(result, "rep,period,region,team,crm,w,calls,visits,e_mail,meeting,note,"
                           "deals_opened,deals_won,deals_lost,deals_closed,revenue,win_rate,"
                           "avg_deal,cycle_days");
    expect_rows(result, "Ann,2024-W01,North,007,0,0,2,0,0,0,0,3,0,0,0,0,NA,NA,NA\n"
                        "Ann,2024-W02,North,007,0,1,0,0,0,0,0,0,1,0,1,100.1,1,100.1,10\n"
                        "Ann,2024-W03,North,007,NA,1,1,0,1,0,0,0,1,1,2,200.2,0.5,200.2,14.5\n"
                        "Bo,2024-W01,South,008,0,0,1,0,0,0,0,2,2,0,2,NA,1,NA,2.5\n"
                        "Bo,2024-W02,South,008,0,1,0,0,0,0,0,0,0,0,0,0,NA,NA,NA\n"
                        "Cy,2024-W03,,009,NA,1,0,0,0,0,1,0,0,0,0,0,NA,NA,NA\n"
                        "Di,2024-W03,North,007,NA,1,0,0,0,0,0,0,0,0,0,0,NA,NA,NA\n");
    assert_int_equal(warnings(result, "units", "of --roster repeats a rep (first: line 6)"), 1);
    assert_int_equal(warnings(result, "units", "line 6, Bo on 2024-01-10, who left on 2024-01-09"),
                     1);
    assert_int_equal(
        warnings(result, "units", "line 7, Bo on 2023-12-30, who was hired on 2024-01-01"), 1);
    assert_int_equal(warnings(result, "dropped", "1 row of --activities has no rep"), 1);
    assert_int_equal(warnings(result, "dropped", "1 row of --activities has no date"), 1);
    assert_int_equal(warnings(result, "dropped", "1 row of --activities has no type"), 1);
    assert_int_equal(warnings(result, "missing-items", "'visits'"), 1);
    assert_int_equal(warnings(result, "missing-items", "'calls'"), 0);
    assert_int_equal(warnings(result, "bad-cells", "1 won deal has no amount"), 1);
    assert_int_equal(warnings(result, "straddle", "2024-W03"), 1);
    assert_int_equal(warnings(result, "censoring", "1 of 6 deals (17%)"), 1);
    assert_int_equal(result->rows_read, 21);
    assert_int_equal(result->rows_used, 6 + 6) /* a deal is one, opened and closed */;
    rk_result_free(result);
}

static void test_levels_and_fill(void **state)
{
    struct rk_panel_options options = {.period = 2, .level = "all"};
    struct rk_result *result = panel_of(NULL, deals, NULL, &options);

    (void)state;
    expect_columns(result, "period,deals_opened,deals_won,deals_lost,deals_closed,revenue,win_rate,"
                           "avg_deal,cycle_days");
    /* (10 + 14 + 15 + 0 + 5) / 5 */
    expect_rows(result, "2023-12,1,0,0,0,0,NA,NA,NA\n2024-01,5,4,1,5,NA,0.8,NA,8.8\n");
    rk_result_free(result);

    options = (struct rk_panel_options){.period = 1, .level = "region"};
    result = panel_of(activities, NULL, roster, &options);
    expect_columns(result, "region,period,appel_sortant,call,e_mail,meeting,note");
    /* Those without a region come last; W02 of the North is Ann's. */
    expect_rows(result, "North,2024-W01,0,2,0,0,0\nNorth,2024-W02,0,0,0,0,0\n"
                        "North,2024-W03,0,1,1,0,0\nSouth,2024-W01,1,0,0,0,0\n"
                        "South,2024-W02,0,0,0,0,0\n,2024-W03,0,0,0,0,1\n");
    rk_result_free(result);

    options = (struct rk_panel_options){.period = 0, .fill = RK_FILL_NONE};
    result = panel_of("rep,date,type\nB,2024-02-28,x\nA,2024-02-28,x\nB,2024-03-01,x\n", NULL, NULL,
                      &options);
    expect_rows(result, "A,2024-02-28,1\nB,2024-02-28,1\nB,2024-03-01,1\n");
    rk_result_free(result);
    options.fill = RK_FILL_ALL;
    result = panel_of("rep,date,type\nB,2024-02-28,x\nA,2024-02-28,x\nB,2024-03-01,x\n", NULL,
                      "rep,hired\nC,\n", &options);
    expect_rows(result, "A,2024-02-28,1\nA,2024-02-29,0\nA,2024-03-01,0\n"
                        "B,2024-02-28,1\nB,2024-02-29,0\nB,2024-03-01,1\n"
                        "C,2024-02-28,0\nC,2024-02-29,0\nC,2024-03-01,0\n");
    rk_result_free(result);
}

/* A roster without dates bounds nothing, and who did nothing has no row; with dates an empty one
 * is no bound. */
static void test_rosters(void **state)
{
    static const char two[] = "rep,date,type\nA,2024-01-31,x\nA,2024-03-01,x\nB,2024-02-10,x\n";
    const struct rk_panel_options options = {.period = 2};
    struct rk_result *result = panel_of(two, NULL, "rep,region\nA,N\nC,N\n", &options);

    (void)state;
    expect_rows(result, "A,2024-01,N,1\nA,2024-02,N,0\nA,2024-03,N,1\nB,2024-02,,1\n");
    assert_int_equal(warnings(result, "units", "1 rep is not in --roster: B"), 1);
    assert_int_equal(warnings(result, "dropped", "neither dates nor events and no row: C"), 1);
    rk_result_free(result);

    result = panel_of(two, NULL, "rep,left\nA,\nB,2024-02\nC,2024-01\nD,2023-05\n", &options);
    expect_rows(result, "A,2024-01,1\nA,2024-02,0\nA,2024-03,1\n"
                        "B,2024-01,0\nB,2024-02,1\nC,2024-01,0\n");
    assert_int_equal(warnings(result, "units", ""), 0);
    rk_result_free(result);

    /* The first and the last day of employment count; months are whole. */
    result = panel_of("rep,date,type\nA,2024-02-01,x\nA,2024-03-31,x\nA,2024-01-31,x\n"
                      "A,2024-04-01,x\n",
                      NULL, "rep,hired,left\nA,2024-02,2024-03\n", &options);
    expect_rows(result, "A,2024-02,1\nA,2024-03,1\n");
    assert_int_equal(warnings(result, "units", "2 of the activities in --activities lie outside"),
                     1);
    rk_result_free(result);
}

/* --- kinds of files ------------------------------------------------------------------------- */

static void test_wide_files(void **state)
{
    static char mapped[] = "talk=calls|Meetings held";
    char *types[] = {mapped};
    struct rk_panel_options options = {.period = 1};
    struct rk_result *result;

    (void)state;
    result = panel_of("rep,week,calls,Meetings held,note\nA,2024-W01,3,1,x\nA,2024-W02,,2,y\n"
                      "A,2024-W01,3,1,x\nB,2024-W01,0.1,0,\n,2024-W01,1,1,\n,2024-W01,1,1,\n",
                      NULL, NULL, &options);
    expect_columns(result, "rep,period,calls,meetings_held");
    expect_rows(result, "A,2024-W01,3,1\nA,2024-W02,NA,2\nB,2024-W01,0.1,0\n");
    assert_int_equal(warnings(result, "units",
                              "1 row of --activities repeats a rep and date "
                              "(first: line 4)"),
                     1);
    assert_int_equal(warnings(result, "dropped", "2 rows of --activities have no rep"), 1);
    assert_int_equal(warnings(result, "bad-cells", "1 number of --activities is missing"), 1);
    assert_int_equal(warnings(result, "censoring", ""), 0); /* whole weeks */
    rk_result_free(result);

    options.types = (struct rk_names){types, 1};
    result =
        panel_of("rep,date,calls,Meetings held,mails\nA,2024-01-01,3,1,7\nA,2024-01-02,2,0,1\n",
                 NULL, NULL, &options);
    expect_columns(result, "rep,period,talk,mails");
    expect_rows(result, "A,2024-W01,6,8\n");
    rk_result_free(result);
}

static void test_counts(void **state)
{
    const struct rk_panel_options options = {.period = 1};
    struct rk_result *result;

    (void)state;
    result =
        panel_of("rep,date,type,count\nA,2024-01-01,x,3\nA,2024-01-02,x,0.5\nA,2024-01-02,y,\n",
                 NULL, NULL, &options);
    expect_columns(result, "rep,period,x,y");
    expect_rows(result, "A,2024-W01,3.5,NA\n");
    rk_result_free(result);
    result = panel_of("rep,date,count\nA,2024-01-01,3\nA,2024-01-01,4\n", NULL, NULL, &options);
    expect_columns(result, "rep,period,count");
    expect_rows(result, "A,2024-W01,7\n");
    assert_int_equal(warnings(result, "units", ""), 0); /* no key is repeated: rows are events */
    rk_result_free(result);
}

static void test_kinds_of_dates(void **state)
{
    struct rk_panel_options options = {.period = 3};
    struct rk_result *result =
        panel_of("rep,month,x\nA,2023-12,1\nA,2024-01,2\nA,2024-03,4\n", NULL, NULL, &options);

    (void)state;
    expect_rows(result, "A,2023-Q4,1\nA,2024-Q1,6\n");
    rk_result_free(result);
    options.period = 1; /* the last days of 2024 lie in the first week of 2025 */
    result = panel_of("rep,date,type\nA,2024-12-29,x\nA,2024-12-30,x\nA,2025-01-05,x\n", NULL, NULL,
                      &options);
    expect_rows(result, "A,2024-W52,1\nA,2025-W01,2\n");
    rk_result_free(result);
}

/* The order of rows plays no part, and sums lose nothing. */
static void test_order_and_rounding(void **state)
{
    static const char *const rows[] = {
        "A,2024-01-01,2024-01-03,Won,1e16\n", "A,2024-01-01,2024-01-04,Won,1\n",
        "A,2024-01-01,2024-01-05,Won,-1e16\n", "B,2024-01-01,2024-01-05,Lost,0.1\n"};
    const struct rk_panel_options options = {.period = 1};

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct rk_text text = {0};
        struct rk_result *result;

        rk_text_add(&text, "rep,open,close,stage,amount\n");
        for (size_t i = 0; i < 4; i++)
            rk_text_add(&text, rows[(i + k) % 4]);
        result = panel_of(NULL, text.bytes, NULL, &options);
        expect_rows(result, "A,2024-W01,3,3,0,3,1,1,0.3333333333333333,3\n"
                            "B,2024-W01,1,0,1,1,0,0,NA,4\n");
        rk_result_free(result);
        rk_text_free(&text);
    }
}

/* --- events and what is cut off --------------------------------------------------------------- */

static void test_straddling(void **state)
{
    static const struct {
        int straddle;
        const char *rows;
    } cases[] = {{RK_STRADDLE_DROP, "A,2024-01,0,1\nA,2024-02,NA,0\nA,2024-03,1,1\n"},
                 {RK_STRADDLE_BEFORE, "A,2024-01,0,1\nA,2024-02,0,0\nA,2024-03,1,1\n"},
                 {RK_STRADDLE_AFTER, "A,2024-01,0,1\nA,2024-02,1,0\nA,2024-03,1,1\n"}};
    static char cut[] = "go=2024-02-02", first[] = "go=2024-02-01", never[] = "go=2024-04";
    char *events[] = {cut};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct rk_panel_options options = {
            .period = 2, .straddle = cases[i].straddle, .events = {events, 1}};
        struct rk_result *result =
            panel_of("rep,date,type\nA,2024-01-31,x\nA,2024-03-01,x\n", NULL, NULL, &options);

        expect_rows(result, cases[i].rows);
        assert_int_equal(warnings(result, "straddle", ""), i == 0);
        rk_result_free(result);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct rk_panel_options options = {.period = 2, .events = {events, 1}};
        struct rk_result *result;

        events[0] = i == 0 ? first : never;
        result = panel_of("rep,date,type\nA,2024-01-31,x\nA,2024-03-01,x\n", NULL, NULL, &options);
        assert_int_equal(warnings(result, "straddle", ""), 0);
        assert_int_equal(warnings(result, "units", "on one side"), i);
        rk_result_free(result);
    }
}

/* The first and last period are whole if nothing can be missing from them: here no one works on
 * weekends. 2024-06-01 is a Saturday, 2024-06-28 a Friday. */
static void test_partial_periods(void **state)
{
    static const struct {
        const char *first, *last;
        size_t n_first, n_last;
    } cases[] = {{"2024-06-03", "2024-06-28", 0, 0},
                 {"2024-06-04", "2024-06-28", 1, 0},
                 {"2024-06-03", "2024-06-27", 0, 1},
                 {"2024-06-05", "2024-06-21", 1, 1}};
    const struct rk_panel_options options = {.period = 2};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct rk_result *result;

        snprintf(text, sizeof text,
                 "rep,date,type\nA,%s,x\nA,%s,x\nA,2024-06-10,x\nA,2024-06-11,x\nA,2024-06-12,x\n"
                 "A,2024-06-13,x\nA,2024-06-14,x\n",
                 cases[i].first, cases[i].last);
        result = panel_of(text, NULL, NULL, &options);
        assert_int_equal(warnings(result, "censoring", "the first period, 2024-06"),
                         cases[i].n_first);
        assert_int_equal(warnings(result, "censoring", "the last period, 2024-06"),
                         cases[i].n_last);
        rk_result_free(result);
    }
}

/* Columns that begin or end periods apart from the others. */
static void test_uneven_exports(void **state)
{
    const struct rk_panel_options options = {.period = 2};
    struct rk_result *result =
        panel_of("rep,date,type\nA,2024-01-01,x\nA,2024-06-30,x\n",
                 "rep,open,close,stage,amount\nA,2024-02-01,2024-03-05,Won,1\n", NULL, &options);

    (void)state;
    assert_int_equal(warnings(result, "censoring", "no deal is opened before"), 0);
    assert_int_equal(warnings(result, "censoring", "no deal is opened after 2024-02, 4 periods"),
                     1);
    assert_int_equal(warnings(result, "censoring", "no deal is won or lost before 2024-03, 2 "), 1);
    assert_int_equal(warnings(result, "censoring", "no deal is won or lost after 2024-03, 3 "), 1);
    assert_int_equal(warnings(result, "censoring", "no activity"), 0);
    rk_result_free(result);
}

static void test_backward_deals(void **state)
{
    const struct rk_panel_options options = {.period = 1};
    struct rk_result *result =
        panel_of(NULL,
                 "rep,open,close,stage,amount\nA,2024-01-03,2024-01-02,Won,1\n"
                 "A,2024-01-02,2024-01-04,Lost,1\nA,,2024-01-05,Won,3\nA,2024-01-05,,Won,1\n",
                 NULL, &options);

    (void)state;
    expect_rows(result, "A,2024-W01,3,2,1,3,4,0.6666666666666666,2,2\n");
    assert_int_equal(warnings(result, "units", "1 deal closes before it is opened (first: line 2)"),
                     1);
    assert_int_equal(warnings(result, "dropped", "1 deal of --deals has no open date"), 1);
    assert_int_equal(warnings(result, "dropped", "1 won or lost deal of --deals has no close date"),
                     1);
    rk_result_free(result);
}

/* --- against R -------------------------------------------------------------------------------- */

#define DATA "tests/reference/data/"

static void compare(const struct rk_table *panel, const struct rk_table *expected, size_t i,
                    size_t j, size_t k)
{
    struct rk_text a = {0}, b = {0};

    if (expected->column[j].type == RK_NUMBER) {
        assert_close(panel->column[k].number[i], expected->column[j].number[i], 1e-12);
        return;
    }
    rk_text_add(&a, "");
    rk_text_add(&b, "");
    rk_table_cell(panel, i, k, &a);
    rk_table_cell(expected, i, j, &b);
    assert_string_equal(a.bytes, b.bytes);
    rk_text_free(&a);
    rk_text_free(&b);
}

static void expect_panel(const char *file, const struct rk_panel_options *options, bool labelled)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_wants wants = {.all = true};
    struct rk_result *result = rk_result_new();
    struct rk_table *expected = NULL;
    const struct rk_table *panel;
    struct rk_error error = {0};

    if (run(DATA "panel_activities.csv:rep=who,type=what", DATA "panel_deals.csv",
            DATA "panel_roster.csv", options, result, &error) != RK_OK ||
        rk_csv_read(file, &wants, &csv, NULL, &expected, &error) != RK_OK)
        fail_msg("%s: %s", file, error.text);
    panel = rk_result_table(result, "panel");
    assert_int_equal(panel->n_rows, expected->n_rows);
    assert_true(panel->n_rows > 6);
    for (size_t j = labelled ? 0 : 1; j < expected->n_columns; j++) {
        size_t k = j == 0 ? 0 : rk_table_find(panel, expected->column[j].name);

        assert_int_not_equal(k, SIZE_MAX);
        for (size_t i = 0; i < panel->n_rows; i++)
            compare(panel, expected, i, j, k);
    }
    rk_table_free(expected);
    rk_result_free(result);
}

static void test_panels_are_those_of_R(void **state)
{
    static char calls[] = "calls=PHONE CALL";
    char *types[] = {calls};
    struct rk_panel_options options = {.period = 1, .types = {types, 1}};

    (void)state;
    expect_panel(DATA "panel_week_rep_active.csv", &options, true);
    options.period = 2;
    options.fill = RK_FILL_ALL;
    expect_panel(DATA "panel_month_rep_all.csv", &options, true);
    options.fill = RK_FILL_NONE;
    expect_panel(DATA "panel_month_rep_none.csv", &options, true);
    options.fill = RK_FILL_ACTIVE;
    options.level = "region";
    expect_panel(DATA "panel_month_region_active.csv", &options, true);
    options.period = 3;
    options.level = "all";
    expect_panel(DATA "panel_quarter_all_active.csv", &options, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_levels_and_fill),
        cmocka_unit_test(test_rosters),
        cmocka_unit_test(test_wide_files),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_kinds_of_dates),
        cmocka_unit_test(test_order_and_rounding),
        cmocka_unit_test(test_straddling),
        cmocka_unit_test(test_partial_periods),
        cmocka_unit_test(test_uneven_exports),
        cmocka_unit_test(test_backward_deals),
        cmocka_unit_test(test_panels_are_those_of_R),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
