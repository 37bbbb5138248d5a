#include "repkit/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAIN_BYTES = 1 << 16 };

static enum rk_status fail(struct rk_output *output, const char *what)
{
    if (output->status == RK_OK) {
        output->status = rk_fail(output->error, RK_EIO, "%s: %s", what, strerror(errno));
        rk_fail_at(output->error, output->path == NULL ? "standard output" : output->path, 0, NULL);
    }
    return output->status;
}

/* A regular file, or a name that is free, is replaced as a whole; a link is followed, so that what
 * it points to is replaced and not the link. */
static bool is_replaceable(const char *path)
{
    struct stat info;

    return stat(path, &info) != 0 ? errno == ENOENT && path[0] != '\0' : S_ISREG(info.st_mode);
}

/* The permissions that open() would have given: mkstemp's are for the owner alone. */
static mode_t usual_mode(const char *path)
{
    struct stat info;
    mode_t mask;

    if (stat(path, &info) == 0)
        return info.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static enum rk_status open_temporary(struct rk_output *output)
{
    char *real = realpath(output->path, NULL);
    struct rk_text name = {0};

    if (real == NULL && errno == ENOMEM)
        return output->status = rk_fail_memory(output->error);
    rk_text_format(&name, "%s.XXXXXX", real != NULL ? real : output->path);
    free(real);
    output->temporary = rk_text_take(&name);
    if (output->temporary == NULL)
        return output->status = rk_fail_memory(output->error);
    output->fd = mkstemp(output->temporary);
    if (output->fd < 0) {
        free(output->temporary);
        output->temporary = NULL;
        return fail(output, "cannot create");
    }
    fchmod(output->fd, usual_mode(output->path));
    return RK_OK;
}

enum rk_status rk_output_open(struct rk_output *output, const char *path, struct rk_error *error)
{
    bool to_stdout = path == NULL || strcmp(path, "-") == 0;

    *output =
        (struct rk_output){.path = to_stdout ? NULL : path, .fd = STDOUT_FILENO, .error = error};
    if (to_stdout)
        return RK_OK;
    if (is_replaceable(path))
        return open_temporary(output);
    output->fd = open(path, O_WRONLY | O_CLOEXEC);
    return output->fd < 0 ? fail(output, "cannot open") : RK_OK;
}

static void write_all(struct rk_output *output)
{
    const char *bytes = output->text.bytes;
    size_t left = output->text.length;

    if (output->text.failed && output->status == RK_OK)
        output->status = rk_fail_memory(output->error);
    while (left > 0 && output->status == RK_OK && !output->closed_pipe) {
        ssize_t n = write(output->fd, bytes, left);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE) {
            output->closed_pipe = true;
        } else if (n < 0) {
            fail(output, "cannot write");
        } else {
            bytes += n;
            left -= (size_t)n;
        }
    }
    rk_text_clear(&output->text);
}

void rk_output_drain(struct rk_output *output)
{
    if (output->text.length >= DRAIN_BYTES)
        write_all(output);
}

/* Where the file is to be: what a link points to, or the path itself. */
static enum rk_status rename_over(struct rk_output *output)
{
    char *real = realpath(output->path, NULL);

    if (real == NULL && errno == ENOMEM) /* the path may be a link, which is not to be replaced */
        output->status = rk_fail_memory(output->error);
    else if (rename(output->temporary, real != NULL ? real : output->path) != 0)
        fail(output, "cannot rename the finished file");
    free(real);
    return output->status;
}

enum rk_status rk_output_close(struct rk_output *output, bool keep)
{
    if (keep)
        write_all(output);
    if (output->fd > STDOUT_FILENO && close(output->fd) != 0 && keep)
        fail(output, "cannot write");
    output->fd = -1;
    if (output->temporary != NULL) {
        if (!keep || output->status != RK_OK || rename_over(output) != RK_OK)
            unlink(output->temporary);
        free(output->temporary);
        output->temporary = NULL;
    }
    rk_text_free(&output->text);
    return output->status;
}
