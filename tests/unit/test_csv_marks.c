/* The places where cells and records end, by the processor's own means and by those of any, against
 * a look at one byte after another; and records with quotes against libcsv. */
#include "../../src/table/csv_marks.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/table/csv_split.h"
#include "reference.h"
#include "repkit/random.h"
#include "repkit/text.h"

enum { MOST = 400, PADDING = 64 };

/* Bytes of which most matter, in a buffer whose padding matters, too. */
static size_t random_bytes(struct rk_rng *rng, const char *alphabet, char *bytes)
{
    size_t n = strlen(alphabet), length = (size_t)rk_rng_below(rng, MOST);

    for (size_t i = 0; i < MOST + PADDING; i++)
        bytes[i] = alphabet[rk_rng_below(rng, n)];
    return length;
}

static void marks(void **state)
{
    char bytes[MOST + PADDING];
    uint32_t mark[MOST + PADDING], portable[MOST + PADDING];
    struct rk_rng rng;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "marks", 0);
    for (int round = 0; round < 5000; round++) {
        size_t length =
            random_bytes(&rng, round % 3 == 0 ? "ab,\n" : "abc,;\n\r\"x\x80\xff", bytes);
        size_t n = 0, found;
        bool odd = false, is_odd, is_odd_too;

        if (length > 0 && round % 7 == 0)
            bytes[rk_rng_below(&rng, length)] = '\0';
        found = csv_find_marks(bytes, length, ',', mark, &is_odd);
        assert_int_equal(csv_find_marks_portably(bytes, length, ',', portable, &is_odd_too), found);
        for (size_t i = 0; i < length; i++) {
            odd = odd || bytes[i] == '\0' || (unsigned char)bytes[i] >= 0x80;
            if (bytes[i] != '\0' && strchr(",\n\r\"", bytes[i]) != NULL) {
                assert_true(n < found);
                assert_int_equal(mark[n], i);
                assert_int_equal(portable[n++], i);
            }
        }
        assert_int_equal(n, found);
        assert_int_equal(is_odd, odd);
        assert_int_equal(is_odd_too, odd);
    }
}

static bool is_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Byte by byte: false where a quote neither opens nor closes a field. */
static bool slowly(const char *bytes, size_t length, char delimiter, size_t *whole)
{
    bool inside = false;

    *whole = 0;
    for (size_t i = 0; i < length; i++) {
        char before = i == 0 ? '\n' : bytes[i - 1], after = i + 1 < length ? bytes[i + 1] : '\n';

        if (bytes[i] != '"') {
            if (!inside && is_end(bytes[i]) && (bytes[i] == '\n' || i + 1 < length))
                *whole = i + 1;
        } else if (!inside) {
            if (before != delimiter && !is_end(before))
                return false;
            inside = true;
        } else if (after == '"' && i + 1 < length) {
            i++;
        } else {
            if (after != delimiter && !is_end(after))
                return false;
            inside = false;
        }
    }
    return true;
}

static void whole_records(void **state)
{
    static const char *const pieces[] = {"a",   ",",          ",",          "\n",  "\r\n",
                                         "\r",  "\"b\",",     "\"c\"\"\",", "d\n", "\"\"\n",
                                         "ef,", "\"g,\r\n\"", "\"\"\"\",",  "\"",  "h"};
    enum { N_PIECES = sizeof pieces / sizeof *pieces };
    struct rk_text text = {0};
    struct rk_rng rng;
    size_t n_true = 0, n_open = 0;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "records", 0);
    for (int round = 0; round < 20000; round++) {
        size_t n = (size_t)rk_rng_below(&rng, 80), expected, whole, portable, length;
        /* Stray quotes are rare, or no text would be in order. */
        size_t most = round % 4 == 0 ? N_PIECES : N_PIECES - 2;
        bool good;

        rk_text_clear(&text);
        for (size_t i = 0; i < n; i++)
            rk_text_add(&text, pieces[rk_rng_below(&rng, most)]);
        length = text.length;
        for (int i = 0; i < PADDING; i++)
            rk_text_add(&text, "\"");
        good = slowly(text.bytes, length, ',', &expected);
        assert_int_equal(csv_whole_records(text.bytes, length, ',', &whole), good);
        assert_int_equal(csv_whole_records_portably(text.bytes, length, ',', &portable), good);
        if (!good)
            continue;
        assert_int_equal(whole, expected);
        assert_int_equal(portable, expected);
        n_true++;
        n_open += expected < length;
    }
    assert_true(n_true > 1000 && n_open > 500 && n_true < 19000);
    rk_text_free(&text);
}

