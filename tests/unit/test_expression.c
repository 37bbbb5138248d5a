#include "repkit/expression.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

/* --- parsing ------------------------------------------------------------------------------- */

static char *printed(const char *source, enum rk_language language)
{
    struct rk_node *node = NULL;
    struct rk_error error = {0};
    struct rk_text text = {0};

    if (rk_expression_parse(source, language, &node, &error) != RK_OK)
        fail_msg("'%s': %s", source, error.text);
    rk_node_print(node, &text);
    rk_node_free(node);
    return rk_text_take(&text);
}

static void prints_as_R_deparses(void **state)
{
    FILE *stream = fopen("tests/reference/data/deparse.txt", "r");
    char line[512];
    int n = 0;

    (void)state;
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        char *deparsed = strchr(line, '\t'), *text;

        line[strcspn(line, "\n")] = '\0';
        *deparsed++ = '\0';
        text = printed(line, strpbrk(line, "<>=!&") != NULL && strstr(line, "ref=") == NULL &&
                                     strstr(line, "b=2,c") == NULL
                                 ? RK_PREDICATE
                                 : RK_FORMULA);
        if (strcmp(text, deparsed) != 0)
            fail_msg("'%s' prints as '%s', R: '%s'", line, text, deparsed);
        free(text);
        n++;
    }
    fclose(stream);
    assert_true(n > 60);
}

static void prints_what_R_does_not_have(void **state)
{
    static const char *const cases[][2] = {
        {"week >= 2024-W03", "week >= 2024-W03"},
        {"region in ('a', \"b\\n\", 3)", "region in (\"a\", \"b\\n\", 3)"},
        {"name == '\a\x7f'", "name == \"\\007\\177\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = printed(cases[i][0], RK_PREDICATE);

        assert_string_equal(text, cases[i][1]);
        free(text);
    }
}

static void expect_error(const char *source, enum rk_language language, const char *expected)
{
    struct rk_node *node = NULL;
    struct rk_error error = {0};

    if (rk_expression_parse(source, language, &node, &error) != RK_EUSAGE || node != NULL)
        fail_msg("'%s' should not parse", source);
    if (strcmp(error.text, expected) != 0)
        fail_msg("'%s' says '%s', expected '%s'", source, error.text, expected);
}

static void errors_point_at_the_character(void **state)
{
    (void)state;
    expect_error("", RK_PREDICATE, "at character 1: expected a value, but here it ends");
    expect_error("calls >", RK_PREDICATE, "at character 8: expected a value, but here it ends");
    expect_error("calls > )", RK_PREDICATE, "at character 9: expected a value, not )");
    expect_error("calls emails", RK_PREDICATE, "at character 7: expected an operator, not emails");
    expect_error("größe = 5", RK_PREDICATE, "at character 7: write == to compare");
    expect_error("a & b", RK_PREDICATE, "at character 3: write && for 'and'");
    expect_error("a | b", RK_PREDICATE, "at character 3: write || for 'or'");
    expect_error("a ~ b", RK_PREDICATE, "at character 3: '~' has no place in a condition");
    expect_error("y ~ a > 3", RK_FORMULA, "at character 7: '>' has no place in a formula");
    expect_error("y = a", RK_FORMULA, "at character 3: '=' has no place here");
    expect_error("a == \"North", RK_PREDICATE,
                 "at character 6: the quote that begins here is not closed");
    expect_error("a == 'x\\", RK_PREDICATE,
                 "at character 6: the quote that begins here is not closed");
    expect_error("`` > 3", RK_PREDICATE, "at character 1: there is no name between the back-ticks");
    expect_error("2x > 3", RK_PREDICATE,
                 "at character 1: a name that begins with a digit needs back-ticks");
    expect_error("a > 1e999", RK_PREDICATE, "at character 5: this number is too large");
    expect_error("1 < a < 3", RK_PREDICATE,
                 "at character 7: comparisons do not chain: write a < b && b < c");
    expect_error("a in 3", RK_PREDICATE,
                 "at character 6: expected a list like (\"a\", \"b\") behind 'in', not 3");
    expect_error("a in ()", RK_PREDICATE,
                 "at character 7: expected a number, a time or a text in quotes, not )");
    expect_error("a in (1, b)", RK_PREDICATE,
                 "at character 10: expected a number, a time or a text in quotes, not b");
    expect_error("a in (1 2)", RK_PREDICATE,
                 "at character 9: expected ',' or ')' in the list, not 2");
    expect_error("(a > 3", RK_PREDICATE, "at character 7: expected ')', but here it ends");
    expect_error("log(a", RK_FORMULA, "at character 6: expected ')', but here it ends");
    expect_error("f(a+b=2)", RK_FORMULA, "at character 6: expected a name before '=', not =");
    expect_error("a ! b", RK_PREDICATE, "at character 3: '!' stands before what it negates");
    expect_error("week >= 2024-W60", RK_PREDICATE,
                 "at character 9: '2024-W60' is not a time (write spaces around a minus)");
    expect_error("a @ b", RK_PREDICATE, "at character 3: '@' has no meaning here");
    expect_error("a \x01 b", RK_PREDICATE, "at character 3: a control character (0x01)");
}

/* Whatever is nested too deeply is an error, not the end of the stack. */
static void hostile_nesting(void **state)
{
    static const char *const units[] = {"(", "-", "!", "f(", "a^", "a+", "a||", "a in (1)||", "~"};
    enum { TIMES = 100000 };

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        for (int language = RK_PREDICATE; language <= RK_FORMULA; language++) {
            struct rk_text text = {0};
            struct rk_node *node = NULL;
            struct rk_error error = {0};

            rk_text_repeat(&text, units[i], TIMES);
            assert_int_equal(
                rk_expression_parse(text.bytes, (enum rk_language)language, &node, &error),
                RK_EUSAGE);
            rk_text_free(&text);
        }
    }
}

