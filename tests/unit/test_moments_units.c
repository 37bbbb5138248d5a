/* The groups of moments as rows and as samples, against the rows they were made of. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "reference.h"
#include "repkit/moments_units.h"
#include "repkit/t_test.h"

enum { ROWS = 9 };
static const char *const unit[ROWS] = {"a", "a", "a", "a", "b", "b", "b", "b", "c"};
static const double y[ROWS] = {1000003.0, 1000001.5, 1000007.0, 1000002.0, 4.0, 9.5, 2.0, 2.5, 8.0};
static const double x[ROWS] = {1.0, 4.0, 2.0, 2.5, -3.0, 7.0, 1.0, 0.5, 3.0};
static const double after[ROWS] = {0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0};
static const char *const kind[ROWS] = {"k", "l", "l", "k", "k", "k", "k", "k", "l"};

static struct rk_moments_file make(const char *text)
{
    struct rk_table *table = rk_table_new("rows");
    struct rk_moments_stream stream = {.cluster = "unit"};
    const struct rk_row_work work = rk_moments_work(&stream);
    struct rk_formula *formula = NULL;
    void *part = NULL;

    assert_int_equal(rk_table_add_column(table, "unit", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "kind", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "y", RK_NUMBER, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "x", RK_NUMBER, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "after", RK_NUMBER, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_rows(table, ROWS), RK_OK);
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(rk_table_set_text(table, i, 0, unit[i]), RK_OK);
        assert_int_equal(rk_table_set_text(table, i, 1, kind[i]), RK_OK);
        rk_table_set_number(table, i, 2, y[i]);
        rk_table_set_number(table, i, 3, x[i]);
        rk_table_set_number(table, i, 4, after[i]);
    }
    assert_int_equal(rk_formula_parse(text, &formula, NULL), RK_OK);
    stream.formula = formula;
    assert_int_equal(work.make(work.data, table, &part, NULL), RK_OK);
    assert_int_equal(work.take(work.data, part, NULL), RK_OK);
    rk_formula_free(formula);
    rk_names_free(&stream.varied);
    rk_table_free(table);
    return stream.file;
}

static void check_sample(const struct rk_moments *m, const double *values, size_t n)
{
    struct rk_moments expected = rk_moments_of(values, n);

    assert_int_equal(m->n, n);
    assert_close(m->mean, expected.mean, 1e-14);
    assert_close(m->sum, expected.sum, 1e-14);
    assert_close(m->var, expected.var, 1e-13);
    assert_close(m->se, expected.se, 1e-13);
    assert_true(isnan(m->min) && isnan(m->max));
}

static void samples_are_those_of_the_rows(void **state)
{
    struct rk_moments_file file = make("y ~ x");
    double change[4];
    struct rk_moments m = rk_moments_sample(&file.moments, 0, 0);

    (void)state;
    check_sample(&m, y, 4);
    m = rk_moments_sample(&file.moments, 1, 1);
    check_sample(&m, x + 4, 4);
    for (size_t i = 0; i < 4; i++)
        change[i] = y[4 + i] - x[4 + i];
    m = rk_moments_difference(&file.moments, 1, 1, 0);
    check_sample(&m, change, 4);
    m = rk_moments_sample(&file.moments, 2, 0); /* one row */
    assert_int_equal(m.n, 1);
    assert_close(m.mean, 8.0, 0.0);
    assert_true(isnan(m.var));
    rk_moments_free(&file);
}

static void tests_of_moments_are_those_of_values(void **state)
{
    struct rk_moments a = rk_moments_of(y + 4, 4), b = rk_moments_of(x + 4, 4);
    struct rk_t_test one = {0}, two = {0};

    (void)state;
    assert_int_equal(rk_welch_t_test(y + 4, 4, x + 4, 4, 0.0, RK_TWO_SIDED, 0.95, &one), RK_OK);
    assert_int_equal(rk_welch_t_test_of(&a, &b, 0.0, RK_TWO_SIDED, 0.95, &two), RK_OK);
    assert_memory_equal(&one, &two, sizeof one);
    a.n = 1;
    assert_int_equal(rk_welch_t_test_of(&a, &b, 0.0, RK_TWO_SIDED, 0.95, &two), RK_ETOOFEW);
    assert_int_equal(rk_one_sample_t_test_of(&a, 0.0, RK_TWO_SIDED, 0.95, &two), RK_ETOOFEW);
    assert_memory_equal(&one, &two, sizeof one);
}