/* --- records ---------------------------------------------------------------------------------- */

static void add_cell(void *cell, size_t length, void *data)
{
    rk_text_add_bytes(data, cell, length);
    rk_text_add_char(data, 0x1f);
}

static void end_row(int end, void *data)
{
    (void)end;
    rk_text_add_char(data, 0x1e);
}

static int is_no_space(unsigned char c)
{
    (void)c;
    return 0;
}

/* Whether strict libcsv takes the record, and its cells. */
static bool by_libcsv(const char *bytes, size_t length, struct rk_text *out)
{
    struct csv_parser parser;
    bool good;

    assert_int_equal(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
    csv_set_space_func(&parser, is_no_space);
    good = csv_parse(&parser, bytes, length, add_cell, end_row, out) == length &&
           csv_fini(&parser, add_cell, end_row, out) == 0;
    csv_free(&parser);
    return good;
}

static void add_spans(const struct csv_split *split, struct rk_text *out)
{
    char cell[MOST + PADDING];

    for (size_t j = 0; j < split->n_cells; j++) {
        const struct csv_span *span = &split->span[j];

        if (span->doubled)
            rk_text_add_bytes(out, cell, csv_undouble(span, cell));
        else
            rk_text_add_bytes(out, span->cell, span->length);
        rk_text_add_char(out, 0x1f);
    }
    rk_text_add_char(out, 0x1e);
}

/* Random records, each of them its own text: what csv_split_record makes of those that strict
 * libcsv takes is the same, and it takes no others but those with a quote inside plain text, which
 * strict libcsv does not know. */
static void records(void **state)
{
    char bytes[MOST + PADDING + 1];
    uint32_t mark[MOST + PADDING + 1];
    struct csv_span span[MOST + 1];
    struct rk_text expected = {0}, actual = {0};
    struct rk_rng rng;
    size_t n_good = 0;

    (void)state;
    rk_rng_stream(&rng, 1, "test", "split", 0);
    for (int round = 0; round < 300000; round++) {
        size_t n = 1 + (size_t)rk_rng_below(&rng, round % 2 == 0 ? 6 : 14), n_marks;
        struct csv_split split = {.bytes = bytes,
                                  .length = n,
                                  .delimiter = ',',
                                  .mark = mark,
                                  .span = span,
                                  .n_spans = MOST};
        bool odd;

        for (size_t i = 0; i < n; i++)
            bytes[i] = "\"\"\"\",,a\n\r"[rk_rng_below(&rng, 9)];
        bytes[0] = '"';
        bytes[n] = '\n';
        n_marks = csv_find_marks(bytes, n + 1, ',', mark, &odd);
        mark[n_marks] = UINT32_MAX;
        rk_text_clear(&expected);
        rk_text_clear(&actual);
        if (!csv_split_record(&split)) {
            assert_int_equal(split.n_cells, 0);
            assert_int_equal(split.place, 0);
            assert_false(by_libcsv(bytes, n, &expected));
            continue;
        }
        assert_true(split.place > 0 && split.place <= n && split.mark <= mark + n_marks);
        if (!by_libcsv(bytes, split.place, &expected))
            continue;
        add_spans(&split, &actual);
        rk_text_add(&expected, "");
        rk_text_add(&actual, "");
        assert_string_equal(actual.bytes, expected.bytes);
        n_good++;
    }
    assert_true(n_good > 30000);
    rk_text_free(&expected);
    rk_text_free(&actual);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks),
        cmocka_unit_test(whole_records),
        cmocka_unit_test(records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
