/* What rep-panel refuses: options, files and sizes. */
#include "panel_files.h"

static void refuse(const char *a, const char *d, const char *r,
                   const struct rk_panel_options *options, enum rk_status status, const char *words)
{
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    assert_int_equal(run(a, d, r, options, result, &error), status);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
    assert_int_equal(result->n_tables, 0);
    assert_int_equal(result->n_warnings, 0);
    rk_result_free(result);
}

static void test_wrong_options(void **state)
{
    char *a = put_file("a.csv", activities, ""), *d = put_file("d.csv", deals, "");
    char *r = put_file("r.csv", roster, "");
    static char no_labels[] = "calls", no_date[] = "go=soon", bare[] = "2024-01-01";
    static char number[] = "go=7", one[] = "x=Call", other[] = "y=call", taken[] = "revenue=Call";
    static char region[] = "region=2024-01-01", blank[] = "x=Call||Note";
    char *list[2] = {no_labels, other};
    struct rk_panel_options options = RK_PANEL_DEFAULT;

    (void)state;
    refuse(a, d, r, &options, RK_EUSAGE, "--period day|week|month|quarter");
    options.period = 1;
    refuse(NULL, NULL, r, &options, RK_EUSAGE, "--activities FILE, --deals FILE");
    refuse("-", "-", NULL, &options, RK_EUSAGE, "only once");
    options.level = "region";
    refuse(a, d, NULL, &options, RK_EUSAGE, "--level region is a column of --roster");
    options.level = "regoin";
    refuse(a, d, r, &options, RK_EINPUT, "did you mean 'region'?");
    options.level = "hired";
    refuse(a, d, r, &options, RK_EINPUT, "no column 'hired' among region, team");
    options.level = NULL;
    options.types = (struct rk_names){list, 1};
    refuse(a, d, r, &options, RK_EUSAGE, "'calls' is not NAME=LABEL|LABEL");
    list[0] = one;
    refuse(NULL, d, r, &options, RK_EUSAGE, "--types maps the types of --activities");
    options.types.n = 2;
    refuse(a, d, r, &options, RK_EUSAGE, "'call' is given to two columns");
    options.types.n = 1;
    list[0] = blank;
    refuse(a, d, r, &options, RK_EUSAGE, "'' is no label");
    list[0] = taken;
    refuse(a, d, r, &options, RK_EINPUT, "would be named 'revenue'");
    options.types.n = 0;
    options.events = (struct rk_names){list, 1};
    list[0] = region;
    refuse(a, d, r, &options, RK_EINPUT, "would be named 'region'");
    list[0] = bare;
    refuse(a, d, r, &options, RK_EUSAGE, "'2024-01-01' is not NAME=DATE");
    list[0] = no_date;
    refuse(a, d, r, &options, RK_EUSAGE, "'soon' is no date");
    list[0] = number;
    refuse(a, d, r, &options, RK_EUSAGE, "'7' is no date");
    free(a);
    free(d);
    free(r);
}

/* The text as a file of activities, or with a header of deals as one of deals. */
static void refuse_file(const char *text, const char *keys, int period, enum rk_status status,
                        const char *words)
{
    const struct rk_panel_options options = {.period = period};
    char *spec = put_file("x.csv", text, keys);
    bool is_deals = strncmp(text, "rep,open", 8) == 0;

    refuse(is_deals ? NULL : spec, is_deals ? spec : NULL, NULL, &options, status, words);
    free(spec);
}

static void test_wrong_files(void **state)
{
    static const char one_deal[] =
        "rep,open,close,stage,amount\nA,2024-01-01,2024-01-02,Gewonnen,1\n";
    struct rk_text many = {0};

    (void)state;
    refuse_file("who,date,type\nA,2024-01-01,x\n", "", 1, RK_EINPUT, "FILE:rep=COLUMN");
    refuse_file("rep,date,note\nA,2024-01-01,x\n", "", 1, RK_EINPUT, "FILE:type=COLUMN");
    refuse_file("rep,date,type\nA,2024-01-01,x\n", "typ=x", 1, RK_EUSAGE, "did you mean 'type'?");
    refuse_file("rep,date,type\nA,2024-01-01,x\n", "type=tpye", 1, RK_EINPUT,
                "did you mean 'type'?");
    refuse_file("rep,date,type\nA,7,x\n", "", 1, RK_EINPUT, "whole numbers");
    refuse_file("rep,date,type\nA,2024-W01,x\n", "", 2, RK_EINPUT, "has weeks");
    refuse_file("rep,date,type\nA,2024-01,x\n", "", 1, RK_EINPUT, "has months");
    refuse_file("rep,date,type\nA,2024-01,x\n", "", 0, RK_EINPUT, "has months");
    refuse_file("rep,date,type\nA,,x\n,2024-01-01,x\n", "", 1, RK_ENODATA, "no event");
    refuse_file(one_deal, "", 1, RK_EINPUT, "no deal is won or lost; the stages are Gewonnen");
    refuse_file(one_deal, "won=Gewonne", 1, RK_EINPUT, "no deal is won or lost");
    refuse_file(one_deal, "won=gewonnen,lost=Verloren", 1, RK_EINPUT, "no deal is lost");
    refuse_file(one_deal, "won=", 1, RK_EUSAGE, "'' is no label");
    rk_text_add(&many, "rep,date,type\n");
    for (int i = 0; i < 201; i++)
        rk_text_format(&many, "A,2024-01-01,t%d\n", i);
    refuse_file(many.bytes, "", 1, RK_EINPUT, "201 types");
    rk_text_free(&many);
}

/* One wrong date and --fill all. */
static void test_too_large(void **state)
{
    const struct rk_panel_options options = {.period = 0, .fill = RK_FILL_ALL};
    struct rk_text text = {0};
    char *spec;

    (void)state;
    rk_text_add(&text, "rep,date,type\nA,9999-12-31,x\n");
    for (int i = 0; i < 40; i++)
        rk_text_format(&text, "R%d,1900-01-01,x\n", i);
    spec = put_file("x.csv", text.bytes, "");
    refuse(spec, NULL, NULL, &options, RK_EINPUT, "from 1900-01-01 to 9999-12-31");
    free(spec);
    rk_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_too_large),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
