/* Writing files and standard output: buffered, atomic, with every delayed error seen. */
#ifndef REPKIT_OUTPUT_H
#define REPKIT_OUTPUT_H

#include <sys/types.h>

#include "repkit/text.h"

/* One output. Writers add to `text` and call rk_output_drain now and then. A regular file is
 * written under a temporary name beside it and renamed at the end, so that a failure never leaves
 * half a file; devices, pipes and standard output are written as they are. */
struct rk_output {
    struct rk_text text;
    const char *path; /* NULL: standard output */
    char *temporary;  /* NULL where there is none */
    int fd;
    bool closed_pipe; /* the reader went away: further output is dropped, and that is no error */
    enum rk_status status;
    struct rk_error *error;
};

/* path NULL or "-" is standard output. RK_OK, RK_EIO, RK_ENOMEM. Close it whatever is returned. */
enum rk_status rk_output_open(struct rk_output *output, const char *path, struct rk_error *error);
/* Writes what is in `text` if it is much, so that memory does not grow with the output. */
void rk_output_drain(struct rk_output *output);
/* Writes the rest and gives the file its name; or, with a failure before or `keep` false, removes
 * it. Returns the first failure. */
enum rk_status rk_output_close(struct rk_output *output, bool keep);

#endif
