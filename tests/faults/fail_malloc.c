/* Preloaded into a tool: lets the allocation FAIL_AT fail (and with FAIL_ON=1 all after it), and
 * writes into the file FAIL_REPORT how many there were and how many blocks were never freed. Blocks
 * that the C library asked for are not counted as such: it keeps some to the end. Nor are GSL's
 * where an allocation fails: its gsl_..._alloc() leave parts of themselves behind then. What the
 * tool starts runs without it. With FAIL_TRACE=1 it shows who asked (addr2line -e TOOL knows the
 * lines).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

enum { PLACES = 1 << 20, MAX_RANGES = 32 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *live[PLACES];
static size_t n_live, n_calls, fail_at;
static bool fail_on, counting, trace;
static char report[1024];
static struct {
    uintptr_t from, to;
} libc[MAX_RANGES];
static size_t n_ranges;

static int find_libc(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    if (strstr(info->dlpi_name, "/libc.so") == NULL && strstr(info->dlpi_name, "/ld-") == NULL &&
        (strstr(info->dlpi_name, "/libgsl.so") == NULL || fail_at == 0))
        return 0;
    for (int i = 0; i < info->dlpi_phnum && n_ranges < MAX_RANGES; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            libc[n_ranges].from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            libc[n_ranges].to = libc[n_ranges].from + info->dlpi_phdr[i].p_memsz;
            n_ranges++;
        }
    return 0;
}

static bool from_libc(const void *caller)
{
    for (size_t i = 0; i < n_ranges; i++)
        if ((uintptr_t)caller >= libc[i].from && (uintptr_t)caller < libc[i].to)
            return true;
    return false;
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("FAIL_AT"), *file = getenv("FAIL_REPORT");

    fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
    fail_on = getenv("FAIL_ON") != NULL;
    trace = getenv("FAIL_TRACE") != NULL;
    snprintf(report, sizeof report, "%s", file == NULL ? "" : file);
    dl_iterate_phdr(find_libc, NULL);
    unsetenv("LD_PRELOAD");
    counting = true;
}

__attribute__((destructor)) static void end(void)
{
    char line[64];
    int length = snprintf(line, sizeof line, "%zu %zu\n", n_calls, n_live);
    int fd = report[0] == '\0' ? -1 : open(report, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0 && write(fd, line, (size_t)length) == length)
        close(fd);
}

static bool fails(void)
{
    bool failing = false;

    if (counting) {
        pthread_mutex_lock(&lock);
        n_calls++;
        failing = fail_at != 0 && (n_calls == fail_at || (fail_on && n_calls > fail_at));
        pthread_mutex_unlock(&lock);
    }
    if (failing && trace && n_calls == fail_at) {
        void *frames[40];

        counting = false;
        backtrace_symbols_fd(frames, backtrace(frames, 40), STDERR_FILENO);
        counting = true;
    }
    if (failing)
        errno = ENOMEM;
    return failing;
}

static size_t place(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * 0x9E3779B97F4A7C15U >> 44);
}

/* Linear probing; what is freed leaves a tombstone. */
static char tombstone;

static void *keep(void *block, const void *caller)
{
    if (block == NULL || !counting || from_libc(caller))
        return block;
    pthread_mutex_lock(&lock);
    for (size_t i = place(block), tries = 0; tries < PLACES; i = (i + 1) % PLACES, tries++)
        if (live[i] == NULL || live[i] == (void *)&tombstone) {
            live[i] = block;
            n_live++;
            break;
        }
    pthread_mutex_unlock(&lock);
    return block;
}

static bool forget(const void *block)
{
    bool found = false;

    if (block == NULL || !counting)
        return false;
    pthread_mutex_lock(&lock);
    for (size_t i = place(block), tries = 0; live[i] != NULL && tries < PLACES;
         i = (i + 1) % PLACES, tries++)
        if (live[i] == block) {
            live[i] = (void *)&tombstone;
            n_live--;
            found = true;
            break;
        }
    pthread_mutex_unlock(&lock);
    return found;
}

void *malloc(size_t size)
{
    return fails() ? NULL : keep(__libc_malloc(size), __builtin_return_address(0));
}

void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : keep(__libc_calloc(n, size), __builtin_return_address(0));
}

void *realloc(void *block, size_t size)
{
    void *moved;
    bool ours;

    if (fails())
        return NULL;
    ours = forget(block);
    moved = __libc_realloc(block, size);
    if (moved == NULL)
        return ours && size != 0 ? keep(block, NULL), NULL : NULL;
    return keep(moved, __builtin_return_address(0));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : keep(__libc_memalign(alignment, size), __builtin_return_address(0));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = fails() ? NULL : __libc_memalign(alignment, size);

    if (made == NULL)
        return ENOMEM;
    *block = keep(made, __builtin_return_address(0));
    return 0;
}

void free(void *block)
{
    forget(block);
    __libc_free(block);
}
