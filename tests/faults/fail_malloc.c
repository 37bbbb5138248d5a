/* Preloaded into a tool: lets the allocation FAIL_AT fail (and with FAIL_ON=1 all after it), and
 * writes into the file FAIL_REPORT how many there were and how many blocks were never freed. Blocks
 * that the C library asked for are not counted as such: it keeps some to the end. Nor are GSL's
 * where an allocation fails: its gsl_..._alloc() leave parts of themselves behind then. jansson's
 * only fail alone: it ends a program by an assertion where a token's buffer gets none twice. What
 * the tool starts runs without it. With FAIL_TRACE=1 it shows who asked (addr2line -e TOOL knows
 * the lines). With FAIL_SITES=1 the report goes on with the numbers of the first and the last
 * allocation of every chain of callers, one a line.
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

enum { PLACES = 1 << 20, MAX_RANGES = 32, SITES = 1 << 16, DEPTH = 24 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *live[PLACES];
static size_t n_live, n_calls, fail_at;
static bool fail_on, counting, trace, sites;
static struct {
    size_t callers, first, last;
} site[SITES];
static __thread bool looking; /* backtrace() may allocate */
static char report[1024];
/* Where code is in memory. */
static struct ranges {
    struct {
        uintptr_t from, to, base;
    } of[MAX_RANGES];
    size_t n;
} libc, jansson, all;

static void add_code(struct ranges *ranges, const struct dl_phdr_info *info)
{
    for (int i = 0; i < info->dlpi_phnum && ranges->n < MAX_RANGES; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
            ranges->of[ranges->n].base = info->dlpi_addr;
            ranges->of[ranges->n].from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            ranges->of[ranges->n].to = ranges->of[ranges->n].from + info->dlpi_phdr[i].p_memsz;
            ranges->n++;
        }
}

static int find_code(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    if (strstr(info->dlpi_name, "/libc.so") != NULL || strstr(info->dlpi_name, "/ld-") != NULL ||
        (strstr(info->dlpi_name, "/libgsl.so") != NULL && fail_at != 0))
        add_code(&libc, info);
    if (strstr(info->dlpi_name, "/libjansson.so") != NULL)
        add_code(&jansson, info);
    add_code(&all, info);
    return 0;
}

/* The range that an address is in; SIZE_MAX if in none. */
static size_t find(const struct ranges *ranges, const void *address)
{
    for (size_t i = 0; i < ranges->n; i++)
        if ((uintptr_t)address >= ranges->of[i].from && (uintptr_t)address < ranges->of[i].to)
            return i;
    return SIZE_MAX;
}

/* An address as it is in its file, wherever that was loaded. */
static uintptr_t in_file(const void *address)
{
    size_t i = find(&all, address);

    return i == SIZE_MAX ? 0 : (uintptr_t)address - all.of[i].base;
}

__attribute__((constructor)) static void start(void)
{
    const char *at = getenv("FAIL_AT"), *file = getenv("FAIL_REPORT");

    fail_at = at == NULL ? 0 : strtoul(at, NULL, 10);
    fail_on = getenv("FAIL_ON") != NULL;
    trace = getenv("FAIL_TRACE") != NULL;
    sites = getenv("FAIL_SITES") != NULL;
    snprintf(report, sizeof report, "%s", file == NULL ? "" : file);
    dl_iterate_phdr(find_code, NULL);
    unsetenv("LD_PRELOAD");
    counting = true;
}

static void tell(int fd, size_t a, size_t b, size_t c)
{
    char line[96];
    int length = snprintf(line, sizeof line, "%zu %zu %zu\n", a, b, c);

    if (write(fd, line, (size_t)length) != length)
        _exit(126);
}

__attribute__((destructor)) static void end(void)
{
    int fd = report[0] == '\0' ? -1 : open(report, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0)
        return;
    tell(fd, n_calls, n_live, 0);
    for (size_t i = 0; sites && i < SITES; i++)
        if (site[i].first != 0)
            tell(fd, site[i].first, site[i].last, site[i].callers);
    close(fd);
}

/* Keeps number as an allocation of the chain of callers that stands on the stack now. */
static void note_site(size_t number)
{
    void *frames[DEPTH];
    size_t callers = 14695981039346656037U, i, tries;

    if (looking)
        return;
    looking = true;
    for (int k = backtrace(frames, DEPTH) - 1; k >= 0; k--)
        callers = (callers ^ in_file(frames[k])) * 1099511628211U;
    pthread_mutex_lock(&lock);
    for (i = callers % SITES, tries = 0;
         tries < SITES && site[i].first != 0 && site[i].callers != callers;
         i = (i + 1) % SITES, tries++)
        ;
    if (tries < SITES) {
        site[i].callers = callers;
        site[i].first = site[i].first == 0 ? number : site[i].first;
        site[i].last = number;
    }
    pthread_mutex_unlock(&lock);
    looking = false;
}

static bool fails(const void *caller)
{
    bool failing = false;
    size_t number = 0;

    if (counting && !looking) {
        pthread_mutex_lock(&lock);
        number = ++n_calls;
        failing = fail_at != 0 && (number == fail_at || (fail_on && number > fail_at &&
                                                         find(&jansson, caller) == SIZE_MAX));
        pthread_mutex_unlock(&lock);
        if (sites)
            note_site(number);
    }
    if (failing && trace && number == fail_at) {
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
    if (block == NULL || !counting || find(&libc, caller) != SIZE_MAX)
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
    return fails(__builtin_return_address(0))
               ? NULL
               : keep(__libc_malloc(size), __builtin_return_address(0));
}

void *calloc(size_t n, size_t size)
{
    return fails(__builtin_return_address(0))
               ? NULL
               : keep(__libc_calloc(n, size), __builtin_return_address(0));
}

void *realloc(void *block, size_t size)
{
    void *moved;
    bool ours;

    if (fails(__builtin_return_address(0)))
        return NULL;
    ours = forget(block);
    moved = __libc_realloc(block, size);
    if (moved == NULL)
        return ours && size != 0 ? keep(block, NULL), NULL : NULL;
    return keep(moved, __builtin_return_address(0));
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return fails(__builtin_return_address(0))
               ? NULL
               : keep(__libc_memalign(alignment, size), __builtin_return_address(0));
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = fails(__builtin_return_address(0)) ? NULL : __libc_memalign(alignment, size);

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
