/* Runs a tool with each of its allocations failing in turn:
 *   exhaust FAIL_MALLOC.so EVERY SAMPLE TOOL [ARGUMENT...]
 * The 1st .. EVERY-th allocation, then some SAMPLE of the later ones, each once alone and, every
 * tenth, with all that follow. With FAIL_SITES=1 in the environment before these the first and the
 * last allocation of every chain of callers. Each run ends as if nothing had been (the same bytes
 * and status), or with exit status 5, nothing on standard output, no file of -o, and one line that
 * says what is wrong. No run ends by a signal or leaves a block behind. Ends with "N runs, N
 * failed"; exit status 1 if one failed. Also from the environment: FAIL_STDIN=FILE is the tool's
 * standard input, FAIL_ANY=1 takes commands whose exit status is not 0, FAIL_SECONDS=N stops after
 * that time, FAIL_SEEN=FILE keeps the chains of callers that were tried and leaves them out in
 * later runs with that file.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_OUTPUT = 1 << 22, MAX_SHOWN = 5, LIMIT_SECONDS = 60 };

struct ending {
    int status; /* as waitpid says */
    char *out, *err, *file, *report;
    size_t out_length, err_length, file_length, calls, leaked;
};

static char folder[200], out_path[256], err_path[256], report_path[256];
static const char *file_path; /* of the tool's -o; NULL is none */

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
    const char *stdin_path = getenv("FAIL_STDIN");
    int in = open(stdin_path == NULL ? "/dev/null" : stdin_path, O_RDONLY);
    int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int err = open(err_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    snprintf(number, sizeof number, "%zu", at);
    setenv("FAIL_AT", number, 1);
    if (at != 0)
        unsetenv("FAIL_SITES");
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
    struct stat about;
    pid_t child;

    unlink(report_path);
    if (file_path != NULL)
        unlink(file_path);
    child = fork();
    if (child == 0)
        become(argv, shim, at, on);
    if (child < 0 || waitpid(child, &end.status, 0) != child)
        exit(2);
    end.out_length = read_file(out_path, &end.out);
    end.err_length = read_file(err_path, &end.err);
    if (access(report_path, R_OK) == 0) {
        read_file(report_path, &end.report);
        sscanf(end.report, "%zu %zu", &end.calls, &end.leaked);
    }
    if (file_path != NULL && stat(file_path, &about) == 0 && S_ISREG(about.st_mode))
        end.file_length = read_file(file_path, &end.file);
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

/* The same status, standard output and file. */
static bool is_same_result(const struct ending *a, const struct ending *b)
{
    return a->status == b->status && a->out_length == b->out_length &&
           memcmp(a->out, b->out, a->out_length) == 0 && (a->file == NULL) == (b->file == NULL) &&
           a->file_length == b->file_length &&
           (a->file == NULL || memcmp(a->file, b->file, a->file_length) == 0);
}

/* The same words, or of a warning that there was no memory to write at least its code; of a refusal
 * the file, line and column may be missing. */
static bool is_same(const struct ending *a, const struct ending *b)
{
    bool warned = b->err_length > 0 && strstr(a->err, ": warning: [") != NULL &&
                  strstr(a->err, "warning: [(") == NULL;
    bool refused = WEXITSTATUS(a->status) != 0 && a->err_length > 0 &&
                   strchr(a->err, '\n') == a->err + a->err_length - 1;

    return is_same_result(a, b) && (strcmp(a->err, b->err) == 0 || warned || refused);
}

static const char *what_is_wrong(const struct ending *end, const struct ending *usual)
{
    if (WIFSIGNALED(end->status))
        return WTERMSIG(end->status) == SIGALRM ? "hangs" : "ends by a signal";
    if (end->leaked > usual->leaked)
        return "leaves blocks behind";
    if (is_same(end, usual))
        return NULL;
    if (end->status == usual->status)
        return "ends as usual, but prints something else";
    if (WEXITSTATUS(end->status) != 5)
        return "another exit status than 5";
    if (end->out_length != 0)
        return "prints a part";
    if (end->file != NULL)
        return "leaves a file";
    if (!tells_of_memory(end->err))
        return "says something else than \"out of memory\"";
    return NULL;
}

static void release(struct ending *end)
{
    free(end->out);
    free(end->err);
    free(end->file);
    free(end->report);
}

/* --- what is tried ------------------------------------------------------------------------ */

struct trial {
    size_t number, callers; /* of the allocation; 0: its callers are not asked for */
};

static int by_value(const void *a, const void *b)
{
    const size_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* The chains of callers that earlier runs tried, sorted; the caller frees. */
static size_t read_seen(size_t **seen)
{
    const char *path = getenv("FAIL_SEEN");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    size_t n = 0, capacity = 1 << 10;

    *seen = malloc(capacity * sizeof **seen);
    while (file != NULL && *seen != NULL && fscanf(file, "%zu", &(*seen)[n]) == 1)
        if (++n == capacity)
            *seen = realloc(*seen, (capacity *= 2) * sizeof **seen);
    if (*seen == NULL)
        exit(2);
    if (file != NULL)
        fclose(file);
    qsort(*seen, n, sizeof **seen, by_value);
    return n;
}

static void note_seen(size_t callers)
{
    const char *path = getenv("FAIL_SEEN");
    FILE *file = path == NULL || callers == 0 ? NULL : fopen(path, "a");

    if (file != NULL) {
        fprintf(file, "%zu\n", callers);
        fclose(file);
    }
}

/* The allocations to try, in this order; the caller frees. */
static size_t choose(const struct ending *usual, size_t every, size_t sample, struct trial **chosen)
{
    bool *taken = calloc(usual->calls + 2, 1);
    size_t step = sample == 0 || usual->calls <= every ? usual->calls + 1
                                                       : (usual->calls - every) / sample + 1;
    size_t count = 0, at[2], callers, *seen, n_seen = read_seen(&seen);
    const char *line = strchr(usual->report, '\n');

    *chosen = calloc(usual->calls + 1, sizeof **chosen);
    if (taken == NULL || *chosen == NULL)
        exit(2);
    taken[0] = true;
    for (; line != NULL && sscanf(line + 1, "%zu %zu %zu", &at[0], &at[1], &callers) == 3;
         line = strchr(line + 1, '\n'))
        for (int i = 0; i < 2; i++)
            if (at[i] <= usual->calls && !taken[at[i]] &&
                bsearch(&callers, seen, n_seen, sizeof *seen, by_value) == NULL) {
                taken[at[i]] = true;
                (*chosen)[count++] = (struct trial){at[i], callers};
            }
    for (size_t n = 1; n <= usual->calls; n = n < every ? n + 1 : n + step)
        if (!taken[n])
            (*chosen)[count++] = (struct trial){n, 0};
    free(taken);
    free(seen);
    return count;
}

/* Lets allocation n fail, alone or with all that follow; whether all was as it should. */
static bool try(char **command, const char *shim, size_t n, bool on, const struct ending *usual,
                bool show)
{
    struct ending end = run(command, shim, n, on);
    const char *wrong = what_is_wrong(&end, usual);

    if (wrong != NULL && show)
        printf("allocation %zu%s: %s (status %d, %zu blocks left): %.300s\n", n,
               on ? " and all after" : "", wrong,
               WIFEXITED(end.status) ? WEXITSTATUS(end.status) : -WTERMSIG(end.status), end.leaked,
               end.err);
    release(&end);
    return wrong == NULL;
}

/* A file of -o that is there already, a device say, is not ours to remove: it is not looked at. */
static void prepare(char **command)
{
    struct stat about;

    snprintf(folder, sizeof folder, "%.150s/repkit-exhaust.XXXXXX",
             getenv("TMPDIR") == NULL ? "/tmp" : getenv("TMPDIR"));
    if (mkdtemp(folder) == NULL)
        exit(2);
    snprintf(out_path, sizeof out_path, "%s/out", folder);
    snprintf(err_path, sizeof err_path, "%s/err", folder);
    snprintf(report_path, sizeof report_path, "%s/report", folder);
    for (size_t i = 1; command[i] != NULL && command[i + 1] != NULL; i++)
        if (strcmp(command[i], "-o") == 0 && strcmp(command[i + 1], "-") != 0 &&
            lstat(command[i + 1], &about) != 0)
            file_path = command[i + 1];
}

int main(int argc, char **argv)
{
    const char *limit = getenv("FAIL_SECONDS");
    size_t every, sample, runs = 0, failed = 0, count = 0;
    struct trial *chosen = NULL;
    struct ending usual;
    time_t began = time(NULL);

    if (argc < 5)
        return 2;
    every = strtoul(argv[2], NULL, 10);
    sample = strtoul(argv[3], NULL, 10);
    prepare(argv + 4);
    usual = run(argv + 4, argv[1], 0, false);
    if (usual.report == NULL && getenv("FAIL_ANY") != NULL) {
        printf("%s becomes another program: nothing is tried\n", argv[4]);
    } else if (usual.calls == 0 || !WIFEXITED(usual.status) ||
               (WEXITSTATUS(usual.status) != 0 && getenv("FAIL_ANY") == NULL)) {
        printf("%s does not run as it should: %s\n", argv[4], usual.err);
        failed = 1;
    } else {
        count = choose(&usual, every, sample, &chosen);
    }
    for (size_t i = 0; i < count; i++) {
        if (limit != NULL && time(NULL) - began > strtol(limit, NULL, 10)) {
            printf("no time for %zu more\n", count - i);
            break;
        }
        for (int on = 0; on < (chosen[i].number % 10 == 0 ? 2 : 1); on++, runs++)
            if (!try(argv + 4, argv[1], chosen[i].number, on == 1, &usual, failed < MAX_SHOWN))
                failed++;
        note_seen(chosen[i].callers);
    }
    printf("%zu runs of %zu allocations, %zu failed\n", runs, usual.calls, failed);
    free(chosen);
    release(&usual);
    unlink(out_path);
    unlink(err_path);
    unlink(report_path);
    rmdir(folder);
    return failed > 0;
}
