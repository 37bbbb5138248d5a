#include "terminal.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* The one global of the project: which signal came (below, how often). Asked between blocks of
 * work. */
static volatile sig_atomic_t signal_seen;

/* Who asks three times does not want to wait for the end of a block. Twice is what timeout(1) does:
 * it asks the tool, then the tool's process group. */
static void on_signal(int number)
{
    static volatile sig_atomic_t times;

    signal_seen = number;
    if (++times >= 3)
        _exit(number == SIGINT ? 130 : 143);
}

static enum rk_status cancelled(void *data)
{
    (void)data;
    return signal_seen == 0 ? RK_OK : signal_seen == SIGINT ? RK_EINTERRUPT : RK_ETERMINATE;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nothing in the first second: most work is done by then. */
static void progress(void *data, double share)
{
    struct rk_session *session = data;
    static const char bar[] = "####################";
    int filled = (int)(share * (double)(sizeof bar - 1)), percent = (int)(100.0 * share);

    if (session->progress_start == 0.0)
        session->progress_start = seconds();
    if (percent == session->progress_percent || seconds() - session->progress_start < 1.0)
        return;
    session->progress_percent = percent;
    session->progress_shown = true;
    fprintf(stderr, "\r%s: [%-20.*s] %3d%%", session->tool->name, filled, bar, percent);
    fflush(stderr);
}

/* For the width of characters only; numbers stay in the C locale. Where C.UTF-8 is there and cannot
 * be had, memory is short, and another locale would come with other widths. */
static enum rk_status set_locale(void)
{
    if (setlocale(LC_CTYPE, "C.UTF-8") != NULL)
        return RK_OK;
    if (access("/usr/lib/locale/C.utf8/LC_CTYPE", R_OK) == 0)
        return RK_ENOMEM;
    if (setlocale(LC_CTYPE, "en_US.UTF-8") == NULL)
        setlocale(LC_CTYPE, "");
    return RK_OK;
}

void rk_terminal_start(struct rk_session *session)
{
    struct sigaction action;

    gsl_set_error_handler_off();
    rk_session_ok(session, set_locale());
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART: a waiting read() returns */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    action.sa_handler = SIG_IGN; /* a closed pipe is seen at write() */
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL); /* so is a file that may grow no further */
    session->ctx =
        (struct rk_ctx){.threads = 1, .seed = 1, .cancelled = cancelled, .data = session};
    if (isatty(STDERR_FILENO))
        session->ctx.progress = progress;
}

void rk_terminal_end(struct rk_session *session)
{
    if (session->progress_shown)
        fprintf(stderr, "\r\033[K");
    session->progress_shown = false;
}

unsigned rk_cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : (unsigned)n;
}

/* Linux counts in RLIMIT_DATA what is written to, in RLIMIT_AS also what is only set aside. */
bool rk_bound_memory(double bytes)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, &limit) != 0)
        return false;
    if (limit.rlim_cur == RLIM_INFINITY || (double)limit.rlim_cur > bytes)
        limit.rlim_cur = (rlim_t)bytes;
    return setrlimit(RLIMIT_DATA, &limit) == 0;
}

bool rk_wants_color(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");

    return isatty(STDOUT_FILENO) && (no_color == NULL || no_color[0] == '\0') &&
           (term == NULL || strcmp(term, "dumb") != 0);
}
