/* The CSV reader: records, types, lines and refusals, from real files. */
#include "reference.h"

#include <csv.h>
#include <fcntl.h>
#include <iconv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "repkit/csv.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

static void put_file(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static enum rk_status read_with(const char *text, const struct rk_wants *wants,
                                const struct rk_csv_options *options, struct rk_table **table,
                                struct rk_error *error)
{
    put_file(text, strlen(text));
    return rk_csv_read(path, wants, options, NULL, table, error);
}

static struct rk_table *read_all(const char *text)
{
    const struct rk_wants wants = {.all = true};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (read_with(text, &wants, &options, &table, &error) != RK_OK)
        fail_msg("%s", error.text);
    return table;
}

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

static void refused(const char *text, const char *name, enum rk_role role, size_t line,
                    const char *words)
{
    struct rk_wants wants = {.all = name == NULL};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (name != NULL)
        assert_int_equal(rk_wants_add(&wants, name, role), RK_OK);
    assert_int_equal(read_with(text, &wants, &options, &table, &error), RK_EINPUT);
    assert_null(table);
    assert_int_equal(error.line, line);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
    rk_wants_free(&wants);
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

/* --- encodings and gzip --------------------------------------------------------------------- */

/* Writes the text, which is UTF-8, to the file in another encoding, behind a mark. */
static void put_encoded(const char *text, const char *encoding, const char *mark, size_t mark_size)
{
    char out[4096], *to = out + mark_size, *in = rk_strdup(text), *from = in;
    size_t left = strlen(text), room = sizeof out - mark_size;
    iconv_t converter = iconv_open(encoding, "UTF-8");

    assert_true(converter != (iconv_t)-1);
    memcpy(out, mark, mark_size);
    assert_true(iconv(converter, &from, &left, &to, &room) != (size_t)-1);
    iconv_close(converter);
    put_file(out, (size_t)(to - out));
    free(in);
}

static enum rk_status read_file(const struct rk_csv_options *options, struct rk_table **table,
                                struct rk_error *error)
{
    const struct rk_wants wants = {.all = true};

    return rk_csv_read(path, &wants, options, NULL, table, error);
}

static void test_encodings(void **state)
{
    static const struct {
        const char *encoding, *given, *mark, *label;
        size_t mark_size;
    } cases[] = {
        {"UTF-16LE", "", "\xff\xfe", "\xe5\x8d\x97 caf\xc3\xa9 \xf0\x9f\x98\x80", 2},
        {"UTF-16BE", "", "\xfe\xff", "\xe5\x8d\x97 caf\xc3\xa9 \xf0\x9f\x98\x80", 2},
        {"UTF-16LE", "GBK", "\xff\xfe", "caf\xc3\xa9", 2}, /* the mark wins */
        {"UTF-16LE", "UTF-16LE", "", "caf\xc3\xa9", 0},
        {"GBK", "GBK", "", "\xe5\x8d\x97\xe5\xb8\x82", 0},
        {"GBK", "gb18030", "", "\xe5\x8d\x97\xe5\xb8\x82", 0},
        {"Windows-1252", "Windows-1252", "", "\xe2\x82\xac caf\xc3\xa9", 0},
        {"ISO-8859-15", "ISO-8859-15", "", "\xe2\x82\xac \xc5\x93uvre", 0},
        {"Windows-1256", "Windows-1256", "", "\xd9\x81\xd8\xb1\xd9\x88\xd8\xb4", 0},
        {"UTF-8", "utf8", "\xef\xbb\xbf", "caf\xc3\xa9", 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rk_csv_options options = RK_CSV_DEFAULT;
        struct rk_text text = {0};
        struct rk_table *t = NULL;
        struct rk_error error = {0};

        memcpy(options.encoding, cases[i].given, strlen(cases[i].given) + 1);
        rk_text_format(&text, "rep,x\r\n%s,1\r\nB,2\r\n", cases[i].label);
        put_encoded(text.bytes, cases[i].encoding, cases[i].mark, cases[i].mark_size);
        if (read_file(&options, &t, &error) != RK_OK)
            fail_msg("%zu: %s", i, error.text);
        assert_int_equal(t->n_rows, 2);
        assert_string_equal(t->column[0].name, "rep");
        assert_string_equal(rk_table_text(t, 0, 0), cases[i].label);
        assert_true(t->column[1].number[1] == 2);
        rk_table_free(t);
        rk_text_free(&text);
    }
}

static void refused_bytes(const char *bytes, size_t length, const char *encoding, size_t line,
                          const char *words)
{
    struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    memcpy(options.encoding, encoding, strlen(encoding) + 1);
    put_file(bytes, length);
    assert_int_equal(read_file(&options, &table, &error), RK_EINPUT);
    assert_null(table);
    assert_int_equal(error.line, line);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
}

static void test_encodings_refused(void **state)
{
    struct rk_csv_options options = {.decimal = '.', .encoding = "no-such-thing"};
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    (void)state;
    refused_bytes("x,y\n1,a\n2,\xff\xff\n", 13, "GBK", 3, "byte 0xff is not valid GBK");
    refused_bytes("x,y\n1,\"a\n\xff\xff\"\n", 13, "GBK", 3, "GBK");
    refused_bytes("x,y\n1,a\n2,\xc4", 11, "GBK", 3, "inside a character");
    refused_bytes("\xff\xfex\0\n\0001\0\n\0\x00\xd8\n\0", 14, "", 3, "UTF-16LE");
    refused_bytes("\xff\xfex\0\n\0001\0\n\0002", 11, "", 3, "inside a character");
    refused_bytes("\xff\xfex\0\n\0\0\0\n\0", 10, "", 2, "NUL");
    refused_bytes("x,y\n1,2\n3,4,5\n\xff\xff", 16, "GBK", 3, "3 cells"); /* the first fault */
    refused_bytes("x,y\n1,2\nno,\xc3\xa9\n7,\xc3\n", 18, "", 4, "byte 0xc3 is not valid UTF-8");
    assert_false(rk_encoding_known("no-such-thing"));
    assert_false(rk_encoding_known("GBK//IGNORE"));
    assert_true(rk_encoding_known("GBK") && rk_encoding_known("UTF-8"));
    put_file("x\n1\n", 4);
    assert_int_equal(read_file(&options, &table, &error), RK_EUSAGE);
}

/* One gzip member of the text; free() it. */
static char *pack(const char *text, size_t length, size_t *packed)
{
    z_stream stream = {0};
    size_t room = length + 1000;
    char *out = malloc(room);

    assert_non_null(out);
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)text;
    stream.avail_in = (uInt)length;
    stream.next_out = (unsigned char *)out;
    stream.avail_out = (uInt)room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    *packed = stream.total_out;
    deflateEnd(&stream);
    return out;
}

static struct rk_table *read_packed(const char *bytes, size_t length)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *t = NULL;
    struct rk_error error = {0};

    put_file(bytes, length);
    if (read_file(&options, &t, &error) != RK_OK)
        fail_msg("%s", error.text);
    return t;
}

static void test_gzip(void **state)
{
    struct rk_text text = {0}, file = {0};
    size_t first_size, second_size;
    char *first, *second;
    struct rk_table *t;
    uint64_t digest;

    (void)state;
    rk_text_add(&text, "\xef\xbb\xbfx,y\n");
    for (int i = 0; i < 100000; i++)
        rk_text_format(&text, "%d,r%d\n", i, i % 7);
    put_file(text.bytes, text.length);
    t = read_packed(text.bytes, text.length);
    digest = t->digest;
    rk_table_free(t);
    first = pack(text.bytes, 1000, &first_size);
    second = pack(text.bytes + 1000, text.length - 1000, &second_size);
    rk_text_add_bytes(&file, first, first_size);
    rk_text_add_bytes(&file, second, second_size);
    t = read_packed(file.bytes, file.length);
    assert_int_equal(t->n_rows, 100000);
    assert_string_equal(t->column[0].name, "x");
    assert_true(t->column[0].number[99999] == 99999);
    assert_true(t->digest == digest);
    rk_table_free(t);
    rk_text_add_bytes(&file, "\0\0\0", 3); /* padding */
    rk_table_free(read_packed(file.bytes, file.length));

    refused_bytes(file.bytes, first_size + second_size / 2, "", 0, "end too early");
    refused_bytes(file.bytes, first_size + 5, "", 0, "end too early");
    rk_text_clear(&file);
    rk_text_add_bytes(&file, first, first_size);
    rk_text_add_bytes(&file, "garbage", 7);
    refused_bytes(file.bytes, file.length, "", 0, "no gzip");
    first[first_size - 6] ^= 1; /* the checksum */
    refused_bytes(first, first_size, "", 0, "damaged");
    free(first);
    free(second);
    rk_text_free(&text);
    rk_text_free(&file);
}

static void test_gzip_bound(void **state)
{
    struct rk_csv_options options = {.decimal = '.', .max_unpacked = 5e6};
    struct rk_text text = {0};
    struct rk_table *table = NULL;
    struct rk_error error = {0};
    size_t size;
    char *packed;

    (void)state;
    rk_text_add(&text, "x\n");
    rk_text_repeat(&text, "1\n", 4000000);
    packed = pack(text.bytes, text.length, &size);
    put_file(packed, size);
    assert_int_equal(read_file(&options, &table, &error), RK_EINPUT);
    assert_non_null(strstr(error.text, "--max-unpacked"));
    options.max_unpacked = 8000002;
    assert_int_equal(read_file(&options, &table, &error), RK_OK);
    assert_int_equal(table->n_rows, 4000000);
    rk_table_free(table);
    free(packed);
    rk_text_free(&text);
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

/* --- threads -------------------------------------------------------------------------------- */

/* A file of many blocks: numbers, labels in a random order, quotes, line ends in cells. */
static void add_rows(struct rk_text *file, int n)
{
    uint64_t seed = 1;

    rk_text_add(file, "rep,week,calls,revenue,note\n");
    for (int i = 0; i < n; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        rk_text_format(file, "r%u,2024-W%02d,%d,%.2f,%s\n", (unsigned)(seed >> 40) % 3000,
                       i % 52 + 1, (int)(seed >> 60), (double)(seed >> 50) / 7.0,
                       seed >> 63   ? "plain"
                       : seed >> 62 ? "\"a, \"\"b\"\"\""
                                    : "\"two\nlines\"");
    }
}

static struct rk_table *read_threaded(unsigned threads, enum rk_status *status,
                                      struct rk_error *error)
{
    const struct rk_wants wants = {.all = true};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = {.threads = threads, .seed = 1};
    struct rk_table *t = NULL;

    *status = rk_csv_read(path, &wants, &options, &ctx, &t, error);
    return t;
}

static void same_tables(const struct rk_table *a, const struct rk_table *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    assert_int_equal(a->n_line_marks, b->n_line_marks);
    assert_true(a->digest == b->digest);
    assert_memory_equal(a->line_map, b->line_map, a->n_line_marks * sizeof *a->line_map);
    for (size_t j = 0; j < a->n_columns; j++) {
        const struct rk_column *x = &a->column[j], *y = &b->column[j];

        assert_int_equal(x->type, y->type);
        if (x->type != RK_TEXT) {
            assert_memory_equal(x->number, y->number, a->n_rows * sizeof *x->number);
            continue;
        }
        assert_memory_equal(x->code, y->code, a->n_rows * sizeof *x->code);
        assert_int_equal(rk_dict_size(x->dict), rk_dict_size(y->dict));
        for (uint32_t k = 0; k < rk_dict_size(x->dict); k++)
            assert_string_equal(rk_dict_label(x->dict, k), rk_dict_label(y->dict, k));
    }
}

static void test_threads(void **state)
{
    static const unsigned counts[] = {1, 2, 8, 100};
    struct rk_text file = {0};
    struct rk_table *first = NULL;
    enum rk_status status;
    struct rk_error error;

    (void)state;
    add_rows(&file, 200000);
    put_file(file.bytes, file.length);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct rk_table *t = read_threaded(counts[i], &status, &error);

        assert_int_equal(status, RK_OK);
        if (first == NULL) {
            first = t;
            continue;
        }
        same_tables(first, t);
        rk_table_free(t);
    }
    /* Labels are numbered in the order they were first seen. */
    for (uint32_t next = 0, i = 0; i < first->n_rows; i++) {
        assert_true(first->column[0].code[i] <= next);
        next += first->column[0].code[i] == next;
    }
    rk_table_free(first);
    rk_text_free(&file);
}

/* Of many faults the first in the file is told, whatever the threads. */
static void test_threads_first_fault(void **state)
{
    static const struct {
        const char *row, *words;
    } faults[] = {{"r1,2024-W01,5%,2.5,x\n", "percents (line 150002) and plain numbers (line 2)"},
                  {"r1,2024-W01,12k,2.5,x\n", "'12k' is not a number"},
                  {"r1,2024-01,1,2.5,x\n", "'2024-01' is not of the same kind"},
                  {"r1,2024-W01,1,2.5\n", "4 cells where"},
                  {"r1,2024-W01,1,2.5,\"x\"y\n", "text after a closing quote"},
                  {"r1,2024-W01,1,2.5,\"x\n", "never closed"},
                  {"r1,2024-W01,1,2.5,\xff\n", "not valid UTF-8"}};
    enum { N = sizeof faults / sizeof *faults };

    (void)state;
    for (size_t first = 0; first < N; first++) {
        struct rk_text file = {0};

        rk_text_add(&file, "rep,week,calls,revenue,note\n");
        for (int i = 0; i < 150000; i++)
            rk_text_format(&file, "r%d,2024-W01,%d,%d.5,x\n", i % 10, i % 100, i);
        /* What follows an open quote is in it. */
        for (size_t k = 0; k < (first == 5 ? 1 : 3 * N); k++) {
            rk_text_add(&file, faults[(first + k) % N].row);
            for (int i = 0; i < (k == 0 ? 0 : 30000); i++)
                rk_text_add(&file, "r1,2024-W01,1,2.5,x\n");
        }
        put_file(file.bytes, file.length);
        for (unsigned threads = 1; threads <= 4; threads *= 2) {
            enum rk_status status;
            struct rk_error error;
            struct rk_table *t = read_threaded(threads, &status, &error);

            assert_null(t);
            assert_int_equal(status, RK_EINPUT);
            if (error.line != 150002)
                fail_msg("line %zu: %s", error.line, error.text);
            if (strstr(error.text, faults[first].words) == NULL)
                fail_msg("'%s' does not say '%s'", error.text, faults[first].words);
        }
        rk_text_free(&file);
    }
}

/* What may not be mixed is found across blocks. */
static void test_conflicts_across_blocks(void **state)
{
    static const struct {
        const char *early, *late, *words;
    } cases[] = {{"5%", "6", "percents (line 2) and plain numbers (line 100003)"},
                 {"$5", "6 EUR", "two currencies in one column: $ (line 2) and EUR"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct rk_text file = {0};

        rk_text_format(&file, "x,y\n%s,1\n", cases[i].early);
        for (int k = 0; k < 100000; k++)
            rk_text_add(&file, ",123456\n");
        rk_text_format(&file, "%s,1\n%s,1\n", cases[i].late, cases[i].early);
        refused(file.bytes, "x", RK_AS_NUMBER, 100003, cases[i].words);
        rk_text_free(&file);
    }
}

/* --- the same as libcsv --------------------------------------------------------------------- */

/* What libcsv makes of the text: cells ended by 0x1f, rows by 0x1e. */
static void add_cell(void *cell, size_t length, void *data)
{
    rk_text_add_bytes(data, cell, length);
    rk_text_add_char(data, 0x1f);
}

static void end_libcsv_row(int end, void *data)
{
    (void)end;
    rk_text_add_char(data, 0x1e);
}

static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static void split_by_libcsv(const char *text, size_t length, struct rk_text *out)
{
    struct csv_parser parser;

    rk_text_clear(out);
    rk_text_add(out, "");
    assert_int_equal(csv_init(&parser, 0), 0);
    csv_set_space_func(&parser, is_no_space);
    assert_int_equal(csv_parse(&parser, text, length, add_cell, end_libcsv_row, out), length);
    assert_int_equal(csv_fini(&parser, add_cell, end_libcsv_row, out), 0);
    csv_free(&parser);
}

static void split_by_reader(const struct rk_table *t, struct rk_text *out)
{
    rk_text_clear(out);
    rk_text_add(out, "");
    for (size_t i = 0; i < t->n_rows; i++) {
        for (size_t j = 0; j < t->n_columns; j++) {
            const char *label = rk_table_text(t, i, j);

            rk_text_add(out, label == NULL ? "" : label);
            rk_text_add_char(out, 0x1f);
        }
        rk_text_add_char(out, 0x1e);
    }
}

/* Random text of the bytes that matter, with rows of three cells more often than not. */
static void random_csv(uint64_t *seed, struct rk_text *out)
{
    static const char *const cells[] = {"",
                                        "a",
                                        "12",
                                        "\"\"",
                                        "\"b,c\"",
                                        "\"d\ne\"",
                                        "f\"g",
                                        " h ",
                                        "\"i\"\"j\"",
                                        "k\"\"",
                                        "0123456789abcdefghijklmnop",
                                        "\"\r\"",
                                        "\xc3\xa9",
                                        "\"x\"y"};
    static const char *const ends[] = {"\n", "\r\n", "\r", "\n\n", "\n"};

    rk_text_clear(out);
    rk_text_add(out, "p,q,r\n");
    for (int i = 0; i < 40; i++) {
        uint64_t r = *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        int n = r >> 59 == 0 ? 2 : 3;

        for (int j = 0; j < n; j++) {
            unsigned cell = (unsigned)(r >> (20 + 8 * j)) % 256;

            /* Faulty cells are rare, so that most files are good. */
            rk_text_add(out, j > 0 ? "," : "");
            rk_text_add(out, cells[cell == 255 ? 13 : cell % 13]);
        }
        rk_text_add(out, ends[(r >> 50) % 5]);
    }
}

static void test_same_as_libcsv(void **state)
{
    struct rk_text text = {0}, expected = {0}, actual = {0};
    const struct rk_csv_options options = {.decimal = '.', .delimiter = ','};
    struct rk_wants wants = {0};
    uint64_t seed = 7;
    int n_good = 0;

    (void)state;
    assert_int_equal(rk_wants_add(&wants, "p", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "q", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "r", RK_AS_LABEL), RK_OK);
    for (int i = 0; i < 1500; i++) {
        struct rk_table *t = NULL;
        struct rk_error error;

        random_csv(&seed, &text);
        put_file(text.bytes, text.length);
        if (rk_csv_read(path, &wants, &options, NULL, &t, &error) != RK_OK)
            continue; /* ragged, or text after a quote: libcsv passes both */
        n_good++;
        split_by_libcsv(text.bytes + 6, text.length - 6, &expected);
        split_by_reader(t, &actual);
        rk_table_free(t);
        if (strcmp(actual.bytes, expected.bytes) != 0)
            fail_msg("file %d is split otherwise:\n%s", i, text.bytes);
    }
    assert_true(n_good > 200 && n_good < 1400);
    rk_text_free(&text);
    rk_text_free(&expected);
    rk_text_free(&actual);
    rk_wants_free(&wants);
}

/* A file of several blocks in which every cell has quotes, with what may be in them, and in its
 * third column plain numbers and such as only csv_store reads. */
static void all_quoted(struct rk_text *out)
{
    static const char *const cells[] = {"a",  "b, c",       "",     "d\ne",     "f\r\ng",
                                        "h ", "i\"\"j",     "\"\"", "k\r",      "\"\",\"\"",
                                        ",",  "\xc3\xa9\n", " ",    "\"\"\"\"", "\n\n"};
    static const char *const numbers[] = {"12", "-3.5", "1,200", "$5", "", "NA", "123456789012"};

    rk_text_add(out, "p,q,\"r\"\n");
    for (int i = 0; i < 60000; i++) {
        rk_text_format(out, "\"%s\",%s,\"%s\"", cells[i % 15], i % 3 == 0 ? "plain" : "\"x,\"",
                       numbers[i % 7]);
        rk_text_add(out, i % 2 == 0 ? "\n" : "\r\n");
    }
}

static void test_all_quoted(void **state)
{
    struct rk_text text = {0}, expected = {0}, actual = {0};
    const struct rk_csv_options options = {.decimal = '.', .delimiter = ','};
    const struct rk_ctx three = {.threads = 3};
    struct rk_wants wants = {0};

    (void)state;
    assert_int_equal(rk_wants_add(&wants, "p", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "q", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "r", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "r", RK_AS_NUMBER), RK_OK);
    all_quoted(&text);
    split_by_libcsv(text.bytes + 8, text.length - 8, &expected);
    put_file(text.bytes, text.length);
    for (int k = 0; k < 2; k++) {
        struct rk_table *t = NULL;
        struct rk_error error;
        const struct rk_column *number;

        assert_int_equal(rk_csv_read(path, &wants, &options, k == 0 ? NULL : &three, &t, &error),
                         RK_OK);
        assert_int_equal(t->n_rows, 60000);
        assert_int_equal(rk_table_line(t, 4), 7); /* behind the fourth row's line end */
        number = &t->column[rk_table_find_typed(t, "r", RK_NUMBER)];
        for (size_t i = 0; i < t->n_rows; i++) {
            static const double values[] = {12, -3.5, 1200, 5, NAN, NAN, 123456789012};

            assert_close(number->number[i], values[i % 7], 0.0);
        }
        t->n_columns--; /* the texts are left */
        assert_int_equal(t->column[3].type, RK_NUMBER);
        split_by_reader(t, &actual);
        t->n_columns++;
        rk_table_free(t);
        assert_string_equal(actual.bytes, expected.bytes);
    }
    rk_text_free(&text);
    rk_text_free(&expected);
    rk_text_free(&actual);
    rk_wants_free(&wants);
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

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
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
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_encodings_refused),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_gzip_bound),
        cmocka_unit_test(test_many_columns),
        cmocka_unit_test(test_long_field),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_first_fault),
        cmocka_unit_test(test_conflicts_across_blocks),
        cmocka_unit_test(test_same_as_libcsv),
        cmocka_unit_test(test_all_quoted),
        cmocka_unit_test(test_wants_by_header),
        cmocka_unit_test(test_as_it_comes),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
