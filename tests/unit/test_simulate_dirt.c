/* The faults of a dirty export stand where its list says. */
#include "simulated.h"

static const char *const files[] = {"activities", "deals", "roster", "spend", "leads", "scores"};
enum { N_FILES = sizeof files / sizeof *files };

static bool is_kind(const struct rk_table *dirt, size_t i, const char *kind)
{
    return strcmp(rk_table_text(dirt, i, 4), kind) == 0;
}

/* The index of the first fault of a file, which begins with that of its header, if any. */
static size_t first_fault(const struct rk_table *dirt, const char *file)
{
    size_t i = 0;
    char name[32];

    snprintf(name, sizeof name, "%s.csv", file);
    while (i < dirt->n_rows && strcmp(rk_table_text(dirt, i, 0), name) != 0)
        i++;
    return i;
}

/* Every fault stands where dirt says, and all the rest is as it was. */
static size_t check_file(const struct rk_result *clean, const struct rk_result *dirty,
                         const char *file)
{
    const struct rk_table *was = table_of(clean, file), *is = table_of(dirty, file);
    const struct rk_table *dirt = table_of(dirty, "dirt");
    size_t row = 0, first = first_fault(dirt, file), fault = first;

    for (size_t j = 0; j < is->n_columns; j++)
        if (strcmp(was->column[j].name, is->column[j].name) != 0) {
            char name[32];

            snprintf(name, sizeof name, "column_%zu", j + 1);
            assert_true(numbers(dirt, "line")[fault] == 1.0 && is_kind(dirt, fault, "header"));
            assert_string_equal(rk_table_text(dirt, fault, 2), name);
            assert_string_equal(is->column[j].name, "");
            fault++;
        }
    for (size_t i = 0; i < is->n_rows; i++) {
        size_t column = SIZE_MAX;
        bool twice = false;

        if (fault < dirt->n_rows && strncmp(rk_table_text(dirt, fault, 0), file, 4) == 0 &&
            numbers(dirt, "line")[fault] == (double)i + 2.0) {
            const char *value = rk_table_text(dirt, fault, 3), *cell;

            column = column_of(was, rk_table_text(dirt, fault, 2));
            cell = rk_table_text(is, i, column);
            assert_true((cell == NULL) == (value == NULL));
            assert_true(value == NULL || strcmp(cell, value) == 0);
            twice = is_kind(dirt, fault++, "duplicate");
        }
        for (size_t j = 0; twice && j < is->n_columns; j++)
            assert_true(same_cell(is, i, is, i - 1, j));
        if (twice)
            continue;
        assert_true(row < was->n_rows);
        for (size_t j = 0; j < is->n_columns; j++)
            assert_true(same_cell(was, row, is, i, j) == (j != column));
        row++;
    }
    assert_int_equal(row, was->n_rows);
    return fault - first;
}

static void dirt_is_where_it_says(void **state)
{
    static const char *const kinds[] = {"missing",       "bad-number", "decimal-comma", "currency",
                                        "date",          "duplicate",  "label-variant", "header",
                                        "unknown-label", "outlier",    "whitespace"};
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;
    struct rk_result *clean, *dirty;
    const struct rk_table *dirt;
    size_t n_faults = 0;

    (void)state;
    clean = simulated(&options, 1, 1);
    options.dirty = true;
    dirty = simulated(&options, 1, 1);
    dirt = table_of(dirty, "dirt");
    assert_int_equal(table_of(clean, "dirt")->n_rows, 0);
    assert_true(same_table(clean, dirty, "panel"));
    assert_true(same_table(clean, dirty, "truth"));
    for (size_t i = 0; i < N_FILES; i++)
        n_faults += check_file(clean, dirty, files[i]);
    assert_int_equal(n_faults, dirt->n_rows);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        size_t n = 0;

        for (size_t i = 0; i < dirt->n_rows; i++)
            n += is_kind(dirt, i, kinds[k]);
        assert_true(n > 0);
    }
    rk_result_free(clean);
    rk_result_free(dirty);
}

/* One fault in twenty rows at most: a column stays what it is. */
static void small_files_stay_readable(void **state)
{
    struct rk_simulate_options options = RK_SIMULATE_DEFAULT;

    (void)state;
    options.dirty = true;
    for (size_t reps = 1; reps <= 30; reps += 7)
        for (size_t periods = 1; periods <= 9; periods += 4) {
            struct rk_result *result;
            const struct rk_table *dirt;

            options.reps = reps;
            options.periods = periods;
            result = simulated(&options, 1, reps);
            dirt = table_of(result, "dirt");
            for (size_t k = 0; k < N_FILES; k++) {
                size_t n = 0;

                for (size_t i = 0; i < dirt->n_rows; i++)
                    n += strncmp(rk_table_text(dirt, i, 0), files[k], strlen(files[k])) == 0 &&
                         !is_kind(dirt, i, "header");
                assert_true(20 * n <= table_of(result, files[k])->n_rows);
            }
            rk_result_free(result);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dirt_is_where_it_says),
        cmocka_unit_test(small_files_stay_readable),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