/* The deepest trees that parse can be printed and freed. */
static void allowed_nesting(void **state)
{
    static const char *const units[] = {"(", "-", "a+", "a^"};

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        struct rk_text text = {0}, out = {0};
        struct rk_node *node = NULL;

        rk_text_repeat(&text, units[i], 1000);
        rk_text_add(&text, "a");
        if (units[i][0] == '(')
            rk_text_repeat(&text, ")", 1000);
        assert_int_equal(rk_expression_parse(text.bytes, RK_FORMULA, &node, NULL), RK_OK);
        rk_node_print(node, &out);
        assert_true(out.length >= 1001);
        rk_node_free(node);
        rk_text_free(&text);
        rk_text_free(&out);
    }
}

static void arbitrary_bytes(void **state)
{
    static const char alphabet[] = "ab1 2024-W10.e\"'`\\()+-*/^:~|&!=<>in,\xc3\xa4\xff\n";
    uint32_t x = 2463534242u;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        char source[24];
        struct rk_node *node = NULL;
        size_t n;

        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        n = x % (sizeof source - 1);
        for (size_t j = 0; j < n; j++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            source[j] = alphabet[x % (sizeof alphabet - 1)];
        }
        source[n] = '\0';
        if (rk_expression_parse(source, (enum rk_language)(i % 2), &node, NULL) == RK_OK) {
            struct rk_text text = {0};
            struct rk_names names = {0};

            assert_int_equal(rk_node_columns(node, &names), RK_OK);
            rk_node_print(node, &text);
            rk_names_free(&names);
            rk_text_free(&text);
            rk_node_free(node);
        } else {
            assert_null(node);
        }
    }
}

static void columns_of_a_tree(void **state)
{
    struct rk_node *node = NULL;
    struct rk_names names = {0};

    (void)state;
    assert_int_equal(rk_expression_parse("y ~ log(a) + factor(b, ref = \"x\") + a:`c d`",
                                         RK_FORMULA, &node, NULL),
                     RK_OK);
    assert_int_equal(rk_node_columns(node, &names), RK_OK);
    assert_int_equal(names.n, 4);
    assert_string_equal(names.name[0], "y");
    assert_string_equal(names.name[1], "a");
    assert_string_equal(names.name[2], "b");
    assert_string_equal(names.name[3], "c d");
    rk_names_free(&names);
    rk_node_free(node);
}

static void names_that_may_be_texts(void **state)
{
    struct rk_node *node = NULL;
    struct rk_names names = {0};

    (void)state;
    assert_int_equal(
        rk_expression_parse("region == North && !(a < b || c > d + e) && f == \"g\" && "
                            "h == North",
                            RK_PREDICATE, &node, NULL),
        RK_OK);
    assert_int_equal(rk_node_compared(node, &names), RK_OK);
    assert_int_equal(names.n, 2);
    assert_string_equal(names.name[0], "North");
    assert_string_equal(names.name[1], "b");
    rk_names_free(&names);
    rk_node_free(node);
}

