#include "repkit/number.h"

#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

#include "../../src/table/plain_number.h"

static enum rk_reading read_cell(const char *cell, char decimal, double *value,
                                 struct rk_number_marks *marks)
{
    return rk_number_read(cell, strlen(cell), decimal, value, marks);
}

static void expect(const char *cell, char decimal, double expected)
{
    double value = NAN;

    if (read_cell(cell, decimal, &value, NULL) != RK_READ_OK || value != expected)
        fail_msg("'%s' with '%c' gives %.17g, expected %.17g", cell, decimal, value, expected);
}

static void expect_bad(const char *cell, char decimal, bool comma)
{
    struct rk_number_marks marks;
    double value = 7.0;

    if (read_cell(cell, decimal, &value, &marks) != RK_READ_BAD || value != 7.0)
        fail_msg("'%s' with '%c' should be bad, gives %.17g", cell, decimal, value);
    if (marks.comma != comma)
        fail_msg("'%s' with '%c': comma is %d", cell, decimal, marks.comma);
}

static void plain_numbers(void **state)
{
    (void)state;
    expect("0", '.', 0.0);
    expect("12", '.', 12.0);
    expect("-12.5", '.', -12.5);
    expect("+3", '.', 3.0);
    expect(" 3.25\t", '.', 3.25);
    expect(".5", '.', 0.5);
    expect("5.", '.', 5.0);
    expect("1e3", '.', 1000.0);
    expect("1.5E-3", '.', 0.0015);
    expect("2e+2", '.', 200.0);
    expect("0.1", '.', 0.1);
    expect("1,5", ',', 1.5);
    expect("-0,25e1", ',', -2.5);
    expect("0007", '.', 7.0);
    expect("1234567890123456789", '.', 1234567890123456789.0);
    expect("9007199254740993", '.', 9007199254740992.0); /* half way: to even */
    expect("99999999999999999999", '.', 1e20);
    expect("0e99999", '.', 0.0);
    expect("1e-400", '.', 0.0);
    expect("4.9406564584124654e-324", '.', 0x1p-1074);
    expect("1.7976931348623157e308", '.', 0x1.fffffffffffffp1023);
}

static void decorated_numbers(void **state)
{
    (void)state;
    expect("300-", '.', -300.0);
    expect("300 -", '.', -300.0);
    expect("- 300", '.', -300.0);
    expect("\u2212"
           "300",
           '.', -300.0);
    expect("(300)", '.', -300.0);
    expect("( 1,234.50 )", '.', -1234.5);
    expect("$1,234.50", '.', 1234.5);
    expect("-$300", '.', -300.0);
    expect("$-300", '.', -300.0);
    expect("$ 300", '.', 300.0);
    expect("($300)", '.', -300.0);
    expect("$(300)", '.', -300.0);
    expect("300 €", '.', 300.0);
    expect("£300", '.', 300.0);
    expect("¥300", '.', 300.0);
    expect("￥300", '.', 300.0);
    expect("300元", '.', 300.0);
    expect("₹300", '.', 300.0);
    expect("300 ﷼", '.', 300.0);
    expect("EUR 300", '.', 300.0);
    expect("300EUR", '.', 300.0);
    expect("1e2EUR", '.', 100.0);
    expect("300-USD", '.', -300.0);
    expect("1.234,50 €", ',', 1234.5);
    expect("45%", '.', 0.45);
    expect("-12.5 %", '.', -0.125);
    expect("(45%)", '.', -0.45);
}

static void groups_of_three(void **state)
{
    (void)state;
    expect("1,500", '.', 1500.0);
    expect("12,345,678.9", '.', 12345678.9);
    expect("1'500", '.', 1500.0);
    expect("1\u2019"
           "500",
           '.', 1500.0);
    expect("1 500", '.', 1500.0);
    expect("1 500 000", '.', 1500000.0);
    expect("1\u00a0"
           "500",
           '.', 1500.0);
    expect("1\u202f"
           "500,25",
           ',', 1500.25);
    expect("1.500", ',', 1500.0);
    expect("1.500.000,5", ',', 1500000.5);
    expect_bad("12,34,567", '.', false);
    expect_bad("1,5000", '.', true);
    expect_bad("1500,000", '.', true);
    expect_bad("1,500 000", '.', false);
    expect_bad("1  500", '.', false);
    expect_bad("1 50", '.', false);
    expect_bad("1,,500", '.', false);
    expect_bad(",500", '.', true);
    expect_bad("0,500", '.', true);
    expect_bad("1.5", ',', false);
    expect_bad("1.500.00", ',', false);
    expect_bad("1.234.567", '.', false);
    expect_bad("555 123 4567", '.', false);
}

