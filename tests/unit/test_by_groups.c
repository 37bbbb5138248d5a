/* Groups side by side: rows, warnings, tallies and errors of one group after another. */
#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/analysis.h"

/* What a made-up analysis is to do, and what it counts. */
struct options {
    double fails_at, broken_at; /* values of x that make a group undefined, or end the run */
};
struct tally {
    size_t n_groups, n_rows;
    double last; /* depends on the order */
};

static void declare(struct rk_result *result, const void *data)
{
    static const struct rk_field fields[] = {{"sum", RK_NUMBER, RK_GENERAL},
                                             {"label", RK_TEXT, RK_GENERAL},
                                             {"note", RK_TEXT, RK_GENERAL}};

    (void)data;
    rk_result_declare(result, "main", fields, 3);
}

/* One row a group, some groups with rows of a second table, explanations and warnings. */
static enum rk_status run(const struct rk_table *table, const void *data, const struct rk_ctx *ctx,
                          struct rk_result *result, struct rk_error *error)
{
    static const struct rk_field further[] = {{"x", RK_NUMBER, RK_COUNT}};
    const struct options *options = data;
    struct tally *tally = result->tally;
    double sum = 0.0;

    (void)ctx;
    for (size_t i = 0; i < table->n_rows; i++) {
        double x = table->column[1].number[i];

        sum += x;
        if (x == options->broken_at) {
            rk_fail(error, RK_EINPUT, "broken");
            return rk_fail_at(error, table->name, rk_table_line(table, i), "x");
        }
        if (x == options->fails_at)
            return rk_fail(error, RK_ECONSTANT, "row of %g", x);
    }
    rk_result_row(result, 0);
    rk_put(result, 0, 0, sum);
    rk_put_text(result, 0, 1, rk_table_text(table, table->n_rows / 2, 0));
    tally->n_groups++;
    tally->n_rows += table->n_rows;
    tally->last = sum;
    if (table->n_rows > result->rows_used)
        result->rows_used = table->n_rows;
    if (table->n_rows % 2 == 0) {
        size_t second = rk_result_declare(result, "second", further, 1);

        rk_result_row(result, second);
        rk_put(result, second, 0, (double)table->n_rows);
        rk_result_explain(result, "row", "manager", "paper");
        rk_warn(result, RK_WARN_UNITS, "Even");
    }
    if (table->n_rows % 5 == 0)
        rk_result_warn(result, "same", "every group alike");
    return result->status;
}

static void add(void *tally, const void *further)
{
    struct tally *all = tally;
    const struct tally *part = further;

    all->n_groups += part->n_groups;
    all->n_rows += part->n_rows;
    if (part->n_groups > 0)
        all->last = part->last;
}

/* Row i is of group i * i mod n_groups; x counts the rows. */
static struct rk_table *make_table(size_t n_rows, size_t n_groups)
{
    struct rk_table *table = rk_table_new("made.csv");

    assert_int_equal(rk_table_add_column(table, "g", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "x", RK_NUMBER, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < n_rows; i++) {
        char name[32];

        snprintf(name, sizeof name, "g%zu", i * i % n_groups);
        assert_int_equal(rk_table_add_row(table), RK_OK);
        assert_int_equal(rk_table_set_text(table, i, 0, i % 17 == 16 ? NULL : name), RK_OK);
        rk_table_set_number(table, i, 1, (double)i);
        assert_int_equal(rk_table_mark_line(table, i, 2 + i + i / 10), RK_OK);
    }
    return table;
}

struct outcome {
    struct rk_result *result;
    struct rk_error error;
    struct tally tally;
    enum rk_status status;
};

static struct outcome run_on(const struct rk_table *table, const struct options *options,
                             unsigned threads, bool apart)
{
    struct outcome o = {.result = rk_result_new()};
    const struct rk_group_work work = {.declare = declare,
                                       .run = run,
                                       .options = options,
                                       .tally = &o.tally,
                                       .tally_size = sizeof o.tally,
                                       .add = add};
    const struct rk_ctx ctx = {.threads = threads};
    struct rk_common common = RK_COMMON_DEFAULT;

    assert_int_equal(rk_names_add(&common.by, "g"), RK_OK);
    /* With more threads than groups there are, groups are run one after another. */
    o.status =
        rk_run_groups_apart(table, &common, &work,
                            apart ? &ctx : &(struct rk_ctx){.threads = 100000}, o.result, &o.error);
    rk_names_free(&common.by);
    return o;
}

static void same_tables(const struct rk_table *a, const struct rk_table *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->n_columns, b->n_columns);
    assert_int_equal(a->n_rows, b->n_rows);
    for (size_t j = 0; j < a->n_columns; j++) {
        assert_string_equal(a->column[j].name, b->column[j].name);
        assert_int_equal(a->column[j].type, b->column[j].type);
        assert_int_equal(a->column[j].format, b->column[j].format);
        for (size_t i = 0; i < a->n_rows; i++) {
            struct rk_text x = {0}, y = {0};

            assert_int_equal(rk_table_cell(a, i, j, &x), rk_table_cell(b, i, j, &y));
            rk_text_add(&x, "");
            rk_text_add(&y, "");
            assert_string_equal(x.bytes, y.bytes);
            rk_text_free(&x);
            rk_text_free(&y);
        }
    }
}

