/* The CSV reader: what comes before the text, encodings and gzip. */
#include "csv_file.h"

#include <iconv.h>
#include <zlib.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_encodings_refused),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_gzip_bound),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