static void persian_and_arabic_digits(void **state)
{
    (void)state;
    expect("۱۲۳", '.', 123.0);
    expect("۱۲٫۵", '.', 12.5);
    expect("۱۲٫۵", ',', 12.5);
    expect("۱٬۵۰۰٬۰۰۰", '.', 1500000.0);
    expect("٣٫٧٥", '.', 3.75);
    expect("\u200e\u2212۴۵٪", '.', -0.45);
    expect("۳۰۰ ﷼", '.', 300.0);
    expect_bad("۱٬۵۰", '.', false);
}

static void bad_numbers(void **state)
{
    static const char *const bad[] = {"inf",
                                      "-inf",
                                      "Infinity",
                                      "nan(1)",
                                      "1e400",
                                      "-1e400",
                                      "1e99999999999999999999",
                                      "0x10",
                                      "12k",
                                      "abc",
                                      "1.2.3",
                                      "--5",
                                      "+-5",
                                      "-5-",
                                      "(5",
                                      "5)",
                                      "(-5)",
                                      "((5))",
                                      "()",
                                      "-(5)",
                                      "1e",
                                      "e5",
                                      "1e5.5",
                                      "$",
                                      "$$5",
                                      "$5€",
                                      "$5%",
                                      "5%%",
                                      "USD",
                                      "TOPS 5",
                                      "5 top",
                                      "5 5",
                                      "1_000",
                                      "0,5 %x",
                                      "$ -",
                                      "\xff",
                                      "5\xc2",
                                      "5\xe2\x82",
                                      "\xf0\x9f\x98\x80",
                                      "5;6",
                                      "1/2",
                                      "…"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_bad(bad[i], '.', false);
    expect_bad("1,5", '.', true);
    expect_bad("1.500,50", '.', true);
    expect_bad("0,5%", '.', true);
    expect_bad("1,5 €", '.', true);
    expect_bad("a,b", '.', false);
}

static void marks_tell_what_stood_beside(void **state)
{
    struct rk_number_marks marks;
    double value;

    (void)state;
    assert_int_equal(read_cell("45%", '.', &value, &marks), RK_READ_OK);
    assert_true(marks.percent);
    assert_string_equal(marks.currency, "");
    assert_int_equal(read_cell("1,500 EUR", '.', &value, &marks), RK_READ_OK);
    assert_true(marks.comma);
    assert_false(marks.percent);
    assert_string_equal(marks.currency, "EUR");
    assert_int_equal(read_cell("￥5", '.', &value, &marks), RK_READ_OK);
    assert_string_equal(marks.currency, "¥");
    assert_int_equal(read_cell("1.500,5", ',', &value, &marks), RK_READ_OK);
    assert_false(marks.comma);
    assert_int_equal(read_cell("12", '.', &value, &marks), RK_READ_OK);
    assert_false(marks.comma || marks.percent || marks.currency[0]);
}

static void missing_words(void **state)
{
    static const char *const words[] = {"",     "  ",      "NA",      "n/a",    "NaN",
                                        "null", "None",    ".",       "-",      "--",
                                        "#N/A", "#DIV/0!", "#value!", "\u00a0", " NA "};
    double value = 7.0;

    (void)state;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_int_equal(read_cell(words[i], '.', &value, NULL), RK_READ_MISSING);
        assert_true(rk_is_missing_word(words[i], strlen(words[i])));
    }
    assert_true(value == 7.0);
    assert_false(rk_is_missing_word("0", 1));
    assert_false(rk_is_missing_word("NAN1", 4));
    assert_false(rk_is_missing_word("North America", 13));
}

/* xorshift64: this test needs no good generator, only many different cells. */
static uint64_t next_random(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return *x;
}

/* glibc's strtod rounds correctly, so it is the reference for what was written. */
static void rounded_correctly(void **state)
{
    uint64_t x = 88172645463325252u;
    char cell[64], percent[72];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t mantissa = next_random(&x) >> (next_random(&x) % 60);
        int exponent = (int)(next_random(&x) % 60) - 30, n;
        double value;

        snprintf(cell, sizeof cell, "%" PRIu64 "e%d", mantissa, exponent);
        expect(cell, '.', strtod(cell, NULL));
        snprintf(cell, sizeof cell, "%" PRIu64 ".%" PRIu64, mantissa % 100000,
                 next_random(&x) % 1000000);
        expect(cell, '.', strtod(cell, NULL));
        n = snprintf(percent, sizeof percent, "%se-2", cell);
        value = strtod(percent, NULL);
        percent[n - 3] = '%';
        percent[n - 2] = '\0';
        expect(percent, '.', value);
    }
}

