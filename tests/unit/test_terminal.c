/* What signals do to a run: the first is asked about between blocks of work, the third ends it. */
#include "reference.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/cli/terminal.h"

/* The exit status of a process that gets a signal so often; 77 if it goes on to its end. */
static int after(int number, int times)
{
    int status = 0;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        struct rk_session session = {0};

        rk_terminal_start(&session);
        for (int i = 0; i < times; i++)
            raise(number);
        _exit(rk_cancelled(&session.ctx) == (number == SIGINT ? RK_EINTERRUPT : RK_ETERMINATE) ? 77
                                                                                               : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_three_signals_end_a_run(void **state)
{
    (void)state;
    assert_int_equal(after(SIGINT, 1), 77);
    assert_int_equal(after(SIGTERM, 2), 77);
    assert_int_equal(after(SIGINT, 3), 130);
    assert_int_equal(after(SIGTERM, 3), 143);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_three_signals_end_a_run)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
