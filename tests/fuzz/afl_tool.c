/* A whole tool for AFL++, run again and again in one process: afl_tool OPTION... is the tool with
 * these options and AFL's bytes as its standard input. Linked with the tool's own source, whose
 * main() the Makefile calls tool_main. That this works at all tells that a tool keeps no state. */
#define _GNU_SOURCE /* memfd_create */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int tool_main(int argc, char **argv);

__AFL_FUZZ_INIT();

/* A tool closes its standard output at its end. */
static void give(int input, int output, const unsigned char *bytes, size_t size)
{
    if (ftruncate(input, 0) != 0 || (size > 0 && pwrite(input, bytes, size, 0) != (ssize_t)size) ||
        lseek(input, 0, SEEK_SET) != 0 || dup2(input, STDIN_FILENO) != STDIN_FILENO ||
        dup2(output, STDOUT_FILENO) != STDOUT_FILENO)
        abort();
}

int main(int argc, char **argv)
{
    const unsigned char *bytes;
    char **copy = calloc((size_t)argc + 1, sizeof *copy);
    int input = memfd_create("input", 0), output = open("/dev/null", O_WRONLY);

    if (copy == NULL || input < 0 || output < 0)
        return 1;
    __AFL_INIT();
    bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(5000)) {
        int status;

        give(input, output, bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN);
        memcpy(copy, argv, (size_t)argc * sizeof *copy);
        status = tool_main(argc, copy);
        if (status < 0 || status > 5) /* the contract's exit statuses */
            abort();
    }
    free(copy);
    return 0;
}
