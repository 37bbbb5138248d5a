/* What failures say, and the exit status they end with. */
#include "reference.h"

#include <string.h>

#include "repkit/status.h"

static void test_every_status_has_an_exit_and_words(void **state)
{
    (void)state;
    for (int s = RK_EASSERT; s < RK_STATUS_COUNT; s++) {
        assert_true(rk_status_exit((enum rk_status)s) > 0);
        assert_true(rk_status_words((enum rk_status)s)[0] != '\0');
        assert_int_equal(rk_status_is_undefined((enum rk_status)s),
                         rk_status_exit((enum rk_status)s) == 4);
    }
    assert_int_equal(rk_status_exit(RK_OK), 0);
    assert_string_equal(rk_status_words(RK_OK), "");
}

/* A cell with line ends, quoted in a message, does not make two messages of it. */
static void test_a_text_is_one_line(void **state)
{
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_fail(&error, RK_EINPUT, "'%s' is no date", "1\n,b2\r\nx"), RK_EINPUT);
    assert_string_equal(error.text, "'1 ,b2  x' is no date");
}

static void test_places(void **state)
{
    struct rk_error error;
    char longest[1000];

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    rk_fail(&error, RK_EIO, "%s", longest);
    assert_int_equal(strlen(error.text), sizeof error.text - 1);
    assert_int_equal(rk_fail_at(&error, longest, 7, longest), RK_EIO);
    assert_int_equal(strlen(error.file), sizeof error.file - 1);
    assert_int_equal(strlen(error.column), sizeof error.column - 1);
    assert_int_equal(rk_fail_at(&error, "a.csv", 0, NULL), RK_EIO);
    assert_string_equal(error.file, "a.csv");
    assert_int_equal(error.line, 7);
    assert_int_equal(strlen(error.column), sizeof error.column - 1);
    rk_fail(&error, RK_EINPUT, "again");
    assert_string_equal(error.file, "");
    assert_int_equal(error.line, 0);
    assert_int_equal(rk_fail(NULL, RK_EINPUT, "nobody asks"), RK_EINPUT);
    assert_int_equal(rk_fail_at(NULL, "a.csv", 1, "x"), RK_EINPUT);
}

/* Whoever fails and has no status of its own (RK_OK by mistake) still has failed. */
static void test_a_failure_is_not_ok(void **state)
{
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_fail(&error, RK_OK, "no status"), RK_EINPUT);
    assert_int_equal(rk_fail_at(&error, "a.csv", 1, "x"), RK_EINPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_an_exit_and_words),
        cmocka_unit_test(test_a_text_is_one_line),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_a_failure_is_not_ok),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
