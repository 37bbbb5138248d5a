/* Columns by key and by usual names. */
#include "reference.h"

#include <string.h>

#include "repkit/file_columns.h"

enum { REP, OPEN, CLOSE, NOTE };
static const struct rk_file_key keys[] = {
    [REP] = {"rep", "rep|sales_agent|owner", "the rep", RK_AS_LABEL, false},
    [OPEN] = {"open", "open|created|date", "the day it was opened", RK_AS_TIME, false},
    [CLOSE] = {"close", "close|date", "the day it was closed", RK_AS_TIME, false},
    [NOTE] = {"note", "note", "the note", RK_AS_LABEL, true}};
enum { N_KEYS = sizeof keys / sizeof *keys };

static enum rk_status take(const char *text, struct rk_file_columns *columns,
                           struct rk_error *error)
{
    struct rk_file_spec spec = {0};
    enum rk_status status;

    assert_int_equal(rk_file_spec_parse(text, false, "--deals", &spec, error), RK_OK);
    status = rk_file_columns_take(columns, "--deals", keys, N_KEYS, &spec, error);
    rk_file_spec_free(&spec);
    return status;
}

/* Takes the keys of the spec and looks through the header. */
static enum rk_status find(const char *text, const char *header_list,
                           struct rk_file_columns *columns, struct rk_wants *wants,
                           struct rk_error *error)
{
    struct rk_names header = {0};
    enum rk_status status;

    assert_int_equal(take(text, columns, error), RK_OK);
    assert_int_equal(rk_names_parse(header_list, &header, error), RK_OK);
    status = rk_file_columns_find(columns, &header, wants, error);
    rk_names_free(&header);
    return status;
}

static void test_usual_names(void **state)
{
    struct rk_file_columns columns = {0};
    struct rk_wants wants = {0};

    (void)state;
    assert_int_equal(find("d.csv", "Owner,Date,id,Sales Agent,CREATED", &columns, &wants, NULL),
                     RK_OK);
    assert_string_equal(columns.name[REP], "Sales Agent"); /* the better name, not the first */
    assert_string_equal(columns.name[OPEN], "CREATED");
    assert_string_equal(columns.name[CLOSE], "Date");
    assert_null(columns.name[NOTE]);
    assert_int_equal(wants.n, 3);
    assert_string_equal(wants.want[0].name, "Sales Agent");
    assert_int_equal(wants.want[0].role, RK_AS_LABEL);
    assert_int_equal(wants.want[2].role, RK_AS_TIME);
    rk_file_columns_free(&columns);
    rk_wants_free(&wants);
}

/* A key goes before a usual name, and what it takes is not guessed again. */
static void test_keys_first(void **state)
{
    struct rk_file_columns columns = {0};
    struct rk_wants wants = {0};

    (void)state;
    assert_int_equal(
        find("d.csv:close=created,rep=Who", "date,created,rep,note", &columns, &wants, NULL),
        RK_OK);
    assert_string_equal(columns.name[REP], "Who"); /* the reader will say that there is none */
    assert_string_equal(columns.name[OPEN], "date");
    assert_string_equal(columns.name[CLOSE], "created");
    assert_string_equal(columns.name[NOTE], "note");
    assert_int_equal(wants.n, 4);
    rk_file_columns_free(&columns);
    rk_wants_free(&wants);
}

static void test_none_fits(void **state)
{
    struct rk_file_columns columns = {0};
    struct rk_wants wants = {0};
    struct rk_error error = {0};

    (void)state;
    /* One date cannot be both. */
    assert_int_equal(find("d.csv", "rep,date", &columns, &wants, &error), RK_EINPUT);
    assert_string_equal(error.text, "which column is the day it was closed? None is named close, "
                                    "date: say --deals FILE:close=COLUMN");
    rk_file_columns_free(&columns);
    rk_wants_free(&wants);
    /* Unless it is said. */
    assert_int_equal(find("d.csv:open=date,close=date", "rep,date", &columns, &wants, &error),
                     RK_OK);
    assert_int_equal(wants.n, 2);
    rk_file_columns_free(&columns);
    rk_wants_free(&wants);
}

static void test_unknown_keys(void **state)
{
    struct rk_file_columns columns = {.n = 77};
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(take("d.csv:clsoe=x", &columns, &error), RK_EUSAGE);
    assert_string_equal(error.text, "--deals: no key 'clsoe'; did you mean 'close'?");
    assert_int_equal(take("d.csv:telephone=x", &columns, &error), RK_EUSAGE);
    assert_string_equal(error.text,
                        "--deals: no key 'telephone'; there are rep, open, close, note");
    assert_int_equal(take("d.csv:rep=", &columns, &error), RK_EUSAGE);
    assert_string_equal(error.text, "--deals: rep= names no column");
    assert_int_equal(take("d.csv:rep=a,rep=b", &columns, &error), RK_EUSAGE);
    assert_int_equal(columns.n, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_names),
        cmocka_unit_test(test_keys_first),
        cmocka_unit_test(test_none_fits),
        cmocka_unit_test(test_unknown_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
