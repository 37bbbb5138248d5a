/* The CSV reader: records, types, lines and refusals, from real files. */
#include "csv_file.h"

#include <fcntl.h>
#include <math.h>

static void test_types(void **state)
{
    struct rk_table *t =
        read_all("rep,week,calls,note\nAnn,2024-W01,3,x\nBo,2024-W02,\"1,500\",\n");

    (void)state;
    assert_int_equal(t->n_rows, 2);
    assert_int_equal(t->column[0].type, RK_TEXT);
    assert_int_equal(t->column[1].type, RK_TIME);
    assert_int_equal(t->column[1].time_kind, RK_TIME_WEEK);
    assert_int_equal(t->column[2].type, RK_NUMBER);
    assert_true(t->column[2].number[1] == 1500);
    assert_string_equal(rk_table_text(t, 1, 0), "Bo");
    assert_true(rk_table_is_missing(t, 1, 3));
    rk_table_free(t);
}

/* Every line end, a byte-order mark, no last newline: the same table. */
static void test_line_ends(void **state)
{
    static const char *const files[] = {"x,y\n1,a\n2,b\n", "x,y\r\n1,a\r\n2,b\r\n", "x,y\r1,a\r2,b",
                                        "\xef\xbb\xbfx,y\n1,a\n2,b", "\n\nx,y\n\n1,a\n\n2,b\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct rk_table *t = read_all(files[i]);

        assert_int_equal(t->n_rows, 2);
        assert_string_equal(t->column[0].name, "x");
        assert_true(t->column[0].number[0] == 1 && t->column[0].number[1] == 2);
        assert_string_equal(rk_table_text(t, 1, 1), "b");
        rk_table_free(t);
    }
}

static void test_lines_of_rows(void **state)
{
    struct rk_table *t = read_all("x,y\n1,\"a\nb\"\n2,c\n\n\n3,d\n");
    bool keep[] = {false, true, true};

    (void)state;
    assert_int_equal(rk_table_line(t, 0), 2);
    assert_int_equal(rk_table_line(t, 1), 4);
    assert_int_equal(rk_table_line(t, 2), 7);
    assert_string_equal(rk_table_text(t, 0, 1), "a\nb");
    assert_int_equal(rk_table_keep(t, keep), RK_OK);
    assert_int_equal(t->n_rows, 2);
    assert_int_equal(rk_table_line(t, 0), 4);
    assert_int_equal(rk_table_line(t, 1), 7);
    rk_table_free(t);
}

static void test_quotes(void **state)
{
    struct rk_table *t = read_all("x,y\n\"a,\"\"b\"\"\",ab\"c\n\"\", d \n");

    (void)state;
    assert_string_equal(rk_table_text(t, 0, 0), "a,\"b\"");
    assert_string_equal(rk_table_text(t, 0, 1), "ab\"c"); /* a quote inside is text */
    assert_true(rk_table_is_missing(t, 1, 0));
    assert_string_equal(rk_table_text(t, 1, 1), " d "); /* kept to the byte */
    rk_table_free(t);
}

static void test_one_column(void **state)
{
    struct rk_table *t = read_all("x\n1\n\n3\n\n");

    (void)state;
    assert_int_equal(t->n_rows, 4);
    assert_true(isnan(t->column[0].number[1]) && isnan(t->column[0].number[3]));
    assert_int_equal(rk_table_line(t, 2), 4);
    rk_table_free(t);
}

/* Records longer than a block, and many blocks: rows 0 .. n-1 in order, each on its line. */
static void test_many_blocks(void **state)
{
    enum { ROWS = 200000, LONG = 3 << 20 };
    struct rk_text file = {0};
    struct rk_table *t;

    (void)state;
    rk_text_add(&file, "x,y\n");
    for (int i = 0; i < ROWS; i++)
        rk_text_format(&file, "%d,\"r%d\"\n", i, i % 7);
    rk_text_add(&file, "7,");
    rk_text_repeat(&file, "abcdefgh", LONG / 8);
    rk_text_add(&file, "\n8,z");
    t = read_all(file.bytes);
    assert_int_equal(t->n_rows, ROWS + 2);
    for (int i = 0; i < ROWS; i += 997) {
        assert_true(t->column[0].number[i] == i);
        assert_int_equal(rk_table_text(t, (size_t)i, 1)[1], '0' + i % 7);
        assert_int_equal(rk_table_line(t, (size_t)i), i + 2);
    }
    assert_int_equal(strlen(rk_table_text(t, ROWS, 1)), LONG);
    assert_int_equal(t->n_line_marks, 1);
    rk_table_free(t);
    rk_text_free(&file);
}