/* Deviations from the units' means; that of one row has none. */
static void pooling_parts_between_and_within(void **state)
{
    struct rk_moments_file file = make("y ~ x");
    struct rk_table *table = rk_table_new("groups");
    struct rk_cross_moments all, within;
    double d[8], squares = 0.0;
    size_t n_within;
    struct rk_moments m;

    (void)state;
    assert_int_equal(rk_table_add_column(table, "unit", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_rows(table, 3), RK_OK);
    for (size_t g = 0; g < 3; g++)
        assert_int_equal(rk_table_set_text(table, g, 0, rk_dict_label(file.group, (uint32_t)g)),
                         RK_OK);
    assert_int_equal(rk_moments_pool(&file, table, &all, &within, &n_within), RK_OK);
    m = rk_moments_sample(&all, 0, 0);
    check_sample(&m, y, ROWS);
    assert_int_equal(n_within, 2);
    assert_close(within.n[0], 8.0, 0.0);
    for (size_t i = 0; i < 8; i++) {
        d[i] = x[i] - rk_moments_of(x + i / 4 * 4, 4).mean;
        squares += d[i] * d[i];
    }
    assert_close(within.C[rk_cross_moments_at(1, 1)].hi, squares, 1e-14);
    assert_close(within.mean[1].hi, 0.0, 0.0);
    rk_cross_moments_free(&all);
    rk_cross_moments_free(&within);
    rk_table_free(table);
    rk_moments_free(&file);
}

static void levels_divide_the_rows(void **state)
{
    struct rk_moments_file file = make("y ~ after + kind + kind:x");
    struct rk_moments_split split;

    (void)state;
    assert_int_equal(rk_moments_split_new(&file, "after", &split, NULL), RK_OK);
    assert_true(split.complement);
    assert_int_equal(split.level.n, 2);
    assert_close(rk_moments_split_n(&file, &split, 1, 0), 1.0, 0.0);
    assert_close(rk_moments_split_n(&file, &split, 1, 1), 3.0, 0.0);
    assert_close(rk_moments_split_n(&file, &split, 2, 0), 0.0, 0.0);
    assert_close(rk_moments_split_mean(&file, &split, 0, 0, 0), 1000002.25, 1e-15);
    assert_close(rk_moments_split_mean(&file, &split, 0, 1, 0), 1000004.5, 1e-15);
    assert_close(rk_moments_split_mean(&file, &split, 1, 0, 0), 9.5, 1e-15);
    assert_close(rk_moments_split_mean(&file, &split, 1, 1, 0), 8.5 / 3.0, 1e-15);
    assert_true(isnan(rk_moments_split_mean(&file, &split, 2, 0, 0)));
    rk_moments_split_free(&split);

    assert_int_equal(rk_moments_split_new(&file, "kind", &split, NULL), RK_OK);
    assert_int_equal(split.level.n, 2);
    assert_string_equal(split.level.name[1], "l");
    assert_close(rk_moments_split_n(&file, &split, 1, 1), 0.0, 0.0);
    assert_close(rk_moments_split_mean(&file, &split, 0, 1, 0), 1000004.25, 1e-15);
    rk_moments_split_free(&split);
    rk_moments_free(&file);
}

static void other_columns_are_refused(void **state)
{
    struct rk_moments_file file = make("y ~ x");
    struct rk_moments_split split, before;
    struct rk_error error = {0};

    (void)state;
    memset(&split, 7, sizeof split);
    before = split;
    assert_int_equal(rk_moments_split_new(&file, "x", &split, &error), RK_EINPUT);
    assert_int_equal(rk_moments_split_new(&file, "nothing", &split, &error), RK_EINPUT);
    assert_memory_equal(&split, &before, sizeof split);
    rk_moments_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_are_those_of_the_rows),
        cmocka_unit_test(tests_of_moments_are_those_of_values),
        cmocka_unit_test(pooling_parts_between_and_within),
        cmocka_unit_test(levels_divide_the_rows),
        cmocka_unit_test(other_columns_are_refused),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
