/* Preloaded into a tool: lets its IO_AT-th open, mkstemp, read, write, close or rename of a regular
 * file fail as on a broken disk (EIO), and writes into the file IO_REPORT how many there were. With
 * IO_SHORT=1 every read and write moves a tenth of what it is asked for. What the tool starts runs
 * without it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static size_t n_calls, fail_at;
static bool is_short;
static char report[1024];
static int (*next_open)(const char *, int, ...), (*next_mkstemp)(char *), (*next_close)(int),
    (*next_rename)(const char *, const char *);
static ssize_t (*next_read)(int, void *, size_t), (*next_write)(int, const void *, size_t);

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("IO_AT"), *file = getenv("IO_REPORT");

    *(void **)&next_open = dlsym(RTLD_NEXT, "open");
    *(void **)&next_mkstemp = dlsym(RTLD_NEXT, "mkstemp");
    *(void **)&next_close = dlsym(RTLD_NEXT, "close");
    *(void **)&next_rename = dlsym(RTLD_NEXT, "rename");
    *(void **)&next_read = dlsym(RTLD_NEXT, "read");
    *(void **)&next_write = dlsym(RTLD_NEXT, "write");
    fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
    is_short = getenv("IO_SHORT") != NULL;
    snprintf(report, sizeof report, "%s", file == NULL ? "" : file);
    unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void)
{
    FILE *file = report[0] == '\0' ? NULL : fopen(report, "w");

    if (file != NULL) {
        fprintf(file, "%zu\n", n_calls);
        fclose(file);
    }
}

static bool fails(void)
{
    bool failing;

    pthread_mutex_lock(&lock);
    failing = ++n_calls == fail_at;
    pthread_mutex_unlock(&lock);
    if (failing)
        errno = EIO;
    return failing;
}

static bool is_file(int fd)
{
    struct stat info;

    return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

static size_t some_of(size_t size)
{
    return is_short && size > 1 ? (size + 9) / 10 : size;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    int mode;

    va_start(arguments, flags);
    mode = (flags & O_CREAT) != 0 ? va_arg(arguments, int) : 0;
    va_end(arguments);
    return fails() ? -1 : next_open(path, flags, mode);
}

int mkstemp(char *path)
{
    return fails() ? -1 : next_mkstemp(path);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    return is_file(fd) && fails() ? -1 : next_read(fd, bytes, some_of(size));
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return is_file(fd) && fails() ? -1 : next_write(fd, bytes, some_of(size));
}

/* A close that fails has closed. */
int close(int fd)
{
    bool failing = is_file(fd) && fails();
    int status = next_close(fd);

    if (failing)
        errno = EIO;
    return failing ? -1 : status;
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : next_rename(from, to);
}
