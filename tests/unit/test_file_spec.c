#include "reference.h"

#include <stdlib.h>
#include <string.h>

#include "repkit/file_spec.h"

static struct rk_file_spec parsed(const char *text, bool named)
{
    struct rk_file_spec spec = {0};

    assert_int_equal(rk_file_spec_parse(text, named, "--effect", &spec, NULL), RK_OK);
    return spec;
}

static void test_parts(void **state)
{
    struct rk_file_spec spec = parsed("uplift=out/effect.csv:test=paired-t,variable=a b", true);
    char *value;

    (void)state;
    assert_string_equal(spec.name, "uplift");
    assert_string_equal(spec.path, "out/effect.csv");
    assert_int_equal(spec.key.n, 2);
    assert_string_equal(spec.key.name[0], "test");
    assert_string_equal(spec.value.name[1], "a b");
    value = rk_file_spec_take(&spec, "test");
    assert_string_equal(value, "paired-t");
    free(value);
    assert_int_equal(spec.key.n, 1);
    assert_string_equal(spec.key.name[0], "variable");
    assert_null(rk_file_spec_take(&spec, "test"));
    rk_file_spec_free(&spec);

    spec = parsed("-", false);
    assert_null(spec.name);
    assert_string_equal(spec.path, "-");
    assert_int_equal(spec.key.n, 0);
    rk_file_spec_free(&spec);
}

static void test_escapes(void **state)
{
    struct rk_file_spec spec = parsed("a\\=b=C\\:\\\\x,y.csv:te\\,rm=I(x\\,2):z=1,k\\=k=", true);

    (void)state;
    assert_string_equal(spec.name, "a=b");
    assert_string_equal(spec.path, "C:\\x,y.csv");
    assert_int_equal(spec.key.n, 2);
    assert_string_equal(spec.key.name[0], "te,rm");
    assert_string_equal(spec.value.name[0], "I(x,2):z=1");
    assert_string_equal(spec.key.name[1], "k=k");
    assert_string_equal(spec.value.name[1], "");
    rk_file_spec_free(&spec);
}

static void refuse(const char *text, bool named, const char *words)
{
    struct rk_file_spec spec = {0};
    struct rk_error error;

    assert_int_equal(rk_file_spec_parse(text, named, "--effect", &spec, &error), RK_EUSAGE);
    assert_non_null(strstr(error.text, words));
    assert_null(spec.path);
}

static void test_refusals(void **state)
{
    (void)state;
    refuse("effect.csv", true, "is not NAME=FILE");
    refuse("=effect.csv", true, "is not NAME=FILE");
    refuse("uplift=", true, "names no file");
    refuse("uplift=:a=b", true, "names no file");
    refuse("uplift=x.csv:", true, "is not key=value");
    refuse("uplift=x.csv:test", true, "'test' is not key=value");
    refuse("uplift=x.csv:a=b,", true, "is not key=value");
    refuse("", false, "names no file");
}

static void test_reading_options(void **state)
{
    struct rk_file_spec spec = parsed("x.csv:decimal=\\,,delimiter=;,term=calls", false);
    struct rk_csv_options csv = RK_CSV_DEFAULT;

    (void)state;
    assert_int_equal(rk_file_spec_csv(&spec, "--effect", &csv, NULL), RK_OK);
    assert_int_equal(csv.decimal, ',');
    assert_int_equal(csv.delimiter, ';');
    assert_int_equal(spec.key.n, 1);
    rk_file_spec_free(&spec);

    spec = parsed("x.csv:delimiter=tab,decimal=x", false);
    assert_int_equal(rk_file_spec_csv(&spec, "--effect", &csv, NULL), RK_EUSAGE);
    assert_int_equal(csv.delimiter, ';');
    rk_file_spec_free(&spec);

    spec = parsed("x.csv:encoding=GBK,calendar=jalali", false);
    assert_int_equal(rk_file_spec_csv(&spec, "--deals", &csv, NULL), RK_OK);
    assert_string_equal(csv.encoding, "GBK");
    assert_int_equal(csv.calendar, RK_JALALI);
    rk_file_spec_free(&spec);
    spec = parsed("x.csv:encoding=latin-99", false);
    assert_int_equal(rk_file_spec_csv(&spec, "--deals", &csv, NULL), RK_EUSAGE);
    rk_file_spec_free(&spec);
    spec = parsed("x.csv:calendar=julian", false);
    assert_int_equal(rk_file_spec_csv(&spec, "--deals", &csv, NULL), RK_EUSAGE);
    assert_string_equal(csv.encoding, "GBK");
    rk_file_spec_free(&spec);
    spec = parsed("x.csv:date-order=ydm", false);
    assert_int_equal(rk_file_spec_csv(&spec, "--effect", &csv, NULL), RK_EUSAGE);
    rk_file_spec_free(&spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_reading_options),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