static void test_refusals(void **state)
{
    (void)state;
    refused("", NULL, 0, 0, "empty");
    refused("\n\n", NULL, 0, 0, "empty");
    refused("x,y\n", NULL, 0, 0, "only a header");
    refused("x,\n1,2\n", NULL, 0, 1, "no name");
    refused("x,x\n1,2\n", NULL, 0, 1, "two columns");
    refused("x,y\n1,2\n3\n", NULL, 0, 3, "1 cell where");
    refused("x,y\n1,2,3\n", NULL, 0, 2, "3 cells where");
    refused("x\n\"1\"2\n", NULL, 0, 2, "closing quote");
    refused("x\n1\n\"2\n3\n", NULL, 0, 3, "never closed");
    refused("x,y\n1,\xc3\x28\n", NULL, 0, 2, "UTF-8");
    refused("x\n12k\n", "x", RK_AS_NUMBER, 2, "'12k' is not a number");
}

static void test_refused_cells(void **state)
{
    (void)state;
    refused("x;y\n1,5;2\n", "x", RK_AS_NUMBER, 2, "--decimal");
    refused("x;y\n1,500;2\n", "x", RK_AS_NUMBER, 2, "--decimal");
    refused("x;y\n1,5;2\n2,5;3\n", "x", RK_AS_FOUND, 2, "--decimal");
    refused("x,y\n$5,1\n6 EUR,2\n", "x", RK_AS_NUMBER, 3, "two currencies");
    refused("x,y\n5%,1\n6,2\n", "x", RK_AS_NUMBER, 3, "percents");
    refused("t,y\n2024-03,1\n2024-W03,2\n", "t", RK_AS_TIME, 3, "same kind");
    refused("t,y\n03/04/2024,1\n", "t", RK_AS_TIME, 2, "--date-order");
    refused("x,y\n1,2\n", "z", RK_AS_NUMBER, 0, "no column 'z'");
}

static void test_options(void **state)
{
    struct rk_wants wants = {0};
    struct rk_csv_options options = {.decimal = ',', .bad_is_missing = true};
    struct rk_table *t = NULL;
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_names_parse("unknown", &options.na, &error), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "x", RK_AS_NUMBER), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "x", RK_AS_LABEL), RK_OK);
    assert_int_equal(
        read_with("x;y\n1,5;a\n12k;b\nUnknown;c\n1.500,25;d\n", &wants, &options, &t, &error),
        RK_OK);
    assert_int_equal(t->n_columns, 2); /* one as number, one as label; y is not wanted */
    assert_true(t->column[0].number[0] == 1.5 && t->column[0].number[3] == 1500.25);
    assert_true(isnan(t->column[0].number[1]) && isnan(t->column[0].number[2]));
    assert_int_equal(t->n_bad, 1);
    assert_string_equal(rk_table_text(t, 1, 1), "12k");
    assert_true(rk_table_is_missing(t, 2, 1));
    rk_table_free(t);
    rk_names_free(&options.na);
    rk_wants_free(&wants);
}

static void test_no_file(void **state)
{
    const struct rk_wants wants = {.all = true};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(rk_csv_read("/no/such/file", &wants, &options, NULL, &table, &error), RK_EIO);
    assert_int_equal(rk_csv_read("/tmp", &wants, &options, NULL, &table, &error), RK_EIO);
    assert_string_equal(error.file, "/tmp");
    assert_null(table);
}

/* --- dates whose order must be told --------------------------------------------------------- */

static struct rk_table *read_times(const char *text, enum rk_calendar calendar)
{
    struct rk_wants wants = {0};
    struct rk_csv_options options = {.decimal = '.', .calendar = calendar};
    struct rk_table *t = NULL;
    struct rk_error error = {0};

