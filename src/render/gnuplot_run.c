#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "repkit/gnuplot.h"

extern char **environ;

enum { TO_CHILD, PICTURE, COMPLAINTS, N_PIPES };
enum { POLL_MILLISECONDS = 100, REAP_MILLISECONDS = 5, MAX_COMPLAINTS = 4096 };

struct run {
    pid_t child;
    char *const *arguments;
    int ours[N_PIPES]; /* -1 once closed */
    const struct rk_text *program;
    size_t written;
    struct rk_text picture, complaints;
    double deadline;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* --- start -------------------------------------------------------------------------------- */

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Ends that reach the child only by dup2 are closed there by themselves. */
static bool open_pipe(int ends[2])
{
    if (pipe(ends) != 0) {
        ends[0] = ends[1] = -1;
        return false;
    }
    return fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 && fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

/* The environment without what steers gnuplot (GNUTERM, GNUPLOT_*, ...) or its locale. free() the
 * array only. */
static char **clean_environment(void)
{
    static const char *const dropped[] = {"GNU", "GDFONTPATH=", "LC_", "LANG=", "LANGUAGE="};
    static char locale[] = "LC_ALL=C";
    size_t n = 0, kept = 0;
    char **clean;

    while (environ[n] != NULL)
        n++;
    clean = malloc((n + 2) * sizeof *clean);
    for (size_t i = 0; clean != NULL && i < n; i++) {
        bool keep = true;

        for (size_t k = 0; k < sizeof dropped / sizeof *dropped; k++)
            keep = keep && strncmp(environ[i], dropped[k], strlen(dropped[k])) != 0;
        if (keep)
            clean[kept++] = environ[i];
    }
    if (clean != NULL) {
        clean[kept++] = locale;
        clean[kept] = NULL;
    }
    return clean;
}

/* Signals as a shell's child has them, whatever the caller blocks or ignores. */
static int set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, usual;
    int failed;

    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    sigaddset(&usual, SIGTERM);
    sigaddset(&usual, SIGXFSZ);
    failed = posix_spawnattr_setsigmask(attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setsigdefault(attributes, &usual);
    if (failed == 0)
        failed =
            posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return failed;
}

/* Starts the program on the child's ends of the pipes. Returns 0 or an error number. */
static int spawn(struct run *run, const int theirs[N_PIPES])
{
    char **environment = clean_environment();
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    int failed = environment == NULL ? ENOMEM : posix_spawn_file_actions_init(&files);

    if (failed != 0) {
        free(environment);
        return failed;
    }
    failed = posix_spawnattr_init(&attributes);
    if (failed == 0) {
        for (int i = 0; failed == 0 && i < N_PIPES; i++)
            failed = posix_spawn_file_actions_adddup2(&files, theirs[i], i);
        if (failed == 0)
            failed = set_signals(&attributes);
        if (failed == 0)
            failed = posix_spawnp(&run->child, run->arguments[0], &files, &attributes,
                                  run->arguments, environment);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
    free(environment);
    return failed;
}

static enum rk_status fail_to_start(int failed, struct rk_error *error)
{
    if (failed == ENOENT)
        return rk_fail(error, RK_EIO,
                       "gnuplot is not installed: apt install gnuplot-nox (Debian, Ubuntu), "
                       "dnf install gnuplot (Fedora), brew install gnuplot (macOS)");
    if (failed == ENOMEM)
        return rk_fail_memory(error);
    return rk_fail(error, RK_EIO, "cannot start gnuplot: %s", strerror(failed));
}

static enum rk_status start(struct run *run, struct rk_error *error)
{
    int theirs[N_PIPES] = {-1, -1, -1};
    int failed = 0;

    for (int i = 0; failed == 0 && i < N_PIPES; i++) {
        int ends[2];
        int ours = i == TO_CHILD ? 1 : 0;

        if (!open_pipe(ends))
            failed = errno;
        run->ours[i] = ends[ours];
        theirs[i] = ends[1 - ours];
        if (failed == 0 && fcntl(ends[ours], F_SETFL, O_NONBLOCK) != 0)
            failed = errno;
        /* dup2 onto itself would leave the close-on-exec flag: keep clear of 0, 1 and 2, which a
         * caller may have closed. */
        if (failed == 0 && theirs[i] < N_PIPES) {
            int moved = fcntl(theirs[i], F_DUPFD_CLOEXEC, N_PIPES);

            failed = moved < 0 ? errno : 0;
            close(theirs[i]);
            theirs[i] = moved;
        }
    }
    if (failed == 0)
        failed = spawn(run, theirs);
    for (int i = 0; i < N_PIPES; i++)
        close_end(&theirs[i]);
    return failed == 0 ? RK_OK : fail_to_start(failed, error);
}

/* --- talk --------------------------------------------------------------------------------- */

static void write_some(struct run *run)
{
    ssize_t n = write(run->ours[TO_CHILD], run->program->bytes + run->written,
                      run->program->length - run->written);

    if (n > 0)
        run->written += (size_t)n;
    /* A child that stops reading says why on its standard error. */
    if (run->written == run->program->length || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&run->ours[TO_CHILD]);
}

static void read_some(struct run *run, int pipe_index)
{
    struct rk_text *text = pipe_index == PICTURE ? &run->picture : &run->complaints;
    char buffer[65536];
    ssize_t n = read(run->ours[pipe_index], buffer, sizeof buffer);

    if (n > 0 && (pipe_index == PICTURE || text->length < MAX_COMPLAINTS))
        rk_text_add_bytes(text, buffer, (size_t)n);
    else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&run->ours[pipe_index]);
}

/* Whether to go on: RK_OK, what ctx says, or RK_EIO when time is up. */
static enum rk_status check(const struct run *run, const struct rk_ctx *ctx, struct rk_error *error)
{
    enum rk_status status = rk_cancelled(ctx);

    if (status != RK_OK)
        return rk_fail(error, status, "%s", rk_status_words(status));
    if (now() > run->deadline)
        return rk_fail(error, RK_EIO, "gnuplot did not finish in time and was stopped");
    return RK_OK;
}

static enum rk_status talk(struct run *run, const struct rk_ctx *ctx, struct rk_error *error)
{
    while (run->ours[PICTURE] >= 0 || run->ours[COMPLAINTS] >= 0) {
        /* poll() passes over negative descriptors. */
        struct pollfd wait_for[N_PIPES] = {
            {.fd = run->ours[TO_CHILD], .events = POLLOUT},
            {.fd = run->ours[PICTURE], .events = POLLIN},
            {.fd = run->ours[COMPLAINTS], .events = POLLIN},
        };
        enum rk_status status = check(run, ctx, error);

        if (status != RK_OK)
            return status;
        if (poll(wait_for, N_PIPES, POLL_MILLISECONDS) < 0 && errno != EINTR)
            return rk_fail(error, RK_EIO, "waiting for gnuplot failed: %s", strerror(errno));
        if (wait_for[TO_CHILD].revents != 0)
            write_some(run);
        for (int i = PICTURE; i <= COMPLAINTS; i++)
            if (wait_for[i].revents != 0)
                read_some(run, i);
    }
    return RK_OK;
}

/* --- end ---------------------------------------------------------------------------------- */

/* Waits for the child, which has closed its output; *how is its wait status, or 0 where the system
 * keeps none (SIGCHLD ignored). */
static enum rk_status reap(struct run *run, const struct rk_ctx *ctx, int *how,
                           struct rk_error *error)
{
    enum rk_status status = RK_OK;

    *how = 0;
    while (status == RK_OK) {
        pid_t ended = waitpid(run->child, how, WNOHANG);

        if (ended == run->child || (ended < 0 && errno != EINTR)) {
            run->child = 0;
            return RK_OK;
        }
        poll(NULL, 0, REAP_MILLISECONDS);
        status = check(run, ctx, error);
    }
    return status;
}

static void kill_child(struct run *run)
{
    if (run->child <= 0)
        return;
    kill(run->child, SIGKILL);
    while (waitpid(run->child, NULL, 0) < 0 && errno == EINTR)
        ;
    run->child = 0;
}

/* gnuplot repeats the command and points at it before it says what is wrong: `line 3: ...`. */
static enum rk_status fail_by_complaint(const struct rk_text *complaints, struct rk_error *error)
{
    const char *text = complaints->bytes == NULL ? "" : complaints->bytes;
    const char *said = text, *next = text;
    struct rk_text clean = {0};
    char line[512];
    size_t length;

    while ((next = strstr(next, "line ")) != NULL)
        said = next++;
    said += strspn(said, " \t\r\n");
    length = strcspn(said, "\r\n");
    length = length < sizeof line ? length : sizeof line - 1;
    memcpy(line, said, length);
    line[length] = '\0';
    rk_gnuplot_clean(&clean, line, sizeof line);
    if (strstr(text, "ambiguous terminal") != NULL)
        rk_fail(error, RK_EIO, "this gnuplot cannot make such a picture (see repkit doctor): %s",
                clean.failed ? "" : clean.bytes);
    else
        rk_fail(error, RK_EIO, "gnuplot failed: %s",
                clean.failed || clean.length == 0 ? "it gave no reason" : clean.bytes);
    rk_text_free(&clean);
    return RK_EIO;
}

/* A child that dies early must cost an error, not the process: SIGPIPE is blocked for this thread
 * and taken back if it came. */
static enum rk_status talk_quietly(struct run *run, const struct rk_ctx *ctx,
                                   struct rk_error *error)
{
    sigset_t pipe_only, before, pending;
    bool was_pending;
    enum rk_status status;
    int taken;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    was_pending = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    status = talk(run, ctx, error);
    sigpending(&pending);
    if (!was_pending && sigismember(&pending, SIGPIPE) == 1)
        sigwait(&pipe_only, &taken);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

/* Runs a program to its end; *how is its exit status, run->picture what it wrote. */
static enum rk_status run_child(struct run *run, const struct rk_ctx *ctx, int *how,
                                struct rk_error *error)
{
    enum rk_status status = start(run, error);

    if (status == RK_OK)
        status = talk_quietly(run, ctx, error);
    if (status == RK_OK)
        status = reap(run, ctx, how, error);
    kill_child(run);
    for (int i = 0; i < N_PIPES; i++)
        close_end(&run->ours[i]);
    /* An interrupt reaches the child, too: its end is then no news. */
    if (status == RK_OK && rk_cancelled(ctx) != RK_OK)
        status = check(run, ctx, error);
    return status;
}

enum rk_status rk_gnuplot_run(const struct rk_text *program, double limit_seconds,
                              const struct rk_ctx *ctx, struct rk_text *picture,
                              struct rk_error *error)
{
    static char name[] = "gnuplot", no_startup_files[] = "-d";
    static char *const arguments[] = {name, no_startup_files, NULL};
    struct run run = {.arguments = arguments,
                      .ours = {-1, -1, -1},
                      .program = program,
                      .deadline = now() + limit_seconds};
    enum rk_status status;
    int how = 0;

    if (program->failed)
        return rk_fail_memory(error);
    status = run_child(&run, ctx, &how, error);
    if (status == RK_OK && WIFEXITED(how) && WEXITSTATUS(how) == 127)
        status = fail_to_start(ENOENT, error);
    else if (status == RK_OK && run.picture.failed)
        status = rk_fail_memory(error);
    else if (status == RK_OK && (how != 0 || run.picture.length == 0))
        status = fail_by_complaint(&run.complaints, error);
    if (status == RK_OK)
        rk_text_add_bytes(picture, run.picture.bytes, run.picture.length);
    if (status == RK_OK && picture->failed)
        status = rk_fail_memory(error);
    rk_text_free(&run.picture);
    rk_text_free(&run.complaints);
    return status;
}

enum rk_status rk_fonts_have(const unsigned long *character, size_t n, const struct rk_ctx *ctx,
                             bool *have)
{
    static char name[] = "fc-list", family[] = "family";
    char *arguments[] = {name, NULL, family, NULL};
    struct rk_text nothing = {0}, pattern = {0};
    struct run run = {.arguments = arguments,
                      .ours = {-1, -1, -1},
                      .program = &nothing,
                      .deadline = now() + RK_GNUPLOT_LIMIT};
    enum rk_status status = RK_ENOMEM;
    int how = 0;

    rk_text_add(&pattern, ":charset=");
    for (size_t i = 0; i < n; i++)
        rk_text_format(&pattern, "%s%lx", i > 0 ? " " : "", character[i]);
    arguments[1] = pattern.bytes;
    if (!pattern.failed)
        status = run_child(&run, ctx, &how, NULL);
    if (status == RK_OK && run.picture.failed)
        status = RK_ENOMEM;
    if (status == RK_OK && how != 0)
        status = RK_EIO;
    if (status == RK_OK)
        *have = run.picture.length > 0;
    rk_text_free(&pattern);
    rk_text_free(&run.picture);
    rk_text_free(&run.complaints);
    return status;
}