static void midpoints_of_any_length(void **state)
{
    /* 1 + 2^-53 lies between 1 and the next double: it goes to even, and whatever digit follows,
     * however late, decides otherwise. */
    static const char half[] = "1.00000000000000011102230246251565404236316680908203125";
    char cell[1300];

    (void)state;
    expect(half, '.', 1.0);
    snprintf(cell, sizeof cell, "%s%01100d", half, 0);
    expect(cell, '.', 1.0);
    snprintf(cell, sizeof cell, "%s%01100d", half, 1);
    expect(cell, '.', 1.0 + 0x1p-52);
    snprintf(cell, sizeof cell, "%01200d", 5);
    expect(cell, '.', 5.0);
    memset(cell, '9', 1200);
    cell[1200] = '\0';
    expect_bad(cell, '.', false);
    memcpy(cell + 1190, "e-1190", 7);
    expect(cell, '.', 1.0);
}

static void the_locale_plays_no_part(void **state)
{
    (void)state;
    setlocale(LC_ALL, "de_DE.UTF-8"); /* a machine without it tests nothing new */
    expect("0.1234567890123456789012", '.', 0.1234567890123456789012);
    expect("1,5", ',', 1.5);
    setlocale(LC_ALL, "C");
}

/* Every cell over a hostile alphabet is read, refused or missing without a fault, and only what is
 * read sets the value. */
static void arbitrary_bytes(void **state)
{
    static const char alphabet[] =
        "0123456789.,'-+()%$eEUR \xc2\xa0\xd9\xab\xdb\xb1\xe2\x80\xaf\xff";
    uint64_t x = 2463534242u;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        size_t n = next_random(&x) % 12;
        char *cell = malloc(n + 1); /* so that a sanitizer sees a byte too far */
        double value = -77.25;
        enum rk_reading reading;

        for (size_t j = 0; j < n; j++)
            cell[j] = alphabet[next_random(&x) % (sizeof alphabet - 1)];
        cell = realloc(cell, n > 0 ? n : 1);
        reading = rk_number_read(cell, n, i % 2 ? '.' : ',', &value, NULL);
        if (reading == RK_READ_OK)
            assert_true(isfinite(value));
        else
            assert_true(value == -77.25);
        free(cell);
    }
}

/* Whatever the short cut reads, the thorough way reads the same. */
static void short_cut_agrees(void **state)
{
    static const char alphabet[] = "0123456789012345678901234567890123456789.-+ ,e%/:";
    uint64_t seed = 3;
    size_t n_read = 0;

    (void)state;
    for (int i = 0; i < 2000000; i++) {
        char cell[32] = "";
        struct rk_number_marks marks;
        double quick = 0.0, value = 0.0;
        size_t length;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        length = (size_t)(seed >> 60) % 11;
        for (size_t k = 0; k < sizeof cell; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            cell[k] = alphabet[(seed >> 33) % (k < 2 ? sizeof alphabet - 1 : 43)];
        }
        if (!plain_number(cell, length, '.', &quick))
            continue;
        n_read++;
        if (rk_number_read(cell, length, '.', &value, &marks) != RK_READ_OK ||
            memcmp(&value, &quick, sizeof value) != 0 || marks.comma || marks.percent ||
            marks.currency[0] != '\0')
            fail_msg("'%.*s' is %.17g and %.17g", (int)length, cell, quick, value);
    }
    assert_true(n_read > 500000);
}

/* All cells of few characters that matter, and those at the edges. */
static void short_cut_takes(void **state)
{
    static const struct {
        const char *cell;
        double value;
    } taken[] = {{"0", 0},
                 {"7", 7},
                 {"-7", -7},
                 {"12345678", 12345678},
                 {"1.5", 1.5},
                 {".5", 0.5},
                 {"5.", 5},
                 {"-0.25", -0.25},
                 {"1234.567", 1234.567},
                 {"-12345678", -12345678},
                 {"0.000001", 0.000001}};
    static const char *const left[] = {"",          "-",     ".",   "-.", "1e5", "+1",  " 1",
                                       "123456789", "1.2.3", "12a", "1:", "/5",  "--1", "1-"};

    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        char cell[32] = "99999999999999999999999999999";
        double value = NAN;

        memcpy(cell, taken[i].cell, strlen(taken[i].cell));
        assert_true(plain_number(cell, strlen(taken[i].cell), '.', &value));
        assert_true(value == taken[i].value);
    }
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        char cell[32] = "99999999999999999999999999999";
        double value = 7.0;

        memcpy(cell, left[i], strlen(left[i]));
        assert_false(plain_number(cell, strlen(left[i]), '.', &value));
        assert_true(value == 7.0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_cut_agrees),
        cmocka_unit_test(short_cut_takes),
        cmocka_unit_test(plain_numbers),
        cmocka_unit_test(decorated_numbers),
        cmocka_unit_test(groups_of_three),
        cmocka_unit_test(persian_and_arabic_digits),
        cmocka_unit_test(bad_numbers),
        cmocka_unit_test(marks_tell_what_stood_beside),
        cmocka_unit_test(missing_words),
        cmocka_unit_test(rounded_correctly),
        cmocka_unit_test(midpoints_of_any_length),
        cmocka_unit_test(the_locale_plays_no_part),
        cmocka_unit_test(arbitrary_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