    assert_int_equal(rk_wants_add(&wants, "t", RK_AS_TIME), RK_OK);
    if (read_with(text, &wants, &options, &t, &error) != RK_OK)
        fail_msg("%s", error.text);
    rk_wants_free(&wants);
    return t;
}

static void is_day(const struct rk_table *t, size_t row, const char *expected)
{
    char out[32];

    assert_int_equal(t->column[0].time_kind, RK_TIME_DAY);
    rk_time_format(RK_TIME_DAY, (int64_t)t->column[0].number[row], out);
    assert_string_equal(out, expected);
}

static void test_date_order(void **state)
{
    struct rk_table *t =
        read_times("t,y\n03/04/2024,1\n2024-01-05,1\n05/05/2024,1\n25/12/2023,2\n", RK_GREGORIAN);

    (void)state;
    is_day(t, 0, "2024-04-03");
    is_day(t, 1, "2024-01-05");
    is_day(t, 2, "2024-05-05");
    is_day(t, 3, "2023-12-25");
    rk_table_free(t);
    t = read_times("t,y\n03/04/2024,1\n2024-01-05,1\n,\n12/25/2023,2\n", RK_GREGORIAN);
    is_day(t, 0, "2024-03-04");
    is_day(t, 1, "2024-01-05");
    is_day(t, 3, "2023-12-25");
    rk_table_free(t);
    t = read_times("t\n03/04/1403\n\xdb\xb1\xdb\xb4\xdb\xb0\xdb\xb3/01/25\n25/01/1403\n",
                   RK_JALALI);
    is_day(t, 0, "2024-06-23");
    is_day(t, 1, "2024-04-13");
    is_day(t, 2, "2024-04-13");
    rk_table_free(t);
}

/* The cell that tells may stand anywhere in the file. */
static void test_date_order_told_late(void **state)
{
    enum { ROWS = 200000 };
    struct rk_text file = {0};
    struct rk_table *t;

    (void)state;
    rk_text_add(&file, "t,y\n");
    for (int i = 0; i < ROWS; i++)
        rk_text_add(&file, "03/04/2024,1\n");
    rk_text_add(&file, "04/25/2024,1\n");
    t = read_times(file.bytes, RK_GREGORIAN);
    is_day(t, 0, "2024-03-04");
    is_day(t, ROWS - 1, "2024-03-04");
    is_day(t, ROWS, "2024-04-25");
    rk_table_free(t);
    rk_text_add(&file, "25/04/2024,1\n");
    refused(file.bytes, "t", RK_AS_TIME, ROWS + 3, "'25/04/2024' (line 200003) has the day first");
    rk_text_free(&file);
}

static void test_mixed_dates_refused(void **state)
{
    (void)state;
    refused("t,y\n13/01/2024,1\n01/13/2024,2\n", "t", RK_AS_TIME, 3,
            "'13/01/2024' (line 2) has the day first and '01/13/2024' (line 3) the month");
    refused("t,y\n03/04/2024,1\n03/04/2024,1\n05/06/2024,1\n", "t", RK_AS_TIME, 2,
            "'03/04/2024' and '05/06/2024' (line 4) may have the day or the month first");
    refused("t,y\n1403/01/25,1\n", "t", RK_AS_TIME, 2, "--calendar");
    refused("t,y\n1403/01/25,1\n", "t", RK_AS_FOUND, 2, "--calendar");
    refused("t,y\n1899-12-31,1\n", "t", RK_AS_TIME, 2, "not a date");
}

/* --- large things --------------------------------------------------------------------------- */

static void test_many_columns(void **state)
{
    enum { COLUMNS = 10000 };
    struct rk_text file = {0};
    struct rk_table *t;

    (void)state;
    for (int j = 0; j < COLUMNS; j++)
        rk_text_format(&file, "%scolumn%d", j > 0 ? "," : "", j);
    for (int i = 0; i < 20; i++)
        for (int j = 0; j < COLUMNS; j++)
            rk_text_format(&file, "%s%d", j > 0 ? "," : "\n", i * j);
    t = read_all(file.bytes);
    assert_int_equal(t->n_columns, COLUMNS);
    assert_int_equal(t->n_rows, 20);
    assert_true(t->column[COLUMNS - 1].number[19] == 19 * (COLUMNS - 1));
    rk_table_free(t);
    refused(file.bytes, "colunm77", RK_AS_NUMBER, 0, "did you mean 'column77'");
    rk_text_free(&file);
}

