/* Rows read block by block: the same cells, lines and refusals as when all of them are kept. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/csv.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

enum { ROWS = 60000 };

/* Some blocks of numbers, labels, quoted text over two lines, and dates of which only the last row
 * tells that the day comes first. `bad` replaces the number of one row. */
static void write_file(size_t n, size_t bad_row, const char *bad)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs("rep,day,calls,note,amount\n", file);
    for (size_t i = 0; i < n; i++) {
        fprintf(file, "rep%zu,%02zu/%02zu/2024,", i % 97, i + 1 == n ? 31 : i % 12 + 1,
                i / 12 % 12 + 1);
        if (i == bad_row)
            fprintf(file, "%s,", bad);
        else if (i % 13 == 5)
            fputs(",", file);
        else
            fprintf(file, "%zu,", i % 1000);
        fprintf(file, i % 7 == 0 ? "\"two\nlines, %zu\"," : "note %zu,", i % 11);
        fprintf(file, "\"%zu,%03zu.5\"\n", i % 900 + 1, i % 1000);
    }
    assert_int_equal(fclose(file), 0);
}

/* --- what is done with blocks ----------------------------------------------------------------- */

struct kept {
    struct rk_table *table;
    size_t *line; /* of each row */
    size_t n_blocks, n_dropped;
    size_t fail_make, fail_take; /* the row or block; SIZE_MAX for none */
    bool filter;
};

struct part {
    struct rk_table *table;
    struct kept *kept;
};

static void drop(void *data)
{
    struct part *part = data;

    part->kept->n_dropped++;
    rk_table_free(part->table);
    free(part);
}

static enum rk_status make(void *data, struct rk_table *rows, void **made, struct rk_error *error)
{
    struct kept *kept = data;
    struct part *part = calloc(1, sizeof *part);
    size_t *all = malloc((rows->n_rows + 1) * sizeof *all);
    bool *keep = malloc((rows->n_rows + 1) * sizeof *keep);

    assert_true(part != NULL && all != NULL && keep != NULL);
    part->kept = kept;
    for (size_t i = 0; i < rows->n_rows; i++) {
        all[i] = i;
        keep[i] = !kept->filter || rows->column[1].number[i] != 7.0;
        if (rows->column[1].number[i] == (double)kept->fail_make) {
            rk_fail(error, RK_EDOMAIN, "not this row");
            rk_fail_at(error, rows->name, rk_table_line(rows, i), NULL);
            free(all);
            free(keep);
            free(part);
            return RK_EDOMAIN;
        }
    }
    assert_int_equal(rk_table_keep(rows, keep), RK_OK);
    part->table = rk_table_rows(rows, all, rows->n_rows);
    assert_non_null(part->table);
    free(all);
    free(keep);
    *made = part;
    return RK_OK;
}

static enum rk_status take(void *data, void *made, struct rk_error *error)
{
    struct kept *kept = data;
    struct part *part = made;
    size_t n = kept->table == NULL ? 0 : kept->table->n_rows;

    if (kept->n_blocks++ == kept->fail_take) {
        rk_table_free(part->table);
        free(part);
        return rk_fail(error, RK_EDOMAIN, "not this block");
    }
    kept->line = realloc(kept->line, (n + part->table->n_rows + 1) * sizeof *kept->line);
    assert_non_null(kept->line);
    for (size_t i = 0; i < part->table->n_rows; i++)
        kept->line[n + i] = rk_table_line(part->table, i);
    if (kept->table == NULL)
        kept->table = part->table;
    else
        assert_int_equal(rk_table_append(kept->table, part->table), RK_OK);
    if (kept->table != part->table)
        rk_table_free(part->table);
    free(part);
    return RK_OK;
}

static void kept_free(struct kept *kept)
{
    rk_table_free(kept->table);
    free(kept->line);
}

static struct rk_wants wants_of(bool days)
{
    struct rk_wants wants = {0};

    assert_int_equal(rk_wants_add(&wants, "rep", RK_AS_LABEL), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "calls", RK_AS_NUMBER), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "note", RK_AS_FOUND), RK_OK);
    assert_int_equal(rk_wants_add(&wants, "amount", RK_AS_FOUND), RK_OK);
    if (days)
        assert_int_equal(rk_wants_add(&wants, "day", RK_AS_FOUND), RK_OK);
    return wants;
}

static enum rk_status each(struct kept *kept, bool days, unsigned threads, struct rk_table **about,
                           struct rk_error *error)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    const struct rk_row_work work = {kept, make, take, drop};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_wants wants = wants_of(days);
    enum rk_status status;

    ctx.threads = threads;
    status = rk_csv_each(path, &wants, &options, &ctx, &work, about, error);
    rk_wants_free(&wants);
    return status;
}

static enum rk_status whole(bool days, struct rk_table **table, struct rk_error *error)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_wants wants = wants_of(days);
    enum rk_status status = rk_csv_read(path, &wants, &options, NULL, table, error);

    rk_wants_free(&wants);
    return status;
}

/* --- the same rows ---------------------------------------------------------------------------- */

static void same_cells(const struct rk_table *a, size_t i, const struct rk_table *b, size_t k)
{
    for (size_t j = 0; j < a->n_columns; j++) {
        const struct rk_column *x = &a->column[j], *y = &b->column[j];

        assert_int_equal(rk_table_is_missing(a, i, j), rk_table_is_missing(b, k, j));
        if (rk_table_is_missing(a, i, j))
            continue;
        if (x->type == RK_TEXT)
            assert_string_equal(rk_table_text(a, i, j), rk_table_text(b, k, j));
        else
            assert_true(x->number[i] == y->number[k]);
    }
}

