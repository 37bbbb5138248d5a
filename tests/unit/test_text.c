/* Text: the buffer, numbers out, lists of names, the nearest name, display width. */
#include "reference.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/random.h"
#include "repkit/text.h"

static void shows(double value, const char *expected)
{
    char out[32];

    assert_int_equal(rk_number_format(value, out), strlen(expected));
    assert_string_equal(out, expected);
}

static void test_shortest_decimals(void **state)
{
    struct rk_rng rng;

    (void)state;
    shows(0.1, "0.1");
    shows(-0.0, "0");
    shows(1e14, "100000000000000");
    shows(1e15, "1e+15");
    shows(1.0 / 3.0, "0.3333333333333333");
    shows(NAN, "NA");
    shows(INFINITY, "NA");
    shows(DBL_MAX, "1.7976931348623157e+308");
    rk_rng_stream(&rng, 1, "test", "decimals", 0);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = rk_rng_next(&rng);
        double value;
        char out[32];

        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        rk_number_format(value, out);
        assert_true(strtod(out, NULL) == value);
    }
}

/* What a number of few digits is written as without printf, printf writes, too. */
static void test_short_decimals(void **state)
{
    static const double unit[] = {1, 10, 100, 1e3, 1e4, 1e5};
    struct rk_rng rng;

    (void)state;
    shows(0.25, "0.25");
    shows(-12.5, "-12.5");
    shows(0.0001, "0.0001");
    shows(0.00001, "1e-05");
    shows(100 * 2.9497, "294.97");
    shows(123456789012345, "123456789012345");
    shows(12345678901.2345, "12345678901.2345");
    rk_rng_stream(&rng, 1, "test", "short decimals", 0);
    for (int i = 0; i < 50000; i++) {
        uint64_t most = i % 2 == 0 ? 100000 : 1000000000000000u;
        double value = (double)rk_rng_below(&rng, most) / unit[rk_rng_below(&rng, 6)];
        char out[32], expected[32];

        value = i % 3 == 0 ? -value : value;
        snprintf(expected, sizeof expected, "%.15g", value == 0.0 ? 0.0 : value);
        if (strtod(expected, NULL) != value)
            continue;
        assert_int_equal(rk_number_format(value, out), strlen(expected));
        assert_string_equal(out, expected);
    }
}

/* As printf and strtod find it by trial. */
static void shows_by_trial(double value)
{
    char expected[32], out[32];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(expected, sizeof expected, "%.*g", digits, value);
        if (strtod(expected, NULL) == value)
            break;
    }
    assert_int_equal(rk_number_format(value, out), strlen(expected));
    assert_string_equal(out, expected);
}

static void test_all_digits(void **state)
{
    struct rk_rng rng;

    (void)state;
    shows(999999999999999.9, "999999999999999.9");
    shows(2.0 / 3.0 * 1e-5, "6.666666666666667e-06");
    shows(-5e-324, "-4.94065645841247e-324");
    shows(9007199254740993.0, "9007199254740992");
    /* Powers of two, where numbers are nearer below than above, powers of ten, where digits begin,
     * and what is next to them. */
    for (int e = -60; e <= 60; e++) {
        const double value[] = {ldexp(1.0, e), ldexp(1.0, -5 * e), pow(10.0, e / 3),
                                pow(10.0, e / 3) * 9.5};

        for (size_t k = 0; k < sizeof value / sizeof *value; k++) {
            shows_by_trial(value[k]);
            shows_by_trial(nextafter(value[k], 0.0));
            shows_by_trial(nextafter(value[k], INFINITY));
        }
    }
    rk_rng_stream(&rng, 1, "test", "all digits", 0);
    for (int i = 0; i < 100000; i++) {
        double u = (double)rk_rng_next(&rng) / 1.8446744073709552e19;
        double value = (2.0 * u - 1.0) * pow(10.0, (double)rk_rng_below(&rng, 30) - 12.0);

        shows_by_trial(value);
        /* Of 16 digits, and halves of the last of 15 and of 16. */
        shows_by_trial(floor(u * 1e16) / 1e7);
        shows_by_trial(ldexp(floor(u * 1e15), -(int)rk_rng_below(&rng, 40)));
    }
}

static void rounds(double value, int digits, const char *expected)
{
    struct rk_text text = {0};

    rk_text_rounded(&text, value, digits);
    assert_string_equal(text.bytes, expected);
    rk_text_free(&text);
}

static void test_numbers_for_people(void **state)
{
    (void)state;
    rounds(1234.5678, 4, "1235");
    rounds(9.99996, 4, "10.00");
    rounds(0.000123456, 4, "0.0001235");
    rounds(0.0000123456, 4, "1.235e-05");
    rounds(123456789, 4, "123456789");
    rounds(-0.5, 2, "-0.50");
    rounds(3, 4, "3");
    rounds(NAN, 4, "NA");
}

static void p_shows(double p, const char *expected)
{
    struct rk_text text = {0};

    rk_text_p_value(&text, p);
    assert_string_equal(text.bytes, expected);
    rk_text_free(&text);
}