static void test_long_field(void **state)
{
    struct rk_text file = {0};
    struct rk_table *t;

    (void)state;
    rk_text_add(&file, "x,y\n1,\"");
    rk_text_repeat(&file, "a\n\"\",", 1 << 20);
    rk_text_add(&file, "\"\n2,b\n");
    t = read_all(file.bytes);
    assert_int_equal(t->n_rows, 2);
    assert_int_equal(strlen(rk_table_text(t, 0, 1)), 4 << 20);
    assert_int_equal(rk_table_line(t, 1), 3 + (1 << 20));
    rk_table_free(t);
    rk_text_free(&file);
}

/* Wants the last column as text, and refuses a header of one. */
static enum rk_status choose_last(void *data, const struct rk_names *header, struct rk_error *error)
{
    struct rk_wants *wants = data;

    if (header->n < 2)
        return rk_fail(error, RK_EINPUT, "one column only");
    return rk_wants_add(wants, header->name[header->n - 1], RK_AS_LABEL);
}

static void test_wants_by_header(void **state)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_wants wants = {.choose = choose_last, .choose_data = &wants};
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(read_with("x\n1\n", &wants, &options, &table, &error), RK_EINPUT);
    assert_string_equal(error.text, "one column only");
    assert_string_equal(error.file, path);
    assert_null(table);
    assert_int_equal(read_with("x,y,z\n1,2,3\n", &wants, &options, &table, &error), RK_OK);
    assert_int_equal(table->n_columns, 1);
    assert_string_equal(table->column[0].name, "z");
    assert_string_equal(rk_table_text(table, 0, 0), "3");
    rk_table_free(table);
    rk_wants_free(&wants);
}

/* What rep-clean asks for: all cells as text, names and rows as they come, nothing refused. */
static void test_as_it_comes(void **state)
{
    const struct rk_wants wants = {.all = true, .all_role = RK_AS_LABEL};
    const struct rk_csv_options options = {
        .decimal = '.', .header_only_ok = true, .any_names = true, .any_length = true};
    struct rk_table *t = NULL;
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(read_with("x;;x\n1;2;3\n4\n\n5;6;7;8\n", &wants, &options, &t, &error), RK_OK);
    assert_int_equal(t->n_rows, 3);
    assert_int_equal(t->n_columns, 3);
    assert_int_equal(t->delimiter, ';');
    assert_string_equal(t->column[1].name, "");
    assert_string_equal(t->column[2].name, "x");
    assert_string_equal(rk_table_text(t, 0, 0), "1");
    assert_string_equal(rk_table_text(t, 2, 2), "7");
    assert_true(rk_table_is_missing(t, 1, 1) && rk_table_is_missing(t, 1, 2));
    assert_int_equal(t->n_ragged, 2);
    assert_int_equal(t->ragged[0].row, 1);
    assert_int_equal(t->ragged[0].n_cells, 1);
    assert_int_equal(t->ragged[1].row, 2);
    assert_int_equal(t->ragged[1].n_cells, 4);
    assert_int_equal(rk_table_line(t, t->ragged[1].row), 5);
    rk_table_free(t);

    assert_int_equal(read_with("a,b\n", &wants, &options, &t, &error), RK_OK);
    assert_int_equal(t->n_rows, 0);
    assert_int_equal(t->n_columns, 2);
    rk_table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_line_ends),
        cmocka_unit_test(test_lines_of_rows),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_one_column),
        cmocka_unit_test(test_many_blocks),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_refused_cells),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_date_order),
        cmocka_unit_test(test_date_order_told_late),
        cmocka_unit_test(test_mixed_dates_refused),
        cmocka_unit_test(test_many_columns),
        cmocka_unit_test(test_long_field),
        cmocka_unit_test(test_wants_by_header),
        cmocka_unit_test(test_as_it_comes),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
