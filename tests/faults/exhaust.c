/* Runs a tool with each of its allocations failing in turn:
 *   exhaust FAIL_MALLOC.so EVERY SAMPLE TOOL [ARGUMENT...]
 * The 1st .. EVERY-th allocation, then some SAMPLE of the later ones, each once alone and, every
 * tenth, with all that follow. Each run ends as if nothing had been (the same bytes and status), or
 * with exit status 5, nothing on standard output and one line that says what is wrong. No run ends
 * by a signal or leaves a block behind. Ends with "N runs, N failed"; exit status 1 if one failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_OUTPUT = 1 << 22, MAX_SHOWN = 5, LIMIT_SECONDS = 60 };

struct ending {
    int status; /* as waitpid says */
    char *out, *err;
    size_t out_length, err_length, calls, leaked;
};

static char folder[200], out_path[256], err_path[256], report_path[256];

static size_t read_file(const char *path, char **bytes)
{
    FILE *file = fopen(path, "rb");
    size_t n;

    *bytes = malloc(MAX_OUTPUT + 1);
    if (file == NULL || *bytes == NULL)
        exit(2);
    n = fread(*bytes, 1, MAX_OUTPUT, file);
    (*bytes)[n] = '\0';
    fclose(file);
    return n;
}

static void become(char **argv, const char *shim, size_t at, bool on)
{
    char number[32];
    int in = open("/dev/null", O_RDONLY);
    int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int err = open(err_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    snprintf(number, sizeof number, "%zu", at);
    setenv("FAIL_AT", number, 1);
    if (on)
        setenv("FAIL_ON", "1", 1);
    setenv("FAIL_REPORT", report_path, 1);
    setenv("LD_PRELOAD", shim, 1);
    if (in >= 0 && dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2) {
        alarm(LIMIT_SECONDS);
        execvp(argv[0], argv);
    }
    _exit(127);
}

static struct ending run(char **argv, const char *shim, size_t at, bool on)
{
    struct ending end = {.calls = 0};
    char *text;
    pid_t child;

    unlink(report_path);
    child = fork();
    if (child == 0)
        become(argv, shim, at, on);
    if (child < 0 || waitpid(child, &end.status, 0) != child)
        exit(2);
    end.out_length = read_file(out_path, &end.out);
    end.err_length = read_file(err_path, &end.err);
    if (access(report_path, R_OK) == 0) {
        read_file(report_path, &text);
        sscanf(text, "%zu %zu", &end.calls, &end.leaked);
        free(text);
    }
    return end;
}

/* One line about memory; warnings may stand before it. */
static bool tells_of_memory(const char *text)
{
    const char *end;

    for (; (end = strchr(text, '\n')) != NULL && end[1] != '\0'; text = end + 1) {
        const char *warning = strstr(text, ": warning: [");

        if (warning == NULL || warning > end || strncmp(warning, ": warning: [(", 13) == 0)
            return false;
    }
    return end != NULL && strstr(text, "out of memory\n") != NULL;
}

static bool is_same(const struct ending *a, const struct ending *b)
{
    return a->status == b->status && a->out_length == b->out_length &&
           memcmp(a->out, b->out, a->out_length) == 0 && strcmp(a->err, b->err) == 0;
}

/* The same result, and of a warning that there was no memory to write at least its code. */
static bool is_same_but_for_words(const struct ending *a, const struct ending *b)
{
    return a->status == b->status && a->out_length == b->out_length &&
           memcmp(a->out, b->out, a->out_length) == 0 && b->err_length > 0 &&
           strstr(a->err, ": warning: [") != NULL && strstr(a->err, "warning: [(") == NULL;
}

static const char *what_is_wrong(const struct ending *end, const struct ending *usual)
{
    if (WIFSIGNALED(end->status))
        return WTERMSIG(end->status) == SIGALRM ? "hangs" : "ends by a signal";
    if (end->leaked > usual->leaked)
        return "leaves blocks behind";
    if (is_same(end, usual) || is_same_but_for_words(end, usual))
        return NULL;
    if (WEXITSTATUS(end->status) == 0)
        return "says all is well, but prints something else";
    if (WEXITSTATUS(end->status) != 5)
        return "another exit status than 5";
    if (end->out_length != 0)
        return "prints a part";
    if (!tells_of_memory(end->err))
        return "says something else than \"out of memory\"";
    return NULL;
}

int main(int argc, char **argv)
{
    size_t every, sample, runs = 0, failed = 0, step;
    struct ending usual;

    if (argc < 5)
        return 2;
    every = strtoul(argv[2], NULL, 10);
    sample = strtoul(argv[3], NULL, 10);
    snprintf(folder, sizeof folder, "%.150s/repkit-exhaust.XXXXXX",
             getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
    if (mkdtemp(folder) == NULL)
        return 2;
    snprintf(out_path, sizeof out_path, "%s/out", folder);
    snprintf(err_path, sizeof err_path, "%s/err", folder);
    snprintf(report_path, sizeof report_path, "%s/report", folder);
    usual = run(argv + 4, argv[1], 0, false);
    if (usual.calls == 0 || !WIFEXITED(usual.status) || WEXITSTATUS(usual.status) != 0) {
        printf("%s does not run as it should: %s\n", argv[4], usual.err);
        failed = 1;
    }
    step = sample == 0 || usual.calls <= every ? usual.calls : (usual.calls - every) / sample + 1;
    for (size_t n = 1; failed == 0 || (usual.calls > 0 && n <= usual.calls);
         n = n < every ? n + 1 : n + step) {
        if (n > usual.calls)
            break;
        for (int on = 0; on < (n % 10 == 0 ? 2 : 1); on++) {
            struct ending end = run(argv + 4, argv[1], n, on == 1);
            const char *wrong = what_is_wrong(&end, &usual);

            runs++;
            if (wrong != NULL && failed++ < MAX_SHOWN)
                printf("allocation %zu%s: %s (status %d, %zu blocks left): %.300s\n", n,
                       on ? " and all after" : "", wrong,
                       WIFEXITED(end.status) ? WEXITSTATUS(end.status) : -WTERMSIG(end.status),
                       end.leaked, end.err);
            free(end.out);
            free(end.err);
        }
    }
    free(usual.out);
    free(usual.err);
    unlink(out_path);
    unlink(err_path);
    unlink(report_path);
    rmdir(folder);
    printf("%zu runs of %zu allocations, %zu failed\n", runs, usual.calls, failed);
    return failed > 0;
}