static void test_p_values(void **state)
{
    (void)state;
    p_shows(0, "<0.0001");
    p_shows(0.00009, "<0.0001");
    p_shows(0.00012, "0.0001");
    p_shows(0.034, "0.034");
    p_shows(0.2, "0.20");
    p_shows(1, "1.00");
    p_shows(NAN, "NA");
}

static void test_lists_of_names(void **state)
{
    struct rk_names names = {0};
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_names_parse("a,`b,c`,d\\,e,\"f g\"", &names, &error), RK_OK);
    assert_int_equal(names.n, 4);
    assert_string_equal(names.name[1], "b,c");
    assert_string_equal(names.name[2], "d,e");
    assert_string_equal(names.name[3], "f g");
    assert_int_equal(rk_names_parse("a,,b", &names, &error), RK_EUSAGE);
    assert_int_equal(rk_names_parse("a,", &names, &error), RK_EUSAGE);
    assert_int_equal(rk_names_parse("", &names, &error), RK_EUSAGE);
    assert_int_equal(names.n, 4); /* unchanged on failure */
    assert_true(rk_names_has(&names, "f g"));
    assert_false(rk_names_has(&names, "f"));
    rk_names_free(&names);
}

static void test_nearest_name(void **state)
{
    static const char *const names[] = {"revenue", "calls", "meetings", "rep"};
    static const char *const ways[] = {"none", "bonferroni", "bonferroni-holm", "bonn"};

    (void)state;
    assert_string_equal(rk_nearest("revnue", names, 4), "revenue");
    assert_string_equal(rk_nearest("Calls", names, 4), "calls");
    assert_string_equal(rk_nearest("clals", names, 4), "calls");
    assert_string_equal(rk_nearest("meet", names, 4), "meetings");
    assert_null(rk_nearest("spend", names, 4));
    /* What begins so comes before what is near, and of several the shortest. */
    assert_string_equal(rk_nearest("bonf", ways, 4), "bonferroni");
    assert_string_equal(rk_nearest("BON", ways, 4), "bonn");
    assert_string_equal(rk_nearest("nono", ways, 4), "none");
    assert_string_equal(rk_nearest("idd", (const char *const[]){"id"}, 1), "id");
    assert_null(rk_nearest("ud", (const char *const[]){"id"}, 1));
    assert_null(rk_nearest("", names, 4));
}

static void test_choices(void **state)
{
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_choice_find("did|event", "event", 5), 1);
    assert_int_equal(rk_choice_find("did|event", "even", 4), -1);
    assert_int_equal(rk_choice_fail("did|event", "dif", "no design", RK_EUSAGE, &error), RK_EUSAGE);
    assert_string_equal(error.text, "no design 'dif'; did you mean 'did'? (did, event)");
    assert_int_equal(rk_choice_fail("did|event", "x", "no design", RK_EINPUT, &error), RK_EINPUT);
    assert_string_equal(error.text, "no design 'x'; there are did, event");
}

static void test_display_width(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        skip();
    assert_int_equal(rk_display_width("abc"), 3);
    assert_int_equal(rk_display_width("\xe9\x94\x80\xe5\x94\xae"), 4); /* two wide characters */
    assert_int_equal(rk_display_width("e\xcc\x81"), 1);                /* a combining accent */
    assert_int_equal(rk_display_width("\xff"), 1);                     /* not valid */
    setlocale(LC_CTYPE, "C");
}

static void test_snake_case(void **state)
{
    static const struct {
        const char *name, *snake;
    } cases[] = {{"calls", "calls"},
                 {"Appel sortant", "appel_sortant"},
                 {"  Calls (made)  ", "calls_made"},
                 {"Deal - Owner", "deal_owner"},
                 {"E-Mail/SMS 2", "e_mail_sms_2"},
                 {"_x_", "x"},
                 {"\xc3\x89TUDE", "\xc3\xa9tude"},                         /* É */
                 {"\xe7\x94\xb5\xe8\xaf\x9d", "\xe7\x94\xb5\xe8\xaf\x9d"}, /* Chinese */
                 {"a\xc2\xa0\xe2\x80\x94 b", "a_b"}, /* a no-break space and a dash */
                 {"e\xcc\x81t", "e\xcc\x81t"},       /* a combining accent */
                 {"a\xff!", "a\xff"},
                 {"a\xe2\x80", "a\xe2\x80"},
                 {"?!", ""},
                 {"", ""}};

    (void)state;
    assert_true(setlocale(LC_CTYPE, "C.UTF-8") != NULL || setlocale(LC_CTYPE, "en_US.UTF-8"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rk_text text = {0};

        rk_text_add(&text, "");
        rk_text_snake(&text, cases[i].name);
        assert_string_equal(text.bytes, cases[i].snake);
        rk_text_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shortest_decimals), cmocka_unit_test(test_short_decimals),
        cmocka_unit_test(test_all_digits),        cmocka_unit_test(test_numbers_for_people),
        cmocka_unit_test(test_p_values),          cmocka_unit_test(test_lists_of_names),
        cmocka_unit_test(test_nearest_name),      cmocka_unit_test(test_choices),
        cmocka_unit_test(test_display_width),     cmocka_unit_test(test_snake_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
