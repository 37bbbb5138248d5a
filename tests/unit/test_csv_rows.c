/* The rows of one block: room for them. */
#include "../../src/table/csv_rows.h"

#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "repkit/text.h"

enum { COLUMNS = 500, PADDING = 64 };

/* Parses the bytes as a block of COLUMNS columns of text whose rows may have any length. */
static void parse(const struct rk_text *bytes, struct csv_rows *rows)
{
    const struct rk_csv_options options = {.delimiter = ',', .decimal = '.', .any_length = true};
    struct csv_target target[COLUMNS];
    size_t first_target[COLUMNS + 1];
    struct csv_layout layout = {&options, COLUMNS, target, COLUMNS, first_target};

    for (size_t j = 0; j <= COLUMNS; j++) {
        if (j < COLUMNS)
            target[j] = (struct csv_target){.file_column = j, .role = RK_AS_LABEL};
        first_target[j] = j;
    }
    free(rows->block.bytes);
    rows->block.bytes = calloc(bytes->length + PADDING, 1);
    assert_non_null(rows->block.bytes);
    memcpy(rows->block.bytes, bytes->bytes, bytes->length);
    rows->block.length = bytes->length;
    rows->start_line = 1;
    csv_rows_parse(rows, &layout);
    assert_int_equal(rows->status, RK_OK);
}

static const char *cell(const struct csv_rows *rows, size_t row, size_t column)
{
    const struct csv_cells *cells = &rows->cells[column];

    return cells->code[row] == RK_NO_CODE ? NULL : rk_dict_label(cells->dict, cells->code[row]);
}

/* Rows have room by their number: by bytes, many columns would take memory by their square. */
static void room_for_ragged_rows(void **state)
{
    struct rk_text bytes = {0};
    struct csv_rows rows = {0};

    (void)state;
    for (size_t row = 0; row < 3; row++)
        for (size_t j = 0; j < COLUMNS; j++)
            rk_text_add(&bytes, j + 1 < COLUMNS ? "12345," : row == 1 ? "\"1\n2\"\r\n" : "1\r\n");
    parse(&bytes, &rows);
    assert_int_equal(rows.n_rows, 3);
    assert_true(rows.capacity >= 3 && rows.capacity < 10);
    assert_string_equal(cell(&rows, 1, COLUMNS - 1), "1\n2");

    /* A later block may have more rows, short ones, and no line end at its end. */
    rk_text_clear(&bytes);
    rk_text_repeat(&bytes, "x\n", 1000);
    rk_text_add(&bytes, "y");
    parse(&bytes, &rows);
    assert_int_equal(rows.n_rows, 1001);
    assert_int_equal(rows.n_ragged, 1001);
    assert_string_equal(cell(&rows, 1000, 0), "y");
    assert_null(cell(&rows, 1000, 1));
    rk_text_free(&bytes);
    csv_rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_for_ragged_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
