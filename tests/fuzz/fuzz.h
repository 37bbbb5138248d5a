/* What the fuzz targets share. A target is a file fuzz_TOPIC.c with LLVMFuzzerTestOneInput; it is
 * linked with libFuzzer (make fuzz) or with driver.c (make smoke), nothing to register. */
#ifndef REPKIT_FUZZ_H
#define REPKIT_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "repkit/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program, saying where, if something that always holds does not. */
#define FUZZ_HOLDS(condition)                            \
    do {                                                 \
        if (!(condition))                                \
            fuzz_broken(__FILE__, __LINE__, #condition); \
    } while (0)
void fuzz_broken(const char *file, int line, const char *what) __attribute__((noreturn));

/* A copy that ends with NUL where it ends: the sanitizer sees a read beyond it. The caller's to
 * free(). */
char *fuzz_text(const uint8_t *data, size_t size);

/* The path of a file that holds these bytes, until the next call. */
const char *fuzz_file(const uint8_t *data, size_t size);

/* A table of a dozen rows with a column of each type: rep, region, calls, revenue, week, `odd
 * name`. Made once. */
const struct rk_table *fuzz_table(void);

#endif
