/* Tables, dictionaries, groups, levels, results, random streams and blocks on threads. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"
#include "repkit/random.h"
#include "repkit/result.h"

static struct rk_table *labels(const char *const *label, size_t n)
{
    struct rk_table *t = rk_table_new("t");

    assert_int_equal(rk_table_add_column(t, "g", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(t, "x", RK_NUMBER, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(rk_table_add_row(t), RK_OK);
        assert_int_equal(rk_table_set_text(t, i, 0, label[i]), RK_OK);
        rk_table_set_number(t, i, 1, (double)(i % 2));
    }
    return t;
}

static void test_dictionary(void **state)
{
    struct rk_dict *dict = rk_dict_new();
    char name[32];

    (void)state;
    for (int round = 0; round < 2; round++)
        for (uint32_t i = 0; i < 5000; i++) {
            int length = snprintf(name, sizeof name, "label %u", i);

            assert_int_equal(rk_dict_code(dict, name, (size_t)length), i);
        }
    assert_int_equal(rk_dict_size(dict), 5000);
    assert_string_equal(rk_dict_label(dict, 4321), "label 4321");
    assert_int_equal(rk_dict_find(dict, "label 5000", 10), RK_NO_CODE);
    assert_int_equal(rk_dict_find(dict, "label 12", 8), 12);
    rk_dict_free(dict);
}

static void test_groups(void **state)
{
    static const char *const label[] = {"b", "a", NULL, "b", "a", NULL};
    struct rk_table *t = labels(label, 6);
    const size_t both[] = {0, 1};
    struct rk_groups g = {0};

    (void)state;
    assert_int_equal(rk_groups_by(t, both, 1, &g), RK_OK);
    assert_int_equal(g.n_groups, 3); /* missing is a group of its own */
    assert_int_equal(g.first_row[0], 0);
    assert_int_equal(g.group[4], 1);
    assert_int_equal(g.start[1] - g.start[0], 2);
    assert_int_equal(g.rows[g.start[0] + 1], 3);
    rk_groups_free(&g);
    assert_int_equal(rk_groups_by(t, both, 2, &g), RK_OK);
    assert_int_equal(g.n_groups, 6);
    rk_groups_free(&g);
    rk_table_free(t);
}