static void check_same(bool days, bool filter, unsigned threads)
{
    struct kept kept = {.fail_make = SIZE_MAX, .fail_take = SIZE_MAX, .filter = filter};
    struct rk_table *table = NULL, *about = NULL;
    struct rk_error error = {0};
    size_t k = 0;

    assert_int_equal(whole(days, &table, &error), RK_OK);
    assert_int_equal(each(&kept, days, threads, &about, &error), RK_OK);
    assert_int_equal(about->n_rows, 0);
    assert_int_equal(about->n_columns, table->n_columns);
    assert_int_equal(about->rows_read, table->n_rows);
    assert_true(about->digest == table->digest && about->delimiter == table->delimiter);
    assert_true(kept.n_blocks > 4);
    for (size_t j = 0; j < table->n_columns; j++) {
        assert_int_equal(kept.table->column[j].type, table->column[j].type);
        assert_int_equal(kept.table->column[j].time_kind, table->column[j].time_kind);
    }
    for (size_t i = 0; i < table->n_rows; i++) {
        if (filter && table->column[1].number[i] == 7.0)
            continue;
        same_cells(table, i, kept.table, k);
        if (days) /* all blocks are late, and know their lines */
            assert_int_equal(rk_table_line(table, i), kept.line[k]);
        k++;
    }
    assert_int_equal(k, kept.table->n_rows);
    rk_table_free(table);
    rk_table_free(about);
    kept_free(&kept);
}

static void test_same_rows(void **state)
{
    (void)state;
    write_file(ROWS, SIZE_MAX, "");
    for (unsigned threads = 1; threads <= 4; threads += 3)
        for (int k = 0; k < 4; k++)
            check_same(k % 2 == 1, k / 2 == 1, threads);
}

/* A file that is no longer than a block; a header alone. */
static void test_few_rows(void **state)
{
    struct kept kept = {.fail_make = SIZE_MAX, .fail_take = SIZE_MAX};
    struct rk_table *table = NULL, *about = NULL;
    struct rk_error error = {0}, kept_error = {0};

    (void)state;
    write_file(3, SIZE_MAX, "");
    assert_int_equal(each(&kept, true, 2, &about, &error), RK_OK);
    assert_int_equal(kept.table->n_rows, 3);
    assert_int_equal(kept.n_blocks, 1);
    rk_table_free(about);
    about = NULL;
    kept_free(&kept);
    write_file(0, SIZE_MAX, "");
    kept = (struct kept){.fail_make = SIZE_MAX, .fail_take = SIZE_MAX};
    assert_int_equal(each(&kept, true, 2, &about, &error), RK_EINPUT);
    assert_int_equal(whole(true, &table, &kept_error), RK_EINPUT);
    assert_string_equal(error.text, kept_error.text);
    assert_true(about == NULL && kept.n_blocks == 0);
}

/* --- refusals --------------------------------------------------------------------------------- */

static void check_refusal(size_t row, const char *bad)
{
    struct kept kept = {.fail_make = SIZE_MAX, .fail_take = SIZE_MAX};
    struct rk_table *table = NULL, *about = NULL;
    struct rk_error expected = {0}, error = {0};

    write_file(ROWS, row, bad);
    assert_int_equal(whole(true, &table, &expected), RK_EINPUT);
    assert_int_equal(each(&kept, false, 3, &about, &error), RK_EINPUT);
    assert_string_equal(error.text, expected.text);
    assert_string_equal(error.column, expected.column);
    assert_int_equal(error.line, expected.line);
    assert_null(about);
    kept_free(&kept);
}

static void test_refusals(void **state)
{
    (void)state;
    check_refusal(3, "many");
    check_refusal(ROWS - 2, "many");
    check_refusal(ROWS - 2, "12%"); /* beside plain numbers of other blocks */
    check_refusal(ROWS / 2, "1,2");
}

/* What the work refuses, with the line of the file. */
static void test_failing_work(void **state)
{
    struct kept kept = {.fail_make = 999, .fail_take = SIZE_MAX};
    struct rk_table *about = NULL;
    struct rk_error error = {0};

    (void)state;
    write_file(ROWS, ROWS - 5, "999999");
    kept.fail_make = 999999;
    assert_int_equal(each(&kept, false, 3, &about, &error), RK_EDOMAIN);
    assert_string_equal(error.text, "not this row");
    /* The header, a line for each row before, one more for each note of two lines. */
    assert_int_equal(error.line, 1 + (ROWS - 5) + (ROWS - 5 + 6) / 7 + 1);
    kept_free(&kept);
    for (unsigned threads = 1; threads <= 3; threads++) {
        kept = (struct kept){.fail_make = SIZE_MAX, .fail_take = 2};
        assert_int_equal(each(&kept, false, threads, &about, &error), RK_EDOMAIN);
        assert_string_equal(error.text, "not this block");
        assert_int_equal(kept.n_blocks, 3);
        assert_null(about);
        kept_free(&kept);
    }
}

static void test_size(void **state)
{
    (void)state;
    write_file(0, SIZE_MAX, "");
    assert_true(rk_csv_size(path) == 26.0);
    assert_true(rk_csv_size("-") == 0.0);
    assert_true(rk_csv_size(NULL) == 0.0);
    assert_true(rk_csv_size("/dev/null") == 0.0);
    assert_true(rk_csv_size("/nowhere") == 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows), cmocka_unit_test(test_few_rows),
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_failing_work),
        cmocka_unit_test(test_size),
    };
    int file = mkstemp(path), failed;

    if (file < 0)
        return 1;
    close(file);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
