/* The CSV reader: blocks and threads, and rows split as libcsv splits them. */
#include "csv_file.h"

#include <csv.h>
#include <fcntl.h>
#include <math.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_first_fault),
        cmocka_unit_test(test_conflicts_across_blocks),
        cmocka_unit_test(test_same_as_libcsv),
        cmocka_unit_test(test_all_quoted),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
