/* Runs a fuzz target without libFuzzer: fuzz_csv [-runs=N] [-seed=N] FILE-OR-FOLDER...
 * Every file as it is, then N mutations of them: the same ones for the same seed and files.
 * The mutation at work is kept in FUZZ_KEEP, if that names a file, so that a crash can be re-run
 * by giving that file. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { MAX_FILES = 4096, MAX_BYTES = 4096 };

struct seed {
    uint8_t *bytes;
    size_t size;
};

static struct seed seeds[MAX_FILES];
static size_t n_seeds;

static uint64_t next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15U; /* splitmix64 */
    uint64_t z = *state;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

static void add_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t bytes[MAX_BYTES];

    FUZZ_HOLDS(file != NULL && n_seeds < MAX_FILES);
    seeds[n_seeds].size = fread(bytes, 1, sizeof bytes, file);
    seeds[n_seeds].bytes = (uint8_t *)fuzz_text(bytes, seeds[n_seeds].size);
    n_seeds++;
    fclose(file);
}

/* Folders in the order of their names: that of the disk differs. */
static void add(const char *path)
{
    struct dirent **entry = NULL;
    struct stat info;
    int n;

    FUZZ_HOLDS(stat(path, &info) == 0);
    if (!S_ISDIR(info.st_mode)) {
        add_file(path);
        return;
    }
    n = scandir(path, &entry, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        char name[1024];

        if (entry[i]->d_name[0] != '.') {
            snprintf(name, sizeof name, "%s/%s", path, entry[i]->d_name);
            add_file(name);
        }
        free(entry[i]);
    }
    free(entry);
}

/* Bytes that mean something to one of the readers. */
static uint8_t telling_byte(uint64_t r)
{
    static const char bytes[] = "\n\r\",;\t|=:~+-*/^()[]{}!<>&'`\\%$.0123456789eENA \xEF\xBB\xFF";

    return (uint8_t)bytes[r % sizeof bytes]; /* the final NUL is one of them */
}

static size_t mutate(uint8_t *bytes, size_t size, uint64_t *state)
{
    size_t changes = 1 + next(state) % 6;

    for (size_t c = 0; c < changes; c++) {
        size_t at = size == 0 ? 0 : next(state) % size;
        size_t length = size == 0 ? 0 : 1 + next(state) % (size - at < 40 ? size - at : 40);
        uint64_t r = next(state);

        switch (next(state) % 6) {
        case 0: /* one byte becomes another */
            if (size > 0)
                bytes[at] = telling_byte(r);
            break;
        case 1:
            if (size > 0)
                bytes[at] ^= (uint8_t)(1U << r % 8);
            break;
        case 2: /* a byte more */
            if (size < MAX_BYTES) {
                memmove(bytes + at + 1, bytes + at, size - at);
                bytes[at] = telling_byte(r);
                size++;
            }
            break;
        case 3: /* a piece is left out */
            memmove(bytes + at, bytes + at + length, size - at - length);
            size -= length;
            break;
        case 4: /* a piece comes twice */
            if (size + length <= MAX_BYTES) {
                memmove(bytes + at + length, bytes + at, size - at);
                size += length;
            }
            break;
        default: { /* the rest is that of another file */
            const struct seed *other = &seeds[r % n_seeds];
            size_t from = other->size == 0 ? 0 : next(state) % other->size;
            size_t rest = other->size - from < MAX_BYTES - at ? other->size - from : MAX_BYTES - at;

            memcpy(bytes + at, other->bytes + from, rest);
            size = at + rest;
        }
        }
    }
    return size;
}

static void keep(const uint8_t *bytes, size_t size)
{
    const char *path = getenv("FUZZ_KEEP");
    FILE *file = path == NULL ? NULL : fopen(path, "wb");

    if (file != NULL) {
        fwrite(bytes, 1, size, file);
        fclose(file);
    }
}

int main(int argc, char **argv)
{
    unsigned long runs = 0, seed = 1;
    uint64_t state;

    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-runs=", 6) == 0)
            runs = strtoul(argv[i] + 6, NULL, 10);
        else if (strncmp(argv[i], "-seed=", 6) == 0)
            seed = strtoul(argv[i] + 6, NULL, 10);
        else
            add(argv[i]);
    }
    FUZZ_HOLDS(n_seeds > 0);
    state = seed;
    for (size_t i = 0; i < n_seeds; i++) {
        keep(seeds[i].bytes, seeds[i].size);
        LLVMFuzzerTestOneInput(seeds[i].bytes, seeds[i].size);
    }
    for (unsigned long i = 0; i < runs; i++) {
        const struct seed *from = &seeds[next(&state) % n_seeds];
        uint8_t bytes[MAX_BYTES];
        size_t size;

        memcpy(bytes, from->bytes, from->size);
        size = mutate(bytes, from->size, &state);
        keep(bytes, size);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    for (size_t i = 0; i < n_seeds; i++)
        free(seeds[i].bytes);
    printf("%zu files and %lu mutations\n", n_seeds, runs);
    return 0;
}
