/* Preloaded into a tool: the second read() of the file SHRINK_FILE finds it cut to half of its
 * size, as by another program at that moment. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int n_reads;

ssize_t read(int fd, void *buffer, size_t size)
{
    static ssize_t (*next)(int, void *, size_t);
    const char *path = getenv("SHRINK_FILE");
    struct stat wanted, here;

    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "read");
    if (path != NULL && stat(path, &wanted) == 0 && fstat(fd, &here) == 0 &&
        wanted.st_ino == here.st_ino && wanted.st_dev == here.st_dev && ++n_reads == 2 &&
        truncate(path, wanted.st_size / 2) != 0)
        return -1;
    return next(fd, buffer, size);
}
