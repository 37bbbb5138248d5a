/* Which columns of a table are of numbers: each name once. */
#include "reference.h"

#include <stdio.h>
#include <stdlib.h>

#include "repkit/analysis.h"

static void add(struct rk_table *table, const char *name, enum rk_type type)
{
    assert_int_equal(rk_table_add_column(table, name, type, RK_GENERAL), RK_OK);
}

static void the_first_of_each_name(void **state)
{
    struct rk_table *table = rk_table_new("t");
    size_t *columns = NULL, n = 7;

    (void)state;
    assert_int_equal(rk_number_columns(table, &columns, &n), RK_OK);
    assert_int_equal(n, 0);
    free(columns);
    add(table, "a", RK_TEXT); /* read in two roles */
    add(table, "a", RK_NUMBER);
    add(table, "week", RK_TIME);
    add(table, "b", RK_NUMBER);
    add(table, "a", RK_NUMBER);
    add(table, "", RK_NUMBER);
    for (int i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof name, "c%d", i / 2);
        add(table, name, RK_NUMBER);
    }
    assert_int_equal(rk_number_columns(table, &columns, &n), RK_OK);
    assert_int_equal(n, 503);
    assert_true(columns[0] == 1 && columns[1] == 3 && columns[2] == 5);
    for (size_t i = 3; i < n; i++)
        assert_int_equal(columns[i], 6 + 2 * (i - 3));
    free(columns);
    rk_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_each_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