static void same_outcomes(const struct outcome *a, const struct outcome *b)
{
    assert_int_equal(a->status, b->status);
    assert_string_equal(a->error.text, b->error.text);
    assert_int_equal(a->error.line, b->error.line);
    if (a->status != RK_OK)
        return;
    assert_int_equal(a->result->n_tables, b->result->n_tables);
    for (size_t i = 0; i < a->result->n_tables; i++)
        same_tables(a->result->table[i], b->result->table[i]);
    assert_int_equal(a->result->n_warnings, b->result->n_warnings);
    for (size_t i = 0; i < a->result->n_warnings; i++) {
        assert_string_equal(a->result->warning[i].code, b->result->warning[i].code);
        assert_string_equal(a->result->warning[i].text, b->result->warning[i].text);
        assert_int_equal(a->result->warning[i].more, b->result->warning[i].more);
    }
    assert_int_equal(a->result->rows_used, b->result->rows_used);
    assert_int_equal(a->tally.n_groups, b->tally.n_groups);
    assert_int_equal(a->tally.n_rows, b->tally.n_rows);
    assert_close(a->tally.last, b->tally.last, 0.0);
}

static void compare(size_t n_rows, size_t n_groups, struct options options, enum rk_status status)
{
    struct rk_table *table = make_table(n_rows, n_groups);
    struct outcome serial = run_on(table, &options, 1, false);

    assert_int_equal(serial.status, status);
    if (status == RK_OK) /* of the groups that succeeded */
        assert_int_equal(serial.result->rows_used, serial.tally.n_rows);
    for (unsigned threads = 1; threads <= 5; threads += 2) {
        struct outcome apart = run_on(table, &options, threads, true);

        same_outcomes(&serial, &apart);
        rk_result_free(apart.result);
    }
    rk_result_free(serial.result);
    rk_table_free(table);
}

static void groups_side_by_side(void **state)
{
    (void)state;
    compare(5000, 997, (struct options){.fails_at = -1, .broken_at = -1}, RK_OK);
    compare(5000, 997, (struct options){.fails_at = 612, .broken_at = -1}, RK_OK);
    compare(70, 1, (struct options){.fails_at = -1, .broken_at = -1}, RK_OK);
}

/* Of two faults the first in the order of the groups is told. */
static void faults(void **state)
{
    (void)state;
    compare(5000, 997, (struct options){.fails_at = 3, .broken_at = 4900}, RK_EINPUT);
    compare(5000, 997, (struct options){.fails_at = 3, .broken_at = 0}, RK_EINPUT);
}

static enum rk_status always_undefined(const struct rk_table *table, const void *data,
                                       const struct rk_ctx *ctx, struct rk_result *result,
                                       struct rk_error *error)
{
    (void)data, (void)ctx, (void)result;
    return rk_fail(error, table->n_rows % 2 == 0 ? RK_ECONSTANT : RK_ETOOFEW, "%zu rows",
                   table->n_rows);
}

static void no_group_succeeds(void **state)
{
    const struct rk_group_work work = {.declare = declare, .run = always_undefined};
    const struct rk_ctx ctx[] = {{.threads = 2}, {.threads = 1000}};
    struct rk_table *table = make_table(500, 97);
    struct rk_common common = RK_COMMON_DEFAULT;
    struct rk_error error[2];
    enum rk_status status[2];

    (void)state;
    assert_int_equal(rk_names_add(&common.by, "g"), RK_OK);
    for (int k = 0; k < 2; k++) {
        struct rk_result *result = rk_result_new();

        status[k] = rk_run_groups_apart(table, &common, &work, &ctx[k], result, &error[k]);
        assert_true(rk_status_is_undefined(status[k]));
        assert_true(result->table[0]->n_rows > 20);
        rk_result_free(result);
    }
    assert_int_equal(status[0], status[1]);
    assert_string_equal(error[0].text, error[1].text);
    rk_names_free(&common.by);
    rk_table_free(table);
}

static void appended_tables(void **state)
{
    struct rk_table *a = make_table(40, 7), *b = make_table(30, 5), *both = make_table(40, 7);

    (void)state;
    assert_int_equal(rk_table_append(both, b), RK_OK);
    assert_int_equal(both->n_rows, 70);
    for (size_t i = 0; i < 70; i++) {
        const struct rk_table *from = i < 40 ? a : b;
        size_t row = i < 40 ? i : i - 40;

        assert_close(both->column[1].number[i], from->column[1].number[row], 0.0);
        assert_int_equal(rk_table_is_missing(both, i, 0), rk_table_is_missing(from, row, 0));
        if (!rk_table_is_missing(both, i, 0))
            assert_string_equal(rk_table_text(both, i, 0), rk_table_text(from, row, 0));
    }
    rk_table_free(a);
    rk_table_free(b);
    rk_table_free(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_side_by_side),
        cmocka_unit_test(faults),
        cmocka_unit_test(no_group_succeeds),
        cmocka_unit_test(appended_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