/* --- evaluating ---------------------------------------------------------------------------- */

enum { N_ROWS = 4 };

static void add_times(struct rk_table *table, const char *name, enum rk_time_kind kind,
                      const char *const *cells)
{
    size_t column = table->n_columns;

    assert_int_equal(rk_table_add_column(table, name, RK_TIME, RK_GENERAL), RK_OK);
    table->column[column].time_kind = kind;
    for (size_t i = 0; i < N_ROWS; i++) {
        enum rk_time_kind found;
        int64_t ordinal;

        if (cells[i] == NULL)
            continue;
        assert_int_equal(
            rk_time_read(cells[i], strlen(cells[i]), RK_ORDER_UNKNOWN, &found, &ordinal),
            RK_READ_OK);
        rk_table_set_number(table, i, column, (double)ordinal);
    }
}

static void add_texts(struct rk_table *table, const char *name, const char *const *cells)
{
    assert_int_equal(rk_table_add_column(table, name, RK_TEXT, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < N_ROWS; i++)
        assert_int_equal(rk_table_set_text(table, i, table->n_columns - 1, cells[i]), RK_OK);
}

static void add_numbers(struct rk_table *table, const char *name, const double *values)
{
    assert_int_equal(rk_table_add_column(table, name, RK_NUMBER, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < N_ROWS; i++)
        rk_table_set_number(table, i, table->n_columns - 1, values[i]);
}

static struct rk_table *new_table(void)
{
    struct rk_table *table = rk_table_new("test");

    assert_non_null(table);
    for (size_t i = 0; i < N_ROWS; i++)
        assert_int_equal(rk_table_add_row(table), RK_OK);
    add_numbers(table, "calls", (const double[]){1, 2.5, 0, NAN});
    add_numbers(table, "emails", (const double[]){10, NAN, -3, 4});
    add_texts(table, "region", (const char *const[]){"North", "South", NULL, "5.0"});
    add_texts(table, "area", (const char *const[]){"North", "East", "West", "5"});
    add_times(table, "week", RK_TIME_WEEK,
              (const char *const[]){"2024-W09", "2024-W10", "2024-W11", NULL});
    add_times(table, "date", RK_TIME_DAY,
              (const char *const[]){"2023-12-31", "2024-01-01", "2024-03-04", NULL});
    add_times(table, "month", RK_TIME_MONTH,
              (const char *const[]){"2024-01", "2024-02", "2024-03", NULL});
    add_times(table, "t", RK_TIME_INTEGER, (const char *const[]){"-1", "0", "1999", NULL});
    add_texts(table, "both", (const char *const[]){"01", "1", "2", NULL});
    add_numbers(table, "both", (const double[]){1, 1, 2, NAN});
    return table;
}

static void evaluate(const struct rk_table *table, const char *source, double *out)
{
    struct rk_node *node = NULL;
    struct rk_error error = {0};

    if (rk_expression_parse(source, RK_FORMULA, &node, &error) != RK_OK ||
        rk_evaluate(node, table, out, &error) != RK_OK)
        fail_msg("'%s': %s", source, error.text);
    rk_node_free(node);
}

static void expect_numbers(const struct rk_table *table, const char *source, double a, double b,
                           double c, double d)
{
    const double expected[N_ROWS] = {a, b, c, d};
    double out[N_ROWS];

    evaluate(table, source, out);
    for (size_t i = 0; i < N_ROWS; i++)
        if (!(out[i] == expected[i] || (isnan(out[i]) && isnan(expected[i]))))
            fail_msg("'%s' in row %zu is %.17g, expected %.17g", source, i, out[i], expected[i]);
}

static void arithmetic(void **state)
{
    struct rk_table *table = new_table();

    (void)state;
    expect_numbers(table, "calls", 1, 2.5, 0, NAN);
    expect_numbers(table, "1 + 2 * calls", 3, 6, 1, NAN);
    expect_numbers(table, "(1 + 2) * calls - -1", 4, 8.5, 1, NAN);
    expect_numbers(table, "-calls^2", -1, -6.25, -0.0, NAN);
    expect_numbers(table, "2^3^2 + 0 * calls", 512, 512, 512, NAN);
    expect_numbers(table, "calls^0", 1, 1, 1, NAN);
    expect_numbers(table, "calls^-1", 1, 0.4, NAN, NAN);
    expect_numbers(table, "log(calls)", 0, log(2.5), NAN, NAN);
    expect_numbers(table, "sqrt(emails)", sqrt(10.0), NAN, NAN, 2);
    expect_numbers(table, "emails / calls", 10, NAN, NAN, NAN);
    expect_numbers(table, "exp(log(calls))", 1, exp(log(2.5)), NAN, NAN);
    expect_numbers(table, "I(abs(emails))", 10, NAN, 3, 4);
    expect_numbers(table, "log10(emails) + log2(8) + log1p(0) + expm1(0)", 4, NAN, NAN,
                   log10(4.0) + 3.0);
    expect_numbers(table, "exp(emails * 1000)", NAN, NAN, 0, NAN);
    expect_numbers(table, "week - week + t", -1, 0, 1999, NAN);
    rk_table_free(table);
}

static void expect_failure(const struct rk_table *table, const char *source, bool predicate,
                           enum rk_status expected, const char *text)
{
    struct rk_node *node = NULL;
    struct rk_error error = {0};
    double numbers[N_ROWS] = {7, 7, 7, 7};
    signed char truths[N_ROWS] = {7, 7, 7, 7};
    enum rk_status status;

    if (rk_expression_parse(source, predicate ? RK_PREDICATE : RK_FORMULA, &node, &error) != RK_OK)
        fail_msg("'%s': %s", source, error.text);
    status = predicate ? rk_predicate(node, table, truths, &error)
                       : rk_evaluate(node, table, numbers, &error);
    if (status != expected || strcmp(error.text, text) != 0)
        fail_msg("'%s' fails by %d with '%s', expected '%s'", source, (int)status, error.text,
                 text);
    for (size_t i = 0; i < N_ROWS; i++)
        assert_true(numbers[i] == 7.0 && truths[i] == 7);
    rk_node_free(node);
}

static void failures(void **state)
{
    struct rk_table *table = new_table();

    (void)state;
    expect_failure(table, "cals + 1", false, RK_EINPUT, "no column 'cals'; did you mean 'calls'?");
    expect_failure(table, "region + 1", false, RK_EINPUT,
                   "column 'region' holds text where numbers are needed");
    expect_failure(table, "lgo(calls)", false, RK_EUSAGE,
                   "unknown function 'lgo'; did you mean 'log'?");
    expect_failure(
        table, "zzzzzz(calls)", false, RK_EUSAGE,
        "unknown function 'zzzzzz'; there are log, log2, log10, log1p, exp, expm1, sqrt, "
        "abs, I, factor, poly, ns, lag, lead");
    expect_failure(table, "log(calls, 10)", false, RK_EUSAGE, "log() takes one argument");
    expect_failure(table, "I(calls:emails)", false, RK_EUSAGE, "':' has no place in arithmetic");
    expect_failure(table, "calls + 'a'", false, RK_EUSAGE, "'a' is not a number");
    expect_failure(table, "regio == 'a'", true, RK_EINPUT,
                   "no column 'regio'; did you mean 'region'?");
    expect_failure(table, "region", true, RK_EINPUT,
                   "column 'region' is no condition: compare it with something");
    expect_failure(table, "region == calls", true, RK_EINPUT,
                   "column 'region' holds text: compare it with text");
    expect_failure(table, "calls > 'many'", true, RK_EUSAGE,
                   "'many' is compared with a number, but is none");
    expect_failure(table, "calls > 2024-W10", true, RK_EUSAGE,
                   "'2024-W10' is compared with a number, but is none");
    expect_failure(table, "week > 'soon'", true, RK_EUSAGE,
                   "column 'week' holds times, and 'soon' is none");
    expect_failure(table, "week > 7", true, RK_EINPUT,
                   "column 'week' holds calendar times, and '7' is an integer");
    expect_failure(table, "t > 2024-W10", true, RK_EINPUT,
                   "column 't' holds integers, and '2024-W10' is a calendar time");
    expect_failure(table, "t > week", true, RK_EINPUT,
                   "of the columns 't' and 'week', one holds calendar times and one integers");
    expect_failure(table, "'a' == 'a'", true, RK_EUSAGE, "'a' is compared with no column");
    expect_failure(table, "(calls > 1) + 1 > 1", true, RK_EUSAGE, "'>' has no place in arithmetic");
    rk_table_free(table);
}

/* The truths of the rows as T, F and ?. */
static void expect_truths(const struct rk_table *table, const char *source, const char *expected)
{
    struct rk_node *node = NULL;
    struct rk_error error = {0};
    signed char out[N_ROWS];

    if (rk_expression_parse(source, RK_PREDICATE, &node, &error) != RK_OK ||
        rk_predicate(node, table, out, &error) != RK_OK)
        fail_msg("'%s': %s", source, error.text);
    for (size_t i = 0; i < N_ROWS; i++)
        if (expected[i] != "?FT"[out[i] + 1])
            fail_msg("'%s' in row %zu is %c, expected %c", source, i, "?FT"[out[i] + 1],
                     expected[i]);
    rk_node_free(node);
}

static void predicates(void **state)
{
    struct rk_table *table = new_table();

    (void)state;
    expect_truths(table, "calls > 1", "FTF?");
    expect_truths(table, "1 <= calls", "TTF?");
    expect_truths(table, "calls != -1 + 2", "FTT?");
    expect_truths(table, "calls == '2.5'", "FTF?");
    expect_truths(table, "calls", "TTF?");
    expect_truths(table, "!calls", "FFT?");
    expect_truths(table, "!calls == 0", "TTF?");
    expect_truths(table, "calls > 1 && emails > 3", "F?F?");
    expect_truths(table, "calls > 1 || emails > 3", "TTFT");
    expect_truths(table, "emails > 3 && calls > 1", "F?F?");
    expect_truths(table, "emails < 0 || calls > 1 && t == 0", "FTT?");
    expect_truths(table, "region == \"North\"", "TF?F");
    expect_truths(table, "'North' != region", "FT?T");
    expect_truths(table, "region == 5", "FF?T");
    expect_truths(table, "region != 5", "TT?F");
    expect_truths(table, "region < 6", "???T");
    expect_truths(table, "region > -5", "???T");
    expect_truths(table, "region > 'O'", "FT?F");
    expect_truths(table, "region == area", "TF?F");
    expect_truths(table, "region == \"North\" && (calls > 0 || week >= 2024-W10)", "TF?F");
    expect_truths(table, "region in (\"North\", 'South')", "TT?F");
    expect_truths(table, "region in ('North', 5)", "TF?T");
    expect_truths(table, "!(region in ('North', 5))", "FT?F");
    expect_truths(table, "! region in ('North', 5)", "FT?F");
    expect_truths(table, "calls in (1, -2, 0)", "TFT?");
    expect_truths(table, "week in (2024-W09, '2024-W11')", "TFT?");
    expect_truths(table, "region in ('x') || area in ('North', 'West')", "TFTF");
    rk_table_free(table);
}

static void predicates_over_time(void **state)
{
    struct rk_table *table = new_table();

    (void)state;
    expect_truths(table, "week >= 2024-W10", "FTT?");
    expect_truths(table, "2024-W10 > week", "TFF?");
    expect_truths(table, "week == '2024-W10'", "FTF?");
    expect_truths(table, "week == \"2024-03-04\"", "FTF?"); /* its Monday */
    expect_truths(table, "date < 2024-01-01", "TFF?");
    expect_truths(table, "date >= 2024", "FTT?");
    expect_truths(table, "date == 2024-W10", "FFT?");
    expect_truths(table, "month > 2024-Q1", "FTT?");
    expect_truths(table, "month >= 2024-02", "FTT?");
    expect_truths(table, "date > week", "FFF?");
    expect_truths(table, "month == date", "FFF?");
    expect_truths(table, "t < 0", "TFF?");
    expect_truths(table, "t == 1999", "FFT?");
    expect_truths(table, "t == '1999'", "FFT?");
    expect_truths(table, "t + 1 == 0", "TFF?");
    expect_truths(table, "2024 - 10 > 2000 && calls", "TTF?");
    expect_truths(table, "both == '01'", "TFF?");
    expect_truths(table, "both == 1", "TTF?");
    rk_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_as_R_deparses),
        cmocka_unit_test(prints_what_R_does_not_have),
        cmocka_unit_test(errors_point_at_the_character),
        cmocka_unit_test(hostile_nesting),
        cmocka_unit_test(allowed_nesting),
        cmocka_unit_test(arbitrary_bytes),
        cmocka_unit_test(columns_of_a_tree),
        cmocka_unit_test(names_that_may_be_texts),
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(failures),
        cmocka_unit_test(predicates),
        cmocka_unit_test(predicates_over_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