static void test_many_groups(void **state)
{
    enum { ROWS = 20000 };
    struct rk_table *t = rk_table_new("t");
    const size_t column = 0;
    struct rk_groups g = {0};

    (void)state;
    assert_int_equal(rk_table_add_column(t, "x", RK_NUMBER, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(rk_table_add_row(t), RK_OK);
        rk_table_set_number(t, i, 0, i % 5000 == 0 ? -0.0 : (double)(i % 5000));
    }
    assert_int_equal(rk_groups_by(t, &column, 1, &g), RK_OK);
    assert_int_equal(g.n_groups, 5000);
    for (size_t i = 0; i < ROWS; i++)
        assert_int_equal(g.group[i], i % 5000);
    rk_groups_free(&g);
    rk_table_free(t);
}

static void ordered(const char *const *label, size_t n, const char *const *expected)
{
    struct rk_table *t = labels(label, n);
    uint32_t *order;
    size_t n_levels;

    assert_int_equal(rk_level_order(t, 0, &order, &n_levels), RK_OK);
    for (size_t i = 0; i < n_levels; i++)
        assert_string_equal(rk_dict_label(t->column[0].dict, order[i]), expected[i]);
    free(order);
    rk_table_free(t);
}

static void test_order_of_levels(void **state)
{
    (void)state;
    ordered((const char *[]){"after", "before"}, 2, (const char *[]){"before", "after"});
    ordered((const char *[]){"Treated", "Control"}, 2, (const char *[]){"Control", "Treated"});
    ordered((const char *[]){"yes", "no", "yes"}, 3, (const char *[]){"no", "yes"});
    ordered((const char *[]){"10", "9", "-1"}, 3, (const char *[]){"-1", "9", "10"});
    ordered((const char *[]){"2024-W10", "2023-W52"}, 2, (const char *[]){"2023-W52", "2024-W10"});
    ordered((const char *[]){"b", "a", "B"}, 3, (const char *[]){"B", "a", "b"});
}

static void test_rows_of_a_table(void **state)
{
    static const char *const label[] = {"b", "a", NULL, "b"};
    struct rk_table *t = labels(label, 4), *part;
    const size_t rows[] = {3, 2};
    bool keep[] = {true, false, false, true};

    (void)state;
    part = rk_table_rows(t, rows, 2);
    assert_int_equal(part->n_rows, 2);
    assert_string_equal(rk_table_text(part, 0, 0), "b");
    assert_null(rk_table_text(part, 1, 0));
    assert_true(part->column[1].number[0] == 1);
    assert_int_equal(rk_table_keep(t, keep), RK_OK);
    assert_int_equal(t->n_rows, 2);
    assert_string_equal(rk_table_text(t, 1, 0), "b");
    assert_int_equal(rk_table_find(t, "x"), 1);
    assert_int_equal(rk_table_find_typed(t, "x", RK_TEXT), SIZE_MAX);
    rk_table_free(part);
    rk_table_free(t);
}

/* Numbers that say how they are written: through copies, kept rows and added ones. */
static void test_written_numbers(void **state)
{
    static const char *const two[] = {"a", "b"};
    struct rk_table *t = labels(two, 2), *copy;
    struct rk_text cell = {0};
    const size_t rows[] = {1, 0};
    bool keep[] = {false, true};

    (void)state;
    assert_int_equal(rk_table_keep_written(t, 1), RK_OK);
    t->column[1].code[1] = rk_dict_code(t->column[1].dict, "1.0", 3);
    copy = rk_table_rows(t, rows, 2);
    assert_true(rk_table_cell(copy, 0, 1, &cell));
    assert_string_equal(cell.bytes, "1.0");
    assert_true(copy->column[1].number[0] == 1.0);
    rk_text_clear(&cell);
    assert_true(rk_table_cell(copy, 1, 1, &cell));
    assert_string_equal(cell.bytes, "0"); /* without a code, as the number is */
    assert_null(rk_table_text(copy, 0, 1));
    rk_table_free(copy);

    assert_int_equal(rk_table_keep(t, keep), RK_OK);
    assert_int_equal(rk_table_add_row(t), RK_OK);
    rk_text_clear(&cell);
    assert_true(rk_table_cell(t, 0, 1, &cell));
    assert_string_equal(cell.bytes, "1.0");
    assert_false(rk_table_cell(t, 1, 1, &cell));
    rk_text_free(&cell);
    rk_table_free(t);
}

static void test_results(void **state)
{
    static const struct rk_field fields[] = {{"n", RK_NUMBER, RK_COUNT},
                                             {"note", RK_TEXT, RK_GENERAL}};
    struct rk_result *r = rk_result_new();
    struct rk_names by = {0};
    size_t t;

    (void)state;
    assert_int_equal(rk_names_add(&by, "region"), RK_OK);
    rk_result_group_by(r, &by);
    t = rk_result_declare(r, "main", fields, 2);
    assert_int_equal(rk_result_declare(r, "main", fields, 2), t);
    assert_int_equal(rk_names_add(&r->group_labels, "North"), RK_OK);
    rk_result_row(r, t);
    rk_put(r, t, 0, INFINITY);
    rk_result_fail_row(r, RK_ECONSTANT);
    assert_int_equal(r->table[t]->n_rows, 2);
    assert_string_equal(rk_table_text(r->table[t], 1, 0), "North");
    assert_true(rk_table_is_missing(r->table[t], 0, 1)); /* infinity is undefined outside */
    assert_string_equal(rk_table_text(r->table[t], 1, 2), "no variation");
    rk_result_warn(r, "pooled", "once");
    rk_result_warn(r, "pooled", "once");
    assert_int_equal(r->n_warnings, 1);
    assert_int_equal(r->status, RK_OK);
    rk_names_free(&by);
    rk_result_free(r);
}

/* --- streams and threads ------------------------------------------------------------------ */

static void test_streams(void **state)
{
    struct rk_rng a, b;
    double sum = 0, squares = 0;
    enum { DRAWS = 100000 };
    size_t count[6] = {0};

    (void)state;
    rk_rng_stream(&a, 1, "boot", "x", 0);
    rk_rng_stream(&b, 1, "boot", "x", 0);
    assert_int_equal(rk_rng_next(&a), rk_rng_next(&b));
    rk_rng_stream(&b, 1, "boot", "x", 1);
    assert_int_not_equal(rk_rng_next(&a), rk_rng_next(&b));
    rk_rng_stream(&a, 1, "ab", "c", 0);
    rk_rng_stream(&b, 1, "a", "bc", 0);
    assert_int_not_equal(rk_rng_next(&a), rk_rng_next(&b));
    for (int i = 0; i < DRAWS; i++) {
        double u = rk_rng_uniform(&a), z = rk_rng_normal(&a);

        assert_true(u > 0 && u < 1);
        sum += z;
        squares += z * z;
        count[rk_rng_below(&a, 6)]++;
    }
    /* Five standard errors of a mean of normals, of squares, of counts. */
    assert_true(fabs(sum / DRAWS) < 5 / sqrt(DRAWS));
    assert_true(fabs(squares / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    for (int k = 0; k < 6; k++)
        assert_true(fabs((double)count[k] - DRAWS / 6.0) < 5 * sqrt(DRAWS * 5.0 / 36.0));
}

struct sums {
    double part[64];
    size_t fail_from;
};

static enum rk_status add_block(void *data, size_t block, size_t first, size_t last)
{
    struct sums *sums = data;

    if (block >= sums->fail_from)
        return block % 2 == 0 ? RK_EDOMAIN : RK_ECONSTANT;
    for (size_t i = first; i < last; i++)
        sums->part[block] += 1.0 / (double)(i + 1);
    return RK_OK;
}

static void test_blocks_on_threads(void **state)
{
    struct sums one = {.fail_from = SIZE_MAX}, four = {.fail_from = SIZE_MAX},
                bad = {.fail_from = 7};
    struct rk_ctx ctx = {.threads = 4};

    (void)state;
    assert_int_equal(rk_parallel_blocks(NULL, 1000, 17, add_block, &one), RK_OK);
    assert_int_equal(rk_parallel_blocks(&ctx, 1000, 17, add_block, &four), RK_OK);
    assert_memory_equal(one.part, four.part, sizeof one.part);
    assert_true(one.part[58] > 0 && one.part[59] == 0);
    assert_int_equal(rk_parallel_blocks(&ctx, 1000, 17, add_block, &bad), RK_ECONSTANT);
    assert_int_equal(rk_parallel_blocks(&ctx, 0, 17, add_block, &bad), RK_OK);
}

/* Enough labels for several pieces of memory, one of them longer than any piece is. */
static void test_joined_dictionaries(void **state)
{
    enum { N = 3000, LONG = 400000 };
    struct rk_dict *a = rk_dict_new(), *b = rk_dict_new(), *again;
    uint32_t *code = malloc((N + 1) * sizeof *code);
    char *text = malloc(LONG + 1), name[32];

    (void)state;
    memset(text, 'x', LONG);
    text[LONG] = '\0';
    for (int i = 0; i < N; i++) {
        snprintf(name, sizeof name, "label %d", i * 2);
        assert_int_equal(rk_dict_code(a, name, strlen(name)), i);
        snprintf(name, sizeof name, "label %d", i * 3);
        assert_int_equal(rk_dict_code(b, name, strlen(name)), i);
    }
    assert_int_equal(rk_dict_code(b, text, LONG), N);
    assert_int_equal(rk_dict_join(a, b, code), RK_OK);
    assert_int_equal(rk_dict_size(a), N + N / 2 + N / 6 + 1); /* multiples of 3 or 2 */
    for (uint32_t i = 0; i <= N; i++) {
        assert_string_equal(rk_dict_label(a, code[i]), rk_dict_label(b, i));
        assert_int_equal(rk_dict_length(a, code[i]), strlen(rk_dict_label(b, i)));
        if (i < N && i % 2 == 0 && i * 3 < 2 * N)
            assert_int_equal(code[i], i * 3 / 2);
    }
    again = rk_dict_share(b);
    rk_dict_free(b);
    assert_int_equal(rk_dict_find(again, "label 3", 7), 1);
    rk_dict_free(again);
    rk_dict_free(a);
    free(code);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_joined_dictionaries),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_many_groups),
        cmocka_unit_test(test_order_of_levels),
        cmocka_unit_test(test_rows_of_a_table),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_blocks_on_threads),
        cmocka_unit_test(test_written_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
