/* The command line by the option table, and what the table says in help and completions. */
#include "reference.h"

#include <string.h>

#include "repkit/options.h"
#include "repkit/render.h"

struct values {
    bool flag;
    const char *text, *maybe;
    double number;
    size_t count;
    struct rk_names names, repeat;
    int choice, action;
    unsigned choices;
};

/* Reads a command line of up to 8 words after the tool's name. */
static enum rk_status read_line(struct values *v, struct rk_names *operands, struct rk_error *error,
                                char *const *words, int n)
{
    const struct rk_option options[] = {
        RK_HEADING("All"),
        {RK_OPTION_FLAG, 'q', "quiet", &v->flag, NULL, "say less", 0, 0},
        {RK_OPTION_TEXT, 'o', "output", &v->text, "FILE", "where to", 0, 0},
        {RK_OPTION_NUMBER, 0, "conf", &v->number, "LEVEL", "level", 0, 100},
        {RK_OPTION_COUNT, 'j', "threads", &v->count, "N", "threads", 0, 64},
        {RK_OPTION_NAMES, 'c', "columns", &v->names, "COLS", "columns", 0, 0},
        {RK_OPTION_COLUMNS, 'x', "activities", &v->names, "COLS", "columns", 0, 0},
        {RK_OPTION_REPEAT, 0, "effect", &v->repeat, "NAME=FILE", "an effect", 0, 0},
        {RK_OPTION_CHOICE, 'f', "format", &v->choice, "csv|json|md", "format", 0, 0},
        {RK_OPTION_CHOICES, 0, "scope", &v->choices, "pooled|between|within", "scopes", 0, 0},
        {RK_OPTION_MAYBE, 0, "strict", &v->maybe, "CODES", "refuse", 0, 0},
        {RK_OPTION_ACTION, 'h', "help", &v->action, NULL, "help", 7, 0},
        RK_OPTIONS_END,
    };
    char name[] = "rep-test";
    char *argv[9] = {name};

    for (int i = 0; i < n; i++)
        argv[i + 1] = words[i];
    return rk_options_parse(options, n + 1, argv, operands, error);
}

#define LINE(v, operands, error, ...)                            \
    read_line((v), (operands), (error), (char *[]){__VA_ARGS__}, \
              (int)(sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)))

static void test_all_kinds(void **state)
{
    struct values v = {0};
    struct rk_names operands = {0};
    struct rk_error error;
    char w[][24] = {"-qfjson", "--conf=95", "a.csv", "-j", "4", "--columns", "x,y", "--strict"};

    (void)state;
    assert_int_equal(LINE(&v, &operands, &error, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]),
                     RK_OK);
    assert_true(v.flag && v.choice == 1 && v.number == 95 && v.count == 4 && v.names.n == 2);
    assert_string_equal(v.maybe, "");
    assert_string_equal(operands.name[0], "a.csv");
    rk_names_free(&operands);
    rk_names_free(&v.names);
}

static void test_more_kinds(void **state)
{
    struct values v = {0};
    struct rk_names operands = {0};
    struct rk_error error;
    char w[][24] = {"--effect",      "a=1.csv",         "--effect=b=-", "--scope",
                    "within,pooled", "--strict=pooled", "-h",           "--"};

    (void)state;
    assert_int_equal(LINE(&v, &operands, &error, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]),
                     RK_OK);
    assert_int_equal(v.repeat.n, 2);
    assert_string_equal(v.repeat.name[1], "b=-");
    assert_int_equal(v.choices, 1 | 4);
    assert_string_equal(v.maybe, "pooled");
    assert_int_equal(v.action, 7);
    assert_int_equal(operands.n, 0);
    rk_names_free(&v.repeat);
}

static void refused(char *word, char *value, const char *says)
{
    struct values v = {.number = 1, .count = 2, .choice = 2};
    struct rk_names operands = {0};
    struct rk_error error = {0};
    enum rk_status status = value == NULL ? LINE(&v, &operands, &error, word)
                                          : LINE(&v, &operands, &error, word, value);

    assert_int_equal(status, RK_EUSAGE);
    if (strstr(error.text, says) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, says);
    assert_true(v.number == 1 && v.count == 2 && v.choice == 2 && v.names.n == 0);
}

static void test_refusals(void **state)
{
    char w[][24] = {"--quite", "--zzz",     "-z",       "--quiet=1", "--output", "-o",
                    "--conf",  "--threads", "--format", "--scope",   "--columns"};
    char twice[] = "--activities=calls,emails,calls";
    char v[][24] = {"101", "x", "-1", "1.5", "99999999999999999999", "jsno", "xyz", "a,", ""};

    (void)state;
    refused(w[0], NULL, "--quiet?");
    refused(w[1], NULL, "no option --zzz");
    refused(w[2], NULL, "no option -z");
    refused(w[3], NULL, "takes no value");
    refused(w[4], NULL, "needs a value (FILE)");
    refused(w[5], NULL, "needs a value");
    refused(w[6], v[0], "between 0 and 100");
    refused(w[6], v[1], "'x' is not a number");
    refused(w[7], v[2], "whole number");
    refused(w[7], v[3], "whole number");
    refused(w[7], v[4], "whole number");
    refused(w[8], v[5], "did you mean 'json'?");
    refused(w[9], v[6], "there are pooled, between, within");
    refused(w[10], v[7], "empty name");
    refused(twice, NULL, "--activities: 'calls' is given twice");
    refused(w[10], v[8], "empty name");
}

/* --- what the table says ------------------------------------------------------------------- */

static const char *const examples[] = {"rep-test a.csv", NULL};
static const struct rk_tool tool = {"rep-test", "Why?", "[FILE]", "A test.", examples, "main"};

static void test_texts(void **state)
{
    bool flag = false;
    int choice = 0;
    const struct rk_option options[] = {
        RK_HEADING("All"),
        {RK_OPTION_FLAG, 'q', "quiet", &flag, NULL, "say 'less' [or: nothing]", 0, 0},
        {RK_OPTION_CHOICE, 'f', "format", &choice, "csv|json", "format", 0, 0},
        RK_OPTIONS_END,
    };
    struct rk_text text = {0};

    (void)state;
    rk_help_print(&tool, options, &text);
    assert_non_null(strstr(text.bytes, "Examples:\n  rep-test a.csv\n"));
    assert_non_null(strstr(text.bytes, "  -q, --quiet "));
    assert_non_null(strstr(text.bytes, "  -f, --format csv|json"));
    assert_true(strstr(text.bytes, "Examples") < strstr(text.bytes, "--quiet"));
    rk_text_clear(&text);
    rk_man_print(&tool, options, &text);
    assert_non_null(strstr(text.bytes, ".It Fl q , Fl \\-quiet"));
    rk_text_clear(&text);
    rk_completion_print(&tool, options, "fish", &text);
    assert_non_null(strstr(text.bytes, "-l quiet -s q -d 'say \\'less\\' [or: nothing]'"));
    assert_non_null(strstr(text.bytes, "-x -a 'csv json'"));
    rk_text_free(&text);
}

static void test_visible_text(void **state)
{
    struct rk_text text = {0};

    (void)state;
    rk_text_add_visible(&text, "a\033[31m\n\x7f\xc2\x9b\xc3\xa9");
    assert_string_equal(text.bytes, "a\\x1b[31m\\x0a\\x7f\\x9b\xc3\xa9");
    rk_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),    cmocka_unit_test(test_more_kinds),
        cmocka_unit_test(test_refusals),     cmocka_unit_test(test_texts),
        cmocka_unit_test(test_visible_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
