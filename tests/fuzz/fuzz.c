#include "fuzz.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/csv.h"

static char path[64];
static int descriptor = -1;
static struct rk_table *shared_table;

void fuzz_broken(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    FUZZ_HOLDS(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

static void clean_up(void)
{
    if (descriptor >= 0)
        unlink(path);
    rk_table_free(shared_table);
}

const char *fuzz_file(const uint8_t *data, size_t size)
{
    if (descriptor < 0) {
        const char *folder = getenv("TMPDIR");

        snprintf(path, sizeof path, "%.30s/repkit-fuzz.XXXXXX", folder == NULL ? "/tmp" : folder);
        descriptor = mkstemp(path);
        FUZZ_HOLDS(descriptor >= 0);
        atexit(clean_up);
    }
    FUZZ_HOLDS(ftruncate(descriptor, 0) == 0);
    FUZZ_HOLDS(size == 0 || pwrite(descriptor, data, size, 0) == (ssize_t)size);
    return path;
}

const struct rk_table *fuzz_table(void)
{
    static const char csv[] = "rep,region,calls,revenue,week,odd name\n"
                              "Ann,North,3,100.5,2024-W01,1\nAnn,North,4,120,2024-W02,\n"
                              "Ann,North,,130,2024-W03,2\nAnn,North,6,90,2024-W05,3\n"
                              "Bo,South,1,80,2024-W01,0\nBo,South,2,,2024-W02,-1\n"
                              "Bo,South,2,95,2024-W03,1e300\nBo,,5,99,2024-W04,-1e300\n"
                              "Cy,East,7,150,2024-W01,0.1\nCy,East,8,155,2024-W02,1\n"
                              "Cy,East,9,140,2024-W03,5\nCy,East,0,70,2024-W04,7\n";
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    const struct rk_wants wants = {.all = true};
    const struct rk_ctx ctx = RK_CTX_DEFAULT;

    if (shared_table == NULL) {
        gsl_set_error_handler_off();
        FUZZ_HOLDS(rk_csv_read(fuzz_file((const uint8_t *)csv, sizeof csv - 1), &wants, &options,
                               &ctx, &shared_table, NULL) == RK_OK);
    }
    return shared_table;
}
